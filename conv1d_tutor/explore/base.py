"""What all explorables share: controls, live picture and sentence."""

import base64
import html
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import ipywidgets

from .._refusals import Refused, call_text
from ._lifetime import close_widgets, keep_while_shown, weakly
from .live import LiveFigure


class Explorable:
    """What all explorables share: the controls, the live picture, the sentence, and how a notebook shows them.

    A subclass makes its picture and controls, and says in `_draw` how the picture follows the controls and in
    `describe` what it shows. A control named play moves the one named position.

    Attributes:
        controls: the widgets by name.
        live: the live picture.
        widget: the whole as one widget.
        sentence: the sentence now shown below the picture, as plain text.
    """

    #: How a sentence begins that says why there is no picture.
    REFUSAL: ClassVar[str] = "No output"
    SENTENCE_STYLE: ClassVar[str] = (
        "font-size: var(--jp-content-font-size1, 14px); line-height: 1.5; margin: 4px 0"
    )

    def __init__(self, picture: Any, controls: Mapping[str, ipywidgets.Widget], start: Mapping[str, Any]) -> None:
        """Connect the controls to the picture and draw it once."""
        self.controls = dict(controls)
        self.live = LiveFigure(picture.figure, picture.artists)
        self._picture = picture
        self._start = dict(start)
        self.sentence = ""
        self._sentence = ipywidgets.HTML()
        reset = ipywidgets.Button(description="Reset", tooltip="Back to the values this began with")
        reset.layout.width = "64px"
        reset.on_click(weakly(self._reset_pressed))
        lists = [c for c in self.controls.values() if isinstance(c, ipywidgets.ToggleButtons)]
        sliders = [c for c in self.controls.values() if c not in lists]
        first = ipywidgets.HBox(
            [*sliders, reset], layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center")
        )
        shown = [c for c in lists if len(c.options) > 1]
        self.widget = ipywidgets.VBox([first, *shown, self.live.image, self._sentence])
        self._call_when_closed = ""
        if "play" in self.controls:
            self.controls["play"].observe(weakly(self._ticked), names="value")
        self._let_go = weakref.finalize(self, close_widgets, self.widget, *self.controls.values())
        self._let_go.atexit = False
        self._settling = False
        for name in self._start:
            self.controls[name].observe(weakly(self._changed), names="value")
        self._changed()

    def reset(self) -> None:
        """Set every control back to the value it began with."""
        with self._quietly():
            for _ in range(2):  # a bound of one control may depend on the value of another
                for name, value in self._start.items():
                    self.controls[name].value = value
                self._settle()
        self._redraw()

    def close(self) -> None:
        """Let go of the widgets, the figure and the data; what is left is the call that makes it anew."""
        if not self._call_when_closed:
            call = repr(self)
            self._let_go()
            vars(self).clear()
            self._call_when_closed = call

    def describe(self) -> str:
        """Say in words, with numbers, what the picture shows."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return the value of each control by name."""
        return {name: self.controls[name].value for name in self._start}

    def _draw(self) -> None:
        """Make the picture show the state of the controls; raise `Refused` if it cannot."""
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
        except (Refused, ValueError) as error:
            found, rule, advice = error.parts
            self._say(f"{self.REFUSAL}: {found}")
            self.live.refuse(f"{self.sentence}\n\nThe rule: {rule}\n\nTry: {advice}")
        else:
            self._say(self.describe())
            self.live.redraw(self.sentence)

    def _say(self, sentence: str) -> None:
        """Show a sentence below the picture. It is sent first, so that it travels while the picture is drawn."""
        self.sentence = sentence
        self._sentence.value = f'<p aria-live="polite" style="{self.SENTENCE_STYLE}">{html.escape(sentence)}</p>'

    def _ticked(self, change: Mapping[str, Any]) -> None:
        """Move the position one step for each tick of the play button, and to the start for its stop button."""
        play, position = self.controls["play"], self.controls["position"]
        if change["new"] == play.min or position.value == position.max:
            position.value = position.min
        else:
            position.value += 1
        if position.value == position.max:
            play.playing = False

    def _reset_pressed(self, _: ipywidgets.Button) -> None:
        self.reset()

    def _call(self) -> str:
        return call_text(type(self).__name__, self.state())

    def __repr__(self) -> str:
        """Return the call that makes this explorable anew in its present state."""
        return self._call_when_closed or self._call()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Offer the live widget, and the picture for places where no kernel runs."""
        if self._call_when_closed:
            return {"text/plain": repr(self)}
        keep_while_shown(self)
        bundle = self.widget._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        width, height = self.live.size
        picture = {"width": width, "height": height, "alt": self.live.description}
        return (
            {**data, "text/plain": repr(self), "image/png": base64.b64encode(self.live.png()).decode()},
            {**metadata, "image/png": picture},
        )


def slider(name: str, value: float, least: float, most: float, step: float | None = None) -> ipywidgets.Widget:
    """Make a slider over whole numbers, or over steps of `step`."""
    kind, more = (ipywidgets.IntSlider, {}) if step is None else (ipywidgets.FloatSlider, {"step": step})
    return kind(
        value=value,
        min=least,
        max=most,
        description=name,
        style={"description_width": "84px"},
        layout=ipywidgets.Layout(width="258px"),
        **more,
    )


def buttons(name: str, options: Iterable[str], value: str) -> ipywidgets.ToggleButtons:
    """Make a row of buttons, one of which is pressed.

    A drop-down list would not do: JupyterLab takes its arrow keys for moving between cells.
    """
    return ipywidgets.ToggleButtons(
        options=list(options),
        value=value,
        description=name,
        style={"description_width": "initial", "button_width": "auto"},
    )


def play_button() -> ipywidgets.Play:
    """Make a play button. It is only a clock: were it joined with a slider, each move would send two messages."""
    play = ipywidgets.Play(value=0, min=0, max=1_000_000, interval=600, show_repeat=False)
    play.layout.width = "96px"
    return play


def samples_text(samples: int) -> str:
    """Write a number of samples with the right ending."""
    return f"{samples} sample" if samples == 1 else f"{samples} samples"
