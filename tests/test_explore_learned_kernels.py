"""LearnedKernels in the page: responses, their highest outputs and what each channel gives to them, by torch."""

import re

import numpy as np
import page
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from conv1d_tutor.explore import LearnedKernels

#: Three short cases of two channels; no kernel below fires on the last.
CASES = [
    [[0, 1, 5, 4, 0, 2], [3, 3, -1, 0, 1, 2]],
    [[2, 2, 0, 6, 1, 0], [0, 4, 4, -3, 0, 1]],
    [[-9, -9, -9, -9, -9, -9], [-9, -9, -9, -9, -9, -9]],
]
LOUD = '<script>alert(1)</script>"'


def fixed_conv(bias: bool = True, **options: int) -> nn.Conv1d:
    """A layer with weights that a reader can check by hand."""
    conv = nn.Conv1d(2, 2, 3, bias=bias, **options)
    conv.weight.data = torch.tensor([[[1.0, 0, -0.5], [0, 2, 0.25]], [[0, 0, 1], [1, -1, 0.5]]])
    if bias:
        conv.bias.data = torch.tensor([0.5, -1.25])
    return conv


def diverged_conv() -> nn.Conv1d:
    """A layer whose training went wrong."""
    conv = fixed_conv()
    conv.weight.data[0, 0, 0] = torch.nan
    return conv


def made(conv: nn.Conv1d, signals: object, **more: object) -> tuple[LearnedKernels, tuple[dict, torch.Tensor]]:
    """An explorable, and what to expect of it: its data with torch's own numbers, and responses, (N, O, L_out)."""
    explorable = LearnedKernels(conv, signals, **more)
    x, weight = torch.as_tensor(signals).double(), conv.weight.detach().double()
    bias = torch.zeros(len(weight)).double() if conv.bias is None else conv.bias.detach().double()
    responses = F.conv1d(x, weight, bias, dilation=conv.dilation)
    data = page.stored(explorable)["data"] | {"signals": x, "weight": weight, "bias": bias}
    assert data["dilation"] == conv.dilation[0]
    assert data["responses"] == pytest.approx([responses.min().item(), responses.max().item()])
    return explorable, (data, responses)


def random_case(
    channels: int = 5, kernels: int = 8, taps: int = 5, length: int = 49, cases: int = 6, dilation: int = 1
) -> tuple[LearnedKernels, tuple[dict, torch.Tensor]]:
    """A layer and signals of random numbers."""
    torch.manual_seed(0)
    conv = nn.Conv1d(channels, kernels, taps, dilation=dilation)
    return made(conv, np.random.default_rng(1).normal(size=(cases, channels, length)))


MADE = {
    "with names": lambda: made(
        fixed_conv(), torch.tensor(CASES), names=["pulse", "pressure"], labels=[1, 0, 0], ids=["A", "B", "C"]
    ),
    "without names, dilated, no bias": lambda: made(
        fixed_conv(bias=False, dilation=2), CASES, kernel=1, patient=1
    ),
    "random": random_case,
    "random, dilated, an even kernel": lambda: random_case(3, 4, 4, 23, 5, dilation=3),
    "one tap": lambda: random_case(1, 2, 1, 1, 2),
    "sixteen channels": lambda: random_case(16, 3, 9, 60, 2),
}


def as_number(text: str) -> float:
    """Read a number as the sentences write it."""
    return float(text.replace("−", "-"))


