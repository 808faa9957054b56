"""Does a view keep the axes whole, or cut across them?"""

from collections.abc import Iterator
from itertools import permutations

from ..flow import Recut
from ..note import Ran, at_line, note

_MIXES = "Values move between the cases: on a copy with one case changed, outputs of others changed too. "


@note("output")
def view_recut(ran: Ran) -> Iterator[str]:
    """A view or reshape cuts across the axes in place of turning them.

    Example:
        >>> class Viewing(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(5, 8, 3)
        ...
        ...     def forward(self, x):
        ...         n, steps, features = x.shape
        ...         return self.conv(x.view(n, features, steps))
        >>> explain(Viewing(), (4, 20, 5)).notes[0].code
        'view_recut'
    """
    for cut in confirmed(ran):
        yield (
            f"{cut.name}{at_line(cut.line)} makes {cut.new} of {cut.old}: seen by the sizes, it neither splits an "
            f"axis nor merges neighbours, but deals the same row of numbers out anew, across the axes. "
            f"{_MIXES if cut.cases and ran.probe.mixed else ''}{_meant(cut)}"
        )


def confirmed(ran: Ran) -> list[Recut]:
    """The views that cut across axes for other numbers of cases too, or that mix the cases."""
    again = ran.probe.run_of_few if ran.flow.recuts else None

    def is_no_chance(cut: Recut) -> bool:
        if again is None:
            return True
        if cut.cases:
            return ran.probe.mixed is not None
        return any(_is_same(cut, other) for other in again.run.flow.recuts)

    return [cut for cut in dict.fromkeys(ran.flow.recuts) if is_no_chance(cut)]


def _is_same(one: Recut, other: Recut) -> bool:
    return (one.name, one.line, len(one.old), len(one.new)) == (
        other.name,
        other.line,
        len(other.old),
        len(other.new),
    )


def _meant(cut: Recut) -> str:
    """What would keep the values with their axes."""
    if len(cut.old) == len(cut.new) and sorted(cut.old) == sorted(cut.new):
        orders = (o for o in permutations(range(len(cut.old))) if tuple(cut.old[i] for i in o) == cut.new)
        order = ", ".join(map(str, next(orders)))
        return f"If axes are to change places, it is permute({order})."
    return "If axes are to change places, permute them first; view only splits and merges neighbours."
