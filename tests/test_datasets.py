import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from conv1d_tutor import datasets

DATA = Path(__file__).parents[1] / "data"


class TestPatients:
    def test_tables(self):
        table, outcomes = datasets.load_patients()
        assert len(table) == 11_711 == 239 * 49
        assert list(table.columns) == ["patient_id", "hour", *datasets.VITAL_SIGNS]
        assert list(outcomes.columns) == ["patient_id", "deteriorated"]
        assert len(outcomes) == 239 and 0.35 < outcomes["deteriorated"].mean() < 0.45

    def test_array_holds_the_rows_of_the_table(self):
        table, outcomes = datasets.load_patients()
        data = datasets.load_patients(as_array=True)
        assert data.array.shape == (239, 49, 5) and data.array.dtype == np.float32
        assert data.labels.shape == (239,) and data.labels.dtype == np.int64
        row = table[(table["patient_id"] == "P117") & (table["hour"] == 31)].iloc[0]
        at = data.ids.index("P117")
        assert data.array[at, 31].tolist() == [np.float32(row[name]) for name in data.names]
        assert data.labels.tolist() == outcomes["deteriorated"].tolist()
        array, labels, names, ids = data
        assert (len(array), len(labels), len(names), len(ids)) == (239, 239, 5, 239)

    def test_repr(self):
        assert repr(datasets.load_patients(as_array=True)).startswith(
            "Patients(array (239, 49, 5), labels (239,), "
        )


class TestRecordings:
    def test_motions(self):
        motions = datasets.load_motions()
        for part in (motions.train, motions.test):
            assert part.signals.shape == (40, 6, 100) and part.signals.dtype == np.float32
            assert np.bincount(part.labels).tolist() == [10, 10, 10, 10]
        assert motions.class_names == ("Standing", "Running", "Walking", "Badminton")
        assert len(motions.channel_names) == 6 and motions.rate == 10
        # The first line of the archive's file begins with these numbers: channel 0, steps 0, 1, 2.
        assert motions.train.signals[0, 0, :3].tolist() == np.float32([0.079106, 0.079106, -0.903497]).tolist()

    def test_vowels(self):
        vowels = datasets.load_vowels()
        assert np.bincount(vowels.train.labels).tolist() == [30] * 9
        assert np.bincount(vowels.test.labels).tolist() == [31, 35, 88, 44, 29, 24, 40, 50, 29]
        signals = vowels.train.signals + vowels.test.signals
        lengths = [signal.shape[1] for signal in signals]
        assert {signal.shape[0] for signal in signals} == {12} and (min(lengths), max(lengths)) == (7, 29)
        assert {signal.dtype for signal in signals} == {np.dtype(np.float32)}
        assert vowels.train.signals[0][:2, 0].tolist() == np.float32([1.860936, -0.207383]).tolist()
        assert vowels.class_names[0] == "speaker 1" and vowels.rate == pytest.approx(156.25)

    def test_repr(self):
        motions = datasets.load_motions()
        assert repr(motions) == (
            "Recordings(train (40, 6, 100), test (40, 6, 100), 4 classes, 10 steps per second)"
        )
        assert repr(motions.train) == "Part((40, 6, 100), labels (40,))"
        assert repr(datasets.load_vowels().test) == "Part(370 × (12, 7 to 29), labels (370,))"

    def test_arrays_go_into_conv1d_as_they_are(self):
        x = torch.from_numpy(datasets.load_motions().train.signals)
        assert torch.nn.Conv1d(6, 2, 5)(x).shape == (40, 2, 96)


LOADERS = {
    "patients.csv": datasets.load_patients,
    "outcomes.csv": datasets.load_patients,
    "motions.csv": datasets.load_motions,
    "vowels.csv": datasets.load_vowels,
}


