"""Exercises of lesson 07: which channels does a kernel read?"""

import torch
from torch import nn

from ..arithmetic import Conv1dSpec
from .exercise import exercise


@exercise(
    "07.1",
    "The weight of three groups",
    because="there is still one kernel for each output channel, "
    "and each has a row for the channels of its own group only, 6 / 3 of them.",
    hints=(
        "Look at the weight in section 1. Which of its three axes does `groups` change?",
        "`groups` does not change how many kernels there are, nor how many taps. "
        "It changes how many channels one kernel reads: in_channels divided by groups.",
    ),
)
def weight_of_groups() -> torch.Size:
    """The shape that torch gives the weight."""
    return nn.Conv1d(in_channels=6, out_channels=12, kernel_size=5, groups=3).weight.shape


weight_of_groups.wrong(
    (12, 6, 5),
    "this is the weight of a plain layer. With groups, a kernel does not read all 6 channels.",
)
weight_of_groups.wrong((4, 2, 5), "this is the weight of one group. How many kernels have all groups together?")
weight_of_groups.wrong(
    (12, 3, 5),
    "the 3 is the number of groups. The axis asks how many channels there are in each of them.",
)
weight_of_groups.wrong(
    (4, 6, 5),
    "this splits the kernels. Each output channel keeps its kernel, "
    "and it is the input channels that are shared out.",
)
weight_of_groups.wrong(
    (6, 4, 5),
    "in_channels come first in the weight of a ConvTranspose1d. Here the number of kernels does.",
)
weight_of_groups.another_way(lambda: Conv1dSpec(6, 12, 5, groups=3).weight_shape)


@exercise(
    "07.2",
    "The readers of channel 3",
    because="the outputs of a group stand side by side, so with two for each channel, "
    "channel c belongs to the outputs 2 · c and 2 · c + 1.",
    hints=(
        "There are 5 groups and 10 outputs. How many outputs does each group have?",
        "Which output belongs to which group? The picture in section 1 shows the order: "
        "first all outputs of the first group, then all of the second.",
    ),
)
def readers_of_channel_3() -> set[int]:
    """Pass over the outputs of the channels before it."""
    each = 10 // 5  # outputs of one group, and a group is one channel here
    first = 3 * each  # before it are the outputs of the channels 0, 1 and 2
    return set(range(first, first + each))


readers_of_channel_3.wrong(
    (3, 8),
    "this takes the channels in turn, 0 to 4 and again 0 to 4. But torch goes through the groups: "
    "the outputs of one group are neighbours.",
)
readers_of_channel_3.wrong(
    (3, 4),
    "outputs 0 and 1 belong to channel 0, that is two for each channel. "
    "So channel 3 does not begin at output 3: the channels before it have two each.",
)
readers_of_channel_3.wrong((3,), "with 10 outputs and 5 groups, each channel has more than one output.")
readers_of_channel_3.wrong(
    (7, 8),
    "nearly. Channels and outputs are counted from 0: channel 0 has the outputs 0 and 1.",
)
readers_of_channel_3.wrong(
    (5, 6),
    "count once more from the front: channel 0 has the first two outputs, channel 1 the next.",
)
readers_of_channel_3.wrong(
    tuple(range(10)),
    "without groups all outputs would read it. With groups=5, each output reads one channel only.",
)


@readers_of_channel_3.another_way
def _():
    """Put a 1 into channel 3 alone, and see which outputs notice."""
    x = torch.zeros(5, 1)
    x[3] = 1
    output = torch.conv1d(x, torch.ones(10, 1, 1), groups=5)
    return output[:, 0].nonzero().flatten()


@exercise(
    "07.3",
    "Last hour minus first",
    because="torch does not turn the kernel round, so the first tap meets the first hour and takes it away, "
    "and each vital sign has a kernel of one row to itself.",
    hints=(
        "Which shape has the weight of a depthwise layer? Section 3 prints one that is as long as the signal.",
        "Begin with zeros of the shape (out_channels, in_channels / groups, kernel_size), "
        "then set two taps. Which hour does tap 0 meet?",
    ),
)
def change_weight(channels: int, hours: int) -> torch.Tensor:
    """One kernel of one row for each channel: −1 at its first tap, 1 at its last."""
    result = torch.zeros(channels, 1, hours, dtype=torch.float64)
    result[:, :, 0] = -1
    result[:, :, -1] = 1
    return result


change_weight.tried_on(lambda: [(5, 49), (3, 3), (2, 7), (4, 4)])
change_weight.wrong(
    lambda channels, hours: -change_weight(channels, hours),
    "this is first minus last. Tap 0 meets hour 0: torch does not turn the kernel round.",
)
change_weight.wrong(
    lambda channels, hours: change_weight(channels, hours).expand(channels, channels, hours),
    "these kernels read all channels and would add up the changes of all vital signs. "
    "Depthwise, each kernel reads one.",
)


@change_weight.wrong(
    says="this works without groups, with zeros for the other channels. "
    "With groups, these rows do not exist: each kernel has one row."
)
def _(channels, hours):
    return torch.eye(channels, dtype=torch.float64)[:, :, None] * change_weight(channels, hours)[0]


change_weight.wrong(
    lambda channels, hours: change_weight(channels, hours).permute(1, 0, 2),
    "this is one kernel with a row for each channel, which adds the channels up. "
    "Depthwise is the other way round: many kernels of one row.",
)
change_weight.wrong(
    lambda channels, hours: torch.tensor([-1.0, 1.0], dtype=torch.float64).expand(channels, 1, 2),
    "this compares each hour with the next one, at every hour. "
    "One kernel over the whole stay is needed, with zeros between its ends.",
)
change_weight.wrong(
    lambda channels, hours: change_weight(channels, hours)[:, 0],
    "the numbers are right. But a weight has three axes, also where a kernel has a single row.",
)


@change_weight.another_way
def _(channels, hours):
    """Ask for the gradient of the change; what other channels add to it is 0."""
    x = torch.zeros(channels, hours, dtype=torch.float64)
    return torch.autograd.functional.jacobian(lambda x: x[:, -1] - x[:, 0], x).sum(dim=1, keepdim=True)
