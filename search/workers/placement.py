"""What a trial reserves: one placement group, taken whole or not at all.

The first bundle is the learner's and holds the GPU; after it comes one CPU for each Lean worker
that the trial has to itself. Taken apart instead, two trials could each hold what the other needs.
"""

from __future__ import annotations

from search.settings.study import Resources

LEARNER = 0
"""The learner's place among the bundles."""


def bundles(resources: Resources) -> list[dict[str, float]]:
    """The resources of each bundle by Ray's names; the learner's first."""
    trainer = resources.trainer
    learner = {"CPU": float(trainer.cpus), "GPU": float(trainer.gpus)}
    lean = [{"CPU": 1.0} for _ in lean_bundles(resources)]
    return [{name: amount for name, amount in learner.items() if amount}, *lean]


def lean_bundles(resources: Resources) -> range:
    """The places of a trial's own Lean workers; none where all trials share a pool."""
    own = resources.lean_workers if resources.lean_for == "trial" else 0
    return range(LEARNER + 1, LEARNER + 1 + own)


def all_of(resources: Resources) -> dict[str, float]:
    """A trial's bundles together, by Ray's names."""
    together: dict[str, float] = {}
    for bundle in bundles(resources):
        for name, amount in bundle.items():
            together[name] = together.get(name, 0.0) + amount
    return together
