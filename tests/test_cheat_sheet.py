"""What the cheat sheet says is true, and what lies in docs/ was made from it."""

import inspect
import itertools
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from conv1d_tutor import check_layout
from conv1d_tutor.plotting import number
from tools import make_cheat_sheet as sheet

PAGE = ElementTree.fromstring(sheet.page())


def find(name):
    """The part of the page that has this id."""
    (part,) = PAGE.iterfind(f".//*[@id='{name}']")
    return part


def text(part):
    """What a reader reads there."""
    return " ".join("".join(part.itertext()).split())


def codes(part):
    """Each piece of code in a part of the page."""
    return [text(code) for code in part.iter("code")]


OPTIONS = [[text(cell) for cell in row] for row in find("options").find("tbody")]
LENGTHS = {name: length for name, _, length, _ in OPTIONS}
RULES = list(find("rules"))
ERRORS = list(find("errors").find("tbody"))


def python(formula):
    """A formula as Python writes it."""
    signs = {"⌊": "floor(", "⌈": "ceil(", "⌋": ")", "⌉": ")", "−": "-", "·": "*"}
    return "".join(signs.get(letter, letter) for letter in formula)


def value(formula, **names):
    return eval(python(formula), {"floor": math.floor, "ceil": math.ceil}, names)


def torch_length(length, taps, **options):
    return nn.Conv1d(2, 2, taps, **options)(torch.zeros(2, length)).shape[1]


# The call, the formulas and the options


def test_the_call_is_torchs():
    arguments = inspect.signature(nn.Conv1d).parameters.values()
    names = [a.name if a.default is a.empty else f"{a.name}={a.default!r}" for a in arguments]
    assert text(find("signature")) == f"nn.Conv1d({', '.join(names[:9])})"
    assert names[9:] == ["device=None", "dtype=None"]  # left out: they say nothing about the operation


def test_the_length_formula_is_torchs():
    name, formula = text(find("formula")).split(" = ")
    assert name == "L_out"
    for length, taps, stride, padding, dilation in itertools.product(
        (9, 10, 14), (1, 3, 4), (1, 2, 3), (0, 2), (1, 3)
    ):
        if length + 2 * padding > dilation * (taps - 1):
            options = {"stride": stride, "padding": padding, "dilation": dilation}
            assert value(formula, L=length, K=taps, **options) == torch_length(length, taps, **options)


def test_the_definition_is_what_torch_computes():
    left, right = text(find("definition")).split(" = ")
    bias_text, sum_text = right.split(" + Σc, k ")
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
    for name, *_, default in OPTIONS:
        if name != "padding='same'":
            torchs = arguments[name].default
            assert default == ("–" if torchs is inspect.Parameter.empty else repr(torchs)), name


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
    assert "only with stride=1" in next(does for name, does, *_ in OPTIONS if name == "padding='same'")
    with pytest.raises(ValueError, match="not supported for strided"):
        nn.Conv1d(1, 1, 3, stride=2, padding="same")


def test_the_padding_modes_put_what_is_written():
    (option,) = codes(next(row for row in find("options").find("tbody") if text(row[0]) == "padding_mode")[1])
    modes = [text(mode.find("figcaption")) for mode in find("modes")]
    assert modes == ["zeros", "reflect", "replicate", "circular"]
    for mode, drawn in zip(modes, find("modes"), strict=True):
        copy = nn.Conv1d(1, 1, 1, padding_mode=mode, bias=False, **eval(f"dict({option})"))
        nn.init.ones_(copy.weight)
        expected = [str(int(digit)) for digit in copy(torch.arange(1.0, 6)[None])[0]]
        assert [cell.text for cell in drawn.iter("i")] == expected
        assert [cell.text for cell in drawn.iter("i") if cell.get("class") == "input"] == list("12345")


# The worked example


@pytest.fixture(scope="module")
def windows():
    """The picture above the worked example."""
    return next(picture for picture in PAGE.iter("svg") if "windows" in picture.itertext())


