from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from search.driver.winner import best_recipes, by_score, remember_opening, require_trials
from search.errors import NoTrialFinished, StudyStopped
from search.recipes.space import baseline_parameters
from search.settings.file import load_study
from search.study.records import State, TrialRecord, failure_counts
from search.trial.job import Job
from tests.search_tests.fakes import FakeSandbox, fake_parts
from tests.search_tests.outcomes import outcome_of
from tests.search_tests.small_study import write_small_study
from tests.search_tests.trial.test_trial import PLAN


def job_of(folder: Path, *, finalists: int) -> Job:
    settings = load_study(write_small_study(folder))
    search = settings.search.model_copy(update={"finalists": finalists})
    return Job(
        settings=settings.model_copy(update={"search": search}),
        parts=fake_parts(),
        plan=PLAN,
        demos={},
        stages=folder / "stages",
        checker=FakeSandbox(),
    )


def records(job: Job) -> list[TrialRecord]:
    """Five trials: 5, 7, 7 and 6 problems passed, one failed; trials 1 and 3 try the same."""
    first = baseline_parameters(job.settings.baseline, job.settings.recipe)
    made = [
        TrialRecord(
            number, State.COMPLETE, {**first, "attempts": attempts}, outcome_of(passed), "", ()
        )
        for number, (attempts, passed) in enumerate([(1, 5), (2, 7), (1, 7), (2, 6)])
    ]
    failed = dataclasses.replace(made[0], number=4, state=State.FAILED, outcome=None)
    return [*made, failed]


def test_the_best_score_stands_first_and_of_equals_the_earlier_trial(tmp_path: Path) -> None:
    job = job_of(tmp_path, finalists=0)

    assert [one.number for one in by_score(records(job))] == [1, 2, 3, 0]
    assert best_recipes(records(job), job) == {}


def test_a_recipe_tried_twice_is_one_finalist(tmp_path: Path) -> None:
    job = job_of(tmp_path, finalists=3)

    found = best_recipes(records(job), job)

    assert {number: recipe.attempts for number, recipe in found.items()} == {1: 2, 2: 1}


def failing(reasons: list[str], *, scored: int) -> list[TrialRecord]:
    """So many trials with a score, then one that failed for each reason."""
    good = [
        TrialRecord(number, State.COMPLETE, {}, outcome_of(1), "", ()) for number in range(scored)
    ]
    bad = [
        TrialRecord(scored + place, State.FAILED, {}, None, reason, ())
        for place, reason in enumerate(reasons)
    ]
    return [*good, *bad]


def test_too_many_failures_end_a_search_before_the_sealed_problems_are_opened(
    tmp_path: Path,
) -> None:
    search = job_of(tmp_path, finalists=0).settings.search  # 5 trials, at most 10 failures
    few = [f"select: {number} examples (refused: a {number})" for number in range(10)]

    with pytest.raises(StudyStopped) as stopped:
        require_trials(failing([*few, "train: gone"], scored=3), search)
    with pytest.raises(NoTrialFinished) as none:
        require_trials(failing([*few, "train: gone"], scored=0), search)

    assert str(stopped.value) == (
        "stopped with 3 of 5 trials scored: 11 failed, more than search.max_failed_trials (10); "
        "10 times: select: 0 examples (refused: a 0); mend that, raise search.max_failed_trials "
        "and run again with --resume, or settle for these with --resume --trials 3"
    )
    assert str(none.value) == (
        "none of 11 trials ended with a score; 10 times: select: 0 examples (refused: a 0); "
        "mend that, raise search.max_failed_trials and run again with --resume"
    )


def test_a_search_that_has_its_trials_may_have_lost_as_many_as_it_likes(tmp_path: Path) -> None:
    search = job_of(tmp_path, finalists=0).settings.search

    require_trials(failing(["x"] * 10, scored=3), search)
    require_trials(failing(["x"] * 11, scored=5), search)


def test_failures_that_differ_in_their_numbers_are_one_reason() -> None:
    reasons = [
        "select: 3 examples of 1,200 candidates (refused: parse_error 7)",
        "train: gone",
        "select: 0 examples of 30 candidates (refused: parse_error 20, unfaithful 3)",
    ]

    assert failure_counts(failing(reasons, scored=1)) == [(reasons[0], 2), ("train: gone", 1)]


class Memory:
    """A study's facts, in a dictionary."""

    def __init__(self, facts: dict[str, object] | None = None) -> None:
        self.facts = dict(facts or {})

    def note(self, name: str, value: object) -> None:
        self.facts[name] = value

    def noted(self, name: str) -> object:
        return self.facts.get(name)


def test_sealed_problems_are_opened_again_for_another_winner_or_other_fine_tunes() -> None:
    study = Memory()
    looks = [(3, 1), (3, 1), (5, 1), (5, 3), (3, 1), (5, 1), (5, 2)]

    counts = [remember_opening(study, winner=winner, runs=runs) for winner, runs in looks]

    assert counts == [1, 1, 2, 3, 3, 3, 4]  # never less, whatever is opened next


def test_an_opening_that_an_earlier_version_noted_counts() -> None:
    study = Memory({"sealed_opened_for": [3, 5]})

    assert remember_opening(study, winner=5, runs=3) == 2
    assert remember_opening(study, winner=7, runs=1) == 3
