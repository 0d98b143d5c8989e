from __future__ import annotations

import multiprocessing
import os
import pickle
import tempfile
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engines.budget import Purse
from engines.caps import Amount, Caps
from engines.errors import BudgetSpent, BudgetUnusable
from engines.ledger import NANO
from engines.settings import BudgetSettings

CAPS = Caps(nanodollars=100, tokens=1000, checks=50)


def purse_in(folder: Path, caps: Caps = CAPS) -> Purse:
    return Purse(folder / "budget.db", caps)


def test_what_was_used_is_settled_and_the_rest_of_the_worst_case_comes_back(
    tmp_path: Path,
) -> None:
    purse = purse_in(tmp_path)

    with purse.holding(Amount(nanodollars=60, tokens=400)) as hold:
        assert purse.held() == Amount(nanodollars=60, tokens=400)
        hold.used = Amount(nanodollars=25, tokens=90)

    assert purse.held() == Amount()
    assert purse.spent() == Amount(nanodollars=25, tokens=90)


def test_what_does_not_fit_is_not_sent_and_the_message_names_the_cap(tmp_path: Path) -> None:
    purse = purse_in(tmp_path, Caps(tokens=100))
    with purse.holding(Amount(tokens=80)) as hold:
        hold.used = Amount(tokens=80)

    with pytest.raises(BudgetSpent) as caught, purse.holding(Amount(tokens=21)):
        raise AssertionError("it was sent")

    assert str(caught.value) == (
        "80 of budget.tokens = 100 are spent and the next request does not fit; raise "
        "budget.tokens and run again with --resume"
    )
    with purse.holding(Amount(tokens=20)):
        pass


def test_a_request_that_failed_before_it_was_answered_costs_nothing(tmp_path: Path) -> None:
    purse = purse_in(tmp_path)
    with pytest.raises(OSError, match="no answer"), purse.holding(Amount(tokens=10)):
        raise OSError("no answer")

    assert (purse.spent(), purse.held()) == (Amount(), Amount())


def test_a_request_waits_while_others_hold_what_is_left(tmp_path: Path) -> None:
    purse = purse_in(tmp_path, Caps(checks=10))
    seen: list[Amount] = []

    def second() -> None:
        with Purse(purse.path, purse.caps).holding(Amount(checks=6)) as hold:
            seen.append(purse.spent())
            hold.used = Amount(checks=6)

    with purse.holding(Amount(checks=6)) as hold:
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.2)
        assert seen == []
        hold.used = Amount(checks=4)
    thread.join(timeout=240)

    assert seen == [Amount(checks=4)]
    assert purse.spent() == Amount(checks=10)


def hold_for_ever(path: Path, ready: Connection) -> None:
    with Purse(path, CAPS).holding(Amount(nanodollars=90)):
        ready.send("holding")
        time.sleep(600)


def test_a_killed_process_loses_its_holdings_and_they_are_remembered(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=hold_for_ever, args=(tmp_path / "budget.db", there))
    process.start()
    purse = purse_in(tmp_path)
    try:
        assert here.poll(240)
        assert here.recv() == "holding"
        assert purse.try_reserve(Amount(nanodollars=20)) is None
    finally:
        os.kill(process.pid or 0, 9)
        process.join()

    with purse.holding(Amount(nanodollars=95)):
        pass

    with purse_in(tmp_path).run():
        owners = list((tmp_path / "budget.owners").iterdir())
    assert owners == [purse._owner_file(purse._owner)]  # the living one alone
    assert purse.lost() == Amount(nanodollars=90)
    assert (purse.held(), purse.spent()) == (Amount(), Amount())


def test_a_new_driver_finds_what_was_spent_and_a_raised_cap_lets_it_go_on(tmp_path: Path) -> None:
    with purse_in(tmp_path, Caps(tokens=10)).holding(Amount(tokens=10)) as hold:
        hold.used = Amount(tokens=10)
    with pytest.raises(BudgetSpent):
        purse_in(tmp_path, Caps(tokens=10)).try_reserve(Amount(tokens=1))

    assert purse_in(tmp_path, Caps(tokens=11)).try_reserve(Amount(tokens=1)) is not None


def test_a_new_file_of_an_old_study_counts_what_the_study_spent_without_it(
    tmp_path: Path,
) -> None:
    purse = purse_in(tmp_path, Caps(tokens=100, seconds=600))
    with purse.run():
        purse.know_of(Amount(tokens=90), seconds=500)
        purse.know_of(Amount(tokens=90), seconds=500)  # it is no new file any more

        assert purse.spent() == Amount(tokens=90)
        assert 500 <= purse.seconds() < 1000
        with pytest.raises(BudgetSpent, match=r"90 of budget\.tokens = 100 are spent"):
            purse.try_reserve(Amount(tokens=11))


