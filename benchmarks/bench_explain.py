"""How long does an explanation take? On one layer at most 20 ms, on 50 layers at most 200 ms, after the first."""

import time
from collections.abc import Callable

from torch import nn

from conv1d_tutor import explain

LAYERS = 50
REPEATS = 20


def deep(layers: int, wide: int = 64) -> nn.Sequential:
    """A model of that many layers: a convolution and a ReLU in turn, then a Linear that does not fit."""
    parts = [nn.Conv1d(wide, wide, 3, padding=1) if i % 2 == 0 else nn.ReLU() for i in range(layers - 2)]
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(wide * 256, 10))


def milliseconds(call: Callable[[], object]) -> tuple[float, float]:
    """The median and the slowest of some calls, the first one included."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)[REPEATS // 2], max(times)


def main() -> None:
    """Print the median and the slowest time of each question."""
    layer, model = nn.Conv1d(5, 8, 3), deep(LAYERS)
    explain(nn.Sequential(layer, nn.ReLU()), (1, 5, 3))  # the first one loads torch's own tables for shapes
    questions = {
        "one layer, fine (≤ 20 ms)": lambda: explain(layer, (239, 5, 49)),
        "one layer, channels last (≤ 20 ms)": lambda: explain(layer, (239, 49, 5)),
        f"{LAYERS} layers, fine (≤ 200 ms)": lambda: explain(model, (32, 64, 256)),
        f"{LAYERS} layers, channels last (≤ 200 ms)": lambda: explain(model, (32, 256, 64)),
        f"{LAYERS} layers, wrong in_features (≤ 200 ms)": lambda: explain(model, (32, 64, 200)),
    }
    for name, call in questions.items():
        median, slowest = milliseconds(call)
        print(f"{name:<45} median {median:6.1f} ms   slowest {slowest:6.1f} ms")


if __name__ == "__main__":
    main()
