"""Exercises of lesson 06: can I write Conv1d and its gradients myself?"""

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view

from ..reference import as_matrix, conv1d_loops
from .exercise import exercise


@exercise(
    "06.1",
    "One letter too many",
    because="a letter that is missing after the arrow is summed over, "
    "and the outputs of Conv1d have no index for the channel and none for the tap.",
    hints=(
        "Which axes has the output of Conv1d? Look at the index of `output` in the five loops of section 6.",
        "In `np.einsum` a letter behind the arrow is kept, and a letter that stands only in front is summed over. "
        "Section 12 says which two are summed.",
    ),
    as_conv1d=lambda x, weight: {"x": x, "weight": weight},
)
def conv_by_einsum(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Sum over what the output has no index for."""
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2], axis=2)
    return np.einsum("nctk,ock->not", windows, weight)


@conv_by_einsum.tried_on
def _():
    numbers = np.random.default_rng(6)
    return [
        (numbers.normal(size=(batch, channels, length)), numbers.normal(size=(out, channels, taps)))
        for batch, channels, length, out, taps in [(2, 3, 8, 4, 3), (3, 2, 6, 2, 2), (1, 3, 5, 3, 3)]
    ]


@conv_by_einsum.as_given(says="keeps the channels apart, so its output has four axes. Conv1d returns three.")
def _channels_apart(x, weight):
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2], axis=2)
    return np.einsum("nctk,ock->noct", windows, weight)


conv_by_einsum.wrong(
    lambda x, weight: _channels_apart(x, weight).mean(axis=2),
    "the axis is the right one, but Conv1d adds the channels up. It does not take their mean.",
)
conv_by_einsum.wrong(
    lambda x, weight: _channels_apart(x, weight)[:, :, 0],
    "this keeps the first channel and throws the others away. Each kernel adds up all of them.",
)
conv_by_einsum.wrong(
    lambda x, weight: _channels_apart(x, weight).sum(axis=1),
    "this adds up the kernels, so the output has no axis for them. Each kernel has an output row of its own.",
)
conv_by_einsum.wrong(
    lambda x, weight: np.einsum("nctk,ock->ont", sliding_window_view(x, weight.shape[2], axis=2), weight),
    "the numbers are right, but not the order of the axes: the batch comes first in the output.",
)
conv_by_einsum.wrong(
    lambda x, weight: np.einsum("nctk,ock->nto", sliding_window_view(x, weight.shape[2], axis=2), weight),
    "the numbers are right, but not the order of the axes: time is the last one of the output.",
)
conv_by_einsum.wrong(
    lambda x, weight: np.einsum("nctk,ock->no", sliding_window_view(x, weight.shape[2], axis=2), weight),
    "this adds up the time steps, too. There is one output for each position of the window.",
)
conv_by_einsum.another_way(conv1d_loops)


@exercise(
    "06.2",
    "The matrix of a stride",
    because="row t holds the kernel from column t · stride on. Such a matrix times the signal is the convolution, "
    "and the same matrix transposed is its backward pass.",
    hints=(
        "Begin with the shape: a row for each output, a column for each sample. "
        "Section 7 has the number of outputs.",
        "Section 14 fills the matrix for stride 1: row t holds the kernel from column t on. "
        "At which sample does output t begin to read now? Its numbers are whole, and these are not: "
        "leave `dtype=int` away.",
    ),
)
def kernel_matrix(weight: np.ndarray, length: int, stride: int) -> np.ndarray:
    """One row for each place where the kernel stands."""
    out_length = (length - len(weight)) // stride + 1
    result = np.zeros((out_length, length))
    for t in range(out_length):
        result[t, t * stride : t * stride + len(weight)] = weight
    return result


@kernel_matrix.tried_on
def _():
    numbers = np.random.default_rng(5)
    # (taps, length, stride): the second leaves a sample unread, the third has as many places as taps.
    return [
        (numbers.normal(size=taps), length, stride) for taps, length, stride in [(3, 7, 1), (3, 8, 2), (4, 13, 3)]
    ]


kernel_matrix.wrong(
    lambda weight, length, stride: kernel_matrix(weight, length, 1),
    "this is the matrix for stride 1, with a row for each place. With a stride, "
    "the kernel leaves some places out.",
)
kernel_matrix.wrong(
    lambda weight, length, stride: kernel_matrix(weight, length, 1)[: (length - len(weight)) // stride + 1],
    "the shape is right. But from row to row the kernel moves by one sample only, "
    "and the end of the signal is not read.",
)
kernel_matrix.wrong(
    lambda weight, length, stride: kernel_matrix(weight, length, stride)[:-1],
    "one row is missing: the last place where the kernel fits. "
    "A kernel as long as the signal still has one place.",
)


@kernel_matrix.wrong(
    says="in the last rows the kernel runs over the end and comes in again at the front. "
    "That is circular padding. Here the kernel must fit."
)
def _(weight, length, stride):
    row = np.concatenate([weight, np.zeros(length - len(weight))])
    return np.stack([np.roll(row, start) for start in range(0, length, stride)])


@kernel_matrix.wrong(
    says="here the taps stand a stride apart. That is dilation. With a stride, it is the rows that do: "
    "each begins a stride later than the one before."
)
def _(weight, length, stride):
    result = np.zeros((length - stride * (len(weight) - 1), length))
    for t in range(len(result)):
        result[t, t : t + stride * len(weight) : stride] = weight
    return result


@kernel_matrix.wrong(
    says="the shape is right. But the taps stand a stride apart here, and each row begins one sample later. "
    "With a stride it is the other way round."
)
def _(weight, length, stride):
    result = np.zeros(((length - len(weight)) // stride + 1, length))
    for t in range(len(result)):
        result[t, t : t + stride * len(weight) : stride] = weight
    return result


kernel_matrix.wrong(
    lambda weight, length, stride: kernel_matrix(weight, length, stride).T,
    "this has a column for each output. For `matrix @ signal`, each output needs a row.",
)
kernel_matrix.wrong(
    lambda weight, length, stride: kernel_matrix(weight[::-1], length, stride),
    "the kernel is turned round in every row, as `np.convolve` does it. Conv1d leaves it as it is.",
)
kernel_matrix.another_way(lambda weight, length, stride: as_matrix(weight[None, None], length, stride=stride))


@exercise(
    "06.3",
    "Hand the gradient back",
    because="output t has read sample t · stride + k with weight k, "
    "so it hands grad[t] · weight[k] back to that very sample, and what several outputs hand back is added up.",
    hints=(
        "Look at `backward_1` in section 16. Where does output `t` begin to read when the stride is not 1?",
        "Start with `length` zeros. The loops stay as they are, only the index of the sample changes. "
        "Samples that no window has read keep their zero.",
    ),
)
def input_gradient(grad: np.ndarray, weight: np.ndarray, stride: int, length: int) -> np.ndarray:
    """Each output hands its gradient back to the samples that its window read."""
    grad_x = np.zeros(length)
    for t in range(len(grad)):
        for k in range(len(weight)):
            grad_x[t * stride + k] += grad[t] * weight[k]
    return grad_x


@input_gradient.tried_on
def _():
    numbers = np.random.default_rng(7)
    # (outputs, taps, stride, length): windows that overlap, and a length that leaves samples unread.
    sizes = [(5, 3, 1, 7), (4, 3, 2, 9), (3, 4, 3, 12)]
    return [(numbers.normal(size=t), numbers.normal(size=k), stride, n) for t, k, stride, n in sizes]


input_gradient.wrong(
    lambda grad, weight, stride, length: input_gradient(grad, weight, 1, length),
    "this is the gradient for stride 1. With a stride, "
    "the windows of two neighbouring outputs begin further apart.",
)


@input_gradient.wrong(
    says="here the taps stand a stride apart. That is dilation. With a stride, it is the windows that do."
)
def _(grad, weight, stride, length):
    grad_x = np.zeros(length)
    for t, k in np.ndindex(len(grad), len(weight)):
        grad_x[t + k * stride] += grad[t] * weight[k]
    return grad_x


@input_gradient.wrong(
    says="where two windows overlap, the second share replaces the first. A sample that was read twice gets both."
)
def _(grad, weight, stride, length):
    grad_x = np.zeros(length)
    for t in range(len(grad)):
        grad_x[t * stride : t * stride + len(weight)] = grad[t] * weight
    return grad_x


input_gradient.wrong(
    lambda grad, weight, stride, length: input_gradient(grad, weight[::-1], stride, length),
    "the kernel is the wrong way round. Sample t · stride + k was multiplied by weight k on the way there, "
    "so the same weight counts on the way back.",
)


@input_gradient.wrong(
    says="the numbers are right, but the end is missing. With a stride, "
    "the last samples may be read by no window. They have a gradient all the same. Which one?"
)
def _(grad, weight, stride, length):
    return input_gradient(grad, weight, stride, (len(grad) - 1) * stride + len(weight))


@input_gradient.wrong(
    says="the numbers are right, but the zeros stand in front. The first window begins at sample 0, "
    "so the samples that no window has read are the last ones."
)
def _(grad, weight, stride, length):
    read = (len(grad) - 1) * stride + len(weight)
    return np.pad(input_gradient(grad, weight, stride, read), (length - read, 0))


input_gradient.wrong(
    lambda grad, weight, stride, length: np.convolve(grad, weight),
    "this is right for stride 1, and only if all samples were read. How do the places change with a stride?",
)


@input_gradient.another_way
def _(grad, weight, stride, length):
    """Let torch go back through its own convolution."""
    x = torch.zeros(1, length, dtype=torch.float64, requires_grad=True)
    torch.conv1d(x, torch.tensor(weight)[None, None], stride=stride).backward(torch.tensor(grad)[None])
    return x.grad[0]
