from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from lean_sandbox.errors import SandboxUnavailable, ToolchainMissing
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.verdict import Outcome, Verdict
from lean_sandbox.worker import Answer
from tests.contracts.sandbox_contract import SandboxContract
from tests.lean_sandbox_tests.scripted import (
    PATIENCE_SECONDS,
    Gate,
    ScriptedWorker,
    Starter,
    died,
    eventually,
    grown,
    killed,
    once,
    request,
    timed_out,
)


class AsyncFace:
    """The pool's async face, driven from plain code."""

    def __init__(self, pool: LeanPool) -> None:
        self._pool = pool

    def check_many(self, requests: list[CheckRequest]) -> list[Verdict]:
        return asyncio.run(self._pool.check_many_async(requests))


@pytest.mark.parametrize("face", ["sync", "async"])
class TestPoolOfScriptedWorkers(SandboxContract):
    @pytest.fixture
    def sandbox(self, face: str) -> Iterator[Sandbox]:
        with LeanPool(workers=2, start_worker=Starter()) as pool:
            yield pool if face == "sync" else AsyncFace(pool)


def test_a_runaway_program_costs_its_own_request_and_its_worker_is_replaced() -> None:
    starter = Starter({"+ 3": timed_out})
    with LeanPool(workers=1, start_worker=starter) as pool:
        said = pool.check_many([request(n) for n in range(6)])
    wrong = "test_failed"
    assert [v.reason for v in said] == [wrong, "", wrong, "deadline", wrong, wrong]
    assert len(starter.workers) == 2
    assert starter.workers[0].closed


def test_a_request_whose_worker_was_killed_from_outside_is_asked_again() -> None:
    starter = Starter({"+ 1": once(killed)})
    with LeanPool(workers=1, start_worker=starter) as pool:
        said = pool.check_many([request(1), request(2)])
    assert [v.outcome for v in said] == [Outcome.ACCEPTED, Outcome.REFUSED]
    assert len(starter.workers) == 2


def test_a_program_that_takes_its_worker_down_gets_a_memory_verdict() -> None:
    starter = Starter({"+ 1": died})
    with LeanPool(workers=1, start_worker=starter) as pool:
        said = pool.check_many([request(1), request(2)])
    assert said[0].outcome is Outcome.MEMORY
    assert said[0].reason == "worker_died"
    assert said[1].reason == "test_failed"


def test_a_program_its_worker_died_on_is_asked_again_of_a_worker_that_has_served_nobody() -> None:
    gate = Gate()
    starter = Starter({"+ 9": gate, "+ 1": once(died)})
    with LeanPool(workers=2, start_worker=starter) as pool:
        asked = threading.Thread(target=pool.check_many, args=([request(9)],))
        asked.start()
        assert gate.entered.wait(PATIENCE_SECONDS)
        pool.check_many([request(5)])  # the other worker is now a used one
        assert pool.check_many([request(1)])[0].accepted
        gate.opened.set()
        asked.join(PATIENCE_SECONDS)
    asked_twice = [worker for worker in starter.workers if request(1).program in worker.checked]
    assert len(asked_twice) == 2
    assert asked_twice[1].checked[0] == request(1).program


def test_workers_that_are_always_killed_from_outside_are_an_error_and_no_verdict() -> None:
    with (
        LeanPool(workers=1, start_worker=Starter({"+ 1": killed})) as pool,
        pytest.raises(SandboxUnavailable, match="is the machine out of memory"),
    ):
        pool.check_many([request(1), request(2)])


def test_a_worker_that_breaks_in_an_unforeseen_way_is_an_error_and_the_pool_goes_on() -> None:
    def broken(_: ScriptedWorker) -> Answer:
        raise ZeroDivisionError("nobody thought of this")

    starter = Starter({"+ 7": broken})
    with LeanPool(workers=1, start_worker=starter) as pool:
        with pytest.raises(SandboxUnavailable, match="nobody thought of this"):
            pool.check_many([request(7), request(1)])
        assert pool.check_many([request(1)])[0].accepted
        assert pool.status().waiting == 0


