"""Which line wrote over a tensor that the backward pass needs? A copy runs on shapes, and keeps who saved what."""

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.modules import module as torch_module
from torch.overrides import TorchFunctionMode

from ..cause import cause
from ..model import Copier
from ..origin import line_at
from ..readings import Reading, told
from ..run import Edit, Subject
from ..sandbox import Stopped, limited, sandbox
from ..source import built, name_of
from ..torch_says import Message
from ..words import Explanation

#: The sign with which an operation is written that writes into its first operand.
_SIGNS = {"add_": "+", "sub_": "-", "mul_": "*", "div_": "/", "pow_": "**"}


class Write(NamedTuple):
    """A tensor was written into.

    Attributes:
        memory: the tensor's memory.
        function: by which function of torch.
        shape: its shape.
        path: the layer in which that was done, "" for the model itself.
        line: the line of the model's own code, or "".
    """

    memory: Any
    function: str
    shape: tuple[int, ...]
    path: str
    line: str


class Saved(NamedTuple):
    """A tensor was saved for the backward pass.

    Attributes:
        tensor: the tensor.
        version: how often it had been written into then.
        function: the function of torch that needs it.
        path: the layer in which it was saved, "" for the model itself.
    """

    tensor: torch.Tensor
    version: int
    function: str
    path: str


@cause()
def inplace(model: nn.Module, args: tuple[Any, ...], said: str = "") -> Explanation | None:
    """A tensor that the backward pass needs was written into.

    Args:
        model: the model.
        args: what its forward was given.
        said: what torch said.

    Returns:
        The explanation; None if a copy on shapes shows no such fault.

    Example:
        >>> class Residual(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(4, 4, 3, padding=1)
        ...
        ...     def forward(self, x):
        ...         x = torch.sin(x)
        ...         x += self.conv(x)
        ...         return x
        >>> model, x = Residual(), torch.zeros(2, 4, 9)
        >>> try:
        ...     model(x).sum().backward()
        ... except RuntimeError as error:
        ...     print(explain_error(error).problem)
        inplace
    """
    with sandbox():
        return _found(model, args, said)


def _found(model: nn.Module, args: tuple[Any, ...], said: str) -> Explanation | None:
    try:
        watched = _watched(model, args)
    except (Exception, Stopped):  # forward wants numbers, or fails for itself: then nothing is known here
        return None
    # What is kept alive keeps its memory, so that no other tensor is taken for it.
    spoiled = [saved for saved in watched.saved if saved.tensor._version > saved.version]
    if not spoiled:
        return None
    needed = spoiled[0]
    memory = needed.tensor.untyped_storage()._cdata
    write = next((write for write in reversed(watched.writes) if write.memory == memory), None)
    if write is None:
        return None
    ways = [*_ways(model, needed, write)]
    subject = Subject(model, args, "x", len(args) > 1)
    readings = []
    for edits, when in ways:
        expression = subject.expression(edits)
        if _bears_backward(model, args, expression):
            readings.append(Reading(expression, when, "ran, and its backward too"))
    lines, fix, fixes = told(readings[:1])
    where = f"{write.path!r}" if write.path else name_of(model)
    by = f"{needed.path!r}" if needed.path else f"{needed.function} in forward"
    head = [
        f"{where} writes into a tensor {tuple(needed.tensor.shape)} that {by} needs again for its gradient.",
        *([f"  torch says: {said}"] if said else []),
        f"  it means:   the backward pass finds other numbers there than forward had{_rewritten(write)}.",
    ]
    return Explanation(False, "inplace", "\n".join([*head, *lines]), fix, fixes=fixes)


@cause()
def backward(known: Message, said: str) -> Explanation:
    """The backward pass was asked for twice, for several numbers, or where nothing is learned.

    Args:
        known: the row of the message.
        said: what torch said.

    Returns:
        The explanation.

    Example:
        >>> try:
        ...     torch.zeros(3).sum().backward()
        ... except RuntimeError as error:
        ...     print(explain_error(error).problem)
        backward
    """
    text = f"The backward pass failed.\n  torch says: {said}\n  it means:   {known.means}."
    return Explanation(False, known.problem, text)


