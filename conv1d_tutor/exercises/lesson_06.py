"""Exercises of lesson 06: can I write Conv1d and its gradients myself?"""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view
from torch import nn

from ..reference import as_matrix, conv1d_loops
from .exercise import exercise
from .prediction import prediction

#: The examples of the lesson: one signal, two channels, and their kernels.
SIGNAL = torch.tensor([[1, 3, 2, 0, 4, 1, 2]])
SIGNALS = torch.tensor([[1, 3, 2, 0, 4, 1, 2], [0, 1, 1, 2, 0, 1, 3]])
KERNEL = torch.tensor([[[1, 2, -1]]])
KERNELS = torch.tensor([[[1, 2, -1], [0, 1, 1]], [[0, 1, 0], [2, 0, -1]], [[1, 1, 1], [0, 0, 0]]])


@prediction(
    "06.a",
    "The signal has 7 numbers, the kernel has 3. How many outputs are there?",
    because="the kernel must lie inside the signal, so it begins at the samples 0 to 7 − 3.",
)
def number_of_outputs() -> int:
    return F.conv1d(SIGNAL, KERNEL).shape[-1]


number_of_outputs.wrong(7, "this is the length of the signal. At its end the kernel would hang over.")
number_of_outputs.wrong(4, "this is how often the kernel moves on. It stands somewhere before it moves.")
number_of_outputs.wrong(2, "windows may overlap: the kernel moves by one sample, not by its own length.")


@prediction(
    "06.b",
    "Without a bias the first output is 1·1 + 2·3 − 1·2 = 5. The kernel has 3 taps. "
    "What is the first output with a bias of 10?",
    because="the bias is added once to each output.",
)
def output_with_bias() -> int:
    return int(F.conv1d(SIGNAL, KERNEL, torch.tensor([10]))[0, 0])


output_with_bias.wrong(35, "this adds the bias once for each tap. It belongs to the output, not to a tap.")
output_with_bias.wrong(50, "this multiplies. A bias is added.")
output_with_bias.wrong(10, "this puts the bias in the place of the sum.")


@prediction(
    "06.c",
    "A signal of 2 channels and 7 time steps meets one kernel of 2 rows and 3 taps. "
    "Which shape, (out_channels, length), comes out?",
    because="the products of all channels are added up, so one kernel makes one row.",
)
def shape_of_one_row() -> torch.Size:
    return F.conv1d(SIGNALS, KERNELS[:1]).shape


shape_of_one_row.wrong((2, 5), "this keeps the channels apart. Their products are added up.")
shape_of_one_row.wrong((5,), "the length is right. Torch keeps an axis for the kernels, even if there is one.")
shape_of_one_row.wrong((2, 7), "this is the shape of the input.")
shape_of_one_row.wrong((1, 7), "one row is right. But the kernel does not fit at the last samples.")


@prediction(
    "06.d",
    "The same signal, 2 channels and 7 time steps, meets 3 kernels of 2 rows and 3 taps. Which shape comes out?",
    because="the axes are (out_channels, length): each kernel makes one row.",
)
def shape_of_three_rows() -> torch.Size:
    return F.conv1d(SIGNALS, KERNELS).shape


shape_of_three_rows.wrong(
    (6, 5),
    "this is one row for each kernel and channel. Each kernel adds its channels up.",
)
shape_of_three_rows.wrong((3, 2, 5), "this keeps the channels apart. Each kernel adds them up.")
shape_of_three_rows.wrong((2, 5), "this is one row for each channel. It is one for each kernel.")
shape_of_three_rows.wrong((5, 3), "both numbers are right. Time is the last axis.")


@prediction(
    "06.e",
    "Four such signals in a batch, (4, 2, 7), meet the 3 kernels. Which shape comes out?",
    because="the axes are (batch, out_channels, length): the items never meet.",
)
def shape_of_a_batch() -> torch.Size:
    return F.conv1d(SIGNALS.expand(4, 2, 7), KERNELS).shape


shape_of_a_batch.wrong((3, 5), "this is one item. Each item gets its own rows.")
shape_of_a_batch.wrong((12, 5), "the rows of different items are kept apart, on an axis of their own.")
shape_of_a_batch.wrong((4, 2, 5), "the batch is right. The rows are counted by the kernels.")


@prediction(
    "06.f",
    "One item (1, 2, 7), the 3 kernels of size 3, and `stride=2`. Which shape comes out?",
    because="the kernels begin at the samples 0, 2 and 4.",
)
def shape_with_stride() -> torch.Size:
    return F.conv1d(SIGNALS[None], KERNELS, stride=2).shape


shape_with_stride.wrong((1, 3, 5), "this is for stride 1.")
shape_with_stride.wrong(
    (1, 3, 2), "this is the number of moves, 4 / 2. The kernel stands at sample 0 before it moves."
)
shape_with_stride.wrong((1, 3, 4), "a kernel that begins at sample 6 would hang over the end.")


@prediction(
    "06.g",
    "One item (1, 2, 7), the 3 kernels of size 3, and `padding=1` with stride 1. Which shape comes out?",
    because="the signal gets two samples longer, and a kernel of size 3 takes two away.",
)
def shape_with_padding() -> torch.Size:
    return F.conv1d(SIGNALS[None], KERNELS, padding=1).shape


shape_with_padding.wrong((1, 3, 5), "this is without the padding.")
shape_with_padding.wrong((1, 3, 6), "this adds one zero. `padding` counts the zeros on each side.")
shape_with_padding.wrong(
    (1, 3, 9), "this is the length of the padded signal. The kernels still have to fit into it."
)


