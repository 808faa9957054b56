"""Is this environment able to run the course? `doctor` examines it and says what to mend."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from .._refusals import choice, refusing
from . import own_copy
from .surroundings import lesson_environment

PACKAGE = Path(__file__).resolve().parents[1]
LESSONS = own_copy.originals() / "notebooks"
#: This environment's Python, and the one that made it, as one types them: what is called `python` or `pip` there
#: may belong to another one.
PYTHON, BASE = (
    f'"{path}"' if " " in path else path
    for path in (sys.executable, getattr(sys, "_base_executable", sys.executable))
)
#: The versions that the course was last verified with, as an option of pip.
PINS = f'-c "{own_copy.originals() / "constraints.txt"}"'
#: Bytes that must find room where lessons are saved; one lesson with its pictures has no more.
LEAST_ROOM = 1_000_000
#: Seconds for another process to answer. Torch from a slow disk takes a good part of them.
PATIENCE = 60
#: What torch is asked, in a process of its own, as a broken one ends its process or never answers: what it counts,
#: and how it fits NumPy. Each answer is a line.
QUESTIONS = """
import json


def count():
    import torch

    total = torch.nn.functional.conv1d(torch.ones(1, 2, 4), torch.ones(1, 2, 3)).sum().item()
    return {"torch": torch.__version__, "total": total}


def exchange():
    import numpy
    import torch

    try:
        there_and_back = torch.from_numpy(numpy.arange(3.0)).numpy().tolist()
        misfit = "" if there_and_back == [0, 1, 2] else f"0, 1, 2 became {there_and_back}"
    except Exception as error:  # torch says this when it was built for another NumPy
        misfit = str(error)
    return {"numpy": numpy.__version__, "torch": torch.__version__, "misfit": misfit}


for question in (count, exchange):
    try:
        answer = question()
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
"""
#: What a lesson does: it imports, draws, and its folder can be written to.
TRIAL = """
import tempfile
import matplotlib.pyplot as plt
import conv1d_tutor
conv1d_tutor.use_style()
plt.plot([1, 3, 2])
plt.show()
with tempfile.TemporaryFile(dir="."):
    print(conv1d_tutor.__file__)
"""


def _in_checkout() -> bool:
    return (PACKAGE.parent / "tools/install.py").is_file()


def _again() -> str:
    """Name the line that installs the course again: in a checkout, or from a wheel."""
    if not _in_checkout():
        return f"{PYTHON} -m pip install --force-reinstall conv1d-tutor"
    # This environment's own Python cannot: it is replaced.
    return f"{BASE} tools{os.sep}install.py again"


#: What mends most.
AGAIN = f"install the course again: {_again()}"


@dataclass(frozen=True)
class Finding:
    """One thing that was examined.

    Args:
        name: what was examined.
        detail: what was found.
        remedy: what to do about it; empty if all is well.
    """

    name: str
    detail: str
    remedy: str = ""


Check = Callable[[], Iterator[Finding]]


@dataclass(frozen=True, repr=False)
class Examination:
    """The result of `doctor`.

    Args:
        findings: everything that was examined, in order.
    """

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the course can run here."""
        return not any(finding.remedy for finding in self.findings)

    def details(self) -> str:
        """List every finding with the versions found, one a line."""
        return "\n".join(
            f"{'MEND' if f.remedy else 'ok':4}  {f.name}: {f.detail}" + (f"\n      {f.remedy}" if f.remedy else "")
            for f in self.findings
        )

    def __repr__(self) -> str:
        """Say in one line that all is well, or list what to mend."""
        if self.ok:
            return f"All {len(self.findings)} checks passed: this environment can run the course."
        broken = [f"  {f.name}: {f.detail}\n    {f.remedy}" for f in self.findings if f.remedy]
        return "\n".join([f"{len(broken)} of {len(self.findings)} checks failed:", *broken])


@refusing
def doctor(kernel: bool = False) -> Examination:
    """Examine whether this environment can run the course.

    Args:
        kernel: whether to start a lesson's kernel too, in which something is imported, drawn and written.

    Returns:
        An `Examination`: Python, the packages, whether the folder was moved, the lessons, the notebook's kernel,
        torch's Conv1d, NumPy beside torch, what draws the sliders, the data, room for what you write, a port.

    Raises:
        ValueError: `kernel` is neither True nor False.

    Example:
        >>> doctor()
        All 11 checks passed: this environment can run the course.
    """
    before: list[Check] = [_python, _packages, _folder, _lessons, _kernel]
    behind: list[Check] = [_sliders, _data, _room, _port]
    if choice("kernel", kernel, (False, True)):
        behind.append(_trial)
    # Torch takes most of the time, in another process: meanwhile the rest is examined here, one after the other,
    # as packages that import each other in a ring cannot be imported by two threads.
    with ThreadPoolExecutor(1) as waiting:
        torch = waiting.submit(_found, [_torch])
        here = [_found(before), _found(behind)]
        return Examination((*here[0], *torch.result(), *here[1]))


