"""A Lean that the user has installed, as a backend: elan, `lean` on PATH, or a Lake project.

The server that judges is the one of the WebAssembly Lean, compiled once for each version and kept
in the user's cache. What people get wrong: calling `lean` through elan's proxy, which reads the
home folder, and downloads what is missing. Here elan and Lake are asked once, with the user's
rights; workers run the binary itself, confined to the toolchain and the folders on LEAN_PATH.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from lean_sandbox import integrity, process, toolchain
from lean_sandbox.confinement import Confinement
from lean_sandbox.errors import LeanNotFound, SandboxUnavailable, ServerNotCompiled
from lean_sandbox.missing_names import with_missing
from lean_sandbox.policy import HEARTBEATS, server_policy
from lean_sandbox.server_worker import Launch, ServerWorker

CORE_IMPORTS = ("Init", "Std")
LIBRARIES = ("Mathlib", "Batteries", "Aesop")
"""Allowed too where they lie on the project's LEAN_PATH."""
WORKER_BYTES = 6_000_000_000
"""The memory one worker may have of its own; the library's files are shared and not counted."""
_REPLACED_BYTES = 4_000_000_000
_ENVIRONMENTS = 3
"""Each of Mathlib's takes some hundred megabytes of a worker's own."""
_NEVER_IMPORTED = ("Lean", "Lake", "Std.Internal")
_REFUSED_SYNTAX = ("Mathlib.Meta.eval_expr", "ProofWidgets.withPanelWidgetsTacticStx")
"""Terms and tactics of the libraries that run code while a program is elaborated."""
_SERVER_IMPORTS = "import Lean.Elab.Frontend\nimport Lean.Data.Json\n"
_ASK_SECONDS = 60.0
_LAKE_SECONDS = 600.0
_COMPILE_SECONDS = 600.0
_START_SECONDS = 300.0
"""Importing Mathlib for the first time reads some 5 GB."""
_NO_TOOLCHAINS = "no installed toolchains"
_LAKEFILES = ("lakefile.toml", "lakefile.lean")


@dataclass(frozen=True, slots=True)
class NativeLean:
    """One Lean toolchain, with the libraries of one project or none."""

    prefix: Path
    """The toolchain's own folder, with `bin/lean` in it."""
    version: str
    """What `lean --version` prints, without an end of line."""
    libraries: tuple[Path, ...] = ()
    """Folders of compiled modules besides the toolchain's own: LEAN_PATH."""
    project: Path | None = None

    @property
    def binary(self) -> Path:
        """The program itself, behind any proxy of elan's."""
        return self.prefix / "bin" / "lean"

    @property
    def programs(self) -> tuple[Path, ...]:
        """What a worker executes: no other program of the toolchain, and no library's."""
        return (self.binary,)

    def olean(self, module: str) -> Path | None:
        """The compiled file of a module; None when it is nowhere."""
        name = Path(*module.split(".")).with_suffix(".olean")
        for folder in (*self.libraries, self.prefix / "lib" / "lean"):
            if (folder / name).exists():
                return folder / name
        return None


def installed_toolchains() -> tuple[str, ...]:
    """The toolchains elan has; empty without elan.

    Raises:
        LeanNotFound: elan is there and does not answer.
    """
    elan = _program("elan")
    if elan is None:
        return ()
    lines = _asked([elan, "toolchain", "list"], Path.cwd()).splitlines()
    return tuple(line.split()[0] for line in lines if line.strip() and line != _NO_TOOLCHAINS)


def find_lean(name: str | None = None) -> NativeLean:
    """The toolchain of this name as elan knows it; None is what `lean` on PATH means.

    Raises:
        LeanNotFound: there is none; nothing is downloaded.
    """
    lean = _program("lean")
    if lean is None:
        raise LeanNotFound(
            "no `lean` on PATH or in ~/.elan/bin; install elan and a toolchain, or leave the "
            "option out to use the WebAssembly Lean"
        )
    chosen = [] if name is None else [f"+{_known_toolchain(name)}"]
    version = _asked([lean, *chosen, "--version"], Path.cwd()).strip()
    prefix = Path(_asked([lean, *chosen, "--print-prefix"], Path.cwd()).strip())
    return _checked(NativeLean(prefix=prefix, version=version))


