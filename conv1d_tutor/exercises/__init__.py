"""Is my answer right, what helps me on, and which exercises are still open?

How it works inside: a lesson's exercises stand in one module, ``lesson_NN.py``, and read from top to bottom. First
the solution, then the cases it is tried on, the code as given, each wrong answer with what is said to it, and last
another way to the right one, which only the tests go. `exercise.py` says what can be written there. `registry.py`
finds the modules by their names, and imports one when its lesson is first asked for.

`check` asks `judging.py`. A value is compared (`answers.py`); a function is run on copies of the cases, and what
comes out (`outcomes.py`) is compared with what comes out of the solution, of the code as given and of each wrong
answer. Only the code as given itself is not answered yet; other code that does the same is told what it does. What
is right is kept in a file of the learner's (`record.py`), and what is said shows itself (`replies.py`).

What is to be predicted in a lesson stands in the same module, first question first; `prediction.py` says what can
be written there. The cell of the lesson is ``predict("05.c")`` and shows neither answer nor reason, and nothing
above it in its section gives them away: a test looks.

An exercise that the lesson builds upon is followed by ``conv_1 = go_on_with("06.1", conv_1)``: the learner's
answer where it is right, else the course's, so that the lesson runs with stubs and nobody is stuck.

Cases that exercises of two lessons are tried on stand in `cases.py`, since lessons do not import each other.

To add an exercise, write it at its place in its lesson's module, or begin a new module; no other file of the
package knows of it. Texts are plain, with `code` in backticks. Then put its question into the lesson, and below it
a cell that ends in ``check("05.2", …)``: the tests say where the two differ.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

from . import record
from .answers import written
from .exercise import Exercise, WrongAnswer
from .judging import judge
from .outcomes import other_type
from .prediction import Prediction, Question, judge_guess
from .registry import Registry
from .replies import Progress, Solution, Verdict, Words

__all__ = [
    "EXERCISES",
    "PREDICTIONS",
    "Exercise",
    "Prediction",
    "Question",
    "WrongAnswer",
    "check",
    "go_on_with",
    "hint",
    "predict",
    "progress",
    "solution",
]

#: All exercises by id, in the order of the course.
EXERCISES: Registry[Exercise[..., Any]] = Registry(Exercise, "exercise")
#: All that is to be predicted, by id, in the order of the course.
PREDICTIONS: Registry[Question] = Registry(Question, "prediction")
#: How many hints were asked for, by id, since the notebook was started.
_asked: Counter[str] = Counter()


def check(id: str, answer: Any = None) -> Verdict:
    """Say whether an answer is right and, if not, what it shows to be misunderstood.

    Args:
        id: the exercise, such as "02.2".
        answer: the value or the function that the exercise asks for; None while there is none.

    Returns:
        The verdict, which shows itself. Nothing is raised, whatever the answer is. A right answer is kept for
        `progress`, and so is what was said to a wrong one; both stay on this machine.

    Example:
        >>> check("00.1", None)
        Not answered yet. Put your answer in the place of `None`, and run the cell again.
        >>> check("00.1", (5, 8, 3)).passed
        False
    """
    exercise = _find("check", id, EXERCISES)
    if not isinstance(exercise, Exercise):
        return exercise
    verdict = judge(exercise, answer)
    problem = record.keep(id) if verdict.passed else ""
    if verdict.status == "not yet":
        record.keep_wrong(id, verdict.message)
    return replace(verdict, rest=f"{verdict.rest} {problem}") if problem else verdict


def predict(id: str, guess: Any = None) -> Prediction | Verdict:
    """Ask a question of the lesson, and judge the guess.

    Args:
        id: of the prediction, such as "05.c".
        guess: a number, a shape, or one of the words that the question offers; None while there is none.

    Returns:
        The question, with its answer folded away; with a guess, whether it is right or which misunderstanding
        gives it. It shows itself. Nothing is raised, whatever the guess is.

    Example:
        >>> predict("00.a", 6).right
        False
    """
    found = _find("predict", id, PREDICTIONS)
    return judge_guess(found, guess) if isinstance(found, Question) else found


def go_on_with(id: str, answer: Any = None) -> Any:
    """Choose what the lesson goes on with: the learner's answer if it is right, else the course's.

    Args:
        id: the exercise, such as "06.1".
        answer: what was given to `check`.

    Returns:
        The answer itself, or the function or value of the course; which of them is printed. A function that
        returns another type than the course's is not gone on with, even if its numbers are right. Nothing is
        raised and nothing is kept for `progress`. Where there is no such exercise, this is printed, and the answer
        returned.

    Example:
        >>> import numpy as np
        >>> conv_1 = go_on_with("06.1", None)
        The lesson goes on with the course's conv_1, and with yours once it is right. solution("06.1") shows it.
        >>> conv_1(np.array([1, 3, 2]), np.array([1, 1])).tolist()
        [4.0, 5.0]
    """
    exercise = _find("go_on_with", id, EXERCISES)
    if not isinstance(exercise, Exercise):
        print(exercise)
        return answer
    ours, name = (exercise.solution if exercise.cases else exercise.value), exercise.solution.__name__
    if answer is not ours and judge(exercise, answer).passed:
        other = other_type(answer, exercise.solution, exercise.cases()[0]) if exercise.cases else ""
        if not other:
            print(f"The lesson goes on with your {name}.")
            return answer
        print(f"The lesson goes on with the course's {name}. Yours is right, but returns {other}.")
        return ours
    print(
        f"The lesson goes on with the course's {name}, and with yours once it is right. "
        f'solution("{id}") shows it.'
    )
    return ours


def hint(id: str) -> Words:
    """Give the next hint to an exercise.

    Args:
        id: the exercise, such as "02.2".

    Returns:
        The hint, which shows itself; after the last, all of them.

    Example:
        >>> hint("00.1")
        Hint 1 of 2: ...
    """
    exercise = _find("hint", id, EXERCISES)
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
        id: the exercise, such as "02.2".

    Returns:
        Its code, the value that it gives, and why it is right; this shows itself.

    Example:
        >>> print(solution("00.1").gives)
        (8, 5, 3)
    """
    exercise = _find("solution", id, EXERCISES)
    if not isinstance(exercise, Exercise):
        return exercise
    gives = "" if exercise.cases else written(exercise.value)
    return Solution(id, exercise.source, gives, exercise.because)


def progress() -> Progress:
    """Show which exercises are done and which are open.

    Returns:
        A table of the lessons, which shows itself.
    """
    return record.overview(EXERCISES)


def _find(call: str, id: Any, among: Registry[Any]) -> Any:
    """The exercise or question, or the words that there is none."""
    try:
        if id in among:
            return among[id]
        message = among.missing(call, id)
    except Exception as error:  # a lesson's module that cannot be imported is no reason to stop a lesson
        message = f"The exercises cannot be loaded: {type(error).__name__}: {error}"
    return Verdict(f"Which {among.noun}?", f" {message}", "unknown exercise", None, message)
