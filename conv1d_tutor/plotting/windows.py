"""Where the windows of a Conv1d begin and end: every window below a small signal."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._refusals import Refused, array, refusing
from ..arithmetic import Conv1dSpec, Padding, Size
from .cells import number_steps, put_cells, squared_paper
from .checks import caption, check_room
from .style import ROLES, Figure, entitle, new_figure, number, styled


@dataclass(frozen=True)
class Layout:
    """Where a layer's input, padding and windows lie on the time axis of the input; see `lay_out`.

    Attributes:
        steps: the time steps of the padded input; those below 0 and past the end are padding.
        roles: for each of them a key of `ROLES`: input, padding, or unread for a sample that no window reads.
        count: how many windows there are.
    """

    steps: range
    roles: np.ndarray
    count: int


def lay_out(spec: Conv1dSpec, length: int) -> Layout:
    """Lay out an input with its padding, for a picture of the layer's windows.

    Args:
        spec: the layer.
        length: samples per channel of the input.

    Returns:
        What lies where.

    Raises:
        ValueError: the kernel does not fit on the padded input.
    """
    count, (left, right) = spec.output_length(length), spec.padding_sides
    roles = np.full(left + length + right, "padding")
    roles[left : left + length] = "input"
    roles[left + np.array(spec.unread_samples(length), int)] = "unread"
    return Layout(range(-left, length + right), roles, count)


@refusing
@styled
def plot_windows(
    x: Any,
    kernel_size: Size,
    *,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    output: Any = None,
    title: str | None = None,
) -> Figure:
    """Draw every window of a Conv1d below a small signal: a line for each output, a dot for each tap.

    Padded zeros are hatched, and samples that no window reads are crossed out.

    Args:
        x: one channel, (L,) or (1, L).
        kernel_size: taps of the kernel, K.
        stride: samples the kernel moves from one output to the next.
        padding: zeros added on each side, ``"same"``, ``"valid"``, or (left, right) for two different sides.
        dilation: distance in input samples from one tap to the next.
        output: the numbers that come out, (L_out,) or (1, L_out), or None to count the outputs only.
        title: title of the picture.

    Returns:
        The figure.

    Raises:
        TypeError, ValueError: x is not one channel or too long to be read, a size is not a whole number in
            range, the kernel does not fit, or there is not one output for each window.

    Example:
        >>> plot_windows([1, 3, 2, 5], kernel_size=3, padding=1)
        <Figure size ... with 1 Axes>
    """
    x = np.atleast_2d(array("x", x))
    if len(x) != 1 or x.ndim != 2:
        rule = "the windows of one channel are drawn; they are the same in every channel."
        advice = f"one channel, such as x[{'0, ' * (x.ndim - 2)}:1]."
        raise Refused(f"x of shape {x.shape}.", rule, advice)
    spec, length = Conv1dSpec(1, 1, kernel_size, stride, padding, dilation), x.shape[1]
    left, right = spec.padding_sides
    check_room("x", x, 0, left + length + right, instead="less padding")
    layout = lay_out(spec, length)
    values = None if output is None else array("output", output).ravel()
    if values is not None and len(values) != layout.count:
        rule = f"each window gives one output, and there are {layout.count} windows."
        raise Refused(f"{len(values)} outputs.", rule, "the output of a layer with these very options.")

    step = 0.62  # from one window to the next, in cells
    across, down = left + length + right + 6.2, 2.4 + step * layout.count
    scale = min(0.46, 10 / across)
    title = caption("title", title)
    figure = new_figure(scale * across, 0.55 + scale * down)
    ax = squared_paper(figure.subplots())
    for start, side in ((-left, left), (length, right)):
        if side:
            put_cells(ax, np.zeros((1, side), int), role="padding", origin=(start, 0))
    unread = layout.roles == "unread"
    mark = {(0, i) for i, none in zip(layout.steps, unread, strict=True) if none}
    put_cells(ax, x, mark=mark, mark_role="unread")
    beside = {"ha": "right", "va": "center"}
    ax.text(-left - 0.75, 0, "input", color=ROLES["input"].colour, **beside)
    ax.text(-left - 0.75, 1.1, "windows", color=ROLES["window"].colour, **beside)
    dot, out = ROLES["window"], ROLES["output"]
    for t in range(layout.count):
        read, y = spec.window(t), 1.1 + step * t
        ax.plot([read[0], read[-1]], [y, y], color=dot.colour, linewidth=1.4)
        ax.plot(read, [y] * len(read), dot.marker, color=dot.colour, markersize=6)
        ax.plot(length + right + 0.2, y, out.marker, color=out.colour, markersize=6)
        text = f"output {t}" + ("" if values is None else f": {number(values[t])}")
        ax.text(length + right + 0.7, y, text, ha="left", va="center", color=out.colour)
    ax.set_xlim(-left - 2.9, length + right + 3.3)
    ax.set_ylim(1.1 + step * layout.count, -0.7)
    number_steps(ax, layout.steps, "time step of the input")
    entitle(ax, title)
    return figure
