"""How does a model run, with a repair or without? On a copy; which layer saw which shape, and where it stopped.

The user's model is never run: every run has copies of its own (`model.py`, `surroundings.py`), stands in the
sandbox (`sandbox.py`), and what happened in it is a `Run`.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.parameter import UninitializedTensorMixin
from torch.nn.utils.parametrize import ParametrizationList

from .axes import Axis, Layout, layout_of
from .flow import Flow
from .genuine import BYTES, Budget, Genuine, Largest, Outside
from .model import Copier, TooMuchError, is_opaque, shape_copy
from .origin import is_of_own_code, line_of
from .places import AtHome, Placed, accelerator, is_there
from .sandbox import Stopped, default_device, is_the_users, limited, sandbox
from .surroundings import Surroundings
from .tensors import Shape, first_shape, tensors_in
from .torch_says import UNKNOWN, Message, plain, understood

#: A forward that needs values is run with zeros in place of a shape only up to this many numbers.
_MOST_ZEROS = 2_000_000


@dataclass(frozen=True)
class Edit:
    """One change, as source text.

    Attributes:
        kind: ``"input"``, ``"argument"`` for one beside it, ``"before"`` or ``"after"`` a layer, ``"layer"`` for
            another layer in its place, which takes over its weights if they have the same shapes, ``"anew"`` for
            one with new weights, or ``"set"`` for another value of an attribute.
        source: for a layer the new layer, else an expression with ``{}`` where the tensor or the value goes.
        path: the path in the model of the layer, or of the attribute; the number of an argument.
    """

    kind: str
    source: str
    path: str = ""


def resized(axes: int, axis: int, more: int) -> Edit:
    """The change of the input that puts zeros at the end of an axis.

    Args:
        axes: how many axes the input has.
        axis: the axis, from 0.
        more: how many zeros; below 0, so many values are cut off.

    Example:
        >>> resized(3, 1, 4).source
        'F.pad({}, (0, 0, 0, 4))'
    """
    return Edit("input", f"F.pad({{}}, ({'0, 0, ' * (axes - 1 - axis)}0, {more}))")


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
        layout: what the axes of its first tensor are, None where they were not followed.
        slid: for a convolution the axis that it slid along, as it came out.
        made: for a Linear the axis that it made.
        holds: whether it called further layers.
        is_inferred: whether the layer stands for an operation of code that Python does not see.
        given: which object its first tensor is.
        overwrites: for a layer that works in place the layer around it that was given the same tensor.
    """

    module: nn.Module
    inputs: tuple[Shape, ...]
    dtypes: tuple[torch.dtype, ...]
    output: Shape | None = None
    path: str = ""
    layout: Layout | None = None
    slid: Axis | None = None
    made: Axis | None = None
    holds: bool = False
    is_inferred: bool = False
    given: int = 0
    overwrites: "Visit | None" = None

    @property
    def is_leaf(self) -> bool:
        """Whether it called no further layers, or is a torch layer taken as one."""
        return not self.holds or isinstance(self.module, nn.MultiheadAttention)

    @property
    def parameters(self) -> int:
        """How many numbers the layer learns."""
        return sum(p.numel() for p in self.module.parameters() if not isinstance(p, UninitializedTensorMixin))


