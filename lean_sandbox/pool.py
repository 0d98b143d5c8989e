"""Several Lean workers behind one `check_many`: started when needed, replaced when lost.

What people get wrong: a killed worker's other requests. Here a worker holds one request at a time;
what it held when it was killed from outside goes back to the front of the queue, once.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from lean_sandbox import toolchain
from lean_sandbox.cache import VerdictCache
from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.policy import MAX_NESTING, MAX_PROGRAM_BYTES
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, Verdict
from lean_sandbox.wasm import WasmWorker
from lean_sandbox.worker import StartWorker, Worker, WorkerLost

_BRACKETS = re.compile(r"[()\[\]{}⟨⟩]")
_ATTEMPTS = 2
_STARTS = 2


@dataclass
class _Batch:
    """One `check_many` call: what is still to do, and the verdicts so far."""

    waiting: deque[tuple[int, CheckRequest, int]]
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    size: int = 0
    failure: SandboxUnavailable | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def settle(self, index: int, verdict: Verdict) -> None:
        self.verdicts[index] = verdict
        if len(self.verdicts) == self.size:
            self.done.set()

    def fail(self, failure: SandboxUnavailable) -> None:
        self.failure = failure
        self.waiting.clear()
        self.done.set()


class LeanPool:
    """A `Sandbox` of several Lean processes; safe to share between threads.

    Workers start when the first request comes, all at once, and stay. A worker takes about 1.6 GB
    and, on a busy machine, 15 seconds to start.
    """

    def __init__(
        self,
        workers: int = 2,
        timeout_seconds: float = 20.0,
        *,
        cache: Path | None = None,
        start_worker: StartWorker | None = None,
    ) -> None:
        if workers < 1:
            raise ValueError(f"a pool needs at least 1 worker, not {workers}")
        self._workers = workers
        self._timeout_seconds = timeout_seconds
        self._start_worker = start_worker
        self._cache = VerdictCache(cache) if cache is not None else None
        self._changed = threading.Condition()
        self._batches: deque[_Batch] = deque()
        self._threads: list[threading.Thread] = []
        self._living: set[Worker] = set()
        self._broken = 0
        self._closed = False
        self._lean_version = ""

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
        return self._lean_version

    def warm(self) -> None:
        """Start the workers now, in the background."""
        with self._changed:
            self._ensure_threads()

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        """Check a batch; see `Sandbox.check_many`. Batches of several threads share the workers.

        Raises:
            SandboxUnavailable: no worker could be started, or the pool is closed.
        """
        batch = _Batch(waiting=deque(), size=len(requests))
        for index, request in enumerate(requests):
            known = unreadable(request) or self._remembered(request)
            if known is not None:
                batch.settle(index, known)
            else:
                batch.waiting.append((index, request, 1))
        if not batch.waiting:
            return [batch.verdicts[index] for index in range(batch.size)]
        asked = {index: request for index, request, _ in batch.waiting}
        with self._changed:
            if self._closed:
                raise SandboxUnavailable("this pool is closed; open another")
            self._broken = 0
            self._ensure_threads()
            self._batches.append(batch)
            self._changed.notify_all()
        try:
            batch.done.wait()
        except BaseException:
            with self._changed:
                batch.waiting.clear()
            raise
        if batch.failure is not None:
            raise batch.failure
        if self._cache is not None:
            self._cache.put_many([(asked[i], batch.verdicts[i]) for i in asked])
        return [batch.verdicts[index] for index in range(batch.size)]

    def close(self) -> None:
        """Kill the workers; batches still waiting fail with `SandboxUnavailable`."""
        with self._changed:
            self._closed = True
            self._fail_all(SandboxUnavailable("the pool was closed while programs were waiting"))
            self._changed.notify_all()
            living = list(self._living)
        for worker in living:
            worker.close()
        for thread in self._threads:
            thread.join(timeout=30)
        if self._cache is not None:
            self._cache.close()

    def _remembered(self, request: CheckRequest) -> Verdict | None:
        return self._cache.get(request) if self._cache is not None else None

    def _ensure_threads(self) -> None:
        if self._start_worker is None:
            installed = toolchain.find()
            self._start_worker = lambda: WasmWorker.start(installed)
        while len(self._threads) < self._workers:
            name = f"lean-{len(self._threads)}"
            thread = threading.Thread(target=self._serve, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self) -> None:
        worker: Worker | None = None
        while True:
            if worker is None:
                worker = self._started()
                if worker is None:
                    if not self._wait_after_failure():
                        return
                    continue
            taken = self._take()
            if taken is None:
                self._forget(worker)
                return
            batch, index, request, attempt = taken
            try:
                answer = worker.check(request, timeout_seconds=self._timeout_seconds)
            except WorkerLost as lost:
                self._forget(worker)
                worker = None
                self._again(batch, index, request, attempt, lost)
                continue
            batch.settle(index, answer.verdict)
            if not answer.usable:
                self._forget(worker)
                worker = None

    def _started(self) -> Worker | None:
        """A new worker, or None after repeated failure, which the waiting batches are told of."""
        assert self._start_worker is not None
        failure: SandboxUnavailable | None = None
        for _ in range(_STARTS):
            if self._closed:
                return None
            try:
                worker = self._start_worker()
            except SandboxUnavailable as error:
                failure = error
                continue
            with self._changed:
                self._lean_version = worker.lean_version
                self._living.add(worker)
                closed = self._closed
            if closed:
                self._forget(worker)
                return None
            return worker
        with self._changed:
            self._broken += 1
            if failure is not None and self._broken >= self._workers:
                self._fail_all(failure)
        return None

    def _wait_after_failure(self) -> bool:
        """Sleep until another batch comes; False when the pool is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._batches and not self._broken))
            return not self._closed

    def _take(self) -> tuple[_Batch, int, CheckRequest, int] | None:
        """The next request, batches in turn; None when the pool is closed."""
        with self._changed:
            while not self._closed:
                while self._batches:
                    batch = self._batches.popleft()
                    if batch.waiting:
                        index, request, attempt = batch.waiting.popleft()
                        self._batches.append(batch)
                        return batch, index, request, attempt
                self._changed.wait()
            return None

    def _again(
        self, batch: _Batch, index: int, request: CheckRequest, attempt: int, lost: WorkerLost
    ) -> None:
        """Put a request back after its worker was lost, or say that it brings workers down."""
        with self._changed:
            if attempt < _ATTEMPTS and not self._closed:
                batch.waiting.appendleft((index, request, attempt + 1))
                if batch not in self._batches:
                    self._batches.append(batch)
                self._changed.notify_all()
                return
        verdict = Verdict(
            outcome=Outcome.MEMORY,
            reason="worker_died",
            detail=f"{_ATTEMPTS} workers were lost on this program; the last: {lost}",
            tests=(),
            lean_version=self._lean_version,
            gates=("size",),
            seconds=0.0,
        )
        batch.settle(index, verdict)

    def _fail_all(self, failure: SandboxUnavailable) -> None:
        while self._batches:
            self._batches.popleft().fail(failure)

    def _forget(self, worker: Worker) -> None:
        with self._changed:
            self._living.discard(worker)
        worker.close()


