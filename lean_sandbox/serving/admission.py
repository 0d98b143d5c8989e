"""Programs taken in from clients and not answered yet: how many there may be, and who still waits.

What people get wrong: taking in everything. What is beyond the limit is refused at once, with the
time after which to ask again; what is taken in gets an answer, unless its client has gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Protocol

from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.serving.settings import ServerSettings
from lean_sandbox.status import PoolStatus
from lean_sandbox.verdict import Verdict

_SHORTEST_SECONDS = 1.0
"""A deadline under this would end workers for nothing: starting one costs ten times as much."""
_LONGEST_RETRY_SECONDS = 60


class ServedPool(Protocol):
    """What a server needs of a pool; `LeanPool` is one."""

    async def check_many_async(
        self, requests: Sequence[CheckRequest], *, timeout_seconds: float | None = None
    ) -> list[Verdict]:
        """Check a batch; a cancelled call drops what waits.

        Raises:
            SandboxUnavailable: no verdict exists.
        """
        ...

    def status(self) -> PoolStatus:
        """The pool at this moment."""
        ...

    def warm(self) -> None:
        """Start the workers now, in the background."""
        ...


class ClientGone(Exception):
    """The client hung up before it was answered."""


class NoRoom(Exception):
    """The server takes in no more for now."""

    def __init__(self, message: str, *, retry_seconds: int) -> None:
        super().__init__(message, retry_seconds)
        self.message = message
        self.retry_seconds = retry_seconds


class Admission:
    """Counts programs in and out, and lets the pool check them."""

    def __init__(self, pool: ServedPool, settings: ServerSettings, *, most_requests: int) -> None:
        """Check programs in `pool`; a request keeps a connection, so these have a limit too."""
        self._pool = pool
        self._settings = settings
        self._most_requests = most_requests
        self._running: set[asyncio.Future[list[Verdict]]] = set()
        self._stopping = False
        self._answered = 0
        self._seconds = 0.0
        self.waiting = 0
        """Programs taken in and not answered yet."""

    async def verdicts(
        self,
        requests: Sequence[CheckRequest],
        timeout_seconds: float | None,
        *,
        gone: Callable[[], Awaitable[None]],
    ) -> list[Verdict]:
        """The verdicts on these programs; `gone` ends when the client has hung up.

        Raises:
            NoRoom: too many programs wait, or the server is being stopped.
            ClientGone: nobody waits for the answer any more; the programs were dropped.
            SandboxUnavailable: no verdict exists.
        """
        with self._counted(len(requests)):
            check = asyncio.ensure_future(
                self._pool.check_many_async(requests, timeout_seconds=self._limit(timeout_seconds))
            )
            leaving = asyncio.ensure_future(gone())
            self._running.add(check)
            try:
                await asyncio.wait({check, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if not check.done():
                    raise ClientGone
                if check.cancelled():
                    raise self._no_room("it is being stopped")
                verdicts = check.result()
            finally:
                self._running.discard(check)
                check.cancel()
                leaving.cancel()
        self._answered += len(verdicts)
        self._seconds += sum(verdict.seconds for verdict in verdicts)
        return verdicts

    def look_for_room(self, programs: int = 1) -> None:
        """See whether so many programs would be taken in now.

        Raises:
            NoRoom: they would not.
        """
        if self._stopping:
            raise self._no_room("it is being stopped")
        if len(self._running) >= self._most_requests:
            raise self._no_room(f"{self._most_requests:,} requests are open and no more may be")
        limit = self._settings.max_waiting
        if self.waiting + programs > limit:
            raise self._no_room(f"{self.waiting:,} programs wait and {limit:,} may")

    def refuse_new(self) -> None:
        """Take in nothing more: the server is being stopped."""
        self._stopping = True

    def give_up(self) -> None:
        """Answer what still waits with `NoRoom`."""
        for check in self._running:
            check.cancel()

    @contextlib.contextmanager
    def _counted(self, programs: int) -> Iterator[None]:
        self.look_for_room(programs)
        self.waiting += programs
        try:
            yield
        finally:
            self.waiting -= programs

    def _limit(self, asked: float | None) -> float:
        most = self._settings.timeout_seconds
        return most if asked is None else min(max(asked, _SHORTEST_SECONDS), most)

    def _no_room(self, why: str) -> NoRoom:
        """The refusal, with the time that half of what waits will take."""
        each = self._seconds / self._answered if self._answered else 0.1
        seconds = math.ceil(self.waiting * each / max(1, self._pool.status().workers) / 2)
        retry = min(max(1, seconds), _LONGEST_RETRY_SECONDS)
        return NoRoom(f"this server is busy: {why}; ask again", retry_seconds=retry)
