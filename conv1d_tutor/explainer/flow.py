"""Which axis of a tensor is which, on its way through a model? The axes are followed from call to call.

Shapes alone do not tell: after a permute sizes may be as before, and a view of the right size may have cut across.
So each tensor that comes from the input carries a `Layout`: what its axes are made of. Where a function is not
known, its axes are, honestly, unknown.
"""

import math
import sys
import weakref
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch

from .axes import Axis, Layout, layout_of, set_layout
from .functions import (
    COMPARING,
    DIRECTIONS,
    DROPOUTS,
    JOINING,
    PRODUCTS,
    RECURRENT,
    REDUCING,
    REGROUPING,
    argument,
    meeting,
    numbers,
    work,
)
from .origin import line_at
from .reach import Reach
from .shares import Misread, misread
from .tensors import tensors_in

_TORCH = str(Path(torch.__file__).parent)
_HERE = str(Path(__file__).parent)

#: Functions after which each axis is still what it was, of another size.
_RESIZING = {
    *(f"{kind}_pool{n}d" for kind in ("max", "avg", "adaptive_max", "adaptive_avg", "lp") for n in (1, 2, 3)),
    *("pad", "interpolate", "glu", "chunk", "split", "tensor_split", "index_select", "repeat", "tile"),
    *("repeat_interleave", "topk", "masked_select", "diff", "cat", "concat", "concatenate"),
}


class Recut(NamedTuple):
    """A view that does not split or merge axes, but cuts across them.

    Attributes:
        name: of the function.
        old: the shape before.
        new: the shape after.
        cases: whether it moved values between the cases.
        line: the line of the user's code, or "".
    """

    name: str
    old: tuple[int, ...]
    new: tuple[int, ...]
    cases: bool
    line: str

    def is_undone_by(self, other: "Recut") -> bool:
        """Whether another one, which reads its result or a piece of it, goes back to the old order of sizes."""
        sizes = (*zip(other.old, self.new, strict=False), *zip(other.new, self.old, strict=False))
        return len(other.new) == len(self.old) and all(n <= m for n, m in sizes)


class Squeeze(NamedTuple):
    """A squeeze that drops a batch of one: the shapes, whether it names no axis, whether it did, and the line."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    bare: bool
    dropped: bool
    line: str


class Dropped(NamedTuple):
    """A dropout that the user's own code calls as a function, and that drops, in the mode that its layer is in."""

    name: str
    training: bool
    line: str


class OneValue(NamedTuple):
    """A function that normalises a single value, so that its result says nothing of it."""

    name: str
    axis: int | None
    shape: tuple[int, ...]
    visit: Any
    line: str


class Compared(NamedTuple):
    """A loss that broadcasts a prediction against its target: the two shapes, and the line."""

    name: str
    prediction: tuple[int, ...]
    target: tuple[int, ...]
    line: str


class Meets(NamedTuple):
    """Whether a function lets values meet: any at all, and those of different cases."""

    any: bool
    cases: bool


class Call(NamedTuple):
    """A call of a torch function with tensors that come from the input."""

    name: str
    sources: list[torch.Tensor]
    results: list[torch.Tensor]
    meets: Meets
    visit: Any


