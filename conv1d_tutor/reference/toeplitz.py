"""Which matrix is a Conv1d? All outputs from all inputs in one product."""

import numpy as np

from .._refusals import refusing
from ..arithmetic import Size
from .operands import check_room, prepare


@refusing
def as_matrix(
    weight: np.ndarray,
    length: int,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> np.ndarray:
    """Write Conv1d as the matrix that it is: all outputs from all inputs in one product.

    Args:
        weight: kernels, (O, C / groups, K).
        length: samples per channel of the input, L.
        stride, padding, dilation, groups, padding_mode: as in `conv1d_loops`.

    Returns:
        (O * L_out, C * L). Times ``x.reshape(C * L)`` it gives the output, without bias, as O * L_out numbers.
        For one channel, with stride 1, it is a Toeplitz matrix: equal numbers along every diagonal.

    Raises:
        TypeError, ValueError: as `conv1d_loops` does, or length is not a whole number of at least 1.

    Example:
        >>> as_matrix(np.array([[[1, 10]]]), length=4)
        array([[ 1, 10,  0,  0],
               [ 0,  1, 10,  0],
               [ 0,  0,  1, 10]])
    """
    job = prepare(locals())
    n_kernels, n_channels, n_taps = weight.shape
    source = job.source
    shape = (n_kernels, job.out_length, n_channels * job.groups, job.length)
    check_room("a matrix", shape)
    matrix = np.zeros(shape, weight.dtype)
    for o in range(n_kernels):
        first = o // (n_kernels // job.groups) * n_channels
        for t in range(job.out_length):
            for k in range(n_taps):
                i = source[t * job.stride + k * job.dilation]
                if i >= 0:  # an added zero gives nothing
                    matrix[o, t, first : first + n_channels, i] += weight[o, :, k]
    return matrix.reshape(n_kernels * job.out_length, -1)
