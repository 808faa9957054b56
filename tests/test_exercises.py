"""Every exercise of the course: its solution passes, each wrong answer gets its own words, its lesson shows it."""

import ast
import inspect
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from conv1d_tutor import exercises
from conv1d_tutor.exercises import EXERCISES, Exercise, check, hint, progress, solution
from conv1d_tutor.exercises.answers import plain, wrong_kind
from conv1d_tutor.exercises.judging import _alike
from conv1d_tutor.exercises.outcomes import names_of, run

ROOT = Path(__file__).parent.parent
ALL = list(EXERCISES.values())
CODE = [exercise for exercise in ALL if names_of(exercise.solution)]
VALUE = [exercise for exercise in ALL if not names_of(exercise.solution)]
MISTAKES = [(exercise, i) for exercise in ALL for i in range(len(exercise.mistakes))]

pytestmark = pytest.mark.usefixtures("own_file")


def each(what: list) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("exercise", what, ids=lambda exercise: exercise.id)


@each(ALL)
def test_the_solution_passes(exercise: Exercise) -> None:
    verdict = check(exercise.id, exercise.solution if exercise.cases else exercise.value)
    assert verdict.passed, verdict
    assert repr(verdict) == f"Right, because {exercise.because}"


@pytest.mark.parametrize(("exercise", "i"), MISTAKES, ids=lambda value: getattr(value, "id", value))
def test_every_mistake_gets_its_own_message(exercise: Exercise, i: int) -> None:
    mistake = exercise.mistakes[i]
    verdict = check(exercise.id, mistake.answer)
    assert (verdict.status, verdict.message) == ("not yet", mistake.message)


@each(ALL)
def test_parts_of_an_exercise(exercise: Exercise) -> None:
    assert len(exercise.hints) >= 2
    only_two_answers = isinstance(exercise.value, bool) if not exercise.cases else False
    assert len(exercise.mistakes) >= (1 if only_two_answers else 2)
    assert len({mistake.message for mistake in exercise.mistakes}) == len(exercise.mistakes)
    for text in (exercise.because, *exercise.hints, *(mistake.message for mistake in exercise.mistakes)):
        assert text.endswith((".", "?")), text
        assert text.count("`") % 2 == 0, text
        assert not re.search(r"\*\w+\*|_\w+_ |\n", text), f"plain text is asked for: {text}"
    assert not exercise.title.endswith(".")


@each(ALL)
def test_hints_and_messages_do_not_give_the_answer(exercise: Exercise) -> None:
    texts = [*exercise.hints, *(mistake.message for mistake in exercise.mistakes)]
    if exercise.cases:
        body = exercise.source.split("\n")[1:]
        answers = [line.strip().removeprefix("return ") for line in body]
    else:
        value = plain(exercise.value)
        answers = [] if isinstance(value, bool | str) else [str(value)]
    for text in texts:
        for answer in answers:
            assert not re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text), text


@each(ALL)
def test_the_solution_shown_stands_alone(exercise: Exercise) -> None:
    """It uses imports only, nothing that the learner would look for in vain."""
    names = exercise.solution.__globals__
    for name in set(exercise.solution.__code__.co_names) & set(names):
        imported = inspect.ismodule(names[name]) or names[name].__module__ != exercise.solution.__module__
        assert imported and not isinstance(names[name], Exercise | int | float | str | list | tuple | dict), name
    shown = solution(exercise.id)
    assert ast.get_docstring(ast.parse(shown.source).body[0]) is None
    assert shown.source.startswith(f"def {exercise.solution.__name__}(")
    assert exercise.because in repr(shown)
    assert f"```python\n{shown.source}\n```" in shown._repr_markdown_()
    if not exercise.cases:
        assert f"It gives {plain(exercise.value)}." in repr(shown)


@each(ALL)
def test_a_function_with_arguments_is_tried_on_cases(exercise: Exercise) -> None:
    assert bool(names_of(exercise.solution)) is (exercise.cases is not None)


