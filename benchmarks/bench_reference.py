"""How fast is Conv1d from scratch? The versions in `conv1d_tutor.reference` beside torch, in one run.

python benchmarks/bench_reference.py                    the table, in about a minute
python benchmarks/bench_reference.py --plot speed.png   and a picture of time against length
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from threadpoolctl import threadpool_limits

from conv1d_tutor.arithmetic import multiply_adds, output_length
from conv1d_tutor.reference import conv1d_fft, conv1d_loops, conv1d_matmul, conv1d_windows

#: Input (N, C, L), output channels, kernel size; all in float32.
SIZES = [
    ((32, 2, 1000), 8, 5),
    ((239, 5, 49), 16, 5),
    ((32, 64, 1000), 64, 7),
    ((8, 16, 16000), 32, 25),
]
NUMPY = {"windows": conv1d_windows, "matmul": conv1d_matmul, "fft": conv1d_fft}
#: The loops run on a part of the input with about this many multiplications; their time is scaled up.
LOOP_STEPS = 100_000
ALL_THREADS = torch.get_num_threads()


def operands(shape: tuple[int, int, int], n_kernels: int, kernel_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Make a random input and weight in float32."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape).astype(np.float32)
    return x, rng.normal(size=(n_kernels, shape[1], kernel_size)).astype(np.float32)


def runners(x: np.ndarray, weight: np.ndarray) -> dict[str, Callable]:
    """Name what is timed: NumPy and torch on one thread, and torch on all."""
    tensors = torch.from_numpy(x), torch.from_numpy(weight)

    def run_torch(threads: int) -> torch.Tensor:
        torch.set_num_threads(threads)
        with torch.inference_mode():
            return F.conv1d(*tensors)

    runs = {name: lambda version=version: version(x, weight) for name, version in NUMPY.items()}
    expected = run_torch(1).numpy()
    for name, run in runs.items():
        np.testing.assert_allclose(run(), expected, atol=1e-3 * np.abs(expected).max(), err_msg=name)
    return runs | {"torch": lambda: run_torch(1), f"torch×{ALL_THREADS}": lambda: run_torch(ALL_THREADS)}


def medians(runs: dict[str, Callable], seconds: float, least: int = 5) -> dict[str, tuple[float, int]]:
    """Time all in turn, again and again, so that a busy moment of the machine hits all alike.

    Args:
        runs: what to time, by name.
        seconds: for how long.
        least: how many rounds at least.

    Returns:
        The median in seconds and the number of runs, by name.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    end = time.perf_counter() + seconds
    for number in itertools.count():
        if number >= least and time.perf_counter() > end:
            break
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: (statistics.median(values), len(values)) for name, values in times.items()}


def loops_seconds(x: np.ndarray, weight: np.ndarray) -> float:
    """Time the loops on a part of the input and kernels, and scale by the number of multiplications."""
    n_kernels, channels, kernel_size = weight.shape
    steps = output_length(x.shape[2], kernel_size)
    part = max(1, min(steps, LOOP_STEPS // (channels * kernel_size)))
    some = x[:1, :, : part + kernel_size - 1], weight[:1]
    seconds, _ = medians({"loops": lambda: conv1d_loops(*some)}, seconds=0)["loops"]
    whole = multiply_adds(channels, n_kernels, kernel_size, steps, batch=len(x))
    return seconds * whole / multiply_adds(channels, 1, kernel_size, part)


def table(seconds: float) -> None:
    """Print the times and their ratios to torch on one thread."""
    print(f"median time in ms (times torch's, one thread each); torch×{ALL_THREADS} uses all threads\n")
    names = ["loops*", *NUMPY, "torch", f"torch×{ALL_THREADS}"]
    print("input → kernels, K".ljust(28), *(name.rjust(19) for name in names), "runs".rjust(6))
    for shape, n_kernels, kernel_size in SIZES:
        x, weight = operands(shape, n_kernels, kernel_size)
        results = medians(runners(x, weight), seconds)
        base, count = results["torch"]
        row = [loops_seconds(x, weight), *(results[name][0] for name in results)]
        cells = [f"{value * 1e3:11.3f} ({value / base:.2f})".rjust(19) for value in row]
        print(f"{shape} → {n_kernels}, {kernel_size}".ljust(28), *cells, str(count).rjust(6), flush=True)
    print("\n* measured on a part of the input and scaled by the number of multiplications")


def plot(path: Path, seconds: float = 1.0) -> None:
    """Draw time against length, both on logarithmic axes, for 8 signals of 4 channels and 16 kernels of 9 taps."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    lengths = [2**power for power in range(6, 16)]
    curves: dict[str, list[float]] = {}
    for length in lengths:
        x, weight = operands((8, 4, length), 16, 9)
        for name, (value, _) in medians(runners(x, weight), seconds).items():
            curves.setdefault(name, []).append(value)
        curves.setdefault("loops*", []).append(loops_seconds(x, weight))
    figure, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for marker, (name, values) in zip("osD^vX", curves.items(), strict=True):
        ax.loglog(lengths, np.array(values) * 1e3, marker=marker, label=name)
    ax.set(
        title="Conv1d from scratch beside torch: (8, 4, L) → 16, K = 9, float32",
        xlabel="length L (samples)",
        ylabel="median time (ms)",
    )
    ax.grid(alpha=0.3)
    figure.legend(loc="outside right upper", title="one thread each,\nunless ×")
    figure.savefig(path, dpi=150)
    print(f"\nsaved {path}")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=12.0, help="time for each row of the table")
    parser.add_argument("--plot", type=Path, help="also save a log-log plot of time against length here")
    arguments = parser.parse_args()
    with threadpool_limits(1, user_api="blas"):
        table(arguments.seconds)
        if arguments.plot:
            plot(arguments.plot)


if __name__ == "__main__":
    main()
