"""Set the taps of a kernel by hand: see what it makes of a signal, and which waves it lets through."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist

from .._refusals import Refused, call_text, choice, refusing
from ..plotting import INK, ROLES, new_figure, number
from ..plotting.checks import heights
from ..plotting.style import styled
from ..plotting.windows import middle
from ..reference import conv1d_windows
from ._drawing import Stems, fit_scale, set_scale, thinned, whole_steps
from .base import Explorable, buttons, slider


class KernelBenchPicture:
    """Input and output of one kernel on one time axis; beside them its taps and its frequency response.

    Args:
        x: the signal, (L,).
        taps: number of taps of the kernel.

    Attributes:
        figure: the figure.
        artists: what `update` changes.
    """

    #: What the axis of the frequency response shows, unless a kernel needs more.
    FULL = (0.0, 2.2)

    @styled
    def __init__(self, x: np.ndarray, taps: int) -> None:
        """Draw all that stays: the axes, the labels, the input."""
        self.figure = new_figure(8.8, 4.4)
        self.figure.get_layout_engine().set(rect=(0.02, 0, 0.98, 1))  # room for longer numbers on a doubled scale
        grid = self.figure.add_gridspec(2, 2, width_ratios=[5, 3])
        signal, output = self.figure.add_subplot(grid[0, 0]), self.figure.add_subplot(grid[1, 0])
        kernel, response = self.figure.add_subplot(grid[0, 1]), self.figure.add_subplot(grid[1, 1])
        signal.plot(*thinned(np.arange(len(x)), x), color=ROLES["input"].colour, marker=".", markersize=3)
        for ax, role, title in (
            (signal, "input", "input"),
            (output, "output", "output"),
            (kernel, "kernel", "kernel"),
            (response, "kernel", "how much of each wave is left"),
        ):
            ax.set_title(title, color=ROLES[role].colour)
            ax.axhline(0, color=INK, linewidth=0.8)
            ax.locator_params(axis="y", nbins=4)
        for ax in (signal, output):
            ax.set_xlim(-1, len(x))
            whole_steps(ax, 9)
            set_scale(ax, [1.2 * x, -0.4 * x])
        self._limits = output.get_ylim()
        output.set_xlabel("time step of the input")
        kernel.set(xlim=(-0.6, taps - 0.4), ylim=(-1.2, 1.2), xticks=range(taps))
        kernel.set_xlabel("tap")
        response.set(xlim=(0, 0.5), ylim=self.FULL, xlabel="waves per time step")
        (self._output,) = output.plot([], [], color=ROLES["output"].colour, marker=".", markersize=3)
        self._kernel = Stems(kernel, "kernel")
        (self._response,) = response.plot([], [], color=ROLES["kernel"].colour)
        self.artists: list[Artist] = [self._output, self._kernel.artist, self._response]

    def update(
        self, weight: np.ndarray, output: np.ndarray, frequencies: np.ndarray, response: np.ndarray
    ) -> None:
        """Show another kernel.

        Args:
            weight: the kernel, (K,).
            output: what it makes of the signal, (L_out,).
            frequencies: waves per time step, (F,).
            response: how much is left of a wave of each frequency, (F,).
        """
        self._kernel.move(np.arange(len(weight)), weight)
        self._output.set_data(*thinned(middle(range(len(weight))) + np.arange(len(output)), output))
        self._response.set_data(frequencies, response)
        fit_scale(self._output.axes, output, self._limits)
        fit_scale(self._response.axes, response, self.FULL)


class KernelBench(Explorable):
    """Set each tap of a kernel: see the output, and how much of every wave the kernel lets through.

    Args:
        x: the signal, (L,); a slow wave with a fast ripple if None.
        weight: the kernel to begin with, 1 to 7 taps between −1 and 1; offered as "yours".
        preset: name of the ready-made kernel to begin with, a key of `PRESETS`.

    Raises:
        TypeError, ValueError: the signal or the kernel is not one row of finite numbers, a tap is out of range, or
            there is no such preset.

    Example:
        >>> KernelBench(preset="average").sentence
        'A constant signal comes out 1 times as large, the fastest wave (up, down, up, down) 0.2 times.'
    """

    PRESETS: ClassVar[dict[str, tuple[float, ...]]] = {
        "average": (0.2, 0.2, 0.2, 0.2, 0.2),
        "smooth": (0.1, 0.2, 0.4, 0.2, 0.1),
        "difference": (0, -1, 0, 1, 0),
        "edge": (-0.5, -0.5, 0, 0.5, 0.5),
        "only the ripple": (-0.2, -0.2, 0.8, -0.2, -0.2),
        "delay by one": (0, 1, 0, 0, 0),
    }

    #: A slider for each tap must find room.
    MOST_TAPS: ClassVar[int] = 7

    @refusing
    def __init__(self, x: Any = None, weight: Sequence[float] | None = None, *, preset: str | None = None) -> None:
        """Check the signal and the kernel, and make a slider for each tap."""
        steps = np.arange(80)
        wave = np.sin(2 * np.pi * steps / 40) + (steps >= 50) + 0.35 * np.cos(np.pi * steps * 0.9)
        x = wave if x is None else x
        self.x = heights("x", x, ("length",), finite=True).astype(float)
        self._presets = dict(self.PRESETS)
        if weight is not None:
            own = heights("weight", weight, ("kernel_size",), finite=True).astype(float)
            self._presets = {"yours": tuple(own)}
            if len(own) > self.MOST_TAPS:
                rule = f"there is room for {self.MOST_TAPS} sliders, one for each tap."
                raise Refused(f"{len(own)} taps.", rule, "SlidingWindow(x, weight), which takes any kernel.")
            if np.abs(own).max() > 1:
                found = f"taps between {own.min():g} and {own.max():g}."
                advice = "the kernel divided by its largest absolute value: the same shape, a smaller output."
                raise Refused(found, "the sliders reach from −1 to 1.", advice)
        names = list(self._presets)
        preset = choice("preset", names[0] if preset is None else preset, names)
        start = self._presets[preset]
        controls: dict[str, Any] = {"preset": buttons("preset", names, preset)}
        for k, value in enumerate(start):
            controls[f"tap_{k}"] = slider(f"tap {k}", float(value), -1.0, 1.0, step=0.05)
        self._shown = preset
        super().__init__(KernelBenchPicture(self.x, len(start)), controls, {"preset": preset} | self._taps(start))

    def describe(self) -> str:
        """Say what the kernel does to the slowest and to the fastest wave."""
        slowest, fastest = self.response[0], self.response[-1]
        return (
            f"A constant signal comes out {number(slowest, 3)} times as large, "
            f"the fastest wave (up, down, up, down) {number(fastest, 3)} times."
        )

    def _call(self) -> str:
        preset = self.controls["preset"].value
        weight = [round(float(tap), 2) for tap in self._weight()]
        return call_text("KernelBench", {"weight": weight} if preset is None else {"preset": preset})

    @staticmethod
    def _taps(weight: Sequence[float]) -> dict[str, float]:
        return {f"tap_{k}": float(value) for k, value in enumerate(weight)}

    def _settle(self) -> None:
        """Let the sliders follow a button; release the button once a tap was set by hand."""
        preset = self.controls["preset"]
        if preset.value not in (self._shown, None):
            for name, value in self._taps(self._presets[preset.value]).items():
                self.controls[name].value = value
        elif preset.value is not None and not np.allclose(self._weight(), self._presets[preset.value]):
            preset.value = None
        self._shown = preset.value

    def _weight(self) -> np.ndarray:
        return np.array([control.value for name, control in self.controls.items() if name != "preset"])

    def _draw(self) -> None:
        weight = self._weight()
        self.output = conv1d_windows(self.x[None], weight[None, None])[0]
        # The Fourier transform of the taps, filled up with zeros for a fine curve.
        frequencies = np.fft.rfftfreq(256)
        self.response = np.abs(np.fft.rfft(weight, 256))
        self._picture.update(weight, self.output, frequencies, self.response)