@dataclass(eq=False)
class Flow:
    """Follows the axes of the input through one run; `saw` is told of every call of a torch function.

    Attributes:
        given: for each argument that is a tensor the axes that it was given with.
        cases: which axis of the first argument a layer read as the batch; None where no layer had an opinion.
        time: which axis of the first argument a layer slid along first, or stepped along.
        recuts: the views that cut across axes.
        squeezes: the squeezes whose result hangs on whether the batch is one.
        one_value: functions that normalise a single value.
        misread: where shares that add up to 1 are read as something else.
        dropped: calls of dropout that drop values.
        compared: the losses that broadcast.
        looked_up: how the arguments went into an Embedding: their number, and its rows.
        functions: the names of the functions that ran.
        by_place: whether something that does not come from the input is laid along the cases.
        may_mix: whether a function ran that may let one case change another.
        work: roughly how many products were added up.
        bytes: how much memory all results together take.
        reach: what of each layer reaches the output.
        following: False after a failure of our own, which must not become the model's.
    """

    given: list[Layout | None] = field(default_factory=list)
    cases: int | None = None
    time: int | None = None
    recuts: list[Recut] = field(default_factory=list)
    squeezes: list[Squeeze] = field(default_factory=list)
    one_value: list[OneValue] = field(default_factory=list)
    misread: list[Misread] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)
    looked_up: list[tuple[int, int]] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    by_place: bool = False
    may_mix: bool = False
    work: int = 0
    bytes: int = 0
    reach: Reach = field(default_factory=Reach)
    following: bool = True
    _args: tuple[Any, ...] = ()
    _dealt: list[tuple[weakref.ref, Recut]] = field(default_factory=list)

    def begin(self, args: tuple[Any, ...]) -> None:
        """Mark the arguments, which are copies."""
        self._args = args
        for i, value in enumerate(args):
            layout = None
            if isinstance(value, torch.Tensor):
                sizes = enumerate(value.shape)
                layout = Layout(tuple((Axis(size, "given", (i, axis)),) for axis, size in sizes))
                set_layout(value, layout)
            self.given.append(layout)

    def saw(self, name: str, args: tuple, kwargs: dict, out: Any, visit: Any) -> None:
        """Give the result of a call its layout.

        Args:
            name: of the torch function.
            args: its arguments.
            kwargs: its arguments by name.
            out: its result.
            visit: the innermost layer, or None.
        """
        if not self.following:
            return
        results = [t for t in (out if isinstance(out, tuple | list) else (out,)) if isinstance(t, torch.Tensor)]
        try:
            self.reach.saw(name, args, kwargs, out)
            if name == "__setitem__" and layout_of(args[0]):
                results = [args[0]]
            if not results:
                return
            name = name.rstrip("_") if not name.startswith("__") else name
            sources = [t for t in tensors_in((args, kwargs)) if layout_of(t)]
            if sources:
                self._notice(name, args, kwargs, results[0], sources, visit)
                meets = self._meets(name, args, kwargs)
                had = any(self._sees(layout_of(t)) for t in sources)
                for i, result in enumerate(results):
                    # What is changed in place keeps its axes, but for squeeze_ and its kin.
                    if not any(result is t for t in sources) or len(layout_of(result).axes) != result.ndim:
                        set_layout(result, self._layout(name, args, kwargs, result, sources, i, visit))
                shares = misread(name, args, kwargs, results[0], sources[0])
                self.misread += [shares] if shares else []
                if had and not all(self._sees(layout_of(result)) for result in results):
                    meets = Meets(True, True)  # one case was taken out, or all were joined
                self.may_mix |= meets.cases
                self.by_place |= name in JOINING and self._is_by_place(args, results[0])
                self._compare(Call(name, sources, results, meets, visit))
        except Exception:  # what follows a model must not break it
            self.following = False

    def left(self, visit: Any, caller: Any, given: Any, output: Any) -> None:
        """Tell `reach` of the end of a layer's call."""
        if self.following:
            try:
                with torch._C.DisableTorchFunction():
                    self.reach.left(visit, caller, given, output)
            except Exception:
                self.following = False

    def ended(self, output: Any) -> None:
        """Tell `reach` what came out at the end."""
        if self.following:
            with torch._C.DisableTorchFunction():
                self.reach.ended(output)

    def _compare(self, call: "Call") -> None:
        """For those who look at the numbers too, see `probe`."""

    def _meets(self, name: str, args: tuple, kwargs: dict) -> "Meets":
        mixed = meeting(name, args, kwargs)
        parts = [
            (layout, part)
            for tensor, axes in mixed or ()
            for layout in [layout_of(tensor)]
            for i in axes
            if layout and i < len(layout.axes)
            for part in layout.axes[i]
        ]
        return Meets(mixed is None or bool(parts), mixed is None or any(self._may_hold_cases(*p) for p in parts))

    def _is_by_place(self, args: tuple, out: torch.Tensor) -> bool:
        """Whether a tensor that does not come from the input has its own value for each place in the batch."""
        axes = enumerate(layout_of(out).axes)
        cases = [i - out.ndim for i, axis in axes if any(_is_cases(part, self.cases) for part in axis)]
        others = [t for t in tensors_in(args) if layout_of(t) is None]
        # An axis that was only expanded has one value for all.
        return any(t.shape[i] == out.shape[i] > 1 and t.stride(i) for t in others for i in cases if t.ndim >= -i)

    def _may_hold_cases(self, layout: Layout, part: Axis) -> bool:
        """Whether the cases lie in a part of an axis, or may do so because they were lost from sight."""
        return _is_cases(part, self.cases) or (part.kind == "unknown" and part.size > 1 and not self._sees(layout))

    def _sees(self, layout: Layout) -> bool:
        """Whether a tensor has an axis of cases."""
        return any(_is_cases(part, self.cases) for axis in layout.axes for part in axis)

    def _notice(self, name: str, args: tuple, kwargs: dict, out: Any, sources: list, visit: Any) -> None:
        source, layout = sources[0], layout_of(sources[0])
        self.functions.add(name)
        batch = _batch_axis(name, args, source, visit) if self.cases is None else None
        if batch is not None and layout.axes[batch]:
            place = layout.axes[batch][0].source.place
            self.cases = place[1] if place and place[0] == 0 else None
        if name in ("softmax", "log_softmax", "layer_norm", "group_norm"):
            self._notice_one_value(name, args, kwargs, source, layout, visit)
        if name in COMPARING:
            pair = [argument(args, kwargs, i, of) for i, of in enumerate(("input", "target"))]
            # One number for all, as the label of a discriminator, is meant so.
            if pair[0].shape != pair[1].shape and all(t.numel() > 1 for t in pair):
                self.compared.append(Compared(name, *(tuple(t.shape) for t in pair), line_at(sys._getframe())))
        if name == "embedding":
            rows = argument(args, kwargs, 1, "weight").shape[0]
            self.looked_up += [(i, rows) for i, value in enumerate(self._args) if value is source]
        if _drops(name, args, kwargs) and visit and not type(visit.module).__module__.startswith("torch."):
            self.dropped.append(Dropped(name, visit.module.training, line_at(sys._getframe())))
        self.work += work(name, args, kwargs, out)
        self.bytes += out.numel() * out.element_size() if out._base is None else 0
        if name == "squeeze" and _is_the_users():
            axes = argument(args, kwargs, 1, "dim")
            taken = range(source.ndim) if axes is None else {a % source.ndim for a in numbers(axes)}
            cases = [i for i in taken if any(part.source.place == (0, self.cases) for part in layout.axes[i])]
            if cases or axes is None:
                dropped = any(source.shape[i] == 1 for i in cases)
                self.squeezes.append(
                    Squeeze(tuple(source.shape), tuple(out.shape), axes is None, dropped, line_at(sys._getframe()))
                )

    def _notice_one_value(self, name: str, args: tuple, kwargs: dict, x: Any, layout: Layout, visit: Any) -> None:
        axis = None
        if name == "layer_norm":
            alone = math.prod(argument(args, kwargs, 1, "normalized_shape")) == 1
        elif name == "group_norm":
            alone = math.prod(x.shape[1:]) == argument(args, kwargs, 1, "num_groups")
            axis = x.ndim - 1
        else:
            dim = argument(args, kwargs, 1, "dim")
            alone = isinstance(dim, int) and x.ndim > 0 and x.shape[dim] == 1
            axis = dim % x.ndim if alone else None
        # One step that was given as one step is the input's own doing.
        made = layout.axes[-1 if axis is None else axis]
        by_layers = not made or any(part.kind != "unknown" and part.source.size > 1 for part in made)
        by_layers |= any(part.kind in ("channels", "features") for part in made)
        if alone and by_layers:
            self.one_value.append(OneValue(name, axis, tuple(x.shape), visit, line_at(sys._getframe())))

    def _layout(self, name: str, args: tuple, kwargs: dict, out: Any, sources: list, i: int, visit: Any) -> Layout:
        source, layout = sources[0], layout_of(sources[0])
        first = args[0] if args else next(iter(kwargs.values()))
        if name in REGROUPING and source is first:
            old = tuple(math.prod(part.size for part in axis) for axis in layout.axes)
            return self._regrouped(name, layout, old, source, out)
        if name.startswith("conv") and name.removeprefix("conv_transpose").removeprefix("conv") in DIRECTIONS:
            made = _slid(layout, out, source.ndim, argument(args, kwargs, 1, "weight"), visit)
            self._steps(made.axes[-1])
            return made
        if name == "multi_head_attention_forward" and i and source.ndim == 3:
            heads = [(Axis(size),) for size in out.shape[1:-2]]
            return Layout((layout.axes[1], *heads, layout.axes[0], (Axis(out.shape[-1]),)), turned=True)
        if name in ("linear", "multi_head_attention_forward") and not i and source is first:
            made = Axis(out.shape[-1], "features", made_of=layout.only(-1))
            if visit is not None:
                visit.made = made
            return Layout((*layout.axes[: out.ndim - 1], (made,)))
        if name == "embedding":
            return Layout((*layout.axes, (Axis(out.shape[-1], "coordinates"),)))
        if name in RECURRENT and source is first and source.ndim == 3:
            self._steps(layout.axes[1 if args[-1] is True else 0])
            if not i:
                return Layout((*layout.axes[:2], (Axis(out.shape[-1], "features"),)))
            cases = layout.axes[0 if args[-1] is True else 1]
            return Layout(((Axis(out.shape[0]),), cases, (Axis(out.shape[-1], "features"),)))
        if name in PRODUCTS:
            return _multiplied(args, out)
        if name == "einsum":
            return _summed(args, out)
        if name == "stack":
            return _stacked(layout, out, argument(args, kwargs, 1, "dim"))
        for each in sources:
            whole = each if each._base is None else each._base
            if out is not each and out._base is whole:
                return _seen_through(layout_of(each), each, out)
        same = [layout_of(each) for each in sources if each.shape == out.shape]
        if same:
            _put_together(same)
            return same[0]
        if name in _RESIZING and source.ndim == out.ndim:
            pads, joins = name == "pad", name.startswith(("cat", "concat"))
            sizes = zip(layout.axes, out.shape, strict=True)
            axes = tuple(_resized(axis, n, pads or joins, trimmed=pads) for axis, n in sizes)
            return Layout(axes, layout.turned)
        if name in REDUCING:
            return _reduced(layout, out, source.ndim, argument(args, kwargs, 1, "dim"))
        return _broadcast(sources, out)

    def _steps(self, axis: tuple[Axis, ...]) -> None:
        place = axis[0].source.place if len(axis) == 1 else None
        if self.time is None and place and place[0] == 0:
            self.time = place[1]

    def _regrouped(self, name: str, layout: Layout, old: tuple[int, ...], source: Any, out: Any) -> Layout:
        new = tuple(out.shape)
        axes, cut = regrouped(layout.axes, new)
        if cut is not None and not any(axis.joined for axis in cut) and _is_the_users():
            cases = any(axis.source.place == (0, self.cases) for axis in cut if axis.kind == "given")
            recut = Recut(name, old, new, cases, line_at(sys._getframe()))
            dealt = next((each for ref, each in self._dealt if ref() is _memory(source)), None)
            if dealt in self.recuts and dealt.is_undone_by(recut):
                # Dealt out anew, cut, and dealt back: each row is shifted by one more, for relative positions.
                self.recuts.remove(dealt)
            else:
                self.recuts.append(recut)
                self._dealt.append((weakref.ref(_memory(out)), recut))
        return Layout(axes, layout.turned)


