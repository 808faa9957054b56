"""All explorables in a plain page without a kernel: by key, click and touch, narrow and wide, light and dark."""

from collections.abc import Iterator
from pathlib import Path

import explorables
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from controls import CLASHES, SHOWN, changed, first_said, keep_what_is_said, move_every_control
from page import stored
from playwright.sync_api import Browser, Locator, Page, expect
from serving import serving

from conv1d_tutor import explore
from conv1d_tutor.explore import joined
from tools.stills import document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page in both themes."""
    folder = tmp_path_factory.mktemp("plain")
    for theme in ("light", "dark"):
        explorables.write_page(folder / f"{theme}.html", theme)
    return folder


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[str]:
    """The address of a plain web server over the folder."""
    with serving(folder) as address:
        yield address


def shown(page: Page, name: str) -> Locator:
    """The place of one explorable."""
    return page.locator(f"h2:text-is('{name}') + .conv1d")


@pytest.mark.parametrize("name", explorables.EXAMPLES)
@pytest.mark.parametrize("way", ["http", "file"])
def test_every_control_moves_by_key(page: Page, folder: Path, served: str, way: str, name: str) -> None:
    page.goto(f"{served}/light.html" if way == "http" else (folder / "light.html").as_uri())
    assert move_every_control(page, shown(page, name)) >= 2
    before = shown(page, name).evaluate(SHOWN)
    shown(page, name).get_by_role("button", name="Reset").press("Enter")
    assert changed(page, shown(page, name), before)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1000, 1400])
def test_nothing_is_cut_off_or_overlaps_in_any_move(page: Page, folder: Path, width: int, theme: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((folder / f"{theme}.html").as_uri())
    for name in explorables.EXAMPLES:
        place = shown(page, name)
        expect(place.locator(".stage text").first).to_be_attached()
        assert place.evaluate(CLASHES) == [], name
        for slider in place.locator("input[type=range]").all():
            for key in ("End", "Home"):
                slider.focus()
                page.keyboard.press(key)
                page.wait_for_timeout(40)
                assert place.evaluate(CLASHES) == [], (name, slider.get_attribute("name"), key)
        for choice in place.locator("input[type=radio]").all():
            choice.evaluate("e => e.click()")
            page.wait_for_timeout(40)
            assert place.evaluate(CLASHES) == [], (name, choice.get_attribute("value"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the window"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_by_axe(page: Page, folder: Path, theme: str) -> None:
    page.goto((folder / f"{theme}.html").as_uri())
    expect(page.locator(".conv1d .stage text").last).to_be_attached()
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == []


def test_a_click_and_a_touch_move_too(browser: Browser, folder: Path) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto((folder / "light.html").as_uri())
    for name in explorables.EXAMPLES:
        place = shown(page, name)
        for control in place.locator("input[type=range]").all():
            before, control_box = place.evaluate(SHOWN), None
            control.scroll_into_view_if_needed()
            control_box = control.bounding_box()
            assert control_box["height"] >= 24, "too low for a finger"
            for share in (0.9, 0.1):
                page.touchscreen.tap(
                    control_box["x"] + share * control_box["width"], control_box["y"] + control_box["height"] / 2
                )
                if changed(page, place, before, 500):
                    break
            else:
                raise AssertionError(f"a touch of {name}'s {control.get_attribute('name')} changed nothing")
        before = place.evaluate(SHOWN)
        for option in place.locator(".choice label:not(:has(:checked))").all()[:1]:
            option.tap()
            assert changed(page, place, before), name
    context.close()


def test_plays_and_stops(page: Page, folder: Path) -> None:
    page.goto((folder / "light.html").as_uri())
    place = shown(page, "SlidingWindow")
    keep_what_is_said(place.locator(".sentence"))
    place.locator(".play").press("Enter")
    assert first_said(page, 2) == ["Output 5 reads samples 5 to 7", "Output 6 reads samples 6 to 8"]
    place.locator(".play").press("Enter")
    held = place.evaluate(SHOWN)
    page.wait_for_timeout(1500)
    assert place.evaluate(SHOWN) == held
    place.locator("input[name=position]").focus()
    page.keyboard.press("End")
    page.wait_for_timeout(100)
    keep_what_is_said(place.locator(".sentence"))
    place.locator(".play").click()  # from the end it begins again
    assert first_said(page, 2) == ["Output 0 reads samples 0 to 2", "Output 1 reads samples 1 to 3"]


def test_a_link_carries_values_and_ignores_what_is_none(page: Page, folder: Path) -> None:
    page.goto(
        (folder / "light.html").as_uri() + "#ShapeMap?shape=(32, 100, 1)&in_channels=100&kernel_size=1&nonsense=3"
    )
    expect(shown(page, "ShapeMap").locator(".sentence")).to_contain_text(
        "Conv1d(100, 8, 1) turns (32, 100, 1) into (32, 8, 1)"
    )
    page.evaluate("location.hash = '#ConvArithmetic?stride=two&length=20'")
    expect(shown(page, "ConvArithmetic").locator(".sentence")).to_contain_text("turns 20 samples into 6.")
    link = shown(page, "ConvArithmetic").get_by_role("link", name="Link to this")
    shown(page, "ConvArithmetic").locator("input[name=stride]").press("ArrowRight")
    expect(link).to_have_attribute("href", "#ConvArithmetic?length=20&kernel_size=3&stride=4&padding=0&dilation=1")
    page.evaluate("location.hash = '#Nothing?x=1'")
    page.evaluate("location.hash = '#%E0%A4%A'")


def test_a_typed_shape_is_read_or_refused_in_place(page: Page, folder: Path) -> None:
    page.goto((folder / "light.html").as_uri())
    place = shown(page, "ShapeMap")
    field = place.locator("input[name=shape]")
    field.fill("torch.Size([2, 5, 30])")
    expect(place.locator(".sentence")).to_contain_text("turns (2, 5, 30) into (2, 8, 28)")
    for wrong in ("five", "1, 2, 3, 4", "2.5, 3, 4", ""):
        field.fill(wrong)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(place.locator(".sentence")).to_contain_text("turns (2, 5, 30)")
    field.fill("2, 6, 30")
    expect(place.locator(".veil")).to_contain_text("must equal in_channels=5")
    assert place.locator(".stage g").inner_html(), "the last picture stays below"


@pytest.mark.parametrize("name", explorables.EXAMPLES)
def test_elements_that_are_kept_over_moves_are_as_those_that_are_made_anew(
    page: Page, folder: Path, name: str
) -> None:
    page.goto((folder / "light.html").as_uri())
    for _ in range(2):
        move_every_control(page, shown(page, name))
    drawn = shown(page, name).locator("svg > g").inner_html()
    link = shown(page, name).get_by_role("link").get_attribute("href")
    page.goto("about:blank")
    page.goto(f"{(folder / 'light.html').as_uri()}{link}")
    expect(shown(page, name).locator("svg > g")).to_have_js_property("innerHTML", drawn)


def test_no_name_is_read_as_markup(page: Page, tmp_path: Path) -> None:
    loud = "<img src=x onerror='window.hit = true'>"
    cases = [[[1.0, 2, 3, 4]]] * 2
    made = [
        explore.ChannelMixer(cases[0], names=[loud], weight=[[[1.0, 2]]]),
        explore.LayoutLab([loud, "B"], [loud, "y"]),
        explore.LearnedKernels(torch.nn.Conv1d(1, 1, 2), cases, names=[loud], ids=[loud] * 2, labels=[loud] * 2),
    ]
    places = "".join(joined.markup(stored(each)) for each in made)
    (tmp_path / "loud.html").write_text(document("Loud names", places, ""), encoding="utf-8")
    page.goto((tmp_path / "loud.html").as_uri())
    expect(page.locator(".conv1d .sentence").nth(2)).to_contain_text(loud)
    assert page.locator(".conv1d svg tspan").filter(has_text="<").count() >= 3
    assert page.locator(".conv1d :is(img, script)").count() == 0
    assert page.evaluate("window.hit") is None


def test_without_scripts_the_still_stays(browser: Browser, tmp_path: Path) -> None:
    from conv1d_tutor.explore import joined
    from tools.stills import document

    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    (tmp_path / "still.html").write_text(
        document("still", joined.markup({}, "<img alt='the still'>")), encoding="utf-8"
    )
    page.goto((tmp_path / "still.html").as_uri())
    expect(page.get_by_alt_text("the still")).to_be_attached()
    context.close()
