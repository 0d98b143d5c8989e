"""Small faults put into a Lean definition: what a judge must not let pass.

A mutant differs from its definition in one operator, one constant or one branch. What people get
wrong: a mutant that does not compile shows nothing, and one that computes the same shows nothing
either; only a judge that lets others pass is blunt. Text is all there is here; whether a mutant
compiles and differs is for Lean to say.

After DeMillo, Lipton and Sayward 1978, "Hints on test data selection".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lean_sandbox.lexing import tokens

Fault = Literal["operator", "constant", "branch", "call"]

_OPERATORS: dict[str, tuple[str, ...]] = {
    "+": ("-",),
    "-": ("+",),
    "*": ("+",),
    "/": ("*",),
    "%": ("/",),
    "^": ("*",),
    "<": ("≤", ">"),
    ">": ("≥", "<"),
    "≤": ("<", "≥"),
    "<=": ("<", ">="),
    "≥": (">", "≤"),
    ">=": (">", "<="),
    "=": ("≠",),
    "≠": ("=",),
    "==": ("!=",),
    "!=": ("==",),
    "&&": ("||",),
    "||": ("&&",),
    "∧": ("∨",),
    "∨": ("∧",),
}
_WORDS: dict[str, tuple[Fault, str]] = {
    "true": ("constant", "false"),
    "false": ("constant", "true"),
    "min": ("operator", "max"),
    "max": ("operator", "min"),
    "some": ("branch", "(fun _ => none)"),
}
_METHODS = {
    ".all": ".any",
    ".any": ".all",
    ".take": ".drop",
    ".drop": ".take",
    ".tail": ".dropLast",
    ".fst": ".snd",
    ".snd": ".fst",
}
_LEFT_OPERAND = re.compile(r"[\w)\]}⟩'!?\"]\s*$")
_PROOF = re.compile(r"\b(?:termination_by|decreasing_by)\b.*?(?=\n\s*\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One definition with one fault."""

    lean: str
    fault: Fault
    place: int
    """Where the fault begins, in characters."""
    before: str
    after: str

    def __str__(self) -> str:
        """The fault as a person reads it."""
        line = self.lean.count("\n", 0, self.place) + 1
        return f"line {line}: {self.before} → {self.after}"


def mutants(lean: str, *, keep: str = "") -> tuple[Mutant, ...]:
    """Every single fault that this file knows, in the order of the text.

    Args:
        lean: one definition, helpers before it or not.
        keep: text that stays as it is: the signature asked for.
    """
    start = lean.find(keep) if keep else -1
    kept = [(start, start + len(keep))] if start >= 0 else []
    kept += [match.span() for match in _PROOF.finditer(lean)]
    kept += _headers(lean)
    return tuple(
        mutant
        for mutant in _all(lean)
        if not any(first <= mutant.place < last for first, last in kept)
    )


def _headers(lean: str) -> list[tuple[int, int]]:
    """The signatures of helpers, and lines that open or import something."""
    headers = re.compile(r"^\s*(?:def|theorem|let rec)\b.*?:=|^(?:import|open)\b.*?$", re.M | re.S)
    return [match.span() for match in headers.finditer(lean)]


def _all(lean: str) -> Iterator[Mutant]:
    before = ""
    for token in tokens(lean):
        kind, text, span = token.kind, token.text, (token.start, token.end)
        if kind == "number":
            yield from _numbers(lean, text, span)
        elif kind in {"string", "character"}:
            other = '"?"' if kind == "string" else "'?'"
            if text != other:
                yield _mutant(lean, "constant", span, other)
        elif kind == "word" and before == ".":
            yield from _methods(lean, text, token.start)
        elif kind == "word":
            yield from _words(lean, text, span)
        elif kind == "sign":
            yield from _operators(lean, text, span)
        before = text


def _mutant(lean: str, fault: Fault, span: tuple[int, int], after: str) -> Mutant:
    first, last = span
    return Mutant(lean[:first] + after + lean[last:], fault, first, lean[first:last], after)


def _numbers(lean: str, digits: str, span: tuple[int, int]) -> Iterator[Mutant]:
    around = lean[span[0] - 1 : span[0]] + lean[span[1] : span[1] + 1]
    if not digits.isdecimal() or {*around} & {".", "'"}:
        return
    yield _mutant(lean, "constant", span, str(int(digits) + 1))
    if int(digits) > 0:
        yield _mutant(lean, "constant", span, str(int(digits) - 1))


def _methods(lean: str, names: str, place: int) -> Iterator[Mutant]:
    """Calls behind a bracket: `(f xs).tail.length`."""
    for method in re.finditer(r"\.[^.]+", f".{names}"):
        if method[0] in _METHODS:
            span = (place + method.start() - 1, place + method.end() - 1)
            yield _mutant(lean, "call", span, _METHODS[method[0]])


def _words(lean: str, word: str, span: tuple[int, int]) -> Iterator[Mutant]:
    if word in _WORDS:
        fault, after = _WORDS[word]
        yield _mutant(lean, fault, span, after)
    elif word == "not":
        yield _mutant(lean, "branch", span, "id")
    elif word == "if":
        yield from _branches(lean, span[1])
    head, dot, tail = word.rpartition(".")
    if dot and f".{tail}" in _METHODS:
        yield _mutant(lean, "call", span, head + _METHODS[f".{tail}"])


def _branches(lean: str, place: int) -> Iterator[Mutant]:
    """`if c then` with the other branch taken, or always the first, or always the second."""
    end = _then(lean, place)
    if end is None:
        return
    condition = lean[place:end].strip()
    if not condition or re.match(r"[\w_]+\s*:", condition) or condition.startswith("let "):
        return  # a named condition has proofs that need it
    for after in (f" ¬ ({condition}) ", " True ", " False "):
        yield _mutant(lean, "branch", (place, end), after)


def _then(lean: str, place: int) -> int | None:
    """Where the `then` of the `if` before `place` begins."""
    depth = 0
    for token in tokens(lean, place):
        depth += (token.text == "if") - (token.text == "then")
        if depth < 0:
            return token.start
    return None


def _operators(lean: str, operator: str, span: tuple[int, int]) -> Iterator[Mutant]:
    if operator in {"!", "¬"}:
        if lean[span[1] : span[1] + 1].strip() and lean[: span[0]][-1:] not in {"]", ")", "}"}:
            yield _mutant(lean, "branch", span, "")
        return
    if not _LEFT_OPERAND.search(lean, max(0, span[0] - 40), span[0]):
        return  # a sign, not an operator
    for after in _OPERATORS.get(operator, ()):
        yield _mutant(lean, "operator", span, after)
