"""Signals and kernels as curves over time."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .._checks import refusal
from .cells import refuse_other_axes
from .style import INK, ROLES, Figure, new_figure, styled


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
        ValueError: the array has not one or two axes, or there is not one name for each channel.

    Example:
        >>> plot_channels([[0, 1, 0], [2, 2, 2]], names=["left", "right"])
        <Figure size ... with 2 Axes>
    """
    x = np.atleast_2d(np.asarray(x))
    refuse_other_axes("plot_channels", x)
    channels, length = x.shape
    names = [f"channel {c}" for c in range(channels)] if names is None else list(names)
    if len(names) != channels:
        raise refusal(
            f"plot_channels(an array of shape {x.shape}, names={names!r})",
            f"{len(names)} names for {channels} rows.",
            f"the array is read as (channels, length), so shape {x.shape} has {channels} channels.",
            f"x.T, if time goes down the rows: it has shape {x.T.shape}."
            if len(names) == length
            else f"{channels} names.",
        )
    time = np.arange(length) if time is None else np.asarray(time)
    figure = new_figure(9, 0.75 + row_height * channels)
    kind = ROLES[role]
    for axes, row, name in zip(figure.subplots(channels, sharex=True, squeeze=False)[:, 0], x, names, strict=True):
        axes.plot(time, row, color=kind.colour, marker=kind.marker if length <= 60 else None, markersize=3.5)
        axes.set_ylabel(name, rotation=0, ha="right", va="center")
        axes.margins(x=0.01, y=0.12)
        axes.locator_params(axis="y", nbins=3)
        for start, stop in spans:
            axes.axvspan(start, stop, color=ROLES["window"].fill, zorder=0)
    axes.set_xlabel(time_label)
    if title is not None:
        figure.axes[0].set_title(title)
    return figure


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
        ValueError: the array has not one or two axes.
    """
    weight = np.atleast_2d(np.asarray(weight))
    refuse_other_axes("plot_kernel", weight)
    channels, taps = weight.shape
    names = [f"channel {c}" for c in range(channels)] if names is None else names
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
    axes.set_xlabel("tap of the kernel")
    axes.xaxis.get_major_locator().set_params(integer=True)
    if title is not None:
        figure.axes[0].set_title(title)
    return figure


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
    """Draw one channel and what several kernels make of it, each output below the middle of its window.

    Args:
        x: the channel, (L,).
        outputs: an output for each row by name, (L_out,) with stride 1 and no padding; L - L_out + 1 is then
            the number of samples that one output reads.
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
        ValueError: the channel or an output is not one row, or an output is longer than the channel.

    Example:
        >>> plot_outputs([0, 0, 1, 1], {"difference": [0, 1, 0]})
        <Figure size ... with 2 Axes>
    """
    x = np.asarray(x)
    rows = [(name, x), *((key, np.asarray(row)) for key, row in outputs.items())]
    for key, row in rows:
        if row.ndim != 1 or not 0 < len(row) <= x.size:
            raise refusal(
                f"plot_outputs(x of shape {x.shape}, outputs={list(outputs)!r})",
                f"{key!r} has shape {row.shape}.",
                f"the channel is one row, and so is each output, with at most as many samples: {x.size}.",
                "one channel of one case, such as y[0, 0].",
            )
    figure = new_figure(9, 0.75 + row_height * len(rows))
    grid = figure.subplots(len(rows), sharex=True, sharey=share_y, squeeze=False)[:, 0]
    for axes, (key, row) in zip(grid, rows, strict=True):
        kind = ROLES["input" if axes is grid[0] else "output"]
        time = (np.arange(len(row)) + (len(x) - len(row)) / 2) / rate
        axes.plot(time, row, color=kind.colour, marker=kind.marker if len(x) <= 120 else None, markersize=3)
        axes.set_ylabel(key, rotation=0, ha="right", va="center", color=kind.colour)
        axes.margins(x=0.01, y=0.12)
        axes.locator_params(axis="y", nbins=4)
        for start, stop in spans:
            axes.axvspan(start, stop, color=ROLES["window"].fill, zorder=0)
    axes.set_xlabel(time_label)
    figure.align_ylabels(grid)
    if title is not None:
        grid[0].set_title(title)
    return figure
