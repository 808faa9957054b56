"""Convolutions with groups as lanes, and transposed convolutions as stamps."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._checks import refusal, whole_number
from ..arithmetic import Conv1dSpec
from .cells import draw_cells, refuse_other_axes, squared_paper
from .style import INK, ROLES, Figure, new_figure, styled


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
        ValueError: the three do not fit together, or groups does not divide the channels.

    Example:
        >>> plot_groups([[1, 2, 3], [4, 5, 6]], [[[1, 1]], [[1, -1]]], [[3, 5], [-1, -1]], groups=2)
        <Figure size ... with 1 Axes>
    """
    x, weight, output = np.asarray(x), np.asarray(weight), np.asarray(output)
    refuse_other_axes("plot_groups", x)
    (channels, length), (kernels, _, taps) = x.shape, weight.shape
    spec = Conv1dSpec(channels, kernels, taps, groups=groups)
    found, wanted = (weight.shape, output.shape), (spec.weight_shape, spec.output_shape(x.shape))
    if found != wanted:
        call = f"plot_groups(x of shape {x.shape}, weight, output, groups={groups})"
        rule = f"{channels} channels in {groups} groups and {kernels} kernels of {taps} taps make {wanted}."
        advice = "output=F.conv1d(x, weight, groups=groups), with the layer's own weight and groups."
        raise refusal(call, f"weight and output of shapes {found}.", rule, advice)
    ins, outs = channels // groups, kernels // groups
    names = [f"channel {c}" for c in range(channels)] if names is None else names
    wide = max(taps, 2) + 0.7  # a kernel's name is two cells wide
    left_kernel, lane = length + 1.4, max(ins, outs) + 1.5
    left_output = left_kernel + outs * wide + 2.7
    across, down = left_output + output.shape[1] + 2.5, groups * lane - 0.4
    scale = min(0.46, 10 / across)
    figure = new_figure(scale * across, 0.5 + scale * down)
    ax = squared_paper(figure.subplots())
    for g in range(groups):
        top, of_input, of_output = g * lane, slice(g * ins, (g + 1) * ins), range(g * outs, (g + 1) * outs)
        row, output_row = top + max(outs - ins, 0) / 2, top + max(ins - outs, 0) / 2
        draw_cells(x[of_input], ax=ax, origin=(0, row), names=names[of_input])
        for place, o in enumerate(of_output):
            start = left_kernel + place * wide
            draw_cells(weight[o], role="kernel", ax=ax, origin=(start, row))
            over = {"ha": "center", "va": "center", "color": ROLES["kernel"].colour, "fontsize": 9}
            ax.text(start + (taps - 1) / 2, row - 0.8, f"kernel {o}", **over)
        origin, labels = (left_output, output_row), [f"output {o}" for o in of_output]
        draw_cells(output[list(of_output)], role="output", ax=ax, origin=origin, names=labels)
        for sign, place in (("∗", left_kernel - 0.95), ("=", left_output - 3.0)):
            ax.text(place, row + (ins - 1) / 2, sign, ha="center", va="center", fontsize=14)
        if g > 0:
            ax.axhline(top - 1.25, color=INK, linestyle=(0, (4, 4)), linewidth=0.9)
    ax.set_xlim(-2.8, left_output + output.shape[1] - 0.3)
    ax.set_ylim(down - 1.3, -1.3)
    if title is not None:
        ax.set_title(title)
    return figure


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
        output_padding: samples that torch adds at the end.
        title: title of the picture.

    Returns:
        The figure.

    Raises:
        ValueError: x or kernel is not one row, an option is no such whole number, or padding leaves nothing.

    Example:
        >>> plot_stamps([1, 3], [1, 2, 1], stride=2)
        <Figure size ... with 1 Axes>
    """
    x, kernel = np.asarray(x), np.asarray(kernel)
    call = f"plot_stamps(x of shape {x.shape}, kernel of shape {kernel.shape}, padding={padding})"
    if x.ndim != 1 or kernel.ndim != 1:
        found = f"{x.ndim} and {kernel.ndim} axes."
        raise refusal(call, found, "one channel and its kernel are drawn, each one row.", "x[0] and weight[0, 0].")
    whole_number(call, "stride", stride, 1)
    whole_number(call, "padding", padding, 0)
    whole_number(call, "output_padding", output_padding, 0)
    total = np.zeros((len(x) - 1) * stride + len(kernel) + output_padding, np.result_type(x, kernel))
    if 2 * padding >= len(total):
        rule = f"padding cuts {padding} samples off each end, and the stamps reach over {len(total)}."
        raise refusal(call, "nothing left to draw.", rule, f"padding of at most {(len(total) - 1) // 2}.")
    scale = min(0.46, 10 / (len(total) + 6.8))
    figure = new_figure(scale * (len(total) + 6.8), 1.1 + scale * (len(x) + 2.5))
    ax = squared_paper(figure.subplots())
    draw_cells(kernel, role="kernel", ax=ax, names=["kernel"])
    for i, value in enumerate(x):
        start, row = i * stride, 1.5 + i
        total[start : start + len(kernel)] += value * kernel
        draw_cells(value, ax=ax, origin=(-3.9, row), names=[f"input {i}"])
        ax.text(-0.75, row, "× kernel =", ha="right", va="center", color=ROLES["kernel"].colour)
        draw_cells(value * kernel, role="kernel", ax=ax, origin=(start, row), fills=[["white"] * len(kernel)])
    origin, kept = (0, len(x) + 2.0), range(padding, len(total) - padding)
    cut = {(0, i) for i in range(len(total)) if i not in kept}
    draw_cells(total, role="output", ax=ax, origin=origin, names=["output"], mark=cut, mark_role="padding")
    ax.set_xlim(-6.5, len(total) - 0.3)
    ax.set_xlabel("time step of the output", loc="right")
    ax.set_xticks(kept, [str(i) for i in range(len(kept))])
    ax.set_title("" if title is None else title)
    return figure
