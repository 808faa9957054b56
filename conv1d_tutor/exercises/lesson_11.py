"""Exercises of lesson 11: what does the message say, and what is the repair?"""

import itertools
import re

import torch
import torch.nn.functional as F
from torch import nn

from .exercise import exercise
from .prediction import prediction


@prediction(
    "11.a",
    "The patients are now (239, 5, 49), and the layer is `nn.Conv1d(5, 5, 3)`. Which shape comes out?",
    because="a kernel of 3 hours fits at 49 − 3 + 1 places.",
)
def shape_after_the_right_fix() -> torch.Size:
    return nn.Conv1d(5, 5, 3)(torch.zeros(239, 5, 49)).shape


shape_after_the_right_fix.wrong((239, 5, 49), "this is the length of the input. Nothing is padded.")
shape_after_the_right_fix.wrong(
    (239, 5, 46), "this is 49 − 3, how often the kernel moves on. It stands before it moves."
)
shape_after_the_right_fix.wrong(
    (239, 49, 3), "here the kernel slides over the features. Time is the last axis now."
)
shape_after_the_right_fix.wrong(
    (239, 3, 49), "the kernel takes from the last axis. The channels are those of the kernels."
)


@prediction(
    "11.b",
    "The wrong layer, `nn.Conv1d(32, 8, 3)`, takes the 32 signals for channels of one case. Signal 4 changes. "
    "How many of its output rows change?",
    because="each kernel adds up all 32 rows, as if they were channels of one case.",
    options=("none", "one", "all of them"),
)
def rows_that_change() -> str:
    signals = torch.zeros(32, 10)
    changed = signals.clone()
    changed[4] = 1
    kernels = torch.arange(1.0, 8 * 32 * 3 + 1).reshape(8, 32, 3)
    rows = (F.conv1d(changed, kernels) != F.conv1d(signals, kernels)).any(dim=1)
    return {0: "none", 1: "one", 8: "all of them"}[int(rows.sum())]


rows_that_change.wrong(
    "one", "this would be so if each signal had a row of its own. Here a row belongs to a kernel."
)
rows_that_change.wrong("none", "signal 4 is one of the channels that each kernel reads.")


@prediction(
    "11.c",
    "`nn.BatchNorm1d(8)` is in training. A is of shape (1, 8), and B of shape (1, 8, 47). Which does it refuse?",
    because="it takes one mean and one spread for each channel. Of a single value there is no spread. "
    "B has 47 values in each channel, from one case.",
    options=("only A", "only B", "both", "neither"),
)
def refused_by_the_norm() -> str:
    refused = ""
    for name, shape in (("A", (1, 8)), ("B", (1, 8, 47))):
        try:
            nn.BatchNorm1d(8)(torch.zeros(shape))
        except ValueError:
            refused += name
    return {"A": "only A", "B": "only B", "AB": "both", "": "neither"}[refused]


refused_by_the_norm.wrong("only B", "B has many values in each channel, and a spread can be taken of them.")
refused_by_the_norm.wrong(
    "both", "a batch of one is not the trouble by itself. What counts is how many values a channel has."
)
refused_by_the_norm.wrong("neither", "how many values has each of the 8 channels in A, and how many has it in B?")


@prediction(
    "11.d",
    "Four labels are 0.0 and 1.0, stored as float32. One loss has two scores for each case, the other has one. "
    "Which loss refuses these labels?",
    because="it picks a class by its number, and a number of a class is whole. The other computes with the label.",
    options=("CrossEntropyLoss", "BCEWithLogitsLoss", "both", "neither"),
)
def loss_that_refuses() -> str:
    labels, refused = torch.tensor([0.0, 1, 0, 1]), []
    for loss, scores in ((nn.CrossEntropyLoss(), torch.zeros(4, 2)), (nn.BCEWithLogitsLoss(), torch.zeros(4))):
        try:
            loss(scores, labels)
        except RuntimeError:
            refused.append(type(loss).__name__)
    return {0: "neither", 1: refused[0], 2: "both"}[len(refused)]


loss_that_refuses.wrong(
    "BCEWithLogitsLoss", "this one multiplies the label by a logarithm, so a float is what it needs."
)
loss_that_refuses.wrong("both", "one of them computes with the label itself, as with any other float.")
loss_that_refuses.wrong("neither", "one of them uses the label to pick a score, as a list is read at a place.")


