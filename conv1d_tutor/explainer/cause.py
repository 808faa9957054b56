"""What can go wrong, and what would mend it? The rule book of causes.

A cause is one function below `@cause`. Its name is the code, the first line of its docstring the sentence in
`PROBLEMS`, the example in the docstring its first test, and what it yields are the repairs to try. `@means` tells
what torch's message means where a cause knows it better than the table in `torch_says`, and `@remark` adds a
sentence to an answer.
"""

import inspect
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from . import torch_says
from .evidence import changes
from .run import Edit
from .situation import Situation
from .source import attribute, built
from .torch_says import NOT_ABOUT_SHAPES

#: The codes of `Explanation.problem`, one sentence each.
PROBLEMS: dict[str, str] = {}


@dataclass(frozen=True)
class Cause:
    """One way to go wrong.

    Attributes:
        code: its name in `Explanation.problem`.
        sentence: what it is, as in `PROBLEMS`.
        tempts: a function of a situation and a repair that gives the edits that tempt and are wrong, if any do.
        avoid: why they are wrong.
        harmless: its repairs hand on the same numbers, so that what follows is judged for itself.
        mechanical: its repairs follow from the shapes alone, and so may come after another repair.
        twins: repairs of all causes with the same word here that give the same shape are one repair.
    """

    code: str
    sentence: str
    tempts: "Tempting | None" = None
    avoid: str = ""
    harmless: bool = False
    mechanical: bool = False
    twins: str = ""


@dataclass(frozen=True)
class When:
    """When to think of something; what is left out may be anything.

    Args:
        layers: the classes that refuse.
        kinds: the kinds of torch's message, see `torch_says`.
        unless: kinds that say something else.
        axes: how many axes the layer saw; how many the model saw, if `whole`.
        errors: the classes of the error.
        whole: it is about the whole model, so it is thought of last, and only before anything is repaired.
    """

    layers: tuple[type, ...] = ()
    kinds: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    axes: Collection[int] = ()
    errors: tuple[type[Exception], ...] = ()
    whole: bool = False

    def fits(self, at: Situation) -> bool:
        """Whether it is worth thinking of."""
        return (
            (not self.layers or isinstance(at.layer, self.layers))
            and (not self.kinds or at.kind in self.kinds or not at.failure.besides.isdisjoint(self.kinds))
            and at.kind not in self.unless
            and (not self.axes or len(at.x if self.whole else at.shape) in self.axes)
            and (not self.errors or isinstance(at.failure.error, self.errors))
            and not (self.whole and at.edits)
        )


@dataclass(frozen=True)
class Repair:
    """One possible repair, as a cause yields it.

    Args:
        belief: what it takes each axis or argument for, and why.
        here: another form of the tensor that enters the layer, as an expression with ``{}`` for it.
        whole: the same for the tensor that enters the model.
        layer: arguments of the layer to set otherwise, and ``kind`` for another class; None to keep the layer.
        edits: further changes.
        cure: how to write it in the user's own code, if `here` alone does not say it.
        when: what would decide for it, where `belief` does not say that.
        certain: the model as it is written can only mean this, whatever the data are.
        doubtful: there is a usual case in which something else is meant.
    """

    belief: str
    here: str = ""
    whole: str = ""
    layer: Mapping[str, Any] | None = None
    edits: tuple[Edit, ...] = ()
    cure: str = ""
    when: str = ""
    certain: bool = False
    doubtful: bool = False


@dataclass(frozen=True)
class Candidate:
    """A repair in its place in the model, not yet run.

    Attributes:
        cause: what it mends.
        edits: what it changes.
        repair: the repair as its cause yields it.
        cure: how to write it in the user's own code; "" if the expression says it.
    """

    cause: Cause
    edits: tuple[Edit, ...]
    repair: Repair
    cure: str = ""


class Meaning(NamedTuple):
    """What torch's message means.

    Attributes:
        cause: the cause it speaks of.
        words: what it means here.
        alone: whether no repair is to be tried.
    """

    cause: Cause
    words: str
    alone: bool


#: Edits that tempt, for a situation and the repair that is meant; () if none do.
Tempting = Callable[[Situation, "Repair"], tuple[Edit, ...]]
Repairs = Callable[[Situation], Iterator[Repair]]
Words = Callable[[Situation], str]

_CAUSES: dict[str, Cause] = {}
_TOLD_BY: dict[Callable, Cause] = {}
_REPAIRS: list[tuple[When, Cause, Repairs]] = []
_MEANINGS: list[tuple[int, When, Cause, Words]] = []
_REMARKS: list[tuple[Cause, Callable[[Situation, list[Any]], Iterator[str]]]] = []


def cause(
    when: When | None = None,
    *,
    tempts: "Tempting | None" = None,
    avoid: str = "",
    same_as: Callable | None = None,
    harmless: bool = False,
    mechanical: bool = False,
    twins: str = "",
) -> Callable:
    """Register a function as a cause.

    Args:
        when: when to ask it for repairs; None for a cause that is told by its own module.
        tempts, avoid, harmless, mechanical, twins: as in `Cause`.
        same_as: another cause whose code and words this one shares.

    Returns:
        The decorator, which hands on the function as it is.
    """

    def register(function: Repairs) -> Repairs:
        if same_as is None:
            code, sentence = function.__name__, inspect.getdoc(function).partition("\n")[0]
            _CAUSES[code] = Cause(code, sentence, tempts, avoid, harmless, mechanical, twins)
            PROBLEMS[code] = sentence
        _TOLD_BY[function] = _TOLD_BY[same_as] if same_as else _CAUSES[function.__name__]
        if when:
            _REPAIRS.append((when, _TOLD_BY[function], function))
        return function

    return register


