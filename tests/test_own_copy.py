"""A learner's own copy of the course: whatever happens to it, no byte of theirs is lost and every lesson opens."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest

from conv1d_tutor import _files
from conv1d_tutor.__main__ import main
from conv1d_tutor.exercises import record
from conv1d_tutor.jupyter import lab, own_copy
from conv1d_tutor.jupyter.own_copy import CopyError, reset, update

ROOT = Path(__file__).parent.parent
NAMES = [f"notebooks/0{i}_{word}.ipynb" for i, word in enumerate(("start_here", "slide", "pad"))]


def lesson(text: str) -> bytes:
    """A small lesson."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text, id="a")])
    return nbformat.writes(notebook).encode()


def write_course(folder: Path, version: str, names: list[str] = NAMES) -> Path:
    """A course of a few lessons, in some version."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(lesson(f"{name} {version}"))
    (folder / "data").mkdir()
    (folder / "data/README.md").write_text(f"data {version}", encoding="utf-8")
    return folder


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The first version."""
    return write_course(tmp_path / "course", "1")


@pytest.fixture
def mine(tmp_path: Path, course: Path) -> Path:
    """A copy of the first version, in a folder with a space and a letter of another alphabet."""
    folder = tmp_path / "my cøurse"
    assert update(folder, course) == [f"New in {folder}: 00, 01, 02, 1 file that lessons link to."]
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """All files of a copy that are a learner's to see."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def test_a_copy_holds_the_lessons_and_what_they_link_to(mine: Path, course: Path) -> None:
    assert content(mine) == content(course)
    assert update(mine, course) == []


def test_the_real_course_is_copied_whole_and_its_links_work_there(tmp_path: Path) -> None:
    update(tmp_path / "copy")
    lessons = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert sorted(path.name for path in (tmp_path / "copy/notebooks").iterdir()) == lessons
    import re

    for path in (tmp_path / "copy/notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            assert target.startswith("http") or (path.parent / target).exists(), f"{path.name} links to {target}"


def test_unchanged_files_become_new_and_changed_ones_stay_beside_the_new(mine: Path, course: Path) -> None:
    (mine / NAMES[1]).write_bytes(lesson("my answer"))
    write_course(course, "2")
    lines = update(mine, course)
    assert (mine / NAMES[0]).read_bytes() == (course / NAMES[0]).read_bytes()
    assert (mine / NAMES[1]).read_bytes() == lesson("my answer")
    beside = mine / "notebooks/01_slide.updated.ipynb"
    assert beside.read_bytes() == (course / NAMES[1]).read_bytes()
    assert any(
        "01_slide.ipynb stays as you left it; the new version is 01_slide.updated.ipynb" in x for x in lines
    )
    assert f"Newer in {mine}, where you had changed nothing: 00, 02, 1 file that lessons link to." in lines
    assert update(mine, course) == []


def test_two_updates_in_a_row_keep_every_version(mine: Path, course: Path) -> None:
    (mine / NAMES[1]).write_bytes(lesson("my answer"))
    for version in ("2", "3"):
        update(mine, write_course(course, version))
    found = {name: text for name, text in content(mine).items() if "01_slide" in name}
    assert found == {
        "notebooks/01_slide.ipynb": lesson("my answer"),
        "notebooks/01_slide.updated.ipynb": lesson(f"{NAMES[1]} 2"),
        "notebooks/01_slide.updated2.ipynb": lesson(f"{NAMES[1]} 3"),
    }


def test_a_removed_or_renamed_lesson_does_not_come_back_by_itself(mine: Path, course: Path) -> None:
    (mine / NAMES[0]).unlink()
    (mine / NAMES[1]).rename(mine / "notebooks/mine.ipynb")
    assert update(mine, course) == []
    lines = update(mine, write_course(course, "2"))
    assert not (mine / NAMES[0]).exists() and not (mine / NAMES[1]).exists()
    assert (mine / "notebooks/mine.ipynb").read_bytes() == lesson(f"{NAMES[1]} 1")
    assert sum("yours is gone or renamed" in line for line in lines) == 2
    assert update(mine, course) == []


def test_a_lesson_that_left_the_course_stays(mine: Path, course: Path) -> None:
    lines = update(mine, write_course(course, "2", NAMES[:2]))
    assert (mine / NAMES[2]).read_bytes() == lesson(f"{NAMES[2]} 1")
    assert f"{NAMES[2]} is no longer part of the course; yours stays." in lines


def test_a_new_lesson_arrives(mine: Path, course: Path) -> None:
    added = "notebooks/03_new.ipynb"
    assert update(mine, write_course(course, "1", [*NAMES, added])) == [f"New in {mine}: 03."]
    assert (mine / added).is_file()


def test_reset_brings_a_clean_lesson_and_keeps_the_old_one(mine: Path, course: Path) -> None:
    for answer in ("one", "two"):
        (mine / NAMES[1]).write_bytes(lesson(answer))
        lines = reset("01", mine, course)
        assert lines[-1] == "01_slide.ipynb is as the course has it."
    assert (mine / NAMES[1]).read_bytes() == lesson(f"{NAMES[1]} 1")
    assert (mine / "notebooks/01_slide.mine.ipynb").read_bytes() == lesson("one")
    assert (mine / "notebooks/01_slide.mine2.ipynb").read_bytes() == lesson("two")
    (mine / NAMES[0]).unlink()
    reset("00_start_here.ipynb", mine, course)
    assert (mine / NAMES[0]).is_file()
    for wrong in ("77", "", "  ", "slide", "0"):
        with pytest.raises(CopyError, match=r"There is no lesson .* There are 00, 01, 02"):
            reset(wrong, mine, course)


def test_a_page_without_a_number_is_named_by_its_word(tmp_path: Path) -> None:
    (tmp_path / "dictionary.ipynb").write_bytes(b"")
    with pytest.raises(CopyError, match=r"There are 00, 01, .*, dictionary: reset 05\."):
        reset("di", tmp_path)
    assert reset("dictionary", tmp_path) == ["dictionary.ipynb is as the course has it."]


def test_without_the_list_of_what_was_delivered_everything_counts_as_theirs(mine: Path, course: Path) -> None:
    for broken in (None, b"", b"{", b"[]", b'{"delivered": 3}', b"\xff"):
        path = mine / own_copy.DELIVERED
        path.unlink(missing_ok=True) if broken is None else path.write_bytes(broken)
        before = content(mine)
        update(mine, write_course(course, f"for {broken!r}"))
        after = content(mine)
        assert all(after[name] == text for name, text in before.items() if "updated" not in name)


def test_progress_of_somebody_who_worked_in_the_course_itself_comes_along(tmp_path: Path, course: Path) -> None:
    (course / "progress.json").write_text('{"version": 1, "done": {}}', encoding="utf-8")
    update(tmp_path / "copy", course)
    assert (tmp_path / "copy/progress.json").read_text(encoding="utf-8") == '{"version": 1, "done": {}}'


def test_a_full_disk_at_any_moment_loses_nothing(
    mine: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mine / NAMES[1]).write_bytes(lesson("my answer"))
    write_course(course, "2")
    real, failed = os.fsync, 0
    for moment in range(20):
        before, calls = content(mine), iter(range(1000))

        def full(number: int) -> None:
            if next(calls) >= moment:  # noqa: B023  # of this round
                raise OSError(errno.ENOSPC, "No space left on device")
            real(number)

        monkeypatch.setattr(_files.os, "fsync", full)
        try:
            update(mine, course)
        except CopyError as problem:
            failed += 1
            assert "No space left on device" in str(problem) and "is as it was" in str(problem)
        monkeypatch.setattr(_files.os, "fsync", real)
        check_nothing_is_lost(before, mine)
        assert not list(mine.rglob(f"*{_files.UNFINISHED}"))
        shutil.rmtree(mine)  # once more from the first version
        update(mine, write_course(course, "1"))
        (mine / NAMES[1]).write_bytes(lesson("my answer"))
        write_course(course, "2")
    assert failed >= 4, "the disk was full at each write of an update"


def check_nothing_is_lost(before: dict[str, bytes], folder: Path) -> None:
    """What a learner wrote is there, and every file opens."""
    after = content(folder)
    for name, text in before.items():
        if b"my answer" in text:
            assert after[name] == text
        assert name in after
    for name, text in after.items():
        if name.endswith(".ipynb"):
            nbformat.reads(text.decode(), as_version=4)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a child process")
def test_killed_at_a_hundred_moments_nothing_is_lost_and_the_next_update_ends_it(mine: Path, course: Path) -> None:
    (mine / NAMES[1]).write_bytes(lesson("my answer"))
    begun = time.perf_counter()
    update(mine, write_course(course, "0"))
    whole = time.perf_counter() - begun
    for moment in range(100):
        write_course(course, str(moment + 1))
        before = content(mine)
        child = os.fork()
        if child == 0:
            try:
                update(mine, course)
            finally:
                os._exit(0)
        time.sleep(whole * moment / 80)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        check_nothing_is_lost(before, mine)
        update(mine, course)
        assert (mine / NAMES[0]).read_bytes() == (course / NAMES[0]).read_bytes()
        assert (mine / NAMES[1]).read_bytes() == lesson("my answer")
        assert not list(mine.rglob(f"*{_files.UNFINISHED}"))


def test_two_at_once_wait_for_each_other(mine: Path, course: Path) -> None:
    write_course(course, "2")
    (mine / NAMES[1]).write_bytes(lesson("my answer"))
    said: list[list[str]] = []
    threads = [threading.Thread(target=lambda: said.append(update(mine, course))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(bool, said)) == [False] * 7 + [True]
    assert sorted(name for name in content(mine) if "updated" in name) == ["notebooks/01_slide.updated.ipynb"]


def test_another_program_that_does_not_let_go_is_said(
    mine: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _files.locked(mine / own_copy.DELIVERED):
        monkeypatch.setattr(own_copy, "locked", lambda path: _files.locked(path, patience=0.1))
        with pytest.raises(CopyError, match="another program has it in hand"):
            update(mine, course)


def test_a_file_in_place_of_the_folder_and_a_folder_that_is_locked(tmp_path: Path, course: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(CopyError, match="start FOLDER"):
            update(place, course)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_read_only_folder_is_said(mine: Path, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    write_course(course, "2")
    before = content(mine)
    monkeypatch.setattr(own_copy, "write_whole", refuse)  # root may write everywhere
    with pytest.raises(CopyError, match="Permission denied"):
        update(mine, course)
    assert content(mine) == before


def test_start_opens_the_copy_and_reset_is_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    opened = {}
    monkeypatch.setattr(lab, "open_lab", lambda options, root: opened.update(options=options, root=root) or 0)
    monkeypatch.chdir(tmp_path)
    assert main(["start", "--no-browser"]) == 0
    assert opened == {"options": ["--no-browser"], "root": (tmp_path / "my_course").resolve()}
    lessons = ", ".join(path.stem.split("_")[0] for path in sorted((ROOT / "notebooks").glob("*.ipynb")))
    assert f"New in my_course: {lessons}, " in capsys.readouterr().out
    assert main(["start", "mine here"]) == 0 and opened["root"] == (tmp_path / "mine here").resolve()
    assert main(["reset", "05"]) == 0
    assert "is as the course has it" in capsys.readouterr().out
    assert main(["reset", "99", "mine here"]) == 2
    assert "There is no lesson '99'" in capsys.readouterr().err
    (tmp_path / "file").touch()
    assert main(["start", "file"]) == 2


def git(folder: Path, *words: str) -> str:
    """Run git without anybody's settings."""
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_a_pull_in_a_checkout_in_which_somebody_works(tmp_path: Path) -> None:
    origin = write_course(tmp_path / "origin", "1")
    shutil.copy(ROOT / ".gitignore", origin)
    git(origin, "init", "-q", "-b", "main")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "1")
    git(tmp_path, "clone", "-q", "origin", "checkout")
    checkout, mine = tmp_path / "checkout", tmp_path / "checkout/my_course"
    update(mine, checkout)
    (mine / NAMES[1]).write_bytes(lesson("my answer"))
    (mine / "progress.json").write_text("{}", encoding="utf-8")
    assert git(checkout, "status", "--porcelain") == ""
    for name in NAMES:
        (origin / name).write_bytes(lesson(f"{name} 2"))
    git(origin, "commit", "-qam", "2")
    git(checkout, "pull", "-q")
    update(mine, checkout)
    assert (mine / NAMES[0]).read_bytes() == lesson(f"{NAMES[0]} 2")
    assert (mine / NAMES[1]).read_bytes() == lesson("my answer")
    assert git(checkout, "status", "--porcelain") == ""


def test_progress_is_kept_beside_the_lessons_that_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    update(tmp_path / "copy")
    monkeypatch.delenv(record.VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path / "copy/notebooks")
    assert record.place() == (tmp_path / "copy").resolve() / "progress.json"


def test_two_kernels_at_full_speed_lose_no_mark(tmp_path: Path) -> None:
    code = "import sys\nfrom conv1d_tutor.exercises import record\n"
    code += "for i in range(150):\n    assert record.keep(f'{sys.argv[1]}.{i}') == ''"
    surroundings = os.environ | {record.VARIABLE: str(tmp_path / "progress.json"), "PYTHONPATH": str(ROOT)}
    kernels = [subprocess.Popen([sys.executable, "-c", code, name], env=surroundings) for name in ("one", "two")]
    assert [kernel.wait() for kernel in kernels] == [0, 0]
    assert len(record.read(tmp_path / "progress.json").done) == 300
