"""Does every layer run, and do something for the output?"""

from collections import Counter
from collections.abc import Iterator

from torch import nn

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


@note("output")
def never_called(ran: Ran) -> Iterator[str]:
    """A layer never runs, and its neighbour of nearly the same name runs in its place.

    Example:
        >>> class Mistyped(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv1, self.conv2 = nn.Conv1d(4, 4, 3), nn.Conv1d(4, 4, 3)
        ...
        ...     def forward(self, x):
        ...         return self.conv2(self.conv2(x).relu())
        >>> explain(Mistyped(), (2, 4, 9)).notes[0].code
        'never_called'
    """
    calls = Counter(id(visit.module) for visit in ran.run.visits)
    for owner in ran.run.model.modules():
        alike: dict[tuple, list[tuple[str, nn.Module]]] = {}
        for name, layer in owner._modules.items() if calls[id(owner)] else ():
            if layer is not None and next(layer.parameters(), None) is not None:
                shapes = tuple(p.shape for p in layer.parameters())
                stem = "".join(letter for letter in name if not letter.isdigit())
                alike.setdefault((stem, type(layer), shapes), []).append((name, layer))
        for group in alike.values():
            idle = [name for name, layer in group if not any(calls[id(part)] for part in layer.modules())]
            busy = [(name, calls[id(layer)]) for name, layer in group if calls[id(layer)] > calls[id(owner)]]
            if idle and busy and len(group) > 1:
                name, times = busy[0]
                each = "" if calls[id(owner)] == 1 else f" in {calls[id(owner)]} calls of {type(owner).__name__}"
                yield (
                    f"{', '.join(map(repr, idle))} never runs, and {name!r}, which is built alike, runs {times} "
                    f"times{each}: if that is a slip of the name, {idle[0]!r} learns nothing. Seen by a run that "
                    "notes which layers are called."
                )
