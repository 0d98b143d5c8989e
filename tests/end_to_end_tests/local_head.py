"""A Ray head of this machine's own, as `ray start --head` makes one; ended by process ids."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class LocalHead:
    """A head that answers, and what its clients need to talk to it."""

    dashboard: str
    environment: dict[str, str]

    def ray(self, *arguments: str, **popen: object) -> subprocess.Popen[str]:
        """Start a `ray` command against this head."""
        return subprocess.Popen(
            [str(BIN / "ray"), *arguments], env=self.environment, text=True, **popen
        )

    def said(self, *arguments: str) -> str:
        """What a `ray` command against this head printed."""
        done = self.ray(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        printed, _ = done.communicate(timeout=120)
        return printed


@contextmanager
def local_head(*, cpus: int) -> Iterator[LocalHead]:
    """Start a head with a token and a session folder of its own; end it and nothing else."""
    # sockets live in the session folder, and a socket's path may have 107 characters
    with tempfile.TemporaryDirectory(
        prefix="rh", dir="/tmp", ignore_cleanup_errors=True
    ) as folder:
        token = Path(folder, "token")
        token.write_text(secrets.token_hex(32), encoding="utf-8")
        environment = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(token),
            "RAY_USAGE_STATS_ENABLED": "0",
            "PYTHONPATH": "",
        }
        environment.pop("RAY_ADDRESS", None)
        port, dashboard, agent, metrics = (free_port() for _ in range(4))
        with Path(folder, "head.log").open("w", encoding="utf-8") as log:
            head = subprocess.Popen(
                [
                    *(str(BIN / "ray"), "start", "--head", "--block", f"--port={port}"),
                    *(f"--dashboard-port={dashboard}", "--dashboard-host=127.0.0.1"),
                    *(f"--dashboard-agent-listen-port={agent}", f"--num-cpus={cpus}"),
                    *(f"--metrics-export-port={metrics}", f"--temp-dir={folder}/r"),
                    "--node-ip-address=127.0.0.1",
                    "--object-store-memory=200000000",
                ],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        found = LocalHead(f"http://127.0.0.1:{dashboard}", environment)
        try:
            _wait_for(found, head, Path(folder, "head.log"))
            yield found
        finally:
            head.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                head.wait(30)
            _end_what_is_left(folder)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(found: LocalHead, head: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while "Traceback" in (said := found.said("job", "list", "--address", found.dashboard)):
        assert head.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, said
        time.sleep(1)


def _end_what_is_left(folder: str) -> None:
    """Kill the processes that name the session folder: this head's, whoever started them."""
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            pid = int(entry.name)
            if folder.encode() in (entry / "cmdline").read_bytes() and pid != os.getpid():
                os.kill(pid, signal.SIGKILL)
