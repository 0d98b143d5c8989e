"""What an evaluation found: one record per problem, and the rate of each stage.

An attempt goes through stages: parsed → elaborated → signature → behaviour, or for a statement
parsed → elaborated → signature → equivalent. What people get wrong: one number for all of them, or
an attempt that Lean could not decide counted as one that failed. Here every stage has its own rate
with its own n, and "not decided" is its own count; the score is the share that passed everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from evaluators.statistics.intervals import score_from_shares
from evaluators.statistics.pass_at_k import pass_at_k
from evaluators.statistics.score import Score

Kind = Literal["definition", "statement"]
Stage = Literal["parsed", "elaborated", "signature", "behaviour", "equivalent"]

STAGES: dict[str, tuple[Stage, ...]] = {
    "definition": ("parsed", "elaborated", "signature", "behaviour"),
    "statement": ("parsed", "elaborated", "signature", "equivalent"),
}
"""The stages of each kind of problem, in order."""

_PLACES: dict[Stage, int] = {
    "parsed": 0,
    "elaborated": 1,
    "signature": 2,
    "behaviour": 3,
    "equivalent": 3,
}

FAILED_AT: dict[str, Stage] = {
    "too_large": "parsed",
    "bad_encoding": "parsed",
    "too_deep": "parsed",
    "parse_error": "parsed",
    "command_not_allowed": "parsed",
    "import_not_allowed": "parsed",
    "attribute_not_allowed": "parsed",
    "option_not_allowed": "parsed",
    "syntax_not_allowed": "parsed",
    "number_too_large": "parsed",
    "elaboration_error": "elaborated",
    "sorry": "elaborated",
    "axiom": "elaborated",
    "untrusted_axiom": "elaborated",
    "kernel_refused": "elaborated",
    "bad_target": "signature",
    "target_missing": "signature",
    "target_kind": "signature",
    "target_type": "signature",
    "target_helper": "signature",
    "vacuous": "signature",
    "test_failed": "behaviour",
    "noncomputable": "behaviour",
}
"""Where Lean's reason codes end an attempt."""

UNDECIDED_FROM: dict[str, Stage] = {
    "deadline": "parsed",
    "flood": "parsed",
    "worker_died": "parsed",
    "internal_error": "parsed",
    "test_undecided": "behaviour",
    "test_deadline": "behaviour",
}
"""From which stage on nothing is known: a program that runs past its deadline never said where."""


class StageResult(StrEnum):
    """How one attempt fared at one stage."""

    PASSED = "passed"
    FAILED = "failed"
    """Here or at an earlier stage."""
    UNDECIDED = "undecided"


COMPARED: dict[str, StageResult] = {
    "proven": StageResult.PASSED,
    "refuted": StageResult.FAILED,
    "invalid": StageResult.FAILED,
    "trivial": StageResult.UNDECIDED,
    "vacuous": StageResult.UNDECIDED,
    "unknown": StageResult.UNDECIDED,
}
"""What can be found about a statement and its reference (`equivalence.beq_core`), and what it
makes of the attempt: two statements that are both trivially true need not mean the same."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a checker found out about one text: a candidate, or a student's answer."""

    outcome: str
    """In a word: `accepted`, `refused`, `undecided`, …"""
    reason: str
    """One of the reasons of `evaluators.task.Task`; empty where nothing is wrong."""
    detail: str
    valid: bool
    """Whether the checker takes it by itself, whatever it should mean."""
    checker: str
    """Which checker spoke, with its version."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answer and what was found about it."""

    answer: str
    """What the student wrote, after cutting what follows the definition."""
    finding: Finding
    passed: bool
    compared: str = ""
    """One of `COMPARED` for a statement that elaborated; empty for everything else."""
    detail: str = ""
    """How the comparison was decided."""

    def at(self, stage: Stage) -> StageResult:
        """How the attempt fared at a stage of its kind."""
        if self.passed:
            return StageResult.PASSED
        if self.compared:
            return COMPARED[self.compared] if stage == "equivalent" else StageResult.PASSED
        place, reason = _PLACES[stage], self.finding.reason
        if reason in UNDECIDED_FROM:
            known = _PLACES[UNDECIDED_FROM[reason]] > place
            return StageResult.PASSED if known else StageResult.UNDECIDED
        known = _PLACES[FAILED_AT.get(reason, "parsed")] > place
        return StageResult.PASSED if known else StageResult.FAILED


