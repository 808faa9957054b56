"""Did a squeeze take the batch of one along, so that an axis is missing afterwards?"""

from collections.abc import Iterator

from ..cause import Repair, When, cause
from ..note import at_line
from ..run import Edit
from ..situation import Situation


@cause(When(unless=("device", "dtype"), whole=True))
def squeezed_batch(at: Situation) -> Iterator[Repair]:
    """A squeeze without an axis dropped the batch of one, and a later line misses it.

    Example:
        >>> class Pooling(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.score = nn.Conv1d(4, 8, 3), nn.Conv1d(8, 1, 1)
        ...
        ...     def forward(self, x):
        ...         h = self.conv(x)
        ...         weights = torch.softmax(self.score(h).squeeze(), dim=1)
        ...         return (h * weights.unsqueeze(1)).sum(2)
        >>> found = explain(Pooling(), (1, 4, 30))
        >>> found.problem, found.fix, explain(Pooling(), (2, 4, 30)).ok
        ('squeezed_batch', 'layer(torch.cat([x, x]))[:1]', True)
    """
    dropped = next((each for each in at.run.flow.squeezes if each.bare and each.old[:1] == (1,)), None)
    if dropped is None or at.x[:1] != (1,):
        return
    words = (
        f"squeeze(){at_line(dropped.line)} made {dropped.new} of {dropped.old} and took the batch of one along. "
        "Name the axis that is to go, squeeze(-1) for the last; until then the case can be given twice"
    )
    cure = "squeeze(-1), or whichever axis of size 1 is to go, in place of squeeze()"
    yield Repair(words, whole="torch.cat([{0}, {0}])", edits=(Edit("after", "{}[:1]"),), certain=True, cure=cure)
