"""Lesson 01: which axis is which?"""

import numpy as np
import torch
from torch import nn

from .. import datasets
from .exercise import exercise
from .prediction import prediction


@prediction(
    "01.a",
    "A mono sound has the shape (1, 12000), with 8000 samples per second. How many seconds does it last?",
    because="the length divided by the samples per second gives seconds.",
)
def seconds_of_sound() -> float:
    stereo, rate = datasets.stereo_sound()
    return stereo.shape[1] / rate


seconds_of_sound.wrong(0.75, "this splits the samples between two channels. A mono sound has one.")
seconds_of_sound.wrong(12, "this counts thousands of samples. How many samples are there in one second?")
seconds_of_sound.wrong(8000 / 12000, "this divides the other way: the rate by the length.")


@prediction(
    "01.b",
    "A recording has the shape (6, 100). Then the heart rate, measured at the same 100 moments, is added. "
    "Which shape has the whole?",
    because="a new quantity is a new row; the moments stay the same.",
)
def shape_with_heart_rate() -> torch.Size:
    recording, heart_rate = torch.zeros(6, 100), torch.zeros(1, 100)
    return torch.cat([recording, heart_rate]).shape


shape_with_heart_rate.wrong(
    (6, 101), "the time axis grows when somebody measures longer, not when more is measured."
)
shape_with_heart_rate.wrong((7, 101), "one of the two axes stays as it is. Were there more moments than before?")
shape_with_heart_rate.wrong((1, 100), "this is the heart rate alone.")
shape_with_heart_rate.wrong(
    (6, 200), "this puts the heart rates behind the other numbers, as if they were measured later."
)


@prediction(
    "01.c",
    "In a batch `x` of 3 cases, 2 channels and 5 time steps, each number has hundreds for its case, tens for its "
    "channel, and ones for its time step. What stands in `x[2, 1, 3]`?",
    because="it is case 2, channel 1, time step 3.",
)
def entry() -> int:
    case, channel, step = torch.arange(3)[:, None, None], torch.arange(2)[:, None], torch.arange(5)
    return int((100 * case + 10 * channel + step)[2, 1, 3])


entry.wrong(102, "this counts from 1. Python counts from 0: the first case is case 0.")
entry.wrong(231, "this takes the time for the second axis. The axes are (case, channel, time).")
entry.wrong(312, "this reads the axes from the last to the first. They are (case, channel, time).")


@prediction(
    "01.d",
    "Four kernels of 3 time steps slide over 1 channel of 100 steps. One number changes, the one at step 50. "
    "How many of the 4 × 98 outputs change?",
    because="three windows contain step 50, those that begin at 48, 49 and 50, and each of the four kernels "
    "reads them.",
)
def outputs_that_change() -> int:
    layer = nn.Conv1d(1, 4, kernel_size=3)
    nn.init.ones_(layer.weight)
    before, after = torch.zeros(1, 100), torch.zeros(1, 100)
    after[0, 50] = 1
    return int((layer(before) != layer(after)).sum())


outputs_that_change.wrong(3, "so many windows contain step 50. Each kernel has an output for each of them.")
outputs_that_change.wrong(4, "this is one for each kernel. But a kernel reads step 50 in more than one window.")
outputs_that_change.wrong(392, "these are all of them. Most windows do not contain step 50.")
outputs_that_change.wrong(1, "a number goes into more than one window, and there is more than one kernel.")


@prediction(
    "01.e",
    "A table for 3 cases has the columns hr_0 to hr_4, then five columns of bp, named likewise. "
    "Its numbers are reshaped to (3, 2, 5), and called X. Which column of case 0 is X[0, 1, 0]?",
    because="a reshape keeps the order: the first five columns become channel 0, channel 1 begins behind them.",
    options=("hr_0", "hr_1", "bp_0", "bp_1"),
)
def column_that_begins_channel_1() -> str:
    columns = [f"{name}_{hour}" for name in ("hr", "bp") for hour in range(5)]
    places = torch.arange(3 * 10).reshape(3, 2, 5)
    return columns[places[0, 1, 0]]


