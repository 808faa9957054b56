"""The checker: what it says when a result is right, and that it names each mistake, and only real ones."""

import inspect
import itertools
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from conv1d_tutor import verify
from conv1d_tutor.arithmetic import Conv1dSpec
from conv1d_tutor.reference import conv1d_backward, conv1d_fft, conv1d_loops, conv1d_matmul, conv1d_windows
from conv1d_tutor.verify import (
    CheckFailed,
    against_torch,
    check_equal,
    check_shape,
    compare_gradients_with_torch,
    compare_with_torch,
    diagnose,
)
from conv1d_tutor.verify.mistakes import CATALOGUE

CODES = [
    "flipped_kernel",
    "bias_missing",
    "channels_not_summed",
    "channels_averaged",
    "stride_ignored",
    "dilation_ignored",
    "padding_ignored",
    "last_window_missing",
    "padding_one_sided",
    "padding_mode_wrong",
    "groups_ignored",
    "weight_axes_swapped",
    "input_reshaped_not_permuted",
]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


# ---------------------------------------------------------------- check_equal and check_shape


@pytest.mark.parametrize(
    ("mine", "expected", "line"),
    [
        (np.ones((2, 3)), np.ones((2, 3)), "equal: shape (2, 3), up to rounding (tolerance 1e-09)"),
        (np.ones(3, "f"), np.ones(3), "equal: shape (3,), up to rounding (tolerance 1e-05)"),
        (np.ones(3, "e"), np.ones(3), "equal: shape (3,), up to rounding (tolerance 1e-02)"),
        (np.ones(3, int), [1, 1, 1], "equal: shape (3,), every value exactly"),
        ([1, 1], [1, 1], "equal: shape (2,), every value exactly"),
        (3, 3, "equal: shape (), every value exactly"),
        (0.1 + 0.2, 0.3, "equal: shape (), up to rounding (tolerance 1e-09)"),
        (torch.ones(3), torch.ones(3), "equal: shape (3,), up to rounding (tolerance 1e-05)"),
        (torch.ones(3, requires_grad=True), torch.ones(3), "equal: shape (3,), up to rounding (tolerance 1e-05)"),
        (torch.ones(3).bfloat16(), torch.ones(3), "equal: shape (3,), up to rounding (tolerance 5e-02)"),
        (np.ones(3), torch.ones(3), "equal: shape (3,), up to rounding (tolerance 1e-05)"),
        (
            torch.ones(3),
            np.ones(3),
            "equal: shape (3,), up to rounding (tolerance 1e-05), mine is a torch tensor",
        ),
        (
            np.array([np.nan, np.inf]),
            np.array([np.nan, np.inf]),
            "equal: shape (2,), up to rounding (tolerance 1e-09)",
        ),
        (np.array([True]), np.array([True]), "equal: shape (1,), every value exactly"),
    ],
)
def test_check_equal_says_one_line(mine, expected, line):
    check = check_equal(mine, expected)
    assert repr(check) == str(check) == line


def test_check_equal_forgives_rounding_and_nothing_more():
    expected = np.array([1000.0, 0.0])
    check_equal(expected + 9e-7, expected)
    with pytest.raises(CheckFailed, match="2 of 2 values differ"):
        check_equal(expected + 2e-6, expected)
    check_equal(np.array([1e-11]), np.array([0.0]))
    with pytest.raises(CheckFailed, match="1 of 1 values differ"):
        check_equal(np.array([2**60 + 1]), np.array([2**60]))
    check_equal(np.array([1.04]), np.array([1.0]), tolerance=0.05)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_check_equal_never_takes_zeros_or_noise_for_an_answer(scale, dtype):
    rng = np.random.default_rng(0)
    expected = (scale * rng.normal(size=(2, 3, 5))).astype(dtype)
    for wrong in (np.zeros_like(expected), (scale * rng.normal(size=expected.shape)).astype(dtype)):
        with pytest.raises(CheckFailed, match="of 30 values differ"):
            check_equal(wrong, expected)


