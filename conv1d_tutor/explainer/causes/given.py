"""What stands in place of a layer, or of its input?"""

from dataclasses import asdict, replace
from typing import Any

import numpy as np
from torch import nn

from ..._refusals import Refused
from ...arithmetic import Conv1dSpec
from ..cause import cause
from ..inputs import is_shape
from ..words import Explanation

#: The layer that pads before a Conv1d whose two sides differ, by padding mode.
_PADS = {
    "zeros": nn.ZeroPad1d,
    "reflect": nn.ReflectionPad1d,
    "replicate": nn.ReplicationPad1d,
    "circular": nn.CircularPad1d,
}


def layer_of(spec: Conv1dSpec) -> nn.Module:
    """Build the layer that a description stands for, without numbers; behind one that pads, if its sides differ.

    Example:
        >>> layer_of(Conv1dSpec(4, 6, 3, padding=1))
        Conv1d(4, 6, kernel_size=(3,), stride=(1,), padding=(1,))
        >>> explain(Conv1dSpec(4, 6, 3, padding=(2, 0)), (2, 4, 9)).trace[-1].output
        (2, 6, 9)
    """
    if not isinstance(spec.padding, tuple):
        return nn.Conv1d(**asdict(spec), device="meta")
    inner = replace(spec, padding=0, padding_mode="zeros")
    return nn.Sequential(_PADS[spec.padding_mode](spec.padding), layer_of(inner))


@cause()
def operands_exchanged(inner: Explanation) -> Explanation:
    """Signal and kernel, or layer and input, stand in each other's place.

    Args:
        inner: the explanation of the two in the right order.

    Example:
        >>> explain((2, 4, 9), nn.Conv1d(4, 6, 3)).fix
        'x(layer)'
    """
    text = f"The layer comes first, the input second: explain(layer, x). Taken so:\n{inner.text}"
    fix = "x(layer)" if inner.ok else None
    return Explanation(False, "operands_exchanged", text, fix, inner.notes, inner.trace)


@cause()
def not_a_layer(layer: Any) -> Explanation:
    """The first argument is not a layer or a model.

    Example:
        >>> explain(nn.Conv1d, (4, 2, 50)).problem
        'not_a_layer'
    """
    name = type(layer).__name__
    if isinstance(layer, type):
        text = (
            f"{layer.__name__} is a class, not yet a layer: build one first, such as {layer.__name__}(…), "
            "then explain it."
        )
    elif isinstance(layer, nn.Module):
        text = f"{name} has no forward: it holds layers and is not one. Call one of its entries."
    else:
        text = f"The first argument is a {name}, not a layer or a model of torch."
        if is_shape(layer) or isinstance(layer, np.ndarray | list | tuple):
            text += " It looks like data: explain(layer, x) takes the layer first."
    return Explanation(False, "not_a_layer", text)


@cause()
def bad_shape(x: Any, error: ValueError) -> Explanation:
    """The shape has a size below 0.

    Example:
        >>> explain(nn.Conv1d(2, 4, 3), (4, -2, 9)).problem
        'bad_shape'
    """
    text = f"{tuple(x)} is not the shape of a tensor: {error}. Every size is at least 0."
    return Explanation(False, "bad_shape", text)


@cause()
def bad_axes(refused: Refused) -> Explanation:
    """axes= does not name the axes of the input.

    Example:
        >>> explain(nn.Conv1d(2, 4, 3), (4, 2, 9), axes="batch time").problem
        'bad_axes'
    """
    return Explanation(False, "bad_axes", _in_parts(refused))


@cause()
def bad_lengths(refused: Refused) -> Explanation:
    """lengths= does not fit the cases of the input.

    Example:
        >>> explain(nn.Conv1d(4, 6, 3), (2, 4, 9), lengths=[9, 12]).problem
        'bad_lengths'
    """
    return Explanation(False, "bad_lengths", _in_parts(refused))


def _in_parts(refused: Refused) -> str:
    found, rule, advice = refused.parts
    return f"{found}\n  rule:       {rule}\n  try:        {advice}"


@cause()
def bad_input(x: Any, error: TypeError) -> Explanation:
    """The input is not a tensor, an array or a shape.

    Example:
        >>> explain(nn.Conv1d(2, 4, 3), "text").problem
        'bad_input'
    """
    text = (
        f"x is a {type(x).__name__}, found {error}. Give a tensor, an array of numbers or a shape "
        "like (32, 5, 49)."
    )
    return Explanation(False, "bad_input", text)
