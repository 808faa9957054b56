"""From a table to (batch, channels, length): where each value goes under permute, reshape and other moves."""

from collections.abc import Sequence
from typing import Any, ClassVar

from .._refusals import Refused, brief, choice, entries, names, refusing, whole_number
from .base import Explorable, buttons, slider


class LayoutLab(Explorable):
    """Turn a table into what Conv1d reads, in right and in wrong ways: see where each value goes.

    Args:
        ids: a short name for each case, 2 to 4.
        features: a short name for each feature, 2 to 5.
        times: time steps of each case, 2 to 6.
        move: the first move, one of `MOVES`.
        item: which item of the result to show first.
        sliders: ``"page"``, or ``"ipywidgets"`` for ipywidgets' own.

    Raises:
        TypeError, ValueError: there is no room for so many cases, features or times, or no such move or item.

    Example:
        >>> explorable = LayoutLab(move="reshape")
        >>> explorable.item = 1
        >>> explorable
        LayoutLab(move='reshape', item=1)
    """

    #: Each move takes (cases, times, features) to what is given to Conv1d.
    MOVES: ClassVar = (
        "permute(0, 2, 1)",
        "reshape",
        "nothing",
        "transpose(0, 1)",
        "permute(2, 1, 0), as .T does",
    )

    @refusing
    def __init__(
        self,
        ids: Sequence[str] = ("A", "B"),
        features: Sequence[str] = ("HR", "BP", "O2"),
        times: int = 4,
        *,
        move: str = "permute(0, 2, 1)",
        item: int = 0,
        sliders: str = "page",
    ) -> None:
        """Check that the table fits on the picture."""
        ids, features = _few("ids", ids, 4), _few("features", features, 5)
        times = whole_number("times", times, 2, 6)
        most = max(len(ids), times, len(features)) - 1  # each of the three can become the items
        controls = [
            buttons("move", self.MOVES, choice("move", move, self.MOVES)),
            slider("item", whole_number("item", item, 0, most), 0, most),
        ]
        super().__init__(controls, {"ids": ids, "features": features, "times": times}, sliders)


def _few(name: str, given: Any, most: int) -> list[str]:
    """Take as many names as the picture has room for."""
    listed = entries(given)
    if listed is None or not 2 <= len(listed) <= most:
        found = f"{name}: {brief(given) if listed is None else len(listed)}."
        advice = f"a small table of the same kind, with {most} {name}."
        raise Refused(found, f"the picture has room for 2 to {most} {name}.", advice)
    return names(name, listed, len(listed))
