"""What can the code of a model change besides it? Globals, attributes of classes, what functions close over.

They are found once, from the functions and classes that a copy of the model met. For a run each is exchanged for
its copy, and put back afterwards. Of an installed library the attributes of the classes that were met are looked
at, and no more: its globals are thousands. What torch, NumPy and the standard library hold is left alone.
"""

import opcode
import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from .model import Copier

#: What explains is not explained.
_OURS = __name__.rpartition(".")[0]
_FOREIGN = {*sys.stdlib_module_names, "torch", "numpy"} - {"__main__"}
#: Where libraries are installed: those of the environment, of the user, and of Debian.
_INSTALLED = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
_STORE_GLOBAL = opcode.opmap["STORE_GLOBAL"]
#: The operations on globals, each with how many bits stand below the number of the name.
_GLOBAL = {
    opcode.opmap[name]: int(name == "LOAD_GLOBAL")
    for name in ("LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME")
}
#: Of a large library, so many functions and classes are looked through.
_MOST = 3000
_PLAIN = (int, float, bool, complex, str, bytes, type(None))
_MISSING = object()


class _Item(NamedTuple):
    """A name in a namespace."""

    owner: dict[str, Any]
    name: str

    def get(self) -> Any:
        return self.owner.get(self.name, _MISSING)

    def put(self, value: Any) -> None:
        if value is _MISSING:
            del self.owner[self.name]
        else:
            self.owner[self.name] = value


class _Attribute(NamedTuple):
    """An attribute of a class or a function."""

    owner: Any
    name: str

    def get(self) -> Any:
        return vars(self.owner).get(self.name, _MISSING)

    def put(self, value: Any) -> None:
        if value is _MISSING:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, value)


class _Defaults(_Attribute):
    """The values that arguments have by default: a list among them is one list for all calls."""

    def get(self) -> Any:
        return getattr(self.owner, self.name)


class _Cell(NamedTuple):
    """A variable that a function closes over."""

    owner: types.CellType

    def get(self) -> Any:
        try:
            return self.owner.cell_contents
        except ValueError:
            return _MISSING

    def put(self, value: Any) -> None:
        if value is _MISSING:
            del self.owner.cell_contents
        else:
            self.owner.cell_contents = value


class Surroundings:
    """What the code of one model can reach."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._places: dict[tuple[int, str], Any] = {}
        self._classes: list[type] = []
        self._seen: set[Any] = set()
        self._lasting: dict[tuple[int, str], Any] = {}

    @contextmanager
    def exchanged(self, copier: Copier) -> Iterator[None]:
        """Put copies in the place of what the code can reach, and at the end put everything back.

        Args:
            copier: what copied the model; what the model shares with its surroundings stays shared.
        """
        self._search(copier)
        before = [(place, place.get()) for place in self._places.values()]
        names = [(owner, set(vars(owner))) for owner in self._classes]
        copied = []
        for key, (place, value) in zip(self._places, before, strict=True):
            # What nothing can change is its own copy, and so it is in the runs that follow.
            if value is self._lasting.get(key, _MISSING):
                continue
            new = copier(value)
            if new is value:
                self._lasting[key] = value
            else:
                copied.append((place, new))
        try:
            for place, new in copied:
                place.put(new)
            yield
        finally:
            for place, value in before:
                if place.get() is not value:
                    place.put(value)
            for owner, known in names:
                for name in set(vars(owner)) - known:
                    delattr(owner, name)

    def _search(self, copier: Copier) -> None:
        """Follow the code that was met; the copies of what it can reach meet further code."""
        while todo := [met for met in (*copier.functions, *copier.classes) if met not in self._seen]:
            while todo and len(self._seen) < _MOST:
                met = todo.pop()
                if met not in self._seen:
                    self._seen.add(met)
                    todo += (
                        self._of_class(met, copier) if isinstance(met, type) else self._of_function(met, copier)
                    )
            self._seen.update(todo)

    def _of_class(self, met: type, copier: Copier) -> Iterator[Any]:
        if _is_foreign(met):
            return
        yield from met.__mro__[1:]
        self._classes.append(met)
        for name, value in list(vars(met).items()):
            if isinstance(value, property):
                yield from (part for part in (value.fget, value.fset) if part)
            elif isinstance(value, staticmethod | classmethod):
                yield from self._of_value(_Attribute(met, name), value.__func__, copier)
            elif isinstance(value, types.FunctionType) or not name.startswith(("__", "_abc_")):
                yield from self._of_value(_Attribute(met, name), value, copier)

    def _of_function(self, met: Any, copier: Copier) -> Iterator[Any]:
        if _is_foreign(met) or any(folder in met.__code__.co_filename for folder in _INSTALLED):
            return
        for name in ("__defaults__", "__kwdefaults__"):
            if getattr(met, name):
                yield from self._of_value(_Defaults(met, name), getattr(met, name), copier)
        for name, value in vars(met).items():
            yield from self._of_value(_Attribute(met, name), value, copier)
        for cell in met.__closure__ or ():
            place = _Cell(cell)
            yield from self._of_value(place, place.get(), copier)
        for code in _codes(met.__code__):
            writes = _STORE_GLOBAL in code.co_code[::2]
            worth = {
                name: value
                for name in code.co_names
                for value in [met.__globals__.get(name, _MISSING)]
                if writes or not (value is _MISSING or isinstance(value, (*_PLAIN, types.ModuleType)))
            }
            # Among the names of a code are those of attributes, which have nothing to do with globals.
            used = _globals_of(code) if worth else ()
            for name, value in worth.items():  # in the order of the code, the same in every process
                if name in used:
                    yield from self._of_value(_Item(met.__globals__, name), value, copier)

    def _of_value(self, place: Any, value: Any, copier: Copier) -> Iterator[Any]:
        """Follow what is code, and keep the place of what is not."""
        if isinstance(value, types.FunctionType | type):
            yield value
        elif not isinstance(value, types.ModuleType):
            self._places[id(place.owner), getattr(place, "name", "")] = place
            if value is not _MISSING:
                copier(value)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A piece of code, and those of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _globals_of(code: types.CodeType) -> set[str]:
    """The globals that a piece of code reads or writes. `dis` tells the same, and takes ten times as long.

    Example:
        >>> sorted(_globals_of(compile("def f(x): return x.reshape(len(shape))", "", "exec").co_consts[0]))
        ['len', 'shape']
    """
    names, further = set(), 0
    for operation, number in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        number |= further
        further = number << 8 if operation == opcode.EXTENDED_ARG else 0
        if operation in _GLOBAL:
            names.add(code.co_names[number >> _GLOBAL[operation]])
    return names


def _is_foreign(met: Any) -> bool:
    module = getattr(met, "__module__", None) or ""
    return module.partition(".")[0] in _FOREIGN or module.startswith(_OURS)
