"""What can be wrong with a table in long form, and how its rows become a grid of cases and times."""

import datetime
import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from .._refusals import Refused, brief
from . import advice

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
    """Take for no number what pandas stumbles over, or takes without its imaginary part or its unit."""
    if isinstance(value, complex | np.complexfloating | datetime.date | datetime.timedelta | pd.Period):
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
    beyond = not bad.any()
    if beyond:
        bad = np.abs(values) > LARGEST
        rule = f"the array is float32, which ends at {LARGEST:.3g}; a larger number would become infinite."
    if bad.any():
        rows = df[name][bad]
        found = listing((f"row {row!r} has {brief(value)}" for row, value in rows.items()), len(rows))
        tries = advice.without_the_largest(df, name, LARGEST) if beyond else advice.numbers(df, name, bad_numbers)
        raise Refused(f"{name}: {found}.", rule, tries)
    return values


def number_rows(
    df: pd.DataFrame, cases: list[str], time: str, features: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.Index]:
    """Number the case and the time of each row.

    Args:
        df: the table.
        cases: the columns that together name the case.
        time: the column that orders the rows of a case.
        features: the columns of numbers.

    Returns:
        (case_codes, ids, time_codes, times): for each row the place of its case in `ids`, which are in the order
        of the table, and of its time in `times`, which rise.

    Raises:
        Refused: times are text, rows lack a case or a time, are there twice or out of order; it names the rows.
    """
    for name in cases:
        if not df[name].map(pd.api.types.is_hashable).all():
            rule = f"{name!r} holds one name or number in each row."
            found = f"{name}: row {df.index[0]!r} has {brief(df[name].iloc[0])}."
            raise Refused(found, rule, f"df[{name!r}] = df[{name!r}].map(str).")
    if not _is_time(df[time]):
        rows = listing((f"row {row!r} has {brief(value)}" for row, value in df[time].items()), len(df))
        rule = f"{time!r} holds numbers or dates, as text sorts '10' before '2'."
        raise Refused(f"{time}: {rows}.", rule, advice.times(df, time, lambda df: _fine(df, cases, time)))
    labels = df.index.to_numpy()
    for name in (*cases, time):
        empty = labels[df[name].isna().to_numpy()]
        if len(empty):
            found = f"no {name!r} in {listing((f'row {row!r}' for row in empty.tolist()), len(empty))}."
            rule = "every row says which case and which time it belongs to."
            tries = advice.rows_without(df, name, len(empty), name in cases, lambda df: _fine(df, cases, time))
            raise Refused(found, rule, tries)
    case_codes, ids = _codes(df, cases)
    time_codes, times = pd.factorize(df[time], sort=True)
    who = " and ".join(map(repr, cases))
    twice = _twice(df, cases, time)
    if twice.any():
        found = f"twice the same: {_rows(df, cases, time, twice)}."
        rule = f"a pair of {who} and {time!r} is there once, or one cell would get two values."
        raise Refused(found, rule, advice.keys(df, cases, time, features, lambda df: _fine(df, cases, time)))
    falls = _falls(case_codes, time_codes)
    if falls.any():
        found = f"time falls at {_rows(df, cases, time, falls)}."
        rule = f"the rows of each {who} are in the order of {time!r}."
        tries = advice.order(df, cases, time, lambda df: _fine(df, cases, time))
        raise Refused(found, rule, tries)
    return case_codes, ids, time_codes, times


def _is_time(column: pd.Series) -> bool:
    """Say whether a column can be put in order: numbers, dates, spans of time, periods."""
    return not (column.dtype == object or column.dtype.name in ("str", "string", "category"))


