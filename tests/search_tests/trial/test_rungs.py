from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from engines.ledger import Cost, Ledger, StageCost
from search.recipes.recipe import Recipe
from search.settings.study import RungSettings
from search.trial.outcome import KnownRows, TrialOutcome
from search.trial.rung_rules import ROWS, SHORT
from search.trial.rungs import climb, rules_of, small_plan
from search.trial.trial import run_trial
from search.trial.workshop import Workshop
from stores.stages import StageStore
from tests.search_tests.fakes import FakeGenerator, FakeLearner, FakeSandbox
from tests.search_tests.trial.test_trial import CONTEXTS, PLAN
from trainers.config import TrainingConfig

CAREFUL = Recipe("Be careful.", filter="faithful", attempts=2)
CARELESS = Recipe("Be quick.", filter="faithful")
NOTHING = KnownRows()
RUNGS = RungSettings(contexts=3, max_steps=1, problems=5, signal="faithfulness")


class Climbing:
    """A trial with rungs on fakes, with what it asked and reported."""

    def __init__(self, root: Path, rungs: RungSettings = RUNGS) -> None:
        self.generator, self.sandbox, self.learner = FakeGenerator(), FakeSandbox(), FakeLearner()
        self.workshop = Workshop(self.generator, self.sandbox, self.learner)
        self.root = root
        self.rungs = rungs
        self.reported: dict[int, float] = {}
        self.lines: list[StageCost] = []

    def climb(self, recipe: Recipe) -> KnownRows:
        """The rungs alone."""
        return climb(
            recipe,
            plan=PLAN,
            rungs=self.rungs,
            workshop=self.workshop,
            stages=self._stages(),
            report=self.reported.__setitem__,
        )

    def run(self, recipe: Recipe, known: KnownRows = NOTHING) -> TrialOutcome:
        """The whole trial."""
        return run_trial(
            recipe, plan=PLAN, workshop=self.workshop, stages=self._stages(), known=known
        )

    def _stages(self) -> StageStore:
        return StageStore(self.root, ledger=Ledger(self.lines.append))

    def cost(self, stage: str) -> Cost:
        """Of all stages of that kind that were run."""
        return sum((one.cost for one in self.lines if one.stage == stage and one.paid), Cost())


def test_the_rungs_are_rows_of_a_few_contexts_and_a_short_fine_tune(tmp_path: Path) -> None:
    trial = Climbing(tmp_path)

    known = trial.climb(CAREFUL)

    assert trial.reported == {ROWS: 1.0, SHORT: 3 / 5}  # three right examples, five problems
    assert len(known.written) == 6
    assert trial.learner.calls == ["train", "evaluate"]
    assert trial.learner.steps == [1]


def test_rows_of_the_first_rung_are_not_made_again(tmp_path: Path) -> None:
    trial, plain = Climbing(tmp_path / "rungs"), Climbing(tmp_path / "plain")

    climbed = trial.run(CAREFUL, trial.climb(CAREFUL))
    whole = plain.run(CAREFUL)

    assert trial.sandbox.calls == [6, 2]  # two attempts at three contexts, then at the fourth
    assert trial.cost("generate") == dataclasses.replace(
        trial.cost("generate"), input_tokens=80, output_tokens=40
    )
    assert trial.cost("check").checks == plain.cost("check").checks == 8
    assert climbed == whole


def test_a_trial_with_rungs_leaves_the_stages_that_one_without_reads(tmp_path: Path) -> None:
    trial, plain = Climbing(tmp_path), Climbing(tmp_path)

    trial.run(CAREFUL, trial.climb(CAREFUL))
    plain.run(CAREFUL)

    assert all(line.cached for line in plain.lines)


def test_rungs_climbed_again_are_read(tmp_path: Path) -> None:
    first, again = Climbing(tmp_path), Climbing(tmp_path)

    known = first.climb(CAREFUL)

    assert again.climb(CAREFUL) == known
    assert again.reported == first.reported
    assert (again.generator.calls, again.sandbox.calls, again.learner.calls) == ([], [], [])


def test_a_rung_that_cannot_be_measured_says_nothing(tmp_path: Path) -> None:
    trial = Climbing(tmp_path)

    trial.climb(CARELESS)  # no row is faithful, so there is nothing to train on

    assert trial.reported == {ROWS: 0.0}
    assert trial.learner.calls == []


def test_no_steps_leave_the_second_rung_out(tmp_path: Path) -> None:
    trial = Climbing(tmp_path, RUNGS.model_copy(update={"max_steps": 0}))

    trial.climb(CAREFUL)

    assert set(trial.reported) == {ROWS}


def test_a_trial_that_is_stopped_at_a_rung_does_nothing_more(tmp_path: Path) -> None:
    trial = Climbing(tmp_path)

    def stop(step: int, value: float) -> None:
        raise SystemExit  # what Tune does in a report

    with pytest.raises(SystemExit):
        climb(
            CAREFUL,
            plan=PLAN,
            rungs=RUNGS,
            workshop=trial.workshop,
            stages=StageStore(tmp_path, ledger=Ledger()),
            report=stop,
        )
    assert trial.learner.calls == []


def test_the_small_plan_is_the_plan_in_small() -> None:
    small = small_plan(PLAN, RUNGS)

    assert small.contexts == CONTEXTS[:3]
    assert len(small.problems) == 5
    assert small.training == TrainingConfig(max_steps=1)
    assert small.min_examples == 2  # 2 of 4 contexts is 1.5 of 3
    assert (small.seed, small.student_sha256) == (PLAN.seed, PLAN.student_sha256)


def test_rungs_that_are_measured_otherwise_have_other_names() -> None:
    names = {
        rules_of(RUNGS.model_copy(update=change), PLAN).made_from
        for change in (
            {},
            {"contexts": 2},
            {"max_steps": 2},
            {"problems": 4},
            {"signal": "validity"},
        )
    }

    assert len(names) == 5
    other = RUNGS.model_copy(update={"reduction": 4, "control": 0.5})
    assert rules_of(other, PLAN).made_from in names
