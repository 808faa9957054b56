"""Which line of code mends this table? Every line that is advised has run on a copy of the user's own table."""

import itertools
import re
import warnings
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from .._refusals import brief

#: A column with more different texts than this is no small set of categories.
MOST_CATEGORIES = 20
#: How many columns, the first of the table, are asked whether they belong to the name of a case.
MOST_COLUMNS = 12

#: Ways to write a number that Python does not read: an expression of the column, a sign that is written there, and
#: the text it is for. A comma before three digits can be either; the one for decimals comes first.
DECIMALS = "{0}.str.replace(',', '.')"
THOUSANDS = "{0}.str.replace(',', '')"
READINGS = (
    (DECIMALS, ",", r"[^.,]*,?[^.,]*"),
    ("{0}.replace(',', '.', regex=True)", ",", r"[^.,]*,?[^.,]*"),  # where some cells are numbers and no texts
    (THOUSANDS, ",", r"\D*\d{1,3}(,\d{3})*(\.\d*)?[^\d.,]*"),
    ("{0}.str.replace('.', '').str.replace(',', '.')", ",", r"\D*\d{1,3}(\.\d{3})*(,\d*)?[^\d.,]*"),
    ("{0}.str.replace('.', '')", ".", r"\D*\d{1,3}(\.\d{3})*[^\d.,]*"),
    (r"{0}.str.replace(r'\s', '', regex=True)", " ", r"\D*\d{1,3}(\s\d{3})*(\.\d*)?[^\d.,]*"),
    (r"{0}.str.replace(r'\s', '', regex=True).str.replace(',', '.')", " ", r"\D*\d{1,3}(\s\d{3})*(,\d*)?[^\d.,]*"),
    ("{0}.str.replace('\\'', '')", "'", r"\D*\d{1,3}('\d{3})*(\.\d*)?[^\d.,]*"),
    ("{0}.str.replace('−', '-')", "−", r"−?[^,]*"),
)

#: Dates with a year of two digits: the day first, the month first.
SHORT_DATES = ("%d{0}%m{0}%y", "%m{0}%d{0}%y")

#: Reads a column as numbers: the values, and where something stands that is none.
Reader = Callable[[pd.Series], tuple[np.ndarray, np.ndarray]]
#: Whether a table is as it should be.
Works = Callable[[pd.DataFrame], bool]


def ran(df: pd.DataFrame, code: str) -> pd.DataFrame | None:
    """Run a line on a copy of a table.

    Args:
        df: the table, which stays as it is.
        code: a line in the names ``df``, ``pd`` and ``np`` that gives ``df`` new columns, or makes another ``df``.

    Returns:
        The table after it; None where the line fails, or pandas warns of a guess.

    Example:
        >>> ran(pd.DataFrame({"x": ["1", "2"]}), "df['x'] = df['x'].astype(int)")["x"].tolist()
        [1, 2]
        >>> ran(pd.DataFrame({"x": ["1", "b"]}), "df['x'] = df['x'].astype(int)") is None
        True
    """
    names = {"df": df.copy(deep=False), "pd": pd, "np": np}
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            exec(code, names)
    except Exception:  # whatever this table makes of the line, it is not advised
        return None
    return None if any(issubclass(one.category, UserWarning) for one in said) else names["df"]


def that_work(df: pd.DataFrame, lines: Sequence[str], works: Works) -> list[str]:
    """Keep the lines that run on a table and make it what it should be."""
    return [line for line in lines if (after := ran(df, line)) is not None and works(after)]


