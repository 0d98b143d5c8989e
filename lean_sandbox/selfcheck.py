"""Three programs whose verdicts are known: what an installed Lean proves itself with.

Every new worker of a pool answers them before it gets anybody's program: a Lean that is broken in
such a way that it still starts must not give verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass

from lean_sandbox.errors import InstallError, SandboxUnavailable
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.toolchain import Toolchain
from lean_sandbox.worker import StartWorker, Worker, WorkerLost

_MARKER = "proven"
_PROBE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class KnownVerdict:
    """A program and what must be said of it."""

    says: str
    request: CheckRequest
    reason: str
    """The expected reason code; empty for accepted."""


KNOWN = (
    KnownVerdict(
        says="a true theorem is accepted",
        request=CheckRequest(
            "theorem two : 1 + 1 = 2 := by decide", target="theorem two : 1 + 1 = 2"
        ),
        reason="",
    ),
    KnownVerdict(
        says="a false theorem resting on sorry is refused",
        request=CheckRequest(
            "theorem three : 1 + 1 = 3 := by admit", target="theorem three : 1 + 1 = 3"
        ),
        reason="sorry",
    ),
    KnownVerdict(
        says="a definition that computes the wrong value fails its test",
        request=CheckRequest(
            "def f (x : Int) : Int := x + 1",
            target="def f (x : Int) : Int",
            tests=("f (-3) = -2", "f 3 = 5"),
        ),
        reason="test_failed",
    ),
)


def is_proven(toolchain: Toolchain) -> bool:
    """Whether this server has given the known verdicts before."""
    return (toolchain.server / _MARKER).exists()


def prove(sandbox: Sandbox, toolchain: Toolchain) -> None:
    """Ask for the known verdicts and remember that they came.

    Raises:
        InstallError: one of them is wrong: the installed Lean must not be used.
        SandboxUnavailable: Lean does not start.
    """
    verdicts = sandbox.check_many([known.request for known in KNOWN])
    for known, verdict in zip(KNOWN, verdicts, strict=True):
        if verdict.reason != known.reason:
            raise InstallError(
                f"the installed Lean is wrong about this: {known.says}; it said "
                f"{verdict.outcome} {verdict.reason} {verdict.detail}; delete "
                f"{toolchain.loader.parent.parent} and run `outerloop lean install`"
            )
    (toolchain.server / _MARKER).touch()


def proven(start: StartWorker) -> StartWorker:
    """A `start` whose workers have given the known verdicts before anybody gets them."""

    def start_and_ask() -> Worker:
        worker = start()
        try:
            _ask(worker)
        except BaseException:
            worker.close()
            raise
        return worker

    return start_and_ask


def _ask(worker: Worker) -> None:
    for known in KNOWN:
        try:
            verdict = worker.check(known.request, timeout_seconds=_PROBE_SECONDS).verdict
        except WorkerLost as lost:
            raise SandboxUnavailable(
                f"a new worker did not live through its first program: {lost}"
            ) from lost
        if verdict.reason != known.reason:
            raise SandboxUnavailable(
                f"a new worker is wrong about this: {known.says}; it said {verdict.outcome} "
                f"{verdict.reason} {verdict.detail}; run `outerloop lean install`"
            )
