"""What are the gradients of a Conv1d? Each output's gradient, sent back to what it was made of."""

import numpy as np

from .._refusals import refusing
from ..arithmetic import Size
from .operands import check_gradient, prepare


@refusing
def conv1d_backward(
    grad_output: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute the gradients of Conv1d by sending each output's gradient back to what it was made of.

    Args:
        grad_output: gradient of the loss with respect to the output, (N, O, L_out) or (O, L_out).
        x: the input of the forward pass, (N, C, L) or (C, L).
        weight: kernels, (O, C / groups, K).
        stride, padding, dilation, groups, padding_mode: as in `conv1d_loops`.

    Returns:
        The gradients with respect to x, shaped like x; to weight, (O, C / groups, K); and to bias, (O,).

    Raises:
        TypeError, ValueError: as `conv1d_loops` does, or grad_output is not shaped like the output.

    Example:
        >>> grads = conv1d_backward(np.ones((1, 3)), np.array([[1.0, 2, 4, 8]]), np.array([[[1.0, 10]]]))
        >>> [grad.tolist() for grad in grads]
        [[[1.0, 11.0, 11.0, 10.0]], [[[7.0, 14.0]]], [3.0]]
    """
    job = prepare(locals())
    check_gradient(job, grad_output)
    # Conjugates as autograd takes them; for real numbers they change nothing.
    kernels, windows = job.split(weight, 0).conj(), job.windows.conj()
    grad = job.split(grad_output if job.batched else grad_output[np.newaxis], 1)
    grad_bias = grad.sum(axis=(0, 3), dtype=x.dtype).reshape(-1)
    grad_weight = np.einsum("ngot,ngctk->gock", grad, windows, optimize=True).reshape(weight.shape)
    grad_padded = np.zeros_like(job.x)
    by_group = job.split(grad_padded, 1)
    for k in range(weight.shape[2]):
        by_group[..., job.tap(k)] += np.einsum("ngot,goc->ngct", grad, kernels[..., k], optimize=True)
    # A sample that was also copied into the padding collects the gradients of all its copies.
    grad_x, source = np.zeros_like(x), job.source
    batch = grad_padded if job.batched else grad_padded[0]
    np.add.at(grad_x, (..., source[source >= 0]), batch[..., source >= 0])
    return grad_x, grad_weight, grad_bias
