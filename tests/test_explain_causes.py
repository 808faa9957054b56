"""The rule book of `explain`: every cause and every note has an example that reaches it."""

import ast
import doctest
import importlib
import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import explain_catalogue
import explain_catalogue_around
import pytest
import torch
from torch import nn

from conv1d_tutor import explain, explain_error, explainer
from conv1d_tutor.explainer import NOTES, PROBLEMS, Explanation
from conv1d_tutor.explainer.cause import trial

FOLDER = Path(explainer.__file__).parent
FILES = [path for room in ("causes", "notes") for path in sorted((FOLDER / room).glob("[!_]*.py"))]


def module_of(path: Path) -> Any:
    return importlib.import_module(f"{explainer.__name__}.{path.parent.name}.{path.stem}")


class Reached:
    """Runs the examples of one file, and keeps which of its lines each of them ran, and which codes were told."""

    def __init__(self, path: Path) -> None:
        self.path, self.lines, self.codes = str(path), {}, set()
        module = module_of(path)
        ours = {"explain": self.explain, "explain_error": self.explain_error}
        names = ours | {"nn": nn, "torch": torch} | vars(module)
        runner = doctest.DocTestRunner(verbose=False)
        for example in doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs=names):
            self.now = self.lines[example.name.rpartition(".")[2]] = set()
            before = sys.gettrace()  # a debugger's, or that of who measures coverage
            sys.settrace(self.entered)
            try:
                runner.run(example, out=lambda said: None)
            finally:
                sys.settrace(before)
        assert runner.failures == 0

    def explain(self, layer: Any, x: Any, **options: Any) -> Explanation:
        found = explain(layer, x, **options)
        self.codes |= {found.problem, *(note.code for note in found.notes)}
        return found

    def explain_error(self, error: BaseException) -> Explanation | None:
        found = explain_error(error)
        self.codes |= {found.problem} if found else set()
        return found

    def entered(self, frame: FrameType, event: str, argument: Any) -> Any:
        code: CodeType = frame.f_code
        return self.ran if code.co_filename == self.path else None

    def ran(self, frame: FrameType, event: str, argument: Any) -> Any:
        self.now.add(frame.f_lineno)
        return self.ran


@pytest.fixture(scope="module")
def reached() -> dict[Path, Reached]:
    # What torch loads for a first run is loaded before lines are counted, which makes it slow.
    explain(nn.Sequential(nn.Conv1d(4, 4, 3), nn.TransformerEncoderLayer(4, 2, 8)), (2, 4, 9))
    return {path: Reached(path) for path in FILES}


def yields(path: Path) -> Iterator[tuple[str, range]]:
    """The lines of what each function of a file yields."""
    for function in ast.parse(path.read_text(encoding="utf-8")).body:
        for node in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
            if isinstance(node, ast.Yield | ast.YieldFrom):
                yield function.name, range(node.lineno, node.end_lineno + 1)


def test_the_example_of_a_function_reaches_all_that_it_yields(reached: dict[Path, Reached]) -> None:
    for path in FILES:
        lines = reached[path].lines
        missed = [
            f"{path.name}:{of[0]} {function}"
            for function, of in yields(path)
            # What stands below a function without an example is reached by those that use it.
            if set(of).isdisjoint(lines.get(function) or set().union(*lines.values()))
        ]
        assert missed == []


def test_examples_and_catalogue_name_every_problem_and_every_note(reached: dict[Path, Reached]) -> None:
    told = {code for examples in reached.values() for code in examples.codes} - {None}
    assert told == set(PROBLEMS) | set(NOTES)
    for case in explain_catalogue.CASES + explain_catalogue_around.CASES:
        problems = case.problem if isinstance(case.problem, tuple) else (case.problem,)
        assert {*problems, *case.notes} - {None} <= told


def test_sentences_are_sentences_and_every_cause_has_an_example() -> None:
    for sentence in (*PROBLEMS.values(), *NOTES.values()):
        assert sentence.endswith(".") and len(sentence) < 100
    for path in FILES:
        for name, function in inspect.getmembers(module_of(path), inspect.isfunction):
            if name in (*PROBLEMS, *NOTES):
                assert "explain(" in inspect.getdoc(function).replace("explain_error(", "explain("), name


# The way of a question through the folder


#: The files that one run goes through. They are entered for each run, and for each call of torch in it.
OF_A_RUN = {
    *("run.py", "model.py", "surroundings.py", "sandbox.py", "genuine.py", "tensors.py", "origin.py"),
    *(
        "places.py",
        "autocast.py",
        "by_rule.py",
        "flow.py",
        "axes.py",
        "reach.py",
        "shares.py",
        "functions.py",
        "torch_says.py",
    ),
}


def test_an_explanation_does_not_go_to_and_fro_between_the_files() -> None:
    folder, entered = f"{FOLDER}/", Counter()

    def count(frame: FrameType, event: str, argument: Any) -> None:
        files = [each.f_code.co_filename for each in (frame, frame.f_back) if each]
        if event == "call" and len(set(files)) == 2 and all(name.startswith(folder) for name in files):
            entered[tuple(name.removeprefix(folder) for name in files)] += 1

    layer = nn.Conv1d(5, 8, 3)
    explain(layer, (239, 49, 5))
    sys.setprofile(count)
    try:
        explain(layer, (239, 49, 5))
    finally:
        sys.setprofile(None)
    assert {to for to, by in entered if by in OF_A_RUN} <= OF_A_RUN
    asked = Counter(to for (to, by), times in entered.items() for _ in range(times) if to not in OF_A_RUN)
    assert sum(asked.values()) <= 50
    # The causes are asked one by one; no other file is entered more often.
    assert {name for name, times in asked.items() if times > 3 and "causes/" not in name} <= {"cause.py"}


# How to add a cause, and a message of torch


def shown_in_contributing(words: str) -> str:
    """The block of CONTRIBUTING that holds these words."""
    text = (FOLDER.parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = (block for block in re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S) if words in block)
    return block


def test_a_cause_is_one_function() -> None:
    model = nn.Sequential(nn.Conv1d(4, 8, 3), nn.PReLU(4))
    assert explain(model, (2, 4, 30)).problem == "not_understood"
    with trial():
        names: dict[str, Any] = {"explain": explain}
        exec(shown_in_contributing("@cause("), names)
        found = explain(model, (2, 4, 30))
        assert found.problem == "slope_count"
        assert found.fix == "(layer.set_submodule('1', nn.PReLU(num_parameters=8)), layer(x))[-1]"
        assert PROBLEMS["slope_count"] == "PReLU has another number of slopes than there are channels."
        for example in doctest.DocTestFinder().find(names["slope_count"], "slope_count", globs=names):
            assert doctest.DocTestRunner(verbose=False).run(example) == (0, 1)
    assert "slope_count" not in PROBLEMS
    assert explain(model, (2, 4, 30)).problem == "not_understood"


def test_a_message_is_one_row() -> None:
    with trial():
        exec(shown_in_contributing("MESSAGES.append("), {})
        found = explain(nn.PReLU(3), (2, 4, 9))
        assert found.problem == "norm_features"
        assert "it means:   PReLU has one slope per channel" in found.text
    assert explain(nn.PReLU(3), (2, 4, 9)).problem == "not_understood"
