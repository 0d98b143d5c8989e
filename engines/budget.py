"""The money of a study while it is being spent: reserve, send, settle.

    budget.db         what is spent for good, what is held, how long the study has run
    budget.owners/    a locked file for each process that holds something

Whoever is about to spend holds the worst that can come of it; what does not fit into the caps is
not sent. What people get wrong: counting after the answer came, when a hundred requests are in
flight, caps a study at what it spent last week. All processes of a study share one file, so trials
cannot spend the same dollar twice. A process that is killed leaves its holdings behind; its lock
goes with it, and whoever finds the lock free gives the holdings back. What was in flight then may
have been billed all the same: it is remembered as `lost`.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from filelock import FileLock, Timeout

from engines.caps import Amount, Caps
from engines.errors import BudgetSpent, BudgetUnusable

_TICK_SECONDS = 5.0
"""How often a driver writes down how long the study has run."""
_WAIT_SECONDS = 0.05
"""Pause before asking again where others hold what is left."""

_TABLES = """
CREATE TABLE IF NOT EXISTS spent
    (kind TEXT PRIMARY KEY, settled INTEGER NOT NULL, lost INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS held
    (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, nanodollars INTEGER NOT NULL,
     tokens INTEGER NOT NULL, checks INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS runs
    (id INTEGER PRIMARY KEY, began REAL NOT NULL, seconds REAL NOT NULL);
"""
_LOST = "SELECT kind, lost FROM spent"
_SUM_HELD = (
    "SELECT COALESCE(SUM(nanodollars), 0), COALESCE(SUM(tokens), 0), "
    "COALESCE(SUM(checks), 0) FROM held"
)


class Hold:
    """Something set aside; says what came of it before it is given back."""

    def __init__(self) -> None:
        self.used = Amount()


class Purse:
    """A study's budget, shared by all its processes. Can be pickled: each opens the file anew.

    Args:
        path: the file, on a disk that every process of the study sees.
        caps: what may be spent in all, by earlier runs too.
    """

    def __init__(self, path: Path, caps: Caps) -> None:
        self.path = path
        self.caps = caps
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        self._owner = ""
        self._alive: FileLock | None = None
        self._driving = False

    def __reduce__(self) -> tuple[type[Purse], tuple[Path, Caps]]:
        """The file and the caps; nothing open travels."""
        return Purse, (self.path, self.caps)

    @contextmanager
    def holding(self, worst: Amount) -> Iterator[Hold]:
        """Set the worst case aside, do what costs, settle what `Hold.used` says.

        Where the caps would allow it but others hold the rest, this waits until they settle.

        Raises:
            BudgetSpent: the worst case does not fit into what is left; nothing was sent.
        """
        number = self._reserve(worst)
        hold = Hold()
        try:
            yield hold
        finally:
            self.settle(number, hold.used)

    def spent(self) -> Amount:
        """Settled for good, by all runs."""
        with self._transaction() as db:
            return self._settled(db)

    def held(self) -> Amount:
        """Set aside at this moment."""
        with self._transaction() as db:
            return Amount(*db.execute(_SUM_HELD).fetchone())

    def lost(self) -> Amount:
        """At worst, what requests in flight cost whose process was killed."""
        with self._transaction() as db:
            return Amount(**dict(db.execute(_LOST).fetchall()))

    def know_of(self, spent: Amount, *, seconds: float) -> None:
        """Take over what a study spent where this file saw nothing of it.

        A cap that was set later, another machine's run folder, a file that was deleted: the file
        is new then, the study is not. A file that saw anything is left as it is.

        Args:
            spent: what the study's stages cost.
            seconds: how long its drivers ran at least.
        """
        with self._transaction() as db:
            seen = self._settled(db), Amount(**dict(db.execute(_LOST).fetchall()))
            if seen == (Amount(), Amount()):
                for kind, counted in spent.kinds().items():
                    db.execute("UPDATE spent SET settled = ? WHERE kind = ?", (counted, kind))
                db.execute("INSERT OR IGNORE INTO runs VALUES (0, 0, ?)", (seconds,))

    def seconds(self) -> float:
        """How long drivers have run the study; elsewhere than in the driver some seconds old."""
        with self._transaction() as db:
            return self._tick(db)

    def seconds_left(self) -> float | None:
        """Until the cap on hours; None without one.

        Raises:
            BudgetSpent: nothing is left.
        """
        if self.caps.seconds is None:
            return None
        left = self.caps.seconds - self.seconds()
        if left <= 0:
            raise BudgetSpent(self.caps.sentence("seconds", Amount(), self.seconds()))
        return left

    @contextmanager
    def run(self) -> Iterator[None]:
        """A driver's life: holdings of dead processes are given back, hours are counted."""
        self.release_dead()
        for file in self._owner_file("").glob("*"):
            _is_alive(file)  # what the processes of earlier runs left lying
        self._driving = True
        with self._transaction() as db:
            db.execute("INSERT INTO runs (began, seconds) VALUES (?, 0)", (time.monotonic(),))
        over = threading.Event()

        def tick() -> None:
            while not over.wait(_TICK_SECONDS):
                with suppress(sqlite3.Error):  # a full disk is said of by whoever spends
                    self.seconds()

        thread = threading.Thread(target=tick, name="budget-clock", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            with suppress(sqlite3.Error):  # the last seconds may be lost, the reason may not
                self.seconds()
            self._driving = False

    def try_reserve(self, worst: Amount) -> int | None:
        """Set the worst case aside; None where others hold what it would take.

        Raises:
            BudgetSpent: it does not fit, whatever the others give back.
        """
        owner = self._identity()
        with self._transaction() as db:
            spent, seconds = self._settled(db), self._tick(db)
            kind = self.caps.exceeded_by(spent + worst)
            if self.caps.seconds is not None and seconds >= self.caps.seconds:
                kind = "seconds"
            if kind:
                raise BudgetSpent(self.caps.sentence(kind, spent, seconds))
            held = Amount(*db.execute(_SUM_HELD).fetchone())
            if self.caps.exceeded_by(spent + held + worst):
                return None
            row = (owner, worst.nanodollars, worst.tokens, worst.checks)
            added = db.execute(
                "INSERT INTO held (owner, nanodollars, tokens, checks) VALUES (?, ?, ?, ?)",
                row,
            )
            return int(added.lastrowid or 0)

    def settle(self, number: int, used: Amount) -> None:
        """Give a reservation back and book what came of it."""
        with self._transaction() as db:
            db.execute("DELETE FROM held WHERE id = ?", (number,))
            for kind, counted in used.kinds().items():
                db.execute(
                    "UPDATE spent SET settled = settled + ? WHERE kind = ?", (counted, kind)
                )
            self._tick(db)

    def release_dead(self) -> None:
        """Give back what processes hold that are no more; remember it as lost."""
        with self._transaction() as db:
            owners = [owner for (owner,) in db.execute("SELECT DISTINCT owner FROM held")]
            for owner in owners:
                if owner == self._owner or _is_alive(self._owner_file(owner)):
                    continue
                gone = Amount(*db.execute(f"{_SUM_HELD} WHERE owner = ?", (owner,)).fetchone())
                for kind, counted in gone.kinds().items():
                    db.execute("UPDATE spent SET lost = lost + ? WHERE kind = ?", (counted, kind))
                db.execute("DELETE FROM held WHERE owner = ?", (owner,))

    def _reserve(self, worst: Amount) -> int:
        number = self.try_reserve(worst)
        while number is None:
            self.release_dead()
            time.sleep(_WAIT_SECONDS)
            number = self.try_reserve(worst)
        return number

    def _settled(self, db: sqlite3.Connection) -> Amount:
        return Amount(**dict(db.execute("SELECT kind, settled FROM spent").fetchall()))

    def _tick(self, db: sqlite3.Connection) -> float:
        """Write down how long the present run has lasted; the sum over all runs.

        Only the driver's clock counts: it goes on when the date is set back, and no other
        machine's has the same beginning.
        """
        if self._driving:
            db.execute(
                "UPDATE runs SET seconds = MAX(seconds, ? - began) "
                "WHERE id = (SELECT MAX(id) FROM runs)",
                (time.monotonic(),),
            )
        return float(db.execute("SELECT COALESCE(SUM(seconds), 0) FROM runs").fetchone()[0])

    def _identity(self) -> str:
        """This process's name among the owners; its file stays locked while it lives."""
        with self._lock:
            if not self._owner:
                owner = uuid.uuid4().hex
                file = self._owner_file(owner)
                file.parent.mkdir(parents=True, exist_ok=True)
                self._alive = FileLock(file)
                self._alive.acquire()
                self._owner = owner
            return self._owner

    def _owner_file(self, owner: str) -> Path:
        return self.path.with_name("budget.owners") / owner

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._db is None:
                self._db = _open(self.path)
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


_CARRIED: ContextVar[Purse | None] = ContextVar("carried_purse", default=None)


def current() -> Purse | None:
    """The purse that whatever runs here spends from; None where nothing is limited."""
    return _CARRIED.get()


@contextmanager
def carried(purse: Purse | None) -> Iterator[None]:
    """Let machines called within spend from a purse."""
    token = _CARRIED.set(purse)
    try:
        yield
    finally:
        _CARRIED.reset(token)


@contextmanager
def holding(purse: Purse | None, worst: Amount) -> Iterator[Hold]:
    """`Purse.holding`, or nothing at all without a purse."""
    if purse is None:
        yield Hold()
    else:
        with purse.holding(worst) as hold:
            yield hold


def _is_alive(file: Path) -> bool:
    """Whether somebody holds the lock; a file that nobody holds is removed."""
    lock = FileLock(file, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    file.unlink(missing_ok=True)
    return False


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
    try:
        # what a killed process wrote is kept by the system; only a power cut could lose it, and
        # waiting for the disk at every call of an endpoint costs twenty times as much
        db.execute("PRAGMA synchronous = OFF")
        db.executescript(_TABLES)
        for kind in Amount().kinds():
            db.execute("INSERT OR IGNORE INTO spent VALUES (?, 0, 0)", (kind,))
    except sqlite3.DatabaseError as error:
        db.close()
        raise BudgetUnusable(
            f"{path} cannot be used ({error}); restore it, or delete it and run again with "
            "--resume: what finished stages cost is known from their manifests"
        ) from error
    return db
