"""How does a table in long form, one row per case and time, become an array (cases, time, features)?"""

import warnings
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from .._refusals import Refused, brief, entries, finite_number, refusing
from . import tables
from .frames import no_frame


class TableArray(NamedTuple):
    """A table as an array, with what its axes mean.

    Attributes:
        array: (cases, time, features), float32.
        ids: (cases,) the case of each entry of axis 0, in the table's order; tuples where several columns name it.
        times: (time,) the times of axis 1; with padding the steps 0, 1, 2, … of each case.
        names: the features of axis 2.
        mask: (cases, time) of bool, False where padding was added.
    """

    array: np.ndarray
    ids: np.ndarray
    times: np.ndarray
    names: tuple[str, ...]
    mask: np.ndarray

    def __repr__(self) -> str:
        """Say the shape and the names, not the numbers."""
        return f"TableArray(array {self.array.shape}, names={list(self.names)})"


@refusing
def table_to_array(
    df: pd.DataFrame,
    case: str | list[str],
    time: str,
    features: Sequence[str],
    *,
    fill: float | Literal["previous"] | None = None,
    pad: Literal["end", "start"] | None = None,
) -> TableArray:
    """Turn a table in long form into an array, case by case and in the order of time.

    Rows of different cases may be mixed, but within a case time must rise from row to row. Nothing is guessed: a
    gap is an error unless `fill` says what belongs there, unequal lengths are an error unless `pad` says where to
    add, and a grid of which most would be filled in is refused. Conv1d takes the distance between steps to be
    equal; where it is not, as at a time that no case has, a warning says so.

    Where a table is refused, the line of code that is advised has run on a copy of that table.

    Args:
        df: one row per case and time.
        case: the column that names the case: patient, recording, machine; a list where several do it together.
        time: the column that orders the rows of a case.
        features: the columns of numbers to take, in this order.
        fill: what to write where a row or a value is missing: a number, or ``"previous"`` for the last value
            of the same case.
        pad: where to add zeros to cases that are shorter than the longest: ``"end"`` or ``"start"``.

    Returns:
        TableArray(array, ids, times, names, mask), array as (cases, time, features) in float32.

    Raises:
        TypeError: `df` is no table, or `features` no list of names.
        ValueError: a column is missing or holds text, rows are twice there or out of order, there are gaps, or
            no row for most of the cells.

    Example:
        >>> df = pd.DataFrame({"id": ["a", "a", "b", "b"], "hour": [0, 1, 0, 1],
        ...                    "pulse": [70, 72, 80, 81], "spo2": [97, 96, 99, 98]})
        >>> table = table_to_array(df, case="id", time="hour", features=["pulse", "spo2"])
        >>> table.array.shape, table.ids.tolist()
        ((2, 2, 2), ['a', 'b'])
        >>> table.array[0].tolist()
        [[70.0, 97.0], [72.0, 96.0]]
    """
    cases, names = _check_arguments(df, case, time, features, fill, pad)
    values = np.column_stack([tables.numbers(df, name) for name in names])
    grid = tables.Grid(df, cases, time, names)

    array, inside = grid.spread(values, whole=pad is None)
    gaps = np.isnan(array) & inside[:, :, None]
    if gaps.any() and fill is None:
        grid.refuse_gaps(gaps)
    if fill == "previous":
        array = grid.carry_forward(array, gaps)
    elif fill is not None:
        array[gaps] = fill
    if uneven := grid.uneven(inside):
        warnings.warn(uneven, stacklevel=3)  # at the line of the caller, outside the door
    if pad is None:
        return TableArray(array.astype(np.float32), grid.ids, np.asarray(grid.times), names, inside)
    array, mask = tables.push(array, inside, pad)
    return TableArray(array.astype(np.float32), grid.ids, np.arange(array.shape[1]), names, mask)


def _check_arguments(
    df: Any, case: Any, time: str, features: Any, fill: Any, pad: Any
) -> tuple[list[str], tuple[str, ...]]:
    """Refuse what can be refused before any row is read; return the columns of the case and of the features."""
    if not isinstance(df, pd.DataFrame):
        rule = "df is a pandas DataFrame in long form, one row per case and time."
        given = no_frame(df, case, time)
        raise Refused(f"df is {given.kind}.", rule, given.advice, TypeError)
    names = entries(features)
    if names is None:
        rule = "features is a list of column names, and its order is the order of the channels."
        raise Refused(f"features={brief(features)}.", rule, f"features=[{brief(features)}].", TypeError)
    cases = case if isinstance(case, list) else [case]  # a tuple can be the name of one column
    if isinstance(case, tuple) and case not in df.columns and set(case) <= set(df.columns):
        rule = "several columns that name the case together are a list."
        raise Refused(f"case={brief(case)}.", rule, f"case={brief(list(case))}.", TypeError)
    wanted = [*cases, time, *names]
    if not names or not cases or len(set(map(repr, wanted))) != len(wanted):
        found = f"case={brief(case)}, time={brief(time)}, features={brief(names)}."
        rule = "case, time and at least one feature are different columns, each named once."
        raise Refused(found, rule, "each column once.")
    tables.check_columns(df, wanted)
    if len(df) == 0:
        raise Refused("a table without rows.", "one row per case and time is needed.", "len(df) first.")
    if pad is not None and not (isinstance(pad, str) and pad in ("end", "start")):
        rule = "zeros are added behind a short case, 'end', or before it, 'start'."
        raise Refused(f"pad={brief(pad)}.", rule, "pad='end'.")
    if not (fill is None or (isinstance(fill, str) and fill == "previous") or _is_float32(fill)):
        rule = "a gap gets a finite number, or 'previous' for the last value of the same case; "
        rule += f"float32 ends at {tables.LARGEST:.3g}."
        raise Refused(f"fill={brief(fill)}.", rule, "fill=0.0 or fill='previous'.")
    return cases, tuple(names)


def _is_float32(value: Any) -> bool:
    """Say whether a value is one number that stays finite in float32."""
    try:
        return abs(finite_number("fill", value)) <= tables.LARGEST
    except Refused:
        return False
