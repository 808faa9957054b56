"""Why does a convolution refuse a 2-D input? An axis is missing: which?"""

from collections.abc import Iterator

from ..cause import Repair, When, cause, means
from ..layers import CONVOLUTIONS
from ..situation import Situation
from ..torch_says import ABOUT_SIZES
from .channels import AUDIO, BATCHES, channel_count, channels_last, in_channels_is_length

#: From this number of columns on, a row may well be a case of its own.
_FEATURES = 12
#: From this number of rows on, they may be the cases of a data set.
_CASES = 1000
_WHEN = When(CONVOLUTIONS, unless=ABOUT_SIZES, axes=(2,))


@cause(_WHEN, same_as=channel_count)
def stereo_without_batch(at: Situation) -> Iterator[Repair]:
    """Two rows are the channels of one stereo sound.

    Example:
        >>> "one stereo sound" in explain(nn.Conv1d(1, 8, 3), (2, 16000)).text
        True
    """
    rows, columns = at.shape
    if at.layer.in_channels == 1 and rows == 2 and columns >= AUDIO:
        words = f"the 2 rows are the two channels of one stereo sound of {columns} samples: mix them down to one"
        yield Repair(words, here="{}.mean(dim=0, keepdim=True).unsqueeze(0)")


@cause(_WHEN, twins="channel")
def missing_channel_axis(at: Situation) -> Iterator[Repair]:
    """Signals of one channel came without the channel axis.

    Example:
        >>> explain(nn.Conv1d(1, 16, 3), (32, 100)).fix
        'layer(x.unsqueeze(1))'
    """
    rows, columns = at.shape
    if at.layer.in_channels == 1:
        stereo = rows == 2 and columns >= AUDIO
        words = (
            f"the {rows} rows are cases and the {columns} columns are time steps of one channel (in_channels=1); "
            "the channel axis is missing between them"
        )
        yield Repair(words, here="{}.unsqueeze(1)", doubtful=stereo or columns == 1)


@cause(_WHEN, same_as=channels_last)
def steps_as_rows(at: Situation) -> Iterator[Repair]:
    """One recording came without a batch axis, its channels last.

    Example:
        >>> explain(nn.Conv1d(26, 64, 3), (512, 26)).fix
        'layer(x.T.unsqueeze(0))'
    """
    rows, columns = at.shape
    if columns == at.layer.in_channels:
        a_batch = ((rows in BATCHES or rows > _CASES) and columns >= _FEATURES) or columns == 1
        words = (
            f"the {_columns(columns)} in_channels={columns}, so the {rows} rows are time steps of one recording: "
            "turn it, and add a batch of one"
        )
        long = rows > _CASES and columns == 1
        when = f"is it one recording of {rows:,} samples, or windows of one case each, to be cut?" if long else ""
        yield Repair(words, here="{}.T.unsqueeze(0)", when=when, doubtful=a_batch)


@cause(_WHEN)
def missing_length_axis(at: Situation) -> Iterator[Repair]:
    """Features without time came without a length axis of 1.

    Example:
        >>> explain(nn.ConvTranspose1d(100, 64, 4), (64, 100)).fix
        'layer(x.unsqueeze(-1))'
    """
    rows, columns = at.shape
    if columns == at.layer.in_channels:
        usual = at.layer.transposed or at.layer.kernel_size == (1,)
        words = (
            f"the {rows} rows are cases with {columns} features each and no time: every case gets a length of 1, "
            "so the layer is only a Linear"
        )
        yield Repair(words, here="{}.unsqueeze(-1)", doubtful=not usual)


@cause(_WHEN, same_as=in_channels_is_length)
def columns_as_channels(at: Situation) -> Iterator[Repair]:
    """in_channels was set to the number of columns, which are the length.

    Example:
        >>> "in_channels is 1, not 24" in explain(nn.Conv1d(24, 64, 3), (32, 24)).text
        True
    """
    if at.layer.in_channels == at.shape[1]:
        yield from _one_channel(at)


@cause(_WHEN, same_as=missing_channel_axis)
def rows_as_signals(at: Situation) -> Iterator[Repair]:
    """Each row is a signal of its own, and in_channels is neither 1 nor the length.

    Example:
        >>> explain(nn.Conv1d(8, 16, 3), (32, 100)).problem
        'missing_channel_axis'
    """
    if at.layer.in_channels != at.shape[1]:
        yield from _one_channel(at)


def _columns(number: int) -> str:
    return f"{number} columns match" if number > 1 else "one column matches"


def _one_channel(at: Situation) -> Iterator[Repair]:
    (rows, columns), channels = at.shape, at.layer.in_channels
    if channels != 1 and at.layer.groups == 1:
        words = (
            f"the {rows} rows are separate cases, each one signal of {columns} values: that is one channel, so "
            f"in_channels is 1, not {channels}"
        )
        yield Repair(words, here="{}.unsqueeze(1)", layer={"in_channels": 1})


@means(missing_channel_axis, When(CONVOLUTIONS, unless=("dtype",), axes=(1,)), last=True)
def one_axis(at: Situation) -> str:
    """What torch means by refusing a row of numbers."""
    return f"{type(at.layer).__name__} takes (N, C, L) or (C, L), and this is one axis of {at.shape[0]} numbers"