def numbers(df: pd.DataFrame, name: str, read: Reader) -> str:
    """Say how a column becomes a column of numbers.

    Args:
        df: the table.
        name: the column, some of which cannot be read.
        read: how a column is read, and where it is bad.

    Returns:
        What to try.
    """
    cell, column = f"df[{name!r}]", df[name]
    there = int(column.notna().sum())

    def lost(after: pd.DataFrame) -> int | None:
        """How many values are gone; None if it is no column of numbers."""
        values, bad = read(after[name])
        return None if bad.any() else there - int((~np.isnan(values)).sum())

    def keeps_all(after: pd.DataFrame) -> bool:
        return lost(after) == 0

    lines = _same_numbers(cell, column)
    found = next((line for line in lines if that_work(df, [line], keeps_all)), None)
    if found == f"{cell} = pd.to_numeric({DECIMALS.format(cell)})":
        other = f"{cell} = pd.to_numeric({THOUSANDS.format(cell)})"
        if other in lines and that_work(df, [other], keeps_all):
            return f"{found} where the comma is a decimal point, {other} where it parts thousands."
    if found:
        return f"{found}."

    # Words among numbers, as "n/a", become gaps; where most would, it is no column of numbers.
    fewest, best = there / 2, ""
    for line in _with_gaps(cell, column):
        after = ran(df, line)
        gaps = None if after is None else lost(after)
        if gaps is not None and gaps < fewest:
            fewest, best, gone = gaps, line, column[after[name].isna() & column.notna()]
    if best:
        words = list(dict.fromkeys(brief(value) for value in gone))
        listed = ", ".join(words[:3]) + (", …" if len(words) > 3 else "")
        return f"{best}; a gap then stands in {len(gone)} of {len(df)} rows, for {listed}."
    kept = _several(df, name, read) or _categories(df, name, read)
    return kept or f"another column: {name!r} cannot be read as numbers in any usual way."


def _same_numbers(cell: str, column: pd.Series) -> Iterator[str]:
    """Lines that keep every value."""
    kind, texts = column.dtype.kind, _texts(column)
    if kind == "m":
        yield f"{cell} = {cell}.dt.total_seconds()"
    if kind == "M":
        yield f"{cell} = ({cell} - {cell}.min()).dt.total_seconds()"
    if kind == "c":
        yield f"{cell} = np.abs({cell})"
    if isinstance(column.dtype, pd.PeriodDtype):
        yield f"{cell} = {cell}.astype('int64')"
    if column.dtype.name == "category":
        yield f"{cell} = {cell}.astype(float)"
    for way in _readings(cell, texts):
        yield f"{cell} = pd.to_numeric({way})"
    for when in dates(cell, texts):
        yield f"days = {when}; {cell} = (days - days.min()).dt.total_seconds()"


def _texts(column: pd.Series) -> list[str]:
    """The different texts in a column, without the spaces around them."""
    return list(dict.fromkeys(value.strip() for value in column if isinstance(value, str)))


def _readings(cell: str, texts: list[str]) -> Iterator[str]:
    """Expressions that read texts as numbers, which lack a number's form in Python."""
    numeric = [text for text in texts if any(sign.isdigit() for sign in text)]
    for way, sign, written in READINGS:
        if any(sign in text for text in numeric) and all(re.fullmatch(written, text) for text in numeric):
            yield way.format(cell)
    units = {re.sub(r"^[-+\d.,eE\s]*\d", "", text) for text in numeric} - {""}
    if len(units) == 1 and not re.search(r"\d", *units):
        unit = f"{cell}.str.removesuffix({units.pop()!r})"
        yield unit
        yield f"{unit}.str.replace(',', '.')"


def _with_gaps(cell: str, column: pd.Series) -> Iterator[str]:
    """Lines that leave a gap where nothing can be read."""
    texts = _texts(column)
    if column.dtype.kind == "f":
        yield f"{cell} = {cell}.replace([np.inf, -np.inf], np.nan)"
    elif not texts:
        yield f"{cell} = pd.to_numeric({cell}.where({cell}.abs() < 1e38))"
    for way in (cell, *_readings(cell, texts)) if texts else ():
        yield f"{cell} = pd.to_numeric({way}, errors='coerce')"


def _several(df: pd.DataFrame, name: str, read: Reader) -> str | None:
    """Say how cells of several numbers, as "120/80" or [120, 80], become a column for each of them."""
    cell, first = f"df[{name!r}]", df[name].dropna().iloc[0]
    if isinstance(first, str):
        parts = re.fullmatch(r"\s*[-+\d.]+(\s*[^-+\d.\s]\s*|\s+)[-+\d.].*", first)
        split = f"{cell}.str.split({parts[1]!r}, expand=True).astype(float)" if parts else ""
        count = len(first.split(parts[1])) if parts else 0
    else:
        split, count = f"{cell}.tolist()", len(first) if isinstance(first, list | tuple | np.ndarray) else 0
    fresh = [f"{name}_{i}" for i in range(count)]
    line = f"df[{fresh!r}] = {split}"
    if not 1 < count <= MOST_CATEGORIES:
        return None
    works = that_work(df, [line], lambda after: not any(read(after[one])[1].any() for one in fresh))
    return f"{line}, and these as features." if works else None


