"""The from-scratch Conv1d against torch: torch's own samples, thousands of random cases, and what is refused."""

import re
import sys
import types
import unittest
import warnings
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from conv1d_tutor._refusals import Refused
from conv1d_tutor.explainer.torch_says import UNKNOWN, understood
from conv1d_tutor.reference import (
    as_matrix,
    conv1d_backward,
    conv1d_fft,
    conv1d_loops,
    conv1d_matmul,
    conv1d_windows,
)
from conv1d_tutor.verify import against_torch

VERSIONS = (conv1d_loops, conv1d_windows, conv1d_matmul)
FORWARD = (*VERSIONS, conv1d_fft)
CASES = 5000

# torch's test helpers import expecttest for their own test classes; no sample needs it.
sys.modules.setdefault("expecttest", types.ModuleType("expecttest")).__dict__.setdefault(
    "TestCase", unittest.TestCase
)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Using padding='same' with even kernel")
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def op_infos():
    from torch.testing._internal.common_methods_invocations import op_db

    return {info.name: info for info in op_db}


@pytest.fixture(scope="module")
def op_info(op_infos):
    return op_infos["nn.functional.conv1d"]


def arrays(*tensors):
    return [tensor if tensor is None else tensor.detach().resolve_conj().numpy() for tensor in tensors]


@pytest.fixture(scope="module")
def random_cases():
    """The cases, what torch makes of them, a gradient for each, and torch's gradients."""
    rng = np.random.default_rng(1)
    rows = []
    for case in against_torch.random_cases(CASES, 0, against_torch.OPTIONS):
        expected, gradients = against_torch.run_torch(case)
        grad_output = rng.normal(size=expected.shape)
        rows.append((case, expected, grad_output, gradients(grad_output)))
    return rows


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize("conv1d", FORWARD)
def test_small_integers_by_hand(conv1d):
    x = np.array([[[1, 2, 4, 8], [1, 0, 0, 1]]])
    weight = np.array([[[1, 10], [100, 1000]], [[1, 0], [0, 0]]])
    bias = np.array([0, 5])
    # channel 0: 1·1 + 10·2 + 100·1 + 1000·0, then one step to the right, and so on
    np.testing.assert_array_equal(conv1d(x, weight, bias), [[[121, 42, 1084], [6, 7, 9]]])
    np.testing.assert_array_equal(conv1d(x, weight, bias, stride=2), [[[121, 1084], [6, 9]]])
    np.testing.assert_array_equal(conv1d(x, weight, dilation=2), [[[141, 1082], [1, 2]]])
    np.testing.assert_array_equal(conv1d(x[0, :1], weight[:1, :1], padding=1), [[10, 21, 42, 84, 8]])
    np.testing.assert_array_equal(conv1d(x, weight[:, :1], groups=2), [[[21, 42, 84], [1, 0, 0]]])


@pytest.mark.parametrize("conv1d", FORWARD)
@pytest.mark.parametrize(
    ("mode", "padded"),
    [
        ("zeros", [0, 0, 1, 2, 3, 0, 0]),
        ("reflect", [3, 2, 1, 2, 3, 2, 1]),
        ("replicate", [1, 1, 1, 2, 3, 3, 3]),
        ("circular", [2, 3, 1, 2, 3, 1, 2]),
    ],
)
def test_padding_modes_by_hand(conv1d, mode, padded):
    output = conv1d(np.array([[1, 2, 3]]), np.array([[[1]]]), padding=2, padding_mode=mode)
    np.testing.assert_array_equal(output, [padded])


@pytest.mark.parametrize("conv1d", FORWARD)
def test_same_puts_the_odd_zero_on_the_right(conv1d):
    output = conv1d(np.array([[1, 2, 3]]), np.array([[[1, 10, 100, 1000]]]), padding="same")
    np.testing.assert_array_equal(output, [[3210, 321, 32]])


# ---------------------------------------------------------------- torch's own samples

EXACT = {torch.int64: 0, torch.float64: 1e-10, torch.complex128: 1e-10}
ROUNDED = {torch.float32: 1e-4, torch.complex64: 1e-4, torch.float16: 0.5}


