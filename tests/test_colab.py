"""The Colab copy of a lesson: in a plain folder its first cell installs the wheel, and leaves torch and NumPy."""

import copy
import json
import sys
import sysconfig
import venv
from pathlib import Path

import nbformat
import pytest

from tools import check_release
from tools.colab import colab_copy, first_cell

ROOT = Path(__file__).parent.parent
LESSON = min(ROOT.glob("notebooks/*.ipynb"))
ADDRESS = "https://github.com/someone/somewhere"
#: Run the cell as a notebook does, then say what there is.
RUN = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell(open("cell.py", encoding="utf-8").read()).raise_error()
import conv1d_tutor, numpy, torch
from conv1d_tutor import datasets
datasets.load_motions()
print(json.dumps([conv1d_tutor.__file__, torch.__file__, numpy.__file__, torch.__version__]))
"""


def everything_but_the_course(folder: Path) -> Path:
    """A Python that has all packages of this one, as links, and not the course: so does Colab have its own."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    for each in Path(sysconfig.get_path("purelib")).iterdir():
        if "conv1d" not in each.name and not (packages / each.name).exists():
            (packages / each.name).symlink_to(each)
    return python


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_the_first_cell_installs_the_wheel_and_leaves_torch_and_numpy(tmp_path: Path) -> None:
    source = check_release.copy_of_source(tmp_path / "source")
    wheel, _ = check_release.build(source, tmp_path / "dist")
    python = everything_but_the_course(tmp_path / "colab")
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "cell.py").write_text(first_cell(str(wheel)), encoding="utf-8")
    learner = check_release.Learner(python, plain, PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    assert not (tmp_path / "colab" / "lib" / "conv1d_tutor").exists()
    ours, torch, numpy, _ = json.loads(learner.run("-c", RUN).strip().splitlines()[-1])
    assert Path(ours).is_relative_to(tmp_path / "colab")
    for theirs in (torch, numpy):
        package = Path(theirs).parent
        assert package.is_symlink(), f"{package.name} was installed anew"


def test_only_the_copy_has_the_cell_and_the_lesson_stays(tmp_path: Path) -> None:
    lesson = nbformat.read(LESSON, as_version=4)
    before = copy.deepcopy(lesson)
    made = colab_copy(lesson, ADDRESS)
    assert lesson == before
    assert [cell.source for cell in made.cells[3:]] == [cell.source for cell in lesson.cells[1:]]
    assert f"conv1d-tutor @ git+{ADDRESS}" in made.cells[2].source
    assert not any(cell.get("outputs") for cell in made.cells)
    nbformat.validate(made)


def test_the_cell_asks_for_no_torch_numpy_or_jupyter() -> None:
    install, package = [line for line in first_cell("x.whl").splitlines() if line.startswith("%pip")]
    assert "anywidget" in install
    for theirs in ("torch", "numpy", "jupyter", "ipywidgets"):
        assert f'"{theirs}' not in install
    assert "--no-deps" in package
