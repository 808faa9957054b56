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

from conv1d_tutor.explore import (
    ChannelMixer,
    ConvArithmetic,
    KernelBench,
    LayoutLab,
    LearnedKernels,
    ReceptiveField,
    SlidingWindow,
)
from conv1d_tutor.explore.base import Explorable

pytestmark = pytest.mark.usefixtures("coarse_pictures")

#: Three short cases of two channels; no kernel below fires on the last.
CASES = [
    [[0, 1, 5, 4, 0, 2], [3, 3, -1, 0, 1, 2]],
    [[2, 2, 0, 6, 1, 0], [0, 4, 4, -3, 0, 1]],
    [[-9, -9, -9, -9, -9, -9], [-9, -9, -9, -9, -9, -9]],
]


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


EXPLORABLES = [
    SlidingWindow,
    lambda: SlidingWindow([1.5, -2, 3, 0, 1], [2, -1, 0.5]),
    ConvArithmetic,
    lambda: ConvArithmetic(length=20, kernel_size=5, stride=2, padding=2, dilation=2),
    KernelBench,
    lambda: KernelBench(np.arange(9.0), [0.5, -1, 0.25]),
    ChannelMixer,
    lambda: ChannelMixer([[1, 2, 0, 1], [0, -1, 3, 1]], [[[1, 0.5], [2, -1]]], names=["left", "right"]),
    ReceptiveField,
    LayoutLab,
    lambda: LayoutLab(ids=["A", "B", "C"], features=["x", "y"], times=5, move="reshape"),
    lambda: LearnedKernels(
        fixed_conv(), torch.tensor(CASES), names=["pulse", "pressure"], labels=[1, 0, 0], ids=["A", "B", "C"]
    ),
    lambda: LearnedKernels(fixed_conv(bias=False, dilation=2), CASES, kernel=1, patient=1),
]
IDS = [
    "SlidingWindow",
    "SlidingWindow of one's own",
    "ConvArithmetic",
    "ConvArithmetic with numbers",
    "KernelBench",
    "KernelBench of one's own",
    "ChannelMixer",
    "ChannelMixer of one's own",
    "ReceptiveField",
    "LayoutLab",
    "LayoutLab with names",
    "LearnedKernels with names",
    "LearnedKernels without",
]


@pytest.fixture(scope="module", params=EXPLORABLES, ids=IDS)
def made(request: pytest.FixtureRequest, coarse_pictures: None) -> tuple[Explorable, bytes]:
    """An explorable and its first picture. Making one takes longer than fifty moves, so all sweeps share it."""
    explorable = request.param()
    return explorable, explorable.live.png()


@pytest.fixture
def explorable(made: tuple[Explorable, bytes]) -> Explorable:
    """As it began, whatever was done with it before."""
    made[0].reset()
    return made[0]


def values(control: ipywidgets.Widget) -> list:
    """All values a control can take."""
    if isinstance(control, ipywidgets.ToggleButtons):
        return list(control.options)
    if isinstance(control, ipywidgets.FloatSlider):
        steps = round((control.max - control.min) / control.step)
        return [control.min + i * control.step for i in range(steps + 1)]
    return list(range(control.min, control.max + 1))


