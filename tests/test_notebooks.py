"""The lessons as files: saved from a fresh run, complete, small, and linked. Their cells are run by nbval."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from conv1d_tutor.jupyter import own_copy
from tools import minutes

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSONS = own_copy.lessons(ROOT / "notebooks")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
#: Calls that end a cell and show nothing.
SILENT = {"use_style()", "plt.show()"}

each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list[dict]:
    """The cells of one kind, each with its source as one text."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in found if cell["cell_type"] == kind]


def text(path: Path) -> str:
    """All markdown of a lesson."""
    return "\n\n".join(cell["source"] for cell in cells(path, "markdown"))


def test_there_are_lessons_a_dictionary_and_nothing_else() -> None:
    assert len(LESSONS) >= 6
    assert [
        path.name for path in (ROOT / "notebooks").iterdir() if path.suffix != ".ipynb" and path.is_file()
    ] == []
    assert all(re.fullmatch(r"\d\d_[a-z_]+", path.stem) for path in LESSONS)
    assert [path.stem for path in PAGES if path not in LESSONS] == ["dictionary"]


def test_the_dictionary_is_for_looking_up() -> None:
    """It asks nothing and takes no time, its contents lead to its sections, and lessons lead to it."""
    (path,) = set(PAGES) - set(LESSONS)
    sections = [line[3:] for line in text(path).split("\n") if line.startswith("## ")]
    assert [name.replace(" ", "-") for name in sections] == re.findall(r"\]\(#([\w-]+)\)", text(path))
    code = "\n".join(cell["source"] for cell in cells(path, "code"))
    assert not re.search(r"\b(?:predict|check)\(", code) and not minutes.stated(path)
    assert len([lesson for lesson in LESSONS if "(dictionary.ipynb)" in text(lesson)]) >= 2


@each_page
def test_saved_from_a_fresh_run(path: Path) -> None:
    code = cells(path, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        last = ast.parse(re.sub(r"^%", "#", cell["source"], flags=re.M)).body[-1:]
        shows = last and isinstance(last[0], ast.Expr) and ast.unparse(last[0]) not in SILENT
        if shows or "print(" in cell["source"]:
            assert cell["outputs"], f"the output of this cell was cleared:\n{cell['source']}"


@each_page
def test_no_widget_state_no_stderr_no_semicolon(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert "widgets" not in notebook["metadata"]
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in cells(path, "code"):
        assert not cell["source"].rstrip().endswith(";"), cell["source"]
        for output in cell["outputs"]:
            assert output.get("name") != "stderr", output["text"]
            assert WIDGET_VIEW not in output.get("data", {})


@each_page
def test_errors_are_announced(path: Path) -> None:
    for cell in cells(path, "code"):
        raised = any(output["output_type"] == "error" for output in cell["outputs"])
        assert raised == ("raises-exception" in cell["metadata"].get("tags", [])), cell["source"]


@each_page
def test_every_picture_has_an_alternative_text(path: Path) -> None:
    for cell in cells(path, "code"):
        for output in cell["outputs"]:
            if "image/png" in output.get("data", {}):
                alt = cell["metadata"].get("alt") or output["metadata"].get("image/png", {}).get("alt", "")
                assert len(alt) > 30, f"a picture without words: {cell['source']}"


@each_page
def test_at_most_one_megabyte(path: Path) -> None:
    assert path.stat().st_size <= 1_000_000


@each_page
def test_links_and_file_names_resolve(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(path)):
        if not target.startswith(("http:", "https:")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
    source = text(path) + "\n".join(cell["source"] for cell in cells(path, "code"))
    for name in re.findall(r"\b(?:data|notebooks|conv1d_tutor|tests|tools)/[\w/]+\.\w+", source):
        assert (ROOT / name).exists(), f"{path.name} names {name}"


@each_lesson
def test_opens_and_closes_as_every_lesson_does(path: Path) -> None:
    first, last = cells(path, "markdown")[0]["source"], cells(path, "markdown")[-1]["source"]
    for part in ("# ", "**The question.**", "**You will**", "**You need**", "**Time:**"):
        assert part in first, f"the first cell lacks {part}"
    assert "## What you now know" in text(path)
    assert "## On your own" in text(path)
    assert "**Next:**" in last


@each_page
def test_listed_in_the_readme(path: Path) -> None:
    assert f"(notebooks/{path.name})" in (ROOT / "README.md").read_text(encoding="utf-8")


@each_lesson
def test_says_how_long_it_takes_and_no_less(path: Path) -> None:
    told = minutes.stated(path)
    assert told == minutes.rounded(minutes.minutes(path)), "make notebooks, or tools/minutes.py --write, says it"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"\(notebooks/{path.name}\) \|.*\| {told} \|", readme)


def test_minutes_are_counted_as_the_tool_says(tmp_path: Path) -> None:
    code = ["predict('a')", 'predict("00.a")\nx = 1\n', 'check("00.1", 3)', "ShapeMap()", "\n".join(["x"] * 25)]
    cells = [nbformat.v4.new_markdown_cell("word " * 396), *map(nbformat.v4.new_code_cell, code)]
    cells += [nbformat.v4.new_markdown_cell("## On your own"), nbformat.v4.new_code_cell('check("00.2", 3)')]
    cells.append(nbformat.v4.new_code_cell("y\n" * 100, metadata={"jupyter": {"source_hidden": True}}))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "x.ipynb")
    # 400 words, 31 lines, two predictions, a task, an explorable, an exercise; the folded cell does not count
    assert minutes.minutes(tmp_path / "x.ipynb") == pytest.approx(2 + 31 * 8 / 60 + 2 * 2 + 2 + 2 + 5)
    assert (minutes.rounded(20), minutes.rounded(20.1)) == (20, 25)


def test_links_of_the_readme_resolve() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = [t for t in re.findall(r"\]\(([^)#\s]+)[^)]*\)", readme) if not t.startswith("http")]
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_sections_that_the_readme_names_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"\[\d\d, sections? ([\d, toand]+)\]\(notebooks/([^)]+)\)", readme)
    assert len(rows) > 30
    for sections, name in rows:
        text = "\n".join(cell.source for cell in nbformat.read(ROOT / "notebooks" / name, 4).cells)
        for number in re.findall(r"\d+", sections):
            assert f"\n## {number}. " in f"\n{text}", (name, number)


