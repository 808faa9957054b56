"""Does every layer's answer depend on what it reads?"""

from collections.abc import Iterator

from ..note import Ran, at_line, note, title

_MEANT = {
    "softmax": "its result is always 1. Take the axis along which the weights shall add up to 1: over time dim=-1",
    "log_softmax": "its result is always 0. Take the axis of the classes, for instance dim=1",
    "layer_norm": "its result is always its bias, whatever it reads",
    "group_norm": "its result is always its bias, whatever it reads: take fewer groups, or norm before pooling",
}


@note("output")
def one_value(ran: Ran) -> Iterator[str]:
    """A softmax or a norm works over a single value, so its result is always the same.

    Example:
        >>> explain(nn.Sequential(nn.Conv1d(4, 1, 1), nn.Softmax(dim=1)), (2, 4, 9)).notes[0].code
        'one_value'
    """
    for found in ran.flow.one_value:
        name = title(found.visit) if found.visit and found.visit.is_leaf else f"{found.name}{at_line(found.line)}"
        axis = f"axis {found.axis} of {found.shape}" if "softmax" in found.name else str(found.shape)
        over = f"over {axis}, a single value"
        yield f"{name} works {over}: {_MEANT[found.name]}. Seen by the sizes that it was given."


@note("output")
def dead_layer(ran: Ran) -> Iterator[str]:
    """A ReLU lets nothing through of the numbers that were given.

    Example:
        >>> relu = nn.Sequential(nn.Conv1d(1, 16, 3), nn.ReLU())
        >>> relu[0].bias.data.fill_(-100.0).max()
        tensor(-100.)
        >>> explain(relu, torch.randn(4, 1, 30)).notes[0].code
        'dead_layer'
    """
    for place in ran.probe.dead()[:1]:
        yield (
            f"{title(place.visit) if place.visit else place.name} gives nothing but zeros, {place.shape}. Seen by "
            "a run of a few cases of x, on a copy. Nothing is learned through it: look at the bias before it, and "
            "at the range of the numbers in x."
        )
