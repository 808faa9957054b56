"""Exercises of lesson 10: what belongs to the recording, and what may an output have heard?"""

import torch
import torch.nn.functional as F
from torch import nn

from .exercise import Exercise, Mistake


def mean_of_real_steps(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Masked sum, divided by the number of real steps."""
    real = mask[:, None]
    return (x * real).sum(dim=2) / real.sum(dim=2)


def _divided_by_the_box(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    real = mask[:, None]
    return (x * real).mean(dim=2)


def _divided_by_all_steps(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (x * mask[:, None]).sum(dim=2) / mask.sum()


def _divided_by_a_row(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (x * mask[:, None]).sum(dim=2) / mask.sum(dim=1)


def _mask_only_below(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return x.sum(dim=2) / mask[:, None].sum(dim=2)


def last_real_step(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """For each recording, the place of its own last step."""
    last = mask.sum(dim=1) - 1
    return x[torch.arange(len(x)), :, last]


def _every_pair(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return x[:, :, mask.sum(dim=1) - 1]


def _one_too_far(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return x[torch.arange(len(x)), :, mask.sum(dim=1)]


def _padded() -> list[tuple[torch.Tensor, torch.Tensor]]:
    numbers = torch.Generator().manual_seed(11)
    cases = []
    # Beyond the end stands noise, as between two layers. N equals C once; elsewhere C is larger than L, so that
    # a step taken for a channel raises nothing.
    for lengths, channels in (((5, 3), 6), ((2, 6, 4), 3), ((3, 1, 3, 2), 5)):
        x = torch.randn(len(lengths), channels, max(lengths), generator=numbers, dtype=torch.float64)
        cases.append((x, torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]))
    return cases


def zeros_on_the_left() -> int:
    """As many as the layer takes away from the length."""
    layer = nn.Conv1d(12, 12, kernel_size=5, dilation=3)
    return 50 - layer(torch.zeros(1, 12, 50)).shape[2]


def two_layers(x: torch.Tensor, mask: torch.Tensor, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Back to 0 beyond the end after each layer."""
    real = mask[:, None]
    x = torch.relu(F.conv1d(x, first, padding="same")) * real
    return torch.relu(F.conv1d(x, second, padding="same")) * real


def _not_masked(x: torch.Tensor, mask: torch.Tensor, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    x = torch.relu(F.conv1d(x, first, padding="same"))
    return torch.relu(F.conv1d(x, second, padding="same"))


def _masked_at_the_end(
    x: torch.Tensor, mask: torch.Tensor, first: torch.Tensor, second: torch.Tensor
) -> torch.Tensor:
    return _not_masked(x, mask, first, second) * mask[:, None]


def _masked_between(
    x: torch.Tensor, mask: torch.Tensor, first: torch.Tensor, second: torch.Tensor
) -> torch.Tensor:
    x = torch.relu(F.conv1d(x, first, padding="same")) * mask[:, None]
    return torch.relu(F.conv1d(x, second, padding="same"))


def _masked_the_wrong_way_round(
    x: torch.Tensor, mask: torch.Tensor, first: torch.Tensor, second: torch.Tensor
) -> torch.Tensor:
    return two_layers(x, ~mask, first, second)


def _mask_without_channels(
    x: torch.Tensor, mask: torch.Tensor, first: torch.Tensor, second: torch.Tensor
) -> torch.Tensor:
    x = torch.relu(F.conv1d(x, first, padding="same")) * mask
    return torch.relu(F.conv1d(x, second, padding="same")) * mask


def _batches() -> list[tuple[torch.Tensor, ...]]:
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


EXERCISES = (
    Exercise(
        "10.1",
        "Repair the mean",
        mean_of_real_steps,
        "the sum holds the real steps only, and it is divided by how many of them there are, for each recording "
        "apart.",
        (
            "A recording of 3 steps in a box of 5: by which number is its sum divided, and by which should it be?",
            "The mask also counts: its sum along the time is the number of real steps of each recording.",
        ),
        (
            Mistake(
                lambda x, mask: x.mean(dim=2),
                "the mask is gone altogether. What stands beyond the end must count neither in the sum nor in the "
                "number of steps.",
            ),
            Mistake(
                _divided_by_all_steps,
                "this divides by the real steps of the whole batch. Each recording has a length of its own.",
            ),
            Mistake(
                _divided_by_a_row,
                "the idea is right, but (N, C) is divided by (N,). Torch lines up the last axes: it takes the "
                "N for "
                "the C, which fails, or goes wrong without an error where N equals C. Keep an axis of size 1.",
            ),
            Mistake(
                _mask_only_below,
                "the number of steps is right. But the sum now holds what stands beyond the end as well, and "
                "behind "
                "a layer that is not 0.",
            ),
        ),
        cases=_padded,
        given=Mistake(
            _divided_by_the_box,
            "masks the sum, and then divides by the length of the box, not of the recording.",
        ),
    ),
    Exercise(
        "10.2",
        "The last real step",
        last_real_step,
        "each recording is asked at its own last step, and the axis of recordings is indexed together with that "
        "of time.",
        (
            "In the mask, count the real steps of each recording. At which index does the last of them stand, if "
            "the first is 0?",
            "Two index tensors of the same length go through the recordings in pairs: one says which recording, "
            "the other says which step. Section 10 does so when the sound comes in.",
        ),
        (
            Mistake(
                lambda x, mask: x[:, :, -1],
                "this is the last step of the box. For a short recording it is padding.",
            ),
            Mistake(
                _one_too_far,
                "a recording of 3 steps has the steps 0, 1 and 2. This reads one step beyond the end.",
            ),
            Mistake(
                _every_pair,
                "this asks each recording at the last steps of all recordings: the result has N columns too many. "
                "Index the recordings, too.",
            ),
            Mistake(
                lambda x, mask: x[torch.arange(len(x)), mask.sum(dim=1) - 1],
                "the steps are right, but they are looked up on axis 1, which holds the channels. Time is axis 2.",
            ),
            Mistake(
                lambda x, mask: x[:, :, 0],
                "this is the first step. A causal network has heard the least there.",
            ),
            Mistake(
                mean_of_real_steps,
                "this is the mean of the real steps. Asked for is one of them, the last.",
            ),
            Mistake(
                lambda x, mask: x[:, :, mask.sum(dim=1).min() - 1],
                "this is one step for all of them, the last of the shortest recording. Each has an end of its "
                "own.",
            ),
        ),
        cases=_padded,
    ),
    Exercise(
        "10.3",
        "Zeros on the left",
        zeros_on_the_left,
        "the five taps lie three steps apart, so the first lies 4 · 3 = 12 steps before the last, and the last "
        "must lie on the output's own step.",
        (
            "Draw the taps of one kernel on a line of steps. How far is the first tap from the last?",
            "Between 5 taps there are 4 gaps. Section 9 says how wide each gap is.",
        ),
        (
            Mistake(4, "this is right for dilation 1. Here the taps lie further apart."),
            Mistake(
                6,
                "this is what `padding='same'` puts on each side. A causal layer puts the zeros of both sides on "
                "the left.",
            ),
            Mistake(
                15,
                "this counts one gap for each tap. There is one gap less than taps.",
            ),
            Mistake(
                13,
                "this is how many steps the kernel covers, its own step included. That step needs no zero.",
            ),
            Mistake(
                24,
                "this puts zeros on both sides. With those on the right, the layer gives more outputs than steps.",
            ),
        ),
    ),
    Exercise(
        "10.4",
        "Repair the leak between the layers",
        two_layers,
        "each layer also computes outputs beyond the end, and the next layer, or a mean, must find zeros there.",
        (
            "Section 4 has followed the numbers: where does the first number other than 0 appear beyond the end?",
            "The mask has the shape (N, L), and the output of a layer (N, C, L). Which axis has to be put in, and "
            "how many products are needed for two layers?",
        ),
        (
            Mistake(
                _masked_at_the_end,
                "what comes out is 0 beyond the end. But the second layer has read the first one's numbers from "
                "there before, so the last real steps are still wrong.",
            ),
            Mistake(
                _masked_between,
                "the second layer now finds zeros beyond the end. But it computes outputs there, too, and nothing "
                "sets these back to 0.",
            ),
            Mistake(
                _mask_without_channels,
                "the places are right. But (N, C, L) times (N, L) lines up the N of the mask with the C: an "
                "error, "
                "or, where N equals C, wrong numbers. Put an axis of size 1 in.",
            ),
            Mistake(
                _masked_the_wrong_way_round,
                "this keeps the padding and throws the recording away. In this mask, True is a real step.",
            ),
        ),
        cases=_batches,
        given=Mistake(
            _not_masked,
            "lets the second layer read numbers from beyond the end, and returns such numbers itself.",
        ),
    ),
)