@dataclass(frozen=True, slots=True)
class ProblemRecord:
    """One problem, its first attempt, and the further ones."""

    problem_id: str
    answer: str
    """The first attempt's; see `Attempt.answer`."""
    finding: Finding
    passed: bool
    """Whether the first attempt passed every stage: the pair for paired tests."""
    further: tuple[Attempt, ...] = ()
    """The attempts after the first."""
    kind: Kind = "definition"
    compared: str = ""
    """The first attempt's."""
    detail: str = ""
    """The first attempt's."""

    @classmethod
    def of(
        cls,
        problem_id: str,
        attempts: Sequence[Attempt],
        *,
        kind: Kind = "definition",
    ) -> ProblemRecord:
        """The record of one or more attempts at a problem."""
        first, *further = attempts
        return cls(
            problem_id=problem_id,
            answer=first.answer,
            finding=first.finding,
            passed=first.passed,
            further=tuple(further),
            kind=kind,
            compared=first.compared,
            detail=first.detail,
        )

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt, the first one too."""
        first = Attempt(self.answer, self.finding, self.passed, self.compared, self.detail)
        return (first, *self.further)

    @property
    def passes(self) -> int:
        """How many attempts passed."""
        return sum(attempt.passed for attempt in self.attempts)


@dataclass(frozen=True, slots=True)
class StageRate:
    """One stage over all problems that have it; the counts are of attempts."""

    stage: Stage
    passed: int
    failed: int
    """At this stage or an earlier one."""
    undecided: int
    reached: int
    """Attempts that passed the stage before."""
    score: Score
    """Share of attempts that passed, "not decided" among the others; n counts problems."""
    decided: Score | None
    """The same share among problems with a decided attempt; None where nothing was decided."""

    def __str__(self) -> str:
        """The stage as people read it."""
        return f"{self.stage} {self.score}, {self.undecided} not decided"


@dataclass(frozen=True, slots=True)
class ReferenceFit:
    """How well a student predicts references, token by token, the right ones before it."""

    cross_entropy: float
    """Mean over tokens of -ln p(token), the end token counted."""
    accuracy: float
    """Share of tokens that are the student's first choice (teacher-forced accuracy)."""
    tokens: int
    problems: int
    """Problems whose reference continues their signature and fits the student's context."""
    left_out: int
    """The other problems."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All records, in the order of the problems."""

    records: tuple[ProblemRecord, ...]
    fit: ReferenceFit | None = None
    """None where it was not measured."""

    @property
    def score(self) -> Score:
        """The pass rate: of the one attempt, or pass@1 over all attempts."""
        return score_from_shares([_share(record.attempts) for record in self.records])

    @property
    def attempts(self) -> int:
        """Attempts at each problem; 0 where there is no problem."""
        return min((len(record.attempts) for record in self.records), default=0)

    @property
    def stages(self) -> tuple[StageRate, ...]:
        """The rate of each stage, over the problems whose kind has it."""
        kinds = [kind for kind in STAGES if any(one.kind == kind for one in self.records)]
        stages = dict.fromkeys(stage for kind in kinds for stage in STAGES[kind])
        return tuple(self._rate(stage) for stage in stages)

    def pass_at(self, k: int) -> Score:
        """Unbiased pass@k (Chen et al. 2021).

        Raises:
            StatisticsError: fewer attempts were drawn, or there are no problems.
        """
        passes = [
            sum(attempt.passed for attempt in record.attempts[: self.attempts])
            for record in self.records
        ]
        return pass_at_k(passes, attempts=self.attempts, k=k)

    @property
    def compiled(self) -> float:
        """Share of answers that Lean takes as a definition of the asked signature."""
        return self._mean([record.finding.valid for record in self.records])

    @property
    def behaviour(self) -> float:
        """Share of answers proved right on every hidden input; the pass rate."""
        return self._mean([record.passed for record in self.records])

    @property
    def undecided(self) -> float:
        """Share of answers that this Lean can neither prove right nor wrong."""
        outcomes = [record.finding.outcome for record in self.records]
        return self._mean([outcome == "undecided" for outcome in outcomes])

    @property
    def reasons(self) -> dict[str, int]:
        """How many attempts failed for each of Lean's reason codes, the commonest first."""
        codes = Counter(
            _reason(attempt)
            for record in self.records
            for attempt in record.attempts
            if not attempt.passed
        )
        return dict(codes.most_common())

    def _rate(self, stage: Stage) -> StageRate:
        records = [record for record in self.records if stage in STAGES[record.kind]]
        before = STAGES["definition"][_PLACES[stage] - 1] if _PLACES[stage] else None
        results = [[attempt.at(stage) for attempt in record.attempts] for record in records]
        counts = Counter(result for row in results for result in row)
        decided = [
            [result for result in row if result is not StageResult.UNDECIDED] for row in results
        ]
        shares = [_passed_share(row) for row in decided if row]
        return StageRate(
            stage=stage,
            passed=counts[StageResult.PASSED],
            failed=counts[StageResult.FAILED],
            undecided=counts[StageResult.UNDECIDED],
            reached=sum(
                before is None or attempt.at(before) is StageResult.PASSED
                for record in records
                for attempt in record.attempts
            ),
            score=score_from_shares([_passed_share(row) for row in results]),
            decided=score_from_shares(shares) if shares else None,
        )

    @staticmethod
    def _mean(flags: list[bool]) -> float:
        return sum(flags) / len(flags) if flags else 0.0


def _reason(attempt: Attempt) -> str:
    return attempt.compared or attempt.finding.reason


def _share(attempts: Sequence[Attempt]) -> float:
    return sum(attempt.passed for attempt in attempts) / len(attempts)


def _passed_share(results: Sequence[StageResult]) -> float:
    return sum(result is StageResult.PASSED for result in results) / len(results)
