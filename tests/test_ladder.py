"""The ten rungs of lesson 06, typed into their cells: what is right passes, and each wrong version is named."""

import json
import linecache
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from conv1d_tutor import compare_with_torch
from conv1d_tutor.exercises import EXERCISES, check, go_on_with

ROOT = Path(__file__).parent.parent
MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
LENGTH = "x.shape[-1] - weight.shape[-1] + 1"
STRIDED = "(x.shape[-1] - weight.shape[-1]) // stride + 1"
DILATED = "(x.shape[-1] - dilation * (weight.shape[-1] - 1) - 1) // stride + 1"
NO_BIAS = "np.zeros(len(weight)) if bias is None else bias"
PADDED = "np.pad(x, ((0, 0), (0, 0), (padding, padding)){})"

pytestmark = pytest.mark.usefixtures("own_file")

ONE = """
for k in range(weight.shape[-1]):
    output[t] += weight[k] * x[t + k]
"""
TWO = f"output[t] = bias{ONE}"
THREE = """
for c in range(len(weight)):
    for k in range(weight.shape[-1]):
        output[t] += weight[c, k] * x[c, t + k]
"""
FOUR = """
for t in range(out_length):
    output[o, t] = bias[o]
    for c in range(x.shape[0]):
        for k in range(weight.shape[-1]):
            output[o, t] += weight[o, c, k] * x[c, t + k]
"""
FIVE = """
for o in range(len(weight)):
    for t in range(out_length):
        output[n, o, t] = bias[o]
        for c in range(weight.shape[-2]):
            for k in range(weight.shape[-1]):
                output[n, o, t] += weight[o, c, k] * x[n, c, t + k]
"""
#: What a learner types in the place of each `...` of a rung: first what is right, then wrong versions, each with
#: words of its reply.
RUNGS: dict[str, tuple[tuple[str, ...], list[tuple[tuple[str, ...], str]]]] = {
    "06.1": (
        (LENGTH, ONE),
        [
            ((LENGTH, ONE.replace("weight[k]", "weight[-1 - k]")), "the kernel is turned round"),
            (("x.shape[-1] - weight.shape[-1]", ONE), "the last output is missing"),
            (("x.shape[-1]", ONE), "runs over the end of the signal"),
            (
                ("len(x)", "output[t] = (x[t:t + len(weight)] * weight).sum()"),
                "raised ValueError: operands could not",
            ),
            ((LENGTH, ONE.replace("+=", "=")), "only the last product of each window is left"),
            ((LENGTH, ONE.replace("x[t + k]", "x[t]")), "all taps meet the same sample"),
            ((LENGTH, ONE.replace("x[t + k]", "x[k]")), "each reads the first window"),
            ((LENGTH, f"{ONE}return output"), "only the first output is computed"),
        ],
    ),
    "06.2": (
        (TWO,),
        [
            ((ONE,), "the bias is not in it"),
            ((ONE.replace("x[t + k]", "x[t + k] + bias"),), "once for each tap"),
            ((f"{ONE}output[t] = bias",), "every output is the bias alone"),
            (
                (ONE.replace("    output", "    output[t] = bias\n    output"),),
                "only the last product .* beside the bias",
            ),
            ((TWO.replace("= bias", "= bias[t]", 1),), "the bias has no positions"),
            ((TWO.replace("weight[k]", "weight[-1 - k]"),), "the kernel is turned round"),
        ],
    ),
    "06.3": (
        (THREE,),
        [
            ((THREE.replace("for c in range(len(weight)):", "for c in range(1):"),), "only channel 0 is read"),
            ((THREE.replace("    for k", "    output[t] = bias\n    for k"),), "only the last channel is left"),
            (
                (THREE.replace("    for k", "    output[t] += bias\n    for k") + "output[t] -= bias",),
                "once for each channel",
            ),
            ((THREE.replace("weight[c, k]", "weight[0, k]"),), "row 0 of the kernel meets all channels"),
            ((THREE.replace("x[c, t + k]", "x[0, t + k]"),), "every row of the kernel meets channel 0"),
            ((f"{THREE}output[t] = bias + (output[t] - bias) / len(weight)",), "the mean over the channels"),
            ((THREE.replace("weight[c, k]", "weight[c, -1 - k]"),), "turned round along the time"),
        ],
    ),
    "06.4": (
        ("(len(weight), out_length)", FOUR),
        [
            (
                ("(len(weight), out_length)", FOUR.replace("bias[o]", "bias[0]")),
                "all rows have the bias of kernel 0",
            ),
            (("(len(weight), out_length)", FOUR.replace("bias[o]", "bias[t]")), "the bias follows the position"),
            (("(len(weight), out_length)", FOUR.replace("x[c,", "x[o,")), "kernel o reads only channel o"),
            (("(len(weight), out_length)", FOUR.replace("bias[o]", "0")), "The bias is missing"),
            (
                ("(out_length, len(weight))", FOUR.replace("output[o, t]", "output[t, o]")),
                "the positions come first",
            ),
            (
                (
                    "out_length",
                    FOUR.replace("output[o, t] = bias[o]", "output[t] += bias[o]").replace(
                        "output[o, t]", "output[t]"
                    ),
                ),
                "the rows of all kernels are added up",
            ),
        ],
    ),
    "06.5": (
        ("(len(x), len(weight), out_length)", FIVE),
        [
            (
                ("(len(x), len(weight), out_length)", FIVE.replace("bias[o]", "bias[n]")),
                "the bias follows the item",
            ),
            (
                ("(len(x), len(weight), out_length)", FIVE.replace("weight[o,", "weight[n,")),
                "the kernel follows the item",
            ),
            (("(len(x), len(weight), out_length)", FIVE.replace("x[n,", "x[0,")), "are made of item 0"),
            (
                ("(len(weight), out_length)", FIVE.replace("output[n, o, t]", "output[o, t]")),
                "the last item alone",
            ),
            (
                ("(len(weight), len(x), out_length)", FIVE.replace("output[n, o, t]", "output[o, n, t]")),
                "the kernels come first",
            ),
            (
                (
                    "(len(weight), out_length)",
                    FIVE.replace("= bias[o]", "+= bias[o]").replace("output[n, o, t]", "output[o, t]"),
                ),
                "the items of the batch are added up",
            ),
        ],
    ),
    "06.6": (
        (STRIDED, "t * stride + k"),
        [
            ((LENGTH, "t + k"), "this is for stride 1"),
            ((STRIDED, "t + k"), "moves by one sample, and the end is not read"),
            ((STRIDED, "t + k * stride"), "the stride stands at the wrong index"),
            ((STRIDED, "(t + k) * stride"), "the taps are spread as well"),
            ((STRIDED.removesuffix(" + 1"), "t * stride + k"), "the last output is missing"),
            ((f"({LENGTH}) // stride", "t * stride + k"), "the places for stride 1 are divided"),
            ((LENGTH, "t * stride + k"), "as many as for stride 1"),
        ],
    ),
    "06.7": (
        (PADDED.format(""),),
        [
            (("x",), "without the padding"),
            (("np.pad(x, ((0, 0), (0, 0), (padding, 0)))",), "on the left side only"),
            (("np.pad(x, ((0, 0), (0, 0), (0, padding)))",), "on the right side only"),
            (("np.pad(x, padding)",), "all axes are padded"),
            (("np.pad(x, ((0, 0), (0, 0), (2 * padding, 0)))",), "all zeros stand on the left"),
            ((PADDED.format(", mode='edge'"),), "the first and the last value"),
            ((PADDED.format("").replace("padding", "padding // 2"),), "each side gets half"),
        ],
    ),
    "06.8": (
        (DILATED, "t * stride + k * dilation"),
        [
            ((STRIDED, "t * stride + k"), "this is for dilation 1"),
            ((DILATED, "t * stride + k"), "the taps are still neighbours, and"),
            ((STRIDED, "t * stride + k * dilation"), "as many outputs as without"),
            ((DILATED, "t * dilation + k * stride"), "have changed places"),
            (("(x.shape[-1] - dilation * weight.shape[-1]) // stride + 1", "t * stride + k * dilation"), "no gap"),
            ((STRIDED.replace("stride", "dilation"), "t * dilation + k"), "this is a stride"),
            ((DILATED, "(t * stride + k) * dilation"), "moves the window as well"),
        ],
    ),
    "06.9": (
        ("o // (len(weight) // groups)", "group * weight.shape[-2] + c"),
        [
            (("0", "c"), "every kernel reads the channels of the first group"),
            (("o % groups", "group * weight.shape[-2] + c"), "the kernels take turns"),
            (("o // groups", "group * weight.shape[-2] + c"), "divided by the number of groups"),
            (("o // (len(weight) // groups)", "group + c"), "is taken for its first channel"),
            (("o // (len(weight) // groups)", "group + c * groups"), "the channels take turns"),
            (("o", "group * weight.shape[-2] + c"), "as if it were a group"),
        ],
    ),
    "06.10": (
        (PADDED.format(", mode=modes[padding_mode]"), NO_BIAS),
        [
            ((PADDED.format(""), NO_BIAS), "with zeros, whatever the mode is"),
            ((PADDED.format(", mode=padding_mode"), NO_BIAS), "does not know torch's names"),
            ((PADDED.format(", mode=modes[padding_mode]"), "bias"), "where `bias` is None"),
            ((PADDED.format(", mode=modes[padding_mode]"), "np.zeros(len(weight))"), "the bias is left out"),
            (
                (PADDED.format(", mode=modes[padding_mode].replace('reflect', 'symmetric')"), NO_BIAS),
                "the first and the last sample are doubled",
            ),
            (
                (PADDED.format(", mode=modes[padding_mode].replace('wrap', 'reflect')"), NO_BIAS),
                '"circular" mirrors the signal',
            ),
        ],
    ),
}
WRONG = [(id, fills, words) for id, (_, versions) in RUNGS.items() for fills, words in versions]


