"""Lesson 03: what does one kernel do to one channel?"""

# A solution is shown as a learner would write it.
# mypy: disable-error-code="assignment"

import math

import numpy as np
import torch
import torch.nn.functional as F

from .. import datasets
from .exercise import exercise
from .prediction import prediction


@prediction(
    "03.a",
    "The signal is 1, 3, 2, … and the kernel 1, 2, −1. What is the first output?",
    because="the products are 1·1, 2·3 and −1·2.",
)
def first_output() -> int:
    signal, kernel = torch.tensor([[1.0, 3, 2]]), torch.tensor([[[1.0, 2, -1]]])
    return int(F.conv1d(signal, kernel))


first_output.wrong(9, "the last weight is −1, so its product is subtracted.")
first_output.wrong(7, "this turns the kernel round. Its first weight stands below the first sample.")
first_output.wrong((1, 6, -2), "these are the products. Now add them up.")


@prediction(
    "03.b",
    "A kernel of 4 taps slides over 8 samples. How many outputs does it give?",
    because="it must lie on the signal with all 4 taps, so it begins at 0, 1, 2, 3 or 4.",
)
def outputs_of_four_taps() -> int:
    return F.conv1d(torch.zeros(1, 8), torch.ones(1, 1, 4)).shape[-1]


outputs_of_four_taps.wrong(
    8, "this is the length of the signal. From the last samples on there is no room for 4 taps."
)
outputs_of_four_taps.wrong(
    4, "these are the moves from the first place to the last. The first place needs no move."
)
outputs_of_four_taps.wrong(
    2, "this puts the windows side by side. They overlap: the kernel moves one step at a time."
)


@prediction(
    "03.c",
    "The watch sends 10 samples per second. How many seconds does an average of 8 steps see?",
    because="8 steps are 8 tenths of a second.",
)
def seconds_seen() -> float:
    return 8 / datasets.load_motions().rate


seconds_seen.wrong(8, "these are steps. There are 10 of them in each second.")
seconds_seen.wrong(80, "this multiplies by the rate. More samples per second make a step shorter.")
seconds_seen.wrong(1.25, "this divides the other way: samples per second by steps.")


@prediction(
    "03.d",
    "A kernel of 8 taps slides over 100 samples, and sample 50 changes. Which is the first output that changes?",
    because="the window that begins at 43 ends at 50, and it is the first to contain sample 50.",
)
def first_that_changes() -> int:
    before, after = torch.zeros(1, 100), torch.zeros(1, 100)
    after[0, 50] = 1
    taps = torch.ones(1, 1, 8)
    return int((F.conv1d(before, taps) != F.conv1d(after, taps))[0].nonzero()[0])


first_that_changes.wrong(
    50, "this is the last one: its window begins at sample 50. Earlier windows contain it, too."
)
first_that_changes.wrong(
    42, "the window that begins at 42 ends one sample too early. It has 8 samples, with the first."
)
first_that_changes.wrong(46, "this would hold if an output had the number of the middle of its window.")
first_that_changes.wrong(0, "a window that is far away does not contain sample 50.")


@prediction(
    "03.e",
    "The signal is constant: 20, 20, 20, 20. What does the kernel −1, 1 give? Write a list.",
    because="every window holds the same number, once times −1 and once times 1.",
)
def constant_through_difference() -> torch.Tensor:
    return F.conv1d(torch.full((1, 4), 20.0), torch.tensor([[[-1.0, 1]]]))[0].int()


constant_through_difference.wrong(
    [20, 20, 20], "this would be an average. Here the two weights add up to another number."
)
constant_through_difference.wrong([40, 40, 40], "the first weight is −1, so its product is subtracted.")
constant_through_difference.wrong(
    [0, 0, 0, 0], "the numbers are right, but there are too many: how often does the kernel fit?"
)


@prediction(
    "03.f",
    "The kernel is 1, 4, 2. Every sample of a signal is 5. What is each output?",
    because="each output is 5·1 + 5·4 + 5·2.",
)
def template_on_a_constant() -> int:
    return int(F.conv1d(torch.full((1, 3), 5.0), torch.tensor([[[1.0, 4, 2]]])))


template_on_a_constant.wrong(
    0, "there is no event, and still each sample is multiplied by its weight, and all is added up."
)
template_on_a_constant.wrong(7, "these are the weights added up. They are multiplied by the samples, too.")
template_on_a_constant.wrong(5, "this would be an average. Do these weights add up to 1?")


