"""Why does a pool refuse? Its window, its steps and its padding have to fit each other."""

from collections.abc import Iterator

from torch import nn

from ..cause import Repair, When, cause
from ..situation import Situation
from .building import bad_size

_WINDOWS = (nn.MaxPool1d, nn.AvgPool1d)


@cause(When(_WINDOWS, kinds=("pool_padding",)))
def pool_padding(at: Situation) -> Iterator[Repair]:
    """The padding of a pool is more than half of its window.

    Example:
        >>> [fix.expression for fix in explain(nn.MaxPool1d(2, padding=3), (2, 4, 9)).fixes]
        ['nn.MaxPool1d(2, padding=1)(x)', 'nn.MaxPool1d(7, stride=2, padding=3)(x)']
    """
    window, padding = _number(at.layer.kernel_size), _number(at.layer.padding)
    words = f"a window of {window} may lie outside by at most {window // 2}, else it would see padding only"
    yield Repair(words, layer={"padding": window // 2})
    words = f"a padding of {padding} takes a window of at least {2 * padding}; {2 * padding + 1} has a middle"
    yield Repair(words, layer={"kernel_size": 2 * padding + 1, "stride": _number(at.layer.stride)})


@cause(When(_WINDOWS, kinds=("pool_sizes",)), same_as=bad_size)
def below_the_least_of_a_pool(at: Situation) -> Iterator[Repair]:
    """A window, stride or dilation of 0, or a negative padding.

    Example:
        >>> explain(nn.MaxPool1d(2, stride=-1), (2, 4, 9)).fix
        'nn.MaxPool1d(2, stride=1)(x)'
        >>> explain(nn.AvgPool1d(2, padding=-1), (2, 4, 9)).problem
        'bad_size'
    """
    least = {"kernel_size": 1, "stride": 1, "dilation": 1, "padding": 0}
    sizes = {name: _number(getattr(at.layer, name)) for name in least if hasattr(at.layer, name)}
    wrong = {name: least[name] for name, size in sizes.items() if size < least[name]}
    yield Repair(f"the least that makes sense is {wrong}", layer=wrong, certain="padding" not in wrong)


@cause()
def unpool_indices() -> None:
    """The indices given to an unpool are not those of the pool that made its input.

    Example:
        >>> x, indices = torch.zeros(2, 4, 9), torch.zeros(2, 4, 8, dtype=torch.int64)
        >>> explain(nn.MaxUnpool1d(2), (x, indices)).problem
        'unpool_indices'
    """


def _number(size: int | tuple[int, ...]) -> int:
    return size[0] if isinstance(size, tuple) else size
