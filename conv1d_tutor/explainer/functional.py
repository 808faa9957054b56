"""What stands in place of a layer or a good index? F.conv1d with bare tensors, a description, an Embedding."""

from dataclasses import asdict
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from ..arithmetic import Conv1dSpec
from .model import on_meta
from .run import Run, Shape, recorded
from .subject import as_arguments

#: Ways to write F.conv1d with a kernel `layer` and a signal `x`, the plain one first.
_CALLS = (
    "F.conv1d(x, layer)",
    "F.conv1d(layer, x)",
    "F.conv1d(x.reshape(1, 1, -1), layer.reshape(1, 1, -1))",
    "F.conv1d(layer.reshape(1, 1, -1), x.reshape(1, 1, -1))",
    "F.conv1d(x.unsqueeze(1), layer.reshape(1, 1, -1))",
    "F.conv1d(x, layer.reshape(1, 1, -1))",
    "F.conv1d(x.permute(0, 2, 1), layer)",
)


def layer_of(spec: Conv1dSpec) -> nn.Conv1d:
    """Build the layer that a `Conv1dSpec` describes, without numbers."""
    return nn.Conv1d(**asdict(spec), device="meta")


def runs(expression: str, x: Any) -> Shape | bool:
    """Run an expression in x on shapes; the shape that comes out, or False."""
    try:
        (value, *_), _, _ = as_arguments(x, torch.float32)
    except (TypeError, ValueError):
        return False
    names = {"x": on_meta(value), "torch": torch, "nn": nn, "F": F}
    run = recorded(lambda: eval(expression, names), meta=True)
    return False if run.failure else run.output_shape or True


def reason(kernel: torch.Tensor, x: Any) -> tuple[str | None, str, str | None]:
    """Explain F.conv1d(x, kernel) for two bare tensors.

    Args:
        kernel: what stands as the weight.
        x: what stands as the signal.

    Returns:
        The problem or None, the text, and the call that runs or None.
    """
    try:
        (signal, *_), _, _ = as_arguments(x, kernel.dtype)
    except (TypeError, ValueError) as error:
        return "bad_input", f"F.conv1d needs two tensors, and x is not one: {error}", None
    names = {"x": on_meta(signal), "layer": on_meta(kernel), "torch": torch, "F": F}
    seen = (
        f"F.conv1d takes a signal (N, C, L) and a weight (O, C, K); here x is {tuple(signal.shape)}, the weight "
        f"{tuple(kernel.shape)}."
    )
    first = recorded(lambda: eval(_CALLS[0], names), meta=True)
    if first.failure is None:
        return None, f"{seen}\nIt runs and gives {first.output_shape}.", None
    exchanged = kernel.numel() > signal.numel()
    for call in _CALLS[1:]:
        if call.startswith("F.conv1d(layer") != exchanged:
            continue
        run = recorded(lambda call=call: eval(call, names), meta=True)
        if run.failure is None:
            code = "operands_exchanged" if exchanged else "missing_channel_axis"
            code = "channels_last" if "permute" in call else code
            why = "the longer one is the signal and comes first" if exchanged else "the axes of size 1 are missing"
            text = (
                f"{seen}\n  torch says: {first.failure.message}\n  likely:     {why}\n  fix:        {call}   "
                f"(ran, gives {run.output_shape})"
            )
            return code, text, call
    return "channel_count", f"{seen}\n  torch says: {first.failure.message}", None


def outside_the_embedding(args: tuple[Any, ...], run: Run) -> str | None:
    """Words on an index that an Embedding has no row for, None if all are inside or the values are unknown."""
    visit = next((v for v in run.leaves if isinstance(v.module, nn.Embedding)), None)
    value = args[0] if args else None
    if (
        visit is None
        or not isinstance(value, torch.Tensor)
        or value.is_meta
        or value.is_floating_point()
        or not value.numel()
    ):
        return None
    least, most, rows = int(value.min()), int(value.max()), visit.module.num_embeddings
    if (least >= 0 and most < rows) or tuple(value.shape) != visit.inputs[0]:
        return None
    return (
        f"Embedding has {rows} rows, 0 to {rows - 1}, and x holds numbers from {least} to {most}: torch raises "
        "'index out of "
        f"range in self'. num_embeddings must be at least {most + 1}; a padding index counts too."
    )
