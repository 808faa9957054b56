"""Exercises of lesson 08: which channels does a kernel read?"""

import torch
import torch.nn.functional as F
from torch import nn

from .exercise import exercise
from .prediction import prediction


@prediction(
    "08.a",
    "Which shape has the weight of `nn.Conv1d(in_channels=4, out_channels=4, kernel_size=3, groups=2)`?",
    because="there are 4 kernels, each reads 4 / 2 channels, and each has 3 taps.",
)
def weight_of_two_groups() -> torch.Size:
    return nn.Conv1d(4, 4, 3, groups=2).weight.shape


weight_of_two_groups.wrong((4, 4, 3), "this is without groups, where each kernel reads all channels.")
weight_of_two_groups.wrong((2, 2, 3), "this is one group. The layer keeps the kernels of both.")
weight_of_two_groups.wrong(
    (2, 4, 3), "all 4 kernels are still there. What gets smaller is what each of them reads."
)
weight_of_two_groups.wrong(
    (2, 2, 2, 3), "the groups get no axis of their own: the kernels of both stand on axis 0."
)


@prediction(
    "08.b",
    "How many weights has `nn.Conv1d(64, 64, 3, groups=4, bias=False)`?",
    because="64 kernels have 64 / 4 rows of 3 taps each.",
)
def weights_of_four_groups() -> int:
    return nn.Conv1d(64, 64, 3, groups=4, bias=False).weight.numel()


weights_of_four_groups.wrong(12_288, "this is for one group.")
weights_of_four_groups.wrong(768, "this is one group of 16 kernels. There are four of them.")
weights_of_four_groups.wrong(192, "this gives each kernel one row. A group has 16 channels.")
weights_of_four_groups.wrong(49_152, "groups save weights: each kernel reads fewer channels, not more.")


@prediction(
    "08.c",
    "`nn.Conv1d(5, 5, 49, groups=5)` reads the patients, (239, 5, 49). Which shape comes out?",
    because="a kernel of 49 hours fits into 49 hours at one place, and each channel has a kernel of its own.",
)
def shape_of_the_sums() -> torch.Size:
    return nn.Conv1d(5, 5, 49, groups=5)(torch.zeros(239, 5, 49)).shape


shape_of_the_sums.wrong((239, 5), "both numbers are right. The axis of time stays, even with one step.")
shape_of_the_sums.wrong((239, 5, 49), "this is the shape of the input. Such a long kernel has no room to slide.")
shape_of_the_sums.wrong((239, 1, 1), "this adds the channels up. With `groups=5` they are kept apart.")
shape_of_the_sums.wrong((239, 5, 5), "the groups split the channels. They add nothing to the length.")


@prediction(
    "08.d",
    "`nn.Linear(5, 8)` has a weight of shape (8, 5). Which shape has the weight of `nn.Conv1d(5, 8, 1)`?",
    because="the axes are (out_channels, in_channels, kernel_size), and there is one tap.",
)
def weight_of_a_pointwise_layer() -> torch.Size:
    return nn.Conv1d(5, 8, 1).weight.shape


weight_of_a_pointwise_layer.wrong(
    (8, 5),
    "the numbers are right. Torch keeps an axis for the taps, even for one.",
)
weight_of_a_pointwise_layer.wrong(
    (5, 8, 1), "this is the order of the arguments in the call. The kernels come first."
)
weight_of_a_pointwise_layer.wrong((8, 1, 1), "this is depthwise. A plain kernel reads all 5 channels.")


@prediction(
    "08.e",
    "`nn.Conv1d(5, 8, kernel_size=49)` was made for 49 hours. Now comes one patient with 60 hours, (1, 5, 60). "
    "Which shape comes out?",
    because="the kernel can now slide: it fits at 60 − 49 + 1 places.",
)
def shape_for_a_longer_patient() -> torch.Size:
    return nn.Conv1d(5, 8, 49)(torch.zeros(1, 5, 60)).shape


shape_for_a_longer_patient.wrong((1, 8, 1), "this is for 49 hours. In 60 hours the kernel has room to slide.")
shape_for_a_longer_patient.wrong(
    (1, 8, 11),
    "this is how often it moves on. It stands somewhere before it moves.",
)
shape_for_a_longer_patient.wrong((1, 8, 60), "this is the length of the input. Nothing is padded.")
shape_for_a_longer_patient.wrong((1, 5, 12), "the length is right. The channels are those of the kernels.")


@prediction(
    "08.f",
    "The plain layer `nn.Conv1d(64, 128, 5)` has 41,088 parameters. "
    "How many has the pair: depthwise over 64 channels "
    "with 5 taps and no bias, then 1×1 from 64 to 128 channels with a bias?",
    because="the first has 64 · 5 weights, the second 128 · 64 weights and 128 biases.",
)
def parameters_of_the_pair() -> int:
    pair = nn.Conv1d(64, 64, 5, groups=64, bias=False), nn.Conv1d(64, 128, 1)
    return sum(numbers.numel() for layer in pair for numbers in layer.parameters())


