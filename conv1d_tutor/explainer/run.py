"""Which layer saw which shape, and where did it stop? One run of a model, recorded."""

import linecache
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as torch_module
from torch.nn.parameter import UninitializedTensorMixin
from torch.nn.utils.parametrize import ParametrizationList
from torch.overrides import TorchFunctionMode

Shape = tuple[int, ...]
_TORCH = str(Path(torch.__file__).parent)
_HERE = str(Path(__file__).parent)

#: Functions whose rules the meta device does not check in full (torch 2.13); see `_Genuine`.
_LAX = ("conv1d", "conv2d", "conv_transpose1d", "linear", "batch_norm", "max_pool1d", "_max_pool1d")


@dataclass(eq=False)
class Visit:
    """One call of one layer.

    Attributes:
        module: the layer, in the copy that ran.
        inputs: the shapes of its tensor arguments.
        dtypes: their dtypes.
        output: the shape of its output, of the first tensor if there are several, or None.
    """

    module: nn.Module
    inputs: tuple[Shape, ...]
    dtypes: tuple[torch.dtype, ...]
    output: Shape | None = None

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
    """

    visit: Visit | None
    error: Exception
    line: str = ""
    function: str = ""
    shapes: tuple[Shape, ...] = ()
    inside: tuple[Visit, ...] = ()

    @property
    def message(self) -> str:
        """What torch said, on one line."""
        return " ".join(str(self.error).split())


@dataclass(eq=False)
class Run:
    """What happened in one run: the visits in order, and the output or the failure."""

    visits: list[Visit] = field(default_factory=list)
    output: Any = None
    failure: Failure | None = None

    @property
    def output_shape(self) -> Shape | None:
        """The shape of the output, of its first tensor if there are several."""
        return first_shape(self.output)

    @property
    def leaves(self) -> list[Visit]:
        """The visits of layers that hold no others."""
        return [visit for visit in self.visits if visit.is_leaf]


def recorded(call: Callable[[], Any], meta: bool) -> Run:
    """Make a call and record every layer it visits, without gradients and without warnings.

    Args:
        call: what to run.
        meta: whether it runs on shapes alone; then new tensors have no numbers either.

    Returns:
        The record; an exception of the call is in its `failure`.
    """
    run, stack, thread = Run(), [], threading.get_ident()

    def enter(module: nn.Module, args: tuple) -> None:
        # What computes a weight anew, as weight_norm does, is a part of its layer.
        within = stack and isinstance(stack[-1].module, ParametrizationList)
        if threading.get_ident() == thread and not within:
            tensors = list(_tensors(args))
            visit = Visit(module, tuple(tuple(t.shape) for t in tensors), tuple(t.dtype for t in tensors))
            if not isinstance(module, ParametrizationList):
                run.visits.append(visit)
            stack.append(visit)

    def leave(module: nn.Module, args: tuple, output: Any) -> None:
        if threading.get_ident() == thread and any(visit.module is module for visit in stack):
            # A forward that catches an inner error leaves visits behind that never end.
            while stack[-1].module is not module:
                stack.pop()
            stack.pop().output = first_shape(output)

    handles = [
        torch_module.register_module_forward_pre_hook(enter),
        torch_module.register_module_forward_hook(leave),
    ]
    genuine = _Genuine()
    try:
        with warnings.catch_warnings(), torch.no_grad(), torch.random.fork_rng(devices=[]):
            warnings.simplefilter("ignore")
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
    return run


def first_shape(value: Any) -> Shape | None:
    """The shape of a tensor, or of the first tensor inside tuples, lists and dicts."""
    tensor = next(_tensors(value), None)
    return None if tensor is None else tuple(tensor.shape)


def _tensors(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        if not isinstance(value, UninitializedTensorMixin):
            yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _tensors(item)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _own_line(error: Exception) -> str:
    """The source of the last line outside torch and this package that an error came through."""
    line, trace = "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if not name.startswith((_TORCH, _HERE, "<")) or name.startswith("<ipython"):
            line = linecache.getline(name, trace.tb_lineno).strip()
        trace = trace.tb_next
    return line


class _Genuine(TorchFunctionMode):
    """Let the meta device refuse what a CPU refuses, in the CPU's own words.

    The meta device skips some checks and words others differently. So a function that fails on shapes, or whose
    arguments look as if a CPU would refuse them, is called once more on a CPU, with zeros that take no memory:
    torch checks before it computes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.function, self.shapes = "", ()

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name == "__get__":
            return func(*args, **kwargs)
        self.function, self.shapes = name, tuple(tuple(t.shape) for t in _tensors(args))
        on_shapes = any(t.is_meta for t in _tensors(args))
        if on_shapes and name in _LAX and _looks_wrong(name, args, kwargs):
            func(*_zeros(args), **_zeros(kwargs))
        try:
            return func(*args, **kwargs)
        except Exception as error:
            if on_shapes and "meta" not in str(error).lower():
                try:
                    func(*_zeros(args), **_zeros(kwargs))
                except Exception as real:
                    if "written-to tensor" not in str(real):
                        raise real.with_traceback(error.__traceback__) from None
            raise


def _looks_wrong(name: str, args: tuple, kwargs: dict) -> bool:
    """Whether a CPU may refuse these arguments where the meta device does not."""
    dtypes = {t.dtype for t in _tensors((args, kwargs)) if t.dtype != torch.int64 or name != "batch_norm"}
    if len(dtypes) > 1 or not all(dtype.is_floating_point for dtype in dtypes):
        return True
    if not name.startswith("conv"):
        return False
    x, weight = args[:2] if len(args) > 1 else (None, None)
    if not isinstance(x, torch.Tensor) or not isinstance(weight, torch.Tensor):
        return False
    if name == "conv_transpose1d":
        stride, _, output_padding, _, dilation = (
            _numbers(value) for value in (*args[3:], *(1, 0, 0, 1, 1)[len(args) - 3 :])
        )
        wrong = max(output_padding) >= max(*stride, *dilation)
        return wrong or weight.ndim != 3 or x.ndim < 2 or x.shape[-2] != weight.shape[0]
    stride, padding, dilation = (_numbers(value) for value in (*args[3:6], *(1, 0, 1)[max(0, len(args) - 3) :]))
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
