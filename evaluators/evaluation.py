"""What an evaluation found: one record per problem, and the shares that follow from them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from evaluators.score import Score
from evaluators.statistics import score_from_passes
from lean_sandbox.verdict import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class ProblemRecord:
    """One problem's answer and what Lean said of it."""

    problem_id: str
    answer: str
    """The body the student wrote, after cutting what follows the definition."""
    verdict: Verdict
    passed: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All records, in the order of the problems."""

    records: tuple[ProblemRecord, ...]

    @property
    def score(self) -> Score:
        """The pass rate."""
        return score_from_passes([record.passed for record in self.records])

    @property
    def compiled(self) -> float:
        """Share of answers that Lean takes as a definition of the asked signature."""
        return self._share([record.verdict.compiles for record in self.records])

    @property
    def behaviour(self) -> float:
        """Share of answers proved right on every hidden input; the pass rate."""
        return self._share([record.passed for record in self.records])

    @property
    def undecided(self) -> float:
        """Share of answers that this Lean can neither prove right nor wrong."""
        outcomes = [record.verdict.outcome for record in self.records]
        return self._share([outcome is Outcome.UNDECIDED for outcome in outcomes])

    @property
    def reasons(self) -> dict[str, int]:
        """How many answers failed for each of Lean's reason codes, the commonest first."""
        codes = Counter(record.verdict.reason for record in self.records if not record.passed)
        return dict(codes.most_common())

    @staticmethod
    def _share(flags: list[bool]) -> float:
        return sum(flags) / len(flags) if flags else 0.0
