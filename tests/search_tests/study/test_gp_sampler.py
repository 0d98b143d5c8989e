"""The Gaussian process as a study's sampler: short studies, with knobs, pools and noise."""

from __future__ import annotations

from pathlib import Path

from search.recipes.pool import Draft
from search.recipes.space import OneOf, Pooled, Real, Whole
from search.study.records import Failure
from search.study.samplers import Sampler
from search.study.study import SearchStudy
from tests.search_tests.outcomes import outcome_of

SPACE = {
    "demo_set": OneOf(("none", "two", "four", "six")),
    "style": OneOf(("", "plain", "casual", "formal")),
    "temperature": Real(0.0, 1.0),
    "attempts": Whole(1, 3),
}


def open_study(
    path: Path, sampler: Sampler = "gp", space: object = SPACE, startup: int = 4
) -> SearchStudy:
    return SearchStudy(
        path, name="s", space=space, sampler=sampler, startup_trials=startup, seed=0
    )


def passed_by(parameters) -> int:
    """Of 100: the best pair of choices is worth 80, half of it 40."""
    right = (parameters["demo_set"] == "four") + (parameters["style"] == "casual")
    return 40 * right + int(5 * parameters["temperature"])


def run(study: SearchStudy, trials: int) -> list[int]:
    scores = []
    for _ in range(trials):
        proposal = study.propose()
        scores.append(passed_by(proposal.parameters))
        study.complete(proposal.number, outcome_of(scores[-1], 100), ())
    return scores


def test_the_best_of_sixteen_pairs_is_found_within_a_dozen_trials(tmp_path: Path) -> None:
    assert max(run(open_study(tmp_path / "study.journal"), 12)) >= 80


def test_a_study_that_tpe_began_goes_on_where_it_is(tmp_path: Path) -> None:
    run(open_study(tmp_path / "study.db", "tpe"), 6)
    study = open_study(tmp_path / "study.db")

    later = run(study, 6)

    assert len(study.records()) == 12
    assert max(later) >= 80


def test_it_proposes_beside_trials_that_run_and_goes_by_scores_alone(tmp_path: Path) -> None:
    study = open_study(tmp_path / "study.journal", startup=2)
    run(study, 2)
    running = study.propose()
    failed = study.propose()
    study.fail(failed.number, Failure("too few examples"), ())

    assert dict(study.propose().parameters) != dict(running.parameters)


def test_a_recipe_that_was_tried_is_not_proposed_for_ever(tmp_path: Path) -> None:
    space = {name: SPACE[name] for name in ("demo_set", "style")}
    study = open_study(tmp_path / "study.journal", space=space, startup=2)
    tried = []
    for _ in range(14):
        proposal = study.propose()
        tried.append(tuple(proposal.parameters.values()))
        if len(tried) > 4:
            study.fail(proposal.number, Failure("too few examples"), ())
        else:
            study.complete(proposal.number, outcome_of(5), ())

    assert len(set(tried)) > 7  # without a score to learn from, the process would stand still


def test_scores_that_are_all_alike_stop_nobody(tmp_path: Path) -> None:
    study = open_study(tmp_path / "study.journal", startup=1)
    for _ in range(4):
        study.complete(study.propose().number, outcome_of(0), ())

    assert set(study.propose().parameters) == set(SPACE)


def test_an_arm_that_came_late_is_tried_and_a_retired_one_is_not(tmp_path: Path) -> None:
    space = {"addition": Pooled(("",)), "temperature": Real(0.0, 1.0)}
    study = open_study(tmp_path / "study.journal", space=space, startup=2)
    pool, drawn = study.pools["addition"], []
    for trial in range(12):
        if trial == 4:
            pool.add(Draft("bad"), after=trial)
            pool.add(Draft("good"), after=trial)
        if trial == 7:
            pool.retire(pool.number_of("bad"), "because")
        proposal = study.propose()
        drawn.append(str(proposal.parameters["addition"]))
        worth = {"": 3, "bad": 1, "good": 8}[drawn[-1]]
        study.complete(proposal.number, outcome_of(worth), ())

    assert drawn[4:6] == ["bad", "good"]
    assert "bad" not in drawn[7:]
    assert drawn[7:].count("good") > 2
