"""What lesson 07's pictures show: groups as lanes, and a transposed convolution as stamps."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from conv1d_tutor import plotting

X = torch.tensor([[1.0, 2, 0, 3], [0.0, 1, 1, 5], [4.0, 1, 0, 2], [7.0, 0, 1, 1]])
WEIGHT = torch.tensor([[[1.0, 10], [-1.0, 2]], [[0.0, 3], [1.0, 1]]])
OUTPUT = F.conv1d(X, WEIGHT, groups=2)
SHORT, KERNEL = [2, 1, 3], [1, 2, -1]


def row(figure, name):
    """The texts to the right of a name, on its own line, from left to right."""
    texts = figure.axes[0].texts
    (label,) = (text for text in texts if text.get_text() == name)
    x, y = label.get_position()
    right = sorted(
        (t.get_position()[0], t.get_text()) for t in texts if t.get_position()[1] == y and t.get_position()[0] > x
    )
    return [text for _, text in right]


def numbers(values):
    return [plotting.number(v) for v in np.asarray(values).tolist()]


def test_a_lane_holds_its_channels_its_kernel_and_what_torch_returns():
    figure = plotting.plot_groups(X, WEIGHT, OUTPUT, groups=2)
    for g, channel in ((0, 0), (0, 1), (1, 2), (1, 3)):
        shown = row(figure, f"channel {channel}")
        assert shown[:6] == numbers(X[channel]) + numbers(WEIGHT[g, channel % 2])
        assert row(figure, f"output {g}") == numbers(OUTPUT[g])


def test_a_kernel_stands_in_the_lane_of_the_channels_that_it_reads():
    figure = plotting.plot_groups(X, WEIGHT, OUTPUT, groups=2, names=list("abcd"))
    height = {t.get_text(): t.get_position()[1] for t in figure.axes[0].texts}
    (line,) = figure.axes[0].lines
    lane = line.get_ydata()[0]
    assert {n for n in "abcd" if height[n] > lane} == {"c", "d"}
    assert height["kernel 0"] < height["b"] < height["kernel 1"] < height["c"]


@pytest.mark.parametrize("groups", [1, 4])
def test_one_lane_for_each_group(groups):
    weight = torch.ones(4, 4 // groups, 2)
    figure = plotting.plot_groups(X, weight, F.conv1d(X, weight, groups=groups), groups=groups)
    assert len(figure.axes[0].lines) == groups - 1
    assert sum(t.get_text() == "∗" for t in figure.axes[0].texts) == groups
    assert row(figure, "output 3") == numbers(F.conv1d(X, weight, groups=groups)[3])


@pytest.mark.parametrize("weight", [WEIGHT.repeat(1, 2, 1), WEIGHT[:, :1]])
def test_a_weight_for_other_groups_is_refused(weight):
    found = rf"found: weight and output of shapes \(\(2, {weight.shape[1]}, 2\), \(2, 3\)\)"
    with pytest.raises(
        ValueError, match=found + r"\.\n  rule:  4 channels in 2 groups .* make \(\(2, 2, 2\), \(2, 3\)\)"
    ):
        plotting.plot_groups(X, weight, OUTPUT, groups=2)


def test_an_output_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"plot_groups\(x=<.* \(4, 4\)>, .*, groups=2\)\n  found: .* \(3, 2\)\)"):
        plotting.plot_groups(X, WEIGHT, OUTPUT.T, groups=2)


def test_groups_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="in_channels=4 cannot be split into groups=3"):
        plotting.plot_groups(X, WEIGHT, OUTPUT, groups=3)


def test_a_batch_has_no_lanes():
    with pytest.raises(ValueError, match=r"plot_groups\(x=.*\n  found: x of shape \(1, 4, 4\), 3 axes"):
        plotting.plot_groups(X[None], WEIGHT, OUTPUT, groups=2)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": 2},
        {"stride": 4},  # stamps that do not touch
        {"stride": 2, "padding": 1},
        {"stride": 2, "output_padding": 1},
        {"stride": 3, "padding": 2, "output_padding": 2},
    ],
)
def test_the_cells_that_are_kept_are_what_torch_returns(options):
    figure = plotting.plot_stamps(SHORT, KERNEL, **options)
    at = [int(t) for t in figure.axes[0].get_xticks()]
    expected = F.conv_transpose1d(torch.tensor([SHORT]).double(), torch.tensor([[KERNEL]]).double(), **options)[0]
    assert [row(figure, "output")[i] for i in at] == numbers(expected)
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [str(i) for i in range(len(at))]


@pytest.mark.parametrize("stride", [1, 2, 5])
def test_each_input_stands_before_its_own_stamp_which_begins_stride_further_on(stride):
    figure = plotting.plot_stamps(SHORT, KERNEL, stride=stride)
    for i, value in enumerate(SHORT):
        stamp = numbers(value * np.array(KERNEL))
        assert row(figure, f"input {i}") == [*numbers([value]), "× kernel =", *stamp]
        (height,) = (t.get_position()[1] for t in figure.axes[0].texts if t.get_text() == f"input {i}")
        at = [x for x, y in (t.get_position() for t in figure.axes[0].texts) if y == height and x >= 0]
        assert sorted(at) == [i * stride, i * stride + 1, i * stride + 2]


def hatched(figure):
    """The columns of the cells that are drawn as cut off."""
    return sorted(p.get_x() + 0.5 for p in figure.axes[0].patches if p.get_hatch())


def test_padding_hatches_both_ends():
    assert hatched(plotting.plot_stamps(SHORT, KERNEL, stride=2)) == []
    assert np.allclose(hatched(plotting.plot_stamps(SHORT, KERNEL, stride=2, padding=1)), [0, 6])


@pytest.mark.parametrize(("x", "kernel"), [([[1, 2]], [1]), ([1, 2], [[1]])])
def test_more_than_one_channel_is_refused(x, kernel):
    with pytest.raises(ValueError, match=r"plot_stamps\(x=.*\)\n  found: (x|kernel) of shape .*, 2 axes\.\n"):
        plotting.plot_stamps(x, kernel)


def test_padding_that_leaves_nothing_is_refused():
    plotting.plot_stamps(SHORT, KERNEL, padding=2)
    with pytest.raises(ValueError, match=r"padding=3\)\n.*nothing left.*\n.*cuts 3 .* over 5\.\n.*at most 2\."):
        plotting.plot_stamps(SHORT, KERNEL, padding=3)


@pytest.mark.parametrize(("name", "least"), [("stride", 1), ("padding", 0), ("output_padding", 0)])
@pytest.mark.parametrize("value", [-1, 0.5])
def test_an_option_that_is_no_such_whole_number_is_refused(name, least, value):
    with pytest.raises(ValueError, match=f"{name}={value}.*\n.*{name} is a whole number of at least {least}"):
        plotting.plot_stamps(SHORT, KERNEL, **{name: value})


def test_more_output_padding_than_torch_takes_is_refused():
    with pytest.raises(RuntimeError, match="output padding must be smaller"):
        F.conv_transpose1d(X[:1], torch.ones(1, 1, 2), stride=2, output_padding=2)
    with pytest.raises(ValueError, match=r"found: output_padding=2 with stride=2\.\n.*\n.*at most 1\."):
        plotting.plot_stamps(SHORT, KERNEL, stride=2, output_padding=2)
