"""Can these cases stand in one batch? Sequences of different lengths are padded first, or packed for an RNN."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from ..cause import Repair, When, cause
from ..readings import Reading, rewritten, told
from ..situation import Situation
from ..torch_says import understood
from ..words import Explanation

_PADDED = "torch.nn.utils.rnn.pad_packed_sequence({}, batch_first=True)[0]"


@cause()
def unequal_lengths(said: str, cases: Sequence[Any] | None) -> Explanation:
    """Cases of different lengths were to be stacked into one batch.

    Args:
        said: what torch said.
        cases: the cases, None if they are not known.

    Returns:
        The explanation, with the list of the cases as ``x`` in what it suggests.

    Example:
        >>> try:
        ...     torch.utils.data.default_collate([torch.zeros(50, 4), torch.zeros(37, 4)])
        ... except RuntimeError as error:
        ...     print(explain_error(error).fixes[0].expression)
        torch.nn.utils.rnn.pad_sequence(x, batch_first=True)
    """
    tensors = [case for case in cases or () if isinstance(case, torch.Tensor)]
    if tensors and len(tensors) == len(cases or ()):
        shapes = [tuple(case.shape) for case in tensors]
    else:
        shapes = [tuple(map(int, group.strip("[]").split(","))) for group in understood(said)[1] if group]
    lines, fix, fixes = [], None, []
    axes = set(map(len, shapes))
    differ = [axis for axis, sizes in enumerate(zip(*shapes, strict=False)) if len(set(sizes)) > 1]
    if len(axes) == 1 and len(differ) == 1:
        (axis,) = differ
        sizes = sorted({shape[axis] for shape in shapes})
        found = (
            f"Axis {axis} of the cases has the sizes {', '.join(map(str, sizes[:8]))}{' …' if sizes[8:] else ''}."
        )
        # pad_sequence pads axis 0, so the time goes there and back.
        parts = f"[case.movedim({axis}, 0) for case in x]" if axis else "x"
        back = f".movedim(1, {axis + 1})" if axis else ""
        call = f"torch.nn.utils.rnn.pad_sequence({parts}, batch_first=True){back}"
        when = f"axis {axis} is the length: the shorter cases get zeros at the end, up to {sizes[-1]}"
        least = f"torch.stack([case.narrow({axis}, 0, {sizes[0]}) for case in x])"
        cut = f"axis {axis} is the length, and the first {sizes[0]} steps of each are enough"
        ran = "with the list of the cases as x"
        lines, fix, fixes = told([Reading(call, when, ran, sure=False), Reading(least, cut, ran, sure=False)])
        lines.append(
            "  In a DataLoader this is the work of collate_fn, which gets the list of what the dataset gives. "
            "Keep the lengths too, so that padded steps can be left out of a mean or a loss."
        )
    elif shapes:
        found = f"The cases have the shapes {' and '.join(map(str, dict.fromkeys(shapes[:8])))}."
    else:
        found = "The cases have different lengths."
    head = f"{found} A batch is one tensor, and all of its cases have the same shape."
    return Explanation(
        False, "unequal_lengths", "\n".join([head, f"  torch says: {said}", *lines]), fix, fixes=fixes
    )


@cause(When(kinds=("packed",)))
def packed_sequence(at: Situation) -> Iterator[Repair]:
    """A PackedSequence came to a layer that is not recurrent.

    Example:
        >>> packed = torch.nn.utils.rnn.pack_sequence([torch.zeros(9, 4), torch.zeros(5, 4)])
        >>> explain(nn.Conv1d(4, 8, 3), packed).fix
        'layer(torch.nn.utils.rnn.pad_packed_sequence(x, batch_first=True)[0].permute(0, 2, 1))'
        >>> class Packing(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.gru, self.conv = nn.GRU(4, 6, batch_first=True), nn.Conv1d(6, 8, 3)
        ...
        ...     def forward(self, x):
        ...         return self.conv(self.gru(torch.nn.utils.rnn.pack_sequence(list(x)))[0])
        >>> "just before self.conv" in explain(Packing(), torch.zeros(2, 9, 4)).text
        True
    """
    words = "only recurrent layers read a PackedSequence: unpack it to (N, L, C)"
    yield Repair(words, here=_PADDED)
    yield Repair(f"{words} and turn it to (N, C, L)", here=f"{_PADDED}.permute(0, 2, 1)")


def explained_packed(layer: nn.Module, x: PackedSequence, explain: Any) -> Explanation:
    """Explain a layer that was given a PackedSequence.

    Args:
        layer: the layer or model.
        x: the sequence.
        explain: what explains a layer and an input.

    Returns:
        The explanation, with the sequence as ``x``.
    """
    sizes, data = x.batch_sizes, x.data.to("meta")
    shape = f"{int(sizes[0])} cases of up to {len(sizes)} steps of {tuple(data.shape[1:])}"
    if isinstance(layer, nn.RNNBase):
        return Explanation(True, None, f"{layer} reads a PackedSequence: {shape}.")
    padded = torch.empty(int(sizes[0]), len(sizes), *data.shape[1:], dtype=data.dtype, device="meta")
    found, words = explain(layer, padded), "only recurrent layers read a PackedSequence: unpack it to (N, L, C)"
    ways = [
        Reading(fix.expression, f"{words}; {fix.when}", sure=fix.expression == found.fix) for fix in found.fixes
    ]
    lines, fix, fixes = told([Reading("layer(x)", words)] if found.ok else ways)
    text = "\n".join([f"x is a PackedSequence: {shape}.", *lines])
    answer = Explanation(False, "packed_sequence", text, fix, found.notes, found.trace, fixes)
    return rewritten(answer, {"x": _PADDED.format("x")})
