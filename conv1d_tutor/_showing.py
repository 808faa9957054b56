"""How does a result show itself? As text in a console and as HTML in a notebook, both from the same few pieces.

A result that is more than a number is a `Shown`: it says in `_pieces` what there is to see, and how a sentence,
lines, a table, code or a fold look is said here and nowhere else. Everything that is shown is escaped, and what
stands between backticks is code. Where a terminal knows only old letters, `plain` writes the signs with them.
"""

import codecs
import html
import re
import textwrap
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

T = TypeVar("T")

#: The colour of the bar beside words for the learner: JupyterLab's own, which follow its theme, and one for other
#: pages.
COLOURS = {
    "good": "var(--jp-success-color1, #388e3c)",
    "bad": "var(--jp-warn-color1, #f57c00)",
    "open": "var(--jp-border-color1, #9e9e9e)",
    "help": "var(--jp-info-color1, #0097a7)",
}
#: How the signs of the course's texts are written where the output knows none of them.
PLAIN = {"−": "-", "×": "x", "·": "*", "∗": "*", "→": "->", "…": "...", "⌊": "floor(", "⌋": ")"}
#: The name under which Python's codecs know this, for ``errors=``.
PLAIN_SIGNS = "plain"
#: A line of words is broken at this width.
WIDTH = 100
#: A table with more rows is folded where rows repeat, in blocks of up to so many.
MOST_ROWS, MOST_BLOCK = 20, 64
#: Lines of text as they stand, also where a page sets other fonts; long ones break between words.
_LINES = (
    "margin: 0.3em 0 0; color: inherit; background: none; white-space: pre-wrap; word-break: normal; "
    "overflow-wrap: anywhere; font-family: monospace"
)


@dataclass(frozen=True)
class Sentence:
    """A paragraph.

    Args:
        text: what it says.
        opening: its first words, which stand out.
    """

    text: str
    opening: str = ""

    def as_text(self) -> str:
        """The words alone."""
        return self.opening + self.text

    def as_html(self) -> str:
        """The words, with the opening in bold."""
        strong = f"<strong>{_marked(self.opening)}</strong>" if self.opening else ""
        return f'<p style="margin: 0">{strong}{_marked(self.text)}</p>'


@dataclass(frozen=True)
class Lines:
    """Lines of text that keep their ends and their spaces; the rest of a long one stands below its words."""

    text: str

    def as_text(self) -> str:
        """The lines."""
        return hanging(self.text)

    def as_html(self) -> str:
        """The lines in a font of one width."""
        lines = self.text.split("\n")
        if max(map(len, lines)) <= WIDTH:
            return f'<pre style="{_LINES}">{_marked(self.text)}</pre>'
        style = "display: block; padding-left: {0}ch; text-indent: -{0}ch"
        # The end of a line stands within its block: between two blocks it would be a line of its own.
        parts = (f'<span style="{style.format(_hang(line)[0])}">{_marked(line)}' for line in lines)
        return f'<pre style="{_LINES}">{f"{chr(10)}</span>".join(parts)}</span></pre>'


