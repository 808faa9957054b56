"""The pictures in the README: they exist, they have alternative texts, and the moving one moves."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from conv1d_tutor import explore
from conv1d_tutor.plotting import ROLES
from tools import make_pictures

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
IMAGES = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", README)


@pytest.fixture(scope="module")
def frames():
    with Image.open(make_pictures.GIF) as gif:
        return [frame.convert("RGB") for frame in ImageSequence.Iterator(gif)], gif.info


def test_the_readme_shows_all_three_pictures_with_alternative_texts():
    assert {path for _, path in IMAGES} == {
        "docs/lesson.png",
        "docs/explorable.gif",
        "docs/conv1d_cheat_sheet.png",
    }
    for text, path in IMAGES:
        assert (ROOT / path).is_file(), path
        assert len(text.split()) > 8, f"{path}: an alternative text says what can be seen"
    assert "](docs/conv1d_cheat_sheet.pdf)" in README
    assert (ROOT / "docs/conv1d_cheat_sheet.pdf").is_file()


def test_the_moving_picture_moves_at_a_pace_that_can_be_followed(frames):
    pictures, info = frames
    different = {picture.tobytes() for picture in pictures}
    assert 10 < len(different) <= len(pictures) <= 40
    assert 400 <= info["duration"] <= 700
    assert info["loop"] == 0  # for ever
    assert 800 <= pictures[0].width <= 1000


def test_the_moving_picture_keeps_the_colours_of_the_roles(frames):
    pictures, _ = frames
    colours = {colour for picture in pictures for _, colour in picture.getcolors(100_000)}
    for role in ("input", "window", "output", "unread"):
        wanted = np.array([int(ROLES[role].colour[i : i + 2], 16) for i in (1, 3, 5)])
        assert min(np.abs(wanted - colour).max() for colour in colours) <= 4, role
    assert pictures[0].getpixel((2, 2)) == (255, 255, 255)


def test_each_frame_is_what_the_explorable_shows(frames):
    pictures, info = frames
    left, top = json.loads(info["comment"])["picture at"]
    explorable = eval(make_pictures.CALL, vars(explore))
    begin = explorable.state()
    assert len(pictures) == len(make_pictures.MOVES) + 1
    for (name, value), stored in zip([(None, None), *make_pictures.MOVES], pictures, strict=True):
        if name is not None:
            assert abs(explorable.controls[name].value - value) == 1, "a press of a key is one step"
            explorable.controls[name].value = value
        drawn = Image.open(io.BytesIO(explorable.live.png())).convert("RGB")
        drawn = drawn.resize((880, round(880 * drawn.height / drawn.width)), Image.Resampling.LANCZOS)
        shown = stored.crop((left, top, left + drawn.width, top + drawn.height))
        # the stored one has fewer colours, so a little off is right, and far off is another picture
        far_off = (np.abs(np.asarray(drawn, int) - np.asarray(shown, int)) > 60).any(axis=2)
        assert far_off.mean() < 0.0005, f"{name}={value} is no longer what it was: make pictures"
    assert explorable.state() == begin  # it begins again where it ended


def test_the_files_are_small():
    sizes = {path: (ROOT / path).stat().st_size / 1024 for _, path in IMAGES}
    assert sizes["docs/lesson.png"] < 300
    assert sizes["docs/explorable.gif"] < 600
    assert sizes["docs/conv1d_cheat_sheet.png"] < 600
    with Image.open(make_pictures.LESSON) as lesson:
        assert 1000 <= lesson.width <= 1200
