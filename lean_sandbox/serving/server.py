"""A server on a socket: it takes the port first, and when told to stop it finishes what it has.

What people get wrong: taking the port last. Two servers that start at once would both load their
workers before one of them hears that it may not listen.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from pydantic import SecretStr

from lean_sandbox.errors import CannotServe
from lean_sandbox.serving import api_key, app, connections
from lean_sandbox.serving.admission import Admission, ServedPool
from lean_sandbox.serving.settings import ServerSettings, is_loopback

_BACKLOG = 4_096
_ACCEPTED_AT_ONCE = 64
"""Connections taken in before the others are served on: in a burst, few are open at a time."""
_KEEP_ALIVE_SECONDS = 30
_MOST_CONNECTIONS = 50_000
_FILES_BESIDE_CONNECTIONS = 200


class LeanServer:
    """Serves a pool over HTTP. It holds its port from the start, and does not own the pool."""

    def __init__(
        self,
        pool: ServedPool,
        settings: ServerSettings,
        *,
        key: SecretStr | None,
        head_seconds: float = connections.HEAD_SECONDS,
    ) -> None:
        """Take the port.

        Raises:
            CannotServe: the port is taken, or the address may not be listened on.
        """
        if key is None and not is_loopback(settings.host):
            raise CannotServe(
                f"{settings.host} can be reached from other machines, and no API key is set; set "
                f"{api_key.VARIABLE} in the environment, or listen on 127.0.0.1"
            )
        self._listening = _listen(settings.host, settings.port)
        most = _most_connections()
        application = app.build(pool, settings, key=key, most_requests=most * 3 // 4)
        config = uvicorn.Config(
            application.asgi,
            http=connections.guarded(
                head_seconds=head_seconds,
                answer_seconds=settings.answer_seconds,
                key=key,
                connections=most,
            ),
            ws="none",  # a request to change the protocol would go past the door
            log_config=None,
            log_level="error",  # what clients do wrong is counted, not logged
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=_ACCEPTED_AT_ONCE,
            limit_concurrency=most,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=int(settings.shutdown_seconds) + 5,
        )
        self._server = _Server(config, application.admission, settings.shutdown_seconds)
        host, port = self._listening.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        """Where it answers."""

    def run(self) -> None:
        """Answer until `stop` is called or SIGTERM or SIGINT comes, and finish what was begun."""
        with _signals_mean(self.stop):
            self._server.run(sockets=[self._listening])

    def stop(self) -> None:
        """Let `run` end; may be called from any thread."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    """uvicorn's, with requests that are refused and answered, not dropped, when it stops."""

    def __init__(
        self, config: uvicorn.Config, admission: Admission, shutdown_seconds: float
    ) -> None:
        super().__init__(config)
        self._admission = admission
        self._shutdown_seconds = shutdown_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or []:
            listening.listen(_BACKLOG)  # what waits in the kernel need not be that few

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._admission.refuse_new()
        loop = asyncio.get_running_loop()
        end = loop.call_later(self._shutdown_seconds, self._admission.give_up)
        await super().shutdown(sockets)
        end.cancel()


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        CannotServe: with the reason and the way out.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as failure:
        raise CannotServe(f"cannot listen on {host}: {failure.strerror}; see --host") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as failure:
        listening.close()
        if failure.errno == errno.EADDRINUSE:
            raise CannotServe(
                f"port {port} of {host} is in use; choose another with --port, 0 takes a free one"
            ) from None
        raise CannotServe(
            f"cannot listen on port {port} of {host}: {failure.strerror}; choose others with "
            "--host and --port"
        ) from None
    return listening


def _most_connections() -> int:
    """How many connections leave enough open files for the workers."""
    try:
        import resource
    except ImportError:  # not on this system
        return _MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    if soft == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return min(_MOST_CONNECTIONS, max(soft - _FILES_BESIDE_CONNECTIONS, soft // 2))


@contextlib.contextmanager
def _signals_mean(stop: Callable[[], None]) -> Iterator[None]:
    """Let SIGTERM and SIGINT stop the server and no more: uvicorn raises them again when it ends.

    One that comes before uvicorn listens to signals stops it too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def obeyed(number: int, frame: FrameType | None) -> None:
        stop()

    before: dict[int, Callable[..., object] | int | None] = {}
    for number in (int(signal.SIGTERM), int(signal.SIGINT)):
        before[number] = signal.signal(number, obeyed)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
