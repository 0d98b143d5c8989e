from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from lean_sandbox import cache as cache_module
from lean_sandbox.cache import VerdictCache
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Outcome, TestOutcome
from tests.contracts.fake_sandbox import verdict
from tests.lean_sandbox_tests.test_pool import Starter

REQUEST = CheckRequest("def f (x : Int) : Int := x", tests=("f 1 = 1",))
SAID = verdict(Outcome.ACCEPTED, tests=(TestOutcome.PASSED,))


def test_a_verdict_comes_back_from_the_file_as_it_was(tmp_path: Path) -> None:
    first = VerdictCache(tmp_path / "verdicts.sqlite")
    first.put_many([(REQUEST, SAID)])
    first.close()
    second = VerdictCache(tmp_path / "verdicts.sqlite")
    assert second.get(REQUEST) == SAID
    second.close()


def test_another_target_or_other_tests_are_another_request(tmp_path: Path) -> None:
    cache = VerdictCache(tmp_path / "verdicts.sqlite")
    cache.put_many([(REQUEST, SAID)])
    assert cache.get(CheckRequest(REQUEST.program)) is None
    assert cache.get(CheckRequest(REQUEST.program, "def f", REQUEST.tests)) is None
    cache.close()


def test_what_the_machine_caused_is_not_kept(tmp_path: Path) -> None:
    cache = VerdictCache(tmp_path / "verdicts.sqlite")
    cache.put_many(
        [
            (REQUEST, verdict(Outcome.TIMEOUT, "deadline")),
            (REQUEST, verdict(Outcome.MEMORY, "worker_died")),
        ]
    )
    assert cache.get(REQUEST) is None
    cache.close()


def test_verdicts_of_other_gates_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = VerdictCache(tmp_path / "verdicts.sqlite")
    old.put_many([(REQUEST, SAID)])
    old.close()
    monkeypatch.setattr(cache_module, "gate_version", lambda: "newer gates")
    new = VerdictCache(tmp_path / "verdicts.sqlite")
    assert new.get(REQUEST) is None
    new.close()


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.sqlite"
    path.write_bytes(b"this is no database" * 1000)
    cache = VerdictCache(path)
    cache.put_many([(REQUEST, SAID)])
    cache.close()
    assert VerdictCache(path).get(REQUEST) == SAID
    assert path.with_suffix(".damaged").exists()


def test_a_damaged_row_is_a_miss(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.sqlite"
    cache = VerdictCache(path)
    cache.put_many([(REQUEST, SAID)])
    cache.close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE verdicts SET verdict = '{'")
    database.close()
    again = VerdictCache(path)
    assert again.get(REQUEST) is None
    again.close()


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = VerdictCache(tmp_path / "file" / "verdicts.sqlite")
    cache.put_many([(REQUEST, SAID)])
    assert cache.get(REQUEST) == SAID
    cache.close()


def test_a_pool_asks_lean_once_for_the_same_program(tmp_path: Path) -> None:
    starter = Starter()
    with LeanPool(workers=1, cache=tmp_path / "v.sqlite", start_worker=starter) as pool:
        first = pool.check_many([REQUEST])
        second = pool.check_many([REQUEST, REQUEST])
    assert first + first == second
    assert len(starter.workers[0].checked) == 1
    unstarted = Starter()
    with LeanPool(workers=1, cache=tmp_path / "v.sqlite", start_worker=unstarted) as pool:
        assert pool.check_many([REQUEST]) == first
    assert unstarted.workers == []
