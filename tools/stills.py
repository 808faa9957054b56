"""What does an explorable show where nothing runs? A still, painted by Chromium from the page's own module."""

import base64
import html
import io
from collections.abc import Mapping
from typing import Any

import nbformat
from PIL import Image
from playwright.sync_api import Browser

from conv1d_tutor.explore import joined
from conv1d_tutor.explore.base import MIME
from tools.lab import running_chromium

WIDTH, SHARPNESS = 880, 1.5  # of the picture, in pixels of the page; pixels of the picture for each of them
HINT = "A still picture. Run this cell, and the controls move."


def document(title: str, body: str, style: str = "") -> str:
    """Write a whole page in which explorables live without a kernel.

    Args:
        title: of the page.
        body: HTML, with places made by `joined.markup`.
        style: further CSS.

    Returns:
        HTML that needs no other file.
    """
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{joined.style()}{style}</style></head>'
        f"<body><main>{body}</main><script>{joined.script()}</script></body></html>"
    )


def paint(browser: Browser, shown: Mapping[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """Paint the first state of an explorable.

    Args:
        browser: a running Chromium.
        shown: what a notebook stores of it: kind, controls, values and data.

    Returns:
        A PNG file of few colours, and its metadata: width and height in pixels of the page, an alternative text.
    """
    page = browser.new_page(viewport={"width": WIDTH + 40, "height": 900}, device_scale_factor=SHARPNESS)
    style = (
        f"body {{ margin: 0; background: white }} .conv1d {{ width: {WIDTH}px; padding: 4px 8px; color: #222 }} "
        ".controls a { display: none }"  # a link to these values is of use in a page alone
    )
    page.set_content(document("A still", joined.markup(shown), style))
    place = page.locator(".conv1d")
    place.evaluate("(e, hint) => e.append(Object.assign(document.createElement('em'), {textContent: hint}))", HINT)
    page.evaluate("document.fonts.ready")
    sentence = place.locator(".sentence").text_content()
    shot = Image.open(io.BytesIO(place.screenshot())).convert("RGB")
    page.close()
    file = io.BytesIO()
    of_few_colours(shot).save(file, "png", optimize=True)
    size = {side: round(pixels / SHARPNESS) for side, pixels in (("width", shot.width), ("height", shot.height))}
    return file.getvalue(), size | {"alt": sentence}


def of_few_colours(picture: Image.Image) -> Image.Image:
    """Keep 64 colours of a picture, so that its file is small.

    Large areas keep theirs: pale colours are nearly alike, and they tell an input from an output.

    Args:
        picture: in RGB.

    Returns:
        The picture with a palette.
    """
    return picture.quantize(64, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def add_stills(notebook: nbformat.NotebookNode) -> int:
    """Give each explorable that a notebook shows its still picture.

    Args:
        notebook: with outputs; changed in place.

    Returns:
        How many there are.

    Raises:
        FileNotFoundError: there are some, and no Chromium on this machine.
    """
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [output for output in outputs if MIME in output.get("data", {})]
    if shown:
        with running_chromium() as browser:
            for output in shown:
                picture, about = paint(browser, output.data[MIME] | output.metadata[MIME])
                output.data["image/png"] = base64.b64encode(picture).decode()
                output.metadata["image/png"] = about
    return len(shown)
