"""LayoutLab in the page: every move of every table against torch, its verdicts against check_layout."""

import numpy as np
import page
import pytest
import torch

from conv1d_tutor.explore import LayoutLab
from conv1d_tutor.layout import check_layout

AXES = ("cases", "times", "features")
LOUD = '<script>alert(1)</script>"'


def tensors(cases: int, times: int, features: int) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """The numbers of the table's values, and what each move makes of them."""
    x = torch.arange(cases * times * features).reshape(cases, times, features)
    return x, {
        "permute(0, 2, 1)": x.permute(0, 2, 1),
        "reshape": x.reshape(cases, features, times),
        "nothing": x,
        "transpose(0, 1)": x.transpose(0, 1),
        "permute(2, 1, 0), as .T does": torch.from_numpy(x.numpy().T),
    }


def check(explorable: LayoutLab, shown: dict, asked: dict) -> None:
    """Shape, values, the greatest item, what the axes hold and the verdict are those of torch and check_layout."""
    data = page.stored(explorable)["data"]
    ids, features, times = data["ids"], data["features"], data["times"]
    before, after = tensors(len(ids), times, len(features))
    assert set(after) == set(LayoutLab.MOVES)
    result, state, seen = after[asked["move"]], shown["state"], shown["seen"]
    assert shown["most"]["item"] == len(result) - 1
    assert state == {"move": asked["move"], "item": min(asked["item"], len(result) - 1)}
    assert seen["shape"] == list(result.shape)
    assert seen["item"] == result[state["item"]].tolist()
    verdict = check_layout(before, result)
    assert seen["code"] == verdict.code
    for axis, holds in enumerate(seen["axes"]):
        wanted = verdict.axes or ((0, 1, 2) if verdict.code == "unchanged" else None)
        if wanted:
            assert holds == AXES[wanted[axis]]
        else:
            assert (holds == "cases") == (axis == 0), "a reshape leaves the cases alone and mixes what it can"
    names = [f"{i} h{t} {f}" for i in ids for t in range(times) for f in features]
    holds = ", ".join(names[i] for i in result[state["item"], 0].tolist())
    assert shown["sentence"].startswith(
        f"{asked['move'].split(', as ')[0]} gives {tuple(result.shape)}: "
        f"item {state['item']}, channel 0 holds {holds}. "
    )
    said = shown["sentence"].removesuffix(".").rsplit(". ", 1)[1]
    slides = AXES[verdict.axes[2]] if verdict.axes else "features"
    assert said == (
        "It mixes several features: the shape is right, the data are wrong"
        if verdict.code == "reshaped"
        else "It is one feature of one case over time: this is what Conv1d reads"
        if verdict.axes == (0, 2, 1)
        else f"The kernel would slide from {slides[:-1]} to {slides[:-1]}, not along time"
    )


#: Cases, times, features: the first one, the smallest, the largest, equal sizes, and each order of unequal ones.
TABLES = [(2, 4, 3), (2, 2, 2), (4, 6, 5), (4, 4, 4), (2, 3, 3), (3, 3, 5), (2, 5, 4), (3, 2, 4), (4, 3, 2)]


def table(cases: int, times: int, features: int) -> LayoutLab:
    """A table of so many cases, times and features."""
    return LayoutLab(list("ABCD"[:cases]), [f"x{i}" for i in range(features)], times)


@pytest.mark.parametrize("sizes", TABLES, ids=str)
def test_all_states_of_all_tables(sizes: tuple[int, int, int]) -> None:
    explorable = table(*sizes)
    asked = list(page.states(explorable))
    assert len(asked) == 5 * max(sizes)
    for width in (336, 900, 1376):
        for state, shown in zip(asked, page.shown(explorable, asked, width=width), strict=True):
            check(explorable, shown, state)
            drawn = shown["picture"]["drawn"]
            assert not any(word in drawn for word in ("NaN", "undefined", "Infinity"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"permute(0, 2, 1)": [0, 2, 1]', '"permute(0, 2, 1)": [0, 1, 2]'),
        ("const strides = [times * features, features, 1]", "const strides = [times * features, times, 1]"),
        ("[cases, features, times];", "[cases, times, features];"),
        ("data.after[state.move].shape[0] - 1", "data.after[state.move].shape[0]"),
        ("change.size === 1", "change.size"),
    ],
)
def test_a_wrong_arithmetic_is_seen(old: str, new: str) -> None:
    explorable = LayoutLab()
    asked = list(page.states(explorable))
    with pytest.raises((AssertionError, KeyError, TypeError, IndexError)):
        for state, shown in zip(asked, page.shown(explorable, asked, breaks=[(old, new)]), strict=True):
            check(explorable, shown, state)


def test_the_height_stays_while_move_and_item_change() -> None:
    explorable = table(4, 6, 5)
    for width in (336, 900, 1376):
        shown = page.shown(explorable, page.states(explorable), width=width)
        assert len({state["picture"]["height"] for state in shown}) == 1


def test_long_names_are_cut_in_the_picture_and_whole_in_the_sentence() -> None:
    long = "systolic pressure of the left arm"
    (shown,) = page.shown(LayoutLab(["patient 1", "patient 2"], [long, "HR", "O2"]), [{}], width=336)
    assert long not in shown["picture"]["drawn"] and "syst" in shown["picture"]["drawn"]
    assert "t 1 h0" in shown["picture"]["drawn"] and "t 2 h0" in shown["picture"]["drawn"]
    assert f"patient 1 h0 {long}" in shown["sentence"]


@pytest.mark.parametrize("loud", [LOUD, "cost_$_per_$^"])
@pytest.mark.parametrize("width", [336, 1376])
def test_names_stay_text(loud: str, width: int) -> None:
    (shown,) = page.shown(LayoutLab([loud, "B"], [loud, "y"]), [{}], width=width)
    assert any(text.startswith(loud[:3]) for text in shown["picture"]["texts"])
    assert f"{loud} h0 {loud}" in shown["sentence"]


def test_the_call_is_written_with_its_state() -> None:
    explorable = LayoutLab(ids=np.array(["A", "B", "C"]), features=["x", "y"], times=5, move="reshape", item=1)
    assert repr(explorable) == "LayoutLab(move='reshape', item=1)"
    explorable.item = 99
    assert explorable.item == 4
    assert page.stored(explorable)["data"]["ids"] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": 9}, r"times=9.*2 to 6"),
        ({"times": [1, 2]}, r"times=\[1, 2\], 2 numbers"),
        ({"ids": ["A"]}, r"ids: 1.*2 to 4"),
        ({"ids": 3}, r"ids: 3.*2 to 4"),
        ({"features": list("abcdef")}, r"features: 6.*2 to 5"),
        ({"move": "flip"}, r"move='flip'.*permute"),
        ({"move": None}, r"move=None"),
        ({"item": 7}, r"item=7.*from 0 to 3"),
        ({"sliders": "none"}, r"sliders='none'.*ipywidgets"),
    ],
)
def test_bad_input_is_refused_in_words(arguments: dict, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match="(?s)" + message) as caught:
        LayoutLab(**arguments)
    assert len(caught.value.parts) == 3
