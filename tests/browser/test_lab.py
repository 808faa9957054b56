"""The lessons as a reader meets them: opened in JupyterLab, run from top to bottom, every control moved by key."""

import contextlib
import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from conv1d_tutor import explore
from tools.lab import PICTURE, SENTENCE, open_notebook, run_all, slider, write_notebook

LESSONS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def open_lesson(page: Page, lab: str, course: Path, name: str) -> None:
    """Open one lesson as it is stored."""
    shutil.copy(LESSONS[0].parent / f"{name}.ipynb", course / "notebooks")
    open_notebook(page, lab, name)


def run_and_save(page: Page, saved: Path) -> list[dict]:
    """Run all cells and save.

    Returns:
        The code cells as they were saved: what the page shows of them depends on where it is scrolled.
    """
    run_all(page)
    stored = saved.stat().st_mtime_ns
    page.keyboard.press("Control+s")
    for _ in range(100):
        page.wait_for_timeout(200)
        if saved.stat().st_mtime_ns != stored:
            with contextlib.suppress(json.JSONDecodeError):  # read while it was being written
                return code_cells(saved)
    raise AssertionError("not saved after 20 s")


def code_cells(path: Path) -> list[dict]:
    """The code cells of a stored lesson."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in cells if cell["cell_type"] == "code"]


def explorables(path: Path) -> list[str]:
    """The last line of each cell that shows an explorable."""
    found = [cell["source"].strip().splitlines()[-1] for cell in code_cells(path)]
    return [line for line in found if re.split(r"[.(]", line)[0] in explore.__all__]


def cell_of(page: Page, line: str) -> Locator:
    """The cell that ends in a line, on the screen."""
    cell = page.locator(".jp-CodeCell", has_text=line).last
    cell.scroll_into_view_if_needed()
    return cell


def move(page: Page, cell: Locator, control: Locator) -> None:
    """Move one control by keyboard; the picture must follow."""
    picture, sentence = cell.locator(PICTURE).first, cell.locator(SENTENCE)
    before = picture.get_attribute("src")
    is_button = control.evaluate("e => e.tagName") == "BUTTON"
    # A press at the end of a slider changes nothing, so both directions are tried.
    for key in ("Enter",) if is_button else ("ArrowRight", "ArrowLeft"):
        control.focus()
        page.keyboard.press(key)
        for _ in range(30):
            page.wait_for_timeout(100)
            if picture.get_attribute("src") != before:
                assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 1000
                return
    raise AssertionError(f"moving {control} changed nothing: {sentence.text_content()}")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_runs_and_every_control_moves_its_picture(page: Page, lab: str, course: Path, path: Path) -> None:
    open_lesson(page, lab, course, path.stem)
    for cell in run_and_save(page, course / "notebooks" / path.name):
        assert cell["execution_count"], cell["source"]
        raised = any(output["output_type"] == "error" for output in cell["outputs"])
        assert raised == ("raises-exception" in cell["metadata"].get("tags", [])), cell["source"]
    for line in explorables(path):
        cell = cell_of(page, line)
        expect(cell.locator(SENTENCE)).to_be_visible(timeout=30_000)
        sentences = {cell.locator(SENTENCE).text_content()}
        # every slider that is not switched off, then every button that is not pressed already
        sliders = cell.locator(".noUi-target:not([disabled]) .noUi-handle")
        buttons = cell.locator(".widget-toggle-buttons button")
        others = cell.locator(".widget-toggle-buttons button:not(.mod-active)").all_text_contents()
        controls = [sliders.nth(i) for i in range(sliders.count())]
        controls += [buttons.get_by_text(name, exact=True) for name in others]
        assert len(controls) >= 2
        for control in controls:
            move(page, cell, control)
            sentences.add(cell.locator(SENTENCE).text_content())
        assert len(sentences) > 1, "the sentence below the picture never changed"
        # the picture stands as wide as it was drawn, not stretched over the page
        assert cell.locator(PICTURE).first.bounding_box()["width"] == pytest.approx(880, abs=2)


def test_no_question_about_news(page: Page, lab: str, course: Path) -> None:
    open_lesson(page, lab, course, "00_start_here")
    page.wait_for_timeout(3000)
    assert page.get_by_text("get notified about official Jupyter news").count() == 0
    assert page.locator(".Toastify__toast").count() == 0


def test_an_explorable_is_a_picture_first_and_alive_after_a_run(page: Page, lab: str, course: Path) -> None:
    open_lesson(page, lab, course, "00_start_here")
    cell = cell_of(page, "SlidingWindow(position=4)")
    assert cell.locator(PICTURE).first.get_attribute("src").startswith("data:image/png")
    assert cell.locator(".widget-slider").count() == 0
    run_and_save(page, course / "notebooks" / "00_start_here.ipynb")
    cell = cell_of(page, "SlidingWindow(position=4)")
    expect(cell.locator(".widget-slider")).to_have_count(2, timeout=30_000)
    sentence = cell.locator(SENTENCE)
    expect(sentence).to_contain_text("Output 4 reads samples 4 to 6")
    slider(cell, "position").focus()
    page.keyboard.press("ArrowRight")
    expect(sentence).to_contain_text("Output 5 reads samples 5 to 7")
    cell.get_by_role("button", name="Reset").press("Enter")
    expect(sentence).to_contain_text("Output 4 reads samples 4 to 6")
    # the play button moves the same slider on, step by step
    cell.locator(".widget-play button").first.press("Enter")
    expect(sentence).to_contain_text("Output 6 reads samples 6 to 8", timeout=10_000)
    cell.locator(".widget-play button").nth(1).press("Enter")
    expect(sentence).to_contain_text("Output 0 reads samples 0 to 2", timeout=10_000)


def test_a_cell_that_runs_again_replaces_its_explorable(page: Page, lab: str, course: Path) -> None:
    path = course / "notebooks" / "again.ipynb"
    count = "import ipywidgets\nlen(ipywidgets.widgets.widget._instances)"
    sources = ["from conv1d_tutor.explore import SlidingWindow\nSlidingWindow(position=4)", count]
    write_notebook(path, sources)
    open_notebook(page, lab, "again")
    once, again = ("".join(run_and_save(page, path)[1]["outputs"][0]["data"]["text/plain"]) for _ in range(2))
    assert again == once and int(once) > 10
    cell = cell_of(page, "SlidingWindow(position=4)")
    slider(cell, "position").focus()
    page.keyboard.press("ArrowRight")
    expect(cell.locator(SENTENCE)).to_contain_text("Output 5 reads samples 5 to 7")


#: Contrast between a text and what stands behind it, as WCAG 2 counts it.
CONTRAST = """
element => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  let behind = element;
  while ((channels(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
  const light = colour => {
    const [r, g, b] = channels(colour).map(v => v / 255).map(v =>
      v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pair = [light(getComputedStyle(element).color), light(getComputedStyle(behind).backgroundColor)];
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}
"""


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_every_word_can_be_read_in_both_themes(page: Page, lab: str, course: Path, theme: str) -> None:
    settings = course / "config/lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"theme": theme}), encoding="utf-8")
    try:
        open_lesson(page, lab, course, "02_slide_a_kernel")
        run_and_save(page, course / "notebooks" / "02_slide_a_kernel.ipynb")
        assert page.locator("body").get_attribute("data-jp-theme-name") == theme
        for line in explorables(LESSONS[2]):
            cell = cell_of(page, line)
            expect(cell.locator(SENTENCE)).to_be_visible(timeout=30_000)
            words = [
                SENTENCE,
                ".widget-label",
                ".widget-readout",
                ".widget-toggle-buttons button",
                ".jupyter-button",
            ]
            for kind in words:
                for word in cell.locator(kind).all():
                    assert word.evaluate(CONTRAST) >= 4.5, (kind, word.text_content())
            # the picture brings its own white paper
            corner = "i => { const c = document.createElement('canvas').getContext('2d'); c.drawImage(i, 0, 0);"
            corner += " return [...c.getImageData(1, 1, 1, 1).data]; }"
            assert cell.locator(PICTURE).first.evaluate(corner) == [255, 255, 255, 255]
    finally:
        settings.unlink()


def test_a_narrow_window_shrinks_the_picture(page: Page, lab: str, course: Path) -> None:
    page.set_viewport_size({"width": 1000, "height": 900})
    open_lesson(page, lab, course, "00_start_here")
    run_and_save(page, course / "notebooks" / "00_start_here.ipynb")
    cell = cell_of(page, "SlidingWindow(position=4)")
    expect(cell.locator(SENTENCE)).to_be_visible(timeout=30_000)
    picture, output = (cell.locator(name).first.bounding_box() for name in (PICTURE, ".jp-OutputArea-output"))
    assert picture["width"] <= output["width"] < 880
    assert picture["width"] / picture["height"] == pytest.approx(880 / 490, rel=0.02)
