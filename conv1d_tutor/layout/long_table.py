"""How does a table in long form, one row per case and time, become an array (cases, time, features)?"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from .._refusals import Refused, brief, entries, finite_number, refusing
from . import tables


class TableArray(NamedTuple):
    """A table as an array, with what its axes mean.

    Attributes:
        array: (cases, time, features), float32.
        ids: (cases,) the case of each entry of axis 0, in the table's order.
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
    case: str,
    time: str,
    features: Sequence[str],
    *,
    fill: float | Literal["previous"] | None = None,
    pad: Literal["end", "start"] | None = None,
) -> TableArray:
    """Turn a table in long form into an array, case by case and in the order of time.

    Rows of different cases may be mixed, but within a case time must rise from row to row. Nothing is guessed: a
    gap is an error unless `fill` says what belongs there, unequal lengths are an error unless `pad` says where to
    add. Conv1d takes the distance between steps to be equal; a time that no case has is not seen as a gap.

    Args:
        df: one row per case and time.
        case: the column that names the case: patient, recording, machine.
        time: the column that orders the rows of a case.
        features: the columns of numbers to take, in this order.
        fill: what to write where a row or a value is missing: a number, or ``"previous"`` for the last value
            of the same case.
        pad: where to add zeros to cases that are shorter than the longest: ``"end"`` or ``"start"``.

    Returns:
        TableArray(array, ids, times, names, mask), array as (cases, time, features) in float32.

    Raises:
        TypeError: `df` is no table, or `features` no list of names.
        ValueError: a column is missing or holds text, rows are twice there or out of order, or there are gaps.

    Example:
        >>> df = pd.DataFrame({"id": ["a", "a", "b", "b"], "hour": [0, 1, 0, 1],
        ...                    "pulse": [70, 72, 80, 81], "spo2": [97, 96, 99, 98]})
        >>> table = table_to_array(df, case="id", time="hour", features=["pulse", "spo2"])
        >>> table.array.shape, table.ids.tolist()
        ((2, 2, 2), ['a', 'b'])
        >>> table.array[0].tolist()
        [[70.0, 97.0], [72.0, 96.0]]
    """
    names = _check_arguments(df, case, time, features, fill, pad)
    values = np.column_stack([tables.numbers(df, name) for name in names])
    case_codes, ids, time_codes, times = tables.number_rows(df, case, time)
    grid = tables.Grid(case, time, np.asarray(ids), np.asarray(times), names)

    array, inside = grid.spread(values, case_codes, time_codes, whole=pad is None)
    gaps = np.isnan(array) & inside[:, :, None]
    if gaps.any() and fill is None:
        grid.refuse_gaps(gaps, case_codes, time_codes)
    if fill == "previous":
        array = grid.carry_forward(array, gaps)
    elif fill is not None:
        array[gaps] = fill
    if pad is None:
        return TableArray(array.astype(np.float32), grid.ids, grid.times, names, inside)
    array, mask = tables.push(array, inside, pad)
    return TableArray(array.astype(np.float32), grid.ids, np.arange(array.shape[1]), names, mask)


def _check_arguments(df: Any, case: str, time: str, features: Any, fill: Any, pad: Any) -> tuple[str, ...]:
    """Refuse what can be refused before any row is read; return the features' names."""
    if not isinstance(df, pd.DataFrame):
        rule = "df is a pandas DataFrame in long form, one row per case and time."
        raise Refused(f"df is {type(df).__name__}.", rule, "pd.read_csv(...) or pd.DataFrame(...).", TypeError)
    names = entries(features)
    if names is None:
        rule = "features is a list of column names, and its order is the order of the channels."
        raise Refused(f"features={brief(features)}.", rule, f"features=[{brief(features)}].", TypeError)
    wanted = [case, time, *names]
    if not names or len(set(map(repr, wanted))) != len(wanted):
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
    return tuple(names)


def _is_float32(value: Any) -> bool:
    """Say whether a value is one number that stays finite in float32."""
    try:
        return abs(finite_number("fill", value)) <= tables.LARGEST
    except Refused:
        return False
