"""What is decided about a request before the application sees it: who asks, how much, in time.

The body is read here, whole or not at all, so a request that is half sent, too large or without
the key costs no parsing, and what is open to all takes no body. What people get wrong: hanging up
on a client that is still sending. It would find its connection broken and never read the answer,
so what it sends is thrown away first.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import time
from collections.abc import AsyncIterator, Mapping

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lean_sandbox.serving import api_key
from lean_sandbox.serving.admission import Admission, NoRoom
from lean_sandbox.serving.metrics import ServerMetrics
from lean_sandbox.serving.settings import ServerSettings

OPEN_PATHS = frozenset(
    {"/", "/health", "/health/", "/ready", "/docs", "/docs/oauth2-redirect", "/openapi.json"}
)
"""What is told to those without the key too."""
KEY_SHOWN = "outerloop.key_shown"
"""In a request's scope: whether it may be told all, because it has the key or none is needed."""
_OPEN_BODY_BYTES = 1_000
"""As much of a body is read, and dropped, where none is needed."""
_OPEN_BODY_SECONDS = 5.0
_DISCARD_SECONDS = 5.0
_HUNG_UP = 499


class _Refused(Exception):
    """The answer to a request that goes no further."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


class _HungUp(Exception):
    """The client is gone before it had sent its request."""


class Door:
    """Stands before an ASGI application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: ServerSettings,
        key: SecretStr | None,
        admission: Admission,
        metrics: ServerMetrics,
    ) -> None:
        self._app = app
        self._settings = settings
        self._key = key
        self._admission = admission
        self._metrics = metrics
        self._held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        visit = _Visit(receive, send)
        try:
            await self._let_in(scope, visit)
        finally:
            self._held_bytes -= visit.bytes
            seconds = time.monotonic() - began
            self._metrics.answered(scope["path"], scope["method"], visit.status, seconds)

    async def _let_in(self, scope: Scope, visit: _Visit) -> None:
        headers = Headers(scope=scope)
        is_open = scope["path"] in OPEN_PATHS
        scope[KEY_SHOWN] = self._shows_key(headers)
        discarded = 0 if is_open else self._settings.max_body_bytes
        discarded *= 8 if scope[KEY_SHOWN] else 1
        try:
            self._look_at(scope, headers, is_open=is_open)
            if is_open:
                await self._drop_body(visit, headers)
                body = b""
            else:
                body = await self._body(visit)
        except _HungUp:
            return
        except _Refused as refusal:
            await self._turn_away(refusal, visit, headers, discarded=discarded)
            return
        await self._app(scope, visit.replay(body), visit.send)

    def _shows_key(self, headers: Headers) -> bool:
        said = headers.get("authorization", "").encode("latin-1")
        return self._key is None or api_key.opens(self._key, said)

    def _look_at(self, scope: Scope, headers: Headers, *, is_open: bool) -> None:
        """Refuse by the head alone: host, key, length, room."""
        if self._key is None:
            if not _names_this_machine(headers.get("host", ""), self._settings.host):
                raise _Refused(
                    403,
                    "a server without an API key answers only requests that name this machine as "
                    f"their host; set {api_key.VARIABLE} where the server is started",
                    {"Connection": "close"},
                )
        elif not (is_open or scope[KEY_SHOWN]):
            raise _Refused(
                401,
                "this server has an API key: send it as `Authorization: Bearer KEY`",
                {"WWW-Authenticate": "Bearer", "Connection": "close"},
            )
        if is_open:
            return
        if _length(headers) > self._settings.max_body_bytes:
            raise self._too_large()
        if scope["method"] == "POST":
            try:
                self._admission.look_for_room()
            except NoRoom as refusal:
                raise _busy(refusal.message, refusal.retry_seconds) from None

    async def _drop_body(self, visit: _Visit, headers: Headers) -> None:
        """Read past the little that some clients send where nothing is to be said."""
        too_large = _Refused(
            413,
            f"this path takes no body; at most {_OPEN_BODY_BYTES:,} bytes of one are read",
            {"Connection": "close"},
        )
        if _length(headers) > _OPEN_BODY_BYTES:
            raise too_large
        read = 0
        async with _within(min(_OPEN_BODY_SECONDS, self._settings.body_seconds)):
            while not visit.all_read:
                read += len(await visit.read(keep=False))
                if read > _OPEN_BODY_BYTES:
                    raise too_large

    async def _body(self, visit: _Visit) -> bytes:
        """The whole body, within the limits on bytes and time."""
        parts: list[bytes] = []
        async with _within(self._settings.body_seconds):
            while not visit.all_read:
                part = await visit.read()
                self._held_bytes += len(part)
                if visit.bytes > self._settings.max_body_bytes:
                    raise self._too_large()
                if self._held_bytes > self._settings.max_held_bytes:
                    raise _busy("this server is busy: it holds too many bytes; ask again", 1)
                parts.append(part)
        return b"".join(parts)

    async def _turn_away(
        self, refusal: _Refused, visit: _Visit, headers: Headers, *, discarded: int
    ) -> None:
        """Answer; then let the client finish sending, within bounds, so that it can listen."""
        body = json.dumps({"detail": refusal.detail}).encode("ascii")
        closes = "Connection" in refusal.headers
        if not closes and _length(headers) <= self._settings.max_body_bytes:
            await self._discard(visit, discarded)
            if not visit.all_read:
                refusal.headers["Connection"] = "close"
        said = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **refusal.headers,
        }
        raw = [(k.lower().encode("ascii"), v.encode("latin-1")) for k, v in said.items()]
        await visit.send({"type": "http.response.start", "status": refusal.status, "headers": raw})
        await visit.send({"type": "http.response.body", "body": body, "more_body": True})
        if refusal.status != 408 and "expect" not in headers:
            await self._discard(visit, discarded)
        await visit.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _discard(self, visit: _Visit, most: int) -> None:
        """Read what is still coming and throw it away."""
        read = 0
        try:
            async with asyncio.timeout(_DISCARD_SECONDS):
                while not visit.all_read and read < most:
                    read += len(await visit.read(keep=False))
        except (TimeoutError, _HungUp):
            pass

    def _too_large(self) -> _Refused:
        return _Refused(
            413,
            f"the request has more than {self._settings.max_body_bytes:,} bytes; send fewer "
            "programs at once",
            {"Connection": "close"},
        )


class _Visit:
    """One request's two directions, and what is known of them so far."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self.all_read = False
        self.bytes = 0
        """Bytes of the body that are held in memory."""
        self.status = _HUNG_UP

    async def read(self, *, keep: bool = True) -> bytes:
        """The next piece of the body."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise _HungUp
        part: bytes = message.get("body", b"")
        self.all_read = not message.get("more_body", False)
        if keep:
            self.bytes += len(part)
        return part

    async def send(self, message: Message) -> None:
        """Pass a piece of the answer on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)

    def replay(self, body: bytes) -> Receive:
        """What the application reads: the whole body, then whatever the connection says."""
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return waiting.pop() if waiting else await self._receive()

        return receive


@contextlib.asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    """Refuse what is not sent in time."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise _Refused(
            408, f"the request was not sent within {seconds:g} seconds", {"Connection": "close"}
        ) from None


def _length(headers: Headers) -> int:
    """The length a client has announced; 0 when it has not."""
    said = headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else 0


def _busy(detail: str, retry_seconds: int) -> _Refused:
    return _Refused(503, detail, {"Retry-After": str(retry_seconds)})


def _names_this_machine(host: str, own: str) -> bool:
    """Whether a `Host` header names this machine, as no page of another site can make it do."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.strip("[]").lower()
    if name in (own.lower(), "localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
