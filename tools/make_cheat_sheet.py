"""Draw the cheat sheet of Conv1d: ``make cheatsheet`` writes it to docs/, as a PDF to print and an SVG to look at.

One sheet of A4. Everything is placed in points (1/72 inch) from its upper left corner, so text of 8 points has 8
points on paper. In the SVG letters are shapes, so it looks the same everywhere. Numbers come from
`conv1d_tutor.arithmetic`; of all else that stands here, tests/test_cheat_sheet.py asks torch whether it is true.
"""

import argparse
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

from conv1d_tutor.arithmetic import Conv1dSpec
from conv1d_tutor.plotting import GRID, INK, ROLES, Figure, draw_cells, number, styled

DOCS = Path(__file__).resolve().parent.parent / "docs"
NAME, TITLE = "conv1d_cheat_sheet", "Conv1d on one page"
WIDTH, HEIGHT = 842, 595  # A4, landscape
LEFT, RIGHT = range(30, 380), range(408, 812)  # the two columns
BODY, SMALL, LEAD = 8.0, 7.5, 11.2  # sizes of text, and from one line to the next
GREY = "#666666"


# What the sheet says. `code`, **bold**, {role:in its colour}, {role:`both`}: Sheet.write reads these marks.
SIGNATURE = (
    "`nn.Conv1d(`{input:`in_channels`}`, `{output:`out_channels`}`, `{kernel:`kernel_size`}`, `{window:`stride=1`}"
    "`, `{padding:`padding=0`}`, `{kernel:`dilation=1`}`, `{kernel:`groups=1`}`, `{kernel:`bias=True`}`, `"
    "{padding:`padding_mode='zeros'`}`)`"
)
#: The layer and the input of the first picture, drawn cell by cell.
LAYER, INPUT = Conv1dSpec(4, 5, kernel_size=3), (3, 4, 11)
DEFINITION = (
    "{output:y[o, t]} = {kernel:bias[o]} + Σ {kernel:weight[o, c, k]} · "
    "{input:x[c, }{window:t·stride + k·dilation − padding}{input:]}"
)
#: The layer and the length of the worked example.
EXAMPLE, LENGTH = Conv1dSpec(1, 1, kernel_size=3, stride=2, padding=1), 10
FORMULA = (
    "{output:L_out} = ⌊({input:L} + {padding:2·padding} − {kernel:dilation·(K − 1)} − 1) / {window:stride}⌋ + 1"
)
#: Name, role, what it does, the length that comes out while all else has its default, and the default.
OPTIONS = (
    ("kernel_size", "kernel", "K, the taps: steps that one output reads", "L − (K − 1)", ""),
    ("stride", "window", "steps from one window to the next", "⌈(L − (K − 1)) / stride⌉", "1"),
    ("padding", "padding", "zeros added at each of the two ends", "L − (K − 1) + 2·padding", "0"),
    ("padding='same'", "padding", "keeps the length; only with `stride=1`", "L", ""),
    ("dilation", "kernel", "steps from one tap to the next", "L − dilation·(K − 1)", "1"),
    ("groups", "kernel", "parts of the channels that never meet", "no effect", "1"),
    ("padding_mode", "padding", "what is added at the ends, see below", "no effect", "'zeros'"),
    ("bias", "kernel", "adds one number for each kernel", "no effect", "True"),
)
#: What two samples of padding look like before and after 12345.
PADDED = {"zeros": ("00", "00"), "reflect": ("32", "43"), "replicate": ("11", "55"), "circular": ("45", "12")}
RULES = """\
**Walk along an axis.** Does the quantity change? That is the channels axis.
Does time pass? That is the length. The cases come first: (N, C, L).
**The kernel covers all channels** and slides along the length only.
The length shrinks; the channels become `out_channels`, one for each kernel.
**`reshape` never swaps axes, `permute` does.** From a table (N, L, C):
`x.permute(0, 2, 1)`. A reshape has the same shape and the wrong data.
**Never chain cases into one long signal.** Windows would read across the
borders. A case is one entry of the batch, and a batch is a slice of cases.
**The right shape proves nothing.** After turning, look up one value that you
know, `x[n, c, t] == table[n, t, c]`, or ask `check_layout(table, x)`."""
#: What torch says, with … for what is left out; the cause; the fix, or a fix in each line.
TROUBLES = """\
expected input[239, 49, 5] to have           | The channels stand last;   | x.permute(0, 2, 1)
5 channels, but got 49 channels              | torch reads them second.   |
Expected 2D (unbatched) or 3D (batched)      | One row: the batch and the | x[None, None, :]
input to conv1d, but got … [49]              | channels axis are missing. |
expected input[1, 32, 100] to have           | A table (N, L): its rows   | x[:, None, :]
1 channels, but got 32 channels              | are read as channels.      |
… channel: (8). Kernel size: (9). Kernel     | dilation·(K − 1) + 1 = 9   | dilation=3
size can't be greater than actual input size | steps do not fit on 8.     | padding=1
mat1 and mat2 shapes cannot be               | in_features must be        | nn.Linear(8 * 47, 2)
multiplied (4x376 and 47x2)                  | out_channels · L_out.      | nn.LazyLinear(2)
running_mean should contain                  | BatchNorm1d counts         | nn.BatchNorm1d(8)
8 elements not 49                            | channels, not time steps.  |
Input type (double) and bias type (float)    | NumPy and pandas make      | x.float()
should be the same                           | float64, layers float32.   |
padding='same' is not supported for          | 'same' keeps the length,   | padding=K // 2
strided convolutions                         | a stride divides it.       |"""
#: Changes that silence a message, run, and compute something else.
TEMPTING = ("in_channels=49", "x.reshape(239, 5, 49)", "x.view(-1, 47)", "kernel_size=1")


