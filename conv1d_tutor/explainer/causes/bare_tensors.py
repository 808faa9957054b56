"""What is wrong with F.conv1d of two bare tensors?"""

from typing import Any

import torch
import torch.nn.functional as F

from ..inputs import as_arguments
from ..model import on_meta
from ..run import Run, recorded
from ..words import Explanation

#: How F.conv1d is written with a kernel `layer` and a signal `x`.
_PLAIN = "F.conv1d(x, layer)"
#: How else, if the kernel is not longer than the signal, and if it is.
_WITH_AXES = ("F.conv1d(x.reshape(1, 1, -1), layer.reshape(1, 1, -1))",)
_EXCHANGED = ("F.conv1d(layer, x)", "F.conv1d(layer.reshape(1, 1, -1), x.reshape(1, 1, -1))")


def explained(kernel: torch.Tensor, x: Any) -> Explanation:
    """Explain F.conv1d(x, kernel) for two bare tensors.

    Args:
        kernel: what stands as the weight.
        x: what stands as the signal.

    Returns:
        The explanation.

    Example:
        >>> explained(torch.ones(5), torch.ones(100)).fix
        'F.conv1d(x.reshape(1, 1, -1), layer.reshape(1, 1, -1))'
        >>> explained(torch.ones(1, 1, 100), torch.ones(1, 1, 5)).problem
        'operands_exchanged'
    """
    try:
        (signal, *_), _, _ = as_arguments(x, kernel.dtype)
    except (TypeError, ValueError) as error:
        return Explanation(False, "bad_input", f"F.conv1d needs two tensors, and x is not one: {error}")
    names = {"x": on_meta(signal), "layer": on_meta(kernel), "torch": torch, "F": F}
    text = (
        f"F.conv1d takes a signal (N, C, L) and a weight (O, C, K); here x is {tuple(signal.shape)}, the weight "
        f"{tuple(kernel.shape)}."
    )
    plain = _ran(_PLAIN, names)
    if plain.failure is None:
        return Explanation(True, None, f"{text}\nIt runs and gives {plain.output_shape}.")
    text += f"\n  torch says: {plain.failure.message}"
    exchanged = kernel.numel() > signal.numel()
    for call in _EXCHANGED if exchanged else _WITH_AXES:
        run = _ran(call, names)
        if run.failure is None:
            code = "operands_exchanged" if exchanged else "missing_channel_axis"
            why = "the longer one is the signal and comes first" if exchanged else "the axes of size 1 are missing"
            text += f"\n  likely:     {why}\n  fix:        {call}   (ran, gives {run.output_shape})"
            return Explanation(False, code, text, call)
    return Explanation(False, "channel_count", text)


def _ran(call: str, names: dict[str, Any]) -> Run:
    return recorded(lambda: eval(call, names), meta=True)
