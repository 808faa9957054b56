"""The exercises: every solution passes, every mistake gets its own words, and nothing a learner does raises."""

import ast
import functools
import inspect
import json
import re
import textwrap
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conv1d_tutor import arithmetic, exercises, reference, to_channels_first
from conv1d_tutor.exercises import EXERCISES, Exercise, Mistake, check, hint, progress, solution
from conv1d_tutor.exercises import record as store
from conv1d_tutor.exercises.answers import plain, wrong_kind, wrong_value
from conv1d_tutor.exercises.judging import judge
from conv1d_tutor.exercises.running import names_of, run

ROOT = Path(__file__).parent.parent
ALL = list(EXERCISES.values())
CODE = [exercise for exercise in ALL if exercise.cases]
VALUE = [exercise for exercise in ALL if not exercise.cases]
MISTAKES = [(exercise, i) for exercise in ALL for i in range(len(exercise.mistakes))]


def each(what: list) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("exercise", what, ids=lambda exercise: exercise.id)


@pytest.fixture(autouse=True)
def own_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No test touches the learner's own file, and none sees the hints of another."""
    path = tmp_path / "progress.json"
    monkeypatch.setenv(store.VARIABLE, str(path))
    monkeypatch.setattr(exercises, "_asked", Counter())
    return path


# ---- every exercise ----


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
        body = exercises._source(exercise.solution).split("\n")[1:]
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
    used = set(inspect.unwrap(exercise.solution).__code__.co_names) & set(exercise.solution.__globals__)
    module = exercise.solution.__module__
    private = {name for name in used if getattr(exercise.solution.__globals__[name], "__module__", "") == module}
    constants = {
        name
        for name in used
        if isinstance(exercise.solution.__globals__[name], int | float | str | list | tuple | dict)
    }
    assert private | constants == set()
    shown = solution(exercise.id)
    assert ast.get_docstring(ast.parse(shown.source).body[0]) is None
    assert f"def {exercise.solution.__name__}(" in shown.source
    assert exercise.because in repr(shown)
    assert f"```python\n{shown.source}\n```" in shown._repr_markdown_()
    if not exercise.cases:
        assert f"It gives {plain(exercise.value)}." in repr(shown)


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
        assert exercises.judging._alike([run(lambda *a: a, case, names)], [run(lambda *a: a, again, names)])
        for value in case:
            assert "float32" not in str(getattr(value, "dtype", "")), "cases are float64, so that values count"


def variable_of(id: str, name: str) -> object:
    """A variable of the cell in which an exercise is checked."""
    (cell,) = [cell for cell in cells_of(id[:2]) if f'\ncheck("{id}"' in cell["source"]]
    known = {"torch": torch}
    exec(cell["source"].partition("\ncheck(")[0], known)
    return known[name]


def axes_by_range(x: torch.Tensor) -> str:
    """Along C the values range most, along L least."""
    ranges = [np.ptp(x.numpy(), axis=axis).mean() for axis in range(3)]
    return "".join("LNC"[sorted(ranges).index(size)] for size in ranges)


def weights_that_meet(layer: torch.nn.Conv1d, channel: int) -> int:
    """The weights on which the output depends when all other channels are 0."""
    x = torch.zeros(layer.in_channels, 50)
    x[channel] = 1
    layer(x).sum().backward()
    return int((layer.weight.grad != 0).sum())


def shape_from_message() -> tuple[int, ...]:
    """Read the numbers of the message that exercise 08.1 shows, which must be torch's own."""
    with pytest.raises(RuntimeError) as error:
        torch.nn.Conv1d(3, 16, 7)(torch.zeros(20, 500, 3))
    (cell,) = [cell for cell in cells_of("08") if "**Exercise 08.1:" in cell["source"]]
    shown = " ".join(cell["source"].split())
    assert str(error.value) in shown
    out, _, taps, batch, length, _ = map(int, re.findall(r"\d+", shown[shown.index("weight of size") :])[:6])
    return (batch, out, length - taps + 1)


