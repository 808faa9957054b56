"""`%load_ext conv1d_tutor` in a real kernel: an explanation below torch's own error, and nothing else changes."""

import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
import torch
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager
from torch import nn

from conv1d_tutor import explain_error
from conv1d_tutor.jupyter import extension as notebook
from tools.kernel import run_cell, running_kernel

NET = """
import torch
from torch import nn
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(5, 8, 3)
    def forward(self, x):
        return self.conv(x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(Block(), nn.ReLU())
    def forward(self, x):
        return self.body(x)
net = Net()
"""
WRONG = "net(torch.zeros(2, 49, 5))"


@pytest.fixture(scope="module")
def kernel() -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    with running_kernel() as kernel:
        yield kernel


def run(client: BlockingKernelClient, code: str, interrupt: KernelManager | None = None) -> tuple[str, str, Any]:
    """Run a cell; the text of its error, all that is shown besides, and the last display's HTML."""
    error, shown, html = "", "", None

    def keep(message: dict[str, Any]) -> None:
        nonlocal error, shown, html
        content = message["content"]
        if message["msg_type"] == "error":
            error = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(content["traceback"]))
        elif message["msg_type"] == "stream":
            shown += content["text"]
            if interrupt and "ready" in content["text"]:
                interrupt.interrupt_kernel()
        elif message["msg_type"] in ("display_data", "execute_result"):
            # The explanation comes below torch's own error, never in its place.
            assert error or message["msg_type"] == "execute_result"
            shown += content["data"].get("text/plain", "")
            html = content["data"].get("text/html")

    run_cell(client, code, hook=keep)
    return error, shown, html


def test_loading_does_the_work_that_the_first_explanation_would_wait_for(
    kernel: tuple[KernelManager, BlockingKernelClient],
) -> None:
    """Stands first: the kernel is still fresh."""
    _, client = kernel

    def shown(code: str) -> str:
        return run(client, code)[1]

    run(client, f"{NET}\nimport sys, conv1d_tutor.explainer\nstate = torch.get_rng_state()")
    assert shown("print('sympy' in sys.modules)") == "False\n"  # what a first run on shapes loads
    assert run(client, "%load_ext conv1d_tutor") == ("", "", None)
    assert shown("print(torch.equal(torch.get_rng_state(), state))") == "True\n"
    run(client, "from conv1d_tutor import explain\nloaded = set(sys.modules)")
    assert shown("print(explain(net, (2, 49, 5)).problem, set(sys.modules) - loaded)") == "channels_last set()\n"
    run(client, "%unload_ext conv1d_tutor")


def test_extension_in_a_kernel(kernel: tuple[KernelManager, BlockingKernelClient]) -> None:
    manager, client = kernel
    run(client, NET)
    error, shown, _ = run(client, WRONG)
    assert "Given groups=1" in error and shown == ""

    assert run(client, "%load_ext conv1d_tutor") == ("", "", None)
    # An error inside a nested model: torch's own traceback, then the explanation with the path.
    error, shown, html = run(client, WRONG)
    assert "Traceback" in error and "Given groups=1" in error and "conv1d_tutor" not in error
    assert "'body.0.conv' saw (2, 49, 5)" in shown and "layer(x.permute(0, 2, 1))" in shown
    assert "<table>" in html

    # Errors that are not about a layer, and an interrupt, are left alone.
    assert run(client, "1 / 0")[1:] == ("", None)
    assert run(client, "def f(:")[1:] == ("", None)
    assert run(client, "torch.zeros(3) + torch.zeros(4)")[1:] == ("", None)
    error, shown, _ = run(client, "import time\nprint('ready', flush=True)\ntime.sleep(60)", interrupt=manager)
    assert "KeyboardInterrupt" in error and shown == "ready\n"

    # Two errors in a row, each with its own explanation; then a cell without one.
    assert "linear_in" not in run(client, "nn.Linear(3, 2)(torch.zeros(4, 9))")[1]
    assert "in_features=9" in run(client, "nn.Linear(3, 2)(torch.zeros(4, 9))")[1]
    assert "body.0.conv" in run(client, WRONG)[1]
    assert run(client, "net(torch.zeros(2, 5, 49)).shape")[1] == "torch.Size([2, 8, 47])"
    assert "padding=1" in run(client, "nn.Conv1d(4, 8, 3, padding='same', stride=2)")[1]

    assert run(client, "%unload_ext conv1d_tutor") == ("", "", None)
    error, shown, _ = run(client, WRONG)
    assert "Given groups=1" in error and shown == ""
    run(client, "%load_ext conv1d_tutor\n%reload_ext conv1d_tutor")
    assert run(client, WRONG)[1].count("torch says") == 1


