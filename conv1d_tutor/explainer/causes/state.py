"""Why does a model not take the weights of a checkpoint? Names and shapes of the two tell how each was built."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.weight_norm import WeightNorm

from ..cause import cause
from ..model import on_meta, shape_copy
from ..readings import Reading, told
from ..run import Shape, recorded
from ..source import built, name_of
from ..words import Explanation

#: How a weight is named that weight_norm takes apart: in old torch, and as a parametrization.
_OLD = ("weight_g", "weight_v")
_NEW = ("parametrizations.weight.original0", "parametrizations.weight.original1")
#: Under these names a checkpoint of a whole training keeps the weights.
_INSIDE = ("state_dict", "model_state_dict", "model", "net", "weights", "params", "generator", "ema")
#: So many layers that differ are told by name.
_MOST = 8
#: So many beginnings of names are tried.
_MOST_PREFIXES = 200


class Pair(NamedTuple):
    """A layer whose weights have other shapes in the checkpoint.

    Attributes:
        path: its path in the model.
        mine: the call that builds it.
        saved: the call that builds a layer for the checkpoint's weights, "" if it is not known.
        keys: its names in the checkpoint that do not fit.
    """

    path: str
    mine: str
    saved: str
    keys: tuple[str, ...]


def is_state(x: Any) -> bool:
    """Whether this is a checkpoint: tensors by name, perhaps within a dict of other things."""
    if not isinstance(x, Mapping) or not x or not all(isinstance(key, str) for key in x):
        return False
    values = list(x.values())
    named = any("." in key or key in ("weight", "bias") for key in x)
    return _inside(x) is not None or (named and all(isinstance(value, torch.Tensor) for value in values))


@cause()
def state_dict(
    model: nn.Module,
    state: Mapping[str, Any],
    name: str = "x",
    call: str = "",
    names: Mapping[str, Any] | None = None,
) -> Explanation:
    """A checkpoint does not fit the model: other names, or layers of other sizes.

    Args:
        model: the model that is to take the weights.
        state: the checkpoint.
        name: how the checkpoint is written in the user's code.
        call: a call of the mended model that ends a repair, in the name ``layer``; "" for none.
        names: what the names in `name` and `call` stand for; `state` for ``x`` if they are left out.

    Returns:
        Whether the model takes them, and what would mend it.

    Example:
        >>> saved = nn.Sequential(nn.Conv1d(16, 16, 9), nn.BatchNorm1d(16)).state_dict()
        >>> found = explain(nn.Sequential(nn.Conv1d(96, 96, 9), nn.BatchNorm1d(96)), saved)
        >>> "checkpoint nn.Conv1d(16, 16, 9), yours nn.Conv1d(96, 96, 9)" in found.text
        True
        >>> wrapped = {f"module.{key}": value for key, value in nn.Conv1d(2, 4, 3).state_dict().items()}
        >>> explain(nn.Conv1d(2, 4, 3), wrapped).fix
        "layer.load_state_dict({key.removeprefix('module.'): value for key, value in x.items()})"
    """
    names, inner = names or {name: state}, _inside(state)
    if inner:
        found = state_dict(model, state[inner], f"{name}[{inner!r}]", call, names)
        if not found.ok:
            return found
        others = ", ".join(repr(key) for key in state if key != inner) or "nothing else"
        text = f"The checkpoint keeps the weights under {inner!r}, beside {others}."
        lines, fix, fixes = told([Reading(_load(f"{name}[{inner!r}]", call), f"{inner!r} holds the weights")])
        return Explanation(False, "state_dict", "\n".join([text, *lines]), fix, fixes=fixes)
    own = {key: value for key, value in model.state_dict().items() if isinstance(value, torch.Tensor)}
    missing = [key for key in own if key not in state]
    unknown = [key for key in state if key not in own]
    differ = [key for key in own if key in state and own[key].shape != state[key].shape]
    if not (missing or unknown or differ) or _runs(_load(name), model, names):
        return Explanation(True, None, f"{name_of(model)} takes these {len(own)} tensors: names and shapes fit.")
    lines = [f"{name_of(model)} and the checkpoint differ."]
    lines += _counted("in the model and not in the checkpoint", missing)
    lines += _counted("in the checkpoint and not in the model", unknown)
    sizes, ways = _of_other_sizes(model, state, differ, name, call) if differ else ([], [])
    lines += sizes
    if missing or unknown:
        ways = [*_renamed(model, state, missing, unknown, name, call)]
    readings = [way for way in ways if _runs(way.expression, model, names)]
    said, fix, fixes = told(readings)
    return Explanation(False, "state_dict", "\n".join([*lines, *said]), fix, fixes=fixes)


@cause()
def copied_weight(model: nn.Module | None, said: str) -> Explanation:
    """A model whose weights are computed anew by weight_norm was to be copied.

    Args:
        model: the model, None if it is not known.
        said: what torch said.

    Returns:
        The explanation.

    Example:
        >>> import copy
        >>> model = nn.Sequential(torch.nn.utils.weight_norm(nn.Conv1d(2, 4, 3)))
        >>> try:
        ...     copy.deepcopy(model)
        ... except RuntimeError as error:
        ...     print("'0'" in explain_error(error).text, explain_error(error).problem)
        True copied_weight
    """
    computed = [
        path or "the model itself"
        for path, module in (model.named_modules() if model is not None else ())
        for value in vars(module).values()
        if isinstance(value, torch.Tensor) and not value.is_leaf
    ]
    where = f" Here they are in {', '.join(map(repr, computed[:_MOST]))}." if computed else ""
    text = (
        "The model holds tensors that were computed from its parameters, and torch copies only the parameters."
        f"{where}\n  torch says: {said}\n"
        "  it means:   torch.nn.utils.weight_norm keeps such a weight beside weight_g and weight_v.\n"
        "  Use torch.nn.utils.parametrizations.weight_norm, which can be copied, or build the model a second time "
        "and load the weights: new.load_state_dict(model.state_dict())."
    )
    return Explanation(False, "copied_weight", text)


def _inside(state: Mapping[str, Any]) -> str | None:
    """The name under which a checkpoint of a whole training keeps the weights, None if it is the weights."""
    held = [key for key, value in state.items() if isinstance(value, Mapping) and value and _is_weights(value)]
    usual = [key for key in held if key in _INSIDE]
    return usual[0] if usual else held[0] if len(held) == 1 else None


def _is_weights(value: Mapping[Any, Any]) -> bool:
    return all(isinstance(key, str) and isinstance(item, torch.Tensor) for key, item in value.items())


def _counted(where: str, keys: list[str]) -> list[str]:
    more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    return [f"  {where}: {', '.join(keys[:3])}{more}"] if keys else []


def _load(state: str, call: str = "", *steps: str) -> str:
    parts = [*steps, f"layer.load_state_dict({state})", *([call] if call else [])]
    return f"({', '.join(parts)})[-1]" if len(parts) > 1 else parts[0]


def _runs(expression: str, model: nn.Module, names: Mapping[str, Any]) -> bool:
    """Whether a repair runs, on shapes and on copies."""
    new = shape_copy(model)
    for copied, module in zip(new.modules(), model.modules(), strict=True):
        # A copy has none of the user's hooks, but it is by one that torch knows an old weight_norm.
        hooks = {key: hook for key, hook in module._forward_pre_hooks.items() if isinstance(hook, WeightNorm)}
        copied._forward_pre_hooks.update(hooks)
        if hasattr(copied, "parametrizations"):
            # To take a parametrization away changes the class, which the copy must not share.
            kind = type(copied)
            own = {name: value for name, value in vars(kind).items() if name not in ("__dict__", "__weakref__")}
            copied.__class__ = type(kind.__name__, kind.__bases__, own)
    names = {key: on_meta(value) for key, value in names.items()}
    names |= {"layer": new, "torch": torch, "nn": nn, "F": F}
    return recorded(lambda: eval(expression, names), meta=True).failure is None


# Layers of other sizes


def _of_other_sizes(
    model: nn.Module, state: Mapping[str, Any], differ: list[str], name: str, call: str
) -> tuple[list[str], list[Reading]]:
    """The layers that differ, in words, and what would mend it."""
    pairs = list(_pairs(model, state, differ))
    lines = [f"  {p.path or 'layer'}: checkpoint {p.saved or 'unknown'}, yours {p.mine}" for p in pairs]
    lines = lines[:_MOST] + ([f"  and {len(lines) - _MOST} more"] if len(lines) > _MOST else [])
    swapped = _swapped(model, state, differ)
    if swapped:
        lines.append(f"  Everywhere the checkpoint has {swapped}.")
    ways = []
    learned = [path for path, module in model.named_modules() if list(module.parameters(recurse=False))]
    if all(pair.saved for pair in pairs):
        steps = [f"layer.set_submodule({pair.path!r}, {pair.saved})" for pair in pairs if pair.path]
        when = "the checkpoint is right: build the model with its sizes"
        if len(steps) == len(pairs):
            ways.append(Reading(_load(name, call, *steps), when))
        elif len(pairs) == 1:
            ways.append(Reading(f"{pairs[0].saved}.load_state_dict({name})", when))
    if len(pairs) == 1 and len(learned) > 2:
        keys = ", ".join(map(repr, pairs[0].keys))
        kept = f"{{key: value for key, value in {name}.items() if key not in ({keys},)}}, strict=False"
        where = f"only {pairs[0].path!r} differs"
        ways = [Reading(way.expression, f"{where}, and {way.when}") for way in ways]
        when = f"{where}, and it is made for your own data: load all the rest, and train it anew"
        ways.append(Reading(_load(kept, call), when))
    return lines, ways


def _swapped(model: nn.Module, state: Mapping[str, Any], differ: list[str]) -> str:
    """The numbers that the checkpoint has in place of the model's, if each always stands for one other."""
    own, found = model.state_dict(), {}
    for key in differ:
        if own[key].ndim != state[key].ndim:
            return ""
        for mine, saved in zip(own[key].shape, state[key].shape, strict=True):
            if mine != saved and found.setdefault(mine, saved) != saved:
                return ""
    return ", ".join(f"{saved} in place of {mine}" for mine, saved in found.items())


