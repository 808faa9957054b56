"""What does Conv1d compute? The same operation four times in NumPy, as a matrix, and its gradients.

`conv1d_loops` is the definition; every other function here reaches the same numbers in another way.
They take the arguments of `torch.nn.functional.conv1d`, and `padding_mode` as `torch.nn.Conv1d` does.
"""

from .backward import conv1d_backward
from .toeplitz import as_matrix
from .versions import conv1d_fft, conv1d_loops, conv1d_matmul, conv1d_windows

__all__ = ["as_matrix", "conv1d_backward", "conv1d_fft", "conv1d_loops", "conv1d_matmul", "conv1d_windows"]
