"""Which tensors does a value hold? Inside whatever people hand on: tuples, dicts, dataclasses."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import torch
from torch.nn.parameter import UninitializedTensorMixin

Shape = tuple[int, ...]

_HOLD_NOTHING = {int, float, bool, complex, str, bytes, type(None), torch.dtype, torch.device, torch.Size}


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """Find the tensors in a value.

    Args:
        value: a tensor, or a tuple, list, set, mapping or dataclass that holds some, or holds such as hold some.

    Returns:
        The tensors, in order.

    Example:
        >>> [tuple(tensor.shape) for tensor in tensors_in([torch.ones(2), {"mask": (None, torch.ones(3))}])]
        [(2,), (3,)]
    """
    found: list[torch.Tensor] = []
    _gather(value, found)
    return iter(found)


def _gather(value: Any, found: list[torch.Tensor]) -> None:
    # Every call of a torch function comes by here several times: what holds nothing leaves first.
    if type(value) in _HOLD_NOTHING:
        return
    if isinstance(value, torch.Tensor):
        if not isinstance(value, UninitializedTensorMixin):
            found.append(value)
    elif isinstance(value, tuple | list | set | frozenset):
        for item in value:
            _gather(item, found)
    elif isinstance(value, Mapping):
        for item in value.values():
            _gather(item, found)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            _gather(getattr(value, field.name, None), found)


def first_shape(value: Any) -> Shape | None:
    """The shape of a tensor, or of the first tensor that a value holds."""
    tensor = next(tensors_in(value), None)
    return None if tensor is None else tuple(tensor.shape)
