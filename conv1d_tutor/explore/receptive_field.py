"""A stack of layers: the cone from one output down to the input samples it can see."""

from typing import ClassVar

from .._refusals import refusing, whole_number
from ..arithmetic import Conv1dSpec
from .base import Explorable, slider


class ReceptiveField(Explorable):
    """Stack layers: see how many input samples one output can see.

    Args:
        depth: number of layers.
        kernel_size: taps of every kernel.
        stride: stride of every layer.
        growth: each layer's dilation is that of the layer before times this.
        sliders: ``"page"``, or ``"ipywidgets"`` for ipywidgets' own.

    Raises:
        ValueError: a size is not a whole number in range. A stack too wide to be drawn is no error: the picture
            then says how wide.

    Example:
        >>> explorable = ReceptiveField(depth=3, kernel_size=3)
        >>> explorable.growth = 2
        >>> explorable
        ReceptiveField(depth=3, kernel_size=3, stride=1, growth=2)
        >>> [layer.dilation for layer in explorable.layers()]
        [1, 2, 4]
    """

    #: A wider cone would keep the reader waiting.
    WIDEST: ClassVar[int] = 1_000_000
    DEEPEST: ClassVar[int] = 64
    #: The largest value of each slider, unless it begins with a larger one.
    MOST: ClassVar = {"depth": 6, "kernel_size": 7, "stride": 3, "growth": 3}

    @refusing
    def __init__(
        self, depth: int = 3, kernel_size: int = 3, stride: int = 1, growth: int = 1, *, sliders: str = "page"
    ) -> None:
        """Make the sliders, wide enough for these values."""
        given = {"depth": depth, "kernel_size": kernel_size, "stride": stride, "growth": growth}
        most = {name: self.DEEPEST if name == "depth" else self.WIDEST for name in given}
        first = {name: whole_number(name, value, 1, most[name]) for name, value in given.items()}
        controls = [slider(name, value, 1, self.MOST[name]) for name, value in first.items()]
        super().__init__(controls, {"widest": self.WIDEST}, sliders)

    def layers(self) -> list[Conv1dSpec]:
        """Return the layers from the input to the output."""
        state = self.state()
        return [
            Conv1dSpec(1, 1, state["kernel_size"], state["stride"], dilation=state["growth"] ** i)
            for i in range(state["depth"])
        ]