@prediction(
    "03.g",
    "The sound has 8000 samples per second, and the beep 2000 oscillations. "
    "How many oscillations of the beep lie in one window of 8 samples?",
    because="one oscillation takes 8000 / 2000 = 4 samples.",
)
def oscillations_in_a_window() -> int:
    rate, tone = 8000, 2000
    return int(8 / (rate / tone))


oscillations_in_a_window.wrong(4, "these are the samples of one oscillation. The window has 8.")
oscillations_in_a_window.wrong(0.25, "this is the hum: one oscillation of it takes 32 samples.")
oscillations_in_a_window.wrong(
    0.5, "this divides the other way: the samples of one oscillation by those of the window."
)


@prediction(
    "03.h",
    "The same signal and the same kernel go into both functions of NumPy. Which of them agrees with torch?",
    because="both slide the kernel as it is. `np.convolve` turns it round first, as mathematics does.",
    options=("np.convolve", "np.correlate"),
)
def agrees_with_torch() -> str:
    signal, taps = np.array([1.0, 3, 2, 5]), np.array([1.0, 2, -1])
    wanted = F.conv1d(torch.tensor(signal)[None], torch.tensor(taps)[None, None])[0].numpy()
    both = {"np.convolve": np.convolve, "np.correlate": np.correlate}
    (name,) = [name for name, function in both.items() if np.allclose(function(signal, taps, "valid"), wanted)]
    return name


agrees_with_torch.wrong(
    "np.convolve", "the name is the same, and the operation is not. One of the two turns the kernel round."
)


@prediction(
    "03.i",
    "Output 12 of a kernel is 5. Now everything in the signal comes 20 steps later, and is 3 times as large. "
    "How large is that output now, and which index has it? Write both numbers, as in (1, 2).",
    because="3 times the signal gives 3 times the output, and what comes later is answered so much later.",
)
def output_that_moved() -> tuple[int, int]:
    signal, kernel = torch.zeros(1, 40), torch.tensor([[[1.0, 2]]])
    signal[0, 12:14] = torch.tensor([1.0, 2])  # 1·1 + 2·2 = 5
    moved = F.conv1d(3 * F.pad(signal, (20, 0)), kernel)[0]
    return (int(moved.max()), int(moved.argmax()))


output_that_moved.wrong((5, 32), "the place is right. But each product, and so their sum, is 3 times as large.")
output_that_moved.wrong((15, 12), "the size is right. But what happens later is answered later.")
output_that_moved.wrong((5, 12), "the signal is another one. The output follows it, in size and in time.")
output_that_moved.wrong((15, 20), "20 is by how much it moves. It was not at 0 before.")
output_that_moved.wrong((15, 36), "the signal is 3 times as large, not 3 times as long. The place moves by 20.")
output_that_moved.wrong((32, 15), "both numbers are right. The size comes first, then the index.")


@exercise(
    "03.1",
    "One output by hand",
    because="2·5 + 0·4 + 3·1 is 13. The 4 is in the window, and its weight is 0.",
    hints=(
        "The window begins at sample 3, and is as long as the kernel. Count the samples from 0.",
        "Write the three weights below the three samples, multiply, and add up.",
    ),
)
def one_output() -> int:
    """The window, times the weights, added up."""
    window = torch.tensor([5, 4, 1])  # the samples 3, 4 and 5
    weights = torch.tensor([2, 0, 3])
    return int((window * weights).sum())


one_output.wrong(14, "this window begins one sample too early: the samples are counted from 0.")
one_output.wrong(8, "this window begins one sample too late.")
one_output.wrong(17, "the kernel is turned round here. Its first weight meets the first sample of the window.")
one_output.wrong(10, "this adds up the samples alone. Each is multiplied by its weight.")
one_output.wrong(7, "the weight 3 is multiplied, too: it meets the last sample of the window.")
one_output.wrong(50, "these are the samples times all weights. Each weight meets one sample.")
one_output.wrong(12, "this is what the kernel 1, 2, −1 gives there. Now the weights are others.")
one_output.another_way(
    lambda: int(F.conv1d(torch.tensor([[1, 3, 2, 5, 4, 1, 0, 2]]), torch.tensor([[[2, 0, 3]]]))[0, 3])
)


@exercise(
    "03.2",
    "Two kernels in a row",
    because="the first takes 8 samples away, the second 4 more, and a single kernel of 12 + 1 taps takes 12 away.",
    hints=(
        "Take a signal of 100 samples. How many are left behind the first kernel, and how many behind the second?",
        "By the rule, a kernel of K taps takes K − 1 samples away. How many do both take away together?",
    ),
)
def taps_of_a_single_kernel() -> int:
    """Let both take away what they take, and find the kernel that takes as much."""
    length = 100
    left = length
    for kernel_size in (9, 5):
        left = left - kernel_size + 1
    return length - left + 1


