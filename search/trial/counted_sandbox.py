"""Lean as a study uses it: every program is counted, and none is sent that the budget refuses."""

from __future__ import annotations

from collections.abc import Sequence

from engines import budget as purse
from engines import meter
from engines.budget import Purse
from engines.caps import Amount
from engines.ledger import Cost
from lean_sandbox.sandbox import CheckRequest, Sandbox
from lean_sandbox.verdict import Verdict

_BATCH = 64
"""Programs set aside, sent and settled together."""


class CountedSandbox:
    """A sandbox that adds what it did to the open meter.

    Args:
        sandbox: who judges.
        purse: what the checks are spent from; None where nothing is limited.
    """

    def __init__(self, sandbox: Sandbox, purse: Purse | None = None) -> None:
        self.inner = sandbox
        self._purse = purse

    def around(self, sandbox: Sandbox) -> CountedSandbox:
        """Another sandbox, counted and paid for alike."""
        return CountedSandbox(sandbox, self._purse)

    def check_many(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        """See `lean_sandbox.sandbox.Sandbox.check_many`.

        Raises:
            BudgetSpent: the next programs do not fit into what is left of the study's budget.
        """
        if self._purse is None:
            return self._counted(requests)
        verdicts: list[Verdict] = []
        for at in range(0, len(requests), _BATCH):
            batch = requests[at : at + _BATCH]
            asked = Amount(checks=len(batch))
            with purse.holding(self._purse, asked) as hold:
                verdicts += self._counted(batch)
                hold.used = asked
        return verdicts

    def _counted(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        verdicts = self.inner.check_many(requests)
        busy = round(sum(verdict.seconds for verdict in verdicts), 3)
        meter.current().add(Cost(cpu_seconds=busy, checks=len(verdicts)))
        return verdicts
