"""How does a model run, with a repair or without? On a copy; which layer saw which shape, and where it stopped.

The user's model is never run: every run has copies of its own (`model.py`), and what happened in it is a `Run`.
"""

import linecache
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.modules import module as torch_module
from torch.nn.parameter import UninitializedTensorMixin
from torch.nn.utils.parametrize import ParametrizationList
from torch.overrides import TorchFunctionMode

from .flow import Axis, Flow, Layout, layout_of
from .model import HOOKS, copies, is_lazy
from .torch_says import Message, says, understood

Shape = tuple[int, ...]
_TORCH = str(Path(torch.__file__).parent)
_HERE = str(Path(__file__).parent)

#: A forward that needs values is run with zeros in place of a shape only up to this many numbers.
_MOST_ZEROS = 2_000_000
#: From this many bytes on, the line that makes a tensor is looked up.
_WORTH_A_LINE = 1 << 28
#: Functions whose rules the meta device does not check in full (torch 2.13); see `_Genuine`.
_LAX = ("conv1d", "conv2d", "conv_transpose1d", "linear", "batch_norm", "max_pool1d", "_max_pool1d")
_CONV = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
#: The arguments of the convolutions, in torch's order.
_OPERANDS = {
    "conv1d": _CONV,
    "conv2d": _CONV,
    "conv_transpose1d": ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation"),
}


@dataclass(frozen=True)
class Edit:
    """One change, as source text.

    Attributes:
        kind: ``"input"``, ``"before"`` or ``"after"`` a layer, ``"layer"`` for another layer in its place, or
            ``"set"`` for another value of an attribute.
        source: for a layer the new layer, else an expression with ``{}`` where the tensor or the value goes.
        path: the path in the model of the layer, or of the attribute.
    """

    kind: str
    source: str
    path: str = ""


class Row(NamedTuple):
    """One line of a trace.

    Attributes:
        layer: path in the model and class.
        input: shape that it saw; several for several tensors.
        output: shape that it gave, None if it refused.
        parameters: how many numbers it learns.
    """

    layer: str
    input: Shape | tuple[Shape, ...]
    output: Shape | None
    parameters: int


@dataclass(eq=False)
class Visit:
    """One call of one layer.

    Attributes:
        module: the layer, in the copy that ran.
        inputs: the shapes of its tensor arguments.
        dtypes: their dtypes.
        output: the shape of its output, of the first tensor if there are several, or None.
        path: the layer's path in the model, "" for the model itself or a layer that is not in it.
        value: what came out, if the run was made with numbers.
        layout: what the axes of its first tensor are, None where they were not followed.
        slid: for a convolution the axis that it slid along, as it came out.
    """

    module: nn.Module
    inputs: tuple[Shape, ...]
    dtypes: tuple[torch.dtype, ...]
    output: Shape | None = None
    path: str = ""
    value: Any = None
    layout: Layout | None = None
    slid: Axis | None = None

    @property
    def is_leaf(self) -> bool:
        """Whether it holds no further layers, or is a torch layer taken as one."""
        parts = [name for name, _ in self.module.named_children() if name != "parametrizations"]
        return not parts or isinstance(self.module, nn.MultiheadAttention)

    @property
    def parameters(self) -> int:
        """How many numbers the layer learns."""
        return sum(p.numel() for p in self.module.parameters() if not isinstance(p, UninitializedTensorMixin))


