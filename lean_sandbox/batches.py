"""What waits in a pool: batches, the programs in them, and whose turn it is.

Plain data without threads or locks: a pool touches it while it holds its own lock. What people
get wrong: answering twice. A batch that has failed or was cancelled takes no more verdicts, and a
program is settled once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Verdict


@dataclass(eq=False, slots=True)
class Ticket:
    """One program on its way to a verdict."""

    batch: Batch
    index: int
    request: CheckRequest
    lost: int = 0
    """Workers that died on it, when it may have been the cause."""
    lost_from_outside: int = 0
    """Workers that others ended while they had it."""


class Batch:
    """The programs that were asked about in one call, and their verdicts so far."""

    def __init__(
        self,
        requests: Sequence[CheckRequest],
        *,
        timeout_seconds: float,
        announce: Callable[[], object],
    ) -> None:
        self.timeout_seconds = timeout_seconds
        self.waiting: deque[Ticket] = deque()
        self._announce = announce
        self._requests = requests
        self._verdicts: dict[int, Verdict] = {}
        self._failure: SandboxUnavailable | None = None
        self._over = False

    def answer_known(self, known: Callable[[CheckRequest], Verdict | None]) -> None:
        """Settle the programs whose verdict is `known`; the others wait."""
        for index, request in enumerate(self._requests):
            verdict = known(request)
            if verdict is None:
                self.waiting.append(Ticket(self, index, request))
            else:
                self._verdicts[index] = verdict
        self._over = not self.waiting

    @property
    def over(self) -> bool:
        """Whether nobody waits for more verdicts: all are there, or it failed or was dropped."""
        return self._over

    def settle(self, ticket: Ticket, verdict: Verdict) -> None:
        """Give one program its verdict; too late when the batch is over."""
        if self._over:
            return
        assert ticket.index not in self._verdicts, "a program was answered twice"
        self._verdicts[ticket.index] = verdict
        if len(self._verdicts) == len(self._requests):
            self._over = True
            self._announce()

    def fail(self, failure: SandboxUnavailable) -> None:
        """Answer the whole batch with an error."""
        if not self._over:
            self._failure = failure
            self._over = True
            self._announce()

    def drop(self) -> None:
        """Nobody wants the answer any more."""
        self._over = True

    def answer(self) -> list[Verdict]:
        """The verdicts in the order of the requests.

        Raises:
            SandboxUnavailable: the batch failed.
        """
        if self._failure is not None:
            raise self._failure
        return [self._verdicts[index] for index in range(len(self._requests))]


class FairQueue:
    """Batches take turns, a program each: a small one does not wait for a large one's end.

    A program that brought its worker down comes before all turns, to a worker that has checked
    nothing yet: what earlier programs left in a used one must not decide its verdict.
    """

    def __init__(self) -> None:
        self._turns: deque[Batch] = deque()
        self._queued: set[Batch] = set()
        self._for_fresh: deque[Ticket] = deque()
        self._waiting = 0

    def __len__(self) -> int:
        """How many programs wait."""
        return self._waiting + len(self._for_fresh)

    def add(self, batch: Batch) -> None:
        """Queue a batch behind the others."""
        if batch.waiting:
            self._waiting += len(batch.waiting)
            self._queued.add(batch)
            self._turns.append(batch)

    def take(self, *, fresh: bool) -> Ticket | None:
        """The next program for a worker that is `fresh` or used; None when none waits."""
        if fresh and self._for_fresh:
            return self._for_fresh.popleft()
        while self._turns:
            batch = self._turns.popleft()
            if not batch.waiting:  # dropped meanwhile
                self._queued.remove(batch)
                continue
            ticket = batch.waiting.popleft()
            self._waiting -= 1
            if batch.waiting:
                self._turns.append(batch)
            else:
                self._queued.remove(batch)
            return ticket
        return None

    def put_back(self, ticket: Ticket, *, for_fresh: bool) -> None:
        """Let a program whose worker was lost be the next one taken."""
        batch = ticket.batch
        if batch.over:
            return
        if for_fresh:
            self._for_fresh.append(ticket)
            return
        batch.waiting.appendleft(ticket)
        self._waiting += 1
        if batch in self._queued:
            self._turns.remove(batch)
        self._queued.add(batch)
        self._turns.appendleft(batch)

    def settle_for_used(self) -> None:
        """No fresh worker can be had: let the programs that wait for one go to any."""
        while self._for_fresh:
            self.put_back(self._for_fresh.popleft(), for_fresh=False)

    def drop(self, batch: Batch) -> None:
        """Nobody wants this batch any more."""
        self._empty(batch)
        batch.drop()

    def fail(self, batch: Batch, failure: SandboxUnavailable) -> None:
        """Answer one batch with an error."""
        self._empty(batch)
        batch.fail(failure)

    def fail_all(self, failure: SandboxUnavailable) -> None:
        """Answer every batch that waits with an error."""
        waiting = {ticket.batch for ticket in self._for_fresh} | self._queued
        for batch in waiting:
            self.fail(batch, failure)

    def _empty(self, batch: Batch) -> None:
        if batch in self._queued:
            self._waiting -= len(batch.waiting)
        batch.waiting.clear()
        if any(ticket.batch is batch for ticket in self._for_fresh):
            kept = [ticket for ticket in self._for_fresh if ticket.batch is not batch]
            self._for_fresh = deque(kept)
