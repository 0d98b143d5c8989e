"""A driver is killed for real, and the same command with `resume` goes on."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from search.errors import StudyNotFound
from search.study.records import State, TrialRecord, read_records
from tests.search_tests.small_study import write_small_study

ROOT = Path(__file__).parents[2]
TRIALS = 6


def start(folder: Path, *options: str, seconds: float = 1.0) -> subprocess.Popen[bytes]:
    driver = [sys.executable, "-m", "tests.end_to_end_tests.drive_small_study"]
    with (folder / "printed.txt").open("w", encoding="utf-8") as printed:
        return subprocess.Popen(
            [*driver, str(folder), str(TRIALS), str(seconds), *options],
            cwd=ROOT,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def printed(folder: Path) -> str:
    return (folder / "printed.txt").read_text(encoding="utf-8")


def records(folder: Path) -> list[TrialRecord]:
    path = folder / "run" / "study.db"
    try:
        return read_records(path, "small")
    except StudyNotFound:  # it is being made
        return []


def finished(folder: Path) -> list[TrialRecord]:
    return [one for one in records(folder) if one.state is not State.RUNNING]


def ran_twice(folder: Path) -> list[str]:
    """The stages that were really run more than once."""
    ran = Counter((folder / "ran.log").read_text(encoding="utf-8").splitlines())
    return [line for line, times in ran.items() if times > 1]


def kill_after(folder: Path, trials: int, driver: subprocess.Popen[bytes]) -> None:
    """SIGKILL the driver once that many trials have ended with a score."""
    deadline = time.monotonic() + 120
    while sum(one.state is State.COMPLETE for one in finished(folder)) < trials:
        assert driver.poll() is None, printed(folder)
        assert time.monotonic() < deadline, "the driver finished no trials"
        time.sleep(0.1)
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait(30)


def wait_until_its_workers_are_gone(folder: Path) -> None:
    """Ray's own processes end by themselves once their driver is dead."""
    log, quiet_since, size = folder / "ran.log", time.monotonic(), -1
    log.touch()
    deadline = time.monotonic() + 60
    while time.monotonic() - quiet_since < 3 and time.monotonic() < deadline:
        if log.stat().st_size != size:
            size, quiet_since = log.stat().st_size, time.monotonic()
        time.sleep(0.1)


@pytest.mark.timeout(300)
def test_a_killed_search_goes_on_and_repeats_nothing(tmp_path: Path) -> None:
    write_small_study(tmp_path, trials=TRIALS)
    kill_after(tmp_path, 3, start(tmp_path))
    wait_until_its_workers_are_gone(tmp_path)
    before = {one.number: one for one in finished(tmp_path)}

    driver = start(tmp_path, "--resume")
    driver.wait(200)

    assert driver.returncode == 0, printed(tmp_path)
    after = records(tmp_path)
    assert [one.number for one in after] == list(range(len(after)))
    assert sum(one.state is State.COMPLETE for one in after) == TRIALS
    assert all(one.state is not State.RUNNING for one in after)
    assert {one.number: one for one in after if one.number in before} == before
    assert ran_twice(tmp_path) == []
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["trials"]["complete"] == TRIALS
    assert "pipeline/pipeline.json" in manifest["files"]
    assert "best − baseline" in printed(tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_kills_at_random_moments_lose_no_stage(tmp_path: Path, seed: int) -> None:
    write_small_study(tmp_path, trials=TRIALS)
    moments = random.Random(seed)
    for attempt in range(12):
        driver = start(tmp_path, "--resume")
        try:
            driver.wait(moments.uniform(8, 30) if attempt < 8 else 200)
        except subprocess.TimeoutExpired:
            os.kill(driver.pid, signal.SIGKILL)
            driver.wait(30)
            wait_until_its_workers_are_gone(tmp_path)
        else:
            break

    assert driver.returncode == 0, printed(tmp_path)
    after = records(tmp_path)
    assert [one.number for one in after] == list(range(len(after)))
    assert sum(one.state is State.COMPLETE for one in after) == TRIALS
    ran = Counter((tmp_path / "ran.log").read_text(encoding="utf-8").splitlines())
    # a stage that was killed between its last step and its manifest may be written down twice
    assert sum(times - 1 for times in ran.values()) <= attempt


@pytest.mark.timeout(300)
def test_two_live_drivers_are_refused(tmp_path: Path) -> None:
    write_small_study(tmp_path, trials=TRIALS)
    first = start(tmp_path, seconds=30)
    try:
        deadline = time.monotonic() + 120
        while not records(tmp_path) and time.monotonic() < deadline:
            assert first.poll() is None, printed(tmp_path)
            time.sleep(0.2)
        second = start(tmp_path, "--resume")
        second.wait(60)
    finally:
        os.kill(first.pid, signal.SIGKILL)
        first.wait(30)

    assert second.returncode == 1
    said = printed(tmp_path)
    assert f"is being searched by process {first.pid} on" in said
    assert "Traceback" not in said