def test_check_equal_says_where_and_what_it_reads():
    spec = Conv1dSpec(3, 4, kernel_size=3, stride=2, padding=1)
    expected = np.zeros((2, 4, 6))
    mine = expected.copy()
    mine[1, 2, 0] = 0.25
    mine[1, 3, 5] = 9
    with pytest.raises(CheckFailed) as caught:
        check_equal(mine, expected, **spec.sliding)
    assert str(caught.value).splitlines() == [
        "not equal: 2 of 48 values differ, the first of them:",
        "  where:    [1, 2, 0], batch item 1, channel 2, time step 0",
        "  mine:     0.25",
        "  expected: 0",
        "  reads:    input samples (-1, 0, 1), of which in the padding: -1",
    ]
    with pytest.raises(
        CheckFailed, match=r"where:    \[0, 5\], channel 0, time step 5\n(?s:.*)reads:    input samples \(5, 7\)$"
    ):
        check_equal(mine[1, 3:], expected[1, 3:], kernel_size=2, dilation=2)
    with pytest.raises(CheckFailed, match=r"where:    \[0, 5\]\n") as caught:
        check_equal(mine[1, 3:], expected[1, 3:])
    assert "reads" not in str(caught.value)


def test_check_equal_shows_digits_that_tell_the_two_apart():
    with pytest.raises(CheckFailed, match=r"mine:     1\.0000001\n  expected: 1$"):
        check_equal(np.array([1.0000001]), np.array([1.0]))


@pytest.mark.parametrize(
    ("mine", "match"),
    [
        (None, "^mine is None; does the function end with `return`"),
        ([1.0, 2.0], r"^mine is a list of length 2, expected an array: try np.array\(mine\)"),
        (((1.0, 2.0),), "^mine is a tuple of length 1, expected an array"),
        (np.zeros, "^mine is a builtin_function_or_method; was it meant to be called"),
        ("text", "^mine is a str that does not hold numbers only"),
        (np.array(["a"]), "^mine is a ndarray that does not hold numbers only"),
        (np.ones(2), "^not equal: the shapes differ: mine has 1 axis, expected 2"),
        (np.ones((3, 2)), "the same sizes in another order, so two axes may be swapped"),
        (np.ones((2, 4)), r"axis 1 has size 4, expected 3\n  mine:     \(2, 4\)\n  expected: \(2, 3\)"),
        (torch.ones(3, 2), "the same sizes in another order"),
        (2.0, "mine has 0 axes, expected 2"),
        (np.full((2, 3), np.nan), r"6 of 6 values differ(?s:.*)mine:     nan"),
        (torch.zeros(2, 3), r"6 of 6 values differ"),
    ],
)
def test_check_equal_reports_what_is_no_result_in_words(mine, match):
    with pytest.raises(CheckFailed, match=match):
        check_equal(mine, np.ones((2, 3)))


@pytest.mark.parametrize(
    ("mine", "expected"),
    [([True, False], [True, True]), (np.uint8([0, 3]), np.uint8([1, 3])), ([0, 3], [1.0, 3.0])],
)
def test_whole_numbers_and_truth_values_have_a_tolerance_too(mine, expected):
    check_equal(np.array(mine), np.array(expected), tolerance=1)
    with pytest.raises(CheckFailed, match="1 of 2 values differ"):
        check_equal(np.array(mine), np.array(expected), tolerance=0.1)


@pytest.mark.parametrize(
    "option", [{"kernel_size": "three"}, {"stride": 0}, {"tolerance": -1}, {"tolerance": np.nan}]
)
def test_an_option_that_makes_no_sense_is_refused_also_where_all_is_equal(option):
    (name,) = option
    with pytest.raises(ValueError, match=rf"^check_equal\(mine=.*\n  found: {name}="):
        check_equal(np.ones(2), np.ones(2), **option)


def test_a_negative_size_is_no_shape():
    with pytest.raises(ValueError, match=r"found: expected=\(2, -3\)\.[\s\S]*try:   expected=\(2, 3\)"):
        check_shape(np.ones((2, 3)), (2, -3))
    with pytest.raises(CheckFailed, match=r"^mine is \(2, -3\), and no size of a shape is negative$"):
        check_shape((2, -3), (2, 3))
    assert str(check_shape(np.ones((0, 3)), (0, 3))) == "shape as expected: (0, 3)"


