"""The Ray actors of a search: one Lean pool for all trials, one learner for each trial slot.

The pool takes no CPU from Ray's books: its workers are busy exactly while a trial waits for them.
A learner reserves what the study file says. On a GPU it is killed after every trial, which is the
only sure way to give the memory back; on a CPU it stays, because importing torch anew for every
trial costs more than the trial's data does.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import ray  # noqa: TID251 - the actors live here
from ray.util import ActorPool  # noqa: TID251
from ray.util.placement_group import get_current_placement_group  # noqa: TID251
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy  # noqa: TID251

from evaluators.evaluation import Evaluation
from evaluators.problem import Problem
from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.status import PoolStatus
from lean_sandbox.verdict import Verdict
from search import environment
from search.errors import (
    BudgetSpent,
    LearnerLost,
    StudyError,
    StudyStopped,
    TrialError,
    first_line,
)
from search.final import Arm, Contender, judge
from search.money import meter, purse
from search.money.ledger import Cost, Ledger
from search.money.purse import Purse
from search.study.settings import StudySettings
from search.trials.stages import StageStore
from search.trials.trial import TrialPlan, Workshop
from search.trials.workshop import Parts
from trainers.adapter import Adapter
from trainers.dataset import Example

_BATCH = 64
"""Programs sent to the pool at a time, so that two trials take turns."""


MakeSandbox = Callable[[], AbstractContextManager[Sandbox]]
"""Makes the sandbox an actor holds, in the actor's process: `lambda: LeanPool(workers=2)`."""


class LeanActor:
    """Holds the sandbox that all callers share."""

    def __init__(self, make: MakeSandbox) -> None:
        self._owner = make()
        self._sandbox = self._owner.__enter__()

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        """See `lean_sandbox.sandbox.Sandbox.check_many`."""
        return self._sandbox.check_many(requests)

    def status(self) -> PoolStatus | None:
        """The pool at this moment; None for a sandbox that is no pool."""
        return self._sandbox.status() if isinstance(self._sandbox, LeanPool) else None

    def close(self) -> None:
        """Stop Lean before the actor is killed."""
        self._owner.__exit__(None, None, None)


class RemoteSandbox:
    """The shared sandbox, as a caller in any process sees it; Ray can send it to others."""

    def __init__(self, actor: Any) -> None:  # noqa: ANN401 - Ray's handles have no type
        self._actor = actor

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        """See `lean_sandbox.sandbox.Sandbox.check_many`."""
        verdicts: list[Verdict] = []
        for batch in _batches(requests):
            verdicts += _answer(self._actor.check_many.remote(batch), SandboxUnavailable)
        return verdicts

    async def check_many_async(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        """`check_many` for an event loop; a cancelled call sends no more programs."""
        verdicts: list[Verdict] = []
        for batch in _batches(requests):
            with _ray_errors(SandboxUnavailable):
                verdicts += await self._actor.check_many.remote(batch)
        return verdicts

    def status(self) -> PoolStatus | None:
        """The pool at this moment; None for a sandbox that is no pool."""
        return cast("PoolStatus | None", _answer(self._actor.status.remote(), SandboxUnavailable))

    def close(self) -> None:
        """Stop Lean and the actor."""
        _answer(self._actor.close.remote(), SandboxUnavailable)
        ray.kill(self._actor)


def _batches(requests: Sequence[CheckRequest]) -> list[Sequence[CheckRequest]]:
    return [requests[at : at + _BATCH] for at in range(0, len(requests), _BATCH)]


class LearnerActor:
    """Holds the process that trains and evaluates; the one that owns the GPU."""

    def __init__(self, parts: Parts, settings: StudySettings, sandbox: Sandbox) -> None:
        self._learner = parts.learner(settings, sandbox)
        self._gpus = settings.resources.trainer.gpus

    def train(self, examples: Sequence[Example], out_dir: Path, seed: int) -> tuple[Adapter, Cost]:
        """See `search.trials.trial.Learner.train`; and what it used in this process."""
        with meter.metered(gpus=self._gpus) as used:
            adapter = self._learner.train(examples, out_dir=out_dir, seed=seed)
        return adapter, used.used

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], seed: int
    ) -> tuple[Evaluation, Cost]:
        """See `search.trials.trial.Learner.evaluate`; and what it used in this process."""
        with meter.metered(gpus=self._gpus) as used:
            evaluation = self._learner.evaluate(adapter, problems, seed=seed)
        return evaluation, used.used


