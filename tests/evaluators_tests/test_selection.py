from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.errors import StatisticsError
from evaluators.statistics.intervals import score_from_passes
from evaluators.statistics.runs import Replicate
from evaluators.statistics.selection import best_of_many

few_trials = st.integers(1, 12).flatmap(
    lambda n: st.lists(st.lists(st.booleans(), min_size=n, max_size=n), min_size=1, max_size=6)
)


def trials_of(matrix):
    return [Replicate.of(row) for row in np.asarray(matrix).tolist()]


def test_the_winner_of_two_problems_is_scored_on_the_one_that_did_not_pick_it():
    # one trial passes the first problem, the other the second. A resample leaves a problem out
    # only when it draws the other one twice: the winner there fails the problem left out
    found = best_of_many(trials_of([[True, False], [False, True]]), resamples=200)
    assert found.picked.value == 0.5
    assert found.corrected.value == 0.0
    assert found.luck == 0.5


def test_a_trial_that_always_wins_loses_nothing_to_luck():
    found = best_of_many(trials_of([[False] * 9, [True] * 9, [False] * 9]))
    assert (found.trial, found.trials) == (1, 3)
    assert found.corrected.value == found.picked.value == 1.0


def test_one_trial_has_nothing_to_correct():
    flags = [True, False, True, True]
    found = best_of_many([Replicate.of(flags)])
    assert found.picked == score_from_passes(flags)
    assert found.corrected.value == found.picked.value


@settings(max_examples=40)
@given(few_trials)
def test_the_correction_never_raises_the_score_and_stays_between_0_and_1(matrix):
    found = best_of_many(trials_of(matrix), resamples=50)
    corrected = found.corrected
    assert found.picked.value == max(sum(row) / len(row) for row in matrix)
    assert 0 <= corrected.low <= corrected.value <= found.picked.value
    assert corrected.value <= corrected.high <= 1
    assert corrected.n == len(matrix[0])


@settings(max_examples=20)
@given(few_trials, st.randoms(use_true_random=False))
def test_the_order_of_the_trials_does_not_matter(matrix, rng):
    shuffled = matrix.copy()
    rng.shuffle(shuffled)
    forth = best_of_many(trials_of(matrix), resamples=50)
    back = best_of_many(trials_of(shuffled), resamples=50)
    assert back.corrected.value == pytest.approx(forth.corrected.value)


def test_the_same_seed_gives_the_same_estimate():
    trials = trials_of(np.random.default_rng(0).random((5, 40)) < 0.4)
    assert best_of_many(trials, seed=1) == best_of_many(trials, seed=1)


def test_trials_that_share_their_luck_have_little_of_it_to_lose():
    # problems that are easy for all trials move all scores together and pick none of them
    rng = np.random.default_rng(0)
    easy = np.tile(rng.random(200) < 0.5, (20, 1))
    found = best_of_many(trials_of(easy), resamples=200)
    assert found.luck == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("spread", [0.0, 0.05])
def test_the_corrected_score_is_less_biased_than_the_highest_one(spread):
    rng = np.random.default_rng(0)
    naive, corrected = [], []
    for _ in range(150):
        rates = np.clip(0.3 + spread * rng.standard_normal(20), 0.05, 0.9)
        problems = rng.random((20, 200)) < rates[:, None]
        found = best_of_many(trials_of(problems), resamples=200)
        naive.append(found.picked.value - rates[found.trial])
        corrected.append(found.corrected.value - rates[found.trial])
    assert np.mean(naive) > 0.01
    assert abs(np.mean(corrected)) < 0.4 * np.mean(naive)


def test_the_best_of_nothing_and_trials_over_other_problems_are_errors():
    with pytest.raises(StatisticsError, match="the best of no trials"):
        best_of_many([])
    with pytest.raises(StatisticsError, match="over 1 and 2 problems"):
        best_of_many([Replicate.of([True]), Replicate.of([True, False])])
    with pytest.raises(StatisticsError, match="n is 0"):
        best_of_many([Replicate.of([]), Replicate.of([])])


def test_one_problem_leaves_nothing_to_correct_with():
    found = best_of_many(trials_of([[True], [False]]))
    assert found.corrected.value == found.picked.value == 1.0