def _pairs(model: nn.Module, state: Mapping[str, Any], differ: list[str]) -> Iterator[Pair]:
    """The layers whose weights differ, with the calls that build them."""
    for path, module in model.named_modules():
        begin = f"{path}." if path else ""
        keys = tuple(key for key in differ if key.startswith(begin) and key.removeprefix(begin) in _names(module))
        # What takes a weight apart is told with the layer that has it.
        if keys and "parametrizations" not in path:
            plain = _plain(module)
            mine, saved = built(plain) or name_of(module), ""
            shapes = {name: tuple(state[begin + name].shape) for name in _names(module) if begin + name in state}
            changes = _arguments(plain, shapes)
            if changes is not None:
                saved = built(plain, **changes) or ""
            yield Pair(path, _normed(module, mine), _normed(module, saved) if saved else "", keys)


def _names(module: nn.Module) -> list[str]:
    own = [*module._parameters, *module._buffers]
    return own + [name for name in _NEW if _reached(module, name)]


def _reached(module: nn.Module, path: str) -> bool:
    for part in path.split("."):
        if not hasattr(module, part):
            return False
        module = getattr(module, part)
    return True


def _plain(module: nn.Module) -> nn.Module:
    """A layer without its parametrizations, as torch's own class."""
    if not hasattr(module, "parametrizations"):
        return module
    kind = type(module).__mro__[1]
    plain = kind.__new__(kind)
    plain.__dict__.update(module.__dict__)
    return plain


