"""The learner's file: what was right is kept, nothing else is written, and a broken file stops nobody."""

import json
import re
from pathlib import Path

import pytest

from conv1d_tutor import _files
from conv1d_tutor.exercises import EXERCISES, check, hint, progress, solution
from conv1d_tutor.exercises import record as store

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.usefixtures("own_file")


def seen(file: Path) -> list[str]:
    """The files beside it that a person sees; the lock is hidden."""
    return sorted(path.name for path in file.parent.iterdir() if not path.name.startswith("."))


def passing(id: str) -> object:
    exercise = EXERCISES[id]
    return check(id, exercise.solution if exercise.cases else exercise.value)


def test_only_right_answers_count_as_done(own_file: Path) -> None:
    check("00.1", None)
    hint("00.1")
    solution("00.1")
    progress()
    assert not own_file.exists()
    passing("00.1")
    content = json.loads(own_file.read_text(encoding="utf-8"))
    assert content["version"] == store.VERSION
    assert list(content["done"]) == ["00.1"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", content["done"]["00.1"])
    assert seen(own_file) == ["progress.json"]


def test_what_was_said_to_wrong_answers_is_counted_beside_what_is_done(own_file: Path) -> None:
    wrong, other = EXERCISES["00.1"].mistakes[0], EXERCISES["00.1"].mistakes[1]
    for answer in (wrong.answer, wrong.answer, other.answer, None):
        check("00.1", answer)
    assert store.read(own_file).wrong == {"00.1": {wrong.message: 2, other.message: 1}}
    assert store.read(own_file).done == {}
    passing("00.1")
    kept = store.read(own_file)
    assert kept.wrong["00.1"][wrong.message] == 2 and list(kept.done) == ["00.1"]
    assert progress().rows[0][1] == 1


def test_what_is_said_to_wrong_answers_stays_small_and_readable(own_file: Path) -> None:
    for number in range(50):
        store.keep_wrong("00.1", f"kind {number % 25} \ud800 {'x' * 500}\nand the details")
    said = store.read(own_file).wrong["00.1"]
    assert sum(said.values()) == 50
    assert len(said) == store.MOST_SAID + 1 and store.OTHERWISE in said
    assert all(len(words) <= store.MOST_LETTERS and "\n" not in words for words in said)


@pytest.mark.parametrize("wrong", ["null", "[]", '{"00.1": 3}', '{"00.1": {"x": "y", "z": -1, "b": true}}'])
def test_a_broken_part_about_wrong_answers_takes_nothing_from_what_is_done(own_file: Path, wrong: str) -> None:
    own_file.write_text(f'{{"version": 3, "done": {{"00.1": "2020-01-01"}}, "wrong": {wrong}}}', encoding="utf-8")
    assert store.read(own_file) == store.Kept({"00.1": "2020-01-01"}, {})
    check("00.1", (1, 2, 3))
    assert sum(store.read(own_file).wrong["00.1"].values()) == 1


def test_former_ids_hold_for_wrong_answers_too(own_file: Path) -> None:
    (former, today), *_ = store.RENAMED[2].items()
    content = {"version": 2, "done": {}, "wrong": {former: {"said": 2}}}
    own_file.write_text(json.dumps(content), encoding="utf-8")
    assert store.read(own_file).wrong == {today: {"said": 2}}


def test_a_wrong_answer_breaks_nothing_where_it_cannot_be_kept(
    own_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own_file.write_text("{", encoding="utf-8")
    said = repr(check("00.1", (1, 2, 3)))
    assert "progress" not in said
    assert own_file.read_text(encoding="utf-8") == "{", "the next right answer sets it aside, and says so"
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "no" / "such" / "progress.json"))
    assert repr(check("00.1", (1, 2, 3))) == said


def test_tests_and_lessons_have_a_file_of_their_own() -> None:
    """`conftest.py` names it for every process that pytest starts."""
    conftest = (ROOT / "conftest.py").read_text(encoding="utf-8")
    assert f'os.environ["{store.VARIABLE}"]' in conftest


def test_done_twice_and_in_two_lessons_at_once(own_file: Path) -> None:
    own_file.write_text('{"version": 1, "done": {"00.1": "2020-01-01", "09.1": "2020-01-02"}}', encoding="utf-8")
    passing("00.1")
    passing("02.2")
    done = json.loads(own_file.read_text(encoding="utf-8"))["done"]
    assert done["00.1"] == "2020-01-01"
    assert done["12.2"] == "2020-01-02"
    assert set(done) == {"00.1", "02.2", "12.2"}


def test_marks_of_former_ids_count_for_the_exercises_of_today(own_file: Path) -> None:
    """Version 1 had three exercises in lesson 06, which are in 07 now; what is now 06.1 is another one."""
    own_file.write_text('{"version": 1, "done": {"06.1": "2020-01-01", "06.3": "2020-01-02"}}', encoding="utf-8")
    (row,) = [row for row in progress().rows if row[0] == "07"]
    assert "07.4" not in row[3] and "07.5" in row[3] and "07.6" not in row[3]
    passing("06.1")
    content = json.loads(own_file.read_text(encoding="utf-8"))
    assert content["version"] == store.VERSION
    assert content["done"]["07.4"] == "2020-01-01" and content["done"]["07.6"] == "2020-01-02"
    assert set(content["done"]) == {"06.1", "07.4", "07.6"}
    assert store.read(own_file).done == content["done"], "read again, nothing moves a second time"


