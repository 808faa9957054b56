"""Small arrays as squared paper: a row of cells for each channel, a column for each time step."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .._checks import refusal
from .style import ROLES, Figure, new_figure, number, styled


@styled
def draw_cells(
    values: Any,
    *,
    role: str = "input",
    ax: Axes | None = None,
    origin: tuple[float, float] = (0, 0),
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
        ax: where to draw; a new figure if None.
        origin: (x, y) of the centre of the first cell; rows go downwards.
        mark: cells to mark, as (row, column).
        mark_role: the role whose colour the marked cells take.
        fills: a colour for each cell, shape of `values`, in place of the role's fill.
        names: a name for each row.
        title: title of the picture.
        time_label: label of the time axis; the axis has no numbers if None.

    Returns:
        The figure.

    Raises:
        ValueError: the array has not one or two axes, or there is not one name for each row.

    Example:
        >>> draw_cells([[1, 2, 3], [4, 5, 6]], names=["left", "right"])
        <Figure size ... with 1 Axes>
    """
    values = np.atleast_2d(np.asarray(values))
    refuse_other_axes("draw_cells", values)
    rows, columns = values.shape
    if names is not None and len(names) != rows:
        raise refusal(
            f"draw_cells(an array of shape {values.shape}, names={list(names)!r})",
            f"{len(names)} names for {rows} rows.",
            "each row is one channel and has one name.",
            f"{rows} names.",
        )
    if ax is None:
        figure = new_figure(min(10, 1.6 + 0.46 * columns), 0.75 + 0.46 * rows)
        ax = squared_paper(figure.subplots())
    x0, y0 = origin
    for row in range(rows):
        for column in range(columns):
            marked = (row, column) in mark
            kind = ROLES[mark_role if marked else role]
            fill = kind.fill if fills is None or marked else fills[row][column]
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
            text = value if isinstance(value, str) else number(value)
            ax.text(
                x0 + column,
                y0 + row,
                text,
                ha="center",
                va="center",
                zorder=4,
                fontsize=11 if len(text) < 5 else 8,
                fontweight="bold" if marked else "normal",
            )
        if names is not None:
            ax.text(x0 - 0.75, y0 + row, names[row], ha="right", va="center", color=ROLES[role].colour)
    ax.update_datalim([(x0 - 0.6, y0 - 0.6), (x0 + columns - 0.4, y0 + rows - 0.4)])
    ax.autoscale_view()
    if title is not None:
        ax.set_title(title)
    if time_label is not None:
        ax.set_xlabel(time_label)
        ax.set_xticks([x0 + i for i in range(columns)], [str(i) for i in range(columns)])
    return ax.figure


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
        fills: by name of a grid, a colour for each of its cells, of the grid's shape.
        mark: by name of a grid, the cells to mark, as (row, column).
        mark_role: the role whose colour and hatch the marked cells take.
        role: what the arrays are, a key of `ROLES`.
        stacked: draw the grids below each other; else next to each other.
        title: title of the picture.

    Returns:
        The figure, with one axes; each grid stands below its name.

    Raises:
        ValueError: there is no grid, an array has not two axes, names do not fit, or a mapping names no grid.

    Example:
        >>> draw_grids({"case 0": [[1, 2, 3], [4, 5, 6]], "case 1": [[7, 8, 9], [10, 11, 12]]})
        <Figure size ... with 1 Axes>
    """
    arrays = {name: np.atleast_2d(np.asarray(grid)) for name, grid in grids.items()}
    options = {"rows": rows or {}, "columns": columns or {}, "fills": fills or {}, "mark": mark or {}}
    _refuse_grids(arrays, options)
    # One cell is 0.46 in wide; a letter of a name takes about a fifth of that.
    left = 0.6 + 0.21 * max((len(text) for names in options["rows"].values() for text in names), default=0)
    top = 1.6 if options["columns"] else 1.0
    across, down, places = 0.0, 0.0, {}
    for name, array in arrays.items():
        height, width = top + len(array) + 0.4, left + max(array.shape[1], 0.23 * len(name)) + 0.3
        places[name] = (left, down + top) if stacked else (across + left, top)
        across, down = (max(across, width), down + height) if stacked else (across + width, max(down, height))
    scale = min(0.46, 10 / across)
    figure = new_figure(0.3 + scale * across, (0.5 if title else 0.15) + scale * (down - 0.5))
    ax = squared_paper(figure.subplots())
    for name, array in arrays.items():
        x0, y0 = places[name]
        chosen = {key: option.get(name) for key, option in options.items()}
        draw_cells(
            array,
            role=role,
            ax=ax,
            origin=(x0, y0),
            mark=chosen["mark"] or (),
            mark_role=mark_role,
            fills=chosen["fills"],
            names=chosen["rows"],
        )
        for column, text in enumerate(chosen["columns"] or ()):
            ax.text(x0 + column, y0 - 0.75, text, ha="center", va="center", color=ROLES[role].colour, fontsize=10)
        ax.text(x0 - 0.5, y0 - top + 0.15, name, ha="left", va="center", fontweight="bold")
    ax.set_xlim(-0.5, across - 0.5)
    ax.set_ylim(down - 0.8, -0.3)
    if title is not None:
        ax.set_title(title)
    return figure


def _refuse_grids(arrays: Mapping[str, np.ndarray], options: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse what `draw_grids` cannot place."""
    call = f"draw_grids({{{', '.join(f'{name!r}: an array of shape {a.shape}' for name, a in arrays.items())}}})"
    if not arrays:
        raise refusal(call, "no grid.", "at least one array is drawn.", 'draw_grids({"x": x}).')
    for array in arrays.values():
        refuse_other_axes("draw_grids", array)
    for option, by_name in options.items():
        for name, values in by_name.items():
            if name not in arrays:
                rule = f"{option} is given by the name of a grid: {', '.join(map(repr, arrays))}."
                raise refusal(call, f"{option} for {name!r}.", rule, f"{option}={{{next(iter(arrays))!r}: ...}}.")
            wanted = {
                "rows": arrays[name].shape[:1],
                "columns": arrays[name].shape[1:],
                "fills": arrays[name].shape,
            }
            found = np.shape(values)
            if option in wanted and found[: len(wanted[option])] != wanted[option]:
                rule = f"{name!r} has shape {arrays[name].shape}, so its {option} have shape {wanted[option]}."
                raise refusal(call, f"{option} of shape {found}.", rule, f"one for each: {wanted[option]}.")


def squared_paper(ax: Axes) -> Axes:
    """Turn an axes into squared paper: rows go down, no frame, no grid."""
    ax.set_aspect("equal")
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.set_yticks([])
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    return ax


def refuse_other_axes(name: str, array: np.ndarray) -> None:
    """Refuse an array that is not (C, L)."""
    if array.ndim != 2:
        raise refusal(
            f"{name}(an array of shape {array.shape})",
            f"{array.ndim} axes.",
            "one signal is drawn at a time: (channels, length) or (length,).",
            "one case of the batch, such as x[0].",
        )
