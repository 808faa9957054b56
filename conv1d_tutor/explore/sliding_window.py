"""One kernel slides along one signal."""

from typing import Any, ClassVar

from .._refusals import call_text, choice, refusing, whole_number
from ..plotting.checks import heights
from .base import Explorable, buttons, slider


class SlidingWindow(Explorable):
    """A kernel slides along one signal: see the window, the products, their sum and the output so far.

    Args:
        x: the signal, (L,); a short one of small whole numbers if None. Of a long one the picture shows the part
            around the window.
        weight: a kernel, (K,). It is offered as "yours" beside the ready-made ones.
        position: the first position, 0 for the start of the signal.
        kernel: name of the first kernel, one of `KERNELS`, or "yours".
        kernel_size: number of taps of the ready-made kernels.
        sliders: ``"page"``, or ``"ipywidgets"`` for ipywidgets' own.

    Raises:
        TypeError, ValueError: the signal or the kernel is not one row of finite numbers, a size is no whole number
            in range, or there is no such kernel.

    Example:
        >>> explorable = SlidingWindow(position=2, kernel="difference")
        >>> explorable.position = 3
        >>> explorable
        SlidingWindow(position=3, kernel='difference', kernel_size=3)
    """

    SIGNAL: ClassVar[tuple[int, ...]] = (1, 3, 2, 2, 6, 7, 6, 2, 1, 0, 1, 4, 2, 1, 1, 3)

    #: The ready-made kernels, which the page makes in any size.
    KERNELS: ClassVar[tuple[str, ...]] = ("average", "difference", "keep the middle")

    @refusing
    def __init__(
        self,
        x: Any = None,
        weight: Any = None,
        *,
        position: int = 0,
        kernel: str | None = None,
        kernel_size: int = 3,
        sliders: str = "page",
    ) -> None:
        """Check the signal and the kernel, and make the controls."""
        x = heights("x", self.SIGNAL if x is None else x, ("length",), finite=True).astype(float)
        own, names = None, self.KERNELS
        if weight is not None:
            own = heights("weight", weight, ("kernel_size",), finite=True).astype(float)
            names = ("yours", *names)
        position = whole_number("position", position, 0)
        kernel = choice(
            "kernel", names[0] if kernel is None else kernel, names, ", or your own with SlidingWindow(x, weight)"
        )
        size = whole_number("kernel_size", kernel_size, 1)
        if own is not None and kernel == "yours":
            size = len(own)
        longest = max(min(len(x) + 1, 9), 0 if own is None else len(own))
        controls = [
            slider("position", min(position, max(len(x) - size, 0)), 0, len(x) - 1, plays=True),
            slider("kernel_size", size, 1, longest),
            buttons("kernel", names, kernel),
        ]
        super().__init__(controls, {"x": x, "own": own}, sliders)

    def _call(self) -> str:
        order = ("position", "kernel", "kernel_size")  # as the arguments stand; the buttons stand last in the page
        return call_text("SlidingWindow", {name: getattr(self, name) for name in order})
