"""What does a torch function do with values? Which of them it lets meet, and how much work that is.

A name stands for a function, a method and an operator alike. What is not listed is not known.
"""

import math
from collections.abc import Iterable
from typing import Any

import torch

from .tensors import tensors_in

#: Functions that lay the same values out in other sizes, in the same order.
REGROUPING = {"view", "reshape", "flatten", "unflatten", "view_as", "reshape_as", "ravel", "squeeze", "unsqueeze"}
REDUCING = {"mean", "sum", "amax", "amin", "max", "min", "std", "var", "norm", "logsumexp", "prod", "median"}
PRODUCTS = {"matmul", "bmm", "mm", "__matmul__"}
#: Functions that put tensors together value by value, or side by side.
JOINING = {
    *("add", "sub", "mul", "div", "where", "lerp", "cat", "concat", "concatenate"),
    *(f"__{side}{how}__" for side in ("", "r", "i") for how in ("add", "sub", "mul", "truediv")),
}
DROPOUTS = {"dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"}
RECURRENT = {"lstm", "gru", "rnn_tanh", "rnn_relu"}
#: Losses that compare value by value, and broadcast.
COMPARING = {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"}
#: How many directions the name of a convolution, or of a pool, ends in.
DIRECTIONS = ("1d", "2d", "3d")
#: Functions that keep all values as they are, or nearly so, and at most move them.
# fmt: off
MOVING = {
    *REGROUPING,
    "permute", "transpose", "swapaxes", "swapdims", "movedim", "moveaxis", "t", "contiguous", "clone", "to",
    "float", "double", "half", "type", "type_as", "detach", "dropout", "__get__",
}
#: Functions that treat every value by itself, or only move values.
_KEEP_APART = {
    *MOVING,
    "long", "bool", "chunk", "split", "narrow",
    "expand", "expand_as", "repeat", "repeat_interleave", "unbind", "select", "unfold", "pad", "interpolate",
    "view_as_real", "view_as_complex", "zeros_like", "ones_like", "rand_like", "randn_like", "new_zeros",
    "new_ones", "size", "embedding", "batch_norm", *DROPOUTS,
    "add", "sub", "mul", "div", "neg", "rsub", "pow", "sqrt", "rsqrt", "square",
    "reciprocal", "exp", "log", "log1p", "abs", "sign", "sin", "cos", "tanh", "where", "clamp", "masked_fill",
    "eq", "ne", "lt", "gt", "le", "ge", "logical_not", "logical_and", "logical_or", "relu", "relu6",
    "leaky_relu", "prelu", "elu", "selu", "celu", "gelu", "silu", "mish", "hardtanh", "sigmoid", "softplus",
    "hardswish", "hardsigmoid", "logsigmoid", "__getitem__", "__add__", "__radd__", "__sub__",
    "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__", "__neg__", "__pow__", "__eq__", "__ne__",
    "__lt__", "__gt__", "__le__", "__ge__", "__invert__", "__and__", "__or__",
}
# fmt: on
#: Functions along one axis: the axis that is meant where none is named.
_ALONG = {"glu": -1, "cat": 0, "concat": 0, "stack": 0, "normalize": 1, "stft": -1, "istft": -1}
_ALONG_NAMED = {"softmax", "log_softmax", "cumsum", "cumprod", "diff", "flip", "sort", "topk", "argmax", "argmin"}
_Met = list[tuple[torch.Tensor, Iterable[int]]]


def meeting(name: str, args: tuple, kwargs: dict) -> _Met | None:
    """Along which axes a function lets values meet.

    Args:
        name: of the function.
        args: its arguments.
        kwargs: its arguments by name.

    Returns:
        Tensors with their axes; None for a function that is not known.

    Example:
        >>> x = torch.zeros(2, 3, 4)
        >>> meeting("relu", (x,), {}), [list(axes) for _, axes in meeting("softmax", (x, -1), {})]
        ([], [[2]])
    """
    if name in _KEEP_APART:
        return []
    if name == "einsum":
        return _summed_over(args)
    x = next(tensors_in((args, kwargs)))
    n, dim = x.ndim, numbers(argument(args, kwargs, 1, "dim"))
    if name in PRODUCTS:
        return [(args[0], [args[0].ndim - 1]), (args[1], [max(0, args[1].ndim - 2)])]
    if name in _ALONG or ((name in _ALONG_NAMED or name in REDUCING) and dim):
        tensors = list(tensors_in(args[0])) if name in ("cat", "concat", "stack") else [x]
        return [(t, [d % max(1, t.ndim) for d in dim or [_ALONG.get(name, 0)]]) for t in tensors]
    axes: Iterable[int] | None = None
    if name == "linear":
        axes = [n - 1]
    elif name.startswith("conv"):
        axes = range(n - argument(args, kwargs, 1, "weight").ndim + 1, n)
    elif "_pool" in name and name[-2:] in DIRECTIONS:
        axes = range(n - int(name[-2]), n)
    elif name == "layer_norm":
        axes = range(n - len(argument(args, kwargs, 1, "normalized_shape")), n)
    elif name in ("group_norm", "instance_norm"):
        axes = range(1, n)
    elif name in RECURRENT and n == 3:
        axes = [1 if args[-1] is True else 0, 2]
    elif name == "multi_head_attention_forward" and n == 3:
        axes = [0, 2]
    elif name == "scaled_dot_product_attention":
        axes = [n - 2, n - 1]
    return None if axes is None else [(x, axes)]


def _summed_over(args: tuple) -> _Met | None:
    """The axes of einsum whose letters are not in its result."""
    operands = args[1] if isinstance(args[1], tuple | list) else args[1:]
    if not isinstance(args[0], str) or "->" not in args[0] or "..." in args[0]:
        return None
    left, right = args[0].replace(" ", "").split("->")
    pairs = zip(left.split(","), operands, strict=True)
    return [(t, [i for i, letter in enumerate(letters) if letter not in right]) for letters, t in pairs]


def work(name: str, args: tuple, kwargs: dict, out: torch.Tensor) -> int:
    """How many products a call adds up, roughly; what only touches its values counts them.

    Example:
        >>> work("linear", (torch.zeros(5, 3), torch.zeros(4, 3)), {}, torch.zeros(5, 4))
        60
    """
    if name.startswith("conv") or name == "linear":
        weight = argument(args, kwargs, 1, "weight")
        per_value = weight.numel() // max(1, weight.shape[1 if "transpose" in name else 0])
        return out.numel() * per_value
    if name in PRODUCTS:
        return out.numel() * args[0].shape[-1]
    if name in RECURRENT:
        steps = math.prod(args[0].shape[:-1])
        return steps * sum(t.numel() for t in tensors_in(args[2])) + 300_000 * max(args[0].shape[:-1])
    if name == "multi_head_attention_forward":
        steps, cases, features = args[0].shape if args[0].ndim == 3 else (args[0].shape[0], 1, args[0].shape[1])
        return steps * cases * features * (4 * features + 2 * steps)
    return out.numel()


def numbers(value: Any) -> list[int]:
    """The whole numbers in a value that is one, or several.

    Example:
        >>> numbers(-1), numbers((0, 2)), numbers(None)
        ([-1], [0, 2], [])
    """
    several = value if isinstance(value, tuple | list) else (value,)
    return [n for n in several if isinstance(n, int) and not isinstance(n, bool)]


def argument(args: tuple, kwargs: dict, i: int, name: str) -> Any:
    """An argument that may be given by position or by name; None if it is not."""
    return kwargs[name] if name in kwargs else args[i] if len(args) > i else None
