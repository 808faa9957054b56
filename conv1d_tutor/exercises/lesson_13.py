"""Exercises of lesson 13: what belongs to the recording, and what may an output have heard?"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..arithmetic import receptive_field
from ..datasets import load_vowels
from .exercise import exercise
from .prediction import prediction


@prediction(
    "13.a",
    "The 270 training recordings have 4,274 steps together, and the longest has 26. All are padded to 26 steps. "
    "How many percent of the steps in the box are padding, as a whole number?",
    because="the box has 270 · 26 steps, and 4,274 of them are real.",
)
def share_of_padding() -> int:
    lengths = [signal.shape[1] for signal in load_vowels().train.signals]
    return round(100 * (1 - sum(lengths) / (len(lengths) * max(lengths))))


share_of_padding.wrong(61, "this is the share of the real steps.")
share_of_padding.wrong(73, "this is the shortest recording, 7 real steps of 26. Most are longer.")
share_of_padding.wrong(64, "this compares the padding with the real steps, not with all steps of the box.")


@prediction(
    "13.b",
    "B is −3, −1, −2, and two zeros are padded at its end. What is the mean of B if you forget the mask?",
    because="the sum is still −6, and it is divided by 5 and not by 3.",
)
def mean_with_padding() -> float:
    return round(F.pad(torch.tensor([-3.0, -1, -2]), (0, 2)).mean().item(), 1)


mean_with_padding.wrong(-2, "this is the mean of the three real steps. Without the mask, all five count.")
mean_with_padding.wrong(-6, "this is the sum. It is still to be divided.")
mean_with_padding.wrong(-3, "this divides by the two zeros. A mean divides by the number of all steps.")


@prediction(
    "13.c",
    "And which step gives the maximum of B, without the mask?",
    because="every real value is below 0, so a zero is larger.",
    options=("the first", "the second", "a padded one"),
)
def place_of_the_maximum() -> str:
    place = int(F.pad(torch.tensor([-3.0, -1, -2]), (0, 2)).argmax())
    return ["the first", "the second"][place] if place < 2 else "a padded one"


place_of_the_maximum.wrong("the first", "−3 is the lowest of the five.")
place_of_the_maximum.wrong(
    "the second",
    "this is the largest real value. But a maximum looks at the zeros, too.",
)


@prediction(
    "13.d",
    "The shortest training recording has 7 steps and stands in a box of 26. "
    "By which factor does its mean change if you "
    "forget the mask? Two digits after the point.",
    because="the sum stays as it is, and it is divided by 26 in place of 7.",
)
def factor_of_the_mean() -> float:
    return round(F.pad(torch.ones(7), (0, 19)).mean().item(), 2)


factor_of_the_mean.wrong(3.71, "the mean gets smaller, not larger: it is divided by more.")
factor_of_the_mean.wrong(0.73, "this is the share of the padding.")
factor_of_the_mean.wrong(0.37, "this is 7 / 19, real steps to padded ones. The mean is over all steps.")


@prediction(
    "13.e",
    "Somebody pads with zeros first, and subtracts each channel's mean and divides by its spread then. "
    "Is a padded zero still 0 in the first channel?",
    because="(0 − mean) / spread is 0 only if the mean is, and the mean of this channel is not.",
    options=("yes", "no"),
)
def padding_stays_zero() -> str:
    first = np.concatenate([signal[0] for signal in load_vowels().train.signals])
    return "yes" if abs((0 - first.mean()) / first.std()) < 0.1 else "no"


padding_stays_zero.wrong("yes", "dividing would leave a zero as it is. Subtracting does not.")


@prediction(
    "13.f",
    "The recording has three real steps, 0, 1 and 2. "
    "After *three* of these layers: at which of them do the padded and "
    "the lonely recording differ? Write a list, such as `[0]`.",
    because="after the first layer the steps beyond the end are no longer 0, "
    "and each further layer carries this in.",
)
def wrong_after_three_layers() -> list[int]:
    layer = nn.Conv1d(1, 1, 3, padding="same")
    nn.init.ones_(layer.weight)
    layer.bias.data.fill_(1)
    three_layers = nn.Sequential(layer, layer, layer)
    alone = three_layers(torch.tensor([[[1.0, 2, 3]]]))[0, 0]
    padded = three_layers(torch.tensor([[[1.0, 2, 3, 0, 0]]]))[0, 0, :3]
    return (~torch.isclose(padded, alone)).nonzero().flatten().tolist()


wrong_after_three_layers.wrong(
    [],
    "the first layer finds zeros in both cases. But what do the later layers find?",
)
wrong_after_three_layers.wrong([2], "this is after two layers. The next one reads one step further in.")
wrong_after_three_layers.wrong(
    [0, 1, 2], "each layer carries it one step further in, but the first layer is still right everywhere."
)


@prediction(
    "13.g",
    "The layers are `nn.Conv1d(12, 64, 3)`, `nn.Conv1d(64, 64, 3)` and `nn.Linear(64, 9)`, "
    "all with their biases. "
    "How many numbers does the network learn?",
    because="these are 12·64·3 + 64, then 64·64·3 + 64, then 64·9 + 9.",
)
def numbers_learned() -> int:
    layers = nn.Conv1d(12, 64, 3), nn.Conv1d(64, 64, 3), nn.Linear(64, 9)
    return sum(numbers.numel() for layer in layers for numbers in layer.parameters())


numbers_learned.wrong(15_168, "this leaves the biases out.")
numbers_learned.wrong(3_209, "this gives the kernels of the second layer one row. They read 64 channels.")
numbers_learned.wrong(14_720, "these are the convolutions alone. The Linear learns, too.")


@prediction(
    "13.h",
    "A network knows nothing and gives each of the nine speakers the probability 1/9. "
    "What is its loss, −log(1/9), "
    "with the natural logarithm? One digit after the point is enough.",
    because="−log(1/9) is log 9, and e is about 2.7, so e² is a little less than 9.",
)
def loss_of_guessing() -> float:
    return round(F.cross_entropy(torch.zeros(1, 9), torch.tensor([0])).item(), 1)


loss_of_guessing.wrong(1.0, "this is the logarithm to base 10. Torch takes the natural one.")
loss_of_guessing.wrong(0.1, "this is the probability. The loss is −log of it.")
loss_of_guessing.wrong(
    0.9,
    "this is the chance of being wrong. The loss is −log of the chance of the right one.",
)


@prediction(
    "13.i",
    "The largest speaker has 88 of the 370 test recordings, and 5 networks answer each. "
    "How large is the largest sum "
    "of a row?",
    because="each recording of this speaker is answered 5 times, "
    "and stands in the row of its true speaker each time.",
)
def largest_row() -> int:
    return int(5 * np.bincount(load_vowels().test.labels).max())


largest_row.wrong(88, "this is one network. The answers of all are added up.")
largest_row.wrong(1850, "this is the whole table, all speakers together.")
largest_row.wrong(370, "these are the recordings of all speakers, for one network.")


@prediction(
    "13.j",
    "`CausalConv1d(12, 32, kernel_size=3, dilation=4)` gets a (1, 12, 20). Which shape comes out?",
    because="there are 32 kernels, and the 4 · 2 zeros on the left make up for what the kernel takes away.",
)
def shape_of_a_causal_layer() -> torch.Size:
    return F.conv1d(F.pad(torch.zeros(1, 12, 20), (4 * 2, 0)), torch.zeros(32, 12, 3), dilation=4).shape


shape_of_a_causal_layer.wrong((1, 32, 12), "this is without the zeros on the left.")
shape_of_a_causal_layer.wrong(
    (1, 32, 28), "this is the length of the padded input. The kernel still takes 8 away."
)
shape_of_a_causal_layer.wrong((1, 12, 20), "the length is right. The number of channels is that of the kernels.")


@prediction(
    "13.k",
    "A batch (32, 12, 26) goes through the causal network for nine speakers. Which shape comes out?",
    because="no layer takes steps away and nothing is averaged: there are nine logits at each step.",
)
def shape_of_the_causal_network() -> torch.Size:
    last = nn.Conv1d(32, 9, 1)
    return last(torch.zeros(32, 32, 26)).shape


shape_of_the_causal_network.wrong(
    (32, 9), "this would be one answer for a recording. Nothing averages over time here."
)
shape_of_the_causal_network.wrong((32, 32, 26), "this is inside the stack. Its last layer makes nine channels.")
shape_of_the_causal_network.wrong((32, 9, 12), "the last axis is time, and it stays as long as it was.")


@prediction(
    "13.l",
    "Six layers with `kernel_size=3` and the dilations 1, 1, 2, 2, 4, 4 follow each other. "
    "How many steps does the last "
    "output see?",
    because="it is 1 + 2·1 + 2·1 + 2·2 + 2·2 + 2·4 + 2·4, and layers of size 1 add nothing.",
)
def steps_seen() -> int:
    return receptive_field([nn.Conv1d(1, 1, 3, dilation=dilation) for dilation in (1, 1, 2, 2, 4, 4)])


steps_seen.wrong(28, "each layer adds 2 · dilation, that is right. But they are added to the step itself.")
steps_seen.wrong(13, "this is without the dilations: each layer would add 2.")
steps_seen.wrong(18, "this is 3 for each layer. Layers share the steps where they meet.")
steps_seen.wrong(15, "this counts each dilation once. A block has two layers.")


@exercise(
    "13.1",
    "Repair the mean",
    because="the sum holds the real steps only, and it is divided by how many "
    "of them there are, for each recording apart.",
    hints=(
        "A recording of 3 steps in a box of 5: by which number is its sum divided, and by which should it be?",
        "The mask also counts: its sum along the time is the number of real steps of each recording.",
    ),
)
def mean_of_real_steps(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Masked sum, divided by the number of real steps."""
    real = mask[:, None]
    return (x * real).sum(dim=2) / real.sum(dim=2)