parameters_of_the_pair.wrong(8_320, "this is the 1×1 layer alone.")
parameters_of_the_pair.wrong(8_512, "this leaves the biases of the 1×1 layer out.")
parameters_of_the_pair.wrong(8_704, "this gives the first layer a bias. It has none.")
parameters_of_the_pair.wrong(28_800, "this is a plain first layer. Depthwise, each kernel reads one channel.")


@prediction(
    "08.g",
    "`Conv1d(1536, 1536, 4, padding=3, groups=1536)` gives 3 outputs more than there are steps. "
    "Which 3 must go, so that no output has read a step later than its own?",
    because="output 0 reads three zeros and step 0, so output t ends at step t. The last 3 lie behind the end.",
    options=("the first 3", "the last 3", "1 in front and 2 at the end"),
)
def outputs_that_must_go() -> str:
    layer = nn.Conv1d(1, 1, 4, padding=3)
    reads = torch.autograd.functional.jacobian(lambda x: layer(x)[0], torch.zeros(1, 8))[:, 0]
    kept = {"the first 3": reads[3:], "the last 3": reads[:-3], "1 in front and 2 at the end": reads[1:-2]}
    return next(words for words, rows in kept.items() if torch.equal(rows, rows.tril()))


outputs_that_must_go.wrong(
    "the first 3", "then the first output that stays reads the steps 0 to 3, and it is to know step 0 alone."
)
outputs_that_must_go.wrong(
    "1 in front and 2 at the end", "then the first output that stays reads step 1, too, and it is to know step 0."
)


@prediction(
    "08.h",
    "Four branches read the same input (239, 5, 49). Each gives 32 channels and keeps the length. "
    "`torch.cat(branches, dim=1)` joins them. Which shape comes out?",
    because="dim=1 is the axis of the channels: 4 · 32 of them stand one below the other, step under step.",
)
def joined_branches() -> tuple[int, ...]:
    return tuple(torch.cat([torch.zeros(239, 32, 49)] * 4, dim=1).shape)


joined_branches.wrong((239, 32, 49), "this is their sum. Joined, all numbers of all branches stay.")
joined_branches.wrong((956, 32, 49), "this joins them along axis 0: 4 times as many cases.")
joined_branches.wrong((239, 32, 196), "this joins them along axis 2: one branch after the other in time.")
joined_branches.wrong((239, 4, 32, 49), "this is `torch.stack`: the branches get an axis of their own.")
joined_branches.wrong((239, 20, 49), "each branch gives 32 channels, however many it reads.")


