"""One output channel: what each input channel contributes at one position, and the sum of the contributions."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .._refusals import Refused, refusing, whole_number
from .._refusals import names as one_name_each
from ..plotting.checks import heights
from .base import Explorable, buttons, slider


class ChannelMixer(Explorable):
    """A Conv1d with several input channels: each channel's contribution to one output, and their sum.

    Args:
        x: the signal, (C, L), with 1 to 4 channels; three short ones of small whole numbers if None.
        weight: the kernels, (O, C, K); ready-made ones if None.
        names: a name for each channel.
        out_channel: which kernel to begin with.
        position: which output to begin with.
        sliders: ``"page"``, or ``"ipywidgets"`` for ipywidgets' own.

    Raises:
        TypeError, ValueError: the signal or the kernels are no finite numbers or do not have these shapes, there
            is not one name for each channel, or no such kernel.

    Example:
        >>> explorable = ChannelMixer(position=2)
        >>> explorable.weights = "add all channels"
        >>> explorable
        ChannelMixer(out_channel=0, position=2, weights='add all channels')
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

    @refusing
    def __init__(
        self,
        x: Any = None,
        weight: Any = None,
        *,
        names: Sequence[str] | None = None,
        out_channel: int = 0,
        position: int = 0,
        sliders: str = "page",
    ) -> None:
        """Check the signal and the kernels, and make the controls."""
        x = heights("x", self.SIGNAL if x is None else x, ("channels", "length"), finite=True).astype(float)
        channels, length = x.shape
        if channels > 4:
            raise Refused(f"{channels} channels.", "the picture has room for 4.", "x[:4] and weight[:, :4].")
        if weight is not None:
            axes = ("out_channels", "in_channels", "kernel_size")
            weights = {"yours": heights("weight", weight, axes, finite=True).astype(float)}
        elif channels == 3:
            weights = {name: np.array(kernels, float) for name, kernels in self.PRESETS.items()}
        else:
            advice = "give the kernels too: ChannelMixer(x, weight)."
            raise Refused(f"{channels} channels.", "the ready-made kernels read 3 channels.", advice)
        first = next(iter(weights))
        out, read, taps = weights[first].shape
        if read != channels or taps > length:
            found = f"weight of shape {(out, read, taps)} for x of shape {x.shape}."
            rule = "a kernel reads every channel of x, and has no more taps than x has time steps."
            raise Refused(found, rule, f"weight of shape ({out}, {channels}, {min(taps, length)}).")
        last = length - taps
        controls = [
            slider("out_channel", whole_number("out_channel", out_channel, 0, out - 1), 0, out - 1),
            slider("position", min(whole_number("position", position, 0), last), 0, last, plays=True),
            buttons("weights", weights, first),
        ]
        data = {"x": x, "weights": weights, "names": one_name_each("names", names, channels)}
        super().__init__(controls, data, sliders)
