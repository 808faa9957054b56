"""Is each prediction compared with its own target?"""

from collections.abc import Iterator

from ..causes.losses import loss_broadcast
from ..note import Ran, at_line, note


@note("output", same_as=loss_broadcast)
def broadcast_inside(ran: Ran) -> Iterator[str]:
    """A loss inside the model broadcasts its prediction against its target.

    Example:
        >>> class Critic(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.value = nn.Conv1d(4, 1, 9)
        ...
        ...     def forward(self, x, target):
        ...         return nn.functional.mse_loss(self.value(x).flatten(1), target)
        >>> print(explain(Critic(), ((6, 4, 9), (6,))).notes[0].code)
        loss_broadcast
        >>> explain(Critic(), ((6, 4, 9), (6, 1))).notes, explain(Critic(), ((6, 4, 9), ())).notes
        ([], [])
    """
    for each in dict.fromkeys(ran.flow.compared):
        words = loss_broadcast(each.name, each.prediction, each.target).removesuffix(".")
        yield (
            f"{words}{at_line(each.line)}. Give both one shape: name the axis in squeeze or unsqueeze, or sum "
            "over what is one too many. Seen by the shapes that it was given."
        )
