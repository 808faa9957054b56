"""Small arrays as squared paper: a row of cells for each channel, a column for each time step."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .._refusals import Refused, brief, choice, refusing
from .checks import caption, cells, channel_names, check_room, fill_colours, marks, text
from .style import ROLES, Figure, entitle, new_figure, number, styled


@refusing
@styled
def draw_cells(
    values: Any,
    *,
    role: str = "input",
    mark: Collection[tuple[int, int]] = (),
    mark_role: str = "window",
    fills: Any = None,
    names: Sequence[str] | None = None,
    title: str | None = None,
    time_label: str | None = None,
) -> Figure:
    """Draw an array as a grid of cells: a row for each channel, a column for each time step.

    Args:
        values: numbers or short texts, (C, L) or (L,).
        role: what the array is, a key of `ROLES`.
        mark: cells to mark, as (row, column).
        mark_role: the role whose colour the marked cells take.
        fills: a colour for each cell, shape of `values`, in place of the role's fill; marks are then borders
            only, so that the colours can still be read.
        names: a name for each row.
        title: title of the picture.
        time_label: label of the time axis; the axis has no numbers if None.

    Returns:
        The figure.

    Raises:
        TypeError, ValueError: the array has not one or two axes or is too large to be read, there is not one
            name for each row or one colour for each cell, or there is no such role or cell.

    Example:
        >>> draw_cells([[1, 2, 3], [4, 5, 6]], names=["left", "right"])
        <Figure size ... with 1 Axes>
    """
    values = cells("values", values)
    rows, columns = values.shape
    check_room("values", values, rows, columns, values.size)
    looks = {
        "role": choice("role", role, ROLES),
        "mark": marks("mark", mark, values.shape),
        "mark_role": choice("mark_role", mark_role, ROLES),
        "fills": None if fills is None else fill_colours("fills", fills, values.shape),
        "names": None if names is None else channel_names("names", names, values, "row"),
    }
    title, time_label = caption("title", title), caption("time_label", time_label)
    figure = new_figure(min(10, 1.6 + 0.46 * columns), 0.75 + 0.46 * rows)
    ax = squared_paper(figure.subplots())
    put_cells(ax, values, **looks)
    entitle(ax, title)
    if time_label is not None:
        ax.set_xlabel(time_label)
        ax.set_xticks(range(columns), [str(i) for i in range(columns)])
    return figure


@refusing
@styled
def draw_grids(
    grids: Mapping[str, Any],
    *,
    rows: Mapping[str, Sequence[str]] | None = None,
    columns: Mapping[str, Sequence[str]] | None = None,
    fills: Mapping[str, Any] | None = None,
    mark: Mapping[str, Collection[tuple[int, int]]] | None = None,
    mark_role: str = "window",
    role: str = "input",
    stacked: bool = False,
    title: str | None = None,
) -> Figure:
    """Draw several small arrays as grids of cells on one paper, so that their shapes can be compared.

    Args:
        grids: by name, the arrays, each (rows, columns), of numbers or short texts.
        rows: by name of a grid, a name for each of its rows.
        columns: by name of a grid, a name for each of its columns.
        fills: by name of a grid, a colour for each of its cells, of the grid's shape; marks are then borders only.
        mark: by name of a grid, the cells to mark, as (row, column).
        mark_role: the role whose colour and hatch the marked cells take.
        role: what the arrays are, a key of `ROLES`.
        stacked: draw the grids below each other; else next to each other.
        title: title of the picture.

    Returns:
        The figure, with one axes; each grid stands below its name.

    Raises:
        TypeError, ValueError: there is no grid, an array has not two axes, names do not fit, a mapping names no
            grid, there is no such role or cell, or the picture would be too large to be read.

    Example:
        >>> draw_grids({"case 0": [[1, 2, 3], [4, 5, 6]], "case 1": [[7, 8, 9], [10, 11, 12]]})
        <Figure size ... with 1 Axes>
    """
    if not isinstance(grids, Mapping) or not grids:
        kind = ValueError if isinstance(grids, Mapping) else TypeError
        rule = "grids is a dict from names to arrays, at least one."
        raise Refused(f"grids={brief(grids)}.", rule, 'draw_grids({"x": x}).', kind)
    arrays = {name: cells(f"grids[{name!r}]", grid) for name, grid in grids.items()}
    row_names = _by_grid("rows", rows, arrays, lambda name, given, grid: channel_names(name, given, grid, "row"))
    column_names = _by_grid(
        "columns", columns, arrays, lambda name, given, grid: channel_names(name, given, grid.T, "column")
    )
    colours = _by_grid("fills", fills, arrays, lambda name, given, grid: fill_colours(name, given, grid.shape))
    marked = _by_grid("mark", mark, arrays, lambda name, given, grid: marks(name, given, grid.shape))
    role, mark_role = choice("role", role, ROLES), choice("mark_role", mark_role, ROLES)
    stacked = choice("stacked", stacked, (False, True))
    title = None if title is None else text("title", title)
    _check_paper(arrays, stacked)
    # One cell is 0.46 in wide; a letter of a name takes about a fifth of that.
    lefts = {name: 0.6 + 0.21 * max(map(len, row_names.get(name, ())), default=0) for name in arrays}
    if stacked:  # one below the other, so that their columns can be compared
        lefts = dict.fromkeys(arrays, max(lefts.values()))
    top = 1.6 if column_names else 1.0
    across, down, places = 0.0, 0.0, {}
    for name, grid in arrays.items():
        left = lefts[name]
        height, width = top + len(grid) + 0.1, left + max(grid.shape[1], 0.23 * len(str(name))) + 0.3
        places[name] = (left, down + top) if stacked else (across + left, top)
        across, down = (max(across, width), down + height) if stacked else (across + width, max(down, height))
    scale = min(0.46, 10 / across)
    title = caption("title", title)
    figure = new_figure(0.3 + scale * across, (0.5 if title else 0.15) + scale * (down - 0.2))
    ax = squared_paper(figure.subplots())
    for name, grid in arrays.items():
        x0, y0 = places[name]
        put_cells(
            ax,
            grid,
            role=role,
            origin=(x0, y0),
            mark=marked.get(name, ()),
            mark_role=mark_role,
            fills=colours.get(name),
            names=row_names.get(name),
        )
        for column, head in enumerate(column_names.get(name, ())):
            ax.text(x0 + column, y0 - 0.75, head, ha="center", va="center", color=ROLES[role].colour, fontsize=10)
        ax.text(x0 - 0.5, y0 - top + 0.15, str(name), ha="left", va="center", fontweight="bold")
    ax.set_xlim(-0.5, across - 0.5)
    ax.set_ylim(down - 0.5, -0.3)
    entitle(ax, title)
    return figure


def _by_grid(
    option: str,
    given: Any,
    grids: Mapping[str, np.ndarray],
    take: Callable[[str, Any, np.ndarray], Any],
) -> dict[str, Any]:
    """Take an option of `draw_grids` that is given by the name of a grid."""
    if given is None:
        return {}
    rule = f"{option} is given by the name of a grid: {', '.join(map(repr, grids))}."
    advice = f"{option}={{{next(iter(grids))!r}: ...}}."
    if not isinstance(given, Mapping):
        raise Refused(f"{option}={brief(given)}.", rule, advice, TypeError)
    for name in given:
        if name not in grids:
            raise Refused(f"{option} for {name!r}.", rule, advice)
    return {name: take(f"{option}[{name!r}]", value, grids[name]) for name, value in given.items()}


def _check_paper(grids: Mapping[str, np.ndarray], stacked: bool) -> None:
    """Refuse grids that no eye could read on one paper."""
    heights, widths = zip(*(grid.shape for grid in grids.values()), strict=True)
    largest = max(grids, key=lambda name: grids[name].size)
    check_room(
        f"grids[{largest!r}]",
        grids[largest],
        sum(heights) if stacked else max(heights),
        max(widths) if stacked else sum(widths),
        sum(grid.size for grid in grids.values()),
    )


def put_cells(
    ax: Axes,
    values: np.ndarray,
    *,
    role: str = "input",
    origin: tuple[float, float] = (0, 0),
    mark: Collection[tuple[int, int]] = (),
    mark_role: str = "window",
    fills: Any = None,
    names: Sequence[str] | None = None,
    numbered: int | None = None,
) -> None:
    """Put a grid of cells on paper.

    Args:
        ax: the paper.
        values: numbers or short texts, (rows, columns).
        role, mark, mark_role, fills, names: as in `draw_cells`, checked.
        origin: (x, y) of the centre of the first cell; rows go downwards.
        numbered: the index of the first column; each cell's index is then written small into its corner.
    """
    x0, y0 = origin
    rows, columns = values.shape
    for row in range(rows):
        for column in range(columns):
            marked = (row, column) in mark
            kind = ROLES[mark_role if marked else role]
            fill = kind.fill if fills is None else fills[row][column]
            value = values[row, column]
            ax.add_patch(
                Rectangle(
                    (x0 + column - 0.5, y0 + row - 0.5),
                    1,
                    1,
                    facecolor=fill,
                    edgecolor=kind.colour,
                    hatch=kind.hatch,
                    linewidth=2.2 if marked else 0.9,
                    zorder=3 if marked else 2,
                )
            )
            written = value if isinstance(value, str) else number(value)
            ax.text(
                x0 + column,
                y0 + row,
                written,
                ha="center",
                va="center",
                zorder=4,
                fontsize=11 if len(written) < 5 else 8,
                fontweight="bold" if marked else "normal",
            )
            if numbered is not None:
                corner, index = (x0 + column - 0.43, y0 + row - 0.42), str(numbered + column)
                ax.text(*corner, index, ha="left", va="top", zorder=4, fontsize=7, color=kind.colour)
        if names is not None:
            ax.text(x0 - 0.75, y0 + row, names[row], ha="right", va="center", color=ROLES[role].colour)
    ax.update_datalim([(x0 - 0.6, y0 - 0.6), (x0 + columns - 0.4, y0 + rows - 0.4)])
    ax.autoscale_view()


def number_steps(ax: Axes, steps: Sequence[int], label: str, numbers: Sequence[str] | None = None) -> None:
    """Number the time steps of squared paper, and name them below their middle.

    Args:
        ax: the paper, with its limits set.
        steps: where the steps stand, in order.
        label: what they are.
        numbers: what is written below each; the steps themselves if None.
    """
    low, high = ax.get_xlim()
    ax.set_xticks(steps, [number(step) for step in steps] if numbers is None else numbers)
    # Not below the middle of the paper, where there is room for names on one side only.
    ax.set_xlabel(label, x=((steps[0] + steps[-1]) / 2 - low) / (high - low))


def squared_paper(ax: Axes) -> Axes:
    """Turn an axes into squared paper: rows go down, no frame, no grid."""
    ax.set_aspect("equal")
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.set_yticks([])
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    return ax
