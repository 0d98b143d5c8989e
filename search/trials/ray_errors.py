"""What Ray raises, as this package says it: an actor's own errors as they were raised there.

An actor whose node is gone is told apart from one that died by itself: the first is begun again
elsewhere, the second would die again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray  # noqa: TID251 - the actors' errors

from search.errors import BudgetSpent, NodeLost, first_line

_NODE_GONE = "its node has died"
"""What Ray writes into the error of an actor whose node is gone; no field says it."""


def answer(reference: Any, lost: type[Exception], *, seconds: float | None = None) -> Any:  # noqa: ANN401 - Ray's are untyped
    """What an actor answered; its own errors as they were raised, its death as `lost`.

    Raises:
        BudgetSpent: it did not answer within the `seconds` that the budget leaves.
        NodeLost: the node it ran on is gone.
    """
    with told_plainly(lost):
        try:
            return ray.get(reference, timeout=seconds)
        except ray.exceptions.GetTimeoutError as error:
            raise BudgetSpent(
                "budget.hours are spent in the middle of a fine-tune or an evaluation, which was "
                "ended; raise budget.hours and run again with --resume"
            ) from error


@contextmanager
def told_plainly(lost: type[Exception]) -> Iterator[None]:
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