def check(data: dict, responses: torch.Tensor, shown: dict) -> None:
    """Response, highest output, parts and words are torch's."""
    state, seen, sentence = shown["state"], shown["seen"], shown["sentence"]
    n, o, dilation = state["patient"], state["kernel"], data["dilation"]
    x, weight, response = data["signals"], data["weight"], responses[n, o]
    torch.testing.assert_close(
        torch.tensor(seen["response"], dtype=torch.float64), response, rtol=1e-12, atol=1e-12
    )
    best = seen["best"]
    assert response[best] == pytest.approx(response.max().item(), rel=1e-12, abs=1e-12)
    each = F.conv1d(x[n], weight[o][:, None], dilation=dilation, groups=x.shape[1])  # one channel at a time
    assert seen["parts"] == pytest.approx(each[:, best].tolist(), rel=1e-12, abs=1e-12)
    assert max(map(abs, seen["parts"])) <= data["gives"] * (1 + 1e-12), "the bar leaves its axes"
    fires = int((response > 0).sum())
    assert seen["fires"] == fires
    who = data["ids"][n] if data["labels"] is None else f"{data['ids'][n]} ({data['labels'][n]})"
    if response[best] <= 0:
        assert sentence.startswith(f"Kernel {o} does not fire on {who}: its highest output is ")
        highest = as_number(re.search(r"highest output is (\S+), at output", sentence)[1])
        assert highest == pytest.approx(response[best].item(), rel=0.006)
        return
    last = best + dilation * (weight.shape[-1] - 1)
    steps = f"time step {best}: " if last == best else f"time steps {best} to {last}: "
    assert sentence.startswith(f"Kernel {o} fires most on {who} at output {best}, which reads {steps}")
    assert as_number(re.search(r": ([−\d.e-]*\d)\. The", sentence)[1]) == pytest.approx(
        response[best].item(), rel=0.006
    )
    order = np.argsort(-np.abs(seen["parts"]), kind="stable")[:3]
    said = re.findall(r"([^:,]+) gives ([−\d.e-]*\d)", sentence.rsplit(": ", 1)[1])
    assert [name.strip() for name, _ in said] == [data["names"][c] for c in order]
    assert [as_number(part) for _, part in said] == pytest.approx([seen["parts"][c] for c in order], rel=0.06)
    assert sentence.endswith(f"It fires at {fires} of {len(response)} outputs.")


@pytest.mark.parametrize("name", MADE)
def test_all_states(name: str) -> None:
    explorable, expected = MADE[name]()
    asked = list(page.states(explorable))
    for width in (336, 900, 1376):
        answers = page.shown(explorable, asked, width=width)
        for state, shown in zip(asked, answers, strict=True):
            assert shown["state"] == state
            check(*expected, shown)
            assert not any(word in shown["picture"]["drawn"] for word in ("NaN", "undefined", "Infinity"))
        assert len({shown["picture"]["height"] for shown in answers}) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[x[c], k * dilation]", "[x[c], k]"),
        ("response[t] += w * signal[t + offset]", "response[t] += w * signal[t + offset - (k > 0)]"),
        (".fill(bias)", ".fill(0)"),
        ("response[t] > response[best]", "response[t] >= 0 && response[t] < response[best]"),
        ("outputAt(best, x[c], row, dilation)", "outputAt(0, x[c], row, dilation)"),
        ("outputAt(best, x[c], row, dilation)", "outputAt(best, x[c], row)"),
        ("response[t] > 0) fires++", "response[t] >= -1) fires++"),
    ],
)
def test_a_wrong_arithmetic_is_seen(old: str, new: str) -> None:
    explorable, expected = random_case(3, 4, 4, 23, 5, dilation=3)
    asked = list(page.states(explorable))
    for shown in page.shown(explorable, asked):
        check(*expected, shown)
    with pytest.raises(AssertionError):
        for shown in page.shown(explorable, asked, breaks=[(old, new)]):
            check(*expected, shown)


def test_long_signals_are_drawn_thinned_and_computed_whole() -> None:
    torch.manual_seed(0)
    long = np.random.default_rng(0).normal(size=(1, 2, 100_000))
    explorable, expected = made(nn.Conv1d(2, 3, 3).double(), long)
    for width in (336, 1376):
        shown = page.shown(explorable, page.states(explorable), width=width)
        for one in shown:
            check(*expected, one)
            assert len(one["picture"]["drawn"]) < 300_000
    # The response over time is thinned, but its highest output is marked where it lies.
    assert f"highest at output {shown[-1]['seen']['best']}" in shown[-1]["picture"]["drawn"]


