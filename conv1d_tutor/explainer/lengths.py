"""How long must the input be? Found by trying, on shapes alone."""

from collections.abc import Callable

from .run import resized
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
        least = least_that(lambda length, axis=axis: _passes(at, axis, length), at.x[axis] * 2 or 1, _MOST)
        if least:
            return axis, least
    return None


def least_that(passes: Callable[[int], bool], first: int, most: int) -> int | None:
    """Find the least number that passes, where all larger ones pass too.

    Args:
        passes: whether a number passes.
        first: the first that is tried; half of it is known not to pass.
        most: the largest that is tried.

    Example:
        >>> least_that(lambda n: n >= 37, 1, 1000), least_that(lambda n: n >= 37, 1, 30)
        (37, None)
    """
    long = first
    while long <= most and not passes(long):
        long *= 2
    if long > most:
        return None
    short = long // 2
    while long - short > 1:
        middle = (short + long) // 2
        short, long = (short, middle) if passes(middle) else (middle, long)
    return long


def next_length(at: Situation, both_ways: bool = False) -> tuple[int, int] | None:
    """Find the nearest length of the input with which the whole model runs as it is.

    Args:
        at: a run that stopped.
        both_ways: whether a shorter length will do too.

    Returns:
        The axis of the input that is the length, and that length; None if there is none nearby.
    """
    if len(at.x) != 3:
        return None
    # A model that turns its input itself slides along another axis than the last.
    axis = at.run.flow.time or len(at.x) - 1
    # A deep model is tried less often, so that an answer does not take long.
    for distance in range(1, min(_NEAR, 400 // len(at.run.visits)) + 1):
        for step in (distance, -distance) if both_ways else (distance,):
            edit = resized(len(at.x), axis, step)
            if at.x[axis] + step > 0 and at.subject.run((*at.edits, edit)).failure is None:
                return axis, at.x[axis] + step
    return None


def _passes(at: Situation, axis: int, length: int) -> bool:
    edits = (resized(len(at.x), axis, length - at.x[axis]),)
    return at.subject.passes(edits) or Situation(at.subject, at.subject.run(edits)).kind == "linear"
