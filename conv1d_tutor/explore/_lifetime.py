"""How long does an explorable live? As long as it stands on the page or somebody holds it, and no longer.

ipywidgets keeps every widget until it is closed, and IPython keeps every result that a cell has shown. Without the
rules here, each run of a cell would leave a figure, its bitmap and a dozen widgets behind.
"""

from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakMethod

import ipywidgets
from IPython import get_ipython

#: The kind of output that a front end shows as a widget.
VIEW = "application/vnd.jupyter.widget-view+json"

#: For each cell, by its id: which explorables it shows, and in which run of the cell they were shown.
_shown: dict[str | None, list[tuple[int, Any]]] = {}


def weakly(method: Callable) -> Callable:
    """Make a listener that does not keep the object alive whose method it calls."""
    reference = WeakMethod(method)

    def listen(*arguments: Any) -> None:
        living = reference()
        if living is not None:
            living(*arguments)

    return listen


def close_widgets(*widgets: ipywidgets.Widget) -> None:
    """Close these widgets with their children, layouts and styles, in the kernel and in the page."""
    for widget in set(_family(widgets)):
        widget.close()


def keep_while_shown(explorable: Any) -> None:
    """Keep an explorable that a cell shows; close what an earlier run of the same cell has shown.

    Args:
        explorable: what the running cell is about to show.
    """
    shell = get_ipython()
    if shell is None:
        return
    # Without ipykernel, or in a front end that does not tell which cell runs, it is kept for good.
    told = shell.get_parent().get("metadata", {}) if hasattr(shell, "get_parent") else {}
    cell, run = told.get("cellId"), shell.execution_count
    for entries in _shown.values():
        entries[:] = [entry for entry in entries if entry[1] is not explorable]
    past = [entry for lost in told.get("deletedCells", []) for entry in _shown.pop(lost, [])]
    if cell is not None:
        here = _shown.pop(cell, [])
        past += [entry for entry in here if entry[0] != run]
        _shown[cell] = [entry for entry in here if entry[0] == run]
    _shown.setdefault(cell, []).append((run, explorable))
    gone = {old.widget.model_id for _, old in past}
    for _, old in past:
        old.close()
    # IPython 9 records all that was ever shown; the picture of a closed explorable is of no more use.
    for outputs in getattr(shell.history_manager, "outputs", {}).values() if gone else ():
        for output in outputs:
            if output.bundle.get(VIEW, {}).get("model_id") in gone:
                output.bundle.pop("image/png", None)


def _family(widgets: Any) -> Iterator[ipywidgets.Widget]:
    for widget in widgets:
        yield widget
        for name in widget.keys:
            value = getattr(widget, name)
            members = value if isinstance(value, list | tuple) else [value]
            yield from _family([member for member in members if isinstance(member, ipywidgets.Widget)])
