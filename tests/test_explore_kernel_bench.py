"""KernelBench in the page: taps, output and response against torch; presets and taps follow each other."""

import re
from collections.abc import Callable

import numpy as np
import page
import pytest
import torch
from torch.nn import functional as F

from conv1d_tutor import arithmetic
from conv1d_tutor.explore import KernelBench

LONG = np.random.default_rng(0).normal(size=100_000)
TAPS = [f"tap_{k}" for k in range(5)]


def signal(explorable: KernelBench) -> torch.Tensor:
    """The signal as the page has it."""
    return torch.tensor(page.array(page.stored(explorable)["data"]["x"]))


def numbers(typed: dict | list) -> list[float]:
    """A row of numbers; JSON writes the page's typed ones by their places."""
    return list(typed.values()) if isinstance(typed, dict) else typed


def check(explorable: KernelBench, shown: dict) -> None:
    """Output and response are torch's, the scales have room for them, the sentence says both ends."""
    seen, state, x = shown["seen"], shown["state"], signal(explorable)
    taps = [value for name, value in state.items() if name.startswith("tap_")]
    weight = torch.tensor(taps, dtype=torch.float64)
    expected = F.conv1d(x[None], weight[None, None])[0]
    assert seen["weight"] == taps
    output = numbers(seen["output"])
    assert output == pytest.approx(expected.tolist(), abs=1e-9)
    response = torch.fft.rfft(weight, 256).abs()
    assert seen["response"] == pytest.approx(response.tolist(), abs=1e-9)
    for (low, high), values in ((seen["scale"], output), (seen["full"], seen["response"])):
        assert low - 1e-9 <= min(values) and max(values) <= high + 1e-9
    slowest, fastest = (
        float(text) for text in re.findall(r"([\d.e−]+) times", shown["sentence"].replace("e−", "e-"))
    )
    assert slowest == pytest.approx(abs(sum(taps)), abs=0.006)
    assert fastest == pytest.approx(abs(sum(taps[::2]) - sum(taps[1::2])), abs=0.006)
    if state["preset"] is not None:
        assert taps == pytest.approx(explorable._presets[state["preset"]])


def drawn(shown: dict) -> dict:
    """The picture, which has no number that is none."""
    picture = shown["picture"]
    assert not re.search("NaN|undefined|Infinity", picture["drawn"])
    return picture


def test_every_tap_and_all_pairs() -> None:
    explorable = KernelBench()
    asked = [state for state in page.states(explorable) if "preset" not in state]
    assert len(asked) == 5 * 41 + 10 * 9
    for state, shown in zip(asked, page.shown(explorable, asked, changed=TAPS), strict=True):
        assert shown["state"] == {**explorable.state(), **state, "preset": shown["state"]["preset"]}
        check(explorable, shown)
        assert (shown["state"]["preset"] is None) == any(value != 0.2 for value in np.round([*state.values()], 9))


def test_every_preset_brings_its_taps() -> None:
    explorable = KernelBench()
    asked = [{"preset": name, "tap_2": tap} for name in KernelBench.PRESETS for tap in (-1, 0, 1)]
    for state, shown in zip(asked, page.shown(explorable, asked, changed=["preset"]), strict=True):
        assert shown["state"]["preset"] == state["preset"]
        check(explorable, shown)


@pytest.mark.parametrize("width", [336, 900, 1376])
def test_every_picture_has_numbers_and_one_height(width: int) -> None:
    for explorable in (KernelBench(), KernelBench(np.arange(9.0), [0.5, -1, 0.25]), KernelBench(np.zeros(9))):
        asked = list(page.states(explorable))[::7]
        pictures = [drawn(shown) for shown in page.shown(explorable, asked, width=width)]
        assert len({picture["height"] for picture in pictures}) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sum += weight[k] * x[t + k];", "sum += weight[k] * x[t + weight.length - 1 - k];"),
        ("Math.hypot(real, imaginary)", "Math.abs(real)"),
        ("range(0, 129).map((i) => i / 256)", "range(0, 129).map((i) => i / 258)"),
        ("factor *= 2", "break"),
        ("values: { preset: null }", "values: {}"),
    ],
)
def test_a_wrong_arithmetic_is_seen(old: str, new: str) -> None:
    explorable = KernelBench()
    asked = [{"tap_0": 1, "tap_1": tap, "tap_2": 0.9} for tap in (-1, 0, 1)]
    for shown in page.shown(explorable, asked, changed=TAPS):
        check(explorable, shown)
    with pytest.raises(AssertionError):
        for shown in page.shown(explorable, asked, changed=TAPS, breaks=[(old, new)]):
            check(explorable, shown)


def test_the_scale_doubles_and_stays() -> None:
    explorable = KernelBench()
    asked = [dict.fromkeys(TAPS, tap) for tap in np.round(np.arange(0, 1.05, 0.05), 2)]
    found = page.shown(explorable, asked, changed=TAPS)
    for row, most in (("scale", 4), ("full", 3)):
        tops = [shown["seen"][row][1] for shown in found]
        assert 1 < len(set(tops)) <= most and tops == sorted(tops)
        assert {top / tops[0] for top in tops} <= {1, 2, 4, 8}


