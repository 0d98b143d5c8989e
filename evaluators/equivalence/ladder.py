"""The rungs of beq_core: Lean programs that derive one statement from another, cheap to dear.

Every program states `P → Q` and nothing else; the rungs differ in what may close the goal. A
structural rung first replaces every number by a variable, so that what it finds cannot rest on
arithmetic that happens to be true: `17 * 18 % 4 = 2` and `18 % 4 = 2` are both true, and not the
same. What people get wrong: a goal closed without the base. The same closer is therefore asked
once without it (`without_base`), and once to contradict the base (`refuting_base`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluators.equivalence.statement import (
    Binder,
    Statement,
    defined_names,
    product_sides,
    unwrapped,
)
from lean_sandbox.sandbox import CheckRequest

MAX_NUMERALS = 16
"""Numbers that a structural rung replaces; more of them cost more than they bring."""
MAX_INSTANCES = 6
"""Ways to match one statement's variables to the other's that are tried."""

_NORMAL_FORM = (
    "and_imp, not_and, not_or, Classical.not_not, Classical.not_imp, Classical.not_forall, "
    "not_exists, gt_iff_lt, ge_iff_le, ne_eq, Nat.not_le, Nat.not_lt, Int.not_le, Int.not_lt, "
    "and_comm, and_left_comm, and_assoc, or_comm, or_left_comm, or_assoc, eq_comm, "
    "Nat.add_comm, Nat.add_left_comm, Nat.add_assoc, Nat.mul_comm, Nat.mul_left_comm, "
    "Nat.mul_assoc, Int.add_comm, Int.add_left_comm, Int.add_assoc, Int.mul_comm, "
    "Int.mul_left_comm, Int.mul_assoc"
)
_CONGRUENCE = """refine Iff.mp ?_ base
  clear base
  repeat' first
    | with_reducible exact Iff.rfl
    | refine forall_congr' fun _ => ?_
    | refine exists_congr fun _ => ?_
    | grind
    | refine imp_congr ?_ ?_
    | refine iff_congr ?_ ?_
    | refine not_congr ?_
    | refine and_congr ?_ ?_
    | refine or_congr ?_ ?_"""
_SIMP = """(try simp only [NORMAL_FORM] at base)
  (try simp only [NORMAL_FORM])
  exact base"""
_ARITHMETIC = "first | omega | (simp_all; done) | grind"
_SEARCH = "first | (apply base <;> first | assumption | omega | (simp_all; done) | grind) | exact?"


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to derive a statement from another."""

    name: str
    thousand_heartbeats: int
    """Lean's own measure of work, for one declaration."""
    tactic: str
    """What closes the goal; `base` is the other statement."""
    alone: str = "intros; grind"
    """The closer without the base."""
    structural: bool = False
    """Numbers are variables."""
    introduces: bool = False
    """The goal's binders are introduced, and the base is used at them."""
    instances: int = MAX_INSTANCES
    """In how many ways the base is used at them; each may double the work of a closer."""


LADDER: tuple[Rung, ...] = (
    Rung(
        "unification", 4, "with_reducible exact base", structural=True,
        alone="intros; with_reducible rfl",
    ),
    Rung("matching", 10, "grind", structural=True, introduces=True, instances=2),
    Rung("unfolding", 4, "exact base", structural=True, alone="intros; rfl"),
    Rung(
        "normal form", 10, _SIMP, alone="first | (intros; rfl) | simp only [NORMAL_FORM]",
        structural=True,
    ),
    Rung("congruence", 20, _CONGRUENCE, structural=True),
    Rung(
        "arithmetic", 10, _ARITHMETIC, introduces=True, instances=1,
        alone="intros; first | omega | (simp_all; done) | grind",
    ),
    Rung("congruence of values", 20, _CONGRUENCE),
    Rung(
        "search", 20, _SEARCH, introduces=True,
        alone="intros; first | omega | (simp_all; done) | grind | exact?",
    ),
)  # fmt: skip
"""From cheap to dear."""

_TRIVIAL = (
    "first | (intros; rfl) | decide | (intros; omega) | (intros; simp_all; done) | (intros; grind)"
)
_CONTRADICTION = "first | contradiction | omega | (simp_all; done) | grind"


def identity(first: str, second: str, definitions: str) -> CheckRequest:
    """Accepted when two propositions are the same expression up to the names of variables.

    The sandbox's target gate compares the values of the definitions that a target brings along,
    as expressions.
    """
    head = _head(definitions)
    target = f"{head}def Statement : Prop :=\n({second})\ntheorem same : Statement = Statement"
    program = f"{head}def Statement : Prop :=\n({first})\ntheorem same : Statement = Statement"
    return CheckRequest(program=f"{program} := rfl", target=target)


def derivation(rung: Rung, base: Statement, goal: Statement, definitions: str) -> CheckRequest:
    """`base → goal` by a rung."""
    lines = ["intro base"]
    if rung.structural:
        lines += _without_numbers((base, goal), "at base ⊢")
    if rung.introduces:
        lines += _instances(base.binders, goal.binders, most=rung.instances)
    lines.append(rung.tactic.replace("NORMAL_FORM", _normal_form(definitions)))
    claim = f"({base.proposition}) →\n({goal.proposition})"
    return _theorem(claim, lines, rung.thousand_heartbeats, definitions)


def without_base(rung: Rung, base: Statement, goal: Statement, definitions: str) -> CheckRequest:
    """`goal` alone, by the same closer: accepted means that the base is not needed."""
    lines = _without_numbers((base, goal), "") if rung.structural else []
    lines.append(rung.alone.replace("NORMAL_FORM", _normal_form(definitions)))
    return _theorem(goal.proposition, lines, rung.thousand_heartbeats, definitions)


