"""`explain` runs nothing of the user's and changes nothing: whatever forward does, the process is as it was."""

import collections
import dataclasses
import functools
import io
import os
import random
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from explain_catalogue import values
from torch import nn

from conv1d_tutor import explain
from conv1d_tutor.explainer.run import Subject

RIGHT, TURNED = (2, 4, 9), (2, 9, 4)


class Forward(nn.Module):
    """A model whose forward is a function of the model and its input."""

    def __init__(self, code: Callable, **attributes: Any) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv1d(4, 4, 3), nn.BatchNorm1d(4)
        self.code = code
        for name, value in attributes.items():
            setattr(self, name, value)

    def forward(self, x):
        return self.norm(self.conv(self.code(self, x)))


def doing(action: Callable[[], Any]) -> nn.Module:
    """A model whose forward does something besides."""

    def code(model: nn.Module, x: torch.Tensor) -> torch.Tensor:
        action()
        return x

    return Forward(code)


def explained(model: nn.Module) -> None:
    """Explain a right and a wrong input, on shapes and with numbers."""
    for shape in (RIGHT, TURNED):
        assert explain(model, shape).ok is (shape is RIGHT)
        assert explain(model, values(*shape)).ok is (shape is RIGHT)
        Subject(model, (values(*shape),), "x", False).computed((values(*shape),))


# What is copied


def test_bound_methods_run_on_the_copy() -> None:
    model = Forward(lambda self, x: x)
    calls = []
    model.conv.register_forward_hook(lambda *args: calls.append(args))

    def forward(self, x):
        return self.norm(self.conv(x))

    model.forward = types.MethodType(forward, model)
    model.act = model.norm.forward
    before = {name: value.clone() for name, value in model.state_dict().items()}
    explained(model)
    assert calls == []
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name


@pytest.mark.parametrize("make", ["partial", "lambda", "global", "method of a helper"])
def test_whatever_leads_to_the_model_leads_to_the_copy(make: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = nn.Sequential(nn.Conv1d(4, 4, 3), nn.BatchNorm1d(4))
    calls = []
    model[0].register_forward_hook(lambda *args: calls.append(args))

    def through(self, x):
        return self[1](self[0](x))

    class Helper:
        def __init__(self, of):
            self.of = of

        def __call__(self, x):
            return through(self.of, x)

    monkeypatch.setitem(globals(), "GLOBAL", model)
    model.forward = {
        "partial": functools.partial(through, model),
        "lambda": lambda x: through(model, x),
        "global": eval("lambda x: GLOBAL[1](GLOBAL[0](x))", globals()),
        "method of a helper": Helper(model).__call__,
    }[make]
    explained(model)
    assert calls == []
    assert model[1].num_batches_tracked == 0
    assert torch.equal(model[1].running_mean, torch.zeros(4))


@dataclasses.dataclass
class Record:
    calls: int = 0
    seen: list = dataclasses.field(default_factory=list)


COUNT, SEEN = 0, []


class Remembering(nn.Module):
    """A forward that leaves something everywhere it can."""

    everything: list = []  # noqa: RUF012
    last = None

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 4, 3)
        self.cache, self.kept, self.memo = None, torch.zeros(3), {}
        self.list, self.deque, self.counter = [], collections.deque(maxlen=3), collections.Counter()
        self.groups, self.record = collections.defaultdict(list), Record()
        self.array, self.draw, self.rng = np.zeros(3), random.Random(0), np.random.default_rng(0)
        self.generator = torch.Generator()
        self.stream = io.StringIO()

    def forward(self, x, default=[]):  # noqa: B006
        global COUNT
        COUNT += 1
        SEEN.append(x)
        default.append(x)
        Remembering.last = x
        type(self).more = x
        self.everything.append(x)
        self.cache = x
        self.kept += 1
        self.memo[tuple(x.shape)] = torch.arange(x.shape[-1])
        self.list.append(x)
        self.deque.append(x.shape)
        self.counter[x.ndim] += 1
        self.groups["x"].append(x)
        self.record.calls += 1
        self.record.seen.append(x)
        self.array += 1
        self.draw.random()
        self.rng.random()
        torch.rand(3, generator=self.generator, device="cpu")
        self.stream.write("seen")
        self.register_buffer("late", torch.zeros(1))
        self.added = nn.Linear(1, 1)
        self.conv.requires_grad_(False)
        self.eval()
        return self.conv(x) + positions(x.shape[-1] - 2)


@functools.lru_cache
def positions(length: int) -> torch.Tensor:
    return torch.arange(length)


