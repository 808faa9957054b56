"""What is to be known of the numbers that were given?"""

from collections.abc import Iterator

import torch

from ..note import Ran, note

#: How many values are looked at one by one at a time.
_AT_ONCE = 1_000_000


@note("values")
def not_finite(ran: Ran) -> Iterator[str]:
    """Some values are NaN or infinite.

    Example:
        >>> explain(nn.Conv1d(4, 6, 3), torch.full((2, 4, 9), float("nan"))).notes[0].code
        'not_finite'
    """
    for value in ran.subject.args:
        if not isinstance(value, torch.Tensor) or value.is_meta or not value.is_floating_point():
            continue
        # A sum takes no memory, and is finite only if every value is.
        if value.numel() and not torch.isfinite(value.sum()):
            count = sum(int((~torch.isfinite(part)).sum()) for part in value.reshape(-1).split(_AT_ONCE))
        else:
            count = 0
        if count:
            yield f"{count} of {value.numel()} values are NaN or infinite; every output that reads one is too."


@note("values")
def values_used(ran: Ran) -> Iterator[str]:
    """forward needs values, so it was run on a copy with numbers.

    Example:
        >>> class Asking(nn.Module):
        ...     def forward(self, x):
        ...         return x if x.sum() < 9 else -x
        >>> explain(Asking(), (2, 4, 9)).notes[0].code
        'values_used'
    """
    if ran.subject.values:
        yield "forward needs values, so a copy was run with numbers, not with shapes alone."


@note("values")
def array(ran: Ran) -> Iterator[str]:
    """An array was given; a layer takes tensors.

    Example:
        >>> explain(nn.Conv1d(4, 6, 3), [[[0.0] * 9] * 4] * 2).notes[0].code
        'array'
    """
    if ran.subject.x != "x":
        yield "x is an array; a layer takes a tensor: torch.as_tensor(x)."
