"""Lesson 09: how far does a stack see, what may it have seen, and what must it keep?"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from ..arithmetic import Conv1dSpec, receptive_field
from .cases import dilated_kernels
from .exercise import exercise
from .prediction import prediction


def _changed(y: Callable[[torch.Tensor], torch.Tensor], sample: int) -> list[int]:
    """Which outputs change if one of 8 samples does."""
    before, after = torch.zeros(1, 8), torch.zeros(1, 8)
    after[0, sample] = 1
    return (y(before) != y(after))[0].nonzero().flatten().tolist()


@prediction(
    "09.a",
    'A kernel of 3 taps slides over 8 samples with `padding="same"`, and sample 5 changes. '
    "Which is the first output that changes?",
    because="with 'same', window 4 begins at step 3 and ends at step 5.",
)
def first_that_sees_the_future() -> int:
    return _changed(lambda x: F.conv1d(x, torch.ones(1, 1, 3), padding="same"), 5)[0]


first_that_sees_the_future.wrong(
    5, "this is with causal padding. With 'same', a window ends one step after its output."
)
first_that_sees_the_future.wrong(3, "this is without padding, where output 3 reads the samples 3 to 5.")
first_that_sees_the_future.wrong(6, "outputs before sample 5 read it, too, if their window reaches ahead.")


@prediction(
    "09.b",
    "A causal layer with `kernel_size=3` and `stride=2` runs over a long signal. "
    "Which is the last sample that output 5 reads?",
    because="the last tap of the first window stands on sample 0, and each output is 2 samples further on.",
)
def last_sample_of_a_strided_output() -> int:
    x = torch.zeros(1, 20, requires_grad=True)
    F.conv1d(F.pad(x, (2, 0)), torch.ones(1, 1, 3), stride=2)[0, 5].backward()
    return int(x.grad[0].nonzero().max())


last_sample_of_a_strided_output.wrong(5, "this is with stride 1. Here each output is 2 samples further on.")
last_sample_of_a_strided_output.wrong(12, "this is without the zeros on the left: they shift each window back.")
last_sample_of_a_strided_output.wrong(8, "this is the first sample that it reads. The window goes on from there.")
last_sample_of_a_strided_output.wrong(11, "count from 0: output 0 ends at sample 0, output 1 at sample 2.")


@prediction(
    "09.c",
    "Two layers of `kernel_size=3` stand on top of each other. "
    "How many different samples does one output of the second layer see?",
    because="the windows overlap: the second layer adds only 2 new samples.",
)
def seen_by_two_layers() -> int:
    return receptive_field(nn.Sequential(nn.Conv1d(1, 1, 3), nn.Conv1d(1, 1, 3)))


seen_by_two_layers.wrong(9, "this counts samples again where the windows overlap.")
seen_by_two_layers.wrong(6, "this puts two windows side by side. They overlap.")
seen_by_two_layers.wrong(
    3, "this is what the second layer reads of the first. Each of these reads samples of its own."
)


@prediction(
    "09.d",
    "A stack of `Conv1d(1, 1, 5)`, `AvgPool1d(2)` and `Conv1d(1, 1, 3, dilation=2)`: "
    "what is its receptive field by the formula?",
    because="the layers add 4, 1 and 2·2·2 to the 1; the last stands behind a stride of 2.",
)
def field_of_a_mixed_stack() -> int:
    layers = nn.Sequential(nn.Conv1d(1, 1, 5), nn.AvgPool1d(2), nn.Conv1d(1, 1, 3, dilation=2))
    return receptive_field(layers)


field_of_a_mixed_stack.wrong(
    10, "this leaves out the stride of the pool: one step of the last layer is 2 samples."
)
field_of_a_mixed_stack.wrong(13, "this leaves out the 1 at the beginning of the formula.")
field_of_a_mixed_stack.wrong(12, "this forgets the pool. It adds something, too: its window holds 2 samples.")


@prediction(
    "09.e",
    "`Conv1d(1, 1, 7)`, `MaxPool1d(3)` and `Conv1d(1, 1, 3)` follow each other, without padding. "
    "How many samples must come in at least, so that one output comes out?",
    because="the last layer needs 3 of the pool, these need 3 · 3 of the first layer, "
    "and 9 outputs need 9 + 6 samples.",
)
def least_length() -> int:
    layers = nn.Sequential(nn.Conv1d(1, 1, 7), nn.MaxPool1d(3), nn.Conv1d(1, 1, 3))
    return receptive_field(layers)


least_length.wrong(
    13, "this adds the windows up. Where windows overlap they share samples, and a pool moves by 3."
)
least_length.wrong(11, "this leaves out the stride of the pool: its windows stand side by side.")
least_length.wrong(9, "these are the outputs of the first layer. It needs some more samples to give them.")
least_length.wrong(16, "nearly. The first of 9 outputs needs 7 samples, and each further one needs one more.")
least_length.wrong(7, "this is enough for the first layer. It gives one output, and the pool wants more.")


@prediction(
    "09.f",
    "Four layers of `kernel_size=3` have the dilations 1, 2, 4 and 8. How many samples does one output see?",
    because="the layers add 2, 4, 8 and 16 samples to the first one.",
)
def field_of_doubling() -> int:
    return receptive_field(nn.Sequential(*(nn.Conv1d(1, 1, 3, dilation=dilation) for dilation in (1, 2, 4, 8))))


field_of_doubling.wrong(30, "this leaves out the sample that stands below the first tap.")
field_of_doubling.wrong(9, "this is four layers without dilation.")
field_of_doubling.wrong(15, "these are the dilations added up. Each is multiplied by K − 1.")
field_of_doubling.wrong(16, "this is with two taps.")


@exercise(
    "09.1",
    "Zeros on the left",
    because="the five taps lie three steps apart, so the first lies 4 · 3 = 12 steps before the last, "
    "and the last must lie on the output's own step.",
    hints=(
        "Draw the taps of one kernel on a line of steps. How far is the first tap from the last?",
        "Between 5 taps there are 4 gaps. How wide is each gap, with this dilation?",
    ),
)
def zeros_on_the_left() -> int:
    """Count the steps from the first tap to the last."""
    gaps = 5 - 1  # between 5 taps
    return gaps * 3  # each is as wide as the dilation


zeros_on_the_left.wrong(4, "this is right for dilation 1. Here the taps lie further apart.")
zeros_on_the_left.wrong(
    6,
    "this is what `padding='same'` puts on each side. A causal layer puts the zeros of both sides on the left.",
)
zeros_on_the_left.wrong(15, "this counts one gap for each tap. There is one gap less than taps.")
zeros_on_the_left.wrong(
    13,
    "this is how many steps the kernel covers, its own step included. That step needs no zero.",
)
zeros_on_the_left.wrong(
    24,
    "this puts zeros on both sides. With those on the right, the layer gives more outputs than steps.",
)


@zeros_on_the_left.another_way
def _():
    """As many as the layer takes away from the length."""
    layer = nn.Conv1d(12, 12, kernel_size=5, dilation=3)
    return 50 - layer(torch.zeros(1, 12, 50)).shape[2]


@exercise(
    "09.2",
    "No look into the future",
    because="with dilation · (K − 1) samples put in on the left, window t ends at step t, "
    "and the last tap reads the present.",
    hints=(
        "Section 1 did it for 3 taps. What has to take the place of the 2 there?",
        "Window t must end at step t. How many samples before step t does it cover, "
        "with K taps that stand `dilation` steps apart?",
    ),
)
def past_only(x: torch.Tensor, weight: torch.Tensor, dilation: int) -> torch.Tensor:
    """All the zeros that keep the length stand on the left."""
    zeros = dilation * (weight.shape[2] - 1)
    return F.conv1d(F.pad(x, (zeros, 0)), weight, dilation=dilation)


past_only.tried_on(dilated_kernels)


@past_only.also_right
def _(x, weight, dilation):
    """What stands before the start is left open: zeros, or the first value."""
    before = dilation * (weight.shape[2] - 1)
    return F.conv1d(F.pad(x, (before, 0), mode="replicate"), weight, dilation=dilation)


past_only.wrong(
    lambda x, weight, dilation: F.conv1d(
        F.pad(x, (dilation * (weight.shape[1] - 1), 0)), weight, dilation=dilation
    ),
    "`weight.shape[1]` counts the channels. How many taps there are stands on the last axis.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(
        F.pad(x, (dilation * (weight.shape[2] - 1), 0), mode="circular"), weight, dilation=dilation
    ),
    "the length is right. But with this mode, what stands before the start is the end of the signal, "
    "and so the first outputs read the future.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(
        F.pad(x, (dilation * (weight.shape[2] - 1), 0), mode="reflect"), weight, dilation=dilation
    ),
    "the length is right. But with this mode, the first samples stand before the start in reverse order, "
    "and so the first outputs read samples that come later.",
)
past_only.wrong(
    lambda x, weight, dilation: past_only(x, weight.flip(2), dilation),
    "the length is right. But the kernel is turned round, and torch leaves it as it is: "
    "the last tap meets the present.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(
        F.pad(x, (dilation * (weight.shape[2] - 1) // 2, (dilation * (weight.shape[2] - 1) + 1) // 2)),
        weight,
        dilation=dilation,
    ),
    "the length is right. But there is padding on both sides, so output t also reads samples after step t.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(
        F.pad(x, (0, dilation * (weight.shape[2] - 1))), weight, dilation=dilation
    ),
    "the length is right. But the zeros stand at the wrong end, or the wrong end was cut off: "
    "output t reads step t and what comes after it.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(F.pad(x, (weight.shape[2] - 1, 0)), weight, dilation=dilation),
    "this is right for dilation 1. A dilated window reaches further back, so the output is too short.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(F.pad(x, (2 * dilation, 0)), weight, dilation=dilation),
    "this is right for 3 taps. With another number of taps, the window has another number of gaps.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(F.pad(x, (dilation * weight.shape[2], 0)), weight, dilation=dilation),
    "there are K taps, but only K − 1 gaps between them. So the output is too long, "
    "and the last sample comes too late.",
)
past_only.wrong(
    lambda x, weight, dilation: F.conv1d(F.pad(x, (dilation * (weight.shape[2] - 1), 0)), weight),
    "the zeros are right, but the convolution itself does not know the dilation.",
)


@past_only.wrong(
    says="this is right for two taps and more. With one tap there is nothing to cut off, "
    "and `[..., :-0]` is empty: count from the front instead."
)
def _(x, weight, dilation):
    zeros = dilation * (weight.shape[2] - 1)
    return F.conv1d(x, weight, padding=zeros, dilation=dilation)[..., :-zeros]


past_only.wrong(
    lambda x, weight, dilation: F.conv1d(x, weight, padding=dilation * (weight.shape[2] - 1), dilation=dilation),
    "there are zeros on both sides, so there are outputs after the end "
    "of the signal. Only the left side needs them.",
)


@past_only.another_way
def _(x, weight, dilation):
    """Pad both sides, and keep as many outputs as there are samples."""
    return F.conv1d(x, weight, padding=dilation * (weight.shape[2] - 1), dilation=dilation)[..., : x.shape[-1]]


@exercise(
    "09.3",
    "The formula as code",
    because="each layer adds dilation · (K − 1) of its own steps, and a step is as wide as all strides before it.",
    hints=(
        "Two numbers are carried along: how many samples are seen, and how many one step of this layer is.",
        "A layer adds dilation · (K − 1) steps. Its own stride makes the steps of the layers behind it wider.",
    ),
)
def samples_seen(kernel_sizes: list[int], strides: list[int], dilations: list[int]) -> int:
    """Add what the window reaches beyond its first sample, then widen the step."""
    seen, step = 1, 1
    for kernel_size, stride, dilation in zip(kernel_sizes, strides, dilations, strict=True):
        seen += dilation * (kernel_size - 1) * step
        step *= stride
    return seen


@samples_seen.begun_as
def _(kernel_sizes, strides, dilations):
    seen, step = 1, 1
    for kernel_size, stride, dilation in zip(kernel_sizes, strides, dilations, strict=True):
        ...
    return seen


@samples_seen.tried_on
def _():
    return [
        ([3, 3], [1, 1], [1, 1]),
        ([5, 2, 3], [1, 2, 1], [1, 1, 2]),
        ([4, 3, 5], [3, 2, 1], [1, 2, 3]),
        ([3, 3, 3, 3], [1, 1, 1, 1], [1, 2, 4, 8]),
        ([1, 6], [4, 1], [1, 1]),
        ([7], [2], [3]),
    ]


@samples_seen.wrong(says="this is right without strides. Behind a stride, one step of a layer is several samples.")
def _(kernel_sizes, strides, dilations):
    seen = 1
    for kernel_size, _, dilation in zip(kernel_sizes, strides, dilations, strict=True):
        seen += dilation * (kernel_size - 1)
    return seen


@samples_seen.wrong(
    says="a layer's own stride comes too early: it does not make its own window longer, only those behind it."
)
def _(kernel_sizes, strides, dilations):
    seen, step = 1, 1
    for kernel_size, stride, dilation in zip(kernel_sizes, strides, dilations, strict=True):
        step *= stride
        seen += dilation * (kernel_size - 1) * step
    return seen


@samples_seen.wrong(says="a step is as wide as the strides of all layers before it, multiplied.")
def _(kernel_sizes, strides, dilations):
    seen, step = 1, 1
    for kernel_size, stride, dilation in zip(kernel_sizes, strides, dilations, strict=True):
        seen += dilation * (kernel_size - 1) * step
        step = stride
    return seen


@samples_seen.wrong(says="strides are multiplied, not added: two layers of stride 2 make a step of 4 samples.")
def _(kernel_sizes, strides, dilations):
    seen, step = 1, 1
    for kernel_size, stride, dilation in zip(kernel_sizes, strides, dilations, strict=True):
        seen += dilation * (kernel_size - 1) * step
        step += stride - 1
    return seen


@samples_seen.wrong(says="windows overlap where layers meet: each adds K − 1 gaps, not K.")
def _(kernel_sizes, strides, dilations):
    seen, step = 1, 1
    for kernel_size, stride, dilation in zip(kernel_sizes, strides, dilations, strict=True):
        seen += dilation * kernel_size * step
        step *= stride
    return seen


@samples_seen.wrong(says="the dilation is missing. It says how wide each gap between two taps is.")
def _(kernel_sizes, strides, dilations):
    seen, step = 1, 1
    for kernel_size, stride, _ in zip(kernel_sizes, strides, dilations, strict=True):
        seen += (kernel_size - 1) * step
        step *= stride
    return seen


@samples_seen.wrong(says="the first sample is missing: without any layer, an output sees one sample.")
def _(kernel_sizes, strides, dilations):
    seen, step = 0, 1
    for kernel_size, stride, dilation in zip(kernel_sizes, strides, dilations, strict=True):
        seen += dilation * (kernel_size - 1) * step
        step *= stride
    return seen


@samples_seen.another_way
def _(kernel_sizes, strides, dilations):
    """Ask the arithmetic."""
    return receptive_field(
        [
            Conv1dSpec(1, 1, kernel_size=k, stride=s, dilation=d)
            for k, s, d in zip(kernel_sizes, strides, dilations, strict=True)
        ]
    )


@exercise(
    "09.4",
    "Add the input",
    because="a kernel of size 1 makes as many channels of the input as the block gives, "
    "and it sees no other step, so nothing leaks.",
    hints=(
        "`x` has C channels and `change` has O. What must happen to `x` before the two can be added?",
        "A convolution with the weight `mix` of shape (O, C, 1) makes O channels out of C.",
    ),
)
def add_input(x: torch.Tensor, change: torch.Tensor, mix: torch.Tensor) -> torch.Tensor:
    """Bring the input to as many channels, then add it."""
    return torch.relu(change + F.conv1d(x, mix))


@add_input.tried_on
def _():
    numbers = torch.Generator().manual_seed(93)
    cases = []
    for batch, channels, out_channels, length in ((2, 1, 3, 6), (3, 2, 4, 5), (2, 3, 3, 7), (1, 4, 2, 4)):
        shapes = (batch, channels, length), (batch, out_channels, length), (out_channels, channels, 1)
        cases.append(tuple(torch.randn(shape, generator=numbers, dtype=torch.float64) for shape in shapes))
    return cases


@add_input.as_given(says="adds channels to others that they do not belong to, or finds no partner for them.")
def _(x, change, mix):
    return torch.relu(change + x)


@add_input.wrong(
    says="this adds the mean of all channels to each. The weights of `mix` say how much of each to take."
)
def _(x, change, mix):
    return torch.relu(change + x.mean(dim=1, keepdim=True))


add_input.wrong(
    lambda x, change, mix: change + F.conv1d(x, mix),
    "the sum is right, and the ReLU behind it is gone.",
)
add_input.wrong(
    lambda x, change, mix: change + torch.relu(F.conv1d(x, mix)),
    "the ReLU belongs behind the sum, not to the input alone.",
)
add_input.wrong(
    lambda x, change, mix: torch.relu(change) + torch.relu(F.conv1d(x, mix)),
    "one ReLU behind the sum, not one for each part: what is below 0 in one part may cancel the other.",
)
add_input.wrong(
    lambda x, change, mix: torch.relu(F.conv1d(x, mix)),
    "this is the input alone. The block adds its change to it.",
)
add_input.wrong(
    lambda x, change, mix: torch.relu(change),
    "this leaves the input out. Adding it is what makes the block a residual one.",
)
add_input.another_way(lambda x, change, mix: (change + torch.einsum("oc,ncl->nol", mix[:, :, 0], x)).clamp(min=0))


@exercise(
    "09.5",
    "The gate",
    because="the first half says what to pass on, between −1 and 1, "
    "and the second how much of it, between 0 and 1.",
    hints=(
        "`y.chunk(2, dim=…)` cuts a tensor in two halves. Along which axis do the channels lie?",
        "One half goes through `torch.tanh`, the other through `torch.sigmoid`. Then both are multiplied.",
    ),
)
def gated(y: torch.Tensor) -> torch.Tensor:
    """The content, times how far the gate is open."""
    content, gate = y.chunk(2, dim=1)
    return torch.tanh(content) * torch.sigmoid(gate)


@gated.tried_on
def _():
    numbers = torch.Generator().manual_seed(94)
    shapes = ((2, 4, 6), (1, 6, 5), (3, 2, 4), (2, 8, 8))
    return [(2 * torch.randn(shape, generator=numbers, dtype=torch.float64),) for shape in shapes]


def _halves(content, gate, dim=1):
    """A function that cuts in two, and treats each half in its own way."""

    def apply(y):
        first, second = y.chunk(2, dim=dim)
        return content(first) * gate(second)

    return apply


gated.wrong(
    _halves(torch.sigmoid, torch.tanh),
    "the two halves have changed places: the first one is the content, the second the gate.",
)
gated.wrong(
    _halves(torch.tanh, torch.sigmoid, dim=2),
    "this cuts the time in two halves. The two halves are channels, axis 1.",
)
gated.wrong(
    _halves(torch.relu, torch.sigmoid),
    "the gate is right. But the content goes through tanh here, which also passes on what is below 0.",
)
gated.wrong(_halves(torch.tanh, torch.tanh), "a gate lies between 0 and 1. With tanh it would turn the sign.")
gated.wrong(_halves(torch.sigmoid, torch.sigmoid), "the gate is right. The content goes through tanh.")
gated.wrong(
    _halves(torch.tanh, lambda gate: gate), "the gate itself goes through a sigmoid, so that it opens or closes."
)
gated.wrong(
    lambda y: torch.tanh(y) * torch.sigmoid(y),
    "here each channel is its own gate, and twice too many channels come out.",
)


@gated.wrong(says="both halves are right. But the gate multiplies: where it is closed, nothing passes.")
def _(y):
    content, gate = y.chunk(2, dim=1)
    return torch.tanh(content) + torch.sigmoid(gate)


@gated.wrong(
    says="this takes the channels in turn. The first half of them is the content, the second half the gate."
)
def _(y):
    return torch.tanh(y[:, ::2]) * torch.sigmoid(y[:, 1::2])


@gated.another_way
def _(y):
    half = y.shape[1] // 2
    return y[:, :half].tanh() / (1 + torch.exp(-y[:, half:]))


@exercise(
    "09.6",
    "Hear the next chunk",
    because="the layer reads what it kept and then the chunk, and keeps the end of both together.",
    hints=(
        "What does the layer read for the first output of the chunk? Part of it came before the chunk.",
        "A chunk may be shorter than what has to be kept. Then some of the old samples stay in the buffer.",
    ),
)
def hear(chunk: torch.Tensor, past: torch.Tensor, weight: torch.Tensor, dilation: int) -> tuple:
    """Put both together, convolve, and keep the end of both."""
    joined = torch.cat([past, chunk], dim=2)
    keep = dilation * (weight.shape[2] - 1)
    return F.conv1d(joined, weight, dilation=dilation), joined[:, :, joined.shape[2] - keep :]


@hear.tried_on
def _():
    numbers = torch.Generator().manual_seed(23)
    cases = []
    # chunks shorter than the buffer, as long, longer; a kernel of 2; two recordings at once
    for N, C, out, K, dilation, length in (
        (1, 2, 3, 3, 2, 3),
        (2, 3, 2, 3, 1, 7),
        (1, 1, 1, 2, 4, 1),
        (2, 2, 2, 4, 2, 6),
    ):
        shapes = (N, C, length), (N, C, dilation * (K - 1)), (out, C, K)
        made = [torch.randn(shape, generator=numbers, dtype=torch.float64) for shape in shapes]
        cases.append((*made, dilation))
    return cases


@hear.as_given(says="keeps the end of the chunk alone, and a chunk may be shorter than what must be kept.")
def _(chunk, past, weight, dilation):
    joined = torch.cat([past, chunk], dim=2)
    return F.conv1d(joined, weight, dilation=dilation), chunk[:, :, -past.shape[2] :]


hear.wrong(
    lambda chunk, past, weight, dilation: (
        F.conv1d(torch.cat([past, chunk], dim=2), weight, dilation=dilation),
        torch.cat([past, chunk], dim=2)[:, :, -weight.shape[2] + 1 :],
    ),
    "this keeps as much as a layer with dilation 1 needs.",
)
hear.wrong(
    lambda chunk, past, weight, dilation: (
        F.conv1d(torch.cat([past, chunk], dim=2), weight, dilation=dilation),
        past,
    ),
    "this keeps the old samples for ever. The next chunk needs what came right before it.",
)
hear.wrong(
    lambda chunk, past, weight, dilation: (
        F.conv1d(torch.cat([past, chunk], dim=2), weight, dilation=dilation),
        torch.cat([past, chunk], dim=2),
    ),
    "this keeps everything: the buffer grows, and the next call gives old outputs again.",
)
hear.wrong(
    lambda chunk, past, weight, dilation: (
        F.conv1d(F.pad(chunk, (past.shape[2], 0)), weight, dilation=dilation),
        torch.cat([past, chunk], dim=2)[:, :, -past.shape[2] :],
    ),
    "what is kept is right. But the outputs read zeros before the chunk, as if nothing had been heard.",
)
hear.wrong(
    lambda chunk, past, weight, dilation: F.conv1d(torch.cat([past, chunk], dim=2), weight, dilation=dilation),
    "the outputs are right. Return the new buffer, too.",
)
hear.another_way(
    lambda chunk, past, weight, dilation: (
        F.conv1d(F.pad(chunk, (past.shape[2], 0)), weight, dilation=dilation)
        + F.conv1d(F.pad(past, (0, chunk.shape[2])), weight, dilation=dilation),
        torch.cat([past, chunk], dim=2).flip(2)[:, :, : past.shape[2]].flip(2),
    )
)


@exercise(
    "09.7",
    "See one second",
    because="the layers add 2, 4, 8, … samples to the first one, "
    "and the sum passes 100 for the first time with the dilation 32.",
    hints=(
        "Section 4 has such a stack. What does each layer of 3 taps add to the receptive field?",
        "Begin with 1 and add dilation · 2 for each layer, until you reach the samples of one second.",
    ),
)
def number_of_layers() -> int:
    """Add layers until one output sees 100 samples."""
    layers, seen = 0, 1
    while seen < 100:
        dilation = 2**layers  # 1, 2, 4, 8, …
        seen += dilation * (3 - 1)  # what this layer adds
        layers += 1
    return layers


number_of_layers.wrong(5, "with this many layers an output sees 63 samples. That is less than one second.")
number_of_layers.wrong(
    7,
    "with this many layers an output sees 255 samples, more than two seconds. Fewer are enough.",
)
number_of_layers.wrong(
    50,
    "so many layers are needed without dilation, when each adds 2 samples. "
    "Here each adds twice as much as the one before.",
)
number_of_layers.wrong(
    34,
    "this counts 3 samples for each layer. But the windows overlap, "
    "and the dilation doubles: see what each layer adds.",
)
number_of_layers.wrong(100, "this is the number of samples. How many layers does it take to see them?")


@number_of_layers.another_way
def _():
    """Ask the arithmetic, one stack after the other."""
    stacks = ([Conv1dSpec(1, 1, kernel_size=3, dilation=2**i) for i in range(n)] for n in range(99))
    return next(len(stack) for stack in stacks if receptive_field(stack) >= 100)


@exercise(
    "09.8",
    "What a live stack keeps",
    because="the buffers hold 2, 4 and 8 samples, the first of 6 channels and the others of 8.",
    hints=(
        "How many samples does each of the three layers keep?",
        "A buffer stands before its layer. How many channels come into each layer?",
    ),
)
def numbers_kept() -> int:
    """Samples times the channels that come in, layer by layer."""
    kept = 0
    for channels, dilation in ((6, 1), (8, 2), (8, 4)):
        kept += channels * dilation * (3 - 1)  # channels that come in, times samples
    return kept


numbers_kept.wrong(14, "these are the samples. Each of them has several channels.")
numbers_kept.wrong(112, "this gives every buffer 8 channels. What comes into the first layer has 6.")
numbers_kept.wrong(84, "this gives every buffer 6 channels. What comes into the later layers has 8.")
numbers_kept.wrong(162, "this keeps one gap too many in each layer: 3 taps have 2 gaps between them.")
numbers_kept.wrong(15, "this is how many steps one output sees. Asked for is what the buffers hold.")


@numbers_kept.another_way
def _():
    kept, x = 0, torch.zeros(1, 6, 50)
    for layer in (nn.Conv1d(6, 8, 3), nn.Conv1d(8, 8, 3, dilation=2), nn.Conv1d(8, 8, 3, dilation=4)):
        kept += (x.shape[2] - layer(x).shape[2]) * x.shape[1]
        x = torch.zeros(1, layer.out_channels, 50)
    return kept


@exercise(
    "09.9",
    "Ten answers",
    because="10 outputs of the pool need 40 steps, these need 48, "
    "and 48 outputs of the first layer need 47 moves of 2 and one window.",
    hints=(
        "Begin at the end: how many steps must come into the pool, so that 10 windows fit side by side?",
        "n outputs need (n − 1) moves of `stride` steps, and one window, dilation · (K − 1) + 1.",
    ),
)
def samples_for_ten() -> int:
    """From the last layer to the first: the moves, and one window."""
    need = 10
    for kernel_size, stride, dilation in ((4, 4, 1), (3, 1, 4), (5, 2, 1)):
        need = (need - 1) * stride + dilation * (kernel_size - 1) + 1
    return need


samples_for_ten.wrong(27, "this is enough for one answer. Ten are wanted.")
samples_for_ten.wrong(270, "this is ten times what one answer needs. Their windows overlap.")
samples_for_ten.wrong(100, "with this many samples the last one is not read. One sample less will do.")
samples_for_ten.wrong(101, "nearly. The last window needs no move behind it: n windows need n − 1 moves.")
samples_for_ten.wrong(87, "this is without the dilation. With it, the window of the second layer covers more.")
samples_for_ten.wrong(
    52, "this is without the stride of the first layer: each of its outputs is 2 samples further on."
)
samples_for_ten.wrong(40, "this is what the pool wants. The layers before it want more.")


@samples_for_ten.another_way
def _():
    """Try lengths until ten come out."""
    layers = nn.Sequential(nn.Conv1d(1, 1, 5, stride=2), nn.Conv1d(1, 1, 3, dilation=4), nn.MaxPool1d(4))
    return next(L for L in range(50, 300) if layers(torch.zeros(1, 1, L)).shape[2] == 10)
