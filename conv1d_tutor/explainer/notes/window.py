"""Do the windows and the padding of a convolution do what they were meant for?"""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import nn

from ..note import Ran, note, title
from .input import unbatched_input


@dataclass(frozen=True)
class _Padded:
    """A Conv1d with a padding of its own and a stride of 1, in one run."""

    name: str
    padding: int
    kernel: int
    dilation: int
    length: int
    out: int

    @property
    def spread(self) -> int:
        """How far the last tap lies from the first."""
        return self.dilation * (self.kernel - 1)

    @property
    def is_even(self) -> bool:
        """Whether the length changes by one, whatever the padding."""
        return self.kernel % 2 == 0 and self.spread % 2 == 1 and abs(2 * self.padding - self.spread) == 1


def _padded(ran: Ran, i: int) -> _Padded | None:
    visit, layer = ran.leaves[i], ran.leaves[i].module
    if type(layer) is not nn.Conv1d or isinstance(layer.padding, str) or layer.stride != (1,):
        return None
    out = visit.output[-1] if visit.output else 0
    sizes = (layer.padding[0], layer.kernel_size[0], layer.dilation[0], visit.inputs[0][-1])
    return _Padded(title(visit), *sizes, out) if layer.padding[0] else None


@note("layer", same_as=unbatched_input)
def unbatched_inside(ran: Ran, i: int) -> Iterator[str]:
    """A layer before dropped an axis, and the cases are taken for channels.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(1, 8, 3, padding=1), nn.Flatten(), nn.Conv1d(8, 4, 3))
        >>> explain(model, (8, 1, 20)).notes[0].code
        'unbatched_input'
    """
    visit, layer = ran.leaves[i], ran.leaves[i].module
    if type(layer) is nn.Conv1d and len(visit.inputs[0]) == 2 < len(ran.x):
        yield (
            f"{title(visit)} reads {visit.inputs[0]} as one case of {layer.in_channels} channels: a layer before "
            "dropped an axis, and the cases of the batch are taken for channels."
        )


@note("layer")
def length_one(ran: Ran, i: int) -> Iterator[str]:
    """A length of 1: nothing to slide over.

    Example:
        >>> explain(nn.Conv1d(100, 100, 1), (32, 100, 1)).notes[0].code
        'length_one'
    """
    visit = ran.leaves[i]
    steps = visit.layout.only(-1) if visit.layout else None
    # A pooled summary is meant to have a length of 1.
    is_given = steps is None or (steps.source.kind == "given" and steps.source.size == 1)
    if type(visit.module) is nn.Conv1d and visit.inputs[0][-1] == 1 and is_given:
        yield (
            f"{title(visit)}: the length is 1, so there is nothing to slide over; "
            "it computes what a Linear computes."
        )


@note("layer")
def even_kernel(ran: Ran, i: int) -> Iterator[str]:
    """An even kernel with symmetric padding: the length changes by one.

    Example:
        >>> explain(nn.Conv1d(4, 4, 4, padding=2), (2, 4, 50)).notes[0].code
        'even_kernel'
    """
    it = _padded(ran, i)
    if it and it.is_even:
        yield (
            f"{it.name}: an even kernel ({it.kernel}) with the same padding on both sides cannot keep the length: "
            f"{it.length} becomes {it.out}. padding='same' pads the extra sample on the right."
        )


@note("layer")
def dilation_without_padding(ran: Ran, i: int) -> Iterator[str]:
    """The padding fits the kernel without its dilation.

    Example:
        >>> explain(nn.Conv1d(4, 4, 3, padding=1, dilation=4), (2, 4, 50)).notes[0].code
        'dilation_without_padding'
    """
    it = _padded(ran, i)
    if it and it.dilation > 1 and it.kernel % 2 and it.padding == (it.kernel - 1) // 2:
        yield (
            f"{it.name}: padding={it.padding} keeps the length without dilation; with dilation={it.dilation} it "
            f"takes padding={it.spread // 2}. {it.length} becomes {it.out}."
        )


@note("layer")
def causal_padding_kept(ran: Ran, i: int) -> Iterator[str]:
    """Padding for a causal layer, and nothing cut at the end.

    Example:
        >>> explain(nn.Conv1d(2, 8, 3, padding=2), (4, 2, 200)).notes[0].code
        'causal_padding_kept'
        >>> around = nn.Conv1d(7, 8, 3, padding=2, padding_mode="circular")
        >>> "take padding=1. padding counts" in explain(around, (4, 7, 96)).notes[0].text
        True
    """
    it = _padded(ran, i)
    slid = ran.leaves[i].slid
    if slid is None or slid.trimmed:
        return
    if it and not it.is_even and it.kernel > 1 and it.padding == it.spread:
        made = f"{it.name}: padding={it.padding} makes {it.out} samples of {it.length}."
        keeps = f" To keep the length, take padding={it.padding // 2}." if it.padding % 2 == 0 else ""
        mode = ran.leaves[i].module.padding_mode
        if mode == "zeros":
            yield (
                f"{made}{keeps} If it is meant to be causal, cut the last {it.padding} (y[..., :-{it.padding}]), "
                f"or pad before it: F.pad(x, ({it.padding}, 0)) with padding=0."
            )
        elif keeps:
            old = " (torch before 1.5 split it over both sides)" if mode == "circular" else ""
            yield f"{made}{keeps} padding counts the samples of each side{old}."
