"""Does a layer read along the axis that is meant?"""

from collections.abc import Iterator

from torch import nn

from ..layers import RECURRENT
from ..note import Ran, note, title


def _comes_from_a_convolution(ran: Ran, i: int) -> bool:
    """Whether a layer reads (batch, channels, length) as a convolution made it: no axis was turned since."""
    layout = ran.leaves[i].layout
    if layout is None or layout.turned or len(layout.axes) != 3:
        return False
    channels, length = layout.only(1), layout.only(2)
    return bool(channels and length) and (channels.kind, length.kind) == ("channels", "slid") and channels.size > 1


@note("layer")
def pool_over_channels(ran: Ran, i: int) -> Iterator[str]:
    """A 2d pooling pools over the channels of signals.

    Example:
        >>> explain(nn.Sequential(nn.Conv1d(4, 6, 3), nn.MaxPool2d(2)), (2, 4, 9)).notes[0].code
        'pool_over_channels'
    """
    visit = ran.leaves[i]
    is_2d = isinstance(visit.module, nn.MaxPool2d | nn.AvgPool2d)
    if is_2d and _comes_from_a_convolution(ran, i):
        meant = type(visit.module).__name__.replace("2d", "1d")
        yield (
            f"{title(visit)} reads {visit.inputs[0]} as one image and pools over the channels too; for signals "
            f"{meant} is meant."
        )


@note("layer")
def rnn_over_channels(ran: Ran, i: int) -> Iterator[str]:
    """A recurrent layer reads channels as time steps.

    Example:
        >>> explain(nn.Sequential(nn.Conv1d(4, 6, 3), nn.LSTM(7, 3, batch_first=True)), (2, 4, 9)).notes[0].code
        'rnn_over_channels'
    """
    visit = ran.leaves[i]
    if isinstance(visit.module, RECURRENT) and _comes_from_a_convolution(ran, i):
        yield (
            f"{title(visit)} reads {visit.inputs[0]} straight from a convolution, (batch, channels, length), and "
            "takes the channels for time steps. permute(0, 2, 1) before it makes them features (with "
            "batch_first=True)."
        )


@note("layer")
def linear_over_time(ran: Ran, i: int) -> Iterator[str]:
    """A Linear works along time, each channel by itself.

    Example:
        >>> explain(nn.Sequential(nn.Conv1d(4, 6, 3), nn.ReLU(), nn.Linear(7, 3)), (2, 4, 9)).notes[0].code
        'linear_over_time'
    """
    visit = ran.leaves[i]
    # What is turned later, slid along, or added to steps was made of steps on purpose.
    is_meant = visit.made is not None and visit.made.moved
    if isinstance(visit.module, nn.Linear) and _comes_from_a_convolution(ran, i) and not is_meant:
        yield (
            f"{title(visit)} works on the last axis of {visit.inputs[0]}, which is time: each channel by itself. "
            "That is right for a forecast of each channel. To mix channels at each step use permute(0, 2, 1) "
            "before it; for one answer per case, Flatten or a mean over time."
        )


@note("layer")
def norm_over_time(ran: Ran, i: int) -> Iterator[str]:
    """A LayerNorm works along time.

    Example:
        >>> explain(nn.Sequential(nn.Conv1d(4, 6, 3), nn.LayerNorm(7)), (2, 4, 9)).notes[0].code
        'norm_over_time'
    """
    visit, shape = ran.leaves[i], ran.leaves[i].inputs[0]
    if not isinstance(visit.module, nn.LayerNorm) or not _comes_from_a_convolution(ran, i):
        return
    if tuple(visit.module.normalized_shape) == shape[-1:]:
        yield f"{title(visit)} normalises over the last axis of {shape}, which is time."


@note("layer")
def embedding_not_turned(ran: Ran, i: int) -> Iterator[str]:
    """A convolution slides over the coordinates of an Embedding, not over its tokens.

    Example:
        >>> explain(nn.Sequential(nn.Embedding(50, 16), nn.Conv1d(20, 8, 3)), (4, 20)).notes[0].code
        'embedding_not_turned'
    """
    visit = ran.leaves[i]
    layer, layout = visit.module, visit.layout
    if type(layer) is not nn.Conv1d or layer.kernel_size == (1,) or layout is None or len(layout.axes) != 3:
        return
    tokens, coordinates = layout.only(1), layout.only(2)
    if layout.turned or not tokens or not coordinates or tokens.size == 1:
        return
    if tokens.kind == "given" and coordinates.kind == "coordinates" and not coordinates.whole:
        yield (
            f"{title(visit)} reads {visit.inputs[0]} straight from an Embedding: the {tokens.size} tokens stand "
            f"as channels, and the kernel slides over the {coordinates.size} coordinates of the embedding, whose "
            f"order means nothing. permute(0, 2, 1) before it, with in_channels={coordinates.size}."
        )