taps_of_a_single_kernel.wrong(
    14, "this adds the taps. But each kernel takes one sample less away than it has taps."
)
taps_of_a_single_kernel.wrong(12, "so many samples are lost. A kernel of one tap loses none.")
taps_of_a_single_kernel.wrong(45, "this multiplies. The second kernel only takes some more away.")
taps_of_a_single_kernel.wrong(9, "this is the first kernel alone. The second takes some more away.")
taps_of_a_single_kernel.wrong(4, "this is what the second kernel takes away. Both do, one after the other.")
taps_of_a_single_kernel.wrong(15, "the 1 of the rule is added here where it is taken away: a kernel takes K − 1.")
taps_of_a_single_kernel.wrong(88, "so many of 100 samples are left. Which single kernel leaves as many?")


@taps_of_a_single_kernel.another_way
def _():
    """Try the sizes until a single kernel leaves as many."""
    signal = torch.zeros(1, 100)
    both = F.conv1d(F.conv1d(signal, torch.zeros(1, 1, 9)), torch.zeros(1, 1, 5))
    return next(k for k in range(1, 101) if F.conv1d(signal, torch.zeros(1, 1, k)).shape == both.shape)


@exercise(
    "03.3",
    "A kernel that takes the average",
    because="every sample counts alike, and the weights add up to 1.",
    hints=(
        "How many weights are there, and what do they add up to, if the output is to be as large as the signal?",
        "`torch.full((3,), 7.0)` makes three numbers, each of them 7. Or divide `torch.ones` by something.",
    ),
)
def average_kernel(size: int) -> torch.Tensor:
    """So many equal weights, which add up to 1."""
    return torch.ones(size) / size


@average_kernel.begun_as
def _(size):
    return ...


average_kernel.tried_on(lambda: [(3,), (8,), (2,), (31,), (1,)])
average_kernel.wrong(
    lambda size: torch.ones(size),
    "this adds up and does not divide: the outputs get larger with every tap. The weights are to add up to 1.",
)
average_kernel.wrong(
    lambda size: torch.full((size,), 1 / 3), "this is right for 3 taps. Other sizes need other weights."
)
average_kernel.wrong(
    lambda size: torch.tensor(1 / size), "this is one weight. The kernel has one for each of its taps."
)
average_kernel.wrong(
    lambda size: torch.full((size,), float(size)),
    "this multiplies by the number of taps. The average divides by it.",
)
average_kernel.wrong(
    lambda size: torch.arange(1.0, size + 1) / torch.arange(1.0, size + 1).sum(),
    "the weights add up to 1. But later samples count more than earlier ones here.",
)
average_kernel.wrong(
    lambda size: torch.full((size,), 1 / (size + 1)),
    "these weights add up to less than 1: there are fewer of them.",
)
average_kernel.wrong(
    lambda size: torch.ones(1, 1, size) / size,
    "the weights are right. `slide` adds the two axes of size 1 by itself: here the kernel is one row.",
)
average_kernel.another_way(lambda size: F.softmax(torch.zeros(size), dim=0))


@exercise(
    "03.4",
    "A kernel for the rise",
    because="the first weight meets x[t] and the last one x[t + 4]; what does not count has the weight 0.",
    hints=(
        "Write the output as a sum over the whole window: how often does each of the five samples count in it?",
        "The first weight belongs to the earliest sample of the window, "
        "and a sample that does not count has the weight 0.",
    ),
)
def rise_kernel() -> tuple[int, ...]:
    """Write how often each sample of the window counts."""
    # A window holds x[t], x[t + 1], x[t + 2], x[t + 3], x[t + 4]. How often does each of them count in the rise?
    weights = [0, 0, 0, 0, 0]
    weights[4] = 1  # + x[t + 4]
    weights[0] = -1  # - x[t]
    return tuple(weights)


rise_kernel.wrong(
    (1, 0, 0, 0, -1),
    "this gives x[t] − x[t + 4], which is positive where the signal falls. torch does not turn the kernel round: "
    "the first weight meets the earliest sample.",
)
rise_kernel.wrong((-1, 1), "this is the rise within one step. Which taps lie between the two samples?")
rise_kernel.wrong((-1, 0, 0, 1), "from the first to the last of 4 taps there are only 3 steps. Both ends count.")
rise_kernel.wrong((-1, 0, 0, 0, 0, 1), "from the first to the last of 6 taps there are 5 steps, one too many.")
rise_kernel.wrong(
    (0, 0, 0, -1, 1),
    "this is the rise within one step, at the end of the window. Compare with its first sample.",
)
rise_kernel.wrong((0, 0, 0, 0, 1), "this copies x[t + 4]. A kernel that sees change has weights that add up to 0.")
rise_kernel.wrong(
    (-1, -1, 0, 1, 1),
    "this is an edge kernel: it compares two samples with two samples. Here only one stands on each side.",
)


