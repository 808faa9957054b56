"""A real JupyterLab over a folder, and a headless Chromium to look at it: for the browser tests and benchmarks."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "browser-test"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
#: Where an explorable, its picture and its sentence are, within its cell; and a picture of it that is stored.
EXPLORABLE, PICTURE, SENTENCE = ".conv1d", ".conv1d .stage svg", ".conv1d .sentence"
STILL = ".jp-OutputArea-output img"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def copy_course(home: Path) -> Path:
    """Copy what JupyterLab needs of the course, so that nothing can change the lessons.

    Args:
        home: an empty folder.

    Returns:
        The same folder.
    """
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for folder in ("notebooks", "conv1d_tutor", "data"):
        shutil.copytree(ROOT / folder, home / folder, ignore=ignored)
    # All cells are in the page at once, also those off the screen, so that they can be found.
    settings = home / "config" / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}', encoding="utf-8")
    return home


def write_notebook(path: Path, cells: Iterable[str]) -> None:
    """Write a notebook that JupyterLab opens with a Python kernel.

    Args:
        path: of the file.
        cells: the code of each cell.
    """
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(new_notebook(cells=list(map(new_code_cell, cells)), metadata={"kernelspec": kernel}), path)


@contextmanager
def running_lab(home: Path) -> Iterator[str]:
    """Start JupyterLab by the course's own command in a copy of the course.

    Args:
        home: the copy, see `copy_course`.

    Yields:
        The address of the server. Nothing of the user's own settings is read or written.
    """
    with running_server(home, [sys.executable, "-m", "conv1d_tutor", "lab"]) as address:
        yield address


@contextmanager
def running_server(home: Path, command: list[str]) -> Iterator[str]:
    """Start a Jupyter server in a copy of the course.

    Args:
        home: the copy, see `copy_course`.
        command: that starts it.

    Yields:
        The address of the server. Nothing of the user's own settings is read or written.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    options = ["--no-browser", f"--port={port}", f"--IdentityProvider.token={TOKEN}"]
    with (home / "lab.log").open("w") as log:
        server = subprocess.Popen(
            [*command, *options],
            cwd=home,
            env=os.environ | own,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=1)
                break
            except OSError:
                time.sleep(0.5)
        else:
            raise RuntimeError("the server did not start:\n" + (home / "lab.log").read_text())
        yield address
    finally:
        # The command waits for JupyterLab: a signal to both, as Ctrl + C sends it.
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Start Chromium without a window.

    Raises:
        FileNotFoundError: there is none on this machine.
    """
    if CHROMIUM is None:
        raise FileNotFoundError("no Chromium here; on Debian: apt-get install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def wait_for_kernel(page: Page, address: str) -> None:
    """Wait until the server has a kernel that is ready and the page has heard of it.

    Args:
        page: where a notebook was opened.
        address: of the server.
    """
    for _ in range(120):
        with urllib.request.urlopen(f"{address}/api/sessions?token={TOKEN}") as answer:
            states = [session["kernel"]["execution_state"] for session in json.load(answer)]
        page.wait_for_timeout(500)
        if "idle" in states:
            break
    else:
        raise RuntimeError(f"no kernel is ready after a minute: {states}")
    page.wait_for_timeout(1500)


def stop_kernels(address: str) -> None:
    """Shut down every kernel, so that one notebook does not slow down the next.

    Args:
        address: of the server.
    """
    with urllib.request.urlopen(f"{address}/api/sessions?token={TOKEN}") as answer:
        sessions = json.load(answer)
    for session in sessions:
        where = f"{address}/api/sessions/{session['id']}?token={TOKEN}"
        urllib.request.urlopen(urllib.request.Request(where, method="DELETE")).close()


def open_notebook(page: Page, address: str, name: str) -> None:
    """Open one notebook alone and wait until its kernel is ready.

    Args:
        page: where to open it.
        address: of the server.
        name: of the file in `notebooks/`, without its ending.
    """
    stop_kernels(address)
    page.goto(f"{address}/lab/workspaces/{name}/tree/notebooks/{name}.ipynb?reset&token={TOKEN}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    # Only the status bar tells a kernel that is ready from one that is still to come.
    expect(page.locator("#jp-bottom-panel")).to_contain_text("Python 3 (ipykernel) | Idle", timeout=60_000)


def choose(page: Page, menu: str, item: str) -> None:
    """Choose an item of JupyterLab's main menu.

    Args:
        page: where a notebook is open.
        menu: its name in the menu bar.
        item: the whole text of the item.
    """
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{item}$")).click()


def run_all(page: Page) -> None:
    """Clear all outputs, choose Run All Cells, and wait until the last cell has run.

    Args:
        page: where a notebook is open.
    """
    choose(page, "Edit", "Clear Outputs of All Cells")
    choose(page, "Run", "Run All Cells")
    wait_until_run(page)


def wait_until_run(page: Page, number: int | None = None) -> None:
    """Wait until the last cell bears its number; that the kernel is idle may mean that it has not begun.

    Args:
        page: where the notebook is open.
        number: the one to wait for, any if not given.
    """
    last = page.locator(".jp-CodeCell .jp-InputPrompt").last
    try:
        expect(last).to_have_text(re.compile(rf"^\[{number or '[0-9]+'}\]:$"), timeout=180_000)
    except AssertionError as waited:  # as a rule another cell raised
        errors = page.locator('[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts()
        waited.add_note("\n".join(errors))
        raise


def slider(cell: Locator, name: str) -> Locator:
    """Find one slider of an explorable.

    Args:
        cell: the one that shows it.
        name: of the control.

    Returns:
        The slider, to be focused and moved by key.
    """
    return cell.locator(f'{EXPLORABLE} input[name="{name}"]')


def slider_of_ipywidgets(cell: Locator, name: str) -> Locator:
    """Find the handle of one slider of ipywidgets.

    Args:
        cell: the one that shows it.
        name: what stands beside the slider.

    Returns:
        The handle, to be focused and moved by key.
    """
    label = cell.page.get_by_text(name, exact=True)
    return cell.locator(".widget-slider", has=label).locator(".noUi-handle")