def ends(control: ipywidgets.Widget) -> list:
    """First, middle and last value."""
    every = values(control)
    return [every[0], every[len(every) // 2], every[-1]]


def check(explorable: Explorable) -> None:
    """The picture and the sentence fit the state, whatever it is."""
    assert bytes(explorable.live.image.value).startswith(b"\x89PNG")
    CHECKS[type(explorable)](explorable, explorable.state(), explorable.sentence)


def as_number(text: str) -> float:
    """Read a number as the sentences write it."""
    return float(text.replace("−", "-"))


def check_sliding_window(explorable: SlidingWindow, state: dict, sentence: str) -> None:
    x, weight = torch.tensor(explorable.x)[None], torch.tensor(explorable._current_weight())[None, None]
    if weight.shape[-1] > x.shape[-1]:
        assert sentence.startswith("No output: the kernel reads")
        return
    expected = F.conv1d(x, weight)[0, state["position"]].item()
    shown = as_number(sentence.rsplit("= ", 1)[1].rstrip("."))
    assert shown == pytest.approx(expected, abs=1e-3 * max(1, abs(expected)))
    drawn = explorable._picture._output.height
    assert len(drawn) == state["position"] + 1
    assert drawn[-1] == pytest.approx(expected)
    assert explorable.live.background_draws == 1


def check_conv_arithmetic(explorable: ConvArithmetic, state: dict, sentence: str) -> None:
    x = torch.ones(1, 1, state["length"], requires_grad=True)
    weight = torch.ones(1, 1, state["kernel_size"])
    assert explorable.live.background_draws == 1
    try:
        y = F.conv1d(x, weight, **{name: state[name] for name in ("stride", "padding", "dilation")})
        length = y.shape[-1]
    except RuntimeError as error:
        assert "Kernel size can't be greater" in str(error)
        assert re.match(r"No output: the kernel reads \d+ samples", sentence), sentence
    else:
        assert sentence.startswith(f"Conv1d turns {state['length']} sample")
        assert f"into {length}." in sentence
        assert explorable._picture._count.texts == [f"output: {length}"]
        assert len(explorable._picture._outputs.get_xdata()) == length
        y.sum().backward()  # a sample that no window reads has no gradient
        cells = explorable._picture._cells
        unread = [cell.get_extents().x0 + 0.5 for cell in cells["unread"].get_paths()]
        assert unread == (x.grad[0, 0] == 0).nonzero().flatten().tolist()
        assert len(cells["input"].get_paths()) == state["length"] - len(unread)
        assert len(cells["padding"].get_paths()) == 2 * state["padding"]


def check_kernel_bench(explorable: KernelBench, state: dict, sentence: str) -> None:
    taps = [value for name, value in state.items() if name.startswith("tap_")]
    expected = F.conv1d(torch.tensor(explorable.x)[None], torch.tensor(taps, dtype=torch.float64)[None, None])[0]
    output = explorable._picture._output
    assert output.get_ydata() == pytest.approx(expected.numpy())
    low, high = output.axes.get_ylim()
    assert low <= expected.min() and expected.max() <= high, "the curve leaves its axes"
    slowest, fastest = map(as_number, re.findall(r"([−\d.e-]+) times", sentence))
    assert slowest == pytest.approx(abs(sum(taps)), abs=0.006)
    assert fastest == pytest.approx(abs(sum(taps[::2]) - sum(taps[1::2])), abs=0.006)
    assert explorable._picture._response.get_ydata().max() <= explorable._picture._response.axes.get_ylim()[1]
    if state["preset"] is not None:
        assert taps == pytest.approx(explorable._presets[state["preset"]])


def check_channel_mixer(explorable: ChannelMixer, state: dict, sentence: str) -> None:
    x = torch.tensor(explorable.x)
    weight = torch.tensor(explorable._weights[state["weights"]])
    expected = F.conv1d(x, weight)[state["out_channel"], state["position"]].item()
    terms, total = sentence.split(": ", 1)[1].split(". ")[0].split(" = ")
    assert as_number(total) == pytest.approx(expected, abs=1e-3)
    assert sum(as_number(term.replace(" ", "")) for term in re.findall(r"(?:^|[+−] )?[−\d.]+", terms)) == (
        pytest.approx(expected, abs=1e-3)
    )
    drawn = explorable._picture._total.height
    assert drawn == pytest.approx(F.conv1d(x, weight)[state["out_channel"], : state["position"] + 1].numpy())
    assert explorable.live.background_draws == 1


def check_receptive_field(explorable: ReceptiveField, state: dict, sentence: str) -> None:
    """The samples drawn are those with a gradient, measured on torch."""
    field = int(re.search(r"sees (\d+) sample", sentence)[1])
    x = torch.zeros(1, 1, field, dtype=torch.float64, requires_grad=True)
    y = x
    for i in range(state["depth"]):
        ones = torch.ones(1, 1, state["kernel_size"], dtype=torch.float64)
        y = F.conv1d(y, ones, stride=state["stride"], dilation=state["growth"] ** i)
    assert y.shape[-1] == 1, "one sample less gives no output, one more would not be seen"
    y.sum().backward()
    seen = x.grad[0, 0].nonzero().flatten().numpy()
    picture = explorable._picture
    assert picture._inputs.get_xdata().tolist() == seen.tolist()
    assert picture._skipped.get_xdata().tolist() == sorted(set(range(field)) - set(seen.tolist()))
    assert picture._width.texts[0].startswith(f"{field} sample")
    assert picture._output.get_xdata()[0] == (field - 1) / 2
    assert ("but reads only" in sentence) == (len(seen) < field)
    scale = picture._lines.axes.get_xticks()[-1]
    assert field <= scale <= max(8, 2 * field), "the cone fills at least half of its axis"


def check_layout_lab(explorable: LayoutLab, state: dict, sentence: str) -> None:
    cases, times, features = explorable.array.shape
    tensor = torch.tensor(explorable.array)
    moves = {
        "permute(0, 2, 1)": lambda: tensor.permute(0, 2, 1),
        "reshape": lambda: tensor.reshape(cases, features, times),
        "nothing": lambda: tensor,
        "transpose(0, 1)": lambda: tensor.transpose(0, 1),
        "permute(2, 1, 0), as .T does": lambda: tensor.permute(2, 1, 0),
    }
    expected = moves[state["move"]]()
    assert str(tuple(expected.shape)) in sentence
    picture = explorable._picture
    item = expected[state["item"]].flatten().tolist()
    assert len(picture._cell_labels.artist.get_paths()) == len(item) == len(picture._item.get_paths())
    assert (
        f"channel 0 holds {', '.join(picture._names[i] for i in expected[state['item'], 0].tolist())}." in sentence
    )
    right = state["move"] == "permute(0, 2, 1)"
    assert ("this is what Conv1d reads" in sentence) == right
    assert explorable.live.background_draws == 1


def check_learned_kernels(explorable: LearnedKernels, state: dict, sentence: str) -> None:
    """The response, its largest value and what each channel gives to it are torch's."""
    x, o, picture = torch.tensor(explorable.signals), state["kernel"], explorable._picture
    n, dilation = state["patient"], explorable._taps[1]
    weight, bias = torch.tensor(explorable.weight[[o]]), torch.tensor(explorable.bias[[o]])
    response = F.conv1d(x[n], weight, bias, dilation=dilation)[0].numpy()
    best = response.argmax()
    window = x[n, :, best : best + 2 * dilation + 1 : dilation]
    middles = np.arange(len(response)) + dilation  # the middle tap of three
    assert picture._response.get_ydata() == pytest.approx(response)
    assert picture._response.get_xdata() == pytest.approx(middles)
    assert picture._fires.get_xdata() == pytest.approx(middles[response > 0])
    assert picture._strongest.get_xydata()[0] == pytest.approx([middles[best], response[best]])
    assert [patch.get_width() for patch in picture._gifts] == pytest.approx((window * weight[0]).sum(1).numpy())
    for c, patch in enumerate(picture._windows):
        assert (patch.get_x(), patch.get_width()) == (best - 0.5, 2 * dilation + 1)
        assert picture._case[c].get_ydata() == pytest.approx(x[n, c].numpy())
        assert picture._kernel[c].height == pytest.approx(weight[0, c].numpy())
        low, high = picture._gifts[c].axes.get_xlim()
        assert low <= picture._gifts[c].get_width() <= high, "the bar leaves its axes"
    (who,) = picture._who.texts
    assert who in sentence and str(explorable.ids[n]) in who
    if response[best] <= 0:
        assert "does not fire" in sentence
        highest = as_number(re.search(r"highest output is ([−\d.]+),", sentence)[1])
        assert highest == pytest.approx(response[best], rel=0.006)
    else:
        assert f"at output {best}, which reads time steps {best} to {best + 2 * dilation}: " in sentence
        value, *parts = map(as_number, re.findall(r"(?:: |gives )([−\d.]*\d)", sentence))
        assert value == pytest.approx(response[best], rel=0.006)
        assert sum(parts) + explorable.bias[o] == pytest.approx(response[best], abs=0.2)
        assert f"It fires at {(response > 0).sum()} of {len(response)} outputs." in sentence
    assert explorable.live.background_draws == 1


CHECKS = {
    SlidingWindow: check_sliding_window,
    ConvArithmetic: check_conv_arithmetic,
    KernelBench: check_kernel_bench,
    ChannelMixer: check_channel_mixer,
    ReceptiveField: check_receptive_field,
    LayoutLab: check_layout_lab,
    LearnedKernels: check_learned_kernels,
}


def test_every_value_of_every_control(explorable: Explorable) -> None:
    for name in explorable.state():
        explorable.reset()
        for value in values(explorable.controls[name]):
            if value in values(explorable.controls[name]):  # a coupled bound may have moved on
                explorable.controls[name].value = value
                check(explorable)


def test_all_pairs_of_controls_at_their_ends_and_middle(explorable: Explorable) -> None:
    for one, other in itertools.combinations(explorable.state(), 2):
        explorable.reset()
        for value in ends(explorable.controls[one]):
            if value not in values(explorable.controls[one]):  # a coupled bound has moved on
                continue
            explorable.controls[one].value = value
            for further in ends(explorable.controls[other]):
                explorable.controls[other].value = further
                check(explorable)


def test_reset_brings_back_the_first_picture(explorable: Explorable, made: tuple[Explorable, bytes]) -> None:
    first, state = made[1], explorable.state()
    for control in (explorable.controls[name] for name in state):
        control.value = values(control)[-1] if control.value != values(control)[-1] else values(control)[0]
    assert explorable.live.png() != first
    explorable.reset()
    assert explorable.state() == state
    assert explorable.live.png() == first


def test_shows_a_picture_where_no_kernel_runs(explorable: Explorable) -> None:
    data, metadata = explorable._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]) == explorable.live.png()
    assert metadata["image/png"]["alt"] == explorable.sentence
    assert data["text/plain"] == repr(explorable)
    assert "0x" not in repr(explorable)
    assert "application/vnd.jupyter.widget-view+json" in data