def moved() -> str:
    """Find out whether lessons would miss this package, as they do when its folder was moved or renamed.

    Returns:
        What was found; nothing if all is well. `AGAIN` mends it.
    """
    ready = Path(sys.prefix, "ready")  # `make` keeps there in which folder it made the environment
    made = ready.read_text(encoding="utf-8").partition("\n")[0] if ready.is_file() else ""
    if made and Path(made) != Path(sys.prefix).resolve().parent:
        return f"the environment was made in {made} and is now in {Path(sys.prefix).resolve().parent}"
    # A kernel starts in the folder of its lesson, so that this package is not beside it.
    where = LESSONS if LESSONS.is_dir() else Path(tempfile.gettempdir())
    # UTF-8, as a folder's name may have letters that the terminal's encoding lacks.
    command = [sys.executable, "-X", "utf8", "-c", f"import {PACKAGE.name}; print({PACKAGE.name}.__file__)"]
    asked = subprocess.run(command, cwd=where, capture_output=True, encoding="utf-8", check=False)
    found = asked.stdout.strip()
    if not found:
        return f"lessons cannot import {PACKAGE.name}: its folder was moved or never installed"
    if Path(found).resolve().parent != PACKAGE:
        return f"lessons import {PACKAGE.name} from {Path(found).parent}, not from {PACKAGE}"
    return ""


def _found(checks: list[Check]) -> list[Finding]:
    return [finding for check in checks for finding in _careful(check)]


def _careful(check: Check) -> Iterator[Finding]:
    """Turn an error inside a check into a finding: the doctor always finishes."""
    try:
        yield from check()
    except Exception as error:
        name = check.__name__.strip("_")
        yield Finding(name, f"{type(error).__name__}: {error}", AGAIN)


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = metadata.metadata("conv1d-tutor")["Requires-Python"]
    good = Requirement(f"python{wanted}").specifier.contains(version)
    yield Finding("Python", version, "" if good else f"use a Python {wanted}")


def _packages() -> Iterator[Finding]:
    found, wrong = [], {}
    for requirement in map(Requirement, metadata.requires("conv1d-tutor") or ()):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong[f'"{requirement}"'] = f"{requirement.name} is missing, {requirement.specifier} is needed"
            continue
        found.append(f"{requirement.name} {version}")
        if not requirement.specifier.contains(version, prereleases=True):
            wrong[f'"{requirement}"'] = f"{requirement.name} is {version}, {requirement.specifier} is needed"
    remedy = f"{AGAIN}; or these alone: {PYTHON} -m pip install {PINS} {' '.join(wrong)}" if wrong else ""
    yield Finding("packages", "; ".join([*wrong.values()] or found), remedy)


def _folder() -> Iterator[Finding]:
    problem = moved()
    yield Finding("folder", problem or str(PACKAGE.parent), AGAIN if problem else "")


def _lessons() -> Iterator[Finding]:
    count = len(own_copy.lessons(LESSONS))
    remedy = "" if count else "bring them back: git checkout notebooks" if _in_checkout() else AGAIN
    yield Finding("lessons", f"{count} in {LESSONS}", remedy)


def _kernel() -> Iterator[Finding]:
    from jupyter_client.kernelspec import KernelSpecManager

    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    spec = KernelSpecManager().get_kernel_spec("python3")
    program = Path(sys.executable if spec.argv[0] in ("python", "python3") else spec.argv[0])
    own = (
        Path(spec.resource_dir).is_relative_to(sys.prefix)
        and program.parent.resolve() == Path(sys.executable).parent.resolve()
    )
    remedy = "" if own else f"run {PYTHON} -m ipykernel install --sys-prefix"
    yield Finding("kernel python3", f"{spec.resource_dir}, runs {program}", remedy)


def _torch() -> Iterator[Finding]:
    """What torch counts, and how it fits NumPy."""
    alone, beside = _answers()
    again = f"run {PYTHON} -m pip install {PINS} --force-reinstall torch"
    if "total" in alone:
        found = f"{_verified(alone['torch'])}, Conv1d of ones sums to {alone['total']:g}, expected 12"
        yield Finding("torch", found, "" if alone["total"] == 12 else again)
    else:
        yield Finding("torch", *_unanswered(alone, again))
    both = f"install both together: {PYTHON} -m pip install {PINS} --force-reinstall numpy torch"
    if "misfit" not in beside:
        yield Finding("NumPy", *_unanswered(beside, both))
    elif beside["misfit"]:
        found = f"{beside['numpy']} and torch {beside['torch']} do not fit: {beside['misfit']}"
        yield Finding("NumPy", found, both)
    else:
        yield Finding("NumPy", f"{beside['numpy']}, and arrays become tensors")


