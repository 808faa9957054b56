"""Was an array or a list given where torch wants a tensor?"""

from typing import Any

import torch
from torch import nn

from ..cause import cause
from ..inputs import as_arguments
from ..readings import Reading, told
from ..source import name_of
from ..words import Explanation


@cause()
def not_a_tensor(model: nn.Module, x: Any, said: str) -> Explanation:
    """An array or a list was given to a layer, which takes tensors.

    Args:
        model: the model, which runs with a tensor of the same numbers.
        x: what it was given.
        said: what torch said.

    Returns:
        The explanation.

    Example:
        >>> import numpy as np
        >>> try:
        ...     nn.Conv1d(4, 2, 3)(np.zeros((2, 4, 9), "float32"))
        ... except TypeError as error:
        ...     print(explain_error(error).fix)
        layer(torch.as_tensor(x))
    """
    _, source, several = as_arguments(x, torch.get_default_dtype())
    if several:
        source = f"*({source} for x in x)" if source != "x" else "*map(torch.as_tensor, x)"
    when = f"x is a {type(x[0] if several else x).__name__}, and its numbers fit as they are"
    lines, fix, fixes = told([Reading(f"layer({source})", when)])
    head = f"{name_of(model)} takes tensors."
    return Explanation(False, "not_a_tensor", "\n".join([head, f"  torch says: {said}", *lines]), fix, fixes=fixes)
