"""Which axis is which? Swap time and channels, and tell by values whether an array was turned or only cut anew."""

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .._refusals import Refused, is_tensor, refusing
from .._refusals import array as numbers
from .long_table import TableArray

#: How many explanations an unclear case lists.
ANSWERS = 4
MOST_AXES = 6


@refusing
def to_channels_first(array: Any) -> Any:
    """Swap the last two axes, from time first to channels first, as Conv1d reads.

    Which axis is time cannot be seen from numbers: the caller says that the last axis holds the channels.

    Args:
        array: NumPy array or torch tensor, (N, L, C) or (L, C).

    Returns:
        (N, C, L) or (C, L), of the same kind and dtype, contiguous in memory.

    Raises:
        TypeError: `array` is neither an array nor a tensor.
        ValueError: `array` has not two or three axes.

    Example:
        >>> to_channels_first(np.zeros((239, 49, 5))).shape
        (239, 5, 49)
        >>> to_channels_first(np.array([[1, 10], [2, 20], [3, 30]])).tolist()
        [[1, 2, 3], [10, 20, 30]]
    """
    if isinstance(array, TableArray):
        found, rule = "a TableArray: an array with its names.", "the axes of one array are swapped."
        raise Refused(found, rule, "to_channels_first(table.array).", TypeError)
    if isinstance(array, pd.DataFrame):
        array = array.to_numpy()
    if not hasattr(array, "shape"):
        found, rule = f"{type(array).__name__}.", "one NumPy array or torch tensor has its axes swapped."
        advice = "[to_channels_first(one) for one in ...] for a list, np.asarray(...) for numbers."
        raise Refused(found, rule, advice, TypeError)
    if not is_tensor(array):  # a tensor holds numbers always; on the meta device it has axes all the same
        numbers("array", array, empty=True)
    if len(array.shape) not in (2, 3):
        rule = "two axes (L, C) or three (N, L, C) can be turned: the channels are the last axis."
        advice = {1: "array[:, None] where it is one channel."}.get(len(array.shape), "drop or merge axes first.")
        raise Refused(f"{len(array.shape)} axes.", rule, advice)
    if is_tensor(array):
        return array.transpose(-1, -2).contiguous()
    return np.ascontiguousarray(np.swapaxes(array, -1, -2))


@dataclass(frozen=True)
class LayoutCheck:
    """What happened between two arrays.

    Attributes:
        code: ``"permuted"``, ``"reshaped"``, ``"unchanged"``, ``"neither"``, or ``"unclear"`` where the values
            fit several answers.
        text: the same as sentences.
        axes: for each axis of the second array the axis of the first that it was, as `permute` takes them;
            None unless permuted.
    """

    code: str
    text: str
    axes: tuple[int, ...] | None = None

    def __str__(self) -> str:
        """Give the sentences."""
        return self.text


@refusing
def check_layout(before: Any, after: Any) -> LayoutCheck:
    """Find out from the values whether an array was permuted, only reshaped, or neither.

    Args:
        before: array or tensor of any shape, up to six axes.
        after: the array or tensor made from it.

    Returns:
        A `LayoutCheck` with a code and a sentence that names the axes.

    Raises:
        TypeError: an argument is no array of numbers.
        ValueError: an argument has no values, or more than six axes.

    Example:
        >>> x = np.arange(24).reshape(2, 4, 3)  # 2 cases, 4 hours, 3 features
        >>> check_layout(x, x.transpose(0, 2, 1)).code
        'permuted'
        >>> print(check_layout(x, x.reshape(2, 3, 4)))
        reshaped: (2, 4, 3) was read in its order and cut anew into (2, 3, 4), so the axes no longer mean what they
        meant. For instance after[0, 0, 1] is before[0, 0, 1], where permute(0, 2, 1) has before[0, 1, 0].
    """
    before, after = (numbers(name, value) for name, value in (("before", before), ("after", after)))
    for name, one in (("before", before), ("after", after)):
        if one.ndim > MOST_AXES:
            rule = f"at most {MOST_AXES} axes can be compared: each order of them is tried."
            raise Refused(f"{name} has shape {one.shape}.", rule, "a smaller example with np.arange.")
    if before.dtype.kind == after.dtype.kind == "f":
        # A cast to float32 on the way is no change of layout.
        before, after = (one.astype(min(before.dtype, after.dtype)) for one in (before, after))
    if before.size != after.size:
        text = f"neither: {before.shape} holds {before.size} values, {after.shape} holds {after.size}."
        return LayoutCheck("neither", text)
    fits = _explanations(before, after)
    if not fits:
        sizes = f"{before.shape} to {after.shape}"
        text = f"neither: no order of the axes and no reshape leads from {sizes}; values were changed or moved."
        return LayoutCheck("neither", text)
    if len(fits) > 1:
        ways = ", ".join(check.code if check.axes is None else f"permute{check.axes}" for check in fits)
        text = f"unclear: the values fit more than one answer ({ways}), because some of them are equal."
        return LayoutCheck("unclear", f"{text} Try it with np.arange(before.size).reshape(before.shape).")
    return fits[0]


