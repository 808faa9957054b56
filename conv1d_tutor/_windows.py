"""Where the windows of a Conv1d lie: the length formula, and which samples each output reads.

`arithmetic` is the public face of these functions.
"""

from typing import Any

from ._checks import call_text, refusal, whole_number

#: A size as torch takes it: a whole number, or that number in a tuple of one.
Size = int | tuple[int]


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