def test_a_tensor_without_numbers_has_a_shape_all_the_same():
    meta = torch.empty(2, 3, device="meta")
    assert str(check_shape(meta, (2, 3))) == str(check_shape((2, 3), meta)) == "shape as expected: (2, 3)"
    with pytest.raises(CheckFailed, match=r"^mine is a tensor \(2, 3\) on the meta device$"):
        check_equal(meta, np.ones((2, 3)))


def test_a_failed_check_is_an_assertion_error():
    assert issubclass(CheckFailed, AssertionError)


@pytest.mark.parametrize("check", [check_equal, check_shape])
@pytest.mark.parametrize(
    ("expected", "match"),
    [
        (None, r"found: expected is None"),
        ("text", r"found: expected is a str that does not hold numbers only"),
        ([[1], [1, 2]], r"found: expected is a list whose rows differ in length"),
        (len, r"found: expected is a builtin_function_or_method"),
    ],
)
def test_an_expected_value_that_is_none_is_the_callers_error(check, expected, match):
    with pytest.raises(TypeError, match=match):
        check(np.ones(2), expected)


@pytest.mark.parametrize("mine", [np.ones((2, 3)), torch.ones(2, 3), (2, 3), torch.Size([2, 3]), (np.int64(2), 3)])
@pytest.mark.parametrize("expected", [(2, 3), [2, 3], torch.Size([2, 3]), np.ones((2, 3)), torch.ones(2, 3)])
def test_check_shape_takes_shapes_and_what_has_one(mine, expected):
    assert repr(check_shape(mine, expected)) == "shape as expected: (2, 3)"


@pytest.mark.parametrize(
    ("mine", "match"),
    [
        (np.ones((3, 2)), "^the shapes differ: the same sizes in another order"),
        ((2, 4), "axis 1 has size 4, expected 3"),
        ((2,), "mine has 1 axis, expected 2"),
        (None, "^mine is None"),
        ([2, 3], "^mine is a list of length 2"),
    ],
)
def test_check_shape_says_what_is_off(mine, match):
    with pytest.raises(CheckFailed, match=match):
        check_shape(mine, (2, 3))


# ---------------------------------------------------------------- diagnose: learners with known mistakes

FULL = {"stride": 2, "padding": 2, "dilation": 2, "groups": 2, "padding_mode": "reflect"}


def learner(x, weight, bias, mistakes, way, *, stride, padding, dilation, groups, padding_mode):
    """A Conv1d in torch that makes the given mistakes, written without any code of the package.

    `way` chooses between the different ways to make the same mistake.
    """
    x, weight, bias = (torch.tensor(array.copy()) for array in (x, weight, bias))
    sides, mode = (padding, padding), padding_mode
    if "input_reshaped_not_permuted" in mistakes:
        n, c, length = x.shape
        x = x.transpose(1, 2).reshape(n, c, length) if way % 2 else x.reshape(n, length, c).transpose(1, 2)
    if "weight_axes_swapped" in mistakes:
        weight = weight.permute([(1, 0, 2), (0, 2, 1), (2, 1, 0)][way % 3]).reshape(weight.shape)
    if "flipped_kernel" in mistakes:
        weight = weight.flip(-1)
    if "groups_ignored" in mistakes:
        if way % 2:
            x = x[:, : weight.shape[1]]
        else:
            weight = torch.cat([weight] * groups, dim=1)
        groups = 1
    if "bias_missing" in mistakes:
        bias = 0 * bias
    if "stride_ignored" in mistakes:
        stride = 1
    if "dilation_ignored" in mistakes:
        dilation = 1
    if "padding_ignored" in mistakes:
        sides = (0, 0)
    if "padding_one_sided" in mistakes:
        sides = [(padding, 0), (0, padding), (2 * padding, 0), (0, 2 * padding)][way % 4]
    if "padding_mode_wrong" in mistakes:
        mode = ["constant", "replicate", "circular"][way % 3]
    padded = F.pad(x, sides, mode=mode)
    per_group = weight.shape[1]
    parts = []  # the contribution of the c-th channel of each group
    for c in range(per_group):
        channels = padded[:, c::per_group]
        parts.append(F.conv1d(channels, weight[:, c : c + 1], stride=stride, dilation=dilation, groups=groups))
    bias = bias[:, None]
    if "channels_not_summed" in mistakes:
        output = parts[-1] + bias if way % 2 else torch.stack([part + bias for part in parts], dim=2)
    elif "channels_averaged" in mistakes:
        output = torch.stack(parts).mean(dim=0) + bias if way % 2 else (sum(parts) + bias) / per_group
        if "bias_missing" in mistakes:
            output = torch.stack(parts).mean(dim=0)
    else:
        output = sum(parts) + bias
    if "last_window_missing" in mistakes:
        output = output[..., :-1]
    return output.numpy()