def each_recording_alone(
    x: torch.Tensor, mask: torch.Tensor, first: torch.Tensor, second: torch.Tensor
) -> torch.Tensor:
    """The answer to 10.4 without padding: each recording goes through both layers by itself."""
    out = x.new_zeros(len(x), len(second), x.shape[2])
    for n, length in enumerate(mask.sum(dim=1).tolist()):
        once = torch.conv1d(x[n : n + 1, :, :length], first, padding="same").relu()
        out[n : n + 1, :, :length] = torch.conv1d(once, second, padding="same").relu()
    return out


#: The same by another way. Where one is at hand, it belongs here: nothing else checks a solution.
OTHER_WAYS = {
    "00.1": lambda: arithmetic.Conv1dSpec(5, 8, 3).weight_shape,
    "00.2": lambda: next(
        o for o in range(1, 240) if sum(p.numel() for p in torch.nn.Conv1d(5, o, 3).parameters()) == 240
    ),
    "01.1": lambda: (20, 12, len(np.arange(0, 10, 1 / 250))),
    "01.2": lambda: axes_by_range(variable_of("01.2", "weather")),
    "01.3": lambda pulse, oxygen: [[pulse[n].tolist(), oxygen[n].tolist()] for n in range(len(pulse))],
    "02.1": lambda: torch.autograd.functional.jacobian(lambda x: x[4] - x[0], torch.zeros(5)),
    "02.2": lambda: 1000 // 50,
    "02.3": lambda signal, taps: torch.conv1d(torch.tensor(signal)[None], torch.tensor(taps)[None, None])[0],
    "03.1": lambda: weights_that_meet(torch.nn.Conv1d(12, 32, 5), channel=0),
    "03.2": lambda: arithmetic.Conv1dSpec(16, 16, 3).output_shape((10, 16, 100 - 5 + 1)),
    "03.3": lambda channels: -np.diff(np.eye(channels), axis=0)[:, :, None],
    "04.1": lambda: (8, 4, len(range(-4, 60 + 4 - 13 + 1, 2))),
    "04.2": lambda x, weight, dilation: torch.conv1d(x, weight, padding="same", dilation=dilation),
    "04.3": lambda: next(n for n in range(99) if 1 + sum(2 * 2**i for i in range(n)) >= 100),
    "04.4": lambda x, weight, dilation: torch.conv1d(
        x, weight, padding=dilation * (weight.shape[2] - 1), dilation=dilation
    )[..., : x.shape[-1]],
    "05.1": lambda: [[49, 239, 5].index(size) for size in (239, 5, 49)],
    "05.2": lambda x: to_channels_first(x.numpy()),
    "05.3": lambda rows, hours: np.stack([part.T for part in np.split(rows.numpy(), len(rows) // hours)]),
    "06.1": lambda x, weight: reference.conv1d_loops(x, weight),
    "06.2": lambda weight, length, stride: reference.as_matrix(weight[None, None], length, stride=stride),
    "06.3": lambda grad, weight, stride, length: torch.autograd.functional.vjp(
        lambda x: torch.conv1d(x[None], torch.tensor(weight)[None, None], stride=stride)[0],
        torch.zeros(length, dtype=torch.float64),
        torch.tensor(grad),
    )[1],
    "07.1": lambda: arithmetic.Conv1dSpec(6, 12, 5, groups=3).weight_shape,
    "07.2": lambda: [o for o in range(10) if o // (10 // 5) == 3],
    "07.3": lambda channels, hours: torch.autograd.functional.jacobian(
        lambda x: x[:, -1] - x[:, 0], torch.zeros(channels, hours, dtype=torch.float64)
    ).sum(dim=1, keepdim=True),
    "08.1": shape_from_message,
    "08.2": lambda signals, weight: torch.stack([torch.conv1d(signal[None], weight) for signal in signals]),
    "08.3": lambda answers, labels: torch.nn.functional.mse_loss(answers, labels[:, None]),
    "09.1": lambda: [20, arithmetic.Conv1dSpec(6, 10, 9).weight_shape[0]],
    "09.2": lambda X, train, test: [
        np.stack([(X[part, c] - X[train, c].mean()) / X[train, c].std() for c in range(X.shape[1])], axis=1)
        for part in (train, test)
    ],
    "09.3": lambda response, kernel_size: [
        end(arithmetic.window(int(response.argmax()), kernel_size)) for end in (min, max)
    ],
    "10.1": lambda x, mask: torch.stack([x[n, :, mask[n]].mean(dim=1) for n in range(len(x))]),
    "10.2": lambda x, mask: torch.stack([x[n, :, mask[n]][:, -1] for n in range(len(x))]),
    "10.3": lambda: arithmetic.receptive_field([arithmetic.Conv1dSpec(12, 12, 5, dilation=3)]) - 1,
    "10.4": each_recording_alone,
}


@pytest.mark.parametrize("id", OTHER_WAYS)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_another_way_gives_the_same(id: str) -> None:
    assert check(id, OTHER_WAYS[id] if EXERCISES[id].cases else OTHER_WAYS[id]()).passed


# ---- the exercises in the lessons ----


def cells_of(lesson: str) -> list[dict]:
    (path,) = (ROOT / "notebooks").glob(f"{lesson}_*.ipynb")
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in found]


@each(ALL)
def test_stands_in_its_lesson_once(exercise: Exercise) -> None:
    cells = cells_of(exercise.lesson)
    heads = [i for i, cell in enumerate(cells) if f"**Exercise {exercise.id}:" in cell["source"]]
    assert len(heads) == 1
    assert f"**Exercise {exercise.id}: {exercise.title}.**" in cells[heads[0]]["source"]
    stub = cells[heads[0] + 1]
    name = exercise.solution.__name__ if exercise.cases else "answer"
    assert stub["source"].endswith(f'\n\ncheck("{exercise.id}", {name})')
    assert sum(f'check("{exercise.id}"' in cell["source"] for cell in cells) == 1
    (output,) = stub["outputs"]
    assert "".join(output["data"]["text/plain"]).startswith("Not answered yet. ")


@each(CODE)
def test_the_stub_has_the_arguments_of_the_solution(exercise: Exercise) -> None:
    (stub,) = [cell for cell in cells_of(exercise.lesson) if f'\ncheck("{exercise.id}"' in cell["source"]]
    functions = [node for node in ast.parse(stub["source"]).body if isinstance(node, ast.FunctionDef)]
    (shown,) = [node for node in functions if node.name == exercise.solution.__name__]
    assert [argument.arg for argument in shown.args.args] == names_of(exercise.solution)
    if exercise.given:  # what the cell shows is what is recognised as given
        given = textwrap.dedent(inspect.getsource(exercise.given.answer))
        assert [ast.unparse(line) for line in ast.parse(given).body[0].body] == [
            ast.unparse(line) for line in shown.body
        ]


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


# ---- answers of every kind ----


def example(**parts: object) -> Exercise:
    texts = {"because": "it is.", "hints": ("a.", "b."), "mistakes": ()}
    return Exercise("99.1", "An example", **(texts | parts))


SHAPE = example(solution=lambda: torch.Size((5, 6, 7)))
TUPLE = example(solution=lambda: (4, 1))
MIXED = example(solution=lambda: ("yes", 2.5))
NUMBER = example(solution=lambda: 42)
FLOAT = example(solution=lambda: 2 / 3)
WORD = example(solution=lambda: "left", mistakes=(Mistake("right", "x."), Mistake("both", "y.")))
TRUE = example(solution=lambda: True)
TENSOR = example(solution=lambda: torch.tensor([[1.0, 2.0], [3.0, 4.0]]))


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (SHAPE, (5, 6, 7)),
        (SHAPE, [5, 6, 7]),
        (SHAPE, torch.Size((5, 6, 7))),
        (SHAPE, torch.tensor([5, 6, 7])),
        (SHAPE, tuple(np.array([5, 6, 7]))),
        (TUPLE, (4, 1.0)),
        (MIXED, ("Yes", 2.5)),
        (NUMBER, 42.0),
        (NUMBER, np.int64(42)),
        (NUMBER, torch.tensor(42)),
        (FLOAT, 0.667),
        (FLOAT, torch.tensor(2 / 3, requires_grad=True)),
        (WORD, " Left "),
        (TRUE, np.bool_(True)),
        (TENSOR, np.array([[1, 2], [3, 4]])),
        (TENSOR, [[1, 2], [3, 4]]),
        (TENSOR, torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float32, requires_grad=True)),
    ],
)
def test_only_the_value_counts(exercise: Exercise, answer: object) -> None:
    assert judge(exercise, answer).passed


