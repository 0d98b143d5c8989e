from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.errors import StatisticsError
from evaluators.statistics.intervals import score_from_passes
from evaluators.statistics.pass_at_k import chance_at_k, pass_at_k

attempts_and_k = st.integers(1, 12).flatmap(
    lambda attempts: st.tuples(
        st.just(attempts), st.integers(0, attempts), st.integers(1, attempts)
    )
)


@pytest.mark.parametrize(
    ("passed", "attempts", "k", "chance"),
    [
        (1, 5, 1, 0.2),
        (2, 5, 2, 1 - 3 / 10),  # C(3, 2) of C(5, 2) pairs hold no pass
        (4, 5, 2, 1.0),  # one failure cannot fill two places
        (0, 5, 5, 0.0),
        (1, 200, 100, 0.5),
    ],
)
def test_the_estimator_gives_what_counting_by_hand_gives(passed, attempts, k, chance):
    assert chance_at_k(passed, attempts=attempts, k=k) == pytest.approx(chance)


@given(attempts_and_k)
def test_the_estimator_is_the_share_of_all_choices_of_k_attempts_that_hold_a_pass(case):
    attempts, passed, k = case
    flags = [True] * passed + [False] * (attempts - passed)
    choices = list(itertools.combinations(flags, k))
    expected = sum(any(choice) for choice in choices) / len(choices)
    assert chance_at_k(passed, attempts=attempts, k=k) == pytest.approx(expected)


@given(st.floats(0.01, 0.99), st.integers(1, 12), st.integers(1, 12))
def test_the_estimator_is_unbiased(rate, one, other):
    k, attempts = sorted([one, other])
    counts = np.arange(attempts + 1)
    from scipy.stats import binom

    expected = sum(
        chance_at_k(int(count), attempts=attempts, k=k) * binom.pmf(count, attempts, rate)
        for count in counts
    )
    assert expected == pytest.approx(1 - (1 - rate) ** k)


@given(attempts_and_k)
def test_more_answers_and_more_passes_never_lower_the_chance(case):
    attempts, passed, k = case
    here = chance_at_k(passed, attempts=attempts, k=k)
    assert 0 <= here <= 1
    if k < attempts:
        assert chance_at_k(passed, attempts=attempts, k=k + 1) >= here
    if passed < attempts:
        assert chance_at_k(passed + 1, attempts=attempts, k=k) >= here


@given(st.lists(st.booleans(), min_size=1, max_size=100))
def test_one_attempt_each_is_the_pass_rate(flags):
    assert pass_at_k([int(flag) for flag in flags], attempts=1, k=1) == score_from_passes(flags)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=100))
def test_pass_at_1_is_the_mean_share_of_attempts_that_passed(counts):
    score = pass_at_k(counts, attempts=6, k=1)
    assert score.value == pytest.approx(sum(counts) / (6 * len(counts)))
    assert 0 <= score.low <= score.value <= score.high <= 1


def test_the_interval_covers_the_truth_over_problems_of_all_difficulties():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(600):
        # difficulties from Beta(0.6, 1.4); pass@3 of one is 1 - (1 - p)³, and the mean of
        # (1 - p)³ is that Beta's third moment of 1 - p: (1.4 · 2.4 · 3.4) / (2 · 3 · 4) = 0.476
        counts = rng.binomial(5, rng.beta(0.6, 1.4, size=100))
        score = pass_at_k(counts.tolist(), attempts=5, k=3)
        covered += score.low <= 1 - 0.476 <= score.high
    assert 552 <= covered <= 588  # 570 ± 3.4 standard deviations


@pytest.mark.parametrize(
    ("passes", "attempts", "k", "why"),
    [
        ([1, 2], 2, 3, "the attempts drawn, which are 2; raise `evaluation.attempts`"),
        ([1], 2, 0, "k between 1"),
        ([0], 0, 1, "which are 0"),
        ([3], 2, 1, "3 of 2 attempts cannot have passed"),
        ([-1], 2, 1, "cannot have passed"),
        ([], 2, 1, "n is 0"),
    ],
)
def test_what_cannot_be_estimated_is_an_error(passes, attempts, k, why):
    with pytest.raises(StatisticsError, match=why):
        pass_at_k(passes, attempts=attempts, k=k)


@pytest.mark.parametrize(("count", "rate"), [(0, 0.0), (4, 1.0)])
def test_no_pass_and_nothing_but_passes_have_intervals_of_some_length(count, rate):
    score = pass_at_k([count] * 10, attempts=4, k=2)
    assert score.value == rate
    assert score.high - score.low == pytest.approx(0.27753, abs=1e-5)  # Wilson's, 0 of 10
