"""Silent faults are found by what a model does, and right models beside them are not accused.

For each kind of fault there are models that have it, and near neighbours that have not.
"""

import copy
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from explain_catalogue import ints, values
from explain_models import Written
from torch import nn

from conv1d_tutor import explain
from conv1d_tutor.explainer import Explanation
from conv1d_tutor.explainer.axes import Axis
from conv1d_tutor.explainer.flow import regrouped

S = nn.Sequential
Build = Callable[[], Any]


def codes(found: Explanation) -> set[str]:
    return {note.code for note in found.notes}


def conv(channels: int = 16, **how: Any) -> nn.Conv1d:
    return nn.Conv1d(4, channels, 3, padding=1, **how)


def turned(h: torch.Tensor) -> torch.Tensor:
    return h.permute(0, 2, 1)


def padded(cases: int = 3, channels: int = 4, steps: int = 40, length: int = 25) -> torch.Tensor:
    x = values(cases, channels, steps)
    x[0, :, length:] = 0
    return x


class Masked(nn.Module):
    """Sets what is padded back to zero before each convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = conv(8), nn.Conv1d(8, 8, 5, padding=2)

    def forward(self, x):
        mask = (x != 0).any(1, keepdim=True)
        return self.b(self.a(x) * mask) * mask


class WithLengths(nn.Module):
    """Reads the lengths beside the signals, and averages over the true steps."""

    def __init__(self, reads: bool) -> None:
        super().__init__()
        self.reads, self.conv, self.fc = reads, conv(8), nn.Linear(8, 2)

    def forward(self, x, lengths):
        h = self.conv(x)
        mask = (torch.arange(x.shape[-1])[None] < lengths[:, None])[:, None]
        return self.fc((h * mask).sum(-1) / lengths[:, None] if self.reads else h.mean(-1))


class Registered(nn.Module):
    def __init__(self, kind: Callable[[list[nn.Module]], Any]) -> None:
        super().__init__()
        self.convs = kind([conv(4) for _ in range(2)])

    def forward(self, x):
        for each in self.convs.values() if hasattr(self.convs, "values") else self.convs:
            x = each(x)
        return x


class Measured(nn.Module):
    """Hands on lengths that it makes of those that it is given."""

    def __init__(self, change: Callable[[torch.Tensor], torch.Tensor], *layers: nn.Module) -> None:
        super().__init__()
        self.change, self.layers = change, S(*layers)

    def forward(self, x, lengths):
        return self.layers(x), self.change(lengths)


def halves(steps: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    return values(3, 4, steps), torch.tensor([steps, steps - 3, steps // 2])


class PreActivated(nn.Module):
    """A residual block that begins with its activation."""

    def __init__(self, *first: nn.Module) -> None:
        super().__init__()
        self.branch = S(*first, nn.Conv1d(16, 16, 3, padding=1), nn.ReLU(inplace=True))

    def forward(self, x):
        return x + self.branch(x)


class Frozen(nn.Module):
    """Keeps a frozen teacher out of its own weights, on purpose."""

    def __init__(self) -> None:
        super().__init__()
        self.teacher, self.conv = [conv(4).requires_grad_(False)], conv(4)

    def forward(self, x):
        return self.conv(x) - self.teacher[0](x)


class Attention(nn.Module):
    """Its own attention over the steps, its heads split and merged by hand."""

    def __init__(self, axis: int = -1, merged: bool = True) -> None:
        super().__init__()
        self.axis, self.merged, self.conv, self.qkv = axis, merged, conv(16), nn.Linear(16, 48)

    def forward(self, x):
        h = turned(self.conv(x))
        n, steps, width = h.shape
        q, k, v = self.qkv(h).view(n, steps, 3, 4, 4).permute(2, 0, 3, 1, 4)
        out = torch.softmax(q @ k.transpose(-2, -1), self.axis) @ v
        return (out.transpose(1, 2) if self.merged else out).reshape(n, steps, width)


class Block(nn.Module):
    """A residual block that returns what it was given, or what it made of it."""

    def __init__(self, returns: int) -> None:
        super().__init__()
        self.returns, self.feed = returns, S(nn.Conv1d(4, 8, 1), nn.GELU(), nn.Conv1d(8, 4, 1))

    def forward(self, x):
        return (x, x + self.feed(x))[self.returns]


class Variational(nn.Module):
    """Draws from what it encodes in training, and takes the mean in eval mode."""

    def __init__(self) -> None:
        super().__init__()
        self.mean, self.spread = conv(8), conv(8)

    def forward(self, x):
        mean, spread = self.mean(x), self.spread(x)
        return mean + spread.exp() * torch.randn_like(mean) if self.training else mean


class Keeping(nn.Module):
    """Keeps a second answer for a loss that is added later, or gives it to a list."""

    def __init__(self, kept: list) -> None:
        super().__init__()
        self.conv, self.head, self.aside, self.kept = conv(8), nn.Linear(8, 2), nn.Linear(8, 3), kept

    def forward(self, x):
        h = self.conv(x).mean(-1)
        self.kept.append(self.aside(h))
        return self.head(h)


class Stepping(nn.Module):
    """A cell of its own, stepped along time, from a state that is given, kept, or zero."""

    def __init__(self, kept: torch.Tensor | None = None) -> None:
        super().__init__()
        self.conv, self.cell, self.kept = conv(8), nn.Linear(16, 8), kept

    def forward(self, x, state=None):
        h = turned(self.conv(x))
        state = self.kept if state is None else state
        state = torch.zeros(len(x), 8) if state is None else state
        for step in h.unbind(1):
            state = torch.tanh(self.cell(torch.cat([step, state], -1)))
        return state


def with_a_token(self: Any, x: torch.Tensor) -> torch.Tensor:
    h = turned(self.conv(x))
    first = self.token.weight.expand(len(h), 1, -1) + torch.zeros(len(h), 1, 1)
    return torch.cat([first, h], 1) + self.places(torch.arange(h.shape[1] + 1))


def gathered(self: Any, x: torch.Tensor) -> torch.Tensor:
    h = turned(self.conv(x))
    n, steps, width = h.shape
    best = h.mean(-1).topk(3, 1).indices + steps * torch.arange(n)[:, None]
    return h.reshape(-1, width)[best]


class Judged(nn.Module):
    """Computes its loss in forward, of scores that something was made of."""

    def __init__(self, made: Callable[[torch.Tensor], torch.Tensor], loss: nn.Module) -> None:
        super().__init__()
        self.conv, self.head, self.made, self.loss = conv(8), nn.Linear(8, 3), made, loss

    def forward(self, x):
        scores = self.head(self.conv(x).mean(-1))
        target = x.mean(-1)[:, :3]
        binary = isinstance(self.loss, nn.BCEWithLogitsLoss | nn.BCELoss | nn.KLDivLoss)
        return self.loss(self.made(scores), target.sigmoid() if binary else target.argmax(-1))


class SelfAttention(nn.Module):
    """Attention by hand, whose weights are made by `made` and summed over by `summed`."""

    def __init__(self, made: Callable, summed: Callable) -> None:
        super().__init__()
        self.qkv, self.made, self.summed = conv(24), made, summed

    def forward(self, x):
        q, k, v = turned(self.qkv(x)).chunk(3, -1)
        return self.summed(self.made(q @ k.transpose(1, 2) / 8**0.5), v)


class Row(nn.Module):
    """Layers in a ModuleList, one after another."""

    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def mixing_steps(self: Any, x: torch.Tensor) -> torch.Tensor:
    h = self.c(x)
    return (h + self.b(F.gelu(self.a(h)))).mean(1)


class Straight(torch.autograd.Function):
    """Rounds, and lets the gradient through."""

    @staticmethod
    def forward(ctx, x):
        return x.round()


def filled(self: Any, x: torch.Tensor) -> torch.Tensor:
    out = x.new_zeros(len(x), 6, x.shape[-1])
    out[:, :2] = self.a(x)
    out[:, 2:4].copy_(self.b(x))
    out.unbind(1)[5].add_(self.c(x)[:, 0])
    return out


def chosen(self: Any, x: torch.Tensor) -> torch.Tensor:
    h = self.c(x).mean(-1)
    answers = torch.stack([each(h) for each in (self.a, self.b)], 1)
    return answers[torch.arange(len(h)), self.gate(h).argmax(-1)]


class Relative(nn.Module):
    """Shifts scores of relative positions by a padded view, as conformers do."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(8)

    def forward(self, x):
        h = self.conv(x)
        scores = turned(h) @ h
        n, steps, _ = scores.shape
        shifted = F.pad(scores, (1, 0)).view(n, steps + 1, steps)[:, 1:].reshape(n, steps, steps)
        return torch.softmax(shifted, -1) @ turned(h)


