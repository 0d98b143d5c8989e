from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from lean_sandbox.batches import Batch, FairQueue, Ticket
from lean_sandbox.errors import SandboxUnavailable
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, Verdict
from tests.contracts.fake_sandbox import verdict


class Asked:
    """A batch, how often it said that it is over, and what must be true of it."""

    def __init__(self, name: int, size: int, known: int) -> None:
        self.announced = 0
        self.size = size
        self.settled = known
        requests = [CheckRequest(f"{name}/{number}") for number in range(size)]
        self.batch = Batch(requests, timeout_seconds=1, announce=self._count)
        self.batch.answer_known(
            lambda request: said(request) if requests.index(request) < known else None
        )

    def _count(self) -> None:
        self.announced += 1


def said(request: CheckRequest) -> Verdict:
    return verdict(Outcome.ACCEPTED, detail=request.program)


def asked(name: int, size: int) -> Asked:
    return Asked(name, size, 0)


class Queueing(RuleBasedStateMachine):
    """Any order of asking, taking, losing, dropping and failing."""

    held = Bundle("held")
    fresh = st.booleans()

    @initialize()
    def begin(self) -> None:
        self.queue = FairQueue()
        self.asked: list[Asked] = []

    def owner(self, ticket: Ticket) -> Asked:
        return next(one for one in self.asked if one.batch is ticket.batch)

    @rule(size=st.integers(1, 6), data=st.data())
    def ask(self, size: int, data: st.DataObject) -> None:
        one = Asked(len(self.asked), size, data.draw(st.integers(0, size)))
        self.asked.append(one)
        assert one.batch.over == (one.settled == size)
        if not one.batch.over:
            self.queue.add(one.batch)

    @rule(target=held, fresh=fresh)
    def take(self, fresh: bool) -> object:
        before = len(self.queue)
        ticket = self.queue.take(fresh=fresh)
        if ticket is None:
            assert before == 0 or not fresh
            return multiple()
        assert not ticket.batch.over
        assert len(self.queue) == before - 1
        return ticket

    @rule(ticket=consumes(held))
    def answer(self, ticket: Ticket) -> None:
        one = self.owner(ticket)
        was_over = ticket.batch.over
        ticket.batch.settle(ticket, said(ticket.request))
        if not was_over:
            one.settled += 1
            assert ticket.batch.over == (one.settled == one.size)
            if ticket.batch.over:
                number = self.asked.index(one)
                expected = [f"{number}/{at}" for at in range(one.size)]
                assert [v.detail for v in ticket.batch.answer()] == expected

    @rule(ticket=consumes(held), for_fresh=fresh)
    def lose_the_worker(self, ticket: Ticket, for_fresh: bool) -> None:
        before = len(self.queue)
        self.queue.put_back(ticket, for_fresh=for_fresh)
        assert len(self.queue) == before + (not ticket.batch.over)

    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        if self.asked:
            one = data.draw(st.sampled_from(self.asked))
            before = one.announced
            self.queue.drop(one.batch)
            assert one.batch.over
            assert one.announced == before

    @rule()
    def no_fresh_worker_can_be_had(self) -> None:
        before = len(self.queue)
        self.queue.settle_for_used()
        assert len(self.queue) == before

    @rule()
    def lean_does_not_start(self) -> None:
        self.queue.fail_all(SandboxUnavailable("no Lean"))
        assert len(self.queue) == 0

    @invariant()
    def nobody_is_told_twice(self) -> None:
        assert all(one.announced <= 1 for one in getattr(self, "asked", ()))

    def teardown(self) -> None:
        """Everything that is still asked for can be answered, each with its own verdict."""
        if not hasattr(self, "queue"):
            return
        self.queue.settle_for_used()
        while (ticket := self.queue.take(fresh=False)) is not None:
            ticket.batch.settle(ticket, said(ticket.request))
        assert len(self.queue) == 0


TestQueueing = Queueing.TestCase
TestQueueing.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def names(tickets: list[Ticket | None]) -> list[str]:
    return [ticket.request.program for ticket in tickets if ticket is not None]


def test_batches_take_turns_a_program_each() -> None:
    queue = FairQueue()
    for name, size in ((0, 4), (1, 2), (2, 1)):
        queue.add(asked(name, size).batch)
    order = names([queue.take(fresh=False) for _ in range(8)])
    assert order == ["0/0", "1/0", "2/0", "0/1", "1/1", "0/2", "0/3"]


def test_a_program_whose_worker_was_ended_from_outside_is_the_next_one() -> None:
    queue = FairQueue()
    for name in (0, 1):
        queue.add(asked(name, 2).batch)
    first = queue.take(fresh=False)
    assert first is not None
    queue.put_back(first, for_fresh=False)
    order = names([queue.take(fresh=False) for _ in range(5)])
    assert order == ["0/0", "1/0", "0/1", "1/1"]


def test_a_program_its_worker_died_on_waits_for_a_worker_that_has_served_nobody() -> None:
    queue = FairQueue()
    queue.add(asked(0, 2).batch)
    first = queue.take(fresh=False)
    assert first is not None
    queue.put_back(first, for_fresh=True)
    assert names([queue.take(fresh=False), queue.take(fresh=False)]) == ["0/1"]
    assert len(queue) == 1
    assert queue.take(fresh=True) is first


def test_verdicts_stand_in_the_order_of_their_requests() -> None:
    one = asked(0, 3)
    tickets = list(one.batch.waiting)
    for ticket in reversed(tickets):
        one.batch.settle(ticket, said(ticket.request))
    assert [v.detail for v in one.batch.answer()] == ["0/0", "0/1", "0/2"]
    assert one.announced == 1


def test_a_second_answer_to_the_same_program_is_a_defect() -> None:
    one = asked(0, 2)
    ticket = one.batch.waiting[0]
    one.batch.settle(ticket, said(ticket.request))
    with pytest.raises(AssertionError, match="answered twice"):
        one.batch.settle(ticket, said(ticket.request))


def test_a_failed_batch_answers_with_its_failure_and_takes_no_more_verdicts() -> None:
    one = asked(0, 1)
    ticket = one.batch.waiting[0]
    one.batch.fail(SandboxUnavailable("no Lean"))
    one.batch.settle(ticket, said(ticket.request))
    with pytest.raises(SandboxUnavailable, match="no Lean"):
        one.batch.answer()
    assert one.announced == 1
