"""The Lean that a study chose: as a sandbox, as a fingerprint, and as what a dry run says of it.

What people get wrong: a Lean that changes under a study, and verdicts of two Leans compared. The
fingerprint is asked for once, before anything is started; a sandbox that is told it takes verdicts
of no other Lean, on whatever machine and however often that is started again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engines import environment
from lean_sandbox import native, toolchain, wasm
from lean_sandbox.backends import choose
from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.native import LIBRARIES, NativeBackend
from lean_sandbox.pool import LeanPool
from lean_sandbox.worker import Backend, Worker
from search.errors import StudyError
from search.settings.lean import LeanSettings
from search.settings.study import StudySettings

if TYPE_CHECKING:
    from lean_sandbox.serving.client import LeanClient

_LOOK_SECONDS = 20.0
"""How long a server is waited for that is only asked what it is."""
_SHOWN = 12
"""Digits shown of a fingerprint."""


def open_lean(
    lean: LeanSettings, *, workers: int, timeout_seconds: float = 20.0, cache: Path | None = None
) -> LeanPool | LeanClient:
    """The chosen Lean, started with the first program; a server is asked as it runs.

    Args:
        lean: which one.
        workers: how many processes; a server has its own.
        timeout_seconds: wall clock for each program; a server's own limit is the most.
        cache: file that keeps verdicts; a server has its own.

    Raises:
        EnvironmentWrong: no HTTP header could carry the server's key.
    """
    if lean.server is not None:
        return _client(
            lean,
            lean.server,
            patience_seconds=lean.wait_minutes * 60,
            timeout_seconds=timeout_seconds,
        )
    return LeanPool(
        workers=workers, timeout_seconds=timeout_seconds, cache=cache, backend=_Chosen(lean)
    )


def checked_by(lean: LeanSettings) -> str:
    """The fingerprint of the chosen Lean: all that a verdict depends on besides its request.

    A native Lean and a server are asked; a server tells what the pool behind it would.

    Raises:
        SandboxUnavailable: it is not there, or is not the one that `fingerprint` asks for.
    """
    if lean.server is not None:
        return _required(lean, _look(lean, lean.server).status().checked_by)
    return _required(lean, _fingerprint(lean))


def kept(lean: LeanSettings, fingerprint: str) -> LeanSettings:
    """The choice of this one Lean, in whatever process and folder it is opened."""
    project = None if lean.folder is None else str(lean.folder)
    return lean.model_copy(update={"fingerprint": fingerprint, "project": project})


def kept_to(settings: StudySettings, fingerprint: str) -> StudySettings:
    """The settings of a study whose sandbox takes verdicts of this one Lean."""
    lean = kept(settings.resources.lean, fingerprint)
    resources = settings.resources.model_copy(update={"lean": lean})
    return settings.model_copy(update={"resources": resources})


def require_lean(lean: LeanSettings) -> str:
    """Check that the chosen Lean is there, without starting one; what was checked, for a person.

    Raises:
        SandboxUnavailable: it is not installed, not whole, not built, or does not answer.
        StudyError: the variable with the server's key is not set.
    """
    kinds = ("server", "project", "toolchain")
    setting = next((kind for kind in kinds if getattr(lean, kind) is not None), "fingerprint")
    folder = toolchain.find().loader.parent.parent if setting == "fingerprint" else None
    try:
        if lean.server is not None:
            return _server_line(lean, lean.server)
        if folder is None:
            return _native_line(lean)
        judge = checked_by(lean)[:_SHOWN]
        return f"checked     Lean: whole, in {folder} ({judge}); it was not started"
    except SandboxUnavailable as failure:
        raise type(failure)(f"resources.lean.{setting}: {failure}") from failure


class _Chosen:
    """A Lean of this machine, looked for when its first worker starts."""

    def __init__(self, lean: LeanSettings) -> None:
        self._lean = lean
        own = lean.project is not None or lean.toolchain is not None
        self.worker_bytes = native.WORKER_BYTES if own else wasm.WORKER_BYTES
        self._backend: Backend | None = None

    @property
    def fingerprint(self) -> str:
        """See `Backend.fingerprint`."""
        return _required(self._lean, _fingerprint(self._lean))

    def start(self) -> Worker:
        """Start a worker; libraries that were built anew since the study began are noticed.

        Raises:
            SandboxUnavailable: that Lean is not there, does not come up, or is another.
        """
        if self._backend is None:
            self._backend = _backend(self._lean)
        _required(self._lean, self._backend.fingerprint)
        return self._backend.start()


def _backend(lean: LeanSettings) -> Backend:
    return choose(project=lean.folder, toolchain=lean.toolchain, allow_imports=lean.allow_imports)


def _fingerprint(lean: LeanSettings) -> str:
    """That of a Lean of this machine; the embedded one's is known before it is installed."""
    if lean.project is None and lean.toolchain is None:
        return wasm.fingerprint()
    return _backend(lean).fingerprint


def _required(lean: LeanSettings, fingerprint: str) -> str:
    """The fingerprint of the Lean that is there, once it is the one asked for."""
    wanted = lean.fingerprint or ""
    if not fingerprint.startswith(wanted):
        raise SandboxUnavailable(
            f"another Lean is there ({fingerprint[:_SHOWN]}) than the one asked for "
            f"({wanted[:_SHOWN]}): its version, its libraries or this checker changed; put it "
            "back, or begin a new study"
        )
    return fingerprint


def _client(
    lean: LeanSettings, server: str, *, patience_seconds: float, timeout_seconds: float | None
) -> LeanClient:
    from lean_sandbox.serving.client import LeanClient

    if lean.api_key_env is not None:
        environment.key(lean.api_key_env)  # from here on no error of this process repeats it
    return LeanClient(
        server,
        timeout_seconds=timeout_seconds,
        patience_seconds=patience_seconds,
        connect_patience_seconds=patience_seconds,
        api_key_env=lean.api_key_env,
        checked_by=lean.fingerprint,
    )


def _look(lean: LeanSettings, server: str) -> LeanClient:
    seconds = min(_LOOK_SECONDS, lean.wait_minutes * 60)
    return _client(lean, server, patience_seconds=seconds, timeout_seconds=None)


def _server_line(lean: LeanSettings, server: str) -> str:
    name = lean.api_key_env
    if name is not None and environment.key(name) is None:
        raise StudyError(f"resources.lean.api_key_env names {name}, which is not set; export it")
    status = _look(lean, server).status()
    if status.failure and not status.alive:
        raise SandboxUnavailable(
            f"no Lean starts at {server}: {status.failure}; look at what the server prints"
        )
    judge = _required(lean, status.checked_by)
    key = f" with the key in {name}" if name else ""
    version = f"Lean {status.lean_version}" if status.lean_version else "its Lean is starting"
    answers = f"{server} answers{key}, {version} ({judge[:_SHOWN]})"
    return f"checked     Lean: {answers}; it was asked about no program"


def _native_line(lean: LeanSettings) -> str:
    backend = _backend(lean)
    assert isinstance(backend, NativeBackend)  # a project or a toolchain is named
    judge, imports = _required(lean, backend.fingerprint), ", ".join(backend.imports)
    missing = ", ".join(name for name in LIBRARIES if name not in backend.imports)
    unbuilt = f" ({missing}: none built there)" if missing and lean.project else ""
    return (
        f"checked     Lean: {backend.lean.version} in {backend.lean.prefix} ({judge[:_SHOWN]}), "
        f"imports {imports}{unbuilt}; it was not started"
    )
