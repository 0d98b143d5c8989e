"""The WebAssembly Lean as a backend: how one of its workers is started, and what it may take."""

from __future__ import annotations

import hashlib
import json
import os

from lean_sandbox import toolchain
from lean_sandbox.confinement import Confinement, warn_if_open
from lean_sandbox.policy import HEARTBEATS, server_policy
from lean_sandbox.server_worker import Launch, ServerWorker
from lean_sandbox.toolchain import Toolchain

_NO_OPENSSL_FILE = f"--openssl-config={os.devnull}"
"""Without this Node ends when it may not read the system's."""
WORKER_BYTES = 2_200_000_000
"""The most a worker takes before it is replaced."""


class WasmBackend:
    """Starts workers of an installed WebAssembly Lean."""

    worker_bytes = WORKER_BYTES

    def __init__(self, installed: Toolchain) -> None:
        self._installed = installed

    @classmethod
    def find(cls) -> WasmBackend:
        """The Lean that `outerloop lean install` installed.

        Raises:
            SandboxUnavailable: there is none, or it is not whole.
        """
        return cls(toolchain.find())

    @property
    def fingerprint(self) -> str:
        """Names the package, the server and the policy that verdicts are given under."""
        return fingerprint()

    def launch(self) -> Launch:
        """How a worker is started: it may read Lean's own files and write none."""
        node, *arguments = self._installed.command()
        around = Confinement(
            read=(self._installed.loader.parent.parent,), execute=(self._installed.node,)
        )
        warn_if_open(
            "the WebAssembly Lean",
            otherwise="Node's permission model and the patched loader still hold",
        )
        return Launch(
            command=around.around((node, _NO_OPENSSL_FILE, *arguments)),
            cwd=self._installed.server,
            way_out="each worker needs about 1.6 GB of memory; if there is enough, run "
            "`outerloop lean install`",
        )

    def start(self) -> ServerWorker:
        """Start a worker and wait until it takes requests.

        Raises:
            SandboxUnavailable: it did not come up; the message holds what it said.
        """
        return ServerWorker.start(self.launch())


class WasmWorker:
    """The old way to start one; `WasmBackend(installed).start()` is the new one."""

    @classmethod
    def start(cls, installed: Toolchain) -> ServerWorker:
        """Start a worker."""
        return WasmBackend(installed).start()


def fingerprint() -> str:
    """Names what verdicts of this backend depend on, whether or not it is installed."""
    parts = [toolchain.PACKAGE_SHA512, toolchain.server_hash(), HEARTBEATS, server_policy()]
    return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()
