"""What changes when one case changes? A model's copy runs again with other numbers, and the runs are compared.

What a model does shows faults that no shape and no layer's name can. A probe is small: two cases out of the batch,
copies only, the same random numbers in all runs, and a budget; where it does not fit, nothing is said.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import nn

from .._refusals import Refused, brief
from .axes import Axis, layout_of, set_layout
from .flow import Call, Flow
from .origin import line_at
from .reach import Lost
from .run import Edit, Run, Subject, Visit
from .sandbox import drew
from .tensors import tensors_in

#: A run of a probe adds up at most this many products, some tenths of a second, and makes as many bytes.
_MOST_WORK, _MOST_BYTES = 1_500_000_000, 200_000_000
#: Above this many, fewer steps are tried first, down to a number that most stacks bear.
_ENOUGH_WORK, _FEWEST_STEPS = 50_000_000, 64
#: What was computed is kept for comparing only up to this many numbers.
_MOST_KEPT = 20_000_000
#: Cases in a probe; where the model insists on its own batch, that is taken up to a limit.
_FEW, _MANY = 2, 64
#: Functions that give zeros for all that is below zero; and so many zeros as are no chance.
_CUTS_OFF, _MANY_VALUES = ("relu", "relu6"), 256
#: Two numbers differ, if by more than this share of the largest.
_SAME = 1e-4
#: What stands in the place of a layer's result, to see whether that is used: NaN outlives a product with zero.
_SPOILED = (
    "torch.utils._pytree.tree_map(lambda t: torch.full_like(t, float('nan')) "
    "if torch.is_tensor(t) and t.is_floating_point() else t, {})"
)
#: So many layers are asked about.
_MOST_ASKED = 3
#: A case alone takes other ways through the arithmetic than one in a batch.
_ALIKE = 1e-3


@dataclass(eq=False)
class Place:
    """Where something was first seen: the function, its layer, the shape that it gave, and the user's line."""

    name: str
    visit: Visit | None
    shape: tuple[int, ...]
    line: str


@dataclass(eq=False)
class Kept(Flow):
    """A flow that keeps what calls gave in which values met.

    Attributes:
        all: whether every such call is kept, or only those in which cases may have met.
        calls: name and results of each call that was kept, copied.
        dead: where nothing but zeros came out of a function that cuts off.
    """

    all: bool = False
    calls: list[tuple[str, list[torch.Tensor]]] = field(default_factory=list)
    dead: list[Place] = field(default_factory=list)
    _room: int = _MOST_KEPT

    def _compare(self, call: Call) -> None:
        if call.meets.cases or (self.all and call.meets.any):
            numbers = _numbers(call)
            self._room -= sum(t.numel() for t in numbers)
            self.calls.append((call.name, [_copied(t) for t in numbers] if self._room > 0 else []))
        out = call.results[0]
        if call.name in _CUTS_OFF and out.numel() >= _MANY_VALUES and not bool(out.any()):
            self.dead.append(_place(call, out))


@dataclass(eq=False)
class _Against(Flow):
    """A flow that goes beside one that kept its calls, while both take the same way."""

    kept: Kept = field(default_factory=Kept)
    _at: int = 0

    def _pairs(self, call: Call) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        name, old = self.kept.calls[self._at] if self._at < len(self.kept.calls) else ("", [])
        self._at += 1
        if name != call.name:
            self._at = len(self.kept.calls)
        else:
            yield from zip(_numbers(call), old, strict=False)


@dataclass(eq=False)
class Changed(_Against):
    """A flow that notes which part of the values changed, and where more changed than the changed cases have.

    Attributes:
        share: which part of the values the changed cases make up.
    """

    share: float = 0.5

    def _compare(self, call: Call) -> None:
        before = max(map(share_changed, call.sources))
        place = next((place for t in call.sources if (place := first_mixed(t))), None)
        for result in call.results:
            _set_changed(result, before, place)
        for new, old in self._pairs(call) if call.meets.cases else ():
            if new.shape == old.shape:
                here = changed(new, old)
                mixes = place is None and before <= self.share < here
                _set_changed(new, here, _place(call, new) if mixes else place)


