"""Where does an error or a tensor come from? The line of the user's own code, and who said it."""

import linecache
import opcode
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType

import torch

_TORCH = str(Path(torch.__file__).parent)
_HERE = str(Path(__file__).parent)
_PYTHON = sysconfig.get_path("stdlib")
_RAISE = opcode.opmap["RAISE_VARARGS"]


def line_of(error: BaseException) -> str:
    """The source of the last line outside Python, torch and this package that an error came through, or ""."""
    line = ""
    for trace in traces(error):
        line = _source(trace.tb_frame, trace.tb_lineno) or line
    return line


def line_at(frame: FrameType | None) -> str:
    """The source of the innermost line outside Python, torch and this package that is being run, or ""."""
    while frame is not None and _is_a_librarys(frame.f_code.co_filename):
        frame = frame.f_back
    return _source(frame, frame.f_lineno) if frame else ""


def is_of_own_code(error: BaseException) -> bool:
    """Whether a ``raise`` or an ``assert`` in the user's own code made this error, not torch.

    Args:
        error: an error with its traceback.
    """
    return raised_in(error) is not None


def raised_in(error: BaseException) -> FrameType | None:
    """The frame of the ``raise`` or ``assert`` that made this error, None if it is not in code of a model.

    Args:
        error: an error with its traceback.
    """
    *_, last = [None, *traces(error)]
    raises = last is not None and last.tb_frame.f_code.co_code[last.tb_lasti] == _RAISE
    return last.tb_frame if raises and not _is_a_librarys(last.tb_frame.f_code.co_filename) else None


def traces(error: BaseException) -> Iterator[TracebackType]:
    """The parts of a traceback, outermost first."""
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next


def is_own(frame: FrameType) -> bool:
    """Whether a frame runs code that is not of Python, torch or this package."""
    name = frame.f_code.co_filename
    return not _is_a_librarys(name) and (not name.startswith("<") or name.startswith("<ipython"))


def _is_a_librarys(name: str) -> bool:
    """Whether a file is one of Python, torch or this package."""
    return name.startswith((_TORCH, _HERE)) or (name.startswith(_PYTHON) and "-packages" not in name)


def _source(frame: FrameType, number: int) -> str:
    return linecache.getline(frame.f_code.co_filename, number).strip() if is_own(frame) else ""
