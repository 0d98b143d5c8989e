"""Reading the final task's problems and the demo pool from JSON Lines files.

A problem row is `{"id", "docstring", "signature", "tests": [...], "reference"}`; a demo row is
`{"id", "python", "docstring_in", "docstring", "lean"}`. Fields not listed are ignored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from evaluators.eng2lean.problem import Problem
from search.errors import RowsError
from search.materials.jsonl import Row, locate, read_rows, refuse_repeated_ids
from search.recipes.recipe import Demo


@dataclass(frozen=True, slots=True)
class _NamedDemo:
    id: str
    demo: Demo


def load_problems(source: str, *, limit: int | None = None) -> tuple[Problem, ...]:
    """The problems of a file, in its order: the first `limit`, or all.

    Raises:
        RowsError: the file is missing, empty, not JSONL, or a row of it cannot be a problem.
    """
    if limit is not None and limit < 1:
        raise RowsError(f"{source}: a limit of {limit} leaves no problem; give 1 or more")
    rows = list(read_rows(locate(source)))
    problems = [_problem(row) for row in rows]
    refuse_repeated_ids(rows, problems)
    return tuple(problems[:limit])


def problems_hash(problems: Sequence[Problem]) -> str:
    """SHA-256 of the problems, in their order, whatever file they were read from."""
    canonical = json.dumps([asdict(problem) for problem in problems], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def load_demos(source: str) -> dict[str, Demo]:
    """The demo pool of a file, by id.

    Raises:
        RowsError: the file is missing, empty, not JSONL, or a row of it cannot be a demo.
    """
    rows = list(read_rows(locate(source)))
    named = [_NamedDemo(row.text("id"), _demo(row)) for row in rows]
    refuse_repeated_ids(rows, named)
    return {entry.id: entry.demo for entry in named}


def _problem(row: Row) -> Problem:
    tests = row.texts("tests")
    if not tests:
        raise row.error("no tests: a problem without tests cannot be failed; add `tests`")
    signature = row.text("signature").strip()
    if signature.endswith(":="):
        raise row.error("`signature` must end before `:=`")
    return Problem(
        id=row.text("id"),
        docstring=row.text("docstring"),
        signature=signature,
        tests=tests,
        reference=row.optional_text("reference") or "",
    )


def _demo(row: Row) -> Demo:
    return Demo(
        python=row.text("python"),
        docstring_in=row.text("docstring_in"),
        docstring=row.text("docstring"),
        lean=row.text("lean"),
    )
