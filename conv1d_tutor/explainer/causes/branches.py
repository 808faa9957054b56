"""Why do two branches of a model not meet, in an addition or a concatenation?"""

from collections.abc import Iterator

from torch import nn

from ..cause import Repair, When, cause, means
from ..lengths import next_length
from ..run import Edit
from ..situation import Situation
from ..source import built
from .positions import table_of

_WHEN = When(kinds=("add", "cat"))


@cause(_WHEN)
def length_mismatch(at: Situation) -> Iterator[Repair]:
    """Branches of different length meet in an addition or concatenation.

    Example:
        >>> class Residual(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(8, 8, 3)
        ...
        ...     def forward(self, x):
        ...         return self.conv(x) + x
        >>> "padding='same' keeps the length" in explain(Residual(), (1, 8, 50)).text
        True
    """
    edits, said = [], []
    for visit in at.before:
        slides = isinstance(visit.module, nn.Conv1d) and len(visit.inputs[0]) == len(visit.output)
        if not slides or visit.module.stride != (1,) or visit.output[-1] == visit.inputs[0][-1]:
            continue
        new = built(visit.module, padding="same")
        if visit.path and new:
            edits.append(Edit("layer", new, visit.path))
            said.append(f"{visit.path!r} makes {visit.output[-1]} of {visit.inputs[0][-1]} samples")
    if edits:
        words = f"both sides must have the same length, and {'; '.join(said)}. padding='same' keeps the length"
        # Where another length helps, the data may be what is wrong.
        yield Repair(words, edits=tuple(dict.fromkeys(edits)), certain=next_length(at) is None)


@cause(_WHEN, same_as=length_mismatch)
def remainder_of_a_stride(at: Situation) -> Iterator[Repair]:
    """A stride dropped a remainder in one branch.

    Example:
        >>> class Downsampling(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.pool, self.conv = nn.AvgPool1d(2), nn.Conv1d(4, 4, 3, stride=2, padding=1)
        ...
        ...     def forward(self, x):
        ...         return self.pool(x) + self.conv(x)
        >>> explain(Downsampling(), (2, 4, 69)).fixes[0].expression
        'layer(F.pad(x, (0, 1)))'
    """
    length = next_length(at)
    if length:
        words = (
            f"a stride drops a remainder of some lengths; with {length} samples in place of {at.x[-1]} the "
            "branches meet. Pad the data to such a length"
        )
        yield Repair(words, whole=f"F.pad({{}}, (0, {length - at.x[-1]}))")


@cause(_WHEN, same_as=length_mismatch)
def stride_of_a_branch(at: Situation) -> Iterator[Repair]:
    """One branch has a stride, and the other has none.

    Example:
        >>> class Shortcut(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.short = nn.Conv1d(8, 8, 3, stride=2, padding=1), nn.Conv1d(8, 8, 1)
        ...
        ...     def forward(self, x):
        ...         return self.conv(x) + self.short(x)
        >>> for fix in explain(Shortcut(), (4, 8, 50)).fixes:
        ...     print(fix.expression)
        (layer.set_submodule('short', nn.Conv1d(8, 8, 1, stride=2)), layer(x))[-1]
        (layer.set_submodule('conv', nn.Conv1d(8, 8, 3, padding=1)), layer(x))[-1]
    """
    slid = [v for v in at.before if isinstance(v.module, nn.Conv1d) and v.path and len(v.output) == 3]
    strided = [v for v in slid if v.module.stride[0] > 1]
    for visit in slid:
        stride = strided[0].module.stride[0] if strided else 1
        alike = bool(strided) and visit.inputs == strided[0].inputs
        if alike and visit.module.stride == (1,) and visit.output[-1] > strided[0].output[-1]:
            words = f"{strided[0].path!r} has stride={stride}, so {visit.path!r} beside it needs the same"
            new = built(visit.module, stride=stride)
            yield Repair(words, edits=(Edit("layer", new, visit.path),), when="is the signal to become shorter?")
            words = f"{visit.path!r} keeps every step, so {strided[0].path!r} beside it must have no stride"
            new = built(strided[0].module, stride=1)
            yield Repair(words, edits=(Edit("layer", new, strided[0].path),))


@means(length_mismatch, _WHEN)
def branches_meet(at: Situation) -> str:
    """What torch means by refusing to add or join two tensors."""
    if table_of(at):
        return ""
    shapes = " and ".join(map(str, at.failure.shapes)) or "different shapes"
    return (
        f"{at.failure.function} met tensors of {shapes}: the branches that meet there have different lengths or "
        f"channels. Give every branch the same padding rule, or cut the longer one.{at.line}"
    )
