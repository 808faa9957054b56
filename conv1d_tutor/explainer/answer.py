"""What becomes of one question? `explain`, from what was given to the words that answer it."""

from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from .._refusals import Refused
from ..arithmetic import Conv1dSpec
from . import notes as _notes  # noqa: F401  # the rule book is read here, and with the next line
from .causes import bare_tensors, batches, building, device, dtype, given, losses, memory, named_axes, state
from .inputs import given as given_arguments
from .inputs import is_shape
from .model import unwrapped
from .note import notes_on
from .run import Subject
from .sandbox import Stopped, is_the_users, limited, sandbox
from .search import find
from .words import Explanation, of_failure, of_success


def explain(
    layer: Any, x: Any, *, axes: Any = None, lengths: Any = None, values: bool = True, probe: bool = True
) -> Explanation:
    """Tell what a layer or a model does with an input, or why it refuses it and what would mend that.

    Nothing of the user's is run: a copy runs, on shapes alone where forward allows it, and with numbers only up to
    256 MB, on the CPU also where the model is on a GPU. Nothing of the user's is changed by it:

    - The model, its input, and what its code reaches besides, in globals, classes, closures and default arguments,
      are copied with all that they hold, so that bound methods, partials and lambdas lead to the copy. Shared are
      only generators, locks and what else Python cannot copy, and what stands in the memory of C libraries. Hooks
      of the user do not run; hooks that torch itself put there do.
    - Random numbers, torch's settings, printed words and files stay as they are, ``input`` and ``exit`` are
      refused, and a run that computes for 2 seconds is stopped: `conv1d_tutor.explainer.sandbox` says what
      holds, and what is out of reach.

    Args:
        layer: an `nn.Conv1d`, any other layer, a model; or a function without arguments that builds one, for a
            layer that torch refuses to build.
        x: its input: a tensor, an array, or a shape such as ``(239, 49, 5)``. For a forward with several arguments
            a tuple of these, beside which anything else may stand; for arguments by name a dict, alone or at the
            end of that tuple.
        axes: what each axis of x is, in order, such as ``"batch time channels"`` or ``"patients hours features"``;
            ``"windows"`` and ``"1"`` name further axes. With it nothing about the axes has to be guessed.
        lengths: for cases that were padded to one length their true lengths, shape (N,): then it is checked
            whether the padded steps change the outputs.
        values: whether a copy may be run with numbers, where forward needs them.
        probe: whether copies of a model that runs may be run with numbers, on two cases, to find what no error
            tells: cases that change each other, padded steps that reach the outputs.

    Returns:
        The explanation. Bad input is also answered in words; nothing is raised.

    Example:
        >>> found = explain(nn.Conv1d(5, 8, kernel_size=3), (239, 49, 5))
        >>> found.ok, found.problem, found.fix
        (False, 'channels_last', 'layer(x.permute(0, 2, 1))')
        >>> print(explain(nn.Conv1d(100, 100, 1), (32, 100, 50)).trace[0].output)
        (32, 100, 50)
        >>> explain(nn.Conv1d(49, 8, 3), (239, 49, 5), axes="batch time channels").notes[0].code
        'other_order'
    """
    try:
        with sandbox():
            return _answer(layer, x, axes, lengths, values, probe)
    except torch.AcceleratorError as error:
        return device.told_late(error)  # the device had failed before
    except (Exception, Stopped, SystemExit) as error:
        # A promise to answer anything has to hold for what nobody thought of, too.
        found = f"{type(error).__name__}: {error}"
        text = f"This could not be explained: {found}. Its run by torch itself may say more."
        return Explanation(False, "not_understood", text)


def _answer(layer: Any, x: Any, axes: Any, lengths: Any, values: bool, probe: bool) -> Explanation:
    if isinstance(layer, Conv1dSpec):
        layer = given.layer_of(layer)
    if not isinstance(layer, nn.Module):
        return _without_a_layer(layer, x, lengths, values, probe)
    if state.is_state(x):
        return state.state_dict(layer, x)
    model = unwrapped(layer)
    if getattr(type(model), "forward", None) is nn.modules.module._forward_unimplemented:
        return given.not_a_layer(model)
    if isinstance(x, PackedSequence):
        return batches.explained_packed(layer, x, explain)
    if isinstance(model, nn.CTCLoss) and isinstance(x, tuple) and len(x) == 4:
        found = losses.ctc_lengths(model, x)
        if found:
            return found
    # A shape is taken to have the dtype of the weights.
    weights = (p.dtype for p in model.parameters() if p.is_floating_point() or p.is_complex())
    try:
        args, source, several, kwargs = given_arguments(x, next(weights, torch.get_default_dtype()), model.forward)
    except ValueError as error:
        return given.bad_shape(x, error)
    except TypeError as error:
        return given.bad_input(x, error)
    ask = partial(explain, axes=axes, lengths=lengths)
    elsewhere = device.device(model, (*args, *kwargs.values()), source, ask)
    if elsewhere:
        return elsewhere
    if losses.is_loss(model, args):
        return losses.loss_shapes(model, args, is_shape(x[1]))
    subject = Subject(model, args, source, several, values, kwargs=kwargs, may_probe=probe, lengths=lengths)
    try:
        subject.named = () if axes is None else named_axes.kinds_of(axes, (*args, *kwargs.values()))
    except Refused as refused:
        return given.bad_axes(refused)
    return _of_a_model(subject)


def _without_a_layer(layer: Any, x: Any, lengths: Any, values: bool, probe: bool) -> Explanation:
    if isinstance(x, nn.Module):
        return given.operands_exchanged(explain(x, layer))
    if isinstance(layer, torch.Tensor):
        return bare_tensors.bare_operands(layer, x)
    if not callable(layer) or (isinstance(layer, type) and issubclass(layer, nn.Module)):
        return given.not_a_layer(layer)
    try:
        built = limited(layer)
    except BaseException as error:
        if is_the_users(error):
            raise
        return building.refused(error, layer, x)
    return explain(built, x, lengths=lengths, values=values, probe=probe)


def _of_a_model(subject: Subject) -> Explanation:
    run = subject.first_run()
    said = named_axes.to_order(subject) if subject.named else None
    if run.failure:
        return of_failure(subject, run, find(subject, run, said))
    too_large = memory.memory(subject, run)
    if too_large:
        return too_large
    try:
        notes = notes_on(subject, run)
    except Refused as refused:
        return given.bad_lengths(refused)
    if subject.named:
        notes = named_axes.instead_of_guesses(subject, said, notes)
    elsewhere = device.made_elsewhere(subject)
    if elsewhere:
        return replace(elsewhere, notes=notes, trace=run.rows())
    outside = dtype.index_range(subject.args, run)
    if outside:
        return Explanation(False, "index_range", outside, None, notes, run.rows())
    return of_success(subject, run, notes)
