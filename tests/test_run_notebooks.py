"""`make notebooks` ends at Ctrl + C in words, and what is one machine's alone does not stay in a lesson."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import ipywidgets
import nbformat
import psutil
import pytest

from tools import run_notebooks

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "tools.run_notebooks"]


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl + C to a whole console")
def test_ctrl_c_ends_a_run_in_words_and_leaves_the_lesson_and_no_kernel(tmp_path: Path) -> None:
    lesson, began = tmp_path / "slow.ipynb", tmp_path / "began"
    code = "import os, pathlib, time\npathlib.Path('began.tmp').write_text(str(os.getpid()))\n"
    code += "os.replace('began.tmp', 'began'); time.sleep(300)"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), lesson)
    before = lesson.read_bytes()
    run = subprocess.Popen([*COMMAND, str(lesson)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 60
        while not began.exists():
            assert time.monotonic() < end
            assert run.poll() is None
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == 1
    assert "Traceback" not in said
    assert said.strip().endswith("Broken off. slow.ipynb is as it was; those named above are saved.")
    assert lesson.read_bytes() == before
    assert not psutil.pid_exists(int(began.read_text()))


def test_cleaning_takes_out_what_is_one_machines_alone_and_nothing_else(tmp_path: Path) -> None:
    stored = min((ROOT / "notebooks").glob("*.ipynb"))
    lesson = Path(shutil.copy(stored, tmp_path))
    notebook = nbformat.read(lesson, as_version=4)
    notebook.metadata["widgets"] = {"state": {}}
    notebook.metadata["language_info"] = {"name": "python", "version": "3.99"}
    for cell in notebook.cells:
        cell.metadata["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
    nbformat.write(notebook, lesson)
    assert lesson.read_bytes() != stored.read_bytes()
    subprocess.run([*COMMAND, "--clean", str(lesson)], cwd=ROOT, check=True)
    assert lesson.read_bytes() == stored.read_bytes()


def test_of_a_widget_that_holds_a_picture_no_bytes_are_stored() -> None:
    shown = {"text/plain": repr(ipywidgets.Image(value=b"\x89PNG\r\n'\"")), run_notebooks.WIDGET_VIEW: {}}
    output = nbformat.v4.new_output("display_data", shown)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])])
    run_notebooks.clean(notebook)
    assert notebook.cells[0].outputs[0].data == {"text/plain": "Image(…), which is here when this cell is run"}


def test_a_still_keeps_the_colours_of_large_areas() -> None:
    """Pale blue is an input and pale green an output; the colours between letters and paper may change."""
    from PIL import Image

    from tools.stills import of_few_colours

    areas = [(239, 225, 199), (199, 226, 219), (199, 224, 238), (246, 220, 199)]
    picture = Image.new("RGB", (400, 300), "white")
    for i, area in enumerate(areas):
        picture.paste(area, (100 * i, 0, 100 * i + 90, 200))
    for i in range(1600):  # edges of letters, in many colours
        picture.putpixel((i % 400, 250 + i // 400), (i % 256, (i * 7) % 256, (i * 13) % 256))
    few = of_few_colours(picture)
    assert len(few.getcolors(256)) <= 64
    assert [few.convert("RGB").getpixel((100 * i + 40, 100)) for i in range(4)] == areas
