"""A sampler for parameters whose values come from a pool that grows.

One of the files for Optuna; see `search.study.study`. In the storage such a parameter is a whole
number in a range that never changes, so TPE keeps every trial it has seen. Numbers have no order
that means anything, so at the moment of sampling the range is replaced by a categorical over the
arms there are: that is the only place where the pool's size shows.

TPE seldom draws a choice it has not seen among many it has. So an arm that was let in is tried
once, with the knobs that TPE draws; whether it is tried again is TPE's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import optuna  # noqa: TID251 - the sampler's half of search/study/study.py
from optuna.distributions import BaseDistribution, CategoricalDistribution  # noqa: TID251
from optuna.trial import FrozenTrial  # noqa: TID251

from search.study.pool import ArmPool
from search.study.quick_sampler import QuickTPESampler


class PooledTPESampler(QuickTPESampler):
    """Optuna's TPE, with pools.

    Args:
        pools: the pools by parameter; read anew at every proposal.
        startup_trials: trials proposed by chance first.
        seed: of everything drawn.
    """

    def __init__(self, pools: Mapping[str, ArmPool], *, startup_trials: int, seed: int) -> None:
        super().__init__(startup_trials=startup_trials, seed=seed)
        self._pools = pools
        self._chance = np.random.default_rng(seed)

    def sample_relative(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        """See `optuna.samplers.BaseSampler.sample_relative`."""
        space = {}
        for name, distribution in search_space.items():
            pool = self._pools.get(name)
            if pool is None:
                space[name] = distribution
            elif len(pool.arms) > 1:
                # retired arms too: trials that tried them are part of what TPE knows
                space[name] = CategoricalDistribution(tuple(range(len(pool.arms))))
        drawn = super().sample_relative(study, trial, space)
        for name in self._pools.keys() & drawn.keys():
            drawn[name] = self._chosen(name, int(drawn[name]))
        return drawn

    def sample_independent(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:  # noqa: ANN401 - Optuna's own
        """See `optuna.samplers.BaseSampler.sample_independent`."""
        if param_name in self._pools:
            return self._chosen(param_name, self._any(param_name))
        return super().sample_independent(study, trial, param_name, param_distribution)

    def _chosen(self, name: str, number: int) -> int:
        """A new arm before the drawn one, and a live one, by chance, in place of a retired one."""
        pool = self._pools[name]
        if pool.fresh is not None:
            return pool.fresh
        return self._any(name) if number in pool.retired else number

    def _any(self, name: str) -> int:
        return int(self._chance.choice(self._pools[name].live))


class PooledRandomSampler(optuna.samplers.RandomSampler):
    """Chance, with pools.

    Args:
        pools: the pools by parameter; read anew at every proposal.
        seed: of everything drawn.
    """

    def __init__(self, pools: Mapping[str, ArmPool], *, seed: int) -> None:
        super().__init__(seed=seed)
        self._pools = pools
        self._chance = np.random.default_rng(seed)

    def sample_independent(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:  # noqa: ANN401 - Optuna's own
        """See `optuna.samplers.BaseSampler.sample_independent`."""
        if param_name in self._pools:
            return int(self._chance.choice(self._pools[param_name].live))
        return super().sample_independent(study, trial, param_name, param_distribution)