def _categories(df: pd.DataFrame, name: str, read: Reader) -> str | None:
    """Say how categories become numbers: two as 0 and 1, several as a column each, many as codes."""
    cell, column = f"df[{name!r}]", df[name]
    ordered = getattr(column.dtype, "ordered", False)
    try:
        kinds = sorted(column.dropna().unique())
    except Exception:  # what cannot be compared, or has no hash, is no category
        return None
    # Texts that differ from row to row are no categories either.
    if len(kinds) < 2 or len(kinds) > len(df) / 2 or not (ordered or all(isinstance(one, str) for one in kinds)):
        return None

    def readable(after: pd.DataFrame) -> bool:
        fresh = [name] if name in after else [one for one in after if one not in df]
        return bool(fresh) and not any(read(after[one])[1].any() for one in fresh)

    gaps = f".where({cell}.notna())" if column.isna().any() else ""
    codes = f"{cell} = {cell}.astype('category').cat.codes{gaps}"
    two = f"{cell} = {cell}.map({dict(zip(kinds, (0, 1), strict=False))!r}).astype(float)"
    columns = f"df = pd.get_dummies(df, columns=[{name!r}], dtype=float)"
    if ordered:
        line, words = codes, ", which keeps the order of the categories."
    elif len(kinds) == 2:
        line, words = two, "."
    elif len(kinds) <= MOST_CATEGORIES:
        after = ran(df, columns)
        fresh = [] if after is None else [one for one in after if one not in df]
        features = ", ".join(map(repr, fresh[:3])) + (", …" if len(fresh) > 3 else "")
        line, words = columns, f", and features=[{features}]: a column for each of {len(fresh)} categories."
    else:
        line = codes
        words = f": numbers for an nn.Embedding, as {len(kinds)} categories have no order and no distance."
    return f"{line}{words}" if that_work(df, [line], readable) else None


def dates(cell: str, texts: Sequence[str]) -> list[str]:
    """Expressions that read texts as dates: as ISO 8601, else first with the day first, then with the month."""
    if all(re.match(r"\d{4}\D", text) for text in texts):
        return [f"pd.to_datetime({cell})", f"pd.to_datetime({cell}, format='ISO8601')"] if texts else []
    short = {sign[1] for text in texts if (sign := re.fullmatch(r"\d{1,2}(\W)\d{1,2}\1\d{2}", text))}
    if len(short) == 1:
        return [f"pd.to_datetime({cell}, format={short_form.format(*short)!r})" for short_form in SHORT_DATES]
    if all(re.search(r"\d\W+\d+\W+\d|[A-Za-z]{3}", text) for text in texts):
        return [f"pd.to_datetime({cell}, dayfirst=True)", f"pd.to_datetime({cell})"]
    return []