def caught(call: Any) -> BaseException:
    try:
        call()
    except BaseException as error:
        return error
    raise AssertionError("no error")


class Guarded(nn.Module):
    """A forward whose failures are its own."""

    def __init__(self, mode: str = "") -> None:
        super().__init__()
        self.mode, self.conv = mode, nn.Conv1d(4, 4, 3)

    def forward(self, x):
        if self.mode == "key":
            return {}["missing"]
        if self.mode == "own":
            raise RuntimeError("this model is made for the moon")
        if self.mode == "value" and float(x.mean()) > 1:
            raise ValueError("too warm")
        return self.conv(x)


def test_explains_what_a_layer_was_given() -> None:
    found = explain_error(caught(lambda: Guarded()(torch.zeros(2, 9, 4))))
    assert found.problem == "channels_last"
    found = explain_error(caught(lambda: nn.CrossEntropyLoss()(torch.zeros(2, 9, 4), torch.zeros(2, 9).long())))
    assert found.problem == "loss_shapes"
    found = explain_error(caught(lambda: nn.Conv1d(4, 6, 3, groups=4)))
    assert found.problem == "groups" and found.fix is None


def test_the_repair_of_what_could_not_be_built_builds() -> None:
    found = explain_error(caught(lambda: nn.Conv1d(2, 16, 15, stride=5, padding="same")))
    assert found.fix == found.fixes[0].expression == "nn.Conv1d(2, 16, 15, stride=5, padding=7)(x)"
    assert eval(found.fix, {"nn": nn, "x": torch.zeros(3, 2, 100)}).shape == (3, 16, 20)
    found = explain_error(caught(lambda: nn.Conv1d(2, 4, 3, padding="casual")))
    assert found.problem == "padding_text" and found.fix is None and found.fixes == []
    # What the rule says is mended, and another argument is wrong too.
    found = explain_error(caught(lambda: nn.Conv1d(2, 4, 3, padding="SAME", padding_mode="zero")))
    assert found.fix is None and "(builds)" not in found.text


@pytest.mark.parametrize(
    "call",
    [
        lambda: 1 / 0,
        lambda: Guarded("key")(torch.zeros(2, 4, 9)),
        lambda: Guarded("own")(torch.zeros(2, 4, 9)),
        lambda: Guarded("value")(torch.full((2, 4, 9), 7.0)),
        lambda: torch.zeros(3) + torch.zeros(4),
        lambda: (_ for _ in ()).throw(KeyboardInterrupt),
    ],
    ids=["no torch", "key", "own", "own value", "no layer", "interrupt"],
)
def test_leaves_other_errors_alone(call: Any) -> None:
    assert explain_error(caught(call)) is None


def test_never_raises_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(error: BaseException) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("conv1d_tutor.explainer.explain_error", broken)
    notebook._after_cell(mock.Mock(error_in_exec=ValueError("x")))
    notebook._after_cell(mock.Mock(error_in_exec=None))
    notebook._after_cell(object())


def test_unloading_what_was_not_loaded_is_fine() -> None:
    shell = mock.Mock()
    shell.events.unregister.side_effect = ValueError
    notebook.unload_ipython_extension(shell)
