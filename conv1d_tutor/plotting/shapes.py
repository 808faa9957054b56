"""Which axis comes from which? The map: input, weight and output as blocks, one colour for each letter."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .._refusals import Refused, brief, refusing
from ..arithmetic import Conv1dSpec, input_shape, transposed_output_length
from .checks import caption
from .style import INK, ROLES, Figure, entitle, new_figure, styled

#: So many rows and columns of a tensor are drawn at the most, and so many sheets one behind the other.
ROWS, COLUMNS, SHEETS = 6, 10, 4
#: Cells from one sheet to the next, and from one row of the map's lower half to the next.
SHIFT, LANE = 0.32, 1.55
#: A size that no picture has room to write.
LARGEST = 10**9

#: The roles that give C, L, O and K their colours.
COLOURED = ("input", "window", "output", "kernel")
#: The colour of each letter; N has the colour of the text.
COLOURS = {letter: ROLES[role].colour for letter, role in zip("CLOK", COLOURED, strict=True)}


class Axis(NamedTuple):
    """One axis of a tensor: its letter, which gives its colour, what it is called, and its size."""

    letter: str
    name: str
    size: int

    @property
    def written(self) -> str:
        """Such as "C = 5"."""
        return f"{self.name} = {self.size}"

    @property
    def colour(self) -> str:
        """The colour of its letter."""
        return COLOURS.get(self.letter, INK)


class Tensor(NamedTuple):
    """One block: its name, the role that gives its colour, its axes, and which cells in front are marked."""

    name: str
    role: str
    depth: Axis | None
    rows: Axis
    columns: Axis
    marked: Callable[[int, int], bool]

    @property
    def axes(self) -> list[Axis]:
        """In the order of the tensor's shape."""
        return [axis for axis in (self.depth, self.rows, self.columns) if axis is not None]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the tensor."""
        return tuple(axis.size for axis in self.axes)

    def find(self, letter: str) -> Axis | None:
        """Its axis of this letter, if it has one."""
        return next((axis for axis in self.axes if axis.letter == letter), None)


class Map(NamedTuple):
    """What is drawn: the three tensors, how each axis goes on, and what is marked."""

    tensors: tuple[Tensor, Tensor, Tensor]
    lanes: list[tuple[str, str]]
    marked: str


@refusing
@styled
def plot_shapes(layer: Any, x: Any, *, ax: Axes | None = None, title: str | None = None) -> Figure:
    """Draw the map of a layer: input, weight and output as blocks, and below them where each axis goes.

    Each letter has one colour: N, C and L of the input, O, C and K of the weight, N, O and L_out of the output.
    An axis with many entries is drawn with a gap. Marked is one number of the output and what it is made
    of; for a transposed convolution, one number of the input and what it is stamped into.

    Args:
        layer: a `torch.nn.Conv1d` or `torch.nn.ConvTranspose1d`, or a `Conv1dSpec`, whose padding may differ
            from side to side.
        x: its input, (N, C, L) or (C, L), or only the shape of it.
        ax: where to draw; a figure of its own if None.
        title: title of the picture.

    Returns:
        The figure. A notebook stores it with a text for those who do not see it.

    Raises:
        TypeError, ValueError: layer is no such layer, x has other axes or channels than the layer reads or is too
            short for it, or a size is too large to be written.

    Example:
        >>> plot_shapes(Conv1dSpec(5, 16, kernel_size=3), (239, 5, 49))
        <Figure size ... with 1 Axes>
    """
    drawn = _map_of(layer, x)
    title = caption("title", title)
    across, starts = _columns(drawn.tensors)
    bottom = max(map(_height, drawn.tensors)) + 0.6
    height = bottom + 3.2 + LANE * len(drawn.lanes)
    scale = min(0.28, 10.5 / across)  # inches of a cell
    if ax is None:
        ax = new_figure(scale * across, (0.4 if title else 0.1) + scale * height).subplots()
    elif isinstance(ax, Axes):
        scale = ax.get_window_extent().width / ax.figure.dpi / across
    else:
        rule = "ax is one Axes of matplotlib."
        raise Refused(f"ax={brief(ax)}.", rule, "ax=plotting.new_figure(10, 4).subplots(), or None.", TypeError)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_xlim(0, across)
    ax.set_ylim(height, 0)
    # The texts are as large as the cells allow, so that they have the room that was counted for them.
    pen = Pen(ax, size=38 * scale)
    centres = [_block(pen, tensor, start, bottom) for tensor, start in zip(drawn.tensors, starts, strict=True)]
    middle = bottom - min(ROWS, min(tensor.rows.size for tensor in drawn.tensors)) / 2
    for sign, left, right in zip("∗=", range(2), range(1, 3), strict=True):
        end = starts[left] + min(drawn.tensors[left].columns.size, COLUMNS) + SHIFT * SHEETS
        pen.write((end + starts[right] - _gutter(drawn.tensors[right])) / 2 + 0.1, middle, sign, larger=1.4)
    for i, (letter, note) in enumerate(drawn.lanes):
        _lane(pen, drawn.tensors, centres, letter, note, bottom + 2.1 + LANE * i)
    window = ROLES["window"]
    pen.box(0.3, height - 0.9, 0.7, 0.7, window.fill, window.colour, 2)
    pen.write(1.4, height - 0.5, drawn.marked, ha="left", larger=0.9)
    entitle(ax, title)
    figure = ax.figure
    if isinstance(figure, Figure):
        figure.alt = _in_words(drawn)
    return figure


def _map_of(layer: Any, x: Any) -> Map:
    """Work out the shapes of the three tensors, and what becomes of each axis."""
    if layer is None or isinstance(layer, type) or not hasattr(layer, "in_channels"):
        found = f"layer={brief(layer)}." if isinstance(layer, type) else f"layer is a {type(layer).__name__}."
        rule = "the layer is a Conv1d or a ConvTranspose1d that has been made."
        raise Refused(found, rule, "layer=nn.Conv1d(5, 16, kernel_size=3).", TypeError)
    transposed = getattr(layer, "transposed", False)
    spec = _turned(layer) if transposed else _described(layer)
    shape = getattr(x, "shape", x)
    if transposed:
        sizes = input_shape(shape, spec.out_channels)
        more = {"output_padding": layer.output_padding, "dilation": spec.dilation}
        length = transposed_output_length(sizes[-1], spec.kernel_size, spec.stride, spec.padding, **more)
        output = (*sizes[:-2], spec.in_channels, length)
    else:
        sizes, output = input_shape(shape, spec.in_channels), spec.output_shape(shape)
    for size in (*sizes, *output, spec.kernel_size):
        if size > LARGEST:
            raise Refused(f"a size of {size}.", f"sizes up to {LARGEST} can be read.", "a part of x.")
    t = min(-(-spec.padding_sides[0] // spec.stride), (sizes if transposed else output)[-1] - 1)
    first, second, _ = spec.weight_shape
    groups = spec.groups > 1
    start = t * spec.stride - spec.padding_sides[0]
    taps = range(start, start + spec.effective_kernel_size, spec.dilation)
    windows = lambda row, column: row < second and column in taps  # noqa: E731
    single = lambda row, column: (row, column) == (0, t)  # noqa: E731
    batch = Axis("N", "N", sizes[0]) if len(sizes) == 3 else None
    if transposed:
        depth, rows = Axis("C", "C", first), Axis("O", "O/groups" if groups else "O", second)
    else:
        depth, rows = Axis("O", "O", first), Axis("C", "C/groups" if groups else "C", second)
    kernel = Axis("K", "K", spec.kernel_size)
    before = Tensor("input", "input", batch, Axis("C", "C", sizes[-2]), Axis("L", "L", sizes[-1]), windows)
    after = Tensor("output", "output", batch, Axis("O", "O", output[-2]), Axis("L", "L_out", output[-1]), single)
    if transposed:
        before, after = before._replace(marked=single), after._replace(marked=windows)
    weight = Tensor("weight", "kernel", depth, rows, kernel, lambda row, column: True)
    lanes = [("N", "carried over")] if batch else []
    lanes += [
        ("C", _added_up(sizes[-2] // spec.groups, sizes[-2])),
        ("O", _given(spec, transposed)),
        ("L", _slid(spec, getattr(layer, "output_padding", 0), transposed, sizes[-1], output[-1])),
    ]
    marked = (
        "one number of the input, and the numbers of the output that it is stamped into"
        if transposed
        else "one number of the output, and what it is made of"
    )
    return Map((before, weight, after), lanes, marked)


def _described(layer: Any) -> Conv1dSpec:
    """Describe a Conv1d, unless that is done."""
    return layer if isinstance(layer, Conv1dSpec) else Conv1dSpec.from_layer(layer)


def _turned(layer: Any) -> Conv1dSpec:
    """Describe the Conv1d that leads back: a ConvTranspose1d reads where that one writes, with the same weight."""
    return Conv1dSpec(
        layer.out_channels,
        layer.in_channels,
        layer.kernel_size,
        stride=layer.stride,
        padding=layer.padding,
        dilation=layer.dilation,
        groups=layer.groups,
    )


def _added_up(read: int, channels: int) -> str:
    """What becomes of the channels of the input."""
    if read == 1:
        return "nothing to add up" if channels == 1 else "each kernel reads 1 channel"
    return "added up: C vanishes" if read == channels else f"added up, {read} of {channels}: C vanishes"


def _given(spec: Conv1dSpec, transposed: bool) -> str:
    """Where the channels of the output come from."""
    if not transposed:
        return "carried over: a row for each kernel"
    return "carried over" if spec.groups == 1 else f"carried over, {spec.groups} groups of {spec.weight_shape[1]}"


def _slid(spec: Conv1dSpec, output_padding: Any, transposed: bool, length: int, out_length: int) -> str:
    """What becomes of the length, and through which options."""
    left, right = spec.padding_sides
    (added,) = output_padding if isinstance(output_padding, tuple) else (output_padding,)
    options = [
        f"stride {spec.stride}" * (spec.stride > 1),
        f"padding {left} + {right}" * (left + right > 0),
        f"dilation {spec.dilation}" * (spec.dilation > 1),
        f"output_padding {added}" * (added > 0),
    ]
    what = "stamps" if transposed else "slides"
    how = "L stays" if out_length == length else "L shrinks" if out_length < length else "L grows"
    return ", ".join(filter(None, [f"K {what}: {how}", *options]))


def _width(text: str) -> float:
    """About how wide a bold text is, in cells."""
    return 0.4 * len(text)


def _gutter(tensor: Tensor) -> float:
    """The room for the names of rows and depth, left of a block."""
    return 0.9 + max(_width(axis.written) for axis in tensor.axes[:-1])


def _columns(tensors: Sequence[Tensor]) -> tuple[float, list[float]]:
    """Where each block begins, and how wide they are together, in cells."""
    across, starts = 0.2, []
    for tensor in tensors:
        block = min(tensor.columns.size, COLUMNS) + SHIFT * SHEETS + 0.9
        starts.append(across + _gutter(tensor))
        head = _width(f"{tensor.name} {tensor.shape}")
        below = _gutter(tensor) + block / 2 + _width(tensor.columns.written)
        across += max(_gutter(tensor) + block, head + 0.8, below)
    return max(across, 27.0), starts


def _shown(size: int, most: int) -> list[int | None]:
    """Which indices of an axis are drawn: all, or the first and the last with a gap (None) between them."""
    return [*range(size)] if size <= most else [*range(most - 3), None, size - 2, size - 1]


class Pen(NamedTuple):
    """What draws: the paper, and the size of its letters in points."""

    ax: Axes
    size: float

    def write(self, x: float, y: float, text: str, *, larger: float = 1.0, **looks: Any) -> None:
        """Write a text, so many times as large as the others."""
        looks = {"ha": "center", "va": "center", "zorder": 4, "fontsize": self.size * larger} | looks
        self.ax.text(x, y, text, **looks)

    def name(self, x: float, y: float, text: str, colour: str, ha: str = "center") -> None:
        """Write a name in its colour."""
        self.write(x, y, text, color=colour, ha=ha, fontweight="bold")

    def box(self, x: float, y: float, width: float, height: float, fill: str, edge: str, level: float) -> None:
        """Draw a box by its upper left corner."""
        look = {"facecolor": fill, "edgecolor": edge, "linewidth": 0.9, "zorder": level}
        self.ax.add_patch(Rectangle((x, y), width, height, **look))


def _behind(tensor: Tensor) -> float:
    """How far the last sheet of a tensor lies behind the first, in cells."""
    return (min(tensor.depth.size, SHEETS) - 1) * SHIFT if tensor.depth and tensor.depth.size else 0.0


def _height(tensor: Tensor) -> float:
    """How tall a block is with its sheets and its name, in cells."""
    return min(tensor.rows.size, ROWS) + (max(_behind(tensor), 0.9) + 1.2 if tensor.depth else 1.0)


def _block(pen: Pen, tensor: Tensor, left: float, bottom: float) -> float:
    """Draw one tensor as sheets of rows and columns that stand on `bottom`; return the middle of its columns."""
    down, over = _shown(tensor.rows.size, ROWS), _shown(tensor.columns.size, COLUMNS)
    role, top, (wide, high) = ROLES[tensor.role], bottom - len(down), (len(over), len(down))
    back = _behind(tensor)
    for i in reversed(range(round(back / SHIFT) + 1)):
        pen.box(left + i * SHIFT, top - i * SHIFT, wide, high, "white", role.colour, 2 - 0.1 * i)
    for i, row in enumerate(down):
        for j, column in enumerate(over):
            if row is not None and column is not None:
                kind = ROLES["window"] if tensor.marked(row, column) else role
                pen.box(left + j, top + i, 1, 1, kind.fill, kind.colour, 3)
    middle, centre = left + wide / 2, top + high / 2
    if None in over:
        pen.write(left + over.index(None) + 0.5, centre, "⋯")
    if None in down:
        pen.write(middle, top + down.index(None) + 0.5, "⋮")
    start = left - _gutter(tensor) + 0.3
    pen.name(start, bottom + 0.5 - _height(tensor), f"{tensor.name} {tensor.shape}", role.colour, "left")
    pen.name(left - 0.35, centre, tensor.rows.written, tensor.rows.colour, "right")
    pen.name(middle, bottom + 0.75, tensor.columns.written, tensor.columns.colour)
    if tensor.depth:
        ends = [left - 0.2, left - 0.2 + back], [top - 0.2, top - 0.2 - back]
        pen.ax.plot(*ends, color=tensor.depth.colour, linewidth=1.2)
        pen.name(left - 0.35, top - 0.75, tensor.depth.written, tensor.depth.colour, "right")
    return middle


def _lane(pen: Pen, tensors: Sequence[Tensor], centres: Sequence[float], letter: str, note: str, y: float) -> None:
    """Write what becomes of one axis: its size in each tensor that has it, and an arrow from one to the next."""
    stops: list[tuple[float, str, str]] = []
    for tensor, centre in zip(tensors, centres, strict=True):
        axis = tensor.find(letter) or (tensor.find("K") if letter == "L" else None)
        if axis is not None:
            stops.append((centre, axis.written, axis.colour))
    if letter == "C":
        stops.append((centres[2], "no C", INK))
    for x, written, colour in stops:
        pen.name(x, y, written, colour)
    line = {"arrowstyle": "->", "color": COLOURS.get(letter, INK), "lw": 1.3, "shrinkA": 0, "shrinkB": 0}
    for (x, written, _), (further, there, _) in itertools.pairwise(stops):
        ends = (further - _width(there) / 2 - 0.2, y), (x + _width(written) / 2 + 0.2, y)
        pen.ax.annotate("", *ends, arrowprops=line)
    pen.write((stops[-2][0] + stops[-1][0]) / 2, y + 0.62, note, larger=0.85)


def _in_words(drawn: Map) -> str:
    """Say what the picture shows, for those who do not see it."""
    names = [" × ".join(axis.name for axis in part.axes) for part in drawn.tensors]
    shapes = "; ".join(
        f"{part.name} {part.shape}, {name}" for part, name in zip(drawn.tensors, names, strict=True)
    )
    becomes = "; ".join(f"{letter}: {note}" for letter, note in drawn.lanes)
    return f"Three blocks: {shapes}. What becomes of each axis: {becomes}."
