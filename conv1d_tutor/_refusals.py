"""How is bad input refused? Inside it is said what is wrong; at one door the call is added, as it was written.

Inside the package, code raises `Refused(found, rule, advice)`, and needs to know nothing of the call. A public
function wears `@refusing`: what is refused inside leaves it as a `ValueError` or `TypeError` in four parts, which
are the call, what was found, the rule with its numbers, and what to try. Where public functions call each other,
the outermost words the call, because that is the one the learner wrote.

The functions below the door turn what a learner passes into what the code needs, or refuse it: `whole_number`,
`finite_number`, `array`, `choice`, `entries`, `names`.
"""

import functools
import inspect
import itertools
import math
import operator
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    import numpy as np

P = ParamSpec("P")
T = TypeVar("T")

#: An error stays readable: longer parts, and longer calls, lose their end. Four of them are less than 2,000.
MOST_CHARACTERS = 480
#: A list that becomes an array has at most so many numbers; range(10**9) is a few characters and 8 gigabytes.
MOST_NUMBERS = 10**8
#: What is looked at one by one is no longer than this, and has an end.
MOST_ENTRIES = 10**6
#: torch, and NumPy too, keep a size in 64 bits.
LARGEST_SIZE = 2**63 - 1


class Refused(Exception):  # noqa: N818  # it says what happened to the input
    """What is wrong with an input, in three of the four parts; `refusing` adds the call.

    Args:
        found: what was found.
        rule: the rule it breaks, with the numbers filled in.
        advice: what to try.
        kind: the exception it leaves as, a `ValueError` or `TypeError`, or what is both that and more.
    """

    def __init__(self, found: str, rule: str, advice: str, kind: type[Exception] = ValueError) -> None:
        """Keep the parts, none longer than can be read."""
        self.parts = tuple(shortened(part) for part in (found, rule, advice))
        self.kind = kind
        super().__init__("\n".join(self.parts))

    def worded(self, call: str) -> Exception:
        """Make the exception that leaves.

        Args:
            call: the call as written, see `call_text`.

        Returns:
            An exception of the class `kind`. Its ``parts`` are (found, rule, advice), for those who show them in
            another form; its ``refused`` is this object.
        """
        found, rule, advice = self.parts
        exception: Any = self.kind(f"{call}\n  found: {found}\n  rule:  {rule}\n  try:   {advice}")
        exception.parts, exception.refused = self.parts, self
        return exception


