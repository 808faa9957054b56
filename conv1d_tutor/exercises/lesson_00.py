"""Lesson 00: what are the numbers that a Conv1d layer learns?"""

import torch
import torch.nn.functional as F
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
        "Look at the weight in the cell above. What does each of its three axes count?",
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
    "One number by hand",
    because="the marked numbers are 0, 3, 1 and 1, 0, 2. The first row adds up to 4, "
    "and in the second only the last one counts, twice.",
    hints=(
        "Take the marked numbers of the picture, three in each row, and write the new weights below them.",
        "Multiply each number by the weight below it: six products. Then add all of them up, over both rows.",
    ),
)
def one_number() -> int:
    """Six products, and one sum."""
    window = torch.tensor([[0, 3, 1], [1, 0, 2]])  # time steps 2, 3 and 4
    kernel = torch.tensor([[1, 1, 1], [0, 0, 2]])
    return int((window * kernel).sum())


one_number.wrong(4, "this is one row. The kernel covers both channels, and all six products go into one sum.")
one_number.wrong(6, "in the second row, the last number is multiplied by 2, not by 1.")
one_number.wrong(7, "this adds up all six marked numbers. Each is multiplied by its weight first.")
one_number.wrong(5, "these are the weights alone. Each is multiplied by the number above it.")
one_number.wrong(24, "this multiplies everything. The six products are added up.")
one_number.wrong(14, "this doubles the whole window. Only the last number of the second row has the weight 2.")
one_number.another_way(
    lambda: int(
        F.conv1d(
            torch.tensor([[1, 2, 0, 3, 1, 0, 2], [0, 1, 1, 0, 2, 1, 0]]), torch.tensor([[[1, 1, 1], [0, 0, 2]]])
        )[0, 2]
    )
)


@exercise(
    "00.3",
    "Read the map",
    because="N stays, the kernels become the channels, "
    "and a kernel that covers 3 of 49 time steps fits at 47 places.",
    hints=(
        "Type the shape into the map, then in_channels, out_channels and kernel_size. "
        "The right block is the output.",
        "Three letters of the map are in the output: N, O and the new length. "
        "Each has its number below or beside it.",
    ),
)
def shape_on_the_map() -> torch.Size:
    """N stays, C becomes O, L shrinks."""
    batch, length = 239, 49
    out_channels, kernel_size = 16, 3
    return torch.Size((batch, out_channels, length - kernel_size + 1))


shape_on_the_map.wrong((16, 5, 3), "this is the block in the middle, the weight. The output is on the right.")
shape_on_the_map.wrong((239, 5, 49), "this is the input. The output is on the right.")
shape_on_the_map.wrong((239, 16, 49), "the kernel must lie inside. Is kernel_size still 1 on your map?")
shape_on_the_map.wrong((239, 5, 47), "the channels of the input vanish. In their place stand the kernels.")
shape_on_the_map.wrong((239, 47, 16), "the numbers are right. Time is the last axis.")
shape_on_the_map.wrong((239, 100, 47), "the map still has its 100 kernels. The question is about 16.")
shape_on_the_map.wrong((16, 47), "this is one of the 239 cases. The batch goes through, too.")
shape_on_the_map.wrong((239, 80, 47), "this is 16 times 5 rows. Each kernel adds up its 5 channels to one row.")
shape_on_the_map.another_way(lambda: nn.Conv1d(5, 16, 3)(torch.zeros(239, 5, 49)).shape)


