"""The odd-value walk: whatever is passed to a public function, it says in four parts what is wrong, or answers.

The functions are collected from the rooms' ``__all__``, so a new one is walked as soon as it has a valid call in
`EXAMPLES`; without one the test fails. Each argument in turn gets each of `ODD`, while the others stay valid. What
is not refused must stand in `ANSWERED`, with the reason why the answer is right.
"""

import inspect
import math
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import public
import pytest
import torch
from torch import nn

from conv1d_tutor.arithmetic import Conv1dSpec
from conv1d_tutor.reference import conv1d_backward, conv1d_matmul

#: What nobody means to pass. Made anew for each call, so that a call that changes one does not spoil the next.
ODD: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "text": lambda: "text",
    "empty text": str,
    "bytes": lambda: b"ab",
    "NaN": lambda: math.nan,
    "infinity": lambda: math.inf,
    "beyond float32": lambda: 1e40,
    "a fraction": lambda: 2.5,
    "negative": lambda: -3,
    "huge": lambda: 10**30,
    "True": lambda: True,
    "complex": lambda: 1j,
    "empty list": list,
    "wrong names": lambda: ["a"],
    "ragged rows": lambda: [[1.0], [1.0, 2.0]],
    "dict": lambda: {"a": 1},
    "lambda": lambda: lambda: None,
    "object": object,
    "array without axes": lambda: np.array(2.5),
    "array of objects": lambda: np.array([None, *"abcdef"], object),
    "batch": lambda: np.ones((2, 3, 4), np.float32),
    "batch of tensors": lambda: torch.ones(2, 3, 4, requires_grad=True),
    "meta tensor": lambda: torch.empty(2, 3, device="meta"),
    "table": lambda: pd.DataFrame({"a": [1, 2]}),
}

X = np.arange(24.0).reshape(2, 4, 3).swapaxes(1, 2) ** 2  # (batch, channels, length) = (2, 3, 4)
WEIGHT = np.arange(1.0, 13).reshape(2, 3, 2)
SLIDING = {"kernel_size": 3}
LAYER = {"in_channels": 4, "out_channels": 2, "kernel_size": 3}
CONV = {"x": X, "weight": WEIGHT}


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {"id": [1, 1, 2, 2], "hour": [0, 1, 0, 1], "pulse": [70, 71, 80, 81], "spo2": [97, 96, 99, 98]}
    )


