"""`explain` runs nothing of the user's and changes nothing: whatever forward does, the process is as it was."""

import builtins
import collections
import contextlib
import dataclasses
import functools
import gc
import io
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from explain_catalogue import values
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from conv1d_tutor import explain
from conv1d_tutor.explainer import sandbox
from conv1d_tutor.explainer.genuine import _as_our_formula_has_it
from conv1d_tutor.explainer.run import Edit, Subject
from conv1d_tutor.explainer.tensors import tensors_in

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
        gc.enable()
        os.environ["CONV1D_TUTOR_TEST"] = "1"
        warnings.simplefilter("error")

    def state() -> list[Any]:
        return [
            *(torch.get_rng_state().tolist(), str(np.random.get_state()), random.getstate()),  # noqa: NPY002
            *(torch.get_default_dtype(), torch.is_grad_enabled(), torch.is_anomaly_enabled()),
            *(torch.are_deterministic_algorithms_enabled(), torch.is_warn_always_enabled(), np.geterr()),
            *(sys.getrecursionlimit(), dict(os.environ), warnings.filters[:], gc.isenabled()),
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


# What is held back


def test_nothing_is_printed_logged_or_displayed(capfd: pytest.CaptureFixture) -> None:
    log = logging.getLogger("test_sandbox")
    handler = logging.StreamHandler(sys.stderr)
    log.addHandler(handler)

    def action() -> None:
        print("said")
        print("said", file=sys.stderr)
        sys.__stdout__.write("said")
        sys.stdout.buffer.write(b"said")
        log.error("said")
        warnings.warn("said", stacklevel=1)

    try:
        explained(doing(action))
        assert explain(lambda: (action(), nn.Conv1d(4, 4, 3))[1], RIGHT).ok
    finally:
        log.removeHandler(handler)
    assert capfd.readouterr() == ("", "")
    print("as before")
    assert capfd.readouterr().out == "as before\n"


def test_other_threads_go_on_printing(capsys: pytest.CaptureFixture) -> None:
    def action() -> None:
        thread = threading.Thread(target=print, args=("from elsewhere",))
        thread.start()
        thread.join()

    assert explain(doing(action), RIGHT).ok
    assert capsys.readouterr().out.startswith("from elsewhere\n")


def test_no_file_is_made_changed_or_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / "kept.txt"
    kept.write_text("as it was")
    already = (tmp_path / "open.txt").open("w")

    def action() -> None:
        with open("new.txt", "w") as file:  # noqa: PTH123
            file.write("x")
        with io.open("kept.txt", "a") as file:  # noqa: UP020
            file.write("x")
        with open("kept.txt", "r+b") as file:  # noqa: PTH123
            assert file.read() == b"as it was"
            file.write(b"x")
        Path("new").mkdir()
        (Path("new") / "text.txt").write_text("x")
        Path("touched").touch()
        kept.rename("gone.txt")
        kept.unlink()
        torch.save(torch.zeros(2), "tensor.pt")
        np.save("array.npy", np.zeros(2))
        os.close(os.open("low.txt", os.O_CREAT | os.O_WRONLY))
        already.write("x")
        assert kept.read_text() == "as it was"

    explained(doing(action))
    already.close()
    assert {path.name for path in tmp_path.iterdir()} == {"kept.txt", "open.txt"}
    assert kept.read_text() == "as it was" and (tmp_path / "open.txt").read_text() == ""


def raising(error: BaseException) -> Callable[[], Any]:
    def action() -> None:
        raise error

    return action


@pytest.mark.parametrize(
    ("action", "words"),
    {
        "input": (lambda: input("?"), "waits for an answer"),
        "breakpoint": (lambda: breakpoint(), "waits for you"),
        "pdb": (lambda: __import__("pdb").set_trace(), "waits for you"),
        "exit": (lambda: exit(), "would end Python"),
        "quit": (lambda: quit(), "would end Python"),
        "sys.exit": (lambda: sys.exit(3), "SystemExit"),
        "os._exit": (lambda: os._exit(3), "would end Python"),
        "a process": (lambda: subprocess.run(["true"]), "another process"),
        "os.kill": (lambda: os.kill(os.getpid(), 9), "another process"),
        "KeyboardInterrupt": (raising(KeyboardInterrupt()), "KeyboardInterrupt"),
    }.values(),
)
def test_what_waits_or_ends_python_is_refused_in_words(action: Callable, words: str) -> None:
    for x in (RIGHT, values(*RIGHT)):
        found = explain(doing(action), x)
        assert not found.ok and found.problem == "stopped"
        assert words in found.text
        assert "torch says" not in found.text or words in ("SystemExit", "KeyboardInterrupt")
    # Not even a forward that catches every error goes on.
    assert explain(doing(lambda: _caught(action)), RIGHT).problem == "stopped"


def _caught(action: Callable) -> None:
    try:
        action()
    except Exception as error:
        raise AssertionError from error


def test_doors_are_open_again_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = (
        *((builtins, name) for name in ("open", "input", "breakpoint", "exit")),
        *((os, name) for name in ("remove", "mkdir", "_exit", "open")),
        *((sys, name) for name in ("stdout", "stderr", "stdin", "__stdout__")),
        *((time, "sleep"), (io, "open"), (torch, "save"), (subprocess.Popen, "__init__")),
        *((nn.Module, name) for name in ("__call__", "_call_impl", "forward")),
    )
    before = [getattr(place, name) for place, name in watched]
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM)]
    threads = threading.active_count()
    explained(doing(lambda: time.sleep(1000)))
    explain(doing(lambda: exit()), RIGHT)
    assert [getattr(place, name) for place, name in watched] == before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM)] == handlers
    assert threading.active_count() == threads


