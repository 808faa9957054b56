"""What is a learner's own copy of the course, and how does it become newer without losing a byte of theirs?

The copy is a folder with the lessons and what they link to. A small file in it says which version of each file
was delivered last. With it an update can tell, for each file, whether the course has a newer one, and whether
the learner has changed theirs. What they changed stays as it is, and the newer one arrives beside it; what they
removed or renamed does not come back by itself. Nothing of theirs is ever deleted.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from .._files import UNFINISHED, locked, write_whole

PACKAGE = Path(__file__).resolve().parents[1]
#: What a copy holds, as patterns below the course's folder.
PARTS = ("notebooks/*.ipynb", "docs/conv1d_cheat_sheet.*", "docs/errors/*.md", "data/README.md")
#: Says in a copy what was delivered, as SHA-256 by name.
DELIVERED = ".conv1d-course.json"
VERSION = 1
FIRST_LESSON = "notebooks/00_start_here.ipynb"
#: The exercises that a learner has done; lessons keep it in the folder above their own.
PROGRESS = "progress.json"


class CopyError(Exception):
    """The copy cannot be made or renewed; the message says why and what to do. What was there is untouched."""


def originals() -> Path:
    """Find the folder of the course's own files: a checkout, or the part of an installed package.

    Returns:
        The folder that holds notebooks/, docs/ and data/.
    """
    checkout = PACKAGE.parent
    return checkout if (checkout / FIRST_LESSON).is_file() else PACKAGE / "course"


def lessons(folder: Path) -> list[Path]:
    """Find the lessons in a folder, in order: notebooks whose names begin with a number.

    The dictionary lies beside them, for looking up; nobody is done with it.

    Args:
        folder: the notebooks/ of a checkout or of a copy.

    Returns:
        Their paths; none if there is no such folder.
    """
    return sorted(folder.glob("[0-9]*.ipynb"))


def update(folder: Path, course: Path | None = None) -> list[str]:
    """Make a copy of the course, or bring new and corrected files into one.

    Args:
        folder: the learner's copy; made if there is none.
        course: where the files come from; `originals` if None.

    Returns:
        A line for each thing that a learner should know; empty where nothing has changed.

    Raises:
        CopyError: the folder cannot be used, or the disk is full.
    """
    course = course or originals()
    return list(_carefully(folder, lambda: list(_update(folder, course))))


def reset(lesson: str, folder: Path, course: Path | None = None) -> list[str]:
    """Bring back a lesson as the course has it, and keep the learner's beside it.

    Args:
        lesson: its number, such as "05", or the name of its file.
        folder: the learner's copy.
        course: where the files come from; `originals` if None.

    Returns:
        Lines that say what was done.

    Raises:
        CopyError: there is no such lesson, the folder cannot be used, or the disk is full.
    """
    course = course or originals()
    files = _files(course)
    wanted = lesson.strip().removesuffix(".ipynb")
    found = [name for name in files if Path(name).stem == wanted or Path(name).stem.startswith(f"{wanted}_")]
    if len(found) != 1 or not wanted:
        numbers = ", ".join(_short(name) for name in files if name.endswith(".ipynb"))
        raise CopyError(f"There is no lesson {lesson!r}. There are {numbers}: reset 05.")
    return _carefully(folder, lambda: _reset(found[0], folder, files[found[0]].read_bytes()))


def _short(name: str) -> str:
    """What a lesson is called when it is typed: its number, or the whole name where it has none."""
    return Path(name).stem.split("_")[0]


def _carefully(folder: Path, work: Callable[[], list[str]]) -> list[str]:
    """Do something in a copy while nobody else does, and say in words what stands against it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / DELIVERED):
            for left in folder.glob(f"**/.*{UNFINISHED}"):  # of a copy that was broken off
                left.unlink()
            return work()
    except FileExistsError:
        raise CopyError(f"{folder} is a file. Name a folder: start FOLDER.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise CopyError(
            f"{folder} cannot be written ({reason}). What was there is as it was. "
            "Make room, wait for the other program, or name another folder: start FOLDER."
        ) from None