@pytest.mark.parametrize(
    ("exercise", "answer", "message"),
    [
        (SHAPE, "(5, 6, 7)", r"a shape is asked for, such as \(2, 3, 4\); this is a str. Write it without quotes"),
        (SHAPE, torch.zeros(5, 6, 7), r"a shape is asked for.*this is a Tensor\. Its shape is in `\.shape`"),
        (SHAPE, (5, 6.5, 7), r"a shape is asked for.*this is \(5, 6.5, 7\)"),
        (SHAPE, 5, "a shape is asked for.*this is 5"),
        (SHAPE, (5, 7), r"\(5, 7\) has the number of axes 2, and another is asked for"),
        (SHAPE, (5, 7, 6), r"in \(5, 7, 6\) are the right numbers, but not in the right order"),
        (SHAPE, (5, 6, 9), r"in \(5, 6, 9\), 2 of 3 axes are right; not right: axis 2"),
        (TUPLE, (4, 2), r"in \(4, 2\), 1 of 2 are right; not right: index 1"),
        (TUPLE, (4, 1, 1), r"\(4, 1, 1\) has the length 3, and another is asked for"),
        (TUPLE, {4, 1}, r"a tuple of whole numbers is asked for, such as \(3, 1\); this is a set"),
        (MIXED, 3.5, "a tuple of 2 values is asked for; this is 3.5"),
        (NUMBER, 41, "41 is too small"),
        (NUMBER, 43, "43 is too large"),
        (NUMBER, 42.5, "a whole number is asked for, such as 7; this is 42.5"),
        (NUMBER, True, "a whole number is asked for.*this is a bool"),
        (NUMBER, lambda: 42, "a whole number is asked for.*this is a function. Call it"),
        (NUMBER, float("nan"), "this is nan, not a number: a step before it went wrong"),
        (NUMBER, float("inf"), "a whole number is asked for"),
        (FLOAT, "0.667", "a number is asked for, such as 2.5; this is a str"),
        (FLOAT, float("nan"), "nan is too|this is nan"),
        (WORD, "middle", 'one of these words is asked for: "both", "left", "right"; this is "middle"'),
        (WORD, 3, "one of these words is asked for.*this is 3"),
        (TRUE, 1, "True or False is asked for; this is 1"),
        (TRUE, False, "False is not right"),
        (TENSOR, 3.0, "a tensor is asked for; this is 3.0"),
        (TENSOR, torch.ones(2, 3), "the shapes differ"),
        (TENSOR, torch.ones(2, 2), r"3 of 4 values differ(.|\n)*where: +\[0, 1\]"),
        (TENSOR, torch.full((2, 2), torch.nan), "4 of 4 values differ"),
    ],
)
def test_a_wrong_value_is_described(exercise: Exercise, answer: object, message: str) -> None:
    verdict = judge(exercise, answer)
    assert verdict.status == "not yet"
    assert re.search(message, verdict.message), verdict
    assert repr(verdict).endswith('`hint("99.1")` helps.')