def refuting_base(rung: Rung, base: Statement, goal: Statement, definitions: str) -> CheckRequest:
    """`base → False`: accepted means that anything at all follows from the base."""
    lines = ["intro base"]
    if rung.structural:
        lines += _without_numbers((base, goal), "at base")
    lines.append(_CONTRADICTION)
    claim = f"({base.proposition}) → False"
    return _theorem(claim, lines, rung.thousand_heartbeats, definitions)


def triviality(statement: Statement, definitions: str, thousand_heartbeats: int) -> CheckRequest:
    """The statement alone, by everything cheap."""
    names = defined_names(definitions)
    unfolded = f" | (intros; simp [{', '.join(names)}]; done)" if names else ""
    return _theorem(statement.proposition, [_TRIVIAL + unfolded], thousand_heartbeats, definitions)


def vacuity(statement: Statement, definitions: str, thousand_heartbeats: int) -> CheckRequest:
    """The statement from its hypotheses alone, whatever it concludes."""
    lines = ["intros", "fail_if_success show False", "exfalso", _CONTRADICTION]
    return _theorem(statement.proposition, lines, thousand_heartbeats, definitions)


def refutation(statement: Statement, values: Sequence[str], definitions: str) -> CheckRequest:
    """`¬ statement`, by the values of its variables, in the order of its binders."""
    left = iter(values)
    arguments = " ".join(
        f"({next(left)} : {binder.type})" if binder.is_variable else "(by decide +kernel)"
        for binder in statement.binders
    )
    lines = ["intro base", f"exact absurd (base {arguments}) (by decide +kernel)"]
    return _theorem(f"¬ ({statement.proposition})", lines, 100, definitions)


def _theorem(
    claim: str, lines: Iterable[str], thousand_heartbeats: int, definitions: str
) -> CheckRequest:
    """The claim stands in a definition, so that program and target state it letter by letter."""
    stated = f"{_head(definitions)}def Claim : Prop :=\n{claim}\n"
    limit = f"set_option maxHeartbeats {1000 * thousand_heartbeats} in\n"
    proof = "\n  ".join(["unfold Claim", *lines])
    return CheckRequest(
        program=f"{stated}{limit}theorem shown : Claim := by\n  {proof}\n",
        target=f"{stated}theorem shown : Claim",
    )


def _head(definitions: str) -> str:
    return definitions.strip() + "\n\n" if definitions.strip() else ""


def _normal_form(definitions: str) -> str:
    return ", ".join([_NORMAL_FORM, *defined_names(definitions)])


def _without_numbers(statements: Sequence[Statement], where: str) -> list[str]:
    """Tactics that replace every number by a variable of its own."""
    numerals = dict.fromkeys(n for statement in statements for n in statement.numerals)
    text = " ".join(statement.proposition for statement in statements)
    kinds = ["Nat", "Int", *(["Rat"] if "Rat" in text else [])]
    return [
        f"try generalize ({number} : {kind}) = number{i}{kind} {where}"
        for i, number in enumerate(list(numerals)[:MAX_NUMERALS])
        for kind in kinds
    ]


def _instances(base: Sequence[Binder], goal: Sequence[Binder], *, most: int) -> list[str]:
    """Introduce the goal's binders, and state the base at its variables."""
    names = [f"e{i}" for i in range(len(goal))]
    lines = [f"intro {' '.join(names)}"] if names else []
    variables = [(name, binder) for name, binder in zip(names, goal, strict=True)]
    for i, arguments in enumerate(_matchings(base, variables)[:most]):
        assumed = [argument for argument in arguments if argument.startswith("a")]
        fun = f"fun {' '.join(assumed)} => " if assumed else ""
        lines.append(f"have b{i} := {fun}base {' '.join(arguments)}")
    return lines


def _matchings(
    base: Sequence[Binder], goal: Sequence[tuple[str, Binder]]
) -> list[tuple[str, ...]]:
    """Arguments for the base up to its last variable; best guess first: by name, by order, others.

    A hypothesis on the way is left open, as `a0`, `a1`, …
    """
    count = max((i for i, binder in enumerate(base, 1) if _is_value(binder)), default=0)
    leading = base[:count]
    if not leading:
        return []
    offers = [
        _offers(binder, goal) if _is_value(binder) else [f"a{i}"]
        for i, binder in enumerate(leading)
    ]
    named = tuple(
        next((n for n, other in goal if other.name == binder.name and n in offer), offer[0])
        if offer else ""
        for binder, offer in zip(leading, offers, strict=True)
    )  # fmt: skip
    found: dict[tuple[str, ...], None] = {}
    for choice in itertools.islice(itertools.chain([named], itertools.product(*offers)), 500):
        if "" not in choice and len(set(choice)) == len(choice):
            found[choice] = None
        if len(found) == MAX_INSTANCES:
            break
    return list(found)


def _offers(binder: Binder, goal: Sequence[tuple[str, Binder]]) -> list[str]:
    """The goal's variables of the same type; pairs of them for a pair."""
    found = [name for name, other in goal if _same_kind(binder, other)]
    left, right = product_sides(binder.type, "×")
    if found or not right:
        return found
    sides = [_offers(Binder("", kind), goal) for kind in (left, right)]
    return [f"({one}, {two})" for one in sides[0] for two in sides[1] if one != two]


def _is_value(binder: Binder) -> bool:
    return binder.is_variable or not binder.type


def _same_kind(binder: Binder, other: Binder) -> bool:
    return _is_value(other) and unwrapped(binder.type) == unwrapped(other.type)
