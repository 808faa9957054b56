"""Every prediction of the course: its answer is computed, wrong guesses have words, nothing gives it away."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from conv1d_tutor import predict
from conv1d_tutor.exercises import PREDICTIONS, Question
from conv1d_tutor.exercises.prediction import _difference, _written, judge_guess, prediction
from conv1d_tutor.jupyter import own_copy

ROOT = Path(__file__).parent.parent
ALL = list(PREDICTIONS.values())
LESSONS = {path.stem[:2]: path for path in own_copy.lessons(ROOT / "notebooks")}
#: What stands above a prediction in its section and looks like its answer, and why it gives nothing away.
INHERITED: dict[str, dict[str, str]] = {
    "07.c": {"## 6.": "the number of the section"},
    "03.a": {"3, 2, 5, 4": "the signal; the answer is a sum of other samples"},
    "05.i": {"## 5.": "the number of the section"},
    "09.a": {"2, 5, 4, 1, 0, 2": "the signal; the answer is the place of an output"},
}

each = pytest.mark.parametrize("question", ALL, ids=lambda question: question.id)


def cells_of(lesson: str) -> list[dict[str, Any]]:
    """The cells of a lesson, each with its source as one text, and with what its outputs show."""
    found = json.loads(LESSONS[lesson].read_text(encoding="utf-8"))["cells"]
    for cell in found:
        cell["source"] = "".join(cell["source"])
        shown = [output.get("text", "") for output in cell.get("outputs", [])]
        shown += [text for output in cell.get("outputs", []) for text in output.get("data", {}).values()]
        alts = [
            output["metadata"]["image/png"].get("alt", "")
            for output in cell.get("outputs", [])
            if "image/png" in output.get("metadata", {})
        ]
        texts = [
            "".join(text) for text in shown if isinstance(text, str | list) and "PNG" not in "".join(text)[:9]
        ]
        read = [re.sub(r"<[^>]*>", " ", text) for text in texts if len(text) < 20_000]  # tags are not seen
        cell["shown"] = "\n".join([*read, *alts, cell["metadata"].get("alt", "")])
    return found


def place_of(question: Question) -> tuple[list[dict[str, Any]], int]:
    """The cells of its lesson, and which of them asks it."""
    cells = cells_of(question.lesson)
    (place,) = [i for i, cell in enumerate(cells) if f'predict("{question.id}")' in cell["source"]]
    return cells, place


def above(question: Question) -> str:
    """All that a reader has seen of the section when the question comes."""
    cells, place = place_of(question)
    heads = [i for i in range(place) if cells[i]["source"].startswith("## ")]
    section = cells[heads[-1] if heads else 0 : place]
    return "\n".join(f"{cell['source']}\n{cell['shown']}" for cell in section)


@each
def test_its_cell_shows_neither_answer_nor_reason(question: Question) -> None:
    cells, place = place_of(question)
    lines = cells[place]["source"].strip().split("\n")
    assert lines[-1] == f'predict("{question.id}")'
    assert all(line in ("", "from conv1d_tutor import predict") for line in lines[:-1]), lines


def test_the_questions_of_a_lesson_are_asked_in_their_order() -> None:
    for lesson in LESSONS:
        asked = re.findall(r'predict\("(\d\d\.\w+)"\)', "\n".join(cell["source"] for cell in cells_of(lesson)))
        assert asked == [question.id for question in PREDICTIONS.of_lesson(lesson)]
        assert asked == [f"{lesson}.{chr(ord('a') + i)}" for i in range(len(asked))]


@each
def test_the_answer_is_computed(question: Question) -> None:
    assert not isinstance(ast.parse(question.expression, mode="eval").body, ast.Constant), question.expression
    assert not re.fullmatch(r"\(?[\d\s,.]+\)?", question.expression), question.expression
    again = question.compute()
    assert _difference(question.answer, again) == ""
    if isinstance(question.answer, str):
        assert question.answer in question.options
    assert judge_guess(question, question.answer).right


@each
def test_each_wrong_guess_gets_its_own_words(question: Question) -> None:
    assert len(question.mistakes) >= (1 if len(question.options) == 2 else 2)
    for mistake in question.mistakes:
        judged = judge_guess(question, mistake.answer)
        assert (judged.right, judged.says) == (False, mistake.message)
        assert repr(judged) == f"Not right: {mistake.message}"
    texts = [question.asks, question.because, *(mistake.message for mistake in question.mistakes)]
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert text.endswith((".", "?")) and text.count("`") % 2 == 0 and "\n" not in text, text


def stands_in(answer: Any, text: str) -> bool:
    """Whether an answer stands in a text, as a number or shape of its own."""
    written = re.escape(_written(answer)).replace(r",\ ", r",\s*")
    if isinstance(answer, int) and abs(answer) >= 1000:
        written = rf"(?:{written}|{answer:,})"
    return re.search(rf"(?<![\w.,·−-]){written}(?![\w·]|[.,]\d)", text.replace("·", " · ")) is not None


@each
def test_nothing_above_it_in_its_section_gives_it_away(question: Question) -> None:
    text = above(question)
    allowed = INHERITED.get(question.id, {})
    for words, why in allowed.items():
        assert words in text and len(why) > 10, f"{words!r} is no longer there"
        text = text.replace(words, "")
    if not isinstance(question.answer, str | bool):
        assert not stands_in(question.answer, text), f"the answer {_written(question.answer)} stands above"
    code = "".join(re.findall(r"[\w.()\[\],*+/-]+", text))
    expression = "".join(question.expression.split())
    assert len(expression) < 6 or expression not in code, f"the expression {expression} stands above"
    assert question.because.rstrip(".") not in text
    assert not any(
        stands_in(question.answer, said) for said in (question.asks, *(m.message for m in question.mistakes))
    )


def test_the_search_for_what_gives_it_away_finds_it() -> None:
    """The same search, on a text in which one answer, shape, or large number was put back."""
    assert stands_in(6, "there are 6 windows") and stands_in(6, "6") and stands_in((2, 5, 47), "(2,5, 47)")
    assert stands_in(10_000, "it holds 10,000 numbers") and stands_in(10_000, "10000")
    assert not stands_in(6, "16, 6.5, x6, and 60") and not stands_in((2, 5), "(2, 5, 47)")
    assert not stands_in(5, "`Conv1d` reads 1.5 and 0.5")


def example() -> Question:
    """One that is in no lesson."""

    @prediction("99.a", "How long?", because="a kernel of 3 fits at so many places.")
    def length() -> torch.Size:
        return torch.nn.Conv1d(1, 4, 3)(torch.zeros(2, 1, 9)).shape

    length.wrong((2, 4, 9), "this is the length of the input.")
    return length


def test_before_a_guess_it_shows_the_question_and_hides_the_rest() -> None:
    question = example()
    for blank in (None, ..., "", "  "):
        shown = judge_guess(question, blank)
        assert shown.right is None
        assert repr(shown).startswith("How long?\n") and "(2, 4, 7)" not in repr(shown) + str(shown)
        page = shown._repr_html_()
        before, folded = page.split("<details>")
        assert "How long?" in before and 'predict("99.a", …)' in before.replace("&quot;", '"')
        assert "7" not in re.sub(r"<[^>]*>", "", before) and "(2, 4, 7)" in folded and "fits at so many" in folded


@pytest.mark.parametrize(
    ("guess", "text"),
    [
        ((2, 4, 7), "Right: (2, 4, 7). Because a kernel of 3 fits at so many places."),
        ([2, 4, 7], "Right: (2, 4, 7). Because a kernel of 3 fits at so many places."),
        (torch.Size([2, 4, 7]), "Right: (2, 4, 7). Because a kernel of 3 fits at so many places."),
        (np.array([2, 4, 7]), "Right: (2, 4, 7). Because a kernel of 3 fits at so many places."),
        ((2, 4, 9), "Not right: this is the length of the input."),
        ((2, 5, 7), "Not right: it is not (2, 5, 7): axis 1 is another."),
        ((2, 4), "Not right: it is not (2, 4): a shape of 2 axes is not what comes out."),
        (7, "Not right: it is not 7."),
    ],
)
def test_a_guess_is_judged_without_naming_the_answer(guess: Any, text: str) -> None:
    shown = judge_guess(example(), guess)
    assert repr(shown) == text
    if not shown.right:
        assert "(2, 4, 7)" not in repr(shown)
        assert "(2, 4, 7)" in shown._repr_html_().split("<details>")[1]


def test_a_choice_names_its_options() -> None:
    @prediction("99.b", "Does it grow?", because="zeros are added.", options=("grows", "shrinks"))
    def change() -> str:
        return "grows" if torch.nn.functional.pad(torch.zeros(3), (1, 1)).numel() > 3 else "shrinks"

    change.wrong("shrinks", "this is without the padding.")
    assert '"grows" or "shrinks"' in repr(judge_guess(change, None))
    assert judge_guess(change, " Grows. ").right
    assert repr(judge_guess(change, "shrinks")) == "Not right: this is without the padding."
    assert repr(judge_guess(change, 4)) == "Not right: choose one of 'grows', 'shrinks'."


ODD = [
    object(),
    float("nan"),
    {},
    {"a": 1},
    lambda: 1,
    b"x",
    "text",
    torch.zeros(2, 3),
    range(10**9),
    1j,
    [[1], [1, 2]],
    -1,
]


@each
def test_any_object_is_answered_in_words(question: Question) -> None:
    for guess in ODD:
        shown = predict(question.id, guess)
        assert shown.right is False, guess
        assert len(repr(shown)) < 700 and shown._repr_html_()


@pytest.mark.parametrize("id", ["00.z", "77.a", "0.a", 4, None, (2, 3), object(), "nonsense"])
def test_an_unknown_id_is_refused_in_words(id: Any) -> None:
    shown = predict(id, 3)
    assert repr(shown).startswith("Which prediction?")
    assert not getattr(shown, "passed", False)


def test_the_id_that_was_meant_is_named() -> None:
    assert 'Did you mean "00.a"?' in repr(predict("0.a"))
