"""Is each case answered by itself, and a batch of one like any other?"""

from collections.abc import Iterator

from torch import nn

from ..layers import RECURRENT
from ..note import Ran, at_line, note, title
from ..probe import Place
from .recut import confirmed

#: How many axes these layers want with a batch; with one fewer they take the first for channels.
_WITH_BATCH = {
    **dict.fromkeys((nn.InstanceNorm1d, nn.Dropout1d), 3),
    **dict.fromkeys((nn.Unfold, nn.Conv2d, nn.InstanceNorm2d, nn.Dropout2d, nn.AdaptiveAvgPool2d), 4),
}
_ATTENTION = (nn.MultiheadAttention, nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)


@note("output")
def cases_mixed(ran: Ran) -> Iterator[str]:
    """One case changes the outputs of another.

    Example:
        >>> class Averaging(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(4, 6, 3)
        ...
        ...     def forward(self, x):
        ...         h = self.conv(x)
        ...         return h - h.mean(0)
        >>> explain(Averaging(), (4, 4, 9)).notes[0].code
        'cases_mixed'
    """
    mixed = _mixed(ran)
    # A batch norm is meant to mix them.
    if mixed is None or _is_batch_first(mixed[0]) or (mixed[0] and mixed[0].name == "batch_norm"):
        return
    place, shape = mixed
    yield f"{_seen(place, shape)} Axis {ran.probe.cases} of x is the batch: each case has its own answer."


@note("output")
def place_in_batch(ran: Ran) -> Iterator[str]:
    """The same case gets another answer at another place in the batch.

    Example:
        >>> class Placing(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.places = nn.Conv1d(4, 8, 3), nn.Embedding(50, 8)
        ...
        ...     def forward(self, x):
        ...         h = self.conv(x).permute(0, 2, 1)
        ...         return h + self.places(torch.arange(len(x))).unsqueeze(1)
        >>> explain(Placing(), (4, 4, 9)).notes[0].code
        'place_in_batch'
    """
    if ran.probe.apart is not None:
        yield (
            f"Seen by a batch of one case repeated, on a copy: its outputs differ, {_first(*ran.probe.apart)}. "
            f"There comes in what has a value for each place in the batch, axis {ran.probe.cases} of x. If the "
            "steps are to be counted, take their number, with an axis of size 1 for the batch, as unsqueeze(0) "
            "makes it."
        )


@note("output")
def batch_first(ran: Ran) -> Iterator[str]:
    """A recurrent or attention layer takes the cases for time steps.

    Example:
        >>> class Attending(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.attention = nn.Conv1d(4, 8, 3), nn.MultiheadAttention(8, 2)
        ...
        ...     def forward(self, x):
        ...         h = self.conv(x).permute(0, 2, 1)
        ...         return self.attention(h, h, h)[0]
        >>> explain(Attending(), (4, 4, 9)).notes[0].code
        'batch_first'
    """
    mixed = _mixed(ran)
    if mixed is None or not _is_batch_first(mixed[0]):
        return
    place, shape = mixed
    visit = place.visit
    if visit.inputs and len(visit.inputs[0]) == 2:
        how = "Without a batch axis it takes the cases for the steps of one sequence: it needs a time axis."
    else:
        how = "It has batch_first=False and takes the cases for time steps. Build it with batch_first=True."
    yield f"{_seen(place, shape)} {how}"


def _mixed(ran: Ran) -> tuple[Place | None, tuple[int, ...]] | None:
    """Where cases are mixed first; a view that cuts through them is told by its own note."""
    return None if any(cut.cases for cut in confirmed(ran)) else ran.probe.mixed


def _is_batch_first(place: Place | None) -> bool:
    visit = place.visit if place else None
    return visit is not None and isinstance(visit.module, (*RECURRENT, *_ATTENTION))


def _seen(place: Place | None, shape: tuple[int, ...]) -> str:
    """How it was seen that the cases are mixed, and where first."""
    seen = "Seen by changing one case only, on a copy: outputs of other cases changed too"
    return f"{seen}, {_first(place, shape)}."


def _first(place: Place | None, shape: tuple[int, ...]) -> str:
    """Where something was first seen: in a layer of torch, a line of the user's, or only in the output."""
    if place is None:
        return f"first in the output {shape}"
    if place.visit is not None and place.visit.path and type(place.visit.module).__module__.startswith("torch."):
        return f"first in {title(place.visit)}"
    return f"first in {place.name}{at_line(place.line)}, which gave {place.shape}"


@note("output")
def squeeze_batch(ran: Ran) -> Iterator[str]:
    """squeeze drops the batch axis of a batch of one.

    Example:
        >>> class Squeezing(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.fc = nn.Conv1d(4, 8, 3), nn.Linear(8, 2)
        ...
        ...     def forward(self, x):
        ...         return self.fc(self.conv(x).mean(-1)).squeeze()
        >>> explain(Squeezing(), (4, 4, 9)).notes[0].code
        'squeeze_batch'
    """
    cases = ran.probe.cases
    if cases is None or not ran.flow.squeezes:
        return
    one, two = ran.probe.batch_of(1), ran.probe.batch_of(2)
    dropped = next((each for each in one.flow.squeezes if each.dropped), None)
    if dropped is None or two.failure or two.output_shape is None:
        return
    if one.failure:
        seen = "forward fails"
    elif one.output_shape is not None and len(one.output_shape) < len(two.output_shape):
        seen = f"{one.output_shape} comes out, and with a batch of two {two.output_shape}"
    else:
        return
    what = "squeeze() without an axis" if dropped.bare else "squeeze of the batch axis"
    yield (
        f"Seen by a batch of one: {seen}. {what}{at_line(dropped.line)} makes {dropped.new} of {dropped.old}: "
        "a single case, or a last batch of one, loses its batch axis. Name the axis that is meant, as squeeze(-1)."
    )


@note("layer")
def cases_as_channels(ran: Ran, i: int) -> Iterator[str]:
    """A layer that also takes input without a batch takes the cases for channels.

    Example:
        >>> explain(nn.InstanceNorm1d(3), (10, 3)).notes[0].code
        'cases_as_channels'
        >>> explain(nn.Unfold((1, 3)), (4, 5, 20)).notes[0].code
        'cases_as_channels'
    """
    visit = ran.leaves[i]
    layer, shape = visit.module, visit.inputs[0]
    if len(shape) != _WITH_BATCH.get(type(layer), 0) - 1:
        return
    axis = visit.layout.only(0) if visit.layout else None
    is_batch = axis is not None and axis.source.place == (0, ran.flow.cases)
    features = getattr(layer, "num_features", shape[0])
    thin = isinstance(layer, nn.Unfold) and 1 in _pair(layer.kernel_size)
    if features != shape[0]:
        yield (
            f"{title(visit)} reads {shape} as one case of {shape[0]} channels, not the {features} that it was "
            f"built for, and normalises each of the {shape[0]} rows by itself. For rows of {features} features "
            f"use BatchNorm1d({features}) or LayerNorm({features}); for signals give (batch, {features}, length)."
        )
    elif is_batch or thin:
        wanted = "(batch, channels, 1, length)" if len(shape) == 3 else "(batch, channels, length)"
        why = "They are" if is_batch else f"If the {shape[0]} are"
        yield (
            f"{title(visit)} reads {shape} as one case of {shape[0]} channels. {why} the cases of the batch"
            f"{':' if is_batch else ','} give it {wanted}, x.unsqueeze({len(shape) - 1})."
        )


def _pair(size: int | tuple[int, ...]) -> tuple[int, ...]:
    return size if isinstance(size, tuple) else (size, size)
