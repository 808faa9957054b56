"""Artists that are drawn empty once and moved with every change of a control."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

from ..plotting import ROLES


def set_scale(ax: Axes, rows: Sequence[Any]) -> None:
    """Make room for zero and for every value in `rows`, with a margin for the markers and their numbers."""
    values = np.concatenate([[0.0], *rows])
    low, high = values.min(), values.max()
    margin = 0.32 * max(high - low, 1e-9)
    ax.set_ylim(low - margin, high + margin)


def stems(ax: Axes, role: str, at: Any = (), height: Any = ()) -> tuple[Artist, Artist]:
    """Draw a value for each time step as a thin line with a marker on top."""
    kind = ROLES[role]
    (lines,) = ax.plot([], [], color=kind.colour, linewidth=1.4)
    (dots,) = ax.plot([], [], kind.marker, color=kind.colour, markersize=6)
    move_stems((lines, dots), np.asarray(at), np.asarray(height))
    return lines, dots


def move_stems(stems: tuple[Artist, Artist], at: np.ndarray, height: np.ndarray) -> None:
    lines, dots = stems
    gap = np.full(len(at), np.nan)
    lines.set_data(
        np.column_stack([at, at, gap]).ravel(), np.column_stack([np.zeros(len(at)), height, gap]).ravel()
    )
    dots.set_data(at, height)


def row_of_cells(ax: Axes, role: str) -> PolyCollection:
    """Make an empty row of cells in the colours of a role."""
    kind = ROLES[role]
    cells = PolyCollection([], facecolor=kind.fill, edgecolor=kind.colour, linewidth=1.0, transform=ax.transData)
    ax.add_collection(cells, autolim=False)
    return cells


def legend_patch(role: str, label: str) -> Patch:
    """Make the sample of a role's cells for a legend."""
    kind = ROLES[role]
    return Patch(facecolor=kind.fill, edgecolor=kind.colour, hatch=kind.hatch, label=label)


def square(i: int) -> list[tuple[float, float]]:
    return [(i - 0.5, -0.45), (i + 0.5, -0.45), (i + 0.5, 0.45), (i - 0.5, 0.45)]


#: One stroke across the cell at 0, from its lower left to its upper right corner, and the break after it.
SLASH = np.array([(-0.5, 0.45), (0.5, -0.45), (np.nan, np.nan)])