@dataclass(eq=False)
class Failure:
    """Where and why a run stopped.

    Attributes:
        visit: the innermost layer that was entered and not left; None if the call itself failed.
        error: what torch or the model's own code raised, or `Stopped`.
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
    error: BaseException
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
        self.message = " ".join(plain(str(self.error)).split())
        self.said, self.numbers, self.besides = understood(self.message)
        if self.speaker != "torch" or not isinstance(self.error, RuntimeError | TypeError | ValueError):
            self.besides -= {"meta", "item"}  # words of the model's own are not about our shapes

    @property
    def wants_numbers(self) -> bool:
        """Whether it failed on shapes because it needs numbers, or because torch cannot do it on shapes."""
        impossible = isinstance(self.error, NotImplementedError) and self.said is UNKNOWN
        return (impossible and self.speaker == "torch") or bool(self.besides & {"meta", "item"})

    @cached_property
    def speaker(self) -> str:
        """Who says it: "torch", or the "model" by a raise or an assert of its own, or "" for ourselves."""
        if isinstance(self.error, Stopped):
            return ""
        return "model" if is_of_own_code(self.error) else "torch"


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


class _Built(NamedTuple):
    """A layer that an edit puts into the model: whether it has weights that the model has not, and those alike."""

    has_new_weights: bool
    is_alike: bool


@dataclass(eq=False)
class Subject:
    """A model with its input, ready to be run on copies.

    Attributes:
        model: the user's model; never run and never changed.
        args: its arguments by position, as the user gave them, shapes made into tensors of shapes.
        x: the source text by which a repair names the input.
        several: whether x is a tuple of several arguments.
        may_compute: whether a copy may be run with numbers at all.
        values: whether the copies carry numbers, because forward needs them.
        named: what each axis of the input is, where the user said so.
        kwargs: its arguments by name.
        lengths: how long each case was before it was padded, as the user said it.
        may_probe: whether a model that runs may be run with numbers to see what it does.
        home: the accelerator that its input or its weights are on, None if they are on none.
    """

    model: nn.Module
    args: tuple[Any, ...]
    x: str
    several: bool
    may_compute: bool = True
    values: bool = False
    named: tuple[str, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    lengths: Any = None
    may_probe: bool = True

    def __post_init__(self) -> None:
        """Look once at what stays the same in all runs."""
        self._paths = [(id(module), path) for path, module in self.model.named_modules()]
        self._opaque = is_opaque(self.model)
        self.home = accelerator(self._held())
        self._surroundings = Surroundings()
        self._known: dict[tuple[tuple[Edit, ...], bool], Run] = {}
        self._known_layers: dict[Edit, _Built] = {}
        self._room = BYTES // 2

    def first_run(self) -> Run:
        """Run the model as it is; on shapes, or with values if forward asks for them."""
        run = self.run()
        if run.failure and run.failure.wants_numbers and self._can_have_values():
            self.values = True
            run = self.run()
        if run.failure and "whole_numbers" in run.failure.besides and self._is_shapes():
            # A shape has no dtype: a model that begins with an Embedding wants whole numbers.
            self.args = tuple(torch.empty(a.shape, dtype=torch.int64, device="meta") for a in self.args)
            return self.first_run()
        if run.failure and self.several and not self.kwargs and "forward" in run.failure.besides:
            # Or forward takes all of them in one argument.
            together = Subject(self.model, (self.args,), self.x, False, self.may_compute)
            whole = together.first_run()
            if whole.failure is None:
                self.args, self.several, self.values = together.args, False, together.values
                return whole
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
        """Run the model with edits, on fresh copies.

        Causes may agree on a repair, and the same edits run once, as long as there is room to keep what ran. Where
        edits carry the run to a line that asks for numbers, it has them.
        """
        if not edits:
            return self._run((), self.args, self.values)
        run = self._once(edits, self.values)
        asks = not self.values and run.failure and run.failure.wants_numbers and self._can_have_values()
        return self._once(edits, True) if asks else run

    def in_eval(self) -> Run:
        """Run a fresh copy in eval mode, on what the other runs are given."""
        return self._run((), self.args, self.values, training=False)

    def passes(self, edits: tuple[Edit, ...]) -> bool:
        """Whether the model runs with edits, as far as shapes tell where they told of its failure."""
        failure = self._once(edits, self.values).failure
        return failure is None or (not self.values and failure.wants_numbers)

    def _once(self, edits: tuple[Edit, ...], values: bool) -> Run:
        if (edits, values) in self._known:
            return self._known[edits, values]
        run = self._run(edits, self.args, values)
        self._room -= sum(t.numel() * t.element_size() for t in self._held()) if values else 0
        if not values or self._room >= 0:
            self._known[edits, values] = run
        return run

    def computed(
        self,
        args: tuple[Any, ...],
        training: bool | None = None,
        flow: Flow | None = None,
        edits: tuple[Edit, ...] = (),
    ) -> Run | None:
        """Run a fresh copy with numbers, in the sandbox.

        Args:
            args: the arguments by position to run it on, tensors with numbers.
            training: the mode to run it in; None for the model's own.
            flow: what follows the run; then torch's own layers run as in eval mode, so that no norm mixes the
                cases, and the caller knows that it is little work.
            edits: the changes to run it with.

        Returns:
            The run; None if numbers are not allowed, not there, or if there
            are too many of them or they take too long. Random numbers are the same in every run.
        """
        if not self.may_compute or any(tensor.is_meta for tensor in self._held(args)):
            return None
        run = self._run(edits, args, True, training, flow)
        return None if run.failure and isinstance(run.failure.error, Stopped) else run

    def placed(self) -> Run:
        """Run a copy, of what is on an accelerator, whose tensors know their shape and place, and no numbers."""
        placed = Placed(self.home, default_device())
        return self._run((), self.args, False, flow=Flow(following=False), placed=placed)

    def _run(
        self,
        edits: tuple[Edit, ...],
        args: tuple[Any, ...],
        values: bool,
        training: bool | None = None,
        flow: Flow | None = None,
        placed: Placed | None = None,
    ) -> Run:
        with sandbox():
            copier = Copier(values, BYTES if values else None, placed)
            try:
                # The copies are tensors already, whatever the user's x is.
                code = compile(self.expression(edits, "x"), "<repair>", "eval")
                layer, args, kwargs = copier(self.model), copier(args), copier(dict(self.kwargs))
                around = self._surroundings.exchanged(copier)
            except TooMuchError:
                return recorded(_raising(Stopped(f"its numbers take more than {BYTES >> 20} MB")), meta=False)
            except Exception as error:
                return recorded(_raising(Stopped(f"no copy of it can be made ({error})")), meta=False)
            if training is not None:
                layer.train(training)
            if flow is not None and not placed:
                for module in layer.modules():
                    module.training &= not type(module).__module__.startswith("torch.nn.")
            probed, flow = flow is not None, flow or Flow(following=not edits)
            if not edits:
                flow.begin((*args, *kwargs.values()))
            x = kwargs if not args else (*args, kwargs) if kwargs else args if self.several else args[0]
            names = {"layer": layer, "x": x, "torch": torch, "nn": nn, "F": F}
            meta = not values and not placed
            with around, placed.around() if placed else nullcontext():
                run = recorded(
                    lambda: eval(code, names),
                    meta=meta,
                    opaque=self._opaque,
                    flow=flow,
                    is_little=probed,
                    kind=self.home.type if self.home else "cpu",
                    placed=placed is not None,
                )
        run.model, run.edits, run.expression = layer, edits, self.expression(edits)
        self._name_the_visits(run, copier.memo)
        return run

    def _name_the_visits(self, run: Run, copies: dict[int, Any]) -> None:
        visits = (*run.visits, *(run.failure.inside if run.failure else ()))
        paths = {id(copies[known]): path for known, path in self._paths if known in copies}
        if any(id(visit.module) not in paths for visit in visits):  # an edit or forward itself put it there
            paths |= {id(module): path for path, module in run.model.named_modules()}
        owners = {}
        if self._opaque:  # a layer that stands for an operation is the one that has its weight
            owners = {id(value): name.rpartition(".")[0] for name, value in run.model.named_parameters()}
        for visit in visits:
            weight = visit.module._parameters.get("weight") if visit.is_inferred else None
            visit.path = paths.get(id(visit.module), owners.get(id(weight), ""))

    def expression(self, edits: tuple[Edit, ...], x: str | None = None) -> str:
        """Write the edits and the call as one Python expression in the names layer, x, torch, nn, F."""
        x, call, mended = self._call(x or self.x)
        given, beside = x, {}
        steps, layer, after = [], "layer", "{}"
        for edit in edits:
            if edit.kind == "input":
                x = edit.source.format(x)
            elif edit.kind == "argument":
                beside[int(edit.path)] = edit.source.format(f"x[{edit.path}]")
            elif edit.kind in ("layer", "anew") and not edit.path:
                layer = self._new(edit)
            elif edit.kind == "layer" and self._takes_over(edit):
                old = f"layer.{_submodule(edit.path)}.state_dict()"
                steps.append(f"(new := {self._new(edit)}).load_state_dict({old})")
                steps.append(f"layer.set_submodule({edit.path!r}, new)")
            elif edit.kind in ("layer", "anew"):
                steps.append(f"layer.set_submodule({edit.path!r}, {self._new(edit)})")
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
        arguments = call if x == given else mended.replace("…", x)
        if beside:
            names = [f"x[{i}]" for i in range(len(self.args))]
            arguments = ", ".join(x if name == given else beside.get(i, name) for i, name in enumerate(names))
        call = after.format(f"{layer}({arguments})")
        return f"({', '.join([*steps, call])})[-1]" if steps else call

    def _new(self, edit: Edit) -> str:
        """Write a layer that comes into the model: new weights go to the accelerator that the others are on."""
        on_one = self.home is not None and {p.device for p in self.model.parameters()} == {self.home}
        return (
            f"{edit.source}.to({str(self.home)!r})"
            if on_one and self._built(edit).has_new_weights
            else edit.source
        )

    def _takes_over(self, edit: Edit) -> bool:
        """Whether a new layer has weights of the same names and shapes as the old one, and so can have those."""
        return self._built(edit).is_alike

    def _built(self, edit: Edit) -> _Built:
        if edit not in self._known_layers:
            self._known_layers[edit] = _Built(False, False)
            with suppress(Exception), torch.device("meta"):  # what cannot be built says so when it runs
                # An edit may change the model that it names, as layer.eval() does.
                model = shape_copy(self.model) if "layer" in edit.source else self.model
                new = eval(edit.source, {"layer": model, "torch": torch, "nn": nn})
                known = {id(p) for p in model.parameters()}
                old = self.model.get_submodule(edit.path).state_dict()
                self._known_layers[edit] = _Built(
                    has_new_weights=any(id(p) not in known for p in new.parameters()),
                    is_alike=_shapes(old) == _shapes(new.state_dict()) != {},
                )
        return self._known_layers[edit]

    def _call(self, x: str) -> tuple[str, str, str]:
        """How the first tensor is written, the arguments of the call, and those with "…" in its place."""
        if self.several:
            at = next((i for i, arg in enumerate(self.args) if isinstance(arg, torch.Tensor)), 0)
            before = f"*x[:{at}], " if at else ""
            after = f"*x[{at + 1}:-1], **x[-1]" if self.kwargs else f"*x[{at + 1}:]"
            return f"x[{at}]", f"{before}x[{at}], {after}", f"{before}…, {after}"
        if not self.kwargs and type(self.args[0]) is not dict:
            return x, x, "…"
        stars, held = ("**", self.kwargs) if self.kwargs else ("", self.args[0])
        name = next((name for name, value in held.items() if isinstance(value, torch.Tensor)), None)
        return f"x[{name!r}]", f"{stars}x", f"{stars}{{**x, {name!r}: …}}"

    def _held(self, args: Any = None) -> Iterator[torch.Tensor]:
        """The tensors that a copy holds."""
        yield from tensors_in((self.args if args is None else args, self.kwargs))
        yield from self.model.parameters()

    def _is_shapes(self) -> bool:
        tensors = [a for a in self.args if isinstance(a, torch.Tensor)]
        return all(a.is_meta and a.dtype != torch.int64 for a in tensors) and len(tensors) == len(self.args)

    def _can_have_values(self) -> bool:
        if not self.may_compute or any(p.is_meta for p in self.model.parameters()):
            return False
        return all(not a.is_meta or a.numel() <= _MOST_ZEROS for a in tensors_in((self.args, self.kwargs)))


def recorded(
    call: Callable[[], Any],
    meta: bool,
    opaque: bool = False,
    flow: Flow | None = None,
    is_little: bool = False,
    kind: str = "cpu",
    placed: bool = False,
) -> Run:
    """Make a call in the sandbox and record every layer it visits, without gradients.

    Args:
        call: what to run.
        meta: whether it runs on shapes alone; then new tensors have no numbers either.
        opaque: whether a part of it runs outside Python.
        flow: what follows the axes of the input through the call.
        is_little: whether it is known to be little work, so that nothing needs to watch over that.
        kind: the kind of device that the user's own call would run on.
        placed: whether its tensors know where they are, so that forward may send them anywhere.

    Returns:
        The record; an exception of the call is in its `failure`.
    """
    run, stack, thread, torchs_call = Run(flow=flow or Flow()), [], threading.get_ident(), nn.Module._call_impl
    genuine = Genuine(stack, run.flow, kind if meta or kind != "cpu" else None)

    def visited(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        # What computes a weight anew, as weight_norm does, is a part of its layer.
        within = stack and isinstance(stack[-1].module, ParametrizationList)
        if threading.get_ident() != thread or within or _is_a_guard(module):
            return torchs_call(module, *args, **kwargs)
        visit = entered(module, (args, kwargs))
        output = torchs_call(module, *args, **kwargs)
        left(visit, output)
        run.flow.left(visit, stack[-1] if stack else None, (args, kwargs), output)
        return output

    def entered(module: nn.Module, given: Any) -> Visit:
        tensors = list(tensors_in(given))
        visit = Visit(module, tuple(tuple(t.shape) for t in tensors), tuple(t.dtype for t in tensors))
        visit.layout = layout_of(tensors[0]) if tensors and run.flow.following else None
        visit.given = id(tensors[0]) if tensors else 0
        if getattr(module, "inplace", False) is True:
            # Those around it hold their tensors, so that no other object has the number of one.
            visit.overwrites = next((around for around in stack if around.given == visit.given), None)
        if not isinstance(module, ParametrizationList):
            run.visits.append(visit)
            if stack:
                stack[-1].holds = True
        stack.append(visit)
        return visit

    def left(visit: Visit, output: Any) -> None:
        # A forward that catches an inner error leaves visits behind that never end.
        while stack.pop() is not visit:
            pass
        visit.output = first_shape(output)

    def inferred(module: nn.Module, given: Any) -> Visit:
        visit = entered(module, given)
        visit.is_inferred = True
        return visit

    outside = Outside(inferred, left) if meta and opaque else None

    with sandbox(), ExitStack() as modes:
        # Python looks a change of `__call__` up in all classes of layers there are, and this one in none.
        nn.Module._call_impl = visited
        try:
            modes.enter_context(torch.no_grad())
            modes.enter_context(torch.device("meta") if meta else nullcontext())
            if not is_little and (opaque or not meta):
                modes.enter_context(outside if meta else Budget())
            modes.enter_context(genuine)
            if is_there() and not placed:
                modes.enter_context(AtHome("meta" if meta else "cpu"))
            run.output = limited(call)
            run.flow.ended(run.output)
        except BaseException as error:
            if is_the_users(error):
                raise
            if outside and outside.error and not plain(str(error)).strip():
                error = outside.error.with_traceback(error.__traceback__)
            visit = stack[-1] if stack else None
            run.failure = Failure(visit, error, line_of(error), genuine.function, genuine.shapes, tuple(stack))
        finally:
            nn.Module._call_impl = torchs_call
    run.largest = genuine.largest
    run.leaves, run.output_shape = [visit for visit in run.visits if visit.is_leaf], first_shape(run.output)
    return run


def _is_a_guard(module: nn.Module) -> bool:
    """Whether a module only checks its input, as torch.export puts one into a model."""
    return type(module).__module__.startswith("torch.export") and next(module.parameters(), None) is None


def _shapes(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in weights.items()}


def _raising(error: BaseException) -> Callable[[], Any]:
    def call() -> Any:
        raise error

    return call


def _submodule(path: str) -> str:
    """A path as it stands behind a dot: ``layers.conv``, or a call where a part of it is a number."""
    if all(part.isidentifier() for part in path.split(".")):
        return path
    return f"get_submodule({path!r})"
