"""Do the lengths that a model hands on belong to what it hands on?"""

from collections.abc import Iterator

from ..note import Ran, note

#: Rounding up where a layer rounds down, or the other way, is one step for each layer that strides.
_ROUNDED = 2


@note("output")
def lengths_differ(ran: Ran) -> Iterator[str]:
    """The lengths that come out are not those of what comes out.

    Example:
        >>> class Pooling(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.pool = nn.Conv1d(4, 8, 3, padding=1), nn.MaxPool1d(4)
        ...
        ...     def forward(self, x, lengths):
        ...         return self.pool(self.conv(x)), lengths // 4 // 4
        >>> explain(Pooling(), (torch.randn(2, 4, 40), torch.tensor([40, 30]))).notes[0].code
        'lengths_differ'
    """
    found = ran.probe.counted()
    if found is None or abs(found.told - found.left) <= _ROUNDED:
        return
    unchanged = found.told == found.given
    said = "its length is still said to be" if unchanged else "its length is then said to be"
    yield (
        f"Seen on a copy: a case that fills all {found.given} steps has {found.left} steps when it comes out, and "
        f"{said} {found.told}. Lengths shrink with each stride and pool that the data go through, once for each: "
        "a mask, a mean or a CTC loss that takes these is wrong."
    )
