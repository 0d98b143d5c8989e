"""The search problems that one trial's student wins and loses against the baseline's.

Only search problems: a sealed problem that somebody has read is sealed no more, so of those the
report gives counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evaluators.evaluation import Evaluation, ProblemRecord
from evaluators.problem import Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """What a student answered to a problem, and what came of it."""

    text: str
    outcome: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class ContestedProblem:
    """A problem that one of two students passed."""

    id: str
    docstring: str
    """Empty where the problems cannot be read."""
    signature: str
    baseline: Answer
    best: Answer


@dataclass(frozen=True, slots=True)
class Contest:
    """Two evaluations of the same problems, side by side."""

    won: tuple[ContestedProblem, ...]
    """Passed after the best recipe and not after the baseline's."""
    lost: tuple[ContestedProblem, ...]
    both: int
    neither: int


def contest(best: Evaluation, baseline: Evaluation, problems: Mapping[str, Problem]) -> Contest:
    """The problems of two evaluations, sorted by who passed them; the first attempts count."""
    others = {record.problem_id: record for record in baseline.records}
    pairs = [
        (record, others[record.problem_id])
        for record in best.records
        if record.problem_id in others
    ]
    won = [pair for pair in pairs if pair[0].passed and not pair[1].passed]
    lost = [pair for pair in pairs if pair[1].passed and not pair[0].passed]
    return Contest(
        won=tuple(_contested(*pair, problems) for pair in won),
        lost=tuple(_contested(*pair, problems) for pair in lost),
        both=sum(one.passed and other.passed for one, other in pairs),
        neither=sum(not one.passed and not other.passed for one, other in pairs),
    )


def _contested(
    best: ProblemRecord, baseline: ProblemRecord, problems: Mapping[str, Problem]
) -> ContestedProblem:
    problem = problems.get(best.problem_id)
    return ContestedProblem(
        id=best.problem_id,
        docstring=problem.docstring if problem else "",
        signature=problem.signature if problem else "",
        baseline=_answer(baseline),
        best=_answer(best),
    )


def _answer(record: ProblemRecord) -> Answer:
    return Answer(
        text=record.answer,
        outcome="passed" if record.passed else record.finding.outcome,
        reason=record.compared or record.finding.reason,
        detail=record.detail or record.finding.detail,
    )
