"""How small a gain a study could show, and whether its budget lets it show any.

What people get wrong: more trials do not make the verdict sharper. The final comparison sees one
pair of recipes on the sealed problems, so its resolution follows from their number, from the
fine-tunes of each recipe, and from how often the two recipes disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluators.statistics.deltaone import SEED_DEVIATION, THRESHOLD
from evaluators.statistics.intervals import smallest_detectable_difference
from evaluators.statistics.planning import problems_for, seeds_for, smallest_gain
from evaluators.statistics.seeds import Components
from evaluators.words import counted
from search.forecast.estimate import Reach
from search.study.records import TrialRecord

ASSUMED_DISAGREEMENT = 0.2
"""Share of problems that exactly one of two recipes passes, where no two trials were scored."""
ASSUMED_GAIN = 0.05
"""The gain worth finding, where no trial has shown one yet."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the problems can tell."""

    between_trials: float
    """Smallest difference of two trials' scores that the search problems show."""
    final: float
    """Smallest true gain that the sealed problems show with 80 % power, by DeltaOne's rule."""
    gain: float
    """The gain it is held against."""
    measured: bool
    """Whether disagreement and gain come from this study's trials."""
    sealed_needed: int | None
    """Sealed problems that would show `gain`; None where no number does."""
    seeds_needed: int | None
    """Fine-tunes of each recipe that would; likewise."""

    def lines(self) -> list[str]:
        """For a person."""
        origin = "measured on this study's trials" if self.measured else "assumed"
        return [
            f"tell apart  two trials from {self.between_trials * 100:.1f} points, the winner from "
            f"the baseline from {self.final * 100:.1f} points (80 % power; disagreement {origin})"
        ]

    def warnings(self) -> list[str]:
        """Where the study could not tell the arms apart."""
        if self.final <= self.gain:
            return []
        gain = f"{'the best gain so far' if self.measured else 'an assumed gain'} of "
        ways = []
        if self.seeds_needed is not None:
            ways.append(f"search.final_seeds = {self.seeds_needed}")
        if self.sealed_needed is not None:
            ways.append(f"{counted(self.sealed_needed, 'sealed problem')}")
        way = (
            f"it takes {' or '.join(ways)}" if ways else "neither more seeds nor problems show it"
        )
        return [
            f"WARNING     the final comparison cannot tell the arms apart: {gain}"
            f"{self.gain * 100:.1f} points lies below what it shows; {way}"
        ]


def resolution(
    records: Sequence[TrialRecord], *, search_problems: int, sealed_problems: int, seeds: int
) -> Resolution:
    """What a study of these sizes can tell, by its trials so far where there are two."""
    disagreement, gain, measured = ASSUMED_DISAGREEMENT, ASSUMED_GAIN, False
    scored = [one.outcome for one in records if one.outcome is not None]
    if len(scored) > 1:
        first, best = scored[0], max(scored[1:], key=lambda one: one.score.value)
        pairs = list(zip(first.passed, best.passed, strict=False))
        disagreement = max(sum(a != b for a, b in pairs), 1) / max(len(pairs), 1)
        gain, measured = best.score.value - first.score.value, True
    # one fine-tune each cannot say how much of the disagreement is chance: all of it counts
    components = Components(problem=disagreement, residual=0.0, seed=2 * SEED_DEVIATION**2)
    return Resolution(
        between_trials=smallest_detectable_difference(search_problems, disagreement),
        final=smallest_gain(components, n=sealed_problems, seeds=seeds, above=THRESHOLD),
        gain=gain,
        measured=measured,
        sealed_needed=problems_for(gain, components, seeds=seeds, above=THRESHOLD),
        seeds_needed=seeds_for(gain, components, n=sealed_problems, above=THRESHOLD),
    )


def budget_warnings(reaches: Sequence[Reach], *, trials_left: int) -> list[str]:
    """Where a cap ends the study before it can compare anything."""
    found = []
    for reach in reaches:
        if reach.trials < min(2, trials_left):
            found.append(
                f"WARNING     {reach.setting} cannot tell the arms apart: its share for trials "
                f"holds {reach.trials:.1f} of them, and it takes the baseline and one more; raise "
                "it, or use fewer contexts"
            )
        elif reach.trials < trials_left:
            found.append(
                f"WARNING     {reach.setting} holds {int(reach.trials)} of "
                f"{counted(trials_left, 'trial')}; "
                "the study will stop there"
            )
        if not reach.final_fits:
            found.append(
                f"WARNING     {reach.setting} does not hold the final comparison; raise it or "
                "budget.kept_for_final"
            )
    return found
