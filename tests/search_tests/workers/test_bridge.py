from __future__ import annotations

from pathlib import Path

import pytest

from engines.ledger import StageCost
from search.errors import DiskFull, StudyError, TrialError
from search.recipes.space import Parameters
from search.settings.study import SearchSettings
from search.study.records import State, TrialRecord
from search.study.study import Proposal, SearchStudy
from search.trial.disk import disk_full, is_disk_full
from search.trial.rung_rules import RungDecision, RungRules
from search.trial.stages import failing
from search.workers.bridge import ENOUGH, LINE, LINES, OUTCOME, Bridge
from search.workers.tuner import StudySearcher
from tests.search_tests.outcomes import COSTS, outcome_of
from tests.search_tests.study.test_study import SPACE


class FakeWatcher:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def started(self, number: int, parameters: Parameters, *, adopted: bool) -> None:
        self.told.append(f"started {number}")

    def stage(self, number: int, line: StageCost) -> None:
        self.told.append(f"stage {number}")

    def rung(self, number: int, decision: RungDecision) -> None:
        self.told.append(f"rung {number}")

    def finished(self, record: TrialRecord) -> None:
        self.told.append(f"finished {record.number} {record.state.value}")

    def again(self, number: int) -> None:
        self.told.append(f"again {number}")

    def notice(self, number: int, text: str) -> None:
        self.told.append(f"notice {number} {text}")

    def stopped(self, number: int, reason: str) -> None:
        self.told.append(f"stopped {number}")


class LostStudy(SearchStudy):
    """A study whose storage went away for good after the first trials were proposed."""

    error: Exception = StudyError("the study's storage did not answer for 600 s")

    def complete(self, *arguments: object, **_: object) -> None:
        raise self.error


def bridge(study: SearchStudy, watcher: FakeWatcher) -> Bridge:
    return Bridge(study, watcher, ready=lambda: True, search=SearchSettings(trials=2))


def open_study(folder: Path, kind: type[SearchStudy] = SearchStudy) -> SearchStudy:
    path = folder / "study.journal"
    return kind(path, name="s", space=SPACE, sampler="random", startup_trials=1, seed=0)


def ending() -> dict[str, str]:
    return {
        "outcome": OUTCOME.dump_json(outcome_of(3)).decode(),
        "failure": "",
        "lines": LINES.dump_json(COSTS).decode(),
    }


def test_trials_are_proposed_told_and_enough_is_said(tmp_path: Path) -> None:
    watcher = FakeWatcher()
    search = bridge(open_study(tmp_path), watcher)
    assert [isinstance(search.propose(name), dict) for name in "ab"] == [True, True]
    assert search.propose("c") is None  # one of the two may fail

    search.ended("a", ending())
    search.ended("b", ending())

    assert search.propose("c") == ENOUGH
    assert watcher.told[2:] == ["finished 0 complete", "finished 1 complete"]


def test_what_comes_up_in_a_trial_is_passed_on(tmp_path: Path) -> None:
    watcher = FakeWatcher()
    search = bridge(open_study(tmp_path), watcher)
    search.propose("a")

    search.told("a", {"notice": "a pause of 30 s"})

    assert watcher.told[-1] == "notice 0 a pause of 30 s"


def test_a_study_that_cannot_be_told_ends_the_run_and_its_trial_stays_running(
    tmp_path: Path,
) -> None:
    watcher = FakeWatcher()
    study = open_study(tmp_path, LostStudy)
    search = bridge(study, watcher)
    search.propose("a")
    search.require_study()

    search.ended("a", ending())  # raises nothing: Tune would begin the trial again
    search.ended("a", None)  # which it tells too

    with pytest.raises(StudyError, match="did not answer"):
        search.require_study()
    assert [one.state for one in open_study(tmp_path).records()] == [State.RUNNING]


class MuteStudy(SearchStudy):
    """A study that cannot propose."""

    def propose(self) -> Proposal:
        raise StudyError("the study's storage did not answer for 600 s")


def test_a_study_that_cannot_propose_ends_the_run_at_once_although_no_trial_runs(
    tmp_path: Path,
) -> None:
    search = bridge(open_study(tmp_path, MuteStudy), FakeWatcher())

    # Tune asks again for ten minutes where it is told that there is nothing to try just now
    with pytest.raises(StudyError, match="did not answer"):
        StudySearcher(search).suggest("a")


def test_what_nobody_foresaw_ends_the_run_as_it_was_raised_and_begins_no_trial_again(
    tmp_path: Path,
) -> None:
    study = open_study(tmp_path, LostStudy)
    study.error = ZeroDivisionError("a bug")
    search = bridge(study, FakeWatcher())
    search.propose("a")

    search.ended("a", ending())

    with pytest.raises(ZeroDivisionError, match="a bug"):
        search.require_study()


def test_a_stopped_trial_is_neither_a_score_nor_a_failure(tmp_path: Path) -> None:
    watcher, study = FakeWatcher(), open_study(tmp_path)
    search = bridge(study, watcher)
    search.propose("a")

    search.ended("a", {"outcome": "", "failure": "", "stopped": "the disk is full", "lines": "[]"})

    assert search.stopped == "the disk is full"
    assert [one.state for one in study.records()] == [State.RUNNING]
    assert search.propose("b") == ENOUGH


def test_a_full_disk_stops_a_stage_and_any_other_fault_fails_it() -> None:
    with (
        pytest.raises(DiskFull, match=r"disk is full in train \(.*No space left.*--resume"),
        failing("train"),
        Path("/dev/full").open("w", encoding="ascii") as full,
    ):
        full.write("weights")
    with pytest.raises(TrialError, match="train: FileNotFoundError"), failing("train"):
        Path("/not/there").read_text(encoding="utf-8")


def test_a_full_disk_is_known_by_what_libraries_say_of_it() -> None:
    hidden = RuntimeError("safetensors: I/O error: No space left on device (os error 28)")
    assert is_disk_full(hidden)
    assert is_disk_full(RuntimeError("database or disk is full"))
    assert not is_disk_full(RuntimeError("out of memory"))
    error = ValueError("weights were not written")
    error.__cause__ = OSError(122, "Quota")
    assert is_disk_full(error)
    assert str(disk_full(error)).startswith("the disk is full (weights were not written)")


def test_a_trial_that_a_rung_stops_is_pruned_with_what_its_stages_cost(tmp_path: Path) -> None:
    study, watcher = open_study(tmp_path), FakeWatcher()
    study.prune_with(RungRules(control=0.0, least_trials=6))
    for passed in range(1, 7):
        number = study.propose().number
        study.rung(number, 1, passed / 10)
        study.complete(number, outcome_of(passed), ())
    search = Bridge(study, watcher, ready=lambda: True, search=SearchSettings(trials=9))
    assert isinstance(search.propose("weak"), dict)
    assert isinstance(search.propose("strong"), dict)
    search.told("weak", {"line": LINE.dump_json(COSTS[0]).decode()})

    assert search.goes_on("weak", {"line": ""})
    assert search.goes_on("strong", {"rung": 1, "value": 0.9})
    assert not search.goes_on("weak", {"rung": 1, "value": 0.0})
    search.ended("weak", {"rung": 1, "value": 0.0})  # the last that Tune heard of it

    record = study.record(6)
    assert (record.state, record.costs) == (State.PRUNED, COSTS)
    assert watcher.told[-4:] == ["stage 6", "rung 7", "rung 6", "finished 6 pruned"]
