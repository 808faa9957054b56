"""Why could a layer not even be built? The arguments are read from the frame in which torch refused."""

import difflib
from collections.abc import Iterator
from dataclasses import fields
from types import FrameType
from typing import Any

from torch import nn

from ..arithmetic import PADDING_MODES, Conv1dSpec
from .torch_says import kind_of

_NAMES = tuple(field.name for field in fields(Conv1dSpec))


def frames_of(error: BaseException) -> Iterator[FrameType]:
    """The frames an error came through, outermost first."""
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def arguments_of(error: BaseException) -> dict[str, Any] | None:
    """The arguments of the Conv1d that torch refused to build, None if the error is about something else."""
    for frame in frames_of(error):
        if frame.f_code.co_name == "__init__" and isinstance(frame.f_locals.get("self"), nn.Conv1d):
            names = [name for name in _NAMES if name in frame.f_locals]
            if "kernel_size" in names:
                return {name: frame.f_locals[name] for name in names}
    return None


def reason(error: BaseException, arguments: dict[str, Any]) -> tuple[str, str, str | None]:
    """Tell why a Conv1d cannot be built.

    Args:
        error: what torch raised.
        arguments: what the Conv1d was called with, see `arguments_of`.

    Returns:
        The problem, its meaning, and the call that builds what is meant, or None.
    """
    kind = kind_of(str(error))
    kernel, dilation, padding = (_first(arguments[name]) for name in ("kernel_size", "dilation", "padding"))
    if kind == "same_with_stride":
        total = dilation * (kernel - 1)
        meaning = (
            f"'same' promises as many outputs as inputs, and stride={arguments['stride']} keeps fewer; write the "
            "padding as a "
            f"number, {total // 2}" + ("" if total % 2 == 0 else ", or pad before the layer with F.pad")
        )
        return "same_with_stride", meaning, _call(arguments, padding=total // 2)
    if kind == "padding_text":
        if str(padding).lower() in ("same", "valid"):
            return (
                "padding_text",
                "torch wants it in small letters",
                _call(arguments, padding=str(padding).lower()),
            )
        if padding == "causal":
            left = dilation * (kernel - 1)
            meaning = f"torch has no 'causal': pad {left} on the left before the layer, and nothing in it"
            return "asymmetric_padding", meaning, f"{_call(arguments, padding=0)}(F.pad(x, ({left}, 0)))"
        return "padding_text", "padding is a number, 'same' or 'valid'", None
    if kind == "padding_mode_text":
        near = difflib.get_close_matches(str(arguments["padding_mode"]), PADDING_MODES, 1)
        fix = _call(arguments, padding_mode=near[0]) if near else None
        return "padding_mode", f"padding_mode is one of {', '.join(PADDING_MODES)}", fix
    code = "groups" if kind == "groups" else "bad_size"
    try:
        Conv1dSpec(**{name: value for name, value in arguments.items() if name != "bias"})
    except (ValueError, TypeError) as refusal:
        told = [
            line.split(":", 1)[1].strip()
            for line in str(refusal).splitlines()
            if line.lstrip().startswith(("rule", "try"))
        ]
        return code, " Try ".join(line.rstrip(".") + "." for line in told).rstrip("."), None
    return code, "torch does not build such a layer", None


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple | list) and value else value


def _call(arguments: dict[str, Any], **changes: Any) -> str:
    """The call with changes; what equals torch's default stays away."""
    default = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True, "padding_mode": "zeros"}
    values = arguments | changes
    named = [f"{n}={values[n]!r}" for n in _NAMES[3:] if n in values and values[n] != default[n]]
    return f"nn.Conv1d({', '.join([*(repr(values[n]) for n in _NAMES[:3]), *named])})"
