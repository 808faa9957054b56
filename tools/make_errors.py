"""Write the error index, ``make errors``: in docs/errors/ a page for each message of torch, each cause, each note.

What a page says stands in the rule book, conv1d_tutor/explainer/: torch's words in `torch_says`, the causes and
notes with the examples in their docstrings. Every block of code runs, as a reader would run it, when its page is
written, and what torch and `explain` say to it is what the page shows. A message leads to the causes that its
examples were found to have, a cause to what torch said in its examples. The README gets a table of all wordings,
each with its page and the section of a lesson that shows it.
"""

import ast
import contextlib
import doctest
import importlib
import inspect
import io
import json
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from unittest import mock

import torch
import torch.nn.functional as F
from torch import nn

from conv1d_tutor import explain, explain_error, explainer
from conv1d_tutor.explainer import NOTES, PROBLEMS, Explanation
from conv1d_tutor.explainer.cause import cause_of
from conv1d_tutor.explainer.torch_says import MESSAGES, Message, understood

ROOT = Path(__file__).resolve().parent.parent
FOLDER, LESSONS, README = ROOT / "docs" / "errors", ROOT / "notebooks", ROOT / "README.md"
INDEX = "README.md"
#: Between these, the README's table is written.
BEGIN, END = "<!-- written by make errors -->", "<!-- /written by make errors -->"
#: What the examples of `MESSAGES` are made with, as a reader would type it.
GIVEN = "x = torch.randn(2, 4, 9)"
MOST_LINES, MOST_LETTERS = 12, 600
#: torch's words change with its version, so the index names it.
MADE_WITH = f"Every example was run with torch {torch.__version__.partition('+')[0]}."


@dataclass
class Example:
    """What was run, and what was said to it.

    Attributes:
        code: what a reader types.
        said: what is printed, or torch's error as the last line of a traceback.
        kind: the kind of message that it is, see `torch_says`.
        explained: what `explain` says; None where it says nothing.
    """

    code: str
    said: str
    kind: str = ""
    explained: Explanation | None = None


@dataclass
class Entry:
    """A cause or a note: its code, its sentence, and its examples below the first line of each function."""

    code: str
    sentence: str
    examples: dict[str, list[Example]] = field(default_factory=dict)


def pages() -> dict[str, str]:
    """Run every example and write every page.

    Returns:
        The text of each page by the name of its file.
    """
    # The pages are the same on every machine, whatever its memory.
    machine = mock.patch(f"{explainer.__name__}.causes.memory._machine", lambda: 16 << 30)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings(), machine:
        warnings.simplefilter("ignore")
        messages = {known: [of_a_call(call) for call in known.calls] for known in MESSAGES if not known.aside}
        told = entries(NOTES | PROBLEMS)
    causes, notes = ([told[code] for code in codes] for codes in (PROBLEMS, NOTES))
    found = {file_of(known): message_page(known, examples, causes) for known, examples in messages.items()}
    found |= {f"{entry.code}.md": entry_page(entry, messages) for entry in told.values()}
    return {INDEX: index_page(messages, causes, notes)} | found


def file_of(known: Message) -> str:
    """The page of a message; causes and notes have pages of their codes."""
    return f"torch_says_{known.kind}.md"


# What runs


def of_a_call(call: str) -> Example:
    """Make a call that torch refuses, and ask what explains it."""
    code = call if GIVEN.partition(" ")[0] not in re.findall(r"\w+", call) else f"{GIVEN}\n{call}"
    try:
        run(code)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        return Example(code, shown(said), kind_of(said), explain_error(error))
    raise RuntimeError(f"torch does not refuse {call}")


def run(code: str, **names: Any) -> str:
    """Run a block as a reader would, who has imported what the lessons import; give what it prints."""
    torch.manual_seed(0)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, "<example>", "exec"), {"explain": explain, "torch": torch, "nn": nn, "F": F} | names)
    return printed.getvalue()


def entries(codes: dict[str, str]) -> dict[str, Entry]:
    """Run the examples of the causes and of the notes."""
    found = {code: Entry(code, sentence) for code, sentence in codes.items()}
    folder = Path(explainer.__file__).parent
    for path in sorted(one for room in ("causes", "notes") for one in (folder / room).glob("[!_]*.py")):
        module = importlib.import_module(f"{explainer.__name__}.{path.parent.name}.{path.stem}")
        for name, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                code = code_of(function) or name
                if code in found:
                    first = inspect.getdoc(function).partition("\n")[0]
                    found[code].examples[first] = list(of_a_docstring(inspect.getdoc(function)))
    return found


def code_of(function: Callable) -> str:
    """The code of the cause that a function tells of, "" if of none."""
    try:
        return cause_of(function).code
    except KeyError:
        return ""


