"""Do a prediction and its target fit? The shapes that a loss takes."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.nn.modules import loss as torch_losses

from .model import on_meta
from .run import Run, recorded
from .suspicions import Note

_CLASSES = (nn.CrossEntropyLoss, nn.NLLLoss)
_Judged = tuple[bool, str | None, str, str | None, list[Note]]


def is_loss(model: nn.Module, args: tuple[Any, ...]) -> bool:
    """Whether this is one of torch's losses with a prediction and a target."""
    return isinstance(model, torch_losses._Loss) and len(args) == 2 and all(torch.is_tensor(a) for a in args)


def judged(loss: nn.Module, args: tuple[torch.Tensor, torch.Tensor], shapes: list[bool]) -> _Judged:
    """Tell whether a loss takes a prediction and a target, and what would make them fit.

    Args:
        loss: the loss.
        args: prediction and target.
        shapes: which of the two were given as a shape.

    Returns:
        ok, problem, text, fix and notes of the explanation.
    """
    prediction, target = on_meta(args)
    classes = isinstance(loss, _CLASSES)
    if classes and shapes[1] and target.shape != prediction.shape:
        target = torch.empty(target.shape, dtype=torch.int64, device="meta")
    name, x = type(loss).__name__, (prediction, target)
    seen = f"{name} compares a prediction {tuple(prediction.shape)} with a target {tuple(target.shape)}."
    run = _run(loss, "layer(x[0], x[1])", x)
    alike = classes or prediction.shape == target.shape
    if run.failure is None and alike:
        return True, None, f"{seen}\nThey fit.", None, []
    fix = next(
        (call for call, fits in _calls(prediction, target, classes) if fits and not _run(loss, call, x).failure),
        None,
    )
    if run.failure is None:
        text = (
            f"{name} broadcasts {tuple(prediction.shape)} against {tuple(target.shape)}: it compares every "
            "prediction with every "
            "target, and the model learns the mean." + (f" Write {fix}." if fix else "")
        )
        return True, None, f"{seen}\nNote (loss_broadcast): {text}", None, [Note("loss_broadcast", text)]
    rule = (
        "the prediction is (N, classes) or (N, classes, L), the target holds class numbers, (N) or (N, L): no "
        "classes axis"
        if classes
        else "prediction and target have the same shape"
    )
    lines = [seen, f"  torch says: {run.failure.message}", f"  it means:   {rule}."]
    if fix:
        lines.append(f"  fix:        {fix}   (ran)")
    return False, "loss_shapes", "\n".join(lines), fix, []


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
