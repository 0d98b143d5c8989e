"""Workers that judge like the fake sandbox, except for programs a script names."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome
from lean_sandbox.worker import Answer, WorkerLost
from tests.contracts.fake_sandbox import FakeSandbox, verdict

PATIENCE_SECONDS = 240.0
"""How long a test waits for what must come: far longer than the busiest machine takes for it."""

Script = dict[str, Callable[["ScriptedWorker"], Answer]]


class ScriptedWorker:
    lean_version = "scripted"

    def __init__(self, script: Script) -> None:
        self.script = script
        self.closed = False
        self.interrupted = threading.Event()
        self.checked: list[str] = []

    def check(self, request: CheckRequest, *, timeout_seconds: float) -> Answer:
        assert not self.closed, "a closed worker was used"
        self.checked.append(request.program)
        if self.interrupted.is_set():
            raise WorkerLost("ended by signal 9", from_outside=True)
        for word, answer in self.script.items():
            if word in request.program:
                return answer(self)
        return Answer(FakeSandbox().check_many([request])[0], usable=True)

    def interrupt(self) -> None:
        self.interrupted.set()

    def close(self) -> None:
        self.closed = True


class Starter:
    """Starts scripted workers and remembers them."""

    def __init__(self, script: Script | None = None, *, seconds: float = 0.0) -> None:
        self.script = script or {}
        self.workers: list[ScriptedWorker] = []
        self.failures = 0
        self.attempts = 0
        self.under_way = 0
        self.most_under_way = 0
        self.seconds = seconds
        self.may_start = threading.Event()
        self.may_start.set()

    def __call__(self) -> ScriptedWorker:
        self.attempts += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        time.sleep(self.seconds)
        assert self.may_start.wait(PATIENCE_SECONDS), "no worker was ever let start"
        self.under_way -= 1
        if self.failures:
            self.failures -= 1
            raise SandboxUnavailable("no memory for another worker")
        worker = ScriptedWorker(self.script)
        self.workers.append(worker)
        return worker

    @property
    def open_workers(self) -> int:
        return sum(not worker.closed for worker in self.workers)


class Gate:
    """A program that runs until it is let go, or its worker is interrupted."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def __call__(self, worker: ScriptedWorker) -> Answer:
        self.entered.set()
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.opened.is_set():
            if worker.interrupted.wait(0.005):
                raise WorkerLost("ended by signal 9", from_outside=True)
            assert time.monotonic() < until, "the gate was never opened"
        return Answer(verdict(Outcome.ACCEPTED), usable=True)


def request(number: int) -> CheckRequest:
    return CheckRequest(f"def f (x : Int) : Int := x + {number}", tests=("f 0 = 1",))


def timed_out(_: ScriptedWorker) -> Answer:
    return Answer(verdict(Outcome.TIMEOUT, "deadline"), usable=False)


def grown(_: ScriptedWorker) -> Answer:
    return Answer(verdict(Outcome.ACCEPTED), usable=False)


def died(_: ScriptedWorker) -> Answer:
    raise WorkerLost("ended itself with status 1")


def killed(_: ScriptedWorker) -> Answer:
    raise WorkerLost("ended by signal 9", from_outside=True)


def once(first: Callable[[ScriptedWorker], Answer]) -> Callable[[ScriptedWorker], Answer]:
    """`first` the first time, accepted from then on."""
    turns = iter([first])

    def answer(worker: ScriptedWorker) -> Answer:
        turn = next(turns, None)
        return Answer(verdict(Outcome.ACCEPTED), usable=True) if turn is None else turn(worker)

    return answer


def eventually(true: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never became true"
        time.sleep(0.005)
