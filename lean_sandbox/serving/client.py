"""A Lean sandbox on another process or machine: `LeanClient(url)` wherever a `LeanPool` would do.

What people get wrong: a server that is busy or gone counted as a wrong program. The client asks
again, as long as it has patience, and then raises `SandboxUnavailable`.
"""

from __future__ import annotations

import asyncio
import functools
import random
import ssl
from collections.abc import Iterator, Sequence
from types import TracebackType

import httpx
import tenacity
from anyio.from_thread import start_blocking_portal
from pydantic import TypeAdapter, ValidationError

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.serving import api_key
from lean_sandbox.serving.forms import BatchForm, BatchVerdicts
from lean_sandbox.size_gate import unreadable
from lean_sandbox.status import PoolStatus
from lean_sandbox.verdict import Verdict

_BATCH_PROGRAMS = 64
_BATCH_CHARACTERS = 2_000_000
_CONNECTIONS = 8
_CONNECT_SECONDS = 10.0
_LONGEST_PAUSE_SECONDS = 30.0
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
"""Asked directly, whatever proxy the environment names."""
_TRY_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_STATUS: TypeAdapter[PoolStatus] = TypeAdapter(PoolStatus)


class _AskAgain(Exception):
    """An answer that is none yet."""

    def __init__(self, said: str, *, after_seconds: float | None = None) -> None:
        super().__init__(said)
        self.after_seconds = after_seconds


class _TooMuch(Exception):
    """The server takes no request as large as this."""


