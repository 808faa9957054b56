"""Every reported problem is explained, every fix was run, and correct layers get no false alarm."""

import copy
import dis
import inspect
import random
import re
import warnings
from typing import Any

import explain_catalogue
import explain_catalogue_around
import pytest
import torch
import torch.nn.functional as F
from explain_catalogue import Case, values
from torch import nn

from conv1d_tutor import Conv1dSpec, explain
from conv1d_tutor.explainer import PROBLEMS, Explanation
from conv1d_tutor.explainer.inputs import is_shape
from conv1d_tutor.explainer.surroundings import _codes, _globals_of

CASES = explain_catalogue.CASES + explain_catalogue_around.CASES


def plain(value: Any) -> str:
    """A name for a test case that is the same in every process."""
    return re.sub(r" at 0x\w+", "", repr(value))


def real(x: Any) -> Any:
    """Tensors in place of shapes."""
    if is_shape(x):
        return values(*x)
    return tuple(real(item) for item in x) if isinstance(x, tuple) else x


def evaluated(expression: str, layer: Any, x: Any) -> torch.Tensor:
    """What an expression computes on real numbers, on a copy of the layer."""
    names = {"layer": copy.deepcopy(layer), "x": real(x), "torch": torch, "nn": nn, "F": F}
    result = eval(expression, names)
    return result[0] if isinstance(result, tuple) else result


def codes(found: Explanation) -> set[str]:
    return {note.code for note in found.notes}


# The catalogue


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_catalogue(case: Case) -> None:
    layer = case.build()
    found = explain(layer, case.x)
    for expression, shape in re.findall(r": +(\S.*)   \(ran, gives (\(.*?\))[);]", found.text):
        assert str(tuple(evaluated(expression, layer, case.x).shape)) == shape
    assert found.problem in (case.problem if isinstance(case.problem, tuple) else (case.problem,))
    assert found.ok == (found.problem is None)
    assert "could not be explained" not in found.text
    assert codes(found) == set(case.notes)
    for words in case.words:
        assert words in found.text
    if case.meant is None:
        assert found.fix is None or case.may_lack_fix
    elif found.fix is not None:
        assert is_meant(found.fix, case, layer)
    elif not case.may_lack_fix:
        assert any(is_meant(fix.expression, case, layer) for fix in found.fixes)


def is_meant(expression: str, case: Case, layer: Any) -> bool:
    """Whether an expression computes what the case means."""
    got = evaluated(expression, layer, case.x)
    if isinstance(case.meant, tuple):
        return tuple(got.shape) == case.meant
    meant = evaluated(case.meant, layer, case.x)
    return got.shape == meant.shape and torch.allclose(got.double(), meant.double(), rtol=1e-4, atol=1e-4)


def test_most_of_the_catalogue_has_one_clear_fix() -> None:
    # The others depend on what the axes are, on whether the model is trained, or on whether numbers may change.
    with_a_repair = [case for case in CASES if case.meant is not None]
    clear = sum(explain(case.build(), case.x).fix is not None for case in with_a_repair)
    assert clear >= 0.8 * len(with_a_repair)


def test_catalogue_is_large_and_its_names_differ() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


# Correct layers


