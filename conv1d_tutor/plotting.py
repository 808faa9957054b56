"""What does it look like? Pictures of tensors, kernels and windows, the same in every lesson.

Each function draws one picture and returns its `matplotlib.figure.Figure`; with ``ax=`` it draws into yours.
The figures do not belong to pyplot, so that a cell shows a picture once and nothing stays open.
This module is the home of the colours: one colour, one hatch and one marker for each role.
"""

import functools
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, ParamSpec, TypeVar

import matplotlib.figure
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ._checks import refusal
from .arithmetic import Conv1dSpec

P = ParamSpec("P")
T = TypeVar("T")


class Role(NamedTuple):
    """How one kind of thing is drawn; shape and hatch carry the same message as the colour."""

    colour: str
    fill: str
    marker: str
    hatch: str | None = None


#: What is drawn in which way, in every lesson. The colours follow Okabe and Ito: colour-blind readers see them.
ROLES = {
    "input": Role("#0072B2", "#DCEBF5", "o"),
    "window": Role("#B87700", "#FFE3A8", "o"),
    "kernel": Role("#D55E00", "#FBE0CF", "D"),
    "output": Role("#00795A", "#D3EEE5", "s"),
    "padding": Role("#7A7A7A", "#EEEEEE", "o", "////"),
    "unread": Role("#AA4488", "#F7E4F0", "X", "xxxx"),
}

INK = "#222222"
GRID = "#DDDDDD"

#: Fonts, lines and margins of every figure; `conv1d_tutor.use_style` makes them the notebook's own.
STYLE: dict[str, Any] = {
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": "#888888",
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": plt.cycler(color=["#0072B2", "#D55E00", "#00795A", "#B87700", "#AA4488", "#56B4E9"]),
    "grid.color": GRID,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "hatch.linewidth": 0.6,
    "patch.linewidth": 1.0,
}


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that a notebook shows when a cell ends with it, without any set-up."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", bbox_inches="tight")
        return buffer.getvalue()


def styled(function: Callable[P, T]) -> Callable[P, T]:
    """Run a drawing function in the course's style, whatever the notebook's own style is."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        with plt.rc_context(STYLE):
            return function(*args, **kwargs)

    return wrapper


@styled
def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure that does not belong to pyplot.

    Args:
        width: in inches.
        height: in inches.

    Returns:
        The figure.
    """
    return Figure(figsize=(width, height), layout="constrained")


def number(value: float, digits: int = 4) -> str:
    """Write a number as a person would: few digits and a real minus sign.

    Args:
        value: the number.
        digits: at most so many digits that count.

    Returns:
        Its text.

    Example:
        >>> number(-2.0)
        '−2'
    """
    return f"{value:.{digits}g}".replace("-", "−")


