"""Pass rates and their differences, with errors that can be trusted at small n."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from evaluators.errors import StatisticsError
from evaluators.statistics.score import Score
from evaluators.words import counted

_Z = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""
_ROUNDING = 1e-12
"""A variance below this is none."""


def score_from_passes(passes: Sequence[bool]) -> Score:
    """The pass rate with Wilson's 95 % interval (Wilson 1927).

    The standard error is that of the Wilson centre's binomial, so that it is never 0 at 0 % or
    100 %.

    Raises:
        StatisticsError: there is nothing to count, or a flag is NaN.
    """
    return score_from_shares(passes)


def score_from_shares(shares: Sequence[float]) -> Score:
    """The mean of shares between 0 and 1, one a problem, with a 95 % interval over problems.

    Wilson's interval at the effective number of problems: as many pass-or-fail problems as would
    make a mean this sure (Korn and Graubard 1998, for clustered surveys). Pass-or-fail shares give
    Wilson's own interval; shares that do not differ at all are not believed to be exact, and count
    as pass-or-fail.

    Raises:
        StatisticsError: there is nothing to average, or a share is NaN or no share.
    """
    n = len(shares)
    if n == 0:
        raise StatisticsError("a pass rate needs at least one problem, n is 0")
    wrong = [share for share in shares if not 0 <= share <= 1]  # NaN is not either
    if wrong:
        raise StatisticsError(f"{wrong[0]} is no share of passed attempts; it takes 0 to 1")
    rate = math.fsum(shares) / n
    variance = math.fsum((share - rate) ** 2 for share in shares) / n
    binary = rate * (1 - rate)
    size = n * max(1.0, binary / variance) if variance > _ROUNDING else float(n)
    return score_of_rate(rate, n=n, size=size)


def score_of_rate(rate: float, *, n: int, size: float | None = None) -> Score:
    """A rate over `n` problems that was estimated, not counted.

    Args:
        rate: the estimate.
        n: problems.
        size: pass-or-fail problems that would be as sure; `n` where nobody knows better.

    Raises:
        StatisticsError: there is no problem, or the rate is none.
    """
    size = float(n) if size is None else size
    if n < 1 or not size > 0 or not 0 <= rate <= 1:
        raise StatisticsError(f"no interval for a rate of {rate} over {n=} problems ({size=})")
    low, high, half = _wilson(rate, size)
    return Score(value=rate, standard_error=half / _Z, n=n, low=low, high=high)


def _wilson(rate: float, size: float) -> tuple[float, float, float]:
    """Both ends of Wilson's interval and half its width before it is cut to 0 and 1."""
    denominator = 1 + _Z**2 / size
    centre = (rate + _Z**2 / (2 * size)) / denominator
    half = _Z / denominator * math.sqrt(rate * (1 - rate) / size + _Z**2 / (4 * size**2))
    return max(0.0, min(rate, centre - half)), min(1.0, max(rate, centre + half)), half


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
            f"pairs do not match: {len(first)} and {counted(len(second), 'problem')}; evaluate "
            "both on the "
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
    low: float = -1.0
    """Lower end of the 95 % interval."""
    high: float = 1.0
    """Upper end of the 95 % interval."""


def spearman(first: Sequence[float], second: Sequence[float]) -> RankCorrelation:
    """Spearman's rank correlation, with the 95 % interval of Bonett and Wright (2000).

    Rankings that agree wholly are taken for half a swap of two neighbours short of it, so that no
    interval has length 0; three pairs allow every correlation.

    Raises:
        StatisticsError: fewer than three pairs, lengths that differ, or a value that is NaN.
    """
    n = len(first)
    if n != len(second) or n < 3:
        raise StatisticsError(
            f"a rank correlation needs three pairs or more, got {n} and {len(second)}"
        )
    if any(math.isnan(value) for value in (*first, *second)):
        raise StatisticsError("a rank correlation cannot rank NaN; leave out what has no value")
    if len(set(first)) == 1 or len(set(second)) == 1:
        return RankCorrelation(rho=math.nan, n=n)
    rho = float(stats.spearmanr(first, second).statistic)
    if n == 3:
        return RankCorrelation(rho=rho, n=n)
    most = 1 - 6 / (n * (n**2 - 1))
    inner = max(-most, min(most, rho))
    half = _Z * math.sqrt((1 + inner**2 / 2) / (n - 3))
    low, high = math.tanh(math.atanh(inner) - half), math.tanh(math.atanh(inner) + half)
    return RankCorrelation(rho=rho, n=n, low=min(rho, low), high=max(rho, high))
