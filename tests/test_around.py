"""What surrounds a Conv1d is explained: losses, tables of positions, layers in a list, arguments out of place."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from explain_catalogue import ints, values
from explain_models import Written
from torch import nn

from conv1d_tutor import explain, explain_error
from conv1d_tutor.explainer import Explanation

S = nn.Sequential


def value(expression: str, layer: Any, x: Any) -> Any:
    """What an expression computes, where every new layer begins with the same numbers."""
    torch.manual_seed(0)
    return eval(expression, {"layer": layer, "x": x, "torch": torch, "nn": nn, "F": F})


def equal(got: Any, meant: Any) -> bool:
    return got.shape == meant.shape and torch.allclose(got, meant, atol=1e-5)


def is_a_reading(found: Explanation, expression: str) -> bool:
    """Whether an expression is told as one of several."""
    return found.fix is None and expression in [fix.expression for fix in found.fixes] and expression in found.text


# Losses and targets


def class_numbers(*shape: int, classes: int) -> torch.Tensor:
    return torch.arange(torch.Size(shape).numel()).reshape(shape) % classes


def one_hot(*shape: int, classes: int) -> torch.Tensor:
    return F.one_hot(class_numbers(*shape, classes=classes), classes)


TARGETS = {
    "one-hot": ((6, 9, 18), one_hot(6, 18, classes=9).mT, "layer(x[0], x[1].argmax(1))"),
    "one-hot of one step": ((8, 5), one_hot(8, classes=5), "layer(x[0], x[1].argmax(1))"),
    "one-hot, target turned": ((6, 9, 18), one_hot(6, 18, classes=9), "layer(x[0], x[1].argmax(2))"),
    "one-hot, both turned": (
        (6, 18, 9),
        one_hot(6, 18, classes=9),
        "layer(x[0].permute(0, 2, 1), x[1].argmax(2))",
    ),
    "an axis of one": ((8, 5, 20), class_numbers(8, 1, 20, classes=5), "layer(x[0], x[1].squeeze(1))"),
    "column of floats": ((8, 5), class_numbers(8, 1, classes=5).float(), "layer(x[0], x[1].squeeze(1).long())"),
    "int32": ((8, 5), class_numbers(8, classes=5).int(), "layer(x[0], x[1].long())"),
    "time first": ((20, 8, 5), class_numbers(8, 20, classes=5), "layer(x[0].permute(1, 2, 0), x[1])"),
    "joined prediction": ((160, 5), class_numbers(8, 20, classes=5), "layer(x[0], x[1].flatten())"),
    "a padding of -1": ((8, 5), class_numbers(8, classes=5) - (torch.arange(8) == 0).long(), None),
}


@pytest.mark.parametrize(("shape", "target", "meant"), TARGETS.values(), ids=TARGETS)
def test_a_target_is_brought_to_class_numbers(shape: tuple, target: torch.Tensor, meant: str | None) -> None:
    loss, x = nn.CrossEntropyLoss(), (values(*shape), target)
    with pytest.raises((RuntimeError, IndexError, ValueError)):
        loss(*x)
    found = explain(loss, x)
    assert found.fix == (meant or "nn.CrossEntropyLoss(ignore_index=-1)(*x)")
    assert value(found.fix, loss, x).isfinite()


def test_yes_or_no_targets_become_floats_and_class_numbers_have_two_readings() -> None:
    loss, x = nn.BCEWithLogitsLoss(), (values(8, 5), class_numbers(8, 5, classes=2))
    assert explain(loss, x).fix == "layer(x[0], x[1].to(x[0].dtype))"
    x = (values(8, 5), class_numbers(8, classes=5))
    found = explain(loss, x)
    assert is_a_reading(found, "nn.CrossEntropyLoss()(x[0], x[1].long())")
    assert is_a_reading(found, "layer(x[0], F.one_hot(x[1].long(), 5).to(x[0].dtype))")


def test_several_ones_are_not_taken_for_one_hot() -> None:
    target = torch.tensor([[1, 1, 0], [0, 1, 1]])
    found = explain(nn.CrossEntropyLoss(), (values(2, 3), target))
    assert found.fix is None and "argmax" not in found.text
    assert is_a_reading(found, "nn.BCEWithLogitsLoss()(x[0], x[1].to(x[0].dtype))")


def test_lengths_of_a_ctc_loss() -> None:
    loss, targets, ones = nn.CTCLoss(), class_numbers(4, 10, classes=19) + 1, torch.ones(4).long()
    log_probs = values(50, 4, 20).log_softmax(2)
    right = loss(log_probs, targets, 50 * ones, 10 * ones)
    for given, lengths in ((log_probs.transpose(0, 1), 50), (log_probs.permute(1, 2, 0), 50), (log_probs, 200)):
        x = (given, targets, lengths * ones, 10 * ones)
        found = explain(loss, x)
        assert found.problem == "ctc_lengths"
        assert equal(value(found.fix, loss, x), right)
    assert explain(loss, (log_probs, targets, [50] * 4, [10] * 4)).ok
    found = explain(loss, (log_probs, targets, 50 * ones[:3], 10 * ones))
    assert found.fix is None and "here 3 and 4" in found.text


# Tables of positions


class Positions(nn.Module):
    """A convolution, and a table of positions that is always added whole."""

    def __init__(self, conv: nn.Conv1d, rows: int, turned: bool = False) -> None:
        super().__init__()
        self.conv, self.turned = conv, turned
        size = (conv.out_channels, rows) if turned else (rows, conv.out_channels)
        self.table = nn.Parameter(values(1, *size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.conv(x)
        return (h if self.turned else h.transpose(1, 2)) + self.table


@pytest.mark.parametrize(
    ("model", "shape", "length"),
    [
        (Positions(nn.Conv1d(8, 16, 3, stride=2, padding=1), 150), (1, 8, 100), 300),
        (Positions(nn.Conv1d(8, 16, 3, stride=2, padding=1), 150, turned=True), (2, 8, 40), 300),
        (Positions(nn.Conv1d(1, 4, 10, stride=5), 64), (2, 1, 100), 325),
        (Positions(nn.Conv1d(4, 6, 1), 128), (3, 4, 50), 128),
    ],
)
def test_positions_are_met_by_padding_or_by_fewer_rows(model: Positions, shape: tuple, length: int) -> None:
    x = values(*shape)
    found = explain(model, x)
    assert found.problem == "fixed_positions"
    assert is_a_reading(found, f"layer(F.pad(x, (0, {length - shape[-1]})))")
    steps = model.conv(x).shape[-1]
    part = f"[:, :, :{steps}]" if model.turned else f"[:, :{steps}]"
    assert is_a_reading(found, f"(setattr(layer, 'table', nn.Parameter(layer.table{part})), layer(x))[-1]")


def test_more_steps_than_rows_are_not_cut_without_a_word() -> None:
    found = explain(Positions(nn.Conv1d(4, 6, 1), 128), (3, 4, 200))
    assert is_a_reading(found, "layer(F.pad(x, (0, -72)))")


# An argument in the place of another


@pytest.mark.parametrize(
    ("model", "shape", "meant"),
    [
        (S(nn.Conv1d(4, 6, 9, 170), nn.GLU(1), nn.Conv1d(3, 8, 9)), (1, 4, 800), nn.Conv1d(4, 6, 9, padding=170)),
        (S(nn.Conv1d(6, 8, 5, 64), nn.ReLU(), nn.MaxPool1d(4)), (2, 6, 128), nn.Conv1d(6, 8, 5, padding=64)),
        (S(nn.Conv1d(2, 4, 3, 30), nn.Conv1d(4, 4, 9)), (2, 2, 99), nn.Conv1d(2, 4, 3, padding=30)),
    ],
)
def test_a_padding_in_the_place_of_the_stride(model: nn.Module, shape: tuple, meant: nn.Conv1d) -> None:
    x = values(*shape)
    found = explain(model, x)
    assert found.problem == "misplaced_argument"
    assert repr(eval(found.fix.split("'0', ")[1].split("),")[0], {"nn": nn})) == repr(meant)
    assert value(found.fix, model, x).shape[-1] > 60


def test_a_usual_stride_is_not_taken_for_a_padding() -> None:
    for layer, shape in ((nn.Conv1d(1, 8, 9, 4), (4, 1, 7)), (nn.Conv1d(1, 8, 4, 8), (4, 1, 3))):
        assert "fourth argument" not in explain(layer, shape).text


# Layers that the model does not know


class Listed(nn.Module):
    """Layers in a plain container."""

    def __init__(self, make: Callable, head: nn.Module) -> None:
        super().__init__()
        self.convs, self.head = make([nn.Conv1d(4, 4, 3, padding=1) for _ in range(2)]), head

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for conv in self.convs.values() if hasattr(self.convs, "values") else self.convs:
            x = conv(x)
        return self.head(x)


def as_dict(layers: list) -> dict:
    return {f"l{number}": layer for number, layer in enumerate(layers)}


@pytest.mark.parametrize(("make", "home"), [(list, "List"), (tuple, "List"), (as_dict, "Dict")])
@pytest.mark.parametrize("double_input", [True, False])
def test_layers_in_a_plain_container_are_registered(make: Callable, home: str, double_input: bool) -> None:
    model = Listed(make, nn.Conv1d(4, 2, 1)).double()
    x = values(2, 4, 9).double() if double_input else values(2, 4, 9)
    found = explain(model, x)
    assert found.problem == "not_registered"
    assert f"nn.Module{home}(layer.convs)" in found.fix
    assert value(found.fix, model, x).dtype == torch.float64
    assert len(list(model.parameters())) == 6


def test_layers_in_a_list_that_stayed_on_another_device() -> None:
    model = Listed(list, nn.Conv1d(4, 2, 1)).to("meta")
    found = explain(model, values(2, 4, 9))
    assert found.problem == "device" and "self.convs = nn.ModuleList(self.convs)" in found.text


def test_a_registered_layer_of_another_dtype_is_no_stray() -> None:
    model = Written(lambda s, x: s.b(s.a(x)), a=nn.Conv1d(4, 4, 3).double(), b=nn.Conv1d(4, 2, 1))
    assert explain(model, values(2, 4, 9)).problem == "dtype"


# Products that forward writes

PRODUCTS = [
    (lambda s, x: x @ s.w, (6, 4), "(6, 4) has 4 there, (5, 3) has 5."),
    (lambda s, x: x @ s.w.mT, (2, 6, 4), "(2, 6, 4) has 4 there, (3, 5) has 3."),
    (lambda s, x: x @ x, (2, 6, 4), "Turned, they fit: first @ second.mT or first.mT @ second."),
    (lambda s, x: torch.bmm(x, s.w.expand(2, 5, 3)), (2, 5, 4), "Turned, they fit: first.mT @ second."),
    (lambda s, x: torch.bmm(x, x[:1].mT), (2, 6, 4), "both must have as many: (2, 6, 4) has 2, (1, 4, 6) has 1."),
    (lambda s, x: x[0] @ s.w[0], (2, 6, 4), "(6, 4) has 4 there, (3,) has 3."),
    (lambda s, x: x[0, 0] @ s.w[0], (2, 6, 4), "(4,) has 4 there, (3,) has 3."),
    (lambda s, x: torch.addmm(s.w, x[0], x[1]), (2, 6, 4), "(6, 4) has 4 there, (6, 4) has 6."),
    (lambda s, x: torch.einsum("bij,bjk->bik", x, x), (2, 6, 4), "j is 4, and in another operand 6."),
]


@pytest.mark.parametrize(("forward", "shape", "words"), PRODUCTS)
def test_a_product_that_forward_writes(forward: Callable, shape: tuple[int, ...], words: str) -> None:
    model = Written(forward)
    model.w = nn.Parameter(torch.zeros(5, 3))
    found = explain(model, shape)
    with pytest.raises(RuntimeError) as raised:
        model(torch.zeros(shape))
    assert found.problem == "product_sizes" and words in found.text
    assert " ".join(str(raised.value).split()) in found.text and "in_features" not in found.text


# A loss that forward computes


class Trained(nn.Module):
    """Computes its own loss, of three classes for each step or of one score for each case."""

    def __init__(self, judge: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.conv, self.fc, self.judge = nn.Conv1d(4, 8, 3, padding=1), nn.Linear(8, 3), judge

    def forward(self, x, y):
        return self.judge(self.fc(self.conv(x).permute(0, 2, 1)), y)


@pytest.mark.parametrize(
    ("judge", "y", "meant"),
    [
        (F.cross_entropy, ints(2, 9, high=3), lambda p, y: F.cross_entropy(p.mT, y)),
        (
            lambda p, y: F.cross_entropy(p.mT, y),
            ints(2, 1, 9, high=3),
            lambda p, y: F.cross_entropy(p.mT, y[:, 0]),
        ),
        (
            lambda p, y: F.cross_entropy(p.mean(1), y),
            torch.eye(3)[:2].long(),
            lambda p, y: F.cross_entropy(p.mean(1), y.argmax(1)),
        ),
        (
            lambda p, y: F.binary_cross_entropy_with_logits(p.mean(1)[:, :1], y),
            torch.tensor([0.0, 1.0]),
            lambda p, y: F.binary_cross_entropy_with_logits(p.mean(1)[:, 0], y),
        ),
    ],
    ids=["classes last", "an axis too many", "one-hot", "an axis too few"],
)
def test_a_loss_in_forward_and_its_target(judge: Any, y: torch.Tensor, meant: Any) -> None:
    model, x = Trained(judge).eval(), (values(2, 4, 9), y)
    found = explain(model, x)
    assert found.problem == "loss_shapes" and found.fix, found.text
    wanted = meant(model.fc(model.conv(x[0]).permute(0, 2, 1)), y)
    assert torch.allclose(eval(found.fix, {"layer": copy.deepcopy(model), "x": x, "torch": torch}), wanted)


# Errors, by what was asked of torch


def error_of(call: Callable[[], Any]) -> Explanation:
    """What is said to the error that a call raises."""
    try:
        call()
    except Exception as error:
        found = explain_error(error)
        assert found is not None, error
        return found
    raise AssertionError("torch refuses nothing")


def error_in(code: str, **names: Any) -> Explanation:
    """The same for code whose source is not known."""
    names |= {"torch": torch, "nn": nn, "F": F}
    return error_of(lambda: exec(compile(code, "<no source>", "exec"), names))


FUNCTIONS = [
    ("F.conv1d(x, layer)", (1, 1, 24, 26), (1, 1, 5, 1), "F.conv2d(x, layer)"),
    ("F.conv1d(x, layer, None, 2)", (2, 49, 5), (8, 5, 3), "F.conv1d(x.permute(0, 2, 1), layer, stride=2)"),
    ("F.conv1d(x, layer)", (2, 1, 5), (1, 1, 99), "F.conv1d(layer, x)"),
    ("F.conv1d(x, layer)", (3, 4, 50), (4, 1, 5), "F.conv1d(x, layer, groups=4)"),
    ("torch.conv1d(x, layer)", (3, 4, 50), (1, 1, 5), "F.conv1d(x, layer.expand(4, -1, -1), groups=4)"),
    (
        "F.conv_transpose1d(x, layer, stride=2)",
        (2, 9, 6),
        (6, 4, 4),
        "F.conv_transpose1d(x.permute(0, 2, 1), layer, stride=2)",
    ),
    ("F.conv_transpose1d(x, layer)", (2, 4, 9), (6, 4, 3), "F.conv_transpose1d(x, layer.transpose(0, 1))"),
    ("F.conv1d(input=x, weight=layer)", (100,), (5,), "F.conv1d(x.reshape(1, 1, -1), layer.reshape(1, 1, -1))"),
]


@pytest.mark.parametrize(
    ("call", "x", "layer", "meant"), FUNCTIONS, ids=[case[0] + str(case[1]) for case in FUNCTIONS]
)
def test_functions_of_bare_tensors_are_read_like_layers(call: str, x: tuple, layer: tuple, meant: str) -> None:
    x, layer = values(*x), values(*layer)
    found = error_in(call, x=x, layer=layer)
    assert (found.fix or found.fixes[0].expression) == meant
    value(meant, layer, x)


def test_a_call_with_its_source_is_mended_in_its_own_words() -> None:
    signal, kernels = values(2, 49, 5), {"low": values(8, 5, 3)}
    found = error_of(lambda: F.conv1d(signal, kernels["low"], stride=2))
    assert found.fix == "F.conv1d(signal.permute(0, 2, 1), kernels['low'], stride=2)"
    found = error_of(lambda: F.conv1d(signal.float().unsqueeze(0), kernels["low"]))
    assert "signal.float().unsqueeze(0)" in found.text


def test_nothing_of_the_users_runs_again_to_read_a_call() -> None:
    seen = []

    def made() -> torch.Tensor:
        seen.append(1)
        return values(2, 49, 5)

    weight = values(8, 5, 3)
    try:
        F.conv1d(made(), weight)
    except RuntimeError as error:
        assert explain_error(error) is None
    assert seen == [1]


def test_losses_and_pools_called_as_functions_and_layers_called_by_keyword() -> None:
    logits, hot = values(6, 9, 18), one_hot(6, 18, classes=9).mT
    found = error_in("F.cross_entropy(logits, hot)", logits=logits, hot=hot)
    assert found.problem == "loss_shapes" and found.fix == "layer(x[0], x[1].argmax(1))"
    assert error_in("F.max_pool1d(x, 9)", x=values(2, 4, 5)).problem == "input_too_short"
    found = error_in("layer(input=x)", layer=nn.Conv1d(5, 8, 3), x=values(2, 49, 5))
    assert found.problem == "channels_last"


@pytest.mark.parametrize("function", [F.conv1d, F.conv_transpose1d])
def test_a_function_inside_forward_is_read_like_a_layer(function: Callable) -> None:
    model = Written(lambda s, x: function(x, s.kernel, stride=2))
    model.kernel = nn.Parameter(values(5, 5, 3))
    assert explain(model, (2, 5, 49)).ok
    assert explain(model, (2, 49, 5)).fix == "layer(x.permute(0, 2, 1))"


# Checkpoints


def normed(layer: nn.Module) -> nn.Module:
    return nn.utils.parametrizations.weight_norm(layer)


def stack(hidden: int, classes: int = 10, wrap: Callable = lambda layer: layer) -> nn.Module:
    return S(
        wrap(nn.Conv1d(3, hidden, 9, padding=4)),
        nn.BatchNorm1d(hidden),
        nn.ConvTranspose1d(hidden, 2 * hidden, 4, 2),
        nn.GRU(4, hidden),
        nn.Linear(hidden, classes),
    )


def test_a_checkpoint_of_other_sizes_tells_how_its_model_was_built() -> None:
    for wrap in (lambda layer: layer, normed):
        saved, model = stack(16, wrap=wrap).state_dict(), stack(96, wrap=wrap)
        found = error_in("layer.load_state_dict(saved)", layer=model, saved=saved)
        assert found.problem == "state_dict" and "96" in found.text
        assert "nn.Conv1d(3, 16, 9, padding=4)" in found.text
        eval(found.fix, {"layer": model, "saved": saved, "torch": torch, "nn": nn})
        assert all(torch.equal(value, saved[key]) for key, value in model.state_dict().items())


def test_another_head_may_be_meant() -> None:
    found = explain(stack(8, classes=5), stack(8).state_dict())
    assert found.fix is None and "only '4' differs" in found.text and len(found.fixes) == 2


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "net.encoder."])
def test_names_with_a_beginning_are_given_without_it_and_back(prefix: str) -> None:
    model, saved = stack(4), stack(4).state_dict()
    longer = {prefix + key: value for key, value in saved.items()}
    for x in (longer, {"epoch": 3, "state_dict": longer}):
        found = explain(model, x)
        value(found.fix, model, x)
        assert all(torch.equal(one, saved[key]) for key, one in model.state_dict().items())


@pytest.mark.parametrize(("mine", "saved"), [(True, False), (False, True)])
def test_weight_norm_in_only_one_of_the_two(mine: bool, saved: bool) -> None:
    model = stack(4, wrap=normed if mine else lambda layer: layer)
    state = stack(4, wrap=normed if saved else lambda layer: layer).state_dict()
    found = explain(model, state)
    value(found.fix, model, state)
    assert set(model.state_dict()) == set(state)


def test_a_checkpoint_that_fits_and_a_dict_that_is_an_input() -> None:
    assert explain(stack(4), stack(4).state_dict()).ok
    assert explain(nn.Conv1d(2, 4, 3), {"input": values(1, 2, 9)}).ok


# The backward pass


def adding(s: Any, x: torch.Tensor) -> torch.Tensor:
    h = s.a(x)
    h += s.b(h)
    return h


def setting(s: Any, x: torch.Tensor) -> torch.Tensor:
    h = s.b(s.a(x))
    h[:, :, 0] = 0
    return h


def scaling(s: Any, x: torch.Tensor) -> torch.Tensor:
    h = s.b(s.a(x))
    h.mul_(2)
    return h


def conv() -> nn.Conv1d:
    return nn.Conv1d(4, 4, 3, padding=1)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Written(adding, a=conv(), b=conv()), "Write: h = h + s.b(h)"),
        (Written(setting, a=conv(), b=nn.Sigmoid()), "h = h.clone()"),
        (Written(scaling, a=conv(), b=nn.Tanh()), "Write mul for mul_"),
        (S(conv(), nn.Sigmoid(), nn.ReLU(inplace=True)), "inplace=True"),
    ],
)
def test_the_line_that_writes_over_what_the_backward_pass_needs(model: nn.Module, words: str) -> None:
    x = values(2, 4, 9)
    found = error_of(lambda: model(x).sum().backward())
    assert found.problem == "inplace" and words in found.text
    right = model(x)
    mended = value(found.fix, model, x)
    assert equal(mended, right)
    mended.sum().backward()


def test_other_errors_of_a_backward_pass() -> None:
    assert error_of(lambda: values(3).sum().backward()).problem == "backward"
    loss = values(3).requires_grad_().pow(2).sum()
    loss.backward()
    assert "a second time" in error_of(lambda: loss.backward()).text


# Batches, arrays, memory


@pytest.mark.parametrize(
    ("shapes", "meant"),
    [
        ([(50, 4), (37, 4), (44, 4)], 50),
        ([(4, 50), (4, 37)], 50),
        ([(20,), (31,)], 31),
        ([(1, 2, 9), (1, 2, 8)], 9),
    ],
)
def test_cases_of_unequal_length_are_padded_on_the_axis_that_differs(shapes: list, meant: int) -> None:
    cases = [values(*shape) for shape in shapes]
    found = error_of(lambda: torch.utils.data.default_collate(cases))
    assert found.problem == "unequal_lengths"
    batch = value(found.fixes[0].expression, None, cases)
    assert len(batch) == len(cases) and meant in batch.shape[1:]
    for case, row in zip(cases, batch, strict=True):
        assert torch.equal(row[tuple(slice(size) for size in case.shape)], case)


def test_cases_that_differ_in_more_than_their_length_are_only_told() -> None:
    found = error_of(lambda: torch.stack([values(5, 4), values(6, 3)]))
    assert found.fix is None and "(5, 4) and (6, 3)" in found.text


def test_packed_sequences_are_unpacked_and_turned() -> None:
    packed = nn.utils.rnn.pack_sequence([values(9, 4), values(5, 4)])
    for model in (nn.Conv1d(4, 8, 3), S(nn.Conv1d(4, 8, 3), nn.ReLU())):
        assert tuple(value(explain(model, packed).fix, model, packed).shape) == (2, 8, 7)
        assert error_of(lambda model=model: model(packed)).problem == "packed_sequence"
    assert explain(nn.LSTM(4, 2), packed).ok


def test_arrays_become_tensors() -> None:
    layer = nn.Conv1d(4, 8, 3)
    assert error_of(lambda: layer(values(2, 4, 9).numpy())).fix == "layer(torch.as_tensor(x))"
    assert error_of(lambda: layer(values(2, 4, 9).double().numpy())).fix == "layer(torch.as_tensor(x).float())"


def test_a_tensor_larger_than_the_memory_is_named_before_it_is_made() -> None:
    model = Written(lambda s, x: torch.softmax(s.a(x).mT @ x, -1), a=nn.Conv1d(4, 4, 1))
    found = explain(model, (1, 4, 9_000_000))
    assert found.problem == "memory" and "square" in found.text and "(1, 9000000, 9000000)" in found.text
    assert found.fix is None and "x.split(" in found.fixes[0].expression
    assert explain(model, (1, 4, 900)).ok


def test_a_copy_of_weight_norm_is_told_with_its_layer() -> None:
    with pytest.warns(FutureWarning):
        model = S(nn.utils.weight_norm(nn.Conv1d(2, 4, 3)))
    found = error_of(lambda: copy.deepcopy(model))
    assert found.problem == "copied_weight" and "'0'" in found.text


# Rules of the model's own, and traces


def mono(s: Any, x: torch.Tensor) -> torch.Tensor:
    if x.shape[2] != 1:
        raise ValueError(f"only mono, not {x.shape[2]} channels")
    return s.conv(x.permute(0, 2, 1))


def asserted(s: Any, x: torch.Tensor) -> torch.Tensor:
    assert x.dim() == 3 and x.shape[1] == s.conv.in_channels, "channels first"
    return s.conv(x)


def test_the_turn_that_satisfies_a_rule_is_told_with_the_rule() -> None:
    model = Written(mono, conv=nn.Conv1d(1, 4, 5))
    assert explain(model, (3, 1, 99)).fix == "layer(x.permute(0, 2, 1))"
    assert "if x.shape[2] != 1: raise" in explain(model, (3, 1, 99)).text
    model = Written(asserted, conv=nn.Conv1d(6, 4, 5))
    assert "layer(x.permute(0, 2, 1))" in explain(model, (3, 99, 6)).text
    assert error_of(lambda: model(values(3, 99, 6))).problem in ("own_rule", "channels_last")


def test_where_no_turn_satisfies_a_rule_it_is_told_what_decides() -> None:
    found = explain(Written(mono, conv=nn.Conv1d(1, 4, 5)), (3, 99, 59))
    assert found.fix is None and found.fixes == []
    assert "(3, 99, 1)" in found.text and "what decides is where x comes from" in found.text


class Flattening(nn.Module):
    """A forward that makes a Python number of the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv1d(5, 8, 3), nn.Linear(8 * 18, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.conv(x).reshape(int(x.shape[0]), -1))


