"""What was asked of torch when it raised this error? Read from the frames that the error came through.

One question after the other is put to the frames: was a layer built, a checkpoint loaded, cases stacked, a model
copied, gradients computed, a layer called, a function called? The first that was asked is explained.
"""

import inspect
from collections.abc import Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NamedTuple

import torch
from torch import nn

from .answer import explain
from .calls import Call, calls_of_models, failing_call
from .causes import arrays, bare_tensors, batches, device, dtype, inplace, memory, state
from .causes.building import arguments_of, explained_building
from .origin import line_of, raised_in, traces
from .places import accelerator
from .readings import rewritten
from .tensors import tensors_in
from .torch_says import UNKNOWN, Message, understood
from .words import Explanation

_TORCH = str(Path(torch.__file__).parent)
#: Functions of torch that are read as a layer: the layer's class, the operands, and what else builds it.
_LAYERS: dict[str, tuple[type[nn.Module], tuple[str, ...], tuple[str, ...]]] = {
    "cross_entropy": (nn.CrossEntropyLoss, ("input", "target"), ("weight", "ignore_index", "label_smoothing")),
    "nll_loss": (nn.NLLLoss, ("input", "target"), ("weight", "ignore_index")),
    "binary_cross_entropy": (nn.BCELoss, ("input", "target"), ("weight",)),
    "binary_cross_entropy_with_logits": (nn.BCEWithLogitsLoss, ("input", "target"), ("weight", "pos_weight")),
    "mse_loss": (nn.MSELoss, ("input", "target"), ()),
    "l1_loss": (nn.L1Loss, ("input", "target"), ()),
    "smooth_l1_loss": (nn.SmoothL1Loss, ("input", "target"), ("beta",)),
    "ctc_loss": (nn.CTCLoss, ("log_probs", "targets", "input_lengths", "target_lengths"), ("blank",)),
    "_max_pool1d": (nn.MaxPool1d, ("input",), ("kernel_size", "stride", "padding", "dilation", "ceil_mode")),
    "max_pool1d": (nn.MaxPool1d, ("input",), ("kernel_size", "stride", "padding", "dilation", "ceil_mode")),
    "avg_pool1d": (nn.AvgPool1d, ("input",), ("kernel_size", "stride", "padding", "ceil_mode")),
    "adaptive_avg_pool1d": (nn.AdaptiveAvgPool1d, ("input",), ("output_size",)),
}
#: The arguments of the convolutions of bare tensors, in torch's order.
_CONVOLUTIONS = {
    "conv1d": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    "conv_transpose1d": (
        *("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation"),
    ),
}


class Trouble(NamedTuple):
    """An error with what is read from it once.

    Attributes:
        error: the error.
        frames: the frames it came through, outermost first.
        own: the last part of the traceback in code of the user's own, None if there is none.
        said: torch's message, on one line.
        known: the row of the message.
    """

    error: Exception
    frames: list[FrameType]
    own: TracebackType | None
    said: str
    known: Message


def explain_error(error: BaseException) -> Explanation | None:
    """Explain an error that torch raised, from the frames it came through.

    Args:
        error: an exception that was raised, with its traceback.

    Returns:
        The explanation; None if the error is not about what a layer or a function of torch was given. For a call
        of a function of torch, its fix is written in the names of that call.

    Example:
        >>> import torch
        >>> try:
        ...     _ = torch.nn.Conv1d(5, 8, 3)(torch.zeros(2, 49, 5))
        ... except RuntimeError as error:
        ...     print(explain_error(error).fix)
        layer(x.permute(0, 2, 1))
    """
    if not isinstance(error, Exception) or error.__traceback__ is None:
        return None
    said = " ".join(str(error).split())
    trouble = Trouble(error, [trace.tb_frame for trace in traces(error)], _own(error), said, understood(said)[0])
    questions = (
        _failed_elsewhere,
        _built,
        _loaded,
        _stacked,
        _copied,
        _went_backward,
        _called_a_layer,
        _called_a_function,
    )
    answers: Any = (ask(trouble) for ask in questions)
    return next((found for found in answers if found is not None), None)