def test_a_changed_number_in_a_stored_output_is_noticed(tmp_path: Path) -> None:
    """The strict comparison itself is tested, as the lessons are compared: one altered digit must turn a cell red.

    The page is a short one, since a lesson would load torch for this.
    """
    page = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    for number, stored in enumerate(("biases = 10,100\n", "biases = 10,101\n"), start=1):
        shown = nbformat.v4.new_output("stream", name="stdout", text=stored)
        code = 'print(f"biases = {100 * 100 + 100:,}")'
        page.cells.append(nbformat.v4.new_code_cell(code, execution_count=number, outputs=[shown]))
    nbformat.write(page, tmp_path / "altered.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts="]
    options = ["--nbval", "--nbval-current-env", "--rootdir", str(tmp_path)]
    sanitize = f"--nbval-sanitize-with={ROOT / 'tests' / 'nbval_sanitize.cfg'}"
    done = subprocess.run(
        [*command, *options, sanitize, str(tmp_path / "altered.ipynb")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 1 passed" in done.stdout
    assert "10,101" in done.stdout


def test_at_most_four_sanitiser_rules() -> None:
    rules = (ROOT / "tests" / "nbval_sanitize.cfg").read_text(encoding="utf-8")
    assert 0 < rules.count("regex:") <= 4


def test_html_export_shows_the_picture_of_an_explorable() -> None:
    from nbconvert import HTMLExporter

    lesson = ROOT / "notebooks" / "00_start_here.ipynb"
    page, _ = HTMLExporter().from_filename(str(lesson))
    (cell,) = [c for c in cells(lesson, "code") if "SlidingWindow(position=4)" in c["source"]]
    (output,) = cell["outputs"]
    assert f"data:image/png;base64,{''.join(output['data']['image/png'])[:2000]}" in page.replace("\n", "")
    assert "widget-view+json" not in page
