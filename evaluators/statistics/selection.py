"""What the best of many trials is really worth: its score without the luck that made it best.

The highest of many noisy scores is too high on average (the winner's curse), and by more the more
trials there were and the closer they lie. Here the selection itself is done again: problems are
drawn with replacement, the best trial is picked on those drawn, and scored on those left out,
which had no say (Tsamardinos, Greasidou and Borboudakis 2018, "Bootstrapping the out-of-sample
predictions for efficient and accurate cross-validation"). Problems are shared by all trials, and
stay so.

What this cannot see is a trial's luck with its fine-tune as a whole; only fresh seeds take that
away. And it is an estimate, never a verdict: a verdict takes problems that no trial has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluators.errors import StatisticsError
from evaluators.statistics.intervals import score_from_shares, score_of_rate
from evaluators.statistics.runs import Array, Replicate, as_matrix
from evaluators.statistics.score import Score

RESAMPLES = 2000
"""Makes the estimate itself sure to about a tenth of a point at 300 problems."""
_AT_ONCE = 200
"""Resamples in memory together."""


@dataclass(frozen=True, slots=True)
class BestOfMany:
    """The winner's score as it was picked, and what is left of it."""

    trial: int
    """Place of the winner among the trials; of equals, the first."""
    trials: int
    picked: Score
    """The winner's score on the problems that made it the winner: too high."""
    corrected: Score
    """What a trial picked like this scores on problems that had no say, with the interval of a
    rate of that size over as many problems."""

    @property
    def luck(self) -> float:
        """How much of the picked score is due to having been picked."""
        return self.picked.value - self.corrected.value

    def __str__(self) -> str:
        """One line for a person, in percent."""
        return (
            f"{self.picked.value * 100:.1f} %, and {self.corrected.value * 100:.1f} % "
            f"[{self.corrected.low * 100:.1f}, {self.corrected.high * 100:.1f}] once corrected "
            f"for being the best of {self.trials} (n = {self.picked.n})"
        )


def best_of_many(
    trials: Sequence[Replicate], *, seed: int = 0, resamples: int = RESAMPLES
) -> BestOfMany:
    """The best of the trials' scores, corrected for having been picked.

    One trial has nothing to correct.

    Args:
        trials: each trial's answers to the same problems.
        seed: of the resampling.
        resamples: how often the selection is repeated.

    Raises:
        StatisticsError: no trials, no problems, problems that do not match, or a share that is
            none.
    """
    if not trials:
        raise StatisticsError("the best of no trials has no score; it takes at least one")
    shares = as_matrix([Replicate(trial.shares) for trial in trials])
    winner = int(shares.sum(axis=1).argmax())
    picked = score_from_shares(shares[winner].tolist())
    left = picked.value
    if len(shares) > 1 and shares.shape[1] > 1:
        left = min(left, _out_of_bag(shares, np.random.default_rng(seed), resamples))
    corrected = score_of_rate(left, n=picked.n)
    return BestOfMany(winner, len(shares), picked, corrected)


def _out_of_bag(shares: Array, rng: np.random.Generator, resamples: int) -> float:
    """Mean score of the trials picked in the resamples, on the problems these left out."""
    n = shares.shape[1]
    scores: list[Array] = []
    for start in range(0, resamples, _AT_ONCE):
        many = min(_AT_ONCE, resamples - start)
        drawn = rng.multinomial(n, np.full(n, 1 / n), size=many).astype(np.float64)
        inside = drawn @ shares.T
        out = (drawn == 0).astype(np.float64)
        left_out = out.sum(axis=1)
        best = inside >= inside.max(axis=1, keepdims=True) - 1e-9  # trials that tie share the win
        outside = out @ shares.T
        mean = (outside * best).sum(axis=1) / best.sum(axis=1)
        usable = left_out > 0
        scores.append(mean[usable] / left_out[usable])
    found = np.concatenate(scores)
    return float(found.mean()) if found.size else float(shares.mean(axis=1).max())