def _normed(module: nn.Module, source: str) -> str:
    """The call with the weight_norm that the layer has."""
    if _OLD[0] in module._parameters:
        return f"torch.nn.utils.weight_norm({source})"
    if _reached(module, _NEW[0]):
        return f"torch.nn.utils.parametrizations.weight_norm({source})"
    return source


def _arguments(layer: nn.Module, shapes: dict[str, Shape]) -> dict[str, Any] | None:
    """The arguments of a layer whose weights have these shapes, None if they are not told by them."""
    weight = shapes.get("weight") or shapes.get(_OLD[1]) or shapes.get(_NEW[1])
    groups = getattr(layer, "groups", 1)
    if isinstance(layer, nn.RNNBase) and "weight_ih_l0" in shapes:
        gates = layer.weight_ih_l0.shape[0] // layer.hidden_size
        rows, features = shapes["weight_ih_l0"]
        return {"input_size": features, "hidden_size": rows // gates}
    if weight is None:
        # A norm without weights of its own still counts its features.
        features = shapes.get("running_mean")
        return {"num_features": features[0]} if features and hasattr(layer, "num_features") else None
    if isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d) and weight[2:]:
        taps = weight[2] if len(set(weight[2:])) == 1 else weight[2:]
        return {"in_channels": weight[0], "out_channels": weight[1] * groups, "kernel_size": taps}
    if isinstance(layer, nn.Conv1d | nn.Conv2d) and weight[2:]:
        # A depthwise layer keeps one channel for each group, whatever their number.
        groups = weight[0] if groups == layer.in_channels > 1 and weight[1] == 1 else groups
        taps = weight[2] if len(set(weight[2:])) == 1 else weight[2:]
        sizes = {"in_channels": weight[1] * groups, "out_channels": weight[0], "kernel_size": taps}
        return sizes | ({"groups": groups} if groups != layer.groups else {})
    known = {
        nn.Linear: ("out_features", "in_features"),
        nn.Embedding: ("num_embeddings", "embedding_dim"),
        nn.GroupNorm: ("num_channels",),
        nn.PReLU: ("num_parameters",),
    }
    if isinstance(layer, nn.LayerNorm):
        return {"normalized_shape": weight[0] if len(weight) == 1 else list(weight)}
    if hasattr(layer, "num_features"):
        return {"num_features": weight[0]}
    names = next((names for kind, names in known.items() if isinstance(layer, kind)), ())
    return dict(zip(names, weight, strict=True)) if len(names) == len(weight) else None


