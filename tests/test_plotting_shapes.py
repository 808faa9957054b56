"""What the map says of a layer is what torch does: the three shapes, what is marked, what becomes of each axis."""

import copy
import io
import itertools

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from PIL import Image
from torch import nn

from conv1d_tutor import plotting
from conv1d_tutor.arithmetic import Conv1dSpec
from conv1d_tutor.plotting import ROLES

#: Layers and inputs of each kind that is small enough to be drawn without a gap.
SMALL = [
    (nn.Conv1d(2, 3, 3), (2, 2, 8)),
    (nn.Conv1d(2, 3, 3), (2, 8)),
    (nn.Conv1d(4, 4, 2, groups=2), (1, 4, 7)),
    (nn.Conv1d(3, 6, 3, groups=3), (2, 3, 9)),
    (nn.Conv1d(1, 1, 1), (1, 1, 1)),
    (nn.Conv1d(2, 2, 3, stride=2, padding=2, dilation=2), (2, 2, 9)),
    (nn.Conv1d(1, 2, 4, padding="same"), (1, 1, 9)),
    (nn.Conv1d(2, 2, 3, padding=2, padding_mode="reflect"), (2, 2, 5)),
    (nn.ConvTranspose1d(4, 2, 3), (2, 4, 6)),
    (nn.ConvTranspose1d(4, 6, 2, stride=2, groups=2), (4, 3)),
    (nn.ConvTranspose1d(2, 1, 3, stride=2, padding=1, output_padding=1, dilation=2), (1, 2, 3)),
]
LARGE = [
    (nn.Conv1d(100, 100, 1), (32, 100, 1)),
    (nn.Conv1d(5, 16, 3), (239, 5, 49)),
    (nn.Conv1d(5, 5, 49, groups=5), (239, 5, 49)),
    (nn.Conv1d(1, 64, 400, stride=160), (8, 1, 16_000)),
    (nn.ConvTranspose1d(64, 1, 400, stride=160), (8, 64, 98)),
]
WINDOW = to_rgba(ROLES["window"].fill)


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def cells(figure, role) -> list[tuple[float, float, bool]]:
    """The cells of a block, row by row: (x, y, whether it is marked)."""
    fills = {to_rgba(ROLES[role].fill), WINDOW}
    edges = {to_rgba(ROLES[role].colour), to_rgba(ROLES["window"].colour)}
    found = [
        patch
        for patch in figure.axes[0].patches
        if patch.get_width() == patch.get_height() == 1
        and patch.get_facecolor() in fills
        and patch.get_edgecolor() in edges
    ]
    return [(round(p.get_y(), 3), round(p.get_x(), 3), p.get_facecolor() == WINDOW) for p in found]


def blocks(figure) -> list[list[list[bool]]]:
    """Of input, weight and output the rows of the front sheet, and which cells are marked."""
    every = sorted({cell for role in ("input", "kernel", "output") for cell in cells(figure, role)})
    places = sorted({x for _, x, _ in every})
    ends = [i for i, (a, b) in enumerate(itertools.pairwise(places), 1) if b - a > 1.01]
    found = []
    for columns in (places[: ends[0]], places[ends[0] : ends[1]], places[ends[1] :]):
        inside = [cell for cell in every if cell[1] in columns]
        rows = sorted({y for y, _, _ in inside})
        found.append([[marked for y, _, marked in inside if y == row] for row in rows])
    return found


@pytest.mark.parametrize(("layer", "shape"), [*SMALL, *LARGE])
def test_the_shapes_are_those_of_torch(layer, shape) -> None:
    figure = plotting.plot_shapes(layer, torch.zeros(shape))
    output = tuple(layer(torch.zeros(shape)).shape)
    for name, sizes in (("input", shape), ("weight", tuple(layer.weight.shape)), ("output", output)):
        assert f"{name} {sizes}" in texts(figure)
    lanes = {"L": shape[-1], "K": layer.kernel_size[0], "L_out": output[-1], "C": shape[-2], "O": output[-2]}
    for name, size in lanes.items():
        assert f"{name} = {size}" in texts(figure)
    assert (f"N = {shape[0]}" in texts(figure)) == (len(shape) == 3)


