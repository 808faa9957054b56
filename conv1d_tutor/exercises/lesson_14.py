"""Exercises of lesson 14: what becomes of a long recording, cut into windows, judged, and heard piece by piece?"""

import numpy as np
import pandas as pd
import torch
from torch import nn

from ..datasets import load_long_motions
from .exercise import exercise
from .prediction import prediction


@prediction(
    "14.a",
    "A recording has 800 steps. Windows of 20 steps are cut from it, and one begins every 5 steps. "
    "How many windows are there?",
    because="the first begins at 0 and the last at 780: 780/5 moves, and one window before the first move.",
)
def number_of_windows() -> int:
    return len(range(0, 800 - 20 + 1, 5))


number_of_windows.wrong(160, "this is 800/5. The last of these windows would hang over the end.")
number_of_windows.wrong(156, "this counts the moves. A window stands somewhere before the first move.")
number_of_windows.wrong(40, "these windows would not overlap: one would begin every 20 steps.")


@prediction(
    "14.b",
    "`signal` is (6, 800). Which shape has `signal.unfold(1, 20, 5)`?",
    because="the axis of 800 becomes the windows, where it stood, and what each window holds is a new last axis.",
)
def shape_of_unfolded() -> torch.Size:
    return torch.empty(6, 800).unfold(1, 20, 5).shape


shape_of_unfolded.wrong(
    (157, 6, 20), "this is what Conv1d is to get. `unfold` leaves the channels where they are."
)
shape_of_unfolded.wrong((6, 20, 157), "the axes are the right ones. What a window holds is the last of them.")
shape_of_unfolded.wrong((6, 157, 5), "5 is how far the windows move on. Each holds 20 steps.")


@prediction(
    "14.c",
    "Windows hold 20 steps and begin every 5. "
    "How many *other* windows share steps with one in the middle of a recording?",
    because="those that begin 5, 10 or 15 steps before it and after it still touch it.",
)
def windows_that_share() -> int:
    begins = range(0, 800, 5)
    return sum(0 < abs(begin - 400) < 20 for begin in begins)


windows_that_share.wrong(3, "this is one side. Others begin before it and reach into it.")
windows_that_share.wrong(4, "this is in how many windows a single step lies. A window has 20 of them.")
windows_that_share.wrong(8, "those that begin exactly 20 steps away touch it and share no step.")
windows_that_share.wrong(2, "these are the next ones. Windows that begin further away reach into it, too.")


@prediction(
    "14.d",
    "Each stretch gets a label by the toss of a coin, so there is nothing to learn. Half of the windows, drawn at "
    "random, are for training. How many test windows does the nearest neighbour get right?",
    because="a window's nearest neighbour is often one of its own stretch, "
    "and windows of one stretch have the same coin.",
    options=("about half", "about three quarters", "all of them"),
)
def coins_guessed() -> str:
    signals = torch.from_numpy(load_long_motions().signals)
    scaled = (signals - signals.mean(dim=(0, 2), keepdim=True)) / signals.std(dim=(0, 2), keepdim=True)
    parts = scaled.unfold(2, 100, 100).unfold(3, 20, 5)  # (recordings, channels, stretches, windows, steps)
    parts = parts.permute(0, 2, 3, 1, 4).reshape(-1, 6, 20)
    table = torch.cat([parts.mean(dim=2), parts.std(dim=2)], dim=1)
    random = torch.Generator().manual_seed(0)
    coin = torch.randint(2, (80,), generator=random).repeat_interleave(17)
    train, test = torch.randperm(len(table), generator=random).chunk(2)
    nearest = train[torch.cdist(table[test], table[train]).argmin(dim=1)]
    right = (coin[nearest] == coin[test]).double().mean().item()
    return "all of them" if right > 0.95 else "about three quarters" if right > 0.65 else "about half"


