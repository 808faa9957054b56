"""The command line: ``python -m conv1d_tutor start``, ``reset``, ``doctor``, ``explain``, ``report``, ``lab``."""

import argparse
import io
import sys
from pathlib import Path
from typing import Any

from ._showing import PLAIN_SIGNS
from .arithmetic import DEFAULTS, PADDING_MODES


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: what stands after ``python -m conv1d_tutor``; the process's own arguments if None.

    Returns:
        The exit status: 0 if all is well.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN_SIGNS)
    parser = argparse.ArgumentParser(prog="python -m conv1d_tutor", description="The Conv1d course.")
    commands = parser.add_subparsers(dest="command", required=True)
    examine = commands.add_parser("doctor", help="examine whether this environment can run the course")
    examine.add_argument("--kernel", action="store_true", help="start a lesson's kernel too; takes some seconds")
    begin = commands.add_parser(
        "start", help="open your own copy of the lessons in JupyterLab; further options go to jupyter lab"
    )
    again = commands.add_parser("reset", help="bring back a lesson as the course has it; yours stays beside it")
    again.add_argument("lesson", help="its number, such as 05")
    for parsed in (begin, again):
        parsed.add_argument("folder", nargs="?", type=Path, default=Path("my_course"), help="default my_course")
    commands.add_parser("lab", help="open the course's own lessons, to write on them, as start does")
    _add_explain(commands)
    teach = commands.add_parser("report", help="show what a class has done, from the files that learners hand in")
    where = "progress.json files, or folders that hold them at any depth"
    teach.add_argument("places", nargs="+", type=Path, metavar="FOLDER", help=where)
    teach.add_argument("--html", type=Path, metavar="FILE", help="write a page")
    teach.add_argument("--csv", type=Path, metavar="FILE", help="write a line for each learner and exercise")
    chosen, options = parser.parse_known_args(arguments)
    if chosen.command == "lab":
        from .jupyter.lab import open_lab

        return open_lab(options)
    if chosen.command == "start":
        from .jupyter.lab import start

        return start(chosen.folder, options)
    if options:
        parser.error(f"{chosen.command} takes no further options, found {' '.join(options)}")
    if chosen.command == "reset":
        return reset(chosen.lesson, chosen.folder)
    if chosen.command == "report":
        return report(chosen.places, chosen.html, chosen.csv)
    return explain(chosen) if chosen.command == "explain" else doctor(chosen.kernel)


def _add_explain(commands: Any) -> None:
    """Add the arguments of ``explain``, with torch's names and defaults."""
    parser = commands.add_parser(
        "explain", help="tell what a Conv1d does with an input of some shape, or why it fails"
    )
    parser.add_argument("--input", required=True, type=_numbers, metavar="N,C,L", help="shape of the input")
    conv = "in_channels, out_channels and kernel_size"
    parser.add_argument("--conv", required=True, type=_numbers, metavar="C,O,K", help=conv)
    for name in ("stride", "padding", "dilation", "groups"):
        parser.add_argument(f"--{name}", type=_size, default=DEFAULTS[name], help=f"default {DEFAULTS[name]}")
    parser.add_argument("--padding-mode", default=DEFAULTS["padding_mode"], help=", ".join(PADDING_MODES))
    parser.add_argument("--no-bias", dest="bias", action="store_false", help="a layer without a bias")


def _numbers(text: str) -> tuple[int, ...]:
    """Read ``239,49,5``, with or without brackets and spaces."""
    return tuple(int(part) for part in text.strip("()[] ").split(",") if part.strip())


def _size(text: str) -> int | str | tuple[int, ...]:
    """Read one number, several, or a word such as ``same``."""
    try:
        numbers = _numbers(text)
    except ValueError:
        return text
    return numbers[0] if len(numbers) == 1 else numbers


def explain(chosen: argparse.Namespace) -> int:
    """Print what a Conv1d does with an input of some shape, or why it refuses it.

    Args:
        chosen: the arguments, see ``python -m conv1d_tutor explain --help``.

    Returns:
        0 if the layer takes the input, else 1.
    """
    from .explainer import explain as explained

    def build() -> Any:
        from torch import nn

        # On the meta device, which has no numbers: a layer may be larger than the memory.
        return nn.Conv1d(*chosen.conv, **{name: getattr(chosen, name) for name in DEFAULTS}, device="meta")

    if len(chosen.conv) != 3:
        given = ",".join(map(str, chosen.conv))
        print(f"--conv takes three numbers, in_channels,out_channels,kernel_size, found {given}", file=sys.stderr)
        return 2
    found = explained(build, chosen.input)
    print(found)
    return 0 if found.ok else 1


def reset(lesson: str, folder: Path) -> int:
    """Bring back a lesson as the course has it.

    Args:
        lesson: its number, such as "05".
        folder: the learner's copy.

    Returns:
        0 if that was done, else 2.
    """
    from .jupyter import own_copy

    try:
        for line in own_copy.reset(lesson, folder):
            print(line)
    except own_copy.CopyError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


def report(places: list[Path], page: Path | None, table: Path | None) -> int:
    """Print what a class has done, and write it where that is asked for.

    Args:
        places: files and folders of learners.
        page: where to write a page.
        table: where to write a table for a spreadsheet.

    Returns:
        0; 1 if nobody's progress was found, 2 if a file cannot be written.
    """
    from ._files import write_whole
    from .exercises.report import report as read_all

    found = read_all(places)
    print(found)
    try:
        for path, text in ((page, found.as_page), (table, found.as_csv)):
            if path:
                # With a mark of the encoding, by which spreadsheets know it.
                write_whole(path, text().encode("utf-8-sig" if path == table else "utf-8"))
                print(f"Written: {path}")
    except OSError as error:
        print(f"{path} cannot be written ({error.strerror}).", file=sys.stderr)
        return 2
    return 0 if found.learners else 1


def doctor(kernel: bool) -> int:
    """Print the examination of this environment.

    Args:
        kernel: whether to start a kernel too.

    Returns:
        0 if the course can run here, else 1.
    """
    from .jupyter.doctor import doctor as examine

    examination = examine(kernel=kernel)
    print(examination.details())
    print(examination if examination.ok else "Mend the lines marked MEND, then run this again.")
    return 0 if examination.ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
