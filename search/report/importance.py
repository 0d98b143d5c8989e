"""Which knobs the score depended on, by fANOVA, held against chance.

What people get wrong: a forest grown on a few noisy trials names a most important knob whatever
the data are, because importances sum to 1. So every importance comes with what the same forest
gives that knob when the scores are dealt out at random.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.importance import FanovaImportanceEvaluator, get_param_importances

from search.recipes.space import ParameterValue
from search.study.records import TrialRecord

REPORTED = 0
"""The seed of what a person is shown, the same everywhere."""
_TREES = 32
_DEALS = 10
"""Times the scores are dealt out at random."""
_MOST_TRIALS = 400
"""More trials than this are sampled: the forest's time grows, its answer does not change much."""


@dataclass(frozen=True, slots=True)
class KnobImportance:
    """One knob's share of the variance of the scores."""

    knob: str
    share: float
    """0 to 1; the knobs' shares sum to 1."""
    chance: float
    """The largest share it had when the scores were dealt out at random."""


@dataclass(frozen=True, slots=True)
class Importances:
    """Every knob's importance, the most important first, or why there is none."""

    knobs: tuple[KnobImportance, ...]
    trials: int
    """Scored trials it was computed from."""
    reason: str = ""
    """Why there are no importances; empty where there are."""


def importances(records: Sequence[TrialRecord], *, seed: int) -> Importances:
    """How much each knob that was varied explains of the trials' scores.

    Args:
        records: the trials; those without a score are left out.
        seed: of the forest, of the deals and of the sample of trials.
    """
    chance = random.Random(seed)
    scored = [one for one in records if one.outcome is not None]
    if len(scored) > _MOST_TRIALS:
        scored = chance.sample(scored, _MOST_TRIALS)
    scores = [one.outcome.score.value for one in scored if one.outcome]
    knobs = _varied([one.parameters for one in scored])
    reason = _too_little(scores, knobs)
    if reason:
        return Importances((), len(scored), reason)
    points = [
        {name: value for name, value in one.parameters.items() if name in knobs} for one in scored
    ]
    shares = _fanova(points, scores, knobs, seed=seed)
    dealt = []
    for deal in range(_DEALS):
        shuffled = chance.sample(scores, len(scores))
        dealt.append(_fanova(points, shuffled, knobs, seed=seed + deal))
    found = [
        KnobImportance(name, share, max(one[name] for one in dealt))
        for name, share in shares.items()
    ]
    return Importances(tuple(sorted(found, key=lambda one: -one.share)), len(scored))


def _too_little(scores: Sequence[float], knobs: Mapping[str, BaseDistribution]) -> str:
    least = max(10, len(knobs))
    if not knobs:
        return "no knob was varied in the scored trials"
    if len(scores) < least:
        return (
            f"too few trials: {len(scores)} scored, at least {least} are needed for "
            f"{len(knobs)} varied knobs"
        )
    if len(set(scores)) == 1:
        return "every trial has the same score"
    return ""


def _varied(
    parameters: Sequence[Mapping[str, ParameterValue]],
) -> dict[str, BaseDistribution]:
    """The knobs that every trial has and that took at least two values, as they were seen."""
    names = list(parameters[0]) if parameters else []
    found: dict[str, BaseDistribution] = {}
    for name in names:
        values = [one[name] for one in parameters if name in one]
        if len(values) == len(parameters) and len(set(values)) > 1:
            found[name] = _seen(values)
    return found


def _seen(values: Sequence[ParameterValue]) -> BaseDistribution:
    numbers = [one for one in values if isinstance(one, int | float)]
    if len(numbers) < len(values) or any(isinstance(one, bool) for one in values):
        return CategoricalDistribution(tuple(dict.fromkeys(values)))
    if all(isinstance(one, int) for one in numbers):
        return IntDistribution(int(min(numbers)), int(max(numbers)))
    return FloatDistribution(float(min(numbers)), float(max(numbers)))


def _fanova(
    points: Sequence[Mapping[str, ParameterValue]],
    scores: Sequence[float],
    knobs: Mapping[str, BaseDistribution],
    *,
    seed: int,
) -> dict[str, float]:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize")
    study.add_trials(
        [
            optuna.trial.create_trial(params=dict(point), distributions=dict(knobs), value=score)
            for point, score in zip(points, scores, strict=True)
        ]
    )
    evaluator = FanovaImportanceEvaluator(n_trees=_TREES, seed=seed)
    found = get_param_importances(study, evaluator=evaluator)
    return {name: float(found.get(name, 0.0)) for name in knobs}
