"""Is mine the same as torch's, and if not, what did I get wrong?"""

from .against_torch import Comparison, compare_gradients_with_torch, compare_with_torch
from .diagnosis import Diagnosis, diagnose
from .equality import Check, CheckFailed, check_equal, check_shape

__all__ = [
    "Check",
    "CheckFailed",
    "Comparison",
    "Diagnosis",
    "check_equal",
    "check_shape",
    "compare_gradients_with_torch",
    "compare_with_torch",
    "diagnose",
]
