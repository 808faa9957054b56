"""Every argument of a Conv1d and the shape of its input: the three tensors as blocks."""

from collections.abc import Sequence
from typing import Any, ClassVar

from .._refusals import choice, refusing, whole_number
from ..arithmetic import PADDING_MODES, Conv1dSpec
from .base import Control, Explorable, buttons, checked_shape, padding_on_both_sides, slider, switch, typed


class ShapeMap(Explorable):
    """Type the shape of an input and vary every argument of a Conv1d: see the shapes of weight and output.

    Args:
        shape: of the input, (N, C, L) or (C, L).
        in_channels: channels that the layer reads; those of the shape if None.
        out_channels: channels of the output, which is the number of kernels, O.
        kernel_size: taps of each kernel, K.
        stride: samples the kernel moves from one output to the next.
        padding: samples added on each side.
        dilation: distance in input samples from one tap to the next.
        groups: parts into which the channels are split.
        bias: whether each kernel also adds one number.
        padding_mode: what is padded with: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.
        sliders: ``"page"``, or ``"ipywidgets"`` for ipywidgets' own.

    Raises:
        TypeError, ValueError: a size is not a whole number in range, or there is no such padding mode. A
            combination that torch refuses is no error: the picture then says why.

    Example:
        >>> explorable = ShapeMap((239, 5, 49), out_channels=8)
        >>> explorable.kernel_size, explorable.in_channels
        (3, 5)
    """

    #: A larger size is a slip of the hand.
    LARGEST: ClassVar[int] = 1_000_000
    #: The largest value of each slider, unless it begins with a larger one.
    MOST: ClassVar = {"kernel_size": 11, "stride": 5, "padding": 8, "dilation": 4}

    @refusing
    def __init__(
        self,
        shape: Sequence[int] = (32, 5, 49),
        in_channels: int | None = None,
        out_channels: int = 8,
        kernel_size: int = 3,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        sliders: str = "page",
    ) -> None:
        """Check every argument and make its control."""
        sizes = checked_shape("shape", shape)
        in_channels = max(sizes[-2], 1) if in_channels is None else in_channels
        sliding = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
        first = {
            name: whole_number(name, value, int(name != "padding"), self.LARGEST)
            for name, value in {
                "in_channels": in_channels,
                "out_channels": out_channels,
                "groups": groups,
                **sliding,
            }.items()
        }
        counts = [typed(name, first[name], 1, self.LARGEST) for name in ("in_channels", "out_channels", "groups")]
        controls = [
            Control("shape", "shape", sizes, label="shape of x"),
            *counts[:2],
            *(slider(name, first[name], int(name != "padding"), self.MOST[name]) for name in sliding),
            counts[2],
            switch("bias", choice("bias", bias, (True, False))),
            buttons("padding_mode", PADDING_MODES, choice("padding_mode", padding_mode, PADDING_MODES)),
        ]
        super().__init__(controls, {}, sliders)

    @classmethod
    @refusing
    def from_layer(cls, layer: Any, shape: Sequence[int]) -> "ShapeMap":
        """Start from an existing `torch.nn.Conv1d`.

        Args:
            layer: the layer.
            shape: of its input, such as ``x.shape``.

        Returns:
            The explorable.

        Raises:
            TypeError: the object is not a Conv1d.
            ValueError: the layer pads its two sides differently, which one slider cannot show.
        """
        spec = Conv1dSpec.from_layer(layer)
        instead = f"an odd kernel_size, or an even dilation, instead of kernel_size={spec.kernel_size}."
        padding = padding_on_both_sides(spec, instead)
        return cls(
            shape,
            spec.in_channels,
            spec.out_channels,
            spec.kernel_size,
            spec.stride,
            padding,
            spec.dilation,
            spec.groups,
            spec.bias,
            spec.padding_mode,
        )
