"""What runs, prints, allocates or recurses without end, through a pool with a real Lean."""

from __future__ import annotations

import pytest

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome

pytestmark = pytest.mark.lean

SMALL = CheckRequest("def f (x : Int) : Int := x", tests=("f 1 = 1",))
ENDLESS = CheckRequest(
    "def g : Nat → Nat → Nat\n  | 0, x => x\n  | n + 1, x => g n (x * x)\n"
    "theorem t : g 40 3 % 7 = 1 := by decide +kernel"
)
ALLOCATING = CheckRequest(
    "theorem t : (let k := 4000000000; (1 <<< k) + (1 <<< (k + 1))) % 2 = 1 := by decide +kernel"
)
RECURSING = CheckRequest(
    "theorem t : True ∨ False := by\n  repeat (first | skip)\n  exact Or.inl trivial"
)
PRINTING = CheckRequest(
    'partial def f (n : Nat) : Nat := dbg_trace "x"; f (n + 1)\n#eval f 0', tests=("f 0 = 0",)
)
PRINTING_MUCH = CheckRequest("def f : Nat := 1\n" + "#check (List.replicate 100000 f)\n" * 200)


def test_each_costs_its_own_request_and_at_most_one_worker(pool: LeanPool) -> None:
    """The worker is new when those come that take it down, so it dies once of each."""
    before = pool.status()
    said = pool.check_many(
        [SMALL, ENDLESS, ALLOCATING, RECURSING, PRINTING, PRINTING_MUCH, SMALL], timeout_seconds=6
    )
    after = pool.status()
    small, endless, allocating, recursing, printing, printing_much, last = said
    assert small.accepted
    assert (endless.outcome, endless.reason) == (Outcome.TIMEOUT, "deadline")
    assert (allocating.outcome, allocating.reason) == (Outcome.MEMORY, "worker_died")
    assert recursing.reason == "elaboration_error"  # Lean's own limit speaks first
    assert printing.reason == "test_undecided"
    assert printing_much.accepted
    assert last.accepted
    assert after.alive == before.workers
    assert after.kills + after.lost - before.kills - before.lost == 2
