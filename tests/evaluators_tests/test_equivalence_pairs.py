"""The labelled set of benchmarks/equivalence.py: labels are only as good as the rewrites."""

from __future__ import annotations

import random

import pytest

from benchmarks.equivalence_mutations import mutations
from benchmarks.equivalence_pairs import REWRITES, combined
from benchmarks.equivalence_world import world_pairs
from evaluators.equivalence.statement import Statement

STATEMENT = Statement.parse(
    "theorem t (x y : Int) (h₀ : 0 < y) (h₁ : x ≠ y ∧ 2 ∣ x) : x ^ 2 + 2 * y = 80"
)
HEAD = "∀ (x : Int), ∀ (y : Int), "
H0, H1 = "∀ (h₀ : 0 < y), ", "∀ (h₁ : x ≠ y ∧ 2 ∣ x), "
END = "x ^ 2 + 2 * y = 80"
REWRITTEN = {
    "renamed variables": (
        "∀ (z0 : Int), ∀ (z1 : Int), ∀ (h₀ : 0 < z1), ∀ (h₁ : z0 ≠ z1 ∧ 2 ∣ z0), "
        "z0 ^ 2 + 2 * z1 = 80"
    ),
    "order of hypotheses": f"{HEAD}{H1}{H0}{END}",
    "order of variables": f"∀ (y : Int), ∀ (x : Int), {H0}{H1}{END}",
    "> for <": f"{HEAD}∀ (h₀ : y > 0), {H1}{END}",
    "equation turned": f"{HEAD}{H0}{H1}80 = x ^ 2 + 2 * y",
    "hypotheses conjoined": f"{HEAD}∀ (hs : (0 < y) ∧ (x ≠ y ∧ 2 ∣ x)), {END}",
    "conjunction curried": f"{HEAD}{H0}∀ (h30 : x ≠ y), ∀ (h31 : 2 ∣ x), {END}",
    "contrapositive": f"{HEAD}{H0}∀ (hc : ¬ ({END})), ¬ (x ≠ y ∧ 2 ∣ x)",
    "implication as ∨": f"{HEAD}{H0}¬ (x ≠ y ∧ 2 ∣ x) ∨ ({END})",
    "De Morgan": f"{HEAD}{H0}∀ (h₁ : ¬ (¬ (x ≠ y) ∨ ¬ (2 ∣ x))), {END}",
    "+ commuted": f"{HEAD}{H0}{H1}2 * y + (x ^ 2) = 80",
    "x ^ 2 as x * x": f"{HEAD}{H0}{H1}(x * x) + 2 * y = 80",
    "2 * x as x + x": f"{HEAD}{H0}{H1}x ^ 2 + (y + y) = 80",
    "< as + 1 ≤": f"{HEAD}∀ (h₀ : 0 + 1 ≤ y), {H1}{END}",
    "difference zero": f"{HEAD}{H0}{H1}x ^ 2 + 2 * y - (80) = 0",
    "numbers in hexadecimal": f"{HEAD}{H0}{H1}x ^ 2 + 2 * y = 0x50",
    "number as a sum": f"{HEAD}{H0}{H1}x ^ 2 + 2 * y = 78 + 2",
}


@pytest.mark.parametrize("kind", REWRITTEN)
def test_a_rewrite_writes_the_same_in_another_way(kind):
    assert REWRITES[kind](STATEMENT) == REWRITTEN[kind]


def test_a_rewrite_that_does_not_apply_gives_nothing():
    closed = Statement.parse("2003 % 11 = 1")
    applicable = {kind for kind, rewrite in REWRITES.items() if rewrite(closed) is not None}
    assert applicable == {"equation turned", "≠ as ¬ =", "numbers in hexadecimal"}
    assert combined(closed, ["renamed variables", "equation turned"]) is None


def test_every_rewrite_and_mutation_can_be_read_again():
    texts = [rewrite(STATEMENT) for rewrite in REWRITES.values()]
    texts += [text for _, text in mutations(STATEMENT)]
    for text in texts:
        assert text is None or Statement.parse(text).conclusion


def test_mutations_change_one_thing():
    found = dict(mutations(Statement.parse("∀ (x : Nat), x < 3")))
    assert found["constant"] == "∀ (x : Nat), x < 4"
    assert found["strictness"] == "∀ (x : Nat), x ≤ 3"
    assert found["type"] == "∀ (x : Int), x < 3"
    assert found["denied"] == "∀ (x : Nat), ¬ (x < 3)"


def test_the_worlds_mutations_are_those_that_python_tells_apart():
    pairs = list(world_pairs(random.Random(0), functions=8))
    assert {pair.same for pair in pairs} == {True, False}
    assert all(pair.definitions.startswith("def f ") for pair in pairs)
    assert all(pair.first != pair.second for pair in pairs)
    assert pairs == list(world_pairs(random.Random(0), functions=8))