class RemoteLearner:
    """The learner of one trial slot; its actor is started at the first call."""

    def __init__(self, parts: Parts, settings: StudySettings, sandbox: Sandbox) -> None:
        self._made_from = (parts, settings, sandbox)
        self._resources = settings.resources.trainer
        self._actor: Any = None

    def train(self, examples: Sequence[Example], *, out_dir: Path, seed: int) -> Adapter:
        """See `search.trials.trial.Learner.train`."""
        return cast("Adapter", self._call("train", list(examples), out_dir, seed))

    def evaluate(
        self, adapter: Adapter | None, problems: Sequence[Problem], *, seed: int
    ) -> Evaluation:
        """See `search.trials.trial.Learner.evaluate`."""
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
            answered = _answer(asked, LearnerLost, seconds=left)
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
        # Tune reserved a bundle for the learner beside the trial's own empty one
        strategy = PlacementGroupSchedulingStrategy(group, placement_group_bundle_index=0)
        return {**wanted, "scheduling_strategy": strategy}


def remote_sandbox(make: MakeSandbox, *, callers: int = 8) -> RemoteSandbox:
    """A sandbox in an actor of its own, on the Ray this process is connected to.

    Up to `callers` batches are in the sandbox at a time, where they take turns; more wait. An
    actor that dies is started again, and what it was asked is asked again.
    """
    threads = {"max_concurrency": callers}  # a sandbox takes requests from several threads
    return RemoteSandbox(_lean_actor().options(**threads).remote(make))


def start_sandbox(parts: Parts, settings: StudySettings) -> RemoteSandbox:
    """The one Lean pool of a search; its first answer proves that it works."""
    return remote_sandbox(
        partial(parts.sandbox, settings), callers=settings.search.concurrent_trials
    )


class Slot:
    """The workshop of one worker process, kept from trial to trial."""

    _kept: Slot | None = None

    def __init__(self, parts: Parts, settings: StudySettings, sandbox: Sandbox) -> None:
        self._learner = RemoteLearner(parts, settings, sandbox)
        self._workshop = Workshop(parts.generator(settings), sandbox, self._learner)

    @classmethod
    @contextmanager
    def workshop(
        cls, parts: Parts, settings: StudySettings, sandbox: Sandbox
    ) -> Iterator[Workshop]:
        """This process's workshop, made at the first trial."""
        if cls._kept is None:
            cls._kept = cls(parts, settings, sandbox)
        try:
            yield cls._kept._workshop
        finally:
            cls._kept._learner.trial_ended()


@dataclasses.dataclass(frozen=True, slots=True)
class Paying:
    """Who pays for the final comparison, and from what."""

    identity: str = ""
    """The study's."""
    purse: Purse | None = None


class ArmActor:
    """Runs arms of the final comparison, one after another, in one process."""

    def __init__(self, parts: Parts, settings: StudySettings, sandbox: Sandbox) -> None:
        self._made_from = (parts, settings, sandbox)

    def judge(self, contender: Contender, plan: TrialPlan, root: Path, paying: Paying) -> Arm:
        """The arm, or the arm with the reason it could not be judged."""
        maker = f"{paying.identity}/final: {contender.name} {contender.seed}"
        stages = StageStore(root, ledger=Ledger(), maker=maker if paying.identity else "")
        try:
            with purse.carried(paying.purse), Slot.workshop(*self._made_from) as workshop:
                return judge(contender, plan=plan, workshop=workshop, stages=stages)
        except TrialError as error:
            costs = tuple(stages.ledger.lines)
            return Arm(contender.name, contender.trial, None, (), {}, costs, error=str(error))


