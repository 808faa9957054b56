"""Which misunderstanding gives exactly this output? The catalogue of wrong answers, and how each is recognised.

Every mistake is a small change to a correct `Recipe`. A mistake is named only if the changed recipe, run on the
same input, gives the learner's numbers.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from ..arithmetic import PADDING_MODES, output_length
from ..reference.operands import Operands, pad
from ..reference.versions import multiply

Array: TypeAlias = np.ndarray
#: Most recipes of one search have the same length.
_output_length = functools.lru_cache(256)(output_length)


@dataclass(frozen=True)
class Recipe:
    """One way to compute a convolution, right or wrong.

    Args:
        x: input before padding, (N, C, L).
        weight: (O, C / groups, K).
        bias: (O,) or None.
        stride, dilation, groups: as torch takes them.
        sides: samples of padding on the (left, right).
        mode: padding mode.
        merge: what is done with the contributions of the channels, (N, O, C / groups, L_out).
        drop: how many outputs are missing at the end.
    """

    x: Array
    weight: Array
    bias: Array | None
    stride: int
    dilation: int
    groups: int
    sides: tuple[int, int]
    mode: str
    merge: Callable[[Array, Array], Array] | None = None
    drop: int = 0

    @classmethod
    def of(cls, job: Operands, bias: Array | None) -> "Recipe":
        """Write the correct recipe of a checked convolution."""
        x = job.x[..., job.sides[0] : job.sides[0] + job.length]
        return cls(x, job.weight, bias, job.stride, job.dilation, job.groups, job.sides, job.mode)

    @property
    def out_length(self) -> int:
        """How many positions the kernel has."""
        return _output_length(self.x.shape[2], self.weight.shape[2], self.stride, self.sides, self.dilation)

    @property
    def output_shape(self) -> tuple[int, ...] | None:
        """The shape of the output before it is computed; None if the input is too short for this recipe."""
        n_kernels, n_channels, _ = self.weight.shape
        middle = (n_kernels,)
        if self.merge is not None:  # what it makes of one number of each channel
            merged = self.merge(np.zeros((1, n_kernels, n_channels, 1)), np.zeros((n_kernels, 1)))
            middle = merged.shape[1:-1]
        try:
            return len(self.x), *middle, max(0, self.out_length - self.drop)
        except ValueError:
            return None

    def run(self, items: int | None = None) -> Array:
        """Compute the output.

        Args:
            items: for how many items of the batch; None for all.

        Returns:
            An array of the shape `output_shape`, if `items` is None.

        Raises:
            ValueError: the input is too short for this recipe.
        """
        x, bias = self.x[:items], np.zeros(len(self.weight)) if self.bias is None else self.bias
        if self.merge is None:
            output = multiply(self._job(x, self.weight, bias, self.groups))
        else:
            output = self.merge(self._parts(x), bias[:, np.newaxis])
        return output[..., : output.shape[-1] - self.drop]

    def _parts(self, x: Array) -> Array:
        """Compute what each channel contributes, (N, O, C / groups, L_out): each is then a group of its own."""
        n_kernels, n_channels, n_taps = self.weight.shape
        by_group = self.weight.reshape(self.groups, -1, n_channels, n_taps)
        weight = by_group.swapaxes(1, 2).reshape(-1, 1, n_taps)
        job = self._job(x, weight, np.zeros(len(weight)), self.groups * n_channels)
        parts = multiply(job).reshape(len(x), self.groups, n_channels, -1, self.out_length)
        return parts.swapaxes(2, 3).reshape(len(x), n_kernels, n_channels, self.out_length)

    def _job(self, x: Array, weight: Array, bias: Array, groups: int) -> Operands:
        """Prepare without the checks, which the right recipe has passed already."""
        return Operands(
            x=pad(x, self.sides, self.mode),
            weight=weight,
            bias=bias,
            stride=self.stride,
            dilation=self.dilation,
            groups=groups,
            out_length=self.out_length,
        )


@dataclass(frozen=True)
class Mistake:
    """One misunderstanding.

    Args:
        code: its name.
        text: what was done, as the end of the sentence "this is exactly the result when …".
        advice: what to do instead.
        change: makes wrong recipes out of a right one, one for each way to make the mistake.
        hidden_by: an input that cannot show it.
        stage: 0 if it happens to the arrays before the computation, 1 if in it.
    """

    code: str
    text: str
    advice: str
    change: Callable[[Recipe], Iterable[Recipe]]
    hidden_by: str = ""
    stage: int = 1


def _not_summed(right: Recipe) -> Iterator[Recipe]:
    """Keep the channels apart, side by side or one after the other, or keep only one of them."""
    if right.weight.shape[1] == 1:
        return

    def flat(parts: Array) -> Array:
        return parts.reshape(len(parts), -1, parts.shape[-1])

    merges: list[Callable[[Array, Array], Array]] = [
        lambda parts, bias: parts[:, :, -1] + bias,
        lambda parts, bias: parts[:, :, 0] + bias,
        lambda parts, bias: parts + bias[:, np.newaxis],
        lambda parts, bias: (parts + bias[:, np.newaxis]).swapaxes(1, 2),
        lambda parts, bias: flat(parts + bias[:, np.newaxis]),
        lambda parts, bias: flat((parts + bias[:, np.newaxis]).swapaxes(1, 2)),
    ]
    for merge in merges:
        yield replace(right, merge=merge)


def _averaged(right: Recipe) -> Iterator[Recipe]:
    """Divide by the number of channels, before or after the bias, or by that of all weights of a kernel."""
    n_taps = right.weight.shape[2]
    if right.weight.shape[1] == 1:
        return
    yield replace(right, merge=lambda parts, bias: parts.mean(axis=2) + bias)
    yield replace(right, merge=lambda parts, bias: parts.mean(axis=2) + bias / parts.shape[2])
    yield replace(right, merge=lambda parts, bias: parts.mean(axis=2) / n_taps + bias)


def _one_sided(right: Recipe) -> Iterator[Recipe]:
    """Pad one side only, with its own share or with both, or swap unequal sides."""
    left, far = right.sides
    for sides in dict.fromkeys([(left, 0), (0, far), (left + far, 0), (0, left + far), (far, left)]):
        if sides != right.sides and any(sides):
            yield replace(right, sides=sides)


def _other_modes(right: Recipe) -> Iterator[Recipe]:
    """Fill the padding in another way."""
    if any(right.sides):
        for mode in PADDING_MODES:
            if mode != right.mode:
                yield replace(right, mode=mode)


def _groups_ignored(right: Recipe) -> Iterator[Recipe]:
    """Read the first group's channels everywhere, or let each kernel run over all groups."""
    if right.groups > 1:
        yield replace(right, groups=1, x=right.x[:, : right.weight.shape[1]])
        yield replace(right, groups=1, weight=np.tile(right.weight, (1, right.groups, 1)))


