"""Does a layer that works in place change what is read again?"""

from collections.abc import Iterator

from ..note import Ran, note, title


@note("output")
def changed_in_place(ran: Ran) -> Iterator[str]:
    """A layer with inplace=True changes a tensor that is read again afterwards.

    Example:
        >>> class Block(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.layers = nn.Sequential(nn.ReLU(inplace=True), nn.Conv1d(4, 4, 3, padding=1))
        ...
        ...     def forward(self, x):
        ...         return x + self.layers(x)
        >>> explain(nn.Sequential(nn.Conv1d(2, 4, 1), Block()), (2, 2, 9)).notes[0].code
        'changed_in_place'
    """
    layers = ran.probe.overwritten()
    if layers:
        first, *others = layers
        more = "".join(f", {visit.path!r}" for visit in others)
        yield (
            f"{title(first)}{more} works in place, on the very tensor that {title(first.overwrites)} was given, "
            "and that tensor is read again: with inplace=False, on a copy, other numbers come out. What such a "
            "block adds to its result is then not what it was given. If that is not meant, set inplace=False."
        )
