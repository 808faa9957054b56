"""Small models as people write them, for the catalogue of problems."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

S = nn.Sequential


class TextCNN(nn.Module):
    """Embedding, parallel convolutions, max over time."""

    def __init__(self, turn: bool = True, sizes: tuple[int, ...] = (3, 4, 5)) -> None:
        super().__init__()
        self.turn = turn
        self.embedding = nn.Embedding(100, 16)
        self.convs = nn.ModuleList(nn.Conv1d(16, 8, k) for k in sizes)
        self.fc = nn.Linear(8 * len(sizes), 2)

    def forward(self, x):
        h = self.embedding(x)
        if self.turn:
            h = h.permute(0, 2, 1)
        pooled = [F.relu(conv(h)).max(dim=-1).values for conv in self.convs]
        return self.fc(torch.cat(pooled, dim=1))


class Residual(nn.Module):
    def __init__(self, conv: nn.Module) -> None:
        super().__init__()
        self.conv = conv

    def forward(self, x):
        return self.conv(x) + x


class Informed(nn.Module):
    """A value embedding by a circular convolution, added to positions."""

    def __init__(self, padding: int) -> None:
        super().__init__()
        self.value = nn.Conv1d(7, 16, 3, padding=padding, padding_mode="circular")
        self.register_buffer("position", torch.zeros(1, 96, 16))

    def forward(self, x):
        return self.value(x.permute(0, 2, 1)).transpose(1, 2) + self.position


class Downsampling(nn.Module):
    """A residual block whose shortcut pools and whose branch strides."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 4, 3, stride=2, padding=1)

    def forward(self, x):
        return F.avg_pool1d(x, 2) + self.conv(x)


class ConvThenLSTM(nn.Module):
    def __init__(self, turn: str = "", batch_first: bool = True, size: int = 16) -> None:
        super().__init__()
        self.turn = turn
        self.conv = nn.Conv1d(6, 16, 3, padding=1)
        self.lstm = nn.LSTM(size, 8, batch_first=batch_first)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        h = self.conv(x)
        if self.turn:
            h = h.permute(0, 2, 1)
        h, _ = self.lstm(h)
        return self.fc(h[:, -1])


class Viewing(nn.Module):
    """A convolution and a Linear, with the user's own way to flatten between them."""

    def __init__(self, flatten: Callable[[torch.Tensor], torch.Tensor], features: int = 376) -> None:
        super().__init__()
        self.flatten = flatten
        self.conv = nn.Conv1d(5, 8, 3)
        self.fc = nn.Linear(features, 2)

    def forward(self, x):
        return self.fc(self.flatten(F.relu(self.conv(x))))


class Squeezing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.pool, self.bn = nn.Conv1d(5, 8, 3), nn.AdaptiveMaxPool1d(1), nn.BatchNorm1d(8)

    def forward(self, x):
        return self.bn(self.pool(self.conv(x)).squeeze())


class Turning(nn.Module):
    """Turns its input itself, and so wants (batch, time, channels)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv1d(6, 8, 3), nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(self.conv(x.permute(0, 2, 1)).mean(dim=-1))


class Unpacking(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(6, 8, 3)

    def forward(self, x):
        n, _, _ = x.shape
        return self.conv(x).reshape(n, -1)


class TwoInputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv1d(2, 4, 3), nn.Linear(3, 4)

    def forward(self, signal, table):
        return self.a(signal).mean(-1) + self.b(table)


class Regression(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        sizes = ((1, 32), (32, 64), (64, 128))
        layers = [layer for a, b in sizes for layer in (nn.Conv1d(a, b, 2), nn.ReLU())]
        self.net = S(*layers, nn.Flatten(start_dim=0), nn.Linear(640, 1))

    def forward(self, x):
        return self.net(x)


class Written(nn.Module):
    """A model whose forward is a function of the model and its input."""

    def __init__(self, code: Callable[[nn.Module, torch.Tensor], torch.Tensor], **layers: nn.Module) -> None:
        super().__init__()
        self.code = code
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x):
        return self.code(self, x)


class NoSelf(nn.Module):
    def forward(x):  # noqa: N805
        return x


class OddUNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.d1, self.d2 = nn.Conv1d(1, 8, 3, padding=1), nn.Conv1d(8, 16, 3, stride=2, padding=1)
        self.up, self.out = nn.ConvTranspose1d(16, 8, 2, stride=2), nn.Conv1d(16, 1, 1)

    def forward(self, x):
        a = self.d1(x)
        return self.out(torch.cat([self.up(self.d2(a)), a], 1))


def autoencoder(output_padding: int = 0) -> nn.Module:
    return S(
        nn.Conv1d(1, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv1d(8, 16, 3, stride=2, padding=1),
        nn.ConvTranspose1d(16, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.ConvTranspose1d(8, 1, 3, stride=2, padding=1, output_padding=output_padding),
    )


def two_number_dcgan() -> nn.Module:
    return nn.Conv1d(2, 8, 4, (2, 1), 1, (0, 0))