def _is_cases(part: Axis, cases: int | None) -> bool:
    return part.source.place == (0, cases or 0)


def _drops(name: str, args: tuple, kwargs: dict) -> bool:
    """Whether a function sets values to zero by chance."""
    if name == "scaled_dot_product_attention":
        return bool(argument(args, kwargs, 4, "dropout_p"))
    if name not in DROPOUTS:
        return False
    return bool(argument(args, kwargs, 1, "p")) and bool(argument(args, kwargs, 2, "training"))


#: Functions that read axis 0 as the batch, by the number of axes at which they do.
_READS_A_BATCH = {
    **{f"{kind}{n}d": n + 2 for kind in ("conv", "conv_transpose") for n in (1, 2, 3)},
    **{f"{kind}_pool{n}d": n + 2 for kind in ("max", "avg", "adaptive_max", "adaptive_avg") for n in (1, 2, 3)},
    "batch_norm": 3,
    "instance_norm": 3,
    "group_norm": 3,
}


def regrouped(
    axes: tuple[tuple[Axis, ...], ...], sizes: tuple[int, ...]
) -> tuple[tuple[tuple[Axis, ...], ...], tuple[Axis, ...] | None]:
    """Lay axes out in other sizes, as view does.

    Splitting an axis and merging neighbours keeps the meaning. A cut through an axis whose pieces then go to
    different neighbours does not, where the sizes divide each other not at all, where the new axis is as long as
    the one it was cut from (so it was taken for that axis), and where the cases are cut.

    Args:
        axes: what the axes are made of.
        sizes: the new shape.

    Returns:
        What the new axes are made of; and, for a cut across axes, the parts that it put together, else None.

    Example:
        >>> batch, steps, features = (Axis(8, "given"),), (Axis(20),), (Axis(6),)
        >>> [regrouped((batch, steps, features), s)[1] is None for s in [(8, 120), (160, 6), (8, 20, 2, 3)]]
        [True, True, True]
        >>> [regrouped((batch, steps, features), s)[1] is None for s in [(8, 6, 20), (8, 10, 12)]]
        [False, True]
    """
    waiting = deque(part for axis in axes for part in axis)
    found: list[tuple[Axis, ...]] = []
    cut: list[Axis] = []
    for size in sizes:
        if size == 1:
            found.append((waiting.popleft(),) if waiting and waiting[0].size == 1 else (Axis(1),))
            continue
        parts, missing = [], size
        while missing > 1:
            while waiting and waiting[0].size == 1:
                waiting.popleft()
            part = waiting.popleft() if waiting else Axis(missing)
            if part.size > missing and part.size % missing == 0:
                outer, inner = part.cut(missing)
                waiting.appendleft(inner)
                cut.append(part)
                part = outer
            if part.size == 0 or missing % part.size:
                unknown = tuple((Axis(n),) for n in sizes[len(found) :])
                return (*found, *unknown), (*cut, *parts, part, *waiting) if part.size else None
            parts.append(part)
            missing //= part.size
        found.append(_together(parts))
    across = [axis for axis in found if any(_is_across(axis, part) for part in cut)]
    return tuple(found), tuple(part for axis in across for part in axis) or None


