"""Why do two branches of a model not meet, in an addition or a concatenation?"""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from ..cause import Repair, When, cause, means, remark
from ..functions import COMPARING
from ..lengths import next_length
from ..run import Edit, Visit, resized
from ..situation import Situation
from ..source import attribute, built
from .positions import table_of

_WHEN = When(kinds=("add", "cat"))


@cause(_WHEN)
def length_mismatch(at: Situation) -> Iterator[Repair]:
    """Branches of different length meet in an addition or concatenation.

    Example:
        >>> class Residual(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(8, 8, 3)
        ...
        ...     def forward(self, x):
        ...         return self.conv(x) + x
        >>> explain(Residual(), (1, 8, 50)).fix
        "(setattr(layer.conv, 'padding', 'same'), layer(x))[-1]"
    """
    slid = [v for v in _slid(at) if v.output[-1] != v.inputs[0][-1] and v.module.padding_mode == "zeros"]
    if slid:
        made = "; ".join(f"{v.path!r} makes {v.output[-1]} of {v.inputs[0][-1]} samples" for v in slid)
        words = f"both sides must have the same length, and {made}. padding='same' keeps the length"
        edits = (Edit("set", "'same'", f"{v.path}.padding") for v in slid)
        # Where another length helps, the data may be what is wrong; padding that is too much may have to be cut.
        shorter = all(v.output[-1] < v.inputs[0][-1] for v in slid)
        cure = "; ".join(f"{attribute(v.path)} = {built(v.module, padding='same')}" for v in slid)
        certain = shorter and next_length(at) is None
        yield Repair(words, edits=tuple(dict.fromkeys(edits)), certain=certain, doubtful=not certain, cure=cure)


@cause(_WHEN, same_as=length_mismatch)
def padding_to_be_cut(at: Situation) -> Iterator[Repair]:
    """A convolution pads both sides for a causal kernel, and what is too much at the end was not cut off.

    Example:
        >>> class Causal(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(8, 8, 4, padding=3)
        ...
        ...     def forward(self, x):
        ...         return self.conv(x) + x
        >>> explain(Causal(), (1, 8, 50)).fix
        '(layer.conv.register_forward_hook(lambda m, args, out: out[..., :50]), layer(x))[-1]'
    """
    causal = [v for v in _slid(at) if v.module.padding == (_spread(v.module),) and v.output[-1] > v.inputs[0][-1]]
    if causal:
        made = "; ".join(
            f"padding={v.module.padding[0]} of {v.path!r} makes {v.output[-1]} samples" for v in causal
        )
        words = f"{made}: as much as a causal kernel needs on the left, so what is too much at the end is cut off"
        edits = (Edit("after", f"{{}}[..., :{v.inputs[0][-1]}]", v.path) for v in causal)
        cure = "; ".join(f"h = {attribute(v.path)}(h)[..., :-{v.module.padding[0]}]" for v in causal)
        yield Repair(words, edits=tuple(dict.fromkeys(edits)), certain=True, cure=cure)


