"""Which finalist wins: the best trials run again on the search problems until that is settled.

The highest of many scores is partly luck, and its own trial cannot tell how much: here only runs
count that were made after the finalists had been picked. Whoever is behind the leader for certain
drops out, the others are run once more. What people get wrong: a settled choice is no verdict.
Looking after every round settles a little too soon; whether the winner is better than the
hand-written baseline is asked of the sealed problems alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engines.errors import BudgetSpent
from evaluators.statistics.runs import Replicate, as_matrix
from evaluators.statistics.score import Score
from evaluators.statistics.seeds import SeededDifference, seeded_difference, seeded_score
from evaluators.statistics.selection import BestOfMany, best_of_many
from evaluators.words import counted

FIRST_RUNS = 2
"""Of each finalist; how much fine-tunes differ takes two."""

Ended = Literal["settled", "runs", "budget", "failed"]
RunThem = Callable[[Sequence[tuple[int, int]]], Sequence[Replicate | str]]
"""Runs trials' recipes anew, each with a seed: a run, or why it could not be finished.

Raises `BudgetSpent` where the budget does not hold them all.
"""
FRESH = 1_000_003
"""Added to the study's seed once for each run of the final comparison: no trial draws from it."""
_FINALISTS = 500_000_003
"""Far above what the final comparison adds: no finalist's fresh run draws what that draws."""


@dataclass(frozen=True, slots=True)
class Finalist:
    """One of the best trials, and what its recipe came to when it was run again."""

    trial: int
    picked: Score
    """The trial's own score, which made it a finalist: too high on average."""
    runs: tuple[Replicate, ...] = ()
    """With fresh seeds, problem by problem."""
    score: Score | None = None
    """Over the fresh runs; None where there are none, or one could not be finished."""
    behind: SeededDifference | None = None
    """The winner less this one; None for the winner and where it cannot be known."""
    error: str = ""
    """Why a run of it could not be finished."""


@dataclass(frozen=True, slots=True)
class FinalistChoice:
    """The winner, and how sure it is that it is the best of the finalists."""

    trial: int
    finalists: tuple[Finalist, ...]
    """The winner first, then by fresh score."""
    ended: Ended
    """Whether every other is behind for certain, all runs were made, the budget was spent, or no
    finalist could be run."""
    corrected: BestOfMany | None
    """The winner's fresh score, corrected for being the best of the finalists."""

    @property
    def runs(self) -> int:
        """Fresh runs that were made."""
        return sum(len(one.runs) for one in self.finalists)

    def lines(self) -> list[str]:
        """For a person."""
        return [
            f"finalists   {counted(len(self.finalists), 'trial')}, run again with fresh seeds "
            "on the search problems",
            *(f"  {_finalist_words(one, self.trial)}" for one in self.finalists),
            f"chosen      trial {self.trial}: {self._how()}",
        ]

    def _how(self) -> str:
        words = {
            "settled": f"settled after {counted(self.runs, 'run')}; every other is behind for "
            "certain",
            "runs": f"NOT settled by {counted(self.runs, 'run')}; it leads (raise "
            "search.finalist_runs)",
            "budget": f"NOT settled, the budget is spent after {counted(self.runs, 'run')}; "
            + ("it leads" if self.runs else "it has the highest score"),
            "failed": "no finalist could be run again; it has the highest score",
        }[self.ended]
        if self.corrected is None or self.corrected.trials < 2:
            return words
        left = self.corrected.corrected
        return (
            f"{words}; {left.value * 100:.1f} % once corrected for being the best of "
            f"{self.corrected.trials}"
        )