@dataclass(eq=False)
class Repeated(Flow):
    """The flow of a batch that is one case repeated.

    Attributes:
        differs: where its cases first differed.
        drew: whether random numbers were drawn before that, which may be what differs.
    """

    differs: Place | None = None
    drew: bool = False

    def _compare(self, call: Call) -> None:
        for out in _numbers(call) if self.differs is None else ():
            axes = layout_of(out).holds(self.given[0].axes[self.cases][0])
            if len(axes) == 1 and not _is_repeated(out, axes[0]):
                self.differs, self.drew = _place(call, out), drew()


@dataclass(eq=False)
class Alone(_Against):
    """The flow of the first case alone, cut to its length.

    Attributes:
        differs: where its results first differed.
    """

    differs: Place | None = None

    def _compare(self, call: Call) -> None:
        for new, old in self._pairs(call) if call.meets.any else ():
            within = _within(old, new)
            if self.differs is None and within is not None and _differs(within, new):
                self.differs = _place(call, old)


def _numbers(call: Call) -> list[torch.Tensor]:
    return [t for t in call.results if t.is_floating_point()]


def _place(call: Call, out: torch.Tensor) -> Place:
    return Place(call.name, call.visit, tuple(out.shape), line_at(sys._getframe()))


def _copied(tensor: torch.Tensor) -> torch.Tensor:
    new = tensor.clone()
    set_layout(new, layout_of(tensor))
    return new


def changed(new: torch.Tensor, old: torch.Tensor) -> float:
    """Which part of the values changed.

    Example:
        >>> changed(torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([1.0, 2.0, 3.0, 5.0]))
        0.25
    """
    if not new.numel():
        return 0.0
    differ = (new - old).abs() > _SAME * old.abs().max()
    return float(differ.sum()) / new.numel()


def _cloned(args: list[Any]) -> tuple[Any, ...]:
    return tuple(a.clone() if isinstance(a, torch.Tensor) else a for a in args)


def _is_all_equal(some: list[torch.Tensor] | None, others: list[torch.Tensor]) -> bool:
    """Whether the same tensors came out."""
    pairs = zip(some or (), others, strict=False)
    return some is not None and len(some) == len(others) and all(_is_equal(a, b) for a, b in pairs)


