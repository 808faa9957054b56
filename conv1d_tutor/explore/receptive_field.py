"""A stack of layers: the cone from one output down to the input samples it can see."""

from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist

from .._checks import call_text, refusal, whole_number
from ..arithmetic import Conv1dSpec, receptive_field
from ..plotting import ROLES, new_figure, styled
from ._base import Explorable, samples_text, slider
from ._drawing import Labels, evenly


class ReceptiveFieldPicture:
    """One row of dots for each layer, drawn from the output at the top to the input at the bottom.

    Attributes:
        figure: the figure.
        artists: what `update` changes.
        read: how many input samples the output reads.
    """

    #: So many dots are drawn in a row and so many lines below it at the most; more would merge into an area.
    DOTS, LINES = 1000, 300

    @styled
    def __init__(self) -> None:
        """Draw all that stays: the empty paper."""
        self.figure = new_figure(8.8, 4.4)
        ax = self.figure.subplots()
        ax.set(xlim=(-0.16, 1.03), ylim=(-0.12, 1.16))
        ax.axis("off")
        (self._lines,) = ax.plot([], [], color=ROLES["window"].colour, linewidth=0.7, alpha=0.6)
        (self._hidden,) = ax.plot([], [], "o", color=ROLES["window"].colour, markersize=4)
        (self._inputs,) = ax.plot([], [], ROLES["input"].marker, color=ROLES["input"].colour, markersize=5)
        (self._output,) = ax.plot([], [], ROLES["output"].marker, color=ROLES["output"].colour, markersize=9)
        self._names = Labels(ax, 11, "right")
        self._width = Labels(ax, 11, colour=ROLES["input"].colour)
        self.artists: list[Artist] = [
            self._lines,
            self._hidden,
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
            joined = taps[evenly(len(taps), self.LINES // 8)]
            ends = above[evenly(len(above), self.LINES // len(joined))]
            edges.append(
                (row, np.repeat(ends, len(joined)), (ends[:, np.newaxis] * layer.stride + joined).ravel())
            )
            read = np.zeros(above[-1] * layer.stride + taps[-1] + 1, bool)
            for tap in taps:
                read[above * layer.stride + tap] = True
            seen.append(np.flatnonzero(read))
        self.read = len(seen[-1])
        seen = [samples[evenly(len(samples), self.DOTS)] for samples in seen]
        # One sample of a row lies above the middle of what it reads: positions are in samples of the input.
        jumps, middles = [1], [0.0]
        for layer in layers:
            middles.append(middles[-1] + jumps[-1] * (layer.effective_kernel_size - 1) / 2)
            jumps.append(jumps[-1] * layer.stride)
        jumps, middles = jumps[::-1], middles[::-1]
        width = max(receptive_field(layers) - 1, 1)
        place = [(middles[row] + jumps[row] * samples) / width for row, samples in enumerate(seen)]
        height = 1 - np.arange(len(seen)) / len(layers)
        lines = []
        for row, above, below in edges:
            x = np.column_stack(
                [
                    (middles[row] + jumps[row] * above) / width,
                    (middles[row + 1] + jumps[row + 1] * below) / width,
                    np.full(len(above), np.nan),
                ]
            )
            y = np.tile([height[row], height[row + 1], np.nan], (len(above), 1))
            lines.append(np.stack([x, y], axis=-1))
        self._lines.set_data(*np.concatenate(lines).reshape(-1, 2).T)
        hidden = [(x, y) for row, y in zip(place[1:-1], height[1:-1], strict=True) for x in row]
        self._hidden.set_data(*(np.array(hidden).T if hidden else ([], [])))
        self._inputs.set_data(place[-1], np.zeros(len(place[-1])))
        self._output.set_data(place[0], height[:1])
        labels = ["output", *(f"layer {i}" for i in range(len(layers) - 1, 0, -1)), "input"]
        self._names.write((-0.03, y, label) for label, y in zip(labels, height, strict=True))
        self._width.write([(0.5, -0.08, f"{samples_text(receptive_field(layers))} from the first to the last")])


class ReceptiveField(Explorable):
    """Stack layers: see how many input samples one output can see.

    Args:
        depth: number of layers.
        kernel_size: taps of every kernel.
        stride: stride of every layer.
        growth: each layer's dilation is that of the layer before times this.

    Raises:
        ValueError: a size is not a whole number of at least 1.

    Example:
        >>> ReceptiveField(depth=3, kernel_size=3, growth=2).sentence
        '3 layers with kernel_size=3 and dilations 1, 2, 4: one output sees 15 samples.'
    """

    REFUSAL: ClassVar[str] = "No picture"
    #: A wider cone would keep the reader waiting.
    WIDEST: ClassVar[int] = 1_000_000

    def __init__(self, depth: int = 3, kernel_size: int = 3, stride: int = 1, growth: int = 1) -> None:
        """Make the sliders, wide enough for these values, and draw the cone."""
        arguments = {"depth": depth, "kernel_size": kernel_size, "stride": stride, "growth": growth}
        call = call_text("ReceptiveField", arguments)
        most = {"depth": 6, "kernel_size": 7, "stride": 3, "growth": 3}
        start = {name: whole_number(call, name, value, 1) for name, value in arguments.items()}
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
            raise refusal(repr(self), f"one output sees {field:,} samples.", rule, advice)
        self._picture.update(layers)
