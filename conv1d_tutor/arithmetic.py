"""How long, how many, which samples? The whole-number side of Conv1d.

Everything here is computed with Python integers, from the names, order and defaults of `torch.nn.Conv1d`.
The functions about single windows live in `_windows`, the one home of the length formula.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ._checks import call_text, refusal, whole_number
from ._windows import (
    Size,
    effective_kernel_size,
    geometry,
    length_formula,
    output_length,
    same_padding,
    unread_samples,
    unread_tail,
    window,
)

__all__ = [
    "PADDING_MODES",
    "Conv1dSpec",
    "Size",
    "effective_kernel_size",
    "length_formula",
    "multiply_adds",
    "output_length",
    "parameter_count",
    "receptive_field",
    "same_padding",
    "unread_samples",
    "unread_tail",
    "window",
]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def parameter_count(
    in_channels: int, out_channels: int, kernel_size: Size, groups: int = 1, bias: bool = True
) -> int:
    """Count the numbers that a Conv1d layer learns.

    Args:
        in_channels: channels of the input, C.
        out_channels: channels of the output, which is the number of kernels, O.
        kernel_size: taps of the kernel, K.
        groups: parts into which the channels are split.
        bias: whether each kernel also adds one number.

    Returns:
        O * (C / groups) * K weights, and O more with a bias. The length of the signal plays no part.

    Raises:
        ValueError: a size is not a whole number of at least 1, or groups does not divide the channels.

    Example:
        >>> parameter_count(100, 100, 1)
        10100
    """
    call = call_text("parameter_count", locals())
    in_channels, out_channels, groups = channels_and_groups(call, in_channels, out_channels, groups)
    kernel_size = whole_number(call, "kernel_size", kernel_size, 1)
    return out_channels * (in_channels // groups) * kernel_size + (out_channels if bias else 0)


def multiply_adds(
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    out_length: int,
    groups: int = 1,
    batch: int = 1,
) -> int:
    """Count the multiplications of one forward pass; each is followed by one addition.

    Args:
        in_channels: channels of the input, C.
        out_channels: channels of the output, O.
        kernel_size: taps of the kernel, K.
        out_length: samples per channel of the output, see `output_length`.
        groups: parts into which the channels are split.
        batch: how many inputs, N.

    Returns:
        N * O * L_out * (C / groups) * K.

    Raises:
        ValueError: a size is not a whole number of at least 1, or groups does not divide the channels.

    Example:
        >>> multiply_adds(5, 5, 3, out_length=47, batch=239)
        842475
    """
    call = call_text("multiply_adds", locals())
    weights = parameter_count(in_channels, out_channels, kernel_size, groups, bias=False)
    return weights * whole_number(call, "out_length", out_length, 1) * whole_number(call, "batch", batch, 1)


def receptive_field(layers: Iterable[Any]) -> int:
    """Count the input samples that one output of a stack of layers can see.

    Args:
        layers: the layers from input to output: `Conv1dSpec`, or torch layers such as `Conv1d` and
            `MaxPool1d`. Each has a ``kernel_size``; a missing ``stride`` or ``dilation`` counts as 1.

    Returns:
        1 + the sum of dilation * (K - 1) * (product of the strides of all layers before), in samples.

    Raises:
        TypeError: a layer has no kernel_size.

    Example:
        >>> receptive_field([Conv1dSpec(1, 1, 3), Conv1dSpec(1, 1, 3, dilation=2)])
        7

    Source:
        Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
    """
    layers = list(layers)
    call = f"receptive_field({layers!r})"
    field, step = 1, 1
    for layer in layers:
        if not hasattr(layer, "kernel_size"):
            raise refusal(
                call,
                f"a {type(layer).__name__} has no kernel_size.",
                "the receptive field grows only in layers that slide a kernel.",
                "leave the other layers out: [m for m in layers if hasattr(m, 'kernel_size')].",
                error=TypeError,
            )
        kernel_size = whole_number(call, "kernel_size", layer.kernel_size, 1)
        dilation = whole_number(call, "dilation", getattr(layer, "dilation", 1), 1)
        field += (effective_kernel_size(kernel_size, dilation) - 1) * step
        step *= whole_number(call, "stride", getattr(layer, "stride", 1), 1)
    return field


@dataclass(frozen=True)
class Conv1dSpec:
    """The description of one Conv1d layer, with torch's argument names, order and defaults.

    Args:
        in_channels: channels of the input, C.
        out_channels: channels of the output, which is the number of kernels, O.
        kernel_size: taps of each kernel along time, K.
        stride: samples the kernel moves from one output to the next.
        padding: samples added on each side, or ``"same"`` or ``"valid"``.
        dilation: distance in input samples from one tap to the next.
        groups: parts into which the channels are split.
        bias: whether each kernel also adds one number.
        padding_mode: what is padded with: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.

    Raises:
        ValueError: torch could not build or run such a layer; the message says the rule.

    Example:
        >>> spec = Conv1dSpec(5, 8, kernel_size=3)
        >>> spec.weight_shape
        (8, 5, 3)
        >>> spec.output_shape((239, 5, 49))
        (239, 8, 47)
    """

    in_channels: int
    out_channels: int
    kernel_size: int
    stride: int = 1
    padding: int | str = 0
    dilation: int = 1
    groups: int = 1
    bias: bool = True
    padding_mode: str = "zeros"

    def __post_init__(self) -> None:
        """Check every argument once and keep plain integers."""
        call = repr(self)
        in_channels, out_channels, groups = channels_and_groups(
            call, self.in_channels, self.out_channels, self.groups
        )
        kernel_size, stride, dilation, _ = geometry(
            call, self.kernel_size, self.stride, self.padding, self.dilation
        )
        if self.padding_mode not in PADDING_MODES:
            raise refusal(
                call,
                f"padding_mode={self.padding_mode!r}.",
                f"padding_mode is one of {', '.join(map(repr, PADDING_MODES))}.",
                "padding_mode='zeros', torch's default.",
            )
        padding = self.padding if isinstance(self.padding, str) else whole_number(call, "padding", self.padding, 0)
        whole = {
            "in_channels": in_channels,
            "out_channels": out_channels,
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
            "bias": bool(self.bias),
        }
        for name, value in whole.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_layer(cls, layer: Any) -> "Conv1dSpec":
        """Describe an existing `torch.nn.Conv1d`.

        Args:
            layer: the layer.

        Returns:
            Its description.

        Raises:
            TypeError: the object lacks one of Conv1d's attributes.
        """
        names = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups")
        missing = [name for name in (*names, "padding_mode") if not hasattr(layer, name)]
        if missing or getattr(layer, "transposed", False):
            raise refusal(
                f"Conv1dSpec.from_layer({layer!r})",
                f"a {type(layer).__name__}{' without ' + ', '.join(missing) if missing else ''}.",
                "only a Conv1d has windows that slide over its input; it keeps its arguments as attributes.",
                "pass a torch.nn.Conv1d.",
                error=TypeError,
            )
        return cls(
            *(getattr(layer, name) for name in names),
            bias=getattr(layer, "bias", None) is not None,
            padding_mode=layer.padding_mode,
        )

    @property
    def weight_shape(self) -> tuple[int, int, int]:
        """The shape of the weight: (out_channels, in_channels / groups, kernel_size)."""
        return self.out_channels, self.in_channels // self.groups, self.kernel_size

    @property
    def padding_sides(self) -> tuple[int, int]:
        """The padding as (left, right), in samples."""
        return geometry(repr(self), self.kernel_size, self.stride, self.padding, self.dilation)[3]

    @property
    def effective_kernel_size(self) -> int:
        """Samples from the first tap to the last, both included; see `effective_kernel_size`."""
        return effective_kernel_size(self.kernel_size, self.dilation)

    @property
    def sliding(self) -> dict[str, Any]:
        """The four arguments that decide where the windows lie, by name."""
        return {
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
            "dilation": self.dilation,
        }

    def output_length(self, length: int) -> int:
        """Samples per channel of the output for an input of `length` samples; see `output_length`."""
        return output_length(length, **self.sliding)

    def length_formula(self, length: int) -> str:
        """The length formula with its numbers; see `length_formula`."""
        return length_formula(length, **self.sliding)

    def window(self, t: int) -> tuple[int, ...]:
        """The input indices that output `t` reads; see `window`."""
        return window(t, **self.sliding)

    def unread_tail(self, length: int) -> int:
        """How many samples at the end no window reads; see `unread_tail`."""
        return unread_tail(length, **self.sliding)

    def unread_samples(self, length: int) -> tuple[int, ...]:
        """Which samples no window reads; see `unread_samples`."""
        return unread_samples(length, **self.sliding)

    def parameter_count(self) -> int:
        """How many numbers the layer learns; see `parameter_count`."""
        return parameter_count(self.in_channels, self.out_channels, self.kernel_size, self.groups, self.bias)

    def multiply_adds(self, length: int, batch: int = 1) -> int:
        """Multiplications of one forward pass on `batch` inputs of `length` samples; see `multiply_adds`."""
        out_length = self.output_length(length)
        return multiply_adds(self.in_channels, self.out_channels, self.kernel_size, out_length, self.groups, batch)

    def output_shape(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Predict the shape of the output.

        Args:
            shape: shape of the input, (N, C, L) or (C, L).

        Returns:
            (N, O, L_out) or (O, L_out).

        Raises:
            ValueError: the shape has another number of axes or of channels, or is too short.

        Example:
            >>> Conv1dSpec(2, 4, 3, stride=2).output_shape((2, 10))
            (4, 4)
        """
        call = f"{self!r}.output_shape({tuple(shape)!r})"
        if len(shape) not in (2, 3):
            raise refusal(
                call,
                f"a shape of {len(shape)} axes.",
                "Conv1d takes (N, C, L), a batch, or (C, L), one signal.",
                "add or drop axes until the shape is (batch, channels, length).",
            )
        if shape[-2] != self.in_channels:
            raise refusal(
                call,
                f"{shape[-2]} channels on the axis before the last.",
                f"that axis is the channels axis and must equal in_channels={self.in_channels}.",
                f"a shape like {(*shape[:-2], self.in_channels, shape[-1])}.",
            )
        return (*shape[:-2], self.out_channels, self.output_length(shape[-1]))


def channels_and_groups(call: str, in_channels: Any, out_channels: Any, groups: Any) -> tuple[int, int, int]:
    """Check the channel counts and that groups divides them."""
    in_channels = whole_number(call, "in_channels", in_channels, 1)
    out_channels = whole_number(call, "out_channels", out_channels, 1)
    groups = whole_number(call, "groups", groups, 1)
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            common = math.gcd(in_channels, out_channels)
            fitting = [g for g in range(1, common + 1) if common % g == 0]
            raise refusal(
                call,
                f"{name}={channels} cannot be split into groups={groups} equal parts.",
                f"groups must divide in_channels and out_channels, but {channels} = "
                f"{channels // groups}·{groups} + {channels % groups}.",
                f"groups={' or '.join(map(str, fitting))}.",
            )
    return in_channels, out_channels, groups
