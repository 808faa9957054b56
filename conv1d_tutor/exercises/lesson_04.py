"""Lesson 04: what becomes of the channels?"""

import itertools

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .exercise import exercise
from .prediction import prediction


@prediction(
    "04.a",
    "In `Conv1d(3, 2, kernel_size=3)`, kernel 1 multiplies channel 2, at the first time step of its window, by "
    "one number of the weight. Which three indices has that number? Write them as in (0, 0, 0).",
    because="the first axis holds the kernels, the second their rows, one for each channel, the third their taps.",
)
def place_in_the_weight() -> tuple[int, ...]:
    layer, x = nn.Conv1d(3, 2, kernel_size=3), torch.zeros(3, 7)
    x[2, 0] = 1  # channel 2, at the first time step of window 0
    (meets,) = torch.autograd.grad(layer(x)[1, 0], layer.weight)  # kernel 1, at its first place
    return tuple(meets.nonzero()[0].tolist())


place_in_the_weight.wrong((2, 1, 0), "this is the order of the call. The weight begins with the kernels.")
place_in_the_weight.wrong((1, 0, 2), "the kernel is right. In it the channel comes first, then the time step.")
place_in_the_weight.wrong((2, 3, 1), "this counts from 1. Python counts from 0.")
place_in_the_weight.wrong((1, 2, 1), "kernel and channel are right. The first tap has the index 0, as all firsts.")
place_in_the_weight.wrong((0, 2, 1), "this begins with the time step. It stands on the last axis, as everywhere.")
place_in_the_weight.wrong((1, 2), "a row has more than one tap, so one index more is needed.")


@prediction(
    "04.b",
    "A kernel covers 3 channels and 3 time steps. How many products are added up for one output?",
    because="there is one product for each cell of the kernel: in_channels · kernel_size.",
)
def products_of_one_output() -> int:
    return nn.Conv1d(3, 2, kernel_size=3).weight[0].numel()


products_of_one_output.wrong(3, "this is one channel. All channels go into the same sum.")
products_of_one_output.wrong(6, "this adds the two numbers. A grid of 3 rows and 3 columns has more cells.")
products_of_one_output.wrong(18, "these are the cells of two kernels. Each output belongs to one of them.")


@prediction(
    "04.c",
    "100 kernels read 100 channels, and each kernel makes one row of contributions from each channel. "
    "How many rows are there before anything is added up?",
    because="every kernel has a row of its own for every channel.",
)
def rows_of_contributions() -> int:
    return nn.Conv1d(100, 100, kernel_size=3).weight[..., 0].numel()


rows_of_contributions.wrong(100, "these are the rows after the adding up, one for each kernel.")
rows_of_contributions.wrong(200, "this adds kernels and channels. Count the pairs of a kernel and a channel.")
rows_of_contributions.wrong(300, "this counts taps. A row of contributions comes from one kernel and one channel.")


@prediction(
    "04.d",
    "How many parameters does `Conv1d(6, 16, 5)` have, biases included?",
    because="16 kernels have 6 · 5 weights and 1 bias each.",
)
def parameters_of_the_sensor_layer() -> int:
    return sum(parameter.numel() for parameter in nn.Conv1d(6, 16, 5).parameters())


parameters_of_the_sensor_layer.wrong(480, "these are the weights. Each kernel has a bias, too.")
parameters_of_the_sensor_layer.wrong(
    486, "this gives each input channel a bias. The biases belong to the kernels."
)
parameters_of_the_sensor_layer.wrong(
    96, "this gives each kernel one weight for each channel. There are 5 taps in each row."
)
parameters_of_the_sensor_layer.wrong(
    80, "this gives each kernel one row. It has a row for each of the 6 channels."
)


@prediction(
    "04.e",
    "Two kernels with `kernel_size=1` read left and right and make mid and side. "
    "Which shape has the weight that holds both?",
    because="there are 2 kernels for 2 channels, and each has 1 tap.",
)
def weight_of_mid_and_side() -> torch.Size:
    return nn.Conv1d(2, 2, kernel_size=1).weight.shape


weight_of_mid_and_side.wrong((2, 2), "the axis of the taps stays, also where there is one tap.")
weight_of_mid_and_side.wrong((2, 1), "each kernel has one weight for left and one for right.")
weight_of_mid_and_side.wrong((1, 2, 2), "the taps stand on the last axis, and the kernels on the first.")
weight_of_mid_and_side.wrong((2, 1, 2), "the channels stand on axis 1, and the taps on the last.")


