"""What others read of this repository, workflows, issue forms, citation and hooks: what they name exists."""

import os
import re
import shutil
import stat
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
#: What a workflow installs by itself, or what its machine has.
THERE = {"uv", "sudo", "apt-get", "python", "pip", "PATH"}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def check_command(line: str) -> None:
    """Modules can be found, files of this repository are there, targets are in the Makefile."""
    for module in re.findall(r"python -m ([\w.]+)", line):
        assert module in THERE or find_spec(module), f"no module {module}: {line}"
    for path in re.findall(r"(?<![\w/.-])((?:\.ci|tools|tests|docs|conv1d_tutor|benchmarks)/[\w./-]*\w)", line):
        assert (ROOT / path).exists() or ".gitignore" in path or "_build" in path, f"no file {path}: {line}"
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for target in re.findall(r"(?<![\w-])make ([a-z-]+)", line):
        assert target in targets, f"no target {target}: {line}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_names_what_exists(path: Path) -> None:
    workflow = load(path)
    assert workflow["name"]
    assert workflow[True], "`on` reads as a truth value in YAML 1.1"
    for job in workflow["jobs"].values():
        assert job["runs-on"]
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            assert re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", step.get("uses", "a/b@v1"))
            for line in step.get("run", "").splitlines():
                check_command(line)
    used = set(re.findall(r"matrix\.(\w+)", path.read_text(encoding="utf-8")))
    known: set[str] = set()
    for job in workflow["jobs"].values():
        matrix = job.get("strategy", {}).get("matrix", {})
        known |= (set(matrix) - {"include"}).union(*matrix.get("include", []))
    assert used <= known


def test_what_is_checked_of_a_command_can_fail() -> None:
    for wrong in ("python -m no_such_module", "bash .ci/no-such", "make no-such", "python tools/none.py"):
        with pytest.raises(AssertionError, match="no "):
            check_command(wrong)


def test_the_tests_run_on_every_system_monthly_and_on_the_oldest_and_newest_python() -> None:
    workflow = load(ROOT / ".github/workflows/tests.yml")
    assert {"push", "pull_request", "schedule"} <= set(workflow[True])
    minute, hour, day, month, weekday = workflow[True]["schedule"][0]["cron"].split()
    assert minute.isdigit() and hour.isdigit() and day.isdigit() and (month, weekday) == ("*", "*")
    matrix = workflow["jobs"]["pinned"]["strategy"]["matrix"]
    assert {system.partition("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}
    lowest = PYPROJECT["project"]["requires-python"].removeprefix(">=")
    packages = workflow["jobs"]["packages"]["strategy"]["matrix"]["include"]
    assert {entry["python"]: entry["resolution"] for entry in packages} == {
        lowest: "lowest-direct",
        max(matrix["python"], key=lambda version: tuple(map(int, version.split(".")))): "highest",
    }
    assert lowest in matrix["python"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_can_be_shown(path: Path) -> None:
    form = load(path)
    assert form["name"] and form["description"]
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids)
    for field in form["body"]:
        assert field["type"] in {"input", "textarea", "dropdown", "checkboxes"}
        assert field["attributes"]["label"]
        assert isinstance(field["validations"]["required"], bool)
        check_command(field["attributes"].get("description", ""))


def test_a_wrong_explanation_is_asked_for_layer_input_and_what_was_said() -> None:
    assert {"explanation", "lesson", "install"} <= {path.stem for path in FORMS}
    body = load(ROOT / ".github/ISSUE_TEMPLATE/explanation.yml")["body"]
    needed = {field["id"] for field in body if field["validations"]["required"]}
    assert {"layer", "input", "said"} <= needed


def test_the_citation_says_what_pyproject_says() -> None:
    citation, project = load(ROOT / "CITATION.cff"), PYPROJECT["project"]
    assert str(citation["cff-version"]) == "1.2.0"
    assert citation["message"] and citation["title"] and citation["type"] == "software"
    assert citation["authors"] == project["authors"]
    assert citation["license"] == project["license"]
    assert citation["keywords"] == project["keywords"]


def test_the_hooks_run_what_make_lint_runs_with_the_versions_of_the_environment() -> None:
    dev = {re.match(r"[\w-]+", line)[0] for line in PYPROJECT["project"]["optional-dependencies"]["dev"]}
    (repo,) = load(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repo["repo"] == "local"
    for hook in repo["hooks"]:
        program, *words = hook["entry"].split()
        assert hook["language"] == "system"
        assert program == ".venv/bin/python" or Path(program).name in dev
        check_command(f"python {' '.join(words)}")
    lint = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2]
    assert "ruff check ." in lint and "ruff format --check ." in lint
    notebooks = next(hook for hook in repo["hooks"] if "notebooks" in hook["id"])
    lessons = [path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert lessons and all(re.match(notebooks["files"], lesson) for lesson in lessons)


@pytest.mark.skipif(os.name == "nt", reason="a script for bash")
@pytest.mark.parametrize("chromium", [True, False])
def test_without_chromium_and_without_root_ci_runs_the_rest_says_what_is_missing_and_fails(
    chromium: bool, tmp_path: Path
) -> None:
    course, programs = tmp_path / "course", tmp_path / "bin"
    (course / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci/run", course / ".ci")
    programs.mkdir()

    def program(name: str, does: str) -> None:
        (programs / name).write_text(f"#!{shutil.which('bash')}\n{does}\n", encoding="utf-8")
        (programs / name).chmod(stat.S_IRWXU)

    for name in ("bash", "dirname"):
        (programs / name).symlink_to(shutil.which(name))
    program("make", 'echo "$@" >> done')
    program("id", "echo 1000")
    program("apt-get", "exit 9")
    if chromium:
        program("chromium", "exit 0")
    surroundings = {"PATH": str(programs), "CI": "true"}
    done = subprocess.run(
        [programs / "bash", str(course / ".ci/run")], env=surroundings, capture_output=True, text=True, check=False
    )
    ran = (course / "done").read_text(encoding="utf-8").split()
    if chromium:
        assert (done.returncode, ran) == (0, ["lint", "test", "browser"])
    else:
        assert (done.returncode, ran) == (1, ["lint", "test"])
        assert "Ask root to install it: apt-get install chromium" in done.stderr
