"""How are readings told that the rule book did not find? For those who explain what is no run of a model."""

from collections.abc import Sequence
from typing import NamedTuple

from .evidence import Fix, changes

#: How many are told.
_MOST = 4


class Reading(NamedTuple):
    """One way to read what was meant.

    Attributes:
        expression: what mends it then; it ran.
        when: what it takes the axes and arguments for.
        ran: what came of the run, for instance ``"ran, gives (2, 8, 47)"``.
        sure: whether nothing else is likely.
    """

    expression: str
    when: str
    ran: str = "ran"
    sure: bool = True

    @property
    def fix(self) -> Fix:
        """The reading as it is handed out."""
        made = changes(self.expression)
        return Fix(self.expression, self.when, made.keeps_weights, made.words)


class Told(NamedTuple):
    """Readings in words.

    Attributes:
        lines: the lines of text.
        fix: the first expression, if it is sure and no other is; None if not.
        fixes: all of them, best first.
    """

    lines: list[str]
    fix: str | None
    fixes: list[Fix]


def told(readings: Sequence[Reading]) -> Told:
    """Tell readings, the best first.

    Args:
        readings: what ran.

    Returns:
        The readings in words; at most four.

    Example:
        >>> lines, fix, _ = told([Reading("layer(x.T)", "the axes are turned")])
        >>> fix, lines[0]
        ('layer(x.T)', '  likely:     the axes are turned.')
        >>> told([Reading("layer(x.T)", "turned"), Reading("layer(x[0])", "a batch")]).fix is None
        True
    """
    readings = readings[:_MOST]
    if not readings:
        return Told(["  fix:        none that could be run and is surely meant."], None, [])
    sure = readings[0].sure and not any(other.sure for other in readings[1:])
    lines = []
    for number, reading in enumerate(readings):
        first, then = ("likely:     ", "fix:        ") if sure else ("either:     ", "then:       ")
        if number:
            first, then = ("or else:    " if sure else "or:         "), "then:       "
        elif len(readings) == 1 and not sure:
            first = "perhaps:    "
        lines += [f"  {first}{reading.when}.", f"  {then}{reading.expression}   ({reading.ran})"]
    return Told(lines, readings[0].expression if sure else None, [reading.fix for reading in readings])