def _is_across(axis: tuple[Axis, ...], cut: Axis) -> bool:
    """Whether a new axis joins a piece of a cut axis with another, and cannot be meant to."""
    if len(axis) == 1 or not any(part.whole is cut for part in axis) or all(part.whole is cut for part in axis):
        return False
    is_cases = cut.kind == "given" and cut.place is not None and cut.place[1] == 0 and cut.before is None
    return is_cases or math.prod(part.size for part in axis) == cut.size


def _together(parts: list[Axis]) -> tuple[Axis, ...]:
    """Put the two pieces of an axis back together, where they stand side by side."""
    found: list[Axis] = []
    for part in parts:
        found.append(part)
        while len(found) > 1 and found[-1].whole and found[-1].whole is found[-2].whole:
            if found[-1].size * found[-2].size != found[-1].whole.size:
                break
            found[-2:] = [found[-1].whole]
    return tuple(found)


def _slid(layout: Layout, out: Any, ndim: int, weight: Any, visit: Any) -> Layout:
    batch = layout.axes[: ndim - weight.ndim + 1]
    slid = []
    for axis, size in zip(layout.axes[len(batch) + 1 :], out.shape[len(batch) + 1 :], strict=True):
        before = axis[0] if len(axis) == 1 else Axis(math.prod(part.size for part in axis))
        before.move()
        slid.append((Axis(size, "slid", before=before),))
    if visit is not None:
        visit.slid = slid[-1][0]
    return Layout((*batch, (Axis(out.shape[len(batch)], "channels"),), *slid))


