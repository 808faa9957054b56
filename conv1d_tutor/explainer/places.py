"""On which device is each tensor? Nothing of the user's is computed on an accelerator.

A GPU tells of an index out of range only later, and every call after that fails, those of the user too. So a
run with numbers has them on the CPU, and `AtHome` keeps there what forward sends elsewhere. Whether all that meets
is on one device is asked of a run of its own, in which each tensor knows its shape and its place, and no number.
"""

import functools
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.overrides import TorchFunctionMode

from .tensors import tensors_in

#: Methods that take a tensor to an accelerator.
_SENDING = {"cuda", "xpu", "hpu", "ipu", "mtia"}
#: Methods that give a tensor's numbers to NumPy.
_TO_NUMPY = {"numpy", "__array__"}


def accelerator(tensors: Iterable[torch.Tensor]) -> torch.device | None:
    """The accelerator of the first of these tensors that is on one; None if all are on the CPU, or shapes."""
    return next((device for tensor in tensors if (device := tensor.device).type not in ("cpu", "meta")), None)


def is_elsewhere(device: Any) -> bool:
    """Whether a device is an accelerator, as torch may be told it: by a name, a number or a `torch.device`."""
    try:
        return torch.device(device).type not in ("cpu", "meta")
    except (RuntimeError, TypeError):
        return False


@functools.cache
def is_there() -> bool:
    """Whether this machine has an accelerator, so that forward may send something there."""
    return torch.accelerator.is_available()


class AtHome(TorchFunctionMode):
    """Keep a run where it is: on shapes, or on the CPU."""

    def __init__(self, home: str) -> None:
        """Begin.

        Args:
            home: where new tensors are made, ``"meta"`` or ``"cpu"``.
        """
        super().__init__()
        self._home = home

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Make one call of a torch function, and read no accelerator in it."""
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        if name in _SENDING:
            return args[0]
        moves = name == "to"
        if "device" in kwargs and is_elsewhere(kwargs["device"]):
            kwargs = kwargs | {"device": _plain(args[0]) if moves else self._home}
        if moves:
            args = (args[0], *(_plain(args[0]) if _names_elsewhere(value) else value for value in args[1:]))
        return func(*args, **kwargs)


def _plain(tensor: torch.Tensor) -> str:
    """Where a copy of a tensor is, whatever its class says."""
    with torch._C.DisableTorchFunction():
        return "meta" if tensor.is_meta else "cpu"


def _names_elsewhere(value: Any) -> bool:
    return isinstance(value, str | torch.device | int) and not isinstance(value, bool) and is_elsewhere(value)


class ApartError(RuntimeError):
    """Tensors that have to be on one device are not, or one is not where a function reads it.

    Attributes:
        kind: of what torch would say, see `torch_says`.
    """

    def __init__(self, kind: str, found: str) -> None:
        """Say what was found."""
        super().__init__(found)
        self.kind = kind


class Placed:
    """Tensors that know their shape and their device, for one run."""

    def __init__(self, home: torch.device, default: torch.device) -> None:
        """Make none yet.

        Args:
            home: the device of what is given as a shape only.
            default: the device on which forward makes a tensor where it names none.
        """
        self._home, self._default = home, default
        self._mode = FakeTensorMode(allow_non_fake_inputs=True)

    def __call__(self, tensor: torch.Tensor) -> torch.Tensor:
        """Make one like a tensor."""
        with torch._C.DisableTorchFunction():
            like = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")
        return FakeTensor(self._mode, like, self._home if tensor.device.type == "meta" else tensor.device)

    @contextmanager
    def around(self) -> Iterator[None]:
        """Stand around the run."""
        with ExitStack() as modes:
            if self._default.type != "cpu":
                modes.enter_context(self._default)
            modes.enter_context(self._mode)
            modes.enter_context(_Places())
            yield


class _Places(TorchFunctionMode):
    """Refuse what torch refuses on a device, and tensors without numbers do not."""

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Make one call of a torch function."""
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        if name in _TO_NUMPY and args[0].device.type != "cpu":
            raise ApartError("device_numpy", f"NumPy is given a tensor on {args[0].device}")
        if name == "_pack_padded_sequence" and args[1].device.type != "cpu":
            raise ApartError("device_lengths", f"packing is given lengths on {args[1].device}")
        if name.startswith("conv"):
            places = {tensor.device for tensor in tensors_in((args, kwargs))}
            if len(places) > 1:
                raise ApartError("device", f"{name} is given tensors on {' and '.join(sorted(map(str, places)))}")
        return func(*args, **kwargs)