coins_guessed.wrong("about half", "so it should be, and so it is where no recording is on both sides.")
coins_guessed.wrong("all of them", "not each nearest neighbour is of the same stretch. But many are.")


@prediction(
    "14.e",
    "A network with Dropout is in `train()` mode. The same batch goes through it twice. "
    "Are the two results equal?",
    because="Dropout throws other numbers away each time.",
    options=("yes", "no"),
)
def twice_the_same() -> str:
    dropout, x = nn.Dropout(0.5).train(), torch.ones(1000)
    return "yes" if torch.equal(dropout(x), dropout(x)) else "no"


twice_the_same.wrong("yes", "weights and batch are the same. But one layer tosses coins.")


@prediction(
    "14.f",
    "Three windows of one stretch have the logits (0, 1), (0, 1) and (9, 0) for the classes 0 and 1. "
    "Two ways: count which class wins most windows, or take the mean of the logits first. What do they say?",
    because="class 1 wins two windows of three, and the means are (3, 0.67).",
    options=("both say 0", "both say 1", "count 1, mean 0", "count 0, mean 1"),
)
def two_ways_to_decide() -> str:
    logits = torch.tensor([[0.0, 1], [0, 1], [9, 0]])
    count, mean = int(logits.argmax(dim=1).mode().values), int(logits.mean(dim=0).argmax())
    return f"both say {count}" if count == mean else f"count {count}, mean {mean}"


two_ways_to_decide.wrong("both say 0", "class 0 has the largest logit. But in how many windows does it win?")
two_ways_to_decide.wrong("both say 1", "class 1 wins most windows. Now add the logits of each class up.")
two_ways_to_decide.wrong("count 0, mean 1", "it is the other way round: count the windows that each class wins.")


@prediction(
    "14.g",
    "`nn.BatchNorm1d(16)` learns 16 factors and 16 shifts. How many tensors are in its `state_dict()`?",
    because="there are the factors and the shifts, the mean and the variance that it has collected, "
    "and a count of the batches.",
)
def tensors_of_a_batch_norm() -> int:
    return len(nn.BatchNorm1d(16).state_dict())


tensors_of_a_batch_norm.wrong(2, "these are the ones that the optimizer trains. It also collects some on its way.")
tensors_of_a_batch_norm.wrong(4, "one more: it also counts how many batches it has seen.")
tensors_of_a_batch_norm.wrong(32, "these are the numbers that it learns. Asked for are tensors.")


@exercise(
    "14.1",
    "Windows of a batch",
    because="the axes of recordings and windows stand side by side before they become one, "
    "and the channels stay in front of the time.",
    hints=(
        "Which four axes does `x.unfold(2, size, hop)` have, in which order?",
        "Only axes that stand side by side can be made one by a reshape. Which one stands between? "
        "Turn first, then reshape.",
    ),
)
def windows_of_batch(x: torch.Tensor, size: int, hop: int) -> torch.Tensor:
    """Turn, then make recordings and windows one axis."""
    windows = x.unfold(2, size, hop)  # (recordings, channels, windows, size)
    return windows.permute(0, 2, 1, 3).reshape(-1, x.shape[1], size)


@windows_of_batch.tried_on
def _():
    numbers = torch.Generator().manual_seed(21)
    shapes = ((2, 3, 12, 4, 2), (3, 2, 11, 5, 3), (1, 4, 9, 3, 3), (4, 3, 10, 4, 1), (2, 1, 8, 4, 2))
    return [
        (torch.randn(*shape, generator=numbers, dtype=torch.float64), size, hop) for *shape, size, hop in shapes
    ]


@windows_of_batch.as_given(says="makes windows in which the numbers of different channels or times are mixed.")
def _(x, size, hop):
    windows = x.unfold(2, size, hop)
    return windows.reshape(-1, x.shape[1], size)