@exercise(
    "00.4",
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


@exercise(
    "00.5",
    "Which shape comes out",
    because="each of the 5 kernels makes one row, and 4 time steps fit into 7 at the places 0, 1, 2 and 3.",
    hints=(
        "The output has a row for each kernel. And how many numbers are in a row?",
        "Put a strip of 4 cells on a row of 7, at the left end, and move it on until it touches the right end.",
    ),
)
def shape_that_comes_out() -> torch.Size:
    """A row for each kernel, a number for each place."""
    kernels, covered, length = 5, 4, 7
    places = [start for start in range(length) if start + covered <= length]  # where the kernel fits
    return torch.Size((kernels, len(places)))


shape_that_comes_out.wrong(
    (2, 4), "this is one row for each channel. One kernel makes one row, from both channels."
)
shape_that_comes_out.wrong((5, 7), "there is a row for each kernel. But at the end the kernel would hang over.")
shape_that_comes_out.wrong((5, 3), "this is how often the kernel moves on. It stands somewhere before it moves.")
shape_that_comes_out.wrong((4, 5), "both numbers are right. Time is the last axis.")
shape_that_comes_out.wrong((10, 4), "a kernel adds up its two channels, so it makes one row and not two.")
shape_that_comes_out.wrong((5, 2, 4), "this keeps the channels apart. Each kernel adds them up.")
shape_that_comes_out.wrong((5, 5), "this is for a kernel that covers 3 time steps.")
shape_that_comes_out.another_way(lambda: nn.Conv1d(2, 5, 4)(torch.zeros(2, 7)).shape)


@exercise(
    "00.6",
    "Exactly twice",
    because="twice as many kernels have twice as many weights and twice as many biases. "
    "With twice the channels or time steps, a kernel gets more weights, and still one bias.",
    hints=(
        "Write the number as so many kernels, and what one kernel learns: its weights, and its bias.",
        "Double each of the four in turn, and count again. What happens to the biases?",
    ),
)
def doubled_for_twice_as_many() -> str:
    """Double each, and count what the layer learns."""
    sizes = {"in_channels": 3, "out_channels": 16, "kernel_size": 9}
    learned = {}
    for name in sizes:
        larger = {**sizes, name: 2 * sizes[name]}
        learned[name] = larger["out_channels"] * (larger["in_channels"] * larger["kernel_size"] + 1)
    (doubled,) = [name for name in sizes if learned[name] == 2 * 448]
    return doubled


doubled_for_twice_as_many.wrong(
    "in_channels", "each kernel gets twice as many rows. But it still has one bias, so it is less than twice."
)
doubled_for_twice_as_many.wrong(
    "kernel_size", "each row gets twice as long. But a kernel still has one bias, so it is less than twice."
)
doubled_for_twice_as_many.wrong(
    "length", "the length of the signal plays no part: the same kernels slide further."
)


@doubled_for_twice_as_many.another_way
def _():
    """Ask torch."""

    def learned(**sizes):
        return sum(
            p.numel()
            for p in nn.Conv1d(**{"in_channels": 3, "out_channels": 16, "kernel_size": 9} | sizes).parameters()
        )

    larger = {"in_channels": 6, "out_channels": 32, "kernel_size": 18}
    return next(name for name, size in larger.items() if learned(**{name: size}) == 2 * learned())


@exercise(
    "00.7",
    "Which one is refused",
    because="the axis before the last must have in_channels, 6, and here it has 100.",
    hints=(
        "The layer reads (batch, channels, length), or one case alone, (channels, length).",
        "Look in each shape for the axis of the channels. What must its size be?",
    ),
)
def refused_shape() -> str:
    """Look at the axis before the last."""
    shapes = [(32, 6, 100), (6, 100), (32, 100, 6), (1, 6, 3)]
    (refused,) = [shape for shape in shapes if shape[-2] != 6]
    return str(refused)


refused_shape.wrong("(32, 6, 100)", "this is a batch as it should be: 32 cases of 6 channels and 100 time steps.")
refused_shape.wrong("(6, 100)", "this is one case alone, without a batch. `Conv1d` takes that, too.")
refused_shape.wrong(
    "(1, 6, 3)", "a kernel that covers 3 time steps fits into 3, once. And a batch may hold one case."
)


@refused_shape.another_way
def _():
    """Try all four."""
    for shape in ((32, 6, 100), (6, 100), (32, 100, 6), (1, 6, 3)):
        try:
            nn.Conv1d(6, 8, 3)(torch.zeros(shape))
        except RuntimeError:
            return str(shape)
    return ""


@exercise(
    "00.8",
    "Back from the output",
    because="from 100 time steps 91 were left, and a kernel that covers 10 fits at 100 − 10 + 1 places.",
    hints=(
        "Only the last axis tells: it is as long as there are places for the kernel.",
        "In the picture of section 2, 3 time steps in 7 left 5. How much did the kernel take away there?",
    ),
)
def size_that_was_used() -> int:
    """Try the sizes until the length is right."""
    length, out_length = 100, 91
    return next(size for size in range(1, length + 1) if length - size + 1 == out_length)


size_that_was_used.wrong(9, "this is what was taken away. A kernel that covers 1 time step takes nothing away.")
size_that_was_used.wrong(8, "the kernel covers more than what it takes away, not less.")
size_that_was_used.wrong(91, "this is the new length. The kernel is what made it shorter.")
size_that_was_used.wrong(4, "this is the number of kernels. It stands on the axis of the channels.")
size_that_was_used.wrong(2, "this is the number of channels that went in.")
size_that_was_used.wrong(11, "this would leave 90.")
size_that_was_used.another_way(
    lambda: next(k for k in range(1, 101) if nn.Conv1d(2, 4, k)(torch.zeros(1, 2, 100)).shape[-1] == 91)
)


@exercise(
    "00.9",
    "How far one number reaches",
    because="each of the 10 kernels covers channel 2, and one of its places is time step 7: one number a kernel.",
    hints=(
        "A kernel of size 1 sees no neighbours. At which time steps can the output change?",
        "Each kernel covers all channels at once. How many kernels read the number that changes?",
    ),
)
def numbers_that_can_change() -> int:
    """One number for each kernel, at the one place that sees the change."""
    out_channels, kernel_size = 10, 1
    places = kernel_size  # the windows that hold one time step
    return out_channels * places


numbers_that_can_change.wrong(1, "each kernel reads this number, and each has its own row in the output.")
numbers_that_can_change.wrong(500, "this is the whole output. A kernel of size 1 sees one time step at a time.")
numbers_that_can_change.wrong(50, "this is one row. Which kernels read the number, and at which time steps?")
numbers_that_can_change.wrong(6, "these are the channels that go in. The output has a row for each kernel.")
numbers_that_can_change.wrong(60, "these are the weights. Each kernel adds up its 6 channels to one number.")
numbers_that_can_change.wrong(30, "this is for kernels that cover 3 time steps. These cover one.")


@numbers_that_can_change.another_way
def _():
    """Change it, and count."""
    layer, before = nn.Conv1d(6, 10, 1), torch.zeros(6, 50)
    nn.init.ones_(layer.weight)
    after = before.clone()
    after[2, 7] = 1
    return int((layer(before) != layer(after)).sum())