def _answers() -> list[dict[str, Any]]:
    """Ask torch both `QUESTIONS`; a question that it did not live to answer is answered by how it ended."""
    command = [sys.executable, "-X", "utf8", "-c", QUESTIONS]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, encoding="utf-8", errors="replace")
    try:
        said, complaint = process.communicate(timeout=PATIENCE)
        ended = f"torch ended its process with {_status(process.returncode)}"
    except subprocess.TimeoutExpired:
        process.kill()
        said, complaint = process.communicate()
        ended = f"torch gave no answer in {PATIENCE} s"
    if complaint.strip():
        ended += f", and said: {textwrap.shorten(complaint, 300)}"
    answers = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return (answers + [{"ended": ended}] * 2)[:2]


def _status(code: int) -> str:
    """How a process ended: by a signal, by Windows, or by its own status."""
    if code < 0:
        return signal.Signals(-code).name
    return hex(code) if code > 255 else f"status {code}"


def _unanswered(answer: dict[str, Any], remedy: str) -> tuple[str, str]:
    """What was found, and what mends it, where a question about torch got no answer."""
    if "error" in answer:
        return answer["error"], AGAIN
    return answer["ended"], f"{remedy}; if it stays so, this torch does not fit this processor or system"


def _verified(version: str) -> str:
    """Name a version of torch, and beside it the verified one if that is another."""
    pins = own_copy.originals() / "constraints.txt"
    known = re.search(r"^torch==(\S+)", pins.read_text(encoding="utf-8") if pins.is_file() else "", re.MULTILINE)
    other = known and known[1] != version.partition("+")[0]
    return f"{version} (the course was last verified with {known[1]})" if other else version


#: What JupyterLab draws sliders and explorables with: the folder of the extension, by the package that brings it.
EXTENSIONS = {"jupyterlab_widgets": "@jupyter-widgets/jupyterlab-manager", "anywidget": "anywidget"}


def _sliders() -> Iterator[Finding]:
    folder = Path(sys.prefix, "share/jupyter/labextensions")
    missing = [package for package, name in EXTENSIONS.items() if not (folder / name).is_dir()]
    # Without one of them, a cell shows only text.
    remedy = f"run {PYTHON} -m pip install --force-reinstall {' '.join(missing)}" if missing else ""
    found = f"JupyterLab misses {', '.join(missing)}" if missing else ", ".join(EXTENSIONS.values())
    yield Finding("sliders", found, remedy)


def _room() -> Iterator[Finding]:
    here = Path.cwd()
    found, remedy = "", ""
    try:
        with tempfile.TemporaryFile(dir=here) as file:
            file.write(bytes(LEAST_ROOM))
            file.flush()
        found = f"{here} can be written"
    except OSError as error:
        found = f"{here} cannot be written: {error.strerror}"
        remedy = "lessons are saved where they lie: begin in a folder that you may write to, on a disk with room"
    yield Finding("room", found, remedy)


#: Where JupyterLab listens, if nothing else does.
PORT = 8888


def _port() -> Iterator[Finding]:
    found, remedy = f"{PORT} is free", ""
    try:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
        if not _is_free(PORT):
            found = f"{PORT} is taken, perhaps by a JupyterLab that still runs: the next takes another one"
    except OSError as error:
        found = f"no program can listen on 127.0.0.1: {error.strerror}"
        remedy = "a firewall, or the container that this runs in, must let programs listen on 127.0.0.1"
    yield Finding("port", found, remedy)


def _is_free(port: int) -> bool:
    with socket.socket() as server:
        if os.name != "nt":  # as servers do: a port that was closed a moment ago is free
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _data() -> Iterator[Finding]:
    from .. import datasets

    shape = datasets.load_patients(as_array=True)[0].shape
    counts = [len(part.signals) for load in (datasets.load_motions, datasets.load_vowels) for part in load()[:2]]
    yield Finding("data", f"patients {shape}, other recordings {counts}")


def _trial() -> Iterator[Finding]:
    from jupyter_client.manager import KernelManager

    began, shown = time.perf_counter(), []
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(LESSONS), env=lesson_environment(), stderr=subprocess.DEVNULL)
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=PATIENCE)
        reply = client.execute_interactive(TRIAL, timeout=PATIENCE, output_hook=shown.append)["content"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    took = f"{time.perf_counter() - began:.0f} s"
    found, remedy = f"imported, drew and wrote in {took}", ""
    if not any("image/png" in message["content"].get("data", {}) for message in shown):
        found, remedy = "drew no picture", "look for another backend in IPython's and matplotlib's own settings"
    if reply["status"] != "ok":
        found, remedy = f"{reply['ename']}: {reply['evalue']}", AGAIN
        if reply["ename"] in ("PermissionError", "OSError"):
            remedy = f"lessons are saved in {LESSONS}: copy the course into a folder that you may write to"
    yield Finding("a lesson's kernel", found, remedy)
