"""Exercises of lesson 12: what may the training know, and what does one score per patient come from?"""

# A solution is shown as a learner would write it.
# mypy: disable-error-code="return-value"

import numpy as np
import torch
from torch import nn

from ..arithmetic import Conv1dSpec, window
from ..datasets import load_patients
from .exercise import exercise
from .prediction import prediction


@prediction(
    "12.a",
    "98 of the 239 patients have label 1. A model always says no. "
    "For how many percent of the patients is it right, as a whole number?",
    because="it is right for each patient with label 0, and these are 141 of 239.",
)
def right_by_saying_no() -> int:
    return round(100 * (load_patients(as_array=True).labels == 0).mean())


right_by_saying_no.wrong(41, "this is the share of those with label 1. For them, no is the wrong answer.")
right_by_saying_no.wrong(50, "this would be so if both labels were equally frequent.")
right_by_saying_no.wrong(0, "it finds none of those who deteriorate. But for the others it is right.")


@prediction(
    "12.b",
    "Put 70 % of the 11,711 rows into one part and 30 % into the other, at random. "
    "How many patients have rows in both parts?",
    because="a patient has 49 rows. That all of them fall into one part hardly ever happens.",
    options=("none", "about a third", "all of them"),
)
def patients_in_both_parts() -> str:
    owner = np.random.default_rng(0).permutation(np.repeat(np.arange(239), 49))
    both = len(set(owner[:8197]) & set(owner[8197:]))
    return {0: "none", 239: "all of them"}.get(both, "about a third")


patients_in_both_parts.wrong("none", "no row is in both parts. But a patient has many rows.")
patients_in_both_parts.wrong("about a third", "this is the share of the rows. Each patient has many of them.")


@prediction(
    "12.c",
    "`logits` is (32, 1) and the labels are (32,). Which shape has `(logits > 0) == (labels == 1)`?",
    because="shapes are lined up from the right: each logit is compared with every label.",
)
def shape_of_the_comparison() -> torch.Size:
    return ((torch.zeros(32, 1) > 0) == (torch.zeros(32) == 1)).shape


shape_of_the_comparison.wrong((32,), "this would be one comparison for each patient, which is what was meant.")
shape_of_the_comparison.wrong(
    (32, 1), "shapes are lined up from the right, so the 32 labels stand against the axis of size 1."
)


@prediction(
    "12.d",
    "All nine ways are trained. Then the 49 hours of each unseen patient are shuffled, in one order for all vital "
    "signs. Which ways give every patient the same score as before? "
    "Write a list of their numbers, such as `[4, 9]`.",
    because="a mean, a spread, a lowest and a highest value do not depend on the order, nor does the strongest "
    "response to a single hour. All other ways read hours together that are neighbours no more.",
)
def ways_without_order() -> list[int]:
    torch.manual_seed(0)
    hour, kernel, whole = (nn.Conv1d(5, 16, size) for size in (1, 11, 49))
    gru, lags = nn.GRU(5, 16, batch_first=True), range(9)
    ways = [
        lambda x: torch.cat([x.mean(2), x.std(2), x.amin(2), x.amax(2)], dim=1),
        lambda x: hour(x).relu().amax(2),
        lambda x: kernel(x).relu().mean(2),
        lambda x: kernel(x.mT.reshape(x.shape)).relu().amax(2),
        lambda x: whole(x).relu().amax(2),
        lambda x: kernel(x).amax(2),
        lambda x: torch.cat([(x[:, :, None, : 49 - lag] * x[:, None, :, lag:]).mean(3) for lag in lags], dim=1),
        lambda x: gru(x.mT)[0].amax(1),
        lambda x: x[:, 1].argmin(1) - x[:, 0].argmax(1),
    ]
    x, order = torch.randn(8, 5, 49), torch.randperm(49)
    alike = [torch.allclose(way(x).float(), way(x[:, :, order]).float(), atol=1e-5) for way in ways]
    return [number for number, same in enumerate(alike, start=1) if same]


ways_without_order.wrong(
    [1, 2, 3],
    "a mean over time forgets where a response came. But each response reads 11 hours, "
    "and a kernel finds other things in shuffled ones.",
)
ways_without_order.wrong([1], "one more: which network never reads two hours together?")
ways_without_order.wrong([2], "one more has no idea when something was measured.")
ways_without_order.wrong(
    [1, 2, 5],
    "a kernel of 49 hours reads all of them, but each with a weight of its own: it matters where a value stands.",
)
ways_without_order.wrong([], "a mean or a highest value does not change when the hours change their places.")


