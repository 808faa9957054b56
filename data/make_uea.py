"""Make motions.csv and vowels.csv from the two files of the UEA archive that the wheel of aeon carries.

Get the wheel and unpack it, then run this from anywhere::

    pip download --no-deps aeon==1.6.0
    python -m zipfile -e aeon-1.6.0-py3-none-any.whl unpacked
    python data/make_uea.py unpacked/aeon [FOLDER]

The first argument is the folder of the package aeon (an installed one does as well), the second the folder to
write to (default: the folder of this script). The numbers are copied as text: no decimal is changed.
"""

import csv
import sys
from pathlib import Path

MOTION_CHANNELS = ["accel_x", "accel_y", "accel_z", "gyro_x", "gyro_y", "gyro_z"]
VOWEL_CHANNELS = [f"lpcc_{number}" for number in range(1, 13)]

# name of the table: name in the archive, column of the class, channels
SETS = {
    "motions.csv": ("BasicMotions", "activity", MOTION_CHANNELS),
    "vowels.csv": ("JapaneseVowels", "speaker", VOWEL_CHANNELS),
}


def read_ts(path: Path) -> list[tuple[str, list[list[str]]]]:
    """Read one .ts file of the UEA archive.

    After ``@data`` each line is one recording: its channels, then its class, split by colons.

    Args:
        path: the file.

    Returns:
        One (class, channels) per recording; channels is a list of lists of numbers, still as text.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    start = [line.strip().lower() for line in lines].index("@data") + 1
    recordings = []
    for line in lines[start:]:
        if line.strip():
            *channels, label = line.strip().split(":")
            recordings.append((label, [channel.split(",") for channel in channels]))
    return recordings


def write_table(source: Path, path: Path, archive_name: str, class_name: str, channels: list[str]) -> int:
    """Write one set in long form: one row per recording and time step.

    Args:
        source: the folder of the package aeon.
        path: the CSV file to write.
        archive_name: the set's name in the archive.
        class_name: the name of the column of the class.
        channels: the names of the channels, in the archive's order.

    Returns:
        The number of rows.

    Raises:
        ValueError: a recording has other channels than named, or channels of unequal length.
    """
    rows, recording = 0, 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["split", "recording", class_name, "step", *channels])
        for split in ("train", "test"):
            ts = source / "datasets" / "data" / archive_name / f"{archive_name}_{split.upper()}.ts"
            for label, values in read_ts(ts):
                recording += 1  # counted on through both splits, so that the number alone names a recording
                if len(values) != len(channels) or len({len(channel) for channel in values}) != 1:
                    raise ValueError(f"{ts}, recording {recording}: {len(values)} channels")
                for step, row in enumerate(zip(*values, strict=True)):
                    writer.writerow([split, recording, label, step, *row])
                    rows += 1
    return rows


def main(source: Path, folder: Path) -> None:
    """Write both tables into a folder."""
    for name, description in SETS.items():
        print(f"{folder / name}: {write_table(source, folder / name, *description)} rows")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).parent)
