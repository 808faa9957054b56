"""What runs, and is still suspicious? Notes for a run without an error, each for one silent trap.

A note is one function below `@note`. Its name is the code, the first line of its docstring the sentence in
`NOTES`, the example in the docstring its first test, and what it yields are the words to say.
"""

import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .flow import Flow
from .probe import Probe
from .run import Run, Subject, Visit

#: The codes of the notes, one sentence each.
NOTES: dict[str, str] = {}


class Note(NamedTuple):
    """Something that no error tells.

    Attributes:
        code: a short name.
        text: one or two sentences.
    """

    code: str
    text: str

    def __str__(self) -> str:
        """The sentences alone."""
        return self.text


class Ran:
    """A run without an error, as the notes look at it.

    Attributes:
        subject: the model and its input.
        run: the run.
        x: the shape that the model saw, () if it saw no tensor.
        output: the shape that came out, () if there is none.
        leaves: the innermost layers that saw a tensor, in order.
        flow: which axis of the input went where.
        probe: what runs with numbers show; it runs nothing before it is asked.
    """

    def __init__(self, subject: Subject, run: Run) -> None:
        """Take apart what ran.

        Raises:
            Refused: lengths were given that do not fit the input.
        """
        self.subject, self.run, self.probe = subject, run, Probe(subject, run)
        self.flow: Flow = run.flow
        self.x = run.visits[0].inputs[0] if run.visits and run.visits[0].inputs else ()
        self.output = run.output_shape or ()
        self.leaves = [visit for visit in run.leaves if visit.inputs]


#: What is said of a run, or of one layer in it: then the index of its visit among the leaves comes second.
Words = Callable[..., Iterator[str]]
_NOTES: list[tuple[str, str, Words]] = []


def note(about: str = "", *, same_as: Callable | None = None) -> Callable:
    """Register a function as a note.

    Args:
        about: ``"input"``, ``"layer"``, ``"output"`` or ``"values"``; a note on a layer is asked for each of
            them; "" for a note that is told by its own module.
        same_as: another note whose code this one shares.

    Returns:
        The decorator, which hands on the function as it is.
    """

    def register(function: Words) -> Words:
        named = same_as or function
        NOTES[named.__name__] = inspect.getdoc(named).partition("\n")[0]
        _NOTES.append((about, named.__name__, function))
        return function

    return register


def notes_on(subject: Subject, run: Run) -> list[Note]:
    """All notes on a run, without repeats: on its input, on each layer in order, on its output, on its numbers."""
    ran = Ran(subject, run)
    turns: list[tuple[str, tuple[Any, ...]]] = [("input", ())]
    turns += [("layer", (i,)) for i in range(len(ran.leaves))]
    turns += [("output", ()), ("values", ())]
    found = {
        Note(code, text): None
        for about, rest in turns
        for kind, code, words in _NOTES
        if kind == about
        for text in words(ran, *rest)
    }
    return list(found)


def at_line(line: str) -> str:
    """Where in the user's code something is, as it stands in a sentence; "" where the line is not known."""
    return f" (`{textwrap.shorten(line, 90, placeholder=' …')}`)" if line else ""


def title(visit: Visit) -> str:
    """A layer by its class and its path."""
    kind = type(visit.module).__name__
    return f"{kind} {visit.path!r}" if visit.path else kind