# Other names


def _renamed(
    model: nn.Module, state: Mapping[str, Any], missing: list[str], unknown: list[str], name: str, call: str
) -> Iterator[Reading]:
    """Ways to give the checkpoint's tensors the names that the model has.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(2, 4, 3), nn.ReLU())
        >>> saved = model.state_dict()
        >>> larger = {f"encoder.{key}": value for key, value in saved.items()} | {"head.weight": saved["0.weight"]}
        >>> "if key.startswith('encoder.')})" in explain(model, larger).fix
        True
        >>> explain(model, {"0.weight": saved["0.weight"]}).fixes[0].expression
        'layer.load_state_dict(x, strict=False)'
        >>> explain(model, {f"net.{key}": value for key, value in saved.items()}).fix
        "layer.load_state_dict({key.removeprefix('net.'): value for key, value in x.items()})"
        >>> explain(nn.Sequential(nn.Sequential(model)), saved).fix
        "layer.load_state_dict({'0.0.' + key: value for key, value in x.items()})"
    """
    own, each = model.state_dict(), f"for key, value in {name}.items()"
    for prefix in _prefixes(unknown):
        if {key.removeprefix(prefix) for key in state} == set(own):
            when = f"the model was saved inside another, which adds {prefix!r} to every name"
            yield Reading(_load(f"{{key.removeprefix({prefix!r}): value {each}}}", call), when)
        elif set(own) == {key.removeprefix(prefix) for key in state if key.startswith(prefix)}:
            when = f"the model is the part {prefix!r} of a larger one"
            part = f"{{key.removeprefix({prefix!r}): value {each} if key.startswith({prefix!r})}}"
            yield Reading(_load(part, call), when)
    for prefix in _prefixes(missing):
        if {prefix + key for key in state} == set(own):
            when = f"the model is wrapped in another, which adds {prefix!r} to every name"
            yield Reading(_load(f"{{{prefix!r} + key: value {each}}}", call), when)
    yield from _weight_normed(missing, unknown, name, call)
    if bool(missing) != bool(unknown):
        what = "has no weights for the layers above" if missing else "has weights for layers that the model lacks"
        when = f"the checkpoint {what}, and that is meant: load what fits"
        yield Reading(_load(f"{name}, strict=False", call), when, sure=False)


