"""Which repairs run, and which of them is meant? Candidates are tried on copies; only what ran is shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from torch import nn

from . import other_causes
from .candidates import candidates
from .lengths import least_length, next_length
from .meanings import meaning_of
from .run import Run, Shape
from .situation import Candidate, Situation, attribute
from .subject import Subject

#: Two repairs whose weights differ by less are equally plausible: both are told, neither is "the" fix.
_MARGIN = 0.1
#: A repair less likely than this is told, but is not "the" fix even if it is the only one that runs.
_LEAST = 0.45
#: A repair this much less likely than the best is not worth a line.
_FAR = 0.45
#: Problems with one meaning: repairs of the same one that give the same shape are the same repair.
_ONE_MEANING = ("extra_axis", "channels_last", "turned_twice", "missing_channel_axis", "missing_batch_axis")
#: Repairs that only hand on the same numbers; what follows them is judged for itself.
_HARMLESS = ("dtype", "tuple_output")
#: After a first repair, these may follow: they follow from the shapes alone.
_MECHANICAL = ("linear_in_features", "dtype")
_MOST_EDITS = 3
#: That a Linear further on fits without a change is hardly chance.
_CONFIRMED = 0.15


@dataclass(frozen=True)
class Solution:
    """A repair that ran.

    Attributes:
        steps: the candidates it consists of.
        expression: the Python expression that ran.
        output: the shape that came out.
        weight: how likely it is meant.
    """

    steps: tuple[Candidate, ...]
    expression: str
    output: Shape | None
    weight: float

    @property
    def code(self) -> str:
        """The problem it mends; a conversion of the dtype beside another repair does not count."""
        codes = [step.code for step in self.steps]
        return next((code for code in codes if code != "dtype"), codes[0])


@dataclass
class Diagnosis:
    """What is wrong, as far as it can be told.

    Attributes:
        code: the problem.
        meaning: what torch's message means here.
        solutions: the repairs that ran, most likely first.
        words: further sentences.
        fix: the expression to show as the fix, None if none is clearly meant.
    """

    code: str
    meaning: str
    solutions: list[Solution] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    fix: str | None = None


def diagnose(subject: Subject, run: Run) -> Diagnosis:
    """Find what a failed run needs.

    Args:
        subject: the model and its input.
        run: its run, which failed.

    Returns:
        The problem, its meaning, and the repairs that ran.
    """
    at = Situation(subject, run)
    if 0 in at.x or (at.untouched and 0 in at.shape):
        return Diagnosis("empty", f"an axis of {at.x} has size 0: there is nothing to compute with")
    solutions = sorted(_distinct(_solutions(at)), key=lambda solution: -solution.weight)
    solutions = [s for s in _without_twins(solutions, at.x[:1] == (1,)) if s.weight > solutions[0].weight - _FAR][
        :3
    ]
    code, meaning = meaning_of(at)
    diagnosis = Diagnosis(solutions[0].code if solutions else code, meaning, solutions)
    sure = bool(solutions) and solutions[0].weight >= _LEAST
    if sure and (len(solutions) == 1 or solutions[0].weight - solutions[1].weight >= _MARGIN):
        diagnosis.fix = solutions[0].expression
    _add_words(at, diagnosis, code)
    return diagnosis


def _distinct(solutions: Iterator[Solution]) -> list[Solution]:
    """One for each expression: the causes of a layer speak before the general turns of the input."""
    found: dict[str, Solution] = {}
    for solution in solutions:
        found.setdefault(solution.expression, solution)
    return list(found.values())


def _without_twins(solutions: list[Solution], one_row: bool) -> list[Solution]:
    """Two ways to turn the same axes are one repair: keep the one that needs only the input."""
    found: dict[Any, Solution] = {}
    for solution in sorted(solutions, key=lambda s: "register" in s.expression or "set_submodule" in s.expression):
        same = solution.code in _ONE_MEANING and not any(
            e.kind == "layer" for s in solution.steps for e in s.edits
        )
        alone = solution.code.startswith("missing") and not one_row
        group = solution.code if alone else "turned"
        found.setdefault((group, solution.output) if same else solution.expression, solution)
    return sorted(found.values(), key=lambda solution: -solution.weight)


def _solutions(at: Situation, steps: tuple[Candidate, ...] = (), weight: float = 1.0) -> Iterator[Solution]:
    for candidate in candidates(at):
        candidate = _where_it_runs(at, candidate)
        follows = any(step.code not in _HARMLESS for step in steps)
        if follows and candidate.code not in _MECHANICAL:
            continue
        edits = (*at.edits, *candidate.edits)
        run = at.subject.run(edits)
        taken = (*steps, candidate)
        factor = 1.0 if not steps or "dtype" in (steps[-1].code, candidate.code) else 0.8
        likely = weight * candidate.weight ** (1 if not steps or candidate.code not in _MECHANICAL else 0) * factor
        if run.failure is None:
            if all(edit.kind == "input" for edit in edits) and _fits_a_linear(at, run):
                likely = min(likely + _CONFIRMED, 0.97)
            yield Solution(taken, at.subject.expression(edits), run.output_shape, likely)
        elif len(taken) < _MOST_EDITS and run.failure.visit is not None and run.visits:
            later = Situation(at.subject, run, edits)
            if later.message != at.message and (candidate.code in _HARMLESS or _moved_on(at, later)):
                if candidate.code in _HARMLESS:
                    yield from _solutions(later, taken, weight)
                else:
                    yield from _solutions(later, taken, likely)


def _where_it_runs(at: Situation, candidate: Candidate) -> Candidate:
    """An edit of the input that an earlier layer does not bear belongs just before the layer that refused."""
    if not at.before or not at.untouched or candidate.edits[0].kind != "input":
        return candidate
    later = tuple(replace(e, kind="before", path=at.entry) if e.kind == "input" else e for e in candidate.edits)
    edits = (*at.edits, *candidate.edits)
    if at.subject.run(edits).failure is None or at.subject.run((*at.edits, *later)).failure is not None:
        return candidate
    source = later[0].source.format("h")
    return replace(candidate, edits=later, cure=f"in forward, just before {attribute(at.entry)}: h = {source}")


def _fits_a_linear(at: Situation, run: Run) -> bool:
    """Whether a Linear that had not run before now runs as it is."""
    ran = sum(isinstance(visit.module, nn.Linear) for visit in at.before)
    return sum(isinstance(visit.module, nn.Linear) for visit in run.leaves) > ran


def _moved_on(at: Situation, later: Situation) -> bool:
    """Whether a repair carried the run past the layer that had refused."""
    return (later.path != at.path and len(later.before) > len(at.before)) or later.kind == "dtype"


def _add_words(at: Situation, diagnosis: Diagnosis, code: str) -> None:
    wanted = other_causes.length_wanted(at) if diagnosis.code == "linear_in_features" else None
    if wanted and wanted[0].output[-1] != wanted[1]:
        source, length = wanted
        diagnosis.words.append(
            f"in_features={at.layer.in_features} was counted for a length of {length} there, and these data come "
            "with "
            f"{source.output[-1]}: if the model is finished and trained, bring data of the length it was made for"
        )
    if diagnosis.code in ("view_size", "linear_in_features") and not (wanted and diagnosis.words):
        length = next_length(at, both_ways=True)
        if length:
            diagnosis.words.append(f"as it stands, the model runs with a length of {length}")
    if diagnosis.code == "stack_too_short" and not diagnosis.solutions:
        found = least_length(at)
        if found:
            diagnosis.words.append(
                f"the least length that passes is {found[1]}, and the input has {at.x[found[0]]}"
            )
    if code == "padding_mode" or diagnosis.code == "operands_exchanged":
        diagnosis.code, diagnosis.solutions, diagnosis.fix = code, [], None
