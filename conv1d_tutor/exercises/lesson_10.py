"""Exercises of lesson 10: how does a short signal become a long one, with an answer for each step?"""

import torch
import torch.nn.functional as F
from torch import nn

from .exercise import exercise
from .prediction import prediction


@prediction(
    "10.a",
    "49 samples go through `nn.MaxPool1d(2)` and then through `nn.Upsample(scale_factor=2)`. How many come out?",
    because="49 / 2 is rounded down to 24, and that is doubled.",
)
def there_and_back() -> int:
    return nn.Sequential(nn.MaxPool1d(2), nn.Upsample(scale_factor=2))(torch.zeros(1, 1, 49)).shape[2]


there_and_back.wrong(49, "halving forgets something. How many windows of 2 fit on 49 samples?")
there_and_back.wrong(50, "this rounds up. The last window would have no second sample.")
there_and_back.wrong(24, "this is after the pool. Then each sample is repeated.")


@prediction(
    "10.b",
    "What does `nn.Upsample(scale_factor=2)` make of the samples 1, 5, 3? Write a list.",
    because="without further word its mode is 'nearest': each new sample copies the old one next to it.",
)
def repeated() -> list[float]:
    return nn.Upsample(scale_factor=2)(torch.tensor([[[1.0, 5, 3]]])).flatten().tolist()


repeated.wrong([1, 5, 3, 1, 5, 3], "this is the signal twice. Each sample is to stay in its place in time.")
repeated.wrong([1, 0, 5, 0, 3, 0], "nothing is put between the samples but what is there already.")
repeated.wrong(
    [1, 3, 5, 4, 3, 3], "this draws lines between the samples. There is a mode for it, not the default."
)


@prediction(
    "10.c",
    "5 samples each stamp a kernel of 3 taps, with `stride=2`. How many samples has the output?",
    because="the last stamp begins at 4·2 and covers 3 samples.",
)
def length_of_the_stamps() -> int:
    return F.conv_transpose1d(torch.ones(1, 5), torch.ones(1, 1, 3), stride=2).shape[-1]


length_of_the_stamps.wrong(15, "this is for stamps that do not overlap. The next one begins 2 steps further on.")
length_of_the_stamps.wrong(
    10, "this is 5·2. The last stamp reaches further than the place where a next one would begin."
)
length_of_the_stamps.wrong(
    13, "this is 5·2 + 3. The first stamp begins at 0, so the last begins one stride earlier."
)
length_of_the_stamps.wrong(2, "this is what a `Conv1d` with this stride gives. Here the signal gets longer.")


@prediction(
    "10.d",
    "Which shape has the weight of `nn.ConvTranspose1d(in_channels=2, out_channels=5, kernel_size=3)`?",
    because="here in_channels come first: weight[c, o] is what channel c stamps into output o.",
)
def weight_of_the_stamps() -> torch.Size:
    return nn.ConvTranspose1d(2, 5, 3).weight.shape


weight_of_the_stamps.wrong(
    (5, 2, 3),
    "this is the order of `Conv1d`. Here each input has stamps for all outputs.",
)
weight_of_the_stamps.wrong((5, 3), "this is what one input channel stamps. There are two of them.")
weight_of_the_stamps.wrong((2, 3, 5), "the taps are the last axis, as in `Conv1d`.")


@prediction(
    "10.e",
    "The kernel (1, 0, −1) takes the difference of two samples. Add 10 to every sample of the signal. "
    "What becomes of the outputs?",
    because="what is added to both samples falls out of their difference.",
    options=("each is larger by 10", "they stay as they were", "each is larger by 20"),
)
def outputs_of_a_raised_signal() -> str:
    signal, difference = torch.tensor([[1, 2, 0, 3, 1]]), torch.tensor([[[1, 0, -1]]])
    change = (F.conv1d(signal + 10, difference) - F.conv1d(signal, difference)).unique().tolist()
    return "they stay as they were" if change == [0] else f"each is larger by {change[0]}"


outputs_of_a_raised_signal.wrong("each is larger by 10", "so it is with a kernel whose weights add up to 1.")
outputs_of_a_raised_signal.wrong(
    "each is larger by 20",
    "two samples grow by 10, but one of them is subtracted.",
)


