"""Why does a Conv1d refuse its input? One function per group of causes; each yields candidates, best first."""

from collections.abc import Iterator

from .situation import Candidate, Situation
from .source import built

#: From this number of columns on, a row may well be a case of its own.
_FEATURES = 12
#: Numbers of rows that are common as a batch.
_BATCHES = (8, 16, 32, 64, 128, 256)
#: From this length on, two channels are taken for stereo sound.
_AUDIO = 1000


def two_axes(at: Situation) -> Iterator[Candidate]:
    """A 2-D input: which axis is missing?"""
    rows, columns = at.shape
    channels = at.layer.in_channels
    stereo = rows == 2 and columns >= _AUDIO
    if channels == 1 and stereo:
        edit = "{}.mean(dim=0, keepdim=True).unsqueeze(0)"
        words = f"the 2 rows are the two channels of one stereo sound of {columns} samples: mix them down to one"
        yield Candidate("channel_count", (at.here(edit),), 0.7, words, at.cure(edit))
    if channels == 1:
        yield Candidate(
            "missing_channel_axis",
            (at.here("{}.unsqueeze(1)"),),
            0.7 if stereo else 0.9 if columns > 1 else 0.4,
            f"the {rows} rows are cases and the {columns} columns are time steps of one channel (in_channels=1); "
            "the "
            "channel axis is missing between them",
            at.cure("{}.unsqueeze(1)"),
        )
    if columns == channels:
        yield Candidate(
            "channels_last",
            (at.here("{}.T.unsqueeze(0)"),),
            0.6 if (rows in _BATCHES and columns >= _FEATURES) or channels == 1 else 0.75,
            f"the {columns} columns match in_channels={channels}, so the {rows} rows are time steps of one "
            "recording: "
            "turn it, and add a batch of one",
            at.cure("{}.T.unsqueeze(0)"),
        )
        yield Candidate(
            "missing_length_axis",
            (at.here("{}.unsqueeze(-1)"),),
            0.9 if at.layer.transposed else 0.8 if at.layer.kernel_size == (1,) else 0.3,
            f"the {rows} rows are cases with {columns} features each and no time: every case gets a length of 1, "
            "so the "
            "layer is only a Linear",
            at.cure("{}.unsqueeze(-1)"),
        )
    if rows == channels:
        yield Candidate(
            "missing_batch_axis",
            (at.here("{}.unsqueeze(0)"),),
            0.8,
            f"the {rows} rows match in_channels={channels}, so this is one case without a batch axis",
            at.cure("{}.unsqueeze(0)"),
        )
    new = built(at.layer, in_channels=1)
    if channels != 1 and at.layer.groups == 1 and new:
        yield Candidate(
            "in_channels_is_length" if columns == channels else "missing_channel_axis",
            (at.here("{}.unsqueeze(1)"), at.replaced(new)),
            0.6 if columns == channels else 0.65,
            f"the {rows} rows are separate cases, each one signal of {columns} values: that is one channel, so "
            f"in_channels is 1, not {channels}",
        )


def three_axes(at: Situation) -> Iterator[Candidate]:
    """A 3-D input whose middle axis is not the channels."""
    first, middle, last = at.shape
    channels = at.layer.in_channels
    if last == channels:
        few = middle <= 3 and channels > 4 * middle
        yield Candidate(
            "channels_last",
            (at.here("{}.permute(0, 2, 1)"),),
            (0.4 if middle == 1 else 0.5) if few else 0.9,
            f"axis 2 has the {last} that in_channels={channels} asks for, so the order is (batch {first}, time "
            f"{middle}, "
            f"channels {last}): channels stand last"
            + (" (but then there is only 1 time step)" if middle == 1 else ""),
            at.cure("{}.permute(0, 2, 1)"),
        )
    if last == channels and first > middle > 1 and (middle <= 10 or middle in _BATCHES) and at.untouched:
        yield Candidate(
            "channels_last",
            (at.here("{}.permute(1, 2, 0)"),),
            0.5,
            f"axis 0 is time and axis 1 the batch, (time {first}, batch {middle}, channels {last}), as recurrent "
            "layers "
            "without batch_first have it",
        )
    if first == channels and last != channels:
        yield Candidate(
            "channels_first",
            (at.here("{}.permute(1, 0, 2)"),),
            0.55,
            f"axis 0 has the {first} that in_channels={channels} asks for: channels stand before the batch",
            at.cure("{}.permute(1, 0, 2)"),
        )
    yield from other_channel_count(at, middle, last, first == channels)