@pytest.mark.parametrize(("layer", "shape"), SMALL)
def test_what_is_marked_belongs_together_as_torch_says(layer, shape) -> None:
    signal, weight, made = (torch.tensor(block) for block in blocks(plotting.plot_shapes(layer, shape)))
    assert weight.all() and list(weight.shape) == list(layer.weight.shape[1:])
    if getattr(layer, "padding_mode", "zeros") != "zeros":
        return  # what is mirrored is read from elsewhere
    ones = copy.deepcopy(layer)
    with torch.no_grad():
        ones.weight.fill_(1.0)
        ones.bias.zero_()
    if isinstance(layer, nn.ConvTranspose1d):
        assert signal.sum() == 1 and signal[0].any()
        assert torch.equal(made, ones(signal.float()) != 0)
    else:
        assert made.sum() == 1 and made[0].any()
        x = torch.zeros(signal.shape, requires_grad=True)
        (reached,) = torch.autograd.grad(ones(x)[made].sum(), x)
        assert torch.equal(signal, reached != 0)


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        (nn.Conv1d(5, 16, 3), (239, 5, 49), ["carried over", "added up: C vanishes", "K slides: L shrinks"]),
        (
            nn.Conv1d(4, 8, 3, groups=2, padding=1),
            (2, 4, 9),
            ["added up, 2 of 4: C vanishes", "L stays, padding 1 + 1"],
        ),
        (nn.Conv1d(4, 4, 3, groups=4), (2, 4, 9), ["each kernel reads 1 channel"]),
        (nn.Conv1d(1, 8, 3, stride=2), (2, 1, 9), ["nothing to add up", "K slides: L shrinks, stride 2"]),
        (nn.Conv1d(1, 8, 3, padding=4, dilation=2), (1, 9), ["L grows, padding 4 + 4, dilation 2"]),
        (Conv1dSpec(2, 4, 3, padding=(2, 0)), (2, 2, 9), ["K slides: L stays, padding 2 + 0"]),
        (
            nn.ConvTranspose1d(4, 6, 2, stride=2, groups=2),
            (4, 3),
            ["K stamps: L grows, stride 2", "2 groups of 3"],
        ),
        (nn.ConvTranspose1d(4, 6, 2, stride=2, output_padding=1), (4, 3), ["stride 2, output_padding 1"]),
    ],
)
def test_it_says_what_becomes_of_each_axis(layer, shape, said) -> None:
    figure = plotting.plot_shapes(layer, shape)
    for words in said:
        assert any(words in text for text in texts(figure)), words
        assert words in figure.alt


def test_each_letter_has_one_colour_and_c_and_o_differ() -> None:
    figure = plotting.plot_shapes(nn.Conv1d(5, 16, 3), (239, 5, 49))
    colours: dict[str, set[str]] = {}
    for text in figure.axes[0].texts:
        if " = " in text.get_text():
            colours.setdefault(text.get_text()[0], set()).add(text.get_color())
    assert {letter: len(found) for letter, found in colours.items()} == dict.fromkeys("NCLOK", 1)
    assert len({next(iter(found)) for found in colours.values()}) == 5


@pytest.mark.parametrize(
    ("layer", "shape"), [*SMALL, *LARGE, (nn.Conv1d(1000, 2000, 1), (1000, 1000, 10_000_000))]
)
def test_no_text_lies_over_another_or_leaves_the_paper(layer, shape) -> None:
    figure = plotting.plot_shapes(layer, shape, title="A title")
    FigureCanvasAgg(figure).draw()
    paper = figure.bbox
    boxes = [
        (t.get_text(), t.get_window_extent()) for t in figure.axes[0].texts if t.get_text() not in ("", "⋯", "⋮")
    ]
    for name, box in boxes:
        assert paper.x0 <= box.x0 and box.x1 <= paper.x1 and paper.y0 <= box.y0, name
    for (name, box), (other, there) in itertools.combinations(boxes, 2):
        assert not box.padded(-1).overlaps(there.padded(-1)), (name, other)