def test_marks_follow_the_lessons_into_their_new_order(own_file: Path) -> None:
    """In version 2 the lessons 02 to 05 stood in another order: no mark may go on from 02 to 03 to 04."""
    own_file.write_text(
        '{"version": 2, "done": {"02.1": "2020-01-01", "05.1": "2020-01-02", "06.1": "2020-01-03"}}',
        encoding="utf-8",
    )
    assert store.read(own_file).done == {"03.4": "2020-01-01", "02.1": "2020-01-02", "06.1": "2020-01-03"}


@pytest.mark.parametrize("version", store.RENAMED)
def test_former_ids_lead_to_exercises(own_file: Path, version: int) -> None:
    former = {"version": version, "done": dict.fromkeys(store.RENAMED[version], "2020-01-01")}
    own_file.write_text(json.dumps(former), encoding="utf-8")
    today = store.read(own_file).done
    assert set(today) <= set(EXERCISES)
    assert len(today) == len(store.RENAMED[version]), "two marks became one"


def test_progress_is_a_table() -> None:
    passing("02.1")
    table = progress()
    row = next(row for row in table.rows if row[0] == "02")
    total = len(EXERCISES.of_lesson("02"))
    assert row[:3] == ("02", 1, total)
    assert "02.1" not in row[3] and "02.2" in row[3]
    assert f"02      1 of {total}" in repr(table)
    assert f"<td>02</td><td>1 of {total}</td><td>02.2" in table._repr_html_()
    assert repr(table).endswith(f"all     1 of {len(EXERCISES)}")


BROKEN = {
    "": "is not JSON",
    "{": "is not JSON",
    "[" * 100_000: "is not JSON",
    "[1]": "does not hold progress",
    "{}": "does not hold progress",
    '{"version": 1}': "does not hold progress",
    '{"version": true, "done": {}}': "does not hold progress",
    '{"version": "1", "done": {}}': "does not hold progress",
    '{"version": 1, "done": ["00.1"]}': "does not hold progress",
    '{"version": 1, "done": {"00.1": 3}}': "does not hold progress",
}


@pytest.mark.parametrize("content", BROKEN, ids=lambda content: content[:40] or "empty")
def test_a_broken_file_is_set_aside(own_file: Path, content: str) -> None:
    own_file.write_text(content, encoding="utf-8")
    assert BROKEN[content] in progress().note
    assert own_file.read_text(encoding="utf-8") == content
    verdict = passing("00.1")
    assert verdict.passed
    problem = f"progress.json {BROKEN[content]}: it is now progress.broken.json, and a new one is begun."
    assert repr(verdict).endswith(problem)
    assert own_file.with_name("progress.broken.json").read_text(encoding="utf-8") == content
    assert store.read(own_file).done.keys() == {"00.1"}
    assert "progress.json" not in repr(passing("02.1"))


def test_broken_files_do_not_overwrite_each_other(own_file: Path) -> None:
    for i in range(3):
        own_file.write_bytes(b"\xff%d" % i)
        passing("00.1")
    names = seen(own_file)
    assert names == ["progress.broken.json", "progress.broken2.json", "progress.broken3.json", "progress.json"]
    assert own_file.with_name("progress.broken2.json").read_bytes() == b"\xff1"


def test_a_file_of_a_later_version_is_left_alone(own_file: Path) -> None:
    content = f'{{"version": {store.VERSION + 1}, "lessons": []}}'
    own_file.write_text(content, encoding="utf-8")
    verdict = passing("00.1")
    assert verdict.passed
    assert re.search(
        r"Progress is not kept: .*progress.json was written by a later version of the course\.", repr(verdict)
    )
    assert "later version" in progress().note
    assert own_file.read_text(encoding="utf-8") == content
    assert len(seen(own_file)) == 1


def test_a_folder_in_its_place(own_file: Path) -> None:
    own_file.mkdir()
    verdict = passing("00.1")
    assert verdict.passed
    assert re.search(r"Progress is not kept: .*progress\.json cannot be read \(.+\)\.", repr(verdict))
    assert seen(own_file) == [own_file.name]


def test_a_place_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "no" / "such" / "progress.json"))
    verdict = passing("00.1")
    assert verdict.passed
    assert re.search(r"Progress is not kept: .*progress\.json cannot be written \(No such file", repr(verdict))
    assert verdict.message == EXERCISES["00.1"].because


def test_a_full_disk_leaves_the_old_file(own_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passing("00.1")
    before = own_file.read_bytes()

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_files.os, "fsync", full)
    assert "cannot be written (No space left on device)" in repr(passing("02.1"))
    assert own_file.read_bytes() == before
    assert seen(own_file) == [own_file.name]


def test_the_file_lies_beside_the_lessons(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(store.VARIABLE)
    assert store.place() == ROOT / "progress.json"
    # Installed without the lessons: those that the notebook runs in, or nowhere.
    monkeypatch.setattr(store, "__file__", str(tmp_path / "site" / "conv1d_tutor" / "exercises" / "_progress.py"))
    lessons = tmp_path / "course" / "notebooks"
    lessons.mkdir(parents=True)
    monkeypatch.chdir(lessons)
    with pytest.raises(
        store.NotKeptError, match="no folder of lessons here; CONV1D_TUTOR_PROGRESS may name a file"
    ):
        store.place()
    assert "Progress is not kept: there is no folder of lessons" in repr(passing("00.1"))
    (lessons / "00_start_here.ipynb").touch()
    assert store.place() == tmp_path / "course" / "progress.json"


def test_git_leaves_the_file_out() -> None:
    assert "progress.json" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
