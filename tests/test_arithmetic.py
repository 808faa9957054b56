"""Whole numbers agree with torch over a grid, and what torch refuses is refused with the rule in words."""

import itertools
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from conv1d_tutor import arithmetic
from conv1d_tutor.arithmetic import Conv1dSpec

GRID = list(
    itertools.product(
        (1, 2, 3, 4, 7, 10, 13, 16, 49), (1, 2, 3, 4, 5, 8), (1, 2, 3, 5), (0, 1, 2, 5, "valid", "same"), (1, 2, 3)
    )
)


def torch_length(length: int, kernel_size: int, stride: int, padding: int | str, dilation: int) -> int | None:
    """The length torch computes; None where it refuses."""
    x, weight = torch.zeros(1, 1, length, device="meta"), torch.zeros(1, 1, kernel_size, device="meta")
    try:
        return F.conv1d(x, weight, None, stride, padding, dilation).shape[-1]
    except (RuntimeError, ValueError):
        return None


@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_output_length_agrees_with_torch_over_a_grid() -> None:
    valid = refused = 0
    for case in GRID:
        expected = torch_length(*case)
        if expected is None:
            refused += 1
            with pytest.raises(ValueError, match="rule: "):
                arithmetic.output_length(*case)
        else:
            valid += 1
            assert arithmetic.output_length(*case) == expected, case
    assert valid >= 2000, valid
    assert refused >= 500, refused


def test_transposed_output_length_agrees_with_torch_over_a_grid() -> None:
    valid = refused = 0
    for case in itertools.product((1, 2, 5, 9), (1, 2, 3, 6), (1, 2, 4), (0, 1, 3), (0, 1, 2, 3), (1, 2, 3)):
        length, kernel_size, stride, padding, more, dilation = case
        x, weight = torch.zeros(1, 1, length), torch.zeros(1, 1, kernel_size)
        try:
            options = {"padding": padding, "output_padding": more, "dilation": dilation}
            expected = F.conv_transpose1d(x, weight, None, stride, **options).shape[-1]
        except RuntimeError:
            expected = 0
        if expected:
            valid += 1
            assert arithmetic.transposed_output_length(*case) == expected, case
        else:  # torch also returns outputs of no samples
            refused += 1
            with pytest.raises(ValueError, match="rule: "):
                arithmetic.transposed_output_length(*case)
    assert valid >= 700, valid
    assert refused >= 500, refused


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize(
    "case",
    [case for case in GRID[::37] if case[4] * (case[1] - 1) < case[0] and (case[3] != "same" or case[2] == 1)],
    ids=str,
)
def test_windows_and_unread_samples_agree_with_the_gradient(case: tuple) -> None:
    """What an output reads is where its gradient is not zero: measured on torch, not computed."""
    length, kernel_size, stride, padding, dilation = case
    x = torch.ones(1, 1, length, dtype=torch.float64, requires_grad=True)
    y = F.conv1d(x, torch.ones(1, 1, kernel_size, dtype=torch.float64), None, stride, padding, dilation)[0, 0]
    read_by_any = torch.autograd.grad(y.sum(), x, retain_graph=True)[0][0, 0].nonzero().flatten().tolist()
    for t in range(len(y)):
        read = torch.autograd.grad(y[t], x, retain_graph=True)[0][0, 0].nonzero().flatten().tolist()
        assert [i for i in arithmetic.window(t, *case[1:]) if 0 <= i < length] == read
    unread = [i for i in range(length) if i not in read_by_any]
    assert list(arithmetic.unread_samples(*case)) == unread
    end = arithmetic.window(len(y) - 1, *case[1:])[-1]
    assert arithmetic.unread_tail(*case) == sum(i > end for i in unread)


def test_hand_worked_numbers() -> None:
    assert arithmetic.output_length(49, kernel_size=3) == 47
    assert arithmetic.output_length(10, kernel_size=3, stride=2) == 4
    assert arithmetic.window(3, kernel_size=3, stride=2, padding=1) == (5, 6, 7)
    assert arithmetic.unread_tail(10, kernel_size=3, stride=2) == 1
    assert arithmetic.unread_samples(10, kernel_size=2, stride=3) == (2, 5, 8, 9)
    assert arithmetic.effective_kernel_size(3, dilation=4) == 9
    # (49 + 2 − 2 − 1) / 2 is 24, and one more for the first position
    assert arithmetic.length_formula(49, 3, 2, 1).endswith("= ⌊48 / 2⌋ + 1 = 25")


@pytest.mark.parametrize("kernel_size", range(1, 8))
@pytest.mark.parametrize("dilation", range(1, 4))
def test_same_padding_is_what_torch_stores(kernel_size: int, dilation: int) -> None:
    layer = nn.Conv1d(1, 1, kernel_size, padding="same", dilation=dilation)
    assert arithmetic.same_padding(kernel_size, dilation) == tuple(layer._reversed_padding_repeated_twice)
    assert Conv1dSpec.from_layer(layer).padding_sides == tuple(layer._reversed_padding_repeated_twice)


@pytest.mark.parametrize(("groups", "bias"), [(1, True), (1, False), (2, True), (6, False)])
def test_parameters_and_multiplications(groups: int, bias: bool) -> None:
    layer = nn.Conv1d(6, 12, 5, groups=groups, bias=bias)
    spec = Conv1dSpec.from_layer(layer)
    assert spec.parameter_count() == sum(p.numel() for p in layer.parameters())
    assert spec.weight_shape == tuple(layer.weight.shape)
    y = layer(torch.zeros(4, 6, 20))
    # each number of the output takes one multiplication for every weight of its kernel
    assert spec.multiply_adds(20, batch=4) == y.numel() * layer.weight[0].numel()


