"""Exercises of lesson 04: how long is the output, and which samples does it see?"""

import torch
import torch.nn.functional as F
from torch import nn

from ..arithmetic import Conv1dSpec, receptive_field
from .exercise import Exercise, Mistake


def shape_of_all_together() -> torch.Size:
    """Ask torch for the shape."""
    layer = nn.Conv1d(1, 4, kernel_size=5, stride=2, padding=4, dilation=3)
    return layer(torch.zeros(8, 1, 60)).shape


def keep_length(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    """Add as many zeros as the window is longer than one sample, the odd one on the right."""
    zeros = dilation * (weight.shape[2] - 1)
    left = zeros // 2
    return F.conv1d(F.pad(x, (left, zeros - left)), weight, dilation=dilation)


def _as_given(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    padding = weight.shape[2] // 2
    return F.conv1d(x, weight, padding=padding, dilation=dilation)


def _half(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    return F.conv1d(x, weight, padding=dilation * (weight.shape[2] - 1) // 2, dilation=dilation)


def _half_of_kernel(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    return F.conv1d(x, weight, padding=dilation * (weight.shape[2] // 2), dilation=dilation)


def _without_dilation(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    return F.conv1d(x, weight, padding=(weight.shape[2] - 1) // 2, dilation=dilation)


def _not_dilated(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    return keep_length(x, weight, dilation=1)


def _output_filled_up(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    y = F.conv1d(x, weight, dilation=dilation)
    return F.pad(y, (0, x.shape[2] - y.shape[2]))


def _more_on_the_left(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    zeros = dilation * (weight.shape[2] - 1)
    return F.conv1d(F.pad(x, (zeros - zeros // 2, zeros // 2)), weight, dilation=dilation)


def _all_on_the_right(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    return F.conv1d(F.pad(x, (0, dilation * (weight.shape[2] - 1))), weight, dilation=dilation)


def number_of_layers() -> int:
    """Add layers until one output sees 100 samples."""
    layers = []
    while receptive_field(layers) < 100:
        layers.append(Conv1dSpec(1, 1, kernel_size=3, dilation=2 ** len(layers)))
    return len(layers)


def past_only(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    """All the zeros that keep the length stand on the left."""
    zeros = dilation * (weight.shape[2] - 1)
    return F.conv1d(F.pad(x, (zeros, 0)), weight, dilation=dilation)


def _for_three_taps(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    return F.conv1d(F.pad(x, (2 * dilation, 0)), weight, dilation=dilation)


def _left_without_dilation(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    return F.conv1d(F.pad(x, (weight.shape[2] - 1, 0)), weight, dilation=dilation)


def _one_gap_too_many(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    return F.conv1d(F.pad(x, (dilation * weight.shape[2], 0)), weight, dilation=dilation)


def _kernel_not_dilated(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    return F.conv1d(F.pad(x, (dilation * (weight.shape[2] - 1), 0)), weight)


def _cut_from_the_end(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    zeros = dilation * (weight.shape[2] - 1)
    return F.conv1d(x, weight, padding=zeros, dilation=dilation)[..., :-zeros]


def _both_ends(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    return F.conv1d(x, weight, padding=dilation * (weight.shape[2] - 1), dilation=dilation)


def _cases() -> list[tuple[torch.Tensor, torch.Tensor, int]]:
    numbers = torch.Generator().manual_seed(4)
    sizes = [(3, 1), (3, 2), (4, 1), (4, 3), (2, 2), (1, 2)]
    return [
        (
            torch.randn(2, 3, 12, generator=numbers, dtype=torch.float64),
            torch.randn(4, 3, kernel_size, generator=numbers, dtype=torch.float64),
            dilation,
        )
        for kernel_size, dilation in sizes
    ]


EXERCISES = (
    Exercise(
        "04.1",
        "All together",
        shape_of_all_together,
        "the window covers 3 · 4 + 1 = 13 samples, so it begins at −4 first and at 60 + 4 − 13 = 51 last. From "
        "−4 to 51 there are 55 steps, moves of 2 fit in 27 times, and the first window needs no move.",
        (
            "How many samples does the window cover? Where does the first window begin, and where the last?",
            "Count the moves between the two starts, rounded down, and then the windows: section 7.",
        ),
        (
            Mistake((8, 4, 27), "these are the moves. The first window needs no move: count both ends."),
            Mistake((8, 4, 29), "the last half move does not fit. Torch rounds down."),
            Mistake((8, 4, 24), "this is without the padding. It gives room on both sides."),
            Mistake((8, 4, 26), "the padding is on both sides, so it counts twice."),
            Mistake(
                (8, 4, 32),
                "this is without the dilation. With it, the window covers more samples than it has taps.",
            ),
            Mistake(
                (8, 4, 30),
                "this is half of the input. That would need padding for the whole window, and here it is less.",
            ),
            Mistake(
                (8, 4, 55), "this is the number of steps between the starts. The kernel moves 2 steps at a time."
            ),
            Mistake((8, 1, 28), "the length is right. How many kernels does the layer have?"),
        ),
    ),
    Exercise(
        "04.2",
        "Keep the length",
        keep_length,
        "dilation · (K − 1) zeros are needed in all, and where this is odd, one side gets one more. "
        '`padding="same"` does the same.',
        (
            "Try it with a kernel of 3 and dilation 2, then with a kernel of 4 and dilation 1. How many samples "
            "are missing, or too many?",
            "By how much is a dilated window longer than one sample? So many zeros are needed on both sides "
            "together, and `F.pad` takes two different sides.",
        ),
        (
            Mistake(
                _half,
                "this is right for odd kernels. But where the number of zeros is odd, two equal halves are one "
                "too few: the sides must differ.",
            ),
            Mistake(
                _half_of_kernel,
                "this is right for odd kernels. But an even kernel gets more zeros than it takes samples away.",
            ),
            Mistake(
                _without_dilation,
                "the kernel counts with K − 1 now, but a dilated window takes more than K − 1 samples away.",
            ),
            Mistake(
                _not_dilated,
                "the length is right. But the convolution itself does not know the dilation.",
            ),
            Mistake(
                _output_filled_up,
                "the length is right. But these zeros stand behind the output. Padding belongs to the input, "
                "before the kernel slides.",
            ),
            Mistake(
                _more_on_the_left,
                "the length is right. But where the sides differ, this puts the extra zero on the left, and torch "
                "puts it on the right.",
            ),
            Mistake(
                past_only,
                "the length is right. But all zeros stand on the left, so this output looks back only. Divide "
                "them among the two sides.",
            ),
            Mistake(
                _all_on_the_right,
                "the length is right. But all zeros stand on the right. Divide them among the two sides.",
            ),
        ),
        cases=_cases,
        given=Mistake(_as_given, "keeps the length only for odd kernels without dilation."),
    ),
    Exercise(
        "04.3",
        "See one second",
        number_of_layers,
        "the layers add 2, 4, 8, … samples to the first one, and the sum passes 100 for the first time with the "
        "dilation 32.",
        (
            "Section 12 has such a stack. What does each layer of 3 taps add to the receptive field?",
            "Begin with 1 and add dilation · 2 for each layer, until you reach the samples of one second.",
        ),
        (
            Mistake(5, "with this many layers an output sees 63 samples. That is less than one second."),
            Mistake(
                7, "with this many layers an output sees 255 samples, more than two seconds. Fewer are enough."
            ),
            Mistake(
                50,
                "so many layers are needed without dilation, when each adds 2 samples. Here each adds twice as "
                "much as the one before.",
            ),
            Mistake(
                34,
                "this counts 3 samples for each layer. But the windows overlap, and the dilation doubles: see "
                "what each layer adds.",
            ),
            Mistake(100, "this is the number of samples. How many layers does it take to see them?"),
        ),
    ),
    Exercise(
        "04.4",
        "No look into the future",
        past_only,
        "with dilation · (K − 1) zeros on the left, window t ends at step t, and the last tap reads the present.",
        (
            "Section 10 did it for 3 taps. What has to take the place of the 2 there?",
            "Window t must end at step t. How many samples before step t does it cover, with K taps that stand "
            "`dilation` steps apart?",
        ),
        (
            Mistake(
                keep_length,
                "the length is right. But there is padding on both sides, so output t also reads samples after "
                "step t.",
            ),
            Mistake(
                _all_on_the_right,
                "the length is right. But the zeros stand at the wrong end, or the wrong end was cut off: output "
                "t reads step t and what comes after it.",
            ),
            Mistake(
                _left_without_dilation,
                "this is right for dilation 1. A dilated window reaches further back, so the output is too short.",
            ),
            Mistake(
                _for_three_taps,
                "this is right for 3 taps. With another number of taps, the window has another number of gaps.",
            ),
            Mistake(
                _one_gap_too_many,
                "there are K taps, but only K − 1 gaps between them. So the output is too long, and the last "
                "sample comes too late.",
            ),
            Mistake(
                _kernel_not_dilated,
                "the zeros are right, but the convolution itself does not know the dilation.",
            ),
            Mistake(
                _cut_from_the_end,
                "this is right for two taps and more. With one tap there is nothing to cut off, and `[..., :-0]` "
                "is empty: count from the front instead.",
            ),
            Mistake(
                _both_ends,
                "there are zeros on both sides, so there are outputs after the end of the signal. Only the left "
                "side needs them.",
            ),
        ),
        cases=_cases,
    ),
)
