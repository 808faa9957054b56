"""What a trained layer looks for: each kernel, its response to each case over time, and where it fires most."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .._refusals import Refused, refusing, whole_number
from .._refusals import names as one_name_each
from ..arithmetic import Conv1dSpec
from ..plotting.checks import heights
from ..reference import conv1d_matmul
from .base import Explorable, slider


class LearnedKernels(Explorable):
    """Look into a trained Conv1d: each kernel, its response to each case over time, and where it fires most.

    A kernel fires where its output is above 0, which is what ReLU lets through.

    Args:
        conv: a trained `torch.nn.Conv1d` with padding 0, stride 1 and groups 1.
        signals: what the layer reads, scaled as in training, (N, C, L).
        names: a name for each channel; "channel 0", … if None.
        labels: what is known of each case, (N,), to be said beside its name.
        ids: a name for each case, (N,); "case 0", … if None.
        kernel: which kernel to begin with.
        patient: which case to begin with, its place in `signals`.
        sliders: ``"page"``, or ``"ipywidgets"`` for ipywidgets' own.

    Raises:
        TypeError, ValueError: `conv` is no Conv1d, the layer pads, strides or groups, or the signals, names,
            labels or ids do not fit it.

    Example:
        >>> import torch
        >>> explorable = LearnedKernels(torch.nn.Conv1d(1, 4, 2), [[[0, 1, 5, 4]]], ids=["P1"])
        >>> explorable.kernel = 3
        >>> explorable
        LearnedKernels(kernel=3, patient=0)
    """

    #: More rows than this are too many to be compared.
    MOST_CHANNELS: ClassVar[int] = 16

    @refusing
    def __init__(
        self,
        conv: Any,
        signals: Any,
        *,
        names: Sequence[str] | None = None,
        labels: Sequence[Any] | None = None,
        ids: Sequence[Any] | None = None,
        kernel: int = 0,
        patient: int = 0,
        sliders: str = "page",
    ) -> None:
        """Check that layer, signals and names fit."""
        spec = Conv1dSpec.from_layer(conv)
        _refuse_other_layers(spec)
        weight = _learned("weight", conv.weight)
        bias = np.zeros(spec.out_channels) if conv.bias is None else _learned("bias", conv.bias)
        axes = ("cases", "channels", "length")
        signals = heights("signals", signals, axes, finite=True).astype(float)
        # The reference refuses signals that do not fit the kernels, with the rule.
        responses = conv1d_matmul(signals, weight, bias, dilation=spec.dilation)
        cases, channels = signals.shape[:2]
        # (N, O, K) time steps read by each strongest output, and (N, O, C) what each channel gives to it.
        reads = responses.argmax(axis=2)[..., np.newaxis] + np.array(spec.window(0))
        read = signals[np.arange(cases)[:, np.newaxis, np.newaxis], :, reads]
        gives = np.einsum("nokc,ock->noc", read, weight)
        data = {
            "signals": signals,
            "weight": weight,
            "bias": bias,
            "dilation": spec.dilation,
            # The same scales for every kernel on every case.
            "responses": [responses.min(), responses.max()],
            "gives": np.abs(gives).max(),
            "names": one_name_each("names", names, channels),
            "ids": one_name_each("ids", ids, cases, "case"),
            "labels": None if labels is None else one_name_each("labels", labels, cases, "case"),
        }
        last = {"kernel": spec.out_channels - 1, "patient": cases - 1}
        given = {"kernel": kernel, "patient": patient}
        controls = [slider(name, whole_number(name, given[name], 0, most), 0, most) for name, most in last.items()]
        super().__init__(controls, data, sliders)


def _refuse_other_layers(spec: Conv1dSpec) -> None:
    """Refuse a layer whose windows do not lie one step apart on the signal itself, or do not read all channels."""
    plain = {"stride": (spec.stride, 1), "padding": (sum(spec.padding_sides), 0), "groups": (spec.groups, 1)}
    for name, (found, wanted) in plain.items():
        if found != wanted:
            rule = f"the picture lays every window over all channels, one step apart: {name}={wanted}."
            advice = f"a layer with {name}={wanted} and the same weights, or the first layer of the network."
            raise Refused(f"{name}={getattr(spec, name)!r}.", rule, advice)
    most = LearnedKernels.MOST_CHANNELS
    if spec.in_channels > most:
        rule = f"the picture has a row for each channel, and room for {most}."
        raise Refused(f"in_channels={spec.in_channels}.", rule, "the first layer of the network.")


def _learned(name: str, values: Any) -> np.ndarray:
    """Return what the layer has learned as float64."""
    learned = heights(name, values).astype(float)
    if not np.isfinite(learned).all():
        found = f"{int((~np.isfinite(learned)).sum())} of {learned.size} numbers in the {name} not finite."
        rule = "a trained kernel holds finite numbers; here the training went wrong."
        raise Refused(found, rule, "training again with a smaller learning rate, on inputs without gaps.")
    return learned
