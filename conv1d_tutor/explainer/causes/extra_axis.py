"""Why does a convolution or a pooling refuse four axes and more? Which of them is one too many?"""

from collections.abc import Iterator

from ..cause import MIXED, Repair, When, cause, cut_anew, means
from ..layers import BATCH_NORMS, CONVOLUTIONS
from ..situation import Situation
from ..torch_says import ABOUT_SIZES
from .channels import AUDIO

_WHEN = When(CONVOLUTIONS, unless=ABOUT_SIZES, axes=(4,))
#: What an axis of size 1 mostly is, by its place; first those that are most often one too many.
_ONES = {
    1: "a channel axis of 1 as images have",
    2: "nothing along it",
    3: "a last axis of 1",
    0: "a second batch axis of 1",
}


@cause(
    When(unless=ABOUT_SIZES, axes=(4,)),
    twins="turned",
    tempts=cut_anew,
    avoid=MIXED,
)
def extra_axis(at: Situation) -> Iterator[Repair]:
    """There is an axis too many, mostly one of size 1.

    Example:
        >>> explain(nn.Conv1d(161, 768, 13), (40, 1, 161, 192)).fix
        'layer(x.squeeze(1))'
        >>> explain(nn.Conv1d(80, 32, 5), (1, 1, 191, 80)).fix
        'layer(x.squeeze(1).permute(0, 2, 1))'
        >>> explain(nn.Conv1d(1, 8, 10, stride=5), (1, 1, 6904, 2)).fixes[0].expression
        'layer(x.squeeze(1).mean(dim=2).unsqueeze(1))'
    """
    if not _is_made_for_three(at):
        return
    channels = getattr(at.layer, "in_channels", None)
    for axis, what in _ONES.items():
        if at.shape[axis] != 1:
            continue
        rest = [size for i, size in enumerate(at.shape) if i != axis]
        words = f"axis {axis} has size 1 ({what}) and Conv1d has no place for it"
        squeezed = f"{{}}.squeeze({axis})"
        if channels is None or rest[1] == channels:
            yield Repair(words, here=squeezed)
        if channels is not None and rest[2] == channels != rest[1]:
            more = f"; of the rest, the last has the {channels} channels, so it moves to the middle"
            yield Repair(words + more, here=f"{squeezed}.permute(0, 2, 1)")
        if channels == 1 and rest[2] == 2 and rest[1] >= AUDIO:
            more = "; the last axis has the two channels of stereo sound, and in_channels=1: mix them down"
            yield Repair(words + more, here=f"{squeezed}.mean(dim=2).unsqueeze(1)")


@cause(_WHEN, same_as=extra_axis)
def channel_axis_before_channels(at: Situation) -> Iterator[Repair]:
    """The channel axis of an image stands before the channels of a signal, and in_channels counts the wrong one.

    Example:
        >>> "needs in_channels=128" in explain(nn.Conv1d(1, 32, 3), (8, 1, 128, 100)).text
        True
    """
    cases, ones, channels, length = at.shape
    if ones == 1 == at.layer.in_channels and channels > 1 and length > 1:
        words = (
            f"axis 1 has size 1 and is one too many; then (batch {cases}, channels {channels}, length {length}) "
            f"needs in_channels={channels}"
        )
        yield Repair(words, here="{}.squeeze(1)", layer={"in_channels": channels})


@cause(_WHEN, same_as=extra_axis)
def several_signals(at: Situation) -> Iterator[Repair]:
    """The model adds the channel axis itself, and was given several signals a case.

    Example:
        >>> class Wave(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(1, 8, 5)
        ...
        ...     def forward(self, wave):
        ...         return self.conv(wave[:, None])
        >>> [fix.expression for fix in explain(Wave(), (4, 12, 500)).fixes[:2]]
        ['layer(x.flatten(0, 1))', 'layer(x.flatten(1))']
        >>> found = explain(Wave(), (4, 16000, 2))
        >>> found.fix, [fix.expression for fix in found.fixes]
        (None, ['layer(x.mean(dim=2))', 'layer(x.mT.flatten(0, 1))'])
    """
    (cases, ones, *rest), channels = at.shape, getattr(at.layer, "in_channels", 1)
    if ones == channels == 1 and at.x == (cases, *rest):
        yield from one_signal_a_case(at)


def one_signal_a_case(at: Situation) -> Iterator[Repair]:
    """What several signals a case may become, where the model takes one: the longer axis is time."""
    axis = 2 if at.x[2] < at.x[1] else 1
    several, samples = at.x[axis], max(at.x[1:])
    words = "the model takes one signal a case, (batch, samples), and here are "
    turn = "{}.mT" if axis == 2 else "{}"
    stereo = several == 2 and samples >= AUDIO
    if stereo:
        mixed = f"{words}the 2 channels of stereo: mix them down"
        yield Repair(mixed, whole=f"{{}}.mean(dim={axis})", when="may the two channels become one?", certain=True)
    if several > 1:
        each = "is each of them to be answered by itself?"
        own = f"{words}{several}: each is a case of its own"
        yield Repair(own, whole=f"{turn}.flatten(0, 1)", when=each, doubtful=not stereo)
    if several > 1 and not stereo:
        joined = "was the model made for the signals of a case in a row?"
        behind = f"{words}{several}: one behind the other they are one signal of {several * samples} samples"
        yield Repair(behind, whole=f"{turn}.flatten(1)", when=joined, doubtful=True)


