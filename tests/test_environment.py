"""Both ways to install ask for the same packages, and every package is pinned, for every system and Python."""

import contextlib
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA_NAMES = {"torch": "pytorch"}


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


def pins() -> dict[str, list[Requirement]]:
    """The lines of constraints.txt by the name of their package; two for one package differ in their markers."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = {}
    for pin in [Requirement(line) for line in lines if not line.startswith("#")]:
        found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def version_of(pin: Requirement) -> str:
    """The one version that a pin allows."""
    (exact,) = pin.specifier
    assert exact.operator == "==", pin
    assert "*" not in exact.version, pin
    return exact.version


def applies(to: Requirement, there: dict[str, str]) -> bool:
    """Whether a line is meant for a system and a Python."""
    return to.marker is None or to.marker.evaluate(there)


def installed_as_pinned() -> Iterator[tuple[Requirement, metadata.Distribution]]:
    """The pins that are installed here in their version, with what the packages say of themselves."""
    for pin in [pin for group in pins().values() for pin in group]:
        with contextlib.suppress(metadata.PackageNotFoundError):
            package = metadata.distribution(pin.name)
            if package.version.partition("+")[0] == version_of(pin):
                yield pin, package


def test_pins_are_exact_and_inside_the_ranges() -> None:
    project = PYPROJECT["project"]
    for line in project["dependencies"] + project["optional-dependencies"]["dev"]:
        requirement = Requirement(line)
        for pin in pins()[canonicalize_name(requirement.name)]:
            assert requirement.specifier.contains(version_of(pin)), requirement.name


def test_every_pin_can_be_installed_on_the_lowest_python_allowed() -> None:
    """One that wanted 3.11.5 kept everybody out who had Debian's own Python, 3.11.2."""
    allowed = SpecifierSet(PYPROJECT["project"]["requires-python"])
    assert allowed.contains("3.11.0")
    assert not allowed.contains("3.10.99")
    packages = list(installed_as_pinned())
    assert packages
    for pin, package in packages:
        if applies(pin, {"python_full_version": "3.11.0", "python_version": "3.11"}):
            wanted = SpecifierSet(package.metadata["Requires-Python"] or "")
            assert wanted.contains("3.11.0"), f"{pin} wants Python {wanted}"


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0", "3.13.0", "3.14.0"])
@pytest.mark.parametrize(
    "system", [("linux", "Linux", "posix"), ("darwin", "Darwin", "posix"), ("win32", "Windows", "nt")], ids=str
)
def test_what_a_pinned_package_needs_is_pinned_too(system: tuple[str, str, str], python: str) -> None:
    """On every system and Python: nothing is left to the day of the installation."""
    there = dict(zip(("sys_platform", "platform_system", "os_name"), system, strict=True))
    there |= {"python_full_version": python, "python_version": python.rpartition(".")[0], "extra": ""}
    pinned = {name for name, group in pins().items() if any(applies(pin, there) for pin in group)}
    for pin, package in installed_as_pinned():
        if canonicalize_name(pin.name) in pinned:
            needed = [line for line in map(Requirement, package.requires or ()) if applies(line, there)]
            assert {canonicalize_name(line.name) for line in needed} <= pinned, pin
