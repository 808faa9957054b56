"""Which repairs run, and which of them is meant? Candidates are tried on copies; only what ran is shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from torch import nn

from .cause import Candidate, Cause, candidates, meaning, remarks
from .evidence import Changes, Evidence, Fix, changes, fix_of
from .layers import CONVOLUTIONS
from .readings import MOST
from .run import Edit, Run, Subject
from .situation import Situation
from .source import attribute

_MOST_EDITS = 3
#: So many layers that are built alike are mended alike.
_MOST_ALIKE = 8
#: A new convolution with more channels than this, or with this many times its length, would slide over features.
_MOST_CHANNELS = 2048
_FAR_LONGER = 4
#: More zeros than this, or than this many times the signal, are no signal.
_MOST_ZEROS = 1000


@dataclass(frozen=True)
class Reading:
    """A repair that ran, and so one reading of what was meant.

    Attributes:
        steps: the candidates it consists of.
        told: those that are told: not again what is only done to another layer too.
        run: its run.
        changes: what it changes.
        evidence: what speaks for it.
    """

    steps: tuple[Candidate, ...]
    told: tuple[Candidate, ...]
    run: Run
    changes: Changes
    evidence: Evidence

    @property
    def expression(self) -> str:
        """The Python expression that ran."""
        return self.run.expression

    @property
    def cause(self) -> Cause:
        """What it mends; a conversion of the dtype beside another repair does not count."""
        causes = [step.cause for step in self.steps]
        telling = next((cause for cause in causes if not cause.harmless), None)
        return telling or next((cause for cause in causes if not _converts(cause)), causes[0])

    @property
    def fix(self) -> Fix:
        """The reading as it is handed out."""
        when = "; and ".join(step.repair.when or step.repair.belief for step in self.told)
        return fix_of(self.expression, when)


@dataclass
class Finding:
    """What is wrong, as far as it can be told.

    Attributes:
        cause: the problem.
        meaning: what torch's message means here.
        readings: the repairs that ran, best first.
        is_clear: whether the first of them is clearly meant.
        remarks: further sentences.
        warning: what tempts and is wrong, tried and told only if it runs; "" if nothing does.
    """

    cause: Cause
    meaning: str
    readings: list[Reading] = field(default_factory=list)
    is_clear: bool = False
    remarks: list[str] = field(default_factory=list)
    warning: str = ""


def find(subject: Subject, run: Run, said: Candidate | None = None) -> Finding:
    """Find what a failed run needs.

    Args:
        subject: the model and its input.
        run: its run, which failed.
        said: the repair that brings the axes into order, as the user named them.

    Returns:
        The problem, its meaning, and the repairs that ran.
    """
    at = Situation(subject, run)
    told, words, alone = meaning(at)
    if alone:
        return Finding(told, words)
    at, found = in_order(at, said) if said or subject.named else (at, _distinct(_readings(at)))
    found = _without_twins(found, at.x[:1] == (1,))
    found.sort(key=lambda reading: reading.evidence, reverse=True)
    is_clear = bool(found) and found[0].evidence.suffices
    is_clear = is_clear and (len(found) == 1 or found[1].evidence < found[0].evidence)
    if is_clear:
        # Beside a clear one, a layer with new weights or a signal with other numbers is no reading worth a line.
        found = [found[0], *(other for other in found[1:] if other.evidence.sound and other.evidence.faithful)]
    finding = Finding(found[0].cause if found else told, words, found[:MOST], is_clear)
    finding.remarks = remarks(at, finding.cause, finding.readings)
    finding.warning = _warning(at, finding)
    return finding


def in_order(at: Situation, said: Candidate | None) -> tuple[Situation, list[Reading]]:
    """The readings where the user named the axes: in their order, and with no other turn of the input.

    Args:
        at: the situation.
        said: the repair that brings the axes into order, None if they are.

    Returns:
        The situation with that repair, and the readings.
    """
    steps: tuple[Candidate, ...] = ()
    if said:
        run, steps = at.subject.run(said.edits), (said,)
        if run.failure is None:
            return at, [_reading(at, steps, run)]
        at = Situation(at.subject, run)
    return at, [
        reading
        for reading in _distinct(_readings(at, steps))
        if not any(
            edit.kind == "input" and changes(edit.source).moves_axes
            for step in reading.steps
            for edit in step.edits
            if step is not said
        )
    ]


def _distinct(readings: Iterator[Reading]) -> list[Reading]:
    """One for each expression: the causes of a layer speak before the general turns of the input."""
    found: dict[str, Reading] = {}
    for reading in readings:
        found.setdefault(reading.expression, reading)
    return list(found.values())


def _without_twins(readings: list[Reading], one_row: bool) -> list[Reading]:
    """Two ways to turn the same axes are one repair: keep the one that needs only the input."""
    found: dict[Any, Reading] = {}
    place = {id(reading): i for i, reading in enumerate(readings)}
    for reading in sorted(readings, key=_edits_inside):
        turned = reading.cause.twins and reading.changes.keeps_weights
        # In a batch of one, an axis that is missing and an axis that is turned are the same.
        group = "turned" if one_row else reading.cause.twins
        found.setdefault((group, reading.run.output_shape) if turned else reading.expression, reading)
    return sorted(found.values(), key=lambda reading: place[id(reading)])


def _edits_inside(reading: Reading) -> bool:
    return any(edit.kind != "input" and edit.path for edit in reading.run.edits)


def _readings(at: Situation, steps: tuple[Candidate, ...] = ()) -> Iterator[Reading]:
    follows = any(not step.cause.harmless for step in steps)
    asked = [c for c in candidates(at) if c.cause.mechanical or not follows or _is_the_same(c, steps[-1])]
    runs = at.subject.runs([[(*at.edits, *edits) for edits in _ways(at, c)] for c in asked])
    for candidate, run in zip(asked, runs, strict=True):
        candidate = _as_it_ran(at, candidate, run)
        taken, mends = (*steps, candidate), candidate.cause
        if run.failure is None:
            if _makes_sense(taken, run):
                yield _reading(at, taken, run)
        elif _goes_on(taken) and run.failure.visit is not None and run.visits:
            later = Situation(at.subject, run)
            # Layers that are built alike are refused in the same words.
            other = later.failure.message != at.failure.message
            if _moved_on(at, later) or (other and (mends.harmless or later.kind == "dtype")):
                yield from _readings(later, taken)


def _reading(at: Situation, steps: tuple[Candidate, ...], run: Run) -> Reading:
    made = changes(run.expression)
    return Reading(steps, _different(steps), run, made, _evidence(at, steps, run, made))


def _evidence(at: Situation, steps: tuple[Candidate, ...], run: Run, made: Changes) -> Evidence:
    unsure = [step for step in steps if not step.repair.certain]
    rest = made
    if len(unsure) < len(steps):
        rest = changes(" ".join(edit.source for step in unsure for edit in step.edits))
    return Evidence(
        undoubted=not any(step.repair.doubtful for step in steps),
        agreed=all(edit.kind == "input" for edit in run.edits) and _fits_a_linear(at, run),
        sound=rest.keeps_weights,
        faithful=rest.keeps_numbers,
        kept=made.keeps_weights,
        direct=sum(not _converts(step.cause) for step in _different(steps)) <= 1,
    )


def _makes_sense(steps: tuple[Candidate, ...], run: Run) -> bool:
    """Whether a repair that ran is worth a thought: not time as channels, nor a signal of zeros."""
    rest = changes(" ".join(edit.source for step in steps if not step.repair.certain for edit in step.edits))
    if rest.zeros > min(_MOST_ZEROS, _FAR_LONGER * max(run.visits[0].inputs[0][-1:], default=0)):
        return False
    unsure = [edit for step in steps if not step.repair.certain for edit in step.edits if edit.kind == "layer"]
    new = {edit.path for edit in unsure if edit.source.startswith("nn.Conv")}
    for visit in run.visits:
        if visit.path in new and isinstance(visit.module, CONVOLUTIONS) and len(visit.inputs[0]) == 3:
            _, channels, length = visit.inputs[0]
            if channels > _MOST_CHANNELS or (channels > _FAR_LONGER * length and length > 1):
                return False
    return True


def _is_the_same(candidate: Candidate, last: Candidate) -> bool:
    """Whether a layer needs just what the last one needed, as layers that are built alike do."""
    mine, other = candidate.repair, last.repair
    alike = candidate.cause is last.cause and mine.layer == other.layer and len(candidate.edits) == 1
    return alike and mine.layer is not None and candidate.edits[0].path != last.edits[0].path


def _different(steps: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The steps, without those that only do the same to another layer."""
    return tuple(step for i, step in enumerate(steps) if not i or not _is_the_same(step, steps[i - 1]))


def _goes_on(steps: tuple[Candidate, ...]) -> bool:
    """Whether a further repair may follow."""
    return len(_different(steps)) < _MOST_EDITS and len(steps) < _MOST_ALIKE


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
    return later.path != at.path and len(later.before) > len(at.before)


def _warning(at: Situation, finding: Finding) -> str:
    """What tempts: told only if it runs too, and gives other numbers than the repair."""
    if not finding.readings or finding.cause.tempts is None:
        return ""
    best = finding.readings[0]
    step = next(step for step in best.steps if step.cause is finding.cause)
    edits = finding.cause.tempts(at, step.repair)
    run = at.subject.run((*at.edits, *edits)) if edits else best.run
    tempts = run.failure is None and all(run.expression != reading.expression for reading in finding.readings)
    if not tempts:
        return ""
    inside = edits[0].kind == "before"
    said = f"{edits[0].source.format('h')} in that place" if inside else run.expression
    return f"{said} runs too, but {finding.cause.avoid}"
