"""Which rule of the model's own does the input break, and what satisfies it?"""

import ast
import itertools
import linecache
from collections.abc import Iterator

from ..cause import Repair, When, cause, means, remark
from ..lengths import least_that
from ..origin import raised_in
from ..run import Edit, resized
from ..search import Reading
from ..situation import Situation
from ..torch_says import whole_numbers

_WHEN = When(errors=(ValueError, AssertionError, RuntimeError, TypeError), whole=True)
#: From this many features on, an axis does not look like sound channels.
_FEATURES = 13
#: Sizes that a rule may ask for, besides those that the model's layers have, and those that its words name.
_SIZES = (1, 2, 3)
#: The longest input that is tried.
_LONGEST = 1 << 14


@cause(_WHEN)
def own_rule(at: Situation) -> Iterator[Repair]:
    """The model's own raise or assert refuses the input.

    Example:
        >>> class Mono(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(1, 8, 25)
        ...
        ...     def forward(self, x):
        ...         if x.shape[2] != 1:
        ...             raise ValueError("only mono waveforms")
        ...         return self.conv(x.permute(0, 2, 1))
        >>> explain(Mono(), (4, 1, 2000)).fix
        'layer(x.permute(0, 2, 1))'
        >>> explain(Mono(), (4, 2000, 59)).fix is None
        True
        >>> class Long(nn.Module):
        ...     def forward(self, x):
        ...         assert x.shape[-1] >= 57
        ...         return x
        >>> "the least length that it takes is 57" in explain(Long(), (4, 3, 20)).text.lower()
        True
        >>> class Fixed(nn.Module):
        ...     def forward(self, x):
        ...         if x.shape[-1] != 200:
        ...             raise ValueError("made for 200 steps")
        ...         return x
        >>> "It takes (4, 3, 200)" in explain(Fixed(), (4, 3, 20)).text
        True
    """
    if raised_in(at.failure.error) is None or at.failure.visit is None:
        return
    repairs = list(_other_shapes(at))
    yield from (repair for repair in repairs if not repair.doubtful)
    if not _is_satisfied(at):
        yield from (repair for repair in repairs if repair.doubtful)


def _other_shapes(at: Situation) -> Iterator[Repair]:
    """The input with its axes in another order, with one more or one less; doubtful where the batch moves."""
    for order in itertools.permutations(range(len(at.x))) if 2 <= len(at.x) <= 3 else ():
        if order != tuple(range(len(at.x))):
            turned = tuple(at.x[axis] for axis in order)
            words = f"the rule is satisfied by the same axes in another order, {turned}"
            yield Repair(words, whole=f"{{}}.permute{order}", doubtful=order[0] != 0 and len(order) == 3)
    for axis, size in enumerate(at.x):
        if size == 1 and len(at.x) > 2:
            yield Repair(f"the rule is satisfied without axis {axis}, of size 1", whole=f"{{}}.squeeze({axis})")
    if len(at.x) < 4:
        for axis in range(len(at.x) + 1):
            words = f"the rule is satisfied with one more axis, of size 1, at place {axis}"
            yield Repair(words, whole=f"{{}}.unsqueeze({axis})", doubtful=axis == len(at.x))


def _is_satisfied(at: Situation) -> bool:
    """Whether the rule is satisfied by another shape of the input that leaves its batch in place."""
    turns = (repair.whole for repair in _other_shapes(at) if not repair.doubtful)
    return any(at.subject.run((Edit("input", turn),)).failure is None for turn in turns)


@means(own_rule, _WHEN)
def rule_of_the_model(at: Situation) -> str:
    """What the model's own rule asks for, as far as its source and its behaviour show it."""
    frame = raised_in(at.failure.error)
    if frame is None or at.failure.visit is None:
        return ""
    is_turned = _is_satisfied(at)
    fits, rule = None if is_turned else _shape_that_fits(at), _rule(frame.f_code.co_filename, frame.f_lineno)
    said = f"the model's own code refuses the input{f', by the rule: {rule}' if rule else ''}"
    if fits:
        axis, size = fits
        shape = (*at.x[:axis], size, *at.x[axis + 1 :])
        takes = f"It takes {shape}: axis {axis} must have the size {size}, and x has {at.x[axis]}"
    else:
        least = None if is_turned else _least_length(at)
        takes = f"The least length that it takes is {least}, and x has {at.x[-1]}" if least else ""
    # If neither its source, nor a turn, nor a size tells, it may be about anything.
    return f"{said}{f'. {takes}' if takes else ''}.{at.line}" if rule or is_turned or takes else ""


@remark(own_rule)
def no_turn_satisfies_it(at: Situation, readings: list[Reading]) -> Iterator[str]:
    """What decides, where no other order of the axes is what the rule wants."""
    fits = None if readings else _shape_that_fits(at)
    if fits is None:
        return
    axis, size = fits
    yield f"no order of the axes of {at.x} has {size} in that place, so these are other data than the model is for"
    if size <= 2 and at.x[axis] >= _FEATURES:
        yield (
            f"{at.x[axis]} numbers for each step look like features (MFCC, mel bands), and {size} like the "
            "channels of the wave itself: what decides is where x comes from; leave the feature extraction out, "
            "if there is one"
        )


def _rule(name: str, number: int) -> str:
    """The condition on a shape under which a line raises, as it is written; "" if there is none."""
    try:
        tree = ast.parse("".join(linecache.getlines(name)))
    except SyntaxError:
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.lineno <= number <= (node.end_lineno or number):
            return f"assert {ast.unparse(node.test)}" if _asks_for_a_shape(node.test) else ""
        lines = {one.lineno for one in node.body if isinstance(one, ast.Raise)} if isinstance(node, ast.If) else ()
        if number in lines:
            return f"if {ast.unparse(node.test)}: raise" if _asks_for_a_shape(node.test) else ""
    return ""


def _asks_for_a_shape(test: ast.expr) -> bool:
    named = {getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(test)}
    return not named.isdisjoint(("shape", "size", "dim", "ndim", "len"))


def _shape_that_fits(at: Situation) -> tuple[int, int] | None:
    """One axis of the input, and the size of it with which the whole model runs; None if there is none."""
    channels = (getattr(module, "in_channels", None) for module in at.run.model.modules())
    named = (size for size in whole_numbers(at.failure.message) if size <= _LONGEST)
    sizes = dict.fromkeys((*named, *_SIZES, *(size for size in channels if size), *at.x))
    for axis in range(len(at.x) - 1, -1, -1):
        for size in sizes:
            edit = resized(len(at.x), axis, size - at.x[axis])
            if size != at.x[axis] and at.subject.run((*at.edits, edit)).failure is None:
                return axis, size
    return None


def _least_length(at: Situation) -> int | None:
    """The least length of the input with which the whole model runs, and with longer ones, too."""

    def edits(length: int) -> tuple[Edit, ...]:
        return (*at.edits, resized(len(at.x), len(at.x) - 1, length - at.x[-1]))

    least = least_that(lambda length: at.subject.passes(edits(length)), at.x[-1] * 2 or 1, _LONGEST)
    runs = least and at.subject.passes(edits(least + 1)) and at.subject.run(edits(least)).failure is None
    return least if runs else None
