"""Verdicts already given, in one SQLite file that many processes may share.

The key holds everything a verdict depends on: program, target, tests, and the backend's
fingerprint for Lean, library, server and policy. Timeouts, of a program or of one of its tests,
and lost workers depend on the machine and are not kept. A cache that cannot be read or written is
a slower run, never an error; a row whose bytes have changed is a miss, never a verdict.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

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

MAX_FILE_BYTES = 1_000_000_000
"""A file that would grow beyond this loses a tenth of its verdicts, the oldest."""
_KEPT = frozenset({Outcome.ACCEPTED, Outcome.REFUSED, Outcome.UNDECIDED})
_IN_MEMORY = 50_000
_SEAL_BYTES = 16
_BUSY_SECONDS = 0.5
"""How long a write waits for those of other processes before it is left out."""
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_TEST_OUTCOMES = {outcome.value: outcome for outcome in TestOutcome}
_FILES_OF_A_DATABASE = ("", "-wal", "-shm")
_BROKEN_FILE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_IN_USE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_ATTEMPTS = 20
"""To open a file that other processes are just making: five seconds."""


class VerdictCache:
    """The latest verdicts in memory, in front of a SQLite table."""

    def __init__(
        self, path: Path, *, fingerprint: str, max_file_bytes: int = MAX_FILE_BYTES
    ) -> None:
        self.hits = 0
        """Verdicts found so far."""
        self._lock = threading.Lock()  # of what is in memory
        self._database_lock = threading.Lock()
        self._recent: OrderedDict[bytes, Verdict] = OrderedDict()
        self._start = hashlib.sha256(fingerprint.encode("utf-8"))
        self._max_file_bytes = max_file_bytes
        self._path = path
        self._database = _open(path, max_file_bytes)

    def get(self, request: CheckRequest) -> Verdict | None:
        """The verdict on this request, or None."""
        key = self._key(request)
        with self._lock:
            known = self._recent.get(key)
            if known is not None:
                self._recent.move_to_end(key)
                self.hits += 1
                return known
        with self._database_lock:
            known = self._read(key)
        if known is not None:
            with self._lock:
                self.hits += 1
                self._remember(key, known)
        return known

    def put(self, request: CheckRequest, verdict: Verdict) -> None:
        """Keep a verdict that depends on nothing but its request."""
        self.put_many([(request, verdict)])

    def put_many(self, entries: Sequence[tuple[CheckRequest, Verdict]]) -> None:
        """Keep the verdicts that depend on nothing but their request."""
        kept = [
            (self._key(request), verdict) for request, verdict in entries if _is_a_fact(verdict)
        ]
        with self._lock:
            for key, verdict in kept:
                self._remember(key, verdict)
        with self._database_lock:
            self._write([(key, _sealed(key, verdict)) for key, verdict in kept])

    def close(self) -> None:
        """Close the file."""
        with self._database_lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _remember(self, key: bytes, verdict: Verdict) -> None:
        self._recent[key] = verdict
        if len(self._recent) > _IN_MEMORY:
            self._recent.popitem(last=False)

    def _read(self, key: bytes) -> Verdict | None:
        if self._database is None:
            return None
        try:
            row = self._database.execute(
                "SELECT verdict FROM sealed WHERE key = ?", (key,)
            ).fetchone()
        except sqlite3.Error as failure:
            self._begin_again_after(failure)
            return None
        return None if row is None else _unsealed(key, row[0])

    def _write(self, rows: list[tuple[bytes, bytes]]) -> None:
        if self._database is None or not rows:
            return
        try:
            _insert(self._database, rows)
        except sqlite3.Error as failure:
            if _code(failure) != sqlite3.SQLITE_FULL:
                self._begin_again_after(failure)
                return
            with contextlib.suppress(sqlite3.Error):
                _forget_the_oldest(self._database)
                _insert(self._database, rows)

    def _begin_again_after(self, failure: sqlite3.Error) -> None:
        """Set a file aside that broke under us; anything else may pass by itself."""
        if _code(failure) not in _BROKEN_FILE or self._database is None:
            return
        self._database.close()
        _set_aside(self._path)
        self._database = _open(self._path, self._max_file_bytes)

    def _key(self, request: CheckRequest) -> bytes:
        digest = self._start.copy()
        for text in (request.program, request.target, *request.tests):
            if text is None:
                digest.update(b"-")
            else:
                part = text.encode("utf-8", "surrogatepass")
                digest.update(b"%d:" % len(part))
                digest.update(part)
        if request.messages:
            digest.update(b"messages")
        return digest.digest()


def _is_a_fact(verdict: Verdict) -> bool:
    """Whether the machine had no part in it."""
    if verdict.reason == "internal_error" or verdict.late_tests:
        return False
    return verdict.outcome in _KEPT


def _open(path: Path, max_file_bytes: int) -> sqlite3.Connection | None:
    """The database; a damaged file is set aside, one that cannot be written is read."""
    for _ in range(_ATTEMPTS):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _connect(path, max_file_bytes)
        except sqlite3.DatabaseError as failure:
            if _code(failure) in _BROKEN_FILE:
                _set_aside(path)
            elif _code(failure) in _IN_USE:
                time.sleep(0.25)
            else:
                return _open_read_only(path)
        except OSError:
            return _open_read_only(path)
    return None


def _connect(path: Path, max_file_bytes: int) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS sealed (at INTEGER PRIMARY KEY, key BLOB UNIQUE NOT NULL,"
            " verdict BLOB NOT NULL)"
        )
        (page_bytes,) = database.execute("PRAGMA page_size").fetchone()
        database.execute(f"PRAGMA max_page_count = {max(max_file_bytes // page_bytes, 16)}")
    except BaseException:
        database.close()
        raise
    return database


def _open_read_only(path: Path) -> sqlite3.Connection | None:
    """A file in a place where nothing can be written; it must not change meanwhile."""
    try:
        database = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
    except sqlite3.Error:
        return None
    try:
        database.execute("SELECT verdict FROM sealed LIMIT 1")
    except sqlite3.Error:
        database.close()
        return None
    return database


def _set_aside(path: Path) -> None:
    """Rename a damaged database with its log, which would be read into a new one."""
    for suffix in _FILES_OF_A_DATABASE:
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).replace(
                path.with_name(f"{path.name}.damaged{suffix}")
            )


def _insert(database: sqlite3.Connection, rows: list[tuple[bytes, bytes]]) -> None:
    with database:
        database.executemany("INSERT OR REPLACE INTO sealed (key, verdict) VALUES (?, ?)", rows)


def _forget_the_oldest(database: sqlite3.Connection) -> None:
    with database:
        database.execute(
            "DELETE FROM sealed WHERE at <="
            " (SELECT min(at) + (max(at) - min(at)) / 10 FROM sealed)"
        )


def _code(failure: sqlite3.Error) -> int:
    """SQLite's primary code of an error; 0 for one of the Python module itself."""
    return getattr(failure, "sqlite_errorcode", 0) & 0xFF


