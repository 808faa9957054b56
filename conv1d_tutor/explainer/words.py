"""How is it told? The text and the table of an explanation."""

from typing import NamedTuple

from torch import nn

from .._showing import Lines, Piece, Table, in_columns
from ..arithmetic import Conv1dSpec, effective_kernel_size, receptive_field
from .run import Run, Shape, Visit
from .search import Diagnosis, Solution
from .situation import path_of
from .source import name_of

_AXES = {1: ("length",), 2: ("channels", "length"), 3: ("batch", "channels", "length")}
_SLIDING = (nn.Conv1d, nn.MaxPool1d, nn.AvgPool1d)
_BETWEEN = (
    "ReLU",
    "GELU",
    "ELU",
    "LeakyReLU",
    "Tanh",
    "Sigmoid",
    "SiLU",
    "Dropout",
    "Dropout1d",
    "BatchNorm1d",
    "Identity",
)

#: The fix that tempts, and why it is wrong.
TEMPTING = {
    "channels_last": "not x.reshape or x.view to the wanted shape: it cuts the values anew, and every channel "
    "then holds a "
    "mixture of all; and not in_channels set to the time axis: the kernel would slide over features",
    "missing_channel_axis": "not in_channels set to the number of samples: that axis is time or cases, not "
    "channels",
    "missing_batch_axis": "not squeeze or view until it runs: a batch of one is one case",
    "missing_length_axis": "not permute: there is no time axis in these data",
    "channel_count": "not permute or reshape: no other axis is the channels, and turning the data only moves the "
    "error",
    "in_channels_is_length": "not permute: the layer would then see the wrong axis as time, or nothing to slide "
    "over",
    "extra_axis": "not view to three axes at will: it mixes values of different cases",
    "two_number_kernel": "not an input with one more axis of 1 to please a 2-D kernel: Conv1d slides in one "
    "direction",
    "input_too_short": "not kernel_size=1 to silence it: such a kernel sees no neighbours",
    "stack_too_short": "not to drop a layer at random: look in the table where the length goes",
    "linear_in_features": "not view(-1, in_features): it moves values from one case to the next, and the number "
    "of rows changes",
    "flatten_batch": "not a larger in_features: the Linear would read all cases at once, and only this batch "
    "size would fit",
    "missing_flatten": "not view(-1, in_features) without the batch size: rows then no longer belong to cases",
    "norm_axis": "not num_features set to the length: it would normalise every time step by itself",
    "norm_features": "not the length of the signal: num_features counts channels",
    "rnn_axis": "not view or reshape to the wanted shape: only permute keeps each value at its time and feature",
    "dtype": "not x.long() for a convolution, and not a whole model in double only because NumPy is",
    "one_value_per_channel": "not track_running_stats=False: it changes what the model computes",
    "same_with_stride": "not 'valid' in silence: the length then shrinks at both ends",
    "length_mismatch": "not to cut both tensors to the shorter one without knowing which end: the samples no "
    "longer meet",
}


class Row(NamedTuple):
    """One line of a trace.

    Attributes:
        layer: path in the model and class.
        input: shape that it saw; several for several tensors.
        output: shape that it gave, None if it refused.
        parameters: how many numbers it learns.
    """

    layer: str
    input: Shape | tuple[Shape, ...]
    output: Shape | None
    parameters: int


def rows_of(run: Run, failed: Visit | None) -> list[Row]:
    """The trace: the innermost layers in the order they ran, with the layer that refused."""
    rows = []
    for visit in run.visits:
        if visit.is_leaf or visit is failed:
            path, kind = path_of(run.model, visit.module), type(visit.module).__name__
            shapes = visit.inputs[0] if len(visit.inputs) == 1 else visit.inputs
            rows.append(Row(f"{path}: {kind}" if path else kind, shapes, visit.output, visit.parameters))
    return rows


def with_axes(shape: Shape) -> str:
    """A shape with its axes named as Conv1d reads them."""
    names = _AXES.get(len(shape))
    return " × ".join(f"{name} {size}" for name, size in zip(names, shape, strict=True)) if names else str(shape)


def of_success(run: Run, model: nn.Module) -> list[str]:
    """Sentences on a run without an error."""
    leaves = [visit for visit in run.leaves if visit.inputs]
    if isinstance(model, nn.Conv1d) and leaves:
        return of_convolution(leaves[0].module, leaves[0])
    x = run.visits[0].inputs if run.visits else ()
    seen = " and ".join(map(str, x)) or "no tensor"
    lines = [f"{name_of(model)} reads {seen} and gives {run.output_shape}."]
    if len(run.visits) > 1:
        lines += table(rows_of(run, None))
    for visit in leaves:
        if type(visit.module) is nn.Conv1d and visit.output and len(run.visits) > 1:
            spec = Conv1dSpec.from_layer(visit.module)
            lines.append(f"{path_of(run.model, visit.module)}: {spec.length_formula(visit.inputs[0][-1])}")
    lines.append(f"Parameters: {sum(p.numel() for p in run.model.parameters()):,}.")
    stack = [v.module for v in leaves if isinstance(v.module, _SLIDING)]
    others = [v for v in leaves if not isinstance(v.module, _SLIDING) and type(v.module).__name__ not in _BETWEEN]
    in_order = isinstance(model, nn.Sequential) and (not others or leaves.index(others[0]) >= len(stack))
    if len(stack) > 1 and in_order:
        lines.append(
            f"Receptive field: one output of the last of these {len(stack)} layers sees {receptive_field(stack)} "
            "samples."
        )
    return lines