def typed(id: str, fills: tuple[str, ...]) -> Callable[..., np.ndarray]:
    """The function of a rung's cell, with code in the place of each `...`; without any, as the lesson has it."""
    code = EXERCISES[id].stub
    for fill in fills:
        before, dots, after = code.partition("...")
        assert dots, f"{id} has fewer dots"
        indent = " " * (len(before) - len(before.rstrip(" "))) if "\n" in fill else ""
        code = before + textwrap.indent(fill.strip("\n"), indent).lstrip() + after
    file = f"<cell {id} {hash(code)}>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    kernel = {"np": np, "modes": MODES}
    exec(compile(code, file, "exec"), kernel)
    return kernel[EXERCISES[id].solution.__name__]


@pytest.mark.parametrize("id", RUNGS)
def test_what_is_right_passes_and_the_lesson_goes_on_with_it(id: str, capsys: pytest.CaptureFixture) -> None:
    mine = typed(id, RUNGS[id][0])
    assert check(id, mine).passed, check(id, mine)
    assert go_on_with(id, mine) is mine
    assert capsys.readouterr().out == f"The lesson goes on with your {mine.__name__}.\n"


@pytest.mark.parametrize(("id", "fills", "words"), WRONG)
def test_what_is_wrong_is_named(id: str, fills: tuple[str, ...], words: str) -> None:
    verdict = check(id, typed(id, fills))
    assert verdict.status == "not yet"
    assert re.search(words, verdict.message), verdict


