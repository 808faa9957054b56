"""The cheat sheet on paper: one page, every word in its place and large enough to read."""

import itertools
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tools import make_cheat_sheet as sheet

#: Every line of text, or else every shape of a picture: what it is, its size in points, left, top, right, bottom.
WORDS = """
() => {
  const lines = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement, range = document.createRange();
    if (!node.data.trim()) continue;
    range.selectNodeContents(node);
    const zoom = parent.ownerSVGElement ? parent.getScreenCTM().a : 1;
    const size = parseFloat(getComputedStyle(parent).fontSize) * zoom * 0.75;
    for (const box of range.getClientRects())
      if (box.width > 1) lines.push([node.data.trim(), size, box.left, box.top, box.right, box.bottom]);
  }
  return lines;
}
"""
SHAPES = """
() => [...document.querySelectorAll('svg :is(rect, circle, path)')].map(shape => {
  const box = shape.getBoundingClientRect();
  return [shape.outerHTML, 0, box.left, box.top, box.right, box.bottom];
})
"""
#: Parts whose content is wider or higher than the place they have.
TOO_LARGE = """
() => [...document.querySelectorAll('html, body, header, main, div, section, h2, p, ul, ol, li, td, th, figure')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
  .map(e => `${e.tagName} ${e.id}: ${e.textContent.trim().slice(0, 40)}`)
"""


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Iterator[Page]:
    """The sheet in Chromium."""
    page = sheet.show(browser)
    yield page
    page.close()


def overlap(one: list, other: list) -> float:
    """How far two boxes lie over each other, in pixels."""
    (*_, left, top, right, bottom), (*_, left_2, top_2, right_2, bottom_2) = one, other
    return min(min(right, right_2) - max(left, left_2), min(bottom, bottom_2) - max(top, top_2))


def test_the_sheet_is_printed_on_one_page(opened: Page) -> None:
    size = opened.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [sheet.SIZE["width"], sheet.SIZE["height"]]
    assert opened.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1


def test_everything_has_room_for_a_printers_margin(opened: Page) -> None:
    room = 6 / 25.4 * 96  # 6 mm
    for what, _, left, top, right, bottom in opened.evaluate(WORDS) + opened.evaluate(SHAPES):
        assert room < left <= right < sheet.SIZE["width"] - room, what
        assert room < top <= bottom < sheet.SIZE["height"] - room, what


def test_no_part_is_larger_than_its_place(opened: Page) -> None:
    assert opened.evaluate(TOO_LARGE) == []


def test_no_text_lies_over_another_or_over_a_picture(opened: Page) -> None:
    words, shapes = opened.evaluate(WORDS), opened.evaluate(SHAPES)
    assert len(words) > 200 and len(shapes) > 150
    for one, other in itertools.chain(itertools.combinations(words, 2), itertools.product(words, shapes)):
        assert overlap(one, other) < 0.5, (one[0], other[0])


def test_the_letters_can_be_read_at_arms_length(opened: Page) -> None:
    sizes = [size for _, size, *_ in opened.evaluate(WORDS)]
    assert min(sizes) >= 7.5
    assert sum(size >= 7.99 for size in sizes) > 0.85 * len(sizes)


def test_the_sheet_is_written_in_the_courses_font(opened: Page) -> None:
    loaded = opened.evaluate("[...document.fonts].map(font => [font.family, font.weight, font.status])")
    assert sorted(loaded) == [
        [family, weight, "loaded"] for family in ("Sheet", "SheetMono") for weight in ("bold", "normal")
    ]
