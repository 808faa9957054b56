"""Another locale, terminal, time zone or user, a folder with other alphabets, a checkout that is read-only.

What else stands in the way elsewhere is tried in other files: a full disk, two programs at once and a pull in
`test_own_copy.py`, no network in `test_install.py`, no make, no port and twelve more broken environments in
`test_doctor.py`, a taken port in `test_jupyter_lab.py`, other backends and homes in `test_surroundings.py`, no
Chromium in `test_project_files.py`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conv1d_tutor.__main__ import main
from conv1d_tutor.exercises import record
from conv1d_tutor.jupyter import doctor, own_copy
from tools.check_release import first_lesson

ROOT = Path(__file__).parent.parent
#: The bare locale, in which files are ASCII unless somebody says otherwise.
BARE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
SURROUNDINGS = {
    # No German locale is installed for sure: its encoding and its decimal comma stand for it.
    "german": BARE | {"PYTHONIOENCODING": "iso-8859-1", "COMMA": "1"},
    "narrow": {"TZ": "Pacific/Kiritimati", "COLUMNS": "20", "LINES": "5", "LANG": "tr_TR.UTF-8"},
}
#: What a learner and the package do: tables are read, answers kept, pictures drawn, texts laid out.
WORK = r"""
import locale, os, sys
if os.environ.get("COMMA"):
    locale.localeconv = lambda: {"decimal_point": ",", "thousands_sep": "."}
else:
    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error:
        pass  # what is asked for is not installed
from pathlib import Path
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
import torch
from conv1d_tutor import Conv1dSpec, explain, plotting
from conv1d_tutor.__main__ import main
from conv1d_tutor.datasets import load_patients
from conv1d_tutor.exercises import EXERCISES, check, progress
from conv1d_tutor.jupyter import own_copy
first = EXERCISES[next(iter(EXERCISES))]
said = [
    own_copy.update(Path(sys.argv[1])),
    Conv1dSpec(5, 8, 3, padding=1).length_formula(49),
    str(explain(torch.nn.Conv1d(5, 8, 3), (2, 49, 5))),
    load_patients(as_array=True)[0].mean().item(),
    str(check(first.id, first.solution if first.cases else first.value)),
    str(progress()),
]
plotting.plot_windows([1, 3, 2, 5], 3)
plt.savefig("picture.png")
print(ascii(said).replace(ascii(sys.argv[1])[1:-1], "FOLDER"))
"""


@pytest.fixture(scope="module")
def as_usual(tmp_path_factory: pytest.TempPathFactory) -> str:
    return work_in(tmp_path_factory.mktemp("usual"), {})


def work_in(folder: Path, surroundings: dict[str, str]) -> str:
    """Do the work in a folder, in other surroundings; what was said, as ASCII."""
    usual = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "COLUMNS", "PYTHON"))
    }
    usual |= {"PYTHONPATH": str(ROOT), record.VARIABLE: str(folder / "progress.json")}
    command = [sys.executable, "-c", WORK, "копия 写"]
    done = subprocess.run(command, cwd=folder, env=usual | surroundings, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert (folder / "picture.png").stat().st_size > 1000
    assert json.loads((folder / "progress.json").read_text(encoding="utf-8"))["done"]
    lesson = first_lesson(folder / "копия 写")
    assert lesson.read_bytes() == first_lesson(ROOT).read_bytes()
    return done.stdout.splitlines()[0].decode("ascii")


@pytest.mark.parametrize("surroundings", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_the_same_work_says_the_same_everywhere(
    surroundings: dict[str, str], as_usual: str, tmp_path: Path
) -> None:
    assert work_in(tmp_path, surroundings) == as_usual


@pytest.mark.parametrize("columns", ["1", "20", "40", "no number"])
def test_the_commands_tell_what_they_do_at_any_width(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for command in ([], ["doctor"], ["start"], ["reset"], ["lab"], ["explain"]):
        with pytest.raises(SystemExit) as ended:
            main([*command, "--help"])
        assert ended.value.code == 0
        assert "conv1d_tutor" in capsys.readouterr().out


def test_a_first_lesson_gives_its_stored_outputs_in_a_bare_locale_a_narrow_terminal_and_another_time_zone() -> (
    None
):
    """Strictly compared, as `make test` does it in the usual ones."""
    surroundings = os.environ | BARE | {"COLUMNS": "20", "LINES": "5", "TZ": "Pacific/Kiritimati"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    lesson = str(first_lesson(ROOT).relative_to(ROOT))
    options = "--override-ini=addopts=--nbval --nbval-current-env --nbval-sanitize-with=tests/nbval_sanitize.cfg"
    done = subprocess.run(
        [*command, options, lesson], cwd=ROOT, env=surroundings, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")


def as_nobody(work: Callable[[], object]) -> str:
    """Do something as a user who owns nothing, in another process; what it returned, as text, or its error."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            said = str(work())
        except BaseException:
            said = traceback.format_exc()
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A checkout that another user has made, below a folder that everybody may enter."""
    top = Path(tempfile.mkdtemp(dir="/tmp"))
    course = top / "course"
    for name in ("notebooks", "data"):
        (course / name).mkdir(parents=True)
    shutil.copy(first_lesson(ROOT), course / "notebooks")
    (course / "data/README.md").write_text("cards", encoding="utf-8")
    for path in [top, course, *course.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield course
    for path in [top, course, course / "notebooks", course / "data"]:
        path.chmod(0o755)
    shutil.rmtree(top)


@pytest.mark.skipif(not hasattr(os, "fork") or os.geteuid() != 0, reason="only root can become another user")
def test_another_user_in_a_checkout_that_they_cannot_write_to_is_told_what_to_do(read_only: Path) -> None:
    home = Path(tempfile.mkdtemp(dir="/tmp"))
    home.chmod(0o777)

    def told() -> str:
        os.chdir(read_only)
        try:
            own_copy.update(Path("my_course"), read_only)
        except own_copy.CopyError as problem:
            return str(problem)
        return "made"

    try:
        assert as_nobody(told).startswith(
            "my_course cannot be written (Permission denied). What was there is as it"
        )
        assert "name another folder: start FOLDER" in as_nobody(told)

        # Elsewhere it works, and what came from files that nobody may write can be written.
        lines = as_nobody(lambda: own_copy.update(home / "mine", read_only))
        assert "New in " in lines
        lesson = first_lesson(home / "mine")
        assert as_nobody(lambda: lesson.write_bytes(lesson.read_bytes() + b" ")).isdigit()
        assert "stays as you left it" in as_nobody(lambda: update_from_newer(home / "mine", read_only))

        def room() -> object:
            os.chdir(read_only)
            return next(doctor._room())

        assert "cannot be written: Permission denied" in as_nobody(room)

        def keep() -> str:
            os.environ[record.VARIABLE] = str(read_only / "progress.json")
            return record.keep("x")

        assert "Progress is not kept" in as_nobody(keep) and "Permission denied" in as_nobody(keep)
    finally:
        shutil.rmtree(home)


def update_from_newer(mine: Path, course: Path) -> list[str]:
    """Update a copy from a course with another first lesson."""
    other = mine.parent / "newer"
    shutil.copytree(course, other, copy_function=shutil.copyfile)
    for folder in (other, *other.iterdir()):
        folder.chmod(0o777)
    lesson = first_lesson(other)
    lesson.write_bytes(lesson.read_bytes() + b"\n\n")
    return own_copy.update(mine, other)
