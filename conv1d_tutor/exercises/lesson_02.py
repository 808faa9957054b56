"""Lesson 02: does this put each number where Conv1d looks for it?"""

import io

import numpy as np
import pandas as pd
import torch
from torch import nn

from .. import datasets
from ..layout import table_to_array, to_channels_first
from .exercise import exercise
from .prediction import prediction


@prediction(
    "02.a",
    "239 patients have one row for each hour from 0 to 48. How many rows does the table have?",
    because="there is one row for each of the 239 patients and each of the 49 hours.",
)
def rows_of_the_table() -> int:
    table, _ = datasets.load_patients()
    return len(table)


rows_of_the_table.wrong(239 * 48, "this counts 48 hours. From 0 to 48 there is one more.")
rows_of_the_table.wrong(239, "this is one row for each patient. Here each hour has a row of its own.")
rows_of_the_table.wrong(239 * 49 * 5, "these are the numbers. The five features of an hour stand in one row.")


@prediction(
    "02.b",
    "The output y of `Conv1d(5, 5, kernel_size=3)` on the patients is (N, C, L), too. "
    "Which hours does `y[7, 2, 10]` read? Write a list.",
    because="it is the window that begins at hour 10, of patient 7, and kernel 2 gave this number.",
)
def hours_that_an_output_reads() -> tuple[int, ...]:
    patients, layer = torch.zeros(8, 5, 49, requires_grad=True), nn.Conv1d(5, 5, kernel_size=3)
    nn.init.ones_(layer.weight)
    (reads,) = torch.autograd.grad(layer(patients)[7, 2, 10], patients)  # other than 0 where y depends on it
    return tuple(reads[7].any(dim=0).nonzero().flatten().tolist())


hours_that_an_output_reads.wrong(
    (9, 10, 11), "this puts the window around its number. It has the number of its first hour."
)
hours_that_an_output_reads.wrong(
    (8, 9, 10), "this ends where the window begins: the number of a window is that of its first hour."
)
hours_that_an_output_reads.wrong((10,), "this is the first of them. The kernel covers more than one hour.")
hours_that_an_output_reads.wrong(
    (2, 3, 4), "2 is the output channel, so the number of the kernel. Time stands on the last axis."
)
hours_that_an_output_reads.wrong((7, 8, 9), "7 is the patient. Time stands on the last axis.")
hours_that_an_output_reads.wrong(
    (30, 31, 32), "the kernel moves on by one hour, not by its own length. Windows overlap."
)


@prediction(
    "02.c",
    "A table `cells` has a row for each of 4 hours, and the columns HR, BP and O2. "
    "What stands in the first row of `cells.reshape(3, 4)`?",
    because="reshape only cuts the cells anew, in the order in which they stand, row after row.",
    options=("h0 HR, h0 BP, h0 O2", "h0 HR, h1 HR, h2 HR, h3 HR", "h0 HR, h0 BP, h0 O2, h1 HR"),
)
def first_row_after_reshape() -> str:
    cells = np.array([[f"h{hour} {name}" for name in ("HR", "BP", "O2")] for hour in range(4)])
    return ", ".join(cells.reshape(3, 4)[0])


first_row_after_reshape.wrong(
    "h0 HR, h1 HR, h2 HR, h3 HR", "this turns the axes, as permute does. Reshape turns nothing."
)
first_row_after_reshape.wrong("h0 HR, h0 BP, h0 O2", "this row has three cells. The new rows have four.")


@prediction(
    "02.d",
    "Each patient has 49 hours of 5 features, and `reshape(239, 5, 49)` cuts them anew. "
    "How many of the 49 values in its first row are heart rates?",
    because="the five features take turns along the row, and it begins with a heart rate: 49 / 5 rounded up.",
)
def heart_rates_in_the_row() -> int:
    feature = torch.arange(5).expand(1, 49, 5)
    return int((feature.reshape(1, 5, 49)[0, 0] == 0).sum())


heart_rates_in_the_row.wrong(49, "this is after permute. Reshape leaves the features beside each other.")
heart_rates_in_the_row.wrong(9, "this is 49 / 5 rounded down. With which feature does the row begin?")
heart_rates_in_the_row.wrong(5, "this is the number of features. They take turns along a row of 49.")
heart_rates_in_the_row.wrong(1, "the features take turns: after the five of one hour come the five of the next.")


