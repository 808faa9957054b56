"""Can this be drawn? What is passed becomes rows, cells and texts, and what no eye could read is refused."""

import operator
from collections.abc import Sequence
from numbers import Number
from typing import Any

import numpy as np
from matplotlib.colors import is_color_like

from .._refusals import Refused, array, brief, entries, finite_number
from .._refusals import names as one_name_each

#: What one picture has room for. More rows are too many to compare, more cells side by side are narrower than
#: their numbers, and more of either takes seconds to draw.
ROOM = {"rows": 32, "cells side by side": 32, "cells": 600, "samples": 5_000_000}

#: An axis reaches further than its numbers, and its arithmetic must not overflow.
LARGEST = 1e100


def check_room(
    name: str, values: np.ndarray, *counts: int, times: bool = True, instead: str | None = None
) -> None:
    """Refuse a picture that no eye could read, and ask whether channels and time are swapped.

    Args:
        name: the argument that makes the picture large.
        values: its value, (rows, columns).
        counts: how many rows, cells side by side, cells, and samples of curves the picture would have.
        times: whether the columns are time steps.
        instead: what else may be tried.

    Raises:
        Refused: they are more than there is room for.
    """
    for count, (what, most) in zip(counts, ROOM.items(), strict=False):
        if count <= most:
            continue
        rows, columns = values.shape
        found = f"{name} has {rows} row{'' if rows == 1 else 's'} of {columns}: a picture of {count} {what}."
        advice = f"a part of it, such as {name}[{':8' if what == 'rows' else '..., :20'}]"
        advice = f"{advice}, or {instead}." if instead else f"{advice}."
        if times and rows > columns:
            turned = f"{name}.T has the shape {values.T.shape}; for a whole batch, {name}.permute(0, 2, 1)."
            advice = f"are channels and time swapped? {turned} If not, {advice}"
        raise Refused(found, f"one picture has room for {most} {what}.", advice)


def rows_of(
    name: str, values: np.ndarray, what: str = "signal", axes: str = "(channels, length) or (length,)"
) -> np.ndarray:
    """Take what is drawn row by row.

    Args:
        name: the argument's name.
        values: its value, an array.
        what: what it is, one of which is drawn.
        axes: the axes that it may have, in words.

    Returns:
        The same with two axes.

    Raises:
        Refused: it has other axes, for instance those of a batch.
    """
    if values.ndim in (1, 2):
        return np.atleast_2d(values)
    if values.ndim == 3:
        advice = f"{name}[0], the first of {len(values)}."
    else:
        advice = f"{name}[{', '.join('0' * (values.ndim - 2)) or 'None'}]."
    found = f"{name} of shape {values.shape}, {values.ndim} axes."
    raise Refused(found, f"one {what} is drawn at a time, and no batch: {axes}.", advice)


def signal(name: str, value: Any) -> np.ndarray:
    """Take one signal of numbers, (channels, length) or (length,), as (channels, length)."""
    return rows_of(name, array(name, value))


def heights(name: str, value: Any, *shapes: Sequence[str], finite: bool = False) -> np.ndarray:
    """Take numbers that become heights of a curve: real ones, not too large for an axis; gaps stay gaps."""
    found = array(name, value, *shapes, real=True, finite=finite)
    _check_scale(name, float(np.abs(found[np.isfinite(found)]).max(initial=0)))
    return found


def _check_scale(name: str, size: float) -> None:
    """Refuse a number that no axis has room for."""
    if size > LARGEST:
        rule = f"an axis has room for numbers up to {LARGEST:g}."
        raise Refused(f"{name} reaches {size:g}.", rule, "look for a division by almost zero.")


def cells(name: str, value: Any) -> np.ndarray:
    """Take numbers or short texts, (rows, columns) or (columns,), as (rows, columns)."""
    try:
        found = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):  # rows of different lengths, a tensor with a gradient, …
        found = None
    texts = found is not None and found.size and found.dtype.kind in "UO"
    if not texts or not all(isinstance(entry, str | Number) for entry in found.flat):
        found = array(name, value)
    return rows_of(name, found, "grid of cells", "(rows, columns) or (columns,)")


