"""Lesson 05: how long is the output?"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from ..arithmetic import Conv1dSpec, same_padding
from .cases import dilated_kernels
from .exercise import exercise
from .prediction import prediction


def _length(layer: Callable[[torch.Tensor], torch.Tensor], length: int) -> int:
    """How many samples come out of a layer for one channel of so many."""
    return layer(torch.zeros(1, 1, length)).shape[-1]


def _changed(y: Callable[[torch.Tensor], torch.Tensor], sample: int) -> list[int]:
    """Which outputs change if one of 8 samples does."""
    before, after = torch.zeros(1, 8), torch.zeros(1, 8)
    after[0, sample] = 1
    return (y(before) != y(after))[0].nonzero().flatten().tolist()


@prediction(
    "05.a",
    "A kernel of 3 taps slides over 8 samples. The first window begins at time step 0. "
    "At which time step does the last window begin?",
    because="the last window ends at step 7, and it holds 3 samples: 5, 6 and 7.",
)
def last_start() -> int:
    return int(torch.arange(8).unfold(0, 3, 1)[-1, 0])


last_start.wrong(6, "this is how many windows there are. The first of them begins at 0.")
last_start.wrong(7, "this is the last sample. The window needs room for 3 samples.")
last_start.wrong(8, "this is the length. The last sample is number 7.")


@prediction(
    "05.b",
    "A kernel of 3 taps moves over 8 samples with `stride=2`. At which time step does the last window begin?",
    because="the next window would begin at 6 and need a sample 8.",
)
def last_start_with_stride() -> int:
    return int(torch.arange(8).unfold(0, 3, 2)[-1, 0])


last_start_with_stride.wrong(
    5, "this is the last place with room. From 0 in moves of 2 the kernel does not come there."
)
last_start_with_stride.wrong(6, "a window that begins at 6 would end at step 8, and the last sample is number 7.")
last_start_with_stride.wrong(
    2, "this is the index of the last output. With a stride, its window begins further on."
)


@prediction(
    "05.c",
    "A kernel of 3 taps moves over 8 samples with `stride=2`. Sample 7, the last one, becomes 100. "
    "How many outputs change?",
    because="the last window ends at step 6, so no window reads sample 7.",
)
def outputs_that_read_the_last_sample() -> int:
    return len(_changed(lambda x: F.conv1d(x, torch.ones(1, 1, 3), stride=2), 7))


outputs_that_read_the_last_sample.wrong(
    1, "this would be so if the last window ended at step 7. Where does it end?"
)
outputs_that_read_the_last_sample.wrong(3, "these are all outputs. Which windows contain sample 7?")
outputs_that_read_the_last_sample.wrong(
    2, "windows that are 2 steps apart share one sample. Do any of them contain sample 7?"
)


@prediction(
    "05.d",
    "A kernel of 3 taps slides over 8 samples with `padding=1`. The first window begins at time step −1. "
    "At which time step does the last window begin?",
    because="the last window holds the samples 6 and 7, and the zero behind them.",
)
def last_start_with_padding() -> int:
    return int(torch.arange(-1, 9).unfold(0, 3, 1)[-1, 0])


last_start_with_padding.wrong(
    5, "this is without the padding. The zero on the right makes room for one more move."
)
last_start_with_padding.wrong(7, "a window that begins at 7 would need two zeros on the right.")
last_start_with_padding.wrong(
    4, "this moves the last start to the left, too. The zero on the right makes more room."
)


@prediction(
    "05.e",
    "The signal is 2, 2, 2, 2, 2, the kernel 1, 1, 1, and `padding=1`. What comes out? Write a list.",
    because="the first and the last window hold one zero and two samples.",
)
def padded_ends() -> torch.Tensor:
    return F.conv1d(torch.full((1, 5), 2.0), torch.ones(1, 1, 3), padding=1)[0].int()


padded_ends.wrong([6, 6, 6, 6, 6], "each end has a zero in its window.")
padded_ends.wrong([6, 6, 6], "this is without the padding.")
padded_ends.wrong(
    [2, 2, 2, 2, 2], "this would be an average, and one without zeros. This kernel adds up its window."
)
padded_ends.wrong([2, 6, 6, 6, 2], "each end has one zero in its window, and two samples.")


@prediction(
    "05.f",
    'With `padding_mode="circular"` a signal is followed by itself. '
    "What do two samples of padding look like on each side of 12345?",
    because="before the first digit stand the last two, after the last digit the first two.",
    options=("11 12345 55", "12 12345 45", "21 12345 54", "45 12345 12", "32 12345 43"),
)
def circular_padding() -> str:
    copy = nn.Conv1d(1, 1, kernel_size=1, padding=2, padding_mode="circular", bias=False)
    nn.init.ones_(copy.weight)
    text = "".join(str(int(digit)) for digit in copy(torch.tensor([[1.0, 2, 3, 4, 5]]))[0])
    return f"{text[:2]} {text[2:-2]} {text[-2:]}"


circular_padding.wrong("12 12345 45", "on the left stands what comes before: the end of the signal.")
circular_padding.wrong("21 12345 54", "this mirrors the signal at its ends.")
circular_padding.wrong("11 12345 55", "this repeats the first and the last sample. It is called replicate.")
circular_padding.wrong(
    "32 12345 43", "this mirrors the signal at its first and its last sample. It is called reflect."
)


@prediction(
    "05.g",
    "A kernel of 4 taps slides over 8 samples with `padding=4 // 2`. How many outputs are there?",
    because="2 · 2 zeros are added, but a kernel of 4 takes only 3 samples away.",
)
def outputs_of_an_even_kernel() -> int:
    return _length(nn.Conv1d(1, 1, 4, padding=4 // 2), 8)


outputs_of_an_even_kernel.wrong(
    8, "this is the habit from odd kernels. A kernel of 4 takes an odd number of samples away."
)
outputs_of_an_even_kernel.wrong(7, "this would be one zero on each side.")
outputs_of_an_even_kernel.wrong(12, "this is the padded signal. The kernel must fit on it.")


@prediction(
    "05.h",
    'The kernel 1, 0, 0, 0 copies the first sample of each window. With `padding="same"`, '
    "what does it make of 12345?",
    because="there is one zero on the left, so two are on the right.",
    options=("00123", "01234", "12345", "23450"),
)
def copy_of_the_first_tap() -> str:
    padded = F.pad(torch.tensor([[1.0, 2, 3, 4, 5]]), same_padding(4))  # "same" would warn of its memory
    copied = F.conv1d(padded, torch.tensor([[[1.0, 0, 0, 0]]]))
    return "".join(str(int(digit)) for digit in copied[0])


copy_of_the_first_tap.wrong("00123", "this would be the extra zero on the left. Torch puts it on the other side.")
copy_of_the_first_tap.wrong("12345", "this would be all three zeros on the right.")
copy_of_the_first_tap.wrong("23450", "the first window begins in the padding, not behind the first sample.")


@prediction(
    "05.i",
    "A kernel of 3 taps moves over 9 samples with `stride=2` and `padding=3 // 2`. How many outputs are there?",
    because="the first start is −1, the last is 7, and each move is 2 steps.",
)
def half_of_nine() -> int:
    return _length(nn.Conv1d(1, 1, 3, stride=2, padding=3 // 2), 9)


half_of_nine.wrong(4, "this is half of 9 rounded down. Count the starts: −1, 1, and so on.")
half_of_nine.wrong(9, "this is with stride 1. With a stride of 2 every second output is left out.")
half_of_nine.wrong(4.5, "half an output does not exist. Count the starts: −1, 1, and so on.")


@prediction(
    "05.j",
    "A kernel has 3 taps and `dilation=2`. How many samples is it from the first tap to the last, both included?",
    because="3 taps have 2 gaps between them, each gap is 2 steps wide, and both ends count.",
)
def samples_covered() -> int:
    taps = torch.arange(8)[0::2][:3]
    return int(taps[-1] - taps[0]) + 1


samples_covered.wrong(6, "this is dilation times taps. There are only 2 gaps between 3 taps.")
samples_covered.wrong(4, "these are the steps between the ends. Both ends count.")
samples_covered.wrong(3, "these are the taps. Samples between them are covered, too, but not read.")
samples_covered.wrong(
    7, "this puts two samples between neighbours. They stand 2 apart, so there is one between them."
)


@prediction(
    "05.k",
    "All together: 20 samples, `kernel_size=5, stride=3, padding=2, dilation=2`. How many outputs are there?",
    because="the window covers 9 samples, so it begins at −2 first and at 20 + 2 − 9 = 13 last. "
    "In these 15 steps there are 5 moves of 3, and the first window needs no move.",
)
def outputs_with_everything_on() -> int:
    return _length(nn.Conv1d(1, 1, kernel_size=5, stride=3, padding=2, dilation=2), 20)


outputs_with_everything_on.wrong(5, "these are the moves. The first window needs no move.")
outputs_with_everything_on.wrong(7, "this is without the dilation: how many samples does the window cover?")
outputs_with_everything_on.wrong(
    4, "this is without the padding, or with 2 zeros in all. They are added on each side."
)
outputs_with_everything_on.wrong(16, "this is with stride 1. The kernel moves 3 steps at a time.")


@prediction(
    "05.l",
    "8 samples go through `nn.MaxPool1d(3)`. How many outputs are there?",
    because="unless you name a stride, it is kernel_size: the windows stand side by side.",
)
def pooled() -> int:
    return _length(nn.MaxPool1d(3), 8)


pooled.wrong(6, "this is with stride 1, the default of a Conv1d. Pooling has another default.")
pooled.wrong(3, "this rounds up. The third window would have no third sample.")
pooled.wrong(8, "this keeps the length. A pooling layer adds no padding unless you ask for it.")


@prediction(
    "05.m",
    "102 samples go through `nn.Conv1d(1, 8, 5)`, then `nn.MaxPool1d(2)`, then "
    "`nn.Conv1d(8, 16, 3, stride=2, padding=1)`. How many samples come out at the end?",
    because="the first layer takes 4 samples away and the pool halves what is left, to 49. At stride 1 "
    "the last layer would keep the length, and a stride of 2 halves it, rounded up.",
)
def length_after_three_layers() -> int:
    first, last = nn.Conv1d(1, 8, 5), nn.Conv1d(8, 16, 3, stride=2, padding=1)
    return _length(nn.Sequential(first, nn.MaxPool1d(2), last), 102)


length_after_three_layers.wrong(26, "this lets the first layer keep the length. It has no padding.")
length_after_three_layers.wrong(
    24,
    "three slips lead here. Did you round down for the stride of the last layer? "
    "Did you leave its padding out? Or did the first layer take K samples away, and not K − 1?",
)
length_after_three_layers.wrong(
    49, "this leaves one stride out: that of the last layer, or that of the pool, which stands in its default."
)
length_after_three_layers.wrong(98, "this is what comes out of the first layer. Two more follow it.")
length_after_three_layers.wrong(16, "these are channels. Asked for is how many samples each of them has.")


@exercise(
    "05.1",
    "The lost samples",
    because="the windows begin at 0, 4 and 8 and hold two samples each, and these are all that is read.",
    hints=(
        "Where do the windows begin? The last one must end inside the signal.",
        "A window reads as many samples as the kernel has taps. Cross out what the windows read.",
    ),
)
def lost_samples() -> set[int]:
    """Cross out what the windows read."""
    left = set(range(11))
    for start in range(0, 11 - 2 + 1, 4):  # the last place with room is L − K
        left -= {start, start + 1}
    return left


lost_samples.wrong((10,), "this is the end alone. Such a stride also steps over samples in the middle.")
lost_samples.wrong((2, 3, 6, 7), "these lie between the windows. What about the end of the signal?")
lost_samples.wrong((0, 1, 4, 5, 8, 9), "these are the samples that the windows read. Asked for are the others.")
lost_samples.wrong(
    (1, 2, 3, 5, 6, 7, 9, 10),
    "this is for a kernel with one tap. A window of two taps also reads its second sample.",
)
lost_samples.wrong((3, 7), "this is for a kernel with three taps, or one too few between two windows.")
lost_samples.wrong(
    (2, 3, 6, 7, 10, 11), "nearly. But 11 samples are counted from 0 to 10, so there is no sample 11."
)
lost_samples.wrong((3, 4, 7, 8, 11), "nearly. Samples are counted from 0, so the first window reads 0 and 1.")


@lost_samples.another_way
def _():
    """Ask the arithmetic."""
    return set(Conv1dSpec(1, 1, kernel_size=2, stride=4).unread_samples(11))


@exercise(
    "05.2",
    "Hold the ends",
    because="half of the window hangs over at each end, and there the mode puts the first or the last sample.",
    hints=(
        "How many samples of a window hang over, if its middle stands on the first sample?",
        "`F.pad` takes the two sides, (left, right), and a `mode`. Section 3 lists what each mode puts there.",
    ),
)
def hold_the_ends(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Half of the window on each side, filled with the first or the last sample."""
    half = weight.shape[2] // 2
    padded = F.pad(x, (half, half), mode="replicate")
    return F.conv1d(padded, weight)


