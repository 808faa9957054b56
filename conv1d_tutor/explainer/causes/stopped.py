"""Was the run ended before its end? By its time, by what it asked for, or by an exit of its own."""

from ..cause import When, cause, means
from ..sandbox import Stopped
from ..situation import Situation


@cause()
def stopped() -> None:
    """forward was stopped: it does not end, waits for you, ends Python, or needs too much memory.

    Example:
        >>> class Asking(nn.Module):
        ...     def forward(self, x):
        ...         return x if input() else -x
        >>> explain(Asking(), (2, 4, 9)).problem
        'stopped'
    """


@means(stopped, When(errors=(Stopped, SystemExit, KeyboardInterrupt, GeneratorExit)), alone=True)
def reason_of_the_stop(at: Situation) -> str:
    """Why the run did not go on."""
    if isinstance(at.failure.error, Stopped):
        return f"the run was stopped: {at.failure.message}.{at.line}"
    return f"forward raises {type(at.failure.error).__name__}, which would end Python.{at.line}"
