"""The files in data/ are what their cards say, and come out of their scripts again."""

import hashlib
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

from conv1d_tutor import datasets

DATA = Path(__file__).parents[1] / "data"
CARD = (DATA / "README.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"\| `(\w+\.csv)` \| ([\d,]+) \|", CARD))
CHECKSUMS = dict(re.findall(r"\| `(\w+\.csv)` \|.*`([0-9a-f]{64})`", CARD))


def text(path):
    """Read a file with the line ends of the repository: git may have changed them on Windows."""
    return path.read_bytes().replace(b"\r\n", b"\n")


def test_every_file_has_a_card():
    assert set(CHECKSUMS) == set(ROWS) == {path.name for path in DATA.glob("*.csv")}
    assert len(CHECKSUMS) == 4


def test_the_loaders_hold_the_checksums_of_the_cards():
    assert datasets.CHECKSUMS == CHECKSUMS


@pytest.mark.parametrize("name", CHECKSUMS)
def test_file_is_the_one_on_the_card(name):
    assert hashlib.sha256(text(DATA / name)).hexdigest() == CHECKSUMS[name]
    assert text(DATA / name).count(b"\n") - 1 == int(ROWS[name].replace(",", ""))


def test_patients_come_out_of_their_script_byte_for_byte(tmp_path):
    script = runpy.run_path(str(DATA / "make_patients.py"))
    script["main"](tmp_path)
    for name in ("patients.csv", "outcomes.csv"):
        assert (tmp_path / name).read_bytes() == text(DATA / name)


def test_the_vital_signs_are_those_of_the_script_and_within_its_limits():
    vitals = runpy.run_path(str(DATA / "make_patients.py"))["VITALS"]
    assert tuple(vitals) == datasets.VITAL_SIGNS
    table, _ = datasets.load_patients()
    for name, (*_, lowest, highest) in vitals.items():
        assert table[name].between(lowest, highest).all()


def test_each_event_has_the_same_hours_in_both_groups():
    script = runpy.run_path(str(DATA / "make_patients.py"))
    deteriorating = np.arange(200_000) % 2 == 0
    surge, dip = script["event_hours"](np.random.default_rng(0), deteriorating)
    for hours in (surge, dip):
        parts = [np.quantile(hours[group], np.linspace(0, 1, 11)) for group in (deteriorating, ~deteriorating)]
        np.testing.assert_allclose(*parts, atol=0.3)
    gap = dip - surge
    assert gap[deteriorating].min() > 2 and gap[deteriorating].max() < 5
    others = gap[~deteriorating]
    assert np.all((others < -3) | (others > 10))
    assert 0.3 < np.mean(others > 0) < 0.7


def test_the_promises_of_the_patients(monkeypatch):
    # One of the eight splits: data/measure_patients.py measures the whole, and lesson 12 holds the same three
    # promises on ten splits.
    script = runpy.run_path(str(DATA / "measure_patients.py"))
    monkeypatch.setitem(script["measure"].__globals__, "SPLITS", 1)
    data = datasets.load_patients(as_array=True)
    statistics, permuted, reshaped = script["measure"](data.array, data.labels).mean(axis=0)
    assert statistics <= 0.62 and permuted >= 0.90 and reshaped <= 0.72


def test_the_archive_is_copied_number_by_number(tmp_path):
    script = runpy.run_path(str(DATA / "make_uea.py"))
    archive = tmp_path / "datasets" / "data" / "Tiny"
    archive.mkdir(parents=True)
    (archive / "Tiny_TRAIN.ts").write_text("#note\n@dimensions 2\n@data\n0.10,2:-3,4e-5:Run\n")
    (archive / "Tiny_TEST.ts").write_text("@data\n7:8:Walk\n")
    path = tmp_path / "tiny.csv"
    assert script["write_table"](tmp_path, path, "Tiny", "activity", ["a", "b"]) == 3
    assert path.read_text() == (
        "split,recording,activity,step,a,b\ntrain,1,Run,0,0.10,-3\ntrain,1,Run,1,2,4e-5\ntest,2,Walk,0,7,8\n"
    )
    with pytest.raises(ValueError, match="recording 1: 2 channels"):
        script["write_table"](tmp_path, path, "Tiny", "activity", ["a", "b", "c"])
