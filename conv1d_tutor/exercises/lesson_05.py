"""Exercises of lesson 05: does this put each number where Conv1d looks for it?"""

import torch

from .exercise import exercise


@exercise(
    "05.1",
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
order.wrong((239, 5, 49), "this is the shape that comes out. `permute` takes the numbers of the axes: 0, 1 and 2.")


@order.compared_by
def _(axes):
    """A negative number counts the axes from the last, so -1 is 2."""
    return tuple(axis + 3 if -3 <= axis < 0 else axis for axis in axes)


order.another_way(lambda: [[49, 239, 5].index(size) for size in (239, 5, 49)])


@exercise(
    "05.2",
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
    from ..layout import to_channels_first

    return torch.from_numpy(to_channels_first(x.numpy()).copy())


@exercise(
    "05.3",
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