@prediction(
    "12.e",
    "5 % of the labels in each group are wrong. A perfect model knows the truth. "
    "What is its AUC against the recorded labels?",
    because="a pair with one wrong label is in the right order half of the time, and pairs with two are rare.",
    options=("1.00", "0.95", "0.90", "0.50"),
)
def ceiling() -> str:
    truth = np.repeat([1, 0], [96, 143])
    recorded = truth.copy()
    recorded[:5], recorded[96 : 96 + 7] = 0, 1
    ones, zeros = truth[recorded == 1][:, None], truth[recorded == 0]
    return f"{(ones > zeros).mean() + (ones == zeros).mean() / 2:.2f}"


ceiling.wrong("1.00", "it would be, against the truth. The recorded labels are what it is compared with.")
ceiling.wrong(
    "0.90",
    "this counts each pair with a wrong label as lost. Such a pair is a tie for the model, and counts half.",
)
ceiling.wrong("0.50", "this is guessing. Most labels are right.")


@exercise(
    "12.1",
    "Repair the leak",
    because="both parts are scaled by numbers of the training part alone, "
    "so no test patient can change what the network learns from.",
    hints=(
        "Change one test patient in your mind. Which lines would give other numbers?",
        "Section 3 fits on the patients that are known. Of which part are both numbers to be, "
        "and on which parts are they used?",
    ),
)
def scale_parts(X: torch.Tensor, train: torch.Tensor, test: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Fit on the training part, use on both."""
    mean = X[train].mean(dim=(0, 2), keepdim=True)
    spread = X[train].std(dim=(0, 2), keepdim=True)
    return (X[train] - mean) / spread, (X[test] - mean) / spread


@scale_parts.tried_on
def _():
    numbers = torch.Generator().manual_seed(9)
    cases = []
    # patients (some in neither part), channels, hours; with 6 training patients of 6 channels among them
    for n, channels, hours, known in ((9, 3, 5, 5), (12, 6, 7, 6), (8, 4, 4, 4), (7, 1, 5, 5)):
        level = torch.arange(1.0, channels + 1, dtype=torch.float64)[:, None]
        X = 10 * level + level * torch.randn(n, channels, hours, generator=numbers, dtype=torch.float64)
        order = torch.randperm(n, generator=numbers)
        cases.append((X, order[:known], order[known:-1]))
    return cases


@scale_parts.as_given(says="fits the mean and the spread on everyone, so the test patients leak in.")
def _(X, train, test):
    mean = X.mean(dim=(0, 2), keepdim=True)
    spread = X.std(dim=(0, 2), keepdim=True)
    return (X[train] - mean) / spread, (X[test] - mean) / spread


@scale_parts.wrong(
    says="mean and spread are still those of everyone, so the test patients leak in. "
    "That the spread divides by n here, and not by n − 1, changes nothing about it."
)
def _(X, train, test):
    mean = X.mean(dim=(0, 2), keepdim=True)
    spread = X.std(dim=(0, 2), keepdim=True, correction=0)
    return (X[train] - mean) / spread, (X[test] - mean) / spread


@scale_parts.wrong(
    says="the right patients. But this divides by the variance. The spread is its root, the standard deviation."
)
def _(X, train, test):
    mean = X[train].mean(dim=(0, 2), keepdim=True)
    spread = X[train].var(dim=(0, 2), keepdim=True)
    return (X[train] - mean) / spread, (X[test] - mean) / spread


@scale_parts.wrong(
    says="the right patients. But only the mean is taken away. The division by the spread is missing."
)
def _(X, train, test):
    mean = X[train].mean(dim=(0, 2), keepdim=True)
    return X[train] - mean, X[test] - mean


scale_parts.wrong(
    lambda X, train, test: (scale_parts(X, train, train)[0], scale_parts(X, test, test)[0]),
    "the training part is right. But the test part is scaled by its own mean and spread: "
    "a test patient's values then depend on who else is tested, "
    "and a difference between the parts is wiped out.",
)


@scale_parts.wrong(
    says="training and test patients together are fitted here. What is fitted may see the training part only."
)
def _(X, train, test):
    both = torch.cat([train, test])
    mean = X[both].mean(dim=(0, 2), keepdim=True)
    spread = X[both].std(dim=(0, 2), keepdim=True)
    return (X[train] - mean) / spread, (X[test] - mean) / spread


@scale_parts.wrong(says="the mean is repaired. The spread is still that of everyone, so the test leaks there.")
def _(X, train, test):
    mean = X[train].mean(dim=(0, 2), keepdim=True)
    spread = X.std(dim=(0, 2), keepdim=True)
    return (X[train] - mean) / spread, (X[test] - mean) / spread


@scale_parts.wrong(says="the spread is repaired. The mean is still that of everyone, so the test leaks there.")
def _(X, train, test):
    mean = X.mean(dim=(0, 2), keepdim=True)
    spread = X[train].std(dim=(0, 2), keepdim=True)
    return (X[train] - mean) / spread, (X[test] - mean) / spread


@scale_parts.wrong(says="this fits on the test part, the very patients that the training must not know.")
def _(X, train, test):
    of_train, of_test = scale_parts(X, test, train)
    return of_test, of_train


scale_parts.wrong(
    lambda X, train, test: (scale_parts(X, train, test)[0], X[test]),
    "the training part is right. But the test part comes back as it was, "
    "and the network would read it in other units than those it has learned.",
)


@scale_parts.wrong(
    says="mean and spread are right. But this returns one tensor of all patients. Asked for are two: "
    "the training part and the test part."
)
def _(X, train, test):
    mean, spread = X[train].mean(dim=(0, 2), keepdim=True), X[train].std(dim=(0, 2), keepdim=True)
    return (X - mean) / spread


@scale_parts.wrong(
    says="this has one mean per channel and hour. The hours belong together: "
    "the average runs over patients and hours."
)
def _(X, train, test):
    mean, spread = X[train].mean(dim=0), X[train].std(dim=0)
    return (X[train] - mean) / spread, (X[test] - mean) / spread


@scale_parts.also_right
def _(X, train, test):
    """The spread divided by n, as scikit-learn has it, in place of n − 1, as torch has it."""
    mean = X[train].mean(dim=(0, 2), keepdim=True)
    spread = X[train].std(dim=(0, 2), keepdim=True, correction=0)
    return (X[train] - mean) / spread, (X[test] - mean) / spread


@scale_parts.wrong(
    says="this has one mean per hour: it runs over patients and channels. The channels are to stay apart, "
    "and `dim` names the axes that are averaged away."
)
def _(X, train, test):
    mean, spread = X[train].mean(dim=(0, 1), keepdim=True), X[train].std(dim=(0, 1), keepdim=True)
    return (X[train] - mean) / spread, (X[test] - mean) / spread


@scale_parts.wrong(
    says="this has one mean for all channels. "
    "A heart rate and a temperature have different sizes, so keep one per channel."
)
def _(X, train, test):
    mean, spread = X[train].mean(), X[train].std()
    return (X[train] - mean) / spread, (X[test] - mean) / spread


@scale_parts.wrong(
    says="this scales each patient by his or her own numbers. Nothing leaks, "
    "but it hides who has a high heart rate all the time. Here, one mean per channel is asked for."
)
def _(X, train, test):
    own = (X - X.mean(dim=2, keepdim=True)) / X.std(dim=2, keepdim=True)
    return own[train], own[test]


@scale_parts.another_way
def _(X, train, test):
    """Scale one channel after the other."""
    channels = [((channel - channel[train].mean()) / channel[train].std()) for channel in X.unbind(dim=1)]
    return [torch.stack([channel[part] for channel in channels], dim=1) for part in (train, test)]


@exercise(
    "12.2",
    "Follow the shapes",
    because="the maximum over time takes the last axis away and leaves one number per patient "
    "and kernel, however long the recording was.",
    hints=(
        "Go step by step: which shape has the output of the convolution? The cell above prints such a table.",
        "`amax(dim=2)` takes one axis away. Number the axes from 0: which one is it?",
    ),
)
def strongest_shape() -> torch.Size:
    """Run a batch of that shape through the first three steps."""
    x = torch.zeros(20, 6, 72)
    responses = torch.relu(nn.Conv1d(6, 10, 9)(x))  # (20, 10, 64): patients, kernels, places
    return responses.amax(dim=2).shape  # axis 2 is gone: one number is left per patient and kernel


strongest_shape.wrong(
    (20, 10, 64),
    "this is what the convolution gives, and the ReLU keeps it. The maximum over time comes after.",
)
strongest_shape.wrong(
    (20, 64),
    "this takes the maximum over the kernels, which is `dim=1`. Which axis is the time?",
)
strongest_shape.wrong(
    (10, 64),
    "this takes the maximum over the patients. Each of them has to keep a score of its own.",
)
strongest_shape.wrong(
    (20, 10, 1),
    "`amax` does not keep the axis with size 1; it does so only with `keepdim=True`.",
)
strongest_shape.wrong(
    (20, 6),
    "6 is the number of channels that go in. Behind the convolution, a channel is what one kernel gives.",
)
strongest_shape.wrong(
    (20, 1),
    "this is one step further: what `Linear` gives. The question stops at `strongest`.",
)
strongest_shape.wrong((20,), "this is the end of the network. The question stops at `strongest`.")
strongest_shape.another_way(lambda: [20, Conv1dSpec(6, 10, 9).weight_shape[0]])


@exercise(
    "12.3",
    "Where it fired",
    because="output t of a layer without padding and with stride 1 is computed "
    "from the hours t to t + kernel_size − 1.",
    hints=(
        "`argmax` gives the place of the largest response. Which hour is the first that this output has read?",
        "Try it by hand: output 0 of a kernel of 3 hours reads the hours 0, 1 and 2. And output 5?",
    ),
)
def fired_window(response: torch.Tensor, kernel_size: int) -> tuple[int, int]:
    """Output t reads the input from t on, kernel_size values."""
    first = response.argmax().item()
    return first, first + kernel_size - 1


@fired_window.tried_on
def _():
    numbers = torch.Generator().manual_seed(10)
    sizes = ((39, 11), (47, 3), (20, 1), (12, 7))
    return [(torch.randn(n, generator=numbers, dtype=torch.float64), size) for n, size in sizes]


@fired_window.wrong(says="the first hour is right. The last is one too many: count the hours from first to last.")
def _(response, kernel_size):
    first = response.argmax().item()
    return first, first + kernel_size


@fired_window.wrong(
    says="this lays the window around the number of the output. Outputs are counted from 0: "
    "output 0 stands at the first place where the kernel fits, and reads from there on."
)
def _(response, kernel_size):
    middle = response.argmax().item()
    return middle - kernel_size // 2, middle + kernel_size // 2


@fired_window.wrong(
    says="this lets the window end at the number of the output, as if zeros had been put in front. "
    "Without padding, output 0 begins at hour 0."
)
def _(response, kernel_size):
    last = response.argmax().item()
    return last - kernel_size + 1, last


@fired_window.wrong(says="this starts from how large the response is. Asked for is the place where it is largest.")
def _(response, kernel_size):
    first = response.amax().item()
    return first, first + kernel_size - 1


@fired_window.wrong(says="both are one too many. Outputs and hours are counted from 0.")
def _(response, kernel_size):
    first = response.argmax().item() + 1
    return first, first + kernel_size - 1


@fired_window.wrong(
    says="these are all hours that it has read. Asked for are two numbers, the first and the last."
)
def _(response, kernel_size):
    first = response.argmax().item()
    return tuple(range(first, first + kernel_size))


@fired_window.wrong(
    says="this finds the response that is furthest from 0, and that may be a negative one. "
    "A kernel fires where its response is largest."
)
def _(response, kernel_size):
    first = response.abs().argmax().item()
    return first, first + kernel_size - 1


fired_window.wrong(
    lambda response, kernel_size: (response.argmin().item(), response.argmin().item() + kernel_size - 1),
    "this finds where the kernel fires least. Look for the largest response.",
)


@fired_window.another_way
def _(response, kernel_size):
    """Ask the arithmetic which samples this output reads."""
    hours = window(int(response.argmax()), kernel_size)
    return min(hours), max(hours)


@exercise(
    "12.4",
    "Stop in time",
    because="the validation part decides, and the epoch in which its loss is lowest is kept.",
    hints=(
        "Which column holds the part that the network does not learn from?",
        "Asked for is the place of the lowest loss, and not the loss. `argmin` gives places.",
    ),
)
def epoch_to_keep(losses: np.ndarray) -> int:
    """The place of the lowest validation loss."""
    return int(losses[:, 1].argmin())


@epoch_to_keep.tried_on
def _():
    numbers = np.random.default_rng(12)
    cases = []
    for epochs, turn in ((12, 7), (9, 3), (15, 12), (6, 0), (10, 5)):
        training = 0.7 * 0.8 ** np.arange(epochs)
        validation = 0.35 + 0.03 * np.abs(np.arange(epochs) - turn) + 0.01 * numbers.random(epochs)
        validation[1] += 0.1  # one that rises and falls again
        cases.append((np.stack([training, validation], axis=1),))
    return cases


epoch_to_keep.wrong(
    lambda losses: losses[:, 0].argmin(),
    "this asks the training part, or takes the last epoch, which comes to the same: "
    "that loss falls for as long as the network learns its patients by heart.",
)
epoch_to_keep.wrong(
    lambda losses: losses[:, 1].min(), "this is the lowest loss itself. Asked for is the epoch in which it came."
)
epoch_to_keep.wrong(
    lambda losses: losses[:, 1].argmin() + 1, "this is one too many. The epochs are counted from 0, as rows are."
)
epoch_to_keep.wrong(
    lambda losses: losses.argmin(),
    "without a column, this looks at both, and counts through all numbers of the table.",
)
epoch_to_keep.wrong(lambda losses: losses[:, 1].argmax(), "this is the epoch with the highest loss. Low is good.")
epoch_to_keep.wrong(lambda losses: losses.sum(axis=1).argmin(), "the training loss has no say in it.")
epoch_to_keep.wrong(
    lambda losses: np.abs(losses[:, 0] - losses[:, 1]).argmin(),
    "this is where the two losses are closest. They are close at the beginning, before much is learned.",
)


@epoch_to_keep.wrong(says="a loss that rises once may fall lower later. Look at all epochs.")
def _(losses):
    for epoch in range(1, len(losses)):
        if losses[epoch, 1] > losses[epoch - 1, 1]:
            return epoch - 1
    return 0


@epoch_to_keep.another_way
def _(losses):
    """One epoch after the other, and the best so far."""
    kept = 0
    for epoch in range(len(losses)):
        if losses[epoch][1] < losses[kept][1]:
            kept = epoch
    return kept


@exercise(
    "12.5",
    "Precision and recall",
    because="both count the patients who got a yes and have label 1. Precision divides by all who got a yes, "
    "recall by all with label 1.",
    hints=(
        "Three counts are needed: how many got a yes, how many have label 1, and how many are both.",
        "`(yes & ill).sum()` counts where both are true. Which two numbers do you divide it by?",
    ),
)
def precision_and_recall(scores: np.ndarray, labels: np.ndarray, threshold: float) -> tuple[float, float]:
    """Count, then divide."""
    yes, ill = scores > threshold, labels == 1
    both = (yes & ill).sum()
    return both / yes.sum(), both / ill.sum()


@precision_and_recall.tried_on
def _():
    numbers = np.random.default_rng(5)
    cases = []
    for n, ill, threshold in ((20, 6, 0.3), (31, 12, -0.4), (15, 9, 0.1), (24, 5, 0.0)):
        labels = np.zeros(n, dtype=int)
        labels[numbers.permutation(n)[:ill]] = 1
        cases.append((labels + numbers.normal(size=n) - 0.3, labels, threshold))
    return cases


precision_and_recall.wrong(
    lambda scores, labels, threshold: precision_and_recall(scores, labels, threshold)[::-1],
    "both numbers are right, in the other order. Precision comes first.",
)
precision_and_recall.wrong(
    lambda scores, labels, threshold: precision_and_recall(scores, labels, 0),
    "this says yes above 0, whatever the threshold.",
)
precision_and_recall.wrong(
    lambda scores, labels, threshold: precision_and_recall(1 / (1 + np.exp(-scores)), labels, threshold),
    "this compares probabilities with the threshold. It is one for scores.",
)
precision_and_recall.wrong(
    lambda scores, labels, threshold: precision_and_recall(-scores, labels, -threshold),
    "this says yes below the threshold.",
)
precision_and_recall.wrong(
    lambda scores, labels, threshold: precision_and_recall(scores, 1 - labels, threshold),
    "this looks for those with label 0. Asked for are those who deteriorated.",
)


@precision_and_recall.wrong(
    says="the first number is the share of right answers among all patients. "
    "Precision looks only at those who got a yes."
)
def _(scores, labels, threshold):
    right = (scores > threshold) == (labels == 1)
    return right.mean(), precision_and_recall(scores, labels, threshold)[1]


@precision_and_recall.wrong(
    says="this divides by all patients. Precision divides by those who got a yes, recall by those with label 1."
)
def _(scores, labels, threshold):
    both = ((scores > threshold) & (labels == 1)).sum()
    return both / len(labels), both / len(labels)


@precision_and_recall.wrong(
    says="the second number is the share of false alarms among those with label 0. "
    "Recall asks how many of those with label 1 are found."
)
def _(scores, labels, threshold):
    return precision_and_recall(scores, labels, threshold)[0], (scores > threshold)[labels == 0].mean()


@precision_and_recall.another_way
def _(scores, labels, threshold):
    """The mean of a row of yes and no is the share of yes."""
    yes = scores > threshold
    return labels[yes].mean(), yes[labels == 1].mean()


@exercise(
    "12.6",
    "A loss that hears the rare label",
    because="the loss of each patient with label 1 counts as often as `pos_weight` says, "
    "and the sum is still divided by the number of patients.",
    hints=(
        '`nn.functional.binary_cross_entropy_with_logits` gives one loss per patient with `reduction="none"`.',
        "Each of these losses gets a factor: which one with label 1, and which one with label 0?",
    ),
)
def weighted_loss(logits: torch.Tensor, labels: torch.Tensor, pos_weight: float) -> torch.Tensor:
    """One loss per patient, a factor, and the mean."""
    losses = nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return (losses * (1 + (pos_weight - 1) * labels)).mean()  # the factor is pos_weight or 1


@weighted_loss.tried_on
def _():
    numbers = torch.Generator().manual_seed(6)
    cases = []
    for n, ones, weight in ((9, 2, 3.5), (12, 5, 1.4), (7, 4, 0.6), (10, 1, 9.0)):
        labels = torch.zeros(n, dtype=torch.float64)
        labels[torch.randperm(n, generator=numbers)[:ones]] = 1
        cases.append((2 * torch.randn(n, generator=numbers, dtype=torch.float64), labels, weight))
    return cases


@weighted_loss.wrong(says="this is the loss without any weight.")
def _(logits, labels, pos_weight):
    return nn.functional.binary_cross_entropy_with_logits(logits, labels)


@weighted_loss.wrong(says="this weighs every patient alike, and so changes nothing between the labels.")
def _(logits, labels, pos_weight):
    return pos_weight * nn.functional.binary_cross_entropy_with_logits(logits, labels)


@weighted_loss.wrong(says="this gives the weight to those with label 0.")
def _(logits, labels, pos_weight):
    losses = nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return (losses * torch.where(labels == 0, pos_weight, 1)).mean()


@weighted_loss.wrong(
    says="this divides by the sum of the weights, as a weighted mean does. `BCEWithLogitsLoss` divides by the "
    "number of patients."
)
def _(logits, labels, pos_weight):
    losses = nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    weights = torch.where(labels == 1, pos_weight, 1.0)
    return (losses * weights).sum() / weights.sum()


@weighted_loss.wrong(says="this leaves those with label 0 out. They count, too, once each.")
def _(logits, labels, pos_weight):
    losses = nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return (losses * pos_weight * labels).mean()


@weighted_loss.wrong(says="this is the sum. Asked for is the mean over the patients.")
def _(logits, labels, pos_weight):
    losses = nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return (losses * torch.where(labels == 1, pos_weight, 1.0)).sum()


@weighted_loss.wrong(says="these are the losses of the patients, one for each. Their mean is missing.")
def _(logits, labels, pos_weight):
    losses = nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return losses * torch.where(labels == 1, pos_weight, 1.0)


@weighted_loss.wrong(says="one weight too many: label 1 counts `1 + pos_weight` times here.")
def _(logits, labels, pos_weight):
    losses = nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return (losses * (1 + pos_weight * labels)).mean()


@weighted_loss.wrong(says="this weighs the logits. Weigh the losses.")
def _(logits, labels, pos_weight):
    return nn.functional.binary_cross_entropy_with_logits(
        logits * torch.where(labels == 1, pos_weight, 1.0), labels
    )


@weighted_loss.another_way
def _(logits, labels, pos_weight):
    """Torch has it."""
    return nn.BCEWithLogitsLoss(pos_weight=torch.tensor(pos_weight, dtype=logits.dtype))(logits, labels)