def _update(folder: Path, course: Path) -> Iterator[str]:
    files, delivered = _files(course), _read(folder)
    if not files:
        raise CopyError(f"There are no lessons in {course}: install the course again.")
    known = dict(delivered)
    new, renewed = [], []
    earlier = course / PROGRESS  # of somebody who worked in the course's own folder before
    if earlier.is_file() and not delivered and not (folder / PROGRESS).exists():
        write_whole(folder / PROGRESS, earlier.read_bytes())
    for name, original in files.items():
        content = original.read_bytes()
        digest, mine = _digest(content), folder / name
        theirs = _digest(mine.read_bytes()) if mine.is_file() else None
        if theirs == digest:
            pass  # theirs is the newest, or a copy was broken off after it was written
        elif theirs is None and name not in known:
            mine.parent.mkdir(parents=True, exist_ok=True)
            write_whole(mine, content)
            new.append(name)
        elif known.get(name) == digest:
            continue  # nothing newer; what they changed or removed is theirs
        elif theirs is None:
            yield f"{name} has a new version, and yours is gone or renamed: reset {_short(name)} brings it."
        elif theirs == known.get(name):
            write_whole(mine, content)
            renewed.append(name)
        else:
            beside = _free(mine, "updated", content)
            write_whole(beside, content)
            yield f"{name} stays as you left it; the new version is {beside.name}, beside it."
        known[name] = digest
    for name in sorted(set(delivered) - set(files)):
        del known[name]
        if (folder / name).is_file():
            yield f"{name} is no longer part of the course; yours stays."
    if known != delivered:
        _write(folder, known)
    if renewed:
        yield f"Newer in {folder}, where you had changed nothing: {_listed(renewed)}."
    if new:
        yield f"New in {folder}: {_listed(new)}."


def _listed(names: list[str]) -> str:
    """Name the notebooks as they are typed, and count the files that they link to."""
    notebooks = [_short(name) for name in names if name.endswith(".ipynb")]
    others = len(names) - len(notebooks)
    beside = [f"{others} file{'' if others == 1 else 's'} that lessons link to"] if others else []
    return ", ".join([*notebooks, *beside])


def _reset(name: str, folder: Path, content: bytes) -> list[str]:
    mine, lines = folder / name, []
    mine.parent.mkdir(parents=True, exist_ok=True)
    if mine.is_file() and mine.read_bytes() != content:
        aside = _free(mine, "mine", mine.read_bytes())
        write_whole(aside, mine.read_bytes())  # before theirs is replaced: it is never missing
        lines.append(f"What you had in {mine.name} is now {aside.name}.")
    write_whole(mine, content)
    _write(folder, _read(folder) | {name: _digest(content)})
    return [*lines, f"{mine.name} is as the course has it."]


def _files(course: Path) -> dict[str, Path]:
    """The course's files, by their names in a copy, in the order of the lessons."""
    found = [path for pattern in PARTS for path in sorted(course.glob(pattern))]
    return {path.relative_to(course).as_posix(): path for path in found}


def _free(path: Path, word: str, content: bytes) -> Path:
    """A name beside a file that no file has, or one with just this content."""
    number, beside = 1, path.with_name(f"{path.stem}.{word}{path.suffix}")
    while beside.exists() and beside.read_bytes() != content:
        number += 1
        beside = path.with_name(f"{path.stem}.{word}{number}{path.suffix}")
    return beside


def _read(folder: Path) -> dict[str, str]:
    """What was delivered; of a file that says nothing readable, nothing: then all of theirs counts as changed."""
    try:
        content = json.loads((folder / DELIVERED).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in content["delivered"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _write(folder: Path, delivered: Mapping[str, str]) -> None:
    content = {"version": VERSION, "delivered": dict(sorted(delivered.items()))}
    write_whole(folder / DELIVERED, json.dumps(content, indent=1).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
