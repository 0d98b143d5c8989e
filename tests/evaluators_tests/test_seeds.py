from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from evaluators.errors import StatisticsError
from evaluators.statistics.intervals import paired_difference, score_from_passes
from evaluators.statistics.runs import Replicate, as_matrix
from evaluators.statistics.seeds import estimate, seeded_difference, seeded_score


def runs_of(matrix):
    return [Replicate.of(row, seed=seed) for seed, row in enumerate(np.asarray(matrix).tolist())]


several = st.integers(2, 4)


@st.composite
def comparisons(draw, seeds=several):
    """Two recipes' passes on the same problems, with several seeds each."""
    n = draw(st.integers(1, 30))
    shape = [(draw(seeds), n), (draw(seeds), n)]
    return tuple(draw(arrays.arrays(np.bool_, one)).astype(float) for one in shape)


# One fine-tune each


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=100))
def test_one_fine_tune_each_is_the_paired_difference(rows):
    first, second = [a for a, _ in rows], [b for _, b in rows]
    found = seeded_difference([Replicate.of(first)], [Replicate.of(second)])
    plain = paired_difference(first, second)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))
    assert found.difference == pytest.approx(plain.difference)
    assert found.p_value == pytest.approx(plain.p_value)
    assert (found.n, found.gained, found.lost) == (plain.n, plain.gained, plain.lost)
    assert found.smallest_detectable == pytest.approx(plain.smallest_detectable)
    assert found.components is None
    assert found.seed_deviation is None


# Several


def test_the_parts_of_the_variance_are_what_the_sums_of_squares_give_by_hand():
    # first: rates 1 and 1/2, so a variance of 1/8 over seeds. Removing rows' and columns' means
    # leaves ±1/4 four times: a residual of (4/16) / (1 · 1) = 1/4, and 1/8 - 1/4 / 2 = 0 for seeds
    # second: passes nothing, varies in nothing
    found = seeded_difference(runs_of([[1, 1], [1, 0]]), runs_of([[0, 0], [0, 0]]))
    assert found.difference == pytest.approx(0.75)
    assert found.components.seed == pytest.approx(0, abs=1e-12)
    assert found.components.residual == pytest.approx(0.25)
    # the gaps 1 and 1/2 vary by 1/16, less than the residual's share of 1/4 / 2
    assert found.components.problem == 0
    # a gain and a loss are added: centre 1.5 / 4, mean square (1.25 + 2) / 4, over 4 problems
    assert found.standard_error == pytest.approx(np.sqrt((3.25 / 4 - (1.5 / 4) ** 2) / 4))


def test_fine_tunes_that_differ_as_wholes_are_seen_as_different_seeds():
    # every problem passed or none: rates 1, 0 and nothing left over; variance of the rates 1/2
    found = seeded_difference(runs_of([[1] * 8, [0] * 8]), runs_of([[0] * 8, [0] * 8]))
    assert found.components.residual == pytest.approx(0)
    assert found.components.seed == pytest.approx(0.5)
    assert found.seed_deviation == pytest.approx(0.5)  # √((1/2 + 0) / 2), the mean of the recipes
    assert (found.low, found.high) == (-1, 1)  # one degree of freedom and nothing sure


@settings(max_examples=30)
@given(comparisons(seeds=st.just(3)))
def test_the_analysis_of_variance_agrees_with_statsmodels(case):
    first, second = case
    if first.shape[1] < 2:
        return
    expected_residual, expected_seed = 0.0, 0.0
    for runs in (first, second):
        seeds, n = runs.shape
        table = pd.DataFrame(
            [
                {"y": runs[s, p] + 1e-9 * s * p, "s": s, "p": p}
                for s in range(seeds)
                for p in range(n)
            ]
        )
        squares = anova_lm(ols("y ~ C(s) + C(p)", table).fit())
        mean_square = squares["sum_sq"] / squares["df"]
        residual = mean_square["Residual"]
        expected_residual += residual
        expected_seed += max(0.0, (mean_square["C(s)"] - residual) / n)
    found = estimate(first, second)
    assert float(found.residual) == pytest.approx(expected_residual, abs=1e-6)
    assert float(found.seed) == pytest.approx(expected_seed, abs=1e-6)


@given(comparisons())
def test_the_interval_holds_the_difference_within_minus_one_and_one(case):
    found = seeded_difference(*map(runs_of, case))
    assert -1 <= found.low <= found.difference <= found.high <= 1
    assert found.high > found.low
    assert 0 <= found.p_value <= 1
    assert 0 < found.smallest_detectable <= 1
    assert found.difference == pytest.approx(case[0].mean() - case[1].mean())


@given(comparisons())
def test_swapping_the_recipes_turns_the_difference_round(case):
    first, second = map(runs_of, case)
    forth, back = seeded_difference(first, second), seeded_difference(second, first)
    assert (back.low, back.high) == pytest.approx((-forth.high, -forth.low))
    assert back.difference == pytest.approx(-forth.difference)
    assert back.p_value == pytest.approx(forth.p_value)
    assert (back.gained, back.lost) == (forth.lost, forth.gained)


@given(comparisons(), st.randoms(use_true_random=False))
def test_neither_the_order_of_seeds_nor_that_of_problems_matters(case, rng):
    first, second = case
    order = list(range(first.shape[1]))
    rng.shuffle(order)
    plain = seeded_difference(runs_of(first), runs_of(second))
    shuffled = seeded_difference(runs_of(first[::-1, order]), runs_of(second[:, order]))
    assert (shuffled.low, shuffled.high) == pytest.approx((plain.low, plain.high))


