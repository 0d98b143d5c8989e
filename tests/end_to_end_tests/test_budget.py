"""A study that spends its budget stops in one line, and a raised cap lets it go on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from engines.budget import Purse
from engines.caps import Caps
from search.study.records import State, read_records
from tests.search_tests.small_study import write_small_study

ROOT = Path(__file__).parents[2]


def drive(folder: Path, *options: str, trials: int = 4) -> subprocess.CompletedProcess[str]:
    driver = [sys.executable, "-m", "tests.end_to_end_tests.drive_small_study"]
    return subprocess.run(
        [*driver, str(folder), str(trials), "0.0", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
        check=False,
    )


@pytest.mark.timeout(600)  # two searches, each with a Ray of its own
def test_a_spent_budget_stops_the_study_and_a_raised_one_finishes_it_without_paying_twice(
    tmp_path: Path,
) -> None:
    study = write_small_study(tmp_path)
    text = study.read_text(encoding="utf-8")
    # 32 checks for trials: the baseline's 12 fit, all of four trials do not
    study.write_text(text + "budget: {checks: 40}\n", encoding="utf-8")

    stopped = drive(tmp_path)

    assert stopped.returncode == 1, stopped.stdout
    last = stopped.stdout.strip().splitlines()[-1]
    assert last.startswith("outerloop: stopped with ")
    assert "raise budget.checks and run again with --resume" in last
    assert "FAILED" not in stopped.stdout
    purse = Purse(tmp_path / "run" / "budget.db", Caps())
    assert 12 <= purse.spent().checks <= 32
    states = [one.state for one in read_records(tmp_path / "run" / "study.db", "small")]
    assert State.FAILED not in states
    assert State.RUNNING in states

    study.write_text(text + "budget: {checks: 1000}\n", encoding="utf-8")
    finished = drive(tmp_path, "--resume")

    assert finished.returncode == 0, finished.stdout
    ran = Counter((tmp_path / "ran.log").read_text(encoding="utf-8").splitlines())
    assert {line: count for line, count in ran.items() if count > 1} == {}
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    evaluated = [line for line in ran if line.startswith("evaluate ")]
    # the fake learner asks no Lean: its evaluations declare 20 checks each, which no purse saw
    seen = manifest["spent"]["checks"] - 20 * len(evaluated)
    assert seen == purse.spent().checks
    assert purse.held().checks == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_cap_that_is_set_on_resuming_holds_over_what_was_spent_without_one(
    tmp_path: Path,
) -> None:
    study = write_small_study(tmp_path)
    text = study.read_text(encoding="utf-8")
    assert drive(tmp_path, trials=2).returncode == 0
    spent = json.loads((tmp_path / "run" / "manifest.json").read_text("utf-8"))["spent"]
    assert not (tmp_path / "run" / "budget.db").exists()
    ran = (tmp_path / "ran.log").read_text(encoding="utf-8")

    cap = spent["checks"] + 5  # the trials' share of it is spent already
    study.write_text(text + f"budget: {{checks: {cap}}}\n", encoding="utf-8")
    stopped = drive(tmp_path, "--resume", trials=4)

    assert stopped.returncode == 1, stopped.stdout
    last = stopped.stdout.strip().splitlines()[-1]
    assert f"{spent['checks']} of the trials' share of budget.checks = " in last
    new = (tmp_path / "ran.log").read_text(encoding="utf-8").removeprefix(ran)
    # rows are written before the cap on checking them is met; nothing is trained or asked
    assert not [line for line in new.splitlines() if not line.startswith("generate ")]
