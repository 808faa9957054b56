"""Do steps that only pad a case reach its outputs?"""

from collections.abc import Iterator

from ..note import Ran, at_line, note, title
from ..probe import Cut

_CURE = (
    "Zeros do not stay zeros behind a bias or a norm: set them back before each layer that reads neighbours, "
    "h * mask, and average over the true steps only"
)


@note("output")
def padding_leaks(ran: Ran) -> Iterator[str]:
    """Padded steps change the outputs of a case.

    Example:
        >>> stack = nn.Sequential(nn.Conv1d(4, 4, 1), nn.Conv1d(4, 4, 3, padding=1))
        >>> explain(stack, (2, 4, 20), lengths=[12, 20]).notes[0].code
        'padding_leaks'
        >>> x = torch.cat([torch.randn(2, 4, 12), torch.zeros(2, 4, 8)], dim=2)
        >>> x[1] = torch.randn(4, 20)
        >>> explain(stack, x).notes[0].code
        'padding_leaks'
    """
    zeros = ran.probe.trailing_zeros if ran.probe.lengths is None else None
    lengths = ran.probe.lengths or zeros
    found = ran.probe.alone(lengths) if lengths and ran.probe.mixed is None else None
    if found is None or not found.leaks:
        return
    steps = ran.x[ran.probe.time]
    seen = (
        f"run alone, cut to its {found.length} steps, case {found.case} has other outputs than in the batch, "
        f"padded to {steps}"
    )
    if zeros is None:
        yield f"Padded steps reach the outputs. Seen on a copy: {seen}{_first(found)}. {_CURE}."
    else:
        yield (
            f"Case {found.case} ends in {steps - found.length} steps of zeros. If they are padding, they reach "
            f"its outputs: {seen}{_first(found)}. {_CURE}. explain(layer, x, lengths=…) checks true lengths."
        )


@note("output")
def padding_checked(ran: Ran) -> Iterator[str]:
    """The padded steps were asked about, and do not reach the outputs, or it cannot be seen.

    Example:
        >>> conv = nn.Conv1d(4, 4, 3, padding=1)
        >>> explain(conv, (2, 4, 20), lengths=[12, 20]).notes[0].text[:58]
        'The steps behind the lengths do not reach the outputs. See'
        >>> explain(conv, (2, 4, 20), lengths=[20, 20]).notes[0].text
        'All cases are as long as the batch: no step is padded.'
        >>> model = nn.Sequential(conv, nn.Flatten(), nn.Linear(80, 2))
        >>> explain(model, (2, 4, 20), lengths=[12, 20]).notes[0].text[:58]
        'Whether padded steps reach the outputs could not be seen: '
    """
    if ran.probe.lengths is None:
        return
    if min(ran.probe.lengths) == ran.x[ran.probe.time]:
        yield "All cases are as long as the batch: no step is padded."
        return
    found = ran.probe.alone(ran.probe.lengths) if ran.probe.mixed is None else None
    if found is None:
        yield (
            "Whether padded steps reach the outputs could not be seen: the case could not be run alone, cut to "
            "its length, or its outputs do not answer those of the batch."
        )
    elif not found.leaks:
        yield (
            "The steps behind the lengths do not reach the outputs. Seen on a copy: run alone, cut to its "
            f"{found.length} steps, case {found.case} has the same outputs as in the batch."
        )


def _first(found: Cut) -> str:
    place = found.place
    if place is None:
        return ""
    named = place.visit is not None and place.visit.is_leaf and place.visit.path
    return f", first in {title(place.visit) if named else place.name + at_line(place.line)}"
