"""How is a layer written? The call that builds it, with some arguments changed."""

import inspect
from typing import Any

from torch import nn

#: Layers whose constructor hides its argument names behind ``*args``.
_ARGUMENTS = {
    "rnn": {
        "input_size": None,
        "hidden_size": None,
        "num_layers": 1,
        "bias": True,
        "batch_first": False,
        "dropout": 0.0,
        "bidirectional": False,
    }
}


def name_of(layer: nn.Module) -> str:
    """The layer's class, as the user writes it."""
    kind = type(layer)
    return f"nn.{kind.__name__}" if getattr(nn, kind.__name__, None) is kind else kind.__name__


def built(layer: nn.Module, kind: str | None = None, **changes: Any) -> str | None:
    """Write the call that builds a layer like this one.

    Args:
        layer: a layer of torch.
        kind: another class of torch.nn, for instance ``"Conv1d"`` for a Conv2d.
        changes: arguments to set otherwise.

    Returns:
        Source text such as ``nn.Conv1d(5, 8, 3, padding=1)``, or None if the layer is not one of torch.
    """
    if getattr(nn, type(layer).__name__, None) is not type(layer):
        return None
    kind = kind or type(layer).__name__
    defaults = _defaults(layer, getattr(nn, kind))
    parts, positional = [], True
    for name, default in defaults.items():
        value = changes[name] if name in changes else _value(layer, name, default)
        required = default is inspect.Parameter.empty or (
            default is None and name in ("input_size", "hidden_size")
        )
        if required and positional:
            parts.append(repr(value))
        elif required or value != default:
            parts.append(f"{name}={value!r}")
            positional = False
    dtype = next((p.dtype for p in layer.parameters()), None)
    if (
        dtype is not None
        and str(dtype) != "torch.float32"
        and "dtype" in inspect.signature(getattr(nn, kind)).parameters
    ):
        parts.append(f"dtype={dtype}")
    return f"nn.{kind}({', '.join(parts)})"


def _defaults(layer: nn.Module, kind: type) -> dict[str, Any]:
    if isinstance(layer, nn.RNNBase):
        return _ARGUMENTS["rnn"]
    parameters = inspect.signature(kind).parameters
    return {n: p.default for n, p in parameters.items() if n not in ("device", "dtype", "args", "kwargs")}


def _value(layer: nn.Module, name: str, default: Any) -> Any:
    value = getattr(layer, name, default)
    if name == "bias":
        return value is not None and value is not False
    if name == "stride" and value is not None and value == getattr(layer, "kernel_size", None) and default is None:
        return None
    if isinstance(value, tuple) and len(set(value)) == 1 and name != "normalized_shape":
        return value[0]
    return value


def attribute(path: str) -> str:
    """A path as it stands in the user's class: ``self.blocks[0].conv``."""
    text = "self"
    for part in path.split("."):
        text += f"[{part}]" if part.isdigit() else f".{part}"
    return text
