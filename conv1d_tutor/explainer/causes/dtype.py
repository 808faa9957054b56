"""Are the numbers of the kind and in the range that the weights need?"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from ..cause import Repair, When, cause
from ..readings import Reading, told
from ..run import Run
from ..situation import Situation
from ..words import Explanation
from .registered import left_behind

#: How a tensor is brought to a dtype, in the user's words.
_CASTS = {
    torch.float32: ".float()",
    torch.float64: ".double()",
    torch.float16: ".half()",
    torch.bfloat16: ".bfloat16()",
}
_WHEN = When(kinds=("dtype", "indices"))


@cause(_WHEN, harmless=True, mechanical=True, twins="converted")
def dtype(at: Situation) -> Iterator[Repair]:
    """The data are not numbers of the same kind as the weights.

    Example:
        >>> explain(nn.Conv1d(15, 15, 3), torch.zeros(10, 15, 12, dtype=torch.float64)).fix
        'layer(x.float())'
    """
    # Where layers stayed behind, no data are right for all of the model.
    if isinstance(at.layer, nn.Embedding) or left_behind(at.run.model)[0]:
        return
    wanted, found = next((p.dtype for p in at.layer.parameters()), torch.float32), at.dtype
    if found is None or found.is_complex or (found == wanted and at.kind == "dtype"):
        return
    words = f"the input is {_short(found)} and the weights are {_short(wanted)}: convert the data"
    if found == torch.float64:
        words += " (NumPy and pandas make float64 by default)"
    yield Repair(words, here=f"{{}}{_CASTS.get(wanted, f'.to({wanted})')}")


@cause(When(kinds=("dtype", "unknown"), whole=True), same_as=dtype)
def whole_input(at: Situation) -> Iterator[Repair]:
    """The input of the model is of another kind than its weights, whatever refuses it first.

    Example:
        >>> class Resampled(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.register_buffer("kernel", torch.ones(4, 4, 3))
        ...         self.conv = nn.Conv1d(4, 2, 3)
        ...
        ...     def forward(self, x):
        ...         return self.conv(nn.functional.conv1d(x, self.kernel))
        >>> explain(Resampled(), torch.zeros(2, 4, 9, dtype=torch.float64)).fix
        'layer(x.float())'
    """
    given, modules = at.subject.args[:1], [*at.run.model.modules()] if at.run.model else []
    wanted = next((p.dtype for m in modules for p in m.parameters() if p.is_floating_point()), None)
    found = given[0].dtype if given and isinstance(given[0], torch.Tensor) else None
    looked_up = any(isinstance(visit.module, nn.Embedding) for visit in (*at.before, at.visit))
    if wanted in (None, found) or found is None or found.is_complex or left_behind(at.run.model)[0]:
        return
    if found.is_floating_point or not looked_up:
        words = f"the input of the model is {_short(found)} and its weights are {_short(wanted)}: convert the data"
        yield Repair(words, whole=f"{{}}{_CASTS.get(wanted, f'.to({wanted})')}")


@cause(_WHEN, same_as=dtype)
def rows_of_an_embedding(at: Situation) -> Iterator[Repair]:
    """An Embedding looks up whole numbers.

    Example:
        >>> explain(nn.Embedding(10, 4), torch.ones(2, 9)).fix
        'layer(x.long())'
    """
    if isinstance(at.layer, nn.Embedding):
        words = f"an Embedding looks up rows by whole numbers, and the input is {_short(at.dtype)}"
        yield Repair(words, here="{}.long()")


@cause(_WHEN, same_as=dtype)
def real_and_imaginary(at: Situation) -> Iterator[Repair]:
    """Complex numbers come where the layer counts two real channels for each.

    Example:
        >>> explain(nn.Conv1d(2, 8, 3), torch.zeros(4, 1, 50, dtype=torch.complex64)).fix
        'layer(torch.cat([x.real, x.imag], dim=1))'
    """
    is_complex = at.dtype is not None and at.dtype.is_complex
    if is_complex and len(at.shape) == 3 and getattr(at.layer, "in_channels", None) == 2 * at.shape[1]:
        words = "complex numbers as two real channels each: in_channels is twice the complex channels"
        yield Repair(words, here="torch.cat([{0}.real, {0}.imag], dim=1)")


def _short(kind: torch.dtype | None) -> str:
    return str(kind).removeprefix("torch.")


@cause()
def half_precision(said: str) -> Explanation:
    """The CPU does not compute this in half or in bfloat16.

    Args:
        said: what torch said.

    Returns:
        The explanation.

    Example:
        >>> class Distances(nn.Module):
        ...     def forward(self, x):
        ...         return torch.cdist(x, x)
        >>> try:
        ...     Distances()(torch.zeros(2, 4, 9).half())
        ... except NotImplementedError as error:
        ...     print(explain_error(error).fix)
        layer.float()(x.float())
    """
    when = "on the CPU it is computed in float32; in half it runs on a GPU"
    lines, fix, fixes = told([Reading("layer.float()(x.float())", when, "not run here")])
    head = "The CPU has no such operation for numbers of 16 bits."
    return Explanation(
        False, "half_precision", "\n".join([head, f"  torch says: {said}", *lines]), fix, fixes=fixes
    )


@cause()
def index_range(args: tuple[Any, ...], run: Run) -> str | None:
    """A whole number in the input is outside the Embedding.

    Args:
        args: the arguments of the model.
        run: its run on shapes, which cannot see it.

    Returns:
        The words; None if all are inside, or the values are unknown.

    Example:
        >>> explain(nn.Embedding(10, 4), torch.tensor([[3, 12]])).problem
        'index_range'
    """
    # What a forward makes of the numbers before it looks them up is its own affair.
    for i, rows in run.flow.looked_up:
        value = args[i]
        if value.is_meta or not value.numel():
            continue
        least, most = int(value.min()), int(value.max())
        if least < 0 or most >= rows:
            return (
                f"Embedding has {rows} rows, 0 to {rows - 1}, and x holds numbers from {least} to {most}: "
                f"torch raises 'index out of range in self'. num_embeddings must be at least {most + 1}; "
                "a padding index counts too."
            )
    return None
