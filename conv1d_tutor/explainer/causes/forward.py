"""Did the model's own code fail, before, between or instead of its layers?"""

import inspect
import itertools
from collections.abc import Iterator

from torch import nn

from ..cause import Repair, When, cause, means, remark
from ..origin import raised_in
from ..run import Edit
from ..situation import Situation
from .extra_axis import one_signal_a_case
from .linear import length_that_runs


@cause()
def several_arguments() -> None:
    """forward takes several arguments: give them as a tuple.

    Example:
        >>> explain(nn.Bilinear(3, 4, 2), (5, 3)).problem
        'several_arguments'
    """


@means(several_arguments, When(), alone=True)
def arguments_of_forward(at: Situation) -> str:
    """What forward takes, where it was called with something else."""
    refused = "forward" in at.failure.besides and isinstance(at.failure.error, TypeError)
    names = _required(at.subject.model) if refused or at.visit is None else []
    if not (refused or at.visit is None) or len(names) == len(at.subject.args) + len(at.subject.kwargs):
        return ""
    given = f"{len(names)} arguments ({', '.join(names)})" if len(names) != 1 else f"1 argument ({names[0]})"
    return f"forward takes {given}: explain(model, (…)) with a tuple of that many tensors or shapes"


def _required(model: nn.Module) -> list[str]:
    """The arguments that forward must be given, by name."""
    try:
        parameters = inspect.signature(model.forward).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.default is inspect.Parameter.empty and p.kind in kinds]


@cause()
def not_traceable() -> None:
    """forward needs values, and only a shape is known.

    Example:
        >>> class Asking(nn.Module):
        ...     def forward(self, x):
        ...         return x if x.sum() > 0 else -x
        >>> explain(Asking(), (2, 4, 900_000)).problem
        'not_traceable'
    """


@means(not_traceable, When(kinds=("meta", "item")), alone=True)
def numbers_wanted(at: Situation) -> str:
    """What forward wants, where only a shape is known."""
    return "forward needs the numbers themselves, and only a shape is known here: give a small real tensor"


@cause()
def forward_error() -> None:
    """The model's own code failed before or between layers.

    Example:
        >>> class Misspelt(nn.Module):
        ...     def forward(self, x):
        ...         return self.missing(x)
        >>> explain(Misspelt(), (2, 4, 9)).problem
        'forward_error'
        >>> class ByAxes(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(4, 2, 3)
        ...
        ...     def forward(self, x):
        ...         return self.conv(x).permute(*{3: (0, 2, 1)}[x.ndim])
        >>> explain(ByAxes(), (4, 9)).fix
        'layer(x.unsqueeze(0))'
    """


_OWN = (NameError, AttributeError, AssertionError, ImportError)


@means(forward_error, When(errors=(AssertionError,)), last=True)
def own_assert(at: Situation) -> str:
    """What failed, where nothing is known of the rule."""
    return f"the model's own code asserts something that does not hold.{at.line}"


@means(forward_error, When(errors=(KeyError,)), last=True)
def own_table(at: Situation) -> str:
    """What failed, where something was looked up: perhaps by a size or the number of axes."""
    return f"the model's own code looks up what is not there.{at.line}"


@means(forward_error, When(errors=_OWN, unless=("embedding_dim", "tuple")), alone=True)
def own_code(at: Situation) -> str:
    """What failed, where it was no layer's rule."""
    asserted = isinstance(at.failure.error, AssertionError) and raised_in(at.failure.error)
    return "" if asserted else f"the model's own code failed, not a layer's rule.{at.line}"


@cause()
def view_size() -> None:
    """The sizes in a view or reshape do not multiply to the numbers there are.

    Example:
        >>> explain(nn.Unflatten(1, (8, 8)), (2, 60)).problem
        'view_size'
    """