def test_lean_that_never_starts_is_an_error_and_no_verdict() -> None:
    starter = Starter()
    starter.failures = 100
    with (
        LeanPool(workers=2, start_worker=starter) as pool,
        pytest.raises(SandboxUnavailable, match="no memory"),
    ):
        pool.check_many([request(1)])


def test_lean_that_starts_at_the_second_attempt_answers() -> None:
    starter = Starter()
    starter.failures = 1
    with LeanPool(workers=1, start_worker=starter) as pool:
        assert pool.check_many([request(1)])[0].accepted


def test_a_pool_works_again_after_it_could_not_start() -> None:
    starter = Starter()
    starter.failures = 2
    with LeanPool(workers=1, start_worker=starter) as pool:
        with pytest.raises(SandboxUnavailable):
            pool.check_many([request(1)])
        assert "no memory" in pool.status().failure
        assert pool.check_many([request(1)])[0].accepted
        assert pool.status().failure == ""


def test_a_warmed_pool_goes_on_trying_while_nobody_asks() -> None:
    starter = Starter()
    starter.failures = 3
    with LeanPool(workers=1, start_worker=starter) as pool:
        assert not pool.status().ready
        pool.warm()
        eventually(lambda: pool.status().ready)
        assert starter.attempts == 4


def test_lean_that_is_not_installed_is_said_at_once_and_not_tried_again() -> None:
    attempts = []

    def missing() -> ScriptedWorker:
        attempts.append(1)
        raise ToolchainMissing("no Lean; run `outerloop lean install`")

    with (
        LeanPool(workers=1, start_worker=missing) as pool,
        pytest.raises(ToolchainMissing, match="outerloop lean install"),
    ):
        pool.check_many([request(1)])
    assert len(attempts) == 1


def test_batches_of_several_threads_get_their_own_verdicts() -> None:
    answers: dict[int, list[Verdict]] = {}
    with LeanPool(workers=2, start_worker=Starter()) as pool:

        def ask(thread: int) -> None:
            requests = [
                CheckRequest(f"def f (x : Int) : Int := x + {n}", tests=(f"f 0 = {thread}",))
                for n in range(30)
            ]
            answers[thread] = pool.check_many(requests)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    for number, said in answers.items():
        assert [v.accepted for v in said] == [n == number for n in range(30)]
    assert len(answers) == 8


def test_a_small_batch_does_not_wait_for_a_large_one() -> None:
    gate = Gate()
    starter = Starter({"+ 999": gate})
    with LeanPool(workers=1, start_worker=starter) as pool:
        large = threading.Thread(
            target=pool.check_many, args=([request(999), *map(request, range(50))],)
        )
        large.start()
        assert gate.entered.wait(PATIENCE_SECONDS)
        small = threading.Thread(target=pool.check_many, args=([request(777)],))
        small.start()
        eventually(lambda: pool.status().waiting == 51)
        gate.opened.set()
        small.join(PATIENCE_SECONDS)
        large.join(PATIENCE_SECONDS)
    asked = starter.workers[0].checked
    assert next(i for i, p in enumerate(asked) if "777" in p) <= 2


def test_a_closed_pool_refuses_and_its_workers_are_closed() -> None:
    starter = Starter()
    pool = LeanPool(workers=1, start_worker=starter)
    pool.check_many([request(1)])
    pool.close()
    assert all(worker.closed for worker in starter.workers)
    with pytest.raises(SandboxUnavailable, match="closed"):
        pool.check_many([request(1)])
    pool.close()


