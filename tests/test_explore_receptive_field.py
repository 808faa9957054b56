"""ReceptiveField in the page: what one output reads, by torch's gradient, in all states."""

import re

import page
import pytest
import torch
from torch.nn import functional as F

from conv1d_tutor import arithmetic
from conv1d_tutor.explore import ReceptiveField

#: More samples of all rows, or lines, are not all listed.
DOTS, LINES = 4000, 2000


def read_by_torch(state: dict, field: int) -> list[list[int]]:
    """For each row, from the output down to the input, the samples with a gradient; one output is all there is."""
    rows = [torch.zeros(1, 1, field, dtype=torch.float64, requires_grad=True)]
    ones = torch.ones(1, 1, state["kernel_size"], dtype=torch.float64)
    for i in range(state["depth"]):
        rows.append(F.conv1d(rows[-1], ones, stride=state["stride"], dilation=state["growth"] ** i))
        rows[-1].retain_grad()
    assert rows[-1].shape[-1] == 1, "one sample less gives no output, one more would not be seen"
    rows[-1].sum().backward()
    return [row.grad[0, 0].nonzero().flatten().tolist() for row in reversed(rows)]


def check(explorable: ReceptiveField, state: dict, shown: dict) -> None:
    """The cone is torch's, the words are those of the numbers."""
    seen, sentence = shown["seen"], shown["sentence"]
    for name, value in state.items():
        setattr(explorable, name, value)
    field = arithmetic.receptive_field(explorable.layers())
    assert seen["field"] == field
    expected = read_by_torch(state, field)
    assert [row["count"] for row in seen["rows"]] == [len(row) for row in expected]
    for row, samples in zip(seen["rows"], expected, strict=True):
        if len(samples) <= min(1000, DOTS // state["depth"]):
            assert row["samples"] == samples
        else:
            assert len(row["samples"]) == min(1000, DOTS // state["depth"]) and set(row["samples"]) <= set(samples)
            assert (row["samples"][0], row["samples"][-1]) == (samples[0], samples[-1])
    assert [row["step"] for row in seen["rows"]] == [
        state["stride"] ** i for i in range(state["depth"], -1, -1)
    ], "a sample stands over the first one it reads"
    for i, edges in enumerate(seen["edges"]):
        layer = explorable.layers()[-1 - i]
        above, below = (set(row) for row in expected[i : i + 2])
        most = min(500, LINES // state["depth"])
        assert 0 < len(edges) <= most
        for t, read in edges:
            assert t in above and read in below and read in layer.window(t)
        if len(expected[i]) * state["kernel_size"] <= most:
            assert len(edges) == len(expected[i]) * state["kernel_size"]
    read = {i for cell in seen["cells"] if cell["kind"] == "input" for i in span(cell)}
    stepped_over = {i for cell in seen["cells"] if cell["kind"] == "unread" for i in span(cell)}
    assert read == set(expected[-1]) and stepped_over == set(range(field)) - read
    assert seen["read"] == len(read)
    assert int(re.search(r"one output sees (\d+) sample", sentence)[1]) == field
    skips = re.search(r", but reads only (\d+) of them\.$", sentence)
    assert (int(skips[1]) if skips else field) == len(read)
    assert (
        f"{state['depth']} layer{'s' * (state['depth'] > 1)} with kernel_size={state['kernel_size']}" in sentence
    )
    assert (f"stride={state['stride']}" in sentence) == (state["stride"] > 1)
    dilations = ", ".join(str(layer.dilation) for layer in explorable.layers())
    assert (f"dilation{'s' * (state['depth'] > 1)} {dilations}:" in sentence) == (state["growth"] > 1)


def span(cell: dict) -> range:
    return range(cell["first"], cell["first"] + cell["width"])


def test_all_states() -> None:
    explorable = ReceptiveField()
    asked = list(page.states(explorable))
    assert len(asked) == 6 * 7 * 3 * 3
    for state, shown in zip(asked, page.shown(explorable, asked), strict=True):
        assert shown["state"] == state
        check(explorable, state, shown)


@pytest.mark.parametrize("width", [336, 900, 1376])
def test_pictures_of_all_states_hold_numbers_and_keep_their_height(width: int) -> None:
    explorable = ReceptiveField()
    pictures = [state["picture"] for state in page.shown(explorable, page.states(explorable), width=width)]
    assert not any(word in picture["drawn"] for picture in pictures for word in ("NaN", "undefined", "Infinity"))
    assert len({picture["height"] for picture in pictures}) == 1
    assert max(len(picture["drawn"]) for picture in pictures) < 250_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(field - 1) * layer.stride + reach(layer)", "field * layer.stride + reach(layer)"),
        ("after = first + kernel_size * dilation", "after = first + (kernel_size - 1) * dilation"),
        ("windows[i] += windows[i - dilation]", "windows[i] += windows[i - 1]"),
        ("dilation: Math.min(growth ** i, HUGE)", "dilation: Math.min(growth * i + 1, HUGE)"),
        ("t * layer.stride + k * layer.dilation", "t + k * layer.dilation"),
        ("Math.round(step / layer.stride)", "step"),
    ],
)
def test_a_wrong_arithmetic_is_seen(old: str, new: str) -> None:
    explorable = ReceptiveField()
    asked = [{"depth": 3, "kernel_size": 2, "stride": s, "growth": g} for s in (1, 2) for g in (1, 3)]
    for state, shown in zip(asked, page.shown(explorable, asked), strict=True):
        check(explorable, state, shown)
    with pytest.raises(AssertionError):
        for state, shown in zip(asked, page.shown(explorable, asked, breaks=[(old, new)]), strict=True):
            check(explorable, state, shown)


@pytest.mark.parametrize(
    "sizes",
    [(1, 100_000, 1, 1), (2, 50_001, 1, 1), (10, 513, 1, 2), (17, 5, 2, 1), (15, 2, 1, 2), (64, 9, 1, 1)],
    ids=str,
)
def test_wide_and_deep_cones_are_drawn_thinned_and_counted_exactly(sizes: tuple[int, ...]) -> None:
    explorable = ReceptiveField(*sizes)
    for width in (336, 1376):
        (shown,) = page.shown(explorable, [{}], width=width)
        field = arithmetic.receptive_field(explorable.layers())
        assert f"one output sees {field} samples" in shown["sentence"]
        assert len(shown["picture"]["drawn"]) < 250_000
    if sizes[0] * field < 3_000_000 and sizes[1] < 1000:
        assert shown["seen"]["read"] == len(read_by_torch(explorable.state(), field)[-1])


def test_a_cone_too_wide_to_be_drawn_says_so_and_comes_back() -> None:
    explorable = ReceptiveField(depth=20, kernel_size=9, growth=2)
    wide, narrow = page.shown(explorable, [{}, {"depth": 3}])
    field = arithmetic.receptive_field(explorable.layers())
    assert wide["sentence"] == f"No picture: one output sees {field:,} samples."
    assert f"{ReceptiveField.WIDEST:,}" in wide["seen"]["refusal"]["rule"]
    assert "refusal" not in narrow["seen"] and "one output sees 57 samples" in narrow["sentence"]


@pytest.mark.parametrize("width", [336, 1376])
def test_extremes_have_a_picture_or_a_rule(width: int) -> None:
    widest = ReceptiveField(64, 10**6, 10**6, 10**6)
    one_tap, all_most = page.shown(widest, [{"kernel_size": 1}, {}], width=width)
    assert one_tap["seen"]["rows"] == [row | {"count": 1, "samples": [0]} for row in one_tap["seen"]["rows"]]
    assert one_tap["sentence"].endswith(
        "dilations 1, 1000000, 1000000000000, 1000000000000000, 1000000000000000, "
        "1000000000000000, 1000000000000000, …: one output sees 1 sample."
    )
    assert not any(word in one_tap["picture"]["drawn"] for word in ("NaN", "undefined", "Infinity"))
    assert all_most["sentence"] == "No picture: one output sees more than 1,000,000,000,000,000 samples."
    (single,) = page.shown(ReceptiveField(1, 1), [{}], width=width)
    assert single["sentence"] == "1 layer with kernel_size=1: one output sees 1 sample."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": 0}, r"depth=0.*from 1 to 64"),
        ({"depth": 10**6}, r"depth=1000000.*from 1 to 64"),
        ({"kernel_size": 2.5}, r"kernel_size=2.5.*whole number"),
        ({"stride": float("nan")}, r"stride=nan.*whole number"),
        ({"growth": 10**7}, r"growth=10000000.*from 1 to 1000000"),
        ({"sliders": None}, r"sliders=None.*ipywidgets"),
    ],
)
def test_bad_input_is_refused_in_words(arguments: dict, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match="(?s)" + message) as caught:
        ReceptiveField(**arguments)
    assert len(caught.value.parts) == 3


def test_the_call_is_written_with_its_state() -> None:
    explorable = ReceptiveField(depth=9, growth=2)
    explorable.depth = 99
    assert repr(explorable) == "ReceptiveField(depth=9, kernel_size=3, stride=1, growth=2)"
    explorable.depth = 2
    explorable.reset()
    assert explorable.depth == 9
