"""What all explorables share: traits that hold the values, a stored form that a page draws, no widget left over.

What each of them shows is tested in a file of its own, test_explore_….py, by the page's JavaScript.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import explorables
import ipywidgets
import numpy as np
import page
import pytest
import traitlets
from ipywidgets.widgets.widget_link import Link
from jupyter_client.blocking import BlockingKernelClient

from conv1d_tutor import explore
from conv1d_tutor.explore import base, joined
from conv1d_tutor.plotting import ROLES
from tools.kernel import run_to_text, running_kernel


@pytest.fixture(params=explorables.EXAMPLES)
def explorable(request: pytest.FixtureRequest) -> Iterator[base.Explorable]:
    """A fresh one of each."""
    made = explorables.made()[request.param]
    yield made
    made.close()


def other_value(control: base.Control) -> object:
    """A value that the control does not begin with."""
    if control.kind == "shape":
        return [3, 4, 50]
    return next(value for value in page.values(control) if value != control.first)


def test_each_has_a_class_a_file_of_the_page_and_an_example() -> None:
    assert set(explore.__all__) == set(joined.kinds()) == set(explorables.EXAMPLES)


def test_every_control_is_a_trait_that_is_read_set_and_observed(explorable: base.Explorable) -> None:
    assert len(explorable._controls) >= 2
    seen = []
    for control in explorable._controls:
        explorable.reset()
        assert getattr(explorable, control.name) == control.first == explorable.state()[control.name]
        assert explorable.traits(sync=True)[control.name].metadata["sync"], "the page hears of it"
        explorable.observe(seen.append, control.name)
        value = other_value(control)
        setattr(explorable, control.name, value)
        assert seen[-1]["new"] == value == getattr(explorable, control.name)
        explorable.unobserve(seen.append, control.name)
    explorable.reset()
    assert explorable.state() == {control.name: control.first for control in explorable._controls}


def test_a_number_beyond_the_ends_is_the_nearest_and_what_is_none_is_refused(explorable: base.Explorable) -> None:
    for control in explorable._controls:
        if control.most is not None:
            setattr(explorable, control.name, 10**12)
            assert getattr(explorable, control.name) == control.most
            setattr(explorable, control.name, -(10**12))
            assert getattr(explorable, control.name) == control.least
        for wrong in ("nonsense", [], object(), float("nan"), {}):
            before = explorable.state()
            with pytest.raises((ValueError, TypeError)) as refused:
                setattr(explorable, control.name, wrong)
            assert re.fullmatch(
                rf"(?s){type(explorable).__name__}: {control.name} = .*\n  found: .*\n  rule:  .*\n  try:   .*",
                str(refused.value),
            )
            assert explorable.state() == before


def test_two_do_not_share_their_state() -> None:
    one, other = explore.ConvArithmetic(), explore.ConvArithmetic()
    one.stride = 3
    assert other.stride == 1
    traitlets.link((one, "stride"), (other, "stride"))
    other.stride = 2
    assert one.stride == 2


def test_what_a_notebook_stores_is_plain_deterministic_and_says_the_call(explorable: base.Explorable) -> None:
    data, metadata = explorable._repr_mimebundle_()
    stored = data[base.MIME] | metadata[base.MIME]
    again = json.loads(json.dumps(stored, allow_nan=False))
    assert list(again) == ["kind", "controls", "values", "data"]
    assert again["values"] == explorable.state()
    other = explorables.made()[type(explorable).__name__]
    assert json.dumps(page.stored(other)) == json.dumps(page.stored(explorable))
    assert data["text/plain"] == repr(explorable) and "0x" not in repr(explorable)
    assert repr(explorable).startswith(f"{type(explorable).__name__}(")
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorable.model_id


def test_sliders_of_ipywidgets_are_joined_in_the_page() -> None:
    explorable = explore.ConvArithmetic(13, sliders="ipywidgets")
    assert list(explorable.sliders) == ["length", "kernel_size", "stride", "padding", "dilation"]
    assert isinstance(explorable.sliders["stride"], ipywidgets.IntSlider)
    assert (explorable.sliders["length"].value, explorable.sliders["length"].max) == (13, 24)
    links = [each for each in ipywidgets.widgets.widget._instances.values() if isinstance(each, Link)]
    joined_here = [link.source for link in links if link.target == (explorable, "stride")]
    assert joined_here == [(explorable.sliders["stride"], "value")]
    data, _ = explorable._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] != explorable.model_id
    assert page.stored(explorable) == page.stored(explore.ConvArithmetic(13)), "stored, it has the page's own"
    assert isinstance(explore.KernelBench(sliders="ipywidgets").sliders["tap_0"], ipywidgets.FloatSlider)
    with pytest.raises(ValueError, match="sliders"):
        explore.ConvArithmetic(sliders="mine")


@pytest.mark.parametrize("sliders", ["page", "ipywidgets"])
@pytest.mark.parametrize("name", explorables.EXAMPLES)
def test_a_closed_one_leaves_no_widget_and_is_the_call_that_makes_it_anew(name: str, sliders: str) -> None:
    names: dict = {}
    exec(explorables.SETUP, names)
    before = set(ipywidgets.widgets.widget._instances)
    made = eval(f"{explorables.EXAMPLES[name][:-1]}, sliders='{sliders}')".replace("(, ", "("), names)
    call = repr(made)
    made.close()
    made.close()
    assert set(ipywidgets.widgets.widget._instances) == before
    assert repr(made) == call
    assert made._repr_mimebundle_ is None, "IPython shows the call"


def test_what_is_refused_leaves_no_widget() -> None:
    before = set(ipywidgets.widgets.widget._instances)
    for wrong in (lambda: explore.ConvArithmetic(length=0), lambda: explore.ShapeMap("5, 49")):
        with pytest.raises((TypeError, ValueError)):
            wrong()
    assert set(ipywidgets.widgets.widget._instances) == before


def test_the_joined_files_need_no_other_file_and_nothing_from_elsewhere() -> None:
    for kind, file in joined.kinds().items():
        text = joined.module(kind)
        assert not re.search(r"^import ", text, re.MULTILINE)
        assert re.findall(r"^export .*", text, re.MULTILINE) == [
            f"export default $explorable.widget(${file}.default);"
        ]
        assert text in joined.module(kind)
    for text in (joined.script(), joined.style(), *map(joined.module, joined.kinds())):
        assert not re.search(r"https?://", text)
    assert "export " not in joined.script() and "import " not in re.sub("//.*", "", joined.script())


def test_the_colours_of_the_page_are_those_of_the_figures() -> None:
    style = joined.style()
    for name, role in ROLES.items():
        assert f"--{name}: {role.colour};" in style
    own = (joined.PAGE / "explorables.css").read_text(encoding="utf-8")
    assert not re.search(r"#[0-9A-Fa-f]{3,8}\b", own), "a colour has its home in plotting/style.py"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_long_signal_reaches_the_page_to_the_last_bit(dtype: type) -> None:
    x = np.random.default_rng(0).normal(size=500).astype(dtype)
    explorable = explore.SlidingWindow(x, [1.0])
    packed = page.stored(explorable)["data"]["x"]
    assert packed["dtype"] == np.dtype(dtype).name and packed["shape"] == [500]
    for shown in page.shown(explorable, [{"position": t} for t in (0, 1, 250, 499)]):
        assert shown["seen"]["outputs"][-1] == x[shown["state"]["position"]]


def test_markup_keeps_text_as_text() -> None:
    marked = joined.markup({"kind": "x", "values": {"name": '"><script>alert(1)</script>'}})
    assert "<script" not in marked
    assert marked.count('"') == 4


def test_unknown_names_are_refused_with_those_there_are() -> None:
    with pytest.raises(AttributeError, match=r"no 'Slidingwindow', only ChannelMixer, ConvArithmetic"):
        explore.Slidingwindow  # noqa: B018


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    """A real kernel, as JupyterLab uses it."""
    with running_kernel() as (_, client):
        run_to_text(client, "import ipywidgets\nfrom conv1d_tutor.explore import ConvArithmetic, ShapeMap")
        yield client


COUNT = "print(len(ipywidgets.widgets.widget._instances))"


def test_a_cell_that_runs_again_leaves_nothing_behind(kernel: BlockingKernelClient) -> None:
    def count() -> int:
        return int(run_to_text(kernel, COUNT))

    assert run_to_text(kernel, "ConvArithmetic(length=9)", "a").startswith("ConvArithmetic(length=9")
    once = count()
    for _ in range(4):
        run_to_text(kernel, "ConvArithmetic(length=9)", "a")
    assert count() == once
    run_to_text(kernel, "from IPython.display import display\ndisplay(ConvArithmetic(), ShapeMap())", "b")
    assert count() == once + 4  # each has a layout
    # a name shown in another cell stays alive when the cell that made it runs again
    run_to_text(kernel, "mine = ConvArithmetic(length=8)\nmine", "c")
    run_to_text(kernel, "mine", "d")
    run_to_text(kernel, "older = mine; mine = ConvArithmetic(length=7)\nmine", "c")
    assert run_to_text(kernel, "older.stride = 2; print(older)").startswith(
        "ConvArithmetic(length=8, kernel_size=3, stride=2"
    )
    # the outputs of deleted cells are gone too
    full = count()
    run_to_text(kernel, "ConvArithmetic()", "e", ("a", "b", "d"))
    assert count() == full - 8 + 2


def test_without_the_id_of_the_cell_everything_shown_stays(kernel: BlockingKernelClient) -> None:
    before = int(run_to_text(kernel, COUNT))
    for _ in range(2):
        run_to_text(kernel, "ConvArithmetic(length=9)")
    assert int(run_to_text(kernel, COUNT)) == before + 4


def test_the_files_of_the_page_are_part_of_the_package() -> None:
    assert Path(explore.__file__).parent / "page" == joined.PAGE
    assert {path.suffix for path in joined.PAGE.iterdir()} == {".js", ".css"}
