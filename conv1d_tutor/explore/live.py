"""How does a figure follow a slider without a redraw from scratch?

`LiveFigure` draws the part of a figure that never changes once and keeps it as a bitmap. After that, every move
of a slider only redraws the artists that changed, on top of that bitmap, and sends one PNG to the page.
"""

import io
import struct
import textwrap
import zlib
from collections.abc import Sequence
from typing import Any

import ipywidgets
import numpy as np
import PIL.Image
from isal import isal_zlib
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..plotting.style import INK

#: Pixels of the picture for each pixel of the page: sharp on a high-resolution screen, still quick to encode.
PIXEL_RATIO = 1.5


def encode_png(pixels: np.ndarray) -> bytes:
    """Encode a picture as PNG, for speed rather than for the last byte.

    Args:
        pixels: red, green, blue and any further channels, (height, width, 3 or more), uint8.

    Returns:
        The bytes of an RGB PNG file. On flat-coloured pictures such as these, ISA-L's first level without row
        filters takes a tenth of the time of zlib's, for a file of the same size.

    Example:
        >>> encode_png(np.zeros((2, 2, 3), np.uint8))[1:4]
        b'PNG'

    Source:
        PNG specification, third edition, sections 5 and 11.
    """
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter type, 0 = none
    for channel in range(3):  # three strided copies take a sixth of the time of one copy of triples
        rows[:, 1 + channel :: 3] = pixels[..., channel]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", isal_zlib.compress(rows, 1)), (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


class LiveFigure:
    """A figure shown in an `ipywidgets.Image` that redraws only what changes.

    Args:
        figure: the figure, with everything drawn in it.
        artists: the artists that change, in drawing order. Everything else is drawn once.

    Attributes:
        image: the widget to place in a layout. Its ``value`` is the current PNG. (It has no alternative text of
            its own, and a tooltip breaks its view in ipywidgets 8.1: place the description beside it.)
        description: what the picture shows now, in words.
        background_draws: how often the part that never changes was drawn, for tests and curiosity.
    """

    #: So many bitmaps are kept: a scale that doubles and halves again needs no new one.
    KEPT = 3

    def __init__(self, figure: Figure, artists: Sequence[Artist]) -> None:
        """Take over the figure; nothing is drawn before the first `redraw`."""
        width, height = (round(inches * figure.dpi) for inches in figure.get_size_inches())
        self.figure = figure
        self.artists = list(artists)
        self.description = ""
        self.background_draws = 0
        self._canvas = FigureCanvasAgg(figure)
        self._backgrounds: dict[tuple, Any] = {}
        figure.set_dpi(figure.dpi * PIXEL_RATIO)
        for artist in self.artists:
            artist.set_animated(True)
        self._veil = Rectangle((0, 0), 1, 1, transform=figure.transFigure, facecolor="white", alpha=0.85)
        self._rule = figure.text(0.5, 0.5, "", ha="center", va="center", fontsize=13, color=INK, animated=True)
        figure.add_artist(self._veil).set_animated(True)
        self.image = ipywidgets.Image(
            format="png",
            layout=ipywidgets.Layout(
                width=f"{width}px",
                max_width="100%",
                height="auto",
                align_self="flex-start",
                object_fit="contain",
            ),
        )
        self.size = (width, height)

    def redraw(self, description: str) -> None:
        """Draw the changing artists over the kept bitmap and show the result.

        Args:
            description: what the picture shows, in words: the alternative text.
        """
        self._draw_over_background(self.artists)
        self._show(description)

    def refuse(self, rule: str) -> None:
        """Grey the last picture and write over it why there is no new one.

        Args:
            rule: the rule that the new state breaks, in words.
        """
        self._rule.set_text("\n".join(textwrap.fill(line, 70) for line in rule.splitlines()))
        self._draw_over_background([*self.artists, self._veil, self._rule])
        self._show(rule)

    def png(self) -> bytes:
        """Return the current picture as the bytes of a PNG file, small enough to be stored: with 256 colours."""
        picture = PIL.Image.fromarray(np.asarray(self._canvas.buffer_rgba())).convert("RGB")
        file = io.BytesIO()
        few = picture.quantize(256, PIL.Image.Quantize.MAXCOVERAGE, dither=PIL.Image.Dither.NONE)
        few.save(file, "png", optimize=True)
        return file.getvalue()

    def _draw_over_background(self, artists: Sequence[Artist]) -> None:
        scales = tuple(ax.viewLim.bounds for ax in self.figure.axes)
        key = (self.figure.dpi, *self.figure.get_size_inches(), self.figure.get_facecolor(), scales)
        background = self._backgrounds.pop(key, None)
        if background is None:  # the first draw, or the size, sharpness, theme or a scale is new
            self._canvas.draw()
            # The layout is settled: from now on nothing that moves may move the axes.
            self.figure.set_layout_engine("none")
            background = self._canvas.copy_from_bbox(self.figure.bbox)
            self.background_draws += 1
        self._backgrounds[key] = background
        if len(self._backgrounds) > self.KEPT:
            del self._backgrounds[next(iter(self._backgrounds))]  # the one not used for longest
        self._canvas.restore_region(background)
        for artist in artists:
            self.figure.draw_artist(artist)

    def _show(self, description: str) -> None:
        self.description = description
        self.image.value = encode_png(np.asarray(self._canvas.buffer_rgba()))
