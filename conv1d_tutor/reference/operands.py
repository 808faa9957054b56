"""Can Conv1d take these arrays? One check and one padding step for every version in `reference`."""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .._refusals import Refused, whole_number
from ..arithmetic import Conv1dSpec, check_input_axes, check_padding

#: An array with more numbers than these is more likely a slip than meant, and may not fit into memory.
MOST_NUMBERS = 10**9

#: What torch's padding modes are called in `numpy.pad`.
NUMPY_PAD_MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@dataclass(frozen=True)
class Operands:
    """The checked arguments of one convolution, in one form whatever the form they came in.

    Args:
        x: padded input, (N, C, L + padding left and right), with N = 1 where no batch was given.
        weight: (O, C / groups, K).
        bias: (O,), zeros where none was given.
        stride, dilation, groups: plain integers.
        out_length: samples per channel of the output.
        batched: whether x came as (N, C, L).
        length: samples per channel of the input before padding.
        sides: samples of padding on the (left, right).
        mode: torch's name of the padding mode.
    """

    x: np.ndarray
    weight: np.ndarray
    bias: np.ndarray
    stride: int
    dilation: int
    groups: int
    out_length: int
    batched: bool = True
    length: int = 0
    sides: tuple[int, int] = (0, 0)
    mode: str = "zeros"

    @property
    def source(self) -> np.ndarray:
        """For each padded sample, its index in the input before padding, or -1 for an added zero."""
        # Counting from 1 lets the zeros of "zeros" stand for "nowhere".
        return pad(np.arange(1, self.length + 1), self.sides, self.mode) - 1

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape of the output, (N, O, L_out) or (O, L_out)."""
        shape = (len(self.x), len(self.weight), self.out_length)
        return shape if self.batched else shape[1:]

    @property
    def windows(self) -> np.ndarray:
        """All windows as a read-only view without a copy, (N, groups, C / groups, L_out, K)."""
        reach = self.dilation * (self.weight.shape[2] - 1) + 1
        return sliding_window_view(self.split(self.x, 1), reach, axis=3)[..., :: self.stride, :: self.dilation]

    def tap(self, k: int) -> slice:
        """The padded samples that tap `k` of the kernel meets, one for each output."""
        first = k * self.dilation
        return slice(first, first + (self.out_length - 1) * self.stride + 1, self.stride)

    def split(self, array: np.ndarray, axis: int) -> np.ndarray:
        """Split an axis of channels or kernels into (groups, channels of one group)."""
        shape = array.shape
        return array.reshape(*shape[:axis], self.groups, shape[axis] // self.groups, *shape[axis + 1 :])


def prepare(arguments: Mapping[str, Any]) -> Operands:
    """Check the arguments of a convolution and pad its input.

    Args:
        arguments: by name, as the public function has them. A function of the weight alone has `length` in place
            of `x`.

    Returns:
        The operands. Nothing that was passed in is changed.

    Raises:
        Refused: an operand is not a NumPy array of numbers, or the dtypes differ, or torch refuses such shapes or
            options.
    """
    weight, bias = arguments["weight"], arguments.get("bias")
    _check_array("weight", weight, weight)
    groups = whole_number("groups", arguments["groups"], 1)
    if "length" in arguments:
        length = whole_number("length", arguments["length"], 1)
        check_room("an input", (1, weight.shape[1] * groups, length))
        x = np.zeros((1, weight.shape[1] * groups, length), weight.dtype)
    else:
        x = arguments["x"]
        _check_array("x", x, weight)
    if bias is None:
        bias = np.zeros(len(weight), weight.dtype)
    _check_array("bias", bias, weight)
    _check_shapes(x, weight, bias, groups)
    padding, mode, length = arguments["padding"], arguments["padding_mode"], x.shape[-1]
    if not isinstance(padding, str):  # torch's Conv1d has no two different sides
        padding = whole_number("padding", padding, 0)
    spec = Conv1dSpec(
        x.shape[-2],
        len(weight),
        weight.shape[2],
        arguments["stride"],
        padding,
        arguments["dilation"],
        groups,
        padding_mode=mode,
    )
    sides = spec.padding_sides
    check_padding(length, sides, mode)
    if any(sides):
        check_room("a padded input", (*x.shape[:-1], length + sum(sides)))
    return Operands(
        x=pad(x if x.ndim == 3 else x[np.newaxis], sides, mode),
        weight=weight,
        bias=bias,
        stride=spec.stride,
        dilation=spec.dilation,
        groups=groups,
        sides=sides,
        mode=mode,
        length=length,
        out_length=spec.output_length(length),
        batched=x.ndim == 3,
    )


def pad(x: np.ndarray, sides: tuple[int, int], mode: str) -> np.ndarray:
    """Add samples on both sides of the last axis.

    Args:
        x: (..., L).
        sides: samples to add on the (left, right).
        mode: torch's name of the padding mode.

    Returns:
        (..., left + L + right); x itself where both are 0.
    """
    if not any(sides):
        return x
    left, length = sides[0], x.shape[-1]
    padded = np.zeros((*x.shape[:-1], sum(sides) + length), x.dtype)
    padded[..., left : left + length] = x
    if mode != "zeros":
        before, after = _sources(length, sides, mode)
        padded[..., :left], padded[..., left + length :] = x[..., before], x[..., after]
    return padded


@functools.lru_cache(256)
def _sources(length: int, sides: tuple[int, int], mode: str) -> tuple[np.ndarray, np.ndarray]:
    """Say which samples are copied to the two ends; `numpy.pad` takes longer than a small convolution."""
    source = np.pad(np.arange(length), sides, mode=NUMPY_PAD_MODES[mode])
    return source[: sides[0]].copy(), source[sides[0] + length :].copy()


def check_room(what: str, shape: tuple[int, ...]) -> None:
    """Refuse to make an array that the memory may not hold.

    Args:
        what: what is to be made, in words.
        shape: its shape.

    Raises:
        Refused: it has more than `MOST_NUMBERS` numbers.
    """
    if math.prod(shape) > MOST_NUMBERS:
        found = f"{what} of shape {shape}, {math.prod(shape)} numbers."
        raise Refused(found, f"what is made in memory has at most {MOST_NUMBERS} numbers.", "smaller sizes.")


def check_gradient(job: Operands, grad_output: Any) -> None:
    """Refuse a gradient that does not belong to the output.

    Args:
        job: the convolution.
        grad_output: the gradient with respect to its output.

    Raises:
        Refused: it is not a NumPy array of the same dtype, or has another shape than the output.
    """
    _check_array("grad_output", grad_output, job.weight)
    if grad_output.shape != job.output_shape:
        raise Refused(
            f"grad_output has shape {grad_output.shape}.",
            f"it has one number for each number of the output, which has shape {job.output_shape}.",
            f"np.ones({job.output_shape}), the gradient of the output's sum.",
        )


def _check_array(name: str, value: Any, weight: Any) -> None:
    """Refuse anything but a NumPy array of numbers with the weight's dtype."""
    if not isinstance(value, np.ndarray):
        raise Refused(
            f"{name} is a {type(value).__name__}.",
            "the versions in conv1d_tutor.reference take NumPy arrays and return one.",
            f"{name}.detach().numpy() for a torch tensor, np.array({name}) for a list.",
            kind=TypeError,
        )
    if value.dtype.kind not in "iufc":
        raise Refused(
            f"{name} has dtype {value.dtype}.",
            "a convolution multiplies and adds, so it needs whole, real or complex numbers.",
            f"{name}.astype('float32').",
            kind=TypeError,
        )
    if value.dtype != weight.dtype:
        raise Refused(
            f"{name} has dtype {value.dtype}, weight has {weight.dtype}.",
            "input, weight, bias and gradient have one dtype, as torch demands.",
            f"{name}.astype(weight.dtype).",
            kind=TypeError,
        )
    if name == "weight" and value.ndim != 3:
        raise Refused(
            f"a weight of {value.ndim} axes, {value.shape}.",
            "the weight has 3 axes: (out_channels, in_channels / groups, kernel_size).",
            "weight.reshape(1, 1, -1) for a single kernel on one channel.",
        )


def _check_shapes(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, groups: int) -> None:
    """Refuse shapes that do not belong together."""
    check_input_axes(x.ndim, f"an input of {x.ndim} axes, {x.shape}.")
    for name, array, sizes in (("weight", weight, weight.shape[:2]), ("x", x, x.shape[-2:])):
        if 0 in sizes:
            raise Refused(
                f"{name} has shape {array.shape}, with an empty axis.",
                "only the batch axis may be empty.",
                f"look at how {name} was sliced.",
            )
    channels, expected = x.shape[-2], weight.shape[1] * groups
    if channels != expected:
        raise Refused(
            f"an input of {channels} channels, {x.shape}, for a weight of shape {weight.shape}.",
            f"the input's channels are weight.shape[1]·groups, here {weight.shape[1]}·{groups} = {expected}.",
            f"an input of shape {(*x.shape[:-2], expected, x.shape[-1])}; are channels and time swapped?",
        )
    if bias.shape != weight.shape[:1]:
        raise Refused(
            f"a bias of shape {bias.shape}.",
            f"the bias has one number for each of the {len(weight)} output channels.",
            f"a bias of shape {weight.shape[:1]}.",
        )
