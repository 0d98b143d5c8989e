"""Are a benchmark's references right? Each is put to Lean with its tests."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from evaluators.benchmarks.benchmark import (
    REFERENCE_SECONDS,
    Excluded,
    ImportedBenchmark,
    require_problems,
)
from evaluators.benchmarks.benchmark_rows import RowProblem
from evaluators.errors import BenchmarkError
from evaluators.problem import Problem
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import TestOutcome, Verdict


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
    require_problems(checked)
    return checked.first(limit)


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
        if any(verdict.reason in {"deadline", "test_deadline"} for verdict in several)
    ]
    if late:
        raise BenchmarkError(
            f"{', '.join(late)}: not judged (deadline): Lean gave no verdict on the reference in "
            f"{REFERENCE_SECONDS:.0f} s, or none on a test in a quarter of that; run it again "
            "on a machine that is less busy, or take the row out"
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


def _count(problem: Problem) -> int:
    return len(problem.tests) + len(problem.must_fail)