def _multiplied(args: tuple, out: Any) -> Layout:
    a, b = layout_of(args[0]), layout_of(args[1])
    axes = [(Axis(size),) for size in out.shape]
    if args[0].ndim >= 2 and args[1].ndim >= 2:
        leading = a if a and len(a.axes) == out.ndim else b if b and len(b.axes) == out.ndim else None
        if leading:
            axes[:-2] = leading.axes[:-2]
        if a:
            axes[-2] = a.axes[-2]
        if b:
            axes[-1] = b.axes[-1]
    return Layout(tuple(axes), bool(a and a.turned) or bool(b and b.turned))


def _summed(args: tuple, out: Any) -> Layout:
    axes = [(Axis(size),) for size in out.shape]
    operands = args[1] if isinstance(args[1], tuple | list) else args[1:]
    if isinstance(args[0], str) and "->" in args[0] and "..." not in args[0]:
        left, right = args[0].replace(" ", "").split("->")
        for letters, operand in zip(left.split(","), operands, strict=True):
            layout = layout_of(operand)
            for letter, axis in zip(letters, layout.axes if layout else (), strict=bool(layout)):
                if letter in right:
                    axes[right.index(letter)] = axis
    return Layout(tuple(axes), turned=True)


def _stacked(layout: Layout, out: Any, dim: int | None) -> Layout:
    axes = list(layout.axes)
    dim = (dim or 0) % out.ndim
    axes.insert(dim, (Axis(out.shape[dim]),))
    return Layout(tuple(axes), layout.turned)


