"""Verdicts already given, in one SQLite file that many processes may share.

The key holds everything a verdict depends on: program, target, tests, the Lean package and the
server with its policy. Timeouts and lost workers depend on the machine and are not kept. A cache
that cannot be read or written is a slower run, never an error.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

from lean_sandbox import toolchain
from lean_sandbox.policy import HEARTBEATS, server_policy
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, TestOutcome, Verdict

_KEPT = frozenset({Outcome.ACCEPTED, Outcome.REFUSED, Outcome.UNDECIDED})
_MEMORY_ENTRIES = 100_000


def gate_version() -> str:
    """Names the package, the server and the policy that verdicts were given under."""
    parts = json.dumps(
        [toolchain.PACKAGE_SHA512, toolchain.server_hash(), HEARTBEATS, server_policy()]
    )
    return hashlib.sha256(parts.encode("utf-8")).hexdigest()


class VerdictCache:
    """A dictionary in front of a SQLite table."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._recent: dict[CheckRequest, Verdict] = {}
        self._gate_version = gate_version()
        self._database = _open(path)

    def get(self, request: CheckRequest) -> Verdict | None:
        """The verdict on this request, or None."""
        known = self._recent.get(request)
        if known is not None or self._database is None:
            return known
        with self._lock, contextlib.suppress(sqlite3.Error, ValueError, KeyError, TypeError):
            row = self._database.execute(
                "SELECT verdict FROM verdicts WHERE key = ?", (self._key(request),)
            ).fetchone()
            if row is not None:
                verdict = _read(row[0])
                self._remember(request, verdict)
                return verdict
        return None

    def put_many(self, entries: Sequence[tuple[CheckRequest, Verdict]]) -> None:
        """Keep the verdicts that depend on nothing but their request."""
        kept = [(r, v) for r, v in entries if v.outcome in _KEPT and v.reason != "internal_error"]
        with self._lock:
            for request, verdict in kept:
                self._remember(request, verdict)
            if self._database is None:
                return
            with contextlib.suppress(sqlite3.Error), self._database:
                self._database.executemany(
                    "INSERT OR IGNORE INTO verdicts (key, verdict) VALUES (?, ?)",
                    [(self._key(request), _written(verdict)) for request, verdict in kept],
                )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _remember(self, request: CheckRequest, verdict: Verdict) -> None:
        if len(self._recent) >= _MEMORY_ENTRIES:
            self._recent.clear()
        self._recent[request] = verdict

    def _key(self, request: CheckRequest) -> bytes:
        parts = json.dumps([self._gate_version, request.program, request.target, request.tests])
        return hashlib.sha256(parts.encode("utf-8")).digest()


def _open(path: Path) -> sqlite3.Connection | None:
    """The database; a damaged file is set aside and begun again."""
    for _ in range(2):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(path, timeout=10, check_same_thread=False)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS verdicts (key BLOB PRIMARY KEY, verdict TEXT NOT NULL)"
                " WITHOUT ROWID"
            )
            return database
        except sqlite3.DatabaseError:
            with contextlib.suppress(OSError):
                path.replace(path.with_suffix(".damaged"))
        except OSError:
            return None
    return None


def _written(verdict: Verdict) -> str:
    return json.dumps(
        {
            "outcome": verdict.outcome,
            "reason": verdict.reason,
            "detail": verdict.detail,
            "tests": verdict.tests,
            "lean_version": verdict.lean_version,
            "gates": verdict.gates,
            "seconds": verdict.seconds,
            "gate_seconds": verdict.gate_seconds,
        }
    )


def _read(text: str) -> Verdict:
    fields = json.loads(text)
    return Verdict(
        outcome=Outcome(fields["outcome"]),
        reason=fields["reason"],
        detail=fields["detail"],
        tests=tuple(TestOutcome(test) for test in fields["tests"]),
        lean_version=fields["lean_version"],
        gates=tuple(fields["gates"]),
        seconds=fields["seconds"],
        gate_seconds=tuple(fields["gate_seconds"]),
    )
