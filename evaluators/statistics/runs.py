"""What one fine-tune does on the problems: the raw numbers that every comparison is made from.

A run is one fine-tune. Several runs of one recipe differ in their seed only, and the difference
between two recipes is judged against how much such runs differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluators.errors import StatisticsError
from evaluators.words import counted

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Replicate:
    """One fine-tuned student's answers, problem by problem."""

    shares: tuple[float, ...]
    """For each problem the share of its attempts that passed: 1 or 0 where there was one."""
    seed: int | None = None
    """What the fine-tune drew its chances from; None where nobody knows."""

    @classmethod
    def of(cls, passed: Sequence[float], *, seed: int | None = None) -> Replicate:
        """A run from flags or shares.

        Raises:
            StatisticsError: a share is NaN or lies outside 0 to 1.
        """
        shares = tuple(float(share) for share in passed)
        for number, share in enumerate(shares):
            if math.isnan(share) or not 0 <= share <= 1:
                raise StatisticsError(
                    f"problem {number}: {share} is no share of passed attempts; it takes 0 to 1"
                )
        return cls(shares, seed)


def as_matrix(runs: Sequence[Replicate]) -> Array:
    """Runs as rows, problems as columns.

    Raises:
        StatisticsError: no runs, no problems, runs over different numbers of problems, one seed
            twice, or a share that is none.
    """
    if not runs:
        raise StatisticsError("a student's runs are missing; it takes at least one fine-tune")
    lengths = sorted({len(run.shares) for run in runs})
    if len(lengths) > 1:
        raise StatisticsError(
            f"runs over {lengths[0]} and {counted(lengths[-1], 'problem')}; evaluate all on the "
            "same problems"
        )
    if lengths[0] == 0:
        raise StatisticsError("a comparison needs at least one problem, n is 0")
    seeds = [run.seed for run in runs if run.seed is not None]
    if len(set(seeds)) < len(seeds):
        raise StatisticsError(
            f"seeds {seeds}: one fine-tune counted twice says nothing about seeds; give each run "
            "a seed of its own"
        )
    return np.array([Replicate.of(run.shares).shares for run in runs], dtype=np.float64)