def settle(
    finalists: Sequence[Finalist], *, seeds: Sequence[int], run_them: RunThem
) -> FinalistChoice:
    """Run the finalists again until one is ahead of all others for certain.

    Args:
        finalists: the best score first; at least one.
        seeds: one for each run of a finalist, in their order; at least `FIRST_RUNS`.
        run_them: see `RunThem`.
    """
    runs: dict[int, tuple[Replicate, ...]] = {one.trial: () for one in finalists}
    errors: dict[int, str] = {}
    left = list(runs)
    ended: Ended = "runs"
    wanted = [(trial, seed) for trial in left for seed in seeds[:FIRST_RUNS]]
    while wanted:
        try:
            found = run_them(wanted)
        except BudgetSpent:
            ended = "budget"
            break
        for (trial, _), one in zip(wanted, found, strict=True):
            if isinstance(one, str):
                errors.setdefault(trial, one)
            else:
                runs[trial] += (one,)
        left = _still_in(left, runs, errors)
        if len(left) <= 1:
            ended = "settled" if left else "failed"
            break
        wanted = [(trial, seed) for trial in left for seed in seeds[len(runs[trial]) :][:1]]
    leader = left[0] if left and runs[left[0]] else finalists[0].trial
    return _choice(leader, finalists, runs, errors, ended)


def _still_in(
    left: Sequence[int], runs: Mapping[int, tuple[Replicate, ...]], errors: Mapping[int, str]
) -> list[int]:
    """The leader, then whoever is not behind it for certain."""
    able = sorted((one for one in left if one not in errors), key=lambda one: -_mean(runs[one]))
    if not able:
        return []
    leader, *others = able
    return [
        leader,
        *(one for one in others if seeded_difference(runs[leader], runs[one]).low <= 0),
    ]


def _choice(
    winner: int,
    finalists: Sequence[Finalist],
    runs: Mapping[int, tuple[Replicate, ...]],
    errors: Mapping[int, str],
    ended: Ended,
) -> FinalistChoice:
    judged = [
        dataclasses.replace(
            one,
            runs=runs[one.trial],
            score=None if one.trial in errors or not mine else seeded_score(mine),
            behind=_behind(runs[winner], mine) if one.trial != winner else None,
            error=errors.get(one.trial, ""),
        )
        for one in finalists
        for mine in [runs[one.trial]]
    ]
    judged.sort(key=lambda one: (one.trial != winner, one.score is None, -_mean(one.runs)))
    return FinalistChoice(winner, tuple(judged), ended, _corrected(judged))


def _behind(first: Sequence[Replicate], second: Sequence[Replicate]) -> SeededDifference | None:
    return seeded_difference(first, second) if min(len(first), len(second)) > 1 else None


def _corrected(judged: Sequence[Finalist]) -> BestOfMany | None:
    """The winner's mean without the luck of being the best of these; it stands first."""
    able = [one for one in judged if one.score is not None]
    if not able or able[0] is not judged[0]:
        return None
    means = [Replicate.of(as_matrix(one.runs).mean(axis=0).tolist()) for one in able]
    found = best_of_many(means)
    return found if found.trial == 0 else None


def _mean(runs: Sequence[Replicate]) -> float:
    return float(np.mean([np.mean(run.shares) for run in runs])) if runs else -1.0


def _finalist_words(one: Finalist, winner: int) -> str:
    name, picked = f"trial {one.trial:>3}", f"picked with {one.picked.value * 100:.1f} %"
    if one.score is None:
        return f"{name}  {picked}; not run again{f': {one.error}' if one.error else ''}"
    fresh = f"{name}  {one.score}, {counted(len(one.runs), 'run')}; {picked}"
    if one.trial == winner:
        return f"{fresh}  ← chosen"
    if one.behind is None:
        return fresh
    gap = one.behind
    return (
        f"{fresh}; behind by {gap.difference * 100:.1f} points "
        f"[{gap.low * 100:+.1f}, {gap.high * 100:+.1f}]"
    )


def fresh_seeds(seed: int, *, runs: int) -> tuple[int, ...]:
    """Seeds for so many runs of each recipe; asking for more keeps the earlier ones."""
    return tuple(seed + FRESH * (run + 1) for run in range(runs))


def finalist_seeds(seed: int, *, runs: int) -> tuple[int, ...]:
    """Seeds for so many fresh runs of a finalist; asking for more keeps the earlier ones."""
    return tuple(seed + _FINALISTS + run for run in range(runs))
