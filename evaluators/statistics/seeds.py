"""How two recipes differ when each was fine-tuned with several seeds.

A fine-tune's pass rate varies by its seed, and that variation does not shrink with the number of
problems: judged on one fine-tune each, a thousand problems only tell two fine-tunes apart, not two
recipes. Seeds are a random effect, nested in the recipe; problems are crossed with both. This is
the design of readers (here seeds) nested in tests (here recipes) over shared cases, and its
variance is taken apart as there: Obuchowski and Rockette 1995; Hillis 2014, "A marginal-mean ANOVA
approach for analyzing multireader multicase radiological imaging data".

    variance of the difference = problem / n + (residual / n + seed) / seeds

With one seed each, `seed` cannot be known: it is what the caller assumes, and where that is
nothing the interval holds for the two fine-tunes only. Two problems are added so that few problems
do not look like certainty: as in Bonett and Price's interval for paired proportions (2012), one
gained and one lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from evaluators.errors import StatisticsError
from evaluators.statistics.intervals import (
    score_from_shares,
    score_of_rate,
    smallest_detectable_difference,
)
from evaluators.statistics.runs import Array, Replicate, as_matrix
from evaluators.statistics.score import Score
from evaluators.words import counted

CONFIDENCE = 0.95
"""Of every interval here."""
_END = (1 + CONFIDENCE) / 2


@dataclass(frozen=True, slots=True)
class Components:
    """Where the variance of a difference comes from; each for the two recipes together."""

    problem: float
    """Over problems: how much the recipes' true difference varies from problem to problem."""
    residual: float
    """Over problems and seeds: what a fresh seed changes on single problems."""
    seed: float
    """Over seeds: how much a fine-tune's true rate varies."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """Differences, one or a stack of them: arrays of the shape of the stack."""

    difference: Array
    low: Array
    high: Array
    standard_error: Array
    degrees: Array
    """Of freedom, of the interval; infinite with one seed each."""
    p_value: Array
    problem: Array
    """With one seed each, `problem` and `residual` in one."""
    residual: Array
    seed: Array
    deviation: Array
    """Of one recipe's fine-tunes, the mean of both recipes; see `SeededDifference`."""


@dataclass(frozen=True, slots=True)
class SeededDifference:
    """How two recipes differ on the same problems, over fresh fine-tunes of both."""

    difference: float
    """Mean pass rate of the first minus that of the second."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    standard_error: float
    p_value: float
    """Two-sided. With one seed each McNemar's exact test of these two fine-tunes, which knows of
    no assumed deviation; with several, Student's t."""
    n: int
    """Problems."""
    seeds: tuple[int, int]
    """Fine-tunes of the first and of the second."""
    gained: int
    """Problems that the first passes more often."""
    lost: int
    """Problems that the second passes more often."""
    components: Components | None
    """None with one seed each: they cannot be told apart."""
    seed_deviation: float | None
    """Standard deviation of a fine-tune's true rate over seeds, as measured; None with one seed
    each."""
    smallest_detectable: float
    """True difference told from none with 80 % power by as many problems and seeds."""

    def __str__(self) -> str:
        """The difference as people write it, in percentage points."""
        first, second = self.seeds
        seeds = f"{first} + {second} fine-tunes, " if first + second > 2 else ""
        return (
            f"{self.difference * 100:+.1f} points [{self.low * 100:+.1f}, {self.high * 100:+.1f}]"
            f" (n = {self.n}, {seeds}{self.gained} gained, {self.lost} lost, "
            f"p = {self.p_value:.2g})"
        )


def seeded_difference(
    first: Sequence[Replicate], second: Sequence[Replicate], *, assumed_deviation: float = 0.0
) -> SeededDifference:
    """Compare the fine-tunes of two recipes on the same problems, in the same order.

    Args:
        first: fine-tunes of one recipe.
        second: fine-tunes of the other.
        assumed_deviation: standard deviation of a fine-tune's true rate over seeds; used with one
            fine-tune each, measured with several.

    Raises:
        StatisticsError: the problems do not match, there are none, or one of the two has a single
            run and the other several.
    """
    mine, theirs = as_matrix(first), as_matrix(second)
    if mine.shape[1] != theirs.shape[1]:
        raise StatisticsError(
            f"pairs do not match: {mine.shape[1]} and {counted(theirs.shape[1], 'problem')}; "
            "evaluate both "
            "on the same problems"
        )
    found = estimate(mine, theirs, assumed_deviation=assumed_deviation)
    single = mine.shape[0] == 1
    gaps = mine.mean(axis=0) - theirs.mean(axis=0)
    components = Components(float(found.problem), float(found.residual), float(found.seed))
    return SeededDifference(
        difference=float(found.difference),
        low=float(found.low),
        high=float(found.high),
        standard_error=float(found.standard_error),
        p_value=_exact(mine, theirs) if single else float(found.p_value),
        n=mine.shape[1],
        seeds=(mine.shape[0], theirs.shape[0]),
        gained=int((gaps > _TIE).sum()),
        lost=int((gaps < -_TIE).sum()),
        components=None if single else components,
        seed_deviation=None if single else float(found.deviation),
        smallest_detectable=min(
            1.0,
            _told_apart_at_once(gaps, assumed_deviation) if single else float(_told_apart(found)),
        ),
    )


