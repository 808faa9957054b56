"""Is there only one value to take a mean and a spread of?"""

from collections.abc import Iterator

from torch import nn

from ..cause import Repair, When, cause
from ..run import Edit
from ..situation import Situation


@cause(When((nn.InstanceNorm1d, nn.GroupNorm), kinds=("one_value",)))
def one_value_in_a_group(at: Situation) -> Iterator[Repair]:
    """A norm over each case and channel, or group of channels, has one value there, and gives 0.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(4, 8, 3), nn.AdaptiveAvgPool1d(1), nn.InstanceNorm1d(8))
        >>> [fix.expression for fix in explain(model, (2, 4, 9)).fixes]
        ["(layer.set_submodule('2', nn.Identity()), layer(x))[-1]"]
        >>> explain(nn.GroupNorm(4, 4), (1, 4, 1)).fixes[0].expression
        'nn.GroupNorm(1, 4)(x)'
        >>> explain(nn.InstanceNorm1d(30), (2, 30, 1)).fixes[0].expression
        'layer(x.permute(0, 2, 1))'
    """
    layer, name = at.layer, type(at.layer).__name__
    if isinstance(layer, nn.InstanceNorm1d) and len(at.shape) == 3 and at.untouched and at.shape[1] > 1:
        words = (
            f"(batch {at.shape[0]}, {at.shape[1]} steps, 1 channel): the channel stands last, and {name} wants it "
            "on axis 1; set num_features=1"
        )
        yield Repair(words, here="{}.permute(0, 2, 1)", doubtful=layer.affine)
    elif isinstance(layer, nn.GroupNorm) and layer.num_channels > 1:
        words = f"num_groups={layer.num_groups} leaves one value in each group: fewer groups hold more"
        yield Repair(words, layer={"num_groups": 1}, doubtful=True)
    if at.path:
        words = (
            f"after one value is left for each channel, {name} has nothing to do: leave it out, or put it before"
        )
        yield Repair(words, edits=(_identity(at),), doubtful=True)


def _identity(at: Situation) -> Edit:
    return Edit("layer", "nn.Identity()", at.path)
