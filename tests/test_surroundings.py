"""The user's own environment does not change a lesson: MPLBACKEND, a home that cannot be written to."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from conv1d_tutor.jupyter.surroundings import lesson_environment, locked_folders
from tools.kernel import run_cell, running_kernel

HOMES = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without settings of its own."""
    for name in (*HOMES, "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # pytest-xdist's workers end without tidying up
    return tmp_path / "home"


def test_lessons_choose_where_their_pictures_appear(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "nonsense")
    environment = lesson_environment()
    assert "MPLBACKEND" not in environment
    assert environment["HOME"] == str(home)
    assert not set(HOMES) & set(environment)


def test_a_home_that_cannot_be_written_to_is_gone_around(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write_text("a file where a folder should be, which stops root too")
    assert tuple(locked_folders()) == HOMES
    environment = lesson_environment()
    places = [Path(environment[name]) for name in HOMES]
    assert len({place.parent for place in places} - {home}) == 1
    assert all(os.access(place.parent, os.W_OK) for place in places)


def test_a_single_folder_that_cannot_be_written_to_is_gone_around(home: Path) -> None:
    home.mkdir()
    (home / ".ipython").write_text("not a folder")
    assert locked_folders() == {"IPYTHONDIR": home / ".ipython"}


def test_a_folder_named_by_the_user_stays(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write_text("not a folder")
    for name in HOMES:
        monkeypatch.setenv(name, str(tmp_path / name))
    assert locked_folders() == {}


def test_the_temporary_folder_goes_when_the_process_ends(home: Path) -> None:
    home.write_text("not a folder")
    code = "from conv1d_tutor.jupyter.surroundings import lesson_environment as e; import os, pathlib\n"
    code += "place = pathlib.Path(e()['IPYTHONDIR']).parent; print(place, place.is_dir())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    place, was_there = done.stdout.split()
    assert was_there == "True"
    assert not Path(place).exists()


@pytest.mark.parametrize("backend", ["svg", "TkAgg"])
def test_a_kernel_started_with_another_backend_shows_pictures_all_the_same(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an editor starts it, which knows nothing of this course."""
    monkeypatch.setenv("MPLBACKEND", backend)
    plot = "plt.plot([1, 3, 2]); plt.show()"
    with running_kernel() as (_, client):
        run_cell(client, "from conv1d_tutor import use_style; import matplotlib.pyplot as plt; use_style()")
        shown = run_cell(client, plot)
        assert [m["msg_type"] for m in shown if "image/png" in m["content"].get("data", {})] == ["display_data"]


def test_a_backend_that_the_notebook_chose_is_left_alone() -> None:
    code = "import matplotlib; matplotlib.use('svg'); from conv1d_tutor import use_style; use_style()"
    with running_kernel() as (_, client):
        run_cell(client, code)
        told = run_cell(client, "print(matplotlib.get_backend())")
        assert [m["content"]["text"] for m in told if m["msg_type"] == "stream"] == ["svg\n"]
