"""Do the sizes of a layer fit the length of its signal, and each other?"""

from collections.abc import Iterator
from typing import Any

from torch import nn

from ...arithmetic import effective_kernel_size, same_padding
from ..cause import Repair, When, cause, means, remark
from ..layers import CONVOLUTIONS
from ..lengths import least_length
from ..run import Edit, resized
from ..situation import Situation
from ..source import built
from .building import bad_size, padding_mode
from .channels import in_channels_is_length
from .given import operands_exchanged

_SHORT = When(kinds=("too_short",))


@cause(When(CONVOLUTIONS, kinds=("sizes",)), same_as=bad_size)
def below_the_least(at: Situation) -> Iterator[Repair]:
    """A stride or dilation of 0, or a negative padding.

    Example:
        >>> explain(nn.Conv1d(4, 8, 3, stride=0), (2, 4, 10)).fix
        'nn.Conv1d(4, 8, 3)(x)'
    """
    least = {"stride": 1, "dilation": 1, "padding": 0}
    sizes = {name: getattr(at.layer, name) for name in least}
    wrong = {n: least[n] for n, size in sizes.items() if not isinstance(size, str) and size[0] < least[n]}
    words = f"the least that makes sense is {wrong}"
    yield Repair(words, layer=wrong, certain="padding" not in wrong)


@cause(When(CONVOLUTIONS, kinds=("fractions",)), same_as=bad_size)
def fraction(at: Situation) -> Iterator[Repair]:
    """A size is a float.

    Example:
        >>> explain(nn.Conv1d(4, 8, 3, padding=(3 - 1) / 2), (2, 4, 20)).fix
        'nn.Conv1d(4, 8, 3, padding=1)(x)'
    """
    sizes = {name: getattr(at.layer, name) for name in ("kernel_size", "stride", "padding", "dilation")}
    whole = {name: int(size[0]) for name, size in sizes.items() if not isinstance(size, str) and len(size) == 1}
    words = "a size came out of a division with / and is a float; // gives a whole number"
    yield Repair(words, layer=whole, certain=True)


@cause(When(CONVOLUTIONS, kinds=("output_padding",)))
def output_padding(at: Situation) -> Iterator[Repair]:
    """output_padding must be smaller than the stride or the dilation.

    Example:
        >>> explain(nn.ConvTranspose1d(3, 4, 3, output_padding=1), (2, 3, 3)).fix
        'nn.ConvTranspose1d(3, 4, 3)(x)'
    """
    words = (
        "output_padding chooses among the lengths that a stride or dilation above 1 leaves open; with "
        f"stride={at.layer.stride[0]} it must be 0. One more sample at the end is F.pad(y, (0, 1)) after the layer"
    )
    yield Repair(words, layer={"output_padding": 0}, certain=True)


@cause(
    When((nn.Conv1d,), kinds=("too_short",)),
    tempts=lambda at, repair: (Edit("layer", built(at.layer, kernel_size=1, dilation=1), at.path),),
    avoid="such a kernel sees no neighbours",
)
def input_too_short(at: Situation) -> Iterator[Repair]:
    """The signal is shorter than the (dilated) kernel.

    Example:
        >>> explain(nn.Conv1d(4, 4, 3, dilation=64), (2, 4, 100)).fixes[0].expression
        'layer(F.pad(x, (0, 29)))'
    """
    layer, length = at.layer, at.shape[-1]
    reach, padding = _reach_and_padding(layer)
    if at.untouched and not _is_longer_by_far(at, reach):
        dilation, taps = layer.dilation[0], layer.kernel_size[0]
        spread = f" (dilation {dilation} spreads its {taps} taps)" if dilation > 1 else ""
        least = reach - padding
        words = (
            f"the kernel reads {reach} samples{spread}, the padded input has {length + padding}: "
            f"{least} is the least length"
        )
        zeros = least - length
        yield Repair(words, doubtful=zeros > length, here=f"F.pad({{}}, (0, {zeros}))")


@cause(_SHORT, same_as=in_channels_is_length)
def features_as_length(at: Situation) -> Iterator[Repair]:
    """in_channels was set to the time steps, so that the length is the few features.

    Example:
        >>> explain(nn.Conv1d(60, 32, 3), (16, 60, 1)).problem
        'in_channels_is_length'
    """
    convolutions = [v.module for v in [*at.before, at.visit] if isinstance(v.module, nn.Conv1d)]
    if len(at.x) != 3 or not at.untouched or not convolutions:
        return
    (_, steps, features), first = at.x, convolutions[0]
    new = built(first, in_channels=features)
    if new and first.in_channels == steps > features:
        words = (
            f"in_channels={steps} was set to the {steps} time steps and the kernel slides over the {features} "
            f"features; turn the data and set in_channels={features}"
        )
        edit = Edit("layer", new, at.path if first is at.layer else "")
        # Nothing slides over a length of 1, so that one can only be the channel.
        yield Repair(words, whole="{}.permute(0, 2, 1)", edits=(edit,), certain=features == 1 and at.is_whole)


