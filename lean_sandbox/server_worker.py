"""One Lean server process, spoken to in lines of ASCII JSON, whatever kind of Lean it is.

ASCII only, because one kind decodes its input in pieces and breaks a character that lies across
two of them. Every request carries a fresh nonce, and a line that does not begin with it ends the
worker: nothing a program prints can pass for a verdict.
"""

from __future__ import annotations

import json
import secrets
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.policy import HEARTBEATS, REASONS, REFUSED_SYNTAX, server_policy
from lean_sandbox.process import (
    DeadlinePassed,
    LineProcess,
    ProcessDied,
    TooMuchOutput,
)
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import (
    Message,
    Note,
    NoteKind,
    Outcome,
    Severity,
    TestOutcome,
    Verdict,
)
from lean_sandbox.worker import Answer, WorkerLost

MAX_REPLY_BYTES = 1_000_000
_TESTS_IN_A_ROW = 4
"""Tests that may run to their deadline before the program's own is over, where nothing is said."""
_MAX_FIRST_BYTES = 50_000_000
_AS_NEW_BYTES = 200_000_000
"""A worker that has grown by no more since its first verdict has as much room as a new one."""
_FROM_OUTSIDE = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT})
"""What a program cannot send to its own worker."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How a backend starts its Lean, and what one process of it may take."""

    command: tuple[str, ...]
    cwd: Path
    way_out: str
    """What to do when it does not start, for the end of a message."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """All of it: nothing is inherited."""
    start_seconds: float = 180.0
    """Longer than the slowest start seen on a busy machine."""
    threads: int = 4
    """More than it keeps busy, so that the wall clock always speaks before the processor's."""
    imports: tuple[str, ...] = ("Init",)
    """Modules that a program may import, with all that lie below them."""
    std: tuple[str, ...] = ("Std",)
    """What `import Std` stands for."""
    refused_syntax: tuple[str, ...] = ()
    """Syntax kinds refused besides those of `policy.REFUSED_SYNTAX`."""
    preload: tuple[str, ...] = ()
    """Modules whose environment is made before the first request."""
    missing: tuple[str, ...] | None = None
    """Names that the library mentions and lacks, which no program may declare; see
    `missing_names.py`. Where none are given, Lean looks for them at each start."""
    environments: int = 8
    """Environments a worker keeps, besides the one of programs that import nothing."""
    max_resident_bytes: int = 2_000_000_000
    """A worker above this is replaced: what earlier programs left in its memory is no later
    program's fault."""


class ServerWorker:
    """A started Lean server."""

    def __init__(self, process: LineProcess, launch: Launch, *, lean_version: str) -> None:
        self._process = process
        self._launch = launch
        self._lean_version = lean_version
        self._served = 0
        self._first_bytes = 0
        self._bytes = 0

    @classmethod
    def start(cls, launch: Launch) -> ServerWorker:
        """Start Lean and wait until it takes requests.

        Raises:
            SandboxUnavailable: it did not come up; the message holds what it said.
        """
        process, version = begin(launch, _first_line(launch), word="ready")
        return cls(process, launch, lean_version=version)

    @property
    def lean_version(self) -> str:
        """What this Lean calls itself."""
        return self._lean_version

    @property
    def pid(self) -> int:
        """The process, which is its group's id too."""
        return self._process.pid

    def check(self, request: CheckRequest, *, timeout_seconds: float) -> Answer:
        """Check one program within `timeout_seconds` of wall-clock time.

        Raises:
            WorkerLost: the process was ended from outside while it worked.
        """
        started = time.monotonic()
        nonce = secrets.token_hex(16)
        message = {
            "nonce": nonce,
            "program": _as_lean_reads(request.program),
            "target": _as_lean_reads(request.target or ""),
            "tests": list(request.tests),
            "heartbeats": HEARTBEATS,
            "messages": int(request.messages),
            "program_ms": _milliseconds(timeout_seconds),
            "test_ms": _milliseconds(_test_seconds(request, timeout_seconds)),
        }
        deadline = started + timeout_seconds
        try:
            if self._process.has_unread_output:
                raise WorkerLost("the worker spoke out of turn", from_outside=True)
            self._process.allow_cpu(self._launch.threads * timeout_seconds + 10)
            self._process.write_line(_line(message), deadline=deadline)
            line = self._process.read_line(deadline=deadline, max_bytes=MAX_REPLY_BYTES)
        except ProcessDied as failure:
            return self._after_death(failure, started)
        except DeadlinePassed:
            detail = f"no verdict after {timeout_seconds:g} s"
            return self._killed("deadline", Outcome.TIMEOUT, detail, started)
        except TooMuchOutput as failure:
            return self._killed("flood", Outcome.TIMEOUT, str(failure), started)
        answer = self._answer(line, nonce)
        if answer is None:
            return self._killed("flood", Outcome.TIMEOUT, "an unexpected line", started)
        self._served += 1
        self._bytes = self._process.own_bytes()
        self._first_bytes = self._first_bytes or self._bytes
        room = self._bytes < self._launch.max_resident_bytes
        return Answer(answer.verdict, usable=answer.usable and room)

    def interrupt(self) -> None:
        """End Lean from another thread; see `Worker.interrupt`."""
        self._process.interrupt()

    def close(self) -> None:
        """End Lean and all it started."""
        self._process.kill()

    @property
    def _is_as_new(self) -> bool:
        """Whether earlier programs have left too little behind to have a part in its end."""
        if not self._served:
            return True
        return self._first_bytes > 0 and self._bytes - self._first_bytes < _AS_NEW_BYTES

    def _answer(self, line: bytes, nonce: str) -> Answer | None:
        """What a reply says; None when it is not this request's or not in the agreed form.

        A worker that left tests behind, which it cannot stop, is of no more use.
        """
        head, _, body = line.decode("utf-8", "replace").partition(" ")
        if head != nonce:
            return None
        try:
            reply = json.loads(body)
            reason = str(reply["reason"])
            verdict = Verdict(
                outcome=Outcome(REASONS[reason].outcome) if reason else Outcome.ACCEPTED,
                reason=reason,
                detail=str(reply["detail"]),
                tests=tuple(TestOutcome(test) for test in reply["tests"]),
                lean_version=self._lean_version,
                gates=("size", *(str(gate) for gate in reply["gates"])),
                seconds=reply["microseconds"] / 1e6,
                gate_seconds=tuple(span / 1e6 for span in reply["spans"]),
                messages=tuple(_message(said) for said in reply["messages"]),
                notes=tuple(
                    Note(NoteKind(kind), int(line), str(text))
                    for kind, line, text in reply["notes"]
                ),
                late_tests=tuple(int(number) for number in reply["late"]),
            )
            return Answer(verdict, usable=int(reply["left"]) == 0)
        except (ValueError, KeyError, TypeError):
            return None

    def _killed(self, reason: str, outcome: Outcome, detail: str, started: float) -> Answer:
        self._process.kill()
        verdict = Verdict(
            outcome=outcome,
            reason=reason,
            detail=detail,
            tests=(),
            lean_version=self._lean_version,
            gates=("size",),
            seconds=time.monotonic() - started,
        )
        return Answer(verdict, usable=False)

    def _after_death(self, failure: ProcessDied, started: float) -> Answer:
        status = self._process.exit_status(patience_seconds=10)
        self._process.kill()
        if status is not None and status < 0:
            outside = -status in _FROM_OUTSIDE
            raise WorkerLost(f"ended by signal {-status}", from_outside=outside) from failure
        if not self._is_as_new:
            raise WorkerLost(f"Lean ended itself with status {status}") from failure
        detail = f"Lean ended itself with status {status}: out of memory or of stack"
        return self._killed("worker_died", Outcome.MEMORY, detail, started)


