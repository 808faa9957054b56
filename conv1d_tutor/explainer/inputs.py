"""What was given as the input? A tensor, an array, a shape, or several of these."""

from typing import Any

import numpy as np
import torch


def as_arguments(x: Any, dtype: torch.dtype) -> tuple[tuple[Any, ...], str, bool]:
    """Read what the user gave as x.

    Args:
        x: a tensor, an array, a shape, or a tuple of these for a forward with several arguments.
        dtype: the dtype that a shape is taken to have.

    Returns:
        The arguments, the source text of x in a repair, and whether x is several arguments.

    Raises:
        TypeError: it is none of these.
        ValueError: a size in a shape is negative.
    """
    if is_shape(x):
        if any(int(size) < 0 for size in x):
            raise ValueError(f"a size below 0 in {tuple(x)}")
        return (torch.empty(tuple(int(size) for size in x), dtype=dtype, device="meta"),), "x", False
    if isinstance(x, torch.Tensor):
        return (x,), "x", False
    parts = isinstance(x, list) and any(isinstance(item, torch.Tensor | np.ndarray) for item in x)
    if parts or (isinstance(x, tuple) and x and not all(isinstance(item, int | float) for item in x)):
        try:
            return tuple(as_arguments(item, dtype)[0][0] for item in x), "x", True
        except TypeError:
            pass
    source = "torch.tensor(x.to_numpy())" if hasattr(x, "to_numpy") else "torch.as_tensor(x)"
    try:
        # A copy, because torch warns of arrays that cannot be written to.
        tensor = torch.as_tensor(x) if isinstance(x, list) else torch.from_numpy(np.array(x))
        return (tensor,), source, False
    except (TypeError, ValueError) as error:
        raise TypeError(str(error)) from None


def is_shape(x: Any) -> bool:
    """Whether x is a shape: whole numbers in a tuple, list or torch.Size.

    Example:
        >>> is_shape((2, 4, 9)), is_shape([2.0, 9]), is_shape(())
        (True, False, False)
    """
    if not isinstance(x, tuple | list) or not len(x):
        return False
    return all(isinstance(size, int | np.integer) and not isinstance(size, bool) for size in x)
