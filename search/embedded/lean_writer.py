"""Grammar functions written in Lean 4, in the definition styles a recipe can ask for."""

from __future__ import annotations

from typing import Literal

from search.embedded.grammar import Function, Tree
from search.embedded.operations import BY_NAME, Kind

Definition = Literal["direct", "named", "steps"]
"""`direct`: one expression with operators; `named`: one expression of functions called by name;
`steps`: a `let` for each operation, with operators."""

Numbers = Literal["Int", "Nat"]

DEFINITIONS: tuple[Definition, ...] = ("direct", "named", "steps")


def lean_type(kind: Kind, numbers: Numbers) -> str:
    """The Lean type of a grammar kind."""
    return {"int": numbers, "bool": "Bool", "list": f"List {numbers}", "str": "String"}[kind]


def lean_signature(function: Function, *, numbers: Numbers = "Int") -> str:
    """The header without `:=`."""
    binders = " ".join(f"({name} : {lean_type(k, numbers)})" for name, k in function.parameters)
    return f"def {function.name} {binders} : {lean_type(function.body.kind, numbers)}"


def lean_body(function: Function, *, definition: Definition, numbers: Numbers = "Int") -> str:
    """What follows `:=`, with its leading newline and indentation."""
    if definition == "steps":
        lines: list[str] = []
        last = _steps(function.body, numbers, lines)
        return "\n  " + "\n  ".join([*lines, last])
    return "\n  " + _expression(function.body, numbers, named=definition == "named")


def lean_source(function: Function, *, definition: Definition, numbers: Numbers = "Int") -> str:
    """The whole definition."""
    body = lean_body(function, definition=definition, numbers=numbers)
    return f"{lean_signature(function, numbers=numbers)} :={body}"


def _template(tree: Tree, numbers: Numbers, *, named: bool) -> str:
    operation = BY_NAME[tree.operation]
    if numbers == "Nat":
        return operation.named_nat if named else operation.lean_nat
    return operation.named if named else operation.lean


def _apply(tree: Tree, children: list[str], numbers: Numbers, *, named: bool) -> str:
    template = _template(tree, numbers, named=named)
    return template.format(*children, k=tree.constant, T=numbers)


def _expression(tree: Tree, numbers: Numbers, *, named: bool) -> str:
    if tree.is_leaf:
        return tree.parameter
    children = [
        text if child.is_leaf or _closed(text) else f"({text})"
        for child, text in (
            (child, _expression(child, numbers, named=named)) for child in tree.children
        )
    ]
    return _apply(tree, children, numbers, named=named)


def _closed(text: str) -> bool:
    """Whether an expression can stand as an argument as it is: `(…)` or a chain of dots."""
    if text.startswith("(") and text.endswith(")"):
        depth = 0
        for i, character in enumerate(text):
            depth += (character == "(") - (character == ")")
            if depth == 0:
                return i == len(text) - 1
    return " " not in text and not text.startswith(("-", "!"))


def _steps(tree: Tree, numbers: Numbers, lines: list[str]) -> str:
    """Write a `let` for every operation below the root; return the root's own expression."""
    names: list[str] = []
    for child in tree.children:
        if child.is_leaf:
            names.append(child.parameter)
            continue
        text = _steps(child, numbers, lines)
        names.append(f"r{len(lines) + 1}")
        # Without the type, `x < 3` would be bound as a Prop and not as a Bool.
        annotation = " : Bool" if child.kind == "bool" else ""
        lines.append(f"let {names[-1]}{annotation} := {text}")
    return _apply(tree, names, numbers, named=False)