def test_a_wrong_shape_does_not_give_the_right_one_away() -> None:
    for answer in ((1, 2, 3), (1, 2), (5, 2, 7), torch.zeros(1)):
        message = judge(SHAPE, answer).message
        assert "6" not in message, message
    assert wrong_value((1, 6, 7), torch.Size((5, 6, 7))).count("5") == 0


def scaled(x: torch.Tensor, factor: float) -> torch.Tensor:
    return x * factor


def scaled_cases() -> list[tuple[torch.Tensor, float]]:
    numbers = torch.Generator().manual_seed(1)
    return [(torch.randn(n, 3, generator=numbers, dtype=torch.float64), 2.0 + n) for n in (2, 4)]


SCALE = example(
    solution=scaled,
    cases=scaled_cases,
    mistakes=(Mistake(lambda x, factor: x + factor, "this adds."), Mistake(lambda x, factor: 1 / 0, "no zero.")),
)


def first_kind(x: torch.Tensor, factor: float) -> torch.Tensor:
    return x[0, factor]


def changing(x: torch.Tensor, factor: float) -> torch.Tensor:
    x *= factor
    return x


def sometimes(x: torch.Tensor, factor: float) -> torch.Tensor | None:
    return x * factor if len(x) == 2 else None


async def awaited(x: torch.Tensor, factor: float) -> torch.Tensor:
    return x * factor


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, factor: (x * factor).float(),
        lambda x, factor: (x * factor).numpy(),
        lambda x, factor: (x * factor).tolist(),
        lambda x, factor: (x * factor).requires_grad_(),
        lambda *arguments: scaled(*arguments),
        functools.partial(lambda extra, x, factor: x * factor, None),
    ],
)
def test_only_the_value_of_an_output_counts(answer: object) -> None:
    assert judge(SCALE, answer).passed


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (torch.zeros(3), r'the function itself is asked for; this is a Tensor.*`check\("99.1", scaled\)`'),
        (3, "the function itself is asked for; this is an int"),
        (lambda x: x, r"called as `scaled\(x, factor\)`, but yours is written with the arguments \(x\)"),
        (lambda x, factor, more: x, r"with the arguments \(x, factor, more\)"),
        (changing, "the result is right, but your function changes `x` in place"),
        (sometimes, r"for x of shape \(4, 3\), factor=6.0, your function returns nothing here"),
        (first_kind, r"your function raised \w+Error: .*\(line \d+ of your code: `return x\[0, factor\]`\)"),
        (lambda x, factor: [][0], r"raised IndexError: list index out of range \(line \d+"),
        (lambda x, factor: exit(), r"your function raised SystemExit"),
        (lambda x, factor: x[:1], "the shapes differ: axis 0 has size 1, expected 2"),
        (lambda x, factor: x * factor + 1, r"6 of 6 values differ(.|\n)*mine:(.|\n)*expected:"),
        (lambda x, factor: x * torch.nan, r"6 of 6 values differ(.|\n)*mine: +nan"),
        (lambda x, factor: "abc", r"your function returns a str, not a tensor of shape \(2, 3\)"),
        (lambda x, factor: torch.zeros(2, 3, device="meta"), "returns a Tensor, not a tensor of shape"),
        (awaited, "your function returns a coroutine"),
        (lambda x, factor: x + factor, "^this adds.$"),
        (lambda x, factor: 2 / 0, "^no zero.$"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_wrong_function_is_described(answer: object, message: str) -> None:
    verdict = judge(SCALE, answer)
    assert verdict.status == "not yet"
    assert re.search(message, verdict.message), verdict


def test_other_outputs_than_tensors() -> None:
    exercise = example(solution=lambda n: n + 0.5, cases=lambda: [(1,), (2,)])
    assert judge(exercise, lambda n: np.float32(n + 0.5)).passed
    assert "your function returns 'abc', expected 1.5." in judge(exercise, lambda n: "abc").message
    refusing = example(solution=lambda n: [][n], cases=lambda: [(1,), (2,)])
    assert judge(refusing, lambda n: ()[n]).passed
    assert "an IndexError is to be raised" in judge(refusing, lambda n: n).message


def test_true_is_not_one() -> None:
    exercise = example(solution=lambda n: (n > 1, n), cases=lambda: [(1,), (2,)])
    assert judge(exercise, lambda n: [n > 1, n]).passed
    assert not judge(exercise, lambda n: (int(n > 1), n)).passed


def test_an_exercise_about_the_type() -> None:
    exercise = example(solution=lambda x: x.float(), cases=lambda: [(torch.ones(2, dtype=torch.float64),)] * 2)
    typed = example(solution=exercise.solution, cases=exercise.cases, exact_type=True)
    assert judge(exercise, lambda x: x).passed
    assert judge(typed, lambda x: x.to(torch.float32)).passed
    expected = "the values are right, but the type is not: it is float64 Tensor, not float32 Tensor."
    assert judge(typed, lambda x: x).message == expected


def test_an_unlisted_mistake_is_given_to_diagnose() -> None:
    def conv(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv1d(x, weight)

    numbers = torch.Generator().manual_seed(2)
    x, weight = (torch.randn(*shape, generator=numbers, dtype=torch.float64) for shape in [(2, 3, 9), (4, 3, 3)])
    exercise = example(
        solution=conv, cases=lambda: [(x, weight)], diagnose=lambda x, weight: {"x": x, "weight": weight}
    )
    assert judge(exercise, conv).passed
    assert judge(exercise, lambda x, weight: conv(x, weight.flip(-1))).message.startswith("flipped_kernel: ")
    assert "values differ" in judge(exercise, lambda x, weight: conv(x, weight) + 0.37).message
    assert judge(exercise, lambda x, weight: "no").message.endswith("not a tensor of shape (2, 4, 7).")


def test_the_interrupt_goes_through() -> None:
    def endless(x: torch.Tensor, factor: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(SCALE, endless)


def test_the_random_numbers_of_the_notebook_stay() -> None:
    torch.manual_seed(7)
    expected = torch.rand(2)
    torch.manual_seed(7)
    first = judge(SCALE, lambda x, factor: torch.randn(x.shape))
    assert torch.equal(torch.rand(2), expected)
    assert first == judge(SCALE, lambda x, factor: torch.randn(x.shape))


class Hostile:
    """An object whose every method raises."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)

    def _raise(self, *_: object) -> None:
        raise RuntimeError("no")

    __array__ = __bool__ = __eq__ = __hash__ = __len__ = __iter__ = __call__ = __repr__ = __str__ = _raise


class HostileNumber(float):
    def __mod__(self, _: object) -> None:
        raise RuntimeError("no")


def test_an_object_whose_methods_raise() -> None:
    message = "this answer cannot be read (RuntimeError)."
    assert judge(NUMBER, HostileNumber(3)).message == message
    for exercise in (*ALL, SCALE, SHAPE):
        assert judge(exercise, Hostile()).status == "not yet"


loop = []
loop.append(loop)
anything = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(),
    st.binary(),
    st.booleans(),
    st.recursive(
        st.integers() | st.floats() | st.none() | st.text(),
        lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from(
        [
            loop, object(), int, str, len, dict.fromkeys, print, torch.nn.Linear(2, 2), torch.relu, np.array(None),
            np.array(["a"]), torch.zeros(0), torch.zeros(2, device="meta"), torch.zeros(2).to_sparse(),
            10**400, pytest, np.zeros((2, 3), dtype="datetime64[s]"), range(3), Hostile, type,
        ]
    ),
)  # fmt: skip


@given(st.sampled_from([*EXERCISES, "99.9", "", "x"]), anything)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_answer_makes_it_raise(id: str, answer: object) -> None:
    verdict = check(id, answer)
    assert verdict.status in ("right", "not yet", "not answered", "unknown exercise")
    assert verdict._repr_html_() and repr(verdict)


@given(anything)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_id_makes_it_raise(id: object) -> None:
    for verdict in (check(id, 3), hint(id), solution(id)):
        assert verdict.status == "unknown exercise"
        assert repr(verdict).startswith("Which exercise? ")


# ---- which exercise? ----


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("05.9", r'There is no exercise "05.9". Lesson 05 has 05.1, 05.2'),
        ("5.2", r'There is no exercise "5.2". Did you mean "05.2"\?'),
        (" 05.2", r'Did you mean "05.2"\?'),
        ("77.1", r'There is no exercise "77.1". There are exercises in the lessons 00, .*: 00.1, 00.2'),
        (5.2, r'The id of an exercise is a text: write \w+\("05.2", …\) with the quotes'),
        (99, r'write \w+\("00.1", …\)'),
        ((1, 2), r"The id of an exercise comes first, a text such as '00.1'; this is a tuple"),
    ],
)
def test_an_unknown_exercise(id: object, message: str) -> None:
    for verdict in (check(id, 3), hint(id), solution(id)):
        assert verdict.status == "unknown exercise"
        assert re.search(message, verdict.message), verdict


def test_a_lesson_that_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ImportError("no module named torch")

    monkeypatch.setattr("importlib.import_module", broken)
    message = "The exercises cannot be loaded: ImportError: no module named torch"
    assert check("05.1", 3).message == message


def test_modules_are_found_by_their_names() -> None:
    files = sorted(path.stem[-2:] for path in (ROOT / "conv1d_tutor" / "exercises").glob("lesson_??.py"))
    assert list(EXERCISES.lessons) == files
    assert list(EXERCISES) == sorted(EXERCISES)
    assert len(EXERCISES) == len(ALL) >= 5
    assert "05.2" in EXERCISES and 5.2 not in EXERCISES


# ---- how it is shown ----


def test_hints_come_one_by_one() -> None:
    first, second = EXERCISES["05.2"].hints
    assert repr(hint("05.2")) == f"Hint 1 of 2: {first}"
    assert repr(hint("05.3")).startswith("Hint 1 of 2: ")
    assert repr(hint("05.2")) == f"Hint 2 of 2: {second}"
    for _ in range(2):
        last = 'There are no more hints. `solution("05.2")` shows one solution. The hints again:'
        assert repr(hint("05.2")) == f"{last}\n1. {first}\n2. {second}"


def test_everything_is_escaped() -> None:
    def wrong(x: torch.Tensor, factor: float) -> None:
        raise ValueError("<script>alert('`x`')</script>")

    verdict = judge(SCALE, wrong)
    assert "<script>alert" in repr(verdict)
    assert "<script" not in verdict._repr_html_()
    assert "&lt;script&gt;" in verdict._repr_html_()
    word = judge(WORD, "<b>")
    assert "<b>" in word.message and "<b>" not in word._repr_html_()
    unknown = check("<img src=x>", 3)
    assert "<img" not in unknown._repr_html_()


def test_a_verdict_shows_a_word_beside_its_colour() -> None:
    for answer, opening in ((42, "Right"), (41, "Not yet"), (None, "Not answered yet.")):
        page = judge(NUMBER, answer)._repr_html_()
        assert f"<strong>{opening}</strong>" in page
        assert re.search(r"border-left: 4px solid var\(--jp-[\w-]+, #\w{6}\)", page)
    assert "<code>hint(&quot;99.1&quot;)</code>" in judge(NUMBER, 41)._repr_html_()


# ---- the learner's file ----


def passing(id: str) -> object:
    exercise = EXERCISES[id]
    return check(id, exercise.solution if exercise.cases else exercise.value)


def test_only_right_answers_are_kept(own_file: Path) -> None:
    check("00.1", (1, 2, 3))
    check("00.1", None)
    hint("00.1")
    solution("00.1")
    progress()
    assert not own_file.exists()
    passing("00.1")
    content = json.loads(own_file.read_text(encoding="utf-8"))
    assert content["version"] == 1
    assert list(content["done"]) == ["00.1"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", content["done"]["00.1"])
    assert [path.name for path in own_file.parent.iterdir()] == ["progress.json"]


def test_done_twice_and_in_two_lessons_at_once(own_file: Path) -> None:
    own_file.write_text('{"version": 1, "done": {"00.1": "2020-01-01", "09.1": "2020-01-02"}}', encoding="utf-8")
    passing("00.1")
    passing("05.2")
    done = json.loads(own_file.read_text(encoding="utf-8"))["done"]
    assert done["00.1"] == "2020-01-01"
    assert done["09.1"] == "2020-01-02"
    assert set(done) == {"00.1", "05.2", "09.1"}


def test_progress_is_a_table() -> None:
    passing("05.1")
    table = progress()
    row = next(row for row in table.rows if row[0] == "05")
    total = len(EXERCISES.of_lesson("05"))
    assert row[:3] == ("05", 1, total)
    assert "05.1" not in row[3] and "05.2" in row[3]
    assert f"05      1 of {total}" in repr(table)
    assert f"<td>05</td><td>1 of {total}</td><td>05.2" in table._repr_html_()
    assert repr(table).endswith(f"all     1 of {len(EXERCISES)}")


BROKEN = {
    "": "is not JSON",
    "{": "is not JSON",
    "[" * 100_000: "is not JSON",
    "[1]": "does not hold progress",
    "{}": "does not hold progress",
    '{"version": 1}': "does not hold progress",
    '{"version": true, "done": {}}': "does not hold progress",
    '{"version": "1", "done": {}}': "does not hold progress",
    '{"version": 1, "done": ["00.1"]}': "does not hold progress",
    '{"version": 1, "done": {"00.1": 3}}': "does not hold progress",
}


@pytest.mark.parametrize("content", BROKEN, ids=lambda content: content[:40] or "empty")
def test_a_broken_file_is_set_aside(own_file: Path, content: str) -> None:
    own_file.write_text(content, encoding="utf-8")
    assert BROKEN[content] in progress().note
    assert own_file.read_text(encoding="utf-8") == content
    verdict = passing("00.1")
    assert verdict.passed
    problem = f"progress.json {BROKEN[content]}: it is now progress.broken.json, and a new one is begun."
    assert repr(verdict).endswith(problem)
    assert own_file.with_name("progress.broken.json").read_text(encoding="utf-8") == content
    assert store.read(own_file).keys() == {"00.1"}
    assert "progress.json" not in repr(passing("05.1"))


def test_broken_files_do_not_overwrite_each_other(own_file: Path) -> None:
    for i in range(3):
        own_file.write_bytes(b"\xff%d" % i)
        passing("00.1")
    names = sorted(path.name for path in own_file.parent.iterdir())
    assert names == ["progress.broken.json", "progress.broken2.json", "progress.broken3.json", "progress.json"]
    assert own_file.with_name("progress.broken2.json").read_bytes() == b"\xff1"


def test_a_file_of_a_later_version_is_left_alone(own_file: Path) -> None:
    content = '{"version": 2, "lessons": []}'
    own_file.write_text(content, encoding="utf-8")
    verdict = passing("00.1")
    assert verdict.passed
    assert re.search(
        r"Progress is not kept: .*progress.json was written by a later version of the course\.", repr(verdict)
    )
    assert "later version" in progress().note
    assert own_file.read_text(encoding="utf-8") == content
    assert len(list(own_file.parent.iterdir())) == 1


def test_a_folder_in_its_place(own_file: Path) -> None:
    own_file.mkdir()
    verdict = passing("00.1")
    assert verdict.passed
    assert re.search(r"Progress is not kept: .*progress\.json cannot be read \(.+\)\.", repr(verdict))
    assert list(own_file.parent.iterdir()) == [own_file]


def test_a_place_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "no" / "such" / "progress.json"))
    verdict = passing("00.1")
    assert verdict.passed
    assert re.search(r"Progress is not kept: .*progress\.json cannot be written \(No such file", repr(verdict))
    assert verdict.message == EXERCISES["00.1"].because


def test_a_full_disk_leaves_the_old_file(own_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passing("00.1")
    before = own_file.read_bytes()

    def full(self: Path, text: str, *_: object) -> None:
        self.write_bytes(text[:5].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert "cannot be written (No space left on device)" in repr(passing("05.1"))
    assert own_file.read_bytes() == before
    assert list(own_file.parent.iterdir()) == [own_file]


def test_the_file_lies_beside_the_lessons(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(store.VARIABLE)
    assert store.place() == ROOT / "progress.json"
    # Installed without the lessons: those that the notebook runs in, or nowhere.
    monkeypatch.setattr(store, "__file__", str(tmp_path / "site" / "conv1d_tutor" / "exercises" / "_progress.py"))
    lessons = tmp_path / "course" / "notebooks"
    lessons.mkdir(parents=True)
    monkeypatch.chdir(lessons)
    with pytest.raises(
        store.NotKeptError, match="no folder of lessons here; CONV1D_TUTOR_PROGRESS may name a file"
    ):
        store.place()
    assert "Progress is not kept: there is no folder of lessons" in repr(passing("00.1"))
    (lessons / "00_start_here.ipynb").touch()
    assert store.place() == tmp_path / "course" / "progress.json"


def test_git_leaves_the_file_out() -> None:
    assert "progress.json" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_of_several_results_the_wrong_one_is_named() -> None:
    scale_parts = EXERCISES["09.2"].solution

    def doubled(X: torch.Tensor, train: torch.Tensor, test: torch.Tensor) -> tuple:
        first, second = scale_parts(X, train, test)
        return first, 2 * second

    def three(X: torch.Tensor, train: torch.Tensor, test: torch.Tensor) -> tuple:
        return (*scale_parts(X, train, test), 0)

    message = exercises.check("09.2", doubled).message
    assert "of the 2 results, number 2 is not right" in message
    assert "array(" not in message
    assert "returns a tuple, and 2 results are asked for" in exercises.check("09.2", three).message
