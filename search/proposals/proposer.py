"""The seam for whoever proposes arms, and what proposers see of a study."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from evaluators.problem import Problem
from evaluators.task import Context, Demo, Task
from search.recipes.pool import Draft, PoolArm
from search.recipes.recipe import Recipe
from search.recipes.space import recipe_of
from search.settings.proposals import Growing, Source
from search.settings.study import RecipeSpace
from search.study.records import TrialRecord, score_of
from search.study.trial_stages import TrialStages


class Proposer(Protocol):
    """Thinks of arms for one pool. It may take its time: it never runs where trials are told."""

    source: Source
    name: str
    """By which a study remembers it: the source, and the language model where there is one. Who is
    retired stays retired under this name."""
    parameter: Growing

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """A draft, or None while there is nothing to make one from.

        The draft need not be new, short or clean: the gate looks at it. A proposer whose drafts
        are refused again and again is retired.

        Args:
            view: the study at this moment.
            seed: of everything drawn; another one at every call.

        Raises:
            SearchError: its language model cannot be reached, or the budget is spent.
        """
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How an arm did in the trials that tried it and have a score."""

    arm: PoolArm
    trials: int
    mean: float
    best: float


@dataclass(frozen=True, slots=True)
class StudyView:
    """A study at one moment. Sealed problems are not in it."""

    records: tuple[TrialRecord, ...]
    arms: Mapping[str, tuple[PoolArm, ...]]
    """By parameter, retired ones too."""
    space: RecipeSpace
    demos: Mapping[str, Demo]
    """The study file's, by id."""
    contexts: Mapping[str, Context]
    problems: Mapping[str, Problem]
    """The search problems."""
    stages: TrialStages
    task: Task

    @property
    def scored(self) -> list[TrialRecord]:
        """The trials with a score, the best first."""
        return sorted(
            (one for one in self.records if one.outcome is not None),
            key=lambda one: (-score_of(one), one.number),
        )

    def with_arms(self, parameter: str, arms: Sequence[PoolArm]) -> StudyView:
        """The view with other arms in one pool."""
        return dataclasses.replace(self, arms={**self.arms, parameter: tuple(arms)})

    def standings(self, parameter: str) -> list[Standing]:
        """The arms of a pool that trials with a score tried, by mean score, the best first."""
        return standings(self.records, self.arms[parameter], parameter)

    def recipe(self, record: TrialRecord) -> Recipe:
        """What a trial tried."""
        return recipe_of(record.parameters, self.space, self.demos, shown=record.shown)


def standings(
    records: tuple[TrialRecord, ...], arms: tuple[PoolArm, ...], parameter: str
) -> list[Standing]:
    """How the arms of a pool did, those that were scored, by mean score, the best first."""
    scores: dict[str, list[float]] = {}
    for record in records:
        if record.outcome is not None and parameter in record.parameters:
            scores.setdefault(str(record.parameters[parameter]), []).append(score_of(record))
    found = [
        Standing(arm, len(of), sum(of) / len(of), max(of))
        for arm in arms
        if (of := scores.get(arm.value))
    ]
    return sorted(found, key=lambda one: (-one.mean, one.arm.number))
