"""Which data does the course bring? Patients, motions, vowels, and signals made on the spot.

The tables are plain CSV files in `data/` (its README.md has a card for each). Loaders make sure that a file is the
course's own before they read it. All arrays are float32, as the layers of torch want them.
"""

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, overload

import numpy as np
import pandas as pd

from ._refusals import Refused, choice, finite_number, refusing, whole_number
from .layout import table_to_array

VITAL_SIGNS = ("heart_rate", "systolic_bp", "respiratory_rate", "spo2", "temperature")
ACTIVITIES = ("Standing", "Running", "Walking", "Badminton")
MOTION_CHANNELS = ("accel_x", "accel_y", "accel_z", "gyro_x", "gyro_y", "gyro_z")
SPEAKERS = tuple(f"speaker {number}" for number in range(1, 10))
VOWEL_CHANNELS = tuple(f"lpcc_{number}" for number in range(1, 13))

#: The longest signal that is made, 20 minutes of sound.
MOST_SAMPLES = 10_000_000

#: SHA-256 of each file, with the line ends of the repository.
CHECKSUMS = {
    "patients.csv": "7f54f2f8c637bc44e8c067ef64cb5f5401144a4eb7d0507570d0d23fe20c2a3c",
    "outcomes.csv": "d6e9ebefbbc178127ce3c5cd16e44dad6c1c68579a4bb5a46f3591b7086c6eed",
    "motions.csv": "dbb99602ca8ffb2032e32d9de4a676f7805463bf4fcad72130e12bc2a7d135a7",
    "vowels.csv": "7a1a850689bc64eb007d789a823c514d2b40d4b6a4bb03b51451ed7ce135c347",
}


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


class LongRecordings(NamedTuple):
    """Long recordings in which the activity changes, each with a label at every time step.

    Attributes:
        signals: (recordings, channels, time) float32.
        labels: (recordings, time) of int, the index of the class in `class_names`.
        channel_names: the channels, in the order of the channel axis.
        class_names: the name of each label.
        rate: time steps per second.
    """

    signals: np.ndarray
    labels: np.ndarray
    channel_names: tuple[str, ...]
    class_names: tuple[str, ...]
    rate: float

    def __repr__(self) -> str:
        """Say the shapes, not the numbers."""
        shapes = f"signals {self.signals.shape}, labels {self.labels.shape}"
        return f"LongRecordings({shapes}, {len(self.class_names)} classes, {self.rate:g} steps per second)"


def _shape_text(signals: np.ndarray | list[np.ndarray]) -> str:
    if isinstance(signals, np.ndarray):
        return str(signals.shape)
    lengths = [signal.shape[1] for signal in signals]
    return f"{len(signals)} × ({signals[0].shape[0]}, {min(lengths)} to {max(lengths)})"


@overload
def load_patients(as_array: Literal[False] = False) -> tuple[pd.DataFrame, pd.DataFrame]: ...
@overload
def load_patients(as_array: Literal[True]) -> Patients: ...
@refusing
def load_patients(as_array: bool = False) -> tuple[pd.DataFrame, pd.DataFrame] | Patients:
    """Load the patients: 49 hours of five vital signs each, and whether the patient deteriorated.

    Args:
        as_array: give arrays in place of the two tables.

    Returns:
        (table, outcomes): the long table of 11,711 rows (patient_id, hour in h, heart_rate in 1/min, systolic_bp
        in mmHg, respiratory_rate in 1/min, spo2 in %, temperature in °C), and one row per patient (patient_id,
        deteriorated). With `as_array`: Patients(array, labels, names, ids), array as (patients, hours, features).

    Raises:
        FileNotFoundError: a file is not there.
        ValueError: a file is not the course's own.

    Example:
        >>> table, outcomes = load_patients()
        >>> len(table), len(outcomes)
        (11711, 239)
        >>> load_patients(as_array=True).array.shape
        (239, 49, 5)

    Source:
        Invented and seeded: data/make_patients.py.
    """
    choice("as_array", as_array, [False, True])
    table, outcomes = _read("patients.csv"), _read("outcomes.csv")
    if not as_array:
        return table, outcomes
    array, ids, *_ = table_to_array(table, case="patient_id", time="hour", features=list(VITAL_SIGNS))
    return Patients(array, outcomes["deteriorated"].to_numpy(np.int64), VITAL_SIGNS, tuple(ids.tolist()))


@refusing
def load_motions() -> Recordings:
    """Load the motions of a wrist: four activities, six channels, ten seconds at 10 Hz.

    Returns:
        Recordings, each part with signals (40, 6, 100) = (recordings, channels, time) and labels (40,).

    Raises:
        FileNotFoundError: the file is not there.
        ValueError: the file is not the course's own.

    Example:
        >>> motions = load_motions()
        >>> motions.train.signals.shape
        (40, 6, 100)
        >>> motions.class_names[motions.train.labels[0]], motions.channel_names[0]
        ('Standing', 'accel_x')

    Source:
        BasicMotions of the UEA archive, Bagnall et al. 2018, arXiv:1811.00075.
    """
    parts = _recordings(_read("motions.csv"), MOTION_CHANNELS, "activity", ACTIVITIES)
    train, test = (Part(np.stack(signals), labels) for signals, labels in parts)
    return Recordings(train, test, MOTION_CHANNELS, ACTIVITIES, rate=10.0)


