"""`outerloop lean …` in a process of its own, on a pool that knows no Lean."""

from __future__ import annotations

import threading

from search.commands import lean_command, lean_serve_command
from tests.lean_sandbox_tests.served import FakePool

STAY_SECONDS = 1.0


class Pool(FakePool):
    def __init__(self, **settings: object) -> None:
        super().__init__()
        assert settings.keys() == {"workers", "timeout_seconds", "cache", "backend"}
        threading.Timer(STAY_SECONDS, self.release).start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        lean_serve_command.typer.echo("the pool is closed")


class Backend:
    @classmethod
    def find(cls) -> Backend:
        return cls()


lean_serve_command.LeanPool = Pool  # type: ignore[assignment,misc]
lean_serve_command.WasmBackend = Backend  # type: ignore[assignment,misc]

if __name__ == "__main__":
    lean_command.app()
