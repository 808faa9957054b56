"""Very long and very short signals give a clear picture and exact numbers, and nothing outlives its use."""

import gc
import weakref
from collections.abc import Iterator

import ipywidgets
import numpy as np
import pytest
import torch
from jupyter_client.blocking import BlockingKernelClient
from torch.nn import functional as F

from conv1d_tutor import arithmetic, explore
from conv1d_tutor.explore import _lifetime
from conv1d_tutor.explore._drawing import PAGE, Stems, evenly, page, thinned
from conv1d_tutor.plotting import new_figure
from tools.kernel import run_to_text, running_kernel

pytestmark = pytest.mark.usefixtures("coarse_pictures")

LONG = np.random.default_rng(0).normal(size=(2, 100_000))
KERNEL = np.array([1.0, -1.0, 0.5])


def test_sliding_window_over_a_long_signal_shows_the_page_of_its_window() -> None:
    explorable = explore.SlidingWindow(LONG[0], KERNEL)
    expected = F.conv1d(torch.tensor(LONG[:1]), torch.tensor(KERNEL)[None, None])[0].numpy()
    assert explorable.controls["position"].max == len(expected) - 1 == 99_997
    for t in (0, 49, 50, 73_210, 99_997):
        explorable.controls["position"].value = t
        picture = explorable._picture
        first, after = picture._signal.at[[0, -1]] + [0, 1]
        assert after - first == PAGE
        assert first <= t and t + 3 <= after
        assert picture._signal.height == pytest.approx(LONG[0, first:after])
        assert picture._output.height == pytest.approx(expected[first : t + 1])
        low, high = picture._current.axes.get_xlim()
        assert low < first and after - 1 < high
        assert explorable.sentence.startswith(f"Output {t} reads samples {t} to {t + 2}: ")


