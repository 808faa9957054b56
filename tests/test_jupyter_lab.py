"""`python -m conv1d_tutor lab` opens the first lesson, and one Ctrl + C leaves nothing behind."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import psutil
import pytest

from conv1d_tutor import __main__ as command_line
from conv1d_tutor.jupyter import lab

ROOT = Path(__file__).parent.parent


def test_lab_opens_the_first_lesson_without_asking_for_news(monkeypatch: pytest.MonkeyPatch) -> None:
    started = {}

    def popen(command, cwd, env):
        started.update(command=command, cwd=cwd, env=env)
        return mock.Mock(wait=mock.Mock(side_effect=[KeyboardInterrupt, 0]))

    monkeypatch.setattr(lab, "moved", lambda: "")
    monkeypatch.setattr(lab.subprocess, "Popen", popen)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    assert command_line.main(["lab", "--no-browser"]) == 0
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in started["command"]
    assert f"--ServerApp.root_dir={ROOT}" in started["command"]
    assert "--no-browser" in started["command"]
    # The token and the address that JupyterLab listens on stay its own.
    assert not any("token" in part or "ip=" in part for part in started["command"])
    ours, mine = started["env"]["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert mine == "mine"
    assert started["env"]["JUPYTER_PATH"].split(os.pathsep)[0] == ours
    (about,) = Path(ours, "labextensions").glob("*/package.json")
    assert (about.parent / json.loads(about.read_text(encoding="utf-8"))["jupyterlab"]["_build"]["load"]).is_file()
    overrides = json.loads(Path(ours, "labconfig", "default_setting_overrides.json").read_text(encoding="utf-8"))
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_a_server_that_ctrl_c_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    late = subprocess.TimeoutExpired("jupyter lab", lab.SECONDS_TO_END)
    server = mock.Mock(wait=mock.Mock(side_effect=[KeyboardInterrupt, late, -9]))
    monkeypatch.setattr(lab, "moved", lambda: "")
    monkeypatch.setattr(lab.subprocess, "Popen", mock.Mock(return_value=server))
    assert command_line.main(["lab"]) == -9
    assert server.wait.mock_calls == [mock.call(None), *[mock.call(lab.SECONDS_TO_END)] * 2]
    server.kill.assert_called_once_with()


def test_lab_without_lessons_says_where_to_get_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(lab.open_lab, "__defaults__", (tmp_path,))
    assert command_line.main(["lab"]) == 2
    assert "A copy of your own: python -m conv1d_tutor start" in capsys.readouterr().err


def test_lab_says_that_its_folder_was_moved_and_that_settings_are_not_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(lab, "moved", lambda: "the folder was moved")
    monkeypatch.setattr(lab, "locked_folders", lambda: {"IPYTHONDIR": tmp_path, "MPLCONFIGDIR": tmp_path})
    monkeypatch.setattr(lab.subprocess, "Popen", lambda *_, **__: mock.Mock(wait=lambda patience: 0))
    assert command_line.main(["lab"]) == 0
    told = capsys.readouterr().err
    assert f"Lessons may not work: the folder was moved; {lab.AGAIN}." in told
    assert f"you may not write to {tmp_path}." in told


@contextlib.contextmanager
def terminal(command: list[str], environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """A command in a terminal of its own: its process, and the keyboard and screen of the terminal."""
    import pty

    process, screen = pty.fork()
    if process == 0:
        os.chdir(ROOT)
        os.execve(command[0], command, environment)
    try:
        yield process, screen
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)
        os.close(screen)


def wait_for(what, screen: int, seconds: float = 60):
    """Ask again and again, and read the screen meanwhile: a full one would stop who writes on it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):  # a terminal nobody writes to any more
            if select.select([screen], [], [], 0.05)[0]:
                os.read(screen, 100_000)
        found = what()
        if found:
            return found
    raise TimeoutError


def opens(request: urllib.request.Request) -> bool:
    """Whether the server is there to carry out a request."""
    with contextlib.suppress(ConnectionError, urllib.error.URLError), urllib.request.urlopen(request, timeout=60):
        return True
    return False


def is_kernel(process: psutil.Process) -> bool:
    """Whether a process runs a notebook's cells, and not one of JupyterLab's own short errands."""
    with contextlib.suppress(psutil.Error):
        return "ipykernel_launcher" in process.cmdline()
    return False


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_one_ctrl_c_ends_the_server_and_its_kernels_and_leaves_no_files(tmp_path: Path) -> None:
    own = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    command = [sys.executable, "-m", "conv1d_tutor", "lab", "--no-browser", f"--port={port}"]
    runtime = tmp_path / "runtime"
    with taken, terminal(command, os.environ | own) as (process, screen):
        (told,) = wait_for(lambda: list(runtime.glob("jpserver-*.json")), screen)
        server = wait_for(lambda: json.loads(told.read_text() or "{}"), screen)
        assert server["port"] != port, "another program has this one: JupyterLab takes the next that is free"
        address, key = f"{server['url']}api/kernels", {"Authorization": f"token {server['token']}"}
        start = urllib.request.Request(address, method="POST", headers=key)
        wait_for(lambda: opens(start), screen)
        (kernel,) = [child for child in psutil.Process(server["pid"]).children() if is_kernel(child)]
        assert list(runtime.glob("kernel-*.json"))

        os.write(screen, b"\x03")
        ended, status = wait_for(lambda: (found := os.waitpid(process, os.WNOHANG))[0] and found, screen, 20)
        assert (ended, os.waitstatus_to_exitcode(status)) == (process, 0)
        assert not psutil.pid_exists(server["pid"])
        assert not kernel.is_running()
        assert [path.name for path in runtime.iterdir() if path.name.startswith(("jpserver", "kernel"))] == []
