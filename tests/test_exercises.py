"""Every exercise of the course: its solution passes, each wrong answer gets its own words, its lesson shows it."""

import ast
import builtins
import json
import linecache
import math
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from conv1d_tutor import exercises, reference
from conv1d_tutor.exercises import EXERCISES, Exercise, check, hint, progress, solution
from conv1d_tutor.exercises.answers import plain, written, wrong_kind
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
        body = exercise.source.partition(f"def {exercise.solution.__name__}(")[2].split("\n")[1:]
        shown = exercise.stub.split("\n")
        answers = [line.strip().removeprefix("return ") for line in body if line not in shown]
    else:
        value = plain(exercise.value)
        answers = [] if isinstance(value, bool | str) else [str(value)]
    for text in texts:
        for answer in answers:
            assert not re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text), text


@each(ALL)
def test_the_solution_runs_as_it_is_printed(exercise: Exercise) -> None:
    """In a new kernel: nothing is there but what the code itself imports."""
    shown, kernel = solution(exercise.id), {}
    *code, last = ast.parse(shown.source).body
    exec(shown.source, kernel)
    written_alone = kernel[exercise.solution.__name__]
    if exercise.cases:
        assert check(exercise.id, written_alone).passed
    else:
        assert check(exercise.id, eval(ast.unparse(last), kernel)).passed
        assert f"It gives {written(exercise.value)}." in repr(shown)
    assert written_alone.__doc__ is None
    assert written_alone.__annotations__ == {}, "as the stub has it"
    assert all(isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef) for node in code)
    assert exercise.because in repr(shown)
    assert f"```python\n{shown.source}\n```" in shown._repr_markdown_()


@pytest.mark.parametrize(
    ("id", "idea"),
    [
        ("00.1", "# kernels, and rows and columns of each"),
        ("01.5", "# 4, 5, 5: small steps, as from one hour to the next"),
        ("03.4", "weights[0] = -1  # - x[t]"),
        ("03.5", "return samples // oscillations  # samples in one oscillation"),
        ("04.5", "length = length - kernel_size + 1  # places where the kernel fits"),
        ("05.4", "return torch.Size((8, 4, moves + 1))  # the first window needs no move"),
        ("09.7", "seen += dilation * (3 - 1)  # what this layer adds"),
        ("08.1", "rows = 6 // 3  # the channels of one group"),
        ("08.2", "# before it are the outputs of the channels 0, 1 and 2"),
        ("12.2", "# axis 2 is gone: one number is left per patient and kernel"),
        ("09.1", "gaps = 5 - 1  # between 5 taps"),
    ],
)
def test_a_solution_shows_the_idea_and_not_a_test_of_the_answer(id: str, idea: str) -> None:
    assert idea in solution(id).source


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
    other_code = check(exercise.id, lambda *arguments: exercise.given.answer(*arguments))
    assert other_code.status == "not yet"
    assert other_code.message == f"this does the same as the code as given: it {exercise.given.message}"


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
    question, _ = in_the_lesson(EXERCISES["11.6"])
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
    assert list(EXERCISES) == sorted(EXERCISES, key=lambda id: [int(part) for part in id.split(".")])
    assert len(EXERCISES) == len(ALL) >= 5
    assert "02.2" in EXERCISES and 5.2 not in EXERCISES


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
            assert f"def {exercise.solution.__name__}(" in solution(exercise.id).source
        assert "99      2 of 2" in repr(progress())
    del sys.modules[added[0].solution.__module__], exercises.lesson_99
    assert check("99.1", (8, 5, 24)).status == "unknown exercise"


# ---- what people type ----


def typed(id: str, code: str, **known: object) -> Callable[..., object]:
    """What a learner types into the cell of an exercise: the body of its function, or what it returns."""
    exercise = EXERCISES[id]
    body = textwrap.indent(textwrap.dedent(code).strip(), "    ") if "\n" in code else f"    return {code}"
    source = f"def {exercise.solution.__name__}({', '.join(names_of(exercise.solution))}):\n{body}\n"
    file = f"<cell {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), known)
    return known[exercise.solution.__name__]


LIBRARIES = {"torch": torch, "np": np, "F": F, "nn": torch.nn}