def _sealed(key: bytes, verdict: Verdict) -> bytes:
    """A verdict's bytes behind a digest of them and their key."""
    body = json.dumps(
        [
            verdict.outcome,
            verdict.reason,
            verdict.detail,
            verdict.tests,
            verdict.lean_version,
            verdict.gates,
            verdict.seconds,
            verdict.gate_seconds,
            [astuple(message) for message in verdict.messages],
            [astuple(note) for note in verdict.notes],
        ]
    ).encode("utf-8")
    return _seal(key, body) + body


def _unsealed(key: bytes, row: object) -> Verdict | None:
    """The verdict of a row; None when its bytes are not the written ones."""
    if not isinstance(row, bytes):
        return None
    body = row[_SEAL_BYTES:]
    if _seal(key, body) != row[:_SEAL_BYTES]:
        return None
    (
        outcome,
        reason,
        detail,
        tests,
        lean_version,
        gates,
        seconds,
        gate_seconds,
        messages,
        notes,
    ) = json.loads(body)
    return Verdict(
        outcome=_OUTCOMES[outcome],
        reason=reason,
        detail=detail,
        tests=tuple(_TEST_OUTCOMES[test] for test in tests),
        lean_version=lean_version,
        gates=tuple(gates),
        seconds=seconds,
        gate_seconds=tuple(gate_seconds),
        messages=tuple(Message(Severity(severity), *rest) for severity, *rest in messages),
        notes=tuple(Note(NoteKind(kind), *rest) for kind, *rest in notes),
    )


def _seal(key: bytes, body: bytes) -> bytes:
    return hashlib.blake2b(body, key=key, digest_size=_SEAL_BYTES).digest()
