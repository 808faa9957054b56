"""On which inputs are functions tried that several lessons ask for?

Cases are made when they are asked for: importing an exercise computes nothing.
"""

import torch


def dilated_kernels() -> list[tuple[torch.Tensor, torch.Tensor, int]]:
    """Make signals and kernels of every size that a rule for the padding of a dilated kernel may get wrong.

    Returns:
        Pairs of x, (N, C, 12), and weight, (6, C, K), with a dilation: K odd, even and 1; dilation or none;
        one item, and one channel. C is never K, so what counts channels and means taps is seen.
    """
    numbers = torch.Generator().manual_seed(4)
    sizes = [(2, 5, 3, 1), (2, 5, 3, 2), (2, 5, 4, 1), (1, 5, 4, 3), (2, 1, 2, 2), (2, 5, 1, 2)]
    return [
        (
            torch.randn(batch, channels, 12, generator=numbers, dtype=torch.float64),
            torch.randn(6, channels, kernel_size, generator=numbers, dtype=torch.float64),
            dilation,
        )
        for batch, channels, kernel_size, dilation in sizes
    ]