def _message(said: list[object]) -> Message:
    severity, line, column, end_line, end_column, text = said
    return Message(
        severity=Severity(str(severity)),
        line=int(str(line)),
        column=int(str(column)),
        end_line=int(str(end_line)),
        end_column=int(str(end_column)),
        text=str(text).strip(),
    )


def _test_seconds(request: CheckRequest, timeout_seconds: float) -> float:
    if request.test_timeout_seconds is None:
        return timeout_seconds / _TESTS_IN_A_ROW
    return request.test_timeout_seconds


def _milliseconds(seconds: float) -> int:
    return max(1, round(1000 * seconds))


def _as_lean_reads(text: str) -> str:
    """Without a byte order mark and the CR of line ends, which Lean takes off a file too."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def begin(launch: Launch, first: Mapping[str, object], *, word: str) -> tuple[LineProcess, str]:
    """Start Lean, send it its `first` line, and wait for the answer that begins with `word`.

    Raises:
        SandboxUnavailable: it did not come up; the message holds what it said.
    """
    try:
        process = LineProcess(launch.command, cwd=launch.cwd, environment=launch.environment)
    except OSError as failure:
        raise SandboxUnavailable(
            f"{launch.command[0]} does not start: {failure}; {launch.way_out}"
        ) from failure
    nonce = secrets.token_hex(16)
    deadline = time.monotonic() + launch.start_seconds
    said: list[str] = []
    try:
        process.write_line(_line({"nonce": nonce, **first}), deadline=deadline)
        while True:
            raw = process.read_line(deadline=deadline, max_bytes=_MAX_FIRST_BYTES)
            line = raw.decode("utf-8", "replace")
            if line.startswith(f"{nonce} {word} "):
                return process, line.removeprefix(f"{nonce} {word} ")
            said = [*said[-3:], line[:200]]
    except (ProcessDied, DeadlinePassed, TooMuchOutput) as failure:
        process.kill()
        raise SandboxUnavailable(
            f"Lean did not start ({type(failure).__name__}, exit status "
            f"{process.returncode}, last words: {' / '.join(said) or 'none'}); "
            f"{launch.way_out}"
        ) from failure
    except BaseException:
        process.kill()
        raise


def _first_line(launch: Launch) -> dict[str, object]:
    missing = {} if launch.missing is None else {"missing": launch.missing}
    return {
        **missing,
        **server_policy(),
        "refused_syntax": (*REFUSED_SYNTAX, *launch.refused_syntax),
        "imports": launch.imports,
        "std": launch.std,
        "preload": launch.preload,
        "environments": launch.environments,
    }


def _line(message: Mapping[str, object]) -> bytes:
    return json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii")
