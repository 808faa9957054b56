"""How can a model run without being touched? A copy of its structure whose tensors have shapes only."""

import copy
from collections import OrderedDict
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import UninitializedTensorMixin

#: Where a module keeps the user's hooks.
HOOKS = (
    "_forward_hooks",
    "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs",
    "_backward_hooks",
    "_backward_pre_hooks",
)


def unwrapped(model: Any) -> Any:
    """Take the user's own module out of `torch.compile` and `DataParallel`."""
    while isinstance(model, nn.Module):
        inner = getattr(model, "_orig_mod", None)
        if inner is None and isinstance(model, nn.DataParallel):
            inner = model.module
        if inner is None:
            return model
        model = inner
    return model


def is_lazy(model: nn.Module) -> bool:
    """Whether a layer still waits for its first input to learn its own sizes."""
    tensors = [*model.parameters(), *model.buffers()]
    return any(isinstance(tensor, UninitializedTensorMixin) for tensor in tensors)


def copies(model: nn.Module, args: tuple[Any, ...], values: bool) -> tuple[nn.Module, tuple[Any, ...]]:
    """Copy a model and its arguments for one run.

    Args:
        model: the user's model.
        args: its arguments; a tensor on the meta device stands for a shape.
        values: whether the copies carry numbers, for a forward that needs them; zeros stand in for a shape.

    Returns:
        The copy of the model, and those of its arguments.
    """
    if not values:
        return shape_copy(model), on_meta(args)
    return copy.deepcopy(model), tuple(
        torch.zeros(a.shape, dtype=a.dtype) if isinstance(a, torch.Tensor) and a.is_meta else copy.deepcopy(a)
        for a in args
    )


def shape_copy(model: nn.Module) -> nn.Module:
    """Copy a model on the meta device: the same code and structure, shapes and dtypes, but no numbers.

    Only containers and modules are copied; everything else in them is shared. Hooks of the user stay behind, so
    that none of them runs a second time.
    """
    if is_lazy(model):
        return _lazy_copy(model)
    return _copied(model, {})


def _lazy_copy(model: nn.Module) -> nn.Module:
    """As `shape_copy`; lazy layers find their sizes by a hook of their own, which only deepcopy carries over."""
    memo: dict[int, Any] = {}
    for tensor in (*model.parameters(), *model.buffers()):
        lazy = isinstance(tensor, UninitializedTensorMixin)
        memo[id(tensor)] = type(tensor)(requires_grad=False, device="meta") if lazy else on_meta(tensor)
    return copy.deepcopy(model, memo)


def on_meta(value: Any) -> Any:
    """The same value with tensors, also inside tuples, lists and dicts, replaced by shapes."""
    return _copied(value, {})


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    if id(value) in memo:
        return memo[id(value)]
    if isinstance(value, nn.Module):
        return _copied_module(value, memo)
    if isinstance(value, torch.Tensor):
        new = value if value.is_meta else torch.empty_like(value, device="meta", requires_grad=False)
        if isinstance(value, nn.Parameter):
            new = nn.Parameter(new.detach(), requires_grad=False)
        memo[id(value)] = new
        return new
    if type(value) is list or type(value) is set:
        return type(value)(_copied(item, memo) for item in value)
    if type(value) is tuple:
        return tuple(_copied(item, memo) for item in value)
    if type(value) is dict or type(value) is OrderedDict:
        return type(value)((key, _copied(item, memo)) for key, item in value.items())
    return value


def _copied_module(module: nn.Module, memo: dict[int, Any]) -> nn.Module:
    new = module.__class__.__new__(module.__class__)
    memo[id(module)] = new
    attributes = {name: _copied(value, memo) for name, value in module.__dict__.items()}
    attributes.update({name: OrderedDict() for name in HOOKS if name in module.__dict__})
    new.__dict__.update(attributes)
    return new
