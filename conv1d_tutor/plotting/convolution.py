"""Conv1d at work on small numbers: one window, the channels' contributions, one matrix product."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._refusals import Refused, array, brief, choice, refusing, whole_number
from .._refusals import names as one_name_each
from ..arithmetic import Conv1dSpec, Size
from .cells import number_steps, put_cells, squared_paper
from .checks import caption, channel_names, check_room, fitting, signal
from .style import ROLES, Figure, entitle, new_figure, number, styled


@refusing
@styled
def plot_conv1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    t: int = 0,
    out_channel: int = 0,
    output: Any = None,
    stride: Size = 1,
    dilation: Size = 1,
    names: Sequence[str] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw the one picture of this course: a signal, a kernel over one window of it, and the output.

    All three stand on the same time axis: the kernel right below the samples it reads, each output below the
    first sample of its window. The small number in its corner is its index.

    Args:
        x: a small signal, (C, L).
        weight: the kernels, (O, C, K).
        bias: one number for each kernel, (O,), or None.
        t: the output to explain.
        out_channel: the kernel to draw.
        output: the layer's output, (O, L_out). With None the output cells stay empty but for their index.
        stride: samples the kernel moves from one output to the next.
        dilation: distance in input samples from one tap to the next.
        names: a name for each channel of the input.
        title: title of the picture.

    Returns:
        The figure.

    Raises:
        TypeError, ValueError: x is no single signal, x and weight do not fit, there is no output `t`, or the
            picture would be too large to be read.

    Example:
        >>> plot_conv1d([[1, 2, 3, 4]], [[[1, -1]]], t=1)
        <Figure size ... with 1 Axes>
    """
    x = signal("x", x)
    check_room("x", x, len(x), x.shape[1], x.size)
    weight = array("weight", weight, ("out_channels", "in_channels", "kernel_size"))
    (channels, length), (out_channels, in_channels, taps) = x.shape, weight.shape
    spec = Conv1dSpec(in_channels, out_channels, taps, stride=stride, dilation=dilation)
    shape = out_channels, out_length = spec.output_shape(x.shape)
    paper = 2 * channels + out_channels, length, x.size + weight[0].size + out_channels * out_length
    check_room("weight", weight[:, 0], *paper, times=False)
    t = whole_number("t", t, 0, out_length - 1)
    out_channel = whole_number("out_channel", out_channel, 0, out_channels - 1)
    names = channel_names("names", names, x)
    if bias is not None:
        bias = fitting("bias", bias, (out_channels,), "each kernel adds one number")
    if output is not None:
        output = fitting("output", output, shape, "there is a row for each kernel and a number for each window")
    read = spec.window(t)
    title = caption("title", title)
    figure = new_figure(min(10, 2.8 + 0.46 * length), 1.0 + 0.46 * (2 * channels + out_channels + 2))
    ax = squared_paper(figure.subplots())
    put_cells(ax, x, names=names, mark={(c, i) for c in range(channels) for i in read})
    kernel_top = channels + 0.75
    for k, i in enumerate(read):
        put_cells(ax, weight[out_channel, :, k : k + 1], role="kernel", origin=(i, kernel_top))
    ax.text(
        read[0] - 0.75,
        kernel_top + (channels - 1) / 2,
        f"kernel {out_channel}" + ("" if bias is None else f"\nbias {number(bias[out_channel])}"),
        ha="right",
        va="center",
        color=ROLES["kernel"].colour,
    )
    top = kernel_top + channels + 0.75
    for o in range(out_channels):
        for s in range(out_length):
            chosen = (o, s) == (out_channel, t)
            put_cells(
                ax,
                np.array([["" if output is None else output[o, s]]]),
                role="output",
                origin=(spec.window(s)[0], top + o),
                mark={(0, 0)} if chosen else (),
                mark_role="output",
                numbered=s,
            )
        ax.text(-0.75, top + o, f"output {o}", ha="right", va="center", color=ROLES["output"].colour)
    ax.set_xlim(-2.8, length - 0.3)
    number_steps(ax, range(length), "time step of the input")
    entitle(ax, title)
    return figure