@prediction(
    "02.e",
    "239 patients with 49 hours each stand behind each other, with 238 borders between them. "
    "How many windows of 3 hours cross a border?",
    because="at each border one window has 2 hours of the first patient, and one has 1.",
)
def windows_across_borders() -> int:
    whose = torch.arange(239).repeat_interleave(49)
    return int((whose[:-2] != whose[2:]).sum())


windows_across_borders.wrong(238, "this is one at each border. A window can cross it in more than one way.")
windows_across_borders.wrong(
    714, "this is 3 at each border. A window that begins right behind the border does not cross it."
)
windows_across_borders.wrong(478, "this counts a border behind the last patient, too.")


@prediction(
    "02.f",
    "239 patients are cut into batches of 32. How many batches are there, and how many patients are in the last? "
    "Write both numbers, as in (3, 4).",
    because="the loader takes 32 as often as it can, and then the rest: 7 · 32 + 15 = 239.",
)
def batches_and_the_last() -> tuple[int, int]:
    sizes = [len(batch) for batch in torch.arange(239).split(32)]
    return (len(sizes), sizes[-1])


batches_and_the_last.wrong((7, 15), "the rest is a batch, too.")
batches_and_the_last.wrong((7, 32), "this drops the rest. The loader does so only with `drop_last=True`.")
batches_and_the_last.wrong((8, 32), "8 · 32 would be more patients than there are. The last batch is smaller.")


@prediction(
    "02.g",
    "A tensor of shape (5, 49), one row for each of 5 patients, goes into a layer for 5 channels. "
    "Patient 4 alone changes. Do the outputs in row 0 change?",
    because="torch takes the patients for channels, and an output channel is a sum over all input channels.",
    options=("yes", "no"),
)
def patients_have_become_channels() -> str:
    layer, before = nn.Conv1d(5, 5, kernel_size=3), torch.zeros(5, 49)
    nn.init.ones_(layer.weight)
    after = before.clone()
    after[4] += 10
    return "yes" if (layer(before)[0] != layer(after)[0]).any() else "no"


patients_have_become_channels.wrong(
    "no", "it would be so if each row were a case. What does a layer take two axes for?"
)


@exercise(
    "02.1",
    "Another order",
    because="`permute` asks, for each new axis, which old axis it is: "
    "patients were axis 1, features 2 and hours 0.",
    hints=(
        "Number the axes of the array you have: hours are axis 0, patients axis 1, features axis 2.",
        "Go through the axes you want, from the first to the last, and write down the old number of each.",
    ),
)
def order() -> tuple[int, ...]:
    """Where each axis of the input is found in the colleague's array."""
    theirs = ["hours", "patients", "features"]
    return tuple(theirs.index(axis) for axis in ["patients", "features", "hours"])


order.wrong(
    (2, 0, 1),
    "this says where each old axis goes. `permute` asks the other way round: "
    "which old axis stands in the first place of the new one?",
)
order.wrong((0, 2, 1), "this keeps the hours in front. It is right only when the patients come first already.")
order.wrong((0, 1, 2), "this changes nothing: axis 0 stays in place 0, and so on.")
order.wrong(
    (1, 0, 2),
    "the patients are in front now, but this is (patients, hours, features). Which axis does Conv1d want last?",
)
order.wrong(
    (2, 1, 0), "the hours are last, that is right. But this is (features, patients, hours): the batch comes first."
)
order.wrong((239, 5, 49), "this is the shape that comes out. `permute` takes the numbers of the axes: 0, 1 and 2.")


@order.compared_by
def _(axes):
    """A negative number counts the axes from the last, so -1 is 2."""
    return tuple(axis + 3 if -3 <= axis < 0 else axis for axis in axes)


order.another_way(lambda: [[49, 239, 5].index(size) for size in (239, 5, 49)])


@exercise(
    "02.2",
    "Repair the input",
    because="`permute` swaps the two axes, so each number keeps its patient, its hour and its feature.",
    hints=(
        "The shape was never wrong. Follow one number, say hour 1 of the first feature: where does it end up?",
        "`reshape` cuts a line of numbers anew. Which method swaps axes instead?",
    ),
)
def patients_to_input(x: torch.Tensor) -> torch.Tensor:
    """Swap the last two axes."""
    return x.permute(0, 2, 1)


@patients_to_input.tried_on
def _():
    numbers = torch.Generator().manual_seed(5)
    shapes = [(2, 4, 3), (3, 5, 2), (4, 3, 3), (1, 6, 2), (2, 4, 1)]
    return [(torch.randn(shape, generator=numbers, dtype=torch.float64),) for shape in shapes]