def test_a_file_that_saw_the_spending_is_believed(tmp_path: Path) -> None:
    purse = purse_in(tmp_path)
    with purse.holding(Amount(tokens=3)) as hold:
        hold.used = Amount(tokens=3)

    purse.know_of(Amount(tokens=900), seconds=60)

    assert purse.spent() == Amount(tokens=3)
    assert purse.seconds() == 0


def test_hours_add_up_over_runs_and_end_the_spending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("engines.budget.time.monotonic", lambda: now[0])
    purse = purse_in(tmp_path, Caps(seconds=50))
    with purse.run():
        now[0] += 20
    now[0] = 3.0  # another boot
    with purse.run():
        now[0] += 20
        assert purse.seconds_left() == 10
        now[0] += 10
        with pytest.raises(BudgetSpent, match=r"raise budget\.hours"):
            purse.seconds_left()
        with pytest.raises(BudgetSpent, match=r"raise budget\.hours"):
            purse.try_reserve(Amount())


def test_a_damaged_file_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "budget.db").write_bytes(b"no database at all " * 100)

    with pytest.raises(
        BudgetUnusable, match=r"budget\.db cannot be used .*delete it and run again"
    ):
        purse_in(tmp_path).spent()


def test_a_purse_that_travels_opens_the_same_file(tmp_path: Path) -> None:
    purse = purse_in(tmp_path)
    with purse.holding(Amount(tokens=3)) as hold:
        hold.used = Amount(tokens=3)

    assert pickle.loads(pickle.dumps(purse)).spent() == Amount(tokens=3)


def test_trials_leave_a_share_of_every_cap_to_the_final_comparison() -> None:
    stated = BudgetSettings(money=10, tokens=1000, checks=100, hours=2, kept_for_final=0.25)

    assert Caps.of(stated, final=False) == Caps(
        nanodollars=round(7.5 * NANO), tokens=750, checks=75, seconds=5400, share=0.75
    )
    assert Caps.of(stated, final=True) == Caps(
        nanodollars=10 * NANO, tokens=1000, checks=100, seconds=7200
    )
    assert Caps.of(BudgetSettings(), final=False).exceeded_by(Amount(10**18, 10**18)) == ""


AMOUNTS = st.builds(
    Amount,
    nanodollars=st.integers(0, 60),
    tokens=st.integers(0, 600),
    checks=st.integers(0, 30),
)


class Spending(RuleBasedStateMachine):
    """Any order of reserving, settling and dying, by three processes that share one purse."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.purses = [purse_in(Path(self.folder.name)) for _ in range(3)]
        self.open: dict[int, tuple[int, Amount]] = {}
        self.settled = self.lost = Amount()

    @rule(who=st.integers(0, 2), worst=AMOUNTS)
    def reserve(self, who: int, worst: Amount) -> None:
        fits_alone = not CAPS.exceeded_by(self.settled + worst)
        try:
            number = self.purses[who].try_reserve(worst)
        except BudgetSpent:
            assert not fits_alone
            return
        assert fits_alone
        if number is None:
            assert CAPS.exceeded_by(self.settled + self.held() + worst)
        else:
            self.open[number] = (who, worst)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.open)))
        who, worst = self.open.pop(number)
        used = Amount(
            **{kind: data.draw(st.integers(0, most)) for kind, most in worst.kinds().items()}
        )
        self.purses[who].settle(number, used)
        self.settled += used

    @rule(who=st.integers(0, 2))
    def die(self, who: int) -> None:
        """The process is killed: its lock goes, its reservations stay until somebody looks."""
        alive = self.purses[who]._alive
        if alive is not None:
            alive.release()
        self.purses[who] = purse_in(Path(self.folder.name))
        self.purses[who].release_dead()
        for number, (owner, worst) in list(self.open.items()):
            if owner == who:
                self.lost += worst
                del self.open[number]

    @invariant()
    def never_more_than_the_cap(self) -> None:
        purse = self.purses[0]
        assert purse.spent() == self.settled
        assert purse.held() == self.held()
        assert purse.lost() == self.lost
        assert not CAPS.exceeded_by(purse.spent() + purse.held())

    def held(self) -> Amount:
        return sum((worst for _, worst in self.open.values()), Amount())

    def teardown(self) -> None:
        for purse in self.purses:
            if purse._alive is not None:
                purse._alive.release()
        self.folder.cleanup()


Spending.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestSpending = Spending.TestCase
