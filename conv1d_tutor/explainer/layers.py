"""Which layers behave alike? The groups of torch's layers that causes and notes ask about."""

from torch import nn

#: They mix channels and slide over the last axis of (N, C, L) or (C, L).
CONVOLUTIONS = (nn.Conv1d, nn.ConvTranspose1d)
#: They slide over the last axis, each channel by itself.
POOLS = (nn.MaxPool1d, nn.AvgPool1d)
#: They hand on values one by one: neither the axes nor what an output sees change.
POINTWISE = (
    nn.BatchNorm1d,
    nn.Dropout,
    nn.Dropout1d,
    nn.ELU,
    nn.GELU,
    nn.Identity,
    nn.LeakyReLU,
    nn.ReLU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Tanh,
)
#: They normalise each channel, axis 1.
BATCH_NORMS = (nn.BatchNorm1d, nn.InstanceNorm1d)
#: They read the features from the last axis, step by step.
RECURRENT = (nn.RNN, nn.LSTM, nn.GRU)
#: Numbers of features that are common as channels, and so no sign of a time axis.
WIDTHS = {16, 32, 50, 64, 100, 128, 200, 256, 300, 384, 512, 768, 1024}