@pytest.mark.parametrize(
    ("id", "code"),
    [
        ("02.2", "x.view(x.shape[0], x.shape[2], x.shape[1])"),
        ("02.2", "torch.reshape(x, (x.shape[0], x.shape[2], x.shape[1]))"),
        ("02.2", "x.contiguous().view(x.shape[0], x.shape[2], x.shape[1])"),
        ("03.6", 'np.convolve(signal, taps, "full")'),
        ("05.5", "F.conv1d(F.pad(x, (weight.shape[2] // 2,) * 2), weight, dilation=dilation)"),
        (
            "07.4",
            "(sliding(x, weight.shape[2], 2)[:, None] * weight[:, :, None]).sum(-1).swapaxes(2, 3).swapaxes(2, 3)",
        ),
        ("13.1", "(x * mask[:, None]).sum(2) / x.shape[2]"),
    ],
)
def test_other_code_that_does_the_same_as_the_code_as_given(id: str, code: str) -> None:
    """It is an answer, and is told what it does."""
    known = {**LIBRARIES, "sliding": np.lib.stride_tricks.sliding_window_view}
    verdict = check(id, typed(id, code, **known))
    assert verdict.status == "not yet"
    assert verdict.message == f"this does the same as the code as given: it {EXERCISES[id].given.message}"


def test_comments_and_line_breaks_leave_the_code_as_it_is_given() -> None:
    code = '''
        """My answer."""
        N, L, C = x.shape  # three axes
        return x.reshape(
            N, C, L
        )
    '''
    assert check("02.2", typed("02.2", code)).message.startswith("This is still the code as given")


@pytest.mark.parametrize(
    ("id", "code", "message"),
    [
        # The names that untouched cells import; the message of a learner's own name is another one.
        (
            "05.5",
            "F.conv1d(x, weight, padding='same', dilation=dilation)",
            "`F` .* first cell .*`import torch.nn.func",
        ),
        ("03.6", "np.correlate(signal, taps)", "`np` is not known in this kernel yet.*`import numpy as np` alone"),
        ("01.6", "torch.stack([pulse, oxygen], dim=1)", "`torch` is not known in this kernel yet"),
        (
            "07.5",
            "section_14(weight)",
            "`section_14` is not known here. The function is given `weight`, `length`",
        ),
    ],
)
def test_a_name_is_missing_in_a_new_kernel(id: str, code: str, message: str) -> None:
    verdict = check(id, typed(id, code))
    assert verdict.status == "not answered"
    assert re.search(message, verdict.message), verdict
    assert repr(verdict).startswith("Not checked yet: ")


@each([exercise for exercise in ALL if exercise.given])
def test_the_code_as_given_in_a_new_kernel(exercise: Exercise) -> None:
    name = exercise.solution.__name__
    kernel: dict = {}
    exec(exercise.stub, kernel)
    verdict = check(exercise.id, kernel[name])
    assert verdict.status == ("not answered" if "is not known in this kernel" in verdict.message else "not yet")
    assert "raised NameError" not in verdict.message


