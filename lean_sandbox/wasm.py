"""The WebAssembly Lean as a backend: how one of its workers is started, and what it may take."""

from __future__ import annotations

import hashlib
import json
import os

from lean_sandbox import integrity, toolchain
from lean_sandbox.confinement import Confinement
from lean_sandbox.errors import SandboxUnavailable, ToolchainDamaged
from lean_sandbox.missing_names import with_missing
from lean_sandbox.policy import HEARTBEATS, server_policy
from lean_sandbox.server_worker import Launch, ServerWorker
from lean_sandbox.toolchain import Toolchain

_NO_OPENSSL_FILE = f"--openssl-config={os.devnull}"
"""Without this Node ends when it may not read the system's."""
IMPORTS = ("Init", "Std.Data", "Std.Do", "Std.Tactic.Do")
"""What programs may import: most else of `Std` brings `Std.Internal` along, or a solver."""
STD = ("Std.Data", "Std.Do", "Std.Tactic.Do")
"""What `import Std` stands for."""
WORKER_BYTES = 2_200_000_000
"""The most a worker can take: Node, and `loader.MAX_HEAP_BYTES` of Lean's own."""
_REPLACED_BYTES = 1_700_000_000
"""A larger worker is replaced between programs, so that each finds 400 MB free."""


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
        around.warn_if_open(
            "the WebAssembly Lean",
            otherwise="Node's permission model and the patched loader still hold",
        )
        return Launch(
            command=around.around((node, _NO_OPENSSL_FILE, *arguments)),
            cwd=self._installed.server,
            imports=IMPORTS,
            std=STD,
            max_resident_bytes=_REPLACED_BYTES,
            way_out="a worker takes about 1 GB of memory; if there is enough, run "
            "`outerloop lean install`",
        )

    def start(self) -> ServerWorker:
        """Start a worker and wait until it takes requests.

        Raises:
            ToolchainDamaged: it did not come up, and a file is not what it was.
            SandboxUnavailable: it did not come up; the message holds what it said.
        """
        try:
            launch = with_missing(self.launch(), library=toolchain.PACKAGE_SHA512)
            return ServerWorker.start(launch)
        except SandboxUnavailable as failure:
            root = self._installed.loader.parent.parent
            damage = integrity.damaged_file(root)
            if damage is None:
                raise
            raise ToolchainDamaged(
                f"{root / damage} is damaged; run `outerloop lean install`"
            ) from failure


def fingerprint() -> str:
    """Names what verdicts of this backend depend on, whether or not it is installed."""
    lean = [toolchain.PACKAGE_SHA512, toolchain.server_hash(), IMPORTS, STD]
    parts = [*lean, HEARTBEATS, server_policy()]
    return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()