def _failed_elsewhere(trouble: Trouble) -> Explanation | None:
    return device.told_late(trouble.error) if isinstance(trouble.error, torch.AcceleratorError) else None


def _built(trouble: Trouble) -> Explanation | None:
    arguments = arguments_of(trouble.error)
    return None if arguments is None else explained_building(trouble.error, arguments)


def _loaded(trouble: Trouble) -> Explanation | None:
    for before, frame in zip([None, *trouble.frames], trouble.frames, strict=False):
        names = frame.f_locals
        if frame.f_code.co_name == "load_state_dict" and isinstance(names.get("self"), nn.Module):
            return _checkpoint(names["self"], names.get("state_dict"), before)
    return None


def _checkpoint(model: nn.Module, weights: Any, caller: FrameType | None) -> Explanation | None:
    """Explain a checkpoint in the names that the caller has for it, and for an input of the model."""
    if not isinstance(weights, Mapping) or not weights:
        return None
    names = {**caller.f_globals, **caller.f_locals} if caller else {}
    # torch's frame holds a copy of the dict: it is known by its tensors.
    dicts = {name: value for name, value in names.items() if isinstance(value, Mapping) and [*value] == [*weights]}
    name = next((name for name, value in dicts.items() if all(value[key] is weights[key] for key in value)), "x")
    values = {name: dict(weights)}
    for other, value in names.items():
        # An input that the mended model takes confirms it.
        if isinstance(value, torch.Tensor) and value.is_floating_point() and not isinstance(value, nn.Parameter):
            found = state.state_dict(model, weights, name, f"layer({other})", {**values, other: value})
            if found.fix:
                return found
    return state.state_dict(model, weights, name, names=values)


def _stacked(trouble: Trouble) -> Explanation | None:
    if trouble.known.kind != "stack":
        return None
    batches_seen = (frame.f_locals.get("batch") for frame in trouble.frames)
    cases = next((batch for batch in reversed([*batches_seen]) if isinstance(batch, list | tuple)), None)
    return batches.unequal_lengths(trouble.said, cases)


def _copied(trouble: Trouble) -> Explanation | None:
    if trouble.known.kind != "deepcopy":
        return None
    copied = (frame.f_locals.get("x") for frame in trouble.frames if frame.f_code.co_name == "deepcopy")
    return state.copied_weight(next((x for x in copied if isinstance(x, nn.Module)), None), trouble.said)


def _went_backward(trouble: Trouble) -> Explanation | None:
    if trouble.known.kind not in ("inplace", "backward"):
        return None
    if trouble.known.kind == "inplace":
        for frame in reversed([frame for frame in trouble.frames if _is_own(frame)]):
            for model, args in calls_of_models(frame):
                found = inplace.inplace(model, args, trouble.said)
                if found:
                    return found
    return inplace.backward(trouble.known, trouble.said)


def _called_a_layer(trouble: Trouble) -> Explanation | None:
    calls = [frame.f_locals for frame in trouble.frames if _is_layer_call(frame)]
    if not calls or not (_is_about_tensors(trouble) or raised_in(trouble.error)):
        return None
    # The whole model first: it alone shows where in it the layer stands. If a copy on shapes does not fail in the
    # same way, the layer that refused, with what it was given.
    for call in (calls[0], calls[-1]):
        args = _in_order(call["self"], call["args"], call.get("kwargs") or {})
        if not args:
            continue
        x = args if len(args) > 1 else args[0]
        found = explain(call["self"], x, values=False)
        if found.ok and trouble.known.kind == "memory":
            found = memory.asked_for(call["self"], args, trouble.said) or found
        if found.ok and trouble.known.kind == "half":
            found = dtype.half_precision(trouble.said)
        if found.ok and trouble.known.problem == "device" and (home := accelerator(tensors_in(args))):
            said, line = f"  torch says: {trouble.said}", line_of(trouble.error)
            found = device.meets_elsewhere(home, said, trouble.known, line)
        if found.ok and trouble.known.kind == "array":
            found = arrays.not_a_tensor(call["self"], x, trouble.said)
        # Of what the model's own code raises, only a rule about shapes is known here.
        mine = found.problem == "own_rule" or found.fixes or _is_about_tensors(trouble)
        if not found.ok and mine and found.problem not in ("not_traceable", "bad_input"):
            return found
    return None


