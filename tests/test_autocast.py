"""Under autocast a run on shapes has the dtypes that torch has, and is refused where torch refuses."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from explain_models import Written
from torch import nn

from conv1d_tutor import explain
from conv1d_tutor.explainer.model import on_meta
from conv1d_tutor.explainer.run import recorded

KINDS = ["cpu"] + ["cuda"] * torch.cuda.is_available()

#: Each operation on its first tensor in some dtype, beside others in float32: the shapes, and the call.
OPERATIONS: dict[str, tuple[tuple[tuple[int, ...], ...], Callable[..., torch.Tensor]]] = {
    "conv1d": (((2, 4, 20), (8, 4, 3), (8,)), F.conv1d),
    "conv_transpose1d": (((2, 4, 20), (4, 8, 3)), F.conv_transpose1d),
    "conv2d": (((2, 4, 9, 9), (8, 4, 3, 3)), F.conv2d),
    "linear": (((3, 4), (5, 4), (5,)), F.linear),
    "matmul": (((3, 4), (4, 5)), torch.matmul),
    "@": (((3, 4), (4, 5)), lambda a, b: a @ b),
    "mm": (((3, 4), (4, 5)), torch.mm),
    "bmm": (((2, 3, 4), (2, 4, 5)), torch.bmm),
    "addmm": (((3, 5), (3, 4), (4, 5)), torch.addmm),
    "baddbmm": (((2, 3, 5), (2, 3, 4), (2, 4, 5)), torch.baddbmm),
    "einsum": (((2, 3, 4), (2, 4, 5)), lambda a, b: torch.einsum("bij,bjk->bik", a, b)),
    "attention": (((2, 5, 4),) * 3, F.scaled_dot_product_attention),
    "prelu": (((2, 4, 9), (4,)), F.prelu),
    "softmax": (((3, 4),), lambda a: a.softmax(-1)),
    "log_softmax": (((3, 4),), lambda a: F.log_softmax(a, -1)),
    "layer_norm": (((3, 4), (4,), (4,)), lambda a, w, b: F.layer_norm(a, (4,), w, b)),
    "group_norm": (((3, 4, 9), (4,), (4,)), lambda a, w, b: F.group_norm(a, 2, w, b)),
    "exp": (((3, 4),), torch.exp),
    "log": (((3, 4),), torch.log),
    "**": (((3, 4),), lambda a: a**2),
    "prod": (((3, 4),), torch.prod),
    "sum": (((3, 4),), torch.sum),
    "mean": (((3, 4),), torch.mean),
    "cumsum": (((3, 4),), lambda a: a.cumsum(0)),
    "softplus": (((3, 4),), F.softplus),
    "cosine_similarity": (((3, 4), (3, 4)), F.cosine_similarity),
    "mse_loss": (((3, 4), (3, 4)), F.mse_loss),
    "l1_loss": (((3, 4), (3, 4)), F.l1_loss),
    "smooth_l1_loss": (((3, 4), (3, 4)), F.smooth_l1_loss),
    "kl_div": (((3, 4), (3, 4)), lambda a, b: F.kl_div(a, b, reduction="sum")),
    "cross_entropy": (((3, 4), (3, 4)), F.cross_entropy),
    "cdist": (((3, 4), (5, 4)), torch.cdist),
    "cat": (((3, 4), (3, 4)), lambda *both: torch.cat(both)),
    "add": (((3, 4), (3, 4)), torch.add),
    "relu": (((3, 4),), F.relu),
    "gelu": (((3, 4),), F.gelu),
    "max_pool1d": (((2, 4, 9),), lambda a: F.max_pool1d(a, 2)),
    "avg_pool1d": (((2, 4, 9),), lambda a: F.avg_pool1d(a, 2)),
}


def outcome(call: Callable[[], torch.Tensor]) -> Any:
    try:
        return call().dtype
    except RuntimeError:
        return "refused"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float32", "smaller", "float64"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_the_dtype_that_torch_gives_it(name: str, dtype: str, kind: str) -> None:
    shapes, call = OPERATIONS[name]
    given = [torch.rand(shape, device=kind) + 0.1 for shape in shapes]
    given[0] = given[0].to(torch.get_autocast_dtype(kind) if dtype == "smaller" else getattr(torch, dtype))
    with torch.no_grad(), torch.autocast(kind):
        meant = outcome(lambda: call(*given))
        run = recorded(lambda: call(*on_meta(given)), meta=True, kind=kind)
    assert ("refused" if run.failure else run.output.dtype) == meant
    # Outside, nothing is cast; what a CPU takes counts there, and it has no cdist of bfloat16.
    if name == "cdist" or kind != "cpu":
        return
    plain = outcome(lambda: call(*given))
    run = recorded(lambda: call(*on_meta(given)), meta=True, kind=kind)
    assert ("refused" if run.failure else run.output.dtype) == plain


@pytest.mark.parametrize("layer", [nn.LSTM, nn.GRU, nn.RNN, nn.LSTMCell, nn.GRUCell, nn.RNNCell])
def test_recurrent_layers_take_the_smaller_dtype(layer: Callable[..., nn.Module]) -> None:
    model, x = layer(4, 8), torch.randn(3, 4, dtype=torch.bfloat16)
    with torch.autocast("cpu"):
        model(x)
        assert explain(model, x).ok
    assert explain(model, x).problem == "dtype"


def in_part(self: Any, x: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu"):
        h = self.conv(x)
    return self.head(h.mean(-1))


def in_all(self: Any, x: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu"):
        return self.head(self.conv(x).mean(-1)).softmax(-1)


@pytest.mark.parametrize("forward", [in_part, in_all])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_forward_that_autocasts_is_told_as_torch_takes_it(forward: Callable, dtype: torch.dtype) -> None:
    model, x = Written(forward, conv=nn.Conv1d(4, 8, 3), head=nn.Linear(8, 2)), torch.randn(2, 4, 20).to(dtype)
    found = explain(model, x)
    assert found.ok == (outcome(lambda: model(x)) != "refused")
    if not found.ok:
        assert found.problem == "dtype" and "before self.head: h = h.float()" in found.text


def test_around_the_question_it_counts_too() -> None:
    conv, x = nn.Conv1d(4, 8, 3), torch.randn(2, 4, 20, dtype=torch.bfloat16)
    assert explain(conv, x).problem == "dtype"
    with torch.autocast("cpu"):
        assert explain(conv, x).ok and conv(x).dtype == torch.bfloat16
        assert explain(conv, x.mT).fix == "layer(x.permute(0, 2, 1))"
        assert explain(conv, x.double()).problem == "dtype"
