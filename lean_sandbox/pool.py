"""Several Lean workers behind one `check_many`: started when needed, replaced when lost.

What people get wrong: a killed worker's other requests. Here a worker holds one request at a time;
what it held when it was lost goes back to the front of the queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from lean_sandbox import wasm
from lean_sandbox import worker_count as budget
from lean_sandbox.batches import Batch, FairQueue, Ticket
from lean_sandbox.cache import VerdictCache
from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.selfcheck import proven
from lean_sandbox.size_gate import not_sent, unreadable
from lean_sandbox.status import PoolStatus
from lean_sandbox.verdict import Outcome, Verdict
from lean_sandbox.worker import Answer, Backend, StartWorker, Worker, WorkerLost
from lean_sandbox.worker_supply import Parting, WorkerSupply

__all__ = ["LeanPool", "not_sent", "unreadable"]

_ATTEMPTS = 2
"""A program that two workers died on is taken for the cause, or one that had served nobody."""
_ATTEMPTS_FROM_OUTSIDE = 5
"""When workers are ended from outside, the machine is at fault, and says so after so many."""
_WORTH_KILLING_SECONDS = 5.0
"""A dropped batch's program that has run so long is ended: a new worker costs about as much."""
_DIRECT_CHARACTERS = 200_000
"""Above this, an event loop leaves the first look at a batch to a thread."""


