"""SHA-256 of large files, remembered so that a start does not read gigabytes of weights again.

What is remembered holds for a file of the same device, inode, size, modification time and change
time; the last cannot be set back by who edits a file and restores its date. What people get wrong:
two edits within one tick of the clock look alike, so a file that changed a moment ago is always
read.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path

from engines.json_text import read_json
from lean_sandbox.toolchain import cache_folder

LARGE = 16_000_000
"""Bytes from which a hash is remembered; a smaller file is read in hundredths of a second."""
SETTLED_NANOSECONDS = 10_000_000_000
"""How long a file must have lain untouched: more than the tick of any file system's clock."""


def remembered_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, read only where the file is small, new or changed.

    Raises:
        OSError: the file cannot be read.
    """
    status = path.stat()
    if status.st_size < LARGE:
        return file_sha256(path)
    note = _note_of(path)
    stamp = _stamp(status)
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = read_json(note.read_text(encoding="utf-8"))
        if known["stamp"] == stamp:
            return str(known["sha256"])
    sha256 = file_sha256(path)
    touched = max(status.st_mtime_ns, status.st_ctime_ns)
    if time.time_ns() - touched > SETTLED_NANOSECONDS and _stamp(path.stat()) == stamp:
        with suppress(OSError):  # a cache that cannot be written is none
            note.parent.mkdir(parents=True, exist_ok=True)
            draft = note.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps({"stamp": stamp, "sha256": sha256}), encoding="utf-8")
            draft.replace(note)
    return sha256


def _note_of(path: Path) -> Path:
    name = hashlib.sha256(str(path.resolve()).encode(errors="surrogateescape")).hexdigest()
    return cache_folder().parent / "hashes" / f"{name}.json"


def _stamp(status: os.stat_result) -> list[int]:
    return [
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    ]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
