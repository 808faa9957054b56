"""A model on a GPU is explained as one on the CPU is, nothing is computed there, and what is not there is found.

Where torch sees a GPU, these tests use it. Elsewhere a tensor that says it is on one takes its place.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from explain_catalogue import ints, values
from explain_models import Written
from test_probes import FAULTS
from torch import nn

from conv1d_tutor import explain, explain_error
from conv1d_tutor.explainer import Explanation, run
from conv1d_tutor.explainer.causes import memory

S = nn.Sequential
REAL = torch.cuda.is_available()
GPU = torch.device("cuda:0")


class Claiming(torch.Tensor):
    """A tensor that says it is on a GPU; its copies do not."""

    @property
    def device(self) -> torch.device:
        return GPU if getattr(self, "_claims", False) else torch.Tensor.device.__get__(self)


def there(value: Any) -> Any:
    """A tensor or a model on the GPU."""
    if REAL:
        return value.to(GPU)
    if isinstance(value, nn.Module):
        for module in value.modules():
            for kept in (module._parameters, module._buffers):
                kept |= {name: there(tensor) for name, tensor in kept.items() if tensor is not None}
        return value
    new = value.detach().as_subclass(Claiming)
    new = nn.Parameter(new, value.requires_grad) if isinstance(value, nn.Parameter) else new
    new._claims = True
    return new


def conv() -> nn.Conv1d:
    return nn.Conv1d(4, 16, 3, padding=1)


X = (6, 4, 30)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with a GPU, which is as it was after each test."""
    monkeypatch.setattr(run, "is_there", lambda: True)
    yield
    if REAL:
        torch.cuda.synchronize()
        assert float(torch.ones(3, device=GPU).sum()) == 3


def codes(found: Explanation) -> set[str]:
    return {note.code for note in found.notes}


# Nothing is computed there


@pytest.mark.parametrize(
    ("build", "x"),
    [
        (lambda: nn.Embedding(10, 4), ints(3, 20, high=40)),
        (lambda: Written(lambda s, x: s.c(s.e(x).mT), e=nn.Embedding(10, 4), c=conv()), ints(3, 20, high=40)),
        (lambda: nn.CrossEntropyLoss(), (values(4, 3), torch.tensor([0, 1, 2, 7]))),
        (
            lambda: Written(lambda s, x: s.c(x).gather(2, torch.full((6, 16, 1), 99, device=x.device)), c=conv()),
            values(*X),
        ),
        (
            lambda: Written(lambda s, x: s.c(x)[:, :, torch.tensor([50], device=x.device)], c=conv()),
            values(*X),
        ),
    ],
    ids=["rows", "rows in a model", "classes", "gather", "index"],
)
def test_an_index_out_of_range_is_told_and_the_gpu_hears_nothing_of_it(build: Callable, x: Any) -> None:
    given = tuple(there(part) for part in x) if isinstance(x, tuple) else there(x)
    plain = explain(build(), x)
    found = explain(there(build()), given)
    assert not found.ok if not plain.ok else found.ok
    assert found.problem == plain.problem and found.text == plain.text


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault[0]}: {fault[1]}")
def test_silent_faults_are_found_on_a_gpu_too(fault: tuple[str, str, Callable, Any]) -> None:
    code, _, build, x = fault
    given = there(x) if isinstance(x, torch.Tensor) else x
    given = tuple(there(part) for part in x) if isinstance(x, tuple) and isinstance(x[0], torch.Tensor) else given
    torch.manual_seed(0)
    assert code in codes(explain(there(build()), given))


def test_what_lies_on_the_gpu_and_its_random_numbers_stay() -> None:
    model = there(S(conv(), nn.BatchNorm1d(16), nn.Dropout(0.5), nn.Conv1d(16, 2, 1)))
    before = {name: value.detach().cpu().clone() for name, value in list(model.state_dict().items())[:5]}
    state = torch.cuda.get_rng_state() if REAL else torch.get_rng_state()
    lies = torch.cuda.memory_allocated() if REAL else 0
    explain(model, there(values(*X)))
    assert all(torch.equal(value, model.state_dict()[name].cpu()) for name, value in before.items())
    assert torch.equal(state, torch.cuda.get_rng_state() if REAL else torch.get_rng_state())
    assert lies == (torch.cuda.memory_allocated() if REAL else 0)


# Where forward sends things


def sends(how: Callable[[Any, torch.Tensor], torch.Tensor], **parts: Any) -> nn.Module:
    return Written(how, c=conv(), **parts)