@prediction(
    "11.e",
    "The labels are 0, 0, 1, 1, and the answers are the same numbers, but of shape (4, 1). "
    "How large is `((answers - labels) ** 2).mean()`?",
    because="(4, 1) minus (4,) compares each answer with every label, and half of these 16 pairs differ by 1.",
)
def error_of_perfect_answers() -> float:
    labels = torch.tensor([0.0, 0, 1, 1])
    return ((labels[:, None] - labels) ** 2).mean().item()


error_of_perfect_answers.wrong(
    0, "it should be, for perfect answers. But which label is each answer compared with?"
)
error_of_perfect_answers.wrong(1, "not all of the pairs differ.")
error_of_perfect_answers.wrong(8, "this is the sum of the squares. The mean divides it by the number of pairs.")
error_of_perfect_answers.wrong(2, "the squares are summed over 16 pairs, and the mean divides by 16, not by 4.")


@prediction(
    "11.f",
    "A model keeps `nn.Conv1d(5, 8, 3)` and `nn.Conv1d(8, 8, 3)` in a plain Python list. "
    "How many numbers are in its `parameters()`, which an optimiser gets?",
    because="a module looks for layers in its attributes, and a list is none. "
    "Both layers compute, and neither learns.",
)
def numbers_that_are_found() -> int:
    class InAList(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [nn.Conv1d(5, 8, 3), nn.Conv1d(8, 8, 3)]

    return sum(numbers.numel() for numbers in InAList().parameters())


numbers_that_are_found.wrong(
    328, "these are the numbers of both layers. Does the model know that the list has layers?"
)
numbers_that_are_found.wrong(128, "this is the first layer alone. The list is treated as a whole.")
numbers_that_are_found.wrong(200, "this is the second layer alone. The list is treated as a whole.")
numbers_that_are_found.wrong(
    312, "these are the weights of both layers. Does the model know that the list has layers?"
)


@exercise(
    "11.1",
    "Which layer was it",
    because="the weight is (out_channels, in_channels, kernel_size), and the call begins with in_channels.",
    hints=(
        "Find the size of the weight in the message. What do its three numbers count?",
        "The call and the weight name the same three numbers. Two of them have changed places.",
    ),
)
def layer_of_the_message() -> tuple[int, int, int]:
    """The weight says it, in another order."""
    out_channels, in_channels, kernel_size = 32, 12, 5  # the order of the weight
    return in_channels, out_channels, kernel_size


layer_of_the_message.wrong((32, 12, 5), "this is the order of the weight. The call begins with in_channels.")
layer_of_the_message.wrong(
    (1000, 32, 5), "the 1000 is what came in. The layer asks for the channels that its kernels have."
)
layer_of_the_message.wrong(
    (12, 32, 1000), "the last number of the weight is kernel_size. The 1000 is of the input."
)
layer_of_the_message.wrong((12, 5, 32), "the channels are right. kernel_size is the last number of the weight.")
layer_of_the_message.wrong((64, 1000, 12), "this is the input. The layer is in the size of the weight.")
layer_of_the_message.wrong((12, 32, 1), "groups is 1, as the message says. kernel_size is in the weight.")
layer_of_the_message.wrong((12, 64, 5), "the 64 is the batch. It is in no layer.")


@layer_of_the_message.another_way
def _():
    """Try the orders until torch says the same."""
    for sizes in itertools.permutations((32, 12, 5)):
        try:
            nn.Conv1d(*sizes)(torch.zeros(64, 1000, 12))
        except RuntimeError as error:
            if "weight of size [32, 12, 5]" in str(error):
                return sizes
    return None


@exercise(
    "11.2",
    "Both sensors",
    because="the channels are axis 1. Along it, the second sensor comes to stand beside the first.",
    hints=(
        "`cat` makes one axis longer. What does each of the axes 0, 1 and 2 of (N, 1, L) count?",
        "The output is to have the shape (N, 2, L). Which axis has grown?",
    ),
)
def both_sensors(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Put the second sensor beside the first, along the axis of the channels."""
    return torch.cat([left, right], dim=1)


@both_sensors.tried_on
def _():
    numbers = torch.Generator().manual_seed(12)
    sizes = ((4, 6), (2, 2), (1, 5), (3, 1))
    return [
        tuple(torch.randn(n, 1, length, generator=numbers, dtype=torch.float64) for _ in range(2))
        for n, length in sizes
    ]


@both_sensors.as_given(
    says="puts the second sensor behind the first in time. The layer still finds one channel, and refuses."
)
def _(left, right):
    return torch.cat([left, right], dim=2)


both_sensors.wrong(
    lambda left, right: torch.cat([left, right], dim=0),
    "now there are twice as many cases, each with one sensor. Cases are axis 0.",
)
both_sensors.wrong(
    lambda left, right: torch.stack([left, right], dim=1),
    "`stack` makes a new axis, and then there are four. The axis of the channels is there already, with size 1.",
)
both_sensors.wrong(
    lambda left, right: torch.cat([left, right], dim=0).reshape(len(left), 2, -1),
    "the shape is right. But the cases were put one behind the other before they were cut anew, "
    "so a case holds the same sensor of two others.",
)
both_sensors.wrong(
    lambda left, right: torch.cat([right, left], dim=1),
    "nearly. The left sensor is to be channel 0.",
)
both_sensors.wrong(
    lambda left, right: left.expand(-1, 2, -1),
    "the shape is right, and the layer runs. But both channels hold the left sensor.",
)
both_sensors.wrong(
    lambda left, right: (left + right) / 2,
    "this is the mean of both, one channel. The layer is to see each by itself.",
)
both_sensors.wrong(
    lambda left, right: left + right,
    "this adds both to one channel. The layer is to see each by itself.",
)
both_sensors.wrong(
    lambda left, right: torch.stack([left[:, 0], right[:, 0]], dim=2),
    "the channels stand last, (N, L, 2). Conv1d reads them on axis 1.",
)
both_sensors.another_way(lambda left, right: torch.stack([left[:, 0], right[:, 0]], dim=1))


@exercise(
    "11.3",
    "The shortest input",
    because="5 taps, 6 apart, span 4·6 + 1 = 25 samples, and the padding gives 4 of them.",
    hints=(
        "First the span of the kernel: from its first tap to its last, both counted.",
        "The padded signal has to be as long as that. How many samples does the padding add, on both sides?",
    ),
)
def shortest_input() -> int:
    """Try one length after the other."""
    kernel_size, dilation, padding = 5, 6, 2
    span = dilation * (kernel_size - 1) + 1  # from the first tap to the last
    return next(length for length in range(1, 100) if length + 2 * padding >= span)


shortest_input.wrong(25, "this is the span of the kernel. The padding gives some of its samples.")
shortest_input.wrong(23, "the padding is added on both sides.")
shortest_input.wrong(26, "this is 5·6 less the padding. Behind the last tap there is no gap.")
shortest_input.wrong(
    20, "between the first tap and the last lie 24 steps. Both taps count, so it is one sample more."
)
shortest_input.wrong(30, "this is 5·6. Between 5 taps there are 4 gaps. And the padding is not in it.")
shortest_input.wrong(5, "this is for dilation 1. The taps stand 6 apart.")
shortest_input.wrong(1, "this is for dilation 1 with its padding. The taps stand 6 apart.")
shortest_input.wrong(29, "the padding makes the signal longer, so fewer samples are needed, and not more.")


@shortest_input.another_way
def _():
    """Ask torch, from one sample on."""
    layer = nn.Conv1d(1, 1, 5, dilation=6, padding=2)
    for length in range(1, 100):
        try:
            layer(torch.zeros(1, 1, length))
        except RuntimeError:
            continue
        return length
    return None


@exercise(
    "11.4",
    "The right in_features",
    because="the Conv1d makes 12 channels of 96 samples, and the pooling halves the length: 12·48.",
    hints=(
        "Follow one case through the layers, and write down channels × length behind each.",
        "`Flatten` multiplies what is left: channels times length. The batch is not in it.",
    ),
)
def right_in_features() -> int:
    """Channels times length, behind each layer."""
    channels, length = 5, 100
    channels, length = 12, length - 5 + 1  # behind the Conv1d
    length = length // 2  # behind the pooling
    return channels * length


right_in_features.wrong(1152, "this is before the pooling, which keeps every second sample.")
right_in_features.wrong(240, "this has the channels of the input. Behind the Conv1d there are 12.")
right_in_features.wrong(600, "this is without the Conv1d's own loss: a kernel of 5 fits at 96 places.")
right_in_features.wrong(1200, "the kernel takes 4 samples away, and the pooling halves what is left.")
right_in_features.wrong(48, "this is the length. `Flatten` puts those of all channels into one row.")
right_in_features.wrong(12, "these are the channels. `Flatten` keeps the length, too.")
right_in_features.wrong(588, "the kernel takes 4 samples away from the end, not 2.")
right_in_features.wrong(4608, "the batch of 8 is not in it: each case is a row of its own.")


@right_in_features.another_way
def _():
    """Let torch make the row."""
    net = nn.Sequential(nn.Conv1d(5, 12, 5), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten())
    return net(torch.zeros(8, 5, 100)).shape[1]


@exercise(
    "11.5",
    "The groups that fit",
    because="1, 2, 3 and 6 divide both 12 and 18, so both can be cut into so many equal parts.",
    hints=(
        "Write down all numbers that divide the channels that go in.",
        "Of these, keep the ones that divide the channels that come out, too.",
    ),
)
def groups_that_fit() -> set[int]:
    """Keep the numbers that cut both into equal parts."""
    return {groups for groups in range(1, 13) if 12 % groups == 0 and 18 % groups == 0}


groups_that_fit.wrong(
    (1, 2, 3, 4, 6, 12), "these divide the channels that go in. The kernels are shared out, too."
)
groups_that_fit.wrong(
    (1, 2, 3, 6, 9, 18), "these divide the kernels. The channels that go in are shared out, too."
)
groups_that_fit.wrong((2, 3, 6), "one is missing: the number that `groups` has if you do not name it.")
groups_that_fit.wrong((1, 2, 3), "these fit, and there is one more, larger than these.")
groups_that_fit.wrong((6,), "this is the largest. Every number that divides both is asked for.")
groups_that_fit.wrong((2, 3), "these fit, and there is a smaller one and a larger one.")
groups_that_fit.wrong((1, 2, 3, 4, 6, 9, 12, 18), "these divide one or the other. A number must divide both.")


@groups_that_fit.another_way
def _():
    """Let torch say it: build a layer with each number."""
    fitting = []
    for groups in range(1, 19):
        try:
            nn.Conv1d(12, 18, 3, groups=groups)
            fitting.append(groups)
        except ValueError:
            pass
    return fitting


@exercise(
    "11.6",
    "Read the numbers",
    because="the weight says 16 kernels for 3 channels with 7 taps, the input says 20 cases, "
    "and a kernel of 7 fits into 500 time steps at 500 − 7 + 1 places.",
    hints=(
        "Name the axes of the weight first: (out_channels, in_channels, kernel_size). "
        "Then name those of the input. Which of its three numbers are the sensors?",
        "The layer is right, so turn the data in your mind to (cases, sensors, time steps). "
        "Then the output is (cases, kernels, places where a kernel fits).",
    ),
)
def shape_after_the_repair() -> torch.Size:
    """The layer that the message describes, and the data turned as it needs them."""
    x = torch.zeros(20, 500, 3)  # the input of the message: (cases, time steps, sensors)
    layer = nn.Conv1d(in_channels=3, out_channels=16, kernel_size=7)  # from its weight, [16, 3, 7]
    return layer(x.permute(0, 2, 1)).shape  # the axes as the layer reads them


shape_after_the_repair.wrong(
    (20, 16, 500),
    "without padding the output is shorter than the input. At how many places does the kernel fit?",
)
shape_after_the_repair.wrong(
    (20, 16, 493),
    "one too few: a kernel of the same length as the signal still fits at one place.",
)
shape_after_the_repair.wrong(
    (20, 494, 16),
    "the right numbers. But the output stands as the input does: batch, channels, length.",
)
shape_after_the_repair.wrong(
    (20, 3, 494),
    "3 channels go in. How many come out stands in front of it in the shape of the weight.",
)
shape_after_the_repair.wrong((20, 3, 500), "this is the input after the repair. Now send it through the layer.")
shape_after_the_repair.wrong(
    (20, 16, 498),
    "the 3 is not the kernel_size. In the weight, as in the input, time comes last.",
)


@shape_after_the_repair.another_way
def _(question):
    """Read the numbers of the message."""
    numbers = re.findall(r"\d+", question.partition("weight of size")[2])
    out, _, taps, batch, length, _ = map(int, numbers[:6])
    return batch, out, length - taps + 1


@exercise(
    "11.7",
    "One answer for all",
    because="with the channel axis in its place, (N, 1, L), "
    "each signal is a case of its own and the weight may stay as it was.",
    hints=(
        "What does `torch.conv1d` take a tensor with two axes for? Section 4 says it.",
        "The weight is for one channel, and it was right. It is the signals that lack an axis: which, and where?",
    ),
    as_conv1d=lambda signals, weight: {"x": signals[:, None, :], "weight": weight},
)
def filter_each(signals: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Put in the axis that is missing: each signal is one case of one channel."""
    return torch.conv1d(signals[:, None, :], weight)


@filter_each.tried_on
def _():
    numbers = torch.Generator().manual_seed(8)
    # (signals, samples, kernels, taps)
    sizes = [(4, 9, 3, 3), (2, 7, 2, 4), (5, 5, 5, 2), (1, 8, 3, 3), (4, 6, 1, 2), (3, 4, 2, 4)]
    return [
        (
            torch.randn(count, length, generator=numbers, dtype=torch.float64),
            torch.randn(kernels, 1, taps, generator=numbers, dtype=torch.float64),
        )
        for count, length, kernels, taps in sizes
    ]


@filter_each.as_given(
    says="runs, because somebody has widened the weight to as many channels as there are signals. "
    "All signals together get one output."
)
def _silenced(signals, weight):
    wider = weight.expand(-1, len(signals), -1)
    return torch.conv1d(signals, wider)


@filter_each.wrong(
    says="the samples have become the channels, and nothing slides any more. "
    "The new axis goes between the signals and their samples."
)
def _(signals, weight):
    wider = weight[:, :, :1].expand(-1, signals.shape[1], -1)
    return torch.conv1d(signals[:, :, None], wider)


filter_each.wrong(
    lambda signals, weight: torch.conv1d(signals.reshape(1, 1, -1), weight),
    "this is one long signal in which all follow each other. A kernel runs from one into the next.",
)
filter_each.wrong(
    lambda signals, weight: torch.conv1d(signals, weight.repeat(len(signals), 1, 1), groups=len(signals)),
    "each signal is filtered by itself now, that is right. But the outputs of all stand in one axis. "
    "The signals are cases, and they need an axis of their own.",
)
filter_each.wrong(
    lambda signals, weight: _silenced(signals, weight)[None],
    "this is one case with all signals as its channels, "
    "and the sum over them was taken. The signals are the cases.",
)
filter_each.another_way(
    lambda signals, weight: torch.stack([torch.conv1d(signal[None], weight) for signal in signals]),
)


@exercise(
    "11.8",
    "Each answer and its own label",
    because="after `squeeze(1)` both have the shape (N,), and each answer is compared with one label, its own.",
    hints=(
        "Write down the shapes of `answers`, of `labels`, and of their difference, for 4 cases.",
        "Section 10 shows what (4, 1) minus (4,) is. "
        "Take one axis away from the answers, or give the labels one more.",
    ),
)
def squared_error(answers: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Give both the same axes, so that each answer meets its own label."""
    return ((answers.squeeze(1) - labels) ** 2).mean()


@squared_error.tried_on
def _():
    numbers = torch.Generator().manual_seed(9)
    return [
        (
            torch.randn(count, 1, generator=numbers, dtype=torch.float64),
            torch.randint(2, (count,), generator=numbers).double(),
        )
        for count in (4, 7, 1, 2)
    ]


@squared_error.as_given(
    says="runs, but it compares every answer with every label, and perfect answers get an error."
)
def _(answers, labels):
    return ((answers - labels) ** 2).mean()


squared_error.wrong(
    lambda answers, labels: (answers.squeeze(1) - labels).mean() ** 2,
    "the shapes are right now. But the errors are squared one by one, before the mean is taken, "
    "or too much and too little cancel each other.",
)
squared_error.wrong(
    lambda answers, labels: ((answers.squeeze(1) - labels) ** 2).sum(),
    "the shapes are right now. But the error is the mean over the cases, not their sum.",
)
squared_error.wrong(
    lambda answers, labels: (answers.squeeze(1) - labels) ** 2,
    "the shapes are right now. But a loss is one number: the mean of these.",
)
squared_error.wrong(
    lambda answers, labels: (answers.squeeze(1) - labels).abs().mean(),
    "each answer meets its own label now. But this is the mean of the differences without their signs: "
    "they are to be squared.",
)
squared_error.wrong(
    lambda answers, labels: ((answers.squeeze(1) - labels) ** 2).mean().sqrt(),
    "each answer meets its own label now. But this is the root of the mean, and the mean itself is asked for.",
)
squared_error.wrong(
    lambda answers, labels: ((answers[0] - labels) ** 2).mean(),
    "this compares the first answer with every label. Each answer has a label of its own.",
)
squared_error.wrong(
    lambda answers, labels: ((answers - labels) ** 2).sum() / len(answers),
    "the sum still runs over every answer with every label. Look at the shape of the difference.",
)
squared_error.wrong(
    lambda answers, labels: torch.diagonal(answers - labels).mean(),
    "each answer meets its own label now. But the differences are to be squared.",
)
squared_error.another_way(lambda answers, labels: nn.functional.mse_loss(answers, labels[:, None]))
