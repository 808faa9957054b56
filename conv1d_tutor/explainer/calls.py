"""Which call in the user's own code failed, with what? Read from a frame; nothing of the user's runs again."""

import ast
import dis
import linecache
from collections.abc import Iterator, Mapping
from types import FrameType, TracebackType
from typing import Any, NamedTuple

import torch
from torch import nn

from .model import on_meta

#: What may stand in an argument that is looked at again, on shapes.
_PLAIN = (
    ast.Name,
    ast.Attribute,
    ast.Constant,
    ast.Subscript,
    ast.Slice,
    ast.Tuple,
    ast.List,
    ast.UnaryOp,
    ast.BinOp,
    ast.operator,
    ast.unaryop,
    ast.expr_context,
    ast.Call,
    ast.keyword,
)


class Call(NamedTuple):
    """A call in the user's code, with its arguments as shapes.

    Attributes:
        function: what was called.
        name: how it is written.
        args: its arguments by position, tensors as shapes.
        kwargs: those by name.
        sources: how the arguments by position are written.
    """

    function: Any
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    sources: tuple[str, ...]


def failing_call(trace: TracebackType) -> Call | None:
    """The call that failed in a frame of the user's.

    Args:
        trace: the part of a traceback that belongs to the frame.

    Returns:
        The call; None if it cannot be told, or if its arguments are made by code of the user's.
    """
    tree = _tree(trace.tb_frame)
    if tree is None:
        return _from_bytecode(trace)
    positions = list(trace.tb_frame.f_code.co_positions())[trace.tb_lasti // 2]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _position(node) == positions:
            return _read(node, trace.tb_frame)
    return None


def calls_of_models(frame: FrameType) -> Iterator[tuple[nn.Module, tuple[Any, ...]]]:
    """The calls of models that a frame may have made: those written there, and those that its names allow."""
    tree, names = _tree(frame), _names(frame)
    if tree is not None:
        for node in ast.walk(tree):
            call = _read(node, frame) if isinstance(node, ast.Call) and _is_plain(node.func) else None
            if call and isinstance(call.function, nn.Module) and not call.kwargs:
                yield call.function, call.args
    used = {name: names[name] for name in (*frame.f_code.co_names, *frame.f_code.co_varnames) if name in names}
    tensors = [value for value in used.values() if isinstance(value, torch.Tensor) and value.grad_fn is None]
    for model in used.values():
        if isinstance(model, nn.Module):
            yield from ((model, (tensor,)) for tensor in tensors)


def _names(frame: FrameType) -> Mapping[str, Any]:
    return {**frame.f_globals, **frame.f_locals}


def _tree(frame: FrameType) -> ast.AST | None:
    """The code of the frame's file or cell, None if it is not known."""
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    try:
        return ast.parse("".join(lines)) if lines else None
    except SyntaxError:  # a cell with a magic command
        return None


def _position(node: ast.expr) -> tuple[int | None, ...]:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _read(node: ast.Call, frame: FrameType) -> Call | None:
    if not all(map(_is_plain, (node.func, *node.args, *(word.value for word in node.keywords)))):
        return None
    names = _names(frame)
    try:
        # Tensors become shapes before anything is done with them.
        function = eval(_compiled(node.func), {}, names)
        values = {name: on_meta(names[name]) for name in _used(node) if not isinstance(names[name], nn.Module)}
        with torch.no_grad():
            args = tuple(eval(_compiled(arg), {}, values) for arg in node.args)
            kwargs = {word.arg: eval(_compiled(word.value), {}, values) for word in node.keywords if word.arg}
    except Exception:
        return None
    return Call(function, ast.unparse(node.func), args, kwargs, tuple(map(ast.unparse, node.args)))


def _compiled(node: ast.expr) -> Any:
    return compile(ast.Expression(node), "<call>", "eval")


def _used(node: ast.Call) -> set[str]:
    parts = (*node.args, *(word.value for word in node.keywords))
    return {name.id for part in parts for name in ast.walk(part) if isinstance(name, ast.Name)}


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression only reads names, or calls a method that writes nothing."""
    for part in ast.walk(node):
        if not isinstance(part, _PLAIN):
            return False
        if isinstance(part, ast.Call):
            method = part.func.attr if isinstance(part.func, ast.Attribute) else ""
            if not hasattr(torch.Tensor, method) or method.endswith("_"):
                return False
    return True


def _from_bytecode(trace: TracebackType) -> Call | None:
    """The same without source, where function and arguments are names and constants."""
    names, stack, words = _names(trace.tb_frame), [], ()
    for step in dis.get_instructions(trace.tb_frame.f_code):
        kind = step.opname
        if kind in ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FAST", "LOAD_DEREF") and step.argval in names:
            stack.append((step.argval, names[step.argval]))
        elif kind in ("LOAD_CONST", "LOAD_SMALL_INT"):
            stack.append((repr(step.argval), step.argval))
        elif kind in ("LOAD_ATTR", "LOAD_METHOD") and stack:
            name, value = stack.pop()
            stack.append((f"{name}.{step.argval}", getattr(value, step.argval, None)))
        elif kind == "KW_NAMES":
            words = trace.tb_frame.f_code.co_consts[step.arg]
        elif kind in ("CALL", "CALL_KW") and step.offset == trace.tb_lasti:
            words = stack.pop()[1] if kind == "CALL_KW" else words
            if len(stack) <= step.arg:
                return None
            given = stack[len(stack) - step.arg :]
            name, function = stack[len(stack) - step.arg - 1]
            by_place = given[: len(given) - len(words)]
            by_name = given[len(given) - len(words) :]
            args = tuple(on_meta(value) for _, value in by_place)
            kwargs = {word: on_meta(value) for word, (_, value) in zip(words, by_name, strict=True)}
            return Call(function, name, args, kwargs, tuple(source for source, _ in by_place))
        elif kind not in ("RESUME", "PUSH_NULL", "PRECALL", "CACHE", "NOP", "COPY_FREE_VARS"):
            stack.clear()
    return None