@pytest.mark.parametrize(
    "how",
    [
        lambda s, x: s.c(x.to("cuda")),
        lambda s, x: s.c(x.to(GPU, torch.float32)),
        lambda s, x: s.c(x.to(device="cuda:0")),
        lambda s, x: s.c(x.cuda()),
        lambda s, x: s.c(x) * torch.ones(30, device="cuda"),
        lambda s, x: s.c(x) * torch.ones(30, device=x.device),
        lambda s, x: s.c(x) * x.new_ones(30),
        lambda s, x: s.c(x) * torch.full((30,), 2.0, device=s.home),
        lambda s, x: s.c(x) + torch.randn_like(x[:, :1]),
        lambda s, x: s.c(x) * torch.tensor(2.0),
        lambda s, x: nn.Conv1d(16, 2, 1, device="cuda")(s.c(x)) if x.is_cuda else s.c(x),
    ],
    ids=lambda how: None,
)
def test_forward_may_name_the_gpu(how: Callable) -> None:
    model = sends(how)
    model.home = GPU
    assert explain(there(model), there(values(*X))).ok
    assert explain(there(model), X).ok
    found = explain(there(model), there(values(6, 30, 4)))
    assert found.fix == "layer(x.permute(0, 2, 1))"


@pytest.mark.parametrize(
    ("build", "shape", "home"),
    [
        (lambda: S(conv(), nn.ReLU(), nn.Conv1d(8, 8, 3)), X, "nn.Conv1d(16, 8, 3).to('cuda:0')"),
        (lambda: nn.Conv1d(2, 8, 3), (6, 1, 30), "nn.Conv1d(1, 8, 3).to('cuda:0')"),
        (lambda: S(nn.Conv1d(4, 8, 3), nn.Flatten(0), nn.Linear(224, 2)), X, "nn.Flatten()"),
    ],
    ids=["inside", "alone", "without weights"],
)
def test_a_new_layer_is_where_the_model_is(build: Callable, shape: tuple[int, ...], home: str) -> None:
    model, x = there(build()), there(values(*shape))
    found = explain(model, x)
    written = [fix.expression for fix in found.fixes]
    assert any(home in expression for expression in written), written
    assert "Flatten().to" not in found.text
    for expression in written if REAL else ():
        eval(expression, {"layer": there(build()), "x": x, "torch": torch, "nn": nn})
    assert "cuda" not in explain(build(), values(*shape)).text


