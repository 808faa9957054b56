"""How are readings told that the rule book did not find? For those who explain what is no run of a model."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from .evidence import Fix, fix_of

#: How many are told.
MOST = 4
NONE = "  fix:        none that could be run and is surely meant."


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
        return fix_of(self.expression, self.when)


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
    readings = readings[:MOST]
    if not readings:
        return Told([NONE], None, [])
    sure = readings[0].sure and not any(other.sure for other in readings[1:])
    lines = []
    for number, reading in enumerate(readings):
        first, then = heads(number, len(readings), sure)
        lines += [f"  {first}{reading.when}.", f"  {then}{reading.expression}   ({reading.ran})"]
    return Told(lines, readings[0].expression if sure else None, [reading.fix for reading in readings])


def heads(number: int, of: int, sure: bool) -> tuple[str, str]:
    """What stands before a reading, and before its expression.

    Args:
        number: its place, from 0.
        of: how many there are.
        sure: whether the first one is the fix.

    Example:
        >>> [heads(number, 2, False)[0].strip() for number in range(2)], heads(0, 1, True)[1].strip()
        (['either:', 'or:'], 'fix:')
    """
    if number:
        return "or else:    " if sure else "or:         ", "then:       "
    if sure:
        return "likely:     ", "fix:        "
    return "either:     " if of > 1 else "perhaps:    ", "then:       "


def rewritten(found: Any, names: Mapping[str, str]) -> Any:
    """Write an explanation in the names of the user's own call.

    Args:
        found: the explanation.
        names: what stands in the call for each name of ours.

    Returns:
        The same explanation with its expressions in those names.
    """
    if all(name == source for name, source in names.items()):
        return found
    text, fixes = found.text, []
    for fix in found.fixes:
        fixes.append(fix._replace(expression=renamed(fix.expression, names)))
        text = text.replace(f" {fix.expression} ", f" {fixes[-1].expression} ")
    return replace(found, text=text, fixes=fixes, fix=fixes[0].expression if found.fix else None)


def renamed(expression: str, names: Mapping[str, str]) -> str:
    """Put expressions in the place of names.

    Example:
        >>> renamed("layer(x.T)", {"x": "signal[0]", "layer": "conv"})
        'conv(signal[0].T)'
    """
    return ast.unparse(_Renaming(names).visit(ast.parse(expression, mode="eval")))


class _Renaming(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Replace one name."""
        return ast.parse(self.names[node.id], mode="eval").body if node.id in self.names else node
