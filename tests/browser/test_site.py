"""The site as it is built: explorables and predictions without a kernel, narrow and wide, from a file; axe."""

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from controls import move_every_control
from playwright.sync_api import Browser, Page, expect
from serving import serving

from tools.make_site import build

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
PASTED = json.loads((ROOT / "tests" / "pasted_messages.json").read_text(encoding="utf-8"))
ERRORS = sorted(path.stem for path in (ROOT / "docs" / "errors").glob("*.md") if path.stem != "README")
#: `make site-check` looks at everything; `make browser` at each lesson, and by axe at one page of each kind.
ALL = os.environ.get("SITE_PAGES") == "all"
OF_ERRORS = ERRORS if ALL else ["torch_says_channels", "channels_last", "even_kernel"]
PAGES = ["index", "search", "errors/index", *(f"errors/{name}" for name in OF_ERRORS)]
PAGES += [*sorted(path.stem for path in (ROOT / "docs").glob("*.md") if path.stem != "index"), "data"]
#: With explorables and predictions; with errors; with wide tables.
SOME = [name for name in LESSONS if name.endswith(("slide_a_kernel", "read_the_errors", "dictionary"))]
BY_AXE = [(page, "light") for page in [*PAGES, *(f"lessons/{name}" for name in (LESSONS if ALL else SOME))]]
BY_AXE += [(page, "dark") for page, _ in BY_AXE if ALL or page in {"index", "errors/index", f"lessons/{SOME[0]}"}]
PAGES += [f"lessons/{name}" for name in LESSONS]


