"""Lean behind Ray: one pool for all trials, or workers of its own for each trial.

The shared pool takes no CPU from Ray's books: its workers are busy exactly while a trial waits for
them. A trial's own workers each hold a CPU bundle of its placement group, on any node; they start
with the trial's process and end with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from functools import partial
from typing import Any, Protocol, cast

import ray
from ray.util import ActorPool
from ray.util.placement_group import PlacementGroup, get_current_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from evaluators.task import Checker
from lean_sandbox.pool import LeanPool
from lean_sandbox.status import PoolStatus
from search.errors import CheckerLost
from search.settings.study import StudySettings
from search.trial.counted_checker import CountedChecker
from search.trial.machines import Parts
from search.workers.nodes import answer, plain_errors
from search.workers.placement import lean_bundles

_BATCH = 64
"""Programs sent to the pool at a time, so that two trials take turns."""
_SMALL_BATCH = 8
"""Programs sent to a trial's own worker at a time, so that all of them end together."""


MakeChecker = Callable[[], AbstractContextManager[Checker]]
"""Makes the checker an actor holds, in the actor's process: `lambda: LeanPool(workers=2)`."""


class ClosableChecker(Checker, Protocol):
    """A checker that somebody has to stop."""

    def close(self) -> None:
        """Stop Lean."""
        ...


class CheckerActor:
    """Holds a checker for its callers."""

    def __init__(self, make: MakeChecker) -> None:
        self._owner = make()
        self._checker = self._owner.__enter__()

    def check_many(self, requests: Sequence[Any]) -> list[Any]:
        """See `evaluators.task.Checker.check_many`."""
        return self._checker.check_many(requests)

    def status(self) -> PoolStatus | None:
        """The pool at this moment; None for a checker that is no pool."""
        return self._checker.status() if isinstance(self._checker, LeanPool) else None

    def close(self) -> None:
        """Stop Lean before the actor is killed."""
        self._owner.__exit__(None, None, None)


class RemoteChecker:
    """The shared checker, as a caller in any process sees it; Ray can send it to others."""

    def __init__(self, actor: Any) -> None:  # noqa: ANN401 - Ray's handles have no type
        self._actor = actor

    def check_many(self, requests: Sequence[Any]) -> list[Any]:
        """See `evaluators.task.Checker.check_many`."""
        answers: list[Any] = []
        for batch in _batches(requests, _BATCH):
            answers += answer(self._actor.check_many.remote(batch), CheckerLost)
        return answers

    async def check_many_async(self, requests: Sequence[Any]) -> list[Any]:
        """`check_many` for an event loop; a cancelled call sends no more programs."""
        answers: list[Any] = []
        for batch in _batches(requests, _BATCH):
            with plain_errors(CheckerLost):
                answers += await self._actor.check_many.remote(batch)
        return answers

    def status(self) -> PoolStatus | None:
        """The pool at this moment; None for a checker that is no pool."""
        return cast("PoolStatus | None", answer(self._actor.status.remote(), CheckerLost))

    def close(self) -> None:
        """Stop Lean and the actor."""
        answer(self._actor.close.remote(), CheckerLost)
        ray.kill(self._actor)


class SpreadChecker:
    """Several sandboxes that share every request; Ray can send it to others."""

    def __init__(self, actors: Sequence[Any]) -> None:
        self._actors = tuple(actors)

    def check_many(self, requests: Sequence[Any]) -> list[Any]:
        """See `evaluators.task.Checker.check_many`."""
        pool = ActorPool(list(self._actors))
        answers: list[Any] = []
        with plain_errors(CheckerLost):
            for part in pool.map(_ask, _batches(requests, _SMALL_BATCH)):
                answers += part
        return answers

    def close(self) -> None:
        """Stop Lean and the actors."""
        for actor in self._actors:
            answer(actor.close.remote(), CheckerLost)
            ray.kill(actor)


class TrialCheckers:
    """Stands for the Lean workers that each trial has to itself.

    In a trial's process `placed` starts them. Anywhere else, such as in the driver, which asks for
    the version of Lean, they are started for the one call.
    """

    def __init__(self, parts: Parts, settings: StudySettings) -> None:
        one = settings.resources.model_copy(update={"lean_workers": 1})
        self._make = partial(parts.checker, settings.model_copy(update={"resources": one}))
        self._places = tuple(lean_bundles(settings.resources))

    def check_many(self, requests: Sequence[Any]) -> list[Any]:
        """See `evaluators.task.Checker.check_many`."""
        with closing(self.placed()) as here:
            return here.check_many(requests)

    def placed(self) -> SpreadChecker:
        """Workers in the bundles of this process's placement group; outside of one a single."""
        group = get_current_placement_group()
        if group is None:
            return SpreadChecker([_checker_actor().options(num_cpus=1).remote(self._make)])
        return SpreadChecker(
            [
                _checker_actor().options(num_cpus=1, **in_bundle(group, place)).remote(self._make)
                for place in self._places
            ]
        )

    def close(self) -> None:
        """Nothing is held."""


def in_bundle(group: PlacementGroup, place: int) -> dict[str, object]:
    """The option that puts an actor into one bundle of a placement group; -1 is any."""
    strategy = PlacementGroupSchedulingStrategy(group, placement_group_bundle_index=place)
    return {"scheduling_strategy": strategy}


def remote_checker(make: MakeChecker, *, callers: int = 8) -> RemoteChecker:
    """A checker in an actor of its own, on the Ray this process is connected to.

    Up to `callers` batches are in the checker at a time, where they take turns; more wait. An
    actor that dies is started again, and what it was asked is asked again.
    """
    threads = {"max_concurrency": callers}  # a checker takes requests from several threads
    return RemoteChecker(_checker_actor().options(**threads).remote(make))


def start_checker(parts: Parts, settings: StudySettings) -> ClosableChecker:
    """Lean as a search uses it; its first answer proves that it works."""
    if settings.resources.lean_for == "trial":
        return TrialCheckers(parts, settings)
    return remote_checker(
        partial(parts.checker, settings), callers=settings.search.concurrent_trials
    )


def at_hand(checker: Checker) -> Checker:
    """A checker as the trials of this process use it: their own workers started, if any."""
    if isinstance(checker, CountedChecker):
        return checker.around(at_hand(checker.inner))
    return checker.placed() if isinstance(checker, TrialCheckers) else checker


def _batches(requests: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [requests[at : at + size] for at in range(0, len(requests), size)]


def _ask(actor: Any, batch: Sequence[Any]) -> Any:  # noqa: ANN401 - Ray's are untyped
    return actor.check_many.remote(batch)


def _checker_actor() -> Any:  # noqa: ANN401 - likewise
    # nodes may come and go as often as they like; a batch that kills its worker does so 4 times
    return ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=3)(CheckerActor)
