"""A class's files become one table: who has done what, what fails most; what is broken is named and left out."""

import csv
import io
import json
import os
from html.parser import HTMLParser
from pathlib import Path

import pytest

from conv1d_tutor.__main__ import main
from conv1d_tutor.exercises import EXERCISES
from conv1d_tutor.exercises.report import MOST_BYTES, Report, as_text, report

FIRST, SECOND, *_ = EXERCISES.values()
SAID = FIRST.mistakes[0].message


def hand_in(path: Path, done: list[str], wrong: dict[str, dict[str, int]] | None = None) -> None:
    """A learner's file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"version": 3, "done": dict.fromkeys(done, "2026-03-02"), "wrong": wrong or {}}
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def class_of_thirty(tmp_path: Path) -> Path:
    """Twenty-nine who can be read, in folders as they hand them in, and a broken file."""
    folder = tmp_path / "class"
    for number in range(29):
        done = [FIRST.id] if number % 2 else []
        wrong = {SECOND.id: {"a slip": 1}} if number < 3 else {}
        wrong |= {FIRST.id: {SAID: 2, "another": 1}} if number < 9 else {}
        hand_in(folder / f"learner {number:02}/my_course/progress.json", done, wrong)
    broken = folder / "learner 29/progress.json"
    broken.parent.mkdir()
    broken.write_text('{"version": 3, "do', encoding="utf-8")
    return folder


def test_a_broken_file_among_thirty_is_named_and_left_out(class_of_thirty: Path) -> None:
    found = report([class_of_thirty])
    assert list(found.learners) == [f"learner {number:02}" for number in range(29)]
    assert found.left_out == ("learner 29: progress.json is not JSON",)
    assert repr(found).endswith("Left out:\nlearner 29: progress.json is not JSON")


def test_the_table_says_who_has_done_what(class_of_thirty: Path) -> None:
    lines = repr(report([class_of_thirty])).splitlines()
    assert lines[0] == "Exercises done of 29 learners, by lesson:"
    assert lines[1].split() == ["learner", *EXERCISES.lessons, "all", "last", "day"]
    assert lines[2].split()[1:] == [
        *(str(len(EXERCISES.of_lesson(x))) for x in EXERCISES.lessons),
        str(len(EXERCISES)),
    ]
    assert lines[3].split() == ["learner", "00", "0"]
    assert lines[4].split() == ["learner", "01", "1", "1", "2026-03-02"]


def test_the_exercises_that_fail_most_come_with_the_mistake(class_of_thirty: Path) -> None:
    first, second = report([class_of_thirty]).troubles()
    assert (first.id, first.done, first.failed, first.tries, first.times) == (FIRST.id, 14, 9, 27, 18)
    assert first.said == as_text(SAID)
    assert (second.id, second.failed, second.said) == (SECOND.id, 3, "a slip")
    assert f"{FIRST.id} {FIRST.title}" in repr(report([class_of_thirty]))


class Reader(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_markup_formulas_and_signs_for_the_terminal_in_names_stay_words(tmp_path: Path) -> None:
    names = ["<script>alert(1)<", "=HYPERLINK(1)", "a\x1b[31mred\nline", "`code` & $x$", "x" * 200]
    for name in names:
        hand_in(tmp_path / name / "progress.json", [FIRST.id], {FIRST.id: {"<b>\x1b]0;title\x07</b>": 1}})
    found = report([tmp_path])
    page = Reader(found.as_page())
    assert "script" not in page.tags and "b" not in page.tags
    assert "<script>alert(1)<" in page.text and "<b>" in page.text
    assert "\x1b" not in repr(found) + found.as_page() + found.as_csv()
    assert "a�[31mred�line" in repr(found)
    assert "x" * 41 not in repr(found)
    cells = [cell for row in csv.reader(io.StringIO(found.as_csv())) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert not any(cell[:1] in tuple("=+@-") for cell in cells if cell)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    texts = {"later": '{"version": 99}', "other": "[]", "large": " " * (MOST_BYTES + 1), "odd": "\udcff"}
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "progress.json").write_bytes(text.encode(errors="surrogateescape"))
    (tmp_path / "folder/progress.json").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    hand_in(tmp_path / ".hidden/progress.json", [])
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone/progress.json").symlink_to(tmp_path / "nowhere")
    found = report([tmp_path, tmp_path / "no such", tmp_path / "folder"])
    assert found.learners == {}
    said = "\n".join(found.left_out)
    for part in (
        "other: progress.json does not hold progress",
        "large: progress.json is larger than 1,000,000 bytes",
        "odd: progress.json is not JSON",
        "later: progress.json was written by a later version of the course",
        "gone: progress.json cannot be read (No such file or directory)",
        "no such: there is no such file or folder",
        "there is no progress.json in it",
    ):
        assert part in said
    assert ".hidden" not in said


def test_files_by_name_one_learner_alone_and_two_of_one_name(tmp_path: Path) -> None:
    hand_in(tmp_path / "ada.json", [FIRST.id])
    hand_in(tmp_path / "bo/my_course/progress.json", [])
    hand_in(tmp_path / "cy/progress.json", [])
    hand_in(tmp_path / "other/cy/progress.json", [])
    places = [tmp_path / "ada.json", tmp_path / "bo", tmp_path / "cy/progress.json", tmp_path / "other"]
    assert list(report(places).learners) == ["ada", "bo", "cy", "cy (2)"]


def test_a_report_of_nothing_wrong_has_no_second_table(tmp_path: Path) -> None:
    hand_in(tmp_path / "ada/progress.json", [])
    assert "failed" not in repr(report([tmp_path]))
    assert repr(Report({})).startswith("Exercises done of 0 learners")


def test_the_command_writes_what_is_asked_for(
    class_of_thirty: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    page, table = tmp_path / "class.html", tmp_path / "class.csv"
    assert main(["report", str(class_of_thirty), "--html", str(page), "--csv", str(table)]) == 0
    said = capsys.readouterr().out
    assert "learner 28" in said and f"Written: {table}" in said
    assert "learner 28" in page.read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    assert len(rows) == 29 * len(EXERCISES)
    assert rows[0] | {"learner": "learner 00", "exercise": FIRST.id, "wrong answers": "3"} == rows[0]
    assert main(["report", str(tmp_path / "none")]) == 1
    assert main(["report", str(class_of_thirty), "--csv", str(tmp_path / "no/such/file.csv")]) == 2
    assert "cannot be written (No such file or directory)" in capsys.readouterr().err
