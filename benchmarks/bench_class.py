"""What does a class need? Memory for each open lesson, before and after torch is loaded, and ten learners at once.

Memory is what a kernel has for itself alone (USS) and with its part of what it shares (PSS), in MB. The PSS of
all kernels together is what the machine needs. Then ten learners run all cells of the first lesson at once.
"""

import argparse
import asyncio
import os
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbclient import NotebookClient

from tools.kernel import run_cell, running_kernel

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
    with running_kernel() as (manager, client):
        for name, code in STEPS.items():
            run_cell(client, code)
            print(
                "  {:22} {:5.0f} MB for itself, {:5.0f} MB with its share".format(name, *memory(pid_of(manager)))
            )


def pid_of(manager: Any) -> int:
    """The number of a kernel's process."""
    return manager.provisioner.process.pid


async def learn(path: Path, everybody: asyncio.Barrier) -> tuple[float, float]:
    """Run all cells as one of many, and keep the kernel until everybody is through.

    Args:
        path: the lesson.
        everybody: who runs it.

    Returns:
        Seconds, and MB with the share of what is shared, while all kernels are there.
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
        used = memory(pid_of(client.km))[1]
        await everybody.wait()  # nobody leaves before all are measured
    return took, used


async def class_of(learners: int, path: Path) -> list[tuple[float, float]]:
    """Let learners run a lesson at the same time."""
    everybody = asyncio.Barrier(learners)
    return await asyncio.gather(*(learn(path, everybody) for _ in range(learners)))


def main() -> None:
    """Measure one kernel, and then a class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learners", type=int, default=10)
    learners = parser.parse_args().learners
    os.environ |= {"JUPYTER_PREFER_ENV_PATH": "1", "OMP_NUM_THREADS": "1"}
    print("one kernel:")
    measure_steps()
    lesson = min((ROOT / "notebooks").glob("*.ipynb"))
    for count in (1, learners):
        found = asyncio.run(class_of(count, lesson))
        times, used = zip(*found, strict=True)
        last = f"all cells after {min(times):.0f} to {max(times):.0f} s"
        memories = f"{sum(used):.0f} MB together, {max(used):.0f} MB at most for one"
        print(f"{count} at once in {lesson.stem}: {last}, {memories}")


if __name__ == "__main__":
    main()
