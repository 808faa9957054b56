"""Signals and kernels as curves over time."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .._refusals import Refused, brief, choice, finite_number, refusing
from .checks import caption, channel_names, check_room, fitting, heights, rows_of, stretches, text
from .style import INK, ROLES, Figure, Ticks, entitle, new_figure, styled


@refusing
@styled
def plot_channels(
    x: Any,
    *,
    names: Sequence[str] | None = None,
    time: Any = None,
    time_label: str = "time step",
    title: str | None = None,
    role: str = "input",
    spans: Sequence[tuple[float, float]] = (),
    row_height: float = 0.95,
) -> Figure:
    """Draw a signal as channels × time: one row for each channel, all on the same time axis.

    Args:
        x: the signal, (C, L) or (L,).
        names: a name with its unit for each channel; "channel 0", … if None.
        time: the time of each sample, (L,); 0, 1, 2, … if None.
        time_label: label of the time axis, with its unit.
        title: title of the picture.
        role: what the signal is, a key of `ROLES`.
        spans: stretches of time (from, to) to shade in the window's colour.
        row_height: height of one row in inches.

    Returns:
        The figure, one axes for each channel.

    Raises:
        TypeError, ValueError: the array has not one or two axes or more channels than can be read, there is not
            one name for each channel or one time for each sample, or there is no such role.

    Example:
        >>> plot_channels([[0, 1, 0], [2, 2, 2]], names=["left", "right"])
        <Figure size ... with 2 Axes>
    """
    x = rows_of("x", heights("x", x))
    channels, length = x.shape
    names = channel_names("names", names, x)
    check_room("x", x, channels, 0, 0, x.size)
    time, kind = _times(time, length), ROLES[choice("role", role, ROLES)]
    shaded = stretches("spans", spans)
    row_height = finite_number("row_height", row_height, above=0)
    title, time_label = caption("title", title), text("time_label", time_label)
    figure = new_figure(9, 0.75 + row_height * channels)
    for axes, row, name in zip(figure.subplots(channels, sharex=True, squeeze=False)[:, 0], x, names, strict=True):
        axes.plot(time, row, color=kind.colour, marker=kind.marker if length <= 60 else None, markersize=3.5)
        axes.set_ylabel(name, rotation=0, ha="right", va="center")
        axes.margins(x=0.01, y=0.12)
        axes.locator_params(axis="y", nbins=3)
        axes.yaxis.set_major_formatter(Ticks())
        for start, stop in shaded:
            axes.axvspan(start, stop, color=ROLES["window"].fill, zorder=0)
    axes.set_xlabel(time_label)
    if time.dtype.kind != "M":  # dates have their own
        axes.xaxis.set_major_formatter(Ticks())
    entitle(figure.axes[0], title)
    return figure


def _times(time: Any, length: int) -> np.ndarray:
    """Take a time for each sample: a number or a date."""
    if time is None:
        return np.arange(length)
    dates = np.asarray(time) if getattr(getattr(time, "dtype", None), "kind", None) == "M" else None
    if dates is not None and dates.shape == (length,):
        return dates
    advice = f"time=np.arange({length}) / rate, for a rate in samples per second."
    return heights("time", fitting("time", time, (length,), "each sample has one time", advice), finite=True)


@refusing
@styled
def plot_kernel(weight: Any, *, names: Sequence[str] | None = None, title: str | None = None) -> Figure:
    """Draw one kernel: a row for each channel it reads, a stem for each tap.

    Args:
        weight: the kernel, (C, K) or (K,).
        names: a name for each channel.
        title: title of the picture.

    Returns:
        The figure, one axes for each channel.

    Raises:
        TypeError, ValueError: the array has not one or two axes, more channels than can be read, or a number that
            is not finite, or there is not one name for each channel.

    Example:
        >>> import torch
        >>> conv = torch.nn.Conv1d(2, 8, kernel_size=3)
        >>> plot_kernel(conv.weight[0], names=["left", "right"])
        <Figure size ... with 2 Axes>
    """
    axes = "(channels, kernel_size) or (kernel_size,)"
    weight = rows_of("weight", heights("weight", weight, finite=True), "kernel", axes)
    channels, taps = weight.shape
    names = channel_names(
        "names", names, weight, axes="(channels, kernel_size)", turned="weight.T, if the taps go down the rows"
    )
    check_room("weight", weight, channels, 0, 0, weight.size, times=False)
    title = caption("title", title)
    figure = new_figure(min(9, 2.5 + 0.35 * taps), 0.9 + 0.9 * channels)
    kind = ROLES["kernel"]
    limit = 1.2 * max(np.abs(weight).max(), 1e-12)
    rows = figure.subplots(channels, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, row, name in zip(rows, weight, names, strict=True):
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.vlines(range(taps), 0, row, color=kind.colour)
        axes.plot(range(taps), row, kind.marker, color=kind.colour)
        axes.set_ylabel(name, rotation=0, ha="right", va="center")
        axes.set_ylim(-limit, limit)
        axes.yaxis.set_major_formatter(Ticks())
    axes.set_xlabel("tap of the kernel")
    axes.xaxis.get_major_locator().set_params(integer=True)
    entitle(figure.axes[0], title)
    return figure


@refusing
@styled
def plot_outputs(
    x: Any,
    outputs: Mapping[str, Any],
    *,
    rate: float = 1.0,
    name: str = "input",
    time_label: str = "time step of the input",
    title: str | None = None,
    spans: Sequence[tuple[float, float]] = (),
    share_y: bool = False,
    row_height: float = 1.0,
) -> Figure:
    """Draw one channel and what several kernels make of it, each output below the first sample of its window.

    Args:
        x: the channel, (L,).
        outputs: an output for each row by name, (L_out,) with stride 1 and no padding, so that output t begins
            to read at sample t.
        rate: samples of the channel per unit of the time axis.
        name: name of the channel, with its unit.
        time_label: label of the time axis, with its unit.
        title: title of the picture.
        spans: stretches of time (from, to) to shade in the window's colour.
        share_y: give all rows the same scale.
        row_height: height of one row in inches.

    Returns:
        The figure, one axes for the channel and one for each output.

    Raises:
        TypeError, ValueError: the channel or an output is not one row, an output is longer than the channel, or
            there are more outputs than can be read.

    Example:
        >>> plot_outputs([0, 0, 1, 1], {"difference": [0, 1, 0]})
        <Figure size ... with 2 Axes>
    """
    x = heights("x", x, ("length",))
    if not isinstance(outputs, Mapping):
        rule, advice = "outputs is a dict from names to outputs.", 'outputs={"output": y[0, 0]}.'
        raise Refused(f"outputs={brief(outputs)}.", rule, advice, TypeError)
    rows = [(text("name", name), x)]
    for key, output in outputs.items():
        row = heights(f"outputs[{key!r}]", output, ("length",))
        if len(row) > len(x):
            rule = f"an output has at most as many samples as the channel: {len(x)}."
            raise Refused(
                f"{key!r} has {len(row)} samples.", rule, "the channel that these outputs were made from."
            )
        rows.append((str(key), row))
    check_room("x", x[np.newaxis], len(rows), 0, 0, len(rows) * len(x))
    rate, row_height = finite_number("rate", rate, above=0), finite_number("row_height", row_height, above=0)
    shaded, share_y = stretches("spans", spans), choice("share_y", share_y, (False, True))
    title, time_label = caption("title", title), text("time_label", time_label)
    figure = new_figure(9, 0.75 + row_height * len(rows))
    grid = figure.subplots(len(rows), sharex=True, sharey=share_y, squeeze=False)[:, 0]
    for axes, (key, row) in zip(grid, rows, strict=True):
        kind = ROLES["input" if axes is grid[0] else "output"]
        time = np.arange(len(row)) / rate
        axes.plot(time, row, color=kind.colour, marker=kind.marker if len(x) <= 120 else None, markersize=3)
        axes.set_ylabel(key, rotation=0, ha="right", va="center", color=kind.colour)
        axes.margins(x=0.01, y=0.12)
        axes.locator_params(axis="y", nbins=4)
        axes.yaxis.set_major_formatter(Ticks())
        for start, stop in shaded:
            axes.axvspan(start, stop, color=ROLES["window"].fill, zorder=0)
    axes.set_xlabel(time_label)
    axes.xaxis.set_major_formatter(Ticks())
    figure.align_ylabels(grid)
    entitle(grid[0], title)
    return figure
