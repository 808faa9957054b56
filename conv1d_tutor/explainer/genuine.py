"""Does torch take these shapes? The meta device is asked, and a CPU where that is lax or has other words.

Three modes of torch stand around a run: `Genuine` around every run, `Outside` around a run on shapes of what is
traced or scripted, and `Budget` around a run with numbers.
"""

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from .autocast import cast
from .by_rule import given_by_rule, goes_with, length_given
from .flow import Flow
from .model import on_meta
from .origin import line_at
from .sandbox import Stopped
from .tensors import Shape, tensors_in
from .torch_says import says

#: Functions whose rules the meta device does not check in full (torch 2.13), each with the axis of its input that
#: the rules are about; the other axes may be cut.
_LAX = {
    "conv1d": -2,
    "conv2d": -3,
    "conv_transpose1d": -2,
    "linear": -1,
    "batch_norm": 1,
    "max_pool1d": None,
    "_max_pool1d": None,
}
_CONV = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_POOL = ("input", "kernel_size", "stride", "padding", "dilation")
#: The arguments of these functions, in torch's order.
_OPERANDS = {
    "conv1d": _CONV,
    "conv2d": _CONV,
    "conv_transpose1d": ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation"),
    "max_pool1d": _POOL,
    "_max_pool1d": _POOL,
}
#: A CPU is not asked about more numbers than these, where it might compute them.
_FEW = 1 << 20
#: How many bytes of tensors a run with numbers may make, and how many multiplications.
BYTES, WORK = 1 << 28, 2 * 10**10
#: A number of the largest dtype, complex128, in bytes.
_LARGEST_NUMBER = 16
#: Operations that make no more numbers than they are given, beside all those on one number each.
_NO_LARGER = {
    "native_group_norm",
    "native_layer_norm",
    "native_batch_norm",
    "_native_batch_norm_legit",
    "_native_batch_norm_legit_no_training",
    "_weight_norm_interface",
    "glu",
    "_softmax",
    "_log_softmax",
    "sum",
    "mean",
    "var",
    "std",
    "_local_scalar_dense",
}
#: From this many bytes on, the line that makes a tensor is looked up.
_WORTH_A_LINE = 1 << 28


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
    visit: Any
    line: str = ""


#: While we look at tensors ourselves, no mode hears of it: `torch.device("meta")` would at every ``.shape``.
_unwatched = torch._C.DisableTorchFunction


