"""Who drives a study: a lease that its holder renews and that another takes when it is stale.

The lock of the run folder keeps out drivers on this machine. The lease keeps out drivers on other
machines that share the study's storage. What people get wrong: comparing times that two machines
wrote. No time is written here: a lease holds a counter that its holder raises, and whoever wants
it watches, by its own monotonic clock, whether the counter still moves. A clock that is set back
changes nothing.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from engines.json_text import read_json
from search.errors import StudyError, StudyInUse

BEAT_SECONDS = 10.0
"""How often a holder renews its lease."""
STALE_SECONDS = 60.0
"""A lease whose counter stood still so long belongs to nobody."""
_SETTLE_SECONDS = 0.25
"""Pause between taking a lease and believing it: of two that took it at once, the last has it."""
_GIVE_BACK_SECONDS = 10.0
LEASE_NOTE = "driver"
"""The study's attribute that a lease lies in."""


class Board(Protocol):
    """Where one lease is written for all drivers to see."""

    def read(self) -> str:
        """What was written last; empty where nothing was."""
        ...

    def write(self, text: str) -> None:
        """Replace it."""
        ...


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds a lease."""

    token: str
    """This holding's, and no other's."""
    host: str
    machine: str
    """Tells two machines of one name, and two containers of one machine, apart."""
    pid: int
    started: str
    """When the process was started, as the kernel counts: its number may be another's later."""
    beat: int = 0

    @classmethod
    def here(cls) -> Holder:
        """This process, with a token of its own."""
        pid = os.getpid()
        return cls(uuid.uuid4().hex, socket.gethostname(), _machine(), pid, _started(pid))

    @property
    def is_here(self) -> bool:
        """Whether it runs, or ran, where its process can be looked for."""
        return bool(self.machine) and self.machine == _machine()

    @property
    def is_alive_here(self) -> bool:
        """Whether its process runs on this machine."""
        return self.is_here and bool(self.started) and _started(self.pid) == self.started

    def __str__(self) -> str:
        """For a person."""
        return f"process {self.pid} on {self.host}"


class Lease:
    """The right to drive one study.

    Args:
        board: where it is written.
        beat_seconds: how often it is renewed while it is held.
        stale_seconds: how long a counter must stand still.
    """

    def __init__(
        self,
        board: Board,
        *,
        beat_seconds: float = BEAT_SECONDS,
        stale_seconds: float = STALE_SECONDS,
    ) -> None:
        self._board = board
        self._beat_seconds = beat_seconds
        self._stale_seconds = stale_seconds
        self._mine: Holder | None = None
        self._lost_to: Holder | None = None
        self._seen = 0.0
        self._renewing = threading.Lock()

    @contextmanager
    def held(self, say: Callable[[str], None]) -> Iterator[None]:
        """Take the lease, renew it meanwhile, and give it back.

        Args:
            say: told in one line when another's lease is waited for.

        Raises:
            StudyInUse: another live driver has it.
        """
        self._take(say)
        over = threading.Event()

        def beat() -> None:
            while not over.wait(self._beat_seconds):
                with suppress(StudyError):  # `require` says so where it matters
                    self._renew()

        thread = threading.Thread(target=beat, name="study-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            # a storage that is gone is not waited for on the way out: the lease becomes stale
            giving = threading.Thread(target=self._give_back, name="study-lease-end", daemon=True)
            giving.start()
            giving.join(timeout=_GIVE_BACK_SECONDS)

    def require(self) -> None:
        """Check that the lease is still ours, before something is written.

        A process that slept for longer than its lease lives looks before it writes.

        Raises:
            StudyInUse: another driver has taken it meanwhile.
        """
        if self._mine is None:
            return
        if time.monotonic() - self._seen > self._stale_seconds / 2:
            self._renew()
        if self._lost_to is not None:
            raise StudyInUse(
                f"the study was taken over by {self._lost_to}, which heard nothing of this "
                f"process for {self._stale_seconds:.0f} s; it goes on there"
            )

    def _take(self, say: Callable[[str], None]) -> None:
        stale = self._read()
        if stale is not None:
            self._wait_until_stale(stale, say)
        mine, looked = Holder.here(), time.monotonic()
        there = self._read()
        if there is not None and there != stale:
            raise StudyInUse(_in_use(there))
        self._write(mine)
        # Whoever looked before this was written has written too by the end of the pause, and the
        # last of them has it. A slow storage may have let another begin: it looks at every beat.
        quick = time.monotonic() - looked < _SETTLE_SECONDS
        time.sleep(_SETTLE_SECONDS if quick else 2 * self._beat_seconds)
        there = self._read()
        if there is None or there.token != mine.token:
            raise StudyInUse(_in_use(there or mine))
        self._mine, self._lost_to, self._seen = mine, None, time.monotonic()

    def _wait_until_stale(self, there: Holder, say: Callable[[str], None]) -> None:
        """Watch another's lease until nobody renews it any more.

        Raises:
            StudyInUse: it is renewed.
        """
        if there.is_alive_here:
            raise StudyInUse(_in_use(there))
        if there.is_here:
            return  # its process is gone; nobody will renew it
        say(
            f"waiting     {there} drove this study last; "
            f"{self._stale_seconds:.0f} s to see whether it still does"
        )
        ends = time.monotonic() + self._stale_seconds
        while time.monotonic() < ends:
            time.sleep(min(self._beat_seconds, self._stale_seconds) / 4)
            now = self._read()
            if now is None:
                return
            if now != there:
                raise StudyInUse(_in_use(now))

    def _renew(self) -> None:
        with self._renewing:
            mine, there = self._mine, self._read()
            if mine is None:
                return
            if there is None or there.token == mine.token:
                self._mine = replace(mine, beat=mine.beat + 1)
                self._write(self._mine)
                self._seen = time.monotonic()
            else:
                self._lost_to = there

    def _give_back(self) -> None:
        with self._renewing:
            mine, self._mine = self._mine, None
            with suppress(StudyError, OSError):  # a lease that stays behind becomes stale
                there = self._read()
                if mine is not None and there is not None and there.token == mine.token:
                    self._board.write("")

    def _read(self) -> Holder | None:
        try:
            return Holder(**read_json(self._board.read()))
        except (ValueError, TypeError):
            return None

    def _write(self, holder: Holder) -> None:
        self._board.write(json.dumps(asdict(holder)))


def _in_use(holder: Holder) -> str:
    return (
        f"the study is being searched by {holder}; wait for it, stop it, or give the study "
        "another `name:`"
    )


def _machine() -> str:
    """This machine since it was started, and this space of process numbers on it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()} {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""  # nobody can be looked for here


def _started(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    after_name = stat.rpartition(")")[2].split()
    return "" if after_name[0] in "ZX" else after_name[19]
