"""A stack of layers: the cone from one output down to the input samples it can see."""

from typing import Any

import numpy as np
from matplotlib.artist import Artist

from .._checks import call_text, whole_number
from ..arithmetic import Conv1dSpec, receptive_field
from ..plotting import ROLES, new_figure, styled
from ._base import Explorable, samples_text, slider


class ReceptiveFieldPicture:
    """One row of dots for each layer, drawn from the output at the top to the input at the bottom.

    Args:
        depth: the deepest stack to be shown, in layers.

    Attributes:
        figure: the figure.
        artists: what `update` changes.
    """

    #: So many lines are drawn below one layer at the most; with more they merge into an area anyway.
    LINES = 300

    @styled
    def __init__(self, depth: int) -> None:
        """Draw all that stays: the empty paper."""
        self.figure = new_figure(8.8, 4.4)
        ax = self.figure.subplots()
        ax.set(xlim=(-0.16, 1.03), ylim=(-0.12, 1.16))
        ax.axis("off")
        (self._lines,) = ax.plot([], [], color=ROLES["window"].colour, linewidth=0.7, alpha=0.6)
        (self._hidden,) = ax.plot([], [], "o", color=ROLES["window"].colour, markersize=4)
        (self._inputs,) = ax.plot([], [], ROLES["input"].marker, color=ROLES["input"].colour, markersize=5)
        (self._output,) = ax.plot([], [], ROLES["output"].marker, color=ROLES["output"].colour, markersize=9)
        self._names = [ax.text(-0.03, 0, "", ha="right", va="center") for _ in range(depth + 1)]
        self._width = ax.text(0.5, -0.08, "", ha="center", va="center", color=ROLES["input"].colour)
        self.artists: list[Artist] = [
            self._lines,
            self._hidden,
            self._inputs,
            self._output,
            *self._names,
            self._width,
        ]

    def update(self, layers: list[Conv1dSpec]) -> None:
        """Show another stack.

        Args:
            layers: from the input to the output.
        """
        seen = [np.zeros(1, int)]  # for each row, from the output down: the samples that the output can see
        edges = []  # for each layer: (row index, sample above, sample below)
        for row, layer in enumerate(reversed(layers)):
            below = seen[-1][:, None] * layer.stride + np.arange(layer.kernel_size) * layer.dilation
            edges.append((row, np.repeat(seen[-1], layer.kernel_size), below.ravel()))
            seen.append(np.unique(below))
        # One sample of a row lies above the middle of what it reads: positions are in samples of the input.
        jumps, middles = [1], [0.0]
        for layer in layers:
            middles.append(middles[-1] + jumps[-1] * (layer.effective_kernel_size - 1) / 2)
            jumps.append(jumps[-1] * layer.stride)
        jumps, middles = jumps[::-1], middles[::-1]
        width = max(receptive_field(layers) - 1, 1)
        place = [(middles[row] + jumps[row] * samples) / width for row, samples in enumerate(seen)]
        height = 1 - np.arange(len(seen)) / len(layers)
        ends = []
        for row, above, below in edges:
            x = np.column_stack(
                [
                    (middles[row] + jumps[row] * above) / width,
                    (middles[row + 1] + jumps[row + 1] * below) / width,
                    np.full(len(above), np.nan),
                ]
            )
            y = np.tile([height[row], height[row + 1], np.nan], (len(above), 1))
            ends.append(np.stack([x, y], axis=-1)[:: len(above) // self.LINES + 1])
        self._lines.set_data(*np.concatenate(ends).reshape(-1, 2).T)
        hidden = [(x, y) for row, y in zip(place[1:-1], height[1:-1], strict=True) for x in row]
        self._hidden.set_data(*(np.array(hidden).T if hidden else ([], [])))
        self._inputs.set_data(place[-1], np.zeros(len(place[-1])))
        self._output.set_data(place[0], height[:1])
        labels = ["output", *(f"layer {i}" for i in range(len(layers) - 1, 0, -1)), "input"]
        for text, label, y in zip(self._names, labels, height, strict=False):
            text.set(text=label, position=(-0.03, y), visible=True)
        for text in self._names[len(labels) :]:
            text.set_visible(False)
        self._width.set_text(f"{samples_text(receptive_field(layers))} from the first to the last")


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

    def __init__(self, depth: int = 3, kernel_size: int = 3, stride: int = 1, growth: int = 1) -> None:
        """Make the sliders, wide enough for these values, and draw the cone."""
        arguments = {"depth": depth, "kernel_size": kernel_size, "stride": stride, "growth": growth}
        call = call_text("ReceptiveField", arguments)
        most = {"depth": 6, "kernel_size": 7, "stride": 3, "growth": 3}
        start = {name: whole_number(call, name, value, 1) for name, value in arguments.items()}
        controls: dict[str, Any] = {
            name: slider(name, value, 1, max(most[name], value)) for name, value in start.items()
        }
        super().__init__(ReceptiveFieldPicture(controls["depth"].max), controls, start)

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
        field, read = receptive_field(layers), self._picture._inputs.get_xdata().size
        skipped = f", but reads only {read} of them" if read < field else ""
        return f"{depth} with {listed}: one output sees {samples_text(field)}{skipped}."

    def _draw(self) -> None:
        self._picture.update(self.layers())
