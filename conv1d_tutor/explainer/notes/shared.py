"""Are several layers that stand in a row really several?"""

from collections.abc import Iterator

from torch import nn

from ..note import Ran, note
from ..run import Visit


@note("output")
def same_layer(ran: Ran) -> Iterator[str]:
    """One layer stands in a row several times, so that its calls share their weights.

    Example:
        >>> stack = nn.Sequential(*[nn.Conv1d(4, 4, 3)] * 3)
        >>> explain(stack, (2, 4, 9)).notes[0].code
        'same_layer'
    """
    calls: dict[str, list[Visit]] = {}
    for visit in ran.run.visits:
        calls.setdefault(visit.path, []).append(visit)
    for path, row in ran.subject.model.named_modules():
        places: dict[nn.Module, list[str]] = {}
        for name, layer in row._modules.items() if isinstance(row, nn.Sequential | nn.ModuleList) else ():
            places.setdefault(layer, []).append(f"{path}.{name}".lstrip("."))
        for layer, names in places.items():
            visits = calls.get(names[0], [])
            if len(names) > 1 and len(visits) > 1 and visits[0].parameters:
                yield (
                    f"{', '.join(map(repr, names))} are one {type(layer).__name__}: the same object, called "
                    f"{len(visits)} times, with one set of {visits[0].parameters:,} weights. If they are to share "
                    f"them, that is right. If {len(names)} were meant, build each anew, "
                    f"[build() for _ in range({len(names)})]: [layer] * n repeats one."
                )
