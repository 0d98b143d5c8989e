"""The DeltaOne verdict: is the first student better than the second by what matters?

The rule looks at the interval, not at the point estimate: a gain is shown when all of the paired
difference's 95 % interval lies at or above the threshold, and a loss as soon as all of it lies
below zero. Everything else is *not shown*, which is no proof of equality. The problems must be
ones that no selection has seen; the best of many candidates looks better than it is on those that
chose it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from evaluators.errors import StatisticsError
from evaluators.statistics import PairedDifference, paired_difference

THRESHOLD = 0.01
"""One percentage point."""
_QUANTILES = 1.959963984540054 + 0.8416212335729143
"""Of the normal distribution: 95 % two-sided confidence, and 80 % power."""


class Conclusion(StrEnum):
    """What may be said of the first student."""

    SHOWN = "shown"
    """Better than the second by at least the threshold."""
    NOT_SHOWN = "not shown"
    """These problems cannot tell."""
    WORSE = "worse"
    """Worse than the second."""


@dataclass(frozen=True, slots=True)
class DeltaOne:
    """A conclusion and everything needed to come to it again."""

    conclusion: Conclusion
    paired: PairedDifference
    threshold: float
    plain_rule: bool
    """Whether the point estimate alone reaches the threshold; by luck it often does."""
    problems_needed: int | None
    """Problems at which a true difference of this size would be shown four times out of five;
    None when the difference does not exceed the threshold, so that no number would do."""

    def __str__(self) -> str:
        """One line for a person: `not shown: +2.0 points [-1.1, +5.1] … against +1.0`."""
        line = f"{self.conclusion}: {self.paired} against {self.threshold * 100:+.1f}"
        if self.conclusion is not Conclusion.NOT_SHOWN:
            return line
        if self.problems_needed is None:
            return f"{line}; a difference this small is not shown by any number of problems"
        return f"{line}; a difference this large needs about {self.problems_needed:,} problems"


def delta_one(
    first: Sequence[bool], second: Sequence[bool], *, threshold: float = THRESHOLD
) -> DeltaOne:
    """Judge the first student against the second, problem by problem.

    Raises:
        StatisticsError: the lengths differ, there is nothing to compare, or the threshold is no
            rate.
    """
    if not 0 <= threshold < 1 or math.isnan(threshold):
        raise StatisticsError(f"the threshold is a rate of 0 or more, below 1, not {threshold}")
    paired = paired_difference(first, second)
    if paired.low >= threshold:
        conclusion = Conclusion.SHOWN
    elif paired.high < 0:
        conclusion = Conclusion.WORSE
    else:
        conclusion = Conclusion.NOT_SHOWN
    return DeltaOne(
        conclusion=conclusion,
        paired=paired,
        threshold=threshold,
        plain_rule=paired.difference >= threshold,
        problems_needed=_problems_needed(paired, threshold),
    )


def _problems_needed(paired: PairedDifference, threshold: float) -> int | None:
    """Wald's sample size for the lower end to clear the threshold with 80 % power."""
    margin = paired.difference - threshold
    if margin <= 0:
        return None
    variance = (paired.gained + paired.lost) / paired.n - paired.difference**2
    return max(1, math.ceil(_QUANTILES**2 * variance / margin**2))