def times(df: pd.DataFrame, time: str, in_order: Works) -> str:
    """Say how a column of texts becomes times.

    Args:
        df: the table.
        time: the column.
        in_order: whether the rows of each case are in the order of time, and none is there twice.

    Returns:
        What to try.
    """
    cell = f"df[{time!r}]"
    texts = [str(value).strip() for value in df[time].dropna()]
    lines = [f"{cell} = pd.to_numeric({cell})", f"{cell} = {cell}.astype(float)"]
    lines += [f"{cell} = pd.to_numeric({way})" for way in _readings(cell, texts)]
    if all(re.fullmatch(r"\d{1,2}:\d{2}", text) for text in texts):
        lines.append(f"{cell} = pd.to_timedelta({cell} + ':00')")
    if all(re.fullmatch(r"\d{1,2}:\d{2}:\d{2}(\.\d+)?", text) for text in texts):
        lines += [f"{cell} = pd.to_timedelta({cell})", f"{cell} = pd.to_timedelta({cell}.astype(str))"]
    lines += (as_dates := [f"{cell} = {way}" for way in dates(cell, texts)])
    if all(re.fullmatch(r"\D*\d+\D*", text) for text in texts):  # "visit 1", "visit 2"
        lines.append(rf"{cell} = {cell}.str.extract(r'(\d+)', expand=False).astype(int)")

    found = that_work(df, lines, lambda after: after[time].dtype.kind in "iufmM")
    fine = that_work(df, found, in_order)
    for those in (fine, found):
        if as_dates and set(as_dates) <= set(those):
            one, other = (ran(df, line)[time] for line in as_dates)
            if not one.equals(other):
                either = df[time][one != other].iloc[0]
                day, month = as_dates
                return f"{day} where {either!r} names the day first, {month} where it names the month first."
        if those:
            return f"{those[0]}."
    return "a column that counts the steps, such as df['step'] = df.groupby(...).cumcount(), as time."


def keys(df: pd.DataFrame, cases: list[str], time: str, features: Sequence[str], fine: Works) -> str:
    """Say what makes pairs of case and time unique.

    Args:
        df: a table in which some pairs are there more than once.
        cases, time, features: its columns.
        fine: whether pairs are unique and the rows of each case in order.

    Returns:
        What to try.
    """
    drop = "df = df.drop_duplicates()"
    if that_work(df, [drop], lambda after: not after.duplicated([*cases, time]).any()):
        return f"{drop}: those rows are equal in every column."
    pair = [*cases, time]
    merge = f"df = df.groupby({pair!r}, as_index=False, sort=False)[{list(features)!r}].mean()"
    merge = f"{merge} to merge what was measured twice" if that_work(df, [merge], fine) else ""
    first = f"df = df.drop_duplicates({pair!r}) to keep the first"
    for day in _days_of(df, pair):
        whole = f"df[{time!r}] = df[{day!r}] + pd.to_timedelta(df[{time!r}], unit='h')"
        if that_work(df, [whole], fine):
            return f"{whole} where {time!r} counts the hours of {day!r}; or {merge or first}."
    further = _further(df, cases, time, features)
    if not further:
        return f"{', or '.join(filter(None, (merge, first)))}."
    named = f"case={[*cases, *further]!r}"
    pivot = _measured(df, pair, further, features, fine)
    if pivot:
        return f"{pivot} where {further[0]!r} says what was measured; {named} where it is part of the case's name."
    names, tells = " and ".join(map(repr, further)), "tells" if len(further) == 1 else "tell"
    return f"{named}: {names} {tells} these rows apart; or {merge or first}."


def _days_of(df: pd.DataFrame, pair: list[str]) -> list[str]:
    """The columns of dates, to which a time of day may belong."""
    return [one for one in df.columns[:MOST_COLUMNS] if one not in pair and df[one].dtype.kind == "M"]


def _measured(
    df: pd.DataFrame, pair: list[str], further: list[str], features: Sequence[str], fine: Works
) -> str | None:
    """The line that gives what was measured a column each, where a column of texts may say what it was."""
    if len(further) > 1 or len(features) > 1 or not all(isinstance(one, str) for one in df[further[0]]):
        return None
    line = f"df = df.pivot(index={pair!r}, columns={further[0]!r}, values={features[0]!r}).reset_index()"
    after = ran(df, line)
    if after is None or not fine(after):
        return None
    fresh = [one for one in after if one not in pair]
    return f"{line} and features={fresh[:4]!r}{' and so on' if len(fresh) > 4 else ''}"


def _further(df: pd.DataFrame, cases: list[str], time: str, features: Sequence[str]) -> list[str]:
    """The columns, one or two, that together with those of the case make every pair of case and time unique."""
    others = [
        one
        for one in df.columns[:MOST_COLUMNS]
        if one not in (*cases, time, *features) and df[one].dtype.kind not in "fcM" and df[one].notna().all()
    ]
    for count in (1, 2):
        found = []
        for some in itertools.combinations(others, count):
            try:
                unique = not df.duplicated([*cases, *some, time]).any()
                several = len(df[[*cases, *some]].drop_duplicates())
            except TypeError:  # cells without a hash
                continue
            # A number of the row makes everything unique, and every row a case of its own.
            if unique and several <= len(df) / 2:
                found.append((several, some))
        if found:
            return list(min(found, key=lambda entry: entry[0])[1])
    return []