def troubles() -> list[list[str]]:
    """Cut the table of errors into rows of two lines and three cells."""
    lines = [[cell.strip() for cell in line.split("|")] for line in TROUBLES.splitlines()]
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return [["\n".join(cells).strip() for cells in zip(*pair, strict=True)] for pair in pairs]


class Sheet:
    """An empty page, and the few ways in which something comes onto it.

    Attributes:
        figure: the page.
        ax: the whole of it, in points, y downwards.
    """

    def __init__(self) -> None:
        """Make the page."""
        self.figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), layout="none")
        self.ax = self.paper(0, 0, WIDTH, HEIGHT, cell=1)

    def paper(self, x: float, y: float, width: float, height: float, cell: float) -> Axes:
        """Lay squared paper on the page: its unit is a cell of `cell` points, (0, 0) is its upper left corner."""
        ax = self.figure.add_axes((x / WIDTH, 1 - (y + height) / HEIGHT, width / WIDTH, height / HEIGHT))
        ax.set(xlim=(0, width / cell), ylim=(height / cell, 0), autoscale_on=False)
        ax.set_axis_off()
        return ax

    def write(
        self, x: float, y: float, text: str, *, size: float = BODY, colour: str = INK, align: float = 0
    ) -> None:
        """Write lines of text, in the marks shown above.

        Args:
            x, y: the first base line, in points.
            text: the lines.
            size: of the letters, in points.
            colour: of the letters that have no role.
            align: which part of a line stands at x, 0 for its begin, 0.5 for its middle, 1 for its end.
        """
        for row, line in enumerate(text.split("\n")):
            bold, pieces = False, []
            for part in re.split(r"(\*\*|`[^`]*`|\{\w+:[^}]*\})", line):
                bold ^= part == "**"
                role, word = part[1:-1].split(":", 1) if part.startswith("{") else ("", part)
                family = "DejaVu Sans Mono" if word.startswith("`") else "DejaVu Sans"
                font = FontProperties(family=family, size=size, weight="bold" if bold else "normal")
                if word := word.strip("`*"):
                    width, *_ = text_to_path.get_text_width_height_descent(word, font, ismath=False)
                    pieces.append((word, width, font, ROLES[role].colour if role else colour))
            at = x - align * sum(width for _, width, *_ in pieces)
            for word, width, font, tint in pieces:
                self.ax.text(at, y + LEAD * row, word, fontproperties=font, color=tint, va="baseline")
                at += width

    def head(self, column: range, y: float, text: str, lessons: str) -> None:
        """Write the heading of a section, and the lessons that explain it."""
        self.write(column.start, y, f"**{text}**", size=11)
        self.write(column.stop, y, lessons, size=SMALL, colour=GREY, align=1)
        self.rule(column, y + 5, "#888888")

    def rule(self, column: range, y: float, colour: str = GRID) -> None:
        """Draw a thin line over the width of a column."""
        self.ax.plot([column.start, column.stop], [y, y], color=colour, linewidth=0.6)


