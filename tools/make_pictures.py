"""Make the README's pictures: ``make pictures`` writes docs/explorable.gif and docs/lesson.png.

Both are photographs of JupyterLab, the first one for each move of a slider; they need Chromium.
"""

import io
import json
import tempfile
from pathlib import Path

from PIL import Image, ImageOps
from playwright.sync_api import Browser, Locator, expect

from tools.lab import (
    SENTENCE,
    copy_course,
    open_notebook,
    run_all,
    running_chromium,
    running_lab,
    slider,
    write_notebook,
)

DOCS = Path(__file__).resolve().parent.parent / "docs"
GIF, LESSON = DOCS / "explorable.gif", DOCS / "lesson.png"
MARGIN, MILLISECONDS = 10, 600  # around each frame of the moving picture, in pixels, and for each frame
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


def photograph(output: Locator) -> Image.Image:
    """Take a picture of a part of the page as it stands, once its own pictures have arrived."""
    output.locator("img").evaluate("image => image.decode()")
    photographed = Image.open(io.BytesIO(output.screenshot())).convert("RGB")
    return ImageOps.expand(photographed, MARGIN, "white")


def make_explorable(browser: Browser, address: str, home: Path) -> None:
    """Move the sliders of an explorable one by one, and photograph it after each move.

    Args:
        browser: a running Chromium.
        address: of JupyterLab.
        home: the copy of the course that it shows.
    """
    write_notebook(home / "notebooks" / "picture.ipynb", [f"from conv1d_tutor.explore import *\n{CALL}"])
    page = browser.new_page(viewport={"width": 1100, "height": 1000})
    open_notebook(page, address, "picture")
    page.keyboard.press("Control+b")  # the list of files, away
    run_all(page)
    output = page.locator(".jp-OutputArea-output").last
    picture = output.locator("img")
    expect(output.locator(SENTENCE)).to_be_visible()
    frames = [photograph(output)]
    for name, value in MOVES:
        handle, before = slider(output, name), picture.get_attribute("src")
        handle.focus()
        page.keyboard.press("ArrowRight" if float(handle.get_attribute("aria-valuenow")) < value else "ArrowLeft")
        expect(handle).to_have_attribute("aria-valuetext", str(value))
        expect(picture).not_to_have_attribute("src", before)
        frames.append(photograph(output))
    corner = [MARGIN + round(picture.bounding_box()[side] - output.bounding_box()[side]) for side in "xy"]
    page.close()
    save_film(GIF, frames, comment=json.dumps({"picture at": corner}))


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
    open_notebook(page, address, "02_slide_a_kernel")
    page.keyboard.press("Control+b")
    run_all(page)
    cell = page.locator(".jp-CodeCell", has_text="SlidingWindow(x[0], weight[0, 0]").last
    slider(cell, "position").focus()
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
        running_lab(copy_course(home := Path(folder))) as address,
        running_chromium() as browser,
    ):
        make_explorable(browser, address, home)
        make_lesson(browser, address)


if __name__ == "__main__":
    main()
