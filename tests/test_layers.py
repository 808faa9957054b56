"""The arrows between rooms go one way only, and importing the package stays cheap."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "conv1d_tutor"
#: The rooms from the ground up; each may import only rooms on a line above its own.
FLOORS = [
    ["_refusals", "_showing", "_files"],
    ["arithmetic"],
    ["layout", "reference", "plotting", "explainer"],
    ["datasets", "verify"],
    ["explore", "exercises", "jupyter", "auto"],
    ["__main__"],
]
ROOMS = [path for path in sorted(PACKAGE.iterdir()) if path.suffix == ".py" or (path / "__init__.py").exists()]


def imported_rooms(room: Path) -> set[str]:
    """The other rooms of the package that a room imports, anywhere in its files."""
    found = set()
    for path in [room] if room.is_file() else room.rglob("*.py"):
        outside = len(path.relative_to(PACKAGE).parts)  # so many dots lead from this file to the package
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == outside:
                found |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith(PACKAGE.name), f"{path.name} imports by the full name"
    return found


@pytest.mark.parametrize("room", [r for r in ROOMS if r.stem != "__init__"], ids=lambda room: room.stem)
def test_a_room_imports_only_rooms_below_it(room: Path) -> None:
    floor = next((i for i, names in enumerate(FLOORS) if room.stem in names), None)
    assert floor is not None, f"{room.name} stands on no floor: add it to FLOORS"
    below = {name for names in FLOORS[:floor] for name in names}
    assert imported_rooms(room) <= below, f"{room.name} may not import {sorted(imported_rooms(room) - below)}"


def test_import_loads_neither_torch_nor_matplotlib() -> None:
    heavy = "'torch', 'matplotlib', 'pandas', 'numpy'"
    code = f"import sys, conv1d_tutor; print([m for m in ({heavy}) if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_arithmetic_needs_the_standard_library_only() -> None:
    code = "import sys, conv1d_tutor.arithmetic; print([m for m in ('torch', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_of_the_public_face_can_be_had() -> None:
    import conv1d_tutor

    for name in conv1d_tutor.__all__:
        assert getattr(conv1d_tutor, name) is not None
