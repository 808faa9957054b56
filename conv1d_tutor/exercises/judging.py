"""Is this answer right, and if not, what does it show to be misunderstood?"""

from collections.abc import Sequence
from typing import Any

from ..verify import diagnose
from .answers import a, is_blank, like, plain, same, wrong_kind, wrong_value
from .exercise import Exercise
from .outcomes import (
    Outcome,
    describe_case,
    describe_outcome,
    describe_unknown,
    names_of,
    run,
    unlike_tensor,
    wrong_arguments,
)
from .replies import Verdict

#: How far a float that is asked for may be off, as a part of the expected one: three digits are enough.
TOLERANCE = 1e-3


def judge(exercise: Exercise[..., Any], answer: Any) -> Verdict:
    """Judge an answer.

    Args:
        exercise: the exercise.
        answer: whatever the learner passed.

    Returns:
        The verdict. It is "not yet" too where the answer is such that judging it fails.
    """
    try:
        if exercise.cases:
            return _judge_code(exercise, answer, exercise.cases())
        return _judge_value(exercise, answer)
    except Exception as error:
        # Answers are objects of any class, with methods that may raise. The lesson goes on.
        return not_yet(exercise, f"this answer cannot be read ({type(error).__name__}).")


def right(exercise: Exercise[..., Any]) -> Verdict:
    """Say that an answer is right, and why."""
    return Verdict("Right", f", because {exercise.because}", "right", exercise.id, exercise.because)


def not_yet(exercise: Exercise[..., Any], message: str) -> Verdict:
    """Say what is wrong with an answer, and where help is."""
    first, newline, details = message.partition("\n")
    helps = f'`hint("{exercise.id}")` helps.'
    text = f": {first}{newline}{details}\n{helps}" if details else f": {first} {helps}"
    return Verdict("Not yet", text, "not yet", exercise.id, message)


def not_answered(exercise: Exercise[..., Any], message: str) -> Verdict:
    """Say what to do with an exercise that nobody has begun."""
    return Verdict("Not answered yet.", f" {message}", "not answered", exercise.id, message)


def not_checked(exercise: Exercise[..., Any], message: str) -> Verdict:
    """Say what keeps an answer from being judged."""
    return Verdict("Not checked yet", f": {message}", "not answered", exercise.id, message)


def _judge_value(exercise: Exercise[..., Any], answer: Any) -> Verdict:
    if is_blank(answer):
        return not_answered(exercise, "Put your answer in the place of `None`, and run the cell again.")
    expected = exercise.value
    answers = (expected, *(mistake.answer for mistake in exercise.mistakes))
    words = tuple(word for word in answers if isinstance(word, str))
    problem = wrong_kind(answer, expected, words)
    if problem:
        return not_yet(exercise, problem)

    def is_it(other: Any) -> bool:
        mine, other = like(plain(answer), plain(expected)), like(plain(other), plain(expected))
        if exercise.key:
            mine, other = exercise.key(mine), exercise.key(other)
        return same(mine, other, TOLERANCE)

    if is_it(expected):
        return right(exercise)
    for mistake in exercise.mistakes:
        if is_it(mistake.answer):
            return not_yet(exercise, mistake.message)
    return not_yet(exercise, wrong_value(answer, expected))


def _judge_code(exercise: Exercise[..., Any], answer: Any, cases: Sequence[tuple[Any, ...]]) -> Verdict:
    name = exercise.solution.__name__
    write = f"Write the function `{name}`, end it with `return`, and run the cell again."
    fill = f"Write the function `{name}`: put your code in the place of each `...`, and run the cell again."
    if is_blank(answer):
        return not_answered(exercise, write)
    if not callable(answer):
        found = f"the function itself is asked for; this is {a(type(answer).__name__)}."
        return not_yet(exercise, f'{found} Check it without calling it: `check("{exercise.id}", {name})`.')
    problem = wrong_arguments(answer, exercise.solution)
    if problem:
        return not_yet(exercise, problem)
    names = names_of(exercise.solution)

    def outcomes(function: Any) -> list[Outcome]:
        return [run(function, case, names) for case in cases]

    is_stub = exercise.is_stub(answer)
    if is_stub and not exercise.given:
        return not_answered(exercise, fill)
    mine = outcomes(answer)
    if all(outcome.is_blank for outcome in mine):
        return not_answered(exercise, write)
    unknown = next((outcome.unknown_name for outcome in mine if outcome.unknown_name), "")
    if unknown:
        return not_checked(exercise, describe_unknown(unknown, exercise.solution))
    if exercise.given and is_stub:
        return not_answered(exercise, f"This is still the code as given; it {exercise.given.message}")
    expected = outcomes(exercise.solution)
    for function in (exercise.solution, *exercise.variants):
        if _alike(mine, outcomes(function)):
            problem = _in_place(mine) or unlike_tensor(mine[0].returned, expected[0].returned)
            return not_yet(exercise, problem) if problem else right(exercise)
    if exercise.given and _alike_wrong(mine, outcomes(exercise.given.answer)):
        return not_yet(exercise, f"this does the same as the code as given: it {exercise.given.message}")
    for mistake in exercise.mistakes:
        if _alike_wrong(mine, outcomes(mistake.answer)):
            return not_yet(exercise, mistake.message)
    return not_yet(exercise, _first_problem(exercise, answer, cases, mine, expected))


def _alike(mine: Sequence[Outcome], other: Sequence[Outcome]) -> bool:
    return all(one.is_like(two) for one, two in zip(mine, other, strict=True))


def _alike_wrong(mine: Sequence[Outcome], other: Sequence[Outcome]) -> bool:
    """Say whether two functions make the same mistake. Where both only raise, that takes the same words, too."""
    if not _alike(mine, other):
        return False
    if not all(outcome.error for outcome in mine):
        return True
    return [str(outcome.error) for outcome in mine] == [str(outcome.error) for outcome in other]


def _in_place(mine: Sequence[Outcome]) -> str:
    """Say what is wrong with a function that returns what it should, and changes an argument; else nothing."""
    changed = next((outcome.changed for outcome in mine if outcome.changed), "")
    return changed and (
        f"the result is right, but your function changes `{changed}` in place, and whoever uses `{changed}` "
        f"afterwards finds other numbers. Leave it as it is, or work on `{changed}.clone()`."
    )


def _first_problem(
    exercise: Exercise[..., Any],
    function: Any,
    cases: Sequence[tuple[Any, ...]],
    mine: Sequence[Outcome],
    expected: Sequence[Outcome],
) -> str:
    """Describe what is wrong, by a mistake that explains every wrong case or by the first wrong value."""
    all_wrong = [i for i, pair in enumerate(zip(mine, expected, strict=True)) if not pair[0].is_like(pair[1])]
    wrong = all_wrong[0]
    if exercise.as_conv1d and not any(mine[i].error for i in all_wrong):
        found = [diagnose(mine[i].value, **exercise.as_conv1d(*cases[i])) for i in all_wrong]
        codes = {diagnosis.code for diagnosis in found}
        if len(codes) == 1 and not codes & {"equal", "unknown"}:
            return found[0].message
    case = describe_case(cases[wrong], names_of(exercise.solution))
    return f"for {case}, {describe_outcome(mine[wrong], expected[wrong], function)}"
