"""All explorables in JupyterLab and Notebook 7: each control by key, what Python sees, a busy kernel, and none."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import explorables
import pytest
from controls import SHOWN, changed, move_every_control
from playwright.sync_api import Locator, Page, expect

from tools.lab import (
    EXPLORABLE,
    SENTENCE,
    TOKEN,
    choose,
    copy_course,
    open_notebook,
    running_server,
    slider,
    slider_of_ipywidgets,
    stop_kernels,
    wait_for_kernel,
    wait_until_run,
    write_notebook,
)

LAST = "print([each.state() for each in shown])"
CELLS = [
    f"{explorables.SETUP}\nshown = []",
    *(f"shown.append({code})\nshown[-1]" for code in explorables.EXAMPLES.values()),
    LAST,
]


@pytest.fixture(scope="module", params=["lab", "notebook"])
def opened(request: pytest.FixtureRequest, browser: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """A notebook with all explorables in one front end, after Run All; the page, and the address of the server."""
    if request.param == "lab":
        home, address = request.getfixturevalue("course"), request.getfixturevalue("lab")
        yield from opened_in(browser, home, address, lambda page: open_notebook(page, address, "all"))
        return
    home = copy_course(tmp_path_factory.mktemp("notebook7"))
    command = [sys.executable, "-m", "notebook", f"--ServerApp.root_dir={home}", "--allow-root"]
    with running_server(home, command) as address:
        url = f"{address}/notebooks/notebooks/all.ipynb?token={TOKEN}"

        def visit(page: Page) -> None:
            page.goto(url)
            page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
            wait_for_kernel(page, address)

        yield from opened_in(browser, home, address, visit)


def opened_in(browser, home: Path, address: str, visit) -> Iterator[tuple[Page, str]]:
    """Write the notebook, open it, run it."""
    write_notebook(home / "notebooks" / "all.ipynb", CELLS)
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    visit(page)
    errors: list[str] = []  # from now on: Notebook 7 has one of its own when it opens
    page.on("pageerror", lambda error: errors.append(str(error)))
    choose(page, "Run", "Run All Cells")
    wait_until_run(page)
    yield page, address
    page.close()
    assert errors == []


def places(page: Page) -> list[Locator]:
    """Where the explorables are."""
    expect(page.locator(EXPLORABLE)).to_have_count(len(explorables.EXAMPLES), timeout=60_000)
    return page.locator(EXPLORABLE).all()


def test_every_control_moves_by_key_and_python_sees_it(opened: tuple[Page, str]) -> None:
    page, _ = opened
    cells = page.locator(".jp-Cell").count()
    for place in places(page):
        place.scroll_into_view_if_needed()
        assert move_every_control(page, place) >= 2
    page.keyboard.press("d")
    page.keyboard.press("d")
    assert page.locator(".jp-Cell").count() == cells, "the notebook took keys that are the explorable's"
    cell = page.locator(".jp-CodeCell", has_text=LAST).last
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    wait_until_run(page, len(CELLS) + 1)
    states = ast.literal_eval(cell.locator(".jp-OutputArea-output").inner_text().replace("\n", ""))
    for place, state in zip(places(page), states, strict=True):
        for control in place.locator("input[type=range], input[type=number]").all():
            assert float(control.input_value()) == pytest.approx(state[control.get_attribute("name")])
        for chosen in place.locator("input[type=radio]:checked").all():
            assert (
                chosen.evaluate("e => e.nextElementSibling.textContent")
                == state[chosen.get_attribute("data-name")]
            )


def test_moves_while_the_kernel_works_and_when_it_is_gone(opened: tuple[Page, str]) -> None:
    page, address = opened
    cell = page.locator(".jp-CodeCell").last
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("import time; time.sleep(600)")
    page.keyboard.press("Control+Enter")
    expect(cell.locator(".jp-InputPrompt")).to_have_text("[*]:")
    for gone in (False, True):
        if gone:
            stop_kernels(address)
            page.wait_for_timeout(1000)
        for place in places(page):
            place.scroll_into_view_if_needed()
            before = place.evaluate(SHOWN)
            control = place.locator("input[type=range]").first
            for key in ("ArrowRight", "ArrowLeft"):
                control.focus()
                page.keyboard.press(key)
                if changed(page, place, before, 1000):
                    break
            else:
                raise AssertionError(place.locator(".sentence").text_content())


def test_sliders_of_ipywidgets_and_jslink_move_the_picture(page: Page, lab: str, course: Path) -> None:
    cells = [
        "import ipywidgets\nfrom conv1d_tutor.explore import ConvArithmetic",
        "one = ConvArithmetic(length=12, kernel_size=2)\none",
        "mine = ipywidgets.IntSlider(2, 1, 9, description='mine')\n"
        "ipywidgets.jslink((mine, 'value'), (one, 'kernel_size'))\nmine",
        "two = ConvArithmetic(length=12, sliders='ipywidgets')\ntwo",
        "print(one.kernel_size, two.stride)",
    ]
    write_notebook(course / "notebooks" / "linked.ipynb", cells)
    open_notebook(page, lab, "linked")
    choose(page, "Run", "Run All Cells")
    wait_until_run(page)
    _, first, linked, second, last = page.locator(".jp-CodeCell").all()
    expect(first.locator(SENTENCE)).to_contain_text("into 11.")
    linked.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    expect(first.locator(SENTENCE)).to_contain_text("into 10.")
    slider(first, "kernel_size").focus()
    page.keyboard.press("ArrowRight")
    expect(linked.locator(".widget-readout")).to_have_text("4")
    assert second.locator(f"{EXPLORABLE} input").count() == 0
    expect(second.locator(".noUi-handle")).to_have_count(5)
    slider_of_ipywidgets(second, "stride").focus()
    page.keyboard.press("ArrowRight")
    expect(second.locator(SENTENCE)).to_contain_text("into 5.")
    second.get_by_role("button", name="Reset").press("Enter")
    expect(second.locator(SENTENCE)).to_contain_text("into 10.")
    expect(second.locator(".widget-readout").nth(2)).to_have_text("1")
    slider_of_ipywidgets(second, "stride").focus()
    page.keyboard.press("ArrowRight")
    last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(last.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[6\]:"))
    expect(last.locator(".jp-OutputArea-output")).to_contain_text("4 2")
