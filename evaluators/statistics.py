"""Pass rates and their differences, with errors that can be trusted at small n."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from evaluators.errors import StatisticsError
from evaluators.score import Score

_Z = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


def score_from_passes(passes: Sequence[bool]) -> Score:
    """The pass rate with Wilson's 95 % interval (Wilson 1927).

    The standard error is that of the Wilson centre's binomial, so that it is never 0 at 0 % or
    100 %.

    Raises:
        StatisticsError: there is nothing to count.
    """
    n = len(passes)
    if n == 0:
        raise StatisticsError("a pass rate needs at least one problem, n is 0")
    rate = sum(passes) / n
    denominator = 1 + _Z**2 / n
    centre = (rate + _Z**2 / (2 * n)) / denominator
    half = _Z / denominator * math.sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n**2))
    return Score(
        value=rate,
        standard_error=half / _Z,
        n=n,
        low=max(0.0, min(rate, centre - half)),
        high=min(1.0, max(rate, centre + half)),
    )


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """How two students differ on the same problems."""

    difference: float
    """Pass rate of the first minus that of the second."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    p_value: float
    """Exact two-sided McNemar test."""
    n: int
    gained: int
    """Problems that only the first passes."""
    lost: int
    """Problems that only the second passes."""
    smallest_detectable: float
    """True difference found with 80 % power at this n and this share of discordant pairs."""

    def __str__(self) -> str:
        """The difference as people write it, in percentage points."""
        return (
            f"{self.difference * 100:+.1f} points [{self.low * 100:+.1f}, {self.high * 100:+.1f}]"
            f" (n = {self.n}, {self.gained} gained, {self.lost} lost, p = {self.p_value:.2g})"
        )


def paired_difference(first: Sequence[bool], second: Sequence[bool]) -> PairedDifference:
    """Compare two students on the same problems, in the same order.

    The interval is Bonett and Price's adjusted Wald interval for paired proportions (2012): one
    pair is added to each discordant count. The test is McNemar's, exact; at the edge of
    significance the two can disagree.

    Raises:
        StatisticsError: the lengths differ, or there is nothing to compare.
    """
    if len(first) != len(second):
        raise StatisticsError(
            f"pairs do not match: {len(first)} and {len(second)} problems; evaluate both on the "
            "same problems"
        )
    n = len(first)
    if n == 0:
        raise StatisticsError("a paired difference needs at least one problem, n is 0")
    gained = sum(a and not b for a, b in zip(first, second, strict=True))
    lost = sum(b and not a for a, b in zip(first, second, strict=True))
    p_gain, p_loss = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    centre = p_gain - p_loss
    half = _Z * math.sqrt((p_gain + p_loss - centre**2) / (n + 2))
    discordant = gained + lost
    p_value = float(stats.binomtest(gained, discordant).pvalue) if discordant else 1.0
    return PairedDifference(
        difference=(gained - lost) / n,
        low=max(-1.0, centre - half),
        high=min(1.0, centre + half),
        p_value=p_value,
        n=n,
        gained=gained,
        lost=lost,
        smallest_detectable=smallest_detectable_difference(n, discordant / n),
    )


def smallest_detectable_difference(n: int, discordance: float, *, power: float = 0.8) -> float:
    """The true paired difference that a 5 % McNemar test finds with `power`.

    Solves `problems_needed` for the difference. A difference larger than `discordance` brings as
    many discordant pairs itself. 1 where even that is too small for so few problems.

    Args:
        n: problems.
        discordance: share of problems that exactly one of the two passes.
        power: chance of finding the difference.
    """
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if problems_needed(middle, max(discordance, middle), power=power) <= n:
            high = middle
        else:
            low = middle
    return high


def problems_needed(difference: float, discordance: float, *, power: float = 0.8) -> int:
    """How many problems a 5 % McNemar test needs to find a paired difference (Connor 1987).

    Args:
        difference: the true difference of the pass rates.
        discordance: share of problems that exactly one of the two passes; at least `difference`.
        power: chance of finding the difference.

    Raises:
        StatisticsError: the difference is 0, or larger than the discordance, or no rate.
    """
    gap = abs(difference)
    if not (0 < gap <= discordance <= 1 and 0 < power < 1):
        raise StatisticsError(
            f"no number of problems finds a difference of {difference} at a discordance of "
            f"{discordance} with power {power}; it takes 0 < difference <= discordance <= 1"
        )
    z_power = float(stats.norm.ppf(power))
    root = _Z * math.sqrt(discordance) + z_power * math.sqrt(discordance - gap**2)
    return math.ceil((root / gap) ** 2)


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """Spearman's ρ of two rankings of the same things."""

    rho: float
    """NaN where one of the two does not vary."""
    n: int


def spearman(first: Sequence[float], second: Sequence[float]) -> RankCorrelation:
    """Spearman's rank correlation.

    Raises:
        StatisticsError: fewer than three pairs, lengths that differ, or a value that is NaN.
    """
    if len(first) != len(second) or len(first) < 3:
        raise StatisticsError(
            f"a rank correlation needs three pairs or more, got {len(first)} and {len(second)}"
        )
    if any(math.isnan(value) for value in (*first, *second)):
        raise StatisticsError("a rank correlation cannot rank NaN; leave out what has no value")
    if len(set(first)) == 1 or len(set(second)) == 1:
        return RankCorrelation(rho=math.nan, n=len(first))
    return RankCorrelation(rho=float(stats.spearmanr(first, second).statistic), n=len(first))
