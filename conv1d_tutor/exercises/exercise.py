"""What is an exercise? A function that solves it and, below, each wrong answer with what is said to it."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, ParamSpec, TypeVar, overload

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

#: Stands for a wrong answer that is the function below the decorator.
_BELOW = object()


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer that people give.

    Args:
        answer: a value or, in a code exercise, a function with the arguments of the solution. Another answer is
            this one when it gives the same on every case: the same output, or the same error.
        message: what it shows to be misunderstood, and the idea to go back to; not the right answer.
    """

    answer: Any = field(repr=False)
    message: str


@dataclass(eq=False, repr=False)
class Exercise(Generic[P, R]):
    """One exercise of a lesson, made by `exercise`; called, it solves itself.

    A *value exercise* asks for a value: its solution takes no arguments and computes it, by torch or from data.
    A *code exercise* asks for the solution itself, a function, and has cases that it is `tried_on`.

    Args:
        id, title, because, hints, as_conv1d: see `exercise`.
        solution: the function that is shown to who asks for it.

    Attributes:
        cases: a function that returns the argument tuples a learner's function is tried on; None for a value.
        given: in a repair exercise, the function as the lesson shows it, and what is wrong with it.
        begun: the function as the lesson begins it, with `...` for what is to be written; None where the lesson
            gives its first line alone.
        mistakes: the wrong answers that are known.
        other_way: a second computation of what the solution gives, for the tests.
        variants: functions that give something else than the solution, and are right all the same.
        key: what of a value is compared; all of it where this is None.
    """

    id: str
    title: str
    solution: Callable[P, R]
    because: str
    hints: tuple[str, ...]
    as_conv1d: Callable[..., dict[str, Any]] | None = None
    cases: Callable[[], Sequence[tuple[Any, ...]]] | None = field(default=None, init=False)
    given: WrongAnswer | None = field(default=None, init=False)
    begun: Callable[..., Any] | None = field(default=None, init=False)
    mistakes: list[WrongAnswer] = field(default_factory=list, init=False)
    other_way: Callable[..., Any] | None = field(default=None, init=False)
    variants: list[Callable[..., Any]] = field(default_factory=list, init=False)
    key: Callable[[Any], Any] | None = field(default=None, init=False)

    def tried_on(self, cases: Callable[[], Sequence[tuple[Any, ...]]]) -> Callable[[], Sequence[tuple[Any, ...]]]:
        """Make this a code exercise, with these cases.

        Args:
            cases: a function that returns argument tuples: seeded, float64, no two sizes or kernels alike by
                accident, and equal sizes where these hide a mistake. They tell each wrong answer from all others.

        Returns:
            The function.
        """
        self.cases = cases
        return cases

    def as_given(self, says: str) -> Callable[[F], F]:
        """Make this a repair exercise: the function below is what the lesson shows.

        Args:
            says: what is wrong with it; it follows "it ", as in "it drops the last hour."

        Returns:
            A decorator, which leaves the function as it is.
        """

        def keep(function: F) -> F:
            self.given = WrongAnswer(function, says)
            return function

        return keep

    def begun_as(self, function: F) -> F:
        """Give the learner more than the first line: the function below is what the lesson shows.

        Args:
            function: it has the arguments of the solution, and `...` for what is to be written.

        Returns:
            The function.
        """
        self.begun = function
        return function

    @overload
    def wrong(self, answer: Any, says: str) -> Any: ...

    @overload
    def wrong(self, *, says: str) -> Callable[[Callable[P, Any]], Callable[P, Any]]: ...

    def wrong(self, answer: Any = _BELOW, says: str = "") -> Any:
        """Name a wrong answer and what is said to it; without an answer, the function below is meant.

        Args:
            answer: see `WrongAnswer`.
            says: its message.

        Returns:
            The answer, or a decorator, which leaves the function as it is.
        """
        if answer is _BELOW:
            return lambda function: self.wrong(function, says)
        self.mistakes.append(WrongAnswer(answer, says))
        return answer

    def also_right(self, function: F) -> F:
        """Name a function that gives other numbers than the solution, where the question leaves that open.

        Args:
            function: it has the arguments of the solution.

        Returns:
            The function.
        """
        self.variants.append(function)
        return function

    def compared_by(self, key: F) -> F:
        """Say what of a value counts, where one answer can be written in several ways.

        Args:
            key: a function of an answer of the kind that is asked for, as `plain` writes it; answers are the same
                where it returns the same.

        Returns:
            The function.
        """
        self.key = key
        return key

    def another_way(self, function: F) -> F:
        """Name a second way to the right answer, which shares nothing with the first; the tests compare the two.

        Args:
            function: in a code exercise, a right answer. In a value exercise it returns the value, and its
                arguments are what the lesson shows: ``question``, the text, or variables of the cell below it.

        Returns:
            The function.
        """
        self.other_way = function
        return function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Solve the exercise."""
        return self.solution(*args, **kwargs)

    def __repr__(self) -> str:
        """Show what the lesson shows."""
        return f"Exercise {self.id}: {self.title}"

    @property
    def lesson(self) -> str:
        """The number of its lesson, such as "04"."""
        return self.id.partition(".")[0]

    @cached_property
    def value(self) -> Any:
        """What is to be answered in a value exercise, computed when first asked for."""
        return self.solution()  # type: ignore[call-arg]  # it takes no arguments

    @property
    def source(self) -> str:
        """The code of the solution, as it runs in a new kernel: with its imports, and a value is called for."""
        lines, function = _definition(self.solution)
        said = function.body[0].end_lineno if ast.get_docstring(function) is not None else None
        code = "\n".join([self._head, *lines[said or function.body[0].lineno - 1 :]])
        imports = "\n".join(_imports(self.solution, code))
        return "".join([imports and f"{imports}\n\n\n", code, "" if self.cases else f"\n\n\n{self._call}"])

    @property
    def stub(self) -> str:
        """What the lesson gives the learner to write the function in: its first line, and the code below it."""
        shown = self._shown
        if not shown:
            return f"{self._head}\n    ..."
        lines, function = _definition(shown)
        return "\n".join([self._head, *lines[function.body[0].lineno - 1 :]])

    @property
    def _shown(self) -> Callable[..., Any] | None:
        return self.given.answer if self.given else self.begun

    @property
    def _call(self) -> str:
        return f"{self.solution.__name__}({', '.join(inspect.signature(self.solution).parameters)})"

    @property
    def _head(self) -> str:
        plain = [
            argument.replace(annotation=inspect.Parameter.empty)
            for argument in inspect.signature(self.solution).parameters.values()
        ]
        return f"def {self.solution.__name__}{inspect.Signature(plain)}:".replace("'", '"')

    def is_stub(self, function: Any) -> bool:
        """Say whether a function is the code of the lesson, whatever its name, comments and line breaks are."""
        if not self._shown:
            return False
        try:
            mine, given = (_body(_definition(each)[1]) for each in (function, self._shown))
        except (OSError, TypeError, ValueError, SyntaxError):  # it has no code that can be read
            return False
        return list(map(ast.dump, mine)) == list(map(ast.dump, given))


def exercise(
    id: str,
    title: str,
    *,
    because: str,
    hints: tuple[str, ...],
    as_conv1d: Callable[..., dict[str, Any]] | None = None,
) -> Callable[[Callable[P, R]], Exercise[P, R]]:
    """Make an exercise of the function below, which solves it.

    The function needs nothing of its module but imports, so that its code can be shown alone. A `torch.Size` that
    it returns is called a shape in the messages, another tuple is called a tuple.

    Args:
        id: lesson and number, such as "05.2".
        title: a few words, as the lesson has them.
        because: why the answer is right; it follows "Right, because", and ends with a full stop.
        hints: from where to look to the rule; none gives the answer away.
        as_conv1d: where the answer is a Conv1d's output, a function from the arguments of a case to those of the
            Conv1d, by name. `verify.diagnose` is then asked about outputs that no listed wrong answer gives.

    Returns:
        A decorator, which puts an `Exercise` in the place of the function.

    Example:
        >>> @exercise("05.9", "Add", because="1 and 1 are 2.", hints=("Count.", "Use your fingers."))
        ... def total() -> int:
        ...     return 1 + 1
        >>> total.wrong(11, "these are the digits side by side.")
        11
        >>> total, total.value, total.mistakes
        (Exercise 05.9: Add, 2, [WrongAnswer(message='these are the digits side by side.')])
    """
    return lambda solution: Exercise(id, title, solution, because, hints, as_conv1d)


def _definition(function: Callable[..., Any]) -> tuple[list[str], ast.FunctionDef]:
    """The lines of a function's code, from its decorators on, and what they define."""
    text = textwrap.dedent(inspect.getsource(function)).rstrip()
    (defined,) = ast.parse(text).body
    if not isinstance(defined, ast.FunctionDef):
        raise TypeError("a lambda has no lines of its own")
    return text.split("\n"), defined


def _body(function: ast.FunctionDef) -> list[ast.stmt]:
    """What a function does: its statements without the docstring, which says what the exercise has said."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _imports(function: Callable[..., Any], code: str) -> list[str]:
    """The imports of a function's module that its code needs, as a learner writes them."""
    module = sys.modules[function.__module__]
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    lines = []
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [name for name in node.names if (name.asname or name.name) in used]
            if isinstance(node, ast.ImportFrom) and node.level:
                base = (module.__package__ or "").split(".")
                node.module = ".".join([*base[: len(base) - node.level + 1], node.module or ""])
                node.level = 0
            lines += [ast.unparse(node)] if node.names else []
    return lines