column_that_begins_channel_1.wrong("hr_0", "this is X[0, 0, 0]. Channel 1 comes behind all of channel 0.")
column_that_begins_channel_1.wrong(
    "hr_1", "so it would be if the channels took turns: one hour of each, then the next hour."
)
column_that_begins_channel_1.wrong("bp_1", "the channel is right. Times are counted from 0.")


@exercise(
    "01.1",
    "Find the cell",
    because="this array is (time, channels), so the hour comes first.",
    hints=(
        "In square brackets stand the places in the order of the axes. Which axis of this array is the time?",
        "You have walked along both axes above. Along axis 0 an hour passes, along axis 1 the quantity changes.",
    ),
)
def reading(patient: np.ndarray, channel: int, hour: int) -> float:
    """Axis 0 is the time."""
    return patient[hour, channel]


@reading.begun_as
def _(patient, channel, hour):
    return ...


@reading.tried_on
def _():
    numbers = np.random.default_rng(1)
    patient, square = numbers.normal(size=(49, 5)), numbers.normal(size=(5, 5))
    return [(patient, 1, 3), (patient, 3, 1), (square, 4, 0), (patient, 0, 48), (square, 2, 3)]


reading.wrong(
    lambda patient, channel, hour: patient[channel, hour],
    "this takes the channel first. In this array, axis 0 is the time.",
)
reading.wrong(
    lambda patient, channel, hour: patient[hour],
    "these are all quantities of one hour. One of them is asked for.",
)
reading.wrong(
    lambda patient, channel, hour: patient[:, channel],
    "this is one quantity at all hours. One hour is asked for.",
)
reading.wrong(
    lambda patient, channel, hour: patient[hour - 1, channel],
    "this is the hour before. Python counts from 0, and so do the hours here.",
)
reading.wrong(
    lambda patient, channel, hour: patient[hour, channel - 1],
    "this is the channel before. Python counts from 0, and so do the channels here.",
)
reading.wrong(
    lambda patient, channel, hour: patient.reshape(patient.shape[::-1])[channel, hour],
    "`reshape` turns no axes, it only cuts the same row of numbers in another way. `.T` would turn them.",
)
reading.another_way(lambda patient, channel, hour: patient.T[channel][hour])


@exercise(
    "01.2",
    "One slice of a batch",
    because="a colon takes all cases, then comes the channel, and the last time step is the last on its axis.",
    hints=(
        "Write one entry for each axis of (N, C, L), in this order. A colon takes everything along an axis.",
        "The last entry of an axis has the place -1, however long the axis is.",
    ),
)
def last_values(x: torch.Tensor, channel: int) -> torch.Tensor:
    """All cases, one channel, the last time step."""
    return x[:, channel, -1]


@last_values.begun_as
def _(x, channel):
    return ...


@last_values.tried_on
def _():
    torch.manual_seed(2)
    sizes = [((3, 2, 5), 1), ((4, 4, 4), 2), ((2, 6, 9), 0), ((5, 3, 1), 2)]
    return [(torch.randn(shape).double(), channel) for shape, channel in sizes]


last_values.wrong(
    lambda x, channel: x[channel, :, -1],
    "this takes one case and all channels. The cases are axis 0, and the channels axis 1.",
)
last_values.wrong(
    lambda x, channel: x[:, -1, channel],
    "this takes the last channel at one time step. The time is the last axis.",
)
last_values.wrong(lambda x, channel: x[:, channel], "these are all time steps. Only the last one is asked for.")
last_values.wrong(lambda x, channel: x[:, :, -1], "these are all channels. One of them is asked for.")
last_values.wrong(
    lambda x, channel: x[0, channel, -1], "this is case 0 alone. There is one number for every case."
)
last_values.wrong(
    lambda x, channel: x[-1, channel], "this is the last case. It is the last time step that is asked for."
)
last_values.wrong(lambda x, channel: x[:, channel, 0], "this is the first time step. The last one is asked for.")
last_values.wrong(
    lambda x, channel: x[:, channel : channel + 1, -1:],
    "the numbers are right. But two axes of size 1 are left: a slice keeps its axis, a single place does not.",
)
last_values.another_way(lambda x, channel: x.select(1, channel).flatten(1)[..., -1])