def fitting(name: str, value: Any, shape: tuple[int, ...], why: str, advice: str = "") -> np.ndarray:
    """Take an array of numbers that belongs to another.

    Args:
        name: the argument's name.
        value: the argument's value.
        shape: the shape it must have.
        why: the rule that gives this shape, in words.
        advice: what to try; None to say what would fit.

    Returns:
        The array.

    Raises:
        Refused: it has another shape.
    """
    found = array(name, value)
    if found.shape == shape:
        return found
    if not advice and found.shape[1:] == shape:
        advice = f"{name}[0], the first of {len(found)}."
    raise Refused(f"{name} of shape {found.shape}.", f"{why}, so {shape}.", advice or f"{name} of shape {shape}.")


def channel_names(
    name: str,
    given: Any,
    values: np.ndarray,
    what: str = "channel",
    axes: str = "(channels, length)",
    turned: str = "x.T, if time goes down the rows",
) -> list[str]:
    """Take a name for each row of an array; number the rows where there are none.

    Args:
        name: the argument's name.
        given: the names, or None.
        values: what they name, (channels, length).
        what: what one row is.
        axes: how the array is read.
        turned: what to try where it is named along its other axis.

    Returns:
        One text for each row.

    Raises:
        Refused: it is no list of so many names.
    """
    channels, length = values.shape
    swapped = isinstance(given, Sequence) and not isinstance(given, str) and channels != len(given) == length
    if swapped and what == "channel" and channels > 1:  # a single row may have come without an axis for it
        raise Refused(
            f"{len(given)} names for {channels} rows.",
            f"the array is read as {axes}, so shape {values.shape} has {channels} channels.",
            f"{turned}: it has shape {values.T.shape}.",
        )
    return one_name_each(name, given, channels, what)


def text(name: str, value: Any) -> str:
    """Take a text."""
    if not isinstance(value, str):
        raise Refused(f"{name}={brief(value)}.", f"{name} is a text.", f"{name}=str({name}).", TypeError)
    return value


def caption(name: str, value: Any) -> str | None:
    """Take a text, or None for none; where it is called before anything is drawn, a refusal costs no drawing."""
    return None if value is None else text(name, value)


def marks(name: str, value: Any, shape: tuple[int, int]) -> set[tuple[int, int]]:
    """Take the cells of a grid that are marked, as (row, column)."""
    rows, columns = shape
    rule = f"{name} holds cells as (row, column), counted from 0, of {rows} rows and {columns} columns."
    advice = f"{name}=[(0, 0), ({rows - 1}, {columns - 1})], the first cell and the last."
    found = set()
    for entry in _listed(name, value, rule, advice):
        try:
            row, column = map(operator.index, entry)
        except (TypeError, ValueError, RuntimeError):
            row = column = -1
        if not (0 <= row < rows and 0 <= column < columns):
            raise Refused(f"{brief(entry)} in {name}.", rule, advice)
        found.add((row, column))
    return found


def fill_colours(name: str, value: Any, shape: tuple[int, int]) -> Any:
    """Take a colour for each cell of a grid."""
    rule = f"{name} holds a colour for each cell, of {shape[0]} rows and {shape[1]} columns."
    advice = f"{name}=[['white'] * {shape[1]}] * {shape[0]}, or such as ROLES['input'].fill."
    found = [_listed(name, row, rule, advice) for row in _listed(name, value, rule, advice)]
    sizes = sorted({len(row) for row in found})
    if len(found) != shape[0] or sizes != [shape[1]]:
        columns = " or ".join(map(str, sizes)) or "0"
        raise Refused(f"{name} of {len(found)} rows and {columns} columns.", rule, advice)
    for row in found:
        for colour in row:
            if not is_color_like(colour):
                raise Refused(f"{brief(colour)} in {name}, no colour.", rule, advice)
    return found


def _listed(name: str, value: Any, rule: str, advice: str) -> list[Any]:
    """Take what a list holds."""
    found = entries(value)
    if found is None:
        raise Refused(f"{brief(value)} in {name}.", rule, advice, TypeError)
    return found


def stretches(name: str, value: Any) -> list[tuple[float, float]]:
    """Take stretches of time, each (from, to)."""
    rule, advice = f"{name} holds stretches of time as (from, to).", f"{name}=[(0, 1)]."
    found = []
    for entry in _listed(name, value, rule, advice):
        ends = _listed(name, entry, rule, advice)
        if len(ends) != 2:
            raise Refused(f"{brief(entry)} in {name}.", rule, advice)
        found.append(tuple(finite_number(f"an end in {name}", end) for end in ends))
        _check_scale(name, max(map(abs, found[-1])))
    return found