@pytest.fixture(scope="session")
def site() -> Path:
    """The pages, built where `make site` builds them; a warning of Sphinx is an error."""
    return build()


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The address of a web server over them."""
    with serving(site) as address:
        yield address


def address(site: Path, page: str) -> str:
    """The address of a page that is opened from its file."""
    return (site / f"{page}.html").as_uri()


@pytest.mark.parametrize("width", [360, 1200] if ALL else [360])
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_explorable_of_a_lesson_moves_without_a_kernel(
    page: Page, site: Path, lesson: str, width: int
) -> None:
    stored = (ROOT / "notebooks" / f"{lesson}.ipynb").read_text(encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address(site, f"lessons/{lesson}"))
    # The theme hides what would make the whole page wider, and has its text scroll sideways.
    for part in page.locator("html, .content").all():
        assert part.evaluate("e => e.scrollWidth <= e.clientWidth"), "the page is wider than the window"
    places = page.locator(".conv1d-static")
    assert places.count() == stored.count('"application/vnd.conv1d-tutor.explorable+json"') // 2
    for place in places.all():
        place.scroll_into_view_if_needed()
        assert move_every_control(page, place) >= 2


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_prediction_of_a_lesson_is_judged_in_the_page(page: Page, site: Path, lesson: str) -> None:
    page.goto(address(site, f"lessons/{lesson}"))
    for place in page.locator(".prediction").all():
        asked = json.loads(place.get_attribute("data-prediction"))
        answer, said, fold = place.locator("details"), place.locator("output"), place.locator("details")
        expect(fold).not_to_have_attribute("open", "")
        for guess, right in [*((wrong, says) for wrong, says in asked["mistakes"]), (asked["answer"], None)]:
            if asked["options"]:
                place.get_by_role("radio", name=guess, exact=True).press("Space")
            else:
                place.get_by_role("textbox").fill(str(guess))
            place.get_by_role("button", name="Compare").press("Enter")
            expect(said).to_have_text(f"Not right: {right}" if right else "Right.")
        expect(answer).to_have_attribute("open", "")


def test_a_guess_that_cannot_be_read_is_told_how_to_write_one(page: Page, site: Path) -> None:
    lesson = next(name for name in LESSONS if "slide" in name)
    page.goto(address(site, f"lessons/{lesson}"))
    place = page.locator(".prediction:has(input[type=text])").first
    for guess, said in (
        ("five", "Write a number"),
        ("", "Write your guess first"),
        ("-7000", "Not right"),
    ):
        place.get_by_role("textbox").fill(guess)
        place.get_by_role("button", name="Compare").click()
        expect(place.locator("output")).to_contain_text(said)


def test_without_scripts_stills_and_folded_answers_are_there(browser: Browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    lesson = next(name for name in LESSONS if "slide" in name)
    page.goto(address(site, f"lessons/{lesson}"))
    for still in page.locator(".conv1d-static img").all():
        still.scroll_into_view_if_needed()
        assert still.get_attribute("alt")
        assert (site / "lessons" / still.get_attribute("src")).is_file()
    assert page.locator(".conv1d-static img").count() >= 1
    page.locator(".prediction summary").first.press("Enter")
    expect(page.locator(".prediction details").first.locator("p").first).to_be_visible()
    page.goto(address(site, "search"))
    expect(page.get_by_role("link", name="index of errors")).to_be_visible()
    context.close()


@pytest.mark.parametrize(("name", "theme"), BY_AXE)
def test_accessible_by_axe(browser: Browser, site: Path, name: str, theme: str) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto(address(site, name))
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    found = Axe().run(page, options=options).response["violations"]
    context.close()
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]][:5]) for each in found] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_says_what_it_shows_and_headings_are_in_order(page: Page, site: Path, name: str) -> None:
    page.goto(address(site, name))
    assert (
        page.locator("article img").evaluate_all(
            "all => all.filter(e => (e.alt || '').length < 20).map(e => e.src)"
        )
        == []
    )
    assert page.locator("article img:not([width][height])").count() == 0, "a picture that moves what is below it"
    levels = page.locator("article :is(h1, h2, h3, h4, h5)").evaluate_all(
        "all => all.map(e => Number(e.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels


def test_a_message_pasted_on_the_first_page_leads_to_its_page(page: Page, served: str) -> None:
    page.goto(f"{served}/index.html")
    whole = next(each for each in PASTED if "Traceback" in each["pasted"] or "File" in each["pasted"])
    page.get_by_label("Paste the error message").fill(whole["pasted"])
    page.get_by_label("Paste the error message").press("Enter")
    page.wait_for_url("**/search.html?q=*")
    assert "File" not in page.url
    places = page.locator(".hits a").evaluate_all("all => all.map(e => e.getAttribute('href'))")
    assert f"errors/{whole['page']}.html" in places[:3]
    page.locator(f".hits a[href*={whole['page']}]").click()
    expect(page.locator("h1")).to_be_visible()


def test_a_narrow_page_is_walked_through_by_keys(page: Page, served: str) -> None:
    page.set_viewport_size({"width": 360, "height": 900})
    page.goto(f"{served}/lessons/{SOME[0]}.html")
    in_sight = """() => {
      const { left, right } = document.activeElement.getBoundingClientRect();
      return left >= 0 && right <= innerWidth && left < right;
    }"""
    drawers = {
        "Toggle site navigation sidebar": ".sidebar-drawer",
        "Toggle table of contents sidebar": ".toc-drawer",
    }
    passed = []
    while not page.evaluate("document.activeElement.closest('article') !== null"):
        page.keyboard.press("Tab")
        assert page.evaluate(in_sight), page.evaluate("document.activeElement.outerHTML")
        passed.append(page.evaluate("document.activeElement.ariaLabel"))
        if passed[-1] in drawers:
            beside = page.locator(drawers[passed[-1]])
            expect(beside).to_be_hidden()
            for opens, closes in (("Enter", "Escape"), ("Space", "Space")):
                page.keyboard.press(opens)
                expect(beside).to_be_in_viewport()
                expect(page.locator(":focus")).to_have_attribute("aria-expanded", "true")
                page.keyboard.press(closes)
                expect(beside).to_be_hidden()
                expect(page.locator(":focus")).to_have_attribute("aria-expanded", "false")
        elif passed[-1] and "theme" in passed[-1]:
            before = page.locator("body").get_attribute("data-theme")
            page.keyboard.press("Enter")
            assert page.locator("body").get_attribute("data-theme") != before
    assert [name for name in passed if name] == [
        "Toggle site navigation sidebar",
        "Toggle Light / Dark / Auto color theme",
        "Toggle table of contents sidebar",
    ]


def test_the_search_beside_a_page_is_reached_by_key(page: Page, served: str) -> None:
    page.goto(f"{served}/index.html")
    while page.evaluate("document.activeElement.className") != "sidebar-search":
        page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.type("dilation")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=dilation*")


def test_a_word_is_found_by_sphinx_and_nonsense_by_nobody(page: Page, served: str) -> None:
    page.goto(f"{served}/search.html?q=dilation")
    expect(page.locator("#search-results .search a").first).to_be_visible()
    assert page.locator("#search-results .search a").count() >= 3
    page.goto(f"{served}/search.html?q=xqzt+blorp")
    expect(page.locator("#search-results")).to_contain_text("Nothing here has these words")
    assert page.locator(".hits li").count() == 0
    page.goto(f"{served}/search.html?q=the+size+of+the+sofa")  # words of torch, and no message
    expect(page.locator("#search-results")).to_contain_text("Nothing here has these words")
    assert page.locator(".hits li").count() == 0
    markup = "%3Cimg+src=x+onerror=alert(1)%3E"
    page.goto(f"{served}/search.html?q={markup}")
    expect(page.locator("#search-results")).to_contain_text("Nothing here has these words")
    assert page.locator("article img").count() == 0


def test_no_lesson_is_heavy(site: Path) -> None:
    """Without its pictures, which are loaded when they are near."""
    for lesson in LESSONS:
        assert (site / "lessons" / f"{lesson}.html").stat().st_size < 1_500_000, lesson
