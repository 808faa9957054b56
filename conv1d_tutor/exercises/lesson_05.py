"""Lesson 05: how long is the output, and which samples does it see?"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from ..arithmetic import Conv1dSpec, receptive_field, same_padding
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
    "49 samples go through `nn.MaxPool1d(2)` and then through `nn.Upsample(scale_factor=2)`. How many come out?",
    because="49 / 2 is rounded down to 24, and that is doubled.",
)
def there_and_back() -> int:
    return _length(nn.Sequential(nn.MaxPool1d(2), nn.Upsample(scale_factor=2)), 49)


there_and_back.wrong(49, "halving forgets something. How many windows of 2 fit on 49 samples?")
there_and_back.wrong(50, "this rounds up. The last window would have no second sample.")
there_and_back.wrong(24, "this is after the pool. Then each sample is repeated.")


@prediction(
    "05.n",
    'A kernel of 3 taps slides over 8 samples with `padding="same"`, and sample 5 changes. '
    "Which is the first output that changes?",
    because="with 'same', window 4 begins at step 3 and ends at step 5.",
)
def first_that_sees_the_future() -> int:
    return _changed(lambda x: F.conv1d(x, torch.ones(1, 1, 3), padding="same"), 5)[0]


first_that_sees_the_future.wrong(
    5, "this is with causal padding. With 'same', a window ends one step after its output."
)
first_that_sees_the_future.wrong(3, "this is without padding, where output 3 reads the samples 3 to 5.")
first_that_sees_the_future.wrong(6, "outputs before sample 5 read it, too, if their window reaches ahead.")


@prediction(
    "05.o",
    "Two layers of `kernel_size=3` stand on top of each other. "
    "How many different samples does one output of the second layer see?",
    because="the windows overlap: the second layer adds only 2 new samples.",
)
def seen_by_two_layers() -> int:
    return receptive_field(nn.Sequential(nn.Conv1d(1, 1, 3), nn.Conv1d(1, 1, 3)))


seen_by_two_layers.wrong(9, "this counts samples again where the windows overlap.")
seen_by_two_layers.wrong(6, "this puts two windows side by side. They overlap.")
seen_by_two_layers.wrong(
    3, "this is what the second layer reads of the first. Each of these reads samples of its own."
)


@prediction(
    "05.p",
    "A stack of `Conv1d(1, 1, 5)`, `AvgPool1d(2)` and `Conv1d(1, 1, 3, dilation=2)`: "
    "what is its receptive field by the formula?",
    because="the layers add 4, 1 and 2·2·2 to the 1; the last stands behind a stride of 2.",
)
def field_of_a_mixed_stack() -> int:
    layers = nn.Sequential(nn.Conv1d(1, 1, 5), nn.AvgPool1d(2), nn.Conv1d(1, 1, 3, dilation=2))
    return receptive_field(layers)


field_of_a_mixed_stack.wrong(
    10, "this leaves out the stride of the pool: one step of the last layer is 2 samples."
)
field_of_a_mixed_stack.wrong(13, "this leaves out the 1 at the beginning of the formula.")
field_of_a_mixed_stack.wrong(12, "this forgets the pool. It adds something, too: its window holds 2 samples.")


@prediction(
    "05.q",
    "Four layers of `kernel_size=3` have the dilations 1, 2, 4 and 8. How many samples does one output see?",
    because="the layers add 2, 4, 8 and 16 samples to the first one.",
)
def field_of_doubling() -> int:
    return receptive_field(nn.Sequential(*(nn.Conv1d(1, 1, 3, dilation=dilation) for dilation in (1, 2, 4, 8))))


field_of_doubling.wrong(30, "this leaves out the sample that stands below the first tap.")
field_of_doubling.wrong(9, "this is four layers without dilation.")
field_of_doubling.wrong(15, "these are the dilations added up. Each is multiplied by K − 1.")
field_of_doubling.wrong(16, "this is with two taps.")


@exercise(
    "05.1",
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
    "05.2",
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
    "05.3",
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
    "05.4",
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
