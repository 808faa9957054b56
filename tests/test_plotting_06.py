"""The picture of a matrix product that lesson 06 draws."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from conv1d_tutor import plotting
from conv1d_tutor.plotting import ROLES


def cell_texts(figure) -> list[str]:
    """What stands in the cells; names, shapes and signs are coloured or larger."""
    return [t.get_text() for t in figure.axes[0].texts if t.get_color() == plotting.INK and t.get_fontsize() == 11]


def test_plot_product_writes_the_numbers_of_both_sides_and_the_product() -> None:
    left, right = [[1, 2, 0], [0, 1, 2]], [[1, 0], [3, 1], [2, 5]]
    texts = cell_texts(plotting.plot_product(left, right))
    assert texts == ["1", "2", "0", "0", "1", "2", "1", "0", "3", "1", "2", "5", "7", "2", "7", "11"]


def test_plot_product_names_shapes_as_they_are() -> None:
    figure = plotting.plot_product(np.ones((2, 3)), np.ones(3), heads=("matrix", "signal", "output"))
    shown = [t.get_text() for t in figure.axes[0].texts]
    for text in ("matrix", "(2, 3)", "signal", "(3,)", "output", "(2,)", "@", "="):
        assert text in shown


def test_plot_product_colours_by_role() -> None:
    figure = plotting.plot_product(np.ones((1, 2)), np.ones((2, 1)), roles=("input", "kernel", "unread"))
    edges = [patch.get_edgecolor() for patch in figure.axes[0].patches]
    wanted = [*["input"] * 2, *["kernel"] * 2, "unread"]
    assert edges == [to_rgba(ROLES[role].colour) for role in wanted]


def test_plot_product_leaves_zeros_of_the_left_matrix_empty_only_there() -> None:
    figure = plotting.plot_product([[1, 0]], [[0], [5]], hide_zeros=True)
    assert cell_texts(figure) == ["1", "", "0", "5", "0"]
    whites = [patch.get_facecolor() == (1, 1, 1, 1) for patch in figure.axes[0].patches]
    assert whites == [False, True, False, False, False]


def test_plot_product_grids_do_not_overlap_and_lie_inside_the_axes() -> None:
    figure = plotting.plot_product(np.ones((3, 6)), np.ones((6, 5)), heads=("a long name", "another", "c"))
    ax = figure.axes[0]
    boxes = [patch.get_bbox() for patch in ax.patches]
    low, high = ax.get_xlim()
    assert all(low < box.x0 and box.x1 < high for box in boxes)
    assert len({(round(box.x0, 6), round(box.y0, 6)) for box in boxes}) == len(boxes) == 18 + 30 + 15
    ends = [max(b.x1 for b in boxes[:18]), max(b.x1 for b in boxes[18:48])]
    starts = [min(b.x0 for b in boxes[18:48]), min(b.x0 for b in boxes[48:])]
    assert all(start > end for start, end in zip(starts, ends, strict=True))


@pytest.mark.parametrize(
    ("left", "right"),
    [(np.ones((2, 3)), np.ones((2, 3))), (np.ones(3), np.ones(3)), (np.ones((2, 3)), np.float64(1))],
)
def test_plot_product_refuses_what_cannot_be_multiplied(left, right) -> None:
    with pytest.raises(ValueError, match=r"(?s)plot_product\(left of shape .*one inner size.*left\.T or right\.T"):
        plotting.plot_product(left, right)
