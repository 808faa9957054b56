"""What torch says, by pattern, and what it means. The tests raise every one of these messages for real."""

import re

#: kind → pattern of torch 2.13. The kinds are ours; a rewording by torch turns a test red.
PATTERNS = {
    "channels": r"Given (?:groups|transposed)=\d+, weight of size \[[\d, ]+\], expected input\[[\d, ]*\] to have "
    r"(\d+) channels, but got (\d+) channels instead",
    "axes": r"Expected \dD \(unbatched\) or \dD \(batched\) input to \w+, but got input of size: \[[\d, ]*\]"
    r"|Expected 2D or 3D \(batch mode\) tensor|Expected 2 to 3 dimensions, but got \d-dimensional tensor"
    r"|non-empty 3D or 4D \(batch mode\) tensor expected|Expected input to be 2D or 3D, got \dD"
    r"|Only 3D, 4D and 5D input Tensors supported",
    "weight_axes": r"Expected \d-dimensional input for \d-dimensional weight \[[\d, ]+\], but got \d-dimensional"
    r"|weight should have at least three dimensions",
    "two_numbers": r"expected (stride|padding|dilation) to be a single integer value or a list of 1 values",
    "sizes": r"non-positive (?:stride|dilation) is not supported|negative padding is not supported",
    "too_short": r"Calculated padded input size per channel: .*Kernel size can't be greater than actual input size"
    r"|Invalid computed output size|Output size is too small",
    "pad_too_long": r"Padding size should be less than the corresponding input dimension"
    r"|Padding value causes wrapping around more than once",
    "same_with_stride": r"padding='same' is not supported for strided convolutions",
    "padding_text": r"Invalid padding string (.+), should be one of",
    "padding_mode_text": r"padding_mode must be one of .*, but got padding_mode=(.+)",
    "groups": r"(?:in_channels|out_channels) must be divisible by groups|groups must be a positive integer",
    "output_padding": r"output padding must be smaller than either stride or dilation",
    "linear": r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)",
    "running_stats": r"running_mean should contain (\d+) elements not (\d+)",
    "norm_axes": r"expected (?:2D or 3D|\dD(?: or \dD)?) input \(got \dD input\)",
    "one_value": r"Expected more than 1 value per channel when training",
    "normalized_shape": r"Given normalized_shape=\[[\d, ]+\], expected input with shape",
    "norm_channels": r"Expected weight to be a vector of size equal to the number of channels in input"
    r"|expected input's size at dim=1 to match num_features",
    "rnn_features": r"input\.size\(-1\) must be equal to input_size\. Expected (\d+), got (\d+)",
    "embedding_dim": r"was expecting embedding dimension of (\d+), but got (\d+)",
    "indices": r"Expected tensor for argument #1 'indices' to have one of the following scalar types",
    # Before "dtype": a tensor type such as torch.cuda.FloatTensor names the device too.
    "device": r"Expected all tensors to be on the same device|is not on the expected device"
    r"|torch\.cuda\.\w+Tensor",
    "dtype": r"Input type \(.+\) and (?:bias|weight) type \(.+\) should be the same"
    r"|expected scalar type \w+ but found \w+|mat1 and mat2 must have the same dtype, but got \w+ and \w+"
    r"|mixed dtype \(CPU\)|RNN input dtype \(.+\) does not match weight dtype"
    r"|not implemented for '(?:Long|Int|Byte|Bool|Short|Char)'|expected m1 and m2 to have the same dtype",
    "add": r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton",
    "cat": r"Sizes of tensors must match except in dimension (\d)\. Expected size (\d+) but got size (\d+)",
    "view": r"shape '\[(.+)\]' is invalid for input of size (\d+)|unflatten: Provided sizes",
    "strides": r"view size is not compatible with input tensor's size and stride",
    "permute": r"number of dimensions in the tensor input does not match the length of the desired ordering",
    "axis": r"Dimension out of range \(expected to be in range of|not enough values to unpack"
    r"|too many values to unpack",
    "arguments": r"missing \d+ required positional argument"
    r"|takes \d+ positional arguments? but \d+ (?:was|were) given",
    "tuple": r"argument 'input' .*must be Tensor, not tuple|'tuple' object has no attribute|got \(tuple, ",
    "nothing": r"argument 'input' .*must be Tensor, not NoneType|'NoneType' object has no attribute"
    r"|got \(NoneType, ",
    "fractions": r"!tuple of \(float,\)!|must be tuple of ints, but found element of type float",
    "target": r"Expected target size \[.+\], got \[.+\]|multi-target not supported"
    r"|Target size \(.+\) must be the same as input size|Using a target size \(.+\) that is different",
    "index": r"index out of range in self",
}
_COMPILED = {kind: re.compile(pattern) for kind, pattern in PATTERNS.items()}


def kind_of(message: str) -> str:
    """Name the kind of one of torch's messages; ``"unknown"`` if no pattern fits."""
    return next((kind for kind, pattern in _COMPILED.items() if pattern.search(message)), "unknown")