def test_a_move_on_the_same_page_needs_no_new_background() -> None:
    explorable = explore.SlidingWindow(LONG[0], KERNEL)
    for t in range(PAGE // 2):
        explorable.controls["position"].value = t
    assert explorable.live.background_draws == 1
    explorable.controls["position"].value = PAGE // 2
    assert explorable.live.background_draws == 2


def test_channel_mixer_of_a_long_signal() -> None:
    weight = np.random.default_rng(1).normal(size=(2, 2, 3))
    explorable = explore.ChannelMixer(LONG, weight, position=73_210)
    expected = F.conv1d(torch.tensor(LONG), torch.tensor(weight))[0]
    drawn = explorable._picture._total
    assert drawn.at[-1] == 73_210 and len(drawn.at) <= PAGE
    assert drawn.height[-1] == pytest.approx(expected[73_210].item())
    assert drawn.artist.axes.get_xlim() == explorable._picture._signals[0].artist.axes.get_xlim()


def test_kernel_bench_of_a_long_signal_draws_little_and_computes_all() -> None:
    explorable = explore.KernelBench(LONG[0], KERNEL)
    expected = F.conv1d(torch.tensor(LONG[:1]), torch.tensor(KERNEL)[None, None])[0].numpy()
    assert explorable.output == pytest.approx(expected)
    drawn = explorable._picture._output.get_ydata()
    assert len(drawn) <= 2000
    assert (drawn.min(), drawn.max()) == pytest.approx((expected.min(), expected.max()))


def test_learned_kernels_of_long_signals() -> None:
    torch.manual_seed(0)
    conv = torch.nn.Conv1d(2, 3, 3).double()
    explorable = explore.LearnedKernels(conv, LONG[np.newaxis])
    expected = conv(torch.tensor(LONG)).detach()[0].numpy()
    assert f"fires most on case 0 at output {expected.argmax()}," in explorable.sentence
    assert f"It fires at {(expected > 0).sum()} of 99998 outputs." in explorable.sentence
    assert len(explorable._picture._response.get_xdata()) <= 2000
    assert len(explorable._picture._fires.get_xdata()) <= 2000


@pytest.mark.parametrize("options", [{}, {"stride": 160, "kernel_size": 400}, {"stride": 7, "padding": 50}])
def test_conv_arithmetic_of_a_long_signal(options: dict[str, int]) -> None:
    options = {"kernel_size": 3, **options}
    explorable = explore.ConvArithmetic(length=100_000, **options)
    ones = torch.ones(1, 1, options.pop("kernel_size"))
    count = F.conv1d(torch.ones(1, 1, 100_000), ones, **options).shape[-1]
    assert f"into {count}." in explorable.sentence
    picture = explorable._picture
    assert picture._count.texts == [f"output: {count}"]
    assert f"shows {picture.drawn} of the windows" in explorable.sentence
    starts = picture._spans.get_xdata()[::3]
    assert starts[0] == -options.get("padding", 0)
    assert starts[-1] == (count - 1) * options.get("stride", 1) - options.get("padding", 0)
    assert len(picture._taps.get_xdata()) <= picture.ROWS * picture.TAPS


def test_a_tail_that_is_wide_enough_to_be_seen_is_drawn_as_a_bar() -> None:
    explorable = explore.ConvArithmetic(length=1000, kernel_size=100, stride=850)
    tail = arithmetic.unread_tail(1000, 100, 850)
    last = explorable._picture._cells["unread"].get_paths()[-1].get_extents()
    assert (last.x0, last.x1) == (1000 - tail - 0.5, 999.5)


def test_receptive_field_too_wide_to_be_drawn_says_so_and_comes_back() -> None:
    explorable = explore.ReceptiveField(depth=20, kernel_size=9, growth=2)
    assert explorable.sentence == "No picture: one output sees 8,388,601 samples."
    explorable.controls["depth"].value = 3
    assert "one output sees 57 samples" in explorable.sentence


def test_receptive_field_of_many_samples_is_thinned_and_counted_exactly() -> None:
    explorable = explore.ReceptiveField(depth=6, kernel_size=7, stride=3, growth=1)
    layers = explorable.layers()
    field = arithmetic.receptive_field(layers)
    assert f"one output sees {field} samples" in explorable.sentence
    x = torch.zeros(1, 1, field, requires_grad=True)
    y = x
    for _ in layers:
        y = F.conv1d(y, torch.ones(1, 1, 7), stride=3)
    y.sum().backward()
    assert explorable._picture.read == int((x.grad != 0).sum())
    drawn = explorable._picture._inputs.get_xdata()
    assert len(drawn) <= 1000 and (drawn[0], drawn[-1]) == (0, field - 1)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: explore.SlidingWindow([3.0], [2.0]), "Output 0 reads sample 0: 2·3 = 6."),
        (lambda: explore.SlidingWindow([3.0]), "No output: the kernel reads 3 samples, the padded input has 1."),
        (lambda: explore.SlidingWindow([1, 2], [1, 2, 3]), "No output: the kernel reads 3 samples"),
        (lambda: explore.KernelBench([1.0], [0.5]), "A constant signal comes out 0.5 times as large"),
        (lambda: explore.KernelBench([1.0, 2.0]), "No output: the kernel reads 5 samples"),
        (lambda: explore.ChannelMixer([[2.0]], [[[3.0]]]), "Output channel 0 at position 0: 6 = 6."),
        (lambda: explore.ConvArithmetic(length=1, kernel_size=1), "Conv1d turns 1 sample into 1."),
        (lambda: explore.ReceptiveField(depth=1, kernel_size=1), "1 layer with kernel_size=1: one output sees 1"),
        (
            lambda: explore.LearnedKernels(torch.nn.Conv1d(1, 1, 1), np.zeros((1, 1, 1))),
            "Kernel 0 ",
        ),
    ],
)
def test_one_sample_and_kernels_that_are_too_long(make: type, sentence: str) -> None:
    explorable = make()
    assert explorable.sentence.startswith(sentence)
    assert bytes(explorable.live.image.value).startswith(b"\x89PNG")


@pytest.mark.parametrize("length", [1, 99, 100, 101, 150, 1000])
@pytest.mark.parametrize("reads", [1, 3, 60])
def test_the_whole_window_is_always_on_the_page(length: int, reads: int) -> None:
    for t in range(max(length - reads, 0) + 1):
        first, after = page(t, reads, length)
        assert 0 <= first <= t and min(t + reads, length) <= after <= length


def test_thinned_keeps_every_extreme_in_order() -> None:
    values = np.sin(np.arange(50_001) / 7)
    values[31_234] = 9
    at, kept = thinned(np.arange(len(values)) * 2.0, values, most=500)
    assert len(kept) <= 500 and (np.diff(at) > 0).all()
    assert kept == pytest.approx(values[(at / 2).astype(int)])
    assert kept.max() == 9 and at[kept.argmax()] == 2 * 31_234
    short = np.arange(5.0)
    assert thinned(short, short)[1] is short


