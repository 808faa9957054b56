"""Do a prediction and its target fit? The shapes that a loss takes."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.modules.loss import _Loss

from ..cause import cause
from ..model import on_meta
from ..note import Note, note
from ..run import Run, recorded
from ..words import Explanation

_CLASSES = (nn.CrossEntropyLoss, nn.NLLLoss)


def is_loss(model: nn.Module, args: tuple[Any, ...]) -> bool:
    """Whether this is one of torch's losses with a prediction and a target."""
    return isinstance(model, _Loss) and len(args) == 2 and all(torch.is_tensor(a) for a in args)


@cause()
def loss_shapes(loss: nn.Module, args: tuple[torch.Tensor, torch.Tensor], is_shape: bool) -> Explanation:
    """Prediction and target do not fit each other.

    Args:
        loss: the loss.
        args: prediction and target.
        is_shape: whether the target was given as a shape.

    Returns:
        Whether the loss takes the two, and what would make them fit.

    Example:
        >>> explain(nn.BCEWithLogitsLoss(), ((4, 1), (4,))).fix
        'layer(x[0].squeeze(1), x[1])'
        >>> explain(nn.CrossEntropyLoss(), ((4, 7, 3), (4, 7))).fix
        'layer(x[0].permute(0, 2, 1), x[1])'
        >>> pairs = {nn.CrossEntropyLoss(): ((8, 3, 7), (4, 2)), nn.BCELoss(): ((4, 7, 3), (2, 5))}
        >>> [explain(loss, x).fix for loss, x in pairs.items()]
        [None, None]
    """
    prediction, target = on_meta(args)
    classes = isinstance(loss, _CLASSES)
    if classes and is_shape and target.shape != prediction.shape:
        target = torch.empty(target.shape, dtype=torch.int64, device="meta")
    name, x = type(loss).__name__, (prediction, target)
    seen = f"{name} compares a prediction {tuple(prediction.shape)} with a target {tuple(target.shape)}."
    run = _run(loss, "layer(x[0], x[1])", x)
    if run.failure is None and (classes or prediction.shape == target.shape):
        return Explanation(True, None, f"{seen}\nThey fit.")
    calls = (call for call, fits in _calls(prediction, target, classes) if fits)
    fix = next((call for call in calls if _run(loss, call, x).failure is None), None)
    if run.failure is None:
        words = loss_broadcast(name, prediction, target, fix)
        text = f"{seen}\nNote (loss_broadcast): {words}"
        return Explanation(True, None, text, None, [Note("loss_broadcast", words)])
    rule = "prediction and target have the same shape"
    if classes:
        rule = (
            "the prediction is (N, classes) or (N, classes, L), the target holds class numbers, "
            "(N) or (N, L): no classes axis"
        )
    lines = [seen, f"  torch says: {run.failure.message}", f"  it means:   {rule}."]
    if fix:
        lines.append(f"  fix:        {fix}   (ran)")
    return Explanation(False, "loss_shapes", "\n".join(lines), fix)


@note()
def loss_broadcast(name: str, prediction: torch.Tensor, target: torch.Tensor, fix: str | None) -> str:
    """A loss broadcasts (N, 1) against (N,) and compares every pair.

    Example:
        >>> explain(nn.MSELoss(), ((4, 1), (4,))).notes[0].code
        'loss_broadcast'
    """
    words = (
        f"{name} broadcasts {tuple(prediction.shape)} against {tuple(target.shape)}: it compares every "
        "prediction with every target, and the model learns the mean."
    )
    return f"{words} Write {fix}." if fix else words


def _calls(prediction: torch.Tensor, target: torch.Tensor, classes: bool) -> Iterator[tuple[str, bool]]:
    """Calls worth trying, each with whether the shapes then fit."""
    p, t = tuple(prediction.shape), tuple(target.shape)
    if classes:
        if len(p) == 3:
            yield "layer(x[0].permute(0, 2, 1), x[1])", (p[0], p[1]) == t
            yield "layer(x[0].squeeze(-1), x[1])", p[2] == 1
        yield "layer(x[0], x[1].squeeze(1))", len(t) == 2 and t[1] == 1
        yield "layer(x[0], x[1].long())", target.is_floating_point()
        return
    for axis in range(len(p)):
        yield f"layer(x[0].squeeze({axis}), x[1])", p[axis] == 1 and p[:axis] + p[axis + 1 :] == t
    for axis in range(len(t)):
        yield f"layer(x[0], x[1].squeeze({axis}))", t[axis] == 1 and t[:axis] + t[axis + 1 :] == p
    yield "layer(x[0].permute(0, 2, 1), x[1])", len(p) == 3 and (p[0], p[2], p[1]) == t
    yield "layer(x[0], x[1].to(x[0].dtype))", p == t


def _run(loss: nn.Module, call: str, x: tuple[torch.Tensor, torch.Tensor]) -> Run:
    return recorded(lambda: eval(call, {"layer": loss, "x": x}), meta=True)
