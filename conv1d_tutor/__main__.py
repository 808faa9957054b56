"""The command line: ``python -m conv1d_tutor doctor``, ``lab`` and ``explain``."""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent
FIRST_LESSON = PACKAGE.parent / "notebooks" / "00_start_here.ipynb"


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: what stands after ``python -m conv1d_tutor``; the process's own arguments if None.

    Returns:
        The exit status: 0 if all is well.
    """
    parser = argparse.ArgumentParser(prog="python -m conv1d_tutor", description="The Conv1d course.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor", help="examine whether this environment can run the course")
    commands.add_parser("lab", help="open the first lesson in JupyterLab; further options go to jupyter lab")
    _add_explain(commands)
    chosen, options = parser.parse_known_args(arguments)
    if chosen.command == "lab":
        return open_lab(options)
    if options:
        parser.error(f"{chosen.command} takes no further options, found {' '.join(options)}")
    return explain(chosen) if chosen.command == "explain" else doctor()


def _add_explain(commands: Any) -> None:
    """Add the arguments of ``explain``, with torch's names and defaults."""
    parser = commands.add_parser(
        "explain", help="tell what a Conv1d does with an input of some shape, or why it fails"
    )
    parser.add_argument("--input", required=True, type=_numbers, metavar="N,C,L", help="shape of the input")
    conv = "in_channels, out_channels and kernel_size"
    parser.add_argument("--conv", required=True, type=_numbers, metavar="C,O,K", help=conv)
    for name, default in {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}.items():
        parser.add_argument(f"--{name}", type=_size, default=default, help=f"default {default}")
    parser.add_argument("--padding-mode", default="zeros", help="zeros, reflect, replicate or circular")
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

        names = ("stride", "padding", "dilation", "groups", "bias", "padding_mode")
        return nn.Conv1d(*chosen.conv, **{name: getattr(chosen, name) for name in names})

    if len(chosen.conv) != 3:
        given = ",".join(map(str, chosen.conv))
        print(f"--conv takes three numbers, in_channels,out_channels,kernel_size, found {given}", file=sys.stderr)
        return 2
    found = explained(build, chosen.input)
    print(found)
    return 0 if found.ok else 1


def doctor() -> int:
    """Print the examination of this environment.

    Returns:
        0 if the course can run here, else 1.
    """
    from .jupyter.doctor import doctor as examine

    examination = examine()
    print(examination.details())
    print(examination if examination.ok else "Mend the lines marked MEND, then run this again.")
    return 0 if examination.ok else 1


def open_lab(options: list[str]) -> int:
    """Open the first lesson in JupyterLab and wait until the server is stopped.

    JupyterLab keeps its own token and listens on this machine alone. Three things are set for the course: lessons
    run in this environment's kernel, JupyterLab does not ask whether to fetch news, and new pictures reach the
    page without waiting (`jupyter.connection`).

    Args:
        options: further options for ``jupyter lab``.

    Returns:
        The exit status of JupyterLab, or 2 if there are no lessons beside this package.
    """
    if not FIRST_LESSON.exists():
        print(f"There are no lessons at {FIRST_LESSON.parent}. Clone the repository to get them.", file=sys.stderr)
        return 2
    settings = [str(PACKAGE / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    environment = os.environ | {
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, settings)),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    root = FIRST_LESSON.parent.parent
    # As the default address, the lesson is also what the address printed in the terminal leads to.
    opens = f"--LabApp.default_url=/lab/tree/{FIRST_LESSON.relative_to(root).as_posix()}"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", opens, *options]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # JupyterLab refuses to start as root without it
    try:
        return subprocess.run(command, cwd=root, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    raise SystemExit(main())
