from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from evaluators.errors import StatisticsError
from evaluators.statistics.deltaone import Conclusion, DeltaOne, delta_one, recompute
from evaluators.statistics.runs import Replicate

JSON = TypeAdapter(DeltaOne)


def students(*, gained, lost, n):
    first = [True] * gained + [False] * lost + [True] * (n - gained - lost)
    second = [False] * gained + [True] * lost + [True] * (n - gained - lost)
    return [Replicate.of(first, seed=7)], [Replicate.of(second, seed=7)]


def fine_tunes(rng, *, rate, seeds, n, tilt=0.0):
    """Runs that pass every problem with one rate, but for what a seed adds to it."""
    rates = [min(max(rate + tilt * rng.standard_normal(), 0), 1) for _ in range(seeds)]
    return [Replicate.of((rng.random(n) < rate).tolist(), seed=s) for s, rate in enumerate(rates)]


@pytest.mark.parametrize(
    ("gained", "lost", "conclusion", "plain_rule"),
    [
        # n = 1000: (gained - lost) / 1002 ± 1.96 √((gained + lost + 2) / 1002² …) in points
        (100, 20, Conclusion.SHOWN, True),  # +8.0 [+5.9, +10.1]
        (50, 30, Conclusion.NOT_SHOWN, True),  # +2.0 [+0.2, +3.8]: above zero, not above one point
        (30, 28, Conclusion.NOT_SHOWN, False),
        (0, 0, Conclusion.NOT_SHOWN, False),
        (20, 100, Conclusion.WORSE, False),
    ],
)
def test_a_gain_is_shown_only_when_the_whole_interval_reaches_the_threshold(
    gained, lost, conclusion, plain_rule
):
    found = delta_one(*students(gained=gained, lost=lost, n=1000), seed_deviation=0.0)
    assert found.conclusion is conclusion
    assert found.plain_rule is plain_rule


def test_a_threshold_of_zero_asks_only_for_better():
    first, second = students(gained=50, lost=30, n=1000)
    found = delta_one(first, second, threshold=0.0, seed_deviation=0.0)
    assert found.conclusion is Conclusion.SHOWN


def test_a_verdict_says_how_many_problems_it_would_take():
    found = delta_one(*students(gained=50, lost=30, n=1000), seed_deviation=0.0)
    # (1.95996 + 0.84162)² · (0.08 - 0.02²) / (0.02 - 0.01)² = 7.8489 · 0.0796 / 0.0001
    assert found.problems_needed == 6248
    assert "needs about 6,248 problems" in str(found)
    assert str(found).startswith("not shown: +2.0 points [+0.2, +3.8] (n = 1000")


def test_the_plain_rule_is_reported_beside_the_verdict():
    met = delta_one(*students(gained=50, lost=30, n=1000))
    missed = delta_one(*students(gained=30, lost=28, n=1000))
    assert "the plain rule, point estimate at least that, holds" in str(met)
    assert "the plain rule, point estimate at least that, does not hold" in str(missed)


def test_no_number_of_problems_shows_a_difference_below_the_threshold():
    found = delta_one(*students(gained=30, lost=28, n=1000))
    assert found.problems_needed is None
    assert "not shown by any number of problems" in str(found)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0, 0.2))
def test_the_winner_of_one_comparison_is_not_the_winner_of_the_opposite_one(gained, lost, by):
    first, second = students(gained=gained, lost=lost, n=200)
    forth = delta_one(first, second, threshold=by).conclusion
    back = delta_one(second, first, threshold=by).conclusion
    if forth is Conclusion.SHOWN:
        assert back is not Conclusion.SHOWN
    if forth is Conclusion.WORSE:
        assert back is not Conclusion.WORSE


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0, 0.2), st.floats(0, 0.2))
def test_a_higher_threshold_never_makes_a_gain_shown(gained, lost, one, other):
    low, high = sorted([one, other])
    first, second = students(gained=gained, lost=lost, n=200)
    if delta_one(first, second, threshold=high).conclusion is Conclusion.SHOWN:
        assert delta_one(first, second, threshold=low).conclusion is Conclusion.SHOWN


