from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multinomial
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from evaluators.errors import StatisticsError
from evaluators.statistics.intervals import (
    paired_difference,
    problems_needed,
    score_from_passes,
    score_from_shares,
    score_of_rate,
    smallest_detectable_difference,
    spearman,
)

passes = st.lists(st.booleans(), min_size=1, max_size=200)
pairs = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=200)


def table(*, both=0, gained=0, lost=0, neither=0):
    first = [True] * both + [True] * gained + [False] * lost + [False] * neither
    second = [True] * both + [False] * gained + [True] * lost + [False] * neither
    return first, second


# One rate


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.27753),  # z² / (n + z²) = 3.84146 / 13.84146
        (10, 10, 0.72247, 1.0),  # its mirror
        (5, 10, 0.23659, 0.76341),  # 0.5 ± 1.95996 / 1.384146 · √(0.025 + 3.84146 / 400)
    ],
)
def test_wilsons_interval_is_what_the_formula_gives_by_hand(passed, n, low, high):
    score = score_from_passes([True] * passed + [False] * (n - passed))
    assert score.value == passed / n
    assert score.n == n
    assert (score.low, score.high) == pytest.approx((low, high), abs=1e-5)


@given(passes)
def test_a_rate_agrees_with_statsmodels_and_never_claims_certainty(flags):
    score = score_from_passes(flags)
    low, high = proportion_confint(sum(flags), len(flags), method="wilson")
    assert (score.low, score.high) == pytest.approx((low, high), abs=1e-9)
    assert 0 <= score.low <= score.value <= score.high <= 1
    assert score.standard_error > 0


@given(passes, st.randoms(use_true_random=False))
def test_the_order_of_problems_does_not_matter_for_a_rate(flags, rng):
    shuffled = flags.copy()
    rng.shuffle(shuffled)
    assert score_from_passes(shuffled) == score_from_passes(flags)


def test_a_rate_of_nothing_is_an_error():
    with pytest.raises(StatisticsError, match="at least one problem, n is 0"):
        score_from_passes([])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=100))
def test_shares_are_at_least_as_sure_as_passes_of_the_same_mean(shares):
    score = score_from_shares(shares)
    as_passes = score_of_rate(score.value, n=len(shares))
    assert 0 <= score.low <= score.value <= score.high <= 1
    assert score.low >= as_passes.low - 1e-9
    assert score.high <= as_passes.high + 1e-9
    assert score.standard_error > 0


def test_shares_that_vary_half_as_much_count_as_four_times_the_problems():
    # quarter and three quarters: variance 1/16, passes of the same mean have 1/4
    score = score_from_shares([0.25, 0.75] * 20)
    low, high = proportion_confint(80, 160, method="wilson")
    assert (score.low, score.high) == pytest.approx((low, high))
    assert score.n == 40


@pytest.mark.parametrize("share", [math.nan, -0.1, 1.1, math.inf])
def test_a_share_that_is_none_is_an_error(share):
    with pytest.raises(StatisticsError, match="is no share of passed attempts"):
        score_from_shares([0.5, share])
    with pytest.raises(StatisticsError, match="no interval for a rate"):
        score_of_rate(share, n=3)


# Paired differences


def test_bonett_and_price_give_what_their_formula_gives_by_hand():
    # 1 gained, 7 lost of 21: rates 2/23 and 8/23, difference -6/23, variance 0.36673 / 23
    difference = paired_difference(*table(both=1, gained=1, lost=7, neither=12))
    assert difference.difference == pytest.approx(-6 / 21)
    assert (difference.low, difference.high) == pytest.approx((-0.50836, -0.01338), abs=1e-4)
    assert (difference.n, difference.gained, difference.lost) == (21, 1, 7)


@pytest.mark.parametrize(
    ("gained", "lost", "p_value"),
    [
        (8, 2, 2 * (1 + 10 + 45) / 1024),
        (5, 0, 2 / 32),
        (3, 3, 1.0),
        (0, 0, 1.0),
    ],
)
def test_mcnemars_p_value_is_the_coin_tosses_counted_by_hand(gained, lost, p_value):
    difference = paired_difference(*table(both=4, gained=gained, lost=lost, neither=5))
    assert difference.p_value == pytest.approx(p_value)


@given(pairs)
def test_a_paired_difference_agrees_with_statsmodels_and_its_interval_holds_it(rows):
    first, second = [a for a, _ in rows], [b for _, b in rows]
    found = paired_difference(first, second)
    assert found.difference == pytest.approx((sum(first) - sum(second)) / len(rows))
    assert -1 <= found.low <= found.difference <= found.high <= 1
    both, neither = len(rows) - found.gained - found.lost, 0
    reference = mcnemar([[both, found.gained], [found.lost, neither]], exact=True)
    assert found.p_value == pytest.approx(reference.pvalue)


@given(pairs)
def test_swapping_the_students_turns_the_difference_round(rows):
    first, second = [a for a, _ in rows], [b for _, b in rows]
    forth, back = paired_difference(first, second), paired_difference(second, first)
    assert back.difference == -forth.difference
    assert (back.low, back.high) == pytest.approx((-forth.high, -forth.low))
    assert back.p_value == pytest.approx(forth.p_value)


