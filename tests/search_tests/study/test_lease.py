"""Two drivers and one study. The boards are shared dictionaries; the clocks are the real ones."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field

import pytest

from search.errors import StudyInUse
from search.study.lease import Holder, Lease

BEAT, STALE = 0.05, 0.4
LONG = 30.0
"""A stale time that no test waits for, however loaded the machine."""


@dataclass
class FakeBoard:
    """One lease in memory; every write takes `seconds`."""

    text: str = ""
    seconds: float = 0.0
    written: list[str] = field(default_factory=list)

    def read(self) -> str:
        return self.text

    def write(self, text: str) -> None:
        time.sleep(self.seconds)
        self.text = text
        self.written.append(text)


def lease(board: FakeBoard, *, beat: float = BEAT, stale: float = STALE) -> Lease:
    return Lease(board, beat_seconds=beat, stale_seconds=stale)


def elsewhere(**fields: object) -> str:
    """A lease of a process on another machine."""
    there = dataclasses.replace(Holder.here(), token="t", host="far", machine="far 1", pid=7)
    return json.dumps(asdict(dataclasses.replace(there, **fields)))


def silent(_: str) -> None:
    pass


def test_a_lease_is_renewed_while_it_is_held_and_given_back() -> None:
    board = FakeBoard()
    with lease(board, stale=LONG).held(silent):
        deadline = time.monotonic() + LONG
        while len(board.written) < 4 and time.monotonic() < deadline:
            time.sleep(BEAT)
        assert json.loads(board.text)["pid"] == os.getpid()
    beats = [json.loads(text)["beat"] for text in board.written if text]

    assert beats == list(range(len(beats)))
    assert len(beats) >= 3
    assert board.text == ""


def test_a_second_driver_on_this_machine_is_refused_at_once() -> None:
    board = FakeBoard()
    with ExitStack() as first:
        first.enter_context(lease(board, stale=LONG).held(silent))
        began = time.monotonic()
        refusal = f"searched by process {os.getpid()} on"
        with pytest.raises(StudyInUse, match=refusal), lease(board, stale=LONG).held(silent):
            pass
        assert time.monotonic() - began < LONG / 2


def test_a_driver_elsewhere_that_renews_its_lease_is_not_disturbed() -> None:
    board, over = FakeBoard(elsewhere()), threading.Event()

    def renew() -> None:
        beat = 0
        while not over.wait(BEAT):
            beat += 1
            board.text = elsewhere(beat=beat)

    other = threading.Thread(target=renew)
    other.start()
    try:
        with pytest.raises(StudyInUse, match="searched by process 7 on far"):
            lease(board, stale=LONG).held(silent).__enter__()
    finally:
        over.set()
        other.join()
    assert board.written == []


def test_a_lease_that_nobody_renews_is_taken_after_a_while_and_a_line_says_so() -> None:
    board, said = FakeBoard(elsewhere(beat=3)), list[str]()
    began = time.monotonic()

    with lease(board).held(said.append):
        assert time.monotonic() - began >= STALE
        assert json.loads(board.text)["pid"] == os.getpid()

    assert len(said) == 1
    assert "process 7 on far drove this study last" in said[0]


def test_a_driver_killed_on_this_machine_is_not_waited_for() -> None:
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    board = FakeBoard(json.dumps(asdict(dataclasses.replace(Holder.here(), pid=gone.pid))))
    began = time.monotonic()

    with lease(board, stale=LONG).held(silent):
        assert time.monotonic() - began < LONG / 2


def test_a_process_number_that_was_given_out_again_is_not_the_driver() -> None:
    again = dataclasses.replace(Holder.here(), started="1")

    assert not again.is_alive_here
    assert Holder.here().is_alive_here


def test_a_clock_set_back_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: -1e9)

    test_a_lease_that_nobody_renews_is_taken_after_a_while_and_a_line_says_so()


def test_of_two_that_take_a_free_lease_at_once_one_has_it() -> None:
    board, together = FakeBoard(), threading.Barrier(2)
    held, refused = list[int](), list[str]()

    def drive(number: int) -> None:
        together.wait()
        try:
            with lease(board, beat=1.0, stale=LONG).held(silent):
                held.append(number)
                time.sleep(3.0)
        except StudyInUse as error:
            refused.append(str(error))

    drivers = [threading.Thread(target=drive, args=(number,)) for number in range(2)]
    for driver in drivers:
        driver.start()
    for driver in drivers:
        driver.join()

    assert len(held) == 1
    assert len(refused) == 1


def test_a_driver_that_slept_through_its_lease_writes_nothing_more() -> None:
    board = FakeBoard()
    mine = lease(board)
    with mine.held(silent):
        board.text = elsewhere()  # taken over while this process was stopped
        time.sleep(STALE / 2)
        with pytest.raises(StudyInUse, match="taken over by process 7 on far"):
            mine.require()

    assert json.loads(board.text)["host"] == "far"  # and what is not ours is not given back


def test_a_storage_that_is_gone_at_the_end_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("search.study.lease._GIVE_BACK_SECONDS", 0.1)
    board = FakeBoard()
    began = time.monotonic()

    with lease(board).held(silent):
        board.seconds = 20.0

    assert time.monotonic() - began < 5


def test_a_lease_nobody_can_read_is_nobodys() -> None:
    board = FakeBoard("of another version")

    with lease(board).held(silent):
        assert json.loads(board.text)["pid"] == os.getpid()
