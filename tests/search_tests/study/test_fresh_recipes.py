"""A recipe that was tried is not tried again, whoever proposes and whatever became of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.recipes.pool import Draft
from search.recipes.space import Distribution, OneOf, Pooled, Real, Whole
from search.settings.study import SearchSettings
from search.study.records import Failure, State, read_study
from search.study.samplers import Sampler
from search.study.study import SearchStudy
from search.workers.bridge import ENOUGH, Bridge
from tests.search_tests.outcomes import outcome_of
from tests.search_tests.workers.test_bridge import FakeWatcher, ending

SAMPLERS = ("tpe", "gp", "random")
SPACE: dict[str, Distribution] = {
    "style": OneOf(("", "[/INST]", "casual")),
    "temperature": Real(0.5, 0.5),
    "attempts": Whole(1, 4),
}
"""Twelve recipes."""


def open_study(
    path: Path, sampler: Sampler, space: dict[str, Distribution] | None = None
) -> SearchStudy:
    return SearchStudy(
        path, name="s", space=space or SPACE, sampler=sampler, startup_trials=3, seed=0
    )


def recipe(study: SearchStudy, ends: str = "score") -> tuple[object, ...]:
    """Run the next trial, and say what it tried."""
    proposal = study.propose()
    if ends == "score":
        study.complete(proposal.number, outcome_of(len(str(proposal.parameters["style"]))), ())
    elif ends == "failure":
        study.fail(proposal.number, Failure("too few examples"), ())
    elif ends == "prune":
        study.prune(proposal.number, ())
    return tuple(proposal.parameters.values())


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_space_of_twelve_recipes_takes_twelve_trials(tmp_path: Path, sampler: Sampler) -> None:
    study = open_study(tmp_path / "study.journal", sampler)
    ends = ["score", "failure", "prune", "nothing", *["score"] * 8]
    tried = []
    for how in ends:
        assert not study.exhausted
        tried.append(recipe(study, how))

    assert len(set(tried)) == 12
    assert study.exhausted
    assert recipe(study) in tried  # there is nothing else to propose


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_study_that_is_gone_on_with_knows_what_was_tried(
    tmp_path: Path, sampler: Sampler
) -> None:
    first = [recipe(open_study(tmp_path / "study.db", sampler)) for _ in range(6)]
    study = open_study(tmp_path / "study.db", sampler)
    later = [recipe(study) for _ in range(6)]

    assert len({*first, *later}) == 12
    assert open_study(tmp_path / "study.db", sampler).exhausted


def test_the_baseline_is_not_drawn_again(tmp_path: Path) -> None:
    space: dict[str, Distribution] = {"style": OneOf(("a", "b"))}
    study = open_study(tmp_path / "study.journal", "random", space)
    study.begin_with({"style": "b"})

    assert [recipe(study), recipe(study)] == [("b",), ("a",)]


def test_repeats_are_counted_and_remembered(tmp_path: Path) -> None:
    path = tmp_path / "study.journal"
    study = open_study(path, "random")
    for _ in range(12):
        recipe(study)

    assert study.repeats > 0  # chance draws twelve different ones of twelve once in 18,000 times
    assert read_study(path).repeats == study.repeats
    assert open_study(path, "random").repeats == study.repeats
    assert len(study.records()) == 12


def test_a_real_number_is_never_used_up(tmp_path: Path) -> None:
    space = {**SPACE, "temperature": Real(0.0, 1.0)}
    study = open_study(tmp_path / "study.journal", "random", space)
    for _ in range(30):
        recipe(study)

    assert not study.exhausted
    assert study.repeats == 0


def test_a_pool_that_grows_opens_a_space_that_was_used_up(tmp_path: Path) -> None:
    space: dict[str, Distribution] = {"style": OneOf(("a", "b")), "addition": Pooled(("",))}
    study = open_study(tmp_path / "study.journal", "tpe", space)
    recipe(study), recipe(study)
    assert study.exhausted

    study.pools["addition"].add(Draft("Be brief."), after=2)

    assert not study.exhausted
    assert {recipe(study), recipe(study)} == {("a", "Be brief."), ("b", "Be brief.")}
    assert study.exhausted


def test_a_search_of_a_space_that_is_used_up_is_over(tmp_path: Path) -> None:
    space: dict[str, Distribution] = {"style": OneOf(("a", "b"))}
    study = open_study(tmp_path / "study.journal", "tpe", space)
    search = Bridge(study, FakeWatcher(), ready=lambda: True, search=SearchSettings(trials=9))
    assert isinstance(search.propose("one"), dict)
    assert isinstance(search.propose("two"), dict)
    assert search.propose("three") is None  # work ahead, if there were any
    search.ended("one", ending())
    search.ended("two", ending())

    assert search.propose("three") == ENOUGH
    assert [one.state for one in study.records()] == [State.COMPLETE] * 2
