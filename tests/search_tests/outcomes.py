"""Outcomes of trials nobody ran."""

from __future__ import annotations

from engines.ledger import Cost, StageCost
from evaluators.statistics.intervals import score_from_passes
from search.trial.outcome import TrialOutcome

COSTS = (StageCost("generate", "k", False, Cost(seconds=2.0, input_tokens=10, output_tokens=5)),)


def outcome_of(passed: int, n: int = 10) -> TrialOutcome:
    """An outcome in which the first `passed` of `n` problems passed."""
    passes = tuple(index < passed for index in range(n))
    return TrialOutcome(
        score=score_from_passes(passes),
        passed=passes,
        candidates=4,
        examples=3,
        validity=0.75,
        faithfulness=None,
        refused={"test_failed": 1},
        compiled=0.9,
        undecided=0.0,
        final_loss=0.5,
        stages={"generate": "g", "check": "c", "train": "t", "evaluate": "e"},
    )
