"""What a running notebook gets: the course's style, and an explanation under every error from a torch layer."""

import contextlib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .explainer import Explanation


def use_style() -> None:
    """Give every figure of this notebook the course's fonts, colours and margins.

    Returns:
        None.

    Example:
        >>> use_style()
    """
    import matplotlib.pyplot as plt

    from ._style import STYLE

    plt.rcParams.update(STYLE)


def load_ipython_extension(shell: Any) -> None:
    """Start explaining: ``%load_ext conv1d_tutor``.

    After a cell that ended in an error from inside a torch layer, the explanation follows torch's own traceback.

    Args:
        shell: the running IPython shell.
    """
    # Loaded now, so that the first error does not wait for it.
    from . import explainer  # noqa: F401

    shell.events.register("post_run_cell", _after_cell)


def unload_ipython_extension(shell: Any) -> None:
    """Stop explaining: ``%unload_ext conv1d_tutor``.

    Args:
        shell: the running IPython shell.
    """
    with contextlib.suppress(ValueError):
        shell.events.unregister("post_run_cell", _after_cell)


def explain_error(error: BaseException) -> "Explanation | None":
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
    from ._explaining.building import arguments_of, frames_of
    from .explainer import explain, explained_building

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


def _is_layer_call(frame: Any) -> bool:
    """Whether a frame is torch's own call of a module, which keeps the arguments as they came."""
    import torch

    names = frame.f_locals
    return (
        frame.f_code.co_name == "_call_impl" and isinstance(names.get("self"), torch.nn.Module) and "args" in names
    )


def _is_about_tensors(error: Exception) -> bool:
    """Whether torch raised it, or something that torch's functions are known to say."""
    import torch

    from ._explaining.building import frames_of
    from ._explaining.messages import kind_of

    innermost = list(frames_of(error))[-1].f_code.co_filename
    return kind_of(str(error)) != "unknown" or innermost.startswith(str(Path(torch.__file__).parent))


def _after_cell(result: Any) -> None:
    """Show the explanation of a cell's error; whatever goes wrong here stays silent."""
    error = getattr(result, "error_in_exec", None)
    if error is None:
        return
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = explain_error(error)
        if found is not None:
            from IPython.display import display

            display(found)
