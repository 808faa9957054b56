"""Do a prediction and its target fit? The shapes and the numbers that a loss takes."""

import ast
import copy
import itertools
import math
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.modules.loss import _Loss

from ..cause import Repair, When, cause
from ..model import on_meta, shape_copy
from ..note import Note, note
from ..readings import Reading, told
from ..run import Edit, Run, recorded
from ..situation import Situation
from ..words import Explanation

_CLASSES = (nn.CrossEntropyLoss, nn.NLLLoss)
_OF_CLASSES = ("cross_entropy", "nll_loss")
#: Up to this many numbers a loss is computed, of zeros.
_MOST = 10_000_000


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
        >>> one_hot = torch.eye(3, dtype=torch.int64)[torch.zeros(4, 7, dtype=torch.int64)]
        >>> explain(nn.CrossEntropyLoss(), (torch.zeros(4, 3, 7), one_hot.permute(0, 2, 1))).fix
        'layer(x[0], x[1].argmax(1))'
        >>> explain(nn.BCELoss(), (torch.zeros(4, 7), torch.ones(4, 7).long())).fix
        'layer(x[0], x[1].to(x[0].dtype))'
        >>> pairs = {nn.CrossEntropyLoss(): ((8, 3, 7), (4, 2)), nn.BCELoss(): ((4, 7, 3), (2, 5))}
        >>> [explain(loss, x).fix for loss, x in pairs.items()]
        [None, None]
    """
    x = prediction, target = as_zeros(args)
    classes = isinstance(loss, _CLASSES)
    known = args[1]
    if classes and is_shape and target.shape != prediction.shape:
        known, x = known.long(), (prediction, target.long())
        target = x[1]
    name = type(loss).__name__
    seen = f"{name} compares a prediction {_seen(prediction)} with a target {_seen(target)}."
    run = _run(loss, "layer(x[0], x[1])", x)
    if run.failure is None and (classes or prediction.shape == target.shape):
        return loss_values(loss, args) or Explanation(True, None, f"{seen}\nThey fit.")
    ways = _class_targets(prediction, known) if classes else _alike(prediction, target)
    found = [way for way in ways if _run(loss, way.expression, x).failure is None]
    readings = list({way.expression: way for way in reversed(found)}.values())[::-1]
    if run.failure is None:
        words = loss_broadcast(name, tuple(prediction.shape), tuple(target.shape))
        words += f" Write {readings[0].expression}." if readings else ""
        text = f"{seen}\nNote (loss_broadcast): {words}"
        return Explanation(True, None, text, None, [Note("loss_broadcast", words)])
    rule = "prediction and target have the same shape, and both are floating-point numbers"
    if classes:
        rule = (
            "the prediction is (N, classes) or (N, classes, L), the target holds class numbers as int64, "
            "(N) or (N, L): no classes axis"
        )
    lines, fix, fixes = told(readings)
    lines = [seen, f"  torch says: {run.failure.message}", f"  it means:   {rule}.", *lines]
    return Explanation(False, "loss_shapes", "\n".join(lines), fix, fixes=fixes)


@cause(When(kinds=("target",)), same_as=loss_shapes)
def loss_in_forward(at: Situation) -> Iterator[Repair]:
    """A loss that forward computes is given a prediction and a target that do not fit.

    Example:
        >>> class Training(nn.Module):
        ...     def __init__(self, loss):
        ...         super().__init__()
        ...         self.conv, self.loss = nn.Conv1d(4, 3, 5), loss
        ...
        ...     def forward(self, x, y):
        ...         return self.loss(self.conv(x).mean(-1), y)
        >>> one_hot = torch.eye(3, dtype=torch.int64)
        >>> explain(Training(nn.CrossEntropyLoss()), (torch.zeros(2, 4, 9), one_hot[:2])).fix
        'layer(x[0], x[1].argmax(1))'
        >>> class Binary(Training):
        ...     def forward(self, x, y):
        ...         return self.loss(self.conv(x).amax((1, 2))[:, None], y)
        >>> explain(Binary(nn.BCEWithLogitsLoss()), (torch.zeros(2, 4, 9), torch.ones(2))).fixes[0].changes
        'adds, drops or joins axes'
    """
    if len(at.failure.shapes) < 2 or at.subject.kwargs:
        return
    p, t = at.failure.shapes[:2]
    given = [i for i, a in enumerate(at.subject.args) if i and torch.is_tensor(a) and tuple(a.shape) == t]
    if len(given) != 1:
        return
    prediction, target = torch.zeros(()).expand(p), at.subject.args[given[0]]
    ways = _class_targets if at.failure.function in _OF_CLASSES else _alike
    for way in ways(prediction, target):
        operands = _operands(way.expression)
        if operands is None:
            continue
        if operands[0].startswith("{}.squeeze(") and _of_the_prediction(at, "{}") is None:
            # To drop an axis of the one is to add it to the other.
            operands = ["{}", operands[1] + operands[0].removeprefix("{}").replace("squeeze", "unsqueeze")]
        edits = [_of_the_prediction(at, operands[0])] if operands[0] != "{}" else []
        edits += [Edit("argument", operands[1], str(given[0]))] if operands[1] != "{}" else []
        if None not in edits:
            named = zip(operands, ("prediction", "target"), strict=True)
            said = "; ".join(f"{name} = {source.format(name)}" for source, name in named if source != "{}")
            cure = f"in forward, before the loss: {said}"
            yield Repair(way.when, edits=tuple(edits), cure=cure, certain=way.sure, doubtful=not way.sure)


def _operands(expression: str) -> list[str] | None:
    """What a reading makes of prediction and target, with ``{}`` for each; None if it is of another loss.

    Example:
        >>> _operands("layer(x[0].squeeze(1), x[1].long())")
        ['{}.squeeze(1)', '{}.long()']
    """
    call = ast.parse(expression, mode="eval").body
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != "layer":
        return None
    sources = [ast.unparse(each).replace("x[0].dtype", "torch.float32") for each in call.args]
    return [source.replace(f"x[{i}]", "{}") for i, source in enumerate(sources)]


def _of_the_prediction(at: Situation, source: str) -> Edit | None:
    """The change of the prediction, into the loss or out of the layer before; None if neither may be changed."""
    if isinstance(at.layer, _Loss) and at.path:
        return Edit("before", source, at.path)
    makes = at.previous is not None and at.previous.path and at.previous.output == at.failure.shapes[0]
    return Edit("after", source, at.previous.path) if makes else None


@cause()
def loss_values(loss: nn.Module, args: tuple[torch.Tensor, torch.Tensor]) -> Explanation | None:
    """A loss was given numbers outside its range: class numbers, or probabilities.

    Args:
        loss: the loss.
        args: prediction and target, which have fitting shapes.

    Returns:
        The explanation; None if the numbers are in range, or not known.

    Example:
        >>> explain(nn.CrossEntropyLoss(), (torch.zeros(4, 3), torch.tensor([1, 2, 3, 3]))).problem
        'loss_values'
        >>> explain(nn.CrossEntropyLoss(), (torch.zeros(2, 3), torch.tensor([1, -1]))).fix
        'nn.CrossEntropyLoss(ignore_index=-1)(*x)'
        >>> explain(nn.BCELoss(), (torch.full((4, 1), 3.0), torch.ones(4, 1))).fix
        'nn.BCEWithLogitsLoss()(*x)'
    """
    prediction, target = args
    ways = []
    if isinstance(loss, _CLASSES) and not target.is_floating_point() and not target.is_meta and target.numel():
        classes = prediction.shape[1] if prediction.ndim > 1 else prediction.shape[0]
        counted = target[target != loss.ignore_index]
        least, most = (int(counted.min()), int(counted.max())) if counted.numel() else (0, 0)
        if least >= 0 and most < classes:
            return None
        rule = f"class numbers go from 0 to {classes - 1}, and the target holds numbers from {least} to {most}"
        if least < 0 and most < classes and len(counted[counted < 0].unique()) == 1:
            when = f"{least} stands for steps without a class, which are to be left out"
            ways.append(Reading(f"nn.{type(loss).__name__}(ignore_index={least})(*x)", when))
        if least >= 1 and most == classes:
            when = f"the classes are counted from 1 to {classes}; torch counts from 0"
            ways.append(Reading("layer(x[0], x[1] - 1)", when, sure=False))
            rule += f"; a model for {most + 1} classes would take them too"
    elif isinstance(loss, nn.BCELoss) and not prediction.is_meta and prediction.numel():
        least, most = float(prediction.min()), float(prediction.max())
        if least >= 0 and most <= 1:
            return None
        rule = f"BCELoss wants probabilities from 0 to 1, and the prediction goes from {least:.3g} to {most:.3g}"
        when = "the prediction comes without a sigmoid"
        ways.append(Reading("nn.BCEWithLogitsLoss()(*x)", f"{when}, and this loss has one of its own"))
    else:
        return None
    lines, fix, fixes = told(ways)
    return Explanation(False, "loss_values", "\n".join([f"{rule}.", *lines]), fix, fixes=fixes)


@cause()
def ctc_lengths(loss: nn.CTCLoss, x: tuple[Any, ...]) -> Explanation | None:
    """The axes or the lengths given to a CTC loss do not fit each other.

    Args:
        loss: the loss.
        x: log-probabilities (T, N, classes), targets, lengths of the inputs, lengths of the targets.

    Returns:
        The explanation; None if there are no numbers to go by.

    Example:
        >>> targets, lengths = torch.ones(4, 10).long(), torch.tensor([50] * 4)
        >>> explain(nn.CTCLoss(), (torch.zeros(4, 50, 20), targets, lengths, lengths // 5)).fix
        'layer(x[0].permute(1, 0, 2), *x[1:])'
        >>> explain(nn.CTCLoss(), (torch.zeros(50, 4, 20), targets, lengths * 2, lengths // 5)).fix
        'layer(x[0], x[1], torch.as_tensor(x[2]) * 50 // 100, x[3])'
    """
    try:
        given = [torch.as_tensor(item) for item in x]
    except (TypeError, ValueError, RuntimeError):
        return None
    log_probs, targets, lengths, target_lengths = given
    given[0] = torch.zeros((), dtype=log_probs.dtype).expand(log_probs.shape)
    if any(item.is_meta for item in given) or log_probs.numel() > _MOST or not lengths.numel():
        return None
    run = _run(loss, "layer(*x)", tuple(given))
    if run.failure is None:
        return Explanation(True, None, f"CTCLoss takes log-probabilities {tuple(log_probs.shape)}.\nThey fit.")
    cases, steps, most = lengths.numel(), log_probs.shape[0], int(lengths.max())
    ways = []
    for order in itertools.permutations(range(3)) if log_probs.ndim == 3 else ():
        turned = tuple(log_probs.shape[axis] for axis in order)
        if turned[1] == cases and turned[0] >= most and turned[2] > int(targets.max()) and order != (0, 1, 2):
            when = f"the loss wants (time {turned[0]}, batch {turned[1]}, classes {turned[2]})"
            ways.append(Reading(f"layer(x[0].permute{order}, *x[1:])", when, sure=turned[0] == most))
    if most > steps and (log_probs.ndim < 3 or log_probs.shape[1] == cases):
        when = (
            f"the lengths count the steps of the model's input, up to {most}, and {steps} come out of it: they "
            "shrink as the signal does"
        )
        shrunk = f"layer(x[0], x[1], torch.as_tensor(x[2]) * {steps} // {most}, x[3])"
        ways.append(Reading(shrunk, when, sure=most >= 2 * steps - 1))
    if lengths.is_floating_point() or target_lengths.is_floating_point():
        when = "lengths are whole numbers"
        ways.append(Reading("layer(*x[:2], torch.as_tensor(x[2]).long(), torch.as_tensor(x[3]).long())", when))
    if log_probs.dtype in (torch.float16, torch.bfloat16):
        ways.append(Reading("layer(x[0].float(), *x[1:])", "this loss is computed in float32 on the CPU"))
    lines, fix, fixes = told([way for way in ways if _run(loss, way.expression, tuple(given)).failure is None])
    rule = (
        "log-probabilities are (time, batch, classes); there is one length of the input and one of the target for "
        f"each case, here {cases} and {target_lengths.numel()}; no input length is above time, and no target "
        f"length above what the targets {tuple(targets.shape)} hold"
    )
    head = f"CTCLoss saw log-probabilities {tuple(log_probs.shape)} and lengths up to {most}, and refused them."
    lines = [head, f"  torch says: {run.failure.message}", f"  it means:   {rule}.", *lines]
    return Explanation(False, "ctc_lengths", "\n".join(lines), fix, fixes=fixes)


@note()
def loss_broadcast(name: str, prediction: tuple[int, ...], target: tuple[int, ...]) -> str:
    """A loss broadcasts (N, 1) against (N,) and compares every pair.

    Example:
        >>> explain(nn.MSELoss(), ((4, 1), (4,))).notes[0].code
        'loss_broadcast'
        >>> loss_broadcast("mse_loss", (4, 1), (4, 3)).partition("compares ")[2]
        'each prediction with 3 targets, and the model learns their mean.'
    """
    met = math.prod(torch.broadcast_shapes(prediction, target))
    targets, predictions = (met // math.prod(shape) for shape in (prediction, target))
    if targets > 1 and predictions > 1:
        how = "every prediction with every target, and the model learns the mean"
    elif targets > 1:
        how = f"each prediction with {targets} targets, and the model learns their mean"
    else:
        how = f"each target with {predictions} predictions"
    return f"{name} broadcasts {prediction} against {target}: it compares {how}."


def _class_targets(prediction: torch.Tensor, target: torch.Tensor) -> Iterator[Reading]:
    """Ways to bring a prediction and class numbers together.

    Example:
        >>> explain(nn.CrossEntropyLoss(), ((4, 3), torch.ones(4, 3).long())).fix
        >>> for prediction, target in [
        ...     ((4, 7, 3), torch.eye(3).long().expand(4, 3, 3).repeat(1, 3, 1)[:, :7]),
        ...     ((4, 3, 7), torch.eye(3).long().expand(4, 3, 3).repeat(1, 3, 1)[:, :7]),
        ...     ((3, 3), torch.eye(3).long()),
        ...     ((4, 3, 7), (4, 1, 7)),
        ...     ((4, 3), torch.zeros(4)),
        ...     ((7, 4, 3), (4, 7)),
        ...     ((4, 3, 1), (4,)),
        ...     ((28, 3), (4, 7)),
        ...     ((4, 7, 3), (28,)),
        ... ]:
        ...     print(explain(nn.CrossEntropyLoss(), (prediction, target)).fix)
        layer(x[0].permute(0, 2, 1), x[1].argmax(2))
        layer(x[0], x[1].argmax(2))
        layer(x[0], x[1].argmax(1))
        layer(x[0], x[1].squeeze(1))
        layer(x[0], x[1].long())
        layer(x[0].permute(1, 2, 0), x[1])
        layer(x[0].squeeze(-1), x[1])
        layer(x[0], x[1].flatten())
        layer(x[0].flatten(0, 1), x[1])
    """
    p, t = tuple(prediction.shape), tuple(target.shape)
    whole = not target.is_floating_point()
    if p == t and len(p) > 1:
        hot = [axis for axis in range(1, len(t)) if _is_one_hot(target, axis)]
        if not target.is_meta and whole and not hot:
            when = "several classes may be right at once, each a yes or no"
            yield Reading("nn.BCEWithLogitsLoss()(x[0], x[1].to(x[0].dtype))", when, sure=False)
            when = "the target holds counts or probabilities of the classes, and each is a float"
            yield Reading("layer(x[0], x[1].to(x[0].dtype))", when, sure=False)
        if 1 in hot or target.is_meta:
            when = "the target is one-hot, with a classes axis of its own; the loss wants the class numbers"
            yield Reading("layer(x[0], x[1].argmax(1))", when, sure=hot == [1] or len(p) == 2)
        if len(p) == 3 and (2 in hot or target.is_meta):
            when = "prediction and target both have the classes on the last axis, and the target is one-hot"
            yield Reading("layer(x[0].permute(0, 2, 1), x[1].argmax(2))", when, sure=hot == [2])
        return
    if len(p) == 3 and (p[0], p[2], p[1]) == t:
        when = f"the target is one-hot with its {p[1]} classes on the last axis"
        yield Reading("layer(x[0], x[1].argmax(2))", when)
    cast = "" if whole and target.dtype == torch.int64 else ".long()"
    whys = f"; class numbers are int64, and these are {str(target.dtype).removeprefix('torch.')}" if cast else ""
    for axis in range(1, len(t)):
        if t[axis] == 1:
            when = f"axis {axis} of the target, of size 1, is no classes axis and goes{whys}"
            yield Reading(f"layer(x[0], x[1].squeeze({axis}){cast})", when)
    if (p[:1] + p[2:] == t) or len(p) == 1:
        if cast:
            yield Reading(f"layer(x[0], x[1]{cast})", whys.removeprefix("; "))
        return
    for order in itertools.permutations(range(len(p))) if len(p) == 3 else ():
        if (p[order[0]], p[order[2]]) == t:
            when = f"axis {order[1]} of the prediction, of size {p[order[1]]}, is the classes and belongs second"
            yield Reading(f"layer(x[0].permute{order}, x[1]{cast})", f"{when}{whys}")
    if len(p) == 3 and p[2] == 1 and t == p[:1]:
        yield Reading(f"layer(x[0].squeeze(-1), x[1]{cast})", f"the length axis of size 1 goes{whys}")
    if len(p) == 2 and len(t) == 2 and t[1] > 1 and t[0] * t[1] == p[0]:
        when = f"the prediction has joined the {t[0]} cases and {t[1]} steps into {p[0]} rows: join the target too"
        yield Reading(f"layer(x[0], x[1].flatten(){cast})", f"{when}{whys}")
    if len(p) == 3 and len(t) == 1 and t[0] == p[0] * p[1]:
        when = f"the target has joined the {p[0]} cases and {p[1]} steps into {t[0]}: join the prediction too"
        yield Reading(f"layer(x[0].flatten(0, 1), x[1]{cast})", f"{when}{whys}")


def _alike(prediction: torch.Tensor, target: torch.Tensor) -> Iterator[Reading]:
    """Ways to give a prediction and a target one shape.

    Example:
        >>> for prediction, target in [
        ...     ((4, 1, 7), (4, 7)),
        ...     ((4, 7), (4, 1, 7)),
        ...     ((4, 7, 3), (4, 3, 7)),
        ...     ((4, 7), torch.ones(4, 7).long()),
        ...     ((4, 7), torch.ones(4).long()),
        ... ]:
        ...     print(explain(nn.BCEWithLogitsLoss(), (prediction, target)).fix)
        layer(x[0].squeeze(1), x[1])
        layer(x[0], x[1].squeeze(1))
        layer(x[0].permute(0, 2, 1), x[1])
        layer(x[0], x[1].to(x[0].dtype))
        None
    """
    p, t = tuple(prediction.shape), tuple(target.shape)
    cast = "" if target.is_floating_point() else ".to(x[0].dtype)"
    whys = f"; the target is {str(target.dtype).removeprefix('torch.')} and becomes floating-point" if cast else ""
    for axis in range(len(p)):
        if p[axis] == 1 and p[:axis] + p[axis + 1 :] == t:
            when = f"axis {axis} of the prediction, of size 1, goes{whys}"
            yield Reading(f"layer(x[0].squeeze({axis}), x[1]{cast})", when)
    for axis in range(len(t)):
        if t[axis] == 1 and t[:axis] + t[axis + 1 :] == p:
            when = f"axis {axis} of the target, of size 1, goes{whys}"
            yield Reading(f"layer(x[0], x[1].squeeze({axis}){cast})", when)
    if len(p) == 3 and (p[0], p[2], p[1]) == t:
        yield Reading(f"layer(x[0].permute(0, 2, 1), x[1]{cast})", f"the prediction's axes are turned{whys}")
    if p == t and cast:
        yield Reading(f"layer(x[0], x[1]{cast})", whys.removeprefix("; "))
    if len(p) > 1 and p[:1] + p[2:] == t and p[1] > 1 and cast:
        when = f"the target holds the numbers of {p[1]} classes that shut each other out"
        yield Reading("nn.CrossEntropyLoss()(x[0], x[1].long())", when, sure=False)
        hot = f"F.one_hot(x[1].long(), {p[1]})" + (".movedim(-1, 1)" if len(p) > 2 else "")
        when = f"the target holds class numbers, and each of the {p[1]} classes is a yes or no of its own"
        yield Reading(f"layer(x[0], {hot}{cast})", when, sure=False)


def _is_one_hot(target: torch.Tensor, axis: int) -> bool:
    """Whether there is one 1 among zeros along an axis; it has to be known."""
    if target.is_meta or target.numel() == 0:
        return False
    return bool(((target == 0) | (target == 1)).all() and (target.sum(axis) == 1).all())


def _seen(tensor: torch.Tensor) -> str:
    dtype = "" if tensor.is_floating_point() else f" ({str(tensor.dtype).removeprefix('torch.')})"
    return f"{tuple(tensor.shape)}{dtype}"


def as_zeros(args: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    """Tensors of the same shapes and dtypes that take no memory; the CPU checks more than the meta device does."""
    if sum(a.numel() for a in args) > _MOST:
        return on_meta(args)
    return tuple(torch.zeros((), dtype=a.dtype).expand(a.shape) for a in args)


def _run(loss: nn.Module, call: str, x: tuple[torch.Tensor, ...]) -> Run:
    on_shapes = any(a.is_meta for a in x)
    loss = shape_copy(loss) if on_shapes else copy.deepcopy(loss)
    names = {"layer": loss, "x": x, "torch": torch, "nn": nn, "F": F}
    return recorded(lambda: eval(call, names), meta=on_shapes)