@cause(_WHEN, same_as=length_mismatch)
def longer_by_a_little(at: Situation) -> Iterator[Repair]:
    """One branch is longer by a sample or a few, which can be cut off.

    Example:
        >>> class Doubling(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.down, self.up = nn.Conv1d(8, 8, 5, stride=2, padding=2), nn.Upsample(scale_factor=2)
        ...
        ...     def forward(self, x):
        ...         return x + self.up(self.down(x))
        >>> explain(Doubling(), (1, 8, 1001)).fixes[0].expression
        '(layer.up.register_forward_hook(lambda m, args, out: out[..., :1001]), layer(x))[-1]'
    """
    if at.unlike is None:
        return
    short, long = sorted(at.unlike)
    maker = next((v for v in reversed(at.before) if v.path and v.output[-1:] == (long,)), None)
    if maker and len(maker.output) == 3 and long - short <= max(2, short // 50):
        words = f"{maker.path!r} gives {long} samples, {long - short} more than the other branch: cut them off"
        cure = f"h = {attribute(maker.path)}(h)[..., :{short}]"
        yield Repair(words, edits=(Edit("after", f"{{}}[..., :{short}]", maker.path),), cure=cure)


def _slid(at: Situation) -> list[Visit]:
    """The convolutions of the model that slide without a stride, to which the length may be left."""
    return [
        v
        for v in at.before
        if isinstance(v.module, nn.Conv1d)
        and v.path
        and v.module.stride == (1,)
        and len(v.inputs[0]) == len(v.output)
    ]


def _spread(layer: nn.Conv1d | nn.ConvTranspose1d) -> int:
    """How far the last tap lies from the first."""
    return layer.dilation[0] * (layer.kernel_size[0] - 1)


@cause(_WHEN, same_as=length_mismatch)
def not_a_multiple(at: Situation) -> Iterator[Repair]:
    """A transposed convolution gives a sample more or fewer than its stride times its input.

    Example:
        >>> class Decoding(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.down = nn.Conv1d(1, 8, 10, stride=5, padding=3)
        ...         self.up = nn.ConvTranspose1d(8, 1, 10, stride=5, padding=3)
        ...
        ...     def forward(self, x):
        ...         return self.up(self.down(x)) - x
        >>> explain(Decoding(), (2, 1, 500)).fix
        "(setattr(layer.up, 'output_padding', (1,)), layer(x))[-1]"
    """
    settings = {v.path: (v.module, exact) for v in at.before if v.path and (exact := _exact(v))}
    if not settings:
        return
    made = "; ".join(f"{v.path!r} makes {v.output[-1]} of {v.inputs[0][-1]}" for v in at.before if _exact(v))
    words = (
        f"{made}: beside what has a stride, or counts samples, a transposed convolution is to give its stride "
        "times its input, and 2·padding = dilation·(kernel_size − 1) + 1 − stride + output_padding makes it do so"
    )
    edits = [
        Edit("set", f"({value},)", f"{path}.{name}")
        for path, (layer, exact) in settings.items()
        for name, value in exact.items()
        if getattr(layer, name) != (value,)
    ]
    cures = (f"{attribute(path)} = {built(layer, **exact)}" for path, (layer, exact) in settings.items())
    yield Repair(words, edits=tuple(edits), cure="; ".join(cures))


def _exact(visit: Visit) -> dict[str, int] | None:
    """The padding with which a transposed convolution gives its stride times its input; None if it does."""
    layer = visit.module
    if not isinstance(layer, nn.ConvTranspose1d) or visit.output is None:
        return None
    stride, reach = layer.stride[0], _spread(layer) + 1
    if visit.output[-1] == stride * visit.inputs[0][-1] or reach < stride:
        return None
    padding = layer.padding[0]
    if not 0 <= stride + 2 * padding - reach < stride:
        padding = (reach - stride + 1) // 2
    return {"padding": padding, "output_padding": stride + 2 * padding - reach}


@cause(_WHEN, same_as=length_mismatch)
def remainder_of_a_stride(at: Situation) -> Iterator[Repair]:
    """A stride dropped a remainder in one branch.

    Example:
        >>> class Downsampling(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.pool, self.conv = nn.AvgPool1d(2), nn.Conv1d(4, 4, 3, stride=2, padding=1)
        ...
        ...     def forward(self, x):
        ...         return self.pool(x) + self.conv(x)
        >>> [fix.expression for fix in explain(Downsampling(), (2, 4, 69)).fixes][-1]
        'layer(F.pad(x, (0, 1)))'
        >>> class Horizon(Downsampling):
        ...     def forward(self, x):
        ...         return super().forward(x.transpose(1, 2))
        >>> [fix.expression for fix in explain(Horizon(), (2, 69, 4)).fixes][-1]
        'layer(F.pad(x, (0, 0, 0, 1)))'
    """
    found = next_length(at)
    if found:
        axis, length = found
        words = (
            f"a stride drops a remainder of some lengths; with {length} samples in place of {at.x[axis]} the "
            "branches meet. Pad the data to such a length"
        )
        yield Repair(words, whole=resized(len(at.x), axis, length - at.x[axis]).source)


@cause(_WHEN, same_as=length_mismatch)
def stride_of_a_branch(at: Situation) -> Iterator[Repair]:
    """One branch has a stride, and the other has none.

    Example:
        >>> class Shortcut(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.short = nn.Conv1d(8, 8, 3, stride=2, padding=1), nn.Conv1d(8, 8, 1)
        ...
        ...     def forward(self, x):
        ...         return self.conv(x) + self.short(x)
        >>> for fix in explain(Shortcut(), (4, 8, 50)).fixes:
        ...     print(fix.changes, fix.keeps_weights)
        builds nn.Conv1d(8, 8, 1, stride=2) with the old weights True
        builds nn.Conv1d(8, 8, 3, padding=1) with the old weights True
    """
    slid = [v for v in at.before if isinstance(v.module, nn.Conv1d) and v.path and len(v.output) == 3]
    strided = [v for v in slid if v.module.stride[0] > 1]
    for visit in slid:
        stride = strided[0].module.stride[0] if strided else 1
        alike = bool(strided) and visit.inputs == strided[0].inputs
        if alike and visit.module.stride == (1,) and visit.output[-1] > strided[0].output[-1]:
            words = f"{strided[0].path!r} has stride={stride}, so {visit.path!r} beside it needs the same"
            new = built(visit.module, stride=stride)
            yield Repair(words, edits=(Edit("layer", new, visit.path),), when="is the signal to become shorter?")
            words = f"{visit.path!r} keeps every step, so {strided[0].path!r} beside it must have no stride"
            new = built(strided[0].module, stride=1)
            yield Repair(words, edits=(Edit("layer", new, strided[0].path),))


@remark(length_mismatch)
def samples_for_a_step(at: Situation, readings: list[Any]) -> Iterator[str]:
    """How many samples the model makes of a step of one argument, and how many another argument has for it.

    Example:
        >>> class Vocoder(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.up = nn.ConvTranspose1d(80, 1, 16, stride=8, padding=4)
        ...
        ...     def forward(self, mel, wave):
        ...         return self.up(mel) - wave
        >>> "8 samples of each, and x[1] has 10" in explain(Vocoder(), ((2, 80, 32), (2, 1, 320))).text
        True
    """
    lengths = [a.shape[-1] if torch.is_tensor(a) and a.ndim else 0 for a in at.subject.args]
    if at.unlike is None or not at.subject.several or sum(n in at.unlike for n in lengths) != 1:
        return
    other = next(i for i, n in enumerate(lengths) if n in at.unlike)
    made = sum(at.unlike) - lengths[other]
    for i, steps in enumerate(lengths):
        if i != other and steps > 1 and made % steps == lengths[other] % steps == 0 and made > steps:
            yield (
                f"x[{i}] has {steps} steps. The model makes {made // steps} samples of each, and x[{other}] has "
                f"{lengths[other] // steps} for each: the one is what its strides multiply to, the other the hop "
                "with which the data were made. Only these settings tell which of the two is meant"
            )


@means(length_mismatch, _WHEN)
def branches_meet(at: Situation) -> str:
    """What torch means by refusing to add or join two tensors."""
    if table_of(at):
        return ""
    if at.failure.function in COMPARING and len(at.failure.shapes) > 1:
        return _compared(at)
    shapes = " and ".join(map(str, at.failure.shapes)) or "different shapes"
    return (
        f"{at.failure.function} met tensors of {shapes}: the branches that meet there have different lengths or "
        f"channels. Give every branch the same padding rule, or cut the longer one.{at.line}"
    )


def _compared(at: Situation) -> str:
    """What a loss met, and where as many numbers came from before they were put in a row.

    Example:
        >>> class Training(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(7, 7, 45)
        ...
        ...     def forward(self, x, y):
        ...         return nn.functional.mse_loss(self.conv(x).flatten(), y.flatten())
        >>> text = explain(Training(), ((16, 7, 104), (16, 60))).text
        >>> "7 times as many: those of 'conv', (16, 7, 60), and of (16, 60), which was given" in text
        True
    """
    prediction, target = at.failure.shapes[:2]
    words = (
        f"{at.failure.function} compares a prediction {prediction} with a target {target}, and both need one "
        f"shape.{at.line}"
    )
    few, many = sorted(math.prod(shape) for shape in (prediction, target))
    made = [(f"{v.path!r}, {v.output}", v.output) for v in reversed(at.before) if v.path and v.output]
    given = [(f"{shape}, which was given", shape) for shape in at.run.visits[0].inputs]
    sources = [next((name for name, shape in made + given if math.prod(shape) == n), "") for n in (many, few)]
    if few and many % few == 0 and all(sources):
        words += f" The one has {many // few} times as many: those of {sources[0]}, and of {sources[1]}."
    return words
