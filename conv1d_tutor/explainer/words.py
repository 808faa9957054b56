"""How is it told? An explanation, its text and its table."""

import textwrap
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from .._showing import Lines, Piece, Shown, Table, folded, hanging, in_columns
from ..arithmetic import AXIS_NAMES, Conv1dSpec, receptive_field
from .evidence import Fix
from .layers import POINTWISE, POOLS
from .note import Note
from .readings import NONE, heads
from .run import Row, Run, Shape, Subject, Visit
from .search import Finding, Reading
from .source import name_of

#: The line above the trace in plain text.
_TRACE_HEAD = "The layers until then:"
_HEADS = ("layer", "input", "output", "parameters")


@dataclass(frozen=True, repr=False)
class Explanation(Shown):
    """What a layer or model does with an input, or why it refuses it.

    Attributes:
        ok: whether it runs.
        problem: a code, one of `PROBLEMS`; None if it runs.
        text: all of it in words.
        fix: a Python expression in the names ``layer``, ``x``, ``torch``, ``nn`` and ``F`` that ran and does what
            is meant; None where no reading is clearly ahead. For a shape, ``x`` stands for a tensor of that shape.
        fixes: the readings of what is meant, best first, each with what decides for it; at most four.
        notes: what runs and is still suspicious, as (code, text).
        trace: one row for each innermost layer that ran: layer, input shape, output shape, parameters.
    """

    ok: bool
    problem: str | None
    text: str
    fix: str | None = None
    notes: list[Note] = field(default_factory=list)
    trace: list[Row] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)

    def __repr__(self) -> str:
        """All of it in words, the trace in columns."""
        return hanging(self.text)

    def _pieces(self) -> Sequence[Piece]:
        table = "\n".join(_table(self.trace)) if self.trace else ""
        said = Lines(self.text.replace(f"\n{_TRACE_HEAD}\n{table}", "").replace(f"\n{table}\n", "\n"))
        return [Table(_HEADS, _cells(self.trace, _axes)), said] if self.trace else [said]


def of_success(subject: Subject, run: Run, notes: list[Note]) -> Explanation:
    """Explain a run without an error."""
    rows = run.rows()
    lines = _what_ran(run, subject.model, rows)
    lines += [f"Note ({note.code}): {note.text}" for note in notes]
    return Explanation(True, None, "\n".join(lines), None, notes, rows)


def of_failure(subject: Subject, run: Run, finding: Finding) -> Explanation:
    """Explain a failure: where, torch's message, its meaning, the cause, the fix, the tempting wrong one."""
    rows, error = run.rows(), f"{type(run.failure.error).__name__}: {run.failure.message}"
    said = textwrap.shorten(error, 400, placeholder=" …")
    lines = [_where(subject, run)]
    if run.failure.speaker:
        lines.append(f"  {run.failure.speaker} says: {said}")
    lines.append(f"  it means:   {finding.meaning.rstrip('.')}.")
    lines += _repairs(finding, bool(subject.named))
    if finding.warning:
        lines.append(f"  avoid:      {finding.warning}.")
    lines += [f"  note:       {words}{'' if words.endswith('?') else '.'}" for words in finding.remarks]
    if len(rows) > 1:
        lines += [_TRACE_HEAD, *_table(rows)]
    fixes = [reading.fix for reading in finding.readings]
    fix = fixes[0].expression if finding.is_clear else None
    return Explanation(False, finding.cause.code, "\n".join(lines), fix, [], rows, fixes)


def _where(subject: Subject, run: Run) -> str:
    visit = run.failure.visit
    if visit is None:
        what = "refused the call" if run.failure.speaker else "was not run to its end"
        return f"{type(subject.model).__name__} {what}."
    path, kind = visit.path, type(visit.module).__name__
    seen = " and ".join(map(str, visit.inputs)) or "no tensor"
    kinds = sorted({str(dtype).removeprefix("torch.") for dtype in visit.dtypes})
    where = f"{kind} {path!r}" if path else kind
    where += f" saw {', '.join([seen, *kinds])}, and {'refused it' if run.failure.speaker else 'was stopped'}."
    if kind != type(subject.model).__name__ or path:
        where += f" The model saw {' and '.join(map(str, run.visits[0].inputs))}."
    return where


