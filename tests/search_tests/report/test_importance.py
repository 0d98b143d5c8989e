from __future__ import annotations

import dataclasses

from search.report.importance import importances
from search.study.records import State, TrialRecord
from tests.search_tests.outcomes import outcome_of


def trial(number: int, passed: int | None, **knobs: str | int | float | bool) -> TrialRecord:
    outcome = None if passed is None else outcome_of(passed)
    state = State.FAILED if passed is None else State.COMPLETE
    return TrialRecord(number, state, knobs, outcome, "", ())


def study(n: int) -> list[TrialRecord]:
    """The clause decides the score alone; the temperature goes through all its values twice."""
    return [
        trial(number, 8 if number % 2 else 2, clause="xy"[number % 2], heat=number // 2 % 4 / 4)
        for number in range(n)
    ]


def test_the_knob_that_decides_passes_its_chance_and_the_other_does_not() -> None:
    clause, heat = importances(study(24), seed=0).knobs

    assert (clause.knob, heat.knob) == ("clause", "heat")
    assert clause.share > 0.95
    assert clause.share > clause.chance
    assert heat.share < heat.chance


def test_too_few_trials_are_said_to_be_too_few_and_failed_ones_do_not_count() -> None:
    records = [*study(9), *(trial(number, None, clause="x", heat=0.1) for number in range(9, 30))]

    found = importances(records, seed=0)

    assert found.knobs == ()
    assert found.reason == ("too few trials: 9 scored, at least 10 are needed for 2 varied knobs")


def test_a_knob_that_was_never_varied_is_no_knob() -> None:
    records = [
        dataclasses.replace(one, parameters={**one.parameters, "filter": "faithful"})
        for one in study(12)
    ]

    assert {one.knob for one in importances(records, seed=0).knobs} == {"clause", "heat"}


def test_without_a_difference_there_is_nothing_to_explain() -> None:
    same = [trial(number, 5, clause="xy"[number % 2]) for number in range(12)]
    fixed = [trial(number, number % 3, clause="x") for number in range(12)]

    assert importances(same, seed=0).reason == "every trial has the same score"
    assert importances(fixed, seed=0).reason == "no knob was varied in the scored trials"
    assert importances([], seed=0).reason == "no knob was varied in the scored trials"