def _codes(df: pd.DataFrame, cases: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Number the cases in the order of the table; the names of one that several columns name are a tuple."""
    if len(cases) == 1:
        codes, found = pd.factorize(df[cases[0]])
        return codes, np.asarray(found)
    codes, found = pd.factorize(pd.MultiIndex.from_frame(df[cases]))
    ids = np.empty(len(found), dtype=object)
    ids[:] = list(found)
    return codes, ids


def _twice(df: pd.DataFrame, cases: list[str], time: str) -> np.ndarray:
    return df.duplicated([*cases, time], keep=False).to_numpy()


def _falls(case_codes: np.ndarray, time_codes: np.ndarray) -> np.ndarray:
    """Say of each row whether its time is before that of the row above of the same case."""
    order = np.argsort(case_codes, kind="stable")
    falls = np.zeros(len(case_codes), dtype=bool)
    same_case = np.diff(case_codes[order]) == 0
    falls[order[1:]] = same_case & (np.diff(time_codes[order]) < 0)
    return falls


def _fine(df: pd.DataFrame, cases: list[str], time: str) -> bool:
    """Say whether every row has its case and its time, once and in order."""
    if not _is_time(df[time]) or df[[*cases, time]].isna().to_numpy().any() or _twice(df, cases, time).any():
        return False
    return not _falls(_codes(df, cases)[0], pd.factorize(df[time], sort=True)[0]).any()


def _rows(df: pd.DataFrame, cases: list[str], time: str, chosen: np.ndarray) -> str:
    some = df[chosen]
    rows = zip(some.index.tolist(), *(some[name] for name in (*cases, time)), strict=True)
    return listing((f"row {row!r} ({', '.join(map(str, names))})" for row, *names in rows), len(some))


@dataclass(frozen=True)
class Grid:
    """The cells of a table, cases by times, and how its errors call them.

    Args:
        df: the table.
        cases: the columns that together name the case.
        time: the column of the times.
        names: the columns of the features.
    """

    df: pd.DataFrame
    cases: list[str]
    time: str
    names: tuple[str, ...]

    @cached_property
    def _numbered(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.Index]:
        return number_rows(self.df, self.cases, self.time, self.names)

    @property
    def ids(self) -> np.ndarray:
        """(cases,) what names each case, in the order of the table."""
        return self._numbered[1]

    @property
    def times(self) -> pd.Index:
        """(time,) all times of the table; they rise."""
        return self._numbered[3]

    @property
    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """(rows,) and (rows,): the place of each row's case and of its time."""
        return self._numbered[0], self._numbered[2]

    @cached_property
    def stays(self) -> tuple[np.ndarray, np.ndarray]:
        """(cases,) and (cases,): the places of the first and the last time of each case."""
        first, last = np.full(len(self.ids), len(self.times)), np.full(len(self.ids), -1)
        np.minimum.at(first, *self.rows)
        np.maximum.at(last, *self.rows)
        return first, last

    def asked(self, whole: bool) -> int:
        """Count the cells that get a value.

        Args:
            whole: every case is to have every time; else each from its own first to its own last.
        """
        first, last = self.stays
        return len(self.ids) * len(self.times) if whole else int((last - first + 1).sum())

    def spread(self, values: np.ndarray, whole: bool) -> tuple[np.ndarray, np.ndarray]:
        """Put every row into its cell.

        Args:
            values: (rows, features).
            whole: as in `asked`.

        Returns:
            (array, inside): (cases, time, features) with NaN in empty cells, and (cases, time) of bool.

        Raises:
            Refused: most of the cells have no row.
        """
        cells = self.asked(whole)
        if cells >= 2 * len(values):
            found = f"{len(values)} rows, but {len(self.ids)} cases with {len(self.times)} different times: "
            found += f"{cells - len(values)} of {cells} cells have no row, and would be invented."
            rule = "most cells get their values from a row of the table."
            raise Refused(found, rule, advice.sparse(self.df, self.cases, self.time, _empty_cells))
        array = np.full((len(self.ids), len(self.times), len(self.names)), np.nan)
        array[self.rows] = values
        steps, (first, last) = np.arange(len(self.times)), self.stays
        stay = (steps >= first[:, None]) & (steps <= last[:, None])
        return array, np.ones_like(stay) if whole else stay

    def refuse_gaps(self, gaps: np.ndarray) -> NoReturn:
        """List the gaps; unequal lengths, and stays that begin at different times, are told from holes.

        Args:
            gaps: (cases, time, features) of bool.

        Raises:
            Refused: always.
        """
        steps, (first, last) = np.arange(len(self.times)), self.stays
        holes = gaps & ((steps >= first[:, None]) & (steps <= last[:, None]))[:, :, None]
        rule = f"every case has a value at each of the {len(self.times)} times."
        if not holes.any():
            least, most = (last - first + 1).min(), (last - first + 1).max()
            found = f"cases of {least} to {most} rows: no values for {self.cells(gaps)}."
            tries = "pad='end' (a mask then tells what is real), or shorter cases."
            if least == most:
                found = f"cases of {most} rows that begin at different times: no values for {self.cells(gaps)}."
                tries = "pad='end', which counts the steps from each case's own start; here it adds nothing."
            raise Refused(found, rule, tries)
        begins = (holes & (np.maximum.accumulate(~gaps, axis=1) == 0)).any()  # nothing before it to copy
        tries = advice.gaps(self.df, self.cases, self.time, _empty_cells, previous=not begins)
        raise Refused(f"no values for {self.cells(gaps)}.", rule, tries)

    def cells(self, gaps: np.ndarray) -> str:
        """List cells by case and time, with the features where not all are concerned."""
        places = np.argwhere(gaps.any(axis=2))

        def names() -> Iterable[str]:
            for case, time in places:
                which = gaps[case, time]
                some = [name for name, one in zip(self.names, which, strict=True) if one]
                what = "" if which.all() else f" ({', '.join(some)})"
                who = self.ids[case] if len(self.cases) > 1 else (self.ids[case],)
                named = ", ".join(f"{name} {one}" for name, one in zip(self.cases, who, strict=True))
                yield f"{named} at {self.time} {self.times[time]}{what}"

        return listing(names(), len(places))

    def uneven(self, inside: np.ndarray) -> str:
        """Say where the times are not equally far apart, as far as some case goes on; "" if nowhere.

        Args:
            inside: (cases, time) of bool, the cells that belong to each case.
        """
        gone_on = (inside[:, 1:] & inside[:, :-1]).any(axis=0)
        steps = pd.Series(self.times).diff()[1:][gone_on]
        if steps.dtype.kind not in "iufm" or len(steps) < 2:
            return ""
        # Months differ by some days, and clocks are not exact.
        if not steps.max() > 1.5 * steps.min():
            return ""
        last = steps.idxmax()
        least, most = (f"{step:g}" if isinstance(step, float) else step for step in (steps.min(), steps.max()))
        return (
            f"the steps of {self.time!r} are {least} to {most} long, the longest from {self.times[last - 1]} to "
            f"{self.times[last]}: Conv1d takes all steps to be equal."
        )

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


def _empty_cells(df: pd.DataFrame, cases: list[str], time: str, whole: bool) -> int:
    """Count the cells of a table that have no row; see `Grid.asked`."""
    return Grid(df, cases, time, ()).asked(whole) - len(df)


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
