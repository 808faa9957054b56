"""The course's data: patients, motions, vowels, and signals made on the spot.

The tables are plain CSV files in `data/` (its README.md has a card for each). Loaders check what they read. All
arrays are float32, as the layers of torch want them.
"""

import math
from pathlib import Path
from typing import Any, Literal, NamedTuple, overload

import numpy as np
import pandas as pd

from . import _files
from ._checks import call_text, refusal, whole_number
from .layout import table_to_array

#: Column of patients.csv: lowest and highest value that can be meant.
VITAL_SIGNS = {
    "heart_rate": (35, 190),
    "systolic_bp": (60, 220),
    "respiratory_rate": (6, 45),
    "spo2": (70, 100),
    "temperature": (34.0, 41.5),
}
ACTIVITIES = ("Standing", "Running", "Walking", "Badminton")
MOTION_CHANNELS = ("accel_x", "accel_y", "accel_z", "gyro_x", "gyro_y", "gyro_z")
SPEAKERS = tuple(f"speaker {number}" for number in range(1, 10))
VOWEL_CHANNELS = tuple(f"lpcc_{number}" for number in range(1, 13))

_PATIENTS = _files.Table("patients.csv", "patient_id", "hour", VITAL_SIGNS, cases=239, lengths=(49, 49), others=())
_MOTIONS = _files.Table(
    "motions.csv",
    "recording",
    "step",
    dict.fromkeys(MOTION_CHANNELS),
    cases=80,
    lengths=(100, 100),
    others=("split", "activity"),
)
_VOWELS = _files.Table(
    "vowels.csv",
    "recording",
    "step",
    dict.fromkeys(VOWEL_CHANNELS),
    cases=640,
    lengths=(7, 29),
    others=("split", "speaker"),
)


class Patients(NamedTuple):
    """The patients as arrays.

    Attributes:
        array: (patients, hours, features) = (239, 49, 5), float32. Turning it is up to the learner.
        labels: (239,) of int, 1 where the patient deteriorated.
        names: the five features, in the order of axis 2.
        ids: the 239 patients, in the order of axis 0.
    """

    array: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    ids: tuple[str, ...]

    def __repr__(self) -> str:
        """Say the shape and the names, not the numbers."""
        return f"Patients(array {self.array.shape}, labels {self.labels.shape}, names={list(self.names)})"


class Part(NamedTuple):
    """The training part or the test part of a set of recordings.

    Attributes:
        signals: (recordings, channels, time) float32; a list of (channels, time) where lengths differ.
        labels: (recordings,) of int, the index of the class in `Recordings.class_names`.
    """

    signals: np.ndarray | list[np.ndarray]
    labels: np.ndarray

    def __repr__(self) -> str:
        """Say the shape, not the numbers."""
        return f"Part({_shape_text(self.signals)}, labels {self.labels.shape})"


class Recordings(NamedTuple):
    """A set of recordings of several classes, with its official split.

    Attributes:
        train: the training part.
        test: the test part.
        channel_names: the channels, in the order of the channel axis.
        class_names: the name of each label.
        rate: time steps per second.
    """

    train: Part
    test: Part
    channel_names: tuple[str, ...]
    class_names: tuple[str, ...]
    rate: float

    def __repr__(self) -> str:
        """Say the shapes, not the numbers."""
        shapes = f"train {_shape_text(self.train.signals)}, test {_shape_text(self.test.signals)}"
        return f"Recordings({shapes}, {len(self.class_names)} classes, {self.rate:g} steps per second)"


def _shape_text(signals: np.ndarray | list[np.ndarray]) -> str:
    if isinstance(signals, np.ndarray):
        return str(signals.shape)
    lengths = [signal.shape[1] for signal in signals]
    return f"{len(signals)} × ({signals[0].shape[0]}, {min(lengths)} to {max(lengths)})"


@overload
def load_patients(
    as_array: Literal[False] = False, folder: str | Path | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]: ...
@overload
def load_patients(as_array: Literal[True], folder: str | Path | None = None) -> Patients: ...
def load_patients(
    as_array: bool = False, folder: str | Path | None = None
) -> tuple[pd.DataFrame, pd.DataFrame] | Patients:
    """Load the patients: 49 hours of five vital signs each, and whether the patient deteriorated.

    Args:
        as_array: give arrays in place of the two tables.
        folder: where patients.csv and outcomes.csv lie, if not with the course.

    Returns:
        (table, outcomes): the long table of 11,711 rows (patient_id, hour in h, heart_rate in 1/min, systolic_bp
        in mmHg, respiratory_rate in 1/min, spo2 in %, temperature in °C), and one row per patient (patient_id,
        deteriorated). With `as_array`: Patients(array, labels, names, ids), array as (patients, hours, features).

    Raises:
        FileNotFoundError: a file is not there.
        ValueError: a file is not what it was; the error names the line, or the patient, and the column.

    Example:
        >>> table, outcomes = load_patients()
        >>> len(table), len(outcomes)
        (11711, 239)
        >>> load_patients(as_array=True).array.shape
        (239, 49, 5)

    Source:
        Invented and seeded: data/make_patients.py.
    """
    call = call_text("load_patients", {"as_array": as_array})
    table = _files.read_table(call, _PATIENTS, folder)
    outcomes = _files.read_outcomes(call, "outcomes.csv", table["patient_id"].unique(), folder)
    if not as_array:
        return table, outcomes
    names = list(VITAL_SIGNS)
    array, ids, *_ = table_to_array(table, case="patient_id", time="hour", features=names)
    labels = outcomes["deteriorated"].to_numpy(np.int64)
    return Patients(array, labels, tuple(names), tuple(ids.tolist()))


