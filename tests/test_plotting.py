"""What is drawn is what was computed: the marks, the texts, the axes; and what cannot be drawn is refused."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from conv1d_tutor import plotting
from conv1d_tutor.plotting import ROLES

X = np.array([[1, 2, 0, 3, 1, 0, 2], [0, 1, 1, 0, 2, 1, 0]])
WEIGHT = np.array([[[1, 0, -1], [2, 1, 0]], [[0, 1, 0], [1, 1, 1]]])


def cells(figure: plotting.Figure) -> dict[tuple[float, float], Rectangle]:
    """The drawn cells by the position of their centre."""
    found = [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]
    return {(round(p.get_x() + 0.5, 3), round(p.get_y() + 0.5, 3)): p for p in found}


def texts(figure: plotting.Figure) -> dict[tuple[float, float], str]:
    """The drawn texts by their position."""
    return {tuple(np.round(t.get_position(), 3)): t.get_text() for t in figure.axes[0].texts}


def test_cells_hold_the_values_and_the_marks() -> None:
    figure = plotting.draw_cells(X, names=["left", "right"], mark={(1, 2)}, title="a", time_label="time step")
    drawn, written = cells(figure), texts(figure)
    for row in range(2):
        for column in range(7):
            assert written[column, row] == str(X[row, column])
            role = ROLES["window" if (row, column) == (1, 2) else "input"]
            assert drawn[column, row].get_facecolor() == to_rgba(role.fill)
    assert written[-0.75, 0] == "left"
    assert figure.axes[0].get_xlabel() == "time step"
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == list("0123456")


def test_cells_take_their_own_fills_and_texts() -> None:
    figure = plotting.draw_cells([["a", "b"]], fills=[["red", "blue"]])
    assert cells(figure)[1, 0].get_facecolor() == to_rgba("blue")
    assert texts(figure)[0, 0] == "a"


def test_padding_is_told_apart_by_its_hatch_too() -> None:
    drawn = cells(plotting.draw_cells([0], role="padding"))
    assert drawn[0, 0].get_hatch() == "////"


def test_channels_are_rows_on_one_time_axis() -> None:
    figure = plotting.plot_channels(X, names=["left", "right"], time=np.arange(7) / 10, time_label="time (s)")
    assert [ax.get_ylabel() for ax in figure.axes] == ["left", "right"]
    assert figure.axes[-1].get_xlabel() == "time (s)"
    for ax, row in zip(figure.axes, X, strict=True):
        assert np.array_equal(ax.lines[0].get_ydata(), row)
        assert np.array_equal(ax.lines[0].get_xdata(), np.arange(7) / 10)


@pytest.mark.parametrize(
    ("stride", "dilation", "t", "read"), [(1, 1, 2, [2, 3, 4]), (2, 1, 1, [2, 3, 4]), (1, 2, 1, [1, 3, 5])]
)
def test_the_one_picture_marks_what_the_output_reads(stride: int, dilation: int, t: int, read: list[int]) -> None:
    figure = plotting.plot_conv1d(X, WEIGHT, [5, 6], t=t, out_channel=1, stride=stride, dilation=dilation)
    window = to_rgba(ROLES["window"].fill)
    marked = sorted({x for (x, y), p in cells(figure).items() if p.get_facecolor() == window})
    assert marked == read
    written = texts(figure)
    # the kernel's weights stand below the samples they are multiplied with
    assert [[written[i, 2.75 + c] for i in read] for c in range(2)] == [["0", "1", "0"], ["1", "1", "1"]]
    assert any("kernel 1\nbias 6" in value for value in written.values())


def test_kernels_are_drawn_tap_by_tap() -> None:
    figure = plotting.plot_kernel(WEIGHT[0], names=["left", "right"])
    assert np.array_equal(figure.axes[1].lines[1].get_ydata(), WEIGHT[0, 1])


def test_a_figure_shows_itself_and_does_not_belong_to_pyplot() -> None:
    import matplotlib.pyplot as plt

    figure = plotting.draw_cells([1, 2])
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert plt.get_fignums() == []


def test_roles_differ_in_more_than_colour() -> None:
    shapes = [(role.marker, role.hatch) for role in ROLES.values() if role is not ROLES["window"]]
    assert len(set(shapes)) == len(shapes)


def test_the_style_of_the_notebook_is_left_alone() -> None:
    import matplotlib.pyplot as plt

    before = plt.rcParams["axes.spines.top"]
    plotting.plot_channels(X)
    assert plt.rcParams["axes.spines.top"] == before


def test_what_cannot_be_drawn_is_refused_with_the_rule() -> None:
    with pytest.raises(ValueError, match=r"(?s)shape \(2, 7\), names=\['a'\].*1 names for 2 rows"):
        plotting.draw_cells(X, names=["a"])
    with pytest.raises(ValueError, match=r"(?s)3 axes.*one case of the batch"):
        plotting.draw_cells(WEIGHT)
    with pytest.raises(ValueError, match=r"(?s)names for 7 rows.*x\.T.*\(2, 7\)"):
        plotting.plot_channels(X.T, names=["left", "right"])
    with pytest.raises(ValueError, match=r"(?s)no output \(0, 5\).*\(2, 5\)"):
        plotting.plot_conv1d(X, WEIGHT, t=5)
    with pytest.raises(ValueError, match=r"(?s)1 channels.*in_channels=2"):
        plotting.plot_conv1d(X[:1], WEIGHT)
    with pytest.raises(ValueError, match=r"(?s)3 axes"):
        plotting.plot_kernel(WEIGHT)
