"""What only the real Lean can say of two statements."""

from __future__ import annotations

import pytest

from evaluators.equivalence.beq_core import BeqCore, Equivalence
from lean_sandbox.pool import LeanPool

pytestmark = pytest.mark.lean

EIGHTS = "theorem t (n : Nat) (h : n % 8 = 7) : n % 4 = 3 := by omega"
CASES = {
    "renamed": (EIGHTS, "∀ k : Nat, k % 8 = 7 → k % 4 = 3", Equivalence.PROVEN),
    "turned": (EIGHTS, "∀ k : Nat, 7 = k % 8 → 3 = k % 4", Equivalence.PROVEN),
    "contraposed": (EIGHTS, "∀ k : Nat, ¬ k % 4 = 3 → ¬ k % 8 = 7", Equivalence.PROVEN),
    "weaker and true": (EIGHTS, "∀ k : Nat, k % 8 = 7 → k % 2 = 1", Equivalence.TRIVIAL),
    "another constant": (EIGHTS, "∀ k : Nat, k % 8 = 7 → k % 4 = 2", Equivalence.REFUTED),
    "dropped": (EIGHTS, "∀ k : Nat, k % 4 = 3", Equivalence.REFUTED),
    "closed and turned": ("17 * 18 % 4 = 2", "2 = 18 * 17 % 4", Equivalence.PROVEN),
    "closed and other": ("17 * 18 % 4 = 2", "18 % 4 = 2", Equivalence.TRIVIAL),
    "closed and false": ("17 * 18 % 4 = 2", "17 * 18 % 4 = 3", Equivalence.REFUTED),
    "vacuous": (
        "∀ n : Nat, 3 ∣ n ^ 3 + 2 * n",
        "∀ n : Nat, n < 0 → 3 ∣ n ^ 3 + 2 * n + 1",
        Equivalence.VACUOUS,
    ),
    "unknown": (
        "∀ n : Nat, 3 ∣ n ^ 3 + 2 * n",
        "∀ n : Nat, 3 ∣ 2 ^ (2 * n + 1) + 1",
        Equivalence.UNKNOWN,
    ),
    "no such name": (EIGHTS, "∀ k : Nat, k % 8 = m", Equivalence.INVALID),
    "sorry inside": (EIGHTS, "∀ k : Nat, k % 8 = sorry", Equivalence.INVALID),
    "not a proposition": (EIGHTS, "7 + 1", Equivalence.INVALID),
    "a way out": (EIGHTS, "True)\ntheorem free : (True", Equivalence.INVALID),
}


QUICK = ("renamed", "another constant", "not a proposition", "a way out")
"""One for each kind of outcome that needs no long search for a proof."""


def _outcomes(pool: LeanPool, names: tuple[str, ...]) -> dict[str, Equivalence]:
    found = BeqCore(pool).compare_many([CASES[name][:2] for name in names])
    return dict(zip(names, [one.outcome for one in found], strict=True))


def test_one_case_of_each_kind_gets_its_outcome(pool: LeanPool):
    assert _outcomes(pool, QUICK) == {name: CASES[name][2] for name in QUICK}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_each_case_gets_its_outcome(pool: LeanPool):
    assert _outcomes(pool, tuple(CASES)) == {name: case[2] for name, case in CASES.items()}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_it_makes_no_difference_which_statement_comes_first(pool: LeanPool):
    metric = BeqCore(pool)
    decided = {Equivalence.PROVEN, Equivalence.REFUTED}
    pairs = [(first, second) for first, second, outcome in CASES.values() if outcome in decided]
    there = metric.compare_many(pairs)
    back = metric.compare_many([(second, first) for first, second in pairs])
    assert [(one.outcome, one.forward, one.backward) for one in there] == [
        (one.outcome, one.backward, one.forward) for one in back
    ]


def test_a_counterexample_names_its_values(pool: LeanPool):
    found = BeqCore(pool).compare(EIGHTS, "∀ k : Nat, k % 8 = 7 → k % 4 = 2")
    assert dict(found.counterexample.values) == {"k": "7"}
    assert found.counterexample.fails == "second"


def test_statements_may_use_definitions_given_with_them(pool: LeanPool):
    definitions = "def f (x : Int) : Int := x + x"
    found = BeqCore(pool).compare_many(
        [
            ("∀ x : Int, f x = x + x", "∀ y : Int, y + y = f y"),
            ("∀ x : Int, f x = x + x", "∀ y : Int, f y = y + 1"),
        ],
        definitions=[definitions, definitions],
    )
    assert [one.equivalent for one in found] == [True, False]
