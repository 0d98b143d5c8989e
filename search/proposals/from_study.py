"""Arms that need no language model: additions written, joined and crossed, and rows as demos."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from evaluators.task import Checked, Context, Demo, Task
from search.proposals.proposer import StudyView
from search.recipes.gate import said, sentences
from search.recipes.pool import Draft, PoolArm
from search.recipes.space import ADDITION, DEMO_SET
from search.settings.proposals import Growing, Source
from search.study.records import score_of
from search.trial.rows import rows_of

_GOOD = 3
"""Trials that rows are taken from: the best so many."""
_DRAWS = 20
_SENTENCES = 6
"""Sentences of a crossed addition, at most."""
_LEAST_SPREAD = 1e-3
"""Of scores that are all the same, in shares of problems."""


class Rows:
    """Rows of one good trial as demos: other students' teachers learn from what worked.

    Args:
        many: demos in a set.
    """

    source: Source = "rows"
    name: str = source
    parameter: Growing = "demo_set"

    def __init__(self, many: int) -> None:
        self._many = many

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """See `Proposer.propose`; None before a trial with faithful rows has a score."""
        chance = random.Random(seed)
        best = view.scored[:_GOOD]
        known = {frozenset(arm.demos) for arm in view.arms[DEMO_SET] if arm.demos}
        for record in chance.sample(best, len(best)):
            rows = faithful_demos(view.stages.checked(record) or (), view.contexts, view.task)
            for _ in range(_DRAWS if len(rows) >= self._many else 0):
                demos = tuple(chance.sample(rows, self._many))
                if frozenset(demos) not in known:
                    return Draft(
                        demos=demos, origin=self.source, parents=(f"trial {record.number}",)
                    )
        return None


def faithful_demos(
    checked: Sequence[Checked], contexts: Mapping[str, Context], task: Task
) -> list[Demo]:
    """One demo of each context of which a candidate is a training pair, and faithful."""
    rows = rows_of(checked, contexts, task, filter="faithful", keep_docstring=False)
    return [
        Demo(row.context.inputs, row.candidate.outputs)
        for row in rows
        if not row.reason and row.context is not None
    ]


"""Draws before a proposer has nothing new to say."""


class Written:
    """The study file's `recipe.additions`, one after the other."""

    source: Source = "written"
    name: str = source
    parameter: Growing = "addition"

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """See `Proposer.propose`; None when all are let in."""
        known = [said(arm.value) for arm in view.arms[ADDITION]]
        left = (text for text in view.space.additions if said(text) not in known)
        return next((Draft(text, origin=self.source) for text in left), None)


class Joined:
    """A sentence each of two or three arms."""

    source: Source = "joined"
    name: str = source
    parameter: Growing = "addition"

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """See `Proposer.propose`; None before there are two arms with a text."""
        arms = _with_text(view.arms[ADDITION])
        if len(arms) < 2:
            return None
        chance = random.Random(seed)
        known = [said(arm.value) for arm in arms]
        for _ in range(_DRAWS):
            chosen = chance.sample(arms, min(len(arms), chance.choice((2, 2, 3))))
            text = _united(chance.choice(sentences(arm.value)) for arm in chosen)
            if len(said(text)) > 1 and said(text) not in known:
                return Draft(text, origin=self.source, parents=_names(chosen))
        return None


class Crossed:
    """The sentences that trials speak for, of all arms that were tried.

    What a sentence is worth is estimated by Bayesian linear regression of the scores on which
    sentences an addition holds, and one draw from the posterior says which to take (Thompson
    sampling): those of good arms mostly, those that are little known now and then.
    """

    source: Source = "crossed"
    name: str = source
    parameter: Growing = "addition"

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """See `Proposer.propose`; None before two arms with a text have a score."""
        good = [one.arm for one in view.standings(ADDITION) if said(one.arm.value)]
        if len(good) < 2:
            return None
        worth = _Worth(view, good)
        chance = np.random.default_rng(seed)
        known = [said(arm.value) for arm in view.arms[ADDITION]]
        for _ in range(_DRAWS):
            text = _united(worth.draw(chance))
            if said(text) and said(text) not in known:
                return Draft(text, origin=self.source, parents=_names(_holding(text, good)))
        return None


class _Worth:
    """What each sentence of some arms adds to the score, as far as trials say.

    Worth and noise are given the spread of the scores as their deviation: with one trial, half of
    what it shows is believed of its sentences.
    """

    def __init__(self, view: StudyView, arms: Sequence[PoolArm]) -> None:
        parts = [part for arm in arms for part in sentences(arm.value)]
        self._sentences = list({said(part): part for part in parts if said(part)}.values())
        scored = view.scored
        holds = np.array([self._held(str(one.parameters.get(ADDITION, ""))) for one in scored])
        scores = np.array([score_of(one) for one in scored])
        spread = max(float(scores.std()), _LEAST_SPREAD)
        covariance = np.linalg.inv(holds.T @ holds + np.eye(len(self._sentences)))
        self._mean = covariance @ holds.T @ (scores - scores.mean())
        self._covariance = covariance * spread**2

    def draw(self, chance: np.random.Generator) -> list[str]:
        """The sentences that are worth something in one draw; at most `_SENTENCES`, in order."""
        drawn = chance.multivariate_normal(self._mean, self._covariance)
        best = [place for place in np.argsort(-drawn)[:_SENTENCES] if drawn[place] > 0]
        return [self._sentences[place] for place in sorted(best)]

    def _held(self, text: str) -> list[float]:
        held = said(text)
        return [float(said(one) <= held) for one in self._sentences]


def _holding(text: str, arms: Sequence[PoolArm]) -> list[PoolArm]:
    """The best arm that holds each sentence of a text, every arm once; the best come first."""
    found = {
        next(arm.number for arm in arms if said(part) <= said(arm.value))
        for part in sentences(text)
    }
    return [arm for arm in arms if arm.number in found]


def _united(parts: Iterable[str]) -> str:
    """Sentences as a text, each once."""
    once: dict[frozenset[str], str] = {}
    for part in parts:
        once.setdefault(said(part), part)
    return " ".join(once.values())


def _with_text(arms: Sequence[PoolArm]) -> list[PoolArm]:
    return [arm for arm in arms if said(arm.value)]


def _names(arms: Sequence[PoolArm]) -> tuple[str, ...]:
    return tuple(f"{ADDITION} {arm.number}" for arm in arms)
