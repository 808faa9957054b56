"""How every error of this package is worded: the call, what was found, the rule, what to try."""

import operator
from collections.abc import Mapping
from typing import Any


def call_text(name: str, arguments: Mapping[str, Any]) -> str:
    """Write a call as the learner could have typed it.

    Args:
        name: the function or class that was called.
        arguments: its arguments by name, in order.

    Returns:
        For instance ``output_length(length=2, kernel_size=5)``.
    """
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"


def refusal(call: str, found: str, rule: str, advice: str, error: type[Exception] = ValueError) -> Exception:
    """Word one refusal, always in the same four parts.

    Args:
        call: the call as written, see `call_text`.
        found: what was found in it.
        rule: the rule it breaks, with the numbers filled in.
        advice: what to try.
        error: the class of the exception.

    Returns:
        The exception, to be raised by the public function, so that the traceback ends there. Its ``parts`` are
        (found, rule, advice), for those who show them in another form.
    """
    exception = error(f"{call}\n  found: {found}\n  rule:  {rule}\n  try:   {advice}")
    exception.parts = (found, rule, advice)
    return exception


def whole_number(call: str, name: str, value: Any, least: int) -> int:
    """Check a size; take it out of a tuple of one first, as torch does.

    Args:
        call: the call as written, see `call_text`.
        name: the argument's name.
        value: the argument's value.
        least: the smallest value allowed.

    Returns:
        The value as an int.

    Raises:
        ValueError: the value is not one whole number of at least `least`.
    """
    if isinstance(value, tuple | list) and len(value) == 1:
        return whole_number(call, name, value[0], least)
    if isinstance(value, tuple | list):
        found = f"{name}={value!r}, {len(value)} numbers."
        rule = f"Conv1d slides in one direction, so {name} is one number."
        raise refusal(call, found, rule, "one of them, or Conv2d where data has two directions.")
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or number < least:
        rule = f"{name} is a whole number of at least {least}."
        near = round(value) if isinstance(value, float) and abs(value) < 2**53 else least
        raise refusal(call, f"{name}={value!r}.", rule, f"{name}={max(least, near)}.")
    return number