def full_case(seed):
    """Random asymmetric data of random sizes, on which every option of FULL matters."""
    rng = np.random.default_rng(seed)
    n, channels, kernels, taps, length = (
        int(rng.integers(*ends)) for ends in ((1, 4), (2, 4), (2, 4), (2, 5), (14, 24))
    )
    x, weight = rng.normal(size=(n, 2 * channels, length)), rng.normal(size=(2 * kernels, channels, taps))
    return x, weight, rng.normal(size=2 * kernels)


def explanations(diagnosis):
    return [set(codes) for codes in (diagnosis.codes, *diagnosis.alternatives)]


#: Two mistakes that cannot be made together: one undoes, or leaves no room for, the other.
NONSENSE = [
    {"channels_not_summed", "channels_averaged"},
    {"padding_ignored", "padding_one_sided"},
    {"padding_ignored", "padding_mode_wrong"},
]
PAIRS = [pair for pair in itertools.combinations(CODES, 2) if set(pair) not in NONSENSE]


def test_the_catalogue_is_complete():
    assert [mistake.code for mistake in CATALOGUE] == CODES


def test_the_learner_without_mistakes_is_right():
    for seed in range(20):
        operands = full_case(seed)
        assert diagnose(learner(*operands, (), 0, **FULL), *operands, **FULL).codes == ("equal",)


@pytest.mark.parametrize("code", CODES)
def test_each_mistake_is_named(code):
    for seed in range(24):
        operands = full_case(seed)
        diagnosis = diagnose(learner(*operands, (code,), seed, **FULL), *operands, **FULL)
        assert {code} in explanations(diagnosis), (seed, diagnosis)
        assert diagnosis.code == diagnosis.codes[0]
        assert diagnosis.code in diagnosis.message
        # A second explanation is allowed only where it is the same for all numbers: windows lost at the end.
        if diagnosis.codes != (code,):
            assert {diagnosis.code, code} == {"last_window_missing", "padding_one_sided"}
            assert "whatever the numbers" in diagnosis.message


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_two_mistakes_together_are_named(pair):
    for seed in (0, 1):
        operands = full_case(seed)
        output = learner(*operands, pair, seed, **FULL)
        diagnosis = diagnose(output, *operands, **FULL)
        if set(pair) == {"last_window_missing", "padding_one_sided"} and diagnosis.codes == ("padding_ignored",):
            continue  # padding of one side only, less the window that it made, is no padding at all
        assert set(pair) in explanations(diagnosis), (seed, diagnosis)


def test_both_codes_of_a_pair_and_both_pieces_of_advice_are_given():
    operands = full_case(0)
    diagnosis = diagnose(learner(*operands, ("flipped_kernel", "bias_missing"), 0, **FULL), *operands, **FULL)
    assert diagnosis.codes == ("flipped_kernel", "bias_missing")
    assert diagnosis.message.startswith(
        "flipped_kernel and bias_missing: this is exactly the result when "
        "the kernel is flipped and the bias is missing."
    )
    assert diagnosis.message.count("\n  try: ") == 2
    assert diagnosis.first_difference.where == (0, 0, 0)
    assert repr(diagnosis) == str(diagnosis) == diagnosis.message