@dataclass(frozen=True)
class Table:
    """Rows of cells below their heads; a row that is a text goes across all of them."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str] | str]

    def as_text(self) -> str:
        """The cells in columns."""
        return "\n".join(in_columns([self.heads, *self.rows]))

    def as_html(self) -> str:
        """The table."""
        head = "".join(f"<th>{html.escape(cell)}</th>" for cell in self.heads)
        rows = (f"<tr>{self._cells(row)}</tr>" for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"

    def _cells(self, row: Sequence[str] | str) -> str:
        if isinstance(row, str):
            return f'<td colspan="{len(self.heads)}" style="text-align: left">{html.escape(row)}</td>'
        return "".join(f"<td>{html.escape(cell)}</td>" for cell in row)


@dataclass(frozen=True)
class Fold:
    """Pieces that stay folded until the reader opens them, by mouse or by keyboard; a console shows the label."""

    label: str
    pieces: Sequence["Piece"]

    def as_text(self) -> str:
        """The label; what is folded away stays away."""
        return self.label

    def as_html(self) -> str:
        """The fold: the summary of a <details> takes the focus and opens on Enter and Space in every browser."""
        inside = "".join(piece.as_html() for piece in self.pieces)
        return f"<details><summary>{html.escape(self.label)}</summary>{inside}</details>"


@dataclass(frozen=True)
class Code:
    """Python code. A front end colours it from Markdown, light or dark, so a result with code is shown as that."""

    source: str

    def as_text(self) -> str:
        """The code, with a line of air around it."""
        return f"\n{self.source}\n"

    def as_html(self) -> str:
        """The code without colours."""
        return f'<pre style="{_LINES}">{html.escape(self.source)}</pre>'

    def as_markdown(self) -> str:
        """The code, marked as Python."""
        return f"```python\n{self.source}\n```"


Piece = Sentence | Lines | Table | Fold | Code


class Shown:
    """A result that shows itself.

    Attributes:
        BAR: the key in `COLOURS` of the bar beside it; no bar if empty.

    Example:
        >>> class Answer(Shown):
        ...     def _pieces(self):
        ...         return [Sentence(", because a kernel of 3 fits.", "Right"), Lines("x: 1")]
        >>> Answer()
        Right, because a kernel of 3 fits.
        x: 1
    """

    BAR: ClassVar[str] = ""

    def _pieces(self) -> Sequence[Piece]:
        """What there is to see, from top to bottom."""
        raise NotImplementedError

    def _bar(self) -> str:
        """Which bar stands beside it, a key of `COLOURS`, or none."""
        return self.BAR

    def __repr__(self) -> str:
        """Show the pieces as text."""
        return "\n".join(piece.as_text() for piece in self._pieces())

    def __str__(self) -> str:
        """Say the same where it is printed."""
        return repr(self)

    def _repr_html_(self) -> str | None:
        """Show the pieces as a page does; nothing where there is code, see `_repr_markdown_`."""
        pieces = self._pieces()
        if any(isinstance(piece, Code) for piece in pieces):
            return None
        inside = "".join(piece.as_html() for piece in pieces)
        if not self._bar():
            return f"<div>{inside}</div>"
        style = f"border-left: 4px solid {COLOURS[self._bar()]}; padding: 0.2em 0.8em; color: inherit"
        return f'<div style="{style}">{inside}</div>'

    def _repr_markdown_(self) -> str | None:
        """Show the pieces as Markdown where one of them is code."""
        pieces = self._pieces()
        if not any(isinstance(piece, Code) for piece in pieces):
            return None
        return "\n\n".join(_as_markdown(piece) for piece in pieces)


def _as_markdown(piece: Piece) -> str:
    if isinstance(piece, Code):
        return piece.as_markdown()
    if isinstance(piece, Sentence):
        return f"**{piece.opening}**{piece.text}" if piece.opening else piece.text
    return piece.as_html()


def in_columns(rows: Iterable[Sequence[str] | str]) -> list[str]:
    """Write rows of cells below each other, each column as wide as its widest cell.

    Args:
        rows: of equal length; a row that is a text goes across.

    Returns:
        A line for each row.

    Example:
        >>> in_columns([("layer", "input"), ("0: Conv1d", "(2, 4)")])
        ['layer      input', '0: Conv1d  (2, 4)']
    """
    rows = [row if isinstance(row, str) else tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*(r for r in rows if not isinstance(r, str)), strict=True)]
    return [
        row
        if isinstance(row, str)
        else "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def folded(
    rows: Sequence[T], alike: Callable[[T], Hashable], more: Callable[[int, Sequence[T]], str]
) -> list[T | str]:
    """Show the first of blocks of rows that repeat, and say how often they do; short tables are left as they are.

    Args:
        rows: any number.
        alike: what is equal for rows that say the same.
        more: what to say of so many further blocks, given the rows of the last.

    Returns:
        The rows, and a text where blocks are left out.

    Example:
        >>> rows = ["start", *("one", "two") * 12, "end"]
        >>> folded(rows, str, lambda count, block: f"{count} more blocks of {len(block)} rows")
        ['start', 'one', 'two', '11 more blocks of 2 rows', 'end']
    """
    if len(rows) <= MOST_ROWS:
        return list(rows)
    keys, shown, i = [alike(row) for row in rows], [], 0
    while i < len(rows):
        size, times = max(_repeats(keys, i), key=lambda found: found[0] * (found[1] - 1), default=(1, 1))
        shown += rows[i : i + size]
        i += size * times
        if times > 1:
            shown.append(more(times - 1, rows[i - size : i]))
    return shown


def _repeats(keys: Sequence[Hashable], start: int) -> Iterator[tuple[int, int]]:
    """The blocks that begin at a row and repeat: their sizes, and how often they are there one after the other."""
    for size in range(1, min(MOST_BLOCK, (len(keys) - start) // 2) + 1):
        times = 1
        while keys[start : start + size] == keys[start + size * times : start + size * (times + 1)]:
            times += 1
        if size * (times - 1) > 1:  # the text that says so takes a row too
            yield size, times


def hanging(text: str) -> str:
    """Break long lines that have a label between words, so that what follows stands below the words of the first.

    Args:
        text: lines; those without a label, those in columns and those of code keep their length.

    Returns:
        Lines of at most `WIDTH` characters, where words allow it.

    Example:
        >>> print(hanging("  it means:   " + "words and " * 10))
          it means:   words and words and words and words and words and words and words and words and
                      words and words and
    """
    return "\n".join(_hung(line) for line in text.split("\n"))


def _hung(line: str) -> str:
    indent, start = _hang(line)
    if len(line) <= WIDTH or not indent or re.search(r"\S {2,}\S", line[start:]) or "  in code:" in line:
        return line
    options = {"break_long_words": False, "break_on_hyphens": False, "subsequent_indent": " " * indent}
    return line[:start] + textwrap.fill(line[start:], WIDTH, initial_indent=" " * start, **options)[start:]


def _hang(line: str) -> tuple[int, int]:
    """How far the rest of a line is to be indented, 0 where it has no label, and where its words begin."""
    label = re.match(r"( +(?:[a-z ]+: +)?)|Note \(\w+\): ", line)
    return (0, 0) if label is None else (label.end() if label[1] else 2, label.end())


def _marked(text: str) -> str:
    """Write a text as HTML: escaped, and with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def plain(text: str, stream: Any) -> str:
    """Write with plain letters what a stream, an old terminal or a pipe, has no letter for.

    Args:
        text: the text.
        stream: where it will be written.

    Returns:
        The text, of letters that the stream knows.

    Example:
        >>> import io
        >>> plain("5 × 3 → 15", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
        '5 x 3 -> 15'
    """
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, PLAIN_SIGNS).decode(encoding)


def _plain(error: Any) -> tuple[str, int]:
    return "".join(PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


codecs.register_error(PLAIN_SIGNS, _plain)
