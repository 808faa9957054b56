"""How can a model run without being touched? A copy of all that it holds, with shapes in place of numbers."""

import copy
import functools
import inspect
import io
import logging
import os
import types
import weakref
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import UninitializedTensorMixin

#: Hooks, by id. Those of the user stay behind, so that none of them runs a second time; torch's own come along,
#: since lazy layers, the older weight_norm and exported models work by them.
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
#: What nothing can change.
_ATOMS = frozenset(
    [
        *(int, float, bool, complex, str, bytes, type(None), type(...), type(NotImplemented), range, slice),
        *(object, type, types.ModuleType, types.CodeType, types.UnionType),
        *(torch.Size, torch.dtype, torch.device, torch.layout, torch.memory_format, torch.finfo, torch.iinfo),
    ]
)
#: What a module holds a dozen of, most of them empty.
_CONTAINERS = frozenset([OrderedDict, dict, set])
#: An array of more bytes is not copied for a run: the run may read it, and not write to it.
_LARGE_ARRAY = 1 << 26
#: A model that holds more objects than this shares what comes after them with its copy.
_MOST_OBJECTS = 200_000


class TooMuchError(Exception):
    """The numbers of a model or of its input are too many to be copied."""


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


def is_opaque(model: nn.Module) -> bool:
    """Whether layers of the model cannot be seen from Python: a part of it is traced, scripted or exported."""
    return any(
        isinstance(module, torch.jit.ScriptModule) or type(module).__module__.startswith("torch.export")
        for module in model.modules()
    )


def shape_copy(model: nn.Module) -> nn.Module:
    """Copy a model on the meta device: the same code and structure, shapes and dtypes, but no numbers."""
    return Copier()(model)


def on_meta(value: Any) -> Any:
    """The same value with tensors, also inside what it holds, replaced by shapes."""
    return Copier()(value)


