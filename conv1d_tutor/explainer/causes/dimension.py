"""Is a layer made for images where signals come, or for signals where images come?"""

from collections.abc import Iterator

from torch import nn

from ..cause import Repair, When, cause, means
from ..layers import CONVOLUTIONS
from ..run import Edit
from ..situation import Situation
from ..source import built
from .extra_axis import needs_conv2d


@cause(When(axes=(2, 3, 4)))
def layer_dimension(at: Situation) -> Iterator[Repair]:
    """A 2d layer met signals, or a 1d layer met images.

    Example:
        >>> explain(nn.Sequential(nn.Conv1d(4, 8, 1), nn.BatchNorm2d(8)), (2, 4, 10)).problem
        'layer_dimension'
    """
    name, axes = type(at.layer).__name__, len(at.shape)
    if name.endswith("2d") and axes < 4:
        other = name.replace("2d", "1d")
    elif name.endswith("1d") and axes == 4 and 1 not in at.shape[1:] and not isinstance(at.layer, CONVOLUTIONS):
        other = name.replace("1d", "2d")
    else:
        return
    if hasattr(nn, other):
        made_for = 4 if "2d" in name else 3
        words = f"{name} is made for {made_for} axes and the input has {axes}: {other} is its counterpart"
        yield Repair(words, layer={"kind": other}, certain=True)


@cause(When((nn.Conv2d,), axes=(3,)), same_as=layer_dimension)
def image_without_an_axis(at: Situation) -> Iterator[Repair]:
    """A Conv2d reads three axes as one image; an axis of 1 is missing.

    Example:
        >>> explain(nn.Conv2d(22, 16, (1, 1)), (64, 22, 1125)).fixes[0].expression
        'layer(x.unsqueeze(-1))'
        >>> explain(nn.Conv2d(1, 16, (1, 5)), (64, 22, 1125)).fixes[0].expression
        'layer(x.unsqueeze(1))'
    """
    words = "Conv2d reads three axes as one image, and the first of these are cases: an axis of 1 is missing, "
    if at.shape[1] == at.layer.in_channels:
        yield Repair(f"{words}the last, as axis 1 has the {at.shape[1]} channels", here="{}.unsqueeze(-1)")
    if at.layer.in_channels == 1:
        yield Repair(f"{words}that of its one channel", here="{}.unsqueeze(1)")


@means(layer_dimension, When((nn.Conv2d,), kinds=("channels",)), last=True)
def channels_of_an_image(at: Situation) -> str:
    """What torch means by another number of channels than a Conv2d has."""
    return (
        f"Conv2d takes (batch, channels, height, width), or one image without the batch; it has in_channels="
        f"{at.layer.in_channels}, and {at.shape} has {at.shape[len(at.shape) - 3]} there"
    )


@cause(When((nn.Conv2d, nn.Linear), axes=(2, 3, 4), whole=True), same_as=layer_dimension)
def recordings_as_images(at: Situation) -> Iterator[Repair]:
    """A first Conv2d of one channel reads a recording as an image: (batch, 1, electrodes, time).

    Example:
        >>> class Recordings(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.time, self.space = nn.Conv2d(1, 8, (1, 64)), nn.Conv2d(8, 8, (22, 1))
        ...         self.head = nn.Linear(8 * 437, 4)
        ...
        ...     def forward(self, x):
        ...         return self.head(self.space(self.time(x)).flatten(1))
        >>> for shape in (6, 500, 22), (6, 1, 500, 22), (6, 22, 500, 1), (22, 500):
        ...     print(explain(Recordings(), shape).fix)
        layer(x.mT.unsqueeze(1))
        layer(x.mT)
        layer(x.squeeze(3).unsqueeze(1))
        layer(x.unsqueeze(0).unsqueeze(0))
    """
    first = next((v for v in at.run.leaves if isinstance(v.module, nn.Conv2d)), None)
    if first is None or first.module.in_channels != 1 or not at.run.leaves or at.run.leaves[0] is not first:
        return
    words = "the first Conv2d has one channel and reads (batch, 1, height, width): "
    missing, last = "the channel axis is missing", "the axis of size 1 stands last"
    exchanged = ", and the other two are exchanged"
    ways = {
        2: [("{}.unsqueeze(0).unsqueeze(0)", "batch and channel axis are missing")],
        3: [("{}.unsqueeze(1)", missing), ("{}.mT.unsqueeze(1)", missing + exchanged)],
        4: [("{}.mT", "the last two axes are exchanged")],
    }[len(at.x)]
    if len(at.x) == 4 and at.x[3] == 1 != at.x[1]:
        ways = [("{}.squeeze(3).unsqueeze(1)", last), ("{}.squeeze(3).mT.unsqueeze(1)", last + exchanged)]
    for source, what in ways:
        # A turn is only thought of where nothing runs without it.
        if at.subject.run((*at.edits, Edit("input", source))).failure is None:
            yield Repair(words + what, whole=source)
            return


@cause(When(whole=True), same_as=layer_dimension)
def pooled_as_images(at: Situation) -> Iterator[Repair]:
    """Pooling and dropout of two dimensions take a 3-D input, and read its channels as the height of an image.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(4, 8, 3), nn.MaxPool2d(2), nn.Conv1d(8, 8, 3))
        >>> explain(model, (4, 4, 40)).problem
        'layer_dimension'
    """
    edits, said = [], []
    for visit in at.before:
        name = type(visit.module).__name__
        new = built(visit.module, kind=name.replace("2d", "1d")) if name.endswith("2d") else None
        if visit.path and new and len(visit.inputs[0]) == 3:
            edits.append(Edit("layer", new, visit.path))
            said.append(f"{name} {visit.path!r} reads {visit.inputs[0]} as one image and so pools over channels")
    if edits:
        yield Repair(f"{'; '.join(said)}: {edits[0].source} is meant", edits=tuple(edits), certain=True)


@cause(When(whole=True, axes=(4,)), same_as=needs_conv2d)
def stack_for_signals(at: Situation) -> Iterator[Repair]:
    """A stack of 1d layers that was given images.

    Example:
        >>> model = nn.Sequential(nn.Conv1d(3, 8, 3), nn.MaxPool1d(2), nn.Conv1d(8, 16, 3))
        >>> "images need the 2d layers" in explain(model, (4, 3, 32, 32)).text
        True
    """
    if not at.untouched or 1 in at.x[2:] or getattr(at.layer, "in_channels", 0) != at.x[1]:
        return
    edits = []
    for path, module in at.run.model.named_modules():
        name = type(module).__name__
        new = built(module, kind=name.replace("1d", "2d")) if name.endswith("1d") else None
        if path and new:
            edits.append(Edit("layer", new, path))
    if edits:
        cases, channels, height, width = at.x
        words = f"(batch {cases}, channels {channels}, height {height}, width {width}): images need the 2d layers"
        yield Repair(words, edits=tuple(edits))
