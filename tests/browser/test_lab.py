"""The lessons as a reader meets them: opened in JupyterLab, run from top to bottom, every control moved by key."""

import contextlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from controls import CLASHES, SHOWN, changed, first_said, keep_what_is_said, move_every_control
from explorables import EXAMPLES, SETUP
from playwright.sync_api import Locator, Page, expect

from conv1d_tutor import explore
from tools.lab import (
    EXPLORABLE,
    PICTURE,
    SENTENCE,
    STILL,
    TOKEN,
    open_notebook,
    run_all,
    slider,
    stop_kernels,
    write_notebook,
)
from tools.run_notebooks import WIDGET_VIEW as VIEW

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
#: By the number that a name begins with.
LESSONS = {path.stem.split("_")[0]: path for path in sorted(NOTEBOOKS.glob("*.ipynb"))}


def open_lesson(page: Page, lab: str, course: Path, name: str) -> None:
    """Open one lesson as it is stored."""
    shutil.copy(NOTEBOOKS / f"{name}.ipynb", course / "notebooks")
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
    """The call that shows an explorable, of each cell that does."""
    calls = [re.search(r"^(\w+)\(.*", cell["source"], re.MULTILINE) for cell in code_cells(path)]
    return [call[0] for call in calls if call and call[1] in explore.__all__]


def cell_of(page: Page, line: str) -> Locator:
    """The cell with a line, on the screen."""
    cell = page.locator(".jp-CodeCell", has_text=line).last
    cell.scroll_into_view_if_needed()
    return cell


#: A lesson that holds nothing to move runs here too in `make lessons-check`: its cells are what `make test` runs.
ALL = os.environ.get("LESSONS") == "all"
TO_MOVE = [path for path in LESSONS.values() if ALL or explorables(path)]


@pytest.mark.parametrize("path", TO_MOVE, ids=lambda path: path.stem)
def test_lesson_runs_and_every_control_moves_its_picture(page: Page, lab: str, course: Path, path: Path) -> None:
    open_lesson(page, lab, course, path.stem)
    cells = run_and_save(page, course / "notebooks" / path.name)
    for cell in cells:
        assert cell["execution_count"], cell["source"]
        raised = any(output["output_type"] == "error" for output in cell["outputs"])
        assert raised == ("raises-exception" in cell["metadata"].get("tags", [])), cell["source"]
    for line in explorables(path):
        cell = cell_of(page, line)
        place = cell.locator(EXPLORABLE)
        expect(place.locator(".stage text").first).to_be_attached(timeout=30_000)
        assert place.evaluate(CLASHES) == []
        handles = cell.locator(".noUi-handle").all()
        for handle in handles:  # sliders of ipywidgets
            before = place.evaluate(SHOWN)
            for key in ("ArrowRight", "ArrowLeft"):
                handle.focus()
                page.keyboard.press(key)
                if changed(page, place, before):
                    break
            else:
                raise AssertionError(f"moving {handle} changed nothing")
        assert move_every_control(page, place) + len(handles) >= 2
    for line in sliders_of_ones_own(cells):
        cell = cell_of(page, line)
        picture = cell.locator(".jp-OutputArea-output img")
        before = picture.get_attribute("src")
        cell.locator(".noUi-handle").focus()
        page.keyboard.press("ArrowRight")
        expect(picture).not_to_have_attribute("src", before, timeout=10_000)


def sliders_of_ones_own(cells: list[dict]) -> list[str]:
    """The line that makes a slider, of each cell that joins one to a picture of its own."""
    lines = [line for cell in cells for line in cell["source"].splitlines()]
    return [line for line in lines if "ipywidgets.IntSlider(" in line]


def test_a_lesson_shows_how_to_make_a_slider_of_ones_own() -> None:
    assert any(sliders_of_ones_own(code_cells(path)) for path in TO_MOVE)


