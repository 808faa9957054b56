"""Where did a run stop, and what is known of it? What every cause asks about is read here, once."""

from functools import cached_property

from torch import nn

from .layers import BATCH_NORMS, CONVOLUTIONS, POOLS, RECURRENT
from .run import Run, Subject, resized

#: Sizes of a convolution that are one number each.
_SIZES = ("kernel_size", "stride", "padding", "dilation")
#: Kinds of messages that a size of two numbers may be behind.
_MAY_HIDE_PAIRS = ("axes", "channels", "weight_axes", "unknown")
#: So much longer a signal is tried, to see whether a size depends on the data.
_LONGER = 64


class Situation:
    """A run that failed, with what is known of the layer that refused.

    Attributes:
        subject: the model and its input.
        run: the run.
        edits: the repairs that it ran with.
        failure: what stopped it.
        visit: the call that was refused, None if the model itself refused the call.
        line: a sentence with the line of the model's own code that failed, or "".
        layer: the layer that refused, in the copy that ran.
        path: its path in the model, "" for the model itself.
        entry: the path of the outermost layer around it that was given the same tensor.
        shape: the shape that it saw, () if it saw no tensor.
        dtype: the dtype that it saw.
        x: the shape that the whole model saw.
        before: the layers that ran before, the innermost only.
        previous: the last of them.
        untouched: whether it saw the model's own input, in the model's own order.
        is_whole: whether it is all there is.
        pairs: its sizes of several numbers, by name.
        kind: the kind of torch's message; "two_numbers" for a convolution with such a size, whatever torch said.
    """

    def __init__(self, subject: Subject, run: Run) -> None:
        """Take apart what stopped the run."""
        self.subject, self.run, self.edits, self.failure = subject, run, run.edits, run.failure
        self.visit = visit = run.failure.visit
        self.line = f" The line is: {run.failure.line}" if run.failure.line else ""
        self.layer = visit.module if visit else None
        self.path = visit.path if visit else ""
        self.shape = visit.inputs[0] if visit and visit.inputs else ()
        self.dtype = visit.dtypes[0] if visit and visit.dtypes else None
        self.x = run.visits[0].inputs[0] if run.visits and run.visits[0].inputs else ()
        self.before = [v for v in run.leaves if v is not visit and v.output is not None]
        self.previous = self.before[-1] if self.before else None
        self.is_whole = not self.path
        around = (v.path for v in run.failure.inside[1:] if v.inputs[:1] == (self.shape,))
        self.entry = next(around, self.path)
        handed_on = all(v.inputs and v.output == v.inputs[0] for v in self.before)
        looked_up = any(isinstance(v.module, nn.Embedding) for v in self.before)
        self.untouched = self.shape == self.x and handed_on and not looked_up
        self.pairs = _pairs(self.layer)
        said = run.failure.said.kind
        self.kind = "two_numbers" if self.pairs and self.shape and said in _MAY_HIDE_PAIRS else said

    @cached_property
    def contradicts_itself(self) -> bool:
        """Whether the size that was refused comes from the model alone: longer data do not change it."""
        if self.untouched or not self.before or not self.shape:
            return False
        place = -1 if isinstance(self.layer, (nn.Linear, *RECURRENT)) else min(1, len(self.shape) - 1)
        for axis in range(1, len(self.x)):
            failure = self.subject.run((*self.edits, resized(len(self.x), axis, _LONGER))).failure
            if failure is None:
                return False
            same = failure.visit is not None and failure.visit.path == self.path and failure.visit.inputs
            if same and failure.visit.inputs[0][place] != self.shape[place]:
                return False
        return True

    @property
    def unlike(self) -> tuple[int, int] | None:
        """The two sizes that do not meet where tensors are added or joined; None if not just one axis differs."""
        shapes = self.failure.shapes[:2]
        if self.kind not in ("add", "cat") or len(shapes) < 2 or len(shapes[0]) != len(shapes[1]):
            return None
        joined = int(self.failure.numbers[0]) if self.kind == "cat" else None
        pairs = enumerate(zip(*shapes, strict=True))
        unlike = [(a, b) for axis, (a, b) in pairs if a != b and axis != joined and 1 not in (a, b)]
        return unlike[0] if len(unlike) == 1 else None

    @property
    def channels_are_first(self) -> bool:
        """Whether a layer that computes in (N, C, L) made this tensor, so that its order is known."""
        makers = (*CONVOLUTIONS, *BATCH_NORMS, *POOLS)
        return any(isinstance(v.module, makers) and v.output == self.shape for v in self.before)


def _pairs(layer: nn.Module | None) -> dict[str, tuple[int, ...]]:
    if not isinstance(layer, CONVOLUTIONS):
        return {}
    sizes = {name: getattr(layer, name) for name in _SIZES}
    return {name: size for name, size in sizes.items() if isinstance(size, tuple) and len(size) > 1}