def _rewritten(write: Write) -> str:
    """The line, and the same without writing into a tensor."""
    line = f". The line is: {write.line}" if write.line else f", by {write.function}"
    sign = _SIGNS.get(write.function, "")
    left, found, right = write.line.partition(f" {sign}= ") if sign else ("", "", "")
    if found:
        return f"{line}. Write: {left} = {left} {sign} {right}"
    if sign and not write.line:
        return f"{line}: h {sign}= … writes into h, and h = h {sign} … makes a new tensor"
    if write.function.endswith("_") and not write.function.startswith("__"):
        return f"{line}. Write {write.function[:-1]} for {write.function}, and keep what it returns"
    if write.function == "__setitem__":
        return f"{line}. Write into a copy, h = h.clone(), or put the parts together with torch.cat"
    return line


def _ways(model: nn.Module, needed: Saved, write: Write) -> Iterator[tuple[tuple[Edit, ...], str]]:
    """Changes that keep what was saved as it was, the best first, each with what it is.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(4, 4, 3), nn.Sigmoid(), nn.ReLU(inplace=True))
        >>> x = torch.zeros(2, 4, 9)
        >>> try:
        ...     model(x).sum().backward()
        ... except RuntimeError as error:
        ...     print(explain_error(error).fix)
        (layer.set_submodule('2', nn.ReLU()), layer(x))[-1]
    """
    if write.path:
        module = model.get_submodule(write.path)
        source = built(module, inplace=False) if getattr(module, "inplace", False) else None
        if source:
            yield (Edit("layer", source, write.path),), f"{write.path!r} has inplace=True: build it without"
    what = "here a copy is handed on; in your own code change the line itself"
    if needed.path:
        yield (Edit("before", "{}.clone()", needed.path),), what
        yield (Edit("after", "{}.clone()", needed.path),), what


class _Watch(TorchFunctionMode):
    """Who writes into which tensor, and who saves which for the backward pass."""

    def __init__(self, paths: dict[int, str]) -> None:
        super().__init__()
        self.writes: list[Write] = []
        self.saved: list[Saved] = []
        self._paths, self._stack, self._function = paths, [], ""

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        name, kwargs = getattr(func, "__name__", ""), kwargs or {}
        if name == "__get__":
            return func(*args, **kwargs)
        self._function = name
        tensor = args[0] if args and isinstance(args[0], torch.Tensor) else None
        before = tensor._version if tensor is not None else 0
        result = func(*args, **kwargs)
        if tensor is not None and tensor._version > before:
            memory = tensor.untyped_storage()._cdata
            self.writes.append(Write(memory, name, tuple(tensor.shape), self.path, line_at(sys._getframe())))
        return result

    @property
    def path(self) -> str:
        """The layer that runs now."""
        return self._stack[-1] if self._stack else ""

    def enter(self, module: nn.Module, args: tuple) -> None:
        """Remember the layer that begins."""
        self._stack.append(self._paths.get(id(module), ""))

    def leave(self, module: nn.Module, args: tuple, output: Any) -> None:
        """Forget the layer that ended."""
        self._stack.pop()

    def pack(self, tensor: torch.Tensor) -> torch.Tensor:
        """Keep what is saved."""
        self.saved.append(Saved(tensor, tensor._version, self._function, self.path))
        return tensor


def _watched(model: nn.Module, args: tuple[Any, ...]) -> _Watch:
    """Run a copy on shapes, with gradients."""
    copier = Copier()
    layer, given = copier(model), copier(args)
    watch = _Watch({id(module): path for path, module in layer.named_modules()})
    handles = [
        torch_module.register_module_forward_pre_hook(watch.enter),
        torch_module.register_module_forward_hook(watch.leave),
    ]
    try:
        keep = torch.autograd.graph.saved_tensors_hooks(watch.pack, lambda tensor: tensor)
        with torch.enable_grad(), torch.device("meta"), watch, keep:
            limited(lambda: layer(*given))
    finally:
        for handle in handles:
            handle.remove()
    return watch


def _bears_backward(model: nn.Module, args: tuple[Any, ...], expression: str) -> bool:
    """Whether a repair and its backward pass run, on shapes and on copies."""
    copier = Copier()
    layer, given = copier(model), copier(args)
    names = {"layer": layer, "x": given if len(given) > 1 else given[0], "torch": torch, "nn": nn}
    try:
        with torch.enable_grad(), torch.device("meta"):
            output = limited(lambda: eval(expression, names))
            tensors = [output] if isinstance(output, torch.Tensor) else [t for t in output if torch.is_tensor(t)]
            sum(tensor.sum() for tensor in tensors if tensor.requires_grad).backward()
    except (Exception, Stopped):
        return False
    return True
