"""`outerloop lean …` in a process of its own, on a pool that knows no Lean.

Programs that stay do so until the server is told to stop and takes in nothing more.
"""

from __future__ import annotations

from lean_sandbox.serving.admission import Admission
from search.commands import lean as lean_command
from tests.lean_sandbox_tests.served import FakePool


class Pool(FakePool):
    def __init__(self, **settings: object) -> None:
        super().__init__()
        assert settings.keys() == {"workers", "timeout_seconds", "cache", "backend"}
        refuse_new = Admission.refuse_new

        def refuse_new_and_release(admission: Admission) -> None:
            refuse_new(admission)
            self.release()

        Admission.refuse_new = refuse_new_and_release  # type: ignore[method-assign]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        lean_command.typer.echo("the pool is closed")


class Backend:
    @classmethod
    def find(cls) -> Backend:
        return cls()


lean_command.LeanPool = Pool  # type: ignore[assignment,misc]
lean_command.WasmBackend = Backend  # type: ignore[assignment,misc]

if __name__ == "__main__":
    lean_command.app()
