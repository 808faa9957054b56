"""What is wrong with F.conv1d, or F.conv_transpose1d, of two bare tensors?"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from ..cause import Repair, When, cause, means
from ..inputs import as_arguments
from ..layers import CONVOLUTIONS
from ..model import on_meta
from ..readings import Reading, renamed, told
from ..run import Run, Subject, recorded
from ..search import find
from ..situation import Situation
from ..words import Explanation
from .device import and_then, shape_of

#: What the axes of a weight are.
_WEIGHTS = {"conv1d": "(O, C / groups, K)", "conv_transpose1d": "(C, O / groups, K)"}


@cause()
def bare_operands(
    kernel: torch.Tensor, x: Any, function: str = "conv1d", options: Mapping[str, Any] | None = None
) -> Explanation:
    """The axes of a signal and of a weight given to F.conv1d do not fit each other.

    Args:
        kernel: what stands as the weight.
        x: what stands as the signal.
        function: ``"conv1d"`` or ``"conv_transpose1d"``.
        options: its further arguments, by name.

    Returns:
        The explanation, with the weight as ``layer`` in what it suggests.

    Example:
        >>> explain(torch.ones(5), torch.ones(100)).fix
        'F.conv1d(x.reshape(1, 1, -1), layer.reshape(1, 1, -1))'
        >>> explain(torch.ones(1, 1, 21, 1), torch.ones(1, 1, 242, 256)).fix
        'F.conv2d(x, layer)'
        >>> explain(torch.ones(1, 1, 100), torch.ones(1, 1, 5)).problem
        'operands_exchanged'
        >>> explain(torch.ones(6, 4, 3), torch.ones(2, 3, 9)).problem
        'bare_operands'
    """
    try:
        (signal, *_), _, _ = as_arguments(x, kernel.dtype)
    except (TypeError, ValueError) as error:
        return Explanation(False, "bad_input", f"F.{function} needs two tensors, and x is not one: {error}")
    options = dict(options or {})
    if signal.device != kernel.device and not signal.is_meta:
        call = f"F.{function}(x.to(layer.device), layer{_written(options)})"
        text = (
            f"The signal is on {signal.device} and the weight on {kernel.device}: torch computes only where both "
            f"are.\n  fix:        {call}   (not run here)"
        )
        there = bare_operands(shape_of(kernel), shape_of(signal), function, options)
        return and_then(Explanation(False, "device", text, call), "x.to(layer.device)", there)
    names = {"x": on_meta(signal), "layer": on_meta(kernel), "torch": torch, "F": F}
    names |= {"bias": on_meta(options["bias"])} if isinstance(options.get("bias"), torch.Tensor) else {}
    text = (
        f"F.{function} takes a signal (N, C, L) and a weight {_WEIGHTS[function]}; here x is "
        f"{tuple(signal.shape)}, the weight {tuple(kernel.shape)}."
    )
    plain = _ran(f"F.{function}(x, layer{_written(options)})", names)
    if plain.failure is None:
        return Explanation(True, None, f"{text}\nIt runs and gives {plain.output_shape}.")
    found: dict[str, tuple[str, Reading]] = {}
    for code, reading in _readings(function, signal, kernel, options):
        run = _ran(reading.expression, names)
        if run.failure is None:
            ran = reading._replace(ran=f"ran, gives {run.output_shape}")
            found.setdefault(reading.expression, (code, ran))
    lines, fix, fixes = told([reading for _, reading in found.values()])
    code = next((code for code, _ in found.values()), "bare_operands")
    lines = [text, f"  torch says: {plain.failure.message}", *lines]
    return Explanation(False, code, "\n".join(lines), fix, fixes=fixes)


def _ran(call: str, names: Mapping[str, Any]) -> Run:
    return recorded(lambda: eval(call, dict(names)), meta=True)


def _written(options: Mapping[str, Any], **changes: Any) -> str:
    """Further arguments as they follow in the call."""
    kept = {name: value for name, value in {**options, **changes}.items() if value is not None}
    return "".join(
        f", {name}={'bias' if isinstance(value, torch.Tensor) else repr(value)}" for name, value in kept.items()
    )


def _readings(
    function: str, signal: torch.Tensor, kernel: torch.Tensor, options: dict[str, Any]
) -> Iterator[tuple[str, Reading]]:
    """What may be meant, each with the code of its problem; the likely ones first."""
    rest, shape, weight = _written(options), tuple(signal.shape), tuple(kernel.shape)
    call = f"F.{function}({{}}, {{}}{rest})"
    if len(shape) == len(weight) == 4:
        words = "signal and weight both have four axes, as an image and a kernel of two directions have"
        yield "needs_conv2d", Reading(f"{call.replace('1d', '2d').format('x', 'layer')}", words)
        return
    if shape and weight and weight[-1] > shape[-1]:
        words = "the longer one is the signal and comes first"
        for form in "{}", "{}.reshape(1, 1, -1)":
            exchanged = call.format(form.format("layer"), form.format("x"))
            yield "operands_exchanged", Reading(exchanged, f"{words}: signal and weight are exchanged")
            if len(shape) == len(weight) == 3:
                break
    yield from _with_axes(call, shape, weight)
    if len(shape) == len(weight) == 3:
        yield from _other_weights(function, call, shape, weight, options)
        yield from _as_a_layer(function, signal, kernel, options)
    elif len(weight) == 3 and weight[1] > 1:
        yield from _as_a_layer(function, signal, kernel, options)


def _with_axes(call: str, shape: tuple[int, ...], weight: tuple[int, ...]) -> Iterator[tuple[str, Reading]]:
    """Operands that lack axes, or have one of size 1 too many.

    Example:
        >>> for weight, x in ((5,), (3, 100)), ((5,), (3, 4, 100)), ((8, 5), (3, 1, 100)), ((4, 5), (3, 4, 100)):
        ...     print([fix.expression for fix in explain(torch.ones(weight), torch.ones(x)).fixes])
        ['F.conv1d(x.unsqueeze(1), layer.reshape(1, 1, -1))']
        ['F.conv1d(x, layer.expand(4, 1, -1), groups=4)']
        ['F.conv1d(x, layer.unsqueeze(1))']
        ['F.conv1d(x, layer.unsqueeze(1), groups=4)', 'F.conv1d(x, layer.unsqueeze(0))']
        >>> for weight, x in ((2, 4, 5, 1), (3, 4, 99)), ((2, 1, 5), (99,)), ((8, 5), (99,)), ((8, 5), (3, 99)):
        ...     print(explain(torch.ones(weight), torch.ones(x)).fix)
        F.conv1d(x, layer.squeeze(3))
        F.conv1d(x.reshape(1, 1, -1), layer)
        F.conv1d(x.reshape(1, 1, -1), layer.unsqueeze(1))
        F.conv1d(x.unsqueeze(1), layer.unsqueeze(1))
    """
    code, missing = "missing_channel_axis", "the axes of size 1 are missing"
    x = {1: "x.reshape(1, 1, -1)", 2: "x.unsqueeze(1)", 3: "x"}.get(len(shape))
    if x is None:
        return
    channels = shape[1] if len(shape) == 3 else 1
    if len(weight) == 1:
        form = "layer.reshape(1, 1, -1)"
        if channels > 1:
            words = f"the same filter is meant for each of the {channels} channels by itself"
            yield code, Reading(_grouped(call, x, f"layer.expand({channels}, 1, -1)", channels), words)
        else:
            yield code, Reading(call.format(x, form), missing)
    elif len(weight) == 2:
        if channels > 1 and weight[0] == channels:
            words = f"the weight has a filter for each of the {channels} channels"
            yield code, Reading(_grouped(call, x, "layer.unsqueeze(1)", channels), words)
            words = f"the weight is one filter that reads all {channels} channels"
            yield code, Reading(call.format(x, "layer.unsqueeze(0)"), words)
        else:
            words = f"the weight is {weight[0]} filters of {weight[1]} taps, each for one channel"
            yield code, Reading(call.format(x, "layer.unsqueeze(1)"), words)
    elif len(weight) == 3 and len(shape) < 3 and weight[1] == 1:
        yield code, Reading(call.format(x, "layer"), missing)
    elif len(weight) == 4:
        for axis in (3, 2):
            if weight[axis] == 1:
                words = f"axis {axis} of the weight, of size 1, is one too many, as conv2d has it"
                yield "extra_axis", Reading(call.format(x, f"layer.squeeze({axis})"), words)


def _grouped(call: str, x: str, layer: str, groups: int) -> str:
    """The call with as many groups."""
    return f"{call.format(x, layer)[:-1]}, groups={groups})"


def _other_weights(
    function: str, call: str, shape: tuple[int, ...], weight: tuple[int, ...], options: dict[str, Any]
) -> Iterator[tuple[str, Reading]]:
    """Weights of another order, or for groups that were not asked for.

    Example:
        >>> for weight in (1, 1, 5), (4, 1, 5), (8, 1, 5), (8, 5, 4), (4, 8, 5):
        ...     print(explain(torch.ones(weight), torch.ones(3, 4, 100)).fixes[0].expression)
        F.conv1d(x, layer.expand(4, -1, -1), groups=4)
        F.conv1d(x, layer, groups=4)
        F.conv1d(x, layer, groups=4)
        F.conv1d(x, layer.transpose(1, 2))
        F.conv1d(x, layer.transpose(0, 1))
    """
    code, channels, place = "bare_operands", shape[1], 1 if function == "conv1d" else 0
    if function == "conv1d" and weight[1] == 1 < channels and options.get("groups", 1) == 1:
        if weight[0] == 1:
            words = f"the same filter is meant for each of the {channels} channels by itself"
            yield code, Reading(_grouped(call, "x", f"layer.expand({channels}, -1, -1)", channels), words)
        elif weight[0] % channels == 0:
            words = f"the weight has filters of one channel, {weight[0]} of them for {channels} channels"
            yield code, Reading(_grouped(call, "x", "layer", channels), words, sure=weight[0] == channels)
    elif weight[place] != channels:
        if weight[1 - place] == channels:
            words = f"axes 0 and 1 of the weight are exchanged: axis {place} has to be the {channels} channels"
            yield code, Reading(call.format("x", "layer.transpose(0, 1)"), words, sure=shape[2] != weight[place])
        if weight[2] == channels:
            words = f"axis 2 of the weight is the {channels} channels, and the taps come last"
            yield code, Reading(call.format("x", f"layer.transpose({place}, 2)"), words)


@cause(When(kinds=("channels", "axes")), same_as=bare_operands)
def inside_forward(at: Situation) -> Iterator[Repair]:
    """A forward calls F.conv1d with a weight of its own, and its input has other axes.

    Example:
        >>> class Filter(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.weight = nn.Parameter(torch.ones(8, 5, 3))
        ...
        ...     def forward(self, x):
        ...         return nn.functional.conv1d(x, self.weight)
        >>> explain(Filter(), (2, 49, 5)).fix
        'layer(x.permute(0, 2, 1))'
    """
    name, shapes = at.failure.function, at.failure.shapes[:2]
    if name not in _WEIGHTS or isinstance(at.layer, CONVOLUTIONS) or len(shapes) < 2 or shapes[0] != at.shape:
        return
    signal, kernel = (torch.empty(shape, device="meta") for shape in shapes)
    if kernel.dim() != 3:
        return
    wanted = int(at.failure.numbers[0]) if at.kind == "channels" else kernel.shape[1]
    groups = max(1, wanted // kernel.shape[1]) if name == "conv1d" else 1
    for _, reading in _as_a_layer(name, signal, kernel, {"groups": groups}):
        data = reading.expression.removeprefix(f"F.{name}(").partition(", layer")[0]
        yield Repair(reading.when, here=renamed(data, {"x": "_"}).replace("_", "{}", 1), doubtful=not reading.sure)


@means(bare_operands, When(kinds=("channels", "axes", "weight_axes")), last=True)
def operands_of_a_function(at: Situation) -> str:
    """What torch means where forward itself calls a convolution."""
    name, shapes = at.failure.function, at.failure.shapes[:2]
    if name not in _WEIGHTS or isinstance(at.layer, CONVOLUTIONS) or len(shapes) < 2:
        return ""
    return (
        f"forward calls {name} with a signal {shapes[0]} and a weight {shapes[1]}; it takes (N, C, L) and "
        f"{_WEIGHTS[name]}.{at.line}"
    )


def _as_a_layer(
    function: str, signal: torch.Tensor, kernel: torch.Tensor, options: dict[str, Any]
) -> Iterator[tuple[str, Reading]]:
    """What the rule book says of a layer with this weight, as far as it leaves the weight as it is.

    Example:
        >>> explain(torch.ones(8, 5, 3), torch.ones(2, 49, 5)).fix
        'F.conv1d(x.permute(0, 2, 1), layer)'
        >>> explain(torch.ones(8, 5, 3), torch.ones(49, 5)).fix
        'F.conv1d(x.T.unsqueeze(0), layer)'
        >>> explain(torch.ones(8, 5, 3), torch.ones(2, 5, 49).double()).fix
        'F.conv1d(x.float(), layer)'
    """
    settings = {name: value for name, value in options.items() if name != "bias" and value is not None}
    first, second, taps = kernel.shape
    groups = settings.get("groups", 1)
    if function == "conv1d":
        kind, sizes = nn.Conv1d, (second * groups, first)
    else:
        kind, sizes = nn.ConvTranspose1d, (first, second * groups)
    try:
        layer = kind(*sizes, taps, bias=False, device="meta", dtype=kernel.dtype, **settings)
    except (TypeError, ValueError, RuntimeError):
        return
    subject = Subject(layer, (signal,), "x", False)
    run = subject.first_run()
    if run.failure is None:
        return
    finding = find(subject, run)
    for number, reading in enumerate(finding.readings):
        before, _, data = reading.expression.partition("layer(")
        if not before and reading.changes.keeps_weights:
            call = f"F.{function}({data[:-1]}, layer{_written(options)})"
            yield finding.cause.code, Reading(call, reading.fix.when, sure=finding.is_clear and not number)
