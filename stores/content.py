"""Content by its hash, and files that are never half written."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

JSONValue: TypeAlias = "bool | int | float | str | list[JSONValue] | dict[str, JSONValue] | None"


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that nobody ever sees half of it."""
    draft = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)


def write_json(path: Path, value: Mapping[str, JSONValue]) -> None:
    """Write a JSON file so that nobody ever sees half of it."""
    write_atomically(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def fingerprint(value: JSONValue) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