@prediction(
    "10.f",
    "Signals of 7 and of 8 samples both became 3. Without further word, to which length does "
    "`nn.ConvTranspose1d(1, 1, 3, stride=2)` bring 3 samples?",
    because="it ends with the last stamp, and the sample that the convolution dropped lies behind it.",
    options=("the longer one", "the shorter one"),
)
def length_that_is_chosen() -> str:
    length = F.conv_transpose1d(torch.ones(1, 3), torch.ones(1, 1, 3), stride=2).shape[-1]
    return {7: "the shorter one", 8: "the longer one"}[length]


length_that_is_chosen.wrong(
    "the longer one",
    "count the stamps: none reaches the last sample of the longer one.",
)


@prediction(
    "10.g",
    "A signal of ones, a kernel of three ones, `stride=2`: what do the stamps give, away from the ends?",
    because="every second sample is reached by the end of one stamp and the beginning of the next.",
    options=("1 everywhere", "3 everywhere", "1 and 2 in turns", "1.5 everywhere"),
)
def stamps_of_a_constant() -> str:
    middle = F.conv_transpose1d(torch.ones(1, 9), torch.ones(1, 1, 3), stride=2)[0, 4:-4]
    kinds = " and ".join(f"{value:g}" for value in middle.unique().tolist())
    return f"{kinds} in turns" if " " in kinds else f"{kinds} everywhere"


stamps_of_a_constant.wrong(
    "1 everywhere", "so it is where stamps do not overlap. These are longer than the stride."
)
stamps_of_a_constant.wrong("3 everywhere", "so it is with `stride=1`, where three stamps meet at each sample.")
stamps_of_a_constant.wrong("1.5 everywhere", "this is the mean. Is each sample reached by as many stamps?")


@prediction(
    "10.h",
    "A network gives logits of shape (8, 4, 800): 8 recordings, 4 classes, 800 time steps. "
    "Each step has a class. Which shape must the labels have for `nn.functional.cross_entropy`?",
    because="there is one class for each recording and step, and the axis of the classes has none.",
)
def labels_of_each_step() -> torch.Size:
    return torch.zeros(8, 4, 800).argmax(dim=1).shape


labels_of_each_step.wrong((8, 4, 800), "so it is with probabilities. A label is the number of a class.")
labels_of_each_step.wrong((8,), "this is one class for a whole recording.")
labels_of_each_step.wrong((8, 800, 4), "this turns the logits. The labels need no axis for the classes.")
labels_of_each_step.wrong((8, 1, 800), "the numbers are right. There is no axis of size 1 where the classes were.")


@exercise(
    "10.1",
    "Four halvings",
    because="4 halvings need a multiple of 2 · 2 · 2 · 2 = 16, and the next one after 100 is 112.",
    hints=(
        "Of which number must the length be a multiple, so that it can be halved four times?",
        "In Python, `-length % number` is what is missing to the next multiple.",
    ),
)
def samples_to_add() -> int:
    """What is missing to the next multiple of 16."""
    multiple = 2**4  # halved four times, 1 is left of it
    return -100 % multiple


samples_to_add.wrong(4, "with these, the length can be halved three times, and is 13 then.")
samples_to_add.wrong(28, "this makes a power of two. A multiple of what four halvings need is enough.")
samples_to_add.wrong(0, "100 can be halved twice. Then it is 25.")
samples_to_add.wrong(112, "this is the new length. How many samples are added?")
samples_to_add.wrong(6, "100 + 6 can be halved once.")


@samples_to_add.another_way
def _():
    added = 0
    while any((100 + added) % 2**times for times in range(1, 5)):
        added += 1
    return added


@exercise(
    "10.2",
    "The length of the stamps",
    because="the last stamp begins after length − 1 strides, and covers kernel_size samples.",
    hints=(
        "Where does the first stamp begin, and where the last one?",
        "From one stamp to the next it is a stride, and there is one stride less than stamps. "
        "How far does the last one reach?",
    ),
)
def stamped_length(length: int, kernel_size: int, stride: int) -> int:
    """Go to the last stamp, and to its end."""
    last_start = (length - 1) * stride
    return last_start + kernel_size


@stamped_length.begun_as
def _(length, kernel_size, stride):
    last_start = ...
    return ...


