"""The doctor sees what is wrong: packages, a moved folder, missing lessons, a kernel that fails."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from conv1d_tutor import __main__ as command_line
from conv1d_tutor.jupyter import doctor

ROOT = Path(__file__).parent.parent


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
    assert doctor.AGAIN in finding.remedy
    assert finding.remedy.endswith('"numpy>=99" "no-such-package>=1"')
    assert (ROOT / "constraints.txt").samefile(re.search('-c "(.*?)"', finding.remedy)[1])


def test_the_doctor_finishes_when_a_check_breaks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def _data():
        raise FileNotFoundError("patients.csv is gone")
        yield

    monkeypatch.setattr(doctor, "_data", _data)
    examination = doctor.doctor()
    assert not examination.ok
    assert "1 of 11 checks failed" in repr(examination)
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
    """In a Python that has imported nothing yet, and with a MPLBACKEND that no matplotlib knows."""
    monkeypatch.setenv("MPLBACKEND", "nonsense")
    command = [sys.executable, "-m", "conv1d_tutor", "doctor", "--kernel"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^ok    a lesson's kernel: imported, drew and wrote in \d+ s$", done.stdout, re.MULTILINE)
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


def only(check: str) -> doctor.Finding:
    """What one check finds."""
    (finding,) = doctor._careful(getattr(doctor, f"_{check}"))
    return finding


@pytest.mark.parametrize("package", doctor.EXTENSIONS)
def test_what_draws_the_sliders_and_is_missing_is_named(
    package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for other, name in doctor.EXTENSIONS.items():
        if other != package:
            (tmp_path / "share/jupyter/labextensions" / name).mkdir(parents=True)
    assert only("sliders").remedy == ""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert only("sliders").remedy == f"run {sys.executable} -m pip install --force-reinstall {package}"


@pytest.fixture
def fake_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[doctor.Finding]]:
    """Ask a torch of another making: a small one, with a few lines of the test's behind it."""

    def ask(more: str) -> list[doctor.Finding]:
        (tmp_path / "torch").mkdir(exist_ok=True)
        (tmp_path / "torch/__init__.py").write_text(FAKE + more, encoding="utf-8")
        found = list(doctor._careful(doctor._torch))
        assert [finding.name for finding in found] == ["torch", "NumPy"]
        return found

    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # two of one second would be taken for the same
    return ask


#: What the doctor asks of torch, as far as it is asked.
FAKE = """
from types import SimpleNamespace
__version__ = "2.99.0+cpu"
class Total(float):
    def sum(self): return self
    def item(self): return float(self)
def ones(*shape): return None
def from_numpy(array): return SimpleNamespace(numpy=lambda: array)
nn = SimpleNamespace(functional=SimpleNamespace(conv1d=lambda signal, weight: Total(12)))
"""


def test_numpy_and_torch_that_do_not_fit_are_named(fake_torch: Callable[[str], list[doctor.Finding]]) -> None:
    torch, numpy = fake_torch("def from_numpy(array): raise RuntimeError('Numpy is not available')")
    assert numpy.detail.endswith(" and torch 2.99.0+cpu do not fit: Numpy is not available")
    assert numpy.remedy.endswith("numpy torch") and torch.remedy == ""
    _, numpy = fake_torch("def from_numpy(array): return SimpleNamespace(numpy=lambda: 0 * array)")
    assert numpy.detail.endswith("do not fit: 0, 1, 2 became [0.0, 0.0, 0.0]") and numpy.remedy


def test_torch_that_counts_wrong_or_is_missing_is_named(fake_torch: Callable[[str], list[doctor.Finding]]) -> None:
    torch, _ = fake_torch("nn.functional.conv1d = lambda signal, weight: Total(0)")
    assert torch.detail.endswith("Conv1d of ones sums to 0, expected 12")
    assert torch.remedy.endswith("--force-reinstall torch")
    for finding in fake_torch("raise ModuleNotFoundError(\"No module named 'torch'\")"):
        assert finding.detail == "ModuleNotFoundError: No module named 'torch'"
        assert finding.remedy == doctor.AGAIN


