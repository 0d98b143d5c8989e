"""Started workers: as many as a crew has, replaced when lost, spares last.

Every start runs in a thread of its own, so a spare comes up while the others work. What people get
wrong: starting again at once. Here a failed start is followed by a pause that doubles up to half a
minute, with only one start under way until one succeeds.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lean_sandbox.errors import SandboxUnavailable, ToolchainMissing
from lean_sandbox.worker import StartWorker, Worker
from lean_sandbox.worker_count import Crew


class Parting(StrEnum):
    """Why a worker is given up."""

    KILLED = "killed"
    """The pool ended it to end its program."""
    LOST = "lost"
    """It died, or somebody else ended it."""
    RETIRED = "retired"
    """It had grown too large."""
    CLOSED = "closed"
    """The pool is closed."""


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait after failed starts."""

    first_seconds: float = 0.25
    most_seconds: float = 30.0
    hurried_seconds: float = 1.0
    """The most a new batch waits for the next attempt when no worker is up."""
    attempts: int = 2
    """Failures in a row after which waiting batches are told."""

    def pause(self, failures: int) -> float:
        """Seconds after the n-th failure in a row: doubled each time, less up to a half."""
        longest = min(self.most_seconds, self.first_seconds * 2.0 ** min(failures - 1, 30))
        return longest * random.uniform(0.5, 1.0)


_BACK_OFF = BackOff()
_PATIENCE_SECONDS = 1.0
"""What `close` waits for starts under way, which cannot be broken off. Should this process end
before they do, their Lean reads the end of its input and ends too."""


class WorkerSupply:
    """Keeps a crew of workers started.

    It shares its condition with the pool: `changed` is held where a docstring says so.
    """

    def __init__(
        self,
        start: StartWorker,
        crew: Crew,
        *,
        changed: threading.Condition,
        failed: Callable[[SandboxUnavailable, int], bool],
        back_off: BackOff = _BACK_OFF,
    ) -> None:
        """Hold `start`, which starts one worker, and `failed`, called while `changed` is held.

        `failed` is told that Lean does not come up and how many workers are left; it answers
        whether to go on trying.
        """
        self._start = start
        self._crew = crew
        self._changed = changed
        self._failed = failed
        self._back_off = back_off
        self._ready: deque[Worker] = deque()
        self._lent = 0
        self._starting = 0
        self._failures = 0
        self._retry_at = 0.0
        self._owed = 0
        self._closed = False
        self._threads: set[threading.Thread] = set()
        self.starts = self.restarts = self.failed_starts = 0
        self.partings = dict.fromkeys(Parting, 0)
        self.failure = ""
        self.lean_version = ""

    @property
    def alive(self) -> int:
        """Started workers; `changed` is held."""
        return len(self._ready) + self._lent

    @property
    def starting(self) -> int:
        """Workers being started or waiting for the next attempt; `changed` is held."""
        return self._starting

    def ensure(self) -> None:
        """Start what is missing, in the background; `changed` is held."""
        if self._closed:
            return
        if self._failures and not self.alive:
            self._retry_at = min(self._retry_at, time.monotonic() + self._back_off.hurried_seconds)
            self._changed.notify_all()
        while self.alive + self._starting < self._target():
            name = f"lean-start-{self.starts + self._starting}"
            thread = threading.Thread(target=self._start_one, name=name, daemon=True)
            thread.start()
            self._starting += 1
            self._threads.add(thread)

    def take(self) -> Worker | None:
        """A started worker, waiting for one if need be; None when the supply is closed."""
        with self._changed:
            while not self._closed:
                if self._ready:
                    self._lent += 1
                    return self._ready.popleft()
                self._changed.wait()
            return None

    def give_up(self, worker: Worker, parting: Parting) -> None:
        """Close a worker that `take` gave, and start another in its place."""
        worker.close()
        with self._changed:
            self._lent -= 1
            self.partings[parting] += 1
            self._owed += 1
            self.ensure()

    def close(self) -> None:
        """Close the workers that wait; those being started are closed when they are up."""
        with self._changed:
            self._closed = True
            ready = list(self._ready)
            self._ready.clear()
            threads = list(self._threads)
            self._changed.notify_all()
        for worker in ready:
            worker.close()
        until = time.monotonic() + _PATIENCE_SECONDS
        for thread in threads:
            thread.join(timeout=max(0.0, until - time.monotonic()))

    def _target(self) -> int:
        if self._failures:
            return self.alive + 1 if self.alive < self._crew.all else 0
        return self._crew.all if self.alive >= self._crew.workers else self._crew.workers

    def _start_one(self) -> None:
        try:
            while self._may_try():
                try:
                    worker = self._start()
                except SandboxUnavailable as failure:
                    again = self._note(failure)
                except Exception as failure:  # noqa: BLE001 — batches would wait for ever
                    again = self._note(SandboxUnavailable(f"Lean does not start: {failure!r}"))
                else:
                    self._welcome(worker)
                    return
                if not again:
                    return
        finally:
            with self._changed:
                self._threads.discard(threading.current_thread())

    def _may_try(self) -> bool:
        """Wait for the end of the pause; False when the supply is closed meanwhile."""
        with self._changed:
            while not self._closed:
                pause = self._retry_at - time.monotonic() if self._failures else 0.0
                if pause <= 0:
                    return True
                self._changed.wait(pause)
            self._starting -= 1
            return False

    def _welcome(self, worker: Worker) -> None:
        with self._changed:
            self._starting -= 1
            if not self._closed:
                self._failures = 0
                self.failure = ""
                self.lean_version = worker.lean_version
                self.starts += 1
                if self._owed:
                    self._owed -= 1
                    self.restarts += 1
                self._ready.append(worker)
                self.ensure()
                self._changed.notify_all()
                return
        worker.close()

    def _note(self, failure: SandboxUnavailable) -> bool:
        """Count a failed start; True when this thread is to try again after a pause."""
        with self._changed:
            self.failed_starts += 1
            self.failure = str(failure)
            if self._closed or self._starting > 1:  # another start is under way and decides
                self._starting -= 1
                return False
            self._failures += 1
            self._retry_at = time.monotonic() + self._back_off.pause(self._failures)
            hopeless = isinstance(failure, ToolchainMissing)
            if self._failures < self._back_off.attempts and not hopeless:
                return True
            if self._failed(failure, self.alive):
                return True
            self._starting -= 1
            return False
