"""The embedded grammar: small typed functions, drawn at random and written in Python.

A function is a tree of operations over its parameters. Whether a tree may be used for problems or
for everything else is decided by its pairs of neighbouring operations alone (`split_of`), so the
problems' compositions are held out by construction and not by a list that could go stale.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import Literal

from search.embedded.operations import BY_NAME, OPERATIONS, Kind

Split = Literal["pretraining", "contexts", "demos", "search_problems", "sealed_problems"]

PYTHON_TYPES: dict[Kind, str] = {"int": "int", "bool": "bool", "list": "list[int]", "str": "str"}

PARAMETER_NAMES: dict[Kind, tuple[str, ...]] = {
    "int": ("x", "y", "n", "m", "a", "b"),
    "bool": ("p", "q"),
    "list": ("xs", "ys", "items"),
    "str": ("s", "t", "w"),
}

FUNCTION_NAMES = (
    *("f", "g", "h", "solve", "step", "score", "rank"),  # no Lean keyword, such as `calc`
    *("apply", "build", "pick", "shift", "merge", "value", "answer", "result"),
)

_HELD_OUT_SHARE = 0.2
"""Share of (operation, operation) neighbour pairs that only problems may contain."""


@dataclass(frozen=True, slots=True)
class Tree:
    """An operation applied to trees, or a parameter (`operation == ""`)."""

    operation: str
    children: tuple[Tree, ...] = ()
    constant: int | None = None
    parameter: str = ""
    kind: Kind = "int"

    @property
    def is_leaf(self) -> bool:
        """Whether this is a parameter."""
        return not self.operation


@dataclass(frozen=True, slots=True)
class Function:
    """A named function: parameters in order, and the tree of its body."""

    name: str
    parameters: tuple[tuple[str, Kind], ...]
    body: Tree

    @property
    def key(self) -> str:
        """The meaning, whatever the names: two functions with one key are duplicates."""
        names = {name: f"{kind}{i}" for i, (name, kind) in enumerate(self.parameters)}
        return _key(self.body, names)


def _key(tree: Tree, names: dict[str, str]) -> str:
    if tree.is_leaf:
        return names[tree.parameter]
    inner = ",".join(_key(child, names) for child in tree.children)
    constant = "" if tree.constant is None else f"#{tree.constant}"
    return f"{tree.operation}{constant}({inner})"


def size(tree: Tree) -> int:
    """The number of operations in a tree."""
    return 0 if tree.is_leaf else 1 + sum(size(child) for child in tree.children)


def _neighbours(tree: Tree) -> list[tuple[str, str]]:
    pairs = [(tree.operation, child.operation) for child in tree.children if not child.is_leaf]
    return pairs + [pair for child in tree.children for pair in _neighbours(child)]


def _fraction(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def split_of(function: Function) -> Split:
    """The only split a function may be used in."""
    pairs = _neighbours(function.body)
    draw = _fraction("split/" + function.key)
    if any(_fraction(f"pair/{outer}/{inner}") < _HELD_OUT_SHARE for outer, inner in pairs):
        return "search_problems" if draw < 0.25 else "sealed_problems"
    if draw < 0.75:
        return "pretraining"
    return "contexts" if draw < 0.97 else "demos"


_ROOT_KINDS: tuple[Kind, ...] = ("int",) * 9 + ("list",) * 6 + ("bool",) * 3 + ("str",)
_SIZES = (1, 2, 2, 2, 3, 3)


def draw_function(rng: random.Random, *, split: Split) -> Function:
    """Draw a function of one split, rejecting the others and trees that read badly."""
    while True:
        kind = rng.choice(_ROOT_KINDS)
        names = {k: list(rng.sample(v, len(v))) for k, v in PARAMETER_NAMES.items()}
        used: list[tuple[str, Kind]] = []
        body = _draw(rng, kind, rng.choice(_SIZES), names, used)
        if body.is_leaf or not 1 <= len(used) <= 3:
            continue
        function = Function(rng.choice(FUNCTION_NAMES), tuple(used), body)
        if split_of(function) == split:
            return function


def _draw(
    rng: random.Random,
    kind: Kind,
    budget: int,
    names: dict[Kind, list[str]],
    used: list[tuple[str, Kind]],
) -> Tree:
    if budget == 0:
        known = [name for name, k in used if k == kind]
        if known and rng.random() < 0.3:
            return Tree("", parameter=rng.choice(known), kind=kind)
        name = names[kind].pop() if names[kind] else known[0]
        if (name, kind) not in used:
            used.append((name, kind))
        return Tree("", parameter=name, kind=kind)
    choices = [
        operation
        for operation in OPERATIONS
        if operation.result == kind and not (budget == 1 and "bool" in operation.arguments)
    ]
    operation = rng.choice(choices)
    shares = [0] * len(operation.arguments)
    for _ in range(budget - 1):
        shares[rng.randrange(len(shares))] += 1
    if operation.arguments[0] == "bool" and shares[0] == 0:
        shares[0] = 1  # a bare Boolean parameter reads badly
    children = tuple(
        _draw(rng, argument, share, names, used)
        for argument, share in zip(operation.arguments, shares, strict=True)
    )
    constant = rng.randint(*operation.constants) if operation.constants else None
    return Tree(operation.name, children, constant, kind=kind)


def python_expression(tree: Tree) -> str:
    """A tree as one Python expression."""
    if tree.is_leaf:
        return tree.parameter
    operation = BY_NAME[tree.operation]
    # Arguments inside brackets need no parentheses; `{0}.count({k})` is no such case.
    called = operation.python.endswith(")") and not operation.python.startswith("{0}")
    called = called or operation.python.startswith("[v")
    children = [python_expression(child) for child in tree.children]
    if not called:
        children = [
            f"({text})" if _needs_parentheses(child) else text
            for child, text in zip(tree.children, children, strict=True)
        ]
    return operation.python.format(*children, k=tree.constant)


def _needs_parentheses(tree: Tree) -> bool:
    if tree.is_leaf:
        return False
    template = BY_NAME[tree.operation].python
    return " == " in template or not template.endswith((")", "]"))


def python_source(function: Function, rng: random.Random) -> str:
    """A function in Python: one return, or now and then a variable for the first inner step."""
    parameters = ", ".join(f"{name}: {PYTHON_TYPES[kind]}" for name, kind in function.parameters)
    head = f"def {function.name}({parameters}) -> {PYTHON_TYPES[function.body.kind]}:"
    inner = [child for child in function.body.children if not child.is_leaf]
    if inner and rng.random() < 0.4:
        step = inner[0]
        named = Tree("", parameter="r", kind=step.kind)
        rest = tuple(named if child is step else child for child in function.body.children)
        body = Tree(function.body.operation, rest, function.body.constant, kind=function.body.kind)
        return f"{head}\n    r = {python_expression(step)}\n    return {python_expression(body)}"
    return f"{head}\n    return {python_expression(function.body)}"


def python_steps(function: Function) -> str:
    """A function in Python with a variable for each operation below the root."""
    lines: list[str] = []

    def name(tree: Tree) -> Tree:
        if tree.is_leaf:
            return tree
        text = python_expression(flat(tree))  # writes the lines below it first
        lines.append(f"r{len(lines) + 1} = {text}")
        return Tree("", parameter=f"r{len(lines)}", kind=tree.kind)

    def flat(tree: Tree) -> Tree:
        children = tuple(name(child) for child in tree.children)
        return Tree(tree.operation, children, tree.constant, kind=tree.kind)

    last = python_expression(flat(function.body))
    head = python_source(function, random.Random(0)).partition("\n")[0]
    return "\n    ".join([head, *lines, f"return {last}"])


def draw_calls(
    function: Function, rng: random.Random, *, n: int
) -> list[tuple[list[object], object]]:
    """`n` calls with different arguments, and what Python itself returns for each."""
    source = python_source(function, random.Random(0))
    scope: dict[str, object] = {}
    exec(compile(source, "<grammar>", "exec"), scope)  # our own source, never a user's
    compiled = scope[function.name]
    assert callable(compiled)
    calls: dict[str, tuple[list[object], object]] = {}
    while len(calls) < n:
        arguments = [_draw_value(kind, rng) for _, kind in function.parameters]
        calls.setdefault(repr(arguments), (arguments, compiled(*arguments)))
    return list(calls.values())


def _draw_value(kind: Kind, rng: random.Random) -> object:
    if kind == "int":
        return rng.choice((rng.randint(-20, 20), rng.randint(0, 12)))
    if kind == "bool":
        return rng.random() < 0.5
    if kind == "list":
        return [
            rng.choice((rng.randint(-9, 15), rng.randint(0, 9))) for _ in range(rng.randint(0, 6))
        ]
    return "".join(rng.choice("abcd") for _ in range(rng.randint(0, 4)))