def test_a_torch_that_is_not_the_verified_one_is_named_and_no_reason_to_stop(
    fake_torch: Callable[[str], list[doctor.Finding]],
) -> None:
    verified = re.search(r"^torch==(.*)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)[1]
    torch, numpy = fake_torch("")
    assert torch.detail.startswith(f"2.99.0+cpu (the course was last verified with {verified}), ")
    assert torch.remedy == numpy.remedy == ""
    torch, _ = fake_torch(f"__version__ = '{verified}+cpu'")
    assert torch.detail.startswith(f"{verified}+cpu, Conv1d")


def test_a_torch_that_ends_its_process_is_named_with_its_last_words(
    fake_torch: Callable[[str], list[doctor.Finding]],
) -> None:
    """As one does that was built for a newer processor, or meets a second OpenMP."""
    end = "import os, sys; print('OMP: Error #15', file=sys.stderr, flush=True); os.{}"
    how = r"(status 3|0x\w+)" if os.name == "nt" else "SIGABRT"
    for finding in fake_torch(end.format("abort()")):
        assert re.fullmatch(f"torch ended its process with {how}, and said: OMP: Error #15", finding.detail)
        assert "torch; if it stays so, this torch does not fit this processor or system" in finding.remedy
    torch, numpy = fake_torch(f"def from_numpy(array):\n    {end.format('_exit(7)')}")
    assert torch.remedy == ""
    assert numpy.detail == "torch ended its process with status 7, and said: OMP: Error #15"
    assert "--force-reinstall numpy torch; " in numpy.remedy


def test_a_torch_that_never_answers_is_ended_and_named(
    fake_torch: Callable[[str], list[doctor.Finding]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "PATIENCE", 0.5)
    for finding in fake_torch("import time; time.sleep(600)"):
        assert finding.detail == "torch gave no answer in 0.5 s"
        assert "--force-reinstall" in finding.remedy


def test_a_port_that_is_taken_and_one_that_nobody_gets_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_server.serverapp import DEFAULT_JUPYTER_SERVER_PORT

    assert doctor.PORT == DEFAULT_JUPYTER_SERVER_PORT
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(doctor, "PORT", other.getsockname()[1])
        taken = only("port")
    assert only("port").detail == f"{doctor.PORT} is free"
    assert "is taken, perhaps by a JupyterLab that still runs: the next takes another one" in taken.detail
    assert taken.remedy == ""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(doctor.socket.socket, "bind", refuse)
    nobody = only("port")
    assert "no program can listen on 127.0.0.1: Operation not permitted" in nobody.detail
    assert "must let programs listen" in nobody.remedy


def test_the_line_that_mends_most_can_be_typed_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a checkout, with the Python that made the environment, and where there is only an installed package."""
    made_with, script, word = doctor._again().rsplit(" ", 2)
    assert not made_with.strip('"').startswith(sys.prefix) or sys.prefix == sys.base_prefix
    assert (ROOT / script).is_file() and word == "again"
    monkeypatch.setattr(doctor, "LESSONS", tmp_path)
    assert only("lessons").remedy == "bring them back: git checkout notebooks"
    monkeypatch.setattr(doctor, "PACKAGE", tmp_path / "site-packages/conv1d_tutor")
    assert doctor._again().endswith("-m pip install --force-reinstall conv1d-tutor")
    assert only("lessons").remedy == doctor.AGAIN


def test_a_folder_that_cannot_be_written_and_a_full_disk_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert only("room").remedy == ""

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    assert "Permission denied" in only("room").detail
    full = type(
        "Full", (), {"__enter__": lambda self: self, "__exit__": lambda *_: None, "flush": lambda self: None}
    )
    full.write = lambda self, content: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", lambda **_: full())
    finding = only("room")
    assert "No space left on device" in finding.detail and "disk with room" in finding.remedy


def test_a_python_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 2, "final", 0))
    assert only("python").remedy.startswith("use a Python >=")


def test_data_that_were_changed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from conv1d_tutor import datasets

    def refuse(**_: object) -> None:
        raise ValueError(
            "data/patients.csv is not the course's file: git checkout data/patients.csv brings it back."
        )

    monkeypatch.setattr(datasets, "load_patients", refuse)
    finding = only("data")
    assert "git checkout data/patients.csv" in finding.detail and finding.remedy
