from __future__ import annotations

import json
from pathlib import Path

import pytest

from lean_sandbox.policy import REASONS
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import check
from lean_sandbox.verdict import Outcome
from tests.lean_sandbox_tests.harmless import HARMLESS
from tests.lean_sandbox_tests.hostile import HOSTILE, Hostile
from tests.lean_sandbox_tests.programs import Case, read

SHARED_ATTACKS = Path(__file__).parents[2].parent / "shared" / "attacks.json"

pytestmark = pytest.mark.lean


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_program_is_not_accepted(pool: LeanPool, hostile: Hostile) -> None:
    said = check(pool, hostile.program, target=hostile.target, tests=hostile.tests)
    assert not said.accepted
    assert said.reason in hostile.reasons, said


@pytest.mark.parametrize("case", read("hostile.lean"), ids=lambda case: case.name)
def test_a_further_hostile_program_is_not_accepted(pool: LeanPool, case: Case) -> None:
    said = check(pool, case.program, target=case.target, tests=case.tests)
    assert not said.accepted
    assert said.reason in case.reasons, said


@pytest.mark.parametrize("case", read("harmless.lean"), ids=lambda case: case.name)
def test_further_harmless_code_is_accepted(pool: LeanPool, case: Case) -> None:
    said = check(pool, case.program, target=case.target, tests=case.tests)
    assert said.accepted, said


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_code_is_accepted(pool: LeanPool, name: str) -> None:
    said = check(pool, HARMLESS[name])
    assert said.accepted, said


@pytest.mark.parametrize(
    "code", [code for code, reason in REASONS.items() if not reason.example.startswith("(")]
)
def test_the_example_of_a_reason_gets_that_reason(pool: LeanPool, code: str) -> None:
    reason = REASONS[code]
    said = check(pool, reason.example, target=reason.target, tests=reason.tests)
    assert said.reason == code, said
    assert said.outcome is Outcome(reason.outcome)


def test_a_verdict_names_lean_and_the_gates_in_order(pool: LeanPool) -> None:
    said = check(
        pool, "def f (x : Int) : Int := x", target="def f (x : Int) : Int", tests=["f 1 = 1"]
    )
    assert said.lean_version.startswith("4.")
    assert said.gates == (
        "size",
        "syntax",
        "elaboration",
        "axioms",
        "kernel",
        "target",
        "tests",
    )
    assert len(said.gate_seconds) == len(said.gates) - 1
    assert abs(sum(said.gate_seconds) - said.seconds) < 0.001


def test_the_gate_that_speaks_is_the_last_one(pool: LeanPool) -> None:
    assert check(pool, "run_cmd pure ()").gates[-1] == "syntax"
    assert check(pool, "def f : Nat := true").gates[-1] == "elaboration"
    assert check(pool, "theorem t : 1 = 2 := sorry").gates[-1] == "axioms"


@pytest.mark.skipif(not SHARED_ATTACKS.exists(), reason=f"no {SHARED_ATTACKS}")
def test_the_shared_attacks_are_judged_right(pool: LeanPool) -> None:
    attacks = json.loads(SHARED_ATTACKS.read_text("utf-8"))
    wrong = []
    for attack in attacks:
        if "setup" in attack:
            check(pool, attack["setup"])
        program = attack.get("wrap", "{code}").replace("{code}", attack["code"])
        said = check(pool, program, target=attack.get("target"), tests=attack.get("tests", []))
        never_ran = any(note.text == "#eval" for note in said.notes) and not said.tests
        if said.accepted != (attack["must"] == "accept" or never_ran):
            wrong.append((attack["name"], said.reason, said.detail))
    assert wrong == []
    assert len(attacks) >= 55


def test_a_theorem_with_hypotheses_gets_a_gate_and_one_without_does_not(pool: LeanPool) -> None:
    with_one = "theorem t (n : Nat) (h : n < 3) : n < 4"
    said = check(pool, f"{with_one} := by omega", target=with_one)
    assert said.accepted, said
    assert said.gates[-2:] == ("target", "vacuity")
    assert len(said.gate_seconds) == len(said.gates) - 1
    without = "theorem t (n : Nat) : n < n + 1"
    said = check(pool, f"{without} := by omega", target=without)
    assert said.accepted, said
    assert said.gates[-1] == "target"


def test_lines_may_end_in_cr_lf(pool: LeanPool) -> None:
    program = 'def f (n : Nat) : Nat :=\n  n + 1\n\ndef s := "a\nb"\n'
    said = check(pool, program.replace("\n", "\r\n"), tests=["f 3 = 4", "s.length = 3"])
    assert said.accepted, said


BEFORE_AND_AFTER = (
    (
        "instance (priority := high) : HAdd Nat Nat Nat := ⟨fun _ _ => 5⟩\n"
        "attribute [-instance] instLTNat\nattribute [-simp] Nat.add_zero",
        "theorem a : (1 + 1 : Nat) = 2 := by simp\ntheorem b (n : Nat) : n + 0 = n := by simp\n"
        "theorem c (n : Nat) : n < n + 1 := by simp",
    ),
    (
        'notation "hello" => 3\ninfix:65 " +++ " => Nat.add\nset_option autoImplicit false\n'
        "open Nat",
        "def hello := 4\ndef f (x : α) := x\ndef succ := 3",
    ),
    (
        "set_option maxHeartbeats 1 in\n"
        "theorem a (xs : List Nat) : List.zipWith (· + ·) xs [] = [] := by\n"
        "  cases xs <;> rw [List.zipWith.eq_def]",
        "theorem a (xs : List Nat) : List.zipWith (· + ·) xs [] = [] := by\n"
        "  cases xs <;> rw [List.zipWith.eq_def]",
    ),
    (
        "attribute [local irreducible] Nat.lt LT.lt Not\n"
        "theorem a (a b : Nat) (h : a + 0 = b) : b = a + 0 := by exact?",
        "theorem a (a b c : Nat) (h : a > b) : a + c > b + c := by exact?",
    ),
)
"""What would change the second program, were anything left of the first."""


@pytest.mark.parametrize(("before", "after"), BEFORE_AND_AFTER)
def test_nothing_is_left_of_a_program(pool: LeanPool, before: str, after: str) -> None:
    check(pool, before)
    said = check(pool, after)
    assert said.accepted, said
