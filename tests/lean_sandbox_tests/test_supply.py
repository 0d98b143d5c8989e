from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.worker_count import Crew
from lean_sandbox.worker_supply import BackOff, Parting, WorkerSupply
from tests.lean_sandbox_tests.scripted import PATIENCE_SECONDS, Starter, eventually

QUICK = BackOff(first_seconds=0.02, most_seconds=0.1, hurried_seconds=0.05)


class Told:
    """What a supply said of starts that failed."""

    def __init__(self, *, go_on: bool = False) -> None:
        self.failures: list[str] = []
        self.left: list[int] = []
        self.go_on = go_on

    def __call__(self, failure: SandboxUnavailable, alive: int) -> bool:
        self.failures.append(str(failure))
        self.left.append(alive)
        return self.go_on or alive > 0


@contextmanager
def supply(starter: Starter, crew: Crew, told: Told | None = None) -> Iterator[WorkerSupply]:
    changed = threading.Condition()
    made = WorkerSupply(starter, crew, changed=changed, failed=told or Told(), back_off=QUICK)
    with changed:
        made.ensure()
    yield made
    made.close()


def test_there_are_never_more_workers_than_the_crew() -> None:
    starter = Starter(seconds=0.01)
    most = 0
    with supply(starter, Crew(2, 1)) as made:
        for _ in range(30):
            worker = made.take()
            assert worker is not None
            most = max(most, starter.open_workers + starter.under_way)
            made.give_up(worker, Parting.LOST)
            most = max(most, starter.open_workers + starter.under_way)
    assert most <= 3
    assert starter.open_workers == 0


def test_pauses_double_to_their_limit_and_differ() -> None:
    back_off = BackOff(first_seconds=1, most_seconds=30)
    for failures, longest in ((1, 1), (2, 2), (3, 4), (6, 30), (5000, 30)):
        pauses = {back_off.pause(failures) for _ in range(50)}
        assert longest / 2 <= min(pauses)
        assert max(pauses) <= longest
        assert len(pauses) > 10


def test_failing_starts_are_tried_again_one_at_a_time() -> None:
    starter, told = Starter(), Told(go_on=True)
    starter.failures = 1000
    with supply(starter, Crew(4, 0), told) as made:
        eventually(lambda: starter.attempts > 4)  # the whole crew, and one more
        starter.most_under_way = 0
        eventually(lambda: starter.attempts > 8)
        one_at_a_time = starter.most_under_way
        starter.failures = 0
        eventually(lambda: made.alive == 4)
    assert one_at_a_time == 1
    assert set(told.left) == {0}


def test_without_anybody_waiting_failing_starts_end() -> None:
    starter, told = Starter(), Told()
    starter.failures = 1000
    with supply(starter, Crew(1, 0), told) as made:
        eventually(lambda: bool(told.failures))
        eventually(lambda: made.starting == 0)
        attempts = starter.attempts
        time.sleep(0.3)
        assert starter.attempts == attempts == 2
        assert told.failures == ["no memory for another worker"]


def test_while_one_worker_is_up_the_others_are_tried_again() -> None:
    starter, told = Starter(), Told()
    with supply(starter, Crew(1, 1), told) as made:
        eventually(lambda: made.alive == 2)
        starter.failures = 3
        worker = made.take()
        assert worker is not None
        made.give_up(worker, Parting.RETIRED)
        eventually(lambda: made.alive == 2)
    assert told.left == [1, 1]
    assert made.restarts == 1


def test_a_start_that_fails_in_an_unforeseen_way_is_told_too() -> None:
    told = Told()

    def broken() -> None:
        raise ZeroDivisionError("nobody thought of this")

    with supply(broken, Crew(1, 0), told):  # type: ignore[arg-type]
        eventually(lambda: bool(told.failures))
    assert "nobody thought of this" in told.failures[0]


def test_a_worker_that_comes_up_after_the_end_is_closed() -> None:
    starter = Starter(seconds=0.3)
    with supply(starter, Crew(2, 0)) as made:
        eventually(lambda: starter.under_way == 2)
    eventually(lambda: len(starter.workers) == 2)
    eventually(lambda: starter.open_workers == 0)
    assert made.take() is None


def test_a_closed_supply_lets_those_who_wait_go() -> None:
    starter = Starter(seconds=0.5)
    got: list[object] = ["nothing yet"]
    with supply(starter, Crew(1, 0)) as made:
        waiting = threading.Thread(target=lambda: got.append(made.take()))
        waiting.start()
    waiting.join(PATIENCE_SECONDS)
    assert got[1] is None


@pytest.mark.parametrize("parting", list(Parting))
def test_every_parting_is_counted_and_closes_its_worker(parting: Parting) -> None:
    starter = Starter()
    with supply(starter, Crew(1, 0)) as made:
        worker = made.take()
        assert worker is not None
        made.give_up(worker, parting)
        assert starter.workers[0].closed
        assert made.partings[parting] == 1
