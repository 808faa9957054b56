"""What do the user's own names of the axes say? With them nothing has to be guessed."""

from collections.abc import Iterator
from typing import Any

from torch import nn

from ..._refusals import Refused, brief
from ..cause import Candidate, Repair, cause, cause_of
from ..layers import BATCH_NORMS, CONVOLUTIONS, POOLS, RECURRENT
from ..note import Note, note
from ..notes.input import in_channels_is_time, square_input, unbatched_input
from ..run import Edit, Run, Subject, Visit, resized
from ..search import in_order
from ..situation import Situation

#: The words for each kind of axis. "samples" stands for time as well as for cases, so it is not among them.
_WORDS = {
    "batch": "batch b n case cases patient patients recording recordings trial trials example examples sentence "
    "sentences subject subjects",
    "channels": "channels channel c feature features f variable variables sensor sensors lead leads electrode "
    "electrodes band bands bins mel mels signal signals coefficient coefficients embedding",
    "time": "time t length l step steps timesteps frame frames hour hours day days minute minutes second seconds "
    "token tokens position positions",
    "windows": "window windows chunk chunks segment segments",
    "one": "1 one",
}
_KINDS = {word: kind for kind, words in _WORDS.items() for word in words.split()}
#: The orders that layers want: convolutions, norms and pools; recurrent layers, attention and Linear.
_ORDERS = (("batch", "channels", "time"), ("batch", "time", "channels"))
#: Notes that guess what the axes are.
_GUESSES = tuple(guess.__name__ for guess in (in_channels_is_time, square_input, unbatched_input))
_CHANNELS_FIRST = (*CONVOLUTIONS, *BATCH_NORMS, *POOLS, nn.GroupNorm)
_CHANNELS_LAST = (*RECURRENT, nn.Linear, nn.LayerNorm, nn.MultiheadAttention)


def kinds_of(axes: Any, args: tuple[Any, ...]) -> tuple[str, ...]:
    """Read the names of the axes of an input.

    Args:
        axes: the names in order, as one text or several.
        args: the input, the first of several.

    Returns:
        For each axis ``"batch"``, ``"channels"``, ``"time"``, ``"windows"`` or ``"one"``.

    Raises:
        Refused: they do not name the axes of this input.

    Example:
        >>> kinds_of("patients hours features", (torch.empty(239, 49, 5),))
        ('batch', 'time', 'channels')
        >>> "2 names, and x has the 3 axes" in explain(nn.Conv1d(5, 8, 3), (239, 49, 5), axes="batch time").text
        True
    """
    advice = 'axes="batch time channels", the names in the order of your axes'
    shape = tuple(getattr(args[0], "shape", ()))
    if len(args) > 1:
        rule = "the axes of one input can be named."
        raise Refused(f"axes={brief(axes)} for {len(args)} inputs.", rule, "explain(model, x) without axes")
    several = isinstance(axes, list | tuple) and all(isinstance(name, str) for name in axes)
    if not isinstance(axes, str) and not several:
        raise Refused(f"axes={brief(axes)}, no names.", "axes names what each axis of x is.", advice)
    names = axes.replace(",", " ").split() if isinstance(axes, str) else list(axes)
    said = f"axes={brief(axes)}"
    if len(names) != len(shape):
        found = f"{said} has {len(names)} names, and x has the {len(shape)} axes {shape}."
        raise Refused(found, "every axis of x has one name.", advice)
    unknown = [name for name in names if name.lower() not in _KINDS]
    if unknown:
        rule = "an axis is batch, channels or time (or windows; 1 for an axis of size 1)."
        raise Refused(f"{said}: {unknown[0]!r} is no axis known here.", rule, advice)
    kinds = tuple(_KINDS[name.lower()] for name in names)
    for kind in ("batch", "channels", "time", "windows"):
        if kinds.count(kind) > 1:
            raise Refused(f"{said}: {kinds.count(kind)} of the names mean {kind}.", "each is there once.", advice)
    for kind, size in zip(kinds, shape, strict=True):
        if kind == "one" and size != 1:
            raise Refused(f"{said}: the axis called 1 has size {size}.", "1 names an axis of size 1.", advice)
    return kinds


@cause(harmless=True)
def axes_order() -> None:
    """The axes, as they were named, stand in another order than the model wants.

    Example:
        >>> found = explain(nn.Conv1d(49, 8, 3), (49, 239, 5), axes="time batch channels")
        >>> found.problem, found.fixes[0].expression
        ('channel_count', 'nn.Conv1d(5, 8, 3)(x.permute(1, 2, 0))')
        >>> explain(nn.Conv1d(5, 8, 3), (5, 239, 49), axes="channels batch time").fix
        'layer(x.permute(1, 0, 2))'
    """