@each(ALL)
def test_nothing_answered(exercise: Exercise) -> None:
    for blank in (None, ..., "", (None, None), [...]):
        verdict = check(exercise.id, blank)
        assert repr(verdict).startswith("Not answered yet. "), verdict
        assert not verdict.passed


@each(CODE)
def test_a_function_that_is_not_written(exercise: Exercise) -> None:
    def nothing(*arguments: object) -> None:
        """Only this."""

    def dots(*arguments: object) -> object:
        return ...

    def later(*arguments: object) -> None:
        raise NotImplementedError

    for stub in (nothing, dots, later):
        verdict = check(exercise.id, stub)
        assert verdict.status == "not answered"
        assert f"Write the function `{exercise.solution.__name__}`" in verdict.message


@each([exercise for exercise in ALL if exercise.given])
def test_the_code_as_given_is_no_answer(exercise: Exercise) -> None:
    verdict = check(exercise.id, exercise.given.answer)
    assert verdict.status == "not answered"
    assert verdict.message == f"This is still the code as given; it {exercise.given.message}"


def spoiled(value: object, how: str) -> object:
    """A value of the same shape without sense: zeros, or noise."""
    if isinstance(value, list | tuple):
        return tuple(spoiled(item, how) for item in value)
    if isinstance(value, str | bool) or value is None:
        return value
    noise = np.random.default_rng(0).normal(size=np.shape(plain(value)))
    return torch.as_tensor(noise if how == "noise" else np.zeros_like(noise))


@pytest.mark.parametrize("how", ["zeros", "noise"])
@each(CODE)
def test_right_shaped_nonsense_never_passes(exercise: Exercise, how: str) -> None:
    verdict = check(exercise.id, lambda *arguments: spoiled(exercise.solution(*arguments), how))
    assert verdict.status == "not yet", verdict


@pytest.mark.parametrize("how", ["zeros", "noise"])
@each([exercise for exercise in VALUE if not isinstance(exercise.value, bool | str)])
def test_a_value_without_sense_never_passes(exercise: Exercise, how: str) -> None:
    assert not check(exercise.id, spoiled(exercise.value, how)).passed


@each(VALUE)
def test_mistakes_are_of_the_kind_asked_for(exercise: Exercise) -> None:
    value = exercise.value
    words = tuple(word for word in (value, *(m.answer for m in exercise.mistakes)) if isinstance(word, str))
    for mistake in exercise.mistakes:
        assert wrong_kind(mistake.answer, value, words) == ""


@each(CODE)
def test_cases_are_seeded_and_stay_as_they_are(exercise: Exercise) -> None:
    first, names = exercise.cases(), names_of(exercise.solution)
    assert len(first) >= 2
    for case, again in zip(first, exercise.cases(), strict=True):
        assert _alike([run(lambda *a: a, case, names)], [run(lambda *a: a, again, names)])
        for value in case:
            assert "float32" not in str(getattr(value, "dtype", "")), "cases are float64, so that values count"


# ---- in the lessons ----


def cells_of(lesson: str) -> list[dict]:
    (path,) = (ROOT / "notebooks").glob(f"{lesson}_*.ipynb")
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in found]


def in_the_lesson(exercise: Exercise) -> tuple[dict, dict]:
    """The cell that asks an exercise, and the one below it, in which it is answered."""
    cells = cells_of(exercise.lesson)
    (place,) = [i for i, cell in enumerate(cells) if f"**Exercise {exercise.id}:" in cell["source"]]
    return cells[place], cells[place + 1]


@each(ALL)
def test_the_lesson_asks_it_once(exercise: Exercise) -> None:
    question, answer = in_the_lesson(exercise)
    assert f"**Exercise {exercise.id}: {exercise.title}.** " in question["source"]
    assert sum(f'check("{exercise.id}"' in cell["source"] for cell in cells_of(exercise.lesson)) == 1
    (output,) = answer["outputs"]
    assert "".join(output["data"]["text/plain"]).startswith("Not answered yet. ")


