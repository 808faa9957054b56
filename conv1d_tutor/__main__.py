"""The command line: ``python -m conv1d_tutor doctor`` and ``python -m conv1d_tutor lab``."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

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
    chosen, options = parser.parse_known_args(arguments)
    if chosen.command == "lab":
        return open_lab(options)
    if options:
        parser.error(f"{chosen.command} takes no further options, found {' '.join(options)}")
    return doctor()


def doctor() -> int:
    """Print the examination of this environment.

    Returns:
        0 if the course can run here, else 1.
    """
    from .environment import doctor as examine

    examination = examine()
    print(examination.details())
    print(examination if examination.ok else "Mend the lines marked MEND, then run this again.")
    return 0 if examination.ok else 1


def open_lab(options: list[str]) -> int:
    """Open the first lesson in JupyterLab and wait until the server is stopped.

    JupyterLab keeps its own token and listens on this machine alone. Two things are set for the course: lessons
    run in this environment's kernel, and JupyterLab does not ask whether to fetch news.

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
