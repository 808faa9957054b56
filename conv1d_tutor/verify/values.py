"""Do two results hold the same numbers, and where do they differ first?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

#: The rounding that two correct computations may differ by, relative to the largest expected value.
TOLERANCES = {
    "float64": 1e-9,
    "complex128": 1e-9,
    "float32": 1e-5,
    "complex64": 1e-5,
    "float16": 1e-2,
    "bfloat16": 5e-2,
}
#: Values below this count as this large, so that an expected 0 may come out as rounding noise.
SMALLEST_SCALE = 0.1

#: The axes of a Conv1d's output, by how many it has.
AXES = {3: ("batch item", "channel", "time step"), 2: ("channel", "time step")}


@dataclass(frozen=True)
class Difference:
    """The first value, in the order of the axes, that is not the expected one.

    Args:
        where: its index.
        mine, expected: the two values, written with as many digits as it takes to tell them apart.
        count: how many values differ.
        total: how many values there are.
    """

    where: tuple[int, ...]
    mine: str
    expected: str
    count: int
    total: int


def dtype_name(value: Any) -> str:
    """Name the dtype of an array, tensor or number, the same for torch and NumPy."""
    dtype = value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype
    return str(dtype).removeprefix("torch.")


def tolerance_for(*values: Any) -> float:
    """Choose the relative tolerance that the coarsest dtype among the values needs; 0 for whole numbers."""
    return max(TOLERANCES.get(dtype_name(value), 0.0) for value in values)


def differing(mine: np.ndarray, expected: np.ndarray, tolerance: float) -> np.ndarray:
    """Mark the values that differ by more than rounding.

    Args:
        mine, expected: arrays of one shape.
        tolerance: largest difference allowed, relative to the largest expected value; 0 compares exactly.

    Returns:
        A mask of that shape. NaN differs from everything but NaN.
    """
    if tolerance == 0:
        return mine != expected
    # Whole numbers and truth values have no halves, and not all have a difference.
    mine, expected = (one.astype(float) if one.dtype.kind in "biu" else one for one in (mine, expected))
    sizes = np.abs(expected)
    scale = max(SMALLEST_SCALE, float(sizes.max(initial=0.0, where=np.isfinite(sizes))))
    with np.errstate(invalid="ignore", over="ignore"):
        close = np.abs(mine - expected) <= tolerance * scale
    return ~(close | (mine == expected) | (np.isnan(mine) & np.isnan(expected)))


def first_difference(mine: np.ndarray, expected: np.ndarray, tolerance: float) -> Difference | None:
    """Find the first value that differs by more than rounding; None where all agree.

    Args:
        mine, expected: arrays of one shape.
        tolerance: as in `differing`.
    """
    mask = differing(mine, expected, tolerance)
    if not mask.any():
        return None
    where = tuple(int(i) for i in np.unravel_index(int(np.argmax(mask)), mask.shape))
    texts = _two_texts(mine[where].item(), expected[where].item())
    return Difference(where, *texts, count=int(mask.sum()), total=mask.size)


def _two_texts(mine: Any, expected: Any) -> tuple[str, str]:
    """Write two numbers briefly, but not so briefly that they look the same."""
    if isinstance(mine, int) and isinstance(expected, int):
        return str(mine), str(expected)
    for digits in (6, 9, 12, 17):
        texts = f"{mine + 0.0:.{digits}g}", f"{expected + 0.0:.{digits}g}"  # + 0.0 turns -0.0 into 0.0
        if texts[0] != texts[1]:
            break
    return texts


def describe_difference(
    difference: Difference, reads: Sequence[int] | None = None, length: float = math.inf
) -> str:
    """Say where two results differ first.

    Args:
        difference: the first difference.
        reads: where the results are outputs of a Conv1d, the input samples that this output reads.
        length: samples per channel of the input, where known.

    Returns:
        Lines of text.
    """
    place = f"[{', '.join(map(str, difference.where))}]" if difference.where else "the number itself"
    if reads is not None:
        names = zip(AXES.get(len(difference.where), ()), difference.where, strict=False)
        place += "".join(f", {name} {i}" for name, i in names)
    lines = [
        f"{difference.count} of {difference.total} values differ, the first of them:",
        f"  where:    {place}",
        f"  mine:     {difference.mine}",
        f"  expected: {difference.expected}",
    ]
    if reads is not None:
        outside = ", ".join(str(i) for i in reads if not 0 <= i < length)
        padding = f", of which in the padding: {outside}" if outside else ""
        lines.append(f"  reads:    input samples {tuple(reads)}{padding}")
    return "\n".join(lines)


def describe_shapes(mine: Sequence[int], expected: Sequence[int]) -> str:
    """Say in which axes two shapes differ.

    Args:
        mine, expected: the two shapes.

    Returns:
        Lines of text.
    """
    mine, expected = tuple(mine), tuple(expected)
    if len(mine) != len(expected):
        reason = f"mine has {len(mine)} {'axis' if len(mine) == 1 else 'axes'}, expected {len(expected)}"
    elif sorted(mine) == sorted(expected):
        reason = "the same sizes in another order, so two axes may be swapped"
    else:
        off = [i for i, sizes in enumerate(zip(mine, expected, strict=True)) if sizes[0] != sizes[1]]
        reason = "; ".join(f"axis {i} has size {mine[i]}, expected {expected[i]}" for i in off)
    return f"the shapes differ: {reason}\n  mine:     {mine}\n  expected: {expected}"
