"""The explorables: named sliders, one live picture, one sentence that says what it shows.

Show one by ending a cell with it. Move its controls with the mouse, or with Tab and the arrow keys. In code, the
same controls are in ``.controls``: ``explorable.controls["kernel_size"].value = 5``.

Each module holds one explorable: the picture, whose changing artists are updated, and the controls that move it.
"""

from .channel_mixer import ChannelMixer
from .conv_arithmetic import ConvArithmetic
from .kernel_bench import KernelBench
from .layout_lab import LayoutLab
from .learned_kernels import LearnedKernels
from .receptive_field import ReceptiveField
from .sliding_window import SlidingWindow

__all__ = [
    "ChannelMixer",
    "ConvArithmetic",
    "KernelBench",
    "LayoutLab",
    "LearnedKernels",
    "ReceptiveField",
    "SlidingWindow",
]
