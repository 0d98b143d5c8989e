"""Runs the arms of a comparison on Ray, each worker in a placement group like a trial's.

A group that Ray cannot place yet costs nothing: the workers that are there take all the arms.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import ray
from ray.util.placement_group import (
    PlacementGroup,
    placement_group,
    remove_placement_group,
)

from engines import budget as purse
from engines.errors import Stopped, first_line
from engines.ledger import Ledger
from search.comparisons.sealed import Arm, Contender, run_arm
from search.errors import NodeLost, StudyError, StudyStopped, TrialError
from search.trial.job import Job
from search.workers.checkers import in_bundle
from search.workers.learner import Slot
from search.workers.nodes import OwnNode, node_is_gone
from search.workers.placement import bundles
from stores.manifests import maker
from stores.stages import StageStore

_NODES_LOST = 3
"""How many nodes an arm may lose before it counts as lost itself."""

_ASK_SECONDS = 10.0
"""How long one question to Ray may wait before it is seen whether Ray is still there."""


class ArmActor:
    """Runs arms of the final comparison, one after another, in one process."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def run(self, contender: Contender) -> Arm:
        """The arm, or the arm with the reason it could not be judged."""
        job = self._job
        made_by = maker(job.identity, f"final: {contender.name} {contender.seed}")
        stages = StageStore(job.stages, ledger=Ledger(), maker=made_by)
        try:
            with purse.carried(job.purse), Slot.workshop(job) as workshop:
                return run_arm(contender, plan=job.plan, workshop=workshop, stages=stages)
        except TrialError as error:
            costs = tuple(stages.ledger.lines)
            return Arm(contender.name, contender.trial, None, (), {}, costs, error=str(error))


def run_arms(
    contenders: Sequence[Contender], job: Job, *, what: str = "the final comparison"
) -> Generator[Arm]:
    """Run the contenders, as many at a time as trials ran, and give each arm in its turn.

    `what` they are judged for is said where it cannot be finished.

    Raises:
        StudyStopped: the budget does not allow it; arms that were finished are read next time.
        StudyError: a worker was lost.
    """
    workers = _Workers(job, at_most=len(contenders))
    try:
        yield from workers.judged(contenders)
    except ray.exceptions.RayError as error:
        if isinstance(error, Stopped):  # Ray mixes what was raised into its own error
            reason = getattr(error, "cause", error)
            raise StudyStopped(f"stopped in {what}: {reason}") from error
        raise StudyError(
            f"{what} lost a worker ({first_line(str(error))}); "
            "the same command with --resume goes on"
        ) from error
    finally:
        workers.close()


class _Workers:
    """The groups that were asked for, and the arm each one works on."""

    def __init__(self, job: Job, *, at_most: int) -> None:
        self._job = job
        settings = job.settings
        wanted = bundles(settings.resources)
        count = min(settings.search.concurrent_trials, at_most)
        self._groups: list[PlacementGroup] = [placement_group(wanted) for _ in range(count)]
        self._actors: dict[PlacementGroup, Any] = {}
        self._lost = 0

    def judged(self, contenders: Sequence[Contender]) -> Iterator[Arm]:
        """The arms in the contenders' order."""
        left, done = deque(enumerate(contenders)), dict[int, Arm]()
        waiting: dict[Any, tuple[PlacementGroup, tuple[int, Contender] | None]] = {
            group.ready(): (group, None) for group in self._groups
        }
        following, node = 0, OwnNode()
        while following < len(contenders):
            found, _ = ray.wait(list(waiting), num_returns=1, timeout=_ASK_SECONDS)
            node.require()
            if not found:
                continue
            ready = found[0]
            group, given = waiting.pop(ready)
            if given is not None:
                arm = self._arm(ready, group)
                if arm is None:  # its node is gone; the group finds itself another
                    left.appendleft(given)
                    waiting[group.ready()] = (group, None)
                    continue
                done[given[0]] = arm
            if left:
                taken = left.popleft()
                waiting[self._begin(group, taken[1])] = (group, taken)
            while following in done:
                yield done.pop(following)
                following += 1

    def close(self) -> None:
        """End the workers, with the learners they own, and give their groups back."""
        for actor in self._actors.values():
            ray.kill(actor)
        for group in self._groups:
            remove_placement_group(group)

    def _begin(self, group: PlacementGroup, contender: Contender) -> Any:  # noqa: ANN401 - Ray's are untyped
        if group not in self._actors:
            # in the group, so that its learner is, and in none of its bundles: it only waits
            made = ray.remote(num_cpus=0)(ArmActor).options(**in_bundle(group, -1))
            self._actors[group] = made.remote(self._job)
        return self._actors[group].run.remote(contender)

    def _arm(self, reference: Any, group: PlacementGroup) -> Arm | None:  # noqa: ANN401 - likewise
        """What came of an arm; None where its node is gone and it is to be begun again."""
        try:
            arm: Arm = ray.get(reference)
        except ray.exceptions.RayError as error:
            if not (isinstance(error, NodeLost) or node_is_gone(error)):
                raise
            self._lost += 1
            if self._lost > _NODES_LOST:
                raise
            ray.kill(self._actors.pop(group))
            return None
        return arm
