"""What runs, and is still suspicious? Notes for a run without an error, each for one silent trap."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import nn

from .run import Run, Visit
from .situation import CONVOLUTIONS, RECURRENT, path_of
from .subject import Subject

#: Numbers of features that are common as channels, and so no sign of a time axis.
WIDTHS = {16, 32, 50, 64, 100, 128, 200, 256, 300, 384, 512, 768, 1024}
#: Layers that hand on values one by one, so that what comes out is still "the convolution's output".
_POINTWISE = (nn.ReLU, nn.GELU, nn.ELU, nn.LeakyReLU, nn.Tanh, nn.Sigmoid, nn.SiLU, nn.Dropout, nn.BatchNorm1d)
_POOLS = (nn.MaxPool1d, nn.AvgPool1d)


class Note(NamedTuple):
    """Something that no error tells.

    Attributes:
        code: a short name.
        text: one or two sentences.
    """

    code: str
    text: str

    def __str__(self) -> str:
        """The sentences alone."""
        return self.text


def notes_on(subject: Subject, run: Run) -> list[Note]:
    """All notes on a run, without repeats."""
    leaves = [v for v in run.leaves if v.inputs]
    found: dict[Note, None] = {}
    first = next((v for v in leaves if isinstance(v.module, CONVOLUTIONS)), None)
    if first is not None:
        found.update(dict.fromkeys(_on_the_input(run, leaves, first)))
    for i, visit in enumerate(leaves):
        after = leaves[i + 1] if i + 1 < len(leaves) else None
        if isinstance(visit.module, nn.MaxPool2d | nn.AvgPool2d) and len(visit.inputs[0]) == 3:
            found[_over_channels(run, visit)] = None
        if type(visit.module) is nn.Conv1d:
            found.update(dict.fromkeys(_on_a_convolution(run, visit, after)))
        if i and visit.output is not None:
            found.update(dict.fromkeys(_on_what_follows(run, leaves[:i], visit)))
    found.update(dict.fromkeys(_on_the_output(run, leaves)))
    found.update(dict.fromkeys(_on_the_values(subject)))
    return list(found)


def _name(run: Run, visit: Visit) -> str:
    path = path_of(run.model, visit.module)
    kind = type(visit.module).__name__
    return f"{kind} {path!r}" if path else kind


def _on_the_input(run: Run, leaves: list[Visit], first: Visit) -> Iterator[Note]:
    x, shape, layer = run.visits[0].inputs[0], first.inputs[0], first.module
    if shape != x:
        return
    if len(shape) == 2:
        yield Note(
            "unbatched_input",
            f"{shape} is read as one case of {shape[0]} channels × {shape[1]} steps. If the {shape[0]} are cases "
            "of a batch, "
            "the channel axis is missing: x.unsqueeze(1), with in_channels=1.",
        )
    if len(shape) == 3:
        _, channels, length = shape
        if channels == length > 1:
            yield Note(
                "square_input",
                f"axes 1 and 2 both have size {length}: whether channels stand first cannot be seen from the "
                "shape, and a wrong "
                "order raises no error. Check by values, for instance with check_layout.",
            )
        far_more = channels >= 4 * length and channels not in WIDTHS
        if length > 1 and channels >= 20 and (far_more or (2 * length <= channels and length <= 12)):
            yield Note(
                "in_channels_is_time",
                f"in_channels={layer.in_channels} and a length of {length}: if the {channels} are time steps and "
                f"the {length} are "
                "features, the kernel slides over features. Then use x.permute(0, 2, 1) and "
                f"in_channels={length}.",
            )
    if 0 in x:
        yield Note("empty_batch", f"an axis of {x} has size 0: torch lets it pass, and nothing is computed.")


def _on_a_convolution(run: Run, visit: Visit, after: Visit | None) -> Iterator[Note]:
    layer, length, out = visit.module, visit.inputs[0][-1], visit.output[-1] if visit.output else 0
    name, kernel, dilation = _name(run, visit), layer.kernel_size[0], layer.dilation[0]
    if len(visit.inputs[0]) == 2 and len(run.visits[0].inputs[0]) > 2:
        yield Note(
            "unbatched_input",
            f"{name} reads {visit.inputs[0]} as one case of {layer.in_channels} channels: a layer before dropped "
            "an axis, and "
            "the cases of the batch are taken for channels.",
        )
    if length == 1:
        yield Note(
            "length_one",
            f"{name}: the length is 1, so there is nothing to slide over; it computes what a Linear computes.",
        )
    if isinstance(layer.padding, str) or layer.stride != (1,) or layer.padding[0] == 0:
        return
    padding, spread = layer.padding[0], dilation * (kernel - 1)
    follows = after.inputs[0] if after is not None else run.output_shape or (0,)
    cut_after = follows[-1] == length
    if kernel % 2 == 0 and spread % 2 == 1 and abs(2 * padding - spread) == 1:
        yield Note(
            "even_kernel",
            f"{name}: an even kernel ({kernel}) with the same padding on both sides cannot keep the length: "
            f"{length} becomes "
            f"{out}. padding='same' pads the extra sample on the right.",
        )
    elif dilation > 1 and kernel % 2 and padding == (kernel - 1) // 2:
        yield Note(
            "dilation_without_padding",
            f"{name}: padding={padding} keeps the length without dilation; with dilation={dilation} it takes "
            f"padding={spread // 2}. {length} becomes {out}.",
        )
    elif kernel > 1 and padding == spread and not cut_after:
        yield Note(
            "causal_padding_kept",
            f"{name}: padding={padding} makes {out} samples of {length}. If it is meant to be causal, cut the "
            f"last {padding} "
            f"(y[..., :-{padding}]), or pad before it: F.pad(x, ({padding}, 0)) with padding=0.",
        )


def _over_channels(run: Run, visit: Visit) -> Note:
    kind = type(visit.module).__name__
    return Note(
        "pool_over_channels",
        f"{_name(run, visit)} reads {visit.inputs[0]} as one image and pools over the channels too; for signals "
        f"{kind.replace('2d', '1d')} is meant.",
    )


def _on_what_follows(run: Run, before: list[Visit], visit: Visit) -> Iterator[Note]:
    """A layer that reads the output of a convolution along the wrong axis."""
    source = _convolution_behind(before)
    shape = visit.inputs[0]
    if isinstance(visit.module, RECURRENT):
        first = visit.module.batch_first
        if source is not None and shape == source.output and len(shape) == 3:
            yield Note(
                "rnn_over_channels",
                f"{_name(run, visit)} reads {shape} straight from a convolution, (batch, channels, length), and "
                "takes the "
                "channels for time steps. permute(0, 2, 1) before it makes them features (with batch_first=True).",
            )
        elif not first and len(shape) == 3 and shape[0] == run.visits[0].inputs[0][0] != shape[1]:
            yield Note(
                "rnn_batch_first",
                f"{_name(run, visit)} has batch_first=False and sees {shape}: it takes the {shape[0]} cases for "
                "time steps. "
                "Build it with batch_first=True.",
            )
    if source is None or shape != source.output or len(shape) != 3:
        return
    if isinstance(visit.module, nn.Linear):
        yield Note(
            "linear_over_time",
            f"{_name(run, visit)} works on the last axis of {shape}, which is time: each channel by itself. To "
            "mix channels at "
            "each step use permute(0, 2, 1) before it; for one answer per case, Flatten or a mean over time.",
        )
    if (
        isinstance(visit.module, nn.LayerNorm)
        and tuple(visit.module.normalized_shape) == shape[-1:]
        and shape[1] != shape[2]
    ):
        yield Note(
            "norm_over_time", f"{_name(run, visit)} normalises over the last axis of {shape}, which is time."
        )


def _convolution_behind(before: list[Visit]) -> Visit | None:
    """The last convolution or pooling, if only value-by-value layers came after it."""
    for visit in reversed(before):
        if isinstance(visit.module, (*CONVOLUTIONS, *_POOLS)):
            return Visit(visit.module, visit.inputs, visit.dtypes, before[-1].output)
        if not isinstance(visit.module, _POINTWISE):
            return None
    return None


def _on_the_output(run: Run, leaves: list[Visit]) -> Iterator[Note]:
    x, out = run.visits[0].inputs[0] if run.visits and run.visits[0].inputs else (), run.output_shape
    if not x or not out or len(x) != 3 or not any(isinstance(v.module, CONVOLUTIONS) for v in leaves):
        return
    cases = [v for v in leaves if isinstance(v.module, nn.Linear) and len(v.inputs[0]) == 2]
    if cases and len(out) == 2 and out[0] != x[0] and math.prod(cases[-1].inputs[0]) % x[0] == 0:
        yield Note(
            "batch_changed",
            f"{x[0]} cases go in and {out[0]} rows come out: a view or flatten moved values between the batch "
            "and the features. "
            "Keep axis 0: h.view(h.size(0), -1), or torch.flatten(h, 1).",
        )
    elif out[-1] == 1 or (len(out) == 3 and out[1] == 1 != x[1]):
        axis = len(out) - 1 if out[-1] == 1 else 1
        yield Note(
            "size_one_axis",
            f"the output {out} has size 1 at axis {axis}: squeeze() without an axis drops a batch of 1 too, and "
            "a loss against a "
            f"target without that axis broadcasts. Name the axis: squeeze({axis}).",
        )
    decoder = next((v for v in reversed(leaves) if isinstance(v.module, nn.ConvTranspose1d)), None)
    if (
        decoder is not None
        and len(out) == 3
        and out[1] == x[1]
        and out[2] != x[2]
        and abs(out[2] - x[2]) < x[2] / 2
    ):
        yield Note(
            "decoder_length",
            f"{x[2]} samples go in and {out[2]} come out, so a loss against the input fails. A stride drops a "
            "remainder that "
            "ConvTranspose1d cannot know: set output_padding, pass output_size, or use a length that the strides "
            "divide.",
        )


def _on_the_values(subject: Subject) -> Iterator[Note]:
    for value in subject.args:
        if not isinstance(value, torch.Tensor) or value.is_meta or not value.is_floating_point():
            continue
        finite = torch.isfinite(value)
        if value.numel() and not bool(finite.all()):
            count = int((~finite).sum())
            yield Note(
                "not_finite",
                f"{count} of {value.numel()} values are NaN or infinite; every output that reads one is too.",
            )
