"""A lesson as a reader meets it: opened in JupyterLab, run from top to bottom, its slider moved by keyboard."""

import json
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

LESSONS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
TOKEN = "browser-test"


def open_lesson(page: Page, lab: str, name: str) -> None:
    """Open one lesson alone and wait until its cells are there."""
    page.goto(f"{lab}/lab/workspaces/{name}/tree/notebooks/{name}.ipynb?reset&token={TOKEN}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']")).to_be_attached(timeout=60_000)


def run_all(page: Page) -> None:
    """Choose Run All Cells in the menu and wait until no cell is waiting or running."""
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    prompts = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(p => p.textContent)"
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        page.wait_for_timeout(500)
        found = page.evaluate(prompts)
        if found and not any("*" in prompt for prompt in found):
            return
    raise AssertionError(f"still running after 180 s: {found}")


def errors_expected(path: Path) -> int:
    """How many cells of a lesson raise on purpose."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return sum("raises-exception" in cell["metadata"].get("tags", []) for cell in cells)


def picture(cell: Locator) -> str | None:
    """What the picture of a cell's output shows now, as its address."""
    image = cell.locator(".jp-OutputArea-output img").first
    image.scroll_into_view_if_needed()
    return image.get_attribute("src")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_run_all_cells(page: Page, lab: str, path: Path) -> None:
    open_lesson(page, lab, path.stem)
    run_all(page)
    raised = page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']")
    assert raised.count() == errors_expected(path)


def test_no_question_about_news(page: Page, lab: str) -> None:
    open_lesson(page, lab, "00_start_here")
    page.wait_for_timeout(3000)
    assert page.get_by_text("get notified about official Jupyter news").count() == 0
    assert page.locator(".Toastify__toast").count() == 0


def test_an_explorable_is_a_picture_first_and_alive_after_a_run(page: Page, lab: str) -> None:
    open_lesson(page, lab, "00_start_here")
    cell = page.locator(".jp-CodeCell", has_text="SlidingWindow(position=4)")
    cell.scroll_into_view_if_needed()
    assert picture(cell).startswith("data:image/png")
    assert cell.locator(".widget-slider").count() == 0
    run_all(page)
    cell.scroll_into_view_if_needed()
    expect(cell.locator(".widget-slider")).to_have_count(2, timeout=30_000)

    sentence = cell.locator(".widget-html p")
    expect(sentence).to_contain_text("Output 4 reads samples 4 to 6")
    before = picture(cell)
    cell.locator(".widget-slider .noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    expect(sentence).to_contain_text("Output 5 reads samples 5 to 7")
    image = cell.locator(".jp-OutputArea-output img").first
    expect(image).not_to_have_attribute("src", before)
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 1000
    # it stands as wide as it was drawn, not stretched over the page
    assert image.bounding_box()["width"] == pytest.approx(880, abs=2)