#: One valid call of everything public, by its arguments.
EXAMPLES: dict[str, Callable[[], dict[str, Any]]] = {
    "arithmetic.Conv1dSpec": lambda: LAYER,
    "arithmetic.Conv1dSpec.from_layer": lambda: {"layer": nn.Conv1d(4, 2, 3)},
    "arithmetic.Conv1dSpec.length_formula": lambda: {"self": Conv1dSpec(4, 2, 3), "length": 9},
    "arithmetic.Conv1dSpec.multiply_adds": lambda: {"self": Conv1dSpec(4, 2, 3), "length": 9},
    "arithmetic.Conv1dSpec.output_length": lambda: {"self": Conv1dSpec(4, 2, 3), "length": 9},
    "arithmetic.Conv1dSpec.output_shape": lambda: {"self": Conv1dSpec(4, 2, 3), "shape": (1, 4, 9)},
    "arithmetic.Conv1dSpec.unread_samples": lambda: {"self": Conv1dSpec(4, 2, 3), "length": 9},
    "arithmetic.Conv1dSpec.unread_tail": lambda: {"self": Conv1dSpec(4, 2, 3), "length": 9},
    "arithmetic.Conv1dSpec.window": lambda: {"self": Conv1dSpec(4, 2, 3), "t": 1},
    "arithmetic.effective_kernel_size": lambda: SLIDING,
    "arithmetic.length_formula": lambda: {"length": 9} | SLIDING,
    "arithmetic.multiply_adds": lambda: LAYER | {"out_length": 7},
    "arithmetic.output_length": lambda: {"length": 9} | SLIDING,
    "arithmetic.parameter_count": lambda: LAYER,
    "arithmetic.receptive_field": lambda: {"layers": [nn.Conv1d(4, 2, 3)]},
    "arithmetic.same_padding": lambda: SLIDING,
    "arithmetic.transposed_output_length": lambda: {"length": 9} | SLIDING,
    "arithmetic.unread_samples": lambda: {"length": 9} | SLIDING,
    "arithmetic.unread_tail": lambda: {"length": 9} | SLIDING,
    "arithmetic.window": lambda: {"t": 1} | SLIDING,
    "datasets.load_patients": dict,
    "datasets.pulse": lambda: {"length": 9, "at": 2},
    "datasets.sine": lambda: {"frequency": 2.0, "seconds": 1.0, "rate": 50.0},
    "exercises.check": lambda: {"id": "00.1", "answer": (1, 2, 3)},
    "exercises.go_on_with": lambda: {"id": "00.1", "answer": (1, 2, 3)},
    "exercises.hint": lambda: {"id": "00.1"},
    "exercises.predict": lambda: {"id": "00.a", "guess": 4},
    "exercises.solution": lambda: {"id": "00.1"},
    "explainer.explain": lambda: {"layer": nn.Conv1d(3, 2, 2), "x": torch.ones(1, 3, 4)},
    "explainer.explain_error": lambda: {"error": ValueError("no error of torch's")},
    "explore.ChannelMixer": lambda: {"x": X[0, :2], "weight": WEIGHT[:1, :2]},
    "explore.ConvArithmetic": lambda: {"length": 9},
    "explore.ConvArithmetic.from_layer": lambda: {"layer": nn.Conv1d(1, 1, 3), "length": 9},
    "explore.KernelBench": lambda: {"x": X[0, 0], "weight": [0.5, 1.0]},
    "explore.LayoutLab": dict,
    "explore.LearnedKernels": lambda: {"conv": nn.Conv1d(2, 1, 2), "signals": X[:, :2]},
    "explore.ReceptiveField": dict,
    "explore.ShapeMap": lambda: {"shape": (2, 5, 9)},
    "explore.ShapeMap.from_layer": lambda: {"layer": nn.Conv1d(1, 1, 3), "shape": (2, 1, 9)},
    "explore.SlidingWindow": lambda: {"x": X[0, 0], "weight": [0.5, 1.0]},
    "layout.check_layout": lambda: {"before": X, "after": X.swapaxes(1, 2)},
    "layout.table_to_array": lambda: {"df": table(), "case": "id", "time": "hour", "features": ["pulse", "spo2"]},
    "layout.to_channels_first": lambda: {"array": X},
    "plotting.draw_cells": lambda: {"values": X[0]},
    "plotting.draw_grids": lambda: {"grids": {"input": X[0]}},
    "plotting.new_figure": lambda: {"width": 3.0, "height": 2.0},
    "plotting.number": lambda: {"value": 2.5},
    "plotting.plot_channels": lambda: {"x": X[0]},
    "plotting.plot_contributions": lambda: {"x": X[0], "kernel": WEIGHT[0], "contributions": np.ones((3, 3))},
    "plotting.plot_conv1d": lambda: {"x": X[0], "weight": WEIGHT},
    "plotting.plot_groups": lambda: {"x": X[0], "weight": WEIGHT, "output": np.ones((2, 3)), "groups": 1},
    "plotting.plot_kernel": lambda: {"weight": WEIGHT[0]},
    "plotting.plot_outputs": lambda: {"x": X[0, 0], "outputs": {"output": np.ones(3)}},
    "plotting.plot_product": lambda: {"left": X[0], "right": X[0].T},
    "plotting.plot_shapes": lambda: {"layer": nn.Conv1d(3, 2, 2), "x": torch.ones(1, 3, 4)},
    "plotting.plot_stamps": lambda: {"x": X[0, 0], "kernel": [1.0, 2.0]},
    "plotting.plot_windows": lambda: {"x": X[0, 0]} | SLIDING,
    "reference.as_matrix": lambda: {"weight": WEIGHT, "length": 4},
    "reference.conv1d_backward": lambda: {"grad_output": np.ones((2, 2, 3))} | CONV,
    "reference.conv1d_fft": lambda: CONV,
    "reference.conv1d_loops": lambda: CONV,
    "reference.conv1d_matmul": lambda: CONV,
    "reference.conv1d_windows": lambda: CONV,
    "verify.check_equal": lambda: {"mine": X, "expected": X + 1} | SLIDING,
    "verify.check_shape": lambda: {"mine": X, "expected": (2, 3, 4)},
    "verify.compare_gradients_with_torch": lambda: {"function": conv1d_backward, "cases": 1},
    "verify.compare_with_torch": lambda: {"function": conv1d_matmul, "cases": 1},
    "verify.diagnose": lambda: {"output": np.ones((2, 2, 3))} | CONV,
}