@styled
def draw_cells(
    values: Any,
    *,
    role: str = "input",
    ax: Axes | None = None,
    origin: tuple[float, float] = (0, 0),
    mark: Collection[tuple[int, int]] = (),
    mark_role: str = "window",
    fills: Any = None,
    names: Sequence[str] | None = None,
    title: str | None = None,
    time_label: str | None = None,
) -> Figure:
    """Draw an array as a grid of cells: a row for each channel, a column for each time step.

    Args:
        values: numbers or short texts, (C, L) or (L,).
        role: what the array is, a key of `ROLES`.
        ax: where to draw; a new figure if None.
        origin: (x, y) of the centre of the first cell; rows go downwards.
        mark: cells to mark, as (row, column).
        mark_role: the role whose colour the marked cells take.
        fills: a colour for each cell, shape of `values`, in place of the role's fill.
        names: a name for each row.
        title: title of the picture.
        time_label: label of the time axis; the axis has no numbers if None.

    Returns:
        The figure.

    Raises:
        ValueError: the array has not one or two axes, or there is not one name for each row.

    Example:
        >>> draw_cells([[1, 2, 3], [4, 5, 6]], names=["left", "right"])
        <Figure size ... with 1 Axes>
    """
    values = np.atleast_2d(np.asarray(values))
    _refuse_other_axes("draw_cells", values)
    rows, columns = values.shape
    if names is not None and len(names) != rows:
        raise refusal(
            f"draw_cells(an array of shape {values.shape}, names={list(names)!r})",
            f"{len(names)} names for {rows} rows.",
            "each row is one channel and has one name.",
            f"{rows} names.",
        )
    if ax is None:
        figure = new_figure(min(10, 1.6 + 0.46 * columns), 0.75 + 0.46 * rows)
        ax = _cell_axes(figure.subplots())
    x0, y0 = origin
    for row in range(rows):
        for column in range(columns):
            marked = (row, column) in mark
            kind = ROLES[mark_role if marked else role]
            fill = kind.fill if fills is None or marked else fills[row][column]
            value = values[row, column]
            ax.add_patch(
                Rectangle(
                    (x0 + column - 0.5, y0 + row - 0.5),
                    1,
                    1,
                    facecolor=fill,
                    edgecolor=kind.colour,
                    hatch=kind.hatch,
                    linewidth=2.2 if marked else 0.9,
                    zorder=3 if marked else 2,
                )
            )
            text = value if isinstance(value, str) else number(value)
            ax.text(
                x0 + column,
                y0 + row,
                text,
                ha="center",
                va="center",
                zorder=4,
                fontsize=11 if len(text) < 5 else 8,
                fontweight="bold" if marked else "normal",
            )
        if names is not None:
            ax.text(x0 - 0.75, y0 + row, names[row], ha="right", va="center", color=ROLES[role].colour)
    ax.update_datalim([(x0 - 0.6, y0 - 0.6), (x0 + columns - 0.4, y0 + rows - 0.4)])
    ax.autoscale_view()
    if title is not None:
        ax.set_title(title)
    if time_label is not None:
        ax.set_xlabel(time_label)
        ax.set_xticks([x0 + i for i in range(columns)], [str(i) for i in range(columns)])
    return ax.figure


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
    _refuse_other_axes("plot_channels", x)
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
    ax = _cell_axes(figure.subplots())
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
    _refuse_other_axes("plot_kernel", weight)
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
def draw_grids(
    grids: Mapping[str, Any],
    *,
    rows: Mapping[str, Sequence[str]] | None = None,
    columns: Mapping[str, Sequence[str]] | None = None,
    fills: Mapping[str, Any] | None = None,
    mark: Mapping[str, Collection[tuple[int, int]]] | None = None,
    role: str = "input",
    stacked: bool = False,
    title: str | None = None,
) -> Figure:
    """Draw several small arrays as grids of cells on one paper, so that their shapes can be compared.

    Args:
        grids: by name, the arrays, each (rows, columns), of numbers or short texts.
        rows: by name of a grid, a name for each of its rows.
        columns: by name of a grid, a name for each of its columns.
        fills: by name of a grid, a colour for each of its cells, of the grid's shape.
        mark: by name of a grid, the cells to mark, as (row, column).
        role: what the arrays are, a key of `ROLES`.
        stacked: draw the grids below each other; else next to each other.
        title: title of the picture.

    Returns:
        The figure, with one axes; each grid stands below its name.

    Raises:
        ValueError: there is no grid, an array has not two axes, names do not fit, or a mapping names no grid.

    Example:
        >>> draw_grids({"case 0": [[1, 2, 3], [4, 5, 6]], "case 1": [[7, 8, 9], [10, 11, 12]]})
        <Figure size ... with 1 Axes>
    """
    arrays = {name: np.atleast_2d(np.asarray(grid)) for name, grid in grids.items()}
    options = {"rows": rows or {}, "columns": columns or {}, "fills": fills or {}, "mark": mark or {}}
    _refuse_grids(arrays, options)
    # One cell is 0.46 in wide; a letter of a name takes about a fifth of that.
    left = 0.6 + 0.21 * max((len(text) for names in options["rows"].values() for text in names), default=0)
    top = 1.6 if options["columns"] else 1.0
    across, down, places = 0.0, 0.0, {}
    for name, array in arrays.items():
        height, width = top + len(array) + 0.4, left + max(array.shape[1], 0.23 * len(name)) + 0.3
        places[name] = (left, down + top) if stacked else (across + left, top)
        across, down = (max(across, width), down + height) if stacked else (across + width, max(down, height))
    scale = min(0.46, 10 / across)
    figure = new_figure(0.3 + scale * across, (0.5 if title else 0.15) + scale * down)
    ax = _cell_axes(figure.subplots())
    for name, array in arrays.items():
        x0, y0 = places[name]
        chosen = {key: option.get(name) for key, option in options.items()}
        draw_cells(
            array,
            role=role,
            ax=ax,
            origin=(x0, y0),
            mark=chosen["mark"] or (),
            fills=chosen["fills"],
            names=chosen["rows"],
        )
        for column, text in enumerate(chosen["columns"] or ()):
            ax.text(x0 + column, y0 - 0.75, text, ha="center", va="center", color=ROLES[role].colour, fontsize=10)
        ax.text(x0 - 0.5, y0 - top + 0.15, name, ha="left", va="center", fontweight="bold")
    ax.set_xlim(-0.5, across - 0.5)
    ax.set_ylim(down - 0.4, -0.5)
    if title is not None:
        ax.set_title(title)
    return figure


