"""Additions that need no language model: written ones, two joined, two good ones crossed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import numpy as np

from search.proposals.view import StudyView
from search.recipes.pool import Draft, PoolArm
from search.recipes.space import ADDITION
from search.recipes.texts import said, sentences
from search.settings.proposals import Growing, Source
from search.study.records import score_of

_SENTENCES = 6
"""Sentences of a crossed addition, at most."""
_LEAST_SPREAD = 1e-3
"""Of scores that are all the same, in shares of problems."""
_DRAWS = 20
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
