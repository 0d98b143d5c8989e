"""Rows on their way to a data set: an append-only file that survives a kill at any moment.

The first line says what the rows belong to; then each line is a whole batch, in the order of the
contexts. A batch that a kill left torn is made again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from engines.append_only import AppendOnly
from engines.json_text import read_json
from evaluators.task import Form
from search.errors import GenerateError
from search.offline.dataset import DatasetRow


@dataclass(frozen=True, slots=True)
class Origin:
    """What the rows of a journal belong to."""

    pipeline: str
    """Hash of the pipeline."""
    contexts: str
    """Hash of the contexts, as limited."""
    rows: int
    """How many rows the whole data set has, accepted and refused."""
    checked_by: str = ""
    """Fingerprint of the Lean that checks them; empty in a journal that does not say."""


class Journal:
    """The rows written so far. Use it as a context manager; it appends whole batches."""

    def __init__(self, path: Path, origin: Origin, form: Form) -> None:
        self.path = path
        self._origin = origin
        self._form = form
        self._lines = AppendOnly(path, every_line=True)
        self.rows = 0
        """Rows safely written: a whole number of batches."""

    def __enter__(self) -> Self:
        """Find what is there already.

        Raises:
            GenerateError: the file belongs to another pipeline, other contexts or another Lean.
        """
        header = next(iter(self._lines), None)
        if header is None:
            self._write(json.dumps(asdict(self._origin)))
        else:
            self._require_origin(header)
            self.rows = sum(1 for _ in self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._lines.__exit__(kind, error, trace)

    def append(self, rows: Sequence[DatasetRow]) -> None:
        """Write one batch; it is on the disk when this returns.

        Raises:
            GenerateError: the disk is full or the file cannot be written.
        """
        self._write(f"[{', '.join(row.to_json() for row in rows)}]")
        self.rows += len(rows)

    def __iter__(self) -> Iterator[DatasetRow]:
        """The rows written so far, in order."""
        try:
            for line in islice(self._lines, 1, None):
                yield from (DatasetRow.of(values, self._form) for values in json.loads(line))
        except (ValueError, TypeError) as error:
            raise GenerateError(
                f"{self.path} is no journal of rows; give another --out"
            ) from error

    def _write(self, line: str) -> None:
        try:
            self._lines.append(line)
        except OSError as error:
            raise GenerateError(
                f"{self.path} cannot be written ({error.strerror}); make room and run the same "
                "command with --resume: rows already there are kept"
            ) from error

    def _require_origin(self, header: bytes) -> None:
        try:
            found = Origin(**read_json(header))
        except (ValueError, TypeError) as error:
            raise GenerateError(
                f"{self.path} is no journal of rows; give another --out"
            ) from error
        if found.pipeline != self._origin.pipeline:
            raise GenerateError(f"{self.path} holds another pipeline's rows; give another --out")
        if found.checked_by and found.checked_by != self._origin.checked_by:
            raise GenerateError(
                f"{self.path} holds rows that another Lean checked; give the options that chose "
                "it, or another --out"
            )
        if (found.contexts, found.rows) != (self._origin.contexts, self._origin.rows):
            raise GenerateError(
                f"{self.path} holds rows of other contexts or another --limit; "
                "repeat the command as it was, or give another --out"
            )


def has_rows(path: Path) -> bool:
    """Whether a journal holds more than its first line."""
    with path.open("rb") as lines:
        return len(list(islice(lines, 2))) == 2
