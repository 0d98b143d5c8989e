from __future__ import annotations

from pathlib import Path

import pytest

from evaluators.task import Demo
from search.driver.plan import MAY_CHANGE
from search.errors import StudyChanged, StudyError
from search.recipes.pool import SIZE, ArmPool, Draft, PoolFull
from search.recipes.space import Pooled, Real, baseline_parameters, distributions, recipe_of
from search.settings.study import BaselineSettings, RecipeSpace
from search.study.records import read_records
from search.study.study import SearchStudy
from tests.search_tests.outcomes import outcome_of
from tests.search_tests.recipes.test_space import SPACE as PLAIN

SPACE = {"addition": Pooled(("",)), "demo_set": Pooled(("none",)), "temperature": Real(0.0, 1.0)}
FIRST = {"addition": "", "demo_set": "none", "temperature": 0.5}
DEMO = Demo(("def f(x): return x", "in"), ("out", "def f"))


class Notebook:
    """Facts in memory."""

    def __init__(self) -> None:
        self.facts: dict[str, object] = {}

    def note(self, name: str, value: object) -> None:
        self.facts[name] = value

    def noted_under(self, prefix: str) -> dict[str, object]:
        return {name: fact for name, fact in self.facts.items() if name.startswith(prefix)}


def open_study(path: Path, sampler: str = "tpe") -> SearchStudy:
    return SearchStudy(path, name="s", space=SPACE, sampler=sampler, startup_trials=2, seed=0)


def test_an_arm_is_written_down_before_its_number_can_be_drawn() -> None:
    notes = Notebook()
    pool = ArmPool("addition", seeds=("",), notes=notes)
    added = pool.add(Draft("Be brief.", origin="written", parents=("trial 3",)), after=4)

    again = ArmPool("addition", seeds=("",), notes=notes)

    assert again.arms == pool.arms
    assert again.arm(1) == added
    assert (added.number, added.value, added.origin, added.after) == (1, "Be brief.", "written", 4)


def test_a_proposed_demo_set_has_a_name_of_its_own_and_keeps_its_demos() -> None:
    notes = Notebook()
    ArmPool("demo_set", seeds=("none", "two"), notes=notes).add(
        Draft(demos=(DEMO,), origin="rows"), after=0
    )

    arm = ArmPool("demo_set", seeds=("none", "two"), notes=notes).arm(2)

    assert (arm.value, arm.demos) == ("rows 2", (DEMO,))


def test_a_retired_arm_stays_retired_and_arm_0_cannot_be() -> None:
    notes = Notebook()
    pool = ArmPool("addition", seeds=("",), notes=notes)
    pool.add(Draft("a"), after=0)
    pool.add(Draft("b"), after=0)
    pool.retire(1, "failed twice")
    pool.retire(0, "never")

    again = ArmPool("addition", seeds=("",), notes=notes)

    assert again.live == (0, 2)
    assert again.retired == {1: "failed twice"}


def test_a_pool_that_is_full_says_so() -> None:
    pool = ArmPool("addition", seeds=[str(number) for number in range(SIZE)], notes=Notebook())

    with pytest.raises(PoolFull, match="4,096 arms"):
        pool.add(Draft("one more"), after=0)


@pytest.mark.parametrize("sampler", ["tpe", "random"])
@pytest.mark.parametrize("file", ["study.db", "study.journal"])
def test_arms_that_come_during_a_study_are_tried_and_shown_by_their_text(
    tmp_path: Path, file: str, sampler: str
) -> None:
    study = open_study(tmp_path / file, sampler)
    study.begin_with(FIRST)
    seen = []
    for trial in range(9):
        if trial in (1, 4):
            study.pools["addition"].add(Draft(f"text {trial}", origin="written"), after=trial)
            study.pools["demo_set"].add(Draft(demos=(DEMO,), origin="rows"), after=trial)
        proposal = study.propose()
        seen.append(proposal)
        study.complete(proposal.number, outcome_of(trial % 5), ())

    assert dict(seen[0].parameters) == FIRST
    assert len({str(one.parameters["addition"]) for one in seen}) > 1
    shown = {one.parameters["demo_set"]: one.shown for one in seen}
    assert shown["none"] is None
    assert (DEMO,) in shown.values()
    records = read_records(tmp_path / file, "s")
    assert [record.parameters for record in records] == [one.parameters for one in seen]
    assert [record.shown for record in records] == [one.shown for one in seen]


def test_a_good_arm_that_came_late_is_found_by_tpe_and_a_retired_one_is_not_drawn(
    tmp_path: Path,
) -> None:
    study = open_study(tmp_path / "study.journal")
    study.begin_with(FIRST)
    pool = study.pools["addition"]
    late = []
    for trial in range(60):
        if trial == 20:
            pool.add(Draft("bad"), after=trial)
            pool.add(Draft("good"), after=trial)
        if trial == 40:
            pool.retire(pool.number_of("bad"), "because")
        proposal = study.propose()
        addition = str(proposal.parameters["addition"])
        passed = {"": 3, "bad": 1, "good": 8}[addition]
        study.complete(proposal.number, outcome_of(passed), ())
        late += [addition] if trial >= 40 else []

    assert "bad" not in late
    assert late.count("good") > 10  # half of them would be chance


def test_an_adopted_trial_keeps_the_arm_it_was_given(tmp_path: Path) -> None:
    dead = open_study(tmp_path / "study.db", "random")
    dead.pools["addition"].add(Draft("kept"), after=0)
    left = [dead.propose() for _ in range(4)]

    study = open_study(tmp_path / "study.db", "random")
    adopted = [study.propose() for _ in range(4)]

    assert [one.parameters for one in adopted] == [one.parameters for one in left]
    assert all(one.adopted for one in adopted)
    assert {str(one.parameters["addition"]) for one in adopted} == {"", "kept"}


def test_texts_may_be_added_to_the_study_file_later_but_growing_may_not_change(
    tmp_path: Path,
) -> None:
    study = open_study(tmp_path / "study.db")
    before = {"recipe.growing": ["addition"], "recipe.additions": ["a"]}
    study.describe(before, may_change=MAY_CHANGE)

    changed = study.describe({**before, "recipe.additions": ["a", "b"]}, may_change=MAY_CHANGE)

    assert [one.name for one in changed] == ["recipe.additions"]
    with pytest.raises(StudyChanged, match=r"recipe\.growing"):
        study.describe({**before, "recipe.growing": []}, may_change=MAY_CHANGE)


def test_demos_of_a_proposed_set_must_be_handed_over() -> None:
    space = RecipeSpace(**{**PLAIN.model_dump(), "growing": ("addition", "demo_set")})
    parameters = {**baseline_parameters(BaselineSettings(), space), "addition": "Think."}

    assert distributions(space)["addition"] == Pooled(("",))
    assert distributions(space)["demo_set"] == Pooled(("none", "one"))
    assert recipe_of(parameters, space, {}).instruction == "Translate. Think."
    parameters["demo_set"] = "rows 2"
    assert recipe_of(parameters, space, {}, shown=(DEMO,)).demos == (DEMO,)
    with pytest.raises(KeyError, match="`shown` must hold its demos"):
        recipe_of(parameters, space, {})


def test_an_arm_that_another_version_wrote_is_refused_in_one_line() -> None:
    notes = Notebook()
    notes.note("arm.addition.1", '{"number": 1, "words": "Be brief."}')

    with pytest.raises(StudyError, match=r"`arm\.addition\.1` cannot be read; another version"):
        ArmPool("addition", seeds=[""], notes=notes)
