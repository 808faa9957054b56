"""Does `draw_grids` show every cell where it belongs, and refuse what it cannot place?"""

import matplotlib.colors
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from conv1d_tutor.plotting import ROLES, draw_grids

A, B = np.array([[1, 2, 3], [4, 5, 6]]), np.array([[7], [8]])


def texts(figure):
    return {text.get_text(): text.get_position() for text in figure.axes[0].texts}


def cells(figure):
    """By the centre of each cell, the cell."""
    patches = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    return {(patch.get_x() + 0.5, patch.get_y() + 0.5): patch for patch in patches}


def test_every_value_stands_in_the_cell_of_its_row_and_column():
    figure = draw_grids({"a": A, "b": B})
    places, boxes = texts(figure), cells(figure)
    assert len(boxes) == A.size + B.size
    for grid in (A, B):
        x0, y0 = places[str(grid[0, 0])]
        for (row, column), value in np.ndenumerate(grid):
            assert places[str(value)] == pytest.approx((x0 + column, y0 + row))
            assert any(np.allclose(centre, places[str(value)]) for centre in boxes)


def test_grids_stand_next_to_each_other_or_below_each_other_and_never_overlap():
    beside, below = texts(draw_grids({"a": A, "b": B})), texts(draw_grids({"a": A, "b": B}, stacked=True))
    assert beside["7"][1] == beside["1"][1]
    assert beside["7"][0] > beside["3"][0] + 1
    assert below["7"][0] == below["1"][0]
    assert below["7"][1] > below["4"][1] + 1


def test_each_name_stands_above_its_grid():
    places = texts(draw_grids({"first": A, "second": B}, columns={"first": ["x", "y", "z"]}))
    for name, corner in (("first", "1"), ("second", "7")):
        assert places[name][0] == pytest.approx(places[corner][0] - 0.5)
        assert places[name][1] < places[corner][1] - 1


def test_rows_and_columns_are_named_by_grid():
    figure = draw_grids({"a": A, "b": B}, rows={"b": ["up", "down"]}, columns={"a": ["x", "y", "z"]}, title="T")
    places = texts(figure)
    assert places["down"][1] == places["8"][1]
    assert places["3"][0] > places["1"][0]
    assert places["up"][0] < places["7"][0]
    assert places["up"][0] > places["3"][0]
    assert places["z"] == pytest.approx((places["3"][0], places["3"][1] - 0.75))
    assert figure.axes[0].get_title(loc="left") == "T"


def test_fills_and_marks_reach_the_cells_of_their_grid_only():
    fills = np.array([["#112233"] * 3, ["#445566"] * 3])
    figure = draw_grids({"a": A, "b": B}, fills={"a": fills}, mark={"a": {(0, 1)}}, mark_role="padding")
    places, boxes = texts(figure), cells(figure)

    def box(value):
        return next(patch for centre, patch in boxes.items() if np.allclose(centre, places[value]))

    def colour(value):
        return matplotlib.colors.to_hex(box(value).get_facecolor()).upper()

    assert (colour("1"), colour("6")) == ("#112233", "#445566")
    # A mark is a border and a hatch: the colour of its own that a cell was given can still be read.
    edge = matplotlib.colors.to_hex(box("2").get_edgecolor()).upper()
    assert (colour("2"), edge, box("2").get_hatch()) == (
        "#112233",
        ROLES["padding"].colour,
        ROLES["padding"].hatch,
    )
    assert colour("8") == ROLES["input"].fill


def test_names_of_the_rows_of_one_grid_leave_no_void_before_the_others():
    named, plain = {"a": ["a very long name", "x"]}, draw_grids({"a": A, "b": B})
    gap = texts(draw_grids({"a": A, "b": B}, rows=named))
    assert gap["7"][0] - gap["3"][0] == pytest.approx(texts(plain)["7"][0] - texts(plain)["3"][0])
    below = texts(draw_grids({"a": A, "b": B}, rows=named, stacked=True))
    assert below["7"][0] == below["1"][0]


def test_long_names_of_rows_get_room():
    figure = draw_grids({"a": A, "b": B}, rows={"b": ["a very long name", "x"]})
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    shown = [text.get_text() for text in figure.axes[0].texts]
    assert boxes[shown.index("a very long name")].x0 > boxes[shown.index("3")].x1


def test_a_wide_picture_stays_within_ten_inches():
    assert draw_grids({str(n): np.zeros((2, 8)) for n in range(4)}).get_figwidth() < 10.5


@pytest.mark.parametrize(
    ("grids", "options", "message"),
    [
        ({}, {}, r"grids=\{\}\.\n.*at least one"),
        ({"a": np.zeros((2, 2, 2))}, {}, r"draw_grids\(grids=\{.*\n.*grids\['a'\] of shape \(2, 2, 2\), 3 axes"),
        ({"a": A}, {"rows": [["x", "y"]]}, "rows is given by the name of a grid: 'a'"),
        ({"a": A}, {"mark": {"a": {(2, 0)}}}, r"\(2, 0\) in mark\['a'\]\.\n.*2 rows and 3 columns"),
        ({"a": A}, {"stacked": A}, "stacked is one of False, True"),
        ({"a": A}, {"rows": {"b": ["x", "y"]}}, "rows for 'b'"),
        ({"a": A}, {"rows": {"a": ["x"]}}, r"1 names for 2 rows: .*\n.*\n.*rows\['a'\]="),
        ({"a": A}, {"columns": {"a": ["x", "y"]}}, r"2 names for 3 columns"),
        ({"a": A}, {"fills": {"a": [["red"]]}}, r"fills\['a'\] of 1 rows and 1 columns\.\n.*2 rows and 3 columns"),
    ],
)
def test_what_cannot_be_placed_is_refused(grids, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        draw_grids(grids, **options)