@rise_kernel.another_way
def _():
    """Ask for the gradient of the rise."""
    return torch.autograd.functional.jacobian(lambda x: x[4] - x[0], torch.zeros(5))


@exercise(
    "03.5",
    "Silence the hum",
    because="one oscillation takes 1000 / 50 samples, and over a whole oscillation the highs and the lows cancel.",
    hints=(
        "Why did the average of 8 silence the beeps in section 7? "
        "How many samples has one oscillation of this hum?",
        "A window that holds a whole oscillation is half above zero and half below. "
        "Divide the samples of one second by the oscillations of one second.",
    ),
)
def smallest_average() -> int:
    """Divide the samples of one second among its oscillations."""
    samples, oscillations = 1000, 50  # in one second
    return samples // oscillations  # samples in one oscillation


@smallest_average.another_way
def _():
    """Try one kernel_size after the other, until nothing is left of the hum."""
    hum = torch.sin(2 * math.pi * 50 * torch.arange(1000).double() / 1000)
    kernel_size, loudest = 0, 1.0
    while loudest > 1e-9:
        kernel_size += 1
        average = torch.full((1, 1, kernel_size), 1 / kernel_size).double()
        loudest = F.conv1d(hum[None], average).abs().max()
    return kernel_size


smallest_average.wrong(
    19,
    "one sample is missing to a whole oscillation, and something of the hum comes through.",
)
smallest_average.wrong(
    50,
    "this many oscillations are in one second. But `kernel_size` counts samples: "
    "how many of them make one oscillation?",
)
smallest_average.wrong(
    10,
    "this window holds half an oscillation: only the high half, for example, and then nothing cancels.",
)
smallest_average.wrong(
    40,
    "this silences the hum, because it holds two whole oscillations. But a smaller window does it too.",
)
smallest_average.wrong(
    1000,
    "this silences the hum, but it averages over a whole second, "
    "and little else is left of the signal. A smaller window does it.",
)
smallest_average.wrong(
    21,
    "this is one too many: the last sample already belongs to the next oscillation, so it is counted twice.",
)


@exercise(
    "03.6",
    "Repair the convolution",
    because="`np.convolve` turns the kernel round, so turning it first undoes that, and `valid` keeps "
    "only the places where all taps lie on the signal. `np.correlate` with `valid` does both at once.",
    hints=(
        "Compare the length first, then the numbers. Section 8 has one trap for each.",
        "Two things are to be mended: the direction of the kernel and the mode.",
    ),
)
def like_torch(signal: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """Turn the kernel round, and let it lie on the signal with all taps."""
    return np.convolve(signal, taps[::-1], "valid")


@like_torch.tried_on
def _():
    numbers = np.random.default_rng(2)
    return [(numbers.normal(size=length), numbers.normal(size=size)) for length, size in [(8, 3), (9, 4), (6, 6)]]


@like_torch.as_given(
    says="returns more numbers than F.conv1d, because the kernel hangs over both ends. And the numbers are others."
)
def _(signal, taps):
    return np.convolve(signal, taps)


like_torch.wrong(
    lambda signal, taps: np.convolve(signal, taps, "valid"),
    "the length is right now, but the numbers are not: "
    "the kernel is still turned round, as `np.convolve` does it.",
)
like_torch.wrong(
    lambda signal, taps: np.convolve(signal, taps[::-1]),
    "the kernel is the right way round now, but it still hangs over both ends of the signal.",
)
like_torch.wrong(
    lambda signal, taps: np.convolve(signal, taps, "same"),
    "this output is as long as the signal, so the kernel hangs over its ends. "
    "And the kernel is still turned round, as `np.convolve` does it.",
)
like_torch.wrong(
    lambda signal, taps: np.convolve(signal, taps[::-1], "same"),
    "the kernel is the right way round now, but this output is as long as the signal. "
    "In torch, without padding, it is shorter.",
)
like_torch.wrong(
    lambda signal, taps: np.convolve(signal[::-1], taps, "valid"),
    "these are the right numbers in the reverse order. Signal and kernel have changed their roles somewhere: "
    "which of the two is to be turned round?",
)
like_torch.another_way(
    lambda signal, taps: F.conv1d(torch.tensor(signal)[None], torch.tensor(taps)[None, None])[0],
)