#: What is public and not walked, with the reason.
A_RESULT = "a function answers with it; nobody makes one by hand"
OUR_OWN = "the course's own modules call it when they are imported, and its author reads the traceback"
NOT_WALKED = {
    "conv1d_tutor.doctor": "it examines this machine, which takes seconds; its one argument is a flag",
    "conv1d_tutor.load_ipython_extension": "IPython calls it",
    "conv1d_tutor.unload_ipython_extension": "IPython calls it",
    "datasets.LongRecordings": A_RESULT,
    "datasets.Part": A_RESULT,
    "datasets.Patients": A_RESULT,
    "datasets.Recordings": A_RESULT,
    "exercises.Exercise": OUR_OWN,
    "exercises.Exercise.also_right": OUR_OWN,
    "exercises.Exercise.another_way": OUR_OWN,
    "exercises.Exercise.as_given": OUR_OWN,
    "exercises.Exercise.begun_as": OUR_OWN,
    "exercises.Exercise.compared_by": OUR_OWN,
    "exercises.Exercise.is_stub": OUR_OWN,
    "exercises.Exercise.tried_on": OUR_OWN,
    "exercises.Exercise.wrong": OUR_OWN,
    "exercises.Question": OUR_OWN,
    "exercises.Question.wrong": OUR_OWN,
    "exercises.Prediction": A_RESULT,
    "exercises.WrongAnswer": OUR_OWN,
    "explainer.Explanation": A_RESULT,
    "explainer.Fix": A_RESULT,
    "explainer.Note": A_RESULT,
    "explainer.Row": A_RESULT,
    "layout.LayoutCheck": A_RESULT,
    "layout.TableArray": A_RESULT,
    "plotting.Figure": A_RESULT,
    "plotting.Role": A_RESULT,
    "verify.Check": A_RESULT,
    "verify.CheckFailed": A_RESULT,
    "verify.Comparison": A_RESULT,
    "verify.Diagnosis": A_RESULT,
}