def test_with_one_fine_tune_each_the_verdict_says_what_is_not_known():
    found = delta_one(*students(gained=100, lost=20, n=1000))
    assert found.conclusion is Conclusion.SHOWN
    assert found.paired.seed_deviation is None
    assert found.assumed_seed_deviation == 0.01
    # centre 80/1002, error √((122/1002 - (80/1002)²) / 1002) = 0.010730; the lower end falls to
    # 1 point at an error of (0.079840 - 0.01) / 1.95996 = 0.035634, so deviations of
    # √((0.035634² - 0.010730²) / 2) are borne
    assert found.tolerated_seed_deviation == pytest.approx(0.024027, abs=1e-5)
    assert "UNKNOWN; the interval allows for a deviation of 1.0 points" in str(found)
    assert "the verdict stands up to one of 2.4" in str(found)
    # error √(0.010730² + 2 · 0.01²) = 0.017753: 0.079840 ± 1.95996 · 0.017753
    assert (found.paired.low, found.paired.high) == pytest.approx((0.045045, 0.114636), abs=2e-5)


def test_a_gain_that_another_seed_could_undo_is_not_shown_with_one_fine_tune_each():
    answers = students(gained=70, lost=30, n=1000)  # +4.0 [+2.0, +5.9] for the two fine-tunes
    assert delta_one(*answers, seed_deviation=0.0).conclusion is Conclusion.SHOWN
    found = delta_one(*answers)
    assert found.conclusion is Conclusion.NOT_SHOWN
    assert found.tolerated_seed_deviation is None
    # 2.80159 · √2 points of seeds alone is more than the 3 points to spare, however many problems
    assert found.problems_needed is None
    # with 13 each: error √((0.1 - 0.04²) / 1000 + 2 · 0.01² / 13) = 0.01067, 2.805 times which is
    # 0.0299; with 12 it is 0.0301, and there are 0.03 to spare
    assert found.seeds_needed == 13
    assert "about 13 fine-tunes of each recipe" in str(found)


@pytest.mark.parametrize(("gained", "lost"), [(100, 20), (20, 100)])
def test_a_verdict_stands_up_to_the_tolerated_seed_deviation_and_no_further(gained, lost):
    answers = students(gained=gained, lost=lost, n=1000)
    found = delta_one(*answers)
    limit = found.tolerated_seed_deviation
    assert delta_one(*answers, seed_deviation=limit * 0.999).conclusion is found.conclusion
    beyond = delta_one(*answers, seed_deviation=limit * 1.001)
    assert beyond.conclusion is Conclusion.NOT_SHOWN


def test_with_several_fine_tunes_the_verdict_says_how_many_it_would_take():
    rng = np.random.default_rng(3)
    first = fine_tunes(rng, rate=0.46, seeds=3, n=500, tilt=0.04)
    second = fine_tunes(rng, rate=0.40, seeds=3, n=500, tilt=0.04)
    found = delta_one(first, second)
    assert found.conclusion is Conclusion.NOT_SHOWN
    assert found.tolerated_seed_deviation is None
    assert found.assumed_seed_deviation is None
    assert found.paired.seed_deviation > 0.01
    assert found.seeds_needed > 3
    assert f"about {found.seeds_needed} fine-tunes of each recipe" in str(found)
    assert "UNKNOWN" not in str(found)


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_verdict_is_stored_as_json_read_back_and_made_again_from_its_answers(seeds):
    rng = np.random.default_rng(0)
    arms = [fine_tunes(rng, rate=rate, seeds=seeds, n=60) for rate in (0.7, 0.3)]
    found = delta_one(*arms, problems_sha256="abc", threshold=0.02)
    read = JSON.validate_json(JSON.dump_json(found))
    assert read == found
    assert recompute(read) == found
    assert read.evidence.first[0].seed == 0
    assert read.evidence.problems_sha256 == "abc"


def test_a_verdict_that_does_not_follow_from_its_answers_is_found_out():
    found = delta_one(*students(gained=50, lost=30, n=1000))
    embellished = dataclasses.replace(found, conclusion=Conclusion.SHOWN)
    with pytest.raises(StatisticsError, match="conclusion should be not shown"):
        recompute(embellished)
    narrower = dataclasses.replace(found, paired=dataclasses.replace(found.paired, low=0.011))
    with pytest.raises(StatisticsError, match="does not follow from its answers: paired"):
        recompute(narrower)


