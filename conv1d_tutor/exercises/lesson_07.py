"""Exercises of lesson 07: how is Conv1d fast, and what are its gradients?"""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view
from torch import nn

from ..reference import as_matrix, conv1d_loops
from .exercise import exercise
from .prediction import prediction

#: The signal of the lesson, its kernel, and the gradients of the outputs.
SIGNAL = torch.tensor([[1.0, 3, 2, 0, 4, 1, 2]])
KERNEL = torch.tensor([[[1.0, 2, -1]]])
GRAD = torch.tensor([[2.0, 0, 5, 0, -1]])


@prediction(
    "07.a",
    "Each window of a batch (2, 3, 20), 3 channels of 5 taps, is written as one column. "
    "Which shape have the columns of all items?",
    because="a column holds the 3·5 numbers of one window, and each item has a column for each position.",
)
def shape_of_the_columns() -> torch.Size:
    return F.unfold(torch.zeros(2, 3, 1, 20), (1, 5)).shape


shape_of_the_columns.wrong((2, 16, 15), "both numbers are right. A window is a column here, not a row.")
shape_of_the_columns.wrong((2, 5, 16), "this is one channel. A column holds the window of all channels.")
shape_of_the_columns.wrong((2, 3, 80), "this keeps the channels apart. One column holds those of all channels.")
shape_of_the_columns.wrong((15, 16), "this is one item. Each item of the batch has columns of its own.")


@prediction(
    "07.b",
    "A kernel of 3 taps stands at the last sample of a signal, and the Fourier transform is asked for that "
    "position. What do the two taps meet that hang over the end?",
    because="waves begin again where they end, so the signal that is made of them does, too.",
    options=("zeros", "the last sample again", "the first two samples"),
)
def behind_the_end() -> str:
    x, taps = SIGNAL[0].numpy(), KERNEL[0, 0].numpy()
    found = np.fft.irfft(np.fft.rfft(x) * np.conj(np.fft.rfft(taps, 7)), 7)[-1]
    met = {"zeros": np.zeros(2), "the last sample again": x[[-1, -1]], "the first two samples": x[:2]}
    return next(words for words, two in met.items() if np.isclose(found, taps @ [x[-1], *two]))


behind_the_end.wrong("zeros", "this would be padding. Here the signal is a sum of waves: how does a wave go on?")
behind_the_end.wrong(
    "the last sample again", 'this is what `padding_mode="replicate"` does. How does a sum of waves go on?'
)


