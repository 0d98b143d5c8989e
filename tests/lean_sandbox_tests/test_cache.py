from __future__ import annotations

import os
import random
import sqlite3
import stat
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from lean_sandbox import wasm
from lean_sandbox.cache import VerdictCache
from lean_sandbox.pool import LeanPool
from lean_sandbox.sandbox import CheckRequest
from lean_sandbox.verdict import Message, Note, NoteKind, Outcome, Severity, TestOutcome, Verdict
from tests.contracts.fake_sandbox import verdict
from tests.lean_sandbox_tests import cache_process
from tests.lean_sandbox_tests.scripted import ScriptedWorker, Starter

REQUEST = CheckRequest("def f (x : Int) : Int := x", tests=("f 1 = 1",))
SAID = verdict(Outcome.ACCEPTED, tests=(TestOutcome.PASSED,))


def opened(path: Path, *, max_file_bytes: int = 10_000_000) -> VerdictCache:
    return VerdictCache(path, fingerprint="gates", max_file_bytes=max_file_bytes)


def written(path: Path, count: int) -> None:
    cache = opened(path)
    numbers = range(count)
    cache.put_many([(cache_process.request(n), cache_process.said(n)) for n in numbers])
    cache.close()


def right(path: Path, count: int) -> int:
    """How many of `count` verdicts a new cache knows; a wrong one fails the test."""
    cache = opened(path)
    found = 0
    for number in range(count):
        known = cache.get(cache_process.request(number))
        assert known is None or known == cache_process.said(number)
        found += known is not None
    cache.close()
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "verdicts.sqlite"


def test_a_verdict_comes_back_from_the_file_as_it_was(path: Path) -> None:
    first = opened(path)
    odd = verdict(Outcome.REFUSED, "parse_error", detail='half a pair \ud800, "quotes", 𝔸')
    first.put_many([(REQUEST, SAID), (CheckRequest("𝔸 \ud800"), odd)])
    first.close()
    second = opened(path)
    assert second.get(REQUEST) == SAID
    assert second.get(CheckRequest("𝔸 \ud800")) == odd
    assert second.hits == 2
    second.close()


def test_every_part_of_a_request_and_its_bounds_are_in_the_key(path: Path) -> None:
    alike = [
        CheckRequest("ab", None, ("c",)),
        CheckRequest("a", None, ("bc",)),
        CheckRequest("ab", "c", ()),
        CheckRequest("ab", "", ("c",)),
        CheckRequest("ab", None, ("c", "")),
        CheckRequest("ab", "-", ("c",)),
        CheckRequest("ab2:", None, ("c",)),
    ]
    cache = opened(path)
    for number, request in enumerate(alike):
        assert cache.get(request) is None
        cache.put(request, cache_process.said(number))
    for number, request in enumerate(alike):
        assert cache.get(request) == cache_process.said(number)
    cache.close()


def test_a_new_field_must_be_thought_of_here() -> None:
    """Extend `VerdictCache._key`, `_sealed` and `_unsealed`, then this list."""
    assert [f.name for f in fields(CheckRequest)] == [
        "program",
        "target",
        "tests",
        "messages",
        "test_timeout_seconds",  # no verdict that is kept depends on it
    ]
    assert [f.name for f in fields(Verdict)] == [
        "outcome",
        "reason",
        "detail",
        "tests",
        "lean_version",
        "gates",
        "seconds",
        "gate_seconds",
        "messages",
        "notes",
        "late_tests",  # a verdict that has any is not kept
    ]


def test_notes_are_kept(path: Path) -> None:
    said = replace(SAID, notes=(Note(NoteKind.CLAMPED, 1, "maxHeartbeats 0 to 400000"),))
    first = opened(path)
    first.put(REQUEST, said)
    first.close()
    again = opened(path)
    assert again.get(REQUEST) == said
    again.close()