def test_refuses_what_is_no_conv1d() -> None:
    for other in (nn.Linear(2, 2), nn.ConvTranspose1d(2, 2, 3)):
        with pytest.raises(TypeError, match=r"(?s)only a Conv1d has windows.*pass a torch.nn.Conv1d"):
            LearnedKernels(other, CASES)


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


def test_a_signal_shorter_than_the_kernel_shows_the_rule() -> None:
    assert KernelBench([1, 2]).sentence == "No output: the kernel reads 5 samples, the padded input has 2."


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


@pytest.mark.parametrize("kind", [SlidingWindow, ChannelMixer])
def test_playing_moves_on_from_the_slider_stops_at_the_end_and_begins_again(kind: type) -> None:
    explorable = kind(position=3)
    play, position = explorable.controls["play"], explorable.controls["position"]
    play.playing = True
    play.value = 1  # what the page sends at each tick
    assert position.value == 4
    position.value = position.max - 1
    play.value = 2
    assert position.value == position.max and not play.playing
    assert f"{position.max}" in explorable.sentence
    play.playing = True
    play.value = 3
    assert position.value == 0 and play.playing
    play.value = 4
    assert position.value == 1
    play.value = 0  # the stop button
    assert position.value == 0


def test_names_that_reach_the_page_are_escaped() -> None:
    class Loud(ConvArithmetic):
        def describe(self) -> str:
            return "<script>alert(1)</script>"

    assert "<script>" not in Loud()._sentence.value


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SlidingWindow(np.ones((2, 9))), r"x of shape \(2, 9\).*shape \(length,\).*x\[0\]"),
        (lambda: SlidingWindow([1, np.nan, 2]), r"1 of 3 numbers in x are NaN"),
        (lambda: SlidingWindow([]), r"x of shape \(0,\)"),
        (lambda: SlidingWindow(["a", "b"]), r"x is a list that does not hold numbers only"),
        (lambda: SlidingWindow([1, 2, 3], [[1, 2]]), r"weight of shape \(1, 2\)"),
        (lambda: SlidingWindow(kernel="sharp"), r"kernel='sharp'.*'average', 'difference'"),
        (lambda: SlidingWindow(kernel_size=0), r"kernel_size=0.*at least 1"),
        (lambda: SlidingWindow(position=-1), r"position=-1.*at least 0"),
        (lambda: KernelBench([[1, 2]]), r"x of shape \(1, 2\).*\(length,\)"),
        (lambda: SlidingWindow(3), r"x of shape \(\).*\(length,\).*x\[None\]"),
        (lambda: KernelBench(weight=[1, 5]), r"taps between 1 and 5.*from −1 to 1.*divided by its largest"),
        (lambda: KernelBench(weight=[0.1] * 8), r"8 taps.*room for 7 sliders.*SlidingWindow"),
        (lambda: KernelBench(preset="none"), r"preset='none'.*'average', 'smooth'"),
        (lambda: ChannelMixer([1, 2, 3]), r"x of shape \(3,\).*\(channels, length\)"),
        (lambda: ChannelMixer(np.ones((5, 9))), r"5 channels.*room for 4"),
        (lambda: ChannelMixer(np.ones((2, 9))), r"2 channels.*ChannelMixer\(x, weight\)"),
        (
            lambda: ChannelMixer(np.ones((2, 9)), np.ones((1, 3, 3))),
            r"\(1, 3, 3\) for x of shape \(2, 9\).*\(1, 2, 3\)",
        ),
        (lambda: ChannelMixer(np.ones((1, 2)), np.ones((1, 1, 3))), r"no more taps than x has.*\(1, 1, 2\)"),
        (lambda: ChannelMixer(names=["a"]), r"1 names for 3 channels"),
        (lambda: ChannelMixer(out_channel=2), r"out_channel=2.*from 0 to 1"),
        (lambda: ReceptiveField(depth=0), r"depth=0.*from 1 to 64"),
        (lambda: LayoutLab(times=9), r"times=9.*2 to 6"),
        (lambda: LayoutLab(ids=["A"]), r"ids: 1.*2 to 4"),
        (lambda: LayoutLab(move="flip"), r"move='flip'.*permute"),
        (lambda: LayoutLab(item=7), r"item=7"),
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
        (
            lambda: LearnedKernels(fixed_conv(), CASES, kernel=2),
            r"kernel=2.*from 0 to 1.*kernel=1",
        ),
        (lambda: LearnedKernels(fixed_conv(), CASES, patient="A"), r"patient='A'.*whole number from 0 to 2"),
        (lambda: LearnedKernels(diverged_conv(), CASES), r"1 of 12 numbers in the weight.*smaller learning rate"),
        (lambda: SlidingWindow([1j, 2]), r"x holds complex numbers"),
        (lambda: SlidingWindow(torch.ones(3, device="meta")), r"on the meta device"),
        (lambda: KernelBench(weight=[None]), r"weight is a list that does not hold numbers only"),
        (lambda: KernelBench(preset=np.ones(2)), r"preset=<float64 \(2,\)>.*is one of 'average'"),
        (lambda: ChannelMixer(names="abc"), r"names='abc'.*a list of names"),
        (lambda: ReceptiveField(depth=10**6), r"depth=1000000.*from 1 to 64"),
        (lambda: LayoutLab(ids=3), r"ids: 3.*2 to 4"),
        (lambda: LayoutLab(times=[1, 2]), r"times=\[1, 2\], 2 numbers"),
        (lambda: LearnedKernels(None, CASES), r"LearnedKernels\(conv=None, .*a NoneType without in_channels"),
        (lambda: ConvArithmetic(length=10**12), r"length=1000000000000.*from 1 to 1000000"),
        (
            lambda: ConvArithmetic.from_layer(nn.Linear(2, 2), 9),
            r"Arithmetic\.from_layer\(layer=.*a Linear without",
        ),
        (
            lambda: ConvArithmetic.from_layer(nn.Conv1d(1, 1, 3), "9"),
            r"from_layer\(.*found: length='9'",
        ),
        (lambda: ConvArithmetic(length=0), r"length=0.*from 1 to 1000000"),
        (lambda: ConvArithmetic(stride=1.5), r"stride=1.5.*whole number"),
        (
            lambda: ConvArithmetic.from_layer(nn.Conv1d(1, 1, 4, padding="same"), 9),
            r"1 on the left and 2 on the right",
        ),
    ],
)
def test_bad_input_is_refused_in_words(make: object, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match="(?s)" + message) as caught:
        make()
    assert len(caught.value.parts) == 3


MONEY = "cost_$_per_$^"


@pytest.mark.parametrize(
    "make",
    [
        lambda: ChannelMixer(names=[MONEY] * 3),
        lambda: LayoutLab(ids=[MONEY, "A"], features=[MONEY, "B"]),
        lambda: LearnedKernels(fixed_conv(), CASES, names=[MONEY] * 2, ids=[MONEY] * 3, labels=[MONEY] * 3),
    ],
)
def test_a_learners_text_is_no_formula(make: type) -> None:
    explorable = make()
    explorable.reset()
    assert bytes(explorable.live.image.value).startswith(b"\x89PNG")
