"""Rows of a JSON Lines file, plain or gzipped, each knowing the file and line it came from.

A source is a local path or `embedded:NAME`. The first thing wrong with a file stops its reading:
every message is one line that names file, line and fix.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeVar, cast

from engines.json_text import read_json
from engines.named_models import PREFIX
from evaluators.errors import RowsError
from evaluators.json_rows import JsonRow
from search.embedded import resolve

_GZIP_MAGIC = b"\x1f\x8b"


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


def locate(source: str) -> Path:
    """The file a source names.

    Raises:
        RowsError: there is no such file.
    """
    path = _embedded(source) if source.startswith(PREFIX) else Path(source)
    if path.is_dir():
        raise RowsError(f"{source} is a folder; name the .jsonl file inside it")
    if not path.is_file():
        raise RowsError(
            f"{source}: no such file; give a .jsonl or .jsonl.gz file or embedded:NAME"
        )
    return path


def read_rows(path: Path) -> Iterator[JsonRow]:
    """The objects of a JSON Lines file in file order; blank lines are skipped.

    Raises:
        RowsError: the file is empty, is not UTF-8 JSON Lines, or is a damaged gzip file.
    """
    found = False
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        found = True
        yield JsonRow(path, number, _fields(path, number, line))
    if not found:
        raise RowsError(f"{path} is empty; write one JSON object a line")


_T = TypeVar("_T", bound=_HasId)


def refuse_repeated_ids(rows: list[JsonRow], values: list[_T]) -> None:
    """Check that no two rows of one file share an id.

    Raises:
        RowsError: two rows do; the message names both lines.
    """
    first: dict[str, int] = {}
    for row, value in zip(rows, values, strict=True):
        if value.id in first:
            raise row.error(
                f"id `{value.id}` stands on line {first[value.id]} too; ids must be unique"
            )
        first[value.id] = row.line


def _embedded(source: str) -> Path:
    try:
        return resolve(source)
    except KeyError as error:
        raise RowsError(str(error.args[0])) from error


def _text(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(_GZIP_MAGIC):
        try:
            content = gzip.decompress(content)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise RowsError(f"{path}: damaged gzip file ({error}); copy it again") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RowsError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8 JSONL") from error


def _fields(path: Path, number: int, line: str) -> dict[str, object]:
    try:
        value = read_json(line)
    except ValueError as error:
        whole = _looks_like(line) if number == 1 else ""
        reason = whole or f"not a JSON object ({error}); repair or drop the line"
        raise RowsError(f"{path}:{number}: {reason}") from error
    if not isinstance(value, dict):
        reason = _looks_like(line) or f"a JSON {type(value).__name__}, not an object"
        raise RowsError(f"{path}:{number}: {reason}")
    return cast("dict[str, object]", value)


def _looks_like(line: str) -> str:
    """What a first line that is no JSON object says of the whole file, if anything."""
    if line.lstrip().startswith("["):
        return "a JSON array, not JSONL; write one object a line"
    if line.strip() == "{":
        return "JSON spread over many lines, not JSONL; write one object a line"
    if not line.lstrip().startswith("{"):
        return "not JSONL; write one JSON object a line"
    return ""
