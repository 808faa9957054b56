"""How is the first lesson opened? In JupyterLab with the course's settings, until Ctrl + C stops it in order."""

import os
import subprocess
import sys
from pathlib import Path

from .doctor import AGAIN, moved
from .surroundings import lesson_environment, locked_folders

SETTINGS = Path(__file__).resolve().parent
FIRST_LESSON = SETTINGS.parents[1] / "notebooks" / "00_start_here.ipynb"


def open_lab(options: list[str]) -> int:
    """Open the first lesson in JupyterLab and wait until the server is stopped.

    JupyterLab keeps its own token and listens on this machine alone. What is set for the course stands in this
    folder: JupyterLab does not ask whether to fetch news, and one Ctrl + C stops the server without a question.

    Args:
        options: further options for ``jupyter lab``.

    Returns:
        The exit status of JupyterLab, or 2 if there are no lessons beside this package.
    """
    if not FIRST_LESSON.exists():
        print(
            f"There are no lessons at {FIRST_LESSON.parent}: they are not part of the installed package.\n"
            "Clone the course's repository, and start them there with: make lab (on Windows, see its README.md).",
            file=sys.stderr,
        )
        return 2
    problem = moved()
    if problem:
        print(f"Lessons may not work: {problem}; {AGAIN}.", file=sys.stderr)
    locked = sorted({str(folder) for folder in locked_folders().values()})
    if locked:
        print(
            f"What you set in JupyterLab is not kept: you may not write to {', '.join(locked)}.", file=sys.stderr
        )
    environment = lesson_environment()
    settings = [str(SETTINGS), environment.get("JUPYTER_CONFIG_PATH", "")]
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, settings))
    root = FIRST_LESSON.parents[1]
    # As the default address, the lesson is also what the address printed in the terminal leads to.
    opens = f"--LabApp.default_url=/lab/tree/{FIRST_LESSON.relative_to(root).as_posix()}"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", opens, *options]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # JupyterLab refuses to start as root without it
    server = subprocess.Popen(command, cwd=root, env=environment)
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:
            continue  # the server has felt the key too: it ends its kernels and removes their files
