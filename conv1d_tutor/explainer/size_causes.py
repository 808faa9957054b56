"""Why do the sizes of a convolution not fit? Two numbers in place of one, and signals that are too short."""

from collections.abc import Iterator

from torch import nn

from ..arithmetic import effective_kernel_size
from .situation import Candidate, Situation
from .source import built
from .subject import Edit
from .suspicions import WIDTHS


def padded_reach(layer: nn.Module) -> tuple[int, int]:
    """How many samples the kernel reads, and how many padding adds on both sides together."""
    reach = effective_kernel_size(layer.kernel_size, layer.dilation)
    if isinstance(layer.padding, str):
        return reach, 0 if layer.padding == "valid" else reach - 1
    return reach, 2 * layer.padding[0]


def two_numbers(at: Situation) -> Iterator[Candidate]:
    """A kernel, stride, padding or dilation of two numbers: one direction, or two?"""
    layer, names = at.layer, ("kernel_size", "stride", "padding", "dilation")
    pairs = {
        n: getattr(layer, n) for n in names if isinstance(getattr(layer, n), tuple) and len(getattr(layer, n)) > 1
    }
    said = ", ".join(f"{name}={value}" for name, value in pairs.items())
    if len(at.shape) == 4 and at.shape[1] == layer.in_channels:
        new = built(layer, kind=type(layer).__name__.replace("1d", "2d"))
        if new:
            belief = (
                f"{said} has two numbers and the input two directions, {at.shape[2]} × {at.shape[3]}: that is "
                "Conv2d"
            )
            yield Candidate("two_number_kernel", (at.replaced(new),), 0.9, belief)
    if len(at.shape) == 3 and layer.in_channels == 1 != at.shape[1] and at.is_whole:
        new = built(layer, kind="Conv2d")
        belief = (
            f"{said}: a kernel over {layer.kernel_size[0]} × {layer.kernel_size[1]} values, as Conv2d has it; "
            "the input "
            f"{at.shape} then needs a channel axis of 1 for in_channels=1"
        )
        if new:
            yield Candidate("two_number_kernel", (at.here("{}.unsqueeze(1)"), at.replaced(new)), 0.75, belief)
        return
    if "padding" in pairs and len(pairs) == 1 and len(pairs["padding"]) == 2:
        left, right = pairs["padding"]
        new = built(layer, padding=0)
        if new:
            belief = (
                f"padding={pairs['padding']} asks for {left} on the left and {right} on the right; Conv1d pads "
                "both sides "
                "alike, so pad before it"
            )
            pad = at.here(f"F.pad({{}}, ({left}, {right}))")
            yield Candidate("asymmetric_padding", (pad, at.replaced(new)), 0.85, belief)
        return
    single = {name: _one_of(value, layer.in_channels, name) for name, value in pairs.items()}
    if all(value is not None for value in single.values()):
        new = built(layer, **single)
        if new:
            kept = ", ".join(f"{name}={value}" for name, value in single.items())
            belief = f"{said}: Conv1d slides in one direction, so each is one number: {kept}"
            yield Candidate("two_number_kernel", (at.replaced(new),), 0.8, belief)


def _one_of(value: tuple[int, ...], channels: int, name: str) -> int | None:
    """The number that a pair means in one direction, None if it cannot be told."""
    if len(set(value)) == 1:
        return value[0] if name == "padding" else max(value[0], 1)
    neutral = 0 if name == "padding" else 1
    rest = [number for number in value if number != neutral]
    if len(rest) == 1:
        return rest[0]
    # (channels, taps): the kernel spans all channels anyway.
    return value[1] if name == "kernel_size" and value[0] == channels else None


def too_short(at: Situation) -> Iterator[Candidate]:
    """The kernel does not fit on the input."""
    layer, length = at.layer, at.shape[-1]
    if isinstance(layer, nn.Conv1d):
        reach, padding = padded_reach(layer)
        need = reach - padding
        swapped = len(at.shape) == 3 and at.is_whole and reach >= 16 and reach >= 4 * length
        if not swapped and at.untouched:
            dilated = (
                f" (dilation {layer.dilation[0]} spreads its {layer.kernel_size[0]} taps)"
                if layer.dilation[0] > 1
                else ""
            )
            belief = f"the kernel reads {reach} samples{dilated}, the padded input has {length + padding}"
            edit = f"F.pad({{}}, (0, {need - length}))"
            yield Candidate(
                "input_too_short",
                (at.here(edit),),
                0.6 if length > 1 else 0.4,
                belief + f": {need} is the least length",
            )
    if len(at.x) == 3 and at.untouched:
        # The length may be too short because it is the features: then in_channels was set to the time steps.
        _, b, c = at.x
        convs = [v for v in [*at.before, at.visit] if isinstance(v.module, nn.Conv1d)]
        if convs and convs[0].module.in_channels == b > c:
            yield _features_as_length(at, convs[0].module, b, c)


def _features_as_length(at: Situation, layer: nn.Module, b: int, c: int) -> Candidate:
    path = at.path if layer is at.layer else ""
    new = built(layer, in_channels=c) or ""
    belief = (
        f"in_channels={b} was set to the {b} time steps and the kernel slides over the {c} features; turn the "
        "data and "
        f"set in_channels={c}"
    )
    edits = (Edit("input", "{}.permute(0, 2, 1)"), Edit("layer", new, path))
    weight = 0.85 if c == 1 else 0.3 if b in WIDTHS else 0.6 if b >= 4 * c else 0.4
    return Candidate("in_channels_is_length", edits, weight, belief)
