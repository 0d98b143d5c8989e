"""Three kills in one small search on fakes: a fine-tune's process, a trial's, the driver."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from search.study.records import State
from tests.end_to_end_tests.test_resume import (
    TRIALS,
    finished,
    kill_after,
    printed,
    ran_twice,
    records,
    start,
    wait_until_its_workers_are_gone,
)
from tests.search_tests.small_study import write_small_study


def kill_one(driver: psutil.Process, titles: tuple[str, ...]) -> None:
    """SIGKILL one of the driver's Ray processes, as soon as there is one of these titles."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        for process in driver.children(recursive=True):
            with suppress(psutil.Error):
                if " ".join(process.cmdline()).startswith(titles):
                    process.kill()
                    return
        time.sleep(0.05)
    raise AssertionError(f"no process of {titles}")


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 200
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_kills_of_a_fine_tune_a_trial_and_the_driver_cost_no_finished_stage_and_no_truth(
    tmp_path: Path,
) -> None:
    write_small_study(tmp_path, trials=TRIALS)
    driver = start(tmp_path)
    try:
        processes = psutil.Process(driver.pid)
        kill_one(processes, ("ray::LearnerActor",))
        wait_until(lambda: any(one.state is State.FAILED for one in finished(tmp_path)))
        kill_one(processes, ("ray::ImplicitFunc.train", "ray::_trial"))
        kill_after(tmp_path, 2, driver)
    finally:
        driver.kill()
        driver.wait(30)
    wait_until_its_workers_are_gone(tmp_path)
    before = {one.number: one for one in finished(tmp_path)}

    again = start(tmp_path, "--resume", seconds=0.1)
    again.wait(200)

    assert again.returncode == 0, printed(tmp_path)
    after = records(tmp_path)
    assert {one.number: one for one in after if one.number in before} == before
    assert [one.number for one in after] == list(range(len(after)))
    assert sum(one.state is State.COMPLETE for one in after) == TRIALS
    failed = [one for one in after if one.state is State.FAILED]
    assert all(one.outcome is None for one in failed)
    lost = [one for one in failed if "LearnerLost: its process died" in one.error]
    assert len(lost) == 1  # the others' recipes left too few examples
    assert ran_twice(tmp_path) == []


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_a_search_whose_ray_is_gone_ends_and_is_gone_on_with(tmp_path: Path) -> None:
    write_small_study(tmp_path, trials=2)
    driver = start(tmp_path, seconds=30)
    try:
        wait_until(lambda: printed(tmp_path).count("  check  ") == 2)
        below = psutil.Process(driver.pid).children(recursive=True)
        (raylet,) = [one for one in below if one.name() == "raylet"]
        raylet.kill()
        assert driver.wait(200) == 1, printed(tmp_path)
    finally:
        driver.kill()
        driver.wait(30)
    # Ray ends a process whose raylet died, often before the search can say so itself
    said = [line for line in printed(tmp_path).splitlines() if line.startswith("outerloop: ")]
    assert all("Ray gave up the node that this search is connected to" in one for one in said)
    assert "Traceback" not in printed(tmp_path)
    wait_until_its_workers_are_gone(tmp_path)

    again = start(tmp_path, "--resume", seconds=0.1)
    again.wait(200)

    assert again.returncode == 0, printed(tmp_path)
    assert ran_twice(tmp_path) == []
