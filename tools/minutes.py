"""How long does a lesson take? ``python -m tools.minutes`` prints it; ``--write`` puts it where it is said.

A reader takes a minute for 200 words, 8 seconds for a line of code that stands open, 2 minutes for a prediction,
for an explorable and for a task inside a section, 5 minutes for an exercise below "On your own". What is stated is
rounded up to 5 minutes.
"""

import argparse
import json
import math
import re
from pathlib import Path

from conv1d_tutor import explore
from conv1d_tutor.jupyter import own_copy

ROOT = Path(__file__).resolve().parent.parent
LESSONS = own_copy.lessons(ROOT / "notebooks")
README = ROOT / "README.md"
TEACHING = ROOT / "docs" / "teaching.md"
#: A class meets for so many minutes.
SESSION = 90
PLAN = re.compile(r"(<!-- written by python -m tools.minutes -->\n)(.*)(<!-- /written)", re.DOTALL)
WORDS_A_MINUTE, SECONDS_A_LINE = 200, 8
PREDICTION, EXPLORABLE, TASK, EXERCISE = 2, 2, 2, 5
#: Tasks stand above this heading, exercises below it.
EXERCISES_BEGIN = "## On your own"
TIME = re.compile(r"(\*\*Time:\*\* )(\d+)( minutes)")


def minutes(path: Path) -> float:
    """Count how long a lesson takes.

    Args:
        path: the notebook.

    Returns:
        Minutes, not rounded.
    """
    words = lines = 0
    spent, a_check = 0.0, TASK
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            words += len(source.split())
            if source.startswith(EXERCISES_BEGIN):
                a_check = EXERCISE
        elif not cell["metadata"].get("jupyter", {}).get("source_hidden"):
            lines += sum(bool(line.strip()) for line in source.splitlines())
        if cell["cell_type"] == "code":
            spent += PREDICTION * len(re.findall(r"^predict\(", source, re.MULTILINE))
            spent += a_check * len(re.findall(r"^check\(\"", source, re.MULTILINE))
            spent += EXPLORABLE * len(re.findall(rf"^(?:{'|'.join(explore.__all__)})\(", source, re.MULTILINE))
    return words / WORDS_A_MINUTE + lines * SECONDS_A_LINE / 60 + spent


def stated(path: Path) -> int:
    """Read how long a lesson says that it takes, in minutes."""
    first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
    found = TIME.search(first)
    return int(found[2]) if found else 0


def rounded(exact: float) -> int:
    """Round up to 5 minutes."""
    return 5 * math.ceil(exact / 5)


def plan() -> str:
    """Write a class's plan: a row for each lesson, with what is to be done in it."""
    rows = ["| Lesson | Minutes | Sessions | Predictions | Exercises |", "|---|---|---|---|---|"]
    sums = [0, 0, 0, 0]
    for path in LESSONS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        title = "".join(cells[0]["source"]).partition("\n")[0].lstrip("# ")
        asked = [len(re.findall(rf'^{call}\("', code, re.MULTILINE)) for call in ("predict", "check")]
        told = rounded(minutes(path))
        row = [told, math.ceil(told / SESSION), *asked]
        sums = [total + number for total, number in zip(sums, row, strict=True)]
        rows.append(f"| [{title}](../notebooks/{path.name}) | {' | '.join(map(str, row))} |")
    return "\n".join([*rows, f"| all | {' | '.join(map(str, sums))} |", ""])


def write() -> None:
    """Put the minutes into the first cell of each lesson, the README's table and the plan for a class."""
    readme = README.read_text(encoding="utf-8")
    for path in LESSONS:
        told = rounded(minutes(path))
        text = path.read_text(encoding="utf-8")
        path.write_text(TIME.sub(rf"\g<1>{told}\g<3>", text, count=1), encoding="utf-8")
        readme = re.sub(rf"(\(notebooks/{path.name}\) \|.*\| )\d+( \|\n)", rf"\g<1>{told}\g<2>", readme)
    README.write_text(readme, encoding="utf-8")
    teaching = TEACHING.read_text(encoding="utf-8")
    TEACHING.write_text(PLAN.sub(lambda found: found[1] + plan() + found[3], teaching), encoding="utf-8")


def main() -> None:
    """Print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the minutes into lessons and README")
    if parser.parse_args().write:
        write()
    for path in LESSONS:
        print(f"{path.stem:42} takes {minutes(path):5.1f} minutes, says {stated(path)}")


if __name__ == "__main__":
    main()
