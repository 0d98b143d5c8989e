"""pass@k: how often at least one of k answers is right, estimated from k attempts or more.

The share of problems solved within the first k attempts wastes the other attempts, and
1 - (1 - c/n)^k is biased; the estimator here is neither (Chen et al. 2021, "Evaluating large
language models trained on code", section 2.1). Attempts at one problem are alike, so the error
comes from the spread over problems, never from the number of answers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from evaluators.errors import StatisticsError
from evaluators.statistics.intervals import score_from_shares
from evaluators.statistics.score import Score
from evaluators.words import counted


def pass_at_k(passes: Sequence[int], *, attempts: int, k: int) -> Score:
    """pass@k over problems, with a 95 % interval over problems (`score_from_shares`).

    Args:
        passes: how many of a problem's attempts passed, problem by problem.
        attempts: answers drawn for each problem, independently of each other.
        k: answers that a user would draw.

    Raises:
        StatisticsError: no problems, fewer attempts than k, or more passes than attempts.
    """
    return score_from_shares([chance_at_k(count, attempts=attempts, k=k) for count in passes])


def chance_at_k(passed: int, *, attempts: int, k: int) -> float:
    """Chance that k of one problem's attempts, picked blindly, hold one that passed.

    Raises:
        StatisticsError: fewer attempts than k, or more passes than attempts.
    """
    if not 1 <= k <= attempts:
        raise StatisticsError(
            f"pass@{k} needs k between 1 and the attempts drawn, which are {attempts}; raise "
            "`evaluation.attempts` or lower k"
        )
    if not 0 <= passed <= attempts:
        raise StatisticsError(f"{passed} of {counted(attempts, 'attempt')} cannot have passed")
    return 1 - math.comb(attempts - passed, k) / math.comb(attempts, k)
