"""A size of a convolution has two numbers: is one direction meant, or two?"""

from collections.abc import Iterator

from ..cause import Repair, When, cause, means
from ..layers import CONVOLUTIONS
from ..situation import Situation

_WHEN = When(CONVOLUTIONS, kinds=("two_numbers",))


@cause(_WHEN)
def two_number_kernel(at: Situation) -> Iterator[Repair]:
    """A size of the layer has two numbers; Conv1d slides in one direction.

    Example:
        >>> explain(nn.Conv1d(32, 32, (1, 1)), (8, 32, 207, 13)).fix
        'nn.Conv2d(32, 32, 1)(x)'
        >>> "needs a channel axis of 1" in explain(nn.Conv1d(1, 1, (2, 64)), (8, 20, 64)).text
        True
    """
    layer, said = at.layer, _written(at.pairs)
    if len(at.shape) == 4 and at.shape[1] == layer.in_channels:
        words = (
            f"{said} has two numbers and the input two directions, {at.shape[2]} × {at.shape[3]}: that is Conv2d"
        )
        yield Repair(words, certain=True, layer={"kind": type(layer).__name__.replace("1d", "2d")})
    if _are_images(at):
        height, width = layer.kernel_size
        words = (
            f"{said}: a kernel over {height} × {width} values, as Conv2d has it; the input {at.shape} then needs "
            "a channel axis of 1 for in_channels=1"
        )
        yield Repair(words, here="{}.unsqueeze(1)", layer={"kind": "Conv2d"})


@cause(_WHEN)
def asymmetric_padding(at: Situation) -> Iterator[Repair]:
    """More padding on one side than on the other: pad before the layer.

    Example:
        >>> explain(nn.Conv1d(5, 8, 3, padding=(2, 0)), (2, 5, 40)).fix
        'nn.Conv1d(5, 8, 3)(F.pad(x, (2, 0)))'
    """
    if _is_two_sides(at) and not _are_images(at):
        left, right = at.pairs["padding"]
        words = (
            f"padding={(left, right)} asks for {left} on the left and {right} on the right; Conv1d pads both "
            "sides alike, so pad before it"
        )
        yield Repair(words, here=f"F.pad({{}}, ({left}, {right}))", layer={"padding": 0}, certain=True)


@cause(_WHEN, same_as=two_number_kernel)
def one_number_each(at: Situation) -> Iterator[Repair]:
    """One number of each pair is meant.

    Example:
        >>> explain(nn.Conv1d(5, 8, (3, 1)), (2, 5, 40)).fix
        'nn.Conv1d(5, 8, 3)(x)'
        >>> model = nn.Sequential(nn.Conv1d(5, 8, 3, (2, 1)), nn.ReLU(), nn.Conv1d(8, 8, 3, (2, 1)))
        >>> explain(model, (2, 5, 40)).fixes[0].changes.count("with the old weights")
        2
    """
    single = {name: _one_of(size, at.layer.in_channels, name) for name, size in at.pairs.items()}
    if None not in single.values() and not _is_two_sides(at) and not _are_images(at):
        words = f"{_written(at.pairs)}: Conv1d slides in one direction, so each is one number: {_written(single)}"
        yield Repair(words, layer=single, certain=True)


def _written(sizes: dict[str, object]) -> str:
    return ", ".join(f"{name}={size}" for name, size in sizes.items())


def _are_images(at: Situation) -> bool:
    """Whether a kernel of two directions was given images without a channel axis."""
    kernel = at.layer.kernel_size
    return len(kernel) == 2 and len(at.shape) == 3 and at.layer.in_channels == 1 != at.shape[1] and at.is_whole


def _is_two_sides(at: Situation) -> bool:
    return list(at.pairs) == ["padding"] and len(at.pairs["padding"]) == 2


def _one_of(size: tuple[int, ...], channels: int, name: str) -> int | None:
    """The number that a pair means in one direction, None if it cannot be told."""
    if len(set(size)) == 1:
        return size[0] if name == "padding" else max(size[0], 1)
    neutral = 0 if name == "padding" else 1
    rest = [number for number in size if number != neutral]
    if len(rest) == 1:
        return rest[0]
    # (channels, taps): the kernel spans all channels anyway.
    return size[1] if name == "kernel_size" and size[0] == channels else None


@means(two_number_kernel, _WHEN)
def two_directions(at: Situation) -> str:
    """What torch means by refusing two numbers."""
    return f"a size with two numbers is for data of two directions, and {type(at.layer).__name__} slides in one"
