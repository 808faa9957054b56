"""What happens to my tensor in this layer, and why does torch refuse it?

`explain` runs a layer or a whole model on shapes alone (torch's meta device), on a copy: the model, its training
mode, its running statistics and the random numbers stay as they are. A repair is shown only after it ran. The
codes of `Explanation.problem` are the keys of `PROBLEMS`, those of the notes the keys of `NOTES`.
"""

import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from .._showing import Piece, Shown
from ..arithmetic import Conv1dSpec
from . import building, functional, losses, words
from .codes import NOTES, PROBLEMS
from .error import explain_error
from .model import unwrapped
from .run import Run
from .search import Diagnosis, diagnose
from .situation import path_of
from .subject import Subject, as_arguments, is_shape
from .suspicions import Note, notes_on
from .words import Row

__all__ = ["NOTES", "PROBLEMS", "Explanation", "Note", "Row", "explain", "explain_error"]


@dataclass(frozen=True, repr=False)
class Explanation(Shown):
    """What a layer or model does with an input, or why it refuses it.

    Attributes:
        ok: whether it runs.
        problem: a code, one of `PROBLEMS`; None if it runs.
        text: all of it in words.
        fix: a Python expression in the names ``layer``, ``x``, ``torch``, ``nn`` and ``F`` that ran and does what
            is meant; None where there is no such one. For a shape, ``x`` stands for a tensor of that shape.
        notes: what runs and is still suspicious, as (code, text).
        trace: one row for each innermost layer that ran: layer, input shape, output shape, parameters.
    """

    ok: bool
    problem: str | None
    text: str
    fix: str | None = None
    notes: list[Note] = field(default_factory=list)
    trace: list[Row] = field(default_factory=list)

    def __repr__(self) -> str:
        """All of it in words, the trace in columns."""
        return self.text

    def _pieces(self) -> Sequence[Piece]:
        return words.pieces(self.text, self.trace)


def explain(layer: Any, x: Any, *, values: bool = True) -> Explanation:
    """Tell what a layer or a model does with an input, or why it refuses it and what would mend that.

    Nothing of the user's is changed or run: a copy runs, on shapes alone where forward allows it.

    Args:
        layer: an `nn.Conv1d`, any other layer, a model; or a function without arguments that builds one, for a
            layer that torch refuses to build.
        x: its input: a tensor, an array, or a shape such as ``(239, 49, 5)``; a tuple of these for a forward with
            several arguments.
        values: whether a copy may be run with numbers, where forward needs them.

    Returns:
        The explanation. Bad input is also answered in words; nothing is raised.

    Example:
        >>> found = explain(nn.Conv1d(5, 8, kernel_size=3), (239, 49, 5))
        >>> found.ok, found.problem, found.fix
        (False, 'channels_last', 'layer(x.permute(0, 2, 1))')
        >>> print(explain(nn.Conv1d(100, 100, 1), (32, 100, 50)).trace[0].output)
        (32, 100, 50)
    """
    try:
        return _explain(layer, x, values)
    except Exception as error:
        # A promise to answer anything has to hold for what nobody thought of, too.
        found = (
            f"This could not be explained: {type(error).__name__}: {error}. Its run by torch itself may say more."
        )
        return _refused("not_understood", found)


def _explain(layer: Any, x: Any, values: bool) -> Explanation:
    if isinstance(layer, Conv1dSpec):
        return explain(functional.layer_of(layer), x, values=values)
    if isinstance(x, nn.Module) and not isinstance(layer, nn.Module):
        return _exchanged(layer, x)
    if isinstance(layer, torch.Tensor):
        code, text, fix = functional.reason(layer, x)
        return Explanation(code is None, code, text, fix)
    if not isinstance(layer, nn.Module):
        return _without_a_layer(layer, x)
    model = unwrapped(layer)
    if type(model).forward is nn.modules.module._forward_unimplemented:
        found = f"{type(model).__name__} has no forward: it holds layers and is not one. Call one of its entries."
        return _refused("not_a_layer", found)
    try:
        args, source, several = as_arguments(x, _dtype_of(model))
    except ValueError as error:
        return _refused(
            "bad_shape", f"{tuple(x)} is not the shape of a tensor: {error}. Every size is at least 0."
        )
    except TypeError as error:
        found = (
            f"x is a {type(x).__name__}, found {error}. Give a tensor, an array of numbers or a shape like (32, "
            "5, 49)."
        )
        return _refused("bad_input", found)
    if losses.is_loss(model, args):
        return Explanation(*losses.judged(model, args, [is_shape(item) for item in x]))
    return _explained(Subject(model, args, source, several, values))


