"""The kernels of a class are forked from one process, and are otherwise kernels like all."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tools.hub import forked
from tools.kernel import forking_kernels, run_cell, run_to_text, running_kernel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the hub forks kernels on Linux alone")
#: Little of what the hub loads, to be there soon.
LOADED = ("torch", "ipykernel.kernelapp")


@pytest.fixture(scope="module")
def server() -> Iterator[subprocess.Popen[bytes]]:
    with forking_kernels(LOADED) as process:
        yield process


def test_kernels_share_what_is_loaded_and_nothing_else(
    server: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEARNER", "ada")
    numbers = "random.random(), numpy.random.rand(), torch.rand(1).item()"
    asked = f"'torch' in sys.modules, os.getppid(), os.getcwd(), os.environ['LEARNER'], {numbers}"
    with running_kernel() as (_, one), running_kernel() as (_, other):
        said = [run_to_text(each, f"import sys, os, random, numpy, torch\n{asked}") for each in (one, other)]
        run_to_text(one, "torch.mine = 1")
        assert run_to_text(other, "hasattr(torch, 'mine')") == "False"
    (*here, a, b, c), (*there, d, e, f) = map(eval, said)
    assert here == there == [True, server.pid, str(tmp_path), "ada"]
    assert a != d and b != e and c != f


def test_a_forked_kernel_is_interrupted_restarted_and_ended_as_others_are(
    server: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with running_kernel() as (manager, client):
        number = int(run_to_text(client, "import os; os.getpid()"))
        hurry = threading.Timer(1, manager.interrupt_kernel)
        hurry.start()
        messages = run_cell(client, "while True: pass")
        assert "KeyboardInterrupt" in [message["content"].get("ename") for message in messages]
        run_to_text(client, "import atexit, pathlib; atexit.register(pathlib.Path('ended').touch)")
        manager.restart_kernel()
        client.wait_for_ready(timeout=60)
        assert not psutil.pid_exists(number) and Path("ended").exists()
        number = int(run_to_text(client, "import os; os.getpid()"))
        kernel = psutil.Process(number)  # it may be gone as soon as the other one is
        os.kill(manager.provisioner.process.pid, signal.SIGKILL)
        psutil.wait_procs([kernel], timeout=20)
        assert not psutil.pid_exists(number)


def test_without_the_process_to_fork_from_a_kernel_starts_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forked.spell_out(tmp_path, tmp_path / "nobody")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with running_kernel() as (manager, client):
        assert int(run_to_text(client, "import os; os.getpid()")) == manager.provisioner.process.pid
