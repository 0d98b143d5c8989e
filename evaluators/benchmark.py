"""Benchmarks as problems, pinned by revision and hash; what is left out is named and counted.

The student's answer and the reference meet here and in the evaluator, nowhere else: a problem's
docstring, preamble and signature are all that is ever shown.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evaluators.benchmark_rows import Fields, RowProblem, Rows, load_hub, read_jsonl
from evaluators.errors import BenchmarkError
from evaluators.forms import CONVERTERS, Form
from evaluators.normal_forms import normal_text
from evaluators.problem import Problem
from evaluators.words import counted
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import TestOutcome, Verdict

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
    _require_problems(imported)
    return imported


class PatientSandbox(Protocol):
    """A sandbox that can be given longer for a program; pools and clients are."""

    def check_many(
        self, requests: Sequence[CheckRequest], *, timeout_seconds: float | None = ...
    ) -> list[Verdict]:
        """Check a batch; see `Sandbox.check_many`."""
        ...


def check_references(
    imported: ImportedBenchmark, sandbox: PatientSandbox, *, limit: int | None = None
) -> ImportedBenchmark:
    """Leave out problems whose reference does not check, and tests that cannot be decided on it.

    A problem without a reference is kept and listed in `unchecked`; its tests are read by Lean.
    With a limit, nothing is read behind the last problem that is taken.

    Raises:
        SandboxUnavailable: Lean could not be started or kept alive.
        BenchmarkError: no problem is left, or a reference ran into the wall clock, of which
            nothing follows.
    """
    kept: list[tuple[str, Problem]] = []
    excluded: list[Excluded] = []
    unchecked: list[str] = []
    left_out = 0
    standing = list(zip(imported.places, imported.problems, strict=True))
    while standing and (limit is None or len(kept) < limit):
        count = len(standing) if limit is None else limit - len(kept)
        part, standing = standing[:count], standing[count:]
        for (place, problem), verdicts in zip(part, _judged(part, sandbox), strict=True):
            try:
                decided = _decided(problem, verdicts)
            except RowProblem as wrong:
                excluded.append(Excluded(place, problem.id, wrong.reason, wrong.detail))
                continue
            left_out += _count(problem) - _count(decided)
            kept.append((place, decided))
            if not problem.reference:
                unchecked.append(problem.id)
    checked = dataclasses.replace(
        imported,
        problems=tuple(problem for _, problem in kept),
        places=tuple(place for place, _ in kept),
        excluded=tuple(sorted([*imported.excluded, *excluded], key=lambda row: row.number)),
        tests_left_out=left_out,
        unchecked=tuple(unchecked),
    )
    _require_problems(checked)
    return checked.first(limit)


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


def _require_problems(imported: ImportedBenchmark) -> None:
    if not imported.problems:
        reason, count = next(iter(imported.reasons.items()))
        first = next(one for one in imported.excluded if one.reason == reason)
        raise BenchmarkError(
            f"{imported.source}: none of {counted(imported.rows, 'row')} is a problem of the form "
            f"{imported.form}; {counted(count, 'time')} {reason}, first {first}; choose another "
            "--form"
        )


def _judged(
    part: Sequence[tuple[str, Problem]], sandbox: PatientSandbox
) -> list[tuple[Verdict, ...]]:
    """What Lean says of each problem's reference; of its tests one by one where it has none.

    Raises:
        BenchmarkError: a reference ran into the wall clock, so that the machine would have a say
            in what is asked.
    """
    requests = [_requests(problem) for _, problem in part]
    flat = [request for several in requests for request in several]
    verdicts = iter(sandbox.check_many(flat, timeout_seconds=REFERENCE_SECONDS))
    judged = [tuple(next(verdicts) for _ in several) for several in requests]
    late = [
        f"{place} ({problem.id})"
        for (place, problem), several in zip(part, judged, strict=True)
        if any(verdict.reason == "deadline" for verdict in several)
    ]
    if late:
        raise BenchmarkError(
            f"{', '.join(late)}: not judged (deadline): Lean gave no verdict on the reference in "
            f"{REFERENCE_SECONDS:.0f} s; run it again on a machine that is less busy, or take the "
            "row out"
        )
    return judged


def _requests(problem: Problem) -> list[CheckRequest]:
    """What shows whether a reference checks.

    A statement has no proof to check: it is asked for as the target of a program that does not
    hold it, which Lean answers with `target_missing` exactly when it can read the statement.
    Without a reference, each test is read under the signature, which holds nothing but `sorry`.
    """
    before = f"{problem.before}\n\n" if problem.before else ""
    if problem.kind == "statement":
        stated = [before + problem.reference] if problem.reference else []
        return [CheckRequest("def nothing : Nat := 0", target=text) for text in stated]
    if not problem.reference:
        asked = f"{before}{problem.signature} := sorry\n\ndef stated : Prop :=\n  "
        return [CheckRequest(f"{asked}({test})") for test in (*problem.tests, *problem.must_fail)]
    opposites = tuple(f"¬ ({proposition})" for proposition in _telling(problem))
    return [
        CheckRequest(
            before + problem.reference,
            target=before + problem.signature,
            tests=(*problem.tests, *opposites),
        )
    ]


def _telling(problem: Problem) -> tuple[str, ...]:
    """What must fail and is not about a call that a test fixes the value of."""
    fixed = {_call(test) for test in problem.tests}
    return tuple(one for one in problem.must_fail if _call(one) not in fixed)


def _call(proposition: str) -> str:
    return proposition.rpartition(" = ")[0]


def _read(problem: Problem, verdicts: Sequence[Verdict]) -> Problem:
    """The problem with the tests that Lean can read.

    Raises:
        RowProblem: it can read none.
    """
    read = [verdict.reason == "sorry" for verdict in verdicts]
    count = len(problem.tests)
    tests = _where(problem.tests, read[:count])
    if not tests:
        raise RowProblem("no_tests", f"none of {count} can be read: {verdicts[0].detail}")
    others = _where(problem.must_fail, read[count:])
    return dataclasses.replace(problem, tests=tests, must_fail=others)


def _decided(problem: Problem, verdicts: Sequence[Verdict]) -> Problem:
    """The problem with the tests that its reference decides.

    Raises:
        RowProblem: the reference does not check.
    """
    if not problem.reference:
        return _read(problem, verdicts) if problem.kind == "definition" else problem
    verdict = verdicts[0]
    if problem.kind == "statement":
        if verdict.reason != "target_missing":
            raise RowProblem("reference_refused", verdict.detail or verdict.reason)
        return problem
    if not verdict.compiles:
        raise RowProblem("reference_refused", f"{verdict.reason}: {verdict.detail}")
    if TestOutcome.FAILED in verdict.tests:
        raise RowProblem("reference_fails", verdict.detail)
    both = sorted({*problem.tests} & {*problem.must_fail})
    if both:
        raise RowProblem("reference_fails", f"`{both[0]}` must both hold and fail")
    passed = [outcome is TestOutcome.PASSED for outcome in verdict.tests]
    count = len(problem.tests)
    tests = _where(problem.tests, passed[:count])
    if not tests:
        raise RowProblem("reference_undecided", f"none of {count} tests")
    kept = {*_where(_telling(problem), passed[count:])}
    kept |= {one for one in problem.must_fail if _call(one) in map(_call, tests)}
    return dataclasses.replace(
        problem, tests=tests, must_fail=tuple(one for one in problem.must_fail if one in kept)
    )


def _where(tests: Sequence[str], kept: Sequence[bool]) -> tuple[str, ...]:
    return tuple(test for test, keep in zip(tests, kept, strict=True) if keep)


def _number(place: str) -> int:
    """Of `line 3` or `row 3`."""
    return int(place.split()[-1])


def _count(problem: Problem) -> int:
    return len(problem.tests) + len(problem.must_fail)


def _id(row: Fields) -> str:
    for name in ("id", "name", "problem_id", "data_id"):
        value = row.values.get(name)
        if isinstance(value, str):
            return value
    return ""
