"""Mutations of a statement: one change that may change the meaning.

Each is only a candidate: `equivalence.py` keeps those of which a counterexample was evaluated.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.equivalence_pairs import built, renamed_text
from evaluators.equivalence.statement import Binder, Statement, tokenize

_MUTATED_RELATIONS = {
    "=": "≠", "≠": "=", "<": "≤", ">": "≥", "≤": "<", "≥": ">",
}  # fmt: skip
_MUTATED_OPERATORS = {"+": "-", "-": "+", "*": "+", "∧": "∨", "∨": "∧", "%": "/", "/": "%"}


def mutations(statement: Statement) -> Iterator[tuple[str, str]]:
    """Kinds and texts of statements with one change that may change the meaning."""
    body = statement.rebuilt
    for token in tokenize(body):
        before, after = body[: token.start], body[token.end :]
        if token.text.isdecimal():
            yield "constant", f"{before}{int(token.text) + 1}{after}"
        if token.text in _MUTATED_RELATIONS:
            strict = token.text not in "=≠"
            kind = "strictness" if strict else "relation"
            yield kind, f"{before}{_MUTATED_RELATIONS[token.text]}{after}"
        if token.text in _MUTATED_OPERATORS:
            yield "operator", f"{before}{_MUTATED_OPERATORS[token.text]}{after}"
        if token.text in "∀∃":
            yield "quantifier", f"{before}{'∃' if token.text == '∀' else '∀'}{after}"
    yield from _dropped(statement)
    yield from _swapped(statement)
    yield from _retyped(statement)


def _dropped(statement: Statement) -> Iterator[tuple[str, str]]:
    for i, binder in enumerate(statement.binders):
        if not binder.is_variable:
            rest = [*statement.binders[:i], *statement.binders[i + 1 :]]
            yield "hypothesis dropped", built(rest, statement.conclusion)
    if statement.binders and not statement.binders[-1].is_variable:
        last = statement.binders[-1]
        yield (
            "converse",
            built([*statement.binders[:-1], Binder("hc", statement.conclusion)], last.type),
        )
    yield "denied", built(statement.binders, f"¬ ({statement.conclusion})")


def _swapped(statement: Statement) -> Iterator[tuple[str, str]]:
    names = [b.name for b in statement.variables]
    for one, two in itertools.pairwise(names):
        conclusion = renamed_text(statement.conclusion, {one: two, two: one})
        if conclusion != statement.conclusion:
            yield "variables swapped", built(statement.binders, conclusion)


def _retyped(statement: Statement) -> Iterator[tuple[str, str]]:
    new = {"Nat": "Int", "Int": "Nat"}
    for i, binder in enumerate(statement.binders):
        if binder.type in new:
            other = replace(binder, type=new[binder.type])
            binders = [*statement.binders[:i], other, *statement.binders[i + 1 :]]
            yield "type", built(binders, statement.conclusion)
    if len(statement.variables) > 1 and len({b.type for b in statement.variables}) == 1:
        binders = [replace(b, type=new.get(b.type, b.type)) for b in statement.binders]
        yield "type", built(binders, statement.conclusion)
