"""A toolchain folder whose `lean` takes a native Lean's options and runs the WebAssembly one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lean_sandbox.native import NativeLean
from lean_sandbox.toolchain import Toolchain

VERSION = "Lean (version 4.28.0, stand-in, commit 38f3c0c45b8d, Release)"

_LEAN = """#!{prefix}/bin/sh
case "$1" in
  --version) echo "{version}" ;;
  --print-prefix) echo "{prefix}" ;;
  -o) exec cp "{server}/OuterloopServer.olean" "$2" ;;
  --run) exec "{prefix}/bin/node" --no-warnings --openssl-config=/dev/null "{loader}" \\
    "${{2%/main.lean}}" --run /lean/server/main.lean ;;
  *) echo "error: unknown option $1" >&2; exit 1 ;;
esac
"""

_LAKE = """#!/bin/sh
test "$1" = env || exit 1
echo "LEAN_SYSROOT={prefix}"
echo "LEAN_PATH={libraries}"
"""

_ELAN = """#!/bin/sh
echo "leanprover/lean4:v4.28.0 (default)"
echo "leanprover/lean4:v4.9.0"
"""


class StandInLean(NativeLean):
    """Its `lean` is a script that becomes Node, so that a worker executes three programs."""

    __slots__ = ()

    @property
    def programs(self) -> tuple[Path, ...]:
        return (self.binary, self.prefix / "bin" / "sh", self.prefix / "bin" / "node")


def make(prefix: Path, installed: Toolchain) -> NativeLean:
    """Builds the folder; `bin` holds copies of all that is executed, as a toolchain does."""
    programs = prefix / "bin"
    programs.mkdir(parents=True)
    shutil.copy("/bin/sh", programs / "sh")
    try:
        os.link(installed.node, programs / "node")
    except OSError:
        shutil.copy(installed.node, programs / "node")
    root = installed.loader.parent.parent
    write(
        programs / "lean",
        _LEAN.format(
            prefix=prefix, version=VERSION, server=installed.server, loader=installed.loader
        ),
    )
    return StandInLean(prefix=prefix, version=VERSION, libraries=(root,))


def make_lake(programs: Path, prefix: Path, libraries: tuple[Path, ...]) -> None:
    """A `lake` whose `env` names this toolchain and these libraries."""
    listed = os.pathsep.join(map(str, libraries))
    write(programs / "lake", _LAKE.format(prefix=prefix, libraries=listed))


def make_elan(programs: Path) -> None:
    """An `elan` with two toolchains."""
    write(programs / "elan", _ELAN)


def write(program: Path, text: str) -> None:
    """An executable file."""
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(text, "utf-8")
    program.chmod(0o755)