stamped_length.tried_on(lambda: [(5, 3, 2), (3, 4, 3), (7, 2, 1), (1, 5, 4), (4, 2, 5)])
stamped_length.wrong(
    lambda length, kernel_size, stride: length * stride + kernel_size,
    "this counts one stride for each sample. The first stamp begins at 0.",
)
stamped_length.wrong(
    lambda length, kernel_size, stride: length * stride,
    "this is where one more stamp would begin. The last one ends where its kernel ends.",
)
stamped_length.wrong(
    lambda length, kernel_size, stride: (length - kernel_size) // stride + 1,
    "this is the length after a `Conv1d`. Here the stride makes the signal longer.",
)
stamped_length.wrong(
    lambda length, kernel_size, stride: (length - 1) * stride + 1,
    "this is where the last stamp begins, counted from 1. It covers more than one sample.",
)
stamped_length.wrong(
    lambda length, kernel_size, stride: length * kernel_size,
    "this lays the stamps side by side. They begin a stride apart, whatever the kernel is.",
)
stamped_length.wrong(
    lambda length, kernel_size, stride: (length - 1) * stride,
    "this is where the last stamp begins. How far does it reach?",
)
stamped_length.another_way(
    lambda length, kernel_size, stride: F.conv_transpose1d(
        torch.ones(1, length), torch.ones(1, 1, kernel_size), stride=stride
    ).shape[1]
)


@exercise(
    "10.3",
    "The samples that were dropped",
    because="what the moves of the convolution left over at the end is what is missing on the way back.",
    hints=(
        "How many samples at the end does the convolution not read? Lesson 05 counts them.",
        "The starts can lie between 0 and length − kernel_size. Moves of a stride fit in, and a rest stays.",
    ),
)
def extra_samples(length: int, kernel_size: int, stride: int) -> int:
    """The rest of the room, when whole moves are taken out of it."""
    room = length - kernel_size  # from the first start to the last that is possible
    return room % stride


extra_samples.tried_on(lambda: [(8, 3, 2), (7, 3, 2), (11, 4, 3), (13, 5, 4), (9, 2, 3), (6, 6, 5), (12, 2, 5)])
extra_samples.wrong(
    lambda length, kernel_size, stride: length % stride,
    "this is right for kernels as long as the stride. The first window covers kernel_size samples.",
)
extra_samples.wrong(
    lambda length, kernel_size, stride: stride - 1,
    "this is the most that torch takes. For some lengths fewer samples are missing.",
)
extra_samples.wrong(lambda length, kernel_size, stride: 0, "so it is only where the moves come out even.")
extra_samples.wrong(
    lambda length, kernel_size, stride: (length - kernel_size) // stride,
    "this is the number of moves. Asked for is the rest.",
)
extra_samples.wrong(
    lambda length, kernel_size, stride: (length - kernel_size + 1) % stride,
    "this counts the starts. Moves are between starts, so there is one less.",
)


@extra_samples.another_way
def _(length, kernel_size, stride):
    short = nn.Conv1d(1, 1, kernel_size, stride)(torch.zeros(1, length))
    return length - nn.ConvTranspose1d(1, 1, kernel_size, stride)(short).shape[1]


