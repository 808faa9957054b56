"""What is explained: a model and its input, and the repairs that are tried on copies of both."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .model import data_copy, on_meta, shape_copy
from .run import Run, recorded

#: A forward that needs values is run with zeros in place of a shape only up to this many numbers.
_MOST_ZEROS = 2_000_000


@dataclass(frozen=True)
class Edit:
    """One change, as source text.

    Attributes:
        kind: ``"input"``, ``"before"`` or ``"after"`` a layer, or ``"layer"`` for another layer in its place.
        source: for a layer the new layer, else an expression with ``{}`` where the tensor goes.
        path: the layer's path in the model.
    """

    kind: str
    source: str
    path: str = ""


class Subject:
    """A model with its input, ready to be run on copies.

    Attributes:
        model: the user's model; never run and never changed.
        args: its arguments, as the user gave them, shapes made into tensors of shapes.
        x: the source text by which a repair names the input.
        values: whether the copies carry numbers, because forward needs them.
        several: whether x is a tuple of several arguments.
        may_compute: whether a copy may be run with numbers at all.
    """

    def __init__(
        self, model: nn.Module, args: tuple[Any, ...], x: str, several: bool, may_compute: bool = True
    ) -> None:
        """Keep the user's own; copies are made for each run."""
        self.model, self.args, self.x, self.several = model, args, x, several
        self.may_compute, self.values = may_compute, False

    def first_run(self) -> Run:
        """Run the model as it is; on shapes, or with values if forward asks for them."""
        run = self.run()
        if run.failure and _needs_values(run.failure.error) and self._can_have_values():
            self.values = True
            run = self.run()
        return run

    def run(self, edits: tuple[Edit, ...] = ()) -> Run:
        """Run the model with edits, on fresh copies."""
        # The copies are tensors already, whatever the user's x is.
        source = self.expression(edits, "x")
        try:
            code = compile(source, "<repair>", "eval")
            layer = data_copy(self.model) if self.values else shape_copy(self.model)
        except Exception as error:
            return recorded(_raising(error), meta=False)
        args = self._arguments()
        x = args if self.several else args[0]
        names = {"layer": layer, "x": x, "torch": torch, "nn": nn, "F": F}
        run = recorded(lambda: eval(code, names), meta=not self.values)
        run.model = names["layer"]
        return run

    def expression(self, edits: tuple[Edit, ...], x: str | None = None) -> str:
        """Write the edits and the call as one Python expression in the names layer, x, torch, nn, F."""
        x = "x[0]" if self.several else x or self.x
        steps, layer, after = [], "layer", "{}"
        for edit in edits:
            if edit.kind == "input":
                x = edit.source.format(x)
            elif edit.kind == "layer" and not edit.path:
                layer = edit.source
            elif edit.kind == "layer":
                steps.append(f"layer.set_submodule({edit.path!r}, {edit.source})")
            elif edit.kind == "before" and edit.path:
                hook = f"lambda m, args: ({edit.source.format('args[0]')}, *args[1:])"
                steps.append(f"layer.{_attribute(edit.path)}.register_forward_pre_hook({hook})")
            elif edit.kind == "before":
                x = edit.source.format(x)
            elif edit.path:
                hook = f"lambda m, args, out: {edit.source.format('out')}"
                steps.append(f"layer.{_attribute(edit.path)}.register_forward_hook({hook})")
            else:
                after = edit.source.format(after)
        call = f"{layer}({x}, *x[1:])" if self.several else f"{layer}({x})"
        call = after.format(call)
        return f"({', '.join([*steps, call])})[-1]" if steps else call

    def _arguments(self) -> tuple[Any, ...]:
        if not self.values:
            return on_meta(self.args)
        # A tensor on the meta device came from a shape: zeros stand in for it.
        return tuple(
            torch.zeros(a.shape, dtype=a.dtype) if isinstance(a, torch.Tensor) and a.is_meta else copy.deepcopy(a)
            for a in self.args
        )

    def _can_have_values(self) -> bool:
        tensors = [a for a in self.args if isinstance(a, torch.Tensor)]
        if not self.may_compute or any(p.is_meta for p in self.model.parameters()):
            return False
        return all(not a.is_meta or a.numel() <= _MOST_ZEROS for a in tensors)


def as_arguments(x: Any, dtype: torch.dtype) -> tuple[tuple[Any, ...], str, bool]:
    """Read what the user gave as x.

    Args:
        x: a tensor, an array, a shape, or a tuple of these for a forward with several arguments.
        dtype: the dtype that a shape is taken to have.

    Returns:
        The arguments, the source text of x in a repair, and whether x is several arguments.

    Raises:
        TypeError: it is none of these.
        ValueError: a size in a shape is negative.
    """
    if is_shape(x):
        if any(int(size) < 0 for size in x):
            raise ValueError(f"a size below 0 in {tuple(x)}")
        return (torch.empty(tuple(int(size) for size in x), dtype=dtype, device="meta"),), "x", False
    if isinstance(x, torch.Tensor):
        return (x,), "x", False
    parts = isinstance(x, list) and any(isinstance(item, torch.Tensor | np.ndarray) for item in x)
    if parts or (isinstance(x, tuple) and x and not all(isinstance(item, int | float) for item in x)):
        try:
            return tuple(as_arguments(item, dtype)[0][0] for item in x), "x", True
        except TypeError:
            pass
    source = "torch.tensor(x.to_numpy())" if hasattr(x, "to_numpy") else "torch.as_tensor(x)"
    try:
        # A copy, because torch warns of arrays that cannot be written to.
        tensor = torch.as_tensor(x) if isinstance(x, list) else torch.from_numpy(np.array(x))
        return (tensor,), source, False
    except (TypeError, ValueError) as error:
        raise TypeError(str(error)) from None


def is_shape(x: Any) -> bool:
    """Whether x is a shape: whole numbers in a tuple, list or torch.Size."""
    whole = (
        all(isinstance(size, int | np.integer) and not isinstance(size, bool) for size in x)
        if _is_row(x)
        else False
    )
    return whole and len(x) > 0


def _is_row(x: Any) -> bool:
    return isinstance(x, tuple | list)


def _needs_values(error: Exception) -> bool:
    text = str(error).lower()
    return "meta" in text or "data-dependent" in text or "guard" in text or "item()" in text


def _raising(error: Exception) -> Callable[[], Any]:
    def call() -> Any:
        raise error

    return call


def _attribute(path: str) -> str:
    """A path as attributes: ``layers[0]`` for a number, ``conv`` for a name."""
    if all(part.isidentifier() for part in path.split(".")):
        return path
    return f"get_submodule({path!r})"
