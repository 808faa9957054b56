"""What will come out? An answer that stays folded until the reader has made a prediction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._refusals import Refused, array, refusing
from .._showing import Fold, Piece, Sentence, Shown
from ..verify.values import first_difference, tolerance_for


@dataclass(frozen=True, repr=False)
class Prediction(Shown):
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
        """Show the verdict, and nothing of the answer before a guess is made; a console has no folds."""
        if self.right is None:
            return "Make a prediction first; the answer is folded away."
        verdict = f"Right: {self.answer}" if self.right else f"Not right: {self.problem}"
        return _sentence(verdict) + (f" Because {self.because}" if self.because else "")

    def _pieces(self) -> Sequence[Piece]:
        why = [Sentence(f"Because {self.because}")] if self.because else []
        if self.right:
            return [Sentence(_sentence(f"Right: {self.answer}")), *why]
        problem = [Sentence(_sentence(self.problem))] if self.problem else []
        hidden = [Sentence(self.answer), *problem, *why]
        if self.right is None:
            return [Fold("Make a prediction, then open the answer", hidden)]
        return [Sentence("Not right yet."), Fold("Open the answer", hidden)]


@refusing
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
    except Refused as refused:
        rule = "an answer is a number, a shape, an array or a text."
        raise Refused(refused.parts[0], rule, "the text of the answer in quotes.", TypeError) from None
    if guess is None:
        return Prediction(text, because=because)
    problem = _guess_problem(answer, guess)
    return Prediction(text, not problem, problem, because)


def _answer_text(value: Any) -> str:
    """Write an answer or a guess as a reader would."""
    if isinstance(value, str):
        return value
    values = array("the answer", value, empty=True).tolist()
    return str(tuple(values) if isinstance(value, tuple) else values)


def _guess_problem(answer: Any, guess: Any) -> str:
    """Say in what the guess differs from the answer; nothing where it is right."""
    plainly = f"it is not {guess}, it is {answer}"
    if isinstance(answer, str) or isinstance(guess, str):
        return "" if _plain(answer) == _plain(guess) else plainly
    try:
        mine, right = (array("the answer", one, empty=True) for one in (guess, answer))
    except Refused:
        return plainly
    plainly = f"it is not {_answer_text(guess)}, it is {_answer_text(answer)}"
    if mine.shape != right.shape:
        lengths = mine.ndim == right.ndim == 1
        return plainly + (f", of length {right.size} and not {mine.size}" if lengths else "")
    difference = first_difference(mine, right, tolerance_for(mine, right))
    if difference is None:
        return ""
    of_axes = isinstance(answer, tuple) and mine.ndim == 1
    place = f"axis {difference.where[0]}" if of_axes else f"value {list(difference.where)}"
    return f"{place if mine.ndim else 'it'} is not {difference.mine}, it is {difference.expected}"


def _plain(text: Any) -> str:
    """Write a text without what does not matter in a guess: case, spaces, the full stop."""
    return " ".join(str(text).casefold().split()).rstrip(".")


def _sentence(text: str) -> str:
    """End a text with one full stop."""
    return text.rstrip(".") + "." if text else ""