def test_problems_that_both_pass_or_both_fail_are_alike_to_the_difference():
    assert paired_difference(*table(both=30, gained=4, lost=1)) == paired_difference(
        *table(neither=30, gained=4, lost=1)
    )


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = random.Random(0)
    covered = 0
    for _ in range(1000):  # gained with 12 %, lost with 4 %: a true difference of 8 points
        draws = [rng.random() for _ in range(150)]
        first = [draw < 0.12 for draw in draws]
        second = [draw > 0.96 for draw in draws]
        found = paired_difference(first, second)
        covered += found.low <= 0.08 <= found.high
    assert 935 <= covered <= 975  # 950 ± 2 standard deviations, and some for being conservative


@pytest.mark.parametrize("n", [20, 60])
@pytest.mark.parametrize("discordance", [0.03, 0.1, 0.3])
@pytest.mark.parametrize("gain", [0.0, 0.5, 1.0])
def test_a_true_gain_is_claimed_too_large_in_one_case_of_forty_at_most(n, discordance, gain):
    """Exact: every possible pair of discordant counts, weighted by its chance."""
    true = discordance * gain
    rates = [(discordance + true) / 2, (discordance - true) / 2]
    most = [int(n * rate + 8 * math.sqrt(n * rate + 1)) for rate in rates]
    too_large = 0.0
    for gained in range(min(n, most[0]) + 1):
        for lost in range(min(n - gained, most[1]) + 1):
            found = paired_difference(*table(gained=gained, lost=lost, neither=n - gained - lost))
            if found.low > true + 1e-12:
                counts = [gained, lost, n - gained - lost]
                too_large += multinomial.pmf(counts, n, [*rates, 1 - sum(rates)])
    assert too_large <= 0.0251


def test_pairs_that_do_not_match_are_an_error():
    with pytest.raises(StatisticsError, match="pairs do not match: 2 and 1"):
        paired_difference([True, False], [True])
    with pytest.raises(StatisticsError, match="n is 0"):
        paired_difference([], [])


# How many problems


def test_connors_formula_gives_what_it_gives_by_hand():
    # (1.95996 · √0.3 + 0.84162 · √0.29)² / 0.01 = 2.3309 / 0.01
    assert problems_needed(0.1, 0.3) == 234
    assert smallest_detectable_difference(234, 0.3) == pytest.approx(0.1, abs=3e-4)


@given(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.5, 0.95))
def test_planning_and_detecting_are_each_others_inverse(one, other, power):
    difference, discordance = sorted([one, other])
    n = problems_needed(difference, discordance, power=power)
    assert smallest_detectable_difference(n, discordance, power=power) <= difference + 1e-9


@given(st.integers(1, 5000), st.floats(0, 1))
def test_more_problems_detect_smaller_differences(n, discordance):
    less = smallest_detectable_difference(n, discordance)
    more = smallest_detectable_difference(2 * n, discordance)
    assert 0 < more <= less <= 1


def test_too_few_problems_detect_nothing():
    assert smallest_detectable_difference(1, 0.0) == 1.0


@pytest.mark.parametrize(
    ("difference", "discordance"), [(0.0, 0.3), (0.4, 0.3), (math.nan, 0.3), (0.1, math.nan)]
)
def test_a_plan_that_cannot_be_met_is_an_error(difference, discordance):
    with pytest.raises(StatisticsError, match="no number of problems finds"):
        problems_needed(difference, discordance)


# Rank correlation


def test_spearmans_rho_is_what_the_squared_rank_differences_give():
    found = spearman([1, 2, 3, 4], [10, 30, 20, 40])  # 1 - 6 · 2 / (4 · 15)
    assert found.rho == pytest.approx(0.8)
    assert found.n == 4


@given(st.lists(st.integers(-99, 99), min_size=3, max_size=30, unique=True))
def test_spearmans_rho_sees_ranks_only(values):
    assert spearman(values, [value**3 for value in values]).rho == pytest.approx(1)
    assert spearman(values, [-value for value in values]).rho == pytest.approx(-1)


def test_a_ranking_that_does_not_vary_has_no_correlation():
    assert math.isnan(spearman([1, 1, 1], [1, 2, 3]).rho)


def test_a_rank_correlations_interval_is_what_bonett_and_wright_give_by_hand():
    # ρ = 0.8, n = 4: atanh 0.8 ± 1.95996 · √((1 + 0.32) / 1) = 1.09861 ± 2.25184
    found = spearman([1, 2, 3, 4], [10, 30, 20, 40])
    assert (found.low, found.high) == pytest.approx((-0.81883, 0.99754), abs=1e-4)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=40))
def test_a_rank_correlations_interval_holds_it_and_is_never_of_length_0(rows):
    first, second = [a for a, _ in rows], [b for _, b in rows]
    found = spearman(first, second)
    if not math.isnan(found.rho):
        assert -1 <= found.low <= found.rho <= found.high <= 1
        assert found.high - found.low > 0
        mirrored = spearman(first, [-value for value in second])
        assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low))


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ([1, 2], [1, 2], "three"),
        ([1, 2, 3], [1, 2], "three"),
        ([1, 2, math.nan], [1, 2, 3], "NaN"),
    ],
)
def test_what_cannot_be_ranked_is_an_error(first, second, why):
    with pytest.raises(StatisticsError, match=why):
        spearman(first, second)
