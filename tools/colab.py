"""What does a lesson need to run in Colab? A first cell, which the lesson itself has not.

Colab brings torch and NumPy made for its machine. The cell installs the package of the course and what else is
missing, and keeps those two as they are: pip is given their versions as a constraint, and the package is installed
without what it asks for.
"""

import re
import tomllib
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

ROOT = Path(__file__).resolve().parent.parent
#: Colab's own: what another version would break there, or what no lesson needs there.
THEIRS = re.compile(r"(torch|numpy|ipywidgets|jupyter\w*)\b")
WORDS = """\
**This is the Colab copy.** The next cell installs the course here, in about a minute. torch and NumPy stay as they
are. What you do is not kept unless you save a copy: *File*, *Save a copy in Drive*."""
CELL = """\
from importlib.metadata import version
from pathlib import Path

Path("as_it_is.txt").write_text("".join(f"{{name}}=={{version(name)}}\\n" for name in ("torch", "numpy")))
%pip install --quiet --constraint as_it_is.txt {needed}
%pip install --quiet --no-deps "{package}\""""


def first_cell(package: str) -> str:
    """Write the cell that installs the course.

    Args:
        package: what pip is to install: an address or a wheel.

    Returns:
        Code for a notebook.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [f'"{one}"' for one in project["dependencies"] if not THEIRS.match(one)]
    return CELL.format(needed=" ".join(needed), package=package)


def colab_copy(lesson: nbformat.NotebookNode, repository: str) -> nbformat.NotebookNode:
    """Make the copy of a lesson that opens in Colab.

    Args:
        lesson: as it is stored; not changed.
        repository: the public address of the course.

    Returns:
        The same with two more cells at the beginning, and without outputs.
    """
    copy = nbformat.from_dict(lesson)
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    package = f"conv1d-tutor @ git+{repository}"
    copy.cells[1:1] = [
        new_markdown_cell(WORDS, id="colab-words"),
        new_code_cell(first_cell(package), id="colab-install"),
    ]
    return copy
