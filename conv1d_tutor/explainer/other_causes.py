"""Why does a layer around a Conv1d refuse? Linear, norms, recurrent layers, pooling, dtypes."""

import math
from collections.abc import Iterator

import torch
from torch import nn

from .run import Visit
from .situation import CONVOLUTIONS, Candidate, Situation, attribute, path_of
from .source import built
from .subject import Edit

#: How a tensor is brought to a dtype, in the user's words.
_CASTS = {
    torch.float32: ".float()",
    torch.float64: ".double()",
    torch.float16: ".half()",
    torch.bfloat16: ".bfloat16()",
}


def linear(at: Situation) -> Iterator[Candidate]:
    """A Linear whose in_features is not the last axis of its input."""
    layer, shape, wanted = at.layer, at.shape, at.layer.in_features
    yield from eaten_batch(at)
    if len(shape) >= 3 and math.prod(shape[1:]) == wanted != shape[1]:
        yield Candidate(
            "missing_flatten",
            (at.here("{}.flatten(1)"),),
            0.9,
            f"in_features={wanted} is {' · '.join(map(str, shape[1:]))}: all values of a case in one row, so a "
            "Flatten is "
            "missing before it",
            at.cure("{}.flatten(1)"),
        )
    if len(shape) == 3 and shape[1] == wanted:
        length = shape[2]
        edit = "{}.squeeze(-1)" if length == 1 else "{}.permute(0, 2, 1)"
        yield Candidate(
            "linear_axis",
            (at.here(edit),),
            0.85,
            f"Linear works on the last axis, and in_features={wanted} is axis 1, the channels: "
            + ("drop the length of 1" if length == 1 else f"turn it, to apply it at each of the {length} steps"),
            at.cure(edit),
        )
        if length > 1 and not at.untouched:
            yield Candidate(
                "linear_axis",
                (at.here("{}.mean(dim=-1)"),),
                0.72,
                f"one answer per case is wanted: take the mean over the {length} steps before the Linear",
                at.cure("{}.mean(dim=-1)"),
            )
    if len(shape) == 2 and shape[0] == wanted:
        words = f"in_features={wanted} is axis 0: the two axes stand the wrong way round"
        yield Candidate("linear_axis", (at.here("{}.T"),), 0.5, words, at.cure("{}.T"))
    new = built(layer, in_features=shape[-1]) if shape else None
    if new:
        yield Candidate("linear_in_features", (at.replaced(new),), 0.6, _row_of(at, shape[-1]))


def _row_of(at: Situation, found: int) -> str:
    """Where the numbers that reach a Linear come from."""
    source = next((v for v in reversed(at.before) if v.output and len(v.output) == 3), None)
    if len(at.shape) == 2 and source and math.prod(source.output[1:]) == found:
        _, channels, length = source.output
        name = path_of(at.run.model, source.module) or type(source.module).__name__
        return (
            f"after {name!r} a case is channels {channels} × length {length}; flattened these are "
            f"{channels}·{length} = "
            f"{found} numbers, so in_features={found}, not {at.layer.in_features}"
        )
    return f"the last axis of its input has {found} numbers, so in_features={found}, not {at.layer.in_features}"


def eaten_batch(at: Situation) -> Iterator[Candidate]:
    """A Flatten or view that put the cases of the batch into one row."""
    shape, wanted, batch = at.shape, at.layer.in_features, at.x[0] if at.x else 0
    flatten = next((v for v in at.before if isinstance(v.module, nn.Flatten) and v.module.start_dim == 0), None)
    if flatten is not None:
        words = (
            f"Flatten(start_dim=0) put the {flatten.inputs[0][0]} cases of the batch into one row; start_dim=1 "
            "keeps them"
        )
        path = path_of(at.run.model, flatten.module)
        yield Candidate("flatten_batch", (Edit("layer", "nn.Flatten()", path),), 0.95, words)
    if flatten is None and batch > 1 and math.prod(shape) == batch * wanted and shape[0] != batch:
        edit = f"{{}}.reshape({batch}, -1)"
        words = (
            f"the {batch} cases of the batch were flattened together into {shape}; one row per case has {wanted} "
            "numbers, "
            "as in_features says"
        )
        cure = (
            f"in forward keep axis 0: torch.flatten(h, 1), or h.view(h.size(0), -1), before {attribute(at.path)}"
        )
        yield Candidate("flatten_batch", (at.here(edit),), 0.9, words, cure)


