"""Exercises of lesson 10: what belongs to the recording, and what may an output have heard?"""

import torch
import torch.nn.functional as F
from torch import nn

from ..arithmetic import Conv1dSpec, receptive_field
from .exercise import exercise


@exercise(
    "10.1",
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
    for lengths, channels in (((5, 3), 6), ((2, 6, 4), 3), ((3, 1, 3, 2), 5)):
        x = torch.randn(len(lengths), channels, max(lengths), generator=numbers, dtype=torch.float64)
        cases.append((x, torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]))
    return cases


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
mean_of_real_steps.another_way(lambda x, mask: torch.stack([x[n, :, mask[n]].mean(dim=1) for n in range(len(x))]))


@exercise(
    "10.2",
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
last_real_step.wrong(mean_of_real_steps, "this is the mean of the real steps. Asked for is one of them, the last.")
last_real_step.wrong(
    lambda x, mask: x[:, :, mask.sum(dim=1).min() - 1],
    "this is one step for all of them, the last of the shortest recording. Each has an end of its own.",
)
last_real_step.another_way(lambda x, mask: torch.stack([x[n, :, mask[n]][:, -1] for n in range(len(x))]))


@exercise(
    "10.3",
    "Zeros on the left",
    because="the five taps lie three steps apart, so the first lies 4 · 3 = 12 steps before the last, "
    "and the last must lie on the output's own step.",
    hints=(
        "Draw the taps of one kernel on a line of steps. How far is the first tap from the last?",
        "Between 5 taps there are 4 gaps. Section 9 says how wide each gap is.",
    ),
)
def zeros_on_the_left() -> int:
    """As many as the layer takes away from the length."""
    layer = nn.Conv1d(12, 12, kernel_size=5, dilation=3)
    return 50 - layer(torch.zeros(1, 12, 50)).shape[2]


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
zeros_on_the_left.another_way(lambda: receptive_field([Conv1dSpec(12, 12, 5, dilation=3)]) - 1)


@exercise(
    "10.4",
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
    for lengths, channels in (((7, 4), 3), ((6, 2, 5), 3), ((3, 8), 4)):
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
    "what comes out is 0 beyond the end. But the second layer has read the first one's numbers from there before, "
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
