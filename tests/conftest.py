"""What several files of tests need."""

from collections import Counter
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