def unreadable(request: CheckRequest) -> Verdict | None:
    """The verdict on a program that is not sent to Lean at all, by size or encoding."""
    try:
        size = len(request.program.encode("utf-8"))
        "".join((request.target or "", *request.tests)).encode("utf-8")
    except UnicodeEncodeError as failure:
        return not_sent("bad_encoding", f"character {failure.start} is half of a pair")
    if size > MAX_PROGRAM_BYTES:
        return not_sent("too_large", f"{size:,} bytes; at most {MAX_PROGRAM_BYTES:,}")
    if "\0" in request.program:
        return not_sent("bad_encoding", f"NUL at character {request.program.index(chr(0))}")
    if max(_depth(text) for text in (request.program, request.target or "")) > MAX_NESTING:
        return not_sent("too_deep", f"more than {MAX_NESTING} brackets are open at once")
    return None


def _depth(text: str) -> int:
    """The most brackets open at once, wherever they stand."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth = depth + 1 if bracket in "([{⟨" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def not_sent(reason: str, detail: str) -> Verdict:
    """The refusal of a program that was kept from Lean."""
    return Verdict(
        outcome=Outcome.REFUSED,
        reason=reason,
        detail=detail,
        tests=(),
        lean_version="",
        gates=("size",),
        seconds=0.0,
    )
