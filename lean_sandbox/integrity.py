"""Whether what was installed is still what lies on the disk.

Every file was hashed when it was installed. `damaged_file` reads all 370 MB again; `changed_file`
looks at sizes and times first and reads only what has another than when it was last found whole,
so that asking before each first worker costs nothing to speak of.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path

_MANIFEST = "manifest.json"
_STAMPS = "stamps.json"
_DIGEST = "digest"


def damaged_file(root: Path) -> str | None:
    """The first file unlike the manifest; "" when nothing is installed, None when all is whole."""
    files = _manifest(root)
    if files is None:
        return ""
    found = next((name for name in files if not _is_whole(root / name, files[name])), None)
    if found is None:
        _remember(root, {name: _stamp(root / name) for name in files})
    return found


def changed_file(root: Path) -> str | None:
    """As `damaged_file`, but a file with the size and time of the last look is not read."""
    files = _manifest(root)
    if files is None:
        return ""
    known = _stamps(root)
    stamps = {name: _stamp(root / name) for name in files}
    suspects = [name for name in files if stamps[name] is None or stamps[name] != known.get(name)]
    for name in suspects:
        if not _is_whole(root / name, files[name]):
            return name
    if suspects:
        _remember(root, stamps)
    return None


def seal(file: Path) -> None:
    """Write a file's hash beside it."""
    (file.parent / _DIGEST).write_text(sha256(file), "ascii")


def is_sealed(file: Path) -> bool:
    """Whether a file still has the hash that `seal` wrote."""
    try:
        return (file.parent / _DIGEST).read_text("ascii") == sha256(file)
    except (OSError, ValueError):
        return False


def sha256(path: Path) -> str:
    """The hash of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _manifest(root: Path) -> dict[str, str] | None:
    try:
        files = json.loads((root / _MANIFEST).read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return files if isinstance(files, dict) else None


def _stamps(root: Path) -> dict[str, list[int]]:
    try:
        found = json.loads((root / _STAMPS).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _stamp(path: Path) -> list[int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _is_whole(path: Path, digest: str) -> bool:
    try:
        return sha256(path) == digest
    except OSError:
        return False


def _remember(root: Path, stamps: dict[str, list[int] | None]) -> None:
    """Keeps the stamps; where that is not possible, the next look reads again."""
    with contextlib.suppress(OSError):
        descriptor, name = tempfile.mkstemp(prefix=_STAMPS, dir=root)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            json.dump(stamps, stream)
        Path(name).replace(root / _STAMPS)