NUMBERS = "NaN, infinity, beyond float32, a fraction, negative, True, complex, array without axes"
ARRAYS = "batch, batch of tensors, table"
EVERYTHING = ", ".join(ODD)
A_TEXT = ("text, empty text", "any text can be shown")
IN_WORDS = "it answers in words and never raises, whatever it is given"
#: What is answered and not refused: by function and argument, the odd values and the reason why that is right.
ANSWERED = {
    "arithmetic.receptive_field layers": ("empty list", "an output of no layer sees one sample, itself"),
    "datasets.load_patients as_array": ("True", "the other way to have them"),
    "datasets.sine frequency": ("a fraction, array without axes", "2.5 Hz"),
    "datasets.sine seconds": ("a fraction, array without axes", "2.5 s"),
    "exercises.check answer": (EVERYTHING, IN_WORDS),
    "exercises.check id": (EVERYTHING, IN_WORDS),
    "exercises.go_on_with answer": (EVERYTHING, IN_WORDS),
    "exercises.go_on_with id": (EVERYTHING, IN_WORDS),
    "exercises.hint id": (EVERYTHING, IN_WORDS),
    "exercises.predict id": (EVERYTHING, IN_WORDS),
    "exercises.predict guess": (EVERYTHING, IN_WORDS),
    "exercises.solution id": (EVERYTHING, IN_WORDS),
    "explainer.explain axes": (EVERYTHING, IN_WORDS),
    "explainer.explain layer": (EVERYTHING, IN_WORDS),
    "explainer.explain lengths": (EVERYTHING, IN_WORDS),
    "explainer.explain probe": (EVERYTHING, IN_WORDS),
    "explainer.explain values": (EVERYTHING, IN_WORDS),
    "explainer.explain x": (EVERYTHING, IN_WORDS),
    "explainer.explain_error error": (EVERYTHING, IN_WORDS),
    "layout.check_layout after": (f"{NUMBERS}, {ARRAYS}", "numbers; it says that they are no permutation"),
    "layout.check_layout before": (f"{NUMBERS}, {ARRAYS}", "numbers; it says that they are no permutation"),
    "layout.table_to_array fill": ("a fraction, negative, huge, array without axes", "float32 holds them"),
    "layout.to_channels_first array": (f"{ARRAYS}, meta tensor", "axes are turned, which needs no values"),
    "plotting.draw_cells mark": ("empty list", "nothing is marked"),
    "plotting.draw_cells time_label": A_TEXT,
    "plotting.draw_cells title": A_TEXT,
    "plotting.draw_cells values": ("wrong names, table", "cells hold short texts or numbers"),
    "plotting.draw_grids stacked": ("True", "a flag"),
    "plotting.draw_grids title": A_TEXT,
    "plotting.new_figure height": ("a fraction, array without axes", "2.5 inches"),
    "plotting.new_figure width": ("a fraction, array without axes", "2.5 inches"),
    "plotting.number value": (f"{NUMBERS}, huge", "any number can be written"),
    "plotting.plot_channels row_height": ("a fraction, array without axes", "2.5 inches"),
    "plotting.plot_channels spans": ("empty list", "nothing is shaded"),
    "plotting.plot_channels time_label": A_TEXT,
    "plotting.plot_channels title": A_TEXT,
    "plotting.plot_channels x": ("table", "rows of numbers"),
    "plotting.plot_contributions title": A_TEXT,
    "plotting.plot_conv1d title": A_TEXT,
    "plotting.plot_conv1d weight": ("batch, batch of tensors", "two kernels for three channels"),
    "plotting.plot_groups title": A_TEXT,
    "plotting.plot_kernel title": A_TEXT,
    "plotting.plot_kernel weight": ("table", "rows of numbers"),
    "plotting.plot_outputs name": A_TEXT,
    "plotting.plot_outputs rate": ("beyond float32, a fraction, huge, array without axes", "samples per second"),
    "plotting.plot_outputs row_height": ("a fraction, array without axes", "2.5 inches"),
    "plotting.plot_outputs share_y": ("True", "a flag"),
    "plotting.plot_outputs spans": ("empty list", "nothing is shaded"),
    "plotting.plot_outputs time_label": A_TEXT,
    "plotting.plot_outputs title": A_TEXT,
    "plotting.plot_product heads": ("None", "no heads"),
    "plotting.plot_product hide_zeros": ("True", "a flag"),
    "plotting.plot_product title": A_TEXT,
    "plotting.plot_shapes title": A_TEXT,
    "plotting.plot_shapes x": ("batch, batch of tensors", "only the shape counts"),
    "plotting.plot_stamps title": A_TEXT,
    "plotting.plot_windows output": ("table", "rows of numbers"),
    "plotting.plot_windows title": A_TEXT,
    "reference.as_matrix weight": ("batch", "a weight of (out, in, taps)"),
    "verify.check_equal expected": (f"{NUMBERS}, {ARRAYS}, empty list", "numbers; it says where mine differs"),
    "verify.check_equal mine": (EVERYTHING, "a CheckFailed says in words what mine is"),
    "verify.check_equal tolerance": (
        "None, beyond float32, a fraction, huge, array without axes",
        "numbers from 0",
    ),
    "verify.check_shape expected": (f"{NUMBERS}, {ARRAYS}, empty list, meta tensor", "all have a shape"),
    "verify.check_shape mine": (EVERYTHING, "a CheckFailed says in words what mine is"),
    "verify.compare_gradients_with_torch function": ("lambda", "it says what the function raised"),
    "verify.compare_gradients_with_torch options": ("empty list", "no option"),
    "verify.compare_with_torch function": ("lambda", "it says what the function raised"),
    "verify.compare_with_torch options": ("empty list", "no option"),
    "verify.diagnose output": (EVERYTHING, "it says in words that no known mistake gives this"),
}

#: Seconds after which a call is taken to compute without end; a call of the walk takes milliseconds.
PATIENCE = 20


@contextmanager
def no_longer_than(seconds: int) -> Iterator[None]:
    """Interrupt what computes without end, where the system can."""

    def give_up(*_: Any) -> None:
        raise TimeoutError("it computes without end")

    if not hasattr(signal, "SIGALRM"):  # Windows
        yield
        return
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def contents(value: Any) -> Any:
    """What a value holds, to be compared after a call."""
    if isinstance(value, dict | list | tuple):
        return [contents(item) for item in (value.items() if isinstance(value, dict) else value)]
    if isinstance(value, nn.Module):
        return contents(dict(value.state_dict()))
    if isinstance(value, torch.Tensor):
        return value.shape, value.grad, None if value.is_meta else value.tolist()
    if isinstance(value, pd.DataFrame):
        return value.to_dict("list")
    return (value.dtype, value.tolist()) if isinstance(value, np.ndarray) else value


