"""Is this environment able to run the course? `doctor` examines it and says what to mend."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement


@dataclass(frozen=True)
class Finding:
    """One thing that was examined.

    Args:
        name: what was examined.
        detail: what was found.
        remedy: what to do about it; empty if all is well.
    """

    name: str
    detail: str
    remedy: str = ""


@dataclass(frozen=True, repr=False)
class Examination:
    """The result of `doctor`.

    Args:
        findings: everything that was examined, in order.
    """

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the course can run here."""
        return not any(finding.remedy for finding in self.findings)

    def details(self) -> str:
        """List every finding with the versions found, one a line."""
        return "\n".join(
            f"{'MEND' if f.remedy else 'ok':4}  {f.name}: {f.detail}" + (f"\n      {f.remedy}" if f.remedy else "")
            for f in self.findings
        )

    def __repr__(self) -> str:
        """Say in one line that all is well, or list what to mend."""
        if self.ok:
            return f"All {len(self.findings)} checks passed: this environment can run the course."
        broken = [f"  {f.name}: {f.detail}\n    {f.remedy}" for f in self.findings if f.remedy]
        return "\n".join([f"{len(broken)} of {len(self.findings)} checks failed:", *broken])


def doctor() -> Examination:
    """Examine whether this environment can run the course.

    Returns:
        An `Examination`: Python, the packages, the notebook's kernel, torch's Conv1d, the sliders, the data.

    Example:
        >>> doctor()
        All 6 checks passed: this environment can run the course.
    """
    checks = (_python, _packages, _kernel, _torch, _sliders, _data)
    return Examination(tuple(finding for check in checks for finding in _careful(check)))


def _careful(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Turn an error inside a check into a finding: the doctor always finishes."""
    try:
        yield from check()
    except Exception as error:
        name = check.__name__.strip("_")
        yield Finding(name, f"{type(error).__name__}: {error}", "install the course again: make lab")


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = metadata.metadata("conv1d-tutor")["Requires-Python"]
    good = Requirement(f"python{wanted}").specifier.contains(version)
    yield Finding("Python", version, "" if good else f"use a Python {wanted}")


def _packages() -> Iterator[Finding]:
    found, wrong = [], []
    for line in metadata.requires("conv1d-tutor") or ():
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing, {requirement.specifier} is needed")
            continue
        found.append(f"{requirement.name} {version}")
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} is {version}, {requirement.specifier} is needed")
    remedy = "run make lab, or pip install -c constraints.txt -e ." if wrong else ""
    yield Finding("packages", "; ".join(wrong or found), remedy)


def _kernel() -> Iterator[Finding]:
    from jupyter_client.kernelspec import KernelSpecManager

    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    folder = Path(KernelSpecManager().get_kernel_spec("python3").resource_dir)
    own = folder.is_relative_to(sys.prefix)
    yield Finding("kernel python3", str(folder), "" if own else "run python -m ipykernel install --sys-prefix")


def _torch() -> Iterator[Finding]:
    import torch

    total = torch.nn.functional.conv1d(torch.ones(1, 2, 4), torch.ones(1, 2, 3)).sum().item()
    remedy = "" if total == 12 else "install torch again"
    yield Finding("torch", f"{torch.__version__}, Conv1d of ones sums to {total:g}, expected 12", remedy)


def _sliders() -> Iterator[Finding]:
    import ipywidgets

    # JupyterLab draws the sliders with this extension; without it a cell shows only text.
    extension = Path(sys.prefix, "share/jupyter/labextensions/@jupyter-widgets/jupyterlab-manager")
    remedy = "" if extension.is_dir() else "run pip install --force-reinstall jupyterlab_widgets"
    yield Finding("sliders", f"ipywidgets {ipywidgets.__version__}, {extension.name}", remedy)


def _data() -> Iterator[Finding]:
    from .. import datasets

    shape = datasets.load_patients(as_array=True)[0].shape
    counts = [len(part.signals) for load in (datasets.load_motions, datasets.load_vowels) for part in load()[:2]]
    yield Finding("data", f"patients {shape}, other recordings {counts}")
