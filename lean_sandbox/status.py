"""What a pool says of itself at one moment, for metrics and for readiness."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """A pool's size, its load, and what has happened to its workers since it was made."""

    workers: int
    """How many check programs at once, when all are up."""
    spares: int
    """How many more are kept started to take a lost one's place."""
    alive: int
    """Started and not known to be lost; at most `workers + spares`."""
    starting: int
    """Being started, or waiting for the next attempt."""
    waiting: int
    """Programs no worker has yet."""
    running: int
    """Programs a worker has."""
    checked: int
    """Verdicts given by workers."""
    cache_hits: int
    """Verdicts taken from the cache."""
    starts: int
    """Workers that came up."""
    restarts: int
    """Those of them that took a lost one's place."""
    kills: int
    """Workers ended by the pool: a deadline, a flood, memory, a dropped batch."""
    lost: int
    """Workers that died under a program or were ended from outside."""
    retired: int
    """Workers replaced between programs because they had grown."""
    failed_starts: int
    """Workers that did not come up."""
    failure: str
    """Why the last start failed; empty once one has succeeded again."""
    lean_version: str
    """What the pool's Lean calls itself; empty before the first start."""
    checked_by: str
    """Names all that its verdicts depend on besides their requests; see `Backend.fingerprint`."""

    @property
    def ready(self) -> bool:
        """Whether a program sent now finds a worker."""
        return self.alive > 0
