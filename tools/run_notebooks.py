"""Run the lessons from top to bottom and save them with their outputs: ``make notebooks``.

A saved lesson is what a fresh Run All gives, less what would differ from one machine to the next: timings, widget
state and the reference to a live widget. An explorable gets a still picture, for which Chromium is needed. Stops
at the first cell that fails.
"""

import argparse
import os
import sys
import sysconfig
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tools.stills import add_stills

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "notebooks"
PACKAGES = f"{sysconfig.get_path('purelib')}{os.sep}"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def run(path: Path) -> None:
    """Execute one notebook in its own folder and save it cleaned.

    Args:
        path: the notebook.
    """
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        store_widget_state=False,
        coalesce_streams=True,  # of a progress bar, its last state
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    clean(notebook)
    add_stills(notebook)
    nbformat.write(notebook, path)


def clean(notebook: nbformat.NotebookNode) -> None:
    """Take out of a notebook what is not the lesson's.

    Args:
        notebook: changed in place.
    """
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {key: cell.metadata[key] for key in ("alt", "tags") if key in cell.metadata}
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
            if output.output_type == "error":  # file names without the folders of this machine
                for folder in (PACKAGES, f"{ROOT}{os.sep}"):
                    output.traceback = [line.replace(folder, "") for line in output.traceback]


def main() -> None:
    """Run the notebooks named on the command line, or all lessons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path)
    # The kernel of this environment goes before one of the same name in the user's own folder.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    for path in parser.parse_args().notebooks or sorted(LESSONS.glob("*.ipynb")):
        start = time.perf_counter()
        run(path.resolve())
        print(f"{path.name}: {time.perf_counter() - start:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
