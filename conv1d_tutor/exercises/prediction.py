"""What will come out? A question, its answer, which is computed, and what each wrong guess shows."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .._refusals import Refused, array, brief
from .._showing import Fold, Piece, Sentence, Shown
from ..verify.values import first_difference, tolerance_for
from .answers import is_blank
from .exercise import WrongAnswer


@dataclass(eq=False, repr=False)
class Question:
    """What is to be predicted in a lesson, made by `prediction`.

    Args:
        id, asks, because, options: see `prediction`.
        compute: the function that computes the answer.

    Attributes:
        mistakes: the wrong guesses that are known, each with what is said to it.
    """

    id: str
    asks: str
    because: str
    options: tuple[str, ...]
    compute: Callable[[], Any]
    mistakes: list[WrongAnswer] = field(default_factory=list, init=False)

    @cached_property
    def answer(self) -> Any:
        """The answer, computed when first asked for."""
        return self.compute()

    def wrong(self, guess: Any, says: str) -> Any:
        """Name a wrong guess and what is said to it.

        Args:
            guess: a value of the answer's kind.
            says: which misunderstanding gives it; it follows "Not right: ", and does not name the answer.

        Returns:
            The guess.
        """
        self.mistakes.append(WrongAnswer(guess, says))
        return guess

    def __repr__(self) -> str:
        """Show what is asked, and nothing of the answer."""
        return f"Prediction {self.id}: {self.asks}"

    @property
    def lesson(self) -> str:
        """The number of its lesson, such as "04"."""
        return self.id.partition(".")[0]

    @property
    def expression(self) -> str:
        """The code that gives the answer, as Python writes it."""
        function = ast.parse(textwrap.dedent(inspect.getsource(self.compute))).body[0]
        (last,) = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
        return ast.unparse(last.value) if last.value else ""


def prediction(
    id: str, asks: str, *, because: str, options: tuple[str, ...] = ()
) -> Callable[[Callable[[], Any]], Question]:
    """Make a question of the function below, which computes the answer.

    Args:
        id: lesson and letter, such as "05.c".
        asks: the question, one or two sentences, with all that it needs: shapes, numbers, the layer.
        because: the reason; it follows the word "Because", and ends with a full stop.
        options: what a guess may be, where the answer is a text.

    Returns:
        A decorator, which puts a `Question` in the place of the function.

    Example:
        >>> @prediction("05.z", "How many fingers have two hands?", because="each hand has five.")
        ... def fingers():
        ...     return len("thumb index middle ring little".split()) * 2
        >>> fingers.wrong(5, "this is one hand.")
        5
        >>> judge_guess(fingers, 5), judge_guess(fingers, 10)
        (Not right: this is one hand., Right: 10. Because each hand has five.)
    """
    return lambda compute: Question(id, asks, because, options, compute)


@dataclass(frozen=True, repr=False)
class Prediction(Shown):
    """What is said to a guess, or before one is made.

    Args:
        question: what is asked.
        right: whether the guess was right; None before a guess is made.
        says: what is said to a wrong guess.
    """

    question: Question
    right: bool | None = None
    says: str = ""

    def __repr__(self) -> str:
        """Show the verdict, and nothing of the answer before it is right; a console has no folds."""
        if self.right is None:
            return f"{self.question.asks}\n{self._how()}"
        if self.right:
            return f"Right: {_sentence(_written(self.question.answer))} Because {self.question.because}"
        return f"Not right: {self.says}"

    def _how(self) -> str:
        """Say how a guess is made."""
        options = self.question.options
        kind = "your guess"
        if options:
            kind = " or ".join(f'"{option}"' for option in options)
        return f'Make your guess before you go on: `predict("{self.question.id}", …)` with {kind} for the dots.'

    def _pieces(self) -> Sequence[Piece]:
        answer = Sentence(_sentence(_written(self.question.answer)))
        because = Sentence(f"Because {self.question.because}")
        if self.right:
            return [Sentence(f" {answer.text}", "Right:"), because]
        folded = Fold("Open the answer", [answer, because])
        if self.right is None:
            return [Sentence("", self.question.asks), Sentence(self._how()), folded]
        return [Sentence(f" {self.says}", "Not right:"), folded]

    def _bar(self) -> str:
        return {True: "good", False: "bad", None: "open"}[self.right]


def judge_guess(question: Question, guess: Any) -> Prediction:
    """Say whether a guess is right and, if not, which misunderstanding gives it.

    Args:
        question: what is asked.
        guess: anything; None, ``...`` or an empty text while there is none.

    Returns:
        What is said, which shows itself. Nothing is raised, whatever the guess is.
    """
    try:
        if is_blank(guess):
            return Prediction(question)
        if question.options:
            known = {_plain(option) for option in question.options}
            if _plain(guess) not in known:
                return Prediction(question, False, f"choose one of {', '.join(map(repr, question.options))}.")
        if not _difference(question.answer, guess):
            return Prediction(question, True)
        for mistake in question.mistakes:
            if not _difference(mistake.answer, guess):
                return Prediction(question, False, mistake.message)
        return Prediction(question, False, _difference(question.answer, guess))
    except Exception as error:  # an object that cannot be compared is no reason to stop a lesson
        return Prediction(
            question, False, f"a {type(guess).__name__} cannot be compared ({type(error).__name__})."
        )


def _difference(answer: Any, guess: Any) -> str:
    """Say in what a guess differs from the answer, without naming the answer; nothing where it is right."""
    plainly = f"it is not {_written(guess)}."
    if isinstance(answer, str) or isinstance(guess, str):
        return "" if isinstance(answer, str) and _plain(answer) == _plain(guess) else plainly
    try:
        mine, right = (array("the guess", one, empty=True) for one in (guess, answer))
    except Refused:
        return f"{brief(guess)} is not what is asked for: a number, or a shape such as (2, 3)."
    if mine.shape != right.shape:
        if mine.ndim == right.ndim == 1 and isinstance(answer, tuple):
            return f"it is not {_written(guess)}: a shape of {mine.size} axes is not what comes out."
        return plainly
    found = first_difference(mine, right, tolerance_for(mine, right))
    if found is None:
        return ""
    where = f": axis {found.where[0]} is another" if mine.ndim == 1 and isinstance(answer, tuple) else ""
    return f"it is not {_written(guess)}{where}."


def _written(value: Any) -> str:
    """Write an answer or a guess as a reader would."""
    if isinstance(value, str):
        return value
    try:
        values = array("the answer", value, empty=True).tolist()
    except Refused:
        return brief(value)
    return str(tuple(values) if isinstance(value, tuple) else values)


def _plain(text: Any) -> str:
    """Write a text without what does not matter in a guess: case, spaces, the full stop."""
    return " ".join(str(text).casefold().split()).rstrip(".")


def _sentence(text: str) -> str:
    """End a text with one full stop."""
    return text.rstrip(".") + "." if text else ""