@refusing
def load_long_motions() -> LongRecordings:
    """Load ten long recordings of 80 s, joined from the motions: eight stretches of 10 s, each activity twice.

    Recordings 0 to 4 are joined from the training part, 5 to 9 from the test part, so no motion is in two of them.
    Recording r begins with activity r mod 4, and the others follow in their order.

    Returns:
        LongRecordings, with signals (10, 6, 800) = (recordings, channels, time) and labels (10, 800).

    Raises:
        FileNotFoundError: the file is not there.
        ValueError: the file is not the course's own.

    Example:
        >>> long = load_long_motions()
        >>> long
        LongRecordings(signals (10, 6, 800), labels (10, 800), 4 classes, 10 steps per second)
        >>> [long.class_names[label] for label in long.labels[1, ::100]][:5]
        ['Running', 'Walking', 'Badminton', 'Standing', 'Running']

    Source:
        The motions of `load_motions`; their card in data/README.md says what joining them cannot show.
    """
    motions = load_motions()
    stretches, classes = 8, len(motions.class_names)
    signals: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    for part in (motions.train, motions.test):
        motion = np.asarray(part.signals)
        left = [iter(np.flatnonzero(part.labels == label)) for label in range(classes)]
        for recording in range(len(motion) // stretches):
            order = np.array([(recording + stretch) % classes for stretch in range(stretches)])
            signals.append(np.concatenate([motion[next(left[label])] for label in order], axis=1))
            labels.append(np.repeat(order, motion.shape[2]))
    return LongRecordings(np.stack(signals), np.stack(labels), *motions[2:])


@refusing
def load_vowels() -> Recordings:
    """Load the Japanese vowels: nine speakers, twelve cepstrum coefficients, 7 to 29 time steps of 6.4 ms.

    Returns:
        Recordings with 270 recordings for training and 370 for testing; signals is a list of (12, length).

    Raises:
        FileNotFoundError: the file is not there.
        ValueError: the file is not the course's own.

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
    train, test = _recordings(_read("vowels.csv"), VOWEL_CHANNELS, "speaker", numbers)
    return Recordings(train, test, VOWEL_CHANNELS, SPEAKERS, rate=1 / 0.0064)


def _read(file: str) -> pd.DataFrame:
    """Read one of the course's files, if it is the course's own."""
    here = Path(__file__).parent
    places = [here / "data", here.parent / "data"]  # an installed package, a checkout
    path = next((place / file for place in places if (place / file).is_file()), None)
    rule = f"the course's data lie in {file}, unchanged: its SHA-256 begins with {CHECKSUMS[file][:8]}."
    advice = f"git checkout -- data/{file}, or install the package again: that brings the file back."
    if path is None:
        found = f"no file {file} in {' or '.join(map(str, places))}."
        raise Refused(found, rule, advice, FileNotFoundError)
    if (checksum := _checksum(path)) != CHECKSUMS[file]:
        found = f"another file: the SHA-256 of {path} begins with {checksum[:8]}."
        raise Refused(found, rule, advice)
    return pd.read_csv(path)


@functools.cache
def _checksum(path: Path) -> str:
    """Compute the SHA-256 of a file once; git may have given it other line ends on Windows."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def _recordings(
    df: pd.DataFrame, channels: Sequence[str], column: str, classes: Sequence[Any]
) -> tuple[Part, Part]:
    """Cut a table in long form into its recordings.

    Args:
        df: the table: split (train first, then test), `column`, step (0 at the begin of each recording), channels.
        channels: the columns of numbers.
        column: the column that names the class.
        classes: every class as it is written there.

    Returns:
        The training part and the test part; signals as lists of (channels, time).
    """
    starts = np.flatnonzero(df["step"] == 0)
    values = df[list(channels)].to_numpy(np.float32)
    signals = [np.ascontiguousarray(one.T) for one in np.split(values, starts[1:])]
    first = df.iloc[starts]
    labels, cut = pd.Index(classes).get_indexer(first[column]), int((first["split"] == "train").sum())
    return Part(signals[:cut], labels[:cut]), Part(signals[cut:], labels[cut:])


@refusing
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
    length, at = whole_number("length", length, 1, MOST_SAMPLES), whole_number("at", at, 0)
    after = at + whole_number("width", width, 1)
    if after > length:
        rule = f"the samples are 0 to {length - 1}, and sample {after - 1} is to be 1."
        raise Refused(f"length={length}.", rule, f"length={after}.")
    signal = np.zeros(length, dtype=np.float32)
    signal[at:after] = 1.0
    return signal


@refusing
def sine(frequency: float, seconds: float = 1.0, rate: float = 8000.0) -> np.ndarray:
    """Make a pure tone.

    Args:
        frequency: oscillations per second, Hz.
        seconds: duration.
        rate: samples per second.

    Returns:
        (seconds * rate,) float32 from -1 to 1, starting at 0.

    Raises:
        ValueError: a number is not positive, the tone is too high for the rate, or there are too many samples.

    Example:
        >>> sine(1, seconds=1, rate=4).round(3).tolist()
        [0.0, 1.0, 0.0, -1.0]
    """
    frequency = finite_number("frequency", frequency, above=0)
    seconds, rate = finite_number("seconds", seconds, above=0), finite_number("rate", rate, above=0)
    if 2 * frequency > rate:
        rule = (
            f"a tone needs two samples per oscillation: at {rate:g} samples per second, at most {rate / 2:g} Hz."
        )
        raise Refused(f"{frequency:g} Hz.", rule, f"rate={2 * frequency:g}.")
    if seconds * rate > MOST_SAMPLES:
        found = f"{seconds:g} s at {rate:g} samples per second."
        raise Refused(found, f"a signal has at most {MOST_SAMPLES} samples.", f"seconds={MOST_SAMPLES / rate:g}.")
    time = np.arange(round(seconds * rate)) / rate
    return np.sin(2 * np.pi * frequency * time).astype(np.float32)


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
