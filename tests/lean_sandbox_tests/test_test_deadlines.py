"""One test that takes too long costs itself and nothing else, with a real Lean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.toolchain import Toolchain
from lean_sandbox.verdict import Outcome, TestOutcome, Verdict

pytestmark = pytest.mark.lean

PASSED, FAILED, UNDECIDED = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.UNDECIDED

PROGRAM = (
    "def squared : Nat → Nat → Nat\n  | 0, x => x\n  | n + 1, x => squared n (x * x)\n"
    "def counted : Nat → Nat\n  | 0 => 0\n  | n + 1 => counted n\n"
    "partial def opaque_ (n : Nat) : Nat := opaque_ (n + 1)"
)
ONE_LONG_STEP = "squared 40 3 % 7 = 3"
"""A multiplication of numbers with millions of digits: no heartbeat, and nothing stops it."""
MANY_STEPS = "counted 100000000 = 5"
"""The kernel goes on for long, and looks between two steps whether it is to stop."""
OTHERS = ("squared 2 3 = 81", "opaque_ 0 = 0", "counted 3 = 0", "squared 1 3 = 8")
SAID = (PASSED, UNDECIDED, PASSED, FAILED)


@pytest.fixture(scope="module")
def own_pool(installed: Toolchain) -> Iterator[LeanPool]:
    """A pool whose workers may be ended."""
    with LeanPool(workers=1, timeout_seconds=60) as own:
        yield own


def asked(
    pool: LeanPool, *tests: str, each: float | None = 2, whole: float = 60, program: str = PROGRAM
) -> Verdict:
    request = CheckRequest(program, tests=tests, test_timeout_seconds=each)
    return pool.check_many([request], timeout_seconds=whole)[0]


@pytest.mark.parametrize("slow", [ONE_LONG_STEP, MANY_STEPS])
def test_a_slow_test_leaves_the_others_what_they_are_without_it(
    own_pool: LeanPool, slow: str
) -> None:
    verdict = asked(own_pool, *OTHERS[:2], slow, *OTHERS[2:])
    assert verdict.tests == (*SAID[:2], UNDECIDED, *SAID[2:])
    assert verdict.late_tests == (2,)
    without = asked(own_pool, *OTHERS)
    assert without.tests == SAID
    assert without.late_tests == ()
    assert (verdict.outcome, verdict.reason) == (without.outcome, without.reason)
    assert verdict.detail == without.detail


@pytest.mark.parametrize("slow", [ONE_LONG_STEP, MANY_STEPS])
def test_where_all_others_pass_the_reason_is_the_deadline(own_pool: LeanPool, slow: str) -> None:
    verdict = asked(own_pool, OTHERS[0], slow, OTHERS[2])
    assert (verdict.outcome, verdict.reason) == (Outcome.UNDECIDED, "test_deadline")
    assert verdict.tests == (PASSED, UNDECIDED, PASSED)
    assert verdict.detail == f"{slow}: not decided in 2000 ms"
    assert verdict.compiles


def test_only_a_worker_that_could_not_stop_a_test_is_replaced(own_pool: LeanPool) -> None:
    asked(own_pool, OTHERS[0])
    before = own_pool.status()
    asked(own_pool, MANY_STEPS)
    asked(own_pool, OTHERS[0])
    stopped = own_pool.status()
    assert stopped.kills == before.kills
    asked(own_pool, ONE_LONG_STEP)
    asked(own_pool, OTHERS[0])
    assert own_pool.status().kills == before.kills + 1


def test_slow_tests_end_with_the_programs_time_and_what_was_decided_is_said(
    own_pool: LeanPool,
) -> None:
    asked(own_pool, OTHERS[0])
    tests = (OTHERS[0], *[f"counted {n}00000000 = 5" for n in range(1, 30)], OTHERS[2])
    verdict = asked(own_pool, *tests, each=2, whole=12)
    assert verdict.reason == "test_deadline"
    assert verdict.tests == (PASSED, *[UNDECIDED] * 30)
    assert verdict.late_tests == tuple(range(1, 31))


def test_after_three_tests_that_nothing_stops_no_other_is_begun(own_pool: LeanPool) -> None:
    slow = [f"squared {n} 3 % 7 = 3" for n in range(40, 44)]
    verdict = asked(own_pool, OTHERS[0], *slow, OTHERS[2], each=1, whole=60)
    assert verdict.tests == (PASSED, *[UNDECIDED] * 5)
    assert verdict.late_tests == (1, 2, 3, 4, 5)


def test_a_quarter_of_the_programs_time_is_a_tests_where_nothing_is_said(
    own_pool: LeanPool,
) -> None:
    verdict = asked(own_pool, MANY_STEPS, OTHERS[0], each=None, whole=8)
    assert verdict.detail == f"{MANY_STEPS}: not decided in 2000 ms"
    assert verdict.tests == (UNDECIDED, PASSED)


def test_a_test_that_was_stopped_is_decided_when_it_is_given_more_time(
    own_pool: LeanPool,
) -> None:
    """A worker remembers how a target's tests are stated, but not what it did not finish."""
    request = CheckRequest(
        "def f (x : Nat) : Nat := x + 1",
        target="def f (x : Nat) : Nat",
        tests=tuple(f"f {n} = {n + 1}" for n in range(200)),
        test_timeout_seconds=0.001,
    )
    (hurried,) = own_pool.check_many([request])
    (calm,) = own_pool.check_many([replace(request, test_timeout_seconds=None)])
    assert calm.accepted
    assert FAILED not in hurried.tests
    late = {n for n, outcome in enumerate(hurried.tests) if outcome is UNDECIDED}
    assert late == set(hurried.late_tests)


def test_a_late_test_refuses_no_program_for_what_it_chooses(own_pool: LeanPool) -> None:
    chosen = "\nnoncomputable def chosen : Nat := Classical.choice ⟨0⟩"
    verdict = asked(own_pool, MANY_STEPS, program=PROGRAM + chosen)
    assert (verdict.outcome, verdict.reason) == (Outcome.UNDECIDED, "test_deadline")


def test_a_verdict_with_a_late_test_is_not_kept(installed: Toolchain, tmp_path: Path) -> None:
    with LeanPool(workers=1, timeout_seconds=60, cache=tmp_path / "verdicts.sqlite") as pool:
        first = asked(pool, MANY_STEPS, OTHERS[3])
        assert (first.reason, first.late_tests) == ("test_failed", (0,))
        asked(pool, MANY_STEPS, OTHERS[3])
        assert pool.status().cache_hits == 0
        asked(pool, OTHERS[3], each=1)
        assert asked(pool, OTHERS[3], each=2).reason == "test_failed"
        assert pool.status().cache_hits == 1