@each(ALL)
def test_the_lesson_gives_what_the_exercise_gives(exercise: Exercise) -> None:
    """What is to be written has the arguments of the solution, and what is to be repaired is the code known."""
    source = in_the_lesson(exercise)[1]["source"]
    if exercise.cases:
        asked, name = re.escape(exercise.stub), exercise.solution.__name__
    else:
        asked, name = "answer = None  # .+", "answer"
    assert re.search(rf'(?m)^{asked}\n\ncheck\("{exercise.id}", {name}\)\Z', source), source


@each(ALL)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_another_way_gives_the_same(exercise: Exercise) -> None:
    """Nothing else checks a solution. For a value, the other way starts from what the lesson shows."""
    assert exercise.other_way is not None
    if exercise.cases:
        assert check(exercise.id, exercise.other_way).passed
        return
    question, answer = in_the_lesson(exercise)
    known = {"torch": torch, "question": question["source"]}
    exec(answer["source"].partition("\ncheck(")[0], known)
    assert check(exercise.id, exercise.other_way(*[known[name] for name in names_of(exercise.other_way)])).passed


def test_the_message_to_be_read_is_torchs_own() -> None:
    with pytest.raises(RuntimeError) as error:
        torch.nn.Conv1d(3, 16, 7)(torch.zeros(20, 500, 3))
    question, _ = in_the_lesson(EXERCISES["08.1"])
    assert str(error.value) in " ".join(question["source"].split())


@pytest.mark.parametrize("lesson", EXERCISES.lessons)
def test_a_lesson_with_exercises(lesson: str) -> None:
    ids = [exercise.id for exercise in EXERCISES.of_lesson(lesson)]
    assert ids == [f"{lesson}.{i}" for i in range(1, len(ids) + 1)]
    text = "\n".join(cell["source"] for cell in cells_of(lesson))
    assert "check, hint, solution" in text
    assert set(re.findall(r"\*\*Exercise (\S+):", text)) == set(ids)
    before = text[: text.index(f"**Exercise {ids[0]}:")]
    assert f'`hint("{ids[0]}")`' in before and f'`solution("{ids[0]}")`' in before


def test_the_lessons_left_no_progress_behind() -> None:
    """Stubs never pass, so a run of the lessons as they are keeps nothing."""
    for lesson in EXERCISES.lessons:
        for cell in cells_of(lesson):
            for output in cell.get("outputs", []) if 'check("' in cell["source"] else []:
                assert "Right" not in str(output)


def test_modules_are_found_by_their_names() -> None:
    files = sorted(path.stem[-2:] for path in (ROOT / "conv1d_tutor" / "exercises").glob("lesson_??.py"))
    assert list(EXERCISES.lessons) == files
    assert list(EXERCISES) == sorted(EXERCISES)
    assert len(EXERCISES) == len(ALL) >= 5
    assert "05.2" in EXERCISES and 5.2 not in EXERCISES


def test_an_exercise_is_added_in_one_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The module that CONTRIBUTING shows is found, judged, shown and counted, with nothing but its own file."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    module = re.search(r'(?ms)^```python\n(""".+?)^```', text)[1]
    (tmp_path / "lesson_99.py").write_text(module, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(exercises, "__path__", [*exercises.__path__, str(tmp_path)])
        added = EXERCISES.of_lesson("99")
        assert [exercise.id for exercise in added] == ["99.1", "99.2"]
        assert len(EXERCISES) == len(ALL) + len(added)
        for exercise in added:
            right = exercise.solution if exercise.cases else exercise.value
            assert check(exercise.id, None).status == "not answered"
            assert check(exercise.id, right).passed
            assert check(exercise.id, exercise.other_way if exercise.cases else exercise.other_way()).passed
            assert len(exercise.mistakes) >= 2
            for mistake in exercise.mistakes:
                assert check(exercise.id, mistake.answer).message == mistake.message
            assert repr(hint(exercise.id)) == f"Hint 1 of 2: {exercise.hints[0]}"
            assert solution(exercise.id).source.startswith("def ")
        assert "99      2 of 2" in repr(progress())
    del sys.modules[added[0].solution.__module__], exercises.lesson_99
    assert check("99.1", (8, 5, 24)).status == "unknown exercise"