def of_convolution(layer: nn.Conv1d, visit: Visit) -> list[str]:
    """Sentences on one Conv1d: axes, kernels, length, unread samples, parameters, receptive field."""
    shape, out, spec = visit.inputs[0], visit.output, Conv1dSpec.from_layer(layer)
    length, reach = shape[-1], effective_kernel_size(layer.kernel_size, layer.dilation)
    out_channels, per_kernel, taps = spec.weight_shape
    lines = [
        f"{layer} reads {shape} as {with_axes(shape)} and gives {out}: {with_axes(out)}.",
        f"Kernels: {out_channels} kernels, one for each output channel; each has shape ({per_kernel}, {taps}): "
        f"{per_kernel} "
        f"channels × {taps} taps"
        + (f", and reads only its own group of {layer.groups}." if layer.groups > 1 else "."),
        f"Length: {spec.length_formula(length)}.",
    ]
    if layer.padding_mode != "zeros" and any(spec.padding_sides):
        left, right = spec.padding_sides
        lines.append(
            f"Padding: {left} samples on the left and {right} on the right, copied from the signal (padding_mode="
            f"{layer.padding_mode!r}). torch before 1.5 split padding={layer.padding} over both sides for "
            "'circular', so old "
            "code reports shorter outputs."
        )
    unread = spec.unread_tail(length)
    if unread:
        lines.append(f"Unread: the last {unread} sample{'s' if unread > 1 else ''}, where no further window fits.")
    bias = f" + {out_channels} biases" if spec.bias else ""
    lines.append(
        f"Parameters: {out_channels}·{per_kernel}·{taps}{bias} = {spec.parameter_count():,}; the length plays no "
        "part."
    )
    lines.append(
        f"Receptive field: one output sees {reach} sample{'s' if reach > 1 else ''} of each channel it reads."
    )
    if taps == 1 and layer.groups == 1:
        lines.append("A kernel of 1 mixes channels at each step by itself: a Linear applied at every step.")
    elif out[-1] == 1 and length == reach and length > 1:
        lines.append("The kernel is as long as the signal: one output per kernel, as a Linear over all of it.")
    return lines


def of_failure(diagnosis: Diagnosis, where: str, message: str) -> list[str]:
    """Sentences on a failure: where, torch's message, its meaning, the cause, the fix, the tempting wrong one."""
    lines = [where, f"  torch says: {message}", f"  it means:   {diagnosis.meaning.rstrip('.')}."]
    if diagnosis.fix:
        best, *others = diagnosis.solutions
        lines += _solution("likely:     ", "fix:        ", best)
        for other in others:
            lines += _solution("or else:    ", "then:       ", other)
    else:
        for number, solution in enumerate(diagnosis.solutions):
            lines += _solution("either:     " if not number else "or:         ", "then:       ", solution)
        if len(diagnosis.solutions) > 1:
            lines.append("  Which one is meant depends on what the axes are; the shapes alone do not say.")
        elif not diagnosis.solutions:
            lines.append("  fix:        none that could be run and is surely meant.")
    tempting = TEMPTING.get(diagnosis.code)
    if tempting:
        lines.append(f"  avoid:      {tempting}.")
    return lines + [f"  note:       {words}." for words in diagnosis.words]


def _solution(belief: str, fix: str, solution: Solution) -> list[str]:
    said = "; and then: ".join(step.belief for step in solution.steps)
    lines = [f"  {belief}{said}.", f"  {fix}{solution.expression}   (ran, gives {solution.output})"]
    cures = [step.cure for step in solution.steps if step.cure]
    return lines + [f"  in code:    {cure}" for cure in cures]


def table(rows: list[Row]) -> list[str]:
    """The trace as lines of text."""
    cells = [(r.layer, str(r.input), str(r.output or "refused"), f"{r.parameters:,}") for r in rows]
    return [f"  {line}" for line in in_columns([_HEADS, *cells])]


_HEADS = ("layer", "input", "output", "parameters")

#: The line above the trace in plain text.
TRACE_HEAD = "The layers until then:"


def pieces(text: str, rows: list[Row]) -> list[Piece]:
    """The trace as a table, and the text below it."""
    cells = [
        (
            row.layer,
            _axes(row.input),
            "refused" if row.output is None else _axes(row.output),
            f"{row.parameters:,}",
        )
        for row in rows
    ]
    said = Lines(text.partition(f"\n{TRACE_HEAD}\n")[0])  # the table says the rest
    return [Table(_HEADS, cells), said] if rows else [said]


def _axes(shape: Shape | tuple[Shape, ...]) -> str:
    named = shape and all(isinstance(size, int) for size in shape) and len(shape) == 3
    return with_axes(shape) if named else str(shape)
