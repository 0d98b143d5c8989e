"""A search with rungs on fakes: the weak stop early, and a kill changes nothing about it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from search.comparisons.sealed import FinalComparison
from search.errors import StudyNotFound
from search.study.records import State, TrialRecord, read_records
from search.trial.rung_rules import FULL, ROWS, SHORT
from tests.search_tests.small_study import write_small_study

ROOT = Path(__file__).parents[2]
TRIALS = 14
RUNGS = """\
  max_failed_trials: 50
  finalists: 2
  finalist_runs: 2
  rungs: {contexts: 6, max_steps: 1, signal: faithfulness, least_trials: 4, control: 0.02}
"""


def write_study(folder: Path) -> None:
    """The small study in which wrong rows are trained on too: careless recipes score 0."""
    study = write_small_study(folder, trials=TRIALS)
    text = study.read_text(encoding="utf-8").replace("[compiles, faithful]", "[none]")
    text = text.replace("  temperature: 0.5\n", "  temperature: 0.5\n  filter: none\n")
    study.write_text(text.replace("search:\n", "search:\n" + RUNGS), encoding="utf-8")


def start(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    driver = [sys.executable, "-m", "tests.end_to_end_tests.drive_small_study"]
    with (folder / "printed.txt").open("a", encoding="utf-8") as printed:
        return subprocess.Popen(
            [*driver, str(folder), str(TRIALS), "0.1", *options],
            cwd=ROOT,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def printed(folder: Path) -> str:
    return (folder / "printed.txt").read_text(encoding="utf-8")


def records(folder: Path) -> list[TrialRecord]:
    try:
        return read_records(folder / "run" / "study.db", "small")
    except StudyNotFound:  # it is being made
        return []


def pruned(folder: Path) -> list[TrialRecord]:
    return [one for one in records(folder) if one.state is State.PRUNED]


def kill_once_a_trial_is_pruned(folder: Path) -> None:
    driver = start(folder)
    deadline = time.monotonic() + 600
    while not pruned(folder) and driver.poll() is None:
        assert time.monotonic() < deadline, printed(folder)
        time.sleep(0.1)
    if driver.poll() is None:
        os.kill(driver.pid, signal.SIGKILL)
    driver.wait(30)
    time.sleep(3)  # Ray's own processes end by themselves once their driver is dead


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_weak_trials_stop_at_a_rung(tmp_path: Path) -> None:
    write_study(tmp_path)

    driver = start(tmp_path)
    driver.wait(800)

    assert driver.returncode == 0, printed(tmp_path)
    require_a_search_with_rungs(tmp_path)
    require_a_choice_among_equals(tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_driver_killed_after_a_rung_stopped_a_trial_does_not_ask_it_twice(
    tmp_path: Path,
) -> None:
    write_study(tmp_path)
    kill_once_a_trial_is_pruned(tmp_path)
    before = {one.number: one for one in pruned(tmp_path)}

    driver = start(tmp_path, "--resume")
    driver.wait(800)

    assert driver.returncode == 0, printed(tmp_path)
    assert before
    after = records(tmp_path)
    assert {number: after[number] for number in before} == before
    require_a_search_with_rungs(tmp_path)


def require_a_search_with_rungs(folder: Path) -> None:
    after = records(folder)
    stopped = [one for one in after if one.state is State.PRUNED]
    scored = [one for one in after if one.state is State.COMPLETE]
    assert stopped
    assert len(stopped) + len(scored) == TRIALS
    assert all(set(one.rungs) == {ROWS, SHORT, FULL} for one in scored)
    assert all(not one.decisions[max(one.rungs)].goes_on for one in stopped)
    assert all(one.rungs[ROWS] == 0.0 for one in stopped)
    assert max(one.outcome.score.value for one in scored if one.outcome) == 12 / 20
    stages = Counter(line.stage for one in stopped for line in one.costs)
    assert stages["check"] == len(stopped)  # the whole trial's rows were never made
    ran = Counter((folder / "ran.log").read_text(encoding="utf-8").splitlines())
    assert [line for line, times in ran.items() if times > 1 and "generate" not in line] == []
    assert "PRUNED    at rung 1 (rows of a few contexts)" in printed(folder)


def require_a_choice_among_equals(folder: Path) -> None:
    final = TypeAdapter(FinalComparison).validate_json((folder / "run/final.json").read_bytes())
    choice = final.choice
    assert choice is not None
    assert (choice.ended, choice.runs) == ("runs", 4)  # both pass the same 12 of 20 problems
    assert final.arm("best").trial == choice.trial
    assert {run.seed for one in choice.finalists for run in one.runs} == {500_000_003, 500_000_004}
    assert "NOT settled by 4 runs; it leads (raise search.finalist_runs)" in printed(folder)
    card = (folder / "run/pipeline/README.md").read_text(encoding="utf-8")
    assert "this recipe, 2 runs with fresh seeds, search problems" in card
