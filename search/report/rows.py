"""Generated rows for a person to read: a few of every kind, with what became of them.

What people get wrong: a sample by chance shows the commonest reason again and again. Here every
reason has its turn, and the true counts stand beside the rows shown.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from evaluators.task import Checked, Context, Task
from search.settings.filters import Filter
from search.study.records import TrialRecord
from search.trial.rows import Row, rows_of

KEPT = "kept"
"""The reason of a row that became an example."""


@dataclass(frozen=True, slots=True)
class RowSample:
    """Some rows of a trial and how many there are of each kind."""

    trial: int
    rows: tuple[Row, ...]
    total: int
    counts: Mapping[str, int]
    """All rows by reason, the commonest first."""


def sample_rows(
    record: TrialRecord,
    checked: Sequence[Checked],
    contexts: Mapping[str, Context],
    task: Task,
    *,
    most: int,
) -> RowSample:
    """At most `most` rows of a trial, every reason in turn."""
    leaks = record.outcome.leaks if record.outcome else ()
    rows = rows_of(
        checked,
        contexts,
        task,
        filter=cast("Filter", record.parameters.get("filter", "compiles")),
        keep_docstring=bool(record.parameters.get("keep_docstring", False)),
        leaking={leak.place for leak in leaks},
    )
    by_reason: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_reason[row.reason].append(row)
    return RowSample(
        trial=record.number,
        rows=tuple(itertools.islice(_in_turn(list(by_reason.values())), most)),
        total=len(rows),
        counts=dict(Counter(row.reason or KEPT for row in rows).most_common()),
    )


def written(row: Row, task: Task) -> list[tuple[str, str]]:
    """What the generator wrote, each text with what a person calls it."""
    fields = zip(task.form.outputs, row.candidate.outputs, strict=True)
    return [(field.label, text) for field, text in fields]


def asked(row: Row, task: Task) -> list[tuple[str, str]]:
    """What the generator read, likewise; nothing where the contexts are not at hand."""
    if row.context is None:
        return []
    fields = zip(task.form.inputs, row.context.inputs, strict=True)
    return [(field.label, text) for field, text in fields]


def _in_turn(groups: Sequence[Sequence[Row]]) -> Iterator[Row]:
    for turn in itertools.zip_longest(*groups):
        yield from (row for row in turn if row is not None)