def test_correct_results_are_never_accused():
    for case in against_torch.random_cases(5000, 2, against_torch.OPTIONS):
        output, _ = against_torch.run_torch(case)
        diagnosis = diagnose(output, case.x, case.weight, case.bias, **case.options)
        assert diagnosis.codes == ("equal",), case
        assert diagnosis.first_difference is None


@pytest.mark.parametrize("seed", range(8))
def test_zeros_noise_and_rolled_results_are_unknown(seed):
    operands = full_case(seed)
    expected = learner(*operands, (), 0, **FULL)
    noise = np.random.default_rng(99).normal(size=expected.shape)
    for wrong in (np.zeros_like(expected), noise, np.roll(expected, 1, axis=-1), expected * 1.001):
        diagnosis = diagnose(wrong, *operands, **FULL)
        assert diagnosis.codes == ("unknown",)
        assert diagnosis.first_difference.where == (0, 0, 0)
        assert "reads:    input samples (-2, 0" in diagnosis.message
        assert f"{expected[0, 0, 0]:.6g}" in diagnosis.message


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "complex128"])
def test_diagnose_in_other_dtypes_and_without_a_batch(dtype):
    rng = np.random.default_rng(0)
    x, weight = rng.integers(-9, 9, (3, 12)).astype(dtype), rng.integers(-9, 9, (2, 3, 4)).astype(dtype)
    right, flipped = conv1d_loops(x, weight), conv1d_loops(x, weight[..., ::-1])
    assert diagnose(right, x, weight).code == "equal"
    assert diagnose(flipped, x, weight).code == "flipped_kernel"
    assert diagnose(flipped + 1, x, weight).first_difference.where == (0, 0)


def test_a_single_number_for_a_batch_is_unknown():
    diagnosis = diagnose(np.float64(3), np.ones((2, 1, 5)), np.ones((1, 1, 2)))
    assert diagnosis.codes == ("unknown",)
    assert "mine has 0 axes, expected 3" in diagnosis.message


def test_the_window_of_a_wrong_output_says_what_lies_in_the_padding():
    x, weight = np.arange(1.0, 6).reshape(1, 5), np.array([[[1.0, 10, 100]]])
    wrong = conv1d_matmul(x, weight, padding=2)
    wrong[0, -1] = 7
    diagnosis = diagnose(wrong, x, weight, padding=2)
    assert diagnosis.message.endswith("reads:    input samples (4, 5, 6), of which in the padding: 5, 6")


def test_diagnose_takes_torch_tensors():
    x, weight, bias = torch.randn(2, 3, 9), torch.randn(4, 3, 3), torch.randn(4)
    assert diagnose(F.conv1d(x, weight, bias), x, weight, bias).code == "equal"
    assert diagnose(F.conv1d(x, weight), x, weight, bias).code == "bias_missing"


def test_same_padding_on_the_wrong_side():
    x, weight = np.arange(1.0, 9).reshape(1, 1, 8), np.array([[[1.0, 10, 100, 1000]]])
    output = F.conv1d(F.pad(torch.tensor(x), (2, 1)), torch.tensor(weight)).numpy()
    assert diagnose(output, x, weight, padding="same").code == "padding_one_sided"


