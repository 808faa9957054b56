"""What speaks for a repair? Named facts, read from what was changed; there are no weights.

That something ran proves little: a new layer with other channels, or zeros at the end, run nearly always. So
repairs are ordered by what they keep and by who agrees with them, and one is "the" fix only where it alone is
ahead.
"""

import re
from functools import lru_cache
from typing import NamedTuple

#: What a piece of an expression does to the numbers, in the order in which it is told.
_CHANGES = (
    (r"\bF\.pad\(", "adds zeros"),
    (r"\.(?:mean|sum)\(", "averages values"),
    (r"\.expand\(|\.repeat\(", "repeats values"),
    (r"\[[^\]]*:[^\]]*\]|\.narrow\(", "drops or picks values"),
    (r"\.(?:float|double|half|bfloat16|long|to)\(", "converts numbers"),
    (r"\.argmax\(|F\.one_hot\(", "writes classes in another way"),
    (r"\.eval\(\)", "switches to evaluation"),
    (r"\bsetattr\(", "sets an argument"),
    (r"\.(?:permute|transpose|T\b|mT\b|movedim)", "turns axes"),
    (r"\.(?:unsqueeze|squeeze|flatten|unflatten|reshape|view)\(", "adds, drops or joins axes"),
)
#: Those that take an axis for another one, and all that leave every number as it is.
_MOVING = {"turns axes", "adds, drops or joins axes"}
_KEEPING = {"converts numbers", "switches to evaluation", "sets an argument", *_MOVING}
#: A layer that is built, and the beginnings of those that learn nothing.
_NEW_LAYER = re.compile(r"\b(?:nn\.(?!Parameter\b)[A-Z]\w*|type\(layer\))\(")
#: What gives a new layer the weights of the old one.
_SAME_WEIGHTS = re.compile(r"\.load_state_dict\(layer\.")
_WITHOUT_WEIGHTS = ("Module", "Sequential", "Flatten", "Unflatten", "MaxPool", "AvgPool", "Adaptive", "Identity")
_PAD = re.compile(r"F\.pad\(.*?, \(([-\d, ]+)\)\)")


class Fix(NamedTuple):
    """A repair that ran.

    Attributes:
        expression: a Python expression in the names ``layer``, ``x``, ``torch``, ``nn`` and ``F``, that ran.
        when: what it takes the axes and arguments for: it is meant if that is so.
        keeps_weights: whether the layers stay those that were given; the weights of a new layer are new.
        changes: what it does, in words: ``"turns axes"``, ``"adds zeros"``, ``"builds nn.Conv1d(…) anew"``.
    """

    expression: str
    when: str
    keeps_weights: bool
    changes: str


class Evidence(NamedTuple):
    """What speaks for a repair. More is better, and what stands first counts first.

    Attributes:
        undoubted: no cause knows of a usual case where something else is meant.
        agreed: layers further on, with sizes of their own, ran as they are.
        sound: the layers stay those that were given, or the model as it is written can only mean this.
        faithful: every number stays as it is, or the model as it is written asks for just that change.
        kept: the layers stay, whatever the model may mean.
        direct: it is one repair and not several.
    """

    undoubted: bool
    agreed: bool
    sound: bool
    faithful: bool
    kept: bool
    direct: bool

    @property
    def suffices(self) -> bool:
        """Whether a repair with no rival may be called the fix."""
        return self.undoubted and self.sound and self.faithful


class Changes(NamedTuple):
    """What an expression changes.

    Attributes:
        words: all of it, in words.
        keeps_weights: whether it builds no layer that learns.
        keeps_numbers: whether every number is handed on, perhaps at another place or as another dtype.
        moves_axes: whether it takes an axis for another one.
        zeros: how many zeros it puts beside a signal.
    """

    words: str
    keeps_weights: bool
    keeps_numbers: bool
    moves_axes: bool
    zeros: int


@lru_cache(maxsize=1024)
def changes(expression: str) -> Changes:
    """Read from an expression what it changes.

    Args:
        expression: a repair, or a part of one.

    Returns:
        What it changes.

    Example:
        >>> changes("layer(x.float().permute(0, 2, 1))").words
        'converts numbers, turns axes'
        >>> changes("nn.Conv1d(5, 8, 3)(F.pad(x, (2, 29)))")[:3]
        ('adds zeros, builds nn.Conv1d(5, 8, 3) anew', False, False)
        >>> changes("layer(F.pad(x, (2, 29)))").zeros
        31
        >>> kept = "(new := nn.Conv1d(5, 8, 3, stride=2)).load_state_dict(layer.conv.state_dict())"
        >>> changes(f"({kept}, layer.set_submodule('conv', new), layer(x))[-1]").keeps_weights
        True
    """
    built = list(dict.fromkeys(_layers_built(expression)))
    rest = expression
    for layer in built:
        rest = rest.replace(layer, "")
    # The further arguments that a hook or a call hands on are no choice of values.
    rest = re.sub(r"\*{1,2}(?:args|x)\[[-\d:]*\]", "", rest)
    kinds = [words for pattern, words in _CHANGES if re.search(pattern, rest)]
    new = [layer for layer in built if not layer.removeprefix("nn.").startswith(_WITHOUT_WEIGHTS)]
    return Changes(
        words=", ".join([*kinds, *(_built(layer, expression) for layer in built)]) or "changes nothing",
        keeps_weights=len(new) <= len(_SAME_WEIGHTS.findall(expression)),
        keeps_numbers=_KEEPING.issuperset(kinds),
        moves_axes=not _MOVING.isdisjoint(kinds),
        zeros=sum(max(int(n), 0) for pad in _PAD.findall(rest) for n in pad.split(",") if n.strip()),
    )


def _built(layer: str, expression: str) -> str:
    """A layer that is built, in words."""
    return f"builds {layer} {'with the old weights' if f'(new := {layer})' in expression else 'anew'}"


def fix_of(expression: str, when: str) -> Fix:
    """A repair as it is handed out, with what its expression changes."""
    made = changes(expression)
    return Fix(expression, when, made.keeps_weights, made.words)


def _layers_built(expression: str) -> list[str]:
    """The calls that build a layer, with what stands in their parentheses."""
    found = []
    for start in _NEW_LAYER.finditer(expression):
        depth, end = 1, start.end()
        while depth and end < len(expression):
            depth += {"(": 1, ")": -1}.get(expression[end], 0)
            end += 1
        found.append(expression[start.start() : end])
    return found
