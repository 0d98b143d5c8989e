"""Pairs of statements about the embedded world's functions; Python says which mutations differ.

    def f (x : Int) (ys : List Int) : Int := …        the definition, given to the comparison
    ∀ (x : Int) (ys : List Int), f x ys = BODY        the first statement

The second is the first, rewritten, or states another body, whose value Python finds to differ.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.equivalence_pairs import REWRITES, Pair
from evaluators.equivalence.statement import Statement
from search.embedded.grammar import Function, Tree, draw_calls, draw_function
from search.embedded.lean_writer import lean_body, lean_source, lean_type
from search.embedded.operations import OPERATIONS

_KINDS = (
    "renamed variables", "order of variables", "equation turned", "+ commuted", "* commuted",
    "≠ as ¬ =", "implicit binders", "variables paired", "x ^ 2 as x * x", "2 * x as x + x",
)  # fmt: skip


def world_pairs(rng: random.Random, *, functions: int) -> Iterator[Pair]:
    """Rewrites and mutations of statements about `functions` functions."""
    for i in range(functions):
        function = replace(draw_function(rng, split="contexts"), name="f")
        definitions = lean_source(function, definition="direct")
        first = specification(function, "direct")
        source = f"world-{i}"
        for kind, second in _rewritten(function, first, rng):
            yield Pair(kind, first, second, True, source, definitions)
        for kind, other in _mutated(function, rng):
            if _differ(function, other):
                second = specification(other, "direct")
                yield Pair(kind, first, second, False, source, definitions)


def specification(function: Function, definition: str) -> str:
    """`∀ …, f … = BODY`."""
    binders = " ".join(f"({name} : {lean_type(k, 'Int')})" for name, k in function.parameters)
    arguments = " ".join(name for name, _ in function.parameters)
    body = lean_body(function, definition="named" if definition == "named" else "direct").strip()
    if definition == "steps":
        *lets, last = lean_body(function, definition="steps").strip().split("\n")
        body = "\n  ".join([*lets, f"  ({last.strip()})"])  # a line that begins with - would go on
    return f"∀ {binders}, f {arguments} = ({body})"


def _rewritten(function: Function, first: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    statement = Statement.parse(first)
    kinds = [k for k in _KINDS if REWRITES[k](statement) is not None]
    for kind in rng.sample(kinds, min(2, len(kinds))):
        second = REWRITES[kind](statement)
        if second is not None:
            yield kind, second
    named = specification(function, "named")
    if named != first:
        yield "functions by name", named
    steps = specification(function, "steps")
    if "let" in steps:
        yield "a let for each step", steps


def _mutated(function: Function, rng: random.Random) -> Iterator[tuple[str, Function]]:
    places = [place for place, tree in _trees(function.body) if not tree.is_leaf]
    rng.shuffle(places)
    for place in places[:2]:
        tree = dict(_trees(function.body))[place]
        if tree.constant is not None:
            other = replace(tree, constant=tree.constant + 1)
            yield "constant", replace(function, body=_put(function.body, place, other))
        alike = [
            o for o in OPERATIONS
            if o.name != tree.operation and o.result == tree.kind
            and o.arguments == tuple(child.kind for child in tree.children)
            and (o.constants is None) == (tree.constant is None)
        ]  # fmt: skip
        if alike:
            other = replace(tree, operation=rng.choice(alike).name)
            yield "operator", replace(function, body=_put(function.body, place, other))
    names = [name for name, kind in function.parameters if kind == "int"]
    if len(names) > 1:
        swap = {names[0]: names[1], names[1]: names[0]}
        yield "variables swapped", replace(function, body=_swapped(function.body, swap))


def _trees(tree: Tree, place: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Tree]]:
    yield place, tree
    for i, child in enumerate(tree.children):
        yield from _trees(child, (*place, i))


def _put(tree: Tree, place: tuple[int, ...], new: Tree) -> Tree:
    if not place:
        return new
    children = list(tree.children)
    children[place[0]] = _put(children[place[0]], place[1:], new)
    return replace(tree, children=tuple(children))


def _swapped(tree: Tree, names: dict[str, str]) -> Tree:
    if tree.is_leaf:
        return replace(tree, parameter=names.get(tree.parameter, tree.parameter))
    return replace(tree, children=tuple(_swapped(child, names) for child in tree.children))


def _differ(function: Function, other: Function) -> bool:
    """Whether Python finds an input at which the two have different values."""
    drawn = [draw_calls(one, random.Random(0), n=40) for one in (function, other)]
    values = [{repr(arguments): value for arguments, value in calls} for calls in drawn]
    return any(values[0][call] != values[1].get(call, values[0][call]) for call in values[0])
