"""Conv1d at work on small numbers: one window, the channels' contributions, one matrix product."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._checks import refusal
from ..arithmetic import Conv1dSpec
from .cells import draw_cells, refuse_other_axes, squared_paper
from .style import ROLES, Figure, new_figure, number, styled


@styled
def plot_conv1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    t: int = 0,
    out_channel: int = 0,
    output: Any = None,
    stride: int = 1,
    dilation: int = 1,
    names: Sequence[str] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw the one picture of this course: a signal, a kernel over one window of it, and the output.

    All three stand on the same time axis: the kernel right below the samples it reads, each output below the
    middle of its window.

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
        ValueError: x and weight do not fit, or there is no output `t`.

    Example:
        >>> plot_conv1d([[1, 2, 3, 4]], [[[1, -1]]], t=1)
        <Figure size ... with 1 Axes>
    """
    x, weight = np.atleast_2d(np.asarray(x)), np.asarray(weight)
    (channels, length), (out_channels, _, taps) = x.shape, weight.shape
    spec = Conv1dSpec(weight.shape[1], out_channels, taps, stride=stride, dilation=dilation)
    _, out_length = spec.output_shape(x.shape)
    if not (0 <= t < out_length and 0 <= out_channel < out_channels):
        raise refusal(
            f"plot_conv1d(x, weight of shape {weight.shape}, t={t}, out_channel={out_channel})",
            f"no output ({out_channel}, {t}).",
            f"the output has shape (out_channels, L_out) = ({out_channels}, {out_length}).",
            f"t from 0 to {out_length - 1}, out_channel from 0 to {out_channels - 1}.",
        )
    read = spec.window(t)
    figure = new_figure(min(10, 2.8 + 0.46 * length), 1.0 + 0.46 * (2 * channels + out_channels + 2))
    ax = squared_paper(figure.subplots())
    names = [f"channel {c}" for c in range(channels)] if names is None else names
    draw_cells(x, ax=ax, names=names, mark={(c, i) for c in range(channels) for i in read})
    kernel_top = channels + 0.75
    for k, i in enumerate(read):
        draw_cells(weight[out_channel, :, k : k + 1], role="kernel", ax=ax, origin=(i, kernel_top))
    ax.text(
        read[0] - 0.75,
        kernel_top + (channels - 1) / 2,
        f"kernel {out_channel}" + ("" if bias is None else f"\nbias {np.asarray(bias)[out_channel]:g}"),
        ha="right",
        va="center",
        color=ROLES["kernel"].colour,
    )
    top = kernel_top + channels + 0.75
    middle = (spec.effective_kernel_size - 1) / 2
    for o in range(out_channels):
        for s in range(out_length):
            chosen = (o, s) == (out_channel, t)
            shown = "" if output is None else np.asarray(output)[o, s]
            draw_cells(
                np.array([[shown]]),
                role="output",
                ax=ax,
                origin=(s * stride + middle, top + o),
                mark={(0, 0)} if chosen else (),
                mark_role="output",
            )
        ax.text(middle - 0.75, top + o, f"output {o}", ha="right", va="center", color=ROLES["output"].colour)
    ax.set_xlim(-2.8, length - 0.3)
    ax.set_xlabel("time step of the input")
    ax.set_xticks(range(length), [str(i) for i in range(length)])
    if title is not None:
        ax.set_title(title)
    return figure


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
        ValueError: the three do not fit together as stride 1 without padding makes them, or there is no
            output `t`.

    Example:
        >>> plot_contributions([[1, 2, 3], [1, 0, 1]], [[1, 1], [0, 2]], [[3, 5], [0, 2]], t=0)
        <Figure size ... with 1 Axes>
    """
    x, kernel, contributions = np.asarray(x), np.asarray(kernel), np.asarray(contributions)
    call = f"plot_contributions(x of shape {x.shape}, kernel of shape {kernel.shape}, "
    call += f"contributions of shape {contributions.shape}, t={t})"
    for array in (x, kernel):
        refuse_other_axes("plot_contributions", array)
    (channels, length), taps = x.shape, kernel.shape[1]
    fitting = Conv1dSpec(len(kernel), channels, taps).output_shape(x.shape)
    if contributions.shape != fitting:
        found, rule = (
            f"contributions of shape {contributions.shape}.",
            f"each channel gives one row, so {fitting}.",
        )
        raise refusal(call, found, rule, "the output of each channel alone, one row for each, before the sum.")
    out_length = fitting[1]
    if t is not None and not 0 <= t < out_length:
        raise refusal(
            call, f"no output {t}.", f"there are {out_length} outputs.", f"t from 0 to {out_length - 1}."
        )
    left_kernel, left_output = length + 1.4, length + taps + 2.8
    names = [f"channel {c}" for c in range(channels)] if names is None else names
    reach = 3.0 + left_output + out_length
    figure = new_figure(min(10, 0.46 * reach), 0.9 + 0.46 * (channels + 2.4) * min(1, 10 / (0.46 * reach)))
    ax = squared_paper(figure.subplots())
    window = range(0) if t is None else range(t, t + taps)
    column = set() if t is None else {(c, t) for c in range(channels)}
    draw_cells(x, ax=ax, names=names, mark={(c, i) for c in range(channels) for i in window})
    draw_cells(kernel, role="kernel", ax=ax, origin=(left_kernel, 0))
    white = [["white"] * out_length] * channels
    origin = (left_output, 0)
    draw_cells(contributions, role="output", ax=ax, origin=origin, mark=column, mark_role="output", fills=white)
    bottom = (left_output, channels + 0.4)
    chosen = set() if t is None else {(0, t)}
    draw_cells(contributions.sum(axis=0), role="output", ax=ax, origin=bottom, mark=chosen, mark_role="output")
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
    if title is not None:
        ax.set_title(title)
    return figure


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
        ValueError: an array has not two axes, or the inner sizes differ.

    Example:
        >>> plot_product([[1, 2, 0], [0, 1, 2]], [1, 3, 2], heads=("kernel", "signal", "output"))
        <Figure size ... with 1 Axes>
    """
    left, right = np.asarray(left), np.asarray(right)
    if left.ndim != 2 or right.ndim not in (1, 2) or left.shape[1] != len(right):
        raise refusal(
            f"plot_product(left of shape {left.shape}, right of shape {right.shape})",
            "two arrays that do not fit.",
            "a matrix product takes (rows, inner) and (inner, columns) of one inner size.",
            "left.T or right.T, if one of them lies on its side.",
        )
    arrays = (left, right, left @ right)
    grids = [array.reshape(len(array), -1) for array in arrays]
    # Room for the name above a narrow grid; a letter takes about a quarter of a cell.
    widths = [max(grid.shape[1], 0.26 * len(head)) for grid, head in zip(grids, heads, strict=True)]
    height, across = max(map(len, grids)), sum(widths) + 3.6
    scale = min(0.46, 10 / across)
    figure = new_figure(0.3 + scale * across, 0.5 + scale * (height + 2))
    ax = squared_paper(figure.subplots())
    start = 0.0
    for part, (grid, width, sign) in enumerate(zip(grids, widths, "@=.", strict=True)):
        role, middle = ROLES[roles[part]], start + (width - 1) / 2
        origin = (middle - (grid.shape[1] - 1) / 2, (height - len(grid)) / 2)
        empty = grid == 0 if hide_zeros and part == 0 else np.zeros(grid.shape, bool)
        texts = [
            ["" if none else number(v) for v, none in zip(*row, strict=True)]
            for row in zip(grid, empty, strict=True)
        ]
        draw_cells(texts, role=roles[part], ax=ax, origin=origin, fills=np.where(empty, "white", role.fill))
        ax.text(middle, -1.5, heads[part], ha="center", va="center", color=role.colour, fontweight="bold")
        ax.text(middle, -0.95, str(arrays[part].shape), ha="center", va="center", color=role.colour, fontsize=9)
        start += width + 1.8
        if part < 2:
            ax.text(start - 1.4, (height - 1) / 2, sign, ha="center", va="center", fontsize=16)
    ax.set_xlim(-1, start - 1.8)
    ax.set_ylim(height - 0.3, -2)
    if title is not None:
        ax.set_title(title)
    return figure
