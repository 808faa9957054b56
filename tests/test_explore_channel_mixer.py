"""ChannelMixer in the page: all of its states against torch, its numbers, long signals, names and bad input."""

import re
from collections.abc import Callable

import numpy as np
import page
import pytest
import torch
from torch.nn import functional as F

from conv1d_tutor.explore import ChannelMixer

OWN = ([[1, 2, 0, 1], [0, -1, 3, 1]], [[[1, 0.5], [2, -1]], [[0.25, 0], [1, 1]]])
LONG = np.random.default_rng(0).normal(size=(2, 100_000))


def as_number(text: str) -> float:
    """Read a number as the page writes it."""
    return float(text.replace("−", "-").replace(" ", ""))


def check(asked: dict, shown: dict, x: object, weight: object) -> None:
    """Window, products, contributions and outputs are torch's; the sentence adds up."""
    seen, signal = shown["seen"], torch.tensor(np.array(x, float))
    kernels = torch.tensor(np.array(weight, float))
    assert shown["state"] == asked
    t, o = asked["position"], asked["out_channel"]
    taps = kernels.shape[-1]
    y = F.conv1d(signal, kernels)[o]
    parts = F.conv1d(signal, kernels[o][:, None], groups=len(signal))[:, t]
    assert seen["kernel"] == kernels[o].tolist()
    assert seen["samples"] == signal[:, t : t + taps].tolist()
    assert np.array(seen["products"]) == pytest.approx((signal[:, t : t + taps] * kernels[o]).numpy())
    assert seen["contributions"] == pytest.approx(parts.tolist())
    assert seen["output"] == pytest.approx(y[t].item(), abs=1e-12)
    first, after = seen["page"]
    assert 0 <= first <= t and t + taps <= after <= signal.shape[1]
    assert seen["outputs"] == pytest.approx(y[first : t + 1].tolist(), abs=1e-12)
    terms, total = shown["sentence"].split(": ", 1)[1].split(". ")[0].split(" = ")
    assert as_number(total) == pytest.approx(y[t].item(), rel=1e-3, abs=1e-3)
    assert sum(map(as_number, re.findall(r"(?:^|[+−] )?−?[\d.]+", terms))) == pytest.approx(y[t].item(), abs=2e-3)


def drawn(shown: dict) -> dict:
    """The picture, which has no number that is none."""
    picture = shown["picture"]
    assert not re.search("NaN|undefined|Infinity", picture["drawn"])
    return picture


def test_all_states() -> None:
    explorable = ChannelMixer()
    asked = list(page.states(explorable))
    assert len(asked) == 2 * 10 * 4
    for state, shown in zip(asked, page.shown(explorable, asked), strict=True):
        check(state, shown, ChannelMixer.SIGNAL, ChannelMixer.PRESETS[state["weights"]])


def test_all_states_of_signals_and_kernels_of_ones_own() -> None:
    explorable = ChannelMixer(*OWN)
    asked = list(page.states(explorable))
    assert len(asked) == 2 * 3
    for state, shown in zip(asked, page.shown(explorable, asked), strict=True):
        check(state, shown, *OWN)


@pytest.mark.parametrize("width", [336, 900, 1376])
def test_every_picture_has_numbers_and_one_height(width: int) -> None:
    four = ChannelMixer(np.arange(48).reshape(4, 12) % 5, np.arange(72).reshape(2, 4, 9) % 7 - 3)
    for explorable in (ChannelMixer(), ChannelMixer(*OWN), four):
        pictures = [drawn(shown) for shown in page.shown(explorable, page.states(explorable), width=width)]
        assert len({picture["height"] for picture in pictures}) == 1


@pytest.mark.parametrize("width", [336, 900])
def test_each_contribution_can_be_checked_in_the_picture(width: int) -> None:
    (shown,) = page.shown(ChannelMixer(position=3), [{}], width=width)
    texts = drawn(shown)["texts"]
    at = texts.index("sum")
    tables = "".join(f"{text} " for text in texts)
    for samples, kernel, products, total in (
        ("2 5 6", "0 1 1", "0 5 6", "11"),
        ("1 0 0", "1 1 0", "1 0 0", "1"),
        ("0 1 2", "1 0 −1", "0 0 −2", "−2"),
    ):
        assert f" {samples} sample {kernel} · kernel {products} = product sum {total} " in tables
    assert at and "channel 0  11 channel 1 + 1 channel 2 + −2 = output 3 10 " in tables


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sum += weight[k] * x[t + k * dilation]", "sum += weight[k] * x[t + weight.length - 1 - k]"),
        ("outputAt(t, x[c], weight)", "outputAt(t, x[0], weight)"),
        ("kernel[c][k] * value", "kernel[0][k] * value"),
        ("sets[weights][out_channel]", "sets[weights][0]"),
    ],
)
def test_a_wrong_arithmetic_is_seen(old: str, new: str) -> None:
    explorable = ChannelMixer()
    asked = [
        {"out_channel": o, "position": t, "weights": name}
        for o in (0, 1)
        for t in (0, 5)
        for name in ChannelMixer.PRESETS
    ]
    for breaks in ([], [(old, new)]):
        found = zip(asked, page.shown(explorable, asked, breaks=breaks), strict=True)
        if not breaks:
            for state, shown in found:
                check(state, shown, ChannelMixer.SIGNAL, ChannelMixer.PRESETS[state["weights"]])
            continue
        with pytest.raises(AssertionError):
            for state, shown in found:
                check(state, shown, ChannelMixer.SIGNAL, ChannelMixer.PRESETS[state["weights"]])


