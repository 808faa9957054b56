"""Exercises of lesson 13: what belongs to the recording, and what may an output have heard?"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

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
    "13.d",
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
    "13.e",
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


@exercise(
    "13.3",
    "Back to recordings",
    because="the two shares are 365 and 367 of the 370 recordings.",
    hints=(
        "How many recordings are a share of 0.992? How many are 0.986?",
        "A share times the number of recordings is a number of recordings, and it is whole.",
    ),
)
def recordings_between() -> int:
    """Back from shares to recordings."""
    better, worse = round(0.992 * 370), round(0.986 * 370)
    return better - worse


recordings_between.wrong(6, "this is for 1000 recordings. The test part has fewer.")
recordings_between.wrong(1, "one recording is 1 / 370, a little less than half of that.")
recordings_between.wrong(3, "these are the wrong answers of the better one.")
recordings_between.wrong(5, "these are the wrong answers of the worse one.")
recordings_between.wrong(
    367, "these are the right answers of the better one. Asked for is how far apart they are."
)


@recordings_between.another_way
def _():
    """Count the recordings one by one."""
    shares = torch.arange(371) / 370
    return int(((shares > 0.9875) & (shares < 0.9925)).sum())


@exercise(
    "13.4",
    "The last real step",
    because="each recording is asked at its own last step, "
    "and the axis of recordings is indexed together with that of time.",
    hints=(
        "In the mask, count the real steps of each recording. "
        "At which index does the last of them stand, if the first is 0?",
        "Two index tensors of the same length go through the recordings in pairs: one says which recording, "
        "the other says which step. So one index picks from each recording its own step.",
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
last_real_step.wrong(
    mean_of_real_steps,
    "this is the mean of the real steps. Asked for is one of them, the last.",
)
last_real_step.wrong(
    lambda x, mask: x[:, :, mask.sum(dim=1).min() - 1],
    "this is one step for all of them, the last of the shortest recording. Each has an end of its own.",
)
last_real_step.another_way(lambda x, mask: torch.stack([x[n, :, mask[n]][:, -1] for n in range(len(x))]))


mean_of_real_steps.wrong(
    lambda x, mask: last_real_step(x, mask),
    "this is the last real step alone. Asked for is the mean of all real steps.",
)


@exercise(
    "13.5",
    "A norm of real steps",
    because="mean and spread are sums over the real steps, divided by how many there are, "
    "and what is padded is 0 again.",
    hints=(
        "By which number is the sum divided in a mean over the box, and by which should it be?",
        "The spread is the root of the mean square distance. Where is a padded step, once the mean is subtracted?",
    ),
)
def norm_of_real_steps(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Sums over the real steps of the whole batch, divided by their number."""
    real = mask[:, None]
    mean = (x * real).sum(dim=(0, 2), keepdim=True) / real.sum()
    distance = (x - mean) * real  # 0 beyond the end
    spread = (distance.square().sum(dim=(0, 2), keepdim=True) / real.sum()).sqrt()
    return distance / spread


@norm_of_real_steps.tried_on
def _():
    numbers = torch.Generator().manual_seed(135)
    cases = []
    for lengths, channels in (((5, 3), 6), ((2, 6, 4), 3), ((3, 1, 3, 2), 5), ((4,), 2), ((2, 3), 1)):
        x = 3 + torch.randn(len(lengths), channels, max(lengths), generator=numbers, dtype=torch.float64)
        cases.append((x, torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]))
    return cases


@norm_of_real_steps.as_given(says="takes mean and spread over all steps of the box, the padded ones too.")
def _(x, mask):
    x = x * mask[:, None]
    mean = x.mean(dim=(0, 2), keepdim=True)
    spread = x.std(dim=(0, 2), keepdim=True, correction=0)
    return (x - mean) / spread * mask[:, None]


