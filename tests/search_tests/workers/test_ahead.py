"""What a slot that the last trials leave idle does for the final comparison."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from engines.ledger import Ledger
from search.comparisons.finalists import fresh_seeds
from search.comparisons.sealed import Contender, run_arm, sealed_plan
from search.settings.study import SearchSettings
from search.study.study import SearchStudy
from search.trial.trial import train_only
from search.trial.workshop import Workshop
from search.workers.bridge import ENOUGH, LINE, LINES, OUTCOME, Bridge
from stores.stages import StageStore
from tests.search_tests.fakes import FakeGenerator, FakeLearner, FakeSandbox
from tests.search_tests.outcomes import COSTS, outcome_of
from tests.search_tests.trial.test_trial import CAREFUL, PLAN, PROBLEMS
from tests.search_tests.workers.test_bridge import FakeWatcher, open_study

SCORED = {
    "outcome": OUTCOME.dump_json(outcome_of(3)).decode(),
    "lines": LINES.dump_json(COSTS).decode(),
}


def two_trials(study: SearchStudy, watcher: FakeWatcher, **search: int) -> Bridge:
    wanted = SearchSettings(trials=2, **search)
    return Bridge(study, watcher, ready=lambda: True, search=wanted, ahead=1)


def test_an_idle_slot_works_ahead_while_the_last_trial_runs(tmp_path: Path) -> None:
    watcher = FakeWatcher()
    study = open_study(tmp_path)
    bridge = two_trials(study, watcher)
    bridge.propose("a")
    bridge.propose("b")
    bridge.ended("a", SCORED)

    assert bridge.propose("c") == {"ahead": 0}
    assert bridge.propose("d") is None  # there was one thing to do
    before = list(watcher.told)
    bridge.again("c")
    bridge.told("c", {"line": LINE.dump_json(COSTS[0]).decode()})
    bridge.ended("c", {"ahead": 0})
    assert watcher.told == before  # it is no trial
    bridge.ended("b", SCORED)
    assert bridge.propose("e") == ENOUGH
    assert len(study.records()) == 2


def test_a_trial_that_is_begun_again_is_told_so(tmp_path: Path) -> None:
    watcher = FakeWatcher()
    bridge = two_trials(open_study(tmp_path), watcher)
    bridge.propose("a")

    bridge.again("a")

    assert watcher.told == ["started 0", "again 0"]


def test_a_helper_whose_process_dies_costs_nothing(tmp_path: Path) -> None:
    bridge = two_trials(open_study(tmp_path), FakeWatcher())
    bridge.propose("a")
    bridge.propose("b")
    bridge.ended("a", SCORED)
    bridge.propose("c")

    bridge.ended("c", None)
    bridge.ended("b", None)  # the last trial fails, and is replaced

    assert "number" in (bridge.propose("d") or {})


def test_a_search_that_gives_up_works_nothing_ahead(tmp_path: Path) -> None:
    bridge = two_trials(open_study(tmp_path), FakeWatcher(), max_failed_trials=0)
    bridge.propose("a")
    bridge.propose("b")
    bridge.ended("a", None)

    assert bridge.propose("c") is None


def test_what_was_done_ahead_is_read_by_the_final_comparison_and_is_its_own(
    tmp_path: Path,
) -> None:
    (seed,) = fresh_seeds(PLAN.seed, runs=1)
    learner = FakeLearner()
    workshop = Workshop(FakeGenerator(), FakeSandbox(), learner)

    def stages() -> StageStore:
        return StageStore(tmp_path, ledger=Ledger(), maker=f"study/final: baseline {seed}")

    train_only(
        CAREFUL, plan=dataclasses.replace(PLAN, seed=seed), workshop=workshop, stages=stages()
    )
    assert learner.calls == ["train"]  # no problem was asked

    arm = run_arm(
        Contender("baseline", 0, CAREFUL, seed),
        plan=sealed_plan(PLAN, PROBLEMS),
        workshop=workshop,
        stages=stages(),
    )

    assert learner.calls == ["train", "evaluate"]
    read = {line.stage: line.cached for line in arm.costs}
    assert read == {"generate": True, "check": True, "train": True, "evaluate": False}
    assert all(line.paid for line in arm.costs)
