"""Lean as a study uses it: every program is counted, and none is sent that the budget refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engines import budget as purse
from engines import meter
from engines.budget import Purse
from engines.caps import Amount
from engines.ledger import Cost
from evaluators.task import Checker

_BATCH = 64
"""Programs set aside, sent and settled together."""


class CountedChecker:
    """A checker that adds what it did to the open meter.

    Args:
        checker: who judges.
        purse: what the checks are spent from; None where nothing is limited.
    """

    def __init__(self, checker: Checker, purse: Purse | None = None) -> None:
        self.inner = checker
        self._purse = purse

    def around(self, checker: Checker) -> CountedChecker:
        """Another checker, counted and paid for alike."""
        return CountedChecker(checker, self._purse)

    def check_many(self, requests: Sequence[Any]) -> list[Any]:
        """See `evaluators.task.Checker.check_many`.

        Raises:
            BudgetSpent: the next programs do not fit into what is left of the study's budget.
        """
        if self._purse is None:
            return self._counted(requests)
        answers: list[Any] = []
        for at in range(0, len(requests), _BATCH):
            batch = requests[at : at + _BATCH]
            asked = Amount(checks=len(batch))
            with purse.holding(self._purse, asked) as hold:
                answers += self._counted(batch)
                hold.used = asked
        return answers

    def _counted(self, requests: Sequence[Any]) -> list[Any]:
        answers = self.inner.check_many(requests)
        busy = round(sum(verdict.seconds for verdict in answers), 3)
        meter.current().add(Cost(cpu_seconds=busy, checks=len(answers)))
        return answers
