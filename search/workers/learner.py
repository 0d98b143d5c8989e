"""The learner of each trial slot in its Ray actor, and the Ray they all run on.

A learner reserves what the study file says. On a GPU it is killed after every trial, which is the
only sure way to give the memory back; on a CPU it stays, because importing torch anew for every
trial costs more than the trial's data does.
"""

from __future__ import annotations

import dataclasses
import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import ray
from ray.util.placement_group import get_current_placement_group

from engines import budget as purse
from engines import environment, meter
from engines.errors import BudgetSpent, first_line
from engines.ledger import Cost
from evaluators.evaluation import Evaluation
from evaluators.problem import Problem
from evaluators.task import Checker
from search.errors import LearnerLost, StudyError
from search.settings.study import StudySettings
from search.trial.job import Job
from search.trial.machines import Parts
from search.trial.workshop import Workshop
from search.workers.checkers import at_hand, in_bundle
from search.workers.nodes import answer
from search.workers.placement import LEARNER, all_of
from trainers.adapter import Adapter
from trainers.request import FineTune


class LearnerActor:
    """Holds the process that trains and evaluates; the one that owns the GPU."""

    def __init__(self, parts: Parts, settings: StudySettings, checker: Checker) -> None:
        self._learner = parts.learner(settings, checker)
        self._gpus = settings.resources.trainer.gpus

    def train(self, asked: FineTune) -> tuple[Adapter, Cost]:
        """See `search.trial.workshop.Learner.train`; and what it used in this process."""
        with meter.metered(gpus=self._gpus) as used:
            adapter = self._learner.train(asked)
        return adapter, used.used

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], seed: int
    ) -> tuple[Evaluation, Cost]:
        """See `search.trial.workshop.Learner.evaluate`; and what it used in this process."""
        with meter.metered(gpus=self._gpus) as used:
            evaluation = self._learner.evaluate(adapter, problems, seed=seed)
        return evaluation, used.used


class RemoteLearner:
    """The learner of one trial slot; its actor is started at the first call."""

    def __init__(self, parts: Parts, settings: StudySettings, checker: Checker) -> None:
        self._made_from = (parts, settings, checker)
        self._resources = settings.resources.trainer
        self._actor: Any = None

    def train(self, asked: FineTune) -> Adapter:
        """See `search.trial.workshop.Learner.train`."""
        return cast("Adapter", self._call("train", asked))

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], *, seed: int
    ) -> Evaluation:
        """See `search.trial.workshop.Learner.evaluate`."""
        return cast("Evaluation", self._call("evaluate", adapter, list(problems), seed))

    def close(self) -> None:
        """Kill the actor; a later call starts another."""
        if self._actor is not None:
            ray.kill(self._actor)
            self._actor = None

    def trial_ended(self) -> None:
        """Give a GPU back; keep a CPU process, which has torch imported."""
        if self._resources.gpus > 0:
            self.close()

    def _call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - see its callers
        if self._actor is None:
            self._actor = _learner_actor().options(**self._placement()).remote(*self._made_from)
        spending = purse.current()
        left = spending.seconds_left() if spending else None
        try:
            asked = getattr(self._actor, method).remote(*arguments)
            answered = answer(asked, LearnerLost, seconds=left)
        except (LearnerLost, BudgetSpent):
            self.close()
            raise
        value, used = answered
        # the caller has a clock of its own, which ran meanwhile
        meter.current().add(dataclasses.replace(used, seconds=0.0))
        return value

    def _placement(self) -> dict[str, object]:
        wanted: dict[str, object] = {
            "num_cpus": self._resources.cpus,
            "num_gpus": self._resources.gpus,
        }
        group = get_current_placement_group()
        if group is None:
            return wanted
        return {**wanted, **in_bundle(group, LEARNER)}


class Slot:
    """The workshop of one worker process, kept from trial to trial."""

    _kept: Slot | None = None

    def __init__(self, job: Job) -> None:
        checker = at_hand(job.checker)
        self._learner = RemoteLearner(job.parts, job.settings, checker)
        self._workshop = Workshop(
            job.parts.generator(job.settings),
            checker,
            self._learner,
            job.parts.judge(job.settings),
        )

    @classmethod
    @contextmanager
    def workshop(cls, job: Job) -> Iterator[Workshop]:
        """This process's workshop, made at the first trial."""
        if cls._kept is None:
            cls._kept = cls(job)
        try:
            yield cls._kept._workshop
        finally:
            cls._kept._learner.trial_ended()


def _learner_actor() -> Any:  # noqa: ANN401 - Ray's are untyped
    return ray.remote(LearnerActor)


@contextmanager
def cluster(settings: StudySettings) -> Iterator[None]:
    """A Ray to run on: the one `RAY_ADDRESS` names, or one of this process's own.

    Inside another one it is that one, so that a sweep starts Ray once for all its studies.

    Raises:
        StudyError: the study asks for more than this machine has, so no trial could ever start;
            or Ray itself does not start, or has no live node here.
    """
    if ray.is_initialized():
        yield
        return
    address, on_sigterm = environment.ray_address(), signal.getsignal(signal.SIGTERM)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address:
        try:
            ray.init(address=address, runtime_env={"env_vars": environment.for_workers()}, **quiet)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise StudyError(
                f"RAY_ADDRESS is {address}, and this machine is no live node of a Ray there "
                f"({first_line(str(error))}); start one, run this on a node of it or as a job "
                "(docs/cluster.md), or unset RAY_ADDRESS to run on this machine"
            ) from error
    else:
        _start_here(settings.resources.object_store_megabytes, quiet)
    if threading.current_thread() is threading.main_thread():
        # Ray's own handler prints its C++ stack and ends the process without a word of ours
        signal.signal(signal.SIGTERM, on_sigterm)
    try:
        if not address:
            _require_resources(settings)
        yield
    finally:
        ray.shutdown()


def _start_here(megabytes: int, quiet: dict[str, Any]) -> None:
    try:
        ray.init(
            address="local",
            include_dashboard=False,
            object_store_memory=megabytes * 1_000_000,
            _node_ip_address="127.0.0.1",
            **quiet,
        )
    except Exception as error:  # Ray has no name for processes that start too slowly
        ray.shutdown()
        raise StudyError(
            f"Ray cannot be started here ({first_line(str(error))}); nothing is lost: run the "
            "same command again when the machine is less busy"
        ) from error


def _require_resources(settings: StudySettings) -> None:
    here = ray.cluster_resources()
    keys = {"CPU": "resources.trainer.cpus", "GPU": "resources.trainer.gpus"}
    if settings.resources.lean_for == "trial":
        keys["CPU"] += " and resources.lean_workers"
    for name, wanted in all_of(settings.resources).items():
        if wanted > here.get(name, 0):
            asks = "ask" if " and " in keys[name] else "asks"
            raise StudyError(
                f"{keys[name]} {asks} for {wanted:g}, this machine has "
                f"{here.get(name, 0):g}; lower it, or set RAY_ADDRESS to a larger Ray"
            )
