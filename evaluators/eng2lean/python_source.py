"""One Python function's source: does it parse, what is it called, and where is its docstring.

The source is only ever parsed, never run.
"""

from __future__ import annotations

import ast
import inspect
import warnings
from dataclasses import dataclass

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class PythonFunction:
    """A function with its docstring taken out of the source."""

    name: str
    source: str
    docstring: str
    """Empty where the source had none."""


def read_function(source: str, name: str | None = None) -> PythonFunction:
    """Parse `source` and take the docstring out of the function `name`.

    Without a name the last function defined at top level is meant: helpers come first.

    Raises:
        ValueError: the source does not parse, or defines no such function.
    """
    function = _find(_parse(source), name)
    docstring = ast.get_docstring(function, clean=False)
    if docstring is None:
        return PythonFunction(function.name, source.strip("\n"), "")
    bare = _without_docstring(source, function).strip("\n")
    return PythonFunction(function.name, bare, inspect.cleandoc(docstring))


def _parse(source: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is the author's business
            return ast.parse(source)
    except SyntaxError as error:
        raise ValueError(f"line {error.lineno} of it: {error.msg}") from error
    except (RecursionError, MemoryError) as error:
        raise ValueError("it is nested too deeply") from error


def _find(module: ast.Module, name: str | None) -> _Function:
    functions = [node for node in module.body if isinstance(node, _Function)]
    if not functions:
        raise ValueError("it defines no function at top level")
    if name is None:
        return functions[-1]
    for function in reversed(functions):  # the last definition is the one Python keeps
        if function.name == name:
            return function
    names = ", ".join(function.name for function in functions)
    raise ValueError(f"it defines {names}, not `{name}`")


def _without_docstring(source: str, function: _Function) -> str:
    """Cut the docstring's statement; what shares its lines stays."""
    statement = function.body[0]
    if statement.end_lineno is None or statement.end_col_offset is None:
        raise ValueError("its docstring has no end")
    lines = source.encode().splitlines(keepends=True)  # ast counts columns in bytes
    before = lines[statement.lineno - 1][: statement.col_offset]
    after = lines[statement.end_lineno - 1][statement.end_col_offset :].lstrip(b" \t;")
    if len(function.body) == 1:
        middle = before + b"pass" + (b"\n" if after.endswith(b"\n") else b"")
    elif before.strip() or (after.strip() and not after.startswith(b"#")):
        middle = before + after
    else:
        middle = b""
    kept = [*lines[: statement.lineno - 1], middle, *lines[statement.end_lineno :]]
    return b"".join(kept).decode()