@mean_of_real_steps.tried_on
def _padded():
    numbers = torch.Generator().manual_seed(11)
    cases = []
    # Beyond the end stands noise, as between two layers. N equals C once; elsewhere C is larger than L, so that
    # a step taken for a channel raises nothing.
    for lengths, channels in (((5, 3), 6), ((2, 6, 4), 3), ((3, 1, 3, 2), 5), ((4,), 6), ((2, 3), 1)):
        x = torch.randn(len(lengths), channels, max(lengths), generator=numbers, dtype=torch.float64)
        cases.append((x, torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]))
    # Right behind the box there are zeros, and a real step may be 0 as well: a 0 does not say what is padding.
    x, mask = cases[0]
    x = x * mask[:, None]
    x[0, 0, 1] = 0
    # And a box that no recording fills: there, a step beyond the end is still in the box.
    return [*cases, (x, mask), (F.pad(cases[1][0], (0, 2), value=1.0), F.pad(cases[1][1], (0, 2)))]


@mean_of_real_steps.as_given(
    says="masks the sum, and then divides by the length of the box, not of the recording."
)
def _(x, mask):
    real = mask[:, None]
    return (x * real).mean(dim=2)


mean_of_real_steps.wrong(
    lambda x, mask: x.mean(dim=2),
    "the mask is gone altogether. What stands beyond the end must count neither "
    "in the sum nor in the number of steps.",
)
mean_of_real_steps.wrong(
    lambda x, mask: (x * mask[:, None]).sum(dim=2) / mask.sum(),
    "this divides by the real steps of the whole batch. Each recording has a length of its own.",
)
mean_of_real_steps.wrong(
    lambda x, mask: (x * mask[:, None]).sum(dim=2) / mask.sum(dim=1),
    "the idea is right, but (N, C) is divided by (N,). Torch lines up the last axes: it takes the N for the C, "
    "which fails, or goes wrong without an error where N equals C. Keep an axis of size 1.",
)
mean_of_real_steps.wrong(
    lambda x, mask: x.sum(dim=2) / mask[:, None].sum(dim=2),
    "the number of steps is right. But the sum now holds what stands beyond the end as well, "
    "and behind a layer that is not 0.",
)
mean_of_real_steps.wrong(
    lambda x, mask: (x * mask[:, None]).sum(dim=2) / (x != 0).sum(dim=2),
    "this counts the numbers other than 0. A real step can be 0, and behind a layer the padding is not 0. "
    "Only the mask knows which steps are real.",
)
mean_of_real_steps.wrong(
    lambda x, mask: (x * mask[:, None]).sum(dim=2) / (x * mask[:, None] != 0).sum(dim=2),
    "this counts the numbers other than 0 among the real steps. But a real step can be 0. "
    "Count the steps in the mask.",
)
mean_of_real_steps.another_way(lambda x, mask: torch.stack([x[n, :, mask[n]].mean(dim=1) for n in range(len(x))]))


