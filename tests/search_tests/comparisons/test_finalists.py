from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from pydantic import TypeAdapter

from engines.errors import BudgetSpent
from evaluators.statistics.intervals import score_from_passes
from evaluators.statistics.runs import Replicate
from search.comparisons.finalists import (
    FRESH,
    Finalist,
    FinalistChoice,
    finalist_seeds,
    fresh_seeds,
    settle,
)

N = 200
SEEDS = (11, 12, 13, 14)


def finalists(*trials: int) -> list[Finalist]:
    """Finalists whose trials all passed half of the problems."""
    picked = score_from_passes([index < N // 2 for index in range(N)])
    return [Finalist(trial, picked) for trial in trials]


def passing(many: int, seed: int) -> Replicate:
    return Replicate.of([index < many for index in range(N)], seed=seed)


class Asked:
    """Recipes that pass a fixed number of problems, by trial; remembers what was asked."""

    def __init__(self, passes: dict[int, Callable[[int], int] | int], budget: int = 99) -> None:
        self.passes = passes
        self.budget = budget
        self.rounds: list[list[tuple[int, int]]] = []

    def __call__(self, wanted: Sequence[tuple[int, int]]) -> list[Replicate | str]:
        if len(wanted) + sum(len(one) for one in self.rounds) > self.budget:
            raise BudgetSpent("budget.hours are spent")
        self.rounds.append(list(wanted))
        return [self._run(trial, seed) for trial, seed in wanted]

    def _run(self, trial: int, seed: int) -> Replicate | str:
        many = self.passes[trial]
        many = many if isinstance(many, int) else many(seed)
        return passing(many, seed) if many >= 0 else "train: the loss is no number"


def test_a_clear_lead_settles_it_after_two_runs_each() -> None:
    asked = Asked({3: 150, 7: 50})

    choice = settle(finalists(7, 3), seeds=SEEDS, run_them=asked)

    assert (choice.trial, choice.ended, choice.runs) == (3, "settled", 4)
    assert asked.rounds == [[(7, 11), (7, 12), (3, 11), (3, 12)]]
    winner, other = choice.finalists
    assert winner.score is not None
    assert (winner.score.value, winner.behind) == (0.75, None)
    assert other.behind is not None
    assert other.behind.difference == pytest.approx(0.5)


def test_only_who_may_still_be_the_best_is_run_again() -> None:
    asked = Asked({1: 101, 2: 100, 3: 20})

    choice = settle(finalists(1, 2, 3), seeds=SEEDS, run_them=asked)

    assert asked.rounds[1:] == [[(1, 13), (2, 13)], [(1, 14), (2, 14)]]
    assert (choice.trial, choice.ended) == (1, "runs")
    assert [len(one.runs) for one in choice.finalists] == [4, 4, 2]


def test_the_highest_score_can_lose_to_what_its_fresh_runs_say() -> None:
    choice = settle(finalists(1, 2), seeds=SEEDS, run_them=Asked({1: 60, 2: 140}))

    assert choice.trial == 2


def test_a_spent_budget_leaves_the_leader_of_the_last_whole_round() -> None:
    choice = settle(finalists(1, 2), seeds=SEEDS, run_them=Asked({1: 99, 2: 100}, budget=5))

    assert (choice.trial, choice.ended, choice.runs) == (2, "budget", 4)
    assert "NOT settled, the budget is spent after 4 runs; it leads" in choice.lines()[-1]


def test_a_budget_for_no_run_leaves_the_highest_score() -> None:
    choice = settle(finalists(5, 2), seeds=SEEDS, run_them=Asked({}, budget=0))

    assert (choice.trial, choice.ended, choice.runs) == (5, "budget", 0)
    assert choice.corrected is None
    assert choice.lines()[-1] == (
        "chosen      trial 5: NOT settled, the budget is spent after 0 runs; it has the highest "
        "score"
    )


def test_a_run_that_cannot_be_finished_is_no_low_score() -> None:
    def every_other(seed: int) -> int:
        return -1 if seed == SEEDS[1] else 200

    choice = settle(finalists(1, 2), seeds=SEEDS, run_them=Asked({1: every_other, 2: 100}))

    assert (choice.trial, choice.ended) == (2, "settled")
    lost = choice.finalists[1]
    assert (lost.trial, lost.score, lost.error) == (1, None, "train: the loss is no number")
    assert "trial   1  picked with 50.0 %; not run again: train: the loss" in choice.lines()[2]


def test_finalists_of_whom_none_can_be_run_leave_the_highest_score() -> None:
    choice = settle(finalists(4, 6), seeds=SEEDS, run_them=Asked({4: -1, 6: -1}))

    assert (choice.trial, choice.ended) == (4, "failed")


def test_the_winners_fresh_score_is_corrected_for_being_the_best_of_the_finalists() -> None:
    # each passes its own half of the problems, so that whoever wins has been lucky
    def half(trial: int) -> list[bool]:
        return [index * 7919 % 97 % 5 != trial for index in range(N)]

    def run_them(wanted: Sequence[tuple[int, int]]) -> list[Replicate | str]:
        return [Replicate.of(half(trial), seed=seed) for trial, seed in wanted]

    choice = settle(finalists(0, 1, 2, 3, 4), seeds=SEEDS, run_them=run_them)

    assert choice.corrected is not None
    assert choice.corrected.trials == 5
    assert choice.corrected.luck > 0


def test_a_choice_is_stored_as_json() -> None:
    choice = settle(finalists(7, 3), seeds=SEEDS, run_them=Asked({3: 150, 7: 50}))

    codec = TypeAdapter(FinalistChoice)

    assert codec.validate_json(codec.dump_json(choice)) == choice


def test_no_fresh_run_of_a_finalist_draws_what_the_final_comparison_draws() -> None:
    assert finalist_seeds(3, runs=2) == (500_000_006, 500_000_007)
    assert set(finalist_seeds(3, runs=32)).isdisjoint(fresh_seeds(3, runs=64))
    assert FRESH * 64 < 500_000_003
