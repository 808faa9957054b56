"""Exercises of lesson 04: how long is the output, and which samples does it see?"""

import torch
import torch.nn.functional as F
from torch import nn

from ..arithmetic import Conv1dSpec, receptive_field
from .exercise import exercise


@exercise(
    "04.1",
    "All together",
    because="the window covers 3 · 4 + 1 = 13 samples, so it begins at −4 first and at 60 + 4 − 13 = 51 last. "
    "From −4 to 51 there are 55 steps, moves of 2 fit in 27 times, and the first window needs no move.",
    hints=(
        "How many samples does the window cover? Where does the first window begin, and where the last?",
        "Count the moves between the two starts, rounded down, and then the windows: section 7.",
    ),
)
def shape_of_all_together() -> torch.Size:
    """Count the moves from the first window to the last."""
    window = 3 * (5 - 1) + 1  # 5 taps with 4 gaps of 3 steps between them, and both ends count
    first, last = -4, 60 + 4 - window  # where the first window begins, and where the last one could
    moves = (last - first) // 2  # rounded down
    return torch.Size((8, 4, moves + 1))  # the first window needs no move


shape_of_all_together.wrong(
    (8, 4, 27),
    "two slips lead here. Did you count the moves between the windows? The first window needs no move. "
    "Or did you take dilation · K for the samples that a window covers? Between K taps there is one gap less.",
)
shape_of_all_together.wrong(
    (8, 4, 29),
    "two slips lead here. Did you round up? A last half move does not fit, and torch rounds down. "
    "Or does your window cover the steps from its first tap to its last, but not one of these two taps?",
)
shape_of_all_together.wrong((8, 4, 24), "this is without the padding. It gives room on both sides.")
shape_of_all_together.wrong(
    (8, 4, 26),
    "two slips lead here. Did the padding count once? It is on both sides, so it counts twice. "
    "Or did you put `dilation` samples between two taps? They are `dilation` steps apart, "
    "so one sample less lies between.",
)
shape_of_all_together.wrong((8, 4, 56), "this is without the stride. The kernel moves 2 steps at a time.")
shape_of_all_together.wrong(
    (8, 4, 32),
    "this is without the dilation. With it, the window covers more samples than it has taps.",
)
shape_of_all_together.wrong(
    (8, 4, 30),
    "this is half of the input. That would need padding for the whole window, and here it is less.",
)
shape_of_all_together.wrong(
    (8, 4, 55),
    "this is the number of steps between the starts. The kernel moves 2 steps at a time.",
)
shape_of_all_together.wrong((8, 1, 28), "the length is right. How many kernels does the layer have?")


@shape_of_all_together.another_way
def _():
    """Ask torch for the shape."""
    layer = nn.Conv1d(1, 4, kernel_size=5, stride=2, padding=4, dilation=3)
    return layer(torch.zeros(8, 1, 60)).shape


