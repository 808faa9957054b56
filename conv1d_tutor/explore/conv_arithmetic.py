"""Length, kernel_size, stride, padding and dilation: every window over the padded input, and the length."""

from typing import Any, ClassVar

from .._refusals import refusing, whole_number
from ..arithmetic import Conv1dSpec
from .base import Explorable, padding_on_both_sides, slider


class ConvArithmetic(Explorable):
    """Vary length, kernel_size, stride, padding and dilation: see every window and count the outputs.

    Args:
        length: samples per channel of the input, L.
        kernel_size: taps of the kernel, K.
        stride: samples the kernel moves from one output to the next.
        padding: samples added on each side.
        dilation: distance in input samples from one tap to the next.
        sliders: ``"page"``, or ``"ipywidgets"`` for ipywidgets' own.

    Raises:
        ValueError: a size is not a whole number in range. A combination that torch refuses is no error: the
            picture then says why.

    Example:
        >>> explorable = ConvArithmetic(length=10, kernel_size=3)
        >>> explorable.stride = 2
        >>> explorable
        ConvArithmetic(length=10, kernel_size=3, stride=2, padding=0, dilation=1)
    """

    #: A longer input would keep the reader waiting.
    LONGEST: ClassVar[int] = 1_000_000
    #: The smallest value of each slider, and the largest, unless it begins with a larger one.
    LEAST: ClassVar = {"length": 1, "kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1}
    MOST: ClassVar = {"length": 24, "kernel_size": 9, "stride": 5, "padding": 5, "dilation": 4}

    @refusing
    def __init__(
        self,
        length: int = 12,
        kernel_size: int = 3,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        *,
        sliders: str = "page",
    ) -> None:
        """Make the sliders, wide enough for these values."""
        given = {
            "length": length,
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
        }
        first = {name: whole_number(name, value, self.LEAST[name], self.LONGEST) for name, value in given.items()}
        controls = [slider(name, first[name], self.LEAST[name], self.MOST[name]) for name in first]
        super().__init__(controls, {}, sliders)

    @classmethod
    @refusing
    def from_layer(cls, layer: Any, length: int) -> "ConvArithmetic":
        """Start from an existing `torch.nn.Conv1d`.

        Args:
            layer: the layer; its padding must be a number.
            length: samples per channel of the input.

        Returns:
            The explorable.

        Raises:
            TypeError: the object is not a Conv1d.
            ValueError: the layer pads its two sides differently, which one slider cannot show.
        """
        spec = Conv1dSpec.from_layer(layer)
        right = spec.padding_sides[1]
        instead = f"ConvArithmetic(length={length!r}, kernel_size={spec.kernel_size}, padding={right})."
        padding = padding_on_both_sides(spec, instead)
        return cls(length, spec.kernel_size, spec.stride, padding, spec.dilation)
