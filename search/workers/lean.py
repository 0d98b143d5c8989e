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

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.status import PoolStatus
from lean_sandbox.verdict import Verdict
from search.settings.study import StudySettings
from search.trial.counted_sandbox import CountedSandbox
from search.trial.machines import Parts
from search.workers.nodes import answer, told_plainly
from search.workers.placement import lean_bundles

_BATCH = 64
"""Programs sent to the pool at a time, so that two trials take turns."""
_SMALL_BATCH = 8
"""Programs sent to a trial's own worker at a time, so that all of them end together."""


MakeSandbox = Callable[[], AbstractContextManager[Sandbox]]
"""Makes the sandbox an actor holds, in the actor's process: `lambda: LeanPool(workers=2)`."""


class ClosableSandbox(Sandbox, Protocol):
    """A sandbox that somebody has to stop."""

    def close(self) -> None:
        """Stop Lean."""
        ...


class LeanActor:
    """Holds a sandbox for its callers."""

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
        for batch in _batches(requests, _BATCH):
            verdicts += answer(self._actor.check_many.remote(batch), SandboxUnavailable)
        return verdicts

    async def check_many_async(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        """`check_many` for an event loop; a cancelled call sends no more programs."""
        verdicts: list[Verdict] = []
        for batch in _batches(requests, _BATCH):
            with told_plainly(SandboxUnavailable):
                verdicts += await self._actor.check_many.remote(batch)
        return verdicts

    def status(self) -> PoolStatus | None:
        """The pool at this moment; None for a sandbox that is no pool."""
        return cast("PoolStatus | None", answer(self._actor.status.remote(), SandboxUnavailable))

    def close(self) -> None:
        """Stop Lean and the actor."""
        answer(self._actor.close.remote(), SandboxUnavailable)
        ray.kill(self._actor)


class SpreadSandbox:
    """Several sandboxes that share every request; Ray can send it to others."""

    def __init__(self, actors: Sequence[Any]) -> None:
        self._actors = tuple(actors)

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        """See `lean_sandbox.sandbox.Sandbox.check_many`."""
        pool = ActorPool(list(self._actors))
        verdicts: list[Verdict] = []
        with told_plainly(SandboxUnavailable):
            for part in pool.map(_ask, _batches(requests, _SMALL_BATCH)):
                verdicts += part
        return verdicts

    def close(self) -> None:
        """Stop Lean and the actors."""
        for actor in self._actors:
            answer(actor.close.remote(), SandboxUnavailable)
            ray.kill(actor)


class TrialLean:
    """Stands for the Lean workers that each trial has to itself.

    In a trial's process `placed` starts them. Anywhere else, such as in the driver, which asks for
    the version of Lean, they are started for the one call.
    """

    def __init__(self, parts: Parts, settings: StudySettings) -> None:
        one = settings.resources.model_copy(update={"lean_workers": 1})
        self._make = partial(parts.sandbox, settings.model_copy(update={"resources": one}))
        self._places = tuple(lean_bundles(settings.resources))

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        """See `lean_sandbox.sandbox.Sandbox.check_many`."""
        with closing(self.placed()) as here:
            return here.check_many(requests)

    def placed(self) -> SpreadSandbox:
        """Workers in the bundles of this process's placement group; outside of one a single."""
        group = get_current_placement_group()
        if group is None:
            return SpreadSandbox([_lean_actor().options(num_cpus=1).remote(self._make)])
        return SpreadSandbox(
            [
                _lean_actor().options(num_cpus=1, **in_bundle(group, place)).remote(self._make)
                for place in self._places
            ]
        )

    def close(self) -> None:
        """Nothing is held."""


def in_bundle(group: PlacementGroup, place: int) -> dict[str, object]:
    """The option that puts an actor into one bundle of a placement group; -1 is any."""
    strategy = PlacementGroupSchedulingStrategy(group, placement_group_bundle_index=place)
    return {"scheduling_strategy": strategy}


def remote_sandbox(make: MakeSandbox, *, callers: int = 8) -> RemoteSandbox:
    """A sandbox in an actor of its own, on the Ray this process is connected to.

    Up to `callers` batches are in the sandbox at a time, where they take turns; more wait. An
    actor that dies is started again, and what it was asked is asked again.
    """
    threads = {"max_concurrency": callers}  # a sandbox takes requests from several threads
    return RemoteSandbox(_lean_actor().options(**threads).remote(make))


def start_sandbox(parts: Parts, settings: StudySettings) -> ClosableSandbox:
    """Lean as a search uses it; its first answer proves that it works."""
    if settings.resources.lean_for == "trial":
        return TrialLean(parts, settings)
    return remote_sandbox(
        partial(parts.sandbox, settings), callers=settings.search.concurrent_trials
    )


def at_hand(sandbox: Sandbox) -> Sandbox:
    """A sandbox as the trials of this process use it: their own workers started, if any."""
    if isinstance(sandbox, CountedSandbox):
        return sandbox.around(at_hand(sandbox.inner))
    return sandbox.placed() if isinstance(sandbox, TrialLean) else sandbox


def _batches(requests: Sequence[CheckRequest], size: int) -> list[Sequence[CheckRequest]]:
    return [requests[at : at + size] for at in range(0, len(requests), size)]


def _ask(actor: Any, batch: Sequence[CheckRequest]) -> Any:  # noqa: ANN401 - Ray's are untyped
    return actor.check_many.remote(batch)


def _lean_actor() -> Any:  # noqa: ANN401 - likewise
    # nodes may come and go as often as they like; a batch that kills its worker does so 4 times
    return ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=3)(LeanActor)