@prediction(
    "04.f",
    "A picture of 1 channel, 3 rows and 7 columns goes into `Conv2d(1, 2, kernel_size=(2, 3))`. "
    "Which shape comes out?",
    because="2 of the 3 rows are covered at a time, so the kernel fits at 2 places from top to bottom and at "
    "5 from left to right.",
)
def output_of_a_conv2d() -> torch.Size:
    return nn.Conv2d(1, 2, kernel_size=(2, 3))(torch.zeros(1, 3, 7)).shape


output_of_a_conv2d.wrong((2, 1, 5), "this would be a kernel that covers all 3 rows.")
output_of_a_conv2d.wrong((2, 3, 5), "the kernel has more than one row, so it does not begin at the last one.")
output_of_a_conv2d.wrong((1, 2, 5), "two kernels make two output channels.")
output_of_a_conv2d.wrong((2, 5), "this is what a Conv1d would give. Here the kernel moves down, too.")


@exercise(
    "04.1",
    "Cut out the window",
    because="a window has all channels, and as many time steps as the kernel has taps.",
    hints=(
        "The window has the shape of one kernel. Which of its two axes has all of x, and which only a part?",
        "It begins at t, and `weight.shape[2]` says how many time steps long it is.",
    ),
)
def one_output(x: torch.Tensor, weight: torch.Tensor, o: int, t: int) -> torch.Tensor:
    """All channels, and as many time steps as the kernel has."""
    window = x[:, t : t + weight.shape[2]]
    return (window * weight[o]).sum()


@one_output.begun_as
def _(x, weight, o, t):
    window = ...
    return (window * weight[o]).sum()


@one_output.tried_on
def _():
    torch.manual_seed(4)
    cases = [(3, 7, 2, 3, 0, 3), (2, 9, 3, 4, 2, 1), (4, 6, 3, 2, 1, 4), (3, 8, 4, 3, 2, 0)]
    return [
        (torch.randn(c, length).double(), torch.randn(kernels, c, taps).double(), o, t)
        for c, length, kernels, taps, o, t in cases
    ]


one_output.wrong(
    lambda x, weight, o, t: one_output(x, weight, o, 0),
    "this is the first window, whatever t is. The window begins at t.",
)
one_output.wrong(
    lambda x, weight, o, t: (x[o, t : t + weight.shape[2]] * weight[o]).sum(),
    "this takes channel o of the signal only. A window has all channels: o is the number of the kernel.",
)
one_output.wrong(
    lambda x, weight, o, t: (x[0, t : t + weight.shape[2]] * weight[o]).sum(),
    "this takes channel 0 only, and lays it over every row of the kernel. Each row meets its own channel.",
)
one_output.wrong(
    lambda x, weight, o, t: (x[:, t : t + 1] * weight[o]).sum(),
    "this takes one time step only. The window is as long as the kernel.",
)
one_output.wrong(
    lambda x, weight, o, t: (x[:, t : t + 3] * weight[o]).sum(),
    "this is right for kernels of 3 taps. Other kernels have windows of another length.",
)
one_output.wrong(
    lambda x, weight, o, t: (x * weight[o]).sum(),
    "this takes the whole signal. The kernel covers only a part of it.",
)
one_output.wrong(
    lambda x, weight, o, t: (x[:, t:] * weight[o]).sum(),
    "this takes everything from t to the end. Where does the window end?",
)
one_output.wrong(
    lambda x, weight, o, t: (x[:, : weight.shape[2]].flip(1) * weight[o]).sum(),
    "the time runs backwards here. Tap 0 meets the first sample of the window.",
)
one_output.another_way(lambda x, weight, o, t: torch.conv1d(x, weight)[o, t])


@exercise(
    "04.2",
    "Along which axis",
    because="each row of the contributions belongs to one channel, "
    "so adding up the channels is adding up the rows.",
    hints=(
        "The shape of the contributions is (channels, length). Which of the two axes is to vanish?",
        "`sum(dim=…)` removes the axis that it is given. The output has one number for each time step.",
    ),
)
def add_up(contributions: torch.Tensor) -> torch.Tensor:
    """The axis of the channels is added up."""
    return contributions.sum(dim=0)


@add_up.as_given(says="adds up the time steps, and keeps one number for each channel.")
def _over_time(contributions):
    return contributions.sum(dim=1)


@add_up.tried_on
def _():
    torch.manual_seed(5)
    return [(torch.randn(c, length).double(),) for c, length in [(3, 5), (4, 4), (2, 7)]]