def _explained(subject: Subject) -> Explanation:
    args = subject.args
    elsewhere = _other_device(subject.model, args)
    if elsewhere:
        return Explanation(False, "device", *elsewhere)
    run = subject.first_run()
    if run.failure and "indices" in run.failure.message and all(a.is_meta for a in args if torch.is_tensor(a)):
        # A shape has no dtype: a model that begins with an Embedding wants whole numbers.
        subject.args = tuple(torch.empty(a.shape, dtype=torch.int64, device="meta") for a in args)
        run = subject.first_run()
    if run.failure is None:
        return _told_success(subject, run)
    return _told_failure(subject, run)


def _told_success(subject: Subject, run: Run) -> Explanation:
    notes = notes_on(subject, run)
    outside = functional.outside_the_embedding(subject.args, run)
    if outside:
        return Explanation(False, "index_range", outside, None, notes, words.rows_of(run, None))
    if subject.values:
        notes.append(
            Note("values_used", "forward needs values, so a copy was run with numbers, not with shapes alone.")
        )
    if subject.x != "x":
        notes.append(Note("array", "x is an array; a layer takes a tensor: torch.as_tensor(x)."))
    lines = words.of_success(run, subject.model)
    lines += [f"Note ({note.code}): {note.text}" for note in notes]
    return Explanation(True, None, "\n".join(lines), None, notes, words.rows_of(run, None))


def _told_failure(subject: Subject, run: Run) -> Explanation:
    failure = run.failure
    diagnosis = _special(subject, run) or diagnose(subject, run)
    rows = words.rows_of(run, failure.visit)
    if failure.visit is None:
        where = f"{type(subject.model).__name__} refused the call."
    else:
        path, kind = path_of(run.model, failure.visit.module), type(failure.visit.module).__name__
        seen = " and ".join(map(str, failure.visit.inputs)) or "no tensor"
        kinds = sorted({str(dtype).removeprefix("torch.") for dtype in failure.visit.dtypes})
        where = f"{kind} {path!r}" if path else kind
        where += f" saw {', '.join([seen, *kinds])}, and refused it."
        if kind != type(subject.model).__name__ or path:
            where += f" The model saw {' and '.join(map(str, run.visits[0].inputs))}."
    message = textwrap.shorten(f"{type(failure.error).__name__}: {failure.message}", 400, placeholder=" …")
    lines = words.of_failure(diagnosis, where, message)
    if len(rows) > 1:
        lines += [words.TRACE_HEAD, *words.table(rows)]
    return Explanation(False, diagnosis.code, "\n".join(lines), diagnosis.fix, [], rows)


def _special(subject: Subject, run: Run) -> Diagnosis | None:
    """Failures that are not about the shape or the numbers of the input."""
    error, text = run.failure.error, run.failure.message
    if run.failure.visit is None or (isinstance(error, TypeError) and "argument" in text and "forward" in text):
        names = _required(subject.model)
        if len(names) != len(subject.args):
            given = (
                f"{len(names)} arguments ({', '.join(names)})" if len(names) != 1 else f"1 argument ({names[0]})"
            )
            meaning = f"forward takes {given}: explain(model, (…)) with a tuple of that many tensors or shapes"
            return Diagnosis("several_arguments", meaning)
    if "meta" in text.lower() or "item()" in text:
        meaning = "forward needs the numbers themselves, and only a shape is known here: give a small real tensor"
        return Diagnosis("not_traceable", meaning)
    if isinstance(error, NameError | AttributeError | KeyError | AssertionError | ImportError) and not (
        "embedding dim" in text or "tuple" in text
    ):
        line = f" The line is: {run.failure.line}" if run.failure.line else ""
        return Diagnosis("forward_error", f"the model's own code failed, not a layer's rule.{line}")
    return None


