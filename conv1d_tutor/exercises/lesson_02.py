"""Exercises of lesson 02: what does one kernel do to one channel?"""

# A solution is shown as a learner would write it.
# mypy: disable-error-code="assignment"

import math

import numpy as np
import torch
import torch.nn.functional as F

from .exercise import exercise


@exercise(
    "02.1",
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
    "02.2",
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
    "02.3",
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