@exercise(
    "01.3",
    "Give it its axes",
    because="the samples are the length, "
    "so the two axes of size 1, for the case and for the channel, come before it.",
    hints=(
        "Which of N, C and L is the number of samples? And at which place of (N, C, L) does it stand?",
        "Each `None` in square brackets makes an axis of size 1, at the place where it stands.",
    ),
)
def as_batch(row: torch.Tensor) -> torch.Tensor:
    """One case, one channel, all samples."""
    return row[None, None]


@as_batch.begun_as
def _(row):
    return ...


@as_batch.tried_on
def _():
    torch.manual_seed(3)
    return [(torch.randn(length).double(),) for length in (12, 5, 1)]


as_batch.wrong(
    lambda row: row[None], "this has two axes: a signal of one channel. The axis of the batch is missing."
)
as_batch.wrong(lambda row: row, "this still has one axis. The two others have size 1, and they have to be there.")
as_batch.wrong(
    lambda row: row[:, None, None],
    "this makes a case of every sample. The samples follow each other in time: they are the length.",
)
as_batch.wrong(
    lambda row: row[None, :, None],
    "this makes a channel of every sample, at a single time step. The samples are the length.",
)
as_batch.wrong(
    lambda row: row[:, None], "this makes a column: every sample has become a channel with one time step."
)
as_batch.wrong(
    lambda row: row[None, None, None], "this has one axis too many. (N, C, L) are three, and L is there already."
)
as_batch.another_way(lambda row: row.reshape(1, 1, -1))


@exercise(
    "01.4",
    "The shape of an ECG",
    because="the patients are the batch, the leads are the channels, and the length counts samples: "
    "10 seconds hold 10 · 250 of them.",
    hints=(
        "Ask of each number what it counts: patients, quantities measured at every moment, or moments?",
        "There is one axis for the time, and its size is the number of samples. "
        "Section 1 went from samples to seconds; here you go back.",
    ),
)
def ecg_shape() -> torch.Size:
    """One row for each lead, one column for each sample, one case for each patient."""
    one_patient = torch.zeros(12, 10 * 250)
    return torch.stack(20 * [one_patient]).shape


ecg_shape.wrong((20, 12, 10), "this counts seconds. The length counts samples, and every second holds many.")
ecg_shape.wrong((20, 12, 250), "this is the length of one second. The recording is longer.")
ecg_shape.wrong(
    (20, 2500, 12),
    "these are the right sizes, but with the channels last, as Keras has them. Where does torch want them?",
)
ecg_shape.wrong(
    (12, 20, 2500),
    "the cases and the channels have changed places. A lead is a channel, a patient is a case.",
)
ecg_shape.wrong(
    (20, 12, 10, 250),
    "this splits the time in two axes, seconds and parts of a second. "
    "But the samples follow each other without a break: they are one axis.",
)
ecg_shape.wrong((12, 2500), "this is one patient. What about the others?")
ecg_shape.another_way(lambda: (20, 12, len(torch.arange(0, 10, 1 / 250))))


