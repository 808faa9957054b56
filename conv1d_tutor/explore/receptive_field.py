"""A stack of layers: the cone from one output down to the input samples it can see."""

from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import to_rgb

from .._refusals import Refused, refusing, whole_number
from ..arithmetic import Conv1dSpec, receptive_field
from ..plotting import ROLES, new_figure
from ..plotting.style import styled
from ..plotting.windows import middle
from ._drawing import Labels, evenly
from .base import Explorable, samples_text, slider

#: The colour of a window, lighter: many lines lie close together.
LINE = tuple(0.4 + 0.6 * part for part in to_rgb(ROLES["window"].colour))


class ReceptiveFieldPicture:
    """One row of dots for each layer, drawn from the output at the top to the input at the bottom.

    Attributes:
        figure: the figure.
        artists: what `update` changes.
        read: how many input samples the output reads.
    """

    #: So many dots are drawn in a row and so many lines below it at the most; more would merge into an area.
    DOTS, LINES = 1000, 500

    @styled
    def __init__(self) -> None:
        """Draw all that stays: the time axis and the legend."""
        self.figure = new_figure(8.8, 4.7)
        ax = self.figure.subplots()
        ax.set(ylim=(-0.2, 1.1), yticks=[])
        ax.set_xlabel("time step of the input")
        ax.grid(visible=False)
        ax.spines[:].set_visible(False)
        (self._lines,) = ax.plot([], [], color=LINE, linewidth=0.7)
        (self._hidden,) = ax.plot([], [], "o", color=ROLES["window"].colour, markersize=4)
        (self._skipped,) = ax.plot([], [], "x", color=ROLES["unread"].colour, markersize=5)
        (self._inputs,) = ax.plot([], [], ROLES["input"].marker, color=ROLES["input"].colour, markersize=5)
        (self._output,) = ax.plot([], [], ROLES["output"].marker, color=ROLES["output"].colour, markersize=9)
        self._names = Labels(ax, 11, "right")
        self._width = Labels(ax, 11, "left", colour=ROLES["input"].colour)
        key = {
            "one output": self._output,
            "sample of a layer between": self._hidden,
            "input sample that is read": self._inputs,
            "stepped over": self._skipped,
        }
        self.figure.legend(list(key.values()), list(key), loc="outside upper center", ncols=len(key))
        self._scale = 0
        self.artists: list[Artist] = [
            self._lines,
            self._hidden,
            self._skipped,
            self._inputs,
            self._output,
            self._names.artist,
            self._width.artist,
        ]

    def update(self, layers: list[Conv1dSpec]) -> None:
        """Show another stack.

        Args:
            layers: from the input to the output.
        """
        seen = [np.zeros(1, int)]  # for each row, from the output down: the samples that the output can see
        edges = []  # for each layer: (row index, sample above, sample below)
        for row, layer in enumerate(reversed(layers)):
            above, taps = seen[-1], np.arange(layer.kernel_size) * layer.dilation
            joined = taps[evenly(len(taps), self.LINES // 12)]
            ends = above[:: -(-len(above) * len(joined) // self.LINES)]  # every sample, every second, …
            below = ends[:, np.newaxis] * layer.stride + joined
            edges.append((row, np.repeat(ends, len(joined)), below.ravel()))
            read = np.zeros(above[-1] * layer.stride + taps[-1] + 1, bool)
            for tap in taps:
                read[above * layer.stride + tap] = True
            seen.append(np.flatnonzero(read))
        self.read, skipped = len(seen[-1]), np.flatnonzero(~read)
        self._fit(len(read))
        # One sample of a row lies above the middle of what it reads: positions are in samples of the input.
        jumps, middles = [1], [0.0]
        for layer in layers:
            middles.append(middles[-1] + jumps[-1] * middle(layer.window(0)))
            jumps.append(jumps[-1] * layer.stride)
        jumps, middles = jumps[::-1], middles[::-1]
        place = [
            middles[row] + jumps[row] * samples[evenly(len(samples), self.DOTS)]
            for row, samples in enumerate(seen)
        ]
        height = 1 - np.arange(len(seen)) / len(layers)
        lines = []
        for row, above, below in edges:
            ends = [middles[row] + jumps[row] * above, middles[row + 1] + jumps[row + 1] * below]
            x = np.column_stack([*ends, np.full(len(above), np.nan)])  # a line of many pieces breaks at NaN
            y = np.tile([height[row], height[row + 1], np.nan], (len(above), 1))
            lines.append(np.stack([x, y], axis=-1))
        self._lines.set_data(*np.concatenate(lines).reshape(-1, 2).T)
        self._hidden.set_data(
            np.concatenate([[], *place[1:-1]]), np.repeat(height[1:-1], [len(row) for row in place[1:-1]])
        )
        self._inputs.set_data(place[-1], np.zeros(len(place[-1])))
        skipped = skipped[evenly(len(skipped), self.DOTS)]
        self._skipped.set_data(skipped, np.zeros(len(skipped)))
        self._output.set_data(place[0], height[:1])
        labels = ["output", *(f"layer {i}" for i in range(len(layers) - 1, 0, -1)), "input"]
        self._names.write((-0.03 * self._scale, y, label) for label, y in zip(labels, height, strict=True))
        self._width.write([(0, -0.11, f"{samples_text(len(read))} from the first to the last")])

    def _fit(self, field: int) -> None:
        """Double or halve the time axis until the cone fits: within one scale its growth can be seen."""
        scale = max(8, 2 ** (field - 1).bit_length())
        if scale != self._scale:
            self._scale = scale
            axis = self._lines.axes
            axis.set(xlim=(-0.16 * scale, 1.02 * scale), xticks=[i * scale // 8 for i in range(9)])


class ReceptiveField(Explorable):
    """Stack layers: see how many input samples one output can see.

    Args:
        depth: number of layers.
        kernel_size: taps of every kernel.
        stride: stride of every layer.
        growth: each layer's dilation is that of the layer before times this.

    Raises:
        ValueError: a size is not a whole number in range. A stack too wide to be drawn is no error: the picture
            then says how wide.

    Example:
        >>> ReceptiveField(depth=3, kernel_size=3, growth=2).sentence
        '3 layers with kernel_size=3 and dilations 1, 2, 4: one output sees 15 samples.'
    """

    REFUSAL: ClassVar[str] = "No picture"
    #: A wider cone would keep the reader waiting.
    WIDEST: ClassVar[int] = 1_000_000
    DEEPEST: ClassVar[int] = 64

    @refusing
    def __init__(self, depth: int = 3, kernel_size: int = 3, stride: int = 1, growth: int = 1) -> None:
        """Make the sliders, wide enough for these values, and draw the cone."""
        arguments = {"depth": depth, "kernel_size": kernel_size, "stride": stride, "growth": growth}
        most = {"depth": 6, "kernel_size": 7, "stride": 3, "growth": 3}
        start = {
            name: whole_number(name, value, 1, self.DEEPEST if name == "depth" else self.WIDEST)
            for name, value in arguments.items()
        }
        controls: dict[str, Any] = {
            name: slider(name, value, 1, max(most[name], value)) for name, value in start.items()
        }
        super().__init__(ReceptiveFieldPicture(), controls, start)

    def layers(self) -> list[Conv1dSpec]:
        """Return the layers from the input to the output."""
        state = self.state()
        return [
            Conv1dSpec(1, 1, state["kernel_size"], state["stride"], dilation=state["growth"] ** i)
            for i in range(state["depth"])
        ]

    def describe(self) -> str:
        """Say how many samples one output can see, and how many of them it skips."""
        layers = self.layers()
        state = self.state()
        parts = [f"kernel_size={state['kernel_size']}"]
        if state["stride"] > 1:
            parts.append(f"stride={state['stride']}")
        if state["growth"] > 1:
            parts.append("dilations " + ", ".join(str(layer.dilation) for layer in layers))
        listed = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
        depth = f"{len(layers)} layer{'' if len(layers) == 1 else 's'}"
        field, read = receptive_field(layers), self._picture.read
        skipped = f", but reads only {read} of them" if read < field else ""
        return f"{depth} with {listed}: one output sees {samples_text(field)}{skipped}."

    def _draw(self) -> None:
        layers = self.layers()
        field = receptive_field(layers)
        if field > self.WIDEST:
            rule = f"the picture follows every sample of a cone, and has room for {self.WIDEST:,} of them."
            advice = "fewer layers, a smaller kernel_size, stride or growth; arithmetic.receptive_field counts on."
            raise Refused(f"one output sees {field:,} samples.", rule, advice)
        self._picture.update(layers)
