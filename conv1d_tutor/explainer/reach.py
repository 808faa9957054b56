"""What of a run reaches its output? Each call of a layer marks its results, and marks are handed on.

A layer's call is lost, if no result of the code that called it comes of it, nor the output, nor anything that is
kept. Whether a mark is there does not hang on numbers: a gate that happens to be zero hands it on as well.
"""

import gc
import sys
import weakref
from typing import Any, NamedTuple

import torch

from .origin import line_at
from .tensors import tensors_in

#: The attribute by which a tensor carries its marks, one bit for each call; only tensors of a run carry one.
_MARKS = "_conv1d_tutor_marks"
#: Functions by which numbers leave their tensors, so that what becomes of them is out of sight.
_LEAVES = {"item", "tolist", "numpy", "__array__", "__bool__", "__int__", "__float__", "__index__", "__complex__"}
_LEAVES |= {"is_nonzero", "equal", "allclose", "__format__", "__repr__", "__contains__", "__reduce_ex__"}


class Lost(NamedTuple):
    """A layer's call of which nothing came: the call, and the line of the user's code that made it, or ""."""

    visit: Any
    line: str


class Reach:
    """Hands on the marks of the layers through one run."""

    def __init__(self) -> None:
        """Begin with no layer called."""
        self._calls: list[Lost] = []
        self._within: dict[int, list[int]] = {}
        self._dropped: list[int] = []
        self._used = 0
        self._marked: list[weakref.ref] = []

    def saw(self, name: str, args: tuple, kwargs: dict, out: Any) -> None:
        """Mark what comes of a call of a torch function."""
        leaves = name in _LEAVES
        changed = args[0] if args and (name == "__setitem__" or out is args[0]) else None
        if not leaves and changed is None and not isinstance(out, torch.Tensor | tuple | list):
            return
        marks = 0
        for tensor in tensors_in((args, kwargs) if kwargs else args):
            marks |= _marks_of(tensor)
        if not marks:
            return
        if leaves:
            self._used |= marks
        for tensor in tensors_in(out):
            self._mark(tensor, marks)
        if isinstance(changed, torch.Tensor):
            self._mark(changed, marks)
            # All that look at the same memory see it.
            if changed._base is not None:
                self._mark(changed._base, marks)

    def left(self, visit: Any, caller: Any, given: Any, output: Any) -> None:
        """Mark the results of a layer.

        Args:
            visit: the call of the layer.
            caller: the call of the layer that called it, None for the model itself.
            given: its arguments.
            output: its result.
        """
        results, marks = list(tensors_in(output)), 0
        # What happens inside a layer that holds no other may be out of sight, but is its own business.
        for tensor in (*results, *(() if visit.holds else tensors_in(given))):
            marks |= _marks_of(tensor)
        self._dropped += [i for i in self._within.pop(id(visit), ()) if not marks >> i & 1]
        if results:
            number = len(self._calls)
            self._calls.append(Lost(visit, line_at(sys._getframe(1))))
            self._within.setdefault(id(caller), []).append(number)
            for tensor in results:
                self._mark(tensor, marks | 1 << number)

    def ended(self, output: Any) -> None:
        """Note what came out, and what is kept: attributes of the model, lists, caches."""
        if self._dropped:
            gc.collect(0)  # what only a cycle holds, as torch leaves some at first use, is not kept
        for tensor in (*tensors_in(output), *(ref() for ref in self._marked)):
            if tensor is not None:
                self._used |= _marks_of(tensor)
        self._marked.clear()

    def lost(self) -> list[Lost]:
        """The first calls of those layers all of whose calls were lost."""
        lost = {i for i in self._dropped if not self._used >> i & 1}
        used = {id(call.visit.module) for i, call in enumerate(self._calls) if i not in lost}
        first = {id(self._calls[i].visit.module): self._calls[i] for i in sorted(lost, reverse=True)}
        return [call for module, call in reversed(first.items()) if module not in used]

    def _mark(self, tensor: torch.Tensor, marks: int) -> None:
        if not hasattr(tensor, _MARKS):
            self._marked.append(weakref.ref(tensor))
        setattr(tensor, _MARKS, _marks_of(tensor) | marks)


def _marks_of(tensor: torch.Tensor) -> int:
    base = tensor._base
    return getattr(tensor, _MARKS, 0) | (getattr(base, _MARKS, 0) if base is not None else 0)