def test_a_notebook_stores_its_words_beside_the_picture() -> None:
    figure = plotting.plot_shapes(nn.Conv1d(5, 16, 3), (239, 5, 49))
    png, beside = figure._repr_png_()
    assert Image.open(io.BytesIO(png)).format == "PNG"
    assert beside == {"alt": figure.alt}
    assert figure.alt.startswith(
        "Three blocks: input (239, 5, 49), N × C × L; weight (16, 5, 3), O × C × K; output"
    )


def test_it_draws_where_it_is_told_to() -> None:
    figure = plotting.new_figure(10, 8)
    upper, lower = figure.subplots(2)
    assert plotting.plot_shapes(nn.Conv1d(5, 16, 3), (239, 5, 49), ax=lower) is figure
    assert not upper.texts and lower.texts
    own, ax = plt.subplots()
    assert plotting.plot_shapes(nn.Conv1d(5, 16, 3), (239, 5, 49), ax=ax) is own
    plt.close(own)


def test_only_the_shape_of_the_input_counts() -> None:
    layer = nn.Conv1d(5, 16, 3)
    meta = plotting.plot_shapes(layer, torch.zeros(2, 5, 9, device="meta"))
    assert (
        texts(meta)
        == texts(plotting.plot_shapes(layer, (2, 5, 9)))
        == texts(plotting.plot_shapes(layer, torch.zeros(2, 5, 9)))
    )


@pytest.mark.parametrize(
    ("layer", "x", "message"),
    [
        (nn.Conv1d(5, 8, 3), (239, 49, 5), "found: 49 channels .* must equal in_channels=5.*try:   a shape like"),
        (nn.ConvTranspose1d(5, 8, 3), (239, 49, 5), "found: 49 channels .* must equal in_channels=5"),
        (nn.Conv1d(5, 8, 3), (2, 5, 2), "found: the kernel reads 3 samples, the padded input has 2"),
        (nn.Conv1d(5, 8, 3), (1, 2, 5, 9), "found: a shape of 4 axes"),
        (nn.Conv1d(5, 8, 3, padding=3, padding_mode="reflect"), (2, 5, 3), "'reflect' mirrors .* at most 2"),
        (nn.ConvTranspose1d(5, 8, 3, padding=2), (2, 5, 2), "nothing is left.*padding of at most 1"),
        (None, (2, 5, 9), "found: layer is a NoneType.*rule:  the layer is a Conv1d or a ConvTranspose1d"),
        (nn.Conv1d, (2, 5, 9), "found: layer=Conv1d.*has been made"),
        (nn.Linear(5, 8), (2, 5, 9), "found: layer is a Linear"),
        (nn.Conv2d(5, 8, 3), (2, 5, 9), "kernel_size=.*slides in one direction"),
        (nn.Conv1d(5, 8, 3), (2, 5, 10**12), "a size of 1000000000000.*up to 1000000000"),
        (nn.Conv1d(5, 8, 3), [[1.0, 2.0, 3.0]] * 5, r"a shape of 5 axes|shape\[0\]"),
    ],
)
def test_what_no_layer_does_is_refused_in_four_parts(layer, x, message) -> None:
    with pytest.raises((ValueError, TypeError), match=f"(?s)plot_shapes\\(layer=.*{message}"):
        plotting.plot_shapes(layer, x)


def test_torch_refuses_the_same() -> None:
    for layer, shape in [
        (nn.Conv1d(5, 8, 3), (2, 5, 2)),
        (nn.Conv1d(5, 8, 3, padding=3, padding_mode="reflect"), (2, 5, 3)),
        (nn.ConvTranspose1d(5, 8, 3, padding=3), (2, 5, 2)),
    ]:
        with pytest.raises(RuntimeError):
            layer(torch.zeros(shape))