def _repairs(finding: Finding, named: bool) -> list[str]:
    lines, readings = [], finding.readings
    for number, reading in enumerate(readings):
        lines += _reading(*heads(number, len(readings), finding.is_clear), reading)
    if not readings:
        lines.append(NONE)
    elif not finding.is_clear:
        lines += [f"  decides:    {words}" for words in _what_decides(readings, named)]
    return lines


def _reading(belief: str, head: str, reading: Reading) -> list[str]:
    said = "; and then: ".join(step.repair.belief for step in reading.told)
    weights = "" if reading.changes.keeps_weights else "; a new layer has new weights"
    ran = f"(ran, gives {reading.run.output_shape}{weights})"
    lines = [f"  {belief}{said}.", f"  {head}{reading.expression}   {ran}"]
    return lines + [f"  in code:    {step.cure}" for step in reading.steps if step.cure]


def _what_decides(readings: list[Reading], named: bool) -> list[str]:
    """What tells which reading is meant, or why the only one is not surely meant."""
    found = [step.repair.when for reading in readings for step in reading.steps if step.repair.when]
    if any(not reading.changes.keeps_weights for reading in readings):
        found.append("is the model trained? Then its weights stay, and the data must become what it wants.")
    if any(not reading.changes.keeps_numbers for reading in readings):
        found.append("do the numbers have to stay? Zeros, means and cuts change what the layer sees.")
    if not named and any(reading.changes.moves_axes for reading in readings):
        found.append('what are the axes? Say so: explain(layer, x, axes="batch time channels"), in your order.')
    return list(dict.fromkeys(found))


def _what_ran(run: Run, model: nn.Module, rows: list[Row]) -> list[str]:
    leaves = [visit for visit in run.leaves if visit.inputs]
    if isinstance(model, nn.Conv1d) and leaves:
        return _of_convolution(leaves[0].module, leaves[0])
    x = run.visits[0].inputs if run.visits else ()
    seen = " and ".join(map(str, x)) or "no tensor"
    lines = [f"{name_of(model)} reads {seen} and gives {run.output_shape}."]
    if len(run.visits) > 1:
        lines += _table(rows)
    lengths = [
        (visit.path or "Conv1d", _length_of(Conv1dSpec.from_layer(visit.module), visit.inputs[0][-1]))
        for visit in leaves
        if type(visit.module) is nn.Conv1d and visit.output and len(run.visits) > 1
    ]
    shown = folded(
        lengths, lambda length: length[1], lambda n, block: f"… the same for {n} more, to {block[-1][0]}"
    )
    lines += [length if isinstance(length, str) else ": ".join(length) for length in shown]
    lines.append(f"Parameters: {sum(p.numel() for p in run.model.parameters()):,}.")
    sliding = (nn.Conv1d, *POOLS)
    stack = [v.module for v in leaves if isinstance(v.module, sliding)]
    others = [v for v in leaves if not isinstance(v.module, (*sliding, *POINTWISE))]
    in_order = isinstance(model, nn.Sequential) and (not others or leaves.index(others[0]) >= len(stack))
    if len(stack) > 1 and in_order:
        lines.append(
            f"Receptive field: one output of the last of these {len(stack)} layers "
            f"sees {receptive_field(stack)} samples."
        )
    return lines


def _length_of(spec: Conv1dSpec, length: int) -> str:
    """The length that comes out, and how many samples at the end no window reads."""
    unread = spec.unread_tail(length)
    rest = f"; the last {f'{unread} are' if unread > 1 else 'one is'} not read" if unread else ""
    return f"{spec.length_formula(length)}{rest}"


