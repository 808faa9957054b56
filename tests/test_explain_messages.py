"""torch still says what `explain` reads, and the shell says what `explain` says."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from explain_catalogue import values
from torch import nn

from conv1d_tutor import explain, explainer
from conv1d_tutor.explainer import PROBLEMS
from conv1d_tutor.explainer.torch_says import MESSAGES, Message, understood

FOLDER = Path(explainer.__file__).parent

# torch's messages: a rewording turns one of these red


x = values(2, 4, 9)
CALLS = [(known, call) for known in MESSAGES for call in known.calls]


@pytest.mark.parametrize(("known", "call"), CALLS, ids=[f"{known.kind} {call}" for known, call in CALLS])
def test_the_table_knows_what_torch_says(known: Message, call: str) -> None:
    with pytest.raises(Exception) as caught:
        eval(call, {"torch": torch, "nn": nn, "F": F, "x": x})
    first, _, besides = understood(" ".join(str(caught.value).split()))
    assert known.kind in (besides if known.aside else (first.kind,))


def test_every_message_has_a_name_of_its_own_a_call_and_a_cause_that_exists() -> None:
    kinds = [known.kind for known in MESSAGES]
    assert len(set(kinds)) == len(kinds)
    for known in MESSAGES:
        assert known.calls
        assert bool(known.problem) == bool(known.means)
        assert known.problem in (*PROBLEMS, "")


def test_devices_of_their_own() -> None:
    # As torch 2.13 words it on a machine with a second device.
    for said in (
        "Expected all tensors to be on the same device, but got input is on cpu, different from other tensors",
        "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
        "Input and parameter tensors are not at the same device, found input tensor at cpu",
        "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu()",
        "Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same",
    ):
        kind = "device_numpy" if "numpy" in said else "device"
        assert understood(said)[0].kind == kind and understood(said)[0].problem == "device"


def test_no_other_file_reads_words_of_torch() -> None:
    for path in FOLDER.rglob("*.py"):
        if path.name == "torch_says.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant):
                read = ast.unparse(node)
                assert not any(word in read for word in ("message", "error", "text", "str(")), (path.name, read)
            # evidence.py reads the expressions of repairs, which this folder wrote itself.
            reads = isinstance(node, ast.Import) and any(name.name == "re" for name in node.names)
            assert not reads or path.name == "evidence.py", path.name


# The command line


def shell(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "conv1d_tutor", *arguments], capture_output=True, text=True)


def test_command_line_prints_the_same_explanation(capsys: pytest.CaptureFixture) -> None:
    from conv1d_tutor.__main__ import main

    assert main(["explain", "--input", "239,49,5", "--conv", "5,5,3"]) == 1
    assert capsys.readouterr().out.strip() == str(explain(nn.Conv1d(5, 5, 3), (239, 49, 5)))
    assert main(["explain", "--input", "(239, 5, 49)", "--conv", "5,5,3", "--stride", "2", "--padding", "1"]) == 0
    assert "L_out" in capsys.readouterr().out
    assert main(["explain", "--input", "2,4,9", "--conv", "4,4,3", "--stride", "2", "--padding", "same"]) == 1
    assert "stride=2, padding=1" in capsys.readouterr().out
    assert main(["explain", "--input", "2,4,9", "--conv", "4,4"]) == 2
    assert "three numbers" in capsys.readouterr().err


def test_command_line_from_a_shell() -> None:
    done = shell("explain", "--input", "2,9,4", "--conv", "4,4,3")
    assert done.returncode == 1 and "layer(x.permute(0, 2, 1))" in done.stdout and done.stderr == ""
