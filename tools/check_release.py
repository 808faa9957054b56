"""Does a release work where nothing but it is? ``make release-check`` builds two, and lives through an update.

In an empty folder, with an environment of its own, the wheel is installed, `start` copies the lessons and serves
the first one, its cells run, an answer is typed and kept. Then a wheel of a higher version is installed over it:
the answer is still there, the newer lesson lies beside it, and `doctor --kernel` finds nothing to mend.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
VERSION_LINE = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
LARGEST = 15_000_000
#: What is in a checkout and not in git; a release holds none of it either.
NOT_COURSE = (".git", ".venv", ".zoo", ".hub", ".*_cache", ".hypothesis", "dist", "build", "_build")
#: What a learner may type at the end of the first lesson: the right answer to its first exercise.
ANSWER = """\
from conv1d_tutor.exercises import EXERCISES, check
first = EXERCISES[next(iter(EXERCISES))]
check(first.id, first.solution if first.cases else first.value)"""


def copy_of_source(folder: Path) -> Path:
    """Copy the checkout, so that nothing in it changes.

    Args:
        folder: there is none yet.

    Returns:
        The same folder.
    """
    return Path(shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COURSE)))


def build(source: Path, into: Path) -> tuple[Path, Path]:
    """Build a wheel and an sdist.

    Args:
        source: a checkout.
        into: the folder for both.

    Returns:
        The paths of the wheel and of the sdist.

    Raises:
        RuntimeError: they are larger than `LARGEST`.
    """
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(into)], cwd=source, check=True)
    version = version_of(source)
    wheel, sdist = into / f"conv1d_tutor-{version}-py3-none-any.whl", into / f"conv1d_tutor-{version}.tar.gz"
    for path in (wheel, sdist):
        if path.stat().st_size > LARGEST:
            raise RuntimeError(f"{path.name} has {path.stat().st_size / 1e6:.1f} MB, more than {LARGEST / 1e6:g}")
    return wheel, sdist


def version_of(source: Path) -> str:
    """Read a checkout's version where it stands."""
    found = VERSION_LINE.search((source / "conv1d_tutor/__init__.py").read_text(encoding="utf-8"))
    if not found:
        raise RuntimeError(f"{source} has no version")
    return found[1]


def first_lesson(folder: Path) -> Path:
    """Find the first lesson of a checkout or of a learner's copy."""
    return min((folder / "notebooks").glob("*.ipynb"))


def make_newer(source: Path) -> None:
    """Raise the version of a copied checkout, and correct a word in its first lesson."""
    module = source / "conv1d_tutor/__init__.py"
    newer = VERSION_LINE.sub(r'__version__ = "\1.post1"', module.read_text(encoding="utf-8"))
    module.write_text(newer, encoding="utf-8")
    type_into(first_lesson(source), nbformat.v4.new_markdown_cell("A correction.", id="correction"))


