"""Is a tensor of this run larger than the memory? The run on shapes knows the largest, and needs none itself."""

import contextlib
import os
from typing import Any

import torch
from torch import nn

from ..cause import cause
from ..readings import Reading, told
from ..run import Edit, Run, Subject
from ..source import name_of
from ..words import Explanation

#: Where the machine does not tell how much memory it has.
_UNKNOWN = 1 << 40
#: A piece is sought with which the largest tensor takes at most this much.
_SMALL = 1 << 28


@cause()
def memory(subject: Subject, run: Run, said: str = "") -> Explanation | None:
    """A layer or an operation makes a tensor that is larger than the memory.

    Args:
        subject: the model and its input.
        run: its run on shapes.
        said: what torch said; "" if it was not asked.

    Returns:
        The explanation; None if the memory is enough and torch said nothing.

    Example:
        >>> class Attention(nn.Module):
        ...     def forward(self, x):
        ...         return torch.softmax(x.transpose(1, 2) @ x, dim=-1)
        >>> found = explain(Attention(), (1, 4, 4_000_000))
        >>> found.problem, "(1, 4000000, 4000000)" in found.text
        ('memory', True)
    """
    largest, (there_is, whose) = run.largest, _memory(subject)
    if largest is None or (not said and largest.bytes < there_is):
        return None
    where = ""
    if largest.visit is not None:
        where = f" in {largest.visit.path!r}" if largest.visit.path else f" in {name_of(largest.visit.module)}"
    line = f" The line is: {largest.line}" if largest.line else ""
    ways, also, length = _pieces(subject, run), "", max(subject_shape(run), default=0)
    if _grows_twice(subject, run):
        also = f" It grows with the square of the length: half of {length} takes a quarter."
    limit = "" if there_is == _UNKNOWN else f"; {whose} has {_words(there_is)}"
    lines = [
        f"The largest tensor of this run is {largest.shape}, made by {largest.function}{where}: "
        f"{_words(largest.bytes)}{limit}.",
        *([f"  torch says: {said}"] if said else []),
        f"  it means:   one tensor needs more memory than there is.{also}{line}",
    ]
    told_lines, fix, fixes = told(ways)
    lines += told_lines
    lines.append(
        "  Or make fewer numbers: a smaller batch, fewer channels, a stride or a pooling before it; for attention "
        "F.scaled_dot_product_attention, which does not keep the weights of all pairs."
    )
    return Explanation(False, "memory", "\n".join(lines), fix, [], run.rows(), fixes)


def asked_for(model: nn.Module, args: tuple[Any, ...], said: str) -> Explanation | None:
    """Explain that torch had no memory for a call of a model."""
    subject = Subject(model, args, "x", len(args) > 1, False)
    run = subject.run()
    return None if run.failure else memory(subject, run, said)


def subject_shape(run: Run) -> tuple[int, ...]:
    """The shape that the whole model saw."""
    return run.visits[0].inputs[0] if run.visits and run.visits[0].inputs else ()


def _grows_twice(subject: Subject, run: Run) -> bool:
    """Whether the largest tensor grows with the square of the length."""
    length = subject_shape(run)[-1] if subject_shape(run) else 0
    if subject.several or length < 4:
        return False
    half = subject.run((Edit("input", f"{{}}.narrow(-1, 0, {length // 2})"),))
    return half.failure is None and half.largest is not None and 3.5 * half.largest.bytes < run.largest.bytes


def _pieces(subject: Subject, run: Run) -> list[Reading]:
    """Cuts of the input with which every tensor is small: along the batch, and along the length."""
    shape, found = subject_shape(run), []
    if subject.several or not shape or not run.output_shape:
        return []
    alone = "the cases are computed one part after the other: the numbers stay the same, except in training"
    for axis, what in ((0, alone), (-1, "")):
        size = shape[axis]
        if axis == 0 and len(shape) < 3:
            continue
        piece = size
        while piece > 1 and not _fits(subject, axis, piece):
            piece = piece // 2
        if piece == size or not _fits(subject, axis, piece):
            continue
        cut = f"torch.cat([layer(part) for part in x.split({piece}, dim={axis})], dim={axis})"
        when = what or (
            f"pieces of {piece} samples may be computed each by itself: no output then sees across a cut, and "
            "each piece loses what the layers lose at the ends of a signal"
        )
        found.append(Reading(cut, when, "its pieces ran on shapes", sure=axis == 0))
    return found


def _fits(subject: Subject, axis: int, piece: int) -> bool:
    run = subject.run((Edit("input", f"{{}}.narrow({axis}, 0, {piece})"),))
    return run.failure is None and run.largest is not None and run.largest.bytes <= _SMALL


def _memory(subject: Subject) -> tuple[int, str]:
    """How much memory there is where the model runs, in bytes, and whose it is."""
    home = subject.home
    if home is not None and home.type == "cuda" and torch.cuda.is_available():
        return torch.cuda.get_device_properties(home).total_memory, str(home)
    return _machine(), "this machine"


def _machine() -> int:
    with contextlib.suppress(AttributeError, ValueError, OSError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return _UNKNOWN


def _words(size: int) -> str:
    for unit, name in ((1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size} bytes"