@norm_of_real_steps.wrong(says="the real steps are right. But beyond the end there are numbers other than 0.")
def _(x, mask):
    real = mask[:, None]
    mean = (x * real).sum(dim=(0, 2), keepdim=True) / real.sum()
    spread = (((x - mean) * real).square().sum(dim=(0, 2), keepdim=True) / real.sum()).sqrt()
    return (x * real - mean) / spread


@norm_of_real_steps.wrong(says="the mean is that of the real steps. But the spread still counts the padded ones.")
def _(x, mask):
    real = mask[:, None]
    mean = (x * real).sum(dim=(0, 2), keepdim=True) / real.sum()
    return (x - mean) * real / (x * real).std(dim=(0, 2), keepdim=True, correction=0)


@norm_of_real_steps.wrong(says="the mean is that of the real steps. But the squares are divided by the whole box.")
def _(x, mask):
    real = mask[:, None]
    mean = (x * real).sum(dim=(0, 2), keepdim=True) / real.sum()
    distance = (x - mean) * real
    return distance / distance.square().mean(dim=(0, 2), keepdim=True).sqrt()


@norm_of_real_steps.wrong(
    says="this takes mean and spread of each recording. A batch norm takes them over all recordings together."
)
def _(x, mask):
    real = mask[:, None]
    mean = (x * real).sum(dim=2, keepdim=True) / real.sum(dim=2, keepdim=True)
    distance = (x - mean) * real
    return distance / (distance.square().sum(dim=2, keepdim=True) / real.sum(dim=2, keepdim=True)).sqrt()


@norm_of_real_steps.wrong(says="the mean is subtracted. But nothing is divided by the spread.")
def _(x, mask):
    real = mask[:, None]
    return (x - (x * real).sum(dim=(0, 2), keepdim=True) / real.sum()) * real


@norm_of_real_steps.wrong(says="this divides by the variance. The spread is its root.")
def _(x, mask):
    real = mask[:, None]
    distance = (x - (x * real).sum(dim=(0, 2), keepdim=True) / real.sum()) * real
    return distance / (distance.square().sum(dim=(0, 2), keepdim=True) / real.sum())


norm_of_real_steps.wrong(
    lambda x, mask: F.batch_norm(x * mask[:, None], None, None, training=True),
    "this is the batch norm of torch, which counts the padded steps.",
)


@norm_of_real_steps.also_right
def _(x, mask):
    """With n − 1, as `std` divides unless it is told otherwise."""
    real = mask[:, None]
    distance = (x - (x * real).sum(dim=(0, 2), keepdim=True) / real.sum()) * real
    return distance / (distance.square().sum(dim=(0, 2), keepdim=True) / (real.sum() - 1)).sqrt()


@norm_of_real_steps.another_way
def _(x, mask):
    """Take the real steps out, scale them, and put them back."""
    steps = x.transpose(1, 2)[mask]  # (all real steps, C)
    y = torch.zeros_like(x.transpose(1, 2))
    y[mask] = (steps - steps.mean(dim=0)) / steps.std(dim=0, correction=0)
    return y.transpose(1, 2)


