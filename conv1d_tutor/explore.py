"""The explorables: named sliders, one live picture, one sentence that says what it shows.

Show one by ending a cell with it. Move its controls with the mouse, or with Tab and the arrow keys. In code, the
same controls are in ``.controls``: ``explorable.controls["kernel_size"].value = 5``.
"""

import base64
import html
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import ipywidgets
import numpy as np

from ._checks import call_text, refusal, whole_number
from .arithmetic import Conv1dSpec
from .live import LiveFigure
from .pictures import SlidingWindowPicture, WindowsPicture
from .plotting import number
from .reference import conv1d_windows


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


class SlidingWindow(Explorable):
    """A kernel slides along one signal: see the window, the products and the output so far.

    Args:
        x: the signal, (L,); a short one of small whole numbers if None.
        weight: a kernel, (K,). It is offered as "yours" beside the ready-made ones.
        position: the first position, 0 for the start of the signal.
        kernel: name of the first kernel, a key of `KERNELS`, or "yours".
        kernel_size: number of taps of the ready-made kernels.

    Raises:
        ValueError: the signal or the kernel is not one row of finite numbers.

    Example:
        >>> explorable = SlidingWindow(position=2, kernel="difference")
        >>> explorable.controls["position"].value = 3
        >>> explorable.sentence
        'Output 3 reads samples 3 to 5: −1·2 + 0·6 + 1·7 = 5.'
    """

    SIGNAL: ClassVar[tuple[int, ...]] = (1, 3, 2, 2, 6, 7, 6, 2, 1, 0, 1, 4, 2, 1, 1, 3)

    #: A ready-made kernel of any size, by name.
    KERNELS: ClassVar[dict[str, Any]] = {
        "average": lambda size: np.full(size, 1 / size),
        "difference": lambda size: np.eye(size)[-1] - np.eye(size)[0],
        "keep the middle": lambda size: np.eye(size)[size // 2],
    }

    def __init__(
        self,
        x: Any = None,
        weight: Any = None,
        *,
        position: int = 0,
        kernel: str | None = None,
        kernel_size: int = 3,
    ) -> None:
        """Check the signal and the kernel, make the controls and show the first position."""
        self.x = _row("SlidingWindow", "x", self.SIGNAL if x is None else x)
        self._own = None if weight is None else _row("SlidingWindow", "weight", weight)
        names = [*self.KERNELS] if weight is None else ["yours", *self.KERNELS]
        kernel = names[0] if kernel is None else kernel
        arguments = {"position": position, "kernel": kernel, "kernel_size": kernel_size}
        call = call_text("SlidingWindow", arguments)
        if kernel not in names:
            advice = f"kernel={names[0]!r}, or your own with SlidingWindow(x, weight)."
            raise refusal(call, f"kernel={kernel!r}.", f"kernel is one of {', '.join(names)}.", advice)
        for name in ("position", "kernel_size"):
            arguments[name] = whole_number(call, name, arguments[name], 0 if name == "position" else 1)
        if self._own is not None and kernel == "yours":
            arguments["kernel_size"] = len(self._own)
        longest = max(min(len(self.x) + 1, 9), arguments["kernel_size"])
        last = len(self.x) - 1
        controls = {
            "position": _slider("position", min(arguments["position"], last), 0, last),
            "play": ipywidgets.Play(min=0, max=last, interval=600, show_repeat=False),
            "kernel": ipywidgets.Dropdown(options=names, value=kernel, description="kernel"),
            "kernel_size": _slider("kernel_size", arguments["kernel_size"], 1, longest),
        }
        for name, width in (("kernel", "200px"), ("play", "96px")):
            controls[name].layout.width = width
        controls["kernel"].style.description_width = "50px"
        controls["play"].value = controls["position"].value
        # Joined in the page, so that playing costs one message for each step.
        self._link = ipywidgets.jslink((controls["play"], "value"), (controls["position"], "value"))
        kernels = [self._weight(name, size) for name in names for size in range(1, longest + 1)]
        picture = SlidingWindowPicture(self.x, kernels)
        super().__init__(picture, controls, arguments)

    def describe(self) -> str:
        """Say which samples the current output reads and how the products add up to it."""
        t, weight = self.controls["position"].value, self._current_weight()
        read = self.x[t : t + len(weight)]
        products = " + ".join(f"{number(w)}·{number(v)}" for w, v in zip(weight, read, strict=True))
        where = f"sample {t}" if len(weight) == 1 else f"samples {t} to {t + len(weight) - 1}"
        return f"Output {t} reads {where}: {products} = {number(self.output[t])}."

    def _settle(self) -> None:
        size, own = self.controls["kernel_size"], self.controls["kernel"].value == "yours"
        if own:
            size.value = len(self._own)
        size.disabled = own
        last = max(len(self.x) - len(self._current_weight()), 0)
        for control in (self.controls["position"], self.controls["play"]):
            control.max = last

    def _draw(self) -> None:
        weight = self._current_weight()
        self.output = conv1d_windows(self.x[None], weight[None, None])[0]
        self._picture.update(weight, self.output, self.controls["position"].value)

    def _weight(self, name: str, size: int) -> np.ndarray:
        return self._own if name == "yours" else self.KERNELS[name](size).astype(float)

    def _current_weight(self) -> np.ndarray:
        return self._weight(self.controls["kernel"].value, self.controls["kernel_size"].value)


class ConvArithmetic(Explorable):
    """Vary length, kernel_size, stride, padding and dilation: see every window and count the outputs.

    Args:
        length: samples per channel of the input, L.
        kernel_size: taps of the kernel, K.
        stride: samples the kernel moves from one output to the next.
        padding: samples added on each side.
        dilation: distance in input samples from one tap to the next.

    Raises:
        ValueError: a size is not a whole number in range. A combination that torch refuses is no error: the
            picture then says why.

    Example:
        >>> ConvArithmetic(length=10, kernel_size=3, stride=2).sentence
        'Conv1d turns 10 samples into 4. 1 sample at the end is read by no window.
        L_out = ⌊(10 + 0 + 0 − 1·(3 − 1) − 1) / 2⌋ + 1 = ⌊7 / 2⌋ + 1 = 4'
    """

    def __init__(
        self, length: int = 12, kernel_size: int = 3, stride: int = 1, padding: int = 0, dilation: int = 1
    ) -> None:
        """Make the sliders, wide enough for these values, and draw the windows."""
        arguments = {
            "length": length,
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
        }
        call = call_text("ConvArithmetic", arguments)
        least = {"length": 1, "kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1}
        most = {"length": 24, "kernel_size": 9, "stride": 5, "padding": 5, "dilation": 4}
        start = {name: whole_number(call, name, arguments[name], least[name]) for name in arguments}
        controls = {
            name: _slider(name, start[name], least[name], max(most[name], start[name])) for name in arguments
        }
        picture = WindowsPicture(controls["length"].max, controls["padding"].max)
        super().__init__(picture, controls, start)

    @classmethod
    def from_layer(cls, layer: Any, length: int) -> "ConvArithmetic":
        """Start from an existing `torch.nn.Conv1d`.

        Args:
            layer: the layer; its padding must be a number.
            length: samples per channel of the input.

        Returns:
            The explorable.

        Raises:
            TypeError: the object is not a Conv1d.
            ValueError: the layer pads its two sides differently, which one slider cannot show.
        """
        spec = Conv1dSpec.from_layer(layer)
        left, right = spec.padding_sides
        if left != right:
            raise refusal(
                f"ConvArithmetic.from_layer({layer!r}, length={length!r})",
                f"padding='same' adds {left} on the left and {right} on the right.",
                "the padding slider adds the same on both sides.",
                f"ConvArithmetic(length={length!r}, kernel_size={spec.kernel_size}, padding={right}).",
            )
        return cls(length, spec.kernel_size, spec.stride, left, spec.dilation)

    def describe(self) -> str:
        """Say how many samples go in and come out, and how many are never read."""
        length = self.controls["length"].value
        spec = self._spec()
        unread, tail = len(spec.unread_samples(length)), spec.unread_tail(length)
        sentences = [f"Conv1d turns {_count(length)} into {spec.output_length(length)}."]
        if tail:
            sentences.append(f"{_count(tail)} at the end {'is' if tail == 1 else 'are'} read by no window.")
        if unread > tail:
            gaps = unread - tail
            sentences.append(f"{_count(gaps)} {'is' if gaps == 1 else 'are'} stepped over by every window.")
        if not unread:
            sentences.append("Every sample is read.")
        return " ".join([*sentences, spec.length_formula(length)])

    def _spec(self) -> Conv1dSpec:
        return Conv1dSpec(1, 1, **{name: v for name, v in self.state().items() if name != "length"})

    def _draw(self) -> None:
        self._picture.update(self._spec(), self.controls["length"].value)


def _slider(name: str, value: int, least: int, most: int) -> ipywidgets.IntSlider:
    return ipywidgets.IntSlider(
        value,
        least,
        most,
        description=name,
        style={"description_width": "76px"},
        layout=ipywidgets.Layout(width="250px"),
    )


def _row(call: str, name: str, values: Any) -> np.ndarray:
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


def _count(samples: int) -> str:
    return f"{samples} sample" if samples == 1 else f"{samples} samples"