def of_a_docstring(text: str) -> Iterator[Example]:
    """Run the examples of a docstring; those that ask `explain` once, and not in a loop, with its whole answer."""
    before: list[str] = []
    for example in doctest.DocTestParser().get_examples(text):
        calls = calls_of_explain(example.source)
        # Where there is no one call of `explain`, the value is what the docstring says.
        if None in calls or len(calls) > 1 or "explain_error(" in example.source:
            yield Example(with_what_it_needs(example.source, before), example.want)
        elif calls:
            answers: list[Explanation] = []

            def asked(*args: Any, **options: Any) -> Explanation:
                answers.append(explain(*args, **options))  # noqa: B023  # called before the next turn
                return answers[-1]  # noqa: B023

            code = with_what_it_needs(f"print({calls[0]})", before)
            said = run(code, explain=asked)
            yield Example(code, settled(said), kind_of(said), answers[0])
        if not isinstance(ast.parse(example.source).body[0], ast.Expr):
            before.append(example.source)


def with_what_it_needs(code: str, before: list[str]) -> str:
    """Put before a line those of the statements that it needs, with two lines of air below a class."""
    for source in reversed(before):
        (statement,) = ast.parse(source).body
        named = getattr(statement, "name", None)  # a class or a function
        stored = (
            one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        )
        imported = {one.asname or one.name for one in getattr(statement, "names", ())}
        bound = ({named} if named else set(stored)) | imported
        if bound & set(re.findall(r"\w+", code)):
            code = source + ("\n\n" if named else "") + code
    return code


def calls_of_explain(source: str) -> list[str | None]:
    """The calls of `explain` as they are written; None for one in a loop or a function, whose parts vary."""
    tree = ast.parse(source)
    vary = (ast.For, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.FunctionDef)
    within = {id(node) for one in ast.walk(tree) if isinstance(one, vary) for node in ast.walk(one)}
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and ast.unparse(one.func) == "explain"]
    return [None if id(call) in within else ast.get_source_segment(source, call) for call in calls]


def kind_of(text: str) -> str:
    """The kind of message in a text, "" if it is none of those known."""
    kind = understood(" ".join(text.split()))[0].kind
    return "" if kind == "unknown" else kind


def shown(said: str) -> str:
    """An error as far as it is read."""
    lines = settled(said).splitlines()[:MOST_LINES]
    return "\n".join(textwrap.shorten(line, MOST_LETTERS, placeholder=" …") for line in lines)


def settled(text: str) -> str:
    """A text with the words of every set in one order; Python's own differs from run to run."""
    return re.sub(r"\{('[^{}]*')\}", lambda found: f"{{{', '.join(sorted(found[1].split(', ')))}}}", text)


def fixed_words(said: str, most: int = 110) -> str:
    """What is the same in every error of this kind: the words, without numbers, shapes and what was given."""
    first = said.partition(": ")[2].partition("\n")[0].replace("`", "'")
    first = re.sub(r"[\[({][-\d, x]*\d[-\d, x]*[\])}]", "(…)", first)
    first = re.sub(r"(?<![\w.])-?\d+(?:\.\d+)?(?:x\d+)?(?!\w)", "…", first)
    return textwrap.shorten(first, most, placeholder=" …")


# What is written


def block(kind: str, text: str) -> str:
    """A block of code or text."""
    return f"```{kind}\n{text.rstrip()}\n```"


def answer(example: Example, error: bool = False) -> list[str]:
    """An example, and what was said to it; an error is followed by what explains it."""
    parts = [block("python", example.code), block("text", example.said)]
    if error and example.explained is not None:
        parts += ["`explain` says:", block("text", settled(example.explained.text))]
    return parts


def message_page(known: Message, examples: list[Example], causes: list[Entry]) -> str:
    """The page of a message: its words, what they mean, an example of each wording, the causes."""
    wordings: dict[str, list[Example]] = {}
    for example in examples:
        wordings.setdefault(fixed_words(example.said), []).append(example)
    title, *others = wordings
    parts = [f"# `{title}`"]
    if known.means:
        parts.append(f"It means: {known.means}.")
    parts += [part for example in wordings[title] for part in answer(example, error=True)]
    for other in others:
        parts += [f"## `{other}`", *(part for example in wordings[other] for part in answer(example, error=True))]
    of_it = [entry for entry in causes if entry.code in causes_of(known, examples, causes)]
    if not any(example.explained for example in examples):
        there = (
            one for entry in of_it for some in entry.examples.values() for one in some if one.kind == known.kind
        )
        parts += [part for example in islice(there, 1) for part in ("## In a model", *answer(example))]
    if of_it:
        parts += ["## What causes it", "\n".join(map(link_to, of_it))]
    return page(parts)