def type_into(path: Path, cell: nbformat.NotebookNode) -> None:
    """Put a cell at the end of a notebook."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(cell)
    nbformat.write(notebook, path)


class Learner:
    """Somebody with an environment, an empty folder, and nothing else.

    Args:
        python: of the environment.
        folder: where they work.
        surroundings: environment variables beside those of this process.
    """

    def __init__(self, python: Path, folder: Path, **surroundings: str) -> None:
        """Leave out what would lead to this checkout."""
        self.python, self.folder, self.copy = python, folder, folder / "my_course"
        ours = {"PYTHONPATH", "CONV1D_TUTOR_PROGRESS", "PYTHONHOME"}
        self.surroundings = {key: value for key, value in os.environ.items() if key not in ours} | surroundings

    def run(self, *words: str) -> str:
        """Run Python in their folder.

        Args:
            words: the arguments.

        Returns:
            What it printed.

        Raises:
            RuntimeError: it ended badly; with all it said.
        """
        command = [str(self.python), *words]
        done = subprocess.run(
            command, cwd=self.folder, env=self.surroundings, capture_output=True, text=True, encoding="utf-8"
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def update(self) -> str:
        """Do what `start` does before it opens JupyterLab; return what it says."""
        update = "print(*own_copy.update(Path('my_course')), sep='\\n')"
        return self.run("-c", f"from pathlib import Path; from conv1d_tutor.jupyter import own_copy; {update}")

    def serve_first_lesson(self) -> None:
        """Run `start`, read the first lesson from the server as the page does, and stop it.

        Raises:
            RuntimeError: after two minutes it is not there.
        """
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = ["--no-browser", f"--port={port}", "--IdentityProvider.token=release"]
        # A group of its own, so that the server gets the signal as well, as it does from a terminal.
        group = (
            {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
            if os.name == "nt"
            else {"start_new_session": True}
        )
        server = subprocess.Popen(
            [str(self.python), "-m", "conv1d_tutor", "start", *options],
            cwd=self.folder,
            env=self.surroundings,
            stderr=subprocess.DEVNULL,
            **group,
        )
        address = f"http://127.0.0.1:{port}/api/contents/notebooks/{first_lesson(ROOT).name}?token=release"
        try:
            for _ in range(240):
                try:
                    with urllib.request.urlopen(address, timeout=5) as answer:
                        if json.load(answer)["type"] == "notebook":
                            return
                except OSError:
                    time.sleep(0.5)
            raise RuntimeError("start serves no lesson")
        finally:
            if os.name == "nt":
                server.send_signal(signal.CTRL_BREAK_EVENT)  # type: ignore[attr-defined]
            else:
                os.killpg(server.pid, signal.SIGINT)
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:  # what a shell runs in the background ignores Ctrl + C
                if os.name == "nt":
                    server.kill()
                else:
                    os.killpg(server.pid, signal.SIGKILL)  # JupyterLab too, which `start` waits for

    def run_first_lesson(self) -> None:
        """Run all cells of the first lesson, and save it."""
        lesson = str(first_lesson(self.copy))
        self.run("-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", lesson)

    def done(self) -> dict[str, str]:
        """Read which exercises are kept as done."""
        return json.loads((self.copy / "progress.json").read_text(encoding="utf-8"))["done"]


def expect_answers_kept(learner: Learner, before: bytes, said: str) -> None:
    """Look at a copy after an update.

    Args:
        learner: whose copy it is.
        before: the lesson with answers, before the update.
        said: what the update said.

    Raises:
        RuntimeError: something of theirs has changed, or the newer lesson is not there.
    """
    lesson = first_lesson(learner.copy)
    beside = lesson.with_name(f"{lesson.stem}.updated.ipynb")
    if lesson.read_bytes() != before:
        raise RuntimeError("the update has changed a lesson with answers")
    if "A correction." not in beside.read_text(encoding="utf-8"):
        raise RuntimeError("the newer lesson is not beside it")
    if f"stays as you left it; the new version is {beside.name}" not in said:
        raise RuntimeError(f"the update does not say so:\n{said}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Go the whole way, and say what was done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="makes the environment; default: this one")
    parser.add_argument("--newest", action="store_true", help="the newest packages, not those of constraints.txt")
    parser.add_argument(
        "--offline", action="store_true", help="from a folder of wheels, as in a room without a network"
    )
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()

    def say(what: str) -> None:
        print(f"{time.perf_counter() - began:5.0f} s  {what}", flush=True)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        source, built, folder = copy_of_source(Path(scratch, "source")), Path(scratch), Path(scratch, "vide Ж")
        folder.mkdir()
        wheel, sdist = build(source, built)
        make_newer(source)
        newer, _ = build(source, built)
        sizes = ", ".join(f"{path.name} {path.stat().st_size / 1e6:.1f} MB" for path in (wheel, sdist))
        say(f"built: {sizes}, and a newer one")
        subprocess.run([chosen.python, "-m", "venv", str(built / "env")], check=True)
        learner = Learner(built / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"), folder)
        pins = [] if chosen.newest else ["--constraint", str(ROOT / "constraints.txt")]
        if chosen.offline:
            wheels = str(built / "wheels")
            learner.run("-m", "pip", "download", "--quiet", *pins, "--dest", wheels, str(wheel))
            # Not even the settings of this machine say where else packages are.
            learner.surroundings |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels}
            learner.run("-m", "pip", "install", "--quiet", "conv1d-tutor")
        else:
            learner.run("-m", "pip", "install", "--quiet", *pins, str(wheel))
        shutil.rmtree(source)
        say(f"installed, on Python {learner.run('-V').split()[-1]}")
        learner.serve_first_lesson()
        say("start serves the first lesson")
        type_into(first_lesson(learner.copy), nbformat.v4.new_code_cell(ANSWER, id="answer"))
        learner.run_first_lesson()
        lesson, done = first_lesson(learner.copy).read_bytes(), learner.done()
        if len(done) != 1:
            raise RuntimeError(f"one exercise was done, and kept are {done}")
        say("its cells run, and the answer is kept")
        learner.run("-m", "pip", "install", "--quiet", "--no-deps", str(newer))
        expect_answers_kept(learner, lesson, learner.update())
        if learner.done() != done:
            raise RuntimeError("the update has changed what is kept as done")
        say("over an update the answers stay, the newer lesson lies beside them")
        say(learner.run("-m", "conv1d_tutor", "doctor", "--kernel").splitlines()[-1])


if __name__ == "__main__":
    main()
