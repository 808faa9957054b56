"""What the cheat sheet says is true, can be read, and is what lies in docs/."""

import inspect
import itertools
import math
import re
import zlib

import matplotlib as mpl
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Affine2D
from torch import nn

from conv1d_tutor import check_layout
from conv1d_tutor.plotting import ROLES, number
from tools import make_cheat_sheet as sheet

LENGTHS = {name: length for name, _, _, length, _ in sheet.OPTIONS}
DEFAULTS = {name: default for name, _, _, _, default in sheet.OPTIONS}
FIRST_LINES, SECOND_LINES = sheet.RULES.splitlines()[::2], sheet.RULES.splitlines()[1::2]


def plain(text):
    """A text without its marks."""
    return re.sub(r"\{\w+:|[}`]|\*\*", "", text)


def python(formula):
    """A formula as Python writes it."""
    signs = {"⌊": "floor(", "⌈": "ceil(", "⌋": ")", "⌉": ")", "−": "-", "·": "*"}
    return "".join(signs.get(letter, letter) for letter in formula)


def value(formula, **names):
    return eval(python(formula), {"floor": math.floor, "ceil": math.ceil}, names)


def torch_length(length, taps, **options):
    return nn.Conv1d(2, 2, taps, **options)(torch.zeros(2, length)).shape[1]


@pytest.fixture(scope="module")
def figure():
    return sheet.draw()


@pytest.fixture(scope="module")
def written(figure):
    """Each piece of text on the sheet."""
    return [text for text in figure.findobj(Text) if text.get_text().strip()]


# The call, the formulas and the options


def test_the_call_is_torchs():
    arguments = inspect.signature(nn.Conv1d).parameters.values()
    names = [a.name if a.default is a.empty else f"{a.name}={a.default!r}" for a in arguments]
    assert plain(sheet.SIGNATURE) == f"nn.Conv1d({', '.join(names[:9])})"
    assert names[9:] == ["device=None", "dtype=None"]  # left out: they say nothing about the operation


def test_the_length_formula_is_torchs():
    name, formula = plain(sheet.FORMULA).split(" = ")
    assert name == "L_out"
    for length, taps, stride, padding, dilation in itertools.product(
        (9, 10, 14), (1, 3, 4), (1, 2, 3), (0, 2), (1, 3)
    ):
        if length + 2 * padding > dilation * (taps - 1):
            options = {"stride": stride, "padding": padding, "dilation": dilation}
            assert value(formula, L=length, K=taps, **options) == torch_length(length, taps, **options)


def test_the_definition_is_what_torch_computes():
    left, right = plain(sheet.DEFINITION).split(" = ")
    bias_text, sum_text = right.split(" + Σ ")
    assert (left, bias_text) == ("y[o, t]", "bias[o]")
    generator = torch.Generator().manual_seed(0)
    x, weight, bias = (torch.randn(*shape, generator=generator).double() for shape in ((3, 12), (2, 3, 4), (2,)))
    options = {"stride": 2, "padding": 3, "dilation": 2}
    expected = F.conv1d(x, weight, bias, **options)

    class Padded:
        def __getitem__(self, place):
            return x[place] if 0 <= place[1] < x.shape[1] else 0.0

    for o, t in itertools.product(*map(range, expected.shape)):
        terms = (
            value(sum_text, weight=weight, x=Padded(), o=o, c=c, t=t, k=k, **options)
            for c, k in itertools.product(range(3), range(4))
        )
        torch.testing.assert_close(bias[o] + sum(terms), expected[o, t])


def test_the_tensors_drawn_have_torchs_shapes():
    layer = nn.Conv1d(sheet.LAYER.in_channels, sheet.LAYER.out_channels, sheet.LAYER.kernel_size)
    assert sheet.LAYER.weight_shape == layer.weight.shape
    assert sheet.LAYER.output_shape(sheet.INPUT) == layer(torch.zeros(sheet.INPUT)).shape


def test_the_defaults_are_torchs():
    arguments = inspect.signature(nn.Conv1d).parameters
    for name in set(DEFAULTS) - {"padding='same'"}:
        default = arguments[name].default
        assert DEFAULTS[name] == ("" if default is inspect.Parameter.empty else repr(default)), name


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("kernel_size", {}),
        ("stride", {"stride": 2}),
        ("stride", {"stride": 5}),
        ("padding", {"padding": 3}),
        ("padding='same'", {"padding": "same"}),
        ("dilation", {"dilation": 3}),
        ("groups", {"groups": 2}),
        ("padding_mode", {"padding_mode": "circular"}),
        ("bias", {"bias": False}),
    ],
)
@pytest.mark.parametrize("taps", [1, 3, 5])
def test_the_length_of_each_option_is_torchs(name, options, taps):
    rule = LENGTHS["kernel_size"] if LENGTHS[name] == "no effect" else LENGTHS[name]
    for length in range(13, 20):
        assert value(rule, L=length, K=taps, **options) == torch_length(length, taps, **options)


