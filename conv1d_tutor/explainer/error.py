"""Which layer call raised this error, and what explains it? Read from the frames the error came through."""

from pathlib import Path
from types import FrameType

import torch

from .answer import explain
from .causes.building import arguments_of, explained_building, frames_of
from .torch_says import UNKNOWN, understood
from .words import Explanation


def explain_error(error: BaseException) -> Explanation | None:
    """Explain an error that came out of a torch layer, from the frames it came through.

    Args:
        error: an exception that was raised, with its traceback.

    Returns:
        The explanation; None if the error is not about what a layer was given.

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
    arguments = arguments_of(error)
    if arguments is not None:
        return explained_building(error, arguments)
    calls = [frame.f_locals for frame in frames_of(error) if _is_layer_call(frame)]
    if not calls or not _is_about_tensors(error):
        return None
    # The whole model first: it alone shows where in it the layer stands. If a copy on shapes does not fail in the
    # same way, the layer that refused, with what it was given.
    for call in (calls[0], calls[-1]):
        args = call["args"]
        if not args or call.get("kwargs"):
            continue
        found = explain(call["self"], args if len(args) > 1 else args[0], values=False)
        if not found.ok and found.problem not in ("not_traceable", "bad_input"):
            return found
    return None


def _is_layer_call(frame: FrameType) -> bool:
    """Whether a frame is torch's own call of a module, which keeps the arguments as they came."""
    names = frame.f_locals
    return (
        frame.f_code.co_name == "_call_impl" and isinstance(names.get("self"), torch.nn.Module) and "args" in names
    )


def _is_about_tensors(error: Exception) -> bool:
    """Whether torch raised it, or something that torch's functions are known to say."""
    innermost = list(frames_of(error))[-1].f_code.co_filename
    known, *_ = understood(str(error))
    return known is not UNKNOWN or innermost.startswith(str(Path(torch.__file__).parent))
