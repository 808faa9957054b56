"""What lesson 02's picture shows: each output below the first sample of its window."""

import numpy as np
import pytest

from conv1d_tutor import plotting


def lines(figure):
    """The one line of each row."""
    return [axes.lines[0] for axes in figure.axes]


def test_each_output_stands_below_the_first_sample_of_its_window():
    x = np.array([1.0, 3, 2, 5, 4, 1])
    figure = plotting.plot_outputs(
        x, {"three": [6.0, 10, 11, 10], "two": [4.0, 5, 7, 9, 5], "all": [16.0]}, rate=2
    )
    signal, three, two, whole = lines(figure)
    assert signal.get_xdata().tolist() == [0, 0.5, 1, 1.5, 2, 2.5]
    # At 2 samples per second, output 3 begins to read at 1.5 s, however many samples it reads.
    assert three.get_xdata().tolist() == [0, 0.5, 1, 1.5]
    assert two.get_xdata().tolist() == [0, 0.5, 1, 1.5, 2]
    assert whole.get_xdata().tolist() == [0]
    assert three.get_ydata().tolist() == [6, 10, 11, 10]


def test_rows_are_named_and_coloured_by_their_role():
    figure = plotting.plot_outputs(
        [0, 1, 2], {"input": [1, 1]}, name="input", title="a title", time_label="time (s)"
    )
    assert [axes.get_ylabel() for axes in figure.axes] == ["input", "input"]
    colours = [line.get_color() for line in lines(figure)]
    assert colours == [plotting.ROLES["input"].colour, plotting.ROLES["output"].colour]
    assert figure.axes[0].get_title(loc="left") == "a title"
    assert figure.axes[-1].get_xlabel() == "time (s)"


def test_share_y_gives_all_rows_one_scale():
    x, outputs = [0.0, 100, 0], {"small": [1.0, 2]}
    apart = plotting.plot_outputs(x, outputs)
    together = plotting.plot_outputs(x, outputs, share_y=True)
    assert apart.axes[0].get_ylim() != apart.axes[1].get_ylim()
    assert together.axes[0].get_ylim() == together.axes[1].get_ylim()


def test_spans_are_shaded_in_every_row():
    figure = plotting.plot_outputs([0, 1, 2, 3], {"a": [1, 2, 3]}, spans=[(1, 2)])
    assert [len(axes.patches) for axes in figure.axes] == [1, 1]


@pytest.mark.parametrize(
    ("x", "output", "message"),
    [
        ([1, 2], [1, 2, 3], r"'out' has 3 samples\.\n.*at most as many samples as the channel: 2"),
        ([1, 2], [], r"outputs\['out'\] of shape \(0,\)"),
        (
            [1, 2],
            [[1, 2]],
            r"outputs\['out'\] of shape \(1, 2\), 2 axes\.\n.*\(length,\)\.\n.*outputs\['out'\]\[0\]",
        ),
        ([[1, 2]], [1], r"x of shape \(1, 2\), 2 axes\.\n.*\(length,\)\.\n.*x\[0\]"),
    ],
)
def test_what_is_not_one_row_is_refused(x, output, message):
    with pytest.raises(ValueError, match=r"plot_outputs\(x=.*\n  found: " + message):
        plotting.plot_outputs(x, {"out": output})