def seeded_score(runs: Sequence[Replicate]) -> Score:
    """One recipe's pass rate over its fine-tunes, with a 95 % interval over problems and seeds.

    Wilson's interval at the number of pass-or-fail problems that would be as sure (see
    `score_from_shares`), and wider by Student's t where few seeds say how much they vary.

    Raises:
        StatisticsError: no runs, no problems, or runs over different problems.
    """
    shares = as_matrix(runs)
    means = shares.mean(axis=0)
    score = score_from_shares(means.tolist())
    parts = _between_seeds(shares)
    over_problems = float(means.var()) / score.n
    variance = over_problems + float(parts.true) / parts.seeds
    binary = score.value * (1 - score.value)
    if parts.seeds == 1 or not (variance > 0 < binary):
        return score
    noise = (float(parts.observed) / parts.seeds) ** 2 / (parts.seeds - 1)
    degrees = max(1.0, variance**2 / (noise + over_problems**2 / max(1, score.n - 1)))
    wider = float(stats.norm.ppf(_END) / stats.t.ppf(_END, degrees))
    return score_of_rate(score.value, size=binary / variance * wider**2, n=score.n)


def estimate(first: Array, second: Array, *, assumed_deviation: float = 0.0) -> Estimates:
    """Differences of a whole stack of comparisons at once; what the simulations run on.

    Args:
        first: shares of passed attempts, shape (…, seeds, problems).
        second: likewise; as many problems, any number of seeds.
        assumed_deviation: see `seeded_difference`.

    Raises:
        StatisticsError: one of the two has a single seed and the other several, or the assumed
            deviation is none.
    """
    if not 0 <= assumed_deviation < 1:  # NaN is not either
        raise StatisticsError(
            f"a deviation of pass rates lies between 0 and 1, not at {assumed_deviation}"
        )
    if (first.shape[-2] == 1) != (second.shape[-2] == 1):
        raise StatisticsError(
            f"{first.shape[-2]} and {counted(second.shape[-2], 'fine-tune')}: how much one "
            "recipe's vary is "
            "unknown; give both at least two, or both one"
        )
    n = first.shape[-1]
    gaps = first.mean(axis=-2) - second.mean(axis=-2)
    centre = gaps.sum(axis=-1) / (n + 2)
    spread = ((gaps**2).sum(axis=-1) + 2) / (n + 2) - centre**2  # one gained and one lost added
    over_problems = spread / (n + 2)
    mine = _between_seeds(first, assumed_deviation)
    theirs = _between_seeds(second, assumed_deviation)
    variance = over_problems + mine.true / mine.seeds + theirs.true / theirs.seeds
    noise = (mine.observed / mine.seeds) ** 2 / max(1, mine.seeds - 1)
    noise += (theirs.observed / theirs.seeds) ** 2 / max(1, theirs.seeds - 1)
    single = first.shape[-2] == 1
    # Satterthwaite's, each component with its own degrees of freedom
    degrees = variance**2 / (noise + over_problems**2 / max(1, n - 1))
    degrees = np.full_like(variance, np.inf) if single else np.maximum(degrees, 1.0)
    error = np.sqrt(variance)
    half = stats.t.ppf(_END, degrees) * error
    difference = gaps.mean(axis=-1)
    shared = mine.residual / mine.seeds + theirs.residual / theirs.seeds
    return Estimates(
        difference=difference,
        low=np.clip(np.minimum(centre - half, difference), -1, 1),
        high=np.clip(np.maximum(centre + half, difference), -1, 1),
        standard_error=error,
        degrees=degrees,
        p_value=2 * stats.t.sf(np.abs(centre) / error, degrees),
        problem=np.maximum(gaps.var(axis=-1) - shared, 0),
        residual=mine.residual + theirs.residual,
        seed=mine.true + theirs.true,
        deviation=np.sqrt((mine.true + theirs.true) / 2),
    )


_TIE = 1e-9
"""Rates closer than this are equal; means of shares are rounded."""


@dataclass(frozen=True, slots=True)
class _Seeds:
    """One recipe's runs taken apart."""

    seeds: int
    observed: Array
    """Variance of the runs' rates."""
    true: Array
    """That variance less what chance on single problems explains, or 0."""
    residual: Array
    """Variance of a run's pass on a problem, less the problem's and the run's own share."""


def _between_seeds(runs: Array, assumed_deviation: float = 0.0) -> _Seeds:
    """Two-way analysis of variance, problems by seeds, of one recipe."""
    seeds, n = runs.shape[-2:]
    nothing = np.zeros(runs.shape[:-2])
    if seeds == 1:
        return _Seeds(1, nothing, nothing + assumed_deviation**2, nothing)
    rates = runs.mean(axis=-1)
    observed = rates.var(axis=-1, ddof=1)
    left = runs - rates[..., None] - runs.mean(axis=-2, keepdims=True)
    left += rates.mean(axis=-1)[..., None, None]
    residual = (left**2).sum(axis=(-2, -1)) / ((seeds - 1) * max(1, n - 1))
    return _Seeds(seeds, observed, np.maximum(observed - residual / n, 0), residual)


def _told_apart(found: Estimates) -> Array:
    """The true difference whose interval misses 0 with 80 % power."""
    quantile = stats.t.ppf(_END, found.degrees) + stats.t.ppf(0.8, found.degrees)
    return np.asarray(quantile * found.standard_error, dtype=np.float64)


def _told_apart_at_once(gaps: Array, deviation: float) -> float:
    """Likewise with one seed each: by McNemar's test, and with the deviation assumed."""
    quantile = float(stats.norm.ppf(_END) + stats.norm.ppf(0.8))
    counted = smallest_detectable_difference(len(gaps), float((gaps**2).mean()))
    return math.hypot(counted, quantile * math.sqrt(2) * deviation)


def _exact(mine: Array, theirs: Array) -> float:
    """McNemar's exact test; of shares of several attempts, the sign test of the problems."""
    gained = int((mine[0] > theirs[0]).sum())
    lost = int((mine[0] < theirs[0]).sum())
    return float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
