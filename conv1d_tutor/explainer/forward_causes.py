"""Why did the model's own code fail, and which turn of the input would make the whole model run?"""

from collections.abc import Iterator

from torch import nn

from .situation import CONVOLUTIONS, Candidate, Situation, path_of
from .source import built
from .subject import Edit

#: Layers that fix what an axis must be; without one, that a turned input runs proves nothing.
_ANCHORS = (*CONVOLUTIONS, nn.Linear, nn.RNNBase, nn.BatchNorm1d, nn.LayerNorm, nn.GroupNorm)


def whole_input(at: Situation) -> Iterator[Candidate]:
    """Turns of the model's input. They count only if the whole model then runs with its own sizes."""
    x = at.x
    anchored = at.run.visits and any(isinstance(module, _ANCHORS) for module in at.run.model.modules())
    if not anchored or at.kind in ("dtype", "device", "indices", "one_value", "arguments", "tuple"):
        return
    if len(x) == 1:
        words = "one signal without batch and channel axis"
        yield _turn("missing_channel_axis", "{}.unsqueeze(0).unsqueeze(0)", 0.85, words)
        if x[0] == getattr(at.layer, "in_channels", None) != 1:
            words = f"one case with {x[0]} channels and no time: a batch of one, with a length of 1"
            yield _turn("missing_length_axis", "{}.unsqueeze(0).unsqueeze(-1)", 0.6, words)
    elif len(x) == 2:
        yield _turn(
            "missing_batch_axis", "{}.unsqueeze(0)", 0.8, f"one case of {x[0]} × {x[1]} without a batch axis"
        )
        words = f"{x[0]} cases of one channel and {x[1]} steps; the channel axis is missing between"
        yield _turn("missing_channel_axis", "{}.unsqueeze(1)", 0.85 if x[1] > 1 else 0.4, words)
        words = f"one case of {x[0]} steps and {x[1]} channels: channels stand last, and the batch axis is missing"
        yield _turn("channels_last", "{}.T.unsqueeze(0)", 0.7, words)
        words = f"{x[0]} cases of one channel and {x[1]} steps, channels last"
        yield _turn("missing_channel_axis", "{}.unsqueeze(-1)", 0.5, words)
    elif len(x) == 3 and not isinstance(at.layer, nn.Linear | nn.BatchNorm1d | nn.LayerNorm | nn.GroupNorm):
        turned = not at.untouched and at.shape == (x[0], x[2], x[1]) and not at.before
        words = (
            f"the model turns its input itself, so it wants (batch, time, channels), and x is (batch {x[0]}, "
            f"channels {x[1]}, "
            f"time {x[2]}) already: give it x turned, or take the turn out of forward"
            if turned
            else f"(batch {x[0]}, time {x[1]}, channels {x[2]}): channels stand last"
        )
        yield _turn(
            "turned_twice" if turned else "channels_last", "{}.permute(0, 2, 1)", 0.95 if turned else 0.7, words
        )
        for axis in (1, 2, 0):
            if x[axis] == 1:
                yield _turn("extra_axis", f"{{}}.squeeze({axis})", 0.6, f"axis {axis} of size 1 is one too many")
    elif len(x) == 4:
        for axis in (1, 3, 2, 0):
            if x[axis] == 1:
                yield _turn("extra_axis", f"{{}}.squeeze({axis})", 0.7, f"axis {axis} of size 1 is one too many")


def layers_of_two_dimensions(at: Situation) -> Iterator[Candidate]:
    """Pooling and dropout of two dimensions take a 3-D input, and read its channels as the height of an image."""
    edits, said = [], []
    for visit in at.before:
        name, path = type(visit.module).__name__, path_of(at.run.model, visit.module)
        new = built(visit.module, kind=name.replace("2d", "1d")) if name.endswith("2d") else None
        if path and new and len(visit.inputs[0]) == 3:
            edits.append(Edit("layer", new, path))
            said.append(f"{name} {path!r} reads {visit.inputs[0]} as one image and so pools over channels")
    if edits:
        yield Candidate("layer_dimension", tuple(edits), 0.9, f"{'; '.join(said)}: {edits[0].source} is meant")


def layers_of_one_dimension(at: Situation) -> Iterator[Candidate]:
    """A stack of 1d layers that was given images."""
    if len(at.x) != 4 or not at.untouched or 1 in at.x[2:] or getattr(at.layer, "in_channels", 0) != at.x[1]:
        return
    edits = []
    for path, module in at.run.model.named_modules():
        name = type(module).__name__
        new = built(module, kind=name.replace("1d", "2d")) if name.endswith("1d") else None
        if path and new:
            edits.append(Edit("layer", new, path))
    if edits:
        words = (
            f"(batch {at.x[0]}, channels {at.x[1]}, height {at.x[2]}, width {at.x[3]}): images need the 2d layers"
        )
        yield Candidate("needs_conv2d", tuple(edits), 0.6, words)


def _turn(code: str, source: str, weight: float, belief: str) -> Candidate:
    return Candidate(code, (Edit("input", source),), weight, belief)


def unequal_lengths(at: Situation) -> Iterator[Candidate]:
    """An addition or a concatenation of two branches of different length."""
    convs = [v for v in at.before if isinstance(v.module, nn.Conv1d) and len(v.inputs[0]) == len(v.output)]
    changed = [v for v in convs if v.output[-1] != v.inputs[0][-1] and v.module.stride == (1,)]
    edits, said = [], []
    for visit in changed:
        layer, path = visit.module, path_of(at.run.model, visit.module)
        new = built(layer, padding="same")
        if path and new:
            edits.append(Edit("layer", new, path))
            said.append(f"{path!r} makes {visit.output[-1]} of {visit.inputs[0][-1]} samples")
    if edits:
        words = f"both sides must have the same length, and {'; '.join(said)}. padding='same' keeps the length"
        yield Candidate("length_mismatch", tuple(dict.fromkeys(edits)), 0.7, words)


def no_candidate_words(at: Situation) -> tuple[str, str] | None:
    """The code and the meaning of a failure of the model's own code, for which no expression stands."""
    kind, line = at.kind, at.failure.line
    where = f" The line is: {line}" if line else ""
    if kind in ("add", "cat"):
        return "length_mismatch", (
            f"{at.failure.function} met tensors of "
            f"{' and '.join(map(str, at.failure.shapes)) or 'different shapes'}: the "
            "branches that meet there have different lengths or channels. Give every branch the same padding "
            "rule, or cut "
            f"the longer one.{where}"
        )
    if kind == "view":
        return "view_size", (
            f"the sizes written in view/reshape do not multiply to the numbers there are{_of(at)}. Write the "
            "batch as it is "
            f"and let -1 find the rest: h.view(h.size(0), -1).{where}"
        )
    if kind == "strides":
        return "view_strides", (
            "view needs values that lie in memory in that order, and permute or transpose only relabelled the "
            "axes. Use "
            f"reshape (it copies), and check that the axes are in the order you mean.{where}"
        )
    if kind in ("permute", "axis"):
        return "wrong_number_of_axes", (
            f"the model's code expects another number of axes than there are{_of(at)}; often the batch axis or "
            "the channel "
            f"axis is missing in the input.{where}"
        )
    return None


def _of(at: Situation) -> str:
    return f" in {at.failure.shapes[0]}" if at.failure.shapes else ""
