"""Is .venv as the course needs it? If not, make it: look first, then install, and say in words what is in the way.

Every `make` command runs this; on Windows, people do. It needs the standard library alone. It runs on a Python far
too old for the course too, to say so: nothing newer than Python 2.7 is used before the version is known.
"""

from __future__ import print_function

import hashlib
import io
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
#: Written last: the folder that .venv was made in, and the dependencies it was made for.
READY = os.path.join(VENV, "ready")
AGAIN = "py -3.12 tools\\install.py" if os.name == "nt" else "make lab PYTHON={0}"
NETWORK = "The network is needed once, to install. Look at the connection and the proxy, then run this again."
GIGABYTES = 3


def main():
    """Make .venv unless it is ready; `install.py again` makes it anew, whatever was lost or broken in it.

    Raises:
        SystemExit: what is in the way, and what to do about it.
    """
    made, wanted = read(READY), "{0}\n{1}\n".format(ROOT, dependencies())
    works = runs(PYTHON, "-c", "import pip")
    again = sys.argv[1:] == ["again"]
    if works and made == wanted and not again:
        return
    look_at_python()
    look_at_disk()
    if works:
        look_at_network()  # before anything is taken away
    if os.path.exists(READY):
        os.remove(READY)
    if again or not works or not made.startswith(ROOT + "\n"):
        # Never finished, made in another folder, or its Python is gone: nothing in it can be trusted.
        say("Making an environment in .venv with Python {0}.{1}.{2}.".format(*sys.version_info))
        if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]):
            sys.exit("Python could not make {0}, see above. Is it a folder that you may write in?".format(VENV))
        look_at_network()
    say("Installing about 130 packages, once, in a few minutes. In pip's last step nothing moves for long.")
    if install(pip("install", "--constraint", "constraints.txt", "--editable", ".[dev]")):
        look_at_disk()
        sys.exit("The installation broke off; pip's last lines tell why. Mend that, then run this again.")
    with io.open(READY, "w", encoding="utf-8") as ready:
        ready.write(wanted)


def say(text):
    """Print at once, before what other programs print."""
    print(text)
    sys.stdout.flush()


def read(path):
    """The text of a file; nothing if there is none."""
    try:
        with io.open(path, encoding="utf-8") as file:
            return file.read()
    except (IOError, OSError, ValueError):
        return ""


def dependencies():
    """One word that changes whenever the dependencies do."""
    texts = [read(os.path.join(ROOT, name)) for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256("".join(texts).encode("utf-8")).hexdigest()


def runs(*command):
    """Whether a command exists and ends well."""
    with open(os.devnull, "w") as nothing:
        try:
            return subprocess.call(command, stdout=nothing, stderr=nothing) == 0
        except OSError:
            return False


def pip(*arguments):
    """The command that runs the environment's own pip."""
    return (PYTHON, "-m", "pip", "--disable-pip-version-check") + arguments


def install(command):
    """Run pip, let it show what it does, and say so in words if the network fails; its exit status."""
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    lost = False
    for line in process.stderr:  # its progress goes the other way, straight to the terminal
        sys.stderr.write(line.decode("utf-8", "replace"))
        lost = lost or b"connection broken by" in line or b"timed out" in line
    if process.wait() and lost:
        sys.exit("pip lost its connection, see above.\n" + NETWORK)
    return process.returncode


def look_at_python():
    """Stop if the Python that runs this cannot make the environment."""
    here = "{0}.{1}.{2}, {3}".format(*(tuple(sys.version_info[:3]) + (sys.executable,)))
    pyproject = read(os.path.join(ROOT, "pyproject.toml"))
    lowest = tuple(map(int, re.search(r'requires-python = ">=(\d+)\.(\d+)"', pyproject).groups()))
    if sys.version_info[:2] < lowest:
        names = ["python{0}.{1}".format(lowest[0], minor) for minor in range(lowest[1] + 3, lowest[1] - 1, -1)]
        name = ([name for name in names if runs(name, "-c", "import ensurepip")] + ["/path/to/python"])[0]
        told = (
            "This Python is too old for the course: {0}.\nIt needs {1}.{2} or newer. Install one, or name it: {3}"
        )
        sys.exit(told.format(here, lowest[0], lowest[1], AGAIN.format(name)))
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        told = "This Python cannot make environments, its part `venv` is missing: {0}.\n"
        sys.exit((told + "On Debian and Ubuntu: sudo apt install python3-venv").format(here))


def look_at_disk():
    """Stop if the packages have no room."""
    import shutil

    free = shutil.disk_usage(ROOT).free / 1e9
    if free < GIGABYTES:
        told = "The disk is nearly full: {0:.1f} GB in {1}.\n"
        told += "The packages take {2} GB, with torch for graphics cards 8. Make room, then run this again."
        sys.exit(told.format(free, ROOT, GIGABYTES))


def look_at_network():
    """Stop if pip, with its own settings, proxies and mirrors, cannot fetch the first and the last it needs."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        fetch = ("download", "--no-deps", "--retries", "1", "--timeout", "15", "--dest", folder)
        command = pip(*(fetch + ("hatchling", "nbval")))
        asked = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT)
    if asked.returncode:
        said = asked.stdout.decode("utf-8", "replace").strip()
        sys.exit("{0}\n\nThese were pip's words: it cannot fetch packages.\n{1}".format(said, NETWORK))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nBroken off. The same command begins again.")
