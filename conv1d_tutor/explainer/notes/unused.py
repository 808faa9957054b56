"""Does every layer that runs do something for the output?"""

from collections.abc import Iterator

from ..note import Ran, at_line, note, title
from ..run import Visit


@note("output")
def result_unused(ran: Ran) -> Iterator[str]:
    """A layer runs, and nothing of its result reaches the output.

    Example:
        >>> class Forgetting(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.norm, self.fc = nn.Conv1d(4, 8, 3), nn.BatchNorm1d(8), nn.Linear(8, 2)
        ...
        ...     def forward(self, x):
        ...         h = self.conv(x)
        ...         self.norm(h)
        ...         return self.fc(h.mean(-1))
        >>> explain(Forgetting(), (2, 4, 9)).notes[0].code
        'result_unused'
    """
    alike: dict[tuple[type, str], list[Visit]] = {}
    for visit, line in ran.probe.unused():
        alike.setdefault((type(visit.module), line), []).append(visit)
    for (_, line), (first, *others) in alike.items():
        more = "".join(f", {visit.path!r}" for visit in others)
        learns = "; its weights get no gradient" if first.parameters else ""
        yield (
            f"{title(first)}{more} runs{at_line(line)}, and nothing of its result reaches the output{learns}. "
            "Seen on a copy: with NaN in place of its result the same comes out, in eval mode and in training. "
            "Assign the result, or let the next layer read it; if it is not wanted, leave the layer out."
        )