@pytest.fixture
def altered(tmp_path):
    """Copy the data and change the lines of one file; give a call that loads it."""

    def alter(name, change):
        for file in DATA.glob("*.csv"):
            shutil.copy(file, tmp_path)
        lines = (DATA / name).read_text(encoding="utf-8").splitlines()
        (tmp_path / name).write_text("\n".join(change(lines)) + "\n", encoding="utf-8")
        return lambda: LOADERS[name](folder=tmp_path)

    return alter


@pytest.mark.parametrize("inside", ["installed/conv1d_tutor/data", "checkout/data"])
def test_data_are_found_in_an_installed_package_and_in_a_checkout(monkeypatch, tmp_path, inside):
    place = tmp_path / inside
    place.mkdir(parents=True)
    shutil.copy(DATA / "motions.csv", place)
    package = tmp_path / inside.split("/")[0] / "conv1d_tutor"
    monkeypatch.setattr(datasets._files, "__file__", str(package / "_files.py"))
    assert datasets.load_motions().rate == 10
    with pytest.raises(FileNotFoundError, match=r"no file vowels.csv in .*data or .*data"):
        datasets.load_vowels()


def cell(line, column, value):
    """Change one value: line as in an editor (1 is the header), column from 0."""

    def change(lines):
        values = lines[line - 1].split(",")
        values[column] = value
        return [*lines[: line - 1], ",".join(values), *lines[line:]]

    return change


def without(line):
    return lambda lines: [*lines[: line - 1], *lines[line:]]


def swapped(line):
    return lambda lines: [*lines[: line - 1], lines[line], lines[line - 1], *lines[line + 1 :]]


