"""What kinds of values a function takes and gives, read from its calls or from a Lean signature.

Two functions that do the same have the same shape, whatever their languages and names.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

Shape: TypeAlias = tuple[str, ...]
"""The kinds of the arguments, then that of the result; empty when unknown. A kind is `int`,
`bool`, `text`, `float`, `list`, `table` (a list of lists) or `?`."""

UNKNOWN = "?"
_DOCTEST = re.compile(r"^\s*>>>\s*(.+)\n\s*([^>\s].*)$", re.MULTILINE)
_LEAN_KINDS = {
    "Int": "int",
    "Nat": "int",
    "Bool": "bool",
    "String": "text",
    "Char": "text",
    "Float": "float",
    "Rat": "float",
}


def shape_of_calls(calls: Iterable[tuple[Sequence[object], object]]) -> Shape:
    """The commonest shape of known calls, each its arguments and its value."""
    shapes = Counter(
        (*(_kind(argument) for argument in arguments), _kind(value)) for arguments, value in calls
    )
    return shapes.most_common(1)[0][0] if shapes else ()


def shape_of_doctests(docstring: str) -> Shape:
    r"""The shape that a docstring's examples show.

    >>> shape_of_doctests(">>> add([1, 2], 3)\n6")
    ('list', 'int', 'int')
    """
    calls = []
    for asked, answered in _DOCTEST.findall(docstring):
        try:
            call = ast.parse(asked.strip(), mode="eval").body
            if isinstance(call, ast.Call) and not call.keywords:
                arguments = [ast.literal_eval(argument) for argument in call.args]
                calls.append((arguments, ast.literal_eval(answered.strip())))
        except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
            continue
    return shape_of_calls(calls)


def shape_of_signature(signature: str) -> Shape:
    """The shape of a Lean header.

    >>> shape_of_signature("def f (xs ys : List Int) (n : Nat) : Option Bool")
    ('list', 'list', 'int', 'bool')
    """
    _, _, rest = signature.partition(" ")
    groups, result = _split_header(rest)
    kinds = []
    for group in groups:
        names, colon, lean_type = group.partition(":")
        if colon:
            kinds += [_lean_kind(lean_type)] * len(names.split())
    *domains, codomain = result.split("→") if result else [""]
    return (*kinds, *map(_lean_kind, domains), _lean_kind(codomain)) if codomain.strip() else ()


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    for types, kind in ((int, "int"), (float, "float"), (str, "text")):
        if isinstance(value, types):
            return kind
    if isinstance(value, list | tuple | set):
        return "table" if any(isinstance(one, list | tuple) for one in value) else "list"
    return UNKNOWN


def _lean_kind(lean_type: str) -> str:
    words = lean_type.replace("(", " ").replace(")", " ").split()
    while words and words[0] == "Option":
        words = words[1:]
    if not words:
        return UNKNOWN
    lists = sum(word in {"List", "Array"} for word in words)
    if lists or "×" in words:
        return "table" if lists > 1 or (lists and "×" in words) else "list"
    return _LEAN_KINDS.get(words[0], UNKNOWN)


def _split_header(rest: str) -> tuple[list[str], str]:
    """The explicit binder groups of a header, and its result type."""
    groups: list[str] = []
    depth, start = 0, 0
    for place, character in enumerate(rest):
        if character in "({[⦃":
            start = place + 1 if depth == 0 else start
            depth += 1
        elif character in ")}]⦄":
            depth -= 1
            if depth == 0 and character == ")":
                groups.append(rest[start:place])
        elif character == ":" and depth == 0:
            return groups, rest[place + 1 :]
    return groups, ""