def to_order(subject: Subject) -> Candidate | None:
    """The repair that brings the axes of an input into the order that the model wants.

    Args:
        subject: the model and its input, whose axes were named.

    Returns:
        The repair; None if they stand in that order.
    """
    kinds, shape = subject.named, tuple(subject.args[0].shape)
    size = dict(zip(kinds, shape, strict=True))
    channels, time = size.get("channels", 1), size.get("time", 1)
    orders = {_turn(kinds, order): order for order in reversed(_ORDERS)}
    # As it is, if it is read so; else the first order that is; else the order of a convolution.
    sources = ["{}", *(source for source in reversed(orders) if source != "{}")]
    if channels == time and "time" in kinds:
        # One step more tells the two apart.
        one_more = resized(len(kinds), kinds.index("time"), 1).source
        longer = [source.replace("{}", one_more, 1) for source in sources]
        runs, time = [subject.run((Edit("input", source),)) for source in longer], time + 1
    else:
        runs = [subject.run((Edit("input", source),) if source != "{}" else ()) for source in sources]
    fitting = [source for source, run in zip(sources, runs, strict=True) if _reads(run, channels, time)]
    source = fitting[0] if fitting else _turn(kinds, _ORDERS[0])
    if source == "{}":
        return None
    order = orders[source]
    named = " × ".join(f"{kind} {n}" for kind, n in zip(kinds, shape, strict=True))
    words = f"you said that x is {named}, and the model wants ({', '.join(order)})"
    edits = (Edit("input", source),)
    return Candidate(cause_of(axes_order), edits, Repair(words, whole=source))


def instead_of_guesses(subject: Subject, said: Candidate | None, notes: list[Note]) -> list[Note]:
    """The notes on a model that ran: what the names say, in place of what was guessed of the axes."""
    known = [note for note in notes if note.code not in _GUESSES]
    return [Note("other_order", other_order(subject, said)), *known] if said else known


@note()
def other_order(subject: Subject, said: Candidate) -> str:
    """It runs, but the axes, as they were named, stand in another order than the model reads them in.

    Example:
        >>> explain(nn.Conv1d(20, 8, 3), (4, 20, 20), axes="batch time channels").notes[0].code
        'other_order'
        >>> explain(nn.Conv1d(49, 8, 3), (239, 49, 5), axes="batch time channels").notes[0].text[-74:]
        'Right is nn.Conv1d(5, 8, 3)(x.permute(0, 2, 1)), which gives (239, 8, 47).'
    """
    run = subject.run(said.edits)
    words = f"{said.repair.belief}. It runs as it is, and takes one axis for another."
    if run.failure:
        _, readings = in_order(Situation(subject, run), None)
        run = readings[0].run if readings else run
    return f"{words} Right is {run.expression}, which gives {run.output_shape}." if run.failure is None else words


def _turn(kinds: tuple[str, ...], order: tuple[str, ...]) -> str:
    """The expression that brings axes into an order, with ``{}`` for the tensor.

    Example:
        >>> _turn(("time", "channels"), ("batch", "channels", "time"))
        '{}.T.unsqueeze(0)'
    """
    source = "{}"
    for place in reversed([i for i, kind in enumerate(kinds) if kind == "one"]):
        source += f".squeeze({place})"
    rest = [kind for kind in kinds if kind != "one"]
    wanted = [kind for kind in (order[0], "windows", *order[1:]) if kind in rest]
    if wanted != rest:
        places = ", ".join(str(rest.index(kind)) for kind in wanted)
        source += ".T" if len(rest) == 2 else f".permute({places})"
    if "windows" in rest:
        source += ".flatten(0, 1)" if "batch" in rest else ""
        wanted = [kind for kind in wanted if kind != ("windows" if "batch" in rest else "")]
        wanted = ["batch" if kind == "windows" else kind for kind in wanted]
    for place, kind in enumerate(order):
        if kind not in wanted:
            source += f".unsqueeze({place})"
            wanted.insert(place, kind)
    return source


def _reads(run: Run, channels: int, time: int) -> bool:
    """Whether the first layer that reads channels and time finds them where it looks for them."""
    for visit in _entered(run):
        shape = visit.inputs[0] if visit.inputs else ()
        if isinstance(visit.module, _CHANNELS_FIRST) and len(shape) in (2, 3):
            return shape[-2:] == (channels, time)
        if isinstance(visit.module, _CHANNELS_LAST) and shape:
            return shape[-1] == channels
    return run.failure is None


def _entered(run: Run) -> Iterator[Visit]:
    """The layers that were entered, the one that refused last."""
    yield from (visit for visit in run.leaves if visit.output is not None)
    yield from run.failure.inside[-1:] if run.failure else ()
