"""What lesson 04's picture shows: every window of a Conv1d below its signal."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.colors import to_hex

from conv1d_tutor import plotting

X = torch.tensor([[1.0, 3, 2, 5, 4, 1, 0, 2, 7]])
OPTIONS = [
    {},
    {"stride": 2},
    {"stride": 4},  # steps over samples
    {"padding": 1},
    {"padding": 3},  # the first window lies in the padding alone
    {"padding": "same"},
    {"padding": "same", "dilation": 3},
    {"stride": 2, "padding": 1, "dilation": 2},
    {"stride": 3, "padding": (2, 0)},
    {"padding": (0, 5), "dilation": 2},
]


def torch_reads(taps, padding=0, **options):
    """For each output, the samples that torch reads, found by gradient."""
    x = torch.zeros(1, X.shape[1], requires_grad=True)
    left, right = padding if isinstance(padding, tuple) else (0, 0)
    padding = 0 if isinstance(padding, tuple) else padding
    y = F.conv1d(F.pad(x, (left, right)), torch.ones(1, 1, taps), padding=padding, **options)
    gradients = [torch.autograd.grad(out, x, retain_graph=True)[0] for out in y[0]]
    return [g[0].nonzero().flatten().tolist() for g in gradients]


def dots(figure):
    """The places of the dots of each window, from the top down."""
    color = plotting.ROLES["window"].colour
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "o" and line.get_color() == color]
    return [line.get_xdata() for line in sorted(lines, key=lambda line: line.get_ydata()[0])]


def cells(figure, role):
    """The columns of the cells that are drawn in the colour of a role."""
    edge = plotting.ROLES[role].colour.lower()
    return sorted(round(p.get_x() + 0.5) for p in figure.axes[0].patches if to_hex(p.get_edgecolor()) == edge)


def outputs(figure):
    return [t.get_text() for t in figure.axes[0].texts if t.get_text().startswith("output")]


@pytest.mark.parametrize("taps", [1, 3])
@pytest.mark.parametrize("options", OPTIONS)
def test_the_dots_on_samples_are_what_torch_reads(taps, options):
    found = dots(plotting.plot_windows(X, taps, **options))
    assert [[i for i in at if 0 <= i < X.shape[1]] for at in found] == torch_reads(taps, **options)
    assert all(len(at) == taps for at in found)
    assert all((np.diff(at) == options.get("dilation", 1)).all() for at in found)


@pytest.mark.parametrize("options", OPTIONS)
def test_the_crossed_samples_are_those_that_torch_never_reads(options):
    read = set().union(*torch_reads(3, **options))
    figure = plotting.plot_windows(X, 3, **options)
    assert cells(figure, "unread") == sorted(set(range(X.shape[1])) - read)
    assert cells(figure, "input") == sorted(read)


@pytest.mark.parametrize(
    ("taps", "padding", "columns"),
    [(3, 0, []), (3, 2, [-2, -1, 9, 10]), (4, "same", [-1, 9, 10]), (3, (2, 0), [-2, -1]), (3, (0, 1), [9])],
)
def test_the_padding_is_hatched_on_its_own_sides(taps, padding, columns):
    figure = plotting.plot_windows(X, taps, padding=padding)
    assert cells(figure, "padding") == columns
    assert cells(figure, "input") == list(range(9))
    assert [int(at[0]) for at in dots(figure)] == [*range(min([0, *columns]), max([8, *columns]) - taps + 2)]


def test_each_output_stands_beside_its_window():
    y = F.conv1d(X, torch.tensor([[[1.0, 2, -1]]]), stride=2)
    figure = plotting.plot_windows(X, 3, stride=2, output=y)
    assert outputs(figure) == [f"output {t}: {plotting.number(v)}" for t, v in enumerate(y[0].tolist())]
    height = {t.get_text(): t.get_position()[1] for t in figure.axes[0].texts}
    lines = sorted({line.get_ydata()[0] for line in figure.axes[0].lines if len(line.get_xdata()) == 3})
    assert [height[text] for text in outputs(figure)] == lines


def test_without_the_numbers_the_outputs_are_counted():
    assert outputs(plotting.plot_windows([1, 2, 3, 4], 3)) == ["output 0", "output 1"]


def test_the_samples_and_their_time_steps_are_written():
    figure = plotting.plot_windows([1, 3, 2.5], 2, padding=1, title="a title")
    ax = figure.axes[0]
    assert [t.get_text() for t in ax.texts if t.get_position()[1] == 0] == ["0", "0", "1", "3", "2.5", "input"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["−1", "0", "1", "2", "3"]
    assert ax.get_xlabel() == "time step of the input"
    assert ax.get_title(loc="left") == "a title"


@pytest.mark.parametrize("shape", [(2, 5), (1, 1, 5)])
def test_more_than_one_channel_is_refused(shape):
    with pytest.raises(ValueError, match=r"found: x of shape \(.*\)\.\n  rule:  the windows of one channel"):
        plotting.plot_windows(np.zeros(shape), 3)


def test_a_kernel_that_does_not_fit_is_refused():
    plotting.plot_windows([1, 2, 3], 2, dilation=2)
    with pytest.raises(ValueError, match=r"plot_windows\(.*\)\n  found: the kernel reads 4 samples, .* has 3"):
        plotting.plot_windows([1, 2, 3], 2, dilation=3)


def test_another_number_of_outputs_is_refused():
    with pytest.raises(ValueError, match=r"found: 3 outputs\.\n  rule:  .* there are 2 windows"):
        plotting.plot_windows([1, 2, 3, 4], 3, output=[1, 2, 3])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stride": 0}, "stride is a whole number of at least 1"),
        ({"padding": (1, -1)}, "padding is a whole number of at least 0"),
        ({"padding": (1, 1, 1)}, r"padding=\(1, 1, 1\), 3 numbers"),
        ({"padding": "same", "stride": 2}, "'same' promises as many outputs"),
    ],
)
def test_options_that_no_layer_has_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        plotting.plot_windows([1, 2, 3, 4], 3, **options)
