"""Conv1d at work: the matrix product writes what it multiplies, the contributions add up to torch's output."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
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
    with pytest.raises(
        ValueError, match=r"(?s)plot_product\(left=.*found: left of shape .*one inner size.*left\.T or right\.T"
    ):
        plotting.plot_product(left, right)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"roles": ("kernel", "window", "sum")}, "roles='sum'.*one of 'input', 'window'"),
        ({"roles": ("kernel",)}, r"roles=\('kernel',\).*holds three.*'output'\)"),
        ({"heads": "abc"}, "heads='abc'.*a list of names"),
        ({"hide_zeros": [1, 0]}, r"hide_zeros=\[1, 0\].*one of False, True"),
    ],
)
def test_plot_product_refuses_roles_and_heads_that_it_does_not_know(options, message) -> None:
    with pytest.raises((ValueError, TypeError), match="(?s)" + message):
        plotting.plot_product([[1, 2]], [3, 4], **options)


X = torch.tensor([[1.0, 2, 0, 3], [0.0, 1, 1, 5]])
KERNEL = torch.tensor([[1.0, 10], [-1.0, 2]])
CONTRIBUTIONS = torch.stack([F.conv1d(X[c : c + 1], KERNEL[None, c : c + 1])[0] for c in range(2)])


def texts(figure):
    """The text in each cell, by the place of its centre."""
    return {text.get_position(): text.get_text() for text in figure.axes[0].texts}


def test_the_row_below_the_contributions_is_what_torch_returns():
    shown = texts(plotting.plot_contributions(X, KERNEL, CONTRIBUTIONS))
    rows = {y for _, y in shown}
    bottom = [text for (_, y), text in sorted(shown.items()) if y == max(rows)]
    expected = F.conv1d(X, KERNEL[None])[0]
    assert bottom == ["sum", *(plotting.number(v) for v in expected.tolist())]


def test_each_channel_stands_in_one_row_with_its_kernel_row_and_contribution():
    shown = texts(plotting.plot_contributions(X, KERNEL, CONTRIBUTIONS, names=["left", "right"]))
    row = [text for (_, y), text in sorted(shown.items()) if y == 1]
    assert row == ["right", "0", "1", "1", "5", "∗", "−1", "2", "=", "2", "1", "9"]


def marked(figure):
    """Left edge and row of every cell that is drawn as marked."""
    return sorted((p.get_x() + 0.5, p.get_y() + 0.5) for p in figure.axes[0].patches if p.get_linewidth() > 2)


def test_t_marks_the_window_the_column_and_the_sum():
    assert marked(plotting.plot_contributions(X, KERNEL, CONTRIBUTIONS)) == []
    found = marked(plotting.plot_contributions(X, KERNEL, CONTRIBUTIONS, t=2))
    window = [(2, 0), (2, 1), (3, 0), (3, 1)]
    column = 4 + 2 + 2.8 + 2  # length, taps, the two gaps, then t
    assert np.allclose(found, [*window, (column, 0), (column, 1), (column, 2.4)])


def test_contributions_that_do_not_fit_are_refused():
    with pytest.raises(
        ValueError, match=r"found: contributions of shape \(3,\)\.\n  rule:  each .* so \(2, 3\)\."
    ):
        plotting.plot_contributions(X, KERNEL, CONTRIBUTIONS.sum(0))


@pytest.mark.parametrize("t", [-1, 3])
def test_an_output_that_is_not_there_is_refused(t):
    with pytest.raises(ValueError, match=rf"found: t={t}\.\n.*t is a whole number from 0 to 2\."):
        plotting.plot_contributions(X, KERNEL, CONTRIBUTIONS, t=t)


def test_a_kernel_for_other_channels_is_refused():
    with pytest.raises(ValueError, match="in_channels=3"):
        plotting.plot_contributions(X, torch.ones(3, 2), CONTRIBUTIONS)


def test_a_batch_is_refused():
    with pytest.raises(ValueError, match=r"plot_contributions\(.*\n  found: kernel of shape \(1, 2, 2\), 3 axes"):
        plotting.plot_contributions(X, KERNEL[None], CONTRIBUTIONS)