def _is_equal(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether two tensors are the same: where copies lie in memory may decide their last digit."""
    if a.shape != b.shape or a.dtype != b.dtype or not (a.is_floating_point() or a.is_complex()) or not a.numel():
        return torch.equal(a, b)
    return torch.allclose(a, b, rtol=0, atol=_SAME * float(b.abs().max()))


def _is_repeated(tensor: torch.Tensor, axis: int) -> bool:
    """Whether all along an axis is the same."""
    return not bool(((tensor - tensor.narrow(axis, 0, 1)).abs() > _SAME * tensor.abs().max()).any())


def _set_changed(tensor: torch.Tensor, share: float, place: Place | None) -> None:
    tensor._conv1d_tutor_changed, tensor._conv1d_tutor_mixed = share, place


def share_changed(tensor: torch.Tensor) -> float:
    """Which part of a tensor changed, as far as it was followed."""
    return getattr(tensor, "_conv1d_tutor_changed", 0.0)


def first_mixed(tensor: torch.Tensor) -> Place | None:
    """Where, on the way to a tensor, more values changed than the changed cases have."""
    return getattr(tensor, "_conv1d_tutor_mixed", None)


def _within(batch: torch.Tensor, alone: torch.Tensor, otherwise: int | None = None) -> torch.Tensor | None:
    """The part of a batch's result that answers that of its first case alone; None if there is none."""
    if batch.ndim != alone.ndim or not alone.numel():
        return None
    layout = layout_of(batch)
    axes = enumerate(layout.axes if layout else ())
    held = [i for i, axis in axes if any(part.source.place == (0, 0) for part in axis)]
    cases = held[0] if len(held) == 1 else otherwise
    if cases is None or batch.shape[cases] != _FEW or alone.shape[cases] != 1:
        return None
    batch = batch.narrow(cases, 0, 1)
    shorter = [i for i in range(batch.ndim) if batch.shape[i] != alone.shape[i]]
    if len(shorter) > 1 or any(batch.shape[i] < alone.shape[i] for i in shorter):
        return None
    for i in shorter:
        batch = batch.narrow(i, 0, alone.shape[i])
    return batch


def _differs(a: torch.Tensor, b: torch.Tensor) -> bool:
    return bool(((a - b).abs() > _ALIKE * b.abs().max()).any())


def _spoils(lost: Lost) -> Edit:
    """NaN in the place of a layer's results."""
    return Edit("after", _SPOILED, lost.visit.path)


def _not_in_place(path: str) -> Edit:
    return Edit("set", "False", f"{path}.inplace")


def _are_lengths(value: Any) -> bool:
    """Whether a value may hold a length for each case."""
    is_row = isinstance(value, torch.Tensor) and value.ndim == 1 and value.numel() > 0
    return is_row and not (value.is_floating_point() or value.is_complex() or value.dtype == torch.bool)


def _comes_from(tensor: torch.Tensor, given: Any) -> bool:
    layout = layout_of(tensor)
    return bool(layout and given and layout.holds(given.axes[0][0]))


def _of(tensor: torch.Tensor, source: Axis) -> list[int]:
    """The axis of a tensor that comes from one that was given, where it is there alone."""
    layout = layout_of(tensor)
    return [i for i in layout.holds(source) if layout.only(i)] if layout else []


class Few(NamedTuple):
    """A run of a few cases, and what it is compared with.

    Attributes:
        run: the run.
        args: its arguments.
        first: the same with another first case.
        others: the same with the first case only, and others beside it.
    """

    run: Run
    args: list[Any]
    first: list[Any]
    others: list[Any]


class Counted(NamedTuple):
    """What a model made of the lengths that it was given.

    Attributes:
        given: how long the longest case was, which is as long as the data.
        left: how many steps come out.
        told: how long the longest case is said to be then.
    """

    given: int
    left: int
    told: int


class Cut(NamedTuple):
    """What a case alone showed, beside the same case padded in a batch.

    Attributes:
        case: its number.
        length: its length.
        leaks: whether its outputs differ.
        place: where they first did.
    """

    case: int
    length: int
    leaks: bool
    place: Place | None


class Probe:
    """What runs of a few cases show; everything is done on first asking.

    Attributes:
        subject: the model and its input.
        run: the first run, which tells how much work it is and what the axes are.
    """

    def __init__(self, subject: Subject, run: Run) -> None:
        """Probe nothing yet.

        Raises:
            Refused: the lengths do not fit the input.
        """
        self.subject, self.run = subject, run
        self.may_compute = subject.may_probe and run.flow.following
        self.lengths = None if subject.lengths is None else self._checked(subject.lengths)

    @cached_property
    def cases(self) -> int | None:
        """The axis of the first argument along which the cases lie; None if nothing tells.

        A layer that takes an axis for the batch tells; so does an output that has one of two axes left, those of
        rows that an Embedding looked up among them.
        """
        flow, x = self.run.flow, self.x
        if "batch" in self.subject.named:
            return self.subject.named.index("batch")
        if flow.cases is not None or x is None or x.ndim + bool(flow.looked_up) < 3 or not flow.given:
            return flow.cases
        out = layout_of(next(tensors_in(self.run.output), None))
        axes = [axis for axis in out.axes if len(axis) == 1] if out else []
        kept = [i for i in (0, 1) if flow.given[0].axes[i] in axes]
        return kept[0] if len(kept) == 1 and len(out.axes) <= 2 else None

    @cached_property
    def x(self) -> torch.Tensor | None:
        """The first argument, if it is a tensor."""
        first = self.subject.args[0] if self.subject.args else None
        return first if isinstance(first, torch.Tensor) else None

    @cached_property
    def is_real(self) -> bool:
        """Whether numbers were given, and not a shape."""
        return self.x is not None and not self.x.is_meta

    @cached_property
    def run_of_few(self) -> Few | None:
        """A run of a few cases, and the arguments of those that it is compared with; None if it may not be had."""
        if not self.may_compute or self.cases is None or self.x is None or not self.x.numel():
            return None
        for cases, steps in self._sizes():
            args, first, others = self._compared(cases, steps)
            run = self._computed(args, Kept())
            if run is None:
                return None
            if run.failure is None:
                return Few(run, args, first, others)
        return None

    def _sizes(self) -> Iterator[tuple[int, int | None]]:
        """How many cases and steps to try, the cheapest first: a model may insist on its own number of either."""
        size, time = self.x.shape[self.cases], self.time
        # Another number than was given, so that what goes with the cases can be told from chance.
        few, each = _FEW + (size == _FEW), self.run.flow.work // size
        if time not in (None, self.cases) and few * each > _ENOUGH_WORK:
            steps = max(_FEWEST_STEPS, self.x.shape[time] * _ENOUGH_WORK // (few * each))
            if steps < self.x.shape[time]:
                yield few, steps
        for cases in {few: 0, size: 0}:
            if _FEW <= cases <= _MANY and self._is_little(cases):
                yield cases, None

    def _is_little(self, cases: int) -> bool:
        size, flow = self.x.shape[self.cases or 0], self.run.flow
        return cases * flow.work <= _MOST_WORK * size and cases * flow.bytes <= _MOST_BYTES * size

    @cached_property
    def mixed(self) -> tuple[Place | None, tuple[int, ...]] | None:
        """Where the cases were first mixed, with the shape of an output that shows it; None if none does."""
        few = self.run_of_few if self.run.flow.may_mix else None
        if few is None:
            return None
        # Either way alone is blind: no case reads a later one where the cases pass for steps, and after many steps
        # a recurrent layer has forgotten the first.
        cases = few.args[0].shape[self.cases]
        return self._mixed_by(few.first, 1, cases) or self._mixed_by(few.others, 0, 1)

    def _mixed_by(self, args: list[Any], start: int, end: int) -> tuple[Place | None, tuple[int, ...]] | None:
        """Where the cases were first mixed, seen by other cases.

        Args:
            args: the arguments with some cases changed.
            start: the first case that was not.
            end: the case after the last one that was not.
        """
        few = self.run_of_few
        cases = few.args[0].shape[self.cases]
        share = 1 - (end - start) / cases + _SAME
        second = self._computed(args, Changed(kept=few.run.flow, share=share), before=few.args)
        if second is None or second.failure:
            return None
        outputs = [list(tensors_in(run.output)) for run in (self.run, few.run, second)]
        if len({len(each) for each in outputs}) > 1:
            return None
        for shapes, old, new in zip(*outputs, strict=True):
            axis = self._axis_of_cases(shapes, old)
            if not new.is_floating_point() or new.shape != old.shape or axis is None:
                continue
            if new.shape[axis] == cases:
                mixes = changed(*(t.narrow(axis, start, end - start) for t in (new, old))) > 0
            else:
                mixes = changed(new, old) > share
            place = first_mixed(new)
            # A loss that forward computes is one number of all cases.
            is_loss = place is not None and place.name.endswith(("loss", "entropy", "cross_entropy"))
            if mixes and not is_loss and self._repeats(few.run, few.args):
                return place, tuple(new.shape)
        return None

    def _repeats(self, run: Run, args: list[Any], training: bool | None = None) -> bool:
        """Whether the model gives the same once more: what draws numbers of its own changes without any cause."""
        again = self.subject.computed(_cloned(args), training, Flow(following=False))
        return again is not None and _is_all_equal(list(tensors_in(again.output)), list(tensors_in(run.output)))

    @cached_property
    def apart(self) -> tuple[Place, tuple[int, ...]] | None:
        """Where the cases of a batch that is one case repeated first differ, with an output; None if none does."""
        asks = self.run.flow.by_place and self.mixed is None and self.run_of_few is not None
        cases = self.run_of_few.args[0].shape[self.cases] if asks else 0
        # What bears its own number of cases only may keep something for each, as a state.
        if not asks or cases == self.x.shape[self.cases]:
            return None
        one = [
            a.narrow(self.cases, 0, 1).repeat_interleave(cases, self.cases) if self._is_batch(a, cases) else a
            for a in self.run_of_few.args
        ]
        run = self.subject.computed(_cloned(one), False, Repeated(cases=self.cases))
        if run is None or run.failure or run.flow.differs is None or run.flow.drew:
            return None
        outputs = [list(tensors_in(each.output)) for each in (self.run, self.run_of_few.run, run)]
        for shapes, some, out in zip(*outputs, strict=False) if len({len(each) for each in outputs}) == 1 else ():
            axis = self._axis_of_cases(shapes, some) if out.is_floating_point() else None
            differs = axis is not None and some.shape == out.shape and not _is_repeated(out, axis)
            if differs and self._repeats(run, one, False):
                return run.flow.differs, tuple(out.shape)
        return None

    def unused(self) -> list[Lost]:
        """The layers of whose results nothing reaches the output, in eval mode or in training."""
        lost = [each for each in self.run.flow.reach.lost() if each.visit.path][:_MOST_ASKED]
        args = self._some() if lost and self.may_compute and self.run.flow.following else None
        if args is None:
            return []
        # A forward that bears one mode only is asked in that one.
        plain = {training: out for training in (False, True) if (out := self._answers(args, training))}
        return [
            each
            for each in lost
            if plain and all(_is_all_equal(self._answers(args, t, _spoils(each)), plain[t]) for t in plain)
        ]

    def _answers(self, args: list[Any], training: bool, *edits: Edit) -> list[torch.Tensor] | None:
        """What comes out with something changed in the model; None if nothing does."""
        run = self.subject.computed(_cloned(args), training, Flow(following=False), edits)
        return None if run is None or run.failure else list(tensors_in(run.output)) or None

    def overwritten(self) -> list[Visit]:
        """The layers that work in place and change with it what is read again afterwards."""
        asked = {visit.path: visit for visit in self.run.leaves if visit.overwrites and visit.path}
        args = self._some() if asked and self.may_compute else None
        plain = self._answers(args, False) if args else None
        if plain is None or not _is_all_equal(self._answers(args, False), plain):
            return []
        apart = {path: self._answers(args, False, _not_in_place(path)) for path in list(asked)[:_MOST_ASKED]}
        return [asked[path] for path, answer in apart.items() if answer and not _is_all_equal(answer, plain)]

    def _some(self) -> list[Any] | None:
        """Arguments with numbers, of a few cases if these can be told apart; None if that is too much work."""
        if self.run_of_few is not None:
            return self.run_of_few.args
        if self.run.flow.work > _MOST_WORK or self.run.flow.bytes > _MOST_BYTES:
            return None
        draw = torch.Generator().manual_seed(0)
        return [self._numbers(a, draw) if isinstance(a, torch.Tensor) else a for a in self.subject.args]

    def dead(self) -> list[Place]:
        """Where nothing but zeros came of the user's own numbers."""
        asks = self.is_real and not self.run.flow.functions.isdisjoint(_CUTS_OFF)
        return self.run_of_few.run.flow.dead if asks and self.run_of_few else []

    def batch_of(self, cases: int) -> Run:
        """Run the model on shapes with another number of cases."""
        args = tuple(
            torch.empty(self._resized(a.shape, cases), dtype=a.dtype, device="meta") if self._has_batch(a) else a
            for a in self.subject.args
        )
        return replace(self.subject, args=args, x="x").run()

    # Padded steps

    @cached_property
    def time(self) -> int | None:
        """The axis of the first argument along which the steps lie; None if nothing tells."""
        named = self.subject.named
        return named.index("time") if "time" in named else self.run.flow.time

    def _checked(self, lengths: Any) -> list[int]:
        said, advice = f"lengths={brief(lengths)}", "lengths=[50, 80] for x of shape (2, channels, 80)"
        try:
            values = torch.as_tensor(lengths)
        except (TypeError, ValueError, RuntimeError):
            values = torch.empty(())
        if values.ndim != 1 or values.is_floating_point() or values.is_complex() or values.dtype == torch.bool:
            raise Refused(f"{said}, no row of whole numbers.", "lengths tells how long each case was.", advice)
        cases, time = self.cases or 0, self.time
        if self.x is None or self.x.ndim < 2 or time is None or time == cases:
            rule = "steps lie along the axis that a layer slides or steps along."
            raise Refused(
                f"{said}, and no layer does so with an axis of x.", rule, "explain(layer, x) without lengths"
            )
        count, steps = self.x.shape[cases], self.x.shape[time]
        if len(values) != count:
            raise Refused(
                f"{said} has {len(values)} lengths, and x has {count} cases.", "one for each case.", advice
            )
        if count and not 1 <= int(values.min()) <= int(values.max()) <= steps:
            least, most = int(values.min()), int(values.max())
            rule = f"a length is from 1 to the {steps} steps of x."
            raise Refused(f"{said} goes from {least} to {most}.", rule, advice)
        return values.tolist()

    @cached_property
    def trailing_zeros(self) -> list[int] | None:
        """The lengths that the cases have without their last steps of zeros; None if they do not look padded."""
        x, time, cases = self.x, self.time, self.cases
        if not self.is_real or cases is None or time in (None, cases) or not x.is_floating_point():
            return None
        steps = x.shape[time]
        # One zero may be a measured one. Most data end with other numbers, and are not read as a whole.
        if steps < 4 or not x.numel() or bool(_moves(x.narrow(time, steps - 2, 2), cases, time).any(1).all()):
            return None
        rows = [_moves(x.narrow(cases, i, 1), cases, time)[0] for i in range(x.shape[cases])]
        lengths = [int(row.nonzero().max()) + 1 if bool(row.any()) else 0 for row in rows]
        padded = any(0 < n <= steps - 2 for n in lengths) and max(lengths) == steps
        return lengths if padded else None

    def alone(self, lengths: list[int]) -> Cut | None:
        """Compare the shortest case in the batch with the same case alone, cut to its length.

        Args:
            lengths: the length of each case; one is shorter than the others.

        Returns:
            What was seen; None if the runs may not be had, or their outputs do not answer each other.
        """
        real = [(n, i) for i, n in enumerate(lengths) if n]
        (length, short), (_, long) = min(real), max(real)
        if not self.may_compute or length == self.x.shape[self.time] or not self._is_little(_FEW):
            return None
        batch, single = self._padded(short, long, length)
        before = Kept(all=True)
        # Dropout draws other numbers for other shapes, so it rests.
        first = self.subject.computed(tuple(batch), training=False, flow=before)
        if first is None or first.failure:
            return None
        second = self.subject.computed(tuple(single), training=False, flow=Alone(kept=before))
        if second is None or second.failure:
            return None
        pairs = zip(tensors_in(first.output), tensors_in(second.output), strict=False)
        within = [(_within(a, b, 0), b) for a, b in pairs if a.is_floating_point()]
        if not within or any(a is None for a, _ in within):
            return None
        leaks = any(_differs(a, b) for a, b in within)
        return Cut(short, length, leaks, second.flow.differs if leaks else None)

    def counted(self) -> Counted | None:
        """What the model says of its own lengths, where it was given some; None if it says nothing."""
        gives = [i for i, a in enumerate(self.subject.args) if _are_lengths(a)]
        if not gives or self.time is None or not self.is_real or self.run_of_few is None:
            return None
        run, some = self.run_of_few.run, self.run_of_few.args
        steps, outputs = some[0].shape[self.time], list(tensors_in(run.output))
        source = run.flow.given[0].axes[self.time][0]
        for i in gives:
            # Only where the longest case is as long as the data is it plain how long it is when it comes out.
            made = [t for t in outputs if _are_lengths(t) and _comes_from(t, run.flow.given[i])]
            left = [t.shape[axis] for t in outputs for axis in _of(t, source)]
            if int(some[i].max()) == steps and len(made) == 1 and len(set(left)) == 1:
                return Counted(steps, left[0], int(made[0].max()))
        return None

    # What is given to the runs

    def _padded(self, short: int, long: int, length: int) -> tuple[list[Any], list[Any]]:
        """Two cases padded to one length, and the shorter one alone."""
        cases, time = self.cases or 0, self.time
        steps, draw = self.x.shape[time], torch.Generator().manual_seed(0)
        batch, single = [], []
        for value in self.subject.args:
            if not isinstance(value, torch.Tensor):
                batch.append(value)
                single.append(value)
                continue
            if value.ndim > cases and value.shape[cases] == self.x.shape[cases]:
                was_shape = value.is_meta
                value = torch.cat([_part(value, cases, case, 1) for case in (short, long)], cases)
                value = self._numbers(value, draw)
                if was_shape and value.ndim > time and value.shape[time] == steps:
                    value.select(cases, 0).narrow(time - (cases < time), length, steps - length).zero_()
                one = value.narrow(cases, 0, 1)
                cut = [axis for axis in range(one.ndim) if one.shape[axis] == steps and axis != cases]
                cut = [time] if value.ndim == self.x.ndim and time in cut else cut
                for axis in cut:
                    one = one.narrow(axis, 0, length)
            else:
                one = value = self._numbers(value, draw)
            batch.append(value.clone())
            single.append(one.clone())
        return batch, single

    def _computed(self, args: list[Any], flow: Flow, before: list[Any] | None = None) -> Run | None:
        args = _cloned(args)
        for new, old in zip(args, before or (), strict=False):
            if isinstance(new, torch.Tensor):
                _set_changed(new, changed(new.to(torch.float32), old.to(torch.float32)), None)
        return self.subject.computed(args, flow=flow)

    def _has_batch(self, value: Any) -> bool:
        return self._is_batch(value, self.x.shape[self.cases])

    def _is_batch(self, value: Any, cases: int) -> bool:
        is_tensor = isinstance(value, torch.Tensor) and value.ndim > self.cases
        return is_tensor and value.shape[self.cases] == cases

    def _resized(self, shape: torch.Size, cases: int) -> list[int]:
        return [cases if i == self.cases else size for i, size in enumerate(shape)]

    def _axis_of_cases(self, before: torch.Tensor, out: torch.Tensor) -> int | None:
        """The one axis of an output that comes from the cases; None if there is none, or several.

        Args:
            before: the output of the first run.
            out: that of a run with another number of cases.
        """
        if before.ndim != out.ndim:
            return None
        # What grows with the number of cases tells even behind a view that lost their axis from sight.
        one, other = self.x.shape[self.cases], self.run_of_few.args[0].shape[self.cases]
        sizes = zip(before.shape, out.shape, strict=True)
        held = [i for i, (n, m) in enumerate(sizes) if n != m and n * other == m * one]
        layout = layout_of(out)
        if len(held) != 1 and layout:
            held = layout.holds(self.run_of_few.run.flow.given[0].axes[self.cases][0]) or held
        if not held and one == other:
            # The model bears its own number of cases only, and a view lost their axis from sight.
            held = [i for i, size in enumerate(out.shape) if size == one]
        return held[0] if len(held) == 1 else None

    def _compared(self, cases: int, steps: int | None) -> tuple[list[Any], list[Any], list[Any]]:
        """The arguments of the three runs of `Few`, with the first steps only if a number is given."""
        draw = torch.Generator().manual_seed(0)
        args, first, others = [], [], []
        may_change = [self._has_batch(a) and a.is_floating_point() for a in self.subject.args]
        for value, changes in zip(self.subject.args, may_change, strict=True):
            is_x = value is self.x
            if not self._has_batch(value):
                value = self._numbers(value, draw) if isinstance(value, torch.Tensor) else value
                for each in (args, first, others):
                    each.append(value)
                continue
            if steps and value.ndim > self.time and value.shape[self.time] == self.x.shape[self.time]:
                value = value.narrow(self.time, 0, steps)
            few = self._few(value, cases, draw)
            rows = few.split(1, self.cases)
            new = rows[0]
            if changes or (is_x and not any(may_change)):
                given = self._spare(value, cases)
                new = _another(rows[0], draw) if given is None or torch.equal(given, rows[0]) else given
            args.append(few)
            first.append(torch.cat([new, *rows[1:]], self.cases))
            others.append(few if new is rows[0] else torch.cat([rows[0], *rows[2:], new], self.cases))
        return args, first, others

    def _few(self, value: torch.Tensor, cases: int, draw: torch.Generator) -> torch.Tensor:
        """A few different cases of an argument."""
        if value.is_meta:
            value = torch.empty(self._resized(value.shape, cases), dtype=value.dtype, device="meta")
            return self._numbers(value, draw)
        value = _part(value, self.cases, 0, min(cases, value.shape[self.cases]))
        while value.shape[self.cases] < cases:
            value = torch.cat([value, _another(value.narrow(self.cases, 0, 1), draw)], self.cases)
        return value

    def _spare(self, value: torch.Tensor, cases: int) -> torch.Tensor | None:
        """A case of the user's own to put in the place of the first one."""
        if value.is_meta or value.shape[self.cases] < 2:
            return None
        size = value.shape[self.cases]
        return _part(value, self.cases, cases if size > cases else size - 1, 1)

    def _numbers(self, value: torch.Tensor, draw: torch.Generator) -> torch.Tensor:
        """Random numbers for a shape: rows of the smallest Embedding, where whole ones are wanted."""
        if not value.is_meta:
            return value.detach().cpu()
        if value.is_floating_point() or value.is_complex():
            return torch.randn(value.shape, dtype=value.dtype, generator=draw)
        if value.dtype == torch.bool:
            return torch.ones(value.shape, dtype=value.dtype)
        rows = [m.num_embeddings for m in self.subject.model.modules() if isinstance(m, nn.Embedding)]
        rows += [most for _, most in self.run.flow.looked_up]
        return torch.randint(0, min(rows, default=2), value.shape, dtype=value.dtype, generator=draw)


def _moves(x: torch.Tensor, cases: int, time: int) -> torch.Tensor:
    """Whether a step of a case holds anything but zeros, shape (cases, steps)."""
    others = [axis for axis in range(x.ndim) if axis not in (cases, time)]
    return (x != 0).permute(cases, time, *others).reshape(x.shape[cases], x.shape[time], -1).any(-1)


def _part(tensor: torch.Tensor, axis: int, start: int, count: int) -> torch.Tensor:
    """Some cases of a tensor; numbers come from wherever they are."""
    part = tensor.detach().narrow(axis, start, count)
    return part if part.is_meta else part.cpu()


def _another(case: torch.Tensor, draw: torch.Generator) -> torch.Tensor:
    """Another case like one: numbers of the same size, or the same whole numbers in another order."""
    if case.is_floating_point() or case.is_complex():
        spread = case.abs().mean()
        noise = torch.randn(case.shape, dtype=case.dtype, generator=draw)
        return noise * (spread if bool(spread > 0) and bool(spread.isfinite()) else 1)
    return case.flatten()[torch.randperm(case.numel(), generator=draw)].view(case.shape)