@exercise(
    "10.4",
    "The share of right steps",
    because="the class with the largest logit is the answer at each step, and the share is taken over all steps.",
    hints=(
        "Which axis of the logits holds the classes? Along it, `argmax` finds the largest.",
        "Comparing what is found with the labels gives True and False, (N, L). What is their mean, as 1 and 0?",
    ),
)
def right_share(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Take the class with the largest logit at each step, and compare."""
    found = logits.argmax(dim=1)  # (N, L)
    return (found == labels).double().mean()


@right_share.begun_as
def _(logits, labels):
    found = ...
    return ...


@right_share.tried_on
def _():
    numbers = torch.Generator().manual_seed(10)
    cases = []
    for n, classes, length in ((2, 3, 7), (1, 4, 9), (3, 2, 5), (4, 4, 4)):
        logits = torch.randn(n, classes, length, generator=numbers, dtype=torch.float64)
        labels = logits.argmax(dim=1)
        labels[:, : length // 2] = torch.randint(classes, (n, length // 2), generator=numbers)
        cases.append((logits, labels))
    return cases


right_share.wrong(
    lambda logits, labels: (logits.argmax(dim=2) == labels).double().mean(),
    "axis 2 is the time. This asks at which step a class is largest.",
)
right_share.wrong(
    lambda logits, labels: (logits.argmax(dim=1) == labels).sum(),
    "this is how many are right. Asked for is their share.",
)
right_share.wrong(
    lambda logits, labels: (logits.argmax(dim=1) == labels).all(dim=1).double().mean(),
    "this is the share of recordings in which every step is right.",
)
right_share.wrong(
    lambda logits, labels: (logits.argmax(dim=1) == labels).double().mean(dim=1),
    "this is one share for each recording. Asked for is one over all steps.",
)
right_share.wrong(
    lambda logits, labels: (logits.argmax(dim=1) != labels).double().mean(),
    "this is the share of wrong ones.",
)
right_share.wrong(
    lambda logits, labels: logits.softmax(dim=1).gather(1, labels[:, None]).mean(),
    "this is how likely the network finds the labels. Asked for is how often its answer is the label.",
)
right_share.another_way(
    lambda logits, labels: (
        logits.permute(0, 2, 1).flatten(0, 1).topk(1)[1].flatten().eq(labels.flatten()).sum() / labels.numel()
    )
)


@exercise(
    "10.5",
    "Two steps up",
    because="each layer doubles: 24 · 2 − 2 · 1 + 4 = 50, then 49 · 2 − 2 · 1 + 4 = 100.",
    hints=(
        "Take one layer after the other. How long are the stamps of 25 samples, without padding?",
        "The padding of a transposed convolution is cut off, on both sides.",
    ),
)
def shape_two_steps_up() -> torch.Size:
    """Layer by layer: the last start, the kernel, and what is cut off."""
    length = 25
    for _ in range(2):
        length = (length - 1) * 2 + 4 - 2 * 1
    return torch.Size((4, 1, length))


shape_two_steps_up.wrong((4, 1, 106), "this forgets what `padding=1` cuts off at both ends.")
shape_two_steps_up.wrong((4, 8, 50), "this is after the first of the two layers.")
shape_two_steps_up.wrong((4, 1, 6), "these are the lengths of `Conv1d`. Here the signal gets longer.")
shape_two_steps_up.wrong((4, 16, 100), "the length is right. The channels are those of the last layer.")
shape_two_steps_up.wrong((4, 1, 103), "this cuts one sample off each layer. Both ends lose one.")
shape_two_steps_up.wrong((4, 1, 110), "padding makes the output of a transposed convolution shorter.")


@shape_two_steps_up.another_way
def _():
    first, second = (
        nn.ConvTranspose1d(16, 8, 4, stride=2, padding=1),
        nn.ConvTranspose1d(8, 1, 4, stride=2, padding=1),
    )
    return second(first(torch.zeros(4, 16, 25))).shape


@exercise(
    "10.6",
    "Stamps by collecting",
    because="with zeros between the samples, a window reads at each place what the stamps leave there, "
    "and it meets the kernel from its other end.",
    hints=(
        "Put stride − 1 zeros between the samples, and at both ends one zero less than there are taps.",
        "Output 0 is sample 0 times the first tap. Which tap does a window meet with its last sample? "
        "And Conv1d wants the weight as (out_channels, in_channels, kernel_size).",
    ),
)
def stamp_with_conv1d(x: torch.Tensor, weight: torch.Tensor, stride: int) -> torch.Tensor:
    """Spread the samples, pad, and slide the kernel turned round."""
    spread = x.new_zeros(*x.shape[:2], (x.shape[2] - 1) * stride + 1)
    spread[:, :, ::stride] = x
    ends = weight.shape[2] - 1
    return F.conv1d(F.pad(spread, (ends, ends)), weight.flip(2).transpose(0, 1))


@stamp_with_conv1d.begun_as
def _(x, weight, stride):
    spread = x.new_zeros(*x.shape[:2], (x.shape[2] - 1) * stride + 1)
    spread[:, :, ::stride] = x
    return F.conv1d(..., ...)


@stamp_with_conv1d.tried_on
def _():
    numbers = torch.Generator().manual_seed(106)
    cases = []
    for n, ins, outs, taps, length, stride in (
        (2, 3, 2, 3, 5, 2),
        (1, 2, 2, 4, 4, 3),
        (3, 1, 1, 2, 6, 1),
        (1, 2, 3, 5, 3, 2),
    ):
        shapes = (n, ins, length), (ins, outs, taps)
        made = [torch.randn(shape, generator=numbers, dtype=torch.float64) for shape in shapes]
        cases.append((*made, stride))
    return cases


def _spread(x: torch.Tensor, stride: int) -> torch.Tensor:
    spread = x.new_zeros(*x.shape[:2], (x.shape[2] - 1) * stride + 1)
    spread[:, :, ::stride] = x
    return spread


def _padded(x: torch.Tensor, weight: torch.Tensor, stride: int) -> torch.Tensor:
    return F.pad(_spread(x, stride), (weight.shape[2] - 1,) * 2)


stamp_with_conv1d.wrong(
    lambda x, weight, stride: F.conv1d(_padded(x, weight, stride), weight.transpose(0, 1)),
    "the kernel is turned round: the first tap of a stamp is what a window meets last.",
)
stamp_with_conv1d.wrong(
    lambda x, weight, stride: F.conv1d(_padded(x, weight, stride), weight.flip(2)),
    "the weight is that of a ConvTranspose1d, with in_channels first. Conv1d reads out_channels first.",
)
stamp_with_conv1d.wrong(
    lambda x, weight, stride: F.conv1d(_spread(x, stride), weight.flip(2).transpose(0, 1)),
    "without zeros at the ends, the first and the last stamps are cut off.",
)
stamp_with_conv1d.wrong(
    lambda x, weight, stride: F.conv1d(
        F.pad(_spread(x, stride), (weight.shape[2] - 1, 0)), weight.flip(2).transpose(0, 1)
    ),
    "the zeros are in front only, so the end of the last stamp is missing.",
)
stamp_with_conv1d.wrong(
    lambda x, weight, stride: F.conv1d(_padded(x, weight, 1), weight.flip(2).transpose(0, 1)),
    "this stamps at every sample. Between the samples there must be room for the stride.",
)
stamp_with_conv1d.another_way(lambda x, weight, stride: F.conv_transpose1d(x, weight, stride=stride))


@exercise(
    "10.7",
    "Lay them side by side",
    because="the repeated samples are filled up or cut to the length of the skip before the two are joined.",
    hints=(
        "What is `up.shape[2]` for a `skip` of 9 samples, if `below` has 4? And if it has 5?",
        "`F.pad` takes a number below 0, too: it cuts.",
    ),
)
def join(skip: torch.Tensor, below: torch.Tensor) -> torch.Tensor:
    """Fill up what is missing at the end; a negative number cuts."""
    up = below.repeat_interleave(2, dim=2)
    missing = skip.shape[2] - up.shape[2]
    return torch.cat([skip, F.pad(up, (0, missing))], dim=1)


@join.as_given(says="fails where `skip` has an odd length: one sample is missing, or there is one too many.")
def _(skip, below):
    up = below.repeat_interleave(2, dim=2)
    return torch.cat([skip, up], dim=1)


@join.tried_on
def _():
    numbers = torch.Generator().manual_seed(107)
    shapes = ((2, 3, 9, 2, 4), (1, 2, 9, 3, 5), (3, 1, 8, 1, 4), (2, 2, 11, 4, 6), (1, 1, 7, 2, 3))
    return [
        (
            torch.randn(n, c, length, generator=numbers, dtype=torch.float64),
            torch.randn(n, more, short, generator=numbers, dtype=torch.float64),
        )
        for n, c, length, more, short in shapes
    ]


join.wrong(
    lambda skip, below: torch.cat(
        [F.pad(up := below.repeat_interleave(2, dim=2), (0, skip.shape[2] - up.shape[2])), skip], dim=1
    ),
    "the lengths are right. The channels of `skip` come first.",
)
join.wrong(
    lambda skip, below: torch.cat(
        [skip, F.pad(up := below.repeat_interleave(2, dim=2), (skip.shape[2] - up.shape[2], 0))], dim=1
    ),
    "the zero is in front, so every sample has moved by one step. Fill up at the end.",
)
join.wrong(
    lambda skip, below: torch.cat([skip, F.interpolate(below, size=skip.shape[2])], dim=1),
    "this stretches `below` to the length, and some samples stand there once or three times. "
    "Repeat each twice, then fill up or cut.",
)


@join.wrong(says="this cuts `skip`, too. It keeps its length: it is what the answer is for.")
def _(skip, below):
    up = below.repeat_interleave(2, dim=2)
    length = min(up.shape[2], skip.shape[2])
    return torch.cat([skip[:, :, :length], up[:, :, :length]], dim=1)


@join.wrong(says="this fills up with the last sample. The question asks for zeros.")
def _(skip, below):
    up = below.repeat_interleave(2, dim=2)
    if up.shape[2] < skip.shape[2]:
        up = torch.cat([up, up[:, :, -1:]], dim=2)
    return torch.cat([skip, up[:, :, : skip.shape[2]]], dim=1)


@join.another_way
def _(skip, below):
    joined = skip.new_zeros(len(skip), skip.shape[1] + below.shape[1], skip.shape[2])
    joined[:, : skip.shape[1]] = skip
    for t in range(min(skip.shape[2], 2 * below.shape[2])):
        joined[:, skip.shape[1] :, t] = below[:, :, t // 2]
    return joined