def _explanations(before: np.ndarray, after: np.ndarray) -> list[LayoutCheck]:
    """List every different way of moving the values of `before` that gives `after`."""
    index = np.arange(before.size).reshape(before.shape)
    found: list[tuple[np.ndarray, LayoutCheck]] = []

    def add(moved_index: np.ndarray, check: LayoutCheck) -> None:
        if len(found) == ANSWERS or not _equal(before.reshape(-1)[moved_index], after):
            return
        # With an axis of size 1, permute and reshape can be the same move: the first name is kept.
        if not any(np.array_equal(moved_index, other) for other, _ in found):
            found.append((moved_index, check))

    if before.shape == after.shape:
        add(index, LayoutCheck("unchanged", f"unchanged: {before.shape} and all values as before."))
    for axes in itertools.permutations(range(before.ndim)):
        if tuple(before.shape[axis] for axis in axes) == after.shape:
            add(index.transpose(axes), _permuted(before.shape, axes))
    add(index.reshape(after.shape), _reshaped(before.shape, after.shape))
    if before.ndim != after.ndim:
        # Rows cut into cases (or merged), and the axes turned after that.
        for axes in itertools.permutations(range(after.ndim)):
            middle = tuple(after.shape[axes.index(axis)] for axis in range(after.ndim))
            if _lines_up(before.shape, middle):
                check = _permuted(middle, axes, f"reshaped from {before.shape} to {middle}, then ")
                add(index.reshape(middle).transpose(axes), check)
    return [check for _, check in found]


def _permuted(shape: tuple[int, ...], axes: tuple[int, ...], first: str = "") -> LayoutCheck:
    moves = [
        f"axis {old} ({shape[old]}) {'stays' if old == axes.index(old) else f'became axis {axes.index(old)}'}"
        for old in range(len(shape))
    ]
    way = f"permute({', '.join(map(str, axes))})"
    return LayoutCheck("permuted", f"permuted: {first}{', '.join(moves)}: {way}.", axes)


def _reshaped(before: tuple[int, ...], after: tuple[int, ...]) -> LayoutCheck:
    text = f"reshaped: {before} was read in its order and cut anew into {after}"
    if _lines_up(before, after):
        return LayoutCheck("reshaped", f"{text}: axes were split or merged, none was turned.")
    text += ", so the axes no longer mean what they meant."
    # One value that a permute of the same shape would have put elsewhere makes the difference visible.
    for axes in itertools.permutations(range(len(before))):
        if tuple(before[axis] for axis in axes) == after:
            index = np.arange(math.prod(before)).reshape(before)
            cut, turned = index.reshape(after), index.transpose(axes)
            place = tuple(np.argwhere(cut != turned)[0])
            has, would = (np.unravel_index(one[place], before) for one in (cut, turned))
            text += f" For instance after{_indices(place)} is before{_indices(has)}, where permute"
            text += f"({', '.join(map(str, axes))}) has before{_indices(would)}."
            break
    return LayoutCheck("reshaped", text)


def _indices(place: Iterable[np.integer]) -> str:
    return str([int(index) for index in place])


def _lines_up(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Say whether two shapes differ only by splitting or merging neighbouring axes."""
    if math.prod(one) != math.prod(other):
        return False
    cuts = [set(itertools.accumulate(shape, lambda a, b: a * b)) for shape in (one, other)]
    return cuts[0] <= cuts[1] or cuts[1] <= cuts[0]


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fc" and other.dtype.kind in "fc"))
