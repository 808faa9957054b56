"""Does a function agree with torch on random inputs?"""

import functools
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._refusals import Refused, brief, entries, is_tensor, refusing, whole_number
from .._showing import Lines, Piece, Sentence, Shown
from ..arithmetic import PADDING_MODES, effective_kernel_size
from .diagnosis import Diagnosis, diagnose
from .values import describe_difference, describe_shapes, first_difference, tolerance_for

#: What a function may support beyond stride 1 without padding, in the order in which it is tried.
OPTIONS = ("bias", "stride", "padding", "same", "dilation", "groups", "padding_mode", "unbatched")
#: More random cases than these show nothing new, and take minutes.
MOST_CASES = 100_000
GRADIENTS = ("grad_x", "grad_weight", "grad_bias")


@dataclass(frozen=True, repr=False, eq=False)
class Case:
    """The arguments of one comparison.

    Args:
        x: input, (N, C, L) or (C, L).
        weight: kernels, (O, C / groups, K).
        bias: (O,) or None.
        options: the other arguments, by name.
    """

    x: np.ndarray
    weight: np.ndarray
    bias: np.ndarray | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Show shapes and options."""
        arrays = {"x": self.x, "weight": self.weight} | ({} if self.bias is None else {"bias": self.bias})
        shapes = [f"{name} {array.shape}" for name, array in arrays.items()]
        return ", ".join(shapes + [f"{name}={value!r}" for name, value in self.options.items()])


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(Shown):
    """The result of a comparison with torch; it displays as a few lines of text, and is true if passed.

    Args:
        passed: whether all cases agreed.
        cases: how many were to be compared.
        message: the result in words.
        first_failure: the arguments of the first case that did not agree, or None.
        diagnosis: what went wrong there, or None if there was no result to look at.
    """

    passed: bool
    cases: int
    message: str
    first_failure: Case | None = None
    diagnosis: Diagnosis | None = None

    def __bool__(self) -> bool:
        """Say whether all cases agreed."""
        return self.passed

    def _pieces(self) -> Sequence[Piece]:
        head, _, rest = self.message.partition("\n")
        return [Sentence("", head), *([Lines(rest)] if rest else [])]


@refusing
def compare_with_torch(
    function: Callable, *, cases: int = 200, seed: int = 0, options: Sequence[str] | None = None
) -> Comparison:
    """Compare a function with torch on random inputs, and say what it gets wrong.

    Args:
        function: called as ``function(x, weight, bias=…, stride=…)`` with NumPy arrays in float64. Only
            arguments that differ from torch's defaults are passed.
        cases: how many random inputs. The first ones try the options one by one, the others mix them.
        seed: which random inputs.
        options: what the function supports beside x and weight, any of ``"bias"``, ``"stride"``,
            ``"padding"`` (a number), ``"same"`` (padding as a word), ``"dilation"``, ``"groups"``,
            ``"padding_mode"`` and ``"unbatched"`` (an input (C, L)). By default all of them.

    Returns:
        A `Comparison`. Whatever the function does, raising an exception included, is reported in it.

    Raises:
        TypeError: function is not a function.
        ValueError: cases or seed is not a whole number in range, or an option is none of the above.

    Example:
        >>> from conv1d_tutor.reference import conv1d_matmul
        >>> compare_with_torch(conv1d_matmul, cases=20)
        passed: all 20 random cases equal torch's
          with bias, stride, padding, same, dilation, groups, padding_mode, unbatched
    """
    names = _checked(function, cases, seed, options, OPTIONS)
    for number, case in enumerate(random_cases(cases, seed, names), start=1):
        result, problem = _call(function, case, (case.x, case.weight), {"bias": case.bias})
        diagnosis = None
        if not problem:
            problem = _array_problem("the result", result)
        if not problem:
            diagnosis, problem = _compare(result, run_torch(case)[0], case)
        if problem:
            return _failed(number, cases, case, problem, diagnosis)
    return _passed(cases, "random cases", names)


@refusing
def compare_gradients_with_torch(
    function: Callable, *, cases: int = 200, seed: int = 0, options: Sequence[str] | None = None
) -> Comparison:
    """Compare a backward pass with torch's autograd on random inputs.

    Args:
        function: called as ``function(grad_output, x, weight, stride=…)`` with NumPy arrays in float64; it
            returns (grad_x, grad_weight, grad_bias), as `reference.conv1d_backward` does.
        cases, seed: as in `compare_with_torch`.
        options: as in `compare_with_torch`, without ``"bias"``.

    Returns:
        A `Comparison`; its `diagnosis` is None.

    Raises:
        TypeError, ValueError: as `compare_with_torch` does.

    Example:
        >>> from conv1d_tutor.reference import conv1d_backward
        >>> compare_gradients_with_torch(conv1d_backward, cases=20, options=("stride", "padding"))
        passed: all 20 gradients of random cases equal torch's
          with stride, padding
    """
    names = _checked(function, cases, seed, options, OPTIONS[1:])
    rng = np.random.default_rng(seed)
    for number, case in enumerate(random_cases(cases, seed, names), start=1):
        output, gradients = run_torch(case)
        grad_output = rng.normal(size=output.shape)
        result, problem = _call(function, case, (grad_output, case.x, case.weight), {})
        if not problem and not (isinstance(result, tuple) and len(result) == 3):
            problem = f"it returned a {type(result).__name__}, not the tuple ({', '.join(GRADIENTS)})."
        if not problem:
            for name, mine, expected in zip(GRADIENTS, result, gradients(grad_output), strict=True):
                problem = problem or _array_problem(name, mine) or _difference(name, mine, expected)
        if problem:
            return _failed(number, cases, case, problem, None)
    return _passed(cases, "gradients of random cases", names)


def random_cases(cases: int, seed: int, names: Sequence[str]) -> Iterator[Case]:
    """Make random valid arguments.

    Args:
        cases: how many.
        seed: which.
        names: the options to use; each is tried alone once, then in random mixtures.

    Yields:
        Cases in float64. No kernel is symmetric, and no bias is 0.
    """
    rng = np.random.default_rng(seed)
    alone = [set(), *({name} for name in names)]
    for number in range(cases):
        plain = number < len(alone)
        used = alone[number] if plain else {name for name in names if rng.random() < 0.6}
        yield _random_case(rng, used, least=2 if plain else 1)


def _random_case(rng: np.random.Generator, used: set[str], least: int) -> Case:
    """Draw sizes of at least `least`, the options in use, and an input long enough for them."""

    def draw(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    groups = draw(2, 3) if "groups" in used else 1
    channels, kernels, kernel_size = draw(least, 3), draw(least, 3) * groups, draw(least, 5)
    options: dict[str, Any] = {}
    if "stride" in used:
        options["stride"] = draw(2, 4)
    if "dilation" in used:
        options["dilation"] = draw(2, 3)
    if groups > 1:
        options["groups"] = groups
    reach = effective_kernel_size(kernel_size, options.get("dilation", 1))
    length = reach + draw(3 * least, 12)
    if {"padding", "padding_mode"} & used:
        options["padding"] = draw(1, min(4, length - 1))
    if "same" in used and ("padding" not in used or rng.random() < 0.5):
        options["padding"] = "valid" if "stride" in used else "same"
    if "padding_mode" in used:
        options["padding_mode"] = str(rng.choice(PADDING_MODES[1:]))
    shape = (channels * groups, length) if "unbatched" in used else (draw(1, 3), channels * groups, length)
    x, weight = rng.normal(size=shape), rng.normal(size=(kernels, channels, kernel_size))
    return Case(x, weight, rng.normal(size=kernels) if "bias" in used else None, options)


def run_torch(case: Case) -> tuple[np.ndarray, Callable[[np.ndarray], list[np.ndarray]]]:
    """Run `torch.nn.Conv1d` itself, whose padding modes are not part of `torch.nn.functional.conv1d`.

    Args:
        case: the arguments.

    Returns:
        The output, (N, O, L_out) or (O, L_out), and a function that makes of the gradient with respect to it
        autograd's gradients with respect to x, weight and a bias.
    """
    import torch

    n_kernels, channels, kernel_size = case.weight.shape
    channels *= case.options.get("groups", 1)
    layer = _layer_class()(channels, n_kernels, kernel_size, device="meta", **case.options)
    bias = np.zeros(n_kernels) if case.bias is None else case.bias
    x, layer.weight, layer.bias = operands = [
        torch.nn.Parameter(torch.from_numpy(array.copy())) for array in (case.x, case.weight, bias)
    ]
    with _one_thread(), warnings.catch_warnings():  # that 'same' with an even kernel costs a copy is no news
        warnings.simplefilter("ignore")
        output = layer(x)

    def gradients(grad_output: np.ndarray) -> list[np.ndarray]:
        with _one_thread():
            return [g.numpy() for g in torch.autograd.grad(output, operands, torch.from_numpy(grad_output))]

    return output.detach().numpy(), gradients


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep torch to one thread: on inputs this small, handing work out costs far more than doing it."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@functools.cache
def _layer_class() -> type:
    """Make a Conv1d that draws no numbers: that takes time, and changes the learner's random state."""
    import torch

    class Layer(torch.nn.Conv1d):
        def reset_parameters(self) -> None:
            """Draw nothing."""

    return Layer


