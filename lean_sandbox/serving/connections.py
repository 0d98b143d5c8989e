"""Connections that wait for nobody for ever, and strangers among them who crowd nobody out.

What people get wrong: a limit on requests alone. A client that opens connections and says nothing,
or asks and never reads the answer, sends no request that could be refused. Here a connection has a
few seconds to say what it wants, an answer has some to be taken in, and those who have not shown
the key have a part of the connections only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pydantic import SecretStr
from uvicorn.protocols.http.h11_impl import H11Protocol

from lean_sandbox.serving import api_key

HEAD_SECONDS = 15.0
_STRANGERS_SHARE = 4
"""One connection of so many may be a stranger's."""


class Strangers:
    """The connections on which no key was shown, by client, the oldest first.

    Beyond `most` one of them is closed: the oldest of the client that has the most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._by_client: dict[str, dict[object, Callable[[], None]]] = {}

    def add(self, client: str, connection: object, *, close: Callable[[], None]) -> None:
        """Take in a connection, and close another where there are too many."""
        if self._count >= self._most:
            crowd = max(self._by_client, key=lambda name: len(self._by_client[name]))
            oldest, close_oldest = next(iter(self._by_client[crowd].items()))
            self.discard(crowd, oldest)
            close_oldest()
        self._by_client.setdefault(client, {})[connection] = close
        self._count += 1

    def discard(self, client: str, connection: object) -> None:
        """Forget a connection that has shown the key, or is gone."""
        own = self._by_client.get(client, {})
        if own.pop(connection, None) is not None:
            self._count -= 1
        if not own:
            self._by_client.pop(client, None)


class _Guarded(H11Protocol):
    """Closes a connection whose client keeps it waiting; the deadlines are the subclass's."""

    head_seconds: float
    answer_seconds: float
    key: SecretStr | None
    strangers: Strangers
    _due: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _is_stranger = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # whatever is not taken in at once is waited for
        if self.key is not None:
            self._is_stranger = True
            self.strangers.add(self._host, self, close=transport.abort)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_stranger and self._has_shown_the_key():
            self._is_stranger = False
            self.strangers.discard(self._host, self)
        if self.cycle is None or self.cycle.response_complete:
            self._wait_for_head()
        else:
            self._stop_waiting()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.answer_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_waiting_for_reader()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_waiting_for_reader()
        self.strangers.discard(self._host, self)
        super().connection_lost(exc)

    @property
    def _host(self) -> str:
        return self.client[0] if self.client else ""

    def _has_shown_the_key(self) -> bool:
        if self.key is None or self.scope is None:
            return False
        headers = dict(self.scope["headers"])
        return api_key.opens(self.key, headers.get(b"authorization", b""))

    def _wait_for_head(self) -> None:
        if self._due is None:
            self._due = self.loop.call_later(self.head_seconds, self._hang_up)

    def _stop_waiting(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _stop_waiting_for_reader(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _hang_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


def guarded(
    *, head_seconds: float, answer_seconds: float, key: SecretStr | None, connections: int
) -> type[H11Protocol]:
    """The protocol of a server that may have so many connections."""
    attributes = {
        "head_seconds": head_seconds,
        "answer_seconds": answer_seconds,
        "key": key,
        "strangers": Strangers(max(1, connections // _STRANGERS_SHARE)),
    }
    return type("Guarded", (_Guarded,), attributes)