@hold_the_ends.begun_as
def _(x, weight):
    half = weight.shape[2] // 2
    padded = ...
    return F.conv1d(padded, weight)


@hold_the_ends.tried_on
def _():
    numbers = torch.Generator().manual_seed(52)
    return [
        (
            torch.randn(batch, channels, length, generator=numbers, dtype=torch.float64),
            torch.randn(4, channels, kernel_size, generator=numbers, dtype=torch.float64),
        )
        for batch, channels, length, kernel_size in ((2, 2, 9, 3), (1, 3, 8, 5), (3, 1, 7, 3), (2, 2, 8, 1))
    ]


hold_the_ends.wrong(
    lambda x, weight: F.conv1d(x, weight, padding=weight.shape[2] // 2),
    "the length is right. But zeros stand at both ends.",
)
hold_the_ends.wrong(
    lambda x, weight: F.conv1d(F.pad(x, (weight.shape[2] // 2,) * 2, mode="reflect"), weight),
    "the length is right. But this mode mirrors the signal at its ends.",
)
hold_the_ends.wrong(
    lambda x, weight: F.conv1d(F.pad(x, (weight.shape[2] // 2,) * 2, mode="circular"), weight),
    "the length is right. But with this mode the end of the signal stands before its beginning.",
)
hold_the_ends.wrong(
    lambda x, weight: F.conv1d(F.pad(x, (weight.shape[2] - 1, 0), mode="replicate"), weight),
    "the mode is right. But all that is added stands on the left. Divide it among the two sides.",
)
hold_the_ends.wrong(
    lambda x, weight: F.conv1d(F.pad(x, (0, weight.shape[2] - 1), mode="replicate"), weight),
    "the mode is right. But all that is added stands on the right. Divide it among the two sides.",
)
hold_the_ends.wrong(
    lambda x, weight: F.conv1d(F.pad(x, (1, 1), mode="replicate"), weight),
    "this is right for 3 taps. A longer kernel hangs over further.",
)
hold_the_ends.wrong(lambda x, weight: F.conv1d(x, weight), "nothing is added, so the output is too short.")


@hold_the_ends.another_way
def _(x, weight):
    """Ask the layer."""
    out_channels, channels, kernel_size = weight.shape
    layer = nn.Conv1d(
        channels, out_channels, kernel_size, padding=kernel_size // 2, padding_mode="replicate", bias=False
    )
    layer.weight = nn.Parameter(weight, requires_grad=False)
    return layer(x)


@exercise(
    "05.3",
    "The same hour",
    because="dilation is the distance of two taps, and from an hour to the same hour of the next day "
    "there are 24 steps.",
    hints=(
        "Draw the three taps on a line of hours. How many steps lie from one to the next?",
        "With `dilation=1` the taps stand on neighbouring hours, one step apart.",
    ),
)
def a_day_apart() -> int:
    """Steps from one tap to the next."""
    first, second = 9, 24 + 9  # 9 o'clock today and tomorrow, in hours since midnight
    return second - first


a_day_apart.wrong(23, "these are the hours between two taps. Dilation counts the steps from one tap to the next.")
a_day_apart.wrong(25, "this counts both taps. Dilation counts the steps from one to the other.")
a_day_apart.wrong(48, "this is from the first tap to the last. Asked for is from one to the next.")
a_day_apart.wrong(49, "this is what the whole window covers. Asked for is the distance of two neighbouring taps.")
a_day_apart.wrong(72, "these are three days. Three taps have two gaps, and each of them is one day.")
a_day_apart.wrong(8, "this puts three taps into one day. They are to stand one day apart.")


@a_day_apart.another_way
def _():
    """See where the taps stand."""
    first, second, _ = torch.arange(100).unfold(0, 49, 1)[9, ::24]
    return int(second - first)


@exercise(
    "05.4",
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
    "05.5",
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


keep_length.tried_on(dilated_kernels)


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
def _(x, weight, dilation):
    return F.conv1d(F.pad(x, (0, dilation * (weight.shape[2] - 1))), weight, dilation=dilation)


keep_length.another_way(
    lambda x, weight, dilation: F.conv1d(x, weight, padding="same", dilation=dilation),
)


@exercise(
    "05.6",
    "Half the length",
    because="with 3 zeros on each side there are 56 samples, so the last start is 48 steps behind the first, "
    "24 moves of 2, and the first window needs no move.",
    hints=(
        "For 25 windows the kernel must move 24 times. How many steps is that?",
        "These steps are L + 2 · padding − K, rounded down to whole moves. Solve it for the padding.",
    ),
)
def half_the_length() -> int:
    """The first padding that gives 25 windows."""
    padding = 0
    while (50 + 2 * padding - 8) // 2 + 1 < 25:  # moves of 2, and the first window needs no move
        padding += 1
    return padding


half_the_length.wrong(4, "this is the habit from odd kernels, K // 2. Here it gives 26 outputs, one too many.")
half_the_length.wrong(7, "this is K − 1, all that the kernel takes away. `padding` stands on each side.")
half_the_length.wrong(2, "this gives 24 outputs. The first window needs no move, but the others do.")
half_the_length.wrong(0, "this gives 22 outputs: the kernel takes some samples away.")
half_the_length.wrong(6, "these are the zeros of both sides together. `padding` stands on each side.")


@half_the_length.another_way
def _():
    """Ask torch for each padding."""
    lengths = [nn.Conv1d(1, 1, kernel_size=8, stride=2, padding=p)(torch.zeros(1, 50)).shape[1] for p in range(9)]
    return lengths.index(25)
