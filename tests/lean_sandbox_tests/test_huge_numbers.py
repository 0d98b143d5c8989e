"""Numbers that no memory holds: refused where they are written down, else one worker's end."""

from __future__ import annotations

import pytest

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome
from tests.lean_sandbox_tests.test_pool_processes import stand_in

SHIFT = "1 <<< 4294967296"
DECIDED = "theorem t : ({}) % 2 = 0 := by decide +kernel"

WRITTEN_DOWN = (
    DECIDED.format(SHIFT),
    f"theorem t : ({SHIFT}) % 2 = 0 := rfl",
    f"theorem t : ({SHIFT}) % 2 = 0 := by simp",
    f"theorem t : ({SHIFT}) % 2 = 0 := by omega",
    f"def f : Nat := {SHIFT}",
    "def f (x : Nat) : Nat := x <<< 0x100000000",
    DECIDED.format("1 <<< (4294967296 : Nat)"),
    DECIDED.format("1 <<< (2 ^ 32)"),
    DECIDED.format("1 <<< (1 <<< 40)"),
    DECIDED.format("1 <<< (65536 * 65536 + 1)"),
    DECIDED.format("((1 <<< 100000000) <<< 100000000)"),
    DECIDED.format("(1 <<< 100000000) * (1 <<< 100000000)"),
    DECIDED.format("(10 ^ 16000000) ^ 16000000"),
    DECIDED.format("Nat.shiftLeft 1 4294967296"),
    DECIDED.format("(1 : Nat).shiftLeft 4294967296"),
    DECIDED.format("HShiftLeft.hShiftLeft 1 4294967296"),
    "theorem t : ((1 : Int) <<< 4294967296) % 2 = 0 := by decide +kernel",
    "def k : Nat := 4294967296\n" + DECIDED.format("1 <<< k"),
    "def k : Nat := 2 ^ 32\ndef l := k + 1\n" + DECIDED.format("1 <<< l"),
    "namespace A\ndef k : Nat := 4294967296\nnamespace B\n" + DECIDED.format("1 <<< k"),
    "def A.k : Nat := 4294967296\n" + DECIDED.format("1 <<< A.k"),
    "def A.k : Nat := 4294967296\nopen A\n" + DECIDED.format("1 <<< k"),
    "def A.k : Nat := 4294967296\nopen A in\n" + DECIDED.format("1 <<< k"),
    f'notation "big" => {SHIFT}\n' + DECIDED.format("big"),
)
HARMLESS = (
    "theorem t : 1 <<< 40 = 1099511627776 := by decide +kernel",
    "theorem t : (1 <<< 1000000) % 2 = 0 := by decide +kernel",
    "theorem t : 2 ^ 100000 % 7 = 2 := by decide +kernel",
    "theorem t : 0 < 2 ^ (2 ^ 64) := Nat.two_pow_pos _",
    "theorem t (x : Nat) : x ^ 4294967296 = x ^ 4294967296 := rfl",
    "theorem t : 1000000007 * 4294967296 = 4294967326064771072 := by decide +kernel",
    "def modulus : Nat := 10 ^ 9 + 7\ndef f (x : Nat) : Nat := x * 4294967296 % modulus",
    "def f (x k : Nat) : Nat := x <<< k",
    "def k : Nat := 4294967296\ndef f (x : Nat) : Nat := x >>> k",
    "def f (x : UInt32) : UInt32 := x <<< 31",
    "def pow (b e : Nat) : Nat := b * e\ntheorem t : pow 3 4294967296 = 12884901888 := rfl",
)
UNSEEN = (
    "theorem t : (let k := 4294967296; 1 <<< k) % 2 = 0 := by decide +kernel",
    "def f (k : Nat) : Nat := 1 <<< k\ntheorem t : f 4294967296 % 2 = 0 := by decide +kernel",
)


@pytest.mark.lean
@pytest.mark.parametrize("program", WRITTEN_DOWN)
def test_a_number_written_down_that_no_memory_holds_is_refused_and_ends_no_worker(
    pool: LeanPool, program: str
) -> None:
    pool.check_many([CheckRequest("def f := 1")])  # the pool starts its worker when first asked
    before = pool.status()
    verdict = pool.check_many([CheckRequest(program)])[0]
    assert (verdict.outcome, verdict.reason) == (Outcome.REFUSED, "number_too_large"), verdict
    assert verdict.detail.startswith("line ")
    assert pool.status().starts == before.starts


@pytest.mark.lean
@pytest.mark.parametrize("program", HARMLESS)
def test_large_numbers_that_nobody_makes_are_no_ones_business(
    pool: LeanPool, program: str
) -> None:
    verdict = pool.check_many([CheckRequest(program)])[0]
    assert verdict.accepted, verdict


@pytest.mark.lean
def test_a_test_that_makes_such_a_number_is_undecided_and_ends_no_worker(pool: LeanPool) -> None:
    pool.check_many([CheckRequest("def f := 1")])  # the pool starts its worker when first asked
    before = pool.status()
    request = CheckRequest("def f (x : Nat) : Nat := x", tests=(f"f 1 = {SHIFT}",))
    verdict = pool.check_many([request])[0]
    assert (verdict.outcome, verdict.reason) == (Outcome.UNDECIDED, "test_undecided")
    assert "bits" in verdict.detail
    assert pool.status().starts == before.starts


@pytest.mark.lean
@pytest.mark.slow
@pytest.mark.parametrize("program", UNSEEN)
def test_one_that_is_not_seen_costs_one_worker(pool: LeanPool, program: str) -> None:
    before = pool.status()
    verdict = pool.check_many([CheckRequest(program)])[0]
    after = pool.status()
    assert (verdict.outcome, verdict.reason) == (Outcome.MEMORY, "worker_died")
    assert after.kills + after.lost - before.kills - before.lost == 1


def test_a_program_that_ends_a_worker_which_has_not_grown_is_not_asked_again() -> None:
    started = stand_in()
    with LeanPool(workers=1, start_worker=started) as pool:
        said = pool.check_many([CheckRequest("echo a"), CheckRequest("exit 3")])
        assert [verdict.outcome for verdict in said] == [Outcome.ACCEPTED, Outcome.MEMORY]
        assert pool.status().kills == 1
        assert pool.status().lost == 0


def test_a_program_that_ends_a_worker_which_has_grown_is_asked_again_of_a_new_one() -> None:
    started = stand_in()
    with LeanPool(workers=1, start_worker=started) as pool:
        programs = ("echo a", "hold 250000000", "exit 3")
        said = pool.check_many([CheckRequest(program) for program in programs])
        assert said[2].outcome is Outcome.MEMORY
        assert pool.status().lost == 1
        assert pool.status().kills == 1
