"""Were the data made with other settings than the model, as another n_fft, hop or number of features?"""

import inspect
from collections.abc import Iterator

from ..cause import Repair, When, cause
from ..run import Edit
from ..situation import Situation

#: So many settings are tried.
_MOST = 8


@cause(When(unless=("device", "dtype", "one_value"), whole=True))
def settings_differ(at: Situation) -> Iterator[Repair]:
    """The data were made with other settings than the model.

    Example:
        >>> class Inverse(nn.Module):
        ...     def __init__(self, n_fft=1024, hop=160):
        ...         super().__init__()
        ...         self.hop = hop
        ...         self.register_buffer("basis", torch.zeros(n_fft + 2, 1, n_fft))
        ...
        ...     def forward(self, spectrum):
        ...         return nn.functional.conv_transpose1d(spectrum, self.basis, stride=self.hop)
        >>> explain(Inverse(), (4, 642, 30)).fixes[0].expression
        'type(layer)(n_fft=640).train(layer.training)(x)'
        >>> class Upsampling(nn.Module):
        ...     def __init__(self, hop=300):
        ...         super().__init__()
        ...         self.smooth, self.up = nn.Conv1d(8, 8, 3, padding=1), nn.Upsample(scale_factor=hop)
        ...
        ...     def forward(self, wave, mels):
        ...         return torch.cat([wave.unsqueeze(1), self.up(self.smooth(mels))], dim=1)
        >>> "hop=275" in explain(Upsampling(), ((4, 1375), (4, 8, 5))).text
        True
    """
    model, pair = at.subject.model, _two_sizes(at)
    if pair is None or type(model).__module__.startswith("torch."):
        return
    for name, value, other in list(_others(model, *pair))[:_MOST]:
        new = f"type(layer)({name}={other}).train(layer.training)"
        kept = f"(lambda m: (m.load_state_dict(layer.state_dict()), m)[-1])({new})"
        words = (
            f"the model was built with {name}={value}, and {pair[1]} where it wants {pair[0]} are what "
            f"{name}={other} gives: one setting for both"
        )
        when = f"with which {name} were the data made?"
        for source in (kept, new):
            edit = Edit("layer", source)
            if at.subject.run((edit,)).failure is None:
                yield Repair(words, edits=(edit,), when=when, doubtful=True)
                break


def _two_sizes(at: Situation) -> tuple[int, int] | None:
    """The size that was wanted, and the one that came."""
    if at.kind in ("channels", "rnn_features"):
        wanted, found = (int(number) for number in at.failure.numbers[:2])
        return wanted, found
    return at.unlike and (at.unlike[1], at.unlike[0])


def _others(model: object, wanted: int, found: int) -> Iterator[tuple[str, int, int]]:
    """Each whole number that the model was built with, and what it would be if the size that came were right."""
    try:
        parameters = inspect.signature(type(model).__init__).parameters.values()
    except (TypeError, ValueError):
        return
    own = [p for p in parameters if p.name != "self" and p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    if any(p.default is inspect.Parameter.empty for p in own):
        return
    for parameter in own:
        # Not getattr: a property is code of the model, and may raise.
        value = vars(model).get(parameter.name, parameter.default)
        if type(value) is not int or value < 1 or value != parameter.default:
            continue
        tried = set()
        for a, b in ((wanted, found), (found, wanted)):
            added = a - value
            if value * b % a == 0:
                tried.add(value * b // a)
            if 0 < abs(added) <= max(2, value // 2) and b - added > 0:
                tried.add(b - added)
            half = a - value // 2
            if 0 <= half <= 2 and b > half:
                tried.add(2 * (b - half))
        for other in sorted(tried - {value}):
            yield parameter.name, value, other