class TestAlteredFiles:
    @pytest.mark.parametrize("name", LOADERS)
    def test_unchanged_copy_loads(self, altered, name):
        assert len(altered(name, list)()) in (2, 5)

    @pytest.mark.parametrize("name", LOADERS)
    def test_missing_file(self, altered, name, tmp_path):
        load = altered(name, list)
        (tmp_path / name).unlink()
        with pytest.raises(FileNotFoundError, match=rf"no file {name} in "):
            load()

    @pytest.mark.parametrize("name", LOADERS)
    @pytest.mark.parametrize(
        "change",
        [
            lambda lines: [lines[0].replace(lines[0].split(",")[-1], "other"), *lines[1:]],
            lambda lines: [f"{line},0" for line in lines],
            lambda lines: [line.rpartition(",")[0] for line in lines],
        ],
    )
    def test_wrong_columns(self, altered, name, change):
        with pytest.raises(ValueError, match=rf"{name} has the columns [\s\S]*its columns are \w+, \w+"):
            altered(name, change)()

    @pytest.mark.parametrize("name", LOADERS)
    @pytest.mark.parametrize("change", [lambda lines: [], lambda lines: [*lines, lines[-1] + ",1,2"]])
    def test_no_table(self, altered, name, change):
        with pytest.raises(ValueError, match=f"{name} cannot be read"):
            altered(name, change)()

    @pytest.mark.parametrize(("value", "has"), [("", "nothing"), ("n/a", "'n/a'"), ("x", "'x'"), ("inf", "inf")])
    def test_no_number(self, altered, value, has):
        message = rf"patients.csv, column spo2: line 60 \(patient_id P002\) has {has}\."
        with pytest.raises(ValueError, match=message):
            altered("patients.csv", cell(60, 5, value))()

    def test_no_number_in_recordings(self, altered):
        with pytest.raises(ValueError, match=r"column gyro_z: line 102 \(recording 2\) has nothing\."):
            altered("motions.csv", cell(102, 9, ""))()
        with pytest.raises(ValueError, match=r"column lpcc_12: line 22 \(recording 2\) has 'x'\."):
            altered("vowels.csv", cell(22, 15, "x"))()

    def test_value_out_of_range(self, altered):
        with pytest.raises(ValueError, match=r"line 60 \(patient_id P002\) has 101\.[\s\S]*from 70 to 100"):
            altered("patients.csv", cell(60, 5, "101"))()
        with pytest.raises(ValueError, match=r"column deteriorated: line 7 \(patient_id P006\) has 2\."):
            altered("outcomes.csv", cell(7, 1, "2"))()

    def test_many_wrong_values_are_counted(self, altered):
        def change(lines):
            return [lines[0], *(line.rpartition(",")[0] + ",x" for line in lines[1:])]

        with pytest.raises(ValueError, match=r"line 6 .*, … \(11711 in all\)"):
            altered("patients.csv", change)()

    def test_a_patient_with_48_rows(self, altered):
        message = r"patients.csv, patient_id P002: 48 rows, no hour 9\.\n  rule:  each patient_id has 49 rows\."
        with pytest.raises(ValueError, match=message):
            altered("patients.csv", without(60))()

    def test_a_recording_too_long_or_too_short(self, altered):
        with pytest.raises(
            ValueError, match=r"motions.csv, recording 1: 99 rows, no step 99\.[\s\S]*has 100 rows"
        ):
            altered("motions.csv", without(101))()

        def short(lines):
            return [lines[0], *lines[1:6], *lines[21:]]

        with pytest.raises(
            ValueError, match=r"vowels.csv, recording 1: 5 rows, no step 5, 6\.[\s\S]*7 to 29 rows"
        ):
            altered("vowels.csv", short)()

    def test_an_hour_that_is_there_twice(self, altered):
        with pytest.raises(ValueError, match=r"patients.csv, line 60: patient_id P002 has hour 8 twice\."):
            altered("patients.csv", cell(60, 1, "8"))()

    def test_hours_out_of_order(self, altered):
        with pytest.raises(
            ValueError, match=r"patients.csv, line 60: patient_id P002 has hour 10\.[\s\S]*0, 1, 2"
        ):
            altered("patients.csv", swapped(60))()

    def test_an_hour_that_is_none(self, altered):
        for value in ("49", "8.5", "-1"):
            with pytest.raises(ValueError, match=rf"line 60.*P002.* {value}\."):
                altered("patients.csv", cell(60, 1, value))()

    def test_a_hole_in_a_recording(self, altered):
        with pytest.raises(ValueError, match=r"vowels.csv, line 4: recording 1 has step 3\."):
            altered("vowels.csv", without(4))()

    def test_a_patient_missing(self, altered):
        with pytest.raises(ValueError, match=r"patients.csv: 238 different patient_id\.[\s\S]*there are 239"):
            altered("patients.csv", lambda lines: lines[:-49])()

    def test_a_patient_without_name(self, altered):
        with pytest.raises(ValueError, match=r"patients.csv, column patient_id: line 60 has nothing\."):
            altered("patients.csv", cell(60, 0, ""))()

    def test_outcomes_of_other_patients(self, altered):
        with pytest.raises(ValueError, match=r"outcomes.csv: line 7 has P999, not P006\."):
            altered("outcomes.csv", cell(7, 0, "P999"))()
        with pytest.raises(ValueError, match=r"outcomes.csv: 238 patients\."):
            altered("outcomes.csv", without(240))()

    def test_another_class(self, altered):
        with pytest.raises(ValueError, match=r"column activity: line 3 \(recording 1\) has 'Resting'\."):
            altered("motions.csv", cell(3, 2, "Resting"))()
        with pytest.raises(ValueError, match=r"column speaker: line 2 \(recording 1\) has 10\."):
            altered("vowels.csv", cell(2, 2, "10"))()

    def test_a_class_that_changes_within_a_recording(self, altered):
        with pytest.raises(ValueError, match=r"line 3 \(recording 1\) has 'Running'\.[\s\S]*the same in all rows"):
            altered("motions.csv", cell(3, 2, "Running"))()

    def test_a_recording_in_the_other_split(self, altered):
        def change(lines):
            return [*lines[:1], *(line.replace("train", "test") for line in lines[1:101]), *lines[101:]]

        with pytest.raises(ValueError, match=r"motions.csv: 39 train, 41 test recordings, or in another order"):
            altered("motions.csv", change)()


