"""The final comparison: untuned, baseline recipe and best recipe on the sealed problems.

Both recipes are run anew, with a seed no trial has seen, so the winner is not judged by the luck
that made it win. "Not shown" is a possible verdict, and a common one when recipes differ little.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evaluators.deltaone import Conclusion, DeltaOne, delta_one
from evaluators.problem import Problem
from evaluators.score import Score
from search.ledger import StageCost
from search.problems import problems_hash
from search.recipe import Recipe
from search.stages import StageStore
from search.trial import TrialPlan, Workshop, evaluate, run_trial

ArmName = Literal["untuned", "baseline", "best"]

FRESH = 1_000_003
"""Added to the study's seed for the final comparison: no trial draws from it."""


@dataclass(frozen=True, slots=True)
class Contender:
    """What stands behind one arm before it is judged."""

    name: ArmName
    trial: int | None
    """The trial whose recipe it is, None for the untuned student."""
    recipe: Recipe | None


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm, judged."""

    name: ArmName
    trial: int | None
    score: Score | None
    """None when a stage could not be finished; `error` says why."""
    passed: tuple[bool, ...]
    """Problem by problem, in the order of the sealed file."""
    stages: dict[str, str]
    costs: tuple[StageCost, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class FinalComparison:
    """What the sealed problems say."""

    seed: int
    arms: tuple[Arm, ...]
    judgement: DeltaOne | None
    """Best against baseline; None when there is nothing to compare, for `reason`."""
    reason: str
    times_opened: int
    """For how many different winners this study has opened the sealed problems."""

    @property
    def verdict(self) -> Conclusion:
        """What may be said of the best recipe; where nothing was compared, nothing is shown."""
        return self.judgement.conclusion if self.judgement else Conclusion.NOT_SHOWN

    def arm(self, name: ArmName) -> Arm:
        """The arm of that name."""
        return next(arm for arm in self.arms if arm.name == name)


def sealed_plan(plan: TrialPlan, problems: Sequence[Problem]) -> TrialPlan:
    """The trials' plan with the sealed problems and a fresh seed."""
    return dataclasses.replace(
        plan,
        problems=tuple(problems),
        problems_sha256=problems_hash(problems),
        seed=plan.seed + FRESH,
    )


def judge(contender: Contender, *, plan: TrialPlan, workshop: Workshop, stages: StageStore) -> Arm:
    """Run one arm on the plan's problems.

    Raises:
        TrialError: a stage cannot be finished.
    """
    if contender.recipe is None:
        evaluated = evaluate(None, plan, workshop, stages)
        score, keys = evaluated.value.score, {"evaluate": evaluated.key}
        passed = tuple(record.passed for record in evaluated.value.records)
    else:
        outcome = run_trial(contender.recipe, plan=plan, workshop=workshop, stages=stages)
        score, keys, passed = outcome.score, outcome.stages, outcome.passed
    costs = tuple(stages.ledger.lines)
    return Arm(contender.name, contender.trial, score, passed, keys, costs)


def compare(arms: Sequence[Arm], *, seed: int, times_opened: int) -> FinalComparison:
    """Best against baseline, problem by problem."""
    by_name = {arm.name: arm for arm in arms}
    best, baseline = by_name["best"], by_name["baseline"]
    reason = ""
    if best.trial == baseline.trial:
        reason = "no trial scored higher than the baseline recipe"
    elif best.score is None or baseline.score is None:
        reason = f"{(best if best.score is None else baseline).name} arm: " + (
            best.error or baseline.error
        )
    return FinalComparison(
        seed=seed,
        arms=tuple(arms),
        judgement=None if reason else delta_one(best.passed, baseline.passed),
        reason=reason,
        times_opened=times_opened,
    )