windows_of_batch.wrong(
    lambda x, size, hop: x.unfold(2, size, hop).permute(0, 2, 1, 3),
    "the order of the axes is right. Recordings and windows are still two axes, and Conv1d reads three.",
)
windows_of_batch.wrong(
    lambda x, size, hop: x.unfold(2, size, hop).permute(2, 0, 1, 3).reshape(-1, x.shape[1], size),
    "each window is right, but they are in another order: first of all recordings the first window. "
    "Keep the windows of a recording together.",
)
windows_of_batch.wrong(
    lambda x, size, hop: x.unfold(2, size, size).permute(0, 2, 1, 3).reshape(-1, x.shape[1], size),
    "these windows do not overlap: the last number of `unfold` says how far it moves on.",
)
windows_of_batch.wrong(
    lambda x, size, hop: x.unfold(2, size, hop).permute(0, 2, 3, 1).reshape(-1, size, x.shape[1]),
    "these windows are (N, time, channels). Conv1d reads the channels first.",
)
windows_of_batch.another_way(
    lambda x, size, hop: torch.stack(
        [one[:, at : at + size] for one in x for at in range(0, x.shape[2] - size + 1, hop)]
    )
)


@exercise(
    "14.2",
    "One answer for each stretch",
    because="the logits of each stretch are averaged by themselves, and the largest mean wins.",
    hints=(
        "`logits[owner == 0]` are the logits of the windows that belong to stretch 0.",
        "The mean over the windows comes first, and it leaves one number for each class. "
        "Which class has the largest?",
    ),
)
def decide(logits: torch.Tensor, owner: torch.Tensor) -> torch.Tensor:
    """Mean over the windows of each stretch, then the largest."""
    means = [logits[owner == stretch].mean(dim=0) for stretch in range(int(owner.max()) + 1)]
    return torch.stack(means).argmax(dim=1)


@decide.tried_on
def _():
    # The first one: counting, the mean of logits and that of probabilities say different things.
    logits = [[0.0, 1, 0], [0, 1, 0], [9, 0, 0], [0, 0, 3], [2, 0, 0], [2, 0, 0], [-9, 0, 0], [1, 0, 2]]
    cases = [(torch.tensor(logits, dtype=torch.float64), torch.tensor([0, 0, 0, 1, 2, 2, 2, 3]))]
    numbers = torch.Generator().manual_seed(22)
    for owner, classes in (([0, 0, 0, 0, 1, 1, 2], 4), ([1, 0, 2, 1, 0, 2, 1, 3, 4], 3), ([2, 1, 0, 0], 5)):
        random = torch.randn(len(owner), classes, generator=numbers, dtype=torch.float64)
        cases.append((3 * random, torch.tensor(owner)))
    return cases


decide.wrong(
    lambda logits, owner: logits.argmax(dim=1),
    "this is one answer for each window. Asked for is one for each stretch.",
)
decide.wrong(
    lambda logits, owner: torch.stack([logits[owner == s].argmax(dim=1).mode().values for s in owner.unique()]),
    "this counts in how many windows each class wins. Asked for is the mean of the logits.",
)
decide.wrong(
    lambda logits, owner: torch.stack(
        [logits[owner == s].softmax(dim=1).mean(dim=0) for s in owner.unique()]
    ).argmax(dim=1),
    "this is the mean of the probabilities. Asked for is that of the logits.",
)
decide.wrong(
    lambda logits, owner: torch.stack([logits[owner == s].mean(dim=0) for s in owner.unique()]),
    "these are the means, one for each stretch and class. Now say which class has the largest.",
)
decide.wrong(
    lambda logits, owner: torch.stack([logits[owner == s][0] for s in owner.unique()]).argmax(dim=1),
    "this asks the first window of each stretch only.",
)
decide.wrong(
    lambda logits, owner: torch.stack([logits[owner == s].amax(dim=0) for s in owner.unique()]).argmax(dim=1),
    "this takes the largest logit of any window. One window that is very sure decides alone.",
)
decide.another_way(
    lambda logits, owner: (
        torch.zeros(int(owner.max()) + 1, logits.shape[1], dtype=logits.dtype)
        .index_reduce(0, owner, logits, "mean", include_self=False)
        .argmax(dim=1)
    )
)