class Genuine(TorchFunctionMode):
    """Let shapes be refused where a CPU would refuse such tensors, in the CPU's own words.

    Attributes:
        function: the last torch function that was called, by name.
        shapes: the shapes of the tensors that it was called with.
        largest: the largest tensor that was made, None if there was none.
    """

    def __init__(self, stack: Sequence[Any], flow: Flow, kind: str | None) -> None:
        """Begin with nothing made.

        Args:
            stack: the layers that are being run, the innermost last.
            flow: what follows the axes of the input.
            kind: the kind of device whose autocast is to be followed; None where torch follows it itself.
        """
        super().__init__()
        self.function, self.shapes, self.largest = "", (), None
        self._stack, self._flow, self._kind = stack, flow, kind

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Make one call of a torch function."""
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        result = func(*args, **kwargs) if name == "__get__" else self._called(name, func, args, kwargs)
        if self._flow.following:
            with _unwatched():
                self._flow.saw(name, args, kwargs, result, self._stack[-1] if self._stack else None)
        return result

    def _called(self, name: str, func: Any, args: tuple, kwargs: dict) -> Any:
        if self._kind and torch._C._is_any_autocast_enabled():
            args, kwargs = cast(name, args, kwargs, self._kind)
        with _unwatched():
            tensors = list(tensors_in((args, kwargs) if kwargs else args))
            self.function, self.shapes = name, tuple([tuple(tensor.shape) for tensor in tensors])
            on_shapes = any(tensor.is_meta for tensor in tensors)
        result = _on_shapes(name, func, args, kwargs, tensors) if on_shapes else func(*args, **kwargs)
        with _unwatched():
            self._keep_the_largest(result)
        return result

    def _keep_the_largest(self, result: Any) -> None:
        # A view shares the memory of what it looks at, so it never makes a larger one.
        for tensor in tensors_in(result):
            size = tensor.untyped_storage().nbytes() if tensor.layout == torch.strided else 0
            if self.largest is None or size > self.largest.bytes:
                visit = self._stack[-1] if self._stack else None
                line = line_at(sys._getframe()) if size > _WORTH_A_LINE else ""
                self.largest = Largest(size, tuple(tensor.shape), self.function, visit, line)


def _on_shapes(name: str, func: Any, args: tuple, kwargs: dict, tensors: list[torch.Tensor]) -> Any:
    with _unwatched():
        ruled = given_by_rule(name, func, args, kwargs, tensors)
        is_wary = ruled is None and _is_wary_of(name, args, kwargs, tensors)
    if ruled is not None:
        return ruled
    if is_wary:
        refusal = _refusal(name, func, args, kwargs, tensors)
        if refusal and (name in _LAX or _is_of_dtypes(refusal)):
            raise refusal
    try:
        result = func(*args, **kwargs)
    except Exception as error:
        if says(str(error), "meta") or isinstance(error, NotImplementedError):
            if all(tensor.is_meta for tensor in tensors):
                raise
            # A constant of the model's own, such as a window made with NumPy, stands beside the shapes.
            return func(*on_meta(args), **on_meta(kwargs))
        real = _refusal(name, func, args, kwargs, tensors)
        if real:
            raise real.with_traceback(error.__traceback__) from None
        raise
    return _as_our_formula_has_it(result, args, kwargs) if name == "conv1d" else result


class Outside(TorchDispatchMode):
    """Keep on shapes what runs outside Python: traced, scripted and exported code, with constants in it.

    Attributes:
        error: what was raised last: TorchScript keeps no message of it.
    """

    def __init__(
        self, entered: Callable[[nn.Module, torch.Tensor], Any], left: Callable[[Any, Any], None]
    ) -> None:
        """Begin.

        Args:
            entered: what to tell of each layer that an operation stands for, with its input.
            left: what to tell of it then, with its output.
        """
        super().__init__()
        self.error: Exception | None = None
        self._entered, self._left = entered, left

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Make one call of an operation."""
        kwargs = kwargs or {}
        layer = _layer_of(func, args)
        visit = self._entered(*layer) if layer else None
        tensors = list(tensors_in((args, kwargs)))
        on_shapes = any(tensor.is_meta for tensor in tensors)
        if on_shapes and not all(tensor.is_meta for tensor in tensors):
            args, kwargs = on_meta(args), on_meta(kwargs)
            tensors = list(tensors_in((args, kwargs)))
        try:
            result = func(*args, **kwargs)
        except Exception as error:
            self.error = error
            if on_shapes and not says(str(error), "meta") and not isinstance(error, NotImplementedError):
                self.error = _refusal("", func, args, kwargs, tensors) or error
            raise self.error from None
        if visit:
            self._left(visit, result)
        return result


def _layer_of(func: Any, args: tuple) -> tuple[nn.Module, torch.Tensor] | None:
    """The layer that an operation stands for, with the operation's own weight, and its input."""
    name = func.overloadpacket.__name__
    if name in ("convolution", "_convolution") and args[1].dim() == 3:
        x, weight, bias, stride, padding, dilation, transposed, output_padding, groups = args[:9]
        sizes = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        sizes = {size: tuple(value) if isinstance(value, list) else value for size, value in sizes.items()}
        outer, inner = weight.shape[0], weight.shape[1] * groups
        if transposed:
            outer, inner = weight.shape[1] * groups, weight.shape[0]
            sizes["output_padding"] = tuple(output_padding)
        kind = nn.ConvTranspose1d if transposed else nn.Conv1d
        layer = kind(inner, outer, weight.shape[2], bias=bias is not None, device="meta", **sizes)
    elif name in ("addmm", "mm"):
        bias, x, weight = args[:3] if name == "addmm" else (None, *args[:2])
        layer = nn.Linear(*weight.shape, bias=bias is not None, device="meta")
        weight = weight.t() if weight._base is None else weight._base  # a Linear multiplies by its weight, turned
    elif name == "relu":
        return nn.ReLU(), args[0]
    else:
        return None
    layer._parameters["weight"] = weight
    return layer, x