# What does not end


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    explain(nn.Conv1d(4, 4, 3), RIGHT)  # what torch loads is loaded
    monkeypatch.setattr(sandbox, "RUN_SECONDS", 0.3)
    monkeypatch.setattr(sandbox, "_AGAIN", 0.1)


def endless() -> None:
    while True:
        pass


def stubborn() -> None:
    try:
        endless()
    except BaseException:
        endless()


def waiting() -> None:
    threading.Event().wait()


@pytest.mark.parametrize("action", [endless, stubborn, waiting])
def test_a_forward_that_never_ends_is_answered(action: Callable, hurried: None) -> None:
    found = explain(doing(action), RIGHT)
    assert found.problem == "stopped" and "does not end within 0.3 seconds" in found.text
    assert "torch says" not in found.text
    time.sleep(0.3)  # nothing rings later


def test_what_is_stopped_in_the_middle_of_torch_leaves_torch_as_it_was() -> None:
    def action() -> None:
        torch.overrides._pop_mode()  # as where torch was stopped before it put a mode back
        raise sandbox.Stopped("in the middle")

    assert "in the middle" in explain(doing(action), RIGHT).text
    assert torch.overrides._len_torch_function_stack() == 0
    assert torch.zeros(1).device.type == "cpu"
    assert explain(nn.Conv1d(4, 4, 3), RIGHT).ok


@pytest.mark.parametrize("action", [endless, stubborn])
def test_in_a_thread_too(action: Callable, hurried: None) -> None:
    found = []

    def ask() -> None:
        found.append(explain(doing(action), RIGHT))
        time.sleep(0.3)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(20)
    assert found[0].problem == "stopped"


def test_all_runs_together_end(hurried: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "ALL_SECONDS", 0.4)
    began = time.monotonic()
    # It ends in its time, and so does each repair; but there are many.
    slow = Forward(lambda self, x: (_spend(0.1), x)[1])
    assert not explain(slow, TURNED).ok
    assert time.monotonic() - began < 2


