"""What kind of values a Python function takes: from its hints, its known calls, its doctests.

A shape is a type both languages have. The hints are read, never evaluated. What people get wrong:
a function without hints is not one without types; its known calls and the examples in its
docstring say what it takes, and a Lean signature says it best.
"""

from __future__ import annotations

import ast
import doctest
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from evaluators.behaviour.lean_literals import machine_range, product, unparenthesised

Kind: TypeAlias = Literal[
    "int", "nat", "bool", "str", "char", "none", "float", "list", "option", "tuple"
]


@dataclass(frozen=True, slots=True)
class Shape:
    """A type; `parts` are a list's and an option's one element type, or a tuple's several."""

    kind: Kind
    parts: tuple[Shape, ...] = ()


def shapes_of_hints(source: str, name: str) -> tuple[Shape, ...] | None:
    """The shapes of the parameters, where every one is hinted with a type Lean has too."""
    function = _function(source, name)
    if function is None or function.args.vararg or function.args.kwonlyargs:
        return None
    shapes = [
        _of_hint(argument.annotation)
        for argument in (*function.args.posonlyargs, *function.args.args)
    ]
    return None if None in shapes else tuple(shape for shape in shapes if shape)


def shapes_of_calls(calls: Sequence[Sequence[object]]) -> tuple[Shape, ...] | None:
    """The shapes that hold every known call's arguments; None where there are none."""
    if not calls or len({len(arguments) for arguments in calls}) != 1:
        return None
    shapes = []
    for column in zip(*calls, strict=True):
        shape = _of_values(column)
        if shape is None:
            return None
        shapes.append(shape)
    return tuple(shapes)


def shapes_of_lean(types: Sequence[str]) -> tuple[Shape, ...] | None:
    """The shapes of a Lean definition's parameter types, where all have literals."""
    shapes = [_of_lean(unparenthesised(kind)) for kind in types]
    return None if None in shapes else tuple(shape for shape in shapes if shape)


def doctest_calls(docstring: str, name: str) -> tuple[tuple[object, ...], ...]:
    """The arguments of the calls in a docstring's examples that are written as literals."""
    try:
        examples = doctest.DocTestParser().get_examples(docstring)
    except ValueError:  # an example that is none
        return ()
    found = []
    for example in examples:
        try:
            tree = ast.parse(example.source.strip(), mode="eval").body
            if isinstance(tree, ast.Call) and not tree.keywords and _called(tree) == name:
                found.append(tuple(ast.literal_eval(argument) for argument in tree.args))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return tuple(found)


def docstring_of(source: str, name: str) -> str:
    """A function's own docstring, empty where it has none."""
    function = _function(source, name)
    return (ast.get_docstring(function) or "") if function else ""