def find_project(folder: Path) -> NativeLean:
    """The toolchain and the libraries of a Lake project that has been built.

    Raises:
        LeanNotFound: it is no Lake project, its toolchain is not installed, or Lake fails.
    """
    folder = folder.resolve()
    if not any((folder / name).is_file() for name in _LAKEFILES):
        raise LeanNotFound(f"{folder} has no lakefile.toml or lakefile.lean; name a Lake project")
    lake = _program("lake")
    if lake is None:
        raise LeanNotFound(f"no `lake` on PATH or in ~/.elan/bin; {folder} needs elan")
    asked = folder / "lean-toolchain"
    if asked.is_file() and _program("elan") is not None:
        _known_toolchain(asked.read_text("utf-8").strip())
    said = _asked([lake, "env"], folder, timeout_seconds=_LAKE_SECONDS)
    variables = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    if "LEAN_SYSROOT" not in variables:
        raise LeanNotFound(f"`lake env` in {folder} names no LEAN_SYSROOT; run `lake build` there")
    prefix = Path(variables["LEAN_SYSROOT"])
    own = (prefix / "lib" / "lean").resolve()
    listed = [Path(part) for part in variables.get("LEAN_PATH", "").split(os.pathsep) if part]
    libraries = tuple(p for p in listed if p.is_dir() and p.resolve() != own)
    version = _asked([str(prefix / "bin" / "lean"), "--version"], folder).strip()
    return _checked(NativeLean(prefix, version, libraries=libraries, project=folder))


class NativeBackend:
    """Starts workers of one installed Lean.

    Programs may import `Init`, `Std`, those of `LIBRARIES` that the project has, and what
    `allow_imports` names; `Mathlib` is imported before the first request where it is allowed.
    """

    worker_bytes = WORKER_BYTES

    def __init__(self, lean: NativeLean, *, allow_imports: Sequence[str] = ()) -> None:
        for module in allow_imports:
            if any(f"{module}.".startswith(f"{never}.") for never in _NEVER_IMPORTED):
                raise SandboxUnavailable(
                    f"{module} cannot be allowed: a program that imports it can run its own code"
                )
            if lean.olean(module) is None:
                raise SandboxUnavailable(
                    f"{module} is to be allowed and is not built; run `lake build {module}` in "
                    f"{lean.project or 'its project'}"
                )
        present = [library for library in LIBRARIES if lean.olean(library) is not None]
        self._lean = lean
        self._imports = tuple(dict.fromkeys((*CORE_IMPORTS, *present, *allow_imports)))

    @property
    def lean(self) -> NativeLean:
        """The toolchain, and the project whose libraries it takes."""
        return self._lean

    @property
    def imports(self) -> tuple[str, ...]:
        """What programs may import, with all that lies below."""
        return self._imports

    @property
    def fingerprint(self) -> str:
        """Names the Lean, the state of its libraries, the server and the policy."""
        lean = [self._lean.version, toolchain.server_hash(), self._imports, _REFUSED_SYNTAX]
        parts = [*lean, self._state(), HEARTBEATS, server_policy()]
        return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()

    def _state(self) -> list[list[str]]:
        return [_state(self._lean, module) for module in self._imports]

    def launch(self) -> Launch:
        """How a worker is started; the server is compiled where it is not yet.

        Raises:
            ServerNotCompiled: this version of Lean does not take the server's source.
        """
        lean = self._lean
        server = compiled_server(lean)
        around = Confinement(
            read=(lean.prefix / "lib", server, *lean.libraries),
            execute=lean.programs,
            data_bytes=WORKER_BYTES,
            namespaces=True,
        )
        around.warn_if_open(
            f"the Lean in {lean.prefix}",
            otherwise="a program that finds a way to run code has this user's rights; the "
            "WebAssembly Lean (without --project and --toolchain) is a smaller risk",
        )
        path = os.pathsep.join(str(folder) for folder in (*lean.libraries, server))
        return Launch(
            command=around.around((str(lean.binary), "--run", str(server / "main.lean"))),
            cwd=server,
            environment={"LEAN_PATH": path},
            imports=self._imports,
            refused_syntax=_REFUSED_SYNTAX,
            preload=tuple(name for name in self._imports if name == "Mathlib"),
            environments=_ENVIRONMENTS,
            start_seconds=_START_SECONDS,
            threads=os.cpu_count() or 1,
            max_resident_bytes=_REPLACED_BYTES,
            way_out=f"try `{lean.binary} --version`; if Lean works, delete {server} and run this "
            "again",
        )

    def start(self) -> ServerWorker:
        """Start a worker and wait until it takes requests.

        Raises:
            SandboxUnavailable: it did not come up; the message holds what it said.
        """
        return ServerWorker.start(with_missing(self.launch(), library=json.dumps(self._state())))


