"""Which turn of the model's input would make the whole model run, with its own sizes?"""

from collections.abc import Iterator

from torch import nn

from ..cause import Repair, When, cause, means
from ..layers import CONVOLUTIONS
from ..situation import Situation
from .channels import channels_last
from .extra_axis import extra_axis
from .missing_axis import missing_channel_axis, missing_length_axis

#: Layers that fix what an axis must be; without one, that a turned input runs proves nothing.
_ANCHORS = (*CONVOLUTIONS, nn.Conv2d, nn.Linear, nn.RNNBase, nn.BatchNorm1d, nn.LayerNorm, nn.GroupNorm)
_UNLESS = ("device", "one_value")
_ROW = When(unless=_UNLESS, axes=(1,), whole=True)
_TABLE = When(unless=_UNLESS, axes=(2,), whole=True)
_BATCH = When(unless=_UNLESS, axes=(3,), whole=True)


@cause(_TABLE, twins="batch")
def missing_batch_axis(at: Situation) -> Iterator[Repair]:
    """One case came without a batch axis, and a later layer needs it.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(5, 8, 3), nn.Flatten(), nn.Linear(376, 2))
        >>> explain(model, (5, 49)).fix
        'layer(x.unsqueeze(0))'
    """
    if _is_anchored(at):
        words = f"one case of {at.x[0]} × {at.x[1]} without a batch axis"
        yield Repair(words, whole="{}.unsqueeze(0)")


@cause(_ROW, same_as=missing_batch_axis)
def one_case(at: Situation) -> Iterator[Repair]:
    """The input is one case of a model that makes its channels itself, as an Embedding does.

    Example:
        >>> class Text(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.words, self.conv = nn.Embedding(50, 16), nn.Conv1d(16, 8, 3)
        ...
        ...     def forward(self, x):
        ...         return self.conv(self.words(x).permute(0, 2, 1))
        >>> explain(Text(), torch.ones(20, dtype=torch.int64)).fix
        'layer(x.unsqueeze(0))'
    """
    # A layer that saw x as it is would read the new axis as its channels.
    if _is_anchored(at) and not at.untouched:
        yield Repair(f"one case of {at.x[0]} values without a batch axis", whole="{}.unsqueeze(0)")


@cause(_ROW, same_as=missing_channel_axis)
def one_signal(at: Situation) -> Iterator[Repair]:
    """The input is one signal of one channel.

    Example:
        >>> explain(nn.Conv1d(1, 8, 5), (16000,)).fix
        'layer(x.unsqueeze(0).unsqueeze(0))'
    """
    if _is_anchored(at):
        yield Repair("one signal without batch and channel axis", whole="{}.unsqueeze(0).unsqueeze(0)")


@cause(_TABLE, same_as=missing_channel_axis)
def signals_of_one_channel(at: Situation) -> Iterator[Repair]:
    """The input are signals of one channel, without an axis for it.

    Example:
        >>> explain(nn.Sequential(nn.AvgPool1d(2), nn.Conv1d(1, 8, 3)), (4, 100)).fix
        'layer(x.unsqueeze(1))'
    """
    if _is_anchored(at):
        cases, steps = at.x
        words = f"{cases} cases of one channel and {steps} steps; the channel axis is missing between"
        # Where no layer has one channel, that it runs may be chance.
        one = any(isinstance(m, CONVOLUTIONS) and m.in_channels == 1 for m in at.run.model.modules())
        yield Repair(words, whole="{}.unsqueeze(1)", doubtful=steps == 1 or not one)


@cause(_ROW, same_as=missing_length_axis)
def one_row_of_features(at: Situation) -> Iterator[Repair]:
    """The input is one case with features and no time.

    Example:
        >>> explain(nn.Conv1d(5, 8, 1), (5,)).problem
        'missing_length_axis'
    """
    if at.x[0] == getattr(at.layer, "in_channels", None) != 1 and _is_anchored(at):
        words = f"one case with {at.x[0]} channels and no time: a batch of one, with a length of 1"
        yield Repair(words, whole="{}.unsqueeze(0).unsqueeze(-1)")


@cause(_TABLE, same_as=channels_last)
def one_recording(at: Situation) -> Iterator[Repair]:
    """The input is one recording, its channels last.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(4, 16, 3), nn.Flatten(), nn.Linear(16 * 98, 2))
        >>> explain(model, (100, 4)).fix
        'layer(x.T.unsqueeze(0))'
    """
    if _is_anchored(at):
        steps, channels = at.x
        words = f"one case of {steps} steps and {channels} channels: "
        words += "channels stand last, and the batch axis is missing"
        yield Repair(words, whole="{}.T.unsqueeze(0)")


