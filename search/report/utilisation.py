"""How busy a search kept its workers, from the manifests of the stages that they ran.

A stage's seconds end when its manifest is written. What lies between the stages is the service's:
proposing, telling, starting processes; and the end, where the last trial runs alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from stores import manifests


@dataclass(frozen=True, slots=True)
class Busy:
    """Wall time from the beginning of the first stage to the end of the last."""

    seconds: float
    at_work: tuple[float, ...]
    """Seconds in which at least 1, 2, … workers were in a stage."""

    @property
    def all_share(self) -> float:
        """Share of the time in which every worker was in a stage."""
        return self.at_work[-1] / self.seconds

    @property
    def any_share(self) -> float:
        """Share of the time in which at least one was."""
        return self.at_work[0] / self.seconds

    @property
    def mean_share(self) -> float:
        """Share of all workers' time that was spent in stages."""
        return sum(self.at_work) / (len(self.at_work) * self.seconds)


def busy(stages: Iterable[tuple[float, float]], *, workers: int) -> Busy | None:
    """How busy so many workers were; None where no stage was run.

    Args:
        stages: beginning and end of each stage, in seconds on one clock.
        workers: how many could be in a stage at a time.
    """
    changes = sorted((at, step) for one in stages for at, step in zip(one, (1, -1), strict=True))
    if not changes or changes[-1][0] <= changes[0][0]:
        return None
    at_work, running = [0.0] * workers, 0
    for (at, step), (following, _) in pairwise(changes):
        running += step
        for count in range(min(running, workers)):
            at_work[count] += following - at
    return Busy(changes[-1][0] - changes[0][0], tuple(at_work))


def stages_of(
    store: Path, identity: str, *, since: float = 0.0, until: float = math.inf
) -> list[tuple[float, float]]:
    """Beginning and end of each stage that a study ran, in seconds since 1970.

    Args:
        store: the stage store; other studies may share it.
        identity: the study's.
        since: stages that began earlier are left out: they are an earlier driver's.
        until: stages that ended later are left out: the clock was set back after them.
    """
    times = [
        (stage.finished.timestamp() - stage.cost.seconds, stage.finished.timestamp())
        for stage in manifests.made_in(store, identity)
    ]
    return [(began, ended) for began, ended in times if since <= began <= ended <= until]


def busy_line(found: Busy | None) -> str:
    """One line for a person; empty where no stage was run."""
    if found is None:
        return ""
    minutes, workers = found.seconds / 60, len(found.at_work)
    if workers == 1:
        return f"The worker was in a stage for {found.all_share:.0%} of {minutes:.1f} minutes."
    return (
        f"All {workers} workers were in a stage for {found.all_share:.0%} of {minutes:.1f} "
        f"minutes, at least one for {found.any_share:.0%}."
    )
