"""How long, how many, which samples? The whole-number side of Conv1d.

Everything here is computed with Python integers, from the names, order and defaults of `torch.nn.Conv1d`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ._refusals import call_text, refusal, whole_number

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

#: A size as torch takes it: a whole number, or that number in a tuple of one.
Size = int | tuple[int]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def output_length(
    length: int, kernel_size: Size, stride: Size = 1, padding: Size | str = 0, dilation: Size = 1
) -> int:
    """Count the positions at which the kernel fits on the padded input.

    Args:
        length: samples per channel of the input, L.
        kernel_size: taps of the kernel, K.
        stride: samples the kernel moves from one output to the next.
        padding: samples added on each side, or ``"same"`` or ``"valid"``.
        dilation: distance in input samples from one tap to the next.

    Returns:
        L_out = floor((L + padding left and right - dilation * (K - 1) - 1) / stride) + 1.

    Raises:
        ValueError: a size is not a whole number in range, ``"same"`` meets a stride above 1, or the kernel
            reads more samples than the padded input has.

    Example:
        >>> output_length(49, kernel_size=3)
        47
        >>> output_length(49, kernel_size=3, stride=2, padding=1)
        25

    Source:
        Documentation of torch.nn.Conv1d, section "Shape".
    """
    call = call_text("output_length", locals())
    kernel_size, stride, dilation, sides = geometry(call, kernel_size, stride, padding, dilation)
    return count_positions(call, whole_number(call, "length", length, 1), kernel_size, stride, sides, dilation)


def length_formula(
    length: int, kernel_size: Size, stride: Size = 1, padding: Size | str = 0, dilation: Size = 1
) -> str:
    """Write the length formula with its numbers filled in.

    Args:
        length: samples per channel of the input, L.
        kernel_size, stride, padding, dilation: as in `output_length`.

    Returns:
        One line of text that ends in the output length.

    Raises:
        ValueError: as `output_length` does.

    Example:
        >>> length_formula(49, kernel_size=3, stride=2, padding=1)
        'L_out = ⌊(49 + 1 + 1 − 1·(3 − 1) − 1) / 2⌋ + 1 = ⌊48 / 2⌋ + 1 = 25'
    """
    call = call_text("length_formula", locals())
    kernel_size, stride, dilation, (left, right) = geometry(call, kernel_size, stride, padding, dilation)
    length = whole_number(call, "length", length, 1)
    result = count_positions(call, length, kernel_size, stride, (left, right), dilation)
    room = length + left + right - _reach(kernel_size, dilation)
    return (
        f"L_out = ⌊({length} + {left} + {right} − {dilation}·({kernel_size} − 1) − 1) / {stride}⌋ + 1"
        f" = ⌊{room} / {stride}⌋ + 1 = {result}"
    )


def effective_kernel_size(kernel_size: Size, dilation: Size = 1) -> int:
    """Count the samples from the first tap to the last, both included.

    Args:
        kernel_size: taps of the kernel, K.
        dilation: distance in input samples from one tap to the next.

    Returns:
        dilation * (K - 1) + 1, in samples.

    Raises:
        ValueError: a size is not a whole number of at least 1.

    Example:
        >>> effective_kernel_size(3, dilation=4)
        9
    """
    call = call_text("effective_kernel_size", locals())
    return _reach(whole_number(call, "kernel_size", kernel_size, 1), whole_number(call, "dilation", dilation, 1))


def same_padding(kernel_size: Size, dilation: Size = 1) -> tuple[int, int]:
    """Split the padding that ``padding="same"`` adds into its two sides.

    Args:
        kernel_size: taps of the kernel, K.
        dilation: distance in input samples from one tap to the next.

    Returns:
        (left, right) in samples. Their sum is dilation * (K - 1). When that is odd, the right side gets the
        extra sample.

    Raises:
        ValueError: a size is not a whole number of at least 1.

    Example:
        >>> same_padding(5)
        (2, 2)
        >>> same_padding(4)
        (1, 2)

    Source:
        `torch.nn.modules.conv._ConvNd.__init__`, which splits the padding in this way.
    """
    total = effective_kernel_size(kernel_size, dilation) - 1
    return total // 2, total - total // 2


def window(
    t: int, kernel_size: Size, stride: Size = 1, padding: Size | str = 0, dilation: Size = 1
) -> tuple[int, ...]:
    """List the input indices that output `t` reads, one for each tap of the kernel.

    Args:
        t: index of the output, counted from 0.
        kernel_size, stride, padding, dilation: as in `output_length`.

    Returns:
        K indices into the input as it was before padding. An index below 0, or from the input's length on,
        lies in the padding.

    Raises:
        ValueError: a size is not a whole number in range, or ``"same"`` meets a stride above 1.

    Example:
        >>> window(0, kernel_size=3)
        (0, 1, 2)
        >>> window(2, kernel_size=3, stride=2, padding=1, dilation=2)
        (3, 5, 7)
    """
    call = call_text("window", locals())
    kernel_size, stride, dilation, (left, _) = geometry(call, kernel_size, stride, padding, dilation)
    first = whole_number(call, "t", t, 0) * stride - left
    return tuple(range(first, first + _reach(kernel_size, dilation), dilation))


def unread_tail(
    length: int, kernel_size: Size, stride: Size = 1, padding: Size | str = 0, dilation: Size = 1
) -> int:
    """Count the input samples that lie after the end of the last window.

    They are lost through the floor in the length formula: the next window would begin soon enough to read
    them, but it would not fit.

    Args:
        length: samples per channel of the input, L.
        kernel_size, stride, padding, dilation: as in `output_length`.

    Returns:
        A number of samples, 0 when the last window reaches the end.

    Raises:
        ValueError: as `output_length` does.

    Example:
        >>> unread_tail(10, kernel_size=3, stride=2)
        1
    """
    call = call_text("unread_tail", locals())
    kernel_size, stride, dilation, sides = geometry(call, kernel_size, stride, padding, dilation)
    length = whole_number(call, "length", length, 1)
    count = count_positions(call, length, kernel_size, stride, sides, dilation)
    end_of_last_window = (count - 1) * stride - sides[0] + _reach(kernel_size, dilation)
    return max(0, length - end_of_last_window)


def unread_samples(
    length: int, kernel_size: Size, stride: Size = 1, padding: Size | str = 0, dilation: Size = 1
) -> tuple[int, ...]:
    """List every input sample that no window reads: the tail, and the gaps that stride or dilation leave.

    Args:
        length: samples per channel of the input, L.
        kernel_size, stride, padding, dilation: as in `output_length`.

    Returns:
        Indices into the input, in order.

    Raises:
        ValueError: as `output_length` does.

    Example:
        >>> unread_samples(10, kernel_size=2, stride=3)
        (2, 5, 8, 9)
    """
    call = call_text("unread_samples", locals())
    kernel_size, stride, dilation, sides = geometry(call, kernel_size, stride, padding, dilation)
    length = whole_number(call, "length", length, 1)
    count = count_positions(call, length, kernel_size, stride, sides, dilation)
    left, right = sides
    read = bytearray(left + length + right)  # 1 where a window reads
    for tap in range(kernel_size):
        first = tap * dilation
        read[first : first + (count - 1) * stride + 1 : stride] = b"\1" * count
    return tuple(i for i, once in enumerate(read[left : left + length]) if not once)


def _reach(kernel_size: int, dilation: int) -> int:
    """Samples from the first tap to the last, both included, from checked numbers."""
    return dilation * (kernel_size - 1) + 1


def count_positions(
    call: str, length: int, kernel_size: int, stride: int, sides: tuple[int, int], dilation: int
) -> int:
    """Count the positions of the kernel, from checked numbers."""
    left, right = sides
    padded, reach = length + left + right, _reach(kernel_size, dilation)
    if reach > padded:
        raise refusal(
            call,
            f"the kernel reads {reach} samples, the padded input has {padded}.",
            "dilation·(kernel_size − 1) + 1 must be at most length + padding on both sides, here "
            f"{dilation}·({kernel_size} − 1) + 1 = {reach} and {length} + {left} + {right} = {padded}.",
            f"an input of at least {reach - left - right} samples, a smaller kernel_size or dilation, "
            "or more padding.",
        )
    return (padded - reach) // stride + 1


def geometry(
    call: str, kernel_size: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[int, int, int, tuple[int, int]]:
    """Check the four sliding arguments; return kernel_size, stride, dilation and the two sides of padding."""
    kernel_size = whole_number(call, "kernel_size", kernel_size, 1)
    stride = whole_number(call, "stride", stride, 1)
    dilation = whole_number(call, "dilation", dilation, 1)
    if padding == "valid":
        return kernel_size, stride, dilation, (0, 0)
    if padding == "same":
        if stride > 1:
            raise refusal(
                call,
                f"padding='same' with stride={stride}.",
                f"'same' promises as many outputs as inputs, but stride={stride} keeps only one position "
                f"in {stride}.",
                f"stride=1, or padding={same_padding(kernel_size, dilation)[0]}, as on the left.",
            )
        return kernel_size, stride, dilation, same_padding(kernel_size, dilation)
    if isinstance(padding, str):
        raise refusal(
            call,
            f"padding={padding!r}.",
            "padding is a whole number of at least 0, 'same' or 'valid'.",
            "padding='same' to keep the length, padding='valid' for none.",
        )
    padding = whole_number(call, "padding", padding, 0)
    return kernel_size, stride, dilation, (padding, padding)


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
