"""Rewrites of a statement, each of which keeps its meaning by how it is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from benchmarks.equivalence_terms import (
    RELATIONS,
    commuted,
    connective_sides,
    flip,
    relation_sides,
)
from evaluators.equivalence.statement import Binder, Statement, tokenize, unwrapped


@dataclass(frozen=True, slots=True)
class Pair:
    """Two statements, and whether they say the same."""

    kind: str
    first: str
    second: str
    same: bool
    source: str
    definitions: str = ""


Rewrite = Callable[[Statement], str | None]


def renamed(statement: Statement) -> str | None:
    """Every variable under another name."""
    names = [b.name for b in statement.binders if b.is_variable]
    new = {name: f"z{i}" for i, name in enumerate(names)}
    return renamed_text(statement.proposition, new) if new else None


def hypotheses_reordered(statement: Statement) -> str | None:
    """The hypotheses in the opposite order, behind all variables."""
    hypotheses = [b for b in statement.binders if not b.is_variable]
    variables = [b for b in statement.binders if b.is_variable]
    if len(hypotheses) < 2 or len({b.name for b in hypotheses} - {"_"}) < len(hypotheses):
        return None
    return built([*variables, *reversed(hypotheses)], statement.conclusion)


def variables_reordered(statement: Statement) -> str | None:
    """The variables in the opposite order."""
    variables = [b for b in statement.binders if b.is_variable]
    rest = [b for b in statement.binders if not b.is_variable]
    if len(variables) < 2:
        return None
    return built([*reversed(variables), *rest], statement.conclusion)


def relations_flipped(statement: Statement) -> str | None:
    """`a < b` as `b > a`, and the other orders alike."""
    return _each_part(statement, lambda text: flip(text, "<>≤≥"))


def equations_turned(statement: Statement) -> str | None:
    """`a = b` as `b = a`."""
    return _each_part(statement, lambda text: flip(text, "=≠"))


def conjoined(statement: Statement) -> str | None:
    """All hypotheses as one conjunction."""
    variables = [b for b in statement.binders if b.is_variable]
    hypotheses = [b for b in statement.binders if not b.is_variable]
    if len(hypotheses) < 2:
        return None
    together = " ∧ ".join(f"({b.type})" for b in hypotheses)
    return built([*variables, Binder("hs", together)], statement.conclusion)


def curried(statement: Statement) -> str | None:
    """The first hypothesis that is a conjunction as two hypotheses."""
    for i, binder in enumerate(statement.binders):
        sides = None if binder.is_variable else connective_sides(binder.type, "∧")
        if sides:
            parts = [Binder(f"h{i}{j}", side) for j, side in enumerate(sides)]
            binders = [*statement.binders[:i], *parts, *statement.binders[i + 1 :]]
            return built(binders, statement.conclusion)
    return None


def contraposed(statement: Statement) -> str | None:
    """The last hypothesis and the conclusion, both denied, in the opposite order."""
    if not statement.binders or statement.binders[-1].is_variable:
        return None
    last = statement.binders[-1]
    return built(
        [*statement.binders[:-1], Binder("hc", f"¬ ({statement.conclusion})")], f"¬ ({last.type})"
    )


def as_disjunction(statement: Statement) -> str | None:
    """`H → C` as `¬ H ∨ C`."""
    if not statement.binders or statement.binders[-1].is_variable:
        return None
    last = statement.binders[-1]
    return built(statement.binders[:-1], f"¬ ({last.type}) ∨ ({statement.conclusion})")


def de_morgan(statement: Statement) -> str | None:
    """`A ∧ B` as `¬ (¬ A ∨ ¬ B)`, and `A ∨ B` as `¬ (¬ A ∧ ¬ B)`."""

    def change(text: str) -> str | None:
        for sign, other in (("∧", "∨"), ("∨", "∧")):
            sides = connective_sides(text, sign)
            if sides:
                return f"¬ (¬ ({sides[0]}) {other} ¬ ({sides[1]}))"
        return None

    return _each_part(statement, change)


def connectives_commuted(statement: Statement) -> str | None:
    """`A ∧ B` as `B ∧ A`, and `A ∨ B` and `A ↔ B` alike."""

    def change(text: str) -> str | None:
        for sign in "↔∧∨":
            sides = connective_sides(text, sign)
            if sides:
                return f"({sides[1]}) {sign} ({sides[0]})"
        return None

    return _each_part(statement, change)


def sums_commuted(statement: Statement) -> str | None:
    """`a + b` as `b + a` on each side of an equation or order."""
    return _each_side(statement, "+")


def products_commuted(statement: Statement) -> str | None:
    """`a * b` as `b * a`."""
    return _each_side(statement, "*")


def negations_spelt(statement: Statement) -> str | None:
    """`a ≠ b` as `¬ (a = b)`, and `a = b` as `¬ (a ≠ b)`."""

    def change(text: str) -> str | None:
        for sign, other in (("≠", "="), ("=", "≠")):
            sides = relation_sides(text, sign)
            if sides:
                return f"¬ ({sides[0]} {other} {sides[1]})"
        return None

    return _each_part(statement, change)


def squares_multiplied(statement: Statement) -> str | None:
    """`x ^ 2` of a name as `x * x`."""
    new = re.sub(
        r"(?<![\w.^] )(?<![\w.^])(\b[a-z]\b) \^ 2(?! ?[\^\d])", r"(\1 * \1)", statement.rebuilt
    )
    return new if new != statement.rebuilt else None


def doubles_added(statement: Statement) -> str | None:
    """`2 * x` of a name as `x + x`."""
    new = re.sub(
        r"(?<![\w.^*/%] )(?<![\w.])2 \* ([a-z])\b(?! [\^*/%(a-z])", r"(\1 + \1)", statement.rebuilt
    )
    return new if new != statement.rebuilt else None


def strictness_shifted(statement: Statement) -> str | None:
    """`a < b` as `a + 1 ≤ b`, on natural numbers and integers."""
    if "Rat" in statement.proposition:
        return None

    def change(text: str) -> str | None:
        for sign in "<>":
            sides = relation_sides(text, sign)
            if sides:
                low, high = sides if sign == "<" else (sides[1], sides[0])
                return f"{low} + 1 ≤ {high}"
        for sign in "≤≥":
            sides = relation_sides(text, sign)
            if sides:
                low, high = sides if sign == "≤" else (sides[1], sides[0])
                return f"{low} < {high} + 1"
        return None

    return _each_part(statement, change)


def difference_zero(statement: Statement) -> str | None:
    """`a = b` as `a - b = 0`, where every variable is an integer."""
    if not statement.variables or any(b.type != "Int" for b in statement.variables):
        return None

    def change(text: str) -> str | None:
        sides = relation_sides(text, "=")
        return f"{sides[0]} - ({sides[1]}) = 0" if sides else None

    return _each_part(statement, change)


def binders_implicit(statement: Statement) -> str | None:
    """Implicit variables."""
    if not any(binder.is_variable for binder in statement.binders):
        return None
    binders = [replace(b, brackets="{}") if b.is_variable else b for b in statement.binders]
    return built(binders, statement.conclusion)


def literals_respelt(statement: Statement) -> str | None:
    """Numbers of two digits and more in hexadecimal."""
    body = statement.rebuilt
    new = "".join(_respelt(body))
    return new if new != body else None


def literals_summed(statement: Statement) -> str | None:
    """The first number above 2 on the outside of an equation as a sum."""

    def change(text: str) -> str | None:
        sides = relation_sides(text, "=")
        if not sides or not sides[1].isdecimal() or int(sides[1]) < 3:
            return None
        number = int(sides[1])
        return f"{sides[0]} = {number - 2} + 2"

    return _each_part(statement, change)


def divisibility_unfolded(statement: Statement) -> str | None:
    """`a ∣ b` as `b % a = 0`."""

    def change(text: str) -> str | None:
        sides = relation_sides(text, "∣")
        return f"({sides[1]}) % ({sides[0]}) = 0" if sides else None

    return _each_part(statement, change)


def negation_unfolded(statement: Statement) -> str | None:
    """`a ≠ b` as `a = b → False`, in hypotheses and conclusion."""

    def change(text: str) -> str | None:
        sides = relation_sides(text, "≠")
        return f"({sides[0]} = {sides[1]} → False)" if sides else None

    return _each_part(statement, change)


def paired(statement: Statement) -> str | None:
    """The first two variables as one pair."""
    if len(statement.binders) < 2 or not all(b.is_variable for b in statement.binders[:2]):
        return None
    one, two, *rest = statement.binders
    if "→" in one.type + two.type:
        return None
    new = {one.name: "pr.1", two.name: "pr.2"}
    tail = built([*rest], statement.conclusion)
    return f"∀ pr : {one.type} × {two.type}, {renamed_text(tail, new)}"


def proposition_form(statement: Statement) -> str | None:
    """Without names for hypotheses: arrows."""
    hypotheses = [b for b in statement.binders if not b.is_variable]
    if not hypotheses:
        return None
    head = "".join(
        f"∀ {b}, " if b.is_variable else f"({b.type}) → " for b in statement.binders
    )  # fmt: skip
    return f"{head}({statement.conclusion})"


REWRITES: dict[str, Rewrite] = {
    "renamed variables": renamed,
    "order of hypotheses": hypotheses_reordered,
    "order of variables": variables_reordered,
    "arrows for hypotheses": proposition_form,
    "implicit binders": binders_implicit,
    "> for <": relations_flipped,
    "equation turned": equations_turned,
    "hypotheses conjoined": conjoined,
    "conjunction curried": curried,
    "contrapositive": contraposed,
    "implication as ∨": as_disjunction,
    "De Morgan": de_morgan,
    "∧ ∨ ↔ commuted": connectives_commuted,
    "+ commuted": sums_commuted,
    "* commuted": products_commuted,
    "≠ as ¬ =": negations_spelt,
    "≠ unfolded": negation_unfolded,
    "∣ unfolded": divisibility_unfolded,
    "x ^ 2 as x * x": squares_multiplied,
    "2 * x as x + x": doubles_added,
    "< as + 1 ≤": strictness_shifted,
    "difference zero": difference_zero,
    "numbers in hexadecimal": literals_respelt,
    "number as a sum": literals_summed,
    "variables paired": paired,
}
"""Each keeps the meaning of every statement it applies to."""


def combined(statement: Statement, kinds: list[str]) -> str | None:
    """Several rewrites, one after another; None when fewer than two apply."""
    text, done = statement.proposition, 0
    for kind in kinds:
        changed = REWRITES[kind](Statement.parse(text))
        if changed is not None:
            text, done = changed, done + 1
    return text if done > 1 else None


def built(binders: list[Binder] | tuple[Binder, ...], conclusion: str) -> str:
    """The statement of these parts."""
    return replace(
        Statement("", (), "", ()), binders=tuple(binders), conclusion=conclusion
    ).rebuilt


def _substituted(statement: Statement, pattern: str, new: str) -> str | None:
    body = statement.rebuilt
    changed = re.sub(pattern, new, body)
    return changed if changed != body else None


def renamed_text(text: str, names: dict[str, str]) -> str:
    """Every name replaced, also as the head of `x.f`; names bound again inside change alike."""
    pieces, last = [], 0
    for token in tokenize(text):
        head, dot, tail = token.text.partition(".")
        if token.kind == "word" and head in names:
            pieces += [text[last : token.start], names[head], dot, tail]
            last = token.end
    return "".join([*pieces, text[last:]])


def _each_part(statement: Statement, change: Callable[[str], str | None]) -> str | None:
    """Change each hypothesis and the conclusion where that is possible; None where nowhere."""
    changed = False
    binders = []
    for binder in statement.binders:
        new = None if binder.is_variable else change(unwrapped(binder.type))
        changed |= new is not None
        binders.append(binder if new is None else replace(binder, type=new))
    conclusion = change(statement.conclusion)
    if conclusion is None and not changed:
        return None
    return built(binders, conclusion or statement.conclusion)


def _each_side(statement: Statement, operator: str) -> str | None:
    def change(text: str) -> str | None:
        for sign in RELATIONS:
            sides = relation_sides(text, sign)
            if sides:
                new = [commuted(side, operator) for side in sides]
                if new != list(sides):
                    return f"{new[0]} {sign} {new[1]}"
        return None

    return _each_part(statement, change)


def _respelt(text: str) -> Iterator[str]:
    last = 0
    for token in tokenize(text):
        if token.text.isdecimal() and int(token.text) > 9:
            yield text[last : token.start]
            yield hex(int(token.text))
            last = token.end
    yield text[last:]
