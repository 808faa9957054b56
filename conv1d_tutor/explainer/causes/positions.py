"""Does a table of positions have as many rows as there are steps?"""

from collections.abc import Iterator
from typing import NamedTuple

from torch import nn

from ..cause import Repair, When, cause, means
from ..lengths import least_that
from ..run import Edit, Shape, resized
from ..situation import Situation
from ..source import attribute

_WHEN = When(kinds=("add",))
#: The longest input that is tried.
_MOST = 1 << 22


class Table(NamedTuple):
    """A tensor of the model's own that met the signal.

    Attributes:
        path: its path in the model.
        learned: whether it is a parameter.
        axis: the axis of it that does not fit.
        rows: its size there.
        steps: how many there are of the signal.
    """

    path: str
    learned: bool
    axis: int
    rows: int
    steps: int


@cause(_WHEN)
def fixed_positions(at: Situation) -> Iterator[Repair]:
    """A table of positions has another number of rows than there are steps.

    Example:
        >>> class Positions(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(8, 16, 3, stride=2, padding=1)
        ...         self.table = nn.Parameter(torch.zeros(1, 16, 300))
        ...
        ...     def forward(self, x):
        ...         return self.conv(x) + self.table
        >>> text = explain(Positions(), (2, 8, 100)).text
        >>> "layer(F.pad(x, (0, 500)))" in text, "layer.table[:, :, :50]" in text
        (True, True)
    """
    table = table_of(at)
    if table is None or _fits_the_input(at, table):
        return
    few = table.steps < table.rows
    found = _length_for(at, table)
    if found:
        axis, length = found
        more = length - at.x[axis]
        what = f"pad the input to {length} steps" if few else f"cut the input to {length} steps"
        words = (
            f"the model always adds all {table.rows} rows of {table.path!r}: {what}, so that exactly "
            f"{table.rows} come out, as a model wants it that was trained so"
        )
        # What is cut off may be wanted, and what is looked up may be looked up for fewer steps.
        other = few and not _is_looked_up(at, table)
        yield Repair(words, whole=resized(len(at.x), axis, more).source, certain=few, doubtful=not other)
    if few and not _is_looked_up(at, table):
        part = f"[{':, ' * table.axis}:{table.steps}]"
        words = (
            f"only the first {table.steps} rows of {table.path!r} belong to these {table.steps} steps: add no more"
        )
        source = f"nn.Parameter({{}}{part})" if table.learned else f"{{}}{part}"
        name = attribute(table.path)
        cure = f"in forward: {name}{part} for {name}"
        yield Repair(words, edits=(Edit("set", source, table.path),), cure=cure, certain=True)


@means(fixed_positions, _WHEN)
def table_met_steps(at: Situation) -> str:
    """What torch means by refusing to add a table."""
    table = table_of(at)
    if table is None:
        return ""
    return f"a table of {table.rows} rows, {table.path!r}, is added to {table.steps} steps.{at.line}"


def table_of(at: Situation) -> Table | None:
    """The table of the model's own that was to be added, None if none was."""
    if at.visit is None or len(at.failure.shapes) != 2:
        return None
    tensors = [*at.run.model.named_parameters(), *at.run.model.named_buffers()]
    for index, shape in enumerate(at.failure.shapes):
        other = at.failure.shapes[1 - index]
        for path, tensor in tensors:
            if _bare(tuple(tensor.shape)) != _bare(shape) or len(_bare(shape)) < 2:
                continue
            pairs = list(zip(reversed(shape), reversed(other), strict=False))
            wrong = [
                back for back, (rows, steps) in enumerate(pairs, 1) if rows != steps and 1 not in (rows, steps)
            ]
            if len(wrong) == 1:
                rows, steps = pairs[wrong[0] - 1]
                return Table(path, isinstance(tensor, nn.Parameter), tensor.ndim - wrong[0], rows, steps)
    return None


def _bare(shape: Shape) -> Shape:
    """A shape without axes of size 1 in front."""
    while shape[:1] == (1,):
        shape = shape[1:]
    return shape


def _fits_the_input(at: Situation, table: Table) -> bool:
    """Whether the table is made for the input as it is, and a layer without a stride changed the length."""
    return table.rows in at.x[1:] and all(getattr(v.module, "stride", (1,)) in (1, (1,)) for v in at.before)


def _is_looked_up(at: Situation, table: Table) -> bool:
    """Whether the rows are looked up by numbers, which a shorter table would not have."""
    path, _, name = table.path.rpartition(".")
    return name == "weight" and any(visit.path == path for visit in at.run.visits)


def _length_for(at: Situation, table: Table) -> tuple[int, int] | None:
    """The axis of the input that is time, and its size with which as many steps come out as there are rows."""
    for axis in range(len(at.x) - 1, 0, -1):
        more = (_steps(at, axis, 2 * at.x[axis]) or 0) - table.steps
        if more <= 0:
            continue
        # So many samples of the input make one step: most often that tells the length at once.
        length = max(1, round(at.x[axis] / more)) * table.rows
        if length <= _MOST and _steps(at, axis, length) == table.rows:
            return axis, length
        least = least_that(lambda n, axis=axis: (_steps(at, axis, n) or 0) >= table.rows, 1, _MOST)
        return (axis, least) if least and _steps(at, axis, least) == table.rows else None
    return None


def _steps(at: Situation, axis: int, length: int) -> int | None:
    """How many steps met the table with an input of this length; all of its rows, if the model then runs."""
    run = at.subject.run((*at.edits, resized(len(at.x), axis, length - at.x[axis])))
    if run.failure is None:
        return table_of(at).rows
    table = table_of(Situation(at.subject, run))
    return table.steps if table else None