class Copier:
    """Copies values with all that they hold, each of them once, so that what was shared is shared in the copy.

    Like `copy.deepcopy`, with three differences: tensors may become shapes; a method of something that was copied
    becomes the method of the copy; and what cannot be copied, such as a lock or a generator, is shared.

    Attributes:
        memo: the copies that were made, by the id of what they are copies of.
        functions: the functions that were met: they are shared, and what they can reach is found by them.
        classes: the classes of the objects that were met.
    """

    def __init__(
        self,
        values: bool = False,
        budget: int | None = None,
        placed: Callable[[torch.Tensor], torch.Tensor] | None = None,
    ) -> None:
        """Prepare to copy.

        Args:
            values: whether tensors keep their numbers, on the CPU; zeros stand in for those that are only shapes.
            budget: how many bytes of tensors may be copied; None for any.
            placed: what makes another kind of copy of a tensor.
        """
        self.values, self._budget, self._placed = values, budget, placed
        self.memo: dict[int, Any] = {}
        self.functions: set[Callable] = set()
        self.classes: set[type] = set()
        self._alive: list[Any] = []
        self._left = _MOST_OBJECTS

    def __call__(self, value: Any) -> Any:
        """Copy a value.

        Args:
            value: anything.

        Returns:
            Its copy.

        Raises:
            TooMuchError: its tensors are over the budget.
        """
        kind = type(value)
        if kind in _ATOMS:
            return value
        if (known := self.memo.get(id(value), self)) is not self:
            return known
        way = _WAYS.get(kind) or next((way for base, way in _WAYS_BY_BASE if isinstance(value, base)), None)
        if way:
            new = way(self, value)
        else:
            self._left -= 1
            new = self._object(value) if self._left > 0 else value
        self.memo[id(value)] = new
        return new

    # Modules and tensors

    def _module(self, module: nn.Module) -> nn.Module:
        if isinstance(module, torch.jit.ScriptModule):
            return self._script(module)
        new = object.__new__(type(module))
        self.memo[id(module)] = new
        self.classes.add(type(module))
        filled, memo = new.__dict__, self.memo
        filled.update(module.__dict__)
        filled.pop("_compiled_call_impl", None)  # as it is without `module.compile()`
        for name, value in list(filled.items()):
            kind = type(value)
            if kind in _ATOMS:
                continue  # most of what a module holds is this, or empty
            if kind in _CONTAINERS and not value:
                filled[name] = memo.setdefault(id(value), kind())
            elif name in _HOOKS:
                # A handle that removes a hook finds the copy's.
                memo[id(value)] = filled[name] = hooks = OrderedDict()
                hooks.update((key, self(hook)) for key, hook in value.items() if _is_torchs(hook))
            else:
                filled[name] = self(value)
        return new

    def _script(self, module: torch.jit.ScriptModule) -> torch.jit.ScriptModule:
        new = copy.deepcopy(module)
        for part, copied in zip(module.modules(), new.modules(), strict=True):
            for name, tensor in (*part.named_parameters(recurse=False), *part.named_buffers(recurse=False)):
                copied._c.setattr(name, self(tensor).detach())
        return new

    def _tensor(self, tensor: torch.Tensor) -> torch.Tensor:
        if isinstance(tensor, UninitializedTensorMixin):
            device = "cpu" if self.values else "meta"
            return type(tensor)(requires_grad=tensor.requires_grad, device=device, dtype=tensor.dtype)
        if self._budget is not None and tensor.layout == torch.strided:
            self._budget -= tensor.numel() * tensor.element_size()
            if self._budget < 0:
                raise TooMuchError
        if self._placed and tensor.layout == torch.strided and not tensor.is_quantized:
            new = self._placed(tensor)
            return nn.Parameter(new, False) if isinstance(tensor, nn.Parameter) else new
        if self.values:
            new = torch.zeros(tensor.shape, dtype=tensor.dtype) if tensor.is_meta else _numbers_of(tensor)
        elif tensor.layout == torch.strided and not tensor.is_quantized:
            new = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")
        else:
            new = torch.empty_like(tensor, device="meta", requires_grad=False)
        if isinstance(tensor, nn.Parameter):
            return nn.Parameter(new, requires_grad=tensor.requires_grad)
        if type(tensor) is not torch.Tensor:
            new = new.as_subclass(type(tensor))
        return new.requires_grad_() if tensor.requires_grad else new

    # Containers

    def _list(self, value: list) -> list:
        if _ATOMS.issuperset(map(type, value)):
            return value.copy()
        self.memo[id(value)] = new = []
        new.extend([self(item) for item in value])
        return new

    def _dict(self, value: dict) -> dict:
        if _ATOMS.issuperset(map(type, value.values())) and _ATOMS.issuperset(map(type, value)):
            return value.copy()
        self.memo[id(value)] = new = type(value)()
        for key, item in value.items():
            new[self(key)] = self(item)
        return new

    def _set(self, value: set) -> set:
        return type(value)([self(item) for item in value])

    def _tuple(self, value: tuple) -> tuple:
        items = [self(item) for item in value]
        if id(value) in self.memo:  # it holds something that holds it
            return self.memo[id(value)]
        return value if all(a is b for a, b in zip(value, items, strict=True)) else tuple(items)

    def _array(self, value: np.ndarray) -> np.ndarray:
        if value.nbytes <= _LARGE_ARRAY:
            return value.copy()
        view = value.view()
        view.flags.writeable = False
        return view

    # What can be called, or leads to something else

    def _function(self, value: Callable) -> Callable:
        self.functions.add(value)
        return value

    def _method(self, value: types.MethodType) -> types.MethodType:
        return types.MethodType(self(value.__func__), self(value.__self__))

    def _builtin(self, value: types.BuiltinFunctionType) -> types.BuiltinFunctionType:
        owner = value.__self__
        copied = owner if owner is None or isinstance(owner, types.ModuleType) else self(owner)
        return value if copied is owner else getattr(copied, value.__name__)

    def _partial(self, value: functools.partial) -> functools.partial:
        new = type(value)(self(value.func), *self(value.args), **self(value.keywords))
        new.__dict__.update(self(value.__dict__))
        return new

    def _cached(self, value: Any) -> Any:
        """A function that remembers its results: the copy remembers its own."""
        return functools.lru_cache(**value.cache_parameters())(self(value.__wrapped__))

    def _reference(self, value: weakref.ref) -> weakref.ref:
        owner = value()
        return value if owner is None else weakref.ref(self(owner))

    def _generator(self, value: torch.Generator) -> torch.Generator:
        return value.clone_state() if value.device.type == "cpu" else torch.Generator()

    def _file(self, value: io.IOBase) -> Any:
        """What is written into an open file goes nowhere."""
        if isinstance(value, io.BytesIO | io.StringIO):
            return self._object(value)
        if value.closed or not value.writable():
            return value
        mode = "w" if isinstance(value, io.TextIOBase) else "wb"
        return open(os.devnull, mode, encoding="utf-8" if mode == "w" else None)  # noqa: PTH123

    def _signature(self, value: inspect.Signature) -> inspect.Signature:
        """The arguments of a function, which libraries keep by the hundred: only a default value can change."""
        defaults = {type(parameter.default) for parameter in value.parameters.values()}
        return value if _ATOMS.issuperset(defaults) else self._object(value)

    def _shared(self, value: Any) -> Any:
        return value

    def _object(self, value: Any) -> Any:
        """Anything else, as `copy` and `pickle` take it apart."""
        if isinstance(value, type):
            self.classes.add(value)
            return value
        try:
            own = getattr(type(value), "__deepcopy__", None)
            if own is not None:
                return own(value, self.memo)
            taken = value.__reduce_ex__(4)
        except Exception:
            return value
        if isinstance(taken, str):
            return value
        self.classes.add(type(value))
        self._alive.append(taken)  # an id is only known for as long as its object is there
        make, arguments, state, items, pairs = (*taken, None, None, None)[:5]
        try:
            self.memo[id(value)] = new = make(*[self(argument) for argument in arguments])
            self._fill(new, state)
        except TooMuchError:
            raise
        except Exception:
            return value
        for item in items or ():
            self._alive.append(item)
            new.append(self(item))
        for key, item in pairs or ():
            self._alive.append(item)
            new[self(key)] = self(item)
        return new

    def _fill(self, new: Any, state: Any) -> None:
        if state is None:
            return
        state = self(state)
        if hasattr(new, "__setstate__"):
            new.__setstate__(state)
            return
        state, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
        new.__dict__.update(state or {})
        for name, item in (slots or {}).items():
            setattr(new, name, item)