def test_every_option_of_the_table_is_tested():
    marks = test_the_length_of_each_option_is_torchs.pytestmark
    assert {name for name, _ in marks[1].args[1]} == set(LENGTHS)


def test_same_needs_stride_1():
    assert "only with `stride=1`" in next(does for name, _, does, *_ in sheet.OPTIONS if name == "padding='same'")
    with pytest.raises(ValueError, match="not supported for strided"):
        nn.Conv1d(1, 1, 3, stride=2, padding="same")


def test_the_padding_modes_put_what_is_written():
    digits = torch.arange(1.0, 6)[None]
    for mode, (before, after) in sheet.PADDED.items():
        copy = nn.Conv1d(1, 1, 1, padding=2, padding_mode=mode, bias=False)
        nn.init.ones_(copy.weight)
        assert "".join(str(int(digit)) for digit in copy(digits)[0]) == f"{before}12345{after}"
    assert list(sheet.PADDED) == ["zeros", "reflect", "replicate", "circular"]


# The worked example


def test_the_worked_example_is_drawn_as_arithmetic_counts_it(figure, written):
    outputs = sheet.EXAMPLE.output_length(sheet.LENGTH)
    texts = [text.get_text() for text in written]
    assert sheet.EXAMPLE.length_formula(sheet.LENGTH) in texts
    assert [text for text in texts if re.fullmatch(r"output \d", text)] == [f"output {t}" for t in range(outputs)]
    sliding = dict(sheet.EXAMPLE.sliding)
    assert outputs == torch_length(sheet.LENGTH, sliding.pop("kernel_size"), **sliding)
    # the dots stand right below the time steps that they read
    steps = [text for text in written if re.fullmatch(r"−?\d+", text.get_text()) and text.get_fontsize() < 8]
    place = {text.get_text(): np.mean(text.get_window_extent().intervalx) for text in steps}
    lines = [line for line in figure.findobj(Line2D) if line.get_marker() == ROLES["window"].marker]
    lines.sort(key=lambda line: line.get_ydata()[0])
    assert len(lines) == outputs
    for t, line in enumerate(lines):
        dots = line.get_transform().transform(line.get_xydata())[:, 0]
        below = [place[number(step)] for step in sheet.EXAMPLE.window(t)]
        np.testing.assert_allclose(dots, below, atol=2)


def test_the_last_zero_alone_is_read_by_no_window():
    windows = map(sheet.EXAMPLE.window, range(sheet.EXAMPLE.output_length(sheet.LENGTH)))
    left, right = sheet.EXAMPLE.padding_sides
    assert set(range(-left, sheet.LENGTH + right)).difference(*windows) == {sheet.LENGTH}


# The rules


def test_two_lines_for_each_of_five_rules():
    assert [line.startswith("**") for line in sheet.RULES.splitlines()] == [True, False] * 5


def test_rule_2_the_kernel_slides_along_the_length_only():
    layer = nn.Conv1d(5, 8, kernel_size=3)
    assert "the channels become `out_channels`" in SECOND_LINES[1]
    assert layer(torch.zeros(2, 5, 49)).shape == (2, 8, 47)
    assert layer.weight[0].shape[0] == 5  # one kernel: all channels


def test_rule_3_permute_turns_and_reshape_does_not():
    x = torch.arange(2 * 4 * 3).reshape(2, 4, 3)
    (call,) = re.findall(r"`(x\..*?)`", SECOND_LINES[2])
    turned, reshaped = eval(call), x.reshape(2, 3, 4)
    assert turned.shape == reshaped.shape
    assert torch.equal(turned[:, 0], x[:, :, 0])
    assert not torch.equal(reshaped[:, 0], x[:, :, 0])


def test_rule_4_windows_read_across_the_borders():
    cases = torch.tensor([[[60.0] * 5], [[100.0] * 5]])
    change = torch.tensor([[[-1.0, 1.0]]])
    assert F.conv1d(cases, change).abs().max() == 0
    assert F.conv1d(cases.reshape(1, 1, 10), change).max() == 40


