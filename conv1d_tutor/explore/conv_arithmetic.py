"""Length, kernel_size, stride, padding and dilation: every window over the padded input, and the length."""

from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist

from .._refusals import Refused, refusing, whole_number
from ..arithmetic import Conv1dSpec
from ..plotting import ROLES, new_figure
from ..plotting.style import styled
from ..plotting.windows import lay_out
from ._drawing import SLASH, Labels, cell, evenly, legend_patch, row_of_cells, whole_steps
from .base import Explorable, samples_text, slider


class WindowsPicture:
    """Every window of a Conv1d over its padded input, one row each, and the samples that none of them reads.

    Args:
        length: the longest input to be shown, in samples.
        padding: the widest padding to be shown, in samples on each side.

    Attributes:
        figure: the figure.
        artists: what `update` changes.
        drawn: how many of the windows are drawn.
    """

    #: Height of the field in which the windows are listed, in cells.
    FIELD = 11.0
    #: With more samples than this, neighbours of one kind are drawn as one bar.
    CELLS = 80
    #: So many windows, and taps of each, are drawn at the most.
    ROWS, TAPS = 120, 30

    @styled
    def __init__(self, length: int, padding: int) -> None:
        """Draw all that stays: the time axis and the names of the rows."""
        self.figure = new_figure(8.8, 4.7)
        ax = self.figure.subplots()
        width = length + 2 * padding
        self._right = length + padding + 0.1 * width
        ax.set_xlim(-padding - 0.02 * width - 0.2, self._right + 0.1 * width)  # room for "output: 24"
        ax.set_ylim(self.FIELD + 1.2, -0.8)
        ax.grid(visible=False)
        ax.set_yticks([0, 1.5], ["input", "windows"])
        ax.tick_params(axis="y", length=0)
        whole_steps(ax, 25)
        ax.set_xlabel("time step of the input (below 0 and past the end: padding)")
        ax.spines[:].set_visible(False)
        self._cells = {role: row_of_cells(ax, role) for role in ("input", "padding", "unread")}
        # One line of many pieces: the hatching of a collection would take most of the time of a redraw.
        self._strokes = {
            role: ax.plot([], [], color=ROLES[role].colour, linewidth=0.8)[0] for role in ("padding", "unread")
        }
        window, out = ROLES["window"], ROLES["output"]
        (self._spans,) = ax.plot([], [], color=window.colour, linewidth=1.0)
        (self._taps,) = ax.plot([], [], "o", color=window.colour, markersize=5)
        (self._outputs,) = ax.plot([], [], out.marker, color=out.colour, markersize=6)
        labels = {"input": "input", "padding": "padding", "unread": "read by no window"}
        key = [legend_patch(role, label) for role, label in labels.items()]
        self.figure.legend(
            [*key, self._taps, self._outputs],
            [*labels.values(), "tap of a window", "output"],
            loc="outside upper center",
            ncols=5,
        )
        self._count = Labels(ax, 11, weight="bold", colour=out.colour)
        self.artists: list[Artist] = [
            *self._cells.values(),
            *self._strokes.values(),
            self._spans,
            self._taps,
            self._outputs,
            self._count.artist,
        ]

    def update(self, spec: Conv1dSpec, length: int) -> None:
        """Show another layer or another length.

        Args:
            spec: the layer.
            length: samples per channel of the input.

        Raises:
            ValueError: the kernel does not fit on the padded input.
        """
        layout = lay_out(spec, length)
        count, kinds, first = layout.count, layout.roles, layout.steps[0]
        # Where a cell begins: at each sample, or, of a long input, where another kind begins.
        begins = np.ones(len(kinds), bool)
        if len(kinds) > self.CELLS:
            begins[1:] = kinds[1:] != kinds[:-1]
        starts = np.flatnonzero(begins)
        widths = np.diff(starts, append=len(kinds))
        wide = widths > len(kinds) // 1000  # thinner ones could not be seen
        bars = {role: ((kinds[starts] == role) & wide).nonzero()[0] for role in self._cells}
        for role, cells in self._cells.items():
            cells.set_verts([cell(first + starts[i], widths[i]) for i in bars[role]])
        for role, pieces in (("padding", [SLASH]), ("unread", [SLASH, SLASH * [-1, 1]])):
            strokes = [
                piece * [widths[i], 1] + [first + starts[i] + (widths[i] - 1) / 2, 0]
                for i in bars[role]
                for piece in pieces
            ]
            self._strokes[role].set_data(*(np.concatenate(strokes).T if strokes else ([], [])))
        shown = evenly(count, self.ROWS)
        self.drawn = len(shown)
        taps = np.array([spec.window(int(t)) for t in shown], float)  # (rows, K)
        taps = taps[:, evenly(spec.kernel_size, self.TAPS)]
        rows = 1 + min(1.0, self.FIELD / count) * (0.5 + shown)
        gap = np.full(len(shown), np.nan)  # a line of many pieces breaks at NaN
        self._spans.set_data(
            np.column_stack([taps[:, 0], taps[:, -1], gap]).ravel(),
            np.column_stack([rows, rows, gap]).ravel(),
        )
        self._taps.set_data(taps.ravel(), np.repeat(rows, taps.shape[1]))
        self._outputs.set_data(np.full(len(rows), self._right), rows)
        self._count.write([(self._right, 0, f"output: {count}")])


