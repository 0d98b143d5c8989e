"""Whether Ray still has the node that this process is connected to.

Everything a process starts goes through its node's raylet. Where that has died, or was given up
because it was too slow to answer, nothing ever runs again, and nothing that Ray is asked to wait
for ever comes: the process has to end and be started again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray

from engines.errors import BudgetSpent, first_line
from search.errors import NodeLost, StudyError

_EVERY_SECONDS = 10.0
"""How often Ray is asked."""


class OwnNode:
    """Asks Ray now and then."""

    def __init__(self) -> None:
        self._mine = ray.get_runtime_context().get_node_id()
        self._asked = time.monotonic()

    def require(self) -> None:
        """Check that the node is alive, if nobody did in the last seconds.

        Raises:
            StudyError: Ray gave it up.
        """
        if time.monotonic() - self._asked < _EVERY_SECONDS:
            return
        self._asked = time.monotonic()
        if not any(node["NodeID"] == self._mine and node["Alive"] for node in ray.nodes()):
            raise StudyError(
                "Ray gave up the node that this search is connected to (its raylet died, or the "
                "machine was too busy for it to answer); nothing is lost: run again with --resume"
            )


_NODE_GONE = "its node has died"
"""What Ray writes into the error of an actor whose node is gone; no field says it."""


def answer(reference: Any, lost: type[Exception], *, seconds: float | None = None) -> Any:  # noqa: ANN401 - Ray's are untyped
    """What an actor answered; its own errors as they were raised, its death as `lost`.

    Raises:
        BudgetSpent: it did not answer within the `seconds` that the budget leaves.
        NodeLost: the node it ran on is gone.
    """
    with plain_errors(lost):
        try:
            return ray.get(reference, timeout=seconds)
        except ray.exceptions.GetTimeoutError as error:
            raise BudgetSpent(
                "budget.hours are spent in the middle of a fine-tune or an evaluation, which was "
                "ended; raise budget.hours and run again with --resume"
            ) from error


@contextmanager
def plain_errors(lost: type[Exception]) -> Iterator[None]:
    """Turn Ray's errors into what the actor raised, `NodeLost`, or `lost`."""
    try:
        yield
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayActorError as error:
        if node_is_gone(error):
            raise NodeLost(
                f"the node of its process is gone ({first_line(str(error))})"
            ) from error
        raise lost(f"its process died ({first_line(str(error))})") from error


def node_is_gone(error: Exception) -> bool:
    """Whether an actor's death is its node's, or its node cannot be reached."""
    unreachable = isinstance(error, ray.exceptions.ActorUnavailableError)
    preempted = isinstance(error, ray.exceptions.RayActorError) and error.preempted
    return unreachable or preempted or _NODE_GONE in str(error)
