"""Whether Ray still has the node that this process is connected to.

Everything a process starts goes through its node's raylet. Where that has died, or was given up
because it was too slow to answer, nothing ever runs again, and nothing that Ray is asked to wait
for ever comes: the process has to end and be started again.
"""

from __future__ import annotations

import time

import ray  # noqa: TID251 - its nodes

from search.errors import StudyError

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
