"""The doctor sees what is wrong: packages, a moved folder, missing lessons, a kernel that fails."""

import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

from conv1d_tutor import __main__ as command_line
from conv1d_tutor.jupyter import doctor


def test_the_doctor_is_content_here() -> None:
    examination = doctor.doctor()
    assert examination.ok, examination.details()
    assert "torch" in examination.details()


def test_the_doctor_names_a_missing_and_an_old_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        metadata, "requires", lambda name: ["numpy>=99", "no-such-package>=1", "gone>=1; extra == 'dev'"]
    )
    (finding,) = doctor._packages()
    assert re.search(r"numpy is .*, >=99 is needed; no-such-package is missing, >=1 is needed", finding.detail)
    assert "make lab" in finding.remedy


def test_the_doctor_finishes_when_a_check_breaks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def _data():
        raise FileNotFoundError("patients.csv is gone")
        yield

    monkeypatch.setattr(doctor, "_data", _data)
    examination = doctor.doctor()
    assert not examination.ok
    assert "1 of 8 checks failed" in repr(examination)
    assert "patients.csv is gone" in repr(examination)
    assert command_line.main(["doctor"]) == 1
    assert "MEND  data: FileNotFoundError: patients.csv is gone" in capsys.readouterr().out


def test_a_folder_that_was_moved_after_the_installation_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a kernel imports is compared with this package: here it is another one, there none at all."""
    other = tmp_path / "old folder é" / "conv1d_tutor"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(other.parent))
    (finding,) = doctor._folder()
    assert re.search(r"lessons import conv1d_tutor from .*old folder.*, not from ", finding.detail)
    assert finding.remedy == doctor.AGAIN

    (other / "__init__.py").write_text("raise ImportError")
    (finding,) = doctor._folder()
    assert "lessons cannot import conv1d_tutor: its folder was moved" in finding.detail


def test_an_environment_that_was_moved_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv = tmp_path / ".venv"
    venv.mkdir()
    monkeypatch.setattr(sys, "prefix", str(venv))
    ready = venv / "ready"
    ready.write_text(f"{tmp_path}\nhash\n", encoding="utf-8")
    assert doctor.moved() == ""
    ready.write_text("/home/é/old\nhash\n", encoding="utf-8")
    assert "was made in /home/é/old and is now in " in doctor.moved()


def test_a_package_without_lessons_cannot_run_the_course(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "LESSONS", tmp_path / "notebooks")
    examination = doctor.doctor()
    assert not examination.ok
    assert "install the course again" in repr(examination)


def test_a_kernel_of_another_environment_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = doctor._kernel()
    assert finding.remedy == ""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (finding,) = doctor._kernel()
    assert "ipykernel install --sys-prefix" in finding.remedy


def test_a_word_is_no_truth_value() -> None:
    with pytest.raises(
        ValueError, match=r"doctor\(kernel='text'\)\n  found: kernel='text'[\s\S]*one of False, True"
    ):
        doctor.doctor(kernel="text")


def test_with_kernel_a_real_one_imports_draws_and_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with a MPLBACKEND that no matplotlib knows."""
    monkeypatch.setenv("MPLBACKEND", "nonsense")
    (finding,) = doctor._trial()
    assert re.fullmatch(r"imported, drew and wrote in \d+ s", finding.detail)
    assert finding.remedy == ""
    monkeypatch.setattr(doctor, "_trial", lambda: iter([doctor.Finding("trial", "failed", "mend it")]))
    assert "MEND  trial: failed" in doctor.doctor(kernel=True).details()


@pytest.mark.parametrize(
    ("code", "found", "remedy"),
    [
        ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'", doctor.AGAIN),
        ("open('no such folder/file', 'w')", "FileNotFoundError: ", doctor.AGAIN),
        ("raise PermissionError(13, 'Permission denied')", "PermissionError: ", "copy the course into a folder"),
        ("print('no picture')", "drew no picture", "look for another backend"),
    ],
)
def test_what_fails_in_the_kernel_is_told(
    code: str, found: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "TRIAL", code)
    (finding,) = doctor._trial()
    assert finding.detail.startswith(found)
    assert remedy in finding.remedy
