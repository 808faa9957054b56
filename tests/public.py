"""What is public? Everything that a room of the package lists in its ``__all__``, and the package itself."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import conv1d_tutor

ROOMS = sorted(module.name for module in pkgutil.iter_modules(conv1d_tutor.__path__) if module.name[0] != "_")


def names_of(module: Any) -> list[str]:
    """What a module offers: its ``__all__``, or what is written in it and has no underscore."""
    own = (name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__)
    return list(getattr(module, "__all__", (name for name in own if name[0] != "_")))


def callables() -> dict[str, Callable[..., Any]]:
    """Every public function, class and method that takes arguments, by its room and name."""
    found = dict(_collected())
    # The package's own face repeats names of the rooms, and adds a few.
    known = {id(value) for value in found.values()}
    face = {f"conv1d_tutor.{name}": getattr(conv1d_tutor, name) for name in conv1d_tutor.__all__}
    found |= {name: value for name, value in face.items() if callable(value) and id(value) not in known}
    return {name: value for name, value in found.items() if arguments_of(value)}


def arguments_of(value: Callable[..., Any]) -> list[str]:
    """The names of the arguments that a caller passes."""
    try:
        return [name for name in inspect.signature(value).parameters if name != "self"]
    except ValueError:  # a class that is written in C and only given another name
        return ["args"]


def _collected() -> Iterator[tuple[str, Callable[..., Any]]]:
    for room in ROOMS:
        module = importlib.import_module(f"conv1d_tutor.{room}")
        for name in names_of(module):
            value = getattr(module, name)
            if inspect.isroutine(value) or (
                inspect.isclass(value) and value.__module__.startswith("conv1d_tutor")
            ):
                yield f"{room}.{name}", value
            if inspect.isclass(value):
                for method in _methods(value):
                    yield f"{room}.{name}.{method}", getattr(value, method)


def _methods(cls: type) -> Iterator[str]:
    """The public methods that are written in the package and take arguments beside the object itself."""
    for name, value in inspect.getmembers(cls, lambda value: inspect.isfunction(value) or inspect.ismethod(value)):
        if name[0] != "_" and value.__module__.startswith("conv1d_tutor"):
            yield name
