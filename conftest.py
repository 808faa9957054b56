"""Tests and lessons run in the surroundings of `python -m conv1d_tutor lab`, whatever the user's own are."""

import os

from conv1d_tutor.jupyter.surroundings import lesson_environment

collect_ignore = ["tests/typed_face.py"]  # mypy reads it; nothing in it is ever run

surroundings = lesson_environment()
os.environ.clear()
os.environ.update(surroundings)
