"""What a trained layer looks for: each kernel, its response to each case over time, and where it fires most."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import offset_copy

from .._refusals import Refused, refusing, whole_number
from .._refusals import names as one_name_each
from ..arithmetic import Conv1dSpec
from ..plotting import INK, ROLES, new_figure, number
from ..plotting.checks import heights
from ..plotting.style import styled
from ..plotting.windows import middle
from ..reference import conv1d_matmul, conv1d_windows
from ._drawing import Labels, Stems, set_scale, thinned, whole_steps
from .base import Explorable, slider


class LearnedKernelsPicture:
    """A row for each channel: the case with the marked window, the kernel, what it gives; below, the response.

    Args:
        signals: all cases that will be shown, (N, C, L).
        weight: all kernels, (O, C, K).
        responses: what all kernels make of all cases, (N, O, L_out).
        most: the largest number, plus or minus, that a channel gives to a marked output.
        taps: where the taps of a kernel lie, in time steps from its first, (K,).
        names: a name for each channel.

    Attributes:
        figure: the figure.
        artists: what `update` changes.
    """

    @styled
    def __init__(
        self,
        signals: np.ndarray,
        weight: np.ndarray,
        responses: np.ndarray,
        most: float,
        taps: np.ndarray,
        names: Sequence[str],
    ) -> None:
        """Draw all that stays: the axes and their scales, the same for every case and every kernel."""
        channels, length = signals.shape[1:]
        row = min(0.64, 4.2 / (channels + 1.4))
        self.figure = new_figure(8.8, 1.0 + row * (channels + 1.4))
        ratios = {"width_ratios": [5, 2.4, 1], "height_ratios": [1] * channels + [1.4]}
        axes = self.figure.subplots(channels + 1, 3, sharex="col", squeeze=False, gridspec_kw=ratios)
        (*cases, response), (*kernels, empty), (*gifts, empty_too) = axes.T
        empty.remove()
        empty_too.remove()
        for c, (case, kernel, gift) in enumerate(zip(cases, kernels, gifts, strict=True)):
            low, high = signals[:, c].min(), signals[:, c].max()
            room = 0.06 * (high - low) or max(abs(high), 1.0)
            case.set_ylim(low - room, high + room)
            case.set_ylabel(names[c], rotation=0, ha="right", va="center")
            set_scale(kernel, [weight.ravel()])
            gift.set(ylim=(-1, 1), yticks=[])
            gift.axvline(0, color=INK, linewidth=0.8)
        set_scale(response, [responses.ravel()])
        for ax in (*kernels, response):
            ax.axhline(0, color=INK, linewidth=0.8)
            ax.locator_params(axis="y", nbins=3)
        for ax in cases:
            ax.locator_params(axis="y", nbins=3)
        for ax in self.figure.axes:
            ax.tick_params(axis="x", length=0)
        response.set(
            xlim=(-0.8, length - 0.2), xlabel="time step (an output stands below the middle of its window)"
        )
        response.set_ylabel("response", rotation=0, ha="right", va="center", color=ROLES["output"].colour)
        whole_steps(response, 9)
        kernels[-1].set(xlim=(-0.7, taps[-1] + 0.7), xticks=taps[:: len(taps) // 6 + 1])
        ticks = MaxNLocator(nbins=2, steps=[1, 2, 5, 10]).tick_values(0, most)
        gifts[-1].set(xlim=(-1.1 * most, 1.1 * most), xticks=[0, ticks[ticks <= most][-1]])
        gifts[-1].xaxis.set_major_formatter("{x:g}")
        for ax in (kernels[-1], gifts[-1]):
            ax.tick_params(labelbottom=True)
        self.figure.align_ylabels([*cases, response])
        title = offset_copy(cases[0].transAxes, self.figure, y=11, units="points")
        self._who = Labels(cases[0], 12, "left", "bold", ROLES["input"].colour, title)
        kernels[0].set_title("kernel, tap by tap", color=ROLES["kernel"].colour)
        gifts[0].set_title("gives", color=ROLES["window"].colour)
        self._windows = [
            ax.add_patch(Rectangle((0, 0), taps[-1] + 1, 1, transform=ax.get_xaxis_transform(), zorder=0))
            for ax in cases
        ]
        self._gifts = [ax.add_patch(Rectangle((0, -0.5), 0, 1)) for ax in gifts]
        for patch in (*self._windows, *self._gifts):
            patch.set(facecolor=ROLES["window"].fill, edgecolor=ROLES["window"].colour, linewidth=1.2)
        self._case = [ax.plot([], [], color=ROLES["input"].colour)[0] for ax in cases]
        self._kernel = [Stems(ax, "kernel") for ax in kernels]
        output = {"color": ROLES["output"].colour}
        (self._response,) = response.plot([], [], linewidth=1, **output)
        (self._fires,) = response.plot([], [], ROLES["output"].marker, markersize=4, **output)
        (self._strongest,) = response.plot([], [], "s", markersize=10, fillstyle="none", color=INK)
        self._taps = taps
        self.artists: list[Artist] = [
            self._who.artist,
            *self._windows,
            *self._case,
            *(kernel.artist for kernel in self._kernel),
            *self._gifts,
            self._response,
            self._fires,
            self._strongest,
        ]

    def update(self, who: str, x: np.ndarray, kernel: np.ndarray, response: np.ndarray, parts: np.ndarray) -> None:
        """Show another case or another kernel.

        Args:
            who: the name of the case.
            x: the case, (C, L).
            kernel: the kernel, (C, K).
            response: its output, (L_out,).
            parts: what each channel gives to the largest output, (C,).
        """
        self._who.write([(0, 1, who)])
        best, half = int(response.argmax()), middle(self._taps)
        for c, line in enumerate(self._case):
            self._windows[c].set_x(best - 0.5)
            line.set_data(*thinned(np.arange(x.shape[1]), x[c]))
            self._kernel[c].move(self._taps, kernel[c])
            self._gifts[c].set_width(parts[c])
        above = np.flatnonzero(response > 0)
        self._response.set_data(*thinned(np.arange(len(response)) + half, response))
        self._fires.set_data(*thinned(above + half, response[above]))
        self._strongest.set_data([best + half], [response[best]])


class LearnedKernels(Explorable):
    """Look into a trained Conv1d: each kernel, its response to each case over time, and where it fires most.

    A kernel fires where its output is above 0, which is what ReLU lets through.

    Args:
        conv: a trained `torch.nn.Conv1d` with padding 0, stride 1 and groups 1.
        signals: what the layer reads, scaled as in training, (N, C, L).
        names: a name for each channel; "channel 0", … if None.
        labels: what is known of each case, (N,), to be said beside its name.
        ids: a name for each case, (N,); "case 0", … if None.
        kernel: which kernel to begin with.
        patient: which case to begin with, its place in `signals`.

    Raises:
        TypeError, ValueError: `conv` is no Conv1d, the layer pads, strides or groups, or the signals, names,
            labels or ids do not fit it.

    Example:
        >>> import torch
        >>> conv = torch.nn.Conv1d(1, 1, 2, bias=False)
        >>> conv.weight.data[:] = torch.tensor([[[-1.0, 1.0]]])
        >>> LearnedKernels(conv, [[[0, 1, 5, 4]]], ids=["P1"]).sentence
        'Kernel 0 fires most on P1 at output 1, which reads time steps 1 to 2: 4. The largest part: channel 0
        gives 4. It fires at 2 of 3 outputs.'
    """

    #: More rows than this are too flat to read.
    MOST_CHANNELS: ClassVar[int] = 16

    @refusing
    def __init__(
        self,
        conv: Any,
        signals: Any,
        *,
        names: Sequence[str] | None = None,
        labels: Sequence[Any] | None = None,
        ids: Sequence[Any] | None = None,
        kernel: int = 0,
        patient: int = 0,
    ) -> None:
        """Check that layer, signals and names fit, and show the first kernel on the first case."""
        spec = Conv1dSpec.from_layer(conv)
        _refuse_other_layers(spec)
        self.weight = _learned("weight", conv.weight)
        self.bias = np.zeros(spec.out_channels) if conv.bias is None else _learned("bias", conv.bias)
        axes = ("cases", "channels", "length")
        self.signals = heights("signals", signals, axes, finite=True).astype(float)
        self._dilation = {"dilation": spec.dilation}
        # The reference refuses signals that do not fit the kernels, with the rule.
        responses = conv1d_matmul(self.signals, self.weight, self.bias, **self._dilation)
        cases, channels = self.signals.shape[:2]
        self.names = one_name_each("names", names, channels)
        self.ids = one_name_each("ids", ids, cases, "case")
        self.labels = None if labels is None else one_name_each("labels", labels, cases, "case")
        start = {
            "kernel": whole_number("kernel", kernel, 0, spec.out_channels - 1),
            "patient": whole_number("patient", patient, 0, cases - 1),
        }
        controls = {
            "kernel": slider("kernel", start["kernel"], 0, spec.out_channels - 1),
            "patient": slider("patient", start["patient"], 0, cases - 1),
        }
        self._taps = np.array(spec.window(0))
        # (N, O, K) time steps read by each strongest output, and (N, O, C) what each channel gives to it.
        reads = responses.argmax(axis=2)[..., np.newaxis] + self._taps
        read = self.signals[np.arange(cases)[:, np.newaxis, np.newaxis], :, reads]
        most = np.abs(np.einsum("nokc,ock->noc", read, self.weight)).max() or 1.0
        picture = LearnedKernelsPicture(self.signals, self.weight, responses, most, self._taps, self.names)
        super().__init__(picture, controls, start)

    def describe(self) -> str:
        """Say where the kernel fires most, how strongly, and which channels that comes from."""
        kernel, best = self.controls["kernel"].value, int(self.response.argmax())
        value, above = number(self.response[best], 3), int((self.response > 0).sum())
        if not above:
            return (
                f"Kernel {kernel} does not fire on {self._who()}: its highest output is {value}, at output {best}."
            )
        largest = np.argsort(-np.abs(self.parts), kind="stable")[:3]
        last = best + self._taps[-1]
        steps = f"time step {best}" if last == best else f"time steps {best} to {last}"
        parts = ", ".join(f"{self.names[c]} gives {number(self.parts[c], 2)}" for c in largest)
        return (
            f"Kernel {kernel} fires most on {self._who()} at output {best}, "
            f"which reads {steps}: {value}. "
            f"The largest part{'s' if len(largest) > 1 else ''}: {parts}. "
            f"It fires at {above} of {len(self.response)} outputs."
        )

    def _who(self) -> str:
        n = self.controls["patient"].value
        return self.ids[n] if self.labels is None else f"{self.ids[n]} ({self.labels[n]})"

    def _draw(self) -> None:
        state = self.state()
        x, kernel = self.signals[state["patient"]], self.weight[state["kernel"]]
        # One row of the kernel on one channel at a time: as many groups as channels.
        parts = conv1d_windows(x, kernel[:, None], groups=len(x), **self._dilation)
        self.response = parts.sum(axis=0) + self.bias[state["kernel"]]
        self.parts = parts[:, self.response.argmax()]
        self._picture.update(self._who(), x, kernel, self.response, self.parts)


def _refuse_other_layers(spec: Conv1dSpec) -> None:
    """Refuse a layer whose windows do not lie one step apart on the signal itself, or do not read all channels."""
    plain = {"stride": (spec.stride, 1), "padding": (sum(spec.padding_sides), 0), "groups": (spec.groups, 1)}
    for name, (found, wanted) in plain.items():
        if found != wanted:
            rule = f"the picture lays every window over all channels, one step apart: {name}={wanted}."
            advice = f"a layer with {name}={wanted} and the same weights, or the first layer of the network."
            raise Refused(f"{name}={getattr(spec, name)!r}.", rule, advice)
    most = LearnedKernels.MOST_CHANNELS
    if spec.in_channels > most:
        rule = f"the picture has a row for each channel, and room for {most}."
        raise Refused(f"in_channels={spec.in_channels}.", rule, "the first layer of the network.")


def _learned(name: str, values: Any) -> np.ndarray:
    """Return what the layer has learned as float64."""
    learned = heights(name, values).astype(float)
    if not np.isfinite(learned).all():
        found = f"{int((~np.isfinite(learned)).sum())} of {learned.size} numbers in the {name} not finite."
        rule = "a trained kernel holds finite numbers; here the training went wrong."
        raise Refused(found, rule, "training again with a smaller learning rate, on inputs without gaps.")
    return learned
