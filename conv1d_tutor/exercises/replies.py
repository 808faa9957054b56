"""What is said to a learner? The verdict on an answer, a hint, a solution, and what is done and open."""

from collections.abc import Sequence
from dataclasses import dataclass

from .._showing import Code, Lines, Piece, Sentence, Shown, Table

#: The bar beside what is said, by its status.
_BARS = {"right": "good", "not yet": "bad", "not answered": "open", "unknown exercise": "bad", "hint": "help"}


@dataclass(frozen=True, repr=False)
class Words(Shown):
    """Something said to the learner.

    Args:
        opening: the first words, which stand out: "Right", "Not yet".
        rest: what follows them, with its punctuation; lines after the first are details.
        status: "right", "not yet", "not answered", "unknown exercise" or "hint".

    Example:
        >>> Words("Right", ", because a kernel of 3 fits.", "right")
        Right, because a kernel of 3 fits.
    """

    opening: str
    rest: str
    status: str

    def _pieces(self) -> Sequence[Piece]:
        first, _, details = self.rest.partition("\n")
        return [Sentence(first, self.opening), *([Lines(details)] if details else [])]

    def _bar(self) -> str:
        return _BARS[self.status]


@dataclass(frozen=True, repr=False)
class Verdict(Words):
    """What `check` says to an answer.

    Args:
        exercise: the id of the exercise; None where there is no such one.
        message: what is said beyond "Right" or "Not yet".

    Attributes:
        status: "right", "not yet", "not answered" or "unknown exercise".
        passed: whether the answer is right.
    """

    exercise: str | None = None
    message: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "right"


@dataclass(frozen=True, repr=False)
class Solution(Shown):
    """One solution, shown as code in the colours of the notebook's own theme.

    Args:
        id: the exercise.
        source: the code.
        gives: the value it gives; empty for a function to be written.
        because: why it is right.
    """

    id: str
    source: str
    gives: str
    because: str

    def _pieces(self) -> Sequence[Piece]:
        why = f"Because {self.because}"
        head = Sentence(":", f"One solution of {self.id}")
        return [head, Code(self.source), Sentence(f"It gives {self.gives}. {why}" if self.gives else why)]


@dataclass(frozen=True, repr=False)
class Progress(Shown):
    """The exercises of every lesson, done and open; it displays as a table.

    Args:
        rows: for each lesson its number, how many are done, how many there are, and the ids still open.
        note: why nothing is known, if so.
    """

    rows: tuple[tuple[str, int, int, tuple[str, ...]], ...]
    note: str = ""

    def _pieces(self) -> Sequence[Piece]:
        cells = [(lesson, f"{done} of {total}", ", ".join(ids)) for lesson, done, total, ids in self.rows]
        done, total = sum(row[1] for row in self.rows), sum(row[2] for row in self.rows)
        table = Table(("lesson", "done", "open"), [*cells, ("all", f"{done} of {total}", "")])
        return [table, *([Sentence(self.note)] if self.note else [])]
