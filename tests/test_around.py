"""What surrounds a Conv1d is explained: losses, tables of positions, layers in a list, arguments out of place."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from explain_catalogue import values
from explain_models import Written
from torch import nn

from conv1d_tutor import explain
from conv1d_tutor.explainer import Explanation

S = nn.Sequential


def value(expression: str, layer: Any, x: Any) -> Any:
    """What an expression computes, where every new layer begins with the same numbers."""
    torch.manual_seed(0)
    return eval(expression, {"layer": layer, "x": x, "torch": torch, "nn": nn, "F": F})


def equal(got: Any, meant: Any) -> bool:
    return got.shape == meant.shape and torch.allclose(got, meant, atol=1e-5)


def is_a_reading(found: Explanation, expression: str) -> bool:
    """Whether an expression is told as one of several."""
    return found.fix is None and expression in [fix.expression for fix in found.fixes] and expression in found.text


# Losses and targets


def class_numbers(*shape: int, classes: int) -> torch.Tensor:
    return torch.arange(torch.Size(shape).numel()).reshape(shape) % classes


def one_hot(*shape: int, classes: int) -> torch.Tensor:
    return F.one_hot(class_numbers(*shape, classes=classes), classes)


TARGETS = {
    "one-hot": ((6, 9, 18), one_hot(6, 18, classes=9).mT, "layer(x[0], x[1].argmax(1))"),
    "one-hot of one step": ((8, 5), one_hot(8, classes=5), "layer(x[0], x[1].argmax(1))"),
    "one-hot, target turned": ((6, 9, 18), one_hot(6, 18, classes=9), "layer(x[0], x[1].argmax(2))"),
    "one-hot, both turned": (
        (6, 18, 9),
        one_hot(6, 18, classes=9),
        "layer(x[0].permute(0, 2, 1), x[1].argmax(2))",
    ),
    "an axis of one": ((8, 5, 20), class_numbers(8, 1, 20, classes=5), "layer(x[0], x[1].squeeze(1))"),
    "column of floats": ((8, 5), class_numbers(8, 1, classes=5).float(), "layer(x[0], x[1].squeeze(1).long())"),
    "int32": ((8, 5), class_numbers(8, classes=5).int(), "layer(x[0], x[1].long())"),
    "time first": ((20, 8, 5), class_numbers(8, 20, classes=5), "layer(x[0].permute(1, 2, 0), x[1])"),
    "joined prediction": ((160, 5), class_numbers(8, 20, classes=5), "layer(x[0], x[1].flatten())"),
    "a padding of -1": ((8, 5), class_numbers(8, classes=5) - (torch.arange(8) == 0).long(), None),
}


@pytest.mark.parametrize(("shape", "target", "meant"), TARGETS.values(), ids=TARGETS)
def test_a_target_is_brought_to_class_numbers(shape: tuple, target: torch.Tensor, meant: str | None) -> None:
    loss, x = nn.CrossEntropyLoss(), (values(*shape), target)
    with pytest.raises((RuntimeError, IndexError, ValueError)):
        loss(*x)
    found = explain(loss, x)
    assert found.fix == (meant or "nn.CrossEntropyLoss(ignore_index=-1)(*x)")
    assert value(found.fix, loss, x).isfinite()


def test_yes_or_no_targets_become_floats_and_class_numbers_have_two_readings() -> None:
    loss, x = nn.BCEWithLogitsLoss(), (values(8, 5), class_numbers(8, 5, classes=2))
    assert explain(loss, x).fix == "layer(x[0], x[1].to(x[0].dtype))"
    x = (values(8, 5), class_numbers(8, classes=5))
    found = explain(loss, x)
    assert is_a_reading(found, "nn.CrossEntropyLoss()(x[0], x[1].long())")
    assert is_a_reading(found, "layer(x[0], F.one_hot(x[1].long(), 5).to(x[0].dtype))")


def test_several_ones_are_not_taken_for_one_hot() -> None:
    target = torch.tensor([[1, 1, 0], [0, 1, 1]])
    found = explain(nn.CrossEntropyLoss(), (values(2, 3), target))
    assert found.fix is None and "argmax" not in found.text
    assert is_a_reading(found, "nn.BCEWithLogitsLoss()(x[0], x[1].to(x[0].dtype))")


def test_lengths_of_a_ctc_loss() -> None:
    loss, targets, ones = nn.CTCLoss(), class_numbers(4, 10, classes=19) + 1, torch.ones(4).long()
    log_probs = values(50, 4, 20).log_softmax(2)
    right = loss(log_probs, targets, 50 * ones, 10 * ones)
    for given, lengths in ((log_probs.transpose(0, 1), 50), (log_probs.permute(1, 2, 0), 50), (log_probs, 200)):
        x = (given, targets, lengths * ones, 10 * ones)
        found = explain(loss, x)
        assert found.problem == "ctc_lengths"
        assert equal(value(found.fix, loss, x), right)
    assert explain(loss, (log_probs, targets, [50] * 4, [10] * 4)).ok
    found = explain(loss, (log_probs, targets, 50 * ones[:3], 10 * ones))
    assert found.fix is None and "here 3 and 4" in found.text


# Tables of positions


class Positions(nn.Module):
    """A convolution, and a table of positions that is always added whole."""

    def __init__(self, conv: nn.Conv1d, rows: int, turned: bool = False) -> None:
        super().__init__()
        self.conv, self.turned = conv, turned
        size = (conv.out_channels, rows) if turned else (rows, conv.out_channels)
        self.table = nn.Parameter(values(1, *size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.conv(x)
        return (h if self.turned else h.transpose(1, 2)) + self.table


@pytest.mark.parametrize(
    ("model", "shape", "length"),
    [
        (Positions(nn.Conv1d(8, 16, 3, stride=2, padding=1), 150), (1, 8, 100), 300),
        (Positions(nn.Conv1d(8, 16, 3, stride=2, padding=1), 150, turned=True), (2, 8, 40), 300),
        (Positions(nn.Conv1d(1, 4, 10, stride=5), 64), (2, 1, 100), 325),
        (Positions(nn.Conv1d(4, 6, 1), 128), (3, 4, 50), 128),
    ],
)
def test_positions_are_met_by_padding_or_by_fewer_rows(model: Positions, shape: tuple, length: int) -> None:
    x = values(*shape)
    found = explain(model, x)
    assert found.problem == "fixed_positions"
    assert is_a_reading(found, f"layer(F.pad(x, (0, {length - shape[-1]})))")
    steps = model.conv(x).shape[-1]
    part = f"[:, :, :{steps}]" if model.turned else f"[:, :{steps}]"
    assert is_a_reading(found, f"(setattr(layer, 'table', nn.Parameter(layer.table{part})), layer(x))[-1]")


def test_more_steps_than_rows_are_not_cut_without_a_word() -> None:
    found = explain(Positions(nn.Conv1d(4, 6, 1), 128), (3, 4, 200))
    assert is_a_reading(found, "layer(F.pad(x, (0, -72)))")


# An argument in the place of another


@pytest.mark.parametrize(
    ("model", "shape", "meant"),
    [
        (S(nn.Conv1d(4, 6, 9, 170), nn.GLU(1), nn.Conv1d(3, 8, 9)), (1, 4, 800), nn.Conv1d(4, 6, 9, padding=170)),
        (S(nn.Conv1d(6, 8, 5, 64), nn.ReLU(), nn.MaxPool1d(4)), (2, 6, 128), nn.Conv1d(6, 8, 5, padding=64)),
        (S(nn.Conv1d(2, 4, 3, 30), nn.Conv1d(4, 4, 9)), (2, 2, 99), nn.Conv1d(2, 4, 3, padding=30)),
    ],
)
def test_a_padding_in_the_place_of_the_stride(model: nn.Module, shape: tuple, meant: nn.Conv1d) -> None:
    x = values(*shape)
    found = explain(model, x)
    assert found.problem == "misplaced_argument"
    assert repr(eval(found.fix.split("'0', ")[1].split("),")[0], {"nn": nn})) == repr(meant)
    assert value(found.fix, model, x).shape[-1] > 60


def test_a_usual_stride_is_not_taken_for_a_padding() -> None:
    for layer, shape in ((nn.Conv1d(1, 8, 9, 4), (4, 1, 7)), (nn.Conv1d(1, 8, 4, 8), (4, 1, 3))):
        assert "fourth argument" not in explain(layer, shape).text


# Layers that the model does not know


class Listed(nn.Module):
    """Layers in a plain container."""

    def __init__(self, make: Callable, head: nn.Module) -> None:
        super().__init__()
        self.convs, self.head = make([nn.Conv1d(4, 4, 3, padding=1) for _ in range(2)]), head

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for conv in self.convs.values() if hasattr(self.convs, "values") else self.convs:
            x = conv(x)
        return self.head(x)


def as_dict(layers: list) -> dict:
    return {f"l{number}": layer for number, layer in enumerate(layers)}


@pytest.mark.parametrize(("make", "home"), [(list, "List"), (tuple, "List"), (as_dict, "Dict")])
@pytest.mark.parametrize("double_input", [True, False])
def test_layers_in_a_plain_container_are_registered(make: Callable, home: str, double_input: bool) -> None:
    model = Listed(make, nn.Conv1d(4, 2, 1)).double()
    x = values(2, 4, 9).double() if double_input else values(2, 4, 9)
    found = explain(model, x)
    assert found.problem == "not_registered"
    assert f"nn.Module{home}(layer.convs)" in found.fix
    assert value(found.fix, model, x).dtype == torch.float64
    assert len(list(model.parameters())) == 6


class OnGpu(torch.Tensor):
    """A tensor that says it is on a GPU."""

    device = torch.device("cuda:0")


def test_inputs_on_different_devices() -> None:
    there, here = torch.zeros(4, 3).as_subclass(OnGpu), torch.zeros(4, 3)
    found = explain(nn.MSELoss(), (there, here))
    assert found.problem == "device" and "cpu and cuda:0" in found.text
    assert found.fix == "layer(*(a.to('cuda:0') for a in x))"
    assert explain(nn.Bilinear(3, 3, 2), (there, here)).fix == "layer(*(a.to('cpu') for a in x))"
    assert explain(nn.Linear(3, 2), there).fix == "layer(x.to('cpu'))"
    assert explain(nn.MSELoss(), (here, here)).ok


def test_layers_in_a_list_that_stayed_on_another_device() -> None:
    model = Listed(list, nn.Conv1d(4, 2, 1)).to("meta")
    found = explain(model, values(2, 4, 9))
    assert found.problem == "device" and "self.convs = nn.ModuleList(self.convs)" in found.text


def test_a_registered_layer_of_another_dtype_is_no_stray() -> None:
    model = Written(lambda s, x: s.b(s.a(x)), a=nn.Conv1d(4, 4, 3).double(), b=nn.Conv1d(4, 2, 1))
    assert explain(model, values(2, 4, 9)).problem == "dtype"
