"""How long, how many, which samples? The whole-number side of Conv1d.

Everything here is computed with Python integers, from the names, order and defaults of `torch.nn.Conv1d`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, NamedTuple

from ._refusals import Refused, brief, choice, entries, refusing, whole_number

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
    "transposed_output_length",
    "unread_samples",
    "unread_tail",
    "window",
]

#: A size as torch takes it: a whole number, or that number in a tuple of one.
Size = int | tuple[int]
#: Padding: samples on each side, a word, or (left, right) for two different sides, which `F.pad` adds for torch.
Padding = Size | str | tuple[int, int]

#: Where a result has an entry for each tap or sample, more than these would fill the memory.
MOST_LISTED = 10_000_000

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")

#: What the axes of a Conv1d's input and output are called, by how many there are.
AXIS_NAMES = {1: ("length",), 2: ("channels", "length"), 3: ("batch", "channels", "length")}


@refusing
def output_length(
    length: int, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
) -> int:
    """Count the positions at which the kernel fits on the padded input.

    Args:
        length: samples per channel of the input, L.
        kernel_size: taps of the kernel, K.
        stride: samples the kernel moves from one output to the next.
        padding: samples added on each side, or ``"same"`` or ``"valid"``, or (left, right).
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
    return _Windows.of(kernel_size, stride, padding, dilation).count(length)


