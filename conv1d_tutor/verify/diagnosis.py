"""Which of the known mistakes was made? The search through the catalogue of `mistakes`."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .._refusals import Refused, array, is_tensor, refusing
from ..arithmetic import Size, window
from ..reference.operands import prepare
from .mistakes import CATALOGUE, Mistake, Recipe
from .values import (
    Difference,
    describe_difference,
    describe_shapes,
    differing,
    first_difference,
    tolerance_for,
)


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What an output shows about how it was computed; it displays as its message.

    Args:
        code: the first of `codes`.
        codes: ``("equal",)``, ``("unknown",)``, or the names of the one or two mistakes made.
        message: the same in words, with what to do.
        first_difference: the first wrong value; None where nothing differs or the shapes do.
        alternatives: codes of other explanations that this input cannot tell from the one given.
        better_input: x, weight and bias that can tell them apart; None where there is no need.
    """

    code: str
    codes: tuple[str, ...]
    message: str
    first_difference: Difference | None = None
    alternatives: tuple[tuple[str, ...], ...] = ()
    better_input: dict[str, np.ndarray | None] | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        """Show the message."""
        return self.message


@refusing
def diagnose(
    output: Any,
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> Diagnosis:
    """Name the mistake, or the two mistakes, that give exactly this output.

    Args:
        output: what a function made of the other arguments, (N, O, L_out) or (O, L_out) if it is right.
        x: input, (N, C, L) or (C, L), a NumPy array or a torch tensor, like weight and bias.
        weight: kernels, (O, C / groups, K).
        bias: one number for each output channel, (O,), or None.
        stride, padding, dilation, groups, padding_mode: as in `torch.nn.Conv1d`.

    Returns:
        A `Diagnosis`. A mistake is named only if it gives this very output, up to rounding. Where the input
        leaves more than one explanation, the others are in `alternatives`.

    Raises:
        TypeError, ValueError: torch refuses this x, weight, bias or these options.

    Example:
        >>> x, weight = np.array([[1.0, 2.0, 4.0]]), np.array([[[1.0, 10.0]]])
        >>> diagnose(np.array([[12.0, 24.0]]), x, weight).code
        'flipped_kernel'
    """
    given = locals()
    output = given.pop("output")
    arguments = {name: array(name, value) if is_tensor(value) else value for name, value in given.items()}
    job = prepare(arguments)
    try:
        if isinstance(output, list | tuple):
            kind = type(output).__name__
            raise Refused(f"the output is a {kind}; np.array(output) makes it an array.", "", "")
        mine = array("the output", output, empty=True)
    except Refused as refused:
        return Diagnosis("unknown", ("unknown",), f"unknown: {refused.parts[0]}")
    right = _exact(Recipe.of(job, arguments["bias"]))
    expected = right.run()
    mine = mine if job.batched else mine[np.newaxis]
    tolerance = tolerance_for(output, x, weight) or tolerance_for(expected)
    if _same(mine, expected, tolerance):
        return _equal(right, expected, tolerance)
    difference, drop = None, 0 if job.batched else 1
    if mine.shape == expected.shape:
        first = (mine, expected) if job.batched else (mine[0], expected[0])
        difference = first_difference(*first, tolerance)
        reads = window(difference.where[-1], weight.shape[2], stride, padding, dilation)
        where = describe_difference(difference, reads, job.length)
    else:
        where = describe_shapes(mine.shape[drop:], expected.shape[drop:])
    return _wrong(right, mine, tolerance, where, difference)


def _exact(right: Recipe) -> Recipe:
    """Compute in double precision whatever the input came in."""
    kind = np.complex128 if right.x.dtype.kind == "c" else np.float64
    bias = None if right.bias is None else right.bias.astype(kind)
    return replace(right, x=right.x.astype(kind), weight=right.weight.astype(kind), bias=bias)


def _same(mine: np.ndarray, other: np.ndarray, tolerance: float) -> bool:
    """Say whether two outputs agree in shape and, up to rounding, in every value."""
    return mine.shape == other.shape and not differing(mine, other, tolerance).any()


def _gives(recipe: Recipe, mine: np.ndarray, tolerance: float) -> bool:
    """Say whether a recipe gives this output; most are ruled out by its shape, or the first item of the batch."""
    if recipe.output_shape != mine.shape:
        return False
    if len(mine) > 1 and not _same(mine[:1], recipe.run(items=1), tolerance):
        return False
    return _same(mine, recipe.run(), tolerance)


def _singles(right: Recipe) -> Iterator[tuple[tuple[Mistake, ...], Recipe]]:
    """Make every single mistake in every way it can be made."""
    for mistake in CATALOGUE:
        for recipe in mistake.change(right):
            yield (mistake,), recipe


def _pairs(right: Recipe) -> Iterator[tuple[tuple[Mistake, ...], Recipe]]:
    """Make every two mistakes together."""
    for pair in itertools.combinations(CATALOGUE, 2):
        first, second = sorted(pair, key=lambda mistake: mistake.stage)
        for recipe in first.change(right):
            for both in second.change(recipe):
                yield pair, both


def _random_like(right: Recipe) -> Recipe:
    """Take random numbers for the input, weight and bias, which give every mistake away that can be."""
    rng = np.random.default_rng(0)
    x, weight, bias = rng.normal(size=right.x.shape), rng.normal(size=right.weight.shape), None
    if right.bias is not None:
        bias = rng.normal(size=right.bias.shape)
    return replace(right, x=x, weight=weight, bias=bias)


def _shows(mistake: Mistake, right: Recipe, expected: np.ndarray, tolerance: float) -> bool:
    """Say whether a mistake changes the output, in any of the ways to make it."""
    return any(not _gives(wrong, expected, tolerance) for wrong in mistake.change(right))


def _equal(right: Recipe, expected: np.ndarray, tolerance: float) -> Diagnosis:
    """Confirm a right output, and say which mistakes would have given it too."""
    message = "equal: this is the output of Conv1d."
    unseen = [mistake for mistake in CATALOGUE if not _shows(mistake, right, expected, tolerance)]
    # Some mistakes cannot be made with options like these, or never matter; the others, a better input shows.
    unseen = [mistake for mistake in unseen if any(True for _ in mistake.change(right))]
    hidden = []
    if unseen:
        better = _random_like(right)
        output = better.run()
        hidden = [mistake for mistake in unseen if _shows(mistake, better, output, tolerance)]
    if not hidden:
        return Diagnosis("equal", ("equal",), message)
    message += " But this test input cannot tell, since these mistakes would give the same:"
    for mistake in hidden:
        why = f" (hidden by {mistake.hidden_by})" if mistake.hidden_by else ""
        message += f"\n  {mistake.code}: {mistake.text}{why}"
    message += "\n  try: the x, weight and bias in .better_input, which can tell."
    codes = tuple((mistake.code,) for mistake in hidden)
    return Diagnosis("equal", ("equal",), message, alternatives=codes, better_input=_arrays(better))


def _wrong(
    right: Recipe, mine: np.ndarray, tolerance: float, where: str, difference: Difference | None
) -> Diagnosis:
    """Name what gives this output: single mistakes or, where there are none, pairs."""
    for candidates in (_singles, _pairs):
        found = {}
        for number, (mistakes, recipe) in enumerate(candidates(right)):
            if mistakes not in found and _gives(recipe, mine, tolerance):
                found[mistakes] = number
        if found:
            break
    else:
        return Diagnosis("unknown", ("unknown",), f"unknown: no known mistake gives this. {where}", difference)
    named, *others = found
    message = f"{_codes(named)}: this is exactly the result when {_texts(named)}."
    message += "".join(f"\n  try: {mistake.advice}" for mistake in named)
    better = None
    if others:
        message += f"\n  It is also the result when {'; or '.join(map(_texts, others[:3]))}."
        better = _random_like(right)
        outputs = [
            recipe.run() for number, (_, recipe) in enumerate(candidates(better)) if number in found.values()
        ]
        if all(_same(outputs[0], other, tolerance) for other in outputs[1:]):
            better = None
            message += " With these shapes and options that is the same, whatever the numbers."
        else:
            message += " This test input cannot tell; the one in .better_input can."
    codes, *rest = [tuple(mistake.code for mistake in mistakes) for mistakes in found]
    return Diagnosis(
        codes[0], codes, f"{message}\n{where}", difference, tuple(rest), _arrays(better) if better else None
    )


def _codes(mistakes: tuple[Mistake, ...]) -> str:
    """Write the codes of one or two mistakes."""
    return " and ".join(mistake.code for mistake in mistakes)


def _texts(mistakes: tuple[Mistake, ...]) -> str:
    """Write one or two mistakes in words."""
    return " and ".join(mistake.text for mistake in mistakes)


def _arrays(recipe: Recipe) -> dict[str, np.ndarray | None]:
    """Take the arrays out of a recipe."""
    return {"x": recipe.x, "weight": recipe.weight, "bias": recipe.bias}