@exercise(
    "14.3",
    "How late the answer is",
    because="windows begin at multiples of 5, the first at or after step 303 at 305, and it ends 20 steps later.",
    hints=(
        "At which steps do windows begin? Which is the first that begins no earlier than the new activity?",
        "An answer comes when its window has ended, one window after it has begun.",
    ),
)
def steps_until_the_new_alone() -> int:
    """The first window that begins late enough, and its end."""
    begin = 0
    while begin < 303:  # such a window still holds the old activity
        begin += 5
    return begin + 20


steps_until_the_new_alone.wrong(323, "this would be so if a window began at every step. One begins every 5.")
steps_until_the_new_alone.wrong(320, "this window holds the steps 300 to 319, and three of them are old.")
steps_until_the_new_alone.wrong(305, "here the window begins. The answer comes when it has ended.")
steps_until_the_new_alone.wrong(22, "this is how long it takes from the change on. Asked for is the step.")
steps_until_the_new_alone.wrong(308, "this is one hop after the change. The window is longer than a hop.")
steps_until_the_new_alone.wrong(340, "this lets windows begin every 20 steps. One begins every 5.")


@steps_until_the_new_alone.another_way
def _():
    """Look into all windows."""
    windows = (torch.arange(800) >= 303).unfold(0, 20, 5)
    first = int(windows.all(dim=1).nonzero()[0])
    return first * 5 + 20


@exercise(
    "14.4",
    "Split by recording",
    because="a window goes where its recording goes, so that no recording has windows in both parts.",
    hints=(
        "Windows of one recording share steps. What may never happen to two of them?",
        "Ask for each window whether its recording is one of `held_out`. `torch.isin` answers for all at once.",
    ),
)
def split(recording: torch.Tensor, held_out: torch.Tensor) -> tuple:
    """Ask each window for its recording."""
    test = torch.isin(recording, held_out)
    return (~test).nonzero().flatten(), test.nonzero().flatten()


@split.tried_on
def _():
    return [
        (torch.tensor([0, 0, 0, 1, 1, 2, 2, 2, 3, 3]), torch.tensor([1, 3])),
        (torch.tensor([2, 0, 1, 2, 0, 1, 2, 0, 1]), torch.tensor([2])),
        (torch.tensor([4, 4, 1, 1, 1, 7, 7, 0]), torch.tensor([7, 4])),
        (torch.tensor([0, 0, 1, 1, 1, 1]), torch.tensor([0])),
    ]


@split.as_given(says="takes the last fifth of all windows, whichever recording they come from.")
def _(recording, held_out):
    windows = torch.arange(len(recording))
    cut = int(0.8 * len(windows))
    return windows[:cut], windows[cut:]


split.wrong(
    lambda recording, held_out: split(recording, held_out)[::-1],
    "the two parts have changed places: the recordings held out are the test part, which comes second.",
)
split.wrong(
    lambda recording, held_out: ((~torch.isin(recording, held_out)), torch.isin(recording, held_out)),
    "these say for each window whether it belongs. Asked for are the numbers of the windows.",
)
split.wrong(
    lambda recording, held_out: (
        recording[~torch.isin(recording, held_out)],
        recording[torch.isin(recording, held_out)],
    ),
    "these are the recordings of the windows. Asked for are the numbers of the windows.",
)
split.wrong(
    lambda recording, held_out: (
        (recording != held_out[0]).nonzero().flatten(),
        (recording == held_out[0]).nonzero().flatten(),
    ),
    "this holds out the first of the recordings only. There may be several.",
)
split.wrong(
    lambda recording, held_out: (
        torch.arange(len(recording)),
        torch.isin(recording, held_out).nonzero().flatten(),
    ),
    "the test part is right. But its windows are in the training part, too.",
)
split.wrong(
    lambda recording, held_out: split(torch.arange(len(recording)), held_out),
    "`held_out` names recordings. This takes them for the numbers of windows.",
)


