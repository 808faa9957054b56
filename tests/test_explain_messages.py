"""torch still says what `explain` reads, and the shell says what `explain` says."""

import subprocess
import sys
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from explain_catalogue import values
from torch import nn

from conv1d_tutor import explain
from conv1d_tutor.explainer.torch_says import PATTERNS, kind_of

# torch's messages: a rewording turns one of these red


def cross_entropy(*shape: int) -> Any:
    return F.cross_entropy(values(4, 3, 7), torch.zeros(shape, dtype=torch.long))


x = values(2, 4, 9)
CALLS = {
    "channels": [lambda: nn.Conv1d(5, 2, 3)(x), lambda: nn.ConvTranspose1d(5, 2, 3)(x)],
    "axes": [
        lambda: nn.Conv1d(4, 2, 3)(x[None]),
        lambda: nn.ConvTranspose1d(4, 2, 3)(x[None]),
        lambda: nn.MaxPool1d(2)(x[None]),
        lambda: nn.AvgPool1d(2)(x[None]),
        lambda: nn.AdaptiveAvgPool1d(2)(x[None]),
        lambda: nn.MaxPool2d(2)(x[0]),
        lambda: nn.LSTM(9, 2)(x[None]),
        lambda: nn.Upsample(scale_factor=2, mode="linear")(x[0]),
    ],
    "weight_axes": [lambda: nn.Conv1d(4, 2, (3, 3))(x), lambda: F.conv1d(x, x[0, 0])],
    "two_numbers": [lambda k=k: nn.Conv1d(4, 2, 3, **{k: (2, 1)})(x) for k in ("stride", "padding", "dilation")],
    "sizes": [
        lambda: nn.Conv1d(4, 2, 3, stride=0)(x),
        lambda: nn.Conv1d(4, 2, 3, dilation=0)(x),
        lambda: nn.Conv1d(4, 2, 3, padding=-1)(x),
    ],
    "too_short": [
        lambda: nn.Conv1d(4, 2, 10)(x),
        lambda: nn.MaxPool1d(10)(x),
        lambda: nn.AvgPool1d(10)(x),
    ],
    "pad_too_long": [
        lambda: nn.Conv1d(4, 2, 3, padding=9, padding_mode="reflect")(x),
        lambda: nn.Conv1d(4, 2, 3, padding=10, padding_mode="circular")(x),
    ],
    "same_with_stride": [lambda: nn.Conv1d(4, 2, 3, stride=2, padding="same")],
    "padding_text": [lambda: nn.Conv1d(4, 2, 3, padding="SAME")],
    "padding_mode_text": [lambda: nn.Conv1d(4, 2, 3, padding_mode="zero")],
    "groups": [lambda g=g: nn.Conv1d(4, 6, 3, groups=g) for g in (3, 4, 0)],
    "output_padding": [lambda: nn.ConvTranspose1d(4, 2, 3, output_padding=1)(x)],
    "linear": [lambda: nn.Linear(8, 2)(x), lambda: nn.Linear(8, 2)(x[0, 0])],
    "running_stats": [lambda: nn.BatchNorm1d(5)(x)],
    "norm_axes": [lambda: nn.BatchNorm1d(4)(x[None]), lambda: nn.BatchNorm2d(4)(x)],
    "one_value": [lambda: nn.BatchNorm1d(4)(x[:1, :, 0])],
    "normalized_shape": [lambda: nn.LayerNorm(4)(x)],
    "norm_channels": [lambda: nn.GroupNorm(2, 6)(x), lambda: nn.InstanceNorm1d(6, affine=True)(x)],
    "rnn_features": [lambda: nn.LSTM(4, 2)(x), lambda: nn.GRU(4, 2)(x)],
    "embedding_dim": [lambda: nn.TransformerEncoderLayer(4, 2, batch_first=True)(x)],
    "indices": [lambda: nn.Embedding(4, 2)(x)],
    "dtype": [
        lambda: nn.Conv1d(4, 2, 3)(x.double()),
        lambda: nn.Conv1d(4, 2, 3)(x.long()),
        lambda: nn.Conv1d(4, 2, 3, bias=False)(x.double()),
        lambda: nn.Linear(9, 2)(x.double()),
        lambda: nn.BatchNorm1d(4)(x.double()),
        lambda: nn.LSTM(9, 2)(x.double()),
        lambda: nn.MaxPool1d(2)(x.long()),
    ],
    "add": [lambda: x + x[..., :5]],
    "cat": [lambda: torch.cat([x, x[..., :5]], dim=1)],
    "view": [lambda: x.view(5, -1), lambda: nn.Unflatten(1, (3, 2))(x)],
    "strides": [lambda: x.permute(0, 2, 1).view(2, -1)],
    "permute": [lambda: x.permute(0, 1)],
    "axis": [lambda: x.squeeze(5), lambda: (lambda a, b, c, d: None)(*x.shape) if x.ndim > 3 else unpack(x)],
    "arguments": [lambda: nn.Bilinear(4, 4, 2)(x), lambda: nn.ReLU()(x, x)],
    "tuple": [
        lambda: nn.Sequential(nn.LSTM(9, 4), nn.Linear(4, 2))(x),
        lambda: nn.Sequential(nn.LSTM(9, 4), nn.Conv1d(4, 2, 3))(x),
    ],
    "nothing": [lambda: nn.Conv1d(4, 2, 3)(None), lambda: nn.Linear(9, 2)(None), lambda: nn.ReLU()(None)],
    "fractions": [lambda: nn.Conv1d(4, 2, 3, padding=1.0)(x), lambda: nn.Conv1d(4, 2, 3, stride=2.0)(x)],
    "target": [
        lambda: cross_entropy(4, 3),
        lambda: F.cross_entropy(values(4, 3), torch.zeros(4, 1, dtype=torch.long)),
        lambda: F.binary_cross_entropy_with_logits(values(4, 1), values(4)),
        lambda: F.binary_cross_entropy(values(4, 1).sigmoid(), values(4).sigmoid()),
    ],
    "index": [lambda: nn.Embedding(4, 2)(torch.tensor([5]))],
}


