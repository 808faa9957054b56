"""From a table to (batch, channels, length): where each value goes under permute, reshape and other moves."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from matplotlib.artist import Artist

from .._refusals import Refused, brief, choice, entries, names, refusing, whole_number
from ..layout import check_layout
from ..plotting import INK, ROLES, new_figure
from ..plotting.style import styled
from ._drawing import Labels, cell, row_of_cells
from .base import Explorable, buttons, slider


class LayoutLabPicture:
    """The table, one row for each case and time step, beside one item of the tensor made from it.

    Args:
        ids: a name for each case.
        features: a name for each feature.
        times: number of time steps of a case.
        shapes: every shape (items, rows, columns) that the tensor will have.

    Attributes:
        figure: the figure.
        artists: what `update` changes.
    """

    #: A fill for each feature; the name stands in every cell, so that the colour is never needed alone.
    FILLS = tuple(ROLES[role].fill for role in ("input", "unread", "output", "kernel", "padding"))

    @styled
    def __init__(
        self, ids: Sequence[str], features: Sequence[str], times: int, shapes: Sequence[tuple[int, int, int]]
    ) -> None:
        """Draw all that stays: the table."""
        self._names = [f"{i} h{t} {f}" for i in ids for t in range(times) for f in features]
        rows, columns = len(ids) * times, len(features)
        tallest, widest = (max(shape[axis] for shape in shapes) for axis in (1, 2))
        self._origin = columns + 3.2
        # As large as the longest name allows: with its share of the margin, a letter takes 0.7 of the size.
        cell_points = 8.8 * 72 / (self._origin + widest + 1.6)
        size = min(10.0, cell_points / (0.7 * max(map(len, self._names))))
        height = max(rows, tallest + 2)
        self.figure = new_figure(8.8, 1.0 + 0.42 * height)
        ax = self.figure.subplots()
        ax.set(xlim=(-1.6, self._origin + widest), ylim=(height - 0.2, -1.9))
        ax.axis("off")
        ax.text(-0.5, -1.45, "the table: a row for each case and time", fontweight="bold", va="center")
        for column, feature in enumerate(features):
            ax.text(column, -0.8, feature, ha="center", va="center", color=INK)
        for row in range(rows):
            ax.text(-0.65, row, f"{ids[row // times]} h{row % times}", ha="right", va="center")
        cells = row_of_cells(ax, "input")
        cells.set_verts([_cell(c, r) for r in range(rows) for c in range(columns)])
        cells.set_facecolor([self.FILLS[c % len(self.FILLS)] for _ in range(rows) for c in range(columns)])
        for index, name in enumerate(self._names):
            ax.text(index % columns, index // columns, name, ha="center", va="center", fontsize=size)
        self._columns = columns
        self._taken = row_of_cells(ax, "window")
        self._taken.set(facecolor="none", linewidth=2.4)
        self._item = row_of_cells(ax, "input")
        self._title = Labels(ax, 11, "left", "bold")
        self._row_labels, self._column_labels, self._cell_labels = (
            Labels(ax, 11, "right"),
            Labels(ax, 11),
            Labels(ax, size),
        )
        labels = (self._title, self._row_labels, self._column_labels, self._cell_labels)
        self.artists: list[Artist] = [self._taken, self._item, *(label.artist for label in labels)]

    def update(self, title: str, item: np.ndarray) -> None:
        """Show one item of the tensor.

        Args:
            title: what it is.
            item: for each of its cells, which value of the table it holds (counted by rows), (rows, columns).
        """
        self._title.write([(self._origin - 0.5, -1.45, title)])
        rows, columns = item.shape
        self._taken.set_verts([_cell(i % self._columns, i // self._columns) for i in item.ravel()])
        self._item.set_verts([_cell(self._origin + c, r) for r in range(rows) for c in range(columns)])
        self._item.set_facecolor([self.FILLS[i % self._columns % len(self.FILLS)] for i in item.ravel()])
        x = [self._origin + column for column in range(columns)]
        self._cell_labels.write((x[c], r, self._names[item[r, c]]) for r in range(rows) for c in range(columns))
        channels = names("names", None, rows)
        self._row_labels.write((self._origin - 0.65, r, channel) for r, channel in enumerate(channels))
        self._column_labels.write((x[c], -0.8, f"step {c}") for c in range(columns))


class LayoutLab(Explorable):
    """Turn a table into what Conv1d reads, in right and in wrong ways: see where each value goes.

    Args:
        ids: a short name for each case, 2 to 4.
        features: a short name for each feature, 2 to 5.
        times: time steps of each case, 2 to 6.
        move: the first move, a key of `MOVES`.
        item: which item of the result to show first.

    Raises:
        TypeError, ValueError: there is no room for so many cases, features or times, or no such move or item.

    Example:
        >>> LayoutLab(move="reshape").sentence
        'reshape gives (2, 3, 4): item 0, channel 0 holds A h0 HR, A h0 BP, A h0 O2, A h1 HR. ...'
    """

    #: Each move takes (cases, times, features) to what is given to Conv1d.
    MOVES: ClassVar[dict[str, Callable[[np.ndarray], np.ndarray]]] = {
        "permute(0, 2, 1)": lambda x: x.transpose(0, 2, 1),
        "reshape": lambda x: x.reshape(x.shape[0], x.shape[2], x.shape[1]),
        "nothing": lambda x: x,
        "transpose(0, 1)": lambda x: x.swapaxes(0, 1),
        "permute(2, 1, 0), as .T does": lambda x: x.transpose(2, 1, 0),
    }

    @refusing
    def __init__(
        self,
        ids: Sequence[str] = ("A", "B"),
        features: Sequence[str] = ("HR", "BP", "O2"),
        times: int = 4,
        *,
        move: str = "permute(0, 2, 1)",
        item: int = 0,
    ) -> None:
        """Check that the table fits on the picture, and show the first move."""
        ids, features = _few("ids", ids, 4), _few("features", features, 5)
        times = whole_number("times", times, 2, 6)
        self.array = np.arange(len(ids) * times * len(features)).reshape(len(ids), times, len(features))
        shapes = [function(self.array).shape for function in self.MOVES.values()]
        most = max(shape[0] for shape in shapes) - 1
        start = {"move": choice("move", move, self.MOVES), "item": whole_number("item", item, 0, most)}
        controls = {
            "move": buttons("move", self.MOVES, move),
            "item": slider("item", start["item"], 0, most),
        }
        super().__init__(LayoutLabPicture(ids, features, times, shapes), controls, start)

    def describe(self) -> str:
        """Say what the first channel of the item holds, and whether it is one feature over time."""
        state, result = self.state(), self._result()
        item = result[state["item"]]
        name = state["move"].split(", as ")[0]
        holds = ", ".join(self._picture._names[i] for i in item[0])
        text = f"{name} gives {result.shape}: item {state['item']}, channel 0 holds {holds}. "
        code = check_layout(self.array, result).code
        if state["move"] == "permute(0, 2, 1)":
            return text + "It is one feature of one case over time: this is what Conv1d reads."
        if code == "reshaped":
            return text + "It mixes several features: the shape is right, the data are wrong."
        over = "feature to feature" if result.shape[2] == self.array.shape[2] else "case to case"
        return text + f"The kernel would slide from {over}, not along time."

    def _result(self) -> np.ndarray:
        return self.MOVES[self.controls["move"].value](self.array)

    def _settle(self) -> None:
        self.controls["item"].max = len(self._result()) - 1

    def _draw(self) -> None:
        state = self.state()
        result = self._result()
        self._picture.update(f"item {state['item']} of the tensor {result.shape}", result[state["item"]])


def _few(name: str, given: Any, most: int) -> list[str]:
    """Take as many names as the picture has room for."""
    listed = entries(given)
    if listed is None or not 2 <= len(listed) <= most:
        found = f"{name}: {brief(given) if listed is None else len(listed)}."
        advice = f"a small table of the same kind, with {most} {name}."
        raise Refused(found, f"the picture has room for 2 to {most} {name}.", advice)
    return names(name, listed, len(listed))


def _cell(column: float, row: float) -> list[tuple[float, float]]:
    """The corners of a cell."""
    return [(x, row + y) for x, y in cell(column)]
