"""Why could a Conv1d not even be built? Its arguments are read from the frame in which torch refused."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from ...arithmetic import DEFAULTS, PADDING_MODES, Conv1dSpec, same_padding
from ..cause import cause, cause_of
from ..evidence import fix_of
from ..inputs import as_arguments
from ..model import on_meta
from ..origin import traces
from ..run import Shape, recorded
from ..torch_says import understood
from ..words import Explanation
from .pairs import asymmetric_padding

#: Longer than any kernel reaches.
_LONG = 1 << 20
_NAMES = [field.name for field in fields(Conv1dSpec)]


@dataclass(frozen=True)
class Unbuilt:
    """A Conv1d that torch refused to build.

    Attributes:
        error: what torch raised.
        arguments: what the Conv1d was called with, by name.
    """

    error: BaseException
    arguments: dict[str, Any]

    @property
    def kind(self) -> str:
        """The kind of torch's message."""
        return understood(str(self.error))[0].kind

    def one(self, name: str) -> Any:
        """A size out of its tuple."""
        value = self.arguments[name]
        return value[0] if isinstance(value, tuple | list) and value else value

    def call(self, **changes: Any) -> str:
        """The call with changes; what equals torch's default stays away."""
        values = DEFAULTS | self.arguments | changes
        required = [repr(values[name]) for name in _NAMES if name not in DEFAULTS]
        named = [f"{n}={values[n]!r}" for n, default in DEFAULTS.items() if values[n] != default]
        return f"nn.Conv1d({', '.join([*required, *named])})"


#: What a cause says of such a layer: the meaning, and the call that builds what is meant, or None.
Reason = tuple[str, str | None]


@cause(avoid="padding='valid' in its place builds too, but the length then shrinks at both ends")
def same_with_stride(at: Unbuilt) -> Reason:
    """padding='same' with a stride above 1.

    Example:
        >>> explain(lambda: nn.Conv1d(3, 64, 7, stride=2, padding="same"), (2, 3, 20)).fix
        'nn.Conv1d(3, 64, 7, stride=2, padding=3)(x)'
    """
    left, right = same_padding(at.one("kernel_size"), at.one("dilation"))
    or_before = ", or pad before the layer with F.pad" if left != right else ""
    meaning = (
        f"'same' promises as many outputs as inputs, and stride={at.arguments['stride']} keeps fewer; write the "
        f"padding as a number, {left}{or_before}"
    )
    return meaning, at.call(padding=left)


@cause()
def padding_text(at: Unbuilt) -> Reason:
    """padding is a word that torch does not know.

    Example:
        >>> explain(lambda: nn.Conv1d(4, 6, 3, padding="SAME"), (3, 4, 20)).fix
        "nn.Conv1d(4, 6, 3, padding='same')(x)"
        >>> explain(lambda: nn.Conv1d(4, 6, 3, padding="full"), (3, 4, 20)).problem
        'padding_text'
    """
    word = str(at.one("padding")).lower()
    if word in ("same", "valid"):
        return "torch wants it in small letters", at.call(padding=word)
    return "padding is a number, 'same' or 'valid'", None


@cause(same_as=asymmetric_padding)
def causal(at: Unbuilt) -> Reason:
    """padding='causal', as Keras has it.

    Example:
        >>> explain(lambda: nn.Conv1d(4, 6, 3, padding="causal", dilation=2), (3, 4, 20)).fix
        'nn.Conv1d(4, 6, 3, dilation=2)(F.pad(x, (4, 0)))'
    """
    left = sum(same_padding(at.one("kernel_size"), at.one("dilation")))
    meaning = f"torch has no 'causal': pad {left} on the left before the layer, and nothing in it"
    return meaning, f"{at.call(padding=0)}(F.pad(x, ({left}, 0)))"


@cause()
def padding_mode(at: Unbuilt) -> Reason:
    """The padding mode is unknown, or must copy more samples than there are.

    Example:
        >>> explain(lambda: nn.Conv1d(4, 6, 3, padding_mode="zero"), (3, 4, 20)).fix
        'nn.Conv1d(4, 6, 3)(x)'
    """
    near = difflib.get_close_matches(str(at.arguments["padding_mode"]), PADDING_MODES, 1)
    return f"padding_mode is one of {', '.join(PADDING_MODES)}", at.call(padding_mode=near[0]) if near else None


