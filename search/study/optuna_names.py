"""What Optuna calls a study file's samplers and parameters.

One of the files for Optuna; see `search.study.study`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from search.recipes.pool import SIZE, ArmPool
from search.recipes.space import Choice, Distribution, Pooled, Real
from search.study.samplers import (
    PooledGPSampler,
    PooledRandomSampler,
    PooledTPESampler,
    QuickTPESampler,
)

Sampler = Literal["tpe", "gp", "random"]


def sampler_of(
    name: Sampler, pools: Mapping[str, ArmPool], *, startup_trials: int, seed: int
) -> optuna.samplers.BaseSampler:
    """Who proposes, without what `FreshSampler` adds."""
    if name == "gp":
        return PooledGPSampler(pools, startup_trials=startup_trials, seed=seed)
    if pools and name == "random":
        return PooledRandomSampler(pools, seed=seed)
    if pools:
        return PooledTPESampler(pools, startup_trials=startup_trials, seed=seed)
    if name == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    return QuickTPESampler(startup_trials=startup_trials, seed=seed)


def for_optuna(distribution: Distribution) -> BaseDistribution:
    """A parameter as the storage keeps it; a pool is a range that never changes."""
    if isinstance(distribution, Choice):
        return CategoricalDistribution(distribution.values)
    if isinstance(distribution, Real):
        return FloatDistribution(distribution.low, distribution.high)
    if isinstance(distribution, Pooled):
        return IntDistribution(0, SIZE - 1)
    return IntDistribution(distribution.low, distribution.high)
