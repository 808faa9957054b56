"""Which repairs are worth trying, for which layer and which message?"""

from collections.abc import Iterator

from torch import nn

from . import conv_causes, forward_causes, other_causes, size_causes
from .lengths import least_length, next_length
from .situation import BATCH_NORMS, CONVOLUTIONS, RECURRENT, Candidate, Situation, attribute
from .source import built
from .subject import Edit


def candidates(at: Situation) -> Iterator[Candidate]:
    """All repairs worth trying in a situation."""
    layer, kind, axes = at.layer, at.kind, len(at.shape)
    if at.run.failure.visit is None:
        return
    if kind in ("dtype", "indices"):
        yield from other_causes.dtype(at)
    elif kind == "tuple":
        words = "the layer before gives (output, state), a tuple; its first entry is the output"
        cure = f"in forward: h, _ = …, or h = h[0], before {attribute(at.entry)}" if at.path else ""
        yield Candidate("tuple_output", (Edit("before", "{}[0]", at.entry),), 0.8, words, cure)
        return
    elif kind == "arguments" or not axes:
        return
    elif isinstance(layer, CONVOLUTIONS):
        yield from _for_convolution(at, axes)
    elif isinstance(layer, nn.Linear) and kind == "linear":
        yield from other_causes.linear(at)
    elif isinstance(layer, BATCH_NORMS):
        yield from other_causes.batch_norm(at)
    elif isinstance(layer, nn.LayerNorm | nn.GroupNorm):
        yield from other_causes.other_norm(at)
    elif isinstance(layer, RECURRENT) and kind == "rnn_features":
        yield from other_causes.recurrent(at)
    elif kind == "embedding_dim":
        yield from other_causes.turned_for_attention(at)
    elif axes == 4 and type(layer).__name__.endswith("1d"):
        yield from conv_causes.four_axes(at)
        yield from other_causes.other_dimension(at)
    elif type(layer).__name__.endswith("2d"):
        yield from other_causes.other_dimension(at)
    elif kind == "too_short":
        yield from size_causes.too_short(at)
    if kind in ("add", "cat"):
        yield from forward_causes.unequal_lengths(at)
        yield from _longer_by_a_little(at)
    if kind == "one_value" and not isinstance(layer, BATCH_NORMS):
        yield from other_causes.batch_norm(at)
    if not at.edits:
        yield from forward_causes.layers_of_two_dimensions(at)
        yield from forward_causes.layers_of_one_dimension(at)
        yield from forward_causes.whole_input(at)
    if kind == "too_short" and not at.untouched:
        yield from _longer(at)


def _for_convolution(at: Situation, axes: int) -> Iterator[Candidate]:
    layer, kind = at.layer, at.kind
    if kind in ("two_numbers", "weight_axes") or any(
        isinstance(size, tuple) and len(size) > 1 for size in (layer.kernel_size, layer.stride, layer.padding)
    ):
        yield from size_causes.two_numbers(at)
    elif kind == "same_with_stride":
        new = built(layer, padding=size_causes.padded_reach(layer)[0] // 2)
        words = (
            "'same' promises as many outputs as inputs, a stride above 1 keeps fewer: write the padding as a "
            "number"
        )
        if new:
            yield Candidate("same_with_stride", (at.replaced(new),), 0.8, words)
    elif kind == "fractions":
        names = ("kernel_size", "stride", "padding", "dilation")
        whole = {
            n: tuple(int(v) for v in getattr(layer, n)) for n in names if not isinstance(getattr(layer, n), str)
        }
        new = built(layer, **{name: value[0] for name, value in whole.items() if len(value) == 1})
        words = "a size came out of a division with / and is a float; // gives a whole number"
        if new:
            yield Candidate("bad_size", (at.replaced(new),), 0.9, words)
    elif kind == "sizes":
        least = {"stride": 1, "dilation": 1, "padding": 0}
        wrong = {
            n: v for n, v in least.items() if not isinstance(getattr(layer, n), str) and getattr(layer, n)[0] < v
        }
        new = built(layer, **wrong)
        if new:
            yield Candidate("bad_size", (at.replaced(new),), 0.7, f"the least that makes sense is {wrong}")
    elif kind == "output_padding":
        new = built(layer, output_padding=0)
        words = (
            "output_padding chooses among the lengths that a stride or dilation above 1 leaves open; with "
            f"stride={layer.stride[0]} it must be 0. One more sample at the end is F.pad(y, (0, 1)) after the "
            "layer"
        )
        if new:
            yield Candidate("output_padding", (at.replaced(new),), 0.8, words)
    elif kind == "too_short":
        yield from size_causes.too_short(at)
    elif axes == 2:
        yield from conv_causes.two_axes(at)
    elif axes == 3:
        yield from conv_causes.three_axes(at)
    elif axes == 4:
        yield from conv_causes.four_axes(at)
    elif axes > 4:
        yield from conv_causes.many_axes(at)


def _longer(at: Situation) -> Iterator[Candidate]:
    found = least_length(at)
    if found:
        axis, least = found
        ends = "0, 0, " * (len(at.x) - 1 - axis)
        edit = Edit("input", f"F.pad({{}}, ({ends}0, {least - at.x[axis]}))")
        words = (
            f"every layer before shortens the signal, and {at.shape[-1]} samples are left of {at.x[axis]}; the "
            "least length "
            f"that works is {least}"
        )
        yield Candidate("stack_too_short", (edit,), 0.6, words)


def _longer_by_a_little(at: Situation) -> Iterator[Candidate]:
    least = next_length(at)
    if least:
        words = (
            f"a stride drops a remainder of some lengths; with {least} samples in place of {at.x[-1]} the "
            "branches meet. "
            "Pad the data to such a length"
        )
        edit = Edit("input", f"F.pad({{}}, (0, {least - at.x[-1]}))")
        yield Candidate("length_mismatch", (edit,), 0.55, words)
