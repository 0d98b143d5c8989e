"""Evaluations with known passes."""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.evaluation import Evaluation, Finding, ProblemRecord
from evaluators.problem import Problem


def evaluation_of(problems: Sequence[Problem], passed: Sequence[bool]) -> Evaluation:
    """An evaluation in which problem `i` passed where `passed[i]` says so."""
    records = tuple(
        ProblemRecord(
            problem_id=problem.id,
            answer="x + x" if ok else "x - x",
            finding=Finding(
                outcome="accepted" if ok else "refused",
                reason="" if ok else "test_failed",
                detail="",
                valid=True,
                checker="4.0.0-fake",
            ),
            passed=ok,
        )
        for problem, ok in zip(problems, passed, strict=True)
    )
    return Evaluation(records=records)