def other_channel_count(at: Situation, found: int, length: int, elsewhere: bool) -> Iterator[Candidate]:
    """No axis fits, or the data are right and in_channels is wrong."""
    layer, wanted = at.layer, at.layer.in_channels
    audio = length >= _AUDIO and not at.is_whole and at.untouched
    if (found, wanted) == (2, 1):
        yield Candidate(
            "channel_count",
            (at.here("{}.mean(dim=1, keepdim=True)"),),
            0.8 if audio else 0.5,
            "the data have 2 channels (stereo) and the layer is made for 1 (mono): mix the two down",
            at.cure("{}.mean(dim=1, keepdim=True)"),
        )
    if (length, wanted) == (2, 1) and found >= _AUDIO:
        edit = "{}.mean(dim=2).unsqueeze(1)"
        words = (
            f"axis 2 has the 2 channels of stereo sound, after its {found} samples; the layer is made for 1: mix "
            "down"
        )
        yield Candidate("channel_count", (at.here(edit),), 0.8, words, at.cure(edit))
        return
    if (found, wanted) == (1, 2):
        yield Candidate(
            "channel_count",
            (at.here("{}.expand(-1, 2, -1)"),),
            0.8 if audio else 0.5,
            "the data have 1 channel (mono) and the layer is made for 2 (stereo): give it the same channel twice",
            at.cure("{}.expand(-1, 2, -1)"),
        )
    new = built(layer, in_channels=found) if layer.groups == 1 and found else None
    if layer.groups > 1 and found and found % layer.groups == 0:
        new = built(layer, in_channels=found)
    if new:
        as_length = length == wanted
        few = as_length and found <= 3 and wanted > 4 * found
        weight = 0.8 if few and found == 1 else 0.7 if few else 0.4 if as_length or elsewhere else 0.55
        if few:
            belief = (
                f"the input is right as (batch, channels {found}, length {length}) and in_channels={wanted} was "
                "set to "
                f"the length; in_channels counts channels, and there {'is' if found == 1 else 'are'} {found}"
            )
        elif as_length:
            belief = (
                f"if the data are already (batch, channels {found}, length {length}), the layer needs "
                f"in_channels={found}"
            )
        else:
            handed_on = not at.untouched and at.previous is not None and at.previous.output == at.shape
            made_by = f" (what {type(at.previous.module).__name__} before it hands on)" if handed_on else ""
            belief = (
                f"no axis but the middle one can be the channels, and it has {found}{made_by}: "
                f"in_channels={wanted} "
                f"does not fit these data, so set in_channels={found}, or bring {wanted} channels"
            )
        yield Candidate("in_channels_is_length" if few else "channel_count", (at.replaced(new),), weight, belief)


def four_axes(at: Situation) -> Iterator[Candidate]:
    """One axis too many, or a layer of one dimension too few."""
    shape, channels = at.shape, getattr(at.layer, "in_channels", None)
    for axis in (i for i in (1, 2, 3, 0) if shape[i] == 1):
        rest = [size for i, size in enumerate(shape) if i != axis]
        word = {0: "a second batch axis of 1", 1: "a channel axis of 1 as images have", 3: "a last axis of 1"}
        why = f"axis {axis} has size 1 ({word.get(axis, 'nothing along it')}) and Conv1d has no place for it"
        weight = 0.85 - 0.02 * (1, 2, 3, 0).index(axis)
        if channels is None or rest[1] == channels:
            yield Candidate(
                "extra_axis", (at.here(f"{{}}.squeeze({axis})"),), weight, why, at.cure(f"{{}}.squeeze({axis})")
            )
        if channels is not None and rest[2] == channels != rest[1]:
            edit = f"{{}}.squeeze({axis}).permute(0, 2, 1)"
            more = f"; of the rest, the last has the {channels} channels, so it moves to the middle"
            yield Candidate("extra_axis", (at.here(edit),), weight - 0.05, why + more, at.cure(edit))
        if channels == 1 and rest[2] == 2 and rest[1] >= _AUDIO:
            edit = f"{{}}.squeeze({axis}).mean(dim=2).unsqueeze(1)"
            more = "; the last axis has the two channels of stereo sound, and in_channels=1: mix them down"
            yield Candidate("extra_axis", (at.here(edit),), weight, why + more, at.cure(edit))
    if channels is None:
        return
    n, a, b, c = shape
    if a == 1 == channels and b > 1 and c > 1:
        new = built(at.layer, in_channels=b)
        words = (
            f"axis 1 has size 1 and is one too many; then (batch {n}, channels {b}, length {c}) needs "
            f"in_channels={b}"
        )
        if new:
            yield Candidate("extra_axis", (at.here("{}.squeeze(1)"), at.replaced(new)), 0.6, words)
    if a == channels:
        new = built(at.layer, kind=type(at.layer).__name__.replace("1d", "2d"))
        words = f"(batch {n}, channels {a}, height {b}, width {c}): data that extend in two directions, so Conv2d"
        if new and b > 1 and c > 1:
            yield Candidate("needs_conv2d", (at.replaced(new),), 0.6, words)
    if 1 in shape[1:]:
        return
    if b == channels:
        edit, words = (
            "{}.flatten(0, 1)",
            f"{n} × {a} windows of (channels {b}, length {c}): every window is a case",
        )
        yield Candidate("extra_axis", (at.here(edit),), 0.5, words, at.cure(edit))
    if a * b == channels:
        edit, words = "{}.flatten(1, 2)", f"axes 1 and 2 together are the {channels} = {a}·{b} channels"
        yield Candidate("extra_axis", (at.here(edit),), 0.7, words, at.cure(edit))
    if c == channels != b:
        edit = "{}.flatten(0, 1).permute(0, 2, 1)"
        words = (
            f"{n} × {a} windows of (time {b}, channels {c}): every window is a case, and its channels stand last"
        )
        yield Candidate("extra_axis", (at.here(edit),), 0.5, words, at.cure(edit))


def many_axes(at: Situation) -> Iterator[Candidate]:
    """Five axes or more, of which all but three have size 1."""
    ones = [axis for axis, size in enumerate(at.shape) if axis and size == 1]
    rest = [size for axis, size in enumerate(at.shape) if axis not in ones]
    if len(rest) != 3:
        return
    edit = "{}" + "".join(f".squeeze({axis})" for axis in reversed(ones))
    words = f"axes {', '.join(map(str, ones))} have size 1, and Conv1d has no place for them"
    if rest[1] != at.layer.in_channels == rest[2]:
        edit, words = f"{edit}.permute(0, 2, 1)", f"{words}; of the rest, the last has the channels"
    yield Candidate("extra_axis", (at.here(edit),), 0.8, words, at.cure(edit))