def test_rule_5_one_known_value_and_check_layout_tell():
    look, ask = re.findall(r"`(.*?)`", SECOND_LINES[4])
    table = torch.arange(2 * 4 * 3).reshape(2, 4, 3)
    n, c, t = 1, 2, 1
    for x, right in ((table.permute(0, 2, 1), True), (table.reshape(2, 3, 4), False)):
        names = {"x": x, "table": table, "n": n, "c": c, "t": t, "check_layout": check_layout}
        assert eval(look, names).item() == right
        assert eval(ask, names).code == ("permuted" if right else "reshaped")


# The errors


def patients():
    return torch.randn(239, 49, 5, generator=torch.Generator().manual_seed(0))


def conv(*arguments, **options):
    torch.manual_seed(0)
    return nn.Conv1d(*arguments, **options)


def linear_after_flatten(linear):
    return nn.Sequential(conv(5, 8, 3), nn.ReLU(), nn.Flatten(), linear)(patients()[:4].mT)


#: For each row of the table: the data, what fails on them, where the fix is put, and the shape that comes out.
CASES = [
    (patients(), lambda x: conv(5, 5, 3)(x), lambda x: conv(5, 5, 3)(x), (239, 5, 47)),
    (patients()[0, :, 0], lambda x: conv(1, 8, 3)(x), lambda x: conv(1, 8, 3)(x), (1, 8, 47)),
    (torch.zeros(32, 100), lambda x: conv(1, 8, 3)(x), lambda x: conv(1, 8, 3)(x), (32, 8, 98)),
    (
        torch.zeros(2, 5, 8),
        lambda x: conv(5, 5, 3, dilation=4)(x),
        lambda changed: conv(5, 5, 3, **{"dilation": 4, **changed})(torch.zeros(2, 5, 8)),
        {"dilation": (2, 5, 2), "padding": (2, 5, 2)},
    ),
    (None, lambda x: linear_after_flatten(nn.Linear(47, 2)), linear_after_flatten, (4, 2)),
    (
        torch.zeros(2, 8, 49),
        lambda x: nn.BatchNorm1d(49)(x),
        lambda norm: norm(torch.zeros(2, 8, 49)),
        (2, 8, 49),
    ),
    (patients().mT.double(), lambda x: conv(5, 5, 3)(x), lambda x: conv(5, 5, 3)(x), (239, 5, 47)),
    (
        patients().mT,
        lambda x: conv(5, 8, 3, stride=2, padding="same")(x),
        lambda changed: conv(5, 8, 3, stride=2, **changed)(patients().mT),
        (239, 8, 25),
    ),
]


@pytest.mark.parametrize(("row", "case"), list(zip(sheet.troubles(), CASES, strict=True)))
def test_torch_says_so_and_the_fix_runs(row, case):
    (message, _, fixes), (x, broken, mended, shape) = row, case
    with pytest.raises((RuntimeError, ValueError)) as caught:
        broken(x)
    quoted = [re.escape(part.strip()) for part in message.replace("\n", " ").split("…")]
    assert re.search(".*".join(quoted), str(caught.value)), caught.value
    for fix in fixes.split("\n"):
        name, is_argument, _ = fix.partition("=")
        names = {"x": x, "K": 3, "nn": nn, "dict": dict}
        found = mended(eval(f"dict({fix})" if is_argument else fix, names))
        assert found.shape == (shape[name] if isinstance(shape, dict) else shape)


def test_the_causes_have_the_right_numbers():
    causes = [cause.replace("\n", " ") for _, cause, _ in sheet.troubles()]
    formula, span = re.search(r"(dilation.*) = (\d+) steps", causes[3]).groups()
    assert value(formula, dilation=4, K=3) == int(span)
    assert causes[4] == "in_features must be out_channels · L_out."
    assert conv(5, 8, 3)(patients()[:4].mT).flatten(1).shape[1] == 8 * 47 == 376
    assert np.array([36.6]).dtype == np.float64
    assert conv(5, 5, 3).weight.dtype == torch.float32