def _prefixes(keys: list[str]) -> list[str]:
    """What names begin with, up to a dot, the shortest first."""
    begins = {key[: place + 1] for key in keys for place, sign in enumerate(key) if sign == "."}
    return sorted(begins, key=len)[:_MOST_PREFIXES]


def _weight_normed(missing: list[str], unknown: list[str], name: str, call: str) -> Iterator[Reading]:
    """The weight of a layer is taken apart by weight_norm in one of the two, and not in the other.

    Example:
        >>> new, old = torch.nn.utils.parametrizations.weight_norm, torch.nn.utils.weight_norm
        >>> plain, normed, normed_before = nn.Conv1d(2, 4, 3), new(nn.Conv1d(2, 4, 3)), old(nn.Conv1d(2, 4, 3))
        >>> explain(plain, normed.state_dict()).fix
        '(torch.nn.utils.parametrizations.weight_norm(layer), layer.load_state_dict(x))[-1]'
        >>> explain(normed_before, plain.state_dict()).fix
        '(torch.nn.utils.remove_weight_norm(layer), layer.load_state_dict(x))[-1]'
        >>> "a newer weight_norm" in explain(normed_before, normed.state_dict()).text
        True
    """
    (old_g, old_v), (new_g, new_v) = _OLD, _NEW
    renamed = {key.replace(new_g, old_g).replace(new_v, old_v) for key in unknown}
    if renamed == set(missing) and renamed != set(unknown):
        when = "the checkpoint has the names of a newer weight_norm, torch.nn.utils.parametrizations.weight_norm"
        key = f"key.replace({new_g!r}, {old_g!r}).replace({new_v!r}, {old_v!r})"
        yield Reading(_load(f"{{{key}: value for key, value in {name}.items()}}", call), when)
    for (first, _), function, removed in (
        (_OLD, "weight_norm", "remove_weight_norm(layer{})"),
        (_NEW, "parametrizations.weight_norm", "parametrize.remove_parametrizations(layer{}, 'weight')"),
    ):
        saved = [key.removesuffix(first) for key in unknown if key.endswith(first)]
        if saved and {f"{begin}weight" for begin in saved} == set(missing):
            when = "the checkpoint was saved with weight_norm, and the model has none: put it on, then load"
            steps = [f"torch.nn.utils.{function}(layer{_at(begin)})" for begin in saved]
            yield Reading(_load(name, call, *steps), when)
        mine = [key.removesuffix(first) for key in missing if key.endswith(first)]
        if mine and {f"{begin}weight" for begin in mine} == set(unknown):
            when = "the checkpoint was saved without weight_norm, and the model has it: remove it, then load"
            steps = [f"torch.nn.utils.{removed.format(_at(begin))}" for begin in mine]
            yield Reading(_load(name, call, *steps), when)


def _at(begin: str) -> str:
    """The layer at the beginning of a name, as it stands behind ``layer``."""
    path = begin.rstrip(".")
    return f".get_submodule({path!r})" if path else ""