def _spend(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_an_alarm_of_the_users_own_rings_in_its_time() -> None:
    rang = []
    explain(nn.Conv1d(4, 4, 3), RIGHT)  # what torch loads is loaded
    theirs = signal.signal(signal.SIGALRM, lambda *args: rang.append(args))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        explain(nn.Conv1d(4, 4, 3), RIGHT)
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0 or rang
        time.sleep(0.4)
        assert len(rang) == 1
    finally:
        signal.signal(signal.SIGALRM, theirs)


@pytest.mark.parametrize("swallows", [False, True])
def test_the_users_own_interrupt_escapes(swallows: bool) -> None:
    def action() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except BaseException:
            if not swallows:
                raise

    # Who runs the tests in the background lets them ignore Ctrl + C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            explain(doing(action), RIGHT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert explain(nn.Conv1d(4, 4, 3), RIGHT).ok


def test_what_a_module_takes_along_that_is_loaded_in_a_run_works_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    code = "import sys\nfrom io import open as opened\nfrom os import remove\nout = sys.stdout\n"
    (tmp_path / "loaded_in_a_run.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert explain(doing(lambda: __import__("loaded_in_a_run")), RIGHT).ok
    loaded = sys.modules.pop("loaded_in_a_run")
    written = tmp_path / "written.txt"
    with loaded.opened(written, "w", encoding="utf-8") as file:
        file.write("for real")
    assert written.read_text(encoding="utf-8") == "for real"
    loaded.remove(written)
    assert not written.exists()
    loaded.out.write("heard")
    assert capsys.readouterr().out == "heard"


# Numbers, memory, time


def test_nothing_large_is_computed() -> None:
    """Each of these would take at least 500 MB more, were it computed, or minutes."""
    code = """
import resource, torch
from torch import nn
from conv1d_tutor import explain
def told(layer, x):
    found = explain(layer, x)
    print(found.problem, found.fix, found.trace[-1].output)
def large(*shape, dtype):
    return torch.zeros((), dtype=dtype).expand(shape)
class Outer(nn.Module):
    def forward(self, x):
        return (x[..., None] * x[..., None, :]).mean() * float(x.mean())
class Work(nn.Module):
    def forward(self, x):
        return torch.conv1d(x, torch.ones(64, 64, 4001)) * float(x.mean())
told(nn.Sequential(nn.Conv1d(4, 4, 3), nn.ReLU()), (2, 4, 9))
explain(Outer(), torch.ones(2, 4, 9))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
told(nn.Conv1d(4, 64, 3, dtype=torch.complex64), (4, 4, 500_000))
told(nn.Conv1d(4, 64, 3, dtype=torch.complex64), (4, 500_000, 4))
told(nn.Conv1d(4, 64, 3), large(16, 4, 10**7, dtype=torch.int64))
told(nn.Conv1d(4, 64, 3), large(16, 4, 10**7, dtype=torch.float64))
told(nn.BatchNorm1d(4), large(16, 4, 10**7, dtype=torch.float64))
told(nn.MaxPool1d(2), large(16, 4, 10**7, dtype=torch.int64))
told(nn.LSTM(8, 16, 2, bidirectional=True, batch_first=True), (8, 10**6, 8))
told(Outer(), torch.zeros(2, 4, 20_000))
told(Work(), torch.zeros(8, 64, 8000))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024 < 300)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split("\n") == [
        "None None (2, 4, 7)",
        "None None (4, 64, 499998)",
        "channels_last layer(x.permute(0, 2, 1)) None",
        "dtype layer(x.float()) None",
        "dtype layer(x.float()) None",
        "dtype layer(x.float()) None",
        "dtype layer(x.float()) None",
        "None None (8, 1000000, 32)",
        "stopped None None",
        "stopped None None",
        "True",
        "",
    ], done.stderr


def test_recurrent_layers_give_what_torch_gives() -> None:
    draw = random.Random(0)
    for _ in range(60):
        kind = draw.choice([nn.LSTM, nn.GRU, nn.RNN])
        features, hidden, layers = draw.randint(1, 5), draw.randint(2, 6), draw.randint(1, 3)
        options = {name: draw.random() < 0.5 for name in ("batch_first", "bidirectional", "bias")}
        if kind is nn.LSTM and draw.random() < 0.5:
            options["proj_size"] = draw.randint(1, hidden - 1)
        layer = kind(features, hidden, layers, **options)
        batch = [draw.randint(1, 4)] if draw.random() < 0.8 else []
        steps = draw.randint(1, 7)
        x = values(*([*batch, steps] if options["batch_first"] else [steps, *batch]), features)
        output, state = layer(x)
        given = (x, state) if draw.random() < 0.5 else (x,)
        run = Subject(layer, given, "x", len(given) > 1).run()
        pairs = zip(tensors_in(run.output), tensors_in((output, state)), strict=True)
        for found, real in pairs:
            assert (found.shape, found.stride(), found.dtype) == (real.shape, real.stride(), real.dtype), layer


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_norms_of_images_give_what_torch_gives(layout: torch.memory_format) -> None:
    layer, x = nn.BatchNorm2d(4), values(3, 4, 5, 6).to(memory_format=layout)
    assert Subject(layer, (x,), "x", False).run().output.stride() == layer(x).stride()
    assert not explain(layer, values(3, 5, 5, 6)).ok


@pytest.mark.parametrize(
    "call",
    [
        lambda x: torch.sin(x),
        lambda x: x.reciprocal() + 1,
        lambda x: x + x,
        lambda x: x - x[:1],
        lambda x: x[:, :1] * x,
        lambda x: x / x[0, 0],
        lambda x: x[0] + x,
        lambda x: x[:, :1] + x[..., :1],
        lambda x: 2 * x**2,
        lambda x: torch.add(x, x, alpha=2),
        lambda x: x + x.double(),
        lambda x: x + x.long(),
        lambda x: x + x[..., :5],
        lambda x: x.add_(1),
        lambda x: torch.add(x, x, out=torch.empty_like(x)),
        lambda x: F.layer_norm(x, (6,)),
        lambda x: F.layer_norm(x, (4, 6), torch.ones(4, 6)),
        lambda x: F.layer_norm(x, (4,)),
        lambda x: F.layer_norm(x, (6,), torch.ones(5)),
        lambda x: F.layer_norm(x, ()),
        lambda x: F.group_norm(x, 2),
        lambda x: F.group_norm(x, 3),
        lambda x: F.group_norm(x[0], 2),
        lambda x: F.group_norm(x, 4, torch.ones(4), torch.ones(5)),
        lambda x: F.group_norm(x[..., :1], 4),
        lambda x: F.group_norm(x[:1, :, :1], 4),
        lambda x: F.linear(x, torch.ones(5, 6)),
        lambda x: F.linear(x, torch.ones(5, 6), torch.ones(5)),
        lambda x: F.linear(x, torch.ones(5, 4)),
        lambda x: F.linear(x, torch.ones(5, 6), torch.ones(4)),
        lambda x: F.linear(x, torch.ones(6)),
        lambda x: F.linear(x),
        lambda x: torch._weight_norm(x, torch.ones(x.shape[0], 1, 1), 0),
        lambda x: torch._weight_norm(x, torch.ones(1, 4, 1), 1),
        lambda x: torch.cat([x, x], 1),
        lambda x: torch.cat([x, x[..., :2].contiguous()], dim=-1),
        lambda x: torch.cat((x, x[:, :2])),
        lambda x: torch.cat([x, x[:, 0]]),
        lambda x: torch.cat([x, x.double()]),
        lambda x: torch.cat([x, x], 3),
        lambda x: torch.concat([x]),
        lambda x: F.pad(x, (1, 2)),
        lambda x: F.pad(x, (0, 0)),
        lambda x: F.pad(x, (1, 0, 0, 2), value=1),
        lambda x: F.pad(x, (-1, 2)),
        lambda x: F.pad(x, (1, 2), mode="reflect"),
        lambda x: F.pad(x, (1, 1, 1)),
        lambda x: F.pad(x, (1,) * 8),
        lambda x: F.pad(x, ()),
        lambda x: F.pad(x, 3),
        lambda x: F.pad(x, None),
        lambda x: F.pad(x, (1.0, 2)),
        lambda x: F.pad(x, (1, 2), mode="zeros"),
        lambda x: torch.cat(x),
        lambda x: torch.cat([]),
        lambda x: torch.cat([x, None]),
        lambda x: torch.cat([x, x], "time"),
        lambda x: torch.cat([x, x], dim=None),
        lambda x: torch.cat([x, x], out=torch.empty(0)),
        lambda x: F.conv1d(x, None),
        lambda x: F.conv1d(x, torch.ones(2, 4, 3), None, None),
        lambda x: F.conv1d(x, torch.ones(2, 4, 3), stride=1.5),
        lambda x: F.conv1d(x, torch.ones(2, 4, 3), padding=(1, 2)),
        lambda x: F.conv1d(x, torch.ones(2, 4, 3), groups=1.0),
        lambda x: F.conv1d(x, torch.ones(2, 4, 3), torch.ones(3)),
        lambda x: F.conv1d(x, torch.ones(3, 2, 3), groups=2),
    ],
)
@pytest.mark.parametrize("x", [values(3, 4, 6), values(3, 6, 4).transpose(1, 2), values(1, 4, 6), values(3, 4, 0)])
def test_what_is_given_by_rule_is_what_torch_gives(call: Callable, x: torch.Tensor) -> None:
    class Calling(nn.Module):
        def forward(self, x):
            return call(x)

    run = Subject(Calling(), (x,), "x", False).run()
    try:
        real = call(x.clone())
    except Exception as error:
        assert (type(run.failure.error), str(run.failure.error)) == (type(error), str(error))
        return
    assert run.failure is None
    assert (run.output.shape, run.output.stride(), run.output.dtype) == (real.shape, real.stride(), real.dtype)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_convolution_on_shapes_gives_what_torch_gives(data: st.DataObject) -> None:
    def one_of(*values: Any) -> Any:
        return data.draw(st.sampled_from(values))

    def number(least: int, most: int) -> int:
        return data.draw(st.integers(least, most))

    def size() -> Any:
        return one_of(number(0, 3), (number(0, 3),), (1, number(0, 3)))

    groups, odd = number(0, 3), [one_of(0, 0, 0, 1) for _ in range(3)]
    channels, features = (max(groups, 1) * number(1, 3) for _ in range(2))
    weight = values(features + odd[0], channels // max(groups, 1), number(1, 4))
    x = values(number(1, 3), channels + odd[1], number(1, 12))
    x = one_of(x, x.transpose(1, 2).contiguous().transpose(1, 2), x[:1], x.double(), x[0])
    bias = one_of(None, values(len(weight) + odd[2]))
    options = {"stride": size(), "dilation": size(), "groups": groups}
    options["padding"] = one_of(size(), -1, "same", "valid", "full")
    kept = {name: value for name, value in options.items() if one_of(True, True, False)}

    class Calling(nn.Module):
        def forward(self, x):
            return F.conv1d(x, weight, bias, **kept)

    try:
        real = F.conv1d(x, weight, bias, **kept)
    except Exception as error:
        real, refusal = None, type(error)
    run = Subject(Calling(), (x,), "x", False).run()
    if real is None:
        assert type(run.failure.error) is refusal
    else:
        assert run.failure is None
        assert (run.output.shape, run.output.stride()) == (real.shape, real.stride())


def test_a_compiled_module_is_explained_as_what_was_compiled() -> None:
    model = nn.Sequential(nn.Conv1d(4, 8, 3), nn.ReLU())
    model.compile()
    model[0].compile()
    kept = [part._compiled_call_impl for part in (model, model[0])]
    assert explain(model, values(2, 4, 9)).trace[0].output == (2, 8, 7)
    assert explain(model, values(2, 9, 4)).fix == "layer(x.permute(0, 2, 1))"
    assert [part._compiled_call_impl for part in (model, model[0])] == kept


def test_the_same_edits_run_once() -> None:
    edit, model = Edit("input", "{}.float()"), nn.Conv1d(4, 2, 3)
    subject = Subject(model, (values(2, 4, 9).double(),), "x", False)
    assert subject.run((edit,)) is subject.run((edit,))
    # Runs with numbers are kept as long as they hold little.
    subject = Subject(model, (values(2, 4, 9).double(),), "x", False, values=True)
    subject._room = 1000
    assert subject.run((edit,)) is subject.run((edit,))
    other = Edit("input", "{}.float()[:1]")
    assert subject.run((other,)) is not subject.run((other,))


def test_what_a_run_may_change_is_copied_anew_for_every_run() -> None:
    seen, kinds = [], (1, 2)
    model = Forward(lambda self, x: (seen.append(kinds), x[: len(seen)])[1])
    subject = Subject(model, (values(*RIGHT),), "x", False)
    assert [subject.run().output_shape[0] for _ in range(3)] == [1, 1, 1] and not seen


@pytest.mark.parametrize("training", [True, False])
def test_batch_norms_give_what_torch_gives(training: bool) -> None:
    turned, sliced = values(3, 9, 4).transpose(1, 2), values(3, 4, 18)[..., ::2]
    for x in (values(3, 4), values(4, 3).T, values(3, 4, 9), turned, sliced):
        layer = nn.BatchNorm1d(4).train(training)
        run = Subject(layer, (x,), "x", False).run()
        assert (run.output.shape, run.output.stride()) == (x.shape, layer(x).stride())
    for wrong in (
        values(3, 5),
        values(3, 5, 9),
        values(1, 4),
        values(3, 4).double(),
        values(3, 4).long(),
        values(4),
    ):
        with contextlib.suppress(Exception):
            nn.BatchNorm1d(4).train(training)(wrong)
            continue
        assert not explain(nn.BatchNorm1d(4).train(training), wrong).ok


def test_packed_sequences_are_left_to_torch() -> None:
    class Packing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(4, 3, batch_first=True)

        def forward(self, x, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
            return nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)[0]

    assert explain(Packing(), (values(2, 9, 4), torch.tensor([9, 5]))).trace[-1].output == (14, 3)


def test_the_length_is_that_of_our_formula() -> None:
    # As a meta device of an old version gave it: one sample too few on each side.
    x, weight = torch.empty(2, 4, 9, device="meta"), torch.empty(6, 4, 3, device="meta")
    wrong = torch.empty(2, 6, 5, device="meta")
    assert _as_our_formula_has_it(wrong, (x, weight), {}).shape == (2, 6, 7)
    assert _as_our_formula_has_it(wrong, (x[0], weight, None, 1, "same", 2), {}).shape == (6, 9)
    right = torch.empty(2, 6, 4, device="meta")
    assert _as_our_formula_has_it(right, (x, weight), {"stride": (2,), "padding": (0,)}) is right


# Arguments as people pass them


class Masked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 3)

    def forward(self, x, mask=None, scale=1, mode="plain", *, more=None):
        if mask is not None:
            x = x * mask
        if more:
            x = x + more["offset"]
        return self.conv(x) * scale if mode == "plain" else None


class Batch(NamedTuple):
    signal: torch.Tensor
    label: int = 0


@dataclasses.dataclass
class Case:
    signal: torch.Tensor
    name: str = ""


class OfRecord(nn.Module):
    """A forward of one argument that holds the signal, and an output that holds the result."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 3)

    def forward(self, batch):
        signal = batch["signal"] if isinstance(batch, collections.abc.Mapping) else batch.signal
        return Case(self.conv(signal), "out")


class Listed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 3)

    def forward(self, signals):
        return torch.cat([self.conv(signal) for signal in signals], dim=-1)


@pytest.mark.parametrize(
    ("model", "x"),
    [
        (Masked(), (values(*RIGHT), None)),
        (Masked(), (values(*RIGHT), values(*RIGHT), 2, "plain")),
        (Masked(), (RIGHT, None, 0.5)),
        (Masked(), {"x": values(*RIGHT), "scale": 2}),
        (Masked(), {"x": RIGHT, "mask": RIGHT}),
        (Masked(), (values(*RIGHT), {"scale": 2, "mask": None})),
        (Masked(), collections.UserDict(x=values(*RIGHT))),
        (Masked(), (RIGHT, {"more": {"offset": (2, 1, 9)}})),
        (nn.Conv1d(4, 6, 3), {"input": values(*RIGHT)}),
        (OfRecord(), {"signal": values(*RIGHT), "label": 3}),
        (OfRecord(), {"signal": RIGHT}),
        (OfRecord(), Batch(values(*RIGHT))),
        (OfRecord(), Case(values(*RIGHT))),
        (OfRecord(), types.MappingProxyType({"signal": values(*RIGHT)})),
        (Listed(), [values(*RIGHT), values(2, 4, 12)]),
        (Listed(), (values(*RIGHT), values(2, 4, 12))),
        (Listed(), ((RIGHT, (2, 4, 12)),)),
        (nn.Conv1d(4, 6, 3), (4, 9)),
    ],
)
def test_arguments_as_people_pass_them(model: nn.Module, x: Any) -> None:
    found = explain(model, x)
    assert found.ok, found.text
    assert found.trace[0].output[-2:] == (6, 7)


@pytest.mark.parametrize(
    ("model", "x", "fix"),
    [
        (Masked(), (values(*TURNED), None), "layer(x[0].permute(0, 2, 1), *x[1:])"),
        (Masked(), {"x": values(*TURNED), "scale": 2}, "layer(**{**x, 'x': x['x'].permute(0, 2, 1)})"),
        (Masked(), (values(*TURNED), {"scale": 2}), "layer(x[0].permute(0, 2, 1), *x[1:-1], **x[-1])"),
        (OfRecord(), {"signal": values(*TURNED)}, "layer({**x, 'signal': x['signal'].permute(0, 2, 1)})"),
        (nn.Conv1d(4, 6, 3), {"input": values(*TURNED)}, "layer(**{**x, 'input': x['input'].permute(0, 2, 1)})"),
        (nn.Conv1d(4, 6, 3), {"input": TURNED}, "layer(**{**x, 'input': x['input'].permute(0, 2, 1)})"),
    ],
)
def test_repairs_of_arguments_run_as_they_are_written(model: nn.Module, x: Any, fix: str) -> None:
    found = explain(model, x)
    assert found.fix == fix, found.text
    if x != {"input": TURNED}:
        assert next(tensors_in(eval(fix, {"layer": model, "x": x}))).shape == (2, 6, 7)


def test_sliced_and_turned_inputs_keep_their_strides() -> None:
    viewing = Forward(lambda self, x: x.view(2, 36).view(2, 4, 9))
    x = values(2, 9, 4).transpose(1, 2)
    with pytest.raises(RuntimeError, match="view size is not compatible"):
        viewing(x)
    for turned in (x, values(2, 4, 18)[:, :, :9]):
        assert "torch says: RuntimeError: view size is not compatible" in explain(viewing, turned).text
    assert explain(viewing, x.contiguous()).ok
    expanded = values(1, 4, 9).expand(2, 4, 9)
    for value in (x, expanded, values(2, 4, 18)[..., ::2]):
        run = Subject(nn.Identity(), (value,), "x", False).computed((value,))
        assert run.output.stride() == value.stride() and torch.equal(run.output, value)


@pytest.mark.parametrize(
    ("code", "x"),
    [
        (lambda self, x: torch.softmax(x, 1), torch.ones(2, 4, 9, dtype=torch.int64)),
        (lambda self, x: F.layer_norm(x, (9,)), torch.ones(2, 4, 9, dtype=torch.int64)),
        (lambda self, x: x @ torch.ones(9, 9), values(2, 4, 9).double()),
        (lambda self, x: F.gelu(x), torch.ones(2, 4, 9, dtype=torch.int64)),
    ],
)
def test_dtypes_are_checked_on_every_call(code: Callable, x: torch.Tensor) -> None:
    model = Forward(code)
    with pytest.raises(RuntimeError) as caught:
        model(x)
    found = explain(model, x)
    assert not found.ok and " ".join(str(caught.value).split())[:60] in found.text


# Traced, scripted, exported


class Flat(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv1d(5, 8, 3), nn.Linear(376, 2)
        self.shift = torch.ones(1)  # a constant on the CPU, in the trace

    def forward(self, x):
        h = F.relu(self.conv(x)) + self.shift
        return self.fc(h.flatten(1)) + torch.zeros(1)


@pytest.fixture(scope="module", params=["trace", "script", "freeze", "export", "fx"])
def converted(request: pytest.FixtureRequest) -> nn.Module:
    model, x = Flat().eval(), values(2, 5, 49)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "trace": lambda: torch.jit.trace(model, x),
            "script": lambda: torch.jit.script(model),
            "freeze": lambda: torch.jit.freeze(torch.jit.script(model)),
            "export": lambda: torch.export.export(model, (x,)).module(),
            "fx": lambda: torch.fx.symbolic_trace(model),
        }[request.param]()


def test_converted_models_are_explained(converted: nn.Module) -> None:
    before = {name: value.clone() for name, value in converted.state_dict().items()}
    for x in (values(2, 5, 49), (2, 5, 49)):
        found = explain(converted, x)
        assert found.ok, found.text
        outputs = [row.output for row in found.trace if "Conv1d" in row.layer]
        assert outputs == [(2, 8, 47)]
        assert codes(found) == set()
    found = explain(converted, values(2, 49, 5))
    assert "Interpreter" not in found.text
    if "Guard" not in found.text:
        assert (found.problem, found.fix) == ("channels_last", "layer(x.permute(0, 2, 1))")
    for name, value in converted.state_dict().items():
        assert torch.equal(value, before[name]) and not value.is_meta


def test_a_trace_that_keeps_its_batch_fails_as_torch_does() -> None:
    class Kept(Flat):
        def forward(self, x):
            return self.fc(self.conv(x).view(int(x.shape[0]), -1))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(Kept(), values(2, 5, 49))
    found = explain(traced, values(4, 5, 49))
    assert "torch says: RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x752 and 376x2)" in found.text
    assert "Linear 'fc' saw (2, 752)" in found.text


# Who says what


def test_words_of_the_model_are_not_torchs_and_not_about_our_shapes() -> None:
    def code(self, x):
        raise ValueError("the meta tensor of this study has no item()")

    found = explain(Forward(code), values(*RIGHT))
    assert "model says: ValueError: the meta tensor of this study" in found.text
    assert "torch says" not in found.text and found.problem != "not_traceable"
    found = explain(Forward(lambda self, x: {}["meta device"]), values(*RIGHT))
    assert found.problem == "forward_error"


def codes(found: Any) -> set[str]:
    return {note.code for note in found.notes}
