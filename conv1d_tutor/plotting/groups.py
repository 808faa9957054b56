"""Convolutions with groups as lanes, and transposed convolutions as stamps."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._refusals import Refused, array, refusing, whole_number
from ..arithmetic import Conv1dSpec
from .cells import number_steps, put_cells, squared_paper
from .checks import caption, channel_names, check_room, signal
from .style import INK, ROLES, Figure, entitle, new_figure, styled


@refusing
@styled
def plot_groups(
    x: Any, weight: Any, output: Any, *, groups: int, names: Sequence[str] | None = None, title: str | None = None
) -> Figure:
    """Draw a convolution with groups as lanes: the channels of a group, the kernels that read them, their outputs.

    Args:
        x: a small signal, (C, L).
        weight: the kernels, (O, C / groups, K).
        output: the layer's output, (O, L_out), with stride 1 and no padding.
        groups: parts into which the channels are split; each is one lane.
        names: a name for each channel of the input.
        title: title of the picture.

    Returns:
        The figure.

    Raises:
        TypeError, ValueError: the three do not fit together, groups does not divide the channels, or the picture
            would be too large to be read.

    Example:
        >>> plot_groups([[1, 2, 3], [4, 5, 6]], [[[1, 1]], [[1, -1]]], [[3, 5], [-1, -1]], groups=2)
        <Figure size ... with 1 Axes>
    """
    x = signal("x", x)
    check_room("x", x, len(x), x.shape[1])
    weight = array("weight", weight, ("out_channels", "in_channels / groups", "kernel_size"))
    output = array("output", output)
    (channels, length), (kernels, _, taps) = x.shape, weight.shape
    spec = Conv1dSpec(channels, kernels, taps, groups=groups)
    found, wanted = (weight.shape, output.shape), (spec.weight_shape, spec.output_shape(x.shape))
    groups, ins, outs = spec.groups, channels // spec.groups, kernels // spec.groups
    if found != wanted:
        rule = f"{channels} channels in {groups} groups and {kernels} kernels of {taps} taps make {wanted}."
        advice = "output=F.conv1d(x, weight, groups=groups), with the layer's own weight and groups."
        raise Refused(f"weight and output of shapes {found}.", rule, advice)
    paper = max(channels, kernels), length + outs * taps + output.shape[1], x.size + weight.size + output.size
    check_room("x", x, *paper)
    names = channel_names("names", names, x)
    wide = max(taps, 2) + 0.7  # a kernel's name is two cells wide
    left_kernel, lane = length + 1.4, max(ins, outs) + 1.5
    left_output = left_kernel + outs * wide + 2.7
    across, down = left_output + output.shape[1] + 2.5, groups * lane - 0.4
    scale = min(0.46, 10 / across)
    title = caption("title", title)
    figure = new_figure(scale * across, 0.5 + scale * down)
    ax = squared_paper(figure.subplots())
    for g in range(groups):
        top, of_input, of_output = g * lane, slice(g * ins, (g + 1) * ins), range(g * outs, (g + 1) * outs)
        row, output_row = top + max(outs - ins, 0) / 2, top + max(ins - outs, 0) / 2
        put_cells(ax, x[of_input], origin=(0, row), names=names[of_input], numbered=0)
        for place, o in enumerate(of_output):
            start = left_kernel + place * wide
            put_cells(ax, weight[o], role="kernel", origin=(start, row))
            over = {"ha": "center", "va": "center", "color": ROLES["kernel"].colour, "fontsize": 9}
            ax.text(start + (taps - 1) / 2, row - 0.8, f"kernel {o}", **over)
        origin, labels = (left_output, output_row), [f"output {o}" for o in of_output]
        put_cells(ax, output[list(of_output)], role="output", origin=origin, names=labels, numbered=0)
        for sign, place in (("∗", left_kernel - 0.95), ("=", left_output - 3.0)):
            ax.text(place, row + (ins - 1) / 2, sign, ha="center", va="center", fontsize=14)
        if g > 0:
            ax.axhline(top - 1.25, color=INK, linestyle=(0, (4, 4)), linewidth=0.9)
    ax.set_xlim(-2.8, left_output + output.shape[1] - 0.3)
    ax.set_ylim(down - 1.3, -1.3)
    entitle(ax, title)
    return figure


@refusing
@styled
def plot_stamps(
    x: Any, kernel: Any, *, stride: int = 1, padding: int = 0, output_padding: int = 0, title: str | None = None
) -> Figure:
    """Draw a transposed convolution: each input sample stamps the kernel into the output, and stamps add up.

    Args:
        x: one channel, (L,).
        kernel: its kernel, (K,).
        stride: samples of the output from one stamp to the next.
        padding: samples that torch cuts off each end of the sum; they are drawn hatched.
        output_padding: samples that torch adds at the end, fewer than stride.
        title: title of the picture.

    Returns:
        The figure.

    Raises:
        TypeError, ValueError: x or kernel is not one row, an option is no such whole number, padding leaves
            nothing, or the picture would be too large to be read.

    Example:
        >>> plot_stamps([1, 3], [1, 2, 1], stride=2)
        <Figure size ... with 1 Axes>
    """
    x, kernel = array("x", x, ("length",)), array("kernel", kernel, ("kernel_size",))
    stride = whole_number("stride", stride, 1)
    padding = whole_number("padding", padding, 0)
    output_padding = whole_number("output_padding", output_padding, 0)
    if output_padding >= stride:
        found = f"output_padding={output_padding} with stride={stride}."
        raise Refused(
            found, "torch adds fewer samples than one stride.", f"output_padding of at most {stride - 1}."
        )
    reach = (len(x) - 1) * stride + len(kernel) + output_padding
    paper = len(x), reach, len(x) * (1 + len(kernel)) + reach
    check_room("x", x[np.newaxis], *paper, instead="a smaller stride")
    total = np.zeros((1, reach), np.result_type(x, kernel))
    if 2 * padding >= reach:
        rule = f"padding cuts {padding} samples off each end, and the stamps reach over {reach}."
        raise Refused("nothing left to draw.", rule, f"padding of at most {(reach - 1) // 2}.")
    scale = min(0.46, 10 / (reach + 6.8))
    title = caption("title", title)
    figure = new_figure(scale * (reach + 6.8), 1.1 + scale * (len(x) + 2.5))
    ax = squared_paper(figure.subplots())
    put_cells(ax, kernel[np.newaxis], role="kernel", names=["kernel"])
    for i, value in enumerate(x):
        start, row, stamp = i * stride, 1.5 + i, (value * kernel)[np.newaxis]
        total[:, start : start + len(kernel)] += stamp
        put_cells(ax, np.array([[value]]), origin=(-3.9, row), names=[f"input {i}"])
        ax.text(-0.75, row, "× kernel =", ha="right", va="center", color=ROLES["kernel"].colour)
        put_cells(ax, stamp, role="kernel", origin=(start, row), fills=[["white"] * len(kernel)])
    kept = range(padding, reach - padding)
    cut = {(0, i) for i in range(reach) if i not in kept}
    origin = (0, len(x) + 2.0)
    put_cells(ax, total, role="output", origin=origin, names=["output"], mark=cut, mark_role="padding")
    ax.set_xlim(-6.5, reach - 0.3)
    number_steps(ax, kept, "time step of the output", [str(i) for i in range(len(kept))])
    entitle(ax, title)
    return figure
