"""Run the lessons from top to bottom and save them with their outputs: ``make notebooks``.

A saved lesson is what a fresh Run All gives, less what would differ from one machine to the next: timings, widget
state, the reference to a live widget, the bytes of a picture in one. An explorable gets a still picture, for which
Chromium is needed. Stops at the first cell that fails, and at Ctrl + C. ``--clean`` takes out what is one
machine's alone, and runs nothing.
"""

import argparse
import asyncio
import contextlib
import os
import re
import signal
import sys
import sysconfig
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "notebooks"
PACKAGES = f"{sysconfig.get_path('purelib')}{os.sep}"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
#: What a widget that holds a file, such as a picture, shows where it is no widget; and what says more.
BYTES, INSTEAD = re.compile(r"(\w+)\(value=b['\"].*", re.DOTALL), r"\1(…), which is here when this cell is run"


def run(path: Path) -> None:
    """Execute one notebook in its own folder and save it cleaned.

    Args:
        path: the notebook.

    Raises:
        KeyboardInterrupt: Ctrl + C was pressed; the file is as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    pressed = []

    def stop_at_ctrl_c(**_: object) -> None:
        # In place of nbclient's own handler, which stops the kernel and leaves the run to wonder that it died.
        task = asyncio.current_task()
        with contextlib.suppress(NotImplementedError):  # on Windows, Python's own way is as good
            asyncio.get_running_loop().add_signal_handler(
                signal.SIGINT, lambda: (pressed.append(1), task.cancel())
            )

    try:
        NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            store_widget_state=False,
            coalesce_streams=True,  # of a progress bar, its last state
            resources={"metadata": {"path": str(path.parent)}},
            shutdown_kernel="immediate",  # a kernel that is asked in the midst of a cell complains
            on_notebook_start=stop_at_ctrl_c,
        ).execute()
    except (DeadKernelError, asyncio.CancelledError):
        if pressed:
            raise KeyboardInterrupt from None
        raise
    from tools.stills import add_stills  # takes seconds, and cleaning does without

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
        cell.metadata = {key: cell.metadata[key] for key in ("alt", "jupyter", "tags") if key in cell.metadata}
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(WIDGET_VIEW, None)
            if "text/plain" in data:
                data["text/plain"] = BYTES.sub(INSTEAD, data["text/plain"])
            if output.output_type == "error":  # file names without the folders of this machine
                for folder in (PACKAGES, f"{ROOT}{os.sep}"):
                    output.traceback = [line.replace(folder, "") for line in output.traceback]


def main() -> None:
    """Run the notebooks named on the command line, or all lessons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--clean", action="store_true", help="run nothing")
    chosen = parser.parse_args()
    # The kernel of this environment goes before one of the same name in the user's own folder.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    for path in chosen.notebooks or sorted(LESSONS.glob("*.ipynb")):
        if chosen.clean:
            notebook = nbformat.read(path, as_version=4)
            clean(notebook)
            nbformat.write(notebook, path)
            continue
        start = time.perf_counter()
        try:
            run(path.resolve())
        except KeyboardInterrupt:
            sys.exit(f"\nBroken off. {path.name} is as it was; those named above are saved.")
        print(f"{path.name}: {time.perf_counter() - start:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
