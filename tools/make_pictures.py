"""Make the README's pictures: ``make pictures`` writes docs/explorable.gif and docs/lesson.png.

The first is put together from the package alone. The second is a photograph of JupyterLab, and needs Chromium.
"""

import io
import tempfile
from pathlib import Path

import ipywidgets
from matplotlib.font_manager import findfont
from PIL import Image, ImageColor, ImageDraw, ImageFont
from playwright.sync_api import expect

from conv1d_tutor.explore import ConvArithmetic
from conv1d_tutor.plotting import GRID, INK, ROLES
from tools.lab import choose, copy_course, open_notebook, running_chromium, running_lab

DOCS = Path(__file__).resolve().parent.parent / "docs"
WIDTH, MARGIN = 800, 16  # of the moving picture, in pixels
SENTENCE = ".widget-html p[aria-live]"  # of an explorable, in the page
MILLISECONDS = 600  # for each of its frames
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


def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Load the font of the course's pictures."""
    return ImageFont.truetype(findfont(f"DejaVu Sans:{'bold' if bold else 'regular'}"), size)


def draw_sliders(controls: dict[str, ipywidgets.Widget], moved: str | None) -> Image.Image:
    """Draw a row of sliders as they stand, the one that has just been moved in colour."""
    sharp = 2  # lines drawn twice as large and then reduced have smooth edges
    image = Image.new("RGB", (WIDTH * sharp, 56 * sharp), "white")
    draw, room = ImageDraw.Draw(image), (WIDTH - 2 * MARGIN) / len(controls)
    for place, (name, control) in enumerate(controls.items()):
        left = (MARGIN + place * room) * sharp
        right, line = left + (room - 28) * sharp, 42 * sharp
        knob = left + (right - left) * (control.value - control.min) / (control.max - control.min)
        colour = ROLES["window"].colour if name == moved else INK
        text, radius = font(12 * sharp, bold=name == moved), 6 * sharp
        draw.text((left, 24 * sharp), name, fill=colour, font=text, anchor="ls")
        draw.text((right, 24 * sharp), str(control.value), fill=colour, font=text, anchor="rs")
        draw.line((left, line, right, line), fill=GRID, width=3 * sharp)
        draw.line((left, line, knob, line), fill=colour, width=3 * sharp)
        draw.ellipse(
            (knob - radius, line - radius, knob + radius, line + radius), fill="white", outline=colour, width=4
        )
    return image.resize((WIDTH, 56), Image.Resampling.LANCZOS)


def draw_sentence(sentence: str) -> Image.Image:
    """Write the sentence below the picture, the formula on a line of its own."""
    image = Image.new("RGB", (WIDTH, 58), "white")
    words, formula = sentence.split(" L_out", 1)
    text = f"{words}\nL_out{formula}"
    ImageDraw.Draw(image).multiline_text((MARGIN, 8), text, fill=INK, font=font(14), spacing=7)
    return image


def draw_frame(explorable: ConvArithmetic, moved: str | None) -> Image.Image:
    """Put sliders, picture and sentence below each other, as a lesson shows them."""
    picture = Image.open(io.BytesIO(explorable.live.png())).convert("RGB")
    height = round(picture.height * WIDTH / picture.width)
    parts = (
        draw_sliders(explorable.controls, moved),
        picture.resize((WIDTH, height), Image.Resampling.LANCZOS),
        draw_sentence(explorable.sentence),
    )
    return stack(parts)


def stack(images: tuple[Image.Image, ...] | list[Image.Image]) -> Image.Image:
    """Put pictures of one width below each other."""
    whole = Image.new("RGB", (images[0].width, sum(image.height for image in images)), "white")
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height
    return whole


def role_palette() -> Image.Image:
    """Make a palette of the course's colours and of what lies between each of them and what it is drawn on."""
    pairs = [(role.colour, ground) for role in ROLES.values() for ground in ("#FFFFFF", role.fill)]
    pairs += [(INK, "#FFFFFF"), (INK, GRID)]
    shades = 16
    colours = [
        round(a + (b - a) * i / (shades - 1))
        for pair in pairs
        for i in range(shades)
        for a, b in zip(*map(ImageColor.getrgb, pair), strict=True)
    ]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours)
    return palette


def make_explorable(path: Path) -> None:
    """Move the sliders of an explorable one by one, and keep what it shows."""
    explorable = ConvArithmetic(length=12, kernel_size=3)
    frames = [draw_frame(explorable, None)]
    for name, value in MOVES:
        explorable.controls[name].value = value
        frames.append(draw_frame(explorable, name))
    # One palette for all frames: no colour flickers, and what does not change is stored once.
    palette = role_palette()
    first, *others = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    first.save(path, save_all=True, append_images=others, duration=MILLISECONDS, loop=0, optimize=True)


def make_lesson(path: Path) -> None:
    """Open a lesson in JupyterLab, run it, move a slider, and photograph it."""
    with (
        tempfile.TemporaryDirectory() as home,
        running_lab(copy_course(Path(home))) as address,
        running_chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": 1120, "height": 940})
        open_notebook(page, address, "02_slide_a_kernel")
        page.keyboard.press("Control+b")  # the list of files, away
        choose(page, "Run", "Run All Cells")
        cell = page.locator(".jp-CodeCell", has_text="SlidingWindow(x[0], weight[0, 0]").last
        expect(cell.locator(SENTENCE)).to_contain_text("Output 3", timeout=120_000)
        expect(page.locator("#jp-bottom-panel")).to_contain_text("| Idle", timeout=120_000)
        cell.locator(".noUi-handle").first.focus()
        page.keyboard.press("ArrowRight")
        expect(cell.locator(SENTENCE)).to_contain_text("Output 4")
        page.locator(".jp-MarkdownCell", has_text="Move it yourself").evaluate("e => e.scrollIntoView()")
        page.wait_for_timeout(1000)
        page.screenshot(path=path)
    Image.open(path).convert("RGB").save(path, optimize=True)


if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    make_explorable(DOCS / "explorable.gif")
    make_lesson(DOCS / "lesson.png")
