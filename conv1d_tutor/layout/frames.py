"""How does what is no table of pandas become one? Tables of other libraries, labelled arrays, plain rows."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .._refusals import brief

#: What makes a table of pandas, tried in turn. An xarray object has `to_pandas` too, which makes no long form.
WAYS = (
    "df.to_dataframe().reset_index()",
    "df.to_dataframe('value').reset_index()",
    "df.collect().to_pandas()",
    "df.to_pandas()",
    "pd.DataFrame(df.to_dict(as_series=False))",  # polars, where pyarrow is missing
)
#: The same for what else pandas has, a column or groups of rows, and for plain lists and dicts.
PANDAS = ("df.reset_index()", "df.obj")
PLAIN = ("pd.DataFrame(df)",)
#: The libraries that are called by name, because their classes have the names of those of pandas.
LIBRARIES = ("polars", "xarray", "pyarrow", "dask", "pyspark", "cudf", "modin")


class NoFrame(NamedTuple):
    """What was given in place of a table, and how it becomes one."""

    kind: str
    advice: str


def no_frame(df: Any, case: Any, time: Any) -> NoFrame:
    """Say what something is that is no table of pandas, and how it becomes one.

    Args:
        df: anything else.
        case: the name of the case, as it was given.
        time: the name of the time.

    Returns:
        Its kind, and what to try: an expression that ran, on a small part of it where it is large.

    Example:
        >>> no_frame({"id": [1, 1], "hour": [0, 1], "x": [2.0, 3.0]}, "id", "hour").advice
        'table_to_array(pd.DataFrame(df), ...).'
    """
    name = type(df).__name__
    library = next((one for one in LIBRARIES if type(df).__module__.partition(".")[0] == one), "")
    kind = f"a {name} of {library}" if library else name
    if isinstance(df, str):
        return NoFrame(kind, f"pd.read_csv({brief(df)}) where it names a file.")
    if isinstance(df, np.ndarray):
        names = "pd.DataFrame(df, columns=[...])"
        return NoFrame(kind, "to_channels_first(df), no table is needed." if df.ndim == 3 else f"{names}.")
    few = _few(df) if library else df
    own = PANDAS if type(df).__module__.startswith("pandas") else PLAIN
    way = next((way for way in (WAYS if library else own) if _is_table(_made(few, way), case)), None)
    said = f"table_to_array({way}, ...)." if way else "pd.read_csv(...) or pd.DataFrame(...)."
    axes = [one for one in getattr(df, "dims", ()) if one not in (case, time)]
    turned = f"df.transpose({case!r}, {time!r}, {', '.join(map(repr, axes))}).to_numpy()"
    if library == "xarray" and len(axes) == 1 and _made(few, turned) is not None:
        said = f"to_channels_first({turned}), as its axes have names already."
    elif library == "xarray" and not way:
        said = f"for case and time two of its axes, which are {', '.join(map(repr, df.dims))}."
    return NoFrame(kind, said)


def _few(df: Any) -> Any:
    """A small part of what may be large, or not yet computed."""
    try:
        if hasattr(df, "isel"):
            return df.isel({one: slice(2) for one in df.dims})
        return df.head(2) if hasattr(df, "head") else df
    except Exception:  # what cannot be cut is taken whole
        return df


def _made(df: Any, way: str) -> Any:
    """What an expression makes of it, None if it fails."""
    try:
        return eval(way, {"df": df, "pd": pd})
    except Exception:  # this is not the way
        return None


def _is_table(made: Any, case: Any) -> bool:
    """Say whether it is a table with the column that names the case."""
    return isinstance(made, pd.DataFrame) and repr(case) in map(repr, made.columns)
