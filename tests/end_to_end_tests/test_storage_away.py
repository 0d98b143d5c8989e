"""A search whose study is out of reach for half a minute waits and goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from search.settings.storage_address import Database
from search.study.records import State, read_records
from tests.end_to_end_tests.test_resume import TRIALS, finished, printed, ran_twice, start
from tests.search_tests.postgres import PASSWORD, Postgres, binaries
from tests.search_tests.small_study import write_small_study

AWAY_SECONDS = 30

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def write_a_study(folder: Path) -> None:
    """Write a study of which no trial fails: every recipe leaves rows to train on."""
    path = write_small_study(folder, trials=TRIALS)
    study = path.read_text(encoding="utf-8")
    path.write_text(study.replace("[compiles, faithful]", "[compiles]"), encoding="utf-8")


@contextmanager
def searching(folder: Path) -> Iterator[None]:
    """A search of which one trial has ended; afterwards it must come to its end by itself."""
    driver = start(folder)
    try:
        deadline = time.monotonic() + 200
        while "  score " not in printed(folder):
            assert driver.poll() is None, printed(folder)
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield
        assert driver.wait(300) == 0, printed(folder)
    finally:
        driver.kill()
        driver.wait(30)


def assert_it_waited_and_lost_nothing(folder: Path) -> None:
    said = [line.split("  ")[0] for line in printed(folder).splitlines()]
    assert said.count("waiting") == 1
    assert said.count("going on") == 1
    assert "Traceback" not in printed(folder)
    assert ran_twice(folder) == []


def test_a_study_file_that_is_moved_away_for_half_a_minute(tmp_path: Path) -> None:
    write_a_study(tmp_path)
    path, away = tmp_path / "run" / "study.db", tmp_path / "study.away"
    with searching(tmp_path):
        path.rename(away)
        time.sleep(AWAY_SECONDS)
        away.rename(path)

    assert_it_waited_and_lost_nothing(tmp_path)
    assert [one.state for one in finished(tmp_path)] == [State.COMPLETE] * TRIALS


@pytest.mark.skipif(binaries() is None, reason="needs PostgreSQL's programs")
def test_a_database_that_is_stopped_for_half_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_a_study(tmp_path)
    server = Postgres()
    try:
        server.start()
        monkeypatch.setenv("OUTERLOOP_STORAGE", server.address_with_password)
        with searching(tmp_path):
            server.stop()
            time.sleep(AWAY_SECONDS)
            server.start()
        trials = read_records(Database(server.address, "small"), "small")
    finally:
        server.remove()

    assert_it_waited_and_lost_nothing(tmp_path)
    assert [one.state for one in trials] == [State.COMPLETE] * TRIALS
    for path in (tmp_path / "run").rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path
    assert "s3cret" not in printed(tmp_path)
