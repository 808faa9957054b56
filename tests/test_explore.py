"""Every control is swept over all of its values; the numbers shown are torch's; nothing ever raises."""

import base64
import itertools
import re

import ipywidgets
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from conv1d_tutor.explore import ConvArithmetic, SlidingWindow
from conv1d_tutor.explore._base import Explorable

EXPLORABLES = [
    SlidingWindow,
    lambda: SlidingWindow([1.5, -2, 3, 0, 1], [2, -1, 0.5]),
    ConvArithmetic,
    lambda: ConvArithmetic(length=20, kernel_size=5, stride=2, padding=2, dilation=2),
]
IDS = ["SlidingWindow", "SlidingWindow of one's own", "ConvArithmetic", "ConvArithmetic with numbers"]

each_explorable = pytest.mark.parametrize("make", EXPLORABLES, ids=IDS)


def values(control: ipywidgets.Widget) -> list:
    """All values a control can take."""
    if isinstance(control, ipywidgets.Dropdown):
        return list(control.options)
    return list(range(control.min, control.max + 1))


def ends(control: ipywidgets.Widget) -> list:
    """First, middle and last value."""
    every = values(control)
    return [every[0], every[len(every) // 2], every[-1]]


def check(explorable: Explorable) -> None:
    """The picture and the sentence fit the state, whatever it is."""
    state = explorable.state()
    assert explorable.live.png().startswith(b"\x89PNG")
    assert explorable.live.background_draws == 1
    sentence = explorable.sentence
    if isinstance(explorable, ConvArithmetic):
        x, weight = torch.ones(1, 1, state["length"]), torch.ones(1, 1, state["kernel_size"])
        options = {name: state[name] for name in ("stride", "padding", "dilation")}
        try:
            length = F.conv1d(x, weight, **options).shape[-1]
        except RuntimeError as error:
            assert "Kernel size can't be greater" in str(error)
            assert re.match(r"No output: the kernel reads \d+ samples", sentence), sentence
        else:
            assert sentence.startswith(f"Conv1d turns {state['length']} sample")
            assert f"into {length}." in sentence
            assert explorable._picture._count.get_text() == f"output: {length}"
            assert len(explorable._picture._outputs.get_xdata()) == length
    else:
        x = torch.tensor(explorable.x)[None]
        weight = torch.tensor(explorable._current_weight())[None, None]
        if weight.shape[-1] > x.shape[-1]:
            assert sentence.startswith("No output: the kernel reads")
            return
        expected = F.conv1d(x, weight)[0, state["position"]].item()
        shown = float(sentence.rsplit("= ", 1)[1].rstrip(".").replace("−", "-"))
        assert shown == pytest.approx(expected, abs=1e-3 * max(1, abs(expected)))
        drawn = explorable._picture._output[1].get_ydata()
        assert len(drawn) == state["position"] + 1
        assert drawn[-1] == pytest.approx(expected)


@each_explorable
def test_every_value_of_every_control(make: type) -> None:
    explorable = make()
    for name in explorable.state():
        explorable.reset()
        for value in values(explorable.controls[name]):
            if value in values(explorable.controls[name]):  # a coupled bound may have moved on
                explorable.controls[name].value = value
                check(explorable)


@each_explorable
def test_all_pairs_of_controls_at_their_ends_and_middle(make: type) -> None:
    explorable = make()
    for one, other in itertools.combinations(explorable.state(), 2):
        explorable.reset()
        for value in ends(explorable.controls[one]):
            explorable.controls[one].value = min(value, values(explorable.controls[one])[-1], key=str_or_number)
            for further in ends(explorable.controls[other]):
                explorable.controls[other].value = further
                check(explorable)


def str_or_number(value: object) -> float:
    """Order numbers by size and keep a name as it is."""
    return value if isinstance(value, int) else -1


@each_explorable
def test_reset_brings_back_the_first_picture(make: type) -> None:
    explorable = make()
    first, state = explorable.live.png(), explorable.state()
    for control in (explorable.controls[name] for name in state):
        control.value = values(control)[-1]
    assert explorable.live.png() != first
    explorable.reset()
    assert explorable.state() == state
    assert explorable.live.png() == first


@each_explorable
def test_shows_a_picture_where_no_kernel_runs(make: type) -> None:
    explorable = make()
    data, metadata = explorable._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]) == explorable.live.png()
    assert metadata["image/png"]["alt"] == explorable.sentence
    assert data["text/plain"] == repr(explorable)
    assert "0x" not in repr(explorable)
    assert "application/vnd.jupyter.widget-view+json" in data


def test_two_explorables_do_not_share_their_state() -> None:
    one, other = ConvArithmetic(), ConvArithmetic()
    one.controls["stride"].value = 3
    assert other.controls["stride"].value == 1


def test_an_impossible_state_keeps_the_last_picture_under_the_rule() -> None:
    explorable = ConvArithmetic(length=5, kernel_size=3)
    explorable.controls["kernel_size"].value = 9
    assert explorable.sentence == "No output: the kernel reads 9 samples, the padded input has 5."
    assert "The rule: " in explorable.live.description
    explorable.controls["padding"].value = 2
    assert explorable.sentence.startswith("Conv1d turns 5 samples into 1.")


def test_starts_from_a_layer_of_torch() -> None:
    layer = nn.Conv1d(3, 4, 5, stride=2, padding=2, dilation=2)
    explorable = ConvArithmetic.from_layer(layer, length=49)
    assert f"into {layer(torch.zeros(1, 3, 49)).shape[-1]}." in explorable.sentence
    assert repr(explorable) == "ConvArithmetic(length=49, kernel_size=5, stride=2, padding=2, dilation=2)"


def test_the_learners_own_kernel_is_offered_beside_the_ready_made_ones() -> None:
    explorable = SlidingWindow([0, 1, 4, 9, 16], [1, -1], position=1)
    assert explorable.sentence == "Output 1 reads samples 1 to 2: 1·1 + −1·4 = −3."
    assert explorable.controls["kernel_size"].disabled
    explorable.controls["kernel"].value = "average"
    assert not explorable.controls["kernel_size"].disabled


def test_names_that_reach_the_page_are_escaped() -> None:
    class Loud(ConvArithmetic):
        def describe(self) -> str:
            return "<script>alert(1)</script>"

    assert "<script>" not in Loud()._sentence.value


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SlidingWindow(np.ones((2, 9))), r"x of shape \(2, 9\).*shape \(length,\).*x\[0, 0\]"),
        (lambda: SlidingWindow([1, np.nan, 2]), r"1 of its numbers not finite"),
        (lambda: SlidingWindow([]), r"x of shape \(0,\)"),
        (lambda: SlidingWindow(["a", "b"]), r"and type <U1"),
        (lambda: SlidingWindow([1, 2, 3], [[1, 2]]), r"weight of shape \(1, 2\)"),
        (lambda: SlidingWindow(kernel="sharp"), r"kernel='sharp'.*average, difference"),
        (lambda: SlidingWindow(kernel_size=0), r"kernel_size=0.*at least 1"),
        (lambda: SlidingWindow(position=-1), r"position=-1.*at least 0"),
        (lambda: ConvArithmetic(length=0), r"length=0.*at least 1"),
        (lambda: ConvArithmetic(stride=1.5), r"stride=1.5.*whole number"),
        (
            lambda: ConvArithmetic.from_layer(nn.Conv1d(1, 1, 4, padding="same"), 9),
            r"1 on the left and 2 on the right",
        ),
    ],
)
def test_bad_input_is_refused_in_words(make: object, message: str) -> None:
    with pytest.raises(ValueError, match="(?s)" + message):
        make()
