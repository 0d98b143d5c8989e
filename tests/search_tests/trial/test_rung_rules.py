from __future__ import annotations

import dataclasses
import math

import pytest

from search.trial.rung_rules import (
    ROWS,
    Climber,
    RungDecision,
    RungRules,
    correlation,
    decide,
    has_earned,
)

RULES = RungRules(reduction=3, control=0.0, least_correlation=0.2, least_trials=8)


def climber(value: float, score: float | None, **changes: object) -> Climber:
    decision = RungDecision(
        step=ROWS,
        value=value,
        goes_on=True,
        rank=1,
        reached=1,
        below=False,
        earned=False,
        control=False,
        rho=None,
        low=None,
        n=0,
    )
    return Climber(dataclasses.replace(decision, **changes), score)


def ranked(n: int) -> list[Climber]:
    """Trials that the rung ranked exactly as their scores did."""
    return [climber(place / 10, place / 100) for place in range(n)]


def test_a_rung_that_has_earned_nothing_stops_nobody() -> None:
    decision = decide(-0.1, step=ROWS, number=7, earlier=ranked(7), rules=RULES)

    assert (decision.below, decision.earned, decision.goes_on) == (True, False, True)
    assert (decision.rank, decision.reached) == (8, 8)
    assert decision.n == 7


def test_one_in_three_goes_on_from_a_rung_that_has_earned_it() -> None:
    earlier = ranked(8)  # values 0.0 to 0.7; of nine trials the best three go on

    third = decide(0.55, step=ROWS, number=8, earlier=earlier, rules=RULES)
    fourth = decide(0.45, step=ROWS, number=8, earlier=earlier, rules=RULES)

    assert (third.rank, third.goes_on) == (3, True)
    assert (fourth.rank, fourth.goes_on) == (4, False)
    assert fourth.earned
    assert fourth.low is not None
    assert fourth.low > 0.2


def test_equals_share_the_better_place() -> None:
    decision = decide(0.5, step=ROWS, number=8, earlier=ranked(8), rules=RULES)

    assert (decision.rank, decision.goes_on) == (3, True)


def test_a_rung_that_ranks_the_wrong_way_round_never_earns() -> None:
    earlier = [climber(place / 10, -place / 100) for place in range(30)]

    decision = decide(-1.0, step=ROWS, number=30, earlier=earlier, rules=RULES)

    assert decision.rho is not None
    assert decision.rho < 0
    assert decision.goes_on


def test_a_correlation_that_may_be_luck_does_not_suffice() -> None:
    # three swaps: the squared gaps sum to 66, so rho = 1 - 6 * 66 / 990; 95 % from -0.11
    swapped = [5, 3, 2, 1, 4, 0, 8, 7, 6, 9]
    known = correlation([climber(place, score) for place, score in enumerate(swapped)])

    assert known.rho == pytest.approx(0.6)
    assert not has_earned(known, RULES)


def test_values_that_do_not_vary_earn_nothing() -> None:
    earlier = [climber(0.5, place / 100) for place in range(12)]

    decision = decide(0.1, step=ROWS, number=12, earlier=earlier, rules=RULES)

    assert (decision.rho, decision.goes_on) == (None, True)


def test_a_control_goes_on_and_is_drawn_before_its_value_is_known() -> None:
    everybody = dataclasses.replace(RULES, control=1.0)

    decision = decide(-1.0, step=ROWS, number=8, earlier=ranked(8), rules=everybody)

    assert (decision.below, decision.earned, decision.control) == (True, True, True)
    assert decision.goes_on
    assert decision.fair


def test_the_share_of_controls_is_the_one_asked_for() -> None:
    rules = RungRules(control=0.15, seed=3)

    controls = sum(rules.is_control(number) for number in range(10_000))

    assert controls == pytest.approx(1500, abs=4 * math.sqrt(10_000 * 0.15 * 0.85))
    assert not any(dataclasses.replace(rules, control=0.0).is_control(n) for n in range(100))


def test_only_trials_in_whose_fate_the_rung_had_no_say_are_counted() -> None:
    selected = [climber(place / 10, -place, earned=True) for place in range(20)]
    controls = [climber(place / 10, place, earned=True, control=True) for place in range(5)]
    unfinished = [climber(0.3, None) for _ in range(4)]

    known = correlation([*selected, *controls, *unfinished])

    assert (known.rho, known.n) == (pytest.approx(1.0), 5)


def test_a_rung_that_stops_ranking_loses_what_it_had_earned() -> None:
    misled = [climber(place / 10, -place, earned=True, control=True) for place in range(8)]

    decision = decide(-9.0, step=ROWS, number=16, earlier=[*ranked(8), *misled], rules=RULES)

    assert not decision.earned
    assert decision.goes_on


def test_values_that_were_measured_otherwise_are_not_ranked_together() -> None:
    decision = decide(
        0.0,
        step=ROWS,
        number=30,
        earlier=ranked(30),
        rules=dataclasses.replace(RULES, made_from="60 contexts"),
    )

    assert (decision.rank, decision.reached, decision.n) == (1, 1, 0)
    assert decision.goes_on


def test_a_decision_is_one_line_for_a_person() -> None:
    earned = decide(0.05, step=ROWS, number=8, earlier=ranked(8), rules=RULES)

    assert str(earned).startswith("0.050, place 8 of 9: stops (ρ = +1.00, at least +0.")
    early = decide(-0.1, step=ROWS, number=2, earlier=ranked(2), rules=RULES)
    assert str(early) == (
        "-0.100, place 3 of 3: goes on all the same (correlation with the score unknown, n = 2)"
    )
