"""Exercises of lesson 09: what may the training know, and what does one score per patient come from?"""

# A solution is shown as a learner would write it.
# mypy: disable-error-code="return-value"

import torch
from torch import nn

from ..arithmetic import Conv1dSpec, window
from .exercise import exercise


@exercise(
    "09.1",
    "Follow the shapes",
    because="the maximum over time takes the last axis away and leaves one number per patient "
    "and kernel, however long the recording was.",
    hints=(
        "Go step by step: which shape has the output of the convolution? Section 4 prints such a table.",
        "`amax(dim=2)` takes one axis away. Number the axes from 0: which one is it?",
    ),
)
def strongest_shape() -> torch.Size:
    """Run a batch of that shape through the first three steps."""
    x = torch.zeros(20, 6, 72)
    responses = torch.relu(nn.Conv1d(6, 10, 9)(x))
    return responses.amax(dim=2).shape


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
strongest_shape.wrong((20, 1), "this is one step further: what `Linear` gives. The question stops at `strongest`.")
strongest_shape.wrong((20,), "this is the end of the network. The question stops at `strongest`.")
strongest_shape.another_way(lambda: [20, Conv1dSpec(6, 10, 9).weight_shape[0]])


@exercise(
    "09.2",
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
    for n, channels, hours, known in ((9, 3, 5, 5), (12, 6, 7, 6), (8, 4, 4, 4)):
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


scale_parts.wrong(
    lambda X, train, test: (scale_parts(X, train, train)[0], scale_parts(X, test, test)[0]),
    "the training part is right. But the test part is scaled by its own mean and spread: "
    "a test patient's values then depend on who else is tested, and a difference between the parts is wiped out.",
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
    "09.3",
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
    says="this lays the window around the number of the output. The pictures draw an output below the middle "
    "of its window, but outputs are counted from 0: output 0 stands at the first place where the kernel fits."
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


fired_window.wrong(
    lambda response, kernel_size: (response.argmin().item(), response.argmin().item() + kernel_size - 1),
    "this finds where the kernel fires least. Look for the largest response.",
)


@fired_window.another_way
def _(response, kernel_size):
    """Ask the arithmetic which samples this output reads."""
    hours = window(int(response.argmax()), kernel_size)
    return min(hours), max(hours)