def batch_norm(at: Situation) -> Iterator[Candidate]:
    """A BatchNorm1d or InstanceNorm1d that sees another number of channels, or of axes."""
    layer, shape = at.layer, at.shape
    if at.kind == "one_value":
        words = (
            f"in training every channel is normalised by its mean over batch and length, and {shape} has one "
            "value per "
            "channel. For a prediction switch to eval(); in training use a batch of at least 2 "
            "(DataLoader(drop_last=True))"
        )
        yield Candidate("one_value_per_channel", (Edit("layer", "layer.eval()"),), 0.8, words)
        return
    if at.kind == "norm_axes":
        if len(shape) == 1:
            words = "a squeeze() also dropped the batch axis of size 1"
            yield Candidate(
                "missing_batch_axis", (at.here("{}.unsqueeze(0)"),), 0.7, words, at.cure("{}.unsqueeze(0)")
            )
        yield from other_dimension(at)
        yield from _ones_dropped(at)
        return
    features = layer.num_features
    # One to three channels and many features: num_features was set to the length.
    few = len(shape) >= 2 and shape[1] <= 3 and features > 4 * shape[1]
    turned = len(shape) == 3 and shape[2] == features and not few and not at.channels_are_first
    if turned:
        yield from turned_around(
            at, f"num_features={features} is axis 2: channels stand last, and this layer wants axis 1"
        )
    new = built(layer, num_features=shape[1]) if len(shape) >= 2 else None
    if new:
        words = f"axis 1 is the channels and has {shape[1]}, so num_features={shape[1]}, not {features}"
        if at.channels_are_first and shape[2:] == (features,):
            words += f"; {features} is the length"
        yield Candidate("norm_features", (at.replaced(new),), 0.4 if turned else 0.6, words)


def other_norm(at: Situation) -> Iterator[Candidate]:
    """A LayerNorm or GroupNorm on the wrong axis."""
    layer, shape = at.layer, at.shape
    if isinstance(layer, nn.LayerNorm) and len(layer.normalized_shape) == 1 and len(shape) == 3:
        (features,) = layer.normalized_shape
        if shape[1] == features:
            yield from turned_around(
                at, f"LayerNorm({features}) works on the last axis, and the {features} channels are axis 1"
            )
        new = built(layer, normalized_shape=shape[-1])
        words = f"normalise over the last axis as it is, of size {shape[-1]}"
        if new:
            yield Candidate("norm_axis", (at.replaced(new),), 0.4, words)
    if isinstance(layer, nn.LayerNorm) and 1 < len(layer.normalized_shape) < len(shape):
        tail = list(shape[-len(layer.normalized_shape) :])
        new = built(layer, normalized_shape=tail)
        words = f"the last axes are {tail}: normalized_shape must be that, and so holds for this length only"
        if new:
            yield Candidate("norm_axis", (at.replaced(new),), 0.6, words)
    if isinstance(layer, nn.GroupNorm) and len(shape) >= 2 and shape[1] % layer.num_groups == 0:
        new = built(layer, num_channels=shape[1])
        words = f"axis 1 has {shape[1]} channels, so num_channels={shape[1]}, not {layer.num_channels}"
        if new:
            yield Candidate("norm_features", (at.replaced(new),), 0.6, words)


def turned_around(at: Situation, why: str) -> Iterator[Candidate]:
    """Turn the tensor before a norm, and back after it where the rest of the model needs that."""
    turn = "{}.permute(0, 2, 1)"
    keeps_order = isinstance(at.layer, nn.LayerNorm)
    if at.untouched:
        words = why + "; turn the data"
        yield Candidate("norm_axis", (Edit("input", turn),), 0.6 if keeps_order else 0.8, words)
    yield Candidate(
        "norm_axis",
        (at.here(turn), Edit("after", turn, at.path)),
        0.8 if keeps_order or not at.untouched else 0.65,
        why + "; turn it before this layer and back after it",
        at.path and f"in forward: h = {attribute(at.path)}(h.permute(0, 2, 1)).permute(0, 2, 1)",
    )


def other_dimension(at: Situation) -> Iterator[Candidate]:
    """A 2d layer on signals, or a 1d layer on images."""
    name, axes = type(at.layer).__name__, len(at.shape)
    if name.endswith("2d") and axes in (2, 3):
        other = name.replace("2d", "1d")
    elif name.endswith("1d") and axes == 4 and 1 not in at.shape[1:]:
        other = name.replace("1d", "2d")
    else:
        return
    source = built(at.layer, kind=other) if hasattr(nn, other) else None
    if source:
        words = (
            f"{name} is made for {4 if '2d' in name else 3} axes and the input has {axes}: {other} is its "
            "counterpart"
        )
        yield Candidate("layer_dimension", (at.replaced(source),), 0.7, words)


