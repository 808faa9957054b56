"""Which exercises has this learner done? One small file in the course's folder, and no reason to stop a lesson."""

import datetime
import json
import os
from collections.abc import Mapping
from pathlib import Path

from .._files import locked, write_whole
from .registry import Registry
from .replies import Progress

#: Where the file lies, if not in the folder that holds notebooks/.
VARIABLE = "CONV1D_TUTOR_PROGRESS"
VERSION = 3
#: Exercises that got another id, by the version that had the old one: what was done stays done.
RENAMED = {
    1: {"06.1": "06.11", "06.2": "06.12", "06.3": "06.13"},
    # The lessons got another order.
    2: {
        "00.2": "00.4",
        "06.11": "07.4",
        "06.12": "07.5",
        "06.13": "07.6",
        "02.1": "03.1",
        "02.2": "03.2",
        "02.3": "03.3",
        "03.1": "04.4",
        "03.2": "04.5",
        "03.3": "04.6",
        "04.1": "05.1",
        "04.2": "05.2",
        "04.3": "05.3",
        "04.4": "05.4",
        "05.1": "02.1",
        "05.2": "02.2",
        "05.3": "02.3",
        "07.1": "08.1",
        "07.2": "08.2",
        "07.3": "08.3",
        "08.1": "11.1",
        "08.2": "11.2",
        "08.3": "11.3",
        "09.1": "12.1",
        "09.2": "12.2",
        "09.3": "12.3",
        "10.1": "13.1",
        "10.2": "13.2",
        "10.3": "13.3",
        "10.4": "13.4",
        "11.1": "14.1",
        "11.2": "14.2",
        "11.3": "14.3",
        "11.4": "14.4",
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


def read(path: Path) -> dict[str, str]:
    """Read which exercises are done.

    Args:
        path: the file.

    Returns:
        The day each was first done, by its id of today; empty where there is no file.

    Raises:
        NotKeptError: it cannot be read, or a later version of the course wrote it.
        BrokenError: it is something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
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
    for older, ids in RENAMED.items():
        if version <= older:
            done = {ids.get(id, id): day for id, day in done.items()}
    return done


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def keep(id: str) -> str:
    """Keep that an exercise is done, beside all that is in the file by now.

    Args:
        id: the exercise.

    Returns:
        A sentence about what went wrong; empty where nothing did.
    """
    try:
        path, note = place(), ""
        with locked(path.resolve()):  # two kernels may keep something at once
            try:
                done = read(path)
            except BrokenError as problem:
                aside = _free_name(path)
                path.rename(aside)
                done, note = {}, f"{path.name} {problem}: it is now {aside.name}, and a new one is begun."
            if id not in done:
                _write(path, done | {id: datetime.date.today().isoformat()})
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


def _write(path: Path, done: Mapping[str, str]) -> None:
    write_whole(path, json.dumps({"version": VERSION, "done": dict(sorted(done.items()))}, indent=1).encode())


def overview(exercises: Registry) -> Progress:
    """Compare what there is with what is done; nothing is written.

    Args:
        exercises: all exercises.

    Returns:
        The table.
    """
    done, note = {}, ""
    try:
        path = place()
        done = read(path)
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
