"""What is an exercise? A question's solution, the wrong answers that people give, and what to say to each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True, repr=False)
class Mistake:
    """A wrong answer that people give.

    Args:
        answer: a value or, in a code exercise, a function with the arguments of the solution. An answer is this
            mistake when it gives the same on every case: the same output, or the same type of error.
        message: what it shows to be misunderstood, and the idea to go back to; not the right answer.
    """

    answer: Any
    message: str

    def __repr__(self) -> str:
        """Show what is said, which is the same in every process."""
        return f"Mistake({self.message!r})"


@dataclass(frozen=True, repr=False)
class Exercise:
    """One exercise of a lesson.

    With `cases` it is a *code exercise*: the learner writes the function `solution`. Without, it is a *value
    exercise*: `solution` takes no arguments and computes the value, by torch or from the data.

    Args:
        id: lesson and number, such as "04.2".
        title: a few words, as the lesson has them.
        solution: the function that is shown to who asks for it; it needs nothing of its module but imports.
            A `torch.Size` that it returns is called a shape in the messages, another tuple is called a tuple.
        because: why the answer is right; it follows "Right, because", and ends with a full stop.
        hints: from where to look to the rule; none gives the answer away.
        mistakes: the wrong answers that are known, each told from all others by the cases.
        cases: a function that gives the argument tuples a learner's function is tried on: seeded, float64, no two
            sizes or kernels alike by accident, and equal sizes where these hide a mistake.
        given: in a repair exercise, the function as the lesson shows it; its message follows "it ", as in
            "it drops the last hour."
        diagnose: a function from the arguments of a case to the keyword arguments of `verify.diagnose`, which is
            then asked about outputs that no listed mistake gives.
        tolerance: how far a float may be off, as a part of the expected value.
        exact_type: whether a code exercise is also about the type and dtype of the output.

    Example:
        >>> Exercise("04.9", "Add", lambda: 1 + 1, "1 and 1 are 2.", ("Count.", "Use your fingers."), ())
        Exercise 04.9: Add
    """

    id: str
    title: str
    solution: Callable[..., Any]
    because: str
    hints: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    cases: Callable[[], Sequence[tuple[Any, ...]]] | None = None
    given: Mistake | None = None
    diagnose: Callable[..., dict[str, Any]] | None = None
    tolerance: float = 1e-3
    exact_type: bool = False

    @property
    def lesson(self) -> str:
        """The number of its lesson, such as "04"."""
        return self.id.partition(".")[0]

    @cached_property
    def value(self) -> Any:
        """What is to be answered in a value exercise, computed when first asked for."""
        return self.solution()

    def __repr__(self) -> str:
        """Show what the lesson shows."""
        return f"Exercise {self.id}: {self.title}"
