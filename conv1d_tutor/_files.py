"""How is a file written so that nothing is lost, whatever happens in between?"""

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

#: So a file is called while it is written; what is left of one that was broken off can be told by its name.
UNFINISHED = ".tmp"
#: Seconds to wait for another program that has the same file in hand.
PATIENCE = 10.0


def write_whole(path: Path, content: bytes) -> None:
    """Write beside a file and move into its place: whoever looks sees the old file or the new one, never a half.

    Args:
        path: of the file; a link stays one.
        content: all of it.

    Raises:
        OSError: it cannot be written; what was there is untouched.
    """
    path = path.resolve()
    new = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # else a full disk, or a power cut, may show itself only after the move
        new.replace(path)
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Keep other programs out while a file is read and written anew.

    Args:
        path: of the file. The lock is a hidden file beside it, which stays; it is free when a program ends.
        patience: seconds to wait for others.

    Yields:
        Nothing.

    Raises:
        OSError: the lock cannot be made, or others keep it for too long.
    """
    with path.with_name(f".{path.name.lstrip('.')}.lock").open("a+b") as handle:
        ends = time.monotonic() + patience
        while not _taken(handle.fileno()):
            if time.monotonic() > ends:
                raise OSError(errno.EAGAIN, "another program has it in hand")
            time.sleep(0.01)
        yield  # closing the file frees the lock


def _taken(number: int) -> bool:
    """Try to take the lock on an open file, on any system."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True
