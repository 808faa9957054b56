"""The colours, fonts and figures of the course: one colour, one hatch and one marker for each role."""

import functools
import io
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar

import matplotlib.figure
import matplotlib.pyplot as plt

P = ParamSpec("P")
T = TypeVar("T")


class Role(NamedTuple):
    """How one kind of thing is drawn; shape and hatch carry the same message as the colour."""

    colour: str
    fill: str
    marker: str
    hatch: str | None = None


#: What is drawn in which way, in every lesson. The colours follow Okabe and Ito: colour-blind readers see them.
ROLES = {
    "input": Role("#0072B2", "#DCEBF5", "o"),
    "window": Role("#B87700", "#FFE3A8", "o"),
    "kernel": Role("#D55E00", "#FBE0CF", "D"),
    "output": Role("#00795A", "#D3EEE5", "s"),
    "padding": Role("#7A7A7A", "#EEEEEE", "o", "////"),
    "unread": Role("#AA4488", "#F7E4F0", "X", "xxxx"),
}

INK = "#222222"

GRID = "#DDDDDD"

#: Fonts, lines and margins of every figure; `conv1d_tutor.use_style` makes them the notebook's own.
STYLE: dict[str, Any] = {
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": "#888888",
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": plt.cycler(color=["#0072B2", "#D55E00", "#00795A", "#B87700", "#AA4488", "#56B4E9"]),
    "grid.color": GRID,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "hatch.linewidth": 0.6,
    "patch.linewidth": 1.0,
}


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that a notebook shows when a cell ends with it, without any set-up."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", bbox_inches="tight")
        return buffer.getvalue()


def styled(function: Callable[P, T]) -> Callable[P, T]:
    """Run a drawing function in the course's style, whatever the notebook's own style is."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        with plt.rc_context(STYLE):
            return function(*args, **kwargs)

    return wrapper


@styled
def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure that does not belong to pyplot.

    Args:
        width: in inches.
        height: in inches.

    Returns:
        The figure.
    """
    return Figure(figsize=(width, height), layout="constrained")


def use_style() -> None:
    """Give every figure of this notebook the course's fonts, colours and margins.

    Returns:
        None.

    Example:
        >>> use_style()
    """
    _show_in_notebook()
    plt.rcParams.update(STYLE)


def _show_in_notebook() -> None:
    """In a kernel, show pictures below their cells, also where MPLBACKEND, meant for scripts, says otherwise."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    # A kernel sets it to a module of its own, unless it was set before.
    if hasattr(shell, "kernel") and not os.environ.get("MPLBACKEND", "module:").startswith("module:"):
        shell.run_line_magic("matplotlib", "inline")


def number(value: float, digits: int = 4) -> str:
    """Write a number as a person would: few digits and a real minus sign.

    Args:
        value: the number.
        digits: at most so many digits that count.

    Returns:
        Its text.

    Example:
        >>> number(-2.0)
        '−2'
    """
    return f"{value + 0.0:.{digits}g}".replace("-", "−")  # + 0.0 turns −0 into 0