add_up.wrong(lambda contributions: contributions.sum(), "this is one number. There is one for each time step.")
add_up.wrong(
    lambda contributions: contributions.mean(dim=0),
    "the axis is right. But Conv1d adds up, and divides by nothing.",
)
add_up.wrong(
    lambda contributions: contributions.amax(dim=0),
    "the axis is right. But this keeps the largest contribution and drops the others. All are added up.",
)
add_up.wrong(
    lambda contributions: contributions[0], "this is the contribution of channel 0 alone. The others count, too."
)
add_up.wrong(
    lambda contributions: contributions.sum(dim=0, keepdim=True),
    "the numbers are right. But an axis of size 1 is left, and `y[o]` has only one axis.",
)
add_up.wrong(
    lambda contributions: contributions.cumsum(dim=0),
    "this shows the sum growing from channel to channel. Only the last row of it is the output.",
)
add_up.another_way(lambda contributions: torch.einsum("ct->t", contributions))


@exercise(
    "04.3",
    "Before and after the sum",
    because="each of the 32 kernels makes a row of contributions from each of the 12 channels, "
    "and adds its own 12 up to one.",
    hints=(
        "Take one kernel first. How many rows of contributions does it make, and how many rows are left of them?",
        "Now all kernels. The number of taps plays no part: it is in the length of the rows.",
    ),
)
def rows_before_and_after() -> tuple[int, int]:
    """Contributions, and sums of them."""
    in_channels, out_channels = 12, 32
    return in_channels * out_channels, out_channels  # every pair; one sum for each kernel


rows_before_and_after.wrong((32, 384), "both numbers are right. The contributions come first.")
rows_before_and_after.wrong((384, 12), "the contributions are right. But they are added up kernel by kernel.")
rows_before_and_after.wrong((384, 384), "the contributions are right. Each kernel adds up its own ones.")
rows_before_and_after.wrong((384, 1), "the contributions are right. But the kernels are not added to each other.")
rows_before_and_after.wrong((12, 32), "this is one row for each channel. Every kernel makes rows of its own.")
rows_before_and_after.wrong((32, 32), "a kernel makes a row from each channel, and not only one.")
rows_before_and_after.wrong((1920, 32), "these are the weights. A row of contributions comes from 5 of them.")
rows_before_and_after.wrong((44, 32), "this adds channels and kernels. Count the pairs of a kernel and a channel.")


@rows_before_and_after.another_way
def _():
    """Let torch make both: once with the channels kept apart, and once with the layer."""
    layer, x = nn.Conv1d(12, 32, 5), torch.zeros(12, 20)
    apart = [torch.conv1d(x[c : c + 1], layer.weight[:, c : c + 1]) for c in range(12)]
    return len(torch.cat(apart)), len(layer(x))


@exercise(
    "04.4",
    "Explain a number",
    because="channel 0 meets row 0 of every kernel, and there are 32 kernels with 5 taps in each row. "
    "The 32 biases are added, not multiplied.",
    hints=(
        "Take one kernel first. It is a grid: which part of it lies over channel 0?",
        "Every kernel has such a row. The number of taps in a row and the number of kernels are in the call.",
    ),
)
def weights_of_channel_0() -> int:
    """In each kernel, one row of weights belongs to channel 0."""
    weight = nn.Conv1d(12, 32, 5).weight  # (kernels, channels, taps)
    return weight[:, 0].numel()  # in every kernel, the row of channel 0


weights_of_channel_0.wrong(5, "this is right for one kernel. How many kernels read channel 0?")
weights_of_channel_0.wrong(32, "every kernel reads channel 0, that is right. But with how many weights?")
weights_of_channel_0.wrong(
    60,
    "this is one whole kernel, with all of its rows. Only one of them lies over channel 0.",
)
weights_of_channel_0.wrong(
    192,
    "this includes the biases. A bias is added to the sum of all channels, not multiplied by one.",
)
weights_of_channel_0.wrong(1920, "these are all weights of the layer, for all 12 channels.")
weights_of_channel_0.wrong(1952, "these are all parameters of the layer: all weights, and the biases.")
weights_of_channel_0.wrong(12, "this is the number of channels. The question is about one of them.")


@weights_of_channel_0.another_way
def _():
    """Count the weights on which the output depends when all other channels are 0."""
    layer, x = nn.Conv1d(12, 32, 5), torch.zeros(12, 50)
    x[0] = 1
    layer(x).sum().backward()
    return (layer.weight.grad != 0).sum()


@exercise(
    "04.5",
    "Two layers",
    because="each kernel adds up all channels that it reads, so the number of channels is the number of kernels "
    "of the last layer. The kernels take 4 and then 2 time steps away.",
    hints=(
        "Go layer by layer, and write down the shape in between.",
        "In every layer the batch stays, the channels become `out_channels`, and the length becomes L − K + 1.",
    ),
)
def shape_after_two_layers() -> torch.Size:
    """Go layer by layer."""
    batch, channels, length = 10, 6, 100
    for out_channels, kernel_size in [(16, 5), (16, 3)]:
        channels = out_channels  # each kernel adds up all channels that it reads
        length = length - kernel_size + 1  # places where the kernel fits
    return torch.Size((batch, channels, length))


