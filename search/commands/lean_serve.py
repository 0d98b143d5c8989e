"""`outerloop lean serve`: the Lean of this machine, asked over HTTP."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lean_sandbox.errors import LeanSandboxError
from lean_sandbox.pool import LeanPool
from lean_sandbox.serving import api_key
from lean_sandbox.serving.settings import ServerSettings
from lean_sandbox.wasm import WasmBackend
from search.commands.native_options import AllowImport, Project, ToolchainName, chosen_backend
from search.console import Console, complain

_DEFAULTS = ServerSettings()


def serve(  # noqa: PLR0913 - an option each
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Address to listen on.")
    ] = _DEFAULTS.host,
    port: Annotated[
        int,
        typer.Option(
            metavar="PORT", min=0, max=65_535, help="Port to listen on; 0 takes a free one."
        ),
    ] = _DEFAULTS.port,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Lean processes.", show_default="as memory allows"),
    ] = None,
    timeout_seconds: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=1, max=3_600, help="The most wall clock a program may get."
        ),
    ] = _DEFAULTS.timeout_seconds,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File that keeps verdicts; processes may share it."),
    ] = None,
    max_waiting: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, help="Programs that may wait; beyond it clients get 503."
        ),
    ] = _DEFAULTS.max_waiting,
    project: Project = None,
    toolchain_name: ToolchainName = None,
    allow_import: AllowImport = None,
) -> None:
    """Answer over HTTP: Kimina's routes for its clients, and /v1/check for whole verdicts.

    outerloop lean serve --port 8000 --workers 2 --cache verdicts.sqlite

    The first line printed is the address. Clients must show the key that LEAN_SERVER_API_KEY
    holds, where it is set; without one the server listens on this machine alone. SIGTERM lets it
    finish what it has begun.
    """
    from lean_sandbox.serving.server import LeanServer  # takes as long as all the rest to import

    console = Console()
    settings = ServerSettings(
        host=host,
        port=port,
        timeout_seconds=timeout_seconds,
        max_waiting=max_waiting,
        max_programs=min(_DEFAULTS.max_programs, max_waiting),
    )
    try:
        backend = chosen_backend(project, toolchain_name, allow_import) or WasmBackend.find()
        with LeanPool(
            workers=workers, timeout_seconds=timeout_seconds, cache=cache, backend=backend
        ) as pool:
            server = LeanServer(pool, settings, key=api_key.from_environment())
            console.print(f"{server.url}  docs: /docs  metrics: /metrics  ready: /ready")
            server.run()
    except LeanSandboxError as failure:
        complain(str(failure))
        sys.exit(3)
    console.print("stopped")
