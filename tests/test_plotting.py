"""What is drawn is what was computed: the marks, the texts, the axes; and what cannot be drawn is refused."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.text import Text

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


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2)])
def test_an_output_stands_below_the_first_sample_of_its_window_and_holds_its_index(stride, dilation) -> None:
    conv = torch.nn.functional.conv1d
    output = conv(torch.tensor(X), torch.tensor(WEIGHT), stride=stride, dilation=dilation).numpy() + 50
    figure = plotting.plot_conv1d(X, WEIGHT, output=output, stride=stride, dilation=dilation)
    written = texts(figure)
    for t, value in enumerate(output[1].tolist()):
        assert written[stride * t, 6.5] == str(value)
        assert written[round(stride * t - 0.43, 3), 6.08] == str(t)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plotting.plot_conv1d(X, WEIGHT),
        lambda: plotting.plot_windows(X[0], 3, padding=(2, 0)),
        lambda: plotting.plot_stamps([1, 3], [1, 2, 1], stride=2, padding=1),
        lambda: plotting.draw_cells(X, names=["left", "right"], time_label="time step"),
    ],
)
def test_the_label_of_the_time_stands_below_the_middle_of_its_numbers(draw) -> None:
    figure = draw()
    figure.canvas.draw()
    axis = figure.axes[0].xaxis
    numbers = [label.get_window_extent() for label in axis.get_ticklabels()]
    label = axis.label.get_window_extent()
    assert abs((label.x0 + label.x1) - (numbers[0].x0 + numbers[-1].x1)) / 2 < 10


def test_kernels_are_drawn_tap_by_tap() -> None:
    figure = plotting.plot_kernel(WEIGHT[0], names=["left", "right"])
    assert np.array_equal(figure.axes[1].lines[1].get_ydata(), WEIGHT[0, 1])


def test_a_figure_shows_itself_and_does_not_belong_to_pyplot() -> None:
    figure = plotting.draw_cells([1, 2])
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert plt.get_fignums() == []


def test_roles_differ_in_more_than_colour() -> None:
    shapes = [(role.marker, role.hatch) for role in ROLES.values() if role is not ROLES["window"]]
    assert len(set(shapes)) == len(shapes)


def test_the_style_of_the_notebook_is_left_alone() -> None:
    before = plt.rcParams["axes.spines.top"]
    plotting.plot_channels(X)
    assert plt.rcParams["axes.spines.top"] == before


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (
            lambda: plotting.draw_cells(X, names=["a"]),
            r"draw_cells\(values=<int64 \(2, 7\)>, names=\['a'\]\)\n.*1 names for 2 rows",
        ),
        (
            lambda: plotting.draw_cells(WEIGHT),
            r"3 axes.*one grid of cells .* no batch.*values\[0\], the first of 2",
        ),
        (
            lambda: plotting.draw_cells(X, role="nonsense"),
            r"role='nonsense'.*one of 'input', 'window'.*role='input'",
        ),
        (lambda: plotting.draw_cells(X, mark_role=X), r"mark_role=<int64 \(2, 7\)>.*one of 'input'"),
        (lambda: plotting.draw_cells(X, mark=[(0, 7)]), r"\(0, 7\) in mark.*2 rows and 7 columns.*\(1, 6\)"),
        (lambda: plotting.draw_cells(X, mark=(0, 1)), r"0 in mark.*\(row, column\)"),
        (lambda: plotting.draw_cells(X, mark=None), r"None in mark.*\(row, column\)"),
        (lambda: plotting.draw_cells(X, fills=["red"] * 2), r"'red' in fills.*colour for each cell"),
        (
            lambda: plotting.draw_cells(X, fills=[["rot"] * 7] * 2),
            r"'rot' in fills.*colour for each cell.*'white'",
        ),
        (lambda: plotting.draw_cells(X, fills=3), r"3 in fills.*colour for each cell"),
        (lambda: plotting.draw_cells(X, title=X), r"title=<int64 \(2, 7\)>.*title is a text.*str\(title\)"),
        (lambda: plotting.draw_cells([1, None]), r"values is a list that does not hold numbers only"),
        (lambda: plotting.draw_cells([]), r"values of shape \(0,\), with an axis of size 0"),
        (lambda: plotting.draw_cells(5), r"values of shape \(\), 0 axes.*values\[None\]"),
        (lambda: plotting.plot_channels(X.T, names=["left", "right"]), r"names for 7 rows.*x\.T.*\(2, 7\)"),
        (
            lambda: plotting.plot_channels(X[0], names=list("abcdefg")),
            r"7 names for 1 channels.*names=\['channel 0'\]",
        ),
        (
            lambda: plotting.plot_kernel(X.T, names=["left", "right"]),
            r"as \(channels, kernel_size\).*weight\.T, if the taps go down the rows: it has shape \(2, 7\)",
        ),
        (
            lambda: plotting.plot_channels(X, time=[1, 2]),
            r"time of shape \(2,\).*one time.*\(7,\).*np.arange\(7\)",
        ),
        (lambda: plotting.plot_channels(X, spans=[1]), r"1 in spans.*\(from, to\).*\[\(0, 1\)\]"),
        (lambda: plotting.plot_channels(X, spans=[(0, "b")]), r"an end in spans='b'.*one finite number"),
        (lambda: plotting.plot_channels(X, spans=None), r"None in spans"),
        (lambda: plotting.plot_channels(X, row_height=0), r"row_height=0.*above 0"),
        (
            lambda: plotting.plot_channels(X, row_height=95),
            r"plot_channels\(.*row_height=95\).*inches, at most 100",
        ),
        (lambda: plotting.plot_channels(X * 1e300), r"x reaches 3e\+300.*up to 1e\+100.*division"),
        (lambda: plotting.plot_channels(X * 1j), r"x holds complex numbers.*x\.real, or abs\(x\)"),
        (lambda: plotting.plot_channels(X[None]), r"x of shape \(1, 2, 7\), 3 axes.*x\[0\], the first of 1"),
        (
            lambda: plotting.plot_kernel(WEIGHT),
            r"one kernel is drawn.*\(channels, kernel_size\).*weight\[0\], .* of 2",
        ),
        (lambda: plotting.plot_kernel(WEIGHT[0], names=["a"]), r"1 names for 2 channels"),
        (lambda: plotting.plot_kernel([1, np.nan]), r"1 of 2 numbers in weight are NaN"),
        (lambda: plotting.plot_kernel(torch.ones(2, 3, device="meta")), r"\(2, 3\) on the meta device"),
        (lambda: plotting.plot_outputs([1, 2], [1]), r"outputs=\[1\].*a dict from names to outputs"),
        (lambda: plotting.plot_outputs([1, 2], {}, rate=0), r"rate=0.*above 0"),
        (lambda: plotting.plot_outputs([1, 2], {}, share_y="row"), r"share_y='row'.*one of False, True"),
        (
            lambda: plotting.plot_conv1d(np.stack([X] * 8), WEIGHT),
            r"plot_conv1d\(x=<int64 \(8, 2, 7\)>, weight=<int64 \(2, 2, 3\)>\)\n"
            r"  found: x of shape \(8, 2, 7\), 3 axes\.\n  rule:  one signal .* no batch.*\n"
            r"  try:   x\[0\], the first of 8",
        ),
        (lambda: plotting.plot_conv1d(X, WEIGHT[0]), r"weight of shape \(2, 3\), 2 axes.*weight\[None\]"),
        (lambda: plotting.plot_conv1d(X, WEIGHT, t=5), r"t=5\..*t is a whole number from 0 to 4.*t=4"),
        (lambda: plotting.plot_conv1d(X, WEIGHT, out_channel=-1), r"out_channel=-1.*from 0 to 1"),
        (
            lambda: plotting.plot_conv1d(X, WEIGHT, [1]),
            r"bias of shape \(1,\).*each kernel adds one number, so \(2,\)",
        ),
        (lambda: plotting.plot_conv1d(X, WEIGHT, output=[X[:, :5]]), r"output of shape \(1, 2, 5\).*output\[0\]"),
        (lambda: plotting.plot_conv1d(X, WEIGHT, output=X), r"output of shape \(2, 7\).*each window, so \(2, 5\)"),
        (lambda: plotting.plot_conv1d(X[:1], WEIGHT), r"1 channels.*in_channels=2"),
        (
            lambda: plotting.new_figure(800, 240),
            r"width=800.*in inches.*1 inch is 100 pixels.*new_figure\(8, 2\.4\)",
        ),
        (lambda: plotting.new_figure(8, 0), r"height=0.*above 0"),
        (lambda: plotting.number("a"), r"number\(value='a'\).*one number is written"),
        (lambda: plotting.number(10**400), r"at most 308 digits"),
        (lambda: plotting.number(1, digits=0), r"digits=0.*from 1 to 17"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_rule(draw, message) -> None:
    with pytest.raises((ValueError, TypeError), match="(?s)" + message) as caught:
        draw()
    assert len(caught.value.parts) == 3


def test_the_most_natural_call_there_is_draws_a_layers_own_kernel() -> None:
    conv = torch.nn.Conv1d(2, 4, 3)
    figure = plotting.plot_kernel(conv.weight[0])
    assert figure.axes[1].lines[1].get_ydata().tolist() == conv.weight[0, 1].tolist()
    plotting.plot_conv1d(X, conv.weight, conv.bias, output=conv(torch.tensor(X).float()))


SWAPPED = np.zeros((400, 6))


@pytest.mark.parametrize(
    ("draw", "count"),
    [
        (lambda: plotting.draw_cells(SWAPPED), "400 rows"),
        (lambda: plotting.draw_grids({"a": SWAPPED}), "400 rows"),
        (lambda: plotting.draw_grids({"a": SWAPPED[:20], "b": SWAPPED[:20]}, stacked=True), "40 rows"),
        (lambda: plotting.plot_channels(SWAPPED), "400 rows"),
        (lambda: plotting.plot_conv1d(SWAPPED, np.zeros((2, 6, 3))), "400 rows"),
        (lambda: plotting.plot_contributions(SWAPPED, np.zeros((6, 3)), SWAPPED), "400 rows"),
        (lambda: plotting.plot_groups(SWAPPED, WEIGHT, X, groups=1), "400 rows"),
    ],
)
def test_too_many_rows_are_refused_and_the_question_is_asked_whether_time_goes_down_them(draw, count) -> None:
    with pytest.raises(
        ValueError, match=f"(?s)found: .*{count}.*rule: .* 32 rows.*are channels and time swapped"
    ) as caught:
        draw()
    assert "T has the shape (6, " in caught.value.parts[2]
    assert ".permute(0, 2, 1)" in caught.value.parts[2]


@pytest.mark.parametrize(
    ("draw", "count", "advice"),
    [
        (lambda: plotting.draw_cells(np.zeros(33)), "33 cells side by side", r"values\[\.\.\., :20\]"),
        (lambda: plotting.draw_cells(np.zeros((25, 25))), "625 cells", r"values\[\.\.\., :20\]"),
        (
            lambda: plotting.draw_grids({"a": X, "b": np.zeros((2, 26))}),
            "33 cells side",
            r"grids\['b'\]\[\.\.\., :20\]",
        ),
        (lambda: plotting.plot_kernel(np.zeros((33, 3))), "33 rows", r"^a part of it, .* weight\[:8\]\.$"),
        (lambda: plotting.plot_outputs(X[0], {str(i): X[0] for i in range(32)}), "33 rows", ""),
        (
            lambda: plotting.plot_conv1d(X, np.zeros((30, 2, 3))),
            "34 rows",
            r"^a part of it, .* weight\[:8\]\.$",
        ),
        (lambda: plotting.plot_product(np.zeros((20, 30)), np.zeros(30)), "650 cells", ""),
        (lambda: plotting.plot_windows(X[0], 3, padding=30), "67 cells side by side", "less padding"),
        (
            lambda: plotting.plot_stamps(X[0], [1], stride=10**9),
            "6000000001 cells side by side",
            "a smaller stride",
        ),
        (lambda: plotting.plot_channels(np.zeros(5_000_001)), "5000001 samples", r"x\[\.\.\., :20\]"),
    ],
)
def test_what_no_eye_could_read_is_refused_with_its_numbers(draw, count, advice) -> None:
    with pytest.raises(
        ValueError, match=f"(?s)found: .*a picture of {count}.*rule:  one picture has room for"
    ) as caught:
        draw()
    assert re.search(advice, caught.value.parts[2])


def test_as_much_as_there_is_room_for_is_drawn() -> None:
    assert len(plotting.plot_channels(np.zeros((32, 9))).axes) == 32
    assert len(cells(plotting.draw_cells(np.zeros((12, 32))))) == 12 * 32


#: To matplotlib two dollars are a formula, and this one is none.
MONEY = "cost_$_per_$^"


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plotting.draw_cells([MONEY, "a"], names=[MONEY], title=MONEY, time_label=MONEY),
        lambda: plotting.draw_grids(
            {MONEY: X}, rows={MONEY: [MONEY] * 2}, columns={MONEY: [MONEY] * 7}, title=MONEY
        ),
        lambda: plotting.plot_channels(X, names=[MONEY] * 2, time_label=MONEY, title=MONEY),
        lambda: plotting.plot_kernel(X, names=[MONEY] * 2, title=MONEY),
        lambda: plotting.plot_outputs(X[0], {MONEY: X[1]}, name=MONEY, time_label=MONEY, title=MONEY),
        lambda: plotting.plot_windows(X[0], 3, title=MONEY),
        lambda: plotting.plot_conv1d(X, WEIGHT, names=[MONEY] * 2, title=MONEY),
        lambda: plotting.plot_contributions(X, WEIGHT[0], X[:, :5], names=[MONEY] * 2, title=MONEY),
        lambda: plotting.plot_product(X, X.T, heads=[MONEY] * 3, title=MONEY),
        lambda: plotting.plot_groups(X, WEIGHT, X[:, :5], groups=1, names=[MONEY] * 2, title=MONEY),
        lambda: plotting.plot_stamps(X[0], [1, 2], title=MONEY),
    ],
)
def test_a_learners_text_is_no_formula(draw) -> None:
    figure = draw()
    assert figure._repr_png_().startswith(b"\x89PNG")  # drawn later, in the notebook's own style
    assert any(text.get_text() == MONEY for text in figure.findobj(Text))


def test_a_formula_in_the_notebooks_own_figure_stays_one() -> None:
    with plt.rc_context():
        plotting.use_style()
        axes = plotting.new_figure(4, 3).subplots()
    axes.set(xscale="log", title="$L_{out}$")
    assert axes.title.get_parse_math()


def test_time_may_be_dates() -> None:
    hours = np.datetime64("2024-03-01") + np.arange(7).astype("timedelta64[h]")
    figure = plotting.plot_channels(X, time=hours)
    assert (figure.axes[0].lines[0].get_xdata() == hours).all()
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_gaps_are_written_in_cells_and_stay_gaps_in_curves() -> None:
    assert texts(plotting.draw_cells([1, np.nan]))[1, 0] == "nan"
    assert np.isnan(plotting.plot_channels([1, np.nan, 2]).axes[0].lines[0].get_ydata()[1])


def zeros(figure: plotting.Figure) -> set[str]:
    """Every way in which a figure writes zero."""
    FigureCanvasAgg(figure).draw()
    written = {text.get_text() for text in figure.findobj(Text)}
    return {text for text in written if re.fullmatch(r"[-−+]?0*\.?0+(e[-+]?\d+)?", text)}


@pytest.mark.parametrize(
    "draw",
    [
        lambda z: plotting.draw_cells(z),
        lambda z: plotting.draw_grids({"a": z}),
        lambda z: plotting.plot_channels(z, time=[-0.5, 0.0, 0.5]),
        lambda z: plotting.plot_kernel(z),
        lambda z: plotting.plot_outputs(z[0], {"output": z[0]}, rate=4),
        lambda z: plotting.plot_windows(z[0], 2, padding=1, output=np.zeros(4) * -1),
        lambda z: plotting.plot_conv1d(z, z[None, :, :2], -np.zeros(1), output=-np.zeros((1, 2))),
        lambda z: plotting.plot_contributions(z, z[:, :2], -np.zeros((2, 2))),
        lambda z: plotting.plot_product(z, z.T),
        lambda z: plotting.plot_groups(z, z[:, None, :2], -np.zeros((2, 2)), groups=2),
        lambda z: plotting.plot_stamps(z[0], z[1]),
    ],
)
def test_a_zero_is_written_0_wherever_it_stands(draw) -> None:
    figure = draw(np.array([[0.0, -0.0, 0.5], [-0.5, 0.0, -0.0]]))
    assert zeros(figure) == {"0"}
    assert not any("-" in text.get_text() for text in figure.findobj(Text))
