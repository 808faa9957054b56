"""How is a Conv1d computed? The same operation four times in NumPy, from readable to fast."""

import numpy as np

from .._refusals import refusing
from ..arithmetic import Size
from .operands import Operands, prepare

#: `conv1d_matmul` copies the windows in blocks of this many bytes, which stay in the processor's cache.
BLOCK_BYTES = 2**21


@refusing
def conv1d_loops(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> np.ndarray:
    """Compute Conv1d by its definition, one multiplication at a time.

    Args:
        x: input, (N, C, L) or (C, L).
        weight: kernels, (O, C / groups, K).
        bias: one number for each output channel, (O,), or None.
        stride: samples the kernel moves from one output to the next.
        padding: samples added on each side, or ``"same"`` or ``"valid"``.
        dilation: distance in samples from one tap to the next.
        groups: parts into which the channels are split.
        padding_mode: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.

    Returns:
        (N, O, L_out) or (O, L_out), with the dtype of x.

    Raises:
        TypeError: an operand is not a NumPy array of numbers, or the dtypes differ.
        ValueError: torch refuses such shapes or options; the message says the rule.

    Example:
        >>> conv1d_loops(np.array([[1, 2, 4, 8]]), np.array([[[1, 10]]]))
        array([[21, 42, 84]])

    Source:
        Documentation of torch.nn.Conv1d, the formula at its top.
    """
    job = prepare(locals())
    padded, stride, dilation = job.x, job.stride, job.dilation
    n_kernels, n_channels, n_taps = weight.shape
    output = np.empty((len(padded), n_kernels, job.out_length), x.dtype)
    for n in range(len(padded)):
        for o in range(n_kernels):
            first = o // (n_kernels // job.groups) * n_channels  # the first channel of this kernel's group
            for t in range(job.out_length):
                total = job.bias[o]
                for c in range(n_channels):
                    for k in range(n_taps):
                        total += weight[o, c, k] * padded[n, first + c, t * stride + k * dilation]
                output[n, o, t] = total
    return output if job.batched else output[0]


@refusing
def conv1d_windows(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> np.ndarray:
    """Compute Conv1d as one sum of products over all windows at once.

    The windows are a view: they overlap in memory, and nothing is copied to make them.

    Args:
        x, weight, bias, stride, padding, dilation, groups, padding_mode: as in `conv1d_loops`.

    Returns:
        (N, O, L_out) or (O, L_out), with the dtype of x.

    Raises:
        TypeError, ValueError: as `conv1d_loops` does.

    Example:
        >>> conv1d_windows(np.array([[1, 2, 4, 8]]), np.array([[[1, 10]]]))
        array([[21, 42, 84]])
    """
    job = prepare(locals())
    kernels = job.split(weight, 0)
    return _finish(job, np.einsum("ngctk,gock->ngot", job.windows, kernels, optimize=True))


@refusing
def conv1d_matmul(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> np.ndarray:
    """Compute Conv1d as a matrix product: kernels as rows, windows as columns.

    Args:
        x, weight, bias, stride, padding, dilation, groups, padding_mode: as in `conv1d_loops`.

    Returns:
        (N, O, L_out) or (O, L_out), with the dtype of x.

    Raises:
        TypeError, ValueError: as `conv1d_loops` does.

    Example:
        >>> conv1d_matmul(np.array([[1, 2, 4, 8]]), np.array([[[1, 10]]]))
        array([[21, 42, 84]])

    Source:
        Chellapilla, Puri, Simard, "High Performance Convolutional Neural Networks for Document Processing",
        2006: unrolling the windows into a matrix.
    """
    return multiply(prepare(locals()))


def multiply(job: Operands) -> np.ndarray:
    """Compute a checked convolution as a matrix product, a cacheful of windows at a time.

    Args:
        job: its arguments, checked and padded.

    Returns:
        (N, O, L_out) or (O, L_out).
    """
    n_items, n_steps = len(job.x), job.out_length
    columns = job.windows.swapaxes(3, 4)
    kernels = job.split(job.weight.reshape(len(job.weight), -1), 0)
    output = np.empty((n_items, *kernels.shape[:2], n_steps), job.x.dtype)
    column_bytes = job.x.shape[1] * job.weight.shape[2] * job.x.itemsize
    steps = min(n_steps, max(1, BLOCK_BYTES // column_bytes))
    items = max(1, BLOCK_BYTES // (column_bytes * n_steps))
    for n in range(0, n_items, items):
        for t in range(0, n_steps, steps):
            block = columns[n : n + items, ..., t : t + steps]
            matrix = block.reshape(*block.shape[:2], -1, block.shape[-1])
            np.matmul(kernels, matrix, out=output[n : n + items, ..., t : t + steps])
    return _finish(job, output)


@refusing
def conv1d_fft(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> np.ndarray:
    """Compute Conv1d by the Fourier transform, in which sliding becomes one multiplication per frequency.

    It pays for very long kernels only, and rounds a little more than the others.

    Args:
        x, weight, bias, stride, padding, dilation, groups, padding_mode: as in `conv1d_loops`.

    Returns:
        (N, O, L_out) or (O, L_out), with the dtype of x.

    Raises:
        TypeError, ValueError: as `conv1d_loops` does.

    Example:
        >>> conv1d_fft(np.array([[1, 2, 4, 8]]), np.array([[[1, 10]]]))
        array([[21, 42, 84]])

    Source:
        The correlation theorem; Smith, "Mathematics of the Discrete Fourier Transform", 2007.
    """
    job = prepare(locals())
    length, n_taps = job.x.shape[2], weight.shape[2]
    spread = np.zeros((*weight.shape[:2], job.dilation * (n_taps - 1) + 1), weight.dtype)
    spread[..., :: job.dilation] = weight
    is_complex = x.dtype.kind == "c"
    forward, inverse = (np.fft.fft, np.fft.ifft) if is_complex else (np.fft.rfft, np.fft.irfft)
    signals = forward(job.split(job.x, 1), length)
    # The conjugate turns convolution, which flips the kernel, into the correlation that Conv1d computes.
    kernels = forward(job.split(spread.conj(), 0), length).conj()
    products = np.einsum("ngcf,gocf->ngof", signals, kernels, optimize=True)
    # The transform wraps around at the end, but only in positions where the kernel no longer fits.
    output = inverse(products, length)[..., job.tap(0)]
    return _finish(job, (output if x.dtype.kind in "fc" else output.round()).astype(x.dtype))


def _finish(job: Operands, output: np.ndarray) -> np.ndarray:
    """Join the groups, add the bias, and drop the batch axis if there was none."""
    output = output.reshape(len(job.x), len(job.weight), job.out_length)
    output += job.bias[:, np.newaxis]
    return output if job.batched else output[0]
