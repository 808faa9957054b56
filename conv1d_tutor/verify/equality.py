"""Do two results hold the same numbers, or have the same shape? If not, where do they differ first?"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._refusals import Refused, array, finite_number, is_tensor, refusing
from ..arithmetic import Size, window
from .values import describe_difference, describe_shapes, first_difference, tolerance_for


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


@refusing
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
        ValueError: the arguments of the Conv1d or the tolerance are out of range.

    Example:
        >>> check_equal(np.array([3.0, 5.0]), [3.0, 5.0])
        equal: shape (2,), up to rounding (tolerance 1e-09)
        >>> check_equal(np.array([3, 5]), [3, 5])
        equal: shape (2,), every value exactly
    """
    # Also where all is equal: an argument that makes no sense is said so before it is needed.
    window(0, 1 if kernel_size is None else kernel_size, stride, padding, dilation)
    tolerance = None if tolerance is None else finite_number("tolerance", tolerance, least=0)
    wanted = array("expected", expected, empty=True)
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


@refusing
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
        ValueError: `expected` holds a negative size.

    Example:
        >>> check_shape(np.zeros((2, 4, 6)), (2, 4, 6))
        shape as expected: (2, 4, 6)
    """
    wanted = _shape_of(expected)
    if wanted is None:
        wanted = array("expected", expected, empty=True).shape
    if any(size < 0 for size in wanted):
        rule = "a shape is a tuple of sizes, and each is a whole number of at least 0."
        raise Refused(f"expected={wanted}.", rule, f"expected={tuple(map(abs, wanted))}.")
    got = _shape_of(mine) if isinstance(mine, tuple) or is_tensor(mine) else None
    if got is None:
        got = _mine(mine, "array").shape
    if any(size < 0 for size in got):
        raise CheckFailed(f"mine is {got}, and no size of a shape is negative")
    if got != wanted:
        raise CheckFailed(describe_shapes(got, wanted))
    return Check(f"shape as expected: {got}")


def _mine(mine: Any, wanted: str) -> np.ndarray:
    """Convert the result to check, or say in words what it is instead."""
    if isinstance(mine, list | tuple) and wanted == "array":
        kind = type(mine).__name__
        raise CheckFailed(f"mine is a {kind} of length {len(mine)}, expected an array: try np.array(mine)")
    try:
        return array("mine", mine, empty=True)
    except Refused as refused:
        raise CheckFailed(refused.parts[0].rstrip(".")) from None


def _shape_of(value: Any) -> tuple[int, ...] | None:
    """Write the shape that a tuple or list is, or that a tensor has, in plain integers; None for anything else."""
    if is_tensor(value):  # on the meta device, too, where there are no numbers
        return tuple(value.shape)
    if not isinstance(value, tuple | list) or any(isinstance(size, bool) for size in value):
        return None
    return tuple(map(int, value)) if all(isinstance(size, int | np.integer) for size in value) else None
