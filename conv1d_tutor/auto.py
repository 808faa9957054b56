"""How does a plain script get an explanation below torch's traceback? By one line: ``import conv1d_tutor.auto``.

From then on an error about what a torch layer was given, or how it was built, is explained on standard error below
its traceback, in every thread; all other errors look as before. Nothing is loaded until such an error happens, and
the hooks that were there are called first. In IPython and Jupyter, which keep their own, it is the same as
``%load_ext conv1d_tutor``. Who sets ``sys.excepthook`` afterwards, as some loggers do, takes this away again.
"""

import sys
import threading
from contextlib import suppress
from types import TracebackType


def _start() -> None:
    """Set the hooks once, or load the extension where IPython runs."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        shell.extension_manager.load_extension(__package__)
        return
    if hasattr(sys.excepthook, "explains"):  # they are set, and this module is loaded anew
        return
    traceback_of, traceback_of_thread = sys.excepthook, threading.excepthook

    def traceback_first(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback_of(kind, error, trace)
        _explain(error)

    def thread_traceback_first(args: "threading.ExceptHookArgs") -> None:
        traceback_of_thread(args)
        _explain(args.exc_value)

    traceback_first.explains = True  # type: ignore[attr-defined]
    sys.excepthook, threading.excepthook = traceback_first, thread_traceback_first


def _explain(error: BaseException | None) -> None:
    """Write the explanation of an error, if there is one; whatever goes wrong here stays silent."""
    if "torch" not in sys.modules or not isinstance(error, Exception):
        return
    with suppress(Exception):
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from ._showing import plain
            from .explainer import explain_error

            found = explain_error(error)
        if found is not None:
            print(plain(str(found), sys.stderr), file=sys.stderr)


_start()