def draw_header(sheet: Sheet) -> None:
    """Write the title, the call with its defaults, and what each colour means."""
    sheet.write(LEFT.start, 42, f"**{TITLE}**", size=18)
    sheet.write(LEFT.start, 60, SIGNATURE)
    for x, name in zip((560, 608, 666, 718, 773), ("input", "window", "kernel", "output", "padding"), strict=True):
        role = ROLES[name]
        sheet.ax.add_patch(Rectangle((x - 6, 34.5), 8, 8, fc=role.fill, ec=role.colour, hatch=role.hatch, lw=0.8))
        sheet.write(x + 6, 42, name, colour=role.colour)


def pile(ax: Axes, x: float, y: float, shape: tuple[int, ...], role: str, **marked: Any) -> None:
    """Draw a tensor as a pile of sheets: axis 0 goes into the depth, axis 1 down, axis 2 to the right."""
    (depth, rows, columns), kind = shape, ROLES[role]
    for back in range(depth - 1, 0, -1):
        corner = (x + 0.45 * back, y - 0.45 * back)
        ax.add_patch(Rectangle(corner, columns, rows, fc=kind.fill, ec=kind.colour))
    draw_cells(np.full((rows, columns), ""), role=role, ax=ax, origin=(x + 0.5, y + 0.5), **marked)


def draw_axes(sheet: Sheet, column: range, y: float) -> None:
    """Draw input, weight and output of one layer, each as a pile of sheets of cells."""
    sheet.head(column, y, "What is which axis", "lessons 01, 03")
    x, cell, bottom = column.start, 8, y + 66
    out = LAYER.output_shape(INPUT)
    window = {(row, step) for row in range(INPUT[1]) for step in LAYER.window(0)}
    first = {(row, 0) for row in range(out[1])}
    tensors = (
        (60, "input", "input", INPUT, "N, cases\nC, channels\nL, time steps", {"mark": window}),
        (171, "weight", "kernel", LAYER.weight_shape, "out_channels\nin_channels / groups\nkernel_size, K", {}),
        (265, "output", "output", out, "N, cases\nout_channels\nL_out", {"mark": first, "mark_role": "output"}),
    )
    paper = sheet.paper(x, y + 10, len(column), bottom - y - 8, cell)
    for left, name, role, shape, axes, marked in tensors:
        pile(paper, left / cell, (bottom - y - 10) / cell - shape[1], shape, role, **marked)
        sheet.write(x + left, bottom + 15, f"**{name}**  {shape}", colour=ROLES[role].colour)
        sheet.write(x + left, bottom + 27, axes)
    for patch in paper.patches:
        patch.set_linewidth(0.6 if patch.get_linewidth() < 2 else 1.2)
    sheet.write(x, bottom + 27, "axis 0, depth\naxis 1, down\naxis 2, right", colour=GREY)
    sheet.write(x, bottom + 67, DEFINITION)
    sheet.write(column.stop, bottom + 67, "Σ over c, k", colour=GREY, align=1)


def draw_length(sheet: Sheet, column: range, y: float) -> None:
    """Draw how the length comes about, in one worked example."""
    sheet.head(column, y, "How long is the output", "lesson 04")
    sheet.write(column.start, y + 24, FORMULA, size=9.5)
    x, top, cell, pitch = column.start + 60, y + 32, 14, 0.74
    (left, right), outputs, taps = EXAMPLE.padding_sides, EXAMPLE.output_length(LENGTH), EXAMPLE.kernel_size
    steps, out, window = range(-left, LENGTH + right), ROLES["output"], ROLES["window"]
    paper = sheet.paper(x, top, cell * (len(steps) + 2), cell * (3.3 + pitch * outputs), cell)
    draw_cells(np.full(taps, ""), role="kernel", ax=paper, origin=(0.5, 0.6))
    draw_cells(np.full(LENGTH, ""), ax=paper, origin=(left + 0.5, 1.8))
    for first, zeros in ((0, left), (left + LENGTH, right)):
        draw_cells(np.full(zeros, ""), role="padding", ax=paper, origin=(first + 0.5, 1.8))
    for patch in paper.patches:
        patch.set_clip_on(False)  # the outermost lines stand on the edge
    for place, step in enumerate(steps):
        sheet.write(x + cell * (place + 0.5), top + 40, number(step), size=SMALL, colour=GREY, align=0.5)
    for t in range(outputs):
        read, down = EXAMPLE.window(t), 3.45 + pitch * t
        paper.plot([i + left + 0.5 for i in read], [down] * taps, window.marker, ls="-", color=window.colour)
        paper.plot(len(steps) + 0.9, down, out.marker, color=out.colour)
        sheet.write(x + cell * (len(steps) + 1.6), top + cell * down + 2.9, f"output {t}", colour=out.colour)
    moves = f"moves {EXAMPLE.stride} steps from one window to the next"
    sheet.write(x + cell * taps + 8, top + 11.3, f"{{window:{moves}}}")
    for down, name, text in ((0.6, "kernel", "kernel"), (1.8, "input", "input"), (3.45, "window", "windows")):
        sheet.write(column.start, top + cell * down + 2.9, text, colour=ROLES[name].colour)
    options = ", ".join(f"{name} = {value}" for name, value in {"L": LENGTH, **EXAMPLE.sliding}.items())
    lost = "⌊ ⌋ rounds down: here the last zero is read by no window."
    sheet.write(column.start, y + 141, f"{options}:\n**{EXAMPLE.length_formula(LENGTH)}**\n{lost}")


