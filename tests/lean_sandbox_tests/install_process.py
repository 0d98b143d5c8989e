"""One of several processes that install at once; run by file name.

install_process.py CACHE SHA512 [die]: `die` ends it while it unpacks.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from lean_sandbox import integrity, loader, toolchain

os.environ["OUTERLOOP_CACHE"] = sys.argv[1]
toolchain.PACKAGE_SHA512 = sys.argv[2]


def patched(source: bytes, read_only: bool = True) -> bytes:
    if "die" in sys.argv:
        os._exit(9)
    time.sleep(0.5)
    return source + b" patched"


def compiled(node: Path, root: Path, server: Path) -> None:
    server.mkdir(parents=True, exist_ok=True)
    (server / toolchain.COMPILED_SERVER).write_bytes(b"compiled")
    integrity.seal(server / toolchain.COMPILED_SERVER)


loader.patch = patched
toolchain._compile_server = compiled


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


say(str(toolchain.install(progress=say).loader))
