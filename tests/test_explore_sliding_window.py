"""SlidingWindow in the page: all of its states against torch, long and short signals, a kernel of one's own."""

import re
from collections.abc import Callable, Iterable

import numpy as np
import page
import pytest
import torch
from torch.nn import functional as F

from conv1d_tutor import arithmetic
from conv1d_tutor.explore import SlidingWindow

X = [float(value) for value in SlidingWindow.SIGNAL]
OWN = ([1.5, -2.0, 3.0, 0.0, 1.0], [2.0, -1.0, 0.5])
LONG = np.random.default_rng(0).normal(size=100_000)
KERNEL = np.array([1.0, -1.0, 0.5])


def kernel(name: str, size: int, own: list[float] | None = None) -> torch.Tensor:
    """A kernel as its name says."""
    ready = {
        "average": torch.full((size,), 1 / size, dtype=torch.float64),
        "difference": torch.eye(size, dtype=torch.float64)[-1] - torch.eye(size, dtype=torch.float64)[0],
        "keep the middle": torch.eye(size, dtype=torch.float64)[size // 2],
        "yours": torch.tensor(own or [], dtype=torch.float64),
    }
    return ready[name]


def as_number(text: str) -> float:
    """Read a number as the page writes it."""
    top, _, bottom = text.replace("−", "-").partition("/")
    return float(top) / float(bottom or 1)


def check(asked: dict, shown: dict, x: Iterable[float], own: list[float] | None = None) -> None:
    """Window, products and outputs are torch's, a refusal Python's; the sentence adds up."""
    signal, seen = torch.tensor(list(x), dtype=torch.float64), shown["seen"]
    weight = kernel(asked["kernel"], asked["kernel_size"], own)
    state = shown["state"]
    assert state["kernel"] == asked["kernel"] and state["kernel_size"] == len(weight)
    if len(weight) > len(signal):
        with pytest.raises(ValueError) as refused:
            arithmetic.output_length(len(signal), len(weight))
        said = seen["refusal"]
        assert (said["found"], said["rule"], said["advice"]) == refused.value.parts
        return
    y = F.conv1d(signal[None], weight[None, None])[0]
    t = state["position"]
    assert shown["most"]["position"] == len(y) - 1
    assert t == min(asked["position"], len(y) - 1)
    window = signal[t : t + len(weight)]
    assert seen["weight"] == pytest.approx(weight.tolist())
    assert seen["samples"] == window.tolist()
    assert seen["products"] == pytest.approx((window * weight).tolist())
    first, after = seen["page"]
    assert 0 <= first <= t and t + len(weight) <= after <= len(signal)
    assert seen["outputs"] == pytest.approx(y[first : t + 1].tolist())
    terms, total = re.fullmatch(r"Output \d+ reads samples? [\d to]+: (.*) = (.*)\.", shown["sentence"]).groups()
    assert as_number(total) == pytest.approx(y[t].item(), rel=1e-3, abs=1e-3)
    if "…" not in terms:
        pairs = [term.split("·") for term in terms.split(" + ")]
        assert sum(as_number(w) * as_number(v) for w, v in pairs) == pytest.approx(y[t].item(), abs=2e-3)


def drawn(shown: dict) -> dict:
    """The picture, which has no number that is none."""
    picture = shown["picture"]
    assert not re.search("NaN|undefined|Infinity", picture["drawn"])
    return picture


def test_all_states() -> None:
    explorable = SlidingWindow()
    asked = list(page.states(explorable))
    assert len(asked) == 16 * 9 * 3
    for state, shown in zip(asked, page.shown(explorable, asked), strict=True):
        check(state, shown, X)


def test_all_states_of_a_signal_and_a_kernel_of_ones_own() -> None:
    explorable = SlidingWindow(*OWN)
    asked = list(page.states(explorable))
    assert len(asked) == 5 * 6 * 4
    for state, shown in zip(asked, page.shown(explorable, asked), strict=True):
        check(state, shown, *OWN)


@pytest.mark.parametrize("width", [336, 900, 1376])
def test_every_picture_has_numbers_and_one_height(width: int) -> None:
    for explorable in (SlidingWindow(), SlidingWindow(*OWN)):
        pictures = [
            drawn(s) for s in page.shown(explorable, page.states(explorable), width=width) if "picture" in s
        ]
        assert len(pictures) > 50
        assert len({picture["height"] for picture in pictures}) == 1


@pytest.mark.parametrize("width", [336, 900])
def test_each_product_can_be_checked_in_the_picture(width: int) -> None:
    (shown,) = page.shown(SlidingWindow(position=4), [{}], width=width)
    texts = shown["picture"]["texts"]
    for row in (["6", "7", "6"], ["1/3", "1/3", "1/3"], ["2", "2.333", "2"]):
        at = next(i for i in range(len(texts)) if texts[i : i + 3] == row)
        assert at
    assert texts[texts.index("sum") + 1] == "6.333"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sum += weight[k] * x[t + k * dilation]", "sum += weight[k] * x[t + weight.length - 1 - k]"),
        ("x.slice(t, t + weight.length)", "x.slice(t + 1, t + 1 + weight.length)"),
        ("(k === size - 1) - (k === 0)", "(k === 0) - (k === size - 1)"),
        ("position: Math.max(x.length - kernel_size, 0)", "position: x.length - 1"),
    ],
)
def test_a_wrong_arithmetic_is_seen(old: str, new: str) -> None:
    explorable = SlidingWindow()
    asked = [{"position": p, "kernel_size": 4, "kernel": k} for p in (0, 5, 15) for k in SlidingWindow.KERNELS]
    for state, shown in zip(asked, page.shown(explorable, asked), strict=True):
        check(state, shown, X)
    with pytest.raises(AssertionError):
        for state, shown in zip(asked, page.shown(explorable, asked, breaks=[(old, new)]), strict=True):
            check(state, shown, X)


