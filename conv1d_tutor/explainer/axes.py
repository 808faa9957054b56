"""What are the axes of a tensor made of? Each tensor that comes from the input carries its layout."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

#: The attribute by which a tensor carries its layout; only tensors that a run made itself carry one.
_LAYOUT = "_conv1d_tutor_layout"


@dataclass(eq=False)
class Axis:
    """What an axis, or a factor of a merged axis, is.

    Attributes:
        size: how many values it has.
        kind: ``"given"`` by the user, ``"channels"`` of a convolution, ``"slid"`` along by it, ``"features"`` of a
            Linear or a recurrent layer, ``"coordinates"`` of an Embedding, or ``"unknown"``.
        place: for one that was given, which argument and which axis of it.
        before: the axis that it was before a layer slid along it, or it was padded or cut.
        whole: the axis that a view cut it out of.
        joined: whether values were added to it, by padding or by cat.
        trimmed: for one slid along, whether its length was cut back later.
        made_of: for features the axis that they were made of.
        moved: whether it changed its place later, was slid along, or put together with another kind.
    """

    size: int
    kind: str = "unknown"
    place: tuple[int, int] | None = None
    before: "Axis | None" = None
    whole: "Axis | None" = None
    joined: bool = False
    trimmed: bool = False
    made_of: "Axis | None" = None
    moved: bool = False

    @property
    def source(self) -> "Axis":
        """The axis that this one was at first."""
        axis = self
        while axis.before or axis.whole:
            axis = axis.before or axis.whole
        return axis

    def cut(self, outer: int) -> "tuple[Axis, Axis]":
        """The two factors of an axis, the outer one of a given size."""
        sizes = (outer, self.size // outer)
        first, second = (Axis(n, self.kind, self.place, whole=self, joined=self.joined) for n in sizes)
        return first, second

    def resized(self, size: int, joined: bool = False, trimmed: bool = False) -> "Axis":
        """The same axis with another number of values; trimmed, if it was cut and not only made shorter."""
        axis = self if trimmed and size < self.size else None
        while axis is not None:
            axis.trimmed |= axis.before is not None and size <= axis.before.size
            axis = axis.before
        return Axis(size, self.kind, self.place, before=self, joined=joined or self.joined)

    def move(self) -> None:
        """Note that it is read as another kind of axis later, and so is all that it is made of."""
        axis = self
        while axis is not None and not axis.moved:
            axis.moved, axis = True, axis.before or axis.whole or axis.made_of


class Layout(NamedTuple):
    """What the axes of a tensor are.

    Attributes:
        axes: for each axis what it is made of, the outermost first; several where axes were merged.
        turned: whether axes changed places since a layer with weights made the tensor.
    """

    axes: tuple[tuple[Axis, ...], ...]
    turned: bool = False

    def only(self, i: int) -> Axis | None:
        """The one axis that axis i is, None if it is merged or is not there."""
        try:
            (axis,) = self.axes[i]
        except (IndexError, ValueError):
            return None
        return axis

    def holds(self, source: Axis) -> list[int]:
        """The axes that come from one that was given."""
        return [i for i, axis in enumerate(self.axes) if any(part.source is source for part in axis)]


def layout_of(tensor: Any) -> Layout | None:
    """What the axes of a tensor are; None if it does not come from the input, or was not followed."""
    return getattr(tensor, _LAYOUT, None)


def set_layout(tensor: torch.Tensor, layout: Layout | None) -> None:
    """Let a tensor that a run made carry its layout."""
    setattr(tensor, _LAYOUT, layout)
