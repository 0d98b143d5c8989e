"""Trials on a Ray whose GPU is one of bookkeeping only: what each reserves, and where it runs."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import ray

from engines.ledger import StageCost
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.verdict import Verdict
from search.comparisons.sealed import Contender, over_seeds
from search.recipes.recipe import Recipe
from search.recipes.space import Parameters, distributions
from search.settings.file import load_study
from search.settings.study import Resources, StudySettings, TrainerResources
from search.study.records import TrialRecord
from search.study.study import SearchStudy
from search.trial.counted_checker import CountedChecker
from search.trial.job import Job
from search.trial.machines import Parts
from search.trial.plan import TrialPlan
from search.workers.arms import run_arms
from search.workers.checkers import start_checker
from search.workers.tuner import run_trials
from tests.search_tests.fakes import FakeLearner, FakeSandbox, fake_parts
from tests.search_tests.small_run import plan_of
from tests.search_tests.small_study import write_small_study
from trainers.adapter import Adapter
from trainers.request import FineTune

OWN = Resources(trainer=TrainerResources(cpus=1, gpus=0.5), lean_workers=1, lean_for="trial")


class QuietWatcher:
    """Says nothing."""

    def started(self, number: int, parameters: Parameters, *, adopted: bool) -> None:
        """See `Watcher`."""

    def stage(self, number: int, line: StageCost) -> None:
        """See `Watcher`."""

    def finished(self, record: TrialRecord) -> None:
        """See `Watcher`."""

    def again(self, number: int) -> None:
        """See `Watcher`."""

    def notice(self, number: int, text: str) -> None:
        """See `Watcher`."""

    def stopped(self, number: int, reason: str) -> None:
        """See `Watcher`."""


class SeenLearner(FakeLearner):
    """Writes down where and when it trains."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def train(self, asked: FineTune) -> Adapter:
        note(self._log, gpus=ray.get_gpu_ids())
        deadline = time.monotonic() + 60
        while len(noted(self._log, "gpus")) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)  # the first does not end before another has begun beside it
        note(self._log, beside=len(noted(self._log, "gpus")))
        return super().train(asked)


class SeenSandbox(FakeSandbox):
    """Writes down which process checks, and on how many CPUs of Ray's."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        cpus = ray.get_runtime_context().get_assigned_resources().get("CPU", 0)
        note(self._log, lean=os.getpid(), cpus=cpus)
        return super().check_many(requests)


def note(log: Path, **seen: object) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**seen, "pid": os.getpid()}) + "\n")


def noted(log: Path, name: str) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if name in row]


def _learner(log: Path, _: StudySettings, __: Sandbox) -> SeenLearner:
    return SeenLearner(log)


def _sandbox(log: Path, _: StudySettings) -> SeenSandbox:
    return SeenSandbox(log)


def seen_parts(log: Path) -> Parts:
    return dataclasses.replace(
        fake_parts(),
        learner=functools.partial(_learner, log),
        checker=functools.partial(_sandbox, log),
    )


@pytest.fixture(scope="module")
def four_cores_and_a_gpu() -> Iterator[None]:
    ray.init(address="local", num_cpus=4, num_gpus=1, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def small(folder: Path, **search: object) -> tuple[StudySettings, TrialPlan]:
    settings = load_study(write_small_study(folder))
    settings = settings.model_copy(
        update={"resources": OWN, "search": settings.search.model_copy(update=search)}
    )
    return settings, plan_of(settings)


@pytest.mark.slow
@pytest.mark.usefixtures("four_cores_and_a_gpu")
def test_two_trials_share_a_gpu_and_each_has_its_own_lean(tmp_path: Path) -> None:
    settings, plan = small(tmp_path, trials=4)
    log, parts = tmp_path / "seen.jsonl", seen_parts(tmp_path / "seen.jsonl")
    study = SearchStudy(
        tmp_path / "study.journal",
        name="small",
        space=distributions(settings.recipe),
        sampler="random",
        startup_trials=1,
        seed=0,
    )
    sandbox = CountedChecker(start_checker(parts, settings))
    job = Job(settings, parts, plan, {}, tmp_path / "stages", sandbox)

    run_trials(job, study, watcher=QuietWatcher(), scratch=tmp_path / "scratch")

    assert sum(one.outcome is not None for one in study.records()) == 4
    trained = noted(log, "gpus")
    assert {str(one["gpus"]) for one in trained} == {"[0]"}
    assert all(one["beside"] >= 2 for one in noted(log, "beside"))  # at one time on one GPU
    checked = noted(log, "lean")
    assert len({one["lean"] for one in checked}) == 2  # one for each of the two slots
    assert {one["cpus"] for one in checked} == {1.0}
    assert not {one["lean"] for one in checked} & {one["pid"] for one in trained}


@pytest.mark.slow
@pytest.mark.usefixtures("four_cores_and_a_gpu")
def test_arms_that_cannot_all_be_placed_at_once_take_turns(tmp_path: Path) -> None:
    settings, plan = small(tmp_path, concurrent_trials=5)  # two groups fit the machine
    parts = seen_parts(tmp_path / "seen.jsonl")
    recipe = Recipe("Be careful.", (), 0.5, 1, "compiles", False)
    runs = [Contender("best", 3, recipe, seed) for seed in range(5)]
    sandbox = CountedChecker(start_checker(parts, settings))

    job = Job(settings, parts, plan, {}, tmp_path / "stages", sandbox)
    arms = list(run_arms(runs, job))

    assert [arm.runs[0].seed for arm in arms] == [0, 1, 2, 3, 4]
    assert next(over_seeds(arms)).score is not None
    assert {str(one["gpus"]) for one in noted(tmp_path / "seen.jsonl", "gpus")} == {"[0]"}