@exercise(
    "04.2",
    "Keep the length",
    because="dilation · (K − 1) zeros are needed in all, and where this is odd, "
    'one side gets one more. `padding="same"` does the same.',
    hints=(
        "Try it with a kernel of 3 and dilation 2, then with a kernel of 4 and dilation 1. "
        "How many samples are missing, or too many?",
        "By how much is a dilated window longer than one sample? So many zeros are needed on both sides together, "
        "and `F.pad` takes two different sides.",
    ),
    as_conv1d=lambda x, weight, dilation: {"x": x, "weight": weight, "padding": "same", "dilation": dilation},
)
def keep_length(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    """Add as many zeros as the window is longer than one sample, the odd one on the right."""
    zeros = dilation * (weight.shape[2] - 1)
    left = zeros // 2
    return F.conv1d(F.pad(x, (left, zeros - left)), weight, dilation=dilation)


@keep_length.tried_on
def _cases():
    numbers = torch.Generator().manual_seed(4)
    # The channels are no number of taps, so what counts the ones and means the others is seen; one of a kind, too.
    sizes = [(2, 5, 3, 1), (2, 5, 3, 2), (2, 5, 4, 1), (1, 5, 4, 3), (2, 1, 2, 2), (2, 5, 1, 2)]
    return [
        (
            torch.randn(batch, channels, 12, generator=numbers, dtype=torch.float64),
            torch.randn(6, channels, kernel_size, generator=numbers, dtype=torch.float64),
            dilation,
        )
        for batch, channels, kernel_size, dilation in sizes
    ]


@keep_length.as_given(says="keeps the length only for odd kernels without dilation.")
def _(x, weight, dilation):
    padding = weight.shape[2] // 2
    return F.conv1d(x, weight, padding=padding, dilation=dilation)


@keep_length.wrong(
    says="this is right for odd kernels. But where the number of zeros is odd, "
    "two equal halves are one too few: the sides must differ."
)
def _(x, weight, dilation):
    return F.conv1d(x, weight, padding=dilation * (weight.shape[2] - 1) // 2, dilation=dilation)


keep_length.wrong(
    lambda x, weight, dilation: F.conv1d(x, weight, padding=dilation * (weight.shape[2] // 2), dilation=dilation),
    "this is right for odd kernels. But an even kernel gets more zeros than it takes samples away.",
)
keep_length.wrong(
    lambda x, weight, dilation: F.conv1d(x, weight, padding=dilation, dilation=dilation),
    "this is right for 3 taps. Another number of taps takes another number of samples away.",
)
keep_length.wrong(
    lambda x, weight, dilation: F.conv1d(x, weight, padding=(weight.shape[2] - 1) // 2, dilation=dilation),
    "the kernel counts with K − 1 now, but a dilated window takes more than K − 1 samples away.",
)
keep_length.wrong(
    lambda x, weight, dilation: keep_length(x, weight, dilation=1),
    "the length is right. But the convolution itself does not know the dilation.",
)


@keep_length.wrong(
    says="the length is right. But these zeros stand behind the output. "
    "Padding belongs to the input, before the kernel slides."
)
def _(x, weight, dilation):
    y = F.conv1d(x, weight, dilation=dilation)
    return F.pad(y, (0, x.shape[2] - y.shape[2]))


@keep_length.wrong(
    says="the length is right. But where the sides differ, "
    "this puts the extra zero on the left, and torch puts it on the right."
)
def _(x, weight, dilation):
    zeros = dilation * (weight.shape[2] - 1)
    return F.conv1d(F.pad(x, (zeros - zeros // 2, zeros // 2)), weight, dilation=dilation)


@keep_length.wrong(
    says="the length is right. But all zeros stand on the left, so this output looks back only. "
    "Divide them among the two sides."
)
def _(x, weight, dilation):
    zeros = dilation * (weight.shape[2] - 1)
    return F.conv1d(F.pad(x, (zeros, 0)), weight, dilation=dilation)


@keep_length.wrong(says="`weight.shape[1]` counts the channels. How many taps there are stands on the last axis.")
def _(x, weight, dilation):
    zeros = dilation * (weight.shape[1] - 1)
    return F.conv1d(F.pad(x, (zeros // 2, zeros - zeros // 2)), weight, dilation=dilation)


@keep_length.wrong(says="the length is right. But all zeros stand on the right. Divide them among the two sides.")
def _all_on_the_right(x, weight, dilation):
    return F.conv1d(F.pad(x, (0, dilation * (weight.shape[2] - 1))), weight, dilation=dilation)


keep_length.another_way(
    lambda x, weight, dilation: F.conv1d(x, weight, padding="same", dilation=dilation),
)


@exercise(
    "04.3",
    "See one second",
    because="the layers add 2, 4, 8, … samples to the first one, "
    "and the sum passes 100 for the first time with the dilation 32.",
    hints=(
        "Section 12 has such a stack. What does each layer of 3 taps add to the receptive field?",
        "Begin with 1 and add dilation · 2 for each layer, until you reach the samples of one second.",
    ),
)
def number_of_layers() -> int:
    """Add layers until one output sees 100 samples."""
    layers, seen = 0, 1
    while seen < 100:
        dilation = 2**layers  # 1, 2, 4, 8, …
        seen += dilation * (3 - 1)  # what this layer adds
        layers += 1
    return layers


number_of_layers.wrong(5, "with this many layers an output sees 63 samples. That is less than one second.")
number_of_layers.wrong(
    7,
    "with this many layers an output sees 255 samples, more than two seconds. Fewer are enough.",
)
number_of_layers.wrong(
    50,
    "so many layers are needed without dilation, when each adds 2 samples. "
    "Here each adds twice as much as the one before.",
)
number_of_layers.wrong(
    34,
    "this counts 3 samples for each layer. But the windows overlap, "
    "and the dilation doubles: see what each layer adds.",
)
number_of_layers.wrong(100, "this is the number of samples. How many layers does it take to see them?")


@number_of_layers.another_way
def _():
    """Ask the arithmetic, one stack after the other."""
    stacks = ([Conv1dSpec(1, 1, kernel_size=3, dilation=2**i) for i in range(n)] for n in range(99))
    return next(len(stack) for stack in stacks if receptive_field(stack) >= 100)


@exercise(
    "04.4",
    "No look into the future",
    because="with dilation · (K − 1) samples put in on the left, window t ends at step t, "
    "and the last tap reads the present.",
    hints=(
        "Section 10 did it for 3 taps. What has to take the place of the 2 there?",
        "Window t must end at step t. How many samples before step t does it cover, "
        "with K taps that stand `dilation` steps apart?",
    ),
)
def past_only(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    """All the zeros that keep the length stand on the left."""
    zeros = dilation * (weight.shape[2] - 1)
    return F.conv1d(F.pad(x, (zeros, 0)), weight, dilation=dilation)


past_only.tried_on(_cases)


@past_only.also_right
def _(x, weight, dilation):
    """What stands before the start is left open: section 10 has zeros and the first value."""
    before = dilation * (weight.shape[2] - 1)
    return F.conv1d(F.pad(x, (before, 0), mode="replicate"), weight, dilation=dilation)


past_only.wrong(
    lambda x, weight, dilation: F.conv1d(
        F.pad(x, (dilation * (weight.shape[1] - 1), 0)), weight, dilation=dilation
    ),
    "`weight.shape[1]` counts the channels. How many taps there are stands on the last axis.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(
        F.pad(x, (dilation * (weight.shape[2] - 1), 0), mode="circular"), weight, dilation=dilation
    ),
    "the length is right. But with this mode, what stands before the start is the end of the signal, "
    "and so the first outputs read the future.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(
        F.pad(x, (dilation * (weight.shape[2] - 1), 0), mode="reflect"), weight, dilation=dilation
    ),
    "the length is right. But with this mode, the first samples stand before the start in reverse order, "
    "and so the first outputs read samples that come later.",
)
past_only.wrong(
    lambda x, weight, dilation: past_only(x, weight.flip(2), dilation),
    "the length is right. But the kernel is turned round, and torch leaves it as it is: "
    "the last tap meets the present.",
)
past_only.wrong(
    keep_length,
    "the length is right. But there is padding on both sides, so output t also reads samples after step t.",
)
past_only.wrong(
    _all_on_the_right,
    "the length is right. But the zeros stand at the wrong end, or the wrong end was cut off: "
    "output t reads step t and what comes after it.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(F.pad(x, (weight.shape[2] - 1, 0)), weight, dilation=dilation),
    "this is right for dilation 1. A dilated window reaches further back, so the output is too short.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(F.pad(x, (2 * dilation, 0)), weight, dilation=dilation),
    "this is right for 3 taps. With another number of taps, the window has another number of gaps.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(F.pad(x, (dilation * weight.shape[2], 0)), weight, dilation=dilation),
    "there are K taps, but only K − 1 gaps between them. So the output is too long, "
    "and the last sample comes too late.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(F.pad(x, (dilation * (weight.shape[2] - 1), 0)), weight),
    "the zeros are right, but the convolution itself does not know the dilation.",
)


@past_only.wrong(
    says="this is right for two taps and more. With one tap there is nothing to cut off, "
    "and `[..., :-0]` is empty: count from the front instead."
)
def _(x, weight, dilation):
    zeros = dilation * (weight.shape[2] - 1)
    return F.conv1d(x, weight, padding=zeros, dilation=dilation)[..., :-zeros]


past_only.wrong(
    lambda x, weight, dilation: F.conv1d(x, weight, padding=dilation * (weight.shape[2] - 1), dilation=dilation),
    "there are zeros on both sides, so there are outputs after the end "
    "of the signal. Only the left side needs them.",
)


@past_only.another_way
def _(x, weight, dilation):
    """Pad both sides, and keep as many outputs as there are samples."""
    return F.conv1d(x, weight, padding=dilation * (weight.shape[2] - 1), dilation=dilation)[..., : x.shape[-1]]
