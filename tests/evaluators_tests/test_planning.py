from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import TTestIndPower

from evaluators.errors import StatisticsError
from evaluators.statistics.planning import chance_shown, problems_for, seeds_for, smallest_gain
from evaluators.statistics.seeds import Components, estimate

parts = st.floats(0.001, 0.5)
components = st.builds(Components, problem=parts, residual=parts, seed=st.floats(0, 0.002))
TYPICAL = Components(problem=0.12, residual=0.12, seed=2 * 0.01**2)


def test_one_fine_tune_each_takes_walds_number_of_problems():
    # (1.95996 + 0.84162)² · 0.0796 / (0.02 - 0.01)² = 7.8489 · 796
    flat = Components(problem=0.0796, residual=0.0, seed=0.0)
    assert problems_for(0.02, flat, seeds=1, above=0.01) == 6248
    assert smallest_gain(flat, n=6248, seeds=1, above=0.01) == pytest.approx(0.02, abs=1e-6)


def test_seeds_alone_are_students_two_sample_test():
    # variance 0.0008 / 2 each, and a gain of two of those deviations
    only = Components(problem=0.0, residual=0.0, seed=0.0008)
    wanted = TTestIndPower().power(effect_size=2.0, nobs1=6, alpha=0.05, alternative="two-sided")
    found = chance_shown(2 * math.sqrt(0.0004), only, n=1000, seeds=6)
    assert found == pytest.approx(wanted, abs=0.02)


@given(components, st.integers(1, 3000), st.integers(2, 12))
def test_a_gain_of_the_smallest_size_is_shown_four_times_out_of_five(parts, n, seeds):
    gain = smallest_gain(parts, n=n, seeds=seeds, above=0.01)
    assert 0 < gain <= 1
    if gain < 1:
        assert chance_shown(gain, parts, n=n, seeds=seeds, above=0.01) == pytest.approx(0.8)


@given(components, st.floats(0.005, 0.3), st.floats(0.005, 0.3), st.integers(1, 6))
def test_a_larger_gain_never_takes_more_problems_or_seeds(parts, one, other, seeds):
    small, large = sorted([one, other])
    few, many = (problems_for(gain, parts, seeds=seeds) or math.inf for gain in (large, small))
    assert few <= many
    few, many = (seeds_for(gain, parts, n=300) or math.inf for gain in (large, small))
    assert few <= many


@given(components, st.floats(0.02, 0.3), st.integers(2, 6))
def test_a_plan_that_is_followed_shows_the_gain(parts, gain, seeds):
    n = problems_for(gain, parts, seeds=seeds, above=0.01)
    if n is not None:
        assert chance_shown(gain, parts, n=n, seeds=seeds, above=0.01) >= 0.8 - 1e-9
    wanted = seeds_for(gain, parts, n=500, above=0.01)
    if wanted is not None:
        assert chance_shown(gain, parts, n=500, seeds=wanted, above=0.01) >= 0.8 - 1e-9


def test_no_number_of_problems_makes_up_for_seeds():
    # with 2 fine-tunes whose rates differ by 3 points, the error stays above 3 points
    wild = Components(problem=0.1, residual=0.1, seed=2 * 0.03**2)
    assert problems_for(0.05, wild, seeds=2) is None
    assert seeds_for(0.05, wild, n=1000) is not None


@pytest.mark.parametrize("gain", [0.0, -0.02, 0.01])
def test_a_gain_below_the_threshold_is_not_planned_for(gain):
    assert problems_for(gain, TYPICAL, seeds=3, above=0.01) is None
    assert seeds_for(gain, TYPICAL, n=1000, above=0.01) is None


def test_the_planned_power_is_the_simulated_one():
    rng = np.random.default_rng(0)
    runs, seeds, n = 1500, 3, 400
    own = rng.normal(0.3, 0.1, (runs, 2, 1, n)) + rng.normal(0, 0.01, (runs, 2, seeds, 1))
    own[:, 0] += 0.06
    arms = (rng.random((runs, 2, seeds, n)) < own).astype(float)
    found = estimate(arms[:, 0], arms[:, 1])
    residual = 0.36 * 0.64 - 0.01 + 0.3 * 0.7 - 0.01  # a pass is a coin toss of rate `own`
    plan = Components(problem=2 * 0.1**2, residual=residual, seed=2 * 0.01**2)
    power = chance_shown(0.06, plan, n=n, seeds=seeds, above=0.01)
    assert (found.low >= 0.01).mean() == pytest.approx(power, abs=0.06)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: problems_for(math.nan, TYPICAL, seeds=3), "finite numbers"),
        (lambda: seeds_for(0.1, Components(math.nan, 0.1, 0.0), n=3), "finite numbers"),
        (lambda: smallest_gain(Components(-1.0, 0.1, 0.0), n=3, seeds=2), "finite numbers"),
        (lambda: smallest_gain(TYPICAL, n=0, seeds=2), "needs a problem and a fine-tune"),
        (lambda: chance_shown(0.1, TYPICAL, n=3, seeds=0), "needs a problem and a fine-tune"),
        (lambda: problems_for(0.1, TYPICAL, seeds=2, power=1.0), "power is a chance"),
    ],
)
def test_a_plan_from_numbers_that_are_none_is_an_error(call, why):
    with pytest.raises(StatisticsError, match=why):
        call()
