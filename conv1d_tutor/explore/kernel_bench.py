"""Set the taps of a kernel by hand: see what it makes of a signal, and which waves it lets through."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .._refusals import Refused, call_text, choice, refusing
from ..plotting.checks import heights
from .base import Explorable, buttons, slider


class KernelBench(Explorable):
    """Set each tap of a kernel: see the output, and how much of every wave the kernel lets through.

    Args:
        x: the signal, (L,); a slow wave with a fast ripple if None.
        weight: the kernel to begin with, 1 to 7 taps between −1 and 1; offered as "yours".
        preset: name of the ready-made kernel to begin with, a key of `PRESETS`. While one is chosen the taps are
            its own; a tap that is set by hand leaves it, and `preset` is then None.
        sliders: ``"page"``, or ``"ipywidgets"`` for ipywidgets' own.

    Raises:
        TypeError, ValueError: the signal or the kernel is not one row of finite numbers, a tap is out of range, or
            there is no such preset.

    Example:
        >>> bench = KernelBench(preset="average")
        >>> bench.preset = "edge"
        >>> bench.tap_0, bench
        (-0.5, KernelBench(preset='edge'))
        >>> bench.tap_0 = 0.25
        >>> bench
        KernelBench(weight=[0.25, -0.5, 0.0, 0.5, 0.5])
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
    def __init__(
        self,
        x: Any = None,
        weight: Sequence[float] | None = None,
        *,
        preset: str | None = None,
        sliders: str = "page",
    ) -> None:
        """Check the signal and the kernel, and make a slider for each tap."""
        steps = np.arange(80)
        wave = np.sin(2 * np.pi * steps / 40) + (steps >= 50) + 0.35 * np.cos(np.pi * steps * 0.9)
        x = heights("x", wave if x is None else x, ("length",), finite=True).astype(float)
        presets = self.PRESETS
        if weight is not None:
            own = heights("weight", weight, ("kernel_size",), finite=True).astype(float)
            if len(own) > self.MOST_TAPS:
                rule = f"there is room for {self.MOST_TAPS} sliders, one for each tap."
                raise Refused(f"{len(own)} taps.", rule, "SlidingWindow(x, weight), which takes any kernel.")
            if np.abs(own).max() > 1:
                found = f"taps between {own.min():g} and {own.max():g}."
                advice = "the kernel divided by its largest absolute value: the same shape, a smaller output."
                raise Refused(found, "the sliders reach from −1 to 1.", advice)
            presets = {"yours": tuple(own.tolist())}
        names = list(presets)
        preset = choice("preset", names[0] if preset is None else preset, names)
        self._presets = {name: tuple(map(float, taps)) for name, taps in presets.items()}
        taps = [
            slider(f"tap_{k}", tap, -1, 1, 0.05, label=f"tap {k}") for k, tap in enumerate(self._presets[preset])
        ]
        self._taps = [tap.name for tap in taps]
        super().__init__([buttons("preset", names, preset), *taps], {"x": x, "presets": self._presets}, sliders)
        # As `settle` does in the page, which sends both at once: then there is nothing left to do here.
        self.observe(self._follow_preset, "preset")
        self.observe(self._release_preset, self._taps)

    def _follow_preset(self, _: Any) -> None:
        """Set the taps to those of the preset: all of them before anyone hears of one."""
        if not self._agree():
            with self.hold_sync(), self.hold_trait_notifications():
                for name, value in zip(self._taps, self._presets[self.preset], strict=True):
                    setattr(self, name, value)

    def _release_preset(self, _: Any) -> None:
        if not self._agree():
            self.preset = None

    def _agree(self) -> bool:
        """Tell whether the taps are those of the preset, or there is none."""
        return self.preset is None or np.allclose(self._weight(), self._presets[self.preset], atol=1e-9)

    def _weight(self) -> list[float]:
        return [getattr(self, name) for name in self._taps]

    def _call(self) -> str:
        if self.preset in self.PRESETS:
            return call_text("KernelBench", {"preset": self.preset})
        return call_text("KernelBench", {"weight": [round(tap, 10) for tap in self._weight()]})
