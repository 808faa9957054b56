"""What does a learner's function do with a case? Run on copies, and every error kept."""

import copy
import inspect
import reprlib
import textwrap
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from .answers import a, array_difference, like, plain, same

#: How far a single float that a function returns may be off, as a part of the expected one.
ROUNDING = 1e-5
#: Names that the lessons import, and how.
IMPORTS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "np": "import numpy as np",
    "math": "import math",
    "scipy": "import scipy.signal",
    **{name: f"from conv1d_tutor import {name}" for name in ("arithmetic", "datasets", "layout", "reference")},
}
#: What a message of Python or torch means in code that lays out data; it says the rest itself.
MEANINGS = {
    "Dimension out of range": "Axes are named by their places, from 0 on, not by sizes: there is none here.",
    "expected Tensor as element": "It takes tensors only, and here an array or a list is among them.",
    "llipsis": "Where dots `...` stand, your code is still missing.",
    "must be Tensor, not": "It takes tensors only: `torch.as_tensor` makes one.",
}


@dataclass(frozen=True)
class Outcome:
    """What a function did with one case.

    Args:
        value: what it returned, as `plain` writes it.
        returned: what it returned, as it is.
        error: what it raised.
        changed: the name of an argument that it changed in place.
    """

    value: Any = None
    returned: Any = None
    error: BaseException | None = None
    changed: str = ""

    def is_like(self, other: "Outcome") -> bool:
        """Say whether another function did the same: the same value, or the same type of error."""
        if self.error or other.error:
            return type(self.error) is type(other.error)
        return same(self.value, other.value, ROUNDING)

    @property
    def unknown_name(self) -> str:
        """The name at which the function stopped, because nobody has given it a value; empty without one."""
        return (self.error.name or "") if type(self.error) is NameError else ""

    @property
    def is_blank(self) -> bool:
        """Whether the function is not written yet."""
        unwritten = self.returned is None or self.returned is ...
        return isinstance(self.error, NotImplementedError) if self.error else unwritten


def run(function: Callable[..., Any], case: Sequence[Any], names: Sequence[str]) -> Outcome:
    """Run a function on a copy of a case.

    Args:
        function: the learner's, or the solution, or a wrong answer.
        case: its arguments; they stay as they are.
        names: the names of these.

    Returns:
        The outcome. Random numbers are seeded, and those of the notebook go on as if nothing had been run.
    """
    arguments = copy.deepcopy(tuple(case))
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(0)
        try:
            returned = function(*arguments)
        except (Exception, SystemExit) as error:  # all but the interrupt, which is the learner's own
            return Outcome(error=error)
    if inspect.iscoroutine(returned):
        returned.close()  # or Python warns that nobody waited for it
    changed = [name for name, now, old in zip(names, arguments, case, strict=True) if not _unchanged(now, old)]
    try:
        value = plain(returned)
    except Exception:  # an output that holds no numbers is not an answer, and no reason to stop
        value = returned
    return Outcome(value, returned, changed=changed[0] if changed else "")


def _unchanged(now: Any, old: Any) -> bool:
    """Say whether an argument is what it was; of other objects than data, nothing is known."""
    data = torch.Tensor | np.ndarray | list
    return not isinstance(old, data) or same(plain(now), plain(old), 0)


def names_of(function: Callable[..., Any]) -> list[str]:
    """The names of a solution's arguments."""
    return list(inspect.signature(function).parameters)


def wrong_arguments(function: Callable[..., Any], solution: Callable[..., Any]) -> str:
    """Say that a function cannot be called as the solution is.

    Args:
        function: the learner's.
        solution: the solution.

    Returns:
        A sentence, without a capital; empty where it can be called.
    """
    names = names_of(solution)
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions do not tell
        return ""
    try:
        signature.bind(*names)
    except TypeError:
        call = f"{solution.__name__}({', '.join(names)})"
        name = getattr(function, "__name__", "")
        other = name.isidentifier() and name != solution.__name__
        which = f" Is `{name}` the function of this exercise?" if other else ""
        return f"the function is called as `{call}`, but yours is written with the arguments {signature}.{which}"
    return ""


def describe_unknown(name: str, solution: Callable[..., Any]) -> str:
    """Say what to do about a name that is not known in the kernel.

    Args:
        name: the name.
        solution: the solution, whose arguments are there for sure.

    Returns:
        Sentences, without a capital.
    """
    if name in IMPORTS:
        return (
            f"`{name}` is not known in this kernel yet. Run the lesson from its first cell on, "
            f"or `{IMPORTS[name]}` alone, and then this cell again."
        )
    known = ", ".join(f"`{argument}`" for argument in names_of(solution))
    return (
        f"`{name}` is not known here. The function is given {known}. Is the name written as where you made it? "
        "If another cell makes it, run that cell first."
    )


