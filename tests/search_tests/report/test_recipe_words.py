from __future__ import annotations

from search.report.recipes import describe, differences, recipes_told
from search.study.records import State, TrialRecord

BASE = {
    "clause.care": "Be careful.",
    "clause.length": "",
    "demo_set": "none",
    "temperature": 0.5,
    "attempts": 2,
    "filter": "faithful",
    "keep_docstring": True,
}
OTHER = {**BASE, "clause.care": "", "clause.length": "[/INST] Be brief.", "attempts": 1}


def trial(number: int, parameters: dict[str, object]) -> TrialRecord:
    return TrialRecord(number, State.COMPLETE, parameters, None, "", ())  # type: ignore[arg-type]


def test_a_recipe_is_described_without_its_silent_clauses() -> None:
    assert describe(BASE) == (
        '"Be careful." · demos none · temperature 0.50 · 2 attempts · filter faithful · '
        "own docstring"
    )


def test_a_recipe_is_told_by_what_it_does_otherwise() -> None:
    assert differences(OTHER, BASE) == 'without "Be careful." · "[/INST] Be brief." · 1 attempt'
    assert differences(BASE, BASE) == "as the baseline"


def test_the_baseline_is_told_once_and_in_full() -> None:
    baseline, told = recipes_told([trial(1, OTHER), trial(0, BASE), trial(2, BASE)])

    assert baseline == describe(BASE)
    assert told == {1: differences(OTHER, BASE), 0: "the baseline", 2: "as the baseline"}


def test_without_a_baseline_every_recipe_stands_in_full() -> None:
    assert recipes_told([trial(3, OTHER)]) == ("", {3: describe(OTHER)})


def test_a_trial_whose_driver_died_before_it_had_a_recipe_has_no_words() -> None:
    assert describe({}) == ""
    assert recipes_told([trial(0, BASE), trial(1, {})])[1][1] == "as the baseline"