@means(view_size, When(kinds=("view",)))
def sizes_of_a_view(at: Situation) -> str:
    """What torch means by refusing a view."""
    return (
        f"the sizes written in view/reshape do not multiply to the numbers there are{_of(at)}. Write the batch "
        f"as it is and let -1 find the rest: h.view(h.size(0), -1).{at.line}"
    )


@cause(When(kinds=("view",), axes=(3,), whole=True), same_as=view_size)
def viewed_as_one_signal(at: Situation) -> Iterator[Repair]:
    """The model takes one signal a case and views it so, and was given several.

    Example:
        >>> class Wave(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(1, 8, 5)
        ...
        ...     def forward(self, wave):
        ...         return self.conv(wave.view(wave.size(0), 1, wave.size(1)))
        >>> [fix.expression for fix in explain(Wave(), (3, 16000, 2)).fixes]
        ['layer(x.mean(dim=2))', 'layer(x.mT.flatten(0, 1))']
    """
    yield from one_signal_a_case(at)


remark(view_size)(length_that_runs)


@cause()
def view_strides() -> None:
    """view after permute: use reshape.

    Example:
        >>> class Viewing(nn.Module):
        ...     def forward(self, x):
        ...         return x.permute(0, 2, 1).view(x.size(0), -1)
        >>> explain(Viewing(), (3, 5, 49)).problem
        'view_strides'
    """


@cause(When(kinds=("strides",)), same_as=view_strides)
def laid_out_anew(at: Situation) -> Iterator[Repair]:
    """A view of turned axes: with the values in memory in that order, it is what reshape gives.

    Example:
        >>> class Flattening(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(5, 8, 3)
        ...
        ...     def forward(self, x):
        ...         return self.conv(x).permute(2, 0, 1).view(-1, 8)
        >>> found = explain(Flattening(), (3, 5, 49))
        >>> found.fix.count(".contiguous()"), "reshape in place of view" in found.text
        (1, True)
    """
    maker = next((v for v in reversed(at.before) if v.path and v.output), None)
    axes = len(maker.output if maker else at.x)
    for order in itertools.permutations(range(axes)) if axes in (3, 4) else ():
        back = tuple(sorted(range(axes), key=order.__getitem__))
        source = f"{{}}.permute{order}.contiguous().permute{back}"
        edit = Edit("after", source, maker.path) if maker else Edit("input", source)
        if at.subject.run((*at.edits, edit)).failure is None:
            words = "the values of a turned tensor do not lie in memory in that order; reshape copies them so"
            yield Repair(words, edits=(edit,), certain=True, cure="reshape in place of view")
            return


@means(view_strides, When(kinds=("strides",)))
def strides_of_a_view(at: Situation) -> str:
    """What torch means by refusing a view of turned axes."""
    return (
        "view needs values that lie in memory in that order, and permute or transpose only relabelled the axes. "
        f"Use reshape (it copies), and check that the axes are in the order you mean.{at.line}"
    )


@cause()
def wrong_number_of_axes() -> None:
    """The model's code expects another number of axes.

    Example:
        >>> class Turning(nn.Module):
        ...     def forward(self, x):
        ...         return x.permute(0, 2, 1)
        >>> explain(Turning(), (2, 9)).problem
        'wrong_number_of_axes'
    """


@means(wrong_number_of_axes, When(kinds=("permute", "axis")))
def axes_of_own_code(at: Situation) -> str:
    """What torch means by refusing an axis."""
    return (
        f"the model's code expects another number of axes than there are{_of(at)}; often the batch axis or the "
        f"channel axis is missing in the input.{at.line}"
    )


def _of(at: Situation) -> str:
    return f" in {at.failure.shapes[0]}" if at.failure.shapes else ""


@cause()
def not_understood() -> None:
    """torch refused for a reason not known here.

    Example:
        >>> explain(nn.Sequential(nn.Conv1d(4, 8, 3), nn.PReLU(4)), (2, 4, 30)).problem
        'not_understood'
    """
