"""Exercises of lesson 03: what becomes of the channels?"""

import torch
from torch import nn

from .exercise import Exercise, Mistake


def weights_of_channel_0() -> int:
    """In each kernel, one row of weights belongs to channel 0."""
    return nn.Conv1d(12, 32, 5).weight[:, 0].numel()


def shape_after_two_layers() -> torch.Size:
    """Ask torch for the shape."""
    layers = nn.Sequential(nn.Conv1d(6, 16, 5), nn.Conv1d(16, 16, 3))
    return layers(torch.zeros(10, 6, 100)).shape


def neighbours_weight(channels: int) -> torch.Tensor:
    """Kernel o has +1 in row o and -1 in the row after it; then comes the axis of taps."""
    rows = torch.eye(channels)
    return (rows[:-1] - rows[1:])[:, :, None]


def _around(channels: int) -> torch.Tensor:
    rows = torch.eye(channels)
    return (rows - rows.roll(-1, dims=0))[:, :, None]


EXERCISES = (
    Exercise(
        "03.1",
        "Explain a number",
        weights_of_channel_0,
        "channel 0 meets row 0 of every kernel, and there are 32 kernels with 5 taps in each row. The 32 biases "
        "are added, not multiplied.",
        (
            "Take one kernel first. It is a grid: which part of it lies over channel 0?",
            "Every kernel has such a row. The number of taps in a row and the number of kernels are in the call.",
        ),
        (
            Mistake(5, "this is right for one kernel. How many kernels read channel 0?"),
            Mistake(32, "every kernel reads channel 0, that is right. But with how many weights?"),
            Mistake(60, "this is one whole kernel, with all of its rows. Only one of them lies over channel 0."),
            Mistake(
                192, "this includes the biases. A bias is added to the sum of all channels, not multiplied by one."
            ),
            Mistake(1920, "these are all weights of the layer, for all 12 channels."),
            Mistake(12, "this is the number of channels. The question is about one of them."),
        ),
    ),
    Exercise(
        "03.2",
        "Two layers",
        shape_after_two_layers,
        "each kernel adds up all channels that it reads, so the number of channels is the number of kernels of "
        "the last layer. The kernels take 4 and then 2 time steps away.",
        (
            "Go layer by layer, and write down the shape in between.",
            "In every layer the batch stays, the channels become `out_channels`, and the length becomes L − K + "
            "1.",
        ),
        (
            Mistake(
                (10, 96, 94),
                "the length is right. But 6 · 16 channels would be the contributions of all channels to all "
                "kernels. A kernel adds them up.",
            ),
            Mistake(
                (10, 1536, 94),
                "the length is right. But 6 · 16 · 16 channels would mean that nothing is ever added up over the "
                "channels.",
            ),
            Mistake(
                (10, 256, 94),
                "the length is right. But each of the 16 kernels of the second layer adds up all 16 channels that "
                "it reads.",
            ),
            Mistake((10, 6, 94), "the length is right. But the channels of the input do not go through unmixed."),
            Mistake(
                (10, 16, 100), "the channels are right. But without padding, every layer makes the signal shorter."
            ),
            Mistake((10, 16, 96), "this is the shape after the first layer."),
            Mistake(
                (10, 16, 92), "the channels are right. A kernel of K taps takes K − 1 time steps away, not K."
            ),
            Mistake((16, 94), "this is one signal. The batch goes through, too."),
        ),
    ),
    Exercise(
        "03.3",
        "Neighbours",
        neighbours_weight,
        "each difference is one output, so it is one kernel, with +1 in one row and −1 in the next. One tap is "
        "enough, because all of it happens at one moment.",
        (
            "Write the weight for 3 electrodes on paper. How many outputs are there, so how many kernels? How "
            "many rows has each?",
            "The shape is (out_channels, in_channels, kernel_size), and side = left − right in section 6 is such "
            "a difference. Begin with `torch.zeros` and a loop, or with `torch.eye`.",
        ),
        (
            Mistake(
                lambda channels: neighbours_weight(channels)[:, :, 0],
                "the numbers are right, but the weight has only two axes. The third counts the taps, even if "
                "there is only one.",
            ),
            Mistake(
                lambda channels: neighbours_weight(channels).transpose(0, 1),
                "the first two axes have changed places. The first one counts the kernels, one for each output.",
            ),
            Mistake(
                lambda channels: -neighbours_weight(channels),
                "the signs are the wrong way round: this is electrode 1 minus electrode 0.",
            ),
            Mistake(
                lambda channels: torch.tensor([[[1.0, -1.0]]]),
                "this kernel has two taps in one channel, so it subtracts the next moment. The neighbour that is "
                "meant is another channel at the same moment.",
            ),
            Mistake(
                _around,
                "this has one output too many: the last electrode has no neighbour after it, and is not compared "
                "with the first.",
            ),
            Mistake(
                lambda channels: torch.eye(channels)[:-1, :, None],
                "this copies each electrode. The neighbour is not subtracted yet.",
            ),
        ),
        cases=lambda: [(3,), (2,), (5,), (8,)],
    ),
)
