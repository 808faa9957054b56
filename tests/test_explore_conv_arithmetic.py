"""ConvArithmetic in the page: all of its states against torch, and Python's own words."""

import re

import page
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from conv1d_tutor import arithmetic
from conv1d_tutor.explore import ConvArithmetic


def check(state: dict, seen: dict, sentence: str) -> None:
    """Length, unread samples, windows and refusal are torch's, in the words of `arithmetic`."""
    options = {name: value for name, value in state.items() if name != "length"}
    length, sliding = state["length"], {name: options[name] for name in ("stride", "padding", "dilation")}
    x = torch.ones(1, 1, length, requires_grad=True)
    weight = torch.ones(1, 1, state["kernel_size"])
    try:
        y = F.conv1d(x, weight, **sliding)
    except RuntimeError as error:
        assert "Kernel size can't be greater" in str(error)
        with pytest.raises(ValueError) as refused:
            arithmetic.output_length(length, **options)
        said = seen["refusal"]
        assert (said["found"], said["rule"], said["advice"]) == refused.value.parts
        assert sentence == f"No output: {said['found']}"
        return
    assert seen["count"] == y.shape[-1]
    y.sum().backward()  # a sample that no window reads has no gradient
    unread = (x.grad[0, 0] == 0).nonzero().flatten().tolist()
    assert seen["unread"] == unread
    drawn = [(cell["kind"], cell["first"]) for cell in seen["cells"]]
    pad = state["padding"]
    kinds = {
        i: "unread" if i in unread else "input" if 0 <= i < length else "padding"
        for i in range(-pad, length + pad)
    }
    assert drawn == [(kind, i) for i, kind in kinds.items()]
    assert seen["windows"] == [list(arithmetic.window(t, **options)) for t in range(y.shape[-1])]
    assert sentence.startswith(f"Conv1d turns {length} sample{'s' * (length != 1)} into {y.shape[-1]}.")
    assert sentence.endswith(arithmetic.length_formula(length, **options))
    tail = arithmetic.unread_tail(length, **options)
    at_end, gaps = (
        re.search(rf"(\d+) samples? {words}", sentence) for words in (r"at the end", r"(is|are) stepped")
    )
    assert (int(at_end[1]) if at_end else 0) == tail
    assert (int(gaps[1]) if gaps else 0) == len(unread) - tail
    assert ("Every sample is read." in sentence) == (not unread)


def test_all_states() -> None:
    explorable = ConvArithmetic()
    asked = list(page.states(explorable))
    assert len(asked) == 24 * 9 * 5 * 6 * 4
    for state, shown in zip(asked, page.shown(explorable, asked), strict=True):
        assert shown["state"] == state
        check(state, shown["seen"], shown["sentence"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dilation * (kernel_size - 1) + 1", "dilation * kernel_size"),
        ("Math.floor(room / stride)", "Math.ceil(room / stride)"),
        ("read[start + t * stride] = 1", "read[start + t] = 1"),
        ("t * stride - padding + k * dilation", "t * stride + k * dilation"),
    ],
)
def test_a_wrong_arithmetic_is_seen(old: str, new: str) -> None:
    explorable = ConvArithmetic()
    asked = [
        {"length": 13, "kernel_size": 3, "stride": 3, "padding": p, "dilation": d} for p in (0, 1) for d in (1, 2)
    ]
    for state, shown in zip(asked, page.shown(explorable, asked), strict=True):
        check(state, shown["seen"], shown["sentence"])
    with pytest.raises(AssertionError):
        for state, shown in zip(asked, page.shown(explorable, asked, breaks=[(old, new)]), strict=True):
            check(state, shown["seen"], shown["sentence"])


def test_a_long_input_is_drawn_as_bars_of_exact_numbers() -> None:
    (shown,) = page.shown(ConvArithmetic(100_000, 3, 7, 50), [{}], width=900)
    assert shown["seen"]["count"] == (100_100 - 3) // 7 + 1
    assert len(shown["seen"]["unread"]) == 100_000 - sum(
        0 <= t * 7 - 50 + k < 100_000 for t in range(14300) for k in range(3)
    )
    assert "The picture shows 120 of the windows" in shown["sentence"]
    assert len(shown["picture"]["drawn"]) < 60_000


def test_begins_with_a_layer() -> None:
    made = ConvArithmetic.from_layer(nn.Conv1d(5, 8, 4, stride=2, padding=3, dilation=2), 49)
    assert made.state() == {"length": 49, "kernel_size": 4, "stride": 2, "padding": 3, "dilation": 2}
    assert ConvArithmetic.from_layer(nn.Conv1d(5, 8, 3, padding="same"), 9).padding == 1
    with pytest.raises(ValueError, match="adds 1 on the left and 2 on the right"):
        ConvArithmetic.from_layer(nn.Conv1d(5, 8, 4, padding="same"), 9)
