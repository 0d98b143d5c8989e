"""Who searches the recorded world: the product's own study, sampler, rungs and pools.

Nothing of the search is written again here. A replayed trial is proposed, climbs the rungs and is
told exactly as `search.workers.tuner` does it, except that a stage is looked up and not run.
"""

from __future__ import annotations

import dataclasses
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.replay_growth import growing_settings, growing_space, in_clauses, pool_grower
from benchmarks.replay_world import Point, Replay, World
from benchmarks.trial_table import grid, recipe_key, whole
from evaluators.statistics.intervals import score_from_passes
from evaluators.statistics.runs import Replicate
from search.comparisons.finalists import Finalist, finalist_seeds, settle
from search.recipes.space import ADDITION, Parameters, ParameterValue, baseline_parameters
from search.settings.study import StudySettings
from search.study.records import Failure
from search.study.samplers import Sampler
from search.study.study import Proposal, SearchStudy
from search.trial.outcome import TrialOutcome
from search.trial.rung_rules import ROWS, SHORT, RungRules

MOST_TRIALS = 600
"""A search that only repeats what it has tried pays nothing more, and ends here."""


@dataclass(frozen=True, slots=True)
class Searcher:
    """One way to search."""

    name: str
    sampler: Sampler
    rungs: RungRules | None = None
    """None runs every trial to its end."""
    signal: str = "validity"
    """What the first rung looks at."""
    growing: bool = False
    """Whether the instruction is a pool that grows; else its clauses are a categorical each."""
    finalists: int = 0
    """How many of the best trials are run again before the winner is named; 0 takes the highest
    score."""


ALWAYS = RungRules(control=0.0, least_correlation=-2.0, least_trials=0)
"""Successive halving as it is known: the rungs are believed from the start."""


def searchers() -> tuple[Searcher, ...]:
    """Those that are compared."""
    return (
        Searcher("random", "random"),
        Searcher("plain TPE", "tpe"),
        Searcher("halving alone", "random", rungs=ALWAYS),
        Searcher("TPE and rungs", "tpe", rungs=RungRules()),
        Searcher("TPE and finalists", "tpe", finalists=4),
        Searcher("Gaussian process", "gp"),
        Searcher("growing TPE", "tpe", growing=True),
        Searcher("growing TPE and rungs", "tpe", rungs=RungRules(), growing=True),
        Searcher("growing Gaussian process", "gp", growing=True),
    )


