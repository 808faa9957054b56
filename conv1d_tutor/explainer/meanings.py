"""What does torch's message mean here, where no repair says it better?"""

from torch import nn

from . import forward_causes
from .situation import CONVOLUTIONS, Situation
from .size_causes import padded_reach


def meaning_of(at: Situation) -> tuple[str, str]:
    """A code for what cannot be repaired by an expression, and what the message means."""
    layer, shape = at.layer, at.shape
    own = forward_causes.no_candidate_words(at)
    if own:
        return own
    if isinstance(layer, CONVOLUTIONS) and shape:
        return _meaning_for_convolution(at)
    told = {
        "linear": (
            "linear_in_features",
            "Linear multiplies the last axis of its input, which must have in_features numbers",
        ),
        "running_stats": (
            "norm_features",
            "the norm has num_features numbers, one per channel, and channels are axis 1",
        ),
        "norm_axes": ("norm_axis", "this norm is made for another number of axes"),
        "one_value": (
            "one_value_per_channel",
            "a mean over one value says nothing, so torch refuses it in training",
        ),
        "normalized_shape": (
            "norm_axis",
            "LayerNorm normalises the last axes, which must have its normalized_shape",
        ),
        "norm_channels": ("norm_features", "the norm has one number per channel, and channels are axis 1"),
        "rnn_features": ("rnn_axis", "a recurrent layer reads the features from the last axis"),
        "embedding_dim": ("rnn_axis", "attention reads the features from the last axis"),
        "indices": ("dtype", "an Embedding looks up whole numbers"),
        "dtype": ("dtype", "the data and the weights must be numbers of the same kind"),
        "device": ("device", "the data and the weights must be on the same device"),
        "too_short": ("input_too_short", "the window is longer than what is left of the signal"),
        "pad_too_long": (
            "padding_mode",
            "this padding copies samples of the signal, and there are fewer than it must copy",
        ),
        "axes": (
            "extra_axis" if len(shape) > 3 else "missing_channel_axis",
            "this layer takes (N, C, L) or (C, L)",
        ),
        "arguments": ("several_arguments", "the model's forward takes another number of arguments"),
        "nothing": (
            "nothing_returned",
            "the layer before gave None: the forward of a module of your own ends without a return",
        ),
        "tuple": (
            "tuple_output",
            "the layer before hands on a tuple (a recurrent layer gives output and state): take [0]",
        ),
        "target": ("loss_shapes", "the prediction and the target must have fitting shapes"),
        "index": ("index_range", "a number in the input is not below num_embeddings"),
    }
    return told.get(at.kind, ("not_understood", "this message is not among those known here"))


def _meaning_for_convolution(at: Situation) -> tuple[str, str]:
    layer, shape = at.layer, at.shape
    name, channels = type(layer).__name__, layer.in_channels
    if 0 in shape:
        return "empty", f"an axis of {shape} has size 0: there is nothing to slide over"
    if at.kind == "pad_too_long":
        return "padding_mode", (
            f"padding_mode={layer.padding_mode!r} copies {layer.padding} samples from the signal itself, which "
            "has only "
            f"{shape[-1]}: use a longer signal, less padding, or padding_mode='zeros'"
        )
    if at.kind == "too_short" and isinstance(layer, nn.Conv1d):
        reach, padding = padded_reach(layer)
        if len(shape) == 3 and at.is_whole and reach >= 16 and reach >= 4 * shape[-1]:
            return "operands_exchanged", (
                f"the kernel reads {reach} samples and the signal has {shape[-1]}: were signal and kernel "
                "exchanged? The "
                "long one is the input x, the short one the kernel"
            )
        code = "input_too_short" if at.untouched else "stack_too_short"
        return code, f"the kernel reads {reach} samples, and the signal with its padding has {shape[-1] + padding}"
    if at.kind == "dtype":
        return "dtype", "the data and the weights must be numbers of the same kind"
    if at.kind in ("fractions", "sizes"):
        return "bad_size", "sizes are whole numbers, stride and dilation at least 1, padding at least 0"
    if any(isinstance(size, tuple) and len(size) > 1 for size in (layer.kernel_size, layer.stride, layer.padding)):
        return (
            "two_number_kernel",
            f"a size with two numbers is for data of two directions, and {name} slides in one",
        )
    if len(shape) == 1:
        return (
            "missing_channel_axis",
            f"{name} takes (N, C, L) or (C, L), and this is one axis of {shape[0]} numbers",
        )
    if len(shape) == 2:
        return "missing_batch_axis", (
            f"a 2-D input is read as one case (C, L), so its first axis, {shape[0]}, must be "
            f"in_channels={channels}"
        )
    if len(shape) > 3:
        return "extra_axis", f"{name} takes (N, C, L) or (C, L), and this has {len(shape)} axes"
    return (
        "channel_count",
        f"axis 1 is the channels axis: the layer has in_channels={channels}, the input has {shape[1]} there",
    )
