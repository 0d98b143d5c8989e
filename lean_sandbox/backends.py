"""Which Lean to ask, chosen from what a user may say on a command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.native import NativeBackend, find_lean, find_project
from lean_sandbox.wasm import WasmBackend
from lean_sandbox.worker import Backend

DEFAULT = "default"


def choose(
    *,
    project: Path | None = None,
    toolchain: str | None = None,
    allow_imports: Sequence[str] = (),
) -> Backend:
    """The Lean of a Lake project, the one elan knows by a name, or the WebAssembly one.

    The toolchain "default" is what `lean` on PATH means, with elan or without.

    Raises:
        SandboxUnavailable: that Lean is not installed or cannot be used; or two were asked for.
    """
    if project is not None and toolchain is not None:
        raise SandboxUnavailable(
            f"a project has a toolchain of its own; give --project {project} or --toolchain "
            f"{toolchain}"
        )
    if project is not None:
        return NativeBackend(find_project(project), allow_imports=allow_imports)
    if toolchain is not None:
        name = None if toolchain == DEFAULT else toolchain
        return NativeBackend(find_lean(name), allow_imports=allow_imports)
    if allow_imports:
        raise SandboxUnavailable(
            "the WebAssembly Lean has a fixed list of imports; name a Lake project with --project "
            f"to allow {', '.join(allow_imports)}"
        )
    return WasmBackend.find()