@exercise(
    "01.5",
    "Walk along the axes",
    because="along axis 0 the numbers change little, as from one hour to the next; along axis 1 the unit changes; "
    "along axis 2 the unit stays, but the climate changes.",
    hints=(
        "Print `weather[:, 0, 0]`, `weather[0, :, 0]` and `weather[0, 0, :]`. What changes in each?",
        "Where the unit changes is C. Of the other two, time takes small steps, and far places differ much.",
    ),
)
def axes_of_weather() -> str:
    """Walk along each axis, while the other two stay at 0."""
    weather = torch.tensor(
        [
            [[4.0, 21, 12], [81, 40, 65], [1002, 1015, 1009]],
            [[5, 23, 13], [80, 38, 63], [1002, 1014, 1009]],
            [[5, 24, 15], [78, 35, 60], [1003, 1014, 1008]],
        ]
    )
    # Walk along one axis at a time. The other two stay at 0.
    walks = {
        "L": weather[:, 0, 0],  # 4, 5, 5: small steps, as from one hour to the next
        "C": weather[0, :, 0],  # 4, 81, 1002: other units
        "N": weather[0, 0, :],  # 4, 21, 12: one unit and large steps, as from place to place
    }
    return "".join(walks)


axes_of_weather.wrong(
    "LNC",
    "axis 0 is right. Now look at `weather[0, 0, :]`: it is 4, 21, 12. Are these three units, or three places?",
)
axes_of_weather.wrong(
    "NCL",
    "axis 1 is right. Now look at `weather[:, 0, 0]`: it is 4, 5, 5. "
    "Are these three places far from each other, or three hours at one place?",
)
axes_of_weather.wrong(
    "NLC",
    "this is the order in which many arrays come, but not this one. Look at `weather[0, 0, :]`: it is 4, 21, 12. "
    "Do these numbers have different units?",
)
axes_of_weather.wrong(
    "CLN",
    "axis 2 is right. Now look at `weather[:, 0, 0]`: it is 4, 5, 5. If these were a temperature, "
    "a humidity and an air pressure, the last would be about 1000.",
)
axes_of_weather.wrong(
    "CNL",
    "no axis is right yet. Begin with C: along which axis do you find a small number, "
    "one below 100, and one near 1000?",
)


@axes_of_weather.another_way
def _(weather):
    """Along C the values range most, along L least."""
    ranges = [(weather.amax(axis) - weather.amin(axis)).mean() for axis in range(3)]
    return "".join("LNC"[sorted(ranges).index(size)] for size in ranges)


@exercise(
    "01.6",
    "From two tables to the input",
    because="`stack` makes a new axis, and `dim=1` puts it where Conv1d looks for the channels: "
    "after the patients and before the hours.",
    hints=(
        "Section 8 has a row for one table per channel. Which axis is missing in a table, and where does it go?",
        "`torch.stack` makes a new axis, `torch.cat` makes an old one longer. "
        "`stack` takes the place of the new axis as `dim`.",
    ),
)
def tables_to_input(pulse: torch.Tensor, oxygen: torch.Tensor) -> torch.Tensor:
    """Lay the tables beside each other on a new axis, between the patients and the hours."""
    return torch.stack([pulse, oxygen], dim=1)


@tables_to_input.tried_on
def _():
    numbers = torch.Generator().manual_seed(1)
    shapes = [(3, 5), (2, 4), (2, 2), (4, 2), (1, 3), (3, 1)]
    return [tuple(torch.randn(2, *shape, generator=numbers, dtype=torch.float64).unbind()) for shape in shapes]