@prediction(
    "06.h",
    "One item (1, 2, 7), the 3 kernels of size 3, and `dilation=2`, without padding. Which shape comes out?",
    because="three taps, two samples apart, cover 2·2 + 1 samples.",
)
def shape_with_dilation() -> torch.Size:
    return F.conv1d(SIGNALS[None], KERNELS, dilation=2).shape


shape_with_dilation.wrong((1, 3, 5), "this is for dilation 1.")
shape_with_dilation.wrong((1, 3, 2), "this is for a span of 3·2. Behind the last tap there is no gap.")
shape_with_dilation.wrong((1, 3, 1), "this leaves two samples out between the taps. Two apart leaves out one.")


@prediction(
    "06.i",
    "Which shape has the weight of `nn.Conv1d(4, 6, kernel_size=3, groups=2)`?",
    because="there are 6 kernels, each reads 4 / 2 channels, and each has 3 taps.",
)
def weight_of_two_groups() -> torch.Size:
    return nn.Conv1d(4, 6, kernel_size=3, groups=2).weight.shape


weight_of_two_groups.wrong((6, 4, 3), "this is for one group, in which each kernel reads all channels.")
weight_of_two_groups.wrong((3, 2, 3), "this is one group. The layer keeps the kernels of both.")
weight_of_two_groups.wrong(
    (3, 4, 3), "the groups split the channels that a kernel reads. All 6 kernels are still there."
)
weight_of_two_groups.wrong((4, 3, 3), "the kernels come first, then the channels that each of them reads.")


@prediction(
    "06.j",
    'The signal is 1 2 3 4 5. What do `padding=2` and `padding_mode="reflect"` make of it? '
    "Write a list of nine numbers.",
    because="the first and the last sample are the mirrors, and they are not repeated.",
)
def reflected() -> list[int]:
    return F.pad(torch.tensor([[1.0, 2, 3, 4, 5]]), (2, 2), mode="reflect")[0].int().tolist()


reflected.wrong(
    [2, 1, 1, 2, 3, 4, 5, 5, 4], "here the mirror stands between two samples. It stands on the sample."
)
reflected.wrong([1, 1, 1, 2, 3, 4, 5, 5, 5], 'this holds the last value, which is "replicate".')
reflected.wrong([4, 5, 1, 2, 3, 4, 5, 1, 2], 'this goes on with the other end, which is "circular".')
reflected.wrong([0, 0, 1, 2, 3, 4, 5, 0, 0], "these are zeros, the default.")


@prediction(
    "06.k",
    "All windows of size 5 of an input (2, 3, 20) are laid out, with the tap as the last axis. "
    "Which shape have they?",
    because="the axes are (batch, channels, position, tap), and a window of 5 fits at 20 − 5 + 1 positions.",
)
def shape_of_all_windows() -> tuple[int, ...]:
    return sliding_window_view(np.zeros((2, 3, 20)), 5, axis=2).shape


shape_of_all_windows.wrong((2, 3, 5, 16), "both numbers are right. The tap is the last axis.")
shape_of_all_windows.wrong((2, 3, 20, 5), "a window cannot begin at the last samples.")
shape_of_all_windows.wrong(
    (2, 3, 15, 5), "this is 20 − 5, how often the window moves on. It stands somewhere before."
)
shape_of_all_windows.wrong((2, 3, 4, 5), "windows overlap: the next one begins one sample later.")


@prediction(
    "06.l",
    "The gradients of the outputs are 2, 0, 5, 0 and −1. By how much does the loss grow when the bias grows by 1?",
    because="all outputs grow by 1, so the loss grows by the sum of their gradients.",
)
def gradient_of_the_bias() -> int:
    bias = torch.zeros(1, requires_grad=True)
    output = F.conv1d(SIGNAL.float(), KERNEL.float(), bias)
    (gradient,) = torch.autograd.grad(output, bias, torch.tensor([[2.0, 0, 5, 0, -1]]))
    return int(gradient)


gradient_of_the_bias.wrong(1, "this is by how much each output grows. The loss follows all of them.")
gradient_of_the_bias.wrong(
    5,
    "this is how many outputs grow, or the largest gradient. Each counts with its own.",
)
gradient_of_the_bias.wrong(8, "a gradient below 0 makes the loss smaller. Keep its sign.")


@prediction(
    "06.m",
    "Which shape has the weight of `nn.Conv1d(1, 1, kernel_size=(3, 3))`?",
    because="the axes are (out_channels, in_channels, then all of kernel_size).",
)
def weight_of_a_square_kernel() -> torch.Size:
    return nn.Conv1d(1, 1, kernel_size=(3, 3)).weight.shape


weight_of_a_square_kernel.wrong(
    (1, 1, 3), "this is for `kernel_size=3`. A tuple of two adds one axis for each number."
)
weight_of_a_square_kernel.wrong(
    (3, 3), "this is one kernel for one channel. The axes of the channels come before it."
)
weight_of_a_square_kernel.wrong((1, 1, 9), "the nine weights are not put into one row.")


@exercise(
    "06.1",
    "One letter too many",
    because="a letter that is missing after the arrow is summed over, "
    "and the outputs of Conv1d have no index for the channel and none for the tap.",
    hints=(
        "Which axes has the output of Conv1d? Look at the index of `output` in the five loops of section 6.",
        "In `np.einsum` a letter behind the arrow is kept, "
        "and a letter that stands only in front is summed over. "
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
    because="row t holds the kernel from column t · stride on. "
    "Such a matrix times the signal is the convolution, "
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