def judge_all(
    contenders: Sequence[Contender],
    *,
    made_from: tuple[Parts, StudySettings, Sandbox],
    plan: TrialPlan,
    root: Path,
    paying: Paying = Paying(),
) -> Iterator[Arm]:
    """Judge the contenders, as many at a time as trials ran, and give each arm in its turn.

    Raises:
        StudyStopped: the budget does not allow it; arms that were finished are read next time.
        StudyError: a worker was lost.
    """
    settings = made_from[1]
    actors = [_arm_actor().remote(*made_from) for _ in range(settings.search.concurrent_trials)]
    try:
        pool = ActorPool(actors)
        yield from pool.map(
            lambda actor, one: actor.judge.remote(one, plan, root, paying), contenders
        )
    except ray.exceptions.RayError as error:
        if isinstance(error, BudgetSpent):  # Ray mixes what was raised into its own error
            reason = getattr(error, "cause", error)
            raise StudyStopped(f"stopped in the final comparison: {reason}") from error
        raise StudyError(
            f"the final comparison lost a worker ({first_line(str(error))}); "
            "the same command with --resume goes on"
        ) from error
    finally:
        for actor in actors:  # its learner, which it owns, goes with it
            ray.kill(actor)


def _lean_actor() -> Any:  # noqa: ANN401 - Ray's are untyped
    return ray.remote(num_cpus=0, max_restarts=3, max_task_retries=3)(LeanActor)


def _learner_actor() -> Any:  # noqa: ANN401 - likewise
    return ray.remote(LearnerActor)


def _arm_actor() -> Any:  # noqa: ANN401 - likewise
    return ray.remote(num_cpus=0)(ArmActor)


def _answer(reference: Any, lost: type[Exception], *, seconds: float | None = None) -> Any:  # noqa: ANN401 - Ray's are untyped
    """What an actor answered; its own errors as they were raised, its death as `lost`.

    Raises:
        BudgetSpent: it did not answer within the `seconds` that the budget leaves.
    """
    with _ray_errors(lost):
        try:
            return ray.get(reference, timeout=seconds)
        except ray.exceptions.GetTimeoutError as error:
            raise BudgetSpent(
                "budget.hours are spent in the middle of a fine-tune or an evaluation, which was "
                "ended; raise budget.hours and run again with --resume"
            ) from error


@contextmanager
def _ray_errors(lost: type[Exception]) -> Iterator[None]:
    try:
        yield
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayActorError as error:
        raise lost(f"its process died ({first_line(str(error))})") from error


@contextmanager
def cluster(settings: StudySettings) -> Iterator[None]:
    """A Ray to run on: the one `RAY_ADDRESS` names, or one of this process's own.

    Raises:
        StudyError: the study asks for more than this machine has, so no trial could ever start.
    """
    address = environment.ray_address()
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address:
        try:
            ray.init(address=address, runtime_env={"env_vars": environment.current()}, **quiet)
        except ConnectionError as error:
            raise StudyError(
                f"RAY_ADDRESS is {address}, and no Ray answers there ({first_line(str(error))}); "
                "start one, or unset it to run on this machine"
            ) from error
    else:
        megabytes = settings.resources.object_store_megabytes
        ray.init(
            address="local",
            include_dashboard=False,
            object_store_memory=megabytes * 1_000_000,
            _node_ip_address="127.0.0.1",
            **quiet,
        )
    try:
        if not address:
            _require_resources(settings)
        yield
    finally:
        ray.shutdown()


def _require_resources(settings: StudySettings) -> None:
    here = ray.cluster_resources()
    trainer = settings.resources.trainer
    for key, name, wanted in (("cpus", "CPU", trainer.cpus), ("gpus", "GPU", trainer.gpus)):
        if wanted > here.get(name, 0):
            raise StudyError(
                f"resources.trainer.{key} asks for {wanted:g}, this machine has "
                f"{here.get(name, 0):g}; lower it, or set RAY_ADDRESS to a larger Ray"
            )
