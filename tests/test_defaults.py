"""Conv1d's defaults have one home, `arithmetic.DEFAULTS`: torch has the same, and so has whoever repeats them."""

import inspect
from collections.abc import Callable
from typing import Any

import public
import pytest
import torch

from conv1d_tutor.arithmetic import DEFAULTS


def repeated(function: Callable[..., Any]) -> dict[str, Any]:
    """The defaults of a signature's arguments that Conv1d has too."""
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:  # an exception's own constructor
        return {}
    found = {name: parameters[name].default for name in DEFAULTS if name in parameters}
    if "weight" in parameters:  # beside a weight stands a bias that is an operand, as in torch.nn.functional
        assert found.pop("bias", None) is None
    return {name: default for name, default in found.items() if default is not inspect.Parameter.empty}


REPEATED = {name: found for name, function in public.callables().items() if (found := repeated(function))}


def test_the_defaults_are_those_of_torch() -> None:
    assert repeated(torch.nn.Conv1d) == DEFAULTS
    order = [name for name in inspect.signature(torch.nn.Conv1d).parameters if name in DEFAULTS]
    assert list(DEFAULTS) == order


def test_the_rooms_that_repeat_them_are_found() -> None:
    assert {name.split(".")[0] for name in REPEATED} >= {
        "arithmetic",
        "explore",
        "plotting",
        "reference",
        "verify",
    }


@pytest.mark.parametrize("name", REPEATED)
def test_who_repeats_a_default_repeats_it_rightly(name: str) -> None:
    assert REPEATED[name] == {argument: DEFAULTS[argument] for argument in REPEATED[name]}
