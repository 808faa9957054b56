"""Does the model know all of its layers?"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import nn

from ..cause import Repair, When, cause, means
from ..run import Edit
from ..situation import Situation
from ..source import attribute


class Stray(NamedTuple):
    """Layers in a plain container, which the model does not know.

    Attributes:
        path: the path of the container in the model.
        kind: its class, ``"list"``, ``"tuple"`` or ``"dict"``.
        layers: the layers in it.
    """

    path: str
    kind: str
    layers: list[nn.Module]

    @property
    def home(self) -> str:
        """The class of torch that registers such layers."""
        return "nn.ModuleDict" if self.kind == "dict" else "nn.ModuleList"

    @property
    def words(self) -> str:
        """What is wrong with it."""
        name = attribute(self.path)
        return (
            f"{name} is a plain {self.kind} of layers, and the model does not know them: .to(), .double(), "
            ".half() and .cuda() leave them behind, and the optimiser never sees their weights. "
            f"{name} = {self.home}({name})"
        )


def strays(model: nn.Module) -> list[Stray]:
    """The plain containers in a model that hold layers with weights which the model does not know."""
    known = {id(module) for module in model.modules()}
    found = []
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            # What torch keeps in a module itself begins with _.
            layers = [] if name.startswith("_") else _layers_in(value)
            if layers and not any(id(layer) in known for layer in layers):
                found.append(Stray(f"{path}.{name}".lstrip("."), type(value).__name__, layers))
    return [stray for stray in found if any(list(layer.parameters()) for layer in stray.layers)]


def _layers_in(value: Any) -> list[nn.Module]:
    if type(value) is dict:
        value = list(value.values()) if all(isinstance(key, str) for key in value) else []
    if type(value) not in (list, tuple) or not value or not all(isinstance(item, nn.Module) for item in value):
        return []
    return list(value)


def left_behind(model: nn.Module) -> tuple[list[Stray], set[torch.device], set[torch.dtype]]:
    """The containers whose layers stayed where the model was, and where the model is now.

    Args:
        model: the model.

    Returns:
        Those containers, and the devices and the dtypes of what the model knows.
    """
    own = list(model.parameters())
    devices, dtypes = {p.device for p in own}, {p.dtype for p in own if p.is_floating_point()}
    behind = [
        stray
        for stray in (strays(model) if own else ())
        for weights in [[p for layer in stray.layers for p in layer.parameters()]]
        if not ({p.device for p in weights} <= devices and {p.dtype for p in weights} <= dtypes)
    ]
    return behind, devices, dtypes


_WHEN = When(kinds=("dtype", "device"))


@cause(_WHEN)
def not_registered(at: Situation) -> Iterator[Repair]:
    """Layers in a plain list stayed behind: the model does not know them.

    Example:
        >>> class Listed(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.convs, self.head = [nn.Conv1d(4, 8, 3)], nn.Conv1d(8, 2, 1)
        ...
        ...     def forward(self, x):
        ...         return self.head(self.convs[0](x))
        >>> explain(Listed().double(), torch.zeros(2, 4, 9).double()).fix
        "(setattr(layer, 'convs', nn.ModuleList(layer.convs)), layer.to(torch.float64)(x))[-1]"
    """
    behind, _, dtypes = left_behind(at.run.model)
    if behind and len(dtypes) == 1:
        edits = [Edit("set", f"{stray.home}({{}})", stray.path) for stray in behind]
        (wanted,), given = dtypes, at.run.visits[0].dtypes[:1]
        edits.append(Edit("layer", f"layer.to({wanted})"))
        cast = f"{{}}.to({wanted})" if given and given[0].is_floating_point and given[0] != wanted else ""
        yield Repair("; ".join(stray.words for stray in behind), whole=cast, edits=tuple(edits))


@means(not_registered, _WHEN)
def of_two_kinds(at: Situation) -> str:
    """What torch means where a part of the model stayed behind."""
    behind, *_ = left_behind(at.run.model)
    return f"{attribute(behind[0].path)} stayed in another dtype than the rest of the model" if behind else ""