@pytest.mark.parametrize(
    ("change", "hidden"),
    [
        ({"weight": np.array([[[1.0, 2, 1], [3.0, 0, 3]]])}, "flipped_kernel"),
        ({"bias": np.zeros(1)}, "bias_missing"),
        ({"x": np.array([[[0.0, 0, 1, 2, 5, 3, 0, 0], [0, 0, 4, 1, 1, 2, 0, 0]]])}, "padding_mode_wrong"),
        ({"x": np.ones((1, 2, 8))}, "input_reshaped_not_permuted"),
        ({"weight": np.ones((1, 2, 3))}, "weight_axes_swapped"),
    ],
)
def test_an_input_that_cannot_tell_says_so_and_offers_one_that_can(change, hidden):
    rng = np.random.default_rng(0)
    call = {
        "x": rng.normal(size=(1, 2, 8)),
        "weight": rng.normal(size=(1, 2, 3)),
        "bias": np.ones(1),
        "padding": 1,
    }
    call |= change
    diagnosis = diagnose(conv1d_matmul(**call), **call)
    assert diagnosis.codes == ("equal",)
    assert (hidden,) in diagnosis.alternatives
    assert "this test input cannot tell, since these mistakes would give the same:" in diagnosis.message
    assert hidden in diagnosis.message
    better = diagnosis.better_input
    assert all(better[name].shape == call[name].shape for name in ("x", "weight", "bias"))
    call |= better
    assert diagnose(conv1d_matmul(**call), **call).alternatives == ()
    # Another input can tell: the mistake, made by hand, is now visible.
    x, weight, bias, padding = call["x"], call["weight"], call["bias"], call["padding"]
    by_hand = {
        "flipped_kernel": lambda: conv1d_matmul(x, weight[..., ::-1], bias, padding=padding),
        "bias_missing": lambda: conv1d_matmul(x, weight, padding=padding),
        "padding_mode_wrong": lambda: conv1d_matmul(x, weight, bias, padding=padding, padding_mode="reflect"),
        "input_reshaped_not_permuted": lambda: conv1d_matmul(
            x.swapaxes(1, 2).reshape(x.shape), weight, bias, padding=padding
        ),
        "weight_axes_swapped": lambda: conv1d_matmul(
            x, weight.swapaxes(1, 2).reshape(weight.shape), bias, padding=padding
        ),
    }
    assert diagnose(by_hand[hidden](), **call).codes == (hidden,)


def test_an_input_that_leaves_two_explanations_offers_one_that_does_not():
    weight = np.array([[[1.0, 2.0], [0.0, 0.0]]])
    first = np.arange(9.0) ** 2
    # Flipped: 2·first[t] + first[t + 1]. With channels and taps swapped: first[t] + 2·second[t]. Made equal here.
    second = (first + np.append(first[1:], 0)) / 2
    x = np.stack([first, second])[np.newaxis]
    diagnosis = diagnose(conv1d_matmul(x, weight[..., ::-1]), x, weight)
    assert diagnosis.codes == ("flipped_kernel",)
    assert diagnosis.alternatives == (("weight_axes_swapped",),)
    assert "It is also the result when axes of the weight are swapped." in diagnosis.message
    assert "This test input cannot tell; the one in .better_input can." in diagnosis.message
    x, weight = diagnosis.better_input["x"], diagnosis.better_input["weight"]
    assert diagnosis.better_input["bias"] is None
    better = diagnose(conv1d_matmul(x, weight[..., ::-1]), x, weight)
    assert (better.codes, better.alternatives, better.better_input) == (("flipped_kernel",), (), None)


@pytest.mark.parametrize(
    ("output", "match"),
    [
        (None, "unknown: the output is None"),
        ([[1.0]], r"unknown: the output is a list; np.array\(output\)"),
        ("x", "unknown: the output is a str"),
        (
            np.ones((1, 5, 4)),
            "unknown: no known mistake gives this. the shapes differ: axis 1 has size 5, expected 1",
        ),
        (np.ones(6), "mine has 1 axis, expected 3"),
        (np.full((1, 1, 6), np.nan), "6 of 6 values differ(?s:.*)mine:     nan"),
    ],
)
def test_an_output_that_is_none_is_unknown_in_words(output, match):
    diagnosis = diagnose(output, np.arange(8.0).reshape(1, 1, 8), np.array([[[1.0, 2, 4]]]))
    assert diagnosis.codes == ("unknown",)
    assert re.search(match, diagnosis.message)


