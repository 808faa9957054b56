"""What does torch say, and what does it mean? One table; nothing else in this folder reads torch's words.

A message is one `Message` in `MESSAGES`: the kind that causes ask for, the pattern, what it means, and calls that
raise it. The tests make every one of these calls, so that a rewording by torch turns one of them red.
"""

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Message:
    """One way in which torch refuses.

    Args:
        kind: our name for it.
        pattern: what torch 2.13 says, as a regular expression; its groups are the numbers that causes read.
        calls: calls that raise it, in the names ``torch``, ``nn``, ``F`` and ``x``, a tensor of (2, 4, 9).
        problem: the code of the cause that it speaks of, where no cause knows it better.
        means: what it means then.
        aside: whether it says something besides the kind, so that it is only found by `says`.
    """

    kind: str
    pattern: str
    calls: tuple[str, ...]
    problem: str = ""
    means: str = ""
    aside: bool = False

    @cached_property
    def compiled(self) -> re.Pattern:
        """The pattern, ready to search."""
        return re.compile(self.pattern)


#: What no pattern fits.
UNKNOWN = Message("unknown", "", (), "not_understood", "this message is not among those known here")

#: The messages. The first that fits names the kind: "device" stands before "dtype", because a tensor type such as
#: torch.cuda.FloatTensor names the device too.
MESSAGES = [
    Message(
        "channels",
        r"Given (?:groups|transposed)=\d+, weight of size \[[\d, ]+\], "
        r"expected input\[[\d, ]*\] to have (\d+) channels, but got (\d+) channels instead",
        ("nn.Conv1d(5, 2, 3)(x)", "nn.ConvTranspose1d(5, 2, 3)(x)"),
    ),
    Message(
        "axes",
        r"Expected \dD \(unbatched\) or \dD \(batched\) input to \w+, but got input of size: \[[\d, ]*\]"
        r"|Expected \dD or \dD (?:\(batch mode\) )?tensor"
        r"|Expected 2 to 3 dimensions, but got \d-dimensional tensor"
        r"|non-empty \dD or \dD \(batch mode\) tensor expected"
        r"|Input dimension should be at least \d"
        r"|Expected at least 2 dimensions for input tensor"
        r"|Expected input to be 2D or 3D, got \dD"
        r"|Only 3D, 4D and 5D input Tensors supported",
        (
            "nn.Conv1d(4, 2, 3)(x[None])",
            "nn.ConvTranspose1d(4, 2, 3)(x[None])",
            "nn.MaxPool1d(2)(x[None])",
            "nn.AvgPool1d(2)(x[None])",
            "nn.AdaptiveAvgPool1d(2)(x[None])",
            "nn.MaxPool2d(2)(x[0])",
            "nn.AvgPool3d(2)(x[0])",
            "nn.AdaptiveMaxPool2d(2)(x[0, 0])",
            "F.adaptive_avg_pool2d(x[0, 0], (2, 2))",
            "nn.GroupNorm(2, 4)(x[0, 0])",
            "nn.LSTM(9, 2)(x[None])",
            "nn.Upsample(scale_factor=2, mode='linear')(x[0])",
        ),
        "missing_channel_axis",
        "this layer takes (N, C, L) or (C, L)",
    ),
    Message(
        "weight_axes",
        r"Expected \d-dimensional input for \d-dimensional weight ?\[[\d, ]+\], but got \d-dimensional"
        r"|weight should have at least three dimensions",
        ("nn.Conv1d(4, 2, (3, 3))(x)", "F.conv1d(x, x[0, 0])"),
    ),
    Message(
        "two_numbers",
        r"expected (stride|padding|dilation) to be a single integer value or a list of 1 values",
        (
            "nn.Conv1d(4, 2, 3, stride=(2, 1))(x)",
            "nn.Conv1d(4, 2, 3, padding=(2, 1))(x)",
            "nn.Conv1d(4, 2, 3, dilation=(2, 1))(x)",
        ),
    ),
    Message(
        "sizes",
        r"non-positive (?:stride|dilation) is not supported|negative padding is not supported"
        r"|dilation should be greater than zero",
        (
            "nn.Conv1d(4, 2, 3, stride=0)(x)",
            "nn.Conv1d(4, 2, 3, dilation=0)(x)",
            "nn.Conv1d(4, 2, 3, padding=-1)(x)",
            "F.conv1d(x.double(), torch.ones(2, 4, 3).double(), dilation=0)",
        ),
    ),
    Message(
        "pool_sizes",
        r"(?:kernel_size|stride|dilation) must be greater than zero|pad(?:ding)? must be non-negative"
        r"|stride should (?:not be zero|be greater than zero)|divisor must be not zero"
        r"|elements of output_size must be greater than or equal to 0",
        (
            "nn.MaxPool1d(2, stride=-1)(x)",
            "nn.MaxPool1d(2, padding=-1)(x)",
            "nn.AvgPool1d(0)(x)",
            "nn.AvgPool1d(2, stride=-1)(x)",
            "nn.AvgPool1d(2, padding=-1)(x)",
            "F.avg_pool2d(x, 2, divisor_override=0)",
            "nn.AdaptiveAvgPool1d(-1)(x)",
        ),
        "bad_size",
        "the window, the stride and the dilation of a pool are at least 1, its padding at least 0",
    ),
    Message(
        "pool_padding",
        r"pad(?:ding)? should be at most half of (?:effective )?kernel size",
        ("nn.MaxPool1d(2, padding=2)(x)", "nn.AvgPool1d(2, padding=2)(x)"),
        "pool_padding",
        "a window that lies outside by more than half would see padding only",
    ),
    Message(
        "negative_size",
        r"Trying to create tensor with negative dimension",
        ("nn.AdaptiveMaxPool1d(-1)(x)", "nn.Conv1d(4, 2, -1)"),
        "bad_size",
        "a size came out below 0",
    ),
    Message(
        "output_sizes",
        r"'output_size' should contain one int|output_size(?:\.size\(\))? must be \d",
        ("nn.AdaptiveAvgPool1d((1, 2))(x)", "F.adaptive_avg_pool2d(x, (2,))"),
        "two_number_kernel",
        "output_size has one number for each axis that is pooled: one in a 1d layer, two in a 2d layer",
    ),
    Message(
        "empty_axis",
        r"non-batch dimensions to have positive length",
        ("nn.MaxPool3d(2)(torch.ones(2, 1, 0, 1, 2))",),
        "empty",
        "an axis has size 0: there is nothing to pool",
    ),
    Message(
        "unpool_indices",
        r"Expected shape of indices to be same as that of the input tensor",
        ("nn.MaxUnpool1d(2)(x, torch.zeros(2, 4, 8).long())",),
        "unpool_indices",
        "an unpool puts each number where the indices say that MaxPool1d(..., return_indices=True) gave with it",
    ),
    Message(
        "too_short",
        r"Calculated padded input size per channel: .*Kernel size can't be greater than actual input size"
        r"|Invalid computed output size|Output size is too small",
        ("nn.Conv1d(4, 2, 10)(x)", "nn.MaxPool1d(10)(x)", "nn.AvgPool1d(10)(x)"),
        "input_too_short",
        "the window is longer than what is left of the signal",
    ),
    Message(
        "pad_too_long",
        r"Padding size should be less than the corresponding input dimension"
        r"|Padding value causes wrapping around more than once",
        (
            "nn.Conv1d(4, 2, 3, padding=9, padding_mode='reflect')(x)",
            "nn.Conv1d(4, 2, 3, padding=10, padding_mode='circular')(x)",
        ),
        "padding_mode",
        "this padding copies samples of the signal, and there are fewer than it must copy",
    ),
    Message(
        "same_with_stride",
        r"padding='same' is not supported for strided convolutions",
        ("nn.Conv1d(4, 2, 3, stride=2, padding='same')",),
    ),
    Message(
        "padding_text",
        r"Invalid padding string (.+), should be one of",
        ("nn.Conv1d(4, 2, 3, padding='SAME')",),
    ),
    Message(
        "padding_mode_text",
        r"padding_mode must be one of .*, but got padding_mode=(.+)",
        ("nn.Conv1d(4, 2, 3, padding_mode='zero')",),
    ),
    Message(
        "groups",
        r"(?:in_channels|out_channels) must be divisible by groups|groups must be a positive integer",
        ("nn.Conv1d(4, 6, 3, groups=3)", "nn.Conv1d(4, 6, 3, groups=4)", "nn.Conv1d(4, 6, 3, groups=0)"),
    ),
    Message(
        "weight_groups",
        r"Given groups=\d+, expected weight to be at least \d+ at dimension 0"
        r"|non-positive groups is not supported",
        ("F.conv1d(x, torch.ones(2, 1, 3), groups=4)", "F.conv1d(x, torch.ones(2, 4, 3), groups=0)"),
        "groups",
        "groups, at least 1, cuts axis 0 of the weight, the output channels, into equal parts: "
        "there is at least one output channel for each of them",
    ),
    Message(
        "bias_size",
        r"expected bias to be 1-dimensional with \d+ elements, but got bias of size",
        (
            "F.conv1d(x, torch.ones(2, 4, 3), torch.ones(3))",
            "F.conv_transpose1d(x, torch.ones(4, 2, 3), torch.ones(3))",
        ),
        "channel_count",
        "the bias has one number for each output channel: axis 0 of conv1d's weight, axis 1 of conv_transpose1d's",
    ),
    Message(
        "output_padding",
        r"output padding must be smaller than either stride or dilation",
        ("nn.ConvTranspose1d(4, 2, 3, output_padding=1)(x)",),
    ),
    Message(
        "linear",
        r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)",
        ("nn.Linear(8, 2)(x)", "nn.Linear(8, 2)(x[0, 0])"),
        "linear_in_features",
        "Linear multiplies the last axis of its input, which must have in_features numbers",
    ),
    Message(
        "product",
        r"Expected size for first two dimensions of batch2 tensor to be: \[\d+, \d+\] but got: \[\d+, \d+\]"
        r"|size mismatch, got input \(\d+\), mat \(\d+x\d+\), vec \(\d+\)"
        r"|inconsistent tensor size, expected tensor \[\d+\] and src \[\d+\] to have the same number of elements",
        ("x @ x", "x[0] @ x[0, 0, :4]", "x[0, 0] @ x[0, :, 0]"),
        "product_sizes",
        "in a product of tensors, (n, k) by (k, m), the size k is the same in both",
    ),
    Message(
        "einsum",
        r"subscript (\w) has size (\d+) for operand \d+ which does not broadcast with previously seen size (\d+)",
        ("torch.einsum('bij,bjk->bik', x, x)",),
        "product_sizes",
        "in an einsum a letter stands for one size",
    ),
    Message(
        "running_stats",
        r"running_mean should contain (\d+) elements not (\d+)",
        ("nn.BatchNorm1d(5)(x)",),
        "norm_features",
        "the norm has num_features numbers, one per channel, and channels are axis 1",
    ),
    Message(
        "norm_axes",
        r"expected (?:2D or 3D|\dD(?: or \dD)?) input \(got \dD input\)",
        ("nn.BatchNorm1d(4)(x[None])", "nn.BatchNorm2d(4)(x)"),
        "norm_axis",
        "this norm is made for another number of axes",
    ),
    Message(
        "one_value",
        r"Expected more than 1 value per channel when training|Expected more than 1 spatial element",
        ("nn.BatchNorm1d(4)(x[:1, :, 0])", "nn.InstanceNorm1d(4)(x[..., :1])", "nn.GroupNorm(4, 4)(x[:1, :, 0])"),
        "one_value_per_channel",
        "a mean over one value says nothing, so torch refuses it in training",
    ),
    Message(
        "normalized_shape",
        r"Given normalized_shape=\[[\d, ]+\], expected input with shape"
        r"|Expected (?:weight|bias) to be of same shape as normalized_shape"
        r"|Expected normalized_shape to be at least 1-dimensional",
        ("nn.LayerNorm(4)(x)", "F.layer_norm(x, (9,), torch.ones(4))", "F.layer_norm(x, ())"),
        "norm_axis",
        "LayerNorm normalises the last axes, which must have its normalized_shape",
    ),
    Message(
        "norm_channels",
        r"Expected weight to be a vector of size equal to the number of channels in input"
        r"|expected input's size at dim=1 to match num_features",
        ("nn.GroupNorm(2, 6)(x)", "nn.InstanceNorm1d(6, affine=True)(x)"),
        "norm_features",
        "the norm has one number per channel, and channels are axis 1",
    ),
    Message(
        "norm_groups",
        r"num_channels \(\d+\) must be divisible by num_groups"
        r"|number of channels in input to be divisible by num_groups",
        ("nn.GroupNorm(3, 10)", "F.group_norm(x, 3)"),
        "norm_features",
        "GroupNorm cuts the channels, axis 1, into num_groups equal parts",
    ),
    Message(
        "norm_eps",
        r"eps must be positive",
        ("nn.BatchNorm1d(4, eps=0)(x)",),
        "bad_size",
        "eps is what keeps the norm from dividing by zero, a small number above 0 such as 1e-05",
    ),
    Message(
        "rnn_features",
        r"input\.size\(-1\) must be equal to input_size\. Expected (\d+), got (\d+)",
        ("nn.LSTM(4, 2)(x)", "nn.GRU(4, 2)(x)"),
        "rnn_axis",
        "a recurrent layer reads the features from the last axis",
    ),
    Message(
        "embedding_dim",
        r"was expecting embedding dimension of (\d+), but got (\d+)",
        ("nn.TransformerEncoderLayer(4, 2, batch_first=True)(x)",),
        "rnn_axis",
        "attention reads the features from the last axis",
    ),
    Message(
        "indices",
        r"Expected tensor for argument #1 'indices' to have one of the following scalar types",
        ("nn.Embedding(4, 2)(x)",),
        "dtype",
        "an Embedding looks up whole numbers",
    ),
    Message(
        "device",
        r"Expected all tensors to be on the same device|is not on the expected device|torch\.cuda\.\w+Tensor"
        r"|Input and (?:parameter|hidden) tensors are not at the same device",
        ("nn.Linear(9, 2, device='meta')(x)",),
        "device",
        "the data and the weights must be on the same device",
    ),
    Message(
        "device_numpy",
        r"can't convert \w+(?::\d+)? device type tensor to numpy",
        ("x.to('meta').numpy()",),
        "device",
        "NumPy reads the memory of the CPU only: take the tensor there before, by .detach().cpu().numpy()",
    ),
    Message(
        "device_lengths",
        r"'lengths' argument should be a 1D CPU int64 tensor, but got 1D \w+(?::\d+)? \w+ tensor",
        ("nn.utils.rnn.pack_padded_sequence(x, torch.tensor([4, 4], device='meta'), batch_first=True)",),
        "device",
        "packing reads the lengths on the CPU: give it lengths.cpu()",
    ),
    Message(
        "dtype",
        r"Input type \(.+\) and (?:bias|weight) type \(.+\) should be the same"
        r"|expected scalar type \w+ but found \w+"
        r"|have (?:the )?same dtype|Input dtypes must be the same|Type promoting not supported"
        r"|mixed dtype \(CPU\)"
        r"|RNN input dtype \(.+\) does not match weight dtype"
        r"|not implemented for '(?:Long|Int|Byte|Bool|Short|Char)'"
        r"|expected a tensor of floating point or complex values",
        (
            "nn.Conv1d(4, 2, 3)(x.double())",
            "nn.Conv1d(4, 2, 3)(x.long())",
            "nn.Conv1d(4, 2, 3, bias=False)(x.double())",
            "nn.Linear(9, 2)(x.double())",
            "nn.BatchNorm1d(4)(x.double())",
            "nn.LSTM(9, 2)(x.double())",
            "torch.baddbmm(x.double(), x, x.mT @ x)",
            "F.prelu(x.double(), x[0, :, 0])",
            "nn.MaxPool1d(2)(x.long())",
            "torch.stft(x[0].long(), 4, return_complex=True)",
        ),
        "dtype",
        "the data and the weights must be numbers of the same kind",
    ),
    Message(
        "add",
        r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton",
        ("x + x[..., :5]",),
    ),
    Message(
        "cat",
        r"Sizes of tensors must match except in dimension (\d)\. Expected size (\d+) but got size (\d+)",
        ("torch.cat([x, x[..., :5]], dim=1)",),
    ),
    Message(
        "view",
        r"shape '\[(.+)\]' is invalid for input of size (\d+)|unflatten: Provided sizes",
        ("x.view(5, -1)", "nn.Unflatten(1, (3, 2))(x)"),
    ),
    Message(
        "strides",
        r"view size is not compatible with input tensor's size and stride",
        ("x.permute(0, 2, 1).view(2, -1)",),
    ),
    Message(
        "permute",
        r"number of dimensions in the tensor input does not match the length of the desired ordering",
        ("x.permute(0, 1)",),
    ),
    Message(
        "axis",
        r"Dimension out of range \(expected to be in range of"
        r"|not enough values to unpack|too many values to unpack",
        ("x.squeeze(5)", "[n for n, c, l, d in [x.shape]]", "[n for n, c in [x.shape]]"),
        "wrong_number_of_axes",
        "the code counts on another number of axes than the tensor has",
    ),
    Message(
        "arguments",
        r"missing \d+ required positional argument|takes \d+ positional arguments? but \d+ (?:was|were) given",
        ("nn.Bilinear(4, 4, 2)(x)", "nn.ReLU()(x, x)"),
        "several_arguments",
        "the model's forward takes another number of arguments",
    ),
    Message(
        "tuple",
        r"argument 'input' .*must be Tensor, not tuple|'tuple' object has no attribute|got \(tuple, ",
        (
            "nn.Sequential(nn.LSTM(9, 4), nn.Linear(4, 2))(x)",
            "nn.Sequential(nn.LSTM(9, 4), nn.Conv1d(4, 2, 3))(x)",
        ),
        "tuple_output",
        "the layer before hands on a tuple (a recurrent layer gives output and state): take [0]",
    ),
    Message(
        "nothing",
        r"argument 'input' .*must be Tensor, not NoneType|'NoneType' object has no attribute|got \(NoneType, ",
        ("nn.Conv1d(4, 2, 3)(None)", "nn.Linear(9, 2)(None)", "nn.ReLU()(None)"),
        "nothing_returned",
        "the layer before gave None: the forward of a module of your own ends without a return",
    ),
    Message(
        "fractions",
        r"!tuple of \(float,\)!|must be tuple of ints, but found element of type float",
        ("nn.Conv1d(4, 2, 3, padding=1.0)(x)", "nn.Conv1d(4, 2, 3, stride=2.0)(x)"),
    ),
    Message(
        "target",
        r"Expected target size \[.+\], got \[.+\]|multi-target not supported"
        r"|Expected floating point type for target with class probabilities"
        r"|Expected input batch_size \(\d+\) to match target batch_size"
        r"|expected target dtype to be Long or Byte"
        r"|weight tensor should be defined either for all \d+ classes or no classes"
        r"|Target size \(.+\) must be the same as input size|Using a target size \(.+\) that is different",
        (
            "F.cross_entropy(x, torch.zeros(2, 4).long())",
            "F.cross_entropy(x[0], torch.zeros(4, 1).long())",
            "F.cross_entropy(x, x.long())",
            "F.cross_entropy(x[0], torch.zeros(5).long())",
            "F.cross_entropy(x[0], torch.zeros(4))",
            "F.cross_entropy(x[0], torch.zeros(4).long(), weight=torch.ones(3))",
            "F.binary_cross_entropy_with_logits(x[0, :, :1], x[0, :, 0])",
            "F.binary_cross_entropy(x[0, :, :1].sigmoid(), x[0, :, 0].sigmoid())",
        ),
        "loss_shapes",
        "the prediction and the target must have fitting shapes",
    ),
    Message(
        "cast",
        r"result type \w+ can't be cast to the desired output type \w+",
        ("F.binary_cross_entropy_with_logits(x, x.long())", "x.long().add_(0.5)"),
        "dtype",
        "floating-point numbers would be written among whole numbers: make those floating-point first, `.float()`",
    ),
    Message(
        "target_values",
        r"Target -?\d+ is out of bounds|all elements of (?:input|target) should be between 0 and 1",
        (
            "F.cross_entropy(x[0], torch.full((4,), 9))",
            "F.binary_cross_entropy(x, x)",
            "F.binary_cross_entropy(x.sigmoid(), x)",
        ),
        "loss_values",
        "the loss was given numbers outside its range",
    ),
    Message(
        "ctc",
        r"(?:input|target)_lengths must be (?:of size batch_size|integral)|ctc_loss_",
        (
            "F.ctc_loss(x, torch.ones(4, 2).long(), [2] * 3, [2] * 4)",
            "F.ctc_loss(x, torch.ones(4, 2).long(), [2] * 4, [2] * 3)",
            "F.ctc_loss(x, torch.ones(4, 2).long(), [3] * 4, [2] * 4)",
        ),
        "ctc_lengths",
        "the lengths given to the loss do not fit the log-probabilities or the targets",
    ),
    Message(
        "index",
        r"index out of range in self",
        ("nn.Embedding(4, 2)(torch.tensor([5]))",),
        "index_range",
        "a number in the input is not below num_embeddings",
    ),
    Message(
        "inplace",
        r"has been modified by an inplace operation|leaf Variable that requires grad is being used in an in-place"
        r"|is a view and is being modified inplace",
        (
            "(lambda h: (h.exp_(), h.mul_(2))[0])(x.clone().requires_grad_().sin()).sum().backward()",
            "torch.zeros(3, requires_grad=True).add_(1)",
            "torch.zeros(3, 2, requires_grad=True).mul(1).unbind()[0].add_(1)",
        ),
        "inplace",
        "a tensor was written into that is needed as it was: write x = x + … in place of x += …, "
        "and a layer without inplace=True",
    ),
    Message(
        "backward",
        r"Trying to backward through the graph a second time|does not require grad and does not have a grad_fn"
        r"|grad can be implicitly created only for scalar outputs",
        (
            "[loss.backward() for loss in [x.clone().requires_grad_().pow(2).sum()] * 2]",
            "x.sum().backward()",
            "x.clone().requires_grad_().mul(2).backward()",
        ),
        "backward",
        "backward() starts from one number that was computed from parameters, once: keep what goes on to the next "
        "step without its past, state.detach(), and reduce a loss with .mean() before backward()",
    ),
    Message(
        "deepcopy",
        r"Only Tensors created explicitly by the user \(graph leaves\) support the deepcopy protocol",
        ("__import__('copy').deepcopy(x.clone().requires_grad_().sin())",),
        "copied_weight",
        "only tensors that were not computed from others can be copied",
    ),
    Message(
        "stack",
        r"stack expects each tensor to be equal size, but got (\[[\d, ]*\]) at entry \d+ and (\[[\d, ]*\]) at"
        r"|each element in list of batch should be of equal size",
        (
            "torch.stack([x, x[..., :5]])",
            "torch.utils.data.default_collate([x[0], x[0, :, :5]])",
            "torch.utils.data.default_collate([[1, 2], [1]])",
        ),
        "unequal_lengths",
        "the cases of a batch must have the same shape",
    ),
    Message(
        "packed",
        r"not PackedSequence|got \(PackedSequence, |'PackedSequence' object has no attribute",
        (
            "nn.Conv1d(4, 2, 3)(torch.nn.utils.rnn.pack_sequence([x[0]]))",
            "nn.ReLU()(torch.nn.utils.rnn.pack_sequence([x[0]]))",
            "nn.BatchNorm1d(4)(torch.nn.utils.rnn.pack_sequence([x[0]]))",
        ),
        "packed_sequence",
        "only recurrent layers read a PackedSequence",
    ),
    Message(
        "array",
        r"must be Tensor, not (?:numpy\.ndarray|list)|got \((?:numpy\.ndarray|list), "
        r"|'(?:numpy\.ndarray|list)' object has no attribute"
        r"|expected Tensor as element \d+ in argument \d+, but got",
        (
            "nn.Conv1d(4, 2, 3)(x.numpy())",
            "nn.Linear(9, 2)(x.tolist())",
            "nn.BatchNorm1d(4)(x.numpy())",
            "torch.cat([x.numpy()])",
        ),
        "not_a_tensor",
        "layers and functions of torch take tensors: torch.as_tensor(x) makes one of an array",
    ),
    Message(
        "half",
        r"not implemented for '(?:Half|BFloat16)'",
        ("torch.cdist(x.half(), x.half())", "torch.cdist(x.bfloat16(), x.bfloat16())"),
        "half_precision",
        "the CPU has no such operation for numbers of 16 bits: compute it in float32, or on a GPU",
    ),
    Message(
        "memory",
        r"can't allocate memory|not enough memory|out of memory|Unable to allocate",
        ("torch.empty(1 << 60)",),
        "memory",
        "a tensor was asked for that is larger than the memory",
    ),
    Message(
        "state_dict",
        r"Error\(s\) in loading state_dict for \w+",
        (
            "nn.Conv1d(4, 2, 3).load_state_dict(nn.Conv1d(5, 2, 3).state_dict())",
            "nn.Conv1d(4, 2, 3).load_state_dict({'module.weight': torch.ones(2, 4, 3)})",
        ),
        "state_dict",
        "the names or the sizes in the checkpoint are not those of the model",
    ),
    # What these say stands beside the kinds above.
    Message(
        "meta",
        r"(?i)\bmeta tensors?\b|\bmeta device\b|'meta' (?:backend|device)|\bdevice(?: type)?:? '?meta\b"
        r"|\bdevices, .*\bmeta\b|is on meta\b|found '?meta\b|\bregister_meta\b|\bmeta \w+ tensor\b",
        (
            "torch.empty(2, device='meta').tolist()",
            "torch.empty(2, device='meta').numpy()",
            "torch.empty(2, device='meta').nonzero()",
            "torch.empty(2, device='meta').unique()",
            "nn.utils.rnn.pack_padded_sequence(x, torch.empty(2, device='meta').long())",
            "x + torch.empty(9, device='meta')",
            "nn.Linear(9, 2, device='meta')(x)",
        ),
        aside=True,
    ),
    Message(
        "item",
        r"item\(\)|unsupported format string passed to Tensor",
        ("torch.empty((), device='meta').item()", "format(torch.empty((), device='meta'), '.2f')"),
        aside=True,
    ),
    Message("forward", r"(?s)\A(?=.*argument).*forward", ("nn.ReLU()(x, mask=1)",), aside=True),
    Message("whole_numbers", r"indices", ("nn.Embedding(4, 2)(x)", "x[x]"), aside=True),
    Message("shared_memory", r"written-to tensor", ("x[:1].expand(3, 4, 9).add_(1)",), aside=True),
]