def test_messages_are_kept_and_only_given_to_those_who_asked(path: Path) -> None:
    asking = replace(REQUEST, messages=True)
    heard = replace(SAID, messages=(Message(Severity.INFO, 1, 0, 1, 6, "Nat : Type"),))
    first = opened(path)
    first.put(asking, heard)
    assert first.get(REQUEST) is None
    first.close()
    again = opened(path)
    assert again.get(asking) == heard
    assert again.get(REQUEST) is None
    again.close()


def test_what_the_machine_caused_is_not_kept(path: Path) -> None:
    cache = opened(path)
    cache.put(REQUEST, verdict(Outcome.TIMEOUT, "deadline"))
    cache.put(REQUEST, verdict(Outcome.MEMORY, "worker_died"))
    cache.put(REQUEST, verdict(Outcome.UNDECIDED, "internal_error"))
    cache.put(REQUEST, replace(verdict(Outcome.REFUSED, "test_failed"), late_tests=(1,)))
    assert cache.get(REQUEST) is None
    cache.close()


def test_verdicts_of_another_lean_or_other_gates_are_not_used(path: Path) -> None:
    old = opened(path)
    old.put(REQUEST, SAID)
    old.close()
    new = VerdictCache(path, fingerprint="newer gates")
    assert new.get(REQUEST) is None
    new.close()


def test_a_file_that_is_no_database_is_set_aside_with_its_log(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 1000)
    path.with_name(path.name + "-wal").write_bytes(b"nor is this a log" * 1000)
    cache = opened(path)
    cache.put(REQUEST, SAID)
    cache.close()
    again = opened(path)
    assert again.get(REQUEST) == SAID
    again.close()
    assert path.with_name(f"{path.name}.damaged").read_bytes().startswith(b"this is no")


def test_a_row_that_was_changed_or_moved_is_a_miss(path: Path) -> None:
    written(path, 3)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE sealed SET verdict = x'00' WHERE at = 1")
        database.execute(
            "UPDATE sealed SET verdict = (SELECT verdict FROM sealed WHERE at = 3) WHERE at = 2"
        )
    database.close()
    assert right(path, 3) == 1


@pytest.mark.parametrize("seed", range(12))
def test_a_file_damaged_anywhere_never_gives_a_wrong_verdict_or_an_error(
    path: Path, seed: int
) -> None:
    written(path, 300)
    data = bytearray(path.read_bytes())
    chance = random.Random(seed)
    if seed % 3 == 0:
        del data[chance.randrange(len(data)) :]
    for _ in range(40 if seed % 3 else 0):
        data[chance.randrange(100, len(data))] = chance.randrange(256)
    path.write_bytes(bytes(data))
    right(path, 300)
    cache = opened(path)
    cache.put(REQUEST, SAID)
    assert cache.get(REQUEST) == SAID
    cache.close()


def test_a_file_that_is_damaged_while_it_is_open_is_begun_again(path: Path) -> None:
    written(path, 300)
    cache = opened(path)
    assert cache.get(cache_process.request(0)) == cache_process.said(0)
    path.write_bytes(b"\xff" * path.stat().st_size)
    path.with_name(path.name + "-wal").write_bytes(b"")
    for number in range(1, 300):
        known = cache.get(cache_process.request(number))
        assert known is None or known == cache_process.said(number)
        cache.put(cache_process.request(number), cache_process.said(number))
    cache.close()
    assert right(path, 300) > 0


def test_several_processes_write_at_once_and_nothing_is_lost_or_mixed(path: Path) -> None:
    command = [sys.executable, "-m", "tests.lean_sandbox_tests.cache_process", "write", str(path)]
    writers = [
        subprocess.Popen([*command, str(seed)], stderr=subprocess.PIPE) for seed in range(4)
    ]
    for writer in writers:
        _, said = writer.communicate(timeout=120)
        assert writer.returncode == 0, said.decode()
    assert right(path, cache_process.SHARED) == cache_process.SHARED


