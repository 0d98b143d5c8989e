"""A generated data set: its rows, and on disk accepted rows, refused rows, a card, the manifest.

The only file that talks to pyarrow.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from evaluators.task import Checked, Context, Form, Task
from search.generation.prompting import named
from search.recipes.recipe import Recipe
from search.trial.rows import Row, rows_under

Format: TypeAlias = Literal["jsonl", "parquet"]
"""How the accepted rows are stored."""
REFUSED = "refused.jsonl"
_ROW_GROUP = 1000


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """One attempt on one context. It is accepted where `reason` is empty."""

    context_id: str
    attempt: int
    """Which attempt on its context, from 0."""
    prompt: str
    """What a student reads; empty where there is no training pair in the candidate."""
    completion: str
    """What a student should write."""
    description: str
    """What `prompt` says in words: generated, or the context's own where the recipe keeps it."""
    outcome: str
    """The checker's: `accepted`, `refused`, …; `unchecked` where there was nothing to check."""
    reason: str
    """Why it is no training pair; empty for accepted rows."""
    faithful: bool | None
    """Whether it agrees with all that is known of its context; null where that was not decided."""
    checker: str
    """Which checker spoke; empty where none was asked."""
    licence: str
    """The context's licence."""
    contributor: str
    """The context's contributor."""
    outputs: dict[str, str]
    """The candidate as it was written and checked, by the names of the form's outputs, which
    stand beside the other fields in a file."""

    @property
    def accepted(self) -> bool:
        """Whether the row is a training pair."""
        return not self.reason

    @property
    def flat(self) -> dict[str, Any]:
        """The fields of a file."""
        return {name: getattr(self, name) for name in FIXED} | self.outputs

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(self.flat, ensure_ascii=False)

    @classmethod
    def of(cls, values: object, form: Form) -> DatasetRow:
        """The row whose JSON these values are.

        Raises:
            ValueError: they are those of no such row.
        """
        names = {field.name for field in form.outputs}
        if not isinstance(values, dict) or values.keys() != names | set(FIXED):
            raise ValueError("not a row of a data set")
        outputs = {field.name: values[field.name] for field in form.outputs}
        return cls(**{name: values[name] for name in FIXED}, outputs=outputs)


FIXED = tuple(name for name in DatasetRow.__dataclass_fields__ if name != "outputs")
"""The fields of every row, whatever the task."""


def dataset_rows(
    checked: Sequence[Checked], contexts: Sequence[Context], recipe: Recipe, task: Task
) -> list[DatasetRow]:
    """A row for every candidate of whole contexts, in their order."""
    return [_row(row, task.form) for row in rows_under(checked, recipe, contexts, task)]


def _row(row: Row, form: Form) -> DatasetRow:
    finding, context, example = row.checked.finding, row.context, row.example
    return DatasetRow(
        context_id=row.candidate.context_id,
        attempt=row.candidate.attempt,
        prompt=example.prompt if example else "",
        completion=example.completion if example else "",
        description=row.description,
        outcome=row.outcome,
        reason=row.reason,
        faithful=row.checked.faithful,
        checker=finding.checker if finding else "",
        licence=context.licence if context else "",
        contributor=context.contributor if context else "",
        outputs=named(form.outputs, row.candidate.outputs),
    )


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
