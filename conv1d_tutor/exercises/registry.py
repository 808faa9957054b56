"""Which exercises and questions are there? Those of every ``lesson_NN.py`` here, loaded when first needed."""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

E = TypeVar("E")


class Registry(Mapping[str, E], Generic[E]):
    """All exercises, or all questions to be predicted, by id, in the order of the course.

    Args:
        kind: the class of what is looked for; it has an ``id``.
        noun: what one is called, kept as an attribute.

    Example:
        >>> from .exercise import Exercise
        >>> Registry(Exercise, "exercise")["02.2"]
        Exercise 02.2: Repair the input
    """

    def __init__(self, kind: type[E], noun: str) -> None:
        """Look for nothing yet."""
        self._kind, self.noun = kind, noun

    @property
    def lessons(self) -> tuple[str, ...]:
        """The numbers of the lessons that have exercises; their modules are looked for, not imported."""
        names = sorted(module.name for module in pkgutil.iter_modules(sys.modules[__package__].__path__))
        return tuple(name[-2:] for name in names if re.fullmatch(r"lesson_\d\d", name))

    def of_lesson(self, lesson: str) -> tuple[E, ...]:
        """Those of one lesson, in the order in which its module makes them.

        Args:
            lesson: its number, such as "05".

        Returns:
            Its exercises or questions; none for a lesson without a module.
        """
        if lesson not in self.lessons:
            return ()
        module = importlib.import_module(f"{__package__}.lesson_{lesson}")
        return tuple(value for value in vars(module).values() if isinstance(value, self._kind))

    def __getitem__(self, id: str) -> E:
        """One of them; only the module of its lesson is imported."""
        for found in self.of_lesson(id.partition(".")[0]) if isinstance(id, str) else ():
            if found.id == id:
                return found
        raise KeyError(id)

    def __iter__(self) -> Iterator[str]:
        """All ids."""
        return (found.id for lesson in self.lessons for found in self.of_lesson(lesson))

    def __len__(self) -> int:
        """How many there are."""
        return sum(1 for _ in self)

    def missing(self, call: str, id: object) -> str:
        """Say that there is no such id, and which there are.

        Args:
            call: the name of the function that was called.
            id: what it was called with.

        Returns:
            Sentences.
        """
        if isinstance(id, int | float) and not isinstance(id, bool):
            meant = _padded(str(id))
            such = meant if meant in self else next(iter(self))
            return f'{self._id} is a text: write {call}("{such}", …) with the quotes. {self._ids(such)}'
        if not isinstance(id, str):
            return (
                f"{self._id} comes first, a text such as {next(iter(self))!r}; this is "
                f"a {type(id).__name__}. {self._ids('')}"
            )
        meant = _padded(id)
        if meant in self:
            return f'There is no {self.noun} "{id}". Did you mean "{meant}"?'
        return f'There is no {self.noun} "{id[:40]}". {self._ids(meant)}'

    @property
    def _id(self) -> str:
        """What an id is called at the beginning of a sentence."""
        return f"The id of {'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun}"

    def _ids(self, id: str) -> str:
        """Name the ids of the lesson meant or, where it has none, the lessons that have exercises."""
        lesson = id.partition(".")[0]
        ids = [found.id for found in self.of_lesson(lesson)]
        if ids:
            return f"Lesson {lesson} has {', '.join(ids)}."
        return f"There are {self.noun}s in the lessons {', '.join(self.lessons)}: {', '.join(self)}."


def _padded(id: str) -> str:
    """Write 4.2 as 04.2."""
    lesson, dot, number = id.strip().partition(".")
    return f"{lesson.zfill(2)}{dot}{number}"