def test_at_least_three_wrong_versions_a_rung() -> None:
    assert list(RUNGS) == [f"06.{i}" for i in range(1, 11)]
    assert all(len({words for _, words in versions}) >= 3 for _, versions in RUNGS.values())


@pytest.mark.parametrize("id", RUNGS)
def test_a_rung_as_the_lesson_has_it(id: str, capsys: pytest.CaptureFixture) -> None:
    """It is not answered, and the lesson goes on with the course's, however often the cell is run."""
    mine, ours = typed(id, ()), EXERCISES[id].solution
    verdict = check(id, mine)
    assert verdict.status == "not answered"
    assert "put your code in the place of each `...`" in verdict.message
    for answer in (mine, None, ours):
        assert go_on_with(id, answer) is ours
        assert f"goes on with the course's {ours.__name__}, and with yours once" in capsys.readouterr().out


def test_dots_that_were_left_are_told() -> None:
    message = check("06.1", typed("06.1", ("Ellipsis", ONE))).message
    assert "raised TypeError" in message and "Where dots `...` stand, your code is still missing." in message


def test_the_lesson_goes_on_after_each_rung() -> None:
    text = (ROOT / "notebooks" / "06_build_it_from_scratch.ipynb").read_text(encoding="utf-8")
    cells = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    for i in range(1, 11):
        (asked,) = [n for n, cell in enumerate(cells) if f'check("06.{i}", conv_{i})' in cell]
        assert f'conv_{i} = go_on_with("06.{i}", conv_{i})' in cells[asked + 1]


def test_the_last_rung_is_compared_with_torch() -> None:
    options = ("bias", "stride", "padding", "dilation", "groups", "padding_mode")
    assert compare_with_torch(typed("06.10", RUNGS["06.10"][0]), options=options).passed
    for fills, _ in RUNGS["06.10"][1]:
        try:
            assert not compare_with_torch(typed("06.10", fills), options=options).passed
        except ValueError as error:  # what NumPy says of a mode
            assert "mode" in str(error)


def test_going_on_without_an_exercise_or_with_a_value(capsys: pytest.CaptureFixture) -> None:
    assert go_on_with("06.99", max) is max
    assert "There is no exercise" in capsys.readouterr().out
    assert go_on_with("00.1") == (8, 5, 3)
    assert go_on_with("00.1", [8, 5, 3]) == [8, 5, 3]


def test_a_right_function_that_returns_another_type_is_not_gone_on_with(capsys: pytest.CaptureFixture) -> None:
    """What comes next in the lesson indexes an array."""
    right = typed("06.1", RUNGS["06.1"][0])

    def as_list(x: np.ndarray, weight: np.ndarray) -> list[float]:
        return right(x, weight).tolist()

    assert check("06.1", as_list).passed
    assert go_on_with("06.1", as_list) is EXERCISES["06.1"].solution
    assert "Yours is right, but returns a list, where an ndarray is needed." in capsys.readouterr().out