def test_the_worked_example_is_drawn_as_arithmetic_counts_it(windows):
    outputs = sheet.EXAMPLE.output_length(sheet.LENGTH)
    sliding = dict(sheet.EXAMPLE.sliding)
    assert outputs == torch_length(sheet.LENGTH, sliding.pop("kernel_size"), **sliding)
    assert sheet.EXAMPLE.length_formula(sheet.LENGTH) == text(find("example").find("b"))
    words = {word.text: float(word.get("x")) for word in windows.iter("text")}
    assert [name for name in words if name.startswith("output")] == [f"output {t}" for t in range(outputs)]
    # each row of dots stands right below the time steps that it reads
    dots = {}
    for dot in windows.iter("circle"):
        dots.setdefault(float(dot.get("cy")), []).append(float(dot.get("cx")))
    expected = [[words[number(step)] for step in sheet.EXAMPLE.window(t)] for t in range(outputs)]
    assert [dots[y] for y in sorted(dots)] == expected
    # and the boxes of input and padding right above them
    for role, steps in (("input", range(sheet.LENGTH)), ("padding", (-1, sheet.LENGTH))):
        boxes = [box for box in windows.iter("rect") if box.get("class") == role]
        middles = [float(box.get("x")) + float(box.get("width")) / 2 for box in boxes]
        assert middles == [words[number(step)] for step in steps]


def test_the_last_zero_alone_is_read_by_no_window(windows):
    read = map(sheet.EXAMPLE.window, range(sheet.EXAMPLE.output_length(sheet.LENGTH)))
    left, right = sheet.EXAMPLE.padding_sides
    assert set(range(-left, sheet.LENGTH + right)).difference(*read) == {sheet.LENGTH}
    assert [word.text for word in windows.iter("text") if word.get("class") == "unread"] == [str(sheet.LENGTH)]
    assert "the last zero is read by no window" in text(find("example"))


# The rules


def test_each_of_five_rules_begins_with_what_to_remember():
    assert len(RULES) == 5
    assert all(rule.text is None and rule[0].tag == "b" and rule[0].tail for rule in RULES)


def test_rule_2_the_kernel_slides_along_the_length_only():
    layer = nn.Conv1d(5, 8, kernel_size=3)
    assert "the channels become out_channels" in text(RULES[1])
    assert layer(torch.zeros(2, 5, 49)).shape == (2, 8, 47)
    assert layer.weight[0].shape[0] == 5  # one kernel: all channels


def test_rule_3_permute_turns_and_reshape_does_not():
    x = torch.arange(2 * 4 * 3).reshape(2, 4, 3)
    (call,) = (code for code in codes(RULES[2]) if code.startswith("x."))
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
    look, ask = codes(RULES[4])
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


@pytest.mark.parametrize(("row", "case"), list(zip(ERRORS, CASES, strict=True)))
def test_torch_says_so_and_the_fix_runs(row, case):
    (message, _, fixes), (x, broken, mended, shape) = row, case
    with pytest.raises((RuntimeError, ValueError)) as caught:
        broken(x)
    quoted = [re.escape(part.strip()) for part in text(message).split("…")]
    assert re.search(".*".join(quoted), str(caught.value)), caught.value
    for fix in codes(fixes):
        name, is_argument, _ = fix.partition("=")
        names = {"x": x, "K": 3, "nn": nn, "dict": dict}
        found = mended(eval(f"dict({fix})" if is_argument else fix, names))
        assert found.shape == (shape[name] if isinstance(shape, dict) else shape)


def test_the_causes_have_the_right_numbers():
    causes = [text(cause) for _, cause, _ in ERRORS]
    formula, span = re.search(r"(dilation.*) = (\d+) steps", causes[3]).groups()
    assert value(formula, dilation=4, K=3) == int(span)
    assert causes[4] == "in_features must be out_channels · L_out."
    assert conv(5, 8, 3)(patients()[:4].mT).flatten(1).shape[1] == 8 * 47 == 376
    assert np.array([36.6]).dtype == np.float64
    assert conv(5, 5, 3).weight.dtype == torch.float32


def test_the_tempting_changes_run_and_compute_something_else():
    x, right = patients(), conv(5, 5, 3)(patients().permute(0, 2, 1))
    in_channels, reshape, view, kernel_size = codes(find("too"))
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


# The files


def test_the_files_in_docs_were_made_from_this_page():
    made_from = sheet.digest(sheet.page())
    assert sheet.PDF.read_bytes().endswith(f"%made from {made_from}\n".encode()), "make cheatsheet"
    with Image.open(sheet.PNG) as picture:
        assert picture.text["made from"] == made_from, "make cheatsheet"


def test_the_pdf_is_one_page_of_a4_whose_text_is_text():
    pdf = sheet.PDF.read_bytes()
    assert re.findall(rb"/Type /Page\b", pdf) == [b"/Type /Page"]
    width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
    assert (width / 72 * 25.4, height / 72 * 25.4) == pytest.approx((297, 210), abs=0.2)
    fonts = set(re.findall(rb"/FontName /\w+\+([\w-]+)", pdf))
    assert fonts >= {b"DejaVuSans", b"DejaVuSans-Bold", b"DejaVuSansMono"}
    assert b"/Subtype /Image" not in pdf
