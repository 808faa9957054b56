"""`tools/install.py` makes .venv, mends what is not to be trusted, and says in words what is in its way."""

import ast
import os
import shutil
import sys
from pathlib import Path

import pytest

from tools import install

ROOT = Path(__file__).parent.parent


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty course, whose commands are written down instead of run: see `commands`."""
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("VENV", "PYTHON", "READY"):
        monkeypatch.setattr(install, name, str(tmp_path / Path(getattr(install, name)).relative_to(ROOT)))
    monkeypatch.setattr(install, "ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
def commands(course: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was run: `venv` makes a Python that runs, every command of pip ends well."""
    done = []

    def call(command):
        assert "--clear" in command
        done.append("venv --clear")
        shutil.rmtree(install.VENV, ignore_errors=True)
        Path(install.PYTHON).parent.mkdir(parents=True)
        Path(install.PYTHON).touch()
        return 0

    monkeypatch.setattr(sys, "argv", ["tools/install.py"])
    monkeypatch.setattr(install, "runs", lambda *command: Path(command[0]).is_file())
    monkeypatch.setattr(install.subprocess, "call", call)
    monkeypatch.setattr(install, "install", lambda command: done.append("install"))
    monkeypatch.setattr(install, "look_at_network", lambda: done.append("network"))
    return done


def test_a_fresh_folder_gets_an_environment_and_the_second_time_nothing_is_done(commands: list[str]) -> None:
    install.main()
    assert commands == ["venv --clear", "network", "install"]
    commands.clear()
    install.main()
    assert commands == []


def test_again_makes_it_anew_for_what_is_lost_in_a_ready_environment_is_not_seen(
    commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install.main()
    commands.clear()
    monkeypatch.setattr(sys, "argv", ["tools/install.py", "again"])
    install.main()
    assert commands == ["network", "venv --clear", "network", "install"]


def test_an_environment_that_was_never_finished_is_made_anew(course: Path, commands: list[str]) -> None:
    Path(install.PYTHON).parent.mkdir(parents=True)
    Path(install.PYTHON).touch()
    install.main()
    assert commands == ["network", "venv --clear", "network", "install"]


def test_an_installation_that_breaks_off_is_not_taken_for_finished(
    course: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install.main()
    (course / "constraints.txt").write_text("torch==9\n")
    done_well = install.install
    monkeypatch.setattr(install, "install", lambda command: 1)
    with pytest.raises(SystemExit, match=r"broke off.*run this again"):
        install.main()
    monkeypatch.setattr(install, "install", done_well)
    commands.clear()
    install.main()
    assert commands == ["network", "venv --clear", "network", "install"]


def test_a_python_that_is_gone_is_replaced(course: Path, commands: list[str]) -> None:
    install.main()
    Path(install.PYTHON).unlink()
    commands.clear()
    install.main()
    assert commands == ["venv --clear", "network", "install"]


def test_a_moved_folder_is_installed_again(
    course: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install.main()
    moved = course.rename(course.parent / "mit Leerzeichen é")
    for name in ("VENV", "PYTHON", "READY"):
        monkeypatch.setattr(install, name, str(moved / Path(getattr(install, name)).relative_to(course)))
    monkeypatch.setattr(install, "ROOT", str(moved))
    commands.clear()
    install.main()
    # The network is asked before the old environment goes: without it, the folder can still be moved back.
    assert commands == ["network", "venv --clear", "network", "install"]


def test_changed_dependencies_are_installed_into_the_same_environment(course: Path, commands: list[str]) -> None:
    install.main()
    (course / "constraints.txt").write_text("torch==9\n")
    commands.clear()
    install.main()
    assert commands == ["network", "install"]
    commands.clear()
    install.main()
    assert commands == []


def test_an_old_python_is_refused_before_anything_is_made(
    course: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install.sys, "version_info", (3, 10, 13, "final", 0))
    with pytest.raises(SystemExit, match=r"too old for the course: 3\.10\.13, .*\nIt needs 3\.11 or newer"):
        install.main()
    assert commands == []
    assert not (course / ".venv").exists()


def test_an_old_python_beside_a_finished_environment_is_no_obstacle(
    course: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install.main()
    commands.clear()
    monkeypatch.setattr(install.sys, "version_info", (3, 10, 13, "final", 0))
    install.main()
    assert commands == []


def test_old_pythons_can_read_the_script() -> None:
    """None of them is here for sure: what Python 2.7 and 3.6 would not read is looked for in the source."""
    tree = ast.parse((ROOT / "tools" / "install.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    newer = (ast.JoinedStr, ast.AnnAssign, ast.Starred, ast.Nonlocal, ast.AsyncFunctionDef)
    stars = {id(s) for call in ast.walk(tree) if isinstance(call, ast.Call) for s in call.args}
    assert [n for n in ast.walk(tree) if isinstance(n, newer) and id(n) not in stars] == []
    assert not any(f.returns or f.args.kwonlyargs for f in ast.walk(tree) if isinstance(f, ast.FunctionDef))
    imports = [n for n in tree.body if isinstance(n, ast.Import)]
    assert {a.name for n in imports for a in n.names} == {"hashlib", "io", "os", "re", "subprocess", "sys"}


@pytest.mark.parametrize("missing", ["ensurepip", "venv"])
def test_a_python_without_venv_is_told_what_to_install(
    missing: str, course: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(SystemExit, match=r"cannot make environments.*\n.*apt install python3-venv"):
        install.main()
    assert commands == []


def test_a_full_disk_is_told_in_numbers(
    course: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1.2e9}))
    with pytest.raises(SystemExit, match=r"nearly full: 1\.2 GB in .*\n.*3 GB.*Make room"):
        install.main()
    assert commands == []


def test_without_a_network_pips_own_words_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real pip, with an index at an address where nothing listens."""
    monkeypatch.setattr(install, "PYTHON", sys.executable)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(SystemExit, match=r"(?s)hatchling.*cannot fetch packages.\nThe network is needed once"):
        install.look_at_network()


@pytest.mark.parametrize(
    ("said", "ends", "told"),
    [
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError'",
            1,
            "lost its connection.*\nThe network",
        ),
        ("ReadTimeoutError: Read timed out.", 1, "lost its connection.*\nThe network"),
        ("WARNING: Retrying after connection broken by 'NewConnectionError'", 0, ""),
        ("ERROR: No matching distribution found for anywidget", 1, ""),
    ],
)
def test_a_network_that_fails_meanwhile_is_told_from_other_failures(
    said: str, ends: int, told: str, capsys: pytest.CaptureFixture
) -> None:
    pip = [sys.executable, "-c", f"import sys; print({said!r}, file=sys.stderr); sys.exit({ends})"]
    if told:
        with pytest.raises(SystemExit, match=told):
            install.install(pip)
    else:
        assert install.install(pip) == ends
    assert said in capsys.readouterr().err


def test_a_command_that_does_not_exist_does_not_run() -> None:
    assert install.runs(sys.executable, "-c", "")
    assert not install.runs(sys.executable, "-c", "raise SystemExit(1)")
    assert not install.runs("no-such-python", "-c", "")
