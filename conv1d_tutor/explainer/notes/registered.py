"""Does the model know all layers that run in it?"""

from collections.abc import Iterator

from torch import nn

from ..causes.registered import strays
from ..note import Ran, note

_SEEN = "Seen by a run that notes which layers are called."


@note("output")
def not_registered(ran: Ran) -> Iterator[str]:
    """A layer with weights runs, and the model does not know it.

    Example:
        >>> class Listing(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.convs = [nn.Conv1d(4, 4, 3), nn.Conv1d(4, 4, 3)]
        ...
        ...     def forward(self, x):
        ...         return self.convs[1](self.convs[0](x))
        >>> explain(Listing(), (2, 4, 9)).notes[0].code
        'not_registered'
        >>> class Building(nn.Module):
        ...     def forward(self, x):
        ...         return nn.Conv1d(4, 4, 3)(x)
        >>> explain(Building(), (2, 4, 9)).notes[0].text[:29]
        'Conv1d ran with weights, and '
    """
    model, mine = ran.run.model, ran.subject.model
    known = {id(module) for owner in (model, mine) for module in owner.modules()}
    strange = [v for v in ran.run.visits if not v.is_inferred and id(v.module) not in known]
    unknown = {id(v.module): v.module for v in strange if v.parameters}
    for stray, original in zip(strays(model), strays(mine), strict=False) if unknown else ():
        inside = {id(part) for layer in stray.layers for part in layer.modules()}
        # Layers that are frozen are often kept out of the model on purpose.
        if inside & unknown.keys() and _learn(original.layers):
            yield f"{stray.words}. {_SEEN}"
        for each in inside:
            unknown.pop(each, None)
    if unknown and _learn(unknown.values()):
        first = type(next(iter(unknown.values()))).__name__
        yield (
            f"{first} ran with weights, and is no part of the model: made anew in forward, or kept where the "
            "model does not look for layers. The optimiser never sees its weights, state_dict() does not hold "
            f"them, and .to() leaves them behind. Build layers in __init__, as attributes of self. {_SEEN}"
        )


def _learn(layers: Iterator[nn.Module]) -> bool:
    return any(p.requires_grad for layer in layers for p in layer.parameters())
