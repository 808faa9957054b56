"""Answers of every kind: only the value counts, what is wrong is said, and nothing that a learner does raises."""

import functools
import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conv1d_tutor.exercises import EXERCISES, Exercise, check, hint, solution
from conv1d_tutor.exercises.answers import wrong_value
from conv1d_tutor.exercises.exercise import exercise
from conv1d_tutor.exercises.judging import judge

pytestmark = pytest.mark.usefixtures("own_file")


def example(
    function: Callable, cases: Callable | None = None, as_conv1d: Callable | None = None, **wrong: object
) -> Exercise:
    """An exercise that a function solves; wrong answers by what is said to them."""
    made = exercise("99.1", "An example", because="it is.", hints=("a.", "b."), as_conv1d=as_conv1d)(function)
    made.cases = cases
    for message, answer in wrong.items():
        made.wrong(answer, f"{message}.")
    return made


SHAPE = example(lambda: torch.Size((5, 6, 7)))
TUPLE = example(lambda: (4, 1))
MIXED = example(lambda: ("yes", 2.5))
NUMBER = example(lambda: 42)
FLOAT = example(lambda: 2 / 3)
WORD = example(lambda: "left", x="right", y="both")
TRUE = example(lambda: True)
TENSOR = example(lambda: torch.tensor([[1.0, 2.0], [3.0, 4.0]]))


@pytest.mark.parametrize(
    ("task", "answer"),
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
        (WORD, ["left"]),
        (WORD, ["l", "e", "f", "t"]),
        (TRUE, np.bool_(True)),
        (TENSOR, np.array([[1, 2], [3, 4]])),
        (TENSOR, [[1, 2], [3, 4]]),
        (TENSOR, torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float32, requires_grad=True)),
    ],
)
def test_only_the_value_counts(task: Exercise, answer: object) -> None:
    assert judge(task, answer).passed


@pytest.mark.parametrize(
    ("task", "answer", "message"),
    [
        (SHAPE, "(5, 6, 7)", r"a shape is asked for, such as \(2, 3, 4\); this is a str. Write it without quotes"),
        (SHAPE, torch.zeros(5, 6, 7), r"a shape is asked for.*this is a Tensor\. Its shape is in `\.shape`"),
        (SHAPE, (5, 6.5, 7), r"a shape is asked for.*this is \(5, 6.5, 7\)"),
        (SHAPE, 5, "a shape is asked for.*this is 5"),
        (SHAPE, (5, 7), r"\(5, 7\) has 2 axes, and that is too few"),
        (SHAPE, (5,), r"\(5,\) has 1 axis, and that is too few"),
        (SHAPE, (5, 7, 6), r"in \(5, 7, 6\) are the right numbers, but not in the right order"),
        (SHAPE, (5, 6, 9), r"in \(5, 6, 9\), 2 of 3 axes are right; not right: axis 2"),
        (TUPLE, (4, 2), r"in \(4, 2\), 1 of 2 are right; not right: index 1"),
        (TUPLE, (4, 1, 1), r"\(4, 1, 1\) has 3 values, and that is too many"),
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
        (WORD, ["left", "both"], "one of these words is asked for.*this is a list"),
        (TRUE, 1, "True or False is asked for; this is 1"),
        (TRUE, False, "False is not right"),
        (TENSOR, 3.0, "a tensor is asked for; this is 3.0"),
        (TENSOR, torch.ones(2, 3), "the shapes differ"),
        (TENSOR, torch.ones(2, 2), r"3 of 4 values differ(.|\n)*where: +\[0, 1\]"),
        (TENSOR, torch.full((2, 2), torch.nan), "4 of 4 values differ"),
    ],
)
def test_a_wrong_value_is_described(task: Exercise, answer: object, message: str) -> None:
    verdict = judge(task, answer)
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


