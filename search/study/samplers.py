"""A sampler for parameters whose values come from a pool that grows.

One of the files for Optuna; see `search.study.study`. In the storage such a parameter is a whole
number in a range that never changes, so TPE keeps every trial it has seen. Numbers have no order
that means anything, so at the moment of sampling the range is replaced by a categorical over the
arms there are: that is the only place where the pool's size shows.

TPE seldom draws a choice it has not seen among many it has. So an arm that was let in is tried
once, with the knobs that the sampler draws; whether it is tried again is the sampler's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import FrozenTrial

from search.recipes.pool import ArmPool


class QuickTPESampler(optuna.samplers.TPESampler):
    """Optuna's TPE for spaces whose choices keep their places: they may grow at the end only.

    Args:
        startup_trials: trials proposed by chance first.
        seed: of everything drawn.
    """

    def __init__(self, *, startup_trials: int, seed: int) -> None:
        super().__init__(n_startup_trials=startup_trials, seed=seed)
        self._known: dict[tuple[str, ...], dict[int, tuple[float, ...]]] = {}

    def _get_internal_repr(
        self,
        trials: list[FrozenTrial],
        search_space: dict[str, BaseDistribution],
        study: optuna.Study,
    ) -> dict[str, NDArray[np.float64 | np.int64]]:
        """Each parameter's values as numbers, trial by trial; in place of Optuna's own."""
        known = self._known.setdefault(tuple(search_space), {})
        rows = []
        for trial in trials:
            row = known.get(trial.number)
            if row is None:
                tried = self._get_params(trial, study)
                whole = search_space.keys() <= tried.keys()
                row = tuple(
                    float(one.to_internal_repr(tried[name]))
                    for name, one in (search_space.items() if whole else ())
                )
                if trial.state.is_finished():
                    known[trial.number] = row
            if row:
                rows.append(row)
        table = np.asarray(rows, dtype=float).reshape(-1, len(search_space))
        return {
            name: table[:, at].astype(int)
            if isinstance(one, CategoricalDistribution)
            else table[:, at]
            for at, (name, one) in enumerate(search_space.items())
        }


class _Arms:
    """The arms of all pools, as a sampler meets them.

    Args:
        pools: the pools by parameter; read anew at every proposal.
        seed: of what is drawn by chance.
    """

    def __init__(self, pools: Mapping[str, ArmPool], *, seed: int) -> None:
        self._pools = pools
        self._chance = np.random.default_rng(seed)

    def __contains__(self, name: str) -> bool:
        return name in self._pools

    def as_choices(self, space: Mapping[str, BaseDistribution]) -> dict[str, BaseDistribution]:
        """A search space with a categorical for every pool of several arms."""
        found: dict[str, BaseDistribution] = {}
        for name, distribution in space.items():
            pool = self._pools.get(name)
            if pool is None:
                found[name] = distribution
            elif len(pool.arms) > 1:
                # retired arms too: trials that tried them are part of what is known
                found[name] = CategoricalDistribution(tuple(range(len(pool.arms))))
        return found

    def chosen(self, drawn: dict[str, Any]) -> dict[str, Any]:
        """What was drawn, with the arms that are tried in place of those that were drawn."""
        for name in self._pools.keys() & drawn.keys():
            drawn[name] = self._chosen(name, int(drawn[name]))
        return drawn

    def any(self, name: str) -> int:
        """A live arm by chance."""
        return int(self._chance.choice(self._pools[name].live))

    def first(self, name: str) -> int:
        """A new arm, or one by chance."""
        return self._chosen(name, self.any(name))

    def _chosen(self, name: str, number: int) -> int:
        """A new arm before the drawn one, and a live one, by chance, in place of a retired one."""
        pool = self._pools[name]
        if pool.fresh is not None:
            return pool.fresh
        return self.any(name) if number in pool.retired else number


class _NewArmsFirst(optuna.samplers.BaseSampler):
    """What samplers that learn do for a pool on which they have nothing to go by yet."""

    _arms: _Arms

    def sample_independent(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:  # noqa: ANN401 - Optuna's own
        """See `optuna.samplers.BaseSampler.sample_independent`."""
        if param_name in self._arms:
            return self._arms.first(param_name)
        rest = super().sample_independent  # type: ignore[safe-super]  # the next sampler's
        return rest(study, trial, param_name, param_distribution)


class PooledTPESampler(_NewArmsFirst, QuickTPESampler):
    """Optuna's TPE, with pools.

    Args:
        pools: the pools by parameter; read anew at every proposal.
        startup_trials: trials proposed by chance first.
        seed: of everything drawn.
    """

    def __init__(self, pools: Mapping[str, ArmPool], *, startup_trials: int, seed: int) -> None:
        super().__init__(startup_trials=startup_trials, seed=seed)
        self._arms = _Arms(pools, seed=seed)

    def sample_relative(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        """See `optuna.samplers.BaseSampler.sample_relative`."""
        space = self._arms.as_choices(search_space)
        return self._arms.chosen(super().sample_relative(study, trial, space))


class PooledGPSampler(_NewArmsFirst, optuna.samplers.GPSampler):
    """Optuna's Gaussian process, with pools.

    Args:
        pools: the pools by parameter, if any; read anew at every proposal.
        startup_trials: trials proposed by chance first.
        seed: of everything drawn.
    """

    def __init__(self, pools: Mapping[str, ArmPool], *, startup_trials: int, seed: int) -> None:
        super().__init__(
            n_startup_trials=startup_trials, seed=seed, warn_independent_sampling=False
        )
        self._arms = _Arms(pools, seed=seed)

    def sample_relative(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        """See `optuna.samplers.BaseSampler.sample_relative`."""
        space = self._arms.as_choices(search_space)
        return self._arms.chosen(super().sample_relative(study, trial, space))


class PooledRandomSampler(optuna.samplers.RandomSampler):
    """Chance, with pools.

    Args:
        pools: the pools by parameter; read anew at every proposal.
        seed: of everything drawn.
    """

    def __init__(self, pools: Mapping[str, ArmPool], *, seed: int) -> None:
        super().__init__(seed=seed)
        self._arms = _Arms(pools, seed=seed)

    def sample_independent(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:  # noqa: ANN401 - Optuna's own
        """See `optuna.samplers.BaseSampler.sample_independent`."""
        if param_name in self._arms:
            return self._arms.any(param_name)
        return super().sample_independent(study, trial, param_name, param_distribution)