def _required(model: nn.Module) -> list[str]:
    try:
        parameters = inspect.signature(model.forward).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.default is inspect.Parameter.empty and p.kind in kinds]


def _other_device(model: nn.Module, args: tuple[Any, ...]) -> tuple[str, str] | None:
    homes = {p.device for p in [*model.parameters(), *model.buffers()]}
    # A shape is on no device; it stands as a meta tensor that the user did not make.
    given = {a.device for a in args if isinstance(a, torch.Tensor) and not a.is_meta}
    if len(homes) != 1 or len(given) != 1 or homes == given:
        return None
    (home,), (found,) = homes, given
    text = (
        f"The data are on {found} and the weights on {home}: torch computes only where both are.\n"
        f"  fix:        layer(x.to({str(home)!r}))   (not run here)\n"
        "  Or move the model: model.to(x.device). A tensor's .to(…) returns a new tensor: write x = x.to(…)."
    )
    return text, f"layer(x.to({str(home)!r}))"


def _exchanged(layer: Any, x: nn.Module) -> Explanation:
    inner = explain(x, layer)
    text = f"The layer comes first, the input second: explain(layer, x). Taken so:\n{inner.text}"
    return Explanation(
        False, "operands_exchanged", text, "x(layer)" if inner.ok else None, inner.notes, inner.trace
    )


def _without_a_layer(layer: Any, x: Any) -> Explanation:
    if isinstance(layer, type) and issubclass(layer, nn.Module):
        name = layer.__name__
        return _refused(
            "not_a_layer",
            f"{name} is a class, not yet a layer: build one first, such as {name}(…), then explain it.",
        )
    if callable(layer):
        return _built(layer, x)
    found = f"The first argument is a {type(layer).__name__}, not a layer or a model of torch."
    if is_shape(layer) or isinstance(layer, np.ndarray | list | tuple):
        found += " It looks like data: explain(layer, x) takes the layer first."
    return _refused("not_a_layer", found)


def _built(build: Callable[[], Any], x: Any) -> Explanation:
    try:
        return explain(build(), x)
    except Exception as error:
        arguments = building.arguments_of(error)
        if arguments is None:
            message = (
                f"{getattr(build, '__name__', 'the function')} is not a layer, and did not build one: {error}"
            )
            return _refused("not_a_layer", message)
        return explained_building(error, arguments, x)


def explained_building(error: BaseException, arguments: dict[str, Any], x: Any = None) -> Explanation:
    """Tell why torch refuses to build a Conv1d.

    Args:
        error: what torch raised.
        arguments: what the Conv1d was called with.
        x: its input, if it is known: then the repair is run on it.

    Returns:
        The explanation.
    """
    code, meaning, call = building.reason(error, arguments)
    fix = call if call is None or "(x)" in call or "F.pad(x" in call else f"{call}(x)"
    ran = functional.runs(fix, x) if fix and x is not None else None
    lines = [
        "Conv1d could not be built.",
        f"  torch says: {type(error).__name__}: {error}",
        f"  it means:   {meaning}.",
    ]
    if fix and ran is not False:
        lines.append(f"  fix:        {fix}" + (f"   (ran, gives {ran})" if ran else "   (builds)"))
    if code in words.TEMPTING:
        lines.append(f"  avoid:      {words.TEMPTING[code]}.")
    return Explanation(False, code, "\n".join(lines), fix if ran else None)


def _refused(code: str, text: str) -> Explanation:
    return Explanation(False, code, text)


def _dtype_of(model: nn.Module) -> torch.dtype:
    """The dtype that a shape is taken to have: that of the weights."""
    return next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.get_default_dtype())


# The first run on shapes loads torch's own tables, which takes a second: better now than at the first question.
explain(nn.Sequential(nn.Conv1d(1, 1, 1, device="meta"), nn.ReLU()), (1, 1, 1))
