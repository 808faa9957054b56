"""Make patients.csv and outcomes.csv: invented patients with a known answer.

Every patient has one surge of the heart rate and one dip of the blood pressure. Only in patients who deteriorate
does the dip follow the surge by 2 to 5 hours. In both groups each event has the same strengths and the same hours,
so that means, extremes and single hours tell the groups apart no better than chance: the order of the two does.

Run it from anywhere: ``python data/make_patients.py [FOLDER]`` (default: the folder of this script).
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 239
PATIENTS = 239
HOURS = 49
POSITIVE = 0.40
SWAPPED = 0.05  # the share of outcomes that are wrong, as in real records

# mean of all patients, spread between patients, noise from hour to hour, daily rhythm, decimals, lowest, highest
VITALS = {
    "heart_rate": (82.0, 7.0, 3.0, 2.0, 0, 35, 190),
    "systolic_bp": (126.0, 9.0, 4.0, 3.0, 0, 60, 220),
    "respiratory_rate": (17.0, 1.8, 1.2, 0.5, 0, 6, 45),
    "spo2": (96.5, 1.0, 0.8, 0.2, 0, 70, 100),
    "temperature": (36.9, 0.25, 0.12, 0.2, 1, 34.0, 41.5),
}
MEMORY = 0.6  # how much of the noise of one hour is left in the next: AR(1)
SURGE = 14.0  # heart rate, 1/min
DIP = 18.0  # systolic blood pressure, mmHg
FIRST, LAST = 5.0, 38.0  # hours between which the surge lies


def event_hours(rng: np.random.Generator, deteriorating: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw the hour of the surge and of the dip for every patient.

    The dip follows some hour by 2 to 5 hours. For patients who deteriorate that hour is the surge's own. For the
    others it is the surge's hour moved on by 8 to 25 hours, and from the end of the range back to its beginning.
    Moving around in a circle keeps the hours evenly spread: each event alone has the same hours in both groups.

    Args:
        rng: the source of random numbers.
        deteriorating: (patients,) of bool.

    Returns:
        (surge, dip): two arrays (patients,) in hours.
    """
    count, span = len(deteriorating), LAST - FIRST
    surge = rng.uniform(FIRST, LAST, count)
    moved = np.where(deteriorating, 0.0, rng.uniform(8.0, 25.0, count))
    dip = FIRST + (surge - FIRST + moved) % span + rng.uniform(2.0, 5.0, count)
    return surge, dip


def bump(hours: np.ndarray, centre: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Draw one smooth bump of height 1 per patient, (patients, hours)."""
    return np.exp(-0.5 * ((hours - centre[:, None]) / width[:, None]) ** 2)


def make_patients(seed: int = SEED) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the table of vital signs and the table of outcomes.

    Args:
        seed: of the random numbers.

    Returns:
        (vital signs in long form, 239 * 49 rows; outcomes, 239 rows).
    """
    rng = np.random.default_rng(seed)
    hours = np.arange(HOURS)
    deteriorating = np.zeros(PATIENTS, dtype=bool)
    deteriorating[: round(POSITIVE * PATIENTS)] = True
    rng.shuffle(deteriorating)
    surge, dip = event_hours(rng, deteriorating)
    strength = rng.uniform(0.7, 1.3, (2, PATIENTS, 1))
    width = rng.uniform(1.5, 2.5, (2, PATIENTS))
    events = {
        "heart_rate": SURGE * strength[0] * bump(hours, surge, width[0]),
        "systolic_bp": -DIP * strength[1] * bump(hours, dip, width[1]),
    }
    # Hour 0 is the admission, at another time of day for each patient.
    day = np.sin(2 * np.pi * (hours + rng.uniform(0, 24, (PATIENTS, 1))) / 24)
    ids = [f"P{number:03d}" for number in range(1, PATIENTS + 1)]
    table = {"patient_id": np.repeat(ids, HOURS), "hour": np.tile(hours, PATIENTS)}
    for name, (mean, between, noise, rhythm, decimals, lowest, highest) in VITALS.items():
        values = mean + between * rng.standard_normal((PATIENTS, 1)) + rhythm * day
        wobble = rng.standard_normal((PATIENTS, HOURS))
        for hour in range(1, HOURS):
            wobble[:, hour] = MEMORY * wobble[:, hour - 1] + np.sqrt(1 - MEMORY**2) * wobble[:, hour]
        values = values + noise * wobble + events.get(name, 0.0)
        values = np.clip(values, lowest, highest).round(decimals).ravel()
        table[name] = values if decimals else values.astype(int)
    wrong = np.concatenate(
        [rng.choice(group, round(SWAPPED * len(group)), replace=False) for group in _groups(deteriorating)]
    )
    recorded = deteriorating.copy()
    recorded[wrong] = ~recorded[wrong]
    return pd.DataFrame(table), pd.DataFrame({"patient_id": ids, "deteriorated": recorded.astype(int)})


def _groups(deteriorating: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.flatnonzero(deteriorating), np.flatnonzero(~deteriorating)


def main(folder: Path) -> None:
    """Write both tables into a folder."""
    vitals, outcomes = make_patients()
    for table, name in ((vitals, "patients.csv"), (outcomes, "outcomes.csv")):
        table.to_csv(folder / name, index=False, lineterminator="\n")
        print(f"{folder / name}: {len(table)} rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
