"""What surrounds a lesson's kernel and its server? The user's own environment, less what would break them."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from jupyter_core import paths

#: What is set for the course in JupyterLab, and its extensions.
SETTINGS = Path(__file__).resolve().parent


def lesson_environment() -> dict[str, str]:
    """Make the environment variables that lessons and tests run with.

    This environment's kernel goes before one of the same name in the user's own folder. ``MPLBACKEND``, which some
    set for their scripts, is left out, so that pictures appear below their cells. Where Jupyter, IPython or
    matplotlib cannot write to their own folder, a temporary one serves until this process ends.

    Returns:
        All variables, by name.

    Example:
        >>> lesson_environment()["JUPYTER_PREFER_ENV_PATH"]
        '1'
    """
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    environment["JUPYTER_PREFER_ENV_PATH"] = "1"
    locked = locked_folders()
    if locked:
        instead = tempfile.mkdtemp(prefix="conv1d-tutor-")
        atexit.register(shutil.rmtree, instead, ignore_errors=True)
        environment |= {name: str(Path(instead, name.lower())) for name in locked}
    return environment


def server_environment() -> dict[str, str]:
    """Make the environment variables that a Jupyter server runs with: a lesson's, with the course's settings.

    JupyterLab does not ask whether to fetch news, one Ctrl + C stops the server without a question, and pictures
    have their alternative texts.

    Returns:
        All variables, by name.

    Example:
        >>> server_environment()["JUPYTER_PATH"].split(os.pathsep)[0] == str(SETTINGS)
        True
    """
    environment = lesson_environment()
    for name in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH"):  # of the settings; of the extensions
        environment[name] = os.pathsep.join(filter(None, [str(SETTINGS), environment.get(name, "")]))
    return environment


def locked_folders() -> dict[str, Path]:
    """Find the folders that Jupyter, IPython or matplotlib want to write to and cannot.

    Returns:
        Each folder, by the variable that may name another one; empty if all is well.
    """
    home = Path(os.environ.get("HOME") or Path.home())
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    written = {
        "JUPYTER_CONFIG_DIR": [Path(paths.jupyter_config_dir())],
        "JUPYTER_DATA_DIR": [Path(paths.jupyter_data_dir())],
        "JUPYTER_RUNTIME_DIR": [Path(paths.jupyter_runtime_dir())],
        "IPYTHONDIR": [Path(os.environ.get("IPYTHONDIR") or home / ".ipython")],
        "MPLCONFIGDIR": [config / "matplotlib", cache / "matplotlib"],
    }
    if os.environ.get("MPLCONFIGDIR"):
        written["MPLCONFIGDIR"] = [Path(os.environ["MPLCONFIGDIR"])]
    return {name: folder for name, folders in written.items() for folder in folders if not _can_write(folder)}


def _can_write(folder: Path) -> bool:
    """Whether a folder can be written to, or made."""
    exists = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return exists.is_dir() and os.access(exists, os.W_OK | os.X_OK)
