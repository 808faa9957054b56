"""What several files of tests need."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def own_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A progress file of the test's own: none touches the learner's, and none sees the hints of another."""
    from conv1d_tutor import exercises
    from conv1d_tutor.exercises import record

    path = tmp_path / "progress.json"
    monkeypatch.setenv(record.VARIABLE, str(path))
    monkeypatch.setattr(exercises, "_asked", Counter())
    return path


@pytest.fixture(scope="module")
def coarse_pictures() -> Iterator[None]:
    """Explorables of few pixels, where it counts what is drawn and not how sharp: most of a move is pixels."""
    from conv1d_tutor.explore import live

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "PIXEL_RATIO", 0.5)
        yield
