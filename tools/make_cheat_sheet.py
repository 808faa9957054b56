"""Print the cheat sheet of Conv1d: ``make cheatsheet`` writes it to docs/, as a PDF to print and a PNG to look at.

What the sheet says, and how it looks, stands in docs/cheat_sheet.html. Here its numbers and its small pictures are
made from `conv1d_tutor.arithmetic` and put in; Chromium prints it. Both files say which page they were made from.
"""

import hashlib
import io
import re
from dataclasses import MISSING, fields
from pathlib import Path
from string import Template

import matplotlib as mpl
import numpy as np
from PIL import Image, PngImagePlugin
from playwright.sync_api import Browser, Page, Route

from conv1d_tutor.arithmetic import PADDING_MODES, Conv1dSpec
from conv1d_tutor.plotting import GRID, INK, ROLES, number
from conv1d_tutor.plotting.windows import lay_out
from conv1d_tutor.reference.operands import pad
from tools.lab import running_chromium

DOCS = Path(__file__).resolve().parent.parent / "docs"
TEMPLATE = DOCS / "cheat_sheet.html"
PDF, PNG = DOCS / "conv1d_cheat_sheet.pdf", DOCS / "conv1d_cheat_sheet.png"
#: matplotlib brings the course's font, so the sheet looks the same wherever it is printed.
FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
ADDRESS = "http://cheat.sheet/"  # nothing leaves Chromium: `show` answers for it
SIZE = {"width": 1123, "height": 794}  # of A4, in the pixels of CSS
#: The layer and the input whose axes are drawn.
LAYER, INPUT = Conv1dSpec(4, 5, kernel_size=3), (3, 4, 11)
#: The layer and the length of the worked example.
EXAMPLE, LENGTH = Conv1dSpec(1, 1, kernel_size=3, stride=2, padding=1), 10


def page() -> str:
    """Fill the template.

    Returns:
        The sheet as HTML; the same on every machine.
    """
    shapes = {"input": INPUT, "weight": LAYER.weight_shape, "output": LAYER.output_shape(INPUT)}
    options = {"L": LENGTH, **EXAMPLE.sliding}
    defaults = {field.name: repr(field.default) for field in fields(Conv1dSpec) if field.default is not MISSING}
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        defaults,
        colours=colours(),
        legend="".join(
            f"<li>{svg(9, 9, cell(name, 0, 0, 9, 9))}{name}</li>" for name in ROLES if name != "unread"
        ),
        input_picture=pile(shapes["input"], "input", LAYER.window(0), "window"),
        weight_picture=pile(shapes["weight"], "kernel"),
        output_picture=pile(shapes["output"], "output", (0,), "output"),
        **{f"{name}_shape": str(shape) for name, shape in shapes.items()},
        windows=windows(EXAMPLE, LENGTH),
        example_options=", ".join(f"{name} = {value}" for name, value in options.items()),
        example_formula=EXAMPLE.length_formula(LENGTH),
        modes="".join(map(padded, PADDING_MODES)),
    )


def colours() -> str:
    """Write the colours of the roles as variables of CSS."""
    roles = [f"--{name}: {role.colour}; --{name}-fill: {role.fill};" for name, role in ROLES.items()]
    return "\n".join([":root {", *roles, f"--ink: {INK}; --line: {GRID};", "}"])


def svg(width: float, height: float, *parts: str) -> str:
    """Put the parts of a picture together; their unit is the point."""
    size = f'width="{width:g}pt" height="{height:g}pt" viewBox="0 0 {width:g} {height:g}"'
    return f"<svg {size}>{''.join(parts)}</svg>"


def cell(role: str, x: float, y: float, width: float, height: float) -> str:
    """Draw a box in the colours of a role, hatched if that is how the role is drawn."""
    drawn = f'<rect class="{role}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" />'
    if ROLES[role.split()[0]].hatch:
        # A slanted line from each third point of the left and the lower edge.
        ends = [
            (x + max(0, at - height), y + min(at, height), x + min(at, width), y + max(0, at - width))
            for at in np.arange(3, width + height, 3)
        ]
        lines = (f"M{left:g} {low:g}L{right:g} {high:g}" for left, low, right, high in ends)
        drawn += f'<path class="{role}" d="{"".join(lines)}" />'
    return drawn


def word(text: str, role: str, x: float, y: float, anchor: str = "start") -> str:
    """Write into a picture, in the colour of a role."""
    return f'<text class="{role}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{text}</text>'


