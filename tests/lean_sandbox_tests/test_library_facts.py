"""What one line says about the library is decided, and never wrongly."""

from __future__ import annotations

import pytest

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import TestOutcome
from tests.lean_sandbox_tests.library_facts import FACTS

pytestmark = pytest.mark.lean

PROGRAM = "import Std.Data.HashMap\nimport Std.Data.HashSet\ndef nothing : Nat := 0"
UNDECIDED: frozenset[str] = frozenset()
"""True facts that this Lean does not decide; at most one in twenty."""
PARTS = [FACTS[start : start + 10] for start in range(0, len(FACTS), 10)]


def test_there_are_enough_facts_and_hardly_any_is_undecided():
    assert len(FACTS) >= 110
    assert len({fact for pair in FACTS for fact in pair}) == 2 * len(FACTS)
    assert 20 * len(UNDECIDED) <= len(FACTS)


@pytest.mark.parametrize("facts", PARTS, ids=lambda facts: facts[0][0])
def test_what_is_true_is_proved_and_what_is_false_is_refuted(
    pool: LeanPool, facts: tuple[tuple[str, str], ...]
) -> None:
    tests = tuple(fact for pair in facts for fact in pair)
    request = CheckRequest(PROGRAM, tests=tests)
    (verdict,) = pool.check_many([request], timeout_seconds=600)
    said = dict(zip(tests, verdict.tests, strict=True))
    wrong = [
        (fact, said[fact].value)
        for true, false in facts
        for fact, right in ((true, TestOutcome.PASSED), (false, TestOutcome.FAILED))
        if said[fact] is not right and fact not in UNDECIDED
    ]
    assert wrong == []