@exercise(
    "13.2",
    "The last real step",
    because="each recording is asked at its own last step, "
    "and the axis of recordings is indexed together with that of time.",
    hints=(
        "In the mask, count the real steps of each recording. "
        "At which index does the last of them stand, if the first is 0?",
        "Two index tensors of the same length go through the recordings in pairs: one says which recording, "
        "the other says which step. Section 10 does so when the sound comes in.",
    ),
)
def last_real_step(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """For each recording, the place of its own last step."""
    last = mask.sum(dim=1) - 1
    return x[torch.arange(len(x)), :, last]


last_real_step.tried_on(_padded)
mean_of_real_steps.wrong(
    lambda x, mask: last_real_step(x, mask),
    "this is the last real step alone. Asked for is the mean of all real steps.",
)
last_real_step.wrong(
    lambda x, mask: x[:, :, -1],
    "this is the last step of the box. For a short recording it is padding.",
)
last_real_step.wrong(
    lambda x, mask: x[torch.arange(len(x)), :, mask.sum(dim=1)],
    "a recording of 3 steps has the steps 0, 1 and 2. This reads one step beyond the end.",
)
last_real_step.wrong(
    lambda x, mask: x[:, :, mask.sum(dim=1) - 1],
    "this asks each recording at the last steps of all recordings: "
    "the result has N columns too many. Index the recordings, too.",
)
last_real_step.wrong(
    lambda x, mask: x[torch.arange(len(x)), mask.sum(dim=1) - 1],
    "the steps are right, but they are looked up on axis 1, which holds the channels. Time is axis 2.",
)
last_real_step.wrong(
    lambda x, mask: x[:, :, 0],
    "this is the first step. A causal network has heard the least there.",
)
last_real_step.wrong(
    mean_of_real_steps,
    "this is the mean of the real steps. Asked for is one of them, the last.",
)
last_real_step.wrong(
    lambda x, mask: x[:, :, mask.sum(dim=1).min() - 1],
    "this is one step for all of them, the last of the shortest recording. Each has an end of its own.",
)
last_real_step.another_way(lambda x, mask: torch.stack([x[n, :, mask[n]][:, -1] for n in range(len(x))]))


@exercise(
    "13.3",
    "Zeros on the left",
    because="the five taps lie three steps apart, so the first lies 4 · 3 = 12 steps before the last, "
    "and the last must lie on the output's own step.",
    hints=(
        "Draw the taps of one kernel on a line of steps. How far is the first tap from the last?",
        "Between 5 taps there are 4 gaps. Section 9 says how wide each gap is.",
    ),
)
def zeros_on_the_left() -> int:
    """Count the steps from the first tap to the last."""
    gaps = 5 - 1  # between 5 taps
    return gaps * 3  # each is as wide as the dilation


zeros_on_the_left.wrong(4, "this is right for dilation 1. Here the taps lie further apart.")
zeros_on_the_left.wrong(
    6,
    "this is what `padding='same'` puts on each side. A causal layer puts the zeros of both sides on the left.",
)
zeros_on_the_left.wrong(15, "this counts one gap for each tap. There is one gap less than taps.")
zeros_on_the_left.wrong(
    13,
    "this is how many steps the kernel covers, its own step included. That step needs no zero.",
)
zeros_on_the_left.wrong(
    24,
    "this puts zeros on both sides. With those on the right, the layer gives more outputs than steps.",
)


@zeros_on_the_left.another_way
def _():
    """As many as the layer takes away from the length."""
    layer = nn.Conv1d(12, 12, kernel_size=5, dilation=3)
    return 50 - layer(torch.zeros(1, 12, 50)).shape[2]


@exercise(
    "13.4",
    "Repair the leak between the layers",
    because="each layer also computes outputs beyond the end, and the next layer, "
    "or a mean, must find zeros there.",
    hints=(
        "Section 4 has followed the numbers: where does the first number other than 0 appear beyond the end?",
        "The mask has the shape (N, L), and the output of a layer (N, C, L). Which axis has to be put in, "
        "and how many products are needed for two layers?",
    ),
)
def two_layers(x: torch.Tensor, mask: torch.Tensor, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Back to 0 beyond the end after each layer."""
    real = mask[:, None]
    x = torch.relu(F.conv1d(x, first, padding="same")) * real
    return torch.relu(F.conv1d(x, second, padding="same")) * real


@two_layers.tried_on
def _():
    numbers = torch.Generator().manual_seed(12)
    cases = []
    # 3 recordings and 3 channels: there, a mask without the axis of channels runs without an error
    for lengths, channels in (((7, 4), 3), ((6, 2, 5), 3), ((3, 8), 4), ((6,), 3)):
        mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
        x = torch.randn(len(lengths), 2, max(lengths), generator=numbers, dtype=torch.float64) * mask[:, None]
        first = torch.randn(channels, 2, 3, generator=numbers, dtype=torch.float64)
        second = torch.randn(channels, channels, 5, generator=numbers, dtype=torch.float64)
        cases.append((x, mask, first, second))
    return cases


@two_layers.as_given(
    says="lets the second layer read numbers from beyond the end, and returns such numbers itself."
)
def _not_masked(x, mask, first, second):
    x = torch.relu(F.conv1d(x, first, padding="same"))
    return torch.relu(F.conv1d(x, second, padding="same"))


two_layers.wrong(
    lambda x, mask, first, second: _not_masked(x, mask, first, second) * mask[:, None],
    "what comes out is 0 beyond the end. But the second layer has read the first one's numbers from there "
    "before, "
    "so the last real steps are still wrong.",
)


@two_layers.wrong(
    says="the second layer now finds zeros beyond the end. But it computes outputs there, too, "
    "and nothing sets these back to 0."
)
def _(x, mask, first, second):
    x = torch.relu(F.conv1d(x, first, padding="same")) * mask[:, None]
    return torch.relu(F.conv1d(x, second, padding="same"))


@two_layers.wrong(
    says="the places are right. But (N, C, L) times (N, L) lines up the N of the mask with the C: "
    "an error, or, where N equals C, wrong numbers. Put an axis of size 1 in."
)
def _(x, mask, first, second):
    x = torch.relu(F.conv1d(x, first, padding="same")) * mask
    return torch.relu(F.conv1d(x, second, padding="same")) * mask


@two_layers.wrong(says="the masks are right. But the two `relu` are gone, and they belong to the layers.")
def _(x, mask, first, second):
    x = F.conv1d(x, first, padding="same") * mask[:, None]
    return F.conv1d(x, second, padding="same") * mask[:, None]


@two_layers.wrong(says="the masks are right. But the second layer has lost its `relu`.")
def _(x, mask, first, second):
    x = torch.relu(F.conv1d(x, first, padding="same")) * mask[:, None]
    return F.conv1d(x, second, padding="same") * mask[:, None]


@two_layers.wrong(says="the masks are right. But the first layer has lost its `relu`.")
def _(x, mask, first, second):
    x = F.conv1d(x, first, padding="same") * mask[:, None]
    return torch.relu(F.conv1d(x, second, padding="same")) * mask[:, None]


two_layers.wrong(
    lambda x, mask, first, second: two_layers(x, ~mask, first, second),
    "this keeps the padding and throws the recording away. In this mask, True is a real step.",
)


@two_layers.another_way
def _(x, mask, first, second):
    """Send each recording through both layers by itself, without padding to a common length."""
    out = x.new_zeros(len(x), len(second), x.shape[2])
    for n, length in enumerate(mask.sum(dim=1).tolist()):
        once = torch.conv1d(x[n : n + 1, :, :length], first, padding="same").relu()
        out[n : n + 1, :, :length] = torch.conv1d(once, second, padding="same").relu()
    return out