def test_another_size_releases_a_kernel_of_ones_own() -> None:
    explorable = SlidingWindow(X, [2.0, -1.0, 0.5])
    asked = [{"kernel": "yours", "kernel_size": 5}]
    (released,) = page.shown(explorable, asked, changed=["kernel_size"])
    assert (released["state"]["kernel"], released["state"]["kernel_size"]) == ("average", 5)
    (kept,) = page.shown(explorable, asked, changed=["kernel"])
    assert (kept["state"]["kernel"], kept["state"]["kernel_size"]) == ("yours", 3)


def test_a_long_signal_shows_the_page_of_its_window() -> None:
    explorable = SlidingWindow(LONG, KERNEL)
    asked = [{"position": t, "kernel": "yours", "kernel_size": 3} for t in (0, 49, 50, 73_210, 99_997, 99_999)]
    for state, shown in zip(asked, page.shown(explorable, asked, width=900), strict=True):
        check(state, shown, LONG, KERNEL.tolist())
        first, after = shown["seen"]["page"]
        assert after - first == 100
        assert len(drawn(shown)["drawn"]) < 60_000


def test_of_more_taps_than_there_is_room_for_the_rest_is_one_cell() -> None:
    weight = np.arange(1.0, 61.0)
    (shown,) = page.shown(SlidingWindow(np.ones(100), weight), [{}], width=336)
    texts = drawn(shown)["texts"]
    assert "+ 51" in texts and "more" in texts
    assert f"{weight[9:].sum():.0f}" in texts
    assert texts[texts.index("sum") + 1] == f"{weight.sum():.0f}"
    assert "…" in shown["sentence"]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: SlidingWindow([3.0], [2.0]), "Output 0 reads sample 0: 2·3 = 6."),
        (lambda: SlidingWindow([3.0]), "No output: the kernel reads 3 samples, the padded input has 1."),
        (
            lambda: SlidingWindow([1, 2], [1, 2, 3]),
            "No output: the kernel reads 3 samples, the padded input has 2.",
        ),
        (
            lambda: SlidingWindow([0, 1, 4, 9, 16], [1, -1], position=1),
            "Output 1 reads samples 1 to 2: 1·1 + −1·4 = −3.",
        ),
        (
            lambda: SlidingWindow(kernel="difference", position=3),
            "Output 3 reads samples 3 to 5: −1·2 + 0·6 + 1·7 = 5.",
        ),
        (lambda: SlidingWindow(position=4), "Output 4 reads samples 4 to 6: 1/3·6 + 1/3·7 + 1/3·6 = 6.333."),
        (lambda: SlidingWindow([0.0, 0.0, 0.0, 0.0]), "Output 0 reads samples 0 to 2: 1/3·0 + 1/3·0 + 1/3·0 = 0."),
    ],
)
def test_says_what_adds_up(make: Callable[[], SlidingWindow], sentence: str) -> None:
    (shown,) = page.shown(make(), [{}], width=336)
    assert shown["sentence"] == sentence
    if "picture" in shown:
        drawn(shown)


def test_without_a_kernel_the_first_one_stays() -> None:
    (shown,) = page.shown(SlidingWindow(), [{"kernel": None}])
    assert shown["state"]["kernel"] == "average"


def test_begins_where_the_kernel_still_fits() -> None:
    assert SlidingWindow(position=99).position == 13
    assert repr(SlidingWindow(*OWN)) == "SlidingWindow(position=0, kernel='yours', kernel_size=3)"
    assert SlidingWindow(*OWN, kernel="average", kernel_size=2).kernel_size == 2


def test_the_position_plays() -> None:
    (position,) = [c for c in SlidingWindow()._controls if c.name == "position"]
    assert position.plays


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SlidingWindow(np.ones((2, 9))), r"x of shape \(2, 9\).*shape \(length,\).*x\[0\]"),
        (lambda: SlidingWindow([1, np.nan, 2]), r"1 of 3 numbers in x are NaN"),
        (lambda: SlidingWindow([]), r"x of shape \(0,\)"),
        (lambda: SlidingWindow(["a", "b"]), r"x is a list that does not hold numbers only"),
        (lambda: SlidingWindow([1, 2, 3], [[1, 2]]), r"weight of shape \(1, 2\)"),
        (lambda: SlidingWindow(3), r"x of shape \(\).*\(length,\).*x\[None\]"),
        (lambda: SlidingWindow([1j, 2]), r"x holds complex numbers"),
        (lambda: SlidingWindow(torch.ones(3, device="meta")), r"on the meta device"),
        (lambda: SlidingWindow(kernel="sharp"), r"kernel='sharp'.*'average', 'difference'"),
        (lambda: SlidingWindow(kernel="yours"), r"kernel='yours'.*SlidingWindow\(x, weight\)"),
        (lambda: SlidingWindow(kernel_size=0), r"kernel_size=0.*at least 1"),
        (lambda: SlidingWindow(position=-1), r"position=-1.*at least 0"),
        (lambda: SlidingWindow(sliders="mine"), r"sliders='mine'.*'page', 'ipywidgets'"),
    ],
)
def test_bad_input_is_refused_in_words(make: Callable[[], object], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match="(?s)" + message) as caught:
        make()
    assert len(caught.value.parts) == 3