def test_several_threads_share_a_cache(path: Path) -> None:
    cache = opened(path)
    starter = Starter()
    with LeanPool(workers=4, cache=path, start_worker=starter) as pool:
        requests = [CheckRequest(f"def f (x : Int) : Int := x + {n % 20}") for n in range(200)]
        first = pool.check_many(requests)
        assert pool.check_many(requests) == first
        assert pool.status().cache_hits >= 200
    cache.close()


def test_a_disk_that_fills_up_costs_verdicts_and_no_error(path: Path) -> None:
    command = [sys.executable, "-m", "tests.lean_sandbox_tests.cache_process"]
    ended = subprocess.run(
        [*command, "small-disk", str(path)], capture_output=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr.decode()
    largest = max(file.stat().st_size for file in path.parent.iterdir())
    assert largest <= cache_process.SMALL_DISK_BYTES
    assert right(path, 5000) > 10


def test_a_file_at_its_limit_forgets_the_oldest_verdicts(path: Path) -> None:
    cache = opened(path, max_file_bytes=300_000)
    for number in range(3000):
        cache.put(cache_process.request(number), cache_process.said(number))
    cache.close()
    assert path.stat().st_size <= 300_000
    again = opened(path)
    assert again.get(cache_process.request(0)) is None
    assert again.get(cache_process.request(2999)) == cache_process.said(2999)
    again.close()
    assert right(path, 3000) > 100


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file" / "verdicts.sqlite", Path("/proc/verdicts.sqlite")):
        cache = opened(place)
        cache.put(REQUEST, SAID)
        assert cache.get(REQUEST) == SAID
        cache.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_read(path: Path) -> None:
    written(path, 5)
    path.chmod(stat.S_IRUSR)
    path.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert right(path, 5) == 5
    finally:
        path.parent.chmod(stat.S_IRWXU)


def test_a_file_that_only_can_be_read_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(path, 5)

    def refuse(*_: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr("lean_sandbox.cache._connect", refuse)
    cache = opened(path)
    cache.put(REQUEST, SAID)
    assert cache.get(cache_process.request(4)) == cache_process.said(4)
    assert cache.get(REQUEST) == SAID
    cache.close()
    assert not path.with_name(path.name + "-wal").exists()


def test_another_process_that_holds_the_file_for_ever_holds_up_no_verdict(
    path: Path,
) -> None:
    written(path, 1)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    cache = opened(path)
    cache.put(REQUEST, SAID)
    assert cache.get(REQUEST) == SAID
    holder.execute("ROLLBACK")
    holder.close()
    cache.close()


def test_a_pool_asks_lean_once_for_the_same_program(path: Path) -> None:
    starter = Starter()
    with LeanPool(workers=1, cache=path, start_worker=starter) as pool:
        first = pool.check_many([REQUEST])
        second = pool.check_many([REQUEST, REQUEST])
        assert pool.status().cache_hits == 2
    assert first + first == second
    assert len(starter.workers[0].checked) == 1
    unstarted = Starter()
    with LeanPool(workers=1, cache=path, start_worker=unstarted) as pool:
        assert pool.check_many([REQUEST]) == first
    assert unstarted.workers == []


def test_pools_of_different_leans_share_a_file_and_no_verdicts(path: Path) -> None:
    class OtherLean:
        fingerprint = "another Lean"
        worker_bytes = 1

        def start(self) -> ScriptedWorker:
            raise AssertionError("no worker is needed here")

    for fingerprint in (wasm.fingerprint(), OtherLean.fingerprint):
        cache = VerdictCache(path, fingerprint=fingerprint)
        cache.put(REQUEST, verdict(Outcome.ACCEPTED, detail=fingerprint))
        cache.close()
    with LeanPool(cache=path, backend=OtherLean()) as pool:
        assert pool.check_many([REQUEST])[0].detail == "another Lean"
    with LeanPool(cache=path) as pool:
        assert pool.check_many([REQUEST])[0].detail == wasm.fingerprint()