class TestSignals:
    def test_step_and_pulse(self):
        assert datasets.step(4, at=0).tolist() == [1, 1, 1, 1]
        assert datasets.step(4, at=3).tolist() == [0, 0, 0, 1]
        assert datasets.pulse(4, at=3).tolist() == [0, 0, 0, 1]
        assert datasets.pulse(5, at=1, width=2).tolist() == [0, 1, 1, 0, 0]

    def test_sine_and_chirp(self):
        tone = datasets.sine(50, seconds=1, rate=1000)
        assert np.argmax(np.abs(np.fft.rfft(tone))) == 50 and len(tone) == 1000
        glide = datasets.chirp(10, 90, seconds=4, rate=1000)
        for part, frequency in ((glide[:500], 15), (glide[-500:], 85)):
            crossings = np.sum(np.diff(np.signbit(part)))
            assert crossings == pytest.approx(2 * frequency * 0.5, abs=2)

    def test_noise_is_the_same_for_the_same_seed(self):
        flat = np.zeros(20_000)
        assert np.array_equal(datasets.noisy(flat, seed=3), datasets.noisy(flat, seed=3))
        assert not np.array_equal(datasets.noisy(flat, seed=3), datasets.noisy(flat, seed=4))
        assert datasets.noisy(flat, spread=0.5).std() == pytest.approx(0.5, rel=0.02)
        assert datasets.noisy([[1, 2]], spread=0).tolist() == [[1, 2]]

    def test_stereo_sound(self):
        sound, rate = datasets.stereo_sound()
        assert sound.shape == (2, 12_000) and rate == 8000
        assert 0.5 < np.abs(sound).max() <= 1
        left, right = np.abs(np.fft.rfft(sound, axis=1)) ** 2
        hertz = np.fft.rfftfreq(12_000, 1 / rate)
        assert left[hertz < 300].sum() > 20 * right[hertz < 300].sum()  # the low tone is on the left
        assert right[hertz > 800].sum() > 20 * left[hertz > 800].sum()  # the bell is on the right
        middle, side = np.abs(np.fft.rfft([sound.sum(0), sound[0] - sound[1]], axis=1)) ** 2
        chord = (hertz > 435) & (hertz < 445) | (hertz > 550) & (hertz < 558)
        assert middle[chord].sum() > 5 * side[chord].sum()

    @pytest.mark.parametrize(
        "signal",
        [
            datasets.step(4, 2),
            datasets.pulse(4, 2),
            datasets.sine(5),
            datasets.chirp(5, 9),
            datasets.noisy([1.0]),
            datasets.stereo_sound()[0],
        ],
    )
    def test_all_are_float32(self, signal):
        assert signal.dtype == np.float32

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: datasets.step(4, at=4), r"step\(length=4, at=4\)[\s\S]*samples are 0 to 3, and sample 4"),
            (lambda: datasets.step(0, at=0), "length is a whole number of at least 1"),
            (lambda: datasets.pulse(4, at=2, width=3), r"sample 4 is to be 1\.\n  try:   length=5"),
            (lambda: datasets.pulse(4, at=2, width=0), "width is a whole number of at least 1"),
            (lambda: datasets.pulse(4, at=-1), "at is a whole number of at least 0"),
            (lambda: datasets.sine(5000), r"sine\(frequency=5000.*[\s\S]*at most 4000 Hz"),
            (lambda: datasets.sine(0), "no positive number"),
            (lambda: datasets.chirp(5, 6, seconds="1"), "no positive number"),
            (lambda: datasets.chirp(5, 6, seconds=-1), "no positive number"),
            (lambda: datasets.noisy(["a"]), "noise is added to numbers"),
            (lambda: datasets.noisy([1.0], spread=-1), "a standard deviation is 0 or more"),
            (lambda: datasets.noisy([1.0], seed=0.5), "seed is a whole number"),
        ],
    )
    def test_refused(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()
