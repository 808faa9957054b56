"""A release holds the course, whole and nothing else, and an update over it keeps what a learner wrote."""

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import nbformat
import pytest

import conv1d_tutor
from conv1d_tutor.jupyter import own_copy
from tools import check_release as release

ROOT = Path(__file__).parent.parent
#: What lies in a checkout in which somebody works, and is theirs.
LEFT = (
    "my_course/notebooks/mine.ipynb",
    "progress.json",
    "progress.broken2.json",
    ".progress.json.lock",
    "conv1d_tutor/__pycache__/arithmetic.cpython-311.pyc",
    "notebooks/.ipynb_checkpoints/00-checkpoint.ipynb",
    "data/__pycache__/x.pyc",
    "dist/old.whl",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel and an sdist of a checkout in which somebody worked, and both of a higher version, in one folder."""
    folder = tmp_path_factory.mktemp("built")
    source = release.copy_of_source(folder / "source")
    for name in LEFT:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("mine", encoding="utf-8")
    release.build(source, folder)
    release.make_newer(source)
    release.build(source, folder)
    return folder


def wheel_of(built: Path, version: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(built / f"conv1d_tutor-{version}-py3-none-any.whl")


def files(folder: Path, *patterns: str) -> set[str]:
    """The course's own files, as they are named in the repository."""
    found = {path.relative_to(folder).as_posix() for pattern in patterns for path in folder.glob(pattern)}
    return {name for name in found if "__pycache__" not in name and ".ipynb_checkpoints" not in name}


def test_the_wheel_holds_the_package_the_lessons_and_the_data_and_nothing_else(built: Path) -> None:
    version = conv1d_tutor.__version__
    package = {name for name in files(ROOT, "conv1d_tutor/**/*") if (ROOT / name).is_file()}
    lessons = {f"conv1d_tutor/course/{name}" for name in files(ROOT, "notebooks/*.ipynb")}
    data = {f"conv1d_tutor/{name}" for name in files(ROOT, "data/*.csv")}
    beside = {"constraints.txt", "data/README.md", "docs/conv1d_cheat_sheet.pdf", "docs/conv1d_cheat_sheet.png"}
    beside |= files(ROOT, "docs/errors/*.md")
    wanted = package | lessons | data | {f"conv1d_tutor/course/{name}" for name in beside}
    with wheel_of(built, version) as wheel:
        found = {name for name in wheel.namelist() if not name.startswith(f"conv1d_tutor-{version}.dist-info/")}
        assert found == wanted
        assert wheel.read("conv1d_tutor/course/constraints.txt") == (ROOT / "constraints.txt").read_bytes()


def test_the_sdist_holds_all_that_the_tests_need_and_nothing_of_a_learner(built: Path) -> None:
    top = f"conv1d_tutor-{conv1d_tutor.__version__}"
    with tarfile.open(built / f"{top}.tar.gz") as sdist:
        found = {name.partition("/")[2] for name in sdist.getnames()}
    wanted = files(ROOT, "*.md", "*.toml", "*.yml", "*.txt", "Makefile", "notebooks/*.ipynb", "data/*", ".ci/*")
    wanted |= files(ROOT, "tests/**/*.*", "tools/*.*", "benchmarks/*.py", "docs/*.*")
    assert wanted <= found, wanted - found
    assert not found & set(LEFT)


def test_the_version_has_one_place(built: Path) -> None:
    version = conv1d_tutor.__version__
    assert release.version_of(ROOT) == version
    again = [
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.toml", "*.yml", "*.cff", "conv1d_tutor/**/*.py", ".github/**/*")
        for path in ROOT.glob(pattern)
        if path.is_file() and re.search(rf"version[\W_]+{re.escape(version)}\b", path.read_text(encoding="utf-8"))
    ]
    assert again == ["conv1d_tutor/__init__.py"]
    with wheel_of(built, version) as wheel:
        told = wheel.read(f"conv1d_tutor-{version}.dist-info/METADATA").decode()
    assert f"\nVersion: {version}\n" in told
    assert f"\nRequires-Python: {metadata.metadata('conv1d-tutor')['Requires-Python']}\n" in told


def test_the_changelog_tells_of_this_version_first() -> None:
    titles = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert titles[0] == conv1d_tutor.__version__
    assert len(set(titles)) == len(titles)


@pytest.fixture
def learner(built: Path, tmp_path: Path) -> release.Learner:
    """Somebody who has only the wheel, and the packages of this environment."""
    site = tmp_path / "site"
    with wheel_of(built, conv1d_tutor.__version__) as wheel:
        wheel.extractall(site)
    folder = tmp_path / "vide Ж"
    folder.mkdir()
    return release.Learner(Path(sys.executable), folder, PYTHONPATH=str(site))


def test_from_the_wheel_alone_start_copies_the_lessons_and_an_update_keeps_answers(
    learner: release.Learner, built: Path
) -> None:
    site = Path(learner.surroundings["PYTHONPATH"])
    where = learner.run("-c", "import conv1d_tutor; print(conv1d_tutor.__file__)")
    assert Path(where.strip()).parent.parent == site
    assert "New in my_course: 00, 01, " in learner.update()
    assert files(learner.copy, "notebooks/*") == files(ROOT, "notebooks/*.ipynb")
    lesson = release.first_lesson(learner.copy)
    release.type_into(lesson, nbformat.v4.new_code_cell(release.ANSWER, id="answer"))
    code = "import os; os.chdir('my_course/notebooks')\n" + release.ANSWER
    learner.run("-c", code)
    before, done = lesson.read_bytes(), learner.done()
    assert len(done) == 1
    with wheel_of(built, f"{conv1d_tutor.__version__}.post1") as newer:
        newer.extractall(site)
    release.expect_answers_kept(learner, before, learner.update())
    assert learner.done() == done


def test_the_doctor_of_an_installed_wheel_names_what_can_be_typed_there(learner: release.Learner) -> None:
    """There is no make, no checkout and no constraints.txt in the folder."""
    code = "from conv1d_tutor.jupyter import doctor; import json\n"
    code += "print(json.dumps([doctor.AGAIN, doctor.PINS, doctor.doctor().details()]))"
    again, pins, details = json.loads(learner.run("-c", code).splitlines()[-1])
    assert again.endswith("pip install --force-reinstall conv1d-tutor")
    assert Path(re.fullmatch('-c "(.*)"', pins)[1]).is_file()
    lessons = re.search(r"lessons: (\d+) in (.*)", details)
    assert int(lessons[1]) == len(own_copy.lessons(ROOT / "notebooks"))
    assert Path(lessons[2]).is_relative_to(learner.surroundings["PYTHONPATH"])
    assert "MEND" not in details


def test_a_release_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(release, "LARGEST", 3)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: None)
    for ending in ("-py3-none-any.whl", ".tar.gz"):
        (tmp_path / f"conv1d_tutor-{conv1d_tutor.__version__}{ending}").write_bytes(b"much")
    with pytest.raises(RuntimeError, match="more than"):
        release.build(ROOT, tmp_path)
