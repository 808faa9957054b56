"""The error index: a page for each message of torch, each cause and each note, and what it shows is what runs."""

import json
import re
from pathlib import Path

import pytest

from conv1d_tutor.explainer import NOTES, PROBLEMS
from conv1d_tutor.explainer.torch_says import MESSAGES, UNKNOWN, understood
from tools import make_errors

ROOT = Path(__file__).parent.parent
MEANS = re.compile(r"^(It means: |  it means: )", re.M)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return make_errors.pages()


def test_every_message_cause_and_note_has_a_page_and_every_link_leads_to_one(pages: dict[str, str]) -> None:
    kinds = [make_errors.file_of(known) for known in MESSAGES if not known.aside]
    assert set(pages) == {make_errors.INDEX, *kinds, *(f"{code}.md" for code in PROBLEMS | NOTES)}
    for name, text in pages.items():
        assert set(re.findall(r"\]\((\S+?\.md)\)", text)) <= set(pages), name
    assert set(re.findall(r"\]\((\S+?\.md)\)", pages[make_errors.INDEX])) == set(pages) - {make_errors.INDEX}


def test_the_readme_has_the_words_of_every_message_and_where_a_lesson_shows_it() -> None:
    readme = make_errors.README.read_text(encoding="utf-8")
    assert make_errors.readme(readme) == readme, "make errors writes its table anew"
    table = readme.split(make_errors.BEGIN)[1].split(make_errors.END)[0]
    for known in MESSAGES:
        if not known.aside:
            assert f"](docs/errors/{make_errors.file_of(known)})" in table, known.kind
    rows = re.findall(r"\]\(notebooks/(\S+)\), (.*?) \|$", table, re.MULTILINE)
    assert len(rows) >= 10
    for name, heading in rows:
        lesson = json.loads((ROOT / "notebooks" / name).read_text(encoding="utf-8"))
        heads = ["".join(cell["source"]).splitlines()[0] for cell in lesson["cells"] if cell["source"]]
        assert f"## {heading.removeprefix('section ')}" in heads or heading == "the beginning"


@pytest.mark.parametrize(
    "pasted",
    [
        "expected input[32, 100, 5] to have 5 channels, but got 100 channels instead",
        "Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: [1, 2, 3, 4]",
        "Kernel size can't be greater than actual input size",
        "mat1 and mat2 shapes cannot be multiplied",
        "expected scalar type Double but found Float",
        "Expected more than 1 value per channel when training",
        "in_channels must be divisible by groups",
        "each element in list of batch should be of equal size",
    ],
)
def test_a_pasted_message_is_found_in_the_readme(pasted: str) -> None:
    """By its longest piece without numbers, as people search a page."""
    readme = make_errors.README.read_text(encoding="utf-8").lower()
    pieces = re.split(r"\s*[\[(][^\])]*\d[^\])]*[\])]\s*|\s*\b\d+\b\s*", pasted)
    longest = max(pieces, key=len).strip(" ,:.").lower()
    assert longest in readme, longest


def test_every_page_has_an_example_and_what_was_said_to_it(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        assert re.findall(r"```python\n.+?\n```\n\n```text\n\S.+?\n```", text, re.S) or name == make_errors.INDEX
        assert "could not be explained" not in text and "0x" not in re.sub(r"\d+x\d+", "", text), name


def test_the_page_of_a_message_has_its_words_as_title_its_numbers_its_meaning_and_its_causes(
    pages: dict[str, str],
) -> None:
    page = pages["torch_says_channels.md"]
    title = "Given groups=…, weight of size (…), expected input(…) to have … channels, but got … channels instead"
    assert page.startswith(f"# `{title}`\n")
    assert "nn.Conv1d(5, 2, 3)(x)\n```\n\n```text\nRuntimeError: Given groups=1, weight of size [2, 5, 3]" in page
    assert "it means:   axis 1 is the channels axis" in page
    assert "- [channels_last](channels_last.md): The channels are the last axis" in page
    assert "[`Given groups=…, weight" in pages["channels_last.md"]


def test_every_page_of_a_message_says_what_it_means(pages: dict[str, str]) -> None:
    silent = [name for name, text in pages.items() if name.startswith("torch_says") and not MEANS.search(text)]
    assert silent == []


def test_the_pages_in_docs_are_those_that_the_tool_writes(pages: dict[str, str]) -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in make_errors.FOLDER.glob("*.md")}
    if make_errors.MADE_WITH not in there[make_errors.INDEX]:
        pytest.skip(
            f"torch words its messages anew: {make_errors.MADE_WITH} is not what docs/errors was made with"
        )
    stale = sorted(name for name in {*there, *pages} if there.get(name) != pages.get(name))
    assert stale == [], "make errors writes them anew"


def messages_of_the_lesson() -> list[str]:
    (path,) = (ROOT / "notebooks").glob("*_read_the_errors.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [out["evalue"] for cell in cells for out in cell.get("outputs", []) if out["output_type"] == "error"]


def test_every_message_of_the_lesson_stands_in_the_index(pages: dict[str, str]) -> None:
    said = messages_of_the_lesson()
    assert len(said) > 10
    for message in said:
        known, *_ = understood(message)
        assert known is not UNKNOWN
        assert f"[`{make_errors.fixed_words(f': {message}')}`]({make_errors.file_of(known)})" in pages["README.md"]


def test_the_lesson_has_the_words_of_every_message() -> None:
    """Whoever searches it for a message finds it: raised by a cell, or in its text with a link to its page."""
    (path,) = (ROOT / "notebooks").glob("*_read_the_errors.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    words = "\n".join(["".join(cell["source"]) for cell in cells] + messages_of_the_lesson())
    assert [known.kind for known in MESSAGES if not known.aside and not known.compiled.search(words)] == []


def test_what_differs_from_run_to_run_is_not_shown() -> None:
    assert make_errors.settled("one of {'b', 'a'}, but got") == "one of {'a', 'b'}, but got"
    assert make_errors.fixed_words("E: size [2, 3], (1x9 and 8x2), conv1d got -1.5") == (
        "size (…), (… and …), conv1d got …"
    )


def test_an_example_comes_with_what_it_needs() -> None:
    text = """
    >>> class Unused(nn.Module): ...
    >>> class Used(nn.Conv1d):
    ...     pass
    >>> layer = Used(4, 2, 3)
    >>> explain(layer, (2, 4, 9)).ok
    True
    >>> [explain(layer, (2, 4, n)).ok for n in (9, 2)]
    [True, False]
    """
    whole, part = make_errors.of_a_docstring(text)
    head = "class Used(nn.Conv1d):\n    pass\n\n\nlayer = Used(4, 2, 3)\n"
    assert whole.code == f"{head}print(explain(layer, (2, 4, 9)))" and whole.said.startswith("Used")
    assert (
        part.code == f"{head}[explain(layer, (2, 4, n)).ok for n in (9, 2)]\n" and part.said == "[True, False]\n"
    )