def _ones_dropped(at: Situation) -> Iterator[Candidate]:
    for axis, size in enumerate(at.shape):
        if size == 1 and len(at.shape) == 4:
            edit = f"{{}}.squeeze({axis})"
            words = f"axis {axis} has size 1 and is one axis too many"
            yield Candidate("extra_axis", (at.here(edit),), 0.75, words, at.cure(edit))


def recurrent(at: Situation) -> Iterator[Candidate]:
    """An LSTM, GRU or RNN after a convolution."""
    layer, shape = at.layer, at.shape
    if len(shape) == 3 and shape[1] == layer.input_size:
        order = "0, 2, 1" if layer.batch_first else "2, 0, 1"
        edit = f"{{}}.permute({order})"
        wants = (
            "(batch, time, features)" if layer.batch_first else "(time, batch, features), as batch_first is False"
        )
        words = f"the {shape[1]} channels are axis 1, and {type(layer).__name__} reads {wants}"
        yield Candidate("rnn_axis", (at.here(edit),), 0.9, words, at.cure(edit))
    if len(shape) == 2 and not at.is_whole and shape[-1] != layer.input_size:
        edit = "{}.unsqueeze(-1)"
        words = f"{shape} has no features axis: one value per step is a features axis of 1"
        yield Candidate("missing_channel_axis", (at.here(edit),), 0.6, words, at.cure(edit))
    new = built(layer, input_size=shape[-1]) if shape else None
    if new:
        words = f"the last axis has {shape[-1]} features, so input_size={shape[-1]}, not {layer.input_size}"
        yield Candidate("rnn_features", (at.replaced(new),), 0.55, words)


def turned_for_attention(at: Situation) -> Iterator[Candidate]:
    """Attention and transformer layers after a convolution."""
    if len(at.shape) == 3 and at.message.split("dimension of ")[-1].split(",")[0] == str(at.shape[1]):
        edit = "{}.permute(0, 2, 1)"
        words = f"the {at.shape[1]} channels are axis 1, and attention reads them from the last axis"
        yield Candidate("rnn_axis", (at.here(edit),), 0.85, words, at.cure(edit))


def dtype(at: Situation) -> Iterator[Candidate]:
    """Numbers of another kind than the weights."""
    found = at.dtype
    if isinstance(at.layer, nn.Embedding):
        words = f"an Embedding looks up rows by whole numbers, and the input is {_short(found)}"
        yield Candidate("dtype", (at.here("{}.long()"),), 0.7, words, at.cure("{}.long()"))
        return
    wanted = (
        next((p.dtype for p in at.layer.parameters()), torch.float32) if at.layer is not None else torch.float32
    )
    if found is None or (found == wanted and at.kind == "dtype"):
        return
    if found.is_complex:
        channels = getattr(at.layer, "in_channels", None)
        if len(at.shape) == 3 and channels == 2 * at.shape[1]:
            edit = "torch.cat([{0}.real, {0}.imag], dim=1)"
            words = "complex numbers as two real channels each: in_channels is twice the complex channels"
            yield Candidate("dtype", (at.here(edit),), 0.8, words)
        return
    cast = _CASTS.get(wanted, f".to({wanted})")
    edit = f"{{}}{cast}"
    words = f"the input is {_short(found)} and the weights are {_short(wanted)}: convert the data"
    if found == torch.float64:
        words += " (NumPy and pandas make float64 by default)"
    yield Candidate("dtype", (at.here(edit),), 0.95, words, at.cure(edit))


def _short(kind: torch.dtype | None) -> str:
    return str(kind).removeprefix("torch.")


def length_wanted(at: Situation) -> tuple[Visit, int] | None:
    """For a Linear after a Flatten: the layer before it, and the length there that in_features was counted for."""
    source = next((v for v in reversed(at.before) if v.output and len(v.output) == 3), None)
    if source is None or not isinstance(at.layer, nn.Linear) or at.layer.in_features % source.output[1]:
        return None
    sliding = any(isinstance(v.module, CONVOLUTIONS) for v in at.before)
    return (source, at.layer.in_features // source.output[1]) if sliding else None