class Budget(TorchDispatchMode):
    """Stop a run with numbers before it makes more than it may."""

    def __init__(self) -> None:
        """Begin with nothing made."""
        super().__init__()
        self._bytes = self._work = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Make one call of an operation, where it may be large after a look at what shapes it gives."""
        kwargs = kwargs or {}
        if func.is_view:
            return func(*args, **kwargs)
        tensors = list(tensors_in((args, kwargs)))
        most = _most_numbers(func, tensors)
        if most is not None and self._bytes + most * _LARGEST_NUMBER <= BYTES and self._work + most <= WORK:
            result = func(*args, **kwargs)
            self._add(func, tensors, list(tensors_in(result)))
            return result
        try:
            shaped = on_meta(kwargs) | ({"device": "meta"} if "device" in kwargs or not tensors else {})
            results = list(tensors_in(func(*on_meta(args), **shaped)))
        except Exception:
            results = []  # what comes out depends on the numbers: no more than goes in
        self._add(func, tensors, results)
        return func(*args, **kwargs)

    def _add(self, func: Any, tensors: list[torch.Tensor], results: list[torch.Tensor]) -> None:
        self._bytes += sum(result.numel() * result.element_size() for result in results)
        if len(tensors) > 1 and results:
            # Each number that comes out of a product of matrices, or of a convolution, is a sum over all of these.
            summed = [tensor.numel() for tensor in tensors if tensor.dim() > 1]
            self._work += results[0].numel() * _terms(func, tensors) if summed else 0
        if self._bytes > BYTES or self._work > WORK:
            limit = f"{BYTES >> 20} MB" if self._bytes > BYTES else f"{WORK:.0e} multiplications"
            raise Stopped(f"with numbers it would take more than {limit}")


def _most_numbers(func: Any, tensors: list[torch.Tensor]) -> int | None:
    """How many numbers an operation makes at most, as far as its kind tells: a run on shapes takes far longer."""
    if tensors and torch.Tag.pointwise in func.tags:
        try:
            return math.prod(torch.broadcast_shapes(*(tensor.shape for tensor in tensors)))
        except RuntimeError:  # it will be refused
            return None
    if func.overloadpacket.__name__ in _NO_LARGER:
        return sum(tensor.numel() for tensor in tensors)
    return None


def _terms(func: Any, tensors: list[torch.Tensor]) -> int:
    """How many products are summed for each number that comes out."""
    name = func.overloadpacket.__name__
    if "convolution" in name:
        return tensors[1][0].numel()
    return tensors[-1].shape[-2] if name in ("mm", "bmm", "addmm", "baddbmm") else 1


def _as_our_formula_has_it(result: torch.Tensor, args: tuple, kwargs: dict) -> torch.Tensor:
    """The output of conv1d with the length that torch documents: meta devices of old versions are wrong."""
    given = dict(zip(_CONV, args, strict=False)) | kwargs
    x, weight = given["input"], given["weight"]
    sizes = {name: given[name] for name in ("stride", "padding", "dilation") if name in given}
    length = length_given(x.shape[-1], weight.shape[-1], **sizes)
    shape = (*x.shape[:-2], weight.shape[0], length)
    return result if length is None or result.shape == shape else result.new_empty(shape)


# What a CPU says


def _is_wary_of(name: str, args: tuple, kwargs: dict, tensors: list[torch.Tensor]) -> bool:
    """Whether a CPU may refuse these arguments where the meta device does not, and can be asked for little."""
    dtypes = {tensor.dtype for tensor in tensors}
    if len(dtypes) > 1 and name in _LAX:
        return True
    if len(dtypes) > 1 or not all(dtype.is_floating_point for dtype in dtypes):
        return sum(math.prod(shape) for shape in _cut(name, args, kwargs, tensors).values()) <= _FEW
    if not name.startswith("conv") or name not in _OPERANDS:
        return False
    given = dict(zip(_OPERANDS[name], args, strict=False)) | kwargs
    x, weight = given.get("input"), given.get("weight")
    if not isinstance(x, torch.Tensor) or not isinstance(weight, torch.Tensor):
        return False
    stride, dilation = _numbers(given.get("stride", 1)), _numbers(given.get("dilation", 1))
    padding, output_padding = _numbers(given.get("padding", 0)), _numbers(given.get("output_padding", 0))
    if not goes_with(weight, given.get("bias"), given.get("groups", 1), name.startswith("conv_transpose")):
        return True
    if name == "conv_transpose1d":
        wrong = max(output_padding) >= max(*stride, *dilation)
        return wrong or weight.ndim != 3 or x.ndim < 2 or x.shape[-2] != weight.shape[0]
    one_number_each = name != "conv1d" or (weight.ndim == 3 and {len(stride), len(padding), len(dilation)} == {1})
    return not one_number_each or min(*stride, *dilation) < 1 or min(padding) < 0


def _refusal(name: str, func: Any, args: tuple, kwargs: dict, tensors: list[torch.Tensor]) -> Exception | None:
    """What a CPU says to these arguments; None if it takes them.

    It is asked with zeros, of which many take no memory, and at first with few of them: torch checks before it
    computes, but what it does not refuse, it computes.
    """
    refusal = _asked(func, args, kwargs, _cut(name, args, kwargs, tensors))
    if refusal is None or _is_of_dtypes(refusal):
        return refusal
    # It is about shapes: the same is said at once of all the numbers, and with the right ones in the message.
    return _asked(func, args, kwargs, {}) or refusal


def _asked(func: Any, args: tuple, kwargs: dict, cut: dict[int, Shape]) -> Exception | None:
    try:
        func(*_zeros(args, cut), **_zeros(kwargs, cut))
    except Exception as refusal:
        # That zeros share their memory is our doing.
        return None if says(str(refusal), "shared_memory") else refusal
    return None


def _is_of_dtypes(refusal: Exception) -> bool:
    return says(str(refusal), "dtype", "indices")


def _cut(name: str, args: tuple, kwargs: dict, tensors: list[torch.Tensor]) -> dict[int, Shape]:
    """Smaller shapes, by the id of their tensors, that a CPU refuses if it refuses these."""
    shapes = {id(tensor): tuple(tensor.shape) for tensor in tensors}
    if not tensors:
        return shapes
    first = tensors[0]
    if name in _LAX:
        axis, reach = _LAX[name], _reach(name, args, kwargs)
        kept = None if axis is None or first.dim() < abs(axis) else axis % first.dim()
        sizes = (size if i == kept else min(size, 2 if i == 0 else reach) for i, size in enumerate(first.shape))
        shapes[id(first)] = tuple(sizes)
    elif sum(tensor.numel() for tensor in tensors) > _FEW:
        for tensor in tensors:
            if tensor.dim() > 1 and tensor.shape[0] == first.shape[0]:
                shapes[id(tensor)] = (min(tensor.shape[0], 2), *tensor.shape[1:])
    return shapes


def _reach(name: str, args: tuple, kwargs: dict) -> int:
    """How many samples one window spans, at most; 2 for what has no windows."""
    given = dict(zip(_OPERANDS.get(name, ()), args, strict=False)) | kwargs
    weight = given.get("weight")
    kernel = weight.shape[2:] if isinstance(weight, torch.Tensor) else _numbers(given.get("kernel_size", 2))
    return max(2, max((1, *kernel)) * max(1, *_numbers(given.get("dilation", 1))))


def _numbers(value: Any) -> tuple[int, ...]:
    """A size as a tuple of numbers; "same" and "valid" count as 0."""
    return tuple(value) if isinstance(value, tuple | list) else (0,) if isinstance(value, str) else (value,)


def _zeros_like(tensor: torch.Tensor, shape: Shape) -> torch.Tensor:
    """Zeros of a shape; few of them lie in memory as the tensor does, since torch's words hang on that, too."""
    like = tensor if tuple(shape) == tuple(tensor.shape) else torch.empty(shape, device="meta")
    reach = 1 + sum((n - 1) * step for n, step in zip(shape, like.stride(), strict=True)) if like.numel() else 0
    if tensor.requires_grad and like.is_contiguous() and reach <= _FEW:
        # A weight that learns: how torch computes a product, and so what it says of it, hangs on that.
        return torch.zeros(shape, dtype=tensor.dtype, device="cpu", requires_grad=True)
    if reach > _FEW:
        return torch.zeros((), dtype=tensor.dtype, device="cpu").expand(shape)
    return torch.zeros(reach, dtype=tensor.dtype, device="cpu").as_strided(shape, like.stride())


def _zeros(value: Any, cut: dict[int, Shape]) -> Any:
    """A value with zeros on the CPU in place of shapes."""
    if isinstance(value, torch.Tensor):
        return _zeros_like(value, cut.get(id(value), value.shape)) if value.is_meta else value
    if isinstance(value, tuple | list):
        return type(value)(_zeros(item, cut) for item in value) if type(value) in (tuple, list) else value
    if isinstance(value, dict):
        return {key: _zeros(item, cut) for key, item in value.items()}
    return value
