"""How do I get my table into (batch, channels, length)? Tables, axes, and a check by values.

A table in long form has one row per case and time. `table_to_array` makes (cases, time, features) of it,
`to_channels_first` turns that into the (cases, features, time) that Conv1d reads, and `check_layout` tells an
array that was turned from one that was only cut anew.
"""

from .axes import LayoutCheck, check_layout, to_channels_first
from .long_table import TableArray, table_to_array

__all__ = ["LayoutCheck", "TableArray", "check_layout", "table_to_array", "to_channels_first"]
