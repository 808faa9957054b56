"""The explorables: named controls, a picture drawn in the page, one sentence that says what it shows.

Show one by ending a cell with it. Move its controls with the mouse, a finger, or Tab and the arrow keys; it
moves with and without a kernel. In code, the value of each control is a trait: ``explorable.kernel_size = 5``,
``explorable.observe(function, "kernel_size")``, ``ipywidgets.jslink((slider, "value"), (explorable,
"kernel_size"))``.

Each module holds one explorable: its arguments, their checks, and what the page needs to know. What is seen is
made by the file of the same name in `page/`, where three pure functions make numbers (`scene`), words
(`sentence`) and the picture of a state; the head of `page/explorable.js` says how. An explorable is found by its
name: the class `SlidingWindow` in `sliding_window.py` and `page/sliding_window.js`. What they share is in
`base.py` and `page/explorable.js`; `joined.py` makes one module of the files of the page.
"""

from importlib import import_module
from pathlib import Path
from typing import Any


def _explorables() -> dict[str, Any]:
    """Find each class that a module of this folder is called after."""
    found = {}
    for file in sorted(Path(__file__).parent.glob("[!_]*.py")):
        name, module = file.stem.title().replace("_", ""), import_module(f".{file.stem}", __name__)
        if hasattr(module, name):
            found[name] = getattr(module, name)
    return found


globals().update(_explorables())
__all__ = sorted(_explorables())


def __getattr__(name: str) -> Any:
    """Say which explorables there are; a type checker reads here that names come from a search."""
    raise AttributeError(f"conv1d_tutor.explore has no {name!r}, only {', '.join(__all__)}")
