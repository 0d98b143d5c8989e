"""Who proposes: Optuna's samplers, with pools that grow, and no recipe twice.

One of the files for Optuna; see `search.study.study`. In the storage a pool's parameter is a whole
number in a range that never changes, so TPE keeps every trial it has seen. Numbers have no order
that means anything, so at the moment of sampling the range is replaced by a categorical over the
arms there are: that is the only place where the pool's size shows.

TPE seldom draws a choice it has not seen among many it has. So an arm that was let in is tried
once, with the knobs that the sampler draws; whether it is tried again is the sampler's decision.

A recipe has one score in a study, so trying it again says nothing: it would only count as one more
trial. What people get wrong: no sampler of Optuna's knows that. A small space of choices is soon
full of repeats, and a Gaussian process that learns nothing new may propose one recipe for ever. So
a whole recipe is drawn before anything is written down, and drawn again where it was tried.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from search.recipes.pool import SIZE, ArmPool
from search.recipes.space import Distribution, OneOf, Pooled, Real

Sampler = Literal["tpe", "gp", "random"]

_DRAWS = 20
"""Recipes that a sampler may draw in vain before one is taken from those that are left."""
_LISTED = 100_000
"""Recipes of a space that are listed; one with more is not used up by any study."""


def optunas_own(name: Sampler, *, startup_trials: int, seed: int) -> BaseSampler:
    """Who proposes, without pools and with repeats.

    Args:
        name: as the study file says it.
        startup_trials: trials proposed by chance first.
        seed: of everything drawn.
    """
    if name == "gp":
        return GPSampler(
            n_startup_trials=startup_trials, seed=seed, warn_independent_sampling=False
        )
    if name == "random":
        return RandomSampler(seed=seed)
    return QuickTPESampler(startup_trials=startup_trials, seed=seed)


def for_optuna(distribution: Distribution) -> BaseDistribution:
    """A parameter as the storage keeps it; a pool is a range that never changes."""
    if isinstance(distribution, OneOf):
        return CategoricalDistribution(distribution.values)
    if isinstance(distribution, Real):
        return FloatDistribution(distribution.low, distribution.high)
    if isinstance(distribution, Pooled):
        return IntDistribution(0, SIZE - 1)
    return IntDistribution(distribution.low, distribution.high)


class QuickTPESampler(TPESampler):
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


class PooledSampler(BaseSampler):
    """Another sampler's draws, with the arms of pools in place of their numbers.

    Args:
        inner: who proposes.
        pools: the pools by parameter, if any; read anew at every proposal.
        seed: of what is drawn by chance.
    """

    def __init__(self, inner: BaseSampler, pools: Mapping[str, ArmPool], *, seed: int) -> None:
        self._inner = inner
        self._pools = pools
        self._any_arm = np.random.default_rng(seed)

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """See `optuna.samplers.BaseSampler.infer_relative_search_space`."""
        return self._inner.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """What was drawn together, with the arms that are tried in place of those drawn."""
        drawn = self._inner.sample_relative(study, trial, self._with_choices(search_space))
        for name in self._pools.keys() & drawn.keys():
            drawn[name] = self._tried_arm(name, int(drawn[name]))
        return drawn

    def sample_independent(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:  # noqa: ANN401 - Optuna's own
        """An arm by chance, or a new one where a sampler learns; another parameter as drawn."""
        if param_name not in self._pools:
            return self._inner.sample_independent(study, trial, param_name, param_distribution)
        number = self._by_chance(param_name)
        learns = not isinstance(self._inner, RandomSampler)
        return self._tried_arm(param_name, number) if learns else number

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """See `optuna.samplers.BaseSampler.before_trial`."""
        self._inner.before_trial(study, trial)

    def after_trial(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """See `optuna.samplers.BaseSampler.after_trial`."""
        self._inner.after_trial(study, trial, state, values)

    def reseed_rng(self) -> None:
        """See `optuna.samplers.BaseSampler.reseed_rng`."""
        self._inner.reseed_rng()

    def _with_choices(self, space: Mapping[str, BaseDistribution]) -> dict[str, BaseDistribution]:
        """A search space with a categorical for every pool of several arms."""
        # retired arms too: trials that tried them are part of what is known
        arms = {name: len(self._pools[name].arms) for name in space if name in self._pools}
        return {
            name: CategoricalDistribution(tuple(range(arms[name]))) if name in arms else one
            for name, one in space.items()
            if arms.get(name) != 1
        }

    def _by_chance(self, name: str) -> int:
        return int(self._any_arm.choice(self._pools[name].live))

    def _tried_arm(self, name: str, number: int) -> int:
        """A new arm before the drawn one, and a live one, by chance, in place of a retired one."""
        pool = self._pools[name]
        if pool.fresh is not None:
            return pool.fresh
        return self._by_chance(name) if number in pool.retired else number


class FreshSampler(PooledSampler):
    """Another sampler's recipes, each at most once, whatever became of its trial.

    Args:
        inner: who proposes.
        space: every parameter.
        pools: the pools by parameter; read anew at every proposal.
        repeats: how many repeats were drawn again so far.
        seed: of what is drawn by chance.
    """

    def __init__(
        self,
        inner: BaseSampler,
        *,
        space: Mapping[str, BaseDistribution],
        pools: Mapping[str, ArmPool],
        repeats: int = 0,
        seed: int,
    ) -> None:
        super().__init__(inner, pools, seed=seed)
        self.repeats = repeats
        self._space = dict(space)
        self._chance = np.random.default_rng(seed)
        self._tried: dict[int, tuple[Any, ...]] = {}

    def infer_relative_search_space(
        self, study: optuna.Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """All parameters: they are drawn together."""
        return {name: one for name, one in self._space.items() if not one.single()}

    def sample_relative(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        """A recipe that no trial has tried; where all were, one of them again."""
        tried = self._known(study)
        drawn = self._drawn(study, trial, super().infer_relative_search_space(study, trial))
        for _ in range(_DRAWS):
            if self._key(drawn) not in tried:
                return drawn
            self.repeats += 1
            drawn = self._drawn(study, trial, {})
        left = [one for one in self._all() if self._key(one) not in tried]
        if left:
            return left[int(self._chance.integers(len(left)))]
        return drawn

    def exhausted(self, study: optuna.Study) -> bool:
        """Whether every recipe that can be drawn now was tried."""
        recipes = math.prod(len(one) for one in self._choices().values())
        if recipes > _LISTED or len(tried := self._known(study)) < recipes:
            return False
        return all(self._key(one) in tried for one in self._all())

    def _drawn(
        self, study: optuna.Study, trial: FrozenTrial, together: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        drawn = super().sample_relative(study, trial, together) if together else {}
        for name, one in self._space.items():
            if name not in drawn and not one.single():
                drawn[name] = self.sample_independent(study, trial, name, one)
        return drawn

    def _key(self, params: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(params[name] for name, one in self._space.items() if not one.single())

    def _known(self, study: optuna.Study) -> frozenset[tuple[Any, ...]]:
        """What was tried or is being tried; a trial's recipe is written once and never changes."""
        for trial in study.get_trials(deepcopy=False):
            if trial.number not in self._tried and self._space.keys() <= trial.params.keys():
                self._tried[trial.number] = self._key(trial.params)
        return frozenset(self._tried.values())

    def _all(self) -> Iterator[dict[str, Any]]:
        """Every recipe of a space that can be listed; none of one that cannot."""
        choices = self._choices()
        if math.prod(len(one) for one in choices.values()) <= _LISTED:
            for values in itertools.product(*choices.values()):
                yield dict(zip(choices, values, strict=True))

    def _choices(self) -> dict[str, Sequence[Any]]:
        """The values of every parameter that varies; more than can be listed for a real number."""
        return {
            name: self._values(name, one) for name, one in self._space.items() if not one.single()
        }

    def _values(self, name: str, distribution: BaseDistribution) -> Sequence[Any]:
        if name in self._pools:
            return self._pools[name].live
        if isinstance(distribution, CategoricalDistribution):
            return distribution.choices
        if isinstance(distribution, IntDistribution):
            return range(distribution.low, distribution.high + 1, distribution.step)
        return range(_LISTED + 1)  # a real number