def unpack(tensor: torch.Tensor) -> None:
    _, _ = tensor.shape


@pytest.mark.parametrize("kind", [kind for kind in PATTERNS if kind != "device"])
def test_patterns_fit_what_torch_says(kind: str) -> None:
    for call in CALLS[kind]:
        with pytest.raises(Exception) as caught:
            call()
        assert kind_of(" ".join(str(caught.value).split())) == kind


def test_pattern_for_devices() -> None:
    # Without a second device here, the message as torch 2.13 words it on a machine with one.
    said = "Expected all tensors to be on the same device, but got input is on cpu, different from other tensors"
    assert kind_of(said) == "device"
    said = "Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same"
    assert kind_of(said) == "device"


# The command line


def shell(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "conv1d_tutor", *arguments], capture_output=True, text=True)


def test_command_line_prints_the_same_explanation(capsys: pytest.CaptureFixture) -> None:
    from conv1d_tutor.__main__ import main

    assert main(["explain", "--input", "239,49,5", "--conv", "5,5,3"]) == 1
    assert capsys.readouterr().out.strip() == explain(nn.Conv1d(5, 5, 3), (239, 49, 5)).text
    assert main(["explain", "--input", "(239, 5, 49)", "--conv", "5,5,3", "--stride", "2", "--padding", "1"]) == 0
    assert "L_out" in capsys.readouterr().out
    assert main(["explain", "--input", "2,4,9", "--conv", "4,4,3", "--stride", "2", "--padding", "same"]) == 1
    assert "stride=2, padding=1" in capsys.readouterr().out
    assert main(["explain", "--input", "2,4,9", "--conv", "4,4"]) == 2
    assert "three numbers" in capsys.readouterr().err


def test_command_line_from_a_shell() -> None:
    done = shell("explain", "--input", "2,9,4", "--conv", "4,4,3")
    assert done.returncode == 1 and "layer(x.permute(0, 2, 1))" in done.stdout and done.stderr == ""