@pytest.mark.parametrize(
    ("error", "match", "arguments", "options"),
    [
        (
            ValueError,
            r"diagnose\(output=<float64 \(3,\)>, x=<float64 \(1, 2, 4\)>, weight=(?s:.*)stride is a whole",
            (np.ones((1, 2, 4)), np.ones((1, 2, 2))),
            {"stride": 0},
        ),
        (TypeError, "x is a list", ([1], np.ones((1, 2, 2))), {}),
        (
            TypeError,
            "weight has dtype float64|x has dtype float32",
            (np.ones((1, 2, 4), "f"), np.ones((1, 2, 2))),
            {},
        ),
    ],
)
def test_diagnose_refuses_what_torch_refuses(error, match, arguments, options):
    with pytest.raises(error, match=match):
        diagnose(np.ones(3), *arguments, **options)


# ---------------------------------------------------------------- comparison with torch


@pytest.mark.parametrize("conv1d", [conv1d_loops, conv1d_windows, conv1d_matmul, conv1d_fft])
def test_the_references_pass(conv1d):
    comparison = compare_with_torch(conv1d, seed=3)
    assert comparison.passed and comparison
    assert (comparison.cases, comparison.first_failure, comparison.diagnosis) == (200, None, None)
    assert str(comparison).startswith("passed: all 200 random cases equal torch's\n  with bias, stride")
    assert "<strong>passed: all 200 random cases equal torch&#x27;s</strong>" in comparison._repr_html_()


def test_the_gradients_pass():
    assert compare_gradients_with_torch(conv1d_backward, seed=3).passed


def test_a_function_with_fewer_options_says_so():
    def plain(x, weight):
        return conv1d_matmul(x, weight)

    def strided(x, w, stride=1, padding=0):
        return conv1d_matmul(x, w, stride=stride, padding=padding)

    assert compare_with_torch(plain, options=()).passed
    assert str(compare_with_torch(plain, options=())).endswith("with x and weight alone")
    assert compare_with_torch(strided, options=("padding", "stride")).passed
    failed = compare_with_torch(strided)
    assert "it raised TypeError" in failed.message
    assert "try: options=(…) with only the options that the function supports" in failed.message


def wrapped(change):
    """A correct function whose result is then changed."""
    return lambda x, weight, bias=None, **options: change(conv1d_matmul(x, weight, bias, **options))


def in_place(x, weight, bias=None, **options):
    output = conv1d_matmul(x, weight, bias, **options)
    x *= 2
    return output


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (wrapped(lambda y: 1 / 0), r"it raised ZeroDivisionError: division by zero"),
        (wrapped(lambda y: None), r"the result is None. Does the function end with `return`\?"),
        (wrapped(lambda y: y.tolist()), r"the result is a list, not a NumPy array. np.array\(result\) makes one"),
        (wrapped(lambda y: float(y.sum())), r"the result is a float, not a NumPy array"),
        (wrapped(torch.from_numpy), r"the result is a torch tensor, and NumPy arrays went in"),
        (wrapped(lambda y: y.astype("f")), r"the result has dtype float32, and float64 went in"),
        (wrapped(lambda y: y.astype(str)), r"the result has dtype <U32, and float64 went in"),
        (wrapped(lambda y: y[..., 1:3]), r"the shapes differ: axis 2 has size 2"),
        (wrapped(lambda y: y * np.nan), r"mine:     nan"),
        (wrapped(lambda y: y.swapaxes(0, 1)), r"the shapes differ"),
        (in_place, r"it changed one of its inputs in place. Work on a copy"),
    ],
)
def test_whatever_a_function_does_is_reported_in_words(function, match):
    comparison = compare_with_torch(function)
    assert not comparison.passed and not comparison
    assert re.search(match, str(comparison))
    assert str(comparison).startswith("failed at random case 1 of 200\n  x (")
    assert comparison.first_failure is not None