@patients_to_input.as_given(
    says="returns the right shape, but a row of it mixes all features instead of holding one."
)
def _(x):
    N, L, C = x.shape
    return x.reshape(N, C, L)


patients_to_input.wrong(lambda x: x, "nothing has moved: this is still (patients, hours, features).")
patients_to_input.wrong(
    lambda x: x.permute(2, 1, 0),
    "this moves the patients too. Their axis is the batch, and it stays in front.",
)
patients_to_input.wrong(
    lambda x: x.transpose(0, 1),
    "this swaps patients and hours. The two axes to swap are the last two.",
)
patients_to_input.wrong(
    lambda x: x.permute(0, 2, 1).reshape(x.shape),
    "the swap is right, but then a reshape cuts the numbers anew, and undoes its meaning.",
)


@patients_to_input.another_way
def _(x):
    return torch.from_numpy(to_channels_first(x.numpy()).copy())


@exercise(
    "02.3",
    "From rows to the input",
    because="a reshape that splits the rows into patients and hours keeps every row whole, "
    "and only then are the axes swapped.",
    hints=(
        "Two steps: first cut the long table into patients, as section 2 does, then bring the axes in order.",
        "A reshape may split the axis of rows in two, (patients, hours), with -1 for the one you do not know. "
        "For the last step it is the wrong tool.",
    ),
)
def rows_to_input(rows: torch.Tensor, hours: int) -> torch.Tensor:
    """Cut the rows into patients, then swap hours and features."""
    patients = rows.reshape(-1, hours, rows.shape[1])
    return patients.permute(0, 2, 1)


@rows_to_input.tried_on
def _():
    numbers = torch.Generator().manual_seed(6)
    sizes = [(2, 4, 3), (3, 5, 2), (4, 3, 3), (3, 3, 2), (1, 4, 3), (2, 4, 1)]
    return [
        (torch.randn(patients * hours, features, generator=numbers, dtype=torch.float64), hours)
        for patients, hours, features in sizes
    ]


rows_to_input.wrong(
    lambda rows, hours: rows.reshape(-1, rows.shape[1], hours),
    "one `reshape` or `view` cannot do both. It splits the rows, but the features have to be swapped "
    "with the hours, and a reshape never swaps.",
)
rows_to_input.wrong(
    lambda rows, hours: rows.T.reshape(-1, rows.shape[1], hours),
    "after `.T` a row is one feature of all patients, so the cuts give features, not patients, "
    "in front. Split first, swap afterwards.",
)
rows_to_input.wrong(
    lambda rows, hours: rows.reshape(-1, hours, rows.shape[1]),
    "the patients are cut right. But this is (patients, hours, features): what is next?",
)
rows_to_input.wrong(
    lambda rows, hours: rows.reshape(hours, -1, rows.shape[1]).permute(1, 2, 0),
    "this takes the table as sorted by hour. It is sorted by patient: the first rows are all of one patient.",
)
rows_to_input.wrong(
    lambda rows, hours: rows.T,
    "this is one signal in which the patients follow each other, "
    "and a kernel would run from one into the next. Where is the batch axis?",
)
rows_to_input.another_way(
    lambda rows, hours: torch.stack([patient.T for patient in rows.split(hours)]),
)


@exercise(
    "02.4",
    "Follow one number",
    because="row 101 belongs to patient 101 // 24 at hour 101 % 24, and after the permute "
    "the feature stands before the hour.",
    hints=(
        "First the row: after every 24 rows the next patient begins. How many patients are whole before row 101?",
        "Then the axes: behind the permute they are (patients, features, hours).",
    ),
)
def place_of_a_number() -> tuple[int, int, int]:
    """Cut the row into patient and hour, then put the feature between them."""
    row, column, hours = 101, 2, 24
    patient, hour = divmod(row, hours)
    return patient, column, hour  # (N, C, L)


place_of_a_number.wrong((4, 5, 2), "this is the place before the permute: (patients, hours, features).")
place_of_a_number.wrong((5, 2, 5), "patients are counted from 0, too: before row 24 comes patient 0.")
place_of_a_number.wrong((4, 2, 6), "hours are counted from 0: the first row of a patient is hour 0.")
place_of_a_number.wrong((4, 2, 4), "rows are counted from 0, so row 101 is the one behind 101 others.")
place_of_a_number.wrong((4, 1, 5), "columns are counted from 0: column 2 becomes channel 2.")
place_of_a_number.wrong((4, 3, 5), "columns are counted from 0: column 2 becomes channel 2, not 3.")
place_of_a_number.wrong((2, 4, 5), "the channel stands in front here. The patients stay the first axis.")
place_of_a_number.wrong((101, 2, 0), "this takes the row for a patient. A patient has 24 rows.")


