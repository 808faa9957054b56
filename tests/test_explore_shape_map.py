"""ShapeMap in the page: shapes, numbers of parameters and refusals are torch's."""

import itertools
import re
import warnings

import page
import pytest
import torch
from torch import nn

from conv1d_tutor import Conv1dSpec
from conv1d_tutor.explore import ShapeMap

MODES = ("zeros", "reflect", "replicate", "circular")
SHAPES = [(2, 5, 12), (5, 12), (3, 6, 1), (0, 5, 4), (2, 4, 3), (2, 1, 9), (1, 8, 30), (2, 12, 5), (2, 5, 0)]


def torch_says(state: dict) -> tuple[nn.Conv1d, list[int]] | Exception:
    """The layer and the shape of its output, or the error."""
    options = {name: value for name, value in state.items() if name != "shape"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layer = nn.Conv1d(**options)
            return layer, list(layer(torch.zeros(state["shape"])).shape)
    except (RuntimeError, ValueError) as error:
        return error


def check(shown: dict) -> None:
    """What the page shows of a state is what torch does with it."""
    state, seen, sentence = (shown[name] for name in ("state", "seen", "sentence"))
    found = torch_says(state)
    if isinstance(found, Exception):
        assert "refusal" in seen, (state, found)
        assert sentence.startswith("No layer:" if "divisible" in str(found) else "No output:"), (state, found)
        return
    assert "refusal" not in seen, (state, seen)
    layer, output = found
    assert seen["output"] == output
    assert seen["weight"] == list(layer.weight.shape)
    assert seen["weights"] == layer.weight.numel()
    assert seen["parameters"] == sum(parameter.numel() for parameter in layer.parameters())
    call, given, made = re.match(r"(Conv1d\(.*?\)) turns (\(.*?\)) into (\(.*?\))\.", sentence).groups()
    written = eval(call, {"Conv1d": nn.Conv1d})
    assert repr(written) == repr(layer)
    assert given == str(tuple(state["shape"])) and made == str(tuple(output))
    spec = Conv1dSpec.from_layer(layer)
    assert sentence.endswith(spec.length_formula(state["shape"][-1]))
    assert seen["window"] == list(spec.window(seen["t"]))
    assert 0 <= seen["t"] < output[-1]
    if "picture" in shown:
        assert not re.search("NaN|undefined|Infinity", shown["picture"]["drawn"])


def asked() -> list[dict]:
    """Every value and all pairs of controls, on inputs of many shapes."""
    few = list(page.states(ShapeMap((2, 5, 12)), most=0))
    return (
        [state | {"shape": list(shape)} for shape in SHAPES for state in few]
        + [
            {
                "shape": [2, c, 12],
                "in_channels": c,
                "groups": g,
                "out_channels": o,
                "padding_mode": mode,
                "padding": p,
            }
            for c, o, g in itertools.product((1, 4, 6), (1, 4, 6, 8), (1, 2, 3, 4))
            for mode, p in itertools.product(MODES, (0, 3))
        ]
        + [
            {"shape": [1, length], "in_channels": 1, "padding_mode": mode, "padding": p}
            for length, mode, p in itertools.product((1, 3, 4), MODES, range(6))
        ]
    )


def test_all_pairs_on_many_shapes() -> None:
    every = asked()
    for width in (336, 900, 1376):
        for shown in page.shown(ShapeMap((2, 5, 12)), every[:: 1 if width == 900 else 20], width=width):
            check(shown)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[out_channels, in_channels / groups, kernel_size]", "[out_channels, in_channels, kernel_size]"),
        ("weights + (bias ? out_channels : 0)", "weights + out_channels"),
        ("reflect: length - 1", "reflect: length"),
        ("Math.floor(room / stride)", "Math.ceil(room / stride)"),
    ],
)
def test_a_wrong_arithmetic_is_seen(old: str, new: str) -> None:
    with pytest.raises(AssertionError):
        for shown in page.shown(ShapeMap((2, 5, 12)), asked(), breaks=[(old, new)]):
            check(shown)


def test_says_what_to_try_where_axes_are_turned() -> None:
    (turned,) = page.shown(ShapeMap((239, 49, 5), in_channels=5), [{}])
    assert "x.permute(0, 2, 1), which gives (239, 5, 49)" in turned["seen"]["refusal"]["advice"]
    (other,) = page.shown(ShapeMap((239, 7, 49), in_channels=5), [{}])
    assert other["seen"]["refusal"]["advice"] == "a shape like (239, 5, 49), or in_channels=7."


def test_begins_with_a_layer() -> None:
    layer = nn.Conv1d(4, 8, 5, stride=2, padding=2, dilation=3, groups=4, bias=False, padding_mode="circular")
    made = ShapeMap.from_layer(layer, torch.zeros(3, 4, 60).shape)
    (shown,) = page.shown(made, [{}])
    check(shown)
    assert shown["seen"]["output"] == list(layer(torch.zeros(3, 4, 60)).shape)
    with pytest.raises(ValueError, match="adds 1 on the left and 2 on the right"):
        ShapeMap.from_layer(nn.Conv1d(1, 1, 4, padding="same"), (1, 9))


@pytest.mark.parametrize("shape", [5, "5, 49", (49,), (1, 2, 3, 4), (2.5, 3), (-1, 3), None])
def test_refuses_what_is_no_shape(shape: object) -> None:
    with pytest.raises((TypeError, ValueError), match=r"(?s)ShapeMap\(shape=.*found: .*rule: .*try: "):
        ShapeMap(shape)
