"""Rows on their way to a data set: an append-only file that survives a kill at any moment.

The first line says what the rows belong to; then come whole batches in the order of the contexts.
After a kill, a torn last line and the unfinished batch it stands in are cut off and made again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from search.errors import GenerateError
from search.json_text import read_json
from search.offline.dataset_row import DatasetRow


@dataclass(frozen=True, slots=True)
class Origin:
    """What the rows of a journal belong to."""

    pipeline: str
    """Hash of the pipeline."""
    contexts: str
    """Hash of the contexts, as limited."""
    rows: int
    """How many rows the whole data set has, accepted and refused."""


class Journal:
    """The rows written so far. Use it as a context manager; it appends whole batches."""

    def __init__(self, path: Path, origin: Origin, *, batch_rows: int) -> None:
        self.path = path
        self._origin = origin
        self._batch_rows = batch_rows
        self._file: BinaryIO | None = None
        self.rows = 0
        """Rows safely written: a whole number of batches, or all."""

    def __enter__(self) -> Self:
        """Open the file, cutting off what a killed run left unfinished.

        Raises:
            GenerateError: the file belongs to another pipeline or other contexts.
        """
        sound = self._sound_bytes() if self.path.exists() else 0
        self._file = self.path.open("r+b" if self.path.exists() else "xb")
        self._file.truncate(sound)
        self._file.seek(sound)
        if not sound:
            try:
                self._write(json.dumps(asdict(self._origin)) + "\n")
            except GenerateError:
                self._file.close()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def append(self, rows: Sequence[DatasetRow]) -> None:
        """Write one batch; it is on the disk when this returns.

        Raises:
            GenerateError: the disk is full or the file cannot be written.
        """
        self._write("".join(row.to_json() + "\n" for row in rows))
        self.rows += len(rows)

    def __iter__(self) -> Iterator[DatasetRow]:
        """The rows written so far, in order."""
        with self.path.open("rb") as lines:
            next(lines)
            for _ in range(self.rows):
                yield DatasetRow.from_json(next(lines))

    def _write(self, text: str) -> None:
        if self._file is None:
            raise ValueError("the journal is not open")
        try:
            self._file.write(text.encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise GenerateError(
                f"{self.path} cannot be written ({error.strerror}); make room and run the same "
                "command with --resume: rows already there are kept"
            ) from error

    def _sound_bytes(self) -> int:
        """Length of the part to keep: the first line and whole batches; counts their rows."""
        rows, kept, position = 0, 0, 0
        with self.path.open("rb") as lines:
            header = lines.readline()
            if not header.endswith(b"\n"):
                return 0
            self._require_origin(header)
            kept = position = len(header)
            for line in lines:
                if not _whole(line):
                    break
                rows, position = rows + 1, position + len(line)
                if rows % self._batch_rows == 0 or rows == self._origin.rows:
                    self.rows, kept = rows, position
        return kept

    def _require_origin(self, header: bytes) -> None:
        try:
            found = Origin(**read_json(header))
        except (ValueError, TypeError) as error:
            raise GenerateError(
                f"{self.path} is no journal of rows; give another --out"
            ) from error
        if found.pipeline != self._origin.pipeline:
            raise GenerateError(f"{self.path} holds another pipeline's rows; give another --out")
        if found != self._origin:
            raise GenerateError(
                f"{self.path} holds rows of other contexts or another --limit; "
                "repeat the command as it was, or give another --out"
            )


def has_rows(path: Path) -> bool:
    """Whether a journal holds more than its first line."""
    with path.open("rb") as lines:
        return len(list(islice(lines, 2))) == 2


def _whole(line: bytes) -> bool:
    if not line.endswith(b"\n"):
        return False
    try:
        DatasetRow.from_json(line)
    except ValueError:
        return False
    return True