def _called_a_function(trouble: Trouble) -> Explanation | None:
    if trouble.own is None or not _is_about_tensors(trouble):
        return None
    # What is written in Python keeps its arguments in a frame, what is not is read from the line.
    inner = [frame for frame in trouble.frames if frame.f_code.co_filename == inspect.getfile(nn.functional)]
    call = failing_call(trouble.own)
    sources = call.sources if call else ()
    if inner and inner[0].f_code.co_name in _LAYERS:
        kind, operands, settings = _LAYERS[inner[0].f_code.co_name]
        return _as_a_layer(kind, operands, settings, inner[0].f_locals, sources)
    if call is None:
        return None
    name = call.name.rpartition(".")[2]
    if call.function not in (getattr(nn.functional, name, None), getattr(torch, name, None)):
        return None
    if name in _LAYERS:
        kind, operands, settings = _LAYERS[name]
        given_names = dict(zip((*operands, *settings), call.args, strict=False)) | call.kwargs
        return _as_a_layer(kind, operands, settings, given_names, sources)
    if name in _CONVOLUTIONS:
        return _of_bare_tensors(name, call)
    return None


def _as_a_layer(
    kind: type[nn.Module],
    operands: tuple[str, ...],
    settings: tuple[str, ...],
    names: Mapping[str, Any],
    sources: tuple[str, ...],
) -> Explanation | None:
    args = tuple(names[name] for name in operands if name in names)
    if len(args) < len(operands):
        return None
    layer = kind(**{name: names[name] for name in settings if name in names})
    found = explain(layer, args if len(args) > 1 else args[0], values=False)
    if found.ok or found.problem == "bad_input":
        return None
    text = f"The function is read as the layer that does the same, {layer}.\n{found.text}"
    return Explanation(False, found.problem, text, found.fix, found.notes, found.trace, found.fixes)


def _of_bare_tensors(name: str, call: Call) -> Explanation | None:
    given_names = dict(zip(_CONVOLUTIONS[name], call.args, strict=False)) | call.kwargs
    x, weight = given_names.pop("input", None), given_names.pop("weight", None)
    if not isinstance(x, torch.Tensor) or not isinstance(weight, torch.Tensor):
        return None
    found = bare_tensors.bare_operands(weight, x, name, given_names)
    if found.ok:
        return None
    written = dict(zip(_CONVOLUTIONS[name], call.sources, strict=False))
    names = {"x": written.get("input", "x"), "layer": written.get("weight", "layer")}
    return rewritten(found, names | ({"bias": written["bias"]} if "bias" in written else {}))


def _in_order(model: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """The arguments of a call by their places in forward; () if some can only be given by name."""
    if not kwargs:
        return args
    try:
        bound = inspect.signature(model.forward).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return ()
    bound.apply_defaults()
    last = max(place for place, name in enumerate(bound.arguments) if name in kwargs or place < len(args))
    return () if bound.kwargs else bound.args[: last + 1]


def _own(error: BaseException) -> TracebackType | None:
    """The last part of a traceback that belongs to code of the user's own."""
    *_, own = [None, *(trace for trace in traces(error) if _is_own(trace.tb_frame))]
    return own


def _is_own(frame: FrameType) -> bool:
    return not frame.f_code.co_filename.startswith(_TORCH)


def _is_layer_call(frame: FrameType) -> bool:
    """Whether a frame is torch's own call of a module, which keeps the arguments as they came."""
    names = frame.f_locals
    return frame.f_code.co_name == "_call_impl" and isinstance(names.get("self"), nn.Module) and "args" in names


def _is_about_tensors(trouble: Trouble) -> bool:
    """Whether torch raised it, or something that torch's functions are known to say."""
    innermost = trouble.frames[-1].f_code.co_filename
    return trouble.known is not UNKNOWN or innermost.startswith(_TORCH)