def test_a_cell_of_an_exercise_imports_what_the_first_cell_does_not() -> None:
    """Run after the first cell and the import of `check`, the cell of an exercise finds all its names."""
    for exercise in ALL:
        cells = [cell["source"] for cell in cells_of(exercise.lesson) if cell["cell_type"] == "code"]
        first = ast.parse(cells[0].replace("%xmode Minimal\n", ""))
        answer = ast.parse(in_the_lesson(exercise)[1]["source"])
        stored, loaded = {"check", "hint", "solution", *dir(builtins)}, set()
        for node in [*ast.walk(first), *ast.walk(answer)]:
            if isinstance(node, ast.Import | ast.ImportFrom):
                stored |= {name.asname or name.name for name in node.names}
            elif isinstance(node, ast.FunctionDef):
                stored |= {node.name, *(argument.arg for argument in node.args.args)}
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                stored.add(node.id)
        loaded = {n.id for n in ast.walk(answer) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        assert loaded <= stored, (exercise.id, loaded - stored)


@pytest.mark.parametrize(
    ("id", "answer"),
    [
        ("01.5", "L,C,N"),
        ("01.5", "l c n"),
        ("01.5", ["L", "C", "N"]),
        ("03.4", torch.tensor([[[-1.0, 0, 0, 0, 1]]])),
        ("03.4", [[[-1, 0, 0, 0, 1]]]),
        ("03.5", (20,)),
        ("02.1", (1, -1, 0)),
        ("02.1", (-2, -1, -3)),
        ("08.2", {6, 7}),
        ("08.2", (7, 6)),
        ("08.2", range(6, 8)),
        ("08.2", torch.tensor([6, 7])),
    ],
)
def test_a_right_value_in_another_form(id: str, answer: object) -> None:
    assert check(id, answer).passed


@pytest.mark.parametrize(
    ("id", "answer", "message"),
    [
        ("05.4", (8, 4, 27), "count the moves.*Or did you take dilation · K"),
        ("05.4", (8, 4, 29), "round up.*Or does your window"),
        ("05.4", (8, 4, 26), "padding count once.*Or did you put"),
        ("02.1", (0, -1, 1), "keeps the hours in front"),
        ("02.1", (1, 2, -4), r"in \(1, 2, -4\), 2 of 3 are right"),
        ("08.2", (3, 4), "channel 3 does not begin at output 3"),
        ("08.2", {3}, "each channel has more than one output"),
        ("08.2", 6, "nothing is wrong with these, but something is missing"),
        ("08.2", (6, 8), "not right: 8; right: 6"),
    ],
)
def test_a_wrong_value_is_told_what_it_shows(id: str, answer: object, message: str) -> None:
    verdict = check(id, answer)
    assert verdict.status == "not yet"
    assert re.search(message, verdict.message), verdict


def test_the_slips_named_for_one_length_do_lead_to_it() -> None:
    """Where several slips lead to one number, its message names them all."""

    def length(window: int, padding: int = 8, up: bool = False) -> int:
        moves = (60 + padding - window) / 2
        return math.ceil(moves) if up else math.floor(moves)

    assert length(13) + 1 == 28
    assert length(13) == length(3 * 5) + 1 == 27
    assert length(13, up=True) + 1 == length(3 * 4) + 1 == 29
    assert length(13, padding=4) + 1 == length(5 + 4 * 3) + 1 == 26


@pytest.mark.parametrize(
    ("id", "code"),
    [
        (
            "09.2",
            'F.conv1d(F.pad(x, (dilation*(weight.shape[2]-1), 0), mode="replicate"), weight, dilation=dilation)',
        ),
        (
            "12.1",
            """
            mean = X[train].mean(dim=(0, 2), keepdim=True)
            spread = X[train].std(dim=(0, 2), keepdim=True, correction=0)
            return (X[train] - mean) / spread, (X[test] - mean) / spread
            """,
        ),
        (
            "12.1",
            """
            mean = X[train].mean(dim=(0, 2), keepdim=True)
            spread = X[train].std(dim=(0, 2), keepdim=True) + 1e-8  # never 0
            return (X[train] - mean) / spread, (X[test] - mean) / spread
            """,
        ),
        ("02.2", "x.mT"),
        ("13.4", "x.gather(2, (mask.sum(1) - 1)[:, None, None].expand(-1, x.shape[1], 1)).squeeze(2)"),
    ],
)
def test_a_right_function_in_another_form(id: str, code: str) -> None:
    verdict = check(id, typed(id, code, **LIBRARIES))
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("id", "code", "message"),
    [
        # The right numbers, in what F.conv1d refuses.
        ("01.6", "np.stack([pulse, oxygen], axis=1)", "come in an ndarray. Conv1d refuses all but tensors"),
        ("01.6", "torch.stack([pulse, oxygen], dim=1).tolist()", "come in a list"),
        ("04.6", "-np.diff(np.eye(channels), axis=0)[:, :, None]", "come in an ndarray"),
        ("04.6", "solved(channels).long()", r"stored as whole numbers \(torch.int64\)"),
        ("12.1", "[part.numpy() for part in solved(X, train, test)]", "come in an ndarray"),
        # Equal sizes, a batch of one and one channel hide nothing.
        ("09.2", "padded(x, weight, dilation * (weight.shape[1] - 1), dilation)", "counts the channels"),
        ("05.5", "F.conv1d(x, weight, padding=dilation, dilation=dilation)", "right for 3 taps"),
        ("11.7", "solved(signals, weight).squeeze()", r"an axis of size 1 is missing. `squeeze\(\)` without"),
        ("13.4", "solved(x, mask).squeeze()", "an axis of size 1 is missing"),
        ("02.3", "solved(rows, hours).squeeze()", "an axis of size 1 is missing"),
        (
            "13.4",
            "solved(x, mask)[..., None]",
            "the numbers are right, but not in this shape: it has more axes, of",
        ),
        ("13.4", "x[..., -1:]", "^for x .* the shapes differ"),
        ("13.1", "(x * mask[:, None]).sum(2) / (x != 0).sum(2)", "counts the numbers other than 0"),
        # What the code shows to be misunderstood.
        ("09.2", 'padded(x, weight, dilation * (weight.shape[2] - 1), dilation, mode="circular")', "the future"),
        ("09.2", "solved(x, weight.flip(2), dilation)", "the kernel is turned round"),
        (
            "02.2",
            "x.permute(*x.shape)",
            "IndexError: Dimension out .* named by their places, from 0 on, not by sizes",
        ),
        (
            "07.5",
            "solved(weight, length, stride).astype(int)",
            r"whole numbers \(int64\).* made with `dtype=int`",
        ),
        (
            "07.5",
            """
            result = np.zeros((length - stride * (len(weight) - 1), length))
            for t in range(len(result)):
                for k in range(len(weight)):
                    result[t, t + k * stride] = weight[k]
            return result
            """,
            "the taps stand a stride apart. That is dilation",
        ),
        (
            "07.6",
            """
            grad_x = np.zeros(length, dtype=int)
            for t in range(len(grad)):
                for k in range(len(weight)):
                    grad_x[t * stride + k] += grad[t] * weight[k]
            return grad_x
            """,
            r"returns whole numbers \(int64\)",
        ),
        (
            "07.6",
            """
            between = np.zeros((len(grad) - 1) * stride + 1)
            between[::stride] = grad
            full = np.convolve(between, weight)
            return np.pad(full, (length - len(full), 0))
            """,
            "the zeros stand in front",
        ),
        (
            "12.1",
            """
            mean = X[train].mean(dim=(0, 1), keepdim=True)
            spread = X[train].std(dim=(0, 1), keepdim=True)
            return (X[train] - mean) / spread, (X[test] - mean) / spread
            """,
            "one mean per hour",
        ),
        (
            "12.1",
            """
            mean = X.mean(dim=(0, 2), keepdim=True)
            spread = X.std(dim=(0, 2), keepdim=True, correction=0)
            return (X[train] - mean) / spread, (X[test] - mean) / spread
            """,
            "still those of everyone",
        ),
        (
            "13.2",
            """
            x = F.conv1d(x, first, padding="same") * mask[:, None]
            return F.conv1d(x, second, padding="same") * mask[:, None]
            """,
            "the two `relu` are gone",
        ),
        # An error of the same type is no sign of the same mistake, and a box that nobody fills shows the mistake.
        ("13.4", "x[mask][-1]", "raised IndexError: The shape of the mask"),
        ("13.4", "torch.stack([x[n, :, mask[n].sum()] for n in range(len(x))])", "reads one step beyond the end"),
    ],
)
def test_a_wrong_function_is_told_what_it_shows(id: str, code: str, message: str) -> None:
    def padded(x, weight, before, dilation, **how):
        return F.conv1d(F.pad(x, (before, 0), **how), weight, dilation=dilation)

    verdict = check(id, typed(id, code, **LIBRARIES, padded=padded, solved=EXERCISES[id].solution))
    assert verdict.status == "not yet"
    assert re.search(message, verdict.message), verdict


def unlisted_answers() -> list[tuple[str, bool, str]]:
    """Answers that people type and no exercise lists: the id, whether it is right, and the text."""
    text = (Path(__file__).parent / "unlisted_answers.txt").read_text(encoding="utf-8")
    found = []
    for part in text.split("# ")[1:]:
        id, _, answers = part.partition("\n")
        for word, answer in re.findall(r"(?m)^(right|wrong):((?: .+|(?:\n    .+)+)$)", answers):
            found.append((id, word == "right", answer.strip("\n") if "\n" in answer else answer.strip()))
    return found


@each(ALL)
def test_answers_that_nobody_listed(exercise: Exercise) -> None:
    """What is right in another form is right, what is wrong is read and answered, and there are enough to tell."""
    answers = [(is_right, text) for id, is_right, text in unlisted_answers() if id == exercise.id]
    assert len(answers) >= 8
    for is_right, text in answers:
        known = LIBRARIES | {"reference": reference}
        answer = typed(exercise.id, text, **known) if exercise.cases else eval(text, dict(known))
        verdict = check(exercise.id, answer)
        assert verdict.passed is is_right, (text, verdict)
        assert "cannot be read" not in verdict.message, (text, verdict)
