"""The pool over real processes that stand in for Lean; and over Lean itself, in the slow tests."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.server_worker import Launch, ServerWorker
from lean_sandbox.toolchain import Toolchain
from lean_sandbox.verdict import Outcome, Verdict
from lean_sandbox.wasm import WasmBackend
from tests.lean_sandbox_tests.scripted import eventually

SERVER = Path(__file__).with_name("stand_in_server.py")


@dataclass
class Remembering:
    """Starts workers and remembers them."""

    start: Callable[[], ServerWorker]
    workers: list[ServerWorker] = field(default_factory=list)

    def __call__(self) -> ServerWorker:
        worker = self.start()
        self.workers.append(worker)
        return worker

    def living(self) -> list[int]:
        return [worker.pid for worker in self.workers if is_alive(worker.pid)]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def stand_in(max_resident_bytes: int = 1 << 40) -> Remembering:
    launch = Launch(
        command=(sys.executable, "-I", "-S", str(SERVER)),
        cwd=SERVER.parent,
        way_out="this is a test",
        max_resident_bytes=max_resident_bytes,
    )
    return Remembering(lambda: ServerWorker.start(launch))


def ask_from_threads(
    pool: LeanPool, requests: list[list[CheckRequest]]
) -> dict[int, list[Verdict]]:
    answers: dict[int, list[Verdict]] = {}
    threads = [
        threading.Thread(
            target=lambda n=n, asked=asked: answers.update({n: pool.check_many(asked)})
        )
        for n, asked in enumerate(requests)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


class Killer:
    """Kills a random living worker now and then."""

    def __init__(self, started: Remembering, *, every: float, most: int, seed: int) -> None:
        self.kills = 0
        self._started, self._every, self._most = started, every, most
        self._chance = random.Random(seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while self.kills < self._most and not self._stop.wait(
            self._every * self._chance.uniform(0.2, 1.8)
        ):
            living = self._started.living()
            if living:
                os.kill(self._chance.choice(living), signal.SIGKILL)
                self.kills += 1

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_workers_killed_at_random_cost_no_reply_and_mix_none() -> None:
    started = stand_in()
    asked = [[CheckRequest(f"echo {n}/{i}") for i in range(150)] for n in range(4)]
    with LeanPool(workers=2, spares=1, start_worker=started) as pool:
        pool.check_many([CheckRequest("echo first")])
        with Killer(started, every=0.03, most=40, seed=1) as killer:
            for begin in range(0, 150, 10):
                answers = ask_from_threads(pool, [part[begin : begin + 10] for part in asked])
                for n, part in enumerate(asked):
                    expected = [request.program for request in part[begin : begin + 10]]
                    assert [v.detail for v in answers[n]] == expected
                    assert all(v.accepted for v in answers[n])
                time.sleep(0.02)
        assert pool.status().checked == 601
        assert killer.kills >= 5
        assert pool.status().lost >= 1
    eventually(lambda: not started.living())


def test_no_process_outlives_its_pool() -> None:
    started = stand_in()
    with LeanPool(workers=2, spares=1, start_worker=started) as pool:
        pool.check_many([CheckRequest("echo")])
        eventually(lambda: pool.status().alive == 3)
        assert len(started.living()) == 3
    assert started.living() == []


@pytest.mark.parametrize(
    ("program", "outcome", "reason"),
    [
        ("sleep 60", Outcome.TIMEOUT, "deadline"),
        ("flood", Outcome.TIMEOUT, "flood"),
        ("allocate", Outcome.MEMORY, "worker_died"),
        ("exit 3", Outcome.MEMORY, "worker_died"),
    ],
)
def test_what_ends_its_worker_gets_a_verdict_and_its_neighbours_theirs(
    program: str, outcome: Outcome, reason: str
) -> None:
    started = stand_in()
    with LeanPool(workers=1, timeout_seconds=1, start_worker=started) as pool:
        said = pool.check_many([CheckRequest(p) for p in ("echo a", program, "echo b")])
        assert [v.detail for v in (said[0], said[2])] == ["echo a", "echo b"]
        assert (said[1].outcome, said[1].reason) == (outcome, reason)
        assert len(started.living()) == 1


def test_a_worker_that_speaks_out_of_turn_is_replaced_and_its_next_program_asked_again() -> None:
    started = stand_in()
    with LeanPool(workers=1, start_worker=started) as pool:
        assert pool.check_many([CheckRequest("speak")])[0].accepted
        eventually(lambda: started.workers[0]._process.has_unread_output)
        assert pool.check_many([CheckRequest("echo next")])[0].detail == "echo next"
        assert len(started.workers) == 2


def test_a_worker_that_has_grown_is_replaced_between_programs() -> None:
    started = stand_in(max_resident_bytes=60_000_000)
    with LeanPool(workers=1, spares=1, start_worker=started) as pool:
        requests = [CheckRequest("hold 8000000")] * 20
        assert all(v.accepted for v in pool.check_many(requests))
        status = pool.status()
    assert 2 <= status.retired <= 10
    assert (status.kills, status.lost) == (0, 0)


def test_two_processes_a_pool_each_share_one_cache(tmp_path: Path) -> None:
    requests = [CheckRequest(f"echo {n}") for n in range(50)]
    first, second = stand_in(), stand_in()
    with LeanPool(workers=1, cache=tmp_path / "v.sqlite", start_worker=first) as pool:
        said = pool.check_many(requests)
        with LeanPool(workers=1, cache=tmp_path / "v.sqlite", start_worker=second) as other:
            assert other.check_many(requests) == said
    assert second.workers == []


@pytest.mark.lean
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_lean_killed_at_random_costs_no_reply_and_mixes_none(installed: Toolchain) -> None:
    started = Remembering(WasmBackend(installed).start)
    asked = [
        [
            CheckRequest(
                f"def own_{n}_{i} (x : Int) : Int := x + {i}",
                tests=(f"own_{n}_{i} 1 = {i + 1 + i % 2}",),
            )
            for i in range(250)
        ]
        for n in range(2)
    ]
    with LeanPool(workers=1, spares=1, timeout_seconds=60, start_worker=started) as pool:
        pool.warm()
        eventually(lambda: pool.status().ready, seconds=120)
        with Killer(started, every=4, most=8, seed=2) as killer:
            answers = ask_from_threads(pool, asked)
        assert pool.status().checked == 500
    assert killer.kills >= 2
    for said in answers.values():
        assert [v.accepted for v in said] == [i % 2 == 0 for i in range(250)]
        assert {v.reason for v in said} == {"", "test_failed"}