@place_of_a_number.another_way
def _():
    """Number all rows and columns, and look where the number has gone."""
    table = torch.arange(40 * 24 * 3).reshape(40 * 24, 3)
    x = table.reshape(40, 24, 3).permute(0, 2, 1)
    return tuple((x == table[101, 2]).nonzero()[0].tolist())


@exercise(
    "02.5",
    "Outputs that count",
    because="for each patient the kernel fits at its hours − 5 + 1 places: 26, 20, 44, 8 and 36, in all 134.",
    hints=(
        "Take one patient, and forget the padding. At how many places does a kernel of 5 hours fit?",
        "Do so for each of the five, with their own hours, and add up.",
    ),
)
def outputs_inside() -> int:
    """Each patient has as many good windows as fit into its own hours."""
    kernel_size = 5
    return sum(hours - kernel_size + 1 for hours in (30, 24, 48, 12, 40))


outputs_inside.wrong(220, "these are all outputs: 5 times those of the longest. Which windows lie on padding?")
outputs_inside.wrong(154, "these are the real hours. A window of 5 does not begin at the last ones.")
outputs_inside.wrong(129, "this counts the moves in each case. The first place needs no move.")
outputs_inside.wrong(150, "this puts all patients behind each other, and windows cross from one to the next.")
outputs_inside.wrong(44, "this is the longest patient alone. The others have good outputs, too.")
outputs_inside.wrong(40, "this is what fits five times into the shortest. The longer ones have more.")
outputs_inside.wrong(86, "these are the outputs to be left out. How many are there in all?")


@outputs_inside.another_way
def _():
    """Slide a kernel of ones over the mask: where all 5 hours are real, it gives 5."""
    mask = torch.stack([(torch.arange(48) < hours).float() for hours in (30, 24, 48, 12, 40)])
    return int((torch.conv1d(mask[:, None], torch.ones(1, 1, 5)) == 5).sum())


@exercise(
    "02.6",
    "Jumps in memory",
    because="`permute` moves no number, it only puts the jumps (12, 4, 1) into another order.",
    hints=(
        "First the tensor as it was made: how far is it to the next number along each of its three axes?",
        "`permute(0, 2, 1)` takes the old axis 0, then the old axis 2, then the old axis 1. So do the jumps.",
    ),
)
def jumps() -> tuple[int, int, int]:
    """The jumps of the tensor, in the order of the permute."""
    sizes = (2, 3, 4)
    before = (sizes[1] * sizes[2], sizes[2], 1)  # to the next table, to the next row, to the next number
    return before[0], before[2], before[1]


jumps.wrong((12, 4, 1), "this is before the permute. The jumps change places with the axes.")
jumps.wrong(
    (12, 3, 1), "this would be a copy in the new order, as `contiguous()` makes it. `permute` copies nothing."
)
jumps.wrong((12, 1, 3), "a row has 4 numbers, so it is 4 to the same place in the next row.")
jumps.wrong((1, 4, 12), "axis 0 stays where it is. The two others change places.")
jumps.wrong((4, 12, 1), "the first two have changed places here. It is the last two that do.")
jumps.wrong((2, 4, 3), "this is the new shape. A jump says how far it is to the next number along an axis.")
jumps.wrong((6, 1, 4), "along axis 0 it is one whole table of 3 rows with 4 numbers each.")
jumps.another_way(lambda: torch.zeros(2, 3, 4).permute(0, 2, 1).stride())


@exercise(
    "02.7",
    "Sorted by day",
    because="the first 12 rows are one day, so a cut after every 12 rows gives 30 days, each with all stations. "
    "`permute(1, 2, 0)` then puts the stations in front.",
    hints=(
        "The first rows are day 0 at station 0, day 0 at station 1, and so on. After how many comes day 1?",
        "`reshape` cuts what follows each other. What a piece of the table is, stands on the first axis.",
    ),
)
def numbers_for_reshape() -> tuple[int, int, int]:
    """Rows that follow each other are the stations of one day."""
    stations, days, quantities = 12, 30, 4
    return days, stations, quantities  # the day changes slowest, so it stands first


