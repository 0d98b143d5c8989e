"""Values at which a statement is false, found on small instances and proved by the kernel.

A statement's variables are let run over short lists instead of their types; the kernel decides
what is left. A list that holds no counterexample proves nothing, and is only used beside one for
the other statement. What people get wrong: powers. `2 ^ 2 ^ n` at n = 40 ends the worker, so a
statement with a variable exponent is tried at tiny numbers alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evaluators.equivalence.statement import Statement, product_sides, unwrapped
from lean_sandbox.sandbox import CheckRequest

_MOST_VALUES = 80
_FUNCTIONS = ("fun x => x", "fun _ => 0", "fun x => x + 1", "fun x => 2 * x", "fun x => x * x")
_TEXTS = ('""', '"a"', '"b"', '"ab"', '"ba"', '"aab"', '"abcd"')
_CHARACTERS = ("'a'", "'b'", "'0'", "' '")
_POWER_OF_VARIABLE = re.compile(r"\^(?!\s*\d+(?!\d|\s*\^))")
_QUANTIFIER = re.compile(r"[∀∃](?!\s*\w+\s*∈)")
_TINY = 5
"""The largest number tried where an exponent is not written as a number."""
_LARGEST = 10**9
_FAR = 60
"""A number on the other side of the small ones that statements compare with."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """One statement is false at these values; the other is not at any that were tried."""

    fails: str
    """Which statement is false: "first" or "second"."""
    values: tuple[tuple[str, str], ...]
    """The statement's variables and their values; empty for a statement without any."""
    instances: int
    """At how many instances the other statement was found true."""

    def __str__(self) -> str:
        at = ", ".join(f"{name} = {value}" for name, value in self.values)
        return f"the {self.fails} statement is false{f' at {at}' if at else ''}"


@dataclass(frozen=True, slots=True)
class Box:
    """A statement, and the values that each of its variables runs over."""

    statement: Statement
    values: tuple[tuple[str, ...], ...]
    """In the order of the variables."""

    @property
    def instances(self) -> int:
        """How many instances it has."""
        count = 1
        for values in self.values:
            count *= len(values)
        return count

    @property
    def is_single(self) -> bool:
        """Whether there is one instance only."""
        return self.instances == 1

    @property
    def test(self) -> str:
        """The proposition that the statement holds at all of them."""
        parts = []
        left = iter(self.values)
        for binder in self.statement.binders:
            if binder.is_variable:
                values = ", ".join(next(left))
                parts.append(f"∀ {binder.name} ∈ ([{values}] : List ({binder.type})), ")
            else:
                parts.append(f"({binder.type or 'True'}) → ")
        return f"{''.join(parts)}({self.statement.conclusion})"

    def halves(self) -> tuple[Box, ...]:
        """Boxes of about half the values of the longest list."""
        lengths = [len(values) for values in self.values]
        longest = lengths.index(max(lengths))
        middle = (lengths[longest] + 1) // 2
        parts = (self.values[longest][:middle], self.values[longest][middle:])
        return tuple(
            Box(self.statement, (*self.values[:longest], part, *self.values[longest + 1 :]))
            for part in parts
            if part
        )


def box(statement: Statement, other: Statement, *, instances: int) -> Box | None:
    """At most about `instances` instances; None where they cannot be decided.

    That is where a variable's values are not known, or something else runs over a whole type.
    The numbers written in either statement are among the values.
    """
    parts = [binder.type for binder in statement.binders]
    if "" in parts or any(_QUANTIFIER.search(part) for part in (*parts, statement.conclusion)):
        return None
    kinds = [unwrapped(binder.type) for binder in statement.variables]
    if not kinds:
        return Box(statement, ())
    texts = (statement.proposition, other.proposition)
    tiny = any(_POWER_OF_VARIABLE.search(text) for text in texts)
    numbers = [int(n) for n in dict.fromkeys((*statement.numerals, *other.numerals))]
    each = max(2, min(_MOST_VALUES, int(instances ** (1 / len(kinds)) + 1e-9)))
    return Box(
        statement,
        tuple(_values(kind, _TINY if tiny else _LARGEST, numbers)[:each] for kind in kinds),
    )


def tests(boxes: Sequence[Box], definitions: str) -> CheckRequest:
    """Let the kernel decide whether each box's statement holds at all instances."""
    head = definitions.strip() + "\n\n" if definitions.strip() else ""
    return CheckRequest(
        program=f"{head}theorem ready : True := trivial", tests=tuple(b.test for b in boxes)
    )


def _values(kind: str, largest: int, numbers: Sequence[int]) -> tuple[str, ...]:
    """Values of a type as Lean terms, the most telling first."""
    naturals = _naturals(largest, numbers)
    if kind == "Nat":
        return tuple(map(str, naturals))
    if kind == "Int":
        negative = [-n for n in naturals]
        signed = dict.fromkeys(
            [0, 1, -1, 2, *naturals[3:16], *negative[:16], *naturals, *negative]
        )
        return tuple(f"({n})" if n < 0 else str(n) for n in signed)
    if kind == "Rat":
        return ("0", "1", "2", "(-1)", "(1 / 2)", "3", "(-2 / 3)", *map(str, naturals[4:]))
    simple = {
        "Bool": ("true", "false"),
        "String": _TEXTS,
        "Char": _CHARACTERS,
        "Unit": ("()",),
    }
    if kind in simple:
        return simple[kind]
    return _composed(kind, largest, numbers)


def _composed(kind: str, largest: int, numbers: Sequence[int]) -> tuple[str, ...]:
    head, _, rest = kind.partition(" ")
    if head in {"List", "Array", "Option"}:
        inner = _values(unwrapped(rest), largest, numbers)
        if head == "Option":
            return ("none", *(f"some {value}" for value in inner))
        hash_ = "#" if head == "Array" else ""
        return tuple(f"{hash_}[{', '.join(chosen)}]" for chosen in _lists(inner))
    left, right = product_sides(kind, "×")
    if right:
        firsts, seconds = (_values(unwrapped(side), largest, numbers) for side in (left, right))
        pairs = [(a, b) for a in firsts[:8] for b in seconds[:8]]
        return tuple(f"({a}, {b})" for a, b in pairs)
    left, right = product_sides(kind, "→")
    if left in {"Nat", "Int", "Rat"} and left == right:
        return _FUNCTIONS
    constant = _values(unwrapped(right), largest, numbers) if right else ()
    return tuple(f"fun _ => {value}" for value in constant[:3])


def _lists(inner: Sequence[str]) -> list[tuple[str, ...]]:
    a, b, c = (*inner, *inner, *inner)[:3]
    short = [(), (a,), (b,), (a, b), (b, a), (b, b), (c, a, b), (a, a, c), (b, c, b, a)]
    return [*short, *((value,) for value in inner[2:])]


def _naturals(largest: int, numbers: Sequence[int]) -> list[int]:
    """Small numbers between the written ones and their neighbours, then all up to 60."""
    small = [n for n in (0, 1, 2, 3, _FAR) if n <= largest]
    near = [n + d for n in numbers for d in (0, -1, 1) if 0 <= n + d <= largest]
    rest = range(min(largest, 60) + 1)
    return list(dict.fromkeys([*small, *near, *rest]))
