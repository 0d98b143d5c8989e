from __future__ import annotations

import asyncio
import dataclasses
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import ray

from engines import meter
from engines.budget import Purse, carried
from engines.caps import Caps
from engines.errors import BudgetSpent
from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Verdict
from search.errors import LearnerLost, StudyError
from search.settings.file import load_study
from search.settings.study import StudySettings
from search.workers.checkers import remote_checker, start_checker
from search.workers.learner import LearnerActor, RemoteLearner, _require_resources, cluster
from tests.lean_sandbox_tests.scripted import Starter
from tests.search_tests.fakes import FakeLearner, FakeSandbox, fake_parts
from tests.search_tests.small_study import write_small_study
from trainers.config import TrainingConfig
from trainers.request import FineTune

PROGRAMS = [
    CheckRequest(f"def f{n} (x : Int) : Int := x + x", tests=("f 3 = 6",)) for n in range(150)
]


class NoLean(FakeSandbox):
    """Breaks at the first request."""

    def check_many(self, requests: object) -> list[object]:
        raise SandboxUnavailable("no Lean here; run `outerloop lean install`")


class Dying(FakeLearner):
    """Takes its whole process with it."""

    def train(self, *_: object, **__: object) -> object:
        os._exit(1)


class Endless(FakeLearner):
    """Never finishes training."""

    def train(self, *_: object, **__: object) -> object:
        time.sleep(600)
        raise AssertionError("it slept through")


class Busy(FakeLearner):
    """Uses 0.3 seconds of its processor."""

    def train(self, *arguments: object, **named: object) -> object:
        until = time.process_time() + 0.3
        while time.process_time() < until:
            pass
        return super().train(*arguments, **named)


def asked(folder: Path) -> FineTune:
    return FineTune((), "fake-student", TrainingConfig(), 0, folder / "a")


def _endless(_: StudySettings, __: object) -> Endless:
    return Endless()


def _busy(_: StudySettings, __: object) -> Busy:
    return Busy()


def _no_lean(_: StudySettings) -> NoLean:
    return NoLean()


def _scripted_pool() -> LeanPool:
    return LeanPool(workers=2, start_worker=Starter())


def _dying(_: StudySettings, __: object) -> Dying:
    return Dying()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudySettings]:
    """A study, and a Ray to run its actors on."""
    settings = load_study(write_small_study(tmp_path_factory.mktemp("study")))
    with cluster(settings):
        yield settings
    assert not ray.is_initialized()


def test_a_remote_sandbox_answers_every_program_in_order(settings: StudySettings) -> None:
    sandbox = start_checker(fake_parts(), settings)
    wrong = CheckRequest("def g (x : Int) : Int := x - x", tests=("g 3 = 6",))

    verdicts = sandbox.check_many([*PROGRAMS, wrong, *PROGRAMS])

    assert len(verdicts) == 301
    assert [at for at, verdict in enumerate(verdicts) if not verdict.accepted] == [150]
    sandbox.close()


@pytest.mark.usefixtures("settings")
def test_a_pool_in_an_actor_answers_loops_and_tasks_and_says_how_it_is() -> None:
    sandbox = remote_checker(_scripted_pool, callers=2)
    sums = [
        CheckRequest(f"def f (x : Int) : Int := x + {n}", tests=("f 0 = 7",)) for n in range(150)
    ]

    async def ask() -> list[list[Verdict]]:
        return await asyncio.gather(
            sandbox.check_many_async(sums), sandbox.check_many_async(sums[7:])
        )

    first, second = asyncio.run(ask())

    assert [verdict.accepted for verdict in first] == [n == 7 for n in range(150)]
    assert [verdict.accepted for verdict in second] == [n == 0 for n in range(143)]
    status = sandbox.status()
    assert status is not None
    assert (status.workers, status.checked, status.waiting) == (2, 293, 0)
    sandbox.close()


def test_what_the_sandbox_says_of_itself_arrives_as_it_was_raised(settings: StudySettings) -> None:
    parts = dataclasses.replace(fake_parts(), checker=_no_lean)

    with pytest.raises(SandboxUnavailable, match=r"^no Lean here; run `outerloop lean install`$"):
        start_checker(parts, settings).check_many(PROGRAMS)


def test_a_learner_that_dies_is_lost_and_the_next_call_has_a_new_one(
    settings: StudySettings, tmp_path: Path
) -> None:
    parts = dataclasses.replace(fake_parts(), learner=_dying)
    learner = RemoteLearner(parts, settings, FakeSandbox())

    with pytest.raises(LearnerLost, match="its process died"):
        learner.train(asked(tmp_path))
    assert learner.evaluate(None, (), seed=0).records == ()
    learner.close()


def test_a_fine_tune_that_outlasts_the_budget_is_ended_in_the_middle(
    settings: StudySettings, tmp_path: Path
) -> None:
    parts = dataclasses.replace(fake_parts(), learner=_endless)
    learner = RemoteLearner(parts, settings, FakeSandbox())
    purse = Purse(tmp_path / "budget.db", Caps(seconds=3.0))

    with (
        purse.run(),
        carried(purse),
        pytest.raises(BudgetSpent, match=r"raise budget\.hours and run again with --resume"),
    ):
        learner.train(asked(tmp_path))

    assert purse.seconds() >= 3.0
    with carried(purse), pytest.raises(BudgetSpent):
        learner.train(asked(tmp_path))


def test_what_a_learner_used_in_its_own_process_reaches_the_open_meter(
    settings: StudySettings, tmp_path: Path
) -> None:
    parts = dataclasses.replace(fake_parts(), learner=_busy)
    learner = RemoteLearner(parts, settings, FakeSandbox())

    with meter.metered() as used:
        learner.train(asked(tmp_path))
    learner.close()

    assert used.used.cpu_seconds >= 0.3


def test_a_learner_counts_its_share_of_a_gpu_for_as_long_as_it_is_called(tmp_path: Path) -> None:
    settings = load_study(write_small_study(tmp_path))
    trainer = settings.resources.trainer.model_copy(update={"gpus": 0.5})
    resources = settings.resources.model_copy(update={"trainer": trainer})
    parts = dataclasses.replace(fake_parts(), learner=_busy)
    actor = LearnerActor(
        parts, settings.model_copy(update={"resources": resources}), FakeSandbox()
    )

    _, trained = actor.train(asked(tmp_path))
    _, evaluated = actor.evaluate(None, (), 0)

    assert trained.seconds >= 0.3
    assert trained.gpu_seconds == pytest.approx(trained.seconds / 2, abs=0.001)
    assert evaluated.gpu_seconds == pytest.approx(evaluated.seconds / 2, abs=0.001)


def test_more_than_the_machine_has_is_refused_before_anything_waits_for_it(
    settings: StudySettings,
) -> None:
    trainer = settings.resources.trainer.model_copy(update={"gpus": 1000.0})
    resources = settings.resources.model_copy(update={"trainer": trainer})

    with pytest.raises(StudyError, match=r"resources.trainer.gpus asks for 1000, this machine"):
        _require_resources(settings.model_copy(update={"resources": resources}))
