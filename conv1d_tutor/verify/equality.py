"""Do two results hold the same numbers, or have the same shape? If not, where do they differ first?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._checks import refusal
from ..arithmetic import Size, window
from .values import describe_difference, describe_shapes, first_difference, is_tensor, to_array, tolerance_for


class CheckFailed(AssertionError):  # noqa: N818  # it reads as a sentence in a notebook's traceback
    """Two results are not the same; the message says where and how."""


@dataclass(frozen=True, repr=False)
class Check:
    """A check that passed; it displays as its one line.

    Args:
        message: the line.
    """

    message: str

    def __repr__(self) -> str:
        """Show the line."""
        return self.message


def check_equal(
    mine: Any,
    expected: Any,
    *,
    kernel_size: Size | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    tolerance: float | None = None,
) -> Check:
    """Check that two results hold the same numbers, and say where if they do not.

    Args:
        mine: the result to check: a NumPy array, a torch tensor or a number.
        expected: the right result: one of these, or a list of numbers.
        kernel_size: taps of the kernel. Give it when both are outputs of a Conv1d, so that a failure can name
            the input samples behind the first wrong value; `**spec.sliding` of a `Conv1dSpec` gives all four.
        stride, padding, dilation: the other arguments of that Conv1d.
        tolerance: largest difference allowed, as a part of the largest expected value. By default 1e-9 for
            float64, 1e-5 for float32, 1e-2 for float16, 5e-2 for bfloat16, whichever of the two is coarser,
            and 0 for whole numbers.

    Returns:
        A `Check`, which shows one line.

    Raises:
        CheckFailed: the two differ; the message says where, mine, expected and what the output reads.
        TypeError: `expected` does not hold numbers.

    Example:
        >>> check_equal(np.array([3.0, 5.0]), [3.0, 5.0])
        equal: shape (2,), up to rounding (tolerance 1e-09)
        >>> check_equal(np.array([3, 5]), [3, 5])
        equal: shape (2,), every value exactly
    """
    wanted = _expected("check_equal", expected)
    got = _mine(mine, "list" if isinstance(expected, list | tuple) else "array")
    if got.shape != wanted.shape:
        raise CheckFailed(f"not equal: {describe_shapes(got.shape, wanted.shape)}")
    tolerance = tolerance_for(mine, expected) if tolerance is None else tolerance
    difference = first_difference(got, wanted, tolerance)
    if difference is None:
        kind = ", mine is a torch tensor" if is_tensor(mine) and not is_tensor(expected) else ""
        how = f"up to rounding (tolerance {tolerance:.0e})" if tolerance else "every value exactly"
        return Check(f"equal: shape {got.shape}, {how}{kind}")
    reads = None
    if kernel_size is not None and difference.where:
        reads = window(difference.where[-1], kernel_size, stride, padding, dilation)
    raise CheckFailed(f"not equal: {describe_difference(difference, reads)}")


def check_shape(mine: Any, expected: Any) -> Check:
    """Check that a result has the expected shape, and say which axis is off if it has not.

    Args:
        mine: the result, or its shape as a tuple.
        expected: the right shape as a tuple, or an array or tensor that has it.

    Returns:
        A `Check`, which shows one line.

    Raises:
        CheckFailed: the shapes differ.
        TypeError: `expected` has no shape.

    Example:
        >>> check_shape(np.zeros((2, 4, 6)), (2, 4, 6))
        shape as expected: (2, 4, 6)
    """
    wanted = _shape(expected) if _is_shape(expected) else _expected("check_shape", expected).shape
    got = _shape(mine) if isinstance(mine, tuple) and _is_shape(mine) else _mine(mine, "array").shape
    if got != wanted:
        raise CheckFailed(describe_shapes(got, wanted))
    return Check(f"shape as expected: {got}")


def _expected(name: str, expected: Any) -> np.ndarray:
    """Convert what a result is checked against; that it can be is the caller's duty."""
    try:
        return to_array(expected)
    except TypeError as problem:
        raise refusal(
            f"{name}(mine, expected)",
            f"expected {problem}",
            "a result is checked against an array, a torch tensor, a number or a list of numbers.",
            f"the right result in second place: {name}(mine, expected).",
            error=TypeError,
        ) from None


def _mine(mine: Any, wanted: str) -> np.ndarray:
    """Convert the result to check, or say in words what it is instead."""
    if isinstance(mine, list | tuple) and wanted == "array":
        kind = type(mine).__name__
        raise CheckFailed(f"mine is a {kind} of length {len(mine)}, expected an array: try np.array(mine)")
    try:
        return to_array(mine)
    except TypeError as problem:
        raise CheckFailed(f"mine {str(problem).rstrip('.')}") from None


def _is_shape(value: Any) -> bool:
    """Tell a shape, a flat tuple or list of whole numbers, from an array."""
    return isinstance(value, tuple | list) and all(isinstance(n, int | np.integer) for n in value)


def _shape(sizes: Sequence[int]) -> tuple[int, ...]:
    """Write a shape, a torch.Size too, as a tuple of plain integers."""
    return tuple(int(n) for n in sizes)
