"""What a pool asks of one Lean process, whatever kind it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Verdict


class WorkerLost(Exception):
    """The worker died for a reason that need not be the program's; the request may be repeated."""

    def __init__(self, message: str, *, from_outside: bool = False) -> None:
        super().__init__(message)
        self.from_outside = from_outside
        """Whether it was another's doing (a person, the system out of memory, an earlier
        program), and never this program's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict, and whether the worker that gave it can go on."""

    verdict: Verdict
    usable: bool
    """False when the worker was killed to end the program, or has grown too large."""


class Worker(Protocol):
    """One Lean process, used by one thread at a time."""

    @property
    def lean_version(self) -> str:
        """What its Lean calls itself."""
        ...

    def check(self, request: CheckRequest, *, timeout_seconds: float) -> Answer:
        """Check one program; every program gets an answer, and a runaway one ends the worker.

        Raises:
            WorkerLost: the process died, and the program is not known to be the cause.
        """
        ...

    def interrupt(self) -> None:
        """End the process from another thread; a `check` under way raises `WorkerLost`.

        Nothing is closed: a descriptor closed under a reader may become another worker's. The
        thread that uses the worker still has to close it.
        """
        ...

    def close(self) -> None:
        """End the process and all it started."""
        ...


class Backend(Protocol):
    """One kind of Lean at one version: starts its workers, names what their verdicts rest on."""

    @property
    def fingerprint(self) -> str:
        """Names all that a verdict depends on besides its request.

        That is the Lean and its library, the server, the policy. Backends with the same
        fingerprint may share a cache.
        """
        ...

    @property
    def worker_bytes(self) -> int:
        """The memory to set aside for one worker."""
        ...

    def start(self) -> Worker:
        """Start a worker and wait until it takes requests.

        Raises:
            SandboxUnavailable: Lean does not come up; the message names the way out.
        """
        ...


StartWorker = Callable[[], Worker]
"""Starts a worker; raises `SandboxUnavailable` when Lean does not come up."""
