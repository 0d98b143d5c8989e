"""What is left of a study: time, tokens, money, checks and disk, from rates.

An estimate is for the mean of the recipe space, not for the recipe TPE will like. Every rate says
whether it was measured; an estimate from assumed rates is an order of magnitude.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from engines.ledger import NANO, Cost
from engines.prices import Price
from engines.settings import BudgetSettings
from search.forecast.rates import Rate, Rates
from search.settings.study import StudySettings


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is to do."""

    contexts: int
    search_problems: int
    sealed_problems: int
    trials_left: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of the trials that are left and of the final comparison."""

    trial: Cost
    """One trial with the mean of the space's attempts."""
    final: Cost
    """The whole final comparison."""
    finalists: Cost
    """All fresh runs of the finalists, if it is not settled before."""
    trials_left: int
    at_once: int
    disk_bytes: float

    @property
    def total(self) -> Cost:
        """Everything that is left."""
        return _times(self.trial, self.trials_left) + self.finalists + self.final

    @property
    def hours(self) -> float:
        """Wall-clock hours, with as many trials at a time as the study runs."""
        return self.total.seconds / max(1, self.at_once) / 3600


def estimate(
    settings: StudySettings, rates: Rates, sizes: Sizes, *, price: Price | None
) -> Estimate:
    """What is left to do, at these rates."""
    attempts = (settings.recipe.attempts.low + settings.recipe.attempts.high) / 2
    candidates, steps = sizes.contexts * attempts, settings.training.max_steps
    gpus = settings.resources.trainer.gpus
    training = _priced(rates.generate, candidates, price)
    training += _used(rates.check, candidates) + _used(rates.train, steps, gpus=gpus)
    whole = training + _used(rates.evaluate, sizes.search_problems, gpus=gpus)
    again = settings.search.finalists * settings.search.finalist_runs
    trial = whole + _climbed(settings, rates, sizes)
    if settings.judge is not None and rates.judge is not None:
        rows = min(settings.judge.rows, sizes.contexts)
        trial += _priced(rates.judge, rows, settings.judge.price)
    sealed = _used(rates.evaluate, sizes.sealed_problems, gpus=gpus)
    runs = 2 * settings.search.final_seeds
    each = sum(rate.stage_bytes for rate in rates.by_stage().values())
    return Estimate(
        trial=trial,
        finalists=_times(whole, again),
        final=_times(training + sealed, runs) + sealed,  # the untuned student is asked once
        trials_left=sizes.trials_left,
        at_once=settings.search.concurrent_trials,
        disk_bytes=each * (sizes.trials_left + again + runs) + rates.evaluate.stage_bytes,
    )


def _climbed(settings: StudySettings, rates: Rates, sizes: Sizes) -> Cost:
    """What a trial's rungs add to it when none of them stops it; their rows are its own."""
    rungs, gpus = settings.search.rungs, settings.resources.trainer.gpus
    if rungs is None or not rungs.max_steps:
        return Cost()
    problems = min(rungs.problems or sizes.search_problems, sizes.search_problems)
    tuned = _used(rates.train, rungs.max_steps, gpus=gpus)
    return tuned + _used(rates.evaluate, problems, gpus=gpus)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a cap reaches."""

    setting: str
    trials: float
    """Trials that fit into their share."""
    final_fits: bool
    """Whether the whole cap holds what is left, the final comparison included."""


def reaches(budget: BudgetSettings, expected: Estimate, spent: Cost) -> list[Reach]:
    """Each cap against the estimate; `spent` is what earlier runs have used of it.

    Hours count with the trials that run side by side.
    """
    per_trial, final = expected.trial, expected.final
    at_once = max(1, expected.at_once)
    caps = {
        "money": (budget.money, per_trial.dollars, final.dollars, spent.dollars),
        "tokens": (budget.tokens, per_trial.tokens, final.tokens, spent.tokens),
        "checks": (
            budget.checks,
            per_trial.checks,
            final.checks,
            spent.checks,
        ),
        "hours": (
            budget.hours,
            per_trial.seconds / 3600 / at_once,
            final.seconds / 3600 / at_once,
            spent.seconds / 3600 / at_once,
        ),
    }
    found = []
    for name, (cap, each, last, used) in caps.items():
        if cap is None:
            continue
        for_trials = max(0.0, cap * (1 - budget.kept_for_final) - used)
        fit = for_trials / each if each else float("inf")
        done = min(fit, expected.trials_left) * each
        found.append(Reach(f"budget.{name}", fit, used + done + last <= cap))
    return found


def dollars(cost: Cost) -> str:
    """Money for a person; unknown is not nothing."""
    return "no price known" if cost.unpriced_tokens else f"${cost.nanodollars / NANO:.2f}"


def _used(rate: Rate, units: float, *, gpus: float = 0.0) -> Cost:
    return Cost(
        seconds=rate.seconds * units,
        gpu_seconds=rate.seconds * units * gpus,
        input_tokens=round(rate.input_tokens * units),
        cached_tokens=round(rate.cached_tokens * units),
        output_tokens=round(rate.output_tokens * units),
        checks=round(rate.checks * units),
    )


def _priced(rate: Rate, units: float, price: Price | None) -> Cost:
    used = _used(rate, units)
    if price is None:
        return used + Cost(unpriced_tokens=used.tokens)
    money = price.of(
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        cached_tokens=used.cached_tokens,
    )
    return used + Cost(nanodollars=money)


def _times(cost: Cost, times: int) -> Cost:
    return Cost(**{name: value * times for name, value in dataclasses.asdict(cost).items()})
