"""The door that adds the call to what is refused inside, and what turns a learner's values into plain ones."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from conv1d_tutor._refusals import (
    MOST_CHARACTERS,
    Refused,
    array,
    brief,
    choice,
    entries,
    finite_number,
    is_tensor,
    names,
    refusing,
    whole_number,
)


@refusing
def half(number, *more, step=1, **others):
    return whole_number("number", number, 0) / 2


@refusing
def quarter(number):
    return half(half(number))


class Halver:
    @refusing
    def __init__(self, number):
        half(number)

    def __repr__(self):
        return "Halver(2)"

    @refusing
    def again(self, number):
        return half(number)

    @classmethod
    @refusing
    def of(cls, number):
        return half(number)


@dataclass(frozen=True)
class Sizes:
    length: int
    width: int = 3

    @refusing
    def __post_init__(self):
        half(self.length)


def message_of(call):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    return str(caught.value)


class TestTheDoor:
    def test_four_parts_and_the_parts_alone(self):
        with pytest.raises(ValueError) as caught:
            half(-1)
        assert str(caught.value).splitlines() == [
            "half(number=-1)",
            "  found: number=-1.",
            "  rule:  number is a whole number of at least 0.",
            "  try:   number=0.",
        ]
        assert caught.value.parts == ("number=-1.", "number is a whole number of at least 0.", "number=0.")
        assert caught.value.__cause__ is None and caught.value.__suppress_context__

    @pytest.mark.parametrize(
        ("call", "first"),
        [
            (lambda: half(-1, step=2), "half(number=-1, step=2)"),
            (lambda: half(-1, 5, 6, extra=7), "half(number=-1, more[0]=5, more[1]=6, extra=7)"),
            (lambda: half(np.zeros((2, 3))), "half(number=<float64 (2, 3)>)"),
            (lambda: quarter(-1), "quarter(number=-1)"),
            (lambda: Halver(-1), "Halver(number=-1)"),
            (lambda: Halver(2).again(-1), "Halver(2).again(number=-1)"),
            (lambda: Halver.of(-1), "Halver.of(number=-1)"),
            (lambda: Sizes(-1), "Sizes(length=-1)"),
            (lambda: Sizes(-1, width=4), "Sizes(length=-1, width=4)"),
        ],
    )
    def test_the_call_is_the_one_that_was_written(self, call, first):
        assert message_of(call).splitlines()[0] == first

    def test_what_is_not_ours_passes(self):
        @refusing
        def broken():
            raise KeyError("own")

        with pytest.raises(KeyError, match="own"):
            broken()
        with pytest.raises(TypeError, match="missing 1 required positional argument"):
            half()

    def test_the_kind_is_chosen_where_it_is_refused(self):
        @refusing
        def read():
            raise Refused("no file.", "a file is there.", "another.", FileNotFoundError)

        with pytest.raises(FileNotFoundError, match=r"read\(\)\n  found: no file"):
            read()

    def test_no_message_is_too_long_to_be_read(self):
        @refusing
        def long(*values, **others):
            raise Refused("f" * 9000, "r" * 9000, "a" * 9000)

        message = message_of(lambda: long(*range(10_000), **{f"a{i}": "b" * 1000 for i in range(100)}))
        assert len(message) < 2000
        assert message.splitlines()[1] == f"  found: {'f' * (MOST_CHARACTERS - 2)} …"

    def test_a_name_and_a_docstring_stay(self):
        assert half.__name__ == "half" and quarter.__wrapped__.__name__ == "quarter"


class Unseen:
    @property
    def shape(self):
        raise RuntimeError("not to be looked at")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.zeros((2, 3)), "<float64 (2, 3)>"),
        (torch.zeros(2, 3), "<torch.float32 (2, 3)>"),
        (pd.DataFrame({"a": [1]}), "<DataFrame (1, 1)>"),
        (list(range(100)), "[0, 1, 2, 3, 4, 5, 6, 7, ...]"),
        (
            {"a": np.zeros((40, 3)), "b": [torch.zeros(9), (half,)]},
            "{'a': <float64 (40, 3)>, 'b': [<torch.float32 (9,)>, (half,)]}",
        ),
        (half, "half"),
        (Path, "Path"),
        (Unseen(), "<Unseen>"),
        pytest.param(10**5000, "<int>", id="an endless number"),
        ("x" * 500, f"'{'x' * 37}...{'x' * 38}'"),
    ],
)
def test_a_value_is_written_in_one_short_line(value, text):
    assert brief(value) == text


class TestWholeNumber:
    @pytest.mark.parametrize(
        "value", [3, (3,), [3], np.int8(3), np.array(3), np.uint64(3), torch.tensor(3), torch.tensor([3])]
    )
    def test_takes_a_number_and_a_tuple_of_one(self, value):
        found = whole_number("k", value, 1)
        assert found == 3 and type(found) is int

    @pytest.mark.parametrize(
        "value", [None, "3", True, np.True_, torch.tensor(True), 3.0, 2, 10**30, np.zeros(2), torch.empty(2), {}]
    )
    def test_refuses_the_rest(self, value):
        with pytest.raises(Refused, match="k is a whole number"):
            whole_number("k", value, 3)

    @pytest.mark.parametrize(
        ("value", "most", "rule", "advice"),
        [
            (0, None, "of at least 1", "k=1"),
            (0, 5, "from 1 to 5", "k=1"),
            (9, 5, "from 1 to 5", "k=5"),
            (2.6, None, "of at least 1", "k=3"),
            (1e300, 5, "from 1 to 5", "k=1"),
            (10**30, None, "from 1 to 9223372036854775807", "k=1"),
            ("x", None, "of at least 1", "k=1"),
        ],
    )
    def test_the_rule_has_its_numbers_and_the_advice_keeps_it(self, value, most, rule, advice):
        with pytest.raises(Refused) as caught:
            whole_number("k", value, 1, most)
        assert caught.value.parts[1:] == (f"k is a whole number {rule}.", f"{advice}.")

    def test_says_what_several_numbers_mean(self):
        with pytest.raises(Refused, match="slides in one direction"):
            whole_number("k", (3, 3), 1)


class TestFiniteNumber:
    @pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.array(2), torch.tensor(2.0, requires_grad=True)])
    def test_takes_one_number(self, value):
        assert finite_number("a", value) == 2.0

    @pytest.mark.parametrize(
        "value",
        [
            *(None, "2", b"2", True, np.True_, np.nan, np.inf, 10**400, 1j, np.complex64(1), [2], np.ones(1), {}),
            *(len, torch.ones(1), torch.empty((), device="meta"), np.array("2"), pd.Series([2])),
        ],
    )
    @pytest.mark.filterwarnings("error")
    def test_refuses_the_rest(self, value):
        with pytest.raises(Refused, match="a is one finite number"):
            finite_number("a", value)

    @pytest.mark.parametrize(
        ("bounds", "rule", "advice"),
        [
            ({"above": 0}, "number above 0", "a=1"),
            ({"least": 0}, "number of at least 0", "a=0"),
            ({}, "number", ""),
        ],
    )
    def test_bounds(self, bounds, rule, advice):
        with pytest.raises(Refused, match=rf"a is one finite {rule}\.\n{advice}"):
            finite_number("a", -1 if bounds else None, **bounds)
        assert finite_number("a", 0, least=0) == 0


class TestArray:
    @pytest.mark.parametrize(
        "value",
        [
            [[1.0, 2.0]],
            ((1.0, 2.0),),
            np.array([[1.0, 2.0]]),
            torch.tensor([[1.0, 2.0]], requires_grad=True),
            torch.tensor([[1.0, 2.0]]).bfloat16(),
            [torch.tensor([1.0, 2.0], requires_grad=True)],
            [[torch.tensor(1.0, requires_grad=True), torch.tensor(2.0)]],
            pd.DataFrame({"a": [1.0], "b": [2.0]}),
        ],
    )
    def test_takes_arrays_tensors_tables_and_rows(self, value):
        found = array("x", value, ("rows", "columns"))
        assert isinstance(found, np.ndarray) and found.tolist() == [[1.0, 2.0]]

    @pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "complex128"])
    def test_keeps_the_dtype(self, dtype):
        assert array("x", np.ones(2, dtype)).dtype == dtype
        assert array("x", torch.ones(2, dtype=torch.float16)).dtype == np.float16

    def test_a_conjugate_is_carried_out(self):
        assert array("x", torch.tensor([1 + 2j]).conj()).tolist() == [1 - 2j]

    @pytest.mark.parametrize(
        ("value", "found"),
        [
            (None, "x is None; does the function end with `return`?"),
            (len, "x is a builtin_function_or_method; was it meant to be called?"),
            ("text", "x is a str that does not hold numbers only."),
            ([["a"]], "x is a list that does not hold numbers only."),
            ([[1], [1, 2]], "x is a list whose rows differ in length."),
            ({"a": 1}, "x is a dict that does not hold numbers only."),
            (np.array(["2024-01-01"], "M8[D]"), "x is a ndarray that does not hold numbers only."),
            (torch.ones(2).to_sparse(), "x is a Tensor that does not hold numbers only."),
            (torch.ones(2, device="meta"), "x is a tensor (2,) on the meta device."),
            (np.zeros((0, 3)), "x of shape (0, 3), with an axis of size 0."),
            (np.zeros(3), "x of shape (3,), 1 axes."),
            (np.zeros((2, 2, 2)), "x of shape (2, 2, 2), 3 axes."),
            (np.array([[1, np.nan]]), "1 of 2 numbers in x are NaN or infinite."),
        ],
    )
    def test_says_what_is_no_such_array(self, value, found):
        with pytest.raises(Refused) as caught:
            array("x", value, ("channels", "length"), finite=True)
        assert caught.value.parts[0] == found

    @pytest.mark.parametrize(
        "value", [range(10**9), [range(10**9)], [[0] * 10**5] * 10**5, ([np.zeros((9, 9))] * 10**7,)]
    )
    def test_what_would_fill_the_memory_is_not_converted(self, value):
        with pytest.raises(Refused, match=r"x is a \w+ of \d{9,} numbers[\s\S]*at most 100000000 numbers"):
            array("x", value)

    def test_a_list_that_holds_itself_is_refused(self):
        endless = []
        endless.append(endless)
        with pytest.raises(Refused, match="x is a list"):
            array("x", endless)

    def test_an_array_may_be_larger_since_it_is_not_made_anew(self):
        large = np.broadcast_to(np.float32(1), (10**9,))
        assert array("x", large) is large

    def test_a_batch_is_told_how_to_take_one_of_it(self):
        with pytest.raises(Refused) as caught:
            array("x", np.zeros((2, 3, 4)), ("length",), ("channels", "length"))
        assert caught.value.parts[1:] == (
            "x has the shape (length,) or (channels, length).",
            "one part of it, such as x[0].",
        )

    def test_emptiness_may_be_allowed(self):
        assert array("x", [], empty=True).shape == (0,)


class TestChoiceEntriesNames:
    def test_choice_takes_one_of_its_options(self):
        assert choice("mode", "b", ["a", "b"]) == "b"
        assert choice("flag", True, (False, True)) is True

    @pytest.mark.parametrize("value", [None, "c", 1, 1.0, np.array(["a", "b"]), torch.ones(2), ["a"], True])
    def test_choice_refuses_the_rest_without_comparing_it(self, value):
        with pytest.raises(Refused, match="mode is one of 'a', 'b'"):
            choice("mode", value, ["a", "b"])

    def test_one_is_no_truth_value(self):
        with pytest.raises(Refused, match="flag is one of False, True"):
            choice("flag", 1, (False, True))

    @pytest.mark.parametrize("value", [[1, 2], (1, 2), range(1, 3), iter([1, 2]), np.array([1, 2]), {1, 2}])
    def test_entries_are_those_of_a_list(self, value):
        assert entries(value) == [1, 2]

    @pytest.mark.parametrize(
        "value", ["ab", b"ab", {"a": 1}, None, 3, np.array(3), len, range(10**9), itertools.count()]
    )
    def test_what_is_no_list_has_no_entries(self, value):
        assert entries(value) is None

    def test_names_are_numbered_where_there_are_none(self):
        assert names("names", None, 2) == ["channel 0", "channel 1"]
        assert names("names", ["a", 5], 2) == ["a", "5"]
        assert names("labels", None, 1, "case") == ["case 0"]

    @pytest.mark.parametrize(
        ("given", "match"),
        [
            (["a"], r"1 names for 2 .*channel[\s\S]*there are 2"),
            ("ab", "names is a list of names"),
            ({"a": 1, "b": 2}, "names is a list of names"),
            ([["a"], ["b"]], "names is a list of names"),
            (np.ones((2, 3)), "names is a list of names"),
            (3, "names is a list of names"),
        ],
    )
    def test_names_are_a_list_of_so_many(self, given, match):
        with pytest.raises(Refused, match=match):
            names("names", given, 2)


def test_a_tensor_is_told_from_what_is_like_one():
    class Fake:
        def detach(self):
            return self

    assert is_tensor(torch.ones(1)) and is_tensor(torch.nn.Parameter(torch.ones(1)))
    assert not any(map(is_tensor, (np.ones(1), 1.0, None, Fake(), torch.nn.Conv1d)))
