"""Benchmarks as problems, pinned by revision and hash; what is left out is named and counted.

The student's answer and the reference meet here and in the evaluator, nowhere else: a problem's
docstring, preamble and signature are all that is ever shown.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from evaluators.benchmarks.benchmark_rows import Fields, RowProblem, Rows, load_hub, read_jsonl
from evaluators.benchmarks.forms import CONVERTERS, Form
from evaluators.errors import BenchmarkError
from evaluators.leaks.normal_forms import normal_text
from evaluators.problem import Problem
from evaluators.words import counted

HUB = "hf:"
REFERENCE_SECONDS = 600.0
"""A reference's wall clock: Lean counts its work, so that only an unfit machine runs into it."""

REASONS = {
    "broken_json": "The line is not JSON.",
    "not_an_object": "The line is JSON, but no object.",
    "missing_field": "A field that the form needs is not there, or empty.",
    "wrong_type": "A field holds something else than the form says.",
    "unreadable_lean": "The definition or statement cannot be taken out of the Lean text.",
    "no_tests": "No hidden test that Lean can read, so that any definition would pass.",
    "repeated_id": "An earlier row has the same id.",
    "repeated_problem": "An earlier row asks the same under the same signature.",
    "reference_refused": "Lean does not accept the reference under the signature asked for.",
    "reference_fails": "The reference fails a test, or passes one it must fail.",
    "reference_undecided": "This Lean can decide none of the tests on the reference.",
}
"""Why a row is left out."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """One row that is no problem."""

    place: str
    """`line 3` or `row 3`."""
    id: str
    """Empty where the row has none."""
    reason: str
    detail: str

    @property
    def number(self) -> int:
        """Of its line or row."""
        return _number(self.place)

    def __str__(self) -> str:
        """One line for a person."""
        name = f"{self.place} ({self.id})" if self.id else self.place
        return f"{name}: {self.reason}: {self.detail}"


@dataclass(frozen=True, slots=True)
class ImportedBenchmark:
    """The problems of a benchmark, and everything that did not become one."""

    source: str
    form: Form
    revision: str
    """The hub's commit; empty for a file."""
    sha256: str
    """Of what was read."""
    problems: tuple[Problem, ...]
    places: tuple[str, ...]
    """Where each problem stood."""
    excluded: tuple[Excluded, ...]
    tests_left_out: int = 0
    """Tests that this Lean could not decide on the reference."""
    unchecked: tuple[str, ...] = ()
    """Ids of problems without a reference, which nothing vouches for."""

    @property
    def rows(self) -> int:
        """How many rows were read; each is a problem or excluded."""
        return len(self.problems) + len(self.excluded)

    def first(self, limit: int | None) -> ImportedBenchmark:
        """As if reading had stopped with the last of so many problems; None takes all."""
        if limit is None or limit > len(self.problems):
            return self
        last = _number(self.places[limit - 1])
        return dataclasses.replace(
            self,
            problems=self.problems[:limit],
            places=self.places[:limit],
            excluded=tuple(row for row in self.excluded if row.number < last),
        )

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows each reason left out, the commonest first."""
        return dict(Counter(one.reason for one in self.excluded).most_common())

    def lines(self, *, at_most: int = 10) -> list[str]:
        """What was read and left out, for a person."""
        pinned = f"revision {self.revision}, " if self.revision else ""
        lines = [
            f"{counted(len(self.problems), 'problem')} of {counted(self.rows, 'row')} from "
            f"{self.source} "
            f"({self.form}, {pinned}sha256 {self.sha256[:12]})"
        ]
        for reason, count in self.reasons.items():
            lines.append(f"  left out, {reason}: {count}. {REASONS[reason]}")
        lines += [f"    {one}" for one in self.excluded[:at_most]]
        if len(self.excluded) > at_most:
            lines.append(f"    … and {len(self.excluded) - at_most} more")
        if self.tests_left_out:
            lines.append(f"  tests this Lean cannot decide, left out: {self.tests_left_out}")
        if self.unchecked:
            lines.append(f"  without a reference, so unchecked: {len(self.unchecked)}")
        return lines


def load_benchmark(
    source: str, *, form: Form, split: str | None = None, sha256: str | None = None
) -> ImportedBenchmark:
    """The problems of a `.jsonl` file or of `hf:NAME@REVISION`.

    Args:
        source: where the rows are.
        form: how they are laid out.
        split: of a hub data set with several.
        sha256: what the rows must hash to, or the beginning of it; None takes what is there.

    Raises:
        BenchmarkError: nothing can be read, no row is a problem, or the hash differs.
    """
    if source.startswith(HUB):
        name, _, revision = source.removeprefix(HUB).rpartition("@")
        rows = load_hub(name or revision, revision=revision if name else "", split=split)
    else:
        rows = read_jsonl(Path(source))
    if sha256 is not None and not (sha256 and rows.sha256.startswith(sha256.lower())):
        raise BenchmarkError(
            f"{source}: sha256 is {rows.sha256}, not {sha256}; it is another version than the one "
            "asked for"
        )
    return import_rows(rows, form=form)


def import_rows(rows: Rows, *, form: Form) -> ImportedBenchmark:
    """Turn rows into problems, leaving out with its reason what is none.

    Raises:
        BenchmarkError: no row is a problem.
    """
    kept: list[tuple[str, Problem]] = []
    excluded: list[Excluded] = []
    seen = _Seen()
    for row in rows.rows:
        if not isinstance(row, Fields):
            excluded.append(Excluded(row[0], "", row[1].reason, row[1].detail))
            continue
        try:
            problem = _converted(row, form)
            seen.refuse_repeated(problem, row.place)
        except RowProblem as wrong:
            excluded.append(Excluded(row.place, _id(row), wrong.reason, wrong.detail))
        else:
            kept.append((row.place, problem))
    imported = ImportedBenchmark(
        source=rows.source,
        form=form,
        revision=rows.revision,
        sha256=rows.sha256,
        problems=tuple(problem for _, problem in kept),
        places=tuple(place for place, _ in kept),
        excluded=tuple(excluded),
    )
    require_problems(imported)
    return imported


def _converted(row: Fields, form: Form) -> Problem:
    problem = CONVERTERS[form](row)
    if problem.kind == "definition" and not problem.tests:
        raise RowProblem("no_tests", "add tests, or leave the row out")
    if not problem.docstring.strip():
        raise RowProblem("missing_field", "the docstring is empty")
    return problem


class _Seen:
    """What earlier rows asked."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._asked: dict[tuple[str, str], str] = {}

    def refuse_repeated(self, problem: Problem, place: str) -> None:
        asked = (normal_text(problem.docstring), problem.signature)
        if problem.id in self._ids:
            raise RowProblem("repeated_id", f"`{problem.id}` stands on {self._ids[problem.id]}")
        if problem.kind == "definition" and asked in self._asked:
            raise RowProblem("repeated_problem", f"the same as {self._asked[asked]}")
        self._ids[problem.id] = place
        self._asked[asked] = f"{place} ({problem.id})"


def require_problems(imported: ImportedBenchmark) -> None:
    """Check that something is left to be asked.

    Raises:
        BenchmarkError: every row is left out; the commonest reasons are named.
    """
    if not imported.problems:
        reason, count = next(iter(imported.reasons.items()))
        first = next(one for one in imported.excluded if one.reason == reason)
        raise BenchmarkError(
            f"{imported.source}: none of {counted(imported.rows, 'row')} is a problem of the form "
            f"{imported.form}; {counted(count, 'time')} {reason}, first {first}; choose another "
            "--form"
        )


def _id(row: Fields) -> str:
    for name in ("id", "name", "problem_id", "data_id"):
        value = row.values.get(name)
        if isinstance(value, str):
            return value
    return ""


def _number(place: str) -> int:
    """Of `line 3` or `row 3`."""
    return int(place.split()[-1])