def load_motions(folder: str | Path | None = None) -> Recordings:
    """Load the motions of a wrist: four activities, six channels, ten seconds at 10 Hz.

    Args:
        folder: where motions.csv lies, if not with the course.

    Returns:
        Recordings, each part with signals (40, 6, 100) = (recordings, channels, time) and labels (40,).

    Raises:
        FileNotFoundError: the file is not there.
        ValueError: the file is not what it was; the error names the line, or the recording, and the column.

    Example:
        >>> motions = load_motions()
        >>> motions.train.signals.shape
        (40, 6, 100)
        >>> motions.class_names[motions.train.labels[0]], motions.channel_names[0]
        ('Standing', 'accel_x')

    Source:
        BasicMotions of the UEA archive, Bagnall et al. 2018, arXiv:1811.00075.
    """
    parts = _files.read_recordings("load_motions()", _MOTIONS, ACTIVITIES, {"train": 40, "test": 40}, folder)
    train, test = (Part(np.stack(signals), labels) for signals, labels in parts)
    return Recordings(train, test, MOTION_CHANNELS, ACTIVITIES, rate=10.0)


def load_vowels(folder: str | Path | None = None) -> Recordings:
    """Load the Japanese vowels: nine speakers, twelve cepstrum coefficients, 7 to 29 time steps of 6.4 ms.

    Args:
        folder: where vowels.csv lies, if not with the course.

    Returns:
        Recordings with 270 recordings for training and 370 for testing; signals is a list of (12, length).

    Raises:
        FileNotFoundError: the file is not there.
        ValueError: the file is not what it was; the error names the line, or the recording, and the column.

    Example:
        >>> vowels = load_vowels()
        >>> [signal.shape for signal in vowels.train.signals[:3]]
        [(12, 20), (12, 26), (12, 22)]
        >>> vowels
        Recordings(train 270 × (12, 7 to 26), test 370 × (12, 7 to 29), 9 classes, 156.25 steps per second)

    Source:
        Kudo, Toyama, Shimbo 1999; UCI Machine Learning Repository, DOI 10.24432/C5NS47.
    """
    numbers = range(1, len(SPEAKERS) + 1)
    parts = _files.read_recordings("load_vowels()", _VOWELS, numbers, {"train": 270, "test": 370}, folder)
    train, test = (Part(*part) for part in parts)
    return Recordings(train, test, VOWEL_CHANNELS, SPEAKERS, rate=1 / 0.0064)


def step(length: int, at: int) -> np.ndarray:
    """Make a signal that is 0 and then, from sample `at` on, 1.

    Args:
        length: samples.
        at: index of the first 1.

    Returns:
        (length,) float32.

    Raises:
        ValueError: `length` is no whole number of at least 1, or `at` no index of a sample.

    Example:
        >>> step(6, at=4).tolist()
        [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]
    """
    call = call_text("step", locals())
    return _ones(call, length, at, None)


def pulse(length: int, at: int, width: int = 1) -> np.ndarray:
    """Make a signal that is 1 for `width` samples from sample `at` on, and 0 elsewhere.

    Args:
        length: samples.
        at: index of the first 1.
        width: how many samples are 1.

    Returns:
        (length,) float32.

    Raises:
        ValueError: a size is no whole number, or the pulse does not lie within the signal.

    Example:
        >>> pulse(6, at=2, width=3).tolist()
        [0.0, 0.0, 1.0, 1.0, 1.0, 0.0]
    """
    call = call_text("pulse", locals())
    return _ones(call, length, at, whole_number(call, "width", width, 1))


def _ones(call: str, length: int, at: int, width: int | None) -> np.ndarray:
    length, at = whole_number(call, "length", length, 1), whole_number(call, "at", at, 0)
    last = at if width is None else at + width - 1
    if last >= length:
        rule = f"the samples are 0 to {length - 1}, and sample {last} is to be 1."
        raise refusal(call, f"length={length}.", rule, f"length={last + 1}.")
    signal = np.zeros(length, dtype=np.float32)
    signal[at : None if width is None else at + width] = 1.0
    return signal


