"""What all explorables share: their controls, how they are checked, drawn in the page, and stored in a notebook.

An explorable is one widget. Python checks what a learner passes and holds the value of each control as a trait;
picture, numbers and sentence are made in the page, by the files in `page/`, with a kernel or without one.
"""

import base64
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import traitlets
from IPython import get_ipython

from .._refusals import Refused, brief, call_text, choice, entries, finite_number, whole_number
from ..arithmetic import Conv1dSpec
from . import joined

#: What an explorable shows, as a notebook stores it: a page makes it live again without a kernel.
MIME = "application/vnd.conv1d-tutor.explorable+json"


@dataclass(frozen=True)
class Control:
    """One control: its name, which is the name of the trait that holds its value, and what it allows.

    Attributes:
        name: of the control.
        kind: ``"slider"``, ``"number"`` (typed), ``"choice"``, ``"switch"`` or ``"shape"``.
        first: the value it begins with.
        least, most: the smallest and the largest number.
        step: from one value of a slider to the next; whole numbers if it is a whole number.
        options: what a choice offers. No option is chosen if its value is None.
        label: what stands beside it.
        plays: whether a button beside it moves it on, step by step.
    """

    name: str
    kind: str
    first: Any
    least: float | None = None
    most: float | None = None
    step: float = 1
    options: tuple[str, ...] = ()
    label: str = ""
    plays: bool = False

    def allowed(self, value: Any) -> Any:
        """Return a value as the control can have it: of a number beyond its ends the nearest, as in ipywidgets.

        Raises:
            Refused: it is of another kind, or no option.
        """
        if self.kind == "choice":
            return None if value is None else choice(self.name, value, self.options)
        if self.kind == "switch":
            return bool(choice(self.name, value, (True, False)))
        if self.kind == "shape":
            return checked_shape(self.name, value)
        with contextlib.suppress(TypeError, ValueError):  # what cannot be compared is refused below
            value = min(max(value, self.least), self.most)
        if isinstance(self.step, int):
            return whole_number(self.name, value, self.least, self.most)
        return finite_number(self.name, value)


def slider(name: str, first: float, least: float, most: float, step: float = 1, **more: Any) -> Control:
    """Describe a slider over whole numbers, or over steps of `step`."""
    return Control(name, "slider", first, least, max(most, first), step, label=more.pop("label", name), **more)


def typed(name: str, first: int, least: int, most: int) -> Control:
    """Describe a field for a whole number."""
    return Control(name, "number", first, least, max(most, first), label=name)


def buttons(name: str, options: Iterable[str], first: str | None) -> Control:
    """Describe a row of buttons, one of which is pressed."""
    return Control(name, "choice", first, options=tuple(options), label=name)


def switch(name: str, first: bool) -> Control:
    """Describe a box to be ticked."""
    return Control(name, "switch", first, label=name)


def checked_shape(name: str, value: Any) -> list[int]:
    """Check the shape of an input, (N, C, L) or (C, L), typed as a tuple or given as a tensor's own."""
    sizes = entries(value)
    if sizes is None or len(sizes) not in (2, 3):
        rule = "an input of Conv1d has the shape (batch, channels, length) or (channels, length)."
        raise Refused(f"{name}={brief(value)}.", rule, f"{name}=(239, 5, 49), or x.shape.", TypeError)
    return [whole_number(f"{name}[{i}]", size, 0, 10**9) for i, size in enumerate(sizes)]


def padding_on_both_sides(spec: Conv1dSpec, instead: str) -> int:
    """Return the padding of a layer as one slider can show it.

    Args:
        spec: the layer.
        instead: what to try where its two sides differ.

    Raises:
        Refused: they do.
    """
    left, right = spec.padding_sides
    if left != right:
        found = f"padding='same' adds {left} on the left and {right} on the right."
        raise Refused(found, "the padding slider adds the same on both sides.", instead)
    return left


class _Value(traitlets.TraitType):
    """The trait of a control: a value it allows, or a refusal in words."""

    def __init__(self, control: Control) -> None:
        """Begin with the control's first value."""
        super().__init__(default_value=control.first, allow_none=control.kind == "choice")
        self.control = control

    def validate(self, owner: traitlets.HasTraits, value: Any) -> Any:
        """Return what the control can have; called by traitlets at every change."""
        try:
            return self.control.allowed(value)
        except Refused as refused:
            raise refused.worded(f"{type(owner).__name__}: {self.control.name} = {brief(value)}") from None