def test_a_layer_that_the_model_has_stays_where_it_is() -> None:
    model = there(S(conv(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.BatchNorm1d(16)))
    assert explain(model, there(values(1, 4, 30))).fix == "layer.eval()(x)"
    assert all(module.training for module in model.modules())


def test_forward_that_needs_numbers_has_them_on_the_cpu() -> None:
    model = sends(lambda s, x: s.c(x.to("cuda")) if float(x.sum()) > 0 else s.c(x))
    found = explain(there(model), there(values(*X)))
    assert found.ok and "values_used" in codes(found)


def masked() -> nn.Module:
    model = sends(lambda s, x: s.c(x) * s.mask)
    object.__setattr__(model, "mask", torch.ones(30))
    return model


class Packing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.c, self.l = conv(), nn.LSTM(16, 8, batch_first=True)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(self.c(x).mT, lengths, batch_first=True)
        return self.l(packed)[0].data


APART: list[tuple[str, Callable[[], nn.Module], str]] = [
    ("made without saying where", lambda: sends(lambda s, x: s.c(x) + torch.zeros(30)), "cuda:0 and cpu"),
    ("kept as a plain tensor", masked, "cuda:0 and cpu"),
    (
        "a state",
        lambda: sends(
            lambda s, x: s.l(s.c(x).mT, 2 * (torch.zeros(1, 6, 8),))[0], l=nn.LSTM(16, 8, batch_first=True)
        ),
        "hidden tensor at cpu",
    ),
    (
        "signal",
        lambda: sends(lambda s, x: s.c(torch.zeros(6, 4, 30))),
        "conv1d is given tensors on cpu and cuda:0",
    ),
    ("joined", lambda: sends(lambda s, x: torch.cat([s.c(x), torch.zeros(6, 1, 30)], 1)), "cuda:0 and cpu"),
    ("to NumPy", lambda: sends(lambda s, x: torch.from_numpy(s.c(x).detach().numpy())), ".detach().cpu().numpy()"),
]


@pytest.mark.parametrize(("build", "words"), [case[1:] for case in APART], ids=[case[0] for case in APART])
@pytest.mark.parametrize("is_shape", [True, False])
def test_what_is_not_on_the_gpu_is_found(build: Callable, words: str, is_shape: bool) -> None:
    found = explain(there(build()), X if is_shape else there(values(*X)))
    assert found.problem == "device" and found.fix is None and words in found.text
    assert ("device=x.device" in found.text) is ("NumPy" not in found.text)
    assert explain(build(), X if is_shape else values(*X)).ok


def test_lengths_stay_on_the_cpu() -> None:
    lengths = torch.tensor([30, 20, 10, 5, 5, 5])
    found = explain(there(Packing()), (there(values(*X)), there(lengths)))
    assert found.problem == "device" and "lengths.cpu()" in found.text
    assert explain(Packing(), (values(*X), lengths)).ok


def steps_on(s: Any, x: torch.Tensor) -> torch.Tensor:
    return s.l((s.c(x) + torch.zeros(30)).mT)[0][:, -1]


def test_the_default_device_is_where_forward_makes_tensors() -> None:
    model, x = there(sends(steps_on, l=nn.LSTM(16, 8))), there(values(*X))
    assert explain(model, x).problem == "device"
    with torch.device(GPU):
        found = explain(model, x)
        assert torch.get_default_device() == GPU
    assert found.ok and codes(found) == {"batch_first"}
    assert torch.get_default_device().type == "cpu"


# The data are elsewhere


def test_inputs_on_different_devices() -> None:
    far, here = there(torch.zeros(4, 3)), torch.zeros(4, 3)
    found = explain(nn.MSELoss(), (far, here))
    assert found.problem == "device" and "cpu and cuda:0" in found.text
    assert found.fix == "layer(*(a.to('cuda:0') for a in x))"
    assert explain(nn.Bilinear(3, 3, 2), (far, here)).fix == "layer(*(a.to('cpu') for a in x))"
    assert explain(nn.Linear(3, 2), far).fix == "layer(x.to('cpu'))"
    assert explain(nn.MSELoss(), (here, here)).ok


def test_what_is_wrong_besides_the_device_is_told_with_it() -> None:
    found = explain(nn.Conv1d(5, 8, 3), there(values(239, 49, 5)))
    assert found.problem == "device" and "cuda:0" in found.text
    assert found.fix == "layer(x.to('cpu').permute(0, 2, 1))"
    assert [fix.expression for fix in found.fixes] == [found.fix] and found.fix in found.text
    assert explain(nn.Conv1d(5, 8, 3), there(values(239, 5, 49))).fix == "layer(x.to('cpu'))"


def test_an_array_becomes_a_tensor_on_its_way() -> None:
    model = there(nn.Conv1d(5, 8, 3))
    x = values(239, 5, 49)
    assert explain(model, x.numpy()).fix == "layer(torch.as_tensor(x).to('cuda:0'))"
    assert explain(model, x.mT.numpy()).fix == "layer(torch.as_tensor(x).to('cuda:0').permute(0, 2, 1))"
    assert explain(model, x).fix == "layer(x.to('cuda:0'))"


def test_a_weight_of_a_function_on_another_device() -> None:
    found = explain(torch.ones(8, 5, 3), there(values(2, 5, 49)))
    assert found.problem == "device" and found.fix == "F.conv1d(x.to(layer.device), layer)"
    found = explain(torch.ones(5), there(values(100)))
    assert found.fix == "F.conv1d(x.to(layer.device).reshape(1, 1, -1), layer.reshape(1, 1, -1))"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
            "register",
        ),
        ("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy", ".detach().cpu().numpy()"),
    ],
)
def test_where_only_the_error_shows_it_its_words_are_explained(said: str, words: str) -> None:
    class Library(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if getattr(x, "_claims", type(x) is torch.Tensor and x.is_cuda):
                torch._assert(False, said)  # as a function of torch would
            return x + 1

    with pytest.raises(AssertionError) as raised:
        Library()(there(values(*X)))
    found = explain_error(raised.value)
    assert found is not None and found.problem == "device" and words in found.text and said in found.text


def test_a_failure_that_is_told_late(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously reported"

    def fails(*args: Any) -> None:
        raise torch.AcceleratorError(said)

    with pytest.raises(torch.AcceleratorError) as raised:
        fails()
    found = explain_error(raised.value)
    assert found.problem == "told_late" and found.fix is None
    assert "AcceleratorError: CUDA error: device-side assert triggered\n" in found.text
    assert "restart the kernel" in found.text
    # A device that has failed gives no random numbers and no values; its shapes are still there.
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_rng_state_all", fails)
    assert explain(nn.Conv1d(5, 8, 3), (239, 49, 5)).fix == "layer(x.permute(0, 2, 1))"
    monkeypatch.setattr(Claiming, "max", fails)
    assert REAL or explain(there(nn.Embedding(10, 4)), there(ints(3, 20))).problem == "told_late"


def test_memory_is_that_of_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    assert explain(there(nn.Conv1d(4, 64, 3)), (64, 4, 200_000)).ok
    monkeypatch.setattr(memory, "_memory", lambda subject: (1 << 30, "cuda:0"))
    found = explain(there(nn.Conv1d(4, 64, 3)), (64, 4, 200_000))
    assert found.problem == "memory" and "cuda:0 has 1.0 GB" in found.text
