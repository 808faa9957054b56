"""What all explorables share: controls, live picture and sentence, and the checks of what a learner passes in."""

import base64
import html
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import ipywidgets
import numpy as np

from .._checks import call_text, refusal
from ..live import LiveFigure


class Explorable:
    """What all explorables share: the controls, the live picture, the sentence, and how a notebook shows them.

    A subclass makes its picture and controls, and says in `_draw` how the picture follows the controls and in
    `describe` what it shows.

    Attributes:
        controls: the widgets by name.
        live: the live picture.
        widget: the whole as one widget.
    """

    SENTENCE_STYLE: ClassVar[str] = (
        "font-size: var(--jp-content-font-size1, 14px); line-height: 1.5; margin: 4px 0"
    )

    def __init__(self, picture: Any, controls: Mapping[str, ipywidgets.Widget], start: Mapping[str, Any]) -> None:
        """Connect the controls to the picture and draw it once."""
        self.controls = dict(controls)
        self.live = LiveFigure(picture.figure, picture.artists)
        self._picture = picture
        self._start = dict(start)
        self._sentence = ipywidgets.HTML()
        reset = ipywidgets.Button(description="Reset", tooltip="Back to the values this began with")
        reset.layout.width = "64px"
        reset.on_click(lambda _: self.reset())
        rows = ipywidgets.HBox([*self.controls.values(), reset], layout=ipywidgets.Layout(flex_flow="row wrap"))
        self.widget = ipywidgets.VBox([rows, self.live.image, self._sentence])
        self._settling = False
        for name in self._start:
            self.controls[name].observe(self._changed, names="value")
        self._changed()

    def reset(self) -> None:
        """Set every control back to the value it began with."""
        with self._quietly():
            for _ in range(2):  # a bound of one control may depend on the value of another
                for name, value in self._start.items():
                    self.controls[name].value = value
                self._settle()
        self._redraw()

    def describe(self) -> str:
        """Say in words, with numbers, what the picture shows."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return the value of each control by name."""
        return {name: self.controls[name].value for name in self._start}

    def _draw(self) -> None:
        """Make the picture show the state of the controls; raise a `ValueError` with the rule if it cannot."""
        raise NotImplementedError

    def _settle(self) -> None:
        """Adjust the bounds of the controls to each other's values."""

    def _changed(self, change: Mapping[str, Any] | None = None) -> None:
        if self._settling:  # one of our own adjustments: the picture is drawn once, at the end
            return
        with self._quietly():
            self._settle()
        self._redraw()

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        self._settling = True
        try:
            yield
        finally:
            self._settling = False

    def _redraw(self) -> None:
        try:
            self._draw()
        except ValueError as error:
            # The first line of a refusal quotes the call; what was found, the rule and what to try follow.
            found, rule, advice = (line.split(":", 1)[1].strip() for line in str(error).splitlines()[1:])
            sentence = f"No output: {found}"
            self.live.refuse(f"{sentence}\n\nThe rule: {rule}\n\nTry: {advice}")
        else:
            sentence = self.describe()
            self.live.redraw(sentence)
        self._sentence.value = f'<p aria-live="polite" style="{self.SENTENCE_STYLE}">{html.escape(sentence)}</p>'

    @property
    def sentence(self) -> str:
        """The sentence now shown below the picture, as plain text."""
        return html.unescape(self._sentence.value.split(">", 1)[1].rsplit("<", 1)[0])

    def __repr__(self) -> str:
        """Return the call that makes this explorable anew in its present state."""
        return call_text(type(self).__name__, self.state())

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Offer the live widget, and the picture for places where no kernel runs."""
        bundle = self.widget._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        width, height = self.live.size
        picture = {"width": width, "height": height, "alt": self.live.description}
        return (
            {**data, "text/plain": repr(self), "image/png": base64.b64encode(self.live.png()).decode()},
            {**metadata, "image/png": picture},
        )


def slider(name: str, value: int, least: int, most: int) -> ipywidgets.IntSlider:
    return ipywidgets.IntSlider(
        value,
        least,
        most,
        description=name,
        style={"description_width": "76px"},
        layout=ipywidgets.Layout(width="250px"),
    )


def one_row(call: str, name: str, values: Any) -> np.ndarray:
    """Return one row of finite numbers as float64, or say why it is none."""
    found = np.asarray(values)
    if found.ndim != 1 or not len(found) or found.dtype.kind not in "iufb" or not np.isfinite(found).all():
        what = f"{name} of shape {found.shape} and type {found.dtype}"
        if found.dtype.kind == "f" and not np.isfinite(found).all():
            what += f", {int((~np.isfinite(found)).sum())} of its numbers not finite"
        raise refusal(
            f"{call}(…, {name}=…)",
            what + ".",
            f"{name} is one row of at least one finite number, shape (length,).",
            "one channel of one case, such as x[0, 0], with its gaps filled.",
        )
    return found.astype(float)


def samples_text(samples: int) -> str:
    return f"{samples} sample" if samples == 1 else f"{samples} samples"
