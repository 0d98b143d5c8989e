from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, Verdict
from lean_sandbox.worker import Answer, WorkerLost
from tests.contracts.fake_sandbox import FakeSandbox, verdict


class ScriptedWorker:
    """Judges like the fake sandbox, except for programs the script names."""

    lean_version = "scripted"

    def __init__(self, script: dict[str, Callable[[], Answer]]) -> None:
        self.script = script
        self.closed = False
        self.checked: list[str] = []

    def check(self, request: CheckRequest, *, timeout_seconds: float) -> Answer:
        assert not self.closed, "a closed worker was used"
        self.checked.append(request.program)
        for word, answer in self.script.items():
            if word in request.program:
                return answer()
        return Answer(FakeSandbox().check_many([request])[0], usable=True)

    def close(self) -> None:
        self.closed = True


class Starter:
    """Starts scripted workers and remembers them."""

    def __init__(self, script: dict[str, Callable[[], Answer]] | None = None) -> None:
        self.script = script or {}
        self.workers: list[ScriptedWorker] = []
        self.failures = 0

    def __call__(self) -> ScriptedWorker:
        if self.failures:
            self.failures -= 1
            raise SandboxUnavailable("no memory for another worker")
        worker = ScriptedWorker(self.script)
        self.workers.append(worker)
        return worker


def request(number: int) -> CheckRequest:
    return CheckRequest(f"def f (x : Int) : Int := x + {number}", tests=("f 0 = 1",))


def timed_out() -> Answer:
    return Answer(verdict(Outcome.TIMEOUT, "deadline"), usable=False)


def lost() -> Answer:
    raise WorkerLost("ended by signal 9")


def test_a_runaway_program_costs_its_own_request_and_its_worker_is_replaced() -> None:
    starter = Starter({"+ 3": timed_out})
    with LeanPool(workers=1, start_worker=starter) as pool:
        said = pool.check_many([request(n) for n in range(6)])
    assert [v.reason for v in said] == [
        "test_failed",
        "",
        "test_failed",
        "deadline",
        "test_failed",
        "test_failed",
    ]
    assert len(starter.workers) == 2
    assert starter.workers[0].closed


def test_a_request_whose_worker_was_killed_from_outside_is_asked_again() -> None:
    turns = iter([True])

    def once() -> Answer:
        if next(turns, False):
            lost()
        return Answer(verdict(Outcome.ACCEPTED), usable=True)

    starter = Starter({"+ 1": once})
    with LeanPool(workers=1, start_worker=starter) as pool:
        said = pool.check_many([request(1), request(2)])
    assert [v.outcome for v in said] == [Outcome.ACCEPTED, Outcome.REFUSED]
    assert len(starter.workers) == 2


def test_a_program_that_loses_two_workers_gets_a_memory_verdict() -> None:
    starter = Starter({"+ 1": lost})
    with LeanPool(workers=1, start_worker=starter) as pool:
        said = pool.check_many([request(1), request(2)])
    assert said[0].outcome is Outcome.MEMORY
    assert said[0].reason == "worker_died"
    assert said[1].reason == "test_failed"


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
        assert pool.check_many([request(1)])[0].accepted


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
    gate = threading.Event()
    order: list[str] = []

    def blocked() -> Answer:
        gate.wait(20)
        return Answer(verdict(Outcome.ACCEPTED), usable=True)

    starter = Starter({"+ 999": blocked})
    with LeanPool(workers=1, start_worker=starter) as pool:
        large = threading.Thread(
            target=lambda: (
                pool.check_many([request(999), *[request(n) for n in range(50)]]),
                order.append("large"),
            )
        )
        large.start()
        while not (starter.workers and starter.workers[0].checked):
            pass
        small = threading.Thread(
            target=lambda: (pool.check_many([request(777)]), order.append("small"))
        )
        small.start()
        while len(pool._batches) < 2:
            pass
        gate.set()
        small.join(20)
        large.join(20)
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


def test_a_pool_needs_a_worker() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        LeanPool(workers=0)


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
