"""Is what comes out what the loss will want?"""

import math
from collections.abc import Iterator

from torch import nn

from ..layers import CONVOLUTIONS
from ..note import Ran, note


def _is_of_cases(ran: Ran) -> bool:
    """Whether a batch of signals went into a convolution, and a tensor came out."""
    slides = any(isinstance(v.module, CONVOLUTIONS) for v in ran.leaves)
    return slides and len(ran.x) == 3 and bool(ran.output)


def _moved_the_batch(ran: Ran) -> bool:
    """Whether a view or flatten moved values between the batch and the features."""
    cases, out = ran.x[0], ran.output
    rows = [v for v in ran.leaves if isinstance(v.module, nn.Linear) and len(v.inputs[0]) == 2]
    return bool(rows) and len(out) == 2 and out[0] != cases and math.prod(rows[-1].inputs[0]) % cases == 0


@note("output")
def batch_changed(ran: Ran) -> Iterator[str]:
    """Another number of rows comes out than cases went in.

    Example:
        >>> class Viewing(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.fc = nn.Conv1d(5, 8, 3), nn.Linear(188, 2)
        ...
        ...     def forward(self, x):
        ...         return self.fc(self.conv(x).view(-1, 188))
        >>> explain(Viewing(), (32, 5, 49)).notes[0].code
        'batch_changed'
    """
    if _is_of_cases(ran) and _moved_the_batch(ran):
        yield (
            f"{ran.x[0]} cases go in and {ran.output[0]} rows come out: a view or flatten moved values between "
            "the batch and the features. Keep axis 0: h.view(h.size(0), -1), or torch.flatten(h, 1)."
        )


@note("output")
def size_one_axis(ran: Ran) -> Iterator[str]:
    """The output has an axis of size 1 that squeeze() may drop.

    Example:
        >>> explain(nn.Conv1d(5, 5, 49), (239, 5, 49)).notes[0].code
        'size_one_axis'
    """
    if not _is_of_cases(ran) or _moved_the_batch(ran):
        return
    out, axis = ran.output, len(ran.output) - 1
    if out[-1] == 1:
        yield (
            f"the output {out} has size 1 at axis {axis}: squeeze() without an axis drops a batch of 1 too, and "
            f"a loss against a target without that axis broadcasts. Name the axis: squeeze({axis})."
        )


@note("output")
def decoder_length(ran: Ran) -> Iterator[str]:
    """A decoder gives another length than the encoder was given.

    Example:
        >>> encoder = nn.Conv1d(1, 8, 3, stride=2, padding=1)
        >>> decoder = nn.ConvTranspose1d(8, 1, 3, stride=2, padding=1)
        >>> explain(nn.Sequential(encoder, decoder), (4, 1, 50)).notes[0].code
        'decoder_length'
    """
    decodes = any(isinstance(v.module, nn.ConvTranspose1d) for v in ran.leaves)
    if not decodes or not _is_of_cases(ran) or len(ran.output) != 3:
        return
    (_, channels, length), (_, made, out) = ran.x, ran.output
    if made == channels and out != length and abs(out - length) < length / 2:
        yield (
            f"{length} samples go in and {out} come out, so a loss against the input fails. A stride drops a "
            "remainder that ConvTranspose1d cannot know: set output_padding, pass output_size, or use a length "
            "that the strides divide."
        )