def shifted(self: Any, x: torch.Tensor) -> torch.Tensor:
    """Scores of twice as many relative positions, each row shifted by one more, without padding."""
    h = turned(self.c(x))
    scores = h @ self.p(torch.arange(2 * h.shape[1])).T
    n, steps, places = scores.shape
    scores = scores.reshape(n, places, steps)[:, 1:].reshape(n, steps, places - 1)[..., :steps]
    return scores.softmax(-1) @ h


def time_first(self: Any, x: torch.Tensor) -> torch.Tensor:
    h, _ = self.lstm(turned(self.conv(x)).transpose(0, 1))
    return self.fc(h[-1])


def over_batch(self: Any, x: torch.Tensor) -> torch.Tensor:
    h = turned(self.conv(x))
    n, steps, _ = h.shape
    return self.fc(self.lstm(h.reshape(steps, n, -1))[0][-1])


# fmt: off
#: What has the fault: code, name, model, x.
FAULTS: list[tuple[str, str, Build, Any]] = [
    ("batch_first", "attention", lambda: Written(lambda s, x: s.a(*[turned(s.c(x))] * 3)[0], c=conv(),
                                                 a=nn.MultiheadAttention(16, 2)), (4, 4, 30)),
    ("batch_first", "transformer", lambda: Written(lambda s, x: s.t(turned(s.c(x))).mean(1), c=conv(),
                                                   t=nn.TransformerEncoderLayer(16, 2, 32)), (5, 4, 30)),
    ("batch_first", "GRU in training", lambda: Written(lambda s, x: s.g(turned(s.c(x)))[0][:, -1], c=conv(),
                                                       g=nn.GRU(16, 8, bidirectional=True)), (4, 4, 30)),
    ("batch_first", "no convolution, but the last step is taken",
     lambda: Written(lambda s, x: s.f(s.l(x)[0][:, -1]), l=nn.LSTM(4, 8), f=nn.Linear(8, 2)), (6, 30, 4)),
    ("batch_first", "a batch without time", lambda: Written(lambda s, x: s.l(s.c(x).mean(-1))[0], c=conv(),
                                                            l=nn.LSTM(16, 8, batch_first=True)), (4, 4, 30)),
    ("batch_first", "tokens", lambda: Written(lambda s, x: s.f(s.l(s.e(x))[0][:, -1]), e=nn.Embedding(90, 16),
                                              l=nn.LSTM(16, 8), f=nn.Linear(8, 2)), ints(6, 20, high=90)),
    ("cases_mixed", "softmax over the batch",
     lambda: Written(lambda s, x: (s.c(x) * torch.softmax(s.a(x), 0)).sum(-1), c=conv(), a=conv(1)), (4, 4, 30)),
    ("cases_mixed", "all beside the first",
     lambda: Written(lambda s, x: s.c(x) - s.c(x)[0], c=conv()), (4, 4, 30)),
    ("cases_mixed", "joined to one long signal",
     lambda: Written(lambda s, x: s.d(s.c(x).transpose(0, 1).flatten(1)[None]).view(8, len(x), -1).transpose(0, 1),
                     c=conv(8), d=nn.Conv1d(8, 8, 3, padding=1)), (4, 4, 30)),
    ("cases_mixed", "normed over all cases",
     lambda: Written(lambda s, x: s.c((x - x.mean()) / x.std()), c=conv()), (4, 4, 30)),
    ("cases_mixed", "implicit dim of softmax",
     lambda: Written(lambda s, x: F.softmax(s.c(x), 0) @ x.mT, c=conv()), values(8, 4, 30)),
    ("cases_mixed", "beside a loss that forward computes", lambda: Written(
        lambda s, x: (F.cross_entropy(s.c(x).mean(-1), x.mean(-1).argmax(-1)), s.c(x).softmax(0)), c=conv()),
     (4, 4, 30)),
    ("view_recut", "last hidden states by view",
     lambda: Written(lambda s, x: s.f(s.l(turned(s.c(x)))[1].view(x.size(0), -1)), c=conv(),
                     l=nn.GRU(16, 8, batch_first=True, bidirectional=True), f=nn.Linear(16, 2)), (4, 4, 30)),
    ("view_recut", "repeated for each query, the batch then second", lambda: Written(
        lambda s, x: torch.arange(10.0)[:, None, None] + s.c(x).mean(-1)[:, None].repeat(1, 10, 1).reshape(
            10, len(x), 16), c=conv()), (4, 4, 30)),
    ("view_recut", "view in place of permute",
     lambda: Written(lambda s, x: s.c(x.view(x.size(0), 4, -1)), c=conv()), (6, 30, 4)),
    ("view_recut", "reshape, then a recurrent layer",
     lambda: Written(lambda s, x: s.l(s.c(x).reshape(x.size(0), -1, 16))[0], c=conv(),
                     l=nn.LSTM(16, 8, batch_first=True)), (6, 4, 30)),
    ("view_recut", "flatten and view", lambda: Written(lambda s, x: s.c(x.flatten(1).view(-1, 4, 30)), c=conv()),
     values(6, 30, 4)),
    ("view_recut", "there and back by views, with a layer between", lambda: Written(
        lambda s, x: s.c(s.f(x.view(len(x), 30, 4)).view(len(x), 4, 30)), c=conv(), f=nn.Linear(4, 4)),
     (6, 4, 30)),
    ("view_recut", "each channel by itself", lambda: Written(lambda s, x: s.c(x.reshape(-1, 1, 30)),
                                                             c=nn.Conv1d(1, 8, 3)), (6, 30, 5)),
    ("view_recut", "heads merged without a turn", lambda: Attention(merged=False), (6, 4, 30)),
    ("view_recut", "time and batch", lambda: Written(over_batch, conv=conv(),
                                                             lstm=nn.LSTM(16, 8), fc=nn.Linear(8, 2)), (6, 4, 30)),
    ("squeeze_batch", "a number for each case",
     lambda: Written(lambda s, x: s.f(s.c(x).mean(-1)).squeeze(), c=conv(), f=nn.Linear(16, 1)), (8, 4, 30)),
    ("squeeze_batch", "after pooling", lambda: Written(lambda s, x: s.f(s.p(s.c(x)).squeeze()), c=conv(),
                                                       p=nn.AdaptiveAvgPool1d(1), f=nn.Linear(16, 2)), (1, 4, 30)),
    ("squeeze_batch", "and then an axis is missing",
     lambda: Written(lambda s, x: s.b(s.c(x).amax(-1, keepdim=True).squeeze()).softmax(1), c=conv(),
                     b=nn.BatchNorm1d(16)).eval(), values(3, 4, 30)),
    ("cases_as_channels", "norm of rows", lambda: nn.InstanceNorm1d(6), (20, 6)),
    ("cases_as_channels", "unfold", lambda: nn.Unfold((1, 5)), (8, 3, 40)),
    ("cases_as_channels", "dropout of cases",
     lambda: Written(lambda s, x: s.d(s.c(x).mean(-1)), c=conv(), d=nn.Dropout1d(0.5)), (8, 4, 30)),
    ("one_value", "softmax of one channel", lambda: Written(lambda s, x: s.c(x) * F.softmax(s.a(x), dim=1),
                                                            c=conv(), a=conv(1)), (8, 4, 30)),
    ("one_value", "softmax of a score", lambda: Written(lambda s, x: F.softmax(s.f(turned(s.c(x))), -1), c=conv(),
                                                        f=nn.Linear(16, 1)), (8, 4, 30)),
    ("one_value", "groups of one value", lambda: S(conv(), nn.AdaptiveAvgPool1d(1), nn.GroupNorm(16, 16)),
     (8, 4, 30)),
    ("one_value", "norm of one feature", lambda: S(conv(), nn.Flatten(), nn.Linear(480, 1), nn.LayerNorm(1)),
     (8, 4, 30)),
    ("not_registered", "list", lambda: Registered(list), (2, 4, 30)),
    ("not_registered", "tuple", lambda: Registered(tuple), (2, 4, 30)),
    ("not_registered", "dict", lambda: Registered(lambda layers: dict(zip("ab", layers, strict=True))),
     (2, 4, 30)),
    ("not_registered", "made in forward", lambda: Written(lambda s, x: nn.Conv1d(4, 2, 1)(s.c(x)), c=conv(4)),
     (2, 4, 30)),
    ("embedding_not_turned", "in a row", lambda: S(nn.Embedding(90, 16), nn.Dropout(), nn.Conv1d(20, 8, 3)),
     (4, 20)),
    ("embedding_not_turned", "with positions", lambda: positioned(turn=False), ints(4, 20, high=90)),
    ("embedding_not_turned", "one word for another", lambda: Written(lambda s, x: F.relu(s.c(s.e(x % 90))),
     e=nn.Embedding(90, 16), c=nn.Conv1d(20, 8, 2)), ints(4, 20, high=900)),
    ("padding_leaks", "bias", lambda: S(nn.Conv1d(4, 8, 1), nn.Conv1d(8, 8, 9, padding=4)), padded()),
    ("padding_leaks", "mean over all steps", lambda: S(conv(), nn.AdaptiveAvgPool1d(1), nn.Flatten()), padded()),
    ("padding_leaks", "backwards", lambda: Written(lambda s, x: s.l(turned(x))[0],
                                                   l=nn.LSTM(4, 8, batch_first=True, bidirectional=True)),
     padded()),
    ("scores_wanted", "softmax, then cross entropy",
     lambda: Judged(nn.Softmax(dim=1), nn.CrossEntropyLoss()), (4, 4, 30)),
    ("scores_wanted", "softmax moved and dropped from, then cross entropy",
     lambda: Judged(lambda h: F.dropout(h.unsqueeze(1).softmax(-1).squeeze(1), 0.1), nn.CrossEntropyLoss()),
     (4, 4, 30)),
    ("scores_wanted", "softmax without a logarithm", lambda: Judged(nn.Softmax(dim=1), nn.NLLLoss()), (4, 4, 30)),
    ("scores_wanted", "sigmoid twice", lambda: Judged(torch.sigmoid, nn.BCEWithLogitsLoss()), values(4, 4, 30)),
    ("shares_axis", "over the queries", lambda: SelfAttention(lambda e: e.softmax(1), torch.matmul), (6, 4, 30)),
    ("shares_axis", "over the queries, by einsum",
     lambda: SelfAttention(lambda e: F.softmax(e, dim=1), lambda w, v: torch.einsum("bij,bjd->bid", w, v)),
     (6, 4, 30)),
    ("shares_axis", "turned before the sum", lambda: SelfAttention(lambda e: e.softmax(-1).mT, torch.bmm),
     values(6, 4, 30)),
    ("same_layer", "times in a ModuleList", lambda: Row([conv(4)] * 3), (2, 4, 30)),
    ("same_layer", "times in a Sequential", lambda: S(conv(8), *[S(nn.Conv1d(8, 8, 1), nn.ReLU())] * 2),
     (2, 4, 30)),
    ("same_layer", "a loop that builds once", lambda: S(conv(8), *(lambda b: [b for _ in range(3)])(
        nn.Conv1d(8, 8, 3))), (2, 4, 30)),
    ("linear_over_time", "at the end", lambda: S(conv(), nn.ReLU(), nn.Linear(30, 2)), (4, 4, 30)),
    ("linear_over_time", "then flattened", lambda: S(conv(), nn.Linear(30, 8), nn.Flatten(), nn.Linear(128, 2)),
     (4, 4, 30)),
    ("linear_over_time", "twice", lambda: S(conv(), nn.Linear(30, 8), nn.ReLU(), nn.Linear(8, 2)), (4, 4, 30)),
    ("place_in_batch", "positions of a table", lambda: Written(
        lambda s, x: s.c(turned(s.e(x) + s.p(torch.arange(len(x))[:, None]))), e=nn.Embedding(90, 4),
        p=nn.Embedding(64, 4), c=conv()), ints(4, 20, high=90)),
    ("place_in_batch", "sines", lambda: Written(
        lambda s, x: turned(s.c(x)) + torch.sin(torch.arange(len(x))[:, None, None] / torch.arange(1, 17)),
        c=conv()), (6, 4, 30)),
    ("place_in_batch", "joined as a channel", lambda: Written(
        lambda s, x: s.c(torch.cat([x, torch.linspace(0, 1, len(x))[:, None, None].expand(-1, 1, 30)], 1)),
        c=conv()), values(5, 3, 30)),
    ("result_unused", "a norm without an assignment",
     lambda: Written(lambda s, x: (s.c(x), s.n(s.c(x)))[0], c=conv(), n=nn.BatchNorm1d(16)), (4, 4, 30)),
    ("result_unused", "each layer reads x", lambda: Written(lambda s, x: [s.a(x), s.b(x)][-1], a=conv(), b=conv()),
     values(4, 4, 30)),
    ("result_unused", "a block that returns its input", lambda: S(conv(4), Block(0), Block(0)), (4, 4, 30)),
    ("result_unused", "dropout without an assignment",
     lambda: Written(lambda s, x: (s.d(x), s.c(x))[1], c=conv(), d=nn.Dropout()), (4, 4, 30)),
    ("dropout_in_eval", "by default", lambda: Written(
        lambda s, x: F.dropout(s.c(x), 0.3),
        c=conv()), (4, 4, 30)),
    ("dropout_in_eval", "seen in eval mode, by torch itself", lambda: Written(
        lambda s, x: torch.dropout(s.c(x), 0.3, True), c=conv()).eval(), (4, 4, 30)),
    ("dropout_in_eval", "in attention", lambda: Written(
        lambda s, x: F.scaled_dot_product_attention(*[turned(s.c(x))] * 3, dropout_p=0.1), c=conv()), (4, 4, 30)),
    ("changed_in_place", "in blocks", lambda: S(conv(), *(PreActivated(nn.ReLU(inplace=True)) for _ in range(2))),
     (4, 4, 30)),
    ("changed_in_place", "another activation", lambda: S(conv(), PreActivated(nn.ELU(inplace=True))),
     values(4, 4, 30)),
    ("changed_in_place", "given to one layer, read by another", lambda: S(conv(), Written(
        lambda s, h: torch.cat([s.a(h), h], 1), a=S(nn.Hardtanh(inplace=True), nn.Conv1d(16, 4, 1)))), (4, 4, 30)),
    ("lengths_differ", "halved twice",
     lambda: Measured(lambda n: n // 2 // 2, nn.Conv1d(4, 8, 3, 2, 1), nn.Conv1d(8, 8, 3, 1, 1)), halves()),
    ("lengths_differ", "handed on as they came",
     lambda: Measured(lambda n: n, nn.Conv1d(4, 8, 3, 2, 1), nn.MaxPool1d(2)), halves()),
    ("lengths_differ", "lost by kernels without padding",
     lambda: Measured(lambda n: n.clone(), nn.Conv1d(4, 8, 9), nn.Conv1d(8, 8, 9)), halves(48)),
    ("loss_broadcast", "a column against a row", lambda: Written(
        lambda s, x: F.mse_loss(s.f(s.c(x).mean(-1)), x[:, 0, 0]), c=conv(), f=nn.Linear(16, 1)), (6, 4, 30)),
    ("loss_broadcast", "a number against four", lambda: Written(
        lambda s, x: F.smooth_l1_loss(s.f(s.c(x).mean(-1)), x[..., -1]), c=conv(), f=nn.Linear(16, 1)),
     (6, 4, 30)),
    ("loss_broadcast", "a layer that is a loss", lambda: Written(
        lambda s, x: s.l(s.c(x).mean(-1, keepdim=True), x), c=conv(4), l=nn.L1Loss()), (6, 4, 30)),
    ("never_called", "a convolution for another", lambda: Written(
        lambda s, x: s.c2(s.c2(x).relu()), c1=conv(4), c2=conv(4)), (6, 4, 30)),
    ("never_called", "a norm for another", lambda: Written(
        lambda s, x: s.norm1(s.c(s.norm1(x))), c=conv(4), norm1=nn.BatchNorm1d(4), norm2=nn.BatchNorm1d(4)),
     (6, 4, 30)),
    ("never_called", "a block for another", lambda: Written(
        lambda s, x: s.block_1(s.block_1(x)), block_0=S(conv(4), nn.ReLU()), block_1=S(conv(4), nn.ReLU())),
     (6, 4, 30)),
    ("dead_layer", "bias far below",
     lambda: Written(lambda s, x: F.relu(s.c(x) - 1e3), c=conv()), values(4, 4, 30)),
]
#: What is right, beside them: the code that must not come.
RIGHT: list[tuple[str, str, Build, Any]] = [
    ("batch_first", "attention", lambda: Written(lambda s, x: s.a(*[turned(s.c(x))] * 3)[0], c=conv(),
                                                 a=nn.MultiheadAttention(16, 2, batch_first=True)), (4, 4, 30)),
    ("batch_first", "transformer", lambda: Written(lambda s, x: s.t(turned(s.c(x))), c=conv(),
                                                   t=nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)),
     (4, 4, 30)),
    ("batch_first", "turned to time first", lambda: Written(time_first, conv=conv(), lstm=nn.LSTM(16, 8),
                                                            fc=nn.Linear(8, 2)), (4, 4, 30)),
    ("batch_first", "time first all through",
     lambda: Written(lambda s, x: s.f(s.l(x)[0][-1]), l=nn.LSTM(4, 8), f=nn.Linear(8, 2)), (30, 6, 4)),
    ("batch_first", "tokens, time first", lambda: Written(lambda s, x: s.f(s.l(s.e(x))[0][-1]), e=nn.Embedding(
        90, 16), l=nn.LSTM(16, 8), f=nn.Linear(8, 2)), ints(20, 6, high=90)),
    ("batch_first", "a layer alone", lambda: nn.TransformerEncoderLayer(16, 2, 32), (30, 4, 16)),
    ("cases_mixed", "batch norm in training", lambda: S(conv(), nn.BatchNorm1d(16), nn.ReLU()), (4, 4, 30)),
    ("cases_mixed", "batch norm in training, then steps",
     lambda: Written(lambda s, x: s.n(s.c(x)).cumsum(-1), c=conv(), n=nn.BatchNorm1d(16)), (4, 4, 30)),
    ("cases_mixed", "a loss for each case",
     lambda: Written(lambda s, x: (s.c(x), F.mse_loss(s.c(x), 0 * s.c(x)) * x[:, 0, 0].detach().new_ones(len(x))),
                     c=conv()), (4, 4, 30)),
    ("cases_mixed", "attention by hand", Attention, (4, 4, 30)),
    ("cases_mixed", "dropout and noise",
     lambda: Written(lambda s, x: F.dropout(s.c(x), 0.5) + torch.randn_like(x[:, :1]), c=conv()), (4, 4, 30)),
    ("cases_mixed", "numbers of its own",
     lambda: Written(lambda s, x: s.c(x).cumsum(-1) + np.random.default_rng().random(), c=conv()), (4, 4, 30)),
    ("cases_mixed", "similarity of all pairs",
     lambda: Written(lambda s, x: s.c(x).mean(-1) @ s.c(x).mean(-1).T, c=conv()), (4, 4, 30)),
    ("cases_mixed", "a loss beside the output",
     lambda: Written(lambda s, x: (s.c(x), (s.c(x) ** 2).mean()), c=conv()), (4, 4, 30)),
    ("cases_mixed", "hidden states turned", lambda: Written(
        lambda s, x: s.f(s.l(turned(s.c(x)))[1].transpose(0, 1).reshape(x.size(0), -1)), c=conv(),
        l=nn.GRU(16, 8, batch_first=True, bidirectional=True), f=nn.Linear(16, 2)), (4, 4, 30)),
    ("view_recut", "permute", lambda: Written(lambda s, x: s.c(turned(x)), c=conv()), (6, 30, 4)),
    ("view_recut", "heads of attention", Attention, (4, 4, 30)),
    ("view_recut", "as many cases as a head is wide", Attention, (4, 4, 16)),
    ("view_recut", "each channel by itself", lambda: Written(lambda s, x: s.c(x.reshape(-1, 1, 30)),
                                                             c=nn.Conv1d(1, 8, 3)), (6, 5, 30)),
    ("view_recut", "frames stacked", lambda: Written(lambda s, x: s.f(turned(s.c(x)).reshape(x.size(0), -1, 32)),
                                                     c=conv(), f=nn.Linear(32, 2)), (6, 4, 30)),
    ("view_recut", "made of one vector", lambda: Written(lambda s, x: s.c(s.f(x).view(-1, 4, 20)),
                                                         f=nn.Linear(10, 80), c=conv()), (6, 10)),
    ("view_recut", "relative positions", Relative, (6, 4, 30)),
    ("view_recut", "relative positions, without padding",
     lambda: Written(shifted, c=conv(), p=nn.Embedding(60, 16)), (6, 4, 30)),
    ("view_recut", "groups shuffled", lambda: Written(
        lambda s, x: s.c(x).view(x.size(0), 4, 4, -1).transpose(1, 2).reshape(x.size(0), 16, -1), c=conv()),
     (6, 4, 30)),
    ("squeeze_batch", "named axis", lambda: Written(lambda s, x: s.p(s.c(x)).squeeze(-1), c=conv(),
                                                    p=nn.AdaptiveAvgPool1d(1)), (8, 4, 30)),
    ("squeeze_batch", "put back", lambda: Written(lambda s, x: s.p(s.c(x)).squeeze().reshape(-1, 16), c=conv(),
                                                  p=nn.AdaptiveAvgPool1d(1)), (8, 4, 30)),
    ("squeeze_batch", "nothing to squeeze", lambda: Written(lambda s, x: s.f(s.c(x).mean(-1)), c=conv(),
                                                            f=nn.Linear(16, 1)), (1, 4, 30)),
    ("cases_as_channels", "one signal, norm", lambda: nn.InstanceNorm1d(6), (6, 50)),
    ("cases_as_channels", "an image, unfold", lambda: nn.Unfold(3), (3, 32, 32)),
    ("cases_as_channels", "unfold with a height", lambda: nn.Unfold((1, 5)), (8, 3, 1, 40)),
    ("cases_as_channels", "dropout of channels", lambda: S(conv(), nn.Dropout1d(0.5)), (8, 4, 30)),
    ("one_value", "softmax over time", lambda: Written(lambda s, x: s.c(x) * F.softmax(s.a(x), dim=-1),
                                                       c=conv(), a=conv(1)), (8, 4, 30)),
    ("one_value", "one step was given", lambda: Written(lambda s, x: s.a(*[turned(s.c(x))] * 3)[0], c=conv(),
                                                        a=nn.MultiheadAttention(16, 2, batch_first=True)),
     (8, 4, 1)),
    ("one_value", "one step, softmax over it", lambda: Written(lambda s, x: s.c(x) * F.softmax(s.a(x), dim=-1),
                                                               c=conv(), a=conv(1)), (8, 4, 1)),
    ("one_value", "fewer groups", lambda: S(conv(), nn.AdaptiveAvgPool1d(1), nn.GroupNorm(4, 16)), (8, 4, 30)),
    ("not_registered", "ModuleList", lambda: Registered(nn.ModuleList), (2, 4, 30)),
    ("not_registered", "frozen on purpose", Frozen, (2, 4, 30)),
    ("not_registered", "without weights", lambda: Written(lambda s, x: nn.ReLU()(s.c(x)), c=conv(4)), (2, 4, 30)),
    ("embedding_not_turned", "turned", lambda: Written(lambda s, x: s.c(turned(s.e(x))), e=nn.Embedding(90, 16),
                                                       c=nn.Conv1d(16, 8, 3)), ints(4, 16, high=90)),
    ("embedding_not_turned", "with positions, turned", lambda: positioned(turn=True), ints(4, 16, high=90)),
    ("embedding_not_turned", "no order in a kernel of 1",
     lambda: S(nn.Embedding(90, 16), nn.Conv1d(20, 8, 1)), (4, 20)),
    ("padding_leaks", "one convolution without a bias before", lambda: conv(), padded()),
    ("padding_leaks", "masked", Masked, padded()),
    ("padding_leaks", "reads forwards only", lambda: Written(lambda s, x: s.l(turned(x))[0],
                                                             l=nn.LSTM(4, 8, batch_first=True)), padded()),
    ("padding_leaks", "nothing is padded", lambda: S(nn.Conv1d(4, 8, 1), nn.Conv1d(8, 8, 9, padding=4)),
     values(3, 4, 40)),
    ("scores_wanted", "raw scores", lambda: Judged(nn.Identity(), nn.CrossEntropyLoss()), (4, 4, 30)),
    ("scores_wanted", "a logarithm", lambda: Judged(nn.LogSoftmax(dim=1), nn.NLLLoss()), (4, 4, 30)),
    ("scores_wanted", "a logarithm twice changes nothing",
     lambda: Judged(nn.LogSoftmax(dim=1), nn.CrossEntropyLoss()), (4, 4, 30)),
    ("scores_wanted", "sigmoid, then its loss", lambda: Judged(torch.sigmoid, nn.BCELoss()), (4, 4, 30)),
    ("scores_wanted", "gated by shares", lambda: Judged(lambda h: h * h.softmax(-1), nn.CrossEntropyLoss()),
     (4, 4, 30)),
    ("shares_axis", "over the keys", lambda: SelfAttention(lambda e: e.softmax(-1), torch.matmul), (6, 4, 30)),
    ("shares_axis", "over the keys, which stand first",
     lambda: SelfAttention(lambda e: e.softmax(1), lambda w, v: torch.einsum("bji,bjd->bid", w, v)), (6, 4, 30)),
    ("shares_axis", "brought to 1 again",
     lambda: SelfAttention(lambda e: (w := e.softmax(1)) / w.sum(-1, keepdim=True), torch.matmul), (6, 4, 30)),
    ("shares_axis", "of clusters, summed over the steps", lambda: Written(
        lambda s, x: s.a(s.c(x)).softmax(1) @ turned(s.c(x)), c=conv(), a=nn.Conv1d(16, 5, 1)), (6, 4, 30)),
    ("shares_axis", "of features and of steps, as a linear attention has them", lambda: Written(
        lambda s, x: (x.softmax(-1) @ turned(s.c(x))).mT @ x.softmax(1), c=conv()), (6, 4, 30)),
    ("same_layer", "built anew", lambda: Row([conv(4) for _ in range(3)]), (2, 4, 30)),
    ("same_layer", "copied", lambda: Row([copy.deepcopy(conv(4)) for _ in range(3)]), (2, 4, 30)),
    ("same_layer", "an activation", lambda: (lambda act: S(conv(4), act, conv(4), act))(nn.ReLU()), (2, 4, 30)),
    ("same_layer", "called in a loop", lambda: Written(lambda s, x: s.c(s.c(s.c(x))), c=conv(4)), (2, 4, 30)),
    ("place_in_batch", "positions of the steps, and a token", lambda: Written(
        with_a_token, conv=conv(), token=nn.Embedding(1, 16), places=nn.Embedding(90, 16)), (6, 4, 30)),
    ("place_in_batch", "from a state of zeros", Stepping, (6, 4, 30)),
    ("place_in_batch", "from a state that is given", Stepping, (values(6, 4, 2), values(6, 8))),
    ("place_in_batch", "from a state that was kept", lambda: Stepping(values(6, 8)), (6, 4, 2)),
    ("place_in_batch", "noise", lambda: Written(lambda s, x: s.c(x) + torch.randn(len(x), 1, 1), c=conv()),
     (6, 4, 30)),
    ("place_in_batch", "NumPy's noise", lambda: Written(
        lambda s, x: s.c(x) * torch.from_numpy(np.random.rand(len(x), 1, 1)).float(), c=conv()), (6, 4, 30)),  # noqa: NPY002
    ("place_in_batch", "gathered with an offset", lambda: Written(gathered, conv=conv()), (6, 4, 30)),
    ("result_unused", "a block that returns what it made", lambda: S(conv(4), Block(1)), (4, 4, 30)),
    ("result_unused", "a spread that eval mode does not need", lambda: Variational().eval(), (4, 4, 30)),
    ("result_unused", "kept in a list", lambda: Keeping([]), (4, 4, 30)),
    ("result_unused", "a gate of zero", lambda: Written(lambda s, x: x + 0 * s.c(x), c=conv(4)), (4, 4, 30)),
    ("result_unused", "written into a buffer",
     lambda: Written(filled, a=conv(2), b=conv(2), c=conv(1)), (4, 4, 30)),
    ("result_unused", "a choice", lambda: Written(chosen, c=conv(), gate=nn.Linear(16, 2), a=nn.Linear(16, 3),
                                                  b=nn.Linear(16, 3)), (4, 4, 30)),
    ("result_unused", "a number", lambda: Written(lambda s, x: s.c(x) if s.f(x.mean(-1)).mean().item() < 9 else x,
                                                  c=conv(4), f=nn.Linear(4, 1)), (4, 4, 30)),
    ("result_unused", "through NumPy", lambda: Written(lambda s, x: s.b(torch.from_numpy(s.a(x).numpy() + 0)),
                                                       a=conv(4), b=conv(4)), (4, 4, 30)),
    ("result_unused", "through a function of one's own",
     lambda: Written(lambda s, x: s.b(Straight.apply(s.a(x))), a=conv(4), b=conv(4)), (4, 4, 30)),
    ("result_unused", "one of two results", lambda: Written(lambda s, x: s.r(turned(s.c(x)))[1][0], c=conv(),
                                                            r=nn.LSTM(16, 8, batch_first=True)), (4, 4, 30)),
    ("result_unused", "in place", lambda: Written(lambda s, x: [h := s.c(x), s.r(h), s.d(h)][2], c=conv(4),
                                                  r=nn.ReLU(inplace=True), d=conv(4)), (4, 4, 30)),
    ("dead_layer", "a bias", lambda: S(conv(), nn.ReLU()), values(4, 4, 30)),
    ("dead_layer", "no numbers were given", lambda: Written(lambda s, x: F.relu(s.c(x) - 1e3), c=conv()),
     (4, 4, 30)),
    # Notes of before, which shapes alone gave falsely.
    ("causal_padding_kept", "cut in the next line",
     lambda: Written(lambda s, x: F.relu(s.c(x)[:, :, :-2]), c=nn.Conv1d(4, 8, 3, padding=2)), (4, 4, 30)),
    ("causal_padding_kept", "cut after the norm",
     lambda: Written(lambda s, x: s.n(s.c(x))[..., : x.size(-1)], c=nn.Conv1d(4, 8, 3, padding=2),
                     n=nn.BatchNorm1d(8)), (4, 4, 30)),
    ("causal_padding_kept", "cut once at the end", lambda: Written(
        lambda s, x: F.pad(s.b(s.a(x)), (0, -6)), a=nn.Conv1d(4, 4, 3, padding=2),
        b=nn.Conv1d(4, 4, 3, padding=4, dilation=2)), (4, 4, 30)),
    ("norm_over_time", "turned, and as many steps as channels",
     lambda: Written(lambda s, x: s.n(turned(s.c(x))), c=conv(30), n=nn.LayerNorm(30)), (4, 4, 30)),
    ("linear_over_time", "turned, and as many steps as channels",
     lambda: Written(lambda s, x: s.f(turned(s.c(x))), c=conv(30), f=nn.Linear(30, 2)), (4, 4, 30)),
    ("rnn_over_channels", "turned, and as many steps as channels",
     lambda: Written(lambda s, x: s.l(turned(s.c(x)))[0], c=conv(30), l=nn.LSTM(30, 2, batch_first=True)),
     (4, 4, 30)),
    ("linear_over_time", "a forecast of each channel, turned back", lambda: Written(
        lambda s, x: s.g(turned(s.f(s.c(x)))), c=conv(), f=nn.Linear(30, 12), g=nn.Linear(16, 4)), (4, 4, 30)),
    ("linear_over_time", "a forecast of each channel, and channels mixed",
     lambda: S(conv(), nn.Linear(30, 12), nn.Conv1d(16, 4, 1)), (4, 4, 30)),
    ("linear_over_time", "steps mixed, and added", lambda: Written(mixing_steps, c=conv(), a=nn.Linear(30, 60),
                                                                   b=nn.Linear(60, 30)), (4, 4, 30)),
    ("linear_over_time", "a forecast of each channel, turned on purpose",
     lambda: Written(lambda s, x: s.f(turned(turned(s.c(x)))), c=conv(8), f=nn.Linear(30, 5)), (4, 4, 30)),
    ("pool_over_channels", "an image", lambda: S(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2)), (3, 32, 32)),
    ("dropout_in_eval", "told the mode", lambda: Written(
        lambda s, x: F.dropout(s.c(x), 0.3, s.training), c=conv()), (4, 4, 30)),
    ("dropout_in_eval", "written out, as the decoder of a voice means it", lambda: Written(
        lambda s, x: F.dropout(s.c(x), 0.3, training=True), c=conv()).eval(), (4, 4, 30)),
    ("dropout_in_eval", "a layer, left on", lambda: S(conv().eval(), nn.Dropout()), (4, 4, 30)),
    ("dropout_in_eval", "attention told the mode", lambda: Written(
        lambda s, x: F.scaled_dot_product_attention(*[turned(s.c(x))] * 3, dropout_p=0.1 * s.training), c=conv()),
     (4, 4, 30)),
    ("changed_in_place", "not in place", lambda: S(conv(), PreActivated(nn.ReLU())), (4, 4, 30)),
    ("changed_in_place", "behind a norm, which makes a tensor of its own",
     lambda: S(conv(), PreActivated(nn.BatchNorm1d(16), nn.ReLU(inplace=True))), (4, 4, 30)),
    ("changed_in_place", "nothing reads it again",
     lambda: S(conv(), S(nn.ReLU(inplace=True), nn.Conv1d(16, 8, 1))), (4, 4, 30)),
    ("changed_in_place", "again by the same activation", lambda: S(conv(), nn.ReLU(), PreActivated(
        nn.ReLU(inplace=True))), (4, 4, 30)),
    ("lengths_differ", "halved with the data",
     lambda: Measured(lambda n: (n + 1) // 2, nn.Conv1d(4, 8, 3, 2, 1), nn.Conv1d(8, 8, 3, 1, 1)), halves()),
    ("lengths_differ", "rounded another way",
     lambda: Measured(lambda n: n // 4, nn.Conv1d(4, 8, 3, 2, 1), nn.Conv1d(8, 8, 3, 2, 1)), halves(33)),
    ("lengths_differ", "classes of its own", lambda: Measured(lambda n: n % 7, nn.Conv1d(4, 8, 3), nn.Flatten()),
     (values(3, 4, 30), torch.tensor([30, 2, 9]))),
    ("lengths_differ", "no case fills the data", lambda: Measured(lambda n: n // 4, conv(8)),
     (values(3, 4, 32), torch.tensor([20, 10, 5]))),
    ("loss_broadcast", "one shape", lambda: Written(
        lambda s, x: F.mse_loss(s.f(s.c(x).mean(-1)), x[:, 0, :1]), c=conv(), f=nn.Linear(16, 1)), (6, 4, 30)),
    ("loss_broadcast", "one label for all", lambda: Written(
        lambda s, x: F.mse_loss(s.c(x), torch.ones(1)), c=conv()), (6, 4, 30)),
    ("loss_broadcast", "a difference that is no loss", lambda: Written(
        lambda s, x: (s.c(x).mean(-1, keepdim=True) - x).abs().mean(), c=conv(4)), (6, 4, 30)),
    ("never_called", "shared weights", lambda: Written(lambda s, x: s.c(s.c(x).relu()), c=conv(4)), (6, 4, 30)),
    ("never_called", "a part that is not asked for", lambda: Written(
        lambda s, x: s.head1(s.c(x)), c=conv(8), head1=nn.Conv1d(8, 2, 1), head2=nn.Conv1d(8, 2, 1)), (6, 4, 30)),
    ("never_called", "depth by repetition", lambda: Written(
        lambda s, x: s.own(s.own(s.own(x))), own=conv(4), cross=conv(4)), (6, 4, 30)),
]
# fmt: on


def positioned(turn: bool) -> nn.Module:
    """Tokens with positions added, before a convolution."""
    steps = 16 if turn else 20
    model = Written(
        lambda s, x: s.conv(turned(s.words(x) + s.places) if turn else s.words(x) + s.places),
        words=nn.Embedding(90, 16),
        conv=nn.Conv1d(steps, 8, 5),
    )
    model.register_buffer("places", torch.randn(steps, 16))
    return model


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault[0]}: {fault[1]}")
def test_a_fault_is_found(fault: tuple[str, str, Build, Any]) -> None:
    code, _, build, x = fault
    torch.manual_seed(0)
    found = explain(build(), x)
    assert found.ok, found.text
    assert code in codes(found), found.text


@pytest.mark.parametrize("right", RIGHT, ids=lambda right: f"{right[0]}: {right[1]}")
def test_what_is_right_is_not_accused(right: tuple[str, str, Build, Any]) -> None:
    code, _, build, x = right
    torch.manual_seed(0)
    found = explain(build(), x)
    assert found.ok, found.text
    assert code not in codes(found), found.text


def test_each_kind_has_models_with_and_without_the_fault() -> None:
    for code in {fault[0] for fault in FAULTS} - {"dead_layer"}:
        assert sum(fault[0] == code for fault in FAULTS) >= 3, code
        assert sum(right[0] == code for right in RIGHT) >= 3, code


# How axes are followed


def test_splitting_and_merging_neighbours_is_no_cut() -> None:
    draw = random.Random(0)
    for _ in range(300):
        sizes = [draw.choice([1, 2, 3, 4, 6, 10]) for _ in range(draw.randint(1, 4))]
        pieces = [n for size in sizes for n in ([size] if size % 2 else [2, size // 2])]
        axes = tuple((Axis(size),) for size in sizes)
        split, cut = regrouped(axes, tuple(pieces))
        assert cut is None, (sizes, pieces)
        # Back again, and all in one.
        for merged in (tuple(sizes), (int(np.prod(sizes)),)):
            again, cut = regrouped(split, merged)
            assert cut is None and [int(np.prod([p.size for p in axis])) for axis in again] == list(merged)


def test_exchanging_two_axes_by_a_view_is_always_a_cut() -> None:
    draw = random.Random(1)
    for _ in range(300):
        a, b = draw.sample(range(2, 60), 2)
        axes = tuple((Axis(size),) for size in (5, a, b))
        assert regrouped(axes, (5, b, a))[1] is not None, (a, b)


# Right models of many makes


def random_model(draw: random.Random) -> tuple[nn.Module, Any]:
    """A right model: convolutions, then one of the usual heads, and an input with it."""
    channels, length, cases = draw.randint(2, 9), draw.randint(24, 70), draw.randint(1, 7)
    width = draw.choice([8, 12, 16])
    norm = draw.choice([nn.BatchNorm1d, lambda n: nn.GroupNorm(4, n), nn.InstanceNorm1d, lambda n: nn.Identity()])
    act, kernel = draw.choice([nn.ReLU, nn.GELU, nn.ELU]), draw.choice([1, 3, 5])
    stem = S(nn.Conv1d(channels, width, kernel, padding=kernel // 2), norm(width), act(), nn.Dropout(0.1))
    heads: dict[str, Callable[[Any, torch.Tensor], torch.Tensor]] = {
        "pool": lambda s, x: s.fc(s.stem(x).mean(-1)),
        "flatten": lambda s, x: s.wide(s.stem(x).flatten(1)),
        "lstm": lambda s, x: s.fc(s.lstm(turned(s.stem(x)))[0][:, -1]),
        "time first": lambda s, x: s.fc(s.gru(s.stem(x).permute(2, 0, 1))[0][-1]),
        "attention": lambda s, x: s.fc(s.attention(*[turned(s.stem(x))] * 3)[0].mean(1)),
        "encoder": lambda s, x: s.fc(s.encoder(turned(s.stem(x))).amax(1)),
        "weights": lambda s, x: s.fc((s.stem(x) * torch.softmax(s.score(s.stem(x)), -1)).sum(-1)),
        "causal": lambda s, x: s.causal(s.stem(x))[..., :-4],
        "padded": lambda s, x: s.plain(F.pad(s.stem(x), (4, 0))),
        "norm": lambda s, x: turned(s.norm(turned(s.stem(x)))),
        "each step": lambda s, x: s.fc(turned(s.stem(x))),
        "folded": lambda s, x: s.one(x.reshape(-1, 1, x.shape[-1])).view(x.shape[0], x.shape[1], -1),
        "gates": lambda s, x: s.stem(x) * torch.sigmoid(s.squeeze(s.stem(x).mean(-1, keepdim=True))),
    }
    head = draw.choice(sorted(heads))
    model = Written(
        heads[head], stem=stem, fc=nn.Linear(width, 3), wide=nn.Linear(width * length, 3),
        lstm=nn.LSTM(width, width, batch_first=True), gru=nn.GRU(width, width), score=nn.Conv1d(width, 1, 1),
        attention=nn.MultiheadAttention(width, 4, batch_first=True), norm=nn.LayerNorm(width),
        encoder=nn.TransformerEncoderLayer(width, 4, 16, batch_first=True), plain=nn.Conv1d(width, 6, 5),
        causal=nn.Conv1d(width, 6, 3, padding=4, dilation=2), one=nn.Conv1d(1, 4, 3),
        squeeze=nn.Conv1d(width, width, 1),
    )  # fmt: skip
    shape = (cases, channels, length)
    return (model.train() if draw.random() < 0.5 else model.eval()), draw.choice([shape, values(*shape)])


@pytest.mark.parametrize("seed", range(40))
def test_random_right_models_draw_no_note(seed: int) -> None:
    torch.manual_seed(seed)
    model, x = random_model(random.Random(seed))
    found = explain(model, x)
    assert found.ok, found.text
    assert codes(found) <= {"square_input"}, found.text


# What a probe leaves, costs and may do


class Counting(nn.Module):
    """Attention over the cases, with all that a run may change."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.lstm = conv(), nn.BatchNorm1d(16), nn.LSTM(16, 8)
        self.runs = []

    def forward(self, x):
        self.runs.append(x.shape)
        x += 0 * torch.rand(1) * np.random.default_rng(0).random() * random.random()
        return self.lstm(turned(self.norm(self.conv(x))))[0][:, -1]


def test_nothing_of_the_users_changes() -> None:
    model, x, calls = Counting(), values(4, 4, 30), []
    model.conv.register_forward_hook(lambda *args: calls.append(args))
    before, keep = copy.deepcopy(model.state_dict()), x.clone()
    draws = torch.get_rng_state(), random.getstate(), str(np.random.get_state())  # noqa: NPY002
    assert codes(explain(model, x)) == {"batch_first"}
    assert model.runs == [] and calls == [] and torch.equal(x, keep) and all(m.training for m in model.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), draws[0]) and random.getstate() == draws[1]
    assert str(np.random.get_state()) == draws[2]  # noqa: NPY002
    assert not any(name.startswith("_conv1d") for t in (x, *model.parameters()) for name in vars(t))


def test_probing_can_be_switched_off() -> None:
    def notes(**how: Any) -> set[str]:
        return codes(explain(Counting(), (4, 4, 30), **how))

    assert notes() == {"batch_first"}
    assert notes(probe=False) == notes(values=False) == set()


def test_a_model_too_large_is_not_run_with_numbers() -> None:
    model = Written(lambda s, x: s.a(*[s.c(x)] * 3)[0], c=conv(30_000), a=nn.MultiheadAttention(64, 8))
    assert codes(explain(model, (64, 4, 64))) == set()


def test_a_long_input_is_cut_where_the_model_bears_it() -> None:
    model = Written(lambda s, x: s.l(turned(s.c(x)))[0], c=conv(64), l=nn.LSTM(64, 64))
    assert codes(explain(model, (4, 4, 200_000))) == {"batch_first"}


def test_lengths_are_checked() -> None:
    for lengths in ([30, 2.5], [30], [30, 31], [0, 30], "ab", [[30, 30]], 30, [True, False]):
        found = explain(conv(), (2, 4, 30), lengths=lengths)
        assert found.problem == "bad_lengths" and "lengths=" in found.text and "rule:" in found.text, lengths
    assert explain(nn.Linear(30, 2), (2, 4, 30), lengths=[3, 30]).problem == "bad_lengths"
    assert explain(conv(), (2, 4, 30), lengths=np.array([12, 30])).ok


@pytest.mark.parametrize("reads", [True, False])
def test_a_model_that_reads_lengths_is_asked_with_them(reads: bool) -> None:
    lengths = torch.tensor([12, 30, 20])
    x = values(3, 4, 30) * (torch.arange(30) < lengths[:, None])[:, None]
    found = explain(WithLengths(reads), (x, lengths), lengths=lengths)
    assert codes(found) == {"padding_checked" if reads else "padding_leaks"}, found.text


def test_lengths_of_shapes_are_asked_with_zeros_behind() -> None:
    leaking = S(nn.Conv1d(4, 8, 1), nn.Conv1d(8, 8, 9, padding=4))
    assert codes(explain(leaking, (3, 4, 30), lengths=[30, 12, 20])) == {"padding_leaks"}
    assert codes(explain(conv(), (3, 4, 30), lengths=[30, 12, 20])) == {"padding_checked"}
    last_first = Written(lambda s, x: s.c(turned(x)), c=conv())
    assert codes(explain(last_first, (3, 30, 4), lengths=[30, 12, 20])) == {"padding_checked"}


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_fault_is_seen_whatever_the_weights(kind: type[nn.RNNBase], seed: int) -> None:
    # What the first case puts in at the start is forgotten after 40 steps, and no step reads a later one.
    torch.manual_seed(seed)
    model = Written(over_batch, conv=conv(), lstm=kind(16, 8), fc=nn.Linear(8, 2))
    assert codes(explain(model, (6, 4, 40))) == {"view_recut"}


def test_the_first_explanation_of_a_process_sees_as_much() -> None:
    # At first use torch leaves a result in a cycle, which nothing collects while the run goes on.
    code = """
import torch
from conv1d_tutor import explain
class Forgetting(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.drop, self.conv = torch.nn.Dropout(), torch.nn.Conv1d(4, 16, 3)
    def forward(self, x):
        self.drop(x)
        return self.conv(x)
print([note.code for note in explain(Forgetting(), (4, 4, 30)).notes])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['result_unused']"


def over_its_own_batch(self: Any, x: torch.Tensor) -> torch.Tensor:
    return self.fc(self.lstm(turned(self.conv(x)).reshape(30, 6, 16))[0][-1])


def turned_in_its_own_batch(self: Any, x: torch.Tensor) -> torch.Tensor:
    return self.fc(self.lstm(turned(self.conv(x)).reshape(6, 30, 16).transpose(0, 1))[0][-1])


@pytest.mark.parametrize("seed", range(10))
def test_a_model_that_bears_one_number_of_cases_only_is_asked_with_that(seed: int) -> None:
    torch.manual_seed(seed)
    layers = {"conv": conv(), "lstm": nn.LSTM(16, 8), "fc": nn.Linear(8, 2)}
    assert codes(explain(Written(over_its_own_batch, **layers), (6, 4, 30))) == {"view_recut"}
    assert codes(explain(Written(turned_in_its_own_batch, **layers), (6, 4, 30))) == set()


def test_a_note_names_the_line_and_how_it_was_seen() -> None:
    found = explain(Written(over_batch, conv=conv(), lstm=nn.LSTM(16, 8), fc=nn.Linear(8, 2)), (6, 4, 30))
    (note,) = found.notes
    assert "`return self.fc(self.lstm(h.reshape(steps, n, -1))[0][-1])`" in note.text
    assert "(30, 6, 16) of (6, 30, 16)" in note.text and "permute(1, 0, 2)" in note.text
    (note,) = explain(Counting(), (4, 4, 30)).notes
    assert "changing one case only" in note.text and "LSTM 'lstm'" in note.text


def test_indices_that_forward_reduces_are_no_error() -> None:
    model = Written(lambda s, x: s.e(x % 90), e=nn.Embedding(90, 16))
    assert explain(model, ints(4, 90, high=900)).ok
    assert (
        explain(Written(lambda s, x: s.e(x), e=nn.Embedding(90, 16)), ints(4, 90, high=900)).problem
        == "index_range"
    )
