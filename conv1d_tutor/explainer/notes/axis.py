"""Does a layer read along the axis that is meant?"""

from collections.abc import Iterator
from dataclasses import replace

from torch import nn

from ..layers import CONVOLUTIONS, POINTWISE, POOLS, RECURRENT
from ..note import Ran, note, title
from ..run import Visit


def _comes_from_a_convolution(ran: Ran, i: int) -> bool:
    """Whether a layer reads (batch, channels, length) straight from a convolution."""
    source, shape = _convolution_behind(ran.leaves[:i]), ran.leaves[i].inputs[0]
    return ran.leaves[i].output is not None and source is not None and shape == source.output and len(shape) == 3


def _convolution_behind(before: list[Visit]) -> Visit | None:
    """The last convolution or pooling, if only value-by-value layers came after it."""
    for visit in reversed(before):
        if isinstance(visit.module, (*CONVOLUTIONS, *POOLS)):
            return replace(visit, output=before[-1].output)
        if not isinstance(visit.module, POINTWISE):
            return None
    return None


@note("layer")
def pool_over_channels(ran: Ran, i: int) -> Iterator[str]:
    """A 2d pooling pools over the channels of signals.

    Example:
        >>> explain(nn.Sequential(nn.Conv1d(4, 6, 3), nn.MaxPool2d(2)), (2, 4, 9)).notes[0].code
        'pool_over_channels'
    """
    visit = ran.leaves[i]
    if isinstance(visit.module, nn.MaxPool2d | nn.AvgPool2d) and len(visit.inputs[0]) == 3:
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
def rnn_batch_first(ran: Ran, i: int) -> Iterator[str]:
    """A recurrent layer takes the cases for time steps.

    Example:
        >>> explain(nn.Sequential(nn.Linear(6, 8), nn.LSTM(8, 3)), (4, 30, 6)).notes[0].code
        'rnn_batch_first'
    """
    visit, shape = ran.leaves[i], ran.leaves[i].inputs[0]
    if not i or visit.output is None or not isinstance(visit.module, RECURRENT) or visit.module.batch_first:
        return
    if not _comes_from_a_convolution(ran, i) and len(shape) == 3 and shape[0] == ran.x[0] != shape[1]:
        yield (
            f"{title(visit)} has batch_first=False and sees {shape}: it takes the {shape[0]} cases for time "
            "steps. Build it with batch_first=True."
        )


@note("layer")
def linear_over_time(ran: Ran, i: int) -> Iterator[str]:
    """A Linear works along time, each channel by itself.

    Example:
        >>> explain(nn.Sequential(nn.Conv1d(4, 6, 3), nn.ReLU(), nn.Linear(7, 3)), (2, 4, 9)).notes[0].code
        'linear_over_time'
    """
    visit = ran.leaves[i]
    if isinstance(visit.module, nn.Linear) and _comes_from_a_convolution(ran, i):
        yield (
            f"{title(visit)} works on the last axis of {visit.inputs[0]}, which is time: each channel by itself. "
            "To mix channels at each step use permute(0, 2, 1) before it; for one answer per case, Flatten or a "
            "mean over time."
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
    if tuple(visit.module.normalized_shape) == shape[-1:] and shape[1] != shape[2]:
        yield f"{title(visit)} normalises over the last axis of {shape}, which is time."