def refusing(function: Callable[P, T]) -> Callable[P, T]:
    """Be the door of a public function, method or constructor: add the call to what is refused inside.

    Args:
        function: the function.

    Returns:
        The same function. Errors that are not ours pass as they are.

    Example:
        >>> @refusing
        ... def half(number):
        ...     return whole_number("number", number, 0) / 2
        >>> half(-1)
        Traceback (most recent call last):
        ValueError: half(number=-1)
          found: number=-1.
          rule:  number is a whole number of at least 0.
          try:   number=0.
    """

    @functools.wraps(function)
    def door(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            refused = error if isinstance(error, Refused) else getattr(error, "refused", None)
            if not isinstance(refused, Refused):
                raise
        raise refused.worded(_call_of(function, args, kwargs)) from None

    return door


def _call_of(function: Callable, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    """Write the call that is under way, of a function, a method, a class method or a constructor."""
    arguments: dict[str, Any] = {}
    signature = inspect.signature(function)
    for name, value in signature.bind(*args, **kwargs).arguments.items():
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            arguments |= value
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            arguments |= {f"{name}[{i}]": item for i, item in enumerate(value)}
        else:
            arguments[name] = value
    name = function.__name__
    owner = next(iter(arguments.values()), None) if function.__qualname__.partition(".")[2] else None
    if owner is None or "<locals>" in function.__qualname__:
        return call_text(name, arguments)
    arguments.pop(next(iter(arguments)))
    if isinstance(owner, type):
        return call_text(f"{owner.__name__}.{name}", arguments)
    if name == "__init__":
        return call_text(type(owner).__name__, arguments)
    built = brief(owner)
    if is_dataclass(owner):  # as it is built: what has its default stays away
        given = {f.name: getattr(owner, f.name) for f in fields(owner)}
        built = call_text(
            type(owner).__name__, {f.name: given[f.name] for f in fields(owner) if given[f.name] is not f.default}
        )
    return built if name == "__post_init__" else call_text(f"{built}.{name}", arguments)


def call_text(name: str, arguments: Mapping[str, Any]) -> str:
    """Write a call as the learner could have typed it.

    Args:
        name: the function or class that was called.
        arguments: its arguments by name, in order.

    Returns:
        For instance ``output_length(length=2, kernel_size=5)``.
    """
    return shortened(f"{name}({', '.join(f'{key}={brief(value)}' for key, value in arguments.items())})")


class _Brief(reprlib.Repr):
    """Writes what has a shape by its kind and shape, also inside a list or a dictionary."""

    def repr1(self, x: Any, level: int) -> str:
        """Write one value; `level` is how much deeper a list in it is looked into."""
        shape = getattr(x, "shape", None)
        if isinstance(shape, tuple) and shape:
            return f"<{getattr(x, 'dtype', type(x).__name__)} {tuple(shape)}>"
        if inspect.isroutine(x) or inspect.isclass(x):
            return str(x.__name__)
        return super().repr1(x, level)


_REPR = _Brief()
_REPR.maxlist = _REPR.maxtuple = _REPR.maxset = _REPR.maxdict = 8
_REPR.maxstring, _REPR.maxother, _REPR.maxlong = 80, 160, 40


def brief(value: Any) -> str:
    """Write a value in short: arrays, tensors and tables by kind and shape, long lists by their first entries.

    Args:
        value: anything.

    Returns:
        One line.

    Example:
        >>> brief([1, 2.5, "three"]), brief(max)
        ("[1, 2.5, 'three']", 'max')
    """
    try:
        return " ".join(_REPR.repr(value).split())
    except Exception:  # an object of the learner's that cannot even be looked at is still refused in words
        return f"<{type(value).__name__}>"


def shortened(text: str, most: int = MOST_CHARACTERS) -> str:
    """Cut the end off a text that nobody would read to its end."""
    return text if len(text) <= most else f"{text[: most - 2]} …"


def is_tensor(value: Any) -> bool:
    """Tell a torch tensor from anything else, without importing torch."""
    if not hasattr(value, "detach"):
        return False
    return any(base.__module__.split(".")[0] == "torch" for base in type(value).__mro__)


def _single(value: Any) -> Any:
    """Take the number out of an array or tensor without axes; leave everything else as it is."""
    try:
        return value.item() if getattr(value, "shape", None) == () else value
    except Exception:  # there is none, for instance on torch's meta device
        return value


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> int:
    """Take a size or a place; take it out of a tuple of one first, as torch does.

    Args:
        name: the argument's name.
        value: the argument's value.
        least: the smallest value allowed.
        most: the largest value allowed; None for any.

    Returns:
        The value as an int.

    Raises:
        Refused: the value is not one whole number in this range, or larger than any size can be.
    """
    if isinstance(value, tuple | list) and len(value) == 1:
        return whole_number(name, value[0], least, most)
    if isinstance(value, tuple | list):
        found = f"{name}={brief(value)}, {len(value)} numbers."
        rule = f"Conv1d slides in one direction, so {name} is one number."
        raise Refused(found, rule, "one of them, or Conv2d where data has two directions.")
    try:
        number = operator.index(_single(value))
    except Exception:  # tensors have several reasons
        number = None
    highest = LARGEST_SIZE if most is None else most
    if number is None or isinstance(_single(value), bool) or not least <= number <= highest:
        unbound = most is None and (number is None or number < least)
        range_ = f"of at least {least}" if unbound else f"from {least} to {highest}"
        near = round(value) if isinstance(value, float) and abs(value) < 2**53 else number
        near = least if near is None or near > LARGEST_SIZE else max(least, min(near, highest))
        raise Refused(f"{name}={brief(value)}.", f"{name} is a whole number {range_}.", f"{name}={near}.")
    return number


def finite_number(name: str, value: Any, *, above: float | None = None, least: float | None = None) -> float:
    """Take one number, not a truth value, not NaN and not infinite.

    Args:
        name: the argument's name.
        value: the argument's value.
        above: a bound that it must pass, if there is one.
        least: a bound that it may reach, if there is one.

    Returns:
        The value as a float.

    Raises:
        Refused: it is none, or out of range.
    """
    try:
        plain = _single(value)
        several = isinstance(plain, bool | str | bytes) or hasattr(plain, "shape")
        number = math.nan if several else float(plain)
    except Exception:  # what is no number has many ways to say so
        number = math.nan
    below = (above is not None and number <= above) or (least is not None and number < least)
    if not math.isfinite(number) or below:
        range_ = (
            f" above {above:g}" if above is not None else f" of at least {least:g}" if least is not None else ""
        )
        near = 1.0 if above is None and least is None else above + 1 if above is not None else least
        raise Refused(f"{name}={brief(value)}.", f"{name} is one finite number{range_}.", f"{name}={near:g}.")
    return number


def array(
    name: str,
    value: Any,
    *shapes: Sequence[str],
    real: bool = False,
    finite: bool = False,
    empty: bool = False,
) -> "np.ndarray":
    """Take an array of numbers: a NumPy array, a torch tensor even with a gradient, a table, or rows of numbers.

    Args:
        name: the argument's name.
        value: the argument's value.
        shapes: the names of the axes that it may have, such as ("channels", "length"); none for any.
        real: whether complex numbers are refused.
        finite: whether NaN and infinity are refused.
        empty: whether an axis may have size 0.

    Returns:
        A NumPy array of whole, real or complex numbers or truth values, with the dtype it came in.

    Raises:
        Refused: it holds no numbers, or no values at all (torch's meta device), or has other axes.
    """
    import numpy as np

    rule = f"{name} is an array, a tensor or a list of numbers."
    kind = type(value).__name__
    if getattr(value, "is_meta", False):
        found = f"{name} is a tensor {tuple(value.shape)} on the meta device."
        raise Refused(found, "a tensor there has a shape and no numbers.", "a tensor with numbers, as torch.ones.")
    if value is None:
        problem = "is None; does the function end with `return`?"
        raise Refused(f"{name} {problem}", rule, "an array such as np.ones((2, 3)).", TypeError)
    if callable(value):
        problem = f"is a {kind}; was it meant to be called?"
        raise Refused(f"{name} {problem}", rule, "what the call returns.", TypeError)
    try:
        if (count := _count(value)) > MOST_NUMBERS:
            rule = f"{name} is made into an array of at most {MOST_NUMBERS} numbers."
            raise Refused(f"{name} is a {kind} of {count} numbers.", rule, f"a part of it, such as {name}[:1000].")
        found = np.asarray(_without_gradients(value))
    except Refused:
        raise
    except Exception as error:
        rows = isinstance(value, list | tuple) and isinstance(error, ValueError)
        problem = "whose rows differ in length." if rows else "that does not hold numbers only."
        advice = f"np.array({name}) of rows of equal length."
        raise Refused(f"{name} is a {kind} {problem}", rule, advice, TypeError) from None
    if found.dtype.kind not in "biufc":
        problem = f"is a {kind} that does not hold numbers only."
        advice = f"np.array({name}, float), or only the columns that hold numbers."
        raise Refused(f"{name} {problem}", rule, advice, TypeError)
    if real and found.dtype.kind == "c":
        rule = f"{name} holds real numbers."
        raise Refused(f"{name} holds complex numbers.", rule, f"{name}.real, or abs({name}).", TypeError)
    _check_axes(name, found.shape, shapes)
    if not empty and found.size == 0:
        raise Refused(
            f"{name} of shape {found.shape}, with an axis of size 0.",
            f"{name} has at least one number.",
            f"look at how {name} was sliced.",
        )
    if finite and not np.isfinite(found).all():
        gaps = int((~np.isfinite(found)).sum())
        raise Refused(
            f"{gaps} of {found.size} numbers in {name} are NaN or infinite.",
            f"{name} holds finite numbers.",
            "fill the gaps first, for example with the value before them.",
        )
    return found


def _count(value: Any) -> int:
    """Count the numbers that are written anew to make one array of rows, if all rows are as long as the first."""
    count, rows = 1, value
    for _ in range(64):  # NumPy's arrays have no more axes, and a list may hold itself
        if not isinstance(rows, Sequence) or isinstance(rows, str | bytes) or not len(rows):
            break
        count, rows = count * len(rows), rows[0]
    return 0 if rows is value else count * math.prod(getattr(rows, "shape", ()))


def _without_gradients(value: Any) -> Any:
    """Make plain values of tensors, also in a list, so that NumPy takes them."""
    if isinstance(value, list | tuple):
        return [_without_gradients(item) for item in value]
    if not is_tensor(value):
        return value
    value = value.detach().cpu().resolve_conj().resolve_neg()
    return (value.float() if "bfloat16" in str(value.dtype) else value).numpy()


def _check_axes(name: str, shape: tuple[int, ...], shapes: Sequence[Sequence[str]]) -> None:
    """Refuse an array that has another number of axes."""
    counts = [len(axes) for axes in shapes]
    if not shapes or len(shape) in counts:
        return
    asked = " or ".join(f"({', '.join(axes)}{',' if len(axes) == 1 else ''})" for axes in shapes)
    extra, missing = len(shape) - max(counts), min(counts) - len(shape)
    if extra > 0:
        advice = f"one part of it, such as {name}[{', '.join('0' * extra)}]."
    else:
        advice = f"{name}[{', '.join(['None'] * missing)}], if the missing axes have a single entry."
    raise Refused(f"{name} of shape {shape}, {len(shape)} axes.", f"{name} has the shape {asked}.", advice)


def choice(name: str, value: Any, options: Iterable[Any], hint: str = "") -> Any:
    """Take one of a few values.

    Args:
        name: the argument's name.
        value: the argument's value.
        options: what it may be; all of one type.
        hint: what may be tried beside the first option.

    Returns:
        The value.

    Raises:
        Refused: it is none of them.
    """
    options = list(options)
    # Types first: `in` compares, and comparing an array with a word has no answer.
    if type(value) not in {type(option) for option in options} or value not in options:
        rule = f"{name} is one of {', '.join(map(repr, options))}."
        raise Refused(f"{name}={brief(value)}.", rule, f"{name}={options[0]!r}{hint}.")
    return value


def entries(value: Any) -> list[Any] | None:
    """Take what a list holds; None where it is no list: one text, a mapping, a number, what is far too long.

    Args:
        value: anything.

    Returns:
        Its entries, for each of which it is still to be said what it should be.
    """
    if isinstance(value, str | bytes | Mapping):
        return None
    try:
        found = list(itertools.islice(value, MOST_ENTRIES + 1))
    except TypeError:
        return None
    return found if len(found) <= MOST_ENTRIES else None


def names(name: str, given: Any, count: int, what: str = "channel") -> list[str]:
    """Take a name for each channel, case or row; number them where none are given.

    Args:
        name: the argument's name.
        given: the names; None for "channel 0", "channel 1", …
        count: how many there are to be.
        what: what each of them names.

    Returns:
        So many texts.

    Raises:
        Refused: it is no list of names, or of another length.
    """
    if given is None:
        return [f"{what} {i}" for i in range(count)]
    rule = f"there is one name for each {what}, and there are {count}."
    advice = (
        f"{name}={[f'{what} {i}' for i in range(min(count, 3))]!r}{' and so on' if count > 3 else ''}, or None."
    )
    listed = entries(given)
    found = None if listed is None else [_single(entry) for entry in listed]
    if found is None or any(isinstance(entry, Iterable) and not isinstance(entry, str) for entry in found):
        raise Refused(f"{name}={brief(given)}.", f"{name} is a list of names; {rule}", advice, TypeError)
    if len(found) != count:
        raise Refused(f"{len(found)} names for {count} {what}s: {brief(found)}.", rule, advice)
    return [str(entry) for entry in found]
