"""Is everything that meets on one device?"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from ..cause import cause
from ..places import ApartError
from ..readings import rewritten
from ..run import Subject
from ..torch_says import Message, of_kind
from ..words import Explanation
from .registered import left_behind


def _places(devices: set[torch.device]) -> str:
    return " and ".join(sorted(map(str, devices)))


@cause()
def device(
    model: nn.Module, args: tuple[Any, ...], x: str, explain: Callable[[nn.Module, torch.Tensor], Explanation]
) -> Explanation | None:
    """The data and the weights are on different devices.

    Args:
        model: the model.
        args: its arguments.
        x: the source text of the first of them.
        explain: tells what becomes of an input that is where the model is.

    Returns:
        The explanation, whose fix is not run; None if nothing stands in two places.

    Example:
        >>> explain(nn.Conv1d(4, 2, 3, device="meta"), torch.zeros(3, 4, 20)).problem
        'device'
    """
    behind, devices, _ = left_behind(model)
    stayed = {p.device for stray in behind for layer in stray.layers for p in layer.parameters()} - devices
    if stayed:
        text = (
            f"The model is on {_places(devices)}, and some of its layers are on {_places(stayed)}: "
            f"{'; '.join(stray.words for stray in behind)}, then move the model again."
        )
        return Explanation(False, "device", text)
    homes = {p.device for p in [*model.parameters(), *model.buffers()]}
    # A shape is on no device; it stands as a meta tensor that the user did not make.
    given = [a.device for a in args if isinstance(a, torch.Tensor) and not a.is_meta]
    if len(homes) > 1 or not given:
        return None
    home, found = next(iter(homes or given)), _places(set(given))
    if set(given) == {home}:
        return None
    if len(args) > 1:
        text = (
            f"The inputs are on {found}{f' and the weights on {home}' if homes else ''}: torch computes only "
            f"where all are. Bring them together: layer(*(a.to({str(home)!r}) for a in x))   (not run here)."
        )
        return Explanation(False, "device", text, f"layer(*(a.to({str(home)!r}) for a in x))")
    moved = f"{x}.to({str(home)!r})"
    text = (
        f"The data are on {found} and the weights on {home}: torch computes only where both are.\n"
        f"  fix:        layer({moved})   (not run here)\n"
        "  Or move the model: model.to(x.device). A tensor's .to(…) returns a new tensor: write x = x.to(…)."
    )
    return and_then(
        Explanation(False, "device", text, f"layer({moved})"), moved, explain(model, shape_of(args[0]))
    )


def shape_of(x: torch.Tensor) -> torch.Tensor:
    """A plain tensor of its shape and dtype, on no device: `on_meta` keeps a subclass, which may claim one."""
    return torch.empty(x.shape, dtype=x.dtype, device="meta")


def and_then(elsewhere: Explanation, moved: str, found: Explanation) -> Explanation:
    """Tell what is wrong besides the device.

    Args:
        elsewhere: what is said of the devices.
        moved: the input where it belongs, as source text.
        found: what becomes of the input there.

    Returns:
        What is said of the devices, if nothing else is wrong; both if something is.
    """
    if found.ok:
        return elsewhere
    found = rewritten(found, {"x": moved})
    text = f"{elsewhere.text.splitlines()[0]}\nMoved there, by {moved}, it is refused still. {found.text}"
    return Explanation(False, "device", text, found.fix, trace=found.trace, fixes=found.fixes)


def made_elsewhere(subject: Subject) -> Explanation | None:
    """Forward makes a tensor on another device than that of its input.

    On shapes nothing is on a device, so a run is asked whose tensors know where they are.

    Args:
        subject: a model that runs on shapes.

    Returns:
        The explanation; None if nothing is on an accelerator, or all that meets is on one.
    """
    if subject.home is None:
        return None
    failure = subject.placed().failure
    known = failure and (of_kind(failure.error.kind) if isinstance(failure.error, ApartError) else failure.said)
    if not known or known.problem != "device":
        return None
    # A run without numbers is refused in other words than torch has where it computes.
    return meets_elsewhere(subject.home, f"  found:      {failure.message}", known, failure.line)


def meets_elsewhere(home: torch.device, said: str, known: Message, line: str) -> Explanation:
    """Explain that in forward a tensor is not where it is wanted.

    Args:
        home: where the input is.
        said: the line that says what was found, or what torch said.
        known: what that means.
        line: the line of the user's code, or "".
    """
    lines = [
        f"The input is on {home}, and in forward not everything is where it is wanted.",
        said,
        f"  it means:   {known.means}.",
        *([f"  where:      {line}"] if line else []),
    ]
    if known.kind == "device":
        lines.append(
            "  likely:     forward makes a tensor without saying where, or keeps one, or a layer, that "
            "model.to(…) does not know: make it with device=x.device, keep it by self.register_buffer(…), and "
            "layers in an nn.ModuleList."
        )
    return Explanation(False, "device", "\n".join(lines))


@cause()
def told_late(error: torch.AcceleratorError) -> Explanation:
    """A step on an accelerator failed, which is told at a later call.

    Args:
        error: what torch raised.

    Returns:
        The explanation.

    Example:
        >>> try:
        ...     raise torch.AcceleratorError("CUDA error: device-side assert triggered")
        ... except RuntimeError as error:
        ...     print(str(explain_error(error)).partition("torch says: ")[2])
        AcceleratorError: CUDA error: device-side assert triggered
          it means:   a step there failed. Mostly a whole number was out of range: a class number in the
                      target of a loss, a row of an Embedding, an index.
          first:      every further call on that device fails in this process. Start it anew; in a notebook,
                      restart the kernel.
          then:       ask explain(layer, x) before the call: it computes nothing on the device. Or run the
                      same on the CPU, layer.cpu()(x.cpu()): there the error comes at once.
    """
    first, *_ = str(error).splitlines() or [""]
    text = (
        "An accelerator computes later than Python calls it, and tells of a failure at any call after that: the "
        "line of this error need not be the one that failed.\n"
        f"  torch says: {type(error).__name__}: {first}\n"
        "  it means:   a step there failed. Mostly a whole number was out of range: a class number in the target "
        "of a loss, a row of an Embedding, an index.\n"
        "  first:      every further call on that device fails in this process. Start it anew; in a notebook, "
        "restart the kernel.\n"
        "  then:       ask explain(layer, x) before the call: it computes nothing on the device. Or run the same "
        "on the CPU, layer.cpu()(x.cpu()): there the error comes at once."
    )
    return Explanation(False, "told_late", text)