@cause(_TABLE, same_as=channels_last)
def turned_table(at: Situation) -> Iterator[Repair]:
    """The model adds the batch axis itself, and wants the two axes the other way round.

    Example:
        >>> class Batching(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(80, 8, 5)
        ...
        ...     def forward(self, x):
        ...         return self.conv(x.T.unsqueeze(0))
        >>> explain(Batching(), (80, 1473)).fix
        'layer(x.T)'
    """
    if len(at.shape) == 3 and _is_anchored(at):
        words = f"the model adds the batch axis itself, and {at.x} has its two axes the other way round"
        yield Repair(words, whole="{}.T")


@cause(_TABLE, same_as=missing_channel_axis)
def signals_of_one_channel_last(at: Situation) -> Iterator[Repair]:
    """The model wants channels last, and the one channel has no axis.

    Example:
        >>> class Turning(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(1, 8, 3)
        ...
        ...     def forward(self, x):
        ...         return self.conv(x.permute(0, 2, 1))
        >>> explain(Turning(), (8, 30)).fix
        'layer(x.unsqueeze(-1))'
    """
    if _is_anchored(at):
        cases, steps = at.x
        words = f"{cases} cases of one channel and {steps} steps, channels last"
        yield Repair(words, whole="{}.unsqueeze(-1)")


@cause(_BATCH, twins="turned")
def turned_twice(at: Situation) -> Iterator[Repair]:
    """The model turns its input itself, and the data were turned already.

    Example:
        >>> class Turning(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(6, 8, 3)
        ...
        ...     def forward(self, x):
        ...         return self.conv(x.permute(0, 2, 1))
        >>> found = explain(Turning(), (4, 6, 50))
        >>> found.problem, found.fix
        ('turned_twice', 'layer(x.permute(0, 2, 1))')
    """
    if _is_anchored(at) and _turns_itself(at):
        cases, channels, steps = at.x
        words = (
            f"the model turns its input itself, so it wants (batch, time, channels), and x is (batch {cases}, "
            f"channels {channels}, time {steps}) already: give it x turned, or take the turn out of forward"
        )
        yield Repair(words, certain=True, whole="{}.permute(0, 2, 1)")


@cause(_BATCH, same_as=channels_last)
def recordings(at: Situation) -> Iterator[Repair]:
    """The input is a batch of recordings, their channels last.

    Example:
        >>> model = nn.Sequential(nn.AvgPool1d(2), nn.Conv1d(4, 8, 3))
        >>> explain(model, (2, 30, 4)).fix
        'layer(x.permute(0, 2, 1))'
    """
    if _is_anchored(at) and not _turns_itself(at):
        words = f"(batch {at.x[0]}, time {at.x[1]}, channels {at.x[2]}): channels stand last"
        yield Repair(words, whole="{}.permute(0, 2, 1)")


@cause(When(unless=_UNLESS, axes=(3, 4), whole=True), same_as=extra_axis)
def one_too_many(at: Situation) -> Iterator[Repair]:
    """An axis of size 1 that the model has no place for.

    Example:
        >>> class Text(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.words, self.conv = nn.Embedding(50, 16), nn.Conv1d(16, 8, 3)
        ...
        ...     def forward(self, x):
        ...         return self.conv(self.words(x).permute(0, 2, 1))
        >>> explain(Text(), torch.ones(4, 20, 1, dtype=torch.int64)).fix
        'layer(x.squeeze(2))'
    """
    batch = len(at.x) == 3
    if not _is_anchored(at):
        return
    for axis in (1, 2, 0) if batch else (1, 3, 2, 0):
        if at.x[axis] == 1:
            words = f"axis {axis} of size 1 is one too many"
            yield Repair(words, whole=f"{{}}.squeeze({axis})")


def _is_anchored(at: Situation) -> bool:
    """Whether a layer of the model fixes what an axis must be."""
    return bool(at.run.visits) and any(isinstance(module, _ANCHORS) for module in at.run.model.modules())


def _turns_itself(at: Situation) -> bool:
    return not at.untouched and not at.before and at.shape == (at.x[0], at.x[2], at.x[1])


@means(missing_batch_axis, When(CONVOLUTIONS, unless=("dtype",), axes=(2,)), last=True)
def two_axes(at: Situation) -> str:
    """What torch means by refusing a table."""
    return (
        f"a 2-D input is read as one case (C, L), so its first axis, {at.shape[0]}, must be "
        f"in_channels={at.layer.in_channels}"
    )