@prediction(
    "07.c",
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


def _gradient_with_stride(option: str) -> bool:
    """Whether the gradient of the weights is a Conv1d of the signal that has the stride as this option."""
    weight = KERNEL.clone().requires_grad_()
    output = F.conv1d(SIGNAL, weight, stride=2)
    grad = GRAD[:, : output.shape[1]]
    (gradient,) = torch.autograd.grad(output, weight, grad)
    found = F.conv1d(SIGNAL, grad[None], **{option: 2})
    return found.shape == gradient[0].shape and torch.equal(found, gradient[0])


@prediction(
    "07.d",
    "The forward pass has a stride. The gradient of its weights is still a Conv1d of the signal with `grad` "
    "as its kernel, and one option of that Conv1d takes the number of the stride. Which one?",
    because="the outputs began so many samples apart, and the taps of `grad` have to stand as far apart.",
    options=("stride", "padding", "dilation"),
)
def option_that_takes_the_stride() -> str:
    return next(option for option in ("stride", "padding", "dilation") if _gradient_with_stride(option))


option_that_takes_the_stride.wrong(
    "stride",
    "this leaves out weights: a kernel has a gradient for each of its taps, and neighbours are one apart.",
)
option_that_takes_the_stride.wrong("padding", "this reads zeros, which the forward pass has not read.")


@prediction(
    "07.e",
    "Three numbers are added in two orders: `(0.1 + 0.2) + 0.3` and `0.1 + (0.2 + 0.3)`. Are the two sums equal?",
    because="after each addition the result is rounded, and here the two orders round differently.",
    options=("equal", "not equal"),
)
def two_orders() -> str:
    return "equal" if (0.1 + 0.2) + 0.3 == 0.1 + (0.2 + 0.3) else "not equal"


two_orders.wrong("equal", "this is so on paper. A computer keeps about 16 digits and rounds after each addition.")


@prediction(
    "07.f",
    "One array is a row of four ones, and the other is a column of four ones: shapes (1, 4) and (4, 1). "
    "What does `np.allclose` say to them?",
    because="it stretches both to 4 rows of 4, as NumPy does in every sum, and then all numbers are alike.",
    options=("True", "False", "an error"),
)
def row_and_column() -> str:
    return str(np.allclose(np.ones((1, 4)), np.ones((4, 1))))


row_and_column.wrong("False", "this is what you want to hear. But NumPy compares numbers here, and not shapes.")
row_and_column.wrong("an error", "NumPy sees no error where an axis of size 1 can be stretched.")


@prediction(
    "07.g",
    "A kernel slides over 16,000 samples, first with 20 taps and then with 2,000. "
    "In which version does the number of multiplications grow with the kernel, `windows` or `conv_fft`?",
    because="each window is as long as the kernel, and the Fourier transform fills every kernel up "
    "to the length of the signal.",
    options=("in windows alone", "in conv_fft alone", "in both"),
)
def what_grows_with_the_kernel() -> str:
    windows = [sliding_window_view(np.zeros(16_000), taps).size for taps in (20, 2_000)]
    waves = [np.fft.rfft(np.zeros(taps), 16_000).size for taps in (20, 2_000)]
    grows = {"in windows alone": windows[1] > windows[0], "in conv_fft alone": waves[1] > waves[0]}
    return "in both" if all(grows.values()) else next(words for words, larger in grows.items() if larger)


what_grows_with_the_kernel.wrong("in conv_fft alone", "a longer kernel makes each window longer.")
what_grows_with_the_kernel.wrong(
    "in both", "look at `rfft(weight, length)` in section 5: how many numbers does it transform?"
)


@prediction(
    "07.h",
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


# ---- tasks inside the sections ----


@exercise(
    "07.1",
    "Lay out the windows",
    because="stride takes every so many windows, and dilation every so many samples inside a window.",
    hints=(
        "`windows` has the axes (batch, channels, position, sample in the window). "
        "Stride is about one of the last two, and dilation about the other.",
        "A slice with a step, as `a[::2]`, takes every second entry. Write one for each of the last two axes.",
    ),
)
def all_windows(x: np.ndarray, kernel_size: int, stride: int = 1, dilation: int = 1) -> np.ndarray:
    """Every window that a kernel of this size reads."""
    reach = dilation * (kernel_size - 1) + 1
    windows = np.lib.stride_tricks.sliding_window_view(x, reach, axis=2)
    return windows[:, :, ::stride, ::dilation]


@all_windows.begun_as
def _(x, kernel_size, stride=1, dilation=1):
    reach = dilation * (kernel_size - 1) + 1
    windows = np.lib.stride_tricks.sliding_window_view(x, reach, axis=2)
    return ...


@all_windows.tried_on
def _():
    numbers = np.random.default_rng(71)
    return [
        (numbers.normal(size=shape), taps, stride, dilation)
        for shape, taps, stride, dilation in [
            ((2, 3, 20), 3, 1, 1),
            ((1, 2, 17), 3, 3, 2),
            ((2, 1, 19), 4, 2, 3),
            ((3, 2, 9), 3, 2, 2),
        ]
    ]


def _spans(x, kernel_size, dilation):
    return sliding_window_view(x, dilation * (kernel_size - 1) + 1, axis=2)


all_windows.wrong(
    lambda x, kernel_size, stride, dilation: _spans(x, kernel_size, dilation)[:, :, ::dilation, ::stride],
    "the two steps have changed places: the window moves by the stride, and its taps stand a dilation apart.",
)
all_windows.wrong(
    lambda x, kernel_size, stride, dilation: _spans(x, kernel_size, dilation),
    "this has a window at every sample, with all the samples that it spans. Two steps are missing.",
)
all_windows.wrong(
    lambda x, kernel_size, stride, dilation: _spans(x, kernel_size, dilation)[:, :, ::stride],
    "the windows are the right ones. But between the taps, samples are still there that the kernel leaves out.",
)
all_windows.wrong(
    lambda x, kernel_size, stride, dilation: _spans(x, kernel_size, dilation)[..., ::dilation],
    "each window is right. But there is one at every sample: the stride is not in it.",
)
all_windows.wrong(
    lambda x, kernel_size, stride, dilation: _spans(x, kernel_size, dilation)[:, ::stride, :, ::dilation],
    "the stride leaves out channels here. The axes are (batch, channels, position, sample in the window).",
)
all_windows.wrong(
    lambda x, kernel_size, stride, dilation: _spans(x, kernel_size, dilation)[:, :, ::stride, :kernel_size],
    "each window holds its first samples, side by side. The taps stand a dilation apart.",
)
all_windows.wrong(
    lambda x, kernel_size, stride, dilation: np.swapaxes(
        _spans(x, kernel_size, dilation)[:, :, ::stride, ::dilation], 2, 3
    ),
    "the windows are right, but positions and taps have changed places. The tap is the last axis.",
)


@all_windows.another_way
def _(x, kernel_size, stride, dilation):
    """As torch does it."""
    unfolded = torch.tensor(x).unfold(2, dilation * (kernel_size - 1) + 1, stride)
    return unfolded[..., ::dilation].numpy()


@exercise(
    "07.2",
    "One row of the matrix",
    because="row t has the taps where output t reads, and 0 everywhere else.",
    hints=(
        "The row has a column for each sample. Which samples does output t read, and with which taps?",
        "A slice of the row takes all taps at once. It begins at t, and is as long as the kernel.",
    ),
)
def matrix_row(weight: np.ndarray, length: int, t: int) -> np.ndarray:
    """The kernel at its place, and zeros."""
    row = np.zeros(length)
    row[t : t + len(weight)] = weight
    return row


@matrix_row.begun_as
def _(weight, length, t):
    row = np.zeros(length)
    ...
    return row


@matrix_row.tried_on
def _():
    numbers = np.random.default_rng(72)
    cases = [(3, 7, 0), (3, 7, 2), (2, 9, 7), (4, 8, 1), (1, 5, 3), (3, 7, 4)]
    return [(numbers.normal(size=taps), length, t) for taps, length, t in cases]


matrix_row.wrong(
    lambda weight, length, t: matrix_row(weight, length, 0),
    "this is row 0, whatever t is. From row to row the kernel moves on.",
)
matrix_row.wrong(
    lambda weight, length, t: matrix_row(weight[::-1], length, t),
    "the kernel is turned round, as `np.convolve` does it. Tap 0 meets the first sample of the window.",
)
matrix_row.wrong(
    lambda weight, length, t: np.roll(matrix_row(weight, length, 0), t * len(weight)),
    "the windows do not overlap here: each begins where the one before has ended. The kernel moves by one sample.",
)
matrix_row.wrong(
    lambda weight, length, t: np.where(np.arange(length) == t, weight[0], 0),
    "only the first tap is in it. Every tap has a column.",
)
matrix_row.wrong(
    lambda weight, length, t: np.where(matrix_row(weight, length, t), weight[0], 0),
    "every place has the number of tap 0. Each tap has its own.",
)
matrix_row.wrong(
    lambda weight, length, t: np.roll(matrix_row(weight, length, 0), t + 1),
    "it stands one column too far to the right: output t begins at sample t.",
)
matrix_row.wrong(
    lambda weight, length, t: np.roll(matrix_row(weight, length, 0), -t),
    "the kernel moves to the left here, and comes in again at the end. It moves to the right.",
)
matrix_row.wrong(lambda weight, length, t: np.zeros(length), "the row is still empty: the taps belong into it.")
matrix_row.another_way(lambda weight, length, t: as_matrix(weight[None, None], length)[t])


@exercise(
    "07.3",
    "The gradient of the bias",
    because="a bias is in each output of its kernel, at every position and in every item, "
    "so it collects the gradients of all of them.",
    hints=(
        "There is one bias for each kernel, so the result has as many numbers as `grad` has kernels.",
        "`a.sum(axis=(…, …))` adds up along two axes at once. Which two axes of `grad` have no bias of their own?",
    ),
)
def bias_gradient(grad: np.ndarray) -> np.ndarray:
    """Collect what every output hands back."""
    return grad.sum(axis=(0, 2))


@bias_gradient.begun_as
def _(grad):
    return ...


@bias_gradient.tried_on
def _():
    numbers = np.random.default_rng(73)
    return [(numbers.normal(size=shape),) for shape in [(2, 4, 9), (3, 3, 3), (1, 5, 2), (4, 2, 4)]]


bias_gradient.wrong(
    lambda grad: grad.sum(), "this is one number for all kernels. Each kernel has a bias of its own."
)
bias_gradient.wrong(
    lambda grad: grad.sum(axis=2), "this adds up the positions only. All items of the batch share the bias, too."
)
bias_gradient.wrong(
    lambda grad: grad.sum(axis=0), "this adds up the items only. A kernel has one bias for all its positions."
)
bias_gradient.wrong(lambda grad: grad.sum(axis=1), "this adds up the kernels. They are the only axis that stays.")
bias_gradient.wrong(
    lambda grad: grad.sum(axis=(0, 1)),
    "this keeps the positions and adds up the kernels. It is the kernels that stay.",
)
bias_gradient.wrong(
    lambda grad: grad.sum(axis=(1, 2)),
    "this keeps the items and adds up the kernels. It is the kernels that stay.",
)
bias_gradient.wrong(
    lambda grad: grad.mean(axis=(0, 2)),
    "the axes are right. But the loss follows the sum: nothing is divided here.",
)
bias_gradient.wrong(
    lambda grad: grad.sum(axis=(0, 2), keepdims=True),
    "the numbers are right. But the bias has one axis, and this has kept two of size 1.",
)
bias_gradient.wrong(
    lambda grad: np.full(grad.shape[1], float(grad.shape[0] * grad.shape[2])),
    "this counts the outputs. Each counts with its own gradient.",
)


@bias_gradient.another_way
def _(grad):
    """Let torch go back through a Conv1d."""
    bias = torch.zeros(grad.shape[1], dtype=torch.float64, requires_grad=True)
    x = torch.zeros(len(grad), 1, grad.shape[2], dtype=torch.float64)
    output = F.conv1d(x, torch.ones(grad.shape[1], 1, 1, dtype=torch.float64), bias)
    return torch.autograd.grad(output, bias, torch.tensor(grad))[0].numpy()


@exercise(
    "07.4",
    "One letter too many",
    because="a letter that is missing after the arrow is summed over, "
    "and the outputs of Conv1d have no index for the channel and none for the tap.",
    hints=(
        "Which axes has the output of Conv1d? Look at the index of `output` in the five loops of lesson 06.",
        "In `np.einsum` a letter behind the arrow is kept, "
        "and a letter that stands only in front is summed over. "
        "Section 2 says which two are summed.",
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
    "07.5",
    "The matrix of a stride",
    because="row t holds the kernel from column t · stride on. "
    "Such a matrix times the signal is the convolution, "
    "and the same matrix transposed is its backward pass.",
    hints=(
        "Begin with the shape: a row for each output, a column for each sample. "
        "Section 7 of lesson 06 has the number of outputs.",
        "In section 4, row t holds the kernel from column t on. "
        "At which sample does output t begin to read, when there is a stride?",
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
    "07.6",
    "Hand the gradient back",
    because="output t has read sample t · stride + k with weight k, "
    "so it hands grad[t] · weight[k] back to that very sample, and what several outputs hand back is added up.",
    hints=(
        "Look at `backward_1` in section 6. Where does output `t` begin to read when the stride is not 1?",
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


@exercise(
    "07.7",
    "Count the multiplications",
    because="the output has 4·16·196 numbers, and each of them is a sum of 8·5 products.",
    hints=(
        "How many numbers does the output have? Its length is not 200.",
        "For one number of the output, how many taps meet a sample? A kernel covers all channels.",
    ),
)
def multiplications() -> int:
    """For each number of the output, one product for each number of a kernel."""
    weight = np.zeros((16, 8, 5))
    out_length = 200 - weight.shape[2] + 1
    return 4 * len(weight) * out_length * weight[0].size


multiplications.wrong(512_000, "this counts 200 outputs in a row. A kernel of 5 fits at fewer places.")
multiplications.wrong(125_440, "this is one item of the batch. The work is done for each of the four.")
multiplications.wrong(62_720, "this lets each kernel read one channel. It reads all of them for each number.")
multiplications.wrong(31_360, "this is the work of one kernel. There are 16 of them.")
multiplications.wrong(12_544, "this is how many numbers the output has. How many products does each of them need?")
multiplications.wrong(100_352, "this has a kernel of one tap. Each kernel has 5 for each channel.")
multiplications.wrong(640, "this is how many weights the layer has. Each is used again at every place.")


@multiplications.another_way
def _():
    """Count the ones that are added up, each the product of two ones."""
    return int(torch.conv1d(torch.ones(4, 8, 200), torch.ones(16, 8, 5)).sum())
