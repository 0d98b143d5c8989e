"""Rows of a benchmark before they are problems: from JSON Lines, or from Hugging Face `datasets`.

A row that is no object is kept as what is wrong with it, so that nothing is lost silently. Only a
source from which no row can be read at all is an error.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluators.errors import BenchmarkError

_GZIP_MAGIC = b"\x1f\x8b"
_COMMIT = re.compile(r"[0-9a-f]{40}")


class RowProblem(Exception):
    """Why a row is no problem.

    Args:
        reason: a code of `evaluators.benchmarks.benchmark.REASONS`.
        detail: one line for a person.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Fields:
    """One row's fields, read with a complaint where something else stands than was asked for."""

    place: str
    """`line 3` or `row 3`."""
    values: Mapping[str, Any]

    def text(self, *names: str) -> str:
        """The text under the first of `names` that the row has.

        Raises:
            RowProblem: the row has none of them, or something else than text is there.
        """
        found = self.optional_text(*names)
        if not found.strip():
            have = ", ".join(sorted(self.values)) or "none"
            raise RowProblem("missing_field", f"no `{names[0]}` (fields: {have})")
        return found

    def optional_text(self, *names: str) -> str:
        """The text under the first of `names` that is not empty, else the empty text.

        Raises:
            RowProblem: something else than text is there.
        """
        for name in names:
            value = self.values.get(name)
            if value is None or value == "":
                continue
            if not isinstance(value, str):
                raise RowProblem("wrong_type", f"`{name}` must be text, not {_shown(value)}")
            return value
        return ""

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts under `name`, none where the row has none.

        Raises:
            RowProblem: something else than an array of texts is there.
        """
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise RowProblem("wrong_type", f"`{name}` must hold texts, not {_shown(value)}")
        return tuple(value)

    def below(self, name: str) -> Fields:
        """The object under `name`.

        Raises:
            RowProblem: there is none.
        """
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise RowProblem("missing_field", f"`{name}` must be an object, not {_shown(value)}")
        return Fields(f"{self.place}, {name}", value)

    def table(self, name: str) -> list[Fields]:
        """The objects of the array under `name`; `datasets` may hold it as columns.

        Raises:
            RowProblem: something else is there.
        """
        value = self.values.get(name)
        if isinstance(value, dict):
            lengths = {
                len(column) if isinstance(column, list) else -1 for column in value.values()
            }
            if len(lengths) != 1 or -1 in lengths:
                raise RowProblem("wrong_type", f"the columns of `{name}` differ in length")
            count = lengths.pop()
            value = [{key: column[at] for key, column in value.items()} for at in range(count)]
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise RowProblem("wrong_type", f"`{name}` must hold objects, not {_shown(value)}")
        return [Fields(f"{self.place}, {name}", one) for one in value]


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a source, and which source it was."""

    source: str
    revision: str
    """The hub's commit; empty for a file."""
    sha256: str
    """Of the file's bytes, or of the rows as JSON."""
    rows: tuple[Fields | tuple[str, RowProblem], ...]
    """In order; a row that could not be read is its place and what is wrong."""


def read_jsonl(path: Path) -> Rows:
    """The rows of a JSON Lines file, plain or gzipped; blank lines are skipped.

    Raises:
        BenchmarkError: there is no such file, or it is empty, not UTF-8 or damaged.
    """
    if path.is_dir():
        raise BenchmarkError(f"{path} is a folder; name the .jsonl file inside it")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BenchmarkError(f"{path}: {error.strerror}; name a .jsonl file") from error
    rows = tuple(
        _read_line(number, line)
        for number, line in enumerate(_decoded(path, content).split("\n"), start=1)
        if line.strip()
    )
    if not rows:
        raise BenchmarkError(f"{path} is empty; write one JSON object a line")
    return Rows(str(path), "", hashlib.sha256(content).hexdigest(), rows)


def load_hub(name: str, *, revision: str, split: str | None = None) -> Rows:
    """The rows of a Hugging Face data set at a commit, or of a local folder that holds one.

    Args:
        name: `ORG/NAME` on the hub, or a local folder.
        revision: the commit, 40 hexadecimal digits; empty for a local folder.
        split: needed where there are several.

    Raises:
        BenchmarkError: `datasets` is not installed, the revision is no commit, the data set cannot
            be reached or read, or which split is meant is not clear.
    """
    local = Path(name).is_dir()
    if not local and not _COMMIT.fullmatch(revision):
        raise BenchmarkError(
            f"hf:{name}@{revision}: give the commit, 40 hexadecimal digits, as revision; a branch "
            "moves, and a score must name what it was measured on"
        )
    try:
        import datasets
    except ImportError as error:
        raise BenchmarkError(
            "reading from the hub needs `datasets`; run: pip install 'outerloop[datasets]'"
        ) from error
    datasets.disable_progress_bars()
    try:
        loaded = datasets.load_dataset(name, revision=None if local else revision)
    except Exception as error:  # it raises whatever its readers and the network raise
        first = next((line for line in str(error).splitlines() if line.strip()), "")
        raise BenchmarkError(
            f"hf:{name}: cannot be loaded ({first or type(error).__name__}); check the name and "
            "the commit, or download the file and name it"
        ) from error
    chosen = _split(name, {str(key): table for key, table in loaded.items()}, split)
    values = [dict(row) for row in chosen]
    if not values:
        raise BenchmarkError(f"hf:{name}: the split has no rows")
    canonical = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
    rows = tuple(Fields(f"row {at}", row) for at, row in enumerate(values, start=1))
    return Rows(f"hf:{name}", revision, digest, rows)


def _split(name: str, splits: Mapping[str, Iterable[Any]], wanted: str | None) -> Iterable[Any]:
    if wanted is None and len(splits) == 1:
        return next(iter(splits.values()))
    if wanted is None or wanted not in splits:
        said = "has several splits" if wanted is None else f"has no split `{wanted}`"
        raise BenchmarkError(f"hf:{name} {said}; choose with --split: {', '.join(splits)}")
    return splits[wanted]


def _decoded(path: Path, content: bytes) -> str:
    if content.startswith(_GZIP_MAGIC):
        try:
            content = gzip.decompress(content)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BenchmarkError(f"{path}: damaged gzip file ({error}); copy it again") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BenchmarkError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error


def _read_line(number: int, line: str) -> Fields | tuple[str, RowProblem]:
    place = f"line {number}"
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return place, RowProblem("broken_json", str(error))
    if not isinstance(value, dict):
        return place, RowProblem("not_an_object", f"a JSON {type(value).__name__}")
    return Fields(place, value)


def _shown(value: object) -> str:
    return json.dumps(value, default=str)[:60]