#: How values of exactly this type are copied, and then those of a class that inherits from it.
_WAYS: dict[type, Callable[[Copier, Any], Any]] = {
    torch.Tensor: Copier._tensor,
    nn.Parameter: Copier._tensor,
    list: Copier._list,
    dict: Copier._dict,
    OrderedDict: Copier._dict,
    tuple: Copier._tuple,
    set: Copier._set,
    frozenset: Copier._set,
    types.FunctionType: Copier._function,
    types.MethodType: Copier._method,
    types.BuiltinFunctionType: Copier._builtin,
    types.GeneratorType: Copier._shared,
    inspect.Signature: Copier._signature,
    logging.Logger: Copier._shared,
    type(functools.lru_cache(int)): Copier._cached,
}
_WAYS_BY_BASE: tuple[tuple[type, Callable[[Copier, Any], Any]], ...] = (
    (nn.Module, Copier._module),
    (torch.Tensor, Copier._tensor),
    (np.ndarray, Copier._array),
    (functools.partial, Copier._partial),
    (weakref.ref, Copier._reference),
    (torch.Generator, Copier._generator),
    (io.IOBase, Copier._file),
    (Enum, Copier._shared),
    (torch.fx.Graph, Copier._shared),
)


def _is_torchs(hook: Any) -> bool:
    home = getattr(hook, "__module__", None) or type(hook).__module__
    return home.partition(".")[0] == "torch"


def _numbers_of(tensor: torch.Tensor) -> torch.Tensor:
    """A copy of a tensor on the CPU that lies in memory as it does: sliced and turned ones keep their strides."""
    tensor = tensor.detach()
    if tensor.layout != torch.strided or tensor.is_quantized or not tensor.numel():
        return tensor.to("cpu", copy=True)
    reach = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    base = tensor.as_strided((reach + 1,), (1,)).to("cpu", copy=True)
    return base.as_strided(tensor.shape, tensor.stride())
