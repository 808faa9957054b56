"""Why does a norm refuse? It counts channels, and they stand on an axis of their own."""

from collections.abc import Iterator

from torch import nn

from ..cause import Repair, When, cause, means
from ..layers import BATCH_NORMS
from ..run import Edit
from ..situation import Situation
from ..source import attribute, built
from .extra_axis import extra_axis
from .whole_input import missing_batch_axis

_FEATURES = When(BATCH_NORMS, unless=("one_value", "norm_axes"))
_TURN = "{}.permute(0, 2, 1)"


@cause(When(kinds=("one_value",)))
def one_value_per_channel(at: Situation) -> Iterator[Repair]:
    """BatchNorm in training needs more than one value per channel.

    Example:
        >>> explain(nn.BatchNorm1d(100), (1, 100)).fix
        'layer.eval()(x)'
    """
    words = (
        f"in training every channel is normalised by its mean over batch and length, and {at.shape} has one "
        "value per channel. For a prediction switch to eval(); in training use a batch of at least 2 "
        "(DataLoader(drop_last=True))"
    )
    yield Repair(words, edits=(Edit("layer", "layer.eval()"),))


@means(one_value_per_channel, When(BATCH_NORMS, kinds=("one_value",)))
def no_statistics_kept(at: Situation) -> str:
    """What torch means where the norm is in eval mode already.

    Example:
        >>> "in eval mode too" in explain(nn.BatchNorm1d(8, track_running_stats=False).eval(), (1, 8)).text
        True
    """
    if at.layer.training or at.layer.running_mean is not None:
        return ""
    return (
        "with track_running_stats=False the norm keeps no mean, so it takes that of the batch in eval mode too, "
        f"and {at.shape} has one value per channel. Give it a batch of at least 2 cases, or build the norm with "
        "its statistics, and train it so"
    )


@cause(When(BATCH_NORMS, kinds=("norm_axes",), axes=(1,)), same_as=missing_batch_axis)
def squeezed_batch(at: Situation) -> Iterator[Repair]:
    """A squeeze() dropped a batch of one.

    Example:
        >>> class Squeezing(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.norm = nn.Conv1d(5, 8, 20), nn.BatchNorm1d(8)
        ...
        ...     def forward(self, x):
        ...         return self.norm(self.conv(x).squeeze())
        >>> explain(Squeezing().eval(), (1, 5, 20)).problem
        'missing_batch_axis'
    """
    yield Repair("a squeeze() also dropped the batch axis of size 1", here="{}.unsqueeze(0)")


@cause(When(BATCH_NORMS, kinds=("norm_axes",), axes=(4,)), same_as=extra_axis)
def one_before_the_norm(at: Situation) -> Iterator[Repair]:
    """An axis of size 1 too many before a norm.

    Example:
        >>> explain(nn.BatchNorm1d(8), (4, 8, 1, 30)).fix
        'layer(x.squeeze(2))'
    """
    for axis, size in enumerate(at.shape):
        if size == 1:
            yield Repair(f"axis {axis} has size 1 and is one axis too many", here=f"{{}}.squeeze({axis})")


@cause(_FEATURES, same_as=extra_axis)
def one_step_of_features(at: Situation) -> Iterator[Repair]:
    """Features stand last, and before them an axis of size 1 that is one too many.

    Example:
        >>> explain(nn.Sequential(nn.Linear(300, 100), nn.BatchNorm1d(100)), (2, 1, 300)).fix
        'layer(x.squeeze(1))'
    """
    if at.shape[1:] == (1, at.layer.num_features) and at.layer.num_features > 1:
        words = f"axis 1 has size 1 and the {at.shape[2]} features stand last: one axis is too many"
        squeezed = "{}.squeeze(1)"
        yield Repair(words, whole=squeezed) if at.x[1:2] == (1,) else Repair(words, here=squeezed)


