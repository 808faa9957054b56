"""Does a trace keep a size of the input that it was made with?"""

from collections.abc import Iterator
from typing import NamedTuple

import torch

from ..cause import Repair, When, cause, means
from ..run import Edit, Shape
from ..situation import Situation

_WHEN = When(whole=True)
#: Operations that are given the sizes that shall come out.
_SIZED = ("aten::view", "aten::reshape", "aten::expand", "aten::zeros", "aten::ones", "aten::unflatten")


class Trace(NamedTuple):
    """A trace that was given another number of cases than it was made with.

    Attributes:
        shape: the shape that it was made with.
        operation: the operation that keeps the number of cases.
        line: where that stands in the code that was traced.
    """

    shape: Shape
    operation: str
    line: str


@cause(_WHEN)
def traced_batch(at: Situation) -> Iterator[Repair]:
    """A traced model keeps the number of cases that it was traced with.

    Example:
        >>> class Flattening(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.head = nn.Conv1d(5, 8, 3), nn.Linear(376, 2)
        ...
        ...     def forward(self, x):
        ...         h = self.conv(x)
        ...         return self.head(h.view(int(h.shape[0]), -1))
        >>> traced = torch.jit.trace(Flattening(), torch.zeros(2, 5, 49))
        >>> explain(traced, (4, 5, 49)).fixes[0].expression
        '(lambda x: torch.cat([layer(part) for part in x.split(2)]))(x)'
    """
    trace = _trace_of(at)
    if trace is None or at.subject.several or at.x[0] % trace.shape[0]:
        return
    cases = trace.shape[0]
    words = (
        f"the trace takes {cases} cases at a time. To take any number, write that line without int() or a number, "
        "h.flatten(1), and trace the model anew"
    )
    source = f"(lambda x: torch.cat([layer(part) for part in x.split({cases})]))"
    yield Repair(words, edits=(Edit("layer", source),), doubtful=True, when="can the model be traced anew?")


@means(traced_batch, When())
def kept_by_the_trace(at: Situation) -> str:
    """What it means where a trace keeps the number of cases."""
    trace = _trace_of(at)
    if trace is None:
        return ""
    return (
        f"the model was traced with {trace.shape}, and {trace.operation} keeps the {trace.shape[0]} cases as a "
        f"number, whatever comes{trace.line}"
    )


def _trace_of(at: Situation) -> Trace | None:
    """The trace of the model, if it keeps a number of cases other than that of the input."""
    model = at.subject.model
    if not isinstance(model, torch.jit.ScriptModule) or not at.x:
        return None
    graph = model.inlined_graph
    shapes = [value.type().sizes() for value in list(graph.inputs())[1:] if hasattr(value.type(), "sizes")]
    if not shapes or not shapes[0] or len(shapes[0]) != len(at.x) or shapes[0][0] == at.x[0]:
        return None
    for node in graph.nodes():
        for value in node.inputs() if node.kind() in _SIZED else ():
            made = value.node()
            sizes = list(made.inputs()) if made.kind() == "prim::ListConstruct" else []
            if sizes and sizes[0].toIValue() == shapes[0][0]:
                place = node.sourceRange().partition("\n")[0].rpartition("/")[2]
                line = f" ({place})" if place else ""
                return Trace(tuple(shapes[0]), node.kind().removeprefix("aten::"), line)
    return None