class ConvArithmetic(Explorable):
    """Vary length, kernel_size, stride, padding and dilation: see every window and count the outputs.

    Args:
        length: samples per channel of the input, L.
        kernel_size: taps of the kernel, K.
        stride: samples the kernel moves from one output to the next.
        padding: samples added on each side.
        dilation: distance in input samples from one tap to the next.

    Raises:
        ValueError: a size is not a whole number in range. A combination that torch refuses is no error: the
            picture then says why.

    Example:
        >>> ConvArithmetic(length=10, kernel_size=3, stride=2).sentence
        'Conv1d turns 10 samples into 4. 1 sample at the end is read by no window.
        L_out = ⌊(10 + 0 + 0 − 1·(3 − 1) − 1) / 2⌋ + 1 = ⌊7 / 2⌋ + 1 = 4'
    """

    #: A longer input would keep the reader waiting.
    LONGEST: ClassVar[int] = 1_000_000

    @refusing
    def __init__(
        self, length: int = 12, kernel_size: int = 3, stride: int = 1, padding: int = 0, dilation: int = 1
    ) -> None:
        """Make the sliders, wide enough for these values, and draw the windows."""
        arguments = {
            "length": length,
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
        }
        least = {"length": 1, "kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1}
        most = {"length": 24, "kernel_size": 9, "stride": 5, "padding": 5, "dilation": 4}
        start = {name: whole_number(name, arguments[name], least[name], self.LONGEST) for name in arguments}
        controls = {
            name: slider(name, start[name], least[name], max(most[name], start[name])) for name in arguments
        }
        picture = WindowsPicture(controls["length"].max, controls["padding"].max)
        super().__init__(picture, controls, start)

    @classmethod
    @refusing
    def from_layer(cls, layer: Any, length: int) -> "ConvArithmetic":
        """Start from an existing `torch.nn.Conv1d`.

        Args:
            layer: the layer; its padding must be a number.
            length: samples per channel of the input.

        Returns:
            The explorable.

        Raises:
            TypeError: the object is not a Conv1d.
            ValueError: the layer pads its two sides differently, which one slider cannot show.
        """
        spec = Conv1dSpec.from_layer(layer)
        left, right = spec.padding_sides
        if left != right:
            raise Refused(
                f"padding='same' adds {left} on the left and {right} on the right.",
                "the padding slider adds the same on both sides.",
                f"ConvArithmetic(length={length!r}, kernel_size={spec.kernel_size}, padding={right}).",
            )
        return cls(length, spec.kernel_size, spec.stride, left, spec.dilation)

    def describe(self) -> str:
        """Say how many samples go in and come out, and how many are never read."""
        length = self.controls["length"].value
        spec = self._spec()
        unread, tail = len(spec.unread_samples(length)), spec.unread_tail(length)
        sentences = [f"Conv1d turns {samples_text(length)} into {spec.output_length(length)}."]
        if tail:
            sentences.append(f"{samples_text(tail)} at the end {'is' if tail == 1 else 'are'} read by no window.")
        if unread > tail:
            gaps = unread - tail
            sentences.append(f"{samples_text(gaps)} {'is' if gaps == 1 else 'are'} stepped over by every window.")
        if not unread:
            sentences.append("Every sample is read.")
        if self._picture.drawn < spec.output_length(length):
            sentences.append(f"The picture shows {self._picture.drawn} of the windows, evenly spread.")
        return " ".join([*sentences, spec.length_formula(length)])

    def _spec(self) -> Conv1dSpec:
        return Conv1dSpec(1, 1, **{name: v for name, v in self.state().items() if name != "length"})

    def _draw(self) -> None:
        self._picture.update(self._spec(), self.controls["length"].value)
