"""The DeltaOne verdict: is the first recipe better than the second by what matters?

The rule looks at the interval, not at the point estimate: a gain is shown when all of the
difference's 95 % interval lies at or above the threshold, and a loss as soon as all of it lies
below zero. Everything else is *not shown*, which is no proof of equality. The problems must be
ones that no selection has seen, and the fine-tunes fresh; the best of many candidates looks better
than it is on those that chose it. The verdict is about recipes: where each was fine-tuned once,
the interval allows for what another seed would have changed.

A verdict carries the answers it was made from, and `recompute` comes to it again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy import stats

from evaluators.errors import StatisticsError
from evaluators.statistics.planning import problems_for, seeds_for
from evaluators.statistics.runs import Replicate, as_matrix
from evaluators.statistics.seeds import CONFIDENCE, Components, SeededDifference, seeded_difference
from evaluators.words import counted

THRESHOLD = 0.01
"""One percentage point."""
_ROUNDING = 1e-12
"""Means of several runs are rounded."""
SEED_DEVIATION = 0.01
"""What one fine-tune each leaves unknown, taken to be one percentage point: this project measured
0.0 points (student-a, 8 recipes of 3 seeds) and 1.6 (student-b, 2 recipes of 3 seeds)."""
METHOD = "deltaone-2"
"""Raised whenever the same answers could give another verdict."""


class Conclusion(StrEnum):
    """What may be said of the first recipe."""

    SHOWN = "shown"
    """Better than the second by at least the threshold."""
    NOT_SHOWN = "not shown"
    """These problems and fine-tunes cannot tell."""
    WORSE = "worse"
    """Worse than the second."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verdict is made from."""

    first: tuple[Replicate, ...]
    second: tuple[Replicate, ...]
    problems_sha256: str
    """Of the problems, in order; empty where nobody said."""

    @property
    def sha256(self) -> str:
        """Hash of all of it."""
        plain = json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class DeltaOne:
    """A conclusion and everything needed to come to it again."""

    conclusion: Conclusion
    paired: SeededDifference
    threshold: float
    plain_rule: bool
    """Whether the point estimate alone reaches the threshold; by luck it often does."""
    problems_needed: int | None
    """Problems at which, with as many fine-tunes, a true difference of this size would be shown
    four times out of five; None where no number would do."""
    seeds_needed: int | None
    """Likewise fine-tunes of each recipe with as many problems; None where no number would do."""
    assumed_seed_deviation: float | None
    """With one fine-tune each: the standard deviation of fine-tunes over seeds that the interval
    allows for. None where it was measured."""
    tolerated_seed_deviation: float | None
    """With one fine-tune each and a verdict: the largest such deviation under which the verdict
    stands. None where there is no verdict or it was measured."""
    evidence: Evidence
    evidence_sha256: str
    method: str = METHOD

    def __str__(self) -> str:
        """One line for a person: `not shown: +2.0 points [-1.1, +5.1] … against +1.0`."""
        rule = "holds" if self.plain_rule else "does not hold"
        line = (
            f"{self.conclusion}: {self.paired} against {self.threshold * 100:+.1f}; the plain "
            f"rule, point estimate at least that, {rule}"
        )
        return "; ".join([line, *self.remarks()])

    def remarks(self) -> list[str]:
        """What a reader must know beside the verdict."""
        remarks = [self._needed()] if self.conclusion is Conclusion.NOT_SHOWN else []
        if self.assumed_seed_deviation is not None:
            unknown = (
                "one fine-tune each, so how much fine-tunes vary by seed is UNKNOWN; the interval "
                f"allows for a deviation of {self.assumed_seed_deviation * 100:.1f} points"
            )
            if self.tolerated_seed_deviation is not None:
                stands = f"{self.tolerated_seed_deviation * 100:.1f}"
                unknown += f", and the verdict stands up to one of {stands}"
            remarks.append(unknown)
        return remarks

    def _needed(self) -> str:
        if self.paired.difference <= self.threshold:
            return "a difference this small is not shown by any number of problems"
        ways = []
        if self.problems_needed is not None:
            ways.append(f"about {counted(self.problems_needed, 'problem')}")
        if self.seeds_needed is not None and self.seeds_needed > min(self.paired.seeds):
            ways.append(f"about {counted(self.seeds_needed, 'fine-tune')} of each recipe")
        if not ways:
            return "more of both problems and fine-tunes are needed for a difference this large"
        return f"a difference this large needs {' or '.join(ways)}"