@pytest.mark.parametrize("conv1d", FORWARD)
@pytest.mark.parametrize("dtype", [*EXACT, *ROUNDED], ids=str)
def test_op_info_samples(op_info, conv1d, dtype):
    samples = list(op_info.sample_inputs("cpu", dtype))
    assert len(samples) == 10
    for sample in samples:
        x, *others = arrays(sample.input, *sample.args)
        expected = op_info(sample.input, *sample.args, **sample.kwargs).resolve_conj().numpy()
        output = conv1d(x, *others, **sample.kwargs)
        assert output.dtype == expected.dtype
        np.testing.assert_allclose(output, expected, rtol=0, atol=(EXACT | ROUNDED)[dtype])


@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128], ids=str)
def test_op_info_samples_gradients(op_info, dtype):
    for sample in op_info.sample_inputs("cpu", dtype, requires_grad=True):
        operands = [sample.input, sample.args[0]]
        bias = torch.zeros(len(sample.args[0]), dtype=dtype, requires_grad=True)
        output = F.conv1d(*operands, bias, **sample.kwargs)
        grad_output = torch.randn_like(output)
        expected = torch.autograd.grad(output, [*operands, bias], grad_output)
        mine = conv1d_backward(*arrays(grad_output, *operands), **sample.kwargs)
        for got, wanted in zip(mine, arrays(*expected), strict=True):
            np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-10)


@pytest.mark.parametrize("conv1d", FORWARD)
def test_module_samples(conv1d):
    from torch.testing._internal.common_modules import module_db

    (info,) = [info for info in module_db if info.module_cls is torch.nn.Conv1d]
    samples = info.module_inputs_func(info, "cpu", torch.float64, requires_grad=False, training=True)
    assert len(samples) == 4
    for sample in samples:
        made, given = sample.constructor_input, sample.forward_input
        layer = torch.nn.Conv1d(*made.args, **made.kwargs).double()
        options = {
            name: getattr(layer, name) for name in ("stride", "padding", "dilation", "groups", "padding_mode")
        }
        output = conv1d(*arrays(given.args[0], layer.weight, layer.bias), **options)
        np.testing.assert_allclose(output, arrays(layer(*given.args))[0], rtol=0, atol=1e-10)


def test_op_info_error_inputs_are_refused(op_info):
    errors = list(op_info.error_inputs("cpu"))
    assert len(errors) == 10
    for error in errors:
        sample = error.sample_input
        with pytest.raises((ValueError, TypeError), match=r"(?s)found: .*rule: .*try: "):
            conv1d_matmul(*arrays(sample.input, *sample.args), **sample.kwargs)


# ---------------------------------------------------------------- random cases


@pytest.mark.parametrize("conv1d", FORWARD)
def test_random_cases_agree_with_torch(conv1d, random_cases):
    for case, expected, *_ in random_cases:
        output = conv1d(case.x, case.weight, case.bias, **case.options)
        assert output.shape == expected.shape, case
        assert np.abs(output - expected).max() < 1e-10, case


def test_random_gradients_agree_with_autograd(random_cases):
    for case, _, grad_output, expected in random_cases:
        for mine, theirs in zip(
            conv1d_backward(grad_output, case.x, case.weight, **case.options), expected, strict=True
        ):
            assert mine.shape == theirs.shape, case
            assert np.abs(mine - theirs).max() < 1e-10, case


def test_random_cases_as_matrix(random_cases):
    for case, expected, *_ in random_cases[:300]:
        matrix = as_matrix(case.weight, case.x.shape[-1], **case.options)
        flat = case.x.reshape(-1, matrix.shape[1]) @ matrix.T
        bias = 0 if case.bias is None else case.bias[:, np.newaxis]
        np.testing.assert_allclose(flat.reshape(expected.shape) + bias, expected, rtol=0, atol=1e-10)


def test_the_random_cases_cover_every_option(random_cases):
    cases = [case for case, *_ in random_cases]
    for name in ("stride", "padding", "dilation", "groups", "padding_mode"):
        assert sum(name in case.options for case in cases) > 1000
    assert {case.options.get("padding_mode") for case in cases} == {None, "reflect", "replicate", "circular"}
    assert {"same", "valid", 0, 1, 2, 3, 4} >= {case.options.get("padding", 0) for case in cases} >= {"same", 4}
    assert {case.x.ndim for case in cases} == {2, 3}
    assert {case.bias is None for case in cases} == {True, False}


# ---------------------------------------------------------------- forms of input and output


