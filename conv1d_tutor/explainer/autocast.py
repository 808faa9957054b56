"""In which dtype does torch compute under autocast? On shapes, and on a CPU in a GPU's place, it does not say.

The tables are what torch 2.13 does on a CPU and torch 2.11 on CUDA; the tests ask torch again.
"""

from typing import Any

import torch

from .tensors import tensors_in

#: Functions that autocast runs in its own, smaller dtype, on every kind of device.
_DOWN = {
    *(f"conv{kind}{n}d" for kind in ("", "_transpose") for n in (1, 2, 3)),
    *("linear", "matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "addmm", "baddbmm", "einsum", "prelu"),
    *("scaled_dot_product_attention", "multi_head_attention_forward"),
}
_RECURRENT = {
    *("lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"),
}
#: Those that it runs in float32.
_UP = {
    *("cross_entropy", "nll_loss", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div", "ctc_loss"),
    *("binary_cross_entropy_with_logits", "prod", "cosine_similarity", "cdist"),
}
#: Those on the CPU, and on anything else, which follows CUDA.
_UP_ON_A_CPU = {"stft"}
_DOWN_ELSEWHERE = {"mv", "addmv", *_RECURRENT}
_UP_ELSEWHERE = {
    *("softmax", "log_softmax", "layer_norm", "group_norm", "norm", "exp", "log", "rsqrt", "pow", "__pow__"),
    *("sum", "cumsum", "cumprod", "softplus", "reciprocal", "interpolate"),
}


def cast(name: str, args: tuple, kwargs: dict, kind: str) -> tuple[tuple, dict]:
    """Give a function what autocast would give it, where torch does not do so itself, as on shapes.

    Args:
        name: of the function.
        args: its arguments.
        kwargs: its arguments by name.
        kind: the kind of device for which autocast is asked, such as ``"cpu"``.

    Returns:
        The arguments, with tensors of other dtypes where autocast casts them.

    Example:
        >>> with torch.autocast("cpu"):
        ...     (x, weight), _ = cast("conv1d", (torch.ones(2, 4, 9), torch.ones(8, 4, 3)), {}, "cpu")
        >>> x.dtype, weight.dtype
        (torch.bfloat16, torch.bfloat16)
    """
    if not torch.is_autocast_enabled(kind):
        return args, kwargs
    on_a_cpu = kind == "cpu"
    if name in _DOWN or (name in _DOWN_ELSEWHERE and not on_a_cpu):
        dtype = torch.get_autocast_dtype(kind)
    elif name in _UP or name in (_UP_ON_A_CPU if on_a_cpu else _UP_ELSEWHERE):
        dtype = torch.float32
    elif name in _RECURRENT:
        dtype = next(tensors_in(args)).dtype  # its parts are cast one by one, and all is as x is in the end
    else:
        return args, kwargs
    with torch._C.DisableTorchFunction():
        return _cast(args, dtype), _cast(kwargs, dtype)


def _cast(value: Any, dtype: torch.dtype) -> Any:
    if isinstance(value, torch.Tensor):
        casts = value.is_floating_point() and value.dtype not in (dtype, torch.float64) and dtype != torch.float64
        return value.to(dtype) if casts else value
    if type(value) in (tuple, list):
        return type(value)(_cast(item, dtype) for item in value)
    if type(value) is dict:
        return {key: _cast(item, dtype) for key, item in value.items()}
    return value
