from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from evaluators.deltaone import Conclusion, DeltaOne, delta_one
from evaluators.errors import StatisticsError


def students(*, gained, lost, n):
    first = [True] * gained + [False] * lost + [True] * (n - gained - lost)
    second = [False] * gained + [True] * lost + [True] * (n - gained - lost)
    return first, second


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
    found = delta_one(*students(gained=gained, lost=lost, n=1000))
    assert found.conclusion is conclusion
    assert found.plain_rule is plain_rule


def test_a_threshold_of_zero_asks_only_for_better():
    first, second = students(gained=50, lost=30, n=1000)
    assert delta_one(first, second, threshold=0.0).conclusion is Conclusion.SHOWN


def test_a_verdict_says_how_many_problems_it_would_take():
    found = delta_one(*students(gained=50, lost=30, n=1000))
    # (1.95996 + 0.84162)² · (0.08 - 0.02²) / (0.02 - 0.01)² = 7.8489 · 0.0796 / 0.0001
    assert found.problems_needed == 6248
    assert "needs about 6,248 problems" in str(found)
    assert str(found).startswith("not shown: +2.0 points [+0.2, +3.8] (n = 1000")


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


def test_a_verdict_is_stored_as_json_and_read_back():
    found = delta_one(*students(gained=9, lost=3, n=40))
    adapter = TypeAdapter(DeltaOne)
    assert adapter.validate_json(adapter.dump_json(found)) == found


@pytest.mark.parametrize("threshold", [-0.01, 1.0, math.nan])
def test_a_threshold_that_is_no_rate_is_an_error(threshold):
    with pytest.raises(StatisticsError, match="the threshold is a rate"):
        delta_one([True], [False], threshold=threshold)


def test_the_luckiest_of_thirty_equal_recipes_is_shown_on_its_own_problems_but_not_on_fresh_ones():
    rng = np.random.default_rng(0)
    shown = {"its own": 0, "fresh": 0}
    for _ in range(300):  # every recipe, and the baseline, passes each problem with 40 %
        baseline, fresh_baseline, fresh_winner = rng.random((3, 150)) < 0.4
        recipes = rng.random((30, 150)) < 0.4
        winner = recipes[recipes.sum(axis=1).argmax()]
        for problems, first, second in (
            ("its own", winner, baseline),
            ("fresh", fresh_winner, fresh_baseline),
        ):
            conclusion = delta_one(first.tolist(), second.tolist()).conclusion
            shown[problems] += conclusion is Conclusion.SHOWN
    assert shown["its own"] > 0.15 * 300  # what picking the best of thirty does
    assert shown["fresh"] <= 0.05 * 300