def test_closing_a_pool_fails_what_runs_and_what_waits_and_gives_no_verdict() -> None:
    gate = Gate()
    starter = Starter({"+ 9": gate})
    pool = LeanPool(workers=1, start_worker=starter)
    failures: list[SandboxUnavailable] = []

    def ask(number: int) -> None:
        with pytest.raises(SandboxUnavailable) as raised:
            pool.check_many([request(number)])
        failures.append(raised.value)

    threads = [threading.Thread(target=ask, args=(n,)) for n in (9, 1)]
    threads[0].start()
    assert gate.entered.wait(PATIENCE_SECONDS)
    threads[1].start()
    eventually(lambda: pool.status().waiting == 1)
    pool.close()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len(failures) == 2
    assert starter.open_workers == 0


def test_unsendable_programs_start_no_worker() -> None:
    starter = Starter()
    with LeanPool(workers=1, start_worker=starter) as pool:
        said = pool.check_many(
            [
                CheckRequest("def f := 1\0"),
                CheckRequest("x" * 100_001),
                CheckRequest("def f := " + "(" * 401 + "1" + ")" * 401),
            ]
        )
    assert [v.reason for v in said] == ["bad_encoding", "too_large", "too_deep"]
    assert starter.workers == []


def test_a_spare_takes_a_lost_workers_place_at_once() -> None:
    starter = Starter({"+ 1": once(killed)})
    with LeanPool(workers=1, spares=1, start_worker=starter) as pool:
        pool.check_many([request(5)])
        eventually(lambda: pool.status().alive == 2)
        starter.may_start.clear()
        assert pool.check_many([request(1)])[0].accepted  # while no other worker can come up
        starter.may_start.set()
        eventually(lambda: pool.status().alive == 2)
        assert (pool.status().lost, pool.status().restarts) == (1, 1)
        assert starter.open_workers == 2


def test_a_grown_worker_is_replaced_and_nobody_waits() -> None:
    starter = Starter({"+ 4": grown})
    with LeanPool(workers=1, spares=1, start_worker=starter) as pool:
        pool.check_many([request(5)])
        eventually(lambda: pool.status().alive == 2)
        starter.may_start.clear()
        said = pool.check_many([request(4), request(1)])  # while no other worker can come up
        starter.may_start.set()
        assert [v.accepted for v in said] == [True, True]
        assert pool.status().retired == 1
        assert pool.status().kills == 0


def test_spares_start_after_the_workers() -> None:
    starter = Starter(seconds=0.2)
    with LeanPool(workers=2, spares=2, start_worker=starter) as pool:
        pool.warm()
        eventually(lambda: pool.status().alive == 4)
        assert starter.most_under_way <= 2


def test_status_counts_what_happened() -> None:
    gate = Gate()
    starter = Starter({"+ 9": gate, "+ 3": timed_out, "+ 4": once(killed)})
    with LeanPool(workers=1, start_worker=starter) as pool:
        before = pool.status()
        assert (before.alive, before.starting, before.starts, before.checked) == (0, 0, 0, 0)
        asked = threading.Thread(target=pool.check_many, args=([request(9), request(3)],))
        asked.start()
        assert gate.entered.wait(PATIENCE_SECONDS)
        during = pool.status()
        assert (during.running, during.waiting, during.alive) == (1, 1, 1)
        gate.opened.set()
        asked.join(PATIENCE_SECONDS)
        pool.check_many([request(4)])
        after = pool.status()
    assert (after.kills, after.lost, after.retired) == (1, 1, 0)
    assert (after.starts, after.restarts, after.checked) == (3, 2, 3)
    assert after.lean_version == "scripted"
    assert (after.running, after.waiting) == (0, 0)


def test_a_call_may_have_a_deadline_of_its_own() -> None:
    limits: list[float] = []

    class Timed(ScriptedWorker):
        def check(self, request: CheckRequest, *, timeout_seconds: float) -> Answer:
            limits.append(timeout_seconds)
            return super().check(request, timeout_seconds=timeout_seconds)

    with LeanPool(workers=1, timeout_seconds=7, start_worker=lambda: Timed({})) as pool:
        pool.check_many([request(1)])
        pool.check_many([request(1)], timeout_seconds=3)
        asyncio.run(pool.check_many_async([request(1)], timeout_seconds=2))
    assert limits == [7, 3, 2]