def compiled_server(lean: NativeLean) -> Path:
    """The folder of the server compiled by this Lean, made now where there is none.

    Raises:
        ServerNotCompiled: it does not compile; the message holds Lean's first error.
    """
    key = hashlib.sha256(f"{lean.version}\0{toolchain.server_hash()}".encode()).hexdigest()[:16]
    folder = toolchain.cache_folder() / "native" / key
    if integrity.is_sealed(folder / toolchain.COMPILED_SERVER):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (
            FileLock(folder.parent / "compile.lock"),
            tempfile.TemporaryDirectory(prefix="compile-", dir=folder.parent) as made,
        ):
            if not integrity.is_sealed(folder / toolchain.COMPILED_SERVER):
                work = Path(made) / "server"
                work.mkdir()
                _compile(lean, work)
                integrity.seal(work / toolchain.COMPILED_SERVER)
                shutil.rmtree(folder, ignore_errors=True)
                work.replace(folder)
    except OSError as failure:
        raise ServerNotCompiled(
            f"the compiled server cannot be kept in {folder.parent}: {failure}; free some room or "
            "point OUTERLOOP_CACHE elsewhere"
        ) from failure
    return folder


def _compile(lean: NativeLean, work: Path) -> None:
    source = (work / toolchain.COMPILED_SERVER).with_suffix(".lean")
    source.write_text(_SERVER_IMPORTS + toolchain.server_source(), "utf-8")
    (work / "main.lean").write_text(toolchain.program("main"), "utf-8")
    command = [str(lean.binary), "-o", str(work / toolchain.COMPILED_SERVER), str(source)]
    try:
        done = process.run(command, cwd=work, timeout_seconds=_COMPILE_SECONDS)
    except (OSError, process.DeadlinePassed) as failure:
        raise ServerNotCompiled(f"{lean.binary} cannot compile the server: {failure}") from failure
    if done.returncode != 0 or not (work / toolchain.COMPILED_SERVER).exists():
        lines = f"{done.stdout}\n{done.stderr}".splitlines()
        said = next((line for line in lines if "error" in line), "no message")
        raise ServerNotCompiled(
            f"the checking server does not compile with {lean.version}: {said[:300]}; use another "
            "toolchain (`--toolchain`), or the WebAssembly Lean"
        )


def _state(lean: NativeLean, module: str) -> list[str]:
    """What changes when a module or anything below it is built anew."""
    file = lean.olean(module)
    if file is None:
        return [module]
    trace = file.with_suffix(".trace")
    if trace.is_file():
        return [module, hashlib.sha256(trace.read_bytes()).hexdigest()]
    return [module, str(file), str(file.stat().st_size), str(file.stat().st_mtime_ns)]


def _known_toolchain(name: str) -> str:
    """The name, once elan says that it is installed: elan would download it unasked."""
    known = installed_toolchains()
    for one in known:
        if name == one or one.endswith(f":{name}"):
            return one
    raise LeanNotFound(
        f"the toolchain {name} is not installed (elan has {', '.join(known) or 'none'}); run "
        f"`elan toolchain install {name}`"
    )


def _checked(lean: NativeLean) -> NativeLean:
    if not lean.version.startswith("Lean (version 4."):
        raise LeanNotFound(
            f"{lean.binary} says {lean.version[:80]!r}; Lean 4 is needed: run "
            "`elan toolchain install stable`"
        )
    if not lean.binary.is_file():
        raise LeanNotFound(f"{lean.binary} is missing; run `elan toolchain install` again")
    return lean


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=str(Path.home() / ".elan" / "bin"))


def _asked(command: list[str], cwd: Path, *, timeout_seconds: float = _ASK_SECONDS) -> str:
    """What a trusted command prints."""
    shown = " ".join([Path(command[0]).name, *command[1:]])
    try:
        done = process.run(command, cwd=cwd, timeout_seconds=timeout_seconds)
    except (OSError, process.DeadlinePassed) as failure:
        raise LeanNotFound(f"`{shown}` in {cwd} failed: {failure}") from failure
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split())[:300]
        raise LeanNotFound(f"`{shown}` in {cwd} failed with status {done.returncode}: {said}")
    return done.stdout