def test_answers_changed_after_the_verdict_are_found_out():
    found = delta_one(*students(gained=50, lost=30, n=1000))
    first = dataclasses.replace(found.evidence.first[0], shares=(1.0,) * 1000)
    evidence = dataclasses.replace(found.evidence, first=(first,))
    with pytest.raises(StatisticsError, match="are not the ones it was made from"):
        recompute(dataclasses.replace(found, evidence=evidence))


def test_a_verdict_of_another_method_is_not_made_again():
    found = delta_one(*students(gained=5, lost=3, n=10))
    with pytest.raises(StatisticsError, match="made by method deltaone-1, here is deltaone-2"):
        recompute(dataclasses.replace(found, method="deltaone-1"))


@pytest.mark.parametrize("deviation", [-0.01, 1.0, math.nan])
def test_a_deviation_that_is_none_is_an_error(deviation):
    with pytest.raises(StatisticsError, match="a deviation of pass rates lies between 0 and 1"):
        delta_one([Replicate.of([True])], [Replicate.of([False])], seed_deviation=deviation)


@pytest.mark.parametrize("threshold", [-0.01, 1.0, math.nan])
def test_a_threshold_that_is_no_rate_is_an_error(threshold):
    with pytest.raises(StatisticsError, match="the threshold is a rate"):
        delta_one([Replicate.of([True])], [Replicate.of([False])], threshold=threshold)


@pytest.mark.parametrize("seeds", [1, 2])
@pytest.mark.parametrize("passed", [True, False])
def test_students_that_pass_or_fail_everything_alike_show_nothing(seeds, passed):
    runs = [Replicate.of([passed] * 5, seed=seed) for seed in range(seeds)]
    found = delta_one(runs, runs)
    assert found.conclusion is Conclusion.NOT_SHOWN
    assert (found.paired.difference, found.paired.p_value) == (0.0, 1.0)
    assert found.paired.low < 0 < found.paired.high


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ([], [Replicate.of([True])], "runs are missing"),
        ([Replicate.of([])], [Replicate.of([])], "n is 0"),
        ([Replicate.of([True])], [Replicate.of([True, False])], "pairs do not match: 1 and 2"),
        (
            [Replicate.of([True]), Replicate.of([True, False])],
            [Replicate.of([True])],
            "over 1 and 2 problems",
        ),
        (
            [Replicate.of([True])],
            [Replicate.of([True]), Replicate.of([True])],
            "1 and 2 fine-tunes",
        ),
        ([Replicate((math.nan,))], [Replicate.of([True])], "problem 0: nan is no share"),
        (
            [Replicate.of([True], seed=1)] * 2,
            [Replicate.of([True])] * 2,
            "one fine-tune counted twice",
        ),
    ],
)
def test_what_cannot_be_compared_is_an_error(first, second, why):
    with pytest.raises(StatisticsError, match=why):
        delta_one(first, second)


def test_the_luckiest_of_thirty_equal_recipes_is_shown_on_its_own_problems_but_not_on_fresh_ones():
    rng = np.random.default_rng(0)
    shown = {"its own": 0, "fresh": 0}
    for _ in range(150):  # every recipe, and the baseline, passes each problem with 40 %
        baseline, fresh_baseline, fresh_winner = rng.random((3, 150)) < 0.4
        recipes = rng.random((30, 150)) < 0.4
        winner = recipes[recipes.sum(axis=1).argmax()]
        for problems, first, second in (
            ("its own", winner, baseline),
            ("fresh", fresh_winner, fresh_baseline),
        ):
            conclusion = delta_one(
                [Replicate.of(first)], [Replicate.of(second)], seed_deviation=0.0
            ).conclusion
            shown[problems] += conclusion is Conclusion.SHOWN
    assert shown["its own"] > 0.15 * 150  # what picking the best of thirty does
    assert shown["fresh"] <= 0.05 * 150
