"""Why does a Linear refuse what reaches it, and what was its in_features counted for?"""

import math
from collections.abc import Iterator
from typing import Any

from torch import nn

from ..cause import Repair, When, cause, remark
from ..layers import CONVOLUTIONS
from ..lengths import next_length
from ..run import Edit, Visit
from ..situation import Situation
from ..source import attribute, built

_WHEN = When((nn.Linear,), kinds=("linear",))


@cause(
    _WHEN,
    tempts=lambda at, repair: (Edit("layer", built(at.layer, in_features=at.shape[-1]), at.path),),
    avoid="the Linear then reads all cases of the batch at once, and no other batch size fits",
)
def flatten_batch(at: Situation) -> Iterator[Repair]:
    """A Flatten or view took the batch axis along.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(5, 8, 3), nn.Flatten(0), nn.Linear(376, 2))
        >>> "start_dim=1 keeps them" in explain(model, (32, 5, 49)).text
        True
        >>> class Viewing(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.fc = nn.Conv1d(5, 8, 3), nn.Linear(376, 2)
        ...
        ...     def forward(self, x):
        ...         return self.fc(self.conv(x).view(-1))
        >>> explain(Viewing(), (32, 5, 49)).problem
        'flatten_batch'
    """
    shape, wanted, batch = at.shape, at.layer.in_features, at.x[0] if at.x else 0
    flatten = next((v for v in at.before if isinstance(v.module, nn.Flatten) and v.module.start_dim == 0), None)
    if flatten is not None:
        cases = flatten.inputs[0][0]
        words = f"Flatten(start_dim=0) put the {cases} cases of the batch into one row; start_dim=1 keeps them"
        yield Repair(words, certain=True, edits=(Edit("layer", "nn.Flatten()", flatten.path),))
    elif batch > 1 and math.prod(shape) == batch * wanted and shape[0] != batch:
        words = (
            f"the {batch} cases of the batch were flattened together into {shape}; one row per case has {wanted} "
            "numbers, as in_features says"
        )
        before = attribute(at.path)
        cure = f"in forward keep axis 0: torch.flatten(h, 1), or h.view(h.size(0), -1), before {before}"
        yield Repair(words, here=f"{{}}.reshape({batch}, -1)", cure=cure)


@cause(_WHEN)
def missing_flatten(at: Situation) -> Iterator[Repair]:
    """A Flatten is missing before a Linear.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(5, 8, 3), nn.ReLU(), nn.Linear(376, 2))
        >>> explain(model, (32, 5, 49)).problem
        'missing_flatten'
    """
    wanted = at.layer.in_features
    if len(at.shape) >= 3 and math.prod(at.shape[1:]) == wanted != at.shape[1]:
        words = (
            f"in_features={wanted} is {' · '.join(map(str, at.shape[1:]))}: all values of a case in one row, so a "
            "Flatten is missing before it"
        )
        yield Repair(words, here="{}.flatten(1)")


@cause(_WHEN)
def linear_axis(at: Situation) -> Iterator[Repair]:
    """A Linear works on the last axis, and its features are another one.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(5, 8, 3), nn.AdaptiveAvgPool1d(1), nn.Linear(8, 2))
        >>> "drop the length of 1" in explain(model, (32, 5, 49)).text
        True
        >>> text = explain(nn.Sequential(nn.Conv1d(4, 64, 3), nn.Linear(64, 10)), (8, 4, 50)).text
        >>> "apply it at each of the 48 steps" in text and "take the mean over the 48 steps" in text
        True
        >>> explain(nn.Linear(10, 2), (10, 7)).text.count("the wrong way round")
        1
    """
    shape, wanted = at.shape, at.layer.in_features
    if len(shape) == 3 and shape[1] == wanted:
        length = shape[2]
        words = f"Linear works on the last axis, and in_features={wanted} is axis 1, the channels: "
        if length == 1:
            yield Repair(words + "drop the length of 1", here="{}.squeeze(-1)")
        else:
            words += f"turn it, to apply it at each of the {length} steps"
            yield Repair(words, here="{}.permute(0, 2, 1)", doubtful=not at.untouched)
        if length > 1 and not at.untouched:
            words = f"one answer per case is wanted: take the mean over the {length} steps before the Linear"
            yield Repair(words, here="{}.mean(dim=-1)", when="one answer for each step, or one for each case?")
    if len(shape) == 2 and shape[0] == wanted:
        yield Repair(f"in_features={wanted} is axis 0: the two axes stand the wrong way round", here="{}.T")


