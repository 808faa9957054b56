"""Why does a recurrent or attention layer refuse, or what comes after it?"""

from collections.abc import Iterator

from ..cause import MIXED, Repair, When, cause, cut_anew
from ..layers import RECURRENT
from ..run import Edit
from ..situation import Situation
from ..source import attribute
from .missing_axis import missing_channel_axis

_WHEN = When(RECURRENT, kinds=("rnn_features",))


@cause(
    _WHEN,
    tempts=cut_anew,
    avoid=MIXED,
)
def rnn_axis(at: Situation) -> Iterator[Repair]:
    """A recurrent or attention layer finds the features on the wrong axis.

    Example:
        >>> explain(nn.GRU(32, 16, batch_first=True), (8, 32, 9)).fix
        'layer(x.permute(0, 2, 1))'
    """
    layer = at.layer
    if len(at.shape) == 3 and at.shape[1] == layer.input_size:
        order, wants = "2, 0, 1", "(time, batch, features), as batch_first is False"
        if layer.batch_first:
            order, wants = "0, 2, 1", "(batch, time, features)"
        words = f"the {at.shape[1]} channels are axis 1, and {type(layer).__name__} reads {wants}"
        yield Repair(words, here=f"{{}}.permute({order})")


@cause(_WHEN, same_as=missing_channel_axis)
def missing_features_axis(at: Situation) -> Iterator[Repair]:
    """One value per step came without a features axis of 1.

    Example:
        >>> explain(nn.Sequential(nn.Flatten(), nn.LSTM(1, 4, batch_first=True)), (2, 1, 9)).problem
        'missing_channel_axis'
    """
    if len(at.shape) == 2 and not at.is_whole and at.shape[-1] != at.layer.input_size:
        words = f"{at.shape} has no features axis: one value per step is a features axis of 1"
        yield Repair(words, here="{}.unsqueeze(-1)")


@cause(_WHEN)
def rnn_features(at: Situation) -> Iterator[Repair]:
    """input_size of a recurrent layer is not the number of features.

    Example:
        >>> explain(nn.LSTM(6, 4, batch_first=True), (2, 9, 5)).fixes[0].expression
        'nn.LSTM(5, 4, batch_first=True)(x)'
    """
    found = at.shape[-1]
    words = f"the last axis has {found} features, so input_size={found}, not {at.layer.input_size}"
    yield Repair(words, layer={"input_size": found}, certain=at.contradicts_itself)


@cause(When(kinds=("embedding_dim",), axes=(3,)), same_as=rnn_axis)
def attention_axis(at: Situation) -> Iterator[Repair]:
    """Attention after a convolution reads the channels from the last axis.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(4, 8, 3), nn.TransformerEncoderLayer(8, 2, 16, batch_first=True))
        >>> explain(model, (2, 4, 50)).problem
        'rnn_axis'
    """
    if at.failure.numbers[0] == str(at.shape[1]):
        words = f"the {at.shape[1]} channels are axis 1, and attention reads them from the last axis"
        yield Repair(words, here="{}.permute(0, 2, 1)")


@cause(When(kinds=("tuple",)), harmless=True)
def tuple_output(at: Situation) -> Iterator[Repair]:
    """A recurrent layer hands on (output, state); the next layer wants the output.

    Example:
        >>> explain(nn.Sequential(nn.LSTM(9, 4), nn.Linear(4, 2)), (2, 4, 9)).problem
        'tuple_output'
    """
    words = "the layer before gives (output, state), a tuple; its first entry is the output"
    cure = f"in forward: h, _ = …, or h = h[0], before {attribute(at.entry)}" if at.path else ""
    yield Repair(words, edits=(Edit("before", "{}[0]", at.entry),), cure=cure)


@cause()
def nothing_returned() -> None:
    """A forward returns nothing: its return is missing.

    Example:
        >>> class Forgetful(nn.Module):
        ...     def forward(self, x):
        ...         x + 1
        >>> explain(nn.Sequential(Forgetful(), nn.Conv1d(4, 2, 3)), (2, 4, 9)).problem
        'nothing_returned'
    """
