"""What does it look like? Pictures of tensors, kernels and windows, the same in every lesson.

Each function draws one picture and returns its `matplotlib.figure.Figure`. The figures do not belong to pyplot, so
that a cell shows a picture once and nothing stays open.

This module is the public face of the pictures. There is a file for each kind: `cells`, `curves`, `windows`,
`convolution`, `groups`, `shapes`. What can be drawn at all is said in `checks`; the home of colours, hatches and
markers is `style`; where the windows of a layer lie is computed in `windows`.
"""

from .cells import draw_cells, draw_grids
from .convolution import plot_contributions, plot_conv1d, plot_product
from .curves import plot_channels, plot_kernel, plot_outputs
from .groups import plot_groups, plot_stamps
from .shapes import plot_shapes
from .style import GRID, INK, ROLES, STYLE, Figure, Role, new_figure, number, use_style
from .windows import plot_windows

__all__ = [
    "GRID",
    "INK",
    "ROLES",
    "STYLE",
    "Figure",
    "Role",
    "draw_cells",
    "draw_grids",
    "new_figure",
    "number",
    "plot_channels",
    "plot_contributions",
    "plot_conv1d",
    "plot_groups",
    "plot_kernel",
    "plot_outputs",
    "plot_product",
    "plot_shapes",
    "plot_stamps",
    "plot_windows",
    "use_style",
]