numbers_for_reshape.wrong(
    (12, 30, 4), "the first 30 rows are two days and a half, of all stations. Which rows follow each other?"
)
numbers_for_reshape.wrong(
    (30, 4, 12), "`reshape` does not swap axes: a row has 4 numbers, and they stay together."
)
numbers_for_reshape.wrong((12, 4, 30), "this is what Conv1d is to read. First cut; to swap axes is the next step.")
numbers_for_reshape.wrong((360, 4, 1), "this cuts nothing. Days and stations are still one axis.")
numbers_for_reshape.wrong((4, 12, 30), "the quantities are the columns: they are the last axis, and stay there.")
numbers_for_reshape.wrong(
    (4, 30, 12), "this turns all axes round. A `reshape` only cuts: the columns stay the last axis."
)


@numbers_for_reshape.compared_by
def _(numbers):
    """One number may be left to torch, as -1."""
    rest = [number for number in numbers if number != -1]
    return tuple(
        12 * 30 * 4 // (rest[0] * rest[1]) if number == -1 and len(rest) == 2 else number for number in numbers
    )


@numbers_for_reshape.another_way
def _():
    """Number the stations, and look for the cut after which each has a place of its own."""
    station = torch.arange(12).repeat(30)[:, None].expand(360, 4)
    cuts = [(12, 30, 4), (30, 12, 4)]
    (found,) = [cut for cut in cuts if (station.reshape(cut) == station.reshape(cut)[:1]).all()]
    return found


@exercise(
    "02.8",
    "From a CSV to the input",
    because="`table_to_array` puts the rows of each patient together and makes (patients, hours, features), "
    "`to_channels_first` puts the features before the hours, and a layer reads tensors.",
    hints=(
        "The two functions above do it, one after the other. Which columns are patient, hour and features?",
        "The numbers of what `table_to_array` returns are in its `.array`. What comes last is `torch.from_numpy`.",
    ),
)
def csv_to_input(text: str) -> torch.Tensor:
    """Two functions of the course, and the step from NumPy to torch."""
    df = pd.read_csv(io.StringIO(text))
    patients = table_to_array(df, case="patient", time="hour", features=["pulse", "spo2"])
    return torch.from_numpy(to_channels_first(patients.array))


@csv_to_input.begun_as
def _(text):
    df = pd.read_csv(io.StringIO(text))
    return ...


@csv_to_input.tried_on
def _():
    def text(patients, hours, by):
        numbers = np.random.default_rng(patients)
        places = [(patient, hour) for patient in range(patients) for hour in range(hours)]
        places.sort(key=lambda place: place[by])
        rows = [
            f"{'ABCD'[n]},{hour},{numbers.integers(60, 100)},{numbers.integers(85, 100)}" for n, hour in places
        ]
        return "\n".join(["patient,hour,pulse,spo2", *rows])

    by_patient, by_hour = 0, 1
    sizes = [(2, 3, by_patient), (3, 4, by_hour), (2, 2, by_hour), (1, 5, by_hour), (4, 1, by_patient)]
    return [(text(*size),) for size in sizes]


csv_to_input.wrong(
    lambda text: torch.from_numpy(
        table_to_array(pd.read_csv(io.StringIO(text)), "patient", "hour", ["pulse", "spo2"]).array
    ),
    "this is (patients, hours, features). The axes are still to be swapped.",
)
csv_to_input.wrong(
    lambda text: torch.from_numpy(
        to_channels_first(
            table_to_array(pd.read_csv(io.StringIO(text)), "patient", "hour", ["spo2", "pulse"]).array
        )
    ),
    "channel 0 is spo2 here. The pulse was to come first.",
)


@csv_to_input.wrong(
    says="the rows are cut as they come here. Where they are sorted by hour, that mixes the patients."
)
def _(text):
    df = pd.read_csv(io.StringIO(text))
    numbers = torch.tensor(df[["pulse", "spo2"]].to_numpy(), dtype=torch.float32)
    return numbers.reshape(df["patient"].nunique(), -1, 2).permute(0, 2, 1)


@csv_to_input.wrong(says="a `reshape` cannot swap hours and features: the rows of a channel are mixed now.")
def _(text):
    df = pd.read_csv(io.StringIO(text)).sort_values(["patient", "hour"])
    numbers = torch.tensor(df[["pulse", "spo2"]].to_numpy(), dtype=torch.float32)
    return numbers.reshape(df["patient"].nunique(), 2, -1)


@csv_to_input.another_way
def _(text):
    df = pd.read_csv(io.StringIO(text)).sort_values(["patient", "hour"])
    numbers = torch.tensor(df[["pulse", "spo2"]].to_numpy(), dtype=torch.float32)
    return numbers.reshape(df["patient"].nunique(), -1, 2).permute(0, 2, 1)
