"""Is the input what the first convolution takes it for?"""

from collections.abc import Iterator

from ..layers import CONVOLUTIONS, WIDTHS
from ..note import Ran, note


def _first(ran: Ran) -> int | None:
    """The in_channels of the first convolution, if it reads the model's own input; None if not."""
    first = next((v for v in ran.leaves if isinstance(v.module, CONVOLUTIONS)), None)
    return first.module.in_channels if first and first.inputs[0] == ran.x else None


@note("input")
def unbatched_input(ran: Ran) -> Iterator[str]:
    """A 2-D input is read as one case (C, L); its channels may be a batch.

    Example:
        >>> explain(nn.Conv1d(16, 33, 3), (16, 50)).notes[0].code
        'unbatched_input'
    """
    if _first(ran) and len(ran.x) == 2:
        rows, steps = ran.x
        yield (
            f"{ran.x} is read as one case of {rows} channels × {steps} steps. If the {rows} are cases of a "
            "batch, the channel axis is missing: x.unsqueeze(1), with in_channels=1."
        )


@note("input")
def square_input(ran: Ran) -> Iterator[str]:
    """Channels and length have the same size: a wrong order cannot be seen.

    Example:
        >>> explain(nn.Conv1d(20, 8, 3), (4, 20, 20)).notes[0].code
        'square_input'
    """
    if _first(ran) and len(ran.x) == 3 and ran.x[1] == ran.x[2] > 1:
        yield (
            f"axes 1 and 2 both have size {ran.x[2]}: whether channels stand first cannot be seen from the "
            "shape, and a wrong order raises no error. Check by values, for instance with check_layout."
        )


@note("input")
def in_channels_is_time(ran: Ran) -> Iterator[str]:
    """in_channels equals what looks like the time axis: the kernel slides over features.

    Example:
        >>> explain(nn.Conv1d(49, 16, 3), (239, 49, 5)).notes[0].code
        'in_channels_is_time'
    """
    in_channels = _first(ran)
    if not in_channels or len(ran.x) != 3:
        return
    _, channels, length = ran.x
    far_more = channels >= 4 * length and channels not in WIDTHS
    if length > 1 and channels >= 20 and (far_more or (2 * length <= channels and length <= 12)):
        yield (
            f"in_channels={in_channels} and a length of {length}: if the {channels} are time steps and the "
            f"{length} are features, the kernel slides over features. Then use x.permute(0, 2, 1) and "
            f"in_channels={length}."
        )


@note("input")
def empty_batch(ran: Ran) -> Iterator[str]:
    """An axis has size 0 and torch lets it pass.

    Example:
        >>> explain(nn.Conv1d(4, 6, 3), (0, 4, 9)).notes[0].code
        'empty_batch'
    """
    if _first(ran) and 0 in ran.x:
        yield f"an axis of {ran.x} has size 0: torch lets it pass, and nothing is computed."
