from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lean_sandbox import worker_count as budget
from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.pool import LeanPool
from lean_sandbox.worker_count import Crew, crew

GB = 1_000_000_000
EACH = 2 * GB


@pytest.fixture(autouse=True)
def eight_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "processors", lambda: 8)


@pytest.mark.parametrize(
    ("gigabytes", "expected"),
    [(2, Crew(1, 0)), (4, Crew(2, 0)), (6, Crew(2, 1)), (10, Crew(4, 1)), (100, Crew(8, 1))],
)
def test_a_budget_alone_gives_workers_and_from_three_on_a_spare(
    gigabytes: int, expected: Crew
) -> None:
    assert crew(None, None, gigabytes * GB, worker_bytes=EACH) == expected


def test_a_stated_number_without_a_budget_is_taken_as_it_is() -> None:
    assert crew(2, None, None, worker_bytes=EACH) == Crew(2, 0)
    assert crew(12, 1, None, worker_bytes=EACH) == Crew(12, 1)


def test_a_stated_number_with_room_left_gets_a_spare() -> None:
    assert crew(2, None, 6 * GB, worker_bytes=EACH) == Crew(2, 1)
    assert crew(2, 0, 6 * GB, worker_bytes=EACH) == Crew(2, 0)
    assert crew(2, None, 4 * GB, worker_bytes=EACH) == Crew(2, 0)


def test_a_stated_spare_leaves_room_for_itself() -> None:
    assert crew(None, 1, 4 * GB, worker_bytes=EACH) == Crew(1, 1)


@pytest.mark.parametrize(("workers", "spares"), [(2, None), (1, 1), (None, 1)])
def test_a_budget_too_small_for_what_is_stated_is_refused(
    workers: int | None, spares: int | None
) -> None:
    with pytest.raises(ValueError, match=r"memory_bytes is 3.0 GB, 2 workers .* need 4.0 GB"):
        crew(workers, spares, 3 * GB, worker_bytes=EACH)


def test_numbers_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        LeanPool(workers=0)
    with pytest.raises(ValueError, match="-1 spares"):
        LeanPool(spares=-1)
    with pytest.raises(ValueError, match=r"memory_bytes is 0.0 GB"):
        LeanPool(workers=None, memory_bytes=0)


def test_with_nothing_stated_half_of_the_free_memory_is_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(budget, "available_bytes", lambda: 12 * GB)
    assert crew(None, None, None, worker_bytes=EACH) == Crew(2, 1)


def test_a_machine_without_room_for_a_worker_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "available_bytes", lambda: 3 * GB)
    with pytest.raises(SandboxUnavailable, match=r"needs 2.0 GB, half .* is 1.5 GB"):
        crew(None, None, None, worker_bytes=EACH)


@given(
    memory=st.integers(1, 200 * GB),
    each=st.integers(GB // 10, 5 * GB),
    workers=st.none() | st.integers(1, 40),
    spares=st.none() | st.integers(0, 5),
)
def test_no_crew_takes_more_than_its_budget(
    memory: int, each: int, workers: int | None, spares: int | None
) -> None:
    try:
        got = crew(workers, spares, memory, worker_bytes=each)
    except ValueError:
        assert ((workers or 1) + (spares or 0)) * each > memory
        return
    assert got.workers >= 1
    assert got.all * each <= memory
    assert workers in (None, got.workers)
    assert spares in (None, got.spares)


def test_the_limit_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_CGROUP", tmp_path)
    assert budget.available_bytes() > 0
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert budget.available_bytes() == 2_000_000
    (tmp_path / "memory.max").write_text("max\n")
    assert budget.available_bytes() > 2_000_000
