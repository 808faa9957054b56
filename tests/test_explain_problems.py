"""Problems that people posted, as they met them: right, or open about what decides, and never misled.

`explain_problems.json` holds them in our own minimal code, each with the thread it comes from; shapes, arguments
and torch's message are facts. They are scored by kind. What is right is decided by the numbers that come out.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from conv1d_tutor import explain
from conv1d_tutor.explainer import Explanation, explain_error

PROBLEMS = json.loads((Path(__file__).parent / "explain_problems.json").read_text(encoding="utf-8"))
#: What no expression in the layer and its input can say as the person needs it: a class to trace anew, another
#: piece of the recording, another part of the batch. Then the text has to say what is meant.
BEYOND = {
    "mossformer-5": "pieces of",
    "torch-38472": "the model was traced with (2, 5, 49)",
}
#: The part of the input that the listed fix is of, to be quick: a fix is right if it gives the same of that part.
OF_PART = {"vcagan-2": "x[:1]"}
#: Where more has to be known than a layer and its input: what decides, as the text has to name it.
NAMES_WHAT_DECIDES = {
    "whisper-timestamped-132": "n_mels=128",
    "coqui-1700": "waveform",
    "bearing-2": "windows",
    "pyannote-298": "mono waveforms",
}
#: The note that is about the fault.
NOTICED = {
    "textcnn-3": "embedding_not_turned",
    "carla-16": "view_recut",
    "torch-11991": "cases_as_channels",
    "tdanet-3": "batch_first",
    "catalyst-285": "one_value",
    "audio-4205": "padding_leaks",
    "torch-142301": "cases_as_channels",
    "silero-12": "squeeze_batch",
    "torch-1053": "not_registered",
}


def kind(problem: dict[str, Any]) -> str:
    if problem["fine"]:
        return "fine"
    if problem["silent"]:
        return "silent"
    return "context" if problem["needs_context"] else "raises"


def of_kind(name: str) -> list[Any]:
    return [pytest.param(p, id=p["id"]) for p in PROBLEMS if kind(p) == name]


def setting(problem: dict[str, Any]) -> dict[str, Any]:
    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": F}
    exec(problem["setup"], names)
    return names


def value(expression: str, problem: dict[str, Any]) -> Any:
    """What an expression computes, in a setting of its own; new layers have the same weights each time."""
    torch.manual_seed(0)
    names = setting(problem)
    names["x"] = eval(OF_PART.get(problem["id"], "x"), names)
    torch.manual_seed(1)
    return eval(expression, names)


def explained(problem: dict[str, Any]) -> Explanation:
    """What the person would be told: of the call that failed, else of the layer and its input."""
    names = setting(problem)
    if problem["call"] and problem["torch_error"]:
        with pytest.raises(Exception) as raised:
            exec(problem["call"], names)
        found = explain_error(raised.value)
        if found is not None:
            return found
    return explain(names["layer"], names["x"])


def is_right(expression: str, problem: dict[str, Any]) -> bool:
    try:
        got = value(expression, problem)
    except Exception:
        return False
    meant = value(problem["fix"], problem)
    return torch.is_tensor(got) and got.shape == meant.shape and torch.allclose(got, meant, atol=1e-5)


@pytest.mark.parametrize("problem", of_kind("raises"))
def test_who_meets_an_error_is_led_right_or_shown_the_readings(problem: dict[str, Any]) -> None:
    found = explained(problem)
    assert not found.ok
    if found.fix is not None:
        assert is_right(found.fix, problem), found.fix
    elif problem["id"] in BEYOND:
        assert BEYOND[problem["id"]] in " ".join(found.text.split())
    else:
        assert any(is_right(fix.expression, problem) for fix in found.fixes)


@pytest.mark.parametrize("problem", of_kind("context"))
def test_where_the_layer_and_its_input_do_not_show_it_nothing_is_claimed(problem: dict[str, Any]) -> None:
    found = explained(problem)
    assert not found.ok and found.fix is None
    assert NAMES_WHAT_DECIDES[problem["id"]] in " ".join(found.text.split())


@pytest.mark.parametrize("problem", of_kind("silent"))
def test_a_silent_fault_is_noticed(problem: dict[str, Any]) -> None:
    found = explained(problem)
    assert found.ok
    assert NOTICED[problem["id"]] in {note.code for note in found.notes}


@pytest.mark.parametrize("problem", of_kind("fine"))
def test_what_is_fine_is_not_accused(problem: dict[str, Any]) -> None:
    found = explained(problem)
    assert found.ok and found.notes == []


def test_every_kind_is_there() -> None:
    assert {name: len(of_kind(name)) for name in ("raises", "context", "silent", "fine")} == {
        "raises": 16,
        "context": 4,
        "silent": 9,
        "fine": 2,
    }
