"""Exercises of lesson 06: can I write Conv1d myself?"""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view
from torch import nn

from ..reference import conv1d_loops
from ..verify import diagnose
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
    "With the kernel 1, 2, −1, `np.convolve` makes 7 of the first window, 1, 3, 2. "
    "Of the second window, 3, 2, 0, it makes 1. What does it do?",
    because="−1·1 + 2·3 + 1·2 = 7 and −1·3 + 2·2 + 1·0 = 1.",
    options=("it turns the kernel round", "it leaves out the last tap", "it begins one sample later"),
)
def what_convolve_does() -> str:
    signal, kernel = SIGNAL[0].numpy(), KERNEL[0, 0].numpy()
    windows = sliding_window_view(signal, 3)
    ways = {
        "it turns the kernel round": windows @ kernel[::-1],
        "it leaves out the last tap": windows[:, :2] @ kernel[:2],
        "it begins one sample later": windows[1:] @ kernel,
    }
    found = np.convolve(signal, kernel, mode="valid")
    return next(words for words, output in ways.items() if np.array_equal(output, found))


what_convolve_does.wrong(
    "it leaves out the last tap", "this gives 7 for the first window, too. But what does it give for the second?"
)
what_convolve_does.wrong(
    "it begins one sample later", "then its first number comes from 3, 2, 0, and so it does. But its second?"
)


@prediction(
    "06.c",
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
    "06.d",
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
    "06.e",
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
    "06.f",
    "One item (1, 2, 7), the 3 kernels of size 3, and `dilation=2`, without padding. Which shape comes out?",
    because="three taps, two samples apart, cover 2·2 + 1 samples.",
)
def shape_with_dilation() -> torch.Size:
    return F.conv1d(SIGNALS[None], KERNELS, dilation=2).shape


shape_with_dilation.wrong((1, 3, 5), "this is for dilation 1.")
shape_with_dilation.wrong((1, 3, 2), "this is for a span of 3·2. Behind the last tap there is no gap.")
shape_with_dilation.wrong((1, 3, 1), "this leaves two samples out between the taps. Two apart leaves out one.")


@prediction(
    "06.g",
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
    "06.h",
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
    "06.i",
    "`two_mistakes` returns `conv_8(x, weight[:, :, ::-1], np.zeros(len(bias)))`. Which two mistakes are these?",
    because="the last axis of the weight holds the taps, and zeros stand where the bias belongs.",
    options=(
        "the kernel is flipped, and the bias is missing",
        "the channels are in reverse, and the bias is missing",
        "the signal is flipped, and the bias is missing",
        "the kernel is flipped, and the last window is missing",
    ),
)
def two_mistakes_at_once() -> str:
    numbers = np.random.default_rng(6)
    x, weight, bias = (numbers.normal(size=size) for size in ((2, 3, 20), (4, 3, 5), 4))
    found = diagnose(conv1d_loops(x, weight[:, :, ::-1].copy()), x, weight, bias).codes
    words = {"flipped_kernel": "the kernel is flipped", "bias_missing": "the bias is missing"}
    return ", and ".join(words[code] for code in found)


two_mistakes_at_once.wrong(
    "the channels are in reverse, and the bias is missing",
    "what stands along axis 0, 1 and 2 of a weight, and which of them does `::-1` turn round?",
)
two_mistakes_at_once.wrong(
    "the signal is flipped, and the bias is missing",
    "`x` is handed on as it is. Something else is turned round.",
)
two_mistakes_at_once.wrong(
    "the kernel is flipped, and the last window is missing",
    "`conv_8` makes every window. `len(bias)` is how many kernels there are: what does the array hold?",
)


# ---- the ladder: ten rungs, each the one before it with something new ----


def _random(seed, *cases):
    """Argument tuples: a shape becomes an array of random float64 numbers, the rest stays."""
    numbers = np.random.default_rng(seed)
    return [tuple(numbers.normal(size=a) if isinstance(a, tuple) else a for a in case) for case in cases]


def _summed(x, weight, bias, out_length, sample, channel=lambda o, c: c):
    """The loops of the ladder with the learner's own places: which sample and which channel a weight meets."""
    output = np.zeros((len(x), len(weight), out_length))
    for n, o, t in np.ndindex(output.shape):
        output[n, o, t] = bias[o]
        for c, k in np.ndindex(weight.shape[1:]):
            output[n, o, t] += weight[o, c, k] * x[n, channel(o, c), sample(t, k)]
    return output