def _of_convolution(layer: nn.Conv1d, visit: Visit) -> list[str]:
    """Sentences on one Conv1d: axes, kernels, length, unread samples, parameters, receptive field."""
    shape, out, spec = visit.inputs[0], visit.output, Conv1dSpec.from_layer(layer)
    length, reach = shape[-1], spec.effective_kernel_size
    out_channels, per_kernel, taps = spec.weight_shape
    own_group = f", and reads only its own group of {layer.groups}" if layer.groups > 1 else ""
    kernels = f"{out_channels} kernels, one for each output channel; each has"
    if out_channels == 1:
        kernels = "1 kernel, for the one output channel; it has"
    lines = [
        f"{layer} reads {shape} as {with_axes(shape)} and gives {out}: {with_axes(out)}.",
        f"Kernels: {kernels} shape ({per_kernel}, {taps}): "
        f"{counted(per_kernel, 'channel')} × {counted(taps, 'tap')}{own_group}.",
        f"Length: {spec.length_formula(length)}.",
    ]
    if layer.padding_mode != "zeros" and any(spec.padding_sides):
        left, right = spec.padding_sides
        lines.append(
            f"Padding: {counted(left, 'sample')} on the left and {right} on the right, copied from the signal "
            f"(padding_mode={layer.padding_mode!r}). torch before 1.5 split padding={layer.padding} over both "
            "sides for 'circular', so old code reports shorter outputs."
        )
    unread = spec.unread_tail(length)
    if unread:
        lines.append(f"Unread: the last {counted(unread, 'sample')}, where no further window fits.")
    bias = f" + {out_channels} bias{'es' if out_channels > 1 else ''}" if spec.bias else ""
    lines.append(
        f"Parameters: {out_channels}·{per_kernel}·{taps}{bias} = {spec.parameter_count():,}; "
        "the length plays no part."
    )
    lines.append(f"Receptive field: one output sees {counted(reach, 'sample')} of each channel it reads.")
    if taps == 1 and layer.groups == 1:
        lines.append("A kernel of 1 mixes channels at each step by itself: a Linear applied at every step.")
    elif out[-1] == 1 and length == reach and length > 1:
        lines.append("The kernel is as long as the signal: one output per kernel, as a Linear over all of it.")
    return lines


def counted(number: int, what: str) -> str:
    """A number of things: 1 tap, 2 taps."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def with_axes(shape: Shape) -> str:
    """A shape with its axes named as Conv1d reads them."""
    names = AXIS_NAMES.get(len(shape))
    return " × ".join(f"{name} {size}" for name, size in zip(names, shape, strict=True)) if names else str(shape)


def _table(rows: list[Row]) -> list[str]:
    """The trace as lines of text."""
    return [f"  {line}" for line in in_columns([_HEADS, *_cells(rows, str)])]


def _cells(rows: list[Row], written: Callable[[Any], str]) -> list[tuple[str, ...] | str]:
    """The trace as rows of cells, equal blocks folded."""

    def alike(row: Row) -> Hashable:
        path, _, kind = row.layer.rpartition(": ")
        return "".join(one for one in path if not one.isdigit()), kind, row.input, row.output, row.parameters

    def more(count: int, block: Sequence[Row]) -> str:
        what = "it" if len(block) == 1 else f"these {len(block)} layers"
        return f"… {count} more like {what}, to {block[-1].layer.partition(':')[0]}"

    return [
        row
        if isinstance(row, str)
        else (
            row.layer,
            written(row.input),
            "refused" if row.output is None else written(row.output),
            f"{row.parameters:,}",
        )
        for row in folded(rows, alike, more)
    ]


def _axes(shape: Shape | tuple[Shape, ...]) -> str:
    named = shape and all(isinstance(size, int) for size in shape) and len(shape) == 3
    return with_axes(shape) if named else str(shape)