@pytest.mark.parametrize("conv1d", FORWARD)
def test_tuples_of_one(conv1d):
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 4, 12)), rng.normal(size=(6, 2, 3))
    plain = conv1d(x, weight, stride=2, padding=1, dilation=2, groups=2)
    np.testing.assert_array_equal(conv1d(x, weight, None, (2,), (1,), (2,), 2), plain)


@pytest.mark.parametrize("conv1d", FORWARD)
@pytest.mark.parametrize(
    "dtype", ["int16", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128"]
)
def test_dtype_is_kept(conv1d, dtype):
    x, weight, bias = np.ones((1, 2, 5), dtype), np.ones((3, 2, 2), dtype), np.ones(3, dtype)
    output = conv1d(x, weight, bias, padding=1)
    assert output.dtype == dtype
    np.testing.assert_allclose(output[0, 0].real, [3, 5, 5, 5, 5, 3], rtol=1e-3)
    for grad in conv1d_backward(output, x, weight, padding=1):
        assert grad.dtype == dtype
    assert as_matrix(weight, 5).dtype == dtype


@pytest.mark.parametrize("padding", [0, 2])
def test_inputs_are_never_changed(padding):
    rng = np.random.default_rng(0)
    given = x, weight, _ = rng.normal(size=(2, 3, 8)), rng.normal(size=(4, 3, 3)), rng.normal(size=4)
    kept = [array.copy() for array in given]
    for array in given:
        array.setflags(write=False)
    for conv1d in FORWARD:
        output = conv1d(*given, padding=padding)
        output += 1  # the result is the caller's own, not a view of anything that went in
    conv1d_backward(output, x, weight, padding=padding)
    as_matrix(weight, 8, padding=padding)
    for array, copy in zip(given, kept, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("conv1d", FORWARD)
def test_an_empty_batch_stays_empty(conv1d):
    assert conv1d(np.zeros((0, 2, 5)), np.zeros((3, 2, 2))).shape == (0, 3, 4)


@pytest.mark.parametrize("conv1d", FORWARD)
def test_views_and_reversed_arrays_are_fine(conv1d):
    table = np.random.default_rng(0).normal(size=(2, 9, 3))
    x, weight = table.transpose(0, 2, 1), np.arange(12.0).reshape(2, 3, 2)[:, ::-1, ::-1]
    expected = F.conv1d(torch.tensor(x.copy()), torch.tensor(weight.copy())).numpy()
    np.testing.assert_allclose(conv1d(x, weight), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("block", [1, 100, 1000, 5000, 20000])
def test_matmul_in_blocks_of_any_size(monkeypatch, block):
    rng = np.random.default_rng(0)
    x, weight, bias = rng.normal(size=(5, 4, 30)), rng.normal(size=(6, 2, 3)), rng.normal(size=6)
    expected = conv1d_loops(x, weight, bias, stride=2, groups=2)
    monkeypatch.setattr("conv1d_tutor.reference.versions.BLOCK_BYTES", block)
    np.testing.assert_allclose(conv1d_matmul(x, weight, bias, stride=2, groups=2), expected, rtol=0, atol=1e-10)


def test_as_matrix_is_toeplitz_for_one_channel():
    matrix = as_matrix(np.array([[[1, 2, 3]]]), 6)
    assert matrix.shape == (4, 6)
    for offset in range(-3, 6):
        assert len(set(np.diagonal(matrix, offset).tolist())) == 1
    np.testing.assert_array_equal(
        as_matrix(np.array([[[1, 2]]]), 3, padding=1, padding_mode="circular")[0], [2, 0, 1]
    )


def test_gradient_of_a_copied_sample_collects_all_copies():
    grad_x, *_ = conv1d_backward(
        np.ones((1, 5)), np.ones((1, 3)), np.ones((1, 1, 1)), padding=1, padding_mode="replicate"
    )
    np.testing.assert_array_equal(grad_x, [[2, 1, 2]])


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [2, 3, 4, 5])
def test_padding_modes_end_where_torch_ends(mode, padding):
    x, weight = np.arange(3.0).reshape(1, 1, 3), np.ones((1, 1, 2))
    layer = torch.nn.Conv1d(1, 1, 2, padding=padding, padding_mode=mode, bias=False, dtype=torch.float64)
    layer.weight.data = torch.tensor(weight)
    try:
        expected = layer(torch.tensor(x)).detach().numpy()
    except RuntimeError:
        with pytest.raises(ValueError, match="so it can add at most"):
            conv1d_matmul(x, weight, padding=padding, padding_mode=mode)
    else:
        np.testing.assert_allclose(conv1d_matmul(x, weight, padding=padding, padding_mode=mode), expected)


# ---------------------------------------------------------------- what is refused

X, W, B = np.zeros((2, 4, 9)), np.zeros((6, 2, 3)), np.zeros(6)

REFUSALS = [
    (
        ValueError,
        r"stride=0.*\n.*rule:  stride is a whole number of at least 1",
        (X, W, B),
        {"groups": 2, "stride": 0},
    ),
    (ValueError, r"stride is a whole number of at least 1", (X, W, B), {"groups": 2, "stride": -1}),
    (ValueError, r"stride=\(1, 1\), 2 numbers", (X, W, B), {"groups": 2, "stride": (1, 1)}),
    (ValueError, r"dilation is a whole number of at least 1", (X, W, B), {"groups": 2, "dilation": 0}),
    (ValueError, r"padding is a whole number of at least 0", (X, W, B), {"groups": 2, "padding": -1}),
    (
        ValueError,
        r"padding is a whole number of at least 0, 'same' or 'valid'",
        (X, W, B),
        {"groups": 2, "padding": "full"},
    ),
    (ValueError, r"padding='same' with stride=2", (X, W, B), {"groups": 2, "padding": "same", "stride": 2}),
    (ValueError, r"groups is a whole number of at least 1", (X, W, B), {"groups": 0}),
    (ValueError, r"out_channels=5 cannot be split into groups=2", (X, W[:5]), {"groups": 2}),
    (ValueError, r"an input of 4 channels.*\n.*here 2·1 = 2", (X, W), {}),
    (ValueError, r"padding_mode='zero'", (X, W), {"groups": 2, "padding_mode": "zero"}),
    (
        ValueError,
        r"'reflect' mirrors .* at most 8",
        (X, W),
        {"groups": 2, "padding_mode": "reflect", "padding": 9},
    ),
    (
        ValueError,
        r"'circular' repeats .* at most 9",
        (X, W),
        {"groups": 2, "padding_mode": "circular", "padding": 10},
    ),
    (ValueError, r"the kernel reads 11 samples, the padded input has 9", (X, W), {"groups": 2, "dilation": 5}),
    (ValueError, r"a weight of 2 axes, \(6, 2\)", (X, W[..., 0]), {}),
    (ValueError, r"an input of 1 axes, \(9,\)", (X[0, 0], W), {}),
    (ValueError, r"an input of 4 axes", (X[None], W), {}),
    (ValueError, r"x has shape \(2, 4, 0\), with an empty axis", (X[..., :0], W), {"groups": 2}),
    (ValueError, r"weight has shape \(0, 2, 3\), with an empty axis", (X, W[:0]), {"groups": 2}),
    (ValueError, r"kernel_size is a whole number of at least 1", (X, W[..., :0]), {"groups": 2}),
    (ValueError, r"a bias of shape \(5,\)", (X, W, B[:5]), {"groups": 2}),
    (ValueError, r"a bias of shape \(\)", (X, W, B[0, ...]), {"groups": 2}),
    (
        TypeError,
        r"weight=<float64 \(6, 2, 3\)>.*\n.*x has dtype float32, weight has float64",
        (X.astype("f"), W),
        {},
    ),
    (TypeError, r"bias has dtype float32, weight has float64", (X, W, B.astype("f")), {"groups": 2}),
    (TypeError, r"x has dtype bool", (X.astype(bool), W.astype(float)), {}),
    (TypeError, r"weight has dtype <U1", (X, W.astype("U1")), {}),
    (TypeError, r"x is a list", ([[1.0, 2.0]], W), {}),
    (TypeError, r"x is a NoneType", (None, W), {}),
    (TypeError, r"weight is a Tensor.*\n.*\n.*weight.detach\(\).numpy\(\)", (X, torch.zeros(6, 2, 3)), {}),
]


@pytest.mark.parametrize(("error", "match", "arguments", "options"), REFUSALS)
def test_refusals(error, match, arguments, options):
    with pytest.raises(error, match=match) as caught:
        conv1d_matmul(*arguments, **options)
    assert str(caught.value).startswith("conv1d_matmul(x=")


@pytest.mark.parametrize("conv1d", FORWARD)
def test_every_version_refuses_what_the_shared_check_refuses(monkeypatch, conv1d):
    given = []

    def check(arguments):
        given.append(arguments)
        raise Refused("this.", "that.", "another.")

    monkeypatch.setattr("conv1d_tutor.reference.versions.prepare", check)
    options = {"stride": 2, "padding": 1, "dilation": 3, "groups": 2, "padding_mode": "reflect"}
    with pytest.raises(
        ValueError, match=rf"^{conv1d.__name__}\(x=.*\n  found: this.\n  rule:  that.\n  try:   another."
    ):
        conv1d(X, W, B, **options)
    assert given == [{"x": X, "weight": W, "bias": B, **options}]


def test_the_call_is_quoted_with_shapes_and_without_defaults():
    with pytest.raises(
        ValueError, match=r"^conv1d_loops\(x=<float64 \(2, 4, 9\)>, weight=<float64 \(6, 2, 3\)>, stride=0\)\n"
    ):
        conv1d_loops(X, W, stride=0)


@pytest.mark.parametrize(
    ("error", "match", "grad_output"),
    [
        (ValueError, r"grad_output has shape \(2, 6, 6\).*\n.*\(2, 6, 7\)", np.zeros((2, 6, 6))),
        (TypeError, r"grad_output has dtype float32", np.zeros((2, 6, 7), "f")),
        (TypeError, r"grad_output is a float", 1.0),
    ],
)
def test_backward_refuses_a_gradient_that_does_not_fit(error, match, grad_output):
    with pytest.raises(error, match=match):
        conv1d_backward(grad_output, X, W, groups=2)


def test_backward_refuses_what_forward_refuses():
    with pytest.raises(
        ValueError, match=r"conv1d_backward\(grad_output=<float64 \(2, 6, 7\)>, x=<(?s:.*)stride is a whole"
    ):
        conv1d_backward(np.zeros((2, 6, 7)), X, W, stride=0, groups=2)


@pytest.mark.parametrize(
    ("error", "match", "weight", "length", "options"),
    [
        (ValueError, "length is a whole number of at least 1", W, 0, {}),
        (ValueError, "the kernel reads 3 samples, the padded input has 2", W, 2, {}),
        (ValueError, "out_channels=6 cannot be split into groups=4", W, 9, {"groups": 4}),
        (TypeError, "weight is a list", [1, 2], 9, {}),
        (ValueError, "a weight of 1 axes", np.zeros(3), 9, {}),
    ],
)
def test_as_matrix_refusals(error, match, weight, length, options):
    with pytest.raises(error, match=match):
        as_matrix(weight, length, **options)


# What torch's own tests provoke is loaded here already, which takes seconds.


def provoked(op_infos):
    """The wrong calls of torch's own tests of convolutions, pools and norms, each with its name."""
    from torch.testing._internal.common_modules import module_db

    for name, info in op_infos.items():
        if re.search(r"functional.*(conv|pool|norm)|layer_norm", name) and info.error_inputs_func:
            for case in info.error_inputs("cpu"):
                given = case.sample_input
                yield name, partial(info, given.input, *given.args, **given.kwargs)

    def build_and_run(kind, wrong):
        layer = kind(*wrong.constructor_input.args, **wrong.constructor_input.kwargs)
        layer(*wrong.forward_input.args, **wrong.forward_input.kwargs)

    options = {"device": "cpu", "dtype": torch.float32, "requires_grad": False, "training": True}
    for info in module_db:
        name = info.module_cls.__name__
        if re.search(r"Conv|Pool|Norm", name) and info.module_error_inputs_func:
            for case in info.module_error_inputs_func(info, **options):
                yield name, partial(build_and_run, info.module_cls, case.module_error_input)


def test_explain_knows_what_torch_says_to_the_wrong_calls_of_its_own_tests(op_infos):
    said = {}
    for name, call in provoked(op_infos):
        with pytest.raises(Exception) as caught:
            call()
        said[" ".join(str(caught.value).split())] = name
    assert {"nn.functional.conv1d", "nn.functional.max_pool1d", "nn.functional.group_norm"} < {*said.values()}
    assert {"BatchNorm3d", "GroupNorm"} < {*said.values()}
    assert [f"{name}: {message}" for message, name in said.items() if understood(message)[0] is UNKNOWN] == []
