"""Which part of a picture moves with a slider? The pictures of the explorables, drawn once and then updated.

Each class builds its figure in `__init__` and changes only its `artists` in `update`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch, Rectangle

from .arithmetic import Conv1dSpec
from .plotting import INK, ROLES, new_figure, number, styled
from .reference import conv1d_windows


class SlidingWindowPicture:
    """A kernel over one window of a signal, the products, and the output so far.

    Args:
        x: the signal, (L,).
        kernels: all kernels that will be shown, each (K,); they decide the scale of the axes.

    Attributes:
        figure: the figure.
        artists: what `update` changes.
    """

    @styled
    def __init__(self, x: np.ndarray, kernels: Sequence[np.ndarray]) -> None:
        """Draw all that stays: the axes, the signal, the labels."""
        self.figure = new_figure(8.8, 4.9)
        self.x = x
        rows = self.figure.subplots(4, sharex=True, gridspec_kw={"height_ratios": [3, 2, 2, 3]})
        signal, kernel, product, output = rows
        _stems(signal, "input", np.arange(len(x)), x)
        fitting = [weight for weight in kernels if len(weight) <= len(x)]
        # No value is larger than this; the scale stays, so that heights can be compared from move to move.
        product_limit = max(np.abs(weight).max() for weight in kernels) * np.abs(x).max()
        outputs = [conv1d_windows(x[None], weight[None, None])[0] for weight in fitting]
        _set_scale(signal, [x])
        _set_scale(kernel, kernels)
        _set_scale(product, [[-product_limit, product_limit]])
        _set_scale(output, outputs)
        for ax, role, label in zip(
            rows,
            ("input", "kernel", "window", "output"),
            ("input", "kernel", "product", "output"),
            strict=True,
        ):
            ax.axhline(0, color=INK, linewidth=0.8)
            ax.set_ylabel(label, rotation=0, ha="right", va="center", color=ROLES[role].colour, fontweight="bold")
            ax.locator_params(axis="y", nbins=3)
            ax.tick_params(axis="x", length=0)
        output.set_xlim(-0.8, len(x) - 0.2)
        output.xaxis.get_major_locator().set_params(integer=True)
        output.set_xlabel("time step of the input (each output stands below the first sample it reads)")
        self._windows = [
            ax.add_patch(Rectangle((0, 0), 1, 1, transform=ax.get_xaxis_transform(), zorder=0))
            for ax in (signal, kernel, product)
        ]
        for patch in self._windows:
            patch.set(facecolor=ROLES["window"].fill, edgecolor=ROLES["window"].colour, linewidth=1.2)
        (self._signal_stems, self._signal_dots) = _stems(signal, "input", np.arange(len(x)), x)
        self._kernel = _stems(kernel, "kernel")
        self._product = _stems(product, "window")
        self._room_for_numbers = len(x) <= 24
        self._numbers = [
            ax.text(0, 0, "", ha="center", fontsize=9, fontweight="bold", color=INK)
            for ax in [product] * max(map(len, kernels)) + [output]
        ]
        self._output = _stems(output, "output")
        (self._current,) = output.plot(
            [], [], ROLES["output"].marker, markersize=12, fillstyle="none", color=INK, markeredgewidth=1.6
        )
        self.artists: list[Artist] = [
            *self._windows,
            self._signal_stems,
            self._signal_dots,
            *self._kernel,
            *self._product,
            *self._output,
            self._current,
            *self._numbers,
        ]

    def update(self, weight: np.ndarray, output: np.ndarray, t: int) -> None:
        """Move the window to output `t`.

        Args:
            weight: the kernel, (K,).
            output: the whole output, (L_out,); it is drawn up to `t`.
            t: which output.
        """
        taps = np.arange(t, t + len(weight))
        for patch in self._windows:
            patch.set_x(t - 0.5)
            patch.set_width(len(weight))
        _move_stems(self._kernel, taps, weight)
        products = weight * self.x[taps]
        _move_stems(self._product, taps, products)
        shown = [*zip(taps, products, strict=True), (t, output[t])]
        for text, (at, value) in zip([*self._numbers[: len(taps)], self._numbers[-1]], shown, strict=True):
            low, high = text.axes.get_ylim()
            lift = 0.1 * (high - low)
            above = value >= 0
            text.set(position=(at, value + (lift if above else -lift)), va="bottom" if above else "top")
            text.set(text=number(value, digits=3), visible=self._room_for_numbers)
        for text in self._numbers[len(taps) : -1]:
            text.set_visible(False)
        _move_stems(self._output, np.arange(t + 1), output[: t + 1])
        self._current.set_data([t], [output[t]])


class WindowsPicture:
    """Every window of a Conv1d over its padded input, one row each, and the samples that none of them reads.

    Args:
        length: the longest input to be shown, in samples.
        padding: the widest padding to be shown, in samples on each side.

    Attributes:
        figure: the figure.
        artists: what `update` changes.
    """

    #: Height of the field in which the windows are listed, in cells.
    FIELD = 11.0

    @styled
    def __init__(self, length: int, padding: int) -> None:
        """Draw all that stays: the time axis and the names of the rows."""
        self.figure = new_figure(8.8, 4.7)
        ax = self.figure.subplots()
        self._right = length + padding + 1.5
        ax.set_xlim(-padding - 0.8, self._right + 1.6)
        ax.set_ylim(self.FIELD + 1.2, -0.8)
        ax.grid(visible=False)
        ax.set_yticks([0, 1.5], ["input", "windows"])
        ax.tick_params(axis="y", length=0)
        ax.set_xticks(range(-padding + padding % 2, length + padding + 1, 2))
        ax.set_xlabel("time step of the input (below 0 and past the end: padding)")
        ax.spines[:].set_visible(False)
        self._cells = {role: _cells(ax, role) for role in ("input", "padding", "unread")}
        # One line of many pieces: the hatching of a collection would take most of the time of a redraw.
        self._strokes = {
            role: ax.plot([], [], color=ROLES[role].colour, linewidth=0.8)[0] for role in ("padding", "unread")
        }
        window, out = ROLES["window"], ROLES["output"]
        (self._spans,) = ax.plot([], [], color=window.colour, linewidth=1.0)
        (self._taps,) = ax.plot([], [], "o", color=window.colour, markersize=5)
        (self._outputs,) = ax.plot([], [], out.marker, color=out.colour, markersize=6)
        labels = {"input": "input", "padding": "padding", "unread": "read by no window"}
        key = [_patch(role, label) for role, label in labels.items()]
        self.figure.legend(
            [*key, self._taps, self._outputs],
            [*labels.values(), "tap of a window", "output"],
            loc="outside upper center",
            ncols=5,
        )
        self._count = ax.text(self._right, 0, "", ha="center", va="center", color=out.colour, fontweight="bold")
        self._formula = ax.text(
            0.5,
            self.FIELD + 2.0,
            "",
            ha="center",
            va="bottom",
            transform=ax.get_yaxis_transform(),
            fontsize=11,
        )
        self.artists: list[Artist] = [
            *self._cells.values(),
            *self._strokes.values(),
            self._spans,
            self._taps,
            self._outputs,
            self._count,
        ]

    def update(self, spec: Conv1dSpec, length: int) -> None:
        """Show another layer or another length.

        Args:
            spec: the layer.
            length: samples per channel of the input.

        Raises:
            ValueError: the kernel does not fit on the padded input.
        """
        count, unread = spec.output_length(length), set(spec.unread_samples(length))
        left, right = spec.padding_sides
        columns = {
            "input": [i for i in range(length) if i not in unread],
            "padding": [*range(-left, 0), *range(length, length + right)],
            "unread": sorted(unread),
        }
        for role, cells in self._cells.items():
            cells.set_verts([_square(i) for i in columns[role]])
        for role, pieces in (("padding", [_SLASH]), ("unread", [_SLASH, _SLASH * [-1, 1]])):
            strokes = [np.add(piece, [i, 0]) for i in columns[role] for piece in pieces]
            self._strokes[role].set_data(*(np.concatenate(strokes).T if strokes else ([], [])))
        taps = np.array([spec.window(t) for t in range(count)], float)  # (L_out, K)
        rows = 1 + min(1.0, self.FIELD / count) * (0.5 + np.arange(count))
        gap = np.full(count, np.nan)  # a line of many pieces breaks at NaN
        self._spans.set_data(
            np.column_stack([taps[:, 0], taps[:, -1], gap]).ravel(),
            np.column_stack([rows, rows, gap]).ravel(),
        )
        self._taps.set_data(taps.ravel(), np.repeat(rows, spec.kernel_size))
        self._outputs.set_data(np.full(count, self._right), rows)
        self._count.set_text(f"output: {count}")


def _set_scale(ax: Axes, rows: Sequence[Any]) -> None:
    """Make room for zero and for every value in `rows`, with a margin for the markers and their numbers."""
    values = np.concatenate([[0.0], *rows])
    low, high = values.min(), values.max()
    margin = 0.32 * max(high - low, 1e-9)
    ax.set_ylim(low - margin, high + margin)


def _stems(ax: Axes, role: str, at: Any = (), height: Any = ()) -> tuple[Artist, Artist]:
    """Draw a value for each time step as a thin line with a marker on top."""
    kind = ROLES[role]
    (lines,) = ax.plot([], [], color=kind.colour, linewidth=1.4)
    (dots,) = ax.plot([], [], kind.marker, color=kind.colour, markersize=6)
    _move_stems((lines, dots), np.asarray(at), np.asarray(height))
    return lines, dots


def _move_stems(stems: tuple[Artist, Artist], at: np.ndarray, height: np.ndarray) -> None:
    lines, dots = stems
    gap = np.full(len(at), np.nan)
    lines.set_data(
        np.column_stack([at, at, gap]).ravel(), np.column_stack([np.zeros(len(at)), height, gap]).ravel()
    )
    dots.set_data(at, height)


def _cells(ax: Axes, role: str) -> PolyCollection:
    """Make an empty row of cells in the colours of a role."""
    kind = ROLES[role]
    cells = PolyCollection([], facecolor=kind.fill, edgecolor=kind.colour, linewidth=1.0, transform=ax.transData)
    ax.add_collection(cells, autolim=False)
    return cells


def _patch(role: str, label: str) -> Patch:
    """Make the sample of a role's cells for a legend."""
    kind = ROLES[role]
    return Patch(facecolor=kind.fill, edgecolor=kind.colour, hatch=kind.hatch, label=label)


def _square(i: int) -> list[tuple[float, float]]:
    return [(i - 0.5, -0.45), (i + 0.5, -0.45), (i + 0.5, 0.45), (i - 0.5, 0.45)]


#: One stroke across the cell at 0, from its lower left to its upper right corner, and the break after it.
_SLASH = np.array([(-0.5, 0.45), (0.5, -0.45), (np.nan, np.nan)])
