"""A real server over a real socket, in a thread, on a pool that knows no Lean."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import httpx
from pydantic import SecretStr

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.serving.admission import ServedPool
from lean_sandbox.serving.server import LeanServer
from lean_sandbox.serving.settings import ServerSettings
from lean_sandbox.status import PoolStatus
from lean_sandbox.verdict import Outcome, Verdict
from tests.contracts.fake_sandbox import FakeSandbox, verdict
from tests.lean_sandbox_tests.scripted import PATIENCE_SECONDS

RIGHT = "def f (x : Int) : Int := x + 1"
STATUS = PoolStatus(
    workers=2,
    spares=0,
    alive=2,
    starting=0,
    waiting=0,
    running=0,
    checked=0,
    cache_hits=3,
    starts=2,
    restarts=1,
    kills=0,
    lost=1,
    retired=0,
    failed_starts=0,
    failure="",
    lean_version="fake",
    checked_by="the fake",
)


class FakePool:
    """The fake sandbox behind a pool's asynchronous face.

    A program with the word "stay" in it waits until `release`; other words give other outcomes.
    """

    def __init__(self) -> None:
        self.sandbox = FakeSandbox()
        self.now = STATUS
        self.failure: SandboxUnavailable | None = None
        self.timeouts: list[float | None] = []
        self.staying = 0
        self.dropped = 0
        self.warmed = False
        self._released = threading.Event()

    def release(self) -> None:
        self._released.set()

    def warm(self) -> None:
        self.warmed = True

    def status(self) -> PoolStatus:
        return replace(self.now, checked=len(self.sandbox.requests))

    async def check_many_async(
        self, requests: Sequence[CheckRequest], *, timeout_seconds: float | None = None
    ) -> list[Verdict]:
        if self.failure is not None:
            raise self.failure
        if any(request.program == "crash" for request in requests):
            raise RuntimeError("the fake crashed")
        self.timeouts.append(timeout_seconds)
        if any("stay" in request.program for request in requests):
            await self._stay(len(requests))
        return [_scripted(r) or self.sandbox.check_many([r])[0] for r in requests]

    async def _stay(self, programs: int) -> None:
        self.staying += programs
        try:
            while not self._released.is_set():
                await asyncio.sleep(0.005)
        except asyncio.CancelledError:
            self.dropped += programs
            raise
        finally:
            self.staying -= programs


class PoolOf(FakePool):
    """Any sandbox behind a pool's face; `asked` is set with the first program."""

    def __init__(self, sandbox: Sandbox, *, checked_by: str = STATUS.checked_by) -> None:
        super().__init__()
        self.asked = threading.Event()
        self._behind = sandbox
        self.now = replace(STATUS, checked_by=checked_by)

    async def check_many_async(
        self, requests: Sequence[CheckRequest], *, timeout_seconds: float | None = None
    ) -> list[Verdict]:
        self.asked.set()
        return self._behind.check_many(requests)


def _scripted(request: CheckRequest) -> Verdict | None:
    """The outcomes that the fake sandbox never gives."""
    for word, outcome, reason in (
        ("slow", Outcome.TIMEOUT, "deadline"),
        ("huge", Outcome.MEMORY, "worker_died"),
        ("unclear", Outcome.UNDECIDED, "internal_error"),
        ("wrong", Outcome.REFUSED, "elaboration_error"),
    ):
        if word in request.program:
            return verdict(outcome, reason, detail="line 3: said of it")
    if "stay" in request.program:
        return verdict(Outcome.ACCEPTED)
    return None


@contextlib.contextmanager
def serving(
    pool: ServedPool | None = None,
    settings: ServerSettings | None = None,
    *,
    key: str | None = None,
    head_seconds: float = 15.0,
) -> Iterator[str]:
    """The address of a server that runs in a thread until the block ends."""
    server = LeanServer(
        pool or FakePool(),
        settings or ServerSettings(port=0, shutdown_seconds=5),
        key=SecretStr(key) if key else None,
        head_seconds=head_seconds,
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.stop()
        thread.join(timeout=PATIENCE_SECONDS)
        assert not thread.is_alive(), "the server did not stop"


def until(condition: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for something that another thread brings about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def connected(url: str) -> socket.socket:
    """A bare connection to a server."""
    parsed = httpx.URL(url)
    return socket.create_connection((parsed.host, parsed.port), timeout=PATIENCE_SECONDS)


def metric(url: str, line: str, *, key: str = "") -> float:
    """The value of the metric that begins with `line`; 0 when there is none yet."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    for said in httpx.get(f"{url}/metrics", headers=headers).text.splitlines():
        if said.startswith(line + " "):
            return float(said.rpartition(" ")[2])
    return 0.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def without_key() -> dict[str, str]:
    """This process's environment as a server process gets it."""
    return {name: value for name, value in os.environ.items() if name != "LEAN_SERVER_API_KEY"}