def _weight_axes(right: Recipe) -> Iterator[Recipe]:
    """Read the weight's numbers as if two of its axes were swapped."""
    shape = right.weight.shape
    for order in [(1, 0, 2), (0, 2, 1), (2, 1, 0)]:
        yield replace(right, weight=right.weight.transpose(order).reshape(shape))
        yield replace(right, weight=right.weight.reshape([shape[axis] for axis in order]).transpose(order))


def _reshaped(right: Recipe) -> Iterator[Recipe]:
    """Reshape (N, L, C) into (N, C, L), or the other way round."""
    n, c, length = right.x.shape
    yield replace(right, x=right.x.swapaxes(1, 2).reshape(n, c, length))
    yield replace(right, x=right.x.reshape(n, length, c).swapaxes(1, 2))


#: Every mistake that can be recognised. Where two give the same result, the earlier one is named first.
CATALOGUE = (
    Mistake(
        "flipped_kernel",
        "the kernel is flipped",
        "Conv1d does not flip, np.convolve does: tap k meets sample t·stride + k·dilation.",
        lambda right: [replace(right, weight=right.weight[..., ::-1])],
        hidden_by="a kernel that reads the same backwards",
    ),
    Mistake(
        "bias_missing",
        "the bias is missing",
        "add bias[o] once to every value of output channel o.",
        lambda right: [] if right.bias is None else [replace(right, bias=None)],
        hidden_by="a bias of 0",
    ),
    Mistake(
        "channels_not_summed",
        "the channels are not added up",
        "one output channel is the sum over all input channels that its kernel reads: += and not =.",
        _not_summed,
    ),
    Mistake(
        "channels_averaged",
        "the channels are averaged",
        "add the channels up and divide by nothing: np.sum and not np.mean.",
        _averaged,
    ),
    Mistake(
        "stride_ignored",
        "the stride is ignored",
        "output t begins at sample t·stride of the padded input.",
        lambda right: [replace(right, stride=1)] if right.stride > 1 else [],
    ),
    Mistake(
        "dilation_ignored",
        "the dilation is ignored",
        "tap k lies k·dilation samples after tap 0.",
        lambda right: [replace(right, dilation=1)] if right.dilation > 1 else [],
    ),
    Mistake(
        "padding_ignored",
        "the padding is ignored",
        "add the padding on both sides before the kernel slides.",
        lambda right: [replace(right, sides=(0, 0))] if any(right.sides) else [],
    ),
    Mistake(
        "last_window_missing",
        "the last window is missing",
        "the length formula ends in + 1; arithmetic.length_formula shows it with your numbers.",
        lambda right: [replace(right, drop=1)],
    ),
    Mistake(
        "padding_one_sided",
        "the padding is not on the right sides",
        "`padding` counts samples on each side; 'same' puts an odd extra sample on the right.",
        _one_sided,
    ),
    Mistake(
        "padding_mode_wrong",
        "the padding is filled with other numbers",
        "zeros: 0012300, replicate: 1112333, reflect: 3212321, circular: 2312312.",
        _other_modes,
        hidden_by="an input whose padding looks the same in every mode",
    ),
    Mistake(
        "groups_ignored",
        "groups is ignored",
        "kernel o reads only the channels of its own group, from o // (O / groups) · (C / groups) on.",
        _groups_ignored,
    ),
    Mistake(
        "weight_axes_swapped",
        "axes of the weight are swapped",
        "the weight is indexed [output channel, input channel, tap].",
        _weight_axes,
        stage=0,
    ),
    Mistake(
        "input_reshaped_not_permuted",
        "the input was reshaped where its axes should have been permuted",
        "x.transpose(0, 2, 1) (torch: x.permute(0, 2, 1)) turns (N, L, C) into (N, C, L); reshape mixes channels.",
        _reshaped,
        stage=0,
    ),
)