def means(function: Callable, when: When, *, alone: bool = False, last: bool = False) -> Callable:
    """Register words on what torch's message means, where a cause knows it better than the table.

    Args:
        function: the cause.
        when: when to ask for the words; empty words say that another is to be asked.
        alone: whether no repair is tried then.
        last: whether it is only asked where no other words are known.

    Returns:
        The decorator, which hands on the function as it is.
    """

    def register(words: Words) -> Words:
        _MEANINGS.append((0 if alone else 2 if last else 1, when, cause_of(function), words))
        _MEANINGS.sort(key=lambda entry: entry[0])
        return words

    return register


def remark(function: Callable) -> Callable:
    """Register sentences that follow an answer.

    Args:
        function: the cause that the answer names.

    Returns:
        The decorator of a function of the situation and of the repairs that ran.
    """

    def register(words: Callable[[Situation, list[Any]], Iterator[str]]) -> Callable:
        _REMARKS.append((cause_of(function), words))
        return words

    return register


def cause_of(function: Callable) -> Cause:
    """The cause that a function tells of."""
    return _TOLD_BY[function]


@contextmanager
def trial() -> Iterator[None]:
    """Forget at the end every cause and message that is added inside."""
    shelves = (PROBLEMS, _CAUSES, _TOLD_BY, _REPAIRS, _MEANINGS, _REMARKS, torch_says.MESSAGES)
    before = [shelf.copy() for shelf in shelves]
    try:
        yield
    finally:
        for shelf, kept in zip(shelves, before, strict=True):
            shelf.clear()
            (shelf.update if isinstance(shelf, dict) else shelf.extend)(kept)


#: Why a reshape to the wanted shape is wrong where axes have to be turned.
MIXED = "it cuts the values anew, and every channel then holds a mixture of all"


def cut_anew(at: Situation, repair: Repair) -> tuple[Edit, ...]:
    """A reshape to the shape that a turn gives, which tempts wherever axes have to be turned.

    Args:
        at: the situation.
        repair: the repair, which turns axes.

    Returns:
        The edit; none if numbered values show that the reshape gives the same.
    """
    source, given = (repair.here, at.shape) if repair.here else (repair.whole, at.x)
    if not changes(source).keeps_numbers:
        return ()
    # A few numbers tell as much as all; what has size 1 stays so.
    few = [min(size, 2 + axis) for axis, size in enumerate(given)]
    numbered = torch.arange(math.prod(few)).reshape(few)
    turned = eval(source.format("h"), {"h": numbered})
    if torch.equal(turned, numbered.reshape(turned.shape)):
        return ()
    shape = tuple(eval(source.format("h"), {"h": torch.empty(given, device="meta")}).shape)
    outside = bool(repair.whole) or at.untouched
    return (Edit("input" if outside else "before", f"{{}}.reshape{shape}", "" if outside else at.entry),)


def candidates(at: Situation) -> list[Candidate]:
    """All repairs worth trying, those of the layer before those of the whole model."""
    if at.visit is None or not (at.shape or at.kind in NOT_ABOUT_SHAPES):
        return []
    found = []
    for last in (False, True):
        for when, mends, repairs in _REPAIRS:
            # A message about numbers or arguments says nothing of shapes.
            if when.whole is last and (at.kind in when.kinds or at.kind not in NOT_ABOUT_SHAPES) and when.fits(at):
                found += [placed for repair in repairs(at) if (placed := _placed(at, mends, repair))]
    return found


def meaning(at: Situation) -> Meaning:
    """What torch's message means: in the words of a cause, else in those of the table."""
    for tier, when, told, words in _MEANINGS:
        said = words(at) if when.fits(at) else ""
        if said:
            return Meaning(told, said, not tier)
    row = at.failure.said if at.failure.said.problem else torch_says.UNKNOWN
    return Meaning(_CAUSES[row.problem], row.means, False)


def remarks(at: Situation, told: Cause, readings: list[Any]) -> list[str]:
    """The sentences that follow an answer."""
    return [said for named, words in _REMARKS if named is told for said in words(at, readings)]


def _placed(at: Situation, mends: Cause, repair: Repair) -> Candidate | None:
    """Put a repair into its place; None if the layer is not one of torch, and cannot be written."""
    edits, cure = [], repair.cure
    if repair.whole:
        edits.append(Edit("input", repair.whole))
    if repair.here:
        edits.append(Edit("input", repair.here) if at.untouched else Edit("before", repair.here, at.entry))
        if not (cure or at.untouched or at.is_whole or repair.layer or repair.edits):
            cure = f"in forward, just before {attribute(at.entry)}: h = {repair.here.format('h')}"
    if repair.layer is not None:
        source = built(at.layer, **repair.layer)
        if source is None:
            return None
        edits.append(Edit("layer", source, at.path))
    return Candidate(mends, (*edits, *repair.edits), repair, cure)