@cause(
    _WHEN,
    mechanical=True,
    tempts=lambda at, repair: (Edit("before", f"{{}}.reshape(-1, {at.layer.in_features})", at.entry),),
    avoid="it moves values from one case to the next, and the number of rows changes",
)
def linear_in_features(at: Situation) -> Iterator[Repair]:
    """in_features of a Linear is not the number of values that reach it.

    Example:
        >>> explain(nn.Sequential(nn.Conv1d(1, 16, 3), nn.Flatten(), nn.Linear(100, 10)), (5, 1, 10)).problem
        'linear_in_features'
    """
    found, source = at.shape[-1], _signals_before(at)
    if len(at.shape) == 2 and source and math.prod(source.output[1:]) == found:
        _, channels, length = source.output
        name = source.path or type(source.module).__name__
        words = (
            f"after {name!r} a case is channels {channels} × length {length}; flattened these are "
            f"{channels}·{length} = {found} numbers, so in_features={found}, not {at.layer.in_features}"
        )
    else:
        words = (
            f"the last axis of its input has {found} numbers, so in_features={found}, not {at.layer.in_features}"
        )
    fits_no_length = source is not None and at.layer.in_features % source.output[1] != 0
    yield Repair(words, layer={"in_features": found}, certain=fits_no_length or at.contradicts_itself)


@remark(linear_in_features)
def length_counted_for(at: Situation, readings: list[Any]) -> Iterator[str]:
    """The length that in_features was counted for, or one with which the model runs as it is.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(40, 16, 3), nn.Flatten(), nn.Linear(16 * 70, 8))
        >>> "counted for a length of 70" in explain(model, (1, 40, 498)).text
        True
        >>> "counted for" in explain(nn.Sequential(nn.Flatten(), nn.Linear(100, 8)), (5, 1, 498)).text
        False
    """
    source = _signals_before(at)
    if at.contradicts_itself:
        return
    if source and isinstance(at.layer, nn.Linear) and at.layer.in_features % source.output[1] == 0:
        length = at.layer.in_features // source.output[1]
        if any(isinstance(v.module, CONVOLUTIONS) for v in at.before) and source.output[-1] != length:
            yield (
                f"in_features={at.layer.in_features} was counted for a length of {length} there, and these data "
                f"come with {source.output[-1]}: if the model is finished and trained, bring data of the length "
                "it was made for"
            )
            return
    yield from length_that_runs(at, readings)


@remark(linear_in_features)
def rest_of_an_axis(at: Situation, readings: list[Any]) -> Iterator[str]:
    """A kernel that was to take an axis whole left some of it, because the data have more there.

    Example:
        >>> model = nn.Sequential(nn.Conv2d(1, 8, (22, 1)), nn.Flatten(), nn.Linear(8 * 100, 4))
        >>> "'0' has a kernel of 22 along axis 2 and leaves 5 of 26" in explain(model, (3, 1, 26, 100)).text
        True
    """
    for visit in at.before:
        layer = visit.module
        if type(layer) is not nn.Conv2d or len(visit.inputs[0]) != 4:
            continue
        sizes = zip(visit.inputs[0][2:], visit.output[2:], layer.kernel_size, strict=True)
        for axis, (size, left, taps) in enumerate(sizes, 2):
            if 1 < left == size - taps + 1 <= taps // 2:
                yield (
                    f"{visit.path!r} has a kernel of {taps} along axis {axis} and leaves {left} of {size}: if it "
                    f"is to take that axis whole, the model is made for {taps} there, and {size - taps} of these "
                    "are no data for it"
                )


def length_that_runs(at: Situation, readings: list[Any]) -> Iterator[str]:
    """The nearest length with which the model runs as it is.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(5, 8, 3), nn.Unflatten(2, (2, -1)))
        >>> "the model runs with a length of 50" in explain(model, (3, 5, 49)).text
        True
    """
    found = next_length(at, both_ways=True)
    if found:
        yield f"as it stands, the model runs with a length of {found[1]}"


def _signals_before(at: Situation) -> Visit | None:
    """The last layer that gave (batch, channels, length)."""
    return next((v for v in reversed(at.before) if v.output and len(v.output) == 3), None)