@dataclass(eq=False)
class Failure:
    """Where and why a run stopped.

    Attributes:
        visit: the innermost layer that was entered and not left; None if the call itself failed.
        error: what torch or the model's own code raised.
        line: the line of the model's own code that raised it, or "".
        function: the last torch function called, by name.
        shapes: the shapes of that function's tensor arguments.
        inside: the layers that were entered and not left, outermost first.
        message: what torch said, on one line.
        said: the row of that message in `torch_says`.
        numbers: the numbers in it.
        besides: what it says besides its kind, see `Message.aside`.
    """

    visit: Visit | None
    error: Exception
    line: str = ""
    function: str = ""
    shapes: tuple[Shape, ...] = ()
    inside: tuple[Visit, ...] = ()
    message: str = field(init=False)
    said: Message = field(init=False)
    numbers: tuple[str, ...] = field(init=False)
    besides: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Write the message on one line, and look it up."""
        self.message = " ".join(str(self.error).split())
        self.said, self.numbers, self.besides = understood(self.message)


class Largest(NamedTuple):
    """The largest tensor that a run makes.

    Attributes:
        bytes: the memory that it takes.
        shape: its shape.
        function: the torch function that makes it, by name.
        visit: the layer in which it is made, None if it is made in none.
        line: the line of the model's own code that makes it, or "".
    """

    bytes: int
    shape: Shape
    function: str
    visit: Visit | None
    line: str = ""


@dataclass(eq=False)
class Run:
    """What happened in one run.

    Attributes:
        visits: the calls of layers, in order.
        leaves: those of layers that hold no others.
        output: what came out.
        output_shape: its shape, that of the first tensor if there are several.
        failure: what stopped it, None if nothing did.
        model: the copy that ran.
        edits: the changes that it ran with.
        expression: the model, the changes and the call as one Python expression, for the user.
        largest: the largest tensor that was made, None if there was none.
        flow: which axis of the input went where.
    """

    visits: list[Visit] = field(default_factory=list)
    leaves: list[Visit] = field(default_factory=list)
    output: Any = None
    output_shape: Shape | None = None
    failure: Failure | None = None
    model: Any = None
    edits: tuple[Edit, ...] = ()
    expression: str = ""
    largest: Largest | None = None
    flow: Flow = field(default_factory=Flow)

    def rows(self) -> list[Row]:
        """The trace: the innermost layers in the order they ran, with the layer that refused."""
        refused = self.failure.visit if self.failure else None
        rows = []
        for visit in self.visits:
            if visit.is_leaf or visit is refused:
                kind = type(visit.module).__name__
                shapes = visit.inputs[0] if len(visit.inputs) == 1 else visit.inputs
                name = f"{visit.path}: {kind}" if visit.path else kind
                rows.append(Row(name, shapes, visit.output, visit.parameters))
        return rows


@dataclass(eq=False)
class Subject:
    """A model with its input, ready to be run on copies.

    Attributes:
        model: the user's model; never run and never changed.
        args: its arguments, as the user gave them, shapes made into tensors of shapes.
        x: the source text by which a repair names the input.
        several: whether x is a tuple of several arguments.
        may_compute: whether a copy may be run with numbers at all.
        values: whether the copies carry numbers, because forward needs them.
        named: what each axis of the input is, where the user said so.
        lengths: how long each case was before it was padded, as the user said it.
        may_probe: whether a model that runs may be run with numbers to see what it does.
    """

    model: nn.Module
    args: tuple[Any, ...]
    x: str
    several: bool
    may_compute: bool = True
    values: bool = False
    named: tuple[str, ...] = ()
    lengths: Any = None
    may_probe: bool = True

    def first_run(self) -> Run:
        """Run the model as it is; on shapes, or with values if forward asks for them."""
        run = self.run()
        if run.failure and run.failure.besides & {"meta", "item"} and self._can_have_values():
            self.values = True
            run = self.run()
        if run.failure and "whole_numbers" in run.failure.besides and self._is_shapes():
            # A shape has no dtype: a model that begins with an Embedding wants whole numbers.
            self.args = tuple(torch.empty(a.shape, dtype=torch.int64, device="meta") for a in self.args)
            return self.first_run()
        return run

    def runs(self, ways: Iterable[Sequence[tuple[Edit, ...]]]) -> list[Run]:
        """Try several repairs, each on fresh copies.

        Args:
            ways: for each repair the ways to write it, as edits, the best first.

        Returns:
            For each repair the run of the first way that the model bears; of the first way, if it bears none.
        """
        found = []
        for alternatives in ways:
            first, *others = alternatives
            run = self.run(first)
            if run.failure:
                again = (self.run(edits) for edits in others)
                run = next((other for other in again if other.failure is None), run)
            found.append(run)
        return found

    def run(self, edits: tuple[Edit, ...] = ()) -> Run:
        """Run the model with edits, on fresh copies."""
        return self._run(edits, self.args, self.values)

    def computed(
        self, args: tuple[Any, ...], training: bool | None = None, flow: Flow | None = None
    ) -> Run | None:
        """Run a fresh copy with numbers.

        Args:
            args: the arguments to run it on, tensors with numbers.
            training: the mode to run it in; None for the model's own.
            flow: what follows the run; then random numbers are the same in every run, and torch's own layers run
                as in eval mode, so that no norm mixes the cases.

        Returns:
            The run, with the `Visit.value` of each visit; None if numbers are not allowed, not there, or too many.
        """
        if not self.may_compute or is_lazy(self.model):
            return None
        if any(t.is_meta for t in (*tensors_in(args), *self.model.parameters())):
            return None
        return self._run((), args, True, training, flow)

    def _run(
        self,
        edits: tuple[Edit, ...],
        args: tuple[Any, ...],
        values: bool,
        training: bool | None = None,
        flow: Flow | None = None,
    ) -> Run:
        # The copies are tensors already, whatever the user's x is.
        source = self.expression(edits, "x")
        try:
            code = compile(source, "<repair>", "eval")
            layer, args = copies(self.model, args, values)
        except Exception as error:
            return recorded(_raising(error), meta=False)
        if training is not None:
            layer.train(training)
        if flow is not None:
            for module in layer.modules():
                for hooks in HOOKS:
                    module.__dict__.get(hooks, {}).clear()
                module.training &= not type(module).__module__.startswith("torch.nn.")
        names = {"layer": layer, "x": args if self.several else args[0], "torch": torch, "nn": nn, "F": F}
        same = flow is not None
        flow = flow or Flow(following=not edits)
        if not edits:
            flow.begin(args)
        run = recorded(lambda: eval(code, names), meta=not values, flow=flow, seed=0 if same else None)
        run.model, run.edits, run.expression = layer, edits, self.expression(edits)
        paths = {id(module): path for path, module in layer.named_modules()}
        for visit in (*run.visits, *(run.failure.inside if run.failure else ())):
            visit.path = paths.get(id(visit.module), "")
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
            elif edit.kind == "set":
                path, _, name = edit.path.rpartition(".")
                owner = f"layer.{_submodule(path)}" if path else "layer"
                steps.append(f"setattr({owner}, {name!r}, {edit.source.format(f'{owner}.{name}')})")
            elif edit.kind == "before" and edit.path:
                hook = f"lambda m, args: ({edit.source.format('args[0]')}, *args[1:])"
                steps.append(f"layer.{_submodule(edit.path)}.register_forward_pre_hook({hook})")
            elif edit.kind == "before":
                x = edit.source.format(x)
            elif edit.path:
                hook = f"lambda m, args, out: {edit.source.format('out')}"
                steps.append(f"layer.{_submodule(edit.path)}.register_forward_hook({hook})")
            else:
                after = edit.source.format(after)
        call = f"{layer}({x}, *x[1:])" if self.several else f"{layer}({x})"
        call = after.format(call)
        return f"({', '.join([*steps, call])})[-1]" if steps else call

    def _is_shapes(self) -> bool:
        tensors = [a for a in self.args if isinstance(a, torch.Tensor)]
        return all(a.is_meta and a.dtype != torch.int64 for a in tensors) and len(tensors) == len(self.args)

    def _can_have_values(self) -> bool:
        tensors = [a for a in self.args if isinstance(a, torch.Tensor)]
        if not self.may_compute or any(p.is_meta for p in self.model.parameters()):
            return False
        return all(not a.is_meta or a.numel() <= _MOST_ZEROS for a in tensors)


def recorded(call: Callable[[], Any], meta: bool, flow: Flow | None = None, seed: int | None = None) -> Run:
    """Make a call and record every layer it visits, without gradients and without warnings.

    Args:
        call: what to run.
        meta: whether it runs on shapes alone; then new tensors have no numbers either.
        flow: what follows the axes of the input through the call.
        seed: of the random numbers in it, where two runs are compared.

    Returns:
        The record; an exception of the call is in its `failure`.
    """
    run, stack, thread = Run(flow=flow or Flow()), [], threading.get_ident()

    def enter(module: nn.Module, args: tuple) -> None:
        # What computes a weight anew, as weight_norm does, is a part of its layer.
        within = stack and isinstance(stack[-1].module, ParametrizationList)
        if threading.get_ident() == thread and not within:
            tensors = list(tensors_in(args))
            visit = Visit(module, tuple(tuple(t.shape) for t in tensors), tuple(t.dtype for t in tensors))
            visit.layout = layout_of(tensors[0]) if tensors and run.flow.following else None
            if not isinstance(module, ParametrizationList):
                run.visits.append(visit)
            stack.append(visit)

    def leave(module: nn.Module, args: tuple, output: Any) -> None:
        if threading.get_ident() == thread and any(visit.module is module for visit in stack):
            # A forward that catches an inner error leaves visits behind that never end.
            while stack[-1].module is not module:
                stack.pop()
            visit = stack.pop()
            visit.output = first_shape(output)
            if not meta:
                visit.value = output

    handles = [
        torch_module.register_module_forward_pre_hook(enter),
        torch_module.register_module_forward_hook(leave),
    ]
    genuine = _Genuine(stack, run.flow)
    try:
        with warnings.catch_warnings(), torch.no_grad(), torch.random.fork_rng(devices=[]):
            warnings.simplefilter("ignore")
            if seed is not None:
                torch.manual_seed(seed)
            if meta:
                with torch.device("meta"), genuine:
                    run.output = call()
            else:
                with genuine:
                    run.output = call()
    except Exception as error:
        visit = stack[-1] if stack else None
        run.failure = Failure(visit, error, _own_line(error), genuine.function, genuine.shapes, tuple(stack))
    finally:
        for handle in handles:
            handle.remove()
    run.largest = genuine.largest
    run.leaves, run.output_shape = [visit for visit in run.visits if visit.is_leaf], first_shape(run.output)
    return run


def first_shape(value: Any) -> Shape | None:
    """The shape of a tensor, or of the first tensor inside tuples, lists and dicts."""
    tensor = next(tensors_in(value), None)
    return None if tensor is None else tuple(tensor.shape)


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """All tensors in a value, also inside tuples, lists and dicts."""
    if isinstance(value, torch.Tensor):
        if not isinstance(value, UninitializedTensorMixin):
            yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        yield from tensors_in(list(value.values()))


def _own_line(error: Exception) -> str:
    """The source of the last line outside torch and this package that an error came through."""
    line, trace = "", error.__traceback__
    while trace is not None:
        line = _source(trace.tb_frame, trace.tb_lineno) or line
        trace = trace.tb_next
    return line


def _line_of(frame: FrameType | None) -> str:
    """The source of the innermost line outside torch and this package that is being run."""
    while frame is not None:
        if line := _source(frame, frame.f_lineno):
            return line
        frame = frame.f_back
    return ""


def _source(frame: FrameType, number: int) -> str:
    """A line of the user's own code; "" for torch's and ours."""
    name = frame.f_code.co_filename
    own = not name.startswith((_TORCH, _HERE, "<")) or name.startswith("<ipython")
    return linecache.getline(name, number).strip() if own else ""


def _raising(error: Exception) -> Callable[[], Any]:
    def call() -> Any:
        raise error

    return call


def _submodule(path: str) -> str:
    """A path as it stands behind a dot: ``layers.conv``, or a call where a part of it is a number."""
    if all(part.isidentifier() for part in path.split(".")):
        return path
    return f"get_submodule({path!r})"


class _Genuine(TorchFunctionMode):
    """Let the meta device refuse what a CPU refuses, in the CPU's own words.

    The meta device skips some checks and words others differently. So a function that fails on shapes, or whose
    arguments look as if a CPU would refuse them, is called once more on a CPU, with zeros that take no memory:
    torch checks before it computes.
    """

    def __init__(self, stack: Sequence[Visit], flow: Flow) -> None:
        super().__init__()
        self.function, self.shapes = "", ()
        self.largest, self._stack, self._flow = None, stack, flow

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        result = func(*args, **kwargs) if name == "__get__" else self._called(name, func, args, kwargs)
        if self._flow.following and isinstance(result, torch.Tensor | tuple | list):
            self._flow.saw(name, args, kwargs, result, self._stack[-1] if self._stack else None)
        return result

    def _called(self, name: str, func: Any, args: tuple, kwargs: dict) -> Any:
        self.function, self.shapes = name, tuple(tuple(t.shape) for t in tensors_in((args, kwargs)))
        on_shapes = any(t.is_meta for t in tensors_in(args))
        if on_shapes and name in _LAX and _looks_wrong(name, args, kwargs):
            func(*_zeros(args), **_zeros(kwargs))
        try:
            result = func(*args, **kwargs)
            self._keep_the_largest(result)
            return result
        except Exception as error:
            if on_shapes and not says(str(error), "meta"):
                try:
                    func(*_zeros(args), **_zeros(kwargs))
                except Exception as real:
                    if not says(str(real), "shared_memory"):
                        raise real.with_traceback(error.__traceback__) from None
            raise

    def _keep_the_largest(self, result: Any) -> None:
        # A view shares the memory of what it looks at, so it never makes a larger one.
        for tensor in tensors_in(result):
            size = tensor.untyped_storage().nbytes() if tensor.layout == torch.strided else 0
            if self.largest is None or size > self.largest.bytes:
                visit = self._stack[-1] if self._stack else None
                line = _line_of(sys._getframe()) if size > _WORTH_A_LINE else ""
                self.largest = Largest(size, tuple(tensor.shape), self.function, visit, line)


def _looks_wrong(name: str, args: tuple, kwargs: dict) -> bool:
    """Whether a CPU may refuse these arguments where the meta device does not."""
    dtypes = {t.dtype for t in tensors_in((args, kwargs)) if t.dtype != torch.int64 or name != "batch_norm"}
    if len(dtypes) > 1 or not all(dtype.is_floating_point for dtype in dtypes):
        return True
    if name not in _OPERANDS:
        return False
    given = dict(zip(_OPERANDS[name], args, strict=False)) | kwargs
    x, weight = given.get("input"), given.get("weight")
    if not isinstance(x, torch.Tensor) or not isinstance(weight, torch.Tensor):
        return False
    stride, dilation = _numbers(given.get("stride", 1)), _numbers(given.get("dilation", 1))
    padding, output_padding = _numbers(given.get("padding", 0)), _numbers(given.get("output_padding", 0))
    if name == "conv_transpose1d":
        wrong = max(output_padding) >= max(*stride, *dilation)
        return wrong or weight.ndim != 3 or x.ndim < 2 or x.shape[-2] != weight.shape[0]
    one_number_each = name != "conv1d" or (weight.ndim == 3 and {len(stride), len(padding), len(dilation)} == {1})
    return not one_number_each or min(*stride, *dilation) < 1 or min(padding) < 0


def _numbers(value: Any) -> tuple[int, ...]:
    """A size as a tuple of numbers; "same" and "valid" count as 0."""
    return tuple(value) if isinstance(value, tuple | list) else (0,) if isinstance(value, str) else (value,)


def _zeros(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return torch.zeros((), dtype=value.dtype, device="cpu").expand(value.shape) if value.is_meta else value
    if isinstance(value, tuple | list):
        return type(value)(_zeros(item) for item in value) if type(value) in (tuple, list) else value
    if isinstance(value, dict):
        return {key: _zeros(item) for key, item in value.items()}
    return value
