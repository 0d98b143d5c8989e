from __future__ import annotations

import re
from pathlib import Path

import pytest

from lean_sandbox import policy
from lean_sandbox.pool import LeanPool
from lean_sandbox.reason_table import table
from lean_sandbox.verdict import Outcome

PAGE = (Path(__file__).parents[2] / "docs" / "lean_sandbox.md").read_text("utf-8")


def test_the_page_holds_the_table_of_reasons_as_the_code_makes_it() -> None:
    written = PAGE.partition("<!-- reasons -->\n")[2].partition("\n<!-- end of reasons -->")[0]
    assert written == table()


def test_every_reason_names_an_outcome_a_verdict_can_have() -> None:
    assert {reason.outcome for reason in policy.REASONS.values()} <= {
        outcome.value for outcome in Outcome if outcome is not Outcome.ACCEPTED
    }


def test_the_page_names_the_limits_of_the_policy() -> None:
    assert f"{policy.MAX_PROGRAM_BYTES:,} bytes" in PAGE
    assert f"{policy.MAX_NESTING} brackets" in PAGE


@pytest.mark.lean
def test_the_pages_first_example_runs(pool: LeanPool, monkeypatch: pytest.MonkeyPatch) -> None:
    example = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    monkeypatch.setattr("lean_sandbox.pool.LeanPool", lambda **_: _Shared(pool))
    exec(example.group(1), {})


class _Shared:
    def __init__(self, pool: LeanPool) -> None:
        self._pool = pool

    def __enter__(self) -> LeanPool:
        return self._pool

    def __exit__(self, *_: object) -> None:
        pass
