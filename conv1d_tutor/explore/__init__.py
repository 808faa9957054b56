"""The explorables: named sliders, one live picture, one sentence that says what it shows.

Show one by ending a cell with it. Move its controls with the mouse, or with Tab and the arrow keys. In code, the
same controls are in ``.controls``: ``explorable.controls["kernel_size"].value = 5``.

Each module holds one explorable: the picture, whose changing artists are updated, and the controls that move it.
It is found by its name: the class `SlidingWindow` in `sliding_window.py`. What they share is in `base.py`.
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