def test_a_long_signal_shows_the_page_of_its_window() -> None:
    weight = np.random.default_rng(1).normal(size=(2, 2, 3))
    explorable = ChannelMixer(LONG, weight)
    asked = [{"out_channel": 1, "position": t, "weights": "yours"} for t in (0, 50, 73_210, 99_997)]
    for state, shown in zip(asked, page.shown(explorable, asked, width=900), strict=True):
        check(state, shown, LONG, weight)
        first, after = shown["seen"]["page"]
        assert after - first == 100
        assert len(drawn(shown)["drawn"]) < 60_000


@pytest.mark.parametrize("width", [336, 900])
def test_names_stay_text_and_fit(width: int) -> None:
    names = ["<script>alert(1)</script>", 'a "quoted" & <b>bold</b> name', "cost_$_per_$^" * 9]
    (shown,) = page.shown(ChannelMixer(names=names), [{}], width=width)
    texts = drawn(shown)["texts"]
    assert names[0] in texts and any(text.startswith("cost_$_per_$^") for text in texts)
    assert names[2] not in texts


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: ChannelMixer(position=2),
            "Output channel 0 at position 2: 7 + 3 + 0 = 10. Three channels go in, one number comes out.",
        ),
        (
            lambda: ChannelMixer(position=99, out_channel=1),
            "Output channel 1 at position 9: −2 + 0 + 2 = 0. Three channels go in, one number comes out.",
        ),
        (
            lambda: ChannelMixer([[2.0]], [[[3.0]]]),
            "Output channel 0 at position 0: 6 = 6. One channel goes in, one number comes out.",
        ),
    ],
)
def test_says_what_adds_up(make: Callable[[], ChannelMixer], sentence: str) -> None:
    (shown,) = page.shown(make(), [{}], width=336)
    assert shown["sentence"] == sentence
    drawn(shown)


def test_without_weights_the_first_ones_stay() -> None:
    (shown,) = page.shown(ChannelMixer(), [{"weights": None}])
    assert shown["state"]["weights"] == "one of each"


def test_begins_as_it_says() -> None:
    assert repr(ChannelMixer(*OWN, position=1)) == "ChannelMixer(out_channel=0, position=1, weights='yours')"
    assert [control.plays for control in ChannelMixer()._controls] == [False, True, False]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ChannelMixer([1, 2, 3]), r"x of shape \(3,\).*\(channels, length\)"),
        (lambda: ChannelMixer(np.ones((5, 9))), r"5 channels.*room for 4"),
        (lambda: ChannelMixer(np.ones((2, 9))), r"2 channels.*ChannelMixer\(x, weight\)"),
        (lambda: ChannelMixer(np.full((3, 9), np.nan)), r"27 of 27 numbers in x are NaN"),
        (
            lambda: ChannelMixer(np.ones((2, 9)), np.ones((1, 3, 3))),
            r"\(1, 3, 3\) for x of shape \(2, 9\).*\(1, 2, 3\)",
        ),
        (lambda: ChannelMixer(np.ones((1, 2)), np.ones((1, 1, 3))), r"no more taps than x has.*\(1, 1, 2\)"),
        (lambda: ChannelMixer(np.ones((2, 9)), np.ones((2, 3))), r"weight of shape \(2, 3\)"),
        (lambda: ChannelMixer(names=["a"]), r"1 names for 3 channels"),
        (lambda: ChannelMixer(names="abc"), r"names='abc'.*a list of names"),
        (lambda: ChannelMixer(out_channel=2), r"out_channel=2.*from 0 to 1"),
        (lambda: ChannelMixer(position=-1), r"position=-1.*at least 0"),
    ],
)
def test_bad_input_is_refused_in_words(make: Callable[[], object], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match="(?s)" + message) as caught:
        make()
    assert len(caught.value.parts) == 3