def _seen_through(layout: Layout, source: Any, out: Any) -> Layout:
    """The layout of a view that moves, drops, adds or cuts axes: strides tell which is which."""
    left = dict(enumerate(zip(source.shape, source.stride(), strict=True)))
    axes, order = [], []
    for size, stride in zip(out.shape, out.stride(), strict=True):
        same = [i for i, (n, step) in left.items() if step == stride and n == size]
        part = [i for i, (n, step) in left.items() if step and stride and stride % step == 0 and size < n]
        if same:
            axes.append(layout.axes[same[0]])
            order += same[:1] if size > 1 else []
            left.pop(same[0])
        elif (part and size > 1) or (part and left[max(part, key=lambda i: left[i][1])][1] == stride):
            nearest = max(part, key=lambda i: left[i][1])
            axes.append(_resized(layout.axes[nearest], size, trimmed=True))
            order.append(nearest)
        else:
            axes.append((Axis(size),))
    for i, place in zip(order, sorted(order), strict=True):
        for axis in layout.axes[i] if i != place else ():
            axis.move()
    return Layout(tuple(axes), layout.turned or order != sorted(order))


def _memory(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor._base is None else tensor._base


def _put_together(layouts: list[Layout]) -> None:
    """Note features that are put together with steps or channels: they are read as such."""
    for axes in zip(*(layout.axes for layout in layouts), strict=True) if len(layouts) > 1 else ():
        if any(part.kind != "features" for axis in axes for part in axis):
            for axis in axes:
                for part in axis:
                    part.move()


def _resized(axis: tuple[Axis, ...], size: int, joined: bool = False, trimmed: bool = False) -> tuple[Axis, ...]:
    if math.prod(part.size for part in axis) == size:
        return axis
    return (axis[0].resized(size, joined, trimmed),) if len(axis) == 1 else (Axis(size, joined=joined),)


def _reduced(layout: Layout, out: Any, ndim: int, dim: Any) -> Layout:
    dims = {d % ndim for d in numbers(dim)}
    kept = [axis for i, axis in enumerate(layout.axes) if i not in dims]
    if len(kept) == out.ndim:
        return Layout(tuple(kept), layout.turned)
    if out.ndim == ndim:
        return Layout(tuple((Axis(1),) if i in dims else a for i, a in enumerate(layout.axes)), layout.turned)
    return Layout(tuple((Axis(size),) for size in out.shape))


def _broadcast(sources: list, out: Any) -> Layout:
    """Where the sizes fit from the right, each axis is that of a source which is as long."""
    axes = [(Axis(size),) for size in out.shape]
    fits = all(each.ndim <= out.ndim for each in sources) and all(
        n in (1, size) for each in sources for n, size in zip(each.shape[::-1], out.shape[::-1], strict=False)
    )
    if fits and torch.broadcast_shapes(*(each.shape for each in sources)) == out.shape:
        for each in reversed(sources):
            for i, axis in enumerate(layout_of(each).axes, out.ndim - each.ndim):
                if math.prod(part.size for part in axis) == out.shape[i]:
                    axes[i] = axis
    return Layout(tuple(axes), any(layout_of(each).turned for each in sources))


def _batch_axis(name: str, args: tuple, x: torch.Tensor, visit: Any) -> int | None:
    """Which axis a function takes for the batch, where it leaves no doubt: batch_first=False may be forgotten."""
    if x.ndim == _READS_A_BATCH.get(name) or (name in RECURRENT and x.ndim == 3 and args[-1] is True):
        return 0
    if name == "multi_head_attention_forward" and x.ndim == 3 and getattr(visit.module, "batch_first", False):
        return 1
    return None


def _is_the_users() -> bool:
    """Whether the user's own code made the call, and not torch inside a layer of its own."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    return frame is not None and not frame.f_code.co_filename.startswith(_TORCH)