class LeanClient:
    """A `Sandbox` that asks an `outerloop lean serve`; may be shared by threads, and pickled.

    It holds no connection between calls. The key is read from the environment at every call.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_seconds: float | None = None,
        patience_seconds: float = 600.0,
        connect_patience_seconds: float = 60.0,
        api_key_env: str | None = api_key.VARIABLE,
        checked_by: str | None = None,
    ) -> None:
        """Say whom to ask.

        Args:
            url: where the server answers, `http://127.0.0.1:8000`.
            timeout_seconds: wall clock for each program; None takes the server's limit.
            patience_seconds: how long one batch of a call may take, with all its attempts.
            connect_patience_seconds: how long of it a server that is not there is waited for.
            api_key_env: variable that holds the server's key; None sends none.
            checked_by: fingerprint of the Lean that must judge, or how it begins; None takes any.
        """
        self._url = url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._patience_seconds = patience_seconds
        self._connect_patience_seconds = connect_patience_seconds
        self._api_key_env = api_key_env
        self._checked_by = checked_by

    def __enter__(self) -> LeanClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def lean_version(self) -> str:
        """What the server's Lean calls itself; empty before its first worker has started.

        Raises:
            SandboxUnavailable: the server does not answer.
        """
        return self.status().lean_version

    def status(self) -> PoolStatus:
        """The server's pool at this moment.

        Raises:
            SandboxUnavailable: the server does not answer.
        """
        with start_blocking_portal() as portal:
            return portal.call(self._status)

    def warm(self) -> None:
        """Nothing to do: a server starts its workers itself."""

    def close(self) -> None:
        """Nothing to do: no connection is held between calls."""

    def check_many(
        self, requests: Sequence[CheckRequest], *, timeout_seconds: float | None = None
    ) -> list[Verdict]:
        """Check a batch; see `Sandbox.check_many`. Long ones are sent in several parts at once.

        Raises:
            SandboxUnavailable: the server gave no verdict for as long as there was patience, or
                another Lean than `checked_by` is behind it.
        """
        call = functools.partial(
            self.check_many_async, list(requests), timeout_seconds=timeout_seconds
        )
        with start_blocking_portal() as portal:
            return portal.call(call)

    async def check_many_async(
        self, requests: Sequence[CheckRequest], *, timeout_seconds: float | None = None
    ) -> list[Verdict]:
        """`check_many` for an event loop. Cancelled, it hangs up, and the server drops its part.

        Raises:
            SandboxUnavailable: the server gave no verdict for as long as there was patience.
        """
        limit = self._timeout_seconds if timeout_seconds is None else timeout_seconds
        known = [unreadable(request) for request in requests]
        parts = _parts([i for i, verdict in enumerate(known) if verdict is None], requests)
        places = asyncio.Semaphore(_CONNECTIONS)
        failures: list[SandboxUnavailable] = []

        async def ask(http: httpx.AsyncClient, part: list[int]) -> None:
            async with places:
                verdicts = await self._verdicts(http, [requests[i] for i in part], limit)
            for i, verdict in zip(part, verdicts, strict=True):
                known[i] = verdict

        try:
            async with self._connections() as http, asyncio.TaskGroup() as tasks:
                for part in parts:
                    tasks.create_task(ask(http, part))
        except* SandboxUnavailable as group:
            failures += list(_leaves(group))
        if failures:
            raise failures[0]
        return [verdict for verdict in known if verdict is not None]

    async def _verdicts(
        self, http: httpx.AsyncClient, requests: list[CheckRequest], timeout_seconds: float | None
    ) -> list[Verdict]:
        body = BatchForm.of(requests, timeout_seconds).model_dump_json()
        try:
            answer = await self._answer(http, "POST", "/v1/check_many", body)
        except _TooMuch as failure:
            if len(requests) == 1:
                raise SandboxUnavailable(f"{self._url} takes no such program: {failure}") from None
            half = len(requests) // 2
            front = await self._verdicts(http, requests[:half], timeout_seconds)
            return front + await self._verdicts(http, requests[half:], timeout_seconds)
        try:
            said = BatchVerdicts.model_validate_json(answer)
        except ValidationError as failure:
            raise self._stranger(str(failure.errors()[0]["msg"])) from None
        verdicts = said.verdicts
        wanted = self._checked_by or ""
        if not said.checked_by.startswith(wanted):
            raise SandboxUnavailable(
                f"another Lean judges at {self._url} ({said.checked_by[:12]}, not {wanted[:12]}); "
                "start the server as it was"
            )
        if len(verdicts) != len(requests):
            raise self._stranger(f"{len(verdicts)} verdicts on {len(requests)} programs")
        return verdicts

    async def _status(self) -> PoolStatus:
        async with self._connections() as http:
            answer = await self._answer(http, "GET", "/v1/status", "")
        try:
            return _STATUS.validate_json(answer)
        except ValidationError as failure:
            raise self._stranger(str(failure.errors()[0]["msg"])) from None

    async def _answer(self, http: httpx.AsyncClient, method: str, path: str, body: str) -> bytes:
        """What the server says in the end, asked again while it is busy or cannot be reached."""
        attempts = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type((_AskAgain, httpx.TransportError)),
            wait=_pause,
            stop=self._out_of_patience,
            reraise=True,
        )
        try:
            return await attempts(self._one_answer, http, method, path, body)
        except (_AskAgain, httpx.TransportError) as failure:
            said = str(failure) or type(failure).__name__
            raise SandboxUnavailable(
                f"no verdict from {self._url}: {said}; is `outerloop lean serve` running there?"
            ) from None

    async def _one_answer(
        self, http: httpx.AsyncClient, method: str, path: str, body: str
    ) -> bytes:
        answer = await http.request(method, path, content=body)
        if answer.status_code == httpx.codes.OK:
            return answer.content
        said = f"it answered {answer.status_code}: {answer.text[:300]}"
        if answer.status_code in _TRY_AGAIN:
            raise _AskAgain(said, after_seconds=_seconds(answer.headers.get("retry-after", "")))
        if answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            raise _TooMuch(said)
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            way_out = (
                f"set {self._api_key_env} to its key"
                if self._api_key_env
                else "name the variable that holds its key"
            )
            raise SandboxUnavailable(f"{self._url} does not let this client in: {said}; {way_out}")
        raise self._stranger(said)

    def _connections(self) -> httpx.AsyncClient:
        headers = {"Content-Type": "application/json"}
        key = api_key.from_environment(self._api_key_env) if self._api_key_env else None
        if key is not None:
            headers["Authorization"] = f"Bearer {key.get_secret_value()}"
        return httpx.AsyncClient(
            base_url=self._url,
            headers=headers,
            timeout=httpx.Timeout(self._patience_seconds, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=_CONNECTIONS),
            verify=_tls(),
            trust_env=httpx.URL(self._url).host not in _THIS_MACHINE,
        )

    def _out_of_patience(self, state: tenacity.RetryCallState) -> bool:
        patience = self._patience_seconds
        if state.outcome is not None and isinstance(
            state.outcome.exception(), httpx.ConnectError | httpx.ConnectTimeout
        ):
            patience = min(patience, self._connect_patience_seconds)
        return (state.seconds_since_start or 0) + state.upcoming_sleep > patience

    def _stranger(self, said: str) -> SandboxUnavailable:
        return SandboxUnavailable(
            f"{self._url} does not answer like an `outerloop lean serve` of this version: {said}"
        )


_ever_longer = tenacity.wait_random_exponential(multiplier=0.4, max=_LONGEST_PAUSE_SECONDS)


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds until the next attempt: what the server asked for, else longer every time."""
    failure = state.outcome.exception() if state.outcome is not None else None
    if isinstance(failure, _AskAgain) and failure.after_seconds is not None:
        return failure.after_seconds + random.random()
    return _ever_longer(state)


def _seconds(retry_after: str) -> float | None:
    """A `Retry-After` in seconds, when it is one."""
    return min(float(retry_after), _LONGEST_PAUSE_SECONDS) if retry_after.isdigit() else None


def _parts(indices: list[int], requests: Sequence[CheckRequest]) -> list[list[int]]:
    """The indices in requests of a bounded size."""
    parts: list[list[int]] = []
    room = 0
    for i in indices:
        request = requests[i]
        size = len(request.program) + len(request.target or "") + sum(map(len, request.tests))
        if not parts or len(parts[-1]) == _BATCH_PROGRAMS or size > room:
            parts.append([])
            room = _BATCH_CHARACTERS
        parts[-1].append(i)
        room -= size
    return parts


def _leaves(group: BaseExceptionGroup[SandboxUnavailable]) -> Iterator[SandboxUnavailable]:
    for failure in group.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            yield from _leaves(failure)
        else:
            yield failure


@functools.cache
def _tls() -> ssl.SSLContext:
    """Made once: reading the certificates takes longer than a check."""
    return httpx.create_ssl_context()
