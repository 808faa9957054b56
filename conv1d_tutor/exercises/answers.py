"""Is this what was asked for: the same kind of thing, and the same value?"""

import math
from typing import Any

import numpy as np
from torch import nn

from .._refusals import Refused, array
from ..verify.values import describe_difference, describe_shapes, first_difference, tolerance_for

Number = int | float
#: A range is read to here; no answer is longer.
MOST = 1000


def plain(value: Any) -> Any:
    """Write an answer in plain types, so that only its value counts.

    Args:
        value: anything; tensors on any device, with or without a gradient.

    Returns:
        Tensors, arrays and tables as a copy in NumPy, numbers in them as Python's own, lists, ranges and
        torch.Size as tuples, sets as frozensets, and everything else as it is.

    Raises:
        Refused: an array does not hold numbers.
    """
    if hasattr(type(value), "__array__"):
        values = array("the answer", value, empty=True).copy()
        return values if values.ndim else values.item()
    if isinstance(value, range):
        return tuple(value[:MOST])
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, set | frozenset):
        return frozenset(plain(item) for item in value)
    return value


def is_blank(answer: Any) -> bool:
    """Say whether nothing was answered: None, ``...``, an empty text, or a tuple with one of these in it."""
    if isinstance(answer, list | tuple):
        return any(item is None or item is ... for item in answer)
    return answer is None or answer is ... or (isinstance(answer, str) and not answer.strip())


def same(mine: Any, expected: Any, tolerance: float) -> bool:
    """Compare two answers by value.

    Args:
        mine, expected: answers as `plain` writes them.
        tolerance: for floats, as a part of the expected value, in an array of its largest. Whole numbers are
            compared exactly.

    Returns:
        Whether they agree. True is not 1, of a text only the letters and digits count, and a set has no order.
    """
    mine = like(mine, expected)
    if isinstance(expected, np.ndarray):
        if not isinstance(mine, np.ndarray) or mine.shape != expected.shape:
            return False
        return first_difference(mine, expected, _tolerance(mine, expected, tolerance)) is None
    if isinstance(expected, tuple):
        fits = isinstance(mine, tuple) and len(mine) == len(expected)
        return fits and all(same(a, b, tolerance) for a, b in zip(mine, expected, strict=True))
    if isinstance(expected, str):
        return isinstance(mine, str) and _letters(mine) == _letters(expected)
    if isinstance(expected, frozenset):
        return isinstance(mine, frozenset) and mine == expected
    if isinstance(expected, bool) or isinstance(mine, bool):
        return isinstance(mine, bool) and isinstance(expected, bool) and mine == expected
    if isinstance(expected, Number) and isinstance(mine, Number):
        close = isinstance(expected, float) and math.isclose(mine, expected, rel_tol=tolerance, abs_tol=1e-12)
        return mine == expected or close
    return expected is None and mine is None


def like(mine: Any, expected: Any) -> Any:
    """Write an answer in the form that is expected, where both forms say the same.

    Args:
        mine, expected: answers as `plain` writes them.

    Returns:
        Rows of numbers as an array, or an array as rows, a row of an array as a tuple, the numbers of a set as a
        set, letters one by one as a text; all of these, and a number, without brackets around the whole, as in the
        (1, 1, 5) of a weight. Otherwise the answer as it is.
    """
    if isinstance(expected, np.ndarray):
        try:
            return array("the answer", mine, empty=True) if isinstance(mine, tuple) else mine
        except Refused:
            return mine
    if (
        isinstance(mine, np.ndarray)
        and isinstance(expected, tuple)
        and any(isinstance(row, tuple) for row in expected)
    ):
        mine = plain(mine.tolist())
    if isinstance(mine, np.ndarray) and mine.size == max(mine.shape, default=0):
        row = tuple(mine.ravel().tolist())
    elif isinstance(mine, tuple):
        row = mine
        while len(row) == 1 and isinstance(row[0], tuple):
            row = row[0]
    else:
        return frozenset([mine]) if isinstance(expected, frozenset) and isinstance(mine, Number) else mine
    if isinstance(expected, tuple):
        return row
    if isinstance(expected, frozenset) and all(isinstance(item, Number) for item in row):
        return frozenset(row)
    if isinstance(expected, str) and all(isinstance(item, str) for item in row):
        letters = len(row) == 1 or all(len(item.strip()) == 1 for item in row)
        return "".join(row) if letters else mine
    return row[0] if isinstance(expected, Number) and len(row) == 1 else mine


def _letters(text: str) -> str:
    """What counts of a word: "L, c, n" is "LCN"."""
    return "".join(filter(str.isalnum, text)).casefold()