def test_a_long_signal_is_drawn_thinned_and_computed_whole() -> None:
    explorable = KernelBench(LONG, [1.0, -1.0, 0.5])
    (shown,) = page.shown(explorable, [{}], width=900)
    check(explorable, shown)
    assert len(numbers(shown["seen"]["output"])) == 99_998
    assert len(drawn(shown)["drawn"]) < 60_000


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: KernelBench(preset="average"),
            "A constant signal comes out 1 times as large, the fastest wave (up, down, up, down) 0.2 times.",
        ),
        (
            lambda: KernelBench(preset="edge"),
            "A constant signal comes out 0 times as large, the fastest wave (up, down, up, down) 0 times.",
        ),
        (
            lambda: KernelBench([1.0], [0.5]),
            "A constant signal comes out 0.5 times as large, the fastest wave (up, down, up, down) 0.5 times.",
        ),
        (lambda: KernelBench([1.0, 2.0]), "No output: the kernel reads 5 samples, the padded input has 2."),
    ],
)
def test_says_what_is_left_of_waves(make: Callable[[], KernelBench], sentence: str) -> None:
    (shown,) = page.shown(make(), [{}], width=336)
    assert shown["sentence"] == sentence
    if "picture" in shown:
        drawn(shown)
        return
    with pytest.raises(ValueError) as refused:
        arithmetic.output_length(2, 5)
    said = shown["seen"]["refusal"]
    assert (said["found"], said["rule"], said["advice"]) == refused.value.parts


def test_in_python_the_taps_follow_the_preset() -> None:
    bench = KernelBench()
    heard: list[tuple[str, object]] = []
    bench.observe(lambda change: heard.append((change.name, change.new)), ["preset", *TAPS])
    bench.preset = "edge"
    assert [getattr(bench, name) for name in TAPS] == [-0.5, -0.5, 0, 0.5, 0.5]
    assert sorted(heard) == sorted([("preset", "edge"), *zip(TAPS, KernelBench.PRESETS["edge"], strict=True)])
    (shown,) = page.shown(
        bench, [{}], changed=["preset", *TAPS]
    )  # what the page hears then: it has nothing to add
    assert shown["state"] == bench.state()


def test_in_python_a_tap_set_by_hand_releases_the_preset() -> None:
    bench = KernelBench(preset="smooth")
    bench.tap_1 = 0.3
    assert bench.preset is None
    assert [getattr(bench, name) for name in TAPS] == [0.1, 0.3, 0.4, 0.2, 0.1]
    (shown,) = page.shown(bench, [{}], changed=["tap_1"])
    assert shown["state"] == bench.state()
    bench.reset()
    assert repr(bench) == "KernelBench(preset='smooth')"
    bench.preset = None
    assert bench.tap_2 == 0.4


@pytest.mark.parametrize(
    "sent",
    [
        {"preset": "edge", "tap_0": -0.5, "tap_1": -0.5, "tap_2": 0, "tap_3": 0.5, "tap_4": 0.5},
        {"preset": None, "tap_3": 0.7},
    ],
)
def test_what_the_page_sends_is_not_answered(sent: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = KernelBench()
    answers: list[object] = []
    monkeypatch.setattr(type(bench), "send_state", lambda self, key: answers.append({*key}))
    bench.set_state(sent)
    assert {name: bench.state()[name] for name in sent} == sent
    assert answers == []
    bench.set_state({"preset": "only the ripple"})  # half of it is answered with the other half
    assert answers == [{"tap_0", "tap_1", "tap_2", "tap_3", "tap_4"}]


def test_is_called_as_it_stands() -> None:
    assert repr(KernelBench()) == "KernelBench(preset='average')"
    assert repr(KernelBench(weight=[0.5, -1])) == "KernelBench(weight=[0.5, -1.0])"
    bench = KernelBench()
    bench.tap_4 = 0.1 + 0.2
    assert repr(bench) == "KernelBench(weight=[0.2, 0.2, 0.2, 0.2, 0.3])"
    assert [control.label for control in bench._controls] == ["preset", *(f"tap {k}" for k in range(5))]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: KernelBench([[1, 2]]), r"x of shape \(1, 2\).*\(length,\)"),
        (lambda: KernelBench([1, np.inf]), r"1 of 2 numbers in x"),
        (lambda: KernelBench(weight=[1, 5]), r"taps between 1 and 5.*from −1 to 1.*divided by its largest"),
        (lambda: KernelBench(weight=[0.1] * 8), r"8 taps.*room for 7 sliders.*SlidingWindow"),
        (lambda: KernelBench(weight=[None]), r"weight is a list that does not hold numbers only"),
        (lambda: KernelBench(weight=[np.nan]), r"1 of 1 numbers in weight"),
        (lambda: KernelBench(preset="none"), r"preset='none'.*'average', 'smooth'"),
        (lambda: KernelBench(weight=[1.0], preset="edge"), r"preset='edge'.*'yours'"),
        (lambda: KernelBench(preset=np.ones(2)), r"preset=<float64 \(2,\)>.*is one of 'average'"),
        (lambda: setattr(KernelBench(), "preset", "sharp"), r"preset='sharp'.*'average', 'smooth'"),
        (lambda: setattr(KernelBench(), "tap_0", "much"), r"tap_0='much'"),
    ],
)
def test_bad_input_is_refused_in_words(make: Callable[[], object], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match="(?s)" + message) as caught:
        make()
    assert len(caught.value.parts) == 3
