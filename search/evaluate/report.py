"""What an evaluation by hand tells: the stage table with intervals, in a terminal and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from evaluators.evaluation import Evaluation, StageRate
from evaluators.problem import Problem
from evaluators.statistics.score import Score
from lean_sandbox.policy import REASONS
from search.console import Column, Table, table
from search.evaluate.records import RECORDS, EvaluationJob
from stores.content import JSONValue

_SHOWN_FAILURES = 20
_COLUMNS = ("stage", "passed", "95 % interval", "n", "failed", "not decided", "of the decided")


def stage_table(evaluation: Evaluation) -> Table:
    """Every stage's rate apart, and "not decided" apart from "failed"."""
    stage, *others = _COLUMNS
    columns = [Column(stage, "left"), *map(Column, others)]
    return table(columns, [_cells(rate) for rate in evaluation.stages])


def score_lines(evaluation: Evaluation) -> list[str]:
    """The score, pass@k where there were attempts, and why attempts failed."""
    lines = [f"score       {evaluation.score}"]
    if evaluation.attempts > 1:
        ks = sorted({1, min(5, evaluation.attempts), evaluation.attempts})
        lines += [f"pass@{k:<7}{evaluation.pass_at(k)}" for k in ks]
    for reason, count in evaluation.reasons.items():
        meaning = REASONS[reason].meaning if reason in REASONS else ""
        lines.append(f"  {reason or 'no reason':<20} {count:>6,}  {meaning}".rstrip())
    return lines


def summary(job: EvaluationJob, evaluation: Evaluation, *, opened: int) -> dict[str, JSONValue]:
    """The numbers, for a program."""
    return {
        "schema": 1,
        "identity": job.identity,
        "score": _score(evaluation.score),
        "attempts": evaluation.attempts,
        "pass_at": {
            str(k): _score(evaluation.pass_at(k)) for k in range(1, evaluation.attempts + 1)
        },
        "stages": [
            {
                "stage": rate.stage,
                "passed": rate.passed,
                "failed": rate.failed,
                "undecided": rate.undecided,
                "score": _score(rate.score),
                "decided": _score(rate.decided) if rate.decided else None,
            }
            for rate in evaluation.stages
        ],
        "reasons": cast("JSONValue", evaluation.reasons),
        "times_opened": opened,
        "notes": dict(job.notes),
    }


def report(job: EvaluationJob, evaluation: Evaluation, *, opened: int) -> str:
    """The same on a page, with the first failures."""
    notes = "\n".join(f"- {name}: {value}" for name, value in job.notes.items() if value)
    rows = "\n".join(f"| {' | '.join(_cells(rate))} |" for rate in evaluation.stages)
    head = f"| {' | '.join(_COLUMNS)} |\n|{' --- |' * len(_COLUMNS)}"
    scores = "\n".join(score_lines(evaluation))
    failures = "\n\n".join(_failures(job.problems, evaluation))
    parts = [
        "# Evaluation",
        f"{notes}\n- seed: {job.seed}\n- evaluations of these problems: {opened}",
        f"{head}\n{rows}",
        f"```text\n{scores}\n```",
        "## The first problems that were not passed",
        f"All of them stand in {RECORDS}.",
        failures or "None.",
    ]
    return "\n\n".join(parts) + "\n"


def opened_line(opened: int) -> str:
    """What it means that problems were opened so often; empty for the first time."""
    if opened < 2:
        return ""
    return (
        f"note        these problems have now been opened for {opened} different evaluations; the "
        "best of several scores on the same problems is too high, and no interval here knows it"
    )


def _cells(rate: StageRate) -> list[str]:
    score = rate.score
    return [
        rate.stage,
        f"{score.value:.1%}",
        f"{score.low * 100:.1f} to {score.high * 100:.1f}",
        str(score.n),
        str(rate.failed),
        str(rate.undecided),
        f"{rate.decided.value:.1%} (n = {rate.decided.n})" if rate.decided else "–",
    ]


def _score(score: Score) -> dict[str, JSONValue]:
    return {
        "value": score.value,
        "standard_error": score.standard_error,
        "low": score.low,
        "high": score.high,
        "n": score.n,
    }


def _failures(problems: Sequence[Problem], evaluation: Evaluation) -> list[str]:
    texts: list[str] = []
    for problem, record in zip(problems, evaluation.records, strict=True):
        if record.passes or len(texts) == _SHOWN_FAILURES:
            continue
        said = record.compared or record.finding.reason
        detail = record.detail or record.finding.detail
        fence = "`" * 4
        joint = " :=" if problem.kind == "definition" else " "
        texts.append(
            f"### {problem.id}: {said}\n\n{' '.join(detail.split())}\n\n{fence}lean\n"
            f"/-- {problem.docstring} -/\n{problem.signature}{joint}{record.answer}\n{fence}"
        )
    return texts
