"""How long must the input be? Found by trying, on shapes alone."""

from .run import Edit
from .situation import Situation

#: The longest input that is tried, and how far from the given length a fitting one is sought.
_MOST = 1 << 17
_NEAR = 32


def least_length(at: Situation) -> tuple[int, int] | None:
    """Find the least length of the input with which no layer is too short.

    Args:
        at: a run that stopped because a signal was too short.

    Returns:
        The axis of the input that is the length, and its least size; None if no size helps.
    """
    last = len(at.x) - 1
    for axis in [last] if last < 2 else [last, last - 1]:
        long = at.x[axis] * 2 or 1
        while long <= _MOST and not _passes(at, axis, long):
            long *= 2
        if long <= _MOST:
            short = long // 2
            while long - short > 1:
                middle = (short + long) // 2
                short, long = (short, middle) if _passes(at, axis, middle) else (middle, long)
            return axis, long
    return None


def next_length(at: Situation, both_ways: bool = False) -> int | None:
    """Find the nearest length of the input, on its last axis, with which the whole model runs as it is.

    Args:
        at: a run that stopped.
        both_ways: whether a shorter length will do too.

    Returns:
        That length, None if there is none nearby.
    """
    if len(at.x) != 3:
        return None
    # A deep model is tried less often, so that an answer does not take long.
    for distance in range(1, min(_NEAR, 400 // len(at.run.visits)) + 1):
        for step in (distance, -distance) if both_ways else (distance,):
            edit = Edit("input", f"F.pad({{}}, (0, {step}))")
            if at.x[-1] + step > 0 and at.subject.run((*at.edits, edit)).failure is None:
                return at.x[-1] + step
    return None


def _passes(at: Situation, axis: int, length: int) -> bool:
    ends = "0, 0, " * (len(at.x) - 1 - axis)
    edit = Edit("input", f"F.pad({{}}, ({ends}0, {length - at.x[axis]}))")
    run = at.subject.run((edit,))
    return run.failure is None or Situation(at.subject, run).kind == "linear"
