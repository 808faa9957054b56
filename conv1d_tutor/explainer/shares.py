"""Which numbers are shares that add up to 1, and is what reads them made for shares?

A softmax marks its result with the axis along which it adds up to 1, and what only moves the numbers hands the
mark on. A loss that wants raw scores, and a weighted sum along another axis, are noted.
"""

import sys
from typing import NamedTuple

import torch

from .axes import Axis, Layout, layout_of, set_layout
from .functions import MOVING, PRODUCTS, argument, meeting
from .origin import line_at

#: The attribute by which a tensor carries what made shares of it.
_SHARES = "_conv1d_tutor_shares"
#: What makes shares of scores, and the losses that want the scores, or their logarithm, in place of these.
_LOSSES = {
    "softmax": {"cross_entropy", "nll_loss", "kl_div", "binary_cross_entropy_with_logits"},
    "sigmoid": {"cross_entropy", "binary_cross_entropy_with_logits", "multilabel_soft_margin_loss"},
}


class Made(NamedTuple):
    """Shares: the function that made them, its line, and the axis along which they add up to 1."""

    name: str
    line: str
    axis: Axis | None


class Misread(NamedTuple):
    """Shares that are read as something else: the reader, its line, their shape, and the axis it sums over."""

    made: Made
    reader: str
    line: str
    shape: tuple[int, ...]
    along: int | None


def misread(name: str, args: tuple, kwargs: dict, result: torch.Tensor, source: torch.Tensor) -> Misread | None:
    """Hand on the mark of shares through a call of a function.

    Args:
        name: of the function.
        args: its arguments.
        kwargs: its arguments by name.
        result: its result, with a layout.
        source: the first of its arguments that has a layout.

    Returns:
        How the function misreads shares that it was given; None if it does not.
    """
    if name in _LOSSES:
        dim = argument(args, kwargs, 1, "dim")
        axis = _marked(result, dim) if name == "softmax" and isinstance(dim, int) else None
        setattr(result, _SHARES, Made(name, line_at(sys._getframe()), axis))
        return None
    made = getattr(source, _SHARES, None)
    if made and name in MOVING:
        setattr(result, _SHARES, made)
    elif made and name in _LOSSES[made.name] and source is argument(args, kwargs, 0, "input"):
        return Misread(made, name, line_at(sys._getframe()), tuple(source.shape), None)
    elif name in PRODUCTS or name == "einsum":
        for tensor, axes in meeting(name, args, kwargs) or ():
            made = getattr(tensor, _SHARES, None)
            along = _summed_elsewhere(layout_of(tensor), made, list(axes)) if made else None
            if along is not None:
                return Misread(made, name, line_at(sys._getframe()), tuple(tensor.shape), along)
    return None


def _marked(result: torch.Tensor, dim: int) -> Axis | None:
    """Give a result an axis of its own along which it adds up to 1."""
    layout, i = layout_of(result), dim % max(1, result.ndim)
    old = layout.only(i) if layout else None
    if old is None:
        return None
    new = Axis(old.size, old.kind, old.place, before=old)
    set_layout(result, Layout((*layout.axes[:i], (new,), *layout.axes[i + 1 :]), layout.turned))
    return new


def _summed_elsewhere(layout: Layout, made: Made, axes: list[int]) -> int | None:
    """The axis of steps along which shares are summed up that add up to 1 along another axis of steps."""
    (held,) = [i for i, axis in enumerate(layout.axes) if made.axis in axis] or [None]
    summed = layout.only(axes[0]) if len(axes) == 1 else None
    if held is None or summed is None or axes[0] == held:
        return None
    # Shares of something else, such as of clusters, may be summed over the steps.
    are_steps = summed.source.kind == made.axis.source.kind == "given"
    return axes[0] if are_steps else None