def test_the_tempting_changes_run_and_compute_something_else():
    x, right = patients(), conv(5, 5, 3)(patients().permute(0, 2, 1))
    in_channels, reshape, view, kernel_size = sheet.TEMPTING
    assert eval(f"conv(out_channels=5, kernel_size=3, {in_channels})(x)", {"conv": conv, "x": x}).shape == (
        239,
        5,
        3,
    )
    reshaped = conv(5, 5, 3)(eval(reshape, {"x": x}))
    assert reshaped.shape == right.shape
    assert not torch.allclose(reshaped, right)
    viewed = nn.Linear(47, 2)(eval(view, {"x": conv(5, 8, 3)(x[:4].mT)}))
    assert viewed.shape == (32, 2)  # 4 cases give 32 answers
    eight = torch.zeros(2, 5, 8)
    assert eval(f"conv(5, 5, dilation=4, {kernel_size})(x)", {"conv": conv, "x": eight}).shape == (2, 5, 8)


# The page


def boxes(figure, kind):
    """The boxes of all things of a kind ("texts", "lines", "patches") that the sheet draws, in points."""
    figure.set_dpi(720)  # so fine that the letters are as wide as on paper
    renderer = RendererAgg(8, 8, figure.dpi)
    things = [thing for ax in figure.axes for thing in getattr(ax, kind)]
    things = [thing for thing in things if kind != "texts" or thing.get_text().strip()]
    with mpl.rc_context({"text.hinting": "none"}):
        points = [thing.get_window_extent(renderer).transformed(Affine2D().scale(0.1)) for thing in things]
    return list(zip(things, points, strict=True))


def overlap(one, other):
    """How far two boxes lie over each other, in points."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    return min(across, down)


def test_no_text_lies_over_another_or_over_a_picture():
    figure = sheet.draw()
    texts = boxes(figure, "texts")
    assert len(texts) > 150
    for (one, box), (other, other_box) in itertools.combinations(texts, 2):
        assert overlap(box, other_box) < 0.3, (one.get_text(), other.get_text())
    pictures = boxes(figure, "patches")
    pictures += [pair for pair in boxes(figure, "lines") if pair[0].get_marker() != "None"]
    assert len(pictures) > 100
    for (text, box), (thing, other_box) in itertools.product(texts, pictures):
        assert overlap(box, other_box) < 0.3, (text.get_text(), thing)


def test_everything_stands_on_the_page_with_room_for_a_printers_margin():
    for kind in ("texts", "lines", "patches"):
        for thing, box in boxes(sheet.draw(), kind):
            assert 17 < box.x0 <= box.x1 < sheet.WIDTH - 17, thing  # 6 mm
            assert 17 < box.y0 <= box.y1 < sheet.HEIGHT - 17, thing


def test_text_stays_in_its_column():
    inner = (sheet.LEFT.stop, sheet.RIGHT.start)
    for text, box in boxes(sheet.draw(), "texts"):
        if box.y1 < sheet.HEIGHT - 75:  # below the head of the page
            assert box.x1 < inner[0] + 1 or box.x0 > inner[1] - 1, text.get_text()


def test_the_letters_can_be_read_at_arms_length(written):
    sizes = {text.get_fontsize() for text in written}
    assert min(sizes) >= 7.5
    assert sum(text.get_fontsize() >= 8 for text in written) > 0.85 * len(written)


def test_the_page_is_a4(figure):
    assert figure.get_size_inches() * 25.4 == pytest.approx((297, 210), abs=0.2)


# The files


def page_of(pdf):
    """What the page of a PDF draws, whatever packed it."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    unpacked = [zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x"]
    return next(stream for stream in unpacked if b" Tf" in stream)


def test_the_files_in_docs_are_what_the_script_writes(tmp_path):
    svg, pdf = (sheet.DOCS / f"{sheet.NAME}.{kind}" for kind in ("svg", "pdf"))
    drawn_with = re.search(r"Matplotlib v([\d.]+\w*)", svg.read_text(encoding="utf-8"))[1]
    if drawn_with != mpl.__version__:
        pytest.skip(f"drawn with matplotlib {drawn_with}, here is {mpl.__version__}: its files differ in details")
    sheet.save(tmp_path)
    assert (tmp_path / svg.name).read_text(encoding="utf-8") == svg.read_text(encoding="utf-8"), "make cheatsheet"
    assert page_of((tmp_path / pdf.name).read_bytes()) == page_of(pdf.read_bytes()), "make cheatsheet"


def test_the_files_have_no_date_and_the_svg_no_letters():
    svg, pdf = ((sheet.DOCS / f"{sheet.NAME}.{kind}").read_bytes() for kind in ("svg", "pdf"))
    assert b"<dc:date>" not in svg
    assert b"<text" not in svg
    assert b"CreationDate" not in pdf
    assert pdf.count(b"/Type /Page ") == 1
