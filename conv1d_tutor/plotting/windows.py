"""Where the windows of a Conv1d begin and end: every window below a small signal."""

from typing import Any

import numpy as np

from .._checks import refusal
from .._refusals import refusing
from ..arithmetic import Conv1dSpec, Padding, Size
from .cells import draw_cells, squared_paper
from .style import ROLES, Figure, new_figure, number, styled


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
        ValueError: x is not one channel, a size is not a whole number in range, the kernel does not fit, or
            there is not one output for each window.

    Example:
        >>> plot_windows([1, 3, 2, 5], kernel_size=3, padding=1)
        <Figure size ... with 1 Axes>
    """
    x = np.atleast_2d(np.asarray(x))
    call = f"plot_windows(x of shape {x.shape}, kernel_size={kernel_size}, stride={stride}, padding={padding!r}, "
    call += f"dilation={dilation})"
    if x.ndim != 2 or len(x) != 1:
        rule = "the windows of one channel are drawn; they are the same in every channel."
        raise refusal(call, f"x of shape {x.shape}.", rule, "one channel, such as x[:1].")
    spec = Conv1dSpec(1, 1, kernel_size, stride, padding, dilation)
    (left, right), length = spec.padding_sides, x.shape[1]
    count = spec.output_length(length)
    values = None if output is None else np.asarray(output).ravel()
    if values is not None and len(values) != count:
        rule = f"each window gives one output, and there are {count} windows."
        raise refusal(call, f"{len(values)} outputs.", rule, "the output of a layer with these very options.")
    taps = [spec.window(t) for t in range(count)]
    unread = spec.unread_samples(length)

    step = 0.62  # from one window to the next, in cells
    across, down = left + length + right + 6.2, 2.4 + step * count
    scale = min(0.46, 10 / across)
    figure = new_figure(scale * across, 0.55 + scale * down)
    ax = squared_paper(figure.subplots())
    for start, side in ((-left, left), (length, right)):
        if side:
            draw_cells(np.zeros(side, int), role="padding", ax=ax, origin=(start, 0))
    draw_cells(x, ax=ax, mark={(0, i) for i in unread}, mark_role="unread")
    beside = {"ha": "right", "va": "center"}
    ax.text(-left - 0.75, 0, "input", color=ROLES["input"].colour, **beside)
    ax.text(-left - 0.75, 1.1, "windows", color=ROLES["window"].colour, **beside)
    dot, out = ROLES["window"], ROLES["output"]
    for t, read in enumerate(taps):
        y = 1.1 + step * t
        ax.plot([read[0], read[-1]], [y, y], color=dot.colour, linewidth=1.4)
        ax.plot(read, [y] * len(read), dot.marker, color=dot.colour, markersize=6)
        ax.plot(length + right + 0.2, y, out.marker, color=out.colour, markersize=6)
        text = f"output {t}" + ("" if values is None else f": {number(values[t])}")
        ax.text(length + right + 0.7, y, text, ha="left", va="center", color=out.colour)
    ax.set_xlim(-left - 2.9, length + right + 3.3)
    ax.set_ylim(1.1 + step * count, -0.7)
    ax.set_xlabel("time step of the input")
    ax.set_xticks(range(-left, length + right), [number(i) for i in range(-left, length + right)])
    if title is not None:
        ax.set_title(title)
    return figure