@exercise(
    "06.1",
    "One signal, one kernel",
    because="each output is a sum of products: every tap times the sample below it, "
    "for each place where the whole kernel fits.",
    hints=(
        "How often does the kernel fit? You have predicted it for 7 samples and 3 taps: write it for all.",
        "Inside the loop over t, write one over the taps k. Tap 0 meets sample t. Which sample does tap k meet?",
        "Add with +=, since all products of one place go into the same output.",
    ),
)
def conv_1(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Slide, multiply, add up."""
    out_length = x.shape[-1] - weight.shape[-1] + 1
    output = np.zeros(out_length)
    for t in range(out_length):
        for k in range(weight.shape[-1]):
            output[t] += weight[k] * x[t + k]
    return output


@conv_1.begun_as
def _(x, weight):
    out_length = ...
    output = np.zeros(out_length)
    for t in range(out_length):
        ...
    return output


@conv_1.tried_on
def _():
    return _random(61, ((8,), (3,)), ((20,), (5,)), ((4,), (4,)), ((6,), (2,)), ((5,), (1,)))


conv_1.wrong(
    lambda x, weight: conv_1(x, weight[::-1]),
    "the kernel is turned round, as `np.convolve` does it. Conv1d leaves it as it is: "
    "tap 0 meets the first sample of the window.",
)
conv_1.wrong(
    lambda x, weight: conv_1(x, weight)[:-1],
    "the last output is missing. Count the places, not the moves between them: "
    "a kernel as long as the signal still has one place.",
)
conv_1.wrong(
    lambda x, weight: conv_1(np.append(x, 0), weight),
    "there is one output too many. At its place, the last tap already hangs over the end of the signal.",
)
conv_1.wrong(
    lambda x, weight: [weight[k] * x[t + k] for t in range(len(x)) for k in range(len(weight))],
    "the kernel runs over the end of the signal. It may only begin where all of its taps still find a sample.",
)
conv_1.wrong(
    lambda x, weight: np.array([np.dot(weight, x[t : t + len(weight)]) for t in range(len(x))]),
    "at the end, the window is shorter than the kernel. It may only begin where all of its taps find a sample.",
)
conv_1.wrong(
    lambda x, weight: np.correlate(x, weight, "same"),
    "this is as long as the longer of the two: at both ends the kernel hangs over and meets zeros. "
    "Here it must lie inside.",
)
conv_1.wrong(
    lambda x, weight: np.convolve(x, weight, "same"),
    "the kernel is turned round, as `np.convolve` does it, and hangs over at both ends. Here it must lie inside.",
)
conv_1.wrong(
    lambda x, weight: np.convolve(x, weight),
    "the kernel is turned round, as `np.convolve` does it, and every place counts where it touches the signal. "
    "Here it must lie inside.",
)
conv_1.wrong(
    lambda x, weight: np.correlate(x, weight, "full"),
    "this counts every place where the kernel touches the signal. Here it must lie inside.",
)
conv_1.wrong(
    lambda x, weight: weight[-1] * x[len(weight) - 1 :],
    "only the last product of each window is left: each one takes the place of the one before. Add them up.",
)
conv_1.wrong(
    lambda x, weight: weight.sum() * x[: len(x) - len(weight) + 1],
    "all taps meet the same sample, the first one of the window. Each tap has a sample of its own.",
)
conv_1.wrong(
    lambda x, weight: np.full(len(x) - len(weight) + 1, weight @ x[: len(weight)]),
    "all outputs are alike: each reads the first window. The window moves on with t.",
)
conv_1.wrong(
    lambda x, weight: conv_1(x, weight) / len(weight),
    "this is the mean of the products. Conv1d adds them up and divides by nothing.",
)


@conv_1.wrong(
    says="the windows do not overlap here: each begins where the one before has ended. "
    "The kernel moves by one sample."
)
def _(x, weight):
    return np.array([weight @ x[t : t + len(weight)] for t in range(0, len(x) - len(weight) + 1, len(weight))])


@conv_1.wrong(
    says="only the first output is computed, and the others are still 0. Does `return` stand inside a loop?"
)
def _(x, weight):
    output = np.zeros(len(x) - len(weight) + 1)
    output[0] = weight @ x[: len(weight)]
    return output


@conv_1.wrong(
    says="this is one number, the sum over all windows. Each place of the kernel has an output of its own."
)
def _(x, weight):
    return conv_1(x, weight).sum()


conv_1.another_way(lambda x, weight: np.correlate(x, weight, "valid"))


@exercise(
    "06.2",
    "Add the bias",
    because="the bias belongs to the output: each output has it in it once, however many taps there are.",
    hints=(
        "The loop over the taps stays as it was. Where does an output begin, before the first product is added?",
        "Each output begins at the bias instead of 0. The line stands inside the loop over t, "
        "and before the loop over k.",
    ),
)
def conv_2(x: np.ndarray, weight: np.ndarray, bias: float) -> np.ndarray:
    """Begin each output at the bias."""
    out_length = x.shape[-1] - weight.shape[-1] + 1
    output = np.zeros(out_length)
    for t in range(out_length):
        output[t] = bias
        for k in range(weight.shape[-1]):
            output[t] += weight[k] * x[t + k]
    return output


@conv_2.begun_as
def _(x, weight, bias):
    out_length = x.shape[-1] - weight.shape[-1] + 1
    output = np.zeros(out_length)
    for t in range(out_length):
        ...
    return output


@conv_2.tried_on
def _():
    return _random(62, ((8,), (3,), 0.7), ((20,), (5,), -1.3), ((6,), (2,), 2.1), ((4,), (4,), 0.4))


conv_2.wrong(
    lambda x, weight, bias: conv_1(x, weight) + bias * len(weight),
    "the bias is in each output once for each tap. It belongs to the output, not to a tap.",
)
conv_2.wrong(lambda x, weight, bias: conv_1(x, weight), "the bias is not in it.")
conv_2.wrong(lambda x, weight, bias: conv_1(x, weight) * bias, "this multiplies by the bias. A bias is added.")
conv_2.wrong(
    lambda x, weight, bias: np.full(len(x) - len(weight) + 1, bias),
    "every output is the bias alone: it has taken the place of the sum. Begin with it, or add it.",
)
conv_2.wrong(
    lambda x, weight, bias: bias + weight[-1] * x[len(weight) - 1 :],
    "only the last product of each window is left beside the bias. Is the output set to the bias at every tap?",
)
conv_2.wrong(
    lambda x, weight, bias: np.append(conv_1(x, weight)[:-1], conv_1(x, weight)[-1] + bias),
    "only the last output has the bias. The line stands behind the loop over t, and belongs into it.",
)
conv_2.wrong(
    lambda x, weight, bias: np.append(conv_1(x, weight)[0] + bias, conv_1(x, weight)[1:]),
    "only the first output has the bias. Every output has it.",
)
conv_2.wrong(
    lambda x, weight, bias: conv_1(x, weight) + bias * np.arange(1, len(x) - len(weight) + 2),
    "the bias grows from position to position. It is the same number at each.",
)
conv_2.wrong(
    lambda x, weight, bias: np.cumsum(conv_1(x, weight)) + bias,
    "each output still has the sums of all outputs before it in it. Every one begins anew, at the bias.",
)
conv_2.wrong(
    lambda x, weight, bias: conv_1(x, weight) + [bias[t] for t in range(len(x))],
    "the bias has no positions: with one kernel it is a single number, and takes no index.",
)
conv_2.wrong(lambda x, weight, bias: conv_1(x, weight) - bias, "this subtracts the bias. A bias is added.")
conv_2.wrong(
    lambda x, weight, bias: conv_1(x + bias, weight),
    "the bias is added to the samples, before the kernel. It is added to what comes out.",
)
conv_2.wrong(
    lambda x, weight, bias: conv_1(x, weight[::-1]) + bias,
    "the bias is right. But the kernel is turned round: tap 0 meets the first sample of the window.",
)
conv_2.wrong(
    lambda x, weight, bias: conv_1(x, weight)[:-1] + bias,
    "the bias is right. But the last output is missing: count the places, not the moves between them.",
)
conv_2.another_way(lambda x, weight, bias: np.correlate(x, weight, "valid") + bias)


@exercise(
    "06.3",
    "Sum over the input channels",
    because="output t has no index for the channel, so the products of all channels land in the same number.",
    hints=(
        "A loop over the channels c stands around the loop over the taps. How many rows has the kernel?",
        "The weight and the signal get the index c in front. The output gets none.",
    ),
)
def conv_3(x: np.ndarray, weight: np.ndarray, bias: float) -> np.ndarray:
    """Add up over the channels, too."""
    out_length = x.shape[-1] - weight.shape[-1] + 1
    output = np.zeros(out_length)
    for t in range(out_length):
        output[t] = bias
        for c in range(weight.shape[-2]):
            for k in range(weight.shape[-1]):
                output[t] += weight[c, k] * x[c, t + k]
    return output


@conv_3.begun_as
def _(x, weight, bias):
    out_length = x.shape[-1] - weight.shape[-1] + 1
    output = np.zeros(out_length)
    for t in range(out_length):
        output[t] = bias
        ...
    return output


@conv_3.tried_on
def _():
    sizes = [(3, 8, 4), (2, 9, 2), (4, 7, 3), (1, 6, 3), (3, 5, 5)]
    return _random(63, *[((c, length), (c, taps), 0.5 - c) for c, length, taps in sizes])


def _rows(x, weight):
    """What each channel contributes, (channels, positions)."""
    return np.stack([conv_1(row, taps) for row, taps in zip(x, weight, strict=True)])


conv_3.wrong(
    lambda x, weight, bias: _rows(x, weight) + bias,
    "the channels are kept apart: this has a row for each of them. One kernel makes one row, "
    "in which they are added up.",
)
conv_3.wrong(
    lambda x, weight, bias: _rows(x, weight).sum(axis=0) + bias * len(x),
    "the channels are added up. But the bias is in it once for each channel. It belongs to the output.",
)
conv_3.wrong(
    lambda x, weight, bias: _rows(x, weight).mean(axis=0) + bias,
    "this is the mean over the channels. Conv1d adds them up and divides by nothing.",
)
conv_3.wrong(
    lambda x, weight, bias: _rows(x, weight)[0] + bias,
    "only channel 0 is read. The kernel has a row for each channel, and all of them count.",
)
conv_3.wrong(
    lambda x, weight, bias: _rows(x, weight)[-1] + bias,
    "only the last channel is left. Does each channel begin the output anew?",
)
conv_3.wrong(
    lambda x, weight, bias: _rows(x, weight).sum(axis=0), "the channels are added up. The bias is missing."
)
conv_3.wrong(
    lambda x, weight, bias: conv_3(x, np.broadcast_to(weight[0], weight.shape), bias),
    "row 0 of the kernel meets all channels. Each channel has a row of taps of its own.",
)
conv_3.wrong(
    lambda x, weight, bias: conv_3(np.broadcast_to(x[0], x.shape), weight, bias),
    "every row of the kernel meets channel 0. Row c meets channel c.",
)
conv_3.wrong(
    lambda x, weight, bias: conv_3(x, weight[:, ::-1], bias),
    "the kernel is turned round along the time. Tap 0 meets the first sample of the window.",
)
conv_3.wrong(
    lambda x, weight, bias: conv_3(x, weight[::-1], bias),
    "the rows of the kernel meet the channels in the reverse order. Row 0 belongs to channel 0.",
)
conv_3.wrong(
    lambda x, weight, bias: conv_3(x, weight[::-1, ::-1], bias),
    "the kernel is turned round in both directions, as a convolution in two dimensions does it. "
    "Conv1d leaves it as it is.",
)
conv_3.wrong(
    lambda x, weight, bias: conv_3(x, weight, bias)[:-1],
    "the last output is missing. Count the places, not the moves between them.",
)
conv_3.wrong(
    lambda x, weight, bias: conv_3(x, weight, bias)[:1],
    "there is one output only. `len(x)` counts the channels now: the length is the last axis.",
)
conv_3.wrong(
    lambda x, weight, bias: _rows(x, weight).prod(axis=0) + bias,
    "the channels are multiplied with each other. They are added up.",
)
conv_3.another_way(
    lambda x, weight, bias: np.einsum("ctk,ck->t", sliding_window_view(x, weight.shape[1], 1), weight) + bias
)


def _as_conv1d(x, weight, bias, stride=1, padding=0, dilation=1, groups=1, padding_mode="zeros"):
    return {
        "x": x,
        "weight": weight,
        "bias": bias,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
        "padding_mode": padding_mode,
    }


@exercise(
    "06.4",
    "More output channels",
    because="each kernel reads the same input and makes a row of its own, which begins at its own bias.",
    hints=(
        "The output has two axes now: a row for each kernel, and its positions. "
        "`np.zeros` takes the shape as a tuple.",
        "Inside the loop over the kernels o stand the loops of the rung before. "
        "What belongs to one kernel gets the index o: the output, the bias, the weight.",
    ),
    as_conv1d=_as_conv1d,
)
def conv_4(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """One row for each kernel."""
    out_length = x.shape[-1] - weight.shape[-1] + 1
    output = np.zeros((len(weight), out_length))
    for o in range(len(weight)):
        for t in range(out_length):
            output[o, t] = bias[o]
            for c in range(weight.shape[-2]):
                for k in range(weight.shape[-1]):
                    output[o, t] += weight[o, c, k] * x[c, t + k]
    return output


@conv_4.begun_as
def _(x, weight, bias):
    out_length = x.shape[-1] - weight.shape[-1] + 1
    output = np.zeros(...)
    for o in range(len(weight)):
        ...
    return output


@conv_4.tried_on
def _():
    # (out_channels, channels, length, taps): more kernels than positions, fewer, as many as channels, one of each.
    sizes = [(4, 3, 8, 5), (5, 2, 6, 4), (3, 3, 9, 2), (1, 4, 7, 3), (2, 1, 6, 3)]
    return _random(64, *[((c, length), (o, c, taps), (o,)) for o, c, length, taps in sizes])


conv_4.wrong(
    lambda x, weight, bias: conv_4(x, weight, bias).sum(axis=0),
    "the rows of all kernels are added up to one. Each kernel keeps a row of its own.",
)
conv_4.wrong(
    lambda x, weight, bias: conv_4(x, weight, bias).T,
    "the numbers are right, but the positions come first. The kernels do: (out_channels, length).",
)
conv_4.wrong(
    lambda x, weight, bias: conv_4(x, weight, np.full(len(bias), bias[0])),
    "all rows have the bias of kernel 0. Each kernel has its own.",
)
conv_4.wrong(
    lambda x, weight, bias: conv_4(x, weight, np.full(len(bias), bias.sum())),
    "each row has the biases of all kernels in it. It has that of its own kernel alone.",
)
conv_4.wrong(
    lambda x, weight, bias: conv_4(x, weight, 0 * bias),
    "the rows are right. The bias is missing: there is one for each kernel.",
)
conv_4.wrong(
    lambda x, weight, bias: conv_4(x, np.broadcast_to(weight[0], weight.shape), bias),
    "every row is made by kernel 0. Row o is made by kernel o.",
)
conv_4.wrong(
    lambda x, weight, bias: np.stack([_rows(x, kernel) + b for kernel, b in zip(weight, bias, strict=True)]),
    "this keeps the channels apart, on an axis of their own. Each kernel adds them up.",
)
conv_4.wrong(
    lambda x, weight, bias: conv_4(x, weight[..., ::-1], bias),
    "the kernels are turned round. Tap 0 meets the first sample of the window.",
)
conv_4.wrong(
    lambda x, weight, bias: conv_4(x, weight, bias)[:, :-1],
    "in each row the last output is missing. Count the places, not the moves between them.",
)


@conv_4.wrong(
    says="the bias follows the position t. It belongs to the kernel: the same number at all its positions."
)
def _(x, weight, bias):
    output = conv_4(x, weight, 0 * bias)
    for o, t in np.ndindex(output.shape):
        output[o, t] += bias[t]
    return output


@conv_4.wrong(says="kernel o reads only channel o. Every kernel reads all channels, each with a row of its own.")
def _(x, weight, bias):
    output = np.zeros((len(weight), x.shape[-1] - weight.shape[-1] + 1))
    for o, t in np.ndindex(output.shape):
        output[o, t] = bias[o]
        for c, k in np.ndindex(weight.shape[1:]):
            output[o, t] += weight[o, c, k] * x[o, t + k]
    return output


conv_4.another_way(
    lambda x, weight, bias: (
        np.einsum("ctk,ock->ot", sliding_window_view(x, weight.shape[2], 1), weight) + bias[:, None]
    )
)


@exercise(
    "06.5",
    "A batch",
    because="the index n goes to the input and to the output, and no sum runs over it, so the items never meet.",
    hints=(
        "The output has three axes now, and the items come first.",
        "Inside the loop over the items n stand the loops of the rung before. "
        "Which of x, weight, bias and output are another one for each item?",
    ),
    as_conv1d=_as_conv1d,
)
def conv_5(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Do the same for each item."""
    out_length = x.shape[-1] - weight.shape[-1] + 1
    output = np.zeros((len(x), len(weight), out_length))
    for n in range(len(x)):
        for o in range(len(weight)):
            for t in range(out_length):
                output[n, o, t] = bias[o]
                for c in range(weight.shape[-2]):
                    for k in range(weight.shape[-1]):
                        output[n, o, t] += weight[o, c, k] * x[n, c, t + k]
    return output


@conv_5.begun_as
def _(x, weight, bias):
    out_length = x.shape[-1] - weight.shape[-1] + 1
    output = np.zeros(...)
    for n in range(len(x)):
        ...
    return output


@conv_5.tried_on
def _():
    # (batch, out_channels, channels, length, taps)
    sizes = [(2, 4, 3, 8, 5), (3, 2, 2, 6, 3), (4, 3, 1, 5, 2), (1, 2, 3, 6, 4)]
    return _random(65, *[((n, c, length), (o, c, taps), (o,)) for n, o, c, length, taps in sizes])


conv_5.wrong(
    lambda x, weight, bias: conv_5(x, weight, bias).sum(axis=0),
    "the items of the batch are added up. They are different signals, and never meet.",
)
conv_5.wrong(
    lambda x, weight, bias: conv_5(x, weight, bias).mean(axis=0),
    "this is the mean over the items. They are different signals, and never meet.",
)
conv_5.wrong(
    lambda x, weight, bias: conv_4(x[0], weight, bias),
    "this is item 0 alone. Every item has its own rows, and the output has an axis for the items.",
)
conv_5.wrong(
    lambda x, weight, bias: conv_4(x[-1], weight, bias),
    "this is the last item alone: each one has taken the place of the one before. "
    "The output has an axis for the items.",
)
conv_5.wrong(
    lambda x, weight, bias: np.stack([conv_4(x[0], weight, bias)] * len(x)),
    "all items of the output are made of item 0. Item n of the output reads item n of the input.",
)
conv_5.wrong(
    lambda x, weight, bias: conv_5(x, weight, bias).swapaxes(0, 1),
    "the numbers are right, but the kernels come first. The items do: (batch, out_channels, length).",
)
conv_5.wrong(
    lambda x, weight, bias: conv_5(x, weight, bias).swapaxes(1, 2),
    "the numbers are right, but time comes before the kernels: (batch, out_channels, length) is asked for.",
)
conv_5.wrong(
    lambda x, weight, bias: np.concatenate([conv_4(item, weight, bias) for item in x]),
    "the rows of all items lie in one stack. The items have an axis of their own, the first.",
)
conv_5.wrong(
    lambda x, weight, bias: conv_5(x, weight, np.zeros(len(bias))),
    "the items are right. The bias is missing: there is one for each kernel.",
)
conv_5.wrong(
    lambda x, weight, bias: conv_5(x, weight[..., ::-1], bias),
    "the kernels are turned round. Tap 0 meets the first sample of its window.",
)


@conv_5.wrong(says="the bias follows the item n. It belongs to the kernel: all items share it.")
def _(x, weight, bias):
    output = conv_5(x, weight, 0 * bias)
    for n, o, t in np.ndindex(output.shape):
        output[n, o, t] += bias[n]
    return output


@conv_5.wrong(says="the kernel follows the item n. All items share all kernels: the weight takes no index n.")
def _(x, weight, bias):
    output = np.zeros((len(x), len(weight), x.shape[-1] - weight.shape[-1] + 1))
    for n, o, t in np.ndindex(output.shape):
        output[n, o, t] = bias[o]
        for c, k in np.ndindex(weight.shape[1:]):
            output[n, o, t] += weight[n, c, k] * x[n, c, t + k]
    return output


conv_5.another_way(conv1d_loops)


@exercise(
    "06.6",
    "Stride",
    because="from one output to the next the window moves by `stride` samples, "
    "and where the division leaves a rest, the end of the signal is not read.",
    hints=(
        "At which sample does output 1 begin, with a stride of 2? And output t? "
        "Tap k lies k samples further on, as before.",
        "For the length, count the moves first: how many steps of `stride` fit "
        "between the first place of the kernel and the last one for stride 1? `//` divides and rounds down. "
        "And before the first move there is one place.",
    ),
    as_conv1d=_as_conv1d,
)
def conv_6(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1) -> np.ndarray:
    """Begin output t at sample t · stride."""
    out_length = (x.shape[-1] - weight.shape[-1]) // stride + 1
    output = np.zeros((len(x), len(weight), out_length))
    for n in range(len(x)):
        for o in range(len(weight)):
            for t in range(out_length):
                output[n, o, t] = bias[o]
                for c in range(weight.shape[-2]):
                    for k in range(weight.shape[-1]):
                        i = t * stride + k
                        output[n, o, t] += weight[o, c, k] * x[n, c, i]
    return output


@conv_6.begun_as
def _(x, weight, bias, stride=1):
    out_length = ...
    output = np.zeros((len(x), len(weight), out_length))
    for n in range(len(x)):
        for o in range(len(weight)):
            for t in range(out_length):
                output[n, o, t] = bias[o]
                for c in range(weight.shape[-2]):
                    for k in range(weight.shape[-1]):
                        i = ...
                        output[n, o, t] += weight[o, c, k] * x[n, c, i]
    return output


@conv_6.tried_on
def _():
    # (batch, out_channels, channels, length, taps, stride): with and without a rest, a stride above the taps.
    sizes = [
        (2, 3, 2, 11, 4, 2),
        (1, 2, 3, 12, 4, 2),
        (2, 1, 1, 13, 3, 4),
        (1, 2, 2, 14, 4, 3),
    ]
    return _random(66, *[((n, c, length), (o, c, taps), (o,), stride) for n, o, c, length, taps, stride in sizes])


def _strided(x, weight, stride):
    """How many outputs there are."""
    return (x.shape[-1] - weight.shape[-1]) // stride + 1


conv_6.wrong(
    lambda x, weight, bias, stride: conv_6(x, weight, bias),
    "this is for stride 1. With a stride, the kernel moves on by more than one sample.",
)
conv_6.wrong(
    lambda x, weight, bias, stride: conv_6(x, weight, bias)[..., : _strided(x, weight, stride)],
    "the length is right. But from output to output the window moves by one sample, and the end is not read.",
)
conv_6.wrong(
    lambda x, weight, bias, stride: _summed(
        x, weight, bias, _strided(x, weight, stride), lambda t, k: t + k * stride
    ),
    "the stride stands at the wrong index: it spreads the taps, which is dilation. It moves the whole window.",
)
conv_6.wrong(
    lambda x, weight, bias, stride: F.conv1d(*map(torch.as_tensor, (x, weight, bias)), dilation=stride).numpy(),
    "this is dilation: the taps stand apart, and the window moves by one sample. With a stride it is the window "
    "that moves further.",
)
conv_6.wrong(
    lambda x, weight, bias, stride: _summed(
        x, weight, bias, _strided(x, weight, stride), lambda t, k: (t + k) * stride
    ),
    "the taps are spread as well. The stride moves the beginning of a window, and its taps stay neighbours.",
)
conv_6.wrong(
    lambda x, weight, bias, stride: conv_6(x[..., ::stride], weight, bias),
    "this leaves out samples first and then slides over the rest. Nothing is left out inside a window.",
)
conv_6.wrong(
    lambda x, weight, bias, stride: conv_6(x, weight, bias, stride)[..., :-1],
    "the last output is missing. The division counts how often the kernel moves; "
    "it stands somewhere before it moves.",
)
conv_6.wrong(
    lambda x, weight, bias, stride: conv_6(x, weight, bias, stride)[
        ..., : (x.shape[-1] - weight.shape[-1] + 1) // stride
    ],
    "here the places for stride 1 are divided. With a rest, or with none, that can lose the last one: "
    "divide the moves.",
)
conv_6.wrong(
    lambda x, weight, bias, stride: _summed(
        x, weight, bias, -(-(x.shape[-1] - weight.shape[-1]) // stride) + 1, lambda t, k: t * stride + k
    ),
    "the kernel runs over the end of the signal. What is left over is too short for another window: round down.",
)
conv_6.wrong(
    lambda x, weight, bias, stride: _summed(
        x, weight, bias, x.shape[-1] - weight.shape[-1] + 1, lambda t, k: t * stride + k
    ),
    "the windows move on by the stride, but there are as many as for stride 1, so the last ones run over the end.",
)
conv_6.wrong(
    lambda x, weight, bias, stride: conv_6(x, weight, bias)[..., stride - 1 :: stride],
    "the first window begins too late. It begins at sample 0, whatever the stride is.",
)


@conv_6.wrong(says="between the outputs stand zeros, where the window was never put. The outputs have no gaps.")
def _(x, weight, bias, stride):
    dense = conv_6(x, weight, bias)
    output = np.zeros(dense.shape)
    output[..., ::stride] = dense[..., ::stride]
    return output


conv_6.another_way(lambda x, weight, bias, stride: conv1d_loops(x, weight, bias, stride))


@exercise(
    "06.7",
    "Padding",
    because="the zeros are added to the signal before anything else, as many on the left as on the right, "
    "and all that follows sees a longer signal.",
    hints=(
        "`np.pad(x, pairs)` takes one pair (before, after) for each axis of x. How many axes has x?",
        "Only the time gets longer: the pairs of the batch and of the channels are (0, 0).",
    ),
    as_conv1d=_as_conv1d,
)
def conv_7(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Make the signal longer, and go on as before."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    out_length = (x.shape[-1] - weight.shape[-1]) // stride + 1
    output = np.zeros((len(x), len(weight), out_length))
    for n in range(len(x)):
        for o in range(len(weight)):
            for t in range(out_length):
                output[n, o, t] = bias[o]
                for c in range(weight.shape[-2]):
                    for k in range(weight.shape[-1]):
                        i = t * stride + k
                        output[n, o, t] += weight[o, c, k] * x[n, c, i]
    return output


@conv_7.begun_as
def _(x, weight, bias, stride=1, padding=0):
    x = ...
    out_length = (x.shape[-1] - weight.shape[-1]) // stride + 1
    output = np.zeros((len(x), len(weight), out_length))
    for n in range(len(x)):
        for o in range(len(weight)):
            for t in range(out_length):
                output[n, o, t] = bias[o]
                for c in range(weight.shape[-2]):
                    for k in range(weight.shape[-1]):
                        i = t * stride + k
                        output[n, o, t] += weight[o, c, k] * x[n, c, i]
    return output


@conv_7.tried_on
def _():
    # (batch, out_channels, channels, length, taps, stride, padding): also more padding than taps, and none.
    sizes = [(2, 3, 2, 8, 4, 1, 1), (1, 2, 3, 9, 3, 2, 2), (2, 1, 1, 7, 2, 1, 3), (1, 2, 2, 10, 3, 3, 4)]
    sizes.append((2, 2, 3, 6, 3, 1, 0))
    return _random(67, *[((n, c, length), (o, c, taps), (o,), s, p) for n, o, c, length, taps, s, p in sizes])


def _sides(x, left, right, **how):
    """Pad the time axis."""
    return np.pad(x, ((0, 0), (0, 0), (left, right)), **how)


conv_7.wrong(
    lambda x, weight, bias, stride, padding: conv_6(x, weight, bias, stride),
    "this is without the padding.",
)
conv_7.wrong(
    lambda x, weight, bias, stride, padding: conv_6(_sides(x, padding, 0), weight, bias, stride),
    "the zeros stand on the left side only. `padding` counts the zeros of each side.",
)
conv_7.wrong(
    lambda x, weight, bias, stride, padding: conv_6(_sides(x, 0, padding), weight, bias, stride),
    "the zeros stand on the right side only. `padding` counts the zeros of each side.",
)
conv_7.wrong(
    lambda x, weight, bias, stride, padding: conv_6(_sides(x, 2 * padding, 0), weight, bias, stride),
    "all zeros stand on the left. Half of them belong on the right.",
)
conv_7.wrong(
    lambda x, weight, bias, stride, padding: conv_6(_sides(x, 0, 2 * padding), weight, bias, stride),
    "all zeros stand on the right. Half of them belong on the left.",
)
conv_7.wrong(
    lambda x, weight, bias, stride, padding: conv_6(_sides(x, padding // 2, padding // 2), weight, bias, stride),
    "each side gets half of `padding`. It is not shared: each side gets as many zeros as it says.",
)
conv_7.wrong(
    lambda x, weight, bias, stride, padding: conv_6(
        _sides(x, weight.shape[-1] // 2, weight.shape[-1] // 2), weight, bias, stride
    ),
    "the number of zeros follows the kernel and not `padding`, which says it.",
)
conv_7.wrong(
    lambda x, weight, bias, stride, padding: conv_6(
        _sides(x, padding, padding, mode="edge"), weight, bias, stride
    ),
    "the ends are filled with the first and the last value. Here they are filled with zeros.",
)
conv_7.wrong(
    lambda x, weight, bias, stride, padding: _sides(conv_6(x, weight, bias, stride), padding, padding),
    "the zeros are added to the output. They are added to the input, so that the kernel can meet them.",
)
conv_7.wrong(
    lambda x, weight, bias, stride, padding: conv_7(x, weight, bias, stride, padding)[
        ..., : _strided(x, weight, stride)
    ],
    "the zeros are there, but the number of outputs is still that of the shorter signal.",
)
conv_7.wrong(
    lambda x, weight, bias, stride, padding: conv_6(
        np.pad(x, ((0, 0), (padding, padding), (padding, padding))), weight, bias, stride
    ),
    "the channels are padded too, so that the kernel meets channels of zeros. Only the time gets longer.",
)
conv_7.wrong(
    lambda x, weight, bias, stride, padding: conv_6(np.pad(x, padding), weight, bias, stride),
    "all axes are padded, the batch and the channels too. Only the time gets longer: give one pair for each axis.",
)
conv_7.another_way(lambda x, weight, bias, stride, padding: conv1d_loops(x, weight, bias, stride, padding))


@exercise(
    "06.8",
    "Dilation",
    because="tap k meets the sample k · dilation behind the beginning of the window, "
    "and from its first tap to its last the kernel covers that much more.",
    hints=(
        "Two places change. Which sample does tap k meet, if its neighbours lie `dilation` samples apart?",
        "From the first tap to the last there are as many gaps as taps, less one. Put the sample of the last tap "
        "in the place of the kernel's length: how many samples does the kernel cover?",
    ),
    as_conv1d=_as_conv1d,
)
def conv_8(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1, padding: int = 0, dilation: int = 1
) -> np.ndarray:
    """Spread the taps."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    out_length = (x.shape[-1] - dilation * (weight.shape[-1] - 1) - 1) // stride + 1
    output = np.zeros((len(x), len(weight), out_length))
    for n in range(len(x)):
        for o in range(len(weight)):
            for t in range(out_length):
                output[n, o, t] = bias[o]
                for c in range(weight.shape[-2]):
                    for k in range(weight.shape[-1]):
                        i = t * stride + k * dilation
                        output[n, o, t] += weight[o, c, k] * x[n, c, i]
    return output


@conv_8.begun_as
def _(x, weight, bias, stride=1, padding=0, dilation=1):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    out_length = ...
    output = np.zeros((len(x), len(weight), out_length))
    for n in range(len(x)):
        for o in range(len(weight)):
            for t in range(out_length):
                output[n, o, t] = bias[o]
                for c in range(weight.shape[-2]):
                    for k in range(weight.shape[-1]):
                        i = ...
                        output[n, o, t] += weight[o, c, k] * x[n, c, i]
    return output


@conv_8.tried_on
def _():
    # (batch, out_channels, channels, length, taps, stride, padding, dilation); the last has one tap, and no gap.
    sizes = [
        (2, 3, 2, 11, 3, 1, 0, 2),
        (1, 2, 3, 12, 4, 2, 1, 3),
        (2, 1, 1, 14, 2, 3, 0, 4),
        (1, 2, 2, 9, 3, 2, 2, 1),
    ]
    sizes.append((2, 2, 3, 7, 1, 2, 1, 3))
    return _random(68, *[((n, c, length), (o, c, taps), (o,), *rest) for n, o, c, length, taps, *rest in sizes])


def _dilated(x, weight, stride, dilation):
    """How many outputs a padded input has."""
    return (x.shape[-1] - dilation * (weight.shape[-1] - 1) - 1) // stride + 1


def _spread(sample, length=_dilated):
    """A function with the arguments of `conv_8` and its own places and number of outputs."""

    def conv(x, weight, bias, stride, padding, dilation):
        x = _sides(x, padding, padding)
        out_length = length(x, weight, stride, dilation)
        return _summed(x, weight, bias, out_length, lambda t, k: sample(t, k, stride, dilation))

    return conv


conv_8.wrong(
    lambda x, weight, bias, stride, padding, dilation: conv_7(x, weight, bias, stride, padding),
    "this is for dilation 1: the taps are still neighbours.",
)
conv_8.wrong(
    _spread(lambda t, k, stride, dilation: t * stride + k),
    "the length is right. But the taps are still neighbours, and they stand `dilation` samples apart.",
)
conv_8.wrong(
    lambda x, weight, bias, stride, padding, dilation: conv_7(x, weight, bias, dilation, padding),
    "this is a stride: the window moves further, and its taps are neighbours. "
    "With dilation it is the taps that stand apart.",
)
conv_8.wrong(
    lambda x, weight, bias, stride, padding, dilation: conv_7(x, weight, bias, stride * dilation, padding),
    "the dilation is taken as one more stride: it moves the window. "
    "With dilation it is the taps that stand apart.",
)
conv_8.wrong(
    _spread(lambda t, k, stride, dilation: t * dilation + k * stride),
    "stride and dilation have changed places. The stride belongs to the window t, and the dilation to the tap k.",
)
conv_8.wrong(
    _spread(lambda t, k, stride, dilation: (t * stride + k) * dilation),
    "the dilation spreads the taps and moves the window as well. The window moves by the stride alone.",
)
conv_8.wrong(
    _spread(
        lambda t, k, stride, dilation: t * stride + k * dilation,
        lambda x, weight, stride, dilation: _strided(x, weight, stride),
    ),
    "the taps are spread, but there are as many outputs as without, so the kernel runs over the end. "
    "It covers more samples now.",
)
conv_8.wrong(
    lambda x, weight, bias, stride, padding, dilation: conv_8(x, weight, bias, stride, padding, dilation)[
        ..., : max(0, (x.shape[-1] + 2 * padding - dilation * weight.shape[-1]) // stride + 1)
    ],
    "outputs are missing at the end: here the kernel covers its number of taps times the dilation. "
    "Behind the last tap there is no gap.",
)
conv_8.wrong(
    lambda x, weight, bias, stride, padding, dilation: conv_8(x, weight, bias, stride, padding, dilation)[
        ..., :-1
    ],
    "the last output is missing. Count the places, not the moves between them.",
)
conv_8.wrong(
    _spread(
        lambda t, k, stride, dilation: t * stride + k * (dilation + 1),
        lambda x, weight, stride, dilation: _dilated(x, weight, stride, dilation + 1),
    ),
    "the taps stand one sample too far apart. Dilation is the distance of two taps, not the samples between them.",
)
conv_8.wrong(
    lambda x, weight, bias, stride, padding, dilation: conv_6(
        _sides(x, padding, padding)[..., ::dilation], weight, bias, stride
    ),
    "this thins out the signal, and then its windows begin only at what is left. "
    "A dilated kernel begins at every sample.",
)
conv_8.wrong(
    lambda x, weight, bias, stride, padding, dilation: conv_8(
        x, weight[..., ::-1], bias, stride, padding, dilation
    ),
    "the kernels are turned round. Tap 0 meets the first sample of its window.",
)
conv_8.another_way(
    lambda x, weight, bias, stride, padding, dilation: conv1d_loops(x, weight, bias, stride, padding, dilation)
)


@exercise(
    "06.9",
    "Groups",
    because="the kernels come group by group, and the channels too, so the number of a kernel says its group, "
    "and the group says its first channel.",
    hints=(
        "How many kernels make a group? Divide the number of the kernel by that, and round down.",
        "A group has as many channels as a kernel has rows. So many channels lie before the first one of group 1, "
        "and twice as many before that of group 2; c counts from there.",
    ),
    as_conv1d=_as_conv1d,
)
def conv_9(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> np.ndarray:
    """Let each kernel read the channels of its own group."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    out_length = (x.shape[-1] - dilation * (weight.shape[-1] - 1) - 1) // stride + 1
    output = np.zeros((len(x), len(weight), out_length))
    for n in range(len(x)):
        for o in range(len(weight)):
            group = o // (len(weight) // groups)
            for t in range(out_length):
                output[n, o, t] = bias[o]
                for c in range(weight.shape[-2]):
                    channel = group * weight.shape[-2] + c
                    for k in range(weight.shape[-1]):
                        i = t * stride + k * dilation
                        output[n, o, t] += weight[o, c, k] * x[n, channel, i]
    return output


@conv_9.begun_as
def _(x, weight, bias, stride=1, padding=0, dilation=1, groups=1):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    out_length = (x.shape[-1] - dilation * (weight.shape[-1] - 1) - 1) // stride + 1
    output = np.zeros((len(x), len(weight), out_length))
    for n in range(len(x)):
        for o in range(len(weight)):
            group = ...
            for t in range(out_length):
                output[n, o, t] = bias[o]
                for c in range(weight.shape[-2]):
                    channel = ...
                    for k in range(weight.shape[-1]):
                        i = t * stride + k * dilation
                        output[n, o, t] += weight[o, c, k] * x[n, channel, i]
    return output


@conv_9.tried_on
def _():
    # (batch, out_channels, channels, length, taps, stride, padding, dilation, groups); the last is depthwise.
    sizes = [
        (2, 6, 4, 8, 3, 1, 1, 1, 2),
        (1, 6, 9, 9, 2, 2, 0, 2, 3),
        (1, 8, 4, 7, 2, 1, 2, 1, 2),
        (2, 3, 2, 7, 3, 1, 0, 1, 1),
    ]
    sizes.append((1, 3, 3, 6, 2, 1, 0, 1, 3))
    return _random(
        69, *[((n, c, length), (o, c // rest[-1], taps), (o,), *rest) for n, o, c, length, taps, *rest in sizes]
    )


def _grouped(channel):
    """A function with the arguments of `conv_9`, in which a kernel reads its own choice of channels."""

    def conv(x, weight, bias, stride, padding, dilation, groups):
        x, in_group, out_group = _sides(x, padding, padding), weight.shape[1], len(weight) // groups
        return _summed(
            x,
            weight,
            bias,
            _dilated(x, weight, stride, dilation),
            lambda t, k: t * stride + k * dilation,
            lambda o, c: channel(o, c, groups, in_group, out_group),
        )

    return conv


conv_9.wrong(
    _grouped(lambda o, c, groups, in_group, out_group: c),
    "every kernel reads the channels of the first group. Each group of kernels has channels of its own.",
)
conv_9.wrong(
    lambda x, weight, bias, stride, padding, dilation, groups: conv_8(
        x, np.tile(weight, (1, groups, 1)), bias, stride, padding, dilation
    ),
    "the groups are ignored: each kernel runs over the channels of all groups. It reads those of its own alone.",
)
conv_9.wrong(
    _grouped(lambda o, c, groups, in_group, out_group: o % groups * in_group + c),
    "the kernels take turns: the first one of group 0, the second one of group 1. They come group by group: "
    "divide, and take no remainder.",
)
conv_9.wrong(
    _grouped(lambda o, c, groups, in_group, out_group: c * groups + o // out_group),
    "the channels take turns. They come group by group: those of one group are neighbours.",
)
conv_9.wrong(
    _grouped(lambda o, c, groups, in_group, out_group: o // out_group + c),
    "the number of the group is taken for its first channel. Before it lie all the channels of the groups before.",
)
conv_9.wrong(
    _grouped(lambda o, c, groups, in_group, out_group: o // groups * in_group + c),
    "the number of the kernel is divided by the number of groups. Divide it by how many kernels make a group.",
)
conv_9.wrong(
    _grouped(lambda o, c, groups, in_group, out_group: o // in_group * in_group + c),
    "the kernels of a group are counted as if there were as many as it has channels. There may be more, or fewer.",
)
conv_9.wrong(
    _grouped(lambda o, c, groups, in_group, out_group: o // out_group * groups + c),
    "the first channel of a group is its number times the number of groups. "
    "It is its number times the channels of one group.",
)
conv_9.wrong(
    _grouped(lambda o, c, groups, in_group, out_group: o * in_group + c),
    "every kernel has channels of its own, as if it were a group. All kernels of a group read the same ones.",
)
conv_9.wrong(
    _grouped(lambda o, c, groups, in_group, out_group: (groups - 1 - o // out_group) * in_group + c),
    "the groups read in the reverse order. The first kernels read the first channels.",
)
conv_9.wrong(
    lambda x, weight, bias, stride, padding, dilation, groups: conv_9(
        x, weight, bias, stride, padding, dilation, groups
    )[:, : len(weight) // groups],
    "this is the output of the first group alone. The rows of all groups stand below each other.",
)
conv_9.another_way(conv1d_loops)


@exercise(
    "06.10",
    "Padding modes",
    because="the mode says with what the ends are filled, before the kernel slides; the rest is as it was.",
    hints=(
        "`np.pad` takes `mode=`, and names the four modes in its own way: the loop above shows which is which.",
        "`modes[padding_mode]` is NumPy's name. And where `bias` is None, "
        "put as many zeros there as there are kernels.",
    ),
    as_conv1d=_as_conv1d,
)
def conv_10(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> np.ndarray:
    """Fill the ends as the mode says."""
    modes = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding)), mode=modes[padding_mode])
    bias = np.zeros(len(weight)) if bias is None else bias
    out_length = (x.shape[-1] - dilation * (weight.shape[-1] - 1) - 1) // stride + 1
    output = np.zeros((len(x), len(weight), out_length))
    for n in range(len(x)):
        for o in range(len(weight)):
            group = o // (len(weight) // groups)
            for t in range(out_length):
                output[n, o, t] = bias[o]
                for c in range(weight.shape[-2]):
                    channel = group * weight.shape[-2] + c
                    for k in range(weight.shape[-1]):
                        i = t * stride + k * dilation
                        output[n, o, t] += weight[o, c, k] * x[n, channel, i]
    return output


@conv_10.begun_as
def _(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1, padding_mode="zeros"):
    x = ...
    bias = ...
    out_length = (x.shape[-1] - dilation * (weight.shape[-1] - 1) - 1) // stride + 1
    output = np.zeros((len(x), len(weight), out_length))
    for n in range(len(x)):
        for o in range(len(weight)):
            group = o // (len(weight) // groups)
            for t in range(out_length):
                output[n, o, t] = bias[o]
                for c in range(weight.shape[-2]):
                    channel = group * weight.shape[-2] + c
                    for k in range(weight.shape[-1]):
                        i = t * stride + k * dilation
                        output[n, o, t] += weight[o, c, k] * x[n, channel, i]
    return output


@conv_10.tried_on
def _():
    # (out_channels, channels, length, taps, bias, stride, padding, dilation, groups, mode)
    sizes = [
        (3, 2, 7, 3, True, 1, 2, 1, 1, "reflect"),
        (2, 1, 8, 2, True, 2, 3, 2, 1, "replicate"),
        (2, 4, 6, 3, True, 1, 2, 1, 2, "circular"),
        (4, 3, 6, 4, False, 1, 2, 1, 1, "zeros"),
        (2, 2, 5, 2, False, 1, 1, 1, 2, "circular"),
    ]
    return _random(
        70,
        *[
            ((2, c, length), (o, c // rest[-2], taps), (o,) if bias else None, *rest)
            for o, c, length, taps, bias, *rest in sizes
        ],
    )


def _filled(**modes):
    """A function with the arguments of `conv_10` that fills the ends in its own ways, with NumPy's names."""

    def conv(x, weight, bias, stride, padding, dilation, groups, padding_mode):
        bias = np.zeros(len(weight)) if bias is None else bias
        names = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"} | modes
        x = _sides(x, padding, padding, mode=names[padding_mode])
        return conv_9(x, weight, bias, stride, 0, dilation, groups)

    return conv


conv_10.wrong(
    _filled(reflect="constant", replicate="constant", circular="constant"),
    "the ends are filled with zeros, whatever the mode is.",
)
conv_10.wrong(
    _filled(reflect="symmetric"),
    'in "reflect", the first and the last sample are doubled. They are the mirrors, and are not repeated.',
)
conv_10.wrong(
    _filled(reflect="edge", replicate="reflect"),
    '"reflect" and "replicate" have changed places. The one mirrors, the other holds the last value.',
)
conv_10.wrong(_filled(reflect="edge"), '"reflect" holds the last value here. It mirrors the signal at its ends.')
conv_10.wrong(
    _filled(reflect="wrap"), '"reflect" goes on with the other end here. It mirrors the signal at its ends.'
)
conv_10.wrong(_filled(replicate="reflect"), '"replicate" mirrors the signal here. It holds the last value.')
conv_10.wrong(_filled(circular="reflect"), '"circular" mirrors the signal here. It goes on with the other end.')
conv_10.wrong(_filled(circular="edge"), '"circular" holds the last value here. It goes on with the other end.')
conv_10.wrong(
    _filled(zeros="zeros", replicate="replicate", circular="circular"),
    "NumPy does not know torch's names of the modes: only one of the four is the same. Translate it first.",
)
conv_10.wrong(
    lambda x, weight, bias, stride, padding, dilation, groups, padding_mode: conv_10(
        x, weight, None, stride, padding, dilation, groups, padding_mode
    ),
    "the bias is left out, also where there is one. Only None means zeros.",
)
conv_10.wrong(
    lambda x, weight, bias, stride, padding, dilation, groups, padding_mode: conv_9(
        _sides(
            x,
            padding,
            padding,
            mode={"zeros": "constant", "replicate": "edge", "circular": "wrap"}.get(padding_mode, "reflect"),
        ),
        weight,
        bias,
        stride,
        0,
        dilation,
        groups,
    ),
    "the modes are right. But where `bias` is None, your function still takes numbers out of it.",
)


@conv_10.wrong(
    says="the signal is padded twice: first as the mode says, and then with zeros on top. "
    "What goes on with the padded signal needs a padding of 0."
)
def _(x, weight, bias, stride, padding, dilation, groups, padding_mode):
    bias = np.zeros(len(weight)) if bias is None else bias
    names = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    x = _sides(x, padding, padding, mode=names[padding_mode])
    return conv_9(x, weight, bias, stride, padding, dilation, groups)


@conv_10.wrong(says="the two ends have changed places: what is filled in on the left belongs on the right.")
def _(x, weight, bias, stride, padding, dilation, groups, padding_mode):
    length, names = x.shape[-1], {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    padded = _sides(x, padding, padding, mode=names.get(padding_mode, "constant"))
    left, right = padded[..., :padding], padded[..., padding + length :]
    swapped = np.concatenate([right, x, left], axis=-1)
    return conv_10(swapped, weight, bias, stride, 0, dilation, groups)


conv_10.another_way(conv1d_loops)