def is_straight_line(source: str) -> bool:
    """Whether nothing in the source repeats, so that large numbers cost it nothing.

    A power and a shift to the left are left out too: they make huge numbers of large ones.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    repeats = (ast.For, ast.While, ast.comprehension, ast.Call, ast.Pow, ast.LShift)
    return not any(isinstance(node, repeats) for node in ast.walk(tree))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _function(source: str, name: str) -> ast.FunctionDef | None:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[-1] if found else None


_ATOMS: dict[str, Kind] = {"int": "int", "bool": "bool", "str": "str", "float": "float"}
_LISTS = {"list", "List", "Sequence", "Iterable", "Collection"}


def _of_hint(hint: ast.expr | None) -> Shape | None:
    if isinstance(hint, ast.Constant):
        return _of_constant_hint(hint.value)
    if isinstance(hint, ast.Name | ast.Attribute):
        kind = _ATOMS.get(_last_name(hint))
        return Shape(kind) if kind else None
    if isinstance(hint, ast.BinOp) and isinstance(hint.op, ast.BitOr):
        return _of_union([hint.left, hint.right])
    if isinstance(hint, ast.Subscript):
        return _of_generic(_last_name(hint.value), hint.slice)
    return None


def _of_constant_hint(value: object) -> Shape | None:
    if value is None:
        return Shape("none")
    if isinstance(value, str):
        try:
            return _of_hint(ast.parse(value, mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    return None


def _of_generic(head: str, inside: ast.expr) -> Shape | None:
    arguments = inside.elts if isinstance(inside, ast.Tuple) else [inside]
    if head == "Optional":
        return _of_union([*arguments, ast.Constant(None)])
    if head == "Union":
        return _of_union(arguments)
    if head in {"tuple", "Tuple"}:
        if len(arguments) == 2 and isinstance(arguments[1], ast.Constant):  # tuple[int, ...]
            return _made("list", [_of_hint(arguments[0])])
        return _made("tuple", [_of_hint(argument) for argument in arguments])
    if head in _LISTS and len(arguments) == 1:
        return _made("list", [_of_hint(arguments[0])])
    return None


def _of_union(hints: Sequence[ast.expr]) -> Shape | None:
    shapes = [_of_hint(hint) for hint in hints]
    others = [shape for shape in shapes if shape != Shape("none")]
    return _made("option", others) if len(others) == 1 and len(shapes) == 2 else None


def _made(kind: Kind, parts: Sequence[Shape | None]) -> Shape | None:
    known = tuple(part for part in parts if part is not None)
    return Shape(kind, known) if len(known) == len(parts) else None


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _of_values(values: Sequence[object]) -> Shape | None:
    present = [value for value in values if value is not None]
    if len(present) < len(values):
        return _made("option", [_of_values(present)]) if present else Shape("none")
    atom = _atom_of_values(present)
    if atom is not None:
        return atom
    if all(isinstance(value, tuple) for value in present):
        return _of_tuples([value for value in present if isinstance(value, tuple)])
    if all(isinstance(value, list | tuple) for value in present):
        inside = [one for value in present if isinstance(value, list | tuple) for one in value]
        return _made("list", [_of_values(inside) if inside else Shape("int")])
    return None


def _atom_of_values(values: Sequence[object]) -> Shape | None:
    tests: Sequence[tuple[Kind, Callable[[object], bool]]] = (
        ("bool", lambda value: isinstance(value, bool)),
        ("nat", lambda value: type(value) is int and value >= 0),
        ("int", lambda value: type(value) is int),
        ("float", lambda value: type(value) in (int, float)),
        ("str", lambda value: isinstance(value, str)),
    )
    return next((Shape(kind) for kind, fits in tests if all(map(fits, values))), None)


def _of_tuples(values: Sequence[tuple[object, ...]]) -> Shape | None:
    if len({len(value) for value in values}) == 1 and values[0]:
        return _made("tuple", [_of_values(column) for column in zip(*values, strict=True)])
    inside = [one for value in values for one in value]
    return _made("list", [_of_values(inside) if inside else Shape("int")])


_LEAN_ATOMS: dict[str, Kind] = {
    "Int": "int",
    "Nat": "nat",
    "Bool": "bool",
    "String": "str",
    "Char": "char",
    "Unit": "none",
}


def _of_lean(kind: str) -> Shape | None:
    left, right = product(kind)
    if right:
        sides = [_of_lean(unparenthesised(left)), _of_lean(unparenthesised(right))]
        tail = sides[1]
        if sides[0] and tail and tail.kind == "tuple" and not right.startswith("("):
            return Shape("tuple", (sides[0], *tail.parts))
        return _made("tuple", sides)
    head, _, inner = kind.partition(" ")
    if inner and head in {"List", "Array"}:
        return _made("list", [_of_lean(unparenthesised(inner))])
    if inner and head == "Option":
        return _made("option", [_of_lean(unparenthesised(inner))])
    limits = machine_range(kind)
    if limits:
        return Shape("nat" if limits[0] == 0 else "int")
    return Shape(_LEAN_ATOMS[kind]) if kind in _LEAN_ATOMS else None
