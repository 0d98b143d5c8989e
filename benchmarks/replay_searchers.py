"""Who searches the recorded world: the product's own study, sampler, rungs and pools.

Nothing of the search is written again here. A replayed trial is proposed, climbs the rungs and is
told exactly as `search.trials.tuner` does it, except that a stage is looked up and not run.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.replay_growth import growing_settings, growing_space, in_clauses, open_desk
from benchmarks.replay_world import Point, Replay, World
from benchmarks.trial_table import grid, recipe_key, whole
from evaluators.statistics import score_from_passes
from search.study.rung_rules import ROWS, SHORT, RungRules
from search.study.settings import StudySettings
from search.study.space import ADDITION, Parameters, ParameterValue, baseline_parameters
from search.study.study import Failure, Proposal, Sampler, SearchStudy
from search.trials.trial import TrialOutcome

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


ALWAYS = RungRules(control=0.0, least_correlation=-2.0, least_trials=0)
"""Successive halving as it is known: the rungs are believed from the start."""


def searchers() -> tuple[Searcher, ...]:
    """Those that are compared."""
    return (
        Searcher("random", "random"),
        Searcher("plain TPE", "tpe"),
        Searcher("halving alone", "random", rungs=ALWAYS),
        Searcher("TPE and rungs", "tpe", rungs=RungRules()),
        Searcher("growing TPE", "tpe", growing=True),
        Searcher("growing TPE and rungs", "tpe", rungs=RungRules(), growing=True),
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
        file = growing_settings(settings) if searcher.growing else settings
        first = baseline_parameters(file.baseline, file.recipe)
        study.begin_with({name: first[name] for name in space})
        if searcher.rungs is not None:
            study.prune_with(dataclasses.replace(searcher.rungs, seed=seed))
        best, curve = (-1.0, ""), []
        truth: float | None = None
        let_in = open_desk(study, settings, seed=seed) if searcher.growing else None
        while replay.spent < budget and len(curve) < MOST_TRIALS:
            if let_in is not None:
                let_in()
            proposal = study.propose()
            parameters = whole(settings, _recorded(proposal.parameters, settings))
            score = _trial(searcher, study, replay, proposal, parameters)
            if score is not None and score > best[0]:
                best = (score, recipe_key(parameters))
                truth = replay.truth(parameters)
            curve.append(Point(replay.spent, truth))
    return curve


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
) -> float | None:
    """Climb the rungs and tell the study; the score, or None for a trial without one."""
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
                return None
    passed = replay.full(parameters)
    if not passed:
        study.fail(number, Failure("too few examples"), ())
        return None
    outcome = _outcome(passed)
    study.complete(number, outcome, ())
    return outcome.score.value


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
