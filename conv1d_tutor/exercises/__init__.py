"""Is my answer right, what helps me on, and which exercises are still open?

A lesson's exercises are in the module ``lesson_NN.py``: a tuple ``EXERCISES`` of `Exercise`, below the functions
that solve them or get them wrong. A new module is found by its name. Texts are plain, with `code` in backticks.
"""

import ast
import inspect
import textwrap
from collections import Counter
from dataclasses import replace
from typing import Any

from .._showing import Solution, Verdict, Words
from . import record
from .answers import plain
from .exercise import Exercise, Mistake
from .judging import judge
from .prediction import Prediction, predict
from .record import Progress
from .registry import Registry

__all__ = [
    "EXERCISES",
    "Exercise",
    "Mistake",
    "Prediction",
    "check",
    "hint",
    "predict",
    "progress",
    "solution",
]

#: All exercises by id, in the order of the course.
EXERCISES = Registry()
#: How many hints were asked for, by id, since the notebook was started.
_asked = Counter()


def check(id: str, answer: Any = None) -> Verdict:
    """Say whether an answer is right and, if not, what it shows to be misunderstood.

    Args:
        id: the exercise, such as "05.2".
        answer: the value or the function that the exercise asks for; None while there is none.

    Returns:
        The verdict, which shows itself. Nothing is raised, whatever the answer is. A right answer is kept for
        `progress`.

    Example:
        >>> check("00.1", None)
        Not answered yet. Put your answer in the place of `None`, and run the cell again.
        >>> check("00.1", (5, 8, 3)).passed
        False
    """
    exercise = _find("check", id)
    if not isinstance(exercise, Exercise):
        return exercise
    verdict = judge(exercise, answer)
    problem = record.record(id) if verdict.passed else ""
    return replace(verdict, rest=f"{verdict.rest} {problem}") if problem else verdict


def hint(id: str) -> Words:
    """Give the next hint to an exercise.

    Args:
        id: the exercise, such as "05.2".

    Returns:
        The hint, which shows itself; after the last, all of them.

    Example:
        >>> hint("00.1")
        Hint 1 of 2: ...
    """
    exercise = _find("hint", id)
    if not isinstance(exercise, Exercise):
        return exercise
    _asked[id] += 1
    number, total = _asked[id], len(exercise.hints)
    if number <= total:
        return Words(f"Hint {number} of {total}", f": {exercise.hints[number - 1]}", "hint")
    lines = (f"{i}. {text}" for i, text in enumerate(exercise.hints, start=1))
    ending = f' `solution("{id}")` shows one solution. The hints again:'
    return Words("There are no more hints.", "\n".join([ending, *lines]), "hint")


def solution(id: str) -> Solution | Words:
    """Show one solution of an exercise.

    Args:
        id: the exercise, such as "05.2".

    Returns:
        Its code, the value that it gives, and why it is right; this shows itself.

    Example:
        >>> print(solution("00.1").gives)
        (8, 5, 3)
    """
    exercise = _find("solution", id)
    if not isinstance(exercise, Exercise):
        return exercise
    gives = "" if exercise.cases else str(plain(exercise.value))
    return Solution(id, _source(exercise.solution), gives, exercise.because)


def progress() -> Progress:
    """Show which exercises are done and which are open.

    Returns:
        A table of the lessons, which shows itself.
    """
    return record.overview(EXERCISES)


def _find(call: str, id: Any) -> Exercise | Verdict:
    """The exercise, or the words that there is none."""
    try:
        if id in EXERCISES:
            return EXERCISES[id]
        message = EXERCISES.missing(call, id)
    except Exception as error:  # a lesson's module that cannot be imported is no reason to stop a lesson
        message = f"The exercises cannot be loaded: {type(error).__name__}: {error}"
    return Verdict("Which exercise?", f" {message}", "unknown exercise", None, message)


def _source(function: Any) -> str:
    """The code of a function without its docstring, which says what the exercise has said."""
    text = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(text).body[0]
    lines = text.rstrip().split("\n")
    if ast.get_docstring(definition) is not None:
        said = definition.body[0]
        del lines[said.lineno - 1 : said.end_lineno]
    return "\n".join(lines)
