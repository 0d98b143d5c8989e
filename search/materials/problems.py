"""Reading the final task's problems and the demo pool from JSON Lines files.

What a row holds is the task's affair: a demo row has an `id` and every text of its form. Fields
not listed are ignored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from evaluators.errors import RowsError
from evaluators.json_rows import JsonRow
from evaluators.problem import Problem
from evaluators.task import Demo, Form, Task
from search.materials.jsonl import locate, read_rows, refuse_repeated_ids


@dataclass(frozen=True, slots=True)
class _NamedDemo:
    id: str
    demo: Demo


def load_problems(source: str, task: Task, *, limit: int | None = None) -> tuple[Problem, ...]:
    """The problems of a file, in its order: the first `limit`, or all.

    Raises:
        RowsError: the file is missing, empty, not JSONL, or a row of it cannot be a problem.
    """
    if limit is not None and limit < 1:
        raise RowsError(f"{source}: a limit of {limit} leaves no problem; give 1 or more")
    rows = list(read_rows(locate(source)))
    problems = [task.problem(row) for row in rows]
    refuse_repeated_ids(rows, problems)
    return tuple(problems[:limit])


def problems_hash(problems: Sequence[Problem]) -> str:
    """SHA-256 of the problems, in their order, whatever file they were read from."""
    canonical = json.dumps([asdict(problem) for problem in problems], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def load_demos(source: str, form: Form) -> dict[str, Demo]:
    """The demo pool of a file, by id.

    Raises:
        RowsError: the file is missing, empty, not JSONL, or a row of it cannot be a demo.
    """
    rows = list(read_rows(locate(source)))
    named = [_NamedDemo(row.text("id"), _demo(row, form)) for row in rows]
    refuse_repeated_ids(rows, named)
    return {entry.id: entry.demo for entry in named}


def _demo(row: JsonRow, form: Form) -> Demo:
    return Demo(
        inputs=tuple(row.text(field.name) for field in form.inputs),
        outputs=tuple(row.text(field.name) for field in form.outputs),
    )
