"""Which exercises has this learner done? One small file in the course's folder, and no reason to stop a lesson.

Beside what is done, the file says how often an answer was wrong and what was said to it, for the learner and, if
they hand it in, for a teacher (`report.py`). It stays on this machine: nothing is sent.
"""

import datetime
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .._files import locked, write_whole
from .registry import Registry
from .replies import Progress

#: Where the file lies, if not in the folder that holds notebooks/.
VARIABLE = "CONV1D_TUTOR_PROGRESS"
VERSION = 3
#: Of what was said to wrong answers of one exercise, so many kinds are told apart, by so many letters.
MOST_SAID, MOST_LETTERS, OTHERWISE = 12, 200, "something else"
#: Exercises that got another id, by the version that had the old one: what was done stays done.
RENAMED = {
    1: {"06.1": "06.11", "06.2": "06.12", "06.3": "06.13"},
    # The lessons got another order.
    2: {
        "01.1": "01.4",
        "01.2": "01.5",
        "01.3": "01.6",
        "00.2": "00.4",
        "06.11": "07.4",
        "06.12": "07.5",
        "06.13": "07.6",
        "02.1": "03.4",
        "02.2": "03.5",
        "02.3": "03.6",
        "03.1": "04.4",
        "03.2": "04.5",
        "03.3": "04.6",
        "04.1": "05.4",
        "04.2": "05.5",
        "04.3": "09.7",
        "04.4": "09.2",
        "05.1": "02.1",
        "05.2": "02.2",
        "05.3": "02.3",
        "07.1": "08.1",
        "07.2": "08.2",
        "07.3": "08.3",
        "08.1": "11.6",
        "08.2": "11.7",
        "08.3": "11.8",
        "09.1": "12.2",
        "09.2": "12.1",
        "09.3": "12.3",
        "10.1": "13.1",
        "10.2": "13.4",
        "10.3": "09.1",
        "10.4": "13.2",
        "11.1": "14.1",
        "11.2": "14.2",
        "11.3": "09.6",
        "11.4": "09.8",
    },
}


class NotKeptError(Exception):
    """The file cannot be used, and is left alone; the message says why."""


class BrokenError(Exception):
    """The file holds something else than progress; the message says what."""


def place() -> Path:
    """Find the file's place: the environment variable, or the folder that holds the lessons.

    Returns:
        Its path; there may be no file yet.

    Raises:
        NotKeptError: there is neither.
    """
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE])
    # The copy or checkout that the notebook runs in, in its own folder, or the checkout this module is part of.
    for folder in (Path(), Path(".."), Path(__file__).parents[2]):
        if (folder / "notebooks" / "00_start_here.ipynb").is_file():
            return folder.resolve() / "progress.json"
    raise NotKeptError(f"there is no folder of lessons here; {VARIABLE} may name a file")


@dataclass(frozen=True)
class Kept:
    """What a file holds, by the ids of today.

    Args:
        done: the day each exercise was first done.
        wrong: for each exercise how often an answer was wrong, by what was said to it.
    """

    done: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def read(path: Path) -> Kept:
    """Read what is kept.

    Args:
        path: the file.

    Returns:
        What it holds; nothing where there is no file.

    Raises:
        NotKeptError: it cannot be read, or a later version of the course wrote it.
        BrokenError: it is something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Kept()
    except OSError as error:
        raise NotKeptError(f"{path} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise BrokenError("is not JSON") from None
    version, done = (
        (content.get(key) for key in ("version", "done")) if isinstance(content, dict) else (None, None)
    )
    if type(version) is int and version > VERSION:
        raise NotKeptError(f"{path} was written by a later version of the course")
    if type(version) is not int or not isinstance(done, dict) or not all(map(_is_text, done.values())):
        raise BrokenError("does not hold progress")
    wrong = content.get("wrong")
    wrong = {id: _counts(said) for id, said in (wrong if isinstance(wrong, dict) else {}).items() if _counts(said)}
    for older, ids in RENAMED.items():
        if version <= older:
            done, wrong = ({ids.get(id, id): value for id, value in part.items()} for part in (done, wrong))
    return Kept(done, wrong)


def _counts(said: object) -> dict[str, int]:
    """How often what was said, of a part of a file that may hold anything."""
    found = said.items() if isinstance(said, dict) else ()
    return {words: times for words, times in found if type(times) is int and times > 0}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def keep(id: str) -> str:
    """Keep that an exercise is done, beside all that is in the file by now.

    Args:
        id: the exercise.

    Returns:
        A sentence about what went wrong; empty where nothing did.
    """

    def add(kept: Kept) -> Kept:
        return kept if id in kept.done else Kept({**kept.done, id: datetime.date.today().isoformat()}, kept.wrong)

    return _change(add)


def keep_wrong(id: str, said: str) -> None:
    """Keep that an answer was wrong; where that cannot be, nobody needs to know.

    Args:
        id: the exercise.
        said: what was said to the answer; its first line counts.
    """

    def add(kept: Kept) -> Kept:
        counts = dict(kept.wrong.get(id, {}))
        words = said.partition("\n")[0][:MOST_LETTERS]
        if words not in counts and len(counts) >= MOST_SAID:
            words = OTHERWISE
        counts[words] = counts.get(words, 0) + 1
        return Kept(kept.done, {**kept.wrong, id: counts})

    _change(add, mend=False)


def _change(change: Callable[[Kept], Kept], mend: bool = True) -> str:
    """Read the file, change what it holds, and write it, while no other kernel does.

    Args:
        change: makes the new from the old; the same object where there is nothing to write.
        mend: whether a broken file is set aside, and a new one begun; else it is left alone.

    Returns:
        A sentence about what went wrong; empty where nothing did.
    """
    try:
        path, note = place(), ""
        with locked(path.resolve()):  # two kernels may keep something at once
            try:
                kept = read(path)
            except BrokenError as problem:
                if not mend:
                    return str(problem)
                aside = _free_name(path)
                path.rename(aside)
                kept, note = Kept(), f"{path.name} {problem}: it is now {aside.name}, and a new one is begun."
            new = change(kept)
            if new is not kept:
                _write(path, new)
        return note
    except NotKeptError as problem:
        return f"Progress is not kept: {problem}."
    except OSError as error:
        return f"Progress is not kept: {path} cannot be written ({error.strerror})."


def _free_name(path: Path) -> Path:
    """Choose a name for a broken file that no file has."""
    number, aside = 1, path.with_name(f"{path.stem}.broken{path.suffix}")
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.stem}.broken{number}{path.suffix}")
    return aside


def _write(path: Path, kept: Kept) -> None:
    content = {
        "version": VERSION,
        "done": dict(sorted(kept.done.items())),
        "wrong": dict(sorted(kept.wrong.items())),
    }
    write_whole(path, json.dumps(content, indent=1).encode())


def overview(exercises: Registry) -> Progress:
    """Compare what there is with what is done; nothing is written.

    Args:
        exercises: all exercises.

    Returns:
        The table.
    """
    done: Mapping[str, str] = {}
    note = ""
    try:
        path = place()
        done = read(path).done
    except NotKeptError as problem:
        note = f"Progress is not kept: {problem}."
    except BrokenError as problem:
        note = f"{path} {problem}; the next right answer begins a new one."
    rows = []
    for lesson in exercises.lessons:
        ids = [exercise.id for exercise in exercises.of_lesson(lesson)]
        still = tuple(id for id in ids if id not in done)
        rows.append((lesson, len(ids) - len(still), len(ids), still))
    return Progress(tuple(rows), note)
