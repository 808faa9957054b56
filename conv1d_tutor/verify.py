"""Is mine the same as torch's, and if not, what did I get wrong?"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._against_torch import Comparison, compare_gradients_with_torch, compare_with_torch
from ._checks import refusal
from ._diagnosis import Diagnosis, diagnose
from ._values import describe_difference, describe_shapes, first_difference, is_tensor, to_array, tolerance_for
from .arithmetic import Size, window

__all__ = [
    "Check",
    "CheckFailed",
    "Comparison",
    "Diagnosis",
    "Prediction",
    "check_equal",
    "check_shape",
    "compare_gradients_with_torch",
    "compare_with_torch",
    "diagnose",
    "predict",
]


class CheckFailed(AssertionError):  # noqa: N818  # it reads as a sentence in a notebook's traceback
    """Two results are not the same; the message says where and how."""


@dataclass(frozen=True, repr=False)
class Check:
    """A check that passed; it displays as its one line.

    Args:
        message: the line.
    """

    message: str

    def __repr__(self) -> str:
        """Show the line."""
        return self.message


def check_equal(
    mine: Any,
    expected: Any,
    *,
    kernel_size: Size | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    tolerance: float | None = None,
) -> Check:
    """Check that two results hold the same numbers, and say where if they do not.

    Args:
        mine: the result to check: a NumPy array, a torch tensor or a number.
        expected: the right result: one of these, or a list of numbers.
        kernel_size: taps of the kernel. Give it when both are outputs of a Conv1d, so that a failure can name
            the input samples behind the first wrong value; `**spec.sliding` of a `Conv1dSpec` gives all four.
        stride, padding, dilation: the other arguments of that Conv1d.
        tolerance: largest difference allowed, as a part of the largest expected value. By default 1e-9 for
            float64, 1e-5 for float32, 1e-2 for float16, 5e-2 for bfloat16, whichever of the two is coarser,
            and 0 for whole numbers.

    Returns:
        A `Check`, which shows one line.

    Raises:
        CheckFailed: the two differ; the message says where, mine, expected and what the output reads.
        TypeError: `expected` does not hold numbers.

    Example:
        >>> check_equal(np.array([3.0, 5.0]), [3.0, 5.0])
        equal: shape (2,), up to rounding (tolerance 1e-09)
        >>> check_equal(np.array([3, 5]), [3, 5])
        equal: shape (2,), every value exactly
    """
    wanted = _expected("check_equal", expected)
    got = _mine(mine, "list" if isinstance(expected, list | tuple) else "array")
    if got.shape != wanted.shape:
        raise CheckFailed(f"not equal: {describe_shapes(got.shape, wanted.shape)}")
    tolerance = tolerance_for(mine, expected) if tolerance is None else tolerance
    difference = first_difference(got, wanted, tolerance)
    if difference is None:
        kind = ", mine is a torch tensor" if is_tensor(mine) and not is_tensor(expected) else ""
        how = f"up to rounding (tolerance {tolerance:.0e})" if tolerance else "every value exactly"
        return Check(f"equal: shape {got.shape}, {how}{kind}")
    reads = None
    if kernel_size is not None and difference.where:
        reads = window(difference.where[-1], kernel_size, stride, padding, dilation)
    raise CheckFailed(f"not equal: {describe_difference(difference, reads)}")


def check_shape(mine: Any, expected: Any) -> Check:
    """Check that a result has the expected shape, and say which axis is off if it has not.

    Args:
        mine: the result, or its shape as a tuple.
        expected: the right shape as a tuple, or an array or tensor that has it.

    Returns:
        A `Check`, which shows one line.

    Raises:
        CheckFailed: the shapes differ.
        TypeError: `expected` has no shape.

    Example:
        >>> check_shape(np.zeros((2, 4, 6)), (2, 4, 6))
        shape as expected: (2, 4, 6)
    """
    wanted = _shape(expected) if _is_shape(expected) else _expected("check_shape", expected).shape
    got = _shape(mine) if isinstance(mine, tuple) and _is_shape(mine) else _mine(mine, "array").shape
    if got != wanted:
        raise CheckFailed(describe_shapes(got, wanted))
    return Check(f"shape as expected: {got}")


@dataclass(frozen=True, repr=False)
class Prediction:
    """An answer that stays folded until it is opened.

    Args:
        answer: the answer in words.
        right: whether the guess was right; None before a guess is made.
        problem: in what a wrong guess differs from the answer.
        because: why the answer is what it is; may be empty.
    """

    answer: str
    right: bool | None = None
    problem: str = ""
    because: str = ""

    def __repr__(self) -> str:
        """Show the verdict, and nothing of the answer before a guess is made."""
        if self.right is None:
            return "Make a prediction first; the answer is folded away."
        verdict = f"Right: {self.answer}" if self.right else f"Not right: {self.problem}"
        return _sentence(verdict) + (f" Because {self.because}" if self.because else "")

    def _repr_html_(self) -> str:
        """Show the verdict, and the answer in a fold that opens by mouse and by keyboard."""
        why = f"Because {self.because}" if self.because else ""
        if self.right:
            return _paragraphs(_sentence(f"Right: {self.answer}"), why)
        label = "Make a prediction, then open the answer" if self.right is None else "Open the answer"
        hidden = _paragraphs(self.answer, _sentence(self.problem), why)
        # The summary of a <details> takes the focus and opens on Enter and Space in every browser.
        fold = f"<details><summary>{label}</summary>{hidden}</details>"
        return fold if self.right is None else f"<p>Not right yet.</p>{fold}"


def predict(answer: Any, guess: Any = None, because: str = "") -> Prediction:
    """Hide an answer until the reader has made a prediction.

    Args:
        answer: a number, a shape, an array or a text.
        guess: the reader's prediction; None while there is none.
        because: the reason, shown with the answer; it follows the word "Because".

    Returns:
        A `Prediction`. As the last line of a cell it shows a fold with the answer; with a guess, it says
        whether the guess was right and, where not, in what it differs.

    Raises:
        TypeError: the answer is no number, shape, array or text.

    Example:
        >>> predict((239, 5, 47))
        Make a prediction first; the answer is folded away.
        >>> predict((239, 5, 47), guess=(239, 5, 49), because="a kernel of 3 fits at 49 − 3 + 1 places.")
        Not right: axis 2 is not 49, it is 47. Because a kernel of 3 fits at 49 − 3 + 1 places.
        >>> predict(47, guess=47)
        Right: 47.
    """
    try:
        text = _answer_text(answer)
    except TypeError as problem:
        raise refusal(
            f"predict({answer!r})",
            f"the answer {problem}",
            "an answer is a number, a shape, an array or a text.",
            "the text of the answer in quotes.",
            error=TypeError,
        ) from None
    if guess is None:
        return Prediction(text, because=because)
    problem = _guess_problem(answer, guess)
    return Prediction(text, not problem, problem, because)


def _answer_text(value: Any) -> str:
    """Write an answer or a guess as a reader would."""
    if isinstance(value, str):
        return value
    values = to_array(value).tolist()
    return str(tuple(values) if isinstance(value, tuple) else values)


def _guess_problem(answer: Any, guess: Any) -> str:
    """Say in what the guess differs from the answer; nothing where it is right."""
    plainly = f"it is not {guess}, it is {answer}"
    if isinstance(answer, str) or isinstance(guess, str):
        return "" if _plain(answer) == _plain(guess) else plainly
    try:
        mine, right = to_array(guess), to_array(answer)
    except TypeError:
        return plainly
    plainly = f"it is not {_answer_text(guess)}, it is {_answer_text(answer)}"
    if mine.shape != right.shape:
        lengths = mine.ndim == right.ndim == 1
        return plainly + (f", of length {right.size} and not {mine.size}" if lengths else "")
    difference = first_difference(mine, right, tolerance_for(mine, right))
    if difference is None:
        return ""
    is_shape = isinstance(answer, tuple) and mine.ndim == 1
    place = f"axis {difference.where[0]}" if is_shape else f"value {list(difference.where)}"
    return f"{place if mine.ndim else 'it'} is not {difference.mine}, it is {difference.expected}"


def _plain(text: Any) -> str:
    """Write a text without what does not matter in a guess: case, spaces, the full stop."""
    return " ".join(str(text).casefold().split()).rstrip(".")


def _sentence(text: str) -> str:
    """End a text with one full stop."""
    return text.rstrip(".") + "." if text else ""


def _paragraphs(*texts: str) -> str:
    """Write texts as HTML paragraphs, escaped; leave out the empty ones."""
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts if text)


def _expected(name: str, expected: Any) -> np.ndarray:
    """Convert what a result is checked against; that it can be is the caller's duty."""
    try:
        return to_array(expected)
    except TypeError as problem:
        raise refusal(
            f"{name}(mine, expected)",
            f"expected {problem}",
            "a result is checked against an array, a torch tensor, a number or a list of numbers.",
            f"the right result in second place: {name}(mine, expected).",
            error=TypeError,
        ) from None


def _mine(mine: Any, wanted: str) -> np.ndarray:
    """Convert the result to check, or say in words what it is instead."""
    if isinstance(mine, list | tuple) and wanted == "array":
        kind = type(mine).__name__
        raise CheckFailed(f"mine is a {kind} of length {len(mine)}, expected an array: try np.array(mine)")
    try:
        return to_array(mine)
    except TypeError as problem:
        raise CheckFailed(f"mine {str(problem).rstrip('.')}") from None


def _is_shape(value: Any) -> bool:
    """Tell a shape, a flat tuple or list of whole numbers, from an array."""
    return isinstance(value, tuple | list) and all(isinstance(n, int | np.integer) for n in value)


def _shape(sizes: Sequence[int]) -> tuple[int, ...]:
    """Write a shape, a torch.Size too, as a tuple of plain integers."""
    return tuple(int(n) for n in sizes)