@cause(_SHORT)
def stack_too_short(at: Situation) -> Iterator[Repair]:
    """Layers before shorten the signal until a window no longer fits.

    Example:
        >>> "the least length that works is 34" in explain(
        ...     nn.Sequential(nn.Conv1d(1, 8, 3), nn.MaxPool1d(32)), (4, 1, 20)
        ... ).text
        True
    """
    found = None if at.untouched else least_length(at)
    if found:
        axis, least = found
        words = (
            f"every layer before shortens the signal, and {at.shape[-1]} samples are left of {at.x[axis]}; the "
            f"least length that works is {least}"
        )
        yield Repair(words, whole=resized(len(at.x), axis, least - at.x[axis]).source)


@remark(stack_too_short)
def least_that_passes(at: Situation, readings: list[Any]) -> Iterator[str]:
    """The least length, where even that does not make the whole model run.

    Example:
        >>> class Head(nn.Linear):
        ...     "A layer of the user's, for which no other can be written."
        >>> model = nn.Sequential(nn.Conv1d(3, 8, 3), nn.Conv1d(8, 8, 3, dilation=16), nn.Flatten(), Head(7, 2))
        >>> "the least length that passes is 35" in explain(model, (4, 3, 20)).text
        True
    """
    found = None if readings else least_length(at)
    if found:
        axis, least = found
        yield f"the least length that passes is {least}, and the input has {at.x[axis]}"


@cause()
def empty() -> None:
    """An axis has size 0.

    Example:
        >>> explain(nn.Conv1d(2, 4, 3), (4, 2, 0)).problem
        'empty'
    """


@means(empty, When(), alone=True)
def nothing_given(at: Situation) -> str:
    """What it means where the input is empty."""
    if 0 in at.x or (at.untouched and 0 in at.shape):
        return f"an axis of {at.x} has size 0: there is nothing to compute with"
    return ""


@cause(When(CONVOLUTIONS, kinds=("pad_too_long",)), same_as=padding_mode)
def zeros_in_place_of_copies(at: Situation) -> Iterator[Repair]:
    """Padding that copies the signal has too little to copy; zeros need none.

    Example:
        >>> explain(nn.Conv1d(64, 64, 5, padding=2, padding_mode="reflect"), (2, 64, 1)).fixes[0].expression
        "(setattr(layer, 'padding_mode', 'zeros'), layer(x))[-1]"
    """
    words = f"padding_mode={at.layer.padding_mode!r} has too little to copy, and zeros need no samples"
    name = f"{at.path}.padding_mode" if at.path else "padding_mode"
    yield Repair(words, edits=(Edit("set", "'zeros'", name),), doubtful=True, when="may the signal be so short?")


@means(padding_mode, When(kinds=("pad_too_long",)))
def copied_too_far(at: Situation) -> str:
    """What it means where padding copies more samples than there are."""
    if not isinstance(at.layer, CONVOLUTIONS):
        return f"{at.failure.said.means}; mode='constant' pads with zeros{at.line}"
    return (
        f"padding_mode={at.layer.padding_mode!r} copies {at.layer.padding} samples from the signal itself, which "
        f"has only {at.shape[-1]}: use a longer signal, less padding, or padding_mode='zeros'"
    )


@means(empty, When(CONVOLUTIONS))
def nothing_left(at: Situation) -> str:
    """What it means where layers before left nothing."""
    return f"an axis of {at.shape} has size 0: there is nothing to slide over" if 0 in at.shape else ""


@means(operands_exchanged, When((nn.Conv1d,), kinds=("too_short",)))
def kernel_in_place_of_signal(at: Situation) -> str:
    """What it means where the kernel is longer by far than the signal."""
    reach, _ = _reach_and_padding(at.layer)
    if not _is_longer_by_far(at, reach):
        return ""
    return (
        f"the kernel reads {reach} samples and the signal has {at.shape[-1]}: were signal and kernel exchanged? "
        "The long one is the input x, the short one the kernel"
    )


@means(input_too_short, When((nn.Conv1d,), kinds=("too_short",)))
def kernel_too_long(at: Situation) -> str:
    """What it means where the model's own input is too short."""
    return _reading(at) if at.untouched else ""


@means(stack_too_short, When((nn.Conv1d,), kinds=("too_short",)))
def too_little_left(at: Situation) -> str:
    """What it means where layers before left too little."""
    return _reading(at)


@means(bad_size, When(CONVOLUTIONS, kinds=("fractions", "sizes")))
def least_sizes(at: Situation) -> str:
    """What torch means by refusing a size."""
    return "sizes are whole numbers, stride and dilation at least 1, padding at least 0"


def _reading(at: Situation) -> str:
    reach, padding = _reach_and_padding(at.layer)
    return f"the kernel reads {reach} samples, and the signal with its padding has {at.shape[-1] + padding}"


def _reach_and_padding(layer: nn.Conv1d) -> tuple[int, int]:
    """How many samples the kernel reads, and how many padding adds on both sides together."""
    kernel, dilation = layer.kernel_size, layer.dilation
    sides = {"valid": (0, 0), "same": same_padding(kernel, dilation)}.get(layer.padding, 2 * layer.padding)
    return effective_kernel_size(kernel, dilation), sum(sides)


def _is_longer_by_far(at: Situation, reach: int) -> bool:
    """Whether a kernel is so long that it may be the signal."""
    return len(at.shape) == 3 and at.is_whole and reach >= 16 and reach >= 4 * at.shape[-1]
