"""What docs/teaching.md and the files for hubs and Binder say is so: plan, names, commands, packages."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_environment import PYPROJECT, ranges
from test_project_files import check_command

from conv1d_tutor.jupyter import own_copy
from conv1d_tutor.jupyter.surroundings import SETTINGS
from tools import minutes

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/teaching.md").read_text(encoding="utf-8")
CONFIG = (ROOT / "tools/hub/jupyterhub_config.py").read_text(encoding="utf-8")
TITLES = {
    json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"][0].strip("# \n") for path in minutes.LESSONS
}


def test_the_plan_is_the_one_that_the_lessons_give() -> None:
    found = minutes.PLAN.search(TEXT)
    assert found, "the marks around it are there"
    assert found[2] == minutes.plan(), "python -m tools.minutes --write says it"
    assert minutes.plan().count("\n| [") == len(minutes.LESSONS)


def test_no_minute_is_typed_by_hand() -> None:
    by_hand = minutes.PLAN.sub("", TEXT)
    assert re.findall(r"\d+(?=[ -]minutes)", by_hand) == []
    assert f"A session has {minutes.SESSION}\nminutes" in by_hand


def test_lessons_links_and_commands_exist() -> None:
    names = set(re.findall(r"(?<!\*)\*([A-Z][^*|]+)\*(?!\*)", TEXT))
    assert names and names <= TITLES, names - TITLES
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / "docs" / target).exists(), target
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL):
        for line in block.splitlines():
            check_command(line.replace(".venv/bin/", "").replace("course/bin/", ""))
    assert {"pip", "conv1d_tutor", "venv", "hatchling"} == set(re.findall(r"python -m (\w+) ", TEXT))


def test_the_hub_listens_on_this_machine_alone_and_knows_what_the_page_names() -> None:
    assert set(re.findall(r"https?://([^:/{]+)", CONFIG)) == {"127.0.0.1"}
    named = set(re.findall(r"CLASS_[A-Z_]+", TEXT))
    assert named and named <= set(re.findall(r'environ(?:\.get\(|\[)"(CLASS_[A-Z_]+)"', CONFIG))
    pattern = re.compile(re.search(r'username_pattern = r"(.*)"', CONFIG)[1])
    assert pattern.match("ada-2")
    for name in ("../ada", "a b", ".ada", "ada\n", "a/b", "", "x" * 99):
        assert not pattern.match(name), name


def test_binder_gets_what_the_course_needs_and_no_tests() -> None:
    wanted = ranges(PYPROJECT["project"]["dependencies"]) | {"python": PYPROJECT["project"]["requires-python"]}
    conda = yaml.safe_load((ROOT / ".binder/environment.yml").read_text(encoding="utf-8"))
    assert conda["channels"] == ["conda-forge"]
    assert ranges([line for line in conda["dependencies"] if line != "pip"]) == wanted


@pytest.mark.skipif(os.name == "nt", reason="Binder has Linux")
def test_binders_scripts_can_be_run_and_the_server_gets_the_courses_settings() -> None:
    for name in ("postBuild", "start"):
        path = ROOT / ".binder" / name
        assert os.access(path, os.X_OK)
        subprocess.run(["sh", "-n", str(path)], check=True)
        for line in path.read_text(encoding="utf-8").splitlines():
            check_command(line)
    surroundings = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "JUPYTER_CONFIG_PATH": "mine",
        "JUPYTER_PATH": "mine",
    }
    command = [str(ROOT / ".binder/start"), "printenv", "JUPYTER_CONFIG_PATH", "JUPYTER_PATH"]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [f"{SETTINGS}:mine"] * 2


@pytest.mark.skipif(os.name == "nt", reason="Binder has Linux")
def test_binders_doctor_examines_the_package_that_was_installed_from_the_checkout(tmp_path: Path) -> None:
    for place in ("installed", "checkout"):
        shutil.copytree(
            ROOT / "conv1d_tutor", tmp_path / place / "conv1d_tutor", ignore=shutil.ignore_patterns("__pycache__")
        )
    (line,) = (line for line in (ROOT / ".binder/postBuild").read_text().splitlines() if line.endswith("doctor"))
    command = [sys.executable, *line.split()[1:]]
    surroundings = os.environ | {"PYTHONPATH": str(tmp_path / "installed")}
    said = subprocess.run(
        command, cwd=tmp_path / "checkout", env=surroundings, capture_output=True, text=True
    ).stdout
    assert f"ok    folder: {tmp_path / 'installed'}" in said


#: What the chart takes there, of our values; it refuses other names, and other kinds of values.
#: Source: jupyterhub/values.schema.yaml of github.com/jupyterhub/zero-to-jupyterhub-k8s, commit 02dd73d.
CHART = {
    "hub.config": dict,
    **dict.fromkeys(("singleuser.image.name", "singleuser.image.tag", "singleuser.defaultUrl"), str),
    **dict.fromkeys(("singleuser.memory.guarantee", "singleuser.memory.limit"), int | float | str),
    **dict.fromkeys(("singleuser.cpu.guarantee", "singleuser.cpu.limit"), int | float),
    "singleuser.storage.capacity": str,
    "singleuser.extraEnv": dict | list,
    "singleuser.lifecycleHooks.postStart": dict,
    "cull.enabled": bool,
    **dict.fromkeys(("cull.timeout", "cull.every"), int),
}


def test_the_clusters_values_are_such_that_the_chart_takes_them() -> None:
    def check(value: Any, place: str) -> None:
        if place in CHART:
            assert isinstance(value, CHART[place]), place
            return
        assert isinstance(value, dict), f"the chart knows no {place}"
        for name, inner in value.items():
            check(inner, f"{place}.{name}".lstrip("."))

    check(yaml.safe_load((ROOT / "tools/hub/z2jh-values.yaml").read_text(encoding="utf-8")), "")


def test_the_clusters_values_hand_out_the_course_as_the_hub_does(tmp_path: Path) -> None:
    values = yaml.safe_load((ROOT / "tools/hub/z2jh-values.yaml").read_text(encoding="utf-8"))
    assert set(values) == {"hub", "singleuser", "cull"}
    program, flag, code = values["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"]
    assert (program, flag) == ("python", "-c")
    surroundings = os.environ | {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=surroundings, check=True)
    assert (tmp_path / "my_course" / own_copy.FIRST_LESSON).is_file()
    assert values["singleuser"]["defaultUrl"].removeprefix("/lab/tree/") == "my_course/notebooks"
