"""One output channel: what each input channel contributes at one position, and the sum of the contributions."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.patches import Rectangle

from .._refusals import Refused, refusing, whole_number
from .._refusals import names as one_name_each
from ..plotting import INK, ROLES, new_figure, number
from ..plotting.checks import heights
from ..plotting.style import styled
from ..reference import conv1d_windows
from ._drawing import Labels, Stems, page, set_scale, turn_page, whole_steps
from .base import Explorable, buttons, play_button, slider


class ChannelMixerPicture:
    """A row for each channel: signal, kernel, contribution; below them the sum.

    Args:
        x: the signal, (C, L).
        weights: all sets of kernels that will be shown, each (O, C, K).
        names: a name for each channel.

    Attributes:
        figure: the figure.
        artists: what `update` changes.
    """

    @styled
    def __init__(self, x: np.ndarray, weights: Sequence[np.ndarray], names: Sequence[str]) -> None:
        """Draw all that stays: the axes and the signal."""
        channels, taps = len(x), weights[0].shape[2]
        self.x = x
        self.figure = new_figure(8.8, 1.1 + 1.05 * (channels + 1))
        axes = self.figure.subplots(
            channels + 1, 3, sharex="col", squeeze=False, gridspec_kw={"width_ratios": [5, 2, 5]}
        )
        parts = [conv1d_windows(x[c : c + 1], weight[:, c : c + 1]) for weight in weights for c in range(channels)]
        sums = [conv1d_windows(x, weight) for weight in weights]
        for column, (role, title) in enumerate(
            (("input", "signal"), ("kernel", "kernel"), ("window", "contribution"))
        ):
            axes[0, column].set_title(title, color=ROLES[role].colour)
        for row in range(channels):
            axes[row, 0].set_ylabel(names[row], rotation=0, ha="right", va="center")
            set_scale(axes[row, 0], [x.ravel()])
            set_scale(axes[row, 1], [weight.ravel() for weight in weights])
            set_scale(axes[row, 2], [part.ravel() for part in parts] + [total.ravel() for total in sums])
            axes[row, 1].set_xlim(-0.7, taps - 0.3)
        for ax in axes[-1, :2]:
            ax.remove()  # the sum has a row of its own
        for ax in self.figure.axes:
            ax.axhline(0, color=INK, linewidth=0.8)
            ax.locator_params(axis="y", nbins=4, integer=True)
            whole_steps(ax, 4)
        total = axes[-1, 2]
        total.set_ylim(axes[0, 2].get_ylim())
        total.set_ylabel(
            "sum", rotation=0, ha="right", va="center", color=ROLES["output"].colour, fontweight="bold"
        )
        total.set_xlabel("time step")
        for ax in axes[channels - 1, :2]:
            ax.tick_params(labelbottom=True)
        axes[channels - 1, 0].set_xlabel("time step")
        axes[channels - 1, 1].set_xlabel("tap")
        window = ROLES["window"]
        self._windows = [
            axes[c, 0].add_patch(Rectangle((0, 0), taps, 1, transform=axes[c, 0].get_xaxis_transform(), zorder=0))
            for c in range(channels)
        ]
        for patch in self._windows:
            patch.set(facecolor=window.fill, edgecolor=window.colour, linewidth=1.2)
        self._signals = [Stems(axes[c, 0], "input") for c in range(channels)]
        self._kernels = [Stems(axes[c, 1], "kernel") for c in range(channels)]
        self._parts = [Stems(axes[c, 2], "window") for c in range(channels)]
        self._total = Stems(total, "output")
        self._numbers = [Labels(ax, 10, "left", "bold") for ax in [*axes[:channels, 2], total]]
        drawn = [*self._signals, *self._kernels, *self._parts, self._total, *self._numbers]
        self.artists: list[Artist] = [*self._windows, *(each.artist for each in drawn)]

    def update(self, weight: np.ndarray, parts: np.ndarray, total: np.ndarray, t: int) -> None:
        """Move the window to output `t` of one kernel.

        Args:
            weight: the kernel, (C, K).
            parts: the contribution of each channel, (C, L_out); drawn up to `t`.
            total: their sum, (L_out,); drawn up to `t`.
            t: which output.
        """
        taps = weight.shape[1]
        first, after = page(t, taps, self.x.shape[1])
        for stems in (self._signals[0], self._total):
            turn_page(stems.artist.axes, (first, after))
        so_far = slice(first, t + 1)
        done = np.arange(first, t + 1)
        for c, patch in enumerate(self._windows):
            patch.set_x(t - 0.5)
            self._signals[c].move(np.arange(first, after), self.x[c, first:after])
            self._kernels[c].move(np.arange(taps), weight[c])
            self._parts[c].move(done, parts[c, so_far])
        self._total.move(done, total[so_far])
        for label, value in zip(self._numbers, [*parts[:, t], total[t]], strict=True):
            low, high = label.artist.axes.get_ylim()
            label.write([(t + 0.35, value + 0.12 * (high - low), number(value, 3))])  # clear of the line at 0


class ChannelMixer(Explorable):
    """A Conv1d with several input channels: each channel's contribution to one output, and their sum.

    Args:
        x: the signal, (C, L), with 1 to 4 channels; three short ones of small whole numbers if None.
        weight: the kernels, (O, C, K); ready-made ones if None.
        names: a name for each channel.
        out_channel: which kernel to begin with.
        position: which output to begin with.

    Raises:
        TypeError, ValueError: the signal or the kernels are no finite numbers or do not have these shapes, there
            is not one name for each channel, or no such kernel.

    Example:
        >>> ChannelMixer(position=2).sentence
        'Output channel 0 at position 2: 7 + 3 + 0 = 10. Three channels go in, one number comes out.'
    """

    SIGNAL: ClassVar = (
        (1, 3, 2, 2, 5, 6, 5, 2, 1, 0, 1, 2),
        (0, 1, 2, 1, 0, 0, 1, 3, 1, 0, 0, 1),
        (2, 2, 1, 0, 1, 2, 2, 1, 0, 1, 2, 2),
    )
    #: Two kernels for three channels, by name.
    PRESETS: ClassVar[dict[str, Any]] = {
        "one of each": [[[0, 1, 1], [1, 1, 0], [1, 0, -1]], [[1, 0, -1], [0, 2, 0], [0, 0, 1]]],
        "only channel 0": [[[0, 1, 1], [0, 0, 0], [0, 0, 0]], [[1, 0, -1], [0, 0, 0], [0, 0, 0]]],
        "add all channels": [[[0, 1, 0]] * 3, [[1, 1, 1]] * 3],
        "channel 0 minus channel 2": [[[0, 1, 0], [0, 0, 0], [0, -1, 0]], [[1, 1, 1], [0, 0, 0], [-1, -1, -1]]],
    }
    COUNTS: ClassVar = {1: "One channel goes", 2: "Two channels go", 3: "Three channels go", 4: "Four channels go"}

    @refusing
    def __init__(
        self,
        x: Any = None,
        weight: Any = None,
        *,
        names: Sequence[str] | None = None,
        out_channel: int = 0,
        position: int = 0,
    ) -> None:
        """Check the signal and the kernels, make the controls and show the first output."""
        x = self.SIGNAL if x is None else x
        self.x = heights("x", x, ("channels", "length"), finite=True).astype(float)
        channels, length = self.x.shape
        if channels > 4:
            raise Refused(f"{channels} channels.", "the picture has room for 4.", "x[:4] and weight[:, :4].")
        if weight is not None:
            axes = ("out_channels", "in_channels", "kernel_size")
            self._weights = {"yours": heights("weight", weight, axes, finite=True).astype(float)}
        elif channels == 3:
            self._weights = {name: np.array(kernels, float) for name, kernels in self.PRESETS.items()}
        else:
            advice = "give the kernels too: ChannelMixer(x, weight)."
            raise Refused(f"{channels} channels.", "the ready-made kernels read 3 channels.", advice)
        self.names = one_name_each("names", names, channels)
        first = next(iter(self._weights))
        out, read, taps = self._weights[first].shape
        if read != channels or taps > length:
            found = f"weight of shape {(out, read, taps)} for x of shape {self.x.shape}."
            rule = "a kernel reads every channel of x, and has no more taps than x has time steps."
            raise Refused(found, rule, f"weight of shape ({out}, {channels}, {min(taps, length)}).")
        last = length - taps
        start = {
            "out_channel": whole_number("out_channel", out_channel, 0, out - 1),
            "position": min(whole_number("position", position, 0), last),
            "weights": first,
        }
        controls: dict[str, Any] = {
            "out_channel": slider("out_channel", start["out_channel"], 0, out - 1),
            "position": slider("position", start["position"], 0, last),
            "play": play_button(),
            "weights": buttons("weights", self._weights, first),
        }
        super().__init__(ChannelMixerPicture(self.x, list(self._weights.values()), self.names), controls, start)

    def describe(self) -> str:
        """Say what each channel contributes and what the sum is."""
        o, t = self.controls["out_channel"].value, self.controls["position"].value
        terms = number(self.parts[0, t]) + "".join(
            f" {'−' if value < 0 else '+'} {number(abs(value))}" for value in self.parts[1:, t]
        )
        sum_ = f"Output channel {o} at position {t}: {terms} = {number(self.total[t])}."
        return f"{sum_} {self.COUNTS[len(self.x)]} in, one number comes out."

    def _draw(self) -> None:
        weight = self._weights[self.controls["weights"].value][[self.controls["out_channel"].value]]
        # One kernel row on one channel at a time: as many groups as channels.
        self.parts = conv1d_windows(self.x, weight[0][:, None], groups=len(self.x))
        self.total = conv1d_windows(self.x, weight)[0]
        self._picture.update(weight[0], self.parts, self.total, self.controls["position"].value)