@refusing
@styled
def plot_contributions(
    x: Any,
    kernel: Any,
    contributions: Any,
    *,
    t: int | None = None,
    names: Sequence[str] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw how one kernel adds the channels up: each channel, its row of the kernel, its contribution, the sum.

    The small number in the corner of a cell is its time step.

    Args:
        x: a small signal, (C, L).
        kernel: one kernel, (C, K).
        contributions: what each channel gives to the output, (C, L_out).
        t: the output to mark, with the samples it reads.
        names: a name for each channel.
        title: title of the picture.

    Returns:
        The figure.

    Raises:
        TypeError, ValueError: the three do not fit together as stride 1 without padding makes them, there is no
            output `t`, or the picture would be too large to be read.

    Example:
        >>> plot_contributions([[1, 2, 3], [1, 0, 1]], [[1, 1], [0, 2]], [[3, 5], [0, 2]], t=0)
        <Figure size ... with 1 Axes>
    """
    x = signal("x", x)
    check_room("x", x, len(x), x.shape[1])
    kernel = array("kernel", kernel, ("channels", "kernel_size"))
    (channels, length), taps = x.shape, kernel.shape[1]
    spec = Conv1dSpec(len(kernel), channels, taps)
    shape = _, out_length = spec.output_shape(x.shape)
    check_room("x", x, channels, length + taps + out_length, x.size + kernel.size + channels * out_length)
    advice = "the output of each channel alone, one row for each, before the sum."
    contributions = fitting("contributions", contributions, shape, "each channel gives one row", advice)
    t = None if t is None else whole_number("t", t, 0, out_length - 1)
    names = channel_names("names", names, x)
    left_kernel, left_output = length + 1.4, length + taps + 2.8
    reach = 3.0 + left_output + out_length
    title = caption("title", title)
    figure = new_figure(min(10, 0.46 * reach), 0.9 + 0.46 * (channels + 2.4) * min(1, 10 / (0.46 * reach)))
    ax = squared_paper(figure.subplots())
    read = () if t is None else spec.window(t)
    column = set() if t is None else {(c, t) for c in range(channels)}
    put_cells(ax, x, names=names, mark={(c, i) for c in range(channels) for i in read}, numbered=0)
    put_cells(ax, kernel, role="kernel", origin=(left_kernel, 0))
    marked = ROLES["output"].fill
    white = [[marked if i == t else "white" for i in range(out_length)]] * channels
    outcome = {"role": "output", "mark_role": "output", "numbered": 0}
    put_cells(ax, contributions, origin=(left_output, 0), mark=column, fills=white, **outcome)
    bottom = (left_output, channels + 0.4)
    total = contributions.sum(axis=0, keepdims=True)
    put_cells(ax, total, origin=bottom, mark=set() if t is None else {(0, t)}, **outcome)
    for row in range(channels):
        ax.text(left_kernel - 0.95, row, "∗", ha="center", va="center")
        ax.text(left_output - 0.95, row, "=", ha="center", va="center")
    ax.text(left_output - 0.75, bottom[1], "sum", ha="right", va="center", color=ROLES["output"].colour)
    for left, width, head in (
        (0, length, "input"),
        (left_kernel, taps, "kernel"),
        (left_output, out_length, "contributions"),
    ):
        ax.text(left + (width - 1) / 2, -0.75, head, ha="center", va="bottom", fontweight="bold")
    ax.set_xlim(-2.8, left_output + out_length - 0.3)
    ax.set_ylim(bottom[1] + 0.7, -1.5)
    entitle(ax, title)
    return figure


@refusing
@styled
def plot_product(
    left: Any,
    right: Any,
    *,
    roles: tuple[str, str, str] = ("kernel", "window", "output"),
    heads: tuple[str, str, str] = ("left", "right", "product"),
    hide_zeros: bool = False,
    title: str | None = None,
) -> Figure:
    """Draw a matrix product: two small matrices and what they give, side by side.

    Args:
        left: a matrix, (rows, inner).
        right: a matrix, (inner, columns), or one column, (inner,).
        roles: what the left, the right and the product are, keys of `ROLES`.
        heads: a name for each of the three; its shape is written below it.
        hide_zeros: leave the cells of the left matrix empty where it is 0.
        title: title of the picture.

    Returns:
        The figure.

    Raises:
        TypeError, ValueError: an array has not two axes, the inner sizes differ, there is no such role, or the
            picture would be too large to be read.

    Example:
        >>> plot_product([[1, 2, 0], [0, 1, 2]], [1, 3, 2], heads=("kernel", "signal", "output"))
        <Figure size ... with 1 Axes>
    """
    left, right = array("left", left), array("right", right)
    if left.ndim != 2 or right.ndim not in (1, 2) or left.shape[1] != len(right):
        raise Refused(
            f"left of shape {left.shape}, right of shape {right.shape}.",
            "a matrix product takes (rows, inner) and (inner, columns) of one inner size.",
            "left.T or right.T, if one of them lies on its side.",
        )
    if not isinstance(roles, Sequence) or isinstance(roles, str) or len(roles) != 3:
        rule = "roles holds three: of the left matrix, of the right, and of the product."
        raise Refused(f"roles={brief(roles)}.", rule, "roles=('kernel', 'window', 'output').")
    roles = [choice("roles", role, ROLES) for role in roles]
    heads = one_name_each("heads", heads, 3, "part")
    hide_zeros = choice("hide_zeros", hide_zeros, (False, True))
    arrays = (left, right, left @ right)
    grids = [matrix.reshape(len(matrix), -1) for matrix in arrays]
    heights, sizes = [len(grid) for grid in grids], [grid.size for grid in grids]
    check_room("left", left, max(heights), sum(grid.shape[1] for grid in grids), sum(sizes), times=False)
    # Room for the name above a narrow grid; a letter takes about a quarter of a cell.
    widths = [max(grid.shape[1], 0.26 * len(head)) for grid, head in zip(grids, heads, strict=True)]
    height, across = max(heights), sum(widths) + 3.6
    scale = min(0.46, 10 / across)
    title = caption("title", title)
    figure = new_figure(0.3 + scale * across, 0.5 + scale * (height + 2))
    ax = squared_paper(figure.subplots())
    start = 0.0
    for part, (grid, width, sign) in enumerate(zip(grids, widths, "@=.", strict=True)):
        role, centre = ROLES[roles[part]], start + (width - 1) / 2
        origin = (centre - (grid.shape[1] - 1) / 2, (height - len(grid)) / 2)
        empty = grid == 0 if hide_zeros and part == 0 else np.zeros(grid.shape, bool)
        shown = np.where(empty, "", np.vectorize(number)(grid))
        put_cells(ax, shown, role=roles[part], origin=origin, fills=np.where(empty, "white", role.fill))
        ax.text(centre, -1.5, heads[part], ha="center", va="center", color=role.colour, fontweight="bold")
        ax.text(centre, -0.95, str(arrays[part].shape), ha="center", va="center", color=role.colour, fontsize=9)
        start += width + 1.8
        if part < 2:
            ax.text(start - 1.4, (height - 1) / 2, sign, ha="center", va="center", fontsize=16)
    ax.set_xlim(-1, start - 1.8)
    ax.set_ylim(height - 0.3, -2)
    entitle(ax, title)
    return figure
