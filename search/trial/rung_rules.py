"""When a trial stops at a rung: asynchronous successive halving that a rung has to earn.

Of all trials that reached a rung, one in `reduction` goes on (ASHA: Li et al. 2020, "A system for
massively parallel hyperparameter tuning"). What people get wrong: that takes for granted that the
rung ranks recipes as the score does. Here a rung stops nobody until it did so within this very
study, and a share of the trials goes on whatever the rungs say, so that this stays measured: the
correlation of trials that were selected by a rung says nothing about the rung.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from evaluators.statistics.intervals import RankCorrelation, spearman

ROWS, SHORT, FULL = 1, 2, 3
"""A trial's steps: the rows of a few contexts; a short fine-tune on them; the whole trial."""

RUNGS = {
    ROWS: "rows of a few contexts",
    SHORT: "short fine-tune on them",
    FULL: "whole trial",
}
"""What each step is, for a person."""

_PAIRS = 3
"""Fewer have no rank correlation."""


@dataclass(frozen=True, slots=True)
class RungRules:
    """Who goes on from a rung; see `search.settings.study.RungSettings`."""

    reduction: int = 3
    control: float = 0.15
    least_correlation: float = 0.2
    least_trials: int = 8
    seed: int = 0
    """Decides which trials are controls."""
    made_from: str = ""
    """Names what the rungs are measured on; only trials measured alike are ranked together."""

    def is_control(self, number: int) -> bool:
        """Whether a trial goes on whatever its rungs say; drawn before any of them is known."""
        drawn = hashlib.sha256(f"control/{self.seed}/{number}".encode()).digest()[:8]
        return int.from_bytes(drawn, "big") < self.control * 2**64


@dataclass(frozen=True, slots=True)
class RungDecision:
    """What came of a trial's value at a rung."""

    step: int
    value: float
    goes_on: bool
    rank: int
    """Place among the trials that reached the rung so far, 1 for the best; equals share it."""
    reached: int
    """Trials that reached the rung so far, this one too."""
    below: bool
    """Whether others would have gone on in its place."""
    earned: bool
    """Whether the rung was allowed to stop trials at that time."""
    control: bool
    """Whether the trial goes on whatever its rungs say."""
    rho: float | None
    """Rank correlation of the rung's values with the score at that time; None if unknown."""
    low: float | None
    """Lower end of its 95 % interval."""
    n: int
    """Trials it was measured on."""
    made_from: str = ""

    @property
    def fair(self) -> bool:
        """Whether the rung had no say in what became of the trial, so that it may be judged."""
        return self.control or not self.earned

    def __str__(self) -> str:
        """For a person."""
        place = f"{self.value:.3f}, place {self.rank} of {self.reached}"
        if self.rho is None or self.low is None:
            known = f"correlation with the score unknown, n = {self.n}"
        else:
            known = f"ρ = {self.rho:+.2f}, at least {self.low:+.2f}, n = {self.n}"
        if not self.goes_on:
            return f"{place}: stops ({known})"
        if not self.below:
            return f"{place}: goes on"
        return f"{place}: goes on {'as a control' if self.earned else 'all the same'} ({known})"


@dataclass(frozen=True, slots=True)
class Climber:
    """An earlier trial at a rung."""

    decision: RungDecision
    score: float | None
    """Its score; None unless it reached its end."""


def decide(
    value: float, *, step: int, number: int, earlier: Sequence[Climber], rules: RungRules
) -> RungDecision:
    """What becomes of a trial.

    Args:
        value: what the trial reported at the rung; more is better.
        step: the rung.
        number: the trial's.
        earlier: all trials that came to this rung before it.
        rules: see `RungRules`.
    """
    alike = [one for one in earlier if one.decision.made_from == rules.made_from]
    rank = 1 + sum(one.decision.value > value for one in alike)
    reached = len(alike) + 1
    below = rank > math.ceil(reached / rules.reduction)
    known = correlation(alike)
    earned = has_earned(known, rules)
    control = rules.is_control(number)
    measured = not math.isnan(known.rho)
    return RungDecision(
        step=step,
        value=value,
        goes_on=control or not (below and earned),
        rank=rank,
        reached=reached,
        below=below,
        earned=earned,
        control=control,
        rho=known.rho if measured else None,
        low=known.low if measured else None,
        n=known.n,
        made_from=rules.made_from,
    )


def correlation(climbers: Sequence[Climber]) -> RankCorrelation:
    """How a rung ranked the trials in whose fate it had no say; ρ is NaN where that is unknown."""
    pairs = [
        (one.decision.value, one.score)
        for one in climbers
        if one.score is not None and one.decision.fair
    ]
    if len(pairs) < _PAIRS:
        return RankCorrelation(rho=math.nan, n=len(pairs))
    return spearman([value for value, _ in pairs], [score for _, score in pairs])


def has_earned(known: RankCorrelation, rules: RungRules) -> bool:
    """Whether a rung may stop trials: it ranked enough of them, and well for certain."""
    return (
        known.n >= rules.least_trials
        and not math.isnan(known.rho)
        and known.low > rules.least_correlation
    )
