"""The final comparison: untuned, baseline recipe and best recipe on the sealed problems.

Both recipes are run anew, generation included, with seeds no trial has seen, so the winner is not
judged by the luck that made it win. One fresh seed each tells two fine-tunes apart; how much a
recipe's fine-tunes differ takes several (`search.final_seeds`). "Not shown" is a possible verdict,
and a common one when recipes differ little.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engines.ledger import LedgerEntry, StageCost
from evaluators.problem import Problem
from evaluators.statistics.deltaone import Conclusion, DeltaOne, delta_one
from evaluators.statistics.runs import Replicate
from evaluators.statistics.score import Score
from evaluators.statistics.seeds import seeded_score
from evaluators.words import counted
from search.comparisons.finalists import FinalistChoice, fresh_seeds
from search.materials.problems import problems_hash
from search.recipes.recipe import Recipe
from search.trial.plan import TrialPlan
from search.trial.stages import evaluate, shares_of
from search.trial.trial import run_trial
from search.trial.workshop import Workshop
from stores.stages import StageStore

ArmName = Literal["untuned", "baseline", "best", "finalist"]


@dataclass(frozen=True, slots=True)
class Contender:
    """What stands behind one arm before it is judged."""

    name: ArmName
    trial: int | None
    """The trial whose recipe it is, None for the untuned student."""
    recipe: Recipe | None
    seed: int
    """What this run of it draws from."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm, judged; over all its seeds where it has several."""

    name: ArmName
    trial: int | None
    score: Score | None
    """None when a stage could not be finished; `error` says why."""
    runs: tuple[Replicate, ...]
    """One for each seed, problem by problem, in the order of the sealed file."""
    stages: dict[str, str]
    """The key of each stage in the store; those of the first seed under the stage's name alone."""
    costs: tuple[StageCost, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class FinalComparison:
    """What the sealed problems say."""

    seeds: tuple[int, ...]
    arms: tuple[Arm, ...]
    judgement: DeltaOne | None
    """Best against baseline; None when there is nothing to compare, for `reason`."""
    reason: str
    times_opened: int
    """How often this study has opened the sealed problems: each time for another winner, or with
    other fine-tunes."""
    choice: FinalistChoice | None = None
    """How the winner was chosen among finalists; None where the highest score won."""

    @property
    def verdict(self) -> Conclusion:
        """What may be said of the best recipe; where nothing was compared, nothing is shown."""
        return self.judgement.conclusion if self.judgement else Conclusion.NOT_SHOWN

    def arm(self, name: ArmName) -> Arm:
        """The arm of that name."""
        return next(arm for arm in self.arms if arm.name == name)

    @property
    def ledger(self) -> list[LedgerEntry]:
        """What the arms paid for and read."""
        return [LedgerEntry(f"final: {arm.name}", line) for arm in self.arms for line in arm.costs]

    def remarks(self) -> list[str]:
        """What it means that the sealed problems were opened more than once; empty for once."""
        if self.times_opened < 2:
            return []
        return [
            f"this study has opened the sealed problems {counted(self.times_opened, 'time')}, for "
            "another winner or with other fine-tunes; the interval does not know that."
        ]


def sealed_plan(plan: TrialPlan, problems: Sequence[Problem]) -> TrialPlan:
    """The trials' plan with the sealed problems and the first fresh seed."""
    return dataclasses.replace(
        plan,
        problems=tuple(problems),
        problems_sha256=problems_hash(problems),
        seed=fresh_seeds(plan.seed, runs=1)[0],
    )


def contenders(
    baseline: Recipe, best: tuple[int, Recipe], *, seeds: Sequence[int]
) -> list[Contender]:
    """Every run of the comparison, arm by arm.

    The untuned student is asked once: it has no fine-tune to vary.

    Args:
        baseline: trial 0's recipe.
        best: the winning trial and its recipe.
        seeds: one for each run of a recipe.
    """
    trial, recipe = best
    return [
        Contender("untuned", None, None, seeds[0]),
        *(Contender("baseline", 0, baseline, seed) for seed in seeds),
        *(Contender("best", trial, recipe, seed) for seed in seeds),
    ]


def run_arm(
    contender: Contender, *, plan: TrialPlan, workshop: Workshop, stages: StageStore
) -> Arm:
    """Run one arm with one seed on the plan's problems.

    Raises:
        TrialError: a stage cannot be finished.
    """
    plan = dataclasses.replace(plan, seed=contender.seed)
    if contender.recipe is None:
        evaluated = evaluate(None, plan, workshop, stages)
        shares, keys = shares_of(evaluated.value), {"evaluate": evaluated.key}
    else:
        outcome = run_trial(contender.recipe, plan=plan, workshop=workshop, stages=stages)
        shares, keys = outcome.shares, outcome.stages
    runs = (Replicate.of(shares, seed=contender.seed),)
    costs = tuple(stages.ledger.lines)
    return Arm(contender.name, contender.trial, seeded_score(runs), runs, keys, costs)


def over_seeds(judged: Iterable[Arm]) -> Iterator[Arm]:
    """One arm for each name, from runs that come arm by arm.

    An arm of which one run could not be finished has no score: the runs that remain would be those
    that went well.
    """
    for _, group in itertools.groupby(judged, key=lambda arm: arm.name):
        parts = list(group)
        if len(parts) == 1:
            yield parts[0]
            continue
        errors = [part.error for part in parts if part.score is None]
        runs = () if errors else tuple(run for part in parts for run in part.runs)
        stages = dict(parts[0].stages)
        for number, part in enumerate(parts[1:], start=2):
            stages |= {f"{stage}, run {number}": key for stage, key in part.stages.items()}
        yield dataclasses.replace(
            parts[0],
            score=seeded_score(runs) if runs else None,
            runs=runs,
            stages=stages,
            costs=tuple(line for part in parts for line in part.costs),
            error=f"{len(errors)} of {counted(len(parts), 'run')}: {errors[0]}" if errors else "",
        )


def compare(
    arms: Sequence[Arm],
    *,
    seeds: Sequence[int],
    problems_sha256: str,
    times_opened: int,
    choice: FinalistChoice | None = None,
) -> FinalComparison:
    """Best against baseline, problem by problem."""
    by_name = {arm.name: arm for arm in arms}
    best, baseline = by_name["best"], by_name["baseline"]
    reason = ""
    if best.trial == baseline.trial:
        reason = "no trial scored higher than the baseline recipe"
        if choice is not None:
            reason = "the baseline recipe won among the finalists"
    elif best.score is None or baseline.score is None:
        reason = f"{(best if best.score is None else baseline).name} arm: " + (
            best.error or baseline.error
        )
    judgement = None
    if not reason:
        judgement = delta_one(best.runs, baseline.runs, problems_sha256=problems_sha256)
    return FinalComparison(
        seeds=tuple(seeds),
        arms=tuple(arms),
        judgement=judgement,
        reason=reason,
        times_opened=times_opened,
        choice=choice,
    )
