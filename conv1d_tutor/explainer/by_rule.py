"""What does torch give for these shapes? By rule, where the meta device takes long to say it.

A rule answers where it is sure, of what torch takes and of how the output lies in memory. All else, and all that
torch refuses, is left to torch.
"""

import functools
import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from ..arithmetic import output_length
from .functions import argument

#: Functions of each value by itself, and of two values.
_OF_ONE = frozenset(
    (
        *("relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "sigmoid", "tanh"),
        *("sin", "cos", "exp", "sqrt", "rsqrt", "reciprocal", "square", "abs", "neg"),
    )
)
_OF_TWO = frozenset(("add", "sub", "mul", "div", "pow"))


def given_by_rule(name: str, func: Any, args: tuple, kwargs: dict, tensors: list[torch.Tensor]) -> Any:
    """What a function of torch gives on shapes.

    Args:
        name: its name.
        func: the function.
        args: its arguments by position.
        kwargs: its arguments by name.
        tensors: the tensors among them.

    Returns:
        Tensors of these shapes; None where it is left to torch.

    Example:
        >>> x = torch.empty(2, 4, 9, device="meta")
        >>> tuple(given_by_rule("add", torch.add, (x, 1), {}, [x]).shape)
        (2, 4, 9)
        >>> given_by_rule("add", torch.add, (x, x[..., :5]), {}, [x, x[..., :5]]) is None
        True
    """
    kind = tensors[0].dtype if tensors else None
    if kind is None or not kind.is_floating_point or not _are_plain(tensors, kind):
        return None
    if name in _OF_ONE:
        return torch.empty_like(tensors[0]) if len(tensors) == 1 and not _in_place(args, kwargs) else None
    if name in _OF_TWO:
        return _of_two(args, kwargs)
    if name in ("lstm", "gru", "rnn_tanh", "rnn_relu"):
        return _recurrent(*args)
    rule = _RULES.get(func)
    return rule(args, kwargs) if rule else None


def _are_plain(tensors: Iterable[torch.Tensor], kind: torch.dtype) -> bool:
    return all(t.is_meta and t.dtype == kind and type(t) in (torch.Tensor, nn.Parameter) for t in tensors)


def _in_place(args: tuple, kwargs: dict) -> bool:
    return bool(kwargs.get("inplace")) or kwargs.get("out") is not None or any(value is True for value in args)


def _of_two(args: tuple, kwargs: dict) -> Any:
    """What comes of two tensors, or of a tensor and a number, of which the one has the shape of the output."""
    if kwargs or len(args) != 2 or not all(type(a) in (float, int) or isinstance(a, torch.Tensor) for a in args):
        return None
    given = sorted((a for a in args if isinstance(a, torch.Tensor)), key=lambda tensor: tensor.dim())
    large, small = given[-1], given[0]
    if large.numel() < small.numel():  # of as many axes
        large, small = small, large
    fits = all(n in (1, size) for n, size in zip(small.shape[::-1], large.shape[::-1], strict=False))
    return large.new_empty(large.shape) if fits and all(tensor.is_contiguous() for tensor in given) else None


def _recurrent(x: torch.Tensor, hx: Any, weights: Any, *rest: Any) -> Any:
    """What an LSTM, a GRU or an RNN gives, without unrolling its steps.

    Source:
        Documentation of torch.nn.LSTM, sections "Inputs" and "Outputs".
    """
    states = hx if isinstance(hx, tuple | list) else (hx,)
    packed = isinstance(weights, torch.Tensor) or (len(states) == 1) is not (isinstance(hx, torch.Tensor))
    if packed or len(rest) != 6 or len(weights) < 2 or x.dim() != 3:
        return None
    both_ways, batch_first = rest[-2:]
    steps, cases = (x.shape[1], x.shape[0]) if batch_first else x.shape[:2]
    if weights[0].shape[1] != x.shape[-1] or any(state.shape[1] != cases for state in states) or not steps:
        return None
    output = x.new_empty((steps, cases, states[0].shape[-1] * (2 if both_ways else 1)))
    # torch computes step by step, and turns the axes at the end.
    return output.transpose(0, 1) if batch_first else output, *(torch.empty_like(state) for state in states)


def _batch_norm(args: tuple, kwargs: dict) -> Any:
    """What a BatchNorm gives.

    A CPU lays the output of BatchNorm1d out anew, whatever the strides of its input are; the meta device keeps
    them.
    """
    names = ("input", "running_mean", "running_var", "weight", "bias", "training")
    x, *held, training = (argument(args, kwargs, i, name) for i, name in enumerate(names))
    if not (x.dim() in (2, 3) or (x.dim() > 3 and x.is_contiguous())):
        return None
    if any(tensor is not None and tensor.shape != x.shape[1:2] for tensor in held):
        return None
    if training:
        F._verify_batch_size(x.size())
    return x.new_empty(x.shape) if training or held[0] is not None else None


def _layer_norm(args: tuple, kwargs: dict) -> Any:
    names = ("input", "normalized_shape", "weight", "bias")
    x, last, *held = (argument(args, kwargs, i, name) for i, name in enumerate(names))
    last = tuple(last)
    fits = 0 < len(last) <= x.dim() and tuple(x.shape[x.dim() - len(last) :]) == last
    fits = fits and all(tensor is None or tuple(tensor.shape) == last for tensor in held)
    return x.new_empty(x.shape) if fits else None


def _group_norm(args: tuple, kwargs: dict) -> Any:
    names = ("input", "num_groups", "weight", "bias")
    x, groups, *held = (argument(args, kwargs, i, name) for i, name in enumerate(names))
    if x.dim() != 3 or groups < 1 or x.shape[1] % groups or not x.numel():
        return None
    if any(tensor is not None and tensor.shape != x.shape[1:2] for tensor in held):
        return None
    one_value = math.prod(x.shape) == x.shape[0] * groups
    return None if one_value else x.new_empty(x.shape)


def _linear(args: tuple, kwargs: dict) -> Any:
    x, weight, bias = (argument(args, kwargs, i, name) for i, name in enumerate(("input", "weight", "bias")))
    fits = x.dim() > 0 and weight.dim() == 2 and x.shape[-1] == weight.shape[1]
    fits = fits and (bias is None or bias.shape == weight.shape[:1])
    return x.new_empty((*x.shape[:-1], weight.shape[0])) if fits else None


def _weight_norm(args: tuple, kwargs: dict) -> Any:
    """The weight of the older and the newer weight_norm: lengths g of the slices along one axis, directions v."""
    if len(args) != 3 or kwargs or not isinstance(args[2], int):
        return None
    v, g, axis = args
    lengths = [size if i == axis else 1 for i, size in enumerate(v.shape)]
    return v.new_empty(v.shape) if v.is_contiguous() and list(g.shape) == lengths else None


def _conv1d(args: tuple, kwargs: dict) -> Any:
    names = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
    x, weight, bias, *sizes, groups = (argument(args, kwargs, i, name) for i, name in enumerate(names))
    stride, padding, dilation = (default if n is None else n for n, default in zip(sizes, (1, 0, 1), strict=True))
    groups = 1 if groups is None else groups
    if x.dim() != 3 or weight.dim() != 3 or not (x.is_contiguous() and weight.is_contiguous()):
        return None
    if not x.numel() or x.shape[1] != weight.shape[1] * groups or not goes_with(weight, bias, groups):
        return None
    length = length_given(x.shape[2], weight.shape[2], stride, padding, dilation)
    return None if length is None else x.new_empty((x.shape[0], weight.shape[0], length))


def goes_with(weight: torch.Tensor, bias: Any, groups: int, transposed: bool = False) -> bool:
    """Whether a weight can be shared out among groups, and has as many biases as it gives channels."""
    if weight.ndim < 2 or groups < 1 or weight.shape[0] % groups:
        return False
    outputs = weight.shape[1] * groups if transposed else weight.shape[0]
    return bias is None or tuple(bias.shape) == (outputs,)


def length_given(length: int, taps: int, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> int | None:
    """The length that conv1d gives, as torch documents it; None where it may refuse the sizes.

    Example:
        >>> length_given(49, 3, stride=(2,)), length_given(49, 3, padding=(2, 0))
        (24, None)
    """
    sizes = [n[0] if isinstance(n, tuple | list) and len(n) == 1 else n for n in (stride, padding, dilation)]
    return None if any(isinstance(n, tuple | list) for n in sizes) else _length(length, taps, *sizes)


@functools.lru_cache(maxsize=1024)
def _length(length: int, taps: int, stride: Any, padding: Any, dilation: Any) -> int | None:
    """The same of single sizes. A model, and each repair of it, asks the same again and again."""
    try:
        return output_length(length, taps, stride, padding, dilation)
    except ValueError:
        return None


def _cat(args: tuple, kwargs: dict) -> Any:
    parts, axis = argument(args, kwargs, 0, "tensors"), argument(args, kwargs, 1, "dim")
    first, axis = parts[0], 0 if axis is None else axis
    if kwargs.get("out") is not None or type(axis) is not int:
        return None
    if not 0 < first.dim() < 4 or not -first.dim() <= axis < first.dim():
        return None
    shapes = [list(part.shape) for part in parts]
    joined = sum(shape.pop(axis) for shape in shapes if len(shape) == first.dim())
    if any(shape != shapes[0] for shape in shapes) or not all(part.is_contiguous() for part in parts):
        return None
    axis %= first.dim()
    return first.new_empty((*shapes[0][:axis], joined, *shapes[0][axis:]))


def _pad(args: tuple, kwargs: dict) -> Any:
    names = ("input", "pad", "mode")
    x, pad, mode = (argument(args, kwargs, i, name) for i, name in enumerate(names))
    if mode not in (None, "constant") or x.dim() > 3 or not x.is_contiguous():
        return None
    if not isinstance(pad, tuple | list) or any(type(n) is not int or n < 0 for n in pad):
        return None
    if len(pad) % 2 or len(pad) > 2 * x.dim():
        return None
    shape = list(x.shape)
    for i, (before, after) in enumerate(zip(pad[::2], pad[1::2], strict=True), start=1):
        shape[-i] += before + after
    return x.new_empty(shape)


_RULES: dict[Any, Callable[[tuple, dict], Any]] = {
    F.batch_norm: _batch_norm,
    F.layer_norm: _layer_norm,
    F.group_norm: _group_norm,
    F.linear: _linear,
    F.pad: _pad,
    torch.conv1d: _conv1d,
    torch.cat: _cat,
    torch._weight_norm: _weight_norm,
}
