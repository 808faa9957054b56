"""Where the course's CSV files lie, and whether they are still what they were."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ._checks import refusal
from .layout.tables import bad_numbers, listing

_AGAIN = "take the course's own file again (git checkout -- data, or install again)."


@dataclass(frozen=True)
class Table:
    """What a CSV file in long form must hold.

    Attributes:
        file: its name.
        case: the column that names the case.
        time: the column that counts the steps of a case: 0, 1, 2, …
        features: the columns of numbers, each with its lowest and highest value, or None for any.
        cases: how many cases there are.
        lengths: the shortest and the longest case, in steps.
        others: further columns, before `time`.
    """

    file: str
    case: str
    time: str
    features: Mapping[str, tuple[float, float] | None]
    cases: int
    lengths: tuple[int, int]
    others: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """All columns, in the order of the file."""
        split, *rest = self.others or (None,)
        return [name for name in (split, self.case, *rest, self.time, *self.features) if name]


def find(call: str, file: str, folder: str | Path | None) -> Path:
    """Find a data file: in the folder given, inside the installed package, or in the checkout.

    Raises:
        FileNotFoundError: it is in none of them.
    """
    here = Path(__file__).parent
    places = [Path(folder)] if folder is not None else [here / "data", here.parent / "data"]
    for place in places:
        if (place / file).is_file():
            return place / file
    found = f"no file {file} in {' or '.join(str(place) for place in places)}."
    raise refusal(call, found, f"the data of the course lie in {file}.", _AGAIN, FileNotFoundError)


def read(call: str, path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a CSV file that has exactly these columns, in this order.

    Raises:
        ValueError: it is no CSV file, or its columns are others.
    """
    try:
        # Only an empty field counts as nothing: 'n/a' is text, and the error shall show it.
        df = pd.read_csv(path, keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        rule = "a table has one line per row and as many values as columns in each."
        raise refusal(call, f"{path.name} cannot be read: {error}.", rule, _AGAIN) from error
    if list(df.columns) != list(columns):
        found = f"{path.name} has the columns {', '.join(map(str, df.columns))}."
        raise refusal(call, found, f"its columns are {', '.join(columns)}.", _AGAIN)
    return df


def check_number(
    call: str, file: str, df: pd.DataFrame, name: str, case: str, limits: tuple[float, float] | None
) -> None:
    """Refuse a column that holds anything but numbers in range.

    Raises:
        ValueError: the error names file, line, case and column.
    """
    values, bad = bad_numbers(df[name])
    wrong = bad | np.isnan(values)
    rule = f"{name} is a number in every row."
    if limits is not None:
        wrong |= (values < limits[0]) | (values > limits[1])
        rule = f"{name} is a number from {limits[0]} to {limits[1]} in every row."
    if wrong.any():
        # The header is line 1 of the file, so row 0 of the table is line 2.
        places = (
            f"line {row + 2} ({case} {df[case].iloc[row]}) has {_written(df[name].iloc[row])}"
            for row in np.flatnonzero(wrong)
        )
        raise refusal(call, f"{file}, column {name}: {listing(places, int(wrong.sum()))}.", rule, _AGAIN)


def _written(value: Any) -> str:
    return "nothing" if pd.isna(value) else repr(getattr(value, "item", lambda: value)())


def read_table(call: str, table: Table, folder: str | Path | None) -> pd.DataFrame:
    """Read a table in long form and check it from its columns down to its values.

    Args:
        call: the call as written, for the error.
        table: what the file must hold.
        folder: where it lies; None for the course's own.

    Returns:
        The table as it stands in the file.

    Raises:
        FileNotFoundError: the file is not there.
        ValueError: it does not hold what it must.
    """
    path = find(call, table.file, folder)
    df = read(call, path, table.columns)
    for name in (table.case, *table.others):
        empty = np.flatnonzero(df[name].isna())
        if len(empty):
            found = f"{table.file}, column {name}: line {empty[0] + 2} has nothing."
            raise refusal(call, found, f"{name} is written in every row.", _AGAIN)
    check_number(call, table.file, df, table.time, table.case, (0, table.lengths[1] - 1))
    for name, limits in table.features.items():
        check_number(call, table.file, df, name, table.case, limits)
    _check_steps(call, table, df)
    return df


def _check_steps(call: str, table: Table, df: pd.DataFrame) -> None:
    """Refuse cases with too few or too many rows, twice the same step, or steps out of order."""
    codes, cases = pd.factorize(df[table.case])
    lengths = np.bincount(codes, minlength=len(cases))
    shortest, longest = table.lengths
    range_text = f"{longest}" if shortest == longest else f"{shortest} to {longest}"
    twice = df.duplicated([table.case, table.time]).to_numpy()
    if twice.any():
        row = int(np.flatnonzero(twice)[0])
        found = f"{table.file}, line {row + 2}: {table.case} {df[table.case].iloc[row]} has "
        found += f"{table.time} {df[table.time].iloc[row]} twice."
        raise refusal(call, found, f"each {table.time} is there once per {table.case}.", _AGAIN)
    wrong = np.flatnonzero((lengths < shortest) | (lengths > longest))
    if len(wrong):
        case = cases[wrong[0]]
        has = set(df.loc[codes == wrong[0], table.time])
        missing = [step for step in range(shortest) if step not in has]
        found = f"{table.file}, {table.case} {case}: {lengths[wrong[0]]} rows"
        found += f", no {table.time} {listing(map(str, missing), len(missing))}." if missing else "."
        raise refusal(call, found, f"each {table.case} has {range_text} rows.", _AGAIN)
    if len(cases) != table.cases:
        found = f"{table.file}: {len(cases)} different {table.case}."
        raise refusal(call, found, f"there are {table.cases}.", _AGAIN)
    step = np.arange(len(df)) - np.concatenate([[0], np.cumsum(lengths)[:-1]])[codes]
    wrong = np.flatnonzero(df[table.time].to_numpy() != step)
    if len(wrong):
        row = int(wrong[0])
        found = f"{table.file}, line {row + 2}: {table.case} {df[table.case].iloc[row]} has "
        found += f"{table.time} {df[table.time].iloc[row]}."
        raise refusal(call, found, f"{table.time} counts 0, 1, 2, … within each {table.case}.", _AGAIN)


def read_outcomes(call: str, file: str, patients: Sequence[str], folder: str | Path | None) -> pd.DataFrame:
    """Read one outcome, 0 or 1, for each of these patients in this order.

    Raises:
        FileNotFoundError: the file is not there.
        ValueError: another number, a patient too many, too few or out of order.
    """
    df = read(call, find(call, file, folder), ["patient_id", "deteriorated"])
    check_number(call, file, df, "deteriorated", "patient_id", (0, 1))
    found = df["patient_id"].tolist()
    if found != list(patients):
        row = next((i for i, (a, b) in enumerate(zip(found, patients, strict=False)) if a != b), None)
        what = f"{len(found)} patients" if row is None else f"line {row + 2} has {found[row]}, not {patients[row]}"
        rule = f"it has one row for each of the {len(patients)} patients of patients.csv, in the same order."
        raise refusal(call, f"{file}: {what}.", rule, _AGAIN)
    return df


def read_recordings(
    call: str, table: Table, classes: Sequence[Any], sizes: Mapping[str, int], folder: str | Path | None
) -> list[tuple[list[np.ndarray], np.ndarray]]:
    """Read recordings that have a split and a class.

    Args:
        call: the call as written, for the error.
        table: what the file must hold; its other columns are the split and the class.
        classes: every class as it is written in the file.
        sizes: how many recordings each split has, in the order of the file.
        folder: where the file lies; None for the course's own.

    Returns:
        For each split (signals, labels): a list of (channels, time) float32, and (recordings,) of int, each the
        place of the class in `classes`.

    Raises:
        FileNotFoundError: the file is not there.
        ValueError: it does not hold what it must.
    """
    df = read_table(call, table, folder)
    starts = np.flatnonzero(df[table.time].to_numpy() == 0)
    of_row = np.cumsum(df[table.time].to_numpy() == 0) - 1
    firsts = []
    for name, known in zip(table.others, (list(sizes), classes), strict=True):
        codes = pd.Index(known).get_indexer(df[name])
        wrong = np.flatnonzero((codes < 0) | (codes != codes[starts][of_row]))
        if len(wrong):
            row = wrong[0]
            found = f"{table.file}, column {name}: line {row + 2} ({table.case} {df[table.case].iloc[row]})"
            rule = f"{name} is one of {', '.join(map(str, known))}, the same in all rows of a {table.case}."
            raise refusal(call, f"{found} has {_written(df[name].iloc[row])}.", rule, _AGAIN)
        firsts.append(codes[starts])
    splits, labels = firsts
    if splits.tolist() != np.repeat(np.arange(len(sizes)), list(sizes.values())).tolist():
        counts = ", ".join(f"{(splits == i).sum()} {name}" for i, name in enumerate(sizes))
        rule = f"there are {', then '.join(f'{size} {name}' for name, size in sizes.items())}."
        raise refusal(call, f"{table.file}: {counts} recordings, or in another order.", rule, _AGAIN)
    values = df[list(table.features)].to_numpy(np.float32)
    signals = [np.ascontiguousarray(one.T) for one in np.split(values, starts[1:])]
    cut = int(np.sum(splits == 0))
    return [(signals[:cut], labels[:cut]), (signals[cut:], labels[cut:])]
