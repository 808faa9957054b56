"""Run cells that show an explorable again and again in a real kernel, and see whether its memory grows.

Every explorable has a cell of its own; the cells are run in turn, with their ids, as JupyterLab does it.

Usage: python -m benchmarks.bench_recreate [--runs 500]
"""

import argparse
import itertools

from conv1d_tutor import explore
from tools.kernel import run_to_text, running_kernel

SET_UP = """
import gc, os
import ipywidgets, psutil, torch
from conv1d_tutor.explore import *
conv, signals = torch.nn.Conv1d(5, 8, 7), torch.zeros(20, 5, 49).normal_()
"""
MEASURE = """
gc.collect()
print(psutil.Process(os.getpid()).memory_info().rss / 1e6, len(ipywidgets.widgets.widget._instances))
"""


def main() -> None:
    """Run the cells and print the memory of the kernel along the way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500, help="how often a cell is run, all cells together")
    runs = parser.parse_args().runs
    cells = [f"{name}(conv, signals)" if name == "LearnedKernels" else f"{name}()" for name in explore.__all__]
    with running_kernel() as (_, client):
        run_to_text(client, SET_UP)
        print(f"{'runs':>5} {'memory MB':>10} {'widgets':>8}")
        marks = {20 * len(cells), *range(0, runs + 1, max(runs // 5, 1))}  # the first runs fill caches
        for done, code in enumerate(itertools.islice(itertools.cycle(cells), runs + 1)):
            if done in marks:
                memory, widgets = run_to_text(client, MEASURE).split()
                print(f"{done:5} {float(memory):10.1f} {widgets:>8}")
            run_to_text(client, code, code)


if __name__ == "__main__":
    main()
