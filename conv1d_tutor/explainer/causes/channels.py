"""Why does a convolution refuse a 3-D input? Its middle axis is not the channels: which axis is?"""

from collections.abc import Iterator

from ..cause import Repair, When, cause, means
from ..layers import CONVOLUTIONS
from ..situation import Situation
from ..torch_says import ABOUT_SIZES

#: Numbers of rows that are common as a batch.
BATCHES = (8, 16, 32, 64, 128, 256)
#: From this length on, two channels are taken for stereo sound.
AUDIO = 1000
_WHEN = When(CONVOLUTIONS, unless=ABOUT_SIZES, axes=(3,))


@cause(
    _WHEN,
    twins="turned",
    avoid="not x.reshape or x.view to the wanted shape: it cuts the values anew, and every channel then holds a "
    "mixture of all; and not in_channels set to the time axis: the kernel would slide over features",
)
def channels_last(at: Situation) -> Iterator[Repair]:
    """The channels are the last axis; Conv1d wants (batch, channels, length).

    Example:
        >>> explain(nn.Conv1d(5, 8, 3), (239, 49, 5)).fix
        'layer(x.permute(0, 2, 1))'
    """
    first, middle, last = at.shape
    if last == at.layer.in_channels:
        few = middle <= 3 and last > 4 * middle
        words = (
            f"axis 2 has the {last} that in_channels={last} asks for, so the order is (batch {first}, time "
            f"{middle}, channels {last}): channels stand last"
        )
        words += " (but then there is only 1 time step)" if middle == 1 else ""
        yield Repair((0.4 if middle == 1 else 0.5) if few else 0.9, words, here="{}.permute(0, 2, 1)")


@cause(_WHEN, same_as=channels_last)
def time_before_batch(at: Situation) -> Iterator[Repair]:
    """The axes are (time, batch, channels), as recurrent layers have them.

    Example:
        >>> "as recurrent layers without batch_first" in explain(nn.Conv1d(256, 512, 3), (20, 10, 256)).text
        True
    """
    first, middle, last = at.shape
    a_batch = middle <= 10 or middle in BATCHES
    if last == at.layer.in_channels and first > middle > 1 and a_batch and at.untouched:
        words = (
            f"axis 0 is time and axis 1 the batch, (time {first}, batch {middle}, channels {last}), as recurrent "
            "layers without batch_first have it"
        )
        yield Repair(0.5, words, here="{}.permute(1, 2, 0)")


@cause(_WHEN)
def channels_first(at: Situation) -> Iterator[Repair]:
    """The channels are axis 0, before the batch.

    Example:
        >>> explain(nn.Conv1d(6, 4, 3), (6, 32, 100)).fix
        'layer(x.permute(1, 0, 2))'
    """
    first, _, last = at.shape
    if first == at.layer.in_channels != last:
        words = f"axis 0 has the {first} that in_channels={first} asks for: channels stand before the batch"
        yield Repair(0.55, words, here="{}.permute(1, 0, 2)")


@cause(
    _WHEN,
    avoid="not permute or reshape: no other axis is the channels, and turning the data only moves the error",
)
def channel_count(at: Situation) -> Iterator[Repair]:
    """The data have another number of channels than the layer, and no other axis fits.

    Example:
        >>> denoiser = nn.Sequential(nn.Conv1d(1, 48, 8, stride=4), nn.ReLU())
        >>> explain(denoiser, (1, 2, 114721)).fix
        'layer(x.mean(dim=1, keepdim=True))'
        >>> explain(nn.Conv1d(1, 8, 10), (1, 6904, 2)).fix
        'layer(x.mean(dim=2).unsqueeze(1))'
        >>> separator = nn.Sequential(nn.Conv1d(2, 100, 8, stride=4), nn.ReLU())
        >>> explain(separator, (1, 1, 65262)).fix
        'layer(x.expand(-1, 2, -1))'
    """
    _, found, length = at.shape
    audio = length >= AUDIO and not at.is_whole and at.untouched
    if (found, at.layer.in_channels) == (2, 1):
        words = "the data have 2 channels (stereo) and the layer is made for 1 (mono): mix the two down"
        yield Repair(0.8 if audio else 0.5, words, here="{}.mean(dim=1, keepdim=True)")
    if _stereo_stands_last(at):
        words = (
            f"axis 2 has the 2 channels of stereo sound, after its {found} samples; "
            "the layer is made for 1: mix down"
        )
        yield Repair(0.8, words, here="{}.mean(dim=2).unsqueeze(1)")
    if (found, at.layer.in_channels) == (1, 2):
        words = (
            "the data have 1 channel (mono) and the layer is made for 2 (stereo): give it the same channel twice"
        )
        yield Repair(0.8 if audio else 0.5, words, here="{}.expand(-1, 2, -1)")


@cause(
    _WHEN,
    avoid="not permute: the layer would then see the wrong axis as time, or nothing to slide over",
)
def in_channels_is_length(at: Situation) -> Iterator[Repair]:
    """in_channels was set to the length; it counts channels.

    Example:
        >>> explain(nn.Conv1d(60, 32, 3), (16, 1, 60)).fix
        'nn.Conv1d(1, 32, 3)(x)'
    """
    _, found, length = at.shape
    if _fits_as_channels(at) and _is_its_length(at):
        words = (
            f"the input is right as (batch, channels {found}, length {length}) and in_channels={length} was set "
            f"to the length; in_channels counts channels, and there {'is' if found == 1 else 'are'} {found}"
        )
        yield Repair(0.8 if found == 1 else 0.7, words, layer={"in_channels": found})


@cause(_WHEN, same_as=channel_count)
def in_channels_of_other_data(at: Situation) -> Iterator[Repair]:
    """The data are right as they are, and in_channels was set for others.

    Example:
        >>> explain(nn.Conv1d(6, 16, 3), (32, 5, 100)).fix
        'nn.Conv1d(5, 16, 3)(x)'
    """
    (first, found, length), wanted = at.shape, at.layer.in_channels
    if not _fits_as_channels(at) or _is_its_length(at):
        return
    if length == wanted:
        words = (
            f"if the data are already (batch, channels {found}, length {length}), the layer needs "
            f"in_channels={found}"
        )
    else:
        handed_on = not at.untouched and at.previous is not None and at.previous.output == at.shape
        made_by = f" (what {type(at.previous.module).__name__} before it hands on)" if handed_on else ""
        words = (
            f"no axis but the middle one can be the channels, and it has {found}{made_by}: in_channels={wanted} "
            f"does not fit these data, so set in_channels={found}, or bring {wanted} channels"
        )
    yield Repair(0.4 if wanted in (first, length) else 0.55, words, layer={"in_channels": found})


def _stereo_stands_last(at: Situation) -> bool:
    _, found, length = at.shape
    return (length, at.layer.in_channels) == (2, 1) and found >= AUDIO


def _fits_as_channels(at: Situation) -> bool:
    """Whether a layer like this one can be made for as many channels as there are."""
    found = at.shape[1]
    return found > 0 and found % at.layer.groups == 0 and not _stereo_stands_last(at)


def _is_its_length(at: Situation) -> bool:
    """Whether in_channels is the length, and far more than the channels there are."""
    (_, found, length), wanted = at.shape, at.layer.in_channels
    return length == wanted and found <= 3 and wanted > 4 * found


@means(channel_count, When(CONVOLUTIONS, unless=("dtype",), axes=(3,)), last=True)
def three_axes(at: Situation) -> str:
    """What torch means by another number of channels."""
    channels = at.layer.in_channels
    return f"axis 1 is the channels axis: the layer has in_channels={channels}, the input has {at.shape[1]} there"
