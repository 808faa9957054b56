"""With the names of the axes nothing about them is guessed, and names that do not fit are answered in words."""

from typing import Any

import pytest
import torch
from torch import nn

from conv1d_tutor import explain

CONV = nn.Conv1d(5, 8, 3)


class Turning(nn.Module):
    """Takes (batch, time, channels)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(20, 8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x.permute(0, 2, 1))


@pytest.mark.parametrize(
    ("axes", "shape", "fix"),
    [
        ("batch time channels", (239, 49, 5), "layer(x.permute(0, 2, 1))"),
        ("patients, hours, features", (239, 49, 5), "layer(x.permute(0, 2, 1))"),
        (["Cases", "Steps", "Sensors"], (239, 49, 5), "layer(x.permute(0, 2, 1))"),
        ("channels batch time", (5, 239, 49), "layer(x.permute(1, 0, 2))"),
        ("time batch channels", (49, 239, 5), "layer(x.permute(1, 2, 0))"),
        ("time channels", (49, 5), "layer(x.T.unsqueeze(0))"),
        ("batch windows time channels", (8, 10, 49, 5), "layer(x.permute(0, 1, 3, 2).flatten(0, 1))"),
        ("batch 1 channels time", (8, 1, 5, 49), "layer(x.squeeze(1))"),
    ],
)
def test_the_order_that_was_named_is_brought_into_that_of_the_layer(axes: Any, shape: Any, fix: str) -> None:
    found = explain(CONV, shape, axes=axes)
    assert found.fix == fix == found.fixes[0].expression
    assert "you said" in found.text and "what are the axes" not in found.text
    names = {"layer": CONV, "x": torch.randn(shape)}
    assert eval(fix, names).shape[1] == 8


def test_what_is_guessed_without_names_is_known_with_them() -> None:
    # 20 steps first, or a batch of 20? And is axis 1 or axis 2 the channels of a square?
    layer, shape = nn.Conv1d(4, 8, 3), (20, 10, 4)
    assert "or else" in explain(layer, shape).text
    assert explain(layer, shape, axes="time batch channels").fix == "layer(x.permute(1, 2, 0))"
    assert "or else" not in explain(layer, shape, axes="batch time channels").text
    square = nn.Conv1d(20, 8, 3)
    assert [note.code for note in explain(square, (4, 20, 20)).notes] == ["square_input"]
    assert explain(square, (4, 20, 20), axes="batch channels time").notes == []
    (note,) = explain(square, (4, 20, 20), axes="batch time channels").notes
    assert note.code == "other_order" and "layer(x.permute(0, 2, 1))" in note.text
    assert explain(Turning(), (4, 20, 20), axes="batch time channels").notes == []
    (note,) = explain(Turning(), (4, 20, 20), axes="batch channels time").notes
    assert note.code == "other_order"


def test_the_rule_book_goes_on_behind_the_order() -> None:
    model = nn.Sequential(nn.Conv1d(5, 8, 3), nn.Flatten(), nn.Linear(300, 2))
    found = explain(model, (239, 49, 5), axes="batch time channels")
    assert found.problem == "linear_in_features" and "nn.Linear(376, 2)" in found.fix
    lost = explain(CONV, (32, 49, 4), axes="batch time channels")
    assert lost.fix is None and [f.expression for f in lost.fixes] == ["nn.Conv1d(4, 8, 3)(x.permute(0, 2, 1))"]
    assert "1 channel is missing" in lost.text
    assert explain(nn.LSTM(5, 8, batch_first=True), (2, 5, 49), axes="b c t").fix == "layer(x.permute(0, 2, 1))"


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        ("batch time", "2 names, and x has the 3 axes (239, 49, 5)"),
        ("batch time channels height", "4 names"),
        ("", "0 names"),
        ("batch time kanal", "'kanal' is no axis known here"),
        ("batch samples channels", "'samples' is no axis"),
        ("batch time time", "2 of the names mean time"),
        ("1 time channels", "has size 239"),
        (7, "no names"),
        (["batch", 2, 3], "no names"),
        ({"batch": 0}, "no names"),
    ],
)
def test_names_that_do_not_fit_are_answered_in_words(axes: Any, words: str) -> None:
    found = explain(CONV, (239, 49, 5), axes=axes)
    assert not found.ok and found.problem == "bad_axes" and words in found.text
    assert "rule:" in found.text and 'axes="batch time channels"' in found.text


def test_several_inputs_have_no_names() -> None:
    found = explain(nn.Bilinear(3, 4, 2), ((5, 3), (5, 4)), axes="batch channels")
    assert found.problem == "bad_axes" and "2 inputs" in found.text
