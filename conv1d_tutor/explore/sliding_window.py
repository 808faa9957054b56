"""One kernel slides along one signal."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.patches import Rectangle

from .._refusals import choice, refusing, whole_number
from ..plotting import INK, ROLES, new_figure, number
from ..plotting.checks import heights
from ..plotting.style import styled
from ..reference import conv1d_windows
from ._drawing import Labels, Stems, page, set_scale, turn_page, whole_steps
from .base import Explorable, buttons, play_button, slider


class SlidingWindowPicture:
    """A kernel over one window of a signal, the products, and the output so far.

    Args:
        x: the signal, (L,).
        kernels: all kernels that will be shown, each (K,); they decide the scale of the axes.

    Attributes:
        figure: the figure.
        artists: what `update` changes.
    """

    #: With more time steps than these, the numbers of neighbours would overlap.
    ROOM_FOR_NUMBERS = 24

    @styled
    def __init__(self, x: np.ndarray, kernels: Sequence[np.ndarray]) -> None:
        """Draw all that stays: the axes, the signal, the labels."""
        self.figure = new_figure(8.8, 4.9)
        self.x = x
        rows = self.figure.subplots(4, sharex=True, gridspec_kw={"height_ratios": [3, 2, 2, 3]})
        signal, kernel, product, output = rows
        fitting = [weight for weight in kernels if len(weight) <= len(x)]
        # No value is larger than this; the scale stays, so that heights can be compared from move to move.
        product_limit = max(np.abs(weight).max() for weight in kernels) * np.abs(x).max()
        outputs = [conv1d_windows(x[None], weight[None, None])[0] for weight in fitting]
        set_scale(signal, [x])
        set_scale(kernel, kernels)
        set_scale(product, [[-product_limit, product_limit]])
        set_scale(output, outputs)
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
        whole_steps(output, 10)
        output.set_xlabel("time step of the input (each output stands below the first sample it reads)")
        self._windows = [
            ax.add_patch(Rectangle((0, 0), 1, 1, transform=ax.get_xaxis_transform(), zorder=0))
            for ax in (signal, kernel, product)
        ]
        for patch in self._windows:
            patch.set(facecolor=ROLES["window"].fill, edgecolor=ROLES["window"].colour, linewidth=1.2)
        self._signal = Stems(signal, "input")
        self._kernel = Stems(kernel, "kernel")
        self._product = Stems(product, "window")
        self._numbers = [Labels(ax, 9, weight="bold") for ax in (product, output)]
        self._output = Stems(output, "output")
        (self._current,) = output.plot(
            [], [], ROLES["output"].marker, markersize=12, fillstyle="none", color=INK, markeredgewidth=1.6
        )
        self.artists: list[Artist] = [
            *self._windows,
            self._signal.artist,
            self._kernel.artist,
            self._product.artist,
            self._output.artist,
            self._current,
            *(label.artist for label in self._numbers),
        ]

    def update(self, weight: np.ndarray, output: np.ndarray, t: int) -> None:
        """Move the window to output `t`.

        Args:
            weight: the kernel, (K,).
            output: the whole output, (L_out,); it is drawn up to `t`.
            t: which output.
        """
        taps = np.arange(t, t + len(weight))
        first, after = page(t, len(weight), len(self.x))
        turn_page(self._current.axes, (first, after))
        self._signal.move(np.arange(first, after), self.x[first:after])
        for patch in self._windows:
            patch.set_x(t - 0.5)
            patch.set_width(len(weight))
        self._kernel.move(taps, weight)
        products = weight * self.x[taps]
        self._product.move(taps, products)
        for label, places in zip(self._numbers, (zip(taps, products, strict=True), [(t, output[t])]), strict=True):
            low, high = label.artist.axes.get_ylim()
            lift = 0.17 * (high - low)
            label.write(
                (at, value + (lift if value >= 0 else -lift), number(value, digits=3))
                for at, value in places
                if after - first <= self.ROOM_FOR_NUMBERS
            )
        self._output.move(np.arange(first, t + 1), output[first : t + 1])
        self._current.set_data([t], [output[t]])


class SlidingWindow(Explorable):
    """A kernel slides along one signal: see the window, the products and the output so far.

    Args:
        x: the signal, (L,); a short one of small whole numbers if None. Of a long one the picture shows the part
            around the window.
        weight: a kernel, (K,). It is offered as "yours" beside the ready-made ones.
        position: the first position, 0 for the start of the signal.
        kernel: name of the first kernel, a key of `KERNELS`, or "yours".
        kernel_size: number of taps of the ready-made kernels.

    Raises:
        TypeError, ValueError: the signal or the kernel is not one row of finite numbers, a size is no whole number
            in range, or there is no such kernel.

    Example:
        >>> explorable = SlidingWindow(position=2, kernel="difference")
        >>> explorable.controls["position"].value = 3
        >>> explorable.sentence
        'Output 3 reads samples 3 to 5: −1·2 + 0·6 + 1·7 = 5.'
    """

    SIGNAL: ClassVar[tuple[int, ...]] = (1, 3, 2, 2, 6, 7, 6, 2, 1, 0, 1, 4, 2, 1, 1, 3)

    #: A ready-made kernel of any size, by name.
    KERNELS: ClassVar[dict[str, Any]] = {
        "average": lambda size: np.full(size, 1 / size),
        "difference": lambda size: np.eye(size)[-1] - np.eye(size)[0],
        "keep the middle": lambda size: np.eye(size)[size // 2],
    }

    @refusing
    def __init__(
        self,
        x: Any = None,
        weight: Any = None,
        *,
        position: int = 0,
        kernel: str | None = None,
        kernel_size: int = 3,
    ) -> None:
        """Check the signal and the kernel, make the controls and show the first position."""
        x = self.SIGNAL if x is None else x
        self.x = heights("x", x, ("length",), finite=True).astype(float)
        self._own, names = None, [*self.KERNELS]
        if weight is not None:
            self._own = heights("weight", weight, ("kernel_size",), finite=True).astype(float)
            names = ["yours", *names]
        kernel = names[0] if kernel is None else kernel
        arguments = {
            "position": whole_number("position", position, 0),
            "kernel": choice("kernel", kernel, names, ", or your own with SlidingWindow(x, weight)"),
            "kernel_size": whole_number("kernel_size", kernel_size, 1),
        }
        if self._own is not None and kernel == "yours":
            arguments["kernel_size"] = len(self._own)
        longest = max(min(len(self.x) + 1, 9), arguments["kernel_size"])
        last = len(self.x) - 1
        controls = {
            "position": slider("position", min(arguments["position"], last), 0, last),
            "play": play_button(),
            "kernel_size": slider("kernel_size", arguments["kernel_size"], 1, longest),
            "kernel": buttons("kernel", names, kernel),
        }
        kernels = [self._weight(name, size) for name in names for size in range(1, longest + 1)]
        picture = SlidingWindowPicture(self.x, kernels)
        super().__init__(picture, controls, arguments)

    def describe(self) -> str:
        """Say which samples the current output reads and how the products add up to it."""
        t, weight = self.controls["position"].value, self._current_weight()
        read = self.x[t : t + len(weight)]
        products = " + ".join(f"{number(w)}·{number(v)}" for w, v in zip(weight, read, strict=True))
        where = f"sample {t}" if len(weight) == 1 else f"samples {t} to {t + len(weight) - 1}"
        return f"Output {t} reads {where}: {products} = {number(self.output[t])}."

    def _settle(self) -> None:
        size, own = self.controls["kernel_size"], self.controls["kernel"].value == "yours"
        if own:
            size.value = len(self._own)
        size.disabled = own
        self.controls["position"].max = max(len(self.x) - len(self._current_weight()), 0)

    def _draw(self) -> None:
        weight = self._current_weight()
        self.output = conv1d_windows(self.x[None], weight[None, None])[0]
        self._picture.update(weight, self.output, self.controls["position"].value)

    def _weight(self, name: str, size: int) -> np.ndarray:
        return self._own if name == "yours" else self.KERNELS[name](size).astype(float)

    def _current_weight(self) -> np.ndarray:
        return self._weight(self.controls["kernel"].value, self.controls["kernel_size"].value)