shape_after_two_layers.wrong(
    (10, 96, 94),
    "the length is right. But 6 · 16 channels would be the contributions of all channels "
    "to all kernels. A kernel adds them up.",
)
shape_after_two_layers.wrong(
    (10, 1536, 94),
    "the length is right. But 6 · 16 · 16 channels would mean that nothing is ever added up over the channels.",
)
shape_after_two_layers.wrong(
    (10, 256, 94),
    "the length is right. But each of the 16 kernels of the second layer adds up all 16 channels that it reads.",
)
shape_after_two_layers.wrong(
    (10, 6, 94),
    "the length is right. But the channels of the input do not go through unmixed.",
)
shape_after_two_layers.wrong(
    (10, 16, 100),
    "the channels are right. But without padding, every layer makes the signal shorter.",
)
shape_after_two_layers.wrong((10, 16, 96), "this is the shape after the first layer.")
shape_after_two_layers.wrong(
    (10, 16, 92),
    "the channels are right. A kernel of K taps takes K − 1 time steps away, not K.",
)
shape_after_two_layers.wrong((16, 94), "this is one signal. The batch goes through, too.")


@shape_after_two_layers.another_way
def _():
    """Ask torch for the shape."""
    layers = nn.Sequential(nn.Conv1d(6, 16, 5), nn.Conv1d(16, 16, 3))
    return layers(torch.zeros(10, 6, 100)).shape


@exercise(
    "04.6",
    "Neighbours",
    because="each difference is one output, so it is one kernel, with +1 in one row and −1 in the next. "
    "One tap is enough, because all of it happens at one moment.",
    hints=(
        "Write the weight for 3 electrodes on paper. How many outputs are there, "
        "so how many kernels? How many rows has each?",
        "The shape is (out_channels, in_channels, kernel_size), and side = left − right "
        "in section 6 is such a difference. Begin with `torch.zeros` and a loop, or with `torch.eye`.",
    ),
)
def neighbours_weight(channels: int) -> torch.Tensor:
    """Kernel o has +1 in row o and -1 in the row after it; then comes the axis of taps."""
    rows = torch.eye(channels)
    return (rows[:-1] - rows[1:])[:, :, None]


neighbours_weight.tried_on(lambda: [(3,), (2,), (5,), (8,)])
neighbours_weight.wrong(
    lambda channels: neighbours_weight(channels)[:, :, 0],
    "the numbers are right, but the weight has only two axes. "
    "The third counts the taps, even if there is only one.",
)
neighbours_weight.wrong(
    lambda channels: neighbours_weight(channels).transpose(0, 1),
    "the first two axes have changed places. The first one counts the kernels, one for each output.",
)
neighbours_weight.wrong(
    lambda channels: -neighbours_weight(channels),
    "the signs are the wrong way round: this is electrode 1 minus electrode 0.",
)
neighbours_weight.wrong(
    lambda channels: torch.tensor([[[1.0, -1.0]]]),
    "this kernel has two taps in one channel, so it subtracts the next moment. "
    "The neighbour that is meant is another channel at the same moment.",
)


@neighbours_weight.wrong(
    says="this has one output too many: the last electrode has no neighbour after it, "
    "and is not compared with the first."
)
def _(channels):
    rows = torch.eye(channels)
    return (rows - rows.roll(-1, dims=0))[:, :, None]


neighbours_weight.wrong(
    lambda channels: torch.eye(channels)[:-1, :, None],
    "this copies each electrode. The neighbour is not subtracted yet.",
)
neighbours_weight.another_way(
    lambda channels: torch.from_numpy(-np.diff(np.eye(channels), axis=0)[:, :, None]),
)


@exercise(
    "04.7",
    "Other cables",
    because="each row of a kernel must meet its own channel: C was row 2, D row 3, B row 1 and A row 0.",
    hints=(
        "The device sends C first. Which row of the trained kernels was learned on C?",
        "Go through the new channels from the first to the last, and write down the old row of each.",
    ),
)
def order_of_the_rows() -> tuple[int, ...]:
    """For each channel of the device, the row that was trained on it."""
    trained, device = "ABCD", "CDBA"
    return tuple(trained.index(channel) for channel in device)