@split.another_way
def _(recording, held_out):
    """One window after the other."""
    test = [n for n, one in enumerate(recording.tolist()) if one in held_out.tolist()]
    train = [n for n in range(len(recording)) if n not in test]
    return torch.tensor(train), torch.tensor(test)


@exercise(
    "14.5",
    "How many windows",
    because="from the first begin to the last possible one there are 936 steps, "
    "which hold 58 whole hops, and the first window needs no hop.",
    hints=(
        "At which step can the last window begin, if it must end inside the recording?",
        "These are the places of a kernel: the length formula of lesson 05, "
        "with a window for the kernel and a hop for the stride.",
    ),
)
def windows_that_fit() -> int:
    """Whole hops to the last possible begin, and the first window."""
    last_begin = 1000 - 64
    return last_begin // 16 + 1


windows_that_fit.wrong(58, "these are the hops between windows. The first window needs no hop.")
windows_that_fit.wrong(60, "this rounds up. The last window would reach beyond the end.")
windows_that_fit.wrong(62, "this lets windows begin until the end of the recording. They must also fit in.")
windows_that_fit.wrong(15, "this is for windows that share no step. They begin every 16 steps.")
windows_that_fit.wrong(937, "this is with a hop of 1.")


@windows_that_fit.another_way
def _():
    return torch.zeros(1000).unfold(0, 64, 16).shape[0]


@exercise(
    "14.6",
    "One label for each window",
    because="each window is asked for the label that most of its steps have, in the order of time.",
    hints=(
        "Cut the labels as the signals were cut. Which axis then goes through the steps of a window?",
        "`mode(dim=…)` gives the most frequent value along an axis, as `.values`.",
    ),
)
def labels_of_windows(y: torch.Tensor, size: int, hop: int) -> torch.Tensor:
    """Cut the labels, take the most frequent, and make recordings and windows one axis."""
    return y.unfold(1, size, hop).mode(dim=2).values.reshape(-1)


@labels_of_windows.tried_on
def _():
    # Sizes are odd and a window holds at most two labels, so that none is as frequent as another.
    first = torch.tensor([0, 0, 0, 0, 0, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1, 1])
    second = torch.tensor([2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 3, 3, 3])
    both = torch.stack([first, second])
    return [
        (both, 5, 2),
        (both, 3, 1),
        (first[None], 5, 3),
        (second[None], 5, 5),
        (torch.cat([both, both + 1]), 5, 4),
    ]


labels_of_windows.wrong(
    lambda y, size, hop: y.unfold(1, size, hop)[:, :, 0].reshape(-1),
    "this is the label of the first step of each window. Most of its steps may have another.",
)
labels_of_windows.wrong(
    lambda y, size, hop: y.unfold(1, size, hop)[:, :, -1].reshape(-1),
    "this is the label of the last step of each window. Most of its steps may have another.",
)
labels_of_windows.wrong(
    lambda y, size, hop: y.unfold(1, size, hop).float().mean(dim=2).round().long().reshape(-1),
    "this is a mean of labels. Labels are names: between 0 and 3 lies no 2.",
)
labels_of_windows.wrong(
    lambda y, size, hop: y.unfold(1, size, hop).amax(dim=2).reshape(-1),
    "this is the largest label in each window. The numbers of classes have no order.",
)
labels_of_windows.wrong(
    lambda y, size, hop: y.unfold(1, size, hop).mode(dim=2).values,
    "the labels are right. But recordings and windows are still two axes, and each window wants one label.",
)
labels_of_windows.wrong(
    lambda y, size, hop: y.unfold(1, size, hop).mode(dim=2).values.T.reshape(-1),
    "each label is right, but they are in another order: first of all recordings the first window.",
)
labels_of_windows.wrong(
    lambda y, size, hop: y.unfold(1, size, hop).mode(dim=1).values.reshape(-1),
    "this looks along the windows. Axis 2 goes through the steps of one window.",
)