def draw_rules(sheet: Sheet, column: range, y: float) -> None:
    """Write the rules of layout."""
    sheet.head(column, y, "Five rules of layout", "lessons 01, 05")
    for row, line in enumerate(RULES.splitlines()):
        down = y + 20 + 26 * (row // 2) + LEAD * (row % 2)
        sheet.write(column.start, down, "" if row % 2 else f"**{row // 2 + 1}**", colour=GREY)
        sheet.write(column.start + 15, down, line)


def draw_options(sheet: Sheet, column: range, y: float) -> None:
    """Write the table of options, and what the padding modes add."""
    sheet.head(column, y, "What each option does", "lessons 04, 07")
    x, effect, length = column.start, column.start + 82, column.start + 264
    for place, text in ((x, "option"), (effect, "what it does"), (length, "L_out, all else default")):
        sheet.write(place, y + 19, text, colour=GREY)
    sheet.write(column.stop, y + 19, "default", colour=GREY, align=1)
    for row, (name, role, does, out, default) in enumerate(OPTIONS):
        down = y + 35 + 16 * row
        sheet.write(x, down, f"{{{role}:`{name}`}}")
        sheet.write(effect, down, does)
        sheet.write(length, down, out)
        sheet.write(column.stop, down, f"`{default}`" if default else "–", align=1)
        sheet.rule(column, down + 5)
    sheet.write(x, down + 21, "{input:`12345`} with\n{padding:`padding=2`}")
    for place, (mode, (before, after)) in enumerate(PADDED.items()):
        padded = f"{mode}\n{{padding:`{before} `}}{{input:`12345`}}{{padding:` {after}`}}"
        sheet.write(x + 82 * (place + 1), down + 21, padded, colour=GREY)


def draw_troubles(sheet: Sheet, column: range, y: float) -> None:
    """Write the table of errors."""
    sheet.head(column, y, "What the error means", "lesson 08")
    places = [column.start + indent for indent in (0, 186, 306)]
    for place, text in zip(places, ("torch says", "cause", "fix"), strict=True):
        sheet.write(place, y + 19, text, colour=GREY)
    for row, (message, cause, fixes) in enumerate(troubles()):
        down, fix = y + 34 + 27.5 * row, "\n".join(f"`{line}`" for line in fixes.split("\n"))
        for place, text in zip(places, (message, cause, fix), strict=True):
            sheet.write(place, down, text)
        sheet.rule(column, down + LEAD + 5)
    changes = ", ".join(f"`{change}`" for change in TEMPTING)
    sheet.write(column.start, down + 31, f"**These run too**, and compute something else:\n{changes}")


@styled
def draw() -> Figure:
    """Draw the sheet; the figure is as large as a page of A4."""
    sheet = Sheet()
    draw_header(sheet)
    draw_axes(sheet, LEFT, 91)
    draw_length(sheet, LEFT, 250)
    draw_rules(sheet, LEFT, 440)
    draw_options(sheet, RIGHT, 91)
    draw_troubles(sheet, RIGHT, 297)
    return sheet.figure


def save(folder: Path) -> None:
    """Write the sheet as PDF and SVG, without dates, so that the same sheet gives the same files."""
    figure = draw()
    with mpl.rc_context({"svg.hashsalt": NAME, "svg.fonttype": "path", "pdf.fonttype": 42}):
        figure.savefig(folder / f"{NAME}.svg", metadata={"Title": TITLE, "Date": None})
        figure.savefig(folder / f"{NAME}.pdf", metadata={"Title": TITLE, "CreationDate": None})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=DOCS, help="where to write, docs/ if not given")
    save(parser.parse_args().folder)
