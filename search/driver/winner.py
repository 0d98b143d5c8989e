"""From finished trials to the final comparison: who won, and what the sealed problems say of it.

Finalists are run again on the search problems and paid for like trials; the sealed problems are
opened after that, for the one winner, and paid for from what is kept for them.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from engines.errors import BudgetSpent
from evaluators.statistics.runs import Replicate
from evaluators.words import counted
from search.comparisons.finalists import (
    Finalist,
    FinalistChoice,
    finalist_seeds,
    fresh_seeds,
    settle,
)
from search.comparisons.sealed import (
    Contender,
    FinalComparison,
    compare,
    contenders,
    over_seeds,
    sealed_plan,
)
from search.console import Console
from search.errors import NoTrialFinished, StudyStopped
from search.materials.gathering import Materials
from search.recipes.recipe import Recipe
from search.recipes.space import baseline_parameters, recipe_of
from search.report.terminal import arm_line, fresh_seed_words
from search.settings.study import SearchSettings
from search.study.records import State, TrialRecord, failure_counts
from search.study.study import SearchStudy
from search.trial.job import Job
from search.workers.arms import run_arms

_MEND = "mend that, raise search.max_failed_trials and run again with --resume"


def require_trials(records: Sequence[TrialRecord], search: SearchSettings) -> None:
    """End a search in which too many trials failed, before the sealed problems are opened.

    Raises:
        NoTrialFinished: there is no score at all.
        StudyStopped: there are fewer than were asked for.
    """
    states = Counter(one.state for one in records)
    failed, scored = states[State.FAILED], states[State.COMPLETE]
    ended = scored + states[State.PRUNED]
    if ended >= search.trials or failed <= search.max_failed_trials:
        return
    best_record(records)
    raise StudyStopped(
        f"stopped with {scored} of {counted(search.trials, 'trial')} scored: {failed} failed, "
        "more than "
        f"search.max_failed_trials ({search.max_failed_trials}); {_commonest(records)}; {_MEND}, "
        f"or settle for these with --resume --trials {ended}"
    )


def best_record(records: Sequence[TrialRecord]) -> TrialRecord:
    """The trial with the highest score; of equals, the first.

    Raises:
        NoTrialFinished: there is no score at all.
    """
    scored = by_score(records)
    if scored:
        return scored[0]
    raise NoTrialFinished(
        f"none of {counted(len(records), 'trial')} ended with a score; {_commonest(records)}; "
        f"{_MEND}"
    )


def _commonest(records: Sequence[TrialRecord]) -> str:
    """The commonest reason for failing, once."""
    counts = failure_counts(records)
    return f"{counted(counts[0][1], 'time')}: {counts[0][0]}" if counts else "no trial was run"


def by_score(records: Sequence[TrialRecord]) -> list[TrialRecord]:
    """The trials with a score, the highest first; of equals, the first."""
    scored = [(one.outcome.score.value, one) for one in records if one.outcome is not None]
    return [one for _, one in sorted(scored, key=lambda pair: (-pair[0], pair[1].number))]


def best_recipes(records: Sequence[TrialRecord], job: Job) -> dict[int, Recipe]:
    """The finalists' recipes by trial; a recipe tried twice stands for both its trials."""
    found: dict[Recipe, int] = {}
    for one in by_score(records):
        found.setdefault(_recipe(one, job), one.number)
    numbered = [(number, recipe) for recipe, number in found.items()]
    return dict(numbered[: job.settings.search.finalists])


@dataclass(frozen=True, slots=True)
class Winner:
    """The trial whose recipe wins."""

    record: TrialRecord
    choice: FinalistChoice | None = None
    """How it was chosen among finalists; None where the highest score won."""


def choose(job: Job, records: Sequence[TrialRecord], console: Console) -> Winner:
    """The trial with the highest score; where finalists are asked for, the one they settle on.

    Raises:
        NoTrialFinished: there is no score at all.
        StudyStopped: too many trials failed, or the disk is full.
        StudyError: a worker was lost.
    """
    search = job.settings.search
    require_trials(records, search)
    best, recipes = best_record(records), best_recipes(records, job)
    if len(recipes) < 2:
        return Winner(best)
    picked = [one for one in by_score(records) if one.number in recipes]
    console.print(f"\nFinalists   {', '.join(f'trial {one}' for one in recipes)}")

    # a judge has no say in the choice
    unjudged = dataclasses.replace(job, plan=dataclasses.replace(job.plan, judging=None))

    def run_them(wanted: Sequence[tuple[int, int]]) -> list[Replicate | str]:
        runs = [Contender("finalist", trial, recipes[trial], seed) for trial, seed in wanted]
        arms = run_arms(runs, unjudged, what="the finalists' fresh runs")
        try:
            return [arm.runs[0] if arm.runs else arm.error for arm in arms]
        except StudyStopped as stopped:
            if isinstance(stopped.__cause__, BudgetSpent):
                raise BudgetSpent(str(stopped)) from stopped
            raise

    finalists = [Finalist(one.number, one.outcome.score) for one in picked if one.outcome]
    seeds = finalist_seeds(job.settings.seed, runs=search.finalist_runs)
    choice = settle(finalists, seeds=seeds, run_them=run_them)
    for line in choice.lines():
        console.print(line)
    return Winner(next(one for one in picked if one.number == choice.trial), choice)


def compare_sealed(
    job: Job,
    study: SearchStudy,
    materials: Materials,
    winner: Winner,
    console: Console,
) -> FinalComparison:
    """Open the sealed problems for the winner.

    Args:
        job: what a worker needs, with the purse of the final comparison.
        study: it remembers the opening.
        materials: they hold the sealed problems.
        winner: whom they are opened for.
        console: told every arm.

    Raises:
        StudyStopped: the budget does not hold it.
        StudyError: a worker was lost.
    """
    settings, best = job.settings, winner.record
    first = baseline_parameters(settings.baseline, settings.recipe)
    plan = sealed_plan(job.plan, materials.sealed_problems)
    seeds = fresh_seeds(settings.seed, runs=settings.search.final_seeds)
    runs = contenders(
        recipe_of(first, settings.recipe, job.demos),
        (best.number, _recipe(best, job)),
        seeds=seeds,
    )
    console.print(f"\nSealed problems, opened after the last trial, {fresh_seed_words(seeds)}")
    opened = remember_opening(study, winner=best.number, runs=len(seeds))
    judged = run_arms(runs, dataclasses.replace(job, plan=plan))
    arms = []
    for arm in over_seeds(judged):
        arms.append(arm)
        console.print(arm_line(arm))
    return compare(
        arms,
        seeds=seeds,
        problems_sha256=plan.problems_sha256,
        times_opened=opened,
        choice=winner.choice,
    )


def _recipe(record: TrialRecord, job: Job) -> Recipe:
    return recipe_of(record.parameters, job.settings.recipe, job.demos, shown=record.shown)


def remember_opening(study: SearchStudy, *, winner: int, runs: int) -> int:
    """Note for ever after what the sealed problems were opened for; how many times so far.

    Opened again is: for another winner, or for the same with other fine-tunes, because either
    gives a second answer to choose from. A search that was killed meanwhile opens nothing again.

    Args:
        study: it remembers.
        winner: the trial.
        runs: of each recipe.
    """
    before = cast("list[int | list[int]]", study.noted("sealed_opened_for") or [])
    # earlier versions noted the winner alone
    known = winner in before or [winner, runs] in before
    now = [*before, *([] if known else [[winner, runs]])]
    study.note("sealed_opened_for", now)
    return len(now)