SCALE = example(scaled, scaled_cases, added=lambda x, factor: x + factor, zero=lambda x, factor: 1 / 0)


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
        (lambda x, factor: x + factor, "^added.$"),
        (lambda x, factor: 2 / 0, "^zero.$"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_wrong_function_is_described(answer: object, message: str) -> None:
    verdict = judge(SCALE, answer)
    assert verdict.status == "not yet"
    assert re.search(message, verdict.message), verdict


def test_other_outputs_than_tensors() -> None:
    task = example(lambda n: n + 0.5, cases=lambda: [(1,), (2,)])
    assert judge(task, lambda n: np.float32(n + 0.5)).passed
    assert "your function returns 'abc', expected 1.5." in judge(task, lambda n: "abc").message
    refusing = example(lambda n: [][n], cases=lambda: [(1,), (2,)])
    assert judge(refusing, lambda n: ()[n]).passed
    assert "an IndexError is to be raised" in judge(refusing, lambda n: n).message


def test_true_is_not_one() -> None:
    task = example(lambda n: (n > 1, n), cases=lambda: [(1,), (2,)])
    assert judge(task, lambda n: [n > 1, n]).passed
    assert not judge(task, lambda n: (int(n > 1), n)).passed


def test_an_unlisted_mistake_is_given_to_diagnose() -> None:
    def conv(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv1d(x, weight)

    numbers = torch.Generator().manual_seed(2)
    x, weight = (torch.randn(*shape, generator=numbers, dtype=torch.float64) for shape in [(2, 3, 9), (4, 3, 3)])
    task = example(conv, lambda: [(x, weight)], lambda x, weight: {"x": x, "weight": weight})
    assert judge(task, conv).passed
    assert judge(task, lambda x, weight: conv(x, weight.flip(-1))).message.startswith("flipped_kernel: ")
    assert "values differ" in judge(task, lambda x, weight: conv(x, weight) + 0.37).message
    assert judge(task, lambda x, weight: "no").message.endswith("not a tensor of shape (2, 4, 7).")


def test_a_mistake_is_named_only_where_it_explains_every_wrong_case() -> None:
    def conv(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv1d(x, weight)

    def one_less_now_and_then(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return conv(x, weight)[..., :-1] if len(x) == 2 else conv(x, weight) + 1

    numbers = torch.Generator().manual_seed(2)
    cases = [
        tuple(torch.randn(*shape, generator=numbers, dtype=torch.float64) for shape in [(n, 3, 9), (4, 3, 3)])
        for n in (2, 3)
    ]
    task = example(conv, lambda: cases, lambda x, weight: {"x": x, "weight": weight})
    assert judge(task, lambda x, weight: conv(x, weight)[..., :-1]).message.startswith("last_window_missing: ")
    assert judge(task, one_less_now_and_then).message.startswith("for x of shape (2, 3, 9)")


def test_two_functions_that_only_raise_make_the_same_mistake_by_the_same_words() -> None:
    def of_rows(x: torch.Tensor, factor: float) -> torch.Tensor:
        return x[7, 7, 7]

    task = example(scaled, scaled_cases, too_far=lambda x, factor: x[99])
    assert judge(task, lambda x, factor: x[99]).message == "too_far."
    assert "raised IndexError: too many indices" in judge(task, of_rows).message


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x, factor: (x * factor).numpy(), "come in an ndarray. Conv1d refuses all but tensors"),
        (lambda x, factor: (x * factor).tolist(), "come in a list"),
    ],
)
def test_where_a_tensor_is_asked_for_torch_must_take_what_comes(answer: Callable, message: str) -> None:
    verdict = judge(SCALE, answer)
    assert verdict.status == "not yet"
    assert re.search(f"the numbers are right, but they {message}", verdict.message)


def test_the_function_of_another_exercise() -> None:
    message = check("02.3", EXERCISES["02.2"].solution).message
    assert message.endswith(" Is `patients_to_input` the function of this exercise?")
    assert "Is `" not in check("02.3", lambda x: x).message
    assert check("13.1", EXERCISES["13.4"].solution).message.startswith("this is the last real step alone.")


def test_a_layer_is_no_value() -> None:
    assert (
        "this is a layer. Read what is asked for from the layer" in judge(SHAPE, torch.nn.Conv1d(1, 1, 1)).message
    )


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
    for each in (*EXERCISES.values(), SCALE, SHAPE):
        assert judge(each, Hostile()).status == "not yet"


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


def test_of_several_results_the_wrong_one_is_named() -> None:
    scale_parts = EXERCISES["12.1"].solution

    def doubled(X: torch.Tensor, train: torch.Tensor, test: torch.Tensor) -> tuple:
        first, second = scale_parts(X, train, test)
        return first, 2 * second

    def three(X: torch.Tensor, train: torch.Tensor, test: torch.Tensor) -> tuple:
        return (*scale_parts(X, train, test), 0)

    message = check("12.1", doubled).message
    assert "of the 2 results, number 2 is not right" in message
    assert "array(" not in message
    assert "returns a tuple, and 2 results are asked for" in check("12.1", three).message


# ---- which exercise? ----


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("02.9", r'There is no exercise "02.9". Lesson 02 has 02.1, 02.2'),
        ("2.2", r'There is no exercise "2.2". Did you mean "02.2"\?'),
        (" 02.2", r'Did you mean "02.2"\?'),
        ("77.1", r'There is no exercise "77.1". There are exercises in the lessons 00, .*: 00.1, 00.2'),
        (2.2, r'The id of an exercise is a text: write \w+\("02.2", …\) with the quotes'),
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
    assert check("02.1", 3).message == message


# ---- how it is shown ----


def test_hints_come_one_by_one() -> None:
    first, second = EXERCISES["02.2"].hints
    assert repr(hint("02.2")) == f"Hint 1 of 2: {first}"
    assert repr(hint("02.3")).startswith("Hint 1 of 2: ")
    assert repr(hint("02.2")) == f"Hint 2 of 2: {second}"
    for _ in range(2):
        last = 'There are no more hints. `solution("02.2")` shows one solution. The hints again:'
        assert repr(hint("02.2")) == f"{last}\n1. {first}\n2. {second}"


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
