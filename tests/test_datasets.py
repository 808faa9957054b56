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

    def test_long_motions_hold_each_motion_once(self):
        motions, long = datasets.load_motions(), datasets.load_long_motions()
        assert long.signals.shape == (10, 6, 800) and long.signals.dtype == np.float32
        assert long.labels.shape == (10, 800) and long.labels.dtype == np.int64
        stretches = long.signals.reshape(10, 6, 8, 100).swapaxes(1, 2).reshape(2, 40, 6, 100)
        labels = long.labels.reshape(2, 40, 100)
        for part, joined, label in zip((motions.train, motions.test), stretches, labels, strict=True):
            known = {signal.tobytes(): one for signal, one in zip(part.signals, part.labels, strict=True)}
            assert (label == label[:, :1]).all()
            assert [known.pop(np.ascontiguousarray(one).tobytes()) for one in joined] == label[:, 0].tolist()
            assert known == {}
        assert all(np.bincount(one[::100]).tolist() == [2, 2, 2, 2] for one in long.labels)

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


@pytest.fixture(params=["installed/conv1d_tutor/data", "checkout/data"])
def folder(request, tmp_path, monkeypatch):
    """A copy of the data, where an installed package or a checkout has them."""
    copy = shutil.copytree(DATA, tmp_path / request.param)
    module = tmp_path / request.param.split("/")[0] / "conv1d_tutor" / "datasets.py"
    monkeypatch.setattr(datasets, "__file__", str(module))
    return copy


class TestFiles:
    @pytest.mark.parametrize("name", LOADERS)
    def test_a_copy_loads_also_with_the_line_ends_of_windows(self, folder, name):
        (folder / name).write_bytes((DATA / name).read_bytes().replace(b"\n", b"\r\n"))
        assert repr(LOADERS[name]()) == repr(LOADERS[name]())

    @pytest.mark.parametrize("name", LOADERS)
    def test_a_file_that_is_missing_says_how_it_comes_back(self, folder, name):
        (folder / name).unlink()
        with pytest.raises(
            FileNotFoundError, match=rf"no file {name} in [\s\S]*git checkout -- data/{name}, or inst"
        ):
            LOADERS[name]()

    @pytest.mark.parametrize("name", LOADERS)
    @pytest.mark.parametrize(
        "change",
        [
            lambda content: b"",
            lambda content: content[:-1],
            lambda content: content.replace(b"1", b"2", 1),
            lambda content: content.replace(b",", b";"),
            lambda content: bytes(reversed(content)),
        ],
        ids=["empty", "cut", "one digit", "semicolons", "no text"],
    )
    def test_a_file_that_was_changed_says_how_it_comes_back(self, folder, name, change):
        (folder / name).write_bytes(change((DATA / name).read_bytes()))
        found = rf"another file: the SHA-256 of .*{name} begins with \w{{8}}\.\n[\s\S]*"
        with pytest.raises(
            ValueError, match=rf"^load_\w+\(\)\n  found: {found}git checkout -- data/{name}, or inst"
        ):
            LOADERS[name]()

    def test_a_file_is_looked_at_once(self, folder, monkeypatch):
        datasets.load_motions()
        monkeypatch.setattr(datasets.hashlib, "sha256", None)
        datasets.load_motions()


class TestSignals:
    def test_pulse(self):
        assert datasets.pulse(4, at=3).tolist() == [0, 0, 0, 1]
        assert datasets.pulse(5, at=1, width=2).tolist() == [0, 1, 1, 0, 0]

    def test_sine(self):
        tone = datasets.sine(50, seconds=1, rate=1000)
        assert np.argmax(np.abs(np.fft.rfft(tone))) == 50 and len(tone) == 1000

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
            datasets.pulse(4, 2),
            datasets.sine(5),
            datasets.stereo_sound()[0],
        ],
    )
    def test_all_are_float32(self, signal):
        assert signal.dtype == np.float32

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: datasets.pulse(4, at=4), r"pulse\(length=4, at=4\)[\s\S]*samples are 0 to 3, and sample 4"),
            (lambda: datasets.pulse(0, at=0), "length is a whole number from 1 to 10000000"),
            (lambda: datasets.sine(5, rate=1e40), r"1 s at 1e\+40 [\s\S]*at most 10000000 samples"),
            (lambda: datasets.pulse(4, at=2, width=3), r"sample 4 is to be 1\.\n  try:   length=5"),
            (lambda: datasets.pulse(4, at=2, width=0), "width is a whole number of at least 1"),
            (lambda: datasets.pulse(4, at=-1), "at is a whole number of at least 0"),
            (lambda: datasets.sine(5000), r"sine\(frequency=5000.*[\s\S]*at most 4000 Hz"),
            (lambda: datasets.sine(0), "frequency is one finite number above 0"),
            (lambda: datasets.sine(5, seconds="1"), "seconds is one finite number above 0"),
            (lambda: datasets.sine(5, rate=-1), "rate is one finite number above 0"),
            (lambda: datasets.load_patients(as_array="yes"), "as_array is one of False, True"),
        ],
    )
    def test_refused(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()