order_of_the_rows.wrong(
    (3, 2, 0, 1),
    "this says where each old channel is now. `order` names, for each new channel, the old row.",
)
order_of_the_rows.wrong((0, 1, 2, 3), "this changes nothing. The row that was trained on A would meet C.")
order_of_the_rows.wrong((3, 4, 2, 1), "this counts from 1. Python counts from 0.")
order_of_the_rows.wrong((0, 1, 3, 2), "this goes through the new channels from the last to the first.")
order_of_the_rows.wrong((3, 2, 1, 0), "this turns the order round. The device begins with C, not with D.")


@order_of_the_rows.compared_by
def _(rows):
    """A negative number counts from the last row."""
    return tuple(row + 4 if -4 <= row < 0 else row for row in rows)


@order_of_the_rows.another_way
def _():
    """Try all orders, until the layer gives what it gave."""
    old = torch.tensor([[1.0], [20], [300], [4000]])  # A, B, C, D
    new, weight = old[[2, 3, 1, 0]], torch.tensor([[[5.0], [6], [7], [8]]])
    orders = itertools.permutations(range(4))
    return next(o for o in orders if F.conv1d(new, weight[:, o]).equal(F.conv1d(old, weight)))


@exercise(
    "04.8",
    "The smallest layer",
    because="it has 5 · 100 weights and 5 biases, and the others have more than 580 parameters.",
    hints=(
        "Work out the parameters of each: kernels times rows times taps, and one bias for each kernel.",
        "Many input channels alone do not make a layer large. What else is in the product?",
    ),
)
def smallest_layer() -> str:
    """Count all four."""
    layers = [(8, 8, 9), (32, 4, 5), (4, 64, 3), (100, 5, 1)]  # in_channels, out_channels, kernel_size
    counts = {f"Conv1d{sizes}": sizes[1] * (sizes[0] * sizes[2] + 1) for sizes in layers}
    return min(counts, key=counts.get)


smallest_layer.wrong("Conv1d(8, 8, 9)", "it has few channels, but 9 taps in each row: 8 · 8 · 9 weights.")
smallest_layer.wrong("Conv1d(32, 4, 5)", "it has only 4 kernels, but each has 32 rows of 5 taps.")
smallest_layer.wrong("Conv1d(4, 64, 3)", "its kernels are small, and there are 64 of them, each with a bias.")


@smallest_layer.another_way
def _():
    """Let torch count."""
    layers = [nn.Conv1d(8, 8, 9), nn.Conv1d(32, 4, 5), nn.Conv1d(4, 64, 3), nn.Conv1d(100, 5, 1)]
    least = min(layers, key=lambda layer: sum(p.numel() for p in layer.parameters()))
    return f"Conv1d({least.in_channels}, {least.out_channels}, {least.kernel_size[0]})"


@exercise(
    "04.9",
    "Write a score",
    because="the pressure counts in the first column, and turned round, since low is to give points; "
    "the heart rate counts two columns later.",
    hints=(
        "The columns are time steps. To which belongs what comes first, and to which what comes two steps later?",
        "Points for a high value have a plus. A low value is a negative number: which weight makes points of it?",
    ),
)
def score() -> tuple[tuple[int, ...], ...]:
    """The pressure first, and the heart rate two steps later."""
    heart_rate, pressure = [0, 0, 0], [0, 0, 0]
    pressure[0] = -1  # low pressure gives points
    heart_rate[2] = 1
    return tuple(heart_rate), tuple(pressure)


score.wrong(
    [[1, 0, 0], [0, 0, -1]], "here the heart rate comes first, and the pressure two steps later. Turn it round."
)
score.wrong([[0, 0, 1], [1, 0, 0]], "this takes points away for a low pressure: it is a negative number.")
score.wrong([[-1, 0, 0], [0, 0, 1]], "the rows have changed places. The heart rate is the first row.")
score.wrong([[0, 1, 0], [-1, 0, 0]], "this is one step later. Between the two there is one time step.")
score.wrong([[0, 0, 1], [0, 0, -1]], "here both happen at once. The pressure comes two steps before.")
score.wrong([[1, 1, 1], [-1, -1, -1]], "this gives points at any time step. The pattern has an order in time.")
score.wrong([[0, 0, 2], [-2, 0, 0]], "these are 2 points each. The chart counts in tens, and so do the points.")
score.wrong([[0, 0, 10], [-10, 0, 0]], "the chart is in tens already: a 1 stands for 10/min or 10 mmHg.")


@score.another_way
def _():
    """Ask of each place what it adds to the score of one window."""

    def points(window):
        heart_rate, pressure = window
        return heart_rate[2] - pressure[0]

    return torch.autograd.functional.jacobian(points, torch.zeros(2, 3))