def wrong_kind(answer: Any, expected: Any, words: tuple[str, ...]) -> str:
    """Say that another kind of thing is asked for.

    Args:
        answer: the answer.
        expected: what the solution returned.
        words: where the answer is one of a few words, these.

    Returns:
        A sentence, without a capital; empty where the kind is right.
    """
    of_axes, expected = _of_axes(expected), plain(expected)
    mine = like(plain(answer), expected)
    if isinstance(expected, np.ndarray):
        asked, fits = "a tensor is asked for", isinstance(mine, np.ndarray)
    elif isinstance(expected, tuple):
        whole = all(_is_whole(size) for size in expected)
        asked = f"a tuple of {len(expected)} values is asked for"
        asked = "a tuple of whole numbers is asked for, such as (3, 1)" if whole else asked
        asked = "a shape is asked for, such as (2, 3, 4)" if of_axes else asked
        fits = isinstance(mine, tuple) and (not whole or all(_is_whole(size) for size in mine))
    elif isinstance(expected, frozenset):
        asked = "whole numbers are asked for, such as (0, 4)"
        fits = isinstance(mine, frozenset) and all(_is_whole(item) for item in mine)
    elif isinstance(expected, str):
        listed = ", ".join(f'"{word}"' for word in sorted(words))
        asked, fits = f"one of these words is asked for: {listed}", isinstance(mine, str)
        fits = fits and any(same(mine, word, 0) for word in words)
    elif isinstance(expected, bool):
        asked, fits = "True or False is asked for", isinstance(mine, bool)
    elif isinstance(expected, int):
        asked, fits = "a whole number is asked for, such as 7", _is_whole(mine)
    else:
        asked = "a number is asked for, such as 2.5"
        fits = isinstance(mine, Number) and not isinstance(mine, bool)
    in_shape = " Its shape is in `.shape`." if of_axes and isinstance(mine, np.ndarray) else ""
    return "" if fits else f"{asked}; {_this_is(answer, mine, expected)}{in_shape}"


def _of_axes(expected: Any) -> bool:
    """Say whether a size for each axis is asked for: tell a torch.Size from another tuple."""
    return type(expected).__name__ == "Size"


def _is_whole(value: Any) -> bool:
    return isinstance(value, Number) and not isinstance(value, bool) and value % 1 == 0


def _this_is(answer: Any, mine: Any, expected: Any) -> str:
    """Say what the answer is instead, and how to get from there to what is asked for."""
    if isinstance(mine, float) and math.isnan(mine):
        return "this is nan, not a number: a step before it went wrong, as 0 / 0 does."
    if isinstance(mine, str) and isinstance(expected, str):
        return f'this is "{mine.strip()[:40]}".'
    if isinstance(mine, Number) and not isinstance(mine, bool):
        return f"this is {mine}."
    if isinstance(mine, tuple) and isinstance(expected, tuple):
        return f"this is {str(mine)[:60]}."
    this = f"this is {a(type(answer).__name__)}"
    if isinstance(mine, str):
        return f"{this}. Write it without quotes."
    if isinstance(answer, nn.Module):
        return "this is a layer. Read what is asked for from the layer, or from what comes out of it."
    if callable(answer):
        return f"{this}. Call it, and check what it returns."
    return f"{this}."


def a(noun: str) -> str:
    """Put "a" or "an" before a noun."""
    return f"{'an' if noun[:1].lower() in 'aeio' or noun == 'ndarray' else 'a'} {noun}"


def wrong_value(mine: Any, expected: Any) -> str:
    """Say what of a wrong value is right, and not what would be.

    Args:
        mine: the answer.
        expected: what the solution returned; it is of the same kind, and differs.

    Returns:
        A sentence or two, without a capital.
    """
    place, parts = ("axis", "axes ") if _of_axes(expected) else ("index", "")
    one, several = ("axis", "axes") if _of_axes(expected) else ("value", "values")
    expected = plain(expected)
    mine = like(plain(mine), expected)
    if isinstance(expected, np.ndarray):
        return array_difference(mine, expected, 0)
    if isinstance(expected, tuple):
        if len(mine) != len(expected):
            too = "too many" if len(mine) > len(expected) else "too few"
            return f"{mine} has {len(mine)} {one if len(mine) == 1 else several}, and that is {too}."
        off = [i for i, pair in enumerate(zip(mine, expected, strict=True)) if not same(*pair, 0)]
        if sorted(map(str, mine)) == sorted(map(str, expected)):
            return f"in {mine} are the right numbers, but not in the right order."
        right = len(expected) - len(off)
        wrong = ", ".join(map(str, off))
        return f"in {mine}, {right} of {len(expected)} {parts}are right; not right: {place} {wrong}."
    if isinstance(expected, frozenset):
        fitting, others = written(mine & expected), written(mine - expected)
        if not others:
            return "nothing is wrong with these, but something is missing."
        return f"not right: {others}; {f'right: {fitting}' if fitting else 'none of these is right'}."
    if isinstance(expected, Number) and not isinstance(expected, bool):
        return f"{mine} is too {'large' if mine > expected else 'small'}."
    return f"{mine} is not right."


def written(value: Any) -> str:
    """Write a value as a learner would type it; a set as its numbers."""
    value = plain(value)
    return ", ".join(map(str, sorted(value))) if isinstance(value, frozenset) else str(value)


def _tolerance(mine: np.ndarray, expected: np.ndarray, tolerance: float) -> float:
    """How far arrays may differ: whole numbers not at all, floats by what their type or the question allows."""
    rounding = tolerance_for(mine, expected)
    return max(rounding, tolerance) if rounding else 0


def array_difference(mine: np.ndarray, expected: np.ndarray, tolerance: float) -> str:
    """Say in what two arrays differ: in shape, or where first.

    Args:
        mine, expected: two arrays.
        tolerance: as in `same`.

    Returns:
        Lines of text; empty where they do not differ.
    """
    if mine.shape != expected.shape:
        told = describe_shapes(mine.shape, expected.shape)
        if mine.ndim == expected.ndim or not same(mine.squeeze(), expected.squeeze(), tolerance):
            return told
        if mine.ndim > expected.ndim:
            return f"the numbers are right, but not in this shape: it has more axes, of size 1.\n{told}"
        missing = "an axis of size 1 is missing. `squeeze()` without a number takes away every one of them."
        return f"the numbers are right, but {missing}\n{told}"
    difference = first_difference(mine, expected, _tolerance(mine, expected, tolerance))
    return describe_difference(difference) if difference else ""
