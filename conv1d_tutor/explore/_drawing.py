"""Artists that are drawn empty once and moved with every change of a control."""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.textpath import TextPath, text_to_path
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Transform

from ..plotting import INK, ROLES
from ..plotting.style import styled


class Labels:
    """Many short texts as one artist.

    Laying out a `matplotlib.text.Text` anew takes about a millisecond; with twenty of them that would be most of
    the time of a redraw. Here each text becomes a path once and is only moved after that.

    Args:
        ax: where the texts stand.
        size: of the font, in points.
        align: ``"center"``, ``"left"`` or ``"right"`` of its place.
        weight: of the font.
        colour: of the texts.
        place: the coordinates that the places are in; the data of the axes if None.

    Attributes:
        artist: the artist that draws all of them.
        texts: what it shows now.
    """

    def __init__(
        self,
        ax: Axes,
        size: float = 10,
        align: str = "center",
        weight: str = "normal",
        colour: str = INK,
        place: Transform | None = None,
    ) -> None:
        """Make an empty artist."""
        self._style = (size, align, weight)
        self.artist = PathCollection(
            [],
            offsets=np.empty((0, 2)),
            offset_transform=place or ax.transData,
            facecolor=colour,
            linewidth=0,
            clip_on=False,
        )
        self.artist.set_transform(ax.figure.dpi_scale_trans)  # the paths are in inches
        ax.add_collection(self.artist, autolim=False)
        self.texts: list[str] = []

    def write(self, places: Iterable[tuple[float, float, str]]) -> None:
        """Show these texts and no others.

        Args:
            places: (x, y, text) for each; the text is centred on y.
        """
        places = list(places)
        self.texts = [text for _, _, text in places]
        self.artist.set_paths([_text_path(text, *self._style) for text in self.texts])
        self.artist.set_offsets(np.array([place[:2] for place in places], float).reshape(-1, 2))


@functools.lru_cache(maxsize=2048)
@styled
def _text_path(text: str, size: float, align: str, weight: str) -> Path:
    """Turn a text into a path in inches around its place."""
    font = FontProperties(size=size, weight=weight)
    path = TextPath((0, 0), text, prop=font)
    width = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
    shift = {"left": 0.0, "center": -width / 2, "right": -width}[align]
    middle = 0.36 * size  # half the height of a capital letter above the base line
    return Path(np.add(path.vertices, [shift, -middle]) / 72, path.codes)


#: Time steps of a signal that one picture shows. Of a longer one it shows the page that the window is on.
PAGE = 100


def page(t: int, reads: int, length: int) -> tuple[int, int]:
    """Choose which time steps to show of a signal that is too long for one picture.

    Pages overlap by half, so that the whole window is on the page, and a move within a page needs no new
    background.

    Args:
        t: the first time step that the window reads.
        reads: time steps from its first to its last tap, both included.
        length: of the signal.

    Returns:
        The first time step shown, and the one after the last.
    """
    size = max(PAGE, 2 * reads)
    if length <= size:
        return 0, length
    first = min(t // (size // 2) * (size // 2), length - size)
    return first, first + size


def turn_page(ax: Axes, shown: tuple[int, int]) -> None:
    """Make a time axis, and those that share it, show these time steps."""
    limits = (shown[0] - 0.8, shown[1] - 0.2)
    if ax.get_xlim() != limits:
        ax.set_xlim(limits)


def whole_steps(ax: Axes, most: int) -> None:
    """Number a time axis in whole steps, with at most so many numbers."""
    ax.xaxis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))


def evenly(count: int, most: int) -> np.ndarray:
    """Choose at most so many of `count` places, evenly spread, with the first and the last among them."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(int)


def thinned(at: np.ndarray, values: np.ndarray, most: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Keep of a long curve what can be seen: the lowest and the highest value of each short stretch.

    Args:
        at: time of each value, (L,).
        values: the curve, (L,).
        most: so many values are kept at the most.

    Returns:
        The times and values that are kept, in order.
    """
    stretch = -(-2 * len(values) // most)
    if stretch <= 2:
        return at, values
    rows = np.pad(values, (0, -len(values) % stretch), mode="edge").reshape(-1, stretch)
    first = np.arange(len(rows)) * stretch
    kept = np.unique(np.minimum([first + rows.argmin(1), first + rows.argmax(1)], len(values) - 1))
    return at[kept], values[kept]


def set_scale(ax: Axes, rows: Sequence[Any]) -> None:
    """Make room for zero and for every value in `rows`, with a margin for the markers and their numbers."""
    values = np.concatenate([[0.0], *rows])
    low, high = values.min(), values.max()
    margin = 0.32 * max(high - low, 1e-9)
    ax.set_ylim(low - margin, high + margin)


def fit_scale(ax: Axes, values: np.ndarray, limits: tuple[float, float]) -> None:
    """Double the scale until every value fits. A move within the same scale needs no new background."""
    (low, high), factor = limits, 1
    while values.min(initial=0) < low * factor or values.max(initial=0) > high * factor:
        factor *= 2
    if ax.get_ylim() != (low * factor, high * factor):
        ax.set_ylim(low * factor, high * factor)


class Stems:
    """A value for each time step as a thin line with a marker on top, all of them as one artist.

    Args:
        ax: where they stand.
        role: whose colour and marker they have.

    Attributes:
        artist: the artist that draws all of them.
        at: their time steps, (L,).
        height: their values, (L,).
    """

    def __init__(self, ax: Axes, role: str) -> None:
        """Make an empty artist."""
        kind = ROLES[role]
        # Three points for each: foot, top, and the break after it. Only the top has a marker.
        style = {"color": kind.colour, "marker": kind.marker, "markevery": (1, 3)}
        (self.artist,) = ax.plot([], [], linewidth=1.4, markersize=6, **style)
        self.move(np.empty(0), np.empty(0))

    def move(self, at: np.ndarray, height: np.ndarray) -> None:
        """Show these values and no others."""
        self.at, self.height = at, height
        gap = np.full(len(at), np.nan)
        self.artist.set_data(
            np.column_stack([at, at, gap]).ravel(), np.column_stack([np.zeros(len(at)), height, gap]).ravel()
        )


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


def cell(i: float, width: float = 1) -> list[tuple[float, float]]:
    """The corners of the cell at time step `i`, or of a bar over as many cells as its width."""
    return [(i - 0.5, -0.45), (i + width - 0.5, -0.45), (i + width - 0.5, 0.45), (i - 0.5, 0.45)]


#: One stroke across the cell at 0, from its lower left to its upper right corner, and the break after it.
SLASH = np.array([(-0.5, 0.45), (0.5, -0.45), (np.nan, np.nan)])