def unlike_tensor(mine: Any, expected: Any) -> str:
    """Say that the right numbers come in a form that torch does not take.

    Args:
        mine, expected: what two functions returned, with the same values.

    Returns:
        Sentences, without a capital; empty where a tensor is not asked for, or is there.
    """
    if isinstance(expected, tuple | list) and not isinstance(mine, torch.Tensor | np.ndarray):
        return next(filter(None, map(unlike_tensor, mine, expected)), "")
    if not isinstance(expected, torch.Tensor) or not expected.ndim:
        return ""
    if not isinstance(mine, torch.Tensor):
        kind = a(type(mine).__name__)
        return f"the numbers are right, but they come in {kind}. Conv1d refuses all but tensors: return one."
    if expected.is_floating_point() and not mine.is_floating_point():
        return (
            f"the numbers are right, but they are stored as whole numbers ({mine.dtype}). "
            "Conv1d multiplies floats with floats only, and refuses these: `.float()` makes floats of them."
        )
    return ""


def other_type(function: Callable[..., Any], solution: Callable[..., Any], case: Sequence[Any]) -> str:
    """Say that a right function returns another type than the solution, such as a list for an array.

    Args:
        function: the learner's.
        solution: the solution.
        case: its arguments.

    Returns:
        What it returns and what is needed, "a list, where an ndarray is needed"; empty where the types agree.
    """
    names = names_of(solution)
    mine, ours = (run(each, case, names).returned for each in (function, solution))
    if isinstance(mine, type(ours)):
        return ""
    return f"{a(type(mine).__name__)}, where {a(type(ours).__name__)} is needed"


def describe_case(case: Sequence[Any], names: Sequence[str]) -> str:
    """Write a case in short: ``x of shape (2, 3, 4), hours=3``."""
    texts = []
    for name, value in zip(names, case, strict=True):
        shape = getattr(value, "shape", ())
        texts.append(f"{name} of shape {tuple(shape)}" if len(shape) else f"{name}={reprlib.repr(value)}")
    return ", ".join(texts)


def describe_error(error: BaseException, function: Callable[..., Any]) -> str:
    """Write what a learner's function raised, and in which line of it, without a traceback."""
    text = textwrap.shorten(str(error), 300, placeholder=" …")
    name = type(error).__name__
    said = f"your function raised {name}: {text}" if text else f"your function raised {name}"
    code = getattr(inspect.unwrap(getattr(function, "func", function)), "__code__", None)
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if code and frame.filename == code.co_filename
    ]
    if frames:
        shown = f": `{frames[-1].line}`" if frames[-1].line else ""
        said = f"{said} (line {frames[-1].lineno} of your code{shown})"
    return " ".join([f"{said}.", *(meaning for words, meaning in MEANINGS.items() if words in text)])


def describe_outcome(mine: Outcome, expected: Outcome, function: Callable[..., Any]) -> str:
    """Say in what an outcome differs from the expected one.

    Args:
        mine, expected: two outcomes of the same case.
        function: the learner's.

    Returns:
        A sentence, without a capital; then lines, where values differ.
    """
    if mine.error:
        return describe_error(mine.error, function)
    if expected.error:
        return f"{a(type(expected.error).__name__)} is to be raised, but your function returned something."
    if mine.returned is None or mine.returned is ...:
        return "your function returns nothing here. Does it end with `return` in every branch?"
    if isinstance(expected.value, np.ndarray):
        value = like(mine.value, expected.value)
        value = np.asarray(value) if isinstance(value, int | float) else value
        if not isinstance(value, np.ndarray):
            kind = "tensor" if isinstance(expected.returned, torch.Tensor) else "array"
            found = a(type(mine.returned).__name__)
            return f"your function returns {found}, not {a(kind)} of shape {expected.value.shape}."
        whole = value.dtype.kind in "iu" and value.shape == expected.value.shape
        if whole and not same(expected.value, np.round(expected.value), ROUNDING):
            return (
                f"your function returns whole numbers ({value.dtype}), and those asked for are not whole. "
                "An array made with `dtype=int`, or of whole numbers, cuts off what stands behind the point."
            )
        return array_difference(value, expected.value, ROUNDING)
    if isinstance(expected.value, tuple) and any(isinstance(part, np.ndarray) for part in expected.value):
        count = len(expected.value)
        if not isinstance(mine.value, tuple) or len(mine.value) != count:
            return f"your function returns {a(type(mine.returned).__name__)}, and {count} results are asked for."
        pairs = list(zip(mine.value, expected.value, strict=True))
        place = next(i for i, pair in enumerate(pairs) if not same(*pair, ROUNDING))
        part, wanted = (Outcome(value, value) for value in pairs[place])
        return (
            f"of the {count} results, number {place + 1} is not right: {describe_outcome(part, wanted, function)}"
        )
    return f"your function returns {reprlib.repr(mine.value)}, expected {reprlib.repr(expected.value)}."