def test_lessons_three_and_five_move_kernel_size_and_stride_with_sliders_of_ipywidgets() -> None:
    for number, names in (("03", {"kernel_size"}), ("05", {"kernel_size", "stride"})):
        cells = [cell["source"] for cell in code_cells(LESSONS[number])]
        (source,) = [cell for cell in cells if 'sliders="ipywidgets"' in cell]
        kind = getattr(explore, re.search(r"^(\w+)\(", source, re.MULTILINE)[1])
        assert names <= set(kind(sliders="ipywidgets").sliders)


def test_no_question_about_news(page: Page, lab: str, course: Path) -> None:
    open_lesson(page, lab, course, "00_start_here")
    page.wait_for_timeout(3000)
    assert page.get_by_text("get notified about official Jupyter news").count() == 0
    assert page.locator(".Toastify__toast").count() == 0


def test_an_explorable_is_a_still_first_alive_after_a_run_and_alive_when_saved(
    page: Page, lab: str, course: Path
) -> None:
    path = course / "notebooks" / "00_start_here.ipynb"
    open_lesson(page, lab, course, path.stem)
    cell = cell_of(page, "SlidingWindow(position=4)")
    assert cell.locator(STILL).first.get_attribute("src").startswith("data:image/png")
    assert cell.locator(EXPLORABLE).count() == 0
    run_and_save(page, path)
    cell = cell_of(page, "SlidingWindow(position=4)")
    sentence = cell.locator(SENTENCE)
    expect(sentence).to_contain_text("Output 4 reads samples 4 to 6", timeout=30_000)
    slider(cell, "position").press("ArrowRight")
    expect(sentence).to_contain_text("Output 5 reads samples 5 to 7")
    cell.get_by_role("button", name="Reset").press("Enter")
    expect(sentence).to_contain_text("Output 4 reads samples 4 to 6")
    # the play button moves the same slider on, step by step
    keep_what_is_said(sentence)
    cell.locator(".play").press("Enter")
    assert first_said(page, 2) == ["Output 5 reads samples 5 to 7", "Output 6 reads samples 6 to 8"]
    cell.locator(".play").press("Enter")
    # a learner's own copy keeps what was shown when it was saved, alive without a kernel
    slider(cell, "position").press("Home")
    stored = path.stat().st_mtime_ns
    page.keyboard.press("Control+s")  # the notebook's key, also where a slider has the focus
    for _ in range(100):
        page.wait_for_timeout(100)
        if path.stat().st_mtime_ns != stored:
            break
    stop_kernels(lab)
    page.goto("about:blank")
    page.goto(f"{lab}/lab/workspaces/saved/tree/notebooks/{path.name}?reset&token={TOKEN}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    cell = cell_of(page, "SlidingWindow(position=4)")
    expect(cell.locator(SENTENCE)).to_contain_text("Output 0 reads samples 0 to 2", timeout=30_000)
    slider(cell, "position").press("ArrowRight")
    expect(cell.locator(SENTENCE)).to_contain_text("Output 1 reads samples 1 to 3")


def test_a_cell_that_runs_again_replaces_its_explorable(page: Page, lab: str, course: Path) -> None:
    path = course / "notebooks" / "again.ipynb"
    count = "import ipywidgets\nlen(ipywidgets.widgets.widget._instances)"
    sources = ["from conv1d_tutor.explore import SlidingWindow\nSlidingWindow(position=4)", count]
    write_notebook(path, sources)
    open_notebook(page, lab, "again")
    once, again = ("".join(run_and_save(page, path)[1]["outputs"][0]["data"]["text/plain"]) for _ in range(2))
    assert again == once and int(once) >= 2
    assert page.locator(EXPLORABLE).count() == 1
    cell = cell_of(page, "SlidingWindow(position=4)")
    slider(cell, "position").press("ArrowRight")
    expect(cell.locator(SENTENCE)).to_contain_text("Output 5 reads samples 5 to 7")


def test_an_old_notebook_with_widget_state_opens(page: Page, lab: str, course: Path) -> None:
    """One that was saved by the first version, whose picture was an image from the kernel."""
    path = course / "notebooks" / "old.ipynb"
    write_notebook(path, ["from conv1d_tutor.explore import SlidingWindow\nSlidingWindow()"])
    notebook = json.loads(path.read_text(encoding="utf-8"))
    view = {"version_major": 2, "version_minor": 0, "model_id": "0123456789abcdef0123456789abcdef"}
    data = {VIEW: view, "text/plain": ["SlidingWindow(position=0)"]}
    notebook["cells"][0]["outputs"] = [
        {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}
    ]
    state = {
        "model_name": "HTMLModel",
        "model_module": "@jupyter-widgets/controls",
        "state": {"value": "<p>old</p>"},
    }
    state["model_module_version"] = "2.0.0"
    widgets = {"version_major": 2, "version_minor": 0, "state": {view["model_id"]: state}}
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": widgets}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    open_notebook(page, lab, "old")
    expect(page.locator(".jp-CodeCell .jp-OutputArea-output")).to_have_text("SlidingWindow(position=0)")
    run_all(page)
    expect(page.locator(SENTENCE)).to_contain_text("Output 0 reads", timeout=30_000)


#: Contrast between a text and what stands behind it, as WCAG 2 counts it.
CONTRAST = """
element => {
  const channels = colour => {  // rgb(0, 0, 0), or color(srgb 0 0 0) where colours are mixed
    const [r, g, b, alpha] = colour.match(/[\\d.]+/g).map(Number), unit = colour.startsWith('color') ? 255 : 1;
    return [r * unit, g * unit, b * unit, alpha];
  };
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
        write_notebook(course / "notebooks" / "words.ipynb", [SETUP, *EXAMPLES.values()])
        open_notebook(page, lab, "words")
        run_all(page)
        assert page.locator("body").get_attribute("data-jp-theme-name") == theme
        for line in EXAMPLES.values():
            cell = cell_of(page, line)
            expect(cell.locator(SENTENCE)).to_be_visible(timeout=30_000)
            words = [".sentence", "label span", "legend", "output", "button"]
            for kind in words:
                for word in cell.locator(f"{EXPLORABLE} {kind}").all():
                    assert word.evaluate(CONTRAST) >= 4.5, (kind, word.text_content())
    finally:
        settings.unlink()


@pytest.mark.parametrize("number", ["00", "05", "12"])
def test_what_a_saved_lesson_shows_is_accessible_by_axe(page: Page, lab: str, course: Path, number: str) -> None:
    """Its outputs, and its texts; what stands around them is JupyterLab's own."""
    open_lesson(page, lab, course, LESSONS[number].stem)
    ours = {"include": [[".jp-OutputArea-output"], [".jp-MarkdownOutput"]]}
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    found = Axe().run(page, context=ours, options=options).response["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]][:5]) for each in found] == []
    assert page.locator(".jp-RenderedImage img[alt]").count() >= 4


def test_a_narrow_window_lays_the_picture_out_anew(page: Page, lab: str, course: Path) -> None:
    page.set_viewport_size({"width": 1000, "height": 900})
    line = "SlidingWindow(position=4)"
    path = course / "notebooks" / "narrow.ipynb"
    write_notebook(path, [f"from conv1d_tutor.explore import SlidingWindow\n{line}"])
    open_notebook(page, lab, path.stem)
    run_all(page)
    cell = cell_of(page, line)
    expect(cell.locator(".stage text").first).to_be_attached(timeout=30_000)
    wide = cell.locator(PICTURE).bounding_box()["width"]
    assert wide > 500
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_timeout(500)
    assert cell.locator(PICTURE).bounding_box()["width"] < wide
    assert cell.locator(EXPLORABLE).evaluate(CLASHES) == []
    size = cell.locator(".stage text").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= 12, "words are not scaled with the picture"