@given(comparisons())
def test_seeds_that_change_nothing_leave_the_width_of_one_fine_tune_almost(case):
    first, second = case[0][:1], case[1][:1]
    one = estimate(first, second)
    same = estimate(np.repeat(first, 3, axis=0), np.repeat(second, 3, axis=0))
    assert float(same.standard_error) == pytest.approx(float(one.standard_error))
    assert float(same.low) <= float(one.low) + 1e-9  # Student's t knows there are few problems


def test_a_stack_of_comparisons_is_each_of_them():
    rng = np.random.default_rng(1)
    first, second = rng.random((5, 3, 40)) < 0.5, rng.random((5, 2, 40)) < 0.3
    stack = estimate(first.astype(float), second.astype(float))
    for number in range(5):
        one = seeded_difference(runs_of(first[number]), runs_of(second[number]))
        assert stack.low[number] == pytest.approx(one.low)
        assert stack.p_value[number] == pytest.approx(one.p_value)


def simulate(rng, *, rates, seeds, n, deviation, runs):
    """Passes by a threshold on normal traits: of the problem, of problem and recipe, of both and
    the seed, and of the seed alone, which moves a rate by about `deviation`."""
    from scipy.stats import norm

    problem = np.sqrt(0.45) * rng.standard_normal((runs, 1, n))
    arms = []
    for rate in rates:
        own = problem + np.sqrt(0.35) * rng.standard_normal((runs, 1, n))
        moved = deviation / norm.pdf(norm.ppf(rate)) * rng.standard_normal((runs, seeds, 1))
        here = own + np.sqrt(0.2) * rng.standard_normal((runs, seeds, n)) + moved
        shift = norm.ppf(rate) * np.sqrt(1 + (deviation / norm.pdf(norm.ppf(rate))) ** 2)
        arms.append((here + shift > 0).astype(float))
    return arms


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("deviation", [0.0, 0.01, 0.03])
def test_the_interval_covers_the_recipes_difference_whatever_the_seeds_do(seeds, deviation):
    rng = np.random.default_rng(seeds)
    arms = simulate(rng, rates=(0.24, 0.16), seeds=seeds, n=300, deviation=deviation, runs=1000)
    found = estimate(*arms)
    covered = ((found.low <= 0.08) & (found.high >= 0.08)).mean()
    assert covered >= 0.93  # 95 %, less three standard deviations of 1,000 runs


def test_one_fine_tune_each_claims_too_much_when_seeds_differ_widely():
    rng = np.random.default_rng(0)
    arms = simulate(rng, rates=(0.2, 0.2), seeds=1, n=1000, deviation=0.03, runs=500)
    found = estimate(*arms)
    assert ((found.low <= 0) & (found.high >= 0)).mean() < 0.7


# One recipe


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_one_runs_score_is_its_pass_rate(flags):
    assert seeded_score([Replicate.of(flags)]) == score_from_passes(flags)


@given(comparisons())
def test_a_score_over_seeds_holds_the_mean_and_stays_between_0_and_1(case):
    score = seeded_score(runs_of(case[0]))
    assert score.value == pytest.approx(case[0].mean())
    assert 0 <= score.low <= score.value <= score.high <= 1
    assert score.n == case[0].shape[1]


def test_seeds_that_differ_as_wholes_widen_a_score():
    apart = seeded_score(runs_of([[1] * 50 + [0] * 50, [1] * 10 + [0] * 90]))
    alike = seeded_score(runs_of([[1] * 30 + [0] * 70, [1] * 30 + [0] * 70]))
    assert apart.value == pytest.approx(alike.value)
    assert apart.high - apart.low > alike.high - alike.low


# Bad input


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ([], [Replicate.of([True])], "runs are missing"),
        ([Replicate.of([])], [Replicate.of([])], "n is 0"),
        ([Replicate.of([True])], [Replicate.of([True] * 2)], "pairs do not match: 1 and 2"),
        ([Replicate.of([True])] * 2, [Replicate.of([True])], "2 and 1 fine-tune"),
    ],
)
def test_what_cannot_be_compared_is_an_error(first, second, why):
    with pytest.raises(StatisticsError, match=why):
        seeded_difference(first, second)


@pytest.mark.parametrize("share", [float("nan"), -1.0, 2.0])
def test_a_share_that_is_none_is_an_error(share):
    with pytest.raises(StatisticsError, match=r"problem 1: .* is no share"):
        Replicate.of([1.0, share])
    with pytest.raises(StatisticsError, match=r"problem 1: .* is no share"):
        as_matrix([Replicate((1.0, share))])


@pytest.mark.parametrize("passed", [0.0, 1.0])
def test_recipes_that_pass_all_or_nothing_differ_by_nothing_but_not_for_certain(passed):
    runs = runs_of([[passed] * 20] * 3)
    found = seeded_difference(runs, runs)
    assert found.difference == 0
    assert found.p_value == 1
    assert found.low < -0.05
    assert found.high > 0.05


def test_one_problem_is_too_few_but_no_crash():
    found = seeded_difference(runs_of([[1], [1]]), runs_of([[0], [0]]))
    assert (found.low, found.high) == (-1, 1)
