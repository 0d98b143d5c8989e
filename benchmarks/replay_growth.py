"""Pools that grow during a replay, as far as the table goes.

The instruction's clauses become additions: the study begins with none, the five sentences of the
clauses are its written pool, and the product's own proposers join and cross them. What people get
wrong: only a recipe that was recorded can be tried, so a proposer is asked until its draft lies in
the table; in earnest it would try the others too.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluators.tasks import DEFAULT, task_named
from search.proposals.from_study import Crossed, Joined, Written
from search.proposals.growing import PoolGrower
from search.proposals.proposer import Proposer, StudyView
from search.recipes.gate import Gate, sentences
from search.recipes.pool import Draft
from search.recipes.space import ADDITION, Distribution, OneOf, Parameters, ParameterValue, Pooled
from search.settings.proposals import Growing, Source
from search.settings.study import RecipeSpace, StudySettings
from search.study.study import SearchStudy
from search.study.trial_stages import TrialStages

_DRAFTS = 20
"""Drafts a proposer may make before it has nothing that the table holds."""
_CLAUSE = "clause."


def growing_settings(settings: StudySettings, *, seed: int) -> StudySettings:
    """The study with its clauses as a written pool, in an order drawn with the seed.

    The pool is let in from its beginning: one whose best sentence came first would be ahead.
    """
    clauses = settings.recipe.clauses.values()
    texts = [text for texts in clauses for text in texts if text]
    additions = tuple(random.Random(seed).sample(texts, len(texts)))
    space = settings.recipe.model_copy(
        update={"clauses": {}, "growing": ("addition",), "additions": additions}
    )
    return settings.model_copy(update={"recipe": space})


def growing_space(choices: Mapping[str, OneOf]) -> dict[str, Distribution]:
    """What varies: the addition in the clauses' place, the rest of the grid as it is."""
    rest = {name: one for name, one in choices.items() if not name.startswith(_CLAUSE)}
    return {ADDITION: Pooled(("",)), **rest}


def in_clauses(parameters: Parameters, space: RecipeSpace) -> dict[str, ParameterValue] | None:
    """The parameters with the addition's sentences as the clauses they are.

    None where two of them are the same clause's, or one is nobody's: no such recipe was recorded.
    """
    found: dict[str, ParameterValue] = {
        _CLAUSE + name: next(iter(texts)) for name, texts in space.clauses.items()
    }
    said: set[str] = set()
    for sentence in sentences(str(parameters[ADDITION])):
        names = [name for name, texts in space.clauses.items() if sentence in texts]
        if len(names) != 1 or names[0] in said:
            return None
        said.add(names[0])
        found[_CLAUSE + names[0]] = sentence
    return {**found, **{name: value for name, value in parameters.items() if name != ADDITION}}


def recorded_instructions(space: RecipeSpace) -> int:
    """How many additions the table holds, the empty one too: one text of each clause."""
    return math.prod(len(texts) for texts in space.clauses.values())


@dataclass(frozen=True, slots=True)
class WithinTable:
    """A proposer whose drafts are all recorded ones."""

    inner: Proposer
    space: RecipeSpace
    """With the clauses."""

    @property
    def source(self) -> Source:
        """See `Proposer`."""
        return self.inner.source

    @property
    def name(self) -> str:
        """See `Proposer`."""
        return self.inner.name

    @property
    def parameter(self) -> Growing:
        """See `Proposer`."""
        return self.inner.parameter

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """See `Proposer.propose`; None where no draft lies in the table."""
        for attempt in range(_DRAFTS):
            draft = self.inner.propose(view, seed=seed + attempt)
            if draft is None or in_clauses({ADDITION: draft.text}, self.space) is not None:
                return draft
        return None


def pool_grower(study: SearchStudy, settings: StudySettings, *, seed: int) -> Callable[[], None]:
    """What lets arms in that are due; it waits for the proposers, which take no time here."""
    growing = growing_settings(settings, seed=seed)
    desk = PoolGrower(
        [WithinTable(one, settings.recipe) for one in (Written(), Joined(), Crossed())],
        gate=Gate(
            [], task_named(DEFAULT), longest=growing.proposals.longest, told=[growing.recipe.base]
        ),
        study=study,
        settings=growing.proposals,
        look=lambda records: StudyView(
            records=tuple(records),
            arms={name: pool.arms for name, pool in study.pools.items()},
            space=growing.recipe,
            demos={},
            contexts={},
            problems={},
            stages=TrialStages(Path("stages")),
            task=task_named(DEFAULT),
        ),
        tell=lambda line: None,
        seed=seed,
    )

    pool, recorded = study.pools[ADDITION], recorded_instructions(settings.recipe)

    def let_in() -> None:
        if len(pool.arms) >= recorded:
            return  # everything that can be looked up is there
        while desk.settle(study.records()):
            time.sleep(0.001)

    return let_in