def is_refusal(error: Exception, name: str) -> bool:
    """Say whether an error is ours: the call that was written, found, rule, try, and short enough to be read."""
    owner, own = name.split(".")[-2:]
    call = rf"{owner}(\(.*\))?\.{own}\(" if owner[0].isupper() else rf"{own}\("
    parts = rf"(?s){call}.*\n  found: \S.*\n  rule:  \S.*\n  try:   \S.*"
    known = isinstance(error, ValueError | TypeError | FileNotFoundError)
    return known and re.fullmatch(parts, str(error)) is not None and len(str(error)) < 2000


def outcome(function: Callable[..., Any], arguments: dict[str, Any], name: str) -> str:
    """Call a public function, and say how it ends: "answered", "refused", or what else happened."""
    before, given = repr(contents(arguments)), dict(arguments)
    self = [given.pop("self")] if "self" in given else []
    try:
        with no_longer_than(PATIENCE):
            answer = function(*self, **given)
        getattr(answer, "close", lambda: None)()  # an explorable lets go of its widgets
        return "answered"
    except AssertionError:  # a check that fails is an answer
        return "answered"
    except Exception as error:
        if not is_refusal(error, name):
            return f"{type(error).__name__}: {error}"[:200]
        return "refused" if repr(contents(arguments)) == before else "refused, and its arguments changed"
    finally:
        plt.close("all")


@pytest.fixture(autouse=True)
def _progress_of_its_own(own_file: Path) -> None:
    """Leave the learner's progress alone."""


def test_everything_public_is_walked_or_says_why_not() -> None:
    assert sorted([*EXAMPLES, *NOT_WALKED]) == sorted(public.callables())


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.filterwarnings("ignore")
def test_odd_values_are_refused_in_four_parts_or_answered_for_a_reason(name: str) -> None:
    function, example = public.callables()[name], EXAMPLES[name]
    assert outcome(function, example(), name) == "answered", "the example is no valid call"
    wrong = []
    for argument in public.arguments_of(function):
        answered = ANSWERED.get(f"{name} {argument}", ("", ""))[0].split(", ")
        default = inspect.signature(function).parameters[argument].default
        for odd, make in ODD.items():
            if make() is default:  # what stands there already is not odd
                continue
            expected = "answered" if odd in answered else "refused"
            found = outcome(function, example() | {argument: make()}, name)
            if found != expected:
                wrong.append(f"{argument} = {odd}: {found}, not {expected}")
    assert not wrong, "\n".join([name, *wrong])


def test_every_reason_belongs_to_an_argument() -> None:
    arguments = {
        f"{name} {one}" for name, function in public.callables().items() for one in public.arguments_of(function)
    }
    assert ANSWERED.keys() <= arguments
    assert all(set(odd.split(", ")) <= ODD.keys() for odd, _ in ANSWERED.values())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("arithmetic.window", {"t": 0, "kernel_size": 10**12}),
        ("arithmetic.unread_samples", {"length": 10**12, "kernel_size": 3}),
        ("arithmetic.unread_samples", {"length": 9, "kernel_size": 3, "padding": 10**12}),
        ("arithmetic.Conv1dSpec", {"in_channels": 10**18, "out_channels": 10**18, "kernel_size": 3, "groups": 7}),
        ("datasets.sine", {"frequency": 5, "seconds": 1e9}),
        ("datasets.pulse", {"length": 10**12, "at": 5}),
        ("reference.as_matrix", {"weight": WEIGHT, "length": 10**12}),
        ("reference.as_matrix", {"weight": WEIGHT, "length": 10**5}),
        ("reference.as_matrix", {"weight": WEIGHT, "length": 4, "groups": 10**12}),
        *(
            (f"reference.conv1d_{way}", CONV | {"padding": 10**12})
            for way in ("fft", "loops", "matmul", "windows")
        ),
        ("verify.compare_with_torch", {"function": conv1d_matmul, "cases": 10**9}),
    ],
)
def test_what_would_fill_the_memory_or_take_hours_is_refused(name: str, arguments: dict[str, Any]) -> None:
    assert outcome(public.callables()[name], arguments, name) == "refused"