@exercise(
    "13.6",
    "Another microphone",
    because="each recording and channel has one number, the same at all of its real steps, "
    "and padding stays what it was.",
    hints=(
        "`x` has three axes and `offsets` two. Which axis is missing, and where does it stand?",
        "What is to be added at a padded step? The mask can turn a number into that.",
    ),
)
def shifted(x: torch.Tensor, mask: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
    """One number per recording and channel, at the real steps."""
    return x + offsets[:, :, None] * mask[:, None]


@shifted.tried_on
def _shifts():
    numbers = torch.Generator().manual_seed(36)
    cases = []
    for lengths, channels in (
        ([5, 3, 4], 2),
        ([6, 2], 3),
        ([4, 4, 1, 3], 5),
        ([7], 2),
        ([3, 5, 2], 1),
        ([4, 2, 3, 1], 4),
    ):
        mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
        x = torch.randn(len(lengths), channels, max(lengths), generator=numbers, dtype=torch.float64)
        offsets = torch.randn(len(lengths), channels, generator=numbers, dtype=torch.float64)
        cases.append((x * mask[:, None], mask, offsets))
    return cases


shifted.wrong(
    lambda x, mask, offsets: x + offsets[:, :, None],
    "the real steps are right. But the padded steps are 0 no more: the shift has filled them.",
)
shifted.wrong(
    lambda x, mask, offsets: x + offsets.mean(dim=1)[:, None, None] * mask[:, None],
    "this adds one number to all channels of a recording. Each channel has its own.",
)
shifted.wrong(
    lambda x, mask, offsets: x + offsets[:1, :, None] * mask[:, None],
    "this adds the numbers of the first recording to all of them.",
)
shifted.wrong(
    lambda x, mask, offsets: x * offsets[:, :, None] * mask[:, None],
    "this multiplies. Asked for is a sum.",
)
shifted.wrong(
    lambda x, mask, offsets: x - offsets[:, :, None] * mask[:, None],
    "this takes the numbers away. They are to be added.",
)
shifted.wrong(
    lambda x, mask, offsets: offsets[:, :, None] * mask[:, None],
    "this is what is to be added. The recording itself is gone.",
)
shifted.wrong(
    lambda x, mask, offsets: x + offsets[:, :, None] * ~mask[:, None],
    "this fills the padding, and leaves the real steps as they were.",
)


@shifted.another_way
def _(x, mask, offsets):
    """One recording after the other."""
    x = x.clone()
    for recording, real, numbers in zip(x, mask, offsets, strict=True):
        recording[:, real] += numbers[:, None]
    return x


@exercise(
    "13.7",
    "Shares of each row",
    because="each row is divided by its own sum, and `keepdims=True` or a new axis keeps the sums in a column.",
    hints=(
        "Which axis goes along a row? Check a row of your result: what does it add up to?",
        "Sums of shape (9,) are lined up with the last axis, the columns. Which shape stands beside the rows?",
    ),
)
def row_shares(counts: np.ndarray) -> np.ndarray:
    """The sums stay a column."""
    return counts / counts.sum(axis=1, keepdims=True)


@row_shares.tried_on
def _counts():
    numbers = np.random.default_rng(13)
    # The largest number of a row stands on the diagonal in some rows only.
    return [(numbers.integers(1, 30, (n, n)) + np.diag(numbers.integers(0, 20, n)),) for n in (3, 9, 4)]


row_shares.wrong(
    lambda counts: counts / counts.sum(axis=1),
    "these are the sums of the rows, but lined up with the columns: each column is divided by the sum of another "
    "axis. A square matrix raises no error there.",
)
row_shares.wrong(
    lambda counts: counts / counts.sum(axis=0, keepdims=True),
    "here each column adds up to 1. This says who hides behind an answer, not what becomes of a speaker.",
)
row_shares.wrong(
    lambda counts: counts / counts.sum(), "these are shares of all recordings. Each row is to add up to 1."
)
row_shares.wrong(
    lambda counts: counts / counts.max(axis=1, keepdims=True),
    "this divides by the largest number of the row. What do all numbers of a row add up to?",
)
row_shares.wrong(
    lambda counts: counts / counts.diagonal()[:, None],
    "this divides by the right answers. Divide by all answers of the row.",
)
row_shares.wrong(
    lambda counts: counts.diagonal() / counts.sum(axis=1),
    "these are the right answers alone, one share for each speaker. Asked for is the whole matrix.",
)
row_shares.wrong(
    lambda counts: (counts / counts.sum(axis=1, keepdims=True)).T,
    "the shares are right, but rows and columns have changed places.",
)
row_shares.wrong(
    lambda counts: 100 * counts / counts.sum(axis=1, keepdims=True),
    "these are percent. Asked for are shares, which add up to 1 in each row.",
)
row_shares.another_way(lambda counts: (counts.T / counts.T.sum(axis=0)).T)