def causes_of(known: Message, examples: list[Example], causes: list[Entry]) -> set[str]:
    """The causes that the examples of a message have, and those in whose examples torch says it."""
    of_examples = {example.explained.problem for example in examples if example.explained}
    telling = {
        entry.code
        for entry in causes
        for shown in entry.examples.values()
        for one in shown
        if one.kind == known.kind
    }
    return (of_examples | telling | {known.problem}) - {None, "", "not_understood"}


def entry_page(entry: Entry, messages: dict[Message, list[Example]]) -> str:
    """The page of a cause or a note: its sentence, an example for each of its functions, what torch says."""
    kinds = {example.kind for examples in entry.examples.values() for example in examples}
    parts = [f"# {entry.sentence.rstrip('.')}", f"`explain` calls it `{entry.code}`."]
    for first, examples in entry.examples.items():
        if first != entry.sentence:
            parts.append(f"## {first.rstrip('.')}")
        parts += [part for example in examples for part in answer(example)]
    said = [known for known in messages if known.kind in kinds]
    if said:
        parts += ["## What torch says then", "\n".join(link_to_message(known, messages[known]) for known in said)]
    return page(parts)


def index_page(messages: dict[Message, list[Example]], causes: list[Entry], notes: list[Entry]) -> str:
    """The index."""
    rows = sorted(
        (
            (words, known)
            for known, examples in messages.items()
            for words in dict.fromkeys(fixed_words(example.said) for example in examples)
        ),
        key=lambda row: row[0].lower(),
    )
    parts = [
        "# What torch says, and what it means",
        "Look for the words of your error, without its numbers. A page shows calls that raise it, what `explain`\n"
        "says to them, and what can be the cause. For an error of your own: `explain(layer, x)`;\n"
        "`%load_ext conv1d_tutor` in a notebook, `import conv1d_tutor.auto` in a script.",
        f"{MADE_WITH} The examples have `explain` from `conv1d_tutor`, `torch`, `nn` and `F`.",
        "## Messages",
        "\n".join(f"- [`{words}`]({file_of(known)})" for words, known in rows),
        "## Causes",
        "\n".join(map(link_to, causes)),
        "## What runs and is still suspicious",
        "\n".join(map(link_to, notes)),
    ]
    return "\n\n".join(parts) + "\n"


def readme(text: str) -> str:
    """The README, with its table of messages written anew.

    Args:
        text: the README as it is.

    Returns:
        The same, with a row for each wording: its fixed words, their page, and where a lesson shows it.
    """
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    # The lesson about errors says most about each.
    paths = sorted(LESSONS.glob("*.ipynb"), key=lambda path: ("errors" not in path.name, path.name))
    lessons = {path.name: sections(path) for path in paths}
    rows = []
    for known in MESSAGES:
        if known.aside:
            continue
        where = next(
            (
                f"[{Path(name).stem.split('_')[0]}](notebooks/{name}), {heading}"
                for name, parts in lessons.items()
                for heading, words in parts
                if known.compiled.search(words)
            ),
            "",
        )
        for words in dict.fromkeys(fixed_words(of_a_call(call).said, 300) for call in known.calls):
            rows.append(f"| [`{words.replace('|', '/')}`](docs/errors/{file_of(known)}) | {where} |")
    table = "\n".join(["| torch says | in a lesson |", "|---|---|", *sorted(rows, key=str.lower)])
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def sections(path: Path) -> list[tuple[str, str]]:
    """The sections of a lesson: the heading of each, and all that it says, with the messages of its errors.

    Words that only lead to a page of the index are left out: the section does not tell of them.
    """
    found = []
    heading, words = "the beginning", []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and source.startswith("## "):
            found.append((heading, "\n".join(words)))
            heading, words = f"section {source[3:].splitlines()[0]}", []
        words += [
            re.sub(r"\[`[^`]+`\]\(\.\./docs/errors/\S+?\)", "", source),
            *(output.get("evalue", "") for output in cell.get("outputs", [])),
        ]
    return [*found, (heading, "\n".join(words))]


def link_to(entry: Entry) -> str:
    """A line that leads to a cause or a note."""
    return f"- [{entry.code}]({entry.code}.md): {entry.sentence}"


def link_to_message(known: Message, examples: list[Example]) -> str:
    """A line that leads to a message."""
    return f"- [`{fixed_words(examples[0].said)}`]({file_of(known)})"


def page(parts: list[str]) -> str:
    """Put a page together, with the way back."""
    return "\n\n".join([*parts, f"[All messages and causes]({INDEX})"]) + "\n"


def main() -> None:
    """Write the pages anew, and take away those of what is no longer there."""
    FOLDER.mkdir(exist_ok=True)
    written = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
