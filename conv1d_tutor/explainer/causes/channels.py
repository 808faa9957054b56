"""Why does a convolution refuse a 3-D input? Its middle axis is not the channels: which axis is?"""

from collections.abc import Iterator
from typing import Any

from ..cause import MIXED, Repair, When, cause, cut_anew, means, remark
from ..layers import CONVOLUTIONS
from ..run import Edit
from ..situation import Situation
from ..torch_says import ABOUT_SIZES

#: Numbers of rows that are common as a batch.
BATCHES = (8, 16, 32, 64, 128, 256)
#: From this length on, two channels are taken for stereo sound, and an axis for a waveform.
AUDIO = 1000
_WAVE = 8000
#: From this number on, channels may be features of a sound; usual numbers of mel bands and coefficients.
_BANDS = 13
_MELS = (13, 20, 24, 26, 39, 40, 64, 80, 83, 96, 100, 128)
#: Half the usual lengths of a Fourier transform.
_SPECTRA = (100, 128, 200, 256, 320, 400, 512, 600, 1024, 2048)
#: How many features of a sound are usual.
_FEATURES = {*_MELS, *(half + 1 for half in _SPECTRA)}
_WHEN = When(CONVOLUTIONS, unless=ABOUT_SIZES, axes=(3,))


@cause(
    _WHEN,
    twins="turned",
    tempts=cut_anew,
    avoid=MIXED,
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
        yield Repair(words, here="{}.permute(0, 2, 1)", doubtful=few)


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
        yield Repair(words, here="{}.permute(1, 2, 0)", doubtful=True)


@cause(_WHEN)
def channels_first(at: Situation) -> Iterator[Repair]:
    """The channels are axis 0, before the batch.

    Example:
        >>> explain(nn.Conv1d(6, 4, 3), (6, 32, 100)).fix
        'layer(x.permute(1, 0, 2))'
    """
    first, _, last = at.shape
    if first == at.layer.in_channels != last and first > 1:
        words = f"axis 0 has the {first} that in_channels={first} asks for: channels stand before the batch"
        yield Repair(words, here="{}.permute(1, 0, 2)", doubtful=last < at.shape[1])


@cause(_WHEN)
def channel_count(at: Situation) -> Iterator[Repair]:
    """The data have another number of channels than the layer, and no other axis fits.

    Example:
        >>> denoiser = nn.Sequential(nn.Conv1d(1, 48, 8, stride=4), nn.ReLU())
        >>> explain(denoiser, (1, 2, 114721)).fixes[0].expression
        'layer(x.mean(dim=1, keepdim=True))'
        >>> explain(nn.Conv1d(1, 8, 10), (1, 6904, 2)).fixes[0].expression
        'layer(x.mean(dim=2).unsqueeze(1))'
        >>> separator = nn.Sequential(nn.Conv1d(2, 100, 8, stride=4), nn.ReLU())
        >>> explain(separator, (1, 1, 65262)).fixes[0].expression
        'layer(x.expand(-1, 2, -1))'
    """
    _, found, _ = at.shape
    if not at.untouched:
        return
    if (found, at.layer.in_channels) == (2, 1):
        words = "the data have 2 channels (stereo) and the layer is made for 1 (mono): mix the two down"
        yield Repair(words, here="{}.mean(dim=1, keepdim=True)", when="may the two channels become one?")
    if _stereo_stands_last(at):
        words = (
            f"axis 2 has the 2 channels of stereo sound, after its {found} samples; "
            "the layer is made for 1: mix down"
        )
        yield Repair(words, here="{}.mean(dim=2).unsqueeze(1)", when="may the two channels become one?")
    if (found, at.layer.in_channels) == (1, 2):
        words = (
            "the data have 1 channel (mono) and the layer is made for 2 (stereo): give it the same channel twice"
        )
        yield Repair(words, here="{}.expand(-1, 2, -1)")


@cause(_WHEN, same_as=channel_count)
def each_channel_by_itself(at: Situation) -> Iterator[Repair]:
    """A layer for one channel was given several: it can run on each of them.

    Example:
        >>> smoothing = nn.Conv1d(1, 1, 101, padding=50, bias=False)
        >>> explain(smoothing, (96, 2, 8192)).fix
        'layer(x.flatten(0, 1).unsqueeze(1)).unflatten(0, (96, 2)).flatten(1, 2)'
    """
    cases, found, length = at.shape
    if at.layer.in_channels != 1 or not at.untouched or not 1 < found <= length:
        return
    words = (
        f"the layer reads 1 channel: run it on each of the {found} by itself, as a case of its own (or build it "
        f"with groups={found})"
    )
    # A filter of one channel is made for that; a first layer with many kernels may want another in_channels.
    filters = at.is_whole and at.layer.out_channels == 1
    back = f"{{}}.unflatten(0, ({cases}, {found}))" + (".flatten(1, 2)" if at.is_whole else "")
    yield Repair(
        words,
        here="{}.flatten(0, 1).unsqueeze(1)",
        edits=(Edit("after", back),),
        when=f"is the same filter meant for each of the {found} channels?",
        doubtful=not filters,
    )


@cause(_WHEN)
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
        yield Repair(words, layer={"in_channels": found}, certain=found == 1)


@cause(_WHEN, same_as=channel_count)
def in_channels_of_other_data(at: Situation) -> Iterator[Repair]:
    """The data are right as they are, or turned, and in_channels was set for others.

    Example:
        >>> found = explain(nn.Conv1d(6, 16, 3), (32, 5, 100))
        >>> found.fix, [fix.expression for fix in found.fixes]
        (None, ['nn.Conv1d(5, 16, 3)(x)'])
        >>> [fix.expression for fix in explain(nn.Conv1d(5, 8, 3), (32, 49, 4)).fixes]
        ['nn.Conv1d(4, 8, 3)(x.permute(0, 2, 1))']
        >>> class Branches(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.wide, self.narrow = nn.Conv1d(1, 8, 9, padding=4), nn.Conv1d(1, 8, 3, padding=1)
        ...
        ...     def forward(self, x):
        ...         return torch.cat([self.wide(x), self.narrow(x)], dim=1)
        >>> explain(Branches(), (4, 3, 50)).fixes[0].changes
        'builds nn.Conv1d(3, 8, 9, padding=4) anew, builds nn.Conv1d(3, 8, 3, padding=1) anew'
    """
    if _is_its_length(at):
        return
    (_, found, length), wanted = at.shape, at.layer.in_channels
    as_it_is = Repair(_as_it_is(at), layer={"in_channels": found}, certain=at.contradicts_itself)
    ways = [as_it_is] if _fits_as_channels(at) else []
    if at.untouched and wanted not in at.shape and length % at.layer.groups == 0 and length > 1:
        words = (
            f"if axis 2 has the channels, {length} of them, and axis 1 the {found} steps, the layer needs "
            f"in_channels={length} and the data turned"
        )
        ways.append(Repair(words, here="{}.permute(0, 2, 1)", layer={"in_channels": length}))
    # The longer axis is mostly time.
    yield from reversed(ways) if found > length else ways


@cause(_WHEN, same_as=channel_count)
def joined_along_time(at: Situation) -> Iterator[Repair]:
    """Constants were joined to the series along time, where they had to stand beside them.

    Example:
        >>> text = explain(nn.Conv1d(37, 48, 11), (8, 691, 18)).text
        >>> "672 + 19 = 691" in text and "18 + 19 = 37" in text
        True
        >>> "196 + 4 = 200" in explain(nn.Conv1d(7, 48, 11), (8, 3, 200)).text
        False
        >>> "200 + 4 = 204" in explain(nn.Conv1d(7, 48, 11), (8, 3, 204)).text
        True
    """
    (_, a, b), wanted = at.shape, at.layer.in_channels
    if not at.untouched or wanted in at.shape:
        return
    features, joined = min(a, b), max(a, b)
    added = wanted - features
    steps = joined - added
    # One series more may be missing as well; lengths are mostly round.
    if added < 2 or steps < 2 * added or (steps % 10 and steps % 12):
        return
    words = (
        f"were {added} constants joined to the {features} series along time ({steps} + {added} = {joined})? "
        f"Beside them, {features} + {added} = {wanted}, each constant repeated over time"
    )
    series, constants = ("[:, :{0}]", "[:, {0}:, 0]") if a > b else ("[:, :, :{0}]", "[:, 0, {0}:]")
    repeated = f"{{0}}{constants.format(steps)}.unsqueeze(-1).expand(-1, -1, {steps})"
    series = f"{{0}}{series.format(steps)}" + (".transpose(1, 2)" if a > b else "")
    yield Repair(words, here=f"torch.cat([{series}, {repeated}], dim=1)")


@cause(_WHEN, same_as=channel_count)
def exchanged(at: Situation) -> Iterator[Repair]:
    """in_channels and out_channels stand in each other's place.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(1, 16, 4), nn.ReLU(), nn.ConvTranspose1d(1, 16, 4))
        >>> [fix.expression for fix in explain(model, (8, 1, 64)).fixes][-1]
        "(layer.set_submodule('2', nn.ConvTranspose1d(16, 1, 4)), layer(x))[-1]"
    """
    found, wanted, made = at.shape[1], at.layer.in_channels, at.layer.out_channels
    if made == found != wanted:
        words = f"in_channels={wanted} and out_channels={made} are exchanged: {found} channels come, {wanted} go"
        yield Repair(words, layer={"in_channels": made, "out_channels": wanted}, certain=at.contradicts_itself)


@remark(channel_count)
def where_the_number_may_be(at: Situation, readings: list[Any]) -> Iterator[str]:
    """What the sizes look like, where no axis has the number that the layer asks for.

    Example:
        >>> "80 channels are features" in explain(nn.Conv1d(80, 128, 7), (1, 67072, 11)).text
        True
        >>> "513 = 1024/2 + 1" in explain(nn.Conv1d(80, 512, 7), (1, 1000, 513)).text
        True
        >>> "n_mels=128" in explain(nn.Conv1d(128, 1280, 3), (1, 80, 3000)).text
        True
        >>> encoder = nn.Sequential(nn.Conv1d(1, 64, 10, stride=5), nn.ReLU())
        >>> "the samples themselves" in explain(encoder, (4, 80, 200)).text
        True
        >>> "1 channel is missing" in explain(nn.Conv1d(5, 8, 3), (32, 49, 4)).text
        True
    """
    if len(at.shape) != 3 or not at.untouched or at.layer.in_channels in at.shape[1:]:
        return
    wanted, (few, many) = at.layer.in_channels, sorted(at.shape[1:])
    yield f"no axis has the {wanted} that in_channels={wanted} asks for"
    bins = next((size for size in at.shape[1:] if size > wanted and size - 1 in _SPECTRA), None)
    if many >= _WAVE and wanted >= _BANDS:
        yield (
            f"an axis of {many:,} is as long as a waveform, and {wanted} channels are features of one (mel bands, "
            "MFCC): compute them first, or leave this model out if x is already what it makes"
        )
    elif bins:
        yield (
            f"{bins} = {2 * (bins - 1)}/2 + 1 are the bins of a linear spectrogram with n_fft={2 * (bins - 1)}; "
            f"{wanted} bands come from a mel filter bank (n_mels={wanted})"
        )
    elif wanted == 1 and not at.is_whole and not _FEATURES.isdisjoint(at.shape[1:]):
        yield (
            "a first layer of 1 channel mostly reads a waveform, and these look like features of one (a "
            "spectrogram, mel bands, MFCC): give it the samples themselves"
        )
    elif wanted in _MELS and few in _MELS:
        yield f"{few} and {wanted} are both usual numbers of bands: compute the features with n_mels={wanted}"
    elif 0 < wanted - few <= 3:
        missing = wanted - few
        yield (
            f"{missing} channel{'s are' if missing > 1 else ' is'} missing: was a column dropped on the way, or "
            "taken as an index?"
        )


def _as_it_is(at: Situation) -> str:
    (_, found, length), wanted = at.shape, at.layer.in_channels
    if at.contradicts_itself:
        made_by = f" after {type(at.previous.module).__name__}" if at.previous else ""
        return (
            f"{found} channels come to this layer{made_by}, whatever the data are, and in_channels={wanted}: they "
            f"have to be the same, so set in_channels={found}"
        )
    return (
        f"if the data are already (batch, channels {found}, length {length}), the layer needs in_channels={found}"
    )


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
