"""Where a run stopped, with the questions that the causes ask about it."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import nn

from .run import Run, Shape, Visit
from .subject import Edit, Subject
from .torch_says import kind_of

CONVOLUTIONS = (nn.Conv1d, nn.ConvTranspose1d)
RECURRENT = (nn.RNN, nn.LSTM, nn.GRU)
BATCH_NORMS = (nn.BatchNorm1d, nn.InstanceNorm1d)


@dataclass(frozen=True)
class Candidate:
    """One possible repair, not yet run.

    Attributes:
        code: the problem it mends.
        edits: what it changes.
        weight: how likely it is meant, from 0 to 1; compared only among those that run.
        belief: what it takes each axis or argument for, and why.
        cure: how to write it in the user's own code; "" if the expression says it.
    """

    code: str
    edits: tuple[Edit, ...]
    weight: float
    belief: str
    cure: str = ""


class Situation:
    """A run that failed, with what is known of the layer that refused."""

    def __init__(self, subject: Subject, run: Run, edits: tuple[Edit, ...] = ()) -> None:
        """Take apart what stopped the run."""
        self.subject, self.run, self.edits = subject, run, edits
        self.failure = run.failure
        self.visit: Visit | None = run.failure.visit
        self.message = run.failure.message
        self.kind = kind_of(self.message)

    @property
    def layer(self) -> nn.Module | None:
        """The layer that refused, in the copy that ran."""
        return self.visit.module if self.visit else None

    @property
    def shape(self) -> Shape:
        """The shape that the layer saw, () if it saw no tensor."""
        return self.visit.inputs[0] if self.visit and self.visit.inputs else ()

    @property
    def dtype(self) -> torch.dtype | None:
        """The dtype that the layer saw."""
        return self.visit.dtypes[0] if self.visit and self.visit.dtypes else None

    @cached_property
    def path(self) -> str:
        """The layer's path in the model, "" for the model itself."""
        return path_of(self.run.model, self.layer)

    @cached_property
    def entry(self) -> str:
        """The path of the outermost layer around the refusing one that was given the same tensor."""
        for visit in self.failure.inside[1:]:
            if visit.inputs[:1] == (self.shape,):
                return path_of(self.run.model, visit.module)
        return self.path

    @property
    def x(self) -> Shape:
        """The shape that the whole model saw."""
        first = self.run.visits[0] if self.run.visits else None
        return first.inputs[0] if first and first.inputs else ()

    @property
    def before(self) -> list[Visit]:
        """The layers that ran before, the innermost only."""
        return [v for v in self.run.leaves if v is not self.visit and v.output is not None]

    @property
    def previous(self) -> Visit | None:
        """The last layer that ran."""
        return self.before[-1] if self.before else None

    @property
    def untouched(self) -> bool:
        """Whether the refusing layer saw the model's own input, in the model's own order."""
        same = all(v.inputs and v.output == v.inputs[0] for v in self.before)
        looked_up = any(isinstance(v.module, nn.Embedding) for v in self.before)
        return self.shape == self.x and same and not looked_up

    @property
    def channels_are_first(self) -> bool:
        """Whether a layer that computes in (N, C, L) made this tensor, so that its order is known."""
        makers = (*CONVOLUTIONS, *BATCH_NORMS, nn.MaxPool1d, nn.AvgPool1d)
        return any(isinstance(v.module, makers) and v.output == self.shape for v in self.before)

    @property
    def is_whole(self) -> bool:
        """Whether the refusing layer is all there is."""
        return not self.path

    def here(self, source: str) -> Edit:
        """An edit of the tensor that enters the refusing layer."""
        return Edit("input", source) if self.untouched else Edit("before", source, self.entry)

    def replaced(self, source: str) -> Edit:
        """An edit that puts another layer in the place of the refusing one."""
        return Edit("layer", source, self.path)

    def cure(self, source: str) -> str:
        """How the user writes `here(source)` in a forward of their own."""
        if self.untouched or not self.path:
            return ""
        return f"in forward, just before {attribute(self.entry)}: h = {source.format('h')}"


def path_of(model: nn.Module, layer: nn.Module | None) -> str:
    """The path of a layer in a model, "" for the model itself or a layer that is not in it."""
    if not isinstance(model, nn.Module):
        return ""
    return next((name for name, module in model.named_modules() if module is layer), "")


def attribute(path: str) -> str:
    """A path as it stands in the user's class: ``self.blocks[0].conv``."""
    text = "self"
    for part in path.split("."):
        text += f"[{part}]" if part.isdigit() else f".{part}"
    return text
