"""Does an argument of a convolution stand in another's place?"""

from collections.abc import Iterator

from torch import nn

from ...arithmetic import effective_kernel_size
from ..cause import Repair, When, cause
from ..layers import POOLS
from ..run import Edit
from ..situation import Situation
from ..source import built

_WHEN = When(kinds=("too_short",))
#: From this many times the kernel's reach on, a stride is hardly meant.
_FAR = 2


@cause(_WHEN)
def misplaced_argument(at: Situation) -> Iterator[Repair]:
    """An argument of a convolution stands in another's place, as the padding in that of the stride.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(40, 20, 13, 170), nn.Conv1d(20, 8, 14))
        >>> explain(model, (1, 40, 800)).fix
        "(layer.set_submodule('0', nn.Conv1d(40, 20, 13, padding=170)), layer(x))[-1]"
    """
    edits, said = [], []
    for visit in (*at.before, at.visit):
        layer = visit.module
        if not isinstance(layer, nn.Conv1d) or layer.padding not in ((0,), "valid") or len(layer.stride) > 1:
            continue
        reach, stride = effective_kernel_size(layer.kernel_size, layer.dilation), layer.stride[0]
        new = built(layer, stride=1, padding=stride)
        if stride > _FAR * reach and new:
            # What was learned with such a stride, if anything, was learned for another layer.
            edits.append(Edit("anew", new, visit.path))
            said.append(
                f"{visit.path or 'the layer'} has a stride of {stride} and a kernel that reaches {reach}: every "
                f"window skips {stride - reach} samples. The fourth argument is the stride, the padding comes "
                f"after it: padding={stride}"
            )
    if edits:
        yield Repair("; ".join(said), edits=tuple(edits), certain=True)


@cause(_WHEN, same_as=misplaced_argument)
def groups_in_place_of_dilation(at: Situation) -> Iterator[Repair]:
    """The groups of a depthwise convolution stand in the place of the dilation.

    Example:
        >>> explain(nn.Conv1d(64, 64, 3, 1, 1, 64), (2, 64, 100)).text.count("groups=64")
        2
    """
    layer = at.layer
    if not isinstance(layer, nn.Conv1d) or layer.groups > 1 or layer.dilation != (layer.in_channels,):
        return
    if layer.in_channels > 2 and layer.out_channels % layer.in_channels == 0:
        words = (
            f"dilation={layer.dilation[0]} is the number of channels: the sixth argument is the dilation, the "
            f"groups come after it: groups={layer.dilation[0]}"
        )
        yield Repair(words, layer={"dilation": 1, "groups": layer.in_channels})


@cause(When(POOLS, kinds=("too_short",)), same_as=misplaced_argument)
def window_of_another_axis(at: Situation) -> Iterator[Repair]:
    """The window of a pooling has the size of another axis than the length.

    Example:
        >>> found = explain(nn.Sequential(nn.Conv1d(4, 100, 3), nn.MaxPool1d(100)), (2, 4, 20))
        >>> found.fix, found.fixes[-1].expression
        (None, "(layer.set_submodule('1', nn.MaxPool1d(18)), layer(x))[-1]")
        >>> explain(nn.MaxPool1d(100), (4, 100, 20)).fixes[0].expression
        'layer(x.permute(0, 2, 1))'
    """
    window = at.layer.kernel_size
    window = window[0] if isinstance(window, tuple) and len(window) == 1 else window
    if len(at.shape) != 3 or window != at.shape[1] or window <= at.shape[2]:
        return
    words = f"the window of {window} is as long as axis 1, and it slides along axis 2, which has {at.shape[2]}"
    if not at.channels_are_first:
        yield Repair(f"{words}: if axis 1 is the time, turn the data", here="{}.permute(0, 2, 1)", doubtful=True)
    yield Repair(
        f"{words}: to pool over all of the length, as AdaptiveMaxPool1d(1) does, the window is {at.shape[2]}",
        layer={"kernel_size": at.shape[2], "stride": None},
        doubtful=True,
    )