def search(
    searcher: Searcher, world: World, settings: StudySettings, *, seed: int, budget: float
) -> list[Point]:
    """One replayed search, until `budget` whole trials are spent."""
    replay = Replay(world, seed=seed)
    choices = grid(settings, world.temperatures)
    space = growing_space(choices) if searcher.growing else dict(choices)
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        study = SearchStudy(
            Path(folder, "study.journal"),
            name="replay",
            space=space,
            sampler=searcher.sampler,
            startup_trials=settings.search.startup_trials,
            seed=seed,
        )
        file = growing_settings(settings, seed=seed) if searcher.growing else settings
        first = baseline_parameters(file.baseline, file.recipe)
        study.begin_with({name: first[name] for name in space})
        if searcher.rungs is not None:
            study.prune_with(dataclasses.replace(searcher.rungs, seed=seed))
        tried: list[Tried] = []
        let_in = pool_grower(study, settings, seed=seed) if searcher.growing else None
        while replay.spent < budget and len(tried) < MOST_TRIALS:
            if let_in is not None:
                let_in()
            proposal = study.propose()
            parameters = whole(settings, _recorded(proposal.parameters, settings))
            passed = _trial(searcher, study, replay, proposal, parameters)
            tried.append(Tried(parameters, passed, replay.spent))
    if searcher.finalists:
        return settled(tried, replay, settings, finalists=searcher.finalists)
    return highest(tried, replay)


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial that ended."""

    parameters: Parameters
    passed: tuple[bool, ...]
    """Which of the shown problems; empty for a trial without a score."""
    spent: float
    """When it ended, in whole trials."""


def highest(tried: Sequence[Tried], replay: Replay) -> list[Point]:
    """After each trial: the recipe with the highest score so far."""
    best, truth, curve = -1, None, []
    for one in tried:
        if one.passed and sum(one.passed) > best:
            best, truth = sum(one.passed), replay.truth(one.parameters)
        curve.append(Point(one.spent, truth))
    return curve


def settled(
    tried: Sequence[Tried], replay: Replay, settings: StudySettings, *, finalists: int
) -> list[Point]:
    """A study of so many trials each, whose finalists are run again and paid for.

    A study that costs more than one with more trials is left out: nobody would plan it.
    """
    seeds = finalist_seeds(settings.seed, runs=settings.search.finalist_runs)
    chosen: dict[tuple[int, ...], tuple[int, int]] = {}
    studies: list[Point] = []
    for many in range(1, len(tried) + 1):
        places = _best(tried[:many], finalists)
        if places and places not in chosen:
            chosen[places] = _choice(places, tried, replay, seeds)
        winner, runs = chosen.get(places, (-1, 0))
        truth = replay.truth(tried[winner].parameters) if places else None
        studies.append(Point(tried[many - 1].spent + runs, truth))
    cheapest, kept = math.inf, []
    for point in reversed(studies):
        if point.spent < cheapest:
            cheapest = point.spent
            kept.append(point)
    return kept[::-1]


def _best(tried: Sequence[Tried], finalists: int) -> tuple[int, ...]:
    """Places of the best trials, each recipe's first, the highest score first."""
    first: dict[str, int] = {}
    for place, one in enumerate(tried):
        if one.passed:
            first.setdefault(recipe_key(one.parameters), place)
    ranked = sorted(first.values(), key=lambda place: (-sum(tried[place].passed), place))
    return tuple(ranked[:finalists])


def _choice(
    places: Sequence[int], tried: Sequence[Tried], replay: Replay, seeds: Sequence[int]
) -> tuple[int, int]:
    """Who wins among the finalists, and how many runs that took: the product's own rule."""
    if len(places) < 2:
        return places[0], 0

    def run_them(wanted: Sequence[tuple[int, int]]) -> list[Replicate | str]:
        found = [(replay.fresh(tried[at].parameters, seed=seed), seed) for at, seed in wanted]
        return [Replicate.of(passed, seed=seed) if passed else "failed" for passed, seed in found]

    picked = [Finalist(place, score_from_passes(tried[place].passed)) for place in places]
    choice = settle(picked, seeds=seeds, run_them=run_them)
    return choice.trial, choice.runs


def _recorded(parameters: Parameters, settings: StudySettings) -> Parameters:
    if ADDITION not in parameters:
        return parameters
    found = in_clauses(parameters, settings.recipe)
    assert found is not None, f"the pool let in what was not recorded: {parameters[ADDITION]}"
    return found


def _memory() -> str | None:
    """A folder in memory, where there is one: a journal that is kept costs a sync a line."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _trial(
    searcher: Searcher,
    study: SearchStudy,
    replay: Replay,
    proposal: Proposal,
    parameters: Mapping[str, ParameterValue],
) -> tuple[bool, ...]:
    """Climb the rungs and tell the study; what was passed, nothing for a trial without a score."""
    number = proposal.number
    if searcher.rungs is not None:
        for step in (ROWS, SHORT):
            value = (
                replay.signal(parameters, searcher.signal)
                if step == ROWS
                else replay.short(parameters)
            )
            if value is None:
                continue  # a rung that cannot be measured stops nobody
            if not study.rung(number, step, value).goes_on:
                study.prune(number, ())
                return ()
    passed = replay.full(parameters)
    if not passed:
        study.fail(number, Failure("too few examples"), ())
        return ()
    study.complete(number, _outcome(passed), ())
    return passed


def _outcome(passed: tuple[bool, ...]) -> TrialOutcome:
    return TrialOutcome(
        score=score_from_passes(passed),
        passed=passed,
        candidates=0,
        examples=0,
        validity=None,
        faithfulness=None,
        refused={},
        compiled=0.0,
        undecided=0.0,
        final_loss=0.0,
        stages={},
    )