class Explorable(anywidget.AnyWidget):
    """What all explorables share. A subclass checks its arguments and says which controls and data there are.

    The value of each control is a trait, named as the control: read it, set it, `observe` it, or join it with
    another widget by `ipywidgets.jslink`.

    Args:
        controls: the controls, in the order in which they stand.
        data: what else the picture needs, ready for JSON; arrays may be NumPy's.
        sliders: ``"page"`` for the page's own sliders, ``"ipywidgets"`` for those of ipywidgets, joined to the
            picture in the page. Stored pictures always show the page's own.

    Attributes:
        sliders: ipywidgets' sliders by name; empty for the page's own.
    """

    _page = traitlets.Dict().tag(sync=True)
    _controls: tuple[Control, ...] = ()
    _call_when_closed = ""

    def __init__(self, controls: Sequence[Control], data: Mapping[str, Any] | None, sliders: str) -> None:
        """Make a trait for each control."""
        own = choice("sliders", sliders, ("page", "ipywidgets")) == "page"
        kind = type(self).__name__
        self._esm, self._css = joined.module(kind), joined.style()
        self._controls = tuple(controls)
        self.add_traits(**{control.name: _Value(control).tag(sync=True) for control in controls})
        page = {"kind": kind, "controls": [asdict(control) for control in controls], "data": _plain(data or {})}
        super().__init__(_page=page | {"sliders": own})
        self._own: list[ipywidgets.Widget] = [self.layout]  # what is closed with it
        self._widget: ipywidgets.Widget = self
        self.sliders = {} if own else {c.name: self._joined_slider(c) for c in controls if c.kind == "slider"}
        if self.sliders:
            row = ipywidgets.HBox(list(self.sliders.values()), layout={"flex_flow": "row wrap"})
            self._widget = ipywidgets.VBox([row, self])
            self._own += [row.layout, row, self._widget.layout, self._widget]

    def state(self) -> dict[str, Any]:
        """Return the value of each control by name."""
        return {control.name: getattr(self, control.name) for control in self._controls}

    def stored(self) -> dict[str, Any]:
        """Return what a page without a kernel needs to draw the present state: kind, controls, values and data."""
        page = self._page
        return {"kind": page["kind"], "controls": page["controls"], "values": self.state(), "data": page["data"]}

    def reset(self) -> None:
        """Set every control back to the value it began with."""
        with self.hold_sync():
            for control in self._controls:
                setattr(self, control.name, control.first)

    def close(self) -> None:
        """Let go of the widgets, in the kernel and in the page; what is left is the call that makes it anew."""
        if self._controls and not self._call_when_closed:  # one that was refused has none
            self._call_when_closed = self._call()
            for widget in self._own:
                widget.close()
            super().close()

    def _joined_slider(self, control: Control) -> ipywidgets.Widget:
        kind = ipywidgets.IntSlider if isinstance(control.step, int) else ipywidgets.FloatSlider
        made = kind(
            control.first,
            min=control.least,
            max=control.most,
            step=control.step,
            description=control.label,
            style={"description_width": "84px"},
            layout={"width": "258px"},
        )
        link = ipywidgets.jslink((made, "value"), (self, control.name))
        self._own += [link, made.layout, made.style, made]
        return made

    def _call(self) -> str:
        return call_text(type(self).__name__, self.state())

    def __repr__(self) -> str:
        """Return the call that makes this explorable anew in its present state."""
        return self._call_when_closed or self._call()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Offer the live widget, and what a page without a kernel needs to draw the same."""
        _keep_while_shown(self)
        shown = super() if self._widget is self else self._widget
        found = shown._repr_mimebundle_(**options)
        live, metadata = found if isinstance(found, tuple) else (found, {})
        stored = self.stored()
        data = stored.pop("data")
        # The arrays stand in the metadata, which strict tests do not compare: trained numbers differ by machine.
        return (
            {**live, "text/plain": repr(self), MIME: stored},
            {**metadata, MIME: {"data": data}},
        )


#: For each cell, by its id: in which of its runs it was last seen, and the explorables shown in that run.
_shown: dict[str, tuple[int, list[Explorable]]] = {}


def _keep_while_shown(explorable: Explorable) -> None:
    """Close what an earlier run of the same cell has shown: ipywidgets keeps every widget until it is closed."""
    shell = get_ipython()
    told = shell.get_parent().get("metadata", {}) if hasattr(shell, "get_parent") else {}
    cell = told.get("cellId")
    for _, others in _shown.values():
        others[:] = [other for other in others if other is not explorable]  # it stands here now
    gone = [other for lost in told.get("deletedCells", ()) for other in _shown.pop(lost, (0, []))[1]]
    if cell is not None:
        run, here = _shown.get(cell, (None, []))
        if run != shell.execution_count:
            gone, here = gone + here, []
        _shown[cell] = (shell.execution_count, [*here, explorable])
    for other in gone:
        other.close()


#: An array of more numbers is packed: as text, each would stand on a line of its own in a stored notebook.
LISTED = 64


def _plain(value: Any) -> Any:
    """Turn NumPy's arrays and numbers into what JSON has; the page unpacks what is packed (explorable.js)."""
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.ndarray) and value.size > LISTED:
        exact = value.astype("<f8")
        short = exact.astype("<f4")  # half as long, where nothing is lost
        packed = short if np.array_equal(short, exact) else exact
        numbers = base64.b64encode(packed.tobytes()).decode()
        return {"shape": list(value.shape), "dtype": packed.dtype.name, "base64": numbers}
    return value.tolist() if hasattr(value, "tolist") else value
