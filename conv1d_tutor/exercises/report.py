"""What has a class done, and where does it fail? One table from the files that learners hand in.

A learner's file is `progress.json` in their copy of the course. Nothing is sent anywhere: whoever teaches collects
the files, or the folders, and reads them where they lie. In them may be anything: names and texts are shown as
text, and what cannot be read is named and left out.
"""

import csv
import html
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .._showing import Lines, Piece, Sentence, Shown, Table
from . import EXERCISES
from .record import BrokenError, Kept, NotKeptError, read

#: The name of a learner's file, and of the folder it lies in, which says nothing of them.
FILE, COPY = "progress.json", "my_course"
#: So many letters of a name, of what was said, and bytes of a file are read.
MOST_NAME, MOST_WORDS, MOST_BYTES = 40, 100, 1_000_000
#: So many exercises are listed as failing most.
MOST_HARD = 10
STYLE = """
body { font-family: sans-serif; margin: 2em; color-scheme: light dark }
table { border-collapse: collapse; margin: 1em 0 } th, td { border: 1px solid #888; padding: 0.2em 0.6em }
td { text-align: right } td:first-child, th:first-child, td:last-child { text-align: left }
"""


@dataclass(frozen=True)
class Trouble:
    """An exercise, and how a class fared with it.

    Args:
        id, title: of the exercise.
        done: how many learners have done it.
        failed: how many had a wrong answer.
        tries: how many wrong answers there were.
        said: what was said most often to a wrong answer.
        times: how often that was said.
    """

    id: str
    title: str
    done: int
    failed: int
    tries: int
    said: str
    times: int


@dataclass(frozen=True, repr=False)
class Report(Shown):
    """What learners have done, one a row, and the exercises that failed most.

    Args:
        learners: what each has kept, by name.
        left_out: what could not be read, and why.
    """

    learners: Mapping[str, Kept]
    left_out: Sequence[str] = field(default_factory=tuple)

    def troubles(self) -> list[Trouble]:
        """List the exercises with wrong answers.

        Returns:
            Those that failed with most learners first.
        """
        found = []
        for id, exercise in EXERCISES.items():
            wrong = [kept.wrong[id] for kept in self.learners.values() if id in kept.wrong]
            if wrong:
                said = sum(map(Counter, wrong), Counter())
                words, times = max(said.items(), key=lambda pair: pair[1])
                done = sum(id in kept.done for kept in self.learners.values())
                found.append(Trouble(id, exercise.title, done, len(wrong), said.total(), as_text(words), times))
        return sorted(found, key=lambda trouble: (-trouble.failed, -trouble.tries))

    def _pieces(self) -> Sequence[Piece]:
        lessons = [(lesson, {one.id for one in EXERCISES.of_lesson(lesson)}) for lesson in EXERCISES.lessons]
        rows = [("exercises", *(str(len(ids)) for _, ids in lessons), str(len(EXERCISES)), "")]
        for name, kept in self.learners.items():
            counts = [len(ids & kept.done.keys()) for _, ids in lessons]
            last = max(kept.done.values(), default="")
            rows.append((name, *(str(count or "") for count in counts), str(sum(counts)), as_text(last, 10)))
        pieces: list[Piece] = [
            Sentence(f" of {len(self.learners)} learners, by lesson:", "Exercises done"),
            Table(("learner", *(lesson for lesson, _ in lessons), "all", "last day"), rows),
        ]
        hardest = self.troubles()[:MOST_HARD]
        if hardest:
            heads = ("exercise", "done by", "wrong for", "wrong answers", "said most often")
            cells = [
                (f"{t.id} {t.title}", str(t.done), str(t.failed), str(t.tries), f"{t.times} × {t.said}")
                for t in hardest
            ]
            pieces += [Sentence(":", "Exercises that failed with most learners"), Table(heads, cells)]
        if self.left_out:
            pieces += [Sentence(":", "Left out"), Lines("\n".join(self.left_out))]
        return pieces

    def as_page(self) -> str:
        """Write it as a whole page, which needs no other file."""
        title = "What the class has done"
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
            f"<body><main><h1>{html.escape(title)}</h1>{self._repr_html_()}</main></body></html>"
        )

    def as_csv(self) -> str:
        """Write a line for each learner and exercise, for a spreadsheet."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(("learner", "exercise", "title", "done", "wrong answers", "said most often"))
        for name, kept in self.learners.items():
            for id, exercise in EXERCISES.items():
                said = kept.wrong.get(id, {})
                most = max(said, key=lambda words: said[words], default="")
                day = as_text(kept.done.get(id, ""), 10)
                row = (name, id, exercise.title, day, sum(said.values()), as_text(most))
                table.writerow([_no_formula(cell) if isinstance(cell, str) else cell for cell in row])
        return text.getvalue()


def report(places: Iterable[Path]) -> Report:
    """Read the files of a class.

    Args:
        places: files, and folders in which ``progress.json`` is looked for at any depth.

    Returns:
        The report. A learner is called as the folder is called that their copy lies in, or as their file.
    """
    learners, left_out = {}, []
    for name, found in _found(places):
        if isinstance(found, str):
            left_out.append(f"{name}: {found}")
            continue
        try:
            if found.stat().st_size > MOST_BYTES:
                raise BrokenError(f"is larger than {MOST_BYTES:,} bytes")
            if not found.is_file():
                raise BrokenError("is no file")
            kept = read(found)
        except BrokenError as problem:
            left_out.append(f"{name}: {found.name} {problem}")
        except NotKeptError as problem:
            left_out.append(f"{name}: {str(problem).replace(str(found), found.name)}")
        except OSError as problem:
            left_out.append(f"{name}: {found.name} cannot be read ({problem.strerror})")
        else:
            number, free = 1, name
            while free in learners:
                number += 1
                free = f"{name} ({number})"
            learners[free] = kept
    return Report(dict(sorted(learners.items())), tuple(left_out))


def _found(places: Iterable[Path]) -> Iterator[tuple[str, Path | str]]:
    """The files, each with a learner's name; in place of a file, why there is none."""
    for place in places:
        if not place.is_dir():
            name = place.parent.resolve().name if place.name == FILE else place.stem
            yield as_text(name, MOST_NAME), place if place.exists() else "there is no such file or folder"
            continue
        refused: list[OSError] = []
        files = []
        for folder, below, names in os.walk(place, onerror=refused.append):
            below[:] = sorted(name for name in below if not name.startswith("."))
            files += [Path(folder, FILE)] if FILE in names else []
        for error in refused:
            yield as_text(str(error.filename)), f"cannot be read ({error.strerror})"
        for path in files:
            parts = [part for part in path.parent.relative_to(place).parts if part != COPY]
            yield as_text("/".join(parts) or place.resolve().name, MOST_NAME), path
        if not files and not refused:
            yield as_text(str(place)), f"there is no {FILE} in it"


def as_text(words: str, most: int = 0) -> str:
    """Write what others wrote so that it is only words: on one line, short, without signs for a terminal."""
    most = most or MOST_WORDS
    plain = "".join(letter if letter.isprintable() else "�" for letter in words)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def _no_formula(cell: str) -> str:
    """What a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell
