"""Both ways to install ask for the same packages, and the doctor sees what is wrong."""

import asyncio
import json
import re
import tomllib
from importlib import metadata
from pathlib import Path
from unittest import mock

import pytest
import yaml
from jupyter_server.serverapp import ServerApp
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from traitlets.config import Config

from conv1d_tutor import __main__ as command_line
from conv1d_tutor.jupyter import doctor as environment

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA_NAMES = {"torch": "pytorch", "isal": "python-isal"}


def ranges(lines: list[str]) -> dict[str, str]:
    """Package name, as conda-forge has it, and the range asked for."""
    requirements = map(Requirement, lines)
    return {CONDA_NAMES.get(r.name, r.name): str(r.specifier) for r in requirements}


def test_conda_environment_equals_pyproject() -> None:
    project = PYPROJECT["project"]
    wanted = ranges(project["dependencies"]) | ranges(project["optional-dependencies"]["dev"])
    wanted["python"] = project["requires-python"]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert conda["channels"] == ["conda-forge"]
    *plain, pip = conda["dependencies"]
    assert pip["pip"][-1] == "-e ."
    found = ranges([line for line in plain if line != "pip"] + pip["pip"][:-1])
    assert found == wanted


def test_constraints_are_exact_and_inside_the_ranges() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {canonicalize_name(r.name): r.specifier for r in map(Requirement, filter(is_package, lines))}
    assert all(re.fullmatch(r"==[\w.]+", str(specifier)) for specifier in pinned.values())
    project = PYPROJECT["project"]
    for line in project["dependencies"] + project["optional-dependencies"]["dev"]:
        requirement = Requirement(line)
        version = str(pinned[canonicalize_name(requirement.name)]).removeprefix("==")
        assert requirement.specifier.contains(version), requirement.name


def is_package(line: str) -> bool:
    """Whether a line of constraints.txt names a package."""
    return bool(line) and not line.startswith("#")


def test_doctor_is_content_here() -> None:
    examination = environment.doctor()
    assert examination.ok, examination.details()
    assert "torch" in examination.details()


def test_doctor_names_a_missing_and_an_old_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        metadata, "requires", lambda name: ["numpy>=99", "no-such-package>=1", "gone>=1; extra == 'dev'"]
    )
    (finding,) = environment._packages()
    assert re.search(r"numpy is .*, >=99 is needed; no-such-package is missing, >=1 is needed", finding.detail)
    assert "make lab" in finding.remedy


def test_doctor_finishes_when_a_check_breaks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def _data():
        raise FileNotFoundError("patients.csv is gone")
        yield

    monkeypatch.setattr(environment, "_data", _data)
    examination = environment.doctor()
    assert not examination.ok
    assert "1 of 6 checks failed" in repr(examination)
    assert "patients.csv is gone" in repr(examination)
    assert command_line.main(["doctor"]) == 1
    assert "MEND  data: FileNotFoundError: patients.csv is gone" in capsys.readouterr().out


def test_lab_opens_the_first_lesson_without_asking_for_news(monkeypatch: pytest.MonkeyPatch) -> None:
    started = {}

    def run(command, cwd, env, check):
        started.update(command=command, cwd=cwd, env=env)
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr(command_line.subprocess, "run", run)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    assert command_line.main(["lab", "--no-browser"]) == 0
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in started["command"]
    assert f"--ServerApp.root_dir={ROOT}" in started["command"]
    assert "--no-browser" in started["command"]
    # The token and the address that JupyterLab listens on stay its own.
    assert not any("token" in part or "ip=" in part for part in started["command"])
    ours, mine = started["env"]["JUPYTER_CONFIG_PATH"].split(command_line.os.pathsep)
    assert mine == "mine"
    overrides = json.loads(Path(ours, "labconfig", "default_setting_overrides.json").read_text(encoding="utf-8"))
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_lab_sends_every_message_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Path(command_line.PACKAGE, "jupyter", "jupyter_server_config.json")
    config = Config(json.loads(ours.read_text(encoding="utf-8")))
    kind = ServerApp(config=config).kernel_websocket_connection_class
    calls = []

    async def connect(self) -> None:
        calls.append("connect")

    monkeypatch.setattr(kind.__bases__[0], "connect", connect)
    handler = mock.Mock()
    handler.set_nodelay.side_effect = lambda value: calls.append(value)
    asyncio.run(kind.connect(mock.Mock(spec=kind, websocket_handler=handler)))
    assert calls == [True, "connect"]


def test_lab_without_lessons_says_where_to_get_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(command_line, "FIRST_LESSON", tmp_path / "00_start_here.ipynb")
    assert command_line.main(["lab"]) == 2
    assert "Clone the repository" in capsys.readouterr().err
