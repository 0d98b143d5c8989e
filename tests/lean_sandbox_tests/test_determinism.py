from __future__ import annotations

from dataclasses import replace

import pytest

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, Verdict
from tests.lean_sandbox_tests.corpus import programs

pytestmark = pytest.mark.lean


def _timeless(verdicts: list[Verdict]) -> list[Verdict]:
    return [replace(verdict, seconds=0.0, gate_seconds=()) for verdict in verdicts]


def _three_times(pool: LeanPool, count: int, *, longest: int) -> list[Verdict]:
    requests = [CheckRequest(program) for program in programs(count, longest=longest)]
    first = _timeless(pool.check_many(requests))
    backwards = _timeless(pool.check_many(requests[::-1]))[::-1]
    third = _timeless(pool.check_many(requests))
    assert first == backwards == third
    return first


def test_a_hundred_programs_get_the_same_verdicts_three_times(pool: LeanPool) -> None:
    said = _three_times(pool, 100, longest=250)
    assert sum(verdict.outcome is Outcome.ACCEPTED for verdict in said) >= 30


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_thousand_programs_get_the_same_verdicts_three_times(pool: LeanPool) -> None:
    said = _three_times(pool, 1000, longest=3000)
    assert sum(verdict.outcome is Outcome.ACCEPTED for verdict in said) >= 300


def test_characters_of_every_width_arrive_unbroken_at_every_offset(pool: LeanPool) -> None:
    requests = [
        CheckRequest(f'-- {"x" * n}\ndef f : String := "é∧𝔸"', tests=('f = "é∧𝔸"',))
        for n in range(0, 256, 5)
    ]
    assert all(verdict.accepted for verdict in pool.check_many(requests))