@exercise(
    "08.1",
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
    """Count the kernels, and the channels that one of them reads."""
    kernels = 12  # one for each output channel, with and without groups
    rows = 6 // 3  # the channels of one group
    return torch.Size((kernels, rows, 5))


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
weight_of_groups.another_way(lambda: nn.Conv1d(6, 12, 5, groups=3).weight.shape)


@exercise(
    "08.2",
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
    "08.3",
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


@exercise(
    "08.4",
    "Groups that fit",
    because="groups must divide both 12 and 18, so that every group gets as many channels and as many kernels.",
    hints=(
        "What do in_channels and out_channels each need? Section 2 shows what torch refuses.",
        "Try each number up to 12: does it divide both? One group is allowed, too.",
    ),
)
def groups_that_fit() -> set[int]:
    """Those that divide both."""
    return {groups for groups in range(1, 13) if 12 % groups == 0 and 18 % groups == 0}


groups_that_fit.wrong((1, 2, 3, 4, 6, 12), "these divide in_channels. The kernels must be shared out, too.")
groups_that_fit.wrong((1, 2, 3, 6, 9, 18), "these divide out_channels. The channels must be split, too.")
groups_that_fit.wrong((2, 3, 6), "one is missing: a plain layer has groups, too.")
groups_that_fit.wrong((6,), "this is the largest. Smaller ones fit as well.")
groups_that_fit.wrong((1, 2, 3, 4, 6, 9, 12, 18), "these divide one of the two numbers. They must divide both.")


@groups_that_fit.another_way
def _():
    possible = []
    for groups in range(1, 19):
        try:
            nn.Conv1d(12, 18, 3, groups=groups)
        except ValueError:
            continue
        possible.append(groups)
    return possible


@exercise(
    "08.5",
    "The same without groups",
    because="each kernel keeps its rows at the channels of its group, and has zeros at all others.",
    hints=(
        "How many rows has a kernel of a plain layer? Which of them may not be 0?",
        "Begin with zeros. To which group does kernel o belong, if each group has as many kernels, "
        "and where do the channels of that group begin?",
    ),
)
def without_groups(weight: torch.Tensor, groups: int) -> torch.Tensor:
    """Zeros, and each kernel's rows at the channels of its group."""
    kernels, rows, taps = weight.shape
    full = weight.new_zeros(kernels, rows * groups, taps)
    for o in range(kernels):
        first = o // (kernels // groups) * rows  # the first channel of its group
        full[o, first : first + rows] = weight[o]
    return full


@without_groups.tried_on
def _():
    numbers = torch.Generator().manual_seed(85)
    shapes = ((6, 2, 3, 3), (4, 1, 2, 4), (4, 3, 2, 2), (3, 2, 4, 1), (8, 2, 1, 2))
    return [
        (torch.randn(kernels, rows, taps, generator=numbers, dtype=torch.float64), groups)
        for kernels, rows, taps, groups in shapes
    ]


def _placed(weight: torch.Tensor, groups: int, group_of: list[int]) -> torch.Tensor:
    rows = weight.shape[1]
    full = weight.new_zeros(len(weight), rows * groups, weight.shape[2])
    for o, group in enumerate(group_of):
        full[o, group * rows : (group + 1) * rows] = weight[o]
    return full


without_groups.wrong(
    lambda weight, groups: weight.repeat(1, groups, 1),
    "these kernels read every group. Away from its own group, a kernel must read nothing.",
)
without_groups.wrong(
    lambda weight, groups: _placed(weight, groups, [o % groups for o in range(len(weight))]),
    "this gives the kernels to the groups in turn. The kernels of a group stand side by side.",
)
without_groups.wrong(
    lambda weight, groups: _placed(weight, groups, [0] * len(weight)),
    "all of these kernels read the first group.",
)
without_groups.wrong(
    lambda weight, groups: _placed(
        weight, groups, [o // (len(weight) // groups) for o in range(len(weight))]
    ).flip(1),
    "the channels stand the other way round.",
)


@without_groups.another_way
def _(weight, groups):
    """Ask the layer itself: what does it answer to a 1 in one channel?"""
    one_at_a_time = torch.eye(weight.shape[1] * groups, dtype=weight.dtype)[:, :, None]
    taps = [weight[:, :, k : k + 1] for k in range(weight.shape[2])]
    return torch.stack([F.conv1d(one_at_a_time, tap, groups=groups)[:, :, 0].T for tap in taps], dim=2)


@exercise(
    "08.6",
    "Groups from a weight",
    because="a kernel reads the channels of its own group: 8 channels in groups of 2 are four groups.",
    hints=(
        "How many channels does one kernel of this weight read? One of its three axes says it.",
        "The 8 channels of the input are cut into groups of that many.",
    ),
)
def groups_of_a_weight() -> int:
    """As many groups as parts of the input, each as wide as one kernel."""
    in_channels, weight = 8, torch.zeros(12, 2, 5)
    return in_channels // weight.shape[1]


groups_of_a_weight.wrong(2, "this is how many channels one kernel reads. How many such parts does the input have?")
groups_of_a_weight.wrong(6, "this cuts the 12 kernels into groups of 2. Axis 1 counts channels of the input.")
groups_of_a_weight.wrong(3, "this is how many kernels each group has. How many groups are there?")
groups_of_a_weight.wrong(12, "this is how many kernels there are in all groups together.")
groups_of_a_weight.wrong(8, "with 8 groups a kernel would read one channel, and axis 1 would be 1.")
groups_of_a_weight.wrong(1, "without groups a kernel reads all channels, and axis 1 would be 8.")


@groups_of_a_weight.another_way
def _():
    """The only number of groups with which torch gives this weight."""
    shapes = {groups: nn.Conv1d(8, 12, 5, groups=groups).weight.shape for groups in (1, 2, 4)}
    return next(groups for groups, shape in shapes.items() if shape == (12, 2, 5))


@exercise(
    "08.7",
    "From wishes to arguments",
    because="4 patterns for each of 5 signs are 20 kernels, with `groups=5` each has one row of 12 hours, "
    "and before a `BatchNorm1d` the bias is left out.",
    hints=(
        "How many kernels are there in all? `out_channels` counts the patterns of all signs together.",
        "How many vital signs does one kernel read, if each is looked at by itself? "
        "And what does the table say of the bias before a `BatchNorm1d`?",
    ),
)
def parameters_of_the_wish() -> int:
    """Make the layer that the wishes describe, and count."""
    layer = nn.Conv1d(in_channels=5, out_channels=5 * 4, kernel_size=12, groups=5, bias=False)
    return sum(numbers.numel() for numbers in layer.parameters())


parameters_of_the_wish.wrong(260, "this has a bias for each pattern. What does the table say of it here?")
parameters_of_the_wish.wrong(1_200, "here every pattern reads all five signs. Each is to be looked at by itself.")
parameters_of_the_wish.wrong(
    1_220, "here every pattern reads all five signs and has a bias. The table has a word on both."
)
parameters_of_the_wish.wrong(48, "these are the patterns of one sign. There are five of them.")
parameters_of_the_wish.wrong(60, "this is one pattern for each sign. Four are wanted.")
parameters_of_the_wish.wrong(65, "this is one pattern for each sign, and a bias for each.")
parameters_of_the_wish.wrong(20, "these are the patterns. Each of them has several weights.")


@parameters_of_the_wish.another_way
def _():
    patterns, hours = 5 * 4, 12
    return len(range(patterns * hours))  # one row for each pattern, and no bias