def test_stems_draw_the_values_they_say() -> None:
    stems = Stems(new_figure(4, 3).subplots(), "input")
    stems.move(np.array([2, 5]), np.array([1.5, -3.0]))
    feet, tops, breaks = (stems.artist.get_xydata()[first::3] for first in range(3))
    assert feet.tolist() == [[2, 0], [5, 0]]
    assert tops.tolist() == [[2, 1.5], [5, -3]]
    assert np.isnan(breaks[:, 0]).all()
    assert stems.artist.get_markevery() == (1, 3), "only the tops have markers"


def test_evenly_has_the_first_and_the_last() -> None:
    assert evenly(3, 10).tolist() == [0, 1, 2]
    assert evenly(1000, 4).tolist() == [0, 333, 666, 999]


def widgets() -> int:
    """How many widgets ipywidgets keeps."""
    return len(ipywidgets.widgets.widget._instances)


@pytest.mark.parametrize("name", [name for name in explore.__all__ if name != "LearnedKernels"])
def test_what_nobody_holds_leaves_nothing_behind(name: str) -> None:
    gc.collect()
    before = widgets()
    explorable = getattr(explore, name)()
    figure, live = weakref.ref(explorable.live.figure), weakref.ref(explorable.live)
    assert widgets() > before + 10
    del explorable
    gc.collect()
    assert widgets() == before
    assert (figure(), live()) == (None, None)


def test_a_closed_explorable_is_the_call_that_makes_it_anew() -> None:
    before = widgets()
    explorable = explore.KernelBench(preset="edge")
    explorable.close()
    explorable.close()
    assert widgets() == before
    assert repr(explorable) == "KernelBench(preset='edge')"
    assert explorable._repr_mimebundle_() == {"text/plain": "KernelBench(preset='edge')"}


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    """A real kernel, as JupyterLab uses it."""
    with running_kernel() as (_, client):
        run_to_text(client, "import ipywidgets\nfrom conv1d_tutor.explore import ConvArithmetic, SlidingWindow")
        yield client


COUNT = """
import gc, matplotlib.figure
gc.collect()
figures = sum(isinstance(o, matplotlib.figure.Figure) for o in gc.get_objects())
recorded = [output.bundle for each in get_ipython().history_manager.outputs.values() for output in each]
print(len(ipywidgets.widgets.widget._instances), figures, sum("image/png" in bundle for bundle in recorded))
"""


def test_a_cell_that_runs_again_leaves_nothing_behind(kernel: BlockingKernelClient) -> None:
    assert run_to_text(kernel, "ConvArithmetic(length=9)", "a").startswith("ConvArithmetic(length=9")
    once = run_to_text(kernel, COUNT)
    for _ in range(4):
        run_to_text(kernel, "ConvArithmetic(length=9)", "a")
    assert run_to_text(kernel, COUNT) == once
    # shown without a name that holds it, it lives as long as it stands on the page
    run_to_text(kernel, "from IPython.display import display\ndisplay(SlidingWindow(), SlidingWindow())", "b")
    both = run_to_text(kernel, COUNT)
    assert both.split()[1] == "3"
    # a name shown in another cell stays alive when the cell that made it runs again
    run_to_text(kernel, "mine = ConvArithmetic(length=8)", "c")
    run_to_text(kernel, "mine", "d")
    run_to_text(kernel, "older = mine; mine = ConvArithmetic(length=7)", "c")
    assert run_to_text(kernel, "older.controls['stride'].value = 2; print(older.sentence)").startswith(
        "Conv1d turns 8 samp"
    )
    run_to_text(kernel, "older = None", "e")
    assert run_to_text(kernel, "mine", "d").startswith("ConvArithmetic(length=7")
    assert run_to_text(kernel, COUNT).split()[1] == "4"
    run_to_text(kernel, "mine", "d", ("a", "b"))
    assert run_to_text(kernel, COUNT).split()[1] == "1"


def test_without_the_id_of_the_cell_everything_shown_stays(kernel: BlockingKernelClient) -> None:
    before = int(run_to_text(kernel, COUNT).split()[1])
    for _ in range(2):
        run_to_text(kernel, "ConvArithmetic(length=9)")
    assert int(run_to_text(kernel, COUNT).split()[1]) == before + 2


def test_outside_of_ipython_nothing_is_kept() -> None:
    explore.ConvArithmetic()._repr_mimebundle_()
    assert _lifetime._shown == {}