def sine(frequency: float, seconds: float = 1.0, rate: float = 8000.0) -> np.ndarray:
    """Make a pure tone.

    Args:
        frequency: oscillations per second, Hz.
        seconds: duration.
        rate: samples per second.

    Returns:
        (seconds * rate,) float32 from -1 to 1, starting at 0.

    Raises:
        ValueError: a number is not positive, or the tone is too high for the rate.

    Example:
        >>> sine(1, seconds=1, rate=4).round(3).tolist()
        [0.0, 1.0, 0.0, -1.0]
    """
    return _tone(call_text("sine", locals()), frequency, frequency, seconds, rate)


def chirp(start: float, end: float, seconds: float = 1.0, rate: float = 8000.0) -> np.ndarray:
    """Make a tone that glides evenly from one frequency to another.

    Args:
        start: first frequency, Hz.
        end: last frequency, Hz.
        seconds: duration.
        rate: samples per second.

    Returns:
        (seconds * rate,) float32 from -1 to 1, starting at 0.

    Raises:
        ValueError: a number is not positive, or a frequency is too high for the rate.

    Example:
        >>> chirp(100, 3000, seconds=0.5).shape
        (4000,)
    """
    return _tone(call_text("chirp", locals()), start, end, seconds, rate)


def _tone(call: str, start: float, end: float, seconds: float, rate: float) -> np.ndarray:
    if not all(_is_number(value) and value > 0 for value in (start, end, seconds, rate)):
        raise refusal(call, "a value that is no positive number.", "each is above 0.", "1 in its place.")
    if 2 * max(start, end) > rate:
        rule = (
            f"a tone needs two samples per oscillation: at {rate:g} samples per second, at most {rate / 2:g} Hz."
        )
        raise refusal(call, f"{max(start, end):g} Hz.", rule, f"rate={2 * max(start, end):g}.")
    time = np.arange(round(seconds * rate)) / rate
    # The phase is the sum of all frequencies so far, so the glide enters it with half its slope.
    return np.sin(2 * np.pi * (start + (end - start) * time / (2 * seconds)) * time).astype(np.float32)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and math.isfinite(value)


def noisy(signal: np.ndarray, seed: int = 0, spread: float = 0.1) -> np.ndarray:
    """Add noise to a signal, the same for the same seed.

    Args:
        signal: array of numbers, of any shape.
        seed: of the random numbers.
        spread: standard deviation of the noise, in the signal's unit.

    Returns:
        An array of the same shape, float32.

    Raises:
        ValueError: `signal` holds no numbers, `spread` is negative, or `seed` is no whole number.

    Example:
        >>> noisy(step(4, at=2), seed=1).shape
        (4,)
    """
    signal = np.asarray(signal)
    call = f"noisy(signal of shape {signal.shape}, seed={seed!r}, spread={spread!r})"
    if signal.dtype.kind not in "biuf":
        raise refusal(
            call, f"values of type {signal.dtype}.", "noise is added to numbers.", "an array of numbers."
        )
    if not (_is_number(spread) and spread >= 0):
        raise refusal(call, f"spread={spread!r}.", "a standard deviation is 0 or more.", "spread=0.1.")
    noise = np.random.default_rng(whole_number(call, "seed", seed, 0)).standard_normal(signal.shape)
    return (signal + spread * noise).astype(np.float32)


def stereo_sound() -> tuple[np.ndarray, int]:
    """Make a short stereo sound: a low plucked tone on the left, a bell on the right, a chord in the middle.

    Returns:
        (sound, rate): sound as (channels, samples) = (2, 12000) float32 within -1 and 1, channel 0 on the
        left; rate in samples per second, 8000.

    Example:
        >>> sound, rate = stereo_sound()
        >>> sound.shape, rate
        ((2, 12000), 8000)
    """
    rate, seconds = 8000, 1.5
    time = np.arange(int(rate * seconds)) / rate

    def strike(frequencies: list[float], at: float, fade: float) -> np.ndarray:
        """Strike partials together: each sounds from `at` on and fades with its own speed."""
        after = np.clip(time - at, 0.0, None)
        attack = 1.0 - np.exp(-after / 0.004)
        partials = [
            np.sin(2 * np.pi * frequency * after) * np.exp(-after * number / fade) / number
            for number, frequency in enumerate(frequencies, start=1)
        ]
        return attack * np.sum(partials, axis=0)

    low = sum(strike([110.0 * n for n in range(1, 7)], at, fade=0.5) for at in (0.0, 0.75))
    bell = sum(strike([880.0, 2428.8, 3520.0], at, fade=0.35) for at in (0.375, 1.125))
    middle = sum(strike([frequency], 0.0, fade=1.5) for frequency in (329.6, 440.0, 554.4))
    sound = np.stack([0.45 * low + 0.15 * middle, 0.55 * bell + 0.15 * middle])
    return (0.9 * sound / np.abs(sound).max()).astype(np.float32), rate
