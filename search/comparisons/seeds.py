"""Seeds that no trial has used, for fine-tunes that compare."""

from __future__ import annotations

FRESH = 1_000_003
"""Added to the study's seed once for each run of the final comparison: no trial draws from it."""


_FINALISTS = 500_000_003
"""Far above what the final comparison adds: no finalist's fresh run draws what that draws."""


def fresh_seeds(seed: int, *, runs: int) -> tuple[int, ...]:
    """Seeds for so many runs of each recipe; asking for more keeps the earlier ones."""
    return tuple(seed + FRESH * (run + 1) for run in range(runs))


def finalist_seeds(seed: int, *, runs: int) -> tuple[int, ...]:
    """Seeds for so many fresh runs of a finalist; asking for more keeps the earlier ones."""
    return tuple(seed + _FINALISTS + run for run in range(runs))
