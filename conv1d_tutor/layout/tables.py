"""What can be wrong with a table in long form, and how its rows become a grid of cases and times."""

import difflib
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pandas as pd

from .._refusals import Refused, brief

SHOWN = 5  # rows or gaps that an error lists before it only counts

#: The largest number that the array, in float32, can hold; a larger one would become infinite.
LARGEST = float(np.finfo(np.float32).max)


def listing(items: Iterable[str], total: int) -> str:
    """Write the first few of many items, and how many there are in all."""
    shown = [item for item, _ in zip(items, range(SHOWN), strict=False)]
    rest = f", … ({total} in all)" if total > len(shown) else ""
    return ", ".join(shown) + rest


def check_columns(df: pd.DataFrame, wanted: Sequence[str]) -> None:
    """Refuse a table that lacks a column, or has one twice.

    Args:
        df: the table.
        wanted: the names of the columns that are needed.

    Raises:
        Refused: a column is missing or there twice.
    """
    columns = list(df.columns)
    missing = [name for name in wanted if not _names_one_of(columns, name)]
    if missing:
        found = f"no column {', '.join(map(brief, missing))}; there are {', '.join(map(repr, columns))}."
        near = [difflib.get_close_matches(str(name), map(str, columns), n=1) for name in missing]
        advice = f"{near[0][0]!r}, which is similar." if near[0] else "one of the names that are there."
        if _names_one_of(df.index.names, missing[0]):
            advice = f"df.reset_index(): {missing[0]!r} is the index."
        raise Refused(found, "case, time and every feature are columns of the table.", advice)
    twice = [name for name in wanted if columns.count(name) > 1]
    if twice:
        rule = "a name stands for one column."
        raise Refused(f"{columns.count(twice[0])} columns named {twice[0]!r}.", rule, "rename one of them.")


def _names_one_of(columns: Iterable[Any], name: Any) -> bool:
    """Say whether a column has this name, also where the name is something that cannot be one."""
    # A set asks for the hash first, and so never compares an array with a name, which has no answer.
    return pd.api.types.is_hashable(name) and name in set(columns)