def _checked(function: Any, cases: Any, seed: Any, options: Any, allowed: Sequence[str]) -> tuple[str, ...]:
    """Check the arguments of a comparison; return the options to use."""
    if not callable(function):
        raise Refused(
            f"a {type(function).__name__} where the function should be.",
            "the comparison calls the function itself, many times.",
            "function=my_conv1d, the name without parentheses.",
            TypeError,
        )
    whole_number("cases", cases, 1, MOST_CASES)
    whole_number("seed", seed, 0)
    chosen = list(allowed) if options is None else entries(options)
    if chosen is None or any(not isinstance(name, str) or name not in allowed for name in chosen):
        raise Refused(
            f"options={brief(options)}.",
            f"options is a tuple of any of {', '.join(map(repr, allowed))}.",
            "options=() for a function of x and weight alone, options=('stride',) for one that has stride too.",
        )
    return tuple(name for name in allowed if name in chosen)


def _call(
    function: Callable, case: Case, arrays: Sequence[np.ndarray], named: dict[str, np.ndarray | None]
) -> tuple[Any, str]:
    """Call the learner's function on copies; return its result, and what was wrong with the call."""
    copies = [array.copy() for array in arrays]
    named_copies = {name: array.copy() for name, array in named.items() if array is not None}
    try:
        result = function(*copies, **named_copies, **case.options)
    except Exception as error:
        problem = f"it raised {type(error).__name__}: {error}"
        if isinstance(error, TypeError) and "argument" in str(error):
            problem += "\n  try: options=(…) with only the options that the function supports."
        return None, problem
    given = [*arrays, *(named[name] for name in named_copies)]
    if not all(map(np.array_equal, given, [*copies, *named_copies.values()])):
        return result, "it changed one of its inputs in place. Work on a copy: x = x.copy()."
    return result, ""