def pile(shape: tuple[int, ...], role: str, read: tuple[int, ...] = (), read_role: str = "") -> str:
    """Draw a tensor as a pile of sheets: axis 0 goes into the depth, axis 1 down, axis 2 to the right.

    Args:
        shape: of the tensor.
        role: of its numbers.
        read: columns of the first sheet that are drawn more strongly.
        read_role: the role of these.

    Returns:
        A picture in SVG.
    """
    (depth, rows, columns), side, shift = shape, 9, 3.6
    top = shift * (depth - 1)
    sheets = [cell(role, shift * back, top - shift * back, side * columns, side * rows) for back in range(depth)]
    # The columns that are read come last, so that their edges lie above those of their neighbours.
    cells = [
        cell(f"{read_role} read" if column in read else role, side * column, top + side * row, side, side)
        for column in sorted(range(columns), key=lambda column: column in read)
        for row in range(rows)
    ]
    return svg(side * columns + top, side * rows + top, *reversed(sheets), *cells)


def windows(layer: Conv1dSpec, length: int) -> str:
    """Draw the kernel, the padded input, and below it the window of each output.

    Args:
        layer: a layer with one channel.
        length: of the input.

    Returns:
        A picture in SVG.
    """
    layout = lay_out(layer, length)
    outputs = [layer.window(t) for t in range(layout.count)]
    side, left, top, pitch = 16.5, 52.0, 50.0, 11.5
    middle = {step: left + side * (place + 0.5) for place, step in enumerate(layout.steps)}
    end = left + side * len(middle) + 16
    role = dict(zip(layout.steps, np.where(layout.roles == "padding", "padding", "input"), strict=True))
    read = {step for window in outputs for step in window}
    first, second = outputs[0], outputs[1]

    parts = [cell("kernel", middle[step] - side / 2, 0.5, side, 12) for step in first]
    parts += [cell(role[step], x - side / 2, 17, side, 13) for step, x in middle.items()]
    parts += [
        word(number(step), "step" if step in read else "unread", x, 39, "middle") for step, x in middle.items()
    ]
    moves = f"moves {second[0] - first[0]} steps from one window to the next"
    parts += [word("kernel", "kernel", 0, 9.5), word(moves, "window", middle[first[-1]] + side, 9.5)]
    parts += [word("input", "input", 0, 26.5), word("windows", "window", 0, top + 2.8)]
    for t, window in enumerate(outputs):
        y, begin, stop = top + pitch * t, middle[window[0]], middle[window[-1]]
        parts.append(f'<path class="leads" d="M{stop + 5:g} {y:g}H{end - 3:g}" />')
        parts.append(f'<path class="window read" d="M{begin:g} {y:g}H{stop:g}" />')
        parts += [f'<circle class="window" cx="{middle[step]:g}" cy="{y:g}" r="2.7" />' for step in window]
        parts += [cell("output", end, y - 3.5, 7, 7), word(f"output {t}", "output", end + 12, y + 2.8)]
    return svg(end + 60, top + pitch * len(outputs) - 5, *parts)


def padded(mode: str) -> str:
    """Draw what a padding mode puts before and after 12345."""
    row = enumerate(pad(np.arange(1, 6), (2, 2), mode))
    boxes = "".join(f'<i class="{"input" if 2 <= place < 7 else "padding"}">{digit}</i>' for place, digit in row)
    return f"<figure>{boxes}<figcaption>{mode}</figcaption></figure>"


def digest(html: str) -> str:
    """Name a page by its content: the files made from it carry this."""
    return hashlib.sha256(html.encode()).hexdigest()


def show(browser: Browser) -> Page:
    """Open the sheet in Chromium.

    Args:
        browser: a running Chromium.

    Returns:
        The page, with its fonts, as large as the paper.
    """
    opened = browser.new_page(viewport=SIZE, device_scale_factor=2)

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS)
        if name:
            route.fulfill(path=FONTS / name)
        else:
            route.fulfill(body=page(), content_type="text/html")

    opened.route("**/*", answer)
    opened.goto(ADDRESS)
    opened.evaluate("document.fonts.ready")
    return opened


def main() -> None:
    """Write both files."""
    made_from = digest(page())
    with running_chromium() as browser:
        sheet = show(browser)
        pdf, png = sheet.pdf(prefer_css_page_size=True, print_background=True), sheet.screenshot()
    pdf = re.sub(rb"(?<=\(D:)\d{14}", b"20000101000000", pdf)  # no date: the same sheet gives the same file
    PDF.write_bytes(pdf + f"%made from {made_from}\n".encode())  # a comment, to a reader of PDF
    note = PngImagePlugin.PngInfo()
    note.add_text("made from", made_from)
    drawn = Image.open(io.BytesIO(png)).convert("RGB")
    few = drawn.quantize(255, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(PNG, optimize=True, pnginfo=note)


if __name__ == "__main__":
    main()