@cause(
    _FEATURES,
    tempts=lambda at, repair: (Edit("layer", built(at.layer, num_features=at.shape[1]), at.path),),
    avoid="it normalises every time step by itself",
)
def norm_axis(at: Situation) -> Iterator[Repair]:
    """A norm layer works on another axis than the channels.

    Example:
        >>> explain(nn.BatchNorm1d(8), (32, 47, 8)).fix
        'layer(x.permute(0, 2, 1))'
    """
    if _channels_stand_last(at):
        features = at.layer.num_features
        why = f"num_features={features} is axis 2: channels stand last, and this layer wants axis 1"
        yield from _turned(at, why)


@cause(_FEATURES)
def norm_features(at: Situation) -> Iterator[Repair]:
    """The number of features of a norm layer is not the number of channels.

    Example:
        >>> explain(nn.Sequential(nn.Conv1d(4, 32, 3), nn.BatchNorm1d(64)), (2, 4, 10)).problem
        'norm_features'
    """
    if len(at.shape) >= 2:
        channels, features = at.shape[1], at.layer.num_features
        words = f"axis 1 is the channels and has {channels}, so num_features={channels}, not {features}"
        if at.shape[2:] == (features,) and at.channels_are_first:
            words += f"; {features} is the length"
        yield Repair(words, layer={"num_features": channels}, certain=at.contradicts_itself)


def _channels_stand_last(at: Situation) -> bool:
    """Whether the features are the last axis; not if num_features may have been set to the length."""
    if len(at.shape) != 3 or at.shape[2] != at.layer.num_features or at.channels_are_first:
        return False
    _, channels, features = at.shape
    return channels > 3 or features <= 4 * channels


@cause(When((nn.LayerNorm,)), same_as=norm_axis)
def layer_norm(at: Situation) -> Iterator[Repair]:
    """A LayerNorm reads the last axes, and they are others.

    Example:
        >>> found = explain(nn.Sequential(nn.Conv1d(4, 8, 3), nn.LayerNorm(8)), (2, 4, 20))
        >>> "turn it before this layer and back after it" in found.text
        True
        >>> explain(nn.LayerNorm(8), (2, 4, 18)).fixes[0].expression
        'nn.LayerNorm(18)(x)'
        >>> "normalized_shape must be that" in explain(nn.LayerNorm([8, 20]), (2, 8, 18)).text
        True
    """
    shape, wanted = at.shape, at.layer.normalized_shape
    if len(wanted) == 1 and len(shape) == 3:
        if shape[1] == wanted[0]:
            why = f"LayerNorm({wanted[0]}) works on the last axis, and the {wanted[0]} channels are axis 1"
            yield from _turned(at, why)
        words = f"normalise over the last axis as it is, of size {shape[-1]}"
        yield Repair(words, layer={"normalized_shape": shape[-1]})
    if 1 < len(wanted) < len(shape):
        tail = list(shape[-len(wanted) :])
        words = f"the last axes are {tail}: normalized_shape must be that, and so holds for this length only"
        yield Repair(words, layer={"normalized_shape": tail})


@cause(When((nn.GroupNorm,), axes=range(2, 65)), same_as=norm_features)
def group_norm(at: Situation) -> Iterator[Repair]:
    """num_channels of a GroupNorm is not the number of channels.

    Example:
        >>> explain(nn.GroupNorm(2, 16), (2, 8, 18)).fixes[0].expression
        'nn.GroupNorm(2, 8)(x)'
    """
    channels = at.shape[1]
    if channels % at.layer.num_groups == 0:
        words = f"axis 1 has {channels} channels, so num_channels={channels}, not {at.layer.num_channels}"
        yield Repair(words, layer={"num_channels": channels}, certain=at.contradicts_itself)


def _turned(at: Situation, why: str) -> Iterator[Repair]:
    """Turn the tensor before a norm, and back after it where the rest of the model needs that."""
    if at.untouched:
        yield Repair(f"{why}; turn the data", here=_TURN)
    if at.is_whole:
        return
    name = attribute(at.path)
    cure = f"in forward: h = {name}(h.permute(0, 2, 1)).permute(0, 2, 1)"
    words = f"{why}; turn it before this layer and back after it"
    yield Repair(words, here=_TURN, edits=(Edit("after", _TURN, at.path),), cure=cure)
