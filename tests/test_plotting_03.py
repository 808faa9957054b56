"""What lesson 03's picture shows: a contribution of each channel, and their sum."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from conv1d_tutor import plotting

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
    with pytest.raises(ValueError, match=rf"found: no output {t}\.\n.*there are 3 outputs\.\n.*t from 0 to 2\."):
        plotting.plot_contributions(X, KERNEL, CONTRIBUTIONS, t=t)


def test_a_kernel_for_other_channels_is_refused():
    with pytest.raises(ValueError, match="in_channels=3"):
        plotting.plot_contributions(X, torch.ones(3, 2), CONTRIBUTIONS)


def test_a_batch_is_refused():
    with pytest.raises(ValueError, match=r"plot_contributions\(an array of shape \(1, 2, 2\)\)\n  found: 3 axes"):
        plotting.plot_contributions(X, KERNEL[None], CONTRIBUTIONS)
