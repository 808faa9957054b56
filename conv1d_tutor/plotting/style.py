"""The colours, fonts and figures of the course: one colour, one hatch and one marker for each role."""

import functools
import io
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar

import matplotlib.figure
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import ScalarFormatter

from .._refusals import Refused, brief, finite_number, refusing, whole_number

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
    # Lines have no marker; the window's colour would look like the kernel's to many: a darker one stands for it.
    "axes.prop_cycle": plt.cycler(color=["#0072B2", "#D55E00", "#00795A", "#7A4E00", "#AA4488", "#56B4E9"]),
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

#: In the course's own pictures a name such as "cost_$_per_$" is no formula. (In the notebook's own figures it may
#: be one, as on a logarithmic axis.)
NO_FORMULAS = {"text.parse_math": False, "text.usetex": False, "axes.formatter.use_mathtext": False}

#: Inches; 1 inch is 100 pixels.
MOST_INCHES = 100


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that a notebook shows when a cell ends with it, without any set-up.

    Attributes:
        alt: what it shows, in words, for those who do not see it; a notebook stores it beside the picture.
    """

    alt: str = ""

    def _repr_png_(self) -> bytes | tuple[bytes, dict[str, str]]:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", bbox_inches="tight")
        return (buffer.getvalue(), {"alt": self.alt}) if self.alt else buffer.getvalue()


def styled(function: Callable[P, T]) -> Callable[P, T]:
    """Run a drawing function in the course's style, whatever the notebook's own style is."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        with plt.rc_context(STYLE | NO_FORMULAS):
            return function(*args, **kwargs)

    return wrapper


@refusing
@styled
def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure that does not belong to pyplot.

    Args:
        width: in inches.
        height: in inches.

    Returns:
        The figure.

    Raises:
        ValueError: a size is not a number above 0, or is so large that it was meant in pixels.

    Example:
        >>> new_figure(8, 2.4)
        <Figure size ... with 0 Axes>
    """
    for name, value in (("width", width), ("height", height)):
        if finite_number(name, value, above=0) > MOST_INCHES:
            rule = f"sizes are in inches, at most {MOST_INCHES}, and 1 inch is 100 pixels."
            raise Refused(f"{name}={brief(value)}.", rule, "new_figure(8, 2.4), which is 800 pixels wide.")
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


class Ticks(ScalarFormatter):
    """The numbers along an axis, as matplotlib writes them; but zero is "0" among decimals too, as in cells."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Write one of them."""
        return "0" if x == 0 else super().__call__(x, pos)


def entitle(ax: Axes, title: str | None) -> None:
    """Write the title above a picture, if there is one."""
    if title is not None:
        ax.set_title(title)


@refusing
def number(value: float, digits: int = 4) -> str:
    """Write a number as a person would: few digits and a real minus sign.

    Args:
        value: the number.
        digits: at most so many digits that count.

    Returns:
        Its text; "nan" for a gap.

    Raises:
        TypeError: it is no number.
        ValueError: digits is not a whole number from 1 to 17.

    Example:
        >>> number(-2.0)
        '−2'
    """
    digits = whole_number("digits", digits, 1, 17)
    try:
        plain = value.item() if hasattr(value, "item") else value
        return f"{plain + 0.0:.{digits}g}".replace("-", "−")  # + 0.0 turns −0 into 0
    except (TypeError, ValueError, OverflowError, RuntimeError):
        rule = "one number is written, of at most 308 digits."
        raise Refused(
            f"value={brief(value)}.", rule, "one entry of an array, such as x[0, 0].", TypeError
        ) from None