def _array_problem(name: str, result: Any) -> str:
    """Say why a result is not a NumPy array in float64; nothing if it is."""
    if result is None:
        return f"{name} is None. Does the function end with `return`?"
    if is_tensor(result):
        return f"{name} is a torch tensor, and NumPy arrays went in. Keep to NumPy, or end with .numpy()."
    if not isinstance(result, np.ndarray):
        return f"{name} is a {type(result).__name__}, not a NumPy array. np.array(result) makes one."
    if result.dtype != np.float64:
        return f"{name} has dtype {result.dtype}, and float64 went in. np.zeros(shape, x.dtype) keeps it."
    return ""


def _compare(result: np.ndarray, expected: np.ndarray, case: Case) -> tuple[Diagnosis | None, str]:
    """Compare an output with torch's; return the diagnosis and what is wrong, in words."""
    if not _difference("", result, expected):
        return None, ""
    diagnosis = diagnose(result, case.x, case.weight, case.bias, **case.options)
    return diagnosis, diagnosis.message


def _difference(name: str, mine: np.ndarray, expected: np.ndarray) -> str:
    """Say in what an array differs from torch's; nothing if it does not."""
    if mine.shape != expected.shape:
        return f"{name}: {describe_shapes(mine.shape, expected.shape)}"
    difference = first_difference(mine, expected, tolerance_for(expected))
    return "" if difference is None else f"{name}: {describe_difference(difference)}"


def _failed(number: int, cases: int, case: Case, problem: str, diagnosis: Diagnosis | None) -> Comparison:
    """Word a failed comparison."""
    message = f"failed at random case {number} of {cases}\n  {case}\n{problem}"
    return Comparison(False, cases, message, case, diagnosis)


def _passed(cases: int, what: str, names: Sequence[str]) -> Comparison:
    """Word a passed comparison."""
    return Comparison(
        True, cases, f"passed: all {cases} {what} equal torch's\n  with {', '.join(names) or 'x and weight alone'}"
    )