@pytest.mark.parametrize(
    ("function", "number", "code"),
    [
        (lambda x, w, **o: conv1d_matmul(x, w[..., ::-1], **o), 1, "flipped_kernel"),
        (lambda x, w, bias=None, **o: conv1d_matmul(x, w, **o), 2, "bias_missing"),
        (lambda x, w, **o: conv1d_matmul(x, w, **(o | {"stride": 1})), 3, "stride_ignored"),
        (lambda x, w, **o: conv1d_matmul(x, w, **(o | {"padding": 0})), 4, "padding_ignored"),
        (lambda x, w, **o: conv1d_matmul(x, w, **(o | {"dilation": 1})), 6, "dilation_ignored"),
        (
            lambda x, w, **o: conv1d_matmul(x, w, **(o | {"padding_mode": "zeros"})),
            8,
            "padding_mode_wrong",
        ),
    ],
)
def test_the_first_failure_is_where_the_mistake_shows_and_is_diagnosed(function, number, code):
    comparison = compare_with_torch(function)
    assert str(comparison).startswith(f"failed at random case {number} of 200\n")
    assert comparison.diagnosis.codes == (code,)
    assert comparison.diagnosis.message in comparison.message
    case = comparison.first_failure
    given = {} if case.bias is None else {"bias": case.bias}
    output = function(case.x, case.weight, **given, **case.options)
    assert diagnose(output, case.x, case.weight, case.bias, **case.options).codes == (code,)


def test_the_report_is_escaped_and_the_same_every_time():
    def bad(x, weight, bias=None, **options):
        raise ValueError("<script>")

    comparison = compare_with_torch(bad)
    assert "<script>" in comparison.message
    assert "<script>" not in comparison._repr_html_()
    assert str(compare_with_torch(bad)) == str(comparison)


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (lambda *a, **o: None, r"it returned a NoneType, not the tuple \(grad_x, grad_weight, grad_bias\)"),
        (lambda *a, **o: conv1d_backward(*a, **o)[:2], r"it returned a tuple, not"),
        (lambda *a, **o: (*conv1d_backward(*a, **o)[:2], None), r"grad_bias is None"),
        (lambda *a, **o: conv1d_backward(*a, **o)[::-1], r"grad_x: the shapes differ"),
        (
            lambda g, x, w, **o: conv1d_backward(g, x, w[..., ::-1], **o),
            r"grad_x: \d+ of \d+ values differ(?s:.*)where:",
        ),
        (lambda g, x, w, **o: (*conv1d_backward(g, x, w, **o)[:2], g.sum((0, 2)) / len(g) + 1), r"grad_bias: "),
        (lambda g, x, w, **o: 1 / 0, r"it raised ZeroDivisionError"),
    ],
)
def test_wrong_gradients_are_reported_in_words(function, match):
    comparison = compare_gradients_with_torch(function)
    assert not comparison.passed
    assert re.search(match, str(comparison))


@pytest.mark.parametrize("compare", [compare_with_torch, compare_gradients_with_torch])
@pytest.mark.parametrize(
    ("error", "match", "arguments"),
    [
        (
            TypeError,
            r"a ndarray where the function should be(?s:.*)the name without parentheses",
            {"function": np.ones(2)},
        ),
        (ValueError, r"cases is a whole number from 1 to 100000", {"cases": 0}),
        (ValueError, r"cases is a whole number from 1 to 100000", {"cases": 10**30}),
        (ValueError, r"seed is a whole number of at least 0", {"seed": -1}),
        (ValueError, r"found: options=\('strides',\)", {"options": ("strides",)}),
        (ValueError, r"found: options=5", {"options": 5}),
        (ValueError, r"found: options=\[<float64 \(2,\)>\]|found: options=\[array", {"options": [np.ones(2)]}),
        (
            ValueError,
            r"options is a tuple of any of 'bias', |options is a tuple of any of 'stride', ",
            {"options": "stride"},
        ),
    ],
)
def test_comparisons_refuse_arguments_that_make_no_sense(compare, error, match, arguments):
    with pytest.raises(error, match=match):
        compare(**({"function": conv1d_matmul} | arguments))


def test_a_comparison_leaves_torch_as_it_was():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    torch.set_num_threads(2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare_with_torch(conv1d_matmul, cases=30)
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)


def test_a_checker_without_torch_does_not_load_torch():
    code = "import sys; from conv1d_tutor import check_equal; check_equal(1, 1); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_public_names_are_there():
    assert all(inspect.getdoc(getattr(verify, name)) for name in verify.__all__)
