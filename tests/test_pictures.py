"""The pictures in the README: they exist, they have alternative texts, and the moving one moves."""

import json
import re
from pathlib import Path

import page
import pytest
from PIL import Image, ImageSequence

from conv1d_tutor import explore
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


def test_each_frame_is_what_the_explorable_shows(frames):
    pictures, info = frames
    explorable = eval(make_pictures.CALL, vars(explore))
    begin = explorable.state()
    states = [begin]
    for name, value in make_pictures.MOVES:
        assert abs(states[-1][name] - value) == 1, "a press of a key is one step"
        states.append(states[-1] | {name: value})
    assert states[-1] == begin  # it begins again where it ended
    sentences = [shown["sentence"] for shown in page.shown(explorable, states)]
    assert json.loads(info["comment"]) == sentences, "the explorable says something else now: make pictures"
    assert len(pictures) == len(states)
    assert all(picture.getpixel((2, 2)) == (255, 255, 255) for picture in pictures)


def test_the_files_are_small():
    sizes = {path: (ROOT / path).stat().st_size / 1024 for _, path in IMAGES}
    assert sizes["docs/lesson.png"] < 300
    assert sizes["docs/explorable.gif"] < 600
    assert sizes["docs/conv1d_cheat_sheet.png"] < 600
    with Image.open(make_pictures.LESSON) as lesson:
        assert 1000 <= lesson.width <= 1200
