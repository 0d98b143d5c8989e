"""An evaluation as one HTML file: the stage table, and every problem with answer and verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from evaluators.evaluation import (
    STAGES,
    Attempt,
    Evaluation,
    Kind,
    StageRate,
    StageResult,
)
from evaluators.statistics.score import Score
from evaluators.tasks import DEFAULT, task_named
from search.console import Table
from search.evaluate.report import opened_line, score_lines, stage_table
from search.evaluate.view import AskedRecord, EvaluationView
from search.report.template import render
from search.trial.rows import meaning_of

_MOST = 2_000
"""Problems shown; of more, those that were not passed come first."""
_OUTCOMES = {
    StageResult.PASSED: "passed",
    StageResult.FAILED: "failed",
    StageResult.UNDECIDED: "not decided",
}
_COMPARED = {
    "proven": "It was proven to say the same as the reference.",
    "refuted": "It is false somewhere, and the reference is not.",
    "invalid": "It or the reference is no statement that Lean can compare.",
    "trivial": "Lean proves it or the reference by itself, so that nothing is shown.",
    "vacuous": "Its hypotheses or the reference's contradict each other.",
    "unknown": "Neither a derivation nor a counterexample was found.",
}
"""What was found of a statement and its reference."""


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One answer for a person."""

    text: str
    outcome: str
    stage: str
    """The first stage that was not passed; empty where all were."""
    reason: str
    meaning: str
    detail: str


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One problem for a person."""

    id: str
    asked: str
    header: str
    """The preamble and the signature."""
    attempts: tuple[AttemptLine, ...]
    passes: int

    @property
    def first(self) -> AttemptLine:
        """The attempt that the score counts."""
        return self.attempts[0]


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage's rate."""

    rate: StageRate

    @property
    def share(self) -> str:
        """The rate."""
        return f"{self.rate.score.value:.1%}".replace("%", " %")

    @property
    def interval(self) -> str:
        """The rate's 95 % interval."""
        return f"{self.rate.score.low * 100:.1f} to {self.rate.score.high * 100:.1f}"

    @property
    def decided(self) -> str:
        """The rate among what was decided."""
        return str(self.rate.decided) if self.rate.decided else "–"


def evaluation_text(view: EvaluationView) -> list[str | Table]:
    """What `outerloop report` prints of an evaluation."""
    parts: list[str | Table] = [
        f"run folder  {view.path}",
        *(f"{name:<11} {value}" for name, value in _head(view).items()),
        f"standing    {view.standing}",
        *(f"not shown   {notice}" for notice in view.notices),
    ]
    if not view.records:
        return parts
    parts += ["", stage_table(view.evaluation), "", *score_lines(view.evaluation)]
    note = opened_line(view.opened)
    return [*parts, *([note] if note else []), ""]


def evaluation_html(view: EvaluationView) -> str:
    """The whole page."""
    problems = [_problem(one) for one in view.records]
    if len(problems) > _MOST:
        problems.sort(key=lambda one: one.first.outcome == "passed")  # stable: else as asked
    shown = problems[:_MOST]
    evaluation = view.evaluation
    return render(
        "evaluation.html.jinja",
        view=view,
        head=_head(view),
        made_by=f"outerloop {version('outerloop')}",
        scores=_scores(evaluation) if view.records else {},
        stages=[StageLine(rate) for rate in evaluation.stages] if view.records else [],
        reasons=_reasons(problems),
        problems=shown,
        left_out=len(problems) - len(shown),
        opened=opened_line(view.opened).removeprefix("note").strip(),
        choices=_choices(shown),
    )


def _head(view: EvaluationView) -> dict[str, object]:
    """What was evaluated on what, and how."""
    told: Mapping[str, object] = {
        **view.notes,
        "seed": view.seed,
        **{name.replace("_", " "): value for name, value in view.settings.items()},
    }
    return {name: value for name, value in told.items() if value or value == 0}


def _scores(evaluation: Evaluation) -> dict[str, Score]:
    scores = {"score": evaluation.score}
    if evaluation.attempts > 1:
        ks = sorted({1, min(5, evaluation.attempts), evaluation.attempts})
        scores |= {f"pass@{k}": evaluation.pass_at(k) for k in ks}
    return scores


def _problem(one: AskedRecord) -> ProblemLine:
    record, asked = one.record, one.asked
    joint = " :=" if record.kind == "definition" else ""
    return ProblemLine(
        id=record.problem_id,
        asked=asked.docstring,
        header="\n".join(filter(None, [asked.preamble, f"{asked.signature}{joint}"])),
        attempts=tuple(_attempt(attempt, record.kind) for attempt in record.attempts),
        passes=record.passes,
    )


def _attempt(attempt: Attempt, kind: Kind) -> AttemptLine:
    results = {stage: attempt.at(stage) for stage in STAGES[kind]}
    ended = next((one for one in results if results[one] is not StageResult.PASSED), "")
    reason = attempt.compared or attempt.finding.reason
    return AttemptLine(
        text=attempt.answer,
        outcome="passed" if attempt.passed else _OUTCOMES[results[STAGES[kind][-1]]],
        stage=ended,
        reason=reason,
        meaning=_COMPARED.get(attempt.compared, "")
        or (meaning_of(reason, task_named(DEFAULT)) if reason else ""),
        detail=attempt.detail or attempt.finding.detail,
    )


def _reasons(problems: Sequence[ProblemLine]) -> list[tuple[str, int, str]]:
    """Why attempts were not passed, the commonest first: code, attempts, meaning."""
    lines = [line for one in problems for line in one.attempts if line.outcome != "passed"]
    meanings = {line.reason: line.meaning for line in lines}
    counts = Counter(line.reason for line in lines)
    return [(reason, count, meanings[reason]) for reason, count in counts.most_common()]


def _choices(problems: Sequence[ProblemLine]) -> dict[str, list[str]]:
    """What the problems can be narrowed by."""
    firsts = [one.first for one in problems]
    return {
        "outcome": sorted({one.outcome for one in firsts}),
        "stage": list(dict.fromkeys(stage for kind in STAGES.values() for stage in kind if any(
            one.stage == stage for one in firsts
        ))),
        "reason": sorted({one.reason for one in firsts if one.reason}),
    }  # fmt: skip