#: Kinds that are about the layer's own sizes, whatever the axes of its input are.
ABOUT_SIZES = ("weight_axes", "two_numbers", "sizes", "fractions", "too_short", "output_padding")
#: Kinds that name their cause, whatever the shapes are.
NOT_ABOUT_SHAPES = ("dtype", "indices", "tuple", "arguments")


#: What TorchScript writes around a message: where in the traced or scripted code it came up.
_AROUND = re.compile(
    r"(?s)\AThe following operation failed in the TorchScript interpreter\..*?\n\w*(?:Error|Exception): "
)


def plain(message: str) -> str:
    """A message without what TorchScript writes around it.

    Args:
        message: the text of an error.

    Returns:
        What torch says of the operation itself.
    """
    return _AROUND.sub("", message)


def understood(message: str) -> tuple[Message, tuple[str, ...], frozenset[str]]:
    """Find what torch says.

    Args:
        message: the text of an error.

    Returns:
        The first `Message` that fits, `UNKNOWN` if none does; the groups of its pattern; and the kinds that the
        message is besides.
    """
    message = plain(message)
    found = [(known, fits) for known in MESSAGES if (fits := known.compiled.search(message))]
    first, fits = next(((known, fits) for known, fits in found if not known.aside), (UNKNOWN, None))
    return first, fits.groups() if fits else (), frozenset(known.kind for known, _ in found if known.aside)


def whole_numbers(message: str) -> tuple[int, ...]:
    """The whole numbers in a message, of a model's own too: sizes, perhaps.

    Args:
        message: the text of an error.

    Example:
        >>> whole_numbers("expected 80 features at 16.0 kHz, got 13")
        (80, 13)
    """
    return tuple(map(int, re.findall(r"(?<![\w.])\d{1,9}(?![\w.]*\w)", message)))


def of_kind(kind: str) -> Message:
    """The row of a kind."""
    return next(known for known in MESSAGES if known.kind == kind)


def says(message: str, *kinds: str) -> bool:
    """Whether a message is one of these kinds, whatever else it is."""
    return any(known.compiled.search(message) for known in MESSAGES if known.kind in kinds)
