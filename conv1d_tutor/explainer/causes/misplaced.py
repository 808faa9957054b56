"""Does an argument of a convolution stand in another's place?"""

from collections.abc import Iterator

from torch import nn

from ...arithmetic import effective_kernel_size
from ..cause import Repair, When, cause
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
            edits.append(Edit("layer", new, visit.path))
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