def rows_without(df: pd.DataFrame, name: str, count: int, is_case: bool, fine: Works) -> str:
    """Say what to do with rows that lack a case or a time."""
    down = f"df[{name!r}] = df[{name!r}].ffill()"
    drop = f"df = df.dropna(subset=[{name!r}]), which drops {count} of {len(df)} rows"
    # Where a case is named in its first row only, its other rows follow.
    if is_case and pd.notna(df[name].iloc[0]) and that_work(df, [down], fine):
        return f"{down} where a case is named in its first row only, else {drop}."
    return f"{drop}."


def order(df: pd.DataFrame, cases: list[str], time: str, fine: Works) -> str:
    """Say how the rows come into order: by sorting, or by reading day and month the other way round."""
    sort = f"df = df.sort_values({[*cases, time]!r})."
    if df[time].dtype.kind == "M":
        other = df.copy(deep=False)
        other[time] = [
            when.replace(month=when.day, day=when.month) if when.day <= 12 else when for when in df[time]
        ]
        if fine(other):
            read = f"pd.to_datetime(..., dayfirst=True) on {time!r} as it was written"
            return f"{read}: with day and month exchanged all rows are in order; where the dates are right, {sort}"
    return sort


def without_the_largest(df: pd.DataFrame, name: str, largest: float) -> str:
    """Say what to do with numbers beyond float32."""
    line = f"df[{name!r}] = df[{name!r}].where(df[{name!r}].abs() <= {largest:.6e})"
    return "a larger unit" + (f", or {line} for a gap." if ran(df, line) is not None else ".")


#: Counts the cells without a row of (table, cases, time, whether every case has every time).
Count = Callable[[pd.DataFrame, list[str], str, bool], int]


def _by(cases: list[str]) -> str:
    return repr(cases if len(cases) > 1 else cases[0])


def _own_start(df: pd.DataFrame, cases: list[str], time: str, empty: Count, most: float) -> str | None:
    """The line that counts each case's times from its own start, where no more than `most` gaps are left then."""
    line = f"df[{time!r}] - df.groupby({_by(cases)})[{time!r}].transform('min')"
    # Rounded, because 10.1 - 10 is not 0.1.
    for way in (line, f"({line}).round(6)") if df[time].dtype.kind == "f" else (line,):
        after = ran(df, f"df[{time!r}] = {way}")
        left = None if after is None else empty(after, cases, time, False)
        if left is not None and left <= most:
            pad = " and pad='end'" if empty(after, cases, time, True) > left else ""
            rest = f"; gaps that are left: {left}" if left else ""
            return f"df[{time!r}] = {way}{pad}, which counts from each case's own start{rest}."
    return None


def sparse(df: pd.DataFrame, cases: list[str], time: str, empty: Count) -> str:
    """Say how a table becomes dense whose cases share too few of their times."""
    if not empty(df, cases, time, False):
        return "pad='end', which counts the steps from each case's own start and fills up to the longest."
    own = _own_start(df, cases, time, empty, len(df) / 4)
    if own:
        return own
    counted = f"df[{time!r}] = df.groupby({_by(cases)}).cumcount()"
    after = ran(df, counted)
    pad = " and pad='end'" if after is not None and empty(after, cases, time, True) else ""
    return f"{counted}{pad}, which counts rows, whatever their distance."


def gaps(df: pd.DataFrame, cases: list[str], time: str, empty: Count, previous: bool) -> str:
    """Say what to do about gaps; steps that begin between those of other cases are none.

    Args:
        df: the table.
        cases, time: its columns.
        empty: counts the cells without a row.
        previous: whether each gap has a value before it.
    """
    now = empty(df, cases, time, False)
    own = _own_start(df, cases, time, empty, now / 2) if now else None
    return own or f"{'fill=' + repr('previous') + ', ' if previous else ''}fill=<a number>, or drop these cases."
