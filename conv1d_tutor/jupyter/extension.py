"""What a running notebook gets: an explanation under every error from a torch layer."""

import contextlib
import warnings
from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Start explaining: ``%load_ext conv1d_tutor``.

    After a cell that ended in an error from inside a torch layer, the explanation follows torch's own traceback.

    Args:
        shell: the running IPython shell.
    """
    from torch import nn

    from ..explainer import explain

    # The first run on shapes loads torch's own tables, which takes a second: better now than after an error.
    explain(nn.Sequential(nn.Conv1d(1, 1, 1, device="meta"), nn.ReLU()), (1, 1, 1))
    shell.events.register("post_run_cell", _after_cell)


def unload_ipython_extension(shell: Any) -> None:
    """Stop explaining: ``%unload_ext conv1d_tutor``.

    Args:
        shell: the running IPython shell.
    """
    with contextlib.suppress(ValueError):
        shell.events.unregister("post_run_cell", _after_cell)


def _after_cell(result: Any) -> None:
    """Show the explanation of a cell's error; whatever goes wrong here stays silent."""
    error = getattr(result, "error_in_exec", None)
    if error is None:
        return
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ..explainer import explain_error

        found = explain_error(error)
        if found is not None:
            from IPython.display import display

            display(found)
