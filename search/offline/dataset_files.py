"""A generated data set on disk: accepted rows, refused rows, a card, and the manifest last.

The only file that talks to pyarrow.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from search.offline.dataset_row import FIXED, DatasetRow

Format: TypeAlias = Literal["jsonl", "parquet"]
"""How the accepted rows are stored."""

REFUSED = "refused.jsonl"

_ROW_GROUP = 1000

_Write: TypeAlias = Callable[[DatasetRow], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """What a data set holds."""

    accepted: int
    refused: dict[str, int]
    """Refused rows by reason, the commonest first."""
    licences: dict[str, int]
    """Accepted rows by licence; empty text where the context states none."""
    contributors: dict[str, int]
    """Accepted rows by contributor; empty text where the context states none."""
    faithful: int
    """Accepted rows that are faithful."""
    checkers: tuple[str, ...]
    """Who checked the rows, with versions."""


def data_file(form: Format) -> str:
    """The name of the file with the accepted rows."""
    return f"data.{form}"


def write_rows(
    rows: Iterable[DatasetRow], folder: Path, *, form: Format, outputs: Sequence[str]
) -> Counts:
    """Write the accepted rows in the form asked for and the refused ones as JSON Lines."""
    reasons: Counter[str] = Counter()
    licences: Counter[str] = Counter()
    contributors: Counter[str] = Counter()
    versions: set[str] = set()
    faithful = 0
    accepted = partial(_parquet_rows, outputs) if form == "parquet" else _json_rows
    with accepted(folder / data_file(form)) as accept, _json_rows(folder / REFUSED) as refuse:
        for row in rows:
            reasons[row.reason] += 1
            versions.add(row.checker)
            (accept if row.accepted else refuse)(row)
            if row.accepted:
                licences[row.licence] += 1
                contributors[row.contributor] += 1
                faithful += row.faithful is True
    return Counts(
        accepted=reasons.pop("", 0),
        refused=dict(reasons.most_common()),
        licences=dict(licences.most_common()),
        contributors=dict(contributors.most_common()),
        faithful=faithful,
        checkers=tuple(sorted(versions - {""})),
    )


@contextmanager
def _json_rows(path: Path) -> Iterator[_Write]:
    unfinished = path.with_name(f"{path.name}.tmp")
    with unfinished.open("w", encoding="utf-8") as lines:

        def write(row: DatasetRow) -> None:
            lines.write(row.to_json() + "\n")

        yield write
    os.replace(unfinished, path)  # noqa: PTH105 - says what it does


@contextmanager
def _parquet_rows(outputs: Sequence[str], path: Path) -> Iterator[_Write]:
    unfinished = path.with_name(f"{path.name}.tmp")
    waiting: list[DatasetRow] = []
    schema = _schema(outputs)
    with pq.ParquetWriter(unfinished, schema) as writer:

        def flush() -> None:
            writer.write_table(pa.Table.from_pylist([row.flat for row in waiting], schema))
            waiting.clear()

        def write(row: DatasetRow) -> None:
            waiting.append(row)
            if len(waiting) == _ROW_GROUP:
                flush()

        yield write
        flush()
    os.replace(unfinished, path)  # noqa: PTH105 - says what it does


def _schema(outputs: Sequence[str]) -> pa.Schema:
    kinds = {"attempt": pa.int64(), "faithful": pa.bool_()}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in (*FIXED, *outputs)])
