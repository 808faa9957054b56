"""How is the first lesson opened? In JupyterLab with the course's settings, until Ctrl + C stops it in order."""

import os
import subprocess
import sys
from pathlib import Path

from . import own_copy
from .doctor import AGAIN, moved
from .surroundings import locked_folders, server_environment

CHECKOUT = own_copy.PACKAGE.parent
#: After Ctrl + C; as a rule a server takes one or two.
SECONDS_TO_END = 20


def start(folder: Path, options: list[str]) -> int:
    """Make or renew the learner's own copy of the course, and open its first lesson.

    Args:
        folder: the copy.
        options: further options for ``jupyter lab``.

    Returns:
        The exit status of JupyterLab, or 2 if the copy cannot be made.
    """
    try:
        for line in own_copy.update(folder):
            print(line)
    except own_copy.CopyError as problem:
        print(problem, file=sys.stderr)
        return 2
    return open_lab(options, folder.resolve())


def open_lab(options: list[str], root: Path = CHECKOUT) -> int:
    """Open the first lesson in JupyterLab and wait until the server is stopped.

    JupyterLab keeps its own token and listens on this machine alone. What is set for the course, see
    `server_environment`.

    Args:
        options: further options for ``jupyter lab``.
        root: the folder that holds notebooks/: a learner's copy, or the checkout this package is part of.

    Returns:
        The exit status of JupyterLab, or 2 if there are no lessons.
    """
    if not (root / own_copy.FIRST_LESSON).exists():
        print(
            f"There are no lessons at {root / 'notebooks'}. A copy of your own: python -m conv1d_tutor start",
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
    # As the default address, the lesson is also what the address printed in the terminal leads to.
    opens = f"--LabApp.default_url=/lab/tree/{own_copy.FIRST_LESSON}"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", opens, *options]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # JupyterLab refuses to start as root without it
    server = subprocess.Popen(command, cwd=root, env=server_environment())
    patience = None
    while True:
        try:
            return server.wait(patience)
        except KeyboardInterrupt:
            patience = SECONDS_TO_END  # the server has felt the key too: it ends its kernels, removes their files
        except subprocess.TimeoutExpired:
            server.kill()  # seldom, where a request came at that moment, it ends all that and then itself never
