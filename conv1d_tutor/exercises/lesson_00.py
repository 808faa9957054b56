"""Lesson 00: what are the numbers that a Conv1d layer learns?"""

import torch
from torch import nn

from .exercise import exercise
from .prediction import prediction


@prediction(
    "00.a",
    "The layer is `nn.Conv1d(100, 100, 1)`. How many numbers does its weight hold, without the bias?",
    because="there are 100 kernels, and each covers 100 channels and 1 time step: 100 · 100 · 1.",
)
def numbers_in_the_weight() -> int:
    return nn.Conv1d(100, 100, 1).weight.numel()


numbers_in_the_weight.wrong(
    100, "this is one number for each kernel. A kernel has one for each channel that it covers."
)
numbers_in_the_weight.wrong(10_100, "this counts the bias too, one more number for each kernel.")
numbers_in_the_weight.wrong(
    1, "this is `kernel_size`. It says how many time steps a kernel covers, of each channel."
)


@exercise(
    "00.1",
    "The shape of a weight",
    because="there are out_channels kernels, and each covers all in_channels and kernel_size time steps.",
    hints=(
        "Look at the weight in section 3. What does each of its three axes count?",
        "The call names in_channels first. In the weight, the number of kernels comes first.",
    ),
)
def weight_shape() -> torch.Size:
    """The kernels, and then the rows and columns of each."""
    in_channels, out_channels, kernel_size = 5, 8, 3  # the order of the call
    return torch.Size((out_channels, in_channels, kernel_size))  # kernels, and rows and columns of each


weight_shape.wrong(
    (5, 8, 3),
    "this is the order of the arguments in the call. The weight begins with the number of kernels.",
)
weight_shape.wrong((8, 3), "this gives each kernel only one row. A kernel covers all input channels at once.")
weight_shape.wrong((5, 3), "this is the shape of one kernel. How many of them are there, and on which axis?")
weight_shape.wrong(
    (8, 3, 5),
    "the kernels come first, that is right. In each kernel, as in the input, time is the last axis.",
)
weight_shape.wrong(
    (8, 8, 3),
    "this is a layer that reads 8 channels. A kernel has as many rows as the input has channels.",
)
weight_shape.another_way(lambda: nn.Conv1d(5, 8, 3).weight.shape)


@exercise(
    "00.2",
    "Explain a number",
    because="one kernel learns 5 · 3 weights and 1 bias, 16 numbers, and 240 is 15 of these.",
    hints=(
        "How many numbers does one kernel learn? Count its rows, its time steps, and what is added last.",
        "All kernels of a layer learn equally many numbers. Divide the whole by that of one kernel.",
    ),
)
def number_of_kernels() -> int:
    """What one kernel learns, with its bias, divides the whole."""
    one_kernel = 5 * 3 + 1  # a weight for each channel and time step, and one bias
    return 240 // one_kernel


number_of_kernels.wrong(
    16,
    "this counts the weights only. Each kernel also learns one number that is added at the end.",
)
number_of_kernels.wrong(80, "a kernel has more than 3 numbers: it covers all input channels, and it has a bias.")
number_of_kernels.wrong(
    60,
    "the bias is counted, that is right. But a kernel covers all 5 input channels, not one.",
)
number_of_kernels.wrong(
    30,
    "a kernel is a grid of channels and time steps: its weights are a product, not a sum. "
    "And each kernel has a bias.",
)
number_of_kernels.wrong(48, "a kernel has more than 5 numbers: it covers 3 time steps, and it has a bias.")
number_of_kernels.wrong(40, "the bias is counted, that is right. But a kernel covers 3 time steps, not one.")


@number_of_kernels.another_way
def _():
    """Build one layer after the other, until torch counts 240."""
    layers = (nn.Conv1d(5, kernels, 3) for kernels in range(1, 240))
    return next(layer.out_channels for layer in layers if sum(p.numel() for p in layer.parameters()) == 240)