def _refuse_grids(arrays: Mapping[str, np.ndarray], options: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse what `draw_grids` cannot place."""
    call = f"draw_grids({{{', '.join(f'{name!r}: an array of shape {a.shape}' for name, a in arrays.items())}}})"
    if not arrays:
        raise refusal(call, "no grid.", "at least one array is drawn.", 'draw_grids({"x": x}).')
    for array in arrays.values():
        _refuse_other_axes("draw_grids", array)
    for option, by_name in options.items():
        for name, values in by_name.items():
            if name not in arrays:
                rule = f"{option} is given by the name of a grid: {', '.join(map(repr, arrays))}."
                raise refusal(call, f"{option} for {name!r}.", rule, f"{option}={{{next(iter(arrays))!r}: ...}}.")
            wanted = {
                "rows": arrays[name].shape[:1],
                "columns": arrays[name].shape[1:],
                "fills": arrays[name].shape,
            }
            found = np.shape(values)
            if option in wanted and found[: len(wanted[option])] != wanted[option]:
                rule = f"{name!r} has shape {arrays[name].shape}, so its {option} have shape {wanted[option]}."
                raise refusal(call, f"{option} of shape {found}.", rule, f"one for each: {wanted[option]}.")


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
    rows = {name: x} | {key: np.asarray(row) for key, row in outputs.items()}
    for key, row in rows.items():
        if row.ndim != 1 or not 0 < len(row) <= x.size:
            raise refusal(
                f"plot_outputs(x of shape {x.shape}, outputs={list(outputs)!r})",
                f"{key!r} has shape {row.shape}.",
                f"the channel is one row, and so is each output, with at most as many samples: {x.size}.",
                "one channel of one case, such as y[0, 0].",
            )
    figure = new_figure(9, 0.75 + row_height * len(rows))
    grid = figure.subplots(len(rows), sharex=True, sharey=share_y, squeeze=False)[:, 0]
    for axes, (key, row) in zip(grid, rows.items(), strict=True):
        kind = ROLES["input" if axes is grid[0] else "output"]
        time = (np.arange(len(row)) + (len(x) - len(row)) / 2) / rate
        axes.plot(time, row, color=kind.colour, marker=kind.marker if len(x) <= 120 else None, markersize=3)
        axes.set_ylabel(key, rotation=0, ha="right", va="center", color=kind.colour)
        axes.margins(x=0.01, y=0.12)
        axes.locator_params(axis="y", nbins=4)
        for start, stop in spans:
            axes.axvspan(start, stop, color=ROLES["window"].fill, zorder=0)
    axes.set_xlabel(time_label)
    if title is not None:
        grid[0].set_title(title)
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
        _refuse_other_axes("plot_contributions", array)
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
    ax = _cell_axes(figure.subplots())
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


def _cell_axes(ax: Axes) -> Axes:
    """Turn an axes into squared paper: rows go down, no frame, no grid."""
    ax.set_aspect("equal")
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.set_yticks([])
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    return ax


def _refuse_other_axes(name: str, array: np.ndarray) -> None:
    """Refuse an array that is not (C, L)."""
    if array.ndim != 2:
        raise refusal(
            f"{name}(an array of shape {array.shape})",
            f"{array.ndim} axes.",
            "one signal is drawn at a time: (channels, length) or (length,).",
            "one case of the batch, such as x[0].",
        )