@refusing
def length_formula(
    length: int, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
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
    windows = _Windows.of(kernel_size, stride, padding, dilation)
    result, length = windows.count(length), whole_number("length", length, 1)
    taps, step, apart, left, right = windows
    return (
        f"L_out = ⌊({length} + {left} + {right} − {apart}·({taps} − 1) − 1) / {step}⌋ + 1"
        f" = ⌊{length + left + right - windows.reach} / {step}⌋ + 1 = {result}"
    )


@refusing
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
    return _Windows.of(kernel_size, 1, 0, dilation).reach


@refusing
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


@refusing
def window(
    t: int, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
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
    windows = _Windows.of(kernel_size, stride, padding, dilation)
    whole_number("kernel_size", kernel_size, 1, MOST_LISTED)
    first = whole_number("t", t, 0) * windows.stride - windows.left
    return tuple(range(first, first + windows.reach, windows.dilation))


@refusing
def transposed_output_length(
    length: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    dilation: Size = 1,
) -> int:
    """Count the samples that a `torch.nn.ConvTranspose1d` makes of each channel.

    Args:
        length: samples per channel of the input, L.
        kernel_size: taps of the kernel, K.
        stride: samples of the output from one input's stamp to the next.
        padding: samples that are cut off each end.
        output_padding: samples that are added at the end.
        dilation: distance in output samples from one tap to the next.

    Returns:
        L_out = (L - 1) * stride - 2 * padding + dilation * (K - 1) + output_padding + 1.

    Raises:
        ValueError: a size is not a whole number in range, padding leaves nothing, or output_padding is neither
            below stride nor below dilation.

    Example:
        >>> transposed_output_length(47, kernel_size=3)
        49
        >>> transposed_output_length(25, kernel_size=3, stride=2, padding=1)
        49

    Source:
        Documentation of torch.nn.ConvTranspose1d, section "Shape".
    """
    taps, step, apart, left, right = _Windows.of(
        kernel_size, stride, whole_number("padding", padding, 0), dilation
    )
    length, more = whole_number("length", length, 1), whole_number("output_padding", output_padding, 0)
    if more >= max(step, apart):
        rule = "torch adds fewer samples than one stride or one dilation."
        raise Refused(
            f"output_padding={more} with stride={step} and dilation={apart}.",
            rule,
            f"output_padding of at most {max(step, apart) - 1}.",
        )
    reach = (length - 1) * step + apart * (taps - 1) + 1 + more
    if left + right >= reach:
        rule = f"padding cuts {left} samples off each end, and there are {reach}."
        raise Refused("nothing is left.", rule, f"padding of at most {(reach - 1) // 2}.")
    return reach - left - right


@refusing
def unread_tail(length: int, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1) -> int:
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
        >>> unread_tail(2, kernel_size=1, stride=9, padding=3)
        2
    """
    windows = _Windows.of(kernel_size, stride, padding, dilation)
    end_of_last_window = (windows.count(length) - 1) * windows.stride - windows.left + windows.reach
    length = whole_number("length", length, 1)
    return min(length, max(0, length - end_of_last_window))  # the last window may lie in the padding before them


@refusing
def unread_samples(
    length: int, kernel_size: Size, stride: Size = 1, padding: Padding = 0, dilation: Size = 1
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
    windows = _Windows.of(kernel_size, stride, padding, dilation)
    count, length = windows.count(length), whole_number("length", length, 1)
    taps, step, apart, left, right = windows
    whole_number("length with its padding", left + length + right, 1, MOST_LISTED)
    read = bytearray(left + length + right)  # 1 where a window reads
    # A tap reads every step-th sample. One that lies whole steps behind it reads on where it ends, or overlaps.
    behind = math.lcm(step, apart)
    runs_on = count * step >= behind
    for tap in range(min(taps, behind // apart) if runs_on else taps):
        last = tap * apart + (count - 1) * step
        last += (taps - 1 - tap) * apart // behind * behind if runs_on else 0
        read[tap * apart : last + 1 : step] = b"\1" * ((last - tap * apart) // step + 1)
    return tuple(i for i, once in enumerate(read[left : left + length]) if not once)


class _Windows(NamedTuple):
    """Where the windows lie: plain numbers, checked once. The length formula is `count`, and nowhere else."""

    kernel_size: int
    stride: int
    dilation: int
    left: int
    right: int

    @classmethod
    def of(cls, kernel_size: Any, stride: Any, padding: Any, dilation: Any) -> "_Windows":
        """Check the four arguments that decide where the windows lie."""
        kernel_size = whole_number("kernel_size", kernel_size, 1)
        stride = whole_number("stride", stride, 1)
        dilation = whole_number("dilation", dilation, 1)
        return cls(kernel_size, stride, dilation, *_sides(kernel_size, stride, padding, dilation))

    @property
    def reach(self) -> int:
        """Samples from the first tap to the last, both included."""
        return self.dilation * (self.kernel_size - 1) + 1

    def count(self, length: Any) -> int:
        """Count the positions at which the kernel fits on the padded input."""
        length = whole_number("length", length, 1)
        padded, reach = length + self.left + self.right, self.reach
        if reach > padded:
            raise Refused(
                f"the kernel reads {reach} samples, the padded input has {padded}.",
                "dilation·(kernel_size − 1) + 1 must be at most length + padding on both sides, here "
                f"{self.dilation}·({self.kernel_size} − 1) + 1 = {reach} and "
                f"{length} + {self.left} + {self.right} = {padded}.",
                f"an input of at least {reach - self.left - self.right} samples, "
                "a smaller kernel_size or dilation, or more padding.",
            )
        return (padded - reach) // self.stride + 1


def _sides(kernel_size: int, stride: int, padding: Any, dilation: int) -> tuple[int, int]:
    """The samples that padding adds on the left and on the right."""
    if isinstance(padding, str):
        if padding == "valid":
            return 0, 0
        if padding != "same":
            raise Refused(
                f"padding={brief(padding)}.",
                "padding is a whole number of at least 0, 'same' or 'valid'.",
                "padding='same' to keep the length, padding='valid' for none.",
            )
        if stride > 1:
            raise Refused(
                f"padding='same' with stride={stride}.",
                f"'same' promises as many outputs as inputs, but stride={stride} keeps only one position "
                f"in {stride}.",
                f"stride=1, or padding={same_padding(kernel_size, dilation)[0]}, as on the left.",
            )
        return same_padding(kernel_size, dilation)
    if isinstance(padding, tuple | list) and len(padding) == 2:
        left, right = (whole_number("padding", side, 0) for side in padding)
        return left, right
    both = whole_number("padding", padding, 0)
    return both, both


@refusing
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
    in_channels, out_channels, groups = _channels_and_groups(in_channels, out_channels, groups)
    kernel_size, bias = whole_number("kernel_size", kernel_size, 1), choice("bias", bias, (True, False))
    return out_channels * (in_channels // groups) * kernel_size + (out_channels if bias else 0)


@refusing
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
    weights = parameter_count(in_channels, out_channels, kernel_size, groups, bias=False)
    return weights * whole_number("out_length", out_length, 1) * whole_number("batch", batch, 1)


@refusing
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
    stack = entries(layers)
    if stack is None:
        raise Refused(
            f"layers is a {type(layers).__name__}.",
            "the layers come as a list, from the input to the output.",
            "[layer], or model.children() for the layers of a model in their order.",
            TypeError,
        )
    field, step = 1, 1
    for layer in stack:
        if not hasattr(layer, "kernel_size"):
            raise Refused(
                f"a {type(layer).__name__} has no kernel_size.",
                "the receptive field grows only in layers that slide a kernel.",
                "leave the other layers out: [m for m in layers if hasattr(m, 'kernel_size')].",
                TypeError,
            )
        field += (effective_kernel_size(layer.kernel_size, getattr(layer, "dilation", 1)) - 1) * step
        step *= whole_number("stride", getattr(layer, "stride", 1), 1)
    return field


@dataclass(frozen=True)
class Conv1dSpec:
    """The description of one Conv1d layer, with torch's argument names, order and defaults.

    Args:
        in_channels: channels of the input, C.
        out_channels: channels of the output, which is the number of kernels, O.
        kernel_size: taps of each kernel along time, K.
        stride: samples the kernel moves from one output to the next.
        padding: samples added on each side, or ``"same"`` or ``"valid"``. Beyond torch, (left, right) for two
            different sides: torch's layer then has padding 0, behind an ``F.pad(x, (left, right))``.
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
    padding: int | str | tuple[int, int] = 0
    dilation: int = 1
    groups: int = 1
    bias: bool = True
    padding_mode: str = "zeros"

    @refusing
    def __post_init__(self) -> None:
        """Check every argument once and keep plain integers."""
        in_channels, out_channels, groups = _channels_and_groups(self.in_channels, self.out_channels, self.groups)
        windows = _Windows.of(self.kernel_size, self.stride, self.padding, self.dilation)
        choice("padding_mode", self.padding_mode, PADDING_MODES, ", torch's default")
        both = windows.left if windows.left == windows.right else (windows.left, windows.right)
        whole = {
            "in_channels": in_channels,
            "out_channels": out_channels,
            "kernel_size": windows.kernel_size,
            "stride": windows.stride,
            "padding": self.padding if isinstance(self.padding, str) else both,
            "dilation": windows.dilation,
            "groups": groups,
            "bias": choice("bias", self.bias, (True, False)),
        }
        for name, value in whole.items():
            object.__setattr__(self, name, value)

    @classmethod
    @refusing
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
            raise Refused(
                f"a {type(layer).__name__}{' without ' + ', '.join(missing) if missing else ''}.",
                "only a Conv1d has windows that slide over its input; it keeps its arguments as attributes.",
                "pass a torch.nn.Conv1d.",
                TypeError,
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
        return _sides(self.kernel_size, self.stride, self.padding, self.dilation)

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

    @refusing
    def output_length(self, length: int) -> int:
        """Samples per channel of the output for an input of `length` samples; see `output_length`."""
        return output_length(length, **self.sliding)

    @refusing
    def length_formula(self, length: int) -> str:
        """The length formula with its numbers; see `length_formula`."""
        return length_formula(length, **self.sliding)

    @refusing
    def window(self, t: int) -> tuple[int, ...]:
        """The input indices that output `t` reads; see `window`."""
        return window(t, **self.sliding)

    @refusing
    def unread_tail(self, length: int) -> int:
        """How many samples at the end no window reads; see `unread_tail`."""
        return unread_tail(length, **self.sliding)

    @refusing
    def unread_samples(self, length: int) -> tuple[int, ...]:
        """Which samples no window reads; see `unread_samples`."""
        return unread_samples(length, **self.sliding)

    def parameter_count(self) -> int:
        """How many numbers the layer learns; see `parameter_count`."""
        return parameter_count(self.in_channels, self.out_channels, self.kernel_size, self.groups, self.bias)

    @refusing
    def multiply_adds(self, length: int, batch: int = 1) -> int:
        """Multiplications of one forward pass on `batch` inputs of `length` samples; see `multiply_adds`."""
        out_length = self.output_length(length)
        return multiply_adds(self.in_channels, self.out_channels, self.kernel_size, out_length, self.groups, batch)

    @refusing
    def output_shape(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Predict the shape of the output.

        Args:
            shape: shape of the input, (N, C, L) or (C, L).

        Returns:
            (N, O, L_out) or (O, L_out).

        Raises:
            ValueError: the shape has another number of axes or of channels, or is too short for the kernel or
                for the padding mode.

        Example:
            >>> Conv1dSpec(2, 4, 3, stride=2).output_shape((2, 10))
            (4, 4)
        """
        sizes = input_shape(shape, self.in_channels)
        check_padding(sizes[-1], self.padding_sides, self.padding_mode)
        return (*sizes[:-2], self.out_channels, self.output_length(sizes[-1]))


#: The defaults of Conv1d's arguments, by name.
DEFAULTS = {field.name: field.default for field in fields(Conv1dSpec) if field.default is not MISSING}


def input_shape(shape: Any, in_channels: int) -> tuple[int, ...]:
    """Take the shape of an input that a layer reads.

    Args:
        shape: the shape, (N, C, L) or (C, L).
        in_channels: channels that the layer reads.

    Returns:
        The same as plain numbers.

    Raises:
        Refused: it is no shape, or has another number of axes or of channels.
    """
    sizes = entries(shape)
    if sizes is None:
        rule = "a shape is a tuple of sizes."
        raise Refused(f"shape={brief(shape)}.", rule, "x.shape, or such as (32, 5, 49).", TypeError)
    sizes = tuple(whole_number(f"shape[{i}]", size, 0) for i, size in enumerate(sizes))
    check_input_axes(len(sizes), f"a shape of {len(sizes)} axes.")
    if sizes[-2] != in_channels:
        raise Refused(
            f"{sizes[-2]} channels on the axis before the last.",
            f"that axis is the channels axis and must equal in_channels={in_channels}.",
            f"a shape like {(*sizes[:-2], in_channels, sizes[-1])}.",
        )
    return sizes


def check_padding(length: int, sides: tuple[int, int], mode: str) -> None:
    """Refuse a padding that needs more samples than there are.

    Args:
        length: samples per channel of the input.
        sides: samples that are added on the (left, right).
        mode: torch's name of the padding mode.

    Raises:
        Refused: the mode takes what it adds from the input itself, and there is too little.
    """
    most = {"reflect": length - 1, "circular": length}.get(mode)
    if most is not None and max(sides) > most:
        reason = "mirrors the other samples" if mode == "reflect" else "repeats the samples once"
        raise Refused(
            f"padding_mode={mode!r} with {max(sides)} samples of padding on an input of {length}.",
            f"{mode!r} {reason}, so it can add at most {most} on each side.",
            f"padding of at most {most}, a longer input, or padding_mode='replicate'.",
        )


def check_input_axes(count: int, found: str) -> None:
    """Refuse an input that is neither a batch of signals nor one signal.

    Args:
        count: how many axes it has.
        found: what it is, in words.

    Raises:
        Refused: they are not two or three.
    """
    if count not in (2, 3):
        rule = "Conv1d takes (N, C, L), a batch, or (C, L), one signal."
        raise Refused(found, rule, "add or drop axes until the shape is (batch, channels, length).")


def _channels_and_groups(in_channels: Any, out_channels: Any, groups: Any) -> tuple[int, int, int]:
    """Check the channel counts and that groups divides them."""
    in_channels = whole_number("in_channels", in_channels, 1)
    out_channels = whole_number("out_channels", out_channels, 1)
    groups = whole_number("groups", groups, 1)
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            common = math.gcd(in_channels, out_channels)
            fitting = [g for g in range(1, min(common, 1000) + 1) if common % g == 0]
            raise Refused(
                f"{name}={channels} cannot be split into groups={groups} equal parts.",
                f"groups must divide in_channels and out_channels, but {channels} = "
                f"{channels // groups}·{groups} + {channels % groups}.",
                f"groups={' or '.join(map(str, fitting))}.",
            )
    return in_channels, out_channels, groups