def test_caches_and_counters_stay_as_they_are() -> None:
    model = Remembering()
    names, defaults = set(vars(model)), Remembering.forward.__defaults__
    draws = [model.draw.getstate(), model.rng.bit_generator.state, model.generator.get_state()]
    explained(model)
    assert COUNT == 0 and SEEN == [] and defaults == ([],)
    assert Remembering.last is None and Remembering.everything == [] and not hasattr(Remembering, "more")
    assert set(vars(model)) == names
    assert model.cache is None and torch.equal(model.kept, torch.zeros(3)) and not model.kept.is_meta
    assert (model.memo, model.list, model.groups) == ({}, [], {})
    assert not model.deque and not model.counter and model.record == Record()
    assert not model.array.any() and model.stream.getvalue() == ""
    assert model.draw.getstate() == draws[0] and model.rng.bit_generator.state == draws[1]
    assert torch.equal(model.generator.get_state(), draws[2])
    assert model.training and all(p.requires_grad for p in model.parameters())
    assert list(model._buffers) == [] and list(model._modules) == ["conv"]
    assert positions.cache_info().currsize == 0
    assert model(values(*RIGHT)).device.type == "cpu"  # the user's next call
    positions.cache_clear()


def test_what_the_run_closes_over_stays_as_it_is() -> None:
    seen, count, model = [], 0, None

    def code(self, x):
        nonlocal count
        count += 1
        seen.append(x)
        return x

    model = Forward(code)
    explained(model)
    assert (seen, count) == ([], 0)


def test_random_numbers_and_settings_stay_as_they_are() -> None:
    def action() -> None:
        torch.rand(3), np.random.rand(3), random.random()  # noqa: NPY002
        torch.manual_seed(1), np.random.seed(1), random.seed(1)  # noqa: NPY002
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(True)
        torch.autograd.set_detect_anomaly(True)
        torch.use_deterministic_algorithms(True)
        np.seterr(all="raise")
        sys.setrecursionlimit(5000)
        os.environ["CONV1D_TUTOR_TEST"] = "1"
        warnings.simplefilter("error")

    def state() -> list[Any]:
        return [
            *(torch.get_rng_state().tolist(), str(np.random.get_state()), random.getstate()),  # noqa: NPY002
            *(torch.get_default_dtype(), torch.is_grad_enabled(), torch.is_anomaly_enabled()),
            *(torch.are_deterministic_algorithms_enabled(), torch.is_warn_always_enabled(), np.geterr()),
            *(sys.getrecursionlimit(), dict(os.environ), warnings.filters[:]),
        ]

    model, before = doing(action), state()
    for shape in (RIGHT, TURNED):
        explain(model, shape)
        explain(lambda: (action(), nn.Conv1d(4, 4, 3))[1], shape)
    Subject(model, (values(*RIGHT),), "x", False).computed((values(*RIGHT),))
    assert state() == before


def test_gradients_of_input_and_weights_stay_as_they_are() -> None:
    x = values(*RIGHT).requires_grad_()
    model = Forward(lambda self, x: x)
    model(x).sum().backward()
    before, grads = x.grad.clone(), [p.grad.clone() for p in model.parameters()]
    inside = Forward(lambda self, x: (torch.enable_grad()(lambda: self.conv(x).sum().backward())(), x)[1])
    for each in (model, inside):
        explain(each, x)
        Subject(each, (x,), "x", False).computed((x,))
    assert torch.equal(x.grad, before) and x.requires_grad
    assert all(torch.equal(p.grad, grad) for p, grad in zip(model.parameters(), grads, strict=True))
    assert all(p.grad is None for p in inside.parameters())


def test_every_run_sees_the_random_numbers_of_the_users_next_run() -> None:
    model = Forward(lambda self, x: x + torch.rand(1))
    x = values(*RIGHT)
    subject = Subject(model, (x,), "x", False)
    first, second = subject.computed((x,)), subject.computed((x,))
    assert torch.equal(first.output, second.output)
    assert torch.equal(first.output, model(x))


def test_torchs_own_hooks_come_along() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = nn.utils.weight_norm(nn.Conv1d(4, 4, 3))
    with torch.no_grad():
        model.weight_g.mul_(2)  # the hook, not the kept weight, knows of it
    x = values(*RIGHT)
    assert torch.equal(Subject(model, (x,), "x", False).computed((x,)).output, model(x))


def test_global_hooks_are_set_aside_and_put_back() -> None:
    calls = []
    handles = [
        nn.modules.module.register_module_forward_pre_hook(lambda *args: calls.append("before")),
        nn.modules.module.register_module_forward_hook(lambda *args: calls.append("after")),
        nn.modules.module.register_module_module_registration_hook(lambda *args: calls.append("made")),
    ]
    try:
        explained(Forward(lambda self, x: x, now=1))
        made = calls.count("made")
        assert calls == ["made"] * made
        nn.ReLU()(values(2))
        assert calls == [*["made"] * made, "before", "after"]
    finally:
        for handle in handles:
            handle.remove()