@labels_of_windows.another_way
def _(y, size, hop):
    """Count each window by itself."""
    found = []
    for recording in y:
        for at in range(0, len(recording) - size + 1, hop):
            found.append(torch.bincount(recording[at : at + size]).argmax())
    return torch.stack(found)


@exercise(
    "14.7",
    "Which columns are channels",
    because="time and label are not measured signals, the other four columns are, and `.T` puts them first.",
    hints=(
        "Which of the six columns would you plot over time as a signal?",
        "`rows` has one row a step. What does `.T` do to its two axes?",
    ),
)
def shape_of_own_file() -> torch.Size:
    """Read such a file, as the section does."""
    names = ["time", "accel_x", "accel_y", "accel_z", "pulse", "label"]
    table = pd.DataFrame(np.zeros((9000, 6)), columns=names)
    columns = [name for name in names if name not in ("time", "label")]  # what was measured
    rows = table[columns].to_numpy(np.float32)  # (L, C)
    return torch.tensor(rows).T.shape


shape_of_own_file.wrong((6, 9000), "this takes all columns. Two of them are no signals that the watch measured.")
shape_of_own_file.wrong(
    (5, 9000),
    "one column too many: the time only counts on, and the label is what the model has to find.",
)
shape_of_own_file.wrong((3, 9000), "one column is missing. The pulse was measured, too.")
shape_of_own_file.wrong((9000, 4), "this is `rows`. Conv1d reads the channels first.")
shape_of_own_file.wrong((9000, 6), "this is the table, with all of its columns.")
shape_of_own_file.wrong((4, 90), "90 is the number of seconds. The length counts the steps.")
shape_of_own_file.wrong((1, 4, 9000), "`mine` is one recording without a batch axis, as in the cell above.")
shape_of_own_file.another_way(lambda: (len({"accel_x", "accel_y", "accel_z", "pulse"}), 90 * 100))


@exercise(
    "14.8",
    "A wrist that moves less",
    because="the mean of the training part is subtracted from 5, and both are divided by its spread.",
    hints=(
        "What does scaling do to every number of the recording? Do it to its mean.",
        "A spread does not change when something is subtracted. What does the division do to it?",
    ),
)
def scaled_by_the_training_part() -> tuple[float, float]:
    """The same two steps as for every sample."""
    mean, spread = 2, 4  # of the training part
    return (5 - mean) / spread, 2 / spread


scaled_by_the_training_part.wrong(
    (0, 1), "this would be so if the recording were measured by its own mean and spread."
)
scaled_by_the_training_part.wrong((3, 2), "the mean is subtracted. The division by the spread is missing.")
scaled_by_the_training_part.wrong((1.5, 1), "this divides by the recording's own spread.")
scaled_by_the_training_part.wrong(
    (0.75, 2), "the mean is right. But the spread shrinks, too: every number is divided."
)
scaled_by_the_training_part.wrong(
    (0.75, 0), "the mean is right. The mean is not subtracted from the spread: a shift leaves it as it is."
)
scaled_by_the_training_part.wrong(
    (0.75, -0.5), "the mean is right. A shift leaves the spread as it is, and it is never below 0."
)
scaled_by_the_training_part.wrong(
    (0.75, 1), "the mean is right. The spread would be 1 if it were that of the training part."
)
scaled_by_the_training_part.wrong((-0.75, 0.5), "the spread is right. 5 lies above the mean of the training part.")


@scaled_by_the_training_part.another_way
def _():
    """Scale a recording of two samples that has this mean and spread."""
    scaled = (torch.tensor([3.0, 7.0]) - 2) / 4
    return scaled.mean().item(), scaled.std(correction=0).item()
