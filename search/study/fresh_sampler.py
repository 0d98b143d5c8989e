"""A sampler that proposes no recipe twice.

One of the files for Optuna; see `search.study.study`. A recipe has one score in a study, so trying
it again says nothing: it would only count as one more trial. What people get wrong: no sampler of
Optuna's knows that. A small space of choices is soon full of repeats, and a Gaussian process that
learns nothing new may propose one recipe for ever. So a whole recipe is drawn before anything is
written down, and drawn again where it was tried.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState

from search.recipes.pool import ArmPool

_DRAWS = 20
"""Recipes that a sampler may draw in vain before one is taken from those that are left."""
_LISTED = 100_000
"""Recipes of a space that are listed; one with more is not used up by any study."""


class FreshSampler(optuna.samplers.BaseSampler):
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
        inner: optuna.samplers.BaseSampler,
        *,
        space: Mapping[str, BaseDistribution],
        pools: Mapping[str, ArmPool],
        repeats: int = 0,
        seed: int,
    ) -> None:
        self.inner = inner
        self.repeats = repeats
        self._space = dict(space)
        self._pools = pools
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
        drawn = self._drawn(study, trial, self.inner.infer_relative_search_space(study, trial))
        for _ in range(_DRAWS):
            if self._key(drawn) not in tried:
                return drawn
            self.repeats += 1
            drawn = self._drawn(study, trial, {})
        left = [one for one in self._all() if self._key(one) not in tried]
        if left:
            return left[int(self._chance.integers(len(left)))]
        return drawn

    def sample_independent(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:  # noqa: ANN401 - Optuna's own
        """See `optuna.samplers.BaseSampler.sample_independent`."""
        return self.inner.sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """See `optuna.samplers.BaseSampler.before_trial`."""
        self.inner.before_trial(study, trial)

    def after_trial(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """See `optuna.samplers.BaseSampler.after_trial`."""
        self.inner.after_trial(study, trial, state, values)

    def reseed_rng(self) -> None:
        """See `optuna.samplers.BaseSampler.reseed_rng`."""
        self.inner.reseed_rng()

    def exhausted(self, study: optuna.Study) -> bool:
        """Whether every recipe that can be drawn now was tried."""
        recipes = math.prod(len(one) for one in self._choices().values())
        if recipes > _LISTED or len(tried := self._known(study)) < recipes:
            return False
        return all(self._key(one) in tried for one in self._all())

    def _drawn(
        self, study: optuna.Study, trial: FrozenTrial, together: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        drawn = self.inner.sample_relative(study, trial, together) if together else {}
        for name, one in self._space.items():
            if name not in drawn and not one.single():
                drawn[name] = self.inner.sample_independent(study, trial, name, one)
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
