"""`import conv1d_tutor.auto` in a script: an explanation below torch's traceback; nothing else changes."""

import importlib
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
import torch
from torch import nn

import conv1d_tutor.auto
from conv1d_tutor import explain
from conv1d_tutor.__main__ import main
from conv1d_tutor._showing import plain
from conv1d_tutor.jupyter import extension

START = "import torch\nfrom torch import nn\n"
WRONG = "nn.Conv1d(5, 8, 3)(torch.zeros(239, 49, 5))\n"
#: Errors that are not explained, as they are typed in a session.
OTHERS = """1 / 0
raise ValueError("nothing to do with tensors")
torch.zeros(3) + torch.zeros(4)
raise KeyboardInterrupt
thread = threading.Thread(target=lambda: 1 / 0, name="one")
thread.start(); thread.join()
"""


def python(*arguments: str, typed: str = "") -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, input=typed)


def refused() -> RuntimeError:
    """An error with the frames it came through."""
    with pytest.raises(RuntimeError) as caught:
        nn.Conv1d(5, 8, 3)(torch.zeros(239, 49, 5))
    return caught.value


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[mock.Mock]:
    """Hooks as a program had set them, and the module loaded after that."""
    hooks = mock.Mock(spec=["main", "thread"])
    monkeypatch.setattr(sys, "excepthook", hooks.main)
    monkeypatch.setattr(threading, "excepthook", hooks.thread)
    del hooks.main.explains
    # IPython may have been imported by other tests, but does not run.
    importlib.reload(conv1d_tutor.auto)
    assert sys.excepthook is not hooks.main and threading.excepthook is not hooks.thread
    return hooks


def test_the_same_answer_from_explain_the_extension_the_shell_and_a_script(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    explained = str(explain(nn.Conv1d(5, 8, 3), torch.zeros(239, 49, 5)))

    done = python("-c", f"import conv1d_tutor.auto\n{START}{WRONG}")
    trace, _, below = done.stderr.partition("channels instead\n")
    assert trace.startswith("Traceback (most recent call last):") and done.returncode == 1 and done.stdout == ""
    assert below == explained + "\n"

    assert main(["explain", "--input", "239,49,5", "--conv", "5,8,3"]) == 1
    assert capsys.readouterr().out == explained + "\n"

    shown = mock.Mock()
    monkeypatch.setattr("IPython.display.display", shown)
    extension._after_cell(mock.Mock(error_in_exec=refused()))
    assert str(shown.call_args.args[0]) == explained


def test_a_session_goes_on_explains_every_error_and_leaves_others_as_they_were() -> None:
    typed = f"import threading\n{START}{OTHERS}print(6 * 7)\n"
    before = python("-i", "-q", "-c", "pass", typed=typed)
    wrong = f"{WRONG}nn.Conv1d(4, 6, 3, groups=4)\nthread = threading.Thread(target=lambda: {WRONG.strip()})\n"
    wrong += "thread.start(); thread.join()\n"
    now = python("-i", "-q", "-c", "import conv1d_tutor.auto", typed=typed + wrong)
    assert now.stdout == before.stdout == "42\n"
    # The last prompt of the one is where the other goes on.
    same, rest = now.stderr[: len(before.stderr) - 5], now.stderr[len(before.stderr) - 5 :]
    assert before.stderr.startswith(same) and "it means" not in same and same.count("Traceback") == 5
    first, second, third = rest.split("Traceback (most recent call last):")[1:]
    assert "x.permute(0, 2, 1)" in first and "x.permute(0, 2, 1)" in third and "groups" in second
    assert [one.count("it means") for one in (first, second, third)] == [1, 1, 1]


def test_the_hook_that_was_there_is_called_first_and_once(hooks: mock.Mock, capsys: pytest.CaptureFixture) -> None:
    importlib.reload(conv1d_tutor.auto)
    error = refused()
    hooks.main.side_effect = lambda *_: print("the traceback", file=sys.stderr)
    sys.excepthook(type(error), error, error.__traceback__)
    hooks.main.assert_called_once_with(type(error), error, error.__traceback__)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "the traceback" and lines[1].startswith("Conv1d saw (239, 49, 5)")
    assert sum("torch says" in line for line in lines) == 1
    args = threading.ExceptHookArgs((type(error), error, error.__traceback__, None))
    threading.excepthook(args)
    hooks.thread.assert_called_once_with(args)
    assert "torch says" in capsys.readouterr().err


def test_an_explanation_that_fails_hides_nothing(
    hooks: mock.Mock, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conv1d_tutor.explainer.explain_error", lambda error: 1 / 0)
    error = refused()
    sys.excepthook(type(error), error, error.__traceback__)
    assert hooks.main.called and capsys.readouterr().err == ""


def test_old_terminals_get_plain_letters(hooks: mock.Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    model = nn.Sequential(nn.Conv1d(4, 4, 3), nn.Flatten(), nn.Linear(3, 2))
    with pytest.raises(RuntimeError) as caught:
        model(torch.zeros(2, 4, 9))
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stderr", terminal)
    sys.excepthook(type(caught.value), caught.value, caught.value.__traceback__)
    written, meant = terminal.buffer.getvalue().decode("ascii"), str(explain(model, torch.zeros(2, 4, 9)))
    assert not meant.isascii() and written == f"{plain(meant, terminal)}\n"


def test_nothing_is_loaded_before_an_error_of_torch() -> None:
    code = """
import sys, threading
import conv1d_tutor
loaded = set(sys.modules)
import conv1d_tutor.auto
print(sorted(set(sys.modules) - loaded))
try:
    1 / 0
except ZeroDivisionError as error:
    sys.excepthook(type(error), error, error.__traceback__)
print(sorted(set(sys.modules) & {"conv1d_tutor.explainer", "torch"}))
"""
    done = python("-c", code)
    assert done.stdout == "['conv1d_tutor.auto']\n[]\n" and "ZeroDivisionError" in done.stderr


def test_in_ipython_it_loads_the_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = mock.Mock()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    before = sys.excepthook, threading.excepthook
    importlib.reload(conv1d_tutor.auto)
    shell.extension_manager.load_extension.assert_called_once_with("conv1d_tutor")
    assert (sys.excepthook, threading.excepthook) == before


def test_a_test_that_imports_it_fails_as_before(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text("import threading\nimport conv1d_tutor.auto\ndef test_it():\n    assert 1 == 2\n")
    done = python("-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(file))
    assert "1 failed" in done.stdout and "INTERNALERROR" not in done.stdout + done.stderr