@cause()
def groups(at: Unbuilt) -> Reason:
    """groups does not divide the channels.

    Example:
        >>> explain(lambda: nn.Conv1d(5, 8, 3, groups=5), (3, 5, 20)).problem
        'groups'
        >>> explain(lambda: nn.Conv1d(64, 128, 5, padding=2, groups=128), (2, 64, 50)).fix
        'nn.Conv1d(64, 128, 5, padding=2, groups=64)(x)'
    """
    channels, made, parts = (at.arguments[name] for name in ("in_channels", "out_channels", "groups"))
    if not (type(channels) is type(parts) is int and channels > 0 and parts == made and parts % channels == 0):
        return _rule_of_ours(at), None
    words = f"{_rule_of_ours(at)}. A depthwise convolution has a group for each channel that comes in, {channels}"
    return words, at.call(groups=channels)


@cause()
def bad_size(at: Unbuilt) -> Reason:
    """A size is 0, negative or not a whole number.

    Example:
        >>> explain(lambda: nn.Conv1d(4, 6, -1), (3, 4, 20)).problem
        'bad_size'
    """
    return _rule_of_ours(at), None


def _rule_of_ours(at: Unbuilt) -> str:
    """The rule that `Conv1dSpec` has for these arguments, and what it says to try."""
    try:
        Conv1dSpec(**{name: value for name, value in at.arguments.items() if name != "bias"})
    except (ValueError, TypeError) as error:
        _, rule, advice = getattr(error, "parts", ("", str(error), ""))
        return " Try ".join(part.rstrip(".") + "." for part in (rule, advice) if part).rstrip(".")
    return "torch does not build such a layer"


def _reason_for(at: Unbuilt) -> Callable[[Unbuilt], Reason]:
    if at.kind == "padding_text" and at.one("padding") == "causal":
        return causal
    told = {
        "same_with_stride": same_with_stride,
        "padding_text": padding_text,
        "padding_mode_text": padding_mode,
        "groups": groups,
    }
    return told.get(at.kind, bad_size)


def refused(error: Exception, build: Callable[[], Any], x: Any) -> Explanation:
    """Tell why a function that was to build a layer did not.

    Args:
        error: what it raised.
        build: the function.
        x: the input of the layer.

    Returns:
        The explanation; that it is no layer, if the error is not about a Conv1d.
    """
    arguments = arguments_of(error)
    if arguments is not None:
        return explained_building(error, arguments, x)
    name = getattr(build, "__name__", "the function")
    return Explanation(False, "not_a_layer", f"{name} is not a layer, and did not build one: {error}")


def explained_building(error: BaseException, arguments: dict[str, Any], x: Any = None) -> Explanation:
    """Tell why torch refuses to build a Conv1d.

    Args:
        error: what torch raised.
        arguments: what the Conv1d was called with, see `arguments_of`.
        x: its input; where it is not known, the repair is run on a long one, to see that it builds.

    Returns:
        The explanation.
    """
    at = Unbuilt(error, arguments)
    told = _reason_for(at)
    meaning, call = told(at)
    fix = call if call is None or "(x)" in call or "F.pad(x" in call else f"{call}(x)"
    ran = _runs(fix, (1, arguments["in_channels"], _LONG) if x is None else x) if fix else False
    lines = [
        "Conv1d could not be built.",
        f"  torch says: {type(error).__name__}: {error}",
        f"  it means:   {meaning}.",
    ]
    if ran:
        lines.append(f"  fix:        {fix}   ({'builds' if x is None else f'ran, gives {ran}'})")
    avoid = cause_of(told).avoid
    if avoid:
        lines.append(f"  avoid:      {avoid}.")
    fixes = [fix_of(fix, meaning)] if ran else []
    return Explanation(False, cause_of(told).code, "\n".join(lines), fix if ran else None, fixes=fixes)


def arguments_of(error: BaseException) -> dict[str, Any] | None:
    """The arguments of the Conv1d that torch refused to build, None if the error is about something else."""
    for frame in (trace.tb_frame for trace in traces(error)):
        if frame.f_code.co_name == "__init__" and isinstance(frame.f_locals.get("self"), nn.Conv1d):
            names = [name for name in _NAMES if name in frame.f_locals]
            if "kernel_size" in names:
                return {name: frame.f_locals[name] for name in names}
    return None


def _runs(expression: str, x: Any) -> Shape | bool:
    """Run an expression in x on shapes; the shape that comes out, or False."""
    try:
        (value, *_), _, _ = as_arguments(x, torch.float32)
    except (TypeError, ValueError):
        return False
    names = {"x": on_meta(value), "torch": torch, "nn": nn, "F": F}
    run = recorded(lambda: eval(expression, names), meta=True)
    return False if run.failure else run.output_shape or True