tables_to_input.wrong(
    lambda pulse, oxygen: torch.stack([pulse, oxygen]),
    "this is (channels, patients, hours). The new axis is right, but its place is not: the batch comes first.",
)
tables_to_input.wrong(
    lambda pulse, oxygen: torch.stack([pulse, oxygen], dim=2),
    "this is (patients, hours, channels). "
    "The last axis is the one that the kernel slides along: it has to be the hours.",
)
tables_to_input.wrong(
    lambda pulse, oxygen: torch.cat([pulse, oxygen]),
    "this puts one table under the other, as if each patient were two. There is no channel axis yet.",
)
tables_to_input.wrong(
    lambda pulse, oxygen: torch.cat([pulse, oxygen], dim=1),
    "the hours of the oxygen follow those of the pulse here, as if time went on. There is no channel axis yet.",
)
tables_to_input.wrong(
    lambda pulse, oxygen: torch.stack([pulse, oxygen]).reshape(len(pulse), 2, -1),
    "the shape is right, but the numbers are in wrong places: they were cut anew, as `reshape` and `view` do. "
    "Row 0 of a patient is to be the pulse of this patient, and nothing else.",
)
tables_to_input.wrong(
    lambda pulse, oxygen: torch.stack([oxygen, pulse], dim=1),
    "the axes are right, but channel 0 is the oxygen. The pulse was to come first.",
)
tables_to_input.another_way(
    lambda pulse, oxygen: torch.tensor([[pulse[n].tolist(), oxygen[n].tolist()] for n in range(len(pulse))])
)


@exercise(
    "01.7",
    "How strong, at each moment",
    because="the three directions are the channels, axis 1, and `keepdim=True` leaves one channel in their place.",
    hints=(
        "Which axis holds the three directions? It is the one to add along.",
        "`keepdim=True` keeps an axis of size 1 where a sum is taken. Square first, and take the root last.",
    ),
)
def strength(x: torch.Tensor) -> torch.Tensor:
    """Add the squares over the channels, and take the root."""
    return x.pow(2).sum(dim=1, keepdim=True).sqrt()


@strength.tried_on
def _():
    numbers = torch.Generator().manual_seed(7)
    shapes = [(2, 3, 5), (3, 3, 3), (1, 3, 4), (4, 3, 1)]
    return [(torch.randn(shape, generator=numbers, dtype=torch.float64),) for shape in shapes]


strength.wrong(
    lambda x: x.pow(2).sum(dim=1).sqrt(),
    "the numbers are right. But the channel axis is gone: Conv1d wants it, also where it has size 1.",
)
strength.wrong(
    lambda x: x.pow(2).sum(dim=2, keepdim=True).sqrt(),
    "this adds up the time steps, and nothing is left of the time. The directions are another axis.",
)
strength.wrong(
    lambda x: x.pow(2).sum(dim=0, keepdim=True).sqrt(), "this adds up the cases, as if all had moved as one."
)
strength.wrong(lambda x: x.pow(2).sum(dim=1, keepdim=True), "this is the square of the strength. Take the root.")
strength.wrong(
    lambda x: x.sum(dim=1, keepdim=True), "without the squares, a push to the left takes away one to the front."
)
strength.wrong(
    lambda x: x.abs().sum(dim=1, keepdim=True), "these are the lengths of three ways at right angles, added up."
)
strength.wrong(
    lambda x: x.pow(2).mean(dim=1, keepdim=True).sqrt(), "this divides by the number of directions first."
)
strength.wrong(lambda x: x.pow(2).sqrt(), "each direction is still alone. The three become one number.")
strength.another_way(lambda x: x.norm(dim=1)[:, None])


@exercise(
    "01.8",
    "One case, and still a batch",
    because="`5:6` is a slice from 5 up to, not including, 6: it holds one case and keeps the axis.",
    hints=(
        "`x[5]` takes one case out, and its axis is gone. A slice, with a colon, keeps the axis.",
        "How many cases are there from 5 up to, but not including, 6?",
    ),
)
def shape_of_a_slice() -> torch.Size:
    """A slice keeps its axis."""
    start, stop = 5, 6
    return torch.Size((stop - start, 3, 1200))


shape_of_a_slice.wrong((3, 1200), "this is `x[5]`. A slice keeps its axis, also where it holds one case.")
shape_of_a_slice.wrong((2, 3, 1200), "the case 6 is not in it: a slice ends before its second number.")
shape_of_a_slice.wrong((6, 3, 1200), "this is `x[:6]`. The slice begins at 5.")
shape_of_a_slice.wrong((5, 3, 1200), "this is `x[:5]`. The slice begins at 5.")
shape_of_a_slice.wrong(
    (64, 1, 1200), "this cuts along the channels. The first place in the brackets is the batch."
)
shape_of_a_slice.wrong((64, 3, 1), "this cuts along the time. The first place in the brackets is the batch.")
shape_of_a_slice.wrong((59, 3, 1200), "this is `x[5:]`, all from case 5 on.")
shape_of_a_slice.another_way(lambda: torch.zeros(64, 3, 1200)[5:6].shape)