@pytest.mark.filterwarnings("ignore")
def test_a_trace_that_keeps_its_batch_takes_as_many_cases_at_a_time() -> None:
    model = Flattening()
    traced, x = torch.jit.trace(model, values(3, 5, 20)), values(6, 5, 20)
    found = explain(traced, x)
    assert found.problem == "traced_batch" and "traced with (3, 5, 20)" in found.text
    assert found.fix is None and equal(value(found.fixes[0].expression, traced, x), model(x))
    assert explain(traced, values(4, 5, 20)).fixes == []
    assert explain(traced, values(3, 5, 20)).ok


# Norms of one value


def test_a_norm_of_one_value_has_readings_and_no_fix() -> None:
    for norm in (nn.InstanceNorm1d(8), nn.GroupNorm(8, 8)):
        found = explain(S(nn.Conv1d(4, 8, 3), nn.AdaptiveAvgPool1d(1), norm), (1, 4, 9))
        assert found.problem == "one_value_in_a_group" and found.fix is None and found.fixes


@pytest.mark.parametrize("pool", [nn.MaxPool1d, nn.AvgPool1d])
def test_a_window_as_long_as_another_axis_has_two_readings(pool: type) -> None:
    found = explain(pool(60), (4, 60, 20))
    assert found.problem == "misplaced_argument"
    assert is_a_reading(found, "layer(x.permute(0, 2, 1))") and is_a_reading(found, f"nn.{pool.__name__}(20)(x)")
    assert "as long as axis 1" not in explain(pool(30), (4, 60, 20)).text
