"""How many problems and how many fine-tunes a gain takes to be shown.

All of it follows from the variance of a difference, `problem / n + (residual / n + seed) / seeds`
(see `statistics.seeds`), with components guessed or taken from an earlier comparison. More
problems do not help against `seed`: where it is large, only more fine-tunes do.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from evaluators.errors import StatisticsError
from evaluators.statistics.runs import Array
from evaluators.statistics.seeds import CONFIDENCE, Components

MOST_PROBLEMS = 10_000_000
"""Beyond this a plan is no plan."""
MOST_SEEDS = 100
"""Likewise."""


def smallest_gain(
    components: Components, *, n: int, seeds: int, above: float = 0.0, power: float = 0.8
) -> float:
    """The true gain whose whole 95 % interval lies above `above` with chance `power`.

    Args:
        components: where the variance comes from.
        n: problems.
        seeds: fine-tunes of each of the two recipes.
        above: the threshold.
        power: chance of showing the gain.

    Raises:
        StatisticsError: no problems, no seeds, or numbers that are none.
    """
    _require(components, (above,), power, n=n, seeds=seeds)
    return min(1.0, above + float(_margin(components, np.array([float(n)]), seeds, power)[0]))


def chance_shown(
    gain: float, components: Components, *, n: int, seeds: int, above: float = 0.0
) -> float:
    """The power: how often a true gain is shown to lie above `above`.

    Raises:
        StatisticsError: no problems, no seeds, or numbers that are none.
    """
    _require(components, (gain, above), 0.5, n=n, seeds=seeds)
    error, degrees = _error(components, np.array([float(n)]), seeds)
    quantile = stats.t.ppf((1 + CONFIDENCE) / 2, degrees)
    return float(np.asarray(stats.t.cdf((gain - above) / error - quantile, degrees))[0])


def problems_for(
    gain: float, components: Components, *, seeds: int, above: float = 0.0, power: float = 0.8
) -> int | None:
    """Problems at which a true gain is shown with chance `power`; None where none suffice.

    Raises:
        StatisticsError: no seeds, or numbers that are none.
    """
    _require(components, (gain, above), power, seeds=seeds)
    sizes = np.unique(np.geomspace(1, MOST_PROBLEMS, 2000).astype(np.int64))
    enough = _margin(components, sizes.astype(np.float64), seeds, power) <= gain - above
    if not enough.any():
        return None
    at = int(enough.argmax())
    between = np.arange(int(sizes[at - 1]) + 1 if at else 1, int(sizes[at]) + 1)
    enough = _margin(components, between.astype(np.float64), seeds, power) <= gain - above
    return int(between[int(enough.argmax())])


def seeds_for(
    gain: float, components: Components, *, n: int, above: float = 0.0, power: float = 0.8
) -> int | None:
    """Fine-tunes of each recipe, two or more, that show a true gain; None where none suffice.

    Raises:
        StatisticsError: no problems, or numbers that are none.
    """
    _require(components, (gain, above), power, n=n)
    for seeds in range(2, MOST_SEEDS + 1):
        if _margin(components, np.array([float(n)]), seeds, power)[0] <= gain - above:
            return seeds
    return None


def _margin(components: Components, n: Array, seeds: int, power: float) -> Array:
    """How far above the threshold a true gain must lie, for each number of problems."""
    error, degrees = _error(components, n, seeds)
    quantile = stats.t.ppf((1 + CONFIDENCE) / 2, degrees) + stats.t.ppf(power, degrees)
    return np.asarray(quantile * error, dtype=np.float64)


def _error(components: Components, n: Array, seeds: int) -> tuple[Array, Array]:
    """Standard error and degrees of freedom, as `seeds.estimate` will find them."""
    between = (components.residual / n + components.seed) / seeds
    over_problems = (components.problem + components.residual / seeds) / n
    variance = over_problems + components.seed / seeds
    if seeds == 1:
        return np.sqrt(variance), np.full_like(n, np.inf)
    noise = (between / 2) ** 2 * 2 / (seeds - 1) + over_problems**2 / np.maximum(1, n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        degrees = np.where(noise > 0, variance**2 / noise, np.inf)
    return np.sqrt(variance), np.maximum(degrees, 1.0)


def _require(
    components: Components,
    numbers: tuple[float, ...],
    power: float,
    *,
    n: int = 1,
    seeds: int = 1,
) -> None:
    parts = (components.problem, components.residual, components.seed)
    if not all(0 <= part < np.inf for part in parts) or not np.isfinite(numbers).all():
        raise StatisticsError(f"variances and gains are finite numbers, not {parts} and {numbers}")
    if n < 1 or seeds < 1:
        raise StatisticsError(f"a plan needs a problem and a fine-tune, got {n=} and {seeds=}")
    if not 0 < power < 1:
        raise StatisticsError(f"power is a chance between 0 and 1, not {power}")