@exercise(
    "01.9",
    "Swap the sides",
    because="left and right are the two rows, and a list of rows takes them in the order in which it names them.",
    hints=(
        "Which axis holds left and right? The other one, the time, is to stay as it is.",
        "`stereo[[0]]` takes row 0, and keeps its axis. Such a list may name more than one row, in any order.",
    ),
)
def swapped(stereo: np.ndarray) -> np.ndarray:
    """Row 1 comes first."""
    return stereo[[1, 0]]


@swapped.begun_as
def _(stereo):
    return ...


@swapped.tried_on
def _():
    numbers = np.random.default_rng(9)
    return [(numbers.normal(size=(2, length)),) for length in (6, 2, 1)]


swapped.wrong(lambda stereo: stereo, "left and right are where they were.")
swapped.wrong(
    lambda stereo: stereo[:, ::-1],
    "this turns the time round: the sound plays backwards. Left and right are rows, and rows are axis 0.",
)
swapped.wrong(
    lambda stereo: stereo[::-1, ::-1], "left and right have changed places. But the sound plays backwards, too."
)
swapped.wrong(lambda stereo: stereo.T, "this is (length, channels). The axes are to stay, and the rows to move.")
swapped.wrong(lambda stereo: stereo[1], "this is the right channel alone. The left one is gone.")
swapped.wrong(lambda stereo: stereo[[1, 1]], "now the right channel plays on both sides.")
swapped.wrong(lambda stereo: stereo.mean(axis=0, keepdims=True), "this is mono: the two sides have become one.")
swapped.wrong(lambda stereo: -stereo, "this turns each number round. Left stays left.")
swapped.another_way(lambda stereo: np.stack([stereo[1], stereo[0]]))


@exercise(
    "01.10",
    "One direction more",
    because="a kernel of 5 slides along the last three axes, and takes 4 away from each. "
    "The colours are covered at once, and 8 kernels make 8 channels.",
    hints=(
        "Along which axes does this kernel slide? The others do not become shorter.",
        "In the cell above, a kernel of 5 made 28 out of 32. The channels come from the number of kernels.",
    ),
)
def shape_of_the_films() -> torch.Size:
    """The films stay, the kernels become the channels, and three axes become shorter."""
    films, _, *sizes = (2, 3, 20, 64, 48)
    kernels, kernel_size = 8, 5
    return torch.Size((films, kernels, *[size - kernel_size + 1 for size in sizes]))


shape_of_the_films.wrong(
    (2, 8, 20, 60, 44), "this is a `Conv2d` on each picture. Here the kernel slides from picture to picture, too."
)
shape_of_the_films.wrong((2, 8, 20, 64, 48), "the kernel must lie inside, along each axis that it slides on.")
shape_of_the_films.wrong(
    (2, 3, 16, 60, 44), "the colours are covered at once, as channels are. What stands in their place?"
)
shape_of_the_films.wrong((2, 24, 16, 60, 44), "this keeps the colours apart. Each kernel adds them up.")
shape_of_the_films.wrong((2, 8, 15, 59, 43), "a kernel of 5 takes 4 away: of 32 pixels it left 28.")
shape_of_the_films.wrong((8, 16, 60, 44), "this is one film. The batch goes through, too.")
shape_of_the_films.wrong((2, 8, 18, 62, 46), "this is for a kernel of 3.")
shape_of_the_films.another_way(lambda: nn.Conv3d(3, 8, 5)(torch.zeros(2, 3, 20, 64, 48)).shape)
