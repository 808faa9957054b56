"""The arrows between modules go one way only, and importing the package stays cheap."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "conv1d_tutor"
MODULES = sorted(path for path in PACKAGE.glob("*.py") if path.stem not in ("__init__", "__main__"))
EXPLORE = sorted((PACKAGE / "explore").glob("*.py"))
EXERCISES = sorted((PACKAGE / "exercises").glob("*.py"))

#: Our modules from the ground up; each may import only modules on a line above its own.
FLOORS = [
    {"_checks", "_style", "_connection"},
    {"_windows", "_tables", "_cells"},
    {"arithmetic", "_files", "layout", "_curves"},
    {"_explaining", "_operands", "_values", "datasets", "_conv_pictures", "_group_pictures", "_lengths_pictures"},
    {"explainer", "plotting", "reference"},
    {"_mistakes", "live", "notebook", "environment"},
    {"_diagnosis"},
    {"_against_torch"},
    {"verify"},
]
#: What exercises may build on.
BELOW_EXERCISES = {"_checks", "_values", "arithmetic", "datasets", "layout", "reference", "verify"}
MATPLOTLIB = {"_style", "_cells", "_curves", "live", "notebook"}
WIDGETS = {"live", "environment"}


def imports(path: Path) -> set[str]:
    """All modules a file imports, anywhere in it; our own with a leading dot."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level and node.module is None:
                found |= {"." * node.level + alias.name for alias in node.names}
            else:
                found.add("." * node.level + node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_only_from_lower_floors(path: Path) -> None:
    floor = next((i for i, names in enumerate(FLOORS) if path.stem in names), None)
    assert floor is not None, f"{path.name} stands on no floor: add it to FLOORS"
    below = set().union(*FLOORS[:floor])
    own = {name[1:] for name in imports(path) if name.startswith(".")}
    assert own <= below, f"{path.stem} may not import {sorted(own - below)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_pictures_and_widgets_stay_in_their_modules(path: Path) -> None:
    found = imports(path)
    assert "matplotlib" not in found or path.stem in MATPLOTLIB
    assert "ipywidgets" not in found or path.stem in WIDGETS


def test_explore_stands_on_top() -> None:
    below = set().union(*FLOORS)
    for path in EXPLORE:
        assert {name[1:] for name in imports(path) if name.startswith("..")} <= {f".{name}" for name in below}
    for path in MODULES:
        assert ".explore" not in imports(path)


def test_exercises_stand_on_top() -> None:
    for path in EXERCISES:
        found = imports(path)
        own = {name[2:] for name in found if name.startswith("..")}
        assert own <= BELOW_EXERCISES, f"{path.name} may not import {sorted(own - BELOW_EXERCISES)}"
        assert not found & {"matplotlib", "ipywidgets", "conv1d_tutor"}, path.name
    for path in (*MODULES, *EXPLORE, PACKAGE / "__main__.py"):
        assert not {name for name in imports(path) if name.strip(".") == "exercises"}, path.name


def test_arithmetic_needs_the_standard_library_only() -> None:
    for module in ("arithmetic", "_windows", "_checks"):
        own = {"._checks", "._windows"}
        assert imports(PACKAGE / f"{module}.py") - own <= set(sys.stdlib_module_names), module


def test_import_loads_neither_torch_nor_matplotlib() -> None:
    heavy = "'torch', 'matplotlib', 'pandas', 'numpy'"
    code = f"import sys, conv1d_tutor; print([m for m in ({heavy}) if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_of_the_public_face_can_be_had() -> None:
    import conv1d_tutor

    for name in conv1d_tutor.__all__:
        assert getattr(conv1d_tutor, name) is not None
