"""Exercises of lesson 01: which axis is which?"""

import torch

from .exercise import Exercise, Mistake


def ecg_shape() -> torch.Size:
    """One row for each lead, one column for each sample, one case for each patient."""
    one_patient = torch.zeros(12, 10 * 250)
    return torch.stack(20 * [one_patient]).shape


def axes_of_weather() -> str:
    """Walk along each axis: an hour changes little, a place more, a unit most."""
    weather = torch.tensor(
        [
            [[4.0, 21, 12], [81, 40, 65], [1002, 1015, 1009]],
            [[5, 23, 13], [80, 38, 63], [1002, 1014, 1009]],
            [[5, 24, 15], [78, 35, 60], [1003, 1014, 1008]],
        ]
    )
    steps = [weather.diff(dim=axis).abs().mean().item() for axis in range(3)]
    smallest, middle, largest = sorted(steps)
    letters = {smallest: "L", middle: "N", largest: "C"}
    return "".join(letters[step] for step in steps)


def tables_to_input(pulse: torch.Tensor, oxygen: torch.Tensor) -> torch.Tensor:
    """Lay the tables beside each other on a new axis, between the patients and the hours."""
    return torch.stack([pulse, oxygen], dim=1)


def _reshaped(pulse: torch.Tensor, oxygen: torch.Tensor) -> torch.Tensor:
    return torch.stack([pulse, oxygen]).reshape(len(pulse), 2, -1)


def _tables() -> list[tuple[torch.Tensor, torch.Tensor]]:
    numbers = torch.Generator().manual_seed(1)
    shapes = [(3, 5), (2, 4), (2, 2), (4, 2)]
    return [tuple(torch.randn(2, *shape, generator=numbers, dtype=torch.float64).unbind()) for shape in shapes]


EXERCISES = (
    Exercise(
        "01.1",
        "The shape of an ECG",
        ecg_shape,
        "the patients are the batch, the leads are the channels, and the length counts samples: 10 seconds hold "
        "10 · 250 of them.",
        (
            "Ask of each number what it counts: patients, quantities measured at every moment, or moments?",
            "There is one axis for the time, and its size is the number of samples. Section 1 went from samples "
            "to seconds; here you go back.",
        ),
        (
            Mistake((20, 12, 10), "this counts seconds. The length counts samples, and every second holds many."),
            Mistake((20, 12, 250), "this is the length of one second. The recording is longer."),
            Mistake(
                (20, 2500, 12),
                "these are the right sizes, but with the channels last, as Keras has them. Where does torch want "
                "them?",
            ),
            Mistake(
                (12, 20, 2500),
                "the cases and the channels have changed places. A lead is a channel, a patient is a case.",
            ),
            Mistake(
                (20, 12, 10, 250),
                "this splits the time in two axes, seconds and parts of a second. But the samples follow each "
                "other without a break: they are one axis.",
            ),
            Mistake((12, 2500), "this is one patient. What about the others?"),
        ),
    ),
    Exercise(
        "01.2",
        "Walk along the axes",
        axes_of_weather,
        "along axis 0 the numbers change little, as from one hour to the next; along axis 1 the unit changes; "
        "along axis 2 the unit stays, but the climate changes.",
        (
            "Print `weather[:, 0, 0]`, `weather[0, :, 0]` and `weather[0, 0, :]`. What changes in each?",
            "Where the unit changes is C. Of the other two, time takes small steps, and far places differ much.",
        ),
        (
            Mistake(
                "LNC",
                "axis 0 is right. Now look at `weather[0, 0, :]`: it is 4, 21, 12. Are these three units, or "
                "three places?",
            ),
            Mistake(
                "NCL",
                "axis 1 is right. Now look at `weather[:, 0, 0]`: it is 4, 5, 5. Are these three places far from "
                "each other, or three hours at one place?",
            ),
            Mistake(
                "NLC",
                "this is the order in which many arrays come, but not this one. Look at `weather[0, 0, :]`: it is "
                "4, 21, 12. Do these numbers have different units?",
            ),
            Mistake(
                "CLN",
                "axis 2 is right. Now look at `weather[:, 0, 0]`: it is 4, 5, 5. If these were a temperature, a "
                "humidity and an air pressure, the last would be about 1000.",
            ),
            Mistake(
                "CNL",
                "no axis is right yet. Begin with C: along which axis do you find a small number, one below 100, "
                "and one near 1000?",
            ),
        ),
    ),
    Exercise(
        "01.3",
        "From two tables to the input",
        tables_to_input,
        "`stack` makes a new axis, and `dim=1` puts it where Conv1d looks for the channels: after the patients "
        "and before the hours.",
        (
            "Section 8 has a row for one table per channel. Which axis is missing in a table, and where does it "
            "go?",
            "`torch.stack` makes a new axis, `torch.cat` makes an old one longer. `stack` takes the place of the "
            "new axis as `dim`.",
        ),
        (
            Mistake(
                lambda pulse, oxygen: torch.stack([pulse, oxygen]),
                "this is (channels, patients, hours). The new axis is right, but its place is not: the batch "
                "comes first.",
            ),
            Mistake(
                lambda pulse, oxygen: torch.stack([pulse, oxygen], dim=2),
                "this is (patients, hours, channels). The last axis is the one that the kernel slides along: it "
                "has to be the hours.",
            ),
            Mistake(
                lambda pulse, oxygen: torch.cat([pulse, oxygen]),
                "this puts one table under the other, as if each patient were two. There is no channel axis yet.",
            ),
            Mistake(
                lambda pulse, oxygen: torch.cat([pulse, oxygen], dim=1),
                "the hours of the oxygen follow those of the pulse here, as if time went on. There is no channel "
                "axis yet.",
            ),
            Mistake(
                _reshaped,
                "the shape is right, but the numbers are in wrong places: `reshape` cuts them anew. Row 0 of a "
                "patient is to be the pulse of this patient, and nothing else.",
            ),
            Mistake(
                lambda pulse, oxygen: torch.stack([oxygen, pulse], dim=1),
                "the axes are right, but channel 0 is the oxygen. The pulse was to come first.",
            ),
        ),
        cases=_tables,
    ),
)
