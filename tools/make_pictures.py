"""Make the README's pictures: ``make pictures`` writes docs/explorable.gif and docs/lesson.png.

The first is an explorable in a plain page, photographed after each move of a slider; the second is a lesson in
JupyterLab. Both need Chromium.
"""

import io
import json
import tempfile
from pathlib import Path

from PIL import Image, ImageOps
from playwright.sync_api import Browser, Locator, expect

from conv1d_tutor import explore
from conv1d_tutor.explore import joined
from tools.lab import (
    EXPLORABLE,
    SENTENCE,
    copy_course,
    open_notebook,
    run_all,
    running_chromium,
    running_lab,
    slider_of_ipywidgets,
)
from tools.stills import document

DOCS = Path(__file__).resolve().parent.parent / "docs"
GIF, LESSON = DOCS / "explorable.gif", DOCS / "lesson.png"
WIDTH, MARGIN, MILLISECONDS = 880, 10, 600  # of each frame in pixels, around it, and for each frame
#: The explorable in it.
CALL = "ConvArithmetic(length=12, kernel_size=3)"
#: Which slider goes to which value, one after the other; the last move leads back to the beginning.
MOVES = [
    ("padding", 1),
    ("stride", 2),
    ("stride", 3),
    *(("length", length) for length in (13, 14, 15, 16)),
    ("kernel_size", 4),
    ("kernel_size", 5),
    ("padding", 2),
    ("stride", 2),
    ("stride", 1),
    ("kernel_size", 4),
    ("kernel_size", 3),
    ("dilation", 2),
    ("dilation", 3),
    ("padding", 3),
    ("dilation", 2),
    ("dilation", 1),
    *(("padding", padding) for padding in (2, 1)),
    *(("length", length) for length in (15, 14, 13, 12)),
    ("padding", 0),
]


def photograph(place: Locator) -> Image.Image:
    """Take a picture of a part of the page as it stands."""
    photographed = Image.open(io.BytesIO(place.screenshot())).convert("RGB")
    return ImageOps.expand(photographed, MARGIN, "white")


def make_explorable(browser: Browser) -> None:
    """Move the sliders of an explorable one by one, and photograph it after each move.

    Args:
        browser: a running Chromium.
    """
    explorable = eval(CALL, vars(explore))
    page = browser.new_page(viewport={"width": WIDTH + 40, "height": 900})
    style = "body { margin: 0; background: white } .conv1d { color: #222 } .conv1d a { display: none }"
    style += f".conv1d {{ width: {WIDTH}px }}"
    page.set_content(document("An explorable", joined.markup(explorable.stored()), style))
    place = page.locator(EXPLORABLE)
    # Room for the longest sentence, so that all frames are of one height.
    place.locator(".sentence").evaluate("e => { e.style.minHeight = '3em'; }")
    sentences, frames = [place.locator(".sentence").text_content()], [photograph(place)]
    for name, value in MOVES:
        moved = place.locator(f'input[name="{name}"]')
        moved.focus()
        page.keyboard.press("ArrowRight" if float(moved.input_value()) < value else "ArrowLeft")
        expect(place.locator(".sentence")).not_to_have_text(sentences[-1])
        expect(moved).to_have_value(str(value))
        sentences.append(place.locator(".sentence").text_content())
        frames.append(photograph(place))
    page.close()
    save_film(GIF, frames, comment=json.dumps(sentences))


def save_film(path: Path, frames: list[Image.Image], comment: str) -> None:
    """Save frames as a moving picture that begins again at its end.

    Args:
        path: of the GIF.
        frames: of one width; where one is lower, white is below it.
        comment: kept in the file.
    """
    width, height = frames[0].width, max(frame.height for frame in frames)
    sheet = Image.new("RGB", (width, height * len(frames)), "white")
    for place, frame in enumerate(frames):
        sheet.paste(frame, (0, place * height))
    # One palette for all frames: no colour flickers, and what does not change is stored once.
    sheet = sheet.quantize(255, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    first, *others = [sheet.crop((0, place * height, width, (place + 1) * height)) for place in range(len(frames))]
    first.save(
        path, save_all=True, append_images=others, duration=MILLISECONDS, loop=0, optimize=True, comment=comment
    )


def make_lesson(browser: Browser, address: str) -> None:
    """Open a lesson in JupyterLab, run it, move a slider, and photograph it.

    Args:
        browser: a running Chromium.
        address: of JupyterLab.
    """
    page = browser.new_page(viewport={"width": 1120, "height": 940})
    open_notebook(page, address, "03_slide_a_kernel")
    page.keyboard.press("Control+b")
    run_all(page)
    cell = page.locator(".jp-CodeCell", has_text="SlidingWindow(x[0], weight[0, 0]").last
    slider_of_ipywidgets(cell, "position").focus()
    page.keyboard.press("ArrowRight")
    expect(cell.locator(SENTENCE)).to_contain_text("Output 4")
    page.locator(".jp-MarkdownCell", has_text="Move it yourself").evaluate("e => e.scrollIntoView()")
    page.wait_for_timeout(1000)  # the bar for scrolling fades
    page.screenshot(path=LESSON)
    page.close()
    Image.open(LESSON).convert("RGB").save(LESSON, optimize=True)


def main() -> None:
    """Make both pictures in one JupyterLab."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(copy_course(Path(folder))) as address,
        running_chromium() as browser,
    ):
        make_explorable(browser)
        make_lesson(browser, address)


if __name__ == "__main__":
    main()