def test_receptive_field_agrees_with_the_gradient() -> None:
    layers = [nn.Conv1d(1, 1, 3, stride=2), nn.MaxPool1d(2), nn.Conv1d(1, 1, 3, dilation=4), nn.AvgPool1d(3)]
    model = nn.Sequential(*layers).double()
    for parameter in model.parameters():
        nn.init.ones_(parameter)
    x = torch.arange(200, dtype=torch.float64).reshape(1, 1, -1).requires_grad_()
    model(x)[0, 0, 3].backward()
    seen = x.grad[0, 0].nonzero().flatten()
    # max pooling passes the gradient to one of its two samples, the later one here, so one sample stays hidden
    assert arithmetic.receptive_field(layers) >= int(seen[-1] - seen[0]) + 1
    no_max = [layer for layer in layers if not isinstance(layer, nn.MaxPool1d)]
    x.grad = None
    nn.Sequential(*no_max)(x)[0, 0, 3].backward()
    seen = x.grad[0, 0].nonzero().flatten()
    assert arithmetic.receptive_field(no_max) == int(seen[-1] - seen[0]) + 1 == 3 + 2 * 8 + 2 * 2
    assert arithmetic.receptive_field(layers) == 3 + 1 * 2 + 8 * 4 + 2 * 4
    assert arithmetic.receptive_field([]) == 1


def test_spec_takes_torchs_tuples_and_keeps_plain_integers() -> None:
    spec = Conv1dSpec.from_layer(
        nn.Conv1d(5, 8, 3, stride=2, padding=1, dilation=2, bias=False, padding_mode="reflect")
    )
    assert spec == Conv1dSpec(5, 8, 3, 2, 1, 2, 1, False, "reflect")
    assert type(spec.kernel_size) is int
    assert spec.output_shape((239, 5, 49)) == (239, 8, 24)
    assert spec.output_shape((5, 49)) == (8, 24)
    assert spec.window(1) == (1, 3, 5)
    assert spec.length_formula(49).endswith("= 24")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"in_channels": 6, "groups": 4}, "groups must divide in_channels and out_channels, but 6 = 1·4 \\+ 2"),
        ({"out_channels": 7, "groups": 2}, "out_channels=7 cannot be split into groups=2"),
        ({"groups": 0}, "groups=0.*whole number of at least 1"),
        ({"in_channels": 0}, "in_channels=0.*whole number of at least 1"),
        ({"kernel_size": 0}, "kernel_size is a whole number of at least 1"),
        ({"kernel_size": -3}, "kernel_size=-3.*at least 1.*kernel_size=1"),
        ({"kernel_size": 2.5}, "kernel_size=2.5.*whole number.*kernel_size=2"),
        ({"kernel_size": math.nan}, "kernel_size=nan.*whole number"),
        ({"kernel_size": True}, "kernel_size=True.*whole number"),
        ({"kernel_size": "3"}, "kernel_size='3'.*whole number"),
        ({"kernel_size": (3, 3)}, "kernel_size=\\(3, 3\\), 2 numbers.*one direction.*Conv2d"),
        ({"stride": 0}, "stride=0.*at least 1"),
        ({"dilation": 0}, "dilation=0.*at least 1"),
        ({"padding": -1}, "padding=-1.*at least 0"),
        ({"padding": "full"}, "padding='full'.*'same' or 'valid'"),
        ({"padding": "same", "stride": 2}, "padding='same' with stride=2.*one position in 2"),
        ({"padding_mode": "mirror"}, "padding_mode='mirror'.*'reflect'"),
    ],
)
def test_impossible_layers_are_refused_with_the_rule(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=r"(?s)^Conv1dSpec\(.*" + message):
        Conv1dSpec(**{"in_channels": 6, "out_channels": 6, "kernel_size": 3} | arguments)


def test_other_refusals_name_the_call_and_the_numbers() -> None:
    with pytest.raises(
        ValueError, match=r"(?s)^output_length\(length=2, kernel_size=5.*1·\(5 − 1\) \+ 1 = 5 and 2 \+ 0"
    ):
        arithmetic.output_length(2, 5)
    with pytest.raises(ValueError, match=r"(?s)length=0.*at least 1"):
        arithmetic.output_length(0, 1, padding=3)
    with pytest.raises(ValueError, match=r"(?s)t=-1.*at least 0"):
        arithmetic.window(-1, 3)
    with pytest.raises(ValueError, match=r"(?s)4 axes.*\(N, C, L\)"):
        Conv1dSpec(1, 1, 1).output_shape((1, 1, 1, 1))
    with pytest.raises(ValueError, match=r"(?s)49 channels.*in_channels=5.*\(239, 5, 5\)"):
        Conv1dSpec(5, 5, 3).output_shape((239, 49, 5))
    with pytest.raises(TypeError, match=r"(?s)a ReLU has no kernel_size.*hasattr"):
        arithmetic.receptive_field([nn.Conv1d(1, 1, 3), nn.ReLU()])
    with pytest.raises(TypeError, match=r"(?s)a Linear without in_channels"):
        Conv1dSpec.from_layer(nn.Linear(1, 1))
    with pytest.raises(TypeError, match=r"(?s)a ConvTranspose1d.*only a Conv1d"):
        Conv1dSpec.from_layer(nn.ConvTranspose1d(1, 1, 3))
    with pytest.raises(ValueError, match=r"(?s)two directions"):
        Conv1dSpec.from_layer(nn.Conv2d(1, 1, 3))
