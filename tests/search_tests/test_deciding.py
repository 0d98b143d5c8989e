from __future__ import annotations

import dataclasses
from pathlib import Path

from search.deciding import best_recipes, by_score
from search.study.file import load_study
from search.study.records import State, TrialRecord
from search.study.space import baseline_parameters
from search.trials.tuner import Job
from tests.search_tests.fakes import FakeSandbox, fake_parts
from tests.search_tests.outcomes import outcome_of
from tests.search_tests.small_study import write_small_study
from tests.search_tests.test_trial import PLAN


def job_of(folder: Path, *, finalists: int) -> Job:
    settings = load_study(write_small_study(folder))
    search = settings.search.model_copy(update={"finalists": finalists})
    return Job(
        settings=settings.model_copy(update={"search": search}),
        parts=fake_parts(),
        plan=PLAN,
        demos={},
        stages=folder / "stages",
        sandbox=FakeSandbox(),
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