def bad_numbers(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Read a column as numbers.

    Args:
        column: any column.

    Returns:
        (values, bad): float64 with NaN where nothing is written; True where something is, but no finite number.
    """
    if column.dtype.kind in "biuf":
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    elif column.dtype.kind in "O" and column.dtype.name != "category":
        values = pd.to_numeric(column.map(_real), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        values = np.full(len(column), np.nan)
    return values, (np.isnan(values) & column.notna().to_numpy()) | np.isinf(values)


def _real(value: Any) -> Any:
    """Take for no number what pandas stumbles over, or takes without its imaginary part."""
    if isinstance(value, complex | np.complexfloating):
        return math.nan
    return math.inf if isinstance(value, int) and abs(value) > LARGEST else value


def numbers(df: pd.DataFrame, name: str) -> np.ndarray:
    """Take one column as numbers, NaN where nothing is written.

    Args:
        df: the table.
        name: the column.

    Returns:
        (rows,) of float64.

    Raises:
        Refused: the column holds text, dates, infinity or what float32 cannot hold; it names the rows.
    """
    values, bad = bad_numbers(df[name])
    rule = f"a feature is a column of finite numbers, and {name!r} is {df[name].dtype}."
    advice = f"df[{name!r}] = pd.to_numeric(df[{name!r}], errors='coerce')."
    if not bad.any():
        bad = np.abs(values) > LARGEST
        rule = f"the array is float32, which ends at {LARGEST:.3g}; a larger number would become infinite."
        advice = f"a larger unit, or df.loc[df[{name!r}].abs() > {LARGEST:.3g}, {name!r}] = np.nan for a gap."
    if bad.any():
        rows = df[name][bad]
        found = listing((f"row {row!r} has {brief(value)}" for row, value in rows.items()), len(rows))
        raise Refused(f"{name}: {found}.", rule, advice)
    return values


def number_rows(df: pd.DataFrame, case: str, time: str) -> tuple[np.ndarray, pd.Index, np.ndarray, pd.Index]:
    """Number the case and the time of each row.

    Args:
        df: the table.
        case, time: names of columns.

    Returns:
        (case_codes, ids, time_codes, times): for each row the place of its case in `ids`, which are in the order
        of the table, and of its time in `times`, which rise.

    Raises:
        Refused: times are text, rows lack a case or a time, are there twice or out of order; it names the rows.
    """
    if df[time].dtype == object or df[time].dtype.name in ("str", "string", "category"):
        rows = listing((f"row {row!r} has {brief(value)}" for row, value in df[time].items()), len(df))
        rule = f"{time!r} holds numbers or dates, as text sorts '10' before '2'."
        advice = f"df[{time!r}] = pd.to_numeric(df[{time!r}]), or pd.to_datetime(df[{time!r}])."
        raise Refused(f"{time}: {rows}.", rule, advice)
    if not df[case].map(pd.api.types.is_hashable).all():
        rule = f"{case!r} holds one name or number in each row."
        found = f"{case}: row {df.index[0]!r} has {brief(df[case].iloc[0])}."
        raise Refused(found, rule, f"df[{case!r}] = df[{case!r}].map(str).")
    case_codes, ids = pd.factorize(df[case])
    time_codes, times = pd.factorize(df[time], sort=True)
    _check_rows(df, case, time, case_codes, time_codes)
    return case_codes, ids, time_codes, times


def _check_rows(df: pd.DataFrame, case: str, time: str, case_codes: np.ndarray, time_codes: np.ndarray) -> None:
    """Refuse rows without a case or time, rows that are there twice, and rows out of order."""
    labels = df.index.to_numpy()
    for name, codes in ((case, case_codes), (time, time_codes)):
        empty = labels[codes < 0]
        if len(empty):
            found = f"no {name!r} in {listing((f'row {row!r}' for row in empty.tolist()), len(empty))}."
            rule = "every row says which case and which time it belongs to."
            raise Refused(found, rule, f"df.dropna(subset=[{name!r}]).")
    twice = df.duplicated([case, time], keep=False).to_numpy()
    if twice.any():
        found = f"twice the same: {_rows(df, case, time, twice)}."
        rule = f"a pair of {case!r} and {time!r} is there once, or one cell would get two values."
        advice = f"df.drop_duplicates([{case!r}, {time!r}]), or groupby(...).mean() to merge them."
        raise Refused(found, rule, advice)
    order = np.argsort(case_codes, kind="stable")
    falls = np.zeros(len(df), dtype=bool)
    same_case = np.diff(case_codes[order]) == 0
    falls[order[1:]] = same_case & (np.diff(time_codes[order]) < 0)
    if falls.any():
        found = f"time falls at {_rows(df, case, time, falls)}."
        rule = f"the rows of a {case!r} are in the order of {time!r}."
        raise Refused(found, rule, f"df = df.sort_values([{case!r}, {time!r}]).")


def _rows(df: pd.DataFrame, case: str, time: str, chosen: np.ndarray) -> str:
    some = df[chosen]
    rows = zip(some.index.tolist(), some[case], some[time], strict=True)
    return listing((f"row {row!r} ({who}, {when})" for row, who, when in rows), len(some))


class Grid(NamedTuple):
    """The cases and times of a table, and how its errors call them."""

    case: str
    time: str
    ids: np.ndarray
    times: np.ndarray
    names: tuple[str, ...]

    def spread(
        self, values: np.ndarray, case_codes: np.ndarray, time_codes: np.ndarray, whole: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Put every row into its cell.

        Args:
            values: (rows, features).
            case_codes, time_codes: (rows,) the cell of each row.
            whole: every case is to have every time; else each from its own first to its own last.

        Returns:
            (array, inside): (cases, time, features) with NaN in empty cells, and (cases, time) of bool.

        Raises:
            Refused: the cases share so few times that the grid would be almost empty.
        """
        cells = len(self.ids) * len(self.times)
        if cells > 50 * len(values) + 10_000:
            found = f"{len(values)} rows, but {len(self.ids)} cases with {len(self.times)} different times."
            rule = f"cases share their times, and here {100 * len(values) / cells:.1f} % of the cells have a row."
            advice = f"count from each case's own start: df.groupby({self.case!r}).cumcount()."
            raise Refused(found, rule, advice)
        array = np.full((len(self.ids), len(self.times), len(self.names)), np.nan)
        array[case_codes, time_codes] = values
        if whole:
            return array, np.ones(array.shape[:2], dtype=bool)
        present = np.zeros(array.shape[:2], dtype=bool)
        present[case_codes, time_codes] = True
        return array, np.logical_or.accumulate(present, 1) & np.logical_or.accumulate(present[:, ::-1], 1)[:, ::-1]

    def refuse_gaps(self, gaps: np.ndarray, case_codes: np.ndarray, time_codes: np.ndarray) -> NoReturn:
        """List the gaps; unequal lengths are told from holes.

        Args:
            gaps: (cases, time, features) of bool.
            case_codes, time_codes: (rows,) the cell of each row.

        Raises:
            Refused: always.
        """
        first = np.full(len(self.ids), len(self.times))
        last = np.full(len(self.ids), -1)
        np.minimum.at(first, case_codes, time_codes)
        np.maximum.at(last, case_codes, time_codes)
        steps = np.arange(len(self.times))
        inside = (steps >= first[:, None]) & (steps <= last[:, None])
        rule = f"every case has a value at each of the {len(self.times)} times."
        if not (gaps & inside[:, :, None]).any():
            lengths = last - first + 1
            found = f"cases of {lengths.min()} to {lengths.max()} rows: no values for {self.cells(gaps)}."
            raise Refused(found, rule, "pad='end' (a mask then tells what is real), or shorter cases.")
        advice = "fill='previous', fill=<a number>, or drop these cases."
        raise Refused(f"no values for {self.cells(gaps)}.", rule, advice)

    def cells(self, gaps: np.ndarray) -> str:
        """List cells by case and time, with the features where not all are concerned."""
        places = np.argwhere(gaps.any(axis=2))

        def names() -> Iterable[str]:
            for case, time in places:
                which = gaps[case, time]
                some = [name for name, one in zip(self.names, which, strict=True) if one]
                what = "" if which.all() else f" ({', '.join(some)})"
                yield f"{self.case} {self.ids[case]} at {self.time} {self.times[time]}{what}"

        return listing(names(), len(places))

    def carry_forward(self, array: np.ndarray, gaps: np.ndarray) -> np.ndarray:
        """Fill each gap with the last value before it in the same case.

        Args:
            array: (cases, time, features) with NaN in the gaps.
            gaps: (cases, time, features) of bool.

        Returns:
            (cases, time, features) without gaps.

        Raises:
            Refused: a case begins with a gap.
        """
        steps = np.arange(array.shape[1])[None, :, None]
        source = np.maximum.accumulate(np.where(np.isnan(array), -1, steps), axis=1)
        if (gaps & (source < 0)).any():
            found = f"no earlier value for {self.cells(gaps & (source < 0))}."
            rule = "fill='previous' copies the value before a gap, and here a case begins with the gap."
            raise Refused(found, rule, "a number as fill, or drop these cases.")
        return np.where(gaps, np.take_along_axis(array, np.maximum(source, 0), axis=1), array)


def push(array: np.ndarray, inside: np.ndarray, pad: str) -> tuple[np.ndarray, np.ndarray]:
    """Move every case to the start or the end of the longest, with zeros for the rest.

    Args:
        array: (cases, time, features).
        inside: (cases, time) of bool, the cells that belong to each case.
        pad: ``"end"`` or ``"start"``, where the zeros go.

    Returns:
        (array, mask): (cases, longest, features), and (cases, longest) of bool, False where zeros were added.
    """
    lengths = inside.sum(axis=1)
    steps = np.arange(lengths.max())
    mask = steps < lengths[:, None] if pad == "end" else steps >= lengths.max() - lengths[:, None]
    pushed = np.zeros((len(array), len(steps), array.shape[2]))
    pushed[mask] = array[inside]
    return pushed, mask
