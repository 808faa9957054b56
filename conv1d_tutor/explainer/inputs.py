"""What was given as the input? A tensor, an array, a shape, or several arguments in whatever holds them."""

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

import numpy as np
import torch

from .tensors import tensors_in


class Given(NamedTuple):
    """The arguments of one call.

    Attributes:
        args: those by position, shapes made into tensors of shapes.
        source: the source text by which a repair names the input.
        several: whether x is a tuple of the arguments.
        kwargs: those by name.
    """

    args: tuple[Any, ...]
    source: str
    several: bool
    kwargs: dict[str, Any]


def given(x: Any, dtype: torch.dtype, forward: Callable | None = None) -> Given:
    """Read what the user gave as x as the arguments of a forward.

    Args:
        x: a tensor, an array or a shape; a tuple of several arguments, some of which may be anything; a mapping or
            a dataclass. The entries of a mapping are arguments by name if forward knows their names, also as the
            last of several arguments.
        dtype: the dtype that a shape is taken to have.
        forward: what takes the arguments.

    Returns:
        The arguments.

    Raises:
        TypeError: there is no tensor, array or shape in it.
        ValueError: a size in a shape is negative.

    Example:
        >>> given({"input": (2, 4, 9)}, torch.float32, torch.nn.ReLU().forward).kwargs["input"].shape
        torch.Size([2, 4, 9])
        >>> [type(value).__name__ for value in given(((2, 4, 9), None, 3), torch.float32).args]
        ['Tensor', 'NoneType', 'int']
    """
    if not _holds_arguments(x):
        tensor, source = _tensor(x, dtype)
        return Given((tensor,), source, False, {})
    held = _Reader(x, dtype).read(x)
    if next(tensors_in(held), None) is None:
        raise TypeError("no tensor, array or shape in it")
    if isinstance(x, Mapping) and _are_names(held, forward, 0):
        return Given((), "x", False, dict(held))
    if not (type(x) is tuple or isinstance(x, list)):
        return Given((held,), "x", False, {})
    *first, last = held
    if first and isinstance(last, Mapping) and _are_names(last, forward, len(first)):
        return Given(tuple(first), "x", True, dict(last))
    return Given(tuple(held), "x", True, {})


def as_arguments(x: Any, dtype: torch.dtype) -> tuple[tuple[Any, ...], str, bool]:
    """Read x as `given` does, where there are no arguments by name: the arguments, source, and whether several."""
    return given(x, dtype)[:3]


def is_shape(x: Any) -> bool:
    """Whether x is a shape: whole numbers in a tuple, list or torch.Size.

    Example:
        >>> is_shape((2, 4, 9)), is_shape([2.0, 9]), is_shape(())
        (True, False, False)
    """
    if not isinstance(x, tuple | list) or not len(x):
        return False
    return all(isinstance(size, int | np.integer) and not isinstance(size, bool) for size in x)


def _holds_arguments(x: Any) -> bool:
    """Whether x holds arguments, and is not one: a list of numbers in lists is an array."""
    if isinstance(x, Mapping) or _is_record(x):
        return True
    if isinstance(x, list):
        return any(isinstance(item, torch.Tensor | np.ndarray) for item in x)
    return isinstance(x, tuple) and not all(isinstance(item, int | float | np.integer) for item in x)


def _is_record(x: Any) -> bool:
    return is_dataclass(x) and not isinstance(x, type)


def _tensor(x: Any, dtype: torch.dtype) -> tuple[torch.Tensor, str]:
    """One argument as a tensor, and how a repair names it."""
    if is_shape(x):
        if any(int(size) < 0 for size in x):
            raise ValueError(f"a size below 0 in {tuple(x)}")
        return torch.empty(tuple(int(size) for size in x), dtype=dtype, device="meta"), "x"
    if isinstance(x, torch.Tensor):
        return x, "x"
    source = "torch.tensor(x.to_numpy())" if hasattr(x, "to_numpy") else "torch.as_tensor(x)"
    try:
        # A copy, because torch warns of arrays that cannot be written to.
        return torch.as_tensor(x) if isinstance(x, list) else torch.from_numpy(np.array(x)), source
    except (TypeError, ValueError) as error:
        raise TypeError(str(error)) from None


class _Reader:
    """Reads what holds arguments, with shapes made into tensors of shapes; all else stays as it is."""

    def __init__(self, x: Any, dtype: torch.dtype) -> None:
        self._dtype = dtype
        found = list(_leaves(x))
        #: Beside a tensor, whole numbers in a list, or deeper inside, are numbers; else they are shapes.
        self._real = any(isinstance(leaf, torch.Tensor | np.ndarray) for leaf in found)
        self._lists = not self._real and not any(isinstance(leaf, tuple) for leaf in found)

    def read(self, x: Any, depth: int = 0) -> Any:
        if is_shape(x):
            shape = (depth < 2 or not self._real) if isinstance(x, tuple) else self._lists
            return _tensor(x, self._dtype)[0] if shape else x
        if isinstance(x, tuple | list):
            if depth == 1 and not self._real and not any(map(_leads_on, _leaves(x))):
                return _array_or_same(x)
            items = [self.read(item, depth + 1) for item in x]
            if all(new is item for new, item in zip(items, x, strict=True)):
                return x
            return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
        if isinstance(x, Mapping):
            items = {key: self.read(item, depth + 2) for key, item in x.items()}
            return x if all(items[key] is x[key] for key in items) else items
        if _is_record(x):
            new = copy.copy(x)
            for field in fields(x):
                object.__setattr__(new, field.name, self.read(getattr(x, field.name), depth + 2))
            return new
        return torch.from_numpy(np.array(x)) if isinstance(x, np.ndarray) and depth == 1 else x


def _leads_on(leaf: Any) -> bool:
    return isinstance(leaf, tuple | torch.Tensor | str) or leaf is None


def _array_or_same(x: Any) -> Any:
    try:
        return torch.from_numpy(np.array(x))
    except (TypeError, ValueError):
        return x


def _leaves(x: Any) -> Iterator[Any]:
    """What a value holds that is no holder itself; a shape is one piece."""
    if isinstance(x, Mapping):
        for item in x.values():
            yield from _leaves(item)
    elif _is_record(x):
        for field in fields(x):
            yield from _leaves(getattr(x, field.name))
    elif isinstance(x, tuple | list) and not (is_shape(x) and isinstance(x, tuple)):
        for item in x:
            yield from _leaves(item)
    else:
        yield x


def _are_names(held: Mapping, forward: Callable | None, taken: int) -> bool:
    """Whether the keys are names of arguments that forward takes, after so many by position."""
    try:
        parameters = list(inspect.signature(forward).parameters.values())
    except (TypeError, ValueError):
        return False
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    names = {p.name for p in parameters[taken:] if p.kind in by_name}
    any_name = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)
    return bool(held) and (held.keys() <= names or (any_name and not names.isdisjoint(held)))