def delta_one(
    first: Sequence[Replicate],
    second: Sequence[Replicate],
    *,
    threshold: float = THRESHOLD,
    seed_deviation: float = SEED_DEVIATION,
    problems_sha256: str = "",
) -> DeltaOne:
    """Judge the first recipe's fine-tunes against the second's, problem by problem.

    Args:
        first: runs of the recipe that is to be better.
        second: runs of the recipe it is held against, on the same problems.
        threshold: the gain that counts.
        seed_deviation: standard deviation of a fine-tune's true pass rate over seeds, assumed
            where there is one run each, measured where there are several; 0 where nothing was
            fine-tuned.
        problems_sha256: names the problems in the verdict's evidence.

    Raises:
        StatisticsError: the problems do not match, there are none, a share is NaN, one of the two
            has a single run and the other several, or the threshold or the deviation is no rate.
    """
    if math.isnan(threshold) or not 0 <= threshold < 1:
        raise StatisticsError(f"the threshold is a rate of 0 or more, below 1, not {threshold}")
    evidence = Evidence(tuple(first), tuple(second), problems_sha256)
    paired = seeded_difference(evidence.first, evidence.second, assumed_deviation=seed_deviation)
    conclusion = conclude(paired.low, paired.high, threshold=threshold)
    seeds = min(paired.seeds)
    parts = paired.components or _taken_together(evidence, seed_deviation)
    return DeltaOne(
        conclusion=conclusion,
        paired=paired,
        threshold=threshold,
        plain_rule=paired.difference >= threshold - _ROUNDING,
        problems_needed=problems_for(paired.difference, parts, seeds=seeds, above=threshold),
        seeds_needed=seeds_for(paired.difference, parts, n=paired.n, above=threshold),
        assumed_seed_deviation=None if paired.components else seed_deviation,
        tolerated_seed_deviation=_tolerated(evidence, conclusion, threshold),
        evidence=evidence,
        evidence_sha256=evidence.sha256,
    )


def conclude(low: float, high: float, *, threshold: float) -> Conclusion:
    """What an interval allows to be said."""
    if low >= threshold:
        return Conclusion.SHOWN
    return Conclusion.WORSE if high < 0 else Conclusion.NOT_SHOWN


def recompute(verdict: DeltaOne) -> DeltaOne:
    """The verdict made again from the answers it carries.

    Raises:
        StatisticsError: another method made it, its evidence was changed, or it says something
            that does not follow from its evidence.
    """
    if verdict.method != METHOD:
        raise StatisticsError(
            f"this verdict was made by method {verdict.method}, here is {METHOD}; recompute it "
            "with the version that made it"
        )
    if verdict.evidence.sha256 != verdict.evidence_sha256:
        raise StatisticsError("the answers under this verdict are not the ones it was made from")
    again = delta_one(
        verdict.evidence.first,
        verdict.evidence.second,
        threshold=verdict.threshold,
        seed_deviation=verdict.assumed_seed_deviation or 0.0,
        problems_sha256=verdict.evidence.problems_sha256,
    )
    said, found = dataclasses.asdict(verdict), dataclasses.asdict(again)
    wrong = [name for name in found if not _same(said[name], found[name])]
    if wrong:
        raise StatisticsError(
            f"this verdict does not follow from its answers: {', '.join(wrong)} should be "
            f"{', '.join(str(found[name]) for name in wrong)}"
        )
    return again


def _same(said: object, found: object) -> bool:
    """Equal up to the last digits, which may differ between machines."""
    if isinstance(said, float) and isinstance(found, float):
        return math.isclose(said, found, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(said, dict) and isinstance(found, dict):
        return said.keys() == found.keys() and all(_same(said[k], found[k]) for k in said)
    return said == found


def _taken_together(evidence: Evidence, deviation: float) -> Components:
    """One fine-tune each: what varies from problem to problem is put down to problems."""
    gaps = as_matrix(evidence.first)[0] - as_matrix(evidence.second)[0]
    return Components(problem=float(gaps.var()), residual=0.0, seed=2 * deviation**2)


def _tolerated(evidence: Evidence, conclusion: Conclusion, threshold: float) -> float | None:
    """The seed deviation that would move the interval's end to where the verdict ends."""
    if len(evidence.first) > 1 or conclusion is Conclusion.NOT_SHOWN:
        return None
    # of the two fine-tunes alone
    paired = seeded_difference(evidence.first, evidence.second)
    quantile = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
    if conclusion is Conclusion.SHOWN:
        reach = paired.low + quantile * paired.standard_error - threshold
    else:
        reach = quantile * paired.standard_error - paired.high
    spare = (reach / quantile) ** 2 - paired.standard_error**2
    return math.sqrt(max(0.0, spare) / 2)
