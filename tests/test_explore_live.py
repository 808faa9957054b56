"""A move redraws over a kept bitmap, the PNG holds exactly those pixels, and a refusal greys the last picture."""

import io

import numpy as np
import PIL.Image
import pytest

from conv1d_tutor.explore.live import PIXEL_RATIO, LiveFigure, encode_png
from conv1d_tutor.plotting import new_figure


@pytest.fixture
def live() -> LiveFigure:
    """A figure with one line that moves."""
    figure = new_figure(4, 2)
    ax = figure.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10), title="static")
    (line,) = ax.plot([0, 10], [5, 5], color="black", linewidth=3)
    live = LiveFigure(figure, [line])
    live.redraw("a line at 5")
    return live


def pixels(png: bytes) -> np.ndarray:
    """Decode a PNG with a library that is not ours."""
    return np.asarray(PIL.Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_encoded_pixels_come_back_exactly() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (37, 53, 4), dtype=np.uint8)
    assert np.array_equal(pixels(encode_png(picture)), picture[..., :3])


def test_a_move_equals_a_full_redraw_and_draws_the_background_once(live: LiveFigure) -> None:
    line = live.artists[0]
    for height in (2, 8, 5, 3):
        line.set_ydata([height, height])
        live.redraw(f"a line at {height}")
    assert live.background_draws == 1
    moved = pixels(live.png())
    line.set_animated(False)
    live.figure.canvas.draw()
    full = np.asarray(live.figure.canvas.buffer_rgba())[..., :3].astype(int)
    assert np.abs(moved - full).max() <= 2  # blending over opaque pixels rounds once more


def test_the_page_and_the_stored_file_show_the_same_picture(live: LiveFigure) -> None:
    stored, shown = live.png(), bytes(live.image.value)
    assert np.abs(pixels(stored) - pixels(shown)).max() <= 6  # 256 colours, of 255 levels each
    assert len(stored) < 0.7 * len(shown)


def test_old_positions_leave_no_trace(live: LiveFigure) -> None:
    first = live.png()
    live.artists[0].set_ydata([8, 8])
    live.redraw("a line at 8")
    assert live.png() != first
    live.artists[0].set_ydata([5, 5])
    live.redraw("a line at 5")
    assert live.png() == first


def test_sharper_than_the_page_and_as_wide_as_the_figure(live: LiveFigure) -> None:
    height, width, _ = pixels(live.png()).shape
    assert (width, height) == (400 * PIXEL_RATIO, 200 * PIXEL_RATIO)
    assert live.image.layout.width == "400px"


def test_a_new_size_draws_a_new_background(live: LiveFigure) -> None:
    live.figure.set_dpi(live.figure.dpi * 2)
    live.redraw("the same, larger")
    assert live.background_draws == 2
    assert pixels(live.png()).shape[1] == 800 * PIXEL_RATIO


def test_a_refusal_greys_the_picture_and_can_be_undone(live: LiveFigure) -> None:
    before = pixels(live.png())
    live.refuse("No output: the kernel reads 5 samples, the padded input has 2.")
    grey = pixels(live.png())
    assert before.min() == 0
    corner = grey[: len(grey) // 4]  # above the text: the title, now faint
    assert 150 < corner.min() < 250
    assert live.description.startswith("No output: the kernel reads 5")
    live.redraw("a line at 5")
    assert np.array_equal(pixels(live.png()), before)
    assert live.description == "a line at 5"


def test_a_scale_that_comes_back_needs_no_new_background(live: LiveFigure) -> None:
    (ax,) = live.figure.axes
    pictures = {}
    for top in (10, 20, 10, 20):
        ax.set_ylim(0, top)
        live.redraw(f"up to {top}")
        assert pictures.setdefault(top, live.png()) == live.png()
    assert live.background_draws == 2
    assert pictures[10] != pictures[20]
    for top in (30, 40, 50, 10):  # more than are kept
        ax.set_ylim(0, top)
        live.redraw(f"up to {top}")
    assert live.background_draws == 6
    assert len(live._backgrounds) == live.KEPT
    assert pictures[10] == live.png()
