"""Additions that need no language model: written ones, two joined, two good ones crossed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from search.proposals.settings import Growing, Source
from search.proposals.texts import said, sentences
from search.proposals.view import Standing, StudyView
from search.study.pool import Draft, PoolArm
from search.study.space import ADDITION

_DRAWS = 20
"""Draws before a proposer has nothing new to say."""


class Written:
    """The study file's `recipe.additions`, one after the other."""

    source: Source = "written"
    parameter: Growing = "addition"

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """See `Proposer.propose`; None when all are let in."""
        known = [said(arm.value) for arm in view.arms[ADDITION]]
        left = (text for text in view.space.additions if said(text) not in known)
        return next((Draft(text, origin=self.source) for text in left), None)


class Joined:
    """A sentence each of two or three arms."""

    source: Source = "joined"
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
    """Sentences of two arms that did well: some of the one's, some of the other's."""

    source: Source = "crossed"
    parameter: Growing = "addition"

    def propose(self, view: StudyView, *, seed: int) -> Draft | None:
        """See `Proposer.propose`; None before two arms with a text have a score."""
        good = [one for one in view.standings(ADDITION) if one.arm.value]
        if len(good) < 2:
            return None
        chance = random.Random(seed)
        known = [said(arm.value) for arm in view.arms[ADDITION]]
        for _ in range(_DRAWS):
            mother, father = _parents(good, chance)
            parts = [*_some(mother.value, chance), *_some(father.value, chance)]
            text = _united(parts)
            if said(text) not in known:
                return Draft(text, origin=self.source, parents=_names([mother, father]))
        return None


def _parents(good: Sequence[Standing], chance: random.Random) -> tuple[PoolArm, PoolArm]:
    """Two different arms; the best is likelier than the second, and so on."""
    weights = [1 / (place + 1) for place in range(len(good))]
    first = chance.choices(range(len(good)), weights)[0]
    weights[first] = 0
    second = chance.choices(range(len(good)), weights)[0]
    return good[first].arm, good[second].arm


def _some(text: str, chance: random.Random) -> list[str]:
    """At least one of a text's sentences, in order."""
    parts = sentences(text)
    kept = [part for part in parts if chance.random() < 0.7]
    return kept or [chance.choice(parts)]


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
