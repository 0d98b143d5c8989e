"""`ray job submit … -- outerloop search`: submitted, followed, stopped, submitted again."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from search.study.records import State, read_records
from tests.end_to_end_tests.local_head import LocalHead, local_head

ROOT = Path(__file__).parents[2]
SMALLER = {
    r"^name: .*": "name: submitted",
    r"^  limit: .*": "  limit: 30",
    r"^(  sealed: .*)": r"\1\n  search_limit: 20\n  sealed_limit: 30",
    r"^  max_steps: .*": "  max_steps: 10",
    r"^  trials: .*": "  trials: 4",
}
VARIABLES = json.dumps({"env_vars": {"OMP_NUM_THREADS": "1"}})
"""One that `outerloop` sets by itself; Ray refuses to be told it twice."""


def submit(head: LocalHead, working_dir: Path, name: str, *command: str) -> subprocess.Popen[str]:
    log = (working_dir.parent / f"{name}.log").open("w", encoding="utf-8")
    with log:
        return head.ray(
            *("job", "submit", "--address", head.dashboard, "--submission-id", name),
            *("--working-dir", str(working_dir), "--runtime-env-json", VARIABLES),
            *("--", *command),
            stdout=log,
            stderr=subprocess.STDOUT,
        )


@pytest.mark.lean
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_stopped_job_is_submitted_again_and_goes_on(tmp_path: Path) -> None:
    study = (ROOT / "examples" / "embedded.yaml").read_text(encoding="utf-8")
    for find, put in SMALLER.items():
        study, times = re.subn(find, put, study, flags=re.MULTILINE)
        assert times == 1, find
    sent, run = tmp_path / "sent", tmp_path / "shared" / "run"
    sent.mkdir()
    (sent / "study.yaml").write_text(study, encoding="utf-8")
    search = ("outerloop", "search", "study.yaml", "--run-dir", str(run))

    with local_head(cpus=2) as head:
        inside = submit(head, sent, "inside-1", "outerloop", "search", "study.yaml")
        assert inside.wait(300) != 0
        said = (tmp_path / "inside-1.log").read_text(encoding="utf-8")
        assert "give --run-dir on a file system that every node shares" in said
        assert "Traceback" not in said

        first = submit(head, sent, "first-1", *search)
        wait_for_line(tmp_path / "first-1.log", r"^trial +\d+  score", first)
        head.said("job", "stop", "--address", head.dashboard, "first-1")
        first.wait(120)
        status = head.said("job", "status", "--address", head.dashboard, "first-1")
        assert "was stopped" in status
        before = read_records(run / "study.db", "submitted")

        again = submit(head, sent, "first-2", *search, "--resume")
        assert again.wait(600) == 0, (tmp_path / "first-2.log").read_text(encoding="utf-8")

    after = read_records(run / "study.db", "submitted")
    scored = [one for one in before if one.state is State.COMPLETE]
    assert 1 <= len(scored) < 4
    assert [one for one in after if one.number in {had.number for had in scored}] == scored
    assert [one.number for one in after] == list(range(4))
    assert all(one.state is State.COMPLETE for one in after)
    followed = (tmp_path / "first-2.log").read_text(encoding="utf-8")
    assert "goes on" in followed
    assert "best − baseline" in followed
    assert (run / "manifest.json").exists()


def wait_for_line(log: Path, pattern: str, job: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 500
    while not re.search(pattern, log.read_text(encoding="utf-8"), flags=re.MULTILINE):
        assert job.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline
        time.sleep(0.3)
