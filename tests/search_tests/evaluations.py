"""Evaluations with known passes."""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.eng2lean.evaluation import Evaluation, ProblemRecord
from evaluators.eng2lean.problem import Problem
from lean_sandbox.verdict import Outcome, Verdict


def evaluation_of(problems: Sequence[Problem], passed: Sequence[bool]) -> Evaluation:
    """An evaluation in which problem `i` passed where `passed[i]` says so."""
    records = tuple(
        ProblemRecord(
            problem_id=problem.id,
            answer="x + x" if ok else "x - x",
            verdict=Verdict(
                outcome=Outcome.ACCEPTED if ok else Outcome.REFUSED,
                reason="" if ok else "test_failed",
                detail="",
                tests=(),
                lean_version="4.0.0-fake",
                gates=("kernel",),
                seconds=0.001,
            ),
            passed=ok,
        )
        for problem, ok in zip(problems, passed, strict=True)
    )
    return Evaluation(records=records)