@cause(_WHEN)
def needs_conv2d(at: Situation) -> Iterator[Repair]:
    """The data extend in two directions: Conv2d is meant.

    Example:
        >>> explain(nn.Conv1d(3, 8, 3), (8, 3, 32, 32)).fix
        'nn.Conv2d(3, 8, 3)(x)'
    """
    cases, channels, height, width = at.shape
    if channels == at.layer.in_channels and height > 1 and width > 1:
        words = (
            f"(batch {cases}, channels {channels}, height {height}, width {width}): data that extend in two "
            "directions, so Conv2d"
        )
        kind = type(at.layer).__name__.replace("1d", "2d")
        yield Repair(words, layer={"kind": kind}, certain=True, doubtful=channels == 1)


@cause(_WHEN, same_as=extra_axis)
def windows_in_cases(at: Situation) -> Iterator[Repair]:
    """Each case holds several windows, or its channels are spread over two axes.

    Example:
        >>> explain(nn.Conv1d(3, 8, 5), (8, 10, 3, 100)).fix
        'layer(x.flatten(0, 1))'
        >>> explain(nn.Conv1d(12, 8, 5), (8, 4, 3, 100)).fix
        'layer(x.flatten(1, 2))'
        >>> explain(nn.Conv1d(6, 8, 3), (4, 5, 30, 6)).fix
        'layer(x.flatten(0, 1).permute(0, 2, 1))'
    """
    (cases, a, b, c), channels = at.shape, at.layer.in_channels
    if 1 in (a, b, c):
        return
    if b == channels:
        words = f"{cases} × {a} windows of (channels {b}, length {c}): every window is a case"
        yield Repair(words, here="{}.flatten(0, 1)", doubtful=a == 2)
    if a * b == channels:
        words = f"axes 1 and 2 together are the {channels} = {a}·{b} channels"
        yield Repair(words, here="{}.flatten(1, 2)")
    if c == channels != b:
        words = f"{cases} × {a} windows of (time {b}, channels {c}): "
        words += "every window is a case, and its channels stand last"
        yield Repair(words, here="{}.flatten(0, 1).permute(0, 2, 1)")


@cause(_WHEN, same_as=extra_axis)
def two_channels_of_sound(at: Situation) -> Iterator[Repair]:
    """Each case is stereo: features of two sound channels.

    Example:
        >>> found = explain(nn.Conv1d(80, 192, 1), (6, 2, 80, 1649))
        >>> found.fix, [fix.expression for fix in found.fixes]
        (None, ['layer(x.mean(dim=1))', 'layer(x.flatten(0, 1))'])
    """
    _, sides, channels, length = at.shape
    if sides == 2 and channels == at.layer.in_channels:
        words = f"axis 1 are the 2 channels of stereo sound, each with {channels} features over {length} steps: "
        yield Repair(words + "mix them down", here="{}.mean(dim=1)", when="may the two channels become one?")


@cause(When(CONVOLUTIONS, unless=ABOUT_SIZES, axes=range(5, 65)), same_as=extra_axis)
def several_ones(at: Situation) -> Iterator[Repair]:
    """Five axes or more, of which all but three have size 1.

    Example:
        >>> explain(nn.Conv1d(512, 64, 3), (4, 16, 512, 1, 1)).fix
        'layer(x.squeeze(4).squeeze(3).permute(0, 2, 1))'
    """
    ones = [axis for axis, size in enumerate(at.shape) if axis and size == 1]
    rest = [size for axis, size in enumerate(at.shape) if axis not in ones]
    if len(rest) == 3:
        turn = "{}" + "".join(f".squeeze({axis})" for axis in reversed(ones))
        words = f"axes {', '.join(map(str, ones))} have size 1, and Conv1d has no place for them"
        if rest[1] != at.layer.in_channels == rest[2]:
            turn, words = f"{turn}.permute(0, 2, 1)", f"{words}; of the rest, the last has the channels"
        yield Repair(words, here=turn)


def _is_made_for_three(at: Situation) -> bool:
    """Whether the layer takes signals and no more; the norms have causes of their own."""
    named = type(at.layer).__name__.endswith("1d") and not isinstance(at.layer, BATCH_NORMS)
    return isinstance(at.layer, CONVOLUTIONS) or named


@means(extra_axis, When(CONVOLUTIONS, unless=("dtype",), axes=range(4, 65)), last=True)
def axes_of_a_convolution(at: Situation) -> str:
    """What torch means by refusing that many axes."""
    return f"{type(at.layer).__name__} takes (N, C, L) or (C, L), and this has {len(at.shape)} axes"


@means(extra_axis, When(kinds=("axes",), axes=range(4, 65)), last=True)
def axes_of_another_layer(at: Situation) -> str:
    """What torch means by it where no convolution refused."""
    return at.failure.said.means
