"""Which repairs run, and which of them is meant? Candidates are tried on copies; only what ran is shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from torch import nn

from .cause import Candidate, Cause, candidates, meaning, remarks
from .run import Edit, Run, Shape, Subject
from .situation import Situation
from .source import attribute

#: Two repairs whose weights differ by less are equally plausible: both are told, neither is "the" fix.
_MARGIN = 0.1
#: A repair less likely than this is told, but is not "the" fix even if it is the only one that runs.
_LEAST = 0.45
#: A repair this much less likely than the best is not worth a line.
_FAR = 0.45
_MOST_EDITS = 3
#: That a Linear further on fits without a change is hardly chance.
_CONFIRMED = 0.15


@dataclass(frozen=True)
class Fix:
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
    def cause(self) -> Cause:
        """What it mends; a conversion of the dtype beside another repair does not count."""
        causes = [step.cause for step in self.steps]
        return next((cause for cause in causes if not _converts(cause)), causes[0])


@dataclass
class Finding:
    """What is wrong, as far as it can be told.

    Attributes:
        cause: the problem.
        meaning: what torch's message means here.
        fixes: the repairs that ran, most likely first.
        remarks: further sentences.
        fix: the expression to show as the fix, None if none is clearly meant.
    """

    cause: Cause
    meaning: str
    fixes: list[Fix] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    fix: str | None = None


def find(subject: Subject, run: Run) -> Finding:
    """Find what a failed run needs.

    Args:
        subject: the model and its input.
        run: its run, which failed.

    Returns:
        The problem, its meaning, and the repairs that ran.
    """
    at = Situation(subject, run)
    told, words, alone = meaning(at)
    if alone:
        return Finding(told, words)
    fixes = sorted(_distinct(_fixes(at)), key=lambda fix: -fix.weight)
    fixes = [fix for fix in _without_twins(fixes, at.x[:1] == (1,)) if fix.weight > fixes[0].weight - _FAR][:3]
    finding = Finding(fixes[0].cause if fixes else told, words, fixes)
    sure = bool(fixes) and fixes[0].weight >= _LEAST
    if sure and (len(fixes) == 1 or fixes[0].weight - fixes[1].weight >= _MARGIN):
        finding.fix = fixes[0].expression
    finding.remarks = remarks(at, finding.cause, fixes)
    return finding


def _distinct(fixes: Iterator[Fix]) -> list[Fix]:
    """One for each expression: the causes of a layer speak before the general turns of the input."""
    found: dict[str, Fix] = {}
    for fix in fixes:
        found.setdefault(fix.expression, fix)
    return list(found.values())


def _without_twins(fixes: list[Fix], one_row: bool) -> list[Fix]:
    """Two ways to turn the same axes are one repair: keep the one that needs only the input."""
    found: dict[Any, Fix] = {}
    for fix in sorted(fixes, key=lambda f: any(e.kind != "input" and e.path for s in f.steps for e in s.edits)):
        turned = fix.cause.twins and not any(e.kind == "layer" for s in fix.steps for e in s.edits)
        # In a batch of one, an axis that is missing and an axis that is turned are the same.
        group = "turned" if one_row else fix.cause.twins
        found.setdefault((group, fix.output) if turned else fix.expression, fix)
    return sorted(found.values(), key=lambda fix: -fix.weight)


def _fixes(at: Situation, steps: tuple[Candidate, ...] = (), weight: float = 1.0) -> Iterator[Fix]:
    follows = any(not step.cause.harmless for step in steps)
    asked = [c for c in candidates(at) if c.cause.mechanical or not follows]
    runs = at.subject.runs([[(*at.edits, *edits) for edits in _ways(at, c)] for c in asked])
    for candidate, run in zip(asked, runs, strict=True):
        candidate = _as_it_ran(at, candidate, run)
        taken, mends = (*steps, candidate), candidate.cause
        factor = 1.0 if not steps or _converts(steps[-1].cause) or _converts(mends) else 0.8
        likely = weight * candidate.weight ** (1 if not steps or not mends.mechanical else 0) * factor
        if run.failure is None:
            if all(edit.kind == "input" for edit in run.edits) and _fits_a_linear(at, run):
                likely = min(likely + _CONFIRMED, 0.97)
            yield Fix(taken, run.expression, run.output_shape, likely)
        elif len(taken) < _MOST_EDITS and run.failure.visit is not None and run.visits:
            later = Situation(at.subject, run)
            if later.failure.message != at.failure.message and (mends.harmless or _moved_on(at, later)):
                yield from _fixes(later, taken, weight if mends.harmless else likely)


def _converts(cause: Cause) -> bool:
    """Whether its repairs only convert numbers, so that they count little beside another repair."""
    return cause.harmless and cause.mechanical


def _ways(at: Situation, candidate: Candidate) -> list[tuple[Edit, ...]]:
    """An edit of the input that an earlier layer does not bear belongs just before the layer that refused."""
    ways = [candidate.edits]
    if at.before and at.untouched and candidate.edits[0].kind == "input":
        later = (replace(e, kind="before", path=at.entry) if e.kind == "input" else e for e in candidate.edits)
        ways.append(tuple(later))
    return ways


def _as_it_ran(at: Situation, candidate: Candidate, run: Run) -> Candidate:
    """The candidate with the edits that ran; where they moved, the user's own code says it otherwise."""
    edits = run.edits[len(at.edits) :]
    if edits == candidate.edits:
        return candidate
    source = edits[0].source.format("h")
    return replace(candidate, edits=edits, cure=f"in forward, just before {attribute(at.entry)}: h = {source}")


def _fits_a_linear(at: Situation, run: Run) -> bool:
    """Whether a Linear that had not run before now runs as it is."""
    ran = sum(isinstance(visit.module, nn.Linear) for visit in at.before)
    return sum(isinstance(visit.module, nn.Linear) for visit in run.leaves) > ran


def _moved_on(at: Situation, later: Situation) -> bool:
    """Whether a repair carried the run past the layer that had refused."""
    return (later.path != at.path and len(later.before) > len(at.before)) or later.kind == "dtype"
