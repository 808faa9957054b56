"""What does a class need? Memory for each open lesson, before and after torch is loaded, and ten learners at once.

Memory is what a kernel has for itself alone (USS) and with its part of what it shares (PSS), in MB. The PSS of
all together is what the machine needs. Ten learners run all cells of the first lesson at once: with kernels that
load everything themselves, and with kernels forked from one process that has loaded it, as those of the hub are.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

from tools.kernel import forking_kernels, run_cell, run_to_text, running_kernel

ROOT = Path(__file__).resolve().parent.parent
STEPS = {
    "an empty kernel": "",
    "import conv1d_tutor": "import conv1d_tutor",
    "a first picture": "import matplotlib.pyplot as plt; plt.plot([1, 3]); plt.show()",
    "import torch": "import torch",
    "an exercise checked": "from conv1d_tutor import check; check('00.1', None)",
}


def memory(pid: int) -> tuple[float, float]:
    """What a process has for itself, and with its part of what it shares, in MB."""
    used = psutil.Process(pid).memory_full_info()
    return used.uss / 1e6, getattr(used, "pss", used.uss) / 1e6


def measure_steps() -> None:
    """Print the memory of one kernel, step by step."""
    with running_kernel() as (_, client):
        kernel = int(run_to_text(client, "import os; print(os.getpid())"))
        for name, code in STEPS.items():
            run_cell(client, code)
            print("  {:22} {:5.0f} MB for itself, {:5.0f} MB with its share".format(name, *memory(kernel)))


async def learn(path: Path, everybody: asyncio.Barrier) -> float:
    """Run all cells as one of many, and keep the kernel until all are measured.

    Args:
        path: the lesson.
        everybody: who runs it, and who measures.

    Returns:
        Seconds.
    """
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources=where)
    began = time.perf_counter()
    async with client.async_setup_kernel():
        for index, cell in enumerate(notebook.cells):
            await client.async_execute_cell(cell, index)
        took = time.perf_counter() - began
        await everybody.wait()
        await everybody.wait()
    return took


async def together(everybody: asyncio.Barrier) -> float:
    """Measure all kernels, when everybody is through, with what they are forked from and what waits for them."""
    await everybody.wait()
    used = sum(memory(process.pid)[1] for process in psutil.Process().children(recursive=True))
    await everybody.wait()
    return used


async def class_of(learners: int, path: Path) -> tuple[float, list[float]]:
    """Let learners run a lesson at the same time."""
    everybody = asyncio.Barrier(learners + 1)
    used, *times = await asyncio.gather(together(everybody), *(learn(path, everybody) for _ in range(learners)))
    return used, times


def main() -> None:
    """Measure one kernel, and then a class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learners", type=int, default=10)
    learners = parser.parse_args().learners
    os.environ |= {"JUPYTER_PREFER_ENV_PATH": "1", "OMP_NUM_THREADS": "1"}
    lesson = min((ROOT / "notebooks").glob("*.ipynb"))
    ways = {"each kernel by itself": contextlib.nullcontext}
    if sys.platform == "linux":
        ways["forked from one process"] = forking_kernels
    for name, way in ways.items():
        with way():
            print(f"{name}:")
            measure_steps()
            for count in (1, learners):
                used, times = asyncio.run(class_of(count, lesson))
                last = f"all cells after {min(times):.0f} to {max(times):.0f} s"
                print(f"  {count} at once in {lesson.stem}: {last}, {used:.0f} MB together", flush=True)


if __name__ == "__main__":
    main()
