"""All explorables in marimo: each control by key, and what Python sees. `make marimo` installs it and runs it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import explorables
import pytest
from controls import move_every_control
from playwright.sync_api import Page, expect

pytest.importorskip("marimo", reason="marimo is no part of the course's environment: make marimo")
ROOT = Path(__file__).resolve().parents[2]
#: Texts that marimo shows when a cell has run: the state of each explorable, as Python has it.
STATES = ".states"
#: marimo allows no star in an import.
IMPORTS = f"from conv1d_tutor.explore import {', '.join(explorables.EXAMPLES)}"


def notebook() -> str:
    """A notebook of marimo: a cell for each explorable, and one that follows what Python sees of all."""
    names = [f"shown_{i}" for i, _ in enumerate(explorables.EXAMPLES)]
    setup = explorables.SETUP.replace("from conv1d_tutor.explore import *", IMPORTS)
    cells = [f"import json\nimport marimo as mo\n{setup}"]
    for name, code in zip(names, explorables.EXAMPLES.values(), strict=True):
        cells.append(f"{name} = mo.ui.anywidget({code})\n{name}")
    states = ", ".join(f"{name}.widget.state()" for name in names)
    values = "; ".join(f"{name}.value" for name in names)  # what a cell of marimo names, it follows
    cells.append(f"{values}\nmo.Html('<pre class=\"states\">' + json.dumps([{states}]) + '</pre>')")
    body = "".join(
        "\n@app.cell\ndef _():\n" + "".join(f"    {line}\n" for line in cell.splitlines()) for cell in cells
    )
    return f"import marimo\n\napp = marimo.App()\n{body}"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where marimo runs the notebook."""
    folder = tmp_path_factory.mktemp("marimo")
    (folder / "all.py").write_text(notebook(), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "marimo", "-y", "-q", "run", "all.py", "--headless", "--no-token"]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    with subprocess.Popen([*command, f"--port={port}"], cwd=folder, env=surroundings) as server:
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(120):
                try:
                    urllib.request.urlopen(address, timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.5)
            yield address
        finally:
            server.terminate()


def test_every_control_moves_by_key_and_python_sees_it(page: Page, address: str) -> None:
    page.goto(address)
    places = page.locator(".conv1d")
    expect(places).to_have_count(len(explorables.EXAMPLES), timeout=120_000)
    for place in places.all():
        place.scroll_into_view_if_needed()
        assert move_every_control(page, place) >= 2

    def shown() -> list[dict[str, float]]:
        numbers = (
            "e => Object.fromEntries([...e.querySelectorAll('input[type=range]')].map(i => [i.name, +i.value]))"
        )
        return [place.evaluate(numbers) for place in places.all()]

    for _ in range(40):
        states = json.loads(page.locator(STATES).inner_text())
        seen = [{name: state[name] for name in values} for state, values in zip(states, shown(), strict=True)]
        if seen == shown():
            break
        page.wait_for_timeout(250)
    assert seen == shown()