def random_layer(draw: random.Random) -> tuple[nn.Conv1d, tuple[int, ...]]:
    groups = draw.choice([1, 1, 1, 2, 3])
    kernel, dilation, stride = draw.randint(1, 7), draw.choice([1, 1, 2, 3]), draw.choice([1, 1, 2, 3])
    padding = draw.choice([0, 0, 1, 2, kernel // 2, "valid"] + (["same"] if stride == 1 else []))
    layer = nn.Conv1d(
        groups * draw.randint(1, 8),
        groups * draw.randint(1, 8),
        kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        bias=draw.random() < 0.7,
    )
    length = dilation * (kernel - 1) + 1 + draw.randint(0, 60)
    batch = [draw.randint(1, 40)] if draw.random() < 0.85 else []
    return layer, (*batch, layer.in_channels, length)


def allowed(layer: nn.Conv1d, shape: tuple[int, ...], out: tuple[int, ...]) -> set[str]:
    """The notes that the rules of the issue allow here, written down once more and apart from the code."""
    kernel, dilation, length = layer.kernel_size[0], layer.dilation[0], shape[-1]
    padding = 0 if isinstance(layer.padding, str) else layer.padding[0]
    found = set()
    if len(shape) == 2:
        found.add("unbatched_input")
    if len(shape) == 3 and shape[1] == length > 1:
        found.add("square_input")
    if len(shape) == 3 and shape[1] >= 20 and 2 * length <= shape[1]:
        found.add("in_channels_is_time")
    if length == 1:
        found.add("length_one")
    if 1 in out[-2:]:
        found.add("size_one_axis")
    if layer.stride == (1,) and padding:
        if abs(out[-1] - length) == 1 and kernel % 2 == 0:
            found.add("even_kernel")
        if dilation > 1 and out[-1] < length:
            found.add("dilation_without_padding")
        if out[-1] == length + padding:
            found.add("causal_padding_kept")
    return found


def test_correct_layers_get_no_false_alarm() -> None:
    draw = random.Random(0)
    for _ in range(300):
        layer, shape = random_layer(draw)
        found, out = explain(layer, shape), tuple(layer(torch.zeros(shape)).shape)
        assert found.ok, (layer, shape, found.text)
        assert found.fix is None
        assert found.trace[0].output == out
        assert codes(found) <= allowed(layer, shape, out), (layer, shape, found.text)
        assert "Parameters: " in found.text and f"{sum(p.numel() for p in layer.parameters()):,}" in found.text


def test_a_stack_tells_the_samples_that_no_window_reads() -> None:
    def told(length: int) -> list[str]:
        text = explain(nn.Sequential(nn.Conv1d(1, 4, 3, stride=4), nn.Conv1d(4, 4, 3)), (2, 1, length)).text
        return [line.partition("; ")[2] for line in text.splitlines() if "L_out" in line]

    assert told(31) == ["", ""]
    assert told(32) == ["the last one is not read", ""]
    assert told(33) == ["the last 2 are not read", ""]


def test_correct_models_get_no_false_alarm() -> None:
    draw = random.Random(1)
    for _ in range(60):
        channels, length = draw.randint(2, 12), draw.randint(40, 90)
        layers, c = [], channels
        for _ in range(draw.randint(1, 3)):
            wide, kernel = draw.choice([8, 16]), draw.choice([1, 3, 5])
            layers += [
                nn.Conv1d(c, wide, kernel, padding=kernel // 2),
                nn.BatchNorm1d(wide),
                nn.ReLU(),
                nn.MaxPool1d(2),
            ]
            c = wide
        layers += draw.choice([[nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(c, 3)], []])
        model, shape = nn.Sequential(*layers), (draw.randint(2, 9), channels, length)
        found = explain(model, shape)
        hidden = torch.zeros(shape)
        assert found.ok and codes(found) == set(), found.text
        assert len(found.trace) == len(layers)
        for layer, row in zip(model, found.trace, strict=True):
            assert row.input == tuple(hidden.shape)
            hidden = layer(hidden)
            assert row.output == tuple(hidden.shape)


def test_wrong_layers_are_told_in_the_words_of_a_cpu() -> None:
    draw = random.Random(2)
    seen = 0
    for _ in range(300):
        layer, shape = random_layer(draw)
        shape = tuple(draw.sample(shape, len(shape)))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                layer(torch.zeros(shape))
        except Exception as error:
            found = explain(layer, shape)
            assert not found.ok
            assert " ".join(str(error).split()) in found.text
            if found.fix:
                seen += 1
                evaluated(found.fix, layer, shape)
        else:
            assert explain(layer, shape).ok
    assert seen > 100


@pytest.mark.parametrize("learns", [True, False])
@pytest.mark.parametrize(
    "layer", [nn.Linear(5, 3), nn.Linear(5, 3, bias=False), nn.LSTM(5, 3), nn.Conv1d(5, 3, 3)]
)
def test_how_the_data_lie_in_memory_decides_what_torch_says(layer: nn.Module, learns: bool) -> None:
    layer.requires_grad_(learns)
    for shape in ((7, 49, 5), (7, 5, 49), (49, 5)):
        for x in (torch.zeros(shape), torch.zeros(shape).mT, torch.zeros(*shape, 2)[..., 0]):
            try:
                layer(x)
            except Exception as error:
                assert " ".join(str(error).split()) in explain(layer, x).text


# What is the user's stays the user's


def forward_of(code: str) -> nn.Module:
    """A model whose forward is one line."""

    class Written(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.fc = nn.Conv1d(4, 4, 3), nn.Linear(8, 2)

        def forward(self, x):
            return eval(code, {"self": self, "x": x, "torch": torch, "F": F})

    return Written()


class Counting(nn.Module):
    """A model with state that a forward changes: statistics, a counter, a list, random numbers, a hook."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.drop = nn.Conv1d(4, 6, 3), nn.BatchNorm1d(6), nn.Dropout()
        self.parts = [nn.Conv1d(6, 6, 1)]
        self.count, self.seen = 0, []
        self.register_buffer("total", torch.zeros(1))

    def forward(self, x):
        self.count += 1
        self.seen.append(x.shape)
        self.total += 1
        return self.drop(self.parts[0](self.norm(self.conv(x)))) + torch.randn(1)


def test_model_input_and_random_numbers_stay_as_they_are() -> None:
    model, calls = Counting(), []
    model.conv.register_forward_hook(lambda *args: calls.append(args))
    broken = nn.Sequential(nn.Conv1d(4, 6, 3), nn.Linear(3, 2))
    before, x = copy.deepcopy(model.state_dict()), values(3, 4, 9)
    keep, state = x.clone(), torch.get_rng_state()
    assert explain(model, x).ok
    assert not explain(model, (3, 9, 4)).ok
    assert not explain(broken, x).ok
    assert model.training and model.count == 0 and model.seen == [] and calls == []
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])
    assert torch.equal(x, keep)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(p.grad is None and p.requires_grad and not p.is_meta for p in model.parameters())
    assert model.norm.num_batches_tracked == 0


def test_values_are_used_on_a_copy_only() -> None:
    model = forward_of("self.conv(x) * float(x.mean().item())")
    x = values(2, 4, 9)
    found = explain(model, x)
    assert found.ok and "values_used" in codes(found)
    assert explain(model, x, values=False).problem == "not_traceable"
    assert explain(forward_of("torch.from_numpy(x.numpy()) + 1"), x).ok
    model = forward_of("self.conv(x) * torch.rand(1).item()")
    state = torch.get_rng_state()
    assert explain(model, x).ok
    assert torch.equal(torch.get_rng_state(), state)


def test_a_repair_that_leads_to_a_line_that_asks_for_numbers_has_them() -> None:
    model = forward_of("self.conv(x) * float(x.mean().item())")
    assert explain(model, values(2, 9, 4)).fix == "layer(x.permute(0, 2, 1))"
    assert explain(model, values(2, 4, 9).double()).fix == "layer(x.float())"
    assert explain(model, values(2, 9, 4), values=False).fix is None


def test_explaining_is_quiet_and_repeatable(capsys: pytest.CaptureFixture) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        texts = [[explain(case.build(), case.x).text for case in CASES[:60]] for _ in range(2)]
    assert texts[0] == texts[1]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "layer",
    [
        None,
        3,
        "conv",
        [],
        {},
        object(),
        torch.relu,
        lambda: 1 / 0,
        lambda a: a,
        nn.ModuleDict(),
        nn.Module(),
        nn.Module,
    ],
    ids=plain,
)
def test_anything_in_place_of_a_layer_is_answered(layer: Any) -> None:
    found = explain(layer, (2, 4, 9))
    assert not found.ok and found.problem == "not_a_layer" and found.text


@pytest.mark.parametrize(
    "x",
    [
        None,
        "x",
        object(),
        (),
        [],
        (2.5, 3),
        (True, False),
        {},
        ((1, 2), "a"),
        float("nan"),
        [[1, 2], [3]],
        7,
        (-1,),
    ],
    ids=plain,
)
def test_anything_in_place_of_an_input_is_answered(x: Any) -> None:
    found = explain(nn.Conv1d(4, 6, 3), x)
    assert not found.ok and found.problem in PROBLEMS and found.text


def test_what_nobody_thought_of_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise ZeroDivisionError("surprise")

    monkeypatch.setattr("conv1d_tutor.explainer.answer.find", broken)
    found = explain(nn.Conv1d(4, 6, 3), (2, 9, 4))
    assert found.problem == "not_understood" and "surprise" in found.text


def test_arguments_exchanged() -> None:
    found = explain((2, 4, 9), nn.Conv1d(4, 6, 3))
    assert found.problem == "operands_exchanged"
    assert found.fix == "x(layer)"


def test_description_in_place_of_a_layer() -> None:
    assert explain(Conv1dSpec(4, 6, 3), (2, 4, 9)).trace[0].output == (2, 6, 7)


# Models of every make


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 4, 3, padding=1)
        self.again = self.conv

    def forward(self, x):
        return self.again(self.conv(x))


@pytest.mark.parametrize(
    "model",
    [
        Shared(),
        nn.DataParallel(nn.Sequential(nn.Conv1d(4, 4, 3))),
        nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 4, 3)),
        nn.utils.parametrizations.spectral_norm(nn.Conv1d(4, 4, 3)),
        nn.Sequential(nn.LazyConv1d(4, 3), nn.LazyBatchNorm1d(), nn.Flatten(), nn.LazyLinear(2)),
        nn.Sequential(nn.Conv1d(4, 4, 3).double(), nn.ReLU()),
        nn.Sequential(nn.Conv1d(4, 4, 3), nn.LSTM(7, 4, batch_first=True)),
        nn.Conv1d(4, 4, 3).eval(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_models_of_every_make(model: nn.Module) -> None:
    assert explain(model, (3, 4, 9)).ok
    assert explain(model, (3, 4, 9)).trace
    assert not explain(model, (3, 4, 9, 9)).ok


def test_a_compiled_model() -> None:
    """Not one of the models above: they are made in every process that collects this file, this takes seconds."""
    test_models_of_every_make(torch.compile(nn.Conv1d(4, 4, 3)))


class Described(nn.Module):
    """An argument's value is asked of a property that raises, as in libraries that share one description."""

    def __init__(self, channels: int = 22, rate: int = 250) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, 8, 3)

    @property
    def rate(self) -> int:
        raise ValueError("rate not specified")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def test_a_property_that_raises_is_not_asked() -> None:
    assert explain(Described(), (2, 1000, 22)).fix == "layer(x.permute(0, 2, 1))"


def test_path_of_the_layer_that_refused() -> None:
    model = nn.Sequential(
        nn.Conv1d(4, 6, 3), nn.ModuleDict({"head": nn.Sequential(nn.ReLU(), nn.Linear(3, 2))})["head"]
    )
    found = explain(model, (3, 4, 9))
    assert "Linear '1.1' saw (3, 6, 7)" in found.text
    assert found.trace[-1] == ("1.1: Linear", (3, 6, 7), None, 8)


def test_huge_inputs_are_not_computed() -> None:
    assert explain(nn.Conv1d(1, 64, 9), (10_000, 1, 10_000_000)).trace[0].output == (10_000, 64, 9_999_992)
    assert explain(nn.Conv1d(1, 64, 9), (10_000, 10_000_000, 1)).problem == "channels_last"


def test_html_is_escaped() -> None:
    class Evil(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.add_module("<script>alert(1)</script>", nn.Conv1d(4, 4, 3))

        def forward(self, x):
            for module in self.children():
                x = module(x)
            return x

    Evil.__name__ = "<b>Evil</b>"
    for shape in ((2, 4, 9), (2, 9, 4)):
        html = explain(Evil(), shape)._repr_html_()
        assert "<script>" not in html and "<b>" not in html
        assert "&lt;script&gt;" in html and "<table>" in html
    assert "batch 2 × channels 4 × length 9" in explain(nn.Conv1d(4, 4, 3), (2, 4, 9))._repr_html_()


def test_text_names_axes_kernels_and_the_formula_with_its_numbers() -> None:
    text = str(explain(nn.Conv1d(5, 8, 3, stride=2, padding=1, groups=1), (239, 5, 49)))
    assert "batch 239 × channels 5 × length 49" in text
    assert "8 kernels" in text and "shape (5, 3)" in text
    assert "⌊(49 + 1 + 1 − 1·(3 − 1) − 1) / 2⌋ + 1" in text and "= 25" in text
    assert "8·5·3 + 8 biases = 128" in text
    assert "sees 3 samples" in text


def test_receptive_field_of_a_stack_is_that_of_its_gradient() -> None:
    stack = nn.Sequential(nn.Conv1d(1, 1, 3), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(1, 1, 3, dilation=2))
    assert "sees 12 samples" in explain(stack, (1, 1, 60)).text
    linear = nn.Sequential(nn.Conv1d(1, 1, 3), nn.AvgPool1d(2), nn.Conv1d(1, 1, 3, dilation=2))
    x = torch.zeros(1, 1, 60, requires_grad=True)
    linear(x)[0, 0, 5].backward()
    touched = torch.nonzero(x.grad[0, 0])
    assert int(touched.max() - touched.min()) + 1 == 12


def test_a_global_with_the_name_of_an_attribute_is_no_part_of_the_model() -> None:
    names: dict[str, Any] = {"__name__": "learners", "explain": explain, "nn": nn}
    exec(
        "def conv(layer, x):\n"
        "    return explain(layer, x)\n"
        "class Model(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.conv = nn.Conv1d(4, 8, 3)\n"
        "    def forward(self, x):\n"
        "        return self.conv(x)\n",
        names,
    )
    assert names["conv"](names["Model"](), (2, 4, 9)).ok


def test_the_globals_of_a_code_are_those_that_dis_tells() -> None:
    functions = [f for module in (F, dis, copy, inspect) for f in vars(module).values() if inspect.isfunction(f)]
    for code in (code for function in functions for code in _codes(function.__code__)):
        told = {
            step.argval for step in dis.get_instructions(code) if step.opname.endswith(("_GLOBAL", "LOAD_NAME"))
        }
        assert _globals_of(code) == told, code
    assert len(functions) > 100
