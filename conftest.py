"""Tests and lessons run in the surroundings of `python -m conv1d_tutor lab`, whatever the user's own are."""

import gc
import os
import tempfile
from pathlib import Path

import pytest

from conv1d_tutor.jupyter.surroundings import lesson_environment

collect_ignore = ["tests/typed_face.py"]  # mypy reads it; nothing in it is ever run

surroundings = lesson_environment()
os.environ.clear()
os.environ.update(surroundings)
# What tests and lessons answer is not the learner's: their file is neither read nor written.
_scratch = tempfile.TemporaryDirectory()
os.environ["CONV1D_TUTOR_PROGRESS"] = str(Path(_scratch.name, "progress.json"))


def pytest_collection_finish() -> None:
    """Take what the imports made out of garbage collection: it is a million objects, and it stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _names_of_the_rule_book(
    request: pytest.FixtureRequest, doctest_namespace: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example of a cause or a note reads as what a user types: `explain`, `nn` and `torch` are there."""
    if {"causes", "notes"} & set(request.path.parts):
        import torch

        from conv1d_tutor import explain, explain_error

        names = {"explain": explain, "explain_error": explain_error, "nn": torch.nn, "torch": torch}
        for name, value in names.items():
            monkeypatch.setitem(doctest_namespace, name, value)
