"""The names that a Lean library mentions and does not have.

What people get wrong: trusting a library because its constants cannot be declared again. Where it
is shipped in part, its terms name constants that are not there; a program that declares such a
name decides what the library's theorems say, and the kernel then proves anything. So Lean looks
through the whole library once, and the answer is kept beside the server, sealed as it is.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from lean_sandbox import integrity
from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.server_worker import Launch, begin

_FILE = "missing.json"


def with_missing(launch: Launch, *, library: str) -> Launch:
    """The same launch with the names that its imports mention and lack.

    `library` names the state of the library: the answer is kept under it, beside the server.

    Raises:
        SandboxUnavailable: Lean does not start, or the answer cannot be kept.
    """
    key = hashlib.sha256(json.dumps([library, launch.imports]).encode("utf-8")).hexdigest()[:16]
    folder = launch.cwd / f"library-{key}"
    if not integrity.is_sealed(folder / _FILE):
        try:
            with FileLock(launch.cwd / "library.lock"):
                if not integrity.is_sealed(folder / _FILE):
                    _keep(folder, survey(launch))
        except OSError as failure:
            raise SandboxUnavailable(
                f"what Lean's library lacks cannot be kept in {launch.cwd}: {failure}; free some "
                "room or point OUTERLOOP_CACHE elsewhere"
            ) from failure
    return replace(launch, missing=tuple(json.loads((folder / _FILE).read_text("utf-8"))))


def survey(launch: Launch) -> tuple[str, ...]:
    """Ask Lean for the names: it reads every module that a program may import.

    Raises:
        SandboxUnavailable: Lean does not start, or does not answer.
    """
    process, names = begin(launch, {"survey": launch.imports}, word="missing")
    process.kill()
    return tuple(json.loads(names))


def _keep(folder: Path, names: tuple[str, ...]) -> None:
    folder.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
        json.dump(names, file)
    Path(file.name).replace(folder / _FILE)
    integrity.seal(folder / _FILE)