@pytest.mark.parametrize("loud", [LOUD, "cost_$_per_$^"])
@pytest.mark.parametrize("width", [336, 1376])
def test_names_stay_text(loud: str, width: int) -> None:
    explorable = LearnedKernels(fixed_conv(), CASES, names=[loud] * 2, ids=[loud] * 3, labels=[loud] * 3)
    (shown,) = page.shown(explorable, [{}], width=width)
    assert sum(text.startswith(loud[:3]) for text in shown["picture"]["texts"]) >= 3
    assert f"{loud} ({loud})" in shown["sentence"] and f"{loud} gives" in shown["sentence"]


def test_constant_and_zero_signals_have_a_picture() -> None:
    for value in (0.0, 5.0, -1e12):
        explorable, expected = made(fixed_conv(bias=False), np.full((1, 2, 4), value))
        (shown,) = page.shown(explorable, [{}], width=336)
        check(*expected, shown)
        assert not any(word in shown["picture"]["drawn"] for word in ("NaN", "undefined", "Infinity"))


def test_the_call_is_written_with_its_state() -> None:
    explorable = LearnedKernels(fixed_conv(), CASES, kernel=1)
    explorable.patient = 99
    assert repr(explorable) == "LearnedKernels(kernel=1, patient=2)"


@pytest.mark.parametrize("other", [nn.Linear(2, 2), nn.ConvTranspose1d(2, 2, 3)])
def test_refuses_what_is_no_conv1d(other: nn.Module) -> None:
    with pytest.raises(TypeError, match=r"(?s)only a Conv1d has windows.*pass a torch.nn.Conv1d"):
        LearnedKernels(other, CASES)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LearnedKernels(None, CASES), r"LearnedKernels\(conv=None, .*a NoneType without in_channels"),
        (lambda: LearnedKernels(fixed_conv(stride=2), CASES), r"stride=2.*stride=1.*first layer of the network"),
        (lambda: LearnedKernels(fixed_conv(padding=1), CASES), r"padding=1.*one step apart: padding=0"),
        (lambda: LearnedKernels(fixed_conv(padding="same"), CASES), r"padding='same'.*padding=0"),
        (lambda: LearnedKernels(nn.Conv1d(2, 2, 3, groups=2), CASES), r"groups=2.*over all channels.*groups=1"),
        (lambda: LearnedKernels(nn.Conv1d(17, 1, 3), np.ones((1, 17, 9))), r"in_channels=17.*room for 16"),
        (
            lambda: LearnedKernels(fixed_conv(), CASES[0]),
            r"signals of shape \(2, 6\).*\(cases, channels, length\)",
        ),
        (lambda: LearnedKernels(fixed_conv(), [[[0, np.nan, 1]] * 2]), r"2 of 6 numbers in signals are NaN"),
        (lambda: LearnedKernels(fixed_conv(), np.ones((3, 5, 9))), r"5 channels"),
        (lambda: LearnedKernels(fixed_conv(), np.ones((3, 2, 2))), r"the kernel reads 3 samples"),
        (lambda: LearnedKernels(fixed_conv(), CASES, names=["a"]), r"1 names for 2 channels.*try:   names="),
        (lambda: LearnedKernels(fixed_conv(), CASES, ids="AB"), r"ids='AB'.*one name for each case.* 3"),
        (lambda: LearnedKernels(fixed_conv(), CASES, labels=[0, 1]), r"labels=\[0, 1\].*2 names for 3 cases"),
        (lambda: LearnedKernels(fixed_conv(), CASES, kernel=2), r"kernel=2.*from 0 to 1.*kernel=1"),
        (lambda: LearnedKernels(fixed_conv(), CASES, patient="A"), r"patient='A'.*whole number from 0 to 2"),
        (lambda: LearnedKernels(diverged_conv(), CASES), r"1 of 12 numbers in the weight.*smaller learning rate"),
        (lambda: LearnedKernels(fixed_conv(), CASES, sliders="none"), r"sliders='none'.*ipywidgets"),
    ],
)
def test_bad_input_is_refused_in_words(make: object, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match="(?s)" + message) as caught:
        make()
    assert len(caught.value.parts) == 3