class LeanPool:
    """A `Sandbox` of several Lean processes; safe to share between threads and event loops.

    Workers start when the first request comes, all at once, and stay. A worker takes about 1 GB
    and 8 seconds to start. `workers=None` chooses as many as `memory_bytes` allows (see
    `worker_count.crew`); spares are started workers that wait to take a lost one's place.
    """

    def __init__(
        self,
        workers: int | None = 2,
        timeout_seconds: float = 20.0,
        *,
        cache: Path | None = None,
        start_worker: StartWorker | None = None,
        backend: Backend | None = None,
        memory_bytes: int | None = None,
        spares: int | None = None,
    ) -> None:
        each = backend.worker_bytes if backend is not None else wasm.WORKER_BYTES
        self._crew = budget.crew(workers, spares, memory_bytes, worker_bytes=each)
        self._timeout_seconds = timeout_seconds
        self._backend = backend
        self._cache = (
            VerdictCache(cache, fingerprint=self.checked_by) if cache is not None else None
        )
        self._changed = threading.Condition()
        self._queue = FairQueue()
        self._running: dict[Ticket, tuple[Worker, float]] = {}
        self._threads: list[threading.Thread] = []
        self._supply = WorkerSupply(
            start_worker or proven((backend or _Installed()).start),
            self._crew,
            changed=self._changed,
            failed=self._does_not_start,
        )
        self._kept_warm = False
        self._closed = False
        self._checked = 0

    def __enter__(self) -> LeanPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def lean_version(self) -> str:
        """What the pool's Lean calls itself; empty before the first worker has started."""
        return self._supply.lean_version

    @functools.cached_property
    def checked_by(self) -> str:
        """Names all that the pool's verdicts depend on besides their requests.

        Raises:
            SandboxUnavailable: the backend is of a Lean that is not there.
        """
        return wasm.fingerprint() if self._backend is None else self._backend.fingerprint

    def status(self) -> PoolStatus:
        """The pool at this moment."""
        checked_by = self.checked_by
        with self._changed:
            supply = self._supply
            return PoolStatus(
                workers=self._crew.workers,
                spares=self._crew.spares,
                alive=supply.alive,
                starting=supply.starting,
                waiting=len(self._queue),
                running=len(self._running),
                checked=self._checked,
                cache_hits=self._cache.hits if self._cache is not None else 0,
                starts=supply.starts,
                restarts=supply.restarts,
                kills=supply.partings[Parting.KILLED],
                lost=supply.partings[Parting.LOST],
                retired=supply.partings[Parting.RETIRED],
                failed_starts=supply.failed_starts,
                failure=supply.failure,
                lean_version=supply.lean_version,
                checked_by=checked_by,
            )

    def warm(self) -> None:
        """Start the workers now, in the background; while none comes up, go on trying."""
        with self._changed:
            self._kept_warm = True
            self._ensure()

    def check_many(
        self, requests: Sequence[CheckRequest], *, timeout_seconds: float | None = None
    ) -> list[Verdict]:
        """Check a batch; see `Sandbox.check_many`. Batches of several threads share the workers.

        `timeout_seconds` is each program's wall clock from when a worker gets it; None takes the
        pool's. An interrupted call drops its waiting programs.

        Raises:
            SandboxUnavailable: no worker could be started, or the pool is closed.
        """
        done = threading.Event()
        batch = self._batch(requests, timeout_seconds, done.set)
        if not batch.over:
            try:
                self._submit(batch)
                done.wait()
            except BaseException:
                self._drop(batch)
                raise
        return batch.answer()

    async def check_many_async(
        self, requests: Sequence[CheckRequest], *, timeout_seconds: float | None = None
    ) -> list[Verdict]:
        """`check_many` for an event loop, which goes on meanwhile.

        A cancelled call drops its waiting programs and ends those that have run for long.

        Raises:
            SandboxUnavailable: no worker could be started, or the pool is closed.
        """
        loop = asyncio.get_running_loop()
        done = asyncio.Event()

        def announce() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(done.set)

        if sum(len(request.program) for request in requests) > _DIRECT_CHARACTERS:
            batch = await asyncio.to_thread(self._batch, requests, timeout_seconds, announce)
        else:
            batch = self._batch(requests, timeout_seconds, announce)
        if not batch.over:
            try:
                self._submit(batch)
                await done.wait()
            except BaseException:
                self._drop(batch)
                raise
        return batch.answer()

    def close(self) -> None:
        """Kill the workers; batches still waiting fail with `SandboxUnavailable`."""
        with self._changed:
            self._closed = True
            closed = SandboxUnavailable("the pool was closed while programs were waiting")
            self._queue.fail_all(closed)
            for ticket, (worker, _) in self._running.items():
                self._queue.fail(ticket.batch, closed)
                worker.interrupt()
            self._changed.notify_all()
        self._supply.close()
        for thread in self._threads:
            thread.join(timeout=30)
        if self._cache is not None:
            self._cache.close()

    def _batch(
        self,
        requests: Sequence[CheckRequest],
        timeout_seconds: float | None,
        announce: Callable[[], object],
    ) -> Batch:
        """The requests as a batch in which everything known without Lean is answered."""
        limit = self._timeout_seconds if timeout_seconds is None else timeout_seconds
        batch = Batch(tuple(requests), timeout_seconds=limit, announce=announce)
        batch.answer_known(self._known)
        return batch

    def _known(self, request: CheckRequest) -> Verdict | None:
        if self._cache is not None:
            remembered = self._cache.get(request)
            if remembered is not None:
                return remembered
        return unreadable(request)

    def _submit(self, batch: Batch) -> None:
        with self._changed:
            if self._closed:
                raise SandboxUnavailable("this pool is closed; open another")
            self._queue.add(batch)
            self._ensure()
            self._changed.notify_all()

    def _drop(self, batch: Batch) -> None:
        """Forget a batch nobody waits for; end what of it has run for long."""
        with self._changed:
            self._queue.drop(batch)
            for ticket, (worker, since) in self._running.items():
                if ticket.batch is batch and time.monotonic() - since > _WORTH_KILLING_SECONDS:
                    worker.interrupt()

    def _ensure(self) -> None:
        self._supply.ensure()
        while len(self._threads) < self._crew.workers:
            name = f"lean-{len(self._threads)}"
            thread = threading.Thread(target=self._serve, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def _does_not_start(self, failure: SandboxUnavailable, alive: int) -> bool:
        """Tell those who wait for a new worker; whether to go on trying to start one."""
        if alive:
            self._queue.settle_for_used()
            self._changed.notify_all()
        else:
            self._queue.fail_all(failure)
        return self._kept_warm or alive > 0

    def _serve(self) -> None:
        """Let workers, one after another, check program after program."""
        while (worker := self._supply.take()) is not None:
            parting, fresh = None, True
            while parting is None:
                ticket = self._take(worker, fresh=fresh)
                if ticket is None:
                    parting = Parting.CLOSED
                else:
                    parting = self._checked_by(worker, ticket, fresh=fresh)
                fresh = False
            self._supply.give_up(worker, parting)

    def _take(self, worker: Worker, *, fresh: bool) -> Ticket | None:
        """The next program, now this worker's; None when the pool is closed."""
        with self._changed:
            while not self._closed:
                ticket = self._queue.take(fresh=fresh)
                if ticket is not None:
                    self._running[ticket] = (worker, time.monotonic())
                    return ticket
                self._changed.wait()
            return None

    def _checked_by(self, worker: Worker, ticket: Ticket, *, fresh: bool) -> Parting | None:
        """Check one program; None when the worker can go on."""
        try:
            answer = worker.check(ticket.request, timeout_seconds=ticket.batch.timeout_seconds)
        except WorkerLost as lost:
            return self._after_loss(ticket, lost, fresh=fresh)
        except Exception as failure:  # noqa: BLE001 — else the batch would wait for ever
            broken = SandboxUnavailable(f"a worker broke off: {failure!r}")
            with self._changed:
                del self._running[ticket]
                self._queue.fail(ticket.batch, broken)
            return Parting.LOST
        self._settle(ticket, answer.verdict)
        return None if answer.usable else _why_replaced(answer)

    def _settle(self, ticket: Ticket, verdict: Verdict) -> None:
        if self._cache is not None:
            self._cache.put(ticket.request, verdict)
        with self._changed:
            self._running.pop(ticket)
            self._checked += 1
            ticket.batch.settle(ticket, verdict)

    def _after_loss(self, ticket: Ticket, lost: WorkerLost, *, fresh: bool) -> Parting:
        """Let the program be asked again, or say what its losses mean."""
        ticket.lost_from_outside += lost.from_outside
        ticket.lost += not lost.from_outside
        if not lost.from_outside and (fresh or ticket.lost >= _ATTEMPTS):
            self._settle(ticket, _fatal(lost, self.lean_version))
            return Parting.LOST
        with self._changed:
            del self._running[ticket]
            dropped = ticket.batch.over
            if ticket.lost_from_outside >= _ATTEMPTS_FROM_OUTSIDE:
                broken = SandboxUnavailable(
                    f"{ticket.lost_from_outside} workers were ended from outside under one "
                    f"program (the last: {lost}); is the machine out of memory?"
                )
                self._queue.fail(ticket.batch, broken)
            else:
                self._queue.put_back(ticket, for_fresh=not lost.from_outside)
                self._changed.notify_all()
        return Parting.KILLED if dropped else Parting.LOST


class _Installed:
    """The Lean that `outerloop lean install` installed, looked for at the first start."""

    def __init__(self) -> None:
        self._backend: Backend | None = None

    def start(self) -> Worker:
        if self._backend is None:
            self._backend = wasm.WasmBackend.find()
        return self._backend.start()


def _why_replaced(answer: Answer) -> Parting:
    verdict = answer.verdict
    ended = verdict.outcome in {Outcome.TIMEOUT, Outcome.MEMORY} or verdict.late_tests
    return Parting.KILLED if ended else Parting.RETIRED


def _fatal(lost: WorkerLost, lean_version: str) -> Verdict:
    """The verdict on a program that brings workers down."""
    return Verdict(
        outcome=Outcome.MEMORY,
        reason="worker_died",
        detail=f"Lean went down on this program: {lost}",
        tests=(),
        lean_version=lean_version,
        gates=("size",),
        seconds=0.0,
    )
